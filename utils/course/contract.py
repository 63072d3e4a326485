"""The exercise contract of docs/exercises.md as data: which names a notebook must define, with which parameters."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from utils.course.notebooks import Notebook

_SECTION = re.compile(r"^## (\d\d) ")
_SPAN = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Signature:
    """A name with its parameters as written, such as ("x", "dim=-1"); None where the contract names no call."""

    name: str
    parameters: tuple[str, ...] | None


@dataclass(frozen=True)
class ContractRow:
    """One row of the contract: an exercise of one notebook."""

    notebook: str
    signatures: tuple[Signature, ...]

    @property
    def exercise(self) -> str:
        """The exercise's name, which is its grade_id."""
        return self.signatures[0].name


def parse_signature(text: str) -> Signature:
    """Read `name(a, b=1) -> type` or a bare `Name`."""
    call = text.split("->")[0].strip()
    if "(" not in call:
        return Signature(call, None)
    node = ast.parse(call, mode="eval").body
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise ValueError(f"signature {text!r} is no call")
    parameters = [ast.unparse(argument) for argument in node.args]
    parameters += [f"{keyword.arg}={ast.unparse(keyword.value)}" for keyword in node.keywords]
    return Signature(node.func.id, tuple(parameters))


def parse_contract(text: str) -> Iterator[ContractRow]:
    """Yield the rows of the contract's tables, in order."""
    notebook = ""
    for line in text.splitlines():
        if section := _SECTION.match(line):
            notebook = section[1]
        elif notebook and line.startswith("| `"):
            first_column = line.split(" | ")[0]
            yield ContractRow(notebook, tuple(parse_signature(span) for span in _SPAN.findall(first_column)))


def load_contract(root: Path) -> list[ContractRow]:
    """Read docs/exercises.md."""
    return list(parse_contract((root / "docs" / "exercises.md").read_text(encoding="utf-8")))


def _parameters(arguments: ast.arguments) -> tuple[str, ...]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    pairs = [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    return tuple(
        argument.arg if default is None else f"{argument.arg}={ast.unparse(default)}" for argument, default in pairs
    )


def defined_signatures(source: str) -> dict[str, tuple[str, ...] | None]:
    """Return the functions and classes that a cell defines at its top level, with their parameters.

    A class has the parameters of its constructor without `self`; None where it inherits one.
    """
    found: dict[str, tuple[str, ...] | None] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = _parameters(node.args)
        elif isinstance(node, ast.ClassDef):
            constructor = next(
                (one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None
            )
            found[node.name] = _parameters(constructor.args)[1:] if constructor else None
    return found


def breaches(rows: list[ContractRow], number: str, notebook: Notebook) -> list[str]:
    """Return in a sentence each what a notebook lacks of the contract."""
    problems = []
    exercises = {exercise.name: exercise for exercise in notebook.exercises}
    for row in (row for row in rows if row.notebook == number):
        exercise = exercises.get(row.exercise)
        if exercise is None:
            problems.append(f"{row.exercise} is missing")
            continue
        if not exercise.visible:
            problems.append(f"{row.exercise} has no visible test")
        if not exercise.graded:
            problems.append(f"{row.exercise} has no graded test")
        expected_ids = [f"{row.exercise}-{place}" for place in range(1, len(exercise.graded) + 1)]
        if [cell.grade_id for cell in exercise.graded] != expected_ids:
            problems.append(f"{row.exercise}'s graded cells are not named {', '.join(expected_ids)}")
        defined = defined_signatures(exercise.solution.source)
        for signature in row.signatures:
            if signature.name not in exercise.names:
                problems.append(f"{row.exercise}'s cell does not list the name {signature.name}")
            if signature.name not in defined:
                problems.append(f"{row.exercise}'s cell does not define {signature.name}")
                continue
            actual = defined[signature.name]
            if signature.parameters is not None and actual is not None and actual != signature.parameters:
                wanted = ", ".join(signature.parameters)
                problems.append(f"{signature.name} takes ({', '.join(actual)}), the contract says ({wanted})")
    return problems
