"""Exercise `attention` of notebook 02."""

# %% solution
import torch
from torch import Tensor


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return scaled dot-product attention (Vaswani et al., 2017) and its weights.

    Args:
        q: queries (..., T, d).
        k: keys (..., S, d).
        v: values (..., S, e).
        mask: boolean (..., T, S), True = the query may use the key; None = every query may use every key.

    Returns:
        The output (..., T, e) and the weights (..., T, S). A masked key has weight 0; a query without any key has
        output 0.
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
HINTS = ()
EXPLANATION = ""

# %% helpers
import math

import torch

from utils.notebook.checks import Diagnosis, case_rng, check, forbidden, inputs_unchanged


# %% examples
def examples(check):
    import math

    q = torch.tensor([[2.0, 0.0, 0.0, 0.0]])
    k = torch.tensor([[0.0, 1.0, 0.0, 0.0], [math.log(3.0), 0.0, 0.0, 0.0]])
    v = torch.tensor([[8.0], [0.0]])
    check(
        lambda: attention(q, k, v),
        (torch.tensor([[2.0]]), torch.tensor([[0.25, 0.75]])),
        "one query and two keys",
        rtol=0.0001,
    )
    check(
        lambda: attention(q, k, v, torch.tensor([[True, False]])),
        (torch.tensor([[8.0]]), torch.tensor([[1.0, 0.0]])),
        "the second key masked",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    q = torch.tensor([[2.0, 0.0, 0.0, 0.0]])
    k = torch.tensor([[0.0, 1.0, 0.0, 0.0], [math.log(3.0), 0.0, 0.0, 0.0]])
    v = torch.tensor([[8.0], [0.0]])
    found["one query and two keys"] = Diagnosis(
        mistakes={
            "The scale is missing: divide the scores by the square root of d, the width of a query.": (
                torch.tensor([[0.8]]),
                torch.tensor([[0.1, 0.9]]),
            ),
            "Return a pair: (output, weights).": lambda got: (
                not isinstance(got, tuple | list) or len(got) != 2
            ),
        }
    )
    found["the second key masked"] = Diagnosis(
        mistakes={
            "The mask is the wrong way round: True means that the key may be used.": (
                torch.tensor([[0.0]]),
                torch.tensor([[0.0, 1.0]]),
            )
        },
        otherwise="A masked key gets the score -inf before the softmax, and so the weight 0.",
    )
    return found


# %% graded: 2 points | output and weights without a mask, for any number of leading dimensions.
def test_1() -> None:
    whole_exercise = (
        "torch.nn.functional.scaled_dot_product_attention",
        "torch.nn.functional.multi_head_attention_forward",
        "torch.nn.MultiheadAttention",
    )

    def looked_up(scores, v, dim=-1, allowed=None):
        if allowed is not None:
            scores = scores.masked_fill(~allowed, float("-inf"))
        weights = torch.softmax(scores, dim=dim).nan_to_num(0.0)
        return weights @ v, weights

    T, S, d, e = 3, 5, 7, 2
    for case, lead in enumerate([(2,), (), (2, 4), (3, 1, 2)]):
        generator = torch.Generator().manual_seed(case_rng("attention", case).getrandbits(40))
        q, k, v = (
            torch.randn(*lead, *size, generator=generator) for size in ((T, d), (S, d), (S, e))
        )
        Q, K, V = q.double(), k.double(), v.double()
        products = Q @ K.transpose(-2, -1)
        output, weights = wanted = looked_up(products / d**0.5, V)
        with forbidden(*whole_exercise):
            check(
                lambda: attention(q.clone(), k.clone(), v.clone()),
                wanted,
                f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}, no mask",
                rtol=1e-4,
                atol=2e-5,
                mistakes=lambda: {
                    "Return a pair, (output, weights), and not the output alone.": (
                        lambda got: not isinstance(got, tuple | list) or len(got) != 2
                    ),
                    "The order is (output, weights): these two are swapped.": (weights, output),
                    "The second value holds scores. Return the weights: the scores after the softmax.": (
                        output,
                        products / d**0.5,
                    ),
                    "The scale is missing: divide the scores by sqrt(d), the square root of a query's width.": looked_up(
                        products, V
                    ),
                    "The scores are divided by d. The scale is its square root, sqrt(d).": looked_up(
                        products / d, V
                    ),
                    "The scores are multiplied by sqrt(d). Divide by it.": looked_up(
                        products * d**0.5, V
                    ),
                    "The scale comes from the width of v. It is the width of a query and a key, q.shape[-1].": looked_up(
                        products / e**0.5, V
                    ),
                    "The scale comes from the number of keys. It is sqrt(d), from the width of a query.": looked_up(
                        products / S**0.5, V
                    ),
                    "The scale comes from the number of queries. It is sqrt(d), from the width of a query.": looked_up(
                        products / T**0.5, V
                    ),
                    "The softmax runs over the queries (dim=-2). For each query the weights of its keys sum to 1: dim=-1.": (
                        looked_up(products / d**0.5, V, dim=-2)
                    ),
                    "Without a mask every query may use every key: this is causal.": looked_up(
                        products / d**0.5, V, allowed=torch.ones(T, S, dtype=torch.bool).tril(S - T)
                    ),
                    "Without a mask every query may use every key: this is causal, counted from the first key.": looked_up(
                        products / d**0.5, V, allowed=torch.ones(T, S, dtype=torch.bool).tril()
                    ),
                    "The scale was applied after the softmax. Scale the scores before it, so that the weights sum to 1.": (
                        torch.softmax(products, dim=-1) @ V / d**0.5,
                        torch.softmax(products, dim=-1) / d**0.5,
                    ),
                },
                if_raises=(
                    "Any number of leading dimensions is allowed, a batch or a batch and heads or none: transpose the last"
                    " two dimensions of k, k.transpose(-2, -1)."
                ),
                otherwise="The output is softmax(q k' / sqrt(d)) v, and the weights are that softmax.",
            )


# %% graded: 2 points | a masked key gets a weight of exactly 0, and the others share the 1.
def test_2() -> None:
    T, S, d, e = 4, 6, 3, 5
    for case, (lead, full) in enumerate(
        [((2,), False), ((2,), True), ((), False), ((3, 2), False), ((3, 2), True)]
    ):
        generator = torch.Generator().manual_seed(case_rng("attention mask", case).getrandbits(40))
        q, k, v = (
            torch.randn(*lead, *size, generator=generator) for size in ((T, d), (S, d), (S, e))
        )
        # Between 1 and S - 1 keys for each query, in an order of its own; no row is like its complement.
        order = torch.rand(*(lead if full else ()), T, S, generator=generator).argsort(dim=-1)
        mask = order < torch.tensor([[1], [2], [4], [5]])
        Q, K, V = q.double(), k.double(), v.double()
        scores = Q @ K.transpose(-2, -1) / d**0.5

        def looked_up(scores, allowed):
            weights = torch.softmax(scores.masked_fill(~allowed, float("-inf")), dim=-1).nan_to_num(
                0.0
            )
            return weights @ V, weights

        everything = torch.ones_like(mask)
        output, weights = wanted = looked_up(scores, mask)
        check(
            lambda: attention(q.clone(), k.clone(), v.clone(), mask.clone()),
            wanted,
            f"q {tuple(q.shape)}, mask {tuple(mask.shape)}",
            rtol=1e-4,
            atol=2e-5,
            mistakes=lambda: {
                "The mask is the wrong way round: True means that the key may be used.": looked_up(
                    scores, ~mask
                ),
                "The mask has no effect.": looked_up(scores, everything),
                "Masked scores were set to 0, and exp(0) is 1. Set them to -inf before the softmax.": looked_up(
                    scores * mask, everything
                ),
                "Masked weights were set to 0 after the softmax, so the others no longer sum to 1. Set scores to -inf before.": (
                    looked_up(scores, everything)[1] * mask @ V,
                    looked_up(scores, everything)[1] * mask,
                ),
                "The mask was added to the scores, as 0 and 1. A masked score must become -inf, so that its weight is exactly 0.": (
                    looked_up(scores + mask.double(), everything)
                ),
                "A query that may see some keys got 0. Only one without any key does: not every row with a masked key.": (
                    output * mask.all(dim=-1, keepdim=True),
                    weights * mask.all(dim=-1, keepdim=True),
                ),
                "NaN came out, though every query may see some keys.": (
                    lambda got: (
                        isinstance(got, tuple | list)
                        and any(
                            isinstance(one, torch.Tensor) and bool(one.isnan().any()) for one in got
                        )
                    )
                ),
            },
            if_raises="The mask may have the shape (T, S), or the leading dimensions too.",
            otherwise="A masked key gets the score -inf before the softmax.",
        )
        check(
            lambda: float(
                torch.as_tensor(attention(q.clone(), k.clone(), v.clone(), mask.clone())[1])[
                    mask.expand(*lead, T, S).logical_not()
                ]
                .abs()
                .max()
            ),
            0.0,
            "the largest weight of a masked key",
            atol=0.0,
            otherwise="The weight of a masked key is exactly 0: give it the score -inf, not a large negative number.",
        )


# %% graded: 1 point | a query that may see no key gets weights and output 0.
def test_3() -> None:
    generator = torch.Generator().manual_seed(case_rng("attention without keys", 0).getrandbits(40))
    q, k, v = (torch.randn(2, *size, generator=generator) for size in ((3, 4), (5, 4), (5, 2)))
    mask = torch.tensor(
        [[True, False, True, True, False], [False] * 5, [False, True, False, False, True]]
    )
    scores = (q.double() @ k.double().transpose(-2, -1) / 2).masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    with_nan = (weights @ v.double(), weights)
    weights = weights.nan_to_num(0.0)
    wanted = (weights @ v.double(), weights)
    uniform = torch.where(mask.any(dim=-1, keepdim=True), weights, torch.full_like(weights, 0.2))
    check(
        lambda: attention(q.clone(), k.clone(), v.clone(), mask),
        wanted,
        "three queries, the second of which may see no key",
        rtol=1e-4,
        atol=2e-5,
        mistakes={
            "A query that may see no key gave NaN, since a softmax over -inf alone is 0/0. Its weights and output are 0.": with_nan,
            "A query that may see no key gets the average of all values. Its weights and output are 0.": (
                uniform @ v.double(),
                uniform,
            ),
            "The output is right for a query without any key, but its weights are NaN: they are 0 too.": (
                wanted[0],
                with_nan[1],
            ),
            "The output is right for a query without any key, but its weights are uniform: they are 0 too.": (
                wanted[0],
                uniform,
            ),
            "Only a query without any key gets 0: not one of which some keys are masked.": (
                wanted[0] * mask.all(dim=-1, keepdim=True),
                wanted[1] * mask.all(dim=-1, keepdim=True),
            ),
        },
        otherwise="A query that may see no key gets weights 0 and output 0; the other queries are not affected.",
    )
    check(
        lambda: attention(q.clone(), k.clone(), v.clone(), torch.zeros(3, 5, dtype=torch.bool)),
        (torch.zeros(2, 3, 2), torch.zeros(2, 3, 5)),
        "no query may see any key",
        mistakes={
            "Queries that may see no key gave NaN. Their weights and output are 0.": (
                lambda got: (
                    isinstance(got, tuple | list)
                    and any(
                        isinstance(one, torch.Tensor) and bool(one.isnan().any()) for one in got
                    )
                )
            ),
        },
        otherwise="Without any key allowed, all weights and outputs are 0.",
    )


# %% graded: 1 point | scores far apart and close together, and queries, keys, values and mask stay as they were.
def test_4() -> None:
    q = torch.tensor([[3.0, 0.0, 0.0, 0.0], [0.0, 60.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    k = torch.tensor([[2.0, 50.0, 0.0, 0.0], [0.0, 49.9, 1.0, 0.0], [0.0, -50.0, 0.0, 1.0]])
    v = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    mask = torch.tensor([[True, True, False], [True, True, True], [False, True, True]])
    scores = (q.double() @ k.double().T / 2).masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    with inputs_unchanged(q, k, v, mask):
        check(
            lambda: attention(q, k, v, mask),
            (weights @ v.double(), weights),
            "scores of 3, 1,500 and 0",
            rtol=1e-3,
            atol=1e-4,
            mistakes={
                "Scores of a thousand overflow: use a stable softmax.": (
                    lambda got: (
                        isinstance(got, tuple | list)
                        and any(
                            isinstance(one, torch.Tensor) and bool(one.isnan().any()) for one in got
                        )
                    )
                ),
            },
        )
