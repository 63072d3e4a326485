"""A notebook in JupyterLab, driven as a learner drives it: menus, mouse and keyboard, and what they then see."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, ViewportSize

# Longer than any cell takes on a busy machine: a guard against hanging, not a measurement.
PATIENCE = 600_000
# What JupyterLab and its extensions say of themselves, whatever the notebook.
_NOT_OURS = (
    "favicon",
    "nbgrader",
    # What the page says when a test before has shut its kernel down.
    "/api/kernels",
    "Canceled future",
    "Kernel is dead",
    "/api/sessions",
    # Notebook 7, of an extension made for JupyterLab.
    "Cannot read properties of undefined (reading 'schema')",
    # What the extension of widgets says of a notebook without a kernel.
    "Cannot read properties of null (reading 'kernel')",
    "/lsp/",
    "Download the React DevTools",
)

WINDOW: ViewportSize = {"width": 1200, "height": 900}

_READY = """(path) => {
    const app = window.jupyterapp, panel = app && app.shell.currentWidget;
    return Boolean(panel && panel.context && panel.context.path === path && panel.context.isReady
        && panel.content && panel.content.widgets.length);
}"""
_IDLE = """() => {
    const panel = window.jupyterapp.shell.currentWidget, kernel = panel.sessionContext.session?.kernel;
    return kernel && kernel.status === 'idle' && !panel.content.widgets.some(
        (cell) => cell.model.type === 'code' && cell.model.executionState === 'running');
}"""
_OUTPUTS = """(place) => {
    const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
    return cells.get(place).outputs.toJSON();
}"""
_CELLS = """() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells, (cell) => ({
    type: cell.type, source: cell.sharedModel.source, count: cell.executionCount ?? null,
    tags: cell.getMetadata('tags') ?? [],
    outputs: cell.type === 'code' ? cell.outputs.toJSON() : [],
}))"""

_COUNT = "(place) => window.jupyterapp.shell.currentWidget.content.model.cells.get(place).executionCount ?? null"
_ALL_RAN = """() => {
    const cells = Array.from(window.jupyterapp.shell.currentWidget.content.model.cells)
        .filter((cell) => cell.type === 'code' && cell.sharedModel.source.trim());
    return cells.every((cell) => cell.executionCount !== null)
        || cells.some((cell) => cell.outputs.toJSON().some((one) => one.output_type === 'error'));
}"""


EVERYTHING = "COURSE_BROWSER_ALL"
at_length = pytest.mark.skipif(not os.environ.get(EVERYTHING), reason=f"{EVERYTHING} is not set: it takes minutes")


class LabPage:
    """A page of JupyterLab; collects what the browser reports."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self._note("exception in the page: " + str(error)))

    def _note_console(self, message: Any) -> None:
        if message.type == "error":
            self._note(f"{message.text} {message.location.get('url', '')}")

    def _note(self, said: str) -> None:
        if not any(known in said for known in _NOT_OURS):
            self.complaints.append(said)

    def open(self, path: str, classic: bool = False) -> None:
        """Open a notebook in JupyterLab, or in Notebook 7, and wait for its kernel."""
        if classic:
            self.page.goto(self.server.notebook(path), wait_until="commit")
        else:
            self._open_document({"path": path, "factory": "Notebook"})
        self.page.wait_for_function(_READY, arg=path)
        self.wait_until_idle()

    def _open_document(self, arguments: dict[str, Any]) -> None:
        """Open a file in JupyterLab; the page is loaded for the first one only, since that takes longest."""
        if not self.page.url.startswith(self.server.address):
            self.page.goto(self.server.lab(), wait_until="commit")
        # JupyterLab may go to a workspace of its own at first: a wait outlives that.
        self.page.wait_for_function("() => window.jupyterapp?.restored.then(() => true)")
        self.command("docmanager:open", arguments)

    def open_without_kernel(self, path: str) -> None:
        """Open a notebook as one does to read it, without starting anything."""
        without = {"shouldStart": False, "canStart": False, "autoStartDefault": False}
        self._open_document({"path": path, "factory": "Notebook", "kernelPreference": without})
        self.page.wait_for_function(_READY, arg=path)
        assert self.page.evaluate("() => !window.jupyterapp.shell.currentWidget.sessionContext.session")
        # JupyterLab's own parts look for a kernel.
        self.complaints.clear()

    def wait_until_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.wait_for_function(_IDLE)

    def command(self, name: str, arguments: dict[str, Any] | None = None) -> None:
        """Start one of JupyterLab's commands, as its menus do; what it does is waited for, and not its end."""
        self.page.evaluate(
            "([name, given]) => { void window.jupyterapp.commands.execute(name, given); }", [name, arguments or {}]
        )

    def run_all(self) -> None:
        """Choose Run > Run All Cells, and wait for the last of them, or for the first that fails."""
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(_ALL_RAN)
        self.wait_until_idle()

    def select(self, place: int) -> None:
        """Make a cell the active one, and bring it into view."""
        self.page.evaluate(
            """(place) => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                notebook.deselectAll();
                notebook.activeCellIndex = place;
                // Not awaited: where nothing has to be scrolled the promise may never be kept.
                void notebook.scrollToCell(notebook.widgets[place], 'start').catch(() => undefined);
            }""",
            place,
        )

    def run_cell(self, place: int) -> list[dict[str, Any]]:
        """Run one cell, wait for it, and return its outputs."""
        before = self.page.evaluate(_COUNT, place)
        self.start_cell(place)
        self.page.wait_for_function(f"([place, before]) => ![null, before].includes(({_COUNT})(place))",
                                    arg=[place, before])  # fmt: skip
        self.wait_until_idle()
        return self.outputs(place)

    def add_cell(self, source: str) -> int:
        """Write a new cell at the end, and return its place."""
        return int(
            self.page.evaluate(
                """(source) => {
                    const model = window.jupyterapp.shell.currentWidget.content.model;
                    model.sharedModel.addCell({cell_type: 'code', source, metadata: {}, outputs: []});
                    return model.cells.length - 1;
                }""",
                source,
            )
        )

    def start_cell(self, place: int) -> None:
        """Run one cell without waiting for it."""
        self.select(place)
        self.command("notebook:run-cell")

    def wait_until_busy(self) -> None:
        """Wait until the kernel works."""
        self.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'busy'"
        )

    def outputs(self, place: int) -> list[dict[str, Any]]:
        """Return a cell's outputs as the notebook holds them."""
        found: list[dict[str, Any]] = self.page.evaluate(_OUTPUTS, place)
        return found

    def cells(self) -> list[dict[str, Any]]:
        """Return type, source, tags, execution count and outputs of every cell."""
        found: list[dict[str, Any]] = self.page.evaluate(_CELLS)
        return found

    def output_area(self, place: int) -> Locator:
        """Return where a cell's output is seen."""
        self.select(place)
        return self.page.locator(f'.jp-Notebook [data-windowed-list-index="{place}"] .jp-Cell-outputWrapper')

    def hide_sidebar(self) -> None:
        """Fold the list of files away, as one does in a narrow window."""
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")

    def close(self) -> None:
        """Close the notebook without saving, shut its kernel down, and make the page as it was at first."""
        self.page.set_viewport_size(WINDOW)
        self.page.evaluate(
            "() => document.querySelector('.jp-Notebook') && window.jupyterapp.shell.currentWidget?.dispose()"
        )
        self.server.shut_kernels_down()
        self.complaints.clear()

    def use_theme(self, name: str) -> None:
        """Change JupyterLab's theme, and wait until it is there."""
        self.command("apputils:change-theme", {"theme": name})
        self.page.wait_for_function("(name) => document.body.dataset.jpThemeName === name", arg=name)


def errors(outputs: list[dict[str, Any]]) -> list[str]:
    """Return what a cell raised."""
    return [f"{one['ename']}: {one['evalue']}" for one in outputs if one["output_type"] == "error"]
