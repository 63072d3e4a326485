"""Exercise `gelu` with `swiglu`: the nonlinearities between the two matrices of an MLP."""

# %% solution
import torch
from torch import Tensor


def gelu(x: Tensor) -> Tensor:
    """Return x times the standard normal distribution function of x, elementwise and exact."""
    ### BEGIN SOLUTION
    return 0.5 * x * (1 + torch.erf(x / 2**0.5))
    ### END SOLUTION


def swiglu(x: Tensor, w_gate: Tensor, w_up: Tensor, w_down: Tensor) -> Tensor:
    """Return down(silu(gate x) * up x).

    Args:
        x: (..., D).
        w_gate: (d_ff, D), as `nn.Linear` stores it.
        w_up: (d_ff, D).
        w_down: (D, d_ff).

    Returns:
        (..., D).
    """
    ### BEGIN SOLUTION
    gate = x @ w_gate.T
    return (gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T
    ### END SOLUTION


# %% hints
HINTS = (
    (
        "GELU asks how likely a standard normal number is to lie below x. Which function of torch"
        " gives that?"
    ),
    (
        "`0.5 * x * (1 + torch.erf(x / sqrt(2)))`. SwiGLU: `z = x @ w_gate.T`, then `(z *"
        " sigmoid(z) * (x @ w_up.T)) @ w_down.T`: weights are stored as (out, in)."
    ),
)
EXPLANATION = """
GELU multiplies x by the probability that a standard normal number lies below it; `erf` gives it
exactly. SwiGLU has two ways in: one goes through SiLU and opens or closes the other, feature by
feature. `nn.Linear` stores its weight as (out, in), hence the transposes.
"""


# %% helpers
import math

import torch
from torch.nn.functional import gelu as torch_gelu, silu as torch_silu

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_nothing_kept,
    inputs_unchanged,
)


OF_X = "The result has the shape of x: its dimensions stay apart, those of size 1 too."
VIEW = "x may be a transposed view, which `view` refuses. Take x as it is, or `reshape`."


def below(z):
    return 0.5 * math.erfc(-z / math.sqrt(2))


def drawn(case, shape, d_ff):
    """x and the three weights for it."""
    generator = torch.Generator().manual_seed(case_rng("swiglu", case).getrandbits(60))
    sizes = shape, (d_ff, shape[-1]), (d_ff, shape[-1]), (shape[-1], d_ff)
    return [torch.randn(size, generator=generator, dtype=torch.float64) for size in sizes]


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


# %% examples
def examples(check):
    x, one = torch.tensor([-1.0, 0.0, 2.0]).double(), torch.ones(1, 1).double()
    check(lambda: gelu(x), [-0.158655, 0.0, 1.954500], "gelu of -1, 0 and 2", atol=1e-6)
    silu_of_2 = 2 / (1 + 2.718281828459045**-2)
    label = "swiglu of 2 with gate 1, up 3, down 10"
    check(lambda: swiglu(2 * one, one, 3 * one, 10 * one), [[10 * silu_of_2 * 6]], label)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    e = 2.718281828459045
    sigmoid_of_2, sigmoid_of_6 = 1 / (1 + e**-2), 1 / (1 + e**-6)
    return {
        "gelu of -1, 0 and 2": Diagnosis(
            mistakes={
                "This is ReLU. GELU lets a little of a negative input through.": [0.0, 0.0, 2.0],
                "This is SiLU, x times the sigmoid of x. GELU uses the normal distribution (erf).": (
                    lambda got: abs(float(got[0]) + 0.2689414) < 1e-5
                ),
                "This is an approximation of GELU. Use the exact form with erf.": (
                    lambda got: 1e-7 < abs(float(got[0]) + 0.1586553) < 0.02
                ),
            },
            otherwise="GELU is x times the standard normal distribution function of x.",
        ),
        "swiglu of 2 with gate 1, up 3, down 10": Diagnosis(
            mistakes={
                "`w_gate` and `w_up` are swapped: silu goes on the gate.": [
                    [10 * 6 * sigmoid_of_6 * 2]
                ],
                "The gate goes through the sigmoid alone. SiLU is z * sigmoid(z).": [
                    [10 * sigmoid_of_2 * 6]
                ],
                "Gate and up are multiplied, not added.": [[10 * (2 * sigmoid_of_2 + 6)]],
                "The gate has no nonlinearity: it goes through silu.": [[10 * 2 * 6]],
            },
            otherwise="down times (silu(gate times x) times (up times x)).",
        ),
    }


# %% graded: 2 points | the exact GELU.
def test_gelu() -> None:
    for case in range(3):
        rng = case_rng("gelu", case)
        numbers = [rng.uniform(0.5, 3.5) * sign for sign in (1, -1, 1, -1, -1, 1)]
        x = torch.tensor(numbers, dtype=torch.float64).reshape(2, 3)

        def of_each(function):
            values = [function(z) for z in numbers]
            return torch.tensor(values, dtype=torch.float64).reshape(2, 3)

        with inputs_unchanged(x):
            check(
                lambda: gelu(x),
                of_each(lambda z: z * below(z)),
                f"gelu of six numbers, case {case}",
                rtol=1e-5,
                atol=1e-6,
                mistakes={
                    "This is an approximation of GELU (the tanh form, or x sigmoid(1.702 x)). Use the exact form with erf.": AnyOf(
                        torch_gelu(x, approximate="tanh"), of_each(lambda z: z * sigmoid(1.702 * z))
                    ),
                    "This is ReLU. GELU lets a little of a negative input through.": x.clamp(min=0),
                    "This is SiLU (swish), x times the sigmoid of x. GELU uses the normal distribution (erf).": torch_silu(
                        x
                    ),
                    "You took erf of another number. The distribution function needs erf(x / sqrt(2)).": AnyOf(
                        of_each(lambda z: 0.5 * z * (1 + math.erf(z))),
                        of_each(lambda z: 0.5 * z * (1 + math.erf(z * math.sqrt(2)))),
                        of_each(lambda z: 0.5 * z * (1 + math.erf(z / 2))),
                    ),
                    "The sign before erf is wrong: 1 + erf(x / sqrt(2)).": of_each(
                        lambda z: z * below(-z)
                    ),
                    "The 1 is missing: 1 + erf(x / sqrt(2)).": of_each(
                        lambda z: z * (below(z) - 0.5)
                    ),
                    "The factor one half is missing, so the result is twice as large.": of_each(
                        lambda z: 2 * z * below(z)
                    ),
                    "This is the distribution function alone. GELU is x times it.": of_each(below),
                    "You took the density. GELU is x times the distribution function, the probability of being below x.": of_each(
                        lambda z: z * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
                    ),
                    "Values that are not negative pass unchanged in your code. GELU weighs them too.": of_each(
                        lambda z: z if z > 0 else z * below(z)
                    ),
                },
                otherwise="GELU(x) = 0.5 x (1 + erf(x / sqrt(2))), elementwise.",
            )
    rng = case_rng("gelu", "far")
    far = [rng.uniform(4.1, 4.2), rng.uniform(7, 12), rng.uniform(-4.2, -4.1), rng.uniform(-12, -7)]
    check(
        lambda: gelu(torch.tensor(far, dtype=torch.float64)),
        torch.tensor([z * below(z) for z in far], dtype=torch.float64),
        "numbers far from 0",
        atol=1e-6,
        otherwise="Far from 0 it is the same function: cut or replace nothing there.",
    )
    first, second = torch.tensor([[-0.7, 0.4]]).double(), torch.tensor([[2.0, -1.1]]).double()
    check(
        lambda: torch.as_tensor(gelu(first.clone())).shape,
        first.shape,
        "the shape of gelu of a tensor (1, 2)",
        otherwise=OF_X,
    )
    check_nothing_kept(gelu, torch_gelu, (first,), (second,), "gelu", rtol=1e-5, atol=1e-6)
    half = [[-0.5 * below(-0.5)], [1.5 * below(1.5)]]
    check(
        lambda: gelu(torch.tensor([[-0.5], [1.5]])), half, "a float32 tensor", rtol=1e-5, atol=1e-6
    )


# %% graded: 2 points | SwiGLU with weights as nn.Linear stores them.
def test_swiglu() -> None:
    # Once with d_ff = D, where no mistake shows by its shape, then with others.
    sizes = (((6, 4), 4), ((2, 3, 4), 7), ((5,), 3), ((2, 130), 70), ((4, 4), 4), ((1, 3, 4), 5))
    for case, (shape, d_ff) in enumerate(sizes):
        x, w_gate, w_up, w_down = drawn(case, shape, d_ff)
        gate, up = x @ w_gate.T, x @ w_up.T

        def down(hidden):
            return hidden @ w_down.T

        with inputs_unchanged(x, w_gate, w_up, w_down):
            check(
                lambda: swiglu(x, w_gate, w_up, w_down),
                down(torch_silu(gate) * up),
                f"swiglu with D = {shape[-1]} and d_ff = {d_ff}",
                rtol=1e-4,
                atol=1e-4,
                mistakes={
                    "`w_gate` and `w_up` are swapped: silu goes on the gate.": down(
                        torch_silu(up) * gate
                    ),
                    "The gate goes through the sigmoid alone. SiLU is z * sigmoid(z).": down(
                        torch.sigmoid(gate) * up
                    ),
                    "The gate goes through GELU (that is GEGLU). SwiGLU uses SiLU, z * sigmoid(z).": AnyOf(
                        *(
                            down(torch_gelu(gate, approximate=form) * up)
                            for form in ("none", "tanh")
                        )
                    ),
                    "The gate goes through ReLU (that is ReGLU). SwiGLU uses SiLU, z * sigmoid(z).": down(
                        torch.relu(gate) * up
                    ),
                    "The gate has no nonlinearity: put it through SiLU.": down(gate * up),
                    "Weights are used without being transposed. nn.Linear stores (out, in): compute x @ w.T.": AnyOf(
                        lambda got: torch.allclose(
                            got, torch_silu(x @ w_gate) * (x @ w_up) @ w_down
                        ),
                        lambda got: torch.allclose(got, torch_silu(gate) * up @ w_down),
                    ),
                    "Gate and up are added. They are multiplied, elementwise: a product.": down(
                        torch_silu(gate) + up
                    ),
                    "The up projection `w_up` is not used: multiply the gate by it.": down(
                        torch_silu(gate)
                    ),
                    "The gate is not used: multiply the up projection by silu(gate).": down(
                        torch_silu(up)
                    ),
                    "One matrix is used twice: the gate has `w_gate`, and what it multiplies has `w_up`.": AnyOf(
                        down(torch_silu(gate) * gate), down(torch_silu(up) * up)
                    ),
                    "The way down is missing: end with `w_down`, back to the width D.": (
                        torch_silu(gate) * up
                    ),
                    "silu goes on the gate alone, not on the product of gate and up, nor on both: the up projection stays linear.": AnyOf(
                        down(torch_silu(gate * up)), down(torch_silu(gate) * torch_silu(up))
                    ),
                    OF_X: lambda got: got.shape != x.shape and got.numel() == x.numel(),
                },
                otherwise="Compute down(silu(gate x) * up x), each matrix applied as x @ w.T.",
                if_raises=(
                    "nn.Linear stores weights as (out, in), so a matrix is applied transposed: x @"
                    " w.T."
                ),
            )

    x, w_gate, w_up, w_down = drawn("large", (3, 4), 5)
    w_gate = w_gate * 5000
    check(
        lambda: swiglu(x, w_gate, w_up, w_down),
        (torch_silu(x @ w_gate.T) * (x @ w_up.T)) @ w_down.T,
        "swiglu with gates in the thousands",
        rtol=1e-3,
        atol=1e-1,
        mistakes={
            "Large gates give NaN: exp overflows. torch.sigmoid does not, nor does 1 / (1 + exp(-z)).": (
                lambda got: not got.isfinite().all()
            ),
        },
        otherwise="silu(z) of a large z is z, and that of a very negative one is 0.",
    )

    def reference(x, w_gate, w_up, w_down):
        return (torch_silu(x @ w_gate.T) * (x @ w_up.T)) @ w_down.T

    x, *weights = drawn("view", (3, 2, 4), 5)
    check(
        lambda: swiglu(x.transpose(0, 1), *weights),
        reference(x.transpose(0, 1), *weights),
        "swiglu of a transposed view",
        rtol=1e-4,
        atol=1e-4,
        if_raises=VIEW,
    )
    first, second = (drawn(name, (2, 3), 4) for name in ("first", "second"))
    check_nothing_kept(swiglu, reference, first, second, "swiglu", rtol=1e-4, atol=1e-4)
