"""The plan of row 87: is the most frequent of 32 answers right more often than one answer?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval, paired_difference
from utils.experiments.recording.design import (
    CANNOT_BE_TOLD,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IN_PART,
    Design,
    Results,
    Run,
)
from utils.experiments.recording.recipe import Recipe, Stage
from utils.experiments.samplers.arithmetic_runs import Attempts, SamplingJob, sample_attempts
from utils.experiments.samplers.repeated_sampling import majority_vote
from utils.training.arithmetic_models import HELD_OUT_SEED, draw_tasks
from utils.training.threads import one_thread

VOTERS = (1, 2, 4, 8, 16, 32)
SETTINGS: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "arithmetic-32, 2 to 5 steps": ("arithmetic-32", (2, 3, 4, 5)),
    "arithmetic-48, 4 to 6 steps": ("arithmetic-48", (4, 5, 6)),
}
TASKS, SAMPLES, ROUNDS = 75, 200, 100
THRESHOLDS = {"gain": 0.02}
TASK_SEED = HELD_OUT_SEED + 2


@dataclass(frozen=True)
class VotesJob:
    """A model's samples of new tasks of one length, from which voters are drawn again and again."""

    model: str
    n_steps: int
    n_tasks: int
    samples: int
    rounds: int


def right_by_voters(pool: Attempts, rounds: int, generator: np.random.Generator) -> np.ndarray:
    """Return the share of rounds in which the most frequent answer of 1, 2, ... voters is right, (VOTERS,)."""
    right = np.zeros(len(VOTERS))
    for _ in range(rounds):
        ballot = [pool.answers[place] for place in pool.draw(max(VOTERS), generator)]
        right += [majority_vote(ballot[:n]) == pool.task.answer for n in VOTERS]
    return right / rounds


def run_votes_job(job: VotesJob) -> dict[str, Any]:
    """Return, for each task, how often each number of voters is right, and whether the greedy answer is."""
    tasks = tuple(draw_tasks(job.n_tasks, TASK_SEED, [job.n_steps]))
    generator = np.random.default_rng([7000, job.n_steps])
    with one_thread():
        pools = sample_attempts(SamplingJob(job.model, tasks, job.samples, seed=7000 + job.n_steps))
        greedy = sample_attempts(SamplingJob(job.model, tasks, 1, temperature=0.0))
    return {
        "single": [round(pool.n_right_answers / job.samples, 4) for pool in pools],
        "votes": [np.round(right_by_voters(pool, job.rounds, generator), 3).tolist() for pool in pools],
        "greedy": [int(one.answers[0] == one.task.answer) for one in greedy],
    }


def stages(size: str) -> list[Stage]:
    """Return the one stage of the recorded or the live size."""
    numbers = (TASKS, SAMPLES, ROUNDS) if size == "recorded" else (8, 200, 20)
    jobs = [VotesJob(model, length, *numbers) for model, lengths in SETTINGS.values() for length in lengths]
    return [Stage("votes", VotesJob, run_votes_job, lambda _: jobs)]


def by_task(results: Results, setting: str, key: str) -> np.ndarray:
    """Return one row for each task of a setting, the shortest tasks first."""
    model, _ = SETTINGS[setting]
    return np.array([one for run in results["votes"] if run.job.model == model for one in run.result[key]])


def gains(results: Results) -> dict[str, tuple[Interval, Interval]]:
    """Return by setting what 32 votes gain over one sample, and over the greedy answer."""
    found = {}
    for name in SETTINGS:
        most = by_task(results, name, "votes")[:, -1].tolist()
        others = [by_task(results, name, key).tolist() for key in ("single", "greedy")]
        found[name] = (paired_difference(most, others[0]), paired_difference(most, others[1]))
    return found


def rule(results: Results) -> str:
    """Return the outcome: do 32 votes beat one sample, and the greedy answer, which costs one answer as well?"""
    least, found = THRESHOLDS["gain"], gains(results).values()
    if all(over_one.low > least and over_greedy.low > 0 for over_one, over_greedy in found):
        return HOLDS
    if any(over_one.low > least for over_one, _ in found):
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if all(over_one.high < least for over_one, _ in found) else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated tasks: what votes gain over a sample and over greedy, and how much the tasks scatter."""
    cases = {HOLDS: (0.1, 0.1, 0.3), HOLDS_IN_PART: (0.1, -0.1, 0.3), DOES_NOT_HOLD: (-0.05, -0.05, 0.2)}
    over_one, over_greedy, noise = cases.get(outcome, (0.02, 0.0, 0.4))
    draws = np.random.default_rng(seed)
    made = []
    for job in stages("recorded")[0].jobs({}):
        single = draws.uniform(0.2, 0.7, job.n_tasks)
        won = single + over_one + noise * draws.normal(size=job.n_tasks)
        greedy = won - over_greedy + noise * draws.normal(size=job.n_tasks)
        votes = [[s] * (len(VOTERS) - 1) + [w] for s, w in zip(single.tolist(), won.tolist(), strict=True)]
        made.append(Run(job, {"single": single.tolist(), "votes": votes, "greedy": greedy.tolist()}))
    return {"votes": made}


def findings(results: Results) -> dict[str, Any]:
    """Return by setting: means, gains with their intervals, and how many tasks voting helps and harms."""
    found: dict[str, Any] = {"voters": list(VOTERS)}
    for name, (over_one, over_greedy) in gains(results).items():
        single, votes = by_task(results, name, "single"), by_task(results, name, "votes")
        change = votes[:, -1] - single
        found[name] = {
            "tasks": len(single),
            "single": float(single.mean()),
            "votes": votes.mean(0).tolist(),
            "greedy": float(by_task(results, name, "greedy").mean()),
            "gain": [over_one.mean, over_one.low, over_one.high],
            "over greedy": [over_greedy.mean, over_greedy.low, over_greedy.high],
            "two over one": mean_interval(votes[:, 1] - single).mean,
            "helped": float((change > 0.05).mean()),
            "harmed": float((change < -0.05).mean()),
        }
    return found


VOTES = Recipe(
    notebook="07",
    row=87,
    title="1 to 32 votes on tasks of two to six steps, by two models",
    stages=stages,
    design=Design(
        claim="The most frequent of 32 outputs is right more often than a single one (self-consistency).",
        measure="Share of tasks whose most frequent answer of 32 is right, less that of one sample.",
        control="The greedy answer, which costs one output too; two votes, which cannot outvote each other.",
        unit="New tasks, 75 of each length, 300 and 225 in the two settings; Student's t interval of paired gains.",
        rule_text=(
            "Holds: in both settings the interval of the gain over one sample lies above 0.02, and that over the greedy"
            " answer above 0. In part: the gain over one sample lies above 0.02 in one setting at least. Does not hold:"
            " it lies below 0.02 in both. Otherwise it cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="A gain of 0.1 over one sample and as much over the greedy answer.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=(
        *(f"utils.experiments.samplers.{name}" for name in ("arithmetic_runs", "counted_sampling", "votes_recipe")),
        "utils.experiments.samplers.repeated_sampling",
        "utils.training.arithmetic_models",
        "utils.world.arithmetic",
    ),
    config={"task_seed": TASK_SEED},
    tolerance=0.02,
)
