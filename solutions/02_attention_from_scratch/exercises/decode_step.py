"""One step of decoding: a new token through an attention layer, with the earlier ones in a cache."""

# %% solution
import torch
from torch import Tensor, nn


def decode_step(layer: nn.Module, x_t: Tensor, cache: "KVCache") -> Tensor:
    """Return a causal attention layer's output for one more token, the earlier ones in a cache.

    Args:
        layer: multi-head attention with `q_proj`, `k_proj`, `v_proj`, `o_proj`, `n_heads` and
            `n_kv_heads`.
        x_t: the new token (B, 1, D).
        cache: what earlier steps appended; this step appends the new token, once.

    Returns:
        (B, 1, D), equal to the last row of `layer` over all tokens so far.
    """
    ### BEGIN SOLUTION
    B, _, D = x_t.shape
    group = layer.n_heads // layer.n_kv_heads
    # The queries of one group stand where a sequence would: they share a kv head, and none of
    # them is masked.
    q = layer.q_proj(x_t).view(B, layer.n_kv_heads, group, D // layer.n_heads)
    k = layer.k_proj(x_t).view(B, 1, layer.n_kv_heads, -1).transpose(1, 2)
    v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, -1).transpose(1, 2)
    k, v = cache.append(k, v)
    weights = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).softmax(dim=-1)
    return layer.o_proj((weights @ v).reshape(B, 1, D))
    ### END SOLUTION


# %% hints
HINTS = (
    """
The new token needs one query, and the keys and values of all tokens. All but its own are in the
cache: what does `append` return?
""",
    """
Project x_t with q_proj, k_proj, v_proj; split into heads; `k, v = cache.append(k, v)`; let each
kv head serve its group; softmax of the scores over sqrt(head_dim); merge; o_proj. No mask: the
newest token may see everything.
""",
)
EXPLANATION = """
The keys and values of earlier tokens do not depend on later ones, so they are computed once and
kept; a query is used once, so it is not. The new token is the last position and sees all keys,
its own too, so no mask is needed, and one with a first row of a causal mask would be wrong.
Caching the input and running the whole layer again gives the same output, and saves nothing.
"""

# %% helpers
import torch

from utils.experiments.attention.decoding_parts import AttentionParts, attention_parts, cache_parts
from utils.notebook.checks import (
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    inputs_unchanged,
    not_finite,
)

FULL_FORWARD = (
    "Each output must equal the last row of the layer's causal forward over the tokens so far."
)
SLIPS = {
    "The token attends to itself only. The earlier ones are in the cache: use what `append` returns (was the cache"
    " reset?).": "new only",
    "The new token sees the first key only, as the first row of a causal mask does. It is the last position, and sees all"
    " keys.": "first key",
    "The token does not see its own key: append first, then attend to all, itself too.": "not itself",
    "The scale is missing, or 1: divide the scores by sqrt(head_dim).": "no scale",
    "The scores are divided by head_dim. The scale is its square root, sqrt(head_dim).": "head_dim",
    "The scores are multiplied by sqrt(head_dim). Divide by it.": "multiplied",
    "Keys and values are swapped: it is append(k, v), and it returns (k, v).": "swapped",
    "All weights are 1: the softmax runs over the queries, of which there is one. Over the keys it is dim=-1.": (
        "all ones"
    ),
    "The scale is sqrt(d_model). Each head has its own width: sqrt(head_dim).": "d_model",
    "The output projection o_proj is missing.": "o_proj",
    "There is one head of the full width. Split queries, keys and values into n_heads heads.": "one head",
    "This is the mean of all values. Weigh them: softmax of the scores of the query.": "mean",
    "The input x_t was added (a residual connection). That belongs into the block around the layer.": "residual",
    "The input was cached as key and value. Project it first: k_proj and v_proj.": "unprojected",
}
GROUPS = {
    "kv heads are repeated in the wrong order: query head h uses kv head h // group, as repeat_interleave gives.": "cycled",
    "Every query head uses the first kv head. Query head h uses kv head h // group.": "first head",
}


def answered(layers, x):
    """Return what the answer gives for the tokens x (B, T, D) one by one, step t through layers[t]."""
    cache = cache_parts()
    with torch.no_grad():
        return [
            decode_step(layer, x[:, t : t + 1].clone(), cache) for t, layer in enumerate(layers)
        ]


def decoded(layers, x, wrong=""):
    """Return what a decoder gives, step by step, right or with one thing wrong."""
    B, D = x.shape[0], x.shape[2]
    H, K = layers[0].n_heads, layers[0].n_kv_heads
    heads_of = {"cycled": [h % K for h in range(H)], "first head": [0] * H}.get(
        wrong, [h * K // H for h in range(H)]
    )
    root = (D // H) ** 0.5
    scale = {"no scale": 1.0, "d_model": D**0.5, "head_dim": D // H, "multiplied": 1 / root}.get(
        wrong, root
    )
    held, outputs = [], []
    for t, layer in enumerate(layers):
        weight = {name: getattr(layer, f"{name}_proj").weight.detach().double() for name in "qkvo"}
        x_t = x[:, t : t + 1].double()
        q = (x_t @ weight["q"].T).reshape(B, 1, H, -1).transpose(1, 2)
        if wrong == "computed again":
            held = [x[:, : t + 1].double() @ weight[name].T for name in "kv"]
        else:
            new = [
                x_t[..., : D // H * K] if wrong == "unprojected" else x_t @ weight[name].T
                for name in "kv"
            ]
            held = [torch.cat(both, dim=1) for both in zip(held, new, strict=True)] if held else new
        seen = {"new only": [t], "first key": [0], "not itself": list(range(t)) or [0]}.get(
            wrong, list(range(t + 1))
        )
        k, v = (
            one.reshape(B, t + 1, K, -1).transpose(1, 2)[:, heads_of][:, :, seen] for one in held
        )
        k, v = (v, k) if wrong == "swapped" else (k, v)
        if wrong == "one head":
            q, k, v = (one.transpose(1, 2).reshape(B, 1, one.shape[2], D) for one in (q, k, v))
        scores = q @ k.transpose(-2, -1) / scale * (wrong != "mean")
        weights = torch.softmax(scores, dim=-2 if wrong == "all ones" else -1)
        mixed = (weights @ v).transpose(1, 2).reshape(B, 1, D)
        y_t = mixed if wrong == "o_proj" else mixed @ weight["o"].T
        outputs.append(y_t + x_t if wrong == "residual" else y_t)
    return outputs


def mistakes_in(layers, x, slips):
    """Return what is known of wrong outputs for these tokens."""
    return {
        "Return y_t alone, not a tuple with the cache.": lambda got: any(
            isinstance(y, tuple | list) for y in got
        ),
        "Return y_t: nothing came back.": lambda got: None in got,
        "The shape is wrong: y_t is (B, 1, D), as x_t is.": lambda got: any(
            y.shape != x[:, :1].shape for y in got
        ),
        **{hint: decoded(layers, x, wrong) for hint, wrong in slips.items()},
    }


# %% examples
def examples(check):
    from utils.experiments.attention.decoding_parts import attention_parts, cache_parts

    layer, cache = attention_parts(d_model=8, n_heads=4, n_kv_heads=2, seed=1), cache_parts()
    x = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(1))
    one_by_one = lambda: torch.cat([decode_step(layer, x_t, cache) for x_t in x.split(1, 1)], 1)
    check(one_by_one, layer(x), "five tokens one by one, and the layer over all five", atol=1e-4)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    def mistakes():
        layer = attention_parts(d_model=8, n_heads=4, n_kv_heads=2, seed=1)
        x = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(1))
        slips = {**SLIPS, **GROUPS}
        return {hint: torch.cat(decoded([layer] * 5, x, wrong), 1) for hint, wrong in slips.items()}

    return {
        "five tokens one by one, and the layer over all five": Diagnosis(
            mistakes=mistakes,
            otherwise=FULL_FORWARD,
            if_raises="y_t is one tensor (B, 1, D), as x_t is.",
        )
    }


# %% graded: 2 points | equal to the full causal forward, as many kv heads as heads.
def test_equals_the_full_forward() -> None:
    long = case_rng("decode_step", "length").randint(65, 75)
    for case, (B, T, D, H) in enumerate(
        # A width of 4 alone would not tell d / 2 from sqrt(d).
        [(2, 5, 15, 3), (1, 7, 8, 2), (3, 4, 16, 4), (1, long, 8, 2)]
    ):
        layers = [attention_parts(D, H, seed=case_rng("decode_step", case).getrandbits(40))] * T
        x = case_tensor("decode_step", f"{case} x", B, T, D)
        check(
            lambda: answered(layers, x),
            decoded(layers, x),
            f"{T} tokens of width {D} one by one, {H} heads",
            rtol=1e-3,
            atol=1e-4,
            mistakes=lambda: mistakes_in(layers, x, SLIPS),
            if_raises="x_t is (B, 1, D). The cache begins empty, and joins along dimension -2: hand it (B, 1, width) or"
            " (B, heads, 1, width). Use only what the docstring names of layer and cache.",
            otherwise=FULL_FORWARD,
        )
    layers = [attention_parts(16, 4, seed=case_rng("decode_step", "large").getrandbits(40))] * 5
    x = 15 * case_tensor("decode_step", "large x", 2, 5, 16)
    check(
        lambda: answered(layers, x),
        decoded(layers, x),
        "tokens so large that scores reach a thousand",
        rtol=1e-2,
        atol=0.5,  # the outputs are near 30
        mistakes={"Scores of a thousand overflow: use a stable softmax.": not_finite},
        otherwise=FULL_FORWARD,
    )


# %% graded: 1 point | equal to the full causal forward with grouped queries.
def test_equals_the_full_forward_with_groups() -> None:
    for case, (B, T, D, H, K) in enumerate([(2, 5, 12, 4, 2), (1, 6, 24, 6, 3), (2, 4, 8, 4, 1)]):
        layers = [
            attention_parts(D, H, K, seed=case_rng("decode_step grouped", case).getrandbits(40))
        ] * T
        x = case_tensor("decode_step", f"grouped {case} x", B, T, D)
        check(
            lambda: answered(layers, x),
            decoded(layers, x),
            f"{T} tokens one by one, {H} heads and {K} kv heads",
            rtol=1e-3,
            atol=1e-4,
            mistakes=lambda: (
                mistakes_in(layers, x, {**SLIPS, **GROUPS})
                if K > 1
                else mistakes_in(layers, x, SLIPS)
            ),
            if_raises="The layer has n_kv_heads kv heads; each serves a group of n_heads / n_kv_heads query heads.",
            otherwise=f"{FULL_FORWARD} Query head h uses kv head h // group.",
        )


# %% graded: 1 point | one position a step, computed once; no state but the cache; tokens stay as they were.
def test_keeps_what_it_needs_in_the_cache_alone() -> None:
    x, layer = case_tensor("decode_step", "texts", 2, 4, 8), attention_parts(8, 4, 2, seed=5)

    def cached_lengths():
        cache, found = cache_parts(), []
        for t in range(4):
            decode_step(layer, x[:, t : t + 1].clone(), cache)
            found.append(len(cache))
        return found

    check(
        cached_lengths,
        [1, 2, 3, 4],
        "the length of the cache after each of four steps",
        mistakes={
            "Each token was appended twice. Append it once, and use what `append` returns.": [
                2,
                4,
                6,
                8,
            ],
            "Nothing was appended to the cache: later tokens need this one's key and value.": [
                0,
                0,
                0,
                0,
            ],
            "The cache was emptied (reset) in a step. It keeps the earlier tokens.": [1, 1, 1, 1],
        },
        otherwise="Each step appends its own token to the cache, once.",
    )
    # Other k_proj and v_proj at each step: keys and values of earlier tokens stay what they were in their own step.
    others = [
        attention_parts(8, 4, 2, seed=case_rng("decode_step", f"step {t}").getrandbits(40))
        for t in range(4)
    ]
    changing = [
        AttentionParts(4, 2, layer.q_proj, one.k_proj, one.v_proj, layer.o_proj) for one in others
    ]
    check(
        lambda: answered(changing, x),
        decoded(changing, x),
        "four steps, between which k_proj and v_proj change",
        rtol=1e-3,
        atol=1e-4,
        mistakes=lambda: {
            "Keys and values of earlier tokens were computed again, so nothing is saved. Cache what k_proj and v_proj give,"
            " not the inputs.": decoded(changing, x, "computed again")
        },
        otherwise="The key and value of a token are computed once, in its own step, and then come from the cache.",
    )

    def two_texts():
        caches = cache_parts(), cache_parts()  # two texts in turn, each with its own cache
        turns = [(row, t) for t in range(4) for row in range(2)]
        return [decode_step(layer, x[row : row + 1, t : t + 1], caches[row]) for row, t in turns]

    with torch.no_grad(), inputs_unchanged(x):
        whole = layer(x)
        check(
            two_texts,
            [whole[row : row + 1, t : t + 1] for t in range(4) for row in range(2)],
            "two texts in turn, each with its own cache",
            rtol=1e-3,
            atol=1e-4,
            otherwise="What is known of a text is in its cache and nowhere else: keep no other state between steps.",
        )
