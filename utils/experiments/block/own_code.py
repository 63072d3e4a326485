"""What the last section of notebook 03 does with a learner's own model: lets it write, and trains it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.models.pretrained import PretrainedModel


def greedy_answer(logits: Callable[[Sequence[int]], Tensor], real: PretrainedModel, prompt: str, most: int) -> str:
    """Return what is written after a prompt, always the likeliest token.

    Args:
        logits: from ids to logits (1, T, V).
        real: the model whose tokenizer and chat template are used.
        prompt: of the user.
        most: tokens of the answer.
    """
    ids = real.encode_chat([{"role": "user", "content": prompt}])
    start = len(ids)
    while len(ids) < start + most and ids[-1] not in real.eos_ids:
        ids.append(int(logits(ids)[0, -1].argmax()))
    return real.decode(ids[start:], skip_special_tokens=True)


def train_on_windows(model: nn.Module, ids: Tensor, context: int, steps: int) -> list[float]:
    """Train a model with AdamW on random windows of a text; return the loss of each step in nats per token.

    Args:
        model: from ids (B, T) to logits (B, T, V).
        ids: the text.
        context: tokens that the model reads; the next token of each is its target.
        steps: of 16 windows each.
    """
    optimiser, losses = torch.optim.AdamW(model.parameters(), lr=3e-3), []
    for _ in range(steps):
        starts = torch.randint(len(ids) - context - 1, (16,)).tolist()
        windows = torch.stack([ids[start : start + context + 1] for start in starts])
        logits = model(windows[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@torch.no_grad()
def sampled_text(model: nn.Module, first: int, context: int, n_tokens: int) -> list[int]:
    """Return the ids that a model writes after a first one, drawn from its distribution."""
    written = [first]
    for _ in range(n_tokens):
        logits = model(torch.tensor([written[-context:]]))[0, -1]
        written.append(int(torch.multinomial(logits.softmax(-1), 1)))
    return written
