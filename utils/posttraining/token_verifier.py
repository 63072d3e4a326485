"""A verifier that judges at every token: a copy of the generator, all of it trained, with one output: right or wrong?

After Cobbe et al. (2021), section 4: the verifier starts as the generator, reads a question with an attempt, and says
at every token of the attempt how likely the whole attempt is right; the last token's value is its score. Unlike the
head on frozen features in `utils.posttraining.verifier`, it learns what to look at.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.models.gpt import GPT
from utils.posttraining.padding import joined_rows, pad_rows
from utils.posttraining.verifier import Attempt, verifier_config
from utils.training.loop import train
from utils.training.threads import one_thread


class TokenVerifier(nn.Module):
    """Log-odds, at every token, that an attempt is right.

    Args:
        base: the generator; it is copied, and what is copied is trained.
    """

    def __init__(self, base: GPT) -> None:
        super().__init__()
        self.trunk = copy.deepcopy(base)
        self.output = nn.Linear(base.config.d_model, 1).to(base.embedding.weight.device)

    def forward(self, ids: Tensor) -> Tensor:
        """Return log-odds (B, T) from ids (B, T); those at a position depend on nothing after it."""
        odds: Tensor = self.output(self.trunk.hidden(ids))[..., 0]
        return odds

    @torch.inference_mode()
    def score(
        self, prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]], batch_size: int = 256
    ) -> Tensor:
        """Return the log-odds (N,) at the last token of each answer.

        Raises:
            ValueError: unequal numbers of prompts and answers, or an empty one.
        """
        rows = joined_rows(prompts, answers)
        found = torch.empty(len(rows))
        order = sorted(range(len(rows)), key=lambda place: (len(rows[place]), place))
        for first in range(0, len(order), batch_size):
            places = order[first : first + batch_size]
            ids, _ = pad_rows([rows[place] for place in places])
            last = torch.tensor([len(rows[place]) - 1 for place in places])
            odds = self(ids.to(self.output.weight.device)).float().cpu()
            found[torch.tensor(places)] = odds[torch.arange(len(places)), last]
        return found


def token_loss(model: nn.Module, ids: Tensor, counted: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """Return the summed binary cross-entropy (nats) over the counted tokens (B, T), and their number.

    Every token of an attempt has the attempt's label, right (B,).
    """
    odds = model(ids)
    wanted = right[:, None].expand_as(odds)
    losses = F.binary_cross_entropy_with_logits(odds, wanted, reduction="none")
    return (losses * counted).sum(), counted.sum()


def train_token_verifier(
    base: GPT,
    attempts: Sequence[Attempt],
    seed: int = 0,
    *,
    steps: int = 400,
    batch_size: int = 64,
    lr: float = 2e-3,
) -> TokenVerifier:
    """Train a verifier on attempts, right and wrong ones equally often.

    Args:
        base: the generator that the verifier starts from; it is not changed.
        attempts: right and wrong ones.
        seed: of the output's first weights and of the order of the attempts.
        steps: optimiser steps.
        batch_size: attempts in each.
        lr: peak learning rate of AdamW.

    Raises:
        ValueError: the attempts are all right or all wrong.
    """
    kinds = [[one for one in attempts if one.right == value] for value in (True, False)]
    if not all(kinds):
        raise ValueError(f"attempts holds {len(kinds[0])} right and {len(kinds[1])} wrong ones: both are needed")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        verifier = TokenVerifier(base)

    def batches(step: int) -> tuple[Tensor, Tensor, Tensor]:
        generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
        half = batch_size // 2
        chosen = [kind[i] for kind in kinds for i in torch.randint(len(kind), (half,), generator=generator).tolist()]
        ids, real = pad_rows(joined_rows([one.prompt for one in chosen], [one.answer for one in chosen]))
        counted = real & (torch.arange(ids.shape[1]) >= torch.tensor([[len(one.prompt)] for one in chosen]))
        return ids, counted.float(), torch.tensor([float(one.right) for one in chosen])

    with one_thread():
        train(verifier, batches, verifier_config(steps, lr, seed), loss=token_loss, show_progress=False)
    return verifier.eval()
