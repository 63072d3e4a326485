"""The scaling sweep: whole documents, runs that depend on their job alone, and a plan that is wide enough."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from utils.experiments.recording.design import Run
from utils.experiments.recording.record import read_record
from utils.experiments.scaling import plan, runs
from utils.experiments.scaling.compute_optimal_design import planted_law, simulated_sweep
from utils.experiments.scaling.packed import PackedBatches, pack_documents
from utils.experiments.scaling.runs import ScalingJob, model_config, train_scaling_run
from utils.experiments.scaling.sweep_laws import (
    finished,
    from_budget,
    isoflop_points,
    laws_by_smallest_budget,
    seed_spread,
)
from utils.experiments.scaling.sweep_recipe import RECORDED_RATES
from utils.models.gpt import GPT
from utils.training.losses import mean_loss
from utils.training.scaling_laws import compute_optimal
from utils.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return World(seed=3, n_people=40, n_towns=5, max_facts=2, mix={"profile": 1})


def test_packed_rows_hold_whole_documents_and_their_exact_probability(world):
    text = pack_documents(world, 2000, 48, seed=5)
    end = world.vocabulary.end_of_text_id
    documents = list(world.documents(text.documents, seed=5))
    found = []
    for inputs, targets in zip(text.inputs.tolist(), text.targets.tolist(), strict=True):
        counted = [target for target in targets if target != -100]
        assert inputs[0] == end
        assert inputs[1 : len(counted)] == counted[:-1]
        assert counted[-1] == end  # no document is cut
        found += counted
    assert found == [i for d in documents for i in [*world.vocabulary.encode(d.text), end]]
    assert text.tokens == len(found) >= 2000
    assert text.nats == pytest.approx(-sum(document.log_probability for document in documents))


def test_no_model_beats_the_world_on_packed_text(world):
    """The world's own conditional probabilities, read as a model's, reach the stated entropy: it is the floor."""
    text = pack_documents(world, 3000, 48, seed=5)
    assert 0 < text.entropy < math.log(len(world.vocabulary))
    assert text.entropy == pytest.approx(world.entropy(4000, seed=9).nats_per_token, rel=0.05)


def test_a_longer_text_begins_with_a_shorter_one(world):
    short, long = pack_documents(world, 500, 48, seed=5), pack_documents(world, 3000, 48, seed=5)
    rows = len(short.inputs) - 1  # the last row of the shorter one may be open
    assert torch.equal(short.targets[:rows], long.targets[:rows])


def test_every_row_is_used_once_an_epoch(world):
    text = pack_documents(world, 3000, 48, seed=5)
    batches = PackedBatches(text, 4, seed=1)
    seen = torch.cat([batches(step)[1] for step in range(batches.steps_per_epoch)])
    assert len(torch.unique(seen, dim=0)) == len(seen)
    whole = torch.cat([targets for _, targets in batches.epoch_in_batches()])
    assert torch.equal(whole, text.targets.long())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda w: pack_documents(w, 0, 48, 0), "n_tokens must be at least 1, not 0"),
        (lambda w: pack_documents(w, 500, 3, 0), "context is 3, and a document of"),
        (lambda w: PackedBatches(pack_documents(w, 50, 48, 0), 64, 0), "too few for a batch of 64"),
        (lambda w: PackedBatches(pack_documents(w, 50, 48, 0), 0, 0), "batch_size must be at least 1"),
        (lambda w: ScalingJob(0, 100, 0.1), "width must be positive, not 0"),
        (lambda w: ScalingJob(8, 100, -0.1), "lr must be positive, not -0.1"),
        (lambda w: ScalingJob(8, 100, 0.1, read_at=(100,)), "each point must lie between 0 and tokens, 100"),
        (lambda w: plan.best_rate([0.1, 0.2], [1, 2]), "three of both are needed"),
        (lambda w: plan.fit_learning_rates([]), "runs cover 0 widths and lengths"),
    ],
)
def test_bad_input_gets_a_sentence(world, call, message):
    with pytest.raises(ValueError, match=message):
        call(world)


def test_a_run_depends_on_its_job_alone():
    """Not on the longer text of an earlier job, nor on torch's random state; the seed does matter."""
    job = ScalingJob(4, 6000, 0.05, seed=1)
    first = train_scaling_run(job)
    train_scaling_run(ScalingJob(4, 20_000, 0.05, seed=1))
    torch.manual_seed(99)
    again = train_scaling_run(job)
    assert again["loss"] == first["loss"]
    assert train_scaling_run(ScalingJob(4, 6000, 0.05, seed=2))["loss"] != first["loss"]
    assert first["world_loss"] < first["loss"] < math.log(len(runs.scaling_world().vocabulary))
    assert first["tokens"] == pytest.approx(6000, rel=0.03)
    assert first["parameters"] == plan.parameters(4)


def test_readings_on_the_way_do_not_disturb_a_run():
    plain = train_scaling_run(ScalingJob(4, 6000, 0.05))
    read = train_scaling_run(ScalingJob(4, 6000, 0.05, read_at=(1500, 3000)))
    assert read["loss"] == plain["loss"]
    assert [tokens for tokens, _ in read["readings"]] == pytest.approx([1500, 3000], rel=0.05)
    assert read["readings"][0][1] > read["readings"][1][1] > read["loss"]


def test_a_run_that_diverges_says_so():
    """An absurd rate may survive as a bad loss; then it must be a finite number all the same."""
    result = train_scaling_run(ScalingJob(4, 6000, 1e6))
    assert math.isfinite(result["loss"])
    assert result["diverged"] or result["loss"] > 3


def test_the_sweep_is_wide_enough():
    jobs = plan.sweep_jobs(RECORDED_RATES)
    flops = [6 * plan.parameters(job.width) * job.tokens for job in jobs]
    assert len(jobs) >= 60
    assert len({job.width for job in jobs}) >= 9
    assert max(flops) / min(flops) >= 999
    assert {job.seed for job in jobs} == {0, 1, 2}
    assert len(plan.live_jobs(RECORDED_RATES)) >= 24
    for width in (4, 64, 128):
        assert plan.parameters(width) == sum(p.numel() for p in GPT(model_config(width)).parameters())


def test_the_best_rate_is_the_vertex_of_a_parabola():
    rates = np.array([0.01, 0.02, 0.04, 0.08])
    losses = 1 + (np.log(rates) - math.log(0.03)) ** 2
    assert plan.best_rate(list(rates), list(losses)) == pytest.approx(0.03)
    assert plan.best_rate([0.01, 0.02, 0.04], [1, 2, 3]) == pytest.approx(0.01)


def test_a_planted_rule_of_rates_is_found_again():
    rule = plan.LearningRateRule(-1.2, -1.0, 0.02)  # within every grid of the plan
    tuned = []
    for job in plan.tuning_jobs():
        best = math.exp(-1.2 - math.log(job.width) + 0.02 * math.log(job.tokens))
        tuned.append(Run(job, {"loss": 2 + math.log(job.lr / best) ** 2}))
    found = plan.fit_learning_rates(tuned)
    assert found(20, 300_000) == pytest.approx(rule(20, 300_000), rel=0.1)


def test_the_best_sizes_of_a_simulated_sweep_are_those_of_its_law():
    law = planted_law(0.4, 0.4, ratio=20)
    assert compute_optimal(1e12, law)[1] / compute_optimal(1e12, law)[0] == pytest.approx(20)
    table = finished(simulated_sweep(law, 0.002, 0)["sweep"])
    points = isoflop_points(table)
    assert len(points) >= 5
    for point in points:
        assert point["n_params"] == pytest.approx(compute_optimal(point["flops"], law)[0], rel=0.35)
    assert seed_spread(table) == pytest.approx(0.002, rel=0.3)


def test_a_law_that_is_one_does_not_drift_when_small_runs_are_left_out():
    table = finished(simulated_sweep(planted_law(0.4, 0.4, ratio=20), 0.003, 0)["sweep"])
    assert len(from_budget(table, 1e11).losses) < len(table.losses)
    whole, late = laws_by_smallest_budget(table, [1e9, 1e11])
    assert late["E"][1] < whole["E"][0] < late["E"][2]


def test_the_rates_of_the_live_sweep_are_those_that_were_tuned():
    recorded = read_record("04", 48).findings["learning_rates"]
    assert recorded["constant"] == pytest.approx(RECORDED_RATES.constant)
    assert recorded["width_power"] == pytest.approx(RECORDED_RATES.width_power)
    assert recorded["token_power"] == pytest.approx(RECORDED_RATES.token_power)


def test_the_larger_run_was_predicted_before_it_was_made():
    record = read_record("04", 48)
    (larger,) = record.results["larger"]
    found = record.findings["prediction"]
    assert found["flops"] >= 9.5 * record.findings["flops_range"][1]
    assert found["predicted"] == larger.job.predicted_loss
    assert found["measured"] == larger.result["loss"]


def test_mean_loss_counts_no_padding(world):
    text = pack_documents(world, 500, 48, seed=5)
    model = GPT(runs.ModelConfig(n_layers=1, d_model=8, n_heads=1, vocab_size=len(world.vocabulary), context_length=48))
    loss = mean_loss(model, PackedBatches(text, 2, 0).epoch_in_batches())
    assert loss == pytest.approx(math.log(len(world.vocabulary)), rel=0.05)
