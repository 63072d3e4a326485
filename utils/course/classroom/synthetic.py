"""A synthetic class: right, partly right, empty, copied, broken and hostile submissions, the same for the same seed."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat

from utils.course.answer_files import OWN, Answer, parse_answers
from utils.course.classroom.handed_in import SYNTHETIC_MANIFEST
from utils.course.classroom.hostile import ATTACKS, BREAKS, Notebook
from utils.course.errors import CourseError
from utils.course.grading import AssignmentSpec, Exercise
from utils.files import write_whole

MANIFEST = SYNTHETIC_MANIFEST

KINDS = (("right", 20), ("partly right", 48), ("empty", 4), ("copied", 6), ("broken", 10), ("hostile", 12))
"""What a class is made of, with weights."""

HONEST_KINDS = (("right", 30), ("partly right", 65), ("empty", 5))

_FIRST_DAY = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Pupil:
    """One synthetic learner.

    Attributes:
        learner: their id.
        kind: as in KINDS.
        detail: which attack, which damage, whose copy.
        solved: exercises that must get all their points.
        failed: exercises that must lose points.
        filename: of what they hand in.
        submitted_at: when.
    """

    learner: str
    kind: str
    detail: str
    solved: tuple[str, ...]
    failed: tuple[str, ...]
    filename: str
    submitted_at: str


class Ingredients:
    """What submissions are made from: the released notebook, right and wrong answers.

    Args:
        assignment: the source notebook.
        release: what learners open.
        answers: folder of right and wrong answers, EXERCISE.py; where a file is missing the source's own answer is the
            only right one, and the stub the only wrong one.

    Raises:
        CourseError: the release is missing.
    """

    def __init__(self, assignment: AssignmentSpec, release: Path, answers: Path | None) -> None:
        self.assignment = assignment
        try:
            node = nbformat.read(release, as_version=4)
        except OSError as error:
            raise CourseError(
                f"released notebook {release} cannot be read: {error.strerror}: run `course build`"
            ) from None
        self.release: Notebook = json.loads(nbformat.writes(node))
        own = {cell.grade_id: cell.source for cell in assignment.cells if cell.role == "solution"}
        self.right: dict[str, list[Answer]] = {}
        self.wrong: dict[str, list[Answer]] = {}
        for exercise in assignment.exercises:
            known = [Answer(True, OWN, (), own[exercise.grade_id])]
            path = answers / f"{exercise.grade_id}.py" if answers is not None else None
            if path is not None and path.is_file():
                known += parse_answers(path, own[exercise.grade_id])
            self.right[exercise.grade_id] = [one for one in known if one.right]
            self.wrong[exercise.grade_id] = [one for one in known if not one.right]

    def notebook(self, answers: Mapping[str, str], learner: str) -> Notebook:
        """Return the release with some answers and a line that no other submission has."""
        notebook = copy.deepcopy(self.release)
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if name in answers and cell["metadata"]["nbgrader"].get("solution"):
                cell["source"] = answers[name]
        notebook["cells"].append(
            {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": f"Handed in by {learner}."}
        )
        return notebook


def make_class(
    ingredients: Ingredients, learners: int, seed: int = 0, kinds: Sequence[tuple[str, int]] = KINDS
) -> Iterator[tuple[Pupil, bytes]]:
    """Yield learners with what they hand in, one after another.

    Args:
        ingredients: what submissions are made from.
        learners: how many.
        seed: the same seed gives the same class.
        kinds: kinds with weights.

    Raises:
        CourseError: `learners` is below 1.
    """
    if learners < 1:
        raise CourseError(f"--learners must be at least 1, not {learners}")
    names = [kind for kind, _ in kinds]
    weights = [weight for _, weight in kinds]
    original: tuple[str, dict[str, str]] | None = None
    for number in range(1, learners + 1):
        learner = f"learner-{number:0{max(4, len(str(learners)))}d}"
        draw = random.Random(f"{seed}/{ingredients.assignment.name}/{number}")
        kind = draw.choices(names, weights)[0]
        if kind == "copied" and original is None:
            kind = "right"
        pupil, content, answers = _pupil(ingredients, learner, kind, number, draw, original)
        if kind in ("right", "partly right") and (original is None or draw.random() < 0.1):
            original = (learner, answers)
        yield pupil, content


def _pupil(
    ingredients: Ingredients,
    learner: str,
    kind: str,
    number: int,
    draw: random.Random,
    original: tuple[str, dict[str, str]] | None,
) -> tuple[Pupil, bytes, dict[str, str]]:
    exercises = ingredients.assignment.exercises
    detail, solved, failed = "", [], []
    answers: dict[str, str] = {}
    share = {"right": 1.0, "partly right": draw.uniform(0.3, 0.95), "broken": 1.0, "hostile": 0.7}.get(kind, 0.0)
    for exercise in exercises:
        name = exercise.grade_id
        if draw.random() < share:
            answers[name] = draw.choice(ingredients.right[name]).source
            solved.append(name)
        else:
            failed.append(name)
            wrong = ingredients.wrong[name]
            if wrong and kind != "empty" and draw.random() < 0.85:
                answers[name] = draw.choice(wrong).source
    solved = [name for name in solved if not _leans_on(answers[name], failed, exercises)]
    if kind in ("right", "partly right"):
        answers = {name: _own_style(source, draw) for name, source in answers.items()}
    if kind == "copied" and original is not None:
        detail, answers = original[0], {name: _renamed(source) for name, source in original[1].items()}
        solved, failed = [], []
    if kind == "hostile":
        detail, answers, solved, failed = _attack(exercises, answers, solved, failed, number, draw)
    notebook = ingredients.notebook(answers, learner)
    name = ingredients.assignment.name
    content, filename = json.dumps(notebook, indent=1).encode(), f"{name}.ipynb"
    if kind == "broken":
        damage = BREAKS[draw.randrange(len(BREAKS))]
        detail = damage.name
        content, filename = damage.apply(notebook, name)
        if not damage.harmless:
            solved, failed = [], []
    moment = _FIRST_DAY + timedelta(minutes=draw.randrange(7 * 24 * 60))
    stamp = moment.strftime("%Y-%m-%d %H:%M:%S UTC")
    return Pupil(learner, kind, detail, tuple(solved), tuple(failed), filename, stamp), content, answers


def _leans_on(source: str, failed: Sequence[str], exercises: Sequence[Exercise]) -> bool:
    """Return whether a right answer calls another exercise's function that is wrong in this submission."""
    wrong = {name for exercise in exercises if exercise.grade_id in failed for name in exercise.names}
    return bool(wrong & set(re.findall(r"\w+", source)))


def _attack(
    exercises: Sequence[Exercise],
    answers: dict[str, str],
    solved: list[str],
    failed: list[str],
    number: int,
    draw: random.Random,
) -> tuple[str, dict[str, str], list[str], list[str]]:
    """Put an attack in the place of one function's answer."""
    attack = ATTACKS[draw.randrange(len(ATTACKS))]
    target = exercises[number % len(exercises)]
    body = "\n".join(f"    {line}" for line in attack.body.splitlines())
    functions = "\n\n\n".join(f"def {name}(*args, **kwargs):\n{body}" for name in target.names)
    answers = {**answers, target.grade_id: f"{attack.before}\n{functions}".lstrip()}
    # What an attack does to the exercises around it is grading's business: nothing is promised about them here.
    return attack.name, answers, [], [target.grade_id] if target.tests else []


_WORDS = ("first", "second", "total", "part", "value", "count", "entry", "other", "lower", "upper", "left", "right")


_SHAPES = (
    "{new} = {old} {op} ({other} + {n})",
    "{new} = [{old} {op} i for i in range(1, {n} + 1)][-1]",
    "{new} = max({old}, {other}) if {other} else {old}",
    "{new} = sum((i {op} {n}) * {old} for i in (1, 2, {n}))",
    "{new} = {old}\n    while {new} > {n} * {other} > 0:\n        {new} -= {n}",
    "{new} = {{'low': {old}, 'high': {other} {op} {n}}}['low']",
    "{new} = ({old}, {other}, {n})[{n} % 2]",
    "{new} = {old}\n    for i in range({n}):\n        {new} = {new} {op} (i + 1)",
    "{new} = (lambda x: x {op} {n})({old})",
    "{new} = {old} if not {other} {op} {n} else -{old}",
    "{new} = len(str({old})) {op} {n}",
    "{new} = min([{other}, {old} {op} {n}], key=abs)",
    "{new} = int(f'{{{old}:.0f}}') {op} {n}",
    "{new} = round({old} {op} {n}, 2) + 0 * {other}",
)


def _own_style(source: str, draw: random.Random) -> str:
    """Add a helper that nobody calls and nobody else wrote: classes are full of them, and copies carry them along."""
    first, second, value, other = draw.sample(_WORDS, 4)
    lines = [f"def check_{first}_{second}({value}, {other}=1):"]
    old = value
    for number in range(8):
        new = f"step{number}"
        shape = draw.choice(_SHAPES)
        line = shape.format(new=new, old=old, other=other, op=draw.choice("+-*"), n=draw.randrange(2, 9))
        lines.append(f"    {line}")
        old = new
    return source.rstrip() + "\n\n\n" + "\n".join([*lines, f"    return {old}"]) + "\n"


def _renamed(source: str) -> str:
    """Rename what a copier renames: helpers and their variables."""
    source = re.sub(r"\bstep(\d)\b", r"my_\1", source)
    return re.sub(r"\bcheck_(\w+)", r"test_\1_quickly", source)


def write_class(pupils: Iterator[tuple[Pupil, bytes]], folder: Path, assignment: str) -> list[Pupil]:
    """Write a class as nbgrader's submitted folder, with a list of who handed in what; return the list.

    Raises:
        CourseError: the folder holds something else than a synthetic class.
    """
    manifest = folder / MANIFEST
    if folder.exists() and any(folder.iterdir()) and not manifest.is_file():
        raise CourseError(f"{folder} is not empty and no synthetic class: give another --to")
    before: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else {}
    made = []
    for pupil, content in pupils:
        place = folder / pupil.learner / assignment
        for old in place.glob("*") if place.is_dir() else ():
            old.unlink()
        write_whole(place / pupil.filename, content)
        write_whole(place / "timestamp.txt", pupil.submitted_at.encode())
        made.append(pupil)
    before[assignment] = [asdict(pupil) for pupil in made]
    write_whole(manifest, (json.dumps(before, indent=1) + "\n").encode())
    return made
