"""Exercise `selective_scan`: the recurrence of a selective state space model (Mamba)."""

# %% solution
import torch
from torch import Tensor


def selective_scan(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    """Return y (B, T, D) with h_t = exp(delta_t A) h_{t-1} + delta_t B_t x_t, y_t = C_t · h_t and
    h_0 = 0.

    Args:
        x: input (B, T, D).
        delta: step sizes (B, T, D).
        A: decay rates (D, N), negative as a rule.
        B: how the input enters the state (B, T, N).
        C: how the state is read (B, T, N).
    """
    ### BEGIN SOLUTION
    state = x.new_zeros(x.shape[0], x.shape[2], A.shape[1])  # (B, D, N)
    outputs = []
    for t in range(x.shape[1]):
        step = delta[:, t, :, None]
        state = torch.exp(step * A) * state + step * x[:, t, :, None] * B[:, t, None, :]
        outputs.append((state * C[:, t, None, :]).sum(-1))
    return torch.stack(outputs, dim=1)
    ### END SOLUTION


# %% hints
HINTS = (
    (
        "A state for every batch row, channel and state number: (B, D, N). What happens to it at"
        " each step?"
    ),
    (
        "For each t: `h = exp(delta_t A) * h + delta_t * B_t * x_t`, all broadcast to (B, D, N),"
        " then `y_t = (h * C_t).sum(-1)` with the new h."
    ),
)
EXPLANATION = """
delta decides how much a token matters: at 0 the state passes unchanged and the token is not
written, at a large value the old state decays and the new token fills it. B_t and C_t are shared
by all channels, A and delta belong to the channel. The output reads the state after the update.
"""


# %% helpers
import torch
from torch.nn.functional import softplus

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_nothing_kept,
    inputs_unchanged,
)


def scan(x, delta, A, B, C, decay=None, drive=None, start=0.0, lag=False):
    """The test's own scan, with a switch for each misconception."""
    d, u, b = delta[..., None], x[..., None], B[:, :, None, :]
    decays = torch.exp(d * A) if decay is None else decay(d, A)
    drives = d * u * b if drive is None else drive(d, u, b)
    h, rows = torch.full_like(drives[:, 0], start), []
    for t in range(x.shape[1]):
        before, h = h, decays[:, t] * h + drives[:, t]
        rows.append(((before if lag else h) * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


def drawn(case, batch, T, D, N):
    """x, delta, A, B and C, with steps above 0 and decays below it."""
    generator = torch.Generator().manual_seed(case_rng("selective_scan", case).getrandbits(60))
    x, noise = torch.randn(2, batch, T, D, generator=generator, dtype=torch.float64)
    A = -0.2 - torch.rand(D, N, generator=generator, dtype=torch.float64)
    B, C = torch.randn(2, batch, T, N, generator=generator, dtype=torch.float64)
    return x, 0.2 + noise.abs(), A, B, C


def first_only(value):
    return value[:, :1].expand_as(value)


def mistakes_of(x, delta, A, B, C):
    """From a hint to what such an answer returns."""
    args, right = (x, delta, A, B, C), scan(x, delta, A, B, C)
    late = torch.cat((delta[:, :1], delta[:, :-1]), 1)[..., None]
    return {
        "The decay is without delta: it is exp(delta_t A).": scan(
            *args, decay=lambda d, a: torch.exp(a + 0 * d)
        ),
        "The decay is without the exponential: it is exp(delta_t A).": scan(
            *args, decay=lambda d, a: d * a
        ),
        "1 + delta A is Euler's approximation. The decay is exp(delta_t A).": scan(
            *args, decay=lambda d, a: 1 + d * a
        ),
        "The exponent has the wrong sign: exp(delta_t A), with A negative as it comes.": scan(
            *args, decay=lambda d, a: torch.exp(-d * a)
        ),
        "You took A for the logarithm of its negative, -exp(A). Use A itself: exp(delta_t A).": (
            scan(*args, decay=lambda d, a: torch.exp(-d * torch.exp(a)))
        ),
        "The input enters without delta: h takes up delta_t B_t x_t.": scan(
            *args, drive=lambda d, u, b: u * b + 0 * d
        ),
        "The input enters without B: h takes up delta_t B_t x_t.": scan(
            *args, drive=lambda d, u, b: d * u + 0 * b
        ),
        "This is the exact integral of the input (zero-order hold), (exp(delta A) - 1) / A. Here it enters as delta_t B_t x_t.": scan(
            *args, drive=lambda d, u, b: (torch.exp(d * A) - 1) / A * u * b
        ),
        "The output is read before the state is updated: y_t uses the current h_t.": scan(
            *args, lag=True
        ),
        "B and C are swapped: B writes, C reads.": scan(x, delta, A, C, B),
        "A skip connection is added: + x is not part of the scan.": right + x,
        "The state starts at 0: h_0 = 0.": scan(*args, start=1.0),
        "delta goes through a softplus. It is given as a step size: use it as it is.": scan(
            x, softplus(delta), A, B, C
        ),
        "delta, B or C of the first step is used for all. Selective means that every step has its own delta_t, B_t and C_t.": AnyOf(
            scan(x, delta, A, first_only(B), first_only(C)),
            scan(x, delta, A, first_only(B), C),
            scan(x, delta, A, B, first_only(C)),
            scan(x, first_only(delta), A, B, C),
        ),
        "The state is not carried on: h_t keeps exp(delta_t A) h_{t-1} of the earlier steps.": scan(
            *args, decay=lambda d, a: 0 * d * a
        ),
        "The state does not decay: multiply h_{t-1} by exp(delta_t A).": scan(
            *args, decay=lambda d, a: 1 + 0 * d * a
        ),
        "y is an average over the state. It is the dot product, a sum: C_t · h_t.": (
            right / A.shape[1]
        ),
        "The decay uses delta of the step before. Each step decays by its own delta_t.": scan(
            *args, decay=lambda d, a: torch.exp(late * a)
        ),
        "The decay is applied to the input too. It belongs to h_{t-1} only.": scan(
            *args, drive=lambda d, u, b: torch.exp(d * A) * d * u * b
        ),
        "Only the last state was read. Return y for every step: the shape is (B, T, D).": (
            lambda got: x.shape[1] > 1 and got.numel() == right[:, 0].numel()
        ),
        "C has no effect: y_t = C_t · h_t, a sum over the state with the weights C_t.": scan(
            x, delta, A, B, torch.ones_like(C)
        ),
        "B is used twice, or C is: B writes, C reads.": AnyOf(
            scan(x, delta, A, B, B), scan(x, delta, A, C, C)
        ),
        "x has no effect: h takes up delta_t B_t x_t.": scan(
            *args, drive=lambda d, u, b: d * b + 0 * u
        ),
        "The sign is wrong: h takes up + delta_t B_t x_t, and y_t is + C_t · h_t.": -right,
        "The sum runs over the channels. It runs over the state, the last dimension of (B, D, N).": (
            lambda got: got.shape == B.shape != right.shape
        ),
        "A step is missing: the result has T of them, the first and the last too.": (
            lambda got: got.shape == right[:, 1:].shape
        ),
        "Batch and time are transposed: the shape is (B, T, D).": (
            lambda got: got.shape == right.transpose(0, 1).shape != right.shape
        ),
        "The results are stacked along another dimension, or one of size 1 is gone: the shape is (B, T, D).": (
            lambda got: got.shape != right.shape and got.numel() == right.numel()
        ),
    }


# %% examples
def examples(check):
    row = lambda *values: torch.tensor(values, dtype=torch.float64).reshape(1, 3, 1)
    x, delta, ones = row(5.0, 7.0, 2.0), row(1.0, 0.0, 0.5), row(1.0, 1.0, 1.0)
    want = row(10.0, 10.0, 2 * (5 * 2.718281828459045**-0.5 + 1))
    decay = -torch.ones(1, 1, dtype=torch.float64)
    check(lambda: selective_scan(x, delta, decay, ones, 2 * ones), want, "A = -1, B = 1, C = 2")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "A = -1, B = 1, C = 2": Diagnosis(
            mistakes={
                "The output is read before the state is updated: y_t uses the current h_t.": [
                    [[0.0], [10.0], [10.0]]
                ],
                "A delta of 0 skips the input: multiply B_t x_t by delta.": (
                    lambda got: abs(float(got[0][1][0]) - 24.0) < 1e-6
                ),
                "C has no effect: the output is the sum of C_t times the state.": (
                    lambda got: abs(float(got[0][0][0]) - 5.0) < 1e-6
                ),
                "The state does not decay: multiply it by exp(delta A).": (
                    lambda got: abs(float(got[0][2][0]) - 12.0) < 1e-6
                ),
            },
            otherwise="Go step by step: h = exp(delta A) h + delta B x, then y = C h.",
        )
    }


# %% graded: 2 points | the scan, step by step, for several channels and states.
def test_scan() -> None:
    for case, (batch, T, D, N) in enumerate(
        [
            (2, 6, 3, 4),
            (1, 5, 4, 4),
            (3, 4, 2, 1),
            (1, 130, 2, 3),
            (3, 3, 3, 3),
            (2, 4, 1, 3),
            (2, 1, 3, 2),
        ]
    ):
        args = drawn(case, batch, T, D, N)
        with inputs_unchanged(*args):
            check(
                lambda: selective_scan(*args),
                scan(*args),
                f"x of shape {(batch, T, D)}, state size {N}",
                rtol=1e-4,
                atol=1e-4,
                mistakes=lambda: mistakes_of(*args),
                otherwise=(
                    "h = exp(delta_t A) h + delta_t B_t x_t, then y_t = sum over the state of"
                    " C_t h."
                ),
                if_raises=(
                    "x and delta are (B, T, D), A is (D, N), B and C are (B, T, N); the state is"
                    " (B, D, N)."
                ),
            )
    first, second = drawn("first", 2, 5, 3, 4), drawn("second", 2, 5, 3, 4)
    check_nothing_kept(selective_scan, scan, first, second, "the scan", rtol=1e-4, atol=1e-4)


# %% graded: 1 point | long sequences with strong decay, steps that skip, and states that grow.
def test_long_sequences_and_pauses() -> None:
    T = 400
    x = torch.sin(torch.arange(2.0 * T, dtype=torch.float64)).reshape(1, T, 2)
    delta = torch.full((1, T, 2), 1.5, dtype=torch.float64)
    A = torch.tensor([[-4.0], [-0.01]], dtype=torch.float64)
    ones = torch.ones(1, T, 1, dtype=torch.float64)
    check(
        lambda: torch.as_tensor(selective_scan(x, delta, A, ones, ones))[0, -50:],
        scan(x, delta, A, ones, ones)[0, -50:],
        "the last 50 of 400 steps, one channel with strong decay and one with weak decay",
        rtol=1e-4,
        atol=1e-4,
        mistakes={
            "Products of 400 decays underflow, and dividing by them overflows: not stable on long sequences. Carry the state from step to step instead of dividing by cumulative products.": (
                lambda got: not got.isfinite().all() or got.abs().max() > 1e4
            ),
        },
        otherwise="On long sequences the result is off: carry the state from step to step.",
    )
    paused = torch.tensor([1.0, 0.0, 0.0, 0.0], dtype=torch.float64).reshape(1, 4, 1)
    some, x = ones[:, :4], torch.tensor([3.0, 100.0, 100.0, 100.0], dtype=torch.float64)
    check(
        lambda: torch.as_tensor(
            selective_scan(x.reshape(1, 4, 1), paused, -ones[0, :1], some, some)
        ).flatten(),
        [3.0, 3.0, 3.0, 3.0],
        "one step of size 1, then three of size 0",
        rtol=1e-4,
        otherwise="A step of size 0 keeps the state as it is, and takes up nothing.",
    )
    x, delta, A, B, C = drawn("growth", 2, 5, 3, 4)
    A = A.where(torch.arange(4) % 2 == 0, -0.5 * A)
    check(
        lambda: selective_scan(x, delta, A, B, C),
        scan(x, delta, A, B, C),
        "two states that decay, and two of A above 0 that grow",
        rtol=1e-4,
        atol=1e-4,
        mistakes={
            "A is negative as a rule, not always: the factor is exp(delta_t A) with A as it comes.": AnyOf(
                scan(x, delta, -A.abs(), B, C), scan(x, delta, A.clamp(max=0), B, C)
            ),
        },
        otherwise="The factor is exp(delta_t A), whatever the sign of A.",
    )
