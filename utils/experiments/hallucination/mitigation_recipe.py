"""The plan and the recipe of row 104: which mitigations lower hallucination, and at what price in right answers?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval, paired_difference
from utils.experiments.hallucination.answering import GROUPS, OUTCOMES
from utils.experiments.hallucination.detection_runs import DETECTORS
from utils.experiments.hallucination.mitigation_runs import PENALTY, RECALL, MitigationJob, run_mitigations
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
from utils.training.base_models import base_model_card

BASE, SEEDS = "world-medium", 5
SIZES = {"n": 1_200, "steps": 300, "n_test": 300}
LIVE_SIZES = {"n": 240, "steps": 80, "n_test": 60}
SAMPLE_SIZES = {"n": 40, "steps": 12, "n_test": 12}
# Mitigation -> what it is compared with.
JUDGED = {
    "taught prompt": "taught prompt, absent",
    "sources, verified": "control",
    "threshold, calibrated": "control",
}
THRESHOLDS = {"lowered": 0.1, "shorter": 0.1, "knows": 0.6}


def rate_of(results: Results, arm: str, outcome: str, groups: Sequence[str] = GROUPS) -> list[float]:
    """Return a rate by seed, the mean over groups; ValueError for an arm that no run has."""
    runs = sorted(results["mitigations"], key=lambda run: run.job.seed)
    if not runs or arm not in runs[0].result["arms"]:
        raise ValueError(f"no run has the arm {arm!r}")
    return [sum(run.result["arms"][arm][group][outcome] for group in groups) / len(groups) for run in runs]


def score_of(results: Results, arm: str, penalty: float = PENALTY) -> list[float]:
    """Return right minus penalty times wrong by seed, where silence scores 0."""
    right, wrong = (rate_of(results, arm, name) for name in ("correct", "hallucinated"))
    return [r - penalty * w for r, w in zip(right, wrong, strict=True)]


def lowered(results: Results, arm: str) -> Interval:
    """Return how much less is hallucinated than by the control of a mitigation, paired by seed."""
    return paired_difference(rate_of(results, JUDGED[arm], "hallucinated"), rate_of(results, arm, "hallucinated"))


def gained(results: Results, arm: str) -> Interval:
    """Return the gain in score, right minus wrong, over the control, paired by seed."""
    return paired_difference(score_of(results, arm), score_of(results, JUDGED[arm]))


def shorter(results: Results, key: str = "with a wrong one") -> Interval:
    """Return how much less a short answer has of something than a long one, paired by seed."""
    runs = sorted(results["mitigations"], key=lambda run: run.job.seed)
    long, short = ([run.result["length"][name][key] for run in runs] for name in ("long", "short"))
    return paired_difference(long, short)


def rule(results: Results) -> str:
    """Return the outcome: how many of the four mitigations work?"""
    fewer = {arm: lowered(results, arm) for arm in JUDGED}
    short = shorter(results)
    works = [one.low > THRESHOLDS["lowered"] and gained(results, arm).low > 0 for arm, one in fewer.items()]
    works.append(short.low > THRESHOLDS["shorter"])
    if all(works):
        return HOLDS
    if any(works):
        return HOLDS_IN_PART
    fails = [one.high < THRESHOLDS["lowered"] or gained(results, arm).high < 0 for arm, one in fewer.items()]
    return DOES_NOT_HOLD if all(fails) and short.high < THRESHOLDS["shorter"] else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs; seeds scatter by three points, by much more where nothing can be told."""
    draws = np.random.default_rng(seed)
    gains = {HOLDS: (0.2, 0.2, 0.2, 0.2), HOLDS_IN_PART: (0.2, 0.0, 0.2, 0.0), DOES_NOT_HOLD: (0.0,) * 4}
    gain = gains.get(outcome, (0.1,) * 4)
    made = []
    for job in mitigation_jobs(BASE, 1000, SEEDS, **SIZES):
        wild = 0.4 * (-1) ** job.seed if outcome == CANNOT_BE_TOLD else 0.0
        arms = {}
        for name in ("control", "taught prompt, absent", *JUDGED):
            less = dict(zip(JUDGED, gain, strict=False)).get(name, 0.0)
            wrong = 0.7 - less - (wild if name in JUDGED else 0.0) + 0.02 * draws.normal()
            arms[name] = {
                group: {"hallucinated": wrong, "correct": 0.25, "abstained": 0.75 - wrong} for group in GROUPS
            }
        length = {
            name: {"with a wrong one": 0.6 - less + 0.02 * draws.normal()}
            for name, less in (("short", gain[3] + wild), ("long", 0.0))
        }
        made.append(Run(job, {"arms": arms, "length": length, "detection": {}}))
    return {"mitigations": made}


DESIGN = Design(
    claim=(
        "Asking for honesty, short answers, retrieval with verified sources, and silence where an answer is not worth"
        " its risk each reduce hallucination."
    ),
    measure=(
        "Share of greedy answers that are wrong, the mean over known, unknown and invented people; right minus wrong"
        " answers; for length, the share of answers that hold a wrong statement."
    ),
    control=(
        "The same model without the instruction that half of its demonstrations had; the model without sources; the"
        " same answers without the threshold; the same model without the instruction to be short."
    ),
    unit="Seeds (demonstrations, order, sources); Student's t interval of five paired differences.",
    rule_text=(
        "A mitigation works when it lowers hallucination by over 10 points and raises right minus wrong answers, each"
        " with the whole interval (short answers: over 10 points fewer answers with a wrong statement). Holds: all"
        " four work. Holds in part: some. Does not hold: none, and each is excluded by its interval. Otherwise it"
        " cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="Twenty points less hallucination.",
    rule=rule,
    simulate=simulate,
)


def detection_values(results: Results, detector: str, key: str) -> list[float]:
    """Return a detector's AUROC, calibration error ("ece") or risk at a quarter of the answers ("risk") by seed."""
    runs = sorted(results["mitigations"], key=lambda run: run.job.seed)
    found = [run.result["detection"]["detectors"][detector] for run in runs]
    return [one[key] if key == "ece" else one[key][0] for one in found]


def detection_rule(results: Results) -> str:
    """Return the outcome of "models know what they know": is any certainty of the model's own above chance?"""
    own = [mean_interval(detection_values(results, name, "auroc")) for name in DETECTORS[:4]]
    if all(one.low > THRESHOLDS["knows"] for one in own):
        return HOLDS
    if any(one.low > THRESHOLDS["knows"] for one in own):
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if all(one.high < THRESHOLDS["knows"] for one in own) else CANNOT_BE_TOLD


def simulate_detection(outcome: str, seed: int) -> Results:
    """Return simulated areas under the curve; seeds scatter by two points, by much more where nothing can be told."""
    draws, made = np.random.default_rng(seed), []
    for job in mitigation_jobs(BASE, 1000, SEEDS, **SIZES):
        found = {}
        for place, name in enumerate(DETECTORS):
            middle = {HOLDS: 0.7, HOLDS_IN_PART: 0.7 if place % 2 else 0.5, DOES_NOT_HOLD: 0.5}.get(outcome, 0.6)
            middle += 0.15 * (-1) ** job.seed if outcome == CANNOT_BE_TOLD else 0.02 * draws.normal()
            found[name] = {"auroc": [middle, middle - 0.05, middle + 0.05], "risk": [0.3] * 4, "ece": 0.1}
        made.append(Run(job, {"arms": {}, "length": {}, "detection": {"detectors": found}}))
    return {"mitigations": made}


DETECTION_DESIGN = Design(
    claim="Models know whether they know something, so that made-up answers can be detected.",
    measure="Area under the ROC curve of telling right answers from wrong ones, on people that nothing was tuned on.",
    control="One half: a coin. P(True) of a model that was never taught to judge.",
    unit="Seeds; Student's t interval of five; each run also has a bootstrap interval over people.",
    rule_text=(
        "Four measures: token probability, self-consistency, semantic entropy, linear probe. Holds: all four have an"
        " interval above 0.6. Holds in part: some. Does not hold: all intervals lie below 0.6. Otherwise it cannot be"
        " told."
    ),
    thresholds={"knows": THRESHOLDS["knows"]},
    effect="An area of 0.7.",
    rule=detection_rule,
    simulate=simulate_detection,
)


def mitigation_jobs(base: str, people: int, seeds: int, **sizes: int) -> list[MitigationJob]:
    """Return a job for each seed."""
    return [MitigationJob(base, people, seed=seed, **sizes) for seed in range(seeds)]


def stages(size: str) -> Sequence[Stage]:
    """Return the stage of a size, and beside the recorded one a small sample, which judges nothing."""
    if size == "live":
        jobs = mitigation_jobs("world-small", 400, 1, **LIVE_SIZES)
        return [Stage("mitigations", MitigationJob, run_mitigations, lambda _: jobs)]
    jobs, small = mitigation_jobs(BASE, 1000, SEEDS, **SIZES), mitigation_jobs("world-small", 400, 1, **SAMPLE_SIZES)
    return with_sample(Stage("mitigations", MitigationJob, run_mitigations, lambda _: jobs), small)


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows."""

    def plain(one: Interval) -> list[float]:
        return [one.mean, one.low, one.high]

    arms = list(results["mitigations"][0].result["arms"])
    found: dict[str, Any] = {
        "arms": {
            arm: {
                **{outcome: plain(mean_interval(rate_of(results, arm, outcome))) for outcome in OUTCOMES},
                "score": plain(mean_interval(score_of(results, arm))),
            }
            for arm in arms
        },
        "lowered": {arm: plain(lowered(results, arm)) for arm in JUDGED},
        "gained": {arm: plain(gained(results, arm)) for arm in JUDGED},
        "shorter": {key: plain(shorter(results, key)) for key in ("statements", "wrong", "wrong a statement")},
        "detection": {name: plain(mean_interval(detection_values(results, name, "auroc"))) for name in DETECTORS},
        "detection outcome": detection_rule(results),
    }
    found["shorter"]["with a wrong one"] = plain(shorter(results))
    return found


MITIGATION_RECIPE = Recipe(
    notebook="09",
    row=104,
    title="prompts, short answers, sources and thresholds against made-up answers, and five ways to detect them",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=(
        "utils.experiments.hallucination.answering",
        "utils.experiments.hallucination.answering_knowledge",
        "utils.experiments.hallucination.detection_measures",
        "utils.experiments.hallucination.detection_runs",
        "utils.experiments.hallucination.mitigation_runs",
        "utils.posttraining.sft",
        "utils.training.loop",
    ),
    config={
        "base": {name: base_model_card(BASE)[name] for name in ("sha256", "parameters")},
        "recall": RECALL,
        "detection": DETECTION_DESIGN.to_dict(),
    },
    tolerance=0.05,
)
