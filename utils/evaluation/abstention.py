"""When to speak: right 1, silence 0, wrong minus a penalty."""

from __future__ import annotations

from utils.decoding.arguments import finite_number, probability
from utils.decoding.checked import checked


@checked
def expected_score(p_correct: float, wrong_penalty: float) -> float:
    """Return what an answer is expected to score: 1 when it is right, minus the penalty when it is wrong.

    >>> expected_score(0.75, 1.0)
    0.5

    Raises:
        ValueError: a probability outside [0, 1], or a penalty below 0.
    """
    share = probability(p_correct, "p_correct")
    return share - (1 - share) * finite_number(wrong_penalty, "wrong_penalty", 0.0)


@checked
def should_answer(p_correct: float, wrong_penalty: float) -> bool:
    """Return whether an answer is expected to score more than silence, which scores 0.

    That is so when the probability is above penalty / (1 + penalty): above 1/2 for 1, above 3/4 for 3.

    Raises:
        ValueError: as `expected_score`.
    """
    expected_score(p_correct, wrong_penalty)  # refuses what is no probability or no penalty
    # Without the difference 1 - p, whose rounding makes something of nothing: 0.8 and a penalty of 4 are a tie.
    return p_correct * (1 + wrong_penalty) > wrong_penalty
