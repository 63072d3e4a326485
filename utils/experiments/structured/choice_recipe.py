"""The plan of row 93: does a mask give every answer its form, and is the answer still the one that the model had?"""

from __future__ import annotations

from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, paired_difference
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
from utils.experiments.structured.choice_runs import (
    NOTICES,
    NOTICES_SEED,
    QUESTIONS,
    WAYS,
    ChoiceJob,
    run_choice,
)
from utils.experiments.structured.structured_outputs import share
from utils.models.pretrained import SMOLLM2_SHA256

CHUNK, LIVE = 24, 12
THRESHOLDS = {"form": 0.95, "gain": 0.1, "loss": 0.15}


def stages(size: str) -> list[Stage]:
    """Return the one stage of the recorded or the live size."""
    n, chunk = (NOTICES, CHUNK) if size == "recorded" else (LIVE, LIVE)
    jobs = [ChoiceJob(question, first, chunk) for question in QUESTIONS for first in range(0, n, chunk)]
    return [Stage("asked", ChoiceJob, run_choice, lambda _: jobs)]


def values(results: Results, question: str, key: str, way: str) -> list[float]:
    """Return one value for each note: the form (or right answer) of a way."""
    runs = [run for run in results["asked"] if run.job.question == question]
    return [float(x) for run in sorted(runs, key=lambda run: run.job.first) for x in run.result[key][way]]


def gap(results: Results, question: str, key: str, way: str, other: str) -> Interval:
    """Return what one way has more of than another, note by note."""
    return paired_difference(values(results, question, key, way), values(results, question, key, other))


def rule(results: Results) -> str:
    """Return the outcome: is every form met that was not met before, and are as many answers right as before?"""
    forms = [share(values(results, name, "form", "masked")) for name in QUESTIONS]
    gains = [gap(results, name, "form", "masked", "free") for name in QUESTIONS]
    losses = [gap(results, name, "right", "free", "masked") for name in QUESTIONS]
    form, gain, loss = THRESHOLDS["form"], THRESHOLDS["gain"], THRESHOLDS["loss"]
    if any(one.high < form for one in forms) or all(one.high < gain for one in gains):
        return DOES_NOT_HOLD
    if not all(one.low > form for one in forms) or not all(one.low > gain for one in gains):
        return CANNOT_BE_TOLD
    if all(one.high < loss for one in losses):
        return HOLDS
    return HOLDS_IN_PART if any(one.low > loss for one in losses) else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated answers; by outcome how many have the form, masked, and how many are no longer right."""
    cases = {HOLDS: (1.0, 0.0), HOLDS_IN_PART: (1.0, 0.3), DOES_NOT_HOLD: (0.8, 0.0)}
    formed, lost = cases.get(outcome, (1.0, THRESHOLDS["loss"]))
    draws = np.random.default_rng(seed)
    made = []
    for job in stages("recorded")[0].jobs({}):
        right = draws.random(job.n) < 0.6
        # The mask changes one answer in ten to and fro, and takes away more where the outcome says so.
        changed, taken = draws.random(job.n) < 0.1, draws.random(job.n) < lost / 0.6
        masked = np.where(changed, draws.random(job.n) < 0.6, right) & ~taken
        form = {"free": draws.random(job.n) < 0.3, "masked": draws.random(job.n) < formed}
        result = {"form": form, "right": {"free": right, "masked": masked}}
        plain = {key: {way: one.astype(int).tolist() for way, one in of.items()} for key, of in result.items()}
        made.append(Run(job, plain))
    return {"asked": made}


def findings(results: Results) -> dict[str, Any]:
    """Return by question: form and right answers in every way, what the mask costs, and what an opening gives back."""
    found: dict[str, Any] = {}
    for name in QUESTIONS:
        loss = gap(results, name, "right", "free", "masked")
        back = gap(results, name, "right", "opened", "masked")
        shares = {key: {way: share(values(results, name, key, way)) for way in WAYS} for key in ("form", "right")}
        found[name] = {
            "notes": len(values(results, name, "form", "free")),
            **{key: {way: [o.mean, o.low, o.high] for way, o in of.items()} for key, of in shares.items()},
            "loss": [loss.mean, loss.low, loss.high],
            "given back by an opening": [back.mean, back.low, back.high],
        }
    return found


CHOICE = Recipe(
    notebook="08",
    row=93,
    title="a choice and a pattern asked of 96 notices, free, masked, and masked after an opening",
    stages=stages,
    design=Design(
        claim="Filtering the logits makes every output meet the constraints, and the model then chooses among these.",
        measure="Share of answers of the asked form; share that names the right value and no other, searched for in the"
        " text of free answers.",
        control="The same prompts without a mask; the mask after an opening of the answer, which is not the model's.",
        unit="Notes, 96 with two questions each; Clopper and Pearson for forms that all answers have, Student's t"
        " interval of paired differences.",
        rule_text=(
            "Holds: for both questions more than 0.95 of the masked answers have the form, that is more than 0.1 more"
            " than of the free ones, and the mask loses less than 0.15 of the right answers, each with the whole"
            " interval. In part: the same of the forms, and more than 0.15 are lost for a question. Does not hold:"
            " fewer than 0.95 of some masked answers have the form, or the mask gains less than 0.1 for both."
            " Otherwise it cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="Forms go from 0.3 to 1, and the answers stay right but for changes to and fro in one of ten.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=tuple(f"utils.experiments.structured.{name}" for name in ("choice_runs", "choice_recipe")),
    config={"notices_seed": NOTICES_SEED, "model_sha256": SMOLLM2_SHA256},
)
