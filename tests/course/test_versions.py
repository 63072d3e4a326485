"""One set of versions: pyproject.toml says what is needed, constraints.txt which exactly, environment.yml the same."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from utils.course.doctor import normalised, pins

EXTRAS = ("lab", "grade", "site", "hub", "bench", "dev")


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def environment(root: Path) -> dict:
    return yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))


def requirements(project: dict) -> list[Requirement]:
    texts = list(project["dependencies"])
    for extra in EXTRAS:
        texts += project["optional-dependencies"][extra]
    return [Requirement(text) for text in texts]


def test_every_requirement_is_pinned_within_its_range(root: Path, project: dict) -> None:
    pinned = pins(root)
    for requirement in requirements(project):
        version = pinned.get(normalised(requirement.name))
        assert version is not None, f"{requirement.name} has no pin"
        assert requirement.specifier.contains(version), f"{requirement} excludes its pin {version}"


def test_every_installed_dependency_is_pinned_to_its_version(root: Path, project: dict) -> None:
    pinned = pins(root) | ({"torch": os.environ["COURSE_TORCH"]} if os.environ.get("COURSE_TORCH") else {})
    waiting = [(requirement.name, frozenset(requirement.extras)) for requirement in requirements(project)]
    seen: set[tuple[str, frozenset[str]]] = set()
    wrong = []
    while waiting:
        name, extras = waiting.pop()
        if (normalised(name), extras) in seen:
            continue
        seen.add((normalised(name), extras))
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        version = distribution.version.split("+")[0]
        if pinned.get(normalised(name)) != version:
            wrong.append(f"{name} {version} against {pinned.get(normalised(name))}")
        for text in distribution.requires or ():
            requirement = Requirement(text)
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
                waiting.append((requirement.name, frozenset(requirement.extras)))
    assert not wrong, wrong


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0", "3.13.0"])
def test_every_pinned_version_runs_on_every_supported_python(root: Path, python: str) -> None:
    pinned = pins(root)
    refusing = []
    for one in importlib.metadata.distributions():
        # Not metadata["Requires-Python"]: importlib_metadata, once a test has imported it, raises where the standard
        # library answers None for a distribution that does not say.
        (needed,) = one.metadata.get_all("Requires-Python") or [""]
        if normalised(one.metadata["Name"]) in pinned and not SpecifierSet(needed).contains(python):
            refusing.append(f"{one.metadata['Name']} {one.version} needs Python {needed}")
    assert refusing == []


def test_conda_users_get_the_same_versions(root: Path, environment: dict) -> None:
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert "--constraint constraints.txt" in pip
    assert "--editable .[lab]" in pip
    assert f"pytorch-cpu={pins(root)['torch']}" in conda


def test_conda_python_is_supported(project: dict, environment: dict) -> None:
    (python,) = [entry for entry in environment["dependencies"] if str(entry).startswith("python=")]
    assert Requirement(f"python{project['requires-python']}").specifier.contains(f"{python.removeprefix('python=')}.0")


def test_no_gpu_library_is_pinned_or_installed(root: Path) -> None:
    gpu = re.compile(r"nvidia|cuda|triton|rocm")
    assert not [name for name in pins(root) if gpu.search(name)]
    installed = {normalised(one.metadata["Name"]) for one in importlib.metadata.distributions()}
    assert not [name for name in sorted(installed) if name.startswith(("nvidia-", "triton"))]


def test_a_learners_install_needs_no_grading_or_hub_package(project: dict) -> None:
    learner = {Requirement(text).name for text in project["dependencies"] + project["optional-dependencies"]["lab"]}
    assert not learner & {"nbgrader", "transformers", "dask", "psycopg", "scikit-learn", "pytest"}


def test_the_site_is_made_without_packages_of_grading(root: Path) -> None:
    code = """
import importlib, pkgutil, sys
for name in ("nbgrader", "sqlalchemy", "dask", "transformers", "pytest"):
    sys.modules[name] = None
import utils.course.website
for module in pkgutil.iter_modules(utils.course.website.__path__, "utils.course.website."):
    importlib.import_module(module.name)
print("all")
"""
    told = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert told.stdout.strip() == "all", told.stderr[-500:]


def test_workflow_covers_oldest_and_newest(root: Path, project: dict) -> None:
    workflow = yaml.safe_load((root / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    entries = workflow["jobs"]["test"]["strategy"]["matrix"]["include"]
    assert {entry["os"].split("-")[0] for entry in entries} == {"ubuntu", "macos", "windows"}
    pythons = {str(entry["python"]) for entry in entries}
    assert {"3.11", "3.13"} <= pythons
    torches = {str(entry["torch"]) for entry in entries}
    oldest = next(iter(r.specifier for r in map(Requirement, project["dependencies"]) if r.name == "torch"))
    [least] = [one.version for one in oldest if one.operator == ">="]
    assert pins(root)["torch"] in torches
    assert any(version.startswith(f"{least}.") for version in torches)
    assert all(oldest.contains(version) for version in torches)


def test_the_course_knows_its_own_version(project: dict) -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import importlib.metadata as m; print(m.version('foundation-models-course'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == project["version"]


def test_citation_and_changelog_are_about_this_version(root: Path, project: dict) -> None:
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project["version"]
    released = re.search(r"^## (\S+) \((\S+)\)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert released is not None
    assert released.groups() == (project["version"], citation["date-released"])
