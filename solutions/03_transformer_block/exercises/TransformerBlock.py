"""Exercise `TransformerBlock`: attention and an MLP, each behind a norm and beside a residual."""

# %% solution
from torch import Tensor, nn

from utils.models.attention import MultiHeadAttention
from utils.models.config import ModelConfig
from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm
from utils.models.rotary import Rotary


class TransformerBlock(nn.Module):
    """Pre-norm block: x + attention(norm1(x)), then x + mlp(norm2(x)).

    Args:
        config: d_model, n_heads, n_kv_heads, d_ff and gated fix the shapes; no part has a bias.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        rotary = Rotary(config.d_model // config.n_heads, config.context_length, config.rope_base)
        self.norm1 = RMSNorm(config.d_model, config.norm_eps)
        self.attention = MultiHeadAttention(
            config.d_model, config.n_heads, config.n_kv_heads, rotary
        )
        self.norm2 = RMSNorm(config.d_model, config.norm_eps)
        self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, T, D) from x (B, T, D)."""
        ### BEGIN SOLUTION
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))
        ### END SOLUTION


# %% hints
HINTS = (
    "Two lines of `forward`, each of the form x + something(norm(x)).",
    (
        "In `__init__`: two RMSNorm, MultiHeadAttention and an MLP (gated when `config.gated`). `x"
        " = x + attention(norm1(x))`, then `x = x + mlp(norm2(x))`, the second with the x of the"
        " first."
    ),
)
EXPLANATION = """
The residual path carries x through untouched; attention and MLP only add to it. Each looks at a
normalised copy (pre-norm), so the path itself is never rescaled, and gradients reach the first
block as directly as the last. The second line uses the result of the first.
"""


# %% helpers
import math

import torch

from utils.models.config import ModelConfig
from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    sizes = dict(n_layers=1, d_model=8, n_heads=2, d_ff=20, vocab_size=5, context_length=6)
    block, x = lambda: TransformerBlock(ModelConfig(**sizes)), nn.Linear(16, 6).weight[None, :, :8]
    check(lambda: tuple(block()(x.detach()).shape), (1, 6, 8), "the shape for x of shape (1, 6, 8)")

    def all_zero(layer):
        layer.load_state_dict({n: 0 * p for n, p in layer.named_parameters()}, strict=False)
        return layer(x.detach())

    check(lambda: all_zero(block()), x.detach(), "a block whose parameters are all 0")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    lost = (
        "Your input was lost: a residual is missing, or the norms stand behind the sums"
        " (post-norm)."
    )
    return {
        "the shape for x of shape (1, 6, 8)": Diagnosis(
            otherwise="A block keeps the shape (B, T, D)."
        ),
        "a block whose parameters are all 0": Diagnosis(
            mistakes={
                lost: lambda got: not bool(torch.as_tensor(got).any()),
                "The input came through scaled: a residual adds x itself.": lambda got: bool(
                    torch.as_tensor(got).any()
                ),
            },
            otherwise="With nothing to add, both residuals give x itself.",
        ),
    }


# %% graded: 2 points | two residuals, each around a sublayer that reads the stream through a norm.
def test_1() -> None:
    for case, gated in enumerate((True, False)):
        D, d_ff = 12, 28
        config = ModelConfig(
            n_layers=3,
            d_model=D,
            n_heads=3,
            n_kv_heads=1,
            d_ff=d_ff,
            gated=gated,
            vocab_size=11,
            context_length=16,
        )
        generator = torch.Generator().manual_seed(
            case_rng("TransformerBlock", case).getrandbits(60)
        )
        x = torch.randn(2, 5, D, generator=generator)

        def drawn(block, attention=1.0, mlp=1.0, gain=1.0):
            """Random matrices, times a factor for those of the attention and those of the MLP
            (told by their shapes).
            """
            values = {}
            for name, value in block.named_parameters():
                if value.dim() < 2:
                    values[name] = gain * torch.ones(value.shape)
                    continue
                factor = mlp if any(size % d_ff == 0 for size in value.shape) else attention
                seed = sum(map(ord, name)) + 1000 * case
                values[name] = (
                    factor
                    * torch.randn(value.shape, generator=torch.Generator().manual_seed(seed))
                    / 3
                )
            block.load_state_dict(values, strict=False)
            return block.eval()

        def run(value, **factors):
            with torch.no_grad():
                result = drawn(TransformerBlock(config), **factors)(value.clone())
            assert torch.is_tensor(result), "A block returns one tensor (B, T, D), not a tuple."
            return result

        def added(value, **factors):
            """What the block adds to the stream, as one number for comparison."""
            return run(value, **factors) - value

        def is_normalised(got):
            return bool(torch.is_tensor(got) and (got.pow(2).mean(-1) - 1).abs().max() < 1e-3)

        kind = "SwiGLU" if gated else "a plain MLP"
        check(
            lambda: tuple(run(x).shape),
            (2, 5, D),
            f"the shape of the result for x of shape (2, 5, {D}), {kind}",
            otherwise="A block keeps the shape (B, T, D).",
            if_raises="The block takes x of the shape (B, T, D).",
        )
        check(
            lambda: bool(torch.allclose(run(x), run(x), rtol=1e-4, atol=1e-5)),
            True,
            f"two calls with the same input, in evaluation mode ({kind})",
            otherwise=(
                "The same input gives two results: there is dropout, or something else random, that"
                " never stops."
            ),
        )
        full = run(x)
        check(
            lambda: run(x, attention=0.0, mlp=0.0),
            x,
            f"a block with all matrices at 0, so that attention and MLP add nothing ({kind})",
            rtol=1e-5,
            atol=1e-5,
            mistakes={
                "The input of the block is added twice. Each residual adds its own sublayer's result once.": (
                    2 * x
                ),
                "This is post-norm: your norms stand after the residual sums. In a pre-norm block they stand before the sublayers, and the stream itself is never normalised.": (
                    lambda got: is_normalised(got) and is_normalised(full)
                ),
                "Your residual is the normalised input. Add the sublayer's result to x as it was before the norm.": (
                    is_normalised
                ),
                "The residual around the attention is missing: add x to its result.": lambda got: (
                    float(got.abs().max()) < 1e-6
                    and float(run(x, attention=0.0).abs().max()) < 1e-6
                ),
                "The residual around the MLP is missing: add its input to its result.": (
                    lambda got: (
                        float(got.abs().max()) < 1e-6 and float(run(x, mlp=0.0).abs().max()) < 1e-6
                    )
                ),
                "A residual is missing: each sublayer's result is added to its input.": 0 * x,
            },
            otherwise="With nothing to add, both residuals give x itself.",
        )
        check(
            lambda: float(added(x, attention=0.0).abs().max()) > 0.01,
            True,
            f"the MLP adds something ({kind})",
            otherwise="The MLP has no effect: the block ends with x + mlp(norm2(x)).",
        )
        check(
            lambda: float(added(x, mlp=0.0).abs().max()) > 0.01,
            True,
            f"the attention adds something ({kind})",
            otherwise=(
                "The attention's result is lost when the MLP adds nothing. The second residual"
                " starts from the result after the attention, not from the block's input."
            ),
        )
        # A norm makes a sublayer blind to the scale of the stream.
        for silent, name in (({"mlp": 0.0}, "attention"), ({"attention": 0.0}, "MLP")):
            small_steps, large_steps = added(x, **silent), added(40 * x, **silent)
            with_gain = added(x, gain=1.7, **silent)
            check(
                lambda: bool(
                    (small_steps - large_steps).abs().max() < 0.02 * (1 + small_steps.abs().max())
                ),
                True,
                f"what the {name} adds to x and to 40 x ({kind})",
                mistakes={
                    f"The norm stands after the {name}, on its output. It belongs before it: pre-norm.": (
                        lambda got: is_normalised(large_steps) or is_normalised(small_steps)
                    ),
                },
                otherwise=(
                    f"The {name} reads the stream without a norm: what it adds must not grow with"
                    " the scale of x."
                ),
            )
            check(
                lambda: bool(is_normalised(small_steps) and is_normalised(large_steps)),
                False,
                f"what the {name} adds ({kind})",
                otherwise=(
                    f"The norm stands after the {name}, on its output. It belongs before it:"
                    " pre-norm."
                ),
            )
            check(
                lambda: float((with_gain - small_steps).abs().max()) > 1e-3,
                True,
                f"the gains of the norm before the {name} ({kind})",
                otherwise=f"The gains of the norm before the {name} have no effect.",
            )


# %% graded: 2 points | first the attention, then the MLP on its result; no position sees a later one.
def test_2() -> None:
    for case, gated in enumerate((True, False)):
        D, d_ff = 12, 28
        config = ModelConfig(
            n_layers=3,
            d_model=D,
            n_heads=3,
            n_kv_heads=1,
            d_ff=d_ff,
            gated=gated,
            vocab_size=11,
            context_length=16,
        )
        generator = torch.Generator().manual_seed(
            case_rng("TransformerBlock-2", case).getrandbits(60)
        )
        x = torch.randn(2, 6, D, generator=generator)

        def drawn(block, attention=1.0, mlp=1.0):
            values = {}
            for name, value in block.named_parameters():
                seed = sum(map(ord, name)) + 1000 * case
                numbers = torch.randn(value.shape, generator=torch.Generator().manual_seed(seed))
                if value.dim() < 2:
                    values[name] = 1 + 0.3 * numbers
                else:
                    values[name] = (
                        numbers
                        / 2
                        * (mlp if any(size % d_ff == 0 for size in value.shape) else attention)
                    )
            block.load_state_dict(values, strict=False)
            return block.eval()

        def run(value, **factors):
            with torch.no_grad():
                result = drawn(TransformerBlock(config), **factors)(value.clone())
            assert torch.is_tensor(result), "A block returns one tensor (B, T, D), not a tuple."
            return result

        kind = "SwiGLU" if gated else "a plain MLP"
        with inputs_unchanged(x), torch.no_grad():
            check(
                lambda: tuple(drawn(TransformerBlock(config))(x).shape),
                (2, 6, D),
                f"the shape of the result for x of shape (2, 6, {D})",
                otherwise="A block keeps the shape (B, T, D).",
            )
        full = run(x)
        # With the other sublayer's matrices at 0 a block is one step alone: the whole is one step after the other.
        after_attention, after_mlp = run(x, mlp=0.0), run(x, attention=0.0)
        check(
            lambda: full,
            run(after_attention, attention=0.0),
            f"the block, against its attention step followed by its MLP step ({kind})",
            rtol=1e-3,
            atol=1e-3,
            mistakes={
                "The order is wrong: the MLP comes before the attention. The attention comes first, then the MLP.": lambda got: (
                    torch.allclose(got, run(after_mlp, mlp=0.0), rtol=1e-3, atol=1e-3)
                ),
                "Attention and MLP work side by side (in parallel), both on x. The MLP reads the stream after the attention.": lambda got: (
                    torch.allclose(got, after_attention + after_mlp - x, rtol=1e-3, atol=1e-3)
                ),
                "The second residual goes back to the input of the block. It starts from the result after the attention.": lambda got: (
                    torch.allclose(after_attention, x, atol=1e-5)
                    and not torch.allclose(after_mlp, x, atol=1e-5)
                ),
            },
            otherwise=(
                "First x = x + attention(norm1(x)), then x + mlp(norm2(x)), on the result of the"
                " first step."
            ),
        )
        changed = x.clone()
        changed[:, 4:] = torch.randn(2, 2, D, generator=generator)
        check(
            lambda: bool(torch.allclose(run(changed)[:, :4], full[:, :4], rtol=1e-4, atol=1e-5)),
            True,
            "the first four results, when the positions after them change",
            otherwise="Your attention is not causal: a position sees later ones (the future).",
        )
        changed = x.clone()
        changed[:, 0] = torch.randn(2, D, generator=generator)
        check(
            lambda: bool((run(changed)[:, 3:] - full[:, 3:]).abs().max() > 1e-3),
            True,
            "the last results, when the first position changes",
            otherwise="No position sees an earlier one: the attention does not mix positions.",
        )
        changed = x.clone()
        changed[1] = torch.randn(6, D, generator=generator)
        check(
            lambda: bool(torch.allclose(run(changed)[0], full[0], rtol=1e-4, atol=1e-5)),
            True,
            "the first row of the batch, when the second changes",
            otherwise=(
                "The rows of a batch mix. Attention runs over positions (dimension 1), not over the"
                " batch."
            ),
        )


# %% graded: 1 point | the config fixes all shapes: grouped queries, d_ff, gated or not, no biases, a norm for each sublayer.
def test_3() -> None:
    for n_heads, n_kv_heads, d_ff, gated in (
        (6, 2, 40, True),
        (6, 6, 52, True),
        (4, 1, 31, False),
        (2, 2, 100, False),
    ):
        D = 24
        kv, matrices = D // n_heads * n_kv_heads, 3 if gated else 2
        config = ModelConfig(
            n_layers=2,
            d_model=D,
            n_heads=n_heads,
            n_kv_heads=n_kv_heads,
            d_ff=d_ff,
            gated=gated,
            vocab_size=9,
            context_length=8,
        )
        attention, mlp, norms = 2 * D * D + 2 * D * kv, matrices * D * d_ff, 2 * D
        exact = attention + mlp + norms
        full_heads = 2 * D * D - 2 * D * kv
        check(
            lambda: sum(
                math.prod(value.shape) for _, value in TransformerBlock(config).named_parameters()
            ),
            exact,
            f"the number of parameters with {n_heads} heads, {n_kv_heads} kv heads, d_ff {d_ff},"
            f" gated {gated}",
            rtol=0,
            atol=0,
            mistakes={
                "n_kv_heads has no effect: with grouped queries the key and value projections are smaller.": (
                    lambda got: full_heads and got - exact == full_heads
                ),
                "The MLP is missing.": attention + D,
                "The MLP is missing, and its norm is there.": attention + norms,
                "One norm is shared by both sublayers. Each has its own, with its own gains.": (
                    exact - D
                ),
                "The norms have no gains.": exact - norms,
                "The norms have biases. Use RMSNorm, or LayerNorm without a bias.": exact + norms,
                "`gated` has no effect: the MLP has two matrices without a gate, three with one.": (
                    attention + norms + (5 - matrices) * D * d_ff
                ),
                "d_ff has no effect: the width of the MLP is `config.d_ff`, not a multiple of d_model.": lambda got: (
                    got != exact
                    and (got - attention - norms) % D == 0
                    and (got - attention - norms) // D
                    in {count * times * D for count in (2, 3) for times in (2, 3, 4, 8)}
                ),
                "The attention's projections have biases. No part of this block has one.": (
                    exact + 2 * D + 2 * kv
                ),
                "The MLP's matrices have biases. No part of this block has one.": (
                    exact + (matrices - 1) * d_ff + D
                ),
            },
            otherwise=(
                "Parameters: q and o (D, D), k and v (n_kv_heads D / n_heads, D), the MLP's two or"
                " three matrices, two norms."
            ),
        )
        check(
            lambda: tuple(TransformerBlock(config)(torch.randn(1, 8, D)).shape),
            (1, 8, D),
            f"the shape of the result with {n_heads} heads and {n_kv_heads} kv heads",
            otherwise="A block keeps the shape (B, T, D).",
        )
