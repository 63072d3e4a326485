"""Exercise `compute_optimal`: the best model for a budget, under a law."""

# %% solution
from typing import Any


def compute_optimal(flops: float, law: Any) -> tuple[float, float]:
    """Return the parameters and tokens with the lowest predicted loss under 6 N D = flops.

    Args:
        flops: the budget C.
        law: has the attributes E, A, B, alpha and beta.

    Returns:
        N and D, which need not be whole.
    """
    ### BEGIN SOLUTION
    total = law.alpha + law.beta
    scale = (law.alpha * law.A / (law.beta * law.B)) ** (1 / total)
    n_params = scale * (flops / 6) ** (law.beta / total)
    return n_params, flops / (6 * n_params)
    ### END SOLUTION


# %% hints
HINTS = (
    "Put D = C / (6 N) into the law: one variable is left. Where is the derivative 0?",
    "At the optimum `alpha A / N**alpha = beta B / D**beta`. Solved for N:"
    " `N = G (C/6)**(beta / (alpha + beta))` with"
    " `G = (alpha A / (beta B))**(1 / (alpha + beta))`. A numerical search in log N does it too.",
)
EXPLANATION = """
Along the budget, a percent more parameters is a percent fewer tokens. At the best point the two
effects on the loss are equal: `alpha A / N**alpha = beta B / D**beta`. So N grows with the compute to
the power `beta / (alpha + beta)`. E plays no part. Tokens per parameter stay constant only if the
two exponents are equal.
"""

# %% helpers
from types import SimpleNamespace

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, check_nothing_kept, inputs_unchanged

NAMES = ("E", "A", "B", "alpha", "beta")
BALANCE = "At the optimum alpha A / N**alpha = beta B / D**beta, with 6 N D = flops."


def optimum(c, law, weight=True):
    A, B, a, b = law["A"], law["B"], law["alpha"], law["beta"]
    ratio = a * A / (b * B) if weight else A / B
    n = ratio ** (1 / (a + b)) * (c / 6) ** (b / (a + b))
    return n, c / (6 * n)


def wrong_values(c, law):
    n, d = optimum(c, law)
    a, b = law["alpha"], law["beta"]
    g = n / (c / 6) ** (b / (a + b))
    other = g * (c / 6) ** (a / (a + b))
    flat, inverse = (c / 6) ** (b / (a + b)), (c / 6) ** (b / (a + b)) / g
    A, B = law["A"], law["B"]

    def with_factor(factor):
        model = factor * (c / 6) ** (b / (a + b))
        return model, c / (6 * model)

    chinchilla = optimum(c, dict(A=406.4, B=410.7, alpha=0.34, beta=0.28))
    return {
        "20 tokens per parameter is what one law gave at one budget: minimise under this law.": (
            (c / 120) ** 0.5,
            20 * (c / 120) ** 0.5,
        ),
        "Equal parts of parameters and tokens are not the best: minimise the loss.": (
            (c / 6) ** 0.5,
            (c / 6) ** 0.5,
        ),
        "The exponents are swapped: N grows with beta / (alpha + beta).": (other, c / (6 * other)),
        "Not the two terms are equal at the optimum, but their slopes (derivatives): alpha and"
        " beta weigh them.": optimum(c, law, weight=False),
        "The 6 is missing: 6 N D = flops.": AnyOf(
            optimum(6 * c, law),
            with_factor(g * 6 ** (b / (a + b))),  # in the first of the two sizes only
        ),
        "The order is (n_params, n_tokens): yours are swapped.": (d, n),
        "The factor with A and B is missing.": (flat, c / (6 * flat)),
        "The factor with A and B is upside down.": (inverse, c / (6 * inverse)),
        "alpha stands with A, above, and beta with B, below: each slope is exponent times term.": AnyOf(
            with_factor((b * A / (a * B)) ** (1 / (a + b))),
            with_factor((a * A / B) ** (1 / (a + b))),
            with_factor((A / (b * B)) ** (1 / (a + b))),
        ),
        "The factor with A and B has the exponent 1 / (alpha + beta).": with_factor(a * A / (b * B)),
        "Return both: (n_params, n_tokens).": lambda got: isinstance(got, float),
        "This is the optimum of Chinchilla's law: use the argument law.": chinchilla,
        "The budget is kept, but the loss is not the lowest: check the formula, or is your search too coarse?": (
            lambda got: abs(got[0] * got[1] * 6 / c - 1) < 1e-6 and 0.5 < got[0] / n < 2
        ),
        "Your model does not keep the budget: 6 N D = flops.": (
            lambda got: abs(got[0] * got[1] * 6 / c - 1) > 0.01
        ),
    }


# %% examples
def examples(check):
    from types import SimpleNamespace

    even = SimpleNamespace(E=1.7, A=400.0, B=400.0, alpha=0.3, beta=0.3)
    check(lambda: compute_optimal(6e20, even), (1e10, 1e10), "a law with equal terms")
    law = SimpleNamespace(E=1.7, A=400.0, B=2000.0, alpha=0.35, beta=0.35)
    check(lambda: compute_optimal(6e20, law), (1.0027e9, 9.973e10), "text matters more", rtol=2e-3)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    even = dict(A=400.0, B=400.0, alpha=0.3, beta=0.3)
    law = dict(A=400.0, B=2000.0, alpha=0.35, beta=0.35)
    return {
        "a law with equal terms": Diagnosis(
            {
                hint: value
                for hint, value in wrong_values(6e20, even).items()
                if not hint.startswith("Equal parts")
            },
            BALANCE,
        ),
        "text matters more": Diagnosis(wrong_values(6e20, law), BALANCE),
    }


# %% graded: 2 points | laws of language models at large budgets.
def test_best_model_for_large_budgets() -> None:
    rng = case_rng("compute_optimal", 1)
    for _ in range(4):
        law = dict(
            E=rng.uniform(1, 2),
            A=rng.uniform(200, 600),
            B=rng.uniform(900, 3_000),
            alpha=rng.uniform(0.33, 0.4),
            beta=rng.uniform(0.25, 0.31),
        )
        c, given = 10 ** rng.uniform(19, 25), SimpleNamespace(**law)
        with inputs_unchanged(given):
            check(
                lambda: compute_optimal(c, given),
                optimum(c, law),
                f"{c:.4g} FLOP under {law}",
                mistakes=wrong_values(c, law),
                otherwise=BALANCE,
                rtol=2e-3,
            )
    answer = lambda c, *law: compute_optimal(c, SimpleNamespace(**dict(zip(NAMES, law))))
    reference = lambda c, *law: optimum(c, dict(zip(NAMES, law)))
    first, second = (1e21, 1.7, 400, 1_000, 0.35, 0.3), (3e22, 1.5, 250, 2_000, 0.38, 0.27)
    check_nothing_kept(answer, reference, first, second, "two laws", rtol=2e-3)


# %% graded: 1 point | tiny models, other balances, and E = 0.
def test_best_model_for_small_budgets() -> None:
    rng = case_rng("compute_optimal", 2)
    for case in range(4):
        law = dict(
            E=0.0 if case == 0 else rng.uniform(0.5, 6),
            A=rng.uniform(20, 60),
            B=rng.uniform(80, 200),
            alpha=rng.uniform(0.35, 0.5),
            beta=rng.uniform(0.6, 0.8) if case % 2 else rng.uniform(0.52, 0.58),
        )
        c = 10 ** rng.uniform(9, 13)
        check(
            lambda: compute_optimal(c, SimpleNamespace(**law)),
            optimum(c, law),
            f"{c:.4g} FLOP under {law}",
            mistakes=wrong_values(c, law),
            otherwise=BALANCE,
            rtol=2e-3,
        )
