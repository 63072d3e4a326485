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
import functools

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    call_answer,
    case_rng,
    check,
    check_same_again,
    inputs_unchanged,
)

ITSELF = "A text is no duplicate of itself: i < j."
THRESHOLD = "The threshold has no effect: use the argument."
NO_N = "`n` has no effect: use the argument."
COPIES = "Exact copies were left out. They are near duplicates too."


@functools.cache  # each text is compared with every other
def shingle_set(text, n, lower, units):
    words = list(units(text.lower() if lower else text))
    return frozenset(tuple(words[at : at + n]) for at in range(max(1, len(words) - n + 1)))


def similar(text, other, n=3, lower=True, units=str.split, measure="union"):
    """Jaccard similarity of two texts; mistakes by the arguments."""
    a, b = shingle_set(text, n, lower, units), shingle_set(other, n, lower, units)
    sizes = {"union": len(a | b), "smaller": min(len(a), len(b)), "dice": (len(a) + len(b)) / 2}
    return len(a & b) / sizes[measure]


def pairs_where(texts, keep):
    return [(i, j) for j in range(len(texts)) for i in range(j) if keep(texts[i], texts[j])]


def pages_with_copies(rng, n_pages):
    """Pages with copies in capitals, with footers, reversed, and inside longer texts."""
    syllables = ("ka", "lo", "mi", "ta", "vu"), ("n", "r", "sha", "ti")
    vocabulary = [a + b for a in syllables[0] for b in syllables[1]]
    texts = []
    for number in range(n_pages):
        # Of 46 words the first 24 hold half of the shingles: a tie at the threshold 0.5.
        page = rng.choices(vocabulary, k=24 if number < 2 else rng.randint(22, 30))
        footer, rest = rng.choices(vocabulary, k=2), rng.choices(vocabulary, k=22)
        variants = (page, [*page, *footer], page[::-1], [*page, *rest])
        texts += [" ".join(page).upper(), *(" ".join(words) for words in variants)]
    rng.shuffle(texts)
    return texts


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
def test_all_pairs_of_similar_texts() -> None:
    check_same_again(lambda: near_duplicates(["a b c d", "a b c d"]), "two equal texts")
    unsorted = ["z y x", "m n o", "a b c"]
    with inputs_unchanged(unsorted):
        call_answer(lambda: near_duplicates(unsorted), f"the texts {unsorted}")
    for case in range(5):
        rng = case_rng("near_duplicates", case)
        threshold = (0.8, 0.5)[case] if case < 2 else rng.choice([0.5, 0.8, 0.6])
        texts = pages_with_copies(rng, 8 if case < 4 else 14)

        def at_least(**measured):
            return sorted(pairs_where(texts, lambda a, b: similar(a, b, **measured) >= threshold))

        wanted = at_least()
        last = len(texts) - 1
        check(
            lambda: near_duplicates(list(texts), 3, threshold),
            wanted,
            f"{len(texts)} texts, with copies in capitals, with footers, reversed, and inside"
            f" longer ones; threshold {threshold}",
            mistakes=lambda: {
                "Capitals make no difference: lower-case the words.": at_least(lower=False),
                "Return a list of pairs of indices, without their similarity.": lambda got: any(
                    len(pair) != 2 or not all(isinstance(one, int) for one in pair) for pair in got
                ),
                "Count the texts from 0.": [(i + 1, j + 1) for i, j in wanted],
                "Give each pair once, with i < j.": lambda got: any(
                    pair[::-1] in got for pair in got if pair[0] != pair[1]
                ),
                ITSELF: lambda got: any(i == j for i, j in got),
                "The smaller index comes first in a pair: i < j.": lambda got: all(
                    i > j for i, j in got
                )
                and sorted((j, i) for i, j in got) == wanted,
                "Every pair is in the result. Keep those whose similarity reaches the threshold.": (
                    lambda got: len(got) == last * (last + 1) // 2
                ),
                "A similarity equal to the threshold counts: at least, not more than.": (
                    lambda got: len(got) < len(wanted)
                    and sorted(map(tuple, got))
                    == sorted(pairs_where(texts, lambda a, b: similar(a, b) > threshold))
                ),
                "The last text is compared with no other. `range` stops before its end.": (
                    lambda got: len(got) < len(wanted)
                    and list(map(tuple, got)) == [pair for pair in wanted if pair[1] != last]
                ),
                "Only neighbouring texts were compared. Compare every text with every other.": [
                    (i, j) for i, j in wanted if j == i + 1
                ],
                "Each text was paired once only. Report every pair that is similar.": lambda got: (
                    set(map(tuple, got)) < set(wanted)
                    and len({j for _, j in got}) == len(got)
                    and {j for _, j in got} == {j for _, j in wanted}
                ),
                "The pairs are right but not sorted, or not in a list.": (
                    lambda got: sorted(map(tuple, got)) == wanted
                ),
                "You compared single words, so another order of the same words looks equal. Compare shingles of n words.": at_least(
                    n=1
                ),
                "You compared runs of characters. Shingles are runs of words.": at_least(
                    units=list
                ),
                "A short text inside a long one is no near duplicate: divide by the size of the union (not of one set, nor of both as Dice does).": AnyOf(
                    at_least(measure="smaller"), at_least(measure="dice")
                ),
                "These are the pairs below the threshold.": sorted(
                    pairs_where(texts, lambda a, b: similar(a, b) < threshold)
                ),
                "Only exact copies were found.": sorted(
                    pairs_where(texts, lambda a, b: a.lower() == b.lower())
                ),
            },
            otherwise="Compare the shingles of each text with those of every later one.",
        )


# %% graded: 1 point | n and the threshold are used, with their defaults, and the threshold itself is included.
def test_n_and_the_threshold() -> None:
    edited = [
        "a b c d e f g h i j",
        "a b c d X f g h i j",
        "a b c d e f g h i k",
        "k j i h g f e d c b",
    ]
    in_threes = "In threes the pairs (0, 1), (0, 2) and (1, 2) have 5/11, 7/9 and 4/12, the others 0."
    in_ones = "In single words (0, 1), (0, 2), (0, 3) and (2, 3) have 9/11, the others 8/12."
    for arguments, wanted, mistakes, hint in (
        ({"n": 3, "threshold": 0.4}, [(0, 1), (0, 2)], {THRESHOLD: AnyOf([], [(0, 2)])}, in_threes),
        ({"n": 3, "threshold": 0.75}, [(0, 2)], {}, in_threes),
        ({"threshold": 0}, None, {THRESHOLD: []}, "At 0 every pair is similar enough."),
        (
            {"n": 1, "threshold": 0.7},
            [(0, 1), (0, 2), (0, 3), (2, 3)],
            {NO_N: [(0, 2)]},
            in_ones,
        ),
        ({"n": 9, "threshold": 0.3}, [(0, 2)], {NO_N: [(0, 1), (0, 2), (1, 2)]}, ""),
        ({}, [], {}, "The default is n = 3 and a threshold of 0.8: no pair is similar enough."),
    ):
        texts = edited if wanted is not None else edited[:3]  # which share a run of three
        check(
            lambda: near_duplicates(list(texts), **arguments),
            [(0, 1), (0, 2), (1, 2)] if wanted is None else wanted,
            f"{len(texts)} texts with {arguments or 'the defaults'}",
            mistakes=mistakes,
            otherwise=hint,
        )
    for texts, arguments in (
        (["p q r s t u", "p q r s t u v"], {}),  # 4 of 5 shingles
        (["p q r s", "p q r s t u"], {"threshold": 0.5}),  # 2 of 4 shingles
        (["p q", "q r", "x"], {"n": 1, "threshold": 0.25}),  # 1 of 3 words: above
        (["p q r s t u v w", "p 1 2 3 4 5 6 7 8"], {"n": 1, "threshold": 1 / 16}),  # 1 of 16 words
    ):
        check(
            lambda: near_duplicates(list(texts), **arguments),
            [(0, 1)],
            f"{texts} with {arguments or 'the defaults'}",
            otherwise="A similarity equal to the threshold counts: at least, not more than.",
        )
    # 213 of 400 shingles are common, 0.5325.
    words = [f"w{one}" for one in case_rng("near_duplicates", "close").sample(range(900), 402)]
    close = [" ".join(words[:308]), " ".join([*words[:215], *words[308:]])]
    for threshold, wanted in ((0.532, [(0, 1)]), (0.533, [])):
        check(
            lambda: near_duplicates(list(close), threshold=threshold),
            wanted,
            f"two long texts with a similarity of 0.5325, threshold {threshold}",
            otherwise="Compare the similarity itself with the threshold: do not round it or leave a margin.",
        )
    check(
        lambda: near_duplicates(["p q r s t", "p q r s t u"]),
        [],
        "a similarity of 0.75, the defaults",
    )


# %% graded: 1 point | short texts, chains of similar texts, no texts; the texts stay as they were.
def test_short_texts_and_chains() -> None:
    three = [(0, 1), (0, 2), (1, 2)]
    check(
        lambda: near_duplicates(["s t u"] * 3),
        three,
        "three equal texts make three pairs",
        mistakes={
            COPIES: [],
            ITSELF: lambda got: any(i == j for i, j in got),
            "A text that was found once is compared with the others all the same.": AnyOf(
                [(0, 1)], [(0, 1), (0, 2)]
            ),
        },
    )
    texts = ["hello there", "good bye", "hello there", "hello", "there hello"]
    with inputs_unchanged(texts):
        check(
            lambda: near_duplicates(texts),
            [(0, 2)],
            "texts of fewer than three words",
            mistakes={
                "Short texts were left out. A text of fewer than n words is one shingle of all of them.": [],
                "Two short texts are not alike because both are short: each is one shingle of its words.": (
                    lambda got: len(got) > 1
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
        },
    )
    check(
        lambda: near_duplicates(["m n o p", "x y z w", "x y z w", "m n o p"]),
        [(0, 3), (1, 2)],
        "two pairs, one inside the other",
        mistakes={"The pairs are not sorted: (0, 3) comes before (1, 2).": [(1, 2), (0, 3)]},
    )
    for texts, wanted, hint in (
        (
            ["Hello there now", "hello  THERE\tnow"],
            [(0, 1)],
            "Capitals and the kind of white space make no difference.",
        ),
        (
            ["stop, here it is", "stop here it is", "stop here it is."],
            [],
            "Punctuation belongs to its word: words are split at white space only.",
        ),
        (
            ["ab c d", "a bc d"],
            [],
            "Shingles are compared word by word: joined to one string, different ones look the same.",
        ),
        (
            ["s t u s t u s t u s t u", "s t u s t"],
            [(0, 1)],
            "A shingle counts once, however often it occurs, and the length of a text does not count.",
        ),
        (["", "s t u", "  "], [(0, 2)], "Two texts without words are equal: their similarity is 1.0."),
    ):
        check(
            lambda: near_duplicates(list(texts)),
            wanted,
            f"the texts {texts}",
            otherwise=hint,
        )
    for alone in ([], ["alone"]):
        check(
            lambda: near_duplicates(list(alone)),
            [],
            f"the texts {alone}",
            if_raises="Without two texts there are no pairs: return an empty list.",
        )
