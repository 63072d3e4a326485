"""Where the course lives: what badges, the Colab cell and the web site link to."""

from __future__ import annotations

import tomllib
from pathlib import Path

from utils.course.notebooks import course_root


def course_address(root: Path | None = None) -> tuple[str, str]:
    """Return the repository's address and branch from pyproject.toml, the one place where they stand."""
    with ((root or course_root()) / "pyproject.toml").open("rb") as stream:
        settings = tomllib.load(stream)["tool"]["course"]
    return settings["repository"], settings["branch"]
