"""Pictures of notebook 07: every axis has its label and its ticks, and what is drawn is what was measured."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from utils.experiments.recording.record import read_record
from utils.experiments.samplers import text_figures, token_figures, tries_figures
from utils.experiments.samplers.coverage_recipe import COVERAGE
from utils.experiments.samplers.verifier_recipe import VERIFIER
from utils.experiments.samplers.votes_recipe import VOTES
from utils.experiments.samplers.wording_recipe import TRIES
from utils.experiments.samplers.world_texts import WrittenGroups
from utils.notebook.figures import unlabelled_axes


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    plt.close("all")


def points(axes: plt.Axes) -> list[np.ndarray]:
    """The y values of every line."""
    return [np.asarray(line.get_ydata()) for line in axes.lines]


def ticks(axes: plt.Axes) -> list[str]:
    return [label.get_text() for label in axes.get_xticklabels()]


def test_the_likeliest_token_is_on_top() -> None:
    figure = token_figures.likeliest_figure(["a", "b"], [0.7, 0.3], "x")
    assert unlabelled_axes(figure) == []
    assert figure.axes[0].yaxis_inverted()


def test_both_tokens_of_the_temperature_figure_sum_to_one() -> None:
    shares = {"true": [1.0, 0.5], "different": [0.2, 0.9], "both": [0.2, 0.4]}
    figure = token_figures.temperature_figure(lambda t: 1 / (1 + np.exp(-1 / t)), [0.5, 1.0], shares, 0.95)
    likelier, other = (line.get_ydata() for line in figure.axes[0].lines)
    np.testing.assert_allclose(np.add(likelier, other), 1)
    assert unlabelled_axes(figure) == []


def test_a_product_is_drawn_as_far_as_it_is_above_zero() -> None:
    products = {torch.float16: [0.0, 0.0], torch.float32: [0.1, 0.0], torch.float64: [0.1, 0.01]}
    figure = token_figures.underflow_figure(products, [-2.3, -4.6])
    axes = figure.axes[0]
    lines = {line.get_label(): len(values) for line, values in zip(axes.lines, points(axes), strict=True)}
    assert lines["product, float16: 0 from token 1 on"] == 0
    assert lines["product, float32: 0 from token 2 on"] == 1
    assert lines["product, float64"] == 2
    assert unlabelled_axes(figure) == []


def test_logarithmic_axes_of_filters_have_their_ticks() -> None:
    of_k = token_figures.top_k_figure([1, 10, 400], {"a": [0, 0.1, 1], "b": [1, 0.5, 0]}, {"x": 1.0, "y": 100.0})
    nuclei = token_figures.nucleus_figure({name: np.array([1, 30, 900]) for name in ("one kind", "another", "third")})
    truth = token_figures.truth_and_variety_figure(
        {title: {"top-p": ([0.1, 0.2], [1, 0.5]), "min-p": ([0.1, 0.2], [1, 0.6])} for title in ("cold", "hot")}
    )
    assert ticks(of_k.axes[0]) == ["1", "3", "10", "50", "200", "400"]
    assert ticks(nuclei.axes[0]) == ["1", "10", "100", "1,000"]
    assert [unlabelled_axes(figure) for figure in (of_k, nuclei, truth)] == [[], [], []]


def test_every_limit_stands_beside_its_point() -> None:
    figure = text_figures.limits_figure([4, 8], [4.0, 7.5], [1.0, 0.5], (5.0, 0.0), [0.0, 1.0])
    assert [text.get_text() for text in figure.axes[0].texts] == ["4", "8"]
    assert unlabelled_axes(figure) == []


def test_kept_documents_and_beams_are_labelled() -> None:
    written = WrittenGroups(np.array([[3, 5]]), np.array([[-2.0, -3.0]]), np.array([[True, False]]))
    kept = {"highest sum": np.array([0]), "highest average": np.array([1]), "random": np.array([0])}
    of_kept = text_figures.kept_figure(written, kept, np.array([[3.0, 3.1], [5.0, 5.2], [4.0, 4.4]]))
    measures = {"average": -0.5, "true": 0.8, "pairs": 0.4}
    of_beams = text_figures.beam_figure({1: measures, 4: measures}, measures)
    assert [unlabelled_axes(figure) for figure in (of_kept, of_beams)] == [[], []]
    assert ticks(of_beams.axes[0]) == ["1", "4"]


def test_recorded_runs_are_drawn_from_their_findings() -> None:
    verifiers = VERIFIER.findings(VERIFIER.design.simulate("holds", 0))
    generators = list(verifiers["generators"].values())
    choices = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}
    ladder = tries_figures.ladder_figure(verifiers["sizes"], verifiers["greedy"], 46_000, choices)
    curves = tries_figures.choices_figure(generators, verifiers["ns"], [[0.1, 0.2]] * 2, [1, 10])
    coverage = tries_figures.coverage_figure(read_record("07", 86, recipe=COVERAGE).findings, [1, 10], [0.1, 0.2])
    votes = tries_figures.votes_figure(read_record("07", 87, recipe=VOTES), [0.5] * 6)
    assert [len(values) for values in points(ladder.axes[0])] == [6, 2, 2, 2, 2]
    assert [axes.get_title() for axes in curves.axes] == ["46,000 parameters", "58,000 parameters"]
    assert [unlabelled_axes(figure) for figure in (ladder, curves, coverage, votes)] == [[], [], [], []]


def test_waits_and_gains_have_a_mark_for_each_point() -> None:
    steps, valid = np.array([3.0, 5.0, 8.0]), np.array([True, False, True])
    values = [9.0, 5.0]
    waits = tries_figures.waits_figure(steps, valid, [1, 4], {"a": values, "b": values, "c": values})
    tried = TRIES.findings(TRIES.design.simulate("holds", 0))
    live = {"sensitivity": [0.5], "one try": [0.5], "gain": [0.2]}
    gains = tries_figures.gains_figure(tried["models"], tried, live)
    assert sum(map(len, points(gains.axes[0]))) == len(tried["models"]) + 1
    assert points(waits.axes[0])[0][-1] == pytest.approx(2 / 3)
    assert [unlabelled_axes(figure) for figure in (waits, gains)] == [[], []]
