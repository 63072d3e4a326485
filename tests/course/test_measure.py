"""`course doctor --measure`: processor time and memory of a notebook with all its processes, and where both stand."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.course.mini_course import SCRIPT
from tests.course.test_cli import course
from utils.course import build
from utils.course import measure as measuring
from utils.course.errors import CourseError
from utils.course.inserted import state_what_it_takes
from utils.course.measure import keep_measured, measure, measure_topics, measured_path, read_measured
from utils.course.notebooks import Topic, topics
from utils.notebook.waiting import cell_name

MB = 1_000_000
BUSY = """
import time
def burn(seconds):
    start = time.process_time()
    while time.process_time() - start < seconds: pass
"""
# A child that holds memory and computes, and is gone when the notebook ends.
CHILD = """
import subprocess, sys
code = "held = b'x' * 200_000_000\\nimport time\\nwhile time.process_time() < 3: pass"
subprocess.run([sys.executable, "-c", code], check=True)
"""


def write_notebook(folder: Path, *sources: str) -> Path:
    path = folder / "busy.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


def test_processor_time_and_memory_count_the_kernel_and_its_children(tmp_path: Path) -> None:
    idle = measure(write_notebook(tmp_path, "1"), tmp_path)
    busy = measure(write_notebook(tmp_path, BUSY + "burn(4)", CHILD), tmp_path)
    assert busy.processor_seconds - idle.processor_seconds > 6
    assert busy.peak_bytes - idle.peak_bytes > 150 * MB
    assert busy.versions["torch"]
    assert busy.machine["cores"] >= 1


def test_long_cells_are_listed_by_their_text_and_short_ones_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "LONG_CELL_S", 2.0)
    long = "# the long one\nburn(2.5)"
    found = measure(write_notebook(tmp_path, BUSY, long, "'short'"), tmp_path)
    (cell,) = found.long_cells
    assert (cell.cell, cell.begins) == (cell_name(long + "\n"), "# the long one")
    assert cell.seconds >= 2.5
    assert 2.4 <= cell.processor_seconds < 6


def test_a_cell_that_fails_is_shown_and_nothing_is_kept(small_topic: Topic) -> None:
    node = nbformat.read(small_topic.source, as_version=4)
    next(cell for cell in node.cells if cell.source == "OFFSET = 1").source = "OFFSET = 1 / 0"
    nbformat.write(node, small_topic.source)
    with pytest.raises(CourseError, match="OFFSET = 1 / 0"):
        measure_topics(small_topic.root, [small_topic], "smoke")
    assert not measured_path(small_topic.root).exists()


def test_a_measured_notebook_states_it_in_its_first_cell_and_another_has_no_sentence(small_topic: Topic) -> None:
    root = small_topic.root
    before = small_topic.release.read_text(encoding="utf-8")
    assert "of computing" not in before
    lines: list[str] = []
    measure_topics(root, [small_topic], "cpu", lines.append)
    assert lines[0].startswith("01: ")
    assert read_measured(root)["01"]["cpu"]["processor_seconds"] > 0
    build.write(build.build(root))
    for path in (small_topic.release, small_topic.source):
        first = nbformat.read(path, as_version=4).cells[0].source
        assert first.startswith("# A small topic\n\nRunning every cell takes about 10 seconds of computing"), path
        assert max(map(len, first.splitlines())) <= 100
    assert [one for one in build.build(root) if one.differs] == []


def stated(measured: dict) -> str:
    node = new_notebook(cells=[new_markdown_cell("# T\n\ntext\n"), new_code_cell("1")])
    state_what_it_takes(node, measured)
    return " ".join(node.cells[0].source.split())


def taken(seconds: float, peak: float) -> dict:
    return {"processor_seconds": seconds, "seconds": seconds, "peak_bytes": peak, "date": "2026-11-29", "machine": {}}


@pytest.mark.parametrize(
    ("seconds", "peak", "said"),
    [
        (4, 40 * MB, "about 10 seconds of computing on one core and up to 0.1 GB"),
        (72, 1_240 * MB, "about 70 seconds of computing on one core and up to 1.2 GB"),
        (151, 2_960 * MB, "about 2.5 minutes of computing on one core and up to 3.0 GB"),
        (200, 2_960 * MB, "about 3.5 minutes"),
    ],
)
def test_the_sentence_is_as_precise_as_the_measurement(seconds: float, peak: float, said: str) -> None:
    assert said in stated({"cpu": taken(seconds, peak)})


def test_only_the_cpu_budget_is_stated_alone() -> None:
    assert stated({"smoke": taken(9, MB)}) == "# T text"
    both = stated({"cpu": taken(72, 1_240 * MB), "gpu": taken(300, 5_000 * MB) | {"machine": {"gpu": "an X1"}}})
    assert both.endswith("At the larger `gpu` budget it took 5 minutes and 5.0 GB on an X1.")


def test_measurements_of_other_notebooks_and_budgets_are_kept(tmp_path: Path) -> None:
    found = measuring.Measured(1.0, 2.0, 3, (), "2026-11-29", {"cores": 2}, {"torch": "2"})
    for number, budget in (("01", "cpu"), ("01", "smoke"), ("02", "cpu")):
        keep_measured(tmp_path, number, budget, found)
    assert {number: sorted(by) for number, by in read_measured(tmp_path).items()} == {
        "01": ["cpu", "smoke"],
        "02": ["cpu"],
    }


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1}'])
def test_a_damaged_file_of_measurements_is_a_sentence(small_course: Path, text: str) -> None:
    path = measured_path(small_course)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(CourseError, match="run `course doctor --measure` again"):
        build.build(small_course)


def test_an_unbuilt_notebook_is_named(small_course: Path) -> None:
    (topic,) = topics(small_course)
    assert SCRIPT in topic.script.read_text(encoding="utf-8")
    with pytest.raises(CourseError, match="run `course build 01`"):
        measure_topics(small_course, [topic], "smoke")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("doctor", "01"), "course: notebook 01 is for --measure only"),
        (("doctor", "--measure", "77"), "course: notebook '77' is unknown"),
        (("doctor", "--measure", "01", "--budget", "huge"), "course: budget 'huge' is unknown"),
    ],
)
def test_what_cannot_be_measured_is_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    finished = course(*arguments)
    assert finished.returncode == 1
    assert finished.stderr.startswith(said)


def test_what_stands_in_the_course_was_measured_for_its_own_notebooks(root: Path) -> None:
    measured = read_measured(root)
    assert set(measured) <= {topic.number for topic in topics(root)}
    for number, budgets in measured.items():
        assert budgets["cpu"]["processor_seconds"] > 5, number
        assert 100 * MB < budgets["cpu"]["peak_bytes"] < 8_000 * MB, number
