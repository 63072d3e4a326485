"""Measures of certainty: what they are made of, and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest

from utils.evaluation.detection import auroc
from utils.experiments.hallucination.answering import Answer, Bench, answers, bench, meaning
from utils.experiments.hallucination.detection_measures import interval_over_people, risk_and_coverage
from utils.experiments.hallucination.detection_runs import (
    COVERAGES,
    DETECTORS,
    certainties,
    detection_summary,
    fit_probe,
    last_states,
    p_true,
)
from utils.experiments.hallucination.mitigation_recipe import DETECTION_DESIGN, detection_values
from utils.experiments.recording.design import check_design, power_of
from utils.experiments.recording.record import read_record
from utils.world import ABSTENTION


@pytest.fixture(scope="module")
def where() -> Bench:
    return bench("world-small", 120)


def test_risk_rises_with_coverage_when_certainty_is_right() -> None:
    coverage, risk = risk_and_coverage([0.9, 0.1, 0.8, 0.2], [True, False, True, False])
    assert coverage == [0.25, 0.5, 0.75, 1.0]
    assert risk == pytest.approx([0, 0, 1 / 3, 0.5])
    assert risk_and_coverage([0.1, 0.9], [True, False])[1] == [1.0, 0.5]
    for bad in (([], []), ([0.5], [True, False])):
        with pytest.raises(ValueError, match="as many and not none"):
            risk_and_coverage(*bad)


def test_an_interval_over_people_is_wider_than_over_their_questions() -> None:
    draws = np.random.default_rng(0)
    own = draws.normal(size=20)
    values = np.repeat(own, 25)  # a person's questions all have the same value

    def mean(places: np.ndarray) -> float:
        return float(values[places].mean())

    by_person = interval_over_people(mean, [f"person {place // 25}" for place in range(500)])
    by_question = interval_over_people(mean, [str(place) for place in range(500)])
    assert by_person.n == 20
    assert by_person.high - by_person.low > 3 * (by_question.high - by_question.low)
    assert by_person.mean == pytest.approx(values.mean())


def test_a_probe_finds_a_direction_and_refuses_one_class() -> None:
    draws = np.random.default_rng(1)
    states = draws.normal(size=(300, 6))
    labels = (states @ np.array([2.0, 0, 0, -1.0, 0, 0]) > 0.3).tolist()
    weights, bias = fit_probe(states, labels, ridge=1e-3)
    assert auroc((states @ weights + bias).tolist(), labels) > 0.98
    with pytest.raises(ValueError, match="both classes"):
        fit_probe(states, [True] * 300)


def test_the_last_state_does_not_depend_on_padding(where: Bench) -> None:
    model = where.model()
    rows = [where.prompt(item.question) for item in where.sets["known", "test"][:6]]
    together = last_states(model, [*rows, rows[0] * 2])
    alone = last_states(model, rows[:1])
    np.testing.assert_allclose(together[0].numpy(), alone[0].numpy(), atol=1e-5)


def test_what_an_answer_means_is_its_value(where: Bench) -> None:
    item = where.sets["known", "test"][0]
    assert meaning(where, item, item.answer) == meaning(where, item, f"{item.fact.value}.") == item.fact.value
    assert meaning(where, item, ABSTENTION) == "silence"


def test_every_detector_gives_a_number_for_every_answer(where: Bench) -> None:
    tune = [*where.sets["known", "tune"][:20], *where.sets["unknown", "tune"][:20]]
    test = [*where.sets["known", "test"][:15], *where.sets["unknown", "test"][:15]]
    # The base model writes no answers in the chat format, so that labels are given here.
    model = where.model()
    found = answers(model, where, tune)
    if len({one.outcome == "correct" for one in found}) == 1:
        from utils.experiments.hallucination.mismatch_runs import MismatchJob, finetuned

        model = finetuned(where, MismatchJob("world-small", 120, "known", 60, 60, 2e-3, 0, 5))
    own, sure = certainties(model, where, tune, test, steps=4, seed=0)
    assert set(sure) == set(DETECTORS)
    assert all(len(values) == len(test) == len(own) for values in sure.values())
    for name in ("token probability", "self-consistency", "linear probe", "P(True)"):
        assert ((sure[name] >= 0) & (sure[name] <= 1)).all()
    assert (sure["semantic entropy"] <= 1e-12).all()
    judged = p_true(model, where, test, [one.text for one in own])
    np.testing.assert_allclose(judged, sure["P(True), untaught"], atol=1e-6)


def test_a_perfect_and_a_useless_detector_are_told_apart() -> None:
    own = [Answer("", 0.5, "correct" if place % 2 else "hallucinated") for place in range(80)]
    people = [f"person {place // 2}" for place in range(80)]
    right = np.array([float(one.outcome == "correct") for one in own])
    found = detection_summary(own, {"perfect": right, "semantic entropy": np.zeros(80)}, people)["detectors"]
    assert found["perfect"]["auroc"] == [1.0, 1.0, 1.0]
    assert found["perfect"]["risk"] == pytest.approx([0, 0, 1 / 3, 0.5], abs=1e-3)
    assert found["perfect"]["ece"] == 0
    assert found["semantic entropy"]["auroc"][0] == 0.5
    assert "ece" not in found["semantic entropy"]


def test_the_design_of_detection_can_turn_out_each_way() -> None:
    for seed in range(3):
        check_design(DETECTION_DESIGN, seed)
    assert power_of(DETECTION_DESIGN, draws=30) >= DETECTION_DESIGN.power


def test_the_record_has_every_detector_for_every_seed() -> None:
    record = read_record("09", 104)
    for name in DETECTORS:
        values = detection_values(record.results, name, "auroc")
        assert len(values) >= 5
        assert all(0 <= one <= 1 for one in values)
        assert all(
            len(run.result["detection"]["detectors"][name]["risk"]) == len(COVERAGES)
            for run in record.results["mitigations"]
        )
    assert record.config["detection"] == DETECTION_DESIGN.to_dict()
    assert record.findings["detection outcome"] == DETECTION_DESIGN.outcome(record.results)
