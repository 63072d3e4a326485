from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from tests.classroom.assignments import COUNTING, put_submission
from utils.course.classroom.handed_in import HandedIn, handed_in, read_class
from utils.course.classroom.rosters import read_roster
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
    assert list(found) == ["Ada Lovelace", "Bob B"]
    assert found["Bob B"].submitted_at is None, "a time stamp in an upload is the learner's own"


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
    assert {learner: one.read().content for learner, one in found.items()} == {"Ada L": b"one", "Bob": b"two"}
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


def test_names_that_look_like_copies_are_learners_of_their_own(tmp_path):
    names = ["user_1", "user_2", "user", "team-3", "u-100", "Ada", "ada", "bob (1)", "eve copy"]
    for name in names:
        put(tmp_path, f"{name}.ipynb", name.encode())
    found = found_in(tmp_path)
    assert sorted(found) == sorted(names)
    assert all(one.read().content == name.encode() for name, one in found.items())


def test_folders_names_are_not_changed_either(tmp_path):
    names = ["user_1", "user_2", "Ünal Öz", "O'Neil, Pat", "a@x.example", "team+red"]
    for name in names:
        put(tmp_path, f"{name}/{COUNTING}/{COUNTING}.ipynb", name.encode())
        put(tmp_path, f"other/{name}/{COUNTING}.ipynb")
    assert set(names) <= set(found_in(tmp_path))


def test_a_learner_with_a_plus_is_read_from_the_exchange(tmp_path):
    put(tmp_path, f"ada+red+{COUNTING}+2026-01-12 10:00:00 UTC+abc12/{COUNTING}.ipynb", b"one")
    assert list(found_in(tmp_path)) == ["ada+red"]


def test_every_file_that_is_left_out_is_named(tmp_path):
    put(tmp_path, "ada.ipynb")
    put(tmp_path, "readme.txt")
    put(tmp_path, "a/b/c/d/e/f/g/h/deep.ipynb")
    left = read_class(tmp_path, COUNTING).left_out
    assert [sentence.split(":")[0] for sentence in sorted(left)] == ["a/b/c/d/e/f/g", "readme.txt"]


def test_a_name_in_a_zip_that_leads_out_of_it_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("ada.ipynb", "one")
        archive.writestr("../../escaped.ipynb", "no")
    assert "escaped.ipynb" in read_class(tmp_path / "class.zip", COUNTING).left_out[0]


def test_the_files_that_do_not_count_are_named(tmp_path):
    put(tmp_path, f"ada/{COUNTING}/notes.ipynb")
    put(tmp_path, f"ada/{COUNTING}/{COUNTING}.ipynb")
    assert "'notes.ipynb'" in found_in(tmp_path)["ada"].remark


def test_a_time_in_a_folder_of_the_learners_own_does_not_count(tmp_path):
    put(tmp_path, f"ada/{COUNTING}/mine/{COUNTING}.ipynb")
    put(tmp_path, f"ada/{COUNTING}/mine/timestamp.txt", b"2001-01-01 00:00:00 UTC")
    put(tmp_path, f"ada/{COUNTING}/timestamp.txt", b"2026-01-12 10:00:00 UTC")
    assert found_in(tmp_path)["ada"].submitted_at == "2026-01-12 10:00:00 UTC"


def test_canvas_downloads_of_late_group_and_anonymous_work(tmp_path):
    put(tmp_path, f"lovelaceada_LATE_4711_99_{COUNTING}.ipynb", b"late")
    put(tmp_path, f"lovelaceada_LATE_4711_103_{COUNTING}-2.ipynb", b"third try")
    put(tmp_path, f"lovelaceada_LATE_4711_102_{COUNTING}-1.ipynb", b"second try")
    put(tmp_path, f"team_red_12_100_{COUNTING}.ipynb", b"group")
    put(tmp_path, f"anon_x9Y2q_101_{COUNTING}.ipynb", b"no name")
    put(tmp_path, "readme.txt")
    found = read_class(tmp_path, COUNTING)
    assert [one.learner for one in found.submissions] == ["anon_x9Y2q", "lovelaceada_4711", "team_red_12"]
    late = found.submissions[1]
    assert late.read().content == b"third try"
    assert "late" in late.remark
    assert late.student == {"lms_user_id": "4711"}
    assert found.left_out == ["readme.txt: is not named as Canvas names submissions"]


WORKSHEET = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Last modified (grade)\n"
    "Participant 11,Ada Lovelace,s1,ada@x.example,Submitted,,6.00,-\n"
    "Participant 12,Ada Lovelace,s2,ada2@x.example,Submitted,,6.00,-\n"
    "Participant 13,Eve Absent,s3,eve@x.example,No submission,,6.00,-\n"
)


@pytest.mark.parametrize(
    "form", ["{}_assignsubmission_file/{}", "{}_assignsubmission_file_/{}", "{}_assignsubmission_file_{}"]
)
def test_moodles_worksheet_says_who_the_numbers_are(tmp_path, form: str):
    root, roster = tmp_path / "download", tmp_path / "worksheet.csv"
    put(root, form.format("Ada Lovelace_11", f"{COUNTING}.ipynb"), b"one")
    put(root, form.format("Ada Lovelace_11", "notes.txt"), b"other file")
    put(root, form.format("Ada Lovelace_12", f"{COUNTING}.ipynb"), b"two")
    put(root, form.format("Bob_14", f"{COUNTING}.ipynb"), b"three")
    roster.write_text(WORKSHEET.replace(",", ";"), encoding="utf-8-sig")
    found = read_class(root, COUNTING, roster=read_roster(roster))
    told = {one.learner: one for one in found.submissions}
    assert {learner: one.read().content for learner, one in told.items()} == {
        "ada@x.example": b"one",
        "ada2@x.example": b"two",
        "Bob_14": b"three",
    }
    assert told["ada@x.example"].student == {
        "last_name": "Ada Lovelace",
        "email": "ada@x.example",
        "lms_user_id": "s1",
    }
    assert "14 is not in the roster" in told["Bob_14"].remark
    assert found.left_out == ["Eve Absent: has handed in nothing"]


def test_without_a_worksheet_learners_of_one_name_stay_two(tmp_path):
    put(tmp_path, f"Ada Lovelace_11_assignsubmission_file/{COUNTING}.ipynb", b"one")
    put(tmp_path, f"Ada Lovelace_12_assignsubmission_file/{COUNTING}.ipynb", b"two")
    put(tmp_path, f"Bob_13_assignsubmission_file/{COUNTING}.ipynb", b"three")
    found = found_in(tmp_path)
    assert list(found) == ["Ada Lovelace_11", "Ada Lovelace_12", "Bob"]
    assert "--roster" in found["Ada Lovelace_11"].remark
