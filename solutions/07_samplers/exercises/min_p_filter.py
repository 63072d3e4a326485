"""Keep the tokens that are at least min_p times as likely as the row's favourite."""

# %% solution
import torch
from torch import Tensor


def min_p_filter(logits: Tensor, min_p: float) -> Tensor:
    """Return the logits with all but the likely tokens of each row set to -inf.

    A token stays when its probability is at least min_p times the row's largest.

    Args:
        logits: (..., V), not modified.
        min_p: the least probability relative to the largest one.

    Returns:
        Logits (..., V).
    """
    ### BEGIN SOLUTION
    probabilities = logits.softmax(-1)
    bar = min_p * probabilities.amax(-1, keepdim=True)
    return logits.masked_fill(probabilities < bar, float("-inf"))
    ### END SOLUTION


# %% hints
HINTS = (
    """The bar is another one in each row: which probability is it a part of? Compare probabilities,
not logits.""",
    """Take the softmax, then `amax(-1, keepdim=True)` times `min_p` is the bar of each row. Fill with
`-inf` where the probability is below the bar.""",
)
EXPLANATION = """The bar is `min_p` times the largest probability of the row, so it moves with the model's certainty.
`keepdim=True` lets every row be compared with its own bar. A probability exactly at the bar stays. The same in log
space: a token stays when its logit is at least the largest plus log(min_p), since a ratio of probabilities is a
difference of logits; a share of the largest *logit* would mean nothing. `masked_fill` leaves the given logits alone."""

# %% helpers
import math

import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    all_differ,
    case_rng,
    case_tensor,
    check,
    finite_stand_in,
    inputs_unchanged,
    like_probabilities,
)


# %% examples
def examples(check):
    out = float("-inf")
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    due = [*logits[:3].tolist(), out]
    check(lambda: min_p_filter(logits.clone(), 0.2), due, "shares .5, .3, .15, .05, min_p = 0.2")
    check(lambda: min_p_filter(torch.tensor([1.0, 3.0]), 1.0), [out, 3.0], "min_p = 1")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    out = -math.inf
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().tolist()
    return {
        "shares .5, .3, .15, .05, min_p = 0.2": Diagnosis(
            {
                "Nothing was taken away: 0.05 is less than 0.2 times 0.5.": logits,
                "The bar is min_p times the largest probability, 0.2 * 0.5 = 0.1, and not 0.2 itself (absolute).": [
                    *logits[:2],
                    out,
                    out,
                ],
                "The tokens that are out become -inf, not 0.": [*logits[:3], 0.0],
                "The tokens that are out become -inf, not a finite number.": finite_stand_in,
                "These are probabilities. Return logits, so that the next filter can go on.": (
                    like_probabilities(4)
                ),
            },
            otherwise=(
                "What is at least 0.2 * 0.5 = 0.1 likely keeps its logit; the last token becomes"
                " -inf."
            ),
            if_raises="Return logits, a tensor of the same shape.",
        ),
        "min_p = 1": Diagnosis(
            {"A probability equal to the bar stays: at least, and not more.": [out, out]},
            otherwise="With min_p = 1 the most likely token stays.",
        ),
    }


# %% graded: 2 points | the bar is a share of the largest probability of each row, for logits of any shape.
def test_bar_is_a_share_of_the_largest_probability() -> None:
    cases = (
        ((4, 8), 0.2),
        ((3, 7), 0.1),
        ((2, 2, 9), 0.3),
        ((6, 6), 0.05),
        ((2, 100), 0.25),
        ((12,), 0.4),
    )
    for case, (shape, min_p) in enumerate(cases):
        rng = case_rng("min_p_filter", case)
        while True:
            logits = case_tensor("min_p_filter", rng.getrandbits(40), *shape, scale=1.4)
            shares = logits.double().softmax(-1)
            largest, most = shares.amax(-1, keepdim=True), logits.amax(-1, keepdim=True)
            ranked, order = shares.sort(-1, descending=True)
            past_nucleus = torch.zeros_like(shares, dtype=torch.bool).scatter(
                -1, order, ranked.cumsum(-1) - ranked >= min_p
            )
            keeps = {
                "The bar is absolute: min_p itself. It is min_p times the largest probability of the row.": (
                    (shares >= min_p) | (shares == largest)
                ),
                "You compared logits with a share of the largest logit. Compare probabilities: logits are logarithms.": (
                    logits >= min_p * most
                ),
                "The bar is the largest probability less min_p, a difference. It is min_p times the largest.": (
                    shares >= largest - min_p
                ),
                "The bar is a share of the mean probability. It is a share of the largest.": (
                    shares >= min_p * shares.mean(-1, keepdim=True)
                ),
                "Only what is unlikely stayed: the opposite. Keep the tokens at or above the bar.": (
                    shares < min_p * largest
                ),
                "This is top-p: you summed probabilities. Compare each one with min_p times the largest.": (
                    ~past_nucleus
                ),
                "You took a logarithm to the base 10. Logits are natural logarithms.": (
                    logits - most >= math.log10(min_p)
                ),
                "You took a logarithm to the base 2. Logits are natural logarithms.": (
                    logits - most >= math.log2(min_p)
                ),
                "You divided by the largest probability. The bar is min_p times the largest.": (
                    shares >= min_p / largest
                ),
                "The largest probability entered twice. The bar is min_p times the largest.": (
                    shares >= min_p * largest**2
                ),
                "One less the largest is no part of it. The bar is min_p times the largest.": (
                    shares >= min_p * (1 - largest)
                ),
                "The difference of logits was compared with min_p. Compare the ratio of probabilities.": (
                    most - logits <= min_p
                ),
                "The bar is absolute: min_p itself, and may drop all. It is min_p times the largest probability.": (
                    shares >= min_p
                ),
                "min_p is missing: the bar is the largest probability itself. It is min_p times the largest.": (
                    shares >= largest
                ),
                "The bar is 1 - min_p times the largest. It is min_p times the largest.": (
                    shares >= (1 - min_p) * largest
                ),
                "At least two tokens stay in each row. Where all others are below the bar, one does.": (
                    shares >= (min_p * largest).minimum(ranked[..., 1:2])
                ),
                "The first row's largest probability set the bar. Each row has a largest one of its own.": (
                    shares >= min_p * shares.reshape(-1, shape[-1])[0].max()
                ),
                "The largest probability of the whole batch set the bar. Each row has a largest one of its own.": (
                    shares >= min_p * shares.max()
                ),
                "The largest along the first dimension set the bar. Each row of the last dimension has a largest one of its own.": (
                    shares >= min_p * shares.amax(0, keepdim=True)
                ),
            }
            if len(shape) > 1:
                others = logits.double().softmax(0)
                keeps[
                    "The softmax runs over another dimension. The vocabulary is the last one."
                ] = others >= min_p * others.amax(-1, keepdim=True)
            stay = shares >= min_p * largest
            # No token so near to the bar that rounding would decide. In the first case all mistakes differ from one
            # another, so that each is called by its name.
            is_clear = bool(((shares / (min_p * largest)).log().abs() > 5e-3).all())
            if is_clear and (case > 0 or all_differ(stay, *keeps.values())):
                break
        mistakes = {hint: logits.masked_fill(~keep, -math.inf) for hint, keep in keeps.items()}
        kept = logits.masked_fill(~stay, -math.inf)
        check(
            lambda: min_p_filter(logits.clone(), min_p),
            kept,
            f"logits of shape {shape}, min_p = {min_p}",
            mistakes={"Nothing was taken away: tokens below the bar become -inf.": logits}
            | mistakes
            | {
                "What is out must become -inf, not 0: a logit of 0 keeps a probability.": (
                    logits.masked_fill(~stay, 0.0)
                ),
                "This is the mask (True and False). Return the logits, with -inf where a token is out.": (
                    lambda got: got.dtype == torch.bool
                ),
                "These are probabilities. Return logits, so that the next filter can go on.": (
                    like_probabilities(*shape)
                ),
                "These are log-probabilities. Return the logits that stay as they are.": AnyOf(
                    kept.log_softmax(-1), kept - logits.logsumexp(-1, keepdim=True)
                ),
                "The logits came back sorted. Each stays in its place: the index is the token.": (
                    kept.sort(-1, descending=True).values
                ),
                "What is out must become -inf, not a finite number.": finite_stand_in,
            },
            otherwise=(
                "A token stays when its probability is at least min_p times the largest of its row;"
                " others become -inf."
            ),
            if_raises="The logits may have any number of dimensions; work along the last one.",
        )


# %% graded: 1 point | a probability at the bar stays, logits may be large, inputs stay as they were.
def test_equal_to_the_bar_large_logits_and_inputs() -> None:
    out = -math.inf
    cases = [
        ([2.0, 5.0, 1.0, 5.0], [out, 5.0, out, 5.0]),
        ([0.0] * 3, [0.0] * 3),
        ([-3.0, -1.0, -2.0], [out, -1.0, out]),
    ]
    for row, wanted in cases:
        check(
            lambda: min_p_filter(torch.tensor(row), 1.0),
            torch.tensor(wanted),
            f"logits {row}, min_p = 1",
            mistakes={
                "A probability equal to the bar stays: it has to be at least min_p times the largest, not more.": (
                    [out] * len(row)
                )
            },
            otherwise="With min_p = 1 the most likely token stays, with all that are as likely.",
        )
    stable = (
        "Powers of large logits overflow or underflow. Subtract the largest logit first, or use a"
        " stable softmax."
    )
    for shift in (0.0, 1000.0, -1000.0):
        row = [shift + value for value in (0.0, -1.0, -2.0, -8.0)]
        check(
            lambda: min_p_filter(torch.tensor([row, row]), 0.2),
            torch.tensor([[row[0], row[1], out, out]] * 2),
            f"logits {row}, min_p = 0.2",
            mistakes={stable: AnyOf(torch.tensor([row, row]), torch.full((2, 4), out))},
            otherwise=(
                "Only differences of logits count: adding 1,000 to all changes nothing. A stable"
                " softmax does not overflow."
            ),
        )
    # Each of these 3,000 tokens has a probability near 0.0004.
    ratios = case_rng("min_p_filter", "many").choices([0.7, 0.9], k=3000)
    many = torch.tensor([0.0, *map(math.log, ratios)])
    check(
        lambda: min_p_filter(many.clone(), 0.8),
        many.masked_fill(many < math.log(0.8), out),
        "3,001 tokens, all at least 0.7 times as likely as the favourite, min_p = 0.8",
        otherwise=(
            "Small probabilities are compared as they are, not rounded, and with min_p as it is"
            " given: all between 0 and 1 are allowed."
        ),
    )
    logits = torch.tensor([[0.0, -1.0, -2.0], [3.0, 2.0, 2.5]])
    with inputs_unchanged(logits):
        check(
            lambda: min_p_filter(logits, 0.3),
            torch.tensor([[0.0, -1.0, out], [3.0, 2.0, 2.5]]),
            "min_p = 0.3, the logits are used again afterwards",
            otherwise=(
                "A token stays when its probability is at least min_p times the largest of its row."
            ),
        )
