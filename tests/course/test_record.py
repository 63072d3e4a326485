"""The body of `course record`: a mistake is one sentence, a stopped run goes on, a forged record is not confirmed."""

from __future__ import annotations

import json
import re
import runpy

import pytest

from tests.experiments.small_recipes import make_recipe
from utils.course import record as command
from utils.course.errors import CourseError
from utils.experiments.recording.journal import Journal
from utils.experiments.recording.record import record_path
from utils.experiments.recording.running import journal_path
from utils.paths import repository_root


@pytest.fixture
def recipe(monkeypatch):
    made = make_recipe()
    monkeypatch.setattr(command, "find_recipe", lambda notebook, row: made)
    return made


def test_a_record_is_made_and_confirmed(tmp_path, recipe):
    told = []
    made = command.make_record("99", 1, folder=tmp_path, progress=lambda *one: told.append(one))
    assert made.path == record_path("99", 1, tmp_path)
    assert made.line.startswith("row 1, holds in part: 7 runs in ")
    assert told[-1] == ("second", 1, 1)
    lines = command.confirm_record("99", 1, sample=7, folder=tmp_path)
    assert lines == ["row 1, holds in part: 7 of 7 runs remade, all within 0.01"]


def test_a_forged_record_is_not_confirmed(tmp_path, recipe):
    path = command.make_record("99", 1, folder=tmp_path).path
    values = json.loads(path.read_text())
    values["stages"][0]["runs"][5]["result"]["square"] = 24
    path.write_text(json.dumps(values))
    with pytest.raises(CourseError, match=r"not confirmed: .*square is 24 recorded and 25 remade"):
        command.confirm_record("99", 1, sample=7, folder=tmp_path)


def test_other_code_since_the_record_is_said(tmp_path, recipe):
    path = command.make_record("99", 1, folder=tmp_path).path
    values = json.loads(path.read_text())
    values["version"]["files"] = dict.fromkeys(values["version"]["files"], "0")
    path.write_text(json.dumps(values))
    assert command.confirm_record("99", 1, folder=tmp_path)[-1].startswith("changed since it was made: utils.")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda folder: command.make_record("99", 1, workers=2, dask="tcp://a:1", folder=folder), "give one of them"),
        (lambda folder: command.make_record("99", 1, workers=-1, folder=folder), "--workers must be 0 or more, not -1"),
        (lambda folder: command.confirm_record("99", 1, folder=folder), "`course record 99 1` makes it"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, recipe, call, message):
    with pytest.raises(CourseError, match=re.escape(message)):
        call(tmp_path)


def test_failures_of_a_run_are_one_sentence(tmp_path, recipe, monkeypatch):
    monkeypatch.setenv("SQUARES_FAIL_AT", "2")
    with pytest.raises(CourseError, match=r"job 2 of 'first' .* failed: ZeroDivisionError"):
        command.make_record("99", 1, folder=tmp_path)
    monkeypatch.delenv("SQUARES_FAIL_AT")
    journal_path(recipe, tmp_path).unlink()
    Journal(journal_path(recipe, tmp_path), {"code": "other"}).close()
    with pytest.raises(CourseError, match="delete it to begin again"):
        command.make_record("99", 1, folder=tmp_path)


def test_rows_with_a_recipe_are_listed():
    assert "sweep of small transformers on the world's text" in {title for _, _, title in command.recorded_rows("04")}
    assert command.recorded_rows("00") == []
    with pytest.raises(CourseError, match="no recorded experiment for row 999"):
        command.make_record("04", 999)


def test_the_list_of_recorded_runs_is_up_to_date():
    found = runpy.run_path(str(repository_root() / "scripts" / "list_runs.py"))
    text = found["README"].read_text(encoding="utf-8")
    assert found["with_table"](text) == text, "run `python scripts/list_runs.py`"
    assert found["with_table"](text.replace("| `04/row-048` | ", "| `04/row-048` | 1")) == text
