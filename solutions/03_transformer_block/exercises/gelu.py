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

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


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
def test_1() -> None:
    for case in range(3):
        rng = case_rng("gelu", case)
        numbers = [rng.uniform(0.5, 3.5) * sign for sign in (1, -1, 1, -1, -1, 1)]
        x = torch.tensor(numbers, dtype=torch.float64).reshape(2, 3)

        def of_each(function, values=numbers):
            return torch.tensor([function(value) for value in values], dtype=torch.float64).reshape(
                2, 3
            )

        def below(value):
            return 0.5 * math.erfc(-value / math.sqrt(2))

        def sigmoid(value):
            return 1 / (1 + math.exp(-value))

        with inputs_unchanged(x):
            check(
                lambda: gelu(x),
                of_each(lambda value: value * below(value)),
                f"gelu of six numbers, case {case}",
                mistakes={
                    "This is the tanh approximation of GELU. Use the exact form with erf.": of_each(
                        lambda z: (
                            0.5
                            * z
                            * (1 + math.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))
                        )
                    ),
                    "This is the sigmoid approximation, x sigmoid(1.702 x). Use the exact form with erf.": of_each(
                        lambda z: z * sigmoid(1.702 * z)
                    ),
                    "This is ReLU. GELU lets a little of a negative input through.": of_each(
                        lambda z: max(z, 0.0)
                    ),
                    "This is SiLU (swish), x times the sigmoid of x. GELU uses the normal distribution (erf).": of_each(
                        lambda z: z * sigmoid(z)
                    ),
                    "You took erf(x). The distribution function needs erf(x / sqrt(2)).": of_each(
                        lambda z: 0.5 * z * (1 + math.erf(z))
                    ),
                    "You took erf(x * sqrt(2)). The distribution function needs erf(x / sqrt(2)).": of_each(
                        lambda z: 0.5 * z * (1 + math.erf(z * math.sqrt(2)))
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
    check(
        lambda: gelu(torch.tensor([[-0.5], [1.5]])),
        [
            [-0.5 * 0.5 * math.erfc(0.5 / math.sqrt(2))],
            [1.5 * 0.5 * math.erfc(-1.5 / math.sqrt(2))],
        ],
        "a float32 tensor",
        rtol=1e-5,
        atol=1e-6,
    )


# %% graded: 2 points | SwiGLU with weights as nn.Linear stores them.
def test_2() -> None:
    # Once with d_ff = D, where no mistake shows by its shape, and twice with another d_ff.
    for case, (shape, d_ff) in enumerate([((2, 4), 4), ((2, 3, 4), 7), ((5,), 3)]):
        generator = torch.Generator().manual_seed(case_rng("swiglu", case).getrandbits(60))
        d_model = shape[-1]
        x, w_gate, w_up, w_down = (
            torch.randn(size, generator=generator, dtype=torch.float64)
            for size in (shape, (d_ff, d_model), (d_ff, d_model), (d_model, d_ff))
        )
        gate, up = x @ w_gate.T, x @ w_up.T
        square = d_ff == d_model
        wrong_way = torch_silu(x @ w_gate) * (x @ w_up) @ w_down if square else None
        part_way = torch_silu(gate) * up @ w_down if square else None
        with inputs_unchanged(x, w_gate, w_up, w_down):
            check(
                lambda: swiglu(x, w_gate, w_up, w_down),
                torch_silu(gate) * up @ w_down.T,
                f"swiglu with D = {d_model} and d_ff = {d_ff}",
                mistakes={
                    "`w_gate` and `w_up` are swapped: silu goes on the gate.": (
                        torch_silu(up) * gate @ w_down.T
                    ),
                    "The gate goes through the sigmoid alone. SiLU is z * sigmoid(z).": (
                        torch.sigmoid(gate) * up @ w_down.T
                    ),
                    "The gate goes through GELU (that is GEGLU). SwiGLU uses SiLU, z * sigmoid(z).": (
                        torch_gelu(gate) * up @ w_down.T
                    ),
                    "The gate goes through the tanh form of GELU. SwiGLU uses SiLU, z * sigmoid(z).": (
                        torch_gelu(gate, approximate="tanh") * up @ w_down.T
                    ),
                    "The gate goes through ReLU (that is ReGLU). SwiGLU uses SiLU, z * sigmoid(z).": (
                        torch.relu(gate) * up @ w_down.T
                    ),
                    "The gate has no nonlinearity: put it through SiLU.": gate * up @ w_down.T,
                    "The weights are used without being transposed. nn.Linear stores (out, in): compute x @ w.T.": (
                        wrong_way
                    ),
                    "`w_down` is used without being transposed. nn.Linear stores (out, in): compute h @ w_down.T.": (
                        part_way
                    ),
                    "Gate and up are added. They are multiplied, elementwise: a product.": (
                        (torch_silu(gate) + up) @ w_down.T
                    ),
                    "The up projection `w_up` is not used: multiply the gate by it.": (
                        torch_silu(gate) @ w_down.T
                    ),
                    "The gate is not used: multiply the up projection by silu(gate).": (
                        torch_silu(up) @ w_down.T
                    ),
                    "The way down is missing: end with `w_down`, back to the width D.": (
                        lambda got: (
                            torch.as_tensor(got).shape == gate.shape
                            and torch.allclose(
                                torch.as_tensor(got, dtype=torch.float64), torch_silu(gate) * up
                            )
                        )
                    ),
                    "silu goes on the gate alone, not on the product of gate and up.": (
                        torch_silu(gate * up) @ w_down.T
                    ),
                    "silu goes on the gate alone, not on both: the up projection stays linear.": (
                        torch_silu(gate) * torch_silu(up) @ w_down.T
                    ),
                },
                otherwise="Compute down(silu(gate x) * up x), each matrix applied as x @ w.T.",
                if_raises=(
                    "nn.Linear stores weights as (out, in), so a matrix is applied transposed: x @"
                    " w.T."
                ),
            )
