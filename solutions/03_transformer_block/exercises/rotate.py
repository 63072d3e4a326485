"""Exercise `rotate`: rotary positions, each pair of features turned by an angle that grows with
the position.
"""

# %% solution
import torch
from torch import Tensor


def rotate(x: Tensor, positions: Tensor, base: float = 10000.0) -> Tensor:
    """Return x with each half-split pair (i, i + d/2) turned by position * base**(-2i/d).

    Args:
        x: queries or keys (..., T, d), d even.
        positions: the position of each of the T vectors, integers (T,).
        base: the larger, the slower the last pairs turn.
    """
    ### BEGIN SOLUTION
    exponents = torch.arange(0, x.shape[-1], 2, dtype=torch.float64) / x.shape[-1]
    angles = positions.double()[:, None] * base**-exponents
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, first * sin + second * cos), dim=-1)
    ### END SOLUTION


# %% hints
HINTS = (
    "Which feature is the partner of feature 0, if there are d of them?",
    (
        "Split x into halves a and b. angles = positions[:, None] * base ** (-2 i / d) for i = 0 .."
        " d/2 - 1; the result joins `a cos - b sin` and `b cos + a sin`."
    ),
)
EXPLANATION = """
Pair i holds the features i and i + d/2 and turns by position * base**(-2i/d): the first pair
fast, the last hardly. A rotation keeps lengths, and the dot product of two rotated vectors
depends on the difference of their positions alone, which is why it is used for queries and keys.
Position 0 is an angle of 0.
"""


# %% helpers
import math

import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_nothing_kept,
    inputs_unchanged,
)


VIEW = "x may be a transposed view, which `view` refuses. Take x as it is, or `reshape`."
OF_X = "The result has the shape of x: its dimensions stay apart, those of size 1 too."


def drawn(case, shape, most=40):
    """Vectors and as many positions, in no order, some of them far from each other."""
    rng, T = case_rng("rotate", case), shape[-2]
    generator = torch.Generator().manual_seed(rng.getrandbits(60))
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    return x, torch.tensor(rng.sample(range(2, most + T), T))


def turned(x, positions, base, power=lambda i, d: 2 * i / d, split=0, join=0, signs=(-1, 1)):
    """The test's own rotation, with a switch for each misconception; split and join 1 take
    neighbours as pairs.
    """
    d = x.shape[-1]
    angles = positions.double()[:, None] * base ** -power(torch.arange(d // 2).double(), d)
    a, b = (x[..., 0::2], x[..., 1::2]) if split else x.chunk(2, -1)
    first = a * angles.cos() + signs[0] * b * angles.sin()
    second = b * angles.cos() + signs[1] * a * angles.sin()
    return torch.stack((first, second), -1).flatten(-2) if join else torch.cat((first, second), -1)


# %% examples
def examples(check):
    from math import cos, sin

    vectors = torch.tensor([[1.0, 2.0, 0.0, 0.0], [1.0, 2.0, 0.0, 0.0]], dtype=torch.float64)
    want = [[1.0, 2.0, 0.0, 0.0], [cos(2), 2 * cos(0.5), sin(2), 2 * sin(0.5)]]
    label = "[1, 2, 0, 0] at the positions 0 and 2, with base 16"
    check(lambda: rotate(vectors.clone(), torch.tensor([0, 2]), base=16.0), want, label, atol=1e-5)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    start = [1.0, 2.0, 0.0, 0.0]
    return {
        "[1, 2, 0, 0] at the positions 0 and 2, with base 16": Diagnosis(
            mistakes={
                "You paired neighbours. Pair i is made of the features i and i + d/2.": (
                    lambda got: abs(float(got[1][2])) < 1e-6 and abs(float(got[1][3])) < 1e-6
                ),
                "The pairs are turned the other way: check the signs of the sines.": [
                    start,
                    [math.cos(2), 2 * math.cos(0.5), -math.sin(2), -2 * math.sin(0.5)],
                ],
                "The positions have no effect.": [start, start],
                "Position 0 is an angle of 0 and leaves x unchanged.": lambda got: (
                    max(abs(float(a) - b) for a, b in zip(got[0], start, strict=True)) > 1e-4
                ),
            },
            otherwise=(
                "Pair 0 turns by 2, pair 1 by 2 * 16**(-1/2): base**(-2i/d) for pair i of d = 4"
                " features."
            ),
        )
    }


# %% graded: 2 points | each half-split pair is turned by its own angle.
def test_half_split_pairs() -> None:
    frequencies = "The frequencies are wrong: the exponent of base is -2i/d"
    switches: dict[str, tuple] = {
        "You paired neighbours (interleaved). Pair i is made of the features i and i + d/2, half-split.": [
            {"split": 1, "join": 1},
            {"split": 1},
        ],
        "The halves are right, but given back as neighbours. Put the first features first, then the second ones.": [
            {"join": 1}
        ],
        "The pairs are turned the other way: the sign of the sines is wrong. (a, b) becomes (a cos - b sin, a sin + b cos).": [
            {"signs": (1, -1)}
        ],
        "A minus is missing. (a, b) becomes (a cos - b sin, a sin + b cos); a rotation keeps lengths.": [
            {"signs": (1, 1)}
        ],
        f"{frequencies}: the 2 is missing.": [{"power": lambda i, d: i / d}],
        f"{frequencies}, not -2i/(d/2).": [{"power": lambda i, d: 4 * i / d}],
        f"{frequencies}. Yours has the wrong sign, so later pairs turn faster instead of more slowly.": [
            {"power": lambda i, d: -2 * i / d}
        ],
        f"{frequencies} with i from 0 to d/2 - 1: it starts at 0 and does not reach -1 (a linspace with its end point does).": [
            {"power": lambda i, d: i / (d // 2 - 1)},
            {"power": lambda i, d: 2 * (i + 1) / d},
        ],
        "All pairs turn with one frequency. Each pair has its own.": [
            {"power": lambda i, d: 0 * i}
        ],
        "`base` has no effect: you used 10000.": [{"base": 10000.0}],
    }
    cases = (((2, 5, 8), 300.0), ((3, 4), 10000.0), ((2, 3, 3, 6), 50.0), ((1, 130, 34), 700.0))
    cases += (((4, 4), 90.0), ((3, 3, 4), 80.0), ((2, 1, 6), 200.0))
    for case, (shape, base) in enumerate(cases):
        x, positions = drawn(case, shape)
        right, half = turned(x, positions, base), shape[-1] // 2
        angles = positions.double()[:, None] * base ** -(torch.arange(half) * 2 / shape[-1])

        twice = turned(x, positions, base, signs=(-1, -1))

        def swapped():
            (a, b), (cos, sin) = x.chunk(2, -1), (angles.sin(), angles.cos())
            return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

        def repeated():
            (a, b), each = x.chunk(2, -1), angles.repeat_interleave(2, -1)
            return x * each.cos() + torch.cat((-b, a), -1) * each.sin()

        def is_added(got):
            added = got - x
            first = added[(0,) * (x.dim() - 2)]
            # What comes back as it was is another mistake: of sines and cosines one is large.
            return 0.5 < added.abs().max() <= 1.0001 and (added - first).abs().max() < 1e-4

        def along_heads(got):
            if x.dim() < 3:
                return False
            other = turned(x.transpose(-3, -2), positions, base).transpose(-3, -2)
            return torch.allclose(got.double(), other, atol=1e-4)

        with inputs_unchanged(x, positions):
            check(
                lambda: rotate(x, positions, base),
                right,
                f"x of shape {shape}, base {base}",
                rtol=1e-3,
                atol=1e-3,
                mistakes={
                    **{
                        hint: AnyOf(
                            *(turned(x, positions, **{"base": base, **one}) for one in ways)
                        )
                        for hint, ways in switches.items()
                    },
                    "x comes back as it was. Each pair is turned by its position times its frequency.": x,
                    "A plus became a minus: (a, b) becomes (a cos - b sin, a sin + b cos).": AnyOf(
                        twice, torch.cat((twice[..., :half], -twice[..., half:]), -1)
                    ),
                    "`positions` has no effect: you counted from 0. Use the argument.": turned(
                        x, torch.arange(shape[-2]), base
                    ),
                    "Positions are counted from 1 in your code. Use them as given: position 0 leaves x unchanged.": turned(
                        x, positions + 1, base
                    ),
                    "Positions are counted from the first or the least of them. Use them as given.": AnyOf(
                        turned(x, positions - positions[0], base),
                        turned(x, positions - positions.min(), base),
                    ),
                    "The angles are in radians, not in degrees.": turned(
                        x, positions * math.pi / 180, base
                    ),
                    "Sine and cosine are swapped. At position 0 the cosine is 1 and x stays unchanged.": (
                        swapped()
                    ),
                    "The pairs are right, but their two features get the angles of neighbours. Feature i and feature i + d/2 turn by the same angle.": (
                        repeated()
                    ),
                    "Only the first half was turned. Both halves of a pair change: second = a sin + b cos.": torch.cat(
                        (right[..., :half], x[..., half:]), -1
                    ),
                    "The halves are given back in the wrong order: first a cos - b sin, then a sin + b cos.": torch.cat(
                        (right[..., half:], right[..., :half]), -1
                    ),
                    "Sines and cosines were added, as sinusoidal positions are. Rotary positions multiply: each pair is turned.": (
                        is_added
                    ),
                    "The angles run along another dimension, such as the heads. The sequence is dimension -2 of (..., T, d).": (
                        along_heads
                    ),
                    OF_X: lambda got: got.shape != x.shape and got.numel() == x.numel(),
                },
                otherwise=(
                    "Turn the pair (x[i], x[i + d/2]) by positions * base**(-2i/d): (a cos - b sin,"
                    " a sin + b cos)."
                ),
                if_raises=(
                    "x has the shape (..., T, d) and positions (T,); the angles have the shape (T,"
                    " d/2)."
                ),
            )
    x, positions = drawn("view", (2, 3, 5, 6))
    x = x.transpose(1, 2).contiguous().transpose(1, 2)
    check(
        lambda: rotate(x, positions, 300.0),
        turned(x, positions, 300.0),
        "x (2, 3, 5, 6), a transposed view of (2, 5, 3, 6)",
        rtol=1e-3,
        atol=1e-3,
        if_raises=VIEW,
    )
    first, second = (drawn(name, (2, 5, 6)) for name in ("first", "second"))
    first, second = (*first, 300.0), (*second, 40.0)
    check_nothing_kept(rotate, turned, first, second, "rotate", rtol=1e-3, atol=1e-3)


# %% graded: 1 point | lengths and distances: what rotary positions are for.
def test_lengths_and_distances() -> None:
    generator = torch.Generator().manual_seed(case_rng("rotate", "distances").getrandbits(60))
    q, k = torch.randn(2, 1, 8, generator=generator, dtype=torch.float64)

    def at(vector, position):
        return torch.as_tensor(rotate(vector.clone(), torch.tensor([position]))).double()

    def product(query_at, key_at):
        return float((at(q, query_at) * at(k, key_at)).sum())

    def default_is_known():
        x, positions = drawn("default", (3, 6))
        found, due = (
            torch.as_tensor(rotate(x.clone(), positions, *base)).double()
            for base in ((), (10000.0,))
        )
        return torch.allclose(found, due, atol=1e-4, equal_nan=True)

    # The answer against itself: so this says nothing wrong of a rotation that has another mistake.
    check(
        default_is_known,
        True,
        "whether the result without base is that for a base of 10,000",
        otherwise="The default of base is 10,000, another one is used.",
    )
    hint = "Position 0 is an angle of 0: it leaves x unchanged."
    check(lambda: at(q, 0), q, "a vector at position 0", rtol=1e-4, atol=1e-4, otherwise=hint)
    check(
        lambda: float(at(q, 7).norm()),
        float(q.norm()),
        "the length of a vector at position 7",
        rtol=1e-4,
        otherwise="A rotation keeps the length of a vector; check both halves and their signs.",
    )
    for near, far in (((5, 3), (25, 23)), ((1, 9), (12, 20)), ((4, 4), (131, 131))):
        check(
            lambda: product(*far),
            product(*near),
            f"the product of a query at {far[0]} and a key at {far[1]}, and the same distance at"
            f" {near}",
            rtol=1e-3,
            atol=1e-3,
            otherwise=(
                "The product of a turned query and a turned key depends on their distance alone."
            ),
        )
    check(
        lambda: abs(product(9, 3) - product(9, 4)) > 1e-3,
        True,
        "the products at the distances 6 and 5 differ",
        otherwise="Position has no effect on the product.",
    )
    # Single precision turns far positions by an angle that is off a little.
    for case, (far, slack) in enumerate(((2_000, 5e-3), (20_000, 0.02), (150_000, 0.1))):
        x, offsets = drawn(f"far {case}", (4, 6), most=300)
        check(
            lambda: rotate(x.clone(), far + offsets),
            turned(x, far + offsets, 10000.0),
            f"positions {(far + offsets).tolist()}",
            atol=slack,
            otherwise=(
                "Far positions are turned by the wrong angle. Positions have no end here: compute"
                " the angles from them, without a table of fixed size."
            ),
            if_raises="Positions have no end: compute their angles, or make the table as needed.",
        )
