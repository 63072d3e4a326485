"""Rows 84 and 85: a ladder trained alike, verifiers that choose, and rules that turn with what is found."""

from __future__ import annotations

import numpy as np
import pytest

from utils.experiments.recording.design import (
    CANNOT_BE_TOLD,
    DOES_NOT_HOLD,
    HOLDS,
    OUTCOMES,
    Run,
    check_design,
    power_of,
)
from utils.experiments.samplers import verifier_runs
from utils.experiments.samplers.verifier_recipe import (
    FALLS,
    POOL,
    SHARES,
    SIZES,
    VERIFIER,
    drops,
    findings,
    generator_widths,
    perfect,
    simulate_falls,
    simulated,
    verifier_jobs,
    worth,
)
from utils.experiments.samplers.verifier_runs import (
    LEARNED_LENGTHS,
    LENGTHS,
    NS,
    WIDTHS,
    LadderJob,
    VerifierJob,
    run_ladder_job,
    run_verifier_job,
    trained_model,
)
from utils.training.arithmetic_models import load_arithmetic_model


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):  # type: ignore[no-untyped-def]
    """Let trained models lie where no other run finds them, and learn from few tasks, which are drawn faster."""
    monkeypatch.setattr(verifier_runs, "TASKS_PER_LENGTH", 50)
    monkeypatch.setattr(verifier_runs.tempfile, "gettempdir", lambda: str(tmp_path))
    return tmp_path


def small_runs(shares: tuple[float, ...]) -> list[Run]:
    return [
        Run(LadderJob(width, 1, 1, 1), {"right": [1] * round(100 * share) + [0] * round(100 - 100 * share)})
        for width, share in zip(WIDTHS, shares, strict=False)
    ]


def test_the_ladder_spans_thirty_times_and_its_tasks_are_as_long_as_what_it_learned() -> None:
    sizes = [run_ladder_job(LadderJob(width, 1, 1, 1))["parameters"] for width in (WIDTHS[0], WIDTHS[-1])]
    assert sizes[1] / sizes[0] > 30
    assert set(LENGTHS) == {4, 5, 6} <= set(LEARNED_LENGTHS)


def test_training_is_done_once_and_gives_the_same_weights(own_folder) -> None:
    first = trained_model(32, 2)
    (file,) = own_folder.iterdir()
    written = file.stat().st_mtime_ns
    again = trained_model(32, 2)
    assert file.stat().st_mtime_ns == written
    assert all((a == b).all() for a, b in zip(first.parameters(), again.parameters(), strict=True))


def test_the_small_model_is_the_smallest_that_solves_a_fair_share() -> None:
    assert generator_widths(small_runs((0.02, 0.05, 0.3, 0.6))) == [48, 72]
    assert generator_widths(small_runs((0.2, 0.3, 0.4, 0.6))) == [32, 40]
    assert generator_widths(small_runs((0.02, 0.05, 0.06, 0.6))) == [72, 48]
    assert generator_widths(small_runs((0.0, 0.0, 0.0, 0.05))) == [72, 48]
    jobs = verifier_jobs(small_runs((0.02, 0.05, 0.3, 0.6)))
    heads = {(job.width, job.seed) for job in jobs if job.kind == "head"}
    assert heads == {(48, 0), (72, 0), (48, 1), (72, 1)}
    assert [job.width for job in jobs if job.kind == "tokens"] == [48]
    assert all(3 * job.practice * job.attempts > 5000 for job in jobs)
    assert all(3 * job.n_per_length >= 200 for job in jobs)


@pytest.mark.parametrize("kind", ["head", "tokens"])
def test_a_job_learns_from_other_tasks_and_chooses_among_its_pool(kind, monkeypatch) -> None:
    monkeypatch.setattr(verifier_runs, "trained_model", lambda width, steps: load_arithmetic_model("arithmetic-48"))
    job = VerifierJob(kind, 48, 1, 0, n_per_length=1, pool=40, practice=4, attempts=6, steps=3)
    found = run_verifier_job(job)
    assert found["ns"] == [n for n in NS if n <= 40]
    assert np.shape(found["curve"]) == (3, len(found["ns"]))
    assert [row[0] for row in found["curve"]] == pytest.approx([n / 40 for n in found["right"]], abs=1e-3)
    assert 0 < found["of them right"] < found["learned from"] <= 3 * 4 * 6


@pytest.mark.parametrize(
    ("chosen", "outcome"), [(0.9, HOLDS), (0.25, DOES_NOT_HOLD), (0.0, DOES_NOT_HOLD), (0.55, CANNOT_BE_TOLD)]
)
def test_what_a_verifier_is_worth_is_read_off_the_ladder(chosen: float, outcome: str) -> None:
    results = simulated((0.03, 0.25, 0.35, 0.45, 0.6, 0.75), chosen, (0.0, 0.0), 0.0, 0)
    assert VERIFIER.design.outcome(results) == outcome
    if chosen == 0.9:
        end = SIZES[-1] / SIZES[1]
        assert findings(results)["worth"] == pytest.approx([end, end, end])  # the ladder shows no more
    if chosen == 0.25:
        assert worth(results).mean == pytest.approx(1, abs=0.05)


def test_what_cannot_tell_right_from_wrong_decides_nothing() -> None:
    results = simulated((0.03, 0.25, 0.35, 0.45, 0.6, 0.75), 0.25, (0.0, 0.0), 0.0, 0)
    blind = [Run(run.job, {**run.result, "order": 0.5}) for run in results["verifiers"]]
    assert VERIFIER.design.outcome({**results, "verifiers": blind}) == CANNOT_BE_TOLD


def test_falls_are_told_from_curves_that_rise_or_scatter() -> None:
    check_design(FALLS)
    assert power_of(FALLS, 5) >= FALLS.power
    rising = simulated(SHARES, 0.6, (-0.1, -0.1), 0.01, 0)
    assert FALLS.outcome(rising) == DOES_NOT_HOLD
    assert all(drop.high <= 0 for drop in drops(rising).values())
    assert {FALLS.outcome(simulate_falls(outcome, 1)) for outcome in OUTCOMES} == set(OUTCOMES)


def test_a_perfect_verifier_never_falls() -> None:
    results = simulated(SHARES, 0.6, (0.1, 0.1), 0.01, 0)
    first = generator_widths(results["small"])[0]
    curve = perfect(results, first).mean(0)
    assert (np.diff(curve) >= 0).all()
    assert curve[0] == pytest.approx((POOL // 3) / POOL)
    assert findings(results)["generators"][str(first)]["drop of perfect"][2] <= 1e-9
