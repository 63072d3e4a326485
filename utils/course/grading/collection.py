"""Who handed in what: nbgrader's submitted folder, a learning platform's export, or a plain folder of notebooks."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from utils.course.grading.archives import safe_name
from utils.course.grading.intake import Submission, plain_stem
from utils.course.grading.limits import Limits

_HANDED_IN = (".ipynb", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".json")
_MOODLE = re.compile(r"^(?P<learner>.+?)_(?P<number>\d+)_assignsubmission_file_?$")
_CANVAS = re.compile(r"^(?P<learner>[^_]+?)(?:_LATE)?_(?P<user>\d+)_(?P<file>\d+)_(?P<name>.+)$", re.IGNORECASE)
_ATTEMPT = re.compile(r"-(\d+)$")
_LARGEST_EXPORT_MEMBERS = 200_000


@dataclass(frozen=True)
class Collected:
    """One learner's submission.

    Attributes:
        learner: an id that is safe as a folder name.
        submission: what was handed in.
        timestamp: nbgrader's time stamp as written by its collector, empty where there is none.
        note: what was chosen among several files, empty where there was one.
    """

    learner: str
    submission: Submission
    timestamp: str = ""
    note: str = ""


def learner_id(name: str) -> str:
    """Return a name as an id that is safe in a path and a page: letters, digits, `.`, `-`, `_`."""
    text = unicodedata.normalize("NFKC", name).strip()
    text = "".join(c if c.isalnum() or c in ".-_" else "_" for c in text).strip("._")
    return text[:80] or "unknown"


def collect(path: str | Path, assignment: str, limits: Limits | None = None) -> list[Collected]:
    """Find everybody's submission, ordered by learner.

    Args:
        path: nbgrader's submitted folder (LEARNER/ASSIGNMENT/notebook), a folder or zip of a platform's export
            (Moodle: a folder per learner; Canvas: `learner_user_file_name.ipynb`), a folder of `LEARNER.ipynb`, or
            one notebook.
        assignment: name of the assignment.
        limits: how much of a file is read.

    Raises:
        ValueError: the path does not exist, or holds nothing that could be a submission.
    """
    path, limits = Path(path), limits or Limits()
    if path.is_dir():
        found = _of_folder(path, assignment, limits)
    elif path.suffix.lower() == ".zip" and path.is_file():
        found = _of_zip(path, assignment, limits)
    elif path.is_file():
        found = [_Candidate(learner_id(plain_stem(path.name)), Submission.from_path(path, limits), 0)]
    else:
        raise ValueError(f"path {str(path)!r} does not exist")
    if not found:
        raise ValueError(f"path {str(path)!r} holds no submission of {assignment!r}")
    return _one_each(found, assignment)


@dataclass(frozen=True)
class _Candidate:
    learner: str
    submission: Submission
    attempt: int
    timestamp: str = ""


def _one_each(found: list[_Candidate], assignment: str) -> list[Collected]:
    """Choose each learner's last attempt; among its files, the one that is named like the assignment."""
    by_learner: dict[str, list[_Candidate]] = {}
    for candidate in found:
        by_learner.setdefault(candidate.learner, []).append(candidate)
    chosen = []
    for learner in sorted(by_learner):
        several = sorted(
            by_learner[learner],
            key=lambda item: (
                item.attempt,
                plain_stem(item.submission.filename) == assignment.lower(),
                item.submission.filename.lower().endswith(".ipynb"),
                item.submission.filename,
            ),
        )
        last = several[-1]
        note = f"{len(several)} files; {last.submission.filename!r} was taken" if len(several) > 1 else ""
        chosen.append(Collected(learner, last.submission, last.timestamp, note))
    return chosen


def _is_handed_in(name: str) -> bool:
    return name.lower().endswith(_HANDED_IN) and not name.startswith(".")


def _plain_files(folder: Path) -> list[Path]:
    return sorted(
        item for item in folder.iterdir() if item.is_file() and not item.is_symlink() and _is_handed_in(item.name)
    )


def _of_folder(path: Path, assignment: str, limits: Limits) -> list[_Candidate]:
    found = []
    for entry in sorted(path.iterdir()):
        if entry.is_symlink() or entry.name.startswith("."):
            continue
        if entry.is_dir():
            found += _of_learners_folder(entry, assignment, limits)
        elif entry.is_file() and _is_handed_in(entry.name):
            learner, attempt = _named_by_platform(entry.name)
            found.append(_Candidate(learner, Submission.from_path(entry, limits), attempt))
    return found


def _of_learners_folder(folder: Path, assignment: str, limits: Limits) -> list[_Candidate]:
    """Read nbgrader's LEARNER/ASSIGNMENT, or a platform's folder per learner."""
    inner = folder / assignment
    if inner.is_dir() and not inner.is_symlink():
        stamp = inner / "timestamp.txt"
        timestamp = ""
        if stamp.is_file() and not stamp.is_symlink():
            timestamp = stamp.read_text(encoding="utf-8", errors="replace")[:100].strip()
        # nbgrader's folder name is the learner's id in the gradebook and stays as it is.
        return [_Candidate(folder.name, Submission.from_path(f, limits), 0, timestamp) for f in _plain_files(inner)]
    moodle = _MOODLE.match(folder.name)
    learner = learner_id(f"{moodle['learner']}_{moodle['number']}" if moodle else folder.name)
    return [_Candidate(learner, Submission.from_path(file, limits), 0) for file in _plain_files(folder)]


def _named_by_platform(name: str) -> tuple[str, int]:
    """Return learner and attempt from a file's name: Canvas's scheme, else the stem is the learner."""
    canvas = _CANVAS.match(name)
    if canvas is None:
        return learner_id(plain_stem(name)), 0
    attempt = _ATTEMPT.search(PurePosixPath(canvas["name"]).stem)
    return learner_id(f"{canvas['learner']}_{canvas['user']}"), int(attempt[1]) if attempt else 0


def _of_zip(path: Path, assignment: str, limits: Limits) -> list[_Candidate]:
    """Read a platform's export; links, overlong names and files over the limit are left out or cut."""
    found = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > _LARGEST_EXPORT_MEMBERS:
                raise ValueError(f"path {str(path)!r} holds {len(members)} files, more than {_LARGEST_EXPORT_MEMBERS}")
            for member in members:
                name = safe_name(member.filename)
                if member.is_dir() or name is None or (member.external_attr >> 28) == 0xA:
                    continue
                parts = [part for part in PurePosixPath(name).parts if part != "submitted"]
                if not _is_handed_in(parts[-1]) or "__MACOSX" in parts:
                    continue
                with archive.open(member) as file:
                    submission = Submission(file.read(limits.submission_file + 1), parts[-1])
                found.append(_member(parts, submission, assignment))
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        raise ValueError(f"path {str(path)!r} is not a zip that can be read: {error}") from None
    return found


def _member(parts: list[str], submission: Submission, assignment: str) -> _Candidate:
    if len(parts) == 1:
        learner, attempt = _named_by_platform(parts[0])
        return _Candidate(learner, submission, attempt)
    folder = parts[-3] if len(parts) > 2 and parts[-2] == assignment else parts[-2]
    moodle = _MOODLE.match(folder)
    return _Candidate(learner_id(f"{moodle['learner']}_{moodle['number']}" if moodle else folder), submission, 0)
