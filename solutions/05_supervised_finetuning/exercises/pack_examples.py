"""Exercise `pack_examples`: short examples share a row, so that less is computed for padding."""

# %% solution
from collections.abc import Sequence


def pack_examples(examples: Sequence[Sequence[int]], max_length: int) -> list[list[int]]:
    """Return packs of token ids: each example goes into the first pack that has room for it.

    Args:
        examples: token ids of each example, in the order in which they are placed.
        max_length: most tokens of a pack.

    Returns:
        For each pack the ids of its examples, one after the other; no example is cut.

    Raises:
        ValueError: an example is longer than max_length.
    """
    ### BEGIN SOLUTION
    packs: list[list[int]] = []
    for place, example in enumerate(examples):
        if len(example) > max_length:
            size = len(example)
            raise ValueError(f"examples[{place}] has {size} ids, max_length is {max_length}")
        for pack in packs:
            if len(pack) + len(example) <= max_length:
                pack.extend(example)
                break
        else:
            packs.append(list(example))
    return packs
    ### END SOLUTION


# %% hints
HINTS = (
    (
        "An early pack may still have room for a short example that comes late. Where do you start"
        " to look?"
    ),
    (
        "For each example, in the order given, go through all packs from the first; the first with"
        " `len(pack) + len(example) <= max_length` takes it. If none does, begin a new pack with a"
        " copy of the example."
    ),
)
EXPLANATION = """
First-fit looks at every open pack, from the oldest, so late short examples fill gaps that long ones
left. It never needs more than 1.7 times the fewest packs (plus a fraction of one), without sorting
and so without changing which examples meet. Cutting examples would fill every row to the end, but an
answer would lose its question. In training, a mask keeps the examples of a pack from seeing each
other.
"""

# %% helpers
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, check_refused, inputs_unchanged

FIRST = "Take the examples in the order given, and each into the first pack that has room for it."


def first_fit(examples, room):
    packs = []
    for example in examples:
        fits = [pack for pack in packs if len(pack) + len(example) <= room]
        (fits[0] if fits else packs).extend(example if fits else [[*example]])
    return packs


def other_fit(examples, room, choose):
    packs = []
    for example in examples:
        fits = [pack for pack in packs if len(pack) + len(example) <= room]
        if fits:
            choose(fits, packs, example, room).extend(example)
        else:
            packs.append([*example])
    return packs


def next_fit(examples, room):
    packs = [[]]
    for example in examples:
        if len(packs[-1]) + len(example) > room:
            packs.append([])
        packs[-1].extend(example)
    return packs


def strict_fit(examples, room):
    """First-fit by an answer that never fills a pack to the last place by adding to it."""
    packs = []
    for example in examples:
        fits = [pack for pack in packs if len(pack) + len(example) < room]
        (fits[0] if fits else packs).extend(example if fits else [[*example]])
    return packs


def by_count(examples, room, nested=False):
    packs = []
    for start in range(0, len(examples), room):
        packs.append([one for example in examples[start : start + room] for one in example])
    return packs


def wrong_packs(examples, room):
    right = first_fit(examples, room)
    flat = [one for example in examples for one in example]
    parts, where = [[] for _ in right], {}
    for place, example in enumerate(examples):  # ids of an example are its own, in these tests
        where[place] = next(number for number, pack in enumerate(right) if example[0] in pack)
        parts[where[place]].append([*example])
    places = [[p for p in where if where[p] == number] for number in range(len(right))]
    longest = sorted(examples, key=len, reverse=True)
    hints = {
        "Only the last pack is looked at: an earlier one may still have room.": next_fit(
            examples, room
        ),
        "Each goes into the fullest pack that has room (best-fit): the first one is due.": (
            other_fit(examples, room, lambda fits, *_: max(fits, key=len))
        ),
        "Each goes into the emptiest pack that has room (worst-fit): the first one is due.": (
            other_fit(examples, room, lambda fits, *_: min(fits, key=len))
        ),
        "Each goes into the last pack that has room: the first one is due.": other_fit(
            examples, room, lambda fits, *_: fits[-1]
        ),
        "The examples were sorted: take them in the order given.": AnyOf(
            first_fit(longest, room), first_fit(sorted(examples, key=len), room)
        ),
        "Examples were cut: each stays whole, in one pack.": [
            flat[start : start + room] for start in range(0, len(flat), room)
        ],
        "A pack that is filled to the last place is fine: at most max_length tokens.": strict_fit(
            examples, room
        ),
        "A pack is one list of ids: join its examples.": parts,
        "These are the places of the examples: return their ids.": places,
        "Packs are not padded: they hold the examples and nothing else.": lambda got: (
            len(got) == len(right)
            and all(pack[: len(due)] == due for pack, due in zip(got, right))
            and len({one for pack, due in zip(got, right) for one in pack[len(due) :]}) == 1
        ),
        "Something stands between the examples of a pack: join them as they are.": lambda got: (
            len({one for pack in got for one in pack} - set(flat)) == 1
        ),
        "Each example has a pack of its own: let those share that fit.": [[*e] for e in examples],
        "New examples go to the end of a pack, after those that are there.": [
            [one for part in pack[::-1] for one in part] for pack in parts
        ],
        "An example went into more than one pack: the first one with room is enough.": lambda got: (
            sum(map(len, got)) > len({one for pack in got for one in pack} & set(flat))
            and all(isinstance(one, int) for pack in got for one in pack)
            and {one for pack in got for one in pack} <= set(flat)
        ),
        "max_length counts tokens, not examples.": by_count(examples, room),
        "The packs are in another order: each stays where it was begun, a new one goes to the end.": (
            lambda got: got != right and sorted(got) == sorted(right)
        ),
        "The last pack is missing.": right[:-1],
        "The first pack is empty: begin a pack when an example needs it.": [[], *right],
        "Ids of a pack were sorted: keep their order.": [sorted(pack) for pack in right],
        "A pack ended up with more than max_length tokens: add up those of the pack and of the"
        " example.": lambda got: any(
            type(p) is list and p and type(p[0]) is int and len(p) > room for p in got
        ),
    }
    return {hint: wrong for hint, wrong in hints.items() if callable(wrong) or wrong != right}


def drawn_examples(rng, lengths):
    ids = rng.sample(range(1, 20 * sum(lengths)), sum(lengths))
    examples, start = [], 0
    for length in lengths:
        examples.append(ids[start : start + length])
        start += length
    return examples


# %% examples
def examples(check):
    texts = [[1, 2, 3], [4, 5, 6, 7], [8], [9, 10]]
    due = [[1, 2, 3, 8], [4, 5, 6, 7], [9, 10]]
    check(lambda: pack_examples(texts, 4), due, "four examples, packs of four")
    check(lambda: pack_examples(texts, 7), [[1, 2, 3, 4, 5, 6, 7], [8, 9, 10]], "packs of seven")
    check.refused(lambda: pack_examples(texts, 3), "an example of four ids, packs of three")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    texts = [[1, 2, 3], [4, 5, 6, 7], [8], [9, 10]]
    return {
        "four examples, packs of four": Diagnosis(wrong_packs(texts, 4), FIRST),
        "packs of seven": Diagnosis(wrong_packs(texts, 7), FIRST),
        "an example of four ids, packs of three": Diagnosis(
            otherwise="It fits nowhere, and cutting it would lose a part: refuse it."
        ),
    }


# %% graded: 2 points | first-fit in the order given, no example cut.
def test_first_fit_in_the_order_given() -> None:
    rng = case_rng("pack_examples", 1)
    # Lengths for which first, next, best, worst and last fit, and sorting, all give different packs.
    for lengths, room in (
        # In the first, more examples than a pack has places: counting them gives several packs.
        ([2, 3, 5, 2, 6, 7, 4, 5, 5, 8, 7, 1], 9),
        ([6, 7, 3, 5, 2, 4, 1, 3, 2], 10),
        ([4, 8, 5, 3, 6, 2, 1, 4, 3, 2, 1], 11),
        ([31, 40, 9, 22, 17, 8, 12, 3, 30, 5, 11, 2], 50),
    ):
        examples = drawn_examples(rng, lengths)
        with inputs_unchanged(examples):
            check(
                lambda: pack_examples(examples, room),
                first_fit(examples, room),
                f"examples of the lengths {lengths}, packs of {room}",
                mistakes=wrong_packs(examples, room),
                otherwise=FIRST,
                if_raises="All of these examples fit.",
            )


# %% graded: 1 point | many examples, and packs that are filled to the last place.
def test_many_examples_and_full_packs() -> None:
    rng = case_rng("pack_examples", 2)
    full = drawn_examples(rng, [5, 5, 2, 3, 1, 4, 5])
    # The first twenty have a pack each, and the first of the others fit into the first of these.
    lengths = [rng.randint(33, 40) for _ in range(20)]
    lengths += [rng.randint(1, 30 if place else 24) for place in range(rng.randint(90, 130))]
    many = drawn_examples(rng, lengths)
    for examples, room, what in (
        (full, 5, "examples that fill packs exactly"),
        (many, 64, "a hundred examples"),
    ):
        with inputs_unchanged(examples):
            check(
                lambda: pack_examples(examples, room),
                first_fit(examples, room),
                f"{what}, packs of {room}",
                mistakes=wrong_packs(examples, room),
                otherwise=FIRST,
                if_raises="An example as long as max_length fits into a pack of its own.",
            )
    check(
        lambda: pack_examples([[7, 7, 7], [7, 7], [8], [7], [8]], 4),
        [[7, 7, 7, 8], [7, 7, 7, 8]],
        "equal examples, and examples with equal ids",
        mistakes={"Equal ids all stay: nothing is dropped.": lambda got: sum(map(len, got)) < 8},
        otherwise=FIRST,
    )
    zeros = [[0, rng.randint(1, 9)], [5, 0, 0], [0]]
    dropped = "An id of 0 is an id like any other, and stays."
    check(
        lambda: pack_examples(zeros, 4),
        first_fit(zeros, 4),
        f"the examples {zeros}, packs of 4",
        mistakes={dropped: lambda got: not any(0 in pack for pack in got)},
        otherwise=FIRST,
    )


# %% graded: 1 point | refused: an example longer than max_length, wherever it stands.
def test_too_long_examples_are_refused() -> None:
    rng = case_rng("pack_examples", 3)
    for place, extra in ((0, 1), (3, 1), (5, 40)):
        room = rng.randint(6, 20)
        lengths = [rng.randint(1, room) for _ in range(6)]
        lengths[place] = room + extra
        examples = drawn_examples(rng, lengths)
        check_refused(
            lambda: pack_examples(examples, room),
            f"an example of {room + extra} ids for packs of {room}",
            "It fits into no pack, and must be neither cut nor dropped.",
        )
