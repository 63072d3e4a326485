"""Exercise `inference_optimal`: the best model when its use is paid for as well."""

# %% solution
import math
from typing import Any

from scipy.optimize import minimize_scalar


def inference_optimal(target_loss: float, inference_tokens: float, law: Any) -> tuple[float, float]:
    """Return the model that reaches a loss with the fewest operations in training and use together.

    Minimises 6 N D + 2 N inference_tokens at L(N, D) = target_loss (Sardana et al., 2023).

    Args:
        target_loss: in nats per token.
        inference_tokens: tokens that the model will process in its life.
        law: has the attributes E, A, B, alpha and beta.

    Returns:
        N, and D that the model is trained on.

    Raises:
        ValueError: the target is at or below E.
    """
    ### BEGIN SOLUTION
    excess = target_loss - law.E
    if excess <= 0:
        raise ValueError(f"target_loss must be above E = {law.E}, not {target_loss}")

    def sizes(logit: float) -> tuple[float, float]:
        """N and D when the model's term has a share of the excess loss, and the text's the rest."""
        share = 1 / (1 + math.exp(-logit))
        n_params = (law.A / (share * excess)) ** (1 / law.alpha)
        return n_params, (law.B / ((1 - share) * excess)) ** (1 / law.beta)

    def log_cost(logit: float) -> float:
        n_params, n_tokens = sizes(logit)
        return math.log(n_params) + math.log(6 * n_tokens + 2 * inference_tokens)

    found = minimize_scalar(log_cost, bounds=(-25, 25), method="bounded", options={"xatol": 1e-10})
    return sizes(found.x)
    ### END SOLUTION


# %% hints
HINTS = (
    "At the target loss D follows from N: how much of the excess over E does the model's term"
    " leave for the text?",
    "Divide the excess `target_loss - E` into a share s for `A / N**alpha` and 1 - s for"
    " `B / D**beta`; both sizes follow. Minimise `log N + log(6 D + 2 T)` over s, for example with"
    " `scipy.optimize.minimize_scalar` over the logit of s.",
)
EXPLANATION = """
All pairs (N, D) on one curve reach the target. Training costs 6 N D, and each token that the model
reads or writes later costs 2 N. The more it is used, the more a smaller model saves, which has to be
trained on more text to be as good. Without use the answer is that of `compute_optimal`.
"""

# %% helpers
from types import SimpleNamespace

import numpy

from utils.notebook.checks import (
    Diagnosis,
    case_rng,
    check,
    check_nothing_kept,
    check_refused,
    inputs_unchanged,
)

MINIMISE = "Among all (N, D) that reach the target, minimise 6 N D + 2 N inference_tokens."


def optimum(target, law, training=6.0, use=0.0):
    """The best sizes when a token costs `training` N, and all use together `use` N."""
    excess = target - law["E"]
    logits = numpy.linspace(-20, 20, 400_001)
    share = 1 / (1 + numpy.exp(-logits))
    n = (law["A"] / (share * excess)) ** (1 / law["alpha"])
    d = (law["B"] / ((1 - share) * excess)) ** (1 / law["beta"])
    best = (numpy.log(n) + numpy.log(training * d + use)).argmin()
    return float(n[best]), float(d[best])


def law_of(*numbers):
    return SimpleNamespace(**dict(zip(("E", "A", "B", "alpha", "beta"), numbers)))


def wrong_values(target, t, law):
    def values():
        n, d = optimum(target, law, 6, 2 * t)

        def reaches(got):
            loss = law["E"] + law["A"] / got[0] ** law["alpha"] + law["B"] / got[1] ** law["beta"]
            return abs(loss / target - 1) < 1e-3

        return {
            "Return both sizes: (n_params, n_tokens).": (lambda got: isinstance(got, float | int)),
            "This is the best for training alone. Count the tokens served (inference) too.": (
                optimum(target, law)
            ),
            "A token of training costs 6 N, forward and back, one served 2 N: yours cost the same.": (
                optimum(target, law, 6, 6 * t)
            ),
            "A token served costs a multiplication and an addition per parameter: 2 N.": (
                optimum(target, law, 6, t)
            ),
            "The order is (n_params, n_tokens): yours are swapped.": (d, n),
            "D is what the model is trained on: tokens served are no part of it.": (n, d + t),
            "20 tokens per parameter come from one law, for training alone.": (
                lambda got: abs(got[1] / got[0] - 20) < 1e-3
            ),
            "Your model does not reach the target: E + A / N**alpha + B / D**beta must equal it.": (
                lambda got: not reaches(got)
            ),
            "Your model is too small: its training costs more than its use saves. Count both.": (
                lambda got: reaches(got) and got[0] < 0.8 * n
            ),
            "Your model is too large: a token costs in proportion to N, in training and in use.": (
                lambda got: reaches(got) and got[0] > 1.25 * n
            ),
        }

    return values


# %% examples
def examples(check):
    from types import SimpleNamespace

    law = SimpleNamespace(E=1.7, A=400.0, B=1000.0, alpha=0.35, beta=0.3)
    trained = (2.477e8, 7.873e10)
    check(lambda: inference_optimal(2.7, 0, law), trained, "never used", rtol=0.02)
    used = (9.660e7, 3.060e11)
    check(lambda: inference_optimal(2.7, 1e12, law), used, "a trillion tokens served", rtol=0.02)
    check.refused(lambda: inference_optimal(1.7, 1e12, law), "a target at E")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    law = dict(E=1.7, A=400.0, B=1000.0, alpha=0.35, beta=0.3)
    return {
        "never used": Diagnosis(
            {
                "The order is (n_params, n_tokens).": lambda got: got[0] > got[1],
                "A token of training costs 6 N.": lambda got: got is None,
            },
            MINIMISE,
        ),
        "a trillion tokens served": Diagnosis(wrong_values(2.7, 1e12, law), MINIMISE),
        "a target at E": Diagnosis(otherwise="No model reaches E, or a loss below it: refuse it."),
    }


# %% graded: 2 points | models that are used as much as they are trained, and more.
def test_training_and_use_together() -> None:
    rng = case_rng("inference_optimal", 1)
    for _ in range(3):
        law = dict(
            E=rng.uniform(1.4, 2),
            A=rng.uniform(200, 600),
            B=rng.uniform(800, 2_000),
            alpha=rng.uniform(0.32, 0.38),
            beta=rng.uniform(0.27, 0.33),
        )
        target = law["E"] + rng.uniform(0.5, 1.2)
        t, given = optimum(target, law)[1] * rng.uniform(8, 40), SimpleNamespace(**law)
        with inputs_unchanged(given):
            check(
                lambda: inference_optimal(target, t, given),
                optimum(target, law, 6, 2 * t),
                f"a loss of {target:.3f}, {t:.3g} tokens served, {law}",
                mistakes=wrong_values(target, t, law),
                otherwise=MINIMISE,
                rtol=0.01,
            )
    answer = lambda target, t, *law: inference_optimal(target, t, law_of(*law))
    reference = lambda target, t, *law: optimum(target, vars(law_of(*law)), 6, 2 * t)
    first, second = (2.7, 1e12, 1.7, 400, 1_000, 0.35, 0.3), (2.9, 4e11, 1.5, 300, 800, 0.4, 0.33)
    check_nothing_kept(answer, reference, first, second, "two laws", rtol=0.01)


# %% graded: 1 point | without use it is the best for training.
def test_without_use_it_is_the_training_optimum() -> None:
    rng = case_rng("inference_optimal", 2)
    for _ in range(3):
        law = dict(
            E=rng.uniform(0.5, 1),
            A=rng.uniform(20, 60),
            B=rng.uniform(80, 200),
            alpha=rng.uniform(0.4, 0.5),
            beta=rng.uniform(0.55, 0.7),
        )
        target = law["E"] + rng.uniform(0.1, 0.5)
        n, d = optimum(target, law)
        check(
            lambda: inference_optimal(target, 0, SimpleNamespace(**law)),
            (n, d),
            f"a loss of {target:.3f}, no token served, {law}",
            mistakes={"The order is (n_params, n_tokens): yours are swapped.": (d, n)},
            otherwise="Without use, minimise 6 N D among all that reach the target (the loss minus"
            " E is what both terms share; 20 tokens per parameter hold for one law only).",
            rtol=0.01,
        )


# %% graded: 1 point | a target that cannot be reached is refused.
def test_a_target_at_or_below_e_is_refused() -> None:
    rng = case_rng("inference_optimal", 3)
    hint = "No model reaches E, or a loss below it: refuse such a target."
    for below in (0.0, rng.uniform(0.1, 0.9)):
        law = SimpleNamespace(E=1.75, A=400.0, B=1000.0, alpha=0.35, beta=0.3)
        check_refused(
            lambda: inference_optimal(1.75 - below, 1e12, law),
            f"target_loss = {1.75 - below:.3f} with E = 1.75",
            hint,
        )
    law, t = law_of(1.75, 40.0, 90.0, 0.5, 0.55), rng.uniform(1e10, 1e12)
    for above in (rng.uniform(0.001, 0.002), rng.uniform(0.1, 0.2)):
        check(
            lambda: inference_optimal(1.75 + above, t, law),
            optimum(1.75 + above, vars(law), 6, 2 * t),
            f"target_loss = {1.75 + above:.3f} with E = 1.75, {t:.3g} tokens served",
            otherwise=MINIMISE,
            if_raises="Every target above E can be reached: only one at or below E is refused.",
            rtol=0.01,
        )
