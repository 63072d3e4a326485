"""Row 56: canaries, invented numbers planted in the training text: how well they are known by heart, and for how long.

Exposure (Carlini et al., 2019): all numbers that could stand in the canary's place are ranked by the model's
probability; the exposure is log2 of how many there are, less log2 of the rank of the planted one. A number that was
never planted has 1.4 bits on average (log2 e), the first of a thousand has 10. With a thousand numbers the rank is
exact.

The canaries are the years of birth of people who stand in no other document, a year being any three digits.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from utils.experiments.recording.design import Run
from utils.experiments.scaling.rows import joined, nats_per_token, parameters_of, rows_of, small_gpt, teach
from utils.models.gpt import GPT
from utils.training.threads import one_thread
from utils.world import World

REPETITIONS = (0, 2, 4, 8, 16, 32, 64)
OFTEN = 32  # repetitions from which a canary counts as often repeated
EACH = 15
N_NUMBERS = 1000
BATCH_ROWS, LENGTH = 25, 16
AGAIN_RATE = 0.5  # of the tuned rate, where numbers are seen again
STAGES = ("trained", "other text", "other text, seen twice more", "other numbers", "other numbers, seen twice more")
TRAINING_TEXT, LATER_TEXT, TEST_TEXT = 100, 5000, 2
WORLD_OPTIONS: dict[str, Any] = {
    "seed": 0, "n_people": 300, "n_towns": 30, "max_facts": 1, "mix": {"profile": 1}, "held_out_people": 0.35,
}  # fmt: skip


@dataclass(frozen=True)
class CanaryJob:
    """One model: documents of the world that it reads once, its width, steps of unlearning, the seed of all draws."""

    documents: int
    width: int
    unlearning_steps: int
    seed: int

    def __post_init__(self) -> None:
        for name in ("documents", "width", "unlearning_steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")


@lru_cache(maxsize=1)
def _world() -> World:
    return World(**WORLD_OPTIONS)


@dataclass(frozen=True)
class Canaries:
    """Prefixes of ids, equally long; their numbers (C, 3), digit by digit; how often each is planted (C,)."""

    prefixes: list[list[int]]
    numbers: np.ndarray
    repetitions: np.ndarray

    def documents(self, numbers: np.ndarray) -> list[list[int]]:
        """Return one document for each prefix, with these numbers (C, 3) in the place of the planted ones."""
        vocabulary = _world().vocabulary
        digits, stop = _digits(), vocabulary.id(".")
        return [
            [*prefix, *(int(digits[d]) for d in number), stop]
            for prefix, number in zip(self.prefixes, numbers, strict=True)
        ]


def _digits() -> Tensor:
    return torch.tensor([_world().vocabulary.id(str(digit)) for digit in range(10)])


def draw_canaries(seed: int) -> Canaries:
    """Return the canaries of a seed: which private person is repeated how often, and everybody's number."""
    draws = np.random.default_rng([56, seed])
    private = [person.name for person in _world().people if person.held_out]
    chosen = draws.permutation(len(private))[: EACH * len(REPETITIONS)]
    prefixes = [_world().vocabulary.encode(f"{private[p]} was born in the year") for p in chosen]
    return Canaries(prefixes, draws.integers(0, 10, (len(chosen), 3)), np.repeat(REPETITIONS, EACH))


@torch.no_grad()
def exposures(model: GPT, canaries: Canaries) -> np.ndarray:
    """Return the exposure of each canary (C,) in bits, from its exact rank among all numbers of three digits."""
    end, digits = _world().vocabulary.end_of_text_id, _digits()
    pairs = digits[torch.cartesian_prod(torch.arange(10), torch.arange(10))]
    found = []
    for prefix, number in zip(canaries.prefixes, canaries.numbers, strict=True):
        start = torch.tensor([end, *prefix]).expand(len(pairs), -1)
        log_p = model(torch.cat([start, pairs], dim=1)).log_softmax(-1)[:, len(prefix) :, digits]
        first, second, third = log_p[0, 0], log_p[::10, 1], log_p[:, 2].view(10, 10, 10)
        joint = first[:, None, None] + second[:, :, None] + third
        rank = 1 + int((joint > joint[tuple(number)]).sum())
        found.append(math.log2(N_NUMBERS) - math.log2(rank))
    return np.array(found)


def train_canary_run(job: CanaryJob) -> dict[str, Any]:
    """Plant canaries, train, finetune them away in two ways, and show every number twice more.

    "Other text" goes on with the world's documents alone. "Other numbers" mixes in the canaries' sentences with numbers
    drawn anew each time, half of all rows: the model is taught that any number may stand there. Seeing the numbers
    twice more is the same for all canaries, those that were never planted too: what these gain is no memory.

    Returns:
        parameters: N. For each stage of `STAGES`: exposure: mean bits by repetitions. extracted: share whose number is
        the likeliest of all, by repetitions. loss: nats per token on held-out documents.
    """
    canaries = draw_canaries(job.seed)
    true = canaries.documents(canaries.numbers)
    planted = [d for d, times in zip(true, canaries.repetitions, strict=True) for _ in range(times)]
    held_out = _rows(_from_world(1000, TEST_TEXT))
    found: dict[str, Any] = {"exposure": {}, "extracted": {}, "loss": {}}

    def measure(stage: str, model: GPT) -> None:
        bits = exposures(model, canaries).reshape(len(REPETITIONS), EACH)
        found["exposure"][stage] = [round(value, 4) for value in bits.mean(1).tolist()]
        first = bits > math.log2(N_NUMBERS) - 0.5
        found["extracted"][stage] = [round(value, 4) for value in first.mean(1).tolist()]
        found["loss"][stage] = round(nats_per_token(model, held_out), 5)

    with one_thread():
        model = small_gpt(job.width, len(_world().vocabulary), LENGTH, job.seed)
        text = _from_world(job.documents, TRAINING_TEXT + job.seed)
        teach(model, _rows([*text, *planted]), 1, BATCH_ROWS, job.seed)
        measure("trained", model)
        # Among other documents and at a lower rate: the sentences alone would undo all the rest.
        again = _rows([*true, *true, *_from_world(4 * len(true), LATER_TEXT + 1000 + job.seed)])
        for method in ("other text", "other numbers"):
            unlearned = copy.deepcopy(model)
            teach(unlearned, _away(job, canaries, method), 1, BATCH_ROWS, job.seed + 1)
            measure(method, unlearned)
            teach(unlearned, again, 1, BATCH_ROWS, job.seed + 2, AGAIN_RATE)
            measure(f"{method}, seen twice more", unlearned)
    return {"parameters": parameters_of(model), **found}


def _away(job: CanaryJob, canaries: Canaries, method: str) -> Any:
    """Return the rows that one way of unlearning trains on."""
    n_rows = job.unlearning_steps * BATCH_ROWS
    fresh = _rows(_from_world(n_rows, LATER_TEXT + job.seed))
    if method == "other text":
        return fresh
    draws = np.random.default_rng([57, job.seed])
    rounds = -(-n_rows // (2 * len(canaries.prefixes)))
    shape = canaries.numbers.shape
    others = [document for _ in range(rounds) for document in canaries.documents(draws.integers(0, 10, shape))]
    return joined([_rows(others[: n_rows // 2]), fresh[slice(0, n_rows - n_rows // 2)]])


def _from_world(n_documents: int, seed: int) -> list[list[int]]:
    world = _world()
    return [world.vocabulary.encode(document.text) for document in world.documents(n_documents, seed=seed)]


def _rows(documents: Sequence[Sequence[int]]) -> Any:
    return rows_of(documents, _world().vocabulary.end_of_text_id, LENGTH)


def memory(runs: Sequence[Run], stage: str) -> list[float]:
    """Return for each seed how many bits of exposure often repeated canaries have above those never planted."""
    often = [place for place, times in enumerate(REPETITIONS) if times >= OFTEN]
    bits = [run.result["exposure"][stage] for run in runs]
    return [float(np.mean([one[place] for place in often]) - one[0]) for one in bits]
