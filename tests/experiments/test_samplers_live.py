"""Live runs of notebook 07: pools and heads, the fooled verifier, coverage, products, odds of two words."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from utils.decoding.decoders import decoder_for
from utils.decoding.samplers import Temperature, TopP
from utils.experiments.samplers.live_tries import (
    most_fooled,
    pools_with_heads,
    recorded_choices,
    sample_pools,
    sampled_coverage,
    scores_of_heads,
    ways_to_choose,
)
from utils.experiments.samplers.measuring import running_products
from utils.experiments.samplers.sampler_measures import documents_by_setting, sample_documents
from utils.experiments.samplers.verifier_curves import verifier_curves
from utils.experiments.samplers.verifier_recipe import VERIFIER
from utils.training.arithmetic_models import HELD_OUT_SEED, RECIPES, TUNING_SEED, draw_tasks
from utils.training.base_models import base_world, load_base_model
from utils.training.threads import one_thread


def test_heads_learn_from_practice_and_choose_from_pools() -> None:
    tasks, practice = draw_tasks(2, HELD_OUT_SEED, (2, 3)), draw_tasks(6, TUNING_SEED, (2, 3))
    greedy, pools, tried = sample_pools({"arithmetic-48": tasks}, tasks, practice, 20, workers=0)
    assert list(greedy) == list(RECIPES)
    assert [pool.task for pool in pools["arithmetic-48"]] == tasks
    scores = scores_of_heads("arithmetic-48", tried["arithmetic-48"], pools["arithmetic-48"], 5, heads=2)
    assert [len(one) for one in scores] == [4, 4]
    found = ways_to_choose(pools["arithmetic-48"], scores, 10)
    assert next(iter(found)) == "one random solution"
    assert found["perfect verifier of 10"] >= max(found.values())
    curves = verifier_curves(pools["arithmetic-48"], scores, [1, 20])
    said = most_fooled(pools["arithmetic-48"], scores[0], curves).split("\n")
    fooled = pools["arithmetic-48"][int(curves.drops.argmax())]
    assert said[:2] == [fooled.task.question, f"right:  {fooled.task.solution}"]
    assert said[-1].endswith("of 20 samples)")


def test_pools_come_with_the_scores_of_heads() -> None:
    greedy, pools, scores = pools_with_heads(1, 4, 10, 5, workers=0)
    assert list(greedy) == list(RECIPES)
    assert [len(pools[name]) for name in ("arithmetic-32", "arithmetic-48")] == [2, 3]
    assert {name: [len(row) for row in found] for name, found in scores.items()} == {
        "arithmetic-32": [2] * 3,
        "arithmetic-48": [3] * 3,
    }


def test_choices_of_the_record_are_those_at_a_hundred() -> None:
    found = VERIFIER.findings(VERIFIER.design.simulate("holds", 0))
    width = next(iter(found["generators"]))
    choices = recorded_choices(found, width)
    assert choices["verifier's choice of 100"] == pytest.approx(0.9, abs=0.01)
    assert list(choices)[-1] == "perfect verifier of 100"


def test_coverage_grows_from_the_share_of_right_samples() -> None:
    tasks = draw_tasks(1, HELD_OUT_SEED, (2, 3))
    right, coverage = sampled_coverage("arithmetic-48", tasks, 30, [1, 30], workers=0)
    assert coverage[0] == pytest.approx(np.mean(right) / 30)
    assert coverage[1] == np.mean(np.array(right) > 0)


def test_a_product_is_rounded_after_each_factor() -> None:
    tenths = torch.full((8,), 0.1, dtype=torch.float64)
    assert running_products(tenths, torch.float64)[-1] == pytest.approx(1e-8)
    assert running_products(tenths, torch.float16)[-1] == 0


def test_documents_are_measured_by_sampler_and_seed() -> None:
    samplers = [Temperature(0.5), Temperature(1.5) | TopP(0.9)]
    found = documents_by_setting("world-small", samplers, 3, range(2))
    with one_thread():
        decoder = decoder_for(load_base_model("world-small"))
        assert found[1][0] == sample_documents(decoder, base_world(), samplers[1], 3, 0)
    assert [len(row) for row in found] == [2, 2]
    assert documents_by_setting("world-small", samplers[1:], 3, range(2), workers=1) == found[1:]
