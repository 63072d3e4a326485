"""The unbiased estimate of pass@k from n answers of which some are right, for n up to 10,000."""


# %% solution
def pass_at_k(n: int, correct: int, k: int) -> float:
    """Return the unbiased estimate of the probability that at least one of k answers is right.

    Args:
        n: answers drawn.
        correct: how many of them are right, 0 to n.
        k: answers one may try, 1 to n.
    """
    ### BEGIN SOLUTION
    all_wrong = 1.0
    for drawn in range(k):
        all_wrong *= max(0, n - correct - drawn) / (n - drawn)
    return 1.0 - all_wrong
    ### END SOLUTION


# %% hints
HINTS = (
    """How likely is it that k answers, drawn from the n without replacement, are all wrong? Draw them
one after the other.""",
    """The first is wrong with probability (n - c)/n, the next with (n - c - 1)/(n - 1), and so on, k
factors. Their product is the probability that none is right; a factor is 0 as soon as no wrong
answer is left.""",
)
EXPLANATION = """C(n-c, k) / C(n, k) is the product of k ratios (n - c - i) / (n - i), each between 0 and 1: nothing
overflows, and the product is the probability that all k answers are wrong. Once the wrong ones are used up the factor
is 0, so fewer than k wrong answers give exactly 1; `max(0, ...)` keeps the factors after it from changing the sign.
Drawing with replacement, 1 - (1 - c/n)^k, is biased, since c/n is itself an estimate."""

# %% helpers
import math
from fractions import Fraction

from utils.notebook.checks import AnyOf, Diagnosis, check


def mistakes_of(n, c, k):
    """Return what is known to go wrong for n answers, c of them right."""
    share = c / n
    wanted = float(1 - Fraction(math.comb(n - c, k), math.comb(n, k)))
    biased = "This is 1 - (1 - c/n)^k, as if drawn with replacement. It is biased: draw k of the n without replacement."
    known = {}
    if c and n - c < k:
        fewer = "Fewer than k answers are wrong, so k of them always hold a right one: return 1."
        return {fewer: lambda got: not isinstance(got, bool) and got != 1}
    if n - c == k:
        known[
            "Exactly k answers are wrong (n - correct = k), so one draw holds no right one: not quite 1."
        ] = 1.0
    known |= {
        biased: 1 - (1 - share) ** k,
        "This is the probability that none is right. Take 1 minus it (the complement).": 1 - wanted,
        "This is in percent. Return a probability.": 100 * wanted,
        "This is the share of right answers. With k tries it is more.": share,
        "This is k times the share of right answers, which counts twice what is right twice.": min(
            1.0, k * share
        ),
        "1 whenever any is right is too much: k of n may miss it.": 1.0,
    }
    if c == 0:
        known["No answer is right, so none of k is: 0."] = lambda got: got != 0
    return known


# %% examples
def examples(check):
    check(lambda: pass_at_k(5, 2, 2), 0.7, "n = 5, correct = 2, k = 2: 7 of 10 pairs")
    check(lambda: pass_at_k(5, 4, 2), 1.0, "n = 5, correct = 4, k = 2")
    check(lambda: pass_at_k(5, 0, 2), 0.0, "n = 5, none correct, k = 2")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "n = 5, correct = 2, k = 2: 7 of 10 pairs": Diagnosis(
            mistakes_of(5, 2, 2)
            | {
                "Right and wrong are mixed up: 1 - C(c, k)/C(n, k) counts pairs that are all right.": 0.9
            },
            otherwise="Three of the ten pairs hold no right answer: return 1 minus their share.",
        ),
        "n = 5, correct = 4, k = 2": Diagnosis(
            otherwise="Only one is wrong, so two always hold a right one: 1.",
            if_raises="Only one is wrong, so two always hold a right one: 1.",
        ),
        "n = 5, none correct, k = 2": Diagnosis(
            otherwise="No answer is right, so none of k is: 0."
        ),
    }


# %% graded: 2 points | the unbiased estimator, for small n.
def test_unbiased_estimate_for_small_n() -> None:
    # In the first case each known mistake has a value of its own; in small ones several fall together.
    cases = [
        (17, 4, 3),
        (10, 3, 4),
        (5, 2, 2),
        (4, 1, 2),
        (5, 2, 3),
        (7, 3, 2),
        (10, 1, 1),
        (10, 4, 1),
        (12, 5, 7),
        (20, 1, 19),
    ]
    cases += [
        (20, 6, 5),
        (9, 6, 2),
        (30, 2, 10),
        (6, 2, 5),
        (6, 3, 4),
        (6, 5, 3),
        (6, 6, 1),
        (130, 4, 70),
    ]
    cases += [(8, 0, 3), (8, 0, 8), (8, 1, 8), (3, 3, 3)]
    for n, c, k in cases:
        all_sets = math.comb(n, k)
        products = []
        for first in (
            n - c,
            n - c + 1,
        ):  # the product of 1 - k/i, with a factor too many and one too few
            products.append(1 - math.prod(1 - k / i for i in range(max(first, 1), n)))
        for factors in (range(k - 1), range(1, k), range(min(k + 1, n)), range(1, min(k + 1, n))):
            products.append(1 - math.prod(max(0, n - c - i) / (n - i) for i in factors))
        mistakes = mistakes_of(n, c, k) | {
            "This is the probability that all k are right. One is enough: at least one.": math.comb(
                c, k
            )
            / all_sets,
            "This is the probability that exactly one is right. Count at least one.": (
                c * math.comb(n - c, k - 1) / all_sets
            ),
            "Right and wrong ones are mixed up: the draws without a right one come from the n - correct wrong ones.": (
                1 - math.comb(c, k) / all_sets
            ),
            "The product has a factor too many or too few: off by one.": AnyOf(*products),
            "Each draw takes one answer away, from all of them as from the wrong ones: (n - c - i)/(n - i).": AnyOf(
                1 - math.prod(max(0, n - c - i) / n for i in range(k)),
                1 - math.prod((n - c) / (n - i) for i in range(k)),
            ),
        }
        check(
            lambda: pass_at_k(n, c, k),
            1 - math.comb(n - c, k) / all_sets,
            f"n = {n}, correct = {c}, k = {k}",
            rtol=1e-5,
            atol=1e-8,
            mistakes=mistakes,
            otherwise="Of all k-element subsets of the n answers (drawn without replacement), take the share that holds a "
            "right one: exact, no simulation.",
            if_raises="Fewer than k answers may be wrong: then k of them always hold a right one, and the result is 1."
            if n - c < k
            else "",
        )


# %% graded: 2 points | n up to 10,000.
def test_estimate_for_ten_thousand_answers() -> None:
    overflow = (
        "The binomials of n = 10,000 overflow a float: infinity over infinity is NaN. Use whole numbers, a product of "
        "ratios, or logarithms."
    )
    small = (
        (1, 1),
        (1, 5_000),
        (3, 2_500),
        (20, 300),
        (5_000, 2),
        (7, 9_000),
        (100, 100),
        (9_000, 500),
        (9_990, 100),
    )
    cases = [(10_000, c, k) for c, k in (*small, (0, 4_000), (10_000, 10), (1, 10_000))] + [
        (2_000, 2, 700)
    ]
    for n, c, k in cases:
        check(
            lambda: pass_at_k(n, c, k),
            float(1 - Fraction(math.comb(n - c, k), math.comb(n, k))),
            f"n = {n:,}, correct = {c:,}, k = {k:,}",
            rtol=1e-5,
            atol=1e-8,
            mistakes={overflow: lambda got: isinstance(got, float) and not math.isfinite(got)}
            | mistakes_of(n, c, k),
            otherwise="The estimator is exact for n = 10,000 as well: no simulation, no float that overflows or loses all "
            "digits on the way.",
            if_raises=overflow,
        )
