"""Exercise `snowball_rate`: how often a wrong first statement is followed by another wrong one."""

# %% solution
import math
from collections.abc import Sequence


def snowball_rate(first_wrong: Sequence[bool], later_wrong: Sequence[bool]) -> tuple[float, float]:
    """Return how often the follow-up is wrong after a wrong, and after a right first statement.

    After Zhang et al. (2023), who saw models defend their own wrong beginnings.

    Args:
        first_wrong: for each dialogue, whether its first statement is wrong.
        later_wrong: whether its follow-up is wrong, for the same dialogues in the same order.

    Returns:
        (after_wrong, after_right), each from 0 to 1; NaN where no dialogue begins so.

    Raises:
        ValueError: the numbers of entries differ.
    """
    ### BEGIN SOLUTION
    if len(first_wrong) != len(later_wrong):
        raise ValueError(
            f"first_wrong has {len(first_wrong)} entries, later_wrong {len(later_wrong)},"
            " where each dialogue needs one"
        )
    pairs = list(zip(first_wrong, later_wrong))
    after_wrong = [later for first, later in pairs if first]
    after_right = [later for first, later in pairs if not first]
    return (
        sum(after_wrong) / len(after_wrong) if after_wrong else math.nan,
        sum(after_right) / len(after_right) if after_right else math.nan,
    )
    ### END SOLUTION


# %% hints
HINTS = (
    "Sort the dialogues into two heaps by their first statement. What is the share of wrong"
    " follow-ups within each heap, and what if a heap is empty?",
    "`[later for first, later in zip(first_wrong, later_wrong) if first]` is the first heap, with `if"
    " not first` the second. Return `sum(heap) / len(heap)` of both, and `math.nan` for an empty one.",
)
EXPLANATION = """
Each rate is conditional: it is divided by the dialogues that begin so, not by all of them. Only then can the two be
compared, for a model that is rarely wrong at first would otherwise seem to snowball rarely. A heap without dialogues has
no rate: NaN says that nothing is known, while 0 would claim that the follow-up is always right. The first rate well above
the second is a sign of snowballing, though hard questions also make both statements wrong.
"""

# %% helpers
import math

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    forbidden,
    inputs_unchanged,
    not_a_pair,
    told_apart,
)

RATES = (
    "Of the dialogues that begin wrong, the share with a wrong follow-up; then the same of those that"
    " begin right."
)
NO_RATE = "Where no dialogue begins so there is no rate: return math.nan in its place."
COURSE = ("utils.evaluation.hallucination.snowball_rate",)


def share(part, whole):
    return part / whole if whole else math.nan


def counts(first, later):
    """Return the dialogues that are wrong twice, at first only, later only, and never."""
    pairs = list(zip(first, later, strict=True))
    return [
        pairs.count(kind) for kind in ((True, True), (True, False), (False, True), (False, False))
    ]


def right_rates(first, later):
    both, only_first, only_later, neither = counts(first, later)
    return share(both, both + only_first), share(only_later, only_later + neither)


def wrong_rates(first, later):
    """Return what the usual mistakes make of dialogues."""
    both, only_first, only_later, neither = counts(first, later)
    n, wrong, right = len(first), both + only_first, only_later + neither
    one, two = right_rates(first, later)
    shifted = counts(first[:-1], later[1:])
    return {
        "Return two numbers, (after_wrong, after_right).": not_a_pair,
        "The order is wrong: first the rate after a wrong statement, then after a right one.": (two, one),
        "Divide by the dialogues that begin so, not by all of them.": (both / n, only_later / n),
        "Condition on the first statement: divide by the dialogues that begin so, not by those that end so.": AnyOf(
            (share(both, both + only_later), share(only_later, both + only_later)),
            (share(both, both + only_later), share(only_first, only_first + neither)),
            (share(only_first, only_first + neither), share(both, both + only_later)),
        ),
        "These are shares of right follow-ups. Count the wrong ones.": AnyOf(
            (1 - one, 1 - two), (1 - two, 1 - one), (only_first / n, neither / n)
        ),
        "The second rate is of wrong follow-ups after a right statement: it is not one minus the first.": (
            AnyOf((one, 1 - one), (one, 1 - two))
        ),
        "These are numbers of dialogues. Divide by how many begin so.": AnyOf(
            (both, only_later), (both, wrong), (wrong, right), (both, only_first)
        ),
        "The second number is a rate too: of wrong follow-ups after a right statement.": AnyOf(
            (one, (both + only_later) / n), (one, both / n), (one, one - two), (one, wrong / n)
        ),
        "Both numbers are of the same dialogues. The first is after a wrong statement, the second after a right one.": (
            AnyOf((one, one), (two, two))
        ),
        "The first number is a rate of the dialogues that begin wrong, not of all.": AnyOf(
            ((both + only_later) / n, two), (both / n, two)
        ),
        "Shares are due, not percent.": (100 * one, 100 * two),
        "Take the two statements of the same dialogue, not of the next.": AnyOf(
            (share(shifted[0], shifted[0] + shifted[1]), share(shifted[2], shifted[2] + shifted[3])),
        ),
        "Count dialogues as they are, without a start of 1 or the like.": (
            (both + 1) / (wrong + 2), (only_later + 1) / (right + 2)
        ),
        "These are odds. Divide by all dialogues that begin so, not by those with a right follow-up.": (
            share(both, only_first), share(only_later, neither)
        ),
        "Shares of dialogues are due, neither all-or-nothing nor whole numbers: divide with /.": AnyOf(
            (0, 0), (1, 1), (0, 1)
        ),
        "The rates are 1 and 0, as when a list is compared with itself. Take each dialogue's two statements, and"
        " divide with /.": (1, 0),
    }  # fmt: skip


def dialogues(rng, both, only_first, only_later, neither):
    """Return first_wrong and later_wrong of so many dialogues of each kind, in random order."""
    pairs = [(True, True)] * both + [(True, False)] * only_first + [(False, True)] * only_later
    pairs += [(False, False)] * neither
    rng.shuffle(pairs)
    return [first for first, _ in pairs], [later for _, later in pairs]


def rates_of_none():
    """Return the rates of no dialogues; an answer may also refuse them or divide by their number."""
    try:
        return snowball_rate([], [])
    except (ValueError, ZeroDivisionError):
        return math.nan, math.nan


# %% examples
def examples(check):
    first, later = [True, True, True, False, False], [True, True, False, True, False]
    check(lambda: snowball_rate(first, later), (2 / 3, 1 / 2), "three begin wrong, two right")
    none = float("nan"), 0.25
    check(lambda: snowball_rate([False] * 4, [True] + [False] * 3), none, "none begins wrong")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    first, later = [True, True, True, False, False], [True, True, False, True, False]
    return {
        "three begin wrong, two right": Diagnosis(
            {
                "The second rate is of wrong follow-ups after a right beginning: it is not one minus the first, and"
                " both are divided by dialogues that begin so, not by those that end so.": (2 / 3, 1 / 3)
            }
            | wrong_rates(first, later),
            RATES,
        ),
        "none begins wrong": Diagnosis(
            {
                "No dialogue begins wrong, so there is no first rate: NaN, which is not 0.": AnyOf(
                    (0, 0.25), (None, 0.25), (1, 0.25)
                ),
                "The order is wrong: first the rate after a wrong statement.": AnyOf(
                    (0.25, math.nan), (0.25, 0)
                ),
            },
            NO_RATE,
            if_raises=NO_RATE,
        ),
    }


# %% graded: 2 points | both rates, where dialogues of every kind occur.
def test_rates_after_a_wrong_and_after_a_right_statement() -> None:
    for case in range(6):
        rng = case_rng("snowball_rate", case)
        first, later = [True], [True]
        while len(first) < 2 or not told_apart(
            right_rates(first, later), wrong_rates(first, later)
        ):
            least, most = (20, 40) if case == 5 else (2, 9)
            kinds = [rng.randint(least, most) for _ in range(4)]
            # A wrong beginning makes a wrong follow-up more likely in some cases, and less in others.
            kinds[:2] = sorted(kinds[:2], reverse=case % 2 == 0)
            first, later = dialogues(rng, *kinds)
        with inputs_unchanged(first, later), forbidden(*COURSE):
            check(
                lambda: snowball_rate(first, later),
                right_rates(first, later),
                f"{len(first)} dialogues: {kinds[0]} wrong twice, {kinds[1]} at first only,"
                f" {kinds[2]} later only, {kinds[3]} never",
                mistakes=wrong_rates(first, later),
                otherwise=RATES,
                if_raises="Both lists hold True or False, one for each dialogue.",
            )


# %% graded: 1 point | rates of 0 and 1, and NaN where no dialogue begins so.
def test_no_rate_is_nan_and_zero_is_a_rate() -> None:
    rng = case_rng("snowball_rate", "limits")
    a, b, c, d = (rng.randint(2, 9) for _ in range(4))
    both_known = ((0, b, c, 0), (a, 0, 0, d), (0, b, 0, d), (a, 0, c, 0))
    one_missing = ((a, b, 0, 0), (0, 0, c, d), (a, 0, 0, 0), (0, 0, 0, d), (1, 0, 0, 0))
    for kinds in (*both_known, *one_missing):
        first, later = dialogues(rng, *kinds)
        one, two = right_rates(first, later)
        missing = kinds in one_missing
        with inputs_unchanged(first, later), forbidden(*COURSE):
            check(
                lambda: snowball_rate(first, later),
                (one, two),
                f"{kinds[0]} dialogues wrong twice, {kinds[1]} at first only, {kinds[2]} later only,"
                f" {kinds[3]} never",
                mistakes={
                    "Return two numbers, (after_wrong, after_right).": not_a_pair,
                    "The order is wrong: first the rate after a wrong statement.": (two, one)
                    if one != two
                    else lambda got: False,
                    "One rate is known: return it, and NaN for the missing one only.": (
                        lambda got: missing and math.isnan(got[0]) and math.isnan(got[1])
                    ),
                    NO_RATE: lambda got: (
                        missing and not any(isinstance(x, float) and x != x for x in got)
                    ),
                    "A rate of 0 is a rate: NaN is for no dialogues at all that begin so.": (
                        lambda got: not missing and (math.isnan(got[0]) or math.isnan(got[1]))
                    ),
                    "Shares are due, not numbers of dialogues and not percent.": (
                        lambda got: any(x < 0 or x > 1 for x in got)
                    ),
                },
                otherwise=f"{RATES} The rates may be 0 and 1 here.",
                if_raises=NO_RATE if missing else "Rates of 0 and 1 are rates like others.",
            )
    nothing = "Without dialogues there is neither rate: (math.nan, math.nan), or a ValueError; not numbers."
    with forbidden(*COURSE):
        check(
            rates_of_none,
            (math.nan, math.nan),
            "no dialogues at all",
            mistakes={"Return two numbers, (after_wrong, after_right).": not_a_pair},
            otherwise=nothing,
        )
