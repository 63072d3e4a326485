"""Exercise `calibration_error`: is a model that is 80% sure right in 80% of such cases?"""

# %% solution
from bisect import bisect_right
from collections.abc import Sequence


def calibration_error(
    confidence: Sequence[float], correct: Sequence[bool], n_bins: int = 10
) -> float:
    """Return the expected calibration error: 0 for a model that knows how sure it may be.

    Answers of about the same confidence share a bin. The distance between a bin's mean confidence
    and its accuracy counts by how many answers it holds (Naeini et al., 2015; Guo et al., 2017).

    Args:
        confidence: how sure the model was of each answer, from 0 to 1.
        correct: whether each answer was right, in the same order.
        n_bins: bins [lo, hi) of equal width over [0, 1]; 1.0 belongs to the last one. Bins without
            answers are ignored.

    Raises:
        ValueError: no answers, unequal lengths, a confidence outside [0, 1], or no bins.
    """
    ### BEGIN SOLUTION
    n = len(confidence)
    if n == 0 or n != len(correct):
        raise ValueError(
            f"confidence and correct must be as many and not none, not {n} and {len(correct)}"
        )
    if n_bins < 1:
        raise ValueError(f"n_bins must be 1 or more, not {n_bins}")
    for sure in confidence:
        if not 0 <= sure <= 1:
            raise ValueError(f"confidence must lie between 0 and 1, not {sure}")
    # The bin is how many inner edges lie at or below a confidence: so 1.0 is in the last one too.
    edges = [i / n_bins for i in range(1, n_bins)]
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(n_bins)]
    for sure, right in zip(confidence, correct):
        bins[bisect_right(edges, sure)].append((sure, right))
    total = 0.0
    for held in filter(None, bins):
        mean_confidence = sum(sure for sure, _ in held) / len(held)
        accuracy = sum(right for _, right in held) / len(held)
        total += len(held) / n * abs(accuracy - mean_confidence)
    return total
    ### END SOLUTION


# %% hints
HINTS = (
    "Collect answers of about the same confidence in a bin. There, compare two means: how sure the"
    " model was, and how often it was right. Which bins should count more?",
    "The bin of a confidence c is `min(int(c * n_bins), n_bins - 1)`. For each bin that holds answers,"
    " add its share of all answers times `abs(accuracy - mean_confidence)`.",
)
EXPLANATION = """
One answer is right or wrong, never 80% right, so calibration shows only in a group: answers of about the same
confidence. The distance is taken in each bin before anything is added, or a bin that is too sure would make up for one
that is not sure enough. The weight is the share of answers in the bin, so that one odd answer does not count as much
as a hundred others. The upper edge needs care: 1.0 times the number of bins is one bin too far. A model that is always
30% sure and right in 30% of all cases has an error of 0, and is of no use: calibration says nothing about skill.
"""

# %% helpers
from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    forbidden,
    inputs_unchanged,
    not_finite,
    told_apart,
)

ERROR = (
    "In each bin [lo, hi), the last one with 1.0, take the distance of mean confidence and accuracy;"
    " add these, each times the bin's share of all answers."
)
EMPTY = "A bin without answers has no mean: leave it out."
COURSE = (
    "utils.evaluation.calibration.calibration_error",
    "utils.evaluation.calibration.reliability",
)


def binned(pairs, place):
    """Return pairs of confidence and truth by bin; `place` gives the bin of a confidence."""
    bins = {}
    for sure, right in pairs:
        bins.setdefault(place(sure), []).append((sure, right))
    return bins


def weighted(bins, total):
    """Return the sum of the bins' distances, each times its share: both have the bin's size, which cancels."""
    return sum(abs(sum(sure - right for sure, right in held)) for held in bins) / total


def equal_width(pairs, n):
    return binned(pairs, lambda sure: min(int(sure * n), n - 1))


def right_value(pairs, n):
    return weighted(equal_width(pairs, n).values(), len(pairs))


def wrong_values(pairs, n):
    """Return what the usual mistakes make of answers of which none lies on an edge."""
    bins, total, right = equal_width(pairs, n), len(pairs), right_value(pairs, n)
    signed = sum(sure - true for sure, true in pairs) / total
    sizes = [len(held) for held in bins.values()]
    hits = [sum(true for _, true in held) for held in bins.values()]
    sums = [sum(sure for sure, _ in held) for held in bins.values()]
    gaps = [abs(a - b) / size for a, b, size in zip(sums, hits, sizes)]
    squares = sum(size * gap**2 for size, gap in zip(sizes, gaps)) / total
    middles = sum((place + 0.5) / n for place in range(n) if place not in bins)
    low, high = min(pairs)[0], max(pairs)[0]
    in_order = sorted(pairs, key=lambda pair: pair[0])
    cuts = [i * (total // n) + min(i, total % n) for i in range(n + 1)]
    equal_mass = weighted((in_order[i:j] for i, j in zip(cuts, cuts[1:])), total)

    def from_edge(step):
        """Return the error when a place in the bin stands in for its mean confidence."""
        places = (
            abs(size * (place + step) / n - hit) for place, size, hit in zip(bins, sizes, hits)
        )
        return sum(places) / total

    return {
        "Bins that are too sure and bins that are not sure enough cancel: take the distance, without its sign,"
        " in each bin.": -abs(signed),
        "This is the distance of mean confidence and accuracy of all answers together. Either all of them lie in one bin,"
        " or the distances cancel: take each without its sign.": abs(signed),
        "Each bin counts by how many answers it holds: its share of all answers.": AnyOf(
            sum(gaps) / len(gaps),
            sum(gaps) / n,
            sum(gaps),
            sum(a * b for a, b in zip(gaps, sizes)) / n,
        ),
        "An empty bin is no error: leave it out.": AnyOf(
            (sum(gaps) + middles) / n,
            right + middles / n,
            right + middles,
            right + (n - len(bins)) / n,
        ),
        EMPTY: not_finite,
        "Distances are due, not their squares.": AnyOf(squares, squares**0.5),
        "This is the largest distance of a bin. The weighted mean of all is due.": max(gaps),
        "This compares answer by answer. Mean confidence and accuracy of a bin are compared.": AnyOf(
            sum(abs(sure - true) for sure, true in pairs) / total,
            sum((sure - true) ** 2 for sure, true in pairs) / total,
        ),
        "A bin's confidence is the mean of those in it, not its middle or an edge.": AnyOf(
            from_edge(0.5), from_edge(0), from_edge(1)
        ),
        "The bins have equal width, and so not equal numbers of answers.": equal_mass,
        "Count the bins: n_bins of equal width, 10 when it is not given.": AnyOf(
            *(right_value(pairs, other) for other in (n - 1, n + 1, 15 if n == 10 else 10) if other)
        ),
        "The bins share out [0, 1], not the stretch from the smallest to the largest confidence.": (
            weighted(
                binned(
                    pairs, lambda sure: min(int((sure - low) / (high - low) * n), n - 1)
                ).values(),
                total,
            )
        ),
        "A bin begins at its lower edge: round down, not to the nearest.": weighted(
            binned(pairs, lambda sure: min(round(sure * n), n - 1)).values(), total
        ),
        "This is what is left of 1. The error itself is due: 0 is best.": 1 - right,
        "A share is due, not percent.": 100 * right,
        "Divide by the number of answers.": total * right,
        "Accuracy is the share of right answers in a bin: of that bin, and of right ones.": AnyOf(
            sum(
                size / total * abs(a / size - hit / total)
                for size, a, hit in zip(sizes, sums, hits)
            ),
            sum(abs(a - (size - hit)) for size, a, hit in zip(sizes, sums, hits)) / total,
        ),
        "A bin with one answer counts as well.": weighted(
            (held for held in bins.values() if len(held) > 1), total
        ),
        "This is how often answers are right, or how sure the model is: the error compares both.": (
            AnyOf(sum(hits) / total, 1 - sum(hits) / total, sum(sums) / total)
        ),
    }


def wrong_at_edges(pairs, n):
    """Return what the usual mistakes make of answers of which many lie on an edge."""
    total = len(pairs)
    inside = [pair for pair in pairs if pair[0] < 1]
    above_zero = [pair for pair in pairs if pair[0] > 0]
    off_edges = [pair for pair in pairs if pair[0] * n % 1]
    lower = lambda sure: -int(-sure * n // 1) - 1  # of a confidence on an edge the bin below
    at_one = [pair for pair in pairs if pair[0] == 1]
    closed = equal_width(pairs, n)
    for sure, right in pairs:
        if sure * n % 1 == 0 and 0 < sure < 1:
            closed.setdefault(int(sure * n) - 1, []).append((sure, right))
    left_closed = {place: [*held] for place, held in equal_width(inside, n).items()}
    left_closed.setdefault(0, []).extend(at_one)
    return {
        "A confidence on an edge belongs to the bin above it: bins are [lo, hi), not (lo, hi].": AnyOf(
            weighted(binned(pairs, lambda sure: max(lower(sure), 0)).values(), total),
            *(
                weighted(binned(above_zero, lower).values(), some)
                for some in (total, len(above_zero))
            ),
        ),
        "A confidence of 1.0 is lost: it belongs to the last bin.": AnyOf(
            *(weighted(equal_width(inside, n).values(), some) for some in (total, len(inside)))
        ),
        "A confidence of 1.0 belongs to the last bin, with those just below it.": AnyOf(
            weighted(binned(pairs, lambda sure: int(sure * n)).values(), total),
            weighted(left_closed.values(), total),
        ),
        "Every confidence belongs to a bin, also one on an edge or at 0: bins are [lo, hi).": AnyOf(
            *(
                weighted(equal_width(off_edges, n).values(), some)
                for some in (total, len(off_edges))
            ),
            *(
                weighted(equal_width(above_zero, n).values(), some)
                for some in (total, len(above_zero))
            ),
        ),
        "An edge is no part of the bin below it: each answer counts in one bin only.": weighted(
            closed.values(), total
        ),
    }


def drawn_answers(rng, n, each):
    """Return answers in n bins, away from their edges: some bins are empty, one holds one answer only."""
    pairs = []
    for order, place in enumerate(rng.sample(range(n), max(3, n * 3 // 4))):
        for _ in range(rng.randint(1, each) if order else 1):
            # In 4096ths, which every type of number holds exactly.
            sure = round((place + rng.uniform(0.2, 0.8)) / n * 4096) / 4096
            # About as often right as it is sure: so bins err to both sides, however they are cut.
            pairs.append((sure, rng.random() < sure))
    rng.shuffle(pairs)
    return pairs


# %% examples
def examples(check):
    sure, right = [0.75, 0.75, 0.75, 0.25], [True, False, False, True]
    check(lambda: calibration_error(sure, right), 0.5, "distances 5/12, three times, and 3/4")
    check(lambda: calibration_error([0.5, 0.25], [True, False], n_bins=2), 0.375, "0.5 on an edge")
    check(lambda: calibration_error([1.0, 0.95], [False, True]), 0.475, "1.0 in the last bin")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    pairs = [(0.75, True), (0.75, False), (0.75, False), (0.25, True)]
    return {
        "distances 5/12, three times, and 3/4": Diagnosis(
            lambda: wrong_values(pairs, 10), ERROR, EMPTY
        ),
        "0.5 on an edge": Diagnosis(
            {
                "The edge 0.5 belongs to the bin above it: the two answers are in different bins.": AnyOf(
                    0.125
                ),
                "0.5 is lost, or the middle of a bin stands in for its mean confidence.": 0.25,
                "In each bin take the distance without its sign: they must not cancel.": -0.125,
            },
            ERROR,
        ),
        "1.0 in the last bin": Diagnosis(
            {
                "1.0 belongs to the last bin, with those just below it.": 0.525,
                "1.0 is lost: it belongs to the last bin.": AnyOf(0.025, 0.05, 0.0),
            },
            ERROR,
            "1.0 times n_bins is n_bins: one beyond the last bin.",
        ),
    }


# %% graded: 2 points | the mean distance of confidence and accuracy, by how many answers a bin holds.
def test_distances_are_weighted_by_the_size_of_the_bin() -> None:
    for case, n in enumerate((10, 5, 10, 4, 17, 66)):
        rng = case_rng("calibration_error", case)
        pairs = []
        while not pairs or not told_apart(right_value(pairs, n), wrong_values(pairs, n)):
            pairs = drawn_answers(rng, n, 20 if case in (1, 2, 3) else 8)
        sure, right = (list(column) for column in zip(*pairs))
        arguments = () if case == 0 else (n,)
        with inputs_unchanged(sure, right), forbidden(*COURSE):
            check(
                lambda: calibration_error(sure, right, *arguments),
                right_value(pairs, n),
                f"{len(sure)} answers, {n} bins{'' if arguments else ' (the default)'}",
                mistakes=lambda: wrong_values(pairs, n),
                otherwise=ERROR,
                if_raises="A bin may be empty, and it has no mean then: leave it out.",
                atol=1e-6,
            )


# %% graded: 1 point | a confidence on an edge belongs to the bin above it, and 1.0 to the last bin.
def test_edges_belong_to_the_bin_above_and_one_to_the_last() -> None:
    for case, n in enumerate((4, 2, 8, 16)):
        rng = case_rng("calibration_error", f"edges {case}")
        pairs = []
        while not pairs or not told_apart(right_value(pairs, n), wrong_at_edges(pairs, n)):
            # Parts of 2, 4, 8 and 16 are exact: no rounding moves one over its edge.
            places = [rng.randint(0, 4 * n - 1) / (4 * n) for _ in range(rng.randint(4 * n, 6 * n))]
            pairs = [(sure, rng.random() < 0.5) for sure in places]
            pairs += [(0.0, True), (0.0, True), (0.25 / n, False), (1 - 0.25 / n, True)]
            pairs += [(1.0, False), (1.0, True)]
            rng.shuffle(pairs)
        sure, right = (list(column) for column in zip(*pairs))
        with inputs_unchanged(sure, right), forbidden(*COURSE):
            check(
                lambda: calibration_error(sure, right, n_bins=n),
                right_value(pairs, n),
                f"{len(sure)} answers, many on the edges of {n} bins",
                mistakes=lambda: wrong_at_edges(pairs, n),
                otherwise=ERROR,
                if_raises="Every confidence from 0 to 1 is allowed. 1.0 times n_bins is one beyond the last bin, to which"
                " 1.0 belongs.",
                atol=1e-6,
            )


# %% graded: 1 point | one answer, one bin, more bins than answers, and models that are always or never right.
def test_few_answers_few_bins_and_extreme_models() -> None:
    rng = case_rng("calibration_error", "few")
    k, many = rng.randint(3, 9), 2 ** rng.randint(8, 10)
    one = rng.randint(33, 63) / 64
    own_bins = [((2 * place + 1) / 64, place % 3 == 0) for place in rng.sample(range(32), 9)]
    mixed = [(place / 32, rng.random() < 0.5) for place in rng.sample(range(32), 12)]
    spread = [(0.25, False), (0.75, True), (0.5, True), (0.5, False)]
    cases = (
        ("one right answer", [(one, True)], 10),
        ("one wrong answer", [(one, False)], 4),
        ("one bin for all", [*mixed, (0.625, True)], 1),
        (f"{many} bins", own_bins, many),
        ("sure and right in 3 of 4 cases, or in 1 of 4", [(0.75, i > 0) for i in range(4)] + [(0.25, i == 0) for i in range(4)], 10),
        ("one bin of which the means agree", spread * k, 1),
        ("always sure, always wrong", [(1.0, False)] * k, 10),
        ("always sure, always right", [(1.0, True)] * k, 10),
        ("never sure, always right", [(0.0, True)] * k, 8),
    )  # fmt: skip
    for what, pairs, n in cases:
        sure, right = (list(column) for column in zip(*pairs))
        with inputs_unchanged(sure, right), forbidden(*COURSE):
            check(
                lambda: calibration_error(sure, right, n),
                right_value(pairs, n),
                f"{what}: confidence {sure[:4]}, correct {right[:4]}, n_bins {n}",
                mistakes={
                    EMPTY: not_finite,
                    "A confidence of 1.0 is lost: it belongs to the last bin.": (
                        lambda got: got == 0 and not any(c < 1 for c in sure)
                    ),
                    "The error is a share, from 0 to 1, and it is never below 0.": lambda got: (
                        not 0 <= got <= 1
                    ),
                    "In a bin the means are compared, not answer by answer.": (
                        sum(abs(c - r) for c, r in pairs) / len(pairs)
                        if n == 1
                        else lambda got: False
                    ),
                },
                otherwise=ERROR,
                if_raises="One answer is enough, and any number of bins from 1, of which most may be empty.",
                atol=1e-6,
            )
