from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.classroom.assignments import COUNTING, counting_notebook, put_assignment
from tests.classroom.stand_in import grade_in_process
from utils.course.classroom.handed_in import handed_in
from utils.course.classroom.place import Classroom
from utils.course.classroom.similarity import similar_pairs
from utils.course.classroom.synthetic import HONEST_KINDS, KINDS, Ingredients, make_class, write_class
from utils.course.errors import CourseError

ANSWERS = {
    "shares": '''"""Answers."""

# %% right: by hand
def shares(languages):
    found = {}
    for language in languages:
        found[language] = found.get(language, 0) + 1 / len(languages)
    return found

# %% wrong: counts | expects: counts
def shares(languages):
    return dict(Counter(languages))
''',
    "middle": '''"""Answers."""

# %% wrong: not sorted | expects: sorted
def middle(numbers):
    return numbers[len(numbers) // 2]
''',
}


@pytest.fixture
def ingredients(tmp_path: Path) -> Ingredients:
    put_assignment(tmp_path, COUNTING, counting_notebook())
    for name, text in ANSWERS.items():
        path = tmp_path / "tests" / "answers" / "01" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    classroom = Classroom.at(tmp_path)
    return Ingredients(
        classroom.specification(COUNTING), classroom.release(COUNTING), tmp_path / "tests" / "answers" / "01"
    )


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(ingredients):
    one, same, other = (list(make_class(ingredients, 12, seed)) for seed in (3, 3, 4))
    assert one == same
    assert one != other


def test_a_larger_class_begins_with_the_smaller_one(ingredients):
    assert list(make_class(ingredients, 5)) == list(make_class(ingredients, 9))[:5]


def test_no_two_submissions_have_the_same_bytes(ingredients):
    made = [
        content for pupil, content in make_class(ingredients, 60) if pupil.detail not in ("empty file", "no notebook")
    ]
    assert len(set(made)) == len(made)


def test_every_kind_is_there(ingredients):
    assert {pupil.kind for pupil, _ in make_class(ingredients, 120)} == {kind for kind, _ in KINDS}
    assert {pupil.kind for pupil, _ in make_class(ingredients, 60, 0, HONEST_KINDS)} == {
        kind for kind, _ in HONEST_KINDS
    }


def test_honest_learners_are_graded_as_the_class_list_says(ingredients, tmp_path):
    classroom = Classroom.at(tmp_path)
    made = write_class(make_class(ingredients, 60), classroom.submitted, COUNTING)
    graded = 0
    found = {one.learner: one for one in handed_in(classroom.submitted, COUNTING)}
    assert set(found) == {pupil.learner for pupil in made}
    for pupil in made:
        if pupil.kind == "hostile":
            continue
        result = grade_in_process(found[pupil.learner].read(), ingredients.assignment)
        cells = result.cells.values()
        for name in pupil.solved:
            assert all(cell.passed for cell in cells if cell.exercise == name), (pupil, name)
            graded += 1
        for name in pupil.failed:
            assert not all(cell.passed for cell in cells if cell.exercise == name), (pupil, name)
            graded += 1
        if pupil.detail in ("empty file", "no notebook"):
            assert result.verdict == "UNREADABLE"
    assert graded > 60


def test_copies_are_found_and_nobody_else(ingredients):
    made = list(make_class(ingredients, 150, 1))
    copied = {(min(p.learner, p.detail), max(p.learner, p.detail)) for p, _ in made if p.kind == "copied"}
    answers = []
    for pupil, content in made:
        if pupil.kind in ("right", "partly right", "copied"):
            cells = json.loads(content)["cells"]
            sources = {
                cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
                for cell in cells
                if cell["metadata"].get("nbgrader", {}).get("solution")
            }
            answers.append((pupil.learner, sources))
    named = {(pair.first, pair.second) for pair in similar_pairs(answers)}
    originals = {one for pair in copied for one in pair}
    assert copied <= named
    assert all(set(pair) <= originals for pair in named), "only copies and what they were copied from"


def test_the_list_of_the_class_lies_beside_it(ingredients, tmp_path):
    write_class(make_class(ingredients, 3), tmp_path / "submitted", COUNTING)
    listed = json.loads((tmp_path / "submitted" / "class.json").read_text())[COUNTING]
    assert [one["learner"] for one in listed] == ["learner-0001", "learner-0002", "learner-0003"]


def test_a_folder_of_real_submissions_is_never_written_into(ingredients, tmp_path):
    (tmp_path / "submitted" / "ada").mkdir(parents=True)
    with pytest.raises(CourseError, match="no synthetic class"):
        write_class(make_class(ingredients, 1), tmp_path / "submitted", COUNTING)
    assert list((tmp_path / "submitted").iterdir()) == [tmp_path / "submitted" / "ada"]


def test_a_class_of_nobody_is_refused(ingredients):
    with pytest.raises(CourseError, match="--learners must be at least 1"):
        next(make_class(ingredients, 0))
