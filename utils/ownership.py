"""Whether the top-level package `utils` is the course's alone: the name is common, and another one could hide ours."""

from __future__ import annotations

import importlib.metadata
import warnings

OURS = "foundation-models-course"


def other_owners() -> list[str]:
    """Return the names of other installed distributions that bring a top-level package `utils`, sorted."""
    owners = importlib.metadata.packages_distributions().get("utils", [])
    return sorted({name for name in owners if name != OURS})


def warn_of_other_owners() -> None:
    """Warn where another distribution's files lie among ours, or would hide them on another path."""
    if others := other_owners():
        warnings.warn(
            f"{', '.join(others)} also installs a package named `utils`, the course's own name for its code: keep the "
            f"two in separate environments",
            stacklevel=3,
        )
