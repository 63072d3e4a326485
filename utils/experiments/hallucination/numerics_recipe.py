"""The plan and the recipe of row 100: do other batches, threads and number formats turn a greedy text into another?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval, share_interval
from utils.experiments.hallucination.numerics_runs import DECODED, WAYS, NumericsJob, run_numerics
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
from utils.models.pretrained import SMOLLM2_SHA256

PROMPTS, BATCH, STEPS, PRICED, THREADS = 40, 8, 24, 8, 2
LIVE = NumericsJob(first=0, n=3, steps=8, priced=4, threads=0)
SMALL = NumericsJob(first=0, n=2, steps=4, priced=2, threads=THREADS)
THRESHOLDS = {"flips": 0.1}
FORMAT = "bfloat16"
ORDERS = tuple(way for way in WAYS if ", " in way)


def flips(results: Results, way: str) -> list[int]:
    """Return for each prompt the step at which a way of computing writes another token, -1 where it never does.

    Raises:
        ValueError: no run has the way.
    """
    return [step for run in _with(results, way) for step in run.result["flip"][way]]


def changes(results: Results, way: str) -> list[float]:
    """Return for each prompt the largest change of a logit; ValueError for a way that no run has."""
    return [size for run in _with(results, way) for size in run.result["largest"][way]]


def _with(results: Results, way: str) -> Sequence[Run]:
    runs = results["numerics"]
    if way not in WAYS or not runs or way not in runs[0].result["flip"]:
        raise ValueError(f"way must be one that was measured, not {way!r}")
    return runs


def flipped(results: Results, way: str) -> Interval:
    """Return the share of texts that become another one."""
    found = flips(results, way)
    return share_interval(sum(step >= 0 for step in found), len(found))


def departed(results: Results, way: str, steps: int) -> list[float]:
    """Return the share of texts that are another one after 1, 2, ... steps."""
    found = np.array(flips(results, way))
    return [float(((found >= 0) & (found < step)).mean()) for step in range(1, steps + 1)]


def repeats(results: Results) -> bool:
    """Return whether every text that was computed twice in the same way gave the same logits, bit by bit."""
    return all(gap == 0 for run in results["numerics"] for gap in run.result["again"].values())


def in_company(results: Results, name: str) -> float:
    """Return the largest change of a logit that company makes when each row is computed alone."""
    return max(run.result["row by row"][name] for run in results["numerics"])


def price(results: Results, name: str) -> list[float]:
    """Return for each batch how many times longer it takes row by row."""
    return [alone / together for together, alone in (run.result["seconds"][name] for run in results["numerics"])]


def rule(results: Results) -> str:
    """Return the outcome: do another order of sums and another number format turn greedy texts into others?"""
    least = THRESHOLDS["flips"]
    number, orders = flipped(results, FORMAT), [flipped(results, way) for way in ORDERS]
    if not repeats(results):
        return CANNOT_BE_TOLD
    causes = [number.low > least, any(one.low > least for one in orders)]
    if all(causes):
        return HOLDS
    if any(causes):
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if all(one.high < least for one in (number, *orders)) else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated texts; each way flips a token of a text or does not."""
    draws = np.random.default_rng(seed)
    number, order = {HOLDS: (0.35, 0.35), HOLDS_IN_PART: (0.35, 0.0), DOES_NOT_HOLD: (0.0, 0.0)}.get(
        outcome, (0.35, 0.35)
    )
    made = []
    for job in jobs():
        chances = dict.fromkeys(WAYS, 0.0) | {FORMAT: number, "batch, bfloat16": order}
        hit = {way: draws.random(job.n) < chance for way, chance in chances.items()}
        flip = {way: np.where(row, draws.integers(job.steps, size=job.n), -1).tolist() for way, row in hit.items()}
        again = dict.fromkeys(DECODED, 0.1 if outcome == CANNOT_BE_TOLD else 0.0)
        made.append(Run(job, {"flip": flip, "again": again}))
    return {"numerics": made}


DESIGN = Design(
    claim=(
        "With everything else fixed, hardware still changes outputs: it executes the same instruction in another way,"
        " and it has other ranges of numbers."
    ),
    measure=(
        "Share of greedy texts of 24 tokens in which a token becomes another one; the largest change of a logit up to"
        " that step."
    ),
    control="The same whole text computed twice in the same way, which must give the same logits bit by bit.",
    unit="Texts; Wilson's interval of 40.",
    rule_text=(
        "Two causes: another number format (bfloat16 instead of float32), and another order of sums in the same format"
        " (a batch of eight, two threads; float32 or bfloat16). A cause counts when it turns more than 10% of the texts"
        " into others, with the whole interval. Holds: both. In part: one. Does not hold: every interval lies below"
        " 10%. It cannot be told where the control fails, or otherwise."
    ),
    thresholds=THRESHOLDS,
    effect="Each cause turns 35% of the texts into others.",
    rule=rule,
    simulate=simulate,
)


def jobs() -> list[NumericsJob]:
    """Return the recorded batches."""
    return [NumericsJob(first, BATCH, STEPS, PRICED, THREADS) for first in range(0, PROMPTS, BATCH)]


def stages(size: str) -> Sequence[Stage]:
    """Return the stage of a size, and beside the recorded one a small sample, which judges nothing."""
    if size == "live":
        return [Stage("numerics", NumericsJob, run_numerics, lambda _: [LIVE])]
    return with_sample(Stage("numerics", NumericsJob, run_numerics, lambda _: jobs()), [SMALL])


def findings(results: Results) -> Mapping[str, Any]:
    """Return the numbers that the notebook shows."""
    found = {}
    for way in WAYS:
        share, sizes, steps = flipped(results, way), changes(results, way), flips(results, way)
        found[way] = {
            "flipped": [share.mean, share.low, share.high],
            "change": float(np.median(sizes)),
            "step": float(np.median([step for step in steps if step >= 0])) if share.mean else None,
        }
    prices = {name: mean_interval(price(results, name)) for name in DECODED}
    return {
        "ways": found,
        "row by row": {name: in_company(results, name) for name in DECODED},
        "price": {name: [one.mean, one.low, one.high] for name, one in prices.items()},
    }


NUMERICS_RECIPE = Recipe(
    notebook="09",
    row=100,
    title="the same greedy text in other batches, with more threads and in other number formats",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=(
        "utils.decoding.cached",
        "utils.decoding.fused",
        "utils.experiments.hallucination.numerics",
        "utils.experiments.hallucination.numerics_runs",
    ),
    config={"model": SMOLLM2_SHA256},
    tolerance=0.05,
    # Rounding is the machine's own. What every machine has in common: a repetition and a row computed alone change
    # nothing, and the formats keep their order.
    unstable=frozenset({"seconds", "flip", "largest", "words"}),
)
