"""Tables of approaches: validity, correctness, right fields, tokens, seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval
from utils.experiments.recording.live import recorded_interval
from utils.experiments.structured.structured_outputs import Approach, Costs, seconds, share


def print_approaches(title: str, approaches: Mapping[str, Approach], costs: Costs) -> None:
    """Print one line for each approach; those with "mask" in their name pay for one at each token."""
    print(f"\n{title:18} {'valid':>20} {'correct':>20} {'right fields':>20} {'tokens':>7} {'seconds':>16}")
    for name, approach in approaches.items():
        cells = [share(values) for values in (approach.valid, approach.correct, approach.accuracy)]
        taken = share(seconds(approach, costs, "mask" in name))
        shares = " ".join(f"{cell.mean:6.2f} [{cell.low:.2f}, {cell.high:.2f}]" for cell in cells)
        cost = f"{np.mean(approach.tokens):7.1f} {taken.mean:6.3f} [{taken.low:.3f}, {taken.high:.3f}]"
        print(f"{name:18} {shares} {cost}")


def print_failures(approaches: Mapping[object, Approach], each: int = 2) -> None:
    """Print the first outputs of each approach that are not valid, and what is wrong with them."""
    for approach in approaches.values():
        for one in [one for one in approach.outputs if not one.check.is_valid][:each]:
            print(f"\nasked for {one.task.target}\nwrote     {one.text!r}\n  {one.check.error[:110]}")


def print_shares(findings: Mapping[str, Any]) -> None:
    """Print a record's shares by way of writing: JSON, valid with its interval and by kind, correct, right fields."""
    for way, shares in findings["shares"].items():
        mean, low, high = shares["valid"]
        kinds = ", ".join(f"{kind} {one:.2f}" for kind, one in findings["valid by kind"][way].items())
        rest = f"correct {shares['correct'][0]:.2f}, fields {shares['fields'][0]:.2f}"
        print(f"{way:11} JSON {shares['json'][0]:.2f}, valid {mean:.2f} [{low:.2f}, {high:.2f}] ({kinds}), {rest}")


def intervals(shares: Mapping[str, Mapping[str, Sequence[float]]], key: str, n: int) -> list[Interval]:
    """Return a record's shares of one kind as intervals, a way after the other."""
    return [recorded_interval(of_way[key], n) for of_way in shares.values()]
