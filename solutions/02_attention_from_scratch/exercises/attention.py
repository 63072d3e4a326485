"""Scaled dot-product attention: a soft look-up, with a mask, for any number of leading dimensions."""

# %% solution
import torch
from torch import Tensor


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return scaled dot-product attention (Vaswani et al., 2017) and its weights.

    Args:
        q: queries (..., T, d).
        k: keys (..., S, d).
        v: values (..., S, e).
        mask: boolean (..., T, S), True = the query may use the key; None = every query may use
            every key.

    Returns:
        The output (..., T, e) and the weights (..., T, S). A masked key has weight 0; a query
        without any key has output 0.
    """
    ### BEGIN SOLUTION
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(dim=-1)
    if mask is not None:  # a row of -inf alone has become NaN
        weights = weights.masked_fill(~mask, 0.0)
    return weights @ v, weights
    ### END SOLUTION


# %% hints
HINTS = (
    """
Write it in four lines: scores (a matrix product and a scale), mask, softmax, look-up (another
matrix product). `k.transpose(-2, -1)` leaves all leading dimensions alone.
""",
    """
Give masked scores `-inf` *before* the softmax: `scores.masked_fill(~mask, float('-inf'))`. A row
of `-inf` alone becomes NaN in the softmax: set the weights of masked keys to 0 afterwards, and
only then multiply by v.
""",
)
EXPLANATION = """
The score of a query and a key is their product over sqrt(d): a sum of d products of unit size has
a standard deviation of sqrt(d), and without the scale the softmax would saturate. A score of -inf
becomes a weight of exactly 0, and the other weights share the 1; a large negative number in its
place is not the same for a query without any key, which would then average everything. Such a
query gets 0/0 from the softmax, so the weights of masked keys are set to 0 once more.
"""

# %% helpers
import math

import torch

from utils.notebook.checks import (
    ATTENTION_CALLS,
    AnyOf,
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    forbidden,
    inputs_unchanged,
    not_a_pair,
    not_finite,
)

ANY_LEAD = (
    "Any number of leading dimensions is allowed, a batch or a batch and heads or none: transpose the last two dimensions"
    " of k, k.transpose(-2, -1)."
)


def case_inputs(case, lead, T, S, d, e):
    """Return q, k and v of a case."""
    sizes = {"q": (T, d), "k": (S, d), "v": (S, e)}
    return tuple(
        case_tensor("attention", f"{case} {name}", *lead, *size) for name, size in sizes.items()
    )


def scores_of(q, k):
    return q.double() @ k.double().transpose(-2, -1) / q.shape[-1] ** 0.5


def looked_up(scores, v, allowed=None, dim=-1):
    """Return output and weights for scores; a query without any key gets 0."""
    if allowed is not None:
        scores = scores.masked_fill(~allowed, -math.inf)
    weights = torch.softmax(scores, dim=dim).nan_to_num(0.0)
    return weights @ v.double(), weights


# %% examples
def examples(check):
    q = torch.tensor([[2.0, 0.0, 0.0, 0.0]])
    k = torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0986123, 0.0, 0.0, 0.0]])  # scores 0 and log 3
    v = torch.tensor([[8.0], [0.0]])
    check(lambda: attention(q, k, v), ([[2.0]], [[0.25, 0.75]]), "one query and two keys")
    first = torch.tensor([[True, False]])
    check(lambda: attention(q, k, v, first), ([[8.0]], [[1.0, 0.0]]), "the second key masked")
    check(lambda: attention(q, k, v, first & ~first), ([[0.0]], [[0.0, 0.0]]), "both keys masked")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "one query and two keys": Diagnosis(
            mistakes={
                "The scale is missing: divide the scores by the square root of d, the width of a query.": (
                    [[0.8]],
                    [[0.1, 0.9]],
                ),
                "Return a pair: (output, weights).": not_a_pair,
                "The order is (output, weights): these two are swapped.": ([[0.25, 0.75]], [[2.0]]),
                "The second value holds scores. Return the weights: the scores after the softmax.": (
                    [[2.0]],
                    [[0.0, math.log(3)]],
                ),
            },
            otherwise="The scores are q k' / sqrt(d), here 0 and log 3; their softmax weighs the values.",
        ),
        "the second key masked": Diagnosis(
            mistakes={
                "The mask is the wrong way round: True means that the key may be used.": (
                    [[0.0]],
                    [[0.0, 1.0]],
                ),
                "The mask has no effect.": ([[2.0]], [[0.25, 0.75]]),
            },
            otherwise="A masked key gets the score -inf before the softmax, and so the weight 0.",
        ),
        "both keys masked": Diagnosis(
            mistakes={
                "A query that may see no key gave NaN. Its weights and its output are 0.": not_finite
            },
            otherwise="A query that may see no key gets weights 0 and output 0.",
        ),
    }


# %% graded: 2 points | output and weights without a mask, for any number of leading dimensions.
def test_looks_up_without_a_mask() -> None:
    long = case_rng("attention", "keys").randint(70, 120)
    cases = [
        ((2,), 3, 5, 7, 9),  # all sizes differ, so that a scale tells where it comes from
        ((), 3, 5, 7, 2),
        ((2, 4), 4, 6, 3, 5),
        ((3, 1, 2), 3, 5, 7, 2),
        ((1,), 1, long, 8, 3),
        ((2,), 5, 5, 4, 4),  # as many queries as keys are no reason for a causal mask
    ]
    for case, (lead, T, S, d, e) in enumerate(cases):
        q, k, v = case_inputs(case, lead, T, S, d, e)
        scores, raw = scores_of(q, k), scores_of(q, k) * d**0.5
        output, weights = wanted = looked_up(scores, v)
        causal = torch.ones(T, S, dtype=torch.bool)
        mistakes = {
            "Return a pair, (output, weights), and not the output alone.": not_a_pair,
            "The order is (output, weights): these two are swapped.": (weights, output),
            "The second value holds scores. Return the weights: the scores after the softmax.": (
                output,
                scores,
            ),
            "The scale is missing: divide the scores by sqrt(d), the square root of a query's width.": looked_up(
                raw, v
            ),
            "The scores are divided by d. The scale is its square root, sqrt(d).": looked_up(
                raw / d, v
            ),
            "The scores are multiplied by sqrt(d). Divide by it.": looked_up(raw * d**0.5, v),
            "The scale comes from the width of v. It is the width of a query and a key, q.shape[-1].": (
                looked_up(raw / e**0.5, v)
            ),
            "The scale comes from a length, the number of keys or queries. It is sqrt(d), from the width of a query.": (
                AnyOf(looked_up(raw / S**0.5, v), looked_up(raw / T**0.5, v))
            ),
            "The scale comes from the size of the batch. It is sqrt(d), from the width of a query, q.shape[-1].": (
                looked_up(raw / lead[0] ** 0.5, v) if lead else AnyOf()
            ),
            "The scale is 2: the root of 4, or a root rounded down. It is sqrt(d) of the given width, not rounded.": (
                looked_up(raw / 2, v)
            ),
            "The softmax runs over the batch (dim=0). For each query the weights of its keys sum to 1: dim=-1.": (
                looked_up(scores, v, dim=0) if lead else AnyOf()
            ),
            "The softmax is missing: the scores themselves weigh the values.": (
                scores @ v.double(),
                scores,
            ),
            "The weights look up keys. Multiply them by v: weights @ v.": (
                weights @ k.double(),
                weights,
            ),
            "The softmax runs over the queries (dim=-2). For each query the weights of its keys sum to 1: dim=-1.": (
                looked_up(scores, v, dim=-2)
            ),
            "Without a mask every query may use every key: this is causal.": AnyOf(
                looked_up(scores, v, causal.tril(S - T)), looked_up(scores, v, causal.tril())
            ),
            "The scale was applied after the softmax. Scale the scores before it, so that the weights sum to 1.": AnyOf(
                tuple(one / d**0.5 for one in looked_up(raw, v)),
                (looked_up(raw, v)[0], looked_up(raw, v)[1] / d**0.5),
            ),
            "A shape is wrong. The output is (..., T, e), the weights are (..., T, S): all leading dimensions stay.": (
                lambda got: (got[0].shape, got[1].shape) != (output.shape, weights.shape)
            ),
        }
        with forbidden(*ATTENTION_CALLS):
            check(
                lambda: attention(q.clone(), k.clone(), v.clone()),
                wanted,
                f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}, no mask",
                rtol=1e-4,
                atol=2e-5,
                mistakes=mistakes,
                if_raises=f"{ANY_LEAD} Without a mask (None) nothing is masked.",
                otherwise="The output is softmax(q k' / sqrt(d)) v, and the weights are that softmax.",
            )


# %% graded: 2 points | a masked key gets a weight of exactly 0, and the others share the 1.
def test_gives_masked_keys_no_weight() -> None:
    for case, (lead, full, S) in enumerate(
        [
            ((2,), False, 6),
            ((2,), True, 6),
            ((), False, 6),
            ((3, 2), False, 6),
            ((3, 2), True, 6),
            ((2,), False, 4),
        ]
    ):
        T, d, e = 4, 3, 5
        q, k, v = case_inputs(f"mask {case}", lead, T, S, d, e)
        # Between 1 and S - 1 keys for each query, in an order of its own; no row is like its complement.
        order = case_tensor("attention", f"order {case}", *(lead if full else ()), T, S).argsort(
            dim=-1
        )
        mask = order < torch.tensor([[1], [2], [4], [5]] if S == 6 else [[1], [1], [3], [3]])
        scores = scores_of(q, k)
        output, weights = wanted = looked_up(scores, v, mask)
        unmasked, complete = looked_up(scores, v), mask.all(dim=-1, keepdim=True)
        mistakes = {
            "The mask is the wrong way round: True means that the key may be used.": looked_up(
                scores, v, ~mask
            ),
            "The mask is transposed: its rows are queries, its columns are keys.": (
                looked_up(scores, v, mask.mT) if T == S else AnyOf()
            ),
            "The mask has no effect.": unmasked,
            "Masked scores were set to 0, and exp(0) is 1. Set them to -inf before the softmax.": (
                looked_up(scores * mask, v)
            ),
            "Masked weights were set to 0 after the softmax, so the others no longer sum to 1. Set scores to -inf"
            " before.": ((unmasked[1] * mask) @ v.double(), unmasked[1] * mask),
            "The weights are right, but the output was made before the mask: multiply the masked weights by v.": (
                unmasked[0],
                weights,
            ),
            "The mask was added to the scores, as 0 and 1. A masked score must become -inf, so that its weight is exactly"
            " 0.": looked_up(scores + mask.double(), v),
            "A query that may see some keys got 0. Only one without any key does: not every row with a masked key. Or"
            " is the mask the wrong way round in one of two places? True means that the key may be used.": (
                output * complete,
                weights * complete,
            ),
            "NaN came out, though every query may see some keys.": not_finite,
        }
        with forbidden(*ATTENTION_CALLS):
            check(
                lambda: attention(q.clone(), k.clone(), v.clone(), mask.clone()),
                wanted,
                f"q {tuple(q.shape)}, mask {tuple(mask.shape)}",
                rtol=1e-4,
                atol=2e-5,
                mistakes=mistakes,
                if_raises=f"{ANY_LEAD} A mask may have the shape (T, S), or the leading dimensions too.",
                otherwise="A masked key gets the score -inf before the softmax.",
            )
            check(
                lambda: attention(q.clone(), k.clone(), v.clone(), mask.clone())[1] * ~mask,
                torch.zeros_like(weights),
                "the weights of masked keys",
                atol=0.0,
                otherwise="The weight of a masked key is exactly 0: give it the score -inf, not a negative number.",
            )


# %% graded: 1 point | a query that may see no key gets weights and output 0.
def test_gives_a_query_without_keys_nothing() -> None:
    q, k, v = case_inputs("no key", (2,), 3, 5, 4, 2)
    some = torch.tensor(
        [[True, False, True, True, False], [False] * 5, [False, True, False, False, True]]
    )
    for mask, what in (
        (some, "three queries, the second of which may see no key"),
        (some & ~some, "no key at all"),
    ):
        output, weights = wanted = looked_up(scores_of(q, k), v, mask)
        sees, complete = mask.any(dim=-1, keepdim=True), mask.all(dim=-1, keepdim=True)
        uniform = torch.where(sees, weights, torch.full_like(weights, 0.2))
        averages, nan = uniform @ v.double(), torch.where(sees, weights, math.nan)
        mistakes = {
            "The output is right for a query without any key, but its weights are not: they are 0 too.": AnyOf(
                (output, nan), (output, uniform)
            ),
            "A query that may see no key gave NaN, since a softmax over -inf alone is 0/0. Its weights and output are 0.": (
                not_finite
            ),
            "A query that may see no key gets the average of all values. Its weights and output are 0.": AnyOf(
                (averages, uniform), (averages, weights)
            ),
            "Only a query without any key gets 0: not one of which some keys are masked.": (
                output * complete,
                weights * complete,
            ),
        }
        with forbidden(*ATTENTION_CALLS):
            check(
                lambda: attention(q.clone(), k.clone(), v.clone(), mask.clone()),
                wanted,
                what,
                rtol=1e-4,
                atol=2e-5,
                mistakes=mistakes,
                otherwise="A query that may see no key gets weights 0 and output 0; the other queries are not affected.",
            )


# %% graded: 1 point | scores far apart and close together, and queries, keys, values and mask stay as they were.
def test_is_stable_and_leaves_its_inputs_alone() -> None:
    q = torch.tensor(
        [[3.0, 0.0, 0.0, 0.0], [0.0, 60.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 60.0, 0.0, 0.0]]
    )
    k = torch.tensor([[2.0, 50.0, 0.0, 0.0], [0.0, 49.9, 1.0, 0.0], [0.0, -50.0, 0.0, 1.0]])
    v = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    mask = torch.tensor(
        [[True, True, False], [True, True, True], [False, True, True], [False, False, True]]
    )
    scores = scores_of(q, k)
    wanted = looked_up(scores, v, mask)
    powers = (scores - scores.amax(dim=-1, keepdim=True)).exp() * mask
    weights = (powers / powers.sum(dim=-1, keepdim=True)).nan_to_num(0.0)
    with inputs_unchanged(q, k, v, mask), forbidden(*ATTENTION_CALLS):
        check(
            lambda: attention(q, k, v, mask),
            wanted,
            "scores of 3, 1,500 and -1,500, the largest one masked for the last query",
            rtol=1e-3,
            atol=1e-4,
            mistakes={
                "Scores of a thousand overflow: use a stable softmax.": not_finite,
                "The largest score was taken over masked keys too: a high score of a masked key makes those of the allowed"
                " ones underflow to 0. Mask first, then take the maximum.": (
                    weights @ v.double(),
                    weights,
                ),
            },
            otherwise="The weights are a stable softmax over the allowed scores alone, however large the scores are.",
        )
