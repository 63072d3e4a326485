"""Exercise `predicted_loss`: the parametric scaling law."""

# %% solution
from typing import Any


def predicted_loss(n_params: float, n_tokens: float, law: Any) -> float:
    """Return the loss that a law predicts, in nats per token.

    Args:
        n_params: N, the parameters of the model.
        n_tokens: D, the tokens that it is trained on.
        law: has the attributes E, A, B, alpha and beta.
    """
    ### BEGIN SOLUTION
    return law.E + law.A / n_params**law.alpha + law.B / n_tokens**law.beta
    ### END SOLUTION


# %% hints
HINTS = (
    "Three terms: what no model can go below, what a finite model misses, what a finite text"
    " misses.",
    "`law.E`, plus `law.A` over N to the power of `law.alpha`, plus `law.B` over D to the power of"
    " `law.beta`.",
)
EXPLANATION = """
E is the entropy of the text: the loss of a model of unlimited size on unlimited text. The second
term falls as the model grows, the third as the text grows, each as a power law with its own
exponent. A and B depend on the units of N and D, so do not compare them between papers that count
differently.
"""

# %% helpers
import math
from types import SimpleNamespace

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_nothing_kept,
    inputs_unchanged,
)

THREE_TERMS = "Three terms, added: E, A / N**alpha, and B / D**beta."
NAMES = ("E", "A", "B", "alpha", "beta")
CHINCHILLA_NUMBERS = dict(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)


def value(n, d, E, A, B, alpha, beta):
    return E + A / n**alpha + B / d**beta


def wrong_values(n, d, law):
    E, A, B, a, b = law["E"], law["A"], law["B"], law["alpha"], law["beta"]
    size, text, right = A / n**a, B / d**b, value(n, d, **law)
    return {
        "E is missing: the loss that no model and no text can go below.": size + text,
        "The exponents are swapped: alpha belongs to n_params, beta to n_tokens.": (
            value(n, d, E, A, B, b, a)
        ),
        "The factors are swapped: A belongs to n_params, B to n_tokens.": (
            value(n, d, E, B, A, a, b)
        ),
        "n_params and n_tokens are swapped.": value(d, n, **law),
        "The loss falls as N and D grow: divide by the powers.": E + A * n**a + B * d**b,
        "The factors stand outside of the powers: A / N**alpha, not (A / N)**alpha.": (
            E + (A / n) ** a + (B / d) ** b
        ),
        "The two terms are added, not multiplied.": E + size * text,
        "The terms lie above E: do not subtract them.": AnyOf(
            E - size - text, E + size - text, E - size + text
        ),
        "Each term has a number of its own: N in the second, D in the third.": AnyOf(
            value(n, n, **law), value(d, d, **law)
        ),
        "The exponents are missing: A / N**alpha and B / D**beta.": value(n, d, E, A, B, 1, 1),
        # A power that is wrong can make the term so small that it seems to be missing.
        "The third term, what a finite text (tokens) misses, is missing or nearly 0: B / D**beta.": (
            E + size
        ),
        "The second term, what a finite model misses, is missing or nearly 0: A / N**alpha.": (
            E + text
        ),
        "These are Chinchilla's numbers: take those of the argument law.": (
            value(n, d, **CHINCHILLA_NUMBERS)
        ),
        "n_tokens has an exponent of its own, beta.": value(n, d, E, A, B, a, a),
        "A power law is no exponential: N**alpha, a power of N.": (
            E + A * math.exp(-a * math.log10(n)) + B * math.exp(-b * math.log10(d))
        ),
        "These are bits: the law is in nats already.": right / math.log(2),
        "This is the logarithm of the loss: return the loss itself.": math.log(right),
        "This is the perplexity: return the loss itself.": math.exp(min(right, 700)),
        "Do not round.": lambda got: any(got == round(right, digits) for digits in range(1, 7)),
        "Another unit: N and D count single parameters and tokens, not billions.": (
            value(n / 1e9, d / 1e9, **law)
        ),
    }


# %% examples
def examples(check):
    from types import SimpleNamespace

    law = SimpleNamespace(E=1.0, A=20.0, B=30.0, alpha=0.5, beta=0.25)
    check(lambda: predicted_loss(100, 10_000, law), 1 + 20 / 10 + 30 / 10, "N 100, D 10,000")
    check(lambda: predicted_loss(10_000, 10_000, law), 1 + 20 / 100 + 30 / 10, "a larger model")
    chinchilla = SimpleNamespace(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
    check(lambda: predicted_loss(70e9, 1.4e12, chinchilla), 1.936645, "Chinchilla")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    law = dict(E=1.0, A=20.0, B=30.0, alpha=0.5, beta=0.25)
    cases = {
        "N 100, D 10,000": (100, 10_000, law),
        "a larger model": (10_000, 10_000, law),
        "Chinchilla": (70e9, 1.4e12, CHINCHILLA_NUMBERS),
    }
    return {
        what: Diagnosis(mistakes=wrong_values(*case), otherwise=THREE_TERMS)
        for what, case in cases.items()
    }


# %% graded: 2 points | laws in the range of language models.
def test_three_terms() -> None:
    rng = case_rng("predicted_loss", 1)
    for _ in range(6):
        law = dict(
            E=rng.uniform(0.5, 2.5),
            A=rng.uniform(100, 900),
            B=rng.uniform(1_000, 3_000),
            alpha=rng.uniform(0.25, 0.4),
            beta=rng.uniform(0.42, 0.5),
        )
        n, d = 10 ** rng.uniform(6, 11), 10 ** rng.uniform(9, 13)
        given = SimpleNamespace(**law)
        with inputs_unchanged(given):
            check(
                lambda: predicted_loss(n, d, given),
                value(n, d, **law),
                f"N {n:.4g}, D {d:.4g}, {law}",
                mistakes=wrong_values(n, d, law),
                otherwise=THREE_TERMS,
            )
    first, second = (1e9, 2e10, 1.7, 400, 1_000, 0.35, 0.3), (3e8, 5e9, 1.4, 300, 700, 0.4, 0.25)
    answer = lambda n, d, *law: predicted_loss(n, d, SimpleNamespace(**dict(zip(NAMES, law))))
    check_nothing_kept(answer, value, first, second, "two laws")


# %% graded: 1 point | laws of other sizes: tiny models, whole numbers, steep exponents, E = 0.
def test_odd_laws() -> None:
    rng = case_rng("predicted_loss", 2)
    for case in range(5):
        law = dict(
            E=0 if case == 0 else rng.uniform(3, 9),
            A=rng.randint(2, 9),
            B=rng.uniform(12, 50),
            alpha=1 if case == 1 else rng.uniform(0.9, 1.4),
            beta=rng.uniform(0.3, 0.6),
        )
        n, d = rng.randint(2, 90), rng.randint(200, 900)
        check(
            lambda: predicted_loss(n, d, SimpleNamespace(**law)),
            value(n, d, **law),
            f"N {n}, D {d}, {law}",
            mistakes=wrong_values(n, d, law),
            otherwise=THREE_TERMS,
        )
