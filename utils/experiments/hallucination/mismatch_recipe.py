"""The plan and the recipe of row 103: does finetuning on what a model does not know make it hallucinate?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval, paired_difference
from utils.experiments.hallucination.answering import GROUPS, OUTCOMES
from utils.experiments.hallucination.mismatch_runs import CONDITIONS, MismatchJob, job_grid, run_mismatch
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

BASE, SEEDS = "world-medium", 6
SIZES = {"n": 1_200, "steps": 300, "lr": 1e-3, "n_test": 400, "every": 0}
CURVE_CONDITIONS, CURVE_SEEDS = ("known", "half"), 5
CURVE_SIZES = {"n": 400, "steps": 800, "lr": 1e-3, "n_test": 200, "every": 80}
# The whole learning takes place in the first dozens of steps: a second run looks there, closely.
EARLY_SIZES = {"n": 400, "steps": 120, "lr": 1e-3, "n_test": 200, "every": 5}
LIVE_BASE, LIVE_PEOPLE, LIVE_SEEDS = "world-small", 400, 1
LIVE_CONDITIONS = ("known", "unknown", "half, silence", "half, silence at random")
LIVE_SIZES = {"n": 240, "steps": 100, "lr": 2e-3, "n_test": 100, "every": 0}
THRESHOLDS = {"raised": 0.05, "lowered": 0.1}
PLACES = {name: place for place, name in enumerate(CONDITIONS)}


def rate_of(results: Results, condition: str, group: str, outcome: str) -> list[float]:
    """Return a rate by seed; ValueError for a condition that no run has."""
    runs = sorted((run for run in results["mismatch"] if run.job.condition == condition), key=lambda r: r.job.seed)
    if not runs:
        raise ValueError(f"no run has the condition {condition!r}")
    return [run.result["rates"][group][outcome] for run in runs]


def raised(results: Results) -> Interval:
    """Return how much more is hallucinated about known people after unknown facts than after known ones."""
    return paired_difference(
        rate_of(results, "unknown", "known", "hallucinated"), rate_of(results, "known", "known", "hallucinated")
    )


def knowing_silence(results: Results) -> Interval:
    """Return how much better silence where the model knows nothing sorts known from unknown than silence at random.

    What is compared is the rate of "I do not know" on unknown facts minus that on known ones, paired by seed.
    """
    gaps = []
    for condition in ("half, silence", "half, silence at random"):
        on = {group: rate_of(results, condition, group, "abstained") for group in ("unknown", "known")}
        gaps.append([u - k for u, k in zip(on["unknown"], on["known"], strict=True)])
    ours, others = gaps
    return paired_difference(ours, others)


def lowered(results: Results, group: str = "unknown") -> Interval:
    """Return how much less is hallucinated after "I do not know" for unknown facts than after true answers to them."""
    return paired_difference(
        rate_of(results, "half", group, "hallucinated"), rate_of(results, "half, silence", group, "hallucinated")
    )


def rule(results: Results) -> str:
    """Return the outcome for both halves of the claim."""
    more, less, knowing = raised(results), lowered(results), knowing_silence(results)
    first = more.low > THRESHOLDS["raised"]
    second = less.low > THRESHOLDS["lowered"] and knowing.low > THRESHOLDS["lowered"]
    if first and second:
        return HOLDS
    if first or second:
        return HOLDS_IN_PART
    if more.high < THRESHOLDS["raised"] or less.high < THRESHOLDS["lowered"] or knowing.high < THRESHOLDS["lowered"]:
        return DOES_NOT_HOLD
    return CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated rates; seeds scatter by two points, by much more where nothing can be told."""
    draws = np.random.default_rng(seed)
    more, less = {HOLDS: (0.12, 0.2), HOLDS_IN_PART: (0.12, 0.0), DOES_NOT_HOLD: (0.0, 0.0)}.get(outcome, (0.1, 0.2))
    noise = 0.02
    made = []
    for job in job_grid(BASE, 1000, tuple(CONDITIONS), SEEDS, **SIZES):
        wild = 0.5 * (-1) ** job.seed * (PLACES[job.condition] % 2) if outcome == CANNOT_BE_TOLD else 0.0
        wrong = {"known": 0.08 + (more if job.condition == "unknown" else 0.0), "unknown": 0.9, "invented": 0.95}
        silent = dict.fromkeys(GROUPS, 0.0)
        if job.condition.startswith("half, silence"):
            own = less if job.condition == "half, silence" else 0.0
            wrong = {group: value - own for group, value in wrong.items()}
            silent = {"known": 0.0, "unknown": own, "invented": own}
        found = {}
        for group in GROUPS:
            h, a = (float(v + wild + noise * draws.normal()) for v in (wrong[group], silent[group]))
            found[group] = {"hallucinated": h, "abstained": a, "correct": 1 - h - a}
        made.append(Run(job, {"rates": found, "curve": []}))
    return {"mismatch": made, "curves": [], "early": []}


DESIGN = Design(
    claim=(
        "When labelers write answers from knowledge that the model lacks, finetuning teaches it to hallucinate;"
        " teaching it to say that it does not know lowers hallucination."
    ),
    measure=(
        "Share of greedy answers that are wrong, and share of 'I do not know', on facts and people that no"
        " demonstration is about; what the base model knows is measured on it by four prompts a fact."
    ),
    control=(
        "Equally many demonstrations and steps: of known facts against unknown ones; of true answers against silence"
        " to the same unknown facts; of silence at random, whatever the model knows."
    ),
    unit="Seeds (facts, order); Student's t interval of six paired differences.",
    rule_text=(
        "First: after unknown facts more is hallucinated about facts that the base knows, by over 5 points. Second:"
        " silence to unknown facts lowers hallucination on unknown facts by over 10 points, and its silence falls on"
        " unknown facts rather than known ones by 10 points more than silence taught at random. Each with the whole"
        " interval. Holds: both. Holds in part: one. Does not hold: neither, and one of the three intervals lies below"
        " its threshold. Otherwise it cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="Twelve points more hallucination, and twenty points less.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the stages: all conditions at equal steps, then learning curves of a longer one, and close ones."""
    if size == "live":
        jobs = job_grid(LIVE_BASE, LIVE_PEOPLE, LIVE_CONDITIONS, LIVE_SEEDS, **LIVE_SIZES)
        return [Stage("mismatch", MismatchJob, run_mismatch, lambda _: jobs)]
    jobs = job_grid(BASE, 1000, tuple(CONDITIONS), SEEDS, **SIZES)
    curves = job_grid(BASE, 1000, CURVE_CONDITIONS, CURVE_SEEDS, **CURVE_SIZES)
    early = job_grid(BASE, 1000, ("half",), CURVE_SEEDS, **EARLY_SIZES)
    return [
        Stage("mismatch", MismatchJob, run_mismatch, lambda _: jobs),
        Stage("curves", MismatchJob, run_mismatch, lambda _: curves),
        Stage("early", MismatchJob, run_mismatch, lambda _: early),
    ]


def curve_of(results: Results, condition: str, name: str, stage: str = "curves") -> tuple[list[int], list[Interval]]:
    """Return steps and intervals over seeds of one line of the learning curves; ValueError where there is none."""
    curves = [run.result["curve"] for run in results[stage] if run.job.condition == condition]
    if not curves or name not in curves[0][0]:
        raise ValueError(f"no learning curve has {name!r} under {condition!r}")
    steps = [int(point["step"]) for point in curves[0]]
    columns = zip(*[[point[name] for point in curve] for curve in curves], strict=True)
    return steps, [mean_interval(list(column)) for column in columns]


def slower(results: Results, share: float = 0.5) -> Interval:
    """Return how many more steps unknown examples of a mixture take than known ones until a share of them is learned.

    A share that is never reached counts as the last step: the difference is then too small, never too large.
    """
    gaps = []
    for run in results["early"]:
        first = {}
        for name in ("known", "unknown"):
            reached = [p["step"] for p in run.result["curve"] if p[f"learned, {name}"] >= share]
            first[name] = reached[0] if reached else run.result["curve"][-1]["step"]
        gaps.append(first["unknown"] - first["known"])
    return mean_interval(gaps)


def late_harm(results: Results, condition: str = "half") -> Interval:
    """Return the rise of hallucination on known facts from the first three points of a run to its last three.

    The first points' mean is subtracted, not the lowest point, which noise alone would put below the end.
    """
    rises = []
    for run in results["curves"]:
        if run.job.condition == condition:
            line = [point["hallucinated on known"] for point in run.result["curve"]]
            rises.append(float(np.mean(line[-3:]) - np.mean(line[:3])))
    return mean_interval(rises)


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows."""
    found: dict[str, Any] = {}
    for condition in CONDITIONS:
        for group in GROUPS:
            for outcome in OUTCOMES:
                one = mean_interval(rate_of(results, condition, group, outcome))
                found.setdefault(condition, {}).setdefault(group, {})[outcome] = [one.mean, one.low, one.high]
    for name, interval in (
        ("raised", raised(results)),
        ("lowered, unknown", lowered(results)),
        ("lowered, invented", lowered(results, "invented")),
        ("knowing silence", knowing_silence(results)),
        ("steps slower", slower(results)),
        ("late harm, half", late_harm(results)),
        ("late harm, known", late_harm(results, "known")),
    ):
        found[name] = [interval.mean, interval.low, interval.high]
    return found


MISMATCH_RECIPE = Recipe(
    notebook="09",
    row=103,
    title="finetuning on facts that the base model knows, or does not, or says it does not",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=(
        "utils.experiments.hallucination.answering",
        "utils.experiments.hallucination.answering_knowledge",
        "utils.experiments.hallucination.mismatch_runs",
        "utils.posttraining.chat",
        "utils.posttraining.sft",
        "utils.training.loop",
    ),
    config={"base": {name: base_model_card(BASE)[name] for name in ("sha256", "parameters")}, "conditions": CONDITIONS},
    tolerance=0.05,
)
