"""The plan of row 32: does a multiplication let a state space recall what it read early?"""

from __future__ import annotations

from utils.evaluation.intervals import paired_difference
from utils.experiments.block.sequence_jobs import (
    SEQUENCE_SOURCES,
    final_accuracies,
    sequence_findings,
    sequence_stages,
    simulated_results,
)
from utils.experiments.block.sequence_tasks import ARCHITECTURES
from utils.experiments.recording.design import (
    CANNOT_BE_TOLD,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IN_PART,
    Design,
    Results,
)
from utils.experiments.recording.recipe import Recipe

RECALL_TASKS = ("recall of 4 pairs", "recall of 8 pairs")
CONDITIONS = tuple((task, name) for task in RECALL_TASKS for name in ARCHITECTURES)
THRESHOLDS = {"gain": 0.05}


def rule(results: Results) -> str:
    """Return the outcome from what the gate brings at either number of pairs."""
    accuracies = final_accuracies(results)
    gains = [
        paired_difference(accuracies[task, "gated state space"], accuracies[task, "fixed state space"])
        for task in RECALL_TASKS
    ]
    shown = [gain.low > THRESHOLDS["gain"] for gain in gains]
    if all(shown):
        return HOLDS
    if all(gain.high < THRESHOLDS["gain"] for gain in gains):
        return DOES_NOT_HOLD
    return HOLDS_IN_PART if any(shown) else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs for an outcome: what the gate brings at 4 and at 8 pairs, and the noise of a run."""
    cases = {HOLDS: (0.25, 0.25, 0.06), HOLDS_IN_PART: (0.25, 0.0, 0.03), DOES_NOT_HOLD: (-0.1, -0.1, 0.03)}
    *gains, noise = cases.get(outcome, (0.05, 0.05, 0.25))
    reached = dict.fromkeys(CONDITIONS, 0.5)
    for task, gain in zip(RECALL_TASKS, gains, strict=True):
        reached[task, "gated state space"] += gain
    return simulated_results(CONDITIONS, reached, noise, seed)


RECALL = Recipe(
    notebook="03",
    row=32,
    title="recall by six architectures of equal size, each at its own learning rate",
    stages=lambda size: sequence_stages(CONDITIONS, size),
    design=Design(
        claim="State spaces promise long memory; H3's multiplication lets them recall early tokens.",
        measure="Share of values recalled right by the gated state space, less that of the fixed one.",
        control="The fixed state space, which differs by the multiplication only; guessing is 1 in 8.",
        unit="Seeds (weights and examples), six, paired; Student's t interval.",
        rule_text=(
            "Holds: the interval of the gain lies above 0.05 with 4 pairs and with 8. In part: with one of them. Does"
            " not hold: below 0.05 with both. Otherwise it cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="A gain of 0.25 of the values, four times what guessing right by chance adds from seed to seed.",
        rule=rule,
        simulate=simulate,
    ),
    findings=sequence_findings,
    sources=SEQUENCE_SOURCES,
    tolerance=0.05,
)
