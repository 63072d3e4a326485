"""The plans of rows 6, 7 and 14: small clean data, shares of languages, and domains, beyond tables of byte pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval, paired_difference
from utils.experiments.data.tiny_jobs import (
    CONDITIONS,
    DOMAINS,
    GENERAL,
    LANGUAGES,
    LARGE_CLEAN,
    LARGE_DIRTY,
    MIXTURES,
    SMALL_CLEAN,
    SOURCES,
    TinyJob,
    ahead_of_table,
    bits_of,
    jobs,
    run_tiny_job,
    simulated_runs,
    tiny_findings,
)
from utils.experiments.recording.design import (
    CANNOT_BE_TOLD,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IN_PART,
    Design,
    Results,
    Run,
)
from utils.experiments.recording.recipe import Recipe, Stage

THRESHOLDS = {"matters": 0.05}
SHARE_THRESHOLDS = {"matters": 1.1}
PAIRS = "Models have to beat a table of byte pairs that has counted the same text, else it cannot be told."


def dirt_gap(runs: Sequence[Run]) -> Interval:
    """Return by how many bits per byte the dirty crawl's models are worse than those of its clean part."""
    return paired_difference(bits_of(runs, LARGE_DIRTY, "clean"), bits_of(runs, SMALL_CLEAN, "clean"))


def quality_rule(results: Results) -> str:
    """Return the outcome of row 6: is a fifth of the data, clean and repeated, better than all of it, dirty?"""
    runs, margin = results["runs"], THRESHOLDS["matters"]
    gap = dirt_gap(runs)
    if ahead_of_table(runs, LARGE_CLEAN, "clean").low <= 0:
        return CANNOT_BE_TOLD
    if gap.low > margin:
        return HOLDS
    if gap.high < margin:
        return DOES_NOT_HOLD
    return HOLDS_IN_PART if gap.low > 0 else CANNOT_BE_TOLD


def simulate_quality(outcome: str, seed: int) -> Results:
    """Return simulated runs: what the dirt costs beside a fifth of the data, and the noise."""
    cases = {HOLDS: (0.2, 0.04, 3.0), HOLDS_IN_PART: (0.06, 0.012, 3.0), DOES_NOT_HOLD: (-0.2, 0.04, 3.0)}
    cost, noise, pairs = cases.get(outcome, (0.2, 0.04, 1.0))
    mean = {(SMALL_CLEAN, "clean"): 1.5, (LARGE_DIRTY, "clean"): 1.5 + cost, (LARGE_CLEAN, "clean"): 1.2}
    return simulated_runs("quality", mean, noise, pairs, seed)


def share_effects(runs: Sequence[Run]) -> dict[str, Interval]:
    """Return for each language its loss at 5% of the data over that at 80%, over seeds."""
    at = {
        (name, share): condition
        for condition, shares in MIXTURES.items()
        for name, share in zip(LANGUAGES, shares, strict=True)
    }
    return {
        name: mean_interval(
            np.array(bits_of(runs, at[name, 0.05], name)) / np.array(bits_of(runs, at[name, 0.8], name))
        )
        for name in LANGUAGES
    }


def languages_rule(results: Results) -> str:
    """Return the outcome of row 7: does every language lose when its share of the data falls from 80% to 5%?"""
    runs, least = results["runs"], SHARE_THRESHOLDS["matters"]
    effects = share_effects(runs).values()
    if any(ahead_of_table(runs, "uniform", name).low <= 0 for name in LANGUAGES):
        return CANNOT_BE_TOLD
    if all(one.low > least for one in effects):
        return HOLDS
    if any(one.low > least for one in effects):
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if all(one.high < least for one in effects) else CANNOT_BE_TOLD


def simulate_languages(outcome: str, seed: int) -> Results:
    """Return simulated runs: by which factor each language's loss grows between 80% and 5%."""
    cases = {HOLDS: (1.3, 1.3, 1.3), HOLDS_IN_PART: (1.3, 1.0, 1.0), DOES_NOT_HOLD: (1.0, 1.0, 1.0)}
    factors = cases.get(outcome, (1.3, 1.3, 1.3))
    pairs = 3.0 if outcome in cases else 1.0
    mean = {
        (condition, name): 1.5 * factor ** (np.log(0.8 / share) / np.log(16))
        for condition, shares in MIXTURES.items()
        for name, share, factor in zip(LANGUAGES, shares, factors, strict=True)
    }
    return simulated_runs("languages", mean, 0.04, pairs, seed)


def specialist_gains(runs: Sequence[Run]) -> dict[str, Interval]:
    """Return by how many bits per byte each specialist beats the general model in its own domain."""
    return {name: paired_difference(bits_of(runs, GENERAL, name), bits_of(runs, name, name)) for name in DOMAINS}


def domains_rule(results: Results) -> str:
    """Return the outcome of row 14: does every specialist beat the general model at home?"""
    runs, margin = results["runs"], THRESHOLDS["matters"]
    gains = specialist_gains(runs).values()
    if any(ahead_of_table(runs, GENERAL, name).low <= 0 for name in DOMAINS):
        return CANNOT_BE_TOLD
    if all(gain.low > margin for gain in gains):
        return HOLDS
    if any(gain.low > margin for gain in gains):
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if all(gain.high < margin for gain in gains) else CANNOT_BE_TOLD


def simulate_domains(outcome: str, seed: int) -> Results:
    """Return simulated runs: what each specialist gains at home, everything worse elsewhere."""
    cases = {HOLDS: (0.2, 0.2, 0.2), HOLDS_IN_PART: (0.2, 0.0, 0.0), DOES_NOT_HOLD: (-0.05, -0.05, -0.05)}
    gains, pairs = cases.get(outcome, (0.2, 0.2, 0.2)), 3.0 if outcome in cases else 1.0
    mean = {(condition, name): 3.0 for condition in CONDITIONS["domains"] for name in DOMAINS}
    for name, gain in zip(DOMAINS, gains, strict=True):
        mean[GENERAL, name], mean[name, name] = 1.5, 1.5 - gain
    return simulated_runs("domains", mean, 0.04, pairs, seed)


def stages(size: str, about: str) -> Sequence[Stage]:
    """Return the stage of the recorded or the live size."""
    return [Stage("runs", TinyJob, run_tiny_job, lambda _: jobs(about, size))]


def findings(results: Results, about: str) -> Mapping[str, Any]:
    """Return the losses, those of the tables, and the differences that the rule looks at, each with its interval."""
    runs = results["runs"]
    differences = {
        "quality": lambda: {"dirt": dirt_gap(runs)},
        "languages": lambda: share_effects(runs),
        "domains": lambda: specialist_gains(runs),
    }[about]()
    listed = {name: [one.mean, one.low, one.high] for name, one in differences.items()}
    return {**tiny_findings(runs, about), "differences": listed}


_UNIT = "Seeds (weights, order and choice of texts), five, paired; Student's t interval."
QUALITY_DESIGN = Design(
    claim="A model trained on less data of high quality can beat one trained on more data of low quality.",
    measure="Loss in bits per byte on unseen clean text: a crawl, 80% of it dirty, less its clean fifth.",
    control="As much clean text as the crawl has; tables of byte pairs that have counted the same text.",
    unit=_UNIT,
    rule_text=(
        "Holds: at equal compute the crawl costs over 0.05 bits per byte more, with the whole interval. In part: more,"
        f" but not surely over 0.05. Does not hold: the interval lies below 0.05. {PAIRS}"
    ),
    thresholds=THRESHOLDS,
    effect="0.2 bits per byte.",
    rule=quality_rule,
    simulate=simulate_quality,
)
LANGUAGES_DESIGN = Design(
    claim="A model is worse in languages that are under-represented in its data.",
    measure="Loss on unseen text of a language at 5% of the data, over that at 80%, for each of three languages.",
    control="Every language once has each share; tables of byte pairs that have counted the same text.",
    unit=_UNIT,
    rule_text=(
        "Holds: for each language the loss is over 1.1 times as large, with the whole interval. In part: for some."
        f" Does not hold: every interval lies below 1.1. {PAIRS}"
    ),
    thresholds=SHARE_THRESHOLDS,
    effect="1.3 times the loss.",
    rule=languages_rule,
    simulate=simulate_languages,
)
DOMAINS_DESIGN = Design(
    claim="A domain-specific model beats a general one in its domain.",
    measure="Loss in bits per byte on unseen text of a domain: the general model less the specialist, equal compute.",
    control="Specialists outside their domain; tables of byte pairs that have counted the same text.",
    unit=_UNIT,
    rule_text=(
        "Holds: each of three specialists is over 0.05 bits per byte better at home, with the whole interval. In part:"
        f" some are. Does not hold: every interval lies below 0.05. {PAIRS}"
    ),
    thresholds=THRESHOLDS,
    effect="0.2 bits per byte.",
    rule=domains_rule,
    simulate=simulate_domains,
)


def _recipe(about: str, row: int, title: str, design: Design) -> Recipe:
    return Recipe(
        notebook="01",
        row=row,
        title=title,
        stages=partial(stages, about=about),
        design=design,
        findings=partial(findings, about=about),
        sources=SOURCES,
        config={"world": {"seed": 0, "n_people": 30, "n_towns": 10}},
        tolerance=0.03,
    )


QUALITY = _recipe("quality", 6, "small models on a dirty crawl, and on its clean fifth again and again", QUALITY_DESIGN)
MIXED = _recipe("languages", 7, "small models on mixtures of three languages, each at 5% to 80%", LANGUAGES_DESIGN)
SPECIALISTS = _recipe("domains", 14, "a general small model and three specialists, in three domains", DOMAINS_DESIGN)
