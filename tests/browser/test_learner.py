"""The first minutes: from the middle, all at once, a cell that takes too long, a page without a kernel."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.controls import Control, Live
from tests.browser.lab_page import LabPage, at_length, errors
from tests.browser.legibility import faint_texts, overflowing
from tests.browser.server import Server, executed_notebook
from utils.course.still_forms import STILL

# Other tests run each notebook without a browser.
NOTEBOOKS = ("02_attention_from_scratch", "05_supervised_finetuning")


@at_length
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_runs_from_its_first_cell_to_its_last(notebook: str, lab: LabPage) -> None:
    lab.open(f"{notebook}/{notebook}.ipynb")
    cells = lab.cells()
    middle = next(place for place, cell in enumerate(cells) if "experiment" in cell["tags"])
    told = str(lab.run_cell(middle))
    assert "Run the first code cell, the one with setup()" in told
    assert "the notebook is not set up" in told

    lab.run_all()
    cells = lab.cells()
    ran = [cell for cell in cells if cell["type"] == "code" and cell["source"].strip()]
    assert [cell["source"][:80] for cell in ran if cell["count"] is None] == []
    assert [said for cell in ran for said in errors(cell["outputs"])] == []
    statuses = [one["metadata"]["course"]["status"] for cell in ran for one in cell["outputs"]
                if "course" in one.get("metadata", {})]  # fmt: skip
    assert set(statuses) == {"open"}
    assert len(statuses) == sum("@visible_test" in cell["source"] for cell in ran)

    card = next(place for place, cell in enumerate(cells) if "@visible_test" in cell["source"])
    figure = next(place for place, cell in enumerate(cells) if "<figure" in str(cell["outputs"]))
    box = lab.output_area(card).locator("[role=status]")
    assert box.evaluate("(node) => getComputedStyle(node).borderLeftColor") == "rgb(230, 159, 0)"
    lab.use_theme("JupyterLab Dark")
    assert faint_texts(lab.output_area(card)) == []
    area = lab.output_area(figure)
    assert faint_texts(area) == []
    image = area.locator("figure img").first
    image.wait_for()
    assert image.evaluate("(node) => getComputedStyle(node).backgroundColor") == "rgb(255, 255, 255)"
    assert image.evaluate("(node) => node.naturalWidth / node.getAttribute('width')") == pytest.approx(2, abs=0.02)
    assert len(str(image.get_attribute("alt"))) > 20
    lab.page.set_viewport_size({"width": 400, "height": 800})
    lab.hide_sidebar()
    assert overflowing(lab.output_area(figure)) == []
    lab.use_theme("JupyterLab Light")
    assert lab.complaints == []


def test_a_long_cell_is_interrupted_and_the_next_one_runs(lab: LabPage) -> None:
    lab.open("00_start_here.ipynb")
    last = lab.add_cell("import time\nwhile True:\n    time.sleep(0.1)")
    lab.start_cell(last)
    lab.wait_until_busy()
    lab.command("notebook:interrupt-kernel")
    lab.wait_until_idle()
    assert errors(lab.outputs(last)) == ["KeyboardInterrupt: "]
    after = lab.add_cell("print(6 * 7)")
    assert lab.run_cell(after)[0]["text"].strip() == "42"
    assert lab.complaints == []


WITHOUT = """
from utils.notebook import setup, show
from utils.notebook.widgets.training_bill import bill_explorer
import matplotlib.pyplot as plt
setup("smoke")
figure, axes = plt.subplots()
axes.set(xlabel="step", ylabel="loss (nats)")
show(figure, "A picture that was drawn before.")
bill_explorer()
"""


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
def test_an_executed_notebook_shows_pictures_and_widgets_without_a_kernel(
    trusted: bool, lab: LabPage, server: Server
) -> None:
    name = f"executed-{trusted}.ipynb"
    executed_notebook(WITHOUT, server.course / "notebooks" / name, server.home if trusted else None)
    lab.open_without_kernel(name)
    area = lab.output_area(0)
    assert area.locator("figure img").first.get_attribute("alt") == "A picture that was drawn before."
    still = area.locator("img[alt^='Days of training']")
    still.wait_for()
    assert still.evaluate("(node) => node.naturalWidth") > 0
    assert "339.1 days" in area.inner_text()
    assert STILL in area.inner_text()
    assert area.locator(".course-widget").count() == 0
    lab.use_theme("JupyterLab Dark")
    assert faint_texts(area) == []
    lab.use_theme("JupyterLab Light")
    assert lab.complaints == []


@at_length
def test_notebook_7_shows_a_widget_that_moves(browser: Any, server: Server) -> None:
    pytest.importorskip("notebook", reason="needs Notebook 7")
    from tests.browser.test_widgets import WIDGETS

    name, wanted = "04_scaling_laws", "bill_explorer("
    lab = LabPage(browser.new_page(), server)
    try:
        lab.open(f"{name}/{name}.ipynb", classic=True)
        sources = [cell["source"] for cell in lab.cells()]
        first = next(place for place, source in enumerate(sources) if "setup()" in source)
        place = next(place for place, source in enumerate(sources) if f"{wanted}" in source)
        for needed in (first, place):
            assert errors(lab.run_cell(needed)) == []
        live = Live(lab.output_area(place))
        devices: Control = WIDGETS[name][0].controls[2]
        live.move(devices)
        assert faint_texts(live.box) == []
        assert lab.complaints == []
    finally:
        lab.page.close()
        server.shut_kernels_down()


def test_a_curve_moves_while_the_slider_is_held(lab: LabPage) -> None:
    lab.open("00_start_here.ipynb")
    source = "from utils.notebook.widgets.text_stock import stock_explorer\nstock_explorer()"
    place = lab.add_cell(source)
    assert errors(lab.run_cell(place)) == []
    live = Live(lab.output_area(place))
    handle = live.box.locator(".noUi-handle").nth(1).bounding_box()
    assert handle is not None
    mouse = lab.page.mouse
    mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    mouse.down()
    for step in range(1, 4):
        shown = live.picture.locator("svg").inner_html()
        mouse.move(handle["x"] + 30 * step, handle["y"] + handle["height"] / 2)
        live.until(lambda shown=shown: live.picture.locator("svg").inner_html() != shown, f"step {step} moves nothing")
    mouse.up()


def test_a_token_that_is_pointed_at_shows_where_it_looks(lab: LabPage) -> None:
    lab.open("00_start_here.ipynb")
    place = lab.add_cell(ATTENTION)
    assert errors(lab.run_cell(place)) == []
    live = Live(lab.output_area(place))
    shade = "(node) => getComputedStyle(node).backgroundColor"
    first = live.picture.locator(".q0")
    pointed = live.picture.locator(".q1")
    assert first.evaluate(shade) == "rgba(0, 114, 178, 0)"
    pointed.hover()
    assert first.evaluate(shade) == "rgba(0, 114, 178, 0.75)"
    assert live.picture.locator(".s1").is_visible()
    assert not live.picture.locator(".s2").is_visible()
    lab.page.mouse.move(0, 0)
    live.picture.locator(".q1").focus()
    assert first.evaluate(shade) == "rgba(0, 114, 178, 0.75)"
    lab.page.keyboard.press("Tab")
    assert first.evaluate(shade) == "rgba(0, 114, 178, 0)"
    assert live.picture.locator(".s2").is_visible()


ATTENTION = """
import torch
from utils.notebook.widgets.attention_explorer import AttentionMap, attention_explorer
before = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 1, 0]])[None, None]
attention_explorer({"by hand": lambda text: AttentionMap(tuple("abc"), before)}, {"by hand": "abc"})
"""
