"""Every widget of every notebook: each control moved by the keyboard, and the picture moves as it should."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.controls import Control, Live
from tests.browser.lab_page import WINDOW, LabPage, at_length, errors
from tests.browser.legibility import cut_labels, faint_texts
from tests.browser.slicing import needed_cells

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

TOKENS, YEAR = r"([\d,]+) tokens", r"in ([\d.]+) \(middle\)"
DAYS, MEMORY, SIZE = r"time +([\d,.]+) days", r"weights +([\d,.]+) GB", r"parameters +([\d,]+)"
CACHE, KEPT = r"keys and values +([\d,.]+) GB", r"([\d,]+) tokens can be drawn"
NARROW: ViewportSize = {"width": 400, "height": 800}
LOW_TO_HIGH = ("Home", "Home PageUp*2", "End")
# Beside the largest size there is, the share of another would read 0 at two of its values.
SMALL_TO_LARGE = ("Home", "Home PageUp*2", "Home PageUp*3")
# A list is opened first: while it is closed, JupyterLab takes the arrow keys to go from cell to cell.
NEXT, SECOND, BEFORE = "Space ArrowDown Enter", "Space ArrowDown*2 Enter", "Space ArrowUp Enter"


@dataclass(frozen=True)
class Widget:
    """A widget: a name in its cell's source, and its controls in the order of the Tab key."""

    name: str
    controls: tuple[Control, ...]


WIDGETS = {
    "01_data_distribution": (
        Widget(
            "tokenizer_explorer",
            (
                Control("example", (NEXT, SECOND, NEXT)),
                Control("text", ("type:a", "type:a b c", "type:" + "one and another " * 40), TOKENS, 1),
                Control("$ / million", ("type:1", "type:5", "type:20"), r"\$([\d,.]+) a million", 1),
                Control("tokens / s", ("type:1", "type:10", "type:100"), r"times\s+([\d.]+) s", -1),
            ),
        ),
        Widget(
            "mixture_slider",
            (
                Control("alpha", LOW_TO_HIGH, r"zhurimi\s+share [\d.]+, then ([\d.]+)", -1),
                *(
                    Control(f"size of {one}", SMALL_TO_LARGE, rf"{one}\s+share ([\d.]+)", 1)
                    for one in ("common", "velkoth", "zhurimi")
                ),
            ),
        ),
    ),
    "02_attention_from_scratch": (
        Widget(
            "attention_explorer",
            (
                Control("layer", ("Home", "ArrowRight*3", "End"), r"Layer (\d+)", 1),
                Control("head", ("Home", "ArrowRight*3", "End"), r"head (\d+)", 1),
                Control("query", ("Home", "ArrowRight*3", "End")),
                Control("text", ("type:One", "type:One and two", "type:One and two and three")),
                Control("model", (NEXT, BEFORE, NEXT)),
            ),
        ),
    ),
    "03_transformer_block": (
        Widget(
            "size_explorer",
            (
                Control("start from", (NEXT, NEXT, "Space Home Enter")),
                Control("layers", LOW_TO_HIGH, SIZE, 1),
                Control("head dim", LOW_TO_HIGH, SIZE, 1),
                Control("heads", ("Home ArrowRight*2", "ArrowRight*3", "ArrowRight*3"), SIZE, 1),
                Control("kv heads", ("Home", "ArrowRight*2", "Home"), CACHE),
                Control("d_ff", LOW_TO_HIGH, SIZE, 1),
                Control("vocabulary", LOW_TO_HIGH, SIZE, 1),
                Control("tokens", ("type:100", "type:1000", "type:8000"), CACHE, 1),
                Control("batch", ("type:1", "type:2", "type:30"), CACHE, 1),
                Control("bits", (NEXT, NEXT, BEFORE), MEMORY),
            ),
        ),
    ),
    "04_scaling_laws": (
        Widget(
            "bill_explorer",
            (
                Control("parameters N", ("type:1e9", "type:1e10", "type:1e11"), DAYS, 1),
                Control("tokens D", ("type:1e9", "type:1e11", "type:1e12"), DAYS, 1),
                Control("devices", ("type:8", "type:64", "type:512"), DAYS, -1),
                Control("FLOP/s of one", ("type:1e12", "type:1e13", "type:1e14"), DAYS, -1),
                Control("utilisation", ("type:0.1", "type:0.5", "type:1"), DAYS, -1),
                Control("$ per device-hour", ("type:1", "type:2", "type:4"), r"\$([\d,]+)", 1),
                Control("watts of one", ("type:100", "type:300", "type:900"), r"([\d,]+) kWh", 1),
                Control("power overhead", ("type:1", "type:1.5", "type:2"), r"([\d,]+) kWh", 1),
            ),
        ),
        Widget(
            "stock_explorer",
            (
                Control("stock (log10 tokens)", ("ArrowLeft*2", "End", "ArrowLeft*9"), YEAR, handle=1),
                Control("used (log10 tokens)", ("Home", "ArrowRight*9", "ArrowRight*9"), YEAR, 1 * -1),
                Control("stock, factor a year", ("ArrowRight*5", "ArrowRight*20", "ArrowRight*20"), YEAR, 1, 1),
                Control("use, factor a year", ("ArrowRight*4", "ArrowRight*8", "ArrowRight*16"), YEAR, -1, 1),
            ),
        ),
        Widget(
            "growth_explorer",
            (
                Control("share today (%)", LOW_TO_HIGH, r"([\d,]+) times as much", -1),
                Control("operations per kWh, factor", LOW_TO_HIGH, r"([\d,]+) times the compute", 1),
            ),
        ),
    ),
    "05_supervised_finetuning": (
        Widget(
            "mask_explorer",
            (
                *(
                    Control(turn, ("type:Now.", "type:Now it is.", "type:Now it is so, or so."), r"of (\d+) tokens", 1)
                    for turn in ("system", "user", "assistant")
                ),
                Control("masked loss", ("Space", "Space", "Space"), r"(\d+) of \d+ tokens"),
            ),
        ),
    ),
    "06_reward_model": (
        Widget(
            "preference_labeler",
            (
                Control("A is better", ("Enter", "Space", "Enter"), r"(\d+) choices", 1),
                Control("B is better", ("Enter", "Space", "Enter"), r"(\d+) choices", 1),
                Control("take the last choice back", ("Enter", "Space", "Enter"), r"(\d+) choices", -1),
            ),
        ),
    ),
    "07_samplers": (
        Widget(
            "next_token_explorer",
            (
                Control("temperature", ("Home ArrowRight*4", "ArrowRight*10", "End"), r"entropy ([\d.]+)", 1),
                Control("k (0: off)", ("Home ArrowRight", "ArrowRight*4", "ArrowRight*40"), KEPT, 1),
                Control("k (0: off)", ("Home",), KEPT),
                Control("min-p", ("Home ArrowRight", "ArrowRight*4", "End"), KEPT, -1),
                Control("min-p", ("Home",), KEPT),
                Control("p", ("Home", "ArrowRight*30", "End"), KEPT, 1),
                Control("text", ("type:The capital of", "type:I", "type:Two and two is")),
            ),
        ),
    ),
    "08_structured_outputs": (
        Widget(
            "mask_explorer.mask_explorer",
            (
                Control(
                    "record", ('type:{"', 'type:{"animal":"', 'type:{"animal":"go'), r"([\d,]+) tokens are allowed"
                ),
                Control("schema", ('type:{"type": "boolean"}', 'type:{"type"', 'type:{"type": "object"}')),
            ),
        ),
    ),
    "09_hallucination": (
        Widget(
            "ask_widget",
            (
                Control("penalty", LOW_TO_HIGH, r"penalty ([\d.]+)", 1),
                Control("question", (NEXT, NEXT, BEFORE)),
                Control("draw other samples", ("Enter", "Space", "Enter")),
                Control("person", (NEXT, NEXT, BEFORE)),
            ),
        ),
    ),
}


@at_length
@pytest.mark.parametrize("notebook", WIDGETS)
def test_pictures_follow_every_control_in_both_themes_and_in_a_narrow_window(notebook: str, lab: LabPage) -> None:
    lab.open(f"{notebook}/{notebook}.ipynb")
    sources = [cell["source"] if cell["type"] == "code" else "" for cell in lab.cells()]
    ran: set[int] = set()
    for widget in WIDGETS[notebook]:
        shows = re.compile(rf"^display\(\s*(?:\w+\.)?{re.escape(widget.name)}\(", re.MULTILINE)
        place = next(place for place, source in enumerate(sources) if shows.search(source))
        for needed in needed_cells(sources, place):
            if needed not in ran:
                assert errors(lab.run_cell(needed)) == []
                ran.add(needed)
        live = Live(lab.output_area(place))
        keep_picture(lab, live, f"{widget.name}-light")
        for control in widget.controls:
            live.move(control)
        look_at(lab, live, widget.name)
    assert lab.complaints == []


def look_at(lab: LabPage, live: Live, name: str) -> None:
    """Look at a widget in the dark theme and in a window of 400 pixels."""
    assert faint_texts(live.box) + cut_labels(live.box) == []
    lab.use_theme("JupyterLab Dark")
    assert faint_texts(live.box) == []
    keep_picture(lab, live, f"{name}-dark")
    lab.page.set_viewport_size(NARROW)
    lab.hide_sidebar()
    live.until_it_fits(name)
    keep_picture(lab, live, f"{name}-narrow")
    lab.page.set_viewport_size(WINDOW)
    lab.use_theme("JupyterLab Light")


def keep_picture(lab: LabPage, live: Live, name: str) -> None:
    """Write a picture of the widget into the folder $COURSE_SCREENSHOTS, if that is set."""
    if folder := os.environ.get("COURSE_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        size = lab.page.viewport_size or WINDOW
        # What lies below the window's edge is not in a picture.
        lab.page.set_viewport_size({"width": size["width"], "height": 2000})
        live.box.screenshot(path=f"{folder}/{name}.png")
        lab.page.set_viewport_size(size)


def test_a_widget_of_every_notebook_is_tested() -> None:
    from utils.course.notebooks import course_root, read_notebook, topics

    shows = re.compile(r"^display\(.*?(\w+(?:_explorer|_slider|_labeler|_widget))\(", re.MULTILINE)
    for topic in topics(course_root()):
        found = [shown for cell in read_notebook(topic.release).code_cells for shown in shows.findall(cell.source)]
        assert found == [widget.name.split(".")[-1] for widget in WIDGETS[topic.name]]
