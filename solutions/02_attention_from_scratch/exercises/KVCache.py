"""A key/value cache: what a decoder keeps of the positions so far, so that it computes each of them once."""

# %% solution
import torch
from torch import Tensor


class KVCache:
    """Keys and values of all positions so far; `len(cache)` is their number."""

    def __init__(self) -> None:
        ### BEGIN SOLUTION
        self.reset()
        ### END SOLUTION

    def append(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add keys and values (..., n, d) of n positions; return all so far (..., len, d)."""
        ### BEGIN SOLUTION
        self.keys.append(k)
        self.values.append(v)
        return torch.cat(self.keys, dim=-2), torch.cat(self.values, dim=-2)
        ### END SOLUTION

    def __len__(self) -> int:
        ### BEGIN SOLUTION
        return sum(k.shape[-2] for k in self.keys)
        ### END SOLUTION

    def reset(self) -> None:
        """Forget everything."""
        ### BEGIN SOLUTION
        self.keys: list[Tensor] = []
        self.values: list[Tensor] = []
        ### END SOLUTION


# %% hints
HINTS = (
    """
Keep what was appended in the object: `self.k` and `self.v`, set in `__init__`, and not in the
class. What should they be while nothing has been appended?
""",
    """
`torch.cat([old, new], dim=-2)` joins along the sequence, whatever stands in front of it. Start
from None or from an empty list; the length is `shape[-2]` of what is held, 0 for a new cache.
""",
)
EXPLANATION = """
The sequence dimension is -2 whether there are heads or not, so counting from the end serves every
shape. An empty list of pieces needs no special case for the first call, and `reset` makes new
lists, which `__init__` uses too. A list in the class itself would be shared by all caches. Real
decoders set room aside in advance, because joining copies everything each time.
"""

# %% helpers
import torch

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, case_tensor, check, same

JOIN = "Join the new positions behind the earlier ones, along the sequence dimension -2."


def ends_of(counts):
    return [sum(counts[: number + 1]) for number in range(len(counts))]


def pieces_so_far(x, counts, joined):
    """Return for each call of append what `joined` makes of the pieces so far."""
    pieces = x.split(list(counts), dim=-2)
    return [joined(pieces[: number + 1]) for number in range(len(counts))]


def whole(pieces):
    return torch.cat(pieces, dim=-2)


def newest(pieces):
    return pieces[-1]


def new_in_front(pieces):
    return torch.cat(pieces[::-1], dim=-2)


def last_positions(pieces):
    return torch.cat([piece[..., -1:, :] for piece in pieces], dim=-2)


def some_shape(got, says):
    """Return whether any call returned keys or values of whose length `says(number of call, length)` holds."""
    return any(says(number, one.shape[-2]) for number, pair in enumerate(got) for one in pair)


# %% examples
def examples(check):
    k = torch.arange(10.0).view(1, 5, 2)

    def in_two_parts():
        cache = KVCache()
        first = [len(cache), cache.append(k[:, :3], -k[:, :3]), len(cache)]
        return first, cache.append(k[:, 3:], -k[:, 3:]), len(cache), (cache.reset(), len(cache))[1]

    want = ([0, (k[:, :3], -k[:, :3]), 3], (k, -k), 5, 0)
    check(in_two_parts, want, "lengths and content: a new cache, three positions, two more, reset")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    k = torch.arange(10.0).view(1, 5, 2)
    first = [0, (k[:, :3], -k[:, :3]), 3]
    return {
        "lengths and content: a new cache, three positions, two more, reset": Diagnosis(
            mistakes={
                "Return all positions so far, not only the new ones.": lambda got: (
                    got[1][0].shape[-2] == 2
                ),
                "`len` counts positions, not calls.": lambda got: (
                    (got[0][0], got[0][2], got[2]) == (0, 1, 2)
                ),
                "After `reset` the cache must be empty: its length is still the old one.": (
                    first,
                    (k, -k),
                    5,
                    5,
                ),
                "Keys and values are swapped: return (k, v).": lambda got: bool(
                    (got[1][0] == -k).all()
                ),
            },
            if_raises="A new cache is empty: its length is 0. `append` returns the pair (k, v) of all so far.",
            otherwise=JOIN,
        )
    }


# %% graded: 2 points | append returns all keys and all values so far, in their order.
def test_append_returns_all_so_far() -> None:
    many = case_rng("KVCache", "prompt").randint(2050, 2300)
    cases = [
        ((2, 3), (1, 1, 1)),
        ((2,), (4, 1, 2)),
        ((1, 2), (5, 1, 1, 3)),
        ((2, 1, 3), (2, 2, 1)),
        ((1,), (many, 1, 1)),
    ]
    for case, (lead, counts) in enumerate(cases):
        k, v = (case_tensor("KVCache", f"{case} {name}", *lead, sum(counts), 4) for name in "kv")

        def everything():
            cache, of_k, of_v = (
                KVCache(),
                k.split(list(counts), dim=-2),
                v.split(list(counts), dim=-2),
            )
            return [
                cache.append(one.clone(), other.clone())
                for one, other in zip(of_k, of_v, strict=True)
            ]

        def both(of_keys, of_values):
            return list(
                zip(
                    pieces_so_far(k, counts, of_keys),
                    pieces_so_far(v, counts, of_values),
                    strict=True,
                )
            )

        ends, joins = (
            ends_of(counts),
            len(set(counts)) == 1,
        )  # only pieces of one length join along another dimension
        leads = [
            (lambda pieces, dim=dim: torch.cat(pieces, dim=dim))
            for dim in ((*range(len(lead)), -1) if joins else ())
        ]
        wanted = both(whole, whole)
        mistakes = {
            "append returned nothing: is a `return` missing?": lambda got: None in got,
            "Positions were joined along the batch, the heads or the features. The sequence dimension is -2.": AnyOf(
                *(
                    both(*pair)
                    for joined in leads
                    for pair in ((joined, joined), (joined, whole), (whole, joined))
                )
            ),
            "Only the new positions came back. Return all so far, the earlier ones too.": both(
                newest, newest
            ),
            "Keys and values are swapped: return (k, v).": [(b, a) for a, b in wanted],
            "The values were not kept: only the new ones came back beside all keys.": both(
                whole, newest
            ),
            "The keys were not kept: only the new ones came back beside all values.": both(
                newest, whole
            ),
            "The order is wrong: new positions go behind the earlier ones (at the end), not in front.": (
                both(new_in_front, new_in_front)
            ),
            "Of several positions at once, as a prompt has, only the last one was kept.": (
                both(last_positions, last_positions)
            ),
            "Positions got lost: the cache must grow, and keep all so far.": (
                lambda got: (
                    some_shape(got, lambda number, length: length < ends[number])
                    and all(
                        (*one.shape[:-2], one.shape[-1]) == (*lead, 4)
                        for pair in got
                        for one in pair
                    )
                )
            ),
            "The leading dimensions changed. They stay as they came, also where one is 1: only the positions grow.": (
                lambda got: any(tuple(one.shape[:-2]) != lead for pair in got for one in pair)
            ),
            "More positions came back than were appended: some were stored twice, or a buffer was not cut at the length.": (
                lambda got: some_shape(got, lambda number, length: length > ends[number])
            ),
            "The numbers were rounded: keep the dtype of keys and values.": lambda got: same(
                got, wanted, 1e-2, 1e-2
            ),
        }
        check(
            everything,
            wanted,
            f"keys {tuple(k.shape)} in parts of {', '.join(map(str, counts))} positions",
            mistakes=mistakes,
            if_raises="The sequence dimension is -2, whatever the number of leading dimensions; the cache must grow without"
            " end, and each cache has a store of its own.",
            otherwise=JOIN,
        )


# %% graded: 1 point | len counts positions, and two caches are separate.
def test_len_counts_positions() -> None:
    def new_beside_a_full_one():
        full, fresh = KVCache(), KVCache()
        full.append(torch.ones(2, 4, 3), torch.ones(2, 4, 3))
        return len(fresh)

    check(
        new_beside_a_full_one,
        0,
        "the length of a new cache, while another cache holds four positions",
        if_raises="A new cache is empty, and has the length 0, before anything is appended.",
        otherwise="The new cache is not empty. Its length is 0, and its store is its own: in the object (self, in __init__), not in"
        " the class, which two caches share.",
    )
    many = case_rng("KVCache", "length").randint(2050, 2300)
    for lead, counts in (
        ((2, 3), (5, 1, 1)),
        ((7, 1), (1, 4)),
        ((1, 4), (3, 3, 3, 3)),
        ((2, 2), (many, 1)),
        ((5,), (2, 1)),
        ((4, 6, 7), (3, 2)),
    ):

        def lengths():
            cache, found = KVCache(), []
            for count in counts:
                cache.append(torch.ones(*lead, count, 9), torch.ones(*lead, count, 9))
                found.append(len(cache))
            return found

        check(
            lengths,
            ends_of(counts),
            f"the length after {', '.join(map(str, counts))} positions, leading dimensions {lead}",
            mistakes={
                "`len` counts the calls of append. It counts positions: a call may add several.": list(
                    range(1, len(counts) + 1)
                ),
                "`len` is the size of the batch or the number of heads, or a width. It counts positions, along the"
                " dimension -2.": AnyOf(
                    *([size] * len(counts) for size in (*lead, 9)),
                    *([size * call for call in range(1, len(counts) + 1)] for size in (*lead, 9)),
                ),
                "`len` counts the new positions only. It counts all so far.": list(counts),
            },
            otherwise="`len(cache)` is the number of positions so far.",
        )


# %% graded: 1 point | after reset a cache is as good as new.
def test_reset_forgets_everything() -> None:
    old, new = torch.full((2, 3, 4), 7.0), case_tensor("KVCache", "reset", 2, 2, 4)

    def after_reset():
        cache = KVCache()
        cache.reset()
        cache.append(old, old)
        cache.reset()
        cache.reset()
        length = len(cache)
        return [length, *cache.append(new, -new), len(cache)]

    def still(*places):
        return lambda got: all(got[place].shape[-2] == 5 for place in places)

    forgotten = "After `reset` the cache must be empty:"
    check(
        after_reset,
        [0, new, -new, 2],
        "reset of an empty cache, three positions, reset twice, two other positions",
        if_raises=f"{forgotten} it can then be used again. An empty cache may be reset too.",
        mistakes={
            f"{forgotten} its length is still the old one.": lambda got: got[0] == 3,
            f"{forgotten} the length is 0, but the old keys and values are still there.": still(
                1, 2
            ),
            f"{forgotten} the old values are still there.": still(2),
            f"{forgotten} the old keys are still there.": still(1),
            f"{forgotten} its length still counts the positions of before the reset.": lambda got: (
                got[3] == 5
            ),
        },
        otherwise=f"{forgotten} then it holds what is appended from there on.",
    )

    def another_batch():
        cache = KVCache()
        cache.append(torch.ones(3, 1, 4, 5), torch.ones(3, 1, 4, 5))
        cache.reset()
        return cache.append(new, -new)

    check(
        another_batch,
        (new, -new),
        "reset, and then a batch of another size",
        if_raises=f"{forgotten} the sizes of the old keys and values are forgotten too.",
        otherwise=f"{forgotten} then it holds what is appended from there on.",
    )
