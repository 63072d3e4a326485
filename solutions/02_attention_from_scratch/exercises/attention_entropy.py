"""Entropy of attention weights in nats: how widely a head looks, with 0 log 0 = 0."""

# %% solution
import torch
from torch import Tensor


def attention_entropy(weights: Tensor) -> Tensor:
    """Return the entropy in nats of each row of attention weights.

    Args:
        weights: (..., S), each row sums to 1; zeros are allowed.

    Returns:
        Entropies (...), between 0 and log S, where 0 log 0 counts as 0.
    """
    ### BEGIN SOLUTION
    # The logarithm of 1 in place of that of 0: the product is 0, and so is its gradient.
    logarithms = torch.where(weights > 0, weights, 1.0).log()
    return -(weights * logarithms).sum(dim=-1)
    ### END SOLUTION


# %% hints
HINTS = (
    """
The entropy of a row is minus the sum of w log w. Which of its factors is a problem where w is 0?
""",
    """
Put a 1 where a weight is 0 before the logarithm (`torch.where(weights > 0, weights, 1.0).log()`),
multiply by the weights, sum over the last dimension, change the sign.
""",
)
EXPLANATION = """
A weight of 0 contributes nothing, since w log w goes to 0 with w; but computed as it stands it is
0 times -inf, which is NaN. So the logarithm is taken of 1 at these places. `torch.special.entr`
does the same, but its gradient at a 0 is infinite. Only exact zeros need this: a threshold or a
clamp would change small weights. The sum runs over the keys, the last dimension.
"""

# %% helpers
import math

import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    inputs_unchanged,
    not_finite,
)

SMALL = "Small weights were cut off (a threshold, or clamped), or an eps is too large. Only a weight of exactly 0 needs care."
ZEROS = "log 0 is -inf, and 0 times -inf is NaN. Here 0 log 0 counts as 0."


# %% examples
def examples(check):
    weights = torch.tensor([[0.25, 0.25, 0.25, 0.25], [0.5, 0.25, 0.125, 0.125]])
    bit = 0.6931472  # log 2: what one choice between two takes, in nats
    check(lambda: attention_entropy(weights), [2 * bit, 1.75 * bit], "a uniform row and another")
    check(lambda: attention_entropy(torch.tensor([[1.0, 0.0]])), [0.0], "a row with a 0")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    nats = torch.tensor([2.0, 1.75]) * math.log(2)
    return {
        "a uniform row and another": Diagnosis(
            mistakes={
                "This is in bits. Use the natural logarithm: nats.": nats / math.log(2),
                "The sign is wrong: an entropy is not negative.": -nats,
                "This is the mean over the keys. The entropy is the sum of -w log w.": nats / 4,
                "This is one number for the whole tensor. Each row has its own: sum over the last dimension.": (
                    AnyOf(nats.sum(), nats.mean())
                ),
            },
            otherwise="The entropy of a row is the sum of -w log w over the last dimension.",
        ),
        "a row with a 0": Diagnosis(
            mistakes={ZEROS: not_finite}, otherwise="A row that looks at one key has the entropy 0."
        ),
    }


# %% graded: 2 points | one entropy in nats for each row, along the last dimension.
def test_is_the_entropy_of_each_row() -> None:
    long = case_rng("attention_entropy", "length").randint(70, 120)
    for case, shape in enumerate(
        [(3, 4, 5), (2, 3, 4, 6), (4, 3), (3, 3), (7,), (2, long), (1, 1, 5)]
    ):
        weights = torch.softmax(case_tensor("attention_entropy", case, *shape, scale=1.5), dim=-1)
        # One small weight a row: a threshold would drop it.
        weights = torch.where(weights == weights.amin(dim=-1, keepdim=True), 0.004, weights)
        weights = weights / weights.sum(dim=-1, keepdim=True)
        exact = weights.double()
        terms = -exact * exact.log()
        wanted, again = terms.sum(dim=-1), torch.softmax(exact, dim=-1)
        # What each row gives with its largest weight alone, with its two largest ones, and so on.
        largest_only = terms.gather(-1, exact.argsort(dim=-1, descending=True)).cumsum(dim=-1)
        rows = len(shape) > 1
        mistakes = {
            "This is in bits (log2). Use the natural logarithm: nats.": wanted / math.log(2),
            "This is with the decimal logarithm (log10). Use the natural one: nats.": wanted
            / math.log(10),
            "The sign is wrong: put a minus before the sum, an entropy is not negative.": -wanted,
            "This is the mean over the keys. The entropy is the sum of -w log w.": terms.mean(
                dim=-1
            ),
            "This is the perplexity, exp(entropy). Return the entropy.": wanted.exp(),
            "This is divided by log n, the largest possible entropy. Return nats, not normalised.": (
                wanted / math.log(shape[-1])
            ),
            "This is how far the weights are from uniform ones: log S minus the entropy. Return the entropy.": (
                math.log(shape[-1]) - wanted
            ),
            "The logarithms are summed alone. Each is multiplied by its weight: -w log w.": -exact.log().sum(
                dim=-1
            ),
            "A softmax was applied to the weights. They are probabilities already.": -(
                again * again.log()
            ).sum(dim=-1),
            "The sum runs over the queries (dim=-2). A row is a query: sum over the last dimension.": (
                terms.sum(dim=-2) if rows else AnyOf()
            ),
            "The sum runs over the first dimension (dim=0), the batch. Sum over the last one, the keys.": (
                terms.sum(dim=0) if len(shape) > 2 else AnyOf()
            ),
            "A dimension of size 1 went away (squeeze): only the last one goes away, the keys.": (
                AnyOf(wanted.squeeze(), wanted.squeeze(0)) if 1 in shape else AnyOf()
            ),
            "This is one number for the whole tensor. Each query, each row, has its own: sum over the last dimension.": (
                AnyOf(terms.sum(), wanted.mean()) if rows else AnyOf()
            ),
            "The rows stand in one long line (flattened). The leading dimensions stay as they are.": (
                wanted.flatten() if len(shape) > 2 else AnyOf()
            ),
            "The last dimension was kept (keepdim). The result has the shape of the weights without it.": (
                wanted.unsqueeze(-1)
            ),
            "These are averaged or summed over queries or heads. Each row has its own: only the last dimension goes"
            " away.": (lambda got: len(shape) > 2 and got.dim() < wanted.dim()),
            SMALL: (
                lambda got: (
                    (largest_only - got.double().unsqueeze(-1)).abs().amin(dim=-1).amax().item()
                    < 1e-4
                )
            ),
            "NaN came out of positive weights.": not_finite,
        }
        check(
            lambda: attention_entropy(weights.clone()),
            wanted,
            f"weights of the shape {shape}",
            rtol=1e-4,
            atol=1e-5,
            mistakes=mistakes,
            if_raises="Weights may have any number of leading dimensions, and none.",
            otherwise="The entropy of a row is the sum of -w log w over the last dimension.",
        )
    keys = case_rng("attention_entropy", "keys").randint(12_000, 16_000)
    check(
        lambda: attention_entropy(torch.full((1, keys), 1 / keys)),
        [math.log(keys)],
        f"one query that looks at {keys:,} keys alike",
        atol=0.05,  # an eps of 1e-6 in the logarithm costs 0.016
        otherwise=SMALL,
    )


# %% graded: 1 point | 0 log 0 is 0, and the weights stay as they were.
def test_counts_zeros_as_nothing() -> None:
    few = [
        [1.0, 0.0, 0.0, 0.0],
        [0.5, 0.5, 0.0, 0.0],
        [0.25, 0.25, 0.25, 0.25],
        [0.5, 0.0, 0.25, 0.25],
    ]
    weights = torch.tensor(few)
    wanted = torch.tensor([0.0, 1.0, 2.0, 1.5], dtype=torch.float64) * math.log(2)
    for given, right in (
        (weights, wanted),
        (weights.expand(2, 3, 4, 4).clone(), wanted.expand(2, 3, 4)),
    ):
        mistakes = {
            ZEROS: not_finite,
            "A row with some zeros got the entropy 0. Only the zeros count as 0, not the whole row: 0 log 0 = 0.": (
                torch.where((given == 0).any(dim=-1), 0.0, right)
            ),
            # Rows without a zero have to be right: what is wrong there too is another mistake.
            "The zeros count for something. 0 log 0 is 0.": lambda got: (
                bool((got.double() > right + 1e-4).any())
                and bool(((got.double() - right).abs() < 2e-2)[(given > 0).all(dim=-1)].all())
            ),
        }
        with inputs_unchanged(given):
            check(
                lambda: attention_entropy(given),
                right,
                "rows with zeros, as under a causal mask",
                rtol=1e-4,
                atol=1e-5,
                mistakes=mistakes,
                otherwise="Only positive weights contribute -w log w; a 0 contributes 0.",
            )
