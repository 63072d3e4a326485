"""One JupyterLab and one browser for this folder; both end with it, since Playwright keeps a loop running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.server import Server, copy_course, running_lab
from tests.chromium import chromium
from utils.course.notebooks import course_root

if TYPE_CHECKING:
    from tests.browser.lab_page import LabPage


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """A headless Chromium, as `chromium` gives it."""
    with chromium() as running:
        from tests.browser.lab_page import WINDOW

        # One context: what the first page has loaded the next one finds.
        yield running.new_context(viewport=WINDOW)


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
