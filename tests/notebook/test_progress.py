"""The learner's own file: what tests note in it, that nothing is lost, and that no other run leaves a trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from typer.testing import CliRunner

from utils.course.check import Checked
from utils.course.cli import app
from utils.notebook import learner_file as own_file
from utils.notebook.learner_file import LearnerFileError, change_learner, read_learner
from utils.notebook.outline import OutlinedExercise, OutlinedNotebook, course_outline
from utils.notebook.progress import NotebookProgress, my_progress, note_test, note_tests
from utils.paths import learner_dir, repository_root

ANSWER = """
from utils.notebook import setup, visible_test
setup("smoke")
def majority_vote(answers):
    return max(sorted(set(answers)), key=answers.count)
"""
VISIBLE = """
@visible_test("majority_vote")
def examples(check):
    check(lambda: majority_vote(["a", "b", "b"]), "{want}", "three votes")
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The learner's file, in a folder that does not exist yet."""
    chosen = tmp_path / "mine" / "progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(chosen))
    monkeypatch.setattr(own_file, "_told", set())
    return chosen


@contextmanager
def kernel(cwd: Path) -> Iterator[Any]:
    """A kernel as a person's front end has one: it offers `input`."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(cwd))
    try:
        client.allow_stdin = True
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(client: Any, code: str) -> str:
    """Run a cell and return what it printed."""
    printed: list[str] = []

    def keep(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    done = client.execute_interactive(code, allow_stdin=True, output_hook=keep, timeout=300)
    assert done["content"]["status"] == "ok" or "CheckError" in done["content"]["ename"]
    return "".join(printed)


def entry(path: Path, name: str) -> dict[str, Any]:
    return json.loads(path.read_text())["exercises"][name]


def test_a_visible_test_that_a_person_runs_is_noted_with_its_points(path: Path, tmp_path: Path) -> None:
    with kernel(tmp_path) as client:
        run(client, ANSWER)
        run(client, VISIBLE.format(want="a"))
        assert entry(path, "majority_vote")["status"] == "failed"
        run(client, VISIBLE.format(want="b"))
    found = entry(path, "majority_vote")
    assert (found["status"], found["tried"], found["notebook"], found["points"]) == ("passed", 2, "07", 4)


def test_two_kernels_that_write_at_once_lose_nothing(path: Path, tmp_path: Path) -> None:
    names = [exercise.name for notebook in course_outline() for exercise in notebook.exercises]
    code = "from utils.notebook.progress import note_test\nfor name in {}: note_test(name, 'passed')"
    with kernel(tmp_path) as one, kernel(tmp_path) as other:
        threads = [
            threading.Thread(target=run, args=(client, code.format(mine)))
            for client, mine in ((one, names[::2]), (other, names[1::2]))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(json.loads(path.read_text())["exercises"]) == set(names)
    assert [left for left in path.parent.iterdir() if left.suffix == ".part"] == []


def test_many_writers_count_every_try(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: note_tests({"softmax": "failed"}), range(40)))
    assert entry(path, "softmax")["tried"] == 40


def test_a_run_without_a_person_leaves_no_trace(path: Path, tmp_path: Path) -> None:
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ANSWER + VISIBLE.format(want="b"))])
    NotebookClient(node, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert any("passed" in json.dumps(output) for output in node.cells[0].outputs)
    assert not path.parent.exists()


def test_the_notebooks_with_answers_leave_no_trace(path: Path) -> None:
    root = repository_root()
    assert root is not None
    with kernel(root / "solutions") as client:
        run(client, ANSWER + VISIBLE.format(want="b"))
    assert not path.parent.exists()


def test_a_test_outside_a_notebook_is_not_noted(path: Path) -> None:
    note_test("softmax", "passed")
    assert not path.parent.exists()


@pytest.mark.parametrize("word", ["off", "OFF", "0"])
def test_the_variable_turns_it_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, word: str) -> None:
    monkeypatch.setenv("COURSE_PROGRESS", word)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    note_tests({"softmax": "passed"})
    assert list(tmp_path.iterdir()) == []
    assert "COURSE_PROGRESS is off" in repr(my_progress())


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="other folders there")
def test_it_lies_where_the_system_keeps_a_persons_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COURSE_PROGRESS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert own_file.learner_file() == tmp_path / "foundation-models-course" / "progress.json"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert learner_dir() == Path.home() / ".local" / "share" / "foundation-models-course"


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"exercises": 3}', '{"exercises": {"softmax": "passed"}}', '{"exercises": {}', "\x00"]
)
def test_a_damaged_file_is_kept_aside_with_a_sentence(
    path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path.parent.mkdir()
    path.write_text(text)
    assert "nothing below counts as done" in my_progress().note
    assert path.read_text() == text
    note_tests({"softmax": "passed"})
    (aside,) = path.parent.glob("progress.damaged-*.json")
    assert aside.read_text() == text
    assert f"It was kept as {aside.name}" in capsys.readouterr().out
    assert entry(path, "softmax")["status"] == "passed"


def test_bytes_that_are_no_text_are_kept_aside(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe\x00{")
    note_tests({"softmax": "passed"})
    (aside,) = path.parent.glob("progress.damaged-*.json")
    assert aside.read_bytes() == b"\xff\xfe\x00{"


def test_a_deleted_file_begins_anew(path: Path) -> None:
    note_tests({"softmax": "passed"})
    path.unlink()
    assert my_progress().notebooks[1].passed == 0
    note_tests({"attention": "failed"})
    assert list(json.loads(path.read_text())["exercises"]) == ["attention"]


def test_a_file_of_a_newer_version_stays_as_it_is(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.parent.mkdir()
    path.write_text('{"format": 2, "exercises": {}}')
    note_tests({"softmax": "passed"})
    assert path.read_text() == '{"format": 2, "exercises": {}}'
    assert "newer version" in capsys.readouterr().out


def test_what_another_version_added_is_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"format": 1, "notes": {"mine": 1}, "exercises": {"gone": {"status": "passed"}}}')
    note_tests({"softmax": "passed"})
    found = json.loads(path.read_text())
    assert found["notes"] == {"mine": 1}
    assert set(found["exercises"]) == {"gone", "softmax"}


def test_a_place_that_cannot_be_written_is_a_sentence_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "a_file"
    blocked.write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(blocked / "progress.json"))
    monkeypatch.setattr(own_file, "_told", set())
    note_tests({"softmax": "passed"})
    note_tests({"softmax": "passed"})
    assert capsys.readouterr().out.count("cannot be kept") == 1


def test_a_change_that_breaks_leaves_the_file_whole(path: Path) -> None:
    note_tests({"softmax": "passed"})
    before = path.read_bytes()

    def broken(found: dict[str, Any]) -> None:
        found["exercises"] = {"softmax": object()}

    with pytest.raises(TypeError):
        change_learner(broken)
    assert path.read_bytes() == before
    assert [left.name for left in path.parent.iterdir() if left.suffix == ".part"] == []


def test_a_fresh_copy_of_a_notebook_does_not_undo_what_passed(path: Path) -> None:
    note_tests({"softmax": "passed", "attention": "open"})
    note_tests({"softmax": "open", "attention": "failed"})
    assert (entry(path, "softmax")["status"], entry(path, "attention")["status"]) == ("passed", "failed")
    note_tests({"softmax": "failed"})
    assert entry(path, "softmax")["status"] == "failed"


def test_what_is_unknown_or_was_not_tried_is_not_noted(path: Path) -> None:
    note_tests({"no_such_exercise": "passed", "softmax": "stopped"})
    assert not path.parent.exists()


SMALL = OutlinedNotebook(
    "01",
    "01_small",
    "01 Small",
    (OutlinedExercise("a", 2, 10), OutlinedExercise("b", 3, 20), OutlinedExercise("c", 4, None)),
)


@pytest.mark.parametrize(
    ("statuses", "counts", "step"),
    [
        ({}, (0, 0, 0, 30), "begin with `a`"),
        ({"a": "passed"}, (1, 1, 2, 20), "answer `b`"),
        ({"a": "passed", "c": "failed"}, (2, 1, 2, 20), "mend `c`"),
        ({"a": "passed", "b": "passed", "c": "passed"}, (3, 3, 9, 0), "all visible tests pass"),
        ({"a": "no such word"}, (0, 0, 0, 30), "begin with `b`"),
    ],
)
def test_counts_points_minutes_and_the_next_step(statuses: dict[str, str], counts: tuple[int, ...], step: str) -> None:
    one = NotebookProgress(SMALL, statuses)
    assert (one.answered, one.passed, one.points, one.minutes_left) == counts
    assert one.all_points == 9
    assert one.next_step == step


def test_the_table_is_html_with_headed_rows_and_the_same_words_as_text(path: Path) -> None:
    note_tests({"softmax": "passed"})
    mine = my_progress()
    page = mine._repr_html_()
    assert page.count("scope='row'") == len(mine.notebooks)
    assert "mend" not in repr(mine)
    for said in ("02 Attention from scratch", "1 of 9", "4 of 35", "sent nowhere"):
        assert said in page, said
    assert "answer `attention`" in repr(mine)


def course(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "utils.course", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "120", **variables},
    )


def test_the_command_shows_the_same(path: Path) -> None:
    note_tests({"softmax": "passed", "attention": "failed"})
    told = course("progress").stdout
    assert "2/9" in told
    assert "mend attention" in told
    assert "1 of 96 exercises pass" in told
    one = course("progress", "2").stdout
    assert "failed" in one
    assert "MultiHeadAttention" in one
    unknown = course("progress", "44")
    assert unknown.returncode == 1
    assert unknown.stderr.strip().startswith("course: notebook '44' is unknown; there are: 01, 02")


def test_course_check_notes_what_it_found_in_the_courses_own_notebook(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Checked("softmax", ("softmax",), 4, "passed", ""), Checked("attention", ("attention",), 6, "open", "")]
    monkeypatch.setattr("utils.course.check.check_notebook", lambda notebook: found)
    CliRunner().invoke(app, ["check", "02", "--notebook", "somebody_elses.ipynb"])
    assert not path.exists()
    CliRunner().invoke(app, ["check", "02"])
    assert {name: one["status"] for name, one in json.loads(path.read_text())["exercises"].items()} == {
        "softmax": "passed",
        "attention": "open",
    }


def test_the_command_reports_a_damaged_file_and_leaves_it(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("{")
    told = course("progress")
    assert told.returncode == 0
    assert "is no JSON" in told.stderr
    assert path.read_text() == "{"


def test_reading_says_what_is_wrong(path: Path) -> None:
    assert read_learner() == {}
    path.mkdir(parents=True)
    with pytest.raises(LearnerFileError, match="cannot be read"):
        read_learner()
    note_tests({"softmax": "passed"})
    assert path.is_dir()


def test_every_exercise_of_the_course_has_points_and_stated_minutes() -> None:
    exercises = [exercise for notebook in course_outline() for exercise in notebook.exercises]
    assert [one.name for one in exercises if not one.points or not one.minutes] == []
    names = [one.name for one in exercises]
    assert len(set(names)) == len(names)
