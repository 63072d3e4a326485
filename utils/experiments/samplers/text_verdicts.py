"""Verdicts on whole texts (rows 81 to 83): what was measured in words, and the rule that judges.

Each function returns the arguments of `Verdicts.add` that depend on the measurement; its docstring states the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from utils.evaluation.intervals import bootstrap_interval, mean_interval, paired_difference
from utils.experiments.samplers.world_texts import Continuation, variety_lead
from utils.notebook.said import Said
from utils.notebook.verdicts import above_zero, first_that_holds


def cutting(limit: tuple[float, np.ndarray], stop: tuple[float, np.ndarray], n_questions: int) -> Said:
    """Judge a limit beside a stop string that costs as much: holds where it cuts more, over the questions.

    Args:
        limit, stop: mean tokens of an answer, and whether each is cut off (answers,), question by question.
        n_questions: of which there are equally many answers.
    """
    difference = limit[1].astype(float) - stop[1].astype(float)
    more = bootstrap_interval(difference.reshape(n_questions, -1).mean(1).tolist())
    return {
        "measured": f"for {limit[0]:.0f} tokens a question a limit cuts {limit[1].mean():.0%} of the answers; a stop "
        f"string pays {stop[0]:.0f} and cuts {stop[1].mean():.0%}",
        "interval": f"difference {more} questions",
        "outcome": above_zero(more),
    }


def broken_json(limits: Sequence[int], parsed: np.ndarray) -> Said:
    """Judge what parses (limits, outputs): holds where more parses at the largest limit than at the second."""
    broken = bootstrap_interval((parsed[-1] - parsed[1]).tolist())
    return {
        "measured": f"parse: {parsed[1].mean():.0%} at a limit of {limits[1]} tokens, {parsed[-1].mean():.0%} at "
        f"{limits[-1]}",
        "interval": f"difference {broken} outputs",
        "outcome": above_zero(broken),
    }


def short_by_sum(lengths: np.ndarray, correlation: float) -> Said:
    """Judge mean lengths of what is kept: holds where the sum keeps shorter documents than chance.

    Args:
        lengths: (3, seeds), by the sum, by the average and at random.
        correlation: of lengths and sums.
    """
    by_sum, _, chance = lengths
    shorter = mean_interval(chance - by_sum)
    return {
        "measured": f"correlation of length and sum {correlation:.2f}; kept by the sum: {by_sum.mean():.1f} tokens, at "
        f"random {chance.mean():.1f}",
        "interval": f"shorter by {shorter} seeds",
        "outcome": above_zero(shorter),
    }


def average_bias(lengths: np.ndarray, truth: np.ndarray) -> Said:
    """Judge mean lengths of what is kept: does the average keep what is as long as chance keeps?

    Holds where the interval of the difference lies within a quarter of the sum's bias. In part where the average is
    not that close, but surely has less than half of that bias. Does not hold where it surely has more than a quarter.

    Args:
        lengths: (3, seeds), by the sum, by the average and at random.
        truth: shares of true documents among these, alike.
    """
    by_sum, average, chance = lengths
    of_sum, shorter = mean_interval(chance - by_sum), mean_interval(chance - average)
    little = abs(of_sum.mean) / 4
    true_by_sum, true_by_average, true_by_chance = (f"{share:.0%}" for share in truth.mean(1))
    return {
        "measured": f"kept by the average: {average.mean():.1f} tokens (at random {chance.mean():.1f}); true: "
        f"{true_by_average} (by the sum {true_by_sum}, at random {true_by_chance})",
        "interval": f"shorter than at random by {shorter} seeds",
        "outcome": first_that_holds(
            ("holds", -little < shorter.low and shorter.high < little),
            ("holds in part", shorter.high < of_sum.mean / 2),
            ("does not hold", shorter.low > little),
            otherwise="undecided",
        ),
    }


def likelier(
    narrow: Sequence[Continuation], wide: Sequence[Continuation], measures: Mapping[str, Mapping[str, float]]
) -> Said:
    """Judge beams at the same beginnings: holds where the wide one's logprob per token is higher.

    Args:
        narrow, wide: continuations by greedy decoding and by the widest beam.
        measures: "greedy", "beam" and "drawn" -> "average" and "true".
    """
    gain = paired_difference([one.average for one in wide], [one.average for one in narrow])
    averages = ", ".join(f"{name} {one['average']:.3f}" for name, one in measures.items())
    true = ", ".join(f"{one['true']:.0%}" for one in measures.values())
    return {
        "measured": f"logprob a token: {averages}; true documents: {true}",
        "interval": f"gain over greedy {gain} beginnings",
        "outcome": above_zero(gain),
    }


def duller(
    wide: Sequence[Continuation],
    drawings: Sequence[Sequence[Continuation]],
    measures: Mapping[str, Mapping[str, float]],
    beam_repeats: np.ndarray,
    drawn_repeats: np.ndarray,
) -> Said:
    """Judge variety in the world and repetition of SmolLM2: holds where beams are duller in both, in part in one.

    Args:
        wide: continuations by the widest beam.
        drawings: continuations drawn from the same beginnings, several sets.
        measures: "beam" and "drawn" -> "pairs".
        beam_repeats, drawn_repeats: repeated runs of four tokens (openings,) in SmolLM2's texts.
    """
    varied = variety_lead(wide, drawings)
    repeats = paired_difference(beam_repeats.tolist(), drawn_repeats.tolist())
    found = [varied.high < 0, repeats.low > 0]
    return {
        "measured": f"different pairs of words: beam {measures['beam']['pairs']:.0%}, drawn "
        f"{measures['drawn']['pairs']:.0%}; SmolLM2 repeats {beam_repeats.mean():.0%} of runs of four tokens (drawn "
        f"{drawn_repeats.mean():.0%})",
        "interval": f"pairs {varied} beginnings; repeats {repeats} openings",
        "outcome": first_that_holds(
            ("holds", all(found)),
            ("holds in part", any(found)),
            ("does not hold", varied.low > 0 or repeats.high < 0),
            otherwise="undecided",
        ),
    }
