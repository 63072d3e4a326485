"""Exercise `auroc`: how well a score tells wrong answers from right ones."""

# %% solution
from collections.abc import Sequence


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the probability that a random positive has a higher score than a random negative.

    The area under the ROC curve equals Mann and Whitney's U (1947) over the number of pairs.

    Args:
        scores: any numbers; a higher one speaks for a positive.
        labels: True for a positive, for each score.

    Returns:
        from 0 to 1; a positive and a negative with equal scores count one half.

    Raises:
        ValueError: labels hold one class only, lengths differ, or a score is NaN.
    """
    ### BEGIN SOLUTION
    if len(scores) != len(labels):
        raise ValueError(f"scores has {len(scores)} entries and labels {len(labels)}")
    if any(score != score for score in scores):
        raise ValueError("scores must not hold NaN: it ranks nowhere")
    positives = [score for score, label in zip(scores, labels) if label]
    negatives = [score for score, label in zip(scores, labels) if not label]
    if not positives or not negatives:
        raise ValueError(
            f"labels must hold both classes, not {len(positives)} positives"
            f" and {len(negatives)} negatives"
        )
    won = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)
    return won / (len(positives) * len(negatives))
    ### END SOLUTION


# %% hints
HINTS = (
    "Take one positive and one negative: who has the higher score? The probability asked for is the"
    " share of such pairs that the positive wins. No threshold is needed.",
    "Split the scores into positives and negatives, and refuse when either is empty. For each positive"
    " and each negative add 1 if the positive is higher, 0.5 if equal; divide by the number of pairs.",
)
EXPLANATION = """
Each positive meets each negative, so P times N pairs are counted, and a tie is a coin toss: one half. A constant score thus
has an AUROC of 0.5, as it should, and any increasing change of the scores leaves it as it is. Below 0.5 the score points the
wrong way, which is a finding and must stay visible. For long lists the average ranks of the positives give the same in
n log n steps. With one class there is no pair, and nothing to tell apart.
"""

# %% helpers
from statistics import fmean

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_refused,
    forbidden,
    inputs_unchanged,
    same,
    told_apart,
    without,
    wrong_type,
)

PAIRS = (
    "Compare each positive with each negative: 1 where the positive has the higher score, 1/2 at a tie,"
    " 0 otherwise; then the mean."
)
NO_TIE = (
    "Scores that differ a little are no tie: compare them exactly, as they are. Rounding, limits, exp and the"
    " sigmoid make some of them equal."
)
COURSE = ("utils.evaluation.detection.auroc",)


def split(scores, labels):
    rows = list(zip(scores, labels, strict=True))
    return [score for score, label in rows if label], [score for score, label in rows if not label]


def right_value(scores, labels, tie=0.5):
    positives, negatives = split(scores, labels)
    return fmean(1.0 if p > n else tie if p == n else 0.0 for p in positives for n in negatives)


def average_precision(scores, labels):
    """Return the area under the curve of precision over recall, in steps of equal scores."""
    found, area = 0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        taken = [label for score, label in zip(scores, labels) if score >= threshold]
        area += (sum(taken) - found) / sum(labels) * sum(taken) / len(taken)
        found = sum(taken)
    return area


def with_threshold(scores, labels, threshold):
    """Return accuracy and balanced accuracy of the classes that a threshold makes of scores."""
    positives, negatives = split(scores, labels)
    hits, passed = sum(p >= threshold for p in positives), sum(n < threshold for n in negatives)
    balanced = (hits / len(positives) + passed / len(negatives)) / 2
    return (hits + passed) / len(scores), balanced


def from_ranks(scores, labels, ranks):
    """Return the value from ranks of all scores, where equal ones need not share theirs."""
    positives, negatives = split(scores, labels)
    total = sum(rank for rank, label in zip(ranks, labels, strict=True) if label)
    return (total - len(positives) * (len(positives) + 1) / 2) / (len(positives) * len(negatives))


def wrong_ranks(scores):
    """Return ranks that go wrong at ties: by place from either end, smallest, largest, without gaps."""
    ascending, kinds = sorted(scores), sorted(set(scores))
    first = [ascending.index(one) + 1 for one in scores]
    earlier = [scores[:at].count(one) for at, one in enumerate(scores)]
    later = [scores[at + 1 :].count(one) for at, one in enumerate(scores)]
    return (
        [rank + ties for rank, ties in zip(first, earlier, strict=True)],
        [rank + ties for rank, ties in zip(first, later, strict=True)],
        first,
        [rank + scores.count(one) - 1 for rank, one in zip(first, scores, strict=True)],
        [kinds.index(one) + 1 for one in scores],
    )


def wrong_values(scores, labels):
    """Return what the usual mistakes make of scores."""
    positives, negatives = split(scores, labels)
    n, pairs, right = len(scores), len(positives) * len(negatives), right_value(scores, labels)
    lost, won = right_value(scores, labels, 0), right_value(scores, labels, 1)
    at_half, at_zero, at_mean = (
        with_threshold(scores, labels, at) for at in (0.5, 0, fmean(scores))
    )
    once = [*set(positives)], [*set(negatives)]
    bent = {
        right_value([change(score) for score in scores], labels)
        for change in (
            abs,
            int,
            round,
            lambda score: max(score, 0),
            lambda score: min(score, 1),
            lambda score: min(max(score, 0), 1),
        )
    }
    return {
        "Ties count as lost. They count one half.": lost,
        "Ties count as won. They count one half.": won,
        "Ties count one and a half: `>=` counts them as won already. They count one half.": (
            right_value(scores, labels, 1.5)
        ),
        "Ties are left out. They count one half, and are pairs like others.": (
            lost / (1 + lost - won) if won < 1 + lost else lambda got: got != got
        ),
        "Equal scores share the mean of their ranks, neither one after the other nor the first or last.": (
            AnyOf(*(from_ranks(scores, labels, ranks) for ranks in wrong_ranks(scores)))
        ),
        "Ranks count from 1, and of their sum over p positives p (p + 1) / 2 is taken off.": AnyOf(
            right - 1 / len(negatives),
            right + (len(positives) + 1) / (2 * len(negatives)),
            right + 1 / len(negatives),
        ),
        "Ties: a score may occur several times, and each time counts.": right_value(
            [*once[0], *once[1]], [True] * len(once[0]) + [False] * len(once[1])
        ),
        (
            "The order is wrong: the positive should have the higher score."
            if right > 0.5
            else "A value below one half stays as it is: the positive should have the higher score."
        ): AnyOf(1 - right, 1 - lost),
        "This is a number of pairs. Divide by positives times negatives.": AnyOf(
            pairs * right, pairs * lost, pairs * won
        ),
        "Divide by the number of pairs, positives times negatives.": AnyOf(
            pairs * right / n, pairs * right / n**2, pairs * right / (n * (n - 1) / 2),
            pairs * right / (n * (n - 1)), right * len(positives), right * len(negatives),
        ),
        "No threshold is needed: compare scores with each other, not predicted classes with labels.": (
            AnyOf(*at_half, *at_zero, *at_mean)
        ),
        "This is 2 AUROC - 1. The probability itself is due.": 2 * right - 1,
        "This is about precision and recall. Compare positives with negatives.": (
            average_precision(scores, labels)
        ),
        "Compare positives with negatives only, not with other positives.": AnyOf(
            (right * len(negatives) + len(positives) / 2) / n,
            fmean(p > other for p in positives for other in scores),
        ),
        "Each positive meets each negative, not only the one at the same place.": fmean(
            (p > q) + (p == q) / 2 for p, q in zip(positives, negatives)
        ),
        "Compare scores pair by pair, not their means.": AnyOf(
            fmean(positives) - fmean(negatives), float(fmean(positives) > fmean(negatives))
        ),
        "A share is due, not percent.": 100 * right,
        "Scores may be any numbers, below 0, above 1 and between whole ones: compare them as they are.": lambda got: (
            any(same(got, value) for value in bent)
        ),
        "Return one number, the share of pairs that the positive wins.": AnyOf(
            wrong_type(int, float), lambda got: isinstance(got, bool)
        ),
    }  # fmt: skip


TIES = ("Ties", "Equal scores")


def some_scores(rng, n, shift, draw):
    """Return n scores and labels of both classes, not as many of one as of the other."""
    wanted = rng.choice([few for few in range(n // 4, n - n // 4) if 2 * few != n])
    labels = [place < wanted for place in range(n)]
    rng.shuffle(labels)
    return [draw(shift if label else 0) for label in labels], labels


# %% examples
def examples(check):
    scores, labels = [0.9, 0.6, 0.3, 0.8, 0.6, 0.2], [True] * 3 + [False] * 3
    check(lambda: auroc(scores, labels), 5.5 / 9, "five of nine pairs won, one tied")
    check(lambda: auroc([3, -2, 5], [False, True, False]), 0.0, "the positive is the lowest")
    check.refused(lambda: auroc([0.2, 0.7], [True, True]), "positives only")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    # Scores for which ties, a threshold, pairs by place and 2 AUROC - 1 all lead to other values.
    scores, labels = [0.9, 0.6, 0.3, 0.8, 0.6, 0.2], [True] * 3 + [False] * 3
    ties = {"Ties count one half.": AnyOf(5 / 9, 6 / 9, 5 / 8)}
    return {
        "five of nine pairs won, one tied": Diagnosis(ties | wrong_values(scores, labels), PAIRS),
        "the positive is the lowest": Diagnosis(
            {"A value below one half stays as it is: the score points the wrong way.": 1.0}, PAIRS
        ),
        "positives only": Diagnosis(otherwise="Without a negative there is no pair."),
    }


# %% graded: 2 points | scores that all differ.
def test_share_of_pairs_that_the_positive_wins() -> None:
    for case in range(6):
        rng = case_rng("auroc", case)
        shift = (1.0, -0.7, 0.8, 12, -1.0, 0.5)[case]  # a score may also point the wrong way
        draw = (
            (lambda mean: rng.randint(-40, 40) + mean)
            if case == 3
            else (lambda mean: rng.gauss(mean, 1))
        )
        scores, labels, mistakes = [0.0, 0.0], [True, False], {}
        while len(set(scores)) < len(scores) or not told_apart(
            right_value(scores, labels), mistakes
        ):
            n = rng.randint(66, 90) if case == 5 else rng.randint(19, 31)
            scores, labels = some_scores(rng, n, shift, draw)
            mistakes = without(wrong_values(scores, labels), *TIES)
        with inputs_unchanged(scores, labels), forbidden(*COURSE):
            check(
                lambda: auroc(scores, labels),
                right_value(scores, labels),
                f"{sum(labels)} positives, {n - sum(labels)} negatives, scores from {min(scores):.3g} to"
                f" {max(scores):.3g}",
                mistakes=mistakes,
                otherwise=PAIRS,
                if_raises="Scores may be any numbers, also negative ones, and whole ones.",
            )


# %% graded: 2 points | ties count one half, and nearly equal is no tie.
def test_ties_count_one_half() -> None:
    for case in range(6):
        rng = case_rng("auroc", 100 + case)
        levels, shift = ((8, 2), (3, 1), (5, 0))[case % 3]
        draw = lambda mean: (rng.randrange(levels) + mean) / 8
        scores, labels, mistakes = [0.0, 0.0], [True, False], {"": 0.5}
        while not told_apart(right_value(scores, labels), mistakes):
            n = rng.randint(66, 90) if case == 5 else rng.randint(19, 31)
            scores, labels = some_scores(rng, n, shift, draw)
            mistakes = wrong_values(scores, labels)
        with inputs_unchanged(scores, labels), forbidden(*COURSE):
            check(
                lambda: auroc(scores, labels),
                right_value(scores, labels),
                f"{n} scores with {len(set(scores))} values",
                mistakes=mistakes,
                otherwise=PAIRS,
            )
    for what, start, step in (
        ("scores that differ by a millionth", 1, 2**-20),
        ("scores near 0, as the probabilities of long texts", 2**-60, 2**-60),
        ("scores of about -900, as the logarithms of such probabilities", -900, 0.5),
        ("scores of about a trillion", 2**40, 2**20),
    ):
        rng = case_rng("auroc", what)
        scores, labels = [0.0, 0.0], [True, False]
        while abs(right_value(scores, labels) - 0.5) < 0.1:
            scores = [start + place * step for place in rng.sample(range(11), 11)]
            _, labels = some_scores(rng, 11, 0, lambda mean: mean)
        positives, negatives = split(scores, labels)
        blurred = [
            fmean(0.5 if abs(p - q) < few * step else p > q for p in positives for q in negatives)
            for few in range(2, 12)
        ]
        with forbidden(*COURSE):
            check(
                lambda: auroc(scores, labels),
                right_value(scores, labels),
                what,
                mistakes={NO_TIE: AnyOf(*blurred, 0.0, 1.0)},
                otherwise=PAIRS,
                if_raises=NO_TIE,
            )


# %% graded: 1 point | perfect, reversed and constant scores, and one pair.
def test_perfect_reversed_and_constant_scores() -> None:
    rng = case_rng("auroc", "limits")
    below, above = [rng.uniform(-3, 0) for _ in range(rng.randint(2, 5))], [rng.uniform(1, 4), 5.0]
    count = len(below)
    for positives, negatives, want in (
        (above, below, 1.0),
        (below, above, 0.0),
        ([2.5] * 2, [2.5] * count, 0.5),
        ([0.0], [0.0], 0.5),
        ([above[0]], [below[0]], 1.0),
        ([below[0]], [above[0]], 0.0),
        ([below[0]], [*above, below[0]], 1 / 6),
    ):
        scores = [*negatives, *positives]
        labels = [False] * len(negatives) + [True] * len(positives)
        with inputs_unchanged(scores, labels), forbidden(*COURSE):
            check(
                lambda: auroc(scores, labels),
                want,
                f"positives {[round(p, 2) for p in positives]}, negatives {[round(q, 2) for q in negatives]}",
                mistakes={
                    "A share is due, a number from 0 to 1.": (
                        lambda got: isinstance(got, bool) or not 0 <= got <= 1
                    ),
                    "A value below one half stays as it is: the positive should have the higher score.": (
                        lambda got: want < 0.5 and got == 1 - want
                    ),
                    "The order is wrong: the positive should have the higher score.": (
                        lambda got: want == 1 and got == 0
                    ),
                    "A constant score knows nothing: all pairs are ties, and the value is one half.": (
                        lambda got: want == 0.5
                    ),
                },
                otherwise=PAIRS,
                if_raises="Perfect, reversed and constant scores have a value too: 1, 0 and 1/2.",
            )


# %% graded: 1 point | labels of one class only are refused.
def test_one_class_only_is_refused() -> None:
    rng = case_rng("auroc", "refused")
    scores = [rng.uniform(-1, 1) for _ in range(rng.randint(3, 7))]
    one_class = "With one class there is no pair of a positive and a negative: raise a ValueError."
    with forbidden(*COURSE):
        for label in (True, False):
            check_refused(
                lambda: auroc(list(scores), [label] * len(scores)),
                f"{len(scores)} labels that are all {label}",
                one_class,
            )
            check_refused(lambda: auroc([0.5], [label]), f"one label, which is {label}", one_class)
        labels = [True, *[False] * (len(scores) - 1)]
        check(
            lambda: auroc(scores, labels),
            right_value(scores, labels),
            "one positive only",
            otherwise=PAIRS,
            if_raises="One positive is enough: only labels of a single class are refused.",
        )
