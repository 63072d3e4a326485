"""What demonstrations cost, and what finetuning on them costs in other abilities."""

from __future__ import annotations

from collections.abc import Mapping


def demonstration_budget(n_pairs: float, dollars_per_pair: float, minutes_per_pair: float) -> tuple[float, float]:
    """Return dollars and hours of work for n pairs of prompt and answer; 13,000 at $10 are $130,000.

    InstructGPT had about 13,000, of up to half an hour each (Ouyang et al., 2022). Negative numbers raise ValueError.
    """
    given = {"n_pairs": n_pairs, "dollars_per_pair": dollars_per_pair, "minutes_per_pair": minutes_per_pair}
    for name, value in given.items():
        if not value >= 0:
            raise ValueError(f"{name} must not be negative, not {value}")
    return n_pairs * dollars_per_pair, n_pairs * minutes_per_pair / 60


def forgetting(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return by task how much accuracy was lost, 0 where none was.

    Raises:
        ValueError: the two name different tasks.
    """
    if before.keys() != after.keys():
        raise ValueError(f"before and after must name the same tasks, not {sorted(before)} and {sorted(after)}")
    return {task: max(0.0, before[task] - after[task]) for task in before}
