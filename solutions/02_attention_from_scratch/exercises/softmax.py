"""Exercise `softmax` of notebook 02."""

# %% solution
import torch
from torch import Tensor


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Return exp(x) normalised to sum 1 along a dimension, for logits of any size.

    Args:
        x: logits of any shape; some, but not all in a row, may be `-inf`.
        dim: the dimension along which the result sums to 1.

    Returns:
        Probabilities of the shape of x; x itself is not modified.
    """
    ### BEGIN SOLUTION
    powers = (x - x.amax(dim=dim, keepdim=True)).exp()
    return powers / powers.sum(dim=dim, keepdim=True)
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import math

import torch

from utils.notebook.checks import Diagnosis, case_rng, check, forbidden, inputs_unchanged


torchs_own = (
    "torch.softmax",
    "torch.Tensor.softmax",
    "torch.nn.functional.softmax",
    "torch.special.softmax",
    "torch.log_softmax",
    "torch.Tensor.log_softmax",
    "torch.nn.functional.log_softmax",
    "torch.special.log_softmax",
)


# %% examples
def examples(check):
    import math

    row = torch.tensor([math.log(1.0), math.log(2.0), math.log(5.0)])
    check(
        lambda: softmax(row.clone()),
        torch.tensor([0.125, 0.25, 0.625]),
        "the logarithms of 1, 2 and 5",
        rtol=0.0001,
    )
    check(
        lambda: softmax(row.clone() + 10000),
        torch.tensor([0.125, 0.25, 0.625]),
        "the same plus 10,000",
        atol=0.002,
    )
    check(
        lambda: softmax(torch.stack([row, row.flip(0)], dim=1), dim=0),
        torch.tensor([[0.125, 0.625], [0.25, 0.25], [0.625, 0.125]]),
        "two columns, dim=0",
        rtol=0.0001,
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    row = torch.tensor([math.log(1.0), math.log(2.0), math.log(5.0)])
    found["the logarithms of 1, 2 and 5"] = Diagnosis(
        mistakes={
            "These are powers. Divide them by their sum.": torch.tensor([1.0, 2.0, 5.0]),
            "These are logarithms of probabilities: return the probabilities.": torch.tensor(
                [0.125, 0.25, 0.625]
            ).log(),
        },
        otherwise="Take the exponential of each logit and divide by the sum along `dim`.",
    )
    found["the same plus 10,000"] = Diagnosis(
        mistakes={
            "exp overflows at large logits. Subtract the largest one first: the weights do not change.": lambda got: (
                isinstance(got, torch.Tensor) and bool(got.isnan().any())
            )
        }
    )
    found["two columns, dim=0"] = Diagnosis(
        if_raises="Keep the summed dimension (`keepdim=True`), so that the sums divide their own column.",
        otherwise="With dim=0 each column sums to 1.",
    )
    return found


# %% graded: 2 points | probabilities along the given dimension, the last by default, for tensors of any shape.
def test_1() -> None:
    def powers_of(x, dim, base=torch.e):
        x = x.double()
        return torch.tensor(base, dtype=torch.float64) ** (x - x.amax(dim=dim, keepdim=True))

    def rows(x, dim, base=torch.e):
        powers = powers_of(x, dim, base)
        return powers / powers.sum(dim=dim, keepdim=True)

    cases = [
        ((3, 3), None),
        ((2, 3, 4), None),
        ((5,), None),
        ((4, 3, 2), 0),
        ((2, 5, 3), 1),
        ((3, 2, 4, 2), -2),
    ]
    for case, (shape, dim) in enumerate(cases):
        rng = case_rng("softmax", case)
        logits = (
            torch.randn(shape, generator=torch.Generator().manual_seed(rng.getrandbits(40))) * 1.5
        )
        along = -1 if dim is None else dim
        wanted = rows(logits, along)

        def mistakes():
            powers = powers_of(logits, along)
            found = {}
            if dim is None and len(shape) > 1:
                found[
                    "Without the argument, the last dimension sums to 1: the default is dim=-1."
                ] = rows(logits, 0)
            if dim is not None:
                found[
                    "The argument `dim` has no effect: sum along the dimension that it names."
                ] = rows(logits, -1)
                found[
                    "The argument `dim` has no effect: the result sums to 1 along the first dimension."
                ] = rows(logits, 0)
            if len(shape) > 1 and along == -1 and shape[-1] == shape[-2]:
                found[
                    "The sums lost their dimension and divide along the wrong one. Keep it: `keepdim=True`."
                ] = powers / powers.sum(dim=along)
            if len(shape) > 1:
                found[
                    "You divided by the sum over the whole tensor. Each row has a sum of its own, along `dim`."
                ] = powers / powers.sum()
                found["The whole tensor sums to 1. Each row has a sum of its own, along `dim`."] = (
                    logits.double().exp() / (logits.double().exp().sum())
                )
            found |= {
                "These are powers of two. The softmax uses the natural exponential, `exp`.": rows(
                    logits, along, 2.0
                ),
                "The exponential is missing: you divided the logits by their sum.": (
                    logits.double() / logits.double().sum(dim=along, keepdim=True)
                ),
                "This is the logarithm of the softmax. Return the probabilities.": wanted.log(),
                "This is the sigmoid of each logit. The entries of a row compete: they sum to 1.": logits.double().sigmoid(),
                "The logits were divided by the square root of their number. The softmax has no scale of its own.": rows(
                    logits / logits.shape[along] ** 0.5, along
                ),
                "These are powers that do not sum to 1: divide by their sum along `dim`.": powers,
                "These are exponentials that do not sum to 1: divide by their sum along `dim`.": logits.double().exp(),
                "The sign is wrong: a larger logit gets a larger probability.": rows(
                    -logits, along
                ),
                "The probabilities must have the shape of the logits.": (
                    lambda got: isinstance(got, torch.Tensor) and got.shape != logits.shape
                ),
            }
            return found

        with forbidden(*torchs_own):
            check(
                lambda: (
                    softmax(logits.clone()) if dim is None else softmax(logits.clone(), dim=dim)
                ),
                wanted,
                f"logits of the shape {shape}" + (f", dim={dim}" if dim is not None else ""),
                rtol=1e-4,
                atol=1e-6,
                mistakes=mistakes,
                if_raises="Keep the summed dimension (`keepdim=True`); the tensor may have any number of dimensions.",
                otherwise="Take exponentials and divide by their sum along `dim`.",
            )


# %% graded: 1 point | logits of size 1e4 of either sign, and rows of very different size in one tensor.
def test_2() -> None:
    def broken(got):
        return isinstance(got, torch.Tensor) and bool((got.isnan() | got.isinf()).any())

    def of(row):
        powers = torch.tensor(row, dtype=torch.float64).exp()
        return powers / powers.sum(dim=-1, keepdim=True)

    clamped = "The logits were clamped (clipped) before the exponential: large ones that differ must get different weights."
    small = [0.0, -1.0, -2.0, -0.5]
    cases = [
        (
            "logits just below 10,000",
            [[10_000 + value for value in small]],
            of([small]),
            {
                "exp overflows at large logits. Subtract the largest logit of the row first: it cancels.": broken
            },
        ),
        (
            "logits of 10,000, 0 and -10,000 in one row",
            [[10_000.0, 0.0, -10_000.0, 9_999.0]],
            of([[0.0, -9_000.0, -9_000.0, -1.0]]),
            {
                "Subtracting the mean is not stable: powers still overflow. Subtract the largest logit of the row.": broken
            },
        ),
        (
            "all logits near -10,000",
            [[-10_000 + value for value in small]],
            of([small]),
            {
                "All powers underflowed to 0. Subtract the largest logit, negative as it is, and not an absolute value.": broken
            },
        ),
        (
            "one row near 10,000, one near 0 and one near -10,000",
            [[level + value for value in small] for level in (10_000, 0, -10_000)],
            of([small] * 3),
            {
                "A whole row underflowed to 0. Subtract from each row its own largest logit, not that of the whole tensor.": broken
            },
        ),
    ]
    for what, logits, wanted, hints in cases:
        given = torch.tensor(logits)
        # exp(x - logsumexp(x)) is right too, and in float32 good to about 5e-4 at logits of this size.
        with forbidden(*torchs_own):
            check(
                lambda: softmax(given.clone()),
                wanted,
                what,
                atol=2e-3,
                mistakes={
                    **hints,
                    clamped: torch.full_like(wanted, 1 / wanted.shape[-1]),
                    clamped + " ": of(given.clamp(-80, 80).tolist()),
                },
                otherwise="The result must be as good for large logits as for small ones: subtract the row's largest one first.",
            )
    given = torch.tensor([[10_000.0, 3.0], [9_998.0, 1.0]])
    with forbidden(*torchs_own):
        check(
            lambda: softmax(given.clone(), dim=0),
            torch.cat([of([[0.0, -2.0]]).T] * 2, dim=1),
            "columns of very different size, dim=0",
            atol=2e-3,
            mistakes={
                "Subtract the largest logit along `dim`, the same dimension as the sum: each column its own.": broken,
            },
            otherwise="Subtract the largest logit along `dim`, the same dimension as the sum.",
        )


# %% graded: 1 point | a logit of -inf gets the weight 0, and the logits stay as they were.
def test_3() -> None:
    inf = float("inf")
    for what, logits, wanted in (
        ("one masked logit", [[0.5, -inf, 1.5]], [[0.268941421, 0.0, 0.731058579]]),
        ("masked logits among negative ones", [[-inf, -3.0, -3.0, -inf]], [[0.0, 0.5, 0.5, 0.0]]),
        (
            "one logit left",
            [[-inf, -7.0, -inf], [4.0, 4.0, -inf]],
            [[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]],
        ),
        ("a masked logit beside a huge one", [[-inf, 10_000.0, 10_000.0]], [[0.0, 0.5, 0.5]]),
    ):
        given = torch.tensor(logits)
        as_zero = torch.where(given.isinf(), 0.0, given).double()
        powers = (as_zero - as_zero.amax(dim=-1, keepdim=True)).exp()
        check(
            lambda: softmax(given.clone()),
            torch.tensor(wanted, dtype=torch.float64),
            what,
            atol=2e-3,
            mistakes={
                "A logit of -inf counts as 0 here. Leave it: exp(-inf) is 0, so a masked entry gets the weight 0.": (
                    powers / powers.sum(dim=-1, keepdim=True)
                ),
                "A row with a logit of -inf became NaN. exp(-inf) is 0; only -inf minus -inf, or a mean with it, is NaN.": (
                    lambda got: isinstance(got, torch.Tensor) and bool(got.isnan().any())
                ),
            },
            otherwise="A logit of -inf gets the weight 0, and the others share the 1.",
        )
    given = torch.tensor([[0.5, 2.0, -1.0], [3.0, 0.0, 1.0]])
    with inputs_unchanged(given):
        check(
            lambda: softmax(given),
            torch.tensor([[0.175290, 0.785597, 0.039113], [0.843795, 0.042010, 0.114195]]),
            "two rows of three",
            atol=1e-4,
        )
