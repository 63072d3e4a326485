"""Split the features of a token into heads, and merge them again: exact inverses."""

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
HINTS = (
    """
A reshape never moves a number in memory; a transpose does not change which axis a number belongs
to. You need both.
""",
    """
Split: `reshape(B, T, H, D // H)`, then `transpose(1, 2)`. Merge: the same two steps backwards.
""",
)
EXPLANATION = """
The features of one token lie next to each other, so the last dimension is split first, (B, T, H,
D/H), and then the heads are moved in front of the positions. Reshaping to (B, H, T, D/H) at once
would cut across tokens. After a transpose a tensor is not contiguous any more: `view` refuses it,
and `reshape` copies where it must.
"""

# %% helpers
import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    check_refused,
    inputs_unchanged,
    other_shape,
    same,
)

NOT_CONTIGUOUS = (
    "The heads (B, H, T, D/H) become (B, T, D). A transposed tensor is not contiguous and has no view: there"
    " it takes `reshape`."
)


def sizes():
    """Return (B, T, H, width) of several cases, one of them longer than any small buffer."""
    return (
        (3, 5, 2, 4),
        (2, 4, 3, 5),
        (1, 6, 1, 3),
        (2, 3, 4, 1),
        (2, 3, 3, 2),  # as many heads as tokens
        (1, case_rng("split_heads", "T").randint(65, 99), 2, 3),
    )


def numbered(*shape):
    """Return a tensor in which every number is another one."""
    return torch.arange(float(torch.Size(shape).numel())).view(shape)


# %% examples
def examples(check):
    tokens = torch.arange(12.0).view(1, 3, 4)
    heads = torch.tensor([[[[0.0, 1], [4, 5], [8, 9]], [[2, 3], [6, 7], [10, 11]]]])
    check(lambda: split_heads(tokens, 2), heads, "three tokens of four features, two heads")
    check(lambda: merge_heads(heads), tokens, "the same heads merged again")
    check.refused(lambda: split_heads(tokens, 3), "4 features and n_heads 3")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    tokens = torch.arange(12.0).view(1, 3, 4)
    heads = torch.tensor([[[[0.0, 1], [4, 5], [8, 9]], [[2, 3], [6, 7], [10, 11]]]])
    return {
        "three tokens of four features, two heads": Diagnosis(
            mistakes={
                "Positions got mixed: a reshape to (B, H, T, D/H) cuts across tokens. Split the features first, then"
                " transpose.": tokens.view(1, 2, 3, 2),
                "The axes stand as (B, T, H, D/H). Transpose: the shape is (B, H, T, D/H).": tokens.view(
                    1, 3, 2, 2
                ),
                "Head h got every H-th feature. It holds consecutive ones.": tokens.view(
                    1, 3, 2, 2
                ).permute(0, 3, 1, 2),
            },
            otherwise="Head 0 holds the features 0 and 1 of every token, head 1 the features 2 and 3.",
        ),
        "the same heads merged again": Diagnosis(
            mistakes={
                "Positions got mixed: transpose the heads back behind the tokens first.": heads.reshape(
                    1, 3, 4
                )
            },
            if_raises=NOT_CONTIGUOUS,
            otherwise="merge_heads gives back what split_heads was given.",
        ),
        "4 features and n_heads 3": Diagnosis(
            otherwise="The width must be divisible by the number of heads."
        ),
    }


# %% graded: 1 point | split_heads puts every feature into its head.
def test_split_puts_every_feature_into_its_head() -> None:
    for B, T, H, width in sizes():
        x = numbered(B, T, H * width)
        wanted = torch.stack([x[:, :, h * width : (h + 1) * width] for h in range(H)], dim=1)
        mistakes = {
            "Positions got mixed: a reshape to (B, H, T, D/H) cuts across tokens. Reshape to (B, T, H, D/H), then"
            " transpose.": x.reshape(B, H, T, width),
            "The axes stand as (B, T, H, D/H). Transpose: the shape is (B, H, T, D/H).": x.reshape(
                B, T, H, width
            ),
            "Head h got every H-th feature (interleaved). It holds consecutive ones, h D/H to (h + 1) D/H.": (
                x.reshape(B, T, width, H).permute(0, 3, 1, 2)
            ),
            "The heads were folded into the batch. The shape is (B, H, T, D/H).": (
                wanted.reshape(B * H, T, width) if B > 1 else AnyOf()
            ),
            "The heads are in reverse order: head 0 holds the first features.": wanted.flip(1),
            "n_heads was taken for the width of a head. It is the number of heads, and the width is D / n_heads.": (
                x.reshape(B, T, width, H).transpose(1, 2)
            ),
            "These are separate heads. Stack them into one tensor along dimension 1, (B, H, T, D/H).": (
                lambda got: isinstance(got, list | tuple) and got[0].dim() == 3
            ),
            "The shape is wrong: it is (B, H, T, D/H), also where one of them is 1.": other_shape(
                B, H, T, width
            ),
        }
        check(
            lambda: split_heads(x.clone(), H),
            wanted,
            f"(B, T, D) = ({B}, {T}, {H * width}) in {H} heads",
            mistakes=mistakes,
            if_raises="n_heads must divide the width D, and nothing else: T may be anything, and n_heads 1 or D.",
            otherwise="Head h holds the features h D/H to (h + 1) D/H of every token.",
        )


# %% graded: 1 point | merge_heads puts the heads' features side by side again.
def test_merge_puts_the_heads_side_by_side() -> None:
    for B, T, H, width in sizes():
        heads, D = numbered(B, H, T, width), H * width
        mistakes = {
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
            "The heads are in reverse order: head 0 gives the first features.": torch.cat(
                heads.flip(1).unbind(1), dim=-1
            ),
            "The shape is wrong: the heads stand side by side in the features, (B, T, D).": other_shape(
                B, T, D
            ),
        }
        check(
            lambda: merge_heads(heads.clone()),
            torch.cat(heads.unbind(1), dim=-1),
            f"{H} heads of width {width}, {T} tokens",
            if_raises=NOT_CONTIGUOUS,
            mistakes=mistakes,
            otherwise="Head h becomes the features h D/H to (h + 1) D/H of every token.",
        )


# %% graded: 1 point | exact inverses, nothing is modified, a width that does not divide is refused.
def test_split_and_merge_are_inverses() -> None:
    for dtype in (torch.float32, torch.float64):
        x = case_tensor("split_heads", "tokens", 2, 5, 12).to(dtype) / 3
        heads = case_tensor("split_heads", "heads", 2, 4, 5, 3).to(dtype) / 3
        both = (
            (
                lambda: merge_heads(split_heads(x, 4)),
                x,
                "12 features split into four heads and merged",
            ),
            (lambda: split_heads(merge_heads(heads), 4), heads, "four heads merged and split"),
        )
        with inputs_unchanged(x, heads):
            for call, wanted, what in both:
                check(
                    call,
                    wanted,
                    what,
                    rtol=0.0,
                    atol=0.0,
                    mistakes={
                        "The numbers were rounded: they only move, so keep their dtype.": (
                            lambda got, wanted=wanted: same(got, wanted, 1e-2, 1e-2)
                        )
                    },
                    if_raises="What one function returns may be a view that is not contiguous: use `reshape`.",
                    otherwise="The two are exact inverses: each number comes back to its place, unchanged.",
                )
    for width, n_heads in ((7, 2), (8, 3), (4, 8)):
        check_refused(
            lambda: split_heads(torch.zeros(2, 3, width), n_heads),
            f"{width} features and n_heads {n_heads}",
            "The width must be divisible by the number of heads.",
        )
