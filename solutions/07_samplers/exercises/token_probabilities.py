"""From logits to probabilities at a temperature: the softmax of logits / temperature, and its
limit at 0.
"""

# %% solution
import torch
from torch import Tensor


def token_probabilities(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Return the probabilities of the tokens at a temperature.

    Args:
        logits: (..., V).
        temperature: what the logits are divided by; 0 puts everything on the first largest logit
            of each row.

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
HINTS = (
    """Divide the logits first, then take the softmax. Which dimension is the vocabulary? And what does
the division do at temperature 0?""",
    """Three cases in this order: a negative temperature raises a `ValueError`; temperature 0 puts a 1
at `logits.argmax(-1)` of each row (`scatter` into zeros, or `one_hot`); any other is
`torch.softmax(logits / temperature, dim=-1)`.""",
)
EXPLANATION = """A temperature divides every difference of logits, so a low one makes the likely tokens likelier. The
softmax subtracts the row's largest logit before it takes powers, so `logits / 0.01` does no harm. Temperature 0 is a
limit and not a division: `argmax` takes the first largest logit of each row, and `scatter` turns the ids into one-hot
rows. A tiny number in the place of 0 would share the probability between equal logits."""

# %% helpers
import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    check_nothing_kept,
    check_refused,
    inputs_unchanged,
    not_finite,
    other_shape,
)


# %% examples
def examples(check):
    def at(temperature):
        return token_probabilities(torch.tensor([1.0, 2.0]), temperature)

    default = lambda: token_probabilities(torch.tensor([1.0, 2.0]))
    check(default, [0.268941, 0.731059], "logits 1, 2")
    check(lambda: at(0.5), [0.119203, 0.880797], "logits 1, 2 at temperature 0.5")
    check(lambda: at(0), [0.0, 1.0], "logits 1, 2 at temperature 0")
    check.refused(lambda: at(-1.0), "temperature -1")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "logits 1, 2": Diagnosis(
            {
                "These are the logits themselves. Return probabilities: their softmax.": [1.0, 2.0],
                "These are logarithms of probabilities. Return the probabilities.": [
                    -1.313262,
                    -0.313262,
                ],
            },
            otherwise="Take the softmax of the logits; the temperature is 1 when none is given.",
        ),
        "logits 1, 2 at temperature 0.5": Diagnosis(
            {
                "You multiplied by the temperature: divide.": [0.377541, 0.622459],
                "The temperature has no effect.": [0.268941, 0.731059],
            },
            otherwise="Divide the logits by the temperature, then take the softmax.",
        ),
        "logits 1, 2 at temperature 0": Diagnosis(
            {"Division by 0 gives infinities and NaN. Treat temperature 0 on its own.": not_finite},
            otherwise="At temperature 0 the largest logit gets probability 1, all others 0.",
            if_raises="Temperature 0 is allowed: all probability is on the first largest logit.",
        ),
        "temperature -1": Diagnosis(
            otherwise="A negative temperature would make the unlikely likely."
        ),
    }


# %% graded: 2 points | the softmax of logits / temperature over the last dimension, for logits of any shape.
def test_softmax_of_logits_over_temperature() -> None:
    shapes = (
        ((5,), 0.5),
        ((3, 4), 2.0),
        ((2, 3, 5), 0.7),
        ((4, 4), 1.5),
        ((2, 130), 0.8),
        ((6,), None),
        ((3, 6), None),
    )
    for case, (shape, given) in enumerate(shapes):
        logits = case_tensor("token_probabilities", case, *shape, scale=2.0)
        temperature = 1.0 if given is None else given
        exact = logits.double()
        cold = exact / temperature

        def at(*others, exact=exact):
            return AnyOf(*[(exact / other).softmax(-1) for other in others])

        mistakes = {
            "These are logarithms of probabilities. Return the probabilities.": cold.log_softmax(
                -1
            ),
            "These are logits. Return probabilities: the softmax of them.": cold,
            "These are powers that do not sum to 1: divide by their sum.": AnyOf(
                cold.exp(), exact.softmax(-1) ** (1 / temperature)
            ),
            "The softmax runs over the first dimension. The vocabulary is the last dimension.": (
                cold.softmax(0)
            ),
        }
        if given is None:
            others = (0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.2, 2.0)
            mistakes["The default temperature is 1: no other default."] = at(*others)
        else:
            mistakes |= {
                "The logits were multiplied by the temperature. Divide: a low temperature makes the likely tokens likelier.": at(
                    1 / temperature
                ),
                "The temperature has no effect: divide the logits by it.": at(1.0),
                "You divided the probabilities. Divide the logits by the temperature before the softmax.": (
                    exact.softmax(-1) / temperature
                ),
                "The square root of the temperature, or its square, has no place here: divide by the temperature itself.": at(
                    temperature**0.5, temperature**2
                ),
            }
        check(
            lambda: token_probabilities(logits.clone(), *([] if given is None else [given])),
            cold.softmax(-1),
            f"logits of shape {shape}" + ("" if given is None else f", temperature {given}"),
            rtol=1e-4,
            atol=1e-6,
            mistakes=mistakes,
            otherwise=(
                "Divide the logits by the temperature, and take the softmax over the last"
                " dimension."
            ),
            if_raises=(
                "A temperature above 0 is allowed. The logits may have any number of dimensions;"
                " the last one is the vocabulary."
            ),
        )


# %% graded: 2 points | temperature 0, with ties and several rows, and temperatures near 0.
def test_temperature_zero_and_near_zero() -> None:
    ties = torch.tensor([[1.0, 3, -2, 3, 0], [4, 4, 4, 1, 2], [-5, -7, -6, -5.5, -5]])
    tied = (ties == ties.amax(-1, keepdim=True)).double()
    eye = torch.eye(5)
    for shape, zero in (((5,), 0), ((3, 5), 0.0), ((3, 5), 0), ((3, 1, 5), 0.0)):

        def shaped(table, shape=shape):
            return table[: 1 if len(shape) == 1 else 3].reshape(shape)

        check(
            lambda: token_probabilities(shaped(ties).clone(), zero),
            shaped(eye[[1, 0, 0]]),
            f"temperature {zero}, logits of shape {shape} with ties",
            atol=1e-6,
            mistakes={
                "Division by a temperature 0 gives infinities and NaN. Treat temperature 0 on its own.": (
                    not_finite
                ),
                "A tie was split. At temperature 0 the first largest logit gets everything, so a tiny number in the place of 0 will not do.": shaped(
                    tied / tied.sum(-1, keepdim=True)
                ),
                "In a tie every largest logit got probability 1. Only the first largest may.": (
                    shaped(tied)
                ),
                "In a tie the last one won. Take the first largest logit.": shaped(eye[[3, 2, 4]]),
                "Temperature 0 gave the plain softmax. It is one-hot on the first largest logit.": (
                    shaped(ties.double().softmax(-1))
                ),
                "A dimension of size 1 was lost (`squeeze`). Return the shape of the logits.": (
                    lambda got, shape=shape: 1 in shape and got.shape == (3, 5)
                ),
                "Return one-hot probabilities of the shape of the logits, not the id of the token.": AnyOf(
                    lambda got: isinstance(got, int), other_shape(*shape)
                ),
                "All probabilities are 0. The first largest logit of each row gets 1.": (
                    torch.zeros(shape)
                ),
                "The smallest logit got everything. The first largest one does.": shaped(
                    eye[[2, 3, 1]]
                ),
            }
            # In a single row, nothing at all would look like the token of another row.
            | (
                {}
                if len(shape) == 1
                else {
                    "One token of the whole batch got everything. Each row has a largest logit of its own.": shaped(
                        eye[[0, 0, 0]] * torch.tensor([[0.0], [1.0], [0.0]])
                    )
                }
            ),
            otherwise=(
                "At temperature 0 each row is one-hot: 1 for its first largest logit, 0 for the"
                " others."
            ),
            if_raises="Temperature 0 is allowed: each row is one-hot on its first largest logit.",
        )
    # Multiples of 1/16 over a temperature of 1/16 are whole numbers, so no rounding disturbs the comparison.
    for largest in (60.0, 700.0):
        rows = [[largest, largest - 0.125, largest - 0.0625, 1.0], [2.0, 1.9375, 0.0, -largest]]
        overflow = (
            "Powers overflow at a low temperature. Subtract the row's largest logit first, or use a"
            " stable softmax."
        )
        check(
            lambda: token_probabilities(torch.tensor(rows), 0.0625),
            (torch.tensor(rows).double() / 0.0625).softmax(-1),
            f"temperature 1/16, logits up to {largest:.0f}",
            # exp(x - logsumexp(x)) is right too, and in float32 good to about 5e-4 at logits of this size.
            rtol=2e-3,
            atol=1e-6,
            mistakes={
                overflow: not_finite,
                "This low temperature was taken for 0. Only 0 itself is one-hot.": eye[[0, 0], :4],
            },
            otherwise=(
                "Only 0 itself is one-hot: at 1/16 return the softmax of logits / temperature, in a"
                " stable way."
            ),
            if_raises=overflow,
        )
    # 1/2048 is below each floor that one might put under a temperature; its multiples are exact in float32, too.
    tiny = 2.0**-11
    first = case_rng("token_probabilities", "tiny").randrange(4)
    row = [[1.0, 1 - 2 * tiny, 1 - tiny, 0.0][(place + first) % 4] for place in range(4)]
    exact = torch.tensor(row).double()
    check(
        lambda: token_probabilities(torch.tensor(row), tiny),
        (exact / tiny).softmax(-1),
        "temperature 1/2048, three logits that differ by 1/2048",
        rtol=2e-3,
        atol=1e-6,
        mistakes={
            "Powers of probabilities underflow, all of them, to 0. Divide the logits before the softmax.": (
                not_finite
            )
        },
        otherwise=(
            "A low temperature is divided by as it is. Put no floor under it, and take only 0"
            " itself for 0."
        ),
    )


# %% graded: 1 point | a negative temperature is refused, and the logits stay as they were.
def test_negative_temperature_is_refused_and_logits_stay() -> None:
    rows = torch.tensor([[1.0, 2.0, 0.5], [0.0, -1.0, 4.0]])
    for temperature in (-1.0, -0.01, -3):
        for logits in (rows[0], rows):
            check_refused(
                lambda: token_probabilities(logits.clone(), temperature),
                f"temperature {temperature}",
                "A negative temperature would make the unlikely likely.",
            )
    for temperature in (0.0, 0.5, 2.0):
        with inputs_unchanged(rows):
            check(
                lambda: token_probabilities(rows, temperature),
                (rows / temperature).softmax(-1) if temperature else torch.eye(3)[[1, 2]],
                f"temperature {temperature}, the logits are used again afterwards",
                rtol=1e-4,
                atol=1e-6,
                otherwise=(
                    "These are not the probabilities at this temperature; the first two graded"
                    " tests say more."
                ),
            )

    def softmax_at(logits, temperature):
        return (logits / temperature).softmax(-1)

    check_nothing_kept(
        token_probabilities,
        softmax_at,
        (rows, 0.5),
        (rows.flip(-1), 2.0),
        "two tables of logits and two temperatures",
        rtol=1e-4,
        atol=1e-6,
    )
