"""Exercise `jaccard` with `shingles`: how much two texts have in common."""


# %% solution
def jaccard(a: set, b: set) -> float:
    """Return the Jaccard similarity of two sets: common elements over all elements; 1.0 for two
    empty sets.
    """
    ### BEGIN SOLUTION
    union = len(a | b)
    return len(a & b) / union if union else 1.0
    ### END SOLUTION


def shingles(text: str, n: int) -> set[tuple[str, ...]]:
    """Return the set of runs of n words, lower-cased and split at white space.

    Args:
        text: a document.
        n: words in a shingle; a text of fewer words is one shingle of all of them.
    """
    ### BEGIN SOLUTION
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[at : at + n]) for at in range(len(words) - n + 1)}
    ### END SOLUTION


# %% hints
HINTS = (
    "Words in runs of n: how many runs fit into a text of that many words?",
    (
        "`len(a & b) / len(a | b)`, and 1.0 when the union is empty. Runs start at 0 to `len(words)"
        " - n`; a shorter text is one run of all its words."
    ),
)
EXPLANATION = """
The union counts common elements once, so equal sets give 1 and sets without a common element 0.
Shingles keep the order of words, which single words lose, and lower case lets a headline match
its copy. A text of fewer than n words is still something: one shingle.
"""


# %% helpers
import re
import string

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_same_again,
    inputs_unchanged,
)

ALL_OF_THEM = "A text of fewer than n words is one shingle that holds all of its words."


def runs(words, n, step=1):
    """All runs of n words, from shifted copies of the words."""
    return set(list(zip(*(words[shift:] for shift in range(n))))[::step])


def text_of_words(rng, case):
    """Some words, and a text of them with all kinds of white space between."""
    choices = ["Tram", "tram,", "late", "IS", "the", "(again)", "Über", "12:30"]
    words = [
        *rng.choices(choices, k=rng.randint(7, 13 if case < 5 else 90)),
        "tram,",
        "the",
        "(again)",
        "-",
        "Straße",
        "End",
    ]
    gaps = rng.choices([" ", "  ", "\t", "\n", " \n "], k=len(words))
    start = "\n" * (case % 2) + " " * (case % 3)
    return words, start + "".join(word + gap for word, gap in zip(words, gaps))


# %% examples
def examples(check):
    check(lambda: jaccard({1, 2, 3}, {2, 3, 4, 5}), 0.4, "two common elements of five")
    runs = {("the", "tram", "is"), ("tram", "is", "late")}
    check(lambda: shingles("The tram is late", 3), runs, "four words in runs of three")
    check(lambda: shingles("Late again", 3), {("late", "again")}, "two words in runs of three")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    twice = (
        "You divided by both sizes, so common elements count twice. Divide by the size of the"
        " union."
    )
    return {
        "two common elements of five": Diagnosis(
            mistakes={
                "You divided by the size of one set. Divide by the size of the union.": AnyOf(
                    2 / 3, 2 / 4
                ),
                twice: AnyOf(2 / 7, 4 / 7),
                "This is the distance. The similarity is 1 for equal sets.": 0.6,
            },
            otherwise="2 and 3 are common, 1 to 5 are all: two of five.",
        ),
        "four words in runs of three": Diagnosis(
            mistakes={
                "Lower-case the words.": {("The", "tram", "is"), ("tram", "is", "late")},
                "The last shingle is missing.": {("the", "tram", "is")},
                "Each shingle is a tuple of words, not a string.": {"the tram is", "tram is late"},
                "Return a set of shingles.": [("the", "tram", "is"), ("tram", "is", "late")],
                "These are single words. A shingle is a run of n words.": {
                    "the",
                    "tram",
                    "is",
                    "late",
                },
            },
            otherwise="Four words hold two runs of three.",
        ),
        "two words in runs of three": Diagnosis(
            mistakes={
                "A text of fewer than n words is one shingle of all of them.": AnyOf(set(), {()})
            },
            otherwise="A text of fewer than n words is one shingle of all of them.",
        ),
    }


# %% graded: 2 points | the similarity of two sets, empty ones included; the sets stay as they were.
def test_common_over_all_elements() -> None:
    for case in range(6):
        rng = case_rng("jaccard", case)
        common, less, more = (
            rng.randint(2, 9),
            rng.randint(1, 6),
            rng.randint(7, 14 if case < 4 else 90),
        )
        only_a, only_b = (more, less) if case % 2 else (less, more)
        common += common in (less, more)  # so that known mistakes differ
        common += common in (less, more)
        union = common + less + more
        elements = [(f"w{label}", "x") for label in rng.sample(range(1000), union)]
        a, b = (
            set(elements[: common + only_a]),
            # Equal to those of a, and not the same objects.
            {(*one,) for one in map(list, elements[:common] + elements[common + only_a :])},
        )
        with inputs_unchanged(a, b):
            check(
                lambda: jaccard(a, b),
                common / union,
                f"{common} common elements, {only_a} only in a, {only_b} only in b",
                mistakes={
                    "You divided by the size of one set. Divide by the size of the union.": AnyOf(
                        common / len(a), common / len(b)
                    ),
                    "This is Dice's coefficient. Jaccard divides the intersection by the union.": (
                        2 * common / (len(a) + len(b))
                    ),
                    "You divided by both sizes, so common elements count twice. Divide by the size of the union.": (
                        common / (len(a) + len(b))
                    ),
                    "This is the distance, 1 minus the similarity.": 1 - common / union,
                    "This is the number of common elements. Divide it by the size of the union.": (
                        common
                    ),
                    "You divided by the elements that are in one set only. The union holds the common ones too.": (
                        common / (less + more)
                    ),
                    "The result is 1 though the sets differ. The intersection goes on top, the union below.": 1.0,
                    "The fraction is upside down. The intersection goes on top, the union below.": (
                        union / common
                    ),
                    "This is a percentage. The similarity lies between 0 and 1.": (
                        100 * common / union
                    ),
                    "The similarity is rounded or cut to a whole number. Return it as it is.": (
                        lambda got: (
                            isinstance(got, int)
                            or any(
                                abs(got - common / union) < 10**-digits
                                and got == round(got, digits) != 0
                                for digits in (1, 2, 3)
                            )
                        )
                        and got != 1
                    ),
                    "No common element was found. Elements are common where they are equal, in whatever place.": (
                        lambda got: got == 0.0
                    ),
                },
                otherwise=(
                    "Divide the number of common elements by the number of elements in either set."
                ),
            )
    check(lambda: jaccard({("a",)}, {("a",)}), 1.0, "two equal sets")
    inside, around = {("a",), ("b",)}, {(one,) for one in "abcdefgh"}
    for a, b in ((inside, around), (around, inside)):
        check(
            lambda: jaccard(set(a), set(b)),
            0.25,
            "a set of two inside one of eight",
            otherwise="A set inside a larger one is not equal to it: 2 of 8 elements are common.",
        )
    both_empty = "The union of two empty sets is empty: they are equal, so their similarity is 1.0."
    check(
        lambda: jaccard(set(), set()),
        1.0,
        "two empty sets",
        if_raises=both_empty,
        otherwise=both_empty,
    )
    for a, b in (({("a",), ("b",)}, {("c",)}), (set(), {("a",)}), ({("a",), ("b",)}, set())):
        check(
            lambda: jaccard(set(a), set(b)),
            0.0,
            f"the sets {sorted(a)} and {sorted(b)}",
            if_raises=(
                "Sets with nothing in common have similarity 0.0: divide by the size of their"
                " union."
            ),
            mistakes={
                "Only two empty sets are equal. An empty set and another one have nothing in common.": (
                    1.0
                )
            },
        )
    check(
        lambda: jaccard({("ab", "c"), ("d e",)}, {("a", "bc"), ("d", "e")}),
        0.0,
        "('ab', 'c') and ('d e',) against ('a', 'bc') and ('d', 'e')",
        otherwise="Compare the elements themselves: different ones can look the same as text.",
    )


# %% graded: 2 points | shingles are all runs of n words, lower-cased, split at any white space.
def test_all_runs_of_n_words() -> None:
    check_same_again(
        lambda: shingles("late again", 1),
        "shingles of 1 in 'late again'",
        between=lambda: shingles("another text", 1),
    )
    for case in range(6):
        n = 1 + case % 4
        words, text = text_of_words(case_rng("shingles", case), case)
        low = [word.lower() for word in words]
        bare = [word.strip(string.punctuation) for word in low]
        wanted = runs(low, n)
        check(
            lambda: shingles(text, n),
            wanted,
            f"shingles of {n} in {text!r}",
            mistakes={
                "Each shingle is a tuple of words, not a string.": lambda got: any(
                    isinstance(one, str) for one in got
                ),
                "Return a set of tuples.": lambda got: not isinstance(got, set | frozenset),
                "The words were not lower-cased.": runs(words, n),
                "The last shingle is missing: there are len(words) - n + 1 of them.": runs(
                    low[:-1], n
                ),
                "You took every n-th run. Shingles overlap: one starts at every word.": runs(
                    low, n, step=n
                ),
                "Only one shingle came back. One starts at every word.": lambda got: len(got) == 1,
                "Split at any white space, also at tabs, line ends and doubled blanks: `text.split()`.": AnyOf(
                    runs(text.lower().split(" "), n),
                    runs([one for one in text.lower().split(" ") if one], n),
                    runs(re.split("[ \n]+", text.lower().strip()), n),
                ),
                "Lower-case with `lower`: `casefold` changes other letters too.": runs(
                    text.casefold().split(), n
                ),
                "A sign that stands alone is a word too: words are what stands between white space.": runs(
                    [word for word in low if word != "-"], n
                ),
                "Words that had occurred before were left out. A text may repeat its words.": runs(
                    list(dict.fromkeys(low)), n
                ),
                "Punctuation belongs to its word: split at white space only.": AnyOf(
                    runs(bare, n),
                    runs([word for word in bare if word], n),
                    lambda got: (
                        len(got) > len(wanted) / 2
                        and all(word.isalnum() for one in got for word in one)
                    ),
                ),
                "Empty words at the ends are not words: `text.split()` leaves them out.": (
                    lambda got: any("" in one for one in got)
                ),
                "Shingles are runs of words, not of characters.": runs(text.lower(), n),
                "Some shingles have another length. The length is n words each.": lambda got: any(
                    len(one) != n for one in got
                ),
                "The order of the words within a shingle matters.": lambda got: (
                    {tuple(sorted(one)) for one in got} == {tuple(sorted(one)) for one in wanted}
                ),
            },
            otherwise=(
                "Lower-case, split at white space, and take the n words from each position on."
            ),
        )


# %% graded: 1 point | texts with as many words as a shingle, and with fewer.
def test_texts_of_few_words() -> None:
    exactly = "A text of exactly n words has one shingle."
    for text, n, wanted, hint in (
        ("one", 3, {("one",)}, ALL_OF_THEM),
        (" One\nTWO ", 5, {("one", "two")}, ALL_OF_THEM),
        ("a b c d", 5, {("a", "b", "c", "d")}, ALL_OF_THEM),
        ("a b c", 3, {("a", "b", "c")}, exactly),
    ):
        check(
            lambda: shingles(text, n),
            wanted,
            f"shingles of {n} in {text!r}",
            mistakes={
                "A short text is lower-cased too, word by word.": lambda got: any(
                    word != word.lower() for one in got for word in one
                )
            },
            otherwise=hint,
            if_raises=hint,
        )
    check(
        lambda: shingles("b a b a b", 2),
        {("b", "a"), ("a", "b")},
        "a run that repeats is one element",
    )
    check(
        lambda: shingles("to be or", 1),
        {("to",), ("be",), ("or",)},
        "shingles of one word are tuples",
    )
