"""Exercise `next_token_loss`: what a language model is trained to make small."""

# %% solution
import torch
import torch.nn.functional as F
from torch import Tensor


def next_token_loss(logits: Tensor, ids: Tensor) -> Tensor:
    """Return the mean cross-entropy in nats of each token given the logits at the place before it.

    Args:
        logits: (B, T, V); those at position t predict token t + 1.
        ids: (B, T).

    Raises:
        ValueError: T < 2, so that no token follows another.
    """
    ### BEGIN SOLUTION
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions, and a next token needs at least two")
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    ### END SOLUTION


# %% hints
HINTS = (
    "Which logits predict the second token? Which logits predict nothing that is there?",
    "Drop the last position of the logits and the first of the ids, flatten both, and use"
    " `F.cross_entropy`. Its mean is over all pairs of all texts.",
)
EXPLANATION = """
Position t has read the tokens up to t, so its logits are a guess at token t + 1: logits `[:, :-1]`
go with ids `[:, 1:]`. Without the shift a model only has to copy what it has just read, and its loss
falls to zero without learning anything. `cross_entropy` takes logits and works with log-sum-exp, so
it is safe for large ones.
"""

# %% helpers
import math

import torch
import torch.nn.functional as functional

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
    without,
)

SHIFT = "The mean of -log p(token t + 1) with p from the logits at t, over all texts and positions."


def right_value(logits, ids):
    logs = logits[:, :-1].double().log_softmax(-1)
    return float(-logs.gather(-1, ids[:, 1:, None]).mean())


def wrong_values(logits, ids):
    def values():
        x, (B, T, V) = logits.double(), logits.shape
        logs, right = x.log_softmax(-1), right_value(logits, ids)

        def of(scores, targets):
            return float(-scores.gather(-1, targets[..., None]).mean())

        chosen = logs[:, :-1].gather(-1, ids[:, 1:, None])
        twice = x.softmax(-1).log_softmax(-1)
        mixed = x[:, :-1].reshape(B, V, T - 1)
        return {
            "The mean is one number: return a tensor without dimensions.": lambda got: bool(got.shape),
            "Not shifted: the logits at t predict the next token, t + 1.": of(logs, ids),
            "Shifted the wrong way: the logits at t predict the token after, not the one before"
            " (back).": of(logs[:, 1:], ids[:, :-1]),
            "The last position predicts nothing that is there, above all not the first token.": (
                of(logs, ids.roll(-1, 1))
            ),
            "Shifted by two: the logits at t predict token t + 1.": (
                of(logs[:, :-2], ids[:, 2:]) if T > 2 else 0.0
            ),
            "The last token of a text is followed by nothing: shift in each text, not in all as one.": (
                of(logs.flatten(0, 1)[:-1], ids.flatten()[1:])
            ),
            "The probabilities of a position sum to 1 over the vocabulary, the last dimension.": AnyOf(
                of(x[:, :-1].log_softmax(1), ids[:, 1:]), of(x.log_softmax(1)[:, :-1], ids[:, 1:])
            ),
            "No token is left out, neither id 0 nor another: there is no padding here.": (
                lambda got: (
                    abs(float(got) - float(chosen[ids[:, 1:] != 0].mean().neg())) < 1e-4 * right
                )
            ),
            "A mean over all texts and positions is due, no sum.": AnyOf(
                right * B * (T - 1), right * (T - 1)
            ),
            "There are T - 1 predictions in a text of T tokens: divide by those.": (
                right * (T - 1) / T
            ),
            "These are bits: use the natural logarithm, for nats.": right / math.log(2),
            "A softmax was taken twice: cross_entropy takes logits.": (
                of(twice[:, :-1], ids[:, 1:])
            ),
            "This is the perplexity: return its logarithm, the loss.": math.exp(min(right, 700)),
            "The sign: a loss is the negative logarithm of a probability.": -right,
            "Vocabulary and time are mixed: use transpose or flatten, a reshape does not move"
            " axes.": float(functional.cross_entropy(mixed, ids[:, 1:])),
            "Take the logarithm of each token's probability, then the mean.": (
                -float(chosen.exp().mean().log())
            ),
            "Every text of the batch counts, not only the first.": of(logs[:1, :-1], ids[:1, 1:]),
            "Every position counts, not only the last.": of(logs[:, -2:-1], ids[:, -1:]),
        }

    return values


# %% examples
def examples(check):
    sure = torch.tensor([[[0.0, 9, 0], [0, 0, 9], [9, 0, 0]]])  # at 0 sure of token 1, at 1 of 2
    check(lambda: next_token_loss(sure, torch.tensor([[0, 1, 2]])), 0.000247, "sure and right")
    check(lambda: next_token_loss(sure, torch.tensor([[1, 2, 0]])), 9.000247, "sure and wrong")
    flat = torch.zeros(2, 5, 8)
    check(lambda: next_token_loss(flat, torch.ones(2, 5).long()), 2.07944, "no idea: log 8")
    check.refused(lambda: next_token_loss(sure[:, :1], torch.tensor([[0]])), "a text of one token")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    sure = torch.tensor([[[0.0, 9, 0], [0, 0, 9], [9, 0, 0]]])
    _flat, _ones = torch.zeros(2, 5, 8), torch.ones(2, 5).long()
    once = ("Not shifted", "Shifted the wrong", "The last position")
    return {
        "sure and right": Diagnosis(
            {
                "Not shifted, or the wrong way: logits at t go with token t + 1.": (
                    lambda got: float(got) > 2
                )
            },
            SHIFT,
        ),
        "sure and wrong": Diagnosis(
            {
                hint: value
                for hint, value in wrong_values(sure, torch.tensor([[1, 2, 0]]))().items()
                if hint.startswith(once) or "bits" in hint or "sum" in hint
            },
            SHIFT,
        ),
        "no idea: log 8": Diagnosis(
            {
                "These are bits: nats are due.": 3.0,
                "A mean over all texts and positions is due, no sum.": lambda got: float(got) > 8,
                "There are T - 1 predictions in a text of T tokens.": math.log(8) * 4 / 5,
            },
            SHIFT,
        ),
        "a text of one token": Diagnosis(otherwise="Nothing follows the only token: refuse T < 2."),
    }


# %% graded: 2 points | the mean over batches of texts.
def test_mean_over_texts_and_positions() -> None:
    rng = case_rng("next_token_loss", 1)
    sizes = [(rng.randint(2, 5), rng.randint(4, 9), rng.randint(5, 90)) for _ in range(3)]
    # A long text, many texts, a large vocabulary: more than any fixed buffer holds.
    sizes += [(2, rng.randint(130, 150), 11), (rng.randint(70, 80), 4, 9), (3, 4, 1_100)]
    for case, (B, T, V) in enumerate(sizes):
        logits = case_tensor("next_token_loss", 10 + case, (B, T, V)) * 2
        ids = torch.tensor([[rng.randrange(V) for _ in range(T)] for _ in range(B)])
        with inputs_unchanged(logits, ids):
            check(
                lambda: next_token_loss(logits, ids),
                right_value(logits, ids),
                f"B {B}, T {T}, V {V}",
                mistakes=wrong_values(logits, ids),
                otherwise=SHIFT,
                rtol=1e-4,
            )
    first, second = (
        (case_tensor("next_token_loss", place, (2, 4, 6)), torch.tensor(rows))
        for place, rows in ((40, [[0, 3, 1, 5], [2, 2, 4, 0]]), (41, [[5, 1, 1, 2], [0, 3, 5, 4]]))
    )
    check_nothing_kept(next_token_loss, right_value, first, second, "two batches", rtol=1e-4)


# %% graded: 1 point | large logits, and texts of two tokens.
def test_large_logits_and_short_texts() -> None:
    rng = case_rng("next_token_loss", 2)
    large = (
        "The value is wrong for large logits: use log-sum-exp (log_softmax, cross_entropy), not"
        " the logarithm of a softmax."
    )
    for case, (T, scale) in enumerate(((5, 300.0), (2, 60.0), (2, 1.0))):
        B, V = rng.randint(2, 4), rng.randint(20, 60)
        logits = case_tensor("next_token_loss", 20 + case, (B, T, V)) * scale
        ids = torch.tensor([[rng.randrange(V) for _ in range(T)] for _ in range(B)])
        check(
            lambda: next_token_loss(logits, ids),
            right_value(logits, ids),
            f"B {B}, T {T}, V {V}, logits of size {scale:g}",
            mistakes=lambda: {
                **without(
                    wrong_values(logits, ids),
                    "This is the perplexity",
                    "Take the logarithm",
                    "No token is left out",  # so few targets need not hold id 0
                )(),
                # An overflow, or a clamp that hides how wrong a model is.
                large: lambda got: not_finite(got) or 0 <= float(got) < right_value(logits, ids) / 2,
            },
            otherwise=SHIFT,
            rtol=1e-4,
        )
    for T, what in ((1, "texts of one token"), (0, "texts without a token")):
        check_refused(
            lambda: next_token_loss(torch.zeros(3, T, 7), torch.zeros(3, T, dtype=torch.long)),
            what,
            "Nothing follows the only token of a text: refuse T < 2, two positions are needed.",
        )


# %% graded: 1 point | a model can be trained with it: gradients.
def test_gradients_reach_the_logits() -> None:
    rng = case_rng("next_token_loss", 3)
    B, T, V = 3, rng.randint(4, 7), rng.randint(5, 9)
    values = case_tensor("next_token_loss", 30, (B, T, V))
    ids = torch.tensor([[rng.randrange(V) for _ in range(T)] for _ in range(B)])

    def gradient():
        leaf = values.clone().requires_grad_()
        next_token_loss(leaf, ids).backward()
        return leaf.grad

    want = torch.zeros(B, T, V)
    hit = functional.one_hot(ids[:, 1:], V)
    want[:, :-1] = (values[:, :-1].softmax(-1) - hit) / (B * (T - 1))
    check(
        gradient,
        want,
        "the gradient of the loss with respect to the logits",
        otherwise="The gradient is wrong: it is the softmax minus the one-hot next token, over the"
        " number of predictions, and 0 at the last position.",
        if_raises="Training needs the gradient: return a tensor that hangs together with the"
        " logits (no `item`, no `detach`).",
        rtol=1e-3,
        atol=1e-6,
    )
