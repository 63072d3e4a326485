"""An environment like Colab's: its packages as links, the course to be installed from wheels that lie on disk."""

from __future__ import annotations

import importlib.metadata
import os
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from utils.course.doctor import normalised
from utils.paths import data_dir

WHEELS = Path(sys.prefix) / "wheels"
# Those of the course's requirements that Colab brings along.
ON_COLAB = (
    *("numpy", "torch", "scipy", "matplotlib", "ipywidgets", "tqdm", "rich", "typer", "safetensors", "tokenizers"),
    *("PyYAML", "pydantic", "jsonschema", "Babel", "Jinja2", "ipykernel", "protobuf", "requests", "six"),
)

needs_wheels = pytest.mark.skipif(
    not WHEELS.is_dir() or os.name == "nt", reason="needs the wheels that `make test` fetches, and symbolic links"
)


def closure(names: tuple[str, ...]) -> Iterator[importlib.metadata.Distribution]:
    """Yield installed distributions with everything that they require, extras that are asked for included."""
    waiting: list[tuple[str, str]] = [(name, "") for name in names]  # a name, and one extra of it or none
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, extra = waiting.pop()
        name = normalised(name)
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if not extra:
            yield distribution
        for text in distribution.requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                waiting.extend((requirement.name, wanted) for wanted in ("", *requirement.extras))


def link(distribution: importlib.metadata.Distribution, site: Path) -> None:
    """Link a distribution's top-level entries into another environment's site-packages."""
    tops = {Path(str(file)).parts[0] for file in distribution.files or () if not str(file).startswith("..")}
    for top in sorted(tops - {"__pycache__"}):
        original = Path(str(distribution.locate_file(top)))
        if original.exists() and not (site / top).exists():
            (site / top).symlink_to(original)


def make_environment(environment: Path) -> Path:
    """Make an environment with what Colab has, and return its interpreter."""
    venv.create(environment, with_pip=True)
    site = next((environment / "lib").glob("python*/site-packages"))
    for distribution in closure(ON_COLAB):
        link(distribution, site)
    return environment / "bin" / "python"


def offline_variables() -> dict[str, str]:
    """Return the environment variables of a machine that takes packages from the wheels alone."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON", "COURSE_"))}
    return kept | {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(WHEELS),
        "PIP_CONFIG_FILE": os.devnull,
        "COURSE_DATA": str(data_dir()),
        "COURSE_BUDGET": "smoke",
    }
