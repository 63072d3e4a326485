from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from tests.classroom.assignments import COUNTING, put_submission
from utils.course.classroom.handed_in import HandedIn, handed_in
from utils.course.errors import CourseError


def put(root: Path, name: str, content: bytes = b"{}") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def found_in(path: Path) -> dict[str, HandedIn]:
    return {one.learner: one for one in handed_in(path, COUNTING)}


def test_nbgraders_folder_gives_learners_and_times(tmp_path):
    put_submission(tmp_path, "ada", COUNTING, b"one", "2026-01-12 10:00:00 UTC")
    put_submission(tmp_path, "bob", COUNTING, b"two")
    put_submission(tmp_path, "bob", "02_vectors", b"other assignment")
    put_submission(tmp_path, "cyd", "02_vectors", b"only the other one")
    found = found_in(tmp_path / "submitted")
    assert list(found) == ["ada", "bob"]
    assert found["ada"].submitted_at == "2026-01-12 10:00:00 UTC"
    assert found["bob"].submitted_at is None
    assert found["bob"].read().content == b"two"


def test_a_folder_of_one_learner_is_not_taken_for_a_wrapping(tmp_path):
    put_submission(tmp_path, "ada", COUNTING, b"one")
    assert list(found_in(tmp_path / "submitted")) == ["ada"]


def test_nbgraders_exchange_counts_the_newest_of_several(tmp_path):
    put(tmp_path, f"ada+{COUNTING}+2026-01-12 10:00:00 UTC/{COUNTING}.ipynb", b"first")
    put(tmp_path, f"ada+{COUNTING}+2026-01-13 09:00:00 UTC/{COUNTING}.ipynb", b"second")
    put(tmp_path, f"bob+02_vectors+2026-01-13 09:00:00 UTC/{COUNTING}.ipynb", b"other")
    found = found_in(tmp_path)
    assert list(found) == ["ada"]
    assert found["ada"].read().content == b"second"
    assert found["ada"].submitted_at == "2026-01-13 09:00:00 UTC"


def test_moodles_folders_give_names_with_numbers(tmp_path):
    put(tmp_path, f"Ada Lovelace_4711_assignsubmission_file_/{COUNTING}.ipynb", b"one")
    put(tmp_path, "Bob B_12_assignsubmission_file/timestamp.txt", b"1999-01-01 00:00:00 UTC")
    put(tmp_path, f"Bob B_12_assignsubmission_file/{COUNTING} (1).ipynb", b"two")
    found = found_in(tmp_path)
    assert list(found) == ["Ada_Lovelace_4711", "Bob_B_12"]
    assert found["Bob_B_12"].submitted_at is None, "a time stamp in an upload is the learner's own"


def test_canvas_files_give_names_with_numbers_and_the_last_attempt(tmp_path):
    put(tmp_path, f"lovelaceada_4711_99_{COUNTING}.ipynb", b"one")
    put(tmp_path, f"bobbob_LATE_12_100_{COUNTING}-1.ipynb", b"two")
    assert list(found_in(tmp_path)) == ["bobbob_12", "lovelaceada_4711"]


def test_a_flat_folder_names_learners_by_their_files(tmp_path):
    put(tmp_path, "ada.ipynb")
    put(tmp_path, "bob.zip")
    put(tmp_path, "readme.txt")
    put(tmp_path, "class.json")
    assert list(found_in(tmp_path)) == ["ada", "bob"]


@pytest.mark.parametrize("wrapping", ["", "export of the course/"])
def test_a_zip_is_read_like_a_folder_without_unpacking_it(tmp_path, wrapping: str):
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{wrapping}Ada L_1_assignsubmission_file_/{COUNTING}.ipynb", "one")
        archive.writestr(f"{wrapping}Bob_2_assignsubmission_file_/{COUNTING}.ipynb", "two")
        archive.writestr("../../escaped.ipynb", "no")
        archive.writestr("__MACOSX/._x.ipynb", "no")
    found = found_in(packed)
    assert {learner: one.read().content for learner, one in found.items()} == {"Ada_L_1": b"one", "Bob_2": b"two"}
    assert os.listdir(tmp_path) == ["export.zip"]


def test_the_notebook_of_the_assignments_name_is_taken_among_several_files(tmp_path):
    put(tmp_path, f"ada/{COUNTING}/notes.ipynb", b"notes")
    put(tmp_path, f"ada/{COUNTING}/{COUNTING} (2).ipynb", b"right")
    put(tmp_path, f"ada/{COUNTING}/numpy.py", b"evil")
    assert found_in(tmp_path)["ada"].read().content == b"right"


def test_a_submission_without_a_notebook_is_still_one(tmp_path):
    put(tmp_path, f"ada/{COUNTING}/answers.pdf", b"%PDF")
    assert found_in(tmp_path)["ada"].read().filename == "answers.pdf"


@pytest.mark.parametrize("stamp", ["tomorrow-ish", "2126-01-01 00:00:00 UTC"])
def test_a_time_that_cannot_be_is_not_used_and_named(tmp_path, stamp: str):
    put_submission(tmp_path, "ada", COUNTING, b"one", stamp)
    found = found_in(tmp_path / "submitted")["ada"]
    assert found.submitted_at is None
    assert "was not used" in found.remark


def test_a_link_is_listed_and_not_followed(tmp_path):
    secret = put(tmp_path, "secret.ipynb", b"secret")
    (tmp_path / "class" / "eve" / COUNTING).mkdir(parents=True)
    (tmp_path / "class" / "eve" / COUNTING / f"{COUNTING}.ipynb").symlink_to(secret)
    found = found_in(tmp_path / "class")
    with pytest.raises(ValueError, match="not a plain file"):
        found["eve"].read()


@pytest.mark.parametrize(
    ("name", "said"), [("nowhere", "does not exist"), ("empty", "holds no submission"), ("no.zip", "is no zip")]
)
def test_a_path_without_submissions_is_one_sentence(tmp_path, name: str, said: str):
    (tmp_path / "empty").mkdir()
    put(tmp_path, "no.zip", b"not a zip")
    with pytest.raises(CourseError, match=said):
        handed_in(tmp_path / name, COUNTING)
