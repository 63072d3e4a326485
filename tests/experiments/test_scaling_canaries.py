"""Row 56: exposure is that of the exact rank, never planted numbers are at chance, and the rule turns out each way."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from utils.experiments.recording.design import OUTCOMES, Run, power_of
from utils.experiments.scaling import canaries
from utils.experiments.scaling.canaries import (
    REPETITIONS,
    STAGES,
    CanaryJob,
    draw_canaries,
    exposures,
    memory,
    train_canary_run,
)
from utils.experiments.scaling.canaries_recipe import DESIGN, findings, rule, simulate
from utils.experiments.scaling.rows import rows_of, small_gpt, teach, token_nats


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_rule_gives_every_outcome(outcome):
    assert rule(simulate(outcome, 0)) == outcome


def test_the_recorded_size_finds_the_effect_that_matters():
    assert power_of(DESIGN) >= DESIGN.power


def test_exposure_is_that_of_the_rank_among_all_numbers():
    """Counted again the slow way: every number's whole sentence, by the probability of its row."""
    world = canaries._world()
    end = world.vocabulary.end_of_text_id
    drawn = draw_canaries(0)
    model = small_gpt(8, len(world.vocabulary), canaries.LENGTH, seed=1)
    teach(model, rows_of(drawn.documents(drawn.numbers), end, canaries.LENGTH), 2, 15, 0)
    fast = exposures(model, drawn)
    every = np.array([[int(d) for d in f"{n:03}"] for n in range(1000)])
    for place in (0, 50, 104):
        digits = canaries._digits().numpy()
        rows = rows_of([[*drawn.prefixes[place], *digits[number].tolist()] for number in every], end, canaries.LENGTH)
        start = len(drawn.prefixes[place])
        log_p = -token_nats(model, rows)[:, start : start + 3].sum(1)
        true = int("".join(map(str, drawn.numbers[place])))
        rank = 1 + int((log_p > log_p[true] + 1e-6).sum())
        assert fast[place] == pytest.approx(math.log2(1000) - math.log2(rank), abs=0.05)


def test_numbers_that_no_model_has_seen_are_at_chance():
    world = canaries._world()
    model = small_gpt(8, len(world.vocabulary), canaries.LENGTH, seed=2)
    assert exposures(model, draw_canaries(3)).mean() == pytest.approx(math.log2(math.e), abs=0.6)


def test_canaries_are_people_of_no_other_document():
    drawn = draw_canaries(1)
    world = canaries._world()
    private = {person.name for person in world.people if person.held_out}
    texts = [world.vocabulary.decode(prefix) for prefix in drawn.prefixes]
    assert {" ".join(text.split()[:2]) for text in texts} <= private
    assert len(set(texts)) == len(texts)
    assert sorted(set(drawn.repetitions)) == list(REPETITIONS)


def test_a_small_real_run_measures_every_stage():
    torch.manual_seed(0)
    result = train_canary_run(CanaryJob(documents=300, width=16, unlearning_steps=3, seed=0))
    for name in ("exposure", "extracted", "loss"):
        assert set(result[name]) == set(STAGES)
    assert all(len(result["exposure"][stage]) == len(REPETITIONS) for stage in STAGES)
    runs = [Run(CanaryJob(300, 16, 3, seed), result) for seed in range(2)]
    assert memory(runs, "trained")[0] > 0  # 64 times in a short text: known better than never
    assert findings({"canaries": runs})["repetitions"] == list(REPETITIONS)


def test_bad_input_gets_a_sentence():
    with pytest.raises(ValueError, match="unlearning_steps must be at least 1, not 0"):
        CanaryJob(10, 8, 0, 0)
