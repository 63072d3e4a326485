"""Exercise `near_duplicates`: find the texts that are nearly the same."""


# %% solution
def near_duplicates(texts: list[str], n: int = 3, threshold: float = 0.8) -> list[tuple[int, int]]:
    """Return the pairs of texts that are nearly the same.

    Args:
        texts: the documents.
        n: words in a shingle.
        threshold: Jaccard similarity from which on two texts are near duplicates.

    Returns:
        Pairs of indices i < j with a similarity of at least the threshold, sorted.
    """
    ### BEGIN SOLUTION
    # The references, so that this answer is right whatever became of the one before it.
    from utils.text.duplicates import jaccard, shingles

    sets = [shingles(text, n) for text in texts]
    return [
        (i, j)
        for i in range(len(sets))
        for j in range(i + 1, len(sets))
        if jaccard(sets[i], sets[j]) >= threshold
    ]
    ### END SOLUTION


# %% hints
HINTS = (
    "Every pair once: the second index runs from where?",
    (
        "Make the shingles of each text once. For i, and j from i + 1 on, keep (i, j) when their"
        " Jaccard similarity is at least the threshold."
    ),
)
EXPLANATION = """
The two loops give each pair once, with i < j, and already sorted. `>=` takes the pairs at the
threshold itself. Shingles are computed once for each text and not once for each pair, which
matters: a thousand texts have half a million pairs.
"""


# %% helpers
from copy import copy

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    first, last = "one two three four five six", "one two three four five six seven"
    texts = [first, "Something else altogether here", last]  # 4 of 5 runs in common
    check(lambda: near_duplicates(texts), [(0, 2)], "the first and the last, similarity 0.8")
    check(lambda: near_duplicates(texts, threshold=0.81), [], "the same with threshold 0.81")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "the first and the last, similarity 0.8": Diagnosis(
            mistakes={
                "A pair at the threshold itself counts: at least 0.8.": [],
                "Give each pair once, with i < j.": [(0, 2), (2, 0)],
                "A text is no duplicate of itself: i < j.": [(0, 0), (0, 2), (1, 1), (2, 2)],
                "Count the texts from 0.": [(1, 3)],
            },
            otherwise="Return pairs of indices: (0, 2) alone.",
        ),
        "the same with threshold 0.81": Diagnosis(
            mistakes={"The argument `threshold` has no effect.": [(0, 2)]},
            otherwise="0.8 is below 0.81: no pair is left.",
        ),
    }


# %% graded: 2 points | all pairs of similar texts, once each, sorted.
def test_1() -> None:
    def similar(text, other, n=3, lower=True, units=str.split, measure="union"):
        """The test's own similarity, from sorted lists of runs."""

        def cut(one):
            words = list(units(one.lower() if lower else one))
            starts = range(max(1, len(words) - n + 1))
            return {tuple(words[at : at + n]) for at in starts}

        a, b = cut(text), cut(other)
        below = {
            "union": len(a | b),
            "smaller": min(len(a), len(b)),
            "dice": (len(a) + len(b)) / 2,
        }[measure]
        return len([one for one in a if one in b]) / below

    def are_pairs(got):
        """Whether an answer has the form of a list of pairs of whole numbers."""
        return isinstance(got, list | tuple | set) and all(
            isinstance(pair, list | tuple)
            and len(pair) == 2
            and all(isinstance(one, int) for one in pair)
            for pair in got
        )

    def pairs_where(keep, texts):
        return [
            (i, j)
            for i in range(len(texts))
            for j in range(i + 1, len(texts))
            if keep(texts[i], texts[j])
        ]

    check(
        lambda: (
            copy(near_duplicates(["a b c d", "a b c d"])) == near_duplicates(["a b c d", "a b c d"])
        ),
        True,
        "the same call twice",
        mistakes={
            "Your code keeps state between calls: the second call with the same input gives another result.": (
                False
            )
        },
    )
    for case in range(5):
        rng = case_rng("near_duplicates", case)
        vocabulary = [
            f"{a}{b}" for a in ("ka", "lo", "mi", "ta", "vu") for b in ("n", "r", "sha", "ti")
        ]
        threshold = rng.choice([0.5, 0.8, 0.6]) if case else 0.8
        texts = []
        for _ in range(3):
            page = rng.choices(vocabulary, k=rng.randint(22, 30))
            texts.append(" ".join(page))
            texts.append(" ".join(page).upper())  # the same in capitals
            texts.append(" ".join([*page, *rng.choices(vocabulary, k=2)]))  # a footer
            texts.append(" ".join([*page[::-1]]))  # the same words in another order
            texts.append(
                " ".join([*page, *rng.choices(vocabulary, k=22)])
            )  # one text inside another
        rng.shuffle(texts)
        wanted = pairs_where(lambda a, b: similar(a, b) >= threshold, texts)
        check(
            lambda: near_duplicates(list(texts), 3, threshold),
            wanted,
            "15 texts, with copies in capitals, with footers, reversed, and inside longer ones;"
            f" threshold {threshold}",
            mistakes=lambda: {
                "Capitals make no difference: lower-case the words.": pairs_where(
                    lambda a, b: similar(a, b, lower=False) >= threshold, texts
                ),
                "Return a list of pairs of indices, without their similarity.": lambda got: (
                    not are_pairs(got)
                ),
                "Count the texts from 0.": [(i + 1, j + 1) for i, j in wanted],
                "Give each pair once, with i < j.": lambda got: any(
                    pair[::-1] in got for pair in got if pair[0] != pair[1]
                ),
                "A text is no duplicate of itself: i < j.": lambda got: any(
                    pair[0] == pair[1] for pair in got
                ),
                "Only neighbouring texts were compared. Compare every text with every other.": [
                    pair for pair in wanted if pair[1] == pair[0] + 1
                ],
                "Each text was paired once only. Report every pair that is similar.": lambda got: (
                    set(map(tuple, got)) < set(wanted)
                    and {j for _, j in got} == {j for _, j in wanted}
                ),
                "The pairs are right but not sorted, or not in a list.": (
                    lambda got: sorted(map(tuple, got)) == wanted
                ),
                "You compared single words, so another order of the same words looks equal. Compare shingles of n words.": pairs_where(
                    lambda a, b: similar(a, b, n=1) >= threshold, texts
                ),
                "You compared runs of characters. Shingles are runs of words.": pairs_where(
                    lambda a, b: similar(a, b, units=list) >= threshold, texts
                ),
                "A short text inside a long one is no near duplicate: divide by the size of the union.": pairs_where(
                    lambda a, b: similar(a, b, measure="smaller") >= threshold, texts
                ),
                "This is Dice's coefficient: divide by the size of the union.": pairs_where(
                    lambda a, b: similar(a, b, measure="dice") >= threshold, texts
                ),
                "These are the pairs below the threshold.": pairs_where(
                    lambda a, b: similar(a, b) < threshold, texts
                ),
                "Only exact copies were found.": pairs_where(
                    lambda a, b: a.lower() == b.lower(), texts
                ),
            },
            otherwise="Compare the shingles of each text with those of every later one.",
        )


# %% graded: 1 point | n and the threshold are used, with their defaults, and the threshold itself is included.
def test_2() -> None:
    edited = [
        "a b c d e f g h i j",
        "a b c d X f g h i j",
        "a b c d e f g h i k",
        "k j i h g f e d c b",
    ]
    for arguments, wanted, hint in (
        # In threes the pairs (0, 1), (0, 2), (1, 2) have 5/11, 7/9 and 4/12; in single words 9/11 or 2/3.
        ({"n": 3, "threshold": 0.75}, [(0, 2)], "Only the first and third have at least 0.75."),
        (
            {"n": 3, "threshold": 0.4},
            [(0, 1), (0, 2)],
            "The threshold has no effect: use the argument.",
        ),
        (
            {"n": 1, "threshold": 0.7},
            [(0, 1), (0, 2), (0, 3), (2, 3)],
            "`n` has no effect: use the argument.",
        ),
        ({"n": 9, "threshold": 0.3}, [(0, 2)], "`n` has no effect: use the argument."),
        ({}, [], "The default is n = 3 and a threshold of 0.8: no pair is similar enough."),
    ):
        check(
            lambda: near_duplicates(list(edited), **arguments),
            wanted,
            f"four texts with {arguments}",
            otherwise=hint,
        )
    for texts, arguments in (
        (["p q r s t u", "p q r s t u v"], {}),  # 4 of 5 shingles
        (["p q r s", "p q r s t u"], {"threshold": 0.5}),  # 2 of 4 shingles
        (["p q", "q r", "x"], {"n": 1, "threshold": 0.25}),  # 1 of 3 words: above
        (["p q r s", "p x y"], {"n": 1, "threshold": 1 / 6}),  # 1 of 6 words
    ):
        check(
            lambda: near_duplicates(list(texts), **arguments),
            [(0, 1)],
            f"{texts} with {arguments or 'the defaults'}",
            mistakes={"A similarity equal to the threshold counts: at least, not more than.": []},
        )
    check(
        lambda: near_duplicates(["p q r s t", "p q r s t u"]),
        [],
        "3 of 4 shingles are common, and the default threshold is 0.8",
        mistakes={"A similarity of 0.75 is below the threshold of 0.8.": [(0, 1)]},
    )


# %% graded: 1 point | short texts, chains of similar texts, no texts; the texts stay as they were.
def test_3() -> None:
    texts = ["Hello there", "good bye", "hello  THERE", "hello", "there hello"]
    with inputs_unchanged(texts):
        check(
            lambda: near_duplicates(texts),
            [(0, 2)],
            "texts of fewer than three words",
            mistakes={
                "Short texts were left out. A text of fewer than n words is one shingle of all of them.": [],
                "Two short texts are not alike because both are short: each is one shingle of its words.": (
                    lambda got: isinstance(got, list) and len(got) > 1
                ),
            },
        )
    # Each link of the chain is similar to the next, and its ends are not similar to each other.
    chain = ["a b c d e f g h", "c d e f g h i j", "e f g h i j k l"]
    check(
        lambda: near_duplicates(chain, threshold=0.5),
        [(0, 1), (1, 2)],
        "a chain: the first is similar to the second, the second to the third",
        mistakes={
            "The ends of a chain are not similar themselves. Report pairs, not groups.": [
                (0, 1),
                (0, 2),
                (1, 2),
            ],
            "A text that was found once is compared with the others all the same.": (
                lambda got: isinstance(got, list) and len(got) == 1
            ),
        },
    )
    four = ["m n o p", "x y z w", "x y z w", "m n o p"]
    check(
        lambda: near_duplicates(four),
        [(0, 3), (1, 2)],
        "two pairs, one inside the other",
        mistakes={"The pairs are not sorted: (0, 3) comes before (1, 2).": [(1, 2), (0, 3)]},
    )
    check(
        lambda: near_duplicates(["s t u"] * 3),
        [(0, 1), (0, 2), (1, 2)],
        "three equal texts make three pairs",
    )
    check(
        lambda: near_duplicates([]), [], "no texts", if_raises="Without texts there are no pairs."
    )
    check(
        lambda: near_duplicates(["alone"]),
        [],
        "one text",
        otherwise="A text is no duplicate of itself.",
    )
