"""The plan of row 95: what JSON mode guarantees, what it does not, and what a limit on tokens does to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval
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
from utils.experiments.structured.record_jobs import (
    LIMITS,
    NOTES_SEED,
    NotesJob,
    column,
    notes_jobs,
    run_notes,
    shares_of,
    valid_by_kind,
)
from utils.experiments.structured.structured_outputs import share
from utils.models.pretrained import SMOLLM2_SHA256

WAY = "any JSON"
LIMIT_SHARES = tuple(round(0.1 * tenth, 1) for tenth in range(1, 11))
THRESHOLDS = {"parses": 0.95, "wrong": 0.2}


def stages(size: str) -> list[Stage]:
    """Return the one stage of the recorded or the live size."""
    jobs = notes_jobs((WAY,)) if size == "recorded" else notes_jobs((WAY,), n=2)
    return [Stage("notes", NotesJob, run_notes, lambda _: jobs)]


def ended(results: Results, key: str) -> np.ndarray:
    """Return a value of every output that the model ended itself."""
    return column(results, WAY, key)[column(results, WAY, "ended") == 1]


def broken_by_a_limit(results: Results) -> np.ndarray:
    """Return for each output longer than the shortest quarter whether it does not parse when cut there, (n,)."""
    tokens, whole = column(results, WAY, "tokens"), column(results, WAY, "whole")
    limit = np.quantile(tokens, 0.25)
    return ((whole == 0) | (whole > limit))[tokens > limit].astype(float)


def parts(results: Results) -> dict[str, Interval]:
    """Return three shares: ended outputs that parse; that parse and are another record; cut outputs that do not."""
    named = {
        "parses": ended(results, "json"),
        "wrong": ended(results, "json") * (1 - ended(results, "correct")),
        "broken": broken_by_a_limit(results),
    }
    # A run of a few notes may have no output of a sort: then its share may be anything.
    return {name: share(values) if len(values) else Interval(0.0, 0.0, 1.0, 0) for name, values in named.items()}


def rule(results: Results) -> str:
    """Return the outcome: is an ended output JSON, yet often wrong, and a cut one no JSON?"""
    if not column(results, WAY, "ended").any():
        return CANNOT_BE_TOLD
    found = parts(results)
    sure, much = THRESHOLDS["parses"], THRESHOLDS["wrong"]
    content = found["parses"].low > sure and found["wrong"].low > much
    no_content = found["parses"].high < sure or found["wrong"].high < much
    limit, no_limit = found["broken"].low > sure, found["broken"].high < sure
    if content and limit:
        return HOLDS
    if (content and no_limit) or (no_content and limit):
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if no_content and no_limit else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated outputs: how often one that ended is right, and how often a cut one parses all the same."""
    cases = {HOLDS: (0.6, 0.0), HOLDS_IN_PART: (1.0, 0.0), DOES_NOT_HOLD: (1.0, 0.5)}
    right, early = cases.get(outcome, (0.8, 0.0))
    draws = np.random.default_rng(seed)
    made = []
    for job in notes_jobs((WAY,)):
        tokens = draws.integers(20, 60, job.n)
        whole = np.where(draws.random(job.n) < early, 5, tokens)
        result = {"json": [1] * job.n, "ended": [1] * job.n, "tokens": tokens.tolist(), "whole": whole.tolist()}
        correct = draws.permutation(np.arange(job.n) < round(right * job.n)).astype(int)
        made.append(Run(job, {**result, "correct": correct.tolist()}))
    return {"notes": made}


def whole_within(results: Results) -> list[float]:
    """Return the share of outputs that parse when cut at a tenth, two tenths ... of their kind's limit."""
    limits = np.array([LIMITS[kind] for kind in LIMITS for _ in column(results, WAY, "whole", kind)])
    whole = column(results, WAY, "whole")
    return [float(((whole > 0) & (whole <= part * limits)).mean()) for part in LIMIT_SHARES]


def findings(results: Results) -> dict[str, Any]:
    """Return shares of all outputs and of those that ended, and how many are whole within a limit."""
    found = parts(results)
    return {
        "notes": len(column(results, WAY, "json")),
        "ended": float(column(results, WAY, "ended").mean()),
        "shares": shares_of(results, WAY),
        "valid by kind": valid_by_kind(results, WAY),
        **{name: [one.mean, one.low, one.high] for name, one in found.items()},
        "cut": found["broken"].n,
        "parts of the limit": list(LIMIT_SHARES),
        "whole": whole_within(results),
    }


JSON_MODE = Recipe(
    notebook="08",
    row=95,
    title="48 notes of each of three kinds under a mask for any JSON object: parses, is right, is cut off",
    stages=stages,
    design=Design(
        claim="JSON mode guarantees JSON, not the right content, and an output cut off by the token limit is no JSON.",
        measure="Of outputs that the model ended, the share that parses, and the share that parses and is another"
        " record than the note states; of outputs longer than the shortest quarter, the share that no longer parses"
        " when cut to that length.",
        control="The record that the note states, three worked examples in the prompt; the outputs that are not cut.",
        unit="Notes, 48 of each kind; bootstrap interval (at 0 and 1 Clopper and Pearson).",
        rule_text=(
            "Two halves. Content: more than 0.95 of ended outputs parse, and more than 0.2 parse and are wrong. Limit:"
            " more than 0.95 of cut outputs do not parse. A half is so, or is not so, when the whole interval says it."
            " Holds: both are so. In part: one is so and the other is not. Does not hold: neither is. Otherwise it"
            " cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="Two of five ended outputs are wrong.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=tuple(
        f"utils.experiments.structured.{name}" for name in ("record_jobs", "record_prompts", "json_mode_recipe")
    ),
    config={"notes_seed": NOTES_SEED, "model_sha256": SMOLLM2_SHA256},
)
