"""Row 53: numbers of six digits that models of growing size learn by heart, scored by the digit and by the whole.

A whole number is right when each of its digits is the likeliest after the right ones before: greedy writing gets
exactly these, since it has the right digits before it as long as it made no mistake. So one pass gives both scores,
of the same models on the same questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from utils.experiments.recording.design import Run
from utils.experiments.scaling.rows import parameters_of, rows_of, small_gpt, teach
from utils.training.threads import one_thread
from utils.world import World

N_PEOPLE, LENGTH, BATCH_ROWS = 250, 6, 25
GUESSING = 0.1  # of a digit


@dataclass(frozen=True)
class CodesJob:
    """One model: its width, how often it sees each number, and the seed of weights and numbers."""

    width: int
    passes: int
    seed: int

    def __post_init__(self) -> None:
        for name in ("width", "passes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")


@lru_cache(maxsize=1)
def _world() -> World:
    return World(seed=0, n_people=N_PEOPLE, n_towns=30, max_facts=1, mix={"profile": 1})


def train_codes_run(job: CodesJob) -> dict[str, Any]:
    """Teach a model everybody's number and ask for all of them.

    Returns:
        parameters: N. accuracy: share of right digits, by place. whole: share of numbers whose first 1, 2 .. 6 digits
        are all right; the last entry is the exact match.
    """
    world = _world()
    names = [world.vocabulary.encode(person.name) for person in world.people]
    codes = np.random.default_rng([53, job.seed]).integers(0, 10, (len(names), LENGTH))
    digits = [world.vocabulary.id(str(digit)) for digit in range(10)]
    documents = [[*name, *(digits[d] for d in code)] for name, code in zip(names, codes, strict=True)]
    first = len(names[0])
    rows = rows_of(documents, world.vocabulary.end_of_text_id, first + LENGTH + 1)
    with one_thread():
        model = small_gpt(job.width, len(world.vocabulary), rows.inputs.shape[1], job.seed)
        teach(model, rows, job.passes, BATCH_ROWS, job.seed)
        with torch.no_grad():
            right = (model(rows.inputs).argmax(-1) == rows.targets)[:, first : first + LENGTH].double()
    return {
        "parameters": parameters_of(model),
        "accuracy": [round(value, 5) for value in right.mean(0).tolist()],
        "whole": [round(value, 5) for value in right.cumprod(1).mean(0).tolist()],
    }


@dataclass(frozen=True)
class Scores:
    """What one seed shows, by size: parameters, mean accuracy of a digit, exact match of the whole number."""

    parameters: list[int]
    digit: list[float]
    exact: list[float]

    @property
    def expected(self) -> list[float]:
        """Exact match if mistakes were independent: the digits' accuracy to the power of the length."""
        return [p**LENGTH for p in self.digit]

    def gain_before(self, unseen: float) -> float:
        """Return by how much the digits beat guessing in the largest model before exact match exceeds `unseen`.

        0 where the smallest model is beyond it already: then nothing was hidden.
        """
        gain = 0.0
        for digit, exact in zip(self.digit, self.exact, strict=True):
            if exact > unseen:
                break
            gain = digit - GUESSING
        return gain


def scores(runs: Sequence[Run]) -> list[Scores]:
    """Return the scores of each seed, its models from the smallest to the largest."""
    found = []
    for seed in sorted({run.job.seed for run in runs}):
        mine = sorted((run for run in runs if run.job.seed == seed), key=lambda run: run.result["parameters"])
        found.append(
            Scores(
                [run.result["parameters"] for run in mine],
                [float(np.mean(run.result["accuracy"])) for run in mine],
                [run.result["whole"][-1] for run in mine],
            )
        )
    return found


def codes_jobs(widths: Sequence[int], passes: int, seeds: int) -> list[CodesJob]:
    """Return every combination of width and seed."""
    return [CodesJob(width, passes, seed) for seed in range(seeds) for width in widths]
