"""What a learner reads: cards of the visible test, in a real kernel with right, wrong, open and broken answers."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from utils.notebook.cards import Card
from utils.notebook.solutions import solution

SETUP = "from utils.notebook import setup\nbudget = setup('smoke')"
VISIBLE = """\
from utils.notebook import visible_test


@visible_test("softmax")
def examples(check):
    row = torch.tensor([1.0, 2.0, 5.0]).log()
    check(lambda: softmax(row), [0.125, 0.25, 0.625], "the logarithms of 1, 2 and 5")
    check(lambda: softmax(row + 10_000), [0.125, 0.25, 0.625], "the same plus 10,000", atol=2e-3)
"""
RIGHT = "import torch\ndef softmax(x, dim=-1):\n    return (x - torch.logsumexp(x, dim, keepdim=True)).exp()"


def run(*sources: str) -> list[nbformat.NotebookNode]:
    """Run cells in a kernel and return them."""
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(node, kernel_name="python3", allow_errors=True, timeout=120).execute()
    return node.cells


def outputs(cell: nbformat.NotebookNode) -> tuple[dict[str, Any], str]:
    """Return a cell's card (its metadata with its words) and what its error shows."""
    card: dict[str, Any] = {}
    error = ""
    for output in cell.outputs:
        if "course" in output.get("metadata", {}):
            card = {**output.metadata["course"], "text": output.data["text/plain"], "html": output.data["text/html"]}
        if output.output_type == "error":
            error = "\n".join(output.traceback)
    return card, error


def test_a_right_answer_gets_a_green_card_with_a_count() -> None:
    card, error = outputs(run(SETUP, RIGHT, VISIBLE)[-1])
    assert card["status"] == "passed"
    assert card["text"] == "Passed: 2 of 2 examples of softmax pass. Graded tests look further."
    assert not error


def test_a_wrong_answer_gets_the_hint_the_case_and_no_traceback_of_ours() -> None:
    wrong = "import torch\ndef softmax(x, dim=-1):\n    return x.exp() / x.exp().sum(dim, keepdim=True)"
    card, error = outputs(run(SETUP, wrong, VISIBLE)[-1])
    assert card["status"] == "failed"
    assert "1 of 2 examples of softmax pass" in card["text"]
    assert "largest" in card["hint"].lower()
    assert "the same plus 10,000" in card["case"]
    assert error == "1 of 2 examples of softmax pass. See the card above."


def test_an_unanswered_exercise_gets_an_amber_card_and_does_not_stop_the_notebook() -> None:
    card, error = outputs(
        run(SETUP, "import torch\ndef softmax(x, dim=-1):\n    raise NotImplementedError", VISIBLE)[-1]
    )
    assert card["status"] == "open"
    assert not error


def test_an_unanswered_exercise_that_the_examples_build_something_with_is_amber_too() -> None:
    building = VISIBLE.replace("    row = ", "    built = softmax(torch.ones(2))\n    row = ")
    card, error = outputs(
        run(SETUP, "import torch\ndef softmax(x, dim=-1):\n    raise NotImplementedError", building)[-1]
    )
    assert card["status"] == "open"
    assert not error


def test_an_error_inside_the_answer_shows_its_line() -> None:
    card, error = outputs(
        run(SETUP, "import torch\ndef softmax(x, dim=-1):\n    y = x.missing()\n    return y", VISIBLE)[-1]
    )
    assert "AttributeError" in card["hint"]
    assert "line 3: y = x.missing()" in card["text"]
    assert "utils/notebook" not in error


def test_after_a_syntax_error_the_earlier_answer_is_not_judged_in_silence() -> None:
    card, _ = outputs(run(SETUP, RIGHT, RIGHT.replace("):\n", ")\n"), VISIBLE)[-1])
    assert card["status"] == "failed"
    assert "SyntaxError in line 2" in card["text"]
    mended, _ = outputs(run(SETUP, RIGHT, RIGHT.replace("):\n", ")\n"), RIGHT, VISIBLE)[-1])
    assert mended["status"] == "passed"


def test_a_test_before_the_answer_and_an_experiment_before_the_setup_say_which_cell_to_run() -> None:
    first, _ = outputs(run(VISIBLE)[-1])
    assert first["status"] == "stopped"
    assert "the one with setup()" in first["text"]
    second, error = outputs(run("from utils.notebook import show\nseeds = budget.pick(smoke=1, cpu=2)")[-1])
    assert "Run the first code cell, the one with setup()" in second["text"]
    assert "NameError" in error
    other, _ = outputs(run("from utils.text import tables\nseeds = budget.pick(smoke=1, cpu=2)")[-1])
    assert "Run the first code cell, the one with setup()" in other["text"]
    third, _ = outputs(run(SETUP, "print(measured)")[-1])
    assert "`measured` is not defined yet" in third["text"]
    fourth, _ = outputs(run(SETUP, 'solution("softmax")')[-1])
    assert "Run `from utils.notebook import solution` first" in fourth["text"]


def test_cards_escape_what_comes_from_an_answer() -> None:
    page = Card("failed", "x", "<script>alert(1)</script>", "<b>", ("<i>",))._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_solution_is_folded_in_a_notebook_and_plain_in_a_terminal() -> None:
    found = solution("softmax")
    assert "def softmax" in repr(found)
    assert "SOLUTION" not in repr(found)
    assert found._repr_html_().startswith("<details>")


def test_solutions_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.course]\nshow_solutions = false\n")
    monkeypatch.setattr("utils.notebook.solutions.settings_file", lambda: tmp_path / "pyproject.toml")
    with pytest.raises(PermissionError, match="switched off"):
        solution("softmax")
