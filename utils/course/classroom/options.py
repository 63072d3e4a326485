"""Options of the class's commands: those that several have, and groups of options as dataclasses."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from utils.course.notebooks import course_root

Assignment = Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="Name or number, such as 07_samplers or 07.")]
Root = Annotated[
    Path | None, typer.Option("--root", help="The class's folder, where nbgrader works. [default: the checkout]")
]
Database = Annotated[str, typer.Option("--db", metavar="URL", help="Gradebook. [default: nbgrader's setting]")]


def open_class(root: Path | None, database: str = "") -> Any:
    """Return the class in a folder, by default in the checkout."""
    from utils.course.classroom.place import Classroom

    return Classroom.at(root or course_root(), database)


def grouped(work: Callable[..., None], *groups: type) -> Callable[..., None]:
    """Return a command whose options are the fields of dataclasses, all of which have defaults.

    Args:
        work: what the command does, given one object of each group; its docstring is the command's help.
        groups: the dataclasses, in the order of the options; a field is annotated as Typer's parameters are.

    Raises:
        TypeError: two groups have a field of the same name, or a field has no default.
    """
    parameters: list[inspect.Parameter] = []
    owner: dict[str, type] = {}
    for group in groups:
        hints = get_type_hints(group, include_extras=True)
        for field in fields(group):
            if field.name in owner or field.default is MISSING:
                raise TypeError(f"field {field.name!r} of {group.__name__} stands twice or has no default")
            owner[field.name] = group
            kind = inspect.Parameter.KEYWORD_ONLY
            parameters.append(inspect.Parameter(field.name, kind, default=field.default, annotation=hints[field.name]))

    def command(**given: Any) -> None:
        work(*(group(**{name: given[name] for name in owner if owner[name] is group}) for group in groups))

    command.__name__, command.__doc__ = work.__name__, work.__doc__
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command
