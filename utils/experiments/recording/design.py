"""What an experiment would have to show, written down before it is run.

A rule that turns every result into "holds" measures nothing. So a design carries, for each outcome, simulated results
that must come out as that outcome; a design whose rule cannot reach one of them is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

HOLDS = "holds"
HOLDS_IN_PART = "holds in part"
DOES_NOT_HOLD = "does not hold"
CANNOT_BE_TOLD = "cannot be told at this size"
OUTCOMES = (HOLDS, HOLDS_IN_PART, DOES_NOT_HOLD, CANNOT_BE_TOLD)


class DesignError(ValueError):
    """A design that could not be wrong, or that is incomplete; the message says which part."""


@dataclass(frozen=True)
class Run:
    """One finished job: what was asked (a dataclass), what came out (plain data), and the seconds it took."""

    job: Any
    result: Mapping[str, Any]
    seconds: float = 0.0


Results = Mapping[str, Sequence[Run]]
"""The finished runs of an experiment by the name of their stage."""


@dataclass(frozen=True)
class Design:
    """The plan that turns results into an outcome.

    Attributes:
        claim: what the chapter says, in our words.
        measure: what is measured, with its unit.
        control: what it is compared with.
        unit: what the interval is over (runs, seeds, questions), and how it is made.
        rule_text: the outcome rule in words.
        thresholds: the numbers in the rule, by name.
        effect: the smallest effect that would matter.
        rule: results -> one of `OUTCOMES`; a pure function.
        simulate: (outcome, seed) -> results that should come out as that outcome, with the noise of the recorded size;
            for "holds" with the smallest effect that matters.
        power: the least share of recorded runs that should find that effect.
    """

    claim: str
    measure: str
    control: str
    unit: str
    rule_text: str
    thresholds: Mapping[str, float]
    effect: str
    rule: Callable[[Results], str] = field(repr=False)
    simulate: Callable[[str, int], Results] = field(repr=False)
    power: float = 0.9

    def __post_init__(self) -> None:
        for name in ("claim", "measure", "control", "unit", "rule_text", "effect"):
            if not getattr(self, name).strip():
                raise DesignError(f"the design's {name} is empty")
        if not 0 < self.power <= 1:
            raise DesignError(f"power is {self.power}, and must lie in (0, 1]")

    def outcome(self, results: Results) -> str:
        """Return what the rule makes of results.

        Raises:
            DesignError: the rule returned something that is no outcome.
        """
        found = self.rule(results)
        if found not in OUTCOMES:
            raise DesignError(f"the rule returned {found!r}, which is none of: {', '.join(OUTCOMES)}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the functions, as plain data."""
        names = ("claim", "measure", "control", "unit", "rule_text", "effect", "power")
        return {**{name: getattr(self, name) for name in names}, "thresholds": dict(self.thresholds)}


def check_design(design: Design, seed: int = 0) -> None:
    """Feed the rule simulated results for every outcome.

    Raises:
        DesignError: for some outcome the rule says something else.
    """
    for wanted in OUTCOMES:
        found = design.outcome(design.simulate(wanted, seed))
        if found != wanted:
            raise DesignError(f"results simulated for {wanted!r} come out as {found!r}: the rule cannot be trusted")


def power_of(design: Design, draws: int = 20) -> float:
    """Return the share of simulated recorded runs with the effect that matters that come out as "holds"."""
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    return sum(design.outcome(design.simulate(HOLDS, 1000 + seed)) == HOLDS for seed in range(draws)) / draws
