"""The build: one source, the same bytes twice, outputs kept, answers and hidden tests left behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from tests.course.mini_course import CONTRACT, SCRIPT, TOPIC
from utils.course import build
from utils.course.errors import CourseError
from utils.course.form import LONGEST_MEASURING_CELL
from utils.course.notebooks import Topic, read_notebook, topics
from utils.course.still_forms import STILL, VIEW, keep_still_forms

EXERCISE = Path("solutions") / TOPIC / "exercises"
SCRIPT_FILE = Path("solutions") / TOPIC / f"{TOPIC}.py"
MEASURING = 'print("an experiment that grading skips")\n'
LINE = "print()\n"


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_building_twice_gives_the_same_bytes(small_course: Path) -> None:
    first = build.build(small_course)
    build.write(first)
    second = build.build(small_course)
    assert [one.content for one in first] == [one.content for one in second]
    assert not any(one.differs for one in second)


def test_release_has_stubs_and_neither_answers_nor_hidden_tests(small_topic: Topic) -> None:
    text = small_topic.release.read_text(encoding="utf-8")
    assert "YOUR CODE HERE" in text
    assert "def add_one(x: int) -> int:" in text
    assert "Return x + 1." in text
    for secret in ("successor_of_the_input", "HIDDEN TESTS", "BEGIN SOLUTION", "add_one(41)", "You doubled"):
        assert secret not in text


def test_release_has_no_outputs(small_topic: Topic) -> None:
    node = nbformat.read(small_topic.source, as_version=4)
    node.cells[2].outputs = [nbformat.v4.new_output("stream", text="said before")]
    nbformat.write(node, small_topic.source)
    build.write(build.build(small_topic.root))
    assert "said before" in small_topic.source.read_text()
    assert "said before" not in small_topic.release.read_text()


def test_unchanged_cells_keep_their_outputs_and_changed_ones_lose_them(small_topic: Topic) -> None:
    node = nbformat.read(small_topic.source, as_version=4)
    by_source = {cell.source: cell for cell in node.cells}
    by_source["OFFSET = 1"].outputs = [nbformat.v4.new_output("stream", text="of the changed cell")]
    experiment = next(cell for cell in node.cells if "an experiment" in cell.source)
    experiment.outputs = [nbformat.v4.new_output("stream", text="of the experiment")]
    nbformat.write(node, small_topic.source)
    small_topic.script.write_text(SCRIPT.replace("OFFSET = 1", "OFFSET = 1  # changed"), encoding="utf-8")
    build.write(build.build(small_topic.root))
    text = small_topic.source.read_text()
    assert "of the experiment" in text
    assert "of the changed cell" not in text


def test_a_cell_added_above_moves_no_other_id(small_topic: Topic) -> None:
    before = {cell.source: cell.id for cell in nbformat.read(small_topic.release, as_version=4).cells}
    added = SCRIPT.replace("# %%\nOFFSET = 1", "# %%\nNEW = 0\n\n# %%\nOFFSET = 1")
    small_topic.script.write_text(added, encoding="utf-8")
    build.write(build.build(small_topic.root))
    after = {cell.source: cell.id for cell in nbformat.read(small_topic.release, as_version=4).cells}
    assert {source: after[source] for source in before} == before


def test_metadata_of_the_script_wins_over_the_paired_notebook(small_topic: Topic) -> None:
    small_topic.script.write_text(SCRIPT.replace('"row-1"', '"row-2"'), encoding="utf-8")
    build.write(build.build(small_topic.root))
    assert [cell.rows for cell in read_notebook(small_topic.source).code_cells if cell.rows] == [(2,)]


def test_an_edited_release_is_seen(small_topic: Topic) -> None:
    small_topic.release.write_bytes(small_topic.release.read_bytes() + b" ")
    assert [one.path for one in build.build(small_topic.root) if one.differs] == [small_topic.release]


def test_a_notebook_without_a_script_is_a_stray(small_topic: Topic) -> None:
    stray = small_topic.root / "notebooks" / "99_old.ipynb"
    stray.write_text("{}")
    assert build.strays(small_topic.root) == [stray]


def test_setup_cell_gets_the_colab_lines_once_and_stays_short(small_topic: Topic) -> None:
    setup = next(cell for cell in read_notebook(small_topic.release).code_cells if "setup" in cell.tags)
    assert setup.source.count("google.colab") == 1
    assert setup.source.endswith("budget = setup()")
    assert len([line for line in setup.source.splitlines() if line.strip()]) <= 10


def test_a_solution_outside_a_solution_cell_is_refused_with_its_reason(small_course: Path) -> None:
    script = topics(small_course)[0].script
    script.write_text(SCRIPT.replace("OFFSET = 1", "### BEGIN SOLUTION\nOFFSET = 1\n### END SOLUTION"))
    with pytest.raises(CourseError, match=rf"nbgrader refuses {TOPIC}\.ipynb: .*solution"):
        build.build(small_course)


def test_two_cells_of_one_name_are_refused(small_course: Path) -> None:
    script = topics(small_course)[0].script
    script.write_text(SCRIPT + '\n# %% exercise="halve"\n')
    with pytest.raises(CourseError, match="halve is named twice"):
        build.build(small_course)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda at: (at / "docs" / "exercises.md").write_text(CONTRACT.replace("`halve(x)`", "`other(x)`")), "no row"),
        (lambda at: (at / EXERCISE / "answers" / "halve.py").unlink(), "has no answers"),
        (lambda at: (at / EXERCISE / "halve.py").unlink(), "cannot be read"),
        (lambda at: rewrite(at / EXERCISE / "halve.py", "# %% examples\n", "# %% diagnoses\n"), "no visible test"),
        (
            lambda at: rewrite(at / EXERCISE / "halve.py", "def halve(", "def half("),
            "everybody's answer would be missing",
        ),
        (
            lambda at: rewrite(at / EXERCISE / "halve.py", "# %% graded: 1 point |", "# %% graded: one point |"),
            "line 2",
        ),
        (lambda at: rewrite(at / EXERCISE / "halve.py", "# %% helpers", "# %% helper"), "heads no part"),
        (lambda at: rewrite(at / SCRIPT_FILE, "OFFSET = 1", "OFFSET = 1\nhalve = 2"), "binds 'halve'"),
        (lambda at: rewrite(at / SCRIPT_FILE, "OFFSET = 1", "from math import sqrt as double; OFFSET = 1"), "'double'"),
        (lambda at: rewrite(at / SCRIPT_FILE, "OFFSET = 1", "for add_one in [1]: OFFSET = 1"), "binds 'add_one'"),
        (lambda at: rewrite(at / SCRIPT_FILE, "OFFSET = 1", "OFFSET = 1  # " + "x" * 100), "line of 114 characters"),
        (lambda at: rewrite(at / SCRIPT_FILE, '# %% exercise="halve"\n', ""), "named by no line"),
        (
            lambda at: rewrite(at / SCRIPT_FILE, MEASURING, MEASURING + LINE * LONGEST_MEASURING_CELL),
            "measures in 31 lines, more than 30",
        ),
        (lambda at: rewrite(at / SCRIPT_FILE, MEASURING, MEASURING + LINE * (LONGEST_MEASURING_CELL - 1)), ""),
        (
            lambda at: (
                rewrite(at / SCRIPT_FILE, MEASURING, MEASURING + LINE * LONGEST_MEASURING_CELL),
                rewrite(at / SCRIPT_FILE, '"experiment", "row-1"', '"experiment", "draw", "row-1"'),
            ),
            "",
        ),
        (
            lambda at: rewrite(
                at / EXERCISE / "halve.py", "    return x / 2", "    return _two(x)\n\n\ndef _two(x):\n    return x / 2"
            ),
            "",
        ),
    ],
)
def test_what_breaks_the_form_is_refused_with_a_sentence(small_course: Path, change: Callable, said: str) -> None:
    change(small_course)
    if not said:
        build.build(small_course)
        return
    with pytest.raises(CourseError, match=said):
        build.build(small_course)


def test_a_name_bound_inside_a_function_of_a_demonstration_is_its_own(small_course: Path) -> None:
    rewrite(
        small_course / SCRIPT_FILE,
        "OFFSET = 1",
        "def demonstration():\n    halve = 3\n    return halve\n\n\nOFFSET = 1",
    )
    assert build.build(small_course)


def test_an_instructor_switches_solutions_off(small_course: Path) -> None:
    offered = build.build(small_course)[-1].content.decode()
    assert 'solution(\\"add_one\\")' in offered
    (small_course / "pyproject.toml").write_text("[tool.course]\nshow_solutions = false\n")
    assert "solution(" not in build.build(small_course)[-1].content.decode().replace("nbgrader", "")


def test_a_notebook_carries_no_jupytext_metadata(small_topic: Topic) -> None:
    for path in (small_topic.source, small_topic.release):
        assert "jupytext" not in path.read_text(encoding="utf-8")


def test_cells_for_drawing_and_judging_are_folded(small_course: Path) -> None:
    rewrite(small_course / SCRIPT_FILE, '"experiment", "row-1"', '"experiment", "draw", "row-1"')
    build.write(build.build(small_course))
    (cell,) = [one for one in read_notebook(topics(small_course)[0].release).code_cells if one.is_experiment]
    assert cell.metadata["jupyter"] == {"source_hidden": True}
    assert cell.metadata["cellView"] == "form"


def test_a_paired_notebook_that_is_no_json_stops_the_build_and_loses_nothing(small_topic: Topic) -> None:
    small_topic.source.write_text('{"cells": [', encoding="utf-8")
    before = small_topic.release.read_bytes()
    with pytest.raises(CourseError, match="is no JSON"):
        build.build(small_topic.root)
    assert small_topic.release.read_bytes() == before
    assert small_topic.source.read_text() == '{"cells": ['


def test_a_folder_that_cannot_be_written_is_named(small_topic: Topic) -> None:
    blocked = small_topic.root / "a_file"
    blocked.write_text("")
    with pytest.raises(CourseError, match="cannot be written"):
        build.write([build.Built(blocked / "x.ipynb", b"{}")])


def test_files_over_a_megabyte_are_named(small_topic: Topic) -> None:
    large = build.Built(small_topic.source, b" " * (build.LARGEST_NOTEBOOK + 1))
    assert build.too_large([large, build.Built(small_topic.release, b"{}")]) == [small_topic.source]


def test_execution_keeps_outputs_and_drops_progress_bars(small_course: Path) -> None:
    topic = topics(small_course)[0]
    noisy = SCRIPT.replace("OFFSET = 1", "import sys\nprint('50%', file=sys.stderr)\nOFFSET = 1\nOFFSET")
    topic.script.write_text(noisy, encoding="utf-8")
    build.execute(topic)
    outputs = [output for cell in json.loads(topic.source.read_text())["cells"] for output in cell.get("outputs", [])]
    texts = json.dumps(outputs)
    assert "an experiment that grading skips" in texts
    assert "50%" not in texts
    assert not any("execution" in cell["metadata"] for cell in json.loads(topic.source.read_text())["cells"])


def test_an_executed_widget_is_kept_as_what_else_its_output_holds(small_course: Path) -> None:
    topic = topics(small_course)[0]
    script = topic.script.read_text(encoding="utf-8")
    widget = "import ipywidgets\nipywidgets.VBox([ipywidgets.HTML('a live picture')])"
    topic.script.write_text(script.replace(MEASURING, f"{MEASURING}{widget}\n"), encoding="utf-8")
    build.execute(topic)
    node = nbformat.read(topic.source, as_version=4)
    shown = [set(output.data) for cell in node.cells for output in cell.get("outputs", ()) if "data" in output]
    assert {"text/plain"} in shown
    assert not any(VIEW in kinds for kinds in shown)
    assert "widgets" not in node.metadata


def test_a_still_form_says_once_that_it_could_be_moved() -> None:
    data = {VIEW: {"model_id": "ab12", "version_major": 2, "version_minor": 0}, "text/html": "<p>as it was</p>"}
    output = nbformat.v4.new_output("display_data", data=data)
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("view", outputs=[output])])
    node.metadata["widgets"] = {"states": {}}
    for _ in range(2):
        keep_still_forms(node)
        assert node.cells[0].outputs[0].data == {"text/html": f"<p>as it was</p><p><em>{STILL}</em></p>"}
    assert "widgets" not in node.metadata


def test_execution_of_a_broken_cell_shows_the_cell(small_course: Path) -> None:
    topic = topics(small_course)[0]
    topic.script.write_text(SCRIPT.replace("OFFSET = 1", "OFFSET = 1 / 0"), encoding="utf-8")
    with pytest.raises(CourseError, match="OFFSET = 1 / 0"):
        build.execute(topic)
