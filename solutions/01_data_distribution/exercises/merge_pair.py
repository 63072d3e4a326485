"""Exercise `merge_pair`: replace a pair of neighbours by one new id."""


# %% solution
def merge_pair(ids: list[int], pair: tuple[int, int], new_id: int) -> list[int]:
    """Return the ids with every occurrence of a pair replaced, from left to right and without
    overlap.

    Args:
        ids: token ids; not modified.
        pair: the two neighbours to replace.
        new_id: the id that stands for them.
    """
    ### BEGIN SOLUTION
    merged = []
    position = 0
    while position < len(ids):
        if position + 1 < len(ids) and (ids[position], ids[position + 1]) == tuple(pair):
            merged.append(new_id)
            position += 2
        else:
            merged.append(ids[position])
            position += 1
    return merged
    ### END SOLUTION


# %% hints
HINTS = (
    "Walk from left to right with a position of your own. How far do you move after a merge?",
    (
        "While the position is inside: if this id and the next are the pair, append `new_id` and"
        " move two; otherwise append the id and move one."
    ),
)
EXPLANATION = """
After a merge the walk goes on behind the pair, so no id is used twice and `[1, 1, 1]` becomes
`[new, 1]`. The last id has no right neighbour, which is why the comparison asks for `position +
1` first. A new list is returned; the input stays as it was.
"""


# %% helpers
import re

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_same_again,
    inputs_unchanged,
)


NO_ID = "Beyond the ends there is no id, also no 0: two ids make a pair, one alone never does."
WIDE = "Ids may be of any size: they do not fit into 16 bits or one character."


def through_letters(ids, pair, new_id):
    """The right merge: ids as private-use characters, a regular expression from left to right."""
    text = "".join(chr(0xE000 + one) for one in ids)
    merged = re.sub("".join(chr(0xE000 + one) for one in pair), chr(0xE000 + new_id), text)
    return [ord(letter) - 0xE000 for letter in merged]


def step_by_step(ids, pairs, write, used=2):
    """Where the next two ids are one of `pairs`, write something and go on after `used` of them."""
    merged, at = [], 0
    while at < len(ids):
        is_pair = tuple(ids[at : at + 2]) in pairs
        merged += write if is_pair else ids[at : at + 1]
        at += used if is_pair else 1
    return merged


def overlapping(ids, pair, new_id):
    hits = {at for at in range(len(ids)) if tuple(ids[at : at + 2]) == pair}
    free = [at for at in range(len(ids)) if at in hits or at - 1 not in hits]
    return [new_id if at in hits else ids[at] for at in free]


def side_by_side(ids, pair, new_id):
    """As if a pair right behind a merge could not be seen."""
    merged, at = [], 0
    while at < len(ids):
        if tuple(ids[at : at + 2]) == pair:
            merged += [new_id, *ids[at + 2 : at + 3]]
            at += 3
        else:
            merged.append(ids[at])
            at += 1
    return merged


def wrongly_merged(ids, pair, new_id):
    """From a hint to the ids that its mistake leaves."""
    right = through_letters(ids, pair, new_id)
    first = next((at for at in range(len(ids)) if tuple(ids[at : at + 2]) == pair), len(ids))
    return {
        "The middle id of three was used twice, but merges must not overlap. After a merge, go on behind the pair.": overlapping(
            ids, pair, new_id
        ),
        "The second id of the pair stayed. The new id stands for both.": step_by_step(
            ids, [pair], [new_id], used=1
        ),
        "The pair was replaced by two new ids. A single new id stands for both.": step_by_step(
            ids, [pair], [new_id, new_id]
        ),
        "The ids were also replaced where they stand alone. A pair is two neighbours, the left one first.": AnyOf(
            [new_id if one in pair else one for one in ids], [one for one in ids if one not in pair]
        ),
        "Only pairs at every second position were replaced. A pair can start anywhere.": [
            one
            for at in range(0, len(ids), 2)
            for one in ([new_id] if tuple(ids[at : at + 2]) == pair else ids[at : at + 2])
        ],
        "Of two pairs side by side the second one stayed. Each occurrence is replaced.": side_by_side(
            ids, pair, new_id
        ),
        "The last id was written once more, though it had been merged.": [*right, ids[-1]],
        "The order matters: (a, b) and (b, a) are different pairs.": AnyOf(
            step_by_step(ids, [pair, pair[::-1]], [new_id]),
            through_letters(right, pair[::-1], new_id),
            *([through_letters(ids, pair[::-1], new_id)] if pair[0] != pair[1] else []),
        ),
        "You merged from right to left. Go from left to right.": through_letters(
            ids[::-1], pair[::-1], new_id
        )[::-1],
        "Only the first occurrence was replaced. Go on to the end.": [
            *ids[:first],
            new_id,
            *ids[first + 2 :],
        ],
        "The new id is the argument `new_id`.": [256 if one == new_id else one for one in right],
        "Nothing was replaced. Return a new list with the merges in it.": list(ids),
        "The last id was lost: a loop over pairs ends one id early.": right[:-1],
    }


# %% examples
def examples(check):
    banana = [98, 97, 110, 97, 110, 97]
    check(lambda: merge_pair(banana, (97, 110), 256), [98, 256, 256, 97], "banana, merging (a, n)")
    check(lambda: merge_pair([1, 1, 1], (1, 1), 256), [256, 1], "[1, 1, 1] with the pair (1, 1)")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    overlap = "The middle id was used twice. After a merge, go on behind the pair."
    return {
        "banana, merging (a, n)": Diagnosis(
            mistakes={
                "Only the first occurrence was replaced. Go on to the end.": [98, 256, 97, 110, 97],
                "The last id was lost.": [98, 256, 256],
                "Nothing was replaced: compare two neighbours with the pair.": [
                    98,
                    97,
                    110,
                    97,
                    110,
                    97,
                ],
            },
            otherwise="Each occurrence of 97, 110 becomes one 256; all other ids stay.",
        ),
        "[1, 1, 1] with the pair (1, 1)": Diagnosis(
            mistakes={
                overlap: [256, 256],
                "You merged from right to left. Go from left to right.": [1, 256],
            },
            otherwise="The first two become 256, the third is left over.",
        ),
    }


# %% graded: 2 points | every occurrence is replaced, from left to right and without overlap.
def test_every_occurrence_is_replaced_from_left_to_right() -> None:
    check_same_again(lambda: merge_pair([1, 2, 3], (1, 2), 256), "[1, 2, 3] with the pair (1, 2)")
    for case in range(8):
        rng = case_rng("merge_pair", case)
        # All of three digits: whether an answer that compares texts fails is the next cell's, not chance's.
        left, right, other = rng.sample(range(100, 255), 3)
        pair = (left, right) if case % 2 else (left, left)
        ids = rng.choices([left, left, right, other], k=rng.randint(25, 40 if case < 6 else 200))
        ids += [*pair, other, left, right][: 2 + case % 4]
        check(
            lambda: merge_pair(list(ids), pair, 300 + case),
            through_letters(ids, pair, 300 + case),
            f"{len(ids)} random ids, the pair {pair}",
            mistakes=lambda: wrongly_merged(ids, pair, 300 + case),
            otherwise=(
                "Go from left to right; where the next two ids are the pair, write the new id and"
                " step over both."
            ),
        )
    for length in range(2, 9):
        check(
            lambda: merge_pair([1] * length, (1, 1), 256),
            [256] * (length // 2) + [1] * (length % 2),
            f"{length} times the id 1, with the pair (1, 1)",
            mistakes=lambda: wrongly_merged([1] * length, (1, 1), 256),
        )


# %% graded: 1 point | the ends, sequences without the pair, and ids that only look alike; the input stays as it was.
def test_ends_and_lookalikes() -> None:
    numbers = "Ids are numbers: joined as text, 11 looks like 1 and 1, or ends like 1."
    for ids, pair, wanted, hint in (
        ([], (1, 2), [], "No ids give no ids."),
        ([1], (1, 2), [1], "A single id stays as it is."),
        ([1, 2], (1, 2), [256], "The whole sequence can be the pair."),
        ([3, 1, 2], (1, 2), [3, 256], "A pair at the end must be replaced too."),
        ([1, 2, 3], (1, 2), [256, 3], "The id behind the last pair was lost."),
        ([1, 3, 2], (1, 2), [1, 3, 2], "Only neighbours are a pair."),
        ([2, 1, 1], (1, 2), [2, 1, 1], "The pair (2, 1) is not the pair (1, 2)."),
        (
            [1, 1, 2],
            (1, 2),
            [1, 256],
            "After a first id that does not fit, try again with the next.",
        ),
        ([0, 0, 5], (0, 5), [0, 256], "0 is an id like any other."),
        ([7, 5], (5, 0), [7, 5], NO_ID),
        ([5, 7], (0, 5), [5, 7], NO_ID),
        ([11, 2, 1, 21], (1, 2), [11, 2, 1, 21], numbers),
        ([11, 1, 1, 11], (1, 11), [11, 1, 256], numbers),
        (
            [300, 301, 7, 300, 301],
            (300, 301),
            [256, 7, 256],
            # Under `is` this fails where ids are sent to the answer, and not where they are shared with it.
            "Ids above 255 are merged like any other. Compare them with `==`: `is` asks whether two"
            " numbers are the same object.",
        ),
        ([70_001, 4465, 9], (4465, 9), [70_001, 256], WIDE),
        ([70_001, 9, 4465, 9], (70_001, 9), [256, 4465, 9], WIDE),
        (
            [int("1000"), int("2000")],  # equal to the pair's numbers, and not the same objects
            (int("1000"), int("2000")),
            [256],
            "Compare ids with `==`: `is` asks whether two numbers are the same object.",
        ),
    ):
        with inputs_unchanged(ids):
            check(
                lambda: merge_pair(ids, pair, 256),
                wanted,
                f"{ids} with the pair {pair}",
                otherwise=hint,
                if_raises=hint,
            )
