"""Exercise `last_token_score`: the reward stands at the last real token, on whichever side a row is padded."""

# %% solution
import torch
from torch import Tensor


def last_token_score(token_scores: Tensor, attention_mask: Tensor) -> Tensor:
    """Return the score at each row's last real token.

    Args:
        token_scores: (B, T).
        attention_mask: (B, T), 1 for real tokens and 0 for padding, which may stand on either side.

    Returns:
        (B,).

    Raises:
        ValueError: a row has no real token.
    """
    ### BEGIN SOLUTION
    real = attention_mask.bool()
    if not real.any(dim=-1).all():
        raise ValueError("attention_mask must have a real token in every row")
    last = (torch.arange(real.shape[1]) * real).argmax(dim=-1)
    return token_scores[torch.arange(len(real)), last]
    ### END SOLUTION


# %% hints
HINTS = (
    "Counting the ones gives the place only when padding stands on the right. Where is the largest of"
    " `place * mask`?",
    "`last = (torch.arange(T) * mask).argmax(dim=-1)`, then `token_scores[torch.arange(B), last]`."
    " Before that, raise the `ValueError` when a row of the mask sums to 0.",
)
EXPLANATION = """
Places times the mask are 0 at padding and grow along the real tokens, so their argmax is the last real one, whichever
side is padded. The last column is right for padding on the left only, the number of real tokens minus 1 for padding on
the right only. Reading at a pad token raises no error: training goes on, and learns from noise. A row without a real
token has no score, and argmax would quietly give place 0.
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
)

LAST = "Read the score at the last place whose mask is 1, in each row."


def padded(case, lengths, T, side):
    """Return scores (B, T), a mask and the last real places of rows that are padded on one side each."""
    scores = case_tensor("last_token_score", case, len(lengths), T)
    mask, last = torch.zeros(len(lengths), T, dtype=torch.long), []
    for row, (length, left) in enumerate(zip(lengths, side, strict=True)):
        start = T - length if left else 0
        mask[row, start : start + length] = 1
        last.append(start + length - 1)
    return scores, mask, torch.tensor(last)


def wrong_values(scores, mask):
    """Return what the usual mistakes make of a batch."""
    B, T = scores.shape
    rows, count = torch.arange(B), mask.sum(-1)
    first = mask.argmax(-1)
    last = (torch.arange(T) * mask).argmax(-1)
    hidden = torch.where(mask.bool(), scores, 0.0)
    return {
        "One score for each row is due, of the shape (B,).": other_shape(B),
        "You read the last column, which is padding in rows that are padded on the right.": (
            scores[:, -1]
        ),
        "The number of real tokens is the place only for padding on the right.": (
            scores[rows, count - 1]
        ),
        "You read one place too far: the place is counted from 0.": AnyOf(
            scores[rows, count % T], scores[rows, count.clamp(max=T - 1)], scores[rows, (last + 1) % T]
        ),
        "You read one place too early.": AnyOf(scores[rows, last - 1], scores[rows, count - 2]),
        "You read the first real token. It has seen none of the answer.": AnyOf(
            scores[rows, first], scores[:, 0]
        ),
        "This is a mean. Read the one score at the last real token.": AnyOf(
            scores.mean(-1), hidden.sum(-1) / count, hidden.mean(-1)
        ),
        "This is a sum. Read the one score at the last real token.": AnyOf(
            scores.sum(-1), hidden.sum(-1)
        ),
        "This is the largest score of the row. Read the one at the last real token.": AnyOf(
            scores.max(-1).values,
            hidden.max(-1).values,
            torch.where(mask.bool(), scores, -torch.inf).max(-1).values,
        ),
        "This is a score at a place of padding: the mask is the wrong way round.": AnyOf(
            scores[rows, (torch.arange(T) * (1 - mask)).argmax(-1)],
            scores[rows, (1 - mask).sum(-1) - 1],
        ),
        "These are places. Return the scores that stand there.": last,
    }


# %% examples
def examples(check):
    scores = torch.tensor([[0.1, 0.2, 9.0], [9.0, 0.5, 0.6], [0.7, 0.8, 0.9]])
    mask = torch.tensor([[1, 1, 0], [0, 1, 1], [1, 1, 1]])  # padded right, left, not at all
    check(lambda: last_token_score(scores, mask), [0.2, 0.6, 0.9], "padding on both sides")
    check.refused(lambda: last_token_score(scores[:1], 0 * mask[:1]), "a row of padding only")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    scores = torch.tensor([[0.1, 0.2, 9.0], [9.0, 0.5, 0.6], [0.7, 0.8, 0.9]])
    mask = torch.tensor([[1, 1, 0], [0, 1, 1], [1, 1, 1]])
    return {
        "padding on both sides": Diagnosis(wrong_values(scores, mask), LAST),
        "a row of padding only": Diagnosis(otherwise="Such a row has no last real token."),
    }


# %% graded: 1 point | padding on the right.
def test_padding_on_the_right() -> None:
    for case in range(3):
        rng = case_rng("last_token_score", case)
        T = rng.randint(70, 90) if case == 2 else rng.randint(6, 9)
        lengths = [rng.randint(2, T - 2) for _ in range(rng.randint(3, 5))] + [T - 1]
        scores, mask, last = padded(f"right {case}", lengths, T, [False] * len(lengths))
        with inputs_unchanged(scores, mask):
            check(
                lambda: last_token_score(scores, mask),
                scores[torch.arange(len(last)), last],
                f"rows of {lengths} real tokens, padded on the right to {T}",
                mistakes=lambda: {
                    hint: wrong
                    for hint, wrong in wrong_values(scores, mask).items()
                    # The one is right here, the other the last column.
                    if not hint.startswith(("The number of", "This is a score at a place"))
                },
                otherwise=LAST,
            )


# %% graded: 2 points | padding on the left, on either side, and none.
def test_padding_on_either_side() -> None:
    for case in range(6):
        rng = case_rng("last_token_score", 100 + case)
        T = rng.randint(70, 90) if case == 2 else rng.randint(6, 9)
        lengths = [rng.randint(2, T - 2) for _ in range(rng.randint(4, 6))] + [1, T]
        if case < 3:
            side, what = [True] * len(lengths), "padded on the left"
        else:
            side, what = [row % 2 == 0 for row in range(len(lengths))], "padded on the left or right"
        scores, mask, last = padded(f"either {case}", lengths, T, side)
        # Scores below 0 as well: what is multiplied by the mask is 0 there, and would be the largest.
        scores = scores - 3.0 * (case % 2)
        check(
            lambda: last_token_score(scores, mask),
            scores[torch.arange(len(last)), last],
            f"rows of {lengths} real tokens, {what} to {T}",
            mistakes=lambda: wrong_values(scores, mask),
            otherwise=LAST,
        )
    for left in (False, True):
        scores, mask, last = padded(f"single {left}", [4], 6, [left])
        check(
            lambda: last_token_score(scores, mask),
            scores[0, last],
            f"a single row, padded on the {'left' if left else 'right'}",
            mistakes=lambda: {
                hint: wrong
                for hint, wrong in wrong_values(scores, mask).items()
                if left or not hint.startswith("The number of")
            },
            otherwise=LAST,
        )
    scores, mask, last = padded("zero", [3, 6, 1, 8], 8, [False, True, True, False])
    rows = torch.arange(4)
    scores[rows[:3], last[:3]] = 0.0
    used, zero = (scores * mask != 0).long(), "A score of 0 is no padding: the mask says which tokens are real."
    check(
        lambda: last_token_score(scores, mask),
        scores[rows, last],
        "real scores of 0 at the end of rows",
        mistakes={
            zero: scores[rows, (torch.arange(8) * used).argmax(-1)],
            **wrong_values(scores, mask),
        },
        otherwise=LAST,
        if_raises=zero,
    )


# %% graded: 1 point | a row without a real token is refused.
def test_row_without_a_real_token_is_refused() -> None:
    rng = case_rng("last_token_score", "empty")
    T = rng.randint(4, 8)
    hint = "A row without a real token has no score: refuse the batch."
    for lengths in ([0], [3, 0, 2], [0, T], [T, T, 0]):
        scores, mask, _ = padded(f"empty {lengths}", lengths, T, [False] * len(lengths))
        check_refused(
            lambda: last_token_score(scores, mask), f"rows of {lengths} real tokens out of {T}", hint
        )
