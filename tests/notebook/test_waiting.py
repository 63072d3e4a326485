"""A bar for cells that are known to be long: shown to a person, gone when the cell ends, silent everywhere else."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.notebook.test_progress import kernel
from utils.notebook import waiting
from utils.notebook.waiting import CellWatch, Waiting, cell_name, expected_seconds, other_bars, said_left
from utils.training.progress import progress_bar

LONG = "import time; time.sleep({})"


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A course whose measurements say that one cell takes 30 seconds and another three."""
    path = tmp_path / "runs" / "measured.json"
    path.parent.mkdir()
    cells = [
        {"cell": cell_name(LONG.format(4)), "begins": "", "seconds": 90.0, "processor_seconds": 30.0},
        {"cell": cell_name(LONG.format(3)), "begins": "", "seconds": 9.0, "processor_seconds": 3.0},
    ]
    path.write_text(json.dumps({"format": 1, "notebooks": {"01": {"cpu": {"long_cells": cells}}}}))
    monkeypatch.setattr(waiting, "datasets_dir", lambda: tmp_path)
    expected_seconds.cache_clear()
    yield path
    expected_seconds.cache_clear()


def shown_while(client: Any, code: str) -> str:
    """Return everything that a kernel sends while it runs a cell, as one text."""
    sent: list[str] = []
    client.execute_interactive(
        code, allow_stdin=True, output_hook=lambda message: sent.append(str(message["content"])), timeout=300
    )
    return "\n".join(sent).replace("\\u2007", " ")  # spaces as wide as a digit


PREPARE = """
import utils.notebook.waiting as waiting
waiting.expected_seconds = lambda budget: {{waiting.cell_name({!r}): 30.0}}
waiting.PATIENCE_S = waiting.TICK_S = 0.2
from utils.notebook import setup
setup({!r})
"""


def test_a_long_cell_shows_the_time_left_and_the_bar_goes_when_it_ends(tmp_path: Path) -> None:
    with kernel(tmp_path) as client:
        shown_while(client, PREPARE.format(LONG.format(4), "cpu"))
        assert "s left" not in shown_while(client, "1 + 1")
        sent = shown_while(client, LONG.format(4))
        assert "about 29 s left" in sent
        assert "'danger'" not in sent
        again = shown_while(client, "print('after')")
        assert "s left" not in again
        assert "after" in again


def test_at_the_smoke_budget_there_is_no_bar(tmp_path: Path) -> None:
    with kernel(tmp_path) as client:
        shown_while(client, PREPARE.format(LONG.format(2), "smoke"))
        assert "s left" not in shown_while(client, LONG.format(2))


def test_a_cell_with_a_bar_of_its_own_gets_no_second_one(tmp_path: Path) -> None:
    own = (
        "import time\nfrom utils.training.progress import progress_bar\n"
        "with progress_bar(8, 'a sweep') as bar:\n    for _ in range(8): time.sleep(0.25); bar.update()"
    )
    with kernel(tmp_path) as client:
        shown_while(client, PREPARE.format(own, "cpu"))
        sent = shown_while(client, own)
    assert "a sweep" in sent
    assert "s left" not in sent


def test_an_error_in_the_cell_takes_the_bar_away(tmp_path: Path) -> None:
    broken = LONG.format(1) + "; 1 / 0"
    with kernel(tmp_path) as client:
        shown_while(client, PREPARE.format(broken, "cpu"))
        assert "ZeroDivisionError" in shown_while(client, broken)
        assert "False" in shown_while(
            client, "import tqdm; print(any(not one.disable for one in tqdm.tqdm._instances))"
        )


def test_expectations_are_read_by_budget_and_without_measurements_there_are_none(measured: Path) -> None:
    assert sorted(expected_seconds("cpu").values()) == [3.0, 30.0]
    assert expected_seconds("gpu") == {}
    for text in ("{", "[]", '{"notebooks": {"01": 3}}'):
        measured.write_text(text)
        expected_seconds.cache_clear()
        assert expected_seconds("cpu") == {}
    measured.unlink()
    expected_seconds.cache_clear()
    assert expected_seconds("cpu") == {}


def test_a_cell_is_known_by_its_text_whatever_ends_it() -> None:
    assert cell_name("x = 1\n") == cell_name("x = 1")
    assert cell_name("x = 1") != cell_name("x = 2")


def test_the_time_left_is_never_negative() -> None:
    assert said_left(12.4) == "about 12 s left"
    assert said_left(-3) == "longer than expected"


def info(source: str) -> SimpleNamespace:
    return SimpleNamespace(raw_cell=source)


def test_the_bar_learns_how_fast_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    class Fake:
        def __init__(self, seconds: float) -> None:
            asked.append(seconds)

        def end(self) -> float:
            return 40.0

    monkeypatch.setattr(waiting, "Waiting", Fake)
    monkeypatch.setattr(waiting, "somebody_is_there", lambda: True)
    watch = CellWatch({cell_name("long"): 20.0, cell_name("short"): 3.0})
    for source in ("long", "short", "unknown", "long"):
        watch.begin(info(source))
        watch.end(SimpleNamespace(success=True))
    assert asked == [20.0, 30.0]
    assert watch.speed == 1.75
    watch.begin(info("long"))
    watch.end(SimpleNamespace(success=False))
    assert watch.speed == 1.75


def test_nobody_is_shown_a_bar_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "Waiting", lambda seconds: pytest.fail("a bar for nobody"))
    watch = CellWatch({cell_name("long"): 20.0})
    watch.begin(info("long"))
    assert watch.finish() is None


def test_in_a_terminal_the_bar_is_a_line_of_text(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(waiting, "TICK_S", 0.05)
    shown = Waiting(20.0, patience=0.0)
    time.sleep(0.5)
    assert shown.end() >= 0.5
    assert "this cell: about 20 s left" in stream.getvalue()
    assert not other_bars()


def test_another_bar_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress_bar(3, "counting", show=True) as bar:
        assert other_bars()
        assert not other_bars(bar)
    with progress_bar(3, "counting", show=False):
        assert not other_bars()
