"""A verifier: it reads a question with an attempt at an answer, and scores how likely the attempt is right.

After Cobbe et al. (2021), "Training verifiers to solve math word problems": a language model reads attempts of a
generator that are known to be right or wrong, and a new output is trained to tell them apart. Here the language model
stays as it is and only the head on top is trained, which takes seconds; what the head sees of an attempt are the base
model's last hidden states and how surprised the base model was by the attempt's tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.models.gpt import GPT
from utils.posttraining.padding import joined_rows, pad_rows
from utils.training.config import TrainingConfig
from utils.training.loop import train
from utils.training.threads import one_thread

N_SURPRISE = 5


@dataclass(frozen=True)
class Attempt:
    """A question (ids), an attempt at its answer (ids, with the end of the turn), and whether it is right."""

    prompt: Sequence[int]
    answer: Sequence[int]
    right: bool


@torch.inference_mode()
def attempt_features(
    base: GPT, prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]], batch_size: int = 128
) -> Tensor:
    """Return what a base model makes of attempts, (N, 2 D + N_SURPRISE).

    The features are the last hidden state, the mean hidden state over the answer's tokens, and of the tokens'
    log-probabilities the mean, the least, the second least, the mean of the predicted entropies, and the largest.

    Raises:
        ValueError: unequal numbers of prompts and answers, or an empty one.
    """
    rows = joined_rows(prompts, answers)
    device = base.embedding.weight.device
    found = torch.empty(len(rows), 2 * base.config.d_model + N_SURPRISE)
    order = sorted(range(len(rows)), key=lambda place: (len(rows[place]), place))
    for first in range(0, len(order), batch_size):
        places = order[first : first + batch_size]
        ids = pad_rows([rows[place] for place in places])[0].to(device)
        starts = torch.tensor([len(prompts[place]) for place in places], device=device)
        ends = torch.tensor([len(rows[place]) for place in places], device=device)
        # Causal attention: what pads a row on the right is not seen before its end.
        found[torch.tensor(places)] = _features(base, ids, starts, ends).float().cpu()
    return found


def _features(base: GPT, ids: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    """Return the features of padded rows (B, T) whose answers stand from `starts` to `ends`."""
    hidden = base.hidden(ids)
    positions = torch.arange(ids.shape[1], device=ids.device)
    answer = (positions >= starts[:, None]) & (positions < ends[:, None])
    last = hidden[torch.arange(len(ids), device=ids.device), ends - 1]
    mean = (hidden * answer[..., None]).sum(1) / answer.sum(1, keepdim=True)
    log_probabilities = base.head(hidden[:, :-1]).float().log_softmax(-1)
    counted = answer[:, 1:]
    tokens = log_probabilities.gather(-1, ids[:, 1:, None])[..., 0]
    entropies = -(log_probabilities.exp() * log_probabilities).sum(-1).masked_fill(~counted, 0.0)
    n = counted.sum(1)
    two_least = tokens.masked_fill(~counted, 0.0).topk(min(2, tokens.shape[1]), largest=False).values
    least, second = two_least[:, 0], two_least[:, -1]
    average = tokens.masked_fill(~counted, 0.0).sum(1) / n
    surprise = torch.stack([average, least, second, entropies.sum(1) / n, entropies.amax(1)], dim=-1)
    return torch.cat([last, mean, surprise], dim=-1)


class Verifier(nn.Module):
    """A head on a frozen language model: the log-odds that an attempt is right.

    Args:
        base: the language model that reads.
        centre, scale: mean and standard deviation of each feature, (F,).
        width: hidden units of the head.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, base: GPT, centre: Tensor, scale: Tensor, width: int = 32) -> None:
        super().__init__()
        # In a list, so that the base is no part of what is trained.
        self._base = [base]
        self.register_buffer("centre", centre)
        self.register_buffer("scale", scale)
        self.head = nn.Sequential(nn.Linear(len(centre), width), nn.GELU(), nn.Linear(width, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Return log-odds (N,) from features (N, F)."""
        odds: Tensor = self.head((features - self.centre) / self.scale)[..., 0]
        return odds

    @torch.inference_mode()
    def score(self, prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]) -> Tensor:
        """Return the log-odds (N,) that each answer is right.

        Raises:
            ValueError: unequal numbers of prompts and answers, or an empty one.
        """
        scores: Tensor = self(attempt_features(self._base[0], prompts, answers))
        return scores


def verifier_loss(model: nn.Module, features: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """Return the summed binary cross-entropy (nats) of features (N, F) and labels (N,), and their number."""
    total = F.binary_cross_entropy_with_logits(model(features), right, reduction="sum")
    return total, torch.tensor(len(right))


def verifier_config(steps: int, lr: float, seed: int) -> TrainingConfig:
    """Return how verifiers are trained, heads and whole models alike."""
    return TrainingConfig(
        steps=steps, lr=lr, warmup_steps=min(20, steps - 1), final_lr_fraction=0.0, weight_decay=0.01, seed=seed
    )


def train_verifiers(
    base: GPT,
    attempts: Sequence[Attempt],
    seeds: Sequence[int] = (0,),
    *,
    steps: int = 400,
    batch_size: int = 256,
    lr: float = 3e-3,
) -> list[Verifier]:
    """Train one verifier's head per seed on attempts, right and wrong ones equally often.

    Args:
        base: the language model that reads; it is not changed.
        attempts: right and wrong ones.
        seeds: each of a head's first weights and of its order of the attempts.
        steps: optimiser steps.
        batch_size: attempts in each.
        lr: peak learning rate of AdamW.

    Raises:
        ValueError: the attempts are all right or all wrong.
    """
    right = torch.tensor([float(one.right) for one in attempts])
    kinds = [(right == value).nonzero()[:, 0] for value in (1.0, 0.0)]
    if not all(map(len, kinds)):
        raise ValueError(f"attempts holds {len(kinds[0])} right and {len(kinds[1])} wrong ones: both are needed")
    features = attempt_features(base, [one.prompt for one in attempts], [one.answer for one in attempts])
    verifiers = []
    for seed in seeds:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            verifier = Verifier(base, features.mean(0), features.std(0).clamp_min(1e-6))

        def batches(step: int, seed: int = seed) -> tuple[Tensor, Tensor]:
            generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
            half = batch_size // 2
            places = torch.cat([kind[torch.randint(len(kind), (half,), generator=generator)] for kind in kinds])
            return features[places], right[places]

        config = verifier_config(steps, lr, seed)
        # A head is too small for two threads: they would spend their time waiting for each other.
        with one_thread():
            train(verifier, batches, config, loss=verifier_loss, show_progress=False)
        verifiers.append(verifier.eval())
    return verifiers
