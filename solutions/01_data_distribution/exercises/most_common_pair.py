"""Exercise `most_common_pair`: the pair of neighbours that byte-pair encoding merges next."""


# %% solution
def most_common_pair(sequences: list[list[int]]) -> tuple[int, int] | None:
    """Return the most frequent adjacent pair over all sequences.

    Args:
        sequences: sequences of token ids; pairs never span two of them, and overlapping pairs all
            count.

    Returns:
        The pair (left, right); of several with the same count the smallest; None when no sequence
        has two ids.
    """
    ### BEGIN SOLUTION
    from collections import Counter

    counts = Counter(pair for sequence in sequences for pair in zip(sequence, sequence[1:]))
    return min(counts, key=lambda pair: (-counts[pair], pair), default=None)
    ### END SOLUTION


# %% hints
HINTS = (
    "`zip(ids, ids[1:])` gives the pairs of one sequence. Where must no pair come from?",
    (
        "Count the pairs of all sequences in one `Counter`; of those with the highest count take"
        " the smallest: `min(..., key=lambda pair: (-count, pair))`."
    ),
)
EXPLANATION = """
Pairs are counted inside each sequence, so none spans two of them. Sorting by (-count, pair)
settles ties in the same step: the highest count first, then the smallest pair. Without the tie
rule two machines could learn different vocabularies from the same text. With no pair at all,
`default=None` answers.
"""


# %% helpers
from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_same_again,
    inputs_unchanged,
)

WITH_COUNT = "Return the pair alone, without its count."
ACROSS = "A pair was counted across the end of a sequence. Count within each sequence alone."
PLAINLY = (
    "Count all neighbours within each sequence. The largest count wins, then the smaller pair."
)
ANY_SIZE = (
    "Ids and counts may be of any size: use a dictionary or a Counter, no table of a fixed size."
)
RAREST = "The rarest pair wins in your code. The largest count decides, then the smaller pair."
ONCE = "A pair that occurs once is the most frequent one when there is no other."
SHORT = "A sequence of fewer than two ids holds no pair. Go on with the next one."
ZERO = "The id 0 is an id like any other."


def counted(pairs):
    table = {}
    for pair in pairs:
        table[pair] = table.get(pair, 0) + 1
    return table


def best(counts):
    """The most frequent of counted pairs, the smallest among equals."""
    winner = None
    for pair in sorted(counts):
        if winner is None or counts[pair] > counts[winner]:
            winner = pair
    return winner


def neighbours(sequence, step=1):
    return [(sequence[at], sequence[at + 1]) for at in range(0, len(sequence) - 1, step)]


def wrongly_counted(sequences):
    """From a hint to the pair that its mistake finds."""
    every = [pair for one in sequences for pair in neighbours(one)]
    short = [at for at, one in enumerate(sequences) if len(one) < 2]
    weights = {}
    for one in sequences:
        for pair in neighbours(one):
            weights[pair] = weights.get(pair, 0) + 1 / (len(one) - 1)
    unordered = best(counted(tuple(sorted(pair)) for pair in every)) or (None, None)
    tables = [counted(neighbours(one)) for one in sequences]
    counts = counted(every)
    least = min(counts.values())
    ends = AnyOf(min(every), max(every))
    return {
        WITH_COUNT: lambda got: len(got) != 2 or isinstance(got[0], tuple | list),
        ACROSS: best(counted(neighbours([one for sequence in sequences for one in sequence]))),
        "The last pair of each sequence was missed: n ids have n - 1 pairs.": best(
            counted(pair for one in sequences for pair in neighbours(one)[:-1])
        ),
        "An id next to itself was left out. Two equal ids are a pair like any other.": best(
            counted(pair for pair in every if pair[0] != pair[1])
        ),
        "Only every second pair was counted. Neighbours at odd places are pairs too.": best(
            counted(pair for one in sequences for pair in neighbours(one, 2))
        ),
        "Each sequence counted a pair once at most. Count every occurrence.": best(
            counted(pair for one in sequences for pair in set(neighbours(one)))
        ),
        "Only the first sequence was counted. Count over all sequences.": best(tables[0]),
        "The counts of the sequences were not added up. Count each pair over all sequences together.": best(
            {pair: max(table.get(pair, 0) for table in tables) for pair in every}
        ),
        "The order within a pair matters: (a, b) and (b, a) are different pairs.": AnyOf(
            unordered, unordered[::-1]
        ),
        "The last id of a sequence was paired with its first. A sequence is no ring.": best(
            counted([*every, *((one[-1], one[0]) for one in sequences if one)])
        ),
        "You took the winner of each sequence first. Add up the counts of all sequences, then choose.": best(
            counted(best(table) for table in tables if table)
        ),
        "A pair in a short sequence counts more in your code. Every occurrence counts the same.": best(
            weights
        ),
        SHORT: AnyOf(
            None,
            *(
                best(counted(pair for one in sequences[:at] for pair in neighbours(one)))
                for at in short
            ),
        ),
        "The smallest or largest pair wins in your code, whatever its count. The largest count decides.": ends,
        RAREST: lambda got: counts.get(tuple(got)) == least < max(counts.values()),
        "These two ids are never neighbours. Pair each id with the next one.": lambda got: (
            len(got) == 2 and tuple(got) not in counts
        ),
    }


# %% examples
def examples(check):
    check(lambda: most_common_pair([[5, 6, 5, 6], [7, 5, 6]]), (5, 6), "(5, 6) occurs three times")
    tie = [[2, 1], [2, 1], [1, 2], [1, 2], [9, 9]]
    check(lambda: most_common_pair(tie), (1, 2), "(2, 1) and (1, 2) occur twice each")
    check(lambda: most_common_pair([[1], []]), None, "no sequence has two ids")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "(5, 6) occurs three times": Diagnosis(
            mistakes={
                "Return the pair alone, without its count.": lambda got: 3 in got,
                "Pairs must not span two sequences.": (6, 7),
            },
            otherwise="Count neighbours inside each sequence, over all sequences.",
        ),
        "(2, 1) and (1, 2) occur twice each": Diagnosis(
            mistakes={
                "On a tie you took the pair that was seen first. The smallest wins.": (2, 1),
                "(9, 9) occurs once only: the count decides before the size of the pair.": (9, 9),
            },
            otherwise="On a tie the smallest pair wins.",
        ),
        "no sequence has two ids": Diagnosis(
            if_raises="Without any pair, return None.", otherwise="Without any pair, return None."
        ),
    }


# %% graded: 2 points | the most frequent adjacent pair over all sequences.
def test_most_frequent_pair_over_all_sequences() -> None:
    check_same_again(
        lambda: most_common_pair([[5, 6, 4], [5, 6, 9]]),
        "[[5, 6, 4], [5, 6, 9]]",
        between=lambda: most_common_pair([[77, 78, 1]] * 50),
    )
    # One factor at a time: each input brings out one mistake.
    for sequences, wanted in (
        # (7, 3) wins where a short sequence counts more.
        ([[5, 6, 1, 2, 5, 6, 1, 2, 5, 6], [5, 6, 9, 5, 6, 9, 5, 3], [7, 3], [8, 3]], (5, 6)),
        # Pairs without their counts, the rarest pair, and counts that are not added up differ here.
        (
            [[5, 6, 3], [8, 2], [4, 7, 8, 4, 7], [5, 6, 2], [5, 6, 1], [0, 9], [0, 9], [9, 3], [9, 3]],
            (5, 6),
        ),
        # (5, 6) is the winner of no sequence alone.
        ([[1, 9, 5, 6, 8], [2, 7, 5, 6, 3], [0, 4, 5, 6, 9], [8, 2], [8, 2]], (5, 6)),
        ([[1, 2, 5, 6], [3, 4, 5, 6], [7, 0, 5, 6], [8, 9, 4], [8, 9, 7]], (5, 6)),  # at the ends
        (
            [[7, 1], [2, 7], [3, 1], [2, 5], [9, 1], [2, 6], [4, 5], [4, 5]],
            (4, 5),
        ),  # 1, 2 across ends
        ([[9, 1, 2], [8, 1, 2], [7, 1, 2], [5, 6], [5, 6]], (1, 2)),  # at even places (5, 6) wins
        ([[1, 9, 2], [5, 6], [1, 8, 2], [5, 6], [1, 7, 2]], (5, 6)),  # 2, 1 wins in rings
        ([[6, 5], [5, 6], [5, 6], [6, 5], [3, 4], [3, 4], [3, 4]], (3, 4)),  # unordered 5, 6 wins
        ([[4, 4], [4, 4], [4, 4], [1, 2], [1, 2]], (4, 4)),  # an id next to itself
        ([[5, 6, 5, 6, 5, 6, 5, 6], [1, 2], [1, 2], [1, 2]], (5, 6)),  # (1, 2) is in more sequences
        ([[1, 2, 1, 2], [3, 4], [3, 4], [3, 4]], (3, 4)),  # (1, 2) wins in the first alone
        # (3, 4) wins before the short one.
        ([[2, 9, 8], [3, 4, 8], [3, 4, 1], [], [5, 6, 0], [5, 6, 2], [5, 6, 7]], (5, 6)),
        ([[2, 9, 8], [3, 4, 8], [3, 4, 1], [8], [5, 6, 0], [5, 6, 2], [5, 6, 7]], (5, 6)),
    ):
        check(
            lambda: most_common_pair([list(one) for one in sequences]),
            wanted,
            f"the sequences {sequences}",
            mistakes=wrongly_counted(sequences),
            otherwise=PLAINLY,
        )
    once = "Overlapping pairs were counted once. In [4, 4, 4] the pair (4, 4) occurs twice."
    for run, pair in ((4, [2, 3]), (3, [4, 5]), (9, [2, 3])):
        others = [pair] * (run - 2) + [[4, 4]] * (run == 3)
        check(
            lambda: most_common_pair([[4] * run, *others]),
            (4, 4),
            f"{run} times the id 4 in a row, and {others}",
            mistakes={once: tuple(pair)},
        )
    for first in (70_001, 4_000_003):
        found = (first, 1_000_000)
        check(
            lambda: most_common_pair([list(found) * 2, [1, 2]]),
            found,
            f"{found} twice in a row, and (1, 2) once",
            if_raises=ANY_SIZE,
            otherwise=ANY_SIZE,
        )
    for case in range(8):
        rng = case_rng("most_common_pair", case)
        ids = rng.sample(range(1, 900), 5)
        sequences = [rng.choices(ids, k=rng.randint(0, 14 if case % 2 else 150)) for _ in range(7)]
        sequences[0] = ids[:3]
        check(
            lambda: most_common_pair([list(one) for one in sequences]),
            best(counted(pair for one in sequences for pair in neighbours(one))),
            f"seven random sequences, case {case}",
            otherwise=PLAINLY,
        )
    for first, runs in ((7, 300), (3, 70_000)):
        found = (first, 5)
        sequences = [list(found) * runs, [1, 2] * min(5 * runs // 6, 400)]
        check(
            lambda: most_common_pair([list(one) for one in sequences]),
            found,
            f"{found} {runs} times in a row, and (1, 2) less often",
            if_raises=ANY_SIZE,
            otherwise=ANY_SIZE,
        )


# %% graded: 1 point | on a tie the smallest pair wins.
def test_the_smallest_pair_wins_a_tie() -> None:
    rng = case_rng("most_common_pair", "tie")
    many = [[left, rng.randint(1, 99)] for left in rng.sample(range(100, 900), 40)]
    many.append([rng.randint(1, 99), 5])
    for sequences, wanted in (
        ([[1, 9], [2, 1], [2, 1], [1, 9], [0, 3]], (1, 9)),  # (0, 3) is smaller and rarer
        ([[30, 2], [4, 50], [30, 2], [4, 50]], (4, 50)),  # not the first seen
        ([[4, 50], [30, 2], [4, 50], [30, 2]], (4, 50)),  # not the last seen, nor the largest
        ([[9, 100], [10, 5], [9, 90]], (9, 90)),  # not the smallest as text
        ([[6, 2], [5, 300], [7, 1]], (5, 300)),  # not the smallest by its sum or its second id
        ([[2, 8], [1, 9], [1, 7], [2, 8], [1, 7], [1, 9]], (1, 7)),  # the second id decides
        (many, min(map(tuple, many))),  # not the smallest of the first few
    ):
        check(
            lambda: most_common_pair([list(one) for one in sequences]),
            wanted,
            f"the sequences {sequences}",
            mistakes={
                "The count decides first, and only then the size of the pair.": (0, 3),
                ONCE: None,
            },
            otherwise=(
                "Among pairs with the same count the smallest wins: by its first id, then by its"
                " second."
            ),
        )


# %% graded: 1 point | None when no pair is left, and the sequences stay as they were.
def test_none_without_a_pair() -> None:
    for sequences in ([], [[]], [[5]], [[1], [2], [], [3]]):
        check(
            lambda: most_common_pair([list(one) for one in sequences]),
            None,
            f"the sequences {sequences}",
            if_raises="Without any pair there is no maximum: return None.",
            mistakes={ACROSS: lambda got: len(got) == 2},
            otherwise="No sequence has two ids: return None.",
        )
    for sequences, hint in (
        ([[8, 3]], ONCE),
        ([[], [8, 3]], SHORT),
        ([[8], [], [8, 3]], SHORT),
        ([[8, 0]], ZERO),
        ([[0, 8]], ZERO),
        ([[0, 0]], ZERO),
    ):
        check(
            lambda: most_common_pair([list(one) for one in sequences]),
            tuple(sequences[-1]),
            f"the sequences {sequences}",
            mistakes={hint: None},
            if_raises=hint,
        )
    sequences = [[3, 1, 3, 1], [2], [1, 3, 1]]
    with inputs_unchanged(sequences):
        check(lambda: most_common_pair(sequences), (3, 1), f"{sequences}")
