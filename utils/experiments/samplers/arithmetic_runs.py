"""Attempts of the arithmetic models at many tasks, judged right or wrong by the world or scored by a verifier.

jobs = [SamplingJob("arithmetic-32", tuple(tasks[i::2]), n=1000) for i in range(2)]
results = run_sweep(sample_attempts, jobs)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from utils.decoding.arguments import finite_number, same_length, whole_number
from utils.decoding.checked import check_fields, checked
from utils.decoding.decoders import decoder_for
from utils.decoding.samplers import Temperature
from utils.experiments.samplers.counted_sampling import sample_counts
from utils.experiments.samplers.repeated_sampling import best_of_n_curve
from utils.experiments.samplers.solution_chances import right_in_all_steps
from utils.models.gpt import GPT
from utils.posttraining.verifier import Attempt, Verifier, attempt_features
from utils.training.arithmetic_models import arithmetic_vocabulary, load_arithmetic_model, prompt_ids
from utils.training.sweep import run_sweep
from utils.world.arithmetic import ArithmeticTask, final_answer

# Prompts that are sampled side by side: rows of one batch share nothing, and too many leave the processor's cache.
PROMPTS_AT_ONCE = 4


@dataclass(frozen=True)
class SamplingJob:
    """Sample a model's solutions.

    Attributes:
        model: name of an arithmetic model.
        tasks: what to solve.
        n: samples for each task.
        temperature: of the samples; 0 for greedy decoding.
        wording: how the tasks are put.
        seed: of the draws.
    """

    model: str
    tasks: tuple[ArithmeticTask, ...]
    n: int
    temperature: float = 1.0
    wording: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        check_fields(self, n=1, wording=0, seed=0)
        finite_number(self.temperature, "temperature", 0.0)


@dataclass(frozen=True)
class Attempts:
    """A model's different solutions of one task, with how often each was sampled.

    Attributes:
        task: the task.
        wording: in which words it was asked.
        ids: token ids of each solution, with the end of the turn where it was reached.
        counts: (A,) how often each came.
        right: (A,) whether all of its steps and its answer are right.
        answers: the final answer of each, None where there is none.
        logprobs: (A,) log-probability under the model, in nats.
    """

    task: ArithmeticTask
    wording: int
    ids: list[list[int]] = field(repr=False)
    counts: np.ndarray = field(repr=False)
    right: np.ndarray = field(repr=False)
    answers: list[int | None] = field(repr=False)
    logprobs: np.ndarray = field(repr=False)

    @property
    def accuracy(self) -> float:
        """Share of the samples that are right."""
        return float(self.counts @ self.right / self.counts.sum())

    @property
    def n_right(self) -> int:
        """Number of samples that are right in all of their steps."""
        return int(self.counts @ self.right)

    @property
    def n_right_answers(self) -> int:
        """Number of samples whose answer is right, whatever their steps."""
        return sum(int(n) for answer, n in zip(self.answers, self.counts, strict=True) if answer == self.task.answer)

    def draw(self, n: int, generator: np.random.Generator) -> np.ndarray:
        """Return the numbers of n different samples among all that were drawn, as places among the solutions.

        Raises:
            ValueError: n is larger than the number of samples.
        """
        n, total = whole_number(n, "n", 0), int(self.counts.sum())
        if n > total:
            raise ValueError(f"n is {n}, and only {total} samples were drawn")
        chosen = generator.choice(total, size=n, replace=False)
        return np.searchsorted(np.cumsum(self.counts), chosen, side="right")


@checked
def sample_attempts(job: SamplingJob) -> list[Attempts]:
    """Return the attempts at each task of a job, in the order of the tasks."""
    if not job.tasks:
        return []
    model = load_arithmetic_model(job.model)
    return sample_from(model, job.tasks, job.n, job.temperature, job.wording, job.seed)


@checked
def sample_from(
    model: GPT,
    tasks: Sequence[ArithmeticTask],
    n: int,
    temperature: float = 1.0,
    wording: int = 0,
    seed: int = 0,
) -> list[Attempts]:
    """Return a model's attempts at each task, in the order of the tasks; the arguments are those of `SamplingJob`."""
    vocabulary = arithmetic_vocabulary()
    end = vocabulary.end_of_turn_id
    decoder = decoder_for(model)
    prompts = [prompt_ids(task, wording) for task in tasks]
    limit = model.config.context_length - max(map(len, prompts))
    results = []
    at_once = max(PROMPTS_AT_ONCE, 256 // n)
    for first in range(0, len(prompts), at_once):
        sampled = sample_counts(
            decoder,
            prompts[first : first + at_once],
            n,
            limit,
            [end],
            sampler=Temperature(temperature),
            seed=seed + first,
        )
        for task, one in zip(tasks[first : first + at_once], sampled, strict=True):
            texts = [vocabulary.decode(ids) for ids in one.ids]
            results.append(
                Attempts(
                    task=task,
                    wording=wording,
                    ids=[[*ids, end] if done else ids for ids, done in zip(one.ids, one.finished, strict=True)],
                    counts=np.array(one.counts),
                    right=np.array([right_in_all_steps(task, text) for text in texts], dtype=float),
                    answers=[final_answer(text) for text in texts],
                    logprobs=np.array(one.logprobs),
                )
            )
    return results


@checked
def parted(job: SamplingJob, parts: int = 4) -> list[SamplingJob]:
    """Return a long job as several that may run side by side: every fourth (or n-th) task each, with a seed each."""
    whole_number(parts, "parts", 1)
    return [replace(job, tasks=job.tasks[part::parts], seed=job.seed + part) for part in range(parts)]


@checked
def sample_groups(
    groups: Mapping[Any, Sequence[SamplingJob]], workers: int, description: str
) -> dict[Any, list[Attempts]]:
    """Run jobs, or the parts of jobs, side by side and return the attempts of each group, in the order of its tasks.

    Args:
        groups: one job, or a job's parts, under each key.
        workers: processes; 0 runs all here.
        description: beside the progress bar.
    """
    jobs = [job for group in groups.values() for job in group]
    found = iter(run_sweep(sample_attempts, jobs, workers=workers, description=description))
    return {key: interleaved([next(found) for _ in group]) for key, group in groups.items()}


@checked
def interleaved(parts: Sequence[Sequence[Attempts]]) -> list[Attempts]:
    """Return one list from parts that each hold every fourth (or n-th) of its items, in the order of the items."""
    together: list[Any] = [None] * sum(map(len, parts))
    for place, found in enumerate(parts):
        together[place :: len(parts)] = found
    return together


@checked
def labelled(attempts: Sequence[Attempts]) -> list[Attempt]:
    """Return every different attempt with its label, as a verifier learns from it."""
    return [
        Attempt(prompt_ids(one.task, one.wording), ids, bool(right))
        for one in attempts
        for ids, right in zip(one.ids, one.right, strict=True)
    ]


@checked
@torch.inference_mode()
def judge(base: GPT, verifiers: Sequence[Verifier], attempts: Sequence[Attempts]) -> list[list[np.ndarray]]:
    """Return, for each verifier, its scores (A,) of every task's solutions.

    Args:
        base: the language model on which all of the verifiers stand; it reads each solution once.
        verifiers: what scores.
        attempts: what is scored.

    Raises:
        ValueError: there are no attempts.
    """
    if not attempts:
        raise ValueError("attempts is empty: there is nothing to judge")
    prompts, answers = [], []
    for one in attempts:
        prompts += [prompt_ids(one.task, one.wording)] * len(one.ids)
        answers += one.ids
    features = attempt_features(base, prompts, answers)
    ends = np.cumsum([len(one.ids) for one in attempts])[:-1]
    return [np.split(verifier(features).numpy(), ends) for verifier in verifiers]


@checked
def best_of_n(attempts: Sequence[Attempts], scores: Sequence[np.ndarray], ns: Sequence[int]) -> np.ndarray:
    """Return the chance (tasks, ns) that the best-scored of n samples is right, exact for each pool of samples.

    Raises:
        ValueError: not as many scores as attempts, or an n beyond a pool's samples.
    """
    same_length(attempts, "attempts", scores, "scores")
    return np.array(
        [
            best_of_n_curve(np.repeat(one.right, one.counts), np.repeat(score, one.counts), ns)
            for one, score in zip(attempts, scores, strict=True)
        ]
    )
