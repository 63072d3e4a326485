"""What the real model's answers say: does its probability tell right from wrong, and does a sentence make it silent?"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from utils.evaluation.detection import auroc
from utils.evaluation.intervals import Interval, share_interval
from utils.experiments.hallucination.real_facts import KINDS
from utils.experiments.recording.design import Results


def area_interval(scores: np.ndarray, right: np.ndarray, seed: int = 0, resamples: int = 300) -> Interval:
    """Return the AUROC of scores with its bootstrap interval over questions; draws of one class are left out.

    Raises:
        ValueError: the answers are all right or all wrong.
    """
    n = len(scores)
    draws = np.random.default_rng(seed).choice(np.arange(n), (resamples, n))
    found = [auroc(scores[some].tolist(), right[some].tolist()) for some in draws if 0 < right[some].sum() < n]
    low, high = np.percentile(found, [2.5, 97.5]).tolist() if found else (math.nan, math.nan)
    return Interval(auroc(scores.tolist(), right.tolist()), low, high, n)


def areas_by_kind(facts: Mapping[str, np.ndarray]) -> dict[str, Interval]:
    """Return how well the probability of an answer tells right from wrong: for each kind of question, and for all.

    Args:
        facts: what `real_recipe.fact_columns` gives.
    """
    right = facts["right"].astype(bool)
    places = {kind: facts["kind"] == number for number, kind in enumerate(KINDS)}
    places["all"] = np.ones(len(right), bool)
    return {kind: area_interval(facts["probability"].clip(0, 1)[at], right[at]) for kind, at in places.items()}


def silence_gap(results: Results) -> Interval:
    """Return how much more often the model, told so, is silent on invented things than on real ones.

    The interval of the difference of two shares is Newcombe's (1998), made of two of Wilson's: it has a width also
    where the model is always silent.
    """
    silent = {run.job.real: run.result["silent"] for run in results["open"] if run.job.honest}
    real, invented = (share_interval(sum(silent[key]), len(silent[key])) for key in (True, False))
    gap = invented.mean - real.mean
    below = math.hypot(invented.mean - invented.low, real.high - real.mean)
    above = math.hypot(invented.high - invented.mean, real.mean - real.low)
    return Interval(gap, gap - below, gap + above, real.n + invented.n)
