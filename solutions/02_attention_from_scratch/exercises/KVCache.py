"""Exercise `KVCache` of notebook 02."""

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
        """Add keys and values (..., n, d) of n new positions and return all so far, (..., len(cache), d) each."""
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
HINTS = ()
EXPLANATION = ""

# %% helpers
import torch

from utils.notebook.checks import Diagnosis, case_rng, check


# %% examples
def examples(check):
    k = torch.arange(10.0).view(1, 5, 2)
    v = -k

    def in_two_parts():
        cache = KVCache()
        cache.append(k[:, :3], v[:, :3])
        return cache.append(k[:, 3:], v[:, 3:])

    def length_of_parts():
        cache = KVCache()
        lengths = [len(cache)]
        for part in (slice(0, 3), slice(3, 5)):
            cache.append(k[:, part], v[:, part])
            lengths.append(len(cache))
        cache.reset()
        return [*lengths, len(cache)]

    check(in_two_parts, (k, v), "three positions, then two more")
    check(
        length_of_parts,
        [0, 3, 5, 0],
        "the length of a new cache, after three positions, after two more, after reset",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    k = torch.arange(10.0).view(1, 5, 2)
    v = -k

    def in_two_parts():
        cache = KVCache()
        cache.append(k[:, :3], v[:, :3])
        return cache.append(k[:, 3:], v[:, 3:])

    def length_of_parts():
        cache = KVCache()
        lengths = [len(cache)]
        for part in (slice(0, 3), slice(3, 5)):
            cache.append(k[:, part], v[:, part])
            lengths.append(len(cache))
        cache.reset()
        return [*lengths, len(cache)]

    found["three positions, then two more"] = Diagnosis(
        mistakes={"Return all positions so far, not only the new ones.": (k[:, 3:], v[:, 3:])}
    )
    found["the length of a new cache, after three positions, after two more, after reset"] = (
        Diagnosis(
            if_raises="A new cache is empty: its length is 0.",
            mistakes={"`len` counts positions, not calls.": [0, 1, 2, 0]},
        )
    )
    return found


# %% graded: 2 points | append returns all keys and all values so far, in their order.
def test_1() -> None:
    for case, (lead, counts) in enumerate(
        [
            ((2, 3), (1, 1, 1)),
            ((2,), (4, 1, 2)),
            ((1, 2), (5, 1, 1, 3)),
            ((2, 1, 3), (2, 2)),
            ((3,), (9, 1, 1)),
        ]
    ):
        generator = torch.Generator().manual_seed(case_rng("KVCache", case).getrandbits(40))
        total = sum(counts)
        k, v = (
            torch.randn(*lead, total, 4, generator=generator),
            torch.randn(*lead, total, 4, generator=generator),
        )
        ends = [sum(counts[: number + 1]) for number in range(len(counts))]
        parts = [slice(end - count, end) for count, end in zip(counts, ends)]

        def everything():
            cache = KVCache()
            return [
                cache.append(k[..., part, :].clone(), v[..., part, :].clone()) for part in parts
            ]

        wanted = [(k[..., :end, :], v[..., :end, :]) for end in ends]

        def mistakes():
            def joined(x, dim):
                return [
                    torch.cat([x[..., part, :] for part in parts[: number + 1]], dim=dim)
                    for number in range(len(parts))
                ]

            def in_front(x):
                return [
                    torch.cat([x[..., part, :] for part in reversed(parts[: number + 1])], dim=-2)
                    for number in range(len(parts))
                ]

            def pairs(one, other):
                return list(zip(one, other))

            last = [part.stop - 1 for part in parts]
            found = {}
            if len(set(counts)) == 1 or len(lead) < 2:
                for dim in range(len(lead)):
                    try:
                        found[
                            f"Positions were joined along the dimension {dim}, the batch or the heads. The sequence dimension is -2."
                        ] = pairs(joined(k, dim), joined(v, dim))
                    except RuntimeError:  # pieces of unequal length do not join there
                        continue
            found |= {
                "append returned nothing: is a `return` missing?": lambda got: (
                    isinstance(got, list)
                    and None in [one for one in got if not isinstance(one, torch.Tensor)]
                ),
                "Only the new positions came back. Return all so far, the earlier ones too.": pairs(
                    [k[..., part, :] for part in parts], [v[..., part, :] for part in parts]
                ),
                "Keys and values are swapped: return (k, v).": [(b, a) for a, b in wanted],
                "The values were not kept: only the new ones came back beside all keys.": pairs(
                    [a for a, _ in wanted], [v[..., part, :] for part in parts]
                ),
                "The keys were not kept: only the new ones came back beside all values.": pairs(
                    [k[..., part, :] for part in parts], [b for _, b in wanted]
                ),
                "The order is wrong: new positions go behind the earlier ones (at the end), not in front.": pairs(
                    in_front(k), in_front(v)
                ),
                "Of several positions at once, as a prompt has, only the last one was kept.": pairs(
                    [k[..., last[: number + 1], :] for number in range(len(parts))],
                    [v[..., last[: number + 1], :] for number in range(len(parts))],
                ),
                "Positions got lost: the cache must grow, and keep all so far.": lambda got: (
                    isinstance(got, list)
                    and any(
                        isinstance(one, tuple | list) and one[0].shape[-2] < end
                        for one, end in zip(got, ends)
                    )
                ),
                "The first append returned positions that were never appended to this cache: does it share a store (a class"
                " attribute) with another cache?": lambda got: (
                    isinstance(got, list)
                    and isinstance(got[0], tuple | list)
                    and got[0][0].shape[-2] > ends[0]
                ),
            }
            return found

        check(
            everything,
            wanted,
            f"keys {tuple(k.shape)} in parts of {', '.join(map(str, counts))} positions",
            mistakes=mistakes,
            if_raises="The sequence dimension is -2, whatever the number of leading dimensions; and each cache has a store of its own.",
            otherwise="Join the new positions behind the earlier ones, along the sequence dimension -2.",
        )


# %% graded: 1 point | len counts positions, and two caches are separate.
def test_2() -> None:
    def new_beside_a_full_one():
        full, fresh = KVCache(), KVCache()
        full.append(torch.ones(2, 4, 3), torch.ones(2, 4, 3))
        return len(fresh)

    check(
        new_beside_a_full_one,
        0,
        "the length of a new cache, while another cache holds four positions",
        if_raises="A new cache is empty, and has the length 0, before anything is appended.",
        mistakes={
            "Two caches share one store: keep it in the object (self, in __init__), not in the class.": (
                lambda got: isinstance(got, int) and got > 0
            )
        },
    )

    def lengths(batch, heads, counts):
        cache = KVCache()
        found = []
        for count in counts:
            cache.append(torch.ones(batch, heads, count, 2), torch.ones(batch, heads, count, 2))
            found.append(len(cache))
        return found

    for batch, heads, counts in ((2, 3, (5, 1, 1)), (7, 1, (1, 4)), (1, 4, (3, 3, 3, 3))):
        ends = [sum(counts[: number + 1]) for number in range(len(counts))]
        check(
            lambda: lengths(batch, heads, counts),
            ends,
            f"the length after {', '.join(map(str, counts))} positions, with a batch of {batch} and {heads} heads",
            mistakes={
                "`len` counts the calls of append. It counts positions: a call may add several.": list(
                    range(1, len(counts) + 1)
                ),
                "`len` is the size of the batch. It counts positions, along the sequence dimension -2.": [
                    batch
                ]
                * len(counts),
                "`len` is the number of heads. It counts positions, along the sequence dimension -2.": [
                    heads
                ]
                * len(counts),
                "`len` counts the new positions only. It counts all so far.": list(counts),
            },
            otherwise="`len(cache)` is the number of positions so far.",
        )


# %% graded: 1 point | after reset a cache is as good as new.
def test_3() -> None:
    old, new = torch.full((2, 3, 4), 7.0), torch.arange(16.0).view(2, 2, 4)

    def after_reset():
        cache = KVCache()
        cache.append(old, old)
        cache.reset()
        length = len(cache)
        k, v = cache.append(new, -new)
        return [length, k, v, len(cache)]

    forgotten = "After `reset` the cache must be empty:"
    check(
        after_reset,
        [0, new, -new, 2],
        "three positions, reset, two others",
        if_raises=f"{forgotten} it can then be used again.",
        mistakes={
            f"{forgotten} its length is still the old one.": lambda got: (
                isinstance(got, list) and got[0] == 3
            ),
            f"{forgotten} the length is 0, but the old keys and values are still there.": (
                lambda got: (
                    isinstance(got, list) and got[1].shape[-2] == 5 and got[2].shape[-2] == 5
                )
            ),
            f"{forgotten} the old values are still there.": (
                lambda got: isinstance(got, list) and got[2].shape[-2] == 5
            ),
            f"{forgotten} the old keys are still there.": lambda got: (
                isinstance(got, list) and got[1].shape[-2] == 5
            ),
            f"{forgotten} its length still counts the positions of before the reset.": (
                lambda got: isinstance(got, list) and got[3] == 5
            ),
        },
        otherwise=f"{forgotten} then it holds what is appended from there on.",
    )

    def reset_twice():
        cache = KVCache()
        cache.reset()
        cache.append(old, old)
        cache.reset()
        cache.reset()
        return len(cache)

    check(reset_twice, 0, "reset of an empty cache", if_raises="An empty cache may be reset.")
