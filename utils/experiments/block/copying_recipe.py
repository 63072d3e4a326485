"""The plan of row 33: is selection what a fixed state space lacks?"""

from __future__ import annotations

from utils.evaluation.intervals import paired_difference
from utils.experiments.block.sequence_jobs import (
    SEQUENCE_SOURCES,
    final_accuracies,
    sequence_findings,
    sequence_stages,
    simulated_results,
)
from utils.experiments.recording.design import (
    CANNOT_BE_TOLD,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IN_PART,
    Design,
    Results,
)
from utils.experiments.recording.recipe import Recipe

FIXED, SELECTIVE = "fixed state space", "selective state space"
SCATTERED = ("copying, 6 between", "copying, 24 between")
AT_FIXED_PLACES = ("copying, 6 after", "copying, 24 after")
CONDITIONS = (
    *((task, name) for task in SCATTERED for name in (FIXED, "gated state space", SELECTIVE, "transformer")),
    *((task, FIXED) for task in AT_FIXED_PLACES),
)
THRESHOLDS = {"gain": 0.1}


def rule(results: Results) -> str:
    """Return the outcome: does selection help, and does the fixed one do better where nothing is to be selected?"""
    reached = final_accuracies(results)
    gains = [paired_difference(reached[task, SELECTIVE], reached[task, FIXED]) for task in SCATTERED]
    relief = [
        paired_difference(reached[fixed, FIXED], reached[scattered, FIXED])
        for fixed, scattered in zip(AT_FIXED_PLACES, SCATTERED, strict=True)
    ]
    least = THRESHOLDS["gain"]
    if all(gain.high < least for gain in gains):
        return DOES_NOT_HOLD
    if not all(gain.low > least for gain in gains):
        return HOLDS_IN_PART if any(gain.low > least for gain in gains) else CANNOT_BE_TOLD
    return HOLDS if all(one.low > least for one in relief) else HOLDS_IN_PART


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs: what selection brings, what fixed places bring, and the noise of a run."""
    cases = {HOLDS: (0.3, 0.3, 0.05), HOLDS_IN_PART: (0.3, 0.0, 0.03), DOES_NOT_HOLD: (0.0, 0.0, 0.02)}
    gain, relief, noise = cases.get(outcome, (0.1, 0.1, 0.25))
    reached = dict.fromkeys(CONDITIONS, 0.4)
    for task in SCATTERED:
        reached[task, SELECTIVE] += gain
    for task in AT_FIXED_PLACES:
        reached[task, FIXED] += relief
    return simulated_results(CONDITIONS, reached, noise, seed)


COPYING = Recipe(
    notebook="03",
    row=33,
    title="selective copying by state spaces of equal size, each at its own learning rate",
    stages=lambda size: sequence_stages(CONDITIONS, size),
    design=Design(
        claim="Mamba's state space selects what it remembers, and that is what a fixed one lacks.",
        measure="Share of scattered symbols copied in order by the selective state space, less that of the fixed one.",
        control="The fixed one with all symbols at the first places, where nothing has to be selected.",
        unit="Seeds (weights and examples), six, paired; Student's t interval; at two lengths of noise.",
        rule_text=(
            "Does not hold: the gain lies below 0.1 at both lengths. Holds: it lies above 0.1 at both, and the fixed"
            " one gains more than 0.1 from fixed places at both. In part: selection helps at one length only, or fixed"
            " places bring nothing. Otherwise it cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="A gain of 0.3 of the symbols, about one symbol of three or four.",
        rule=rule,
        simulate=simulate,
    ),
    findings=sequence_findings,
    sources=SEQUENCE_SOURCES,
    tolerance=0.05,
)
