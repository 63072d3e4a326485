"""One JupyterLab and one browser for this folder; both end with it, since Playwright keeps a loop running."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.server import Server, copy_course, running_lab
from utils.course.notebooks import course_root

if TYPE_CHECKING:
    from tests.browser.lab_page import LabPage

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
REQUIRED = "COURSE_REQUIRE_BROWSER"


def find_browser() -> str | None:
    """Return the system's Chromium, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """A headless Chromium; without one the test is skipped, unless COURSE_REQUIRE_BROWSER is set."""
    program = find_browser()
    if program is None:
        if os.environ.get(REQUIRED):
            pytest.fail(f"{REQUIRED} is set, and there is none of {', '.join(BROWSERS)}")
        pytest.skip("needs chromium")
    if not os.environ.get(REQUIRED):
        pytest.importorskip("playwright", reason="needs playwright")
    from playwright import sync_api as playwright

    from tests.browser.lab_page import WINDOW

    # Chromium's own sandbox refuses to run as root, which a container's user often is.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=program, args=arguments)
        # One context: what the first page has loaded the next one finds.
        yield running.new_context(viewport=WINDOW)
        running.close()


@pytest.fixture(scope="package")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that the tests may write into."""
    return copy_course(course_root(), tmp_path_factory.mktemp("browser") / "course")


@pytest.fixture(scope="package")
def server(browser: Any, course: Path) -> Iterator[Server]:
    """JupyterLab on that checkout, at the smoke budget."""
    home = course.parent / "home"
    home.mkdir()
    with running_lab(course, home) as running:
        yield running


@pytest.fixture(scope="package")
def lab_page(browser: Any, server: Server) -> LabPage:
    """The page of JupyterLab that all tests share."""
    from tests.browser.lab_page import LabPage

    return LabPage(browser.new_page(), server)


@pytest.fixture
def lab(lab_page: LabPage) -> Iterator[LabPage]:
    """The page of JupyterLab, without a notebook in it."""
    yield lab_page
    if not lab_page.page.is_closed():
        lab_page.close()
