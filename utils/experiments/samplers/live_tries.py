"""The live runs of rows 84 to 86: pools of solutions, heads on a small model that judge them, and coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from utils.decoding.checked import checked
from utils.experiments.samplers.arithmetic_runs import (
    Attempts,
    SamplingJob,
    best_of_n,
    judge,
    labelled,
    parted,
    sample_groups,
)
from utils.experiments.samplers.repeated_sampling import pass_at_k
from utils.experiments.samplers.verifier_curves import VerifierCurves
from utils.experiments.samplers.verifier_runs import BEST_OF
from utils.posttraining.verifier import train_verifiers
from utils.training.arithmetic_models import (
    HELD_OUT_SEED,
    RECIPES,
    TUNING_SEED,
    arithmetic_vocabulary,
    draw_tasks,
    load_arithmetic_model,
)
from utils.training.threads import one_thread
from utils.world.arithmetic import ArithmeticTask

Tasks = Sequence[ArithmeticTask]
LENGTHS = (2, 3, 4)  # of the live run's tasks, in steps


@checked
def sample_pools(
    asked: Mapping[str, Tasks], greedy: Tasks, practice: Tasks, pool_size: int, workers: int
) -> tuple[dict[str, float], dict[str, list[Attempts]], dict[str, list[Attempts]]]:
    """Return the greedy share of every model, and the pools and the practice of some.

    Args:
        asked: the tasks whose solutions are pooled, by the name of the model that writes them.
        greedy: tasks that every model answers greedily.
        practice: other tasks, of which each of these models makes 16 attempts.
        pool_size: solutions of each asked task.
        workers: processes; 0 runs all here.
    """
    jobs: dict[Any, list[SamplingJob]] = {
        name: [SamplingJob(name, tuple(greedy), 1, temperature=0.0)] for name in RECIPES
    }
    for name, tasks in asked.items():
        jobs["pool", name] = parted(SamplingJob(name, tuple(tasks), pool_size, seed=1000))
        jobs["practice", name] = [SamplingJob(name, tuple(practice), 16, seed=2000)]
    found = sample_groups(jobs, workers, "samples")
    shares = {name: float(np.mean([one.accuracy for one in found[name]])) for name in RECIPES}
    return shares, {name: found["pool", name] for name in asked}, {name: found["practice", name] for name in asked}


@checked
def scores_of_heads(
    name: str, practice: Sequence[Attempts], pools: Sequence[Attempts], steps: int, heads: int = 3
) -> list[list[np.ndarray]]:
    """Return the scores that several heads on a model give to the solutions of every pool, one list for each head.

    Args:
        name: of the arithmetic model that wrote both.
        practice: labelled attempts at other tasks, from which the heads learn.
        pools: what is scored.
        steps: optimiser steps of each head.
        heads: how many, one for each seed.
    """
    model = load_arithmetic_model(name)
    return judge(model, train_verifiers(model, labelled(practice), range(heads), steps=steps), pools)


def pools_with_heads(
    n_test: int, n_training: int, pool_size: int, steps: int, workers: int
) -> tuple[dict[str, float], dict[str, list[Attempts]], dict[str, list[list[np.ndarray]]]]:
    """Return every model's greedy share, the pools of the two smallest, and the scores of the heads on these.

    Args:
        n_test: new tasks of each length, of two to four steps; the smallest model is asked every second one.
        n_training: other tasks of each length, that the heads learn from.
        pool_size: solutions of each new task.
        steps: optimiser steps of each head.
        workers: processes; 0 runs all here.
    """
    tasks, others = draw_tasks(n_test, HELD_OUT_SEED, LENGTHS), draw_tasks(n_training, TUNING_SEED, LENGTHS)
    asked = {"arithmetic-32": tasks[::2], "arithmetic-48": tasks}
    greedy, pools, practice = sample_pools(asked, tasks, others, pool_size, workers)
    with one_thread():
        return greedy, pools, {name: scores_of_heads(name, practice[name], pools[name], steps) for name in asked}


@checked
def ways_to_choose(pools: Sequence[Attempts], scores: Sequence[Sequence[np.ndarray]], n: int) -> dict[str, float]:
    """Return the share of tasks solved by four ways to choose one of n solutions, exact for the pools."""
    by_heads = np.mean([best_of_n(pools, one, [n]) for one in scores], axis=0)
    return {
        "one random solution": float(np.mean([pool.accuracy for pool in pools])),
        f"likeliest of {n}": float(best_of_n(pools, [pool.logprobs for pool in pools], [n]).mean()),
        f"verifier's choice of {n}": float(by_heads.mean()),
        f"perfect verifier of {n}": float(best_of_n(pools, [pool.right for pool in pools], [n]).mean()),
    }


def recorded_choices(findings: Mapping[str, Any], width: str) -> dict[str, float]:
    """Return the same of a generator of the recorded run, by its width, for 100 solutions."""
    at, one = findings["ns"].index(BEST_OF), findings["generators"][width]
    return {
        "one random solution": one["one sample"],
        f"likeliest of {BEST_OF}": one["likeliest"],
        f"verifier's choice of {BEST_OF}": one["curve"][at],
        f"perfect verifier of {BEST_OF}": one["perfect"][at],
    }


@checked
def most_fooled(pools: Sequence[Attempts], scores: Sequence[np.ndarray], curves: VerifierCurves) -> str:
    """Return the task on which more samples harm most, its right solution and the one that a verifier scores highest.

    Args:
        pools: solutions of each task.
        scores: of one verifier.
        curves: what the verifiers choose from these pools.
    """
    place = int(curves.drops.argmax())
    pool, chosen = pools[place], int(scores[place].argmax())
    text = arithmetic_vocabulary().decode([i for i in pool.ids[chosen] if i != arithmetic_vocabulary().end_of_turn_id])
    return (
        f"{pool.task.question}\nright:  {pool.task.solution}\nchosen: {text}\n"
        f"        ({pool.counts[chosen]} of {int(pool.counts.sum())} samples)"
    )


@checked
def sampled_coverage(name: str, tasks: Tasks, n: int, ks: Sequence[int], workers: int) -> tuple[list[int], np.ndarray]:
    """Return how many of n samples of each task are right in all steps, and the mean coverage at each k.

    Raises:
        ValueError: a k above n.
    """
    jobs = {name: parted(SamplingJob(name, tuple(tasks), n, seed=3000))}
    right = np.array([one.n_right for one in sample_groups(jobs, workers, "coverage")[name]])
    return right.tolist(), np.asarray(pass_at_k(n, right[:, None], list(ks))).mean(0)
