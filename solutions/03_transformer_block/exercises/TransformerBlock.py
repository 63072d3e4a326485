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
from torch.nn.functional import gelu, silu

from utils.models.config import ModelConfig
from utils.notebook.checks import (
    KEEPS_RESULTS,
    AnyOf,
    Diagnosis,
    call_answer,
    case_rng,
    check,
    inputs_unchanged,
)

D, D_FF, WIDTH = 24, 28, 8
TAKEN_OFF = "The sublayer's result is taken off. A residual adds it."
SHAPE = "A block keeps the shape (B, T, D)."


def config_of(gated, n_heads=3, n_kv_heads=1, d_ff=D_FF, context_length=160):
    return ModelConfig(
        n_layers=3,
        d_model=D,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        d_ff=d_ff,
        gated=gated,
        vocab_size=11,
        context_length=context_length,
    )


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def is_of_mlp(shape):
    return any(size % D_FF == 0 for size in shape)


def random_matrices(case, attention=1.0, mlp=1.0):
    """Random matrices, times a factor for those of the attention and those of the MLP."""

    def matrix(name, shape):
        numbers = torch.randn(shape, generator=seeded(sum(map(ord, name)) + 1000 * case))
        return numbers / 3 * (mlp if is_of_mlp(shape) else attention)

    return matrix


def filled(block, matrix, gain=1.0):
    """A block with these matrices, told by their shapes alone, and its new parameters."""
    values = {
        name: (
            matrix(name, tuple(value.shape))
            if value.dim() > 1
            else torch.full(tuple(value.shape), gain)
        )
        for name, value in block.named_parameters()
    }
    block.load_state_dict(values, strict=False)
    return block.eval(), values


def result_of(block, x):
    with torch.no_grad():
        result = block(x.clone())
    assert result is not None, "Nothing came back from `forward`: is a `return` missing?"
    assert torch.is_tensor(result), "A block returns one tensor (B, T, D), not a tuple."
    return result


def run(config, x, matrix, gain=1.0):
    """What a new block with these matrices makes of x."""
    return result_of(filled(TransformerBlock(config), matrix, gain)[0], x)


def inputs(case, *shape):
    """Rows with mean 0 and root mean square 1, which every kind of norm leaves as they are."""
    seed = case_rng("TransformerBlock", case).getrandbits(60)
    x = torch.randn(*shape, D, generator=seeded(seed))
    x = x - x.mean(-1, keepdim=True)
    return x / x.pow(2).mean(-1, keepdim=True).sqrt()


def close(got, want, tolerance=1e-3):
    return torch.allclose(got, want, rtol=tolerance, atol=tolerance)


def holds(call, what, otherwise, wanted=True):
    """Check that something is so (or is not)."""
    check(lambda: bool(call()), wanted, what, otherwise=otherwise)


def is_normalised(got):
    return bool((got.pow(2).mean(-1) - 1).abs().max() < 1e-3)


def check_calls_are_independent():
    """One block, called with inputs of several shapes, against a new one each; then two blocks."""
    config, numbers = config_of(True), random_matrices(7)
    block = call_answer(
        lambda: filled(TransformerBlock(config), numbers)[0], "TransformerBlock(config)"
    )
    for call, (rows, T) in enumerate(((2, 4), (2, 4), (2, 9), (1, 3), (2, 4))):
        x = inputs(f"call {call}", rows, T)
        check(
            lambda: result_of(block, x),
            run(config, x, numbers),
            f"x of shape ({rows}, {T}, {D}), the same block's call number {call + 1}",
            rtol=1e-3,
            atol=1e-3,
            otherwise=KEEPS_RESULTS,
            if_raises=KEEPS_RESULTS,
        )
    before = result_of(block, x)
    filled(TransformerBlock(config), random_matrices(9))
    holds(
        lambda: close(result_of(block, x), before),
        "a block's result, when a second block gets other parameters",
        "Two blocks share their parameters. Each block makes parts of its own.",
    )
    long = config_of(True, context_length=1100)
    check(
        lambda: tuple(result_of(TransformerBlock(long), inputs("long", 1, 1100)).shape),
        (1, 1100, D),
        "the shape of the result for 1,100 positions, with a context length of 1,100",
        otherwise=SHAPE,
        if_raises="Masks and positions reach up to `config.context_length`.",
    )


def check_every_part_counts():
    """Changed alone, each slice of each parameter changes the result."""
    config = config_of(True, 6, 2, 40)
    x, width = inputs("parts", 1, 6), D // 6
    block, values = filled(TransformerBlock(config), random_matrices(8))
    before = result_of(block, x)
    for name, value in values.items():
        for start in range(0, len(value), width):
            changed = value.clone()
            changed[start : start + width] += torch.rand(value.shape, generator=seeded(1))[
                start : start + width
            ]
            block.load_state_dict({name: changed}, strict=False)
            holds(
                lambda: (result_of(block, x) - before).abs().max() > 1e-6,
                f"the result after a change in the parameter {name}, from {start} on",
                "A part of the parameters has no effect: something is built and not used, such as a"
                " second norm or further key/value heads.",
            )
        block.load_state_dict({name: value}, strict=False)


def check_inner_workings():
    """Matrices that do not depend on how an answer stores them show what the sublayers compute."""
    way_in = torch.randn(D_FF, D, generator=seeded(5)) / 2  # the way out is its transpose
    # Queries and keys live in the last feature of each head, which rotary positions hardly turn.
    last = slice(WIDTH - 1, None, WIDTH)
    # All heads alike: a matrix for all of them is as good as one for each, q and o among them.
    square, narrow, mixing = torch.zeros(D, D), torch.zeros(WIDTH, D), torch.full((3, 3), 1.1)
    square[last, last], narrow[-1, last] = mixing, mixing[0]

    def known(mlp, attention):
        def matrix(name, shape):
            if is_of_mlp(shape):
                part = way_in if shape[1] == D else way_in.T
                return mlp * part.repeat(shape[0] // part.shape[0], shape[1] // part.shape[1])
            if shape[1] != D:
                return matrix(name, shape[::-1]).T
            joined = shape[0] == D + 2 * WIDTH
            parts = [square] if shape[0] == D or joined else []
            parts += [narrow] * ((shape[0] - D * len(parts)) // WIDTH)
            return attention * torch.cat(parts)

        return matrix

    factor = "The sublayer's result is scaled before it is added. A residual adds it as it is."
    x = inputs("inner", 1, 7)
    inner = x @ way_in.T
    for gated in (True, False):

        def through(activation):
            return (activation(inner) * (inner if gated else 1)) @ way_in

        want = through(silu if gated else gelu)
        check(
            lambda: run(config_of(gated), x, known(1.0, 0.0)) - x,
            want,
            f"what the MLP adds, with known matrices, gated {gated}",
            rtol=1e-2,
            atol=3e-2,
            mistakes={
                "The MLP has no nonlinearity.": through(lambda z: z),
                "The MLP's nonlinearity is ReLU. Use SiLU when gated, and GELU otherwise.": through(
                    torch.relu
                ),
                "The MLP's nonlinearity is another one. Use SiLU when gated, and GELU otherwise.": (
                    AnyOf(*(through(one) for one in (silu, gelu, torch.sigmoid, torch.tanh)))
                ),
                factor: AnyOf(*(share * want for share in (0.5, 2, 0.5**0.5, 0.1))),
                TAKEN_OFF: -want,
            },
            otherwise="Gated: down(silu(gate x) * up x). Otherwise: down(gelu(up x)).",
        )
    values = x[..., last] @ narrow[-1, last]
    alone = torch.zeros_like(x)
    alone[..., last] = values[..., None] * mixing.sum(-1)
    check(
        lambda: run(config_of(True), x[:, :1], known(0.0, 1.0)) - x[:, :1],
        alone[:, :1],
        "what the attention adds at a single position, with known matrices",
        rtol=1e-2,
        atol=1e-2,
        mistakes={
            factor: AnyOf(*(share * alone[:, :1] for share in (0.5, 2, 0.5**0.5, 0.1))),
            TAKEN_OFF: -alone[:, :1],
        },
        otherwise="A single position attends to itself: attention adds o(v(norm(x))).",
    )
    queries = x[..., last] @ mixing  # (1, T, H)

    # Positions are left open and may bend the scores: only a scale that explains everything counts.
    scales = torch.linspace(-4, 4, 4001)
    products = queries.transpose(1, 2)[..., None] * values[:, None, None, :]  # (1, H, T, T)

    def attended(scales, hidden):
        scores = scales[:, None, None, None] * products
        weights = scores.masked_fill(hidden > 0, -torch.inf).softmax(-1)
        return (weights @ values[0, :, None])[..., 0].transpose(1, 2) @ mixing

    later, own = torch.ones(7, 7).triu(1), torch.eye(7)
    own[0, 0] = 0
    got = (run(config_of(True), x, known(0.0, 1.0)) - x)[..., last]
    left_out = attended(torch.tensor([WIDTH**-0.5]), later + own)
    holds(
        lambda: (left_out - got).abs().max() < 0.05,
        "whether a position leaves itself out",
        "A position sees itself too: the mask hides later positions alone.",
        False,
    )
    errors = (attended(scales, later) - got).abs().amax((1, 2))
    scale = float(scales[errors.argmin()])
    hint = "The scores are not scaled by 1 / sqrt(d), d the width of one head."
    if scale < 0:
        hint = "The scores have the wrong sign: the less a key agrees with a query, the more it weighs."
    holds(
        lambda: errors.min() < 0.05 and abs(scale * WIDTH**0.5 - 1) > 0.15,
        "whether the scores of the attention have another scale",
        hint,
        False,
    )
    # With as many kv heads, all alike, it is the same.
    more = config_of(True, n_kv_heads=3)
    holds(
        lambda: close((run(more, x, known(0.0, 1.0)) - x)[..., last], got, 0.02),
        "what the attention adds with three kv heads that are alike, against one",
        "The scale of the scores depends on n_kv_heads. It is 1 / sqrt(d), d the width of one head.",
    )


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
def test_residuals_around_normed_sublayers() -> None:
    for case, gated in enumerate((True, False)):
        config, kind = config_of(gated), "SwiGLU" if gated else "a plain MLP"
        # Of another scale than a norm leaves.
        x = 1.5 * inputs(case, 2, 5) + 0.3

        def of(value, gain=1.0, **factors):
            return run(config, value, random_matrices(case, **factors), gain)

        def added(value, **factors):
            return of(value, **factors) - value

        check(
            lambda: tuple(of(x).shape),
            (2, 5, D),
            f"the shape of the result for x of shape (2, 5, {D}), {kind}",
            otherwise=SHAPE,
            if_raises="The block takes x of the shape (B, T, D).",
        )
        holds(
            lambda: close(of(x), of(x), 1e-4),
            f"two calls with the same input, in evaluation mode ({kind})",
            "The same input gives two results: there is dropout, or something else random, that"
            " never stops.",
        )
        full = of(x)
        block = filled(TransformerBlock(config), random_matrices(case))[0]
        holds(
            lambda: close(result_of(block.train(), x), full, 1e-4),
            f"the result in training mode, against that in evaluation mode ({kind})",
            "There is dropout in training mode. This block has none.",
        )
        check(
            lambda: of(x, attention=0.0, mlp=0.0),
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
                    not got.any() and not of(x, attention=0.0).any() and of(x, mlp=0.0).any()
                ),
                "The residual around the MLP is missing: add its input to its result.": (
                    lambda got: (
                        not got.any() and not of(x, mlp=0.0).any() and of(x, attention=0.0).any()
                    )
                ),
                "Both residuals are missing: each sublayer's result is added to its input.": 0 * x,
            },
            otherwise="With nothing to add, both residuals give x itself.",
        )
        holds(
            lambda: added(x, attention=0.0).abs().max() > 0.01,
            f"the MLP adds something ({kind})",
            "The MLP has no effect: the block ends with x + mlp(norm2(x)).",
        )
        holds(
            lambda: added(x, mlp=0.0).abs().max() > 0.01,
            f"the attention adds something ({kind})",
            "The attention's result is lost when the MLP adds nothing. Add it to x, and let the second"
            " residual start from this sum, the result after the attention, not from the block's input.",
        )
        # A norm makes a sublayer blind to the scale of the stream.
        for silent, name in (({"mlp": 0.0}, "attention"), ({"attention": 0.0}, "MLP")):
            small, large = added(x, **silent), added(40 * x, **silent)
            holds(
                lambda: is_normalised(small) or is_normalised(large),
                f"whether what the {name} adds is normalised ({kind})",
                f"The norm stands after the {name}, on its output. It belongs before it: pre-norm.",
                False,
            )
            holds(
                lambda: (small - large).abs().max() < 0.02 * (1 + small.abs().max()),
                f"what the {name} adds to x and to 40 x ({kind})",
                f"The {name} reads the stream without a norm: what it adds must not grow with the"
                " scale of x.",
            )
            holds(
                lambda: not close(added(x, gain=1.7, **silent), small),
                f"the gains of the norm before the {name} ({kind})",
                f"The gains of the norm before the {name} have no effect.",
            )


# %% graded: 2 points | first the attention, then the MLP on its result; no position sees a later one.
def test_attention_first_and_causal() -> None:
    for case, (gated, T) in enumerate(((True, 6), (False, 130))):
        config, kind = config_of(gated), "SwiGLU" if gated else "a plain MLP"
        # The others are of another scale: a norm over several positions shows.
        x, other = inputs(f"order {case}", 2, T), 3 * inputs(f"other {case}", 2, T)

        def of(value, **factors):
            return run(config, value, random_matrices(case, **factors))

        with inputs_unchanged(x), torch.no_grad():
            check(
                lambda: tuple(TransformerBlock(config).eval()(x).shape),
                (2, T, D),
                f"the shape of the result for x of shape (2, {T}, {D})",
                otherwise=SHAPE,
            )
        full = of(x)
        # With the other sublayer's matrices at 0 a block is one step alone: the whole is one after the other.
        after_attention, after_mlp = of(x, mlp=0.0), of(x, attention=0.0)
        check(
            lambda: full,
            of(after_attention, attention=0.0),
            f"the block, against its attention step followed by its MLP step ({kind})",
            rtol=1e-3,
            atol=1e-3,
            mistakes={
                "The order is wrong: the MLP comes before the attention. The attention comes first, then the MLP.": lambda got: (
                    close(got, of(after_mlp, mlp=0.0))
                ),
                "Attention and MLP work side by side (in parallel), both on x. The MLP reads the stream after the attention.": (
                    after_attention + after_mlp - x
                ),
                "The second residual goes back to the input of the block. It starts from the result after the attention.": lambda got: (
                    close(after_attention, x) and not close(after_mlp, x)
                ),
            },
            otherwise=(
                "First x = x + attention(norm1(x)), then x + mlp(norm2(x)), on the result of the"
                " first step."
            ),
        )

        def changed(*place):
            """The result where x is another at one place."""
            value = x.clone()
            value[place] = other[place]
            return of(value)

        everywhere = slice(None)
        for place, seen, is_kept, what, hint in (
            (
                (0,),
                (1,),
                True,
                "the second row of the batch, when the first changes",
                (
                    "The rows of a batch mix. Attention runs over positions (dimension 1), not over"
                    " the batch."
                ),
            ),
            (
                (everywhere, slice(4, None)),
                (everywhere, slice(0, 4)),
                True,
                "the first four results, when the positions after them change",
                "Your attention is not causal, or a norm runs over positions: a position sees later"
                " ones (the future).",
            ),
            (
                (everywhere, 0),
                (everywhere, slice(3, 6)),
                False,
                "later results, when the first position changes",
                "No position sees an earlier one: the attention does not mix positions.",
            ),
        ):
            holds(lambda: close(changed(*place)[seen], full[seen], 1e-4), what, hint, is_kept)
        # Small queries and keys, so that each position has its share.
        start = torch.cat((other[:, :1], x[:, 1:]), 1)
        holds(
            lambda: close(of(start, attention=0.3)[:, -1], of(x, attention=0.3)[:, -1], 1e-4),
            f"whether the last of {T} results stays, when the first position changes",
            "The last position does not see the first. Attention reaches over all earlier positions,"
            " without a window.",
            False,
        )
    check_calls_are_independent()


# %% graded: 1 point | the config fixes all shapes; SwiGLU or GELU, scaled attention, no biases, a norm for each sublayer.
def test_shapes_and_inner_workings() -> None:
    for n_heads, n_kv_heads, d_ff, gated in (
        (6, 2, 40, True),
        (6, 6, 52, True),
        (4, 1, 31, False),
        (2, 2, 100, False),
    ):
        kv, matrices = D // n_heads * n_kv_heads, 3 if gated else 2
        config = config_of(gated, n_heads, n_kv_heads, d_ff)
        attention, mlp = 2 * D * D + 2 * D * kv, matrices * D * d_ff
        exact, widths = attention + mlp + 2 * D, [4 * D, 2 * D, 3 * D, 8 * D]
        check(
            lambda: sum(math.prod(p.shape) for _, p in TransformerBlock(config).named_parameters()),
            exact,
            f"the number of parameters with {n_heads} heads, {n_kv_heads} kv heads, d_ff {d_ff},"
            f" gated {gated}",
            rtol=0,
            atol=0,
            mistakes={
                "n_kv_heads has no effect: with grouped queries the key and value projections are smaller.": (
                    exact + 2 * D * D - 2 * D * kv
                ),
                "The MLP is missing.": AnyOf(attention + D, attention + 2 * D),
                "One norm is shared by both sublayers. Each has its own, with its own gains.": (
                    exact - D
                ),
                "The norms have no gains.": exact - 2 * D,
                "The norms have biases. Use RMSNorm, or LayerNorm without a bias.": exact + 2 * D,
                "`gated` has no effect: the MLP has two matrices without a gate, three with one.": (
                    exact + (5 - 2 * matrices) * D * d_ff
                ),
                "d_ff has no effect: the width of the MLP is `config.d_ff`, not a multiple of d_model.": AnyOf(
                    *(exact - mlp + count * D * width for count in (2, 3) for width in widths)
                ),
                "Linear layers have biases. No part of this block has one.": AnyOf(
                    exact + 2 * D + 2 * kv,
                    exact + (matrices - 1) * d_ff + D,
                    exact + 3 * D + 2 * kv + (matrices - 1) * d_ff,
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
            otherwise=SHAPE,
        )
    check_every_part_counts()
    check_inner_workings()
