"""From submitted bytes to the learner's answers, cell by cell; nothing that is handed in can stop grading."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from utils.course.grading.archives import ArchiveBombError, BrokenArchiveError, is_archive, unpack
from utils.course.grading.limits import Limits
from utils.course.grading.notebook_json import SubmittedCell, UnreadableError, read_cells
from utils.course.grading.spec import (
    SKIPPED_TAGS,
    AssignmentSpec,
    SourceCell,
    comparable,
    defined_names,
)

DUPLICATE = "duplicate"
"""Type of an extra cell that is kept visible but not run."""

_COPY_MARKS = re.compile(r"(\s*\(\d+\)|[-_ ]copy\d*|[-_ ]\d+)$", re.IGNORECASE)


@dataclass(frozen=True)
class Submission:
    """What one learner handed in: a notebook or an archive, as bytes.

    Attributes:
        content: the bytes.
        filename: the name it was handed in under, a hint only.
    """

    content: bytes
    filename: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()

    @classmethod
    def from_path(cls, path: str | Path, limits: Limits | None = None) -> Submission:
        """Read a submitted file, never through a link, and no more of it than the limit and a byte.

        Raises:
            ValueError: the path is no plain file.
        """
        path = Path(path)
        if path.is_symlink() or not path.is_file():
            raise ValueError(f"submission {path} is not a plain file")
        most = (limits or Limits()).submission_file
        with path.open("rb") as file:
            return cls(file.read(most + 1), path.name)


@dataclass
class Intake:
    """What was found in a submission.

    Attributes:
        answers: the learner's source by grade_id of the solution cell (manual ones too); only those found.
        extras: the learner's further cells as (grade_id or "@index" of the source cell before, cell type, source);
            type "duplicate" is kept visible and not run.
        notes: what was repaired, for the learner.
        flags: what deserves a second look, for staff.
        verdict: "" where there is something to grade, else "UNREADABLE" or "DENIED".
        reason: the sentence for the learner that goes with the verdict.
    """

    answers: dict[str, str] = field(default_factory=dict)
    extras: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    verdict: str = ""
    reason: str = ""


def anchor(cell: SourceCell) -> str:
    """Return the name by which an extra cell refers to the source cell before it."""
    return cell.grade_id or f"@{cell.index}"


def read_submission(submission: Submission, assignment: AssignmentSpec, limits: Limits | None = None) -> Intake:
    """Match what was handed in with the assignment's cells. Never raises for anything in the submission."""
    limits = limits or Limits()
    intake = Intake()
    try:
        if len(submission.content) > limits.submission_file:
            raise UnreadableError(f"The file is larger than {limits.submission_file} bytes. Clear outputs, try again.")
        content = submission.content
        if is_archive(content):
            content = _notebook_of_archive(content, assignment, limits, intake)
        elif len(content) > limits.notebook:
            raise UnreadableError(f"The notebook is larger than {limits.notebook} bytes. Clear outputs, try again.")
        cells, notes = read_cells(content)
        intake.notes += notes
        _match(cells, assignment, intake)
    except UnreadableError as error:
        intake.verdict, intake.reason = intake.verdict or "UNREADABLE", str(error)
    except (ArchiveBombError, BrokenArchiveError) as error:
        bomb = isinstance(error, ArchiveBombError)
        intake.verdict = "DENIED" if bomb else "UNREADABLE"
        intake.reason = f"The archive was not opened: {error}. Hand in the notebook itself."
        if bomb:
            intake.flags.add(f"archive-bomb: {error}")
    return intake


def _notebook_of_archive(content: bytes, assignment: AssignmentSpec, limits: Limits, intake: Intake) -> bytes:
    unpacked = unpack(content, limits, lambda name: name.lower().endswith(".ipynb"))
    for word in sorted(unpacked.unsafe):
        intake.flags.add(f"unsafe-archive: it holds {word}")
    if unpacked.others:
        shown = ", ".join(repr(name) for name in sorted(unpacked.others)[:5])
        intake.flags.add(f"extra-files: shipped along and not used: {shown}")
    if not unpacked.notebooks:
        if unpacked.unsafe:
            intake.verdict = "DENIED"
        raise UnreadableError("The archive holds no notebook that can be read safely.")
    names = sorted(
        unpacked.notebooks, key=lambda name: (_likeness(name, unpacked.notebooks[name], assignment), name), reverse=True
    )
    if len(names) > 1:
        intake.notes.append(f"The archive holds {len(names)} notebooks; {PurePosixPath(names[0]).name!r} was graded.")
    return unpacked.notebooks[names[0]]


def plain_stem(name: str) -> str:
    """Return a file's stem without the marks of a copy: "07_samplers (1).ipynb" gives "07_samplers"."""
    stem = PurePosixPath(name).stem
    while (shorter := _COPY_MARKS.sub("", stem)) != stem and shorter:
        stem = shorter
    return stem.lower()


def _likeness(name: str, content: bytes, assignment: AssignmentSpec) -> tuple[int, int]:
    """Say how much a notebook of an archive looks like the assignment's: known cells, then the name."""
    try:
        cells, _ = read_cells(content)
    except UnreadableError:
        return (-1, 0)
    known = {cell.grade_id for cell in assignment.cells if cell.grade_id}
    return (len(known & {cell.grade_id for cell in cells}), int(plain_stem(name) == assignment.name.lower()))


class _Matcher:
    """Finds the source cell that a submitted cell comes from."""

    def __init__(self, assignment: AssignmentSpec) -> None:
        self.assignment = assignment
        self.by_grade_id = {cell.grade_id: cell for cell in assignment.cells if cell.grade_id}
        self.by_source: dict[tuple[str, str], SourceCell] = {}
        self.by_id: dict[str, SourceCell] = {}
        self.by_name: dict[str, SourceCell] = {}
        for cell in assignment.cells:
            self.by_source.setdefault((cell.cell_type, cell.released), cell)
            if cell.cell_id:
                self.by_id.setdefault(cell.cell_id, cell)
        solutions = {cell.grade_id: cell for cell in assignment.cells if cell.role == "solution"}
        for exercise in assignment.exercises:
            for name in exercise.names:
                self.by_name.setdefault(name, solutions[exercise.grade_id])

    def source_of(self, cell: SubmittedCell) -> tuple[SourceCell | None, bool]:
        """Return the source cell, and whether it was recognised without its grade_id."""
        if cell.grade_id in self.by_grade_id:
            return self.by_grade_id[cell.grade_id], False
        same_text = self.by_source.get((cell.cell_type, comparable(cell.source)))
        if same_text is not None:
            return same_text, bool(same_text.grade_id)
        if cell.cell_id in self.by_id:
            found = self.by_id[cell.cell_id]
            # An author's cell that the learner edited counts as the learner's own cell.
            if found.grade_id or (found.role in ("skipped", "text") and found.cell_type == cell.cell_type):
                return found, bool(found.grade_id)
        if cell.cell_type == "code" and not cell.grade_id:
            for name in defined_names(cell.source):
                if name in self.by_name:
                    return self.by_name[name], True
        return None, False


@dataclass
class _Placed:
    """A submitted cell with the source cell that it is, None for a cell of the learner's own."""

    cell: SubmittedCell
    source: SourceCell | None
    by_content: bool = False

    @property
    def is_answer(self) -> bool:
        return self.source is not None and self.source.role in ("solution", "manual")

    @property
    def is_stub(self) -> bool:
        return "NotImplementedError" in self.cell.source


def _match(cells: list[SubmittedCell], assignment: AssignmentSpec, intake: Intake) -> None:
    """Settle the answers and where the learner's other cells run: in the order of the submission, as in a kernel."""
    placed = _placed(cells, _Matcher(assignment))
    known = [one for one in placed if one.source is not None and one.source.grade_id]
    reordered = _is_reordered(known)
    copies: dict[str, list[int]] = {}
    for position, one in enumerate(placed):
        if one.is_answer and one.source is not None:
            copies.setdefault(one.source.grade_id, []).append(position)
    chosen = {grade_id: _chosen(placed, at, reordered) for grade_id, at in copies.items()}
    places = set(chosen.values())
    before = ""
    for position, one in enumerate(placed):
        if one.source is None:
            _extra(one.cell, before, intake)
        elif one.source.role in ("solution", "manual") and position not in places:
            grade_id = one.source.grade_id
            at = _before(one.source, assignment) if reordered else before
            answered = any(not placed[other].is_stub for other in copies[grade_id])
            kind = DUPLICATE if one.is_stub and answered else one.cell.cell_type
            intake.extras.append((at, kind, one.cell.source))
        else:
            before = anchor(one.source)
    for grade_id in [cell.grade_id for cell in assignment.cells if cell.grade_id in chosen]:
        intake.answers[grade_id] = placed[chosen[grade_id]].cell.source
        if (count := len(copies[grade_id])) > 1:
            intake.flags.add(f"duplicate-cell: {grade_id} was handed in {count} times")
            intake.notes.append(f"Cell {grade_id!r} was there {count} times; its copies ran one after another.")
    tests: dict[str, list[SubmittedCell]] = {}
    for one in known:
        if one.source is not None and one.source.role == "test":
            tests.setdefault(one.source.grade_id, []).append(one.cell)
    stripped = [one.source.grade_id for one in known if one.source is not None and one.by_content]
    _report(assignment, set(chosen), tests, stripped, reordered, intake)


def _placed(cells: list[SubmittedCell], matcher: _Matcher) -> list[_Placed]:
    """Recognise the cells; one without a label is an answer only where no cell has the label."""
    answered = {cell.grade_id for cell in cells}
    placed = []
    for cell in cells:
        one = _Placed(cell, *matcher.source_of(cell))
        if one.is_answer and one.by_content and one.source is not None:
            grade_id = one.source.grade_id
            if grade_id in answered:
                # A definition in a cell of one's own is no second answer: it runs where it stands.
                one = _Placed(cell, None)
            else:
                answered.add(grade_id)
        placed.append(one)
    return placed


def _is_reordered(known: list[_Placed]) -> bool:
    """Return whether labelled cells stand in another order than the assignment's; of copies the first one counts."""
    seen: dict[str, int] = {}
    for one in known:
        if one.source is not None:
            seen.setdefault(one.source.grade_id, one.source.index)
    order = list(seen.values())
    return order != sorted(order)


def _chosen(placed: list[_Placed], at: list[int], reordered: bool) -> int:
    """Return which copy of an answer stands in its place: the last answered one before the cells that test it."""
    first = placed[at[0]].source
    until = len(placed)
    if not reordered and first is not None:
        later = (
            position
            for position, one in enumerate(placed)
            if one.source is not None and one.source.grade_id and one.source.index > first.index
        )
        until = next(later, until)
    candidates = [position for position in at if position < until] or at[:1]
    return ([position for position in candidates if not placed[position].is_stub] or candidates)[-1]


def _before(cell: SourceCell, assignment: AssignmentSpec) -> str:
    """Return the name of the source cell before one."""
    return anchor(assignment.cells[cell.index - 1]) if cell.index else ""


def _extra(cell: SubmittedCell, before: str, intake: Intake) -> None:
    if cell.source.strip() and not SKIPPED_TAGS & set(cell.tags):
        intake.extras.append((before, cell.cell_type, cell.source))


def _report(
    assignment: AssignmentSpec,
    found: set[str],
    tests: dict[str, list[SubmittedCell]],
    stripped: list[str],
    reordered: bool,
    intake: Intake,
) -> None:
    for cell in assignment.cells:
        if cell.role == "test":
            _report_test(cell, tests.get(cell.grade_id, []), intake)
        elif cell.role in ("solution", "manual") and cell.grade_id not in found:
            intake.notes.append(f"Cell {cell.grade_id!r} is missing from the notebook.")
    if stripped:
        intake.notes.append(f"Cells without their labels were recognised by what they hold: {', '.join(stripped)}.")
    if reordered:
        intake.notes.append("The cells were put back into the order of the assignment.")
    if not found:
        known = ", ".join(exercise.grade_id for exercise in assignment.exercises[:3])
        raise UnreadableError(f"No cell of {assignment.name} ({known} ...) is in this notebook: is it another one?")


def _report_test(cell: SourceCell, copies: list[SubmittedCell], intake: Intake) -> None:
    if not copies:
        intake.notes.append(f"Test cell {cell.grade_id!r} was missing and has been restored.")
        return
    if len(copies) > 1:
        intake.flags.add(f"duplicate-cell: test {cell.grade_id} was handed in {len(copies)} times")
    expected = cell.metadata.get("nbgrader", {})
    for copy in copies:
        if comparable(copy.source) != cell.released:
            intake.flags.add(f"edited-test: {cell.grade_id} differs from the released one (not used)")
        wrong = [key for key in ("grade", "solution", "locked", "points") if _differs(copy.nbgrader, expected, key)]
        if wrong:
            intake.flags.add(f"edited-metadata: {', '.join(wrong)} of {cell.grade_id} were changed (not used)")


def _differs(submitted: dict[str, object], expected: dict[str, object], key: str) -> bool:
    return key in submitted and key in expected and submitted[key] != expected[key]
