"""The plan and the recipe of row 55: do models that read their predecessors' text forget the tail of the world?"""

from __future__ import annotations

from collections.abc import Sequence
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
from utils.experiments.recording.recipe import Recipe, Stage, with_sample
from utils.experiments.scaling.generations import (
    BATCH_ROWS,
    PASSES,
    TAIL_SHARE,
    TEXTS,
    WIDTH,
    WORLD_OPTIONS,
    ChainJob,
    chain_jobs,
    expected_seen,
    kept,
    train_chain,
)
from utils.experiments.scaling.sources import ROW_SOURCES

GENERATIONS, DOCUMENTS, SEEDS = 4, 2500, 5
LIVE_GENERATIONS, LIVE_DOCUMENTS, LIVE_SEEDS = 3, 1500, 1
SMALL = ChainJob(TEXTS[1], 2, 300, 0)
THRESHOLDS = {"forgotten": 0.5, "kept": 0.8}


def rule(results: Results) -> str:
    """Return the outcome: is the tail lost without fresh text, and kept with it?"""
    alone, mixed = (kept(results["chains"], text) for text in TEXTS)
    without, with_fresh = mean_interval(alone), mean_interval(mixed)
    if without.low > THRESHOLDS["kept"]:
        return DOES_NOT_HOLD
    if without.high > THRESHOLDS["forgotten"]:
        return CANNOT_BE_TOLD
    if with_fresh.low > THRESHOLDS["kept"]:
        return HOLDS
    return HOLDS_IN_PART if with_fresh.high < THRESHOLDS["kept"] else CANNOT_BE_TOLD


def simulated(without: float, with_fresh: float, noise: float, seed: int) -> Results:
    """Return chains that keep these shares of the tail, on average, by a constant factor a generation."""
    draws = np.random.default_rng(seed)
    made = []
    for job in chain_jobs(GENERATIONS, DOCUMENTS, SEEDS):
        share = (without if job.text == TEXTS[0] else with_fresh) + noise * draws.normal()
        tail = 0.75 * np.geomspace(1, max(share, 0.01), GENERATIONS)
        result = {"parameters": 1, "tail": tail.tolist(), "true": [0.9] * GENERATIONS, "excess": [0.3] * GENERATIONS}
        made.append(Run(job, {**result, "seen": [0.9] * GENERATIONS}))
    return {"chains": made}


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated chains for an outcome; seeds differ by six points in the share that is kept."""
    cases = {HOLDS: (0.35, 0.95, 0.06), HOLDS_IN_PART: (0.25, 0.6, 0.06), DOES_NOT_HOLD: (1.0, 1.0, 0.06)}
    return simulated(*cases.get(outcome, (0.6, 0.9, 0.3)), seed)


DESIGN = Design(
    claim=(
        "Models trained on what models wrote forget the rare parts of the original text, more with every generation;"
        " real text mixed in prevents it."
    ),
    measure=(
        "Probability of the tail (the rarest texts, a fifth of the world's probability) under the fourth model of a"
        " chain, over that under the first; exact, over all texts of the world."
    ),
    control="Chains in which half of each model's text is newly written by the world; the first model of each chain.",
    unit="Chains (world's text, weights, sampling); Student's t interval of five of each kind.",
    rule_text=(
        "Does not hold: more than 80% of the tail is kept without fresh text. Holds: less than 50% without, and more"
        " than 80% with fresh text. Holds in part: less than 50% without, and less than 80% with it too. An interval"
        " across a threshold: cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="A third of the tail left without fresh text, and nearly all of it with.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the stage of a size, and beside the recorded one a small sample, which judges nothing."""
    if size == "live":
        live = chain_jobs(LIVE_GENERATIONS, LIVE_DOCUMENTS, LIVE_SEEDS)
        return [Stage("chains", ChainJob, train_chain, lambda _: live)]
    jobs = chain_jobs(GENERATIONS, DOCUMENTS, SEEDS)
    return with_sample(Stage("chains", ChainJob, train_chain, lambda _: jobs), [SMALL])


def _ends(interval: Interval) -> list[float]:
    return [interval.mean, interval.low, interval.high]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows: means with the ends of their intervals, by generation."""
    found: dict[str, Any] = {}
    for text in TEXTS:
        mine = [run.result for run in results["chains"] if run.job.text == text]
        found[text] = {
            name: [_ends(mean_interval(column)) for column in zip(*(one[name] for one in mine), strict=True)]
            for name in ("tail", "true", "excess", "seen")
        }
        found[text]["kept"] = _ends(mean_interval(kept(results["chains"], text)))
    gained = paired_difference(kept(results["chains"], TEXTS[1]), kept(results["chains"], TEXTS[0]))
    return {**found, "gained_by_fresh": _ends(gained), "seen_of_world": expected_seen(DOCUMENTS)}


GENERATIONS_OF_MODELS = Recipe(
    notebook="04",
    row=55,
    title="models trained on the text of their predecessors, with and without fresh text",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=("utils.experiments.scaling.generations", *ROW_SOURCES),
    config={
        "world": {name: list(value) if isinstance(value, tuple) else value for name, value in WORLD_OPTIONS.items()},
        "width": WIDTH,
        "passes": PASSES,
        "batch_rows": BATCH_ROWS,
        "tail_share": TAIL_SHARE,
    },
    # Sampling turns a last digit into another word, and the chain carries that on.
    tolerance=0.1,
)
