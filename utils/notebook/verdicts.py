"""The rows that end an experiment: what the chapter says, what we measured, and whether the two agree."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from utils.evaluation.intervals import Interval

OUTCOMES = ("holds", "holds in part", "does not hold", "undecided")


@dataclass(frozen=True, repr=False)
class Verdict:
    """One claim and its measurement; `row` is its number in datasets/tables/coverage.csv.

    `asked` says whether the learner was asked for a guess about it.
    """

    row: int
    claim: str
    measured: str
    interval: str
    outcome: str
    asked: bool = False

    def __repr__(self) -> str:
        # A cell that ends with `verdicts.add(...)` shows this.
        return f"Row {self.row}, {self.outcome}: {self.claim}\n  measured: {self.measured} ({self.interval})"


@dataclass
class Verdicts:
    """The table of a notebook's verdicts; renders itself in Jupyter."""

    rows: list[Verdict] = field(default_factory=list)

    def add(self, row: int, claim: str, measured: str, outcome: str, interval: str = "exact") -> Verdict:
        """Add (or replace, when a cell is run again) the verdict on one claim.

        Args:
            row: number of the idea in coverage.csv.
            claim: what the chapter says, in our words.
            measured: what the experiment gave, with its unit.
            outcome: "holds", "holds in part", "does not hold" or "undecided"; decide it from the numbers.
            interval: 95% interval of the measurement and its n, or "exact".

        Raises:
            ValueError: the outcome is not one of the four.
        """
        from utils.notebook.guesses import is_asked

        if outcome not in OUTCOMES:
            raise ValueError(f"outcome {outcome!r} is unknown: use one of {', '.join(OUTCOMES)}")
        verdict = Verdict(row, claim, measured, interval, outcome, is_asked(row))
        self.rows = [kept for kept in self.rows if (kept.row, kept.claim) != (row, claim)] + [verdict]
        self.rows.sort(key=lambda one: one.row)
        return verdict

    def _guesses(self) -> list[str]:
        """Return for each row what the learner guessed, "" where they were not asked or did not."""
        from utils.notebook.guesses import said_guess

        return [said_guess(verdict.row) if verdict.asked else "" for verdict in self.rows]

    def __repr__(self) -> str:
        return "\n".join(
            f"{verdict!r}\n  your guess: {guess}" if guess else repr(verdict)
            for verdict, guess in zip(self.rows, self._guesses(), strict=True)
        )

    def _repr_html_(self) -> str:
        guesses = self._guesses()
        names = ["row", "the chapter says", "we measured", "95% interval", "verdict"]
        rows = [[str(v.row), v.claim, v.measured, v.interval, v.outcome] for v in self.rows]
        if any(guesses):
            names.append("your guess")
            rows = [[*cells, guess] for cells, guess in zip(rows, guesses, strict=True)]
        head = "".join(f"<th style='text-align:left'>{name}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td style='text-align:left'>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
            for cells in rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def first_that_holds(*rules: tuple[str, bool], otherwise: str) -> str:
    """Return the outcome of the first rule that is met, from the strictest to the mildest.

    Args:
        rules: outcomes with whether their condition is met.
        otherwise: the outcome when none is.
    """
    return next((outcome for outcome, is_met in rules if is_met), otherwise)


def above_zero(interval: Interval) -> str:
    """Return "holds" for an interval above zero, "does not hold" for one that is not, and else "undecided"."""
    return first_that_holds(("holds", interval.low > 0), ("undecided", interval.high > 0), otherwise="does not hold")
