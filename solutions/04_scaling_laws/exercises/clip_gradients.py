"""Exercise `clip_gradients`: one bad batch must not throw the weights away."""

# %% solution
from collections.abc import Sequence

import torch
from torch import Tensor


def clip_gradients(
    gradients: Sequence[Tensor], max_norm: float
) -> tuple[list[Tensor], Tensor | float]:
    """Return gradients scaled together so that their joint norm is at most a bound.

    Args:
        gradients: tensors of any shapes; they are not changed.
        max_norm: the largest joint Euclidean norm.

    Returns:
        The scaled gradients, and the joint norm before scaling.
    """
    ### BEGIN SOLUTION
    norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
    if norm <= max_norm:
        return [gradient.clone() for gradient in gradients], norm
    return [gradient * (max_norm / norm) for gradient in gradients], norm
    ### END SOLUTION


# %% hints
HINTS = (
    "Think of all gradients as one long vector. Its length may shrink, its direction may not"
    " change.",
    "The joint norm is the root of the sum of all squares. If it is above `max_norm`, multiply every"
    " gradient by `max_norm / norm`; otherwise leave them.",
)
EXPLANATION = """
All gradients together are one vector, and one factor for all keeps its direction: the step still goes
downhill, only less far. Clipping each tensor or each entry on its own would turn it. Gradients that
are small enough stay as they are; blowing them up would make every step equally long. The norm
before clipping is worth a look: where it jumps, a batch was odd.
"""

# %% helpers
import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    check_nothing_kept,
    inputs_unchanged,
    without,
)

TOGETHER = "One factor for all: max_norm over the joint norm, where that is above max_norm."


def clipped(gradients, max_norm):
    norm = float(torch.cat([g.flatten() for g in gradients]).double().norm())
    factor = min(1.0, max_norm / norm) if norm else 1.0
    return [g * factor for g in gradients], norm


def wrong_values(gradients, m):
    def values():
        scaled, norm = clipped(gradients, m)
        norms = [float(g.norm()) for g in gradients]
        count = sum(g.numel() for g in gradients)

        numbers = [g.dim() == 0 for g in gradients]
        arrays = [g for g in gradients if g.dim()] or gradients

        def norm_is(value):
            return lambda got: abs(float(got[1]) / value - 1) < 1e-4

        alone = [g * min(1.0, m / max(n, 1e-9)) for g, n in zip(gradients, norms)]
        return {
            "Return a list of tensors, each of its own shape, with the norm.": lambda got: (
                hasattr(got[0], "shape") and not isinstance(got[1], list | tuple)
            ),
            "The order is (gradients, norm).": (
                lambda got: (
                    not isinstance(got[0], list | tuple) and isinstance(got[1], list | tuple)
                )
            ),
            "Each gradient keeps its shape, also one of size 1 or without dimensions.": lambda got: (
                [tuple(g.shape) for g in got[0]] != [tuple(g.shape) for g in gradients]
            ),
            "A tensor without dimensions, a single number, is a gradient as well: it counts, and is scaled.": AnyOf(
                lambda got: any(numbers) and norm_is(clipped(arrays, m)[1])(got),
                ([g if number else c for g, c, number in zip(gradients, scaled, numbers)], norm),
            ),
            "Each tensor is clipped on its own. Scale all together by their joint norm.": (
                (alone, norm)
            ),
            "The entries are cut, which turns the direction. Scale all by one factor.": (
                [g.clamp(-m, m) for g in gradients],
                norm,
            ),
            "Small gradients are blown up: the norm is to be at most max_norm.": (
                lambda got: norm < m and abs(clipped(got[0], m)[1] / m - 1) < 1e-4
            ),
            "The norm to return is the one before clipping.": lambda got: (
                norm > m and abs(float(got[1]) / m - 1) < 1e-4
            ),
            "Norms do not add up to the joint norm as a sum: add the squares and take the root.": (
                norm_is(sum(norms))
            ),
            "The joint norm is not the largest of the norms.": norm_is(max(norms)),
            "The root is missing: this is the squared norm.": norm_is(norm**2),
            "The norm is Euclidean: the root of the sum of squares, not of absolute values.": (
                norm_is(sum(float(g.abs().sum()) for g in gradients))
            ),
            "The norm is the root of the sum of squares, not of their mean.": (
                lambda got: (
                    norm_is(norm / count**0.5)(got)
                    or norm_is(sum(float(g.square().mean()) for g in gradients) ** 0.5)(got)
                )
            ),
            "Nothing is clipped: the joint norm is to be at most max_norm.": (
                lambda got: norm > m and abs(clipped(got[0], m)[1] / norm - 1) < 1e-6
            ),
            "The factor is upside down. Multiply by max_norm over the joint norm.": (
                [g * (norm / m) for g in gradients],
                norm,
            ),
            "You multiplied by max_norm alone. Divide by the joint norm as well, below 1 too.": (
                [g * m for g in gradients],
                norm,
            ),
            "The bound is max_norm, not 1.": ([g / max(norm, 1.0) for g in gradients], norm),
            "Scale all gradients, not only the first.": ([scaled[0], *gradients[1:]], norm),
        }

    return values


# %% examples
def examples(check):
    gradients = [torch.tensor([3.0]), torch.tensor([[0.0, 4.0]])]  # together of the norm 5
    halved = [torch.tensor([1.5]), torch.tensor([[0.0, 2.0]])]
    check(lambda: clip_gradients(gradients, 2.5), (halved, 5.0), "norm 5, at most 2.5")
    check(lambda: clip_gradients(gradients, 10.0), (gradients, 5.0), "norm 5, at most 10")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    gradients = [torch.tensor([3.0]), torch.tensor([[0.0, 4.0]])]
    return {
        "norm 5, at most 2.5": Diagnosis(wrong_values(gradients, 2.5), TOGETHER),
        "norm 5, at most 10": Diagnosis(wrong_values(gradients, 10.0), TOGETHER),
    }


# %% graded: 2 points | large gradients are scaled together.
def test_large_gradients_are_scaled_together() -> None:
    rng = case_rng("clip_gradients", 1)
    for case in range(4):
        shapes = [(rng.randint(2, 9),), (rng.randint(2, 9), rng.randint(70, 90)), (3, 4, 2)]
        gradients = [
            case_tensor("clip_gradients", 10 * case + i, shape) * rng.uniform(0.5, 3)
            for i, shape in enumerate(shapes)
        ]
        m = rng.choice([0.3, 0.7, 2.5, 4.0])
        with inputs_unchanged(gradients):
            check(
                lambda: clip_gradients(gradients, m),
                clipped(gradients, m),
                f"three tensors of shapes {shapes}, max_norm {m}",
                mistakes=without(wrong_values(gradients, m), "Small gradients"),
                otherwise=TOGETHER,
                rtol=1e-3,
                atol=1e-6,
            )
    # A layer's scale may be one number; with a norm below 1 a constant beside it shows.
    number = [torch.tensor(rng.uniform(0.3, 0.4)), torch.tensor([[[rng.uniform(-0.4, -0.3)]]])]
    check(
        lambda: clip_gradients(number, 0.1),
        clipped(number, 0.1),
        "a tensor without dimensions, and one of shape (1, 1, 1)",
        mistakes=without(wrong_values(number, 0.1), "Small gradients"),
        otherwise=TOGETHER,
        rtol=1e-3,
        atol=1e-6,
    )
    first, second = (
        [case_tensor("clip_gradients", place, (4,)), torch.ones(2, 2)] for place in (50, 51)
    )
    second[1] = second[1] * 3
    check_nothing_kept(
        clip_gradients, clipped, (first, 0.5), (second, 0.9), "two steps", rtol=1e-3, atol=1e-6
    )


# %% graded: 1 point | small gradients, zeros, one tensor, and many.
def test_small_gradients_stay() -> None:
    rng = case_rng("clip_gradients", 2)
    small = [case_tensor("clip_gradients", 100 + i, (rng.randint(2, 70),)) * 1e-3 for i in range(3)]
    zeros = [torch.zeros(3), torch.zeros(2, 2)]
    many = [case_tensor("clip_gradients", 120 + i, (3,)) for i in range(rng.randint(66, 80))]
    single = [case_tensor("clip_gradients", 110, (5, 6))]
    # Of one tensor the norm is the sum of the norms and the largest one, and nothing else is left to scale.
    same = ("Each tensor", "Scale all gradients", "A tensor without dimensions")
    of_one = (*same, "Norms do not add", "The joint norm is not")
    # The square of a norm lies on the other side of the bound: above it for a norm over 1, below it for one under 1.
    pair = (torch.tensor([2.0, 0.0]), torch.tensor([[1.0, 0.0, 0.0]]))
    long, short = ([gradient * size / 5**0.5 for gradient in pair] for size in (3.0, 0.5))
    huge = [case_tensor("clip_gradients", 130 + i, (rng.randint(5, 9),)) * 1e6 for i in range(2)]
    for gradients, m, what in (
        (small, rng.uniform(0.5, 2), "small gradients"),
        (zeros, 1.0, "gradients of 0"),
        (single, rng.uniform(0.1, 0.9), "one tensor"),
        (many, rng.uniform(0.1, 0.9), f"{len(many)} tensors"),
        (short, rng.uniform(0.3, 0.43), "a norm of 0.5"),
        (long, rng.uniform(4, 8), "a norm of 3"),
        (huge, rng.uniform(0.5, 2), "gradients of millions"),
    ):
        with inputs_unchanged(gradients):
            check(
                lambda: clip_gradients(gradients, m),
                clipped(gradients, m),
                f"{what}, max_norm {m:.3f}",
                mistakes={
                    "Gradients of 0 stay 0: do not divide by a norm of 0.": lambda got: (
                        gradients is zeros and bool(got[0][0].isnan().any())
                    )
                }
                if gradients is zeros
                else without(
                    wrong_values(gradients, m), *(of_one if gradients is single else same)
                ),
                otherwise=TOGETHER,
                rtol=1e-3,
                atol=1e-7,
            )
