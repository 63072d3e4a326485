"""What a class has handed in: the newest submission of each learner, listed at once and read one by one.

Understood are nbgrader's submitted folder (LEARNER/ASSIGNMENT/FILE) and its exchange (LEARNER+ASSIGNMENT+TIME/FILE),
the downloads of Moodle and Canvas (see `platforms`), a folder or a file per learner, and a zip of any of these, which
is read without unpacking it. Who somebody is stands in the place's own fields, and is taken as it stands there.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

from utils.course.classroom.platforms import PlatformName, canvas_file, moodle_place
from utils.course.classroom.rosters import Roster, moodle_learner, participant
from utils.course.errors import CourseError
from utils.course.grading import Limits, Submission
from utils.course.grading.archives import safe_name
from utils.course.grading.intake import plain_stem

TIMESTAMP = "timestamp.txt"
SUBMISSION_SECRET = "submission_secret.txt"
_COLLECTORS_FILES = frozenset({TIMESTAMP, SUBMISSION_SECRET, "user_info.json"})
_DEEPEST = 6
_ASSIGNMENT = re.compile(r"^\d\d_[a-z_]+$")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")

SYNTHETIC_MANIFEST = "class.json"
"""What a synthetic class is made of, beside its submissions."""


@dataclass(frozen=True)
class HandedIn:
    """A learner's newest submission.

    Attributes:
        learner: their id.
        submitted_at: when it came, as the collecting side says, in UTC, or None where nobody says.
        read: reads the bytes when they are needed.
        remark: what was odd about the way it was handed in, for staff.
        student: what the platform says about the learner, by the names of nbgrader's columns.
        secret: what nbgrader's exchange hands feedback out by; empty elsewhere.
    """

    learner: str
    submitted_at: str | None
    read: Callable[[], Submission] = field(repr=False)
    remark: str = ""
    student: Mapping[str, str] = field(default_factory=dict)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class HandedInClass:
    """What a class has handed in.

    Attributes:
        submissions: one a learner, ordered by id.
        left_out: a sentence for each file or learner that is not among them.
    """

    submissions: list[HandedIn]
    left_out: list[str]


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
    platform: PlatformName | None = None
    by_nbgrader: bool = False


def handed_in(path: Path, assignment: str, limits: Limits | None = None) -> list[HandedIn]:
    """List the submissions of a folder or a zip, ordered by learner; `read_class` also says what is left out."""
    return read_class(path, assignment, limits).submissions


def read_class(
    path: Path, assignment: str, limits: Limits | None = None, roster: Roster | None = None
) -> HandedInClass:
    """Find what a class has handed in.

    Args:
        path: of the folder or the zip.
        assignment: whose submissions; those of other assignments in nbgrader's folders are passed over.
        limits: how much of a file is read.
        roster: Moodle's grading worksheet of the assignment, or Canvas's gradebook: says who the numbers are.

    Raises:
        CourseError: the path does not exist, is no zip, or holds nothing that was handed in, or the roster contradicts
            itself.
    """
    limits = limits or Limits()
    left_out: list[str] = []
    if path.is_dir():
        files = _unwrapped(list(_folder_files(path, limits, left_out)), assignment)
    elif path.is_file():
        files = _unwrapped(list(_zip_files(path, limits, left_out)), assignment)
    else:
        raise CourseError(f"{path} does not exist: give the folder or the zip that holds the submissions")
    beside = {file.parts: file for file in files if file.name in _COLLECTORS_FILES}
    flat = [file for file in files if len(file.parts) == 1]
    canvas = _is_canvas(flat)
    found: list[_Candidate] = []
    for file in files:
        candidate = _candidate(file, assignment, canvas)
        if isinstance(candidate, str):
            left_out.append(f"{'/'.join(file.parts)}: {candidate}")
        elif candidate is not None:
            found.append(candidate)
    remarks: dict[str, str] = {}
    found = _told_apart(found, roster, remarks)
    by_learner: dict[str, list[_Candidate]] = {}
    for candidate in found:
        by_learner.setdefault(candidate.learner, []).append(candidate)
    if not by_learner:
        raise CourseError(f"{path} holds no submission of {assignment}")
    submissions = []
    for learner in sorted(by_learner):
        one = _newest(by_learner[learner], assignment, beside)
        student = _student(by_learner[learner], roster)
        remark = "; ".join(part for part in (one.remark, remarks.get(learner, "")) if part)
        submissions.append(replace(one, remark=remark, student=student))
    if roster is not None:
        left_out += _absent(submissions, found, roster)
    return HandedInClass(submissions, left_out)


def _folder_files(root: Path, limits: Limits, left_out: list[str]) -> Iterator[_File]:
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
                else:
                    left_out.append(f"{path.relative_to(root)}: lies deeper than {_DEEPEST} folders")
                continue
            parts = path.relative_to(root).parts
            yield _File(parts, path.lstat().st_mtime, partial(_read_file, path, limits))


def _zip_files(path: Path, limits: Limits, left_out: list[str]) -> Iterator[_File]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise CourseError(f"{path} is no zip that can be read: {error}") from None
    for member in members:
        name = safe_name(member.filename)
        if member.is_dir():
            continue
        if name is None:
            left_out.append(f"{member.filename[:200]!r}: is no name that a file may have")
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


def _is_canvas(flat: list[_File]) -> bool:
    """Return whether files that lie side by side are named by Canvas: all notebooks and archives among them are."""
    likely = [file for file in flat if _is_submission(file.name)]
    return bool(likely) and all(canvas_file(file.name) or moodle_place(file.name) for file in likely)


def _candidate(file: _File, assignment: str, canvas: bool) -> _Candidate | str | None:
    """Read a file's place as learner, time and name.

    Returns:
        Why it is left out, where it is no submission; None where that is no surprise: another assignment's, or what
        nbgrader's collector writes beside a submission.
    """
    place, name = file.parts[0], file.name
    if len(file.parts) == 1:
        if found := moodle_place(name):
            return _of_moodle(found, found.file or name, file)
        if canvas:
            written = canvas_file(name)
            if written is None:
                return "is not named as Canvas names submissions"
            return _Candidate(f"{written.name}_{written.number}", "", written.file, file, written)
        if name == SYNTHETIC_MANIFEST:
            return None
        if not _is_submission(name):
            return "is neither a notebook nor an archive"
        return _Candidate(_stem(name), "", f"{assignment}.ipynb", file)
    if found := moodle_place(place):
        return _of_moodle(found, name, file)
    learner, *rest = place.rsplit(f"+{assignment}+", 1)
    in_exchange = bool(rest) or re.match(r"^[^+]+\+[^+]+\+\d", place)
    inside = file.parts[1] == assignment or bool(rest)
    if name in _COLLECTORS_FILES and inside:
        return None
    if in_exchange:
        return _Candidate(learner, rest[0].split("+")[0], name, file, by_nbgrader=True) if rest else None
    if len(file.parts) > 2 and file.parts[1] != assignment and _ASSIGNMENT.match(file.parts[1]):
        return None
    return _Candidate(place, "", name, file, by_nbgrader=file.parts[1] == assignment)


def _of_moodle(found: PlatformName, name: str, file: _File) -> _Candidate | str:
    if name == TIMESTAMP:
        return "is a time that was handed in, and does not count"
    return _Candidate(found.name, "", name, file, found)


def _stem(name: str) -> str:
    """Return a file's name without its ending, as it is."""
    ending = next(
        (one for one in sorted((".ipynb", *_ARCHIVES), key=len, reverse=True) if name.lower().endswith(one)), ""
    )
    return name[: len(name) - len(ending)]


def _is_submission(name: str) -> bool:
    return name.lower().endswith((".ipynb", *_ARCHIVES))


def _told_apart(found: list[_Candidate], roster: Roster | None, remarks: dict[str, str]) -> list[_Candidate]:
    """Give Moodle's learners the ids of the worksheet, or names that are different for different learners."""
    moodle = [one for one in found if one.platform is not None and one.platform.platform == "moodle"]
    if not moodle:
        return found
    known: dict[str, str] = {}
    if roster is not None and roster.platform == "moodle":
        for row in roster.people():
            learner = moodle_learner(roster, row)
            if learner in known.values():
                raise CourseError(f"roster {roster.path} has two lines for {learner!r}")
            known[participant(roster.cell(row, "Identifier"))] = learner
    numbers: dict[str, set[str]] = {}
    for one in moodle:
        if one.platform is not None:
            numbers.setdefault(one.platform.name, set()).add(one.platform.number)
    told = []
    for one in found:
        if one.platform is not None and one.platform.platform == "moodle":
            number, learner = one.platform.number, one.learner
            if number in known:
                learner = known[number]
            elif known:
                learner = f"{learner}_{number}"
                remarks[learner] = f"participant {number} is not in the roster"
            elif len(numbers[one.platform.name]) > 1:
                learner = f"{learner}_{number}"
                remarks[learner] = "several learners have this name: give Moodle's grading worksheet as --roster"
            one = replace(one, learner=learner)
        told.append(one)
    return told


def _student(candidates: list[_Candidate], roster: Roster | None) -> dict[str, str]:
    """Return what a platform says about a learner."""
    platform = candidates[0].platform
    if platform is None:
        return {}
    details = {"lms_user_id": platform.number} if platform.platform == "canvas" and platform.number.isdigit() else {}
    if roster is None or roster.platform != platform.platform:
        return details
    for row in roster.people():
        if platform.platform == "canvas" and roster.cell(row, "ID") == platform.number:
            last, _, first = roster.name(row).partition(",")
            details |= {"last_name": last.strip(), "first_name": first.strip()}
        elif platform.platform == "moodle" and participant(roster.cell(row, "Identifier")) == platform.number:
            details |= {"last_name": roster.cell(row, "Full name"), "email": roster.cell(row, "Email address")}
            details["lms_user_id"] = roster.cell(row, "ID number")
    return {key: value for key, value in details.items() if value}


def _absent(submissions: list[HandedIn], found: list[_Candidate], roster: Roster) -> list[str]:
    """Name the learners of a roster that have handed in nothing."""
    numbers = {one.platform.number for one in found if one.platform is not None}
    learners = {one.learner for one in submissions}
    absent = []
    for row in roster.people():
        own = participant(roster.cell(row, "Identifier")) if roster.platform == "moodle" else roster.cell(row, "ID")
        logins = {roster.cell(row, "SIS Login ID"), roster.cell(row, "SIS User ID"), roster.cell(row, "Email address")}
        if own not in numbers and not logins & learners:
            absent.append(f"{roster.name(row)}: has handed in nothing")
    return absent


def _newest(candidates: list[_Candidate], assignment: str, beside: dict[tuple[str, ...], _File]) -> HandedIn:
    """Choose among a learner's files: the newest time, the assignment's name, any notebook, the newest."""

    def rank(one: _Candidate) -> tuple[str, int, int, float, str]:
        named = 2 * (plain_stem(one.name) == assignment.lower()) + _is_submission(one.name)
        return (one.time, named, one.platform.attempt if one.platform else 0, one.file.changed, one.name)

    chosen = max(candidates, key=rank)
    remarks = []
    others = sorted(one.file.name for one in candidates if one is not chosen and _is_submission(one.name))
    if others and not chosen.time:
        remarks.append(f"of {len(others) + 1} files {chosen.file.name!r} counts, not {', '.join(map(repr, others))}")
    if chosen.platform is not None and chosen.platform.late:
        remarks.append("Canvas marks it as late, without a time: no late penalty is taken off")
    # Only nbgrader's collecting side writes these files, and only there; in an upload they would be the learner's own.
    folder = chosen.file.parts[: 1 if chosen.time else 2]
    time, secret = chosen.time, ""
    if chosen.by_nbgrader:
        if stamp := beside.get((*folder, TIMESTAMP)):
            time = _line(stamp)
        if written := beside.get((*folder, SUBMISSION_SECRET)):
            secret = _line(written)
    when, odd = _checked_time(time)
    remark = "; ".join([odd] * bool(odd) + remarks)

    def read() -> Submission:
        return Submission(chosen.file.read(), chosen.file.name)

    return HandedIn(chosen.learner, when, read, remark, secret=secret)


def _line(file: _File) -> str:
    """Return what a small text file holds; nothing where it cannot be read (a link, say)."""
    try:
        return file.read()[:256].decode("utf-8", "replace").strip()
    except (OSError, ValueError):
        return ""


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
