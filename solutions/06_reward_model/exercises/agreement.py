"""Exercise `agreement`: how often two labelers choose alike."""

# %% solution
from collections.abc import Hashable, Sequence


def agreement(labels_a: Sequence[Hashable], labels_b: Sequence[Hashable]) -> float:
    """Return the share of items that both labelers gave the same label.

    Args:
        labels_a, labels_b: labels of the same items, in the same order.

    Raises:
        ValueError: the numbers of labels differ, or there are none.
    """
    ### BEGIN SOLUTION
    if not labels_a or len(labels_a) != len(labels_b):
        raise ValueError(
            "labels_a and labels_b must be as many and not none,"
            f" not {len(labels_a)} and {len(labels_b)}"
        )
    return sum(a == b for a, b in zip(labels_a, labels_b)) / len(labels_a)
    ### END SOLUTION


# %% hints
HINTS = (
    "Go through both lists side by side and count equal labels. What does `zip` do when one list is"
    " longer?",
    "Compare the two lengths first, and refuse unequal ones and 0. Then"
    " `sum(a == b for a, b in zip(labels_a, labels_b)) / len(labels_a)`.",
)
EXPLANATION = """
`True` counts as 1, so the sum is the number of equal labels. `zip` stops at the shorter list without a word, which
would turn a lost label into a wrong share: unequal lengths are refused first. Without labels the share is 0/0.
Agreement knows nothing of chance: two labelers who toss coins agree on half of the pairs.
"""

# %% helpers
from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_refused,
    inputs_unchanged,
)

SHARE = "The share of places where both labels are equal: their number over all."


def right_value(a, b):
    return sum(x == y for x, y in zip(a, b, strict=True)) / len(a)


def used_by_both(a, b):
    """Return how many pairs of equal labels there are when places do not count."""
    return sum(min(a.count(kind), b.count(kind)) for kind in {*a})


def wrong_values(a, b):
    """Return what the usual mistakes make of labels."""
    n, same, kinds = len(a), right_value(a, b), sorted({*a, *b}, key=repr)
    chance = sum(a.count(kind) * b.count(kind) for kind in kinds) / n**2
    truthy = sum(bool(x and y) for x, y in zip(a, b, strict=True))
    given = [x == y for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    return {
        # Ahead of the others: a list compared with itself gives 1.0 too.
        "This is 1.0, though some labels differ. Compare place by place, a[i] with b[i]: is a list compared"
        " with itself, or only the set of labels?": lambda got: type(got) is float and got == 1.0 > same,
        "This is how often they differ. Count equal labels.": AnyOf(1 - same, n - same * n),
        "This is a number of labels. A share is due: divide by how many there are.": n * same,
        "A share is due, not percent.": 100 * same,
        "This is Cohen's kappa, with chance taken off. The plain share of equal labels is due.": (
            (same - chance) / (1 - chance) if chance < 1 else lambda got: got != got
        ),
        "Compare place by place: how often each label is used does not count.": AnyOf(
            used_by_both(a, b) / n, len({*a} & {*b}) / len({*a} | {*b})
        ),
        "Equal labels count, whichever label it is: also two times 0, False, None or an empty text.": (
            AnyOf(truthy / n, truthy / max(1, sum(map(bool, a))), sum(given) / max(1, len(given)))
        ),
        "All or nothing: return the share of equal labels.": lambda got: isinstance(got, bool),
        "Only the first label is looked at, or all have to be equal.": AnyOf(
            float(a == b), float(a[0] == b[0])
        ),
        "The first or the last place is left out. All labels count.": AnyOf(
            *((n * same - (a[place] == b[place])) / n for place in (0, -1))
        ),
    }


def drawn_labels(rng, labels, n):
    """Return labels of two people, with a share of equal ones that no usual mistake leads to."""
    while True:
        first = [rng.choice(labels) for _ in range(n)]
        second = [
            label if rng.random() < 0.6 else rng.choice([x for x in labels if x != label])
            for label in first
        ]
        first += [labels[0], labels[0], labels[1]]
        second += [labels[0], labels[1], labels[1]]
        same, size = right_value(first, second), n + 3
        chance = sum(first.count(kind) * second.count(kind) for kind in labels) / size**2
        kappa_count = size * (same - chance) / (1 - chance)  # a whole number could be a count
        # The first label may be None or empty: the share without it looks like nothing else.
        others = [x == y for x, y in zip(first, second, strict=True) if labels[0] not in (x, y)]
        shared = used_by_both(first, second) / size
        apart = len(labels) == 2 or sum(others) / len(others) not in (0, 1, same, shared)
        uneven = abs(2 * same - 1) * size > 1.5  # one place more or less is no exchange of same and different
        if uneven and abs(kappa_count - round(kappa_count)) > 0.01 and apart:
            return first, second


# %% examples
def examples(check):
    check(lambda: agreement(["A", "B", "A", "A"], ["A", "B", "B", "A"]), 0.75, "three of four")
    check(lambda: agreement([0, 1, 0], [0, 0, 0]), 2 / 3, "labels 0 and 1")
    check.refused(lambda: agreement(["A", "B"], ["A"]), "two labels and one")
    check.refused(lambda: agreement([], []), "no labels")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "three of four": Diagnosis(
            wrong_values(["A", "B", "A", "A"], ["A", "B", "B", "A"]), SHARE
        ),
        "labels 0 and 1": Diagnosis(wrong_values([0, 1, 0], [0, 0, 0]), SHARE),
        "two labels and one": Diagnosis(otherwise="`zip` stops at the shorter one: compare lengths."),
        "no labels": Diagnosis(otherwise="Without labels there is no share."),
    }


# %% graded: 2 points | the share of equal labels.
def test_share_of_equal_labels() -> None:
    texts: tuple[list, ...] = (["", "yes", "no"], [None, "good", "bad"])
    kinds = (["A", "B"], [0, 1], [False, True], *texts, [1_000, 2_000, 3_000], [1, 2, 3, 4, 5])
    for case, labels in enumerate(kinds):
        rng = case_rng("agreement", case)
        n = rng.randint(70, 99) if case in (0, 5) else rng.randint(7, 13)
        first, second = drawn_labels(rng, labels, n)
        # Labels are made anew: equal ones need not be the same object.
        second = [int(str(label)) if type(label) is int else label for label in second]
        second = ["".join([*label]) if isinstance(label, str) else label for label in second]
        with inputs_unchanged(first, second):
            check(
                lambda: agreement(first, second),
                right_value(first, second),
                f"{len(first)} labels, {first[:4]} ... and {second[:4]} ...",
                mistakes=wrong_values(first, second),
                otherwise=SHARE,
            )
    for first, second in ((["A", "a", "B"], ["a", "a", "b"]), ([1, 0, 1, 2], [1.0, False, 2.0, True])):
        check(
            lambda: agreement(first, second),
            right_value(first, second),
            f"labels {first} and {second}",
            mistakes={
                "Go by ==: capitals make another label, and 1 and 1.0 are the same one.": AnyOf(
                    2 / 3, 1.0, 0.0
                )
            },
            otherwise=SHARE,
        )
    itself = "Compare the labels themselves with ==: not hashes, texts, first letters or rounded numbers."
    for first, second in (
        ([-1, -2, 3], [-2, -2, 3]),
        (["good", "gold", " good"], ["gold", "gold", "good"]),
        ([0.1 + 0.2, 0.5], [0.3, 0.5]),
    ):
        check(
            lambda: agreement(first, second),
            right_value(first, second),
            f"labels {first} and {second}",
            otherwise=itself,
            if_raises=itself,
        )
    for first, second, want in ((["B"], ["B"], 1.0), (["B"], ["A"], 0.0), ([0, 0], [0, 0], 1.0)):
        check(
            lambda: agreement(first, second),
            want,
            f"labels {first} and {second}",
            otherwise="All equal is 1, none equal is 0, also for one label, and for 0 itself.",
            if_raises="Labelers may agree on everything, or use one label only.",
        )


# %% graded: 1 point | unequal lengths and no labels are refused.
def test_unequal_lengths_and_none_are_refused() -> None:
    rng = case_rng("agreement", "refused")
    labels = [rng.choice("AB") for _ in range(rng.randint(3, 9))]
    unequal = "`zip` stops at the shorter list. Compare the lengths first, and refuse unequal ones."
    for a, b in ((labels, labels[:-1]), (labels[1:], labels), (labels, [])):
        check_refused(lambda: agreement(list(a), list(b)), f"{len(a)} and {len(b)} labels", unequal)
    stretched = "One label against many: an array stretches it over all. Compare the lengths first."
    for a, b in ((["A"], labels), (labels, ["B"]), ([1], [1, 1, 0])):
        check_refused(
            lambda: agreement(list(a), list(b)), f"labels {a} against {b}", stretched
        )
    check_refused(lambda: agreement([], []), "no labels", "Without labels there is no share: refuse.")
