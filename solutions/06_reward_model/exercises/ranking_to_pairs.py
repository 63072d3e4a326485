"""Exercise `ranking_to_pairs`: what a labeler says about every two answers by ranking k of them."""

# %% solution
from collections.abc import Sequence
from itertools import combinations
from typing import Any


def ranking_to_pairs(ranking: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Return (winner, loser) for every two answers of a ranking.

    Args:
        ranking: answers, best first.

    Returns:
        k (k - 1) / 2 pairs, in any order.
    """
    ### BEGIN SOLUTION
    return list(combinations(ranking, 2))
    ### END SOLUTION


# %% hints
HINTS = (
    "Every answer wins against all that stand behind it. How many are that for the first, the second,"
    " the last?",
    "Two loops: for each place i, and each place j behind it, one pair `(ranking[i], ranking[j])`."
    " `itertools.combinations(ranking, 2)` gives just these, in this order.",
)
EXPLANATION = """
`combinations` keeps the order of its input, so the better answer comes first in every pair. The first answer beats
k - 1 others, the next k - 2, and so on: k (k - 1) / 2 in all. Neighbours alone would be k - 1 pairs, which hold
the same order but say it less often. `permutations` would hold every pair twice, once the wrong way round.
"""

# %% helpers
from itertools import combinations, combinations_with_replacement, permutations

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, inputs_unchanged, wrong_type

ALL_PAIRS = "Every answer wins against each answer behind it: k (k - 1) / 2 pairs (winner, loser)."


def in_fixed_order(pairs):
    """Return pairs sorted, as lists of two; anything else as it is."""
    try:
        return sorted([[*pair] for pair in pairs]) if isinstance(pairs, list | tuple) else pairs
    except TypeError:
        return pairs


def wrong_values(ranking):
    """Return what the usual mistakes make of a ranking of three or more."""
    best, last, k = ranking[0], ranking[-1], len(ranking)
    right, half = [*combinations(ranking, 2)], len(ranking) // 2
    return {
        "Return a list of pairs.": wrong_type(list),
        "The pairs are the wrong way round: the winner comes first.": in_fixed_order(
            [pair[::-1] for pair in right]
        ),
        "Only neighbours are paired. An answer wins against all that stand behind it.": (
            in_fixed_order([*zip(ranking, ranking[1:])])
        ),
        "Only the best is paired with the others. The second also beats the third, and so on.": (
            in_fixed_order([(best, other) for other in ranking[1:]])
        ),
        "Only the last is paired with the others. The first also beats the second, and so on.": (
            in_fixed_order([(other, last) for other in ranking[:-1]])
        ),
        "Only best and last are paired.": [[best, last]],
        "Each pair is there twice, once the wrong way round.": in_fixed_order(
            [*permutations(ranking, 2)]
        ),
        "An answer is paired with itself. It cannot beat itself.": AnyOf(
            in_fixed_order([*combinations_with_replacement(ranking, 2)]),
            in_fixed_order([(a, b) for a in ranking for b in ranking]),
        ),
        "These are places in the ranking. Return the answers that stand there.": AnyOf(
            in_fixed_order([*combinations(range(k), 2)]),
            in_fixed_order([*combinations(range(1, k + 1), 2)]),
        ),
        "A pair got sorted. The winner comes first, whatever the answers are called.": (
            in_fixed_order([sorted(pair) for pair in right])
        ),
        "The better half is paired with the worse half only. Within a half there are winners too.": (
            in_fixed_order([(a, b) for a in ranking[:half] for b in ranking[half:]])
        ),
        "The first pair is missing, or the last.": AnyOf(
            in_fixed_order(right[1:]), in_fixed_order(right[:-1])
        ),
    }


# %% examples
def examples(check):
    three = [("clear", "vague"), ("clear", "rude"), ("vague", "rude")]
    got = lambda: sorted(ranking_to_pairs(["clear", "vague", "rude"]))
    check(got, sorted(three), "clear, then vague, then rude")
    check(lambda: len(ranking_to_pairs(list(range(9)))), 36, "how many of 9 answers")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    known = wrong_values(["clear", "vague", "rude"])
    return {
        "clear, then vague, then rude": Diagnosis(known, ALL_PAIRS),
        "how many of 9 answers": Diagnosis(
            {
                "Neighbours, or the best with the others, are 8 pairs only.": 8,
                "Each pair counts once: not also the other way round.": 72,
                "No answer is paired with itself.": AnyOf(45, 81),
            },
            ALL_PAIRS,
        ),
    }


# %% graded: 2 points | every pair once, the winner first.
def test_every_pair_once_with_the_winner_first() -> None:
    for case in range(6):
        rng = case_rng("ranking_to_pairs", case)
        k = rng.randint(4, 9)
        kinds = ([f"answer {letter}" for letter in "abcdefghijkl"], [*range(100, 190, 7)])
        ranking = rng.sample(kinds[case % 2], k)
        if ranking == sorted(ranking):
            ranking.reverse()
        with inputs_unchanged(ranking):
            check(
                lambda: in_fixed_order(ranking_to_pairs(ranking)),
                in_fixed_order([*combinations(ranking, 2)]),
                f"the ranking {ranking}",
                mistakes=wrong_values(ranking),
                otherwise=ALL_PAIRS,
            )


# %% graded: 1 point | rankings of two, one and none, and a long one.
def test_short_and_long_rankings() -> None:
    rng = case_rng("ranking_to_pairs", "sizes")
    pair = rng.sample(["blue", "green", "red", "white"], 2)
    few = "Two answers are one pair; one answer, or none, is no pair: an empty list."
    for ranking in (pair, pair[:1], []):
        check(
            lambda: in_fixed_order(ranking_to_pairs(list(ranking))),
            in_fixed_order([*combinations(ranking, 2)]),
            f"the ranking {ranking}",
            mistakes={
                "Each pair is there once, the winner first, and nothing beats itself.": lambda got: (
                    len(got) > 1 or got == [pair[::-1]]
                )
            },
            otherwise=few,
            if_raises=few,
        )
    any_answer = "Answers that are alike, or empty, are answers like others: go by places, not by what is there."
    for ranking in (["fine", "good", "fine", "bad"], [3, 0, 2, 1], ["yes", "", "no"]):
        check(
            lambda: in_fixed_order(ranking_to_pairs(list(ranking))),
            in_fixed_order([*combinations(ranking, 2)]),
            f"the ranking {ranking}",
            otherwise=any_answer,
            if_raises=any_answer,
        )
    lists = "An answer may be a list, such as the ids of its tokens: pair it as it is."
    ranking = [[5, 1], [2], [2, 7, 1], [2]]
    check(
        lambda: in_fixed_order(ranking_to_pairs([[*one] for one in ranking])),
        in_fixed_order([*combinations(ranking, 2)]),
        f"the ranking {ranking}",
        otherwise=lists,
        if_raises=lists,
    )
    numbers = rng.sample(range(1_000), rng.randint(70, 90))
    check(
        lambda: in_fixed_order(ranking_to_pairs(numbers)),
        in_fixed_order([*combinations(numbers, 2)]),
        f"a ranking of {len(numbers)} numbers",
        otherwise=ALL_PAIRS,
    )
