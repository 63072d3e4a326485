"""Verdicts on single tokens and their samplers (rows 75 to 80): what was measured in words, and the rule that judges.

Each function returns the arguments of `Verdicts.add` that depend on the measurement; its docstring states the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from utils.evaluation.intervals import Interval, mean_interval, paired_difference, share_interval
from utils.experiments.samplers.measuring import ratio_interval
from utils.notebook.said import Said
from utils.notebook.verdicts import above_zero, first_that_holds


def boring(greedy: np.ndarray, drawn: np.ndarray, human: float) -> Said:
    """Judge repetition (openings,): holds where the interval of greedy less drawn lies above 0."""
    gap = paired_difference(greedy.tolist(), drawn.tolist())
    return {
        "measured": f"runs of four tokens that stood there before: greedy {greedy.mean():.0%}, "
        f"drawn {drawn.mean():.1%}, a person's paragraph {human:.0%}",
        "interval": f"difference {gap} openings",
        "outcome": above_zero(gap),
    }


def as_in_the_figure(at: Mapping[float, float]) -> Said:
    """Judge probabilities by temperature: holds where they are the printed 73%, 88% and nearly 1."""
    is_as_printed = (round(at[1.0], 2), round(at[0.5], 2)) == (0.73, 0.88) and at[0.1] > 0.999
    return {
        "measured": f"B gets {at[1.0]:.1%}, {at[0.5]:.1%}, {at[0.1]:.3%} (at 0.1)",
        "interval": "exact",
        "outcome": "holds" if is_as_printed else "does not hold",
    }


def hotter(true: np.ndarray, different: np.ndarray, temperatures: Sequence[float]) -> Said:
    """Judge shares (temperatures, seeds): holds where truth falls to the hottest and variety rises to temperature 1."""
    one = list(temperatures).index(1.0)
    falls, rises = mean_interval(true[0] - true[-1]), mean_interval(different[one] - different[0])
    coldest, hottest = temperatures[0], temperatures[-1]
    return {
        "measured": f"from {coldest} to {hottest} true documents fall from {true[0].mean():.0%} to "
        f"{true[-1].mean():.0%}; from {coldest} to 1.0 different ones rise from {different[0].mean():.0%} to "
        f"{different[one].mean():.0%}",
        "interval": f"fall {falls}; rise {rises} seeds",
        "outcome": first_that_holds(
            ("holds", falls.low > 0 and rises.low > 0),
            ("does not hold", falls.high <= 0 or rises.high <= 0),
            otherwise="undecided",
        ),
    }


def balanced(both: np.ndarray, temperatures: Sequence[float], n_documents: int) -> Said:
    """Judge different true documents (temperatures, seeds): holds where every seed has most at 0.6 to 0.8.

    In part where some seeds do.
    """
    best = [temperatures[place] for place in both.argmax(0)]
    near = [0.6 <= one <= 0.8 for one in best]
    return {
        "measured": f"most different true documents at temperatures {best} (of {list(temperatures)})",
        "interval": f"{len(best)} seeds of {n_documents} documents",
        "outcome": first_that_holds(("holds", all(near)), ("holds in part", any(near)), otherwise="does not hold"),
    }


def underflow(zero_after: Mapping[torch.dtype, int | None], sums: torch.Tensor) -> Said:
    """Judge products: holds where float16 and float32 reach 0 and the sums of logs stay finite; in part: float16."""
    is_zero = [zero_after[kind] is not None for kind in (torch.float16, torch.float32)]
    return {
        "measured": f"a product of token probabilities is 0 after {zero_after[torch.float16]} tokens in float16 and "
        f"{zero_after[torch.float32]} in float32; the sum of logs reaches {float(sums[-1]):.0f} in float16",
        "interval": "exact",
        "outcome": first_that_holds(
            ("holds", all(is_zero) and bool(torch.isfinite(sums).all())),
            ("holds in part", is_zero[0]),
            otherwise="does not hold",
        ),
    }


def classifying(by_others: np.ndarray, at_zero: np.ndarray, at_nothing: np.ndarray, ranked: float) -> Said:
    """Judge right answers (reviews,): holds where Wilson's interval, for thresholds from the others, is above 0.5."""
    found = share_interval(int(by_others.sum()), len(by_others))
    return {
        "measured": f"SmolLM2, untrained for it, judges {by_others.mean():.0%} of {len(by_others)} reviews rightly by "
        f"a threshold from the others (AUROC {ranked:.2f}; {at_zero.mean():.0%} at 0, {at_nothing.mean():.0%} at what "
        "it says to nothing); chance is 50%",
        "interval": f"{found} reviews",
        "outcome": first_that_holds(
            ("holds", found.low > 0.5), ("undecided", found.high > 0.5), otherwise="does not hold"
        ),
    }


def predictable(pairs: np.ndarray, ks: Sequence[int]) -> Said:
    """Judge different pairs of words (ks, seeds): holds where no filter gives more than k = 2."""
    variety = mean_interval(pairs[-1] - pairs[list(ks).index(2)])
    by_k = {k: f"{values.mean():.0%}" for k, values in zip(ks, pairs, strict=True)}
    return {
        "measured": f"different pairs of words: {by_k[1]} at k = 1, {by_k[2]} at 2, {by_k[10]} at 10, "
        f"{by_k[ks[-1]]} without a filter",
        "interval": f"no filter against k = 2: {variety} seeds",
        "outcome": above_zero(variety),
    }


def softmax_saved(times: Mapping[str, float], vocabulary: int) -> Said:
    """Judge times (ms): of a decoding step top-k saves a tenth (holds), half a percent (in part), or less (not)."""
    every, step = times["draw from all"], times["whole step"]
    saved = (every - times["k = 50"]) / (step + every)
    return {
        "measured": f"drawing from k = 50 takes {times['k = 50'] / every:.2f} of the time of drawing from all "
        f"{vocabulary:,}; that saves {saved:.1%} of a decoding step",
        "interval": "fastest of several calls",
        "outcome": first_that_holds(
            ("does not hold", saved < 0.005), ("holds in part", saved < 0.1), otherwise="holds"
        ),
    }


def open_and_closed(closed: np.ndarray, opened: np.ndarray) -> Said:
    """Judge sizes of nuclei (questions,): holds where the ratio of the medians, open to closed, is above 1."""
    ratio = ratio_interval(opened, closed)
    return {
        "measured": f"medians {np.median(closed):.0f} tokens (closed) and {np.median(opened):.0f} (open)",
        "interval": f"ratio {ratio.mean:.1f} [{ratio.low:.1f}, {ratio.high:.1f}], {ratio.n} questions each",
        "outcome": first_that_holds(("holds", ratio.low > 1), ("undecided", ratio.high > 1), otherwise="does not hold"),
    }


def two_tokens(closed: np.ndarray, yes_or_no: Sequence[float]) -> Said:
    """Judge sizes of nuclei of closed questions: holds where the median is at most two."""
    return {
        "measured": f"median {np.median(closed):.0f} tokens at p = 0.9; yes and no together have "
        f"{np.mean(yes_or_no):.0%}",
        "interval": f"{closed.min()} to {closed.max()} over {len(closed)} questions",
        "outcome": "holds" if np.median(closed) <= 2 else "does not hold",
    }


def min_p_leads(leads: Mapping[float, Interval]) -> Said:
    """Judge the lead of min-p in true documents by temperature: holds where its interval at 2 lies above 0."""
    return {
        "measured": f"true documents at equal variety, min-p minus top-p: {leads[1.0].mean:+.1%} at temperature 1, "
        f"{leads[2.0].mean:+.1%} at 2",
        "interval": f"at 2: {leads[2.0]} seeds",
        "outcome": above_zero(leads[2.0]),
    }
