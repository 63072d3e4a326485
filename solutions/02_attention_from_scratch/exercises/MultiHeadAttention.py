"""Multi-head attention with grouped queries: projections, heads that share keys and values, a mask."""

# %% solution
import torch
from torch import Tensor, nn


class MultiHeadAttention(nn.Module):
    """Multi-head self-attention; causal unless a mask is given.

    Args:
        d_model: width D of the input and the output.
        n_heads: query heads; the width of a head is D / n_heads.
        n_kv_heads: key and value heads, None means n_heads; query head h uses kv head h // group,
            where group is n_heads / n_kv_heads.

    The layers are `q_proj`, `k_proj`, `v_proj`, `o_proj` (`nn.Linear`, no bias; k_proj and v_proj
    map to n_kv_heads * head_dim), the attributes `n_heads` and `n_kv_heads` (both numbers).
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
        """Return (B, T, D) from x (B, T, D).

        The mask (T, T) is boolean, True = may be used; None means causal.
        """
        ### BEGIN SOLUTION
        B, T, D = x.shape
        group = self.n_heads // self.n_kv_heads
        # q (B, K, group, T, d), k and v (B, K, 1, T, d): one kv head serves its whole group.
        q = self.q_proj(x).view(B, T, self.n_kv_heads, group, -1).permute(0, 2, 3, 1, 4)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, 1, -1).permute(0, 2, 3, 1, 4)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, 1, -1).permute(0, 2, 3, 1, 4)
        if mask is None:
            mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        weights = scores.masked_fill(~mask, float("-inf")).softmax(dim=-1).masked_fill(~mask, 0.0)
        return self.o_proj((weights @ v).permute(0, 3, 1, 2, 4).reshape(B, T, D))
        ### END SOLUTION


# %% hints
HINTS = (
    """
Everything is there already: project, `split_heads` (keys and values into n_kv_heads heads),
attention in each head, `merge_heads`, o_proj. Which width has a head, and how many features do
k_proj and v_proj give?
""",
    """
`head_dim = d_model // n_heads`, and k_proj, v_proj map to `n_kv_heads * head_dim`. Let each kv
head serve its group with `k.repeat_interleave(n_heads // n_kv_heads, dim=1)`, the same for v. A
mask of None becomes the lower triangle.
""",
)
EXPLANATION = """
Each head attends in head_dim features of its own, so the scale is sqrt(head_dim) and not
sqrt(d_model). Query head h uses kv head h // group: `repeat_interleave` gives that order,
`repeat` gives another. The solution repeats nothing: it lets each kv head serve its group by
broadcasting. A given mask replaces the causal one, it is not combined with it. The residual
connection and dropout belong to the block around the layer.
"""

# %% helpers
import functools

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
    not_finite,
    other_shape,
    same,
)

SCALE = "The scale is sqrt(d_model). Each head has its own width: sqrt(head_dim), with head_dim = d_model / n_heads."


def random_weights(case, D, H, K):
    """Return weights for a layer, large enough that its attention is far from uniform."""
    kv_width = D // H * K
    widths = {"q": D, "k": kv_width, "v": kv_width, "o": D}
    return {
        f"{name}_proj.weight": case_tensor(
            "MultiHeadAttention", f"{case} {name}", width, D, scale=1.5 / D**0.5
        )
        for name, width in widths.items()
    }


def multi_head(x, weights, H, mask, keys_of=None, values_of=None, wrong=""):
    """Return what a layer gives, right or with one thing wrong; query head h uses the kv heads keys_of[h], values_of[h]."""
    x = x.double()
    B, T, D = x.shape
    q, k, v = (x @ weights[f"{name}_proj.weight"].double().T for name in "qkv")
    if wrong in ("split", "split and merge"):
        q, k, v = (one.reshape(B, -1, T, D // H) for one in (q, k, v))
    else:
        q, k, v = (one.reshape(B, T, -1, D // H).transpose(1, 2) for one in (q, k, v))
    k, v = (k[:, keys_of], v[:, values_of]) if keys_of else (k, v)
    q, k = (k, q) if wrong == "swapped" else (q, k)
    root = (D // H) ** 0.5
    scale = {"no scale": 1.0, "d_model": D**0.5, "head_dim": D // H, "multiplied": 1 / root}.get(
        wrong, root
    )
    v = k if wrong == "v is k" else v
    scores = q @ k.transpose(-2, -1) / scale
    if wrong != "after":
        scores = scores.masked_fill(~mask, 0.0 if wrong == "zero" else float("-inf"))
    over = {"queries": -2, "heads": 1}.get(wrong, -1)
    shares = torch.softmax(scores, dim=over).nan_to_num(0.0) * (mask if wrong == "after" else 1)
    joined = shares @ v
    merged = joined if wrong in ("merge", "split and merge") else joined.transpose(1, 2)
    merged = merged.reshape(B, T, D)
    projected = merged @ weights["o_proj.weight"].double().T
    return {"o_proj": merged, "residual": projected + x}.get(wrong, projected)


def or_nan(value):
    """Return a predicate: whether a tensor is this one, with 0 or NaN where a query is left without keys."""
    return lambda got: same(got.nan_to_num(0.0), value, 1e-3, 1e-4)


def loaded(layer, weights):
    layer.load_state_dict(weights, strict=False)
    return layer


# %% examples
def examples(check):
    x = torch.tensor([[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 2.0], [3.0, 0.0, 1.0, 0.0]]])

    def output(*mask):
        layer = MultiHeadAttention(4, 2)
        layer.load_state_dict({f"{n}_proj.weight": torch.eye(4) for n in "qkvo"}, strict=False)
        return layer(x, *mask)

    check(lambda: output()[:, 0], x[:, 0], "the first token, all matrices the identity")
    check(lambda: output(torch.eye(3) > 0), x, "a mask: each token sees itself only")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    x = torch.tensor([[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 2.0], [3.0, 0.0, 1.0, 0.0]]])
    residual = "The input x was added (a residual connection). That belongs into the block around this layer."
    return {
        "keys of zeros": Diagnosis(
            mistakes={
                "k_proj and v_proj map to n_kv_heads * head_dim features.": other_shape(3),
                "The projections have no bias: bias=False.": lambda got: bool((got != 0).any()),
            },
            otherwise="k_proj is an nn.Linear without bias, from d_model to n_kv_heads * head_dim features.",
        ),
        "the first token, all matrices the identity": Diagnosis(
            mistakes={residual: 2 * x[:, 0]},
            if_raises="`forward` takes (B, T, D) and the mask is None by default.",
            otherwise="The first position sees itself only, so its output is its own value: is the layer causal without a"
            " mask?",
        ),
        "a mask: each token sees itself only": Diagnosis(
            mistakes={residual: 2 * x},
            if_raises="A given mask is boolean, (T, T).",
            otherwise="Then each output is the token's own value, here the token: use the given mask as it is.",
        ),
    }


# %% graded: 1 point | names, shapes and attributes, with and without grouped queries.
def test_has_the_layers_and_attributes() -> None:
    for D, H, K in ((12, 4, None), (12, 4, 2), (24, 6, 3), (10, 2, 1)):
        given, kv_heads = ((D, H), H) if K is None else ((D, H, K), K)
        names, kv_width = [f"{name}_proj" for name in "qkvo"], D // H * kv_heads
        wanted = {f"{name}.weight": (kv_width if name[0] in "kv" else D, D) for name in names}
        looked_at = {
            *wanted,
            *(f"{name}.bias" for name in names),
        }  # a buffer may have any other name

        def shapes():
            held = MultiHeadAttention(*given).state_dict()
            return {name: tuple(weight.shape) for name, weight in held.items() if name in looked_at}

        def kinds():
            layer = MultiHeadAttention(*given)
            return [isinstance(getattr(layer, name), torch.nn.Linear) for name in names]

        def attributes():
            layer = MultiHeadAttention(*given)
            return [layer.n_heads, layer.n_kv_heads]

        check(
            shapes,
            wanted,
            f"the weights of MultiHeadAttention{given}",
            mistakes={
                "The projections have no bias: nn.Linear(..., bias=False).": (
                    lambda got: any(name.endswith("bias") for name in got)
                ),
                "k_proj and v_proj have the full width. They map to n_kv_heads * head_dim features.": (
                    dict.fromkeys(wanted, (D, D)) if kv_width != D else AnyOf()
                ),
            },
            otherwise="The layers are q_proj, k_proj, v_proj, o_proj; k_proj and v_proj map to n_kv_heads * head_dim.",
        )
        check(
            kinds,
            [True] * 4,
            "whether q_proj, k_proj, v_proj and o_proj are nn.Linear",
            otherwise="Each of the four projections is an `nn.Linear`, so that others can load and use it.",
        )
        check(
            attributes,
            [H, kv_heads],
            f"the attributes n_heads and n_kv_heads of MultiHeadAttention{given}",
            mistakes={
                "The attribute n_kv_heads is None. Without the argument it is n_heads, a number.": [
                    H,
                    None,
                ],
                "n_kv_heads has no effect: the attribute is n_heads.": [H, H],
            },
            otherwise="Keep both arguments as attributes, self.n_heads and self.n_kv_heads.",
        )


# %% graded: 2 points | the output with as many kv heads as heads: causal without a mask, and under a given one.
def test_attends_in_heads_under_its_mask() -> None:
    long = case_rng("MultiHeadAttention", "length").randint(130, 160)
    for case, (B, T, D, H) in enumerate(
        # A width of 4 or 2 alone would not tell d / 2 from sqrt(d) or from no scale.
        [(2, 5, 15, 3), (1, 4, 8, 4), (3, 6, 6, 1), (1, long, 8, 2)]
    ):
        weights, x = (
            random_weights(case, D, H, H),
            case_tensor("MultiHeadAttention", f"{case} x", B, T, D),
        )
        everything = torch.ones(T, T, dtype=torch.bool)
        causal, itself = everything.tril(), torch.eye(T, dtype=torch.bool)
        # Every query sees a key, and the first one sees the future only.
        odd = case_tensor("MultiHeadAttention", f"{case} mask", T, T) < 0
        odd[:, 1], odd[0] = True, ~itself[0]
        layer = functools.cache(lambda weights=weights: loaded(MultiHeadAttention(D, H), weights))
        slips = {
            "The scale is missing, or 1: divide the scores by sqrt(head_dim).": "no scale",
            "The scores are divided by head_dim. The scale is its square root, sqrt(head_dim).": "head_dim",
            "The scores are multiplied by sqrt(head_dim). Divide by it.": "multiplied",
            SCALE: "d_model",
            "Queries and keys are swapped: a query (q_proj) asks, and looks at the keys (k_proj) of all positions.": "swapped",
            "The softmax runs over the queries. For each query the weights of its keys sum to 1: dim=-1.": "queries",
            "The heads were not split rightly: reshape to (B, T, H, d), and then transpose to (B, H, T, d).": "split",
            "Heads were neither split nor merged rightly: a reshape to (B, H, T, d) mixes tokens. Transpose, both ways.": (
                "split and merge"
            ),
            "The heads were not merged rightly: transpose them back to (B, T, H, d) before you join them.": "merge",
            "Masked scores were set to 0, and exp(0) is 1. Set them to -inf before the softmax.": "zero",
            "Weights were masked after the softmax, so that the others sum to less than 1. Set scores to -inf before.": "after",
            "The values came from k_proj: they come from v_proj.": "v is k",
            "The output projection o_proj is missing.": "o_proj",
            "The input x was added (a residual connection). That belongs into the block around this layer.": "residual",
        }
        with inputs_unchanged(x, odd), forbidden(*ATTENTION_CALLS):
            check(
                lambda: same(layer()(x), layer()(x)),
                True,
                "whether the same input twice gives the same output",
                if_raises="x has the shape (B, T, D). Texts may be of any length.",
                otherwise="The output is random: no dropout here, the same input gives the same output twice.",
            )
            for mask in (None, odd, everything):
                used = causal if mask is None else mask
                masked = {
                    "Without a mask the layer is causal: here every position sees the later ones.": everything,
                    "A position sees itself too: here its own position is masked, and the first one sees nothing.": (
                        causal & ~itself
                    ),
                    "A position sees one key too many: the next position is the future.": everything.tril(
                        1
                    ),
                    "A position sees itself and the later ones: this mask is transposed, or an upper triangle.": causal.T,
                    "Without a mask a position sees itself and the earlier ones: this mask is inverted.": ~causal,
                }
                if mask is not None:
                    masked = {
                        "A given mask is ignored: the layer is causal only when the mask is None.": causal,
                        "A given mask was combined with the causal one. Use a given mask as it is.": used
                        & causal,
                        "A given mask was added to the causal one (or). Use a given mask as it is.": used
                        | causal,
                        "A given mask is transposed: its rows are queries, its columns are keys.": used.T,
                        "A given mask is the wrong way round: True means that the key may be used.": ~used,
                        "A given mask has no effect: every position sees all.": everything,
                    }
                first = {"keys_of": [0] * H, "values_of": [0] * H}
                check(
                    lambda: layer()(x) if mask is None else layer()(x, mask),
                    multi_head(x, weights, H, used),
                    f"D = {D}, {H} heads, {'no mask' if mask is None else 'a given mask'}, {T} tokens",
                    rtol=1e-3,
                    atol=1e-4,
                    mistakes=lambda: {
                        "Return the output alone, without the weights.": (
                            lambda got: isinstance(got, tuple | list)
                        ),
                        "The shape is wrong: the output is (B, T, D), as x is, also for a single text.": (
                            other_shape(B, T, D)
                        ),
                        **{
                            hint: or_nan(multi_head(x, weights, H, other))
                            for hint, other in masked.items()
                        },
                        **{
                            hint: or_nan(multi_head(x, weights, H, used, wrong=slip))
                            for hint, slip in slips.items()
                        },
                        "Every query head uses the first kv head. Query head h uses kv head h // group, here its own.": (
                            multi_head(x, weights, H, used, **first)
                        ),
                        "Keys and values came from one layer: k_proj and v_proj have weights of their own.": multi_head(
                            x, {**weights, "k_proj.weight": weights["v_proj.weight"]}, H, used
                        ),
                        "The softmax runs over the heads. Each head has its own: the weights of its keys sum to 1, dim=-1.": (
                            # A key that is masked in all heads gives NaN, so the last position tells.
                            lambda got: same(
                                got[:, -1],
                                multi_head(x, weights, H, used, wrong="heads")[:, -1],
                                1e-3,
                                1e-4,
                            )
                        ),
                        "No value comes through: the output is 0, or NaN where no key is left. True in a mask means"
                        " that the key may be used, wherever you use the mask.": lambda got: (
                            not got.nan_to_num(0.0).any()
                        ),
                    },
                    if_raises="A given mask is (T, T): it serves every text and every head.",
                    otherwise="Project, split into heads, attend in each head, merge, project with o_proj.",
                )
            check(
                lambda: layer()(x[:, : T - 1].clone()),
                multi_head(x[:, : T - 1], weights, H, causal[1:, 1:]),
                "a shorter text through the same layer",
                rtol=1e-3,
                atol=1e-4,
                if_raises="The causal mask belongs to the text at hand, not to the first one that came.",
                otherwise="The layer remembers an earlier text or its mask: nothing is kept between calls.",
            )

            def short_then_long():
                fresh = loaded(MultiHeadAttention(D, H), weights)
                fresh(x[:, : T - 1].clone())
                return fresh(x)

            check(
                short_then_long,
                multi_head(x, weights, H, causal),
                "a longer text than the layer's first one",
                rtol=1e-3,
                atol=1e-4,
                if_raises="The causal mask belongs to the text at hand, and not to the first one that came.",
                otherwise="The layer remembers an earlier text or its mask: nothing is kept between calls.",
            )
    weights = random_weights("large", 12, 3, 3)
    x = 20 * case_tensor("MultiHeadAttention", "large", 2, 5, 12)
    everything = torch.ones(5, 5, dtype=torch.bool)
    with forbidden(*ATTENTION_CALLS):
        check(
            lambda: loaded(MultiHeadAttention(12, 3), weights)(x.clone(), everything.clone()),
            multi_head(x, weights, 3, everything),
            "tokens so large that scores reach a thousand, a mask that allows all",
            rtol=1e-2,
            atol=0.5,  # the outputs are near 50
            mistakes={"Scores of a thousand overflow: use a stable softmax.": not_finite},
            otherwise="Project, split into heads, attend in each head, merge, project with o_proj.",
        )
    x = x / 20
    with forbidden(*ATTENTION_CALLS):
        check(
            lambda: loaded(MultiHeadAttention(12, 3), weights).eval()(x.clone()),
            multi_head(x, weights, 3, everything.tril()),
            "no mask, after `eval()`",
            rtol=1e-3,
            atol=1e-4,
            mistakes=lambda: {
                "Without a mask the layer is causal after `eval()` too, not only while it trains.": (
                    multi_head(x, weights, 3, everything)
                )
            },
            otherwise="After `eval()` the layer gives the same as before.",
        )


# %% graded: 2 points | grouped queries: query head h uses kv head h // group.
def test_shares_kv_heads_in_groups() -> None:
    for case, (B, T, D, H, K) in enumerate(
        [(2, 5, 12, 4, 2), (1, 4, 24, 6, 3), (2, 3, 8, 4, 1), (1, 5, 18, 6, 2)]
    ):
        weights, x = (
            random_weights(f"grouped {case}", D, H, K),
            case_tensor("MultiHeadAttention", f"g {case}", B, T, D),
        )
        everything, group = torch.ones(T, T, dtype=torch.bool), H // K
        mask = everything.tril()
        grouped, cycled, first = [h // group for h in range(H)], [h % K for h in range(H)], [0] * H
        output = functools.partial(multi_head, x, weights, H)
        order = (
            "are repeated in another order than the {}: both follow h // group (repeat_interleave)."
        )
        with forbidden(*ATTENTION_CALLS):
            check(
                lambda: loaded(MultiHeadAttention(D, H, K), weights)(x.clone()),
                output(mask, grouped, grouped),
                f"D = {D}, {H} heads, {K} kv heads",
                rtol=1e-3,
                atol=1e-4,
                mistakes=lambda: {
                    "kv heads are repeated in the wrong order: query head h uses kv head h // group, as repeat_interleave"
                    " gives.": output(mask, cycled, cycled),
                    "Every query head uses the first kv head. Query head h uses kv head h // group.": (
                        output(mask, first, first)
                    ),
                    f"The values' heads {order.format('keys')}": output(mask, grouped, cycled),
                    f"The keys' heads {order.format('values')}": output(mask, cycled, grouped),
                    SCALE: output(mask, grouped, grouped, wrong="d_model"),
                    "Without a mask the layer is causal, with grouped queries too.": (
                        output(everything, grouped, grouped)
                    ),
                },
                if_raises="k_proj and v_proj give n_kv_heads heads; each serves a group of n_heads / n_kv_heads query heads.",
                otherwise="Query head h uses the keys and values of kv head h // group.",
            )
            one = functools.partial(multi_head, x[:, :1], weights, H, everything[:1, :1])
            check(
                lambda: loaded(MultiHeadAttention(D, H, K), weights)(x[:, :1].clone()),
                one(grouped, grouped),
                f"D = {D}, {H} heads, {K} kv heads, texts of one token",
                rtol=1e-3,
                atol=1e-4,
                mistakes=lambda: {
                    "The output projection o_proj is missing where there is one token.": one(
                        grouped, grouped, wrong="o_proj"
                    )
                },
                otherwise="A text of one token is no special case: its heads are split, grouped and projected too.",
            )
            check(
                lambda: loaded(MultiHeadAttention(D, H, K), weights)(x.clone(), everything),
                output(everything, grouped, grouped),
                f"D = {D}, {H} heads, {K} kv heads, a mask that allows all",
                rtol=1e-3,
                atol=1e-4,
                otherwise="A given mask is used as it is, with grouped queries too.",
            )
