"""Exercise `decode_step` of notebook 02."""

# %% solution
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


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import torch

from utils.evaluation.decoding_parts import attention_parts, cache_parts
from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    from utils.evaluation.decoding_parts import attention_parts, cache_parts

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
        rtol=0.001,
        atol=0.0001,
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    layer = attention_parts(d_model=8, n_heads=4, n_kv_heads=2, seed=1)
    tokens = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(1))

    def one_by_one():
        cache = cache_parts()
        return [decode_step(layer, tokens[:, t : t + 1], cache).detach() for t in range(5)]

    with torch.no_grad():
        wanted = list(layer(tokens).split(1, dim=1))
    found["five tokens one by one, and the layer over all five"] = Diagnosis(
        otherwise="Each output must equal the row of the full forward: scale, heads and o_proj as in the layer."
    )
    return found


# %% graded: 2 points | equal to the full causal forward, as many kv heads as heads.
def test_1() -> None:
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
            seen = {"new only": [t], "first": [0], "not itself": list(range(t)) or [0]}.get(
                wrong, list(range(t + 1))
            )
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
            mistakes=lambda: {
                "Return y_t alone, not a tuple with the cache.": lambda got: any(
                    isinstance(y, tuple | list) for y in got
                ),
                "Return y_t: nothing came back.": lambda got: any(y is None for y in got),
                "The shape is wrong: y_t is (B, 1, D), as x_t is.": lambda got: any(
                    tuple(y.shape) != (B, 1, D) for y in got if isinstance(y, torch.Tensor)
                ),
                **{hint: stepwise(layer, x, wrong) for hint, wrong in hints.items()},
            },
            otherwise="Each output must equal the last row of the layer's causal forward over the tokens so far.",
        )


# %% graded: 1 point | equal to the full causal forward with grouped queries.
def test_2() -> None:
    def grouped(layer, x, heads_of):
        x = x.double()
        B, T, D = x.shape
        weight = {name: getattr(layer, f"{name}_proj").weight.detach().double() for name in "qkvo"}
        q, k, v = (
            (x @ weight[name].T).reshape(B, T, -1, D // layer.n_heads).transpose(1, 2)
            for name in "qkv"
        )
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

        def mistakes():
            found = {
                "Every query head uses the first kv head. Query head h uses kv head h // group.": grouped(
                    layer, x, [0] * H
                ),
                "kv heads are repeated in the wrong order: query head h uses kv head h // group, as repeat_interleave gives.": (
                    grouped(layer, x, [h % K for h in range(H)])
                ),
            }
            return found if K > 1 else {}

        check(
            one_by_one,
            grouped(layer, x, [h // group for h in range(H)]),
            f"{T} tokens one by one, {H} heads and {K} kv heads",
            rtol=1e-3,
            atol=1e-4,
            mistakes=mistakes,
            if_raises="The layer has n_kv_heads kv heads; each serves a group of n_heads / n_kv_heads query heads.",
            otherwise="Each output must equal the last row of the layer's causal forward, with query head h on kv head h // group.",
        )


# %% graded: 1 point | each step appends one position, a new cache starts a new text, and the token stays as it was.
def test_3() -> None:
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
        check(
            lambda: decode_step(layer, token, cache_parts()),
            whole[:, :1],
            "the first token",
            rtol=1e-3,
            atol=1e-4,
        )
