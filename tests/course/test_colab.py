"""The setup cell on Colab: it installs the course beside Colab's own torch and numpy and leaves both as they are.

The new environment has what Colab has, as links into the environment under test; the rest comes from wheels that
`make test` put into its folder `wheels`, so no network is used. The course itself comes out of a git repository made
from the working tree, which stands in for the published address.
"""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import subprocess
import sys
import tomllib
import types
from pathlib import Path

import pytest
import torch
from packaging.requirements import Requirement

from tests.course.colab import make_environment, needs_wheels, offline_variables
from utils.course.address import course_address
from utils.course.doctor import normalised
from utils.course.notebooks import read_notebook, topics

pytestmark = needs_wheels
AS_ON_COLAB = "import sys, types\nsys.modules['google.colab'] = types.ModuleType('google.colab')\n"


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


def setup_source(notebook: Path) -> str:
    """Return the setup cell of a released notebook."""
    return next(cell.source for cell in read_notebook(notebook).code_cells if "setup" in cell.tags)


def colab_lines(notebook: Path) -> str:
    """Return the lines of the setup cell that install the course on Colab."""
    return setup_source(notebook).partition("from utils")[0]


def installed(python: Path) -> dict[str, str]:
    code = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({d.metadata['Name'].lower().replace('_', '-'): d.version for d in m.distributions()}))"
    )
    return json.loads(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout)


def test_the_setup_cell_installs_the_course_and_leaves_torch_and_numpy_alone(root: Path, tmp_path: Path) -> None:
    python = make_environment(tmp_path / "colab")
    before = installed(python)

    repository = copy_of_repository(root, tmp_path / "published")
    address, branch = course_address(root)
    assert branch == "main"
    cell = tmp_path / "cell.py"
    cell.write_text(AS_ON_COLAB + setup_source(topics(root)[0].release), encoding="utf-8")
    variables = offline_variables() | {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{repository.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
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


def test_every_notebook_sets_itself_up_on_colab_by_the_same_lines(root: Path) -> None:
    lines = {path.name: colab_lines(path) for path in sorted((root / "notebooks").glob("**/*.ipynb"))}
    assert len(lines) == 10
    assert len(set(lines.values())) == 1, f"these differ: {sorted(lines)}"
    assert "google.colab" in lines["00_start_here.ipynb"]


def test_the_versions_to_keep_are_those_that_pip_knows(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A torch from the package index calls itself 2.6.0+cu124, and pip knows it as 2.6.0 and finds no other.
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    monkeypatch.setattr(torch, "__version__", "2.6.0+cu124")
    monkeypatch.setattr(importlib.metadata, "version", {"torch": "2.6.0", "numpy": "2.1.3"}.__getitem__)
    commands: list[list[str]] = []

    def run(command: list[str]) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    exec(colab_lines(root / "notebooks" / "00_start_here.ipynb"), {})
    address, branch = course_address(root)
    assert commands[0][1:] == ["-m", "pip", "install", "-q", f"git+{address}@{branch}", "numpy==2.1.3", "torch==2.6.0"]
    assert commands[1][1:] == ["-m", "utils.course.data"]


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


def test_without_a_network_the_setup_cell_says_what_to_do(root: Path, tmp_path: Path) -> None:
    python = make_environment(tmp_path / "colab")
    program = AS_ON_COLAB + colab_lines(topics(root)[0].release)
    address, _ = course_address(root)
    variables = offline_variables() | {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{(tmp_path / 'nowhere').as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
    }
    finished = subprocess.run(
        [python, "-c", program], capture_output=True, text=True, env=variables, cwd=tmp_path, check=False
    )
    assert finished.returncode == 1
    assert finished.stderr.strip().splitlines()[-1].startswith("The course could not be installed: is the network up?")
