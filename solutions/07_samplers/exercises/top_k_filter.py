"""Keep the k largest logits of each row in their places: exactly k, with ties to the lower index."""

# %% solution
import torch
from torch import Tensor


def top_k_filter(logits: Tensor, k: int) -> Tensor:
    """Return the logits with all but the k largest of each row set to -inf.

    Args:
        logits: (..., V), not modified.
        k: how many stay in each row, at least 1; ties go to the lower index, and k >= V keeps all.

    Returns:
        Logits (..., V).

    Raises:
        ValueError: k is below 1.
    """
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order[..., :k], True)
    return logits.masked_fill(~keep, float("-inf"))
    ### END SOLUTION


# %% hints
HINTS = (
    """Comparing with the k-th largest value keeps too many when logits are equal. What order puts
equal logits by their index, and whose first k entries are exactly the tokens to keep?""",
    """`logits.argsort(dim=-1, descending=True, stable=True)[..., :k]` are the indices to keep. Set a
mask of zeros to True there (`scatter` along the last dimension), and `masked_fill` the others
with `-inf`.""",
)
EXPLANATION = """A stable descending sort leaves equal logits in the order of their indices, so its first k entries are
exactly the k tokens that stay. A slice `[..., :k]` of a shorter row is the whole row, which settles k above V. `scatter`
carries the choice back to the places of the vocabulary. `masked_fill` makes a new tensor: the given logits do not
change. What is out must be `-inf`: any finite number could come back when other tokens are removed, and a 0 is often
larger than the logits that stay."""

# %% helpers
import math

import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_refused,
    finite_stand_in,
    inputs_unchanged,
    like_probabilities,
    other_shape,
)


def keeping(rows, chosen, fill=-math.inf):
    """Return a table of logits in which only the chosen indices of each row keep their values."""
    return [
        [value if place in set(some) else fill for place, value in enumerate(row)]
        for row, some in zip(rows, chosen, strict=True)
    ]


# %% examples
def examples(check):
    out = float("-inf")
    kept = lambda row, k: top_k_filter(torch.tensor(row), k)
    check(lambda: kept([1.0, 4.0, -2.0, 3.0], 2), [out, 4, out, 3], "the 2 largest of 1, 4, -2, 3")
    check(lambda: kept([5.0, 7.0, 5.0, 5.0], 2), [5, 7, out, out], "a tie for the second place")
    check(lambda: kept([1.0, 2.0], 9), [1, 2], "k = 9 of two logits")
    check.refused(lambda: kept([1.0, 2.0], 0), "k = 0")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    out = -math.inf
    return {
        "the 2 largest of 1, 4, -2, 3": Diagnosis(
            {
                "Nothing was taken away: all logits but the two largest become -inf.": [
                    1,
                    4,
                    -2,
                    3,
                ],
                "The logits must stay in their places: yours are sorted.": [4, 3, out, out],
                "Return a logit for every token of the vocabulary, -inf for those that are out.": [
                    4,
                    3,
                ],
                "What is out becomes -inf, not 0: a logit of 0 has a probability.": [0, 4, 0, 3],
                "These are indices. Return the logits.": [1, 3],
                "The smallest logits stayed. Keep the largest.": [1, out, -2, out],
                "What is out becomes -inf, not a finite number.": finite_stand_in,
            },
            otherwise="4 and 3 stay where they are, the other two become -inf.",
            if_raises="One row of logits is allowed: work along the last dimension.",
        ),
        "a tie for the second place": Diagnosis(
            {
                "Exactly two stay. Of equal logits the one with the lower index does.": [
                    5,
                    7,
                    5,
                    5,
                ],
                "Fewer than two stay: all that tie went. Exactly two stay.": [out, 7, out, out],
            },
            otherwise=(
                "Exactly two stay. Of equal logits the one with the lower index does: a stable sort"
                " keeps their order."
            ),
        ),
        "k = 9 of two logits": Diagnosis(
            otherwise="k at least the vocabulary keeps all.",
            if_raises="k at least the vocabulary keeps all.",
        ),
        "k = 0": Diagnosis(otherwise="No token would be left to draw."),
    }


# %% graded: 2 points | the k largest of each row stay in their places, for logits of any shape.
def test_k_largest_stay_in_their_places() -> None:
    cases = (((7,), 3), ((4, 6), 2), ((2, 3, 8), 5), ((5, 5), 1), ((1, 9), 4), ((2, 150), 70))
    for case, (shape, k) in enumerate(cases):
        rng = case_rng("top_k_filter", case)
        V = shape[-1]
        n_rows = math.prod(shape) // V

        def by_size(row):
            return sorted(range(len(row)), key=lambda i: -abs(row[i]))

        def sorted_once(order):
            """Return the indices that stay when the order of a sort is taken for ranks."""
            return [i for i, one in enumerate(order) if one < k]

        # Distinct numbers of both signs; the largest by absolute value is negative in every row and the next one positive,
        # so that signs count, and a ranking by absolute value is not the ranking from below.
        while True:
            rows = [
                rng.sample(
                    [
                        *(value / 4 for value in rng.sample(range(-2 * V, 2 * V + 1), V - 2)),
                        V,
                        -V - 2.0 - row,
                    ],
                    V,
                )
                for row in range(n_rows)
            ]
            order = [sorted(range(V), key=lambda i, row=row: -row[i]) for row in rows]
            once = set(sorted_once(order[0]))
            if once not in map(set, (order[0][:k], order[0][-k:], by_size(rows[0])[:k])):
                break
        flat = sorted(
            (-value, place, i) for place, row in enumerate(rows) for i, value in enumerate(row)
        )[:k]

        def shaped(table, shape=shape):
            return torch.tensor(table, dtype=torch.float32).reshape(shape)

        def shaped_keeping(choose, fill=-math.inf, rows=rows, order=order):
            return shaped(keeping(rows, [choose(some) for some in order], fill))

        logits, wanted = shaped(rows), shaped_keeping(lambda some: some[:k])
        # A bar for each column, or places within a column that are taken for places within a row.
        by_column = []
        if len(shape) > 1:
            ranked = logits.sort(dim=0, descending=True)
            mixed = torch.zeros(shape, dtype=torch.bool).scatter(-1, ranked.indices[..., :k], True)
            of_column = logits >= ranked.values[min(k, shape[0]) - 1]
            by_column = [logits.masked_fill(~kept, -math.inf) for kept in (of_column, mixed)]
        check(
            lambda: top_k_filter(logits.clone(), k),
            wanted,
            f"logits of shape {shape}, k = {k}",
            mistakes={
                # First, since one token too many in each row may look the same; that has failed in the first case.
                "The k largest of each column (dimension 0) stayed. Work along the last dimension.": (
                    AnyOf(*by_column)
                ),
                "Nothing was taken away: all but the k largest become -inf.": logits,
                "One too many stays: k + 1 instead of k.": shaped_keeping(
                    lambda some: some[: k + 1]
                ),
                "One too few stays: k - 1 instead of k.": shaped_keeping(
                    lambda some: some[: k - 1]
                ),
                "The smallest logits stayed. Keep the largest.": shaped_keeping(
                    lambda some: some[-k:]
                ),
                "The mask is the wrong way round: the k largest went, and the others stayed.": (
                    shaped_keeping(lambda some: some[k:])
                ),
                "You ranked by the absolute value. The sign counts.": shaped(
                    keeping(rows, [by_size(row)[:k] for row in rows])
                ),
                "The order of a sort was taken for ranks: it says which token comes at a place, not the place of a token.": (
                    shaped_keeping(sorted_once)
                ),
                "These are log-probabilities. Return the logits that stay as they are.": AnyOf(
                    wanted.log_softmax(-1), wanted - logits.logsumexp(-1, keepdim=True)
                ),
                "The logits came back sorted. Each stays in its place: the index is the token.": (
                    shaped([sorted(row, reverse=True)[:k] + [-math.inf] * (V - k) for row in rows])
                ),
                "What is out must become -inf, not 0: a logit of 0 keeps a probability.": (
                    shaped_keeping(lambda some: some[:k], 0.0)
                ),
                "What is out must become -inf, not a finite number: it must not come back when others are removed.": (
                    finite_stand_in
                ),
                "This is the mask (True and False). Return the logits, with -inf where a token is out.": (
                    lambda got: got.dtype == torch.bool
                ),
                "These are probabilities. Return logits, so that the next filter can go on.": (
                    like_probabilities(*shape)
                ),
                "Return the shape of the logits: a value for each token of the vocabulary.": (
                    other_shape(*shape)
                ),
                "All rows kept the tokens of the first row. Each row has its own.": shaped(
                    keeping(rows, [order[0][:k]] * n_rows)
                ),
                "The k largest of the whole batch stayed. Each row keeps k of its own.": shaped(
                    keeping(
                        rows, [[i for _, place, i in flat if place == row] for row in range(n_rows)]
                    )
                ),
            },
            otherwise=(
                "The k largest logits of each row keep their values and places; all others become"
                " -inf."
            ),
            if_raises=(
                "Every k from 1 on is allowed. The logits may have any number of dimensions; work"
                " along the last one."
            ),
        )


# %% graded: 2 points | exactly k stay when logits are equal, and k may exceed the vocabulary.
def test_ties_and_k_above_the_vocabulary() -> None:
    for case, (n_rows, V, k) in enumerate([(1, 6, 2), (4, 9, 3), (3, 40, 7), (2, 300, 50)]):
        rng = case_rng("top_k_filter", f"ties {case}")
        # Few distinct values, and always a tie at the border.
        rows = [[3.0, 1.0, 2.0, 2.0, 2.0, 0.0]] if case == 0 else []
        while len(rows) < n_rows:
            row = [float(rng.randint(-2, 2)) for _ in range(V)]
            ranked = sorted(row, reverse=True)
            if ranked[k - 1] == ranked[k] != ranked[0]:
                rows.append(row)
        borders = [sorted(row, reverse=True)[k - 1] for row in rows]

        def ranked_keeping(sign, rows=rows):
            return keeping(
                rows,
                [sorted(range(len(row)), key=lambda i: (-row[i], sign * i))[:k] for row in rows],
            )

        def compared(keeps, rows=rows, borders=borders):
            pairs = zip(rows, borders, strict=True)
            return keeping(
                rows,
                [
                    [i for i, value in enumerate(row) if keeps(value, border)]
                    for row, border in pairs
                ],
            )

        wanted = torch.tensor(ranked_keeping(1))
        check(
            lambda: top_k_filter(torch.tensor(rows), k),
            wanted,
            f"{n_rows} rows of {V} logits with ties, k = {k}",
            mistakes={
                "More than k stay: all that tie with the k-th. Exactly k stay, those with the lower index.": compared(
                    lambda value, border: value >= border
                ),
                "Fewer than k stay: all that tie at the border are out. Exactly k stay, those with the lower index.": compared(
                    lambda value, border: value > border
                ),
                "Of equal logits those with the higher index stay. In a tie the lower index stays.": ranked_keeping(
                    -1
                ),
                "Exactly k stay, but in a tie not those with the lower index. A stable sort keeps equal logits in order; `topk` need not.": lambda got, wanted=wanted: (
                    torch.equal(got.sort(-1).values, wanted.sort(-1).values)
                ),
            },
            otherwise=(
                "Exactly k stay, the largest; in a tie the lower index does. All others become"
                " -inf."
            ),
        )
    # Steps of 2^-20 between 1 and 2 are eight of float32's own: no tie, and the largest comes last.
    near = [1 + (case_rng("top_k_filter", "near").randrange(900) + i) * 2.0**-20 for i in range(5)]
    check(
        lambda: top_k_filter(torch.tensor(near), 2),
        torch.tensor(keeping([near], [[3, 4]])[0]),
        "five logits that differ by a millionth, k = 2",
        otherwise=(
            "Logits that differ by little are no tie: the larger stays. Round nothing, and add no"
            " number that is to decide ties."
        ),
    )
    logits = torch.tensor([[1.0, -3.0, 1.0, 0.5], [0.0, 0.0, 2.0, -7.0]])
    for k in (4, 5, 100):
        for given in (logits, logits[0]):
            check(
                lambda: top_k_filter(given.clone(), k),
                given,
                f"four logits, k = {k}",
                otherwise="k at least the vocabulary keeps all.",
                if_raises=(
                    "k at least the size of the vocabulary keeps all: take the smaller of the two."
                ),
            )


# %% graded: 1 point | k below 1 is refused, and the logits stay as they were.
def test_k_below_one_is_refused_and_logits_stay() -> None:
    rows = [[1.0, 2.0, 0.5], [0.0, -1.0, 4.0]]
    for k in (0, -1, -5):
        for given in (rows[0], rows):
            check_refused(
                lambda: top_k_filter(torch.tensor(given), k),
                f"k = {k}",
                "No token would be left to draw.",
            )
    logits = torch.tensor(rows)
    for k in (1, 2, 3, 9):
        with inputs_unchanged(logits):
            check(
                lambda: top_k_filter(logits, k),
                torch.tensor(keeping(rows, [[1, 0, 2][:k], [2, 0, 1][:k]])),
                f"k = {k}, the logits are used again afterwards",
                otherwise=(
                    "The k largest of each row keep their values and places; all others become"
                    " -inf."
                ),
            )
