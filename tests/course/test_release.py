"""What learners get: what the build gives, to contract, without answers, and every cell of it runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from utils.course import build
from utils.course.contract import breaches, defined_signatures, load_contract, parse_contract
from utils.course.notebooks import Topic, course_root, read_notebook, topics

TOPICS = topics(course_root())
PAGES = sorted((course_root() / "notebooks").glob("*.ipynb"))
_REGION = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.DOTALL)

each_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.number)


def test_everything_under_notebooks_is_what_the_build_gives(root: Path) -> None:
    built = build.build(root)
    assert [one.path.name for one in built if one.differs] == [], "run `course build`"
    assert build.strays(root) == []
    assert build.too_large(built) == []


@each_topic
def test_release_holds_no_line_of_an_answer_or_a_hidden_test(topic: Topic) -> None:
    source = read_notebook(topic.source)
    outside = "\n".join(_REGION.sub("", cell.source) for cell in source.code_cells)
    outside += "\n".join(cell.source for cell in source.node.cells if cell.cell_type == "markdown")
    secret = {
        line.strip()
        for cell in source.code_cells
        for region in _REGION.finditer(cell.source)
        for line in region[2].splitlines()
        if len(line.strip()) > 15 and line.strip() not in outside
    }
    assert secret, "the check would find nothing"
    released = "\n".join(cell.source for cell in read_notebook(topic.release).node.cells)
    assert [line for line in sorted(secret) if line in released] == []
    assert "BEGIN SOLUTION" not in released
    assert "HIDDEN TESTS" not in released


@each_topic
def test_exercises_keep_the_contract(topic: Topic, root: Path) -> None:
    rows = load_contract(root)
    assert breaches(rows, topic.number, read_notebook(topic.source)) == []


@each_topic
def test_stubs_keep_signature_hints_and_docstring(topic: Topic) -> None:
    source = {exercise.name: exercise for exercise in read_notebook(topic.source).exercises}
    for exercise in read_notebook(topic.release).exercises:
        stub = exercise.solution.source
        assert defined_signatures(stub).items() >= {
            (name, defined_signatures(source[exercise.name].solution.source)[name]) for name in exercise.names
        }
        assert stub.count('"""') >= 2 * len(exercise.names)
        assert "YOUR CODE HERE" in stub


@each_topic
def test_setup_cell_is_first_and_short(topic: Topic) -> None:
    first = read_notebook(topic.release).code_cells[0]
    assert "setup" in first.tags
    assert len([line for line in first.source.splitlines() if line.strip()]) <= 10


@each_topic
def test_solutions_run_to_their_end(topic: Topic, root: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbmake", str(topic.source), "-q", "-p", "no:cacheprovider"],
        cwd=root,
        env={**os.environ, "COURSE_BUDGET": "smoke"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-3000:]


def run_unanswered(path: Path) -> tuple[nbformat.NotebookNode, dict[str, str]]:
    """Run a notebook as a learner who answers nothing; return it with the message of each cell that fails."""
    node = nbformat.read(path, as_version=4)
    client = NotebookClient(
        node, kernel_name="python3", allow_errors=True, timeout=600, resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute(env={**os.environ, "COURSE_BUDGET": "smoke"})
    found = {}
    for cell in node.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                name = cell.metadata.get("nbgrader", {}).get("grade_id", cell.source[:60])
                found[name] = f"{output.ename}: {output.evalue}"
    return node, found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_without_exercises_run(page: Path) -> None:
    assert run_unanswered(page)[1] == {}


def test_the_contract_is_read_as_it_is_written() -> None:
    text = "## 07 samplers\n\n| exercise | contract |\n|---|---|\n| `f(x, k=-1) -> T`, `G(config)` | does `this(y)` |\n"
    (row,) = parse_contract(text)
    assert (row.notebook, row.exercise) == ("07", "f")
    assert [(one.name, one.parameters) for one in row.signatures] == [("f", ("x", "k=-1")), ("G", ("config",))]


def test_a_missing_exercise_and_another_signature_are_breaches(small_topic: Topic) -> None:
    text = "## 01 x\n| `add_one(x)` | a |\n| `halve(x)`, `double(y)` | b |\n| `third(x)` | c |\n"
    found = breaches(list(parse_contract(text)), "01", read_notebook(small_topic.source))
    assert found == ["double takes (x), the contract says (y)", "third is missing"]
