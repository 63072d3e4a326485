from __future__ import annotations

from pathlib import Path

import pytest

from utils.course.notebooks import find_topic, topics
from utils.course.website.assemble import assemble, guides


@pytest.fixture(scope="module")
def assembled(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    assemble(root, folder)
    return folder


def test_every_notebook_guide_and_page_by_hand_is_there(root: Path, assembled: Path) -> None:
    files = {path.relative_to(assembled).as_posix() for path in assembled.rglob("*") if path.is_file()}
    assert {f"notebooks/{topic.name}.ipynb" for topic in topics(root)} <= files
    assert {f"guides/{path.stem}.md" for path in (root / "docs").glob("*.md")} <= files
    assert {"index.md", "glossary.md", "verdicts.md", "coverage.md", "reference/models.rst"} <= files


def test_every_guide_is_in_the_table_of_contents(root: Path) -> None:
    index = (root / "docs" / "site" / "index.md").read_text(encoding="utf-8")
    assert [page for page in guides(root).values() if f"\n{page}\n" not in index] == []


def test_the_download_with_open_exercises_holds_no_solution(root: Path, assembled: Path) -> None:
    for topic in topics(root):
        assert "BEGIN SOLUTION" not in (assembled / "downloads" / f"{topic.name}.ipynb").read_text(encoding="utf-8")


def test_a_second_time_only_what_changed_is_written(root: Path, tmp_path: Path) -> None:
    only = [find_topic(root, "05")]
    assemble(root, tmp_path, only)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    (tmp_path / "notebooks" / "old.ipynb").write_text("{}")
    (tmp_path / "index.md").write_text("# Something else\n")
    assemble(root, tmp_path, only)
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert set(after) == set(before)
    assert [path.name for path in before if before[path] != after[path]] == ["index.md"]
