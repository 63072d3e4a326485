"""The package's common name: another distribution with a `utils` of its own is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from utils.notebook import setup
from utils.ownership import OURS, other_owners


def install(folder: Path, name: str, file: str = "utils/__init__.py", top_level: str | None = None) -> None:
    """Install a distribution of one file, as pip leaves it; older ones name their packages in top_level.txt."""
    placed = folder / file
    placed.parent.mkdir(parents=True, exist_ok=True)
    placed.write_text("")
    information = folder / f"{name}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (information / "RECORD").write_text(f"{name}-1.0.dist-info/METADATA,,\n{file},,\n" if top_level is None else "")
    if top_level is not None:
        (information / "top_level.txt").write_text(f"{top_level}\n")


def test_alone_there_is_no_other_owner() -> None:
    assert other_owners() == []


@pytest.mark.parametrize(
    ("file", "top_level"), [("utils/__init__.py", None), ("utils.py", None), ("utils/tools.py", "utils")]
)
def test_another_distribution_with_a_package_utils_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, top_level: str | None
) -> None:
    install(tmp_path, "somebodys-tools", file, top_level)
    monkeypatch.syspath_prepend(tmp_path)
    assert other_owners() == ["somebodys-tools"]
    with pytest.warns(UserWarning, match="somebodys-tools also installs a package named `utils`"):
        setup("smoke")


def test_the_course_itself_and_packages_that_only_hold_a_utils_inside_are_no_owners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, OURS)
    install(tmp_path, "tidy", "tidy/utils/__init__.py", "tidy")
    install(tmp_path, "utilsuite", "utilsuite.py")
    monkeypatch.syspath_prepend(tmp_path)
    assert other_owners() == []
