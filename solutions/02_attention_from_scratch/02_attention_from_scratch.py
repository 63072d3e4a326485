# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 Attention from scratch

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget = setup()
verdicts = Verdicts()

# %% [markdown]
# ## 2 A soft look-up
#
# **What the chapter claims.** Attention weighs every input token, for every output token. A *query* says what is looked
# for, a *key* what a token offers, a *value* what it holds. The dot product of a query and a key is a score; a softmax
# turns scores into weights; the output is the weighted mean of the values.
#
# The softmax first, on three scores:

# %%
import math

scores = [2.0, 1.0, -1.0]
powers = [math.exp(score) for score in scores]
print("powers ", [round(power, 3) for power in powers])
print("weights", [round(power / sum(powers), 3) for power in powers], "sum 1")
print("the same plus 700:", [round(math.exp(score + 700), -300) for score in scores], "... near the largest float")
try:
    math.exp(scores[0] + 800)
except OverflowError as error:
    print("the same plus 800:", error)

# %% [markdown]
# The weights depend on differences of scores only: add 800 to each, and they stay what they were. Their powers do not.
# So a softmax that may meet any score first makes the scores harmless, by a shift that cancels.
#
# ### Exercise: `softmax`
#
# *Difficulty 2 of 5, 15 minutes.* Stable means: no overflow at 10,000, and no 0/0 at -10,000. A score of `-inf` gets
# the weight 0; each row has at least one other. Calling torch's own softmax or log-softmax would make this exercise
# pointless, and is refused.

# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "softmax-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import torch

from utils.notebook.checks import check

# The logarithms of 1, 2 and 5: the weights must be 1/8, 2/8 and 5/8.
row = torch.tensor([math.log(1.0), math.log(2.0), math.log(5.0)])
check(
    lambda: softmax(row.clone()),
    torch.tensor([0.125, 0.25, 0.625]),
    "the logarithms of 1, 2 and 5",
    rtol=1e-4,
    mistakes={
        "These are powers. Divide them by their sum.": torch.tensor([1.0, 2.0, 5.0]),
        "These are logarithms of probabilities: return the probabilities.": torch.tensor([0.125, 0.25, 0.625]).log(),
    },
    otherwise="Take the exponential of each logit and divide by the sum along `dim`.",
)
check(
    lambda: softmax(row.clone() + 10_000),
    torch.tensor([0.125, 0.25, 0.625]),
    "the same plus 10,000",
    atol=2e-3,
    mistakes={
        "exp overflows at large logits. Subtract the largest one first: the weights do not change.": (
            lambda got: isinstance(got, torch.Tensor) and bool(got.isnan().any())
        )
    },
)
check(
    lambda: softmax(torch.stack([row, row.flip(0)], dim=1), dim=0),
    torch.tensor([[0.125, 0.625], [0.25, 0.25], [0.625, 0.125]]),
    "two columns, dim=0",
    rtol=1e-4,
    if_raises="Keep the summed dimension (`keepdim=True`), so that the sums divide their own column.",
    otherwise="With dim=0 each column sums to 1.",
)

# %% nbgrader={"grade": true, "grade_id": "softmax-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: probabilities along the given dimension, the last by default, for tensors of any shape.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import case_rng, check, forbidden

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


def powers_of(x, dim, base=torch.e):
    x = x.double()
    return torch.tensor(base, dtype=torch.float64) ** (x - x.amax(dim=dim, keepdim=True))


def rows(x, dim, base=torch.e):
    powers = powers_of(x, dim, base)
    return powers / powers.sum(dim=dim, keepdim=True)


cases = [((3, 3), None), ((2, 3, 4), None), ((5,), None), ((4, 3, 2), 0), ((2, 5, 3), 1), ((3, 2, 4, 2), -2)]
for case, (shape, dim) in enumerate(cases):
    rng = case_rng("softmax", case)
    logits = torch.randn(shape, generator=torch.Generator().manual_seed(rng.getrandbits(40))) * 1.5
    along = -1 if dim is None else dim
    wanted = rows(logits, along)
    powers = powers_of(logits, along)
    mistakes = {}
    if dim is None and len(shape) > 1:
        mistakes["Without the argument, the last dimension sums to 1: the default is dim=-1."] = rows(logits, 0)
    if dim is not None:
        mistakes["The argument `dim` has no effect: sum along the dimension that it names."] = rows(logits, -1)
        mistakes["The argument `dim` has no effect: the result sums to 1 along the first dimension."] = rows(logits, 0)
    if len(shape) > 1 and along == -1 and shape[-1] == shape[-2]:
        mistakes["The sums lost their dimension and divide along the wrong one. Keep it: `keepdim=True`."] = (
            powers / powers.sum(dim=along)
        )
    if len(shape) > 1:
        mistakes["You divided by the sum over the whole tensor. Each row has a sum of its own, along `dim`."] = (
            powers / powers.sum()
        )
        mistakes["The whole tensor sums to 1. Each row has a sum of its own, along `dim`."] = logits.double().exp() / (
            logits.double().exp().sum()
        )
    mistakes |= {
        "These are powers of two. The softmax uses the natural exponential, `exp`.": rows(logits, along, 2.0),
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
        "The sign is wrong: a larger logit gets a larger probability.": rows(-logits, along),
        "The probabilities must have the shape of the logits.": (
            lambda got: isinstance(got, torch.Tensor) and got.shape != logits.shape
        ),
    }
    with forbidden(*torchs_own):
        check(
            lambda: softmax(logits.clone()) if dim is None else softmax(logits.clone(), dim=dim),
            wanted,
            f"logits of the shape {shape}" + (f", dim={dim}" if dim is not None else ""),
            rtol=1e-4,
            atol=1e-6,
            mistakes=mistakes,
            if_raises="Keep the summed dimension (`keepdim=True`); the tensor may have any number of dimensions.",
            otherwise="Take exponentials and divide by their sum along `dim`.",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "softmax-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: logits of size 1e4 of either sign, and rows of very different size in one tensor.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import check, forbidden

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
        {"exp overflows at large logits. Subtract the largest logit of the row first: it cancels.": broken},
    ),
    (
        "logits of 10,000, 0 and -10,000 in one row",
        [[10_000.0, 0.0, -10_000.0, 9_999.0]],
        of([[0.0, -9_000.0, -9_000.0, -1.0]]),
        {"Subtracting the mean is not stable: powers still overflow. Subtract the largest logit of the row.": broken},
    ),
    (
        "all logits near -10,000",
        [[-10_000 + value for value in small]],
        of([small]),
        {"All powers underflowed to 0. Subtract the largest logit, negative as it is, and not an absolute value.": broken},
    ),
    (
        "one row near 10,000, one near 0 and one near -10,000",
        [[level + value for value in small] for level in (10_000, 0, -10_000)],
        of([small] * 3),
        {"A whole row underflowed to 0. Subtract from each row its own largest logit, not that of the whole tensor.": broken},
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
            mistakes={**hints, clamped: torch.full_like(wanted, 1 / wanted.shape[-1]), clamped + " ": of(given.clamp(-80, 80).tolist())},
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
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "softmax-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: a logit of -inf gets the weight 0, and the logits stay as they were.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import check, inputs_unchanged

inf = float("inf")
for what, logits, wanted in (
    ("one masked logit", [[0.5, -inf, 1.5]], [[0.268941421, 0.0, 0.731058579]]),
    ("masked logits among negative ones", [[-inf, -3.0, -3.0, -inf]], [[0.0, 0.5, 0.5, 0.0]]),
    ("one logit left", [[-inf, -7.0, -inf], [4.0, 4.0, -inf]], [[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]]),
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
### END HIDDEN TESTS

# %% [markdown]
# **Now the look-up.** Four tokens, each with a key that says what it is about and a value that it holds. The query asks
# for the second kind of thing:

# %%
keys = torch.tensor([[4.0, 0.0], [0.0, 4.0], [0.0, 3.0], [-4.0, 0.0]])
values = torch.tensor([[10.0], [20.0], [30.0], [40.0]])
query = torch.tensor([0.0, 2.0])
scores = keys @ query / 2**0.5
weights = scores.exp() / scores.exp().sum()
print("scores ", [round(score, 2) for score in scores.tolist()])
print("weights", [round(weight, 3) for weight in weights.tolist()])
print("output ", round((weights @ values).item(), 2), "= mostly 20, some 30: a mean, so something with a gradient")

# %% [markdown]
# A dictionary would have returned exactly one value. This one returns a mixture, and so a small change of the query
# changes the output a little. That is what makes it trainable.
#
# ### Exercise: `attention`
#
# *Difficulty 3 of 5, 25 minutes.* Queries (..., T, d), keys (..., S, d), values (..., S, e), where the dots stand for any
# number of leading dimensions: none, a batch, a batch and heads. Scores are divided by the square root of d. In the mask
# `True` means "may be used". A masked key gets a weight of exactly 0. A query that may see no key at all gets weights and an
# output of 0, and no NaN. Torch's `scaled_dot_product_attention` and `nn.MultiheadAttention` are this exercise, so they
# are refused; everything else of torch is welcome, its softmax too.

# %% nbgrader={"grade": false, "grade_id": "attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "attention-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import torch

from utils.notebook.checks import check

# d is 4, so the scale is 1/2. The scores are log 1 and log 3, the weights 1/4 and 3/4.
q = torch.tensor([[2.0, 0.0, 0.0, 0.0]])
k = torch.tensor([[0.0, 1.0, 0.0, 0.0], [math.log(3.0), 0.0, 0.0, 0.0]])
v = torch.tensor([[8.0], [0.0]])
check(
    lambda: attention(q, k, v),
    (torch.tensor([[2.0]]), torch.tensor([[0.25, 0.75]])),
    "one query and two keys",
    rtol=1e-4,
    mistakes={
        "The scale is missing: divide the scores by the square root of d, the width of a query.": (
            torch.tensor([[0.8]]),
            torch.tensor([[0.1, 0.9]]),
        ),
        "Return a pair: (output, weights).": lambda got: not isinstance(got, tuple | list) or len(got) != 2,
    },
)
check(
    lambda: attention(q, k, v, torch.tensor([[True, False]])),
    (torch.tensor([[8.0]]), torch.tensor([[1.0, 0.0]])),
    "the second key masked",
    mistakes={
        "The mask is the wrong way round: True means that the key may be used.": (
            torch.tensor([[0.0]]),
            torch.tensor([[0.0, 1.0]]),
        ),
    },
    otherwise="A masked key gets the score -inf before the softmax, and so the weight 0.",
)

# %% nbgrader={"grade": true, "grade_id": "attention-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: output and weights without a mask, for any number of leading dimensions.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import case_rng, check, forbidden

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
    q, k, v = (torch.randn(*lead, *size, generator=generator) for size in ((T, d), (S, d), (S, e)))
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
            mistakes={
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
                "The scores are divided by d. The scale is its square root, sqrt(d).": looked_up(products / d, V),
                "The scores are multiplied by sqrt(d). Divide by it.": looked_up(products * d**0.5, V),
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
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: a masked key gets a weight of exactly 0, and the others share the 1.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import case_rng, check

T, S, d, e = 4, 6, 3, 5
for case, (lead, full) in enumerate([((2,), False), ((2,), True), ((), False), ((3, 2), False), ((3, 2), True)]):
    generator = torch.Generator().manual_seed(case_rng("attention mask", case).getrandbits(40))
    q, k, v = (torch.randn(*lead, *size, generator=generator) for size in ((T, d), (S, d), (S, e)))
    # Between 1 and S - 1 keys for each query, in an order of its own; no row is like its complement.
    order = torch.rand(*(lead if full else ()), T, S, generator=generator).argsort(dim=-1)
    mask = order < torch.tensor([[1], [2], [4], [5]])
    Q, K, V = q.double(), k.double(), v.double()
    scores = Q @ K.transpose(-2, -1) / d**0.5

    def looked_up(scores, allowed):
        weights = torch.softmax(scores.masked_fill(~allowed, float("-inf")), dim=-1).nan_to_num(0.0)
        return weights @ V, weights

    everything = torch.ones_like(mask)
    output, weights = wanted = looked_up(scores, mask)
    cut = looked_up(scores, everything)[1] * mask
    zero_scores = looked_up(scores * mask, everything)
    added = looked_up(scores + mask.double(), everything)
    check(
        lambda: attention(q.clone(), k.clone(), v.clone(), mask.clone()),
        wanted,
        f"q {tuple(q.shape)}, mask {tuple(mask.shape)}",
        rtol=1e-4,
        atol=2e-5,
        mistakes={
            "The mask is the wrong way round: True means that the key may be used.": looked_up(scores, ~mask),
            "The mask has no effect.": looked_up(scores, everything),
            "Masked scores were set to 0, and exp(0) is 1. Set them to -inf before the softmax.": zero_scores,
            "Masked weights were set to 0 after the softmax, so the others no longer sum to 1. Set scores to -inf before.": (
                cut @ V,
                cut,
            ),
            "The mask was added to the scores, as 0 and 1. A masked score must become -inf, so that its weight is exactly 0.": (
                added
            ),
            "A query that may see some keys got 0. Only one without any key does: not every row with a masked key.": (
                output * mask.all(dim=-1, keepdim=True),
                weights * mask.all(dim=-1, keepdim=True),
            ),
            "NaN came out, though every query may see some keys.": (
                lambda got: isinstance(got, tuple | list)
                and any(isinstance(one, torch.Tensor) and bool(one.isnan().any()) for one in got)
            ),
        },
        if_raises="The mask may have the shape (T, S), or the leading dimensions too.",
        otherwise="A masked key gets the score -inf before the softmax.",
    )
    check(
        lambda: float(torch.as_tensor(attention(q.clone(), k.clone(), v.clone(), mask.clone())[1])[
            mask.expand(*lead, T, S).logical_not()
        ].abs().max()),
        0.0,
        "the largest weight of a masked key",
        atol=0.0,
        otherwise="The weight of a masked key is exactly 0: give it the score -inf, not a large negative number.",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: a query that may see no key gets weights and output 0.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import case_rng, check

generator = torch.Generator().manual_seed(case_rng("attention without keys", 0).getrandbits(40))
q, k, v = (torch.randn(2, *size, generator=generator) for size in ((3, 4), (5, 4), (5, 2)))
mask = torch.tensor([[True, False, True, True, False], [False] * 5, [False, True, False, False, True]])
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
        "The output is right for a query without any key, but its weights are NaN: they are 0 too.": (wanted[0], with_nan[1]),
        "The output is right for a query without any key, but its weights are uniform: they are 0 too.": (wanted[0], uniform),
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
            lambda got: isinstance(got, tuple | list)
            and any(isinstance(one, torch.Tensor) and bool(one.isnan().any()) for one in got)
        ),
    },
    otherwise="Without any key allowed, all weights and outputs are 0.",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: scores far apart and close together, and queries, keys, values and mask stay as they were.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import check, inputs_unchanged

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
                lambda got: isinstance(got, tuple | list)
                and any(isinstance(one, torch.Tensor) and bool(one.isnan().any()) for one in got)
            ),
        },
    )
### END HIDDEN TESTS

# %% [markdown]
# ## 3 Where does it look?
#
# **What the chapter claims.** A picture of attention weights shows what a token uses: in Figure 2-5 a query looks back over
# `How are you ? ¿` to choose the next word.
#
# A row of weights is a probability distribution. Its entropy says how spread out it is: 0 when one key gets everything,
# log S when S keys share equally. The exponential of the entropy is easier to read, an effective number of keys.

# %%
for weights in ([1.0, 0.0, 0.0, 0.0], [0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]):
    entropy = sum(-weight * math.log(weight) for weight in weights if weight > 0)
    print(f"{weights}  {entropy:.3f} nats, looks at {math.exp(entropy):.2f} keys")

# %% [markdown]
# ### Exercise: `attention_entropy`
#
# *Difficulty 1 of 5, 10 minutes.* In nats, so with the natural logarithm, over the last dimension. Causal attention is full of
# zeros: let 0 log 0 be 0, its limit.

# %% nbgrader={"grade": false, "grade_id": "attention_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "attention_entropy-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import torch

from utils.notebook.checks import check

check(
    lambda: attention_entropy(torch.tensor([[0.25, 0.25, 0.25, 0.25], [0.5, 0.25, 0.125, 0.125]])),
    torch.tensor([2 * math.log(2), 1.75 * math.log(2)]),
    "a uniform row and another one",
    rtol=1e-4,
    mistakes={
        "This is in bits. Use the natural logarithm: nats.": torch.tensor([2.0, 1.75]),
        "The sign is wrong: an entropy is not negative.": torch.tensor([-2 * math.log(2), -1.75 * math.log(2)]),
    },
)
check(
    lambda: attention_entropy(torch.tensor([[1.0, 0.0]])),
    torch.tensor([0.0]),
    "a row with a 0",
    mistakes={
        "log 0 is -inf, and 0 times -inf is NaN. Here 0 log 0 counts as 0.": (
            lambda got: isinstance(got, torch.Tensor) and bool(got.isnan().any())
        )
    },
)

# %% nbgrader={"grade": true, "grade_id": "attention_entropy-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: one entropy in nats for each row, along the last dimension.
### BEGIN HIDDEN TESTS
import math

import torch

from utils.notebook.checks import case_rng, check

for case, shape in enumerate([(3, 4, 5), (2, 3, 4, 6), (4, 3), (3, 3), (7,)]):
    generator = torch.Generator().manual_seed(case_rng("attention_entropy", case).getrandbits(40))
    weights = torch.softmax(1.5 * torch.randn(shape, generator=generator, dtype=torch.float64), dim=-1)
    weights = torch.where(weights == weights.amin(dim=-1, keepdim=True), 0.004, weights)  # one small weight a row
    weights = (weights / weights.sum(dim=-1, keepdim=True)).float()
    exact = weights.double()
    terms = -exact * exact.log()
    wanted = terms.sum(dim=-1)
    # What each row gives with its largest weight alone, with its two largest ones, and so on.
    largest_only = terms.gather(-1, exact.argsort(dim=-1, descending=True)).cumsum(dim=-1)
    mistakes = {
        "This is in bits (log2). Use the natural logarithm: nats.": wanted / math.log(2),
        "This is with the decimal logarithm (log10). Use the natural one: nats.": wanted / math.log(10),
        "The sign is wrong: put a minus before the sum, an entropy is not negative.": -wanted,
        "This is the mean over the keys. The entropy is the sum of -w log w.": terms.mean(dim=-1),
        "This is the perplexity, exp(entropy). Return the entropy.": wanted.exp(),
        "This is divided by log n, the largest possible entropy. Return nats, not normalised.": wanted / math.log(shape[-1]),
        "The logarithms are summed alone. Each is multiplied by its weight: -w log w.": -exact.log().sum(dim=-1),
        "A softmax was applied to the weights. They are probabilities already.": (
            lambda again: (-again * again.log()).sum(dim=-1)
        )(torch.softmax(exact, dim=-1)),
        "Small weights were cut off (a threshold, or clamped). Only a weight of exactly 0 needs care.": (
            lambda got: isinstance(got, torch.Tensor)
            and got.shape == wanted.shape
            and bool(((largest_only - got.double().unsqueeze(-1)).abs().amin(dim=-1) < 1e-4).all())
        ),
        "NaN came out of positive weights.": lambda got: isinstance(got, torch.Tensor) and bool(got.isnan().any()),
    }
    if len(shape) > 1:
        mistakes |= {
            "The sum runs over the queries (dim=-2). A row is a query: sum over the last dimension.": terms.sum(dim=-2),
            "This is one number for the whole tensor. Each query, each row, has its own: sum over the last dimension.": (
                terms.sum()
            ),
            "This is one mean for the whole tensor. Each query, each row, has its own entropy.": wanted.mean(),
            "The last dimension was kept (keepdim). The result has the shape of the weights without it.": (
                wanted.unsqueeze(-1)
            ),
        }
    if len(shape) > 2:
        mistakes["These are averaged over queries or heads. Each row has its own: only the last dimension goes away."] = (
            lambda got: isinstance(got, torch.Tensor) and got.dim() < wanted.dim()
        )
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
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention_entropy-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: 0 log 0 is 0, and the weights stay as they were.
### BEGIN HIDDEN TESTS
import math

import torch

from utils.notebook.checks import check, inputs_unchanged

weights = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25], [0.5, 0.0, 0.25, 0.25]])
wanted = torch.tensor([0.0, math.log(2), 2 * math.log(2), 1.5 * math.log(2)], dtype=torch.float64)
shifted = torch.where(weights == 0, 1.0, weights)
for given, right in ((weights, wanted), (weights.expand(2, 3, 4, 4).clone(), wanted.expand(2, 3, 4))):
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
                    lambda got: isinstance(got, torch.Tensor)
                    and got.shape == right.shape
                    and bool((got.double() > right + 1e-4).any())
                ),
            },
            otherwise="Only positive weights contribute -w log w; a 0 contributes 0.",
        )
### END HIDDEN TESTS

# %% [markdown]
# ## 4 No looking ahead
#
# **What the chapter claims.** A language model writes one token after the other, and each may use the tokens before it only.
# In training all positions are computed at once, so the future is right there in the tensor. A mask hides it.

# %%
for query in range(4):
    print(f"query {query} sees", " ".join("x" if key <= query else "." for key in range(4)))
print()
for query in range(2):
    print(f"query {query} sees", " ".join("x" if key <= 3 + query else "." for key in range(5)), "  (2 queries, 5 keys)")

# %% [markdown]
# The second picture is what you need later: three positions are known already, and two new ones ask. Query 0 is the
# fourth position, so it sees four keys. Counting from the first key instead would show it one.
#
# ### Exercise: `causal_mask`
#
# *Difficulty 2 of 5, 10 minutes.* Boolean, `True` = may be used. The queries are the last positions of the keys. More queries than keys
# make no sense: refuse them, also when `key_len` is 0.

# %% nbgrader={"grade": false, "grade_id": "causal_mask", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def causal_mask(query_len: int, key_len: int | None = None) -> Tensor:
    """Return the mask under which a query sees keys up to its own position.

    Args:
        query_len: number of queries; query i stands at position key_len - query_len + i.
        key_len: number of keys; None means query_len.

    Returns:
        Boolean (query_len, key_len), True = may be used.

    Raises:
        ValueError: there are fewer keys than queries.
    """
    ### BEGIN SOLUTION
    key_len = query_len if key_len is None else key_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} must be at least query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(key_len - query_len)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "causal_mask-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

from utils.notebook.checks import check, check_refused

check(
    lambda: causal_mask(3),
    torch.tensor([[True, False, False], [True, True, False], [True, True, True]]),
    "three queries, three keys",
    if_raises="Equal lengths are the usual case: only fewer keys than queries are refused.",
    mistakes={
        "True means that a key may be used: this mask is inverted.": torch.tensor(
            [[False, True, True], [False, False, True], [False, False, False]]
        ),
        "A query sees its own position too.": torch.ones(3, 3, dtype=torch.bool).tril(-1),
        "The mask must be boolean.": lambda got: isinstance(got, torch.Tensor) and got.dtype != torch.bool,
    },
)
check(
    lambda: causal_mask(2, 5),
    torch.tensor([[True, True, True, True, False], [True, True, True, True, True]]),
    "two queries at the end of five keys",
    otherwise="The queries are the last positions: query 0 of 2 is the fourth of 5 positions.",
)
check_refused(lambda: causal_mask(5, 2), "five queries and two keys (key_len 2)")

# %% nbgrader={"grade": true, "grade_id": "causal_mask-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: as many keys as queries.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import check

for size, arguments in ((4, (4,)), (6, (6, 6)), (1, (1,))):
    wanted = torch.tensor([[key <= query for key in range(size)] for query in range(size)])
    whole = torch.ones(size, size, dtype=torch.bool)
    check(
        lambda: causal_mask(*arguments),
        wanted,
        f"{size} queries, {size} keys",
        if_raises="Equal lengths are not refused: as many keys as queries is the usual case.",
        mistakes={
            "The mask is no boolean tensor. This one is additive, 0 and -inf: return True where a key may be used.": (
                lambda got: isinstance(got, torch.Tensor) and got.is_floating_point() and bool(got.isinf().any())
            ),
            "The mask is no boolean tensor: give it dtype=torch.bool.": (
                lambda got: isinstance(got, torch.Tensor) and got.dtype != torch.bool
            ),
            "Each query sees the keys from its own to the last: the future (later keys), and not the earlier ones. Rows are"
            " queries, columns are keys: is it the upper triangle, or transposed?": whole.triu(),
            "The mask is inverted: True means that the key may be used.": ~wanted,
            "A query sees its own position too.": whole.tril(-1),
            "A query sees one key too many: the next position is the future.": whole.tril(1),
            "A query sees its own position only. It sees the earlier (past) ones too.": torch.eye(size, dtype=torch.bool),
            "Every query sees every key. Hide the future: the later keys.": whole,
        },
        otherwise="Query i sees the keys 0 to i.",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "causal_mask-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: fewer queries than keys: the queries are the last positions.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import check

for queries, keys in ((3, 5), (2, 7), (1, 4), (4, 5), (5, 5)):
    offset = keys - queries
    wanted = torch.tensor([[key <= offset + query for key in range(keys)] for query in range(queries)])
    whole = torch.ones(queries, keys, dtype=torch.bool)
    check(
        lambda: causal_mask(queries, keys),
        wanted,
        f"{queries} queries, {keys} keys",
        if_raises="Fewer queries than keys, or as many (equal lengths), are not refused.",
        mistakes={
            "The mask is no boolean tensor. This one is additive, 0 and -inf: return True where a key may be used.": (
                lambda got: isinstance(got, torch.Tensor) and got.is_floating_point() and bool(got.isinf().any())
            ),
            "The mask is no boolean tensor: give it dtype=torch.bool.": (
                lambda got: isinstance(got, torch.Tensor) and got.dtype != torch.bool
            ),
            "The mask is square: key_len has no effect.": (
                lambda got: isinstance(got, torch.Tensor) and queries != keys and tuple(got.shape) == (queries, queries)
            ),
            "The mask is transposed: its shape is (query_len, key_len), rows are queries.": (
                lambda got: isinstance(got, torch.Tensor) and queries != keys and tuple(got.shape) == (keys, queries)
            ),
            "The first query is not the first position. It stands at key_len - query_len: shift the diagonal by this offset.": (
                whole.tril(0)
            ),
            "The offset has the wrong sign: query i stands at key_len - query_len + i.": whole.tril(-offset),
            "Each query sees its own and the later keys (the future), and not the earlier ones.": whole.triu(offset),
            "The mask is inverted: True means that the key may be used.": ~wanted,
            "A query sees its own position too.": whole.tril(offset - 1),
            "A query sees one key too many: the next position is the future.": whole.tril(offset + 1),
            "The new queries see each other's future: every key is allowed. The last but one query may not see the last key.": (
                whole
            ),
            "A query sees its own position only. It sees the earlier (past) ones too.": (
                whole.tril(offset) & ~whole.tril(offset - 1)
            ),
        },
        otherwise="Query i stands at position key_len - query_len + i, and sees the keys up to its own.",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "causal_mask-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: fewer keys than queries are refused.
### BEGIN HIDDEN TESTS
from utils.notebook.checks import check_refused

for queries, keys in ((5, 4), (3, 1)):
    check_refused(
        lambda: causal_mask(queries, keys),
        f"{queries} queries with key_len {keys}",
        "There must be at least as many keys as queries.",
    )
check_refused(
    lambda: causal_mask(2, 0),
    "two queries with key_len 0",
    "0 is a number of keys like any other, and false in Python: ask `key_len is None`, not `key_len or query_len`.",
)
### END HIDDEN TESTS

# %% [markdown]
# ## 5 Many heads
#
# **What the chapter claims.** One attention looks for one kind of thing. So a model of width 4,096 runs 32 of them side by side,
# each on 128 features, and a last matrix mixes their outputs. The heads can then attend to different tokens at once.

# %%
print("Llama 2-7B: 4096 features =", " x ".join(map(str, (32, 4096 // 32))))
x = torch.arange(12.0).view(1, 2, 6)
print("two tokens of six features\n", x[0].int().tolist())
print("head 0 of 2 holds the features 0 to 2 of both\n", x[0, :, 0:3].int().tolist())
print("head 1 of 2 holds the features 3 to 5\n", x[0, :, 3:6].int().tolist())

# %% [markdown]
# Splitting is no computation: it regroups the same numbers. But it is easy to regroup them wrongly, and a model with mixed-up
# heads still trains, a little worse, without an error message.
#
# ### Exercise: `split_heads`, `merge_heads`
#
# *Difficulty 2 of 5, 15 minutes.* From (B, T, D) to (B, H, T, D/H) and back. Head h holds the features h D/H to (h + 1) D/H. A D
# that H does not divide is refused.

# %% course={"names": ["split_heads", "merge_heads"]} nbgrader={"grade": false, "grade_id": "split_heads", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def split_heads(x: Tensor, n_heads: int) -> Tensor:
    """Return x (B, T, D) as heads (B, H, T, D/H); head h holds the features h D/H to (h + 1) D/H.

    Raises:
        ValueError: n_heads does not divide D.
    """
    ### BEGIN SOLUTION
    B, T, D = x.shape
    if D % n_heads:
        raise ValueError(f"n_heads {n_heads} does not divide the width {D}")
    return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)
    ### END SOLUTION


def merge_heads(x: Tensor) -> Tensor:
    """Return heads (B, H, T, D/H) as (B, T, D): the inverse of `split_heads`."""
    ### BEGIN SOLUTION
    B, H, T, width = x.shape
    return x.transpose(1, 2).reshape(B, T, H * width)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "split_heads-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

from utils.notebook.checks import check, check_refused

tokens = torch.arange(12.0).view(1, 3, 4)  # one text of three tokens with four features
heads = torch.tensor([[[[0.0, 1], [4, 5], [8, 9]], [[2, 3], [6, 7], [10, 11]]]])
check(
    lambda: split_heads(tokens.clone(), 2),
    heads,
    "three tokens of four features, two heads",
    mistakes={
        "Positions got mixed: a reshape to (B, H, T, D/H) cuts across tokens. Split the features first, then transpose.": (
            tokens.view(1, 2, 3, 2)
        )
    },
)
check(
    lambda: merge_heads(heads.clone()),
    tokens,
    "the same heads merged again",
    mistakes={"Positions got mixed: transpose the heads back behind the tokens first.": heads.reshape(1, 3, 4)},
    if_raises="A transposed tensor has no contiguous view: use `reshape`.",
)
check_refused(lambda: split_heads(tokens.clone(), 3), "4 features and n_heads 3")

# %% nbgrader={"grade": true, "grade_id": "split_heads-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: split_heads puts every feature into its head.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import check

for B, T, H, width in ((3, 5, 2, 4), (2, 4, 3, 5), (1, 6, 1, 3), (2, 3, 4, 1)):
    D = H * width
    # Each number names its place: text, token, feature.
    x = torch.tensor([[[float(10_000 * b + 100 * t + f) for f in range(D)] for t in range(T)] for b in range(B)])
    wanted = torch.stack([x[:, :, h * width : (h + 1) * width] for h in range(H)], dim=1)
    check(
        lambda: split_heads(x.clone(), H),
        wanted,
        f"(B, T, D) = ({B}, {T}, {D}) in {H} heads",
        mistakes={
            "Positions got mixed: a reshape to (B, H, T, D/H) cuts across tokens. Reshape to (B, T, H, D/H), then transpose.": (
                x.reshape(B, H, T, width)
            ),
            "The axes stand as (B, T, H, D/H). Transpose: the shape is (B, H, T, D/H).": x.reshape(B, T, H, width),
            "Head h got every H-th feature (interleaved). It holds consecutive ones, h D/H to (h + 1) D/H.": (
                x.reshape(B, T, width, H).permute(0, 3, 1, 2)
            ),
            "The heads were folded into the batch. The shape is (B, H, T, D/H).": wanted.reshape(B * H, T, width),
            "The heads are in reverse order: head 0 holds the first features.": wanted.flip(1),
            "n_heads was taken for the width of a head. It is the number of heads, and the width is D / n_heads.": (
                x.reshape(B, T, width, H).transpose(1, 2)
            ),
        },
        otherwise="Head h holds the features h D/H to (h + 1) D/H of every token.",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "split_heads-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: merge_heads puts the heads' features side by side again.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import check

for B, T, H, width in ((3, 5, 2, 4), (2, 4, 3, 5), (1, 6, 1, 3), (2, 3, 4, 1)):
    D = H * width
    heads = torch.tensor(
        [[[[float(10_000 * b + 1000 * h + 10 * t + f) for f in range(width)] for t in range(T)] for h in range(H)] for b in range(B)]
    )
    wanted = torch.cat([heads[:, h] for h in range(H)], dim=-1)
    check(
        lambda: merge_heads(heads.clone()),
        wanted,
        f"{H} heads of width {width}, {T} tokens",
        if_raises="A transposed tensor is not contiguous and has no view: use `reshape`.",
        mistakes={
            "Positions got mixed: the heads were not transposed back behind the tokens before the reshape.": (
                heads.reshape(B, T, D)
            ),
            "The features of the heads are interleaved. Head h goes to the consecutive features h D/H to (h + 1) D/H.": (
                heads.permute(0, 2, 3, 1).reshape(B, T, D)
            ),
            "The heads were added up (summed). They stand side by side: (B, T, D).": heads.sum(dim=1),
            "The heads were averaged. They stand side by side: (B, T, D).": heads.mean(dim=1),
            "The shape is wrong: the heads stand side by side in the features, (B, T, D).": heads.reshape(B, H * T, width),
            "The heads are in reverse order: head 0 gives the first features.": torch.cat(
                [heads[:, h] for h in reversed(range(H))], dim=-1
            ),
        },
        otherwise="Head h becomes the features h D/H to (h + 1) D/H of every token.",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "split_heads-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: the two are exact inverses, nothing is modified, and a width that does not divide is refused.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import case_rng, check, check_refused, inputs_unchanged

generator = torch.Generator().manual_seed(case_rng("split_heads", 0).getrandbits(40))
for dtype in (torch.float32, torch.float64):
    x = torch.randn(2, 5, 12, generator=generator, dtype=dtype)
    heads = torch.randn(2, 4, 5, 3, generator=generator, dtype=dtype)
    with inputs_unchanged(x, heads):
        check(
            lambda: merge_heads(split_heads(x, 4)),
            x,
            "12 features split into four heads and merged",
            rtol=0.0,
            atol=0.0,
            if_raises="What split_heads returns may be a view that is not contiguous: use `reshape` to merge.",
            otherwise="merge_heads is the exact inverse of split_heads: transpose back, then join the features.",
        )
        check(
            lambda: split_heads(merge_heads(heads), 4),
            heads,
            "four heads merged and split",
            rtol=0.0,
            atol=0.0,
            if_raises="What merge_heads returns is (B, T, D): split_heads takes it.",
            otherwise="split_heads is the exact inverse of merge_heads.",
        )
for width, n_heads in ((7, 2), (8, 3), (4, 8)):
    check_refused(
        lambda: split_heads(torch.zeros(2, 3, width), n_heads),
        f"{width} features and n_heads {n_heads}",
        "The width must be divisible by the number of heads.",
    )
### END HIDDEN TESTS

# %% [markdown]
# **All of it in one layer.** Four matrices: queries, keys, values, and the output projection that mixes the heads. Newer
# models save memory by giving several query heads one key and value head (*grouped queries*, Ainslie et al., 2023). With
# eight query heads and two kv heads, the query heads 0 to 3 share kv head 0:

# %%
n_heads, n_kv_heads = 8, 2
group = n_heads // n_kv_heads
print("query head h:        ", *range(n_heads))
print("kv head h // group:  ", *(h // group for h in range(n_heads)))

# %% [markdown]
# ### Exercise: `MultiHeadAttention`
#
# *Difficulty 4 of 5, 30 minutes.* Write it from your pieces above or from scratch. The names `q_proj`, `k_proj`, `v_proj` and
# `o_proj` are those of Llama's weights, which you will load in notebook 03. Each is an `nn.Linear` without bias. A given mask
# (T, T) is used as it is; without one the layer is causal. Torch's whole attention is refused here too.

# %% nbgrader={"grade": false, "grade_id": "MultiHeadAttention", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor, nn


class MultiHeadAttention(nn.Module):
    """Multi-head self-attention; causal unless a mask is given.

    Args:
        d_model: width D of the input and the output.
        n_heads: query heads; the width of a head is D / n_heads.
        n_kv_heads: key and value heads, None means n_heads; query head h uses kv head h // group, where group is
            n_heads / n_kv_heads.

    The layers are `q_proj`, `k_proj`, `v_proj`, `o_proj` (`nn.Linear`, no bias; k_proj and v_proj map to
    n_kv_heads * head_dim), the attributes `n_heads` and `n_kv_heads` (both numbers).
    """

    def __init__(self, d_model: int, n_heads: int, n_kv_heads: int | None = None) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.n_heads = n_heads
        self.n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        kv_width = d_model // n_heads * self.n_kv_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, kv_width, bias=False)
        self.v_proj = nn.Linear(d_model, kv_width, bias=False)
        self.o_proj = nn.Linear(d_model, d_model, bias=False)
        ### END SOLUTION

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return (B, T, D) from x (B, T, D); mask (T, T) is boolean, True = may be used, causal when None."""
        ### BEGIN SOLUTION
        B, T, D = x.shape
        group = self.n_heads // self.n_kv_heads
        # q (B, K, group, T, d) beside k and v (B, K, 1, T, d): each kv head serves its group by broadcasting.
        q = self.q_proj(x).view(B, T, self.n_kv_heads, group, -1).permute(0, 2, 3, 1, 4)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, 1, -1).permute(0, 2, 3, 1, 4)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, 1, -1).permute(0, 2, 3, 1, 4)
        if mask is None:
            mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        weights = scores.masked_fill(~mask, float("-inf")).softmax(dim=-1).masked_fill(~mask, 0.0)
        return self.o_proj((weights @ v).permute(0, 3, 1, 2, 4).reshape(B, T, D))
        ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "MultiHeadAttention-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

from utils.notebook.checks import check

check(
    lambda: {name: tuple(weight.shape) for name, weight in MultiHeadAttention(12, 4, 2).state_dict().items()},
    {
        "q_proj.weight": (12, 12),
        "k_proj.weight": (6, 12),
        "v_proj.weight": (6, 12),
        "o_proj.weight": (12, 12),
    },
    "the weights of a layer of width 12 with four heads and two kv heads",
    mistakes={
        "The projections have no bias: bias=False.": lambda got: isinstance(got, dict) and any("bias" in name for name in got)
    },
    otherwise="k_proj and v_proj map to n_kv_heads * head_dim; the layers are q_proj, k_proj, v_proj and o_proj.",
)


def with_identities():
    layer = MultiHeadAttention(4, 2)
    layer.load_state_dict({f"{name}_proj.weight": torch.eye(4) for name in "qkvo"}, strict=False)
    return layer


tokens = torch.tensor([[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 2.0], [3.0, 0.0, 1.0, 0.0]]])
check(
    lambda: with_identities()(tokens)[:, 0],
    tokens[:, 0],
    "the first token, all matrices the identity",
    rtol=1e-4,
    otherwise="The first position sees itself only, so its output is its own value: is the layer causal without a mask?",
)
check(
    lambda: with_identities()(tokens, torch.eye(3, dtype=torch.bool)),
    tokens,
    "a mask under which each token sees itself only",
    rtol=1e-4,
    otherwise="Then each output is the token's own value, here the token: use the given mask as it is.",
)

# %% nbgrader={"grade": true, "grade_id": "MultiHeadAttention-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: names, shapes and attributes, with and without grouped queries.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import check

for D, H, K in ((12, 4, None), (12, 4, 2), (24, 6, 3), (10, 2, 1)):
    given = (D, H) if K is None else (D, H, K)
    kv_heads = H if K is None else K
    kv_width = D // H * kv_heads
    wanted = {
        "q_proj.weight": (D, D),
        "k_proj.weight": (kv_width, D),
        "v_proj.weight": (kv_width, D),
        "o_proj.weight": (D, D),
    }
    check(
        lambda: {
            name: tuple(weight.shape)
            for name, weight in MultiHeadAttention(*given).state_dict().items()
            if name in wanted or name.endswith("bias")
        },
        wanted,
        f"the weights of MultiHeadAttention{given}",
        mistakes={
            "The projections have no bias: nn.Linear(..., bias=False).": (
                lambda got: any(name.endswith("bias") for name in got)
            ),
            "k_proj and v_proj have the full width. They map to n_kv_heads * head_dim features.": (
                {name: (D, D) for name in wanted} if kv_width != D else None
            ),
        },
        otherwise="The layers are q_proj, k_proj, v_proj, o_proj; k_proj and v_proj map to n_kv_heads * head_dim.",
    )
    check(
        lambda: [isinstance(getattr(MultiHeadAttention(*given), f"{name}_proj"), torch.nn.Linear) for name in "qkvo"],
        [True] * 4,
        "whether q_proj, k_proj, v_proj and o_proj are nn.Linear",
    )
    check(
        lambda: [MultiHeadAttention(*given).n_heads, MultiHeadAttention(*given).n_kv_heads],
        [H, kv_heads],
        f"the attributes n_heads and n_kv_heads of MultiHeadAttention{given}",
        mistakes={
            "The attribute n_kv_heads is None. Without the argument it is n_heads, a number.": [H, None],
            "n_kv_heads has no effect: the attribute is n_heads.": [H, H],
        },
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "MultiHeadAttention-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the output with as many kv heads as heads: causal without a mask, and under a given one.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import case_rng, check, forbidden, inputs_unchanged

whole_exercise = (
    "torch.nn.functional.scaled_dot_product_attention",
    "torch.nn.functional.multi_head_attention_forward",
    "torch.nn.MultiheadAttention",
)


def output(x, weights, H, mask, wrong=""):
    x = x.double()
    B, T, D = x.shape
    q, k, v = (x @ weights[f"{name}_proj.weight"].double().T for name in "qkv")
    if wrong == "split":
        q, k, v = (one.reshape(B, H, T, D // H) for one in (q, k, v))
    else:
        q, k, v = (one.reshape(B, T, H, D // H).transpose(1, 2) for one in (q, k, v))
    q, k = (k, q) if wrong == "swapped" else (q, k)
    scale = {"no scale": 1.0, "d_model": D**0.5}.get(wrong, (D // H) ** 0.5)
    scores = (q @ k.transpose(-2, -1) / scale).masked_fill(~mask, float("-inf"))
    mixed = torch.softmax(scores, dim=-2 if wrong == "queries" else -1).nan_to_num(0.0) @ v
    merged = mixed.reshape(B, T, D) if wrong == "merge" else mixed.transpose(1, 2).reshape(B, T, D)
    projected = merged @ weights["o_proj.weight"].double().T
    return merged if wrong == "o_proj" else projected + x if wrong == "residual" else projected


for case, (B, T, D, H) in enumerate([(2, 5, 12, 3), (1, 4, 8, 4), (3, 6, 6, 1)]):
    generator = torch.Generator().manual_seed(case_rng("MultiHeadAttention", case).getrandbits(40))
    weights = {f"{name}_proj.weight": 1.5 * torch.randn(D, D, generator=generator) / D**0.5 for name in "qkvo"}
    x = torch.randn(B, T, D, generator=generator)
    causal = torch.ones(T, T, dtype=torch.bool).tril()
    everything = torch.ones_like(causal)
    odd = torch.rand(T, T, generator=generator) < 0.5
    odd[:, 1], odd[0] = True, torch.arange(T) >= 1  # every query sees a key, and the first sees the future only

    def layer():
        made = MultiHeadAttention(D, H)
        made.load_state_dict(weights, strict=False)
        return made

    def twice():
        made = layer()
        return [made(x.clone()), made(x.clone())]

    shared = {
        "The scale is missing: divide the scores by sqrt(head_dim).": "no scale",
        "The scale is sqrt(d_model). Each head has its own width: sqrt(head_dim), with head_dim = d_model / n_heads.": "d_model",
        "Queries and keys are swapped: a query (q_proj) asks, and looks at the keys (k_proj) of all positions.": "swapped",
        "The softmax runs over the queries. For each query the weights of its keys sum to 1: the last dimension (dim=-1).": (
            "queries"
        ),
        "The heads were not split rightly: reshape to (B, T, H, d), and then transpose to (B, H, T, d).": "split",
        "The heads were not merged rightly: transpose them back to (B, T, H, d) before you join them.": "merge",
        "The output projection o_proj is missing.": "o_proj",
        "The input x was added (a residual connection). That belongs into the block around this layer.": "residual",
    }
    with inputs_unchanged(x, odd), forbidden(*whole_exercise):
        check(
            lambda: bool(torch.equal(*twice())),
            True,
            "whether the same input twice gives the same output",
            mistakes={"The output is random: no dropout here, the same input gives the same output twice.": False},
        )
        for mask, what in ((None, "no mask"), (odd, "a mask that is not causal"), (everything, "a mask that allows all")):
            used = causal if mask is None else mask
            wanted = output(x, weights, H, used)
            mistakes = {hint: output(x, weights, H, used, wrong) for hint, wrong in shared.items()}
            if mask is None:
                mistakes |= {
                    "Without a mask the layer is causal: here every position sees the later ones.": output(x, weights, H, everything),
                    "A position sees itself too: here its own position is masked, and the first position sees nothing.": (
                        output(x, weights, H, causal & ~torch.eye(T, dtype=torch.bool))
                    ),
                    "Without a mask a position sees itself and the earlier ones: this mask is inverted.": output(
                        x, weights, H, ~causal
                    ),
                }
            else:
                mistakes |= {
                    "A given mask is ignored: the layer is causal only when the mask is None.": output(x, weights, H, causal),
                    "A given mask was combined with the causal one. Use a given mask as it is.": output(
                        x, weights, H, used & causal
                    ),
                    "A given mask is the wrong way round: True means that the key may be used.": output(x, weights, H, ~used),
                    "A given mask has no effect: every position sees all.": output(x, weights, H, everything),
                }
            # One head, or a head as wide as the model, makes some mistakes harmless.
            mistakes = {hint: value for hint, value in mistakes.items() if not torch.allclose(value, wanted, 1e-3, 1e-3)}
            check(
                lambda: layer()(x) if mask is None else layer()(x, mask),
                wanted,
                f"D = {D}, {H} heads, {what}",
                rtol=1e-3,
                atol=1e-4,
                mistakes=mistakes,
                otherwise="Project, split into heads, attend in each head, merge, project with o_proj.",
            )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "MultiHeadAttention-3", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: grouped queries: query head h uses kv head h // group.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import case_rng, check, forbidden

whole_exercise = (
    "torch.nn.functional.scaled_dot_product_attention",
    "torch.nn.functional.multi_head_attention_forward",
    "torch.nn.MultiheadAttention",
)


def output(x, weights, H, K, keys_of, values_of, mask, head_dim_scale=True):
    x = x.double()
    B, T, D = x.shape
    q, k, v = (x @ weights[f"{name}_proj.weight"].double().T for name in "qkv")
    q, k, v = (one.reshape(B, T, -1, D // H).transpose(1, 2) for one in (q, k, v))
    k, v = k[:, keys_of], v[:, values_of]
    scores = (q @ k.transpose(-2, -1) / (D // H if head_dim_scale else D) ** 0.5).masked_fill(~mask, float("-inf"))
    mixed = torch.softmax(scores, dim=-1) @ v
    return mixed.transpose(1, 2).reshape(B, T, D) @ weights["o_proj.weight"].double().T


for case, (B, T, D, H, K) in enumerate([(2, 5, 12, 4, 2), (1, 4, 24, 6, 3), (2, 3, 8, 4, 1), (1, 5, 18, 6, 2)]):
    generator = torch.Generator().manual_seed(case_rng("grouped queries", case).getrandbits(40))
    group = H // K
    widths = {"q": D, "k": D // group, "v": D // group, "o": D}
    weights = {
        f"{name}_proj.weight": 1.5 * torch.randn(width, D, generator=generator) / D**0.5 for name, width in widths.items()
    }
    x = torch.randn(B, T, D, generator=generator)
    mask = torch.ones(T, T, dtype=torch.bool).tril()
    grouped, cycled, first = ([h // group for h in range(H)], [h % K for h in range(H)], [0] * H)
    wanted = output(x, weights, H, K, grouped, grouped, mask)
    mistakes = {
        "kv heads are repeated in the wrong order: query head h uses kv head h // group, as repeat_interleave gives.": (
            output(x, weights, H, K, cycled, cycled, mask)
        ),
        "Every query head uses the first kv head. Query head h uses kv head h // group.": output(
            x, weights, H, K, first, first, mask
        ),
        "The values' heads are repeated in another order than the keys': both follow h // group (repeat_interleave).": (
            output(x, weights, H, K, grouped, cycled, mask)
        ),
        "The keys' heads are repeated in another order than the values': both follow h // group (repeat_interleave).": (
            output(x, weights, H, K, cycled, grouped, mask)
        ),
        "The scale is sqrt(d_model). Each head has its own width: sqrt(head_dim).": output(
            x, weights, H, K, grouped, grouped, mask, head_dim_scale=False
        ),
        "Without a mask the layer is causal, with grouped queries too.": output(
            x, weights, H, K, grouped, grouped, torch.ones_like(mask)
        ),
    }

    def answer():
        made = MultiHeadAttention(D, H, K)
        made.load_state_dict(weights, strict=False)
        return made(x.clone())

    with forbidden(*whole_exercise):
        check(
            answer,
            wanted,
            f"D = {D}, {H} heads, {K} kv heads",
            rtol=1e-3,
            atol=1e-4,
            mistakes={hint: value for hint, value in mistakes.items() if not torch.allclose(value, wanted, 1e-3, 1e-3)},
            if_raises="k_proj and v_proj give n_kv_heads heads; each serves a group of n_heads / n_kv_heads query heads.",
            otherwise="Query head h uses the keys and values of kv head h // group.",
        )
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: `KVCache`
#
# *Difficulty 2 of 5, 15 minutes.* A cache begins empty. `append` takes the keys and values of one or more new positions and returns
# all so far, joined along the sequence dimension -2: tensors may be (B, T, d), or (B, H, T, d), or have more leading dimensions.
# `len(cache)` counts positions, `reset()` forgets everything. Each cache is on its own.

# %% nbgrader={"grade": false, "grade_id": "KVCache", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


class KVCache:
    """Keys and values of all positions so far; `len(cache)` is their number."""

    def __init__(self) -> None:
        ### BEGIN SOLUTION
        self.reset()
        ### END SOLUTION

    def append(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add keys and values (..., n, d) of n new positions and return all so far, (..., len(cache), d) each."""
        ### BEGIN SOLUTION
        self.keys.append(k)
        self.values.append(v)
        return torch.cat(self.keys, dim=-2), torch.cat(self.values, dim=-2)
        ### END SOLUTION

    def __len__(self) -> int:
        ### BEGIN SOLUTION
        return sum(k.shape[-2] for k in self.keys)
        ### END SOLUTION

    def reset(self) -> None:
        """Forget everything."""
        ### BEGIN SOLUTION
        self.keys: list[Tensor] = []
        self.values: list[Tensor] = []
        ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "KVCache-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

from utils.notebook.checks import check

k = torch.arange(10.0).view(1, 5, 2)
v = -k


def in_two_parts():
    cache = KVCache()
    cache.append(k[:, :3], v[:, :3])
    return cache.append(k[:, 3:], v[:, 3:])


def length_of_parts():
    cache = KVCache()
    lengths = [len(cache)]
    for part in (slice(0, 3), slice(3, 5)):
        cache.append(k[:, part], v[:, part])
        lengths.append(len(cache))
    cache.reset()
    return [*lengths, len(cache)]


check(
    in_two_parts,
    (k, v),
    "three positions, then two more",
    mistakes={"Return all positions so far, not only the new ones.": (k[:, 3:], v[:, 3:])},
)
check(
    length_of_parts,
    [0, 3, 5, 0],
    "the length of a new cache, after three positions, after two more, after reset",
    if_raises="A new cache is empty: its length is 0.",
    mistakes={"`len` counts positions, not calls.": [0, 1, 2, 0]},
)

# %% nbgrader={"grade": true, "grade_id": "KVCache-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: append returns all keys and all values so far, in their order.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import case_rng, check

for case, (lead, counts) in enumerate([((2, 3), (1, 1, 1)), ((2,), (4, 1, 2)), ((1, 2), (5, 1, 1, 3)), ((2, 1, 3), (2, 2)), ((3,), (9, 1, 1))]):
    generator = torch.Generator().manual_seed(case_rng("KVCache", case).getrandbits(40))
    total = sum(counts)
    k, v = torch.randn(*lead, total, 4, generator=generator), torch.randn(*lead, total, 4, generator=generator)
    ends = [sum(counts[: number + 1]) for number in range(len(counts))]
    parts = [slice(end - count, end) for count, end in zip(counts, ends)]

    def everything():
        cache = KVCache()
        return [cache.append(k[..., part, :].clone(), v[..., part, :].clone()) for part in parts]

    wanted = [(k[..., :end, :], v[..., :end, :]) for end in ends]

    def joined(x, dim):
        return [torch.cat([x[..., part, :] for part in parts[: number + 1]], dim=dim) for number in range(len(parts))]

    def in_front(x):
        return [torch.cat([x[..., part, :] for part in reversed(parts[: number + 1])], dim=-2) for number in range(len(parts))]

    def pairs(one, other):
        return list(zip(one, other))

    last = [part.stop - 1 for part in parts]
    mistakes = {
        "append returned nothing: is a `return` missing?": lambda got: isinstance(got, list) and None in [
            one for one in got if not isinstance(one, torch.Tensor)
        ],
        "Only the new positions came back. Return all so far, the earlier ones too.": pairs(
            [k[..., part, :] for part in parts], [v[..., part, :] for part in parts]
        ),
        "Keys and values are swapped: return (k, v).": [(b, a) for a, b in wanted],
        "The values were not kept: only the new ones came back beside all keys.": pairs(
            [a for a, _ in wanted], [v[..., part, :] for part in parts]
        ),
        "The keys were not kept: only the new ones came back beside all values.": pairs(
            [k[..., part, :] for part in parts], [b for _, b in wanted]
        ),
        "The order is wrong: new positions go behind the earlier ones (at the end), not in front.": pairs(
            in_front(k), in_front(v)
        ),
        "Of several positions at once, as a prompt has, only the last one was kept.": pairs(
            [k[..., last[: number + 1], :] for number in range(len(parts))],
            [v[..., last[: number + 1], :] for number in range(len(parts))],
        ),
        "Positions got lost: the cache must grow, and keep all so far.": lambda got: (
            isinstance(got, list)
            and any(isinstance(one, tuple | list) and one[0].shape[-2] < end for one, end in zip(got, ends))
        ),
        "The first append returned positions that were never appended to this cache: does it share a store (a class"
        " attribute) with another cache?": lambda got: (
            isinstance(got, list) and isinstance(got[0], tuple | list) and got[0][0].shape[-2] > ends[0]
        ),
    }
    if len(set(counts)) == 1 or len(lead) < 2:
        for dim in range(len(lead)):
            try:
                mistakes[
                    f"Positions were joined along the dimension {dim}, the batch or the heads. The sequence dimension is -2."
                ] = pairs(joined(k, dim), joined(v, dim))
            except RuntimeError:  # pieces of unequal length do not join there
                continue
    check(
        everything,
        wanted,
        f"keys {tuple(k.shape)} in parts of {', '.join(map(str, counts))} positions",
        mistakes=mistakes,
        if_raises="The sequence dimension is -2, whatever the number of leading dimensions.",
        otherwise="Join the new positions behind the earlier ones, along the sequence dimension -2.",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "KVCache-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: len counts positions, and two caches are separate.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import check


def new_beside_a_full_one():
    full, fresh = KVCache(), KVCache()
    full.append(torch.ones(2, 4, 3), torch.ones(2, 4, 3))
    return len(fresh)


check(
    new_beside_a_full_one,
    0,
    "the length of a new cache, while another cache holds four positions",
    if_raises="A new cache is empty, and has the length 0, before anything is appended.",
    mistakes={
        "Two caches share one store: keep it in the object (self, in __init__), not in the class.": (
            lambda got: isinstance(got, int) and got > 0
        )
    },
)


def lengths(batch, heads, counts):
    cache = KVCache()
    found = []
    for count in counts:
        cache.append(torch.ones(batch, heads, count, 2), torch.ones(batch, heads, count, 2))
        found.append(len(cache))
    return found


for batch, heads, counts in ((2, 3, (5, 1, 1)), (7, 1, (1, 4)), (1, 4, (3, 3, 3, 3))):
    ends = [sum(counts[: number + 1]) for number in range(len(counts))]
    check(
        lambda: lengths(batch, heads, counts),
        ends,
        f"the length after {', '.join(map(str, counts))} positions, with a batch of {batch} and {heads} heads",
        mistakes={
            "`len` counts the calls of append. It counts positions: a call may add several.": list(range(1, len(counts) + 1)),
            "`len` is the size of the batch. It counts positions, along the sequence dimension -2.": [batch] * len(counts),
            "`len` is the number of heads. It counts positions, along the sequence dimension -2.": [heads] * len(counts),
            "`len` counts the new positions only. It counts all so far.": list(counts),
        },
        otherwise="`len(cache)` is the number of positions so far.",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "KVCache-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: after reset a cache is as good as new.
### BEGIN HIDDEN TESTS
import torch

from utils.notebook.checks import check

old, new = torch.full((2, 3, 4), 7.0), torch.arange(16.0).view(2, 2, 4)


def after_reset():
    cache = KVCache()
    cache.append(old, old)
    cache.reset()
    length = len(cache)
    k, v = cache.append(new, -new)
    return [length, k, v, len(cache)]


forgotten = "After `reset` the cache must be empty:"
check(
    after_reset,
    [0, new, -new, 2],
    "three positions, reset, two others",
    if_raises=f"{forgotten} it can then be used again.",
    mistakes={
        f"{forgotten} its length is still the old one.": lambda got: isinstance(got, list) and got[0] == 3,
        f"{forgotten} the length is 0, but the old keys and values are still there.": (
            lambda got: isinstance(got, list) and got[1].shape[-2] == 5 and got[2].shape[-2] == 5
        ),
        f"{forgotten} the old values are still there.": (
            lambda got: isinstance(got, list) and got[2].shape[-2] == 5
        ),
        f"{forgotten} the old keys are still there.": lambda got: isinstance(got, list) and got[1].shape[-2] == 5,
        f"{forgotten} its length still counts the positions of before the reset.": (
            lambda got: isinstance(got, list) and got[3] == 5
        ),
    },
    otherwise=f"{forgotten} then it holds what is appended from there on.",
)


def reset_twice():
    cache = KVCache()
    cache.reset()
    cache.append(old, old)
    cache.reset()
    cache.reset()
    return len(cache)


check(reset_twice, 0, "reset of an empty cache", if_raises="An empty cache may be reset.")
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: `decode_step`
#
# *Difficulty 4 of 5, 25 minutes.* One token at a time: project it, append its key and value to the cache, let its query look at all
# keys so far, merge, project. The output must equal the last row of the layer's full causal forward over all tokens so far.
# Use the layer's `q_proj`, `k_proj`, `v_proj`, `o_proj`, `n_heads`, `n_kv_heads`, and the cache's `append`; what shape you
# cache is up to you. Any layer and cache with these names will be handed to you, so that an earlier exercise that you left
# out costs you nothing here:

# %%
from utils.evaluation.decoding_parts import attention_parts, cache_parts

layer, cache = attention_parts(d_model=8, n_heads=4, n_kv_heads=2), cache_parts()
for number in range(3):
    token = torch.randn(1, 1, 8)  # (B, 1, D)
    k, v = cache.append(layer.k_proj(token), layer.v_proj(token))
    print(f"token {number}: the cache holds {len(cache)} positions, keys {tuple(k.shape)}, values {tuple(v.shape)}")

# %% nbgrader={"grade": false, "grade_id": "decode_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor, nn


def decode_step(layer: nn.Module, x_t: Tensor, cache: "KVCache") -> Tensor:
    """Return a causal attention layer's output for one more token, with the earlier ones in a cache.

    Args:
        layer: multi-head attention with `q_proj`, `k_proj`, `v_proj`, `o_proj`, `n_heads` and `n_kv_heads`.
        x_t: the new token (B, 1, D).
        cache: what earlier steps appended; this step appends the new token, once.

    Returns:
        (B, 1, D), equal to the last row of `layer` over all tokens so far.
    """
    ### BEGIN SOLUTION
    B, _, D = x_t.shape
    group = layer.n_heads // layer.n_kv_heads
    # The queries of one group stand where a sequence would: they share a kv head, and none of them is masked.
    q = layer.q_proj(x_t).view(B, layer.n_kv_heads, group, D // layer.n_heads)
    k = layer.k_proj(x_t).view(B, 1, layer.n_kv_heads, -1).transpose(1, 2)
    v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, -1).transpose(1, 2)
    k, v = cache.append(k, v)
    weights = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).softmax(dim=-1)
    return layer.o_proj((weights @ v).reshape(B, 1, D))
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "decode_step-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

from utils.evaluation.decoding_parts import attention_parts, cache_parts
from utils.notebook.checks import check

layer = attention_parts(d_model=8, n_heads=4, n_kv_heads=2, seed=1)
tokens = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(1))


def one_by_one():
    cache = cache_parts()
    return [decode_step(layer, tokens[:, t : t + 1], cache).detach() for t in range(5)]


with torch.no_grad():
    wanted = list(layer(tokens).split(1, dim=1))
check(
    one_by_one,
    wanted,
    "five tokens one by one, and the layer over all five",
    rtol=1e-3,
    atol=1e-4,
    otherwise="Each output must equal the row of the full forward: scale, heads and o_proj as in the layer.",
)

# %% nbgrader={"grade": true, "grade_id": "decode_step-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: equal to the full causal forward, as many kv heads as heads.
### BEGIN HIDDEN TESTS
import torch

from utils.evaluation.decoding_parts import attention_parts, cache_parts
from utils.notebook.checks import case_rng, check


def stepwise(layer, x, wrong=""):
    """Return what a decoder gives, step by step, right or with one thing wrong."""
    B, T, D = x.shape
    H, K = layer.n_heads, layer.n_kv_heads
    x = x.double()
    weight = {name: getattr(layer, f"{name}_proj").weight.detach().double() for name in "qkvo"}
    q, k, v = (x @ weight[name].T for name in "qkv")
    if wrong == "unprojected":
        k = v = x[..., : D // H * K]
    group = H // K
    heads_of = [h % K if wrong == "cycled" else h // group for h in range(H)]
    q, k, v = (one.reshape(B, T, -1, D // H).transpose(1, 2) for one in (q, k, v))
    k, v = k[:, heads_of], v[:, heads_of]
    if wrong == "one head":
        q, k, v = (one.transpose(1, 2).reshape(B, 1, T, D) for one in (q, k, v))
    scale = {"no scale": 1.0, "d_model": D**0.5}.get(wrong, (D // H) ** 0.5)
    outputs = []
    for t in range(T):
        seen = {"new only": [t], "first": [0], "not itself": list(range(t)) or [0]}.get(wrong, list(range(t + 1)))
        scores = q[:, :, t : t + 1] @ k[:, :, seen].transpose(-2, -1) / scale
        scores = scores * 0 if wrong == "mean" else scores
        mixed = (torch.softmax(scores, dim=-1) @ v[:, :, seen]).transpose(1, 2).reshape(B, 1, D)
        y = mixed if wrong == "o_proj" else mixed @ weight["o"].T
        outputs.append(y + x[:, t : t + 1] if wrong == "residual" else y)
    return outputs


hints = {
    "The token attends to itself only. The earlier ones are in the cache: use what `append` returns (was the cache reset?).": (
        "new only"
    ),
    "The new token sees the first key only, as the first row of a causal mask does. It is the last position, and sees all keys.": (
        "first"
    ),
    "The token does not see its own key: append first, then attend to all, itself too.": "not itself",
    "The scale is missing: divide the scores by sqrt(head_dim).": "no scale",
    "The scale is sqrt(d_model). Each head has its own width: sqrt(head_dim).": "d_model",
    "The output projection o_proj is missing.": "o_proj",
    "There is one head of the full width. Split queries, keys and values into n_heads heads.": "one head",
    "This is the mean of all values. Weigh them: softmax of the scores of the query.": "mean",
    "The input x_t was added (a residual connection). That belongs into the block around the layer.": "residual",
    "The input was cached as key and value. Project it first: k_proj and v_proj.": "unprojected",
}
for case, (B, T, D, H) in enumerate([(2, 5, 12, 3), (1, 7, 8, 2), (3, 4, 16, 4)]):
    seed = case_rng("decode_step", case).getrandbits(40)
    layer = attention_parts(D, H, seed=seed)
    x = torch.randn(B, T, D, generator=torch.Generator().manual_seed(seed + 1))

    def one_by_one():
        cache = cache_parts()
        with torch.no_grad():
            return [decode_step(layer, x[:, t : t + 1].clone(), cache) for t in range(T)]

    wanted = stepwise(layer, x)
    check(
        one_by_one,
        wanted,
        f"{T} tokens of width {D} one by one, {H} heads",
        rtol=1e-3,
        atol=1e-4,
        mistakes={
            "Return y_t alone, not a tuple with the cache.": lambda got: any(isinstance(y, tuple | list) for y in got),
            "Return y_t: nothing came back.": lambda got: any(y is None for y in got),
            "The shape is wrong: y_t is (B, 1, D), as x_t is.": lambda got: any(
                tuple(y.shape) != (B, 1, D) for y in got if isinstance(y, torch.Tensor)
            ),
            **{hint: stepwise(layer, x, wrong) for hint, wrong in hints.items()},
        },
        otherwise="Each output must equal the last row of the layer's causal forward over the tokens so far.",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "decode_step-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: equal to the full causal forward with grouped queries.
### BEGIN HIDDEN TESTS
import torch

from utils.evaluation.decoding_parts import attention_parts, cache_parts
from utils.notebook.checks import case_rng, check


def grouped(layer, x, heads_of):
    x = x.double()
    B, T, D = x.shape
    weight = {name: getattr(layer, f"{name}_proj").weight.detach().double() for name in "qkvo"}
    q, k, v = ((x @ weight[name].T).reshape(B, T, -1, D // layer.n_heads).transpose(1, 2) for name in "qkv")
    k, v = k[:, heads_of], v[:, heads_of]
    scores = q @ k.transpose(-2, -1) / (D // layer.n_heads) ** 0.5
    scores = scores.masked_fill(~torch.ones(T, T, dtype=torch.bool).tril(), float("-inf"))
    merged = (torch.softmax(scores, dim=-1) @ v).transpose(1, 2).reshape(B, T, D)
    return list((merged @ weight["o"].T).split(1, dim=1))


for case, (B, T, D, H, K) in enumerate([(2, 5, 12, 4, 2), (1, 6, 24, 6, 3), (2, 4, 8, 4, 1)]):
    seed = case_rng("decode_step grouped", case).getrandbits(40)
    layer = attention_parts(D, H, K, seed=seed)
    x = torch.randn(B, T, D, generator=torch.Generator().manual_seed(seed + 1))

    def one_by_one():
        cache = cache_parts()
        with torch.no_grad():
            return [decode_step(layer, x[:, t : t + 1].clone(), cache) for t in range(T)]

    group = H // K
    mistakes = {
        "Every query head uses the first kv head. Query head h uses kv head h // group.": grouped(layer, x, [0] * H),
        "kv heads are repeated in the wrong order: query head h uses kv head h // group, as repeat_interleave gives.": (
            grouped(layer, x, [h % K for h in range(H)])
        ),
    }
    check(
        one_by_one,
        grouped(layer, x, [h // group for h in range(H)]),
        f"{T} tokens one by one, {H} heads and {K} kv heads",
        rtol=1e-3,
        atol=1e-4,
        mistakes=mistakes if K > 1 else {},
        if_raises="The layer has n_kv_heads kv heads; each serves a group of n_heads / n_kv_heads query heads.",
        otherwise="Each output must equal the last row of the layer's causal forward, with query head h on kv head h // group.",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "decode_step-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: each step appends one position, a new cache starts a new text, and the token stays as it was.
### BEGIN HIDDEN TESTS
import torch

from utils.evaluation.decoding_parts import attention_parts, cache_parts
from utils.notebook.checks import check, inputs_unchanged

layer = attention_parts(8, 4, 2, seed=5)
x = torch.randn(2, 4, 8, generator=torch.Generator().manual_seed(6))


def cached_lengths():
    cache, found = cache_parts(), []
    with torch.no_grad():
        for t in range(4):
            decode_step(layer, x[:, t : t + 1].clone(), cache)
            found.append(len(cache))
    return found


check(
    cached_lengths,
    [1, 2, 3, 4],
    "the length of the cache after each of four steps",
    mistakes={
        "Each token was appended twice. Append it once, and use what `append` returns.": [2, 4, 6, 8],
        "Nothing was appended to the cache: later tokens need this one's key and value.": [0, 0, 0, 0],
        "The cache was emptied (reset) in a step. It keeps the earlier tokens.": [1, 1, 1, 1],
    },
    otherwise="Each step appends its own token to the cache, once.",
)
with torch.no_grad():
    whole = layer(x)


def two_texts():
    first, second = cache_parts(), cache_parts()
    outputs = []
    with torch.no_grad():
        for t in range(4):  # two texts in turn, each with its own cache
            for row, cache in enumerate((first, second)):
                outputs.append(decode_step(layer, x[row : row + 1, t : t + 1].clone(), cache))
    return outputs


check(
    two_texts,
    [whole[row : row + 1, t : t + 1] for t in range(4) for row in range(2)],
    "two texts in turn, each with its own cache",
    rtol=1e-3,
    atol=1e-4,
    otherwise="What is known of a text is in its cache and nowhere else: keep no other state between steps.",
)
token = x[:, :1].clone()
with inputs_unchanged(token), torch.no_grad():
    check(lambda: decode_step(layer, token, cache_parts()), whole[:, :1], "the first token", rtol=1e-3, atol=1e-4)
### END HIDDEN TESTS

# %% [markdown]
# ## 7 What the cache costs
#
# **What the chapter claims.** Each token so far has a key and a value in every layer, so their number grows with the context,
# which is one reason why long contexts are hard to serve.
#
# For one token of Llama 2-7B, at two bytes a number:

# %%
n_layers, n_heads, head_dim = 32, 32, 128
print(f"numbers in one layer: {n_heads} heads x {head_dim} x 2 (key and value) = {2 * n_heads * head_dim:,}")
print(f"bytes in all layers: {n_layers * 2 * n_heads * head_dim * 2:,} = half a megabyte for one token")

# %% [markdown]
# ### Exercise: `kv_cache_bytes`
#
# *Difficulty 1 of 5, 5 minutes.* Keys and values, of every layer, kv head, position and text of the batch.

# %% nbgrader={"grade": false, "grade_id": "kv_cache_bytes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kv_cache_bytes(
    n_layers: int, n_kv_heads: int, head_dim: int, seq_len: int, batch_size: int = 1, bytes_per_value: int = 2
) -> int:
    """Return the bytes that the keys and values of a batch of texts take.

    Args:
        n_layers: layers of the model, each with keys and values of its own.
        n_kv_heads: key and value heads in each.
        head_dim: width of a head.
        seq_len: positions so far in each text.
        batch_size: texts.
        bytes_per_value: 2 for bfloat16, 4 for float32, 1 for 8 bits.
    """
    ### BEGIN SOLUTION
    keys_and_values = 2
    return keys_and_values * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "kv_cache_bytes-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
from utils.notebook.checks import check

check(
    lambda: kv_cache_bytes(32, 32, 128, 1),
    524_288,
    "one token of Llama 2-7B",
    mistakes={
        "Count keys and values: twice as much.": 262_144,
        "A number has two bytes by default.": 262_144 // 2,
    },
)
check(
    lambda: kv_cache_bytes(n_layers=2, n_kv_heads=3, head_dim=5, seq_len=7, batch_size=11, bytes_per_value=4),
    2 * 2 * 3 * 5 * 7 * 11 * 4,
    "small numbers, all of them different",
    otherwise="It is one product: keys and values, layers, heads, width, positions, texts, bytes.",
)

# %% nbgrader={"grade": true, "grade_id": "kv_cache_bytes-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: the bytes for any dimensions.
### BEGIN HIDDEN TESTS
import math

from utils.notebook.checks import case_rng, check

for case in range(4):
    rng = case_rng("kv_cache_bytes", case)
    # Distinct primes: leaving out or doubling any of them gives another product.
    layers, heads, width, length, batch = rng.sample([5, 7, 11, 13, 17, 19, 23, 29, 31], 5)
    size = 8
    wanted = 2 * math.prod((layers, heads, width, length, batch, size))
    check(
        lambda: kv_cache_bytes(layers, heads, width, length, batch_size=batch, bytes_per_value=size),
        wanted,
        f"{layers} layers, {heads} kv heads of width {width}, {length} positions, {batch} texts, {size} bytes",
        mistakes={
            "There are keys and values: the factor 2 is missing.": wanted / 2,
            "Keys and values were doubled twice: their factor is 2.": wanted * 2,
            "Queries are not cached: there are keys and values only, a factor of 2.": wanted * 3 / 2,
            "These are bits. Return bytes.": wanted * 8,
            "The batch is left out: each text has a cache of its own.": wanted / batch,
            "One layer only: each layer has keys and values of its own.": wanted / layers,
            "These are numbers, not bytes: multiply by bytes_per_value.": wanted / size,
            "bytes_per_value has no effect: a value may have other than 2 bytes.": wanted / size * 2,
            "bytes_per_value has no effect: a value may have other than 4 bytes.": wanted / size * 4,
            "The kv heads are left out (n_kv_heads).": wanted / heads,
            "The width of a head (head_dim) is left out.": wanted / width,
            "The length is left out: each position has a key and a value (seq_len).": wanted / length,
            "The cache is linear in seq_len: keys and values, no square of scores.": wanted * length,
            "Every token counts, the last position too: seq_len, not seq_len - 1.": wanted * (length - 1) // length,
            "These are gigabytes (GB). Return the number in bytes.": wanted / 1e9,
            "These are megabytes. Return the number in bytes.": wanted / 1e6,
            "These are gibibytes (GiB). Return the number in bytes.": lambda got: got in (wanted / 2**30, wanted // 2**30),
            "These are mebibytes (MiB). Return the number in bytes.": lambda got: got in (wanted / 2**20, wanted // 2**20),
        },
        otherwise="It is one product: keys and values, layers, heads, width, positions, texts, bytes.",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "kv_cache_bytes-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: one text of two bytes a value by default, and the models of Table 2-4.
### BEGIN HIDDEN TESTS
from utils.notebook.checks import check

for what, arguments, wanted in (
    ("Llama 2-7B, 4,096 tokens", (32, 32, 128, 4096), 2_147_483_648),
    ("Llama 2-70B, 4,096 tokens, eight kv heads", (80, 8, 128, 4096), 1_342_177_280),
    ("Llama 3-405B, 131,072 tokens, eight kv heads", (126, 8, 128, 131_072), 67_645_734_912),
):
    check(
        lambda: kv_cache_bytes(*arguments),
        wanted,
        what,
        mistakes={
            "The default of bytes_per_value is 2 bytes, not 4.": 2 * wanted,
            "The default of bytes_per_value is 2 bytes, not 1.": wanted / 2,
        },
        otherwise="By default there is one text, and a value has two bytes.",
    )
check(
    lambda: kv_cache_bytes(32, 32, 128, 4096, 16),
    16 * 2_147_483_648,
    "Llama 2-7B, 16 texts of 4,096 tokens",
    otherwise="The fifth argument is batch_size.",
)
### END HIDDEN TESTS

