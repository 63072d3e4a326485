"""Files of answers: right ones that an autograder must accept, wrong ones that it must refuse with their message.

    # %% right: with a Counter
    def shares(words): ...

    # %% wrong: weighs by characters | expects: by count
    def shares(words): ...

    # %% wrong: forgets the last word | of: with a Counter | expects: last word
    # - for word in words:
    # + for word in words[:-1]:

The last one is another answer of the file but for some lines. Between empty lines stand changes: `# -` lines that the
answer holds exactly once, and `# +` lines that take their place. `the notebook's own` is the solution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from utils.course.errors import CourseError

# What is judged: the answers beside the exercises, values without sense, or solutions with one slip in each.
Kind = Literal["written", "fuzz", "mutants"]
OWN = "the notebook's own"
_HEADER = re.compile(
    r"^# %% (?P<side>right|wrong): (?P<title>.*?)(?: \| of: (?P<of>.+?))?(?: \| expects: (?P<words>.+))?$"
)


@dataclass(frozen=True)
class Answer:
    """One answer to an exercise.

    Attributes:
        right: whether the autograder must accept it.
        title: what is special about it.
        words: for a wrong answer, texts of which the message must contain one (in any case).
        source: the code that defines the exercise's names.
        kind: written by a person; or made by rule: every graded cell must refuse a value without sense ("fuzz") in a
            sentence, and none may break on a solution with a slip ("mutants"), which need not be wrong.
    """

    right: bool
    title: str
    words: tuple[str, ...]
    source: str
    kind: Kind = "written"


@dataclass(frozen=True)
class _Part:
    head: re.Match[str]
    number: int
    lines: Sequence[str]


def parse_answers(path: Path, solution: str = "") -> list[Answer]:
    """Read an answers file; an answer that differs from another one comes out whole.

    Args:
        path: the file.
        solution: the exercise's own answer, which others may be given as changes of.

    Raises:
        CourseError: a header is malformed, a wrong answer states no words, or changes do not fit the answer they name.
    """
    sources = {OWN: solution} if solution else {}
    answers = []
    for part in _parts(path):
        title = part.head["title"].strip()
        words = tuple(word.strip() for word in (part.head["words"] or "").split(" / ") if word.strip())
        if part.head["side"] == "wrong" and not words:
            raise CourseError(f"{path.name}: the wrong answer {title!r} states no words after `| expects:`")
        if part.head["of"] is None:
            source = "\n".join(part.lines).strip() + "\n"
        else:
            source = _changed(sources, part, f"{path.name}: the answer {title!r}")
        sources[title] = source
        answers.append(Answer(part.head["side"] == "right", title, words, source))
    return answers


def _parts(path: Path) -> Iterator[_Part]:
    head, at, body = None, 0, list[str]()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.startswith("# %%"):
            body.append(line)
            continue
        found = _HEADER.match(line)
        if found is None:
            raise CourseError(f"{path.name}, line {number}: {line!r} is no header of an answer")
        if head is not None:
            yield _Part(head, at, body)
        head, at, body = found, number, []
    if head is not None:
        yield _Part(head, at, body)


def _changed(sources: dict[str, str], part: _Part, who: str) -> str:
    """Return the source of an answer that is given as changes of another."""
    base = part.head["of"].strip()
    if base not in sources:
        raise CourseError(f"{who} is one of {base!r}, and no answer above it has that title")
    lines = sources[base].splitlines()
    for number, old, new in _changes(part, who):
        places = [at for at in range(len(lines) - len(old) + 1) if lines[at : at + len(old)] == old]
        if len(places) != 1:
            where = "not in" if not places else f"{len(places)} times in"
            raise CourseError(f"{who}, line {number}: {old[0].strip()!r} and what follows is {where} {base!r}")
        lines[places[0] : places[0] + len(old)] = new
    return "\n".join(lines).strip() + "\n"


def _changes(part: _Part, who: str) -> Iterator[tuple[int, list[str], list[str]]]:
    """Yield each block of lines to replace, with its line in the file, and what takes its place."""
    numbered = enumerate(part.lines, start=part.number + 1)
    for is_block, group in groupby(numbered, key=lambda one: bool(one[1].strip())):
        if not is_block:
            continue
        block = list(group)
        signs = "".join(line[:3] for _, line in block)
        old, new = ([line[4:] for _, line in block if line[:3] == sign] for sign in ("# -", "# +"))
        if not old or signs != "# -" * len(old) + "# +" * len(new):
            raise CourseError(f"{who}, line {block[0][0]}: a change is `# -` lines, and `# +` lines below them")
        yield block[0][0], old, new
