from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from utils.course.classroom.options import grouped


@dataclass(frozen=True)
class Size:
    width: Annotated[int, typer.Option("--width")] = 1
    height: Annotated[int, typer.Option("--height")] = 1


@dataclass(frozen=True)
class Look:
    names: Annotated[list[str] | None, typer.Option("--name")] = None
    loud: Annotated[bool, typer.Option("--loud")] = False


@dataclass(frozen=True)
class OtherSize:
    height: Annotated[int, typer.Option("--high")] = 2


def test_each_group_gets_its_own_options_and_their_defaults():
    seen = []

    def show(size: Size, look: Look) -> None:
        """Say it."""
        seen.append((size, look))

    app = typer.Typer()
    app.command()(grouped(show, Size, Look))
    assert CliRunner().invoke(app, ["--height", "3", "--name", "a", "--name", "b"]).exit_code == 0
    assert seen == [(Size(1, 3), Look(["a", "b"], False))]
    assert "Say it." in CliRunner().invoke(app, ["--help"]).output


def test_two_groups_with_one_option_are_refused():
    with pytest.raises(TypeError, match="'height' of OtherSize stands twice"):
        grouped(lambda *_: None, Size, OtherSize)
