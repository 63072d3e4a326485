"""The causal mask: which keys a query may see, when the queries are the last positions of a text."""

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
HINTS = (
    """
Give queries and keys their positions in the text. Query i stands at key_len - query_len + i; key
j stands at j.
""",
    """
Either compare positions, `keys[None, :] <= queries[:, None]`, or take the lower triangle of ones,
shifted: `tril(key_len - query_len)`. Refuse `key_len < query_len` first.
""",
)
EXPLANATION = """
With a cache, the queries are the newest positions and the keys are all so far, so the diagonal
shifts to the right by key_len - query_len. `tril(offset)` keeps the entries on and below that
diagonal: a query sees itself and what is before. `None` and 0 are different arguments, so the
default is asked for by `is None`.
"""

# %% helpers
import torch

from utils.notebook.checks import Diagnosis, case_rng, check, check_refused, other_dtype

NOT_REFUSED = "Fewer queries than keys, or as many (equal lengths), are not refused."


def is_additive(got):
    return got.is_floating_point() and bool(got.isinf().any())


def known_mistakes(queries, keys):
    """Return what is known of wrong masks of a size; the least common stand last."""
    offset, whole = keys - queries, torch.ones(queries, keys, dtype=torch.bool)
    wanted = whole.tril(offset)
    of_oblong_masks = {
        "The mask is square: key_len has no effect.": lambda got: (
            tuple(got.shape) == (queries, queries)
        ),
        "There is a row for each key. There is one for each query: the shape is (query_len, key_len).": (
            lambda got: tuple(got.shape) == (keys, keys)
        ),
        "The mask is transposed: its shape is (query_len, key_len), rows are queries.": (
            lambda got: tuple(got.shape) == (keys, queries)
        ),
        "The first query is not the first position. It stands at key_len - query_len: shift the diagonal by this offset.": (
            whole.tril(0)
        ),
        "The offset has the wrong sign: query i stands at key_len - query_len + i.": whole.tril(
            -offset
        ),
    }
    return {
        "The mask is no boolean tensor. This one is additive, 0 and -inf: return True where a key may be used.": is_additive,
        "The mask is no boolean tensor: give it dtype=torch.bool.": other_dtype(torch.bool),
        "The mask has two dimensions, (query_len, key_len): leave out batch and heads.": (
            lambda got: got.dim() != 2
        ),
        **(of_oblong_masks if offset else {}),
        "The new queries see each other's future: every key is allowed. Hide the later keys.": whole,
        "A query sees its own position too.": whole.tril(offset - 1),
        "A query sees one key too many: the next position is the future.": whole.tril(offset + 1),
        "Each query sees the keys from its own to the last: the future (later keys), and not the earlier ones. Rows are"
        " queries, columns are keys: is it the upper triangle, or transposed?": whole.triu(offset),
        "The mask is inverted: True means that the key may be used.": ~wanted,
        "A query sees its own position only. It sees the earlier (past) ones too.": wanted
        & ~whole.tril(offset - 1),
    }


# %% examples
def examples(check):
    square = [[True, False, False], [True, True, False], [True, True, True]]
    check(lambda: causal_mask(3), square, "three queries, three keys")
    at_the_end = [[True, True, True, True, False], [True, True, True, True, True]]
    check(lambda: causal_mask(2, 5), at_the_end, "two queries at the end of five keys")
    check.refused(lambda: causal_mask(5, 2), "five queries and two keys (key_len 2)")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "three queries, three keys": Diagnosis(
            known_mistakes(3, 3),
            "Query i sees the keys 0 to i.",
            "Without key_len (None) there are as many keys as queries. Equal lengths are not refused.",
        ),
        "two queries at the end of five keys": Diagnosis(
            known_mistakes(2, 5),
            "The queries are the last positions: query 0 of 2 is the fourth of 5.",
            NOT_REFUSED,
        ),
        "five queries and two keys (key_len 2)": Diagnosis(
            otherwise="The queries are the last of the keys' positions, so there are at least as many keys."
        ),
    }


# %% graded: 1 point | as many keys as queries.
def test_hides_the_future() -> None:
    large = case_rng("causal_mask", "square").randint(65, 100)
    for size, arguments in ((4, (4,)), (6, (6, 6)), (1, (1,)), (large, (large,))):
        check(
            lambda: causal_mask(*arguments),
            torch.tensor([[key <= query for key in range(size)] for query in range(size)]),
            f"{size} queries, {size} keys",
            mistakes=known_mistakes(size, size),
            if_raises="Without key_len (None) there are as many keys as queries. Equal lengths are not refused.",
            otherwise="Query i sees the keys 0 to i.",
        )
    check(
        lambda: isinstance(causal_mask(3), torch.Tensor),
        True,
        "whether causal_mask(3) is a tensor",
        otherwise="The mask is a list or an array. Return a tensor, so that it can be turned around (~) and used in masked_fill.",
    )


# %% graded: 2 points | fewer queries than keys: the queries are the last positions.
def test_queries_are_the_last_positions() -> None:
    rng = case_rng("causal_mask", "oblong")
    for queries, keys in (
        (3, 5),
        (2, 7),
        (1, 4),
        (4, 5),
        (rng.randint(2, 9), rng.randint(2050, 2300)),
    ):
        check(
            lambda: causal_mask(queries, keys),
            torch.tensor(
                [[key <= keys - queries + query for key in range(keys)] for query in range(queries)]
            ),
            f"{queries} queries, {keys} keys",
            mistakes=known_mistakes(queries, keys),
            if_raises=NOT_REFUSED,
            otherwise="Query i stands at position key_len - query_len + i, and sees the keys up to its own.",
        )


# %% graded: 1 point | fewer keys than queries are refused.
def test_refuses_fewer_keys_than_queries() -> None:
    check(
        lambda: causal_mask(2, 3),
        [[True, True, False], [True, True, True]],
        "2 queries, 3 keys",
        if_raises=NOT_REFUSED,
        otherwise="What is not refused gets its mask: query i stands at position key_len - query_len + i.",
    )
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
