"""Exercise `top_p_filter` of notebook 07."""

# %% solution
import torch
from torch import Tensor


def top_p_filter(logits: Tensor, p: float) -> Tensor:
    """Return the logits with all but the nucleus of each row set to -inf.

    Args:
        logits: (..., V), not modified.
        p: in (0, 1]; the smallest set of most likely tokens whose probability reaches p stays, and 1 keeps all.

    Returns:
        Logits (..., V).

    Raises:
        ValueError: p is outside (0, 1].
    """
    ### BEGIN SOLUTION
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], got {p}")
    if p == 1:
        return logits.clone()
    probabilities, order = logits.softmax(-1).sort(dim=-1, descending=True)
    before = probabilities.cumsum(-1) - probabilities
    outside = torch.zeros_like(before, dtype=torch.bool).scatter(-1, order, before >= p)
    outside.scatter_(-1, order[..., :1], False)
    return logits.masked_fill(outside, float("-inf"))
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import itertools
import math

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
    logits = torch.tensor([0.15, 0.5, 0.05, 0.3]).log()
    check(
        lambda: torch.as_tensor(top_p_filter(logits.clone(), 0.7)).softmax(-1),
        [0.0, 0.625, 0.0, 0.375],
        "probabilities 0.15, 0.5, 0.05, 0.3 and p = 0.7, after a new softmax",
        rtol=0.0001,
    )
    check(
        lambda: torch.as_tensor(top_p_filter(logits.clone(), 0.01)).softmax(-1),
        [0.0, 1.0, 0.0, 0.0],
        "p = 0.01",
    )
    check.refused(lambda: top_p_filter(logits.clone(), 0.0), "p = 0")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    logits = torch.tensor([0.15, 0.5, 0.05, 0.3]).log()
    found["probabilities 0.15, 0.5, 0.05, 0.3 and p = 0.7, after a new softmax"] = Diagnosis(
        mistakes={
            "The token that crosses p was dropped: 0.5 alone does not reach 0.7.": [
                0.0,
                1.0,
                0.0,
                0.0,
            ],
            "The sum ran in the order of the vocabulary. Start with the most likely token.": [
                0.1578947,
                0.5263158,
                0.0,
                0.3157895,
            ],
        },
        if_raises="Return logits, a tensor of the same shape.",
    )
    found["p = 0.01"] = Diagnosis(otherwise="At least one token stays, the most likely one.")
    return found


# %% graded: 2 points | the most likely tokens up to the one that crosses p stay, for logits of any shape.
def test_1() -> None:
    def keeping_by_row(logits, rule):
        """Apply a rule (list of logits -> indices that stay) to every row; the others become -inf."""
        rows = logits.reshape(-1, logits.shape[-1]).tolist()
        kept = [set(rule(row)) for row in rows]
        table = [
            [v if i in some else -math.inf for i, v in enumerate(row)]
            for row, some in zip(rows, kept)
        ]
        return torch.tensor(table).reshape(logits.shape)

    def chances_of(row):
        powers = [math.exp(value) for value in row]
        return [power / sum(powers) for power in powers]

    def nucleus_of(row, p, more=0, order=None):
        """Return the indices from the front of an order (the most likely first) until p is reached, and some more."""
        chances = chances_of(row)
        order = sorted(range(len(row)), key=lambda i: -row[i]) if order is None else order
        reached, count = 0.0, 0
        while reached < p and count < len(row):
            reached += chances[order[count]]
            count += 1
        return order[: max(0, count + more)]

    def far_from_sums(row, p):
        """Say whether no sum of likely tokens, and no single one, is so near to p that rounding would decide."""
        ranked = sorted(chances_of(row), reverse=True)
        return all(abs(sum(ranked[:n]) - p) > 3e-3 for n in range(1, len(row))) and all(
            abs(c - p) > 3e-3 for c in ranked
        )

    def gathered_mask(row, p):
        """Keep what a mask of the sorted tokens says when it is gathered instead of scattered."""
        order = sorted(range(len(row)), key=lambda i: -row[i])
        count = len(nucleus_of(row, p))
        return [i for i in range(len(row)) if order[i] < count]

    for case, (shape, p) in enumerate(
        [((3, 8), 0.6), ((3, 7), 0.8), ((2, 2, 9), 0.5), ((4, 6), 0.9), ((9,), 0.7)]
    ):
        rng = case_rng("top_p_filter", case)
        while True:
            logits = torch.tensor([rng.gauss(0, 1.3) for _ in range(math.prod(shape))]).reshape(
                shape
            )
            rows = logits.reshape(-1, shape[-1]).tolist()
            if not all(far_from_sums(row, p) and len(nucleus_of(row, p)) >= 2 for row in rows):
                continue
            V = shape[-1]
            wanted = keeping_by_row(logits, lambda row: nucleus_of(row, p))
            mistakes = {
                "The token that crosses p was dropped. Keep it: without it the set does not reach p.": keeping_by_row(
                    logits, lambda row: nucleus_of(row, p, -1) or nucleus_of(row, p, 0)
                ),
                "One token too many stays: one more than the token that crosses p.": keeping_by_row(
                    logits, lambda row: nucleus_of(row, p, 1)
                ),
                "The sum ran in the order of the vocabulary. Sort first: the set holds the most likely tokens.": keeping_by_row(
                    logits, lambda row: nucleus_of(row, p, 0, list(range(len(row))))
                ),
                "You began with the least likely tokens. Begin with the most likely ones.": keeping_by_row(
                    logits,
                    lambda row: nucleus_of(
                        row, p, 0, sorted(range(len(row)), key=lambda i: row[i])
                    ),
                ),
                "The mask is in sorted order, and was not put back into the places of the vocabulary (scatter).": keeping_by_row(
                    logits, lambda row: range(len(nucleus_of(row, p)))
                ),
                "The mask was gathered with the sorted indices. To put it back into place, scatter it.": keeping_by_row(
                    logits, lambda row: gathered_mask(row, p)
                ),
                "Each token's own probability was compared with p (a threshold). It is their sum that reaches p.": keeping_by_row(
                    logits,
                    lambda row: (
                        [i for i, c in enumerate(chances_of(row)) if c >= p]
                        or [max(range(len(row)), key=row.__getitem__)]
                    ),
                ),
                "The tokens below 1 - p went. It is the sum of those that stay that reaches p.": keeping_by_row(
                    logits, lambda row: [i for i, c in enumerate(chances_of(row)) if c >= 1 - p]
                ),
                "The logits came back sorted. Each stays in its place: the index is the token.": torch.tensor(
                    [
                        sorted(row, reverse=True)[: len(nucleus_of(row, p))]
                        + [-math.inf] * (V - len(nucleus_of(row, p)))
                        for row in rows
                    ]
                ).reshape(shape),
                "You summed logits. Take the softmax first: probabilities reach p.": keeping_by_row(
                    logits,
                    lambda row: [
                        i
                        for i in range(len(row))
                        if sum(v for v in row if v > row[i]) < p or row[i] == max(row)
                    ],
                ),
            }
            if len(rows) > 1:
                mistakes["All rows kept the set of the first row. Each row has its own."] = (
                    keeping_by_row(logits, lambda row: nucleus_of(rows[0], p))
                )
            # In the first case all mistakes differ from one another as well, so that each is called by its name.
            values = [wanted, *mistakes.values()]
            pairs = (
                itertools.combinations(values, 2)
                if case == 0
                else ((wanted, wrong) for wrong in values[1:])
            )
            if all(not torch.equal(one, other) for one, other in pairs):
                break
        mistakes |= {
            "These are probabilities. Return logits, so that the next filter can go on.": (
                lambda got, wanted=wanted: (
                    isinstance(got, torch.Tensor)
                    and got.shape == wanted.shape
                    and bool(((got >= 0) & (got <= 1)).all())
                )
            ),
            "What is out must become -inf: 0 is a logit like any other.": wanted.masked_fill(
                wanted.isinf(), 0.0
            ),
            "What is out must become -inf, not a finite number.": (
                lambda got: (
                    isinstance(got, torch.Tensor)
                    and bool(got.isfinite().all())
                    and bool((got < -100).any())
                )
            ),
        }
        check(
            lambda: top_p_filter(logits.clone(), p),
            wanted,
            f"logits of shape {shape}, p = {p}",
            mistakes=mistakes,
            otherwise="From the most likely token down, keep all up to and with the one that reaches p; the others become -inf.",
            if_raises="The logits may have any number of dimensions; work along the last one.",
        )


# %% graded: 2 points | at least one token stays, p = 1 keeps all, and the set is the smallest that reaches p.
def test_2() -> None:
    def tokens_left(got):
        """Return how many tokens of each row are left; None stays as it is."""
        return None if got is None else torch.as_tensor(got).isfinite().sum(-1).tolist()

    def token_left(got):
        """Return the token that is left in each row, or how many are left where it is not one."""
        return torch.as_tensor(got).argmax(-1) if tokens_left(got) == [1, 1] else tokens_left(got)

    logits = torch.tensor([[0.0, 1.0, 3.0, 2.0], [2.0, -1.0, 0.5, 0.0]])
    for p in (1e-6, 0.05):
        check(
            lambda: token_left(top_p_filter(logits.clone(), p)),
            [2, 0],
            f"the token that stays in each of two rows, p = {p}",
            mistakes={
                "No token is left. At least one stays, the most likely, since it is the one that crosses p.": [
                    0,
                    0,
                ]
            },
            otherwise="Exactly one token stays, the most likely, since it reaches p alone.",
            if_raises="Return logits, a tensor of the same shape.",
        )
    # A sum of probabilities is 1 after rounding long before the last token.
    for spread in (1.0, 12.0, 25.0, 60.0):
        logits = torch.tensor(
            [[0.0, spread, -spread / 3, spread / 2], [-spread / 3, 0.0, spread / 4, spread / 2]]
        )
        check(
            lambda: top_p_filter(logits.clone(), 1.0),
            logits,
            f"p = 1, logits between {-spread / 3:.0f} and {spread:.0f}",
            otherwise="p = 1 keeps all. Rounded sums reach 1 before the last token, so treat p = 1 on its own.",
            if_raises="p = 1 is allowed, and keeps all.",
        )
    check(
        lambda: top_p_filter(torch.tensor([1.0, 0.0, -30.0]), 1),
        [1.0, 0.0, -30.0],
        "p = 1 as a whole number",
        otherwise="p = 1 keeps all.",
        if_raises="p = 1 is allowed, and keeps all.",
    )
    # Which of equal tokens stay is open; how many is not.
    for V, p, count in ((4, 0.6, 3), (8, 0.3, 3), (5, 0.5, 3)):
        check(
            lambda: tokens_left(top_p_filter(torch.zeros(2, V), p)),
            [count, count],
            f"number of tokens left of {V} equally likely ones, p = {p}",
            mistakes={
                "All tokens that tie with the last one stay. The smallest set has no more than it needs, whichever of equals they are.": [
                    V,
                    V,
                ],
                "The token that crosses p was dropped.": [count - 1, count - 1],
            },
            if_raises="Return logits, a tensor of the same shape.",
        )

    def fewest_extra():
        """Return the smallest surplus of tokens over cases in which a sum is p exactly; rounding excuses some, not all."""
        exact = ((2, 0.5), (4, 0.25), (4, 0.5), (4, 0.75), (8, 0.125), (8, 0.5), (16, 0.25))
        return min(tokens_left(top_p_filter(torch.zeros(V), p)) - round(V * p) for V, p in exact)

    check(
        fewest_extra,
        0,
        "tokens more than needed where the sum is exactly p, for example four equal ones and p = 0.5",
        mistakes={
            "A set whose probability is exactly p reaches p: stop there. Your sum has to exceed p.": 1
        },
        otherwise="Stop as soon as the sum reaches p.",
    )


# %% graded: 1 point | p outside (0, 1] is refused, and the logits stay as they were.
def test_3() -> None:
    for p in (0.0, -0.2, 1.5, 1.01, 0, 2):
        for logits in (torch.tensor([1.0, 2.0, 0.5]), torch.tensor([[1.0, 2.0], [0.0, -1.0]])):
            check_refused(
                lambda: top_p_filter(logits.clone(), p),
                f"p = {p}",
                "A share of probability is above 0 and at most 1.",
            )
    for p in (0.3, 0.8, 1.0):
        # Probabilities near 0.2, 0.7, 0.1 and 0.05, 0.15, 0.8.
        logits = torch.tensor([[0.2, 0.7, 0.1], [0.05, 0.15, 0.8]]).log()
        stay = {0.3: [[1], [2]], 0.8: [[0, 1], [2]], 1.0: [[0, 1, 2]] * 2}[p]
        if p == 0.8:
            p = 0.78
        table = [
            [v if i in some else -math.inf for i, v in enumerate(row)]
            for row, some in zip(logits.tolist(), stay)
        ]
        with inputs_unchanged(logits):
            check(
                lambda: top_p_filter(logits, p),
                torch.tensor(table),
                f"p = {p}, the logits are used again afterwards",
            )
