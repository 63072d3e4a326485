"""Exercise `causal_mask` of notebook 02."""

# %% solution
import torch
from torch import Tensor


def causal_mask(query_len: int, key_len: int | None = None) -> Tensor:
    """Return the mask under which a query sees keys up to its own position.

    Args:
        query_len: number of queries; query i stands at position key_len - query_len + i.
        key_len: number of keys; None means query_len.

    Returns:
        Boolean (query_len, key_len), True = may be used.

    Raises:
        ValueError: there are fewer keys than queries.
    """
    ### BEGIN SOLUTION
    key_len = query_len if key_len is None else key_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} must be at least query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(key_len - query_len)
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import torch

from utils.notebook.checks import Diagnosis, check, check_refused


# %% examples
def examples(check):
    check(
        lambda: causal_mask(3),
        torch.tensor([[True, False, False], [True, True, False], [True, True, True]]),
        "three queries, three keys",
    )
    check(
        lambda: causal_mask(2, 5),
        torch.tensor([[True, True, True, True, False], [True, True, True, True, True]]),
        "two queries at the end of five keys",
    )
    check.refused(lambda: causal_mask(5, 2), "five queries and two keys (key_len 2)")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["three queries, three keys"] = Diagnosis(
        if_raises="Equal lengths are the usual case: only fewer keys than queries are refused.",
        mistakes={
            "True means that a key may be used: this mask is inverted.": torch.tensor(
                [[False, True, True], [False, False, True], [False, False, False]]
            ),
            "A query sees its own position too.": torch.ones(3, 3, dtype=torch.bool).tril(-1),
            "The mask must be boolean.": lambda got: (
                isinstance(got, torch.Tensor) and got.dtype != torch.bool
            ),
        },
    )
    found["two queries at the end of five keys"] = Diagnosis(
        otherwise="The queries are the last positions: query 0 of 2 is the fourth of 5 positions."
    )
    return found


# %% graded: 1 point | as many keys as queries.
def test_1() -> None:
    for size, arguments in ((4, (4,)), (6, (6, 6)), (1, (1,))):
        wanted = torch.tensor([[key <= query for key in range(size)] for query in range(size)])
        whole = torch.ones(size, size, dtype=torch.bool)
        check(
            lambda: causal_mask(*arguments),
            wanted,
            f"{size} queries, {size} keys",
            if_raises="Equal lengths are not refused: as many keys as queries is the usual case.",
            mistakes={
                "The mask is no boolean tensor. This one is additive, 0 and -inf: return True where a key may be used.": (
                    lambda got: (
                        isinstance(got, torch.Tensor)
                        and got.is_floating_point()
                        and bool(got.isinf().any())
                    )
                ),
                "The mask is no boolean tensor: give it dtype=torch.bool.": (
                    lambda got: isinstance(got, torch.Tensor) and got.dtype != torch.bool
                ),
                "Each query sees the keys from its own to the last: the future (later keys), and not the earlier ones. Rows are"
                " queries, columns are keys: is it the upper triangle, or transposed?": whole.triu(),
                "The mask is inverted: True means that the key may be used.": ~wanted,
                "A query sees its own position too.": whole.tril(-1),
                "A query sees one key too many: the next position is the future.": whole.tril(1),
                "A query sees its own position only. It sees the earlier (past) ones too.": torch.eye(
                    size, dtype=torch.bool
                ),
                "Every query sees every key. Hide the future: the later keys.": whole,
            },
            otherwise="Query i sees the keys 0 to i.",
        )


# %% graded: 2 points | fewer queries than keys: the queries are the last positions.
def test_2() -> None:
    for queries, keys in ((3, 5), (2, 7), (1, 4), (4, 5), (5, 5)):
        offset = keys - queries
        wanted = torch.tensor(
            [[key <= offset + query for key in range(keys)] for query in range(queries)]
        )
        whole = torch.ones(queries, keys, dtype=torch.bool)
        check(
            lambda: causal_mask(queries, keys),
            wanted,
            f"{queries} queries, {keys} keys",
            if_raises="Fewer queries than keys, or as many (equal lengths), are not refused.",
            mistakes={
                "The mask is no boolean tensor. This one is additive, 0 and -inf: return True where a key may be used.": (
                    lambda got: (
                        isinstance(got, torch.Tensor)
                        and got.is_floating_point()
                        and bool(got.isinf().any())
                    )
                ),
                "The mask is no boolean tensor: give it dtype=torch.bool.": (
                    lambda got: isinstance(got, torch.Tensor) and got.dtype != torch.bool
                ),
                "The mask is square: key_len has no effect.": (
                    lambda got: (
                        isinstance(got, torch.Tensor)
                        and queries != keys
                        and tuple(got.shape) == (queries, queries)
                    )
                ),
                "The mask is transposed: its shape is (query_len, key_len), rows are queries.": (
                    lambda got: (
                        isinstance(got, torch.Tensor)
                        and queries != keys
                        and tuple(got.shape) == (keys, queries)
                    )
                ),
                "The first query is not the first position. It stands at key_len - query_len: shift the diagonal by this offset.": (
                    whole.tril(0)
                ),
                "The offset has the wrong sign: query i stands at key_len - query_len + i.": whole.tril(
                    -offset
                ),
                "Each query sees its own and the later keys (the future), and not the earlier ones.": whole.triu(
                    offset
                ),
                "The mask is inverted: True means that the key may be used.": ~wanted,
                "A query sees its own position too.": whole.tril(offset - 1),
                "A query sees one key too many: the next position is the future.": whole.tril(
                    offset + 1
                ),
                "The new queries see each other's future: every key is allowed. The last but one query may not see the last key.": (
                    whole
                ),
                "A query sees its own position only. It sees the earlier (past) ones too.": (
                    whole.tril(offset) & ~whole.tril(offset - 1)
                ),
            },
            otherwise="Query i stands at position key_len - query_len + i, and sees the keys up to its own.",
        )


# %% graded: 1 point | fewer keys than queries are refused.
def test_3() -> None:
    for queries, keys in ((5, 4), (3, 1)):
        check_refused(
            lambda: causal_mask(queries, keys),
            f"{queries} queries with key_len {keys}",
            "There must be at least as many keys as queries.",
        )
    check_refused(
        lambda: causal_mask(2, 0),
        "two queries with key_len 0",
        "0 is a number of keys like any other, and false in Python: ask `key_len is None`, not `key_len or query_len`.",
    )
