"""What is measured of a real model's answers: areas under the curve by kind, and a gap of two shares of silence."""

from __future__ import annotations

import numpy as np
import pytest

from utils.evaluation.detection import auroc
from utils.experiments.hallucination.real_facts import KINDS
from utils.experiments.hallucination.real_measures import area_interval, areas_by_kind, silence_gap
from utils.experiments.hallucination.real_recipe import OpenQuestions
from utils.experiments.recording.design import Results, Run


def test_the_interval_of_an_area_holds_it_and_narrows_with_more_questions() -> None:
    draws = np.random.default_rng(0)
    right = draws.random(400) < 0.5
    scores = draws.random(400) + 0.5 * right
    many, few = area_interval(scores, right), area_interval(scores[:60], right[:60])
    assert many.mean == auroc(scores.tolist(), right.tolist())
    assert many.low < many.mean < many.high
    assert many.high - many.low < few.high - few.low


def test_areas_are_of_one_kind_each_and_of_all() -> None:
    draws = np.random.default_rng(1)
    n = 50 * len(KINDS)
    facts = {"kind": np.arange(n) % len(KINDS), "right": draws.integers(0, 2, n), "probability": draws.random(n)}
    # The first kind is told apart perfectly, whatever the others do.
    first = facts["kind"] == 0
    facts["probability"][first] = facts["right"][first]
    areas = areas_by_kind(facts)
    assert list(areas) == [*KINDS, "all"]
    assert areas[KINDS[0]].mean == 1.0
    assert areas["all"].n == n == sum(areas[kind].n for kind in KINDS)
    assert areas["all"].mean < 1


def silences(real: int, invented: int, n: int = 80) -> Results:
    """Return answers to n real and n invented questions, of which so many are silent."""
    runs = [
        Run(OpenQuestions(is_real, honest, n), {"silent": [1] * (hits if honest else 0) + [0] * (n - hits * honest)})
        for is_real, hits in ((True, real), (False, invented))
        for honest in (False, True)
    ]
    return {"open": runs}


def test_the_gap_has_a_width_also_where_the_model_is_always_silent() -> None:
    gap = silence_gap(silences(80, 80))
    assert gap.mean == 0
    assert gap.low == pytest.approx(-gap.high)
    assert 0 < gap.high < 0.1


def test_the_gap_is_newcombes() -> None:
    # Newcombe (1998), table II, method 10: 56 of 70 against 48 of 80.
    found = silence_gap(
        {
            "open": [
                Run(OpenQuestions(False, True, 70), {"silent": [1] * 56 + [0] * 14}),
                Run(OpenQuestions(True, True, 80), {"silent": [1] * 48 + [0] * 32}),
            ]
        }
    )
    assert [found.mean, found.low, found.high] == pytest.approx([0.2, 0.0524, 0.3339], abs=2e-4)
