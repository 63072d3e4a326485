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
from fractions import Fraction

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_same_again,
    inputs_unchanged,
)

NOTHING_FOUND = (
    "An identifier that returns an empty string or None has found nothing: the document counts as"
    " `unknown`."
)


def by_first_word(text):
    """An identifier for documents that begin with their language; it raises for the unknown."""
    label = text.split()[0]
    if label == "unknown":
        raise RuntimeError("no language found")
    return label


def portions(labels, weights=None):
    """The share of each label, by weight."""
    weights = weights or [1] * len(labels)
    of_label = {key: sum(w for one, w in zip(labels, weights) if one == key) for key in set(labels)}
    return {key: float(Fraction(weight, sum(weights))) for key, weight in of_label.items()}


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
def test_shares_are_by_count_over_all_documents() -> None:
    check_same_again(
        lambda: language_shares(["Ja", "Ja"], str.lower),
        "two documents",
        between=lambda: language_shares(["No"], str.lower),
    )
    for case in range(4):
        rng = case_rng("language_shares", case)
        languages = rng.sample(["en", "ru", "de", "zh", "sw", "pa", "te", "my"], 4 + case)
        least = 2 if case < 3 else 15
        plan = [language for language in languages for _ in range(rng.randint(least, 40))]
        plan += ["unknown"] * rng.randint(2, 15)
        rng.shuffle(plan)
        plan += ["yo"] * (case == 3)  # less than a hundredth of them
        plan += ["unknown"] * (len(plan) == 97)  # of a hundred, counts would be percentages
        # Lengths differ, so that counting words or characters gives something else.
        documents = [
            f"{label} " + "word " * rng.randint(1, 30) + str(at) for at, label in enumerate(plan)
        ]
        documents += documents[:3]  # three pages occur twice
        plan += plan[:3]
        wanted = portions(plan)
        known = [label for label in plan if label != "unknown"]
        carried = list(plan)  # as if a failure left the language of the document before
        for at in range(1, len(carried)):
            carried[at] = carried[at - 1] if carried[at] == "unknown" else carried[at]
        counts = {key: plan.count(key) for key in wanted}
        check(
            lambda: language_shares(list(documents), by_first_word),
            wanted,
            f"{len(plan)} documents in {len(set(known))} languages, some of them unidentified",
            if_raises=(
                "An identifier that raises must not stop the count: its document is `unknown`."
            ),
            mistakes=lambda: {
                "These are counts. Divide by the number of documents.": counts,
                "These are percentages. Shares sum to 1, not to 100.": {
                    key: 100 * share for key, share in wanted.items()
                },
                "The shares are weighted by length. They are by count: a long page is one document.": AnyOf(
                    portions(plan, [len(text) for text in documents]),
                    portions(plan, [len(text.split()) for text in documents]),
                ),
                "Documents without a language were dropped. They count as `unknown`, and in the total.": portions(
                    known
                ),
                "`unknown` is missing from the result, though its documents are in the total.": {
                    key: share for key, share in wanted.items() if key != "unknown"
                },
                "The total leaves out the unknown documents, so the shares sum to more than 1.": {
                    key: count / len(known) for key, count in counts.items()
                },
                "Repeated documents were counted once. Every document counts.": portions(
                    list(dict(zip(documents, plan)).values())
                ),
                "You divided by the number of languages. Divide by the number of documents.": {
                    key: count / len(counts) for key, count in counts.items()
                },
                "Every document counts as `unknown`. Keep what `identify` returns, and catch the"
                " exception for each document alone.": (
                    lambda got: set(got) == {"unknown"}
                ),
                "A document that could not be identified got the language of the one before it. It is `unknown`.": portions(
                    carried
                ),
                "The count of each language is one too many: it starts from 0.": {
                    key: (count + 1) / len(plan) for key, count in counts.items()
                },
                "One document that could not be identified ended the count. Catch the exception for each document.": AnyOf(
                    *(portions(plan[: plan.index("unknown") + rest]) for rest in (0, 1)),
                    lambda got: (
                        abs(sum(got.values()) - 1) < 1e-6
                        and got["unknown"] > wanted["unknown"] + 1e-9
                    ),
                ),
                "The shares are rounded, so they no longer sum to 1. Return them as they are.": (
                    lambda got: all(
                        abs(got[key] - share) < 0.0501 and got[key] == round(got[key], 3)
                        for key, share in wanted.items()
                    )
                ),
                "The shares do not sum to 1. Count each document once, then divide by the number of all documents.": (
                    lambda got: got and abs(sum(got.values()) - 1) > 1e-6
                ),
                "A language is missing. Every one that occurs has a share, however rare it is.": (
                    lambda got: set(got) < set(wanted)
                ),
            },
            otherwise=(
                "Count the documents of each language and divide by the number of all documents."
            ),
        )


# %% graded: 1 point | whatever way the identifier fails, the document counts as "unknown".
def test_documents_that_the_identifier_fails_on_are_unknown() -> None:
    for nothing in ("", None):
        labels = ["en", nothing, "en", "fr", nothing]
        check(
            lambda: language_shares([*"01234"], lambda text: labels[int(text)]),
            {"en": 0.4, "fr": 0.2, "unknown": 0.4},
            f"an identifier that returns {nothing!r} for two documents of five",
            mistakes={
                "Documents that could not be identified were dropped. They count as `unknown`.": {
                    "en": 2 / 3,
                    "fr": 1 / 3,
                }
            },
            otherwise=NOTHING_FOUND,
            if_raises=NOTHING_FOUND,
        )
    errors = [ValueError("short"), RuntimeError("model"), KeyError("x"), IndexError(0), TypeError()]

    def failing(text):
        if text.startswith("bad"):
            raise errors[int(text[3:])]
        return "it"

    check(
        lambda: language_shares(["", "bad0", "bad1", "so", "bad2", "bad3", "bad4", ""], failing),
        {"it": 3 / 8, "unknown": 5 / 8},
        "an identifier that raises five kinds of error",
        if_raises=(
            "Whatever exception the identifier raises, the document counts as `unknown`: catch"
            " `Exception`."
        ),
        mistakes={
            "Empty documents were left out. They are handed to `identify` like any other.": {
                "it": 1 / 6,
                "unknown": 5 / 6,
            },
            "Repeated documents were counted once. Every document counts.": AnyOf(
                {"it": 2 / 7, "unknown": 5 / 7}, {"it": 2 / 8, "unknown": 5 / 8}
            ),
        },
        otherwise=(
            "Put the `try` around the call for one document: that one is `unknown`, and the count"
            " goes on."
        ),
    )
    check(
        lambda: language_shares([*"abcd"], {"a": "en", "b": "unknown", "c": ""}.get),
        {"en": 0.25, "unknown": 0.75},
        'one document that the identifier itself calls "unknown", and two that it fails on',
        otherwise=(
            "Documents that the identifier calls `unknown` and those that it fails on are counted"
            " together: add up, so that all shares sum to 1."
        ),
    )
    check(
        lambda: language_shares(["x", "y"], lambda text: None),
        {"unknown": 1.0},
        "nothing identified",
    )


# %% graded: 1 point | only languages that occur have a share, and the texts stay as they were.
def test_only_languages_that_occur_have_a_share() -> None:
    empty = (
        "Without texts there are no languages and nothing to divide: return an empty dictionary."
    )
    check(lambda: language_shares([], str), {}, "no texts", if_raises=empty, otherwise=empty)
    check(
        lambda: language_shares(["ja", "no", "Ja", "JA"], str.lower),
        {"ja": 0.75, "no": 0.25},
        "four documents that are all identified",
        otherwise="Only languages that occur have an entry, `unknown` like any other.",
    )
    check(
        lambda: language_shares(["ja", "no", "Ja", "fr"], str.lower),
        {"ja": 0.5, "no": 0.25, "fr": 0.25},
        "a language that only the last document has",
        otherwise="Every document counts, the last one too.",
    )
    given = case_rng("language_shares", "as it is").sample(
        [" blank", "line\n", "TWO", "e\u0301"], 4
    )
    given = [*given, "word " * 400 + "end"]
    check(
        lambda: language_shares(list(given), lambda text: "en" if text in given else ""),
        {"en": 1.0},
        "an identifier that knows these texts as they are",
        otherwise="Hand each text to `identify` as it is, whole and unchanged.",
    )
    codes = ["zh-TW", "zh", "pt-BR", "PT"]
    check(
        lambda: language_shares(codes, str),
        dict.fromkeys(codes, 0.25),
        f"the codes {codes}",
        mistakes={
            "A code counts as `identify` returns it: it is neither cut nor written in other letters.": (
                lambda got: len(got) < 4 or "zh-tw" in got
            )
        },
    )
    texts = ["Il pleut", "", "snow", "Il pleut"]
    with inputs_unchanged(texts):
        check(
            lambda: language_shares(texts, {"Il pleut": "fr", "snow": "en"}.__getitem__),
            {"fr": 0.5, "en": 0.25, "unknown": 0.25},
            "an empty page among four, and one page twice",
            mistakes={
                "The empty page was left out. It is a document too, and counts as `unknown`.": {
                    "fr": 2 / 3,
                    "en": 1 / 3,
                },
                "Repeated documents were counted once. Every document counts.": dict.fromkeys(
                    ("fr", "en", "unknown"), 1 / 3
                ),
            },
        )
