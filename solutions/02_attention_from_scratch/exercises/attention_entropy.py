"""Exercise `attention_entropy` of notebook 02."""

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
    return -torch.special.xlogy(weights, weights).sum(dim=-1)
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import math

import torch

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    import math

    check(
        lambda: attention_entropy(
            torch.tensor([[0.25, 0.25, 0.25, 0.25], [0.5, 0.25, 0.125, 0.125]])
        ),
        torch.tensor([2 * math.log(2), 1.75 * math.log(2)]),
        "a uniform row and another one",
        rtol=0.0001,
    )
    check(
        lambda: attention_entropy(torch.tensor([[1.0, 0.0]])), torch.tensor([0.0]), "a row with a 0"
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["a uniform row and another one"] = Diagnosis(
        mistakes={
            "This is in bits. Use the natural logarithm: nats.": torch.tensor([2.0, 1.75]),
            "The sign is wrong: an entropy is not negative.": torch.tensor(
                [-2 * math.log(2), -1.75 * math.log(2)]
            ),
        }
    )
    found["a row with a 0"] = Diagnosis(
        mistakes={
            "log 0 is -inf, and 0 times -inf is NaN. Here 0 log 0 counts as 0.": lambda got: (
                isinstance(got, torch.Tensor) and bool(got.isnan().any())
            )
        }
    )
    return found


# %% graded: 2 points | one entropy in nats for each row, along the last dimension.
def test_1() -> None:
    for case, shape in enumerate([(3, 4, 5), (2, 3, 4, 6), (4, 3), (3, 3), (7,)]):
        generator = torch.Generator().manual_seed(
            case_rng("attention_entropy", case).getrandbits(40)
        )
        weights = torch.softmax(
            1.5 * torch.randn(shape, generator=generator, dtype=torch.float64), dim=-1
        )
        weights = torch.where(
            weights == weights.amin(dim=-1, keepdim=True), 0.004, weights
        )  # one small weight a row
        weights = (weights / weights.sum(dim=-1, keepdim=True)).float()
        exact = weights.double()
        terms = -exact * exact.log()
        wanted = terms.sum(dim=-1)
        # What each row gives with its largest weight alone, with its two largest ones, and so on.
        largest_only = terms.gather(-1, exact.argsort(dim=-1, descending=True)).cumsum(dim=-1)
        mistakes = {
            "This is in bits (log2). Use the natural logarithm: nats.": wanted / math.log(2),
            "This is with the decimal logarithm (log10). Use the natural one: nats.": wanted
            / math.log(10),
            "The sign is wrong: put a minus before the sum, an entropy is not negative.": -wanted,
            "This is the mean over the keys. The entropy is the sum of -w log w.": terms.mean(
                dim=-1
            ),
            "This is the perplexity, exp(entropy). Return the entropy.": wanted.exp(),
            "This is divided by log n, the largest possible entropy. Return nats, not normalised.": wanted
            / math.log(shape[-1]),
            "The logarithms are summed alone. Each is multiplied by its weight: -w log w.": -exact.log().sum(
                dim=-1
            ),
            "A softmax was applied to the weights. They are probabilities already.": (
                lambda again: (-again * again.log()).sum(dim=-1)
            )(torch.softmax(exact, dim=-1)),
            "Small weights were cut off (a threshold, or clamped). Only a weight of exactly 0 needs care.": (
                lambda got: (
                    isinstance(got, torch.Tensor)
                    and got.shape == wanted.shape
                    and bool(
                        (
                            (largest_only - got.double().unsqueeze(-1)).abs().amin(dim=-1) < 1e-4
                        ).all()
                    )
                )
            ),
            "NaN came out of positive weights.": lambda got: (
                isinstance(got, torch.Tensor) and bool(got.isnan().any())
            ),
        }
        if len(shape) > 1:
            mistakes |= {
                "The sum runs over the queries (dim=-2). A row is a query: sum over the last dimension.": terms.sum(
                    dim=-2
                ),
                "This is one number for the whole tensor. Each query, each row, has its own: sum over the last dimension.": (
                    terms.sum()
                ),
                "This is one mean for the whole tensor. Each query, each row, has its own entropy.": wanted.mean(),
                "The last dimension was kept (keepdim). The result has the shape of the weights without it.": (
                    wanted.unsqueeze(-1)
                ),
            }
        if len(shape) > 2:
            mistakes[
                "These are averaged over queries or heads. Each row has its own: only the last dimension goes away."
            ] = lambda got: isinstance(got, torch.Tensor) and got.dim() < wanted.dim()
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


# %% graded: 1 point | 0 log 0 is 0, and the weights stay as they were.
def test_2() -> None:
    weights = torch.tensor(
        [
            [1.0, 0.0, 0.0, 0.0],
            [0.5, 0.5, 0.0, 0.0],
            [0.25, 0.25, 0.25, 0.25],
            [0.5, 0.0, 0.25, 0.25],
        ]
    )
    wanted = torch.tensor(
        [0.0, math.log(2), 2 * math.log(2), 1.5 * math.log(2)], dtype=torch.float64
    )
    for given, right in (
        (weights, wanted),
        (weights.expand(2, 3, 4, 4).clone(), wanted.expand(2, 3, 4)),
    ):
        with inputs_unchanged(given):
            check(
                lambda: attention_entropy(given),
                right,
                "rows with zeros, as under a causal mask",
                rtol=1e-4,
                atol=1e-6,
                mistakes={
                    "log 0 is -inf, and 0 times -inf is NaN. Here 0 log 0 counts as 0.": (
                        lambda got: isinstance(got, torch.Tensor) and bool(got.isnan().any())
                    ),
                    "A row with some zeros got the entropy 0. Only the zeros count as 0, not the whole row: 0 log 0 = 0.": (
                        torch.where((given == 0).any(dim=-1), 0.0, right)
                    ),
                    "The zeros count for something. 0 log 0 is 0.": (
                        lambda got: (
                            isinstance(got, torch.Tensor)
                            and got.shape == right.shape
                            and bool((got.double() > right + 1e-4).any())
                        )
                    ),
                },
                otherwise="Only positive weights contribute -w log w; a 0 contributes 0.",
            )
