"""The plan of row 90: does a clearer prompt give valid records more often, and is any prompt clear enough?

The same outputs are mended in three ways, for row 91: what a repair does to a model's own mistakes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from utils.experiments.recording.design import (
    CANNOT_BE_TOLD,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IN_PART,
    Design,
    Results,
)
from utils.experiments.recording.recipe import Recipe, Stage
from utils.experiments.structured.real_model import decoder, smollm2, spellings
from utils.experiments.structured.record_jobs import (
    EXAMPLES,
    LIMITS,
    NOTES_SEED,
    NotesJob,
    column,
    gain,
    notes_jobs,
    shares_of,
    simulated_notes,
    test_notes,
    valid_by_kind,
)
from utils.experiments.structured.repairs import by_package, by_rules
from utils.experiments.structured.structured_outputs import Approach, pretrained_writer, repaired, share, single
from utils.models.pretrained import SMOLLM2_SHA256
from utils.training.threads import one_thread

PROMPTS = ("0 examples", "3 examples")
REPAIRS = {"repair_json": by_rules, "json-repair": by_package, "with schema": None}
THRESHOLDS = {"gain": 0.1, "guarantee": 0.97}


def worth(approach: Approach) -> dict[str, Any]:
    """Return for each output whether it is JSON, valid and correct, and its right fields."""
    flags = {"json": approach.is_json, "valid": approach.valid, "correct": approach.correct}
    return {
        **{key: one.astype(int).tolist() for key, one in flags.items()},
        "fields": approach.accuracy.round(4).tolist(),
    }


def run_mended(job: NotesJob) -> dict[str, Any]:
    """Return what each output is worth, as written and mended in each way."""
    tasks = test_notes(job.kind)[job.first : job.first + job.n]
    with one_thread():
        writer = pretrained_writer(smollm2(), decoder(), spellings(), EXAMPLES[job.way])
        written = single(job.way, writer.write(tasks, max_new_tokens=LIMITS[job.kind]))
    mended = {name: worth(repaired(name, written, repair)) for name, repair in REPAIRS.items()}
    return {**worth(written), "mended": mended}


def stages(size: str) -> list[Stage]:
    """Return the one stage of the recorded or the live size."""
    jobs = notes_jobs(PROMPTS) if size == "recorded" else notes_jobs(PROMPTS, n=4)
    return [Stage("notes", NotesJob, run_mended, lambda _: jobs)]


def rule(results: Results) -> str:
    """Return the outcome: do three examples make more outputs valid, and are some invalid all the same?"""
    clearer = gain(results, PROMPTS[-1], PROMPTS[0], "valid")
    best = share(column(results, PROMPTS[-1], "valid"))
    if clearer.high < THRESHOLDS["gain"]:
        return DOES_NOT_HOLD
    if clearer.low > THRESHOLDS["gain"] and best.high < THRESHOLDS["guarantee"]:
        return HOLDS
    if clearer.low > THRESHOLDS["gain"] and best.low > THRESHOLDS["guarantee"]:
        return HOLDS_IN_PART
    return CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated outputs: valid with a chance by prompt."""
    low, high = {HOLDS: (0.5, 0.8), HOLDS_IN_PART: (0.3, 1.0), DOES_NOT_HOLD: (0.7, 0.65)}.get(outcome, (0.3, 0.97))
    chances = dict(zip(PROMPTS, (low, high), strict=True))
    return {"notes": simulated_notes(chances, seed)}


def mended_shares(results: Results, way: str) -> dict[str, dict[str, float]]:
    """Return by repair the shares of JSON, valid and correct outputs and of right fields."""
    chosen = [run.result["mended"] for run in results["notes"] if run.job.way == way]
    return {
        name: {key: float(np.mean([x for one in chosen for x in one[name][key]])) for key in chosen[0][name]}
        for name in REPAIRS
    }


def findings(results: Results) -> dict[str, Any]:
    """Return shares by prompt, by kind and by repair, and what three examples gain over none."""
    clearer = gain(results, PROMPTS[-1], PROMPTS[0], "valid")
    return {
        "notes": len(column(results, PROMPTS[0], "valid")),
        "shares": {way: shares_of(results, way) for way in PROMPTS},
        "valid by kind": {way: valid_by_kind(results, way) for way in PROMPTS},
        "mended": {way: mended_shares(results, way) for way in PROMPTS},
        "gain": [clearer.mean, clearer.low, clearer.high],
    }


CLARITY = Recipe(
    notebook="08",
    row=90,
    title="records by prompts with no and with three worked examples, 48 notes of each of three kinds",
    stages=stages,
    design=Design(
        claim="A prompt can ask for a format; the clearer it is, the more often the output has it, with no guarantee.",
        measure="Share of outputs that satisfy the record's JSON schema.",
        control="The same notes with the schema alone.",
        unit="Notes, 48 of each kind; Student's t interval of paired differences, bootstrap (at 0 and 1 Clopper and"
        " Pearson) of the share itself.",
        rule_text=(
            "Holds: three examples give more than 0.1 more valid outputs than the schema alone, and fewer than 0.97 of"
            " all are valid with three, both with the whole interval. In part: the same gain, and more than 0.97 are"
            " valid. Does not hold: the gain lies below 0.1. Otherwise it cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="From one half to four fifths of valid outputs.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=tuple(
        f"utils.experiments.structured.{name}"
        for name in ("record_jobs", "record_prompts", "repairs", "clarity_recipe")
    ),
    config={"notes_seed": NOTES_SEED, "model_sha256": SMOLLM2_SHA256},
)
