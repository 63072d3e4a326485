"""How likely a model is to write the right solution of a task: exact, since only one text is right in all of its steps.

A solution that is judged by its steps is right when every equation is the next step of the task, is true, and the
answer is the last result. The right text is then unique, and its probability under the model is one number: with it
the coverage of k samples is known without drawing any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from utils.decoding.arguments import an_array
from utils.decoding.checked import checked
from utils.evaluation.intervals import Interval
from utils.models.gpt import GPT
from utils.training.arithmetic_models import (
    MAX_VALUE,
    N_STEPS,
    TASKS_PER_LENGTH,
    TRAINING_SEED,
    draw_tasks,
    pad_rows,
    prompt_ids,
    solution_ids,
)
from utils.world.arithmetic import ArithmeticTask, verify, wrong_steps

Floats = NDArray[np.float64]


def right_in_all_steps(task: ArithmeticTask, text: str) -> bool:
    """Return whether a solution's answer and every one of its steps are right."""
    return verify(task, text) and not wrong_steps(task, text)


@checked
@torch.inference_mode()
def solution_logprobs(model: GPT, tasks: Sequence[ArithmeticTask], wording: int = 0, batch_size: int = 64) -> Floats:
    """Return the log-probability (nats) of the right solution of each task, its end included, at temperature 1.

    Raises:
        ValueError: there is no wording of that number.
    """
    found: list[float] = []
    for first in range(0, len(tasks), batch_size):
        some = tasks[first : first + batch_size]
        prompts = [prompt_ids(task, wording) for task in some]
        rows = [[*prompt, *solution_ids(task.solution)] for prompt, task in zip(prompts, some, strict=True)]
        inputs, targets = pad_rows(rows, [len(prompt) for prompt in prompts])
        logprobs = model(inputs).double().log_softmax(-1)
        of_targets = logprobs.gather(-1, targets.clamp_min(0)[..., None])[..., 0]
        found += of_targets.masked_fill(targets < 0, 0.0).sum(1).tolist()
    return np.array(found)


@checked
def exact_coverage(logprobs: ArrayLike, ks: Sequence[int]) -> Floats:
    """Return pass@k (tasks, ks): the chance that k independent samples hold the right solution, 1 - (1 - p)^k.

    Args:
        logprobs: (tasks,) log-probability of each right solution, at most 0.
        ks: numbers of samples, each at least 1.

    Raises:
        ValueError: a log-probability is above 0, or a k below 1.
    """
    logs, tries = an_array(logprobs, "logprobs"), an_array(ks, "ks")
    if logs.size and logs.max() > 0:
        raise ValueError(f"logprobs hold {logs.max()}: a log-probability is at most 0")
    if tries.size and tries.min() < 1:
        raise ValueError(f"ks hold {tries.min()}: at least one sample is drawn")
    with np.errstate(divide="ignore"):
        misses = np.log1p(-np.exp(logs))
    return np.asarray(-np.expm1(misses[:, None] * tries))


@cache
def _answer_shares() -> dict[int, float]:
    answers = Counter(task.answer for task in draw_tasks(TASKS_PER_LENGTH, TRAINING_SEED, N_STEPS))
    return {answer: count / answers.total() for answer, count in answers.items()}


def guess_logprobs(tasks: Sequence[ArithmeticTask], by_steps: bool = False) -> Floats:
    """Return the log-probability (nats) that one blind guess is right: of the answer, or of every step's result.

    An answer is guessed as often as it is one in training; the result of a step is any number up to the largest.
    """
    if by_steps:
        return np.array([-len(task.steps) * np.log(MAX_VALUE + 1) for task in tasks])
    shares = _answer_shares()
    return np.array([np.log(shares.get(task.answer, 0.5 / (len(N_STEPS) * TASKS_PER_LENGTH))) for task in tasks])


def straightness(ks: Sequence[int], coverage: ArrayLike) -> tuple[Floats, Floats]:
    """Return R squared and the slope a decade of straight lines in log10 k through curves (..., ks).

    A curve that never changes has R squared 0: there is no growth to explain.
    """
    curves = np.asarray(coverage, dtype=float)
    x = np.log10(np.asarray(ks, dtype=float))
    x = x - x.mean()
    centred = curves - curves.mean(-1, keepdims=True)
    slopes = centred @ x / (x @ x)
    variance = (centred**2).sum(-1)
    explained = slopes**2 * (x @ x)
    return np.divide(explained, variance, out=np.zeros_like(variance), where=variance > 0), slopes


@checked
def straightness_intervals(
    ks: Sequence[int], by_task: Floats, seed: int = 0, resamples: int = 1000
) -> tuple[Interval, Interval]:
    """Return R squared and slope a decade of the mean curve of tasks (tasks, ks), with bootstrap intervals over tasks.

    Raises:
        ValueError: fewer than two tasks.
    """
    if len(by_task) < 2:
        raise ValueError(f"by_task holds {len(by_task)} tasks: an interval needs at least two")
    rows = np.random.default_rng(seed).integers(len(by_task), size=(resamples, len(by_task)))
    counts = np.stack([np.bincount(row, minlength=len(by_task)) for row in rows])
    drawn = straightness(ks, counts @ by_task / len(by_task))
    whole = straightness(ks, by_task.mean(0))
    found = []
    for value, values in zip(whole, drawn, strict=True):
        low, high = np.percentile(values, [2.5, 97.5])
        found.append(Interval(float(value), float(low), float(high), len(by_task)))
    return found[0], found[1]
