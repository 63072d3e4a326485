"""Exercise `consistency`: how often two runs on the same input give the same answer."""

# %% solution
from collections.abc import Hashable, Sequence


def consistency(answers: Sequence[Hashable]) -> float:
    """Return the probability that two different runs, drawn at random, give equal answers.

    It is the unbiased form of Simpson's index (1949), which ecology uses for samples of species.

    Args:
        answers: what each run gave, for the same input.

    Raises:
        ValueError: there are fewer than two answers.
    """
    ### BEGIN SOLUTION
    n = len(answers)
    if n < 2:
        raise ValueError(f"answers must hold at least two, not {n}: one run agrees with nothing")
    equal = sum(answers[i] == answers[j] for i in range(n) for j in range(i))
    return equal / (n * (n - 1) / 2)
    ### END SOLUTION


# %% hints
HINTS = (
    "Write down all pairs of *different* runs of a, a, b. How many are there, and in how many are the"
    " answers equal?",
    "`itertools.combinations(answers, 2)` gives each pair once: the share of pairs whose two answers"
    " are equal. Refuse fewer than two answers first.",
)
EXPLANATION = """
Of n runs there are n(n - 1)/2 pairs, and the probability asked for is the share of pairs that agree. A run always
agrees with itself, so pairs of a run with itself must stay out: with them, three answers that all differ would score
1/3. The share of the most common answer is another measure: a, a, b, b and a, a, b, c have the same one, and are not
equally consistent. With counts c of each answer it is the sum of c(c - 1) over n(n - 1).
"""

# %% helpers
import math
from collections import Counter
from itertools import combinations, groupby
from statistics import fmean

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_refused,
    forbidden,
    inputs_unchanged,
    told_apart,
    without,
    wrong_type,
)

PAIRS = "Look at every pair of different runs once: the share of pairs whose answers are equal."
EARLIER = "This is what an earlier call gave, for other answers: keep nothing between calls."
COURSE = ("utils.evaluation.consistency.consistency",)


def right_value(answers):
    n = len(answers)
    return sum(c * (c - 1) for c in Counter(answers).values()) / (n * (n - 1))


def wrong_values(answers):
    """Return what the usual mistakes make of answers."""
    n, counts = len(answers), Counter(answers)
    right, most = right_value(answers), max(counts.values())
    next_to = sum(one == other for one, other in zip(answers, answers[1:]))
    like_first = counts[answers[0]] - 1
    stretches = [len([*same]) for _, same in groupby(answers)]
    two_kinds = sum(c * (c - 1) for _, c in counts.most_common(2)) / (n * (n - 1))
    entropy = -sum(c / n * math.log(c / n) for c in counts.values())
    return {
        "A run is paired with itself, which always agrees. Only pairs of different runs count.": (
            AnyOf(
                sum(c * c for c in counts.values()) / n**2,
                sum(c * (c + 1) for c in counts.values()) / (n * (n + 1)),
                sum(c * (c + 1) for c in counts.values()) / (n * (n - 1)),
            )
        ),
        "This is the share of the most common answer. Count the pairs of runs that agree.": AnyOf(
            most / n, (most - 1) / (n - 1)
        ),
        "This is how often two runs differ. Count the pairs that agree.": 1 - right,
        "Each pair is counted twice, or there are twice as many: n(n - 1)/2 pairs.": AnyOf(
            2 * right, right / 2
        ),
        "This is a number of pairs. Divide by how many pairs there are.": AnyOf(
            right * n * (n - 1) / 2, right * n * (n - 1)
        ),
        "Divide by the number of pairs, n(n - 1)/2, not by the number of runs, its square, or n(n + 1)/2.": AnyOf(
            right * (n - 1) / n, right * (n - 1) / n / 2, right * (n - 1) / 2, right * (n - 1),
            right * (n - 1) / (n + 1),
        ),
        "Only neighbours are compared. Every two runs are a pair.": AnyOf(
            next_to / (n - 1), next_to / n, (next_to + (answers[0] == answers[-1])) / n,
            sum(c * (c - 1) for c in stretches) / (n * (n - 1)),
        ),
        "Runs are compared with the first one only. Every two runs are a pair.": AnyOf(
            like_first / (n - 1), (like_first + 1) / n
        ),
        "How many different answers or pairs of answers there are is not how often two runs agree.": AnyOf(
            len(counts) / n,
            1 - len(counts) / n,
            1 / len(counts),
            1 - (len(counts) - 1) / (n - 1),
            fmean(one == other for one, other in {*combinations(answers, 2)}),
        ),
        "Pairs that agree on a rarer answer count too, not only on the most common one.": AnyOf(
            most * (most - 1) / (n * (n - 1)), two_kinds if len(counts) > 2 else lambda got: False
        ),
        "A share is due, not percent.": 100 * right,
        "This is an entropy. The share of pairs that agree is due.": AnyOf(
            entropy, entropy / math.log(2), 1 - entropy / math.log(n)
        ),
        "Some pairs agree, so 0 is wrong: compare answers with ==, since equal ones may be two objects,"
        " divide with / and not //, and count pairs also when not all agree.": 0.0,
        "All or nothing: return the share of pairs that agree, a number.": AnyOf(
            lambda got: isinstance(got, bool), 1.0
        ),
        "Return one number, the share of pairs that agree.": wrong_type(int, float),
    }


# %% examples
def examples(check):
    check(lambda: consistency(["Bern", "Bern", "Basel"]), 1 / 3, "a, a, b: one pair of three")
    check(lambda: consistency([4, 4, 5, 5]), 1 / 3, "scores 4, 4, 5, 5: two pairs of six")
    check(lambda: consistency(["yes", "yes"]), 1.0, "two runs that agree")
    check.refused(lambda: consistency(["yes"]), "one run")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    itself = "A run is paired with itself, which always agrees: leave those pairs out."
    return {
        "a, a, b: one pair of three": Diagnosis(
            {
                itself: 5 / 9,
                "This is the share of the most common answer, or of pairs that differ, or runs are also"
                " paired with themselves.": 2 / 3,
                "Every two runs are a pair, not only neighbours, or the first with each.": 0.5,
            },
            PAIRS,
        ),
        "scores 4, 4, 5, 5: two pairs of six": Diagnosis(
            {
                itself: AnyOf(0.6, 8 / 16, 12 / 20),
                "Every two runs are a pair, not only neighbours: six pairs of four runs.": 2 / 3,
                "Pairs that agree on either answer count.": 1 / 6,
            },
            PAIRS,
        ),
        "two runs that agree": Diagnosis(
            {"Return a number, 1.0, not True.": True}, "Two equal answers agree: 1."
        ),
        "one run": Diagnosis(otherwise="One run has no other to agree with: there is no pair."),
    }


# %% graded: 2 points | the share of pairs of runs that agree.
def test_share_of_pairs_that_agree() -> None:
    kinds: tuple[list, ...] = (
        ["Bern", "Basel", "Geneva"],
        [3, 4, 5, 6],
        ["A", "B"],
        [2.5, 3.0, 3.5],
        [1001, 1002, 1003],
    )
    earlier: list[float] = []
    for case, kind in enumerate(kinds):
        rng = case_rng("consistency", case)
        answers, mistakes = [], {"": 0.0}
        while len(set(answers)) < len(kind) or not told_apart(right_value(answers), mistakes):
            n = rng.randint(130, 170) if case == 4 else rng.randint(7, 13)
            answers = [rng.choice(kind + kind[:2]) for _ in range(n)]
            mistakes = wrong_values(answers) | {EARLIER: AnyOf(*earlier)}
        # Answers are made anew: equal ones need not be the same object.
        answers = [
            "".join([*one]) if isinstance(one, str) else type(one)(str(one)) for one in answers
        ]
        with inputs_unchanged(answers), forbidden(*COURSE):
            check(
                lambda: consistency(answers),
                right_value(answers),
                f"{n} runs, {answers[:4]} ...",
                mistakes=mistakes,
                otherwise=PAIRS,
            )
        earlier.append(right_value(answers))
    # As many runs with the same answers, first and last, of which others agree.
    for answers in (["a", "b", "b", "b", "c", "a"], ["a", "b", "b", "c", "c", "a"]):
        with inputs_unchanged(answers), forbidden(*COURSE):
            check(
                lambda: consistency(answers),
                right_value(answers),
                f"answers {answers}",
                mistakes=without(wrong_values(answers), "How many different", "Only neighbours"),
                otherwise=f"{PAIRS} Keep nothing from earlier calls.",
            )


# %% graded: 1 point | runs that all agree, that all differ, and two runs.
def test_all_agree_all_differ_and_two_runs() -> None:
    rng = case_rng("consistency", "limits")
    many = rng.randint(5, 9)
    itself = "A run is paired with itself, which always agrees. Only pairs of different runs count."
    for answers, want in (
        ([f"answer {i}" for i in range(many)], 0.0),
        (["a", "b"], 0.0),
        ([rng.choice("abc")] * many, 1.0),
        ([7, 7], 1.0),
        ([0, 0, 0], 1.0),
        (["", ""], 1.0),
        ([-1, -2], 0.0),
        (["yes", "Yes"], 0.0),
        (["yes", "yes ", " yes"], 0.0),
        ([2, 2.0], 1.0),
        ([2.5 + step * 2**-30 for step in range(3)], 0.0),
        ([f"{'yes ' * 30}{last}" for last in "ab"], 0.0),
    ):
        n = len(answers)
        with forbidden(*COURSE):
            check(
                lambda: consistency(answers),
                want,
                f"answers {answers}",
                mistakes={
                    itself: AnyOf(1 / n, 2 / (n + 1)) if want == 0 else lambda got: False,
                    "An answer of 0 or an empty text is an answer: equal ones agree.": (
                        lambda got: got == 0 and not answers[0]
                    ),
                    "Compare whole answers with ==: neither their beginnings nor rounded numbers.": (
                        lambda got: got == 1 and want == 0 and len(str(answers[-1])) > 10
                    ),
                    "Answers agree when they are equal, ==: not their hashes, nor texts in another case"
                    " or without spaces.": lambda got: got == 1 and want == 0,
                    "2 and 2.0 are equal: compare answers with ==, not their texts or types.": (
                        lambda got: got == 0 and answers[0] == 2
                    ),
                    "A share is due, from 0 for runs that all differ to 1 for runs that all agree.": (
                        lambda got: isinstance(got, bool) or not 0 <= got <= 1
                    ),
                },
                otherwise="Runs that all agree give 1, and runs that all differ 0: also two.",
                if_raises="Two runs are enough, and they may agree or differ.",
            )


# %% graded: 1 point | fewer than two runs are refused, two are not.
def test_fewer_than_two_runs_are_refused() -> None:
    with forbidden(*COURSE):
        check(
            lambda: consistency(["a", "b", "a"]),
            1 / 3,
            "three runs, of which two agree",
            otherwise=PAIRS,
            if_raises="Only fewer than two answers are refused.",
        )
        for few in ([], ["a"], [case_rng("consistency", "few").randint(1, 9)]):
            check_refused(
                lambda: consistency(few),
                f"answers {few!r}",
                "Fewer than two runs have no pair: raise a ValueError before you divide.",
            )
