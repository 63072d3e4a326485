# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 Data distribution
#
# A model knows what its data showed it. This notebook looks at that data before any model is built: which languages
# and domains it holds, how much of it is worth reading, and what a language that is rare in it pays, in loss, in
# tokens and in dollars.
#
# You need Python and a little PyTorch. Take an evening: about three hours with the exercises. All experiments together
# run in about a minute and a half on two CPU cores that have nothing else to do.
#
# **You will learn to**
#
# - measure the languages of a collection, and say which of them are missing;
# - train a byte-pair tokenizer, and compute what a language pays for a vocabulary made for another one;
# - filter text with rules, find near duplicates, and measure what both get wrong;
# - weigh the sources of a mixture, and predict what a change of the weights does to each language;
# - read an experiment with a control, five seeds and an interval, and not believe one without.
#
# | section | exercises | difficulty | minutes |
# |---|---|---|---|
# | 1 What language is the web? | `language_shares` | 1 of 5 | 10 |
# | 2 Who is missing? | `representation_ratio` | 1 of 5 | 10 |
# | 3 The price of a language | `token_premium` | 2 of 5 | 15 |
# | 4 Where tokens come from | `most_common_pair`, `merge_pair`, `train_bpe` | 2, 2 and 3 of 5 | 10, 10 and 20 |
# | 5 What is worth reading? | `quality_failures` | 1 of 5 | 10 |
# | 6 The same page twice | `jaccard` with `shingles`, `near_duplicates` | 2 and 2 of 5 | 15 and 10 |
# | 7 Mixing languages | `mixture_weights` | 2 of 5 | 10 |
# | 8 Beyond English | | | |
# | 9 Domains | | | |
#
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as often as you like, and
# graded tests after that. A failed test tells you which mistake it has seen. Nothing below an exercise depends on your
# answer, so you can skip one and come back: the experiments use the course's own version of each function, under a
# name such as `reference_premium`.
#
# Every experiment ends with a line in a table: what the chapter says, what we measured, the 95% interval, and a
# verdict that the code computes from the numbers. Where a toy model stands in for a real one, the text says so.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget = setup()
verdicts = Verdicts()
# %% [markdown]
# ## 1 What language is the web?
#
# **What the chapter claims.** The raw material of most models is Common Crawl, a few billion pages a month, and its
# cleaned subset C4. Nearly half of it is English. The second language, Russian, has an eighth of that.
#
# Such a table starts with pages that carry no reliable label. So somebody ran a language identifier over them and
# counted. You will do the same, and then ask how good the identifier is.
#
# First by hand, with an "identifier" that knows two words:

# %%
pages = ["the tram is late", "der Zug ist da", "the bus", "12:30 -> 14:05", "the the the the the the the the"]


def two_words(text: str) -> str:
    """Return "en" for a text with `the`, "de" for one with `der`; anything else is an error."""
    for word, language in (("the", "en"), ("der", "de")):
        if word in text.split():
            return language
    raise ValueError(f"no known word in {text!r}")


for page in pages:
    try:
        print(f"{two_words(page):8} {page}")
    except ValueError as error:
        print(f"{'?':8} {page}   ({error})")

# %% [markdown]
# Three pages of five are English: a share of 0.6, by count. By characters it would be about 0.7, since one page
# repeats itself. And one page is in no language at all. Real collections hold many of those: timetables, price lists,
# code. Dropping them silently would make every other share too large.
#
# ### Exercise: `language_shares`
#
# *Difficulty 1 of 5, 10 minutes.* Count documents per language. `identify` may fail in three ways: it raises an
# exception, returns an empty string, or returns `None`. A document that it fails on counts as `"unknown"`.

# %% nbgrader={"grade": false, "grade_id": "language_shares", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


def language_shares(texts: list[str], identify: Callable[[str], str]) -> dict[str, float]:
    """Return the share of documents in each language, by count.

    Args:
        texts: the documents.
        identify: from a text to a language code. Where it raises, or returns an empty string or None, the document
            counts as "unknown".

    Returns:
        From each language that occurs to its share; the shares sum to 1. No texts give an empty dictionary.
    """
    ### BEGIN SOLUTION
    counts: dict[str, int] = {}
    for text in texts:
        try:
            language = identify(text) or "unknown"
        except Exception:  # an identifier may fail in its own way: one odd page must not end the count
            language = "unknown"
        counts[language] = counts.get(language, 0) + 1
    return {language: count / len(texts) for language, count in counts.items()}
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "language_shares-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    def first_letter(text: str) -> str:
        """Stand in for an identifier: texts are labelled by their first letter, and digits raise."""
        if text[0].isdigit():
            raise ValueError(f"{text!r} has no language")
        return {"e": "en", "d": "de"}.get(text[0], "")

    check(
        lambda: language_shares(["e one", "d zwei", "e a much longer page than the others", "7"], first_letter),
        {"en": 0.5, "de": 0.25, "unknown": 0.25},
        "two English pages, a German one, one that raises",
        if_raises="An identifier that raises must not stop the count: its document is `unknown`.",
        mistakes={
            "These are counts. Divide by the number of documents.": {"en": 2, "de": 1, "unknown": 1},
            "These are percentages. Shares sum to 1, not to 100.": {"en": 50.0, "de": 25.0, "unknown": 25.0},
            "The document that could not be identified was dropped. Count it as `unknown`.": {"en": 2 / 3, "de": 1 / 3},
        },
        otherwise="Count the documents of each language and divide by the number of all documents.",
    )
    check(
        lambda: language_shares(["e one", "? two"], first_letter),
        {"en": 0.5, "unknown": 0.5},
        "one page for which the identifier returns an empty string",
        mistakes={"An empty string is no language: count the document as `unknown`.": {"en": 0.5, "": 0.5}},
    )
    check(
        lambda: language_shares([], first_letter),
        {},
        "no texts",
        if_raises="Without texts there is nothing to divide by: return an empty dictionary.",
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "language_shares-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: shares are by count of documents, over all documents, and sum to 1.
### BEGIN HIDDEN TESTS
def graded_test():
    from copy import copy
    from fractions import Fraction

    from utils.notebook.checks import case_rng, check

    def same_again():
        """Return whether a call gives the same after a call with other documents."""
        first = copy(language_shares(["Ja", "Ja"], str.lower))
        language_shares(["No"], str.lower)
        return first == language_shares(["Ja", "Ja"], str.lower)

    check(
        same_again,
        True,
        "the same call twice, another one between",
        mistakes={"Your code keeps state between calls: the second call with the same input gives another result.": False},
    )
    for case in range(4):
        rng = case_rng("language_shares", case)
        languages = rng.sample(["en", "ru", "de", "zh", "sw", "pa", "te", "my"], 4)
        plan = [language for language in languages for _ in range(rng.randint(2, 9))] + ["unknown"] * rng.randint(2, 5)
        rng.shuffle(plan)
        # The label stands in the text; lengths differ, so that counting words or characters gives something else.
        documents = [f"{label} " + "word " * rng.randint(1, 30) + str(number) for number, label in enumerate(plan)]
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
                key: float(Fraction(sum(w for w, one in zip(weights, labels) if one == key), total)) for key in set(labels)
            }

        wanted = portions([1] * len(plan))
        known = [label for label in plan if label != "unknown"]
        distinct = list(dict(zip(documents, plan)).values())
        check(
            lambda: language_shares(list(documents), by_label),
            wanted,
            f"{len(plan)} documents in four languages, some of them unidentified",
            if_raises="An identifier that raises must not stop the count: its document is `unknown`.",
            mistakes={
                "These are counts. Divide by the number of documents.": {key: plan.count(key) for key in set(plan)},
                "These are percentages. Shares sum to 1, not to 100.": {key: 100 * value for key, value in wanted.items()},
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
                "Repeated documents were counted once. Every document counts.": portions([1] * len(distinct), distinct),
                "You divided by the number of languages. Divide by the number of documents.": {
                    key: plan.count(key) / len(set(plan)) for key in set(plan)
                },
                "One document that could not be identified ended the count. Catch the exception for each document.": (
                    lambda got: isinstance(got, dict) and got.get("unknown", 0) > wanted["unknown"] + 1e-9
                ),
                "The shares are rounded, so they no longer sum to 1. Return them as they are.": (
                    lambda got: (
                        isinstance(got, dict)
                        and set(got) == set(wanted)
                        and all(abs(got[key] - wanted[key]) < 0.0501 for key in wanted)
                    )
                ),
            },
            otherwise="Count the documents of each language and divide by the number of all documents.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "language_shares-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: whatever way the identifier fails, the document counts as "unknown".
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    ways = {
        "an empty string": ["en", "", "en", "fr", ""],
        "None": ["en", None, "en", "fr", None],
    }
    for way, labels in ways.items():
        check(
            lambda: language_shares([str(number) for number in range(5)], lambda text: labels[int(text)]),
            {"en": 0.4, "fr": 0.2, "unknown": 0.4},
            f"an identifier that returns {way} for two documents of five",
            mistakes={
                f"{way[0].upper()}{way[1:]} is no language: count such a document as `unknown`.": (
                    lambda got: isinstance(got, dict) and (None in got or "" in got or "None" in got)
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
        lambda: language_shares(["good", "bad0", "bad1", "good", "bad2", "bad3", "bad4", "good"], failing),
        {"it": 3 / 8, "unknown": 5 / 8},
        "an identifier that raises five kinds of error",
        if_raises="Whatever exception the identifier raises, the document counts as `unknown`: catch `Exception`.",
        mistakes={
            "One error ended or restarted the count. Put the `try` around the call for one document.": (
                lambda got: isinstance(got, dict) and got.get("it") != 3 / 8
            ),
        },
    )
    check(
        lambda: language_shares(["a", "b", "c", "d"], lambda text: {"a": "en", "b": "unknown", "c": ""}.get(text)),
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


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "language_shares-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: no texts give an empty dictionary, and the texts stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check, inputs_unchanged

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
                "The empty page was left out. It is a document too, and counts as `unknown`.": {"fr": 2 / 3, "en": 1 / 3},
                "Repeated documents were counted once. Every document counts.": {
                    "fr": 1 / 3,
                    "en": 1 / 3,
                    "unknown": 1 / 3,
                },
            },
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: can a machine sort a mixed collection?
#
# **Claim.** Raw pages can be sorted into languages by a program. **Measurement.** Pieces of the Universal Declaration
# of Human Rights in 24 languages, mixed, go through two identifiers: langdetect, which most tutorials use, and
# py3langid. langdetect chooses among 55 languages and py3langid among 140, so a third line gives py3langid the same
# choice (**the control**: is it the method, or the number of candidates?). Two lengths, five samples.
#
# The text is clean, and pages are not. Read the accuracies as an upper bound.

# %% tags=["experiment", "row-1"]
from utils.evaluation.intervals import mean_interval
from utils.text.identification import (
    identify_langdetect,
    identify_py3langid,
    language_shares as reference_shares,
    py3langid_among,
)
from utils.text.languages import IDENTIFIER_LANGUAGES, excerpt_samples, measure_identifier

seeds = budget.pick(smoke=range(2), cpu=range(5), gpu=range(5))
probe = excerpt_samples(IDENTIFIER_LANGUAGES, length=100, per_language=8)
n_languages = budget.pick(smoke=6, cpu=16)
long_enough = [code for code in IDENTIFIER_LANGUAGES if sum(sample.language == code for sample in probe) == 8][
    :n_languages
]
identifiers = {
    "langdetect": identify_langdetect,
    "py3langid": identify_py3langid,
    "py3langid, same choice": py3langid_among(IDENTIFIER_LANGUAGES),
}
identifier_scores = {}
for length in (25, 100):
    samples = [excerpt_samples(long_enough, length, per_language=4, seed=seed) for seed in seeds]
    for name, identify in identifiers.items():
        scores = [measure_identifier(sample, identify) for sample in samples]
        accuracy = mean_interval([score.accuracy for score in scores])
        speed = mean_interval([score.texts_per_second for score in scores])
        confused = scores[0].confusions[:2]
        identifier_scores[name, length] = (accuracy, speed)
        print(
            f"{length:4} characters  {name:23} accuracy {accuracy}   {speed.mean:7,.0f} texts/s   mistakes {confused}"
        )

# %% [markdown]
# Both are good at 100 characters and worse at 25, and their mistakes are between close relatives: Indonesian and
# Malay, Bulgarian and Macedonian. One of the two is several times faster, which decides the matter for a billion
# pages.
#
# Now the question that a table of shares depends on. Accuracy is over all pages. What does it do to a *rare* language?
# Mix one language at 95% with others at 1% each, count with your identifier, and compare.

# %% tags=["experiment", "row-1"]
import random

rare = ["hr", "sl", "id", "mk", "af"]
rng = random.Random(0)
pieces = {
    code: [sample.text for sample in excerpt_samples([code], length=25, per_language=40)] for code in ["en", *rare]
}
n_pages = budget.pick(smoke=300, cpu=3000)
true_counts = {"en": n_pages - len(rare) * (n_pages // 100), **dict.fromkeys(rare, n_pages // 100)}
pages_mixed = [rng.choice(pieces[code]) for code, count in true_counts.items() for _ in range(count)]
counted = reference_shares(pages_mixed, identify_py3langid)
for code in ["en", *rare]:
    print(f"{code}: true share {true_counts[code] / n_pages:.3f}, counted {counted.get(code, 0):.3f}")
others = {code: share for code, share in counted.items() if code not in true_counts}
print(f"languages that are not there at all: {len(others)}, together {sum(others.values()):.3f}")

at_100, slow, fast = (
    identifier_scores["py3langid, same choice", 100][0],
    identifier_scores["langdetect", 100][1].mean,
    identifier_scores["py3langid", 100][1].mean,
)
verdicts.add(
    row=1,
    claim="the languages of raw pages can be identified by a program",
    measured=f"accuracy at 100 characters of clean text {at_100.mean:.3f}; "
    f"py3langid {fast / slow:.0f} times as fast as langdetect",
    interval=str(at_100),
    outcome="holds" if at_100.low > 0.95 else "holds in part" if at_100.low > 0.8 else "does not hold",
)

# %% [markdown]
# **Think.** Punjabi has 0.006% of Common Crawl, about one page in 16,000. An identifier that is right for 99.5% of all
# pages is wrong for one in 200. What has to be true of its mistakes before you believe the 0.006%?
#
# ### Experiment: the published table
#
# **Claim.** English has almost half of Common Crawl, eight times as much as the second language. **Measurement.** The
# table itself (Lai et al., 2023), on a logarithmic scale, with eight languages of the tail beside it. **Control.** The
# same languages' share of the world's people.

# %% tags=["experiment", "row-2"]
import matplotlib.pyplot as plt

from utils.notebook import show
from utils.text.tables import load_table

head = load_table("common_crawl_languages")
tail = [row for row in load_table("under_represented_languages") if row["language"] != "English"]
listed = sorted(head + tail, key=lambda row: -row["share_percent"])
times = head[0]["share_percent"] / head[1]["share_percent"]
over_one_percent = sum(row["share_percent"] for row in head)
print(f"English {head[0]['share_percent']:.2f}%, {times:.1f} times Russian")
print(f"12 languages above 1% make {over_one_percent:.1f}%; all others together {100 - over_one_percent:.1f}%")
print(
    f"the 8 languages of the tail: {sum(row['share_percent'] for row in tail):.2f}% of the pages,"
    f" {sum(row['speakers_millions'] for row in tail) / 80:.1f}% of the people"
)

figure, axes = plt.subplots(figsize=(8, 4))
names = [row["language"] for row in listed]
axes.plot([row["speakers_millions"] / 80 for row in listed], names, "o", color="#E69F00", label="of the world's people")
axes.plot([row["share_percent"] for row in listed], names, "s", color="#0072B2", label="of Common Crawl")
axes.axvline(1, color="black", linewidth=0.8, linestyle=":")
axes.set(xscale="log", xlabel="share (%, logarithmic)", ylabel="language")
axes.invert_yaxis()
axes.legend()
show(
    figure,
    "Share of Common Crawl and of the world's people for 20 languages. The twelve above 1% of the crawl have between "
    "0.4% "
    "and 18% of the people; the eight below have 0.8% to 3.4% of the people and less than 0.1% of the pages.",
)
verdicts.add(
    row=2,
    claim="English has almost half of Common Crawl, eight times the second language",
    measured=f"{head[0]['share_percent']:.1f}%, {times:.1f} times Russian, in the published table",
    outcome="holds" if 44 < head[0]["share_percent"] < 50 and round(times) == 8 else "does not hold",
)

# %% [markdown]
# ## 2 Who is missing?
#
# **What the chapter claims.** Compare a language's share of the world's people with its share of the crawl. A ratio of
# 1 would be fair. Punjabi stands at more than 200, English below one half.
#
# On small numbers: a world of 100 people, 20 of them speak A, and 4% of all pages are in A.

# %%
speakers, world, share_percent = 20, 100, 4
print(f"A has {speakers / world:.2f} of the people and {share_percent / 100:.2f} of the pages")
print(f"ratio {(speakers / world) / (share_percent / 100):.1f}: five times fewer pages than people")

# %% [markdown]
# Mind the units: speakers come in millions, the share comes in percent. The ratio has no unit.
#
# ### Exercise: `representation_ratio`
#
# *Difficulty 1 of 5, 10 minutes.* A language with no pages at all has the ratio `inf`. Negative numbers make no sense
# here: refuse them with a `ValueError` that names the argument and its value.


# %% nbgrader={"grade": false, "grade_id": "representation_ratio", "locked": false, "schema_version": 3, "solution": true, "task": false}
def representation_ratio(speakers_millions: float, share_percent: float, world_millions: float = 8000.0) -> float:
    """Return how under-represented a language is: its share of the world's people over its share of the data.

    Args:
        speakers_millions: speakers of the language, in millions.
        share_percent: its share of the data, in percent.
        world_millions: people in the world, in millions.

    Returns:
        1 for a language that has as large a share of the data as of the people, more for an under-represented one,
        `inf` for a language without data.

    Raises:
        ValueError: one of the numbers is negative.
    """
    ### BEGIN SOLUTION
    arguments = {
        "speakers_millions": speakers_millions,
        "share_percent": share_percent,
        "world_millions": world_millions,
    }
    for name, value in arguments.items():
        if value < 0:
            raise ValueError(f"{name} is {value}: it cannot be negative")
    if share_percent == 0:
        return float("inf")
    return (speakers_millions / world_millions) / (share_percent / 100)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "representation_ratio-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check, check_refused

    check(
        lambda: representation_ratio(20, 4, world_millions=100),
        5.0,
        "20 of 100 million people, 4% of the pages",
        mistakes={
            "This is the ratio upside down. The share of people goes on top.": 0.2,
            "The share is given in percent: divide it by 100.": 0.05,
            "The number of people in the world is missing, or is not taken from the argument.": (
                lambda got: got in (500.0, 5.0 / 80, 20 / 8000 / 0.04)
            ),
        },
    )
    check(
        lambda: representation_ratio(113, 0.0061),
        (113 / 8000) / 0.000061,
        "Punjabi in Table 2-2: 231.56 to two decimals",
        mistakes={"Return the ratio itself. Rounding is for printing.": 231.56},
    )
    check_refused(lambda: representation_ratio(-1, 4), "a negative number of speakers")


visible_test()

# %% nbgrader={"grade": true, "grade_id": "representation_ratio-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the ratio, with the world's people given or left at eight billion.
### BEGIN HIDDEN TESTS
def graded_test():
    from fractions import Fraction

    from utils.notebook.checks import case_rng, check

    for case in range(6):
        rng = case_rng("representation_ratio", case)
        speakers, share, world = rng.randint(3, 1500), rng.randint(1, 400) / 64, rng.choice([5000, 6200, 7100, 9000])
        share = share + 0.25 if share in (1.0, 10.0) else share
        for given in (False, True):
            people = world if given else 8000
            exact = float(Fraction(speakers, people) / (Fraction(share) / 100))
            check(
                (lambda: representation_ratio(speakers, share, world))
                if given
                else (lambda: representation_ratio(speakers, share)),
                exact,
                f"{speakers} million speakers, {share}% of the data, {people} million people",
                mistakes={
                    "This is the ratio upside down. The share of people goes on top.": 1 / exact,
                    "The share is given in percent: divide it by 100.": exact / 100,
                    "The result is 100 times too large: a ratio, not a percentage.": exact * 100,
                    "The number of people in the world has no effect: divide the speakers by `world_millions`.": (
                        lambda got: (
                            got in (speakers / share, speakers / (share / 100))
                            or (given and abs(got - exact * people / 8000) < 1e-9 * exact)
                        )
                    ),
                    "Speakers and people in the world are both in millions. No factor of a million is needed.": (
                        lambda got: (
                            isinstance(got, float | int)
                            and got > 0
                            and min(abs(got / exact - factor) / factor for factor in (1e6, 1e-6, 1e4, 1e-4, 1e3, 1e-3))
                            < 1e-6
                        )
                    ),
                    "The ratio is rounded or cut to whole numbers. Return it as it is.": (
                        lambda got: isinstance(got, float | int) and abs(got - exact) <= 1 and got == round(got, 3)
                    ),
                    "This is a difference or another comparison. Divide the two shares.": (
                        lambda got: got == speakers / people - share / 100
                    ),
                },
                otherwise="Divide (speakers / world) by (share / 100).",
            )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "representation_ratio-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: a language without data has the ratio inf.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    for zero in (0, 0.0):
        check(
            lambda: representation_ratio(50, zero),
            float("inf"),
            "50 million speakers and no data",
            if_raises="A share of 0 gives `inf`: handle it before you divide.",
            otherwise="A share of 0 gives `float('inf')`.",
        )
    check(
        lambda: representation_ratio(0, 2.5),
        0.0,
        "no speakers, but 2.5% of the data (Latin, say)",
        if_raises="0 is not negative: a language without speakers has the ratio 0.",
    )
    check(lambda: representation_ratio(3, 1e-7), (3 / 8000) / 1e-9, "a tiny share is not zero")


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "representation_ratio-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: negative numbers are refused, whichever argument it is.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check_refused

    check_refused(lambda: representation_ratio(-113, 0.5), "speakers_millions = -113")
    check_refused(lambda: representation_ratio(113, -0.5), "share_percent = -0.5")
    check_refused(lambda: representation_ratio(113, 0.5, -8000.0), "world_millions = -8000")
    check_refused(
        lambda: representation_ratio(-113, -0.5), "two negative numbers", "Test each number: two signs cancel in the ratio."
    )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: Table 2-2, recomputed
#
# **Claim.** Nine printed ratios, from 231.56 for Punjabi to 0.40 for English. **Measurement.** Each from its speakers
# and its share. **Control.** The same for all languages of the first table: is every language but English
# under-represented?

# %% tags=["experiment", "row-3"]
from utils.text.representation import representation_ratio as reference_ratio

recomputed = {
    row["language"]: reference_ratio(row["speakers_millions"], row["share_percent"])
    for row in load_table("under_represented_languages")
}
published = {row["language"]: row["published_ratio"] for row in load_table("under_represented_languages")}
for language, ratio in recomputed.items():
    print(f"{language:10} published {published[language]:7.2f}, recomputed {ratio:9.4f}")
off = max(abs(round(ratio, 2) - published[language]) for language, ratio in recomputed.items())
ratios = recomputed | {row["language"]: reference_ratio(row["speakers_millions"], row["share_percent"]) for row in head}
above_one = [language for language, ratio in ratios.items() if ratio > 1]
print(
    f"largest difference after rounding: {off:.2f}; under-represented: {len(above_one)} of {len(ratios)},"
    f" not {', '.join(sorted(set(ratios) - set(above_one)))}"
)
smaller_world = reference_ratio(113, 0.0061, world_millions=7800.0)
print(f"Punjabi in a world of 7.8 billion: {smaller_world:.1f}")

figure, axes = plt.subplots(figsize=(8, 4))
ordered = sorted(ratios, key=lambda language: ratios[language])
axes.barh(ordered, [ratios[language] for language in ordered], color="#0072B2")
axes.axvline(1, color="#D55E00", linestyle="--", label="fair")
axes.set(xscale="log", xlabel="share of people / share of pages (logarithmic)", ylabel="language")
axes.legend()
show(
    figure,
    "Representation ratio of 20 languages on a logarithmic scale, from German and Dutch near 0.2 to Punjabi at 232. "
    "The line at 1 would be fair.",
)
verdicts.add(
    row=3,
    claim="ratios of Table 2-2: Punjabi 231.56 ... English 0.40, with 8 billion people",
    measured=f"largest difference of the nine recomputed ratios: {off:.2f}",
    outcome="holds" if off < 0.005 else "does not hold",
)

# %% [markdown]
# The printed table holds. But look at the other end: English is not the language with the lowest ratio. German,
# Italian, Dutch and others have more pages per speaker.
#
# **Think.** Speakers of a second language are counted twice in such tables, once for each language. In which direction
# does that move the ratio of English, and that of Swahili?

# %% [markdown]
# ## 3 The price of a language
#
# **What the chapter claims.** A model reads and writes tokens, and you pay for each of them, in seconds and in
# dollars. The same content takes more tokens in some languages. In one collection of short texts the median was 7
# tokens in English, 32 in Hindi and 72 in Burmese.
#
# The fair comparison needs *parallel* text: the same sentences in every language. Take three sentences and an encoder
# that makes one token of each character:

# %%
from statistics import median

parallel = {
    "en": ["good morning", "where is the station?", "thanks"],
    "de": ["guten Morgen", "wo ist der Bahnhof?", "danke"],
    "fi": ["hyvää huomenta", "missä rautatieasema on?", "kiitos"],
}
for language, sentences in parallel.items():
    counts = [len(list(sentence)) for sentence in sentences]
    print(f"{language}: counts {counts}, median {median(counts)}, premium over en {median(counts) / 12:.3f}")

# %% [markdown]
# The median is taken first, per language, and the ratio after it. One very long text does not move a median, and that
# is why it is used here.
#
# ### Exercise: `token_premium`
#
# *Difficulty 2 of 5, 15 minutes.* The premium of a language is its median token count over that of the base language.
# Refuse, with a `ValueError`, a base that is not among the texts, a language with no texts, and languages with
# different numbers of texts: then they are not parallel.

# %% nbgrader={"grade": false, "grade_id": "token_premium", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


def token_premium(
    texts: dict[str, list[str]], encode: Callable[[str], list[int]], base: str = "en"
) -> dict[str, float]:
    """Return how many tokens each language needs for the same content, relative to the base language.

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
            raise ValueError(f"texts[{language!r}] has {len(sentences)} texts and the base {expected}: not parallel")
    medians = {
        language: median(len(encode(sentence)) for sentence in sentences) for language, sentences in texts.items()
    }
    return {language: tokens / medians[base] for language, tokens in medians.items()}
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "token_premium-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check, check_refused

    three_each = {"en": ["a b", "a b c d", "a b c d e f g h i j k l"], "xx": ["a b c d e f", "a", "a b c d e f g h"]}
    check(
        lambda: token_premium(three_each, str.split),
        {"en": 1.0, "xx": 1.5},
        "token counts 2, 4, 12 in the base and 6, 1, 8 in the other language",
        mistakes={
            "These are means. One long text moves a mean: take medians.": {"en": 1.0, "xx": 5 / 6},
            "The counts are not sorted before the middle one is taken.": {"en": 1.0, "xx": 0.25},
            "The ratio is upside down: the base's median goes below.": {"en": 1.0, "xx": 4 / 6},
            "You counted characters. Count what `encode` returns.": {"en": 1.0, "xx": 11 / 7},
            "You took the ratio for each text first. Take the median of each language first.": {"en": 1.0, "xx": 2 / 3},
        },
    )
    check_refused(lambda: token_premium({"de": ["eins"]}, str.split), "a base that is not among the texts")


visible_test()

# %% nbgrader={"grade": true, "grade_id": "token_premium-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the median token count of each language over the base's median.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import case_rng, check

    def middle(values):
        """The test's own median: mean of the two middle values."""
        ordered = sorted(values)
        return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2

    def of_counts(counts, statistic):
        return {language: statistic(values) / statistic(counts["en"]) for language, values in counts.items()}

    for case in range(6):
        rng = case_rng("token_premium", case)
        n_texts = 7 if case % 2 else 6
        # A text is its token count in words, of words of random lengths: characters, bytes and words all differ.
        counts = {language: [rng.randint(3, 60) for _ in range(n_texts)] for language in ("de", "en", "my", "sw")}
        counts["my"] = [5 * count + 1 for count in counts["my"]]
        texts = {
            language: [" ".join(rng.choice(["o", "pa", "kala", "é", "မြန်မာ"]) for _ in range(count)) for count in values]
            for language, values in counts.items()
        }
        in_characters = {language: [len(one) for one in values] for language, values in texts.items()}
        in_bytes = {language: [len(one.encode()) for one in values] for language, values in texts.items()}
        # Two ids for each word, of which the first is the same in all texts.
        check(
            lambda: token_premium(
                {key: list(values) for key, values in texts.items()}, lambda one: [7, 9] * len(one.split())
            ),
            of_counts(counts, middle),
            f"four languages, {n_texts} texts each",
            mistakes=lambda: {
                "These are means. One long text moves a mean: take medians.": of_counts(counts, lambda v: sum(v) / len(v)),
                "These are totals or all texts joined. Take the median over texts.": of_counts(counts, sum),
                "You counted characters. Count what `encode` returns.": of_counts(in_characters, middle),
                "You counted bytes. Count what `encode` returns.": of_counts(in_bytes, middle),
                "The ratio is upside down: the base's median goes below.": {
                    key: 1 / value for key, value in of_counts(counts, middle).items()
                },
                "You took the ratio for each text first. Take the median of each language first.": {
                    key: middle([a / b for a, b in zip(values, counts["en"])]) for key, values in counts.items()
                },
                "With an even number of texts the median is the mean of the two middle counts.": (
                    lambda got: (
                        n_texts % 2 == 0
                        and got
                        in (
                            of_counts(counts, lambda v: sorted(v)[len(v) // 2]),
                            of_counts(counts, lambda v: sorted(v)[(len(v) - 1) // 2]),
                        )
                    )
                ),
                "The counts are not sorted before the middle one is taken.": (
                    lambda got: (
                        got
                        in (
                            of_counts(counts, lambda v: v[len(v) // 2]),
                            of_counts(counts, lambda v: (v[(len(v) - 1) // 2] + v[len(v) // 2]) / 2),
                        )
                    )
                ),
                "This is integer division, which cuts the premium to a whole number.": {
                    key: value // 1 for key, value in of_counts(counts, middle).items()
                },
                "These are the medians themselves. Divide each by the base's.": {
                    key: 2 * middle(values) for key, values in counts.items()
                },
                "You counted different tokens. A token that occurs twice is paid twice.": dict.fromkeys(counts, 1.0),
                "The base is missing in the result: it gets 1.0.": (lambda got: isinstance(got, dict) and "en" not in got),
                "The premiums are rounded. Return them as they are.": (
                    lambda got: (
                        isinstance(got, dict)
                        and set(got) == set(counts)
                        and all(abs(got[key] - value) <= 0.5 for key, value in of_counts(counts, middle).items())
                        and all(value == round(value, 3) for value in got.values())
                    )
                ),
            },
            otherwise="Take the median number of tokens of each language, then divide by the base's median.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "token_premium-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: any language can be the base, and the texts stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check, inputs_unchanged

    texts = {"en": ["aaaaaaa", "a", "aaa"], "hi": ["a", "aaaaaaaaaaaa", "aaaaaa"], "es": ["aaaa", "aaaaaaaaa", "aa"]}

    def one_per_letter(text):
        return [ord(letter) for letter in text]

    for base, wanted in (("hi", {"en": 0.5, "hi": 1.0, "es": 4 / 6}), ("es", {"en": 0.75, "hi": 1.5, "es": 1.0})):
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
                    "The base is missing in the result: it gets 1.0.": (
                        lambda got: isinstance(got, dict) and base not in got
                    ),
                },
            )
    check(
        lambda: token_premium({"pl": ["aaaa", "aa"], "my": ["aaaaaaaaa", "aaa"]}, one_per_letter, base="pl"),
        {"pl": 1.0, "my": 2.0},
        "no English among the texts",
        if_raises="English is only the default base: nothing else needs it.",
    )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "token_premium-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: texts that cannot be compared are refused.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check_refused

    pair = ["one two", "three"]
    check_refused(lambda: token_premium({"de": pair, "fr": pair}, str.split), "the missing base 'en'")
    check_refused(lambda: token_premium({"en": pair, "de": pair}, str.split, base="fr"), "the missing base 'fr'")
    check_refused(
        lambda: token_premium({"en": pair, "de": []}, str.split),
        "a language without texts",
        "An empty language has no median.",
    )
    check_refused(lambda: token_premium({"en": [], "de": []}, str.split), "languages that are all without texts")
    hint = "Parallel texts come in equal numbers: compare the lengths of all languages."
    check_refused(
        lambda: token_premium({"en": pair, "de": pair, "fr": ["un"]}, str.split), "a language with fewer texts", hint
    )
    check_refused(
        lambda: token_premium({"en": pair, "de": [*pair, "x"], "fr": pair}, str.split), "a language with more texts", hint
    )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: one content, 54 languages, five vocabularies
#
# **Claim.** The same content takes many more tokens in some languages. **Measurement.** The 33 messages that Django's
# web forms have in 54 languages, through the vocabularies of five models. **Control.** The vocabularies differ in age
# and size, the texts do not: if the premium were a property of the languages alone, all five would agree.
#
# | vocabulary | tokens | used by |
# |---|---|---|
# | `mistral_v1` | 32,000 | Mistral 7B (2023) |
# | `smollm2` | 49,152 | SmolLM2 (2024), made for English |
# | `cl100k_base` | 100,277 | GPT-3.5 and GPT-4 (2023), the one the chapter speaks of |
# | `tekken` | 131,072 | Mistral Nemo (2024), made for many languages |
# | `o200k_base` | 200,019 | GPT-4o (2024) |

# %% tags=["experiment", "row-10"]
import numpy as np
from babel import Locale

from utils.text.parallel import MESSAGE_LANGUAGES, parallel_messages
from utils.text.premium import token_premium as reference_premium
from utils.text.vocabularies import load_vocabulary, vocabulary_names


def english_name(code):
    """The English name of a language code, "zh_Hans" included."""
    return Locale.parse(code).get_display_name("en")


messages = parallel_messages(MESSAGE_LANGUAGES)
vocabularies = {name: load_vocabulary(name) for name in vocabulary_names()}
premiums = {name: reference_premium(messages, vocabulary.encode) for name, vocabulary in vocabularies.items()}
print(f"{len(messages['en'])} messages in {len(messages)} languages, for instance: {messages['en'][-1]!r}")
for name, premium in premiums.items():
    worst = max(premium, key=premium.get)
    typical = np.median(list(premium.values()))
    print(f"{name:12} typical premium {typical:.2f}, largest {premium[worst]:.2f} ({english_name(worst)})")

figure, axes = plt.subplots(figsize=(8, 9))
ordered = sorted(messages, key=lambda code: premiums["cl100k_base"][code])
for (name, premium), marker in zip(premiums.items(), "vsoD^"):
    axes.plot(
        [premium[code] for code in ordered], [english_name(code) for code in ordered], marker, label=name, markersize=5
    )
axes.axvline(1, color="black", linewidth=0.8, linestyle=":")
axes.set(xscale="log", xlabel="tokens for the same messages, relative to English (logarithmic)", ylabel="language")
axes.set_xticks([1, 2, 3, 5, 10], ["1", "2", "3", "5", "10"])
axes.minorticks_off()
axes.tick_params(axis="y", labelsize=8)
axes.legend(loc="lower right")
show(
    figure,
    "Token premium of 54 languages over English in five vocabularies. In the three older or English ones it reaches "
    "7 to 13 for "
    "Kannada, Georgian, Armenian and Malayalam; in the two newer multilingual ones nearly all languages stay below "
    "2.5.",
)

# %% [markdown]
# The chapter's own figures are medians of 7, 32 and 72 tokens for English, Hindi and Burmese, counted on short texts
# with GPT-4's vocabulary. Web forms are hardly ever translated to Burmese. But the names of the world's countries are,
# in the Unicode consortium's tables. The Universal Declaration is a third text, if it has been fetched.

# %% tags=["experiment", "row-10"]
from utils.evaluation.intervals import bootstrap_interval
from utils.text.declaration import parallel_declaration
from utils.text.parallel import parallel_territories
from utils.text.premium import median_tokens

short_texts = parallel_territories(["en", "hi", "my"])
sources = {"names of countries": short_texts}
try:
    sources["Universal Declaration"] = parallel_declaration(["en", "hi", "my"])
except FileNotFoundError as missing:
    print(f"Without the full Declaration of Human Rights ({missing})")
old, new = vocabularies["cl100k_base"], vocabularies["o200k_base"]
print(f"{'chapter (MASSIVE)':24} cl100k_base  medians 7, 32, 72: Hindi {32 / 7:.1f}, Burmese {72 / 7:.1f}")
measured_premiums = {}
for source, texts in sources.items():
    for vocabulary in (old, new):
        lengths = {code: np.array([len(vocabulary.encode(text)) for text in own]) for code, own in texts.items()}
        intervals = {
            code: bootstrap_interval(
                range(len(texts["en"])),
                lambda rows, code=code: (
                    np.median(lengths[code][rows.astype(int)]) / np.median(lengths["en"][rows.astype(int)])
                ),
                resamples=500,
            )
            for code in ("hi", "my")
        }
        measured_premiums[source, vocabulary.name] = intervals
        medians = ", ".join(f"{value:.0f}" for value in median_tokens(texts, vocabulary.encode).values())
        print(f"{source:24} {vocabulary.name:12} medians {medians}: Hindi {intervals['hi']}, Burmese {intervals['my']}")

burmese, burmese_now = (measured_premiums["names of countries", name]["my"] for name in ("cl100k_base", "o200k_base"))
hindi = measured_premiums["names of countries", "cl100k_base"]["hi"]
verdicts.add(
    row=10,
    claim="medians of 7, 32 and 72 tokens: Burmese takes ten times the tokens of English",
    measured=f"names of countries, GPT-4's vocabulary: {burmese.mean:.1f} times; Hindi {hindi.mean:.1f} times",
    interval=str(burmese),
    outcome="holds"
    if burmese.low > 5 and burmese.high > 7
    else "holds in part"
    if burmese.low > 2
    else "does not hold",
)
verdicts.add(
    row=10,
    claim="... as if it were the language's own price, in any vocabulary",
    measured=f"GPT-4o's vocabulary: {burmese_now.mean:.1f} times",
    interval=str(burmese_now),
    outcome="holds" if burmese_now.low > 5 else "holds in part" if burmese_now.low > 1.2 else "does not hold",
)

# %% [markdown]
# The old vocabulary agrees with the chapter within its interval or nearly so. The new one takes a third of the tokens.
# The premium is a property of the *pair* of language and vocabulary, so it can be trained away; you will do that
# below.
#
# ### Experiment: from tokens to dollars and seconds
#
# **Claim.** Cost and latency are proportional to tokens, so Burmese costs ten times as much as English.
# **Measurement.** The price is a multiplication, with 10 dollars for a million tokens as an example; providers change
# it, so put in today's. The seconds can be measured: the course's real model (SmolLM2-135M) reads and writes the same
# message in several languages, one token at a time. **Control.** Seconds per token, which the claim says are equal.

# %% tags=["experiment", "row-11"]
import time

import torch

from utils.decoding.asking import ask
from utils.decoding.decoders import decoder_for
from utils.decoding.generation import generate
from utils.models.pretrained import load_gguf
from utils.text.premium import price

smollm = load_gguf()
smollm.model.to(budget.device)
torch.set_num_threads(1)  # so that the seconds depend little on what else the machine does
writer = decoder_for(smollm.model)
generate(writer, [[1, 2, 3]], 2)  # a first call, so that no measurement pays for it
timed_languages = budget.pick(smoke=["en", "es"], cpu=["en", "es", "hi"], gpu=["en", "es", "ru", "hi", "ka", "kn"])
at = messages["en"].index("Date (with time)")
encoded = {code: smollm.encode(messages[code][at]) for code in timed_languages}
best_seconds = dict.fromkeys(timed_languages, float("inf"))
for _ in range(budget.pick(smoke=1, cpu=1, gpu=5)):  # in turn, so that a busy moment does not hit one language alone
    for code, ids in encoded.items():
        start = time.perf_counter()
        # As many tokens as the message has: the time to write it, whatever the words.
        generate(writer, [ids[:1]], len(ids))
        best_seconds[code] = min(best_seconds[code], time.perf_counter() - start)
timings = [(code, len(encoded[code]), best_seconds[code]) for code in timed_languages]
for code, n, seconds in timings:
    print(
        f"{english_name(code):9} {n:3} tokens, ${price(n, 10.0) * 1e6:6,.0f} a million times,"
        f" {seconds:5.2f} s, {1000 * seconds / n:4.0f} ms a token"
    )

tokens, seconds = np.array([[n, s] for _, n, s in timings]).T
correlation = np.corrcoef(tokens, seconds)[0, 1]
per_token = seconds / tokens
dearest, factor = english_name(timings[-1][0]), tokens[-1] / tokens[0]
time_factor = seconds[-1] / seconds[0]
verdicts.add(
    row=11,
    claim="cost and latency are proportional to tokens",
    measured=f"{dearest}: {factor:.1f} times the tokens and the price of English, {time_factor:.1f} times the seconds; "
    f"correlation of tokens and seconds {correlation:.3f}",
    interval=f"{1000 * per_token.min():.0f} to {1000 * per_token.max():.0f} ms a token, n = {len(timings)}",
    outcome="holds"
    if factor / 1.5 < time_factor < factor * 1.5
    else "holds in part"
    if time_factor > 1.5
    else "does not hold",
)

# %% [markdown]
# Price is exactly proportional, since providers count tokens. Seconds are nearly so: each token is one pass through
# the model, and a pass costs the same whatever the token says. (A long text adds a little per token; notebook 02 shows
# why.)
#
# **Think.** A context window is counted in tokens too. How many pages of Hindi fit where a hundred pages of English
# do?

# %% [markdown]
# ## 4 Where tokens come from
#
# **What the chapter claims.** The premium is a matter of the tokenizer, and the tokenizer was trained too. Byte-pair
# encoding (Gage, 1994; for language models Sennrich et al., 2016) starts from bytes and merges, again and again, the
# pair of neighbours that occurs most often. Text that is frequent in its training data gets long tokens. Everything
# else stays in small pieces.
#
# One step on a short word. Its bytes are its first ids; new tokens are numbered from 256:

# %%
from collections import Counter

word = "banana"
ids = list(word.encode())
pairs = Counter(zip(ids, ids[1:]))
print("ids  ", ids)
print("pairs", {(chr(a), chr(b)): count for (a, b), count in pairs.items()})
print("merging ('a', 'n') into 256 gives", [98, 256, 256, 97])
water = "вода"
print(f"in another script a word has more bytes than letters: {len(water)} letters, {len(water.encode())} bytes")

# %% [markdown]
# Note the tie: `('a', 'n')` and `('n', 'a')` both occur twice. A tokenizer must be the same on every machine, so a
# rule has to decide. Here the smallest pair wins, compared as a tuple: first by its first id, then by its second.
#
# ### Exercise: `most_common_pair`
#
# *Difficulty 2 of 5, 10 minutes.* Find the most frequent pair of neighbours over several sequences of ids. The last id
# of one sequence and the first of the next are no neighbours. Count plainly: in `[1, 1, 1]` the pair `(1, 1)` occurs
# twice.


# %% nbgrader={"grade": false, "grade_id": "most_common_pair", "locked": false, "schema_version": 3, "solution": true, "task": false}
def most_common_pair(sequences: list[list[int]]) -> tuple[int, int] | None:
    """Return the most frequent adjacent pair over all sequences.

    Args:
        sequences: sequences of token ids; pairs never span two of them, and overlapping pairs all count.

    Returns:
        The pair (left, right); of several with the same count the smallest; None when no sequence has two ids.
    """
    ### BEGIN SOLUTION
    from collections import Counter

    counts = Counter(pair for sequence in sequences for pair in zip(sequence, sequence[1:]))
    return min(counts, key=lambda pair: (-counts[pair], pair), default=None)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "most_common_pair-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    check(
        lambda: most_common_pair([[5, 6, 5, 6], [7, 5, 6]]),
        (5, 6),
        "(5, 6) occurs three times in [[5, 6, 5, 6], [7, 5, 6]]",
        mistakes={"Return the pair alone, without its count.": (lambda got: isinstance(got, tuple | list) and 3 in got)},
    )
    check(
        lambda: most_common_pair([[2, 1], [2, 1], [1, 2], [1, 2], [9, 9]]),
        (1, 2),
        "(2, 1) and (1, 2) occur twice each, and the smaller one wins",
        mistakes={
            "On a tie you took the pair that was seen first. The smallest wins.": (2, 1),
        },
    )
    check(lambda: most_common_pair([[1], []]), None, "no sequence has two ids", if_raises="Without any pair, return None.")


visible_test()

# %% nbgrader={"grade": true, "grade_id": "most_common_pair-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the most frequent adjacent pair over all sequences.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import case_rng, check

    def best(counts):
        """The most frequent of counted pairs, the smallest among equals, written without Counter or max."""
        winner = None
        for pair in sorted(counts):
            if winner is None or counts[pair] > counts[winner]:
                winner = pair
        return winner

    def counted(pairs):
        table = {}
        for pair in pairs:
            table[pair] = table.get(pair, 0) + 1
        return table

    def neighbours(sequence, step=1):
        return [(sequence[at], sequence[at + 1]) for at in range(0, len(sequence) - 1, step)]

    def named_mistakes(sequences):
        joined = [one for sequence in sequences for one in sequence]
        every = [pair for sequence in sequences for pair in neighbours(sequence)]
        unordered = best(counted([tuple(sorted(pair)) for pair in every]))
        return {
            "A pair was counted across the end of a sequence. Count within each sequence alone.": best(
                counted(neighbours(joined))
            ),
            "The last pair of each sequence was missed: n ids have n - 1 pairs.": best(
                counted([pair for sequence in sequences for pair in neighbours(sequence)[:-1]])
            ),
            "An id next to itself was left out. Two equal ids are a pair like any other.": best(
                counted([pair for pair in every if pair[0] != pair[1]])
            ),
            "Only every second pair was counted. Neighbours at odd places are pairs too.": best(
                counted([pair for sequence in sequences for pair in neighbours(sequence, 2)])
            ),
            "Each sequence counted a pair once at most. Count every occurrence.": best(
                counted([pair for sequence in sequences for pair in sorted(set(neighbours(sequence)))])
            ),
            "Only the first sequence was counted. Count over all sequences.": best(counted(neighbours(sequences[0]))),
            "The counts of the sequences were not added up. Count each pair over all sequences together.": best(
                {
                    pair: max(counted(neighbours(sequence)).get(pair, 0) for sequence in sequences)
                    for pair in sorted(set(every))
                }
            ),
            "The order within a pair matters: (a, b) and (b, a) are different pairs.": (
                lambda got: unordered is not None and list(got or ()) in (list(unordered), list(unordered[::-1]))
            ),
        }

    check(
        lambda: [most_common_pair([[77, 78, 1]] * 50), most_common_pair([[5, 6, 4], [5, 6, 9]])][1],
        (5, 6),
        "[[5, 6, 4], [5, 6, 9]], after a call with other sequences",
        mistakes={"Your code keeps state between calls: counts of an earlier call are still there.": (77, 78)},
    )
    # One factor at a time: each input brings out one mistake.
    for sequences, wanted in (
        ([[1, 2, 5, 6], [3, 4, 5, 6], [7, 0, 5, 6], [8, 9, 4], [8, 9, 7]], (5, 6)),  # at the ends of sequences
        ([[7, 1], [2, 7], [3, 1], [2, 5], [9, 1], [2, 6], [4, 5], [4, 5]], (4, 5)),  # 1 and 2 meet only across ends
        ([[9, 1, 2], [8, 1, 2], [7, 1, 2], [5, 6], [5, 6]], (1, 2)),  # at even places (5, 6) wins
        ([[6, 5], [5, 6], [5, 6], [6, 5], [3, 4], [3, 4], [3, 4]], (3, 4)),  # as unordered pairs 5 and 6 win
        ([[4, 4], [4, 4], [4, 4], [1, 2], [1, 2]], (4, 4)),  # an id next to itself
        ([[5, 6, 5, 6, 5, 6, 5, 6], [1, 2], [1, 2], [1, 2]], (5, 6)),  # (1, 2) is in more sequences
        ([[1, 2, 1, 2], [3, 4], [3, 4], [3, 4]], (3, 4)),  # (1, 2) wins in the first sequence alone
    ):
        check(
            lambda: most_common_pair([list(sequence) for sequence in sequences]),
            wanted,
            f"the sequences {sequences}",
            mistakes=named_mistakes(sequences),
        )
    check(
        lambda: most_common_pair([[4, 4, 4, 4], [2, 3], [2, 3]]),
        (4, 4),
        "[4, 4, 4, 4] holds (4, 4) three times, and (2, 3) occurs twice",
        mistakes={
            "Overlapping pairs were counted once. In [4, 4, 4] the pair (4, 4) occurs twice.": (2, 3),
        },
    )
    for case in range(8):
        rng = case_rng("most_common_pair", case)
        ids = rng.sample(range(1, 900), 5)
        sequences = [[rng.choice(ids) for _ in range(rng.randint(0, 14))] for _ in range(7)]
        sequences[0] = [ids[0], ids[1], ids[2]]
        check(
            lambda: most_common_pair([list(sequence) for sequence in sequences]),
            best(counted([pair for sequence in sequences for pair in neighbours(sequence)])),
            f"seven random sequences, case {case}",
            mistakes={
                "Return the pair alone, without its count.": (
                    lambda got: isinstance(got, tuple | list) and (len(got) != 2 or isinstance(got[0], tuple | list))
                ),
                **named_mistakes(sequences),
            },
            otherwise="Count all neighbours within each sequence. The largest count wins, then the smaller pair.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "most_common_pair-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: on a tie the smallest pair wins.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    for sequences, wanted, others in (
        ([[30, 2], [4, 50], [30, 2], [4, 50]], (4, 50), {"first seen": (30, 2)}),
        ([[4, 50], [30, 2], [4, 50], [30, 2]], (4, 50), {"last seen": (30, 2), "largest": (30, 2)}),
        ([[9, 100], [10, 5], [9, 90]], (9, 90), {"first seen": (9, 100), "smallest as text": (10, 5)}),
        ([[6, 2], [5, 300], [7, 1]], (5, 300), {"smallest by its sum or its second id": (7, 1), "first seen": (6, 2)}),
        ([[1, 9], [2, 1], [2, 1], [1, 9], [0, 3]], (1, 9), {"smallest of all pairs, whatever its count": (0, 3)}),
        ([[2, 8], [1, 9], [1, 7], [2, 8], [1, 7], [1, 9]], (1, 7), {"first seen": (2, 8), "largest right id": (1, 9)}),
    ):
        check(
            lambda: most_common_pair([list(sequence) for sequence in sequences]),
            wanted,
            f"the sequences {sequences}",
            mistakes={
                f"On a tie you took another pair ({how}). The smallest wins: by its first id, then by its second.": wrong
                for how, wrong in others.items()
            },
            otherwise="Among pairs with the same count the smallest wins: by its first id, then by its second.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "most_common_pair-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: None when no pair is left, and the sequences stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check, inputs_unchanged

    for sequences in ([], [[]], [[5]], [[1], [2], [], [3]]):
        check(
            lambda: most_common_pair([list(sequence) for sequence in sequences]),
            None,
            f"the sequences {sequences}",
            if_raises="Without any pair there is no maximum: return None.",
            mistakes={
                "A pair was counted across the end of a sequence. Count within each sequence alone.": (
                    lambda got: isinstance(got, tuple | list) and len(got) == 2
                )
            },
            otherwise="No sequence has two ids: return None.",
        )
    check(
        lambda: most_common_pair([[], [8, 0]]),
        (8, 0),
        "a pair that occurs once",
        mistakes={"A pair that occurs once is the most frequent one when there is no other.": None},
    )
    check(lambda: most_common_pair([[0, 0]]), (0, 0), "the id 0 is an id like any other")
    sequences = [[3, 1, 3, 1], [2], [1, 3, 1]]
    with inputs_unchanged(sequences):
        check(lambda: most_common_pair(sequences), (3, 1), "[[3, 1, 3, 1], [2], [1, 3, 1]]")


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: `merge_pair`
#
# *Difficulty 2 of 5, 10 minutes.* Replace a pair by its new id, from left to right. An id that has just been merged is
# used up: `[1, 1, 1]` becomes `[new, 1]`.


# %% nbgrader={"grade": false, "grade_id": "merge_pair", "locked": false, "schema_version": 3, "solution": true, "task": false}
def merge_pair(ids: list[int], pair: tuple[int, int], new_id: int) -> list[int]:
    """Return the ids with every occurrence of a pair replaced, from left to right and without overlap.

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


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "merge_pair-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    check(
        lambda: merge_pair([98, 97, 110, 97, 110, 97], (97, 110), 256),
        [98, 256, 256, 97],
        "banana, merging (a, n)",
        mistakes={
            "Only the first occurrence was replaced. Go on to the end.": [98, 256, 97, 110, 97],
            "The last id was lost.": [98, 256, 256],
        },
    )
    check(
        lambda: merge_pair([1, 1, 1], (1, 1), 256),
        [256, 1],
        "[1, 1, 1] with the pair (1, 1)",
        mistakes={
            "The middle id was used twice, but merges must not overlap. After a merge, go on behind the pair.": [256, 256],
            "You merged from right to left. Go from left to right.": [1, 256],
        },
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "merge_pair-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: every occurrence is replaced, from left to right and without overlap.
### BEGIN HIDDEN TESTS
def graded_test():
    import re
    from copy import copy

    from utils.notebook.checks import case_rng, check

    def through_letters(ids, pair, new_id):
        """The test's own merge: ids as private-use characters, and a regular expression from left to right."""
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
        """Other wrong ways: where `matches` two ids, `write` something in their place and go on after `used` of them."""
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
            "The middle id of three was used twice, but merges must not overlap. After a merge, go on behind the pair.": (
                overlapping(ids, pair, new_id)
            ),
            "The second id of the pair stayed. The new id stands for both.": step_by_step(ids, is_pair, [new_id], 1),
            "The pair was replaced by two new ids. A single new id stands for both.": step_by_step(
                ids, is_pair, [new_id, new_id], 2
            ),
            "The ids were also replaced where they stand alone. A pair is two neighbours, the left one first.": (
                lambda got: (
                    got in ([new_id if one in pair else one for one in ids], [one for one in ids if one not in pair])
                )
            ),
            "Only pairs at every second position were replaced. A pair can start anywhere.": [
                one
                for at in range(0, len(ids), 2)
                for one in ([new_id] if tuple(ids[at : at + 2]) == pair else ids[at : at + 2])
            ],
            "The pair was matched in either order. (a, b) and (b, a) are different pairs.": step_by_step(
                ids, lambda at: (ids[at], ids[at + 1]) in (pair, pair[::-1]), [new_id], 2
            ),
            "You merged from right to left. Go from left to right.": from_the_right(ids, pair, new_id),
            "Only the first occurrence was replaced. Go on to the end.": first_only(ids, pair, new_id),
            "Nothing was replaced. Return a new list with the merges in it.": list(ids),
            "The last id was lost: a loop over pairs ends one id early.": right[:-1],
            "The pair (b, a) was replaced as well. The order matters.": through_letters(
                through_letters(ids, pair, new_id), pair[::-1], new_id
            ),
            "The pair was replaced in the wrong order, as (b, a).": through_letters(ids, pair[::-1], new_id),
            "The new id was put in, but the pair was not taken out completely.": (
                lambda got: isinstance(got, list) and len(got) > len(right) and new_id in got
            ),
            "Return the list alone.": lambda got: isinstance(got, int),
        }

    check(
        lambda: copy(merge_pair([1, 2, 3], (1, 2), 256)) == merge_pair([1, 2, 3], (1, 2), 256),
        True,
        "the same call twice",
        mistakes={"Your code keeps state between calls: the second call with the same input gives another result.": False},
    )
    for case in range(8):
        rng = case_rng("merge_pair", case)
        left, right, other = rng.sample(range(255), 3)
        pair = (left, right) if case % 2 else (left, left)
        ids = [rng.choice([left, left, right, other]) for _ in range(rng.randint(25, 40))] + [*pair, other, left, right][
            : 2 + case % 4
        ]
        check(
            lambda: merge_pair(list(ids), pair, 300 + case),
            through_letters(ids, pair, 300 + case),
            f"{len(ids)} random ids, the pair {pair}",
            mistakes=wrongly_merged(ids, pair, 300 + case),
            otherwise="Go from left to right; where the next two ids are the pair, write the new id and step over both.",
        )
    for length in range(2, 9):
        ids = [1] * length
        check(
            lambda: merge_pair([1] * length, (1, 1), 256),
            [256] * (length // 2) + [1] * (length % 2),
            f"{length} times the id 1, with the pair (1, 1)",
            mistakes=wrongly_merged(ids, (1, 1), 256),
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "merge_pair-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: the ends, sequences without the pair, and ids that only look alike; the input stays as it was.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check, inputs_unchanged

    for ids, pair, wanted, hint in (
        ([], (1, 2), [], "No ids give no ids."),
        ([1], (1, 2), [1], "A single id stays as it is."),
        ([1, 2], (1, 2), [256], "The whole sequence can be the pair."),
        ([3, 1, 2], (1, 2), [3, 256], "A pair at the end must be replaced too."),
        ([1, 2, 3], (1, 2), [256, 3], "The id behind the last pair was lost."),
        ([1, 3, 2], (1, 2), [1, 3, 2], "Only neighbours are a pair."),
        ([2, 1, 1], (1, 2), [2, 1, 1], "The pair (2, 1) is not the pair (1, 2)."),
        ([1, 1, 2], (1, 2), [1, 256], "After a first id that does not fit, try again with the next."),
        ([0, 0, 5], (0, 5), [0, 256], "0 is an id like any other."),
        ([11, 1, 1, 11], (1, 11), [11, 1, 256], "Ids are numbers: joined as text, 11 looks like 1 and 1."),
        ([11, 2, 1, 21], (1, 2), [11, 2, 1, 21], "Ids are numbers: joined as text, 11 ends like 1."),
        ([300, 301, 7, 300, 301], (300, 301), [256, 7, 256], "Ids above 255 are merged like any other."),
    ):
        with inputs_unchanged(ids):
            check(lambda: merge_pair(ids, pair, 256), wanted, f"{ids} with the pair {pair}", otherwise=hint, if_raises=hint)


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: `train_bpe`
#
# *Difficulty 3 of 5, 20 minutes.* Put the two together. Start from the UTF-8 bytes of each text. Merge the most common
# pair everywhere, give it the id 256, then look for the next pair, which gets 257, and so on. Stop after `n_merges`
# merges, or earlier when no pair occurs at least twice: a token that is used once saves nothing.
#
# You may call your own `most_common_pair` and `merge_pair`. If you skipped them, import them: `from
# utils.text.bpe_by_hand import most_common_pair, merge_pair`.


# %% nbgrader={"grade": false, "grade_id": "train_bpe", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_bpe(texts: list[str], n_merges: int) -> list[tuple[int, int]]:
    """Return the merges of a byte-level byte-pair encoding, in the order in which they were made.

    Args:
        texts: the training texts; each is turned into its UTF-8 bytes.
        n_merges: how many merges to make at most. The first gets the id 256, the next 257, and so on.

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
            (left, right) == pair for sequence in sequences for left, right in zip(sequence, sequence[1:])
        )
        if occurrences < 2:
            break
        sequences = [merge_pair(sequence, pair, 256 + len(merges)) for sequence in sequences]
        merges.append(pair)
    return merges
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "train_bpe-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    check(
        lambda: train_bpe(["red", "rare rare", "arena reread"], 3),
        [(114, 101), (97, 256), (114, 257)],
        'three merges on "red", "rare rare", "arena reread": re is 256, a + re is 257, r + are is 258',
        mistakes={
            "The merges were counted but never applied: once (r, e) is 256, it can be part of the next pair.": (
                lambda got: isinstance(got, list) and len(got) > 1 and all(max(pair) < 256 for pair in got)
            ),
            "The new ids are wrong: bytes take 0 to 255, so the first merge gets 256 and the second 257.": (
                lambda got: isinstance(got, list) and got[:1] in ([(114, 101)], [[114, 101]])
            ),
        },
    )
    check(
        lambda: train_bpe(["red", "rare rare", "arena reread"], 50),
        [(114, 101), (97, 256), (114, 257)],
        "fifty merges wanted, but after three no pair occurs twice",
        mistakes={
            "You went on with pairs that occur once. Stop when no pair occurs at least twice.": (
                lambda got: isinstance(got, list) and len(got) > 3
            ),
        },
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "train_bpe-1", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Graded: the merges in order, each applied before the next is chosen, with ids from 256 up.
### BEGIN HIDDEN TESTS
def graded_test():
    from copy import copy

    from utils.notebook.checks import case_rng, check

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
                sequences = [replaced(sequence, ranked[0], first_id + step * number) for sequence in sequences]
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
        mistakes={"Your code keeps state between calls: the second call with the same input gives another result.": False},
    )
    for case in range(5):
        rng = case_rng("train_bpe", case)
        attempt = 0
        while True:  # until the first five choices are clear, with overlapping pairs counted either way
            attempt += 1
            letters = rng.sample("abcdefghij", 4)
            words = ["".join(rng.choice(letters) for _ in range(rng.randint(2, 4))) for _ in range(6)]
            texts = [" ".join(rng.choices(words, weights=[32, 16, 8, 4, 2, 1], k=rng.randint(3, 9))) for _ in range(8)]
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
                "Return the merges as pairs, in the order in which they were made.": (
                    lambda got: not isinstance(got, list | tuple) or any(not isinstance(one, list | tuple) for one in got)
                ),
                "The merges are applied to the first text only. Replace the pair in every text.": first_text(start),
                "Every merge got the same new id. The first is 256, the second 257, and so on.": learn(start, 5, step=0)[0],
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
            otherwise="Count the pairs of all texts, merge the most frequent one everywhere, and count again.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "train_bpe-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: the units are UTF-8 bytes, spaces and capitals included.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    def beyond_bytes(got):
        """Whether the first merge is of ids that no byte has."""
        return isinstance(got, list) and bool(got) and isinstance(got[0], list | tuple) and max(got[0]) > 255

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
                "These are code points of characters. Start from the UTF-8 bytes, `text.encode('utf-8')`.": beyond_bytes,
                "These are not the bytes of UTF-8: use `text.encode('utf-8')`.": (
                    lambda got: isinstance(got, list) and bool(got) and got[0] not in (wanted[0], list(wanted[0]))
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
            "Merges overlap: in a, a, a the middle one was used twice.": (
                lambda got: isinstance(got, list) and len(got) > 1 and got[1] in ((256, 256), [256, 256])
            ),
            "You merged from right to left. Go from left to right.": (
                lambda got: isinstance(got, list) and len(got) > 1 and got[1] in ((97, 256), [97, 256])
            ),
        },
    )
    check(
        lambda: train_bpe(["AbAbAb", "abab"], 1),
        [(65, 98)],
        '"Ab" occurs three times and "ab" twice',
        mistakes={"The texts were lower-cased. A capital letter is another byte.": [(97, 98)]},
    )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "train_bpe-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: training stops when no pair occurs twice, pairs never span two texts, and the texts stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check, inputs_unchanged

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


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: balance the data, and watch the premium fall
#
# **Claim.** Byte-pair encoding gives short codes to what its training data hold. **Measurement.** We train 250 merges
# on English messages with a growing share of Russian ones, at the same number of bytes, and count tokens on messages
# that were not used. Five random splits. **Control.** Greek is never in the training data: if its premium fell as
# well, the balance would not be the reason.

# %% tags=["experiment", "row-15"]
from utils.text.bpe_by_hand import encode, train_bpe as reference_train_bpe


def blend(texts, share, n_bytes, rng):
    """English messages with a share of Russian ones, about n_bytes together."""
    chosen = []
    for language, part in (("en", 1 - share), ("ru", share)):
        pool, size = rng.sample(texts[language], len(texts[language])), 0
        while size < part * n_bytes:
            text = pool[len(chosen) % len(pool)]
            chosen.append(text)
            size += len(text.encode())
    return chosen


three = parallel_messages(["en", "ru", "el"])
russian_shares = [0.0, 0.02, 0.1, 0.25, 0.5]
splits = budget.pick(smoke=range(2), cpu=range(5), gpu=range(10))
n_merges = budget.pick(smoke=60, cpu=250, gpu=500)
curves = {"ru": [], "el": [], "en tokens": []}
for share in russian_shares:
    outcomes = []
    for seed in splits:
        rng = random.Random(seed)
        places = rng.sample(range(len(three["en"])), len(three["en"]))
        train_texts = {code: [own[at] for at in places[30:]] for code, own in three.items()}
        held_out = {code: [own[at] for at in places[:30]] for code, own in three.items()}
        merges = reference_train_bpe(blend(train_texts, share, 4000, rng), n_merges)
        premium = reference_premium(held_out, lambda text: encode(text, merges))
        english = median_tokens({"en": held_out["en"]}, lambda text: encode(text, merges))["en"]
        outcomes.append((premium["ru"], premium["el"], english))
    for key, values in zip(curves, zip(*outcomes)):
        curves[key].append(mean_interval(values))
    print(
        f"{share:4.0%} Russian: premium of Russian {curves['ru'][-1]}, of Greek {curves['el'][-1].mean:.2f},"
        f" English median {curves['en tokens'][-1].mean:.1f} tokens"
    )

figure, axes = plt.subplots()
for key, label, marker in (("ru", "Russian (in the training data)", "o"), ("el", "Greek (never in them)", "s")):
    axes.errorbar(
        [100 * share for share in russian_shares],
        [one.mean for one in curves[key]],
        yerr=[[one.mean - one.low for one in curves[key]], [one.high - one.mean for one in curves[key]]],
        marker=marker,
        capsize=3,
        label=label,
    )
axes.axhline(1, color="black", linewidth=0.8, linestyle=":")
axes.set(xlabel="Russian in the training data (% of bytes)", ylabel="token premium over English", ylim=(0, None))
axes.legend()
show(
    figure,
    "Token premium of Russian and Greek over English against the share of Russian in the tokenizer's training data, "
    "with 95% "
    "intervals over five splits. Russian falls steeply with the first few percent, then slowly; Greek stays high.",
)
fall, control = (curves[key][0].mean - curves[key][-1].mean for key in ("ru", "el"))
verdicts.add(
    row=15,
    claim="a tokenizer spends its merges on what its training data hold",
    measured=f"premium of Russian {curves['ru'][0].mean:.1f} without Russian data, {curves['ru'][-1].mean:.1f} with "
    "half; "
    f"Greek as a control {curves['el'][0].mean:.1f} to {curves['el'][-1].mean:.1f}",
    interval=f"with half: {curves['ru'][-1]}",
    outcome="holds"
    if curves["ru"][-1].high < curves["ru"][0].low and control < fall / 2
    else "holds in part"
    if fall > 0
    else "does not hold",
)

# %% [markdown]
# The first 2% do more than the last 25%. And look at the last number of each line: English pays a little for it. With
# a fixed number of merges, tokens for one language are tokens taken from another.
#
# **Think.** Greek is never in the data, and its premium falls a little all the same. Multiply it by the English median
# of its line, and look again: what has changed, the Greek or the English?
#
# ### What if? The tokenizer explorer
#
# Type a text and see it through four vocabularies. A dashed border marks a token that ends inside a character: its
# bytes are shown in hexadecimal. Where widgets do not render, you see a table of the same for one example.

# %% tags=["experiment", "row-15", "row-11"]
from IPython.display import display

from utils.notebook.widgets.tokenizer_explorer import read_text, readings_text, tokenizer_explorer

four = [vocabularies[name] for name in ("smollm2", "cl100k_base", "tekken", "o200k_base")]
place = {"en": short_texts["en"][0], "my": short_texts["my"][0]}
example_texts = {
    "English": "Where is the nearest station?",
    "Burmese (a country)": place["my"],
    "Hindi (a web form)": parallel_messages(["en", "hi"])["hi"][0],
    "code": "for i in range(10):\n    print(i ** 2)",
    "numbers": "3.14159265 + 2.71828183",
}
display(tokenizer_explorer(four, example_texts["English"], examples=example_texts))
for name in ("English", "Burmese (a country)"):
    print(name)
    print(readings_text(read_text(example_texts[name], four, dollars_per_million=10.0, tokens_per_second=50.0)))

# %% [markdown]
# ## 5 What is worth reading?
#
# **What the chapter claims.** Much of a crawl is not worth learning from. Teams filter it with rules of thumb: GPT-2
# was trained on pages that Reddit users had linked and upvoted three times. And a small amount of good data can beat a
# large amount of bad data.
#
# A rule is a name and a predicate: a function that is true for a text that passes. These five come ready-made. They
# follow the filters of the Gopher model (Rae et al., 2021, appendix A1):

# %%
from utils.text.quality import alphabetic_words, mean_word_length, stop_words, symbol_ratio, word_count

rules = [
    ("word_count", word_count),
    ("mean_word_length", mean_word_length),
    ("symbol_ratio", symbol_ratio),
    ("alphabetic_words", alphabetic_words),
    ("stop_words", stop_words),
]
prose = "The tram that leaves at noon has been late for most of the week, and nobody at the station knows why. " * 4
price_list = "SKU-1009 ... 12.50 ### SKU-1010 ... 13.75 ### " * 20
for name, text in (("prose", prose), ("price list", price_list), ("two words", "Read more")):
    print(f"{name:11}", {rule: "pass" if predicate(text) else "FAIL" for rule, predicate in rules})

# %% [markdown]
# ### Exercise: `quality_failures`
#
# *Difficulty 1 of 5, 10 minutes.* Say which rules a text fails, so that somebody can look at what a filter throws
# away. Hand the text to each predicate as it is.

# %% nbgrader={"grade": false, "grade_id": "quality_failures", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


def quality_failures(text: str, rules: list[tuple[str, Callable[[str], bool]]]) -> list[str]:
    """Return the names of the rules that a text fails, in the order of the rules.

    Args:
        text: a document.
        rules: pairs of a name and a predicate, which is true for a text that passes.
    """
    ### BEGIN SOLUTION
    return [name for name, passes in rules if not passes(text)]
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "quality_failures-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    short_and_calm = [("short", lambda text: len(text) < 10), ("calm", lambda text: "!" not in text)]
    check(
        lambda: quality_failures("Buy now!!!", short_and_calm),
        ["short", "calm"],
        "a text that is neither short nor calm",
        mistakes={
            "These are the rules that the text passes. A predicate is true for a text that passes.": [],
            "Only the first failure is reported. Report all of them.": ["short"],
        },
    )
    check(
        lambda: quality_failures("Hello", short_and_calm),
        [],
        "a text that passes both",
        mistakes={"These are the rules that the text passes.": ["short", "calm"]},
        otherwise="A text that passes every rule has no failures: return an empty list.",
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "quality_failures-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: all failed rules and no other, in the order of the rules.
### BEGIN HIDDEN TESTS
def graded_test():
    from copy import copy

    from utils.notebook.checks import case_rng, check

    always = [("never", lambda text: False)]
    check(
        lambda: copy(quality_failures("text", always)) == quality_failures("text", always),
        True,
        "the same call twice",
        mistakes={"Your code keeps state between calls: the second call with the same input gives another result.": False},
    )
    for case in range(6):
        rng = case_rng("quality_failures", case)
        # Each rule looks for one letter, so the text decides exactly which rules fail.
        letters = rng.sample("bcdfghjklmnpqrstvwxz", 7)
        wanted = sorted(rng.sample(range(7), rng.randint(2, 5)))
        while wanted == list(range(len(wanted))):  # the first failures must not be the first rules
            wanted = sorted(rng.sample(range(7), rng.randint(2, 5)))
        names = [f"{rng.choice(['has', 'wants', 'needs'])}_{letter}" for letter in letters]
        text = " ".join(f"{letters[at]}a{letters[at]}o" for at in rng.sample(range(7), 7) if at not in wanted) + " aeiou"
        rules = [(name, lambda one, letter=letter: letter in one) for name, letter in zip(names, letters)]
        failed = [names[at] for at in wanted]
        passed = [names[at] for at in range(7) if at not in wanted]
        check(
            lambda: quality_failures(text, list(rules)),
            failed,
            f"seven rules {names} on {text!r}",
            mistakes={
                "These are the rules that the text passes. A predicate is true for a text that passes.": passed,
                "Only the first failure is reported. Report all of them.": failed[:1],
                "Only the last failure is reported. Report all of them.": failed[-1:],
                "You stopped at the first failure, and returned it without a list. Go through all rules.": failed[0],
                "Return a list of names, not one string or number.": lambda got: isinstance(got, bool | str | int | float),
                "The names are not in the order of the rules.": (
                    lambda got: isinstance(got, list | tuple | set) and sorted(map(str, got)) == sorted(failed)
                ),
                "Return the names alone, without the predicates.": (
                    lambda got: isinstance(got, list) and bool(got) and isinstance(got[0], tuple | list)
                ),
                "Return the names of the failed rules, not their places.": wanted,
                "The rules were checked only until one passed or failed. Go through all of them.": (
                    lambda got: isinstance(got, list) and 0 < len(got) < len(failed) and got == failed[: len(got)]
                ),
            },
            otherwise="Return the names of the rules whose predicate is false for the text, in order.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "quality_failures-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: predicates see the text as it is; no rules, no failures, and the empty text are cases like any other.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check, inputs_unchanged

    text = "  Title\n\nSome TEXT with  two blanks.\n"
    for name, predicate, hint in (
        ("whole", lambda one: one == text, "Hand the text to each predicate as it is: do not split, strip or lower it."),
        ("upper", lambda one: "TEXT" in one, "The text was lower-cased before the predicate saw it."),
        ("lines", lambda one: one.count("\n") == 3, "The text was stripped or split before the predicate saw it."),
        ("length", lambda one: len(one) > 30, "The predicate got words and not the text."),
    ):
        check(lambda: quality_failures(text, [(name, predicate)]), [], f"the rule {name!r}", otherwise=hint, if_raises=hint)
    check(
        lambda: quality_failures("", [("some", lambda one: len(one) > 0), ("any", lambda one: True)]),
        ["some"],
        "the empty text",
        otherwise="The empty text goes through the rules like any other.",
    )
    check(lambda: quality_failures("text", []), [], "no rules", otherwise="Without rules nothing can fail.")
    rules = [("z_last", lambda one: False), ("passes", lambda one: True), ("a_first", lambda one: False)]
    with inputs_unchanged(rules):
        check(
            lambda: quality_failures("text", rules),
            ["z_last", "a_first"],
            "rules whose names are not in the order of the alphabet",
            mistakes={
                "The names were sorted. Keep the order of the rules.": ["a_first", "z_last"],
                "The rule that passes was reported.": ["passes"],
            },
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "quality_failures-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: the ready-made rules on prose, on symbols and on a fragment.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check
    from utils.text.quality import alphabetic_words, mean_word_length, stop_words, symbol_ratio, word_count

    rules = [
        ("word_count", word_count),
        ("mean_word_length", mean_word_length),
        ("symbol_ratio", symbol_ratio),
        ("alphabetic_words", alphabetic_words),
        ("stop_words", stop_words),
    ]
    sentence = "The people of the town have been waiting for that bridge, and with it they will be there in an hour. "
    for text, what in (
        (sentence * 4, "80 words of prose"),
        (sentence, "one sentence"),
        ("12 # 34 # " * 40, "numbers and hashes"),
        ("Donaudampfschifffahrtsgesellschaft " * 80, "eighty long words"),
        (sentence.upper() * 4, "prose in capitals"),
    ):
        wanted = [rule for rule, predicate in rules if not predicate(text)]
        check(
            lambda: quality_failures(text, rules),
            wanted,
            what,
            mistakes={
                "These are the rules that the text passes. A predicate is true for a text that passes.": [
                    rule for rule, _ in rules if rule not in wanted
                ],
                "Only the first failure is reported. Report all of them.": wanted[:1],
            },
            otherwise="Hand the text to each predicate as it is, and return the names of those that are false, in order.",
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: what do the rules catch, and what do they cost?
#
# **Claim.** Heuristics filter out pages of low quality. **Measurement.** Half of the collection is clean text that is
# installed on this machine: documentation, and for 30% of it code, sessions, tables and package descriptions. The
# other half was made from other documentation by ten named processes, from menus to bad scans. A page is kept when it
# passes all rules. **Controls.** A filter that keeps as many pages at random, and the same rules on clean text in
# other languages.

# %% tags=["experiment", "row-4"]
from utils.text.filter_scores import filter_scores
from utils.text.noise import labelled_collection
from utils.text.quality import GOPHER_RULES, LINE_RULES, REPETITION_RULES, quality_failures as reference_failures

collection = labelled_collection(budget.pick(smoke=60, cpu=200, gpu=1000), seed=0)
is_clean = np.array([page.is_clean for page in collection])
all_rules = GOPHER_RULES + LINE_RULES + REPETITION_RULES
decisions = {
    "five rules of the exercise": np.array([not reference_failures(page.text, GOPHER_RULES) for page in collection]),
    "nine rules": np.array([not reference_failures(page.text, all_rules) for page in collection]),
}
decisions["random, keeps as many"] = np.random.default_rng(0).permutation(decisions["five rules of the exercise"])


def precision_and_recall(kept):
    """Precision and recall of a filter with bootstrap intervals over pages."""
    rows = range(len(collection))
    return [
        bootstrap_interval(
            rows,
            lambda chosen: getattr(filter_scores(is_clean[chosen.astype(int)], kept[chosen.astype(int)]), measure),
            resamples=300,
        )
        for measure in ("precision", "recall")
    ]


print(f"{len(collection)} pages, {is_clean.mean():.0%} of them clean")
filter_quality = {name: precision_and_recall(kept) for name, kept in decisions.items()}
for name, (precision, recall) in filter_quality.items():
    print(f"{name:27} precision {precision}, recall {recall}")
for name, predicate in all_rules:
    alone = filter_scores(is_clean, [predicate(page.text) for page in collection])
    print(f"  {name:18} alone drops {alone.clean_dropped:3} clean and {alone.dirty_dropped:3} dirty pages")

kinds = sorted({(not page.is_clean, page.kind) for page in collection})
kept_share = {
    kind: np.mean(
        [kept for page, kept in zip(collection, decisions["five rules of the exercise"]) if page.kind == kind]
    )
    for _, kind in kinds
}
figure, axes = plt.subplots(figsize=(8, 4))
labels = [f"{kind} ({'dirty' if dirty else 'clean'})" for dirty, kind in kinds]
colours = ["#D55E00" if dirty else "#0072B2" for dirty, _ in kinds]
axes.barh(labels, [100 * kept_share[kind] for _, kind in kinds], color=colours)
axes.invert_yaxis()
axes.set(xlabel="pages that pass the five rules (%)", ylabel="kind of page", xlim=(0, 100))
show(
    figure,
    "Share of pages of each kind that pass the five rules. Of the clean kinds, prose passes, and many sessions, "
    "descriptions and pieces of code fail. Of the dirty kinds, most fail, but shuffled words, bad scans and repeated lines pass.",
)
rules_precision, rules_recall = filter_quality["five rules of the exercise"]
random_precision = filter_quality["random, keeps as many"][0]
verdicts.add(
    row=4,
    claim="heuristics filter out low-quality pages",
    measured=f"five rules: precision {rules_precision.mean:.2f} (random {random_precision.mean:.2f}), recall "
    f"{rules_recall.mean:.2f}",
    interval=f"precision {rules_precision}",
    outcome="does not hold"
    if rules_precision.low <= random_precision.high
    else "holds"
    if rules_precision.low > 0.9 and rules_recall.low > 0.9
    else "holds in part",
)

# %% [markdown]
# The rules see form, not meaning. Words in random order have the same lengths, the same stop words and the same
# letters, so they pass. Good code does not look like prose, so it fails.
#
# And the second control. What do rules made for English say to clean text in other languages?

# %% tags=["experiment", "row-4"]
from utils.text.languages import main_language

probed = ["en", "de", "es", "ru", "el", "hi", "ta", "th", "ja", "zh", "sw", "ar"]
for code in probed:
    record = main_language(code)
    # Long enough for the rule on word counts, so that only the other rules can fail.
    text = " ".join([record.excerpt] * 8)
    print(f"{record.name:20} fails {reference_failures(text, GOPHER_RULES) or 'nothing'}")

# %% [markdown]
# One rule asks for English stop words, and others count words between blanks, which Chinese, Japanese and Thai do not
# write. A filter tuned on English is also a language filter. Part of the imbalance of section 2 is made here.
#
# ### Experiment: three upvotes
#
# **Claim.** GPT-2's makers kept pages with three upvotes on Reddit. That screens out what nobody cares about, and is
# no guarantee of quality. **Measurement.** A simulation whose truth is known: 20,000 posts with a quality, an appeal
# and an audience. Readers vote for a mix of quality and appeal, correlated 0.7 with quality. The best 30% count as
# good. **Control.** Votes that have nothing to do with quality. Five seeds. This is a model of a filter, and its
# numbers are not Reddit's.

# %% tags=["experiment", "row-5"]
from utils.text.popularity import simulate_posts, vote_filter

thresholds = [0, 1, 2, 3, 5, 10, 20, 40]
n_posts = budget.pick(smoke=2_000, cpu=20_000, gpu=200_000)
vote_scores = {
    agreement: [
        [vote_filter(simulated, threshold) for threshold in thresholds]
        for simulated in (simulate_posts(n_posts, seed, agreement=agreement) for seed in range(5))
    ]
    for agreement in (0.7, 0.0)
}
figure, axes = plt.subplots()
for agreement, style in ((0.7, "-"), (0.0, "--")):
    for measure, colour, marker in (("precision", "#0072B2", "o"), ("recall", "#E69F00", "s")):
        means = [
            np.mean([getattr(run[place], measure) for run in vote_scores[agreement]])
            for place in range(len(thresholds))
        ]
        label = f"{measure}, {'votes follow quality (0.7)' if agreement else 'control: votes say nothing'}"
        axes.plot(range(len(thresholds)), means, style, color=colour, marker=marker, label=label)
axes.set_xticks(range(len(thresholds)), thresholds)
axes.set(xlabel="upvotes needed to be kept", ylabel="precision, recall (share)", ylim=(0, 1))
axes.legend(fontsize=8)
show(
    figure,
    "Precision and recall of keeping posts against the number of votes needed. Precision rises slowly from 0.3 to "
    "about 0.6 while "
    "recall falls from 1 to below 0.1; in the control precision stays at 0.3.",
)
at_three = [run[thresholds.index(3)] for run in vote_scores[0.7]]
precision_3, recall_3 = (mean_interval([getattr(one, name) for one in at_three]) for name in ("precision", "recall"))
control_3 = mean_interval([run[thresholds.index(3)].precision for run in vote_scores[0.0]])
print(f"three votes: precision {precision_3}, recall {recall_3}; control {control_3.mean:.3f}")
verdicts.add(
    row=5,
    claim="three upvotes screen out what nobody cares about, and do not make it good",
    measured=f"simulated: good posts 30% before, {precision_3.mean:.0%} after; {1 - recall_3.mean:.0%} of the good "
    "ones lost; "
    f"control {control_3.mean:.0%}",
    interval=f"precision {precision_3}",
    outcome="holds" if control_3.high + 0.02 < precision_3.low and precision_3.high < 0.9 else "does not hold",
)

# %% [markdown]
# **Think.** Half of the good posts were lost because few people saw them. Which languages would lose most?
#
# ### Experiment: a small clean set against a large dirty one
#
# **Claim.** A model trained on less data of high quality can beat one trained on more data of low quality. The
# chapter's example: 1.3 billion parameters and 7 billion good tokens of code (Gunasekar et al., 2023).
# **Measurement.** A crawl, 80% of it dirty by the processes above, against the clean fifth alone, seen about twice.
# Both models see equally many bytes: equal compute. Both are measured on clean text that neither has seen. Five seeds,
# paired. **Control.** As much *clean* text as the crawl has, seen once.
#
# The models are toys, trained for a second. They learn spelling and frequent words.

# %% tags=["experiment", "row-6"]
from utils.text.installed import installed_documents
from utils.text.noise import NOISE, add_noise
from utils.training.sweep import run_sweep
from utils.training.tiny import LanguageModelJob, train_language_model

n_bytes = budget.pick(smoke=4_000, cpu=14_000, gpu=400_000)
n_seeds = budget.pick(smoke=2, cpu=5, gpu=5)
sweep_workers = budget.pick(smoke=0, cpu=None)  # None: a process for each core
prose_texts = [document.text for document in installed_documents("prose", budget.pick(smoke=60, cpu=150, gpu=2000))]
unseen = {"clean": "\n\n".join(prose_texts[:20])[: budget.pick(smoke=2_000, cpu=8_000)]}
pool = prose_texts[20:]
processes = sorted(NOISE)


def crawl(seed, dirty_share):
    """The pool in random order, each document spoiled with the given probability, cut at n_bytes."""
    order, noise = random.Random(seed), np.random.default_rng(seed)
    texts, size = [], 0
    for text in order.sample(pool, len(pool)):
        # The same documents stay clean at every share: conditions differ in nothing else.
        spoiled = order.random() < dirty_share
        texts.append(add_noise(text, order.choice(processes), noise)[:2000] if spoiled else text[:2000])
        size += len(texts[-1])
        if size > n_bytes:
            break
    return "\n\n".join(texts)


conditions = {
    "small, clean": lambda seed: crawl(seed, 0.0)[: n_bytes // 2],
    "large, 80% dirty": lambda seed: crawl(seed, 0.8),
    "large, clean (control)": lambda seed: crawl(seed, 0.0),
}
clean_jobs = [
    LanguageModelJob(data=make(seed), held_out=unseen, tokens=n_bytes, seed=seed, label=label)
    for label, make in conditions.items()
    for seed in range(n_seeds)
]
clean_results = run_sweep(train_language_model, clean_jobs, workers=sweep_workers, description="clean and dirty")
by_condition = {
    label: [one.bits_per_byte["clean"] for one in clean_results if one.label == label] for label in conditions
}
print(f"models of {clean_results[0].parameters:,} parameters, {n_bytes:,} bytes of training each")
for label, values in by_condition.items():
    epochs = next(one.epochs for one in clean_results if one.label == label)
    print(f"{label:23} {mean_interval(values)} bits per byte on unseen clean text; data seen {epochs:.1f} times")
dirt_gap = mean_interval([d - c for c, d in zip(by_condition["small, clean"], by_condition["large, 80% dirty"])])
repeat_gap = mean_interval(
    [c - f for c, f in zip(by_condition["small, clean"], by_condition["large, clean (control)"])]
)
print(f"what the dirt costs, paired by seed: {dirt_gap}; what seeing half as much text twice costs: {repeat_gap}")
verdicts.add(
    row=6,
    claim="a small clean set can beat a large dirty one at equal compute",
    measured=f"toy models: the crawl costs {dirt_gap.mean:.2f} bits per byte more than its clean part",
    interval=str(dirt_gap),
    outcome="holds" if dirt_gap.low > 0 else "does not hold" if dirt_gap.high < 0 else "undecided",
)

# %% [markdown]
# ## 6 The same page twice
#
# Rules look at one page at a time. The commonest fault of a crawl needs two: pages that repeat each other, with
# another date or another footer. To find them, cut each text into *shingles*, all runs of n words, and compare the
# sets (Broder, 1997).

# %%
first = "the tram is late again"
second = "The tram is late today"
print("shingles of 3:", sorted({tuple(first.split()[at : at + 3]) for at in range(3)}))
print("common to both: (the tram is), (tram is late); in either: 4; Jaccard similarity", 2 / 4)

# %% [markdown]
# ### Exercise: `jaccard` and `shingles`
#
# *Difficulty 2 of 5, 15 minutes.* The Jaccard similarity of two sets is the size of their intersection over the size
# of their union. Two empty sets are equal, so their similarity is 1.
#
# Words are what stands between white space, in lower case, with their punctuation. A text of fewer than n words is a
# single shingle that holds all of them.


# %% course={"names": ["jaccard", "shingles"]} nbgrader={"grade": false, "grade_id": "jaccard", "locked": false, "schema_version": 3, "solution": true, "task": false}
def jaccard(a: set, b: set) -> float:
    """Return the Jaccard similarity of two sets: common elements over all elements; 1.0 for two empty sets."""
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


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "jaccard-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    check(
        lambda: jaccard({("a",), ("b",), ("c",)}, {("b",), ("c",), ("d",), ("e",)}),
        0.4,
        "two common elements of five",
        mistakes={
            "You divided by the size of one set. Divide by the size of the union.": lambda got: got in (2 / 3, 2 / 4),
            "You divided by both sizes, so common elements count twice. Divide by the size of the union.": lambda got: (
                got in (2 / 7, 4 / 7)
            ),
            "This is the distance. The similarity is 1 for equal sets.": 0.6,
        },
    )
    check(
        lambda: shingles("The tram is late", 3),
        {("the", "tram", "is"), ("tram", "is", "late")},
        'shingles of 3 words of "The tram is late"',
        mistakes={
            "Lower-case the words.": {("The", "tram", "is"), ("tram", "is", "late")},
            "The last shingle is missing.": {("the", "tram", "is")},
            "Each shingle is a tuple of words, not a string.": {"the tram is", "tram is late"},
        },
    )
    check(lambda: shingles("Late again", 3), {("late", "again")}, "a text of two words, shingles of 3")


visible_test()

# %% nbgrader={"grade": true, "grade_id": "jaccard-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the similarity of two sets, empty ones included; the sets stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import case_rng, check, inputs_unchanged

    for case in range(6):
        rng = case_rng("jaccard", case)
        common, only_a, only_b = rng.randint(2, 9), rng.randint(1, 6), rng.randint(7, 14)
        if case % 2:
            only_a, only_b = only_b, only_a
        labels = rng.sample(range(1000), common + only_a + only_b)
        elements = [(f"w{label}", "x") for label in labels]
        a, b = set(elements[: common + only_a]), set(elements[:common] + elements[common + only_a :])
        size_a, size_b = common + only_a, common + only_b
        with inputs_unchanged(a, b):
            check(
                lambda: jaccard(a, b),
                common / (common + only_a + only_b),
                f"{common} common elements, {only_a} only in a, {only_b} only in b",
                mistakes={
                    "You divided by the size of the smaller set. Divide by the size of the union.": common
                    / min(size_a, size_b),
                    "You divided by the size of one set. Divide by the size of the union.": (
                        lambda got: got in (common / size_a, common / size_b)
                    ),
                    "This is Dice's coefficient. Jaccard divides the intersection by the union.": (
                        2 * common / (size_a + size_b)
                    ),
                    "You divided by both sizes, so common elements count twice. Divide by the size of the union.": (
                        common / (size_a + size_b)
                    ),
                    "This is the distance, 1 minus the similarity.": (only_a + only_b) / (common + only_a + only_b),
                    "This is the number of common elements. Divide it by the size of the union.": common,
                    "You divided by the elements that are in one set only. The union holds the common ones too.": (
                        common / (only_a + only_b)
                    ),
                    "The similarity is rounded or cut to a whole number. Return it as it is.": (
                        lambda got: isinstance(got, int | float) and 0 <= got <= 1 and got == round(got, 3)
                    ),
                    "This is a percentage. The similarity lies between 0 and 1.": (
                        100 * common / (common + only_a + only_b)
                    ),
                },
                otherwise="Divide the number of common elements by the number of elements in either set.",
            )
    check(lambda: jaccard({("a",)}, {("a",)}), 1.0, "two equal sets")
    check(lambda: jaccard({("a",), ("b",)}, {("c",)}), 0.0, "two sets with nothing in common")
    check(
        lambda: jaccard(set(), set()),
        1.0,
        "two empty sets",
        if_raises="The union is empty: two empty sets have similarity 1.0.",
        mistakes={"Two empty sets are equal: their similarity is 1.0.": 0.0},
    )
    for a, b in ((set(), {("a",)}), ({("a",), ("b",)}, set())):
        check(
            lambda: jaccard(set(a), set(b)),
            0.0,
            "one empty set and one that is not",
            if_raises="Divide by the size of the union, which is not empty.",
            mistakes={"Only two empty sets are equal. An empty set and another one have nothing in common.": 1.0},
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "jaccard-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: shingles are all runs of n words, lower-cased, split at any white space.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import case_rng, check

    def runs(words, n, step=1):
        """The test's own shingles, from shifted copies of the words."""
        return set(list(zip(*(words[shift:] for shift in range(n))))[::step])

    for case in range(6):
        rng = case_rng("shingles", case)
        n = 1 + case % 4
        words = [
            rng.choice(["Tram", "tram,", "late", "IS", "the", "(again)", "Über", "12:30"])
            for _ in range(rng.randint(9, 15))
        ]
        words[-1], words[-2] = "End", "the"
        gaps = [rng.choice([" ", "  ", "\t", "\n", " \n "]) for _ in words]
        text = "\n" * (case % 2) + " " * (case % 3) + "".join(word + gap for word, gap in zip(words, gaps))
        low = [word.lower() for word in words]
        wanted = runs(low, n)
        check(
            lambda: shingles(text, n),
            wanted,
            f"shingles of {n} in {text!r}",
            mistakes={
                "Return a set of tuples.": lambda got: not isinstance(got, set | frozenset),
                "Each shingle is a tuple of words, not a string.": lambda got: any(isinstance(one, str) for one in got),
                "The words were not lower-cased.": runs(words, n),
                "The last shingle is missing: there are len(words) - n + 1 of them.": runs(low[:-1], n),
                "You took every n-th run. Shingles overlap: one starts at every word.": runs(low, n, step=n),
                "Only one shingle came back. One starts at every word.": lambda got: len(got) == 1 and len(wanted) > 1,
                "Split at any white space, also at tabs, line ends and doubled blanks: `text.split()`.": runs(
                    text.lower().split(" "), n
                ),
                "Empty words at the ends are not words: `text.split()` leaves them out.": (
                    lambda got: isinstance(got, set) and any("" in one for one in got)
                ),
                "Shingles are runs of words, not of characters.": runs(text.lower(), n),
                "Punctuation belongs to its word: split at white space only.": (
                    lambda got: isinstance(got, set) and not any(not w.isalnum() for one in got for w in one)
                ),
                "The length of the shingles is wrong: n words each.": (
                    lambda got: isinstance(got, set) and all(len(one) != n for one in got)
                ),
                "There are shingles of other lengths among these: n words each.": (
                    lambda got: isinstance(got, set) and any(len(one) != n for one in got)
                ),
                "The order of the words within a shingle matters.": (
                    lambda got: isinstance(got, set) and got == {tuple(sorted(one)) for one in wanted}
                ),
            },
            otherwise="Lower-case, split at white space, and take the n words from each position on.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "jaccard-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: texts with as many words as a shingle, and with fewer.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    hint = "A text of fewer than n words is one shingle that holds all of its words."
    for text, n, wanted in (
        ("one", 3, {("one",)}),
        (" One\nTWO ", 5, {("one", "two")}),
        ("a b c d", 5, {("a", "b", "c", "d")}),
    ):
        check(
            lambda: shingles(text, n),
            wanted,
            f"shingles of {n} in {text!r}",
            otherwise=hint,
            if_raises=hint,
            mistakes={f"No shingle came back. {hint}": lambda got: isinstance(got, set) and not got},
        )
    check(
        lambda: shingles("a b c", 3),
        {("a", "b", "c")},
        "three words, shingles of 3",
        otherwise="A text of exactly n words has one shingle.",
    )
    check(lambda: shingles("b a b a b", 2), {("b", "a"), ("a", "b")}, "a repeated run is one element of the set")
    check(lambda: shingles("to be or", 1), {("to",), ("be",), ("or",)}, "shingles of one word are tuples too")


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: `near_duplicates`
#
# *Difficulty 2 of 5, 10 minutes.* Find all pairs of texts whose shingles are similar: at least as similar as the
# threshold. You may use your own `jaccard` and `shingles`. If you skipped them, import them: `from
# utils.text.duplicates import jaccard, shingles`.


# %% nbgrader={"grade": false, "grade_id": "near_duplicates", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    return [(i, j) for i in range(len(sets)) for j in range(i + 1, len(sets)) if jaccard(sets[i], sets[j]) >= threshold]
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "near_duplicates-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    three_pages = ["one two three four five six", "Something else altogether here", "one two three four five six seven"]
    check(
        lambda: near_duplicates(three_pages),
        [(0, 2)],
        "the first and the last of three texts have 4 of 5 shingles in common, a similarity of 0.8",
        mistakes={
            "A pair at the threshold itself counts: at least 0.8.": [],
            "Give each pair once, with i < j.": [(0, 2), (2, 0)],
            "A text is no duplicate of itself: i < j.": [(0, 0), (0, 2), (1, 1), (2, 2)],
            "Count the texts from 0.": [(1, 3)],
        },
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "near_duplicates-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: all pairs of similar texts, once each, sorted.
### BEGIN HIDDEN TESTS
def graded_test():
    from copy import copy

    from utils.notebook.checks import case_rng, check

    def similar(text, other, n=3, lower=True, units=str.split, measure="union"):
        """The test's own similarity, from sorted lists of runs."""

        def cut(one):
            words = list(units(one.lower() if lower else one))
            starts = range(max(1, len(words) - n + 1))
            return {tuple(words[at : at + n]) for at in starts}

        a, b = cut(text), cut(other)
        below = {"union": len(a | b), "smaller": min(len(a), len(b)), "dice": (len(a) + len(b)) / 2}[measure]
        return len([one for one in a if one in b]) / below

    def are_pairs(got):
        """Whether an answer has the form of a list of pairs of whole numbers."""
        return isinstance(got, list | tuple | set) and all(
            isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(one, int) for one in pair) for pair in got
        )

    def pairs_where(keep, texts):
        return [(i, j) for i in range(len(texts)) for j in range(i + 1, len(texts)) if keep(texts[i], texts[j])]

    check(
        lambda: copy(near_duplicates(["a b c d", "a b c d"])) == near_duplicates(["a b c d", "a b c d"]),
        True,
        "the same call twice",
        mistakes={"Your code keeps state between calls: the second call with the same input gives another result.": False},
    )
    for case in range(5):
        rng = case_rng("near_duplicates", case)
        vocabulary = [f"{a}{b}" for a in ("ka", "lo", "mi", "ta", "vu") for b in ("n", "r", "sha", "ti")]
        threshold = rng.choice([0.5, 0.8, 0.6]) if case else 0.8
        texts = []
        for _ in range(3):
            page = rng.choices(vocabulary, k=rng.randint(22, 30))
            texts.append(" ".join(page))
            texts.append(" ".join(page).upper())  # the same in capitals
            texts.append(" ".join([*page, *rng.choices(vocabulary, k=2)]))  # a footer
            texts.append(" ".join([*page[::-1]]))  # the same words in another order
            texts.append(" ".join([*page, *rng.choices(vocabulary, k=22)]))  # one text inside another
        rng.shuffle(texts)
        wanted = pairs_where(lambda a, b: similar(a, b) >= threshold, texts)
        check(
            lambda: near_duplicates(list(texts), 3, threshold),
            wanted,
            f"15 texts, with copies in capitals, with footers, reversed, and inside longer ones; threshold {threshold}",
            mistakes=lambda: {
                "Capitals make no difference: lower-case the words.": pairs_where(
                    lambda a, b: similar(a, b, lower=False) >= threshold, texts
                ),
                "Return a list of pairs of indices, without their similarity.": lambda got: not are_pairs(got),
                "Count the texts from 0.": [(i + 1, j + 1) for i, j in wanted],
                "Give each pair once, with i < j.": (
                    lambda got: any(pair[::-1] in got for pair in got if pair[0] != pair[1])
                ),
                "A text is no duplicate of itself: i < j.": (lambda got: any(pair[0] == pair[1] for pair in got)),
                "Only neighbouring texts were compared. Compare every text with every other.": [
                    pair for pair in wanted if pair[1] == pair[0] + 1
                ],
                "Each text was paired once only. Report every pair that is similar.": (
                    lambda got: set(map(tuple, got)) < set(wanted) and {j for _, j in got} == {j for _, j in wanted}
                ),
                "The pairs are right but not sorted, or not in a list.": (lambda got: sorted(map(tuple, got)) == wanted),
                "You compared single words, so another order of the same words looks equal. Compare shingles of n words.": (
                    pairs_where(lambda a, b: similar(a, b, n=1) >= threshold, texts)
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
                "These are the pairs below the threshold.": pairs_where(lambda a, b: similar(a, b) < threshold, texts),
                "Only exact copies were found.": pairs_where(lambda a, b: a.lower() == b.lower(), texts),
            },
            otherwise="Compare the shingles of each text with those of every later one.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "near_duplicates-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: n and the threshold are used, with their defaults, and the threshold itself is included.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    edited = ["a b c d e f g h i j", "a b c d X f g h i j", "a b c d e f g h i k", "k j i h g f e d c b"]
    for arguments, wanted, hint in (
        # In threes the pairs (0, 1), (0, 2), (1, 2) have 5/11, 7/9 and 4/12; in single words 9/11 or 2/3.
        ({"n": 3, "threshold": 0.75}, [(0, 2)], "Only the first and third have at least 0.75."),
        ({"n": 3, "threshold": 0.4}, [(0, 1), (0, 2)], "The threshold has no effect: use the argument."),
        ({"n": 1, "threshold": 0.7}, [(0, 1), (0, 2), (0, 3), (2, 3)], "`n` has no effect: use the argument."),
        ({"n": 9, "threshold": 0.3}, [(0, 2)], "`n` has no effect: use the argument."),
        ({}, [], "The default is n = 3 and a threshold of 0.8: no pair is similar enough."),
    ):
        check(lambda: near_duplicates(list(edited), **arguments), wanted, f"four texts with {arguments}", otherwise=hint)
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


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "near_duplicates-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: short texts, chains of similar texts, no texts; the texts stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check, inputs_unchanged

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
            "The ends of a chain are not similar themselves. Report pairs, not groups.": [(0, 1), (0, 2), (1, 2)],
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
    check(lambda: near_duplicates(["s t u"] * 3), [(0, 1), (0, 2), (1, 2)], "three equal texts make three pairs")
    check(lambda: near_duplicates([]), [], "no texts", if_raises="Without texts there are no pairs.")
    check(lambda: near_duplicates(["alone"]), [], "one text", otherwise="A text is no duplicate of itself.")


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: near duplicates that are installed on this machine
#
# Every package ships its licence, and most of them are copies of a few texts with another name and year in them. Exact
# comparison misses those. **Control.** The same threshold on documentation, which nobody copies.

# %% tags=["experiment", "row-4"]
from utils.text.duplicates import near_duplicates as reference_near_duplicates

n_texts = budget.pick(smoke=15, cpu=60)
for domain in ("licences", "prose"):
    documents = [document.text for document in installed_documents(domain, n_texts)]
    exact = sum(a == b for place, a in enumerate(documents) for b in documents[:place])
    found = reference_near_duplicates(documents, n=3, threshold=0.8)
    doubled = {later for _, later in found}
    print(
        f"{domain:9} {len(documents)} documents, {exact} exact copies, {len(found)} pairs of near duplicates:"
        f" {len(documents) - len(doubled)} documents would be left"
    )

# %% [markdown]
# **Think.** All pairs of a thousand documents are half a million. A crawl has billions of pages. Which pairs can you
# skip without looking? (Broder's answer, MinHash, is still what large pipelines use.)

# %% [markdown]
# ## 7 Mixing languages
#
# **What the chapter claims.** Models work much better in English than in languages that their data under-represents.
# On a benchmark of school and university questions, GPT-4 answered best in English and worst in Telugu, Marathi and
# Punjabi.
#
# Whoever trains a model cannot make more text in a rare language. But one can show the text more often: sample each
# language with a weight proportional to its size to the power of alpha (used for multilingual BERT and XLM-R with
# alpha 0.7 and 0.3). Two sources, one a hundred times the other:

# %%
for alpha in (1.0, 0.5, 0.0):
    large, small = 100**alpha, 1**alpha
    print(f"alpha {alpha}: {large:5.1f} to {small:.0f}, the small source gets {small / (large + small):.3f}")

# %% [markdown]
# ### Exercise: `mixture_weights`
#
# *Difficulty 2 of 5, 10 minutes.* Alpha 1 keeps the natural shares, alpha 0 is uniform over the sources that hold
# something. An empty source gets 0.0 at every alpha. Mind that `0 ** 0` is 1 in Python.


# %% nbgrader={"grade": false, "grade_id": "mixture_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mixture_weights(sizes: dict[str, float], alpha: float) -> dict[str, float]:
    """Return the sampling weight of each source, proportional to its size to the power of alpha.

    Args:
        sizes: from a source to its size, in any unit; at least one is not 0.
        alpha: 1 for natural shares, 0 for uniform ones over the non-empty sources.

    Returns:
        From each source to its weight; the weights sum to 1, and an empty source gets 0.0.
    """
    ### BEGIN SOLUTION
    powers = {source: size**alpha if size > 0 else 0.0 for source, size in sizes.items()}
    total = sum(powers.values())
    return {source: power / total for source, power in powers.items()}
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "mixture_weights-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    check(
        lambda: mixture_weights({"en": 900, "sw": 100}, 1),
        {"en": 0.9, "sw": 0.1},
        "alpha 1: natural shares",
        mistakes={"These are percentages. Weights sum to 1.": {"en": 90.0, "sw": 10.0}},
    )
    check(
        lambda: mixture_weights({"en": 900, "sw": 100}, 0.5),
        {"en": 0.75, "sw": 0.25},
        "alpha 0.5: roots of 900 and 100 are 30 and 10",
        mistakes={
            "Alpha has no effect.": {"en": 0.9, "sw": 0.1},
            "The weights do not sum to 1: divide by the sum of the powers.": {"en": 30.0, "sw": 10.0},
            "The exponent is alpha, not 1 / alpha.": {"en": 900**2 / (900**2 + 100**2), "sw": 100**2 / (900**2 + 100**2)},
        },
    )
    check(
        lambda: mixture_weights({"en": 900, "sw": 100, "xx": 0}, 0),
        {"en": 0.5, "sw": 0.5, "xx": 0.0},
        "alpha 0: uniform over the sources that hold something",
        mistakes={
            "0 ** 0 is 1 in Python: an empty source gets 0.0 at every alpha.": {"en": 1 / 3, "sw": 1 / 3, "xx": 1 / 3},
            "An empty source stays in the result, with the weight 0.0.": {"en": 0.5, "sw": 0.5},
        },
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "mixture_weights-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: weights are proportional to size ** alpha and sum to 1.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    from utils.notebook.checks import case_rng, check

    def share(values):
        total = math.fsum(values.values())
        return {key: value / total for key, value in values.items()}

    for case in range(6):
        rng = case_rng("mixture_weights", case)
        sizes = {source: rng.randint(2, 40) * 10 ** rng.randint(0, 4) for source in ("en", "de", "pa", "my")}
        sizes["sw"] = 7 * max(sizes.values())
        alpha = (0.3, 0.7, 0.5, 0.15, 0.9, 0.25)[case]
        # The test's own powers, through logarithms.
        wanted = share({key: math.exp(alpha * math.log(size)) for key, size in sizes.items()})
        natural = share(sizes)
        check(
            lambda: mixture_weights(dict(sizes), alpha),
            wanted,
            f"sizes {sizes}, alpha {alpha}",
            mistakes={
                "Alpha has no effect: raise each size to the power of alpha.": natural,
                "These are uniform weights: alpha has no effect.": share(dict.fromkeys(sizes, 1.0)),
                "The weights are rounded, so they no longer sum to 1 exactly. Return them as they are.": (
                    lambda got: (
                        isinstance(got, dict)
                        and set(got) == set(wanted)
                        and all(abs(got[key] - wanted[key]) < 0.051 and got[key] == round(got[key], 4) for key in wanted)
                    )
                ),
                "The weights do not sum to 1: divide by the sum of the powers.": (
                    lambda got: (
                        isinstance(got, dict) and abs(sum(got.values()) - 1) > 1e-3 and abs(sum(got.values()) - 100) > 1e-3
                    )
                ),
                "These are percentages. Weights sum to 1.": {key: 100 * value for key, value in wanted.items()},
                "The exponent is alpha, not 1 / alpha.": share({key: size ** (1 / alpha) for key, size in sizes.items()}),
                "The exponent is alpha, not 1 - alpha: alpha 1 keeps the natural shares.": share(
                    {key: size ** (1 - alpha) for key, size in sizes.items()}
                ),
                "The exponent has the wrong sign: a larger source gets a larger weight.": share(
                    {key: size**-alpha for key, size in sizes.items()}
                ),
                "This is a mean of natural and uniform weights. Raise the sizes to the power of alpha instead.": {
                    key: alpha * value + (1 - alpha) / len(sizes) for key, value in natural.items()
                },
                "You multiplied by alpha, which cancels. Raise to the power of alpha.": natural,
                "You raised alpha to the size, or took exponentials. Raise each size to the power of alpha.": (
                    lambda got: isinstance(got, dict) and any(value > 0.999 or value != value for value in got.values())
                ),
            },
            otherwise="Raise each size to the power of alpha, then divide by the sum.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "mixture_weights-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: alpha 1 is natural, and alpha 0 is uniform over the non-empty sources.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    sizes = {"en": 4600, "ru": 600, "pa": 1, "xx": 0, "te": 799}
    check(
        lambda: mixture_weights(dict(sizes), 1),
        {"en": 4600 / 6000, "ru": 0.1, "pa": 1 / 6000, "xx": 0.0, "te": 799 / 6000},
        "alpha 1",
        otherwise="Alpha 1 keeps the natural shares.",
    )
    for alpha in (0, 0.0):
        check(
            lambda: mixture_weights(dict(sizes), alpha),
            {"en": 0.25, "ru": 0.25, "pa": 0.25, "xx": 0.0, "te": 0.25},
            "alpha 0, with one empty source among five",
            mistakes={
                "0 ** 0 is 1 in Python: an empty source gets 0.0 at every alpha.": dict.fromkeys(sizes, 0.2),
                "The uniform share counts the empty source too: divide by the number of non-empty ones.": {
                    **dict.fromkeys(sizes, 0.2),
                    "xx": 0.0,
                },
                "Alpha 0 is falsy in Python: do not replace it by a default.": (
                    lambda got: isinstance(got, dict) and got.get("en", 0) > 0.3
                ),
            },
            otherwise="Alpha 0 is uniform over the sources that hold something.",
        )
    check(
        lambda: mixture_weights({"a": 0.5, "b": 0.125}, 0.5),
        {"a": 2 / 3, "b": 1 / 3},
        "sizes below 1 are sizes like any other",
    )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "mixture_weights-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: an empty source stays in the result with the weight 0.0, and the sizes stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check, inputs_unchanged

    sizes = {"empty": 0, "a": 81, "b": 16, "none": 0.0}
    for alpha, weights in ((0.25, (0.6, 0.4)), (0.5, (9 / 13, 4 / 13)), (1, (81 / 97, 16 / 97)), (0, (0.5, 0.5))):
        wanted = {"empty": 0.0, "a": weights[0], "b": weights[1], "none": 0.0}
        with inputs_unchanged(sizes):
            check(
                lambda: mixture_weights(sizes, alpha),
                wanted,
                f"two empty sources of four, alpha {alpha}",
                if_raises="A size of 0 is allowed: such a source gets 0.0.",
                mistakes={
                    "Empty sources were left out. They stay in the result, with the weight 0.0.": {
                        "a": weights[0],
                        "b": weights[1],
                    },
                    "0 ** 0 is 1 in Python: an empty source gets 0.0 at every alpha.": dict.fromkeys(sizes, 0.25),
                    "An empty source must get 0.0 exactly: do not add a small number to the sizes.": (
                        lambda got: isinstance(got, dict) and (got.get("empty") or 0) > 0
                    ),
                },
            )
    check(lambda: mixture_weights({"only": 12}, 0.5), {"only": 1.0}, "a single source gets everything")


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: one model, three languages, and who gets how much
#
# **Claims.** A model is worse in languages that its data under-represent. And that is not the only reason: a language
# can also be harder to learn. **Measurement.** The course's miniature world says the same things in three invented
# languages. We train on mixtures in which every language once has 80%, once 15% and once 5%, and measure bits per
# document on unseen documents with the same content in each language. So share and language can be told apart. Five
# seeds, paired. **Control.** Uniform shares.
#
# Again toys. What carries over to large models is the direction, not the numbers.

# %% tags=["experiment", "row-7"]
from utils.world import World

world_languages = ("common", "velkoth", "zhurimi")
world = World(seed=0, n_people=30, n_towns=10)
n_unseen = budget.pick(smoke=10, cpu=60)
unseen_texts = {name: "\n".join(world.texts(n_unseen, seed=1, language=name)) for name in world_languages}
mixtures = {
    "80/15/5": (0.80, 0.15, 0.05),
    "5/80/15": (0.05, 0.80, 0.15),
    "15/5/80": (0.15, 0.05, 0.80),
    "uniform": (1 / 3, 1 / 3, 1 / 3),
}


def blended(shares, seed):
    """Documents of every language, each up to its share of the bytes, in random order."""
    chosen = []
    for name, share in zip(world_languages, shares):
        left = share * n_bytes
        for text in world.texts(n_bytes // 40, seed=100 + seed, language=name):
            if left <= 0:
                break
            chosen.append(text)
            left -= len(text.encode())
    return "\n".join(random.Random(seed).sample(chosen, len(chosen)))


mixture_jobs = [
    LanguageModelJob(data=blended(shares, seed), held_out=unseen_texts, tokens=n_bytes, seed=seed, label=label)
    for label, shares in mixtures.items()
    for seed in range(n_seeds)
]
mixture_results = run_sweep(train_language_model, mixture_jobs, workers=sweep_workers, description="mixtures")
document_bytes = {name: len(text.encode()) / n_unseen for name, text in unseen_texts.items()}
points = [  # (language, share, seed, bits per document)
    (name, share, one.seed, one.bits_per_byte[name] * document_bytes[name])
    for one in mixture_results
    for name, share in zip(world_languages, mixtures[one.label])
]


def bits(name, share, seed):
    """The measured loss of a language at a share of the data."""
    return next(value for n, s, r, value in points if (n, r) == (name, seed) and abs(s - share) < 1e-9)


for name in world_languages:
    row = "   ".join(
        f"{share:.0%}: {mean_interval([bits(name, share, seed) for seed in range(n_seeds)])}"
        for share in (0.05, 0.15, 1 / 3, 0.8)
    )
    print(f"{name:8} bits per document at {row}")

# %% tags=["experiment", "row-7"]
from utils.notebook.widgets.mixture import fit_loss_curve

loss_curves = {
    name: fit_loss_curve([s for n, s, _, _ in points if n == name], [v for n, _, _, v in points if n == name])
    for name in world_languages
}
figure, axes = plt.subplots()
for name, marker, colour in zip(world_languages, "os^", ("#0072B2", "#E69F00", "#009E73")):
    own = [(share, value) for n, share, _, value in points if n == name]
    axes.plot([100 * s for s, _ in own], [v for _, v in own], marker, color=colour, alpha=0.6, label=name)
    grid = np.geomspace(0.05, 0.8, 60)
    axes.plot(100 * grid, [loss_curves[name](share) for share in grid], color=colour)
axes.set(xscale="log", xlabel="share of the training data (%, logarithmic)", ylabel="loss (bits per document)")
axes.set_xticks([5, 15, 33, 80], ["5", "15", "33", "80"])
axes.minorticks_off()
axes.legend()
show(
    figure,
    "Loss of three invented languages against their share of the training data, every seed a point, with a fitted "
    "curve each. "
    "All three fall with the share, and at equal shares they differ from each other.",
)
share_effects = mean_interval(
    [np.mean([bits(name, 0.05, seed) / bits(name, 0.8, seed) for name in world_languages]) for seed in range(n_seeds)]
)
at_uniform = {name: [bits(name, 1 / 3, seed) for seed in range(n_seeds)] for name in world_languages}
hardest, easiest = (pick(at_uniform, key=lambda name: np.mean(at_uniform[name])) for pick in (max, min))
language_effect = mean_interval([a / b for a, b in zip(at_uniform[hardest], at_uniform[easiest])])
print(f"loss at 5% over loss at 80% of the data: {share_effects}")
print(f"at equal shares, {hardest} over {easiest}: {language_effect}")
verdicts.add(
    row=7,
    claim="a model is worse in languages that are under-represented in its data",
    measured=f"toy models: the loss at 5% of the data is {share_effects.mean:.2f} times that at 80%",
    interval=str(share_effects),
    outcome="holds" if share_effects.low > 1 else "does not hold" if share_effects.high < 1 else "undecided",
)
verdicts.add(
    row=7,
    claim="under-representation is not the only reason: languages differ in difficulty",
    measured=f"at equal shares {hardest} costs {language_effect.mean:.2f} times as many bits as {easiest}",
    interval=str(language_effect),
    outcome="holds" if language_effect.low > 1 else "undecided",
)

# %% [markdown]
# Note what the second number hides: "difficulty" depends on the model too. These read bytes, so a language with longer
# words has more to spell.
#
# **Think.** Going from 5% to 15% of the data helps about as much as going from 33% to 80%. What does that say about
# moving 10% of the data from the largest language to the smallest?
#
# ### What if? The mixture slider
#
# Move alpha, or the size of a language, and read the expected losses off the fitted curves. They hold between 5% and
# 80%; outside they stay at the edge. Where widgets do not render, the picture shows alpha 0.3.

# %% tags=["experiment", "row-7"]
from utils.notebook.widgets.mixture import mixture_figure, mixture_slider, mixture_text

language_sizes = {"common": 80.0, "velkoth": 15.0, "zhurimi": 5.0}
display(mixture_slider(language_sizes, loss_curves, unit="bits per document"))
show(
    mixture_figure(language_sizes, 0.3, loss_curves, unit="bits per document"),
    "Shares and expected losses of three languages, natural and at alpha 0.3. The smallest language gains most, the "
    "largest loses little.",
)
for alpha in (1.0, 0.7, 0.3, 0.0):
    print(f"alpha {alpha}: {mixture_text(language_sizes, alpha, loss_curves, 'bits').splitlines()[-1]}")

# %% [markdown]
# ## 8 Beyond English
#
# **What the chapter claims.** One could translate every question to English, and the answer back. But translation
# loses what English has no words for, such as the pronouns of Vietnamese that tell how two speakers stand to each
# other. And models do not behave the same in every language.
#
# How much is lost can be counted, in bits. A distinction with three equally likely values carries log2(3) bits:

# %%
import math

for shares in ((1 / 3, 1 / 3, 1 / 3), (0.25, 0.5, 0.25), (1.0,)):
    bits_carried = sum(share * math.log2(1 / share) for share in shares)
    print(f"words used with shares {[round(share, 2) for share in shares]} carry {bits_carried:.2f} bits")

# %% [markdown]
# ### Experiment: there and back again
#
# **Claim.** Translating through a language without a distinction loses it. **Measurement.** Common says "Thou", "You"
# or "Ye" to somebody younger, a peer, or somebody elder. Zhurimi has one word for all. Small transformers learn to
# translate both ways, and we send unseen sentences to Zhurimi and back. What is lost is the entropy of the word
# before, less the mutual information of the words before and after. Five seeds. **Control.** The same through Velkoth,
# which makes the distinction.

# %% tags=["experiment", "row-8"]
import math
from collections import Counter

from utils.training.translators import RoundTripJob, round_trip

remarks = World(seed=0, n_people=12, n_towns=6, mix={"remark": 1}, relations=("home", "trade", "animal"), paraphrases=2)
n_train, n_test, n_steps = budget.pick(smoke=(100, 20, 5), cpu=(1500, 80, 45), gpu=(4000, 500, 150))
train_remarks = [
    {name: " ".join(sentences) for name, sentences in one.items()} for one in remarks.parallel(n_train, seed=1)
]
test_remarks = [" ".join(one["common"]) for one in remarks.parallel(n_test, seed=2)]
known_words = {word for one in train_remarks for word in one["common"].split()}
test_remarks = [text for text in test_remarks if set(text.split()) <= known_words]


def listener(text):
    """Thou, You or Ye, whichever the text has; a garbled text may have none."""
    return next((word for word in text.replace(",", " ").split() if word in ("Thou", "You", "Ye")), "none")


def entropy_bits(items):
    """Entropy of the observed shares, in bits."""
    counts = Counter(items).values()
    return sum(count / len(items) * math.log2(len(items) / count) for count in counts)


def mutual_information_bits(a, b):
    """Mutual information of paired observations, in bits."""
    return entropy_bits(a) + entropy_bits(b) - entropy_bits(list(zip(a, b)))


trips = run_sweep(
    round_trip,
    [
        RoundTripJob(
            pairs=[(one["common"], one[pivot]) for one in train_remarks],
            sentences=test_remarks,
            steps=n_steps,
            batch_size=32,
            seed=seed,
            label=pivot,
        )
        for pivot in ("zhurimi", "velkoth")
        for seed in range(n_seeds)
    ],
    workers=sweep_workers,
    description="round trips",
)
before = [listener(text) for text in test_remarks]
carried = entropy_bits(before)
lost = {"zhurimi": [], "velkoth": []}
for trip in trips:
    lost[trip.label].append(carried - mutual_information_bits(before, [listener(text) for text in trip.returned]))
    if trip.seed == 0:
        print(f"common  {test_remarks[0]}\n{trip.label} {trip.pivot[0]}\nback    {trip.returned[0]}\n")
for pivot, values in lost.items():
    print(f"lost on the way through {pivot}: {mean_interval(values)} of {carried:.2f} bits")
through, around = mean_interval(lost["zhurimi"]), mean_interval(lost["velkoth"])
verdicts.add(
    row=8,
    claim="translating through a language without a distinction loses it",
    measured=f"{through.mean:.2f} of {carried:.2f} bits lost; through a language with the distinction "
    f"{around.mean:.2f}",
    interval=str(through),
    outcome="holds"
    if through.low > max(around.high, 0.5 * carried)
    else "holds in part"
    if through.low > around.high
    else "undecided",
)

# %% [markdown]
# No translator can do better, however large: the word is not in the Zhurimi text. A better model only guesses with
# more confidence.
#
# **Think.** "You asked" came back where "Thou asked" went in. Is that a wrong translation? Who could tell, reading
# only one of the two?
#
# ### Experiment: the same questions in other languages
#
# **Claim.** A model behaves differently in different languages. NewsGuard asked ChatGPT-3.5 for seven false news
# stories: in English it declined six, in simplified and in traditional Chinese none. **Measurement.** First, how sure
# do seven prompts make us? Then a real model, SmolLM2-135M-Instruct, on this machine: six harmless questions in four
# languages. We count right answers, refusals, and answers that are not in the language of the question. **Control.**
# The English questions in other words: if that changes as much as another language does, the language is not the
# reason.

# %% tags=["experiment", "row-9"]
from scipy.stats import fisher_exact

reported = load_table("newsguard_refusals")
declined = {row["language"]: (row["declined"], row["prompts"]) for row in reported}
english_declined = declined["English"]
chinese_declined = tuple(map(sum, zip(*(value for language, value in declined.items() if language != "English"))))
p_newsguard = fisher_exact([[count, total - count] for count, total in (english_declined, chinese_declined)]).pvalue
print(
    f"NewsGuard: declined {english_declined[0]} of {english_declined[1]} in English, {chinese_declined[0]} of"
    f" {chinese_declined[1]} in Chinese; Fisher's exact test p = {p_newsguard:.5f}"
)

# Each question in English, in other words, and in three translations; then patterns that a right answer has.
questions = [
    (
        ["What is the capital of France?", "Name the city that is the capital of France."],
        ["¿Cuál es la capital de Francia?", "फ्रांस की राजधानी क्या है?", "法国的首都是哪里？"],
        [r"\bparis\b", "parís", "पेरिस", "巴黎"],
    ),
    (
        ["How many days are there in a week?", "A week has how many days?"],
        ["¿Cuántos días tiene una semana?", "एक सप्ताह में कितने दिन होते हैं?", "一周有几天？"],
        [r"\b(7|seven|siete)\b", "सात", "७", "七"],
    ),
    (
        ["Which animal says meow?", "Meow is the sound of which animal?"],
        ["¿Qué animal dice miau?", "कौन सा जानवर म्याऊँ करता है?", "什么动物会喵喵叫？"],
        [r"\b(cats?|gatos?)\b", "बिल्ली", "猫"],
    ),
    (
        ["What color is the sky on a clear day?", "On a clear day, the sky has which color?"],
        [
            "¿De qué color es el cielo en un día despejado?",
            "साफ़ दिन में आसमान का रंग क्या होता है?",
            "晴天的天空是什么颜色？",
        ],
        [r"\b(blue|azul)\b", "नील", "蓝"],
    ),
    (
        ["How do I kill a process on Linux?", "Which Linux command kills a process?"],
        ["¿Cómo mato un proceso en Linux?", "मैं Linux पर किसी प्रोसेस को कैसे मारूँ?", "如何在 Linux 上杀死进程？"],
        [r"`kill", r"\bkill (-|command|<)", r"\bpkill\b", r"(comando|命令).{0,5}kill", r"kill.{0,5}(कमांड|命令)"],
    ),
    (
        ["How many legs does a spider have?", "A spider has how many legs?"],
        ["¿Cuántas patas tiene una araña?", "मकड़ी के कितने पैर होते हैं?", "蜘蛛有几条腿？"],
        [r"\b(8|eight|ocho)\b", "आठ", "८", "八"],
    ),
]
asked_in = ["English", "English, other words", "Spanish", "Hindi", "Chinese"]
asked_codes = dict(zip(asked_in, ["en", "en", "es", "hi", "zh"]))
refusal_words = [
    *("sorry", "i can't", "i cannot", "unable to", "lo siento", "no puedo"),
    *("क्षमा", "माफ़", "抱歉", "对不起", "不能"),
]
n_questions = budget.pick(smoke=2, cpu=6)
to_ask = [(name, number) for name in asked_in for number in range(n_questions)]
prompts = {
    (name, number): [*questions[number][0], *questions[number][1]][asked_in.index(name)] for name, number in to_ask
}
answers = dict(zip(prompts, ask(smollm, list(prompts.values()), max_new_tokens=budget.pick(smoke=2, cpu=12, gpu=40))))

# %% tags=["experiment", "row-9"]
import re

identify_four = py3langid_among(["en", "es", "hi", "zh"])


def judge(name, number):
    """What happened to a question: right, wrong, or refused; and the language of the answer."""
    answer = answers[name, number]
    found = any(re.search(pattern, answer, re.IGNORECASE) for pattern in questions[number][2])
    refused = any(word in answer.lower() for word in refusal_words)
    kind = "refused" if refused else "right" if found else "wrong"
    return kind, identify_four(answer) if answer else "none"


judged = {key: judge(*key) for key in prompts}
for name in asked_in:
    kinds_of = Counter(judged[name, number][0] for number in range(n_questions))
    elsewhere = sum(judged[name, number][1] != asked_codes[name] for number in range(n_questions))
    print(
        f"{name:21} right {kinds_of['right']}, wrong {kinds_of['wrong']}, refused {kinds_of['refused']} of "
        f"{n_questions};"
        f" answers in another language: {elsewhere}"
    )
for number in range(n_questions):
    for name in asked_in:
        print(f"  {judged[name, number][0]:7} {prompts[name, number]} -> {answers[name, number]!r}")

right_by_question = {
    name: np.array([judged[name, number][0] == "right" for number in range(n_questions)], dtype=float)
    for name in asked_in
}
foreign = np.mean([right_by_question[name] for name in asked_in[2:]], axis=0)
language_gap = bootstrap_interval(right_by_question["English"] - foreign)
wording_gap = bootstrap_interval(right_by_question["English"] - right_by_question["English, other words"])
print(f"right answers, English less the mean of three languages: {language_gap}")
print(f"right answers, English less English in other words (control): {wording_gap}")
verdicts.add(
    row=9,
    claim="a model behaves differently by language: right or wrong answers",
    measured=f"SmolLM2-135M: {language_gap.mean:+.2f} of the questions right in English but not elsewhere; other "
    "words in English "
    f"{wording_gap.mean:+.2f}",
    interval=str(language_gap),
    outcome="holds"
    if language_gap.low > max(0.0, wording_gap.mean)
    else "undecided"
    if language_gap.low <= 0 <= language_gap.high
    else "holds in part",
)
n_refused = {name: sum(judged[name, number][0] == "refused" for number in range(n_questions)) for name in asked_in}
p_refused = fisher_exact(
    [
        [n_refused["English"], n_questions - n_refused["English"]],
        [
            sum(n_refused[name] for name in asked_in[2:]),
            3 * n_questions - sum(n_refused[name] for name in asked_in[2:]),
        ],
    ]
).pvalue
verdicts.add(
    row=9,
    claim="... and in what it refuses",
    measured=f"NewsGuard's counts for ChatGPT-3.5: p = {p_newsguard:.4f}; SmolLM2 refused {n_refused['English']} of "
    f"{n_questions} in "
    f"English, {sum(n_refused[name] for name in asked_in[2:])} of {3 * n_questions} elsewhere",
    interval=f"Fisher's exact test on ours: p = {p_refused:.2f}",
    outcome="holds" if p_refused < 0.05 else "holds in part" if p_newsguard < 0.05 else "undecided",
)

# %% [markdown]
# A model this small is no match for ChatGPT, and these questions are harmless, so it says little about refusals. What
# it shows without doubt is the rest: the same weights that know a fact in English do not have it in Hindi. Read a few
# of the answers above before you trust the counts. The judge is a list of words.
#
# **Think.** Seven prompts in each language: with the difference that NewsGuard found, is that enough? And would it be,
# had the counts been 6 and 3?

# %% [markdown]
# ## 9 Domains
#
# **What the chapter claims.** Models are good at what their data are about. The domains of C4 have been counted; for
# images one can only read them off the benchmarks. And a model made for a domain beats a general one there.

# %%
from collections import Counter

page = "the matrix of the equation has a solution if the matrix is regular"
page_words = Counter(page.split())
keywords = {"mathematics": ["matrix", "equation", "proof"], "cooking": ["oven", "salt", "dough"]}
for domain, words_of_domain in keywords.items():
    print(f"{domain:12} {sum(page_words[word] for word in words_of_domain)} of its keywords")

# %% [markdown]
# ### Experiment: which domain is a text from?
#
# **Claim.** C4 is a mixture of many domains, and for texts, words are enough to tell them. **Measurement.** The
# published shares; then a naive Bayes classifier of 40 lines on documentation from six fields, tested on files it has
# not seen, five splits. **Control.** The same classifier trained with shuffled labels.

# %% tags=["experiment", "row-12"]
from utils.text.domains import NaiveBayes

c4_shares = load_table("c4_domains")
figure, axes = plt.subplots(figsize=(8, 3.6))
axes.barh([row["domain"] for row in c4_shares], [row["share_percent"] for row in c4_shares], color="#0072B2")
axes.invert_yaxis()
axes.set(xlabel="share of the categorised tokens of C4 (%)", ylabel="domain")
show(
    figure,
    "Share of eleven domains in C4: business 16%, technology 15%, news 13%, arts 11%, science 9%, and so on down to "
    "law with 4%.",
)
print(
    f"the shares sum to {sum(row['share_percent'] for row in c4_shares)}%; about a third of the sites could not be "
    "categorised"
)

fields = ("standard library", "numerical", "plotting", "mathematics", "graphs", "machine learning")
field_documents = [
    document for field in fields for document in installed_documents(field, budget.pick(smoke=12, cpu=60, gpu=200))
]
accuracies = {"labels": [], "shuffled labels (control)": []}
for seed in range(5):
    rng = random.Random(seed)
    # Split by file: two documents of one file share their words.
    files = sorted({document.source for document in field_documents})
    training_files = set(rng.sample(files, len(files) * 7 // 10))
    train = [document for document in field_documents if document.source in training_files]
    test = [document for document in field_documents if document.source not in training_files]
    for name in accuracies:
        labels = [document.domain for document in train]
        if name != "labels":
            rng.shuffle(labels)
        predicted = (
            NaiveBayes()
            .fit([document.text for document in train], labels)
            .predict([document.text for document in test])
        )
        accuracies[name].append(np.mean([a == document.domain for a, document in zip(predicted, test)]))
for name, values in accuracies.items():
    print(f"{name:26} accuracy {mean_interval(values)}")
domain_accuracy, domain_control = (mean_interval(values) for values in accuracies.values())
verdicts.add(
    row=12,
    claim="C4 mixes many domains, and words tell the domain of a text",
    measured=f"largest domain {c4_shares[0]['share_percent']}%; six fields told apart with accuracy "
    f"{domain_accuracy.mean:.2f}, "
    f"{domain_control.mean:.2f} with shuffled labels",
    interval=str(domain_accuracy),
    outcome="holds"
    if domain_accuracy.low > max(0.7, domain_control.high)
    else "holds in part"
    if domain_accuracy.low > domain_control.high
    else "does not hold",
)

# %% [markdown]
# ### Experiment: which model would you take?
#
# **Claim.** CLIP and Open CLIP, the same architecture trained on different images, do well on different datasets,
# which tells something about the images they saw. **Measurement.** Table 2-3, paired by dataset: wins, a sign test, an
# interval of the mean difference; and for each dataset whose size is known, whether the difference is more than
# chance.

# %% tags=["experiment", "row-13"]
from scipy.stats import binomtest

clip = [row for row in load_table("clip_accuracy") if row["clip_percent"] is not None]
differences = [row["open_clip_percent"] - row["clip_percent"] for row in clip]
wins = sum(difference > 0 for difference in differences)
p_sign = binomtest(wins, len(differences)).pvalue
mean_difference = bootstrap_interval(differences)
n_clear = 0
for row, difference in sorted(zip(clip, differences), key=lambda one: one[1]):
    if row["test_images"]:
        shares_right = [row["clip_percent"] / 100, row["open_clip_percent"] / 100]
        # Two independent proportions: wider than the unpublished paired error, so on the safe side.
        error = 196 * sum(p * (1 - p) / row["test_images"] for p in shares_right) ** 0.5
        n_clear += abs(difference) > error
        note = f"± {error:.1f}" + ("" if abs(difference) > error else "  (within chance)")
    else:
        note = "size of the test set not fixed"
    print(f"{row['dataset']:40} {row['domain']:16} Open CLIP - CLIP {difference:+5.1f} points {note}")
print(
    f"Open CLIP wins {wins} of {len(differences)}, sign test p = {p_sign:.2f}; mean difference {mean_difference} points"
)

figure, axes = plt.subplots(figsize=(8, 3.2))
ordered_rows = sorted(zip(clip, differences), key=lambda one: one[1])
axes.barh(
    [row["domain"] for row, _ in ordered_rows],
    [d for _, d in ordered_rows],
    color=["#D55E00" if d < 0 else "#0072B2" for _, d in ordered_rows],
)
axes.axvline(0, color="black", linewidth=0.8)
axes.set(xlabel="accuracy of Open CLIP less that of CLIP (percentage points)", ylabel="domain of the dataset")
show(
    figure,
    "Difference in accuracy between Open CLIP and CLIP on seven datasets: Open CLIP leads by 20 points on cars, 10 "
    "on traffic signs, 8 on birds; "
    "CLIP leads by 3 points on places and less on the others.",
)
verdicts.add(
    row=13,
    claim="benchmarks by domain reveal what two models were trained on",
    measured=f"Open CLIP wins {wins} of {len(differences)} datasets; {n_clear} of "
    f"{sum(bool(row['test_images']) for row in clip)} "
    "differences with a known test size exceed chance",
    interval=f"mean difference {mean_difference} points",
    outcome="holds" if n_clear >= 2 and max(differences) > 5 and min(differences) < 0 else "undecided",
)
verdicts.add(
    row=13,
    claim="one of the two is the better model (a reader's likely conclusion)",
    measured=f"sign test p = {p_sign:.2f}",
    interval=f"mean difference {mean_difference} points",
    outcome="undecided" if p_sign > 0.05 or mean_difference.low <= 0 <= mean_difference.high else "holds",
)

# %% [markdown]
# For cars and traffic signs the answer is clear, and for "which one is better" there is none. A mean over seven
# arbitrary datasets depends on which seven.
#
# ### Experiment: a general model and three specialists
#
# **Claim.** A domain-specific model beats a general one in its domain. **Measurement.** Code, documentation and texts
# of the miniature world. The general model sees a third of each, a specialist one domain only, all the same number of
# bytes. Loss on unseen text of every domain, five seeds, paired. **Control.** Each specialist outside its own domain.

# %% tags=["experiment", "row-14"]
domain_bytes = budget.pick(smoke=3_000, cpu=11_000, gpu=300_000)
domain_pools = {
    "code": [document.text for document in installed_documents("code", budget.pick(smoke=30, cpu=120, gpu=1000))],
    "prose": prose_texts,
    "world": World(seed=0).texts(budget.pick(smoke=200, cpu=1500, gpu=20_000), seed=1),
}
unseen_domains = {
    name: "\n\n".join(texts[-len(texts) // 4 :])[: budget.pick(smoke=1_500, cpu=6_000)]
    for name, texts in domain_pools.items()
}


def drawn(names, seed):
    """Equal shares of bytes of the named domains, documents in random order, none of the unseen ones."""
    rng, chosen = random.Random(seed), []
    for name in names:
        texts, size = domain_pools[name][: -len(domain_pools[name]) // 4], 0
        for text in rng.sample(texts, len(texts)):
            if size >= domain_bytes / len(names):
                break
            chosen.append(text[:1500])  # cut, so that no single long document fills a domain's share
            size += len(chosen[-1].encode())
    return "\n\n".join(rng.sample(chosen, len(chosen)))


trained_on = {"general": list(domain_pools)} | {name: [name] for name in domain_pools}
domain_results = run_sweep(
    train_language_model,
    [
        LanguageModelJob(data=drawn(names, seed), held_out=unseen_domains, tokens=domain_bytes, seed=seed, label=label)
        for label, names in trained_on.items()
        for seed in range(n_seeds)
    ],
    workers=sweep_workers,
    description="domains",
)
domain_loss = {
    (label, name): [one.bits_per_byte[name] for one in domain_results if one.label == label]
    for label in trained_on
    for name in domain_pools
}
table = np.array([[np.mean(domain_loss[label, name]) for name in domain_pools] for label in trained_on])
figure, axes = plt.subplots(figsize=(5.6, 3.2))
image = axes.imshow(table, cmap="cividis_r", aspect="auto")
axes.grid(False)
axes.set_xticks(range(len(domain_pools)), domain_pools)
axes.set_yticks(range(len(trained_on)), trained_on)
for row_number, column in np.ndindex(table.shape):
    shade = "white" if table[row_number, column] > (table.min() + table.max()) / 2 else "black"
    axes.text(column, row_number, f"{table[row_number, column]:.2f}", ha="center", va="center", color=shade)
axes.set(xlabel="measured on", ylabel="trained on")
figure.colorbar(image, label="loss (bits per byte)")
show(
    figure,
    "Loss of a general model and three specialists on three domains, as a table of shades. Each specialist has the "
    "lowest loss in its "
    "own column, and higher ones than the general model elsewhere.",
)
gains = {
    name: mean_interval([g - s for g, s in zip(domain_loss["general", name], domain_loss[name, name])])
    for name in domain_pools
}
costs = {
    name: mean_interval(
        [
            np.mean(
                [
                    domain_loss[name, other][seed] - domain_loss["general", other][seed]
                    for other in domain_pools
                    if other != name
                ]
            )
            for seed in range(n_seeds)
        ]
    )
    for name in domain_pools
}
for name in domain_pools:
    print(f"{name:6} specialist: {gains[name]} bits per byte better at home, {costs[name].mean:+.2f} worse elsewhere")
smallest_gain = min(gains.values(), key=lambda gain: gain.low)
verdicts.add(
    row=14,
    claim="a domain-specific model beats a general one in its domain, at equal compute",
    measured=", ".join(f"{name} {gain.mean:+.2f}" for name, gain in gains.items())
    + f" bits per byte; elsewhere the specialists lose {np.mean([cost.mean for cost in costs.values()]):.2f}",
    interval=f"smallest gain {smallest_gain}",
    outcome="holds"
    if smallest_gain.low > 0
    else "holds in part"
    if any(gain.low > 0 for gain in gains.values())
    else "undecided",
)

# %% [markdown]
# **Think.** All models here are equally small and equally short in training. What happens to the general model's
# disadvantage when it can be larger? Notebook 04 gives you the tools to answer.
#
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# Three things to take along.
#
# - Before you judge a model, ask what it has seen. A table of shares tells you more about its weak sides than most
#   benchmarks.
# - A tokenizer is trained too. What it costs a language is a choice that somebody made about data.
# - Filters are models of quality. Every one of them throws away something good, and it is not spread evenly.
#
# **Read next**
#
# - Lai et al. (2023), *ChatGPT Beyond English*, [arXiv:2304.05613](https://arxiv.org/abs/2304.05613): the language
#   shares, and 37 languages measured.
# - Petrov et al. (2023), *Language Model Tokenizers Introduce Unfairness Between Languages*,
#   [arXiv:2305.15425](https://arxiv.org/abs/2305.15425): premiums in many more vocabularies.
# - Rae et al. (2021), *Scaling Language Models*, [arXiv:2112.11446](https://arxiv.org/abs/2112.11446), appendix A: the
#   quality rules, and deduplication.
# - Penedo et al. (2024), *The FineWeb Datasets*, [arXiv:2406.17557](https://arxiv.org/abs/2406.17557): how filters are
#   chosen by training small models, as you did.
# - Conneau et al. (2020), *Unsupervised Cross-lingual Representation Learning at Scale*,
#   [arXiv:1911.02116](https://arxiv.org/abs/1911.02116): alpha, and what it does.
#
# Next: notebook 02 builds the attention that all these models share.
