"""Verdicts of notebook 07: each rule turns with what was measured."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from utils.evaluation.intervals import Interval
from utils.experiments.recording.design import CANNOT_BE_TOLD, OUTCOMES, Design
from utils.experiments.recording.recipe import Recipe
from utils.experiments.recording.record import Record
from utils.experiments.samplers import text_verdicts, token_verdicts, tries_verdicts
from utils.experiments.samplers.verifier_recipe import FALLS, VERIFIER, simulate_falls
from utils.experiments.samplers.wording_recipe import TRIES
from utils.experiments.samplers.world_texts import Continuation

SEEDS = np.arange(5) / 100


def test_repetition_is_judged_over_the_openings() -> None:
    high, low = np.array([0.5, 0.6, 0.4, 0.5]), np.zeros(4)
    assert token_verdicts.boring(high, low, 0.0)["outcome"] == "holds"
    assert token_verdicts.boring(low, high, 0.0)["outcome"] == "does not hold"
    assert token_verdicts.boring(np.array([0.9, 0.0, 0.0, 0.0]), low, 0.0)["outcome"] == "undecided"


def test_the_printed_probabilities_have_to_be_met() -> None:
    assert token_verdicts.as_in_the_figure({1.0: 0.731, 0.5: 0.881, 0.1: 0.99995})["outcome"] == "holds"
    assert token_verdicts.as_in_the_figure({1.0: 0.731, 0.5: 0.85, 0.1: 0.99995})["outcome"] == "does not hold"


def test_heat_has_to_cost_truth_and_bring_variety() -> None:
    temperatures = [0.2, 1.0, 2.0]
    falling, rising = np.array([0.9 + SEEDS, 0.6 + SEEDS, 0.1 - SEEDS]), np.array([0.4 - SEEDS, 0.9 + SEEDS, 1 + SEEDS])
    assert token_verdicts.hotter(falling, rising, temperatures)["outcome"] == "holds"
    assert token_verdicts.hotter(falling, rising[::-1], temperatures)["outcome"] == "does not hold"
    best_at_one = np.array([SEEDS, 0.5 + SEEDS, SEEDS])
    assert token_verdicts.balanced(best_at_one, temperatures, 60)["outcome"] == "does not hold"
    assert token_verdicts.balanced(best_at_one, [0.2, 0.6, 2.0], 60)["outcome"] == "holds"


def test_underflow_needs_zeros_and_finite_sums() -> None:
    zero, sums = {torch.float16: 1, torch.float32: 17}, torch.tensor([-1.0, -300.0])
    assert token_verdicts.underflow(zero, sums)["outcome"] == "holds"
    assert token_verdicts.underflow(zero, sums * torch.inf)["outcome"] == "holds in part"
    assert token_verdicts.underflow({torch.float16: None, torch.float32: None}, sums)["outcome"] == "does not hold"


def test_a_classifier_is_judged_by_thresholds_from_other_reviews() -> None:
    every, half = np.ones(24, dtype=bool), np.arange(24) < 12
    assert token_verdicts.classifying(every, half, half, 1.0)["outcome"] == "holds"
    assert token_verdicts.classifying(half, every, every, 1.0)["outcome"] == "undecided"
    assert token_verdicts.classifying(~every, every, every, 1.0)["outcome"] == "does not hold"


def test_filters_are_judged_by_variety_time_and_sizes() -> None:
    pairs = np.array([SEEDS, 0.2 + SEEDS, 0.4 + SEEDS, 0.6 - SEEDS])
    assert token_verdicts.predictable(pairs, [1, 2, 10, 400])["outcome"] == "holds"
    assert token_verdicts.predictable(pairs[[0, 3, 2, 1]], [1, 2, 10, 400])["outcome"] == "does not hold"
    outcomes = [
        token_verdicts.softmax_saved({"draw from all": 1.0, "k = 50": k, "whole step": step}, 49_152)["outcome"]
        for k, step in ((1.2, 80.0), (0.1, 80.0), (0.1, 1.0))
    ]
    assert outcomes == ["does not hold", "holds in part", "holds"]
    small, large = np.full(10, 2), np.full(10, 60)
    assert token_verdicts.open_and_closed(small, large)["outcome"] == "holds"
    assert token_verdicts.open_and_closed(large, small)["outcome"] == "does not hold"
    assert token_verdicts.two_tokens(small, [1.0])["outcome"] == "holds"
    assert token_verdicts.two_tokens(large, [1.0])["outcome"] == "does not hold"
    leads = {1.0: Interval(0, 0, 0, 5), 2.0: Interval(0.1, 0.05, 0.2, 5)}
    assert token_verdicts.min_p_leads(leads)["outcome"] == "holds"


def test_a_limit_is_judged_question_by_question() -> None:
    cut, whole = np.ones(8, dtype=bool), np.zeros(8, dtype=bool)
    found = text_verdicts.cutting((20.0, cut), (20.0, whole), 4)
    assert found["outcome"] == "holds"
    assert "n = 4 questions" in found["interval"]
    assert text_verdicts.cutting((20.0, whole), (20.0, cut), 4)["outcome"] == "does not hold"
    parsed = np.array([np.zeros(20), np.zeros(20), np.arange(20) % 2])
    assert text_verdicts.broken_json([4, 8, 80], parsed)["outcome"] == "holds"
    assert text_verdicts.broken_json([4, 8, 80], parsed[[2, 2, 0]])["outcome"] == "does not hold"


@pytest.mark.parametrize(
    ("average", "outcome"), [(16.0, "holds"), (21.0, "holds in part"), (9.0, "does not hold"), (14.0, "holds in part")]
)
def test_the_average_is_judged_by_what_it_leaves_of_the_sums_bias(average: float, outcome: str) -> None:
    lengths = np.array([8 + SEEDS, average + SEEDS, 16 - SEEDS])
    assert text_verdicts.short_by_sum(lengths, -0.7)["outcome"] == "holds"
    assert text_verdicts.average_bias(lengths, np.full((3, 5), 0.9))["outcome"] == outcome


def test_beams_are_compared_at_the_same_beginnings() -> None:
    dull = [Continuation([1], [2, 3], -1.0, True)] * 5
    varied = [Continuation([at], [10 + at, 20 + at], -3.0 - 0.1 * at, True) for at in range(5)]
    measures = {name: {"average": -1.0, "true": 0.5, "pairs": 0.5} for name in ("greedy", "beam", "drawn")}
    assert text_verdicts.likelier(varied, dull, measures)["outcome"] == "holds"
    assert text_verdicts.likelier(dull, varied, measures)["outcome"] == "does not hold"
    much, none = np.array([0.5, 0.4, 0.6]), np.zeros(3)
    assert text_verdicts.duller(dull, [varied], measures, much, none)["outcome"] == "holds"
    assert text_verdicts.duller(dull, [varied], measures, none, none)["outcome"] == "holds in part"
    assert text_verdicts.duller(varied, [dull], measures, none, much)["outcome"] == "does not hold"


def test_waiting_side_by_side_has_to_save_steps_and_time() -> None:
    steps, valid, waits = np.full(20, 30.0), np.arange(20) < 8, np.array([75.0, 34.0])
    assert tries_verdicts.first_valid(steps, valid, waits, np.array([10.0, 12.0]))["outcome"] == "holds"
    assert tries_verdicts.first_valid(steps, valid, waits, np.array([10.0, 40.0]))["outcome"] == "holds in part"
    assert tries_verdicts.first_valid(steps, ~valid & valid, waits, np.array([1.0, 1.0]))["outcome"] == "undecided"


def simulated_record(recipe: Recipe, design: Design, results: object) -> Record:
    return Record(
        notebook=recipe.notebook,
        row=recipe.row,
        title=recipe.title,
        design=design.to_dict(),
        config={},
        results=results,  # type: ignore[arg-type]
        outcome=recipe.design.outcome(results),  # type: ignore[arg-type]
        findings=recipe.findings(results),  # type: ignore[arg-type]
        seconds=60.0,
        finished="2026-01-01T00:00:00",
        machine={},
        version={},
    )


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_records_are_judged_by_their_designs(outcome: str) -> None:
    wanted = "undecided" if outcome == CANNOT_BE_TOLD else outcome
    verifier = simulated_record(VERIFIER, VERIFIER.design, VERIFIER.design.simulate(outcome, 0))
    assert tries_verdicts.verifier_worth(verifier)["outcome"] == wanted
    falls = simulated_record(VERIFIER, FALLS, simulate_falls(outcome, 0))
    assert tries_verdicts.falls(falls)["outcome"] == wanted
    assert tries_verdicts.perfect_never_falls(falls)["outcome"] == "holds"
    tries = simulated_record(TRIES, TRIES.design, TRIES.design.simulate(outcome, 0))
    found = tries_verdicts.gains(tries)
    assert found["outcome"] == wanted
    assert "20 models" in found["interval"]
