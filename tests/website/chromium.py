"""The system's chromium for tests of pages, and axe-core on a page; tests that need them are skipped without."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PHONE = {"width": 400, "height": 800}
DESK = {"width": 1400, "height": 900}


@contextmanager
def browser() -> Iterator[Any]:
    """Give a headless browser, or skip the test. Open pages with `bypass_csp`: theirs may forbid axe-core to run."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("needs chromium")
    with playwright.sync_playwright() as running:
        # As root chromium has no sandbox of its own; it opens only files of this test.
        started = running.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()


def violations(page: Any, only: list[str] | None = None) -> list[str]:
    """Return what axe-core finds on a page that is open, a line for each rule with the first elements.

    Args:
        page: of playwright.
        only: the rules to run; by default all.
    """
    axe = pytest.importorskip("axe_playwright_python", reason="needs the package axe-playwright-python")
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if only is not None:
        options["runOnly"] = {"type": "rule", "values": only}
    found = page.evaluate(f"axe.run(document, {json.dumps(options)})")["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: "
        + "; ".join(f"{node['target']} {node['html'][:150]}" for node in one["nodes"][:3])
        for one in found
    ]
