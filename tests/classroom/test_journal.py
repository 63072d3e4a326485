from __future__ import annotations

import json
from pathlib import Path

import pytest

from utils.course.classroom.journal import BEGINNING, Journal, JournalBusyError, JournalError, read_journal, verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of three entries."""
    path = tmp_path / "01_counting" / "journal.jsonl"
    with Journal(path) as journal:
        journal.append("graded", job="a", score=1.5)
        journal.note("handed-in", learner="ada", job="b")
        journal.append("graded", job="b", score=3.0)
    return path


def test_entries_come_back_in_order_with_their_data(path: Path):
    entries = list(read_journal(path))
    assert [(entry.number, entry.event) for entry in entries] == [(1, "graded"), (2, "handed-in"), (3, "graded")]
    assert entries[1].data == {"learner": "ada", "job": "b"}
    assert entries[0].previous == BEGINNING
    assert entries[2].previous == entries[1].hash


def test_an_edited_grade_shows(path: Path):
    text = path.read_text()
    path.write_text(text.replace('"score":1.5', '"score":9.5'))
    found = verify(path)
    assert found.entries == 0
    assert "entry 1 (graded) was changed" in (found.problem or "")
    with pytest.raises(JournalError, match="entry 1"):
        Journal(path)


def test_an_edited_grade_shows_even_when_its_own_hash_is_made_again(path: Path):
    lines = path.read_bytes().splitlines(keepends=True)
    first = next(iter(read_journal(path)))
    forged = type(first)(first.number, first.at, first.event, {**first.data, "score": 9.5}, first.previous)
    path.write_bytes(forged.to_line() + b"".join(lines[1:]))
    found = verify(path)
    assert found.entries == 1
    assert "entry 2 does not follow" in (found.problem or "")


@pytest.mark.parametrize("removed", [0, 1])
def test_a_removed_entry_shows(path: Path, removed: int):
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[removed]
    path.write_bytes(b"".join(lines))
    assert verify(path).problem is not None


def test_entries_removed_at_the_end_show_by_the_head_that_was_noted(path: Path):
    head = verify(path).head
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert verify(path).problem is None
    assert verify(path).head != head


def test_a_sound_journal_verifies(path: Path):
    found = verify(path)
    assert (found.entries, found.problem) == (3, None)
    assert found.head == list(read_journal(path))[-1].hash


def test_an_unfinished_last_line_is_cut_off_and_the_chain_goes_on(path: Path):
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"number":4,"at":"2026-01')
    assert verify(path).problem is None
    with Journal(path) as journal:
        assert path.read_bytes() == whole
        journal.append("graded", job="c", score=0.0)
    assert [entry.number for entry in read_journal(path)] == [1, 2, 3, 4]


def test_a_journal_is_written_by_one_at_a_time(path: Path):
    with Journal(path), pytest.raises(JournalBusyError, match="another `course grade` is working on 01_counting"):
        Journal(path)
    Journal(path).close()


def test_lines_are_json_that_other_tools_read(path: Path):
    for line in path.read_text().splitlines():
        assert {"number", "at", "event", "data", "previous", "hash"} == set(json.loads(line))


def test_several_entries_are_one_write(tmp_path: Path):
    with Journal(tmp_path / "journal.jsonl") as journal:
        entries = journal.append_all([("graded", {"job": str(number)}) for number in range(5)])
        assert journal.append_all([]) == []
        assert journal.head == entries[-1].hash
    assert verify(tmp_path / "journal.jsonl").entries == 5
