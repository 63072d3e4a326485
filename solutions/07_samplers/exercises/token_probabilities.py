"""Exercise `token_probabilities` of notebook 07."""

# %% solution
import torch
from torch import Tensor


def token_probabilities(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Return the probabilities of the tokens at a temperature.

    Args:
        logits: (..., V).
        temperature: what the logits are divided by; 0 puts everything on the first largest logit of each row.

    Returns:
        Probabilities (..., V), each row with the sum 1.

    Raises:
        ValueError: the temperature is negative.
    """
    ### BEGIN SOLUTION
    if temperature < 0:
        raise ValueError(f"temperature must not be negative, got {temperature}")
    if temperature == 0:
        return torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    return torch.softmax(logits / temperature, dim=-1)
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
    check(
        lambda: token_probabilities(torch.tensor([1.0, 2.0])),
        [0.26894142, 0.73105858],
        "logits 1 and 2",
        rtol=1e-05,
    )
    check(
        lambda: token_probabilities(torch.tensor([1.0, 2.0]), temperature=0.5),
        [0.11920292, 0.88079708],
        "logits 1 and 2, temperature 0.5",
        rtol=1e-05,
    )
    check(
        lambda: token_probabilities(torch.tensor([1.0, 2.0]), temperature=0),
        [0.0, 1.0],
        "logits 1 and 2, temperature 0",
    )
    check.refused(
        lambda: token_probabilities(torch.tensor([1.0, 2.0]), temperature=-1.0), "temperature -1"
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["logits 1 and 2"] = Diagnosis(otherwise="Take the softmax.")
    found["logits 1 and 2, temperature 0.5"] = Diagnosis(
        mistakes={
            "You multiplied by the temperature: divide.": [0.37754067, 0.62245933],
            "The temperature has no effect.": [0.26894142, 0.73105858],
        }
    )
    found["logits 1 and 2, temperature 0"] = Diagnosis(
        otherwise="At temperature 0 the largest logit gets probability 1."
    )
    return found


# %% graded: 2 points | the softmax of logits / temperature over the last dimension, for logits of any shape.
def test_1() -> None:
    cases = [
        ((5,), 0.5),
        ((3, 4), 2.0),
        ((2, 3, 5), 0.7),
        ((4, 4), 1.5),
        ((6,), None),
        ((3, 6), None),
    ]
    for case, (shape, temperature) in enumerate(cases):
        seed = case_rng("token_probabilities", case).getrandbits(40)
        logits = torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 2
        exact = logits.double()
        used = 1.0 if temperature is None else temperature
        mistakes = {
            "These are logarithms of probabilities. Return the probabilities.": (
                exact / used
            ).log_softmax(-1),
            "These are logits. Return probabilities: the softmax of them.": exact / used,
            "These are powers that do not sum to 1: divide by their sum.": (exact / used).exp(),
        }
        if len(shape) > 1:
            mistakes[
                "The softmax runs over the first dimension. The vocabulary is the last dimension."
            ] = (exact / used).softmax(0)
        if temperature is None:
            mistakes["The default temperature is 1: no other default."] = lambda got, exact=exact: (
                any(
                    (torch.as_tensor(got).double() - (exact / other).softmax(-1)).abs().max() < 1e-4
                    for other in (0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.2, 2.0)
                    if hasattr(got, "shape") and tuple(got.shape) == tuple(exact.shape)
                )
            )
        else:
            mistakes |= {
                "The logits were multiplied by the temperature. Divide: a low temperature makes the likely tokens likelier.": (
                    exact * temperature
                ).softmax(-1),
                "The temperature has no effect: divide the logits by it.": exact.softmax(-1),
                "You divided the probabilities. Divide the logits by the temperature before the softmax.": exact.softmax(
                    -1
                )
                / temperature,
                "The square root of the temperature, or its square, has no place here: divide by the temperature itself.": lambda got, exact=exact, temperature=temperature: (
                    any(
                        (torch.as_tensor(got).double() - (exact / other).softmax(-1)).abs().max()
                        < 1e-4
                        for other in (temperature**0.5, temperature**2)
                        if hasattr(got, "shape") and tuple(got.shape) == tuple(exact.shape)
                    )
                ),
            }
        check(
            lambda: (
                token_probabilities(logits.clone())
                if temperature is None
                else token_probabilities(logits.clone(), temperature)
            ),
            (exact / used).softmax(-1),
            f"logits of shape {shape}"
            + ("" if temperature is None else f", temperature {temperature}"),
            rtol=1e-4,
            atol=1e-6,
            mistakes=mistakes,
            otherwise="Divide the logits by the temperature, and take the softmax over the last dimension.",
            if_raises="The logits may have any number of dimensions; the last one is the vocabulary.",
        )


# %% graded: 2 points | temperature 0, with ties and several rows, and temperatures near 0.
def test_2() -> None:
    ties = torch.tensor(
        [[1.0, 3.0, -2.0, 3.0, 0.0], [4.0, 4.0, 4.0, 1.0, 2.0], [-5.0, -7.0, -6.0, -5.5, -5.0]]
    )
    first = torch.tensor(
        [[0.0, 1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]]
    )
    all_tied = (ties == ties.amax(-1, keepdim=True)).double()
    last = torch.zeros(3, 5).scatter(-1, 4 - ties.flip(-1).argmax(-1, keepdim=True), 1.0)
    whole = torch.zeros(15).scatter(0, ties.reshape(-1).argmax(), 1.0)
    for shape, zero in [((5,), 0), ((3, 5), 0.0), ((3, 5), 0), ((3, 1, 5), 0.0)]:
        rows = 1 if len(shape) == 1 else 3

        def reshaped_rows(table, shape=shape, rows=rows):
            return table[:rows].reshape(shape)

        def holds_nan(got):
            return (
                isinstance(got, torch.Tensor)
                and got.is_floating_point()
                and bool(got.isnan().any())
            )

        def is_of_shape(got, wanted):
            return isinstance(got, torch.Tensor) and tuple(got.shape) == tuple(wanted)

        mistakes = {
            "Division by a temperature 0 gives infinities and NaN. Treat temperature 0 on its own.": holds_nan,
            "A tie was split. At temperature 0 the first largest logit gets everything, so a tiny number in the place of 0 will not do.": (
                reshaped_rows(all_tied / all_tied.sum(-1, keepdim=True))
            ),
            "In a tie every largest logit got probability 1. Only the first largest may.": reshaped_rows(
                all_tied
            ),
            "In a tie the last one won. Take the first largest logit.": reshaped_rows(last),
            "Temperature 0 gave the plain softmax. It is one-hot on the first largest logit.": reshaped_rows(
                ties.double().softmax(-1)
            ),
            "Return probabilities, one-hot, of the shape of the logits: not the id of the token.": (
                lambda got, shape=shape: isinstance(got, int) or is_of_shape(got, shape[:-1])
            ),
            "Return one-hot probabilities of the shape of the logits.": (
                lambda got, shape=shape: (
                    isinstance(got, torch.Tensor) and not is_of_shape(got, shape)
                )
            ),
        }
        if rows > 1:
            mistakes[
                "One token of the whole batch got everything. Each row has a largest logit of its own."
            ] = reshaped_rows(whole.reshape(3, 5))
        check(
            lambda: token_probabilities(reshaped_rows(ties).clone(), zero),
            reshaped_rows(first),
            f"temperature {zero}, logits of shape {shape} with ties",
            atol=1e-6,
            mistakes=mistakes,
            otherwise="At temperature 0 each row is one-hot: 1 for its first largest logit, 0 for the others.",
            if_raises="Temperature 0 is not refused: it is one-hot on the first largest logit.",
        )
    # Multiples of 1/16 over a temperature of 1/16 are whole numbers, so no rounding disturbs the comparison.
    for largest in (60.0, 700.0):
        cold = torch.tensor(
            [[largest, largest - 0.125, largest - 0.0625, 1.0], [2.0, 1.9375, 0.0, -largest]]
        )
        check(
            lambda: token_probabilities(cold.clone(), 0.0625),
            (cold.double() / 0.0625).softmax(-1),
            f"temperature 1/16, logits up to {largest:.0f}",
            # exp(x - logsumexp(x)) is right too, and in float32 good to about 5e-4 at logits of this size.
            rtol=2e-3,
            atol=1e-6,
            mistakes={
                "Powers overflow at a low temperature. Subtract the row's largest logit first, or use a stable softmax.": (
                    lambda got: (
                        isinstance(got, torch.Tensor) and bool((got.isnan() | got.isinf()).any())
                    )
                ),
                "This low temperature was taken for 0. Only 0 itself is one-hot.": torch.tensor(
                    [[1.0, 0, 0, 0], [1.0, 0, 0, 0]]
                ),
            },
            otherwise="The softmax must be stable: divided by a low temperature, logits are large.",
            if_raises="Powers overflow at a low temperature: use a stable softmax.",
        )


# %% graded: 1 point | a negative temperature is refused, and the logits stay as they were.
def test_3() -> None:
    for temperature in (-1.0, -0.01, -3):
        for logits in (torch.tensor([1.0, 2.0, 0.5]), torch.tensor([[1.0, 2.0], [0.0, -1.0]])):
            check_refused(
                lambda: token_probabilities(logits.clone(), temperature),
                f"temperature {temperature}",
                "A negative temperature would make the unlikely likely.",
            )
    for temperature in (0.0, 0.5, 2.0):
        logits = torch.tensor([[1.0, 2.0, 0.5], [0.0, -1.0, 4.0]])
        wanted = torch.zeros(2, 3).scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
        if temperature:
            wanted = (logits / temperature).softmax(-1)
        with inputs_unchanged(logits):
            check(
                lambda: token_probabilities(logits, temperature),
                wanted,
                f"temperature {temperature}, the logits are used again afterwards",
                rtol=1e-4,
                atol=1e-6,
            )
