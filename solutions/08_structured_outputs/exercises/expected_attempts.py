"""Exercise `expected_attempts` with `attempts_for`: what asking again costs when attempts are independent."""

# %% solution
import math


def expected_attempts(p_valid: float) -> float:
    """Return the mean number of independent attempts up to and including the first valid one.

    Args:
        p_valid: the probability that one attempt is valid, above 0 and at most 1.
    """
    ### BEGIN SOLUTION
    return 1 / p_valid
    ### END SOLUTION


def attempts_for(p_valid: float, confidence: float) -> int:
    """Return the least number n of attempts with 1 - (1 - p_valid)**n at least the confidence.

    Args:
        p_valid: the probability that one attempt is valid, above 0 and at most 1.
        confidence: the probability that at least one attempt is valid, between 0 and 1.
    """
    ### BEGIN SOLUTION
    if p_valid == 1:
        return 1
    return math.ceil(math.log1p(-confidence) / math.log1p(-p_valid))
    ### END SOLUTION


# %% hints
HINTS = (
    """With p_valid = 1/4, one attempt in four is valid: how long is the wait on average? For the
second function write down the probability that *all* of n attempts are invalid.""",
    """The mean is `1 / p_valid`. From `(1 - p)**n <= 1 - confidence` follows `n >= log(1 -
confidence) / log(1 - p)`; round up with `math.ceil`, and treat `p_valid == 1` apart,
because log(0) has no value.""",
)
EXPLANATION = """
The number of attempts has a geometric distribution, whose mean is 1/p; (1 - p)/p would count the failures alone. All n
attempts fail with probability (1 - p)**n, so n is the logarithm of 1 - confidence over that of 1 - p, rounded up: the
bound may be reached exactly. `math.log1p(-p)` is log(1 - p) without the rounding of 1 - p, which matters for a p near
0. A sampler that is always right needs one attempt, not none.
"""

# %% helpers
import math

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check

FAILURES = "These are the failures before the first success. Count the last, valid attempt too."
INVERSE = "This is one over the probability of an invalid output. Divide by p_valid."
LEAVES_P = "This is p_valid itself, or the probability of a failure. The mean of the number of attempts is its inverse."
ONE_TOO_FEW = (
    "One too few: you rounded down, or did not count the first attempt (retries are one less). Round up: the probability "
    "must be at least the confidence."
)
DIVIDED = (
    "Probabilities of several attempts do not add up: you divided the confidence by p_valid (or multiplied it by the "
    "expected number)."
)


def rounded(number):
    """Return a number rounded down and up."""
    return AnyOf(math.floor(number), math.ceil(number))


# %% examples
def examples(check):
    check(lambda: expected_attempts(0.25), 4.0, "expected_attempts(0.25)")
    check(lambda: expected_attempts(1.0), 1.0, "expected_attempts(1.0): always valid")
    # Three attempts are enough with probability 0.875, four with 0.9375.
    check(lambda: attempts_for(0.5, 0.9), 4, "attempts_for(0.5, 0.9)")
    check(lambda: attempts_for(0.5, 0.75), 2, "attempts_for(0.5, 0.75): reached exactly")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "expected_attempts(0.25)": Diagnosis(
            {FAILURES: 3.0, INVERSE: 1 / 0.75, LEAVES_P: AnyOf(0.25, 0.75)},
            "Think of one valid output in four.",
        ),
        "expected_attempts(1.0): always valid": Diagnosis(
            {FAILURES: 0.0},
            "One attempt is always enough.",
            "p_valid may be 1: one attempt is always enough.",
        ),
        "attempts_for(0.5, 0.9)": Diagnosis(
            {
                "You rounded down: with three attempts the probability is only 0.875. Round up.": 3,
                "The number must be whole: round up.": lambda got: 3 < got < 4,
                DIVIDED: AnyOf(2, 1.8),
            },
            "Solve 1 - (1 - p)**n >= confidence for n, and round up.",
        ),
        "attempts_for(0.5, 0.75): reached exactly": Diagnosis(
            {
                "Two attempts give 0.75 exactly, and exactly is enough: at least, not more than.": 3,
                ONE_TOO_FEW: 1,
            },
            "Solve 1 - (1 - p)**n >= confidence for n, and round up.",
        ),
    }


# %% graded: 2 points | the mean number of attempts, and how many to allow.
def test_the_mean_and_the_least_number_of_attempts() -> None:
    for p in (0.3, 0.8, 0.04, 0.5, 1.0, case_rng("expected_attempts", 0).uniform(0.15, 0.3)):
        check(
            lambda: expected_attempts(p),
            1 / p,
            f"expected_attempts({p:.4g})",
            mistakes={
                FAILURES: (1 - p) / p,
                INVERSE: 1 / (1 - p) if p < 1 else math.inf,
                LEAVES_P: AnyOf(p, 1 - p),
                "The mean need not be a whole number: do not round it, it is an average.": rounded(
                    1 / p
                ),
                "This is the median: half of all runs are done by then. The mean is asked for.": (
                    math.log(0.5) / math.log(1 - p) if p < 1 else math.inf
                ),
            },
            otherwise="The mean is 1 / p_valid.",
            if_raises="p_valid is above 0 and at most 1.",
        )
    cases = [
        (0.02, 0.9),
        (0.3, 0.95),
        (0.8, 0.99),
        (0.6, 0.9),
        (0.12, 0.5),
        (0.3, 0.2),
        (0.45, 0.999),
    ]
    rng = case_rng("expected_attempts", 1)
    while len(cases) < 13:
        p, confidence = rng.uniform(0.05, 0.9), rng.uniform(0.3, 0.99)
        quotient = math.log(1 - confidence) / math.log(1 - p)
        # One attempt too many is not to look like the mean number, rounded.
        if 0.1 < quotient % 1 < 0.9 and abs(math.ceil(quotient) + 1 - 1 / p) >= 1:
            cases.append((p, confidence))
    for p, confidence in cases:
        log_bad, least = math.log(1 - p), math.ceil(math.log(1 - confidence) / math.log(1 - p))
        check(
            lambda: attempts_for(p, confidence),
            least,
            f"attempts_for({p:.4g}, {confidence:.4g})",
            mistakes={
                "The number of attempts is whole: round up.": lambda got: got != int(got),
                ONE_TOO_FEW: least - 1,
                "You took the logarithm of the confidence. The probability that all attempts are invalid is 1 - "
                "confidence.": rounded(math.log(confidence) / log_bad),
                # With a small p_valid this mistake asks for one attempt, as any answer does that never goes on.
                "Either this is one attempt alone, or you used p_valid where an output is invalid. At least one of all "
                "must be valid: 1 - (1 - p_valid)**n.": rounded(
                    math.log(1 - confidence) / math.log(p)
                ),
                DIVIDED: math.ceil(confidence / p),
                "This is the expected number of attempts, which says nothing of the confidence.": rounded(
                    1 / p
                ),
                "One too many: the least number is asked for.": least + 1,
                "With a small p_valid many attempts are needed: more than you tried.": AnyOf(
                    100, 64
                ),
            },
            otherwise="Solve 1 - (1 - p)**n >= confidence for n, and round up.",
            if_raises="Both probabilities lie between 0 and 1.",
        )


# %% graded: 1 point | a confidence reached exactly; samplers that are always right, or hardly ever.
def test_exact_bounds_and_extreme_samplers() -> None:
    rng = case_rng("expected_attempts", 2)
    small = (
        (0.003, 0.99),
        (0.0004, 0.5),
        (rng.uniform(1e-4, 2e-3), 0.95),
        (rng.uniform(4e-5, 8e-5), 0.8),
    )
    for p in (0.002, rng.uniform(4e-5, 8e-5)):
        no_bound = "A small p_valid needs 1 / p_valid attempts: no bound on the mean or on p_valid, no short sum."
        check(
            lambda: expected_attempts(p),
            1 / p,
            f"expected_attempts({p:.4g})",
            otherwise=no_bound,
            if_raises=no_bound,
        )
    cases = [
        (p, confidence, math.ceil(math.log1p(-confidence) / math.log1p(-p)))
        for p, confidence in small
    ]
    # These numbers are exact in binary, so there is nothing to round.
    cases += [(0.5, 0.75, 2), (0.5, 0.875, 3), (0.75, 0.9375, 2), (0.5, 0.5, 1), (0.25, 0.4375, 2)]
    cases += [(1.0, 0.5, 1), (1.0, 0.999, 1)]
    # Hardly more than what two, three and one attempts reach: to round the quotient first is too rough.
    cases += [(0.5, 0.7503, 3), (0.5, 0.8752, 4), (0.75, 0.7502, 2)]
    for p, confidence, least in cases:
        check(
            lambda: attempts_for(p, confidence),
            least,
            f"attempts_for({p:.4g}, {confidence})",
            mistakes={
                "One too few: round up, and count the first attempt too; it is no retry.": least
                - 1,
                "The probability must be at least the confidence, not more than it: exactly is enough.": least
                + 1,
                "With a small p_valid many attempts are needed: more than you allow for.": lambda got: (
                    0 < got < least - 2
                ),
            },
            otherwise="The least n with 1 - (1 - p)**n at least the confidence.",
            if_raises="When p_valid is 1 every output is valid, and log(1 - p_valid) has no value: one attempt is enough.",
        )
