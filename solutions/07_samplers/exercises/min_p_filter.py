"""Exercise `min_p_filter` of notebook 07."""

# %% solution
import torch
from torch import Tensor


def min_p_filter(logits: Tensor, min_p: float) -> Tensor:
    """Return the logits with all tokens set to -inf whose probability is below min_p times the row's largest.

    Args:
        logits: (..., V), not modified.
        min_p: the least probability relative to the largest one.

    Returns:
        Logits (..., V).
    """
    ### BEGIN SOLUTION
    probabilities = logits.softmax(-1)
    bar = min_p * probabilities.amax(-1, keepdim=True)
    return logits.masked_fill(probabilities < bar, float("-inf"))
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import itertools
import math

import torch

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    check(
        lambda: torch.as_tensor(min_p_filter(logits.clone(), 0.2)).softmax(-1),
        [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0.0],
        "probabilities 0.5, 0.3, 0.15, 0.05 and min_p = 0.2, after a new softmax",
        rtol=0.0001,
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    found["probabilities 0.5, 0.3, 0.15, 0.05 and min_p = 0.2, after a new softmax"] = Diagnosis(
        mistakes={
            "The bar is min_p times the largest probability, 0.2 * 0.5 = 0.1, and not 0.2 itself (absolute).": [
                0.625,
                0.375,
                0.0,
                0.0,
            ],
            "The tokens that are out become -inf, not 0.": lambda got: (
                isinstance(got, torch.Tensor) and bool((got > 0).all())
            ),
        },
        if_raises="Return logits, a tensor of the same shape.",
    )
    return found


# %% graded: 2 points | the bar is a share of the largest probability of each row, for logits of any shape.
def test_1() -> None:
    for case, (shape, min_p) in enumerate(
        [((4, 8), 0.2), ((3, 7), 0.1), ((2, 2, 9), 0.3), ((6, 6), 0.05), ((12,), 0.4)]
    ):
        rng = case_rng("min_p_filter", case)
        while True:
            logits = torch.tensor([rng.gauss(0, 1.4) for _ in range(math.prod(shape))]).reshape(
                shape
            )
            chances = logits.double().softmax(-1)
            largest = chances.amax(-1, keepdim=True)
            ranked, order = chances.sort(-1, descending=True)
            below_nucleus = torch.zeros_like(chances, dtype=torch.bool).scatter(
                -1, order, ranked.cumsum(-1) - ranked >= min_p
            )
            top = chances == largest
            keeps = {
                "The bar is absolute: min_p itself. It is min_p times the largest probability of the row.": (
                    chances >= min_p
                )
                | top,
                "The bar is absolute: min_p itself, and may drop all. It is min_p times the largest probability.": chances
                >= min_p,
                "You compared logits with a share of the largest logit. Compare probabilities: logits are logarithms.": (
                    logits >= min_p * logits.amax(-1, keepdim=True)
                ),
                "The bar is the largest probability less min_p, a difference. It is min_p times the largest.": chances
                >= largest - min_p,
                "The bar is a share of the mean probability. It is a share of the largest.": (
                    chances >= min_p * chances.mean(-1, keepdim=True)
                ),
                "Only what is unlikely stayed: the opposite. Keep the tokens at or above the bar.": chances
                < min_p * largest,
                "This is top-p: you summed probabilities. Compare each one with min_p times the largest.": ~below_nucleus,
                "You took a logarithm to another base. Logits are natural logarithms.": (
                    logits - logits.amax(-1, keepdim=True) >= math.log10(min_p)
                ),
                "You took a logarithm to the base 2. Logits are natural logarithms.": (
                    logits - logits.amax(-1, keepdim=True) >= math.log2(min_p)
                ),
                "You divided by the largest probability. The bar is min_p times the largest.": chances
                >= min_p / largest,
                "The largest probability entered twice. The bar is min_p times the largest.": chances
                >= min_p * largest**2,
                "One less the largest is no part of it. The bar is min_p times the largest.": chances
                >= min_p * (1 - largest),
                "The difference of logits was compared with min_p. Compare the ratio of probabilities.": (
                    logits.amax(-1, keepdim=True) - logits <= min_p
                ),
            }
            if len(shape) > 1:
                keeps[
                    "The largest probability of the whole batch set the bar. Each row has a largest one of its own."
                ] = chances >= min_p * chances.max()
                keeps[
                    "The largest along the first dimension set the bar. Each row of the last dimension has a largest one of its own."
                ] = chances >= min_p * chances.amax(0, keepdim=True)
            stay = chances >= min_p * largest
            # No token so near to the bar that rounding would decide; every mistake shows.
            clear = bool(((chances / (min_p * largest)).log().abs() > 5e-3).all())
            # In the first case all mistakes differ from one another as well, so that each is called by its name.
            values = [stay, *keeps.values()]
            pairs = (
                itertools.combinations(values, 2)
                if case == 0
                else ((stay, wrong) for wrong in values[1:])
            )
            if clear and all(not torch.equal(one, other) for one, other in pairs):
                break
        wanted = logits.masked_fill(~stay, -math.inf)
        mistakes = {hint: logits.masked_fill(~keep, -math.inf) for hint, keep in keeps.items()}
        mistakes |= {
            "What is out must become -inf, not 0: a logit of 0 keeps a probability.": logits.masked_fill(
                ~stay, 0.0
            ),
            "These are probabilities. Return logits, so that the next filter can go on.": (
                lambda got, wanted=wanted: (
                    isinstance(got, torch.Tensor)
                    and got.shape == wanted.shape
                    and bool(((got >= 0) & (got <= 1)).all())
                )
            ),
            "What is out must become -inf, not a finite number.": (
                lambda got: (
                    isinstance(got, torch.Tensor)
                    and bool(got.isfinite().all())
                    and bool((got < -100).any())
                )
            ),
        }
        check(
            lambda: min_p_filter(logits.clone(), min_p),
            wanted,
            f"logits of shape {shape}, min_p = {min_p}",
            mistakes=mistakes,
            otherwise="A token stays when its probability is at least min_p times the largest of its row; others become -inf.",
            if_raises="The logits may have any number of dimensions; work along the last one.",
        )


# %% graded: 1 point | a probability exactly at the bar stays, logits may be large, and the given ones stay as they were.
def test_2() -> None:
    out = -math.inf
    for row, wanted in (
        ([2.0, 5.0, 1.0, 5.0], [out, 5.0, out, 5.0]),
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        ([-3.0, -1.0, -2.0], [out, -1.0, out]),
    ):
        check(
            lambda: min_p_filter(torch.tensor(row), 1.0),
            torch.tensor(wanted),
            f"logits {row}, min_p = 1",
            mistakes={
                "A probability equal to the bar stays: it has to be at least min_p times the largest, not more.": [
                    out
                ]
                * len(row)
            },
            otherwise="With min_p = 1 the most likely token stays, with all that are as likely.",
        )
    for shift in (0.0, 1000.0, -1000.0):
        row = [shift + value for value in (0.0, -1.0, -2.0, -8.0)]
        check(
            lambda: min_p_filter(torch.tensor([row, row]), 0.2),
            torch.tensor([[row[0], row[1], out, out]] * 2),
            f"logits {row}, min_p = 0.2",
            mistakes={
                "Powers overflow or underflow, and all tokens stay. Subtract the largest logit first, or use a stable softmax.": torch.tensor(
                    [row, row]
                ),
                "The powers overflow, and no token is left. Use a stable softmax.": torch.full(
                    (2, 4), out
                ),
            },
            otherwise="Only differences of logits count: adding 1,000 to all changes nothing. A stable softmax does not overflow.",
        )
    logits = torch.tensor([[0.0, -1.0, -2.0], [3.0, 1.0, 2.5]])
    with inputs_unchanged(logits):
        check(
            lambda: min_p_filter(logits, 0.3),
            torch.tensor([[0.0, -1.0, out], [3.0, out, 2.5]]),
            "min_p = 0.3, the logits are used again afterwards",
        )
