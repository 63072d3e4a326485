"""Exercise `expected_attempts` of notebook 08."""

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
        confidence: the probability with which at least one attempt has to be valid, between 0 and 1.
    """
    ### BEGIN SOLUTION
    if p_valid == 1:
        return 1
    return math.ceil(math.log1p(-confidence) / math.log1p(-p_valid))
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import math

from utils.notebook.checks import Diagnosis, case_rng, check


# %% examples
def examples(check):
    check(lambda: expected_attempts(0.25), 4.0, "expected_attempts(0.25)")
    check(
        lambda: attempts_for(0.5, 0.9),
        4,
        "attempts_for(0.5, 0.9): three attempts give 0.875, four 0.9375",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["expected_attempts(0.25)"] = Diagnosis(
        mistakes={
            "These are the failures before the first success. Count the last, valid attempt too.": 3.0,
            "This is one over the probability of an invalid output. Divide by p_valid.": 1 / 0.75,
        }
    )
    found["attempts_for(0.5, 0.9): three attempts give 0.875, four 0.9375"] = Diagnosis(
        mistakes={
            "You rounded down: with three attempts the probability is only 0.875. Round up.": 3,
            "The number must be whole: round up.": lambda got: 3 < got < 4,
            "Probabilities of several attempts do not add up: you divided the confidence by p_valid.": 2,
        }
    )
    return found


# %% graded: 2 points | the mean number of attempts, and how many to allow.
def test_1() -> None:
    for p in (0.3, 0.8, 0.04, 0.5, 1.0, case_rng("expected_attempts", 0).uniform(0.15, 0.3)):
        check(
            lambda: expected_attempts(p),
            1 / p,
            f"expected_attempts({p:.4g})",
            mistakes={
                "These are the failures before the first success. The last, valid attempt counts too.": (
                    1 - p
                )
                / p,
                "This is one over the probability of an invalid output. Divide by p_valid.": 1
                / (1 - p)
                if p < 1
                else math.inf,
                "The mean need not be a whole number: do not round it, it is an average.": (
                    lambda got: (
                        isinstance(got, int | float)
                        and got in (math.floor(1 / p), math.ceil(1 / p), round(1 / p))
                    )
                ),
                "This is the median: half of all runs are done by then. The mean is asked for.": (
                    math.log(0.5) / math.log(1 - p) if p < 1 else math.inf
                ),
            },
            otherwise="The mean is 1 / p_valid.",
            if_raises="p_valid is above 0 and at most 1.",
        )
    cases = [(0.3, 0.95), (0.8, 0.99), (0.6, 0.9), (0.12, 0.5), (0.45, 0.999), (0.02, 0.9)]
    rng = case_rng("expected_attempts", 1)
    while len(cases) < 12:
        p, confidence = rng.uniform(0.05, 0.9), rng.uniform(0.3, 0.99)
        exact = math.log(1 - confidence) / math.log(1 - p)
        if 0.1 < exact % 1 < 0.9:
            cases.append((p, confidence))
    for p, confidence in cases:
        exact = math.log(1 - confidence) / math.log(1 - p)
        least = math.ceil(exact)
        check(
            lambda: attempts_for(p, confidence),
            least,
            f"attempts_for({p:.4g}, {confidence:.4g})",
            mistakes={
                "The number of attempts is whole: round up.": lambda got: (
                    isinstance(got, float) and got != int(got)
                ),
                "You took the logarithm of the confidence. The probability that all attempts are invalid is 1 - confidence.": (
                    lambda got: (
                        got
                        in (
                            math.ceil(math.log(confidence) / math.log(1 - p)),
                            math.floor(math.log(confidence) / math.log(1 - p)),
                        )
                        and got != least - 1
                    )
                ),
                "This is enough for all outputs to be invalid with p_valid: you used p_valid where an output is invalid. At "
                "least one must be valid: 1 - (1 - p_valid)**n.": (
                    lambda got: (
                        got == math.ceil(math.log(1 - confidence) / math.log(p))
                        and got != least - 1
                    )
                ),
                "Probabilities of several attempts do not add up: you divided the confidence by p_valid (or multiplied it by "
                "the expected number).": lambda got: (
                    got == math.ceil(confidence / p) and got != least - 1
                ),
                "This is the expected number of attempts, which says nothing of the confidence.": (
                    lambda got: got == math.ceil(1 / p) and got != least - 1
                ),
                "One too few: you rounded down, or did not count the first attempt (retries are one less). "
                "Round up: the probability must be at least the confidence.": least - 1,
                "One too many: the least number is asked for.": least + 1,
                "With a small p_valid many attempts are needed: more than you tried.": lambda got: (
                    got == 100
                ),
            },
            otherwise="Solve 1 - (1 - p)**n >= confidence for n, and round up.",
            if_raises="Both probabilities lie between 0 and 1.",
        )


# %% graded: 1 point | where the confidence is reached exactly, a sampler that is always right, and one that hardly ever is.
def test_2() -> None:
    # All of these numbers are exact in binary, so there is nothing to round.
    for p, confidence, least in (
        (0.5, 0.75, 2),
        (0.5, 0.875, 3),
        (0.75, 0.9375, 2),
        (0.5, 0.5, 1),
        (0.25, 0.4375, 2),
    ):
        check(
            lambda: attempts_for(p, confidence),
            least,
            f"attempts_for({p}, {confidence}), where {least} attempts reach the confidence exactly",
            mistakes={
                "The probability must be at least the confidence, not more than it: exactly is enough.": least
                + 1,
                "One too few: the first attempt counts too, it is no retry.": least - 1,
            },
            otherwise="The least n with 1 - (1 - p)**n at least the confidence.",
        )
    for confidence in (0.5, 0.999):
        check(
            lambda: attempts_for(1.0, confidence),
            1,
            f"attempts_for(1.0, {confidence})",
            mistakes={
                "One attempt is needed even when p_valid is 1: the first one, it is no retry.": 0
            },
            if_raises="When p_valid is 1 every output is valid, and log(1 - p_valid) has no value: one attempt is enough.",
        )
    for p, confidence in ((0.003, 0.99), (0.0004, 0.5)):
        least = math.ceil(math.log1p(-confidence) / math.log1p(-p))
        check(
            lambda: attempts_for(p, confidence),
            least,
            f"attempts_for({p}, {confidence})",
            mistakes={
                "With a small p_valid many attempts are needed: more than you allow for.": (
                    lambda got: isinstance(got, int | float) and got < least - 2
                ),
                "One too few: round up.": least - 1,
            },
            otherwise="With a small p_valid many attempts are needed; the formula is the same.",
        )
