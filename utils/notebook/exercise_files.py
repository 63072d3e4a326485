"""One exercise, one file: its solution, hints, examples, graded tests and what they share, read as text.

The file is ordinary Python in parts, each headed by a percent comment. pytest, ruff and mypy read it as it stands; the
build cuts it into the cells of a notebook, and a notebook's visible test reads its diagnoses.

    # %% solution                                   the learner's cell, answers between ### BEGIN/END SOLUTION
    # %% hints                                      HINTS, two sentences or more to unfold; EXPLANATION of the solution
    # %% helpers                                    imports and functions that tests share
    # %% examples                                   examples(check): what the learner's visible test tries
    # %% diagnoses                                  diagnoses(): for each example the known mistakes
    # %% graded: 2 points | what it looks at        one test function, pasted with the helpers that it uses
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from utils.paths import exercises_dirs

PARTS = ("solution", "hints", "helpers", "examples", "diagnoses", "graded")
_HEAD = re.compile(r"^# %% (?P<kind>[a-z]+)(?:: (?P<rest>.*))?$")
_GRADED = re.compile(r"^(?P<points>\d+) points? \| (?P<says>\S.*)$")


class ExerciseFileError(ValueError):
    """An exercise's file does not have the form of one."""


@dataclass(frozen=True)
class GradedTest:
    """One graded test: what it is worth, what it looks at in a few words, and its source (one function)."""

    points: int
    says: str
    source: str


@dataclass(frozen=True)
class ExerciseFile:
    """An exercise as its file has it.

    Attributes:
        path: the file; its stem is the exercise's name.
        parts: source by kind, of those that stand once.
        graded: the graded tests in order.
    """

    path: Path
    parts: dict[str, str]
    graded: tuple[GradedTest, ...]

    @property
    def name(self) -> str:
        """The exercise's first name, which is its grade_id."""
        return self.path.stem

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The functions and classes that the solution defines, in order, without those with a leading underscore."""
        body = ast.parse(self.parts["solution"]).body
        kinds = ast.FunctionDef | ast.ClassDef
        return tuple(node.name for node in body if isinstance(node, kinds) and not node.name.startswith("_"))

    @cached_property
    def texts(self) -> dict[str, object]:
        """HINTS and EXPLANATION, evaluated as the literals that they are."""
        return {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in ast.parse(self.parts.get("hints", "")).body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }

    @property
    def hints(self) -> tuple[str, ...]:
        """Hints to unfold one by one, in Markdown, from a nudge to nearly everything."""
        found = self.texts.get("HINTS", ())
        return tuple(found) if isinstance(found, tuple | list) else ()

    @property
    def explanation(self) -> str:
        """What the solution does and why, in Markdown."""
        return str(self.texts.get("EXPLANATION", "")).strip()


def parse_exercise(path: Path, text: str) -> ExerciseFile:
    """Cut an exercise's file into its parts.

    Raises:
        ExerciseFileError: a header is unknown, a part stands twice, a part is no Python, or a graded test is not one
            function; the message names the line.
    """
    parts: dict[str, str] = {}
    graded: list[GradedTest] = []
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    for number, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        where = f"{path.name}, line {number + 1}"
        found = _HEAD.match(lines[number])
        if found is None or found["kind"] not in PARTS:
            raise ExerciseFileError(f"{where}: {lines[number]!r} heads no part; parts are {', '.join(PARTS)}")
        kind, source = found["kind"], "\n".join(lines[number + 1 : end]).strip()
        try:
            body = ast.parse(source).body
        except SyntaxError as error:
            raise ExerciseFileError(f"{path.name}, line {number + 1 + (error.lineno or 1)}: {error.msg}") from None
        if kind == "graded":
            head = _GRADED.match(found["rest"] or "")
            if head is None:
                raise ExerciseFileError(f"{where}: write `# %% graded: 2 points | what it looks at`")
            if len(body) != 1 or not isinstance(body[0], ast.FunctionDef) or not body[0].name.startswith("test_"):
                raise ExerciseFileError(f"{where}: a graded test is one function named test_...")
            graded.append(GradedTest(int(head["points"]), head["says"].strip(), source))
        elif kind in parts:
            raise ExerciseFileError(f"{where}: there is a part {kind!r} already")
        else:
            parts[kind] = source
    if "solution" not in parts:
        raise ExerciseFileError(f"{path.name} has no part `# %% solution`")
    return ExerciseFile(path, parts, tuple(graded))


def read_exercise(path: Path) -> ExerciseFile:
    """Read an exercise's file.

    Raises:
        ExerciseFileError: the file is missing, cannot be read, or has another form.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ExerciseFileError(f"{path} cannot be read: {error.strerror}") from None
    return parse_exercise(path, text)


def find_exercise(name: str) -> ExerciseFile:
    """Return the exercise with this name, from whichever notebook has it.

    Raises:
        ExerciseFileError: no notebook has an exercise of this name.
    """
    known: dict[str, Path] = {}
    for folder in exercises_dirs():
        known |= {path.stem: path for path in sorted(folder.glob("*.py"))}
    if name in known:
        return read_exercise(known[name])
    raise ExerciseFileError(f"exercise {name!r} is unknown; there are: {', '.join(sorted(known)) or 'none here'}")
