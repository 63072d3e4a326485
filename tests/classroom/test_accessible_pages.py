"""What the class sees in a browser, the report and the feedback: axe-core, and the width of a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import chromium
from tests.classroom.assignments import COUNTING
from tests.classroom.test_run import run_class
from tests.website.chromium import DESK, PHONE, violations
from utils.course.classroom.class_results import ClassResults
from utils.course.classroom.feedback import generate_feedback
from utils.course.classroom.report import render_report
from utils.course.classroom.similarity import Pair
from utils.course.classroom.statistics import class_numbers


@pytest.fixture(scope="module")
def window() -> Iterator[Any]:
    """A window of a browser; tests resize it."""
    with chromium() as started:
        page = started.new_page(bypass_csp=True)
        # nbgrader's template asks the web for MathJax; here it gets a no at once.
        page.route("http*://**", lambda route: route.abort())
        yield page


@pytest.fixture
def report(make_class, stand_in, tmp_path: Path) -> Path:
    classroom = make_class(6)
    run_class(classroom, stand_in(classroom, **{"number 3.": 3}))
    results = ClassResults(classroom, COUNTING)
    numbers = class_numbers(classroom.specification(COUNTING), results, results.needs_staff)
    pairs = [Pair("a-learner-with-a-long-name", "another-learner-with-a-long-name", 0.83, 12, ("shares", "middle"))]
    page = tmp_path / "report.html"
    page.write_text(render_report(numbers, pairs, "today"), encoding="utf-8")
    return page


@pytest.fixture
def feedback(make_class, stand_in) -> Path:
    classroom = make_class(3)
    run_class(classroom, stand_in(classroom))
    generate_feedback(classroom, COUNTING, "counts-01")
    return classroom.feedback("counts-01", COUNTING)


def faults(window: Any, page: Path) -> list[str]:
    """Return what is wrong with a page on a desk in both themes, and on a phone."""
    found = []
    for size in (DESK, PHONE):
        window.set_viewport_size(size)
        window.goto(page.as_uri(), wait_until="domcontentloaded")
        for scheme in ("light", "dark"):
            window.emulate_media(color_scheme=scheme)
            found += [f"{size['width']}, {scheme}: {one}" for one in violations(window)]
        width = window.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            found.append(f"{width} pixels wide in a window of {size['width']}")
    return found


def test_the_report_can_be_read_by_everybody(report: Path, window: Any) -> None:
    assert faults(window, report) == []


def test_the_feedback_can_be_read_by_everybody(feedback: Path, window: Any) -> None:
    assert faults(window, feedback) == []
