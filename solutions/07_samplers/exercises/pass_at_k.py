"""Exercise `pass_at_k` of notebook 07."""


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
HINTS = ()
EXPLANATION = ""

# %% helpers
import math
from fractions import Fraction

from utils.notebook.checks import Diagnosis, check


# %% examples
def examples(check):
    check(
        lambda: pass_at_k(5, 2, 2),
        0.7,
        "two of five right, k = 2: three of the ten pairs hold no right one",
    )
    check(lambda: pass_at_k(5, 4, 2), 1.0, "four of five right, k = 2")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["two of five right, k = 2: three of the ten pairs hold no right one"] = Diagnosis(
        mistakes={
            "This is 1 - (1 - c/n)^k, as if drawn with replacement: it is biased.": 1 - 0.6**2,
            "This is the probability that none is right: take the complement.": 0.3,
            "This is the share of right answers: with two tries it is more.": 0.4,
        }
    )
    found["four of five right, k = 2"] = Diagnosis(
        otherwise="Only one is wrong, so two hold a right one."
    )
    return found


# %% graded: 2 points | the unbiased estimator, for small n.
def test_1() -> None:
    for n, c, k in (
        (4, 1, 2),
        (5, 2, 2),
        (5, 2, 3),
        (7, 3, 2),
        (10, 3, 4),
        (10, 1, 1),
        (10, 4, 1),
        (12, 5, 7),
        (20, 1, 19),
        (20, 6, 5),
        (9, 6, 2),
        (30, 2, 10),
        (6, 2, 5),
        (6, 3, 4),
        (6, 5, 3),
        (6, 6, 1),
        (8, 0, 3),
        (8, 0, 8),
        (8, 1, 8),
        (3, 3, 3),
    ):
        wanted = 1 - math.comb(n - c, k) / math.comb(n, k)
        share = c / n
        mistakes = {
            "This is 1 - (1 - c/n)^k, as if drawn with replacement. It is biased: draw k of the n without replacement.": 1
            - (1 - share) ** k,
            "This is the probability that none is right. Take 1 minus it (the complement).": 1
            - wanted,
            "This is in percent. Return a probability.": 100 * wanted,
            "This is the share of right answers. With k tries it is more.": share,
            "This is k times the share of right answers, which counts twice what is right twice.": min(
                1.0, k * share
            ),
            "This is the probability that all k are right. One is enough: at least one.": math.comb(
                c, k
            )
            / math.comb(n, k),
            "This is the probability that exactly one is right. Count at least one.": c
            * math.comb(n - c, k - 1)
            / math.comb(n, k),
            "Right and wrong ones are mixed up: the draws without a right one come from the n - correct wrong ones.": 1
            - math.comb(c, k) / math.comb(n, k),
        }
        if n - c < k:
            hint = "Fewer than k answers are wrong, so k of them always hold a right one: return 1."
            mistakes = {hint: lambda got: not isinstance(got, bool) and got != 1} if c else mistakes
        elif n - c == k:
            mistakes = {
                "Exactly k answers are wrong (n - correct = k), so one draw holds no right one: the result is not quite 1.": 1.0
            } | mistakes
        else:
            factors, early = 1.0, 1.0
            for i in range(n - c, n):
                early *= 1 - k / i
            for i in range(n - c + 1, n):
                factors *= 1 - k / i
            mistakes |= {
                "The product has its factors one too early: off by one.": 1 - early,
                "The product lacks its last factor: off by one.": 1 - factors,
                "1 whenever any is right is too much: k of n may miss it.": 1.0,
            }
        if c == 0:
            mistakes["No answer is right, so none of k is: 0."] = lambda got: got != 0
        check(
            lambda: pass_at_k(n, c, k),
            wanted,
            f"n = {n}, correct = {c}, k = {k}",
            rtol=1e-5,
            atol=1e-8,
            mistakes={
                hint: value
                for hint, value in mistakes.items()
                if callable(value) or abs(value - wanted) > 1e-6
            },
            otherwise=(
                "Of all k-element subsets of the n answers (drawn without replacement), take the share that holds a right one: exact, no "
                "simulation."
            ),
            if_raises="Fewer than k answers may be wrong: then k of them always hold a right one, and the result is 1."
            if n - c < k
            else "",
        )


# %% graded: 2 points | n up to 10,000.
def test_2() -> None:
    overflow = "The binomials of n = 10,000 overflow a float: infinity over infinity is NaN. Use whole numbers, a product of ratios, or logarithms."
    for n, c, k in (
        (10_000, 1, 1),
        (10_000, 1, 5_000),
        (10_000, 3, 2_500),
        (10_000, 20, 300),
        (10_000, 5_000, 2),
        (10_000, 7, 9_000),
        (10_000, 100, 100),
        (2_000, 2, 700),
        (10_000, 9_000, 500),
        (10_000, 9_990, 100),
        (10_000, 0, 4_000),
        (10_000, 10_000, 10),
        (10_000, 1, 10_000),
    ):
        wanted = float(1 - Fraction(math.comb(n - c, k), math.comb(n, k)))
        check(
            lambda: pass_at_k(n, c, k),
            wanted,
            f"n = {n:,}, correct = {c:,}, k = {k:,}",
            rtol=1e-5,
            atol=1e-8,
            mistakes={
                overflow: lambda got: isinstance(got, float) and not math.isfinite(got),
                "This is 1 - (1 - c/n)^k, as if drawn with replacement. It is biased.": (
                    1 - (1 - c / n) ** k
                )
                if abs(1 - (1 - c / n) ** k - wanted) > 1e-5
                else "no such value",
                "Fewer than k answers are wrong, so k of them always hold a right one: return 1.": (
                    lambda got, short=n - c < k: short and got != 1
                ),
            },
            otherwise="The estimator is exact for n = 10,000 as well: no simulation, no float that overflows or loses all digits on the way.",
            if_raises=overflow,
        )
