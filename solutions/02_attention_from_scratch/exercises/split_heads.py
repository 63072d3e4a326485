"""Exercise `split_heads` of notebook 02."""

# %% solution
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


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import torch

from utils.notebook.checks import (
    Diagnosis,
    case_rng,
    check,
    check_refused,
    inputs_unchanged,
)


# %% examples
def examples(check):
    tokens = torch.arange(12.0).view(1, 3, 4)
    heads = torch.tensor([[[[0.0, 1], [4, 5], [8, 9]], [[2, 3], [6, 7], [10, 11]]]])
    check(lambda: split_heads(tokens.clone(), 2), heads, "three tokens of four features, two heads")
    check(lambda: merge_heads(heads.clone()), tokens, "the same heads merged again")
    check.refused(lambda: split_heads(tokens.clone(), 3), "4 features and n_heads 3")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    tokens = torch.arange(12.0).view(1, 3, 4)
    heads = torch.tensor([[[[0.0, 1], [4, 5], [8, 9]], [[2, 3], [6, 7], [10, 11]]]])
    found["three tokens of four features, two heads"] = Diagnosis(
        mistakes={
            "Positions got mixed: a reshape to (B, H, T, D/H) cuts across tokens. Split the features first, then transpose.": tokens.view(
                1, 2, 3, 2
            )
        }
    )
    found["the same heads merged again"] = Diagnosis(
        mistakes={
            "Positions got mixed: transpose the heads back behind the tokens first.": heads.reshape(
                1, 3, 4
            )
        },
        if_raises="A transposed tensor has no contiguous view: use `reshape`.",
    )
    return found


# %% graded: 1 point | split_heads puts every feature into its head.
def test_1() -> None:
    for B, T, H, width in ((3, 5, 2, 4), (2, 4, 3, 5), (1, 6, 1, 3), (2, 3, 4, 1)):
        D = H * width
        # Each number names its place: text, token, feature.
        x = torch.tensor(
            [
                [[float(10_000 * b + 100 * t + f) for f in range(D)] for t in range(T)]
                for b in range(B)
            ]
        )
        wanted = torch.stack([x[:, :, h * width : (h + 1) * width] for h in range(H)], dim=1)
        check(
            lambda: split_heads(x.clone(), H),
            wanted,
            f"(B, T, D) = ({B}, {T}, {D}) in {H} heads",
            mistakes={
                "Positions got mixed: a reshape to (B, H, T, D/H) cuts across tokens. Reshape to (B, T, H, D/H), then transpose.": (
                    x.reshape(B, H, T, width)
                ),
                "The axes stand as (B, T, H, D/H). Transpose: the shape is (B, H, T, D/H).": x.reshape(
                    B, T, H, width
                ),
                "Head h got every H-th feature (interleaved). It holds consecutive ones, h D/H to (h + 1) D/H.": (
                    x.reshape(B, T, width, H).permute(0, 3, 1, 2)
                ),
                "The heads were folded into the batch. The shape is (B, H, T, D/H).": wanted.reshape(
                    B * H, T, width
                ),
                "The heads are in reverse order: head 0 holds the first features.": wanted.flip(1),
                "n_heads was taken for the width of a head. It is the number of heads, and the width is D / n_heads.": (
                    x.reshape(B, T, width, H).transpose(1, 2)
                ),
            },
            otherwise="Head h holds the features h D/H to (h + 1) D/H of every token.",
        )


# %% graded: 1 point | merge_heads puts the heads' features side by side again.
def test_2() -> None:
    for B, T, H, width in ((3, 5, 2, 4), (2, 4, 3, 5), (1, 6, 1, 3), (2, 3, 4, 1)):
        D = H * width
        heads = torch.tensor(
            [
                [
                    [
                        [float(10_000 * b + 1000 * h + 10 * t + f) for f in range(width)]
                        for t in range(T)
                    ]
                    for h in range(H)
                ]
                for b in range(B)
            ]
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
                "The heads were added up (summed). They stand side by side: (B, T, D).": heads.sum(
                    dim=1
                ),
                "The heads were averaged. They stand side by side: (B, T, D).": heads.mean(dim=1),
                "The shape is wrong: the heads stand side by side in the features, (B, T, D).": heads.reshape(
                    B, H * T, width
                ),
                "The heads are in reverse order: head 0 gives the first features.": torch.cat(
                    [heads[:, h] for h in reversed(range(H))], dim=-1
                ),
            },
            otherwise="Head h becomes the features h D/H to (h + 1) D/H of every token.",
        )


# %% graded: 1 point | the two are exact inverses, nothing is modified, and a width that does not divide is refused.
def test_3() -> None:
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
