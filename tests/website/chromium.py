"""axe-core on a page of the system's Chromium, and the sizes of windows; a test is skipped without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

PHONE = {"width": 400, "height": 800}
DESK = {"width": 1400, "height": 900}


def violations(page: Any, only: list[str] | None = None) -> list[str]:
    """Return what axe-core finds on a page that is open, a line for each rule with the first elements.

    Args:
        page: of playwright, opened with `bypass_csp` where its policy would forbid axe-core to run.
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
