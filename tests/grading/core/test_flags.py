"""Honest work is not flagged: what a flag says did happen."""

from __future__ import annotations

import pytest

from tests.grading.core.test_order import RIGHT, answer, graded, result_of, source
from utils.course.grading import SandboxPool

pytestmark = pytest.mark.sandbox

RELEASED = "assert add(1, 2) == 3, 'one and two'"


def test_a_result_that_requires_grad_repeats_itself(pool: SandboxPool) -> None:
    tests = "import torch\nx = torch.ones(2, requires_grad=True)\nassert (add(x, x) == 3).all()"
    result = result_of(pool, source(tests), answer(f"import torch\n{RIGHT}"), graded(1, tests))
    assert not result.cells["add-1"].passed, "only failed exercises are repeated"
    assert result.flags == ()
    leaf = "import torch\nw = torch.ones(2, requires_grad=True)\ndef add(a, b):\n    return w * a"
    assert result_of(pool, source(tests), answer(leaf), graded(1, tests)).flags == ()


def test_a_plot_is_drawn_without_a_word(pool: SandboxPool) -> None:
    plot = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('x')\nplt.show()"
    pytest.importorskip("matplotlib")
    result = result_of(pool, source(RELEASED), answer(f"{plot}\n{RIGHT}"), graded(1))
    assert (result.verdict, result.flags, result.score) == ("OK", (), 2.0)
    assert "font cache" not in result.observations["printed"]
    assert "writable" not in result.observations["printed"]


@pytest.mark.parametrize("path", ["data.csv", "../../data/x.csv", "/content/drive/MyDrive/x.csv", "/home/ada/data.csv"])
def test_a_file_that_was_forgotten_at_home_is_no_attack(pool: SandboxPool, path: str) -> None:
    look = f"try:\n    open({path!r})\nexcept OSError:\n    pass"
    result = result_of(pool, source(RELEASED), answer(f"{look}\n{RIGHT}"), graded(1))
    assert (result.verdict, result.score) == ("OK", 2.0)
    assert all(flag.startswith("missing-file: ") for flag in result.flags)


@pytest.mark.parametrize(
    "path", ["/home/staff/gradebook.db", "/srv/course/submitted/bob/x.ipynb", "/root", "/home/ada/.ssh/id_rsa"]
)
def test_a_file_of_the_class_or_of_an_account_is_one(pool: SandboxPool, path: str) -> None:
    look = f"try:\n    open({path!r})\nexcept OSError:\n    pass"
    result = result_of(pool, source(RELEASED), answer(f"{look}\n{RIGHT}"), graded(1))
    assert result.verdict == "DENIED", result.flags
