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
from copy import copy

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


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
def test_1() -> None:
    def through_letters(ids, pair, new_id):
        """The test's own merge: ids as private-use characters, and a regular expression from left
        to right.
        """
        text = "".join(chr(0xE000 + one) for one in ids)
        merged = re.sub("".join(chr(0xE000 + one) for one in pair), chr(0xE000 + new_id), text)
        return [ord(letter) - 0xE000 for letter in merged]

    def from_the_right(ids, pair, new_id):
        return through_letters(ids[::-1], pair[::-1], new_id)[::-1]

    def overlapping(ids, pair, new_id):
        merged, used = [], False
        for at, one in enumerate(ids):
            hit = at + 1 < len(ids) and (one, ids[at + 1]) == pair
            if hit:
                merged.append(new_id)
            elif not used:
                merged.append(one)
            used = hit
        return merged

    def first_only(ids, pair, new_id):
        for at in range(len(ids) - 1):
            if (ids[at], ids[at + 1]) == pair:
                return [*ids[:at], new_id, *ids[at + 2 :]]
        return list(ids)

    def step_by_step(ids, matches, write, used):
        """Other wrong ways: where `matches` two ids, `write` something in their place and go on
        after `used` of them.
        """
        out, at = [], 0
        while at < len(ids):
            if at + 1 < len(ids) and matches(at):
                out += write
                at += used
            else:
                out.append(ids[at])
                at += 1
        return out

    def wrongly_merged(ids, pair, new_id):
        right = through_letters(ids, pair, new_id)

        def is_pair(at):
            return (ids[at], ids[at + 1]) == pair

        return {
            "The middle id of three was used twice, but merges must not overlap. After a merge, go on behind the pair.": overlapping(
                ids, pair, new_id
            ),
            "The second id of the pair stayed. The new id stands for both.": step_by_step(
                ids, is_pair, [new_id], 1
            ),
            "The pair was replaced by two new ids. A single new id stands for both.": step_by_step(
                ids, is_pair, [new_id, new_id], 2
            ),
            "The ids were also replaced where they stand alone. A pair is two neighbours, the left one first.": lambda got: (
                got
                in (
                    [new_id if one in pair else one for one in ids],
                    [one for one in ids if one not in pair],
                )
            ),
            "Only pairs at every second position were replaced. A pair can start anywhere.": [
                one
                for at in range(0, len(ids), 2)
                for one in ([new_id] if tuple(ids[at : at + 2]) == pair else ids[at : at + 2])
            ],
            "The pair was matched in either order. (a, b) and (b, a) are different pairs.": (
                step_by_step(
                    ids, lambda at: (ids[at], ids[at + 1]) in (pair, pair[::-1]), [new_id], 2
                )
            ),
            "You merged from right to left. Go from left to right.": from_the_right(
                ids, pair, new_id
            ),
            "Only the first occurrence was replaced. Go on to the end.": first_only(
                ids, pair, new_id
            ),
            "Nothing was replaced. Return a new list with the merges in it.": list(ids),
            "The last id was lost: a loop over pairs ends one id early.": right[:-1],
            "The pair (b, a) was replaced as well. The order matters.": through_letters(
                through_letters(ids, pair, new_id), pair[::-1], new_id
            ),
            "The pair was replaced in the wrong order, as (b, a).": through_letters(
                ids, pair[::-1], new_id
            ),
            "The new id was put in, but the pair was not taken out completely.": (
                lambda got: isinstance(got, list) and len(got) > len(right) and new_id in got
            ),
            "Return the list alone.": lambda got: isinstance(got, int),
        }

    check(
        lambda: copy(merge_pair([1, 2, 3], (1, 2), 256)) == merge_pair([1, 2, 3], (1, 2), 256),
        True,
        "the same call twice",
        mistakes={
            "Your code keeps state between calls: the second call with the same input gives another result.": (
                False
            )
        },
    )
    for case in range(8):
        rng = case_rng("merge_pair", case)
        left, right, other = rng.sample(range(255), 3)
        pair = (left, right) if case % 2 else (left, left)
        ids = [rng.choice([left, left, right, other]) for _ in range(rng.randint(25, 40))] + [
            *pair,
            other,
            left,
            right,
        ][: 2 + case % 4]
        check(
            lambda: merge_pair(list(ids), pair, 300 + case),
            through_letters(ids, pair, 300 + case),
            f"{len(ids)} random ids, the pair {pair}",
            mistakes=wrongly_merged(ids, pair, 300 + case),
            otherwise=(
                "Go from left to right; where the next two ids are the pair, write the new id and"
                " step over both."
            ),
        )
    for length in range(2, 9):
        ids = [1] * length
        check(
            lambda: merge_pair([1] * length, (1, 1), 256),
            [256] * (length // 2) + [1] * (length % 2),
            f"{length} times the id 1, with the pair (1, 1)",
            mistakes=wrongly_merged(ids, (1, 1), 256),
        )


# %% graded: 1 point | the ends, sequences without the pair, and ids that only look alike; the input stays as it was.
def test_2() -> None:
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
        (
            [11, 1, 1, 11],
            (1, 11),
            [11, 1, 256],
            "Ids are numbers: joined as text, 11 looks like 1 and 1.",
        ),
        (
            [11, 2, 1, 21],
            (1, 2),
            [11, 2, 1, 21],
            "Ids are numbers: joined as text, 11 ends like 1.",
        ),
        (
            [300, 301, 7, 300, 301],
            (300, 301),
            [256, 7, 256],
            "Ids above 255 are merged like any other.",
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
