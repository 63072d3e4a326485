"""The package's common name: another distribution with a `utils` of its own is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from utils.notebook import setup
from utils.ownership import other_owners


def install(folder: Path, name: str) -> None:
    information = folder / f"{name}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (information / "top_level.txt").write_text("utils\n")
    (information / "RECORD").write_text("utils/__init__.py,,\n")


def test_alone_there_is_no_other_owner() -> None:
    assert other_owners() == []


def test_another_distribution_with_a_package_utils_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "somebodys-tools")
    monkeypatch.syspath_prepend(tmp_path)
    assert other_owners() == ["somebodys-tools"]
    with pytest.warns(UserWarning, match="somebodys-tools also installs a package named `utils`"):
        setup("smoke")
