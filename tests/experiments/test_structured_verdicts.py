"""Verdicts of notebook 08: records keep their outcome, and each rule for what is decided live turns with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from utils.evaluation.intervals import Interval
from utils.experiments.recording.live import verdict_outcome
from utils.experiments.recording.record import read_record
from utils.experiments.structured import figures, verdicts
from utils.experiments.structured.note_classes import ClassifierJob, ClassifierResult
from utils.experiments.structured.structured_outputs import Approach, Attempt
from utils.training.base_models import base_world
from utils.world import draw_record_tasks

TASK = draw_record_tasks(base_world(), 1, seed=4)[0]
WRITTEN = Attempt(TASK, TASK.target, 3, True)
APPROACH = Approach("x", (WRITTEN,) * 4, (3,) * 4, (1,) * 4)
ALL = {"same result": Interval(0.5, 0.4, 0.6, 10)}


def test_recorded_verdicts_have_the_outcome_of_their_record() -> None:
    by_row = {row: read_record("08", row) for row in (90, 93, 95, 96, 98)}
    said = {
        90: verdicts.prompted(by_row[90], {0: APPROACH, 3: APPROACH}),
        93: verdicts.masked_answers(by_row[93]),
        95: verdicts.json_mode(by_row[95]),
        96: verdicts.trained(by_row[96], [Interval(0.0, 0.0, 0.1, 4), Interval(0.9, 0.8, 1.0, 4)], 100),
        98: verdicts.queried(by_row[98], {("SQL", "free"): (ALL,), ("regex", "free"): (ALL,)}, 10),
    }
    for row, one in said.items():
        assert one["outcome"] == verdict_outcome(by_row[row])
    assert "0% -> 90% after 100 steps" in said[96]["measured"]
    assert "100% with 0, 100% with 3" in said[90]["measured"]


@pytest.mark.parametrize(("lows", "outcome"), [((0.1, 0.1), "holds"), ((0.1, -0.1), "holds in part")])
def test_yaml_has_to_save_against_every_way_to_write_json(lows: tuple[float, ...], outcome: str) -> None:
    assert verdicts.shorter({str(n): Interval(low, low, 0.3, 9) for n, low in enumerate(lows)})["outcome"] == outcome
    assert verdicts.shorter({"a": Interval(-0.1, -0.2, 0.3, 9)})["outcome"] == "does not hold"


@pytest.mark.parametrize(
    ("cold", "known", "outcome"),
    [(0.5, 0.5, "holds"), (0.5, 0.0001, "holds in part"), (0.001, 0.0001, "does not hold")],
)
def test_masks_slow_a_model_down_from_a_hundredth_of_its_step(cold: float, known: float, outcome: str) -> None:
    scatter = np.linspace(0.9, 1.1, 30)
    times = {
        "model's step": 10 * scatter,
        "mask, first time": 10 * cold * scatter,
        "mask, known state": known * scatter,
    }
    times["mask, known state"] *= 10
    assert verdicts.latency(times, 0)["outcome"] == outcome
    assert verdicts.latency({"model's step": scatter}, 0)["outcome"] == "undecided"


def test_the_whole_model_is_compared_with_the_head_seed_by_seed() -> None:
    head = ClassifierResult(ClassifierJob(0, False, 10, 5), accuracy=0.4, seconds=1.0, parameters=10)
    heads = [replace(head, accuracy=0.4 + shift) for shift in (0.0, 0.1, 0.2)]
    wholes = [replace(one, accuracy=one.accuracy + 0.3) for one in heads]
    one = Interval(0.5, 0.4, 0.6, 48)
    assert verdicts.classified(heads, wholes, one, one)["outcome"] == "holds"
    assert verdicts.classified(wholes, heads, one, one)["outcome"] == "does not hold"


def test_figures_take_what_the_notebook_measures() -> None:
    found = read_record("08", 90).findings
    assert len(figures.prompts_figure(found, [0.0, 1.0]).axes) == 1
    counts = {(vocabulary, form): np.arange(3) for vocabulary in "ab" for form in "xyz"}
    assert len(figures.notations_figure(counts).axes[0].patches) == 6
    assert len(figures.times_figure({"a": np.ones(3), "b": np.ones(2)}).axes[0].lines) == 4
    assert len(figures.approaches_figure({"m": {"x": APPROACH}, "n": {"x": APPROACH}}).axes) == 2
    assert len(figures.cut_figure(read_record("08", 95).findings, APPROACH, 10).axes[0].lines) == 2
    bars = {"a": ALL["same result"], "b": ALL["same result"]}
    assert figures.classes_figure(bars, 1 / 6).axes[0].get_ylabel() == "accuracy (share of notes)"
    three = dict.fromkeys(("runs", "text", "result"), ALL["same result"])
    results = {(kind, "free"): (three, [], []) for kind in ("SQL", "regex")}
    assert [axes.get_title() for axes in figures.queries_figure(results).axes] == ["SQL", "regex"]
