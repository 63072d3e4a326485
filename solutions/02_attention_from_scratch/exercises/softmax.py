"""Softmax: probabilities from logits of any size and sign, along any dimension, written without torch's own."""

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
HINTS = (
    """
exp(x - c) / sum exp(x - c) is the same for every c. Which c keeps all powers at 1 or below?
""",
    """
Subtract the maximum along `dim`, take `exp`, divide by the sum along `dim`. With `keepdim=True`
both the maximum and the sum keep a dimension of size 1, so they broadcast.
""",
)
EXPLANATION = """
A softmax does not change when the same number is taken from every logit of a row. With the row's
largest logit taken, the largest power is exp(0) = 1: nothing overflows, the sum is at least 1,
and exp(-inf) is 0 as it should be. The maximum has to be that of the row: the maximum of the
whole tensor would let another row underflow to 0/0. `keepdim=True` makes maximum and sum
broadcast along `dim`, whatever number of dimensions there are.
"""

# %% helpers
import math

import torch

from utils.notebook.checks import (
    SOFTMAX_CALLS,
    AnyOf,
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    forbidden,
    inputs_unchanged,
    not_finite,
    other_shape,
    same,
)


def shifted_powers(logits, dim=-1, base=math.e):
    logits = torch.as_tensor(logits, dtype=torch.float64)
    return torch.tensor(base, dtype=torch.float64) ** (logits - logits.amax(dim=dim, keepdim=True))


def right_softmax(logits, dim=-1, base=math.e):
    powers = shifted_powers(logits, dim, base)
    return powers / powers.sum(dim=dim, keepdim=True)


# %% examples
def examples(check):
    row = torch.tensor([1.0, 2.0, 5.0]).log()
    two_columns = torch.stack([row, row.flip(0)], dim=1)
    check(lambda: softmax(row.clone()), [0.125, 0.25, 0.625], "the logarithms of 1, 2 and 5")
    check(lambda: softmax(row + 10_000), [0.125, 0.25, 0.625], "the same plus 10,000", atol=0.002)
    columns = [[0.125, 0.625], [0.25, 0.25], [0.625, 0.125]]
    check(lambda: softmax(two_columns, dim=0), columns, "two columns, dim=0")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    right = torch.tensor([0.125, 0.25, 0.625])
    columns = torch.tensor([[1.0, 5.0], [2.0, 2.0], [5.0, 1.0]])
    return {
        "the logarithms of 1, 2 and 5": Diagnosis(
            mistakes={
                "These are powers. Divide them by their sum.": AnyOf(
                    8 * right, right / right.amax()
                ),
                "These are logarithms of probabilities: return the probabilities.": right.log(),
                "The exponential is missing: you divided the logits by their sum.": (
                    8 * right
                ).log()
                / (8 * right).log().sum(),
                "This is the sigmoid of each logit. The entries of a row compete: they sum to 1.": (
                    8 * right
                )
                .log()
                .sigmoid(),
            },
            otherwise="Take the exponential of each logit and divide by the sum along `dim`.",
        ),
        "the same plus 10,000": Diagnosis(
            mistakes={
                "exp overflows at large logits. Subtract the largest one first: the weights do not change.": not_finite
            },
            otherwise="Adding the same number to every logit must not change the result: subtract the largest one first.",
        ),
        "two columns, dim=0": Diagnosis(
            mistakes={
                "The argument `dim` has no effect: with dim=0 each column sums to 1.": columns
                / columns.sum(-1, keepdim=True)
            },
            if_raises="Keep the summed dimension (`keepdim=True`), so that the sums divide their own column.",
            otherwise="With dim=0 each column sums to 1.",
        ),
    }


# %% graded: 2 points | probabilities along the given dimension, the last by default, for tensors of any shape.
def test_sums_to_one_along_the_dimension() -> None:
    long = case_rng("softmax", "length").randint(70, 130)
    shapes = [((3, 3), None), ((2, 3, 4), None), ((5,), None), ((1, 4), None), ((2, long), None)]
    shapes += [((4, 3, 2), 0), ((2, 5, 3), 1), ((3, 2, 4, 2), -2)]
    for case, (shape, dim) in enumerate(shapes):
        logits, along = case_tensor("softmax", case, *shape, scale=1.5), -1 if dim is None else dim
        exact, powers, wanted = (
            logits.double(),
            shifted_powers(logits, along),
            right_softmax(logits, along),
        )
        # Without keepdim the largest logits of the rows stand along the columns.
        crossed, matrix = (
            (exact - exact.amax(dim=-1)).exp() if shape == (3, 3) else None,
            len(shape) > 1,
        )
        mistakes = {
            "Without the argument, the last dimension sums to 1: the default is dim=-1.": (
                AnyOf(
                    right_softmax(logits, 0),
                    right_softmax(logits, 1) if len(shape) > 2 else AnyOf(),
                )
                if dim is None and matrix
                else AnyOf()
            ),
            "The argument `dim` has no effect: sum along the dimension that it names.": (
                AnyOf()
                if dim is None
                else AnyOf(right_softmax(logits, -1), right_softmax(logits, 0))
            ),
            "A reshape to rows takes the entries in the order of memory, not along `dim`: move that dimension to the end first.": (
                AnyOf()
                if dim is None
                else right_softmax(logits.reshape(-1, shape[along])).reshape(shape)
            ),
            "The sums lost their dimension and divide along the wrong one. Keep it: `keepdim=True`.": (
                powers / powers.sum(dim=-1) if shape == (3, 3) else AnyOf()
            ),
            "The largest logits lost their dimension: each is subtracted in another row. Keep it: `keepdim=True`.": (
                AnyOf(crossed / crossed.sum(dim=-1, keepdim=True), crossed / crossed.sum(dim=-1))
                if shape == (3, 3)
                else AnyOf()
            ),
            "These sum to the number of logits: divide by the sum of the powers, not by their mean.": (
                wanted * shape[along]
            ),
            "The whole tensor sums to 1. Each row has a sum of its own, along `dim`.": (
                AnyOf(powers / powers.sum(), exact.exp() / exact.exp().sum()) if matrix else AnyOf()
            ),
            "These are powers of two. The softmax uses the natural exponential, `exp`.": AnyOf(
                right_softmax(logits, along, 2.0), 2**exact
            ),
            "The exponential is missing: you divided the logits by their sum.": exact
            / exact.sum(along, keepdim=True),
            "This is the logarithm of the softmax. Return the probabilities.": wanted.log(),
            "This is the sigmoid of each logit. The entries of a row compete: they sum to 1.": exact.sigmoid(),
            "The logits were divided by the square root of their number. The softmax has no scale of its own.": (
                right_softmax(logits / shape[along] ** 0.5, along)
            ),
            "These are powers that do not sum to 1: divide by their sum along `dim`.": AnyOf(
                powers, exact.exp()
            ),
            "The sign is wrong: a larger logit gets a larger probability.": right_softmax(
                -logits, along
            ),
            "The probabilities must have the shape of the logits.": other_shape(*shape),
            "The ratios are right, but a row does not sum to 1: divide by the sum of the powers, and add nothing to it.": (
                lambda got: same(got / got.sum(along, keepdim=True), wanted, 1e-4, 1e-6)
            ),
            "These are right to some digits only: do not round, and do not compute in half precision.": (
                lambda got: same(got, wanted, 1e-2, 2e-3)
            ),
        }
        with forbidden(*SOFTMAX_CALLS):
            check(
                lambda: (
                    softmax(logits.clone()) if dim is None else softmax(logits.clone(), dim=dim)
                ),
                wanted,
                f"logits of the shape {shape}" + ("" if dim is None else f", dim={dim}"),
                rtol=1e-4,
                atol=1e-6,
                mistakes=mistakes,
                if_raises="Keep the summed dimension (`keepdim=True`); the tensor may have any number of dimensions.",
                otherwise="Each entry is its exponential, divided by the sum of the exponentials along `dim`.",
            )


# %% graded: 1 point | logits of size 1e4 of either sign, and rows of very different size in one tensor.
def test_is_stable_for_large_logits() -> None:
    small = case_tensor("softmax", "stable", 4).double().round(decimals=2)
    cases = (
        (
            "logits near 10,000",
            (10_000 + small)[None],
            "exp overflows at large logits. Subtract the largest logit of the row first: it cancels.",
        ),
        (
            "logits of 10,000, 0 and -10,000 in one row",
            [[10_000.0, 0.0, -10_000.0, 9_999.0]],
            "Powers still overflow: subtract the largest logit of the row, not its mean nor its smallest one.",
        ),
        (
            "all logits near -10,000",
            (small - 10_000)[None],
            "All powers underflowed to 0. Subtract the largest logit, negative as it is, and not an absolute value.",
        ),
        (
            "one row near 10,000, one near 0 and one near -10,000",
            torch.stack([level + small for level in (10_000, 0, -10_000)]),
            "A whole row underflowed to 0. Subtract from each row its own largest logit, not that of the whole tensor.",
        ),
        (
            "a row of 99 small logits, and 10,000 at its end",
            [[*case_tensor("softmax", "tail", 99).tolist(), 10_000.0]],
            "exp overflows at large logits. The largest one of the whole row is subtracted, wherever it stands.",
        ),
        (
            "columns of very different size, dim=0",
            [[10_000.0, 3.0], [9_998.0, 1.0]],
            "Subtract the largest logit along `dim`, the same dimension as the sum: each column its own.",
        ),
    )
    for what, logits, hint in cases:
        given, dim = torch.as_tensor(logits).float(), 0 if "dim=0" in what else -1
        wanted = right_softmax(given, dim)
        with forbidden(*SOFTMAX_CALLS):
            check(
                lambda: softmax(given.clone()) if dim else softmax(given.clone(), dim=0),
                wanted,
                what,
                atol=2e-3,  # exp(x - logsumexp(x)) in float32 is good to 5e-4 at logits of this size
                mistakes={
                    hint: not_finite,
                    "The logits were clamped (clipped) before the exponential: large ones that differ must get different"
                    " weights.": AnyOf(
                        right_softmax(given.clamp(min=-10_000), dim),
                        *(
                            right_softmax(given.clamp(-most, most), dim)
                            for most in (20, 50, 80, 88, 100)
                        ),
                    ),
                },
                otherwise="The result must be as good for large logits as for small ones: exp(x - c) with the row's largest"
                " logit as c.",
            )


# %% graded: 1 point | a logit of -inf gets the weight 0, and the logits stay as they were.
def test_gives_minus_infinity_no_weight() -> None:
    inf = math.inf
    cases = {
        "one masked logit": [[0.5, -inf, 1.5]],
        "masked logits among negative ones": [[-inf, -3.0, -3.0, -inf]],
        "one logit left": [[-inf, -7.0, -inf], [4.0, 4.0, -inf]],
        "a masked logit beside huge ones": [[-inf, 10_000.0, 10_000.0]],
        "masked logits beside some near -10,000": [[-inf, -10_001.0, -10_000.0, -inf]],
        "no masked logit": case_tensor("softmax", "unchanged", 2, 3).tolist(),
    }
    for what, logits in cases.items():
        given = torch.tensor(logits)
        as_zero = right_softmax(given.nan_to_num(neginf=0.0))
        nan_hint = (
            "All powers of the row underflowed to 0. Its largest logit is -10,000: do not put a 0 for -inf before the maximum."
            if "near -10,000" in what
            else "A row with a logit of -inf became NaN. exp(-inf) is 0; only -inf minus -inf, or a mean with it, is NaN."
        )
        with forbidden(*SOFTMAX_CALLS), inputs_unchanged(given):
            check(
                lambda: softmax(given),
                right_softmax(given),
                what,
                atol=2e-3,
                mistakes={
                    "A logit of -inf counts as 0 here. Leave it: exp(-inf) is 0, so a masked entry gets weight 0.": as_zero,
                    "A finite number stands in for -inf, -10,000 say. Leave it: a logit may be as low as that.": AnyOf(
                        *(
                            right_softmax(one)
                            for low in (-1e4, -1e3, -100.0)
                            for one in (given.double().nan_to_num(neginf=low), given.clamp(min=low))
                        )
                    ),
                    nan_hint: not_finite,
                },
                otherwise="A logit of -inf gets the weight 0, and the others share the 1 by their exponentials.",
            )
            check(
                lambda: softmax(given) * given.isneginf(),
                torch.zeros_like(given),
                f"{what}: the weights of -inf",
                atol=0.0,
                otherwise="The weight of a logit of -inf is exactly 0, and not a small number: do not clamp, add no eps.",
            )
