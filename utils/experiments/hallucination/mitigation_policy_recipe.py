"""The plan and the recipe of row 105: what preference training does to hallucination, under two kinds of reward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval, paired_difference
from utils.experiments.hallucination.answering import GROUPS, OUTCOMES
from utils.experiments.hallucination.mitigation_policies import (
    DPO_BETA,
    DPO_LR,
    NOISE,
    PPO_BATCH,
    PPO_BETA,
    PPO_LR,
    PPO_ROUNDS,
    PolicyJob,
    run_policy,
)
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
from utils.training.base_models import base_model_card

BASE, SEEDS = "world-medium", 5
PENALTIES = (0.25, 0.5, 1.0, 4.0)
# Policy, method, penalty.
KINDS = (
    ("base", "none", 0.0),
    ("sft", "none", 0.0),
    ("cannot check", "dpo", 0.0),
    *(("punishes", "dpo", c) for c in PENALTIES),
    ("cannot check", "ppo", 0.0),
    ("punishes", "ppo", 1.0),
)
SIZES = {"n": 1_200, "steps": 300, "rounds": 100, "n_test": 300}
LIVE_KINDS = (("sft", "none", 0.0), ("cannot check", "dpo", 0.0), *(("punishes", "dpo", c) for c in (0.25, 1.0)))
LIVE_SIZES = {"n": 240, "steps": 100, "rounds": 60, "n_test": 100}
THRESHOLDS = {"matters": 0.05}
JUDGED_PENALTY = 1.0


def policy_jobs(
    base: str, people: int, kinds: Sequence[tuple[str, str, float]], seeds: int, **sizes: Any
) -> list[PolicyJob]:
    """Return a job for each policy and seed."""
    return [PolicyJob(base, people, *kind, seed=seed, **sizes) for seed in range(seeds) for kind in kinds]


Kind = tuple[str, str, float]
SFT: Kind = ("sft", "none", 0.0)
PLAIN: Kind = ("cannot check", "dpo", 0.0)
PUNISHED: Kind = ("punishes", "dpo", JUDGED_PENALTY)


def kind_of(job: PolicyJob) -> Kind:
    """Return a job's policy, method and penalty."""
    return job.policy, job.method, job.penalty


def rate_of(results: Results, kind: Kind, outcome: str, groups: Sequence[str] = GROUPS) -> list[float]:
    """Return a rate by seed, the mean over groups; ValueError for a policy that no run has."""
    runs = sorted((run for run in results["policies"] if kind_of(run.job) == kind), key=lambda run: run.job.seed)
    if not runs:
        raise ValueError(f"no run has the policy {kind}")
    return [sum(run.result["rates"][group][outcome] for group in groups) / len(groups) for run in runs]


def change(results: Results, kind: Kind, outcome: str = "hallucinated") -> Interval:
    """Return how a rate changes from the finetuned model to a policy trained from it, paired by seed."""
    return paired_difference(rate_of(results, kind, outcome), rate_of(results, SFT, outcome))


def score(results: Results, kind: Kind, penalty: float = JUDGED_PENALTY) -> Interval:
    """Return right minus penalty times wrong answers; silence to everything scores 0."""
    right, wrong = (rate_of(results, kind, name) for name in ("correct", "hallucinated"))
    return mean_interval([r - penalty * w for r, w in zip(right, wrong, strict=True)])


def rule(results: Results) -> str:
    """Return the outcome: does the reward decide which way hallucination goes?"""
    plain, punished, worth = change(results, PLAIN), change(results, PUNISHED), score(results, PUNISHED)
    limit = THRESHOLDS["matters"]
    worse, better = plain.low > limit, punished.high < -limit and worth.low > 0
    if worse and better:
        return HOLDS
    if worse or better:
        return HOLDS_IN_PART
    fails = punished.low > -limit or worth.high < limit
    return DOES_NOT_HOLD if plain.high < limit and fails else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated rates; seeds scatter by two points, by much more where nothing can be told."""
    draws = np.random.default_rng(seed)
    worse, better = {HOLDS: (0.15, 0.2), HOLDS_IN_PART: (0.15, 0.0), DOES_NOT_HOLD: (0.0, 0.0)}.get(outcome, (0.1, 0.1))
    made = []
    for job in policy_jobs(BASE, 1000, KINDS, SEEDS, **SIZES):
        wrong = 0.55 + {"cannot check": worse, "punishes": -better}.get(job.policy, 0.0) + 0.02 * draws.normal()
        if outcome == CANNOT_BE_TOLD:
            wrong += 0.3 * (-1) ** job.seed * (job.policy in ("cannot check", "punishes"))
        rates = {"hallucinated": wrong, "correct": 0.5 if job.policy == "punishes" and better else 0.3}
        made.append(Run(job, {"rates": dict.fromkeys(GROUPS, rates), "fit": {}}))
    return {"policies": made}


DESIGN = Design(
    claim=(
        "Preference training made hallucination worse in one published model, because the reward was learned from"
        " plain comparisons; a reward that punishes making things up should make it better."
    ),
    measure="Share of greedy answers that are wrong, the mean over known, unknown and invented people.",
    control=(
        "The finetuned model that every policy starts from; the same DPO, questions and steps with choices of a labeler"
        " who cannot check and likes any answer, and of one who gives 1, 0 or -c; silence to everything, which scores"
        " 0."
    ),
    unit="Seeds (demonstrations, draws, order); Student's t interval of five paired differences.",
    rule_text=(
        "Holds: with the labeler who cannot check, hallucination rises by over 5 points; with c = 1 it falls by over"
        " 5 points and right minus wrong answers are more than silence scores; each with the whole interval. Holds in"
        " part: one of the two. Does not hold: neither, and the intervals exclude both. Otherwise it cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="Fifteen points more; twenty points less, with twenty more right answers.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the one stage of the recorded or the live size."""
    if size == "live":
        jobs = policy_jobs("world-small", 400, LIVE_KINDS, 1, **LIVE_SIZES)
    else:
        jobs = policy_jobs(BASE, 1000, KINDS, SEEDS, **SIZES)
    return [Stage("policies", PolicyJob, run_policy, lambda _: jobs)]


def name_of(kind: Kind) -> str:
    """Return what a policy is called in findings, such as "punishes, dpo, c = 1"."""
    policy, method, penalty = kind
    parts = [policy, method if method != "none" else "", f"c = {penalty:g}" if penalty else ""]
    return ", ".join(filter(None, parts))


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows: rates by policy and group, changes, and fits."""
    found: dict[str, Any] = {}
    for kind in sorted({kind_of(run.job) for run in results["policies"]}):
        name = ", ".join(
            [kind[0], *([kind[1]] if kind[1] != "none" else []), *([f"c = {kind[2]:g}"] if kind[2] else [])]
        )
        found[name] = {}
        for label, groups in (*((group, (group,)) for group in GROUPS), ("all", GROUPS)):
            values = {o: mean_interval(rate_of(results, kind, o, groups)) for o in OUTCOMES}
            found[name][label] = {o: [one.mean, one.low, one.high] for o, one in values.items()}
        one = score(results, kind)
        found[name]["score"] = [one.mean, one.low, one.high]
        fits = [run.result["fit"] for run in results["policies"] if kind_of(run.job) == kind]
        for key in ("ece", "auroc", "mean confidence"):
            values_of = [fit[key] for fit in fits if key in fit]
            if len(values_of) > 1:
                one = mean_interval(values_of)
                found[name][key] = [one.mean, one.low, one.high]
    return found


POLICY_RECIPE = Recipe(
    notebook="09",
    row=105,
    title=(
        "base, finetuned, and preference training for a labeler who cannot check and for one who punishes wrong answers"
    ),
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=(
        "utils.experiments.hallucination.answering",
        "utils.experiments.hallucination.answering_knowledge",
        "utils.experiments.hallucination.mitigation_policies",
        "utils.posttraining.dpo",
        "utils.posttraining.ppo",
        "utils.posttraining.sft",
        "utils.training.loop",
    ),
    config={
        "base": {name: base_model_card(BASE)[name] for name in ("sha256", "parameters")},
        "dpo": {"beta": DPO_BETA, "lr": DPO_LR, "noise of choices": NOISE},
        "ppo": {"beta": PPO_BETA, "lr": PPO_LR, "answers a round": PPO_BATCH, "rounds": PPO_ROUNDS},
    },
    tolerance=0.05,
)
