"""Exercise `token_premium`: how many more tokens one language needs than another for the same
content.
"""

# %% solution
from collections.abc import Callable


def token_premium(
    texts: dict[str, list[str]], encode: Callable[[str], list[int]], base: str = "en"
) -> dict[str, float]:
    """Return how many tokens each language needs for the same content, relative to the base
    language.

    Args:
        texts: from a language to its parallel texts, the same number in each language.
        encode: from a text to its token ids.
        base: the language that gets 1.0.

    Returns:
        From each language to its median token count over the base's median token count.

    Raises:
        ValueError: the base is missing, a language has no texts, or the numbers of texts differ.
    """
    ### BEGIN SOLUTION
    from statistics import median

    if base not in texts:
        raise ValueError(f"base is {base!r}: there are no texts in it")
    expected = len(texts[base])
    for language, sentences in texts.items():
        if not sentences:
            raise ValueError(f"texts[{language!r}] is empty: a median needs at least one text")
        if len(sentences) != expected:
            raise ValueError(
                f"texts[{language!r}] has {len(sentences)} texts and the base {expected}: not"
                " parallel"
            )
    medians = {
        language: median(len(encode(sentence)) for sentence in sentences)
        for language, sentences in texts.items()
    }
    return {language: tokens / medians[base] for language, tokens in medians.items()}
    ### END SOLUTION


# %% hints
HINTS = (
    (
        "One number for each language first, then one division. Which number of the two is not"
        " moved by one very long text?"
    ),
    (
        "Check the input, take `statistics.median` of `len(encode(text))` for each language, and"
        " divide each median by that of `base`."
    ),
)
EXPLANATION = """
The texts are parallel, so the same content is counted in every language. A median does not move
when one text is extremely long, a mean does. The base is divided by itself and gets 1.0. Texts
that are missing or not parallel would give a number without meaning, so they are refused before
anything is counted.
"""


# %% helpers
from utils.notebook.checks import (
    KEEPS_RESULTS,
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_refused,
    inputs_unchanged,
)


HALVES = "A median may lie half way between two counts: do not cut or round it to a whole number."


def middle(values):
    """The median: of an even number the mean of the two middle values."""
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def over_english(counts, statistic):
    """A statistic of each language over that of English."""
    return {language: statistic(own) / statistic(counts["en"]) for language, own in counts.items()}


def one_per_letter(text):
    return [ord(letter) for letter in text]


# %% examples
def examples(check):
    english = ["a b", "a b c d", "a b c d e f g h i j k l"]  # 2, 4 and 12 words
    other = ["a b c d e f", "a", "a b c d e f g h"]  # 6, 1 and 8
    texts = {"en": english, "xx": other}
    check(lambda: token_premium(texts, str.split), {"en": 1.0, "xx": 1.5}, "three texts each")
    check.refused(lambda: token_premium({"de": ["eins"]}, str.split), "no texts in the base")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "three texts each": Diagnosis(
            mistakes={
                "These are means. One long text moves a mean: take medians.": {
                    "en": 1.0,
                    "xx": 5 / 6,
                },
                "The counts are not sorted before the middle one is taken.": {
                    "en": 1.0,
                    "xx": 0.25,
                },
                "The ratio is upside down: the base's median goes below.": {"en": 1.0, "xx": 4 / 6},
                "You counted characters. Count what `encode` returns.": {"en": 1.0, "xx": 11 / 7},
                "You took the ratio for each text first. Take the median of each language first.": {
                    "en": 1.0,
                    "xx": 2 / 3,
                },
            },
            otherwise="The medians are 4 tokens and 6: divide each by that of the base.",
        ),
        "no texts in the base": Diagnosis(
            otherwise="Without texts in the base there is nothing to divide by."
        ),
    }


# %% graded: 2 points | the median token count of each language over the base's median.
def test_median_over_the_base_median() -> None:
    for case in range(6):
        rng = case_rng("token_premium", case)
        n_texts = 71 if case == 5 else 6 + case % 2
        # A text is its token count in words of random lengths: characters, bytes and words differ.
        counts = {
            language: [rng.randint(3, 60) * factor + factor // 5 for _ in range(n_texts)]
            for language, factor in (("de", 1), ("en", 1), ("my", 5), ("sw", 1))
        }
        texts = {
            language: [
                " ".join(rng.choices(["o", "pa", "kala", "é", "မြန်မာ"], k=count)) for count in own
            ]
            for language, own in counts.items()
        }
        wanted = over_english(counts, middle)
        check(
            # Three ids for each word, two of them different: half a token is a possible median.
            lambda: token_premium(
                {key: list(own) for key, own in texts.items()},
                lambda text: [7, 9, 7] * len(text.split()),
            ),
            wanted,
            f"four languages, {n_texts} texts each",
            mistakes=lambda: {
                "These are means or totals. One long text moves them: take medians.": over_english(
                    counts, sum
                ),
                "You counted characters or bytes. Count what `encode` returns.": AnyOf(
                    *(
                        over_english(
                            {k: [len(unit(one)) for one in own] for k, own in texts.items()}, middle
                        )
                        for unit in (str, str.encode)
                    )
                ),
                "The ratio is upside down: the base's median goes below.": {
                    key: 1 / value for key, value in wanted.items()
                },
                "You took the ratio for each text first. Take the median of each language first.": {
                    key: middle([a / b for a, b in zip(own, counts["en"])])
                    for key, own in counts.items()
                },
                "With an even number of texts the median is the mean of the two middle counts.": (
                    AnyOf(
                        over_english(counts, lambda own: sorted(own)[len(own) // 2]),
                        over_english(counts, lambda own: sorted(own)[(len(own) - 1) // 2]),
                    )
                ),
                "The counts are not sorted before the middle one is taken.": AnyOf(
                    over_english(counts, lambda own: own[len(own) // 2]),
                    over_english(counts, lambda own: own[(len(own) - 1) // 2] + own[len(own) // 2]),
                ),
                "This is integer division, which cuts the premium to a whole number.": {
                    key: value // 1 for key, value in wanted.items()
                },
                "These are the medians themselves. Divide each by the base's.": {
                    key: 3 * middle(own) for key, own in counts.items()
                },
                "You counted different tokens. A token that occurs twice is paid twice.": (
                    dict.fromkeys(counts, 1.0)
                ),
                HALVES: AnyOf(
                    over_english(counts, lambda own: int(3 * middle(own))),
                    over_english(counts, lambda own: round(3 * middle(own))),
                ),
                "The base is missing in the result: it gets 1.0.": lambda got: "en" not in got,
                "The premiums are rounded. Return them as they are.": lambda got: all(
                    abs(got[key] - value) <= 0.5 and got[key] == round(got[key], 3)
                    for key, value in wanted.items()
                ),
            },
            otherwise=(
                "Take the median number of tokens of each language, then divide by the base's"
                " median."
            ),
        )


# %% graded: 1 point | any language can be the base, and the texts stay as they were.
def test_any_language_can_be_the_base() -> None:
    lengths = {"en": (7, 1, 3), "hi": (1, 12, 6), "es": (4, 9, 2)}  # medians 3, 6 and 4
    texts = {language: ["a" * length for length in own] for language, own in lengths.items()}
    for base, wanted in (
        ("hi", {"en": 0.5, "hi": 1.0, "es": 4 / 6}),
        ("es", {"en": 0.75, "hi": 1.5, "es": 1.0}),
    ):
        with inputs_unchanged(texts):
            check(
                lambda: token_premium(texts, one_per_letter, base=base),
                wanted,
                f"the base {base}",
                mistakes={
                    "The base has no effect: divide by the median of `texts[base]`, not of English.": {
                        "en": 1.0,
                        "hi": 2.0,
                        "es": 4 / 3,
                    },
                    "The base is missing in the result: it gets 1.0.": lambda got: base not in got,
                },
            )
    check(
        lambda: token_premium(texts, lambda text: one_per_letter(text[:4]), base="hi"),
        {"en": 0.75, "hi": 1.0, "es": 1.0},
        "the same texts, and an encoder that stops after four letters",
        otherwise=KEEPS_RESULTS,
    )
    check(
        lambda: token_premium(
            {"pl": ["aaaa", "aaa"], "my": ["a" * 9, "a" * 5]}, one_per_letter, base="pl"
        ),
        {"pl": 1.0, "my": 2.0},
        "no English among the texts",
        mistakes={HALVES: AnyOf({"pl": 1.0, "my": 7 / 3}, {"pl": 1.0, "my": 7 / 4})},
        if_raises="English is only the default base: nothing else needs it.",
    )
    rng = case_rng("token_premium", "every text")
    often, rare = rng.randint(2, 5), rng.randint(11, 19)
    for own, what, hint in (
        (
            ["a" * often, "a" * rare, "a" * often],
            "a text that occurs twice among three",
            "Repeated texts were counted once. Every text counts.",
        ),
        (
            ["a" * rare, "", "a" * often],
            "a text without tokens among three",
            "A text without tokens was left out. It counts, with 0 tokens.",
        ),
        (["a" * often], "one text in each language", "One text is enough: its count is the median."),
        # Its small letter is two characters.
        (
            [" İ" * often + "\n"],
            "a text with white space at its ends and a capital",
            "Hand each text to `encode` as it is: do not strip it or change its letters.",
        ),
    ):
        check(
            lambda: token_premium({"en": ["aaaa"] * len(own), "xx": list(own)}, one_per_letter),
            {"en": 1.0, "xx": middle([len(text) for text in own]) / 4},
            what,
            otherwise=hint,
            if_raises=hint,
        )


# %% graded: 1 point | texts that cannot be compared are refused.
def test_texts_that_cannot_be_compared_are_refused() -> None:
    pair = ["one two", "three"]
    empty = "An empty language has no median."
    parallel = "Parallel texts come in equal numbers: compare the lengths of all languages."
    for texts, base, what, hint in (
        ({"de": pair, "fr": pair}, "en", "the missing base 'en'", ""),
        ({"en": pair, "de": pair}, "fr", "the missing base 'fr'", ""),
        ({}, "en", "the missing base 'en', without any language", ""),
        ({"en": pair, "de": []}, "en", "a language without texts", empty),
        ({"en": [], "de": []}, "en", "languages that are all without texts", empty),
        ({"en": pair, "de": pair, "fr": ["un"]}, "en", "a language with fewer texts", parallel),
        (
            {"en": pair, "de": [*pair, "x"], "fr": pair},
            "en",
            "a language with more texts",
            parallel,
        ),
    ):
        check_refused(lambda: token_premium(texts, str.split, base), what, hint)
