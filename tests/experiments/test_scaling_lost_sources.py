"""Row 57: equal size whatever is lost, mistakes as stated, and a rule that can turn out each way."""

from __future__ import annotations

import numpy as np
import pytest

from utils.experiments.recording.design import OUTCOMES, Run, power_of
from utils.experiments.scaling.lost_sources import (
    N_SOURCES,
    SourcesJob,
    crawled,
    excess,
    sources_left,
    train_sources_run,
)
from utils.experiments.scaling.sources_recipe import DESIGN, LOST, findings, rule, simulate


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_rule_gives_every_outcome(outcome):
    assert rule(simulate(outcome, 0)) == outcome


def test_the_recorded_size_finds_the_effect_that_matters():
    assert power_of(DESIGN) >= DESIGN.power


def test_the_best_go_or_as_many_at_random():
    best, random = (sources_left(SourcesJob(0.45, how, 0.3, 100, 0)) for how in ("best", "random"))
    assert len(best) == len(random) == 55
    assert best.min() == 45
    assert random.min() < 20


def test_the_text_is_as_long_whatever_is_lost_and_has_the_mistakes_of_its_sources():
    whole = crawled(SourcesJob(0.0, "best", 0.0, 2000, 0))
    for lost, how in ((0.0, "best"), (0.45, "best"), (0.45, "random")):
        job = SourcesJob(lost, how, 0.3, 2000, 0)
        text = crawled(job)
        assert list(map(len, text)) == list(map(len, whole))
        wrong = np.mean(
            [a != b for one, other in zip(text, whole, strict=True) for a, b in zip(one, other, strict=True)]
        )
        stated = np.linspace(0, 0.3, N_SOURCES)[sources_left(job)].mean()
        # A word drawn from the text is sometimes the right one.
        assert 0.85 * stated < wrong < stated


def test_small_real_runs_are_compared_within_a_seed():
    jobs = [SourcesJob(lost, "best", 1.0, 1500, 0) for lost in (0.0, 0.45)]
    runs = [Run(job, train_sources_run(job)) for job in jobs]
    assert runs[0].result["tokens"] == runs[1].result["tokens"]
    assert runs[1].result["wrong"] > runs[0].result["wrong"]
    assert runs[0].result["loss"] > runs[0].result["entropy"]
    assert excess(runs, 0.45, "best", 1.0)[0] == runs[1].result["loss"] - runs[0].result["loss"] > 0


def test_findings_name_every_share_and_selection():
    found = findings(simulate("holds", 0))
    assert set(found["beyond_random"]) == set(map(str, LOST))
    assert found["excess"]["0.3"]["best"]["0.45"][0] > found["excess"]["0.3"]["random"]["0.45"][0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((1.0, "best", 0.3, 100, 0), "lost is a share from 0 to below 1, not 1.0"),
        ((0.3, "worst", 0.3, 100, 0), "selection must be one of best, random, not 'worst'"),
        ((0.3, "best", 1.3, 100, 0), "worst is a share from 0 to 1, not 1.3"),
        ((0.3, "best", 0.3, 10, 0), "documents must be at least 32, not 10"),
    ],
)
def test_bad_input_gets_a_sentence(values, message):
    with pytest.raises(ValueError, match=message):
        SourcesJob(*values)
    with pytest.raises(ValueError, match=r"no run has lost 0\.3"):
        excess([], 0.3, "best", 0.3)
