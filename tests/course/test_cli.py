"""The command `course`: bad input gets one sentence and an exit status, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from utils.course.doctor import CHECKS, Finding, examine


def course(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "utils.course", *arguments], capture_output=True, text=True, cwd=cwd, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("check", "77"), "notebook '77' is unknown; there are: 01"),
        (("build", "x"), "notebook 'x' is unknown"),
        (("answers", "00"), "notebook '00' is unknown"),
        (("answers", "02", "--show", "none such"), "no answer has the title 'none such'"),
    ],
)
def test_what_is_unknown_is_refused_in_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    finished = course(*arguments)
    assert finished.returncode == 1
    assert finished.stderr.startswith(f"course: {sentence}")
    assert len(finished.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is no JSON"),
        ("[1, 2]", "is JSON but no valid notebook"),
        ('{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "is JSON but no valid notebook"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused_and_kept(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "mine.ipynb"
    path.write_text(text)
    finished = course("check", "01", "--notebook", str(path))
    assert finished.returncode == 1
    assert sentence in finished.stderr
    assert "Traceback" not in finished.stderr
    assert path.read_text() == text


def test_an_answer_that_is_given_as_changes_is_shown_whole() -> None:
    finished = course("answers", "08", "--show", "leading zeros")
    assert finished.returncode == 0
    assert "# is_json_prefix: leading zeros" in finished.stdout
    compile(finished.stdout, "shown", "exec")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    finished = course("check", "01", "--notebook", str(tmp_path / "none.ipynb"))
    assert finished.returncode == 1
    assert "none.ipynb does not exist" in finished.stderr


def test_commands_outside_a_checkout_say_so(tmp_path: Path) -> None:
    finished = subprocess.run(
        [
            sys.executable,
            "-c",
            "import utils.course.notebooks as n; n.repository_root = lambda: None; "
            "import sys; sys.argv = ['course', 'build']; from utils.course.cli import main; main()",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert finished.returncode == 1
    assert "needs a checkout of the course" in finished.stderr


def test_doctor_names_every_topic_and_never_breaks() -> None:
    findings = examine()
    topics = {finding.topic for finding in findings}
    assert {"Python", "Packages", "torch", "Memory", "Disk", "Data", "Fonts", "Sandbox", "Jupyter"} <= topics
    assert all(finding.advice for finding in findings if finding.level == "problem")


def test_a_check_of_the_doctor_that_breaks_becomes_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def check_broken() -> list[Finding]:
        raise OSError("no such sensor")

    monkeypatch.setattr("utils.course.doctor.CHECKS", (check_broken, *CHECKS[:1]))
    broken, python = examine()
    assert (broken.topic, broken.level) == ("broken", "problem")
    assert "no such sensor" in broken.found
    assert python.topic == "Python"


def test_a_command_that_needs_more_than_a_learner_has_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "jupytext.py").write_text("raise ModuleNotFoundError('gone', name='jupytext')")
    finished = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv = ['course', 'build']; from utils.course.cli import main; main()"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=False,
    )
    assert finished.returncode == 1
    assert "needs the package jupytext" in finished.stderr
    assert "-e .[grade]" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_help_is_quick_to_load() -> None:
    names = ("torch", "nbformat", "nbgrader", "dask")
    code = f"import sys, utils.course.cli; print([m for m in {names} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_recorded_experiments_are_listed_and_an_unknown_row_is_a_sentence() -> None:
    assert "course record 04 48" in course("record").stdout
    unknown = course("record", "04", "1")
    assert unknown.returncode == 1
    assert unknown.stderr.strip() == "course: no recorded experiment for notebook 04, row 1"
