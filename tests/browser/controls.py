"""Controls of a widget, reached and moved by the keyboard alone, and what the live picture then says."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.browser.legibility import overflowing

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


PATIENCE_S = 120.0
_FOCUSED = """() => {
    const box = document.activeElement?.closest('.widget-inline-hbox, .widget-button, .jupyter-button');
    const labels = Array.from(box?.querySelectorAll('label') ?? [], (one) => one.textContent).join('');
    const said = labels || box?.textContent;
    // A checkbox has a label of zero width before its own.
    return (said ?? '').replaceAll('\\u200b', '').trim();
}"""

# What a control is set to, seen on the page itself: the kernel's answer comes later.
_SET_TO = "(control) => [control.getAttribute('aria-valuenow'), control.value, control.checked].join('|')"
_NO_LIST_OPENS = "() => document.activeElement?.tagName !== 'SELECT' || document.activeElement.matches(':open')"


@dataclass(frozen=True)
class Control:
    """A control, three ways to set it, and what its picture must do.

    Attributes:
        label: as it is seen.
        keys: for each value the keys to press, separated by blanks; "Key*5" presses one five times, "type:words" puts
            the words in place of the field's text.
        reads: pattern of a number in the picture's text.
        direction: 1 if the number grows with every value, -1 if it falls, 0 if the picture only changes.
        handle: which of a slider's handles.
    """

    label: str
    keys: tuple[str, ...]
    reads: str = ""
    direction: int = 0
    handle: int = 0


class Live:
    """A widget of a cell."""

    def __init__(self, area: Locator) -> None:
        self.box = area.locator(".course-widget").first
        self.picture = self.box.locator(".course-live")
        self.box.wait_for()
        self.page: Page = area.page

    def text(self) -> str:
        """Return what the picture says, its descriptions included."""
        return str(
            self.picture.evaluate(
                """(node) => node.innerText + ' ' + Array.from(
                    node.querySelectorAll('[aria-label]'), (one) => one.ariaLabel).join(' ')"""
            )
        )

    def content(self) -> str:
        """Return the picture as HTML."""
        return self.picture.inner_html()

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds; fail with what the picture says when it does not come to hold."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, f"{what}; the picture says: {self.text()[:600]}"
            self.page.wait_for_timeout(30)

    def until_it_fits(self, name: str) -> None:
        """Wait until nothing of it reaches beyond its output or the window."""
        end = time.monotonic() + PATIENCE_S
        while found := overflowing(self.box):
            assert time.monotonic() < end, f"{name} is too wide: {found}"
            self.page.wait_for_timeout(100)

    def begin(self) -> None:
        """Put the focus on the first control; from here on the Tab key moves it."""
        self.box.locator("input, select, textarea, button, .noUi-handle").first.focus()

    def reach(self, label: str, handle: int = 0) -> None:
        """Press Tab until the control with this label has the focus."""
        for _ in range(40):
            if self.page.evaluate(_FOCUSED) == label:
                for _ in range(handle):
                    self.page.keyboard.press("Tab")
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not reach {label!r}")

    def press(self, keys: str) -> None:
        """Press the keys of one value."""
        if keys.startswith("type:"):
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.press("Delete")
            self.page.keyboard.insert_text(keys.removeprefix("type:"))
            # A field tells its value when it is left.
            self.page.keyboard.press("Tab")
            return
        for key in keys.split():
            name, _, times = key.partition("*")
            for _ in range(int(times or 1)):
                self.page.keyboard.press(name)
            if name == "Space":
                # A list takes its time to open, and loses the keys until then.
                self.page.wait_for_function(_NO_LIST_OPENS)

    def number(self, pattern: str) -> float | None:
        """Return a number of the picture's text, or None where it says none."""
        found = re.search(pattern, self.text(), re.DOTALL)
        return float(found[1].replace(",", "")) if found else None

    def move(self, control: Control) -> None:
        """Set a control to each of its values; the picture must follow each time, in its direction."""
        before: float | None = None
        for number, keys in enumerate(control.keys):
            shown = self.content()
            self.begin()
            self.reach(control.label, control.handle)
            control_at = self.page.evaluate_handle("() => document.activeElement")
            begins_at = control_at.evaluate(_SET_TO)
            self.press(keys)
            what = f"{control.label}, value {number + 1} of {len(control.keys)} ({keys})"
            # The first value may be the one that the control begins with.
            if number or not control.direction or control_at.evaluate(_SET_TO) != begins_at:
                self.until(lambda shown=shown: self.content() != shown, f"{what}: nothing changes")  # type: ignore[misc]
            else:
                self.page.wait_for_timeout(400)
            if control.reads:
                self._compare(control, before, what)
                before = self.number(control.reads)

    def _compare(self, control: Control, before: float | None, what: str) -> None:
        if before is None or not control.direction:
            self.until(lambda: self.number(control.reads) is not None, f"{what}: no {control.reads!r}")
            return
        earlier = before

        def moved() -> bool:
            now = self.number(control.reads)
            return now is not None and (now - earlier) * control.direction > 0

        self.until(
            moved, f"{what}: {control.reads!r} was {before} and must {'grow' if control.direction > 0 else 'fall'}"
        )
