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
    wide = x.to(torch.promote_types(x.dtype, torch.float32))  # 300 squared is too much for float16
    root = (wide.pow(2).mean(-1, keepdim=True) + eps).sqrt()
    return (wide / root).to(x.dtype) * weight
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
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    centred = wide - wide.mean(-1, keepdim=True)
    deviation = (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt()
    return (centred / deviation).to(x.dtype) * weight + bias
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

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_nothing_kept,
    inputs_unchanged,
    not_finite,
)

# The equal sizes show a gain that runs along another dimension, which no error tells there.
SHAPES = ((2, 3, 5), (3, 4), (2, 2, 3, 6), (7,), (2, 130), (4, 4), (3, 3, 3), (1, 4, 5))
EPS = 0.7  # large, so that its place matters
ANY_DIMENSIONS = "x may have any number of dimensions; only the last one is normalised."
OWN_GAIN = "Each feature has its own gain: the weight (D,) runs along the last dimension."
OWN_POSITION = "Each position is normalised alone, over the last dimension (its features)."
OF_X = "The result has the shape of x: its dimensions stay apart, those of size 1 too."
VIEW = "x may be a transposed view, which `view` refuses. Take x as it is, or `reshape`."
ONE_FEATURE = "A single feature is normalised as several are."
AS_GIVEN = "eps is used as it is given, 0 or a small one too: no default and no floor in its place."


def check_rare(name, answer, reference, drawn_vectors):
    """Small numbers with a small eps or none, a single feature, and a transposed view."""
    x, *vectors = drawn_vectors(name, "small", (2, 6))
    for eps in (0.0, 1e-9):
        check(
            lambda: answer(x / 1000, *vectors, eps),
            reference(x / 1000, *vectors, eps),
            f"{name} of numbers around 0.001, eps {eps}",
            rtol=1e-4,
            atol=1e-5,
            otherwise=AS_GIVEN,
        )
    one, *vectors = drawn_vectors(name, "one", (3, 1))
    check(
        lambda: answer(one.clone(), *vectors, EPS),
        reference(one, *vectors, EPS),
        f"{name} of a single feature",
        rtol=1e-4,
        atol=1e-5,
        otherwise=ONE_FEATURE,
    )
    view, *vectors = drawn_vectors(name, "view", (3, 2, 4))
    check(
        lambda: answer(view.transpose(0, 1), *vectors, EPS),
        reference(view.transpose(0, 1), *vectors, EPS),
        f"{name} of a transposed view",
        rtol=1e-4,
        atol=1e-5,
        if_raises=VIEW,
    )


def drawn(exercise, case, shape):
    """x off centre, so that a mean matters, with a weight and a bias."""
    generator = torch.Generator().manual_seed(case_rng(exercise, case).getrandbits(60))
    x = 1.5 + torch.randn(shape, generator=generator, dtype=torch.float64)
    weight = 0.3 + 1.5 * torch.rand(shape[-1], generator=generator, dtype=torch.float64)
    return x, weight, torch.randn(shape[-1], generator=generator, dtype=torch.float64)


def mean(x, dims=-1):
    return x.mean(dims, keepdim=True)


def root(x, eps=EPS, dims=-1):
    """The root of the mean square, eps inside."""
    return (mean(x.pow(2), dims) + eps).sqrt()


def reference_rms(x, weight, eps):
    return x / root(x, eps) * weight


def reference_layer(x, weight, bias, eps):
    return (x - mean(x)) / root(x - mean(x), eps) * weight + bias


def along(x, vector):
    """The vector along each other dimension of its size, as views that broadcast to x."""
    for dim in range(x.dim() - 1):
        if x.shape[dim] == len(vector):
            yield vector.reshape(-1, *[1] * (x.dim() - 1 - dim))


def other_dims(x):
    """Dimensions that a mean over positions or over everything may run over."""
    return [dims for dims in (-2, 0, (-2, -1), tuple(range(x.dim()))) if x.dim() > 1]


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
def test_rms_norm() -> None:
    for case, shape in enumerate(SHAPES):
        x, weight, _ = drawn("rms_norm", case, shape)
        centred = x - mean(x)
        check(
            lambda: rms_norm(x.clone(), weight.clone(), EPS),
            x / root(x) * weight,
            f"rms_norm of a tensor of shape {shape}, eps {EPS}",
            rtol=1e-4,
            atol=1e-5,
            mistakes={
                "RMSNorm does not subtract the mean, and divides by the root mean square around zero. That is LayerNorm.": AnyOf(
                    centred / root(centred) * weight, x / root(centred) * weight
                ),
                "eps stands outside the root. Add it to the mean square, then take the root.": (
                    x / (root(x, 0) + EPS) * weight
                ),
                "The argument eps is not used: add it to the mean square, inside the root.": AnyOf(
                    x / root(x, 0) * weight, x / root(x, 1e-5) * weight
                ),
                "This is the sum of squares. Take their mean: divide by the number of features.": (
                    x / (x.pow(2).sum(-1, keepdim=True) + EPS).sqrt() * weight
                ),
                "The weight is missing, or divides: multiply each feature by its gain.": AnyOf(
                    x / root(x), x / root(x) / weight
                ),
                "You multiplied by the root mean square. Divide by it.": x * root(x) * weight,
                "You multiplied by 1 + weight. The weight itself is the gain.": (
                    x / root(x) * (1 + weight)
                ),
                "The root is missing: divide by the root of the mean square.": (
                    x / root(x) ** 2 * weight
                ),
                f"The mean is over other dimensions. {OWN_POSITION}": AnyOf(
                    *(x / root(x, EPS, dims) * weight for dims in other_dims(x))
                ),
                OWN_GAIN: AnyOf(*(x / root(x) * gains for gains in along(x, weight))),
                "You divided by the mean absolute value. RMSNorm divides by the root mean square.": AnyOf(
                    x / (mean(x.abs()) + EPS) * weight, x / mean(x.abs()) * weight
                ),
                OF_X: lambda got: got.shape != x.shape and got.numel() == x.numel(),
            },
            otherwise=(
                "Divide x by the root of (mean square + eps) over the last dimension, then multiply"
                " by the weight."
            ),
            if_raises=ANY_DIMENSIONS,
        )
    check_rare("rms_norm", rms_norm, reference_rms, lambda *case: drawn(*case)[:2])
    first, second = (drawn("rms_norm", name, (2, 3, 4))[:2] for name in ("first", "second"))
    check_nothing_kept(
        rms_norm, reference_rms, (*first, EPS), (*second, 0.1), "rms_norm", rtol=1e-4, atol=1e-5
    )


# %% graded: 2 points | layer_norm over the last dimension, with weight, bias and eps.
def test_layer_norm() -> None:
    for case, shape in enumerate(SHAPES):
        x, weight, bias = drawn("layer_norm", case, shape)
        centred = x - mean(x)
        deviation = root(centred)
        scaled = centred / deviation

        def over(of_mean, of_variance):
            """Mean and variance over other dimensions."""
            moved = x - mean(x, of_mean)
            return moved / root(moved, EPS, of_variance) * weight + bias

        check(
            lambda: layer_norm(x.clone(), weight.clone(), bias.clone(), EPS),
            scaled * weight + bias,
            f"layer_norm of a tensor of shape {shape}, eps {EPS}",
            rtol=1e-4,
            atol=1e-5,
            mistakes={
                "This is the unbiased variance. Divide by the number of features n, not by n - 1 (correction=0 in torch).": AnyOf(
                    centred / (x.var(-1, keepdim=True) + EPS).sqrt() * weight + bias,
                    centred / (x.std(-1, keepdim=True) + EPS) * weight + bias,
                ),
                "The mean is not subtracted: centre x before you divide. This is RMSNorm with a bias.": AnyOf(
                    x / deviation * weight + bias, x / root(x) * weight + bias
                ),
                "You divided by the root mean square of x. LayerNorm divides by the standard deviation, around the mean.": (
                    centred / root(x) * weight + bias
                ),
                "eps stands outside the root. Add it to the variance, then take the root.": (
                    centred / (root(centred, 0) + EPS) * weight + bias
                ),
                "The argument eps is not used: add it to the variance, inside the root.": AnyOf(
                    *(centred / root(centred, eps) * weight + bias for eps in (0, 1e-5))
                ),
                "The bias is missing: add it at the end.": scaled * weight,
                "The bias is added in the wrong order: first times the weight, then plus the bias.": (
                    (scaled + bias) * weight
                ),
                "The weight is not the gain: multiply each feature by it, not by 1 or 1 + weight, nor divide.": AnyOf(
                    scaled + bias, scaled * (1 + weight) + bias, scaled / weight + bias
                ),
                "Weight and bias are swapped: times the weight, plus the bias.": scaled * bias
                + weight,
                "The bias is taken off. Add it.": scaled * weight - bias,
                "This is the sum of squares. The variance is their mean: divide by the number of features.": (
                    centred / (centred.pow(2).sum(-1, keepdim=True) + EPS).sqrt() * weight + bias
                ),
                "You multiplied by the standard deviation. Divide by it.": centred
                * deviation
                * weight
                + bias,
                "The root is missing: divide by the standard deviation, not by the variance.": (
                    centred / deviation**2 * weight + bias
                ),
                OWN_GAIN: AnyOf(
                    *(scaled * gains + bias for gains in along(x, weight)),
                    *(scaled * weight + offsets for offsets in along(x, bias)),
                    *(
                        scaled * gains + offsets
                        for gains, offsets in zip(along(x, weight), along(x, bias), strict=True)
                    ),
                ),
                f"The mean, the variance or both are over other dimensions. {OWN_POSITION}": AnyOf(
                    *(
                        over(*dims)
                        for other in other_dims(x)
                        for dims in ((other, other), (other, -1), (-1, other))
                    )
                ),
                OF_X: lambda got: got.shape != x.shape and got.numel() == x.numel(),
            },
            otherwise=(
                "Subtract the mean, divide by the root of (biased variance + eps), multiply by the"
                " weight, add the bias."
            ),
            if_raises=ANY_DIMENSIONS,
        )
    check_rare("layer_norm", layer_norm, reference_layer, drawn)
    x, weight, bias = (one.float() for one in drawn("layer_norm", "far", (4, 40)))
    x = x + 3000
    check(
        lambda: layer_norm(x.clone(), weight.clone(), bias.clone()),
        reference_layer(x.double(), weight, bias, 1e-5),
        "float32 numbers around 3,000",
        rtol=0.02,
        atol=0.02,
        otherwise=(
            "The mean of the squares less the square of the mean has no digits left when the mean is"
            " large. Subtract the mean first, then square."
        ),
    )
    first, second = (drawn("layer_norm", name, (2, 3, 4)) for name in ("first", "second"))
    check_nothing_kept(
        layer_norm,
        reference_layer,
        (*first, EPS),
        (*second, 0.1),
        "layer_norm",
        rtol=1e-4,
        atol=1e-5,
    )


# %% graded: 1 point | the default eps of 1e-5, rows of zeros, and inputs that stay as they were.
def test_defaults_and_zeros() -> None:
    small = torch.tensor([[0.002, -0.001, 0.004, 0.003], [0.0, 0.0, 0.0, 0.0]], dtype=torch.float64)
    weight = torch.tensor([1.0, 0.5, 2.0, 1.5], dtype=torch.float64)
    bias = torch.tensor([0.25, -0.5, 0.0, 1.0], dtype=torch.float64)
    for name, call, values, shift in (
        ("rms_norm", lambda: rms_norm(small, weight), small, 0.0),
        ("layer_norm", lambda: layer_norm(small, weight, bias), small - mean(small), bias),
    ):
        with inputs_unchanged(small, weight, bias):
            check(
                call,
                values / root(values, 1e-5) * weight + shift,
                f"{name} of small numbers and of zeros, eps left out",
                rtol=1e-4,
                atol=1e-6,
                mistakes={
                    "The default eps is 1e-5, another one is used.": AnyOf(
                        *(
                            values / root(values, eps) * weight + shift
                            for eps in (1e-6, 1e-8, 1e-12, 1e-3)
                        )
                    ),
                    "Without eps a row of zeros gives NaN. Add eps inside the root.": not_finite,
                    "eps stands outside the root. Add it first, then take the root.": (
                        values / (root(values, 0) + 1e-5) * weight + shift
                    ),
                },
                otherwise=(
                    "Divide by the root of (mean square + 1e-5), for layer_norm after the mean is"
                    " subtracted; then multiply by the weight, and for layer_norm add the bias."
                ),
            )
    single = torch.tensor([[3.0, -4.0]])
    check(
        lambda: rms_norm(single.clone(), torch.ones(2)),
        single / 12.5**0.5,
        "a float32 tensor",
        rtol=1e-4,
        atol=1e-5,
    )
