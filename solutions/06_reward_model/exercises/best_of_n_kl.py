"""Exercise `best_of_n_kl`: how far best-of-n moves away from the model it draws from."""

# %% solution
import math


def best_of_n_kl(n: int) -> float:
    """Return the divergence of the best of n from a single draw in nats: log n - (n - 1)/n.

    Args:
        n: number of candidates, at least 1.
    """
    ### BEGIN SOLUTION
    return math.log(n) - (n - 1) / n
    ### END SOLUTION


# %% hints
HINTS = (
    "The best of one is a plain draw: what is its divergence? Your formula should give the same.",
    "`math.log(n) - (n - 1) / n`. The brackets around `n - 1` matter.",
)
EXPLANATION = """
If no two answers tie, the best of n has the density n F^(n-1) relative to a single draw, where F is the share of
answers that score lower. The mean of its logarithm under the best of n is log n - (n - 1)/n. It is 0 for n = 1 and
grows like log n - 1: a hundred candidates are only 3.6 nats. Ties make the true divergence smaller.
"""

# %% helpers
import math

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, wrong_type

FORMULA = "The divergence is log n - (n - 1)/n, with the natural logarithm."


def wrong_values(n):
    """Return what the usual mistakes make of n above 1."""
    right, share = math.log(n) - (n - 1) / n, (n - 1) / n
    return {
        "This is log n only: (n - 1)/n is missing, or a whole-number division made it 0.": math.log(n),
        "The logarithm is the natural one: nats, not bits or decades.": AnyOf(
            math.log2(n) - share, math.log10(n) - share, right / math.log(2), right / math.log(10)
        ),
        "The brackets are missing: (n - 1)/n, not n - 1/n.": AnyOf(
            math.log(n) - n - 1 / n, math.log(n) - (n - 1 / n), math.log(n) - n + 1 / n
        ),
        "This is log n - 1, the limit for large n. The share is (n - 1)/n.": math.log(n) - 1,
        "The share to take off is (n - 1)/n, not 1/n.": math.log(n) - 1 / n,
        "The share (n - 1)/n is taken off, not added.": math.log(n) + share,
        "This is its root. Return the divergence itself.": math.sqrt(right),
        "The logarithm is missing.": AnyOf(share, n - share, -share),
        "The sign is wrong: a divergence is never below 0.": -right,
        "The share is (n - 1)/n, not n/(n - 1) or n/(n + 1).": AnyOf(
            math.log(n) - n / (n - 1), math.log(n) - n / (n + 1)
        ),
        "One is taken off n in the share, not added: (n - 1)/n.": math.log(n) - (n + 1) / n,
        "Return a number.": wrong_type(int, float),
    }


# %% examples
def examples(check):
    check(lambda: best_of_n_kl(1), 0.0, "the best of one", atol=1e-9)
    check(lambda: best_of_n_kl(2), 0.1931, "the best of two", rtol=1e-3)
    check(lambda: best_of_n_kl(100), 3.6152, "the best of a hundred", rtol=1e-3)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    def rough(n):
        """Return the mistakes that the example's tolerance can tell from the right value."""
        right = math.log(n) - (n - 1) / n
        return {
            hint: wrong
            for hint, wrong in wrong_values(n).items()
            if not (isinstance(wrong, float) and abs(wrong - right) < 1e-3 * abs(right))
        }

    return {
        "the best of one": Diagnosis(
            {"The brackets are missing: (n - 1)/n.": AnyOf(-2.0, 0.0), "This is log n - 1.": -1.0},
            "The best of one is a plain draw: its divergence is 0.",
            if_raises="n = 1 is a plain draw: its divergence is 0.",
        ),
        "the best of two": Diagnosis(rough(2), FORMULA),
        "the best of a hundred": Diagnosis(rough(100), FORMULA),
    }


# %% graded: 1 point | from two to a few hundred candidates.
def test_a_few_to_hundreds() -> None:
    rng = case_rng("best_of_n_kl", 1)
    for n in (rng.randint(3, 9), rng.randint(10, 60), rng.randint(100, 900), 2, 1):
        check(
            lambda: best_of_n_kl(n),
            math.log(n) - (n - 1) / n,
            f"n = {n}",
            mistakes=wrong_values(n) if n > 1 else {},
            otherwise=FORMULA,
            if_raises="n = 1 is a plain draw: its divergence is 0.",
            rtol=1e-6,
        )


# %% graded: 1 point | a million candidates.
def test_many_candidates() -> None:
    n = case_rng("best_of_n_kl", 2).randint(10**5, 10**6)
    for many in (n, 10**12):
        check(
            lambda: best_of_n_kl(many),
            math.log(many) - (many - 1) / many,
            f"n = {many}",
            mistakes={
                hint: wrong
                for hint, wrong in wrong_values(n).items()
                if many == n and not hint.startswith("The share is (n - 1)/n, not n")
            },
            otherwise="The formula is exact for every n: no loop, no table, no limit.",
            if_raises="The formula is exact for every n: no loop, no table, no limit.",
            rtol=1e-9,
            atol=1e-12,
        )
