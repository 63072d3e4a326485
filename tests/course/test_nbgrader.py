"""An instructor's way with nbgrader's own commands: generate, autograde, feedback, export, in the course's folder."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from utils.course.build import clean_copy
from utils.course.notebooks import Notebook, Topic, read_notebook, topics

TOPIC_NUMBER = "01"


@pytest.fixture(scope="module")
def topic(root: Path) -> Topic:
    return next(topic for topic in topics(root) if topic.number == TOPIC_NUMBER)


def nbgrader(folder: Path, *arguments: str) -> str:
    """Run one of nbgrader's commands in the course's folder, without an activated environment."""
    finished = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "COURSE_BUDGET": "smoke"},
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    return finished.stderr


def submit(folder: Path, topic: Topic, learner: str, source: Notebook, answered: set[str]) -> None:
    """Write a submission: the released notebook with the given exercises answered as in the source."""
    node = nbformat.read(folder / "notebooks" / topic.name / topic.release.name, as_version=4)
    answers = {exercise.name: exercise.solution.source for exercise in source.exercises}
    for cell in node.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in answered:
            cell.source = answers[grade_id]
    place = folder / "submitted" / learner / topic.name
    place.mkdir(parents=True)
    nbformat.write(node, place / topic.release.name)


def test_three_submissions_get_their_scores_feedback_and_a_line_in_the_export(
    root: Path, topic: Topic, tmp_path: Path
) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    clean_copy(root, folder)
    source = read_notebook(topic.source)
    exercises = source.exercises
    released = (folder / "notebooks" / topic.name / topic.release.name).read_bytes()

    nbgrader(folder, "generate_assignment", topic.name)
    assert (folder / "notebooks" / topic.name / topic.release.name).read_bytes() == released

    some = {exercise.name for exercise in exercises[::2]}
    submit(folder, topic, "empty", source, set())
    submit(folder, topic, "partly", source, some)
    submit(folder, topic, "complete", source, {exercise.name for exercise in exercises})
    nbgrader(folder, "autograde", topic.name)
    nbgrader(folder, "generate_feedback", topic.name)
    nbgrader(folder, "export")

    hidden = exercises[0].graded[0].source.split("### BEGIN HIDDEN TESTS")[1]
    hidden_line = next(line.strip() for line in hidden.splitlines() if "case_rng(" in line)
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["student_id"]: row for row in csv.DictReader(stream)}
    total = sum(exercise.points for exercise in exercises)
    expected = {
        "empty": 0.0,
        "partly": sum(exercise.points for exercise in exercises if exercise.name in some),
        "complete": total,
    }
    assert {learner: float(row["score"]) for learner, row in rows.items()} == expected
    assert {float(row["max_score"]) for row in rows.values()} == {total}
    for learner in expected:
        page = folder / "feedback" / learner / topic.name / f"{topic.name}.html"
        text = page.read_text(encoding="utf-8")
        assert "HIDDEN TESTS" not in text
        assert hidden_line not in text
        assert ("Not answered yet" in text) == (learner != "complete")
