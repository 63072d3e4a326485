"""Exercise `emergent_score`: what exact match makes of a smooth accuracy."""


# %% solution
def emergent_score(per_token_accuracy: float, length: int) -> float:
    """Return how often a whole answer is right, if its tokens are right independently.

    Args:
        per_token_accuracy: p, the chance that a token is right.
        length: tokens of the answer.
    """
    ### BEGIN SOLUTION
    return per_token_accuracy**length
    ### END SOLUTION


# %% hints
HINTS = (
    "Exact match needs every token right. What is the chance of two independent events?",
    "Multiply the accuracy with itself, once for each token.",
)
EXPLANATION = """
An exact match needs all tokens right, and independent chances multiply: p to the power of the
length. At 10 tokens an accuracy of 0.5 scores 0.001 and one of 0.9 scores 0.35: a smooth gain looks
like a jump. The jump is then in the metric.
"""

# %% helpers
import math

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, check_nothing_kept, without

ALL_RIGHT = "All tokens must be right: multiply p with itself, length times."


def wrong_values(p, n):
    return {
        "This is the accuracy of one token. Exact match needs every token right.": p,
        "Chances of independent events multiply: a power, not p x length.": p * n,
        "Chances of independent events multiply: a power; do not divide.": p / n,
        "This is the chance that at least one token is right. All must be.": 1 - (1 - p) ** n,
        "Multiply with p itself each time: squares of squares fall too fast.": (
            lambda got: got > 0 and abs(got / p ** (2 ** (n - 1)) - 1) < 1e-6
        ),
        "The first token counts too: length factors, not length - 1.": p ** (n - 1),
        "Length factors, not length + 1: the end is no token of its own here.": p ** (n + 1),
        "This is the root: it leads from the score back to the accuracy.": p ** (1 / n),
        "p is the base and length the exponent.": n**p,
        "A share is due, not percent.": 100 * p**n,
        "This is the chance of a mistake somewhere. Return that of none.": 1 - p**n,
        "No approximation and no threshold: errors do not add up, and the score does not jump.": (
            AnyOf(max(0.0, 1 - n * (1 - p)), math.exp(-n * (1 - p)), 0.0, 1.0)
        ),
        "Do not round.": lambda got: any(got == round(p**n, digits) for digits in range(1, 9)),
    }


# %% examples
def examples(check):
    check(lambda: emergent_score(0.5, 3), 0.125, "p = 0.5, 3 tokens")
    check(lambda: emergent_score(0.9, 10), 0.348678, "p = 0.9, 10 tokens")
    check(lambda: emergent_score(0.9, 1), 0.9, "p = 0.9, one token")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    cases = {
        "p = 0.5, 3 tokens": (0.5, 3),
        "p = 0.9, 10 tokens": (0.9, 10),
        "p = 0.9, one token": (0.9, 1),
    }
    return {
        what: Diagnosis(mistakes=wrong_values(*case), otherwise=ALL_RIGHT)
        for what, case in cases.items()
    }


# %% graded: 1 point | answers of several tokens.
def test_all_tokens_must_be_right() -> None:
    rng = case_rng("emergent_score", 1)
    for _ in range(8):
        p, n = rng.uniform(0.55, 0.93), rng.randint(3, 9)
        check(
            lambda: emergent_score(p, n),
            p**n,
            f"p = {p:.4f}, {n} tokens",
            mistakes=wrong_values(p, n),
            otherwise=ALL_RIGHT,
        )
    power = lambda p, n: p**n
    check_nothing_kept(emergent_score, power, (0.9, 5), (0.8, 7), "two answers")


# %% graded: 1 point | long answers, one token, and the ends of the scale.
def test_long_answers_and_ends_of_the_scale() -> None:
    rng = case_rng("emergent_score", 2)
    cases = [(rng.uniform(0.1, 0.9), 1), (rng.uniform(0.6, 0.8), rng.randint(65, 150))]
    cases += [(0.0, rng.randint(2, 9)), (1.0, rng.randint(2, 9)), (1 - 1e-3, rng.randint(300, 900))]
    for p, n in cases:
        check(
            lambda: emergent_score(p, n),
            p**n,
            f"p = {p:.4f}, {n} tokens",
            mistakes={
                "A small chance is no 0: do not round.": lambda got: got == 0.0 < p,
            }
            | without(wrong_values(p, n), "Do not round", "p is the base", "Multiply with p itself"),
            otherwise=ALL_RIGHT,
            rtol=1e-4,  # single precision is enough
            atol=0,
        )
