"""Exercise `MultiHeadAttention` of notebook 02."""

# %% solution
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


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import functools

import torch

from utils.notebook.checks import Diagnosis, case_rng, check, forbidden, inputs_unchanged


whole_exercise = (
    "torch.nn.functional.scaled_dot_product_attention",
    "torch.nn.functional.multi_head_attention_forward",
    "torch.nn.MultiheadAttention",
)


# %% examples
def examples(check):
    check(
        lambda: {
            name: tuple(weight.shape)
            for name, weight in MultiHeadAttention(12, 4, 2).state_dict().items()
        },
        {
            "q_proj.weight": (12, 12),
            "k_proj.weight": (6, 12),
            "v_proj.weight": (6, 12),
            "o_proj.weight": (12, 12),
        },
        "the weights of a layer of width 12 with four heads and two kv heads",
    )

    def with_identities():
        layer = MultiHeadAttention(4, 2)
        layer.load_state_dict(
            {f"{name}_proj.weight": torch.eye(4) for name in "qkvo"}, strict=False
        )
        return layer

    tokens = torch.tensor([[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 2.0], [3.0, 0.0, 1.0, 0.0]]])
    check(
        lambda: with_identities()(tokens)[:, 0],
        tokens[:, 0],
        "the first token, all matrices the identity",
        rtol=0.0001,
    )
    check(
        lambda: with_identities()(tokens, torch.eye(3, dtype=torch.bool)),
        tokens,
        "a mask under which each token sees itself only",
        rtol=0.0001,
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["the weights of a layer of width 12 with four heads and two kv heads"] = Diagnosis(
        mistakes={
            "The projections have no bias: bias=False.": lambda got: (
                isinstance(got, dict) and any(("bias" in name for name in got))
            )
        },
        otherwise="k_proj and v_proj map to n_kv_heads * head_dim; the layers are q_proj, k_proj, v_proj and o_proj.",
    )

    def with_identities():
        layer = MultiHeadAttention(4, 2)
        layer.load_state_dict(
            {f"{name}_proj.weight": torch.eye(4) for name in "qkvo"}, strict=False
        )
        return layer

    tokens = torch.tensor([[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 2.0], [3.0, 0.0, 1.0, 0.0]]])
    found["the first token, all matrices the identity"] = Diagnosis(
        otherwise="The first position sees itself only, so its output is its own value: is the layer causal without a mask?"
    )
    found["a mask under which each token sees itself only"] = Diagnosis(
        otherwise="Then each output is the token's own value, here the token: use the given mask as it is."
    )
    return found


# %% graded: 1 point | names, shapes and attributes, with and without grouped queries.
def test_1() -> None:
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
                    dict.fromkeys(wanted, (D, D)) if kv_width != D else None
                ),
            },
            otherwise="The layers are q_proj, k_proj, v_proj, o_proj; k_proj and v_proj map to n_kv_heads * head_dim.",
        )
        check(
            lambda: [
                isinstance(getattr(layer, f"{name}_proj"), torch.nn.Linear)
                for layer in [MultiHeadAttention(*given)]
                for name in "qkvo"
            ],
            [True] * 4,
            "whether q_proj, k_proj, v_proj and o_proj are nn.Linear",
        )
        check(
            lambda: [
                getattr(layer, name)
                for layer in [MultiHeadAttention(*given)]
                for name in ("n_heads", "n_kv_heads")
            ],
            [H, kv_heads],
            f"the attributes n_heads and n_kv_heads of MultiHeadAttention{given}",
            mistakes={
                "The attribute n_kv_heads is None. Without the argument it is n_heads, a number.": [
                    H,
                    None,
                ],
                "n_kv_heads has no effect: the attribute is n_heads.": [H, H],
            },
        )


# %% graded: 2 points | the output with as many kv heads as heads: causal without a mask, and under a given one.
def test_2() -> None:
    def output(x, weights, H, mask, wrong=""):
        x = x.double()
        B, T, D = x.shape
        q, k, v = (x @ weights[f"{name}_proj.weight"].double().T for name in "qkv")
        if wrong == "split":
            q, k, v = (one.reshape(B, H, T, D // H) for one in (q, k, v))
        else:
            q, k, v = (one.reshape(B, T, H, D // H).transpose(1, 2) for one in (q, k, v))
        q, k = (k, q) if wrong == "swapped" else (q, k)
        k, v = (k[:, :1], v[:, :1]) if wrong == "first" else (k, v)
        scale = {"no scale": 1.0, "d_model": D**0.5}.get(wrong, (D // H) ** 0.5)
        scores = (q @ k.transpose(-2, -1) / scale).masked_fill(~mask, float("-inf"))
        mixed = torch.softmax(scores, dim=-2 if wrong == "queries" else -1).nan_to_num(0.0) @ v
        merged = (
            mixed.reshape(B, T, D) if wrong == "merge" else mixed.transpose(1, 2).reshape(B, T, D)
        )
        projected = merged @ weights["o_proj.weight"].double().T
        return merged if wrong == "o_proj" else projected + x if wrong == "residual" else projected

    for case, (B, T, D, H) in enumerate([(2, 5, 12, 3), (1, 4, 8, 4), (3, 6, 6, 1)]):
        generator = torch.Generator().manual_seed(
            case_rng("MultiHeadAttention", case).getrandbits(40)
        )
        weights = {
            f"{name}_proj.weight": 1.5 * torch.randn(D, D, generator=generator) / D**0.5
            for name in "qkvo"
        }
        x = torch.randn(B, T, D, generator=generator)
        causal = torch.ones(T, T, dtype=torch.bool).tril()
        everything = torch.ones_like(causal)
        odd = torch.rand(T, T, generator=generator) < 0.5
        odd[:, 1], odd[0] = (
            True,
            torch.arange(T) >= 1,
        )  # every query sees a key, and the first sees the future only

        def layer():
            made = MultiHeadAttention(D, H)
            made.load_state_dict(weights, strict=False)
            return made

        def twice():
            made = layer()
            return [made(x.clone()), made(x.clone())]

        loaded = functools.cache(layer)
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
            "Every query head uses the first kv head. Query head h uses kv head h // group, here its own.": "first",
            "The input x was added (a residual connection). That belongs into the block around this layer.": "residual",
        }
        with inputs_unchanged(x, odd), forbidden(*whole_exercise):
            check(
                lambda: bool(torch.equal(*twice())),
                True,
                "whether the same input twice gives the same output",
                mistakes={
                    "The output is random: no dropout here, the same input gives the same output twice.": False
                },
            )
            for mask, what in (
                (None, "no mask"),
                (odd, "a mask that is not causal"),
                (everything, "a mask that allows all"),
            ):
                used = causal if mask is None else mask
                wanted = output(x, weights, H, used)

                def mistakes():
                    found = {
                        hint: output(x, weights, H, used, wrong) for hint, wrong in shared.items()
                    }
                    if mask is None:
                        found |= {
                            "Without a mask the layer is causal: here every position sees the later ones.": output(
                                x, weights, H, everything
                            ),
                            "A position sees itself too: here its own position is masked, and the first position sees nothing.": (
                                output(x, weights, H, causal & ~torch.eye(T, dtype=torch.bool))
                            ),
                            "Without a mask a position sees itself and the earlier ones: this mask is inverted.": output(
                                x, weights, H, ~causal
                            ),
                        }
                    else:
                        found |= {
                            "A given mask is ignored: the layer is causal only when the mask is None.": output(
                                x, weights, H, causal
                            ),
                            "A given mask was combined with the causal one. Use a given mask as it is.": output(
                                x, weights, H, used & causal
                            ),
                            "A given mask is the wrong way round: True means that the key may be used.": output(
                                x, weights, H, ~used
                            ),
                            "A given mask has no effect: every position sees all.": output(
                                x, weights, H, everything
                            ),
                        }
                    # One head, or a head as wide as the model, makes some mistakes harmless.
                    return {
                        hint: value
                        for hint, value in found.items()
                        if not torch.allclose(value, wanted, 1e-3, 1e-3)
                    }

                check(
                    lambda: loaded()(x) if mask is None else loaded()(x, mask),
                    wanted,
                    f"D = {D}, {H} heads, {what}",
                    rtol=1e-3,
                    atol=1e-4,
                    mistakes=mistakes,
                    otherwise="Project, split into heads, attend in each head, merge, project with o_proj.",
                )


# %% graded: 2 points | grouped queries: query head h uses kv head h // group.
def test_3() -> None:
    def output(x, weights, H, K, keys_of, values_of, mask, head_dim_scale=True):
        x = x.double()
        B, T, D = x.shape
        q, k, v = (x @ weights[f"{name}_proj.weight"].double().T for name in "qkv")
        q, k, v = (one.reshape(B, T, -1, D // H).transpose(1, 2) for one in (q, k, v))
        k, v = k[:, keys_of], v[:, values_of]
        scores = (q @ k.transpose(-2, -1) / (D // H if head_dim_scale else D) ** 0.5).masked_fill(
            ~mask, float("-inf")
        )
        mixed = torch.softmax(scores, dim=-1) @ v
        return mixed.transpose(1, 2).reshape(B, T, D) @ weights["o_proj.weight"].double().T

    for case, (B, T, D, H, K) in enumerate(
        [(2, 5, 12, 4, 2), (1, 4, 24, 6, 3), (2, 3, 8, 4, 1), (1, 5, 18, 6, 2)]
    ):
        generator = torch.Generator().manual_seed(case_rng("grouped queries", case).getrandbits(40))
        group = H // K
        widths = {"q": D, "k": D // group, "v": D // group, "o": D}
        weights = {
            f"{name}_proj.weight": 1.5 * torch.randn(width, D, generator=generator) / D**0.5
            for name, width in widths.items()
        }
        x = torch.randn(B, T, D, generator=generator)
        mask = torch.ones(T, T, dtype=torch.bool).tril()
        grouped, cycled, first = (
            [h // group for h in range(H)],
            [h % K for h in range(H)],
            [0] * H,
        )
        wanted = output(x, weights, H, K, grouped, grouped, mask)

        def mistakes():
            found = {
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
            return {
                hint: value
                for hint, value in found.items()
                if not torch.allclose(value, wanted, 1e-3, 1e-3)
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
                mistakes=mistakes,
                if_raises="k_proj and v_proj give n_kv_heads heads; each serves a group of n_heads / n_kv_heads query heads.",
                otherwise="Query head h uses the keys and values of kv head h // group.",
            )
