"""Exercise `train_bpe`: byte-pair encoding on UTF-8 bytes, merge after merge."""


# %% solution
def train_bpe(texts: list[str], n_merges: int) -> list[tuple[int, int]]:
    """Return the merges of a byte-level byte-pair encoding, in the order in which they were made.

    Args:
        texts: the training texts; each is turned into its UTF-8 bytes.
        n_merges: how many merges to make at most. The first gets the id 256, the next 257, and so
            on.

    Returns:
        The merged pairs of ids; fewer than `n_merges` when no pair occurs at least twice.
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
from copy import copy

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


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
def test_1() -> None:
    def pair_counts(sequences, overlaps=True):
        table = {}
        for sequence in sequences:
            blocked = -1
            for at in range(len(sequence) - 1):
                pair = (sequence[at], sequence[at + 1])
                if not overlaps and at == blocked and pair[0] == pair[1]:
                    continue
                blocked = at + 1
                table[pair] = table.get(pair, 0) + 1
        return table

    def replaced(sequence, pair, new_id):
        out = []
        for one in sequence:
            if out and out[-1] == pair[0] and one == pair[1]:
                out[-1] = new_id
            else:
                out.append(one)
        return out

    def learn(sequences, n_merges, first_id=256, step=1, applied=True, needed=2, overlaps=True):
        """The test's own trainer: the merges, and whether every choice was without a tie."""
        merges, clear = [], True
        for number in range(n_merges):
            table = pair_counts(sequences, overlaps)
            if not applied:
                table = {pair: count for pair, count in table.items() if pair not in merges}
            ranked = sorted(table, key=lambda pair: (-table[pair], pair))
            if not ranked or table[ranked[0]] < needed:
                break
            clear = clear and not (len(ranked) > 1 and table[ranked[1]] == table[ranked[0]])
            merges.append(ranked[0])
            if applied:
                sequences = [
                    replaced(sequence, ranked[0], first_id + step * number)
                    for sequence in sequences
                ]
        return merges, clear

    def first_text(sequences):
        """The merges when each one is applied to the first text alone."""
        merges = []
        for number in range(5):
            table = pair_counts(sequences)
            merges.append(min(table, key=lambda pair: (-table[pair], pair)))
            sequences = [replaced(sequences[0], merges[-1], 256 + number), *sequences[1:]]
        return merges

    check(
        lambda: copy(train_bpe(["abab"], 1)) == train_bpe(["abab"], 1),
        True,
        "the same call twice",
        mistakes={
            "Your code keeps state between calls: the second call with the same input gives another result.": (
                False
            )
        },
    )
    for case in range(5):
        rng = case_rng("train_bpe", case)
        attempt = 0
        while (
            True
        ):  # until the first five choices are clear, with overlapping pairs counted either way
            attempt += 1
            letters = rng.sample("abcdefghij", 4)
            words = [
                "".join(rng.choice(letters) for _ in range(rng.randint(2, 4))) for _ in range(6)
            ]
            texts = [
                " ".join(rng.choices(words, weights=[32, 16, 8, 4, 2, 1], k=rng.randint(3, 9)))
                for _ in range(8)
            ]
            start = [list(text.encode()) for text in texts]
            wanted, clear = learn(start, 5)
            if (
                clear
                and len(wanted) == 5
                and max(max(pair) for pair in wanted) > 256
                and learn(start, 5, overlaps=False) == (wanted, True)
            ):
                break
            assert attempt < 10_000, "no case without ties was found"
        check(
            lambda: train_bpe(list(texts), 5),
            wanted,
            f"five merges on eight lines of the letters {''.join(sorted(letters))}",
            mistakes=lambda: {
                "The merges were never applied: after each one, replace the pair everywhere and count again.": learn(
                    start, 5, applied=False
                )[0],
                "Return the merges as pairs, in the order in which they were made.": lambda got: (
                    not isinstance(got, list | tuple)
                    or any(not isinstance(one, list | tuple) for one in got)
                ),
                "The merges are applied to the first text only. Replace the pair in every text.": (
                    first_text(start)
                ),
                "Every merge got the same new id. The first is 256, the second 257, and so on.": (
                    learn(start, 5, step=0)[0]
                ),
                **{
                    f"The new ids start at {first}. Bytes take 0 to 255, so the first merge gets 256.": learn(
                        start, 5, first_id=first
                    )[0]
                    for first in (0, 1, 255, 257, 258)
                },
                "One merge too few.": wanted[:4],
                "Make `n_merges` merges, not more.": lambda got: len(got) > 5,
                "No merge was made. `n_merges` is the number of merges, not the size of the vocabulary.": [],
                "The texts were split into words. Spaces are bytes like any other.": learn(
                    [list(word.encode()) for text in texts for word in text.split()], 5
                )[0],
                **{
                    f"The texts were joined with {glue!r}. A pair never spans two texts.": learn(
                        [list(glue.join(texts).encode())], 5
                    )[0]
                    for glue in ("", " ", "\n")
                },
            },
            otherwise=(
                "Count the pairs of all texts, merge the most frequent one everywhere, and count"
                " again."
            ),
        )


# %% graded: 1 point | the units are UTF-8 bytes, spaces and capitals included.
def test_2() -> None:
    def beyond_bytes(got):
        """Whether the first merge is of ids that no byte has."""
        return (
            isinstance(got, list)
            and bool(got)
            and isinstance(got[0], list | tuple)
            and max(got[0]) > 255
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
                "These are code points of characters. Start from the UTF-8 bytes, `text.encode('utf-8')`.": (
                    beyond_bytes
                ),
                "These are not the bytes of UTF-8: use `text.encode('utf-8')`.": lambda got: (
                    isinstance(got, list)
                    and bool(got)
                    and got[0] not in (wanted[0], list(wanted[0]))
                ),
            },
            if_raises="Any text can be turned into bytes with `text.encode('utf-8')`.",
        )
    check(
        lambda: train_bpe(["lololow low", "slow wallow low low", "low"], 4),
        [(108, 111), (256, 119), (257, 32), (258, 257)],
        '"low " with its space is a token',
        mistakes={
            "The texts were split into words, so no token holds a space. Spaces are bytes like any other.": (
                lambda got: isinstance(got, list) and got[2:3] not in ([(257, 32)], [[257, 32]])
            ),
            "You stopped too early: a pair that occurs exactly twice is still merged.": (
                lambda got: isinstance(got, list) and len(got) < 4
            ),
        },
    )
    check(
        lambda: train_bpe(["aaa", "aab", "aaa", "aaa"], 5),
        [(97, 97), (256, 97)],
        '"aaa" becomes 256 and a, and that pair is merged next',
        mistakes={
            "Merges overlap: in a, a, a the middle one was used twice.": lambda got: (
                isinstance(got, list) and len(got) > 1 and got[1] in ((256, 256), [256, 256])
            ),
            "You merged from right to left. Go from left to right.": lambda got: (
                isinstance(got, list) and len(got) > 1 and got[1] in ((97, 256), [97, 256])
            ),
        },
    )
    check(
        lambda: train_bpe(["AbAbAb", "abab"], 1),
        [(65, 98)],
        '"Ab" occurs three times and "ab" twice',
        mistakes={"The texts were lower-cased. A capital letter is another byte.": [(97, 98)]},
    )


# %% graded: 1 point | training stops when no pair occurs twice, pairs never span two texts, and the texts stay as they were.
def test_3() -> None:
    for texts, wanted in (
        (["hat at that", "that hat hat"], [(97, 116), (104, 256), (257, 32)]),
        (["é béb aéb", "aébnaéaébaé"], [(195, 169), (97, 256), (257, 98)]),
    ):
        for n_merges in (len(wanted), len(wanted) + 1, 500):
            check(
                lambda: train_bpe(list(texts), n_merges),
                wanted,
                f"{n_merges} merges wanted on {texts}",
                if_raises="When no pair is left, return the merges made so far.",
                mistakes={
                    "You went on with pairs that occur once. Stop when no pair occurs at least twice.": (
                        lambda got: isinstance(got, list) and len(got) > len(wanted)
                    ),
                    "You stopped too early: a pair that occurs exactly twice is still merged.": (
                        lambda got: isinstance(got, list) and len(got) < len(wanted)
                    ),
                },
            )
    check(
        lambda: train_bpe(["xy", "xy", "xy"], 5),
        [(120, 121)],
        'the three texts "xy"',
        if_raises="After one merge no pair is left: stop early, and return the merges made so far.",
        mistakes={
            "The texts were joined, or pairs counted across their ends. A pair never spans two texts.": (
                lambda got: isinstance(got, list) and len(got) > 1
            ),
            "Repeated texts were counted once. Count in every text.": [],
        },
    )
    for texts, n_merges, what in (
        (["abab"], 0, "no merges wanted"),
        ([], 5, "no texts"),
        (["", "a", "bc", "cd"], 5, "texts in which no pair occurs twice"),
    ):
        check(
            lambda: train_bpe(list(texts), n_merges),
            [],
            what,
            if_raises="There is nothing to merge: return an empty list.",
            otherwise="There is nothing to merge: return an empty list.",
        )
    texts = ["red", "rare rare", "arena reread"]
    with inputs_unchanged(texts):
        check(lambda: train_bpe(texts, 2), [(114, 101), (97, 256)], f"two merges on {texts}")
