"""Pictures of notebook 04: every axis has its label, and what is drawn is what was measured or recorded."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest

from utils.evaluation.intervals import Interval
from utils.experiments.recording.record import read_record
from utils.experiments.scaling import figures_search, figures_sources, figures_sweep, figures_training
from utils.experiments.scaling.little_text import LittleTextRun
from utils.experiments.scaling.rate_transfer import PARAMETRISATIONS
from utils.experiments.scaling.sweep_laws import finished, isoflop_points
from utils.experiments.scaling.throughput import Throughput
from utils.notebook.figures import unlabelled_axes
from utils.training.scaling_laws import CHINCHILLA, ScalingLaw
from utils.training.step_flops import StepFlops


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    plt.close("all")


def test_little_text_is_drawn_at_its_best_moment() -> None:
    def run(n_params: int, tokens: int, losses: tuple[float, ...]) -> LittleTextRun:
        return LittleTextRun(8, n_params, 1, tokens, 0, (1, 2), losses, losses)

    runs = {
        ("small", 1): [run(10, 30, (4.0, 5.0)), run(10, 30, (4.2, 5.0))],
        ("large", 1): [run(99, 30, (3.0, 2.0)), run(99, 30, (3.0, 2.4))],
    }
    figure = figures_training.little_text_figure(runs)
    assert unlabelled_axes(figure) == []
    (small, _, _), (large, _, _) = (container.lines for container in figure.axes[0].containers)
    assert list(small.get_ydata()) == pytest.approx([4.1])
    assert list(large.get_ydata()) == pytest.approx([2.2])


def test_parts_of_a_counted_step_end_at_its_ratio() -> None:
    step = StepFlops(total=120, attention=20, output=40, blocks=60, rule=100)
    figure = figures_training.counted_figure({"a": step, "b": step})
    ends = [bar.get_x() + bar.get_width() for bar in figure.axes[0].patches]
    assert max(ends) == pytest.approx(step.ratio)
    assert unlabelled_axes(figure) == []


def test_utilisation_stands_at_the_number_of_parameters() -> None:
    figure = figures_training.utilization_figure([Throughput(50, (1.0,), Interval(0.3, 0.2, 0.4, 4))])
    line = figure.axes[0].containers[0].lines[0]
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([50], [0.3])
    assert unlabelled_axes(figure) == []


def test_pictures_of_records_have_labels_on_every_axis() -> None:
    found = {row: read_record("04", row).findings for row in (41, 46, 52, 53, 55, 56, 57)}
    worth = {int(epochs): Interval(*ends, 3) for epochs, ends in found[41]["worth"].items()}
    figures = (
        figures_training.repetition_figure(found[41]["losses"], worth, found[41]["lasting_epochs"][0]),
        figures_training.prior_figure(found[46]),
        figures_search.searches_figure(found[52]),
        figures_search.codes_figure(found[53]),
        figures_sources.generations_figure(found[55]),
        figures_sources.canaries_figure(found[56]),
        figures_sources.sources_figure(found[57]),
    )
    assert [unlabelled_axes(figure) for figure in figures] == [[]] * len(figures)


def test_every_valley_inside_its_sizes_has_a_star() -> None:
    record = read_record("04", 48)
    swept = finished(record.results["sweep"])
    figure = figures_sweep.valleys_figure(swept, [], record.findings["world_entropy"])
    stars = [float(line.get_xdata()[0]) for line in figure.axes[0].lines if line.get_marker() == "*"]
    np.testing.assert_allclose(stars, [point["n_params"] for point in isoflop_points(swept)])
    assert unlabelled_axes(figure) == []


def test_the_law_is_drawn_beside_readings_of_long_runs() -> None:
    long_runs = read_record("04", 48).results["wrong schedule"]
    law = ScalingLaw(**{name: float(getattr(CHINCHILLA, name)) for name in ("E", "A", "B", "alpha", "beta")})
    figure = figures_sweep.schedules_figure(long_runs, law)
    dashed, solid = figure.axes[0].lines[:2]
    last = long_runs[0].result
    assert list(dashed.get_ydata())[-1] == last["loss"]
    assert list(solid.get_ydata())[-1] == pytest.approx(law(last["parameters"], last["tokens"]))
    assert unlabelled_axes(figure) == []


def test_the_optimum_is_drawn_relative_to_no_use_and_gains_are_differences() -> None:
    multiples = [0.0, 1.0]
    served = figures_sweep.served_figure(multiples, {name: [(10.0, 200.0), (5.0, 400.0)] for name in "abc"})
    gains = figures_sweep.gains_figure([(1e9, 3.0), (3e9, 2.5), (9e9, 2.4)])
    np.testing.assert_allclose(served.axes[0].lines[0].get_ydata(), [1, 4])
    np.testing.assert_allclose([bar.get_height() for bar in gains.axes[0].patches], [0.5, 0.1])
    assert [unlabelled_axes(figure) for figure in (served, gains)] == [[], []]


def test_changes_of_logits_are_means_over_seeds() -> None:
    changes = {name: [[0.1, 0.2], [0.3, 0.4]] for name in PARAMETRISATIONS}
    figure = figures_search.rates_figure(read_record("04", 51).results["transfer"], (8, 16), changes)
    line = figure.axes[1].containers[0].lines[0]
    assert list(line.get_ydata()) == pytest.approx([0.2, 0.3])
    assert unlabelled_axes(figure) == []
