"""Exercise `top_k_filter` of notebook 07."""

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
HINTS = ()
EXPLANATION = ""

# %% helpers
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
    infinity = float("inf")
    check(
        lambda: top_k_filter(torch.tensor([1.0, 4.0, -2.0, 3.0]), 2),
        [-infinity, 4.0, -infinity, 3.0],
        "the two largest of 1, 4, -2, 3",
    )
    check(
        lambda: top_k_filter(torch.tensor([5.0, 7.0, 5.0, 5.0]), 2),
        [5.0, 7.0, -infinity, -infinity],
        "a tie for the second place",
    )
    check.refused(lambda: top_k_filter(torch.tensor([1.0, 2.0]), 0), "k = 0")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    infinity = float("inf")
    found["the two largest of 1, 4, -2, 3"] = Diagnosis(
        mistakes={
            "The logits must stay in their places: yours are sorted.": [
                4.0,
                3.0,
                -infinity,
                -infinity,
            ],
            "Return a logit for every token of the vocabulary, -inf for those that are out.": [
                4.0,
                3.0,
            ],
            "What is out becomes -inf, not 0: a logit of 0 has a probability.": [
                0.0,
                4.0,
                0.0,
                3.0,
            ],
        }
    )
    found["a tie for the second place"] = Diagnosis(
        mistakes={
            "Exactly two stay. Of equal logits the one with the lower index does.": [
                5.0,
                7.0,
                5.0,
                5.0,
            ]
        }
    )
    return found


# %% graded: 2 points | the k largest of each row stay in their places, for logits of any shape.
def test_1() -> None:
    for case, (shape, k) in enumerate(
        [((7,), 3), ((4, 6), 2), ((2, 3, 8), 5), ((5, 5), 1), ((1, 9), 4)]
    ):
        rng = case_rng("top_k_filter", case)
        V, count = shape[-1], math.prod(shape)
        # Distinct numbers of both signs; the largest by absolute value is negative in every row and the next one positive,
        # so that signs count, and a ranking by absolute value is not the ranking from below.
        rows = []
        for row in range(count // V):
            values = [value / 4 for value in rng.sample(range(-20, 21), V - 2)] + [7.0, -9.0 - row]
            rng.shuffle(values)
            rows.append(values)
        logits = torch.tensor(rows).reshape(shape)

        def table_keeping(chosen, fill=-math.inf, table=rows, shape=shape):
            lines = [
                [v if i in set(some) else fill for i, v in enumerate(row)]
                for row, some in zip(table, chosen)
            ]
            return torch.tensor(lines).reshape(shape)

        order = [sorted(range(V), key=lambda i, row=row: -row[i]) for row in rows]
        wanted = table_keeping([some[:k] for some in order])
        flat = sorted(range(count), key=lambda i: -rows[i // V][i % V])[:k]
        mistakes = {
            "One too many stays: k + 1 instead of k.": table_keeping(
                [some[: k + 1] for some in order]
            ),
            "One too few stays: k - 1 instead of k.": table_keeping(
                [some[: k - 1] for some in order]
            ),
            "The smallest logits stayed. Keep the largest.": table_keeping(
                [some[-k:] for some in order]
            ),
            "You ranked by the absolute value. The sign counts.": table_keeping(
                [sorted(range(V), key=lambda i, row=row: -abs(row[i]))[:k] for row in rows]
            ),
            "The logits came back sorted. Each stays in its place: the index is the token.": torch.tensor(
                [sorted(row, reverse=True)[:k] + [-math.inf] * (V - k) for row in rows]
            ).reshape(shape),
            "What is out must become -inf, not 0: a logit of 0 keeps a probability.": table_keeping(
                [some[:k] for some in order], 0.0
            ),
            "What is out must become -inf, not a finite number: it must not come back when others are removed.": (
                lambda got, wanted=wanted: (
                    isinstance(got, torch.Tensor)
                    and got.shape == wanted.shape
                    and bool(got.isfinite().all())
                    and bool((got[wanted.isinf()] < -100).all())
                )
            ),
            "These are probabilities. Return logits, so that the next filter can go on.": wanted.softmax(
                -1
            ),
            "Return the shape of the logits: a value for each token of the vocabulary.": (
                lambda got, shape=shape: (
                    isinstance(got, torch.Tensor) and tuple(got.shape) != tuple(shape)
                )
            ),
        }
        if count > V:
            mistakes["All rows kept the tokens of the first row. Each row has its own."] = (
                table_keeping([order[0][:k]] * len(rows))
            )
            mistakes["The k largest of the whole batch stayed. Each row keeps k of its own."] = (
                table_keeping([[i % V for i in flat if i // V == row] for row in range(len(rows))])
            )
        check(
            lambda: top_k_filter(logits.clone(), k),
            wanted,
            f"logits of shape {shape}, k = {k}",
            mistakes=mistakes,
            otherwise="The k largest logits of each row keep their values and places; all others become -inf.",
            if_raises="The logits may have any number of dimensions; work along the last one.",
        )


# %% graded: 2 points | exactly k stay when logits are equal, and k may exceed the vocabulary.
def test_2() -> None:
    for case, (n_rows, V, k) in enumerate([(1, 6, 2), (4, 9, 3), (3, 40, 7), (2, 300, 50)]):
        rng = case_rng("top_k_filter", f"ties {case}")
        # Few distinct values, and always a tie at the border.
        rows = []
        while len(rows) < n_rows:
            row = [float(rng.randint(-2, 2)) for _ in range(V)]
            ranked = sorted(row, reverse=True)
            if ranked[k - 1] == ranked[k] and ranked[0] != ranked[k]:
                rows.append(row)
        if case == 0:
            rows = [[3.0, 1.0, 2.0, 2.0, 2.0, 0.0]]
        logits = torch.tensor(rows)

        def table_keeping(choose, table=rows):
            return torch.tensor(
                [[v if choose(row, i) else -math.inf for i, v in enumerate(row)] for row in table]
            )

        def rank_in_row(row, i, sign=1):
            return sum(
                1 for j, v in enumerate(row) if v > row[i] or (v == row[i] and sign * j < sign * i)
            )

        def border_of(row, place=k - 1):
            return sorted(row, reverse=True)[place]

        wanted = table_keeping(lambda row, i: rank_in_row(row, i) < k)
        check(
            lambda: top_k_filter(logits.clone(), k),
            wanted,
            f"{n_rows} rows of {V} logits with ties, k = {k}",
            mistakes={
                "More than k stay: all that tie with the k-th. Exactly k stay, those with the lower index.": table_keeping(
                    lambda row, i: row[i] >= border_of(row)
                ),
                "Fewer than k stay: all that tie at the border are out. Exactly k stay, those with the lower index.": table_keeping(
                    lambda row, i: row[i] > border_of(row)
                ),
                "Of equal logits those with the higher index stay. In a tie the lower index stays.": table_keeping(
                    lambda row, i: rank_in_row(row, i, -1) < k
                ),
                "Exactly k stay, but in a tie not those with the lower index. A stable sort keeps equal logits in order; `topk` need not.": (
                    lambda got, wanted=wanted: (
                        isinstance(got, torch.Tensor)
                        and got.shape == wanted.shape
                        and bool((got.isfinite().sum(-1) == wanted.isfinite().sum(-1)).all())
                        and torch.equal(
                            got.sort(-1).values.double(), wanted.sort(-1).values.double()
                        )
                    )
                ),
            },
            otherwise="Exactly k stay; in a tie the lower index does.",
        )
    logits = torch.tensor([[1.0, -3.0, 1.0, 0.5], [0.0, 0.0, 2.0, -7.0]])
    for k in (4, 5, 100):
        for given in (logits, logits[0]):
            check(
                lambda: top_k_filter(given.clone(), k),
                given,
                f"four logits, k = {k}",
                otherwise="k at least the vocabulary keeps all.",
                if_raises="k at least the size of the vocabulary keeps all: take the smaller of the two.",
            )


# %% graded: 1 point | k below 1 is refused, and the logits stay as they were.
def test_3() -> None:
    for k in (0, -1, -5):
        for logits in (torch.tensor([1.0, 2.0, 0.5]), torch.tensor([[1.0, 2.0], [0.0, -1.0]])):
            check_refused(
                lambda: top_k_filter(logits.clone(), k),
                f"k = {k}",
                "No token would be left to draw.",
            )
    for k in (1, 2, 3, 9):
        logits = torch.tensor([[1.0, 2.0, 0.5], [0.0, -1.0, 4.0]])
        order = [[1, 0, 2], [2, 0, 1]]
        table = [
            [v if i in some[:k] else -math.inf for i, v in enumerate(row)]
            for row, some in zip(logits.tolist(), order)
        ]
        with inputs_unchanged(logits):
            check(
                lambda: top_k_filter(logits, k),
                torch.tensor(table),
                f"k = {k}, the logits are used again afterwards",
            )
