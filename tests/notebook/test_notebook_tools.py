"""Budget, figures and verdicts: what every notebook shows."""

from __future__ import annotations

import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image

from utils.evaluation.intervals import bootstrap_interval, mean_interval
from utils.notebook import Verdicts, setup, show
from utils.notebook.budget import choose_budget


@pytest.mark.parametrize(("name", "value"), [("smoke", 1), ("cpu", 2), ("gpu", 3)])
def test_the_variable_chooses_the_size(monkeypatch: pytest.MonkeyPatch, name: str, value: int) -> None:
    monkeypatch.setenv("COURSE_BUDGET", name)
    assert choose_budget().pick(smoke=1, cpu=2, gpu=3) == value


def test_a_gpu_size_that_nobody_stated_is_the_cpu_size() -> None:
    assert choose_budget("gpu").pick(smoke=1, cpu=2) == 2


def test_an_unknown_budget_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_BUDGET", "huge")
    with pytest.raises(ValueError, match="'huge' is unknown: COURSE_BUDGET"):
        setup()


def test_a_small_mark_keeps_its_colour_beside_many_others(monkeypatch: pytest.MonkeyPatch) -> None:
    figure, axes = plt.subplots()
    for number in range(40):
        axes.plot([0, 1], [number, number + 1], color=plt.get_cmap("viridis")(number / 40))
    axes.plot([0.5], [60], "s", color="red", markersize=2)
    axes.set(xlabel="x", ylabel="y")
    pages: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: pages.append(data["text/html"]))
    show(figure, "forty lines and a point")
    data = pages[0].split("base64,")[1].split('"')[0]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")).astype(int)
    assert (np.abs(pixels - [255, 0, 0]).max(-1) < 40).any()
    assert (pixels[0, 0] == 255).all()


def test_a_figure_without_labels_or_description_is_refused() -> None:
    figure, axes = plt.subplots()
    axes.set_xlabel("tokens")
    with pytest.raises(ValueError, match="axes 0 has no y label"):
        show(figure, "a line")
    axes.set_ylabel("loss (nats)")
    with pytest.raises(ValueError, match="description is empty"):
        show(figure, " ")


def test_a_figure_is_shown_with_its_description_and_closed() -> None:
    figure, axes = plt.subplots()
    axes.set(xlabel="tokens", ylabel="loss (nats)")
    InteractiveShell.instance()
    with capture_output() as captured:
        show(figure, 'loss at "C" & more')
    (output,) = captured.outputs
    assert output.data["text/plain"] == 'Figure: loss at "C" & more'
    said = "loss at &quot;C&quot; &amp; more"
    assert f'alt="{said}"' in output.data["text/html"]
    assert f"Figure: {said}</figcaption>" in output.data["text/html"]
    assert not plt.fignum_exists(figure.number)


def test_a_figure_has_twice_the_pixels_of_its_place_on_the_page() -> None:
    import base64
    import io
    import re

    from PIL import Image

    figure, axes = plt.subplots(figsize=(7, 3.6), dpi=80)
    axes.set(xlabel="tokens", ylabel="loss (nats)")
    InteractiveShell.instance()
    with capture_output() as captured:
        show(figure, "nothing yet")
    page = captured.outputs[0].data["text/html"]
    drawn = Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", page)[1])))
    width = int(re.search(r'width="(\d+)"', page)[1])
    assert width == drawn.width // 2
    assert 450 < width < 600
    assert drawn.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_verdicts_are_ordered_by_row_and_replaced_when_a_cell_runs_again() -> None:
    verdicts = Verdicts()
    verdicts.add(7, "rare languages lose more", "0.4 nats", "holds", "[0.3, 0.5], n = 5")
    verdicts.add(2, "English is 46%", "45.88%", "holds")
    verdicts.add(7, "rare languages lose more", "0.5 nats", "holds in part", "[0.1, 0.9], n = 5")
    assert [(one.row, one.outcome) for one in verdicts.rows] == [(2, "holds"), (7, "holds in part")]
    assert "<script>" not in Verdicts([verdicts.add(9, "<script>", "x", "undecided")])._repr_html_()


def test_an_outcome_outside_the_four_is_refused() -> None:
    with pytest.raises(ValueError, match="'true' is unknown"):
        Verdicts().add(1, "claim", "x", "true")


def test_intervals_cover_the_mean_at_their_stated_rate() -> None:
    import numpy as np

    # 2,000 samples of 5: the share that covers 0 lies within 5 standard errors of 0.95 except once in a million.
    samples = np.random.default_rng(0).normal(size=(2000, 5))
    covered = [interval.low <= 0 <= interval.high for interval in map(mean_interval, samples)]
    assert abs(np.mean(covered) - 0.95) < 5 * (0.95 * 0.05 / 2000) ** 0.5


@pytest.mark.parametrize("interval", [mean_interval, bootstrap_interval])
def test_one_value_has_no_interval(interval: object) -> None:
    with pytest.raises(ValueError, match="needs at least two"):
        interval([1.0])  # type: ignore[operator]


def test_bootstrap_interval_holds_its_statistic() -> None:
    interval = bootstrap_interval([1.0, 2.0, 3.0, 4.0, 100.0], seed=1)
    assert interval.low <= interval.mean <= interval.high
    assert interval.mean == 22.0
