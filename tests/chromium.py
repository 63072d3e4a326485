"""The system's Chromium for every test that needs a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
REQUIRED = "COURSE_REQUIRE_BROWSER"


@contextmanager
def chromium() -> Iterator[Any]:
    """Give a headless browser; without one the test is skipped, or fails where COURSE_REQUIRE_BROWSER is set."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        if os.environ.get(REQUIRED):
            pytest.fail(f"{REQUIRED} is set, and there is none of {', '.join(PROGRAMS)}")
        pytest.skip("needs chromium")
    if not os.environ.get(REQUIRED):
        pytest.importorskip("playwright", reason="needs playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        # As root, which a container's user often is, Chromium has no sandbox of its own; it opens only pages of ours.
        running = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield running
        finally:
            running.close()
