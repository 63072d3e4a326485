"""Exercise `isoflop_minimum`: the best size of one budget, from runs of several sizes."""

# %% solution
from collections.abc import Sequence

import numpy as np


def isoflop_minimum(n_params: Sequence[float], losses: Sequence[float]) -> float:
    """Return the size at the vertex of a parabola in log N through runs of equal compute.

    Args:
        n_params: N of each run.
        losses: their final losses.

    Raises:
        ValueError: fewer than three points, or a parabola without a minimum.
    """
    ### BEGIN SOLUTION
    if len(n_params) < 3:
        raise ValueError(f"n_params has {len(n_params)} entries, and a parabola needs three points")
    x = np.log(np.asarray(n_params, dtype=float))
    centre = x.mean()
    square, slope, _ = np.polyfit(x - centre, np.asarray(losses, dtype=float), 2)
    if square <= 0:
        raise ValueError(f"losses give a parabola without a minimum: its curvature is {square:.3g}")
    return float(np.exp(centre - slope / (2 * square)))
    ### END SOLUTION


# %% hints
HINTS = (
    "Sizes are spread over orders of magnitude: what do you put on the x axis before you fit?",
    "`np.polyfit(np.log(n_params), losses, 2)` gives a, b, c of `a x**2 + b x + c`. Its vertex is at"
    " `x = -b / (2 a)`; take the exponential. Check the number of points before, and a > 0 after.",
)
EXPLANATION = """
Too small a model cannot use the compute, too large a one sees too little text: at one budget the
loss over log N is a valley, close to a parabola. Its vertex usually lies between the sizes that were
trained. A parabola that opens downwards has no minimum, and its vertex would be the worst size.
"""

# %% helpers
import math

import numpy

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_nothing_kept,
    check_refused,
    inputs_unchanged,
)

VERTEX = "Fit a x**2 + b x + c with x = log N; the best size is exp(-b / (2 a))."


def vertex(n, losses):
    a, b, _ = numpy.polyfit(numpy.log(n), losses, 2)
    return math.exp(-b / (2 * a))


def wrong_values(n, losses):
    x, y = numpy.log(n), numpy.array(losses)
    a, b, c = numpy.polyfit(x, y, 2)
    right = math.exp(-b / (2 * a))
    scaled = numpy.polyfit(numpy.array(n) / numpy.mean(n), y, 2)
    logged = numpy.polyfit(x, numpy.log(y), 2)
    swapped = numpy.polyfit(y, x, 2)
    three = (slice(3), numpy.sort(y.argsort()[:3]))  # the first, the lowest
    runs = dict(zip(n, losses))  # of each size the last run
    lone = numpy.polyfit(numpy.log(list(runs)), list(runs.values()), 2)
    once = {"Every run counts, two of one size too.": math.exp(-lone[1] / (2 * lone[0]))}
    once = once if len(runs) < len(n) else {}
    few = [numpy.polyfit(x[part], y[part], 2) for part in three]
    return {
        "A parabola in log N is due, not in N itself.": (
            numpy.mean(n) * -scaled[1] / (2 * scaled[0])
        ),
        "This is the best of the sizes that were trained. The vertex may lie between or beyond them.": (
            float(n[int(y.argmin())])
        ),
        "This is the logarithm of the size. Take the exponential.": AnyOf(
            math.log(right), math.log10(right)
        ),
        "This is the loss at the vertex. The size is asked for.": c - b * b / (4 * a),
        "The sign: the vertex lies at -b / (2a), not at b / (2a).": (
            math.exp(min(b / (2 * a), 700))
        ),
        "The vertex lies at -b / (2a): two times a.": math.exp(min(-b / a, 700)),
        "The vertex lies at -b / (2a): divide by 2a, in parentheses.": AnyOf(
            *(math.exp(max(min(-b / 2 * factor, 700), -700)) for factor in (a, 1))
        ),
        "Two bases are mixed: what was log10 needs 10**x, log2 needs 2**x, and log needs exp.": AnyOf(
            math.exp(math.log10(right)),
            math.exp(math.log2(right)),
            10 ** math.log(right),
            2 ** math.log(right),
        ),
        "The arguments of the fit are swapped: log N is x, and the losses are y.": (
            math.exp(max(min(-swapped[1] / (2 * swapped[0]), 700), -700))
        ),
        "Fit the losses themselves, not their logarithms.": (
            math.exp(-logged[1] / (2 * logged[0]))
        ),
        "Fit all points, not only three of them.": AnyOf(
            *(math.exp(min(-b / (2 * a), 700)) for a, b, _ in few)
        ),
        "This is the (geometric) mean of the sizes: the losses must play a part; the vertex is"
        " asked for.": math.exp(x.mean()),
        **once,
    }


# %% examples
def examples(check):
    sizes = [1_000, 10_000, 100_000]
    check(lambda: isoflop_minimum(sizes, [2.0, 1.0, 2.0]), 10_000, "a valley in the middle")
    check(lambda: isoflop_minimum(sizes, [1.6, 1.0, 2.0]), 7_498.94, "a valley to the left")
    check.refused(lambda: isoflop_minimum(sizes, [1.0, 2.0, 1.0]), "a hill")
    check.refused(lambda: isoflop_minimum(sizes[:2], [1.0, 2.0]), "two points")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    sizes = [1_000, 10_000, 100_000]
    middle = wrong_values(sizes, [2.0, 1.0, 2.0])
    same = ("This is the best of", "This is the (geometric)", "Fit ", "The vertex lies")
    return {
        "a valley in the middle": Diagnosis(
            {hint: value for hint, value in middle.items() if not hint.startswith(same)}, VERTEX
        ),
        "a valley to the left": Diagnosis(wrong_values(sizes, [1.6, 1.0, 2.0]), VERTEX),
        "a hill": Diagnosis(otherwise="A parabola that opens downwards has no minimum."),
        "two points": Diagnosis(otherwise="A parabola needs three points at least."),
    }


# %% graded: 2 points | the vertex of valleys of five to nine points.
def test_vertex_of_the_valley() -> None:
    rng = case_rng("isoflop_minimum", 1)
    for case in range(6):
        while True:
            low = rng.uniform(6, 16)
            n = [math.exp(low + 0.6 * k + rng.uniform(0, 0.3)) for k in range(rng.randint(5, 9))]
            best = low + rng.uniform(0.8, 1.6)
            losses = [
                1.5
                + 0.06 * (math.log(one) - best) ** 2
                + (0.01 * rng.gauss(0, 1) if case > 2 else 0)
                for one in n
            ]
            # First a valley in which a parabola in N, and one with swapped axes, have a lowest point too.
            axes = (numpy.array(n) / n[0], losses), (losses, numpy.log(n))
            if case > 0 or all(numpy.polyfit(*both, 2)[0] > 0 for both in axes):
                break
        if case in (1, 4):  # a second run of the smallest size
            n, losses = [*n, n[0]], [*losses, losses[0] + rng.uniform(0.03, 0.05)]
        check(
            lambda: isoflop_minimum(n, losses),
            vertex(n, losses),
            f"{len(n)} sizes from {n[0]:.4g} to {n[-1]:.4g}",
            mistakes=wrong_values(n, losses),
            otherwise=VERTEX,
            rtol=1e-5,
        )
    first = [1e6, 3e6, 1e7, 3e7], [3.2, 3.0, 3.1, 3.5]
    second = [2e6, 5e6, 2e7, 4e7], [3.3, 3.1, 3.0, 3.2]
    check_nothing_kept(isoflop_minimum, vertex, first, second, "two budgets", rtol=1e-5)


# %% graded: 1 point | exactly three points, in any order, and a vertex beyond the sizes.
def test_three_points_in_any_order() -> None:
    rng = case_rng("isoflop_minimum", 2)
    for case in range(5):
        low = rng.uniform(6, 16)
        n = [round(math.exp(low + step)) for step in (0, 0.9, 2.1)]
        best = low + (3.5 if case == 3 else rng.uniform(1.1, 1.4))
        rng.shuffle(n)
        deep = 0.003 if case == 4 else 0.3
        losses = [1.2 + deep * (math.log(one) - best) ** 2 for one in n]
        with inputs_unchanged(n, losses):
            check(
                lambda: isoflop_minimum(n, losses),
                math.exp(best),
                f"sizes {n}",
                mistakes={
                    hint: value
                    for hint, value in wrong_values(n, losses).items()
                    if not hint.startswith(("Fit all", "The arguments"))
                },
                otherwise=VERTEX,
                if_raises="Exactly three points are enough; the vertex may lie beyond the sizes, the valley be shallow.",
                rtol=1e-5,
            )


# %% graded: 1 point | refused: too few points, and hills.
def test_what_has_no_minimum_is_refused() -> None:
    rng = case_rng("isoflop_minimum", 3)
    for n, losses in (([1e4, 1e6], [2.0, 1.9]), ([5e5], [2.0])):
        check_refused(
            lambda: isoflop_minimum(n, losses),
            f"{len(n)} points",
            "A parabola needs three points at least.",
        )
    for _ in range(3):
        n = [math.exp(9 + k + rng.uniform(0, 0.4)) for k in range(5)]
        losses = [3 - rng.uniform(0.1, 0.2) * (math.log(one) - 11) ** 2 for one in n]
        check_refused(
            lambda: isoflop_minimum(n, losses),
            "a hill",
            "A parabola that opens downwards has no minimum: its vertex is the worst size.",
        )
