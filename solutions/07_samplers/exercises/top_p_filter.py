"""Keep the nucleus: the smallest set of most likely tokens whose probability reaches p."""

# %% solution
import torch
from torch import Tensor


def top_p_filter(logits: Tensor, p: float) -> Tensor:
    """Return the logits with all but the nucleus of each row set to -inf.

    Args:
        logits: (..., V), not modified.
        p: in (0, 1]; the smallest set of most likely tokens whose probability reaches p stays, and
            1 keeps all.

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
    # Sums in double precision, and what is within 1e-6 of p counts as p: 0.5 + 0.3 reaches 0.8.
    probabilities, order = logits.double().softmax(-1).sort(dim=-1, descending=True)
    before = probabilities.cumsum(-1) - probabilities
    outside = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, before >= p - 1e-6)
    outside.scatter_(-1, order[..., :1], False)
    return logits.masked_fill(outside, float("-inf"))
    ### END SOLUTION


# %% hints
HINTS = (
    """Sort the probabilities. For each token, what do the tokens *before* it sum to? Which of these
sums say that the token is still needed?""",
    """A token is outside when the sum before it, `cumsum(-1) - probabilities` in sorted order, is at
least p. Carry this mask back with `scatter(-1, order, mask)`, keep the most likely token in any
case, and treat p = 1 on its own.""",
)
EXPLANATION = """In sorted order a token is needed as long as the tokens before it have not reached p. Asking for the sum
*before* each token keeps the one that crosses p, which a comparison of the sum itself would drop. `scatter` with the
sort's indices takes the mask back to the places of the vocabulary (`gather` would apply the permutation the wrong way
round). Sums of floats are not exact: they are taken in double precision, and a sum within 1e-6 of p counts as p. At
p = 1 rounded sums reach 1 before the last token, so all are kept without a sum."""

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
    check_refused,
    finite_stand_in,
    inputs_unchanged,
    like_probabilities,
)


def tokens_left(got):
    """Return how many tokens of each row are left; None stays as it is."""
    return None if got is None else torch.as_tensor(got).isfinite().sum(-1).tolist()


# %% examples
def examples(check):
    out = float("-inf")
    logits = torch.tensor([0.15, 0.5, 0.05, 0.3]).log()
    due = [out, float(logits[1]), out, float(logits[3])]
    check(lambda: top_p_filter(logits.clone(), 0.7), due, "shares .15, .5, .05, .3, p = 0.7")
    check(lambda: top_p_filter(logits.clone(), 0.01), [out, due[1], out, out], "p = 0.01")
    check.refused(lambda: top_p_filter(logits.clone(), 0.0), "p = 0")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    out = -math.inf
    a, b, c, d = torch.tensor([0.15, 0.5, 0.05, 0.3]).log().tolist()
    return {
        "shares .15, .5, .05, .3, p = 0.7": Diagnosis(
            {
                "Nothing was taken away: 0.5 and 0.3 reach 0.7, so the other two become -inf.": [
                    a,
                    b,
                    c,
                    d,
                ],
                "The token that crosses p was dropped: 0.5 alone does not reach 0.7.": [
                    out,
                    b,
                    out,
                    out,
                ],
                "The sum ran in the order of the vocabulary. Start with the most likely token.": [
                    a,
                    b,
                    c,
                    d,
                ],
                "One token too many stays: 0.5 and 0.3 reach 0.7.": [a, b, out, d],
                "The mask was not put back into the places of the vocabulary.": [a, b, out, out],
                "The logits came back sorted. Each stays in its place.": [b, d, out, out],
                "What is out must become -inf: 0 is a logit like any other.": [0.0, b, 0.0, d],
                "What is out must become -inf, not a finite number.": finite_stand_in,
                "These are probabilities. Return logits, so that the next filter can go on.": (
                    like_probabilities(4)
                ),
            },
            otherwise=(
                "0.5 and 0.3 reach 0.7: these two keep their logits and places, the others become"
                " -inf."
            ),
            if_raises="Return logits, a tensor of the same shape.",
        ),
        "p = 0.01": Diagnosis(otherwise="At least one token stays, the most likely one."),
        "p = 0": Diagnosis(otherwise="A share of probability is above 0 and at most 1."),
    }


# %% graded: 2 points | the most likely tokens up to the one that crosses p stay, for logits of any shape.
def test_most_likely_tokens_that_reach_p_stay() -> None:
    def shares_of(row):
        powers = [math.exp(value) for value in row]
        return [power / sum(powers) for power in powers]

    def nucleus(row, p, more=0, order=None):
        """Return the indices from the front of an order (the most likely first) until p is
        reached, and some more.
        """
        shares = shares_of(row)
        order = sorted(range(len(row)), key=lambda i: -row[i]) if order is None else order
        count = next(
            n
            for n in range(1, len(row) + 1)
            if n == len(row) or sum(shares[i] for i in order[:n]) >= p
        )
        return order[: max(1, count + more)]

    def is_clear(row, p):
        """Say whether two tokens or more are needed, and no sum or share so near to p that
        rounding would decide.
        """
        ranked = sorted(shares_of(row), reverse=True)
        sums = [sum(ranked[:n]) for n in range(1, len(row))]
        return ranked[0] < p and all(abs(one - p) > 3e-4 for one in (*sums, *ranked))

    def gathered(row, p):
        """Keep what a mask of the sorted tokens says when it is gathered instead of scattered."""
        order, count = sorted(range(len(row)), key=lambda i: -row[i]), len(nucleus(row, p))
        return [i for i in range(len(row)) if order[i] < count]

    ways = {
        "The token that crosses p was dropped. Keep it: without it the set does not reach p.": (
            lambda row, p: nucleus(row, p, -1)
        ),
        "One token too many stays: one more than the token that crosses p.": lambda row, p: nucleus(
            row, p, 1
        ),
        "The sum ran in the order of the vocabulary. Sort first: the set holds the most likely tokens.": lambda row, p: (
            nucleus(row, p, 0, list(range(len(row))))
        ),
        "You began with the least likely tokens. Begin with the most likely ones.": (
            lambda row, p: nucleus(row, p, 0, sorted(range(len(row)), key=lambda i: row[i]))
        ),
        "The mask is in sorted order, and was not put back into the places of the vocabulary (scatter).": lambda row, p: (
            range(len(nucleus(row, p)))
        ),
        "The mask was gathered with the sorted indices. To put it back into place, scatter it.": (
            gathered
        ),
        # No probability reaches p alone in these cases: whoever compares each with p keeps one token or none.
        "Only the most likely token stays, as when each token's own probability is compared with p (a threshold). It is their sum that reaches p.": lambda row, p: (
            [row.index(max(row))]
        ),
        "No token stays, as when each token's own probability is compared with p (a threshold). It is their sum that reaches p.": lambda row, p: (
            []
        ),
        "The mask is the wrong way round: the set that reaches p went, and the others stayed.": lambda row, p: (
            set(range(len(row))) - set(nucleus(row, p))
        ),
        "The tokens below 1 - p went. It is the sum of those that stay that reaches p.": (
            lambda row, p: [i for i, c in enumerate(shares_of(row)) if c >= 1 - p]
        ),
        "This is a share of the vocabulary. Add up probabilities until they reach p.": (
            lambda row, p: sorted(range(len(row)), key=lambda i: -row[i])[: math.ceil(p * len(row))]
        ),
        "The powers are those of 2. Probabilities are the softmax: powers of e.": lambda row, p: (
            nucleus([value * math.log(2) for value in row], p)
        ),
        "You summed logits. Take the softmax first: probabilities reach p.": lambda row, p: [
            i
            for i in range(len(row))
            if sum(v for v in row if v > row[i]) < p or row[i] == max(row)
        ],
    }
    cases = (
        ((3, 8), 0.6),
        ((3, 7), 0.8),
        ((2, 2, 9), 0.5),
        ((4, 6), 0.9),
        ((2, 150), 0.75),
        ((9,), 0.7),
    )
    for case, (shape, p) in enumerate(cases):
        rng = case_rng("top_p_filter", case)
        while True:
            logits = case_tensor("top_p_filter", rng.getrandbits(40), *shape, scale=1.3)
            rows = logits.reshape(-1, shape[-1]).tolist()
            if not all(is_clear(row, p) for row in rows):
                continue

            def keeping(rule, rows=rows, shape=shape):
                """Apply a rule (logits -> indices that stay) to every row; the others become -inf."""
                kept = [set(rule(row)) for row in rows]
                pairs = zip(rows, kept, strict=True)
                return torch.tensor(
                    [[v if i in k else -math.inf for i, v in enumerate(row)] for row, k in pairs]
                ).reshape(shape)

            wanted = keeping(lambda row: nucleus(row, p))
            mistakes = {
                hint: keeping(lambda row, way=way: way(row, p)) for hint, way in ways.items()
            }
            if len(shape) > 1:
                ranked, order = logits.double().softmax(0).sort(dim=-1, descending=True)
                outside = torch.zeros(shape, dtype=torch.bool).scatter(
                    -1, order, ranked.cumsum(-1) - ranked >= p
                )
                mistakes[
                    "The softmax runs over another dimension. The vocabulary is the last one."
                ] = logits.masked_fill(outside, -math.inf)
            # In the first case all mistakes differ from one another, so that each is called by its name.
            if case > 0 or all_differ(wanted, *mistakes.values()):
                break
        heads = [sorted(row, reverse=True)[: len(nucleus(row, p))] for row in rows]
        check(
            lambda: top_p_filter(logits.clone(), p),
            wanted,
            f"logits of shape {shape}, p = {p}",
            mistakes={"Nothing was taken away: tokens outside of the set become -inf.": logits}
            | mistakes
            | {
                "The logits came back sorted. Each stays in its place: the index is the token.": (
                    torch.tensor(
                        [head + [-math.inf] * (shape[-1] - len(head)) for head in heads]
                    ).reshape(shape)
                ),
                "All rows kept the set of the first row. Each row has its own.": keeping(
                    lambda row: nucleus(rows[0], p)
                ),
                "This is the mask (True and False). Return the logits, with -inf where a token is out.": (
                    lambda got: got.dtype == torch.bool
                ),
                "These are probabilities. Return logits, so that the next filter can go on.": (
                    like_probabilities(*shape)
                ),
                "These are log-probabilities. Return the logits that stay as they are.": AnyOf(
                    wanted.log_softmax(-1), wanted - logits.logsumexp(-1, keepdim=True)
                ),
                "What is out must become -inf: 0 is a logit like any other.": wanted.masked_fill(
                    wanted.isinf(), 0.0
                ),
                "What is out must become -inf, not a finite number.": finite_stand_in,
            },
            otherwise=(
                "From the most likely token down, keep all up to and with the one that reaches p;"
                " the others become -inf."
            ),
            if_raises="The logits may have any number of dimensions; work along the last one.",
        )


# %% graded: 2 points | at least one token stays, p = 1 keeps all, and the set is the smallest that reaches p.
def test_one_token_all_tokens_and_the_smallest_set() -> None:
    logits = torch.tensor([[0.0, 1.0, 3.0, 2.0], [2.0, -1.0, 0.5, 0.0]])
    out = -math.inf
    for p in (1e-6, 0.05):
        check(
            lambda: top_p_filter(logits.clone(), p),
            torch.tensor([[out, out, 3.0, out], [2.0, out, out, out]]),
            f"two rows of four logits, p = {p}",
            mistakes={
                "No token is left. At least one stays, the most likely, since it is the one that crosses p.": (
                    lambda got: tokens_left(got) == [0, 0]
                )
            },
            otherwise="Exactly one token stays, the most likely, since it reaches p alone.",
            if_raises="At least one token stays, the most likely, however small p is.",
        )
    # A sum of probabilities is 1 after rounding long before the last token.
    for spread, p in ((1.0, 1.0), (12.0, 1.0), (25.0, 1.0), (60.0, 1.0), (30.0, 1)):
        rows = torch.tensor(
            [[0.0, spread, -spread / 3, spread / 2], [-spread / 3, 0.0, spread / 4, spread / 2]]
        )
        check(
            lambda: top_p_filter(rows.clone(), p),
            rows,
            f"p = {p}, logits between {-spread / 3:.0f} and {spread:.0f}",
            otherwise=(
                "p = 1 keeps all. Rounded sums reach 1 before the last token, so treat p = 1 on its"
                " own."
            ),
            if_raises="p = 1 is allowed, and keeps all.",
        )
    # Which of equal tokens stay is open; how many is not.
    for V, p, count in ((4, 0.6, 3), (8, 0.3, 3), (5, 0.5, 3), (200, 0.4025, 81)):
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
            otherwise=(
                "Keep as many of the equally likely tokens as it takes to reach p, and no more."
            ),
        )

    def fewest_extra():
        """Return the smallest surplus of tokens over cases in which a sum is p exactly; rounding
        excuses some, not all.
        """
        exact = ((2, 0.5), (4, 0.25), (4, 0.5), (4, 0.75), (8, 0.125), (8, 0.5), (16, 0.25))
        return min(tokens_left(top_p_filter(torch.zeros(V), p)) - round(V * p) for V, p in exact)

    check(
        fewest_extra,
        0,
        "tokens more than needed where the sum is exactly p, for example four equal ones and p"
        " = 0.5",
        otherwise=(
            "A set whose probability is exactly p reaches p: stop there. Your sum has to exceed p."
        ),
    )
    # The first two of these hold more than 0.9993 of the probability, and the first alone less than 0.9.
    gap = case_rng("top_p_filter", "large").uniform(1.0, 2.0)
    for level, p in ((0.0, 0.99), (0.0, 0.999), (1000.0, 0.95), (-1000.0, 0.95)):
        rows = torch.tensor([[-9.0, 0.0, -8.5, -gap], [-gap, -9.0, 0.0, -8.5]]) + level
        check(
            lambda: top_p_filter(rows.clone(), p),
            rows.masked_fill(rows < level - 5, -math.inf),
            f"two likely tokens and two others, logits near {level:.0f}, p = {p}",
            otherwise=(
                "Powers of large logits overflow or underflow. Only differences count: use a stable"
                " softmax."
                if level
                else f"p = {p} is not 1: the two likely tokens reach it, and the others go."
            ),
        )


# %% graded: 1 point | p outside (0, 1] is refused, and the logits stay as they were.
def test_p_outside_its_range_is_refused_and_logits_stay() -> None:
    for p in (0.0, -0.2, 1.5, 1.01, 0, 2):
        for rows in ([1.0, 2.0, 0.5], [[1.0, 2.0], [0.0, -1.0]]):
            check_refused(
                lambda: top_p_filter(torch.tensor(rows), p),
                f"p = {p}",
                "A share of probability is above 0 and at most 1.",
            )
    logits = torch.tensor([[0.2, 0.7, 0.1], [0.05, 0.15, 0.8]]).log()
    for p, stay in (
        (0.3, [[0, 1, 0], [0, 0, 1]]),
        (0.78, [[1, 1, 0], [0, 0, 1]]),
        (1.0, [[1, 1, 1], [1, 1, 1]]),
    ):
        with inputs_unchanged(logits):
            check(
                lambda: top_p_filter(logits, p),
                logits.masked_fill(torch.tensor(stay) == 0, -math.inf),
                f"p = {p}, the logits are used again afterwards",
                otherwise=(
                    "The smallest set of most likely tokens that reaches p keeps its logits; the"
                    " others become -inf."
                ),
            )
