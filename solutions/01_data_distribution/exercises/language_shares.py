"""Exercise `language_shares`: what languages a collection of documents is made of, odd pages
included.
"""

# %% solution
from collections.abc import Callable


def language_shares(texts: list[str], identify: Callable[[str], str]) -> dict[str, float]:
    """Return the share of documents in each language, by count.

    Args:
        texts: the documents.
        identify: from a text to a language code. Where it raises, or returns an empty string or
            None, the document counts as "unknown".

    Returns:
        From each language that occurs to its share; the shares sum to 1. No texts give an empty
        dictionary.
    """
    ### BEGIN SOLUTION
    counts: dict[str, int] = {}
    for text in texts:
        try:
            language = identify(text) or "unknown"
        except (
            Exception
        ):  # an identifier may fail in its own way: one odd page must not end the count
            language = "unknown"
        counts[language] = counts.get(language, 0) + 1
    return {language: count / len(texts) for language, count in counts.items()}
    ### END SOLUTION


# %% hints
HINTS = (
    "Keep a dictionary from language to count. What do you divide by in the end?",
    (
        'Call `identify` inside `try`; on an exception, `""` or `None` the language is `"unknown"`.'
        " Divide each count by `len(texts)`; without texts the dictionary stays empty."
    ),
)
EXPLANATION = """
Every document adds one to exactly one language, so the shares sum to 1: a document that cannot be
identified counts as `"unknown"` rather than disappearing. `identify(text) or "unknown"` covers
the empty string and None at once. The division comes last, and with no texts there is nothing to
divide, so nothing fails.
"""


# %% helpers
from copy import copy
from fractions import Fraction

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    identify = {"one": "en", "two": "en", "zwei": "de", "?": ""}.__getitem__  # raises for others
    shares = {"en": 0.5, "de": 0.25, "unknown": 0.25}
    check(lambda: language_shares(["one", "zwei", "two", "7"], identify), shares, "'7' raises")
    check(
        lambda: language_shares(["one", "?"], identify), {"en": 0.5, "unknown": 0.5}, "'?' gives ''"
    )
    check(lambda: language_shares([], identify), {}, "no texts")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "'7' raises": Diagnosis(
            mistakes={
                "These are counts. Divide by the number of documents.": {
                    "en": 2,
                    "de": 1,
                    "unknown": 1,
                },
                "These are percentages. Shares sum to 1, not to 100.": {
                    "en": 50.0,
                    "de": 25.0,
                    "unknown": 25.0,
                },
                "The document that could not be identified was dropped. Count it as `unknown`.": {
                    "en": 2 / 3,
                    "de": 1 / 3,
                },
            },
            if_raises=(
                "An identifier that raises must not stop the count: its document is `unknown`."
            ),
            otherwise=(
                "Count the documents of each language and divide by the number of all documents."
            ),
        ),
        "'?' gives ''": Diagnosis(
            mistakes={
                "An empty string is no language: count the document as `unknown`.": {
                    "en": 0.5,
                    "": 0.5,
                },
                "The document that could not be identified was dropped. Count it as `unknown`.": {
                    "en": 1.0
                },
            },
            otherwise=(
                "An identifier that returns an empty string or None has found nothing: `unknown`."
            ),
        ),
        "no texts": Diagnosis(
            mistakes={
                "Only languages that occur have an entry; without texts there is none.": {
                    "unknown": 0.0
                }
            },
            if_raises="Without texts there is nothing to divide by: return an empty dictionary.",
            otherwise="Without texts the dictionary is empty.",
        ),
    }


# %% graded: 2 points | shares are by count of documents, over all documents, and sum to 1.
def test_1() -> None:
    def same_again():
        """Return whether a call gives the same after a call with other documents."""
        first = copy(language_shares(["Ja", "Ja"], str.lower))
        language_shares(["No"], str.lower)
        return first == language_shares(["Ja", "Ja"], str.lower)

    check(
        same_again,
        True,
        "the same call twice, another one between",
        mistakes={
            "Your code keeps state between calls: the second call with the same input gives another result.": (
                False
            )
        },
    )
    for case in range(4):
        rng = case_rng("language_shares", case)
        languages = rng.sample(["en", "ru", "de", "zh", "sw", "pa", "te", "my"], 4)
        plan = [language for language in languages for _ in range(rng.randint(2, 9))] + [
            "unknown"
        ] * rng.randint(2, 5)
        rng.shuffle(plan)
        # The label stands in the text; lengths differ, so that counting words or characters gives something else.
        documents = [
            f"{label} " + "word " * rng.randint(1, 30) + str(number)
            for number, label in enumerate(plan)
        ]
        documents += documents[:3]  # three pages occur twice
        plan += plan[:3]

        def by_label(text):
            label = text.split()[0]
            if label == "unknown":
                raise RuntimeError("no language found")
            return label

        def portions(weights, labels=plan):
            total = sum(weights)
            return {
                key: float(Fraction(sum(w for w, one in zip(weights, labels) if one == key), total))
                for key in set(labels)
            }

        wanted = portions([1] * len(plan))
        known = [label for label in plan if label != "unknown"]
        distinct = list(dict(zip(documents, plan)).values())
        check(
            lambda: language_shares(list(documents), by_label),
            wanted,
            f"{len(plan)} documents in four languages, some of them unidentified",
            if_raises=(
                "An identifier that raises must not stop the count: its document is `unknown`."
            ),
            mistakes={
                "These are counts. Divide by the number of documents.": {
                    key: plan.count(key) for key in set(plan)
                },
                "These are percentages. Shares sum to 1, not to 100.": {
                    key: 100 * value for key, value in wanted.items()
                },
                "The shares are weighted by characters. They are by count: a long page is one document.": portions(
                    [len(text) for text in documents]
                ),
                "The shares are weighted by words. They are by count: a long page is one document.": portions(
                    [len(text.split()) for text in documents]
                ),
                "Documents without a language were dropped. They count as `unknown`, and in the total.": portions(
                    [1] * len(known), known
                ),
                "`unknown` is missing from the result, though its documents are in the total: the shares must sum to 1.": {
                    key: value for key, value in wanted.items() if key != "unknown"
                },
                "The total leaves out the unknown documents, so the shares sum to more than 1.": {
                    key: plan.count(key) / len(known) for key in set(plan)
                },
                "Repeated documents were counted once. Every document counts.": portions(
                    [1] * len(distinct), distinct
                ),
                "You divided by the number of languages. Divide by the number of documents.": {
                    key: plan.count(key) / len(set(plan)) for key in set(plan)
                },
                "One document that could not be identified ended the count. Catch the exception for each document.": lambda got: (
                    isinstance(got, dict) and got.get("unknown", 0) > wanted["unknown"] + 1e-9
                ),
                "The shares are rounded, so they no longer sum to 1. Return them as they are.": (
                    lambda got: (
                        isinstance(got, dict)
                        and set(got) == set(wanted)
                        and all(abs(got[key] - wanted[key]) < 0.0501 for key in wanted)
                    )
                ),
            },
            otherwise=(
                "Count the documents of each language and divide by the number of all documents."
            ),
        )


# %% graded: 1 point | whatever way the identifier fails, the document counts as "unknown".
def test_2() -> None:
    ways = {
        "an empty string": ["en", "", "en", "fr", ""],
        "None": ["en", None, "en", "fr", None],
    }
    for way, labels in ways.items():
        check(
            lambda: language_shares(
                [str(number) for number in range(5)], lambda text: labels[int(text)]
            ),
            {"en": 0.4, "fr": 0.2, "unknown": 0.4},
            f"an identifier that returns {way} for two documents of five",
            mistakes={
                f"{way[0].upper()}{way[1:]} is no language: count such a document as `unknown`.": (
                    lambda got: (
                        isinstance(got, dict) and (None in got or "" in got or "None" in got)
                    )
                ),
                f"Documents for which the identifier returns {way} were dropped. They count as `unknown`.": {
                    "en": 2 / 3,
                    "fr": 1 / 3,
                },
            },
            otherwise=f"A document for which the identifier returns {way} counts as `unknown`.",
            if_raises=f"The identifier may return {way}: the document then counts as `unknown`.",
        )

    errors = [
        ValueError("too short"),
        RuntimeError("no model"),
        KeyError("charset"),
        IndexError("empty"),
        TypeError("bytes"),
    ]

    def failing(text):
        if text.startswith("bad"):
            raise errors[int(text[3:])]
        return "it"

    check(
        lambda: language_shares(
            ["good", "bad0", "bad1", "good", "bad2", "bad3", "bad4", "good"], failing
        ),
        {"it": 3 / 8, "unknown": 5 / 8},
        "an identifier that raises five kinds of error",
        if_raises=(
            "Whatever exception the identifier raises, the document counts as `unknown`: catch"
            " `Exception`."
        ),
        mistakes={
            "One error ended or restarted the count. Put the `try` around the call for one document.": (
                lambda got: isinstance(got, dict) and got.get("it") != 3 / 8
            ),
        },
    )
    check(
        lambda: language_shares(
            ["a", "b", "c", "d"], lambda text: {"a": "en", "b": "unknown", "c": ""}.get(text)
        ),
        {"en": 0.25, "unknown": 0.75},
        'one document that the identifier itself calls "unknown", and two that it fails on',
        mistakes={
            "`unknown` was overwritten instead of added up, and the shares do not sum to 1.": (
                lambda got: isinstance(got, dict) and got.get("unknown") in (0.25, 0.5)
            )
        },
        otherwise="All shares must sum to 1.",
    )
    check(
        lambda: language_shares(["x", "y"], lambda text: None),
        {"unknown": 1.0},
        "no document can be identified",
        if_raises="When nothing is identified, everything is `unknown`.",
    )


# %% graded: 1 point | no texts give an empty dictionary, and the texts stay as they were.
def test_3() -> None:
    check(
        lambda: language_shares([], lambda text: "en"),
        {},
        "no texts",
        if_raises="Without texts there is nothing to divide by: return an empty dictionary.",
        otherwise="Without texts there are no languages: return an empty dictionary.",
    )
    texts = ["Il pleut", "", "snow", "Il pleut"]
    with inputs_unchanged(texts):
        check(
            lambda: language_shares(texts, lambda text: {"Il pleut": "fr", "snow": "en"}[text]),
            {"fr": 0.5, "en": 0.25, "unknown": 0.25},
            "an empty page among four, and one page twice",
            if_raises="A page that the identifier cannot read counts as `unknown`.",
            mistakes={
                "The empty page was left out. It is a document too, and counts as `unknown`.": {
                    "fr": 2 / 3,
                    "en": 1 / 3,
                },
                "Repeated documents were counted once. Every document counts.": {
                    "fr": 1 / 3,
                    "en": 1 / 3,
                    "unknown": 1 / 3,
                },
            },
        )
