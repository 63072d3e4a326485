"""The setup cell on Colab: it installs the course beside Colab's own torch and numpy and leaves both as they are.

The new environment has what Colab has, as links into the environment under test; the rest comes from wheels that
`make test` put into its folder `wheels`, so no network is used. The course itself comes out of a git repository made
from the working tree, which stands in for the published address.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from utils.course.doctor import normalised
from utils.course.nbgrader_settings import course_address
from utils.course.notebooks import read_notebook, topics
from utils.paths import data_dir

WHEELS = Path(sys.prefix) / "wheels"
# Those of the course's requirements that Colab brings along.
ON_COLAB = (
    *("numpy", "torch", "scipy", "matplotlib", "ipywidgets", "tqdm", "rich", "typer", "safetensors", "tokenizers"),
    *("PyYAML", "pydantic", "jsonschema", "Babel", "Jinja2", "ipykernel", "protobuf", "requests", "six"),
)

pytestmark = pytest.mark.skipif(
    not WHEELS.is_dir() or os.name == "nt", reason="needs the wheels that `make test` fetches, and symbolic links"
)


def closure(names: tuple[str, ...]) -> Iterator[importlib.metadata.Distribution]:
    """Yield installed distributions with everything that they require."""
    waiting, seen = list(names), set()
    while waiting:
        name = normalised(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        yield distribution
        for text in distribution.requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)


def link(distribution: importlib.metadata.Distribution, site: Path) -> None:
    """Link a distribution's top-level entries into another environment's site-packages."""
    tops = {Path(str(file)).parts[0] for file in distribution.files or () if not str(file).startswith("..")}
    for top in sorted(tops - {"__pycache__"}):
        original = Path(str(distribution.locate_file(top)))
        if original.exists() and not (site / top).exists():
            (site / top).symlink_to(original)


def copy_of_repository(root: Path, destination: Path) -> Path:
    """Return a git repository on the branch `main` that holds what a published one would."""
    shutil.copytree(
        root,
        destination,
        ignore=shutil.ignore_patterns(".git", ".venv", "fetched", "__pycache__", ".*_cache", "*.egg-info"),
    )
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.invalid"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "--all"], [*identity, "commit", "-q", "-m", "copy"]):
        subprocess.run(["git", *arguments], cwd=destination, check=True)
    return destination


def installed(python: Path) -> dict[str, str]:
    code = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({d.metadata['Name'].lower().replace('_', '-'): d.version for d in m.distributions()}))"
    )
    return json.loads(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout)


def test_the_setup_cell_installs_the_course_and_leaves_torch_and_numpy_alone(root: Path, tmp_path: Path) -> None:
    environment = tmp_path / "colab"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    site = next((environment / "lib").glob("python*/site-packages"))
    for distribution in closure(ON_COLAB):
        link(distribution, site)
    before = installed(python)

    repository = copy_of_repository(root, tmp_path / "published")
    address, branch = course_address(root)
    assert branch == "main"
    setup = next(cell for cell in read_notebook(topics(root)[0].release).code_cells if "setup" in cell.tags)
    cell = tmp_path / "cell.py"
    cell.write_text(
        "import sys, types\nsys.modules['google.colab'] = types.ModuleType('google.colab')\n" + setup.source,
        encoding="utf-8",
    )
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON", "COURSE_"))}
    variables |= {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{repository.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(WHEELS),
        "PIP_CONFIG_FILE": os.devnull,
        "COURSE_DATA": str(data_dir()),
        "COURSE_BUDGET": "smoke",
    }
    finished = subprocess.run(
        [python, str(cell)], capture_output=True, text=True, env=variables, cwd=tmp_path, check=False
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert "Budget 'smoke'" in finished.stdout

    after = installed(python)
    assert {name: after[name] for name in before} == before
    with (root / "pyproject.toml").open("rb") as stream:
        wanted = {normalised(Requirement(text).name) for text in tomllib.load(stream)["project"]["dependencies"]}
    added = {normalised(name) for name in after} - {normalised(name) for name in before}
    assert "foundation-models-course" in added
    more = added - wanted - {"foundation-models-course"}
    assert len(more) <= 2, f"more than the course needs: {sorted(more)}"

    # Outside a checkout the tables come with the package.
    code = "from utils.text.tables import load_table; print(len(load_table('coverage')))"
    told = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, env=variables, cwd=tmp_path, check=False
    )
    assert told.stdout.strip() == "105", told.stderr[-2000:]


def test_the_address_stands_in_one_place(root: Path) -> None:
    address, _ = course_address(root)
    listed = subprocess.run(
        ["git", "grep", "-l", address, "--", ":!notebooks", ":!README.md", ":!CITATION.cff"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode > 1:
        pytest.skip("not a git checkout")
    assert listed.stdout.split() == ["pyproject.toml"]
