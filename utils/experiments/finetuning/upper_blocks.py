"""Finetune the last blocks of a real model with LoRA on a handful of chats, in seconds on a CPU.

The blocks below them do not change, so their hidden states are computed once and kept: a step then costs as much as
the last blocks alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.decoding.decoders import decoder_for
from utils.decoding.generation import generate
from utils.models.gpt import GPT
from utils.models.pretrained import PretrainedModel
from utils.posttraining.finetuning import NOT_COUNTED, pad_pairs
from utils.posttraining.lora import adapter_of, add_lora, with_adapter

Pair = tuple[str, str]  # a question, and the answer that is demonstrated


@dataclass(frozen=True)
class TunedModel:
    """A model with its adapter added, the losses of its steps (nats per counted token), and the adapter's size."""

    model: GPT
    losses: list[float]
    parameters: int


class _UpperBlocks(nn.Module):
    def __init__(self, model: GPT, n_blocks: int) -> None:
        super().__init__()
        self.first = model.config.n_layers - n_blocks
        self.blocks = model.blocks[self.first :]
        self.norm, self.head = model.norm, model.head

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        x = hidden
        for block in self.blocks:
            x = block(x, None)
        counted = targets != NOT_COUNTED
        return F.cross_entropy(self.head(self.norm(x[counted])), targets[counted])


def chat_pairs(real: PretrainedModel, pairs: Sequence[Pair]) -> list[tuple[list[int], list[int]]]:
    """Return (prompt ids, answer ids with the end of the turn) of questions and answers in the model's own format.

    Raises:
        ValueError: there are no pairs, or an answer is empty.
    """
    if not pairs or not all(answer.strip() for _, answer in pairs):
        raise ValueError("pairs must hold at least one question with an answer that says something")
    end = list(real.eos_ids)[:1]
    return [
        (real.encode_chat([{"role": "user", "content": question}]), [*real.encode(answer), *end])
        for question, answer in pairs
    ]


def finetune_upper(
    real: PretrainedModel, pairs: Sequence[Pair], n_blocks: int = 6, rank: int = 8, steps: int = 20, lr: float = 5e-3
) -> TunedModel:
    """Finetune the last blocks on all pairs at every step, with the loss on the answers alone.

    The given model stays as it is; what the adapter leaves alone is shared with it.

    Raises:
        ValueError: no pairs, an empty answer, or more blocks than the model has.
    """
    if not 1 <= n_blocks <= real.config.n_layers:
        raise ValueError(f"n_blocks must be from 1 to {real.config.n_layers}, not {n_blocks}")
    inputs, targets = pad_pairs(chat_pairs(real, pairs))
    # A copy that shares every tensor: the new low-rank layers go into it and not into the given model.
    upper = _UpperBlocks(with_adapter(real.model, {}), n_blocks)
    with torch.no_grad():
        hidden = real.model.embed(inputs)
        for block in real.model.blocks[: upper.first]:
            hidden = block(hidden, None)
    frozen = {name: value.requires_grad for name, value in real.model.named_parameters()}
    added = add_lora(upper.blocks, rank)
    upper.requires_grad_(False)
    for parameter in added:
        parameter.requires_grad_(True)
    optimiser, losses = torch.optim.AdamW(added, lr=lr, weight_decay=0.0), []
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = lr * min(1.0, (step + 1) / 3) * (1 - step / steps)
        loss = upper.loss(hidden, targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    for name, value in real.model.named_parameters():
        value.requires_grad_(frozen[name])
    adapter = {}
    for path, tensor in adapter_of(upper.blocks, torch.float32).items():
        number, rest = path.split(".", 1)
        adapter[f"blocks.{int(number) + upper.first}.{rest}"] = tensor
    return TunedModel(with_adapter(real.model, adapter), losses, sum(tensor.numel() for tensor in adapter.values()))


def chat_answers(real: PretrainedModel, model: GPT, questions: Sequence[str], max_new_tokens: int = 24) -> list[str]:
    """Return a model's greedy answers to questions in the chat format of the real model that it came from."""
    prompts = [real.encode_chat([{"role": "user", "content": question}]) for question in questions]
    results = generate(decoder_for(model), prompts, max_new_tokens, stop_ids=real.eos_ids)
    return [real.decode(one.ids, skip_special_tokens=True).strip() for one in results]
