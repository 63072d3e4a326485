"""Jobs of row 89: models that met four wordings more or less evenly answer tasks in each, trying again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.decoding.arguments import same_length
from utils.decoding.checked import checked
from utils.experiments.samplers.arithmetic_runs import Attempts, sample_from
from utils.experiments.samplers.repeated_sampling import pass_at_k
from utils.models.gpt import GPT
from utils.training.arithmetic_models import (
    HELD_OUT_SEED,
    TASKS_PER_LENGTH,
    TRAINING_SEED,
    WORDINGS,
    ArithmeticBatches,
    draw_tasks,
    load_arithmetic_model,
)
from utils.training.config import TrainingConfig
from utils.training.loop import train
from utils.training.threads import one_thread

LENGTHS = (3, 4, 5)
TASK_SEED = HELD_OUT_SEED + 4


@dataclass(frozen=True)
class WordingJob:
    """One model, trained on, and asked in every wording.

    Attributes:
        model: name of the arithmetic model where it starts.
        steps: for which it is trained on; 0: as it is.
        shares: of the tasks in each wording of these steps; they sum to 1.
        n_per_length: new tasks of each length that are asked.
        samples: of each task in each wording.
    """

    model: str
    steps: int
    shares: tuple[float, ...]
    n_per_length: int
    samples: int


def trained_on(name: str, steps: int, shares: Sequence[float]) -> GPT:
    """Return an arithmetic model, trained for some more steps on its own tasks with other shares of the wordings."""
    model = load_arithmetic_model(name)
    if steps:
        config = TrainingConfig(
            steps=steps, optimiser="muon", lr=0.003, muon_lr=0.01, schedule="linear", weight_decay=0.0
        )
        batches = ArithmeticBatches(draw_tasks(TASKS_PER_LENGTH, TRAINING_SEED), seed=1)
        batches.shares = list(shares)
        train(model, batches, config, show_progress=False)
    return model.eval()


@checked
def by_wording(greedy: Sequence[Sequence[Attempts]], sampled: Sequence[Sequence[Attempts]]) -> dict[str, list[float]]:
    """Return what a model does with the same tasks in each wording.

    Args:
        greedy: for each wording the greedy attempt at each task.
        sampled: for each wording several samples of each task.

    Returns:
        For each wording "one try" and "three tries", the shares of tasks solved (pass@1 and pass@3), and
        "sensitivity", the share of greedy answers that change when another wording is used, mean over the others.

    Raises:
        ValueError: fewer than two wordings, or not as many of both.
    """
    same_length(greedy, "greedy", sampled, "sampled")
    if len(greedy) < 2:
        raise ValueError(f"greedy holds {len(greedy)} wordings: sensitivity needs at least two")
    answers = np.array([[str(one.answers[0]) for one in row] for row in greedy])
    changed = (answers[:, None] != answers[None]).mean(-1)
    tries = [
        pass_at_k(int(row[0].counts.sum()), np.array([[one.n_right] for one in row]), [1, 3]).mean(0)  # type: ignore[union-attr]
        for row in sampled
    ]
    return {
        "one try": [float(one) for one, _ in tries],
        "three tries": [float(three) for _, three in tries],
        "sensitivity": (changed.sum(1) / (len(answers) - 1)).tolist(),
    }


def run_wording_job(job: WordingJob) -> dict[str, Any]:
    """Return `by_wording` of the model, rounded."""
    tasks = draw_tasks(job.n_per_length, TASK_SEED, LENGTHS)
    with one_thread():
        model = trained_on(job.model, job.steps, job.shares)
        wordings = range(len(WORDINGS))
        greedy = [sample_from(model, tasks, 1, temperature=0.0, wording=one) for one in wordings]
        sampled = [sample_from(model, tasks, job.samples, wording=one, seed=6000) for one in wordings]
    return {name: np.round(values, 4).tolist() for name, values in by_wording(greedy, sampled).items()}
