"""Exercise `train_bpe`: byte-pair encoding on UTF-8 bytes, merge after merge."""


# %% solution
def train_bpe(texts: list[str], n_merges: int) -> list[tuple[int, int]]:
    """Return the merges of a byte-level byte-pair encoding, in the order in which they were made.

    Args:
        texts: the training texts; each is turned into its UTF-8 bytes.
        n_merges: how many merges to make at most. The first gets the id 256, the next 257, and so
            on.

    Returns:
        The merged pairs of ids, each the most common of its step (of several the smallest);
        fewer than `n_merges` when no pair occurs at least twice.
    """
    ### BEGIN SOLUTION
    # The references, so that this answer is right whatever became of the two before it.
    from utils.text.bpe_by_hand import merge_pair, most_common_pair

    sequences = [list(text.encode("utf-8")) for text in texts]
    merges: list[tuple[int, int]] = []
    while len(merges) < n_merges:
        pair = most_common_pair(sequences)
        occurrences = sum(
            (left, right) == pair
            for sequence in sequences
            for left, right in zip(sequence, sequence[1:])
        )
        if occurrences < 2:
            break
        sequences = [merge_pair(sequence, pair, 256 + len(merges)) for sequence in sequences]
        merges.append(pair)
    return merges
    ### END SOLUTION


# %% hints
HINTS = (
    "Three steps again and again: which pair is most common, write it down, replace it everywhere.",
    (
        'Start from `list(text.encode("utf-8"))`. The k-th merge (from 0) gets the id `256 + k`.'
        " Count the pair that you are about to merge: below two, stop."
    ),
)
EXPLANATION = """
Bytes take the ids 0 to 255, so any text can be written and new ids start at 256. Each merge is
applied before the next pair is counted; that is how a merge becomes part of a longer one. A pair
that occurs once saves nothing, hence the stop. Overlaps count as `most_common_pair` counts them,
so `aaa` has the pair (a, a) twice.
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

TOO_EARLY = "You stopped too early: a pair that occurs exactly twice is still merged."
TOO_LATE = "You went on with pairs that occur once. Stop when no pair occurs at least twice."
WORDS = "The texts were split into words. Spaces are bytes like any other."
ITSELF = "A byte next to itself was left out. Two equal ids are a pair like any other."
TIE = "On a tie the smallest pair wins, by its first id, then by its second."
PAIRS = "Return the merges as pairs of ids, in the order in which they were made."
LOWERED = "The texts were lower-cased. A capital letter is another byte."
FOREIGN = (
    "The merges hold an id below 256 that is no byte of the texts. Take the bytes of their UTF-8,"
    " add no mark or separator, and number the new ids from 256."
)
NONE_LEFT = "When no pair is left, stop and return the merges made so far, perhaps none."


def not_pairs(got):
    return any(len(pair) != 2 or not isinstance(pair[0], int) for pair in got)


def has_foreign_bytes(texts):
    """A predicate: whether merges hold an id below 256 that is no byte of the texts."""
    known = {*"".join(texts).encode(), *range(256, 100_000)}
    return lambda got: any(one not in known for pair in got for one in pair)


def replaced(sequence, pair, new_id):
    merged, is_used = [], True  # whether the last id is a merge of this step
    for one in sequence:
        if not is_used and (merged[-1], one) == tuple(pair):
            merged[-1], is_used = new_id, True
        else:
            merged.append(one)
            is_used = False
    return merged


def ranked(sequences, overlaps=True):
    """Pairs with their counts, the next to be merged first."""
    counts = {}
    for sequence in sequences:
        last = -1  # where the pair before began, if it was counted
        for at, pair in enumerate(zip(sequence, sequence[1:])):
            if overlaps or at - 1 != last or pair[0] != pair[1]:
                counts[pair] = counts.get(pair, 0) + 1
                last = at
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def learn(sequences, n_merges, first_id=256, step=1, within=None, overlaps=True):
    """Train: the merges, and whether each choice was without a tie; mistakes by the arguments.

    `within` merges are applied to that many sequences alone; all when it is None.
    """
    merges, clear = [], True
    for number in range(n_merges):
        table = [
            (pair, count)
            for pair, count in ranked(sequences, overlaps)
            if within != 0 or pair not in merges
        ]
        if not table or table[0][1] < 2:
            break
        pair = table[0][0]
        clear = clear and (len(table) == 1 or table[1][1] < table[0][1])
        merges.append(pair)
        reached = len(sequences) if within is None else within
        new = [replaced(one, pair, first_id + step * number) for one in sequences[:reached]]
        sequences = [*new, *sequences[reached:]]
    return merges, clear


def clear_case(case):
    """Eight random lines whose first five merges are beyond doubt, whichever way overlaps count."""
    rng = case_rng("train_bpe", case)
    for _ in range(10_000):
        letters = rng.sample("abcdefghij", 4)
        words = ["".join(rng.choices(letters, k=rng.randint(2, 4))) for _ in range(6)]
        longest = 9 if case < 4 else 40
        lines = [
            " ".join(rng.choices(words, weights=[32, 16, 8, 4, 2, 1], k=rng.randint(3, longest)))
            for _ in range(8)
        ]
        start = [list(text.encode()) for text in lines]
        merges, clear = learn(start, 5)
        is_deep = len(merges) == 5 and max(map(max, merges)) > 256
        if clear and is_deep and learn(start, 5, overlaps=False) == (merges, True):
            return lines, merges
    raise RuntimeError("no case without ties was found")


# %% examples
def examples(check):
    texts = ["red", "rare rare", "arena reread"]  # re is 256, a + re is 257, r + are is 258
    merges = [(114, 101), (97, 256), (114, 257)]
    check(lambda: train_bpe(texts, 3), merges, "three merges")
    check(lambda: train_bpe(texts, 50), merges, "fifty wanted, no pair occurs twice after three")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    applied = (
        "The merges were counted but never applied: once (r, e) is 256, it can be part of the next"
        " pair."
    )
    new_ids = (
        "The new ids are wrong: bytes take 0 to 255, so the first merge gets 256 and the second"
        " 257."
    )
    return {
        "three merges": Diagnosis(
            mistakes={
                applied: lambda got: len(got) > 1 and all(max(pair) < 256 for pair in got),
                new_ids: lambda got: tuple(got[0]) == (114, 101),
            },
            otherwise="The most common pair of bytes is (r, e), which is (114, 101).",
        ),
        "fifty wanted, no pair occurs twice after three": Diagnosis(
            mistakes={
                "You went on with pairs that occur once. Stop when no pair occurs at least twice.": (
                    lambda got: len(got) > 3
                )
            },
            if_raises="When no pair is left, stop and return the merges so far.",
            otherwise="Stop when no pair occurs at least twice, with the merges made so far.",
        ),
    }


# %% graded: 3 points | the merges in order, each applied before the next is chosen, with ids from 256 up.
def test_merges_in_order() -> None:
    check_same_again(
        lambda: train_bpe(["abab"], 1),
        "one merge on 'abab'",
        between=lambda: train_bpe(["pqrstuvw"] * 2, 7),
    )
    for case in range(5):
        texts, wanted = clear_case(case)
        start = [list(text.encode()) for text in texts]
        check(
            lambda: train_bpe(list(texts), 5),
            wanted,
            f"five merges on {texts}",
            mistakes=lambda: {
                "The merges were never applied: after each one, replace the pair everywhere and count again.": learn(
                    start, 5, within=0
                )[0],
                PAIRS: not_pairs,
                # Both leave so many of the first pair that it wins each time.
                "The merge is not applied, or in the first text only. Replace the pair in every"
                " text, then count again.": AnyOf(
                    [wanted[0]] * 5, learn(start, 5, within=1)[0]
                ),
                "Every merge got the same new id. The first is 256, the second 257, and so on.": (
                    learn(start, 5, step=0)[0]
                ),
                "Bytes take the ids 0 to 255, so the first merge gets 256 and the next 257.": AnyOf(
                    *(learn(start, 5, first_id=first)[0] for first in (0, 1, 255, 257, 258)),
                    learn(start, 5, first_id=max(map(max, start)) + 1)[0],
                    learn(start, 5, first_id=len(set("".join(texts))))[0],
                ),
                "Make `n_merges` merges, not one less or more.": (
                    lambda got: len(got) in (4, 6) and list(got[:5]) == wanted[: len(got)]
                ),
                "No merge was made. Go on while fewer than `n_merges` merges are made and a pair"
                " occurs at least twice. `n_merges` is not the size of the vocabulary.": [],
                WORDS: learn([list(word.encode()) for text in texts for word in text.split()], 5)[
                    0
                ],
                FOREIGN: has_foreign_bytes(texts),
                "A new id is never part of a later pair. Count the pairs of all ids, the new ones too.": (
                    lambda got: all(max(pair) < 256 for pair in got)
                ),
            },
            otherwise=(
                "Count the pairs of all texts, merge the most frequent one everywhere, and count"
                " again."
            ),
        )
    for texts, n_merges, wanted in (
        (["dcab", "abdc", "e"], 2, [(97, 98), (100, 99)]),  # no text is repeated
        (["dc", "ab", "dc", "ab"], 2, [(97, 98), (100, 99)]),
        (["za", "b9", "za", "b9"], 1, [(98, 57)]),
        (["ad", "ab", "ad", "ab"], 2, [(97, 98), (97, 100)]),  # the second id decides
    ):
        check(
            lambda: train_bpe(list(texts), n_merges),
            wanted,
            f"{n_merges} of the pairs of {texts}, which tie",
            mistakes={
                TOO_EARLY: lambda got: len(set(texts)) > 2 and got == wanted[: len(got)],
                "Repeated texts were counted once. Count in every text.": [],
                FOREIGN: has_foreign_bytes(texts),
            },
            otherwise=TIE,
        )
    check(
        lambda: train_bpe(["aa", "aa", "aa", "aa b", "aac", "aac", "zy", "zy"], 3),
        [(97, 97), (122, 121), (256, 99)],
        "zy and aac, which tie after aa",
        mistakes={ITSELF: lambda got: (97, 97) not in map(tuple, got)},
        otherwise="A tie goes to the smaller ids, not to the bytes that they stand for.",
    )
    letters = case_rng("train_bpe", "long").sample(range(33, 127), 80)
    long = bytes(letters).decode()
    check(
        lambda: train_bpe([long, long], 200),
        learn([letters, letters], 200)[0],
        "the same 80 characters twice: 79 merges into one token",
        mistakes=lambda: {LOWERED: learn([[*long.lower().encode()]] * 2, 200)[0]},
        otherwise="There may be any number of merges, and a token may become as long as a text.",
    )


# %% graded: 1 point | the units are UTF-8 bytes, spaces and capitals included; overlaps count plainly.
def test_units_are_bytes() -> None:
    utf8 = (
        "Start from the bytes of UTF-8, `list(text.encode('utf-8'))`, not from code points or"
        " another encoding."
    )
    for texts, wanted in (
        (["é béb aéb", "aébnaéaébaé"], [(195, 169), (97, 256), (257, 98)]),
        (["ननननक", "नन", "नकनन"], [(224, 164), (256, 168), (257, 257)]),
        (["да", "дада дада", "дадада", "днед"], [(208, 180), (256, 208), (257, 176), (258, 258)]),
    ):
        check(
            lambda: train_bpe(list(texts), len(wanted)),
            wanted,
            f"{len(wanted)} merges on {texts}",
            mistakes={
                PAIRS: not_pairs,
                utf8: lambda got: (
                    tuple(got[0])
                    not in {p for one in texts for p in zip(one.encode(), one.encode()[1:])}
                ),
            },
            if_raises=utf8,
        )
    check(
        lambda: train_bpe(["lololow low", "slow wallow low low", "low"], 4),
        [(108, 111), (256, 119), (257, 32), (258, 257)],
        '"low " with its space is a token',
        mistakes={
            TOO_EARLY: [(108, 111), (256, 119), (257, 32)],
            WORDS: lambda got: (257, 32) not in map(tuple, got),
        },
    )
    as_it_is = "Take the bytes as they are: strip or normalise nothing."
    for texts, wanted in (
        ([" \n", " \n", "a\t", "a\t"], [(32, 10), (97, 9)]),
        (["e\u0301", "e\u0301"], [(101, 204), (256, 129)]),
        (["\ufb01", "\ufb01"], [(172, 129), (239, 256)]),
        (["\0\0", "\0\0"], [(0, 0)]),
    ):
        check(
            lambda: train_bpe(list(texts), 3),
            wanted,
            f"three merges wanted on {texts}",
            mistakes={
                TIE: lambda got: (
                    tuple(got[0]) != wanted[0]
                    and bytes(got[0]) in "\n".join(texts).encode()
                ),
                "A text of one character can have several bytes: leave no text out.": (
                    lambda got: got == [] and len(texts[0]) == 1
                ),
            },
            otherwise=as_it_is,
            if_raises=as_it_is,
        )
    check(
        lambda: train_bpe(["AbAbAb", "abab"], 1),
        [(65, 98)],
        '"Ab" occurs three times and "ab" twice',
        mistakes={LOWERED: [(97, 98)]},
    )
    check(
        lambda: train_bpe(["aaax", "aaay", "aaaz"], 5),
        [(97, 97), (256, 97)],
        '"aaa" becomes 256 and a, and that pair is merged next',
        mistakes={
            TOO_LATE: lambda got: len(got) > 2,
            "Merges overlap: in a, a, a the middle one was used twice.": (
                lambda got: tuple(got[1]) == (256, 256)
            ),
            "You merged from right to left. Go from left to right.": (
                lambda got: tuple(got[1]) == (97, 256)
            ),
        },
    )
    for texts, wanted in (
        (["aaa"], [(97, 97)]),
        (["aaaa", "bcbcbc"], [(97, 97), (98, 99), (257, 257)]),
    ):
        check(
            lambda: train_bpe(list(texts), 3),
            wanted,
            f"{texts}: a, a, a holds the pair (a, a) twice",
            otherwise="Count plainly, as `most_common_pair` does: overlapping pairs all count.",
        )


# %% graded: 1 point | training stops when no pair occurs twice, pairs never span two texts, and the texts stay as they were.
def test_training_stops_early() -> None:
    for texts, wanted in (
        (["hat at that", "that hat hat"], [(97, 116), (104, 256), (257, 32)]),
        (["é béb aéb", "aébnaéaébaé"], [(195, 169), (97, 256), (257, 98)]),
    ):
        for n_merges in (len(wanted), len(wanted) + 1, 500):
            check(
                lambda: train_bpe(list(texts), n_merges),
                wanted,
                f"{n_merges} merges wanted on {texts}",
                mistakes={
                    PAIRS: not_pairs,
                    FOREIGN: has_foreign_bytes(texts),
                    TOO_LATE: lambda got: len(got) > len(wanted),
                    TOO_EARLY: lambda got: len(got) < len(wanted),
                },
            )
    for texts, n_merges, wanted, hint in (
        (
            ["xy", "xy", "xy"],
            5,
            [(120, 121)],
            "The texts were joined. A pair never spans two texts.",
        ),
        (["", "xy", "xy", "xy"], 3, [(120, 121)], "An empty text has no pair, and the others still count."),
        (["abab"], 0, [], "`n_merges` is 0: make no merge, also if a pair occurs twice."),
        ([], 5, [], NONE_LEFT),
        (["", "a", "bc", "cd"], 5, [], NONE_LEFT),
    ):
        check(
            lambda: train_bpe(list(texts), n_merges),
            wanted,
            f"{n_merges} merges wanted on {texts}",
            mistakes=(
                {"Repeated texts were counted once. Count in every text.": []}
                if texts[:1] == ["xy"]
                else {}
            ),
            if_raises=NONE_LEFT,
            otherwise=hint,
        )
    texts = ["red", "rare rare", "arena reread"]
    with inputs_unchanged(texts):
        check(lambda: train_bpe(texts, 2), [(114, 101), (97, 256)], f"two merges on {texts}")
