from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from utils.training.batches import TokenBatches
from utils.training.config import TrainingConfig
from utils.training.loop import train
from utils.training.progress import is_watched, progress_bar

from .tiny_model import make_ids, make_tiny


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def error_stream(monkeypatch):
    def replace(stream):
        monkeypatch.setattr(sys, "stderr", stream)
        return stream

    return replace


def test_a_bar_is_shown_on_a_terminal_and_not_in_a_log(error_stream):
    shown = error_stream(Terminal())
    assert is_watched()
    with progress_bar(3, "counting") as bar:
        bar.update(3)
    assert "counting" in shown.getvalue()
    hidden = error_stream(io.StringIO())
    assert not is_watched()
    with progress_bar(3, "counting") as bar:
        bar.update(3)
    assert hidden.getvalue() == ""


def test_the_caller_decides_when_asked(error_stream):
    stream = error_stream(Terminal())
    progress_bar(3, "counting", show=False).close()
    assert stream.getvalue() == ""


def test_training_shows_steps_and_the_loss(error_stream):
    stream = error_stream(Terminal())
    train(make_tiny(), TokenBatches(make_ids(), 4, 8), TrainingConfig(steps=6), description="tiny model")
    assert "tiny model" in stream.getvalue()
    assert "6/6" in stream.getvalue()
    assert "loss=" in stream.getvalue()


@pytest.mark.parametrize(
    ("has_page", "budget", "watched"), [(True, "cpu", True), (True, "smoke", False), (False, "cpu", False)]
)
def test_a_kernel_is_watched_where_it_has_a_page_and_something_to_wait_for(
    monkeypatch, error_stream, has_page, budget, watched
):
    error_stream(io.StringIO())
    shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=has_page))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setenv("COURSE_BUDGET", budget)
    assert is_watched() is watched
