"""Exercise `rms_norm` with `layer_norm`: bring each position to one scale."""

# %% solution
import torch
from torch import Tensor


def rms_norm(x: Tensor, weight: Tensor, eps: float = 1e-5) -> Tensor:
    """Return x divided by its root mean square over the last dimension, times the weight.

    Args:
        x: (..., D).
        weight: gains (D,).
        eps: added to the mean square, inside the root.
    """
    ### BEGIN SOLUTION
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight
    ### END SOLUTION


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """Return x with mean 0 and variance 1 over the last dimension, times the weight, plus the bias.

    Args:
        x: (..., D).
        weight: gains (D,).
        bias: offsets (D,).
        eps: added to the biased variance, inside the root.
    """
    ### BEGIN SOLUTION
    centred = x - x.mean(-1, keepdim=True)
    return centred * torch.rsqrt(centred.pow(2).mean(-1, keepdim=True) + eps) * weight + bias
    ### END SOLUTION


# %% hints
HINTS = (
    "What is the mean taken over, and with which dimension kept?",
    (
        "RMSNorm: `x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight`. LayerNorm:"
        " subtract the mean first, take the biased variance, add `bias` at the end. In half"
        " precision compute in float32."
    ),
)
EXPLANATION = """
Both look at one position at a time: the mean runs over the features, with the dimension kept so
that it divides its own row. RMSNorm leaves the mean where it is and has no bias; LayerNorm
subtracts it. `eps` stands inside the root, where it bounds the division. Squares of float16
numbers overflow from 256 on, so the sum is taken in float32.
"""


# %% helpers
import torch

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    row, ones = torch.tensor([[1.0, 7.0]], dtype=torch.float64), torch.ones(2, dtype=torch.float64)
    scaled = "[1, 7] has the root mean square 5; weight 10"
    check(lambda: rms_norm(row.clone(), 10 * ones, eps=0.0), [[2.0, 14.0]], scaled)
    centred = "[1, 7] has mean 4 and standard deviation 3; bias 1"
    check(lambda: layer_norm(row.clone(), ones, ones, eps=0.0), [[0.0, 2.0]], centred)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    row = torch.tensor([[1.0, 7.0]], dtype=torch.float64)
    return {
        "[1, 7] has the root mean square 5; weight 10": Diagnosis(
            mistakes={
                "The weight has no effect: multiply each feature by its gain.": row / 5,
                "You divided by the root of the sum of squares. RMSNorm divides by the root of their mean.": (
                    row * 10 / 50**0.5
                ),
                "RMSNorm does not subtract the mean. That is LayerNorm.": [[-10.0, 10.0]],
                "You divided by the mean square. Take its root.": row * 10 / 25,
            },
            otherwise="Divide by the root of the mean of the squares, then multiply by the weight.",
        ),
        "[1, 7] has mean 4 and standard deviation 3; bias 1": Diagnosis(
            mistakes={
                "The bias has no effect: add it at the end.": [[-1.0, 1.0]],
                "You divided by n - 1. The variance here is the biased one: divide by the number of features.": (
                    (row - 4) / 18**0.5 + 1
                ),
                "The mean is not subtracted.": row / 3 + 1,
            },
            otherwise=(
                "Subtract the mean, divide by the standard deviation, times the weight, plus the"
                " bias."
            ),
        ),
    }


# %% graded: 2 points | rms_norm over the last dimension, with weight and eps.
def test_1() -> None:
    for case, shape in enumerate([(2, 3, 5), (3, 4), (2, 2, 3, 6), (7,)]):
        generator = torch.Generator().manual_seed(case_rng("rms_norm", case).getrandbits(60))
        # Off centre, so that a mean matters; a large eps, so that its place matters.
        x = 1.5 + torch.randn(shape, generator=generator, dtype=torch.float64)
        weight = 0.3 + 1.5 * torch.rand(shape[-1], generator=generator, dtype=torch.float64)
        eps = 0.7
        square = x.pow(2).mean(-1, keepdim=True)
        centred = x - x.mean(-1, keepdim=True)
        sideways = x.pow(2).mean(-2, keepdim=True) if x.dim() > 1 else square * float("nan")
        check(
            lambda: rms_norm(x.clone(), weight.clone(), eps),
            x / (square + eps).sqrt() * weight,
            f"rms_norm of a tensor of shape {shape}, eps {eps}",
            mistakes={
                "RMSNorm does not subtract the mean. That is LayerNorm.": (
                    centred / (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight
                ),
                "You divided by the standard deviation. RMSNorm divides by the root mean square, around zero and not around the mean.": (
                    x / (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight
                ),
                "eps stands outside the root. Add it to the mean square, then take the root.": (
                    x / (square.sqrt() + eps) * weight
                ),
                "eps is not used: add it to the mean square, inside the root.": (
                    x / square.sqrt() * weight
                ),
                "eps has no effect: you used 1e-5 instead of the argument.": (
                    x / (square + 1e-5).sqrt() * weight
                ),
                "This is the sum of squares. Take their mean: divide by the number of features.": (
                    x / (x.pow(2).sum(-1, keepdim=True) + eps).sqrt() * weight
                ),
                "The weight is missing: multiply each feature by its gain.": (
                    x / (square + eps).sqrt()
                ),
                "You multiplied by 1 + weight. The weight itself is the gain.": (
                    x / (square + eps).sqrt() * (1 + weight)
                ),
                "You divided by the weight. It is a gain: multiply.": (
                    x / (square + eps).sqrt() / weight
                ),
                "The root is missing: divide by the root of the mean square.": (
                    x / (square + eps) * weight
                ),
                "You averaged over the positions. Each position is normalised alone, over the last dimension (its features).": (
                    x / (sideways + eps).sqrt() * weight
                ),
                "You averaged over all dimensions. Each position is normalised alone, over the last dimension (its features).": (
                    x / (x.pow(2).mean() + eps).sqrt() * weight
                ),
                "You divided by the mean absolute value. RMSNorm divides by the root mean square.": lambda got: (
                    any(
                        torch.allclose(torch.as_tensor(got, dtype=torch.float64), wrong)
                        for wrong in (
                            x / (x.abs().mean(-1, keepdim=True) + eps) * weight,
                            x / x.abs().mean(-1, keepdim=True) * weight,
                        )
                    )
                ),
            },
            otherwise=(
                "Divide x by the root of (mean square + eps) over the last dimension, then multiply"
                " by the weight."
            ),
            if_raises="x may have any number of dimensions; only the last one is normalised.",
        )


# %% graded: 2 points | layer_norm over the last dimension, with weight, bias and eps.
def test_2() -> None:
    for case, shape in enumerate([(2, 3, 5), (3, 4), (2, 2, 3, 6), (7,)]):
        generator = torch.Generator().manual_seed(case_rng("layer_norm", case).getrandbits(60))
        x = 1.5 + torch.randn(shape, generator=generator, dtype=torch.float64)
        weight = 0.3 + 1.5 * torch.rand(shape[-1], generator=generator, dtype=torch.float64)
        bias = torch.randn(shape[-1], generator=generator, dtype=torch.float64)
        eps, n = 0.7, shape[-1]
        centred = x - x.mean(-1, keepdim=True)
        variance = centred.pow(2).mean(-1, keepdim=True)
        scaled = centred / (variance + eps).sqrt()
        across = x - x.mean()
        sideways = x - x.mean(-2, keepdim=True) if x.dim() > 1 else x * float("nan")
        pair = x - x.mean((-2, -1), keepdim=True) if x.dim() > 1 else x * float("nan")
        pair_variance = pair.pow(2).mean((-2, -1), keepdim=True) if x.dim() > 1 else variance
        positions = "Each position is normalised alone, over the last dimension (its features)."
        check(
            lambda: layer_norm(x.clone(), weight.clone(), bias.clone(), eps),
            scaled * weight + bias,
            f"layer_norm of a tensor of shape {shape}, eps {eps}",
            mistakes={
                "This is the unbiased variance. Divide by the number of features n, not by n - 1 (correction=0 in torch).": (
                    centred / (variance * n / (n - 1) + eps).sqrt() * weight + bias
                ),
                "The mean is not subtracted: centre x before you divide.": (
                    x / (variance + eps).sqrt() * weight + bias
                ),
                "This is RMSNorm with a bias. LayerNorm subtracts the mean first.": (
                    x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight + bias
                ),
                "You divided by the root mean square of x. LayerNorm divides by the standard deviation, around the mean.": (
                    centred / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight + bias
                ),
                "eps stands outside the root. Add it to the variance, then take the root.": (
                    centred / (variance.sqrt() + eps) * weight + bias
                ),
                "eps is not used: add it to the variance, inside the root.": (
                    centred / variance.sqrt() * weight + bias
                ),
                "eps has no effect: you used 1e-5 instead of the argument.": (
                    centred / (variance + 1e-5).sqrt() * weight + bias
                ),
                "The bias is missing: add it at the end.": scaled * weight,
                "The bias is added in the wrong order: first times the weight, then plus the bias.": (
                    (scaled + bias) * weight
                ),
                "The weight is missing: multiply each feature by its gain.": scaled + bias,
                "You multiplied by 1 + weight. The weight itself is the gain.": (
                    scaled * (1 + weight) + bias
                ),
                "The root is missing: divide by the standard deviation, not by the variance.": (
                    centred / (variance + eps) * weight + bias
                ),
                f"Mean and variance are over the positions. {positions}": (
                    sideways
                    / (sideways.pow(2).mean(-2 if x.dim() > 1 else -1, keepdim=True) + eps).sqrt()
                    * weight
                    + bias
                ),
                f"Mean and variance are over positions and features. {positions}": (
                    pair / (pair_variance + eps).sqrt() * weight + bias
                ),
                f"Mean and variance are over the whole tensor. {positions}": (
                    across / (across.pow(2).mean() + eps).sqrt() * weight + bias
                ),
            },
            otherwise=(
                "Subtract the mean, divide by the root of (biased variance + eps), multiply by the"
                " weight, add the bias."
            ),
            if_raises="x may have any number of dimensions; only the last one is normalised.",
        )


# %% graded: 1 point | the default eps of 1e-5, rows of zeros, and inputs that stay as they were.
def test_3() -> None:
    small = torch.tensor([[0.002, -0.001, 0.004, 0.003], [0.0, 0.0, 0.0, 0.0]], dtype=torch.float64)
    weight = torch.tensor([1.0, 0.5, 2.0, 1.5], dtype=torch.float64)
    bias = torch.tensor([0.25, -0.5, 0.0, 1.0], dtype=torch.float64)
    centred = small - small.mean(-1, keepdim=True)

    def by_default(values, eps):
        return values / (values.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight

    def defaults(values, shift):
        wrong = {
            f"The default eps is 1e-5, not {eps:g}.": by_default(values, eps) + shift
            for eps in (1e-6, 1e-8, 1e-12, 1e-3)
        }
        wrong["Without eps a row of zeros gives NaN. Add eps inside the root."] = lambda got: bool(
            torch.isnan(torch.as_tensor(got)).any()
        )
        wrong["eps stands outside the root. Add it first, then take the root."] = (
            values / (values.pow(2).mean(-1, keepdim=True).sqrt() + 1e-5) * weight + shift
        )
        return wrong

    with inputs_unchanged(small, weight):
        check(
            lambda: rms_norm(small, weight),
            by_default(small, 1e-5),
            "rms_norm of small numbers and of zeros, eps left out",
            mistakes=defaults(small, 0.0),
        )
    with inputs_unchanged(small, weight, bias):
        check(
            lambda: layer_norm(small, weight, bias),
            by_default(centred, 1e-5) + bias,
            "layer_norm of small numbers and of zeros, eps left out",
            mistakes=defaults(centred, bias),
        )
    single = torch.tensor([[3.0, -4.0]])
    check(
        lambda: rms_norm(single.clone(), torch.ones(2)),
        single / 12.5**0.5,
        "a float32 tensor",
        rtol=1e-4,
        atol=1e-5,
    )
