"""Jobs of rows 84 and 85: verifiers choose among a generator's samples; a ladder of sizes answers alone."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from utils.decoding.generation import generate
from utils.evaluation.detection import auroc
from utils.experiments.recording.version import code_version
from utils.experiments.samplers.arithmetic_runs import Attempts, best_of_n, sample_from
from utils.experiments.samplers.solution_chances import right_in_all_steps
from utils.models.gpt import GPT
from utils.posttraining.token_verifier import TokenVerifier, train_token_verifier
from utils.posttraining.verifier import Attempt, Verifier, train_verifiers
from utils.training.arithmetic_models import (
    HELD_OUT_SEED,
    TASKS_PER_LENGTH,
    TRAINING_SEED,
    TUNING_SEED,
    ArithmeticBatches,
    ArithmeticRecipe,
    arithmetic_training_config,
    arithmetic_vocabulary,
    draw_tasks,
    prompt_ids,
)
from utils.training.loop import train
from utils.training.threads import one_thread
from utils.world.arithmetic import ArithmeticTask

TRAINING_SOURCES = (
    *(f"utils.models.{name}" for name in ("attention", "block", "gpt", "mlp", "norms", "rotary")),
    *(f"utils.training.{name}" for name in ("arithmetic_models", "loop", "losses", "optimisers", "schedules")),
    "utils.world.arithmetic",
)
WIDTHS = (32, 40, 48, 72, 128, 192)
"""Of the ladder's models, from 28,608 to 896,640 parameters: 31 times as many."""
LADDER_STEPS = 600  # with 400 no model below 100,000 parameters solved a tenth of the tasks
LENGTHS = (4, 5, 6)
LEARNED_LENGTHS = (2, 3, 4, 5, 6)
CONTEXT = 128  # a task of 6 steps with its solution takes up to 116 tokens
NS = (1, 2, 4, 8, 16, 32, 64, 100, 200, 400, 600)
BEST_OF = 100
TASK_SEED = HELD_OUT_SEED + 3


@dataclass(frozen=True)
class LadderJob:
    """A model that answers new tasks alone.

    Attributes:
        width: of the model.
        steps: of its training.
        n_per_length: tasks of each length.
        samples: of each task, beside the greedy answer.
    """

    width: int
    steps: int
    n_per_length: int
    samples: int


@dataclass(frozen=True)
class VerifierJob:
    """One verifier of one generator.

    Attributes:
        kind: "head" on the frozen generator, or "tokens", a trained copy of it that judges at every token.
        width: of the generator.
        training_steps: of the generator.
        seed: of the verifier and of the attempts that it learns from.
        n_per_length: new tasks of each length among whose samples is chosen.
        pool: samples of each of them.
        practice: other tasks of each length, that the verifier learns from.
        attempts: samples of each of these.
        steps: optimiser steps of the verifier.
    """

    kind: str
    width: int
    training_steps: int
    seed: int
    n_per_length: int
    pool: int
    practice: int
    attempts: int
    steps: int


def trained_model(width: int, steps: int) -> GPT:
    """Return a model of 2 layers that learned tasks of 2 to 6 steps; all widths saw the same in the same order.

    The training of one width and number of steps is done once on a machine: its end lies among the temporary files.
    """
    recipe = ArithmeticRecipe(n_layers=2, d_model=width, n_heads=4)
    usual = arithmetic_training_config()
    config = replace(usual, steps=steps, warmup_steps=min(usual.warmup_steps, steps - 1))
    torch.manual_seed(0)
    model = GPT(replace(recipe.model_config(), context_length=CONTEXT))
    batches = ArithmeticBatches(draw_tasks(TASKS_PER_LENGTH, TRAINING_SEED, LEARNED_LENGTHS))
    name = f"course-ladder-{width}-{steps}-{code_version(TRAINING_SOURCES)['code'][:12]}.safetensors"
    train(model, batches, config, checkpoint=Path(tempfile.gettempdir()) / name, show_progress=False)
    return model.eval()


def asked_tasks(n_per_length: int) -> list[ArithmeticTask]:
    """Return the new tasks that are asked, the shortest first."""
    return draw_tasks(n_per_length, TASK_SEED, LENGTHS)


def run_ladder_job(job: LadderJob) -> dict[str, Any]:
    """Return the model's parameters, whether its greedy solution of each task is right, and how many samples are."""
    vocabulary, tasks = arithmetic_vocabulary(), asked_tasks(job.n_per_length)
    prompts = [prompt_ids(task) for task in tasks]
    with one_thread():
        model = trained_model(job.width, job.steps)
        limit = CONTEXT - max(map(len, prompts))
        written = generate(model, prompts, limit, stop_ids=[vocabulary.end_of_turn_id])
        sampled = sample_from(model, tasks, job.samples, seed=9500)
    texts = [vocabulary.decode(one.ids) for one in written]
    right = [int(right_in_all_steps(task, text)) for task, text in zip(tasks, texts, strict=True)]
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "right": right,
        "samples": [one.n_right for one in sampled],
    }


def practised(model: GPT, job: VerifierJob) -> list[Attempt]:
    """Return the labelled attempts that a verifier learns from, at other tasks than those that are asked."""
    tasks = draw_tasks(job.practice, TUNING_SEED, LENGTHS)
    attempts = sample_from(model, tasks, job.attempts, seed=8000 + 1000 * job.seed)
    return [
        Attempt(prompt_ids(one.task), ids, bool(right))
        for one in attempts
        for ids, right in zip(one.ids, one.right, strict=True)
    ]


def scores_of(verifier: TokenVerifier | Verifier, pools: Sequence[Attempts]) -> list[np.ndarray]:
    """Return the verifier's scores (A,) of the different solutions of every pool."""
    prompts = [prompt_ids(one.task) for one in pools for _ in one.ids]
    scores = verifier.score(prompts, [ids for one in pools for ids in one.ids]).double().numpy()
    return np.split(scores, np.cumsum([len(one.ids) for one in pools])[:-1])


def run_verifier_job(job: VerifierJob) -> dict[str, Any]:
    """Return what a verifier chooses.

    `curve` holds for each task the chance that its choice of n is right, for the n of `NS`; `likeliest` that of the
    likeliest of 100; `right` the number of right samples of the pool; `order` how often, in a task that has both, a
    right sample scores above a wrong one.
    """
    ns = [n for n in NS if n <= job.pool]
    with one_thread():
        model = trained_model(job.width, job.training_steps)
        attempts = practised(model, job)
        verifier: TokenVerifier | Verifier
        if job.kind == "tokens":
            verifier = train_token_verifier(model, attempts, job.seed, steps=job.steps)
        else:
            (verifier,) = train_verifiers(model, attempts, [job.seed], steps=job.steps)
        pools = sample_from(model, asked_tasks(job.n_per_length), job.pool, seed=9000)
        scores = scores_of(verifier, pools)
    likeliest = best_of_n(pools, [pool.logprobs for pool in pools], [min(BEST_OF, job.pool)])[:, 0]
    orders = [_order(pool, one) for pool, one in zip(pools, scores, strict=True)]
    return {
        "learned from": len(attempts),
        "of them right": sum(one.right for one in attempts),
        "ns": ns,
        "curve": np.round(best_of_n(pools, scores, ns), 3).tolist(),
        "likeliest": np.round(likeliest, 3).tolist(),
        "right": [pool.n_right for pool in pools],
        "order": round(float(np.mean([one for one in orders if one is not None] or [0.5])), 4),
    }


def _order(pool: Attempts, scores: np.ndarray) -> float | None:
    """Return the share of pairs of a right and a wrong sample in which the right one scores higher; None without."""
    right = np.repeat(pool.right > 0, pool.counts)
    if right.all() or not right.any():
        return None
    return auroc(np.repeat(scores, pool.counts).tolist(), right.tolist())
