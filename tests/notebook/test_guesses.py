"""Predict first: a folded question before each recorded run, kept for the learner, shown beside the measurement."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.notebook.test_progress import kernel, run
from utils.course.inserted import insert_guesses, place_of_guess, recorded_rows
from utils.course.notebooks import course_root, read_notebook, topics
from utils.notebook import Verdicts, guess, guesses
from utils.notebook.guesses import CHOICES, Question, choice, guess_of, keep_guess, said_guess
from utils.notebook.verdicts import OUTCOMES
from utils.paths import datasets_dir

ROW = 26
RECORD = datasets_dir() / "runs" / "03" / "row-026.json"


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin each test as a new kernel does."""
    monkeypatch.setattr(guesses, "_guesses", {})
    monkeypatch.setattr(guesses, "_asked", set())


def with_verdicts() -> Verdicts:
    verdicts = Verdicts()
    verdicts.add(ROW, "which one is used hardly matters", "0.01 nats", "holds")
    verdicts.add(7, "rare languages lose more", "0.4 nats", "undecided")
    return verdicts


def test_a_guess_can_be_any_outcome_of_a_verdict_and_nothing_else() -> None:
    assert tuple(CHOICES) == OUTCOMES
    with pytest.raises(ValueError, match="outcome is 'perhaps', and must be one of holds"):
        keep_guess(ROW, "perhaps")


def test_the_claim_is_that_of_the_design_which_stood_before_the_run() -> None:
    claim = json.loads(RECORD.read_text(encoding="utf-8"))["design"]["claim"]
    assert claim in repr(Question(ROW))
    assert claim.replace("'", "&#x27;") in Question(ROW)._repr_html_()


def test_a_row_without_a_recorded_run_is_refused() -> None:
    with pytest.raises(ValueError, match="row is 999, and there is no recorded run"):
        guess(999)


def test_the_table_has_a_column_of_guesses_only_when_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    guess(ROW)
    verdicts = with_verdicts()
    assert "your guess" not in verdicts._repr_html_() + repr(verdicts)
    keep_guess(ROW, "undecided")
    assert "<th style='text-align:left'>your guess</th>" in verdicts._repr_html_()
    assert "cannot be told</td></tr>" in verdicts._repr_html_()
    assert repr(verdicts).count("your guess") == 1
    assert "your guess: cannot be told" in repr(verdicts)
    keep_guess(ROW, None)
    assert "your guess" not in verdicts._repr_html_() + repr(verdicts)


def test_what_was_measured_before_the_question_has_no_guess_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    verdicts = Verdicts()
    verdicts.add(ROW, "a sum that is right", "exact", "holds")
    guess(ROW)
    keep_guess(ROW, "does not hold")
    verdicts.add(ROW, "which one is used hardly matters", "0.01 nats", "holds")
    first, second = verdicts._repr_html_().split("<tr>")[2:]
    assert "does not hold" not in first
    assert "does not hold" in second


def test_the_buttons_keep_a_choice_and_show_it_again() -> None:
    box = choice(Question(ROW))
    buttons = box.children[1]
    assert buttons.value is None
    assert [said for said, _ in buttons.options] == ["holds", "in part", "does not hold", "cannot be told"]
    buttons.value = "holds in part"
    assert guess_of(ROW) == "holds in part"
    assert said_guess(ROW) == "in part"
    assert choice(Question(ROW)).children[1].value == "holds in part"
    buttons.value = None
    assert guess_of(ROW) is None


def test_without_a_person_there_is_only_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    guess(ROW)
    assert capsys.readouterr().out.startswith("Predict first, row 26. The chapter says:")


def test_a_build_shows_the_question_without_a_widget_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "mine" / "progress.json"))
    node = new_notebook(cells=[new_code_cell(f"from utils.notebook import guess\n\nguess({ROW}, 32)")])
    NotebookClient(node, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    kinds = [sorted(output["data"]) for output in node.cells[0].outputs]
    assert kinds == [["text/html", "text/plain"]] * 2
    assert list(tmp_path.iterdir()) == []


def test_a_guess_is_there_again_in_the_next_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    code = "from utils.notebook.guesses import *\n"
    with kernel(tmp_path) as client:
        run(client, code + f"guess({ROW}); choice(Question({ROW})).children[1].value = 'does not hold'")
    assert json.loads(path.read_text())["guesses"][str(ROW)]["guess"] == "does not hold"
    table = (
        f"guess({ROW})\nfrom utils.notebook import Verdicts\nverdicts = Verdicts()\n"
        f"_ = verdicts.add({ROW}, 'claim', 'measured', 'holds')\nprint(verdicts)"
    )
    with kernel(tmp_path) as client:
        assert "your guess: does not hold" in run(client, code + table)
        path.write_text("{")
        assert "your guess" not in run(client, "print(verdicts)")


def test_a_turned_off_file_keeps_a_guess_for_the_session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with kernel(tmp_path) as client:
        told = run(
            client, f"from utils.notebook.guesses import *\nkeep_guess({ROW}, 'holds'); print(said_guess({ROW}))"
        )
    assert told.strip() == "holds"
    assert list(tmp_path.iterdir()) == []


def experiment(source: str, *tags: str) -> nbformat.NotebookNode:
    return new_code_cell(source, metadata={"tags": ["experiment", *tags]})


def test_the_question_stands_before_whatever_shows_the_recorded_run() -> None:
    cells = [
        new_markdown_cell("## 1 A sum"),
        experiment("print(13_000 * 10)", "row-5"),
        new_markdown_cell("### Experiment: many"),
        experiment("live = 1", "row-5"),
        experiment('found = read_record("01", 5, recipe=MANY)', "row-5"),
        experiment("judge = 1", "row-5", "judge"),
        new_markdown_cell("## 2 Others"),
        experiment('other = read_record("01", 6)', "row-9"),
        experiment("print(other)", "row-6"),
    ]
    assert place_of_guess(cells, 5) == 3
    assert place_of_guess(cells, 6) == 7
    assert place_of_guess(cells, 9) is None
    node = new_notebook(cells=cells)
    insert_guesses(node, {5, 6, 9})
    found = [(place, cell.source.splitlines()[-1]) for place, cell in enumerate(node.cells) if "guess" in cell.source]
    assert found == [(3, "guess(5)"), (8, "guess(6)")]


def test_two_rows_of_one_cell_are_asked_together() -> None:
    node = new_notebook(cells=[experiment('a, b = read_record("01", 6), read_record("01", 5)', "row-5", "row-6")])
    insert_guesses(node, {5, 6})
    assert node.cells[0].source.endswith("guess(5, 6)")


@pytest.mark.parametrize("topic", topics(course_root()), ids=lambda topic: topic.number)
def test_every_recorded_run_of_a_notebook_is_asked_about_once_in_a_folded_cell(topic: object) -> None:
    notebook = read_notebook(topic.release)  # type: ignore[attr-defined]
    asked = [cell for cell in notebook.code_cells if "guess" in cell.tags]
    rows = [int(row) for cell in asked for row in cell.source.split("guess(")[1].rstrip(")").split(",")]
    assert sorted(rows) == sorted(recorded_rows(course_root(), topic.number))  # type: ignore[attr-defined]
    assert all(cell.metadata["jupyter"] == {"source_hidden": True} for cell in asked)
    assert all(cell.is_experiment and not cell.rows for cell in asked)
