"""Live pictures: where values lie, what a page without widgets gets, and errors that are not swallowed."""

from __future__ import annotations

import base64
import math
import re
import xml.etree.ElementTree as ElementTree

import pytest

from utils.notebook.widgets.pictures import Bar, Curve, Scale, bars_html, curves_svg, tick_text
from utils.notebook.widgets.view import explorer, said_html, static_html

X, Y = Scale("year", 2024, 2040), Scale("tokens", 1, 1e4, log=True)


def test_a_scale_places_values_by_their_size_or_their_order_of_magnitude() -> None:
    assert [X.place(year) for year in (2000, 2024, 2032, 2040)] == [0, 0, 0.5, 1]
    assert [Y.place(value) for value in (1, 100, 1e4, 1e9)] == [0, 0.5, 1, 1]


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (Y, [1, 10, 100, 1000, 10_000]),
        (Scale("x", 0.05, 0.8, log=True), [0.05, 0.1, 0.2, 0.5]),
        (Scale("x", 0, 10), [0, 2, 4, 6, 8, 10]),
        (Scale("x", 0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ],
)
def test_ticks_are_round_and_within_the_range(scale: Scale, ticks: list[float]) -> None:
    assert scale.ticks() == pytest.approx(ticks)


def test_labels_of_ticks_are_short() -> None:
    assert [tick_text(value) for value in (0, 0.2, 1000, 1e9, 1e12, 1e-5)] == [
        "0", "0.2", "1000", "1e9", "1e12", "1e-5",
    ]  # fmt: skip


def test_a_picture_is_well_formed_described_and_leaves_out_what_is_not_finite() -> None:
    curve = Curve("a < b", [2024, 2030, 2040], [1, math.inf, 1e4], dot=(2032, 100))
    drawn = ElementTree.fromstring(curves_svg([curve], X, Y, 'grows to "much"'))
    assert drawn.attrib["aria-label"] == 'grows to "much"'
    (line,) = [one for one in drawn.iter() if one.tag.endswith("polyline")]
    left, right = (tuple(map(float, point.split(","))) for point in line.attrib["points"].split())
    (dot,) = [one for one in drawn.iter() if one.tag.endswith("circle")]
    assert float(dot.attrib["cx"]) == pytest.approx((left[0] + right[0]) / 2)
    assert float(dot.attrib["cy"]) == pytest.approx((left[1] + right[1]) / 2)
    assert left[1] > right[1]


def test_bars_are_as_long_as_their_values_and_escaped() -> None:
    page = bars_html([Bar("<b>", (1, 4), "1 and 4"), Bar("x", (2, 0), "2")], ("one", "two"), "what")
    assert re.findall(r"width:([\d.]+)%'></div>", page) == ["25.0", "100.0", "50.0", "0.0"]
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Scale("x", 1, 1), "range of 'x' must go from low to high"),
        (lambda: Scale("x", 0, 1, log=True), "low must be above 0"),
        (lambda: curves_svg([], X, Y, "nothing"), "curves has 0 entries"),
        (lambda: curves_svg([Curve("a", [2024], [1])], X, Y, " "), "description is empty"),
        (lambda: bars_html([Bar("a", (1,), "")], ("one", "two"), "x"), "row 'a' must have 2 values"),
        (lambda: bars_html([Bar("a", (-1,), "")], ("one",), "x"), "row 'a' must have 1 values of 0 or more"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_page_that_cleans_its_html_gets_an_image_with_the_description() -> None:
    svg = curves_svg([Curve("a", [2024, 2040], [1, 10])], X, Y, "it & more")
    page = static_html(f"<style>p{{}}</style><p>words</p>{svg}")
    assert "<svg" not in page
    assert "<style" not in page
    assert 'alt="it &amp; more"' in page
    drawn = base64.b64decode(re.search(r"base64,([^\"]+)", page)[1])  # type: ignore[index]
    assert ElementTree.fromstring(drawn).tag.endswith("svg")


def test_a_view_shows_a_sentence_for_bad_input_and_raises_what_is_our_fault() -> None:
    import ipywidgets as widgets

    number = widgets.IntText(value=1)

    def draw() -> tuple[str, str]:
        if number.value < 0:
            raise ValueError("number must not be negative & so on")
        return said_html(str(10 // number.value)), f"ten by {number.value}"

    view = explorer([number], draw)
    bundle = view._repr_mimebundle_()
    assert bundle["text/plain"] == "ten by 1"
    assert "10</pre>" in bundle["text/html"]
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == view.model_id
    number.value = -1
    assert "must not be negative &amp; so on" in view.children[-1].value
    number.value = 5
    assert "2</pre>" in view.children[-1].value
    with pytest.raises(ZeroDivisionError):
        number.value = 0
    assert "The widget failed, ZeroDivisionError" in view.children[-1].value
