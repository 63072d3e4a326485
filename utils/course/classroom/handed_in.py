"""What a class has handed in: the newest submission of each learner, listed at once and read one by one.

Understood are nbgrader's submitted folder (LEARNER/ASSIGNMENT/FILE) and its exchange (LEARNER+ASSIGNMENT+TIME/FILE), a
folder per learner (Moodle's "NAME_NUMBER_assignsubmission_file"), a file per learner (Canvas's
"name_NUMBER_NUMBER_FILE"), and a zip of any of these, which is read without unpacking it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

from utils.course.errors import CourseError
from utils.course.grading import Limits, Submission
from utils.course.grading.archives import safe_name
from utils.course.grading.collection import learner_id
from utils.course.grading.intake import plain_stem

TIMESTAMP = "timestamp.txt"
_DEEPEST = 6
_CANVAS = re.compile(r"^(?P<learner>[^_]+)_(?:LATE_)?(?P<number>\d+)_\d+_(?P<file>.+)$")
_MOODLE = re.compile(r"^(?P<learner>.+_\d+)_assignsubmission_(?:file|onlinetext)_?$")
_EXCHANGE = re.compile(r"^(?P<learner>[^+]+)\+(?P<assignment>[^+]+)\+(?P<time>[^+]+)(?:\+.*)?$")
_ASSIGNMENT = re.compile(r"^\d\d_[a-z_]+$")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True)
class HandedIn:
    """A learner's newest submission.

    Attributes:
        learner: their id.
        submitted_at: when it came, as the collecting side says, in UTC, or None where nobody says.
        read: reads the bytes when they are needed.
        remark: what was odd about the way it was handed in, for staff.
    """

    learner: str
    submitted_at: str | None
    read: Callable[[], Submission] = field(repr=False)
    remark: str = ""


@dataclass(frozen=True)
class _File:
    """A file that was handed in, wherever it lies."""

    parts: tuple[str, ...]
    changed: float
    read: Callable[[], bytes] = field(repr=False)

    @property
    def name(self) -> str:
        return self.parts[-1]


@dataclass(frozen=True)
class _Candidate:
    """A file with the learner and the time that its place says."""

    learner: str
    time: str
    name: str
    file: _File


def handed_in(path: Path, assignment: str, limits: Limits | None = None) -> list[HandedIn]:
    """List the submissions of a folder or a zip, ordered by learner.

    Args:
        path: of the folder or the zip.
        assignment: whose submissions; those of other assignments in nbgrader's folders are passed over.
        limits: how much of a file is read.

    Raises:
        CourseError: the path does not exist, is no zip, or holds nothing that was handed in.
    """
    limits = limits or Limits()
    if path.is_dir():
        files = _unwrapped(list(_folder_files(path, limits)), assignment)
    elif path.is_file():
        files = _unwrapped(list(_zip_files(path, limits)), assignment)
    else:
        raise CourseError(f"{path} does not exist: give the folder or the zip that holds the submissions")
    stamps = {file.parts[:-1]: file for file in files if file.name == TIMESTAMP}
    by_learner: dict[str, list[_Candidate]] = {}
    for file in files:
        candidate = _candidate(file, assignment)
        if candidate is not None:
            by_learner.setdefault(candidate.learner, []).append(candidate)
    if not by_learner:
        raise CourseError(f"{path} holds no submission of {assignment}")
    return [_newest(by_learner[learner], assignment, stamps) for learner in sorted(by_learner)]


def _folder_files(root: Path, limits: Limits) -> Iterator[_File]:
    """Yield the files below a folder; links, pipes and devices too, which say what they are when they are read."""
    stack = [(root, 0)]
    while stack:
        folder, depth = stack.pop()
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.name == "__MACOSX":
                continue
            if path.is_dir() and not path.is_symlink():
                if depth < _DEEPEST:
                    stack.append((path, depth + 1))
                continue
            parts = path.relative_to(root).parts
            yield _File(parts, path.lstat().st_mtime, partial(_read_file, path, limits))


def _zip_files(path: Path, limits: Limits) -> Iterator[_File]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise CourseError(f"{path} is no zip that can be read: {error}") from None
    for member in members:
        name = safe_name(member.filename)
        if member.is_dir() or name is None:
            continue
        parts = PurePosixPath(name).parts
        if any(part.startswith(".") or part == "__MACOSX" for part in parts):
            continue
        changed = datetime(*_sane(member.date_time), tzinfo=UTC).timestamp()
        yield _File(parts, changed, partial(_read_member, path, member, limits))


def _sane(moment: tuple[int, ...]) -> tuple[int, int, int, int, int, int]:
    year, month, day, hour, minute, second = moment
    return year, min(12, max(1, month)), min(28, max(1, day)), min(23, hour), min(59, minute), min(59, second)


def _read_file(path: Path, limits: Limits) -> bytes:
    return Submission.from_path(path, limits).content


def _read_member(path: Path, member: zipfile.ZipInfo, limits: Limits) -> bytes:
    with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        return stream.read(limits.submission_file + 1)


def _unwrapped(files: list[_File], assignment: str) -> list[_File]:
    """Drop folders that only wrap the class: "export/LEARNER/..." where everything lies in export/."""
    while files and all(len(file.parts) > 2 for file in files) and len({file.parts[0] for file in files}) == 1:
        below = {file.parts[1] for file in files}
        if assignment in below or any(_ASSIGNMENT.match(name) for name in below):
            break
        if len(below) == 1 and not any(len(file.parts) > 3 for file in files):
            break
        files = [_File(file.parts[1:], file.changed, file.read) for file in files]
    return files


def _candidate(file: _File, assignment: str) -> _Candidate | None:
    """Read a file's place as learner, time and name; None for what is no submission of this assignment."""
    if file.name == TIMESTAMP:
        return None
    if len(file.parts) == 1:
        if found := _CANVAS.match(file.name):
            return _Candidate(learner_id(f"{found['learner']}_{found['number']}"), "", found["file"], file)
        if not _is_submission(file.name):
            return None
        return _Candidate(learner_id(plain_stem(file.name)), "", f"{assignment}.ipynb", file)
    place = file.parts[0]
    if found := _EXCHANGE.match(place):
        if found["assignment"] != assignment:
            return None
        return _Candidate(found["learner"], found["time"], file.name, file)
    if found := _MOODLE.match(place):
        return _Candidate(learner_id(found["learner"]), "", file.name, file)
    if len(file.parts) > 2 and file.parts[1] != assignment and _ASSIGNMENT.match(file.parts[1]):
        return None
    # In nbgrader's folders the name is the learner's id in the gradebook, and stays as it is.
    return _Candidate(place if file.parts[1] == assignment else learner_id(place), "", file.name, file)


def _is_submission(name: str) -> bool:
    return name.lower().endswith((".ipynb", *_ARCHIVES))


def _newest(candidates: Iterable[_Candidate], assignment: str, stamps: dict[tuple[str, ...], _File]) -> HandedIn:
    """Choose among a learner's files: a notebook of the assignment's name, then any notebook, then the newest."""

    def rank(one: _Candidate) -> tuple[str, int, float, str]:
        named = 2 * (plain_stem(one.name) == assignment.lower()) + _is_submission(one.name)
        return (one.time, named, one.file.changed, one.name)

    chosen = max(candidates, key=rank)
    time, remark = chosen.time, ""
    # Only nbgrader's collecting side writes this file, and only there; in an upload it would be the learner's own.
    stamp = stamps.get(chosen.file.parts[:-1]) if assignment in chosen.file.parts[1:-1] or chosen.time else None
    if stamp is not None:
        time = stamp.read()[:100].decode("utf-8", "replace").strip()
    when, remark = _checked_time(time)
    return HandedIn(chosen.learner, when, lambda: Submission(chosen.file.read(), chosen.file.name), remark)


def _checked_time(text: str) -> tuple[str | None, str]:
    """Return a time as nbgrader reads it, or None and why it does not count."""
    if not text:
        return None, ""
    try:
        moment = parse_utc(text)
    except (ValueError, OverflowError, TypeError):
        return None, f"the time of submission {text[:40]!r} is none, and was not used"
    if moment > datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1):
        return None, f"the time of submission {text[:40]!r} lies in the future, and was not used"
    return f"{moment.isoformat(sep=' ', timespec='seconds')} UTC", ""
