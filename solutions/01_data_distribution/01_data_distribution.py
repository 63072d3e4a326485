# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 Data distribution
#
# A model knows what its data showed it. This notebook looks at that data before any model is
# built: which languages and domains it holds, how much of it is worth reading, and what a language
# that is rare in it pays, in loss, in tokens and in dollars.
#
# You need Python and a little PyTorch. Take an evening: about three hours with the exercises. All
# experiments together run in about a minute and a half on two CPU cores that have nothing else to
# do.
#
# **You will learn to**
#
# - measure the languages of a collection, and say which of them are missing;
# - train a byte-pair tokenizer, and compute what a language pays for a vocabulary made for another
#   one;
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
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as
# often as you like, and graded tests after that. A failed test tells you which mistake it has
# seen. Nothing below an exercise depends on your answer, so you can skip one and come back: the
# experiments use the course's own version of each function, under a name such as
# `reference_premium`.
#
# Every experiment ends with a line in a table: what the chapter says, what we measured, the 95%
# interval, and a verdict that the code computes from the numbers. Where a toy model stands in for
# a real one, the text says so.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()
# %% [markdown]
# ## 1 What language is the web?
#
# **What the chapter claims.** The raw material of most models is Common Crawl, a few billion pages
# a month, and its cleaned subset C4. Nearly half of it is English. The second language, Russian,
# has an eighth of that.
#
# Such a table starts with pages that carry no reliable label. So somebody ran a language
# identifier over them and counted. You will do the same, and then ask how good the identifier is.
#
# First by hand, with an "identifier" that knows two words:

# %%
pages = [
    "the tram is late",
    "der Zug ist da",
    "the bus",
    "12:30 -> 14:05",
    "the the the the the the the the",
]


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
# Three pages of five are English: a share of 0.6, by count. By characters it would be about 0.7,
# since one page repeats itself. And one page is in no language at all. Real collections hold many
# of those: timetables, price lists, code. Dropping them silently would make every other share too
# large.
#
# ### Exercise: `language_shares`
#
# *Difficulty 1 of 5, 10 minutes.* Count documents per language. `identify` may fail in three ways:
# it raises an exception, returns an empty string, or returns `None`. A document that it fails on
# counts as `"unknown"`.

# %% exercise="language_shares"

# %% [markdown]
# ### Experiment: can a machine sort a mixed collection?
#
# **Claim.** Raw pages can be sorted into languages by a program. **Measurement.** Pieces of the
# Universal Declaration of Human Rights in 24 languages, mixed, go through two identifiers:
# langdetect, which most tutorials use, and py3langid. langdetect chooses among 55 languages and
# py3langid among 140, so a third line gives py3langid the same choice (**the control**: is it the
# method, or the number of candidates?). Two lengths, five samples.
#
# The text is clean, and pages are not. Read the accuracies as an upper bound.

# %% tags=["experiment", "row-1"]
from collections import Counter

import numpy as np

from utils.evaluation.intervals import mean_interval
from utils.text.identification import (
    identify_langdetect,
    identify_py3langid,
    language_shares as reference_shares,
    py3langid_among,
)
from utils.text.languages import IDENTIFIER_LANGUAGES, excerpt_samples, measure_identifier

seeds = budget.pick(smoke=range(2), cpu=range(5), gpu=range(5))
found = Counter(sample.language for sample in excerpt_samples(IDENTIFIER_LANGUAGES, 100, 8))
long_enough = [code for code in IDENTIFIER_LANGUAGES if found[code] == 8]
long_enough = long_enough[: budget.pick(smoke=6, cpu=16)]
identifiers = {
    "langdetect": identify_langdetect,
    "py3langid": identify_py3langid,
    "py3langid, same choice": py3langid_among(IDENTIFIER_LANGUAGES),
}
accuracy, texts_per_second = {}, {}
for length in (25, 100):
    samples = [excerpt_samples(long_enough, length, per_language=4, seed=seed) for seed in seeds]
    for name, identify in identifiers.items():
        scores = [measure_identifier(sample, identify) for sample in samples]
        accuracy[name, length] = mean_interval([score.accuracy for score in scores])
        texts_per_second[name, length] = np.mean([score.texts_per_second for score in scores])
        print(f"{length:4} characters  {name:23} accuracy {accuracy[name, length]}")
        print(f"      {texts_per_second[name, length]:,.0f} texts/s", scores[0].confusions[:2])

# %% [markdown]
# Compare the two lengths, and read the mistakes: they tend to be between close relatives, such as
# Indonesian and Malay, or Bulgarian and Macedonian. Look at the speeds too, which decide the
# matter for a billion pages.
#
# Now the question that a table of shares depends on. Accuracy is over all pages. What does it do
# to a *rare* language? Mix one language at 95% with others at 1% each, count with your identifier,
# and compare.

# %% tags=["experiment", "row-1"]
import random

rare = ["hr", "sl", "id", "mk", "af"]
rng = random.Random(0)
pieces = {
    code: [sample.text for sample in excerpt_samples([code], length=25, per_language=40)]
    for code in ["en", *rare]
}
n_pages = budget.pick(smoke=300, cpu=3000)
true_counts = {"en": n_pages - len(rare) * (n_pages // 100), **dict.fromkeys(rare, n_pages // 100)}
pages_mixed = [
    rng.choice(pieces[code]) for code, count in true_counts.items() for _ in range(count)
]
counted = reference_shares(pages_mixed, identify_py3langid)
for code, count in true_counts.items():
    print(f"{code}: true share {count / n_pages:.3f}, counted {counted.get(code, 0):.3f}")
others = {code: share for code, share in counted.items() if code not in true_counts}
print(f"languages that are not there at all: {len(others)}, together {sum(others.values()):.3f}")

# %% tags=["experiment", "row-1", "judge"]
from utils.notebook.verdicts import first_that_holds

at_100 = accuracy["py3langid, same choice", 100]
faster = texts_per_second["py3langid", 100] / texts_per_second["langdetect", 100]
verdicts.add(
    row=1,
    claim="the languages of raw pages can be identified by a program",
    measured=(
        f"accuracy at 100 characters of clean text {at_100.mean:.3f}; "
        f"py3langid {faster:.0f} times as fast as langdetect"
    ),
    interval=str(at_100),
    outcome=first_that_holds(
        ("holds", at_100.low > 0.95),
        ("holds in part", at_100.low > 0.8),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# **Think.** Punjabi has 0.006% of Common Crawl, about one page in 16,000. An identifier that is
# right for 99.5% of all pages is wrong for one in 200. What has to be true of its mistakes before
# you believe the 0.006%?
#
# <details><summary>One answer</summary>
#
# There are about 80 mistakes for every true Punjabi page. So almost none of them may be called
# Punjabi: if one mistake in 80 is, half of the pages counted are not Punjabi at all. What matters is
# the precision for this one language, and the overall accuracy says nothing about it. Its script
# helps here; a rare language in Latin letters has no such luck.
#
# </details>
#
# ### Experiment: the published table
#
# **Claim.** English has almost half of Common Crawl, eight times as much as the second language.
# **Measurement.** The table itself (Lai et al., 2023), on a logarithmic scale, with eight
# languages of the tail beside it. **Control.** The same languages' share of the world's people.

# %% tags=["experiment", "row-2"]
from utils.text.tables import load_table

head = load_table("common_crawl_languages")
tail = [row for row in load_table("under_represented_languages") if row["language"] != "English"]
times = head[0]["share_percent"] / head[1]["share_percent"]
over_one_percent = sum(row["share_percent"] for row in head)
print(f"English {head[0]['share_percent']:.2f}%, {times:.1f} times Russian")
print(f"12 languages above 1% make {over_one_percent:.1f}%")
print(f"all others together {100 - over_one_percent:.1f}%")
tail_pages = sum(row["share_percent"] for row in tail)
tail_people = sum(row["speakers_millions"] for row in tail) / 80  # percent of 8 billion
print(f"the 8 languages of the tail: {tail_pages:.2f}% of the pages, {tail_people:.1f}% of people")

# %% tags=["experiment", "row-2", "draw"]
import matplotlib.pyplot as plt

from utils.experiments.data.showing import draw_shares
from utils.notebook import COLOURS, show
from utils.notebook.drawing import label_ticks

show(
    draw_shares(head + tail),
    "Share of Common Crawl and of the world's people for 20 languages. The twelve above 1% of the "
    "crawl have between 0.4% and 18% of the people; the eight below have 0.8% to 3.4% of the "
    "people and less than 0.1% of the pages.",
)

# %% tags=["experiment", "row-2", "judge"]
is_nearly_half = 44 < head[0]["share_percent"] < 50
verdicts.add(
    row=2,
    claim="English has almost half of Common Crawl, eight times the second language",
    measured=f"{head[0]['share_percent']:.1f}%, {times:.1f} times Russian, in the published table",
    outcome=first_that_holds(
        ("holds", is_nearly_half and round(times) == 8), otherwise="does not hold"
    ),
)

# %% [markdown]
# ## 2 Who is missing?
#
# **What the chapter claims.** Compare a language's share of the world's people with its share of
# the crawl. A ratio of 1 would be fair. Punjabi stands at more than 200, English below one half.
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
# *Difficulty 1 of 5, 10 minutes.* A language with no pages at all has the ratio `inf`. Negative
# numbers make no sense here: refuse them with a `ValueError` that names the argument and its
# value.


# %% exercise="representation_ratio"

# %% [markdown]
# ### Experiment: Table 2-2, recomputed
#
# **Claim.** Nine printed ratios, from 231.56 for Punjabi to 0.40 for English. **Measurement.**
# Each from its speakers and its share. **Control.** The same for all languages of the first table:
# is every language but English under-represented?

# %% tags=["experiment", "row-3"]
from utils.text.representation import representation_ratio as reference_ratio

ratios = {
    row["language"]: reference_ratio(row["speakers_millions"], row["share_percent"])
    for row in head + load_table("under_represented_languages")
}
published = {
    row["language"]: row["published_ratio"] for row in load_table("under_represented_languages")
}
for language, printed in published.items():
    print(f"{language:10} published {printed:7.2f}, recomputed {ratios[language]:9.4f}")
off = max(abs(round(ratios[language], 2) - printed) for language, printed in published.items())
print(f"largest difference after rounding: {off:.2f}")
not_above = sorted(language for language, ratio in ratios.items() if ratio <= 1)
print(f"under-represented: {len(ratios) - len(not_above)} of {len(ratios)}")
print("not under-represented:", ", ".join(not_above))
smaller_world = reference_ratio(113, 0.0061, world_millions=7800.0)
print(f"Punjabi in a world of 7.8 billion: {smaller_world:.1f}")

# %% tags=["experiment", "row-3", "draw"]
figure, axes = plt.subplots(figsize=(8, 4))
ordered = sorted(ratios, key=lambda language: ratios[language])
axes.plot([ratios[language] for language in ordered], ordered, "o", color=COLOURS[0])
axes.axvline(1, color=COLOURS[3], linestyle="--", label="fair")
axes.set(xscale="log", xlabel="share of people / share of pages (logarithmic)", ylabel="language")
label_ticks(axes, x=(0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200))
axes.legend()
show(
    figure,
    "Representation ratio of 20 languages on a logarithmic scale, from German and Dutch near 0.2 "
    "to Punjabi at 232. The line at 1 would be fair.",
)

# %% tags=["experiment", "row-3", "judge"]
verdicts.add(
    row=3,
    claim="ratios of Table 2-2: Punjabi 231.56 ... English 0.40, with 8 billion people",
    measured=f"largest difference of the nine recomputed ratios: {off:.2f}",
    outcome=first_that_holds(("holds", off < 0.005), otherwise="does not hold"),
)

# %% [markdown]
# The printed table holds. But look at the other end: English is not the language with the lowest
# ratio. German, Italian, Dutch and others have more pages per speaker.
#
# **Think.** Speakers of a second language are counted twice in such tables, once for each
# language. In which direction does that move the ratio of English, and that of Swahili?
#
# <details><summary>One answer</summary>
#
# More speakers make a larger share of the people, so both ratios go up: each language looks less
# well served than with native speakers only. For both, most speakers learned the language second, so
# both move a lot. The shares of people then sum to more than 1, and no longer say what is fair.
#
# </details>

# %% [markdown]
# ## 3 The price of a language
#
# **What the chapter claims.** A model reads and writes tokens, and you pay for each of them, in
# seconds and in dollars. The same content takes more tokens in some languages. In one collection
# of short texts the median was 7 tokens in English, 32 in Hindi and 72 in Burmese.
#
# The fair comparison needs *parallel* text: the same sentences in every language. Take three
# sentences and an encoder that makes one token of each character:

# %%
from statistics import median

parallel = {
    "en": ["good morning", "where is the station?", "thanks"],
    "de": ["guten Morgen", "wo ist der Bahnhof?", "danke"],
    "fi": ["hyvää huomenta", "missä rautatieasema on?", "kiitos"],
}
for language, sentences in parallel.items():
    counts = [len(list(sentence)) for sentence in sentences]
    print(
        f"{language}: counts {counts}, median {median(counts)}, premium over en"
        f" {median(counts) / 12:.3f}"
    )

# %% [markdown]
# The median is taken first, per language, and the ratio after it. One very long text does not move
# a median, and that is why it is used here.
#
# ### Exercise: `token_premium`
#
# *Difficulty 2 of 5, 15 minutes.* The premium of a language is its median token count over that of
# the base language. Refuse, with a `ValueError`, a base that is not among the texts, a language
# with no texts, and languages with different numbers of texts: then they are not parallel.

# %% exercise="token_premium"

# %% [markdown]
# ### Experiment: one content, 54 languages, five vocabularies
#
# **Claim.** The same content takes many more tokens in some languages. **Measurement.** The 33
# messages that Django's web forms have in 54 languages, through the vocabularies of five models.
# **Control.** The vocabularies differ in age and size, the texts do not: if the premium were a
# property of the languages alone, all five would agree.
#
# | vocabulary | tokens | used by |
# |---|---|---|
# | `mistral_v1` | 32,000 | Mistral 7B (2023) |
# | `smollm2` | 49,152 | SmolLM2 (2024), made for English |
# | `cl100k_base` | 100,277 | GPT-3.5 and GPT-4 (2023), the one the chapter speaks of |
# | `tekken` | 131,072 | Mistral Nemo (2024), made for many languages |
# | `o200k_base` | 200,019 | GPT-4o (2024) |

# %% tags=["experiment", "row-10"]
from babel import Locale

from utils.text.parallel import MESSAGE_LANGUAGES, parallel_messages
from utils.text.premium import token_premium as reference_premium
from utils.text.vocabularies import load_vocabulary, vocabulary_names


def english_name(code: str) -> str:
    """Return the English name of a language code, "zh_Hans" included."""
    return Locale.parse(code).get_display_name("en")


messages = parallel_messages(MESSAGE_LANGUAGES)
vocabularies = {name: load_vocabulary(name) for name in vocabulary_names()}
premiums = {
    name: reference_premium(messages, vocabulary.encode)
    for name, vocabulary in vocabularies.items()
}
print(f"{len(messages['en'])} messages in {len(messages)} languages: {messages['en'][-1]!r}, ...")
for name, premium in premiums.items():
    worst = max(premium, key=premium.get)
    print(f"{name:12} typical premium {np.median(list(premium.values())):.2f},", end=" ")
    print(f"largest {premium[worst]:.2f} ({english_name(worst)})")

# %% tags=["experiment", "row-10", "draw"]
figure, axes = plt.subplots(figsize=(8, 9))
ordered = sorted(messages, key=lambda code: premiums["cl100k_base"][code])
names = [english_name(code) for code in ordered]
for (name, premium), marker in zip(premiums.items(), "vsoD^"):
    axes.plot([premium[code] for code in ordered], names, marker, label=name, markersize=5)
axes.axvline(1, color="black", linewidth=0.8, linestyle=":")
axes.set(xscale="log", xlabel="tokens for the same messages, relative to English (logarithmic)")
axes.set(ylabel="language")
label_ticks(axes, x=(1, 2, 3, 5, 10))
axes.tick_params(axis="y", labelsize=8)
axes.legend(loc="lower right")
show(
    figure,
    f"Token premium of {len(names)} languages over English in five vocabularies; a dotted line "
    "marks English. Largest premium: "
    + ", ".join(f"{max(one.values()):.1f} in {name}" for name, one in premiums.items())
    + ".",
)

# %% [markdown]
# The chapter's own figures are medians of 7, 32 and 72 tokens for English, Hindi and Burmese,
# counted on short texts with GPT-4's vocabulary. Web forms are hardly ever translated to Burmese.
# But the names of the world's countries are, in the Unicode consortium's tables. The Universal
# Declaration is a third text, if it has been fetched.

# %% tags=["experiment", "row-10"]
from utils.evaluation.intervals import bootstrap_interval
from utils.experiments.data.premiums import premium_intervals
from utils.text.declaration import parallel_declaration
from utils.text.parallel import parallel_territories
from utils.text.premium import median_tokens

short_texts = parallel_territories(["en", "hi", "my"])
sources = {"names of countries": short_texts}
try:
    sources["Universal Declaration"] = parallel_declaration(["en", "hi", "my"])
except FileNotFoundError as missing:
    print(f"Without the full Declaration of Human Rights ({missing})")
print("the chapter's (MASSIVE), cl100k_base: medians 7, 32, 72", end=": ")
print(f"Hindi {32 / 7:.1f}, Burmese {72 / 7:.1f}")
premium_of = {}  # (source, vocabulary, language): the premium with its interval over texts
for source, texts in sources.items():
    for name in ("cl100k_base", "o200k_base"):
        medians = median_tokens(texts, vocabularies[name].encode)
        print(f"{source:24} {name:12} medians", [round(value) for value in medians.values()])
        for code, premium in premium_intervals(texts, vocabularies[name].encode).items():
            premium_of[source, name, code] = premium
            print(f"    {english_name(code):8} {premium}")

# %% tags=["experiment", "row-10", "judge"]
burmese = premium_of["names of countries", "cl100k_base", "my"]
burmese_now = premium_of["names of countries", "o200k_base", "my"]
hindi = premium_of["names of countries", "cl100k_base", "hi"]
print(
    verdicts.add(
        row=10,
        claim="medians of 7, 32 and 72 tokens: Burmese takes ten times the tokens of English",
        measured=(
            f"names of countries, GPT-4's vocabulary: {burmese.mean:.1f} times; Hindi "
            f"{hindi.mean:.1f} times"
        ),
        interval=str(burmese),
        outcome=first_that_holds(
            ("holds", burmese.low > 5 and burmese.high > 7),
            ("holds in part", burmese.low > 2),
            otherwise="does not hold",
        ),
    )
)
verdicts.add(
    row=10,
    claim="... as if it were the language's own price, in any vocabulary",
    measured=f"GPT-4o's vocabulary: {burmese_now.mean:.1f} times",
    interval=str(burmese_now),
    outcome=first_that_holds(
        ("holds", burmese_now.low > 5),
        ("holds in part", burmese_now.low > 1.2),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# Compare the two vocabularies: the premium is a property of the *pair* of language and
# vocabulary, so it can be trained away; you will do that below.
#
# ### Experiment: from tokens to dollars and seconds
#
# **Claim.** Cost and latency are proportional to tokens, so Burmese costs ten times as much as
# English. **Measurement.** The price is a multiplication, with 10 dollars for a million tokens as
# an example; providers change it, so put in today's. The seconds can be measured: the course's
# real model (SmolLM2-135M) reads and writes the same message in several languages, one token at a
# time. **Control.** Seconds per token, which the claim says are equal; five messages of different
# lengths, so that the interval is over messages.

# %% tags=["experiment", "row-11"]
import torch

from utils.experiments.data.writing import writing_seconds
from utils.models.pretrained import load_gguf
from utils.text.premium import price

smollm = load_gguf()
smollm.model.to(budget.device)
torch.set_num_threads(1)  # so that the seconds depend little on what else the machine does
timed_languages = budget.pick(
    smoke=["en", "es"], cpu=["en", "es", "hi"], gpu=["en", "es", "ru", "hi", "ka", "kn"]
)
by_length = sorted(range(len(messages["en"])), key=lambda at: (len(messages["en"][at]), at))
timed = by_length[3 : budget.pick(smoke=16, cpu=28) : 6]
encoded = {
    f"{code} {at}": smollm.encode(messages[code][at]) for at in timed for code in timed_languages
}
fastest = writing_seconds(smollm.model, encoded, repeats=budget.pick(smoke=1, cpu=1, gpu=5))
del smollm  # half a gigabyte, and section 8 loads it again
tokens, seconds = (
    {code: np.array([found[f"{code} {at}"] for at in timed]) for code in timed_languages}
    for found in ({label: len(ids) for label, ids in encoded.items()}, fastest)
)
for code in timed_languages:
    n, dollars = tokens[code].sum(), 1e6 * price(int(tokens[code].sum()), 10.0) / len(timed)
    print(f"{english_name(code):9} {n:3} tokens, ${dollars:6,.0f} for a million messages,", end="")
    print(f" {seconds[code].sum():5.2f} s, {1000 * seconds[code].sum() / n:4.0f} ms a token")

# %% tags=["experiment", "row-11", "judge"]
dear = timed_languages[-1]
factors = tokens[dear] / tokens["en"]
slower = mean_interval(seconds[dear] / seconds["en"] / factors)
verdicts.add(
    row=11,
    claim="cost and latency are proportional to tokens",
    measured=(
        f"{english_name(dear)}: {factors.mean():.1f} times the tokens and the price of English; "
        f"its seconds are {slower.mean:.2f} times what that says"
    ),
    interval=f"over messages: {slower}",
    outcome=first_that_holds(
        ("holds", slower.low > 1 / 1.5 and slower.high < 1.5),
        ("does not hold", slower.low > 1.5 or slower.high < 1 / 1.5),
        otherwise="undecided",
    ),
)

# %% [markdown]
# Price is exactly proportional, since providers count tokens. Seconds are nearly so: each token is
# one pass through the model, and a pass costs the same whatever the token says. (A long text adds
# a little per token; notebook 02 shows why.)
#
# **Think.** A context window is counted in tokens too. How many pages of Hindi fit where a hundred
# pages of English do?
#
# <details><summary>One answer</summary>
#
# A hundred divided by the premium of Hindi in that model's vocabulary. With the chapter's 32 and 7
# tokens that is about 22 pages. The same holds for everything that is counted in tokens: examples in
# a prompt, retrieved passages, and how much the model may write before it has to stop.
#
# </details>

# %% [markdown]
# ## 4 Where tokens come from
#
# **What the chapter claims.** The premium is a matter of the tokenizer, and the tokenizer was
# trained too. Byte-pair encoding (Gage, 1994; for language models Sennrich et al., 2016) starts
# from bytes and merges, again and again, the pair of neighbours that occurs most often. Text that
# is frequent in its training data gets long tokens. Everything else stays in small pieces.
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
print(
    f"in another script a word has more bytes than letters: {len(water)} letters,"
    f" {len(water.encode())} bytes"
)

# %% [markdown]
# Note the tie: `('a', 'n')` and `('n', 'a')` both occur twice. A tokenizer must be the same on
# every machine, so a rule has to decide. Here the smallest pair wins, compared as a tuple: first
# by its first id, then by its second.
#
# ### Exercise: `most_common_pair`
#
# *Difficulty 2 of 5, 10 minutes.* Find the most frequent pair of neighbours over several sequences
# of ids. The last id of one sequence and the first of the next are no neighbours. Count plainly:
# in `[1, 1, 1]` the pair `(1, 1)` occurs twice.


# %% exercise="most_common_pair"

# %% [markdown]
# ### Exercise: `merge_pair`
#
# *Difficulty 2 of 5, 10 minutes.* Replace a pair by its new id, from left to right. An id that has
# just been merged is used up: `[1, 1, 1]` becomes `[new, 1]`.


# %% exercise="merge_pair"

# %% [markdown]
# ### Exercise: `train_bpe`
#
# *Difficulty 3 of 5, 20 minutes.* Put the two together. Start from the UTF-8 bytes of each text.
# Merge the most common pair everywhere, give it the id 256, then look for the next pair, which
# gets 257, and so on. Stop after `n_merges` merges, or earlier when no pair occurs at least twice:
# a token that is used once saves nothing.
#
# You may call your own `most_common_pair` and `merge_pair`. If you skipped them, import them:
# `from utils.text.bpe_by_hand import most_common_pair, merge_pair`.


# %% exercise="train_bpe"

# %% [markdown]
# ### Experiment: balance the data, and watch the premium fall
#
# **Claim.** Byte-pair encoding gives short codes to what its training data hold. **Measurement.**
# We train 250 merges on English messages with a growing share of Russian ones, at the same number
# of bytes, and count tokens on messages that were not used. Five random splits. **Control.** Greek
# is never in the training data: if its premium fell as well, the balance would not be the reason.

# %% tags=["experiment", "row-15"]
from utils.evaluation.intervals import paired_difference
from utils.experiments.data.blends import blend
from utils.text.bpe_by_hand import encode, train_bpe as reference_train_bpe

three = parallel_messages(["en", "ru", "el"])
russian_shares = [0.0, 0.02, 0.1, 0.25, 0.5]
splits = budget.pick(smoke=range(2), cpu=range(5), gpu=range(10))
n_merges = budget.pick(smoke=60, cpu=250, gpu=500)
split_premiums = {}  # (language, share): one premium for each split
for share in russian_shares:
    english_medians = []
    for seed in splits:
        rng = random.Random(seed)
        places = rng.sample(range(len(three["en"])), len(three["en"]))
        train_texts = {code: [own[at] for at in places[30:]] for code, own in three.items()}
        held_out = {code: [own[at] for at in places[:30]] for code, own in three.items()}
        mixed = blend(train_texts, {"en": 1 - share, "ru": share}, 4000, rng)
        merges = reference_train_bpe(mixed, n_merges)
        premium = reference_premium(held_out, lambda text: encode(text, merges))
        for code in ("ru", "el"):
            split_premiums.setdefault((code, share), []).append(premium[code])
        english = {"en": held_out["en"]}
        english_medians.append(median_tokens(english, lambda text: encode(text, merges))["en"])
    russian, greek = (mean_interval(split_premiums[code, share]) for code in ("ru", "el"))
    print(f"{share:4.0%} Russian: premium of Russian {russian}, Greek {greek.mean:.2f},", end=" ")
    print(f"English median {np.mean(english_medians):.1f} tokens")

# %% tags=["experiment", "row-15", "draw"]
from utils.notebook.drawing import interval_line

figure, axes = plt.subplots()
labels = {"ru": "Russian (in the training data)", "el": "Greek (never in them)"}
for (code, label), marker in zip(labels.items(), "os"):
    means = [mean_interval(split_premiums[code, share]) for share in russian_shares]
    interval_line(axes, 100 * np.array(russian_shares), means, marker=marker, label=label)
axes.axhline(1, color="black", linewidth=0.8, linestyle=":")
axes.set(xlabel="Russian in the training data (% of bytes)", ylim=(0, None))
axes.set(ylabel="token premium over English")
axes.legend()
show(
    figure,
    "Token premium of Russian and Greek over English against the share of Russian in the "
    "tokenizer's training data, with 95% intervals over random splits.",
)

# %% tags=["experiment", "row-15", "judge"]
without, half = (
    {code: mean_interval(split_premiums[code, share]) for code in ("ru", "el")}
    for share in (russian_shares[0], russian_shares[-1])
)
fall, control = (without[code].mean - half[code].mean for code in ("ru", "el"))
verdicts.add(
    row=15,
    claim="a tokenizer spends its merges on what its training data hold",
    measured=(
        f"premium of Russian {without['ru'].mean:.1f} without Russian data, "
        f"{half['ru'].mean:.1f} with half; Greek as a control {without['el'].mean:.1f} to "
        f"{half['el'].mean:.1f}"
    ),
    interval=f"with half: {half['ru']}",
    outcome=first_that_holds(
        ("holds", half["ru"].high < without["ru"].low and control < fall / 2),
        ("holds in part", fall > 0),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# Compare what the first 2% do with what the last 25% do. And look at the last number of each line:
# English pays for it. With a fixed number of merges, tokens for one language are tokens taken from
# another.
#
# **Think.** Greek is never in the data, so why can its premium change at all? Multiply it by the
# English median of its line, and look again: what has changed, the Greek or the English?
#
# <details><summary>One answer</summary>
#
# The product is about the median of the Greek texts in tokens. Greek gets no merges of its own, apart
# from those of blanks and signs, so this product hardly moves; the English median grows, since
# English has fewer merges left. A premium is a ratio, and it can fall because its denominator rises.
#
# </details>
#
# ### What if? The tokenizer explorer
#
# Type a text and see it through four vocabularies. A dashed border marks a token that ends inside
# a character: its bytes are shown in hexadecimal.

# %% tags=["experiment", "row-15", "row-11"]
from IPython.display import display

from utils.notebook.widgets.tokenizer_explorer import tokenizer_explorer

four = [vocabularies[name] for name in ("smollm2", "cl100k_base", "tekken", "o200k_base")]
example_texts = {
    "English": "Where is the nearest station?",
    "Burmese (a country)": short_texts["my"][0],
    "Hindi (a web form)": parallel_messages(["en", "hi"])["hi"][0],
    "code": "for i in range(10):\n    print(i ** 2)",
    "numbers": "3.14159265 + 2.71828183",
}
display(tokenizer_explorer(four, example_texts["Burmese (a country)"], examples=example_texts))

# %% [markdown]
# ## 5 What is worth reading?
#
# **What the chapter claims.** Much of a crawl is not worth learning from. Teams filter it with
# rules of thumb: GPT-2 was trained on pages that Reddit users had linked and upvoted three times.
# And a small amount of good data can beat a large amount of bad data.
#
# A rule is a name and a predicate: a function that is true for a text that passes. These five come
# ready-made. They follow the filters of the Gopher model (Rae et al., 2021, appendix A1):

# %%
from utils.text.quality import (
    alphabetic_words,
    mean_word_length,
    stop_words,
    symbol_ratio,
    word_count,
)

rules = [
    ("word_count", word_count),
    ("mean_word_length", mean_word_length),
    ("symbol_ratio", symbol_ratio),
    ("alphabetic_words", alphabetic_words),
    ("stop_words", stop_words),
]
prose = (
    "The tram that leaves at noon has been late for most of the week, and nobody at the station"
    " knows why. " * 4
)
price_list = "SKU-1009 ... 12.50 ### SKU-1010 ... 13.75 ### " * 20
for name, text in (("prose", prose), ("price list", price_list), ("two words", "Read more")):
    print(f"{name:11}", {rule: "pass" if predicate(text) else "FAIL" for rule, predicate in rules})

# %% [markdown]
# ### Exercise: `quality_failures`
#
# *Difficulty 1 of 5, 10 minutes.* Say which rules a text fails, so that somebody can look at what
# a filter throws away. Hand the text to each predicate as it is.

# %% exercise="quality_failures"

# %% [markdown]
# ### Experiment: what do the rules catch, and what do they cost?
#
# **Claim.** Heuristics filter out pages of low quality. **Measurement.** Half of the collection is
# clean text that is installed on this machine: documentation, and for 30% of it code, sessions,
# tables and package descriptions. The other half was made from other documentation by ten named
# processes, from menus to bad scans. A page is kept when it passes all rules. **Controls.** A
# filter that keeps as many pages at random, and the same rules on clean text in other languages.

# %% tags=["experiment", "row-4"]
from utils.experiments.data.filters import precision_and_recall
from utils.text.filter_scores import filter_scores
from utils.text.noise import labelled_collection
from utils.text.quality import (
    GOPHER_RULES,
    LINE_RULES,
    REPETITION_RULES,
    quality_failures as reference_failures,
)

collection = labelled_collection(budget.pick(smoke=60, cpu=200, gpu=1000), seed=0)
is_clean = [page.is_clean for page in collection]
all_rules = GOPHER_RULES + LINE_RULES + REPETITION_RULES
five_rules = [not reference_failures(page.text, GOPHER_RULES) for page in collection]
decisions = {
    "five rules of the exercise": five_rules,
    "nine rules": [not reference_failures(page.text, all_rules) for page in collection],
    "random, keeps as many": np.random.default_rng(0).permutation(five_rules),
}
print(f"{len(collection)} pages, {np.mean(is_clean):.0%} of them clean")
filter_quality = {name: precision_and_recall(is_clean, kept) for name, kept in decisions.items()}
for name, (precision, recall) in filter_quality.items():
    print(f"{name:27} precision {precision}, recall {recall}")
for name, predicate in all_rules:
    alone = filter_scores(is_clean, [predicate(page.text) for page in collection])
    print(f"  {name:18} alone drops {alone.clean_dropped:3} clean pages", end=" ")
    print(f"and {alone.dirty_dropped:3} dirty ones")

# %% tags=["experiment", "row-4", "draw"]
kinds = sorted({(not page.is_clean, page.kind) for page in collection})
kept_share = {
    kind: 100 * np.mean([kept for page, kept in zip(collection, five_rules) if page.kind == kind])
    for _, kind in kinds
}
figure, axes = plt.subplots(figsize=(8, 4))
for is_dirty, label in ((False, "clean"), (True, "dirty")):
    own = [kind for dirty, kind in kinds if dirty == is_dirty]
    heights = [kept_share[kind] for kind in own]
    axes.barh(own, heights, color=COLOURS[3 if is_dirty else 0], label=label)
axes.invert_yaxis()
axes.set(xlabel="pages that pass the five rules (%)", ylabel="kind of page", xlim=(0, 100))
axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
show(
    figure,
    "Share of pages of each kind, clean and dirty, that pass the five rules. Shuffled words and "
    "repeated lines are dirty kinds whose form is that of prose.",
)

# %% tags=["experiment", "row-4", "judge"]
rules_precision, rules_recall = filter_quality["five rules of the exercise"]
random_precision = filter_quality["random, keeps as many"][0]
verdicts.add(
    row=4,
    claim="heuristics filter out low-quality pages",
    measured=(
        f"five rules: precision {rules_precision.mean:.2f} (random {random_precision.mean:.2f}), "
        f"recall {rules_recall.mean:.2f}"
    ),
    interval=f"precision {rules_precision}",
    outcome=first_that_holds(
        ("does not hold", rules_precision.low <= random_precision.high),
        ("holds", rules_precision.low > 0.9 and rules_recall.low > 0.9),
        otherwise="holds in part",
    ),
)

# %% [markdown]
# The rules see form, not meaning. Words in random order have the same lengths, the same stop words
# and the same letters, so they pass. Good code does not look like prose, so it fails.
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
# One rule asks for English stop words, and others count words between blanks, which Chinese,
# Japanese and Thai do not write. A filter tuned on English is also a language filter. Part of the
# imbalance of section 2 is made here.
#
# ### Experiment: three upvotes
#
# **Claim.** GPT-2's makers kept pages with three upvotes on Reddit. That screens out what nobody
# cares about, and is no guarantee of quality. **Measurement.** A simulation whose truth is known:
# 20,000 posts with a quality, an appeal and an audience. Readers vote for a mix of quality and
# appeal, correlated 0.7 with quality. The best 30% count as good. **Control.** Votes that have
# nothing to do with quality. Five seeds. This is a model of a filter, and its numbers are not
# Reddit's: what goes in decides what comes out. So the verdict is about a whole range of
# assumptions, on how far votes follow quality and how many readers a post has. The claim fails for
# those under which three votes say nothing, or are a guarantee after all.

# %% tags=["experiment", "row-5"]
from utils.text.popularity import simulate_posts, vote_filter

thresholds = [0, 1, 2, 3, 5, 10, 20, 40]
n_posts = budget.pick(smoke=2_000, cpu=20_000, gpu=200_000)
votes = {}  # (measure, agreement of votes with quality, threshold): its interval over seeds
for agreement in (0.7, 0.0):
    posts = [simulate_posts(n_posts, seed, agreement=agreement) for seed in range(5)]
    for threshold in thresholds:
        filtered = [vote_filter(one, threshold) for one in posts]
        for measure in ("precision", "recall"):
            values = [getattr(one, measure) for one in filtered]
            votes[measure, agreement, threshold] = mean_interval(values)
print(f"three votes: precision {votes['precision', 0.7, 3]}, recall {votes['recall', 0.7, 3]}")
print(f"three votes that say nothing (control): precision {votes['precision', 0.0, 3]}")

# %% tags=["experiment", "row-5"]
assumed = {}  # (agreement of votes with quality, readers of the median post): precision at three
for agreement in (0.1, 0.4, 0.7, 0.95):
    for readers in (5, 50, 500):
        posts = [
            simulate_posts(n_posts, seed, agreement=agreement, median_audience=readers)
            for seed in range(5)
        ]
        good = mean_interval([vote_filter(one, 3).precision for one in posts])
        assumed[agreement, readers] = good
        print(f"agreement {agreement}, {readers:3} readers: {good.mean:.0%} of the kept are good")

# %% tags=["experiment", "row-5", "draw"]
from utils.experiments.data.showing import draw_votes

show(
    draw_votes(votes, thresholds),
    "Precision and recall of keeping posts against the number of votes needed, for votes that "
    "follow quality and for votes that do not.",
)

# %% tags=["experiment", "row-5", "judge"]
precision_3, recall_3 = votes["precision", 0.7, 3], votes["recall", 0.7, 3]
supports = [0.35 < one.low and one.high < 0.9 for one in assumed.values()]
verdicts.add(
    row=5,
    claim="three upvotes screen out what nobody cares about, and do not make it good",
    measured=(
        f"simulated: good posts 30% before, {precision_3.mean:.0%} after; {1 - recall_3.mean:.0%} "
        f"of the good ones lost; 35% to 90% are good under {sum(supports)} of {len(supports)} "
        "assumptions"
    ),
    interval=f"precision {precision_3}",
    outcome=first_that_holds(
        ("holds", all(supports)), ("holds in part", any(supports)), otherwise="does not hold"
    ),
)

# %% [markdown]
# **Think.** Many of the good posts were lost because few people saw them. Which languages would
# lose most?
#
# <details><summary>One answer</summary>
#
# Those with few readers on the site. With a tenth of the readers a post needs ten times the share of
# votes to reach three, so a fixed number of votes is a stricter rule in a small language. A threshold
# relative to the audience would be fairer, and noisier: three votes of five readers say little.
#
# </details>
#
# ### Experiment: a small clean set against a large dirty one
#
# **Claim.** A model trained on less data of high quality can beat one trained on more data of low
# quality. The chapter's example: 1.3 billion parameters and 7 billion good tokens of code
# (Gunasekar et al., 2023). **Measurement.** A crawl of pages about the miniature world, 80% of them
# dirty by the processes above, against a clean fifth of it alone, seen five times. Both models read
# equally many bytes: equal compute. Both are measured on clean text that neither has seen. Five
# seeds, paired. **Controls.** As much *clean* text as the crawl has, seen once. And a table of byte
# pairs that has counted the same text: a model that is no better than such a table has learned
# which byte follows which, and says nothing about data of high quality.
#
# The models are toys. The verdict comes from a recorded run; a shorter one is made here. Compare
# each loss with the table beside it before you believe a difference. The clean fifth could have
# lost: the crawl holds as much clean text, and the models read no page of it twice.

# %% tags=["experiment", "row-6"]
from utils.experiments.data.showing import print_losses
from utils.experiments.data.tiny_jobs import TinyJob
from utils.experiments.data.tiny_recipes import MIXED, QUALITY, SPECIALISTS
from utils.experiments.recording.live import live_runs, said, verdict_outcome
from utils.experiments.recording.record import read_record

print(QUALITY.design.rule_text)
quality_record = read_record("01", 6)
tiny_job = [TinyJob("quality", "small, clean", 0, 2_000)]
quality_live = live_runs(QUALITY, budget.workers, budget.pick(smoke=tiny_job, cpu=None))
print(f"{said(quality_record)}; in bits per byte of unseen clean text:")
print_losses(quality_record.results["runs"])
print(f"beside them, on this machine, after {quality_live[0].job.n_bytes:,} bytes:")
print_losses(quality_live)

# %% tags=["experiment", "row-6", "draw"]
from utils.experiments.data.showing import draw_losses

show(
    draw_losses(quality_record.results["runs"]),
    "Loss on unseen clean text of models trained on a small clean set, a large dirty one and a "
    "large clean one, one point for each seed of the recorded run, with that of a table of byte "
    "pairs beside each.",
)

# %% tags=["experiment", "row-6", "judge"]
from utils.evaluation.intervals import Interval
from utils.experiments.data.tiny_jobs import LARGE_CLEAN, SEEDS, ahead_of_table


def interval_of(numbers: list[float]) -> Interval:
    """Return an interval over the seeds as a record holds it."""
    return Interval(*numbers, n=len(SEEDS))


dirt_gap = interval_of(quality_record.findings["differences"]["dirt"])
beyond = ahead_of_table(quality_record.results["runs"], LARGE_CLEAN, "clean")
verdicts.add(
    row=6,
    claim="a small clean set can beat a large dirty one at equal compute",
    measured=(
        f"toy models, {beyond.mean:.2f} bits per byte ahead of a table of byte pairs: the crawl "
        f"costs {dirt_gap.mean:+.2f} bits per byte against a clean fifth of it"
    ),
    interval=str(dirt_gap),
    outcome=verdict_outcome(quality_record),
)

# %% [markdown]
# ## 6 The same page twice
#
# Rules look at one page at a time. The commonest fault of a crawl needs two: pages that repeat
# each other, with another date or another footer. To find them, cut each text into *shingles*, all
# runs of n words, and compare the sets (Broder, 1997).

# %%
first = "the tram is late again"
second = "The tram is late today"
print("shingles of 3:", sorted({tuple(first.split()[at : at + 3]) for at in range(3)}))
print("common to both: (the tram is), (tram is late); in either: 4; Jaccard similarity", 2 / 4)

# %% [markdown]
# ### Exercise: `jaccard` and `shingles`
#
# *Difficulty 2 of 5, 15 minutes.* The Jaccard similarity of two sets is the size of their
# intersection over the size of their union. Two empty sets are equal, so their similarity is 1.
#
# Words are what stands between white space, in lower case, with their punctuation. A text of fewer
# than n words is a single shingle that holds all of them.


# %% exercise="jaccard"

# %% [markdown]
# ### Exercise: `near_duplicates`
#
# *Difficulty 2 of 5, 10 minutes.* Find all pairs of texts whose shingles are similar: at least as
# similar as the threshold. You may use your own `jaccard` and `shingles`. If you skipped them,
# import them: `from utils.text.duplicates import jaccard, shingles`.


# %% exercise="near_duplicates"

# %% [markdown]
# ### Experiment: near duplicates that are installed on this machine
#
# Every package ships its licence, and most of them are copies of a few texts with another name and
# year in them. Exact comparison misses those. **Control.** The same threshold on documentation,
# which nobody copies.

# %% tags=["experiment", "row-4"]
from utils.text.duplicates import near_duplicates as reference_near_duplicates
from utils.text.installed import installed_documents

n_texts = budget.pick(smoke=15, cpu=60)
for domain in ("licences", "prose"):
    texts = [document.text for document in installed_documents(domain, n_texts)]
    exact = sum(a == b for place, a in enumerate(texts) for b in texts[:place])
    similar = reference_near_duplicates(texts, n=3, threshold=0.8)
    n_left = len(texts) - len({later for _, later in similar})
    print(f"{domain:9} {len(texts)} documents, {exact} exact copies", end=", ")
    print(f"{len(similar)} pairs of near duplicates: {n_left} documents would be left")

# %% [markdown]
# **Think.** All pairs of a thousand documents are half a million. A crawl has billions of pages.
# Which pairs can you skip without looking? (Broder's answer, MinHash, is still what large
# pipelines use.)
#
# <details><summary>One answer</summary>
#
# All that share no shingle: list the documents of each shingle, and compare only within a list.
# MinHash goes further and keeps a few hundred shingles of each document, those with the smallest
# hashes. Two documents keep the same one with a probability equal to their Jaccard similarity, so
# pairs that agree in several of them are candidates, and all others are never compared.
#
# </details>

# %% [markdown]
# ## 7 Mixing languages
#
# **What the chapter claims.** Models work much better in English than in languages that their data
# under-represents. On a benchmark of school and university questions, GPT-4 answered best in
# English and worst in Telugu, Marathi and Punjabi.
#
# Whoever trains a model cannot make more text in a rare language. But one can show the text more
# often: sample each language with a weight proportional to its size to the power of alpha (used
# for multilingual BERT and XLM-R with alpha 0.7 and 0.3). Two sources, one a hundred times the
# other:

# %%
for alpha in (1.0, 0.5, 0.0):
    large, small = 100**alpha, 1**alpha
    print(
        f"alpha {alpha}: {large:5.1f} to {small:.0f}, the small source gets"
        f" {small / (large + small):.3f}"
    )

# %% [markdown]
# ### Exercise: `mixture_weights`
#
# *Difficulty 2 of 5, 10 minutes.* Alpha 1 keeps the natural shares, alpha 0 is uniform over the
# sources that hold something. An empty source gets 0.0 at every alpha. Mind that `0 ** 0` is 1 in
# Python.


# %% exercise="mixture_weights"

# %% [markdown]
# ### Experiment: one model, three languages, and who gets how much
#
# **Claims.** A model is worse in languages that its data under-represent. And that is not the only
# reason: a language can also be harder to learn. **Measurement.** The course's miniature world
# says the same things in three invented languages. We train on mixtures in which every language
# once has 80%, once 15% and once 5%, and measure the loss on unseen documents with the same content
# in each language. So share and language can be told apart. Five seeds, paired. **Controls.**
# Uniform shares, and tables of byte pairs of the same text, which the models have to beat.
#
# Again toys and a recorded run: what carries over to large models is at most the direction.

# %% tags=["experiment", "row-7"]
from utils.experiments.data.tiny_jobs import (
    LANGUAGES as WORLD_LANGUAGES,
    MIXTURES,
    N_UNSEEN,
    bits_of,
    held_out_texts,
)

print(MIXED.design.rule_text)
mixed_record = read_record("01", 7)
mixed_runs = mixed_record.results["runs"]
tiny_job = [TinyJob("languages", "uniform", 0, 2_000)]
mixed_live = live_runs(MIXED, budget.workers, budget.pick(smoke=tiny_job, cpu=None))
print(f"{said(mixed_record)}; in bits per byte:")
print_losses(mixed_runs)
print(f"beside them, on this machine, after {mixed_live[0].job.n_bytes:,} bytes:")
print_losses(mixed_live)
unseen_texts = held_out_texts("languages")
document_bytes = {name: len(text.encode()) / N_UNSEEN for name, text in unseen_texts.items()}
bits = {  # (language, its share of the data): bits per document, one value for each seed
    (name, share): document_bytes[name] * np.array(bits_of(mixed_runs, label, name))
    for label, shares in MIXTURES.items()
    for name, share in zip(WORLD_LANGUAGES, shares)
}
data_shares = (0.05, 0.15, 1 / 3, 0.8)
for name in WORLD_LANGUAGES:
    row = (f"{share:.0%}: {mean_interval(bits[name, share])}" for share in data_shares)
    print(f"{name:8} bits per document at", "   ".join(row))

# %% tags=["experiment", "row-7", "draw"]
from utils.notebook.widgets.mixture import fit_loss_curve

loss_curves = {
    name: fit_loss_curve(
        [share for share in data_shares for _ in bits[name, share]],
        [value for share in data_shares for value in bits[name, share]],
    )
    for name in WORLD_LANGUAGES
}
figure, axes = plt.subplots()
for name, marker, colour in zip(WORLD_LANGUAGES, "os^", COLOURS):
    for share in data_shares:
        label = name if share == data_shares[0] else None
        places = [100 * share] * len(bits[name, share])
        axes.plot(places, bits[name, share], marker, color=colour, alpha=0.6, label=label)
    grid = np.geomspace(0.05, 0.8, 60)
    axes.plot(100 * grid, [loss_curves[name](share) for share in grid], color=colour)
axes.set(xscale="log", xlabel="share of the training data (%, logarithmic)")
axes.set(ylabel="loss (bits per document)")
label_ticks(axes, x=(5, 10, 15, 20, 33, 50, 80))
axes.legend()
show(
    figure,
    "Loss of three invented languages against their share of the training data, every seed a "
    "point, with a fitted curve for each language.",
)

# %% tags=["experiment", "row-7", "judge"]
share_effects = {
    name: interval_of(found) for name, found in mixed_record.findings["differences"].items()
}
at_uniform = {name: bits[name, 1 / 3] for name in WORLD_LANGUAGES}
by_loss = sorted(at_uniform, key=lambda name: np.mean(at_uniform[name]))
easiest, hardest = by_loss[0], by_loss[-1]
language_effect = mean_interval(at_uniform[hardest] / at_uniform[easiest])
print(
    verdicts.add(
        row=7,
        claim="a model is worse in languages that are under-represented in its data",
        measured="toy models: the loss at 5% of the data over that at 80% is "
        + ", ".join(f"{one.mean:.2f} in {name}" for name, one in share_effects.items()),
        interval="; ".join(f"{name} {one}" for name, one in share_effects.items()),
        outcome=verdict_outcome(mixed_record),
    )
)
verdicts.add(
    row=7,
    claim="under-representation is not the only reason: languages differ in difficulty",
    measured=(
        f"at equal shares {hardest} costs {language_effect.mean:.2f} times as many bits as "
        f"{easiest} for the same content"
    ),
    interval=str(language_effect),
    outcome=first_that_holds(
        ("holds", language_effect.low > 1.05),
        ("does not hold", language_effect.high < 1.05),
        otherwise="undecided",
    ),
)

# %% [markdown]
# And the large models? OpenAI has published scores on MMLU, the benchmark of the chapter's figure,
# in languages that people translated it to. The models are later ones than the figure's.

# %% tags=["experiment", "row-7"]
from utils.experiments.data.published import rank_correlation, scores_by_share

for model in ("gpt_4o_mini", "gpt_4o"):
    scores = scores_by_share(model)
    correlation, p_rank = rank_correlation(scores)
    print(f"{model}: rank correlation of share and score {correlation:.2f}, p = {p_rank:.2f}")
    print("  ", ", ".join(f"{name} {score:.0f}%" for name, (_, score) in scores.items()))
verdicts.add(
    row=7,
    claim="... and large models are, by their published scores",
    measured=f"rank correlation of GPT-4o's MMLU with the share of the crawl {correlation:.2f}",
    interval=f"p = {p_rank:.2f}, n = {len(scores)} languages",
    outcome=first_that_holds(
        ("holds", correlation > 0 and p_rank < 0.05),
        ("does not hold", correlation < 0 and p_rank < 0.05),
        otherwise="undecided",
    ),
)

# %% [markdown]
# So few languages, most of them large, decide little: look at the last two of each list, and at how
# near the others are to each other. Note also what the number about difficulty hides: it
# depends on the model too. Ours read bytes, so a language with longer words has more to spell.
#
# **Think.** Compare, for each language, what going from 5% to 15% of the data saves with what going
# from 33% to 80% does. What do the two say about moving 10% of the data from the largest language to
# the smallest?
#
# <details><summary>One answer</summary>
#
# The curves are steep at the left and flat at the right: where the data are few, each further percent
# saves more. Ten percent moved from 80% to 5% cost the large language little and save the small one
# much. How much differs between languages, so read it off each curve before you move anything.
#
# </details>
#
# ### What if? The mixture slider
#
# Move alpha, or the size of a language, and read the expected losses off the fitted curves. They
# hold between 5% and 80%; outside they stay at the edge.

# %% tags=["experiment", "row-7"]
from utils.notebook.widgets.mixture import mixture_slider, mixture_text

language_sizes = {"common": 80.0, "velkoth": 15.0, "zhurimi": 5.0}
display(mixture_slider(language_sizes, loss_curves, unit="bits per document", alpha=0.3))
for alpha in (1.0, 0.7, 0.3, 0.0):
    expected = mixture_text(language_sizes, alpha, loss_curves, "bits").splitlines()[-1]
    print(f"alpha {alpha}: {expected}")

# %% [markdown]
# ## 8 Beyond English
#
# **What the chapter claims.** One could translate every question to English, and the answer back.
# But translation loses what English has no words for, such as the pronouns of Vietnamese that tell
# how two speakers stand to each other. And models do not behave the same in every language.
#
# How much is lost can be counted, in bits. A distinction with three equally likely values carries
# log2(3) bits:

# %%
import math

for shares in ((1 / 3, 1 / 3, 1 / 3), (0.25, 0.5, 0.25), (1.0,)):
    bits_carried = sum(share * math.log2(1 / share) for share in shares)
    print(
        f"words used with shares {[round(share, 2) for share in shares]} carry {bits_carried:.2f}"
        " bits"
    )

# %% [markdown]
# ### Experiment: there and back again
#
# **Claim.** Translating through a language without a distinction loses it. **Measurement.** Common
# says "Thou", "You" or "Ye" to somebody younger, a peer, or somebody elder. Zhurimi has one word
# for all. Small transformers learn to translate both ways, and we send unseen sentences to Zhurimi
# and back. What is lost is the entropy of the word before, less the mutual information of the
# words before and after. Five seeds. **Control.** The same through Velkoth, which makes the
# distinction.
#
# For Zhurimi this is a demonstration: what is not in a text cannot be read out of it. The
# measurement is the control. If the same translators lost the distinction through Velkoth too, they
# would be too weak to show anything; and if the loss through Zhurimi were small, its sentences would
# carry the distinction in some other word.

# %% tags=["experiment", "row-8"]
from utils.experiments.data.information import entropy_bits, mutual_information_bits
from utils.training.sweep import run_sweep
from utils.training.translators import RoundTripJob, round_trip
from utils.world import World
people = {"n_people": 12, "n_towns": 6, "relations": ("home", "trade", "animal"), "paraphrases": 2}
remarks = World(seed=0, mix={"remark": 1}, **people)
n_train, n_test, n_steps = budget.pick(smoke=(100, 20, 5), cpu=(1500, 80, 45), gpu=(4000, 500, 150))
train_remarks = [
    {name: " ".join(sentences) for name, sentences in one.items()}
    for one in remarks.parallel(n_train, seed=1)
]
known_words = {word for one in train_remarks for word in one["common"].split()}
test_remarks = [" ".join(one["common"]) for one in remarks.parallel(n_test, seed=2)]
test_remarks = [text for text in test_remarks if set(text.split()) <= known_words]
trip_jobs = [
    RoundTripJob(
        pairs=[(one["common"], one[pivot]) for one in train_remarks],
        sentences=test_remarks,
        steps=n_steps,
        batch_size=32,
        seed=seed,
        label=pivot,
    )
    for pivot in ("zhurimi", "velkoth")
    for seed in range(budget.pick(smoke=2, cpu=5))
]
trips = run_sweep(round_trip, trip_jobs, workers=budget.workers, description="round trips")

# %% tags=["experiment", "row-8"]
def listener(text: str) -> str:
    """Return Thou, You or Ye, whichever the text has; a garbled text may have none."""
    words = text.replace(",", " ").split()
    return next((word for word in words if word in ("Thou", "You", "Ye")), "none")


before = [listener(text) for text in test_remarks]
carried = entropy_bits(before)
lost = {"zhurimi": [], "velkoth": []}
for trip in trips:
    after = [listener(text) for text in trip.returned]
    lost[trip.label].append(carried - mutual_information_bits(before, after))
    if trip.seed == 0:
        print(f"common  {test_remarks[0]}\n{trip.label} {trip.pivot[0]}")
        print(f"back    {trip.returned[0]}\n")
for pivot, values in lost.items():
    print(f"lost on the way through {pivot}: {mean_interval(values)} of {carried:.2f} bits")

# %% tags=["experiment", "row-8", "judge"]
through, around = mean_interval(lost["zhurimi"]), mean_interval(lost["velkoth"])
verdicts.add(
    row=8,
    claim="translating through a language without a distinction loses it",
    measured=(
        f"{through.mean:.2f} of {carried:.2f} bits lost; through a language with the distinction "
        f"{around.mean:.2f}"
    ),
    interval=str(through),
    outcome=first_that_holds(
        ("undecided", around.high > 0.5 * carried),
        ("holds", through.low > max(around.high, 0.5 * carried)),
        ("does not hold", through.high < 0.5 * carried),
        otherwise="holds in part",
    ),
)

# %% [markdown]
# No translator can do better, however large: the word is not in the Zhurimi text. A better model
# only guesses with more confidence.
#
# **Think.** "You asked" came back where "Thou asked" went in. Is that a wrong translation? Who
# could tell, reading only one of the two?
#
# <details><summary>One answer</summary>
#
# The sentence that came back is a right translation of the Zhurimi one, and so is the other. Only
# somebody who reads both ends, or knows who was spoken to, sees that something is lost. Tests of
# translation that look at one step at a time cannot find it.
#
# </details>
#
# ### Experiment: the same questions in other languages
#
# **Claim.** A model behaves differently in different languages. NewsGuard asked ChatGPT-3.5 for
# seven false news stories: in English it declined six, in simplified and in traditional Chinese
# none. **Measurement.** First, how sure do seven prompts make us? Then a real model,
# SmolLM2-135M-Instruct: capitals, sums, months and days from tables, the same questions in four
# languages. An answer is judged by the first name or number that it gives. Each language has a
# budget of tokens of its own, half as many again as its longest right sentence takes: with one
# budget for all, a right answer in Hindi would be cut off before its end. **Control.** The English
# questions in other words: if that changes as much as another language does, the language is not
# the reason.
#
# The verdict comes from a recorded run; the first of its questions are asked on your machine too.

# %% tags=["experiment", "row-9"]
from scipy.stats import fisher_exact

published = {row["language"]: row for row in load_table("newsguard_refusals")}
in_english = published.pop("English")
p_refused = {}
for language, row in published.items():
    counts = [[one["declined"], one["prompts"] - one["declined"]] for one in (in_english, row)]
    p_refused[language] = fisher_exact(counts).pvalue
    print(f"NewsGuard: declined {counts[0][0]} of 7 in English,", end=" ")
    print(f"{counts[1][0]} of 7 in {language}; Fisher's exact test p = {p_refused[language]:.4f}")

# %% tags=["experiment", "row-9"]
from utils.experiments.data.asking_recipe import ASKING, FOREIGN, AskJob
from utils.experiments.data.showing import draw_answers, print_answers

print(ASKING.design.rule_text)
asked_record = read_record("01", 9)
one_job = [AskJob("English", 0, 1)]
asked_here = {
    run.job.name: run.result for run in live_runs(ASKING, 0, budget.pick(smoke=one_job, cpu=None))
}
print(f"{said(asked_record)}; beside them, on this machine, the first few questions:")
print_answers(asked_record.findings)
for name, result in asked_here.items():
    print(f"{name}, right here: {result['right']}; {result['shown'][0]!r}")

# %% tags=["experiment", "row-9", "draw"]
show(
    draw_answers(asked_record.findings),
    "Share of right answers of SmolLM2-135M by language of the question: with a budget of tokens "
    "by language, and had every answer been cut at twelve tokens.",
)

# %% tags=["experiment", "row-9", "judge"]
behind = asked_record.findings["behind"]
print(
    verdicts.add(
        row=9,
        claim="a model behaves differently by language: right or wrong answers",
        measured="SmolLM2-135M, right in English (either wording) but not in "
        + "; ".join(
            f"{name} {min(one[0] for one in behind[name]):+.2f} of the questions"
            for name in FOREIGN
        ),
        interval="; ".join(
            f"{name} {' and '.join(f'[{low:.2f}, {high:.2f}]' for _, low, high in behind[name])}"
            for name in FOREIGN
        ),
        outcome=verdict_outcome(asked_record),
    )
)
verdicts.add(
    row=9,
    claim="... and in what it refuses",
    measured="; ".join(
        f"ChatGPT-3.5, English against {language}: p = {p:.4f}" for language, p in p_refused.items()
    ),
    interval="seven prompts in each language, NewsGuard's counts",
    outcome=first_that_holds(
        ("holds", max(p_refused.values()) < 0.05),
        ("holds in part", min(p_refused.values()) < 0.05),
        otherwise="undecided",
    ),
)

# %% [markdown]
# The questions are harmless, so our own model has nothing to refuse; about refusals only the
# published counts speak. And a model this small, made for English, is no match for ChatGPT: it can
# show that the language matters, not how much it does for a large model. The judge knows each name
# in one spelling for each language. Read a few answers before you trust the counts.
#
# **Think.** Seven prompts in each language: with the difference that NewsGuard found, is that
# enough? And would it be, had the counts been 6 and 3?
#
# <details><summary>One answer</summary>
#
# Six of seven against none of fourteen (two kinds of Chinese) is hardly chance: the test above gives
# its p. Six of seven against three of seven gives p = 0.27, so a difference of nearly one half would
# be no evidence with seven prompts each. Small samples only show very large differences.
#
# </details>

# %% [markdown]
# ## 9 Domains
#
# **What the chapter claims.** Models are good at what their data are about. The domains of C4 have
# been counted; for images one can only read them off the benchmarks. And a model made for a domain
# beats a general one there.

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
# **Claim.** C4 is a mixture of many domains, and for texts, words are enough to tell them.
# **Measurement.** The published shares; then a naive Bayes classifier of 40 lines on documentation
# from six fields, tested on files it has not seen, five splits. **Control.** The same classifier
# trained with shuffled labels.

# %% tags=["experiment", "row-12"]
from utils.text.domains import NaiveBayes

c4_shares = load_table("c4_domains")
print(f"the published shares sum to {sum(row['share_percent'] for row in c4_shares)}%;", end=" ")
print("about a third of the sites could not be categorised")
fields = ("standard library", "numerical", "plotting", "mathematics", "graphs", "machine learning")
n_each = budget.pick(smoke=12, cpu=60, gpu=200)
field_pages = [page for field in fields for page in installed_documents(field, n_each)]
domain_accuracy = {"labels": [], "shuffled labels (control)": []}
for seed in range(5):
    rng = random.Random(seed)
    # Split by file: two documents of one file share their words.
    files = sorted({page.source for page in field_pages})
    training_files = set(rng.sample(files, len(files) * 7 // 10))
    train = [page for page in field_pages if page.source in training_files]
    test = [page for page in field_pages if page.source not in training_files]
    for name, accuracies in domain_accuracy.items():
        labels = [page.domain for page in train]
        if name != "labels":
            rng.shuffle(labels)
        classifier = NaiveBayes().fit([page.text for page in train], labels)
        predicted = classifier.predict([page.text for page in test])
        accuracies.append(np.mean([a == page.domain for a, page in zip(predicted, test)]))
for name, accuracies in domain_accuracy.items():
    print(f"{name:26} accuracy {mean_interval(accuracies)}")

# %% tags=["experiment", "row-12", "draw"]
figure, axes = plt.subplots(figsize=(8, 3.6))
names = [row["domain"] for row in c4_shares]
axes.barh(names, [row["share_percent"] for row in c4_shares], color=COLOURS[0])
axes.invert_yaxis()
axes.set(xlabel="share of the categorised tokens of C4 (%)", ylabel="domain")
show(
    figure,
    "Share of eleven domains in C4: business 16%, technology 15%, news 13%, arts 11%, science 9%, "
    "and so on down to law with 4%.",
)

# %% tags=["experiment", "row-12", "judge"]
with_labels, shuffled = (mean_interval(values) for values in domain_accuracy.values())
verdicts.add(
    row=12,
    claim="C4 mixes many domains, and words tell the domain of a text",
    measured=(
        f"largest domain {c4_shares[0]['share_percent']}%; six fields told apart with accuracy "
        f"{with_labels.mean:.2f}, {shuffled.mean:.2f} with shuffled labels"
    ),
    interval=str(with_labels),
    outcome=first_that_holds(
        ("holds", with_labels.low > max(0.7, shuffled.high)),
        ("holds in part", with_labels.low > shuffled.high),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# ### Experiment: which model would you take?
#
# **Claim.** CLIP and Open CLIP, the same architecture trained on different images, do well on
# different datasets, which tells something about the images they saw. **Measurement.** Table 2-3,
# paired by dataset: wins, a sign test, an interval of the mean difference; and for each dataset
# whose size is known, whether the difference is more than chance. Had all differences been within
# chance, or all pointed one way, benchmarks would not tell domains apart.

# %% tags=["experiment", "row-13"]
from scipy.stats import binomtest

clip = [row for row in load_table("clip_accuracy") if row["clip_percent"] is not None]
clip.sort(key=lambda row: row["open_clip_percent"] - row["clip_percent"])
differences = [row["open_clip_percent"] - row["clip_percent"] for row in clip]
n_clear = 0
for row, difference in zip(clip, differences):
    note = "size of the test set not fixed"
    if row["test_images"]:
        shares_right = [row["clip_percent"] / 100, row["open_clip_percent"] / 100]
        # Two independent proportions: wider than the unpublished paired error, so on the safe side.
        error = 196 * sum(p * (1 - p) / row["test_images"] for p in shares_right) ** 0.5
        n_clear += abs(difference) > error
        note = f"± {error:.1f}" + ("" if abs(difference) > error else "  (within chance)")
    print(f"{row['dataset']:40} {row['domain']:16} {difference:+5.1f} points {note}")
wins = sum(difference > 0 for difference in differences)
p_sign = binomtest(wins, len(differences)).pvalue
mean_difference = bootstrap_interval(differences)
print(f"Open CLIP wins {wins} of {len(differences)}, sign test p = {p_sign:.2f};", end=" ")
print(f"mean difference {mean_difference} points")

# %% tags=["experiment", "row-13", "draw"]
figure, axes = plt.subplots(figsize=(8, 3.2))
colours = [COLOURS[3 if difference < 0 else 0] for difference in differences]
axes.barh([row["domain"] for row in clip], differences, color=colours)
axes.axvline(0, color="black", linewidth=0.8)
axes.set(xlabel="accuracy of Open CLIP less that of CLIP (percentage points)")
axes.set(ylabel="domain of the dataset")
show(
    figure,
    "Difference in accuracy between Open CLIP and CLIP, in percentage points: "
    + ", ".join(f"{row['domain']} {one:+.0f}" for row, one in zip(clip, differences))
    + ".",
)

# %% tags=["experiment", "row-13", "judge"]
print(
    verdicts.add(
        row=13,
        claim="benchmarks by domain reveal what two models were trained on",
        measured=(
            f"Open CLIP wins {wins} of {len(differences)} datasets; {n_clear} of "
            f"{sum(bool(row['test_images']) for row in clip)} "
            "differences with a known test size exceed chance"
        ),
        interval=f"mean difference {mean_difference} points",
        outcome=first_that_holds(
            ("holds", n_clear >= 2 and max(differences) > 5 and min(differences) < 0),
            ("does not hold", n_clear == 0 or min(differences) >= 0 or max(differences) <= 0),
            otherwise="undecided",
        ),
    )
)
verdicts.add(
    row=13,
    claim="one of the two is the better model (a reader's likely conclusion)",
    measured=f"sign test p = {p_sign:.2f}",
    interval=f"mean difference {mean_difference} points",
    outcome=first_that_holds(
        ("undecided", p_sign > 0.05 or mean_difference.low <= 0 <= mean_difference.high),
        ("holds", mean_difference.low > 0 or mean_difference.high < 0),
        otherwise="undecided",
    ),
)

# %% [markdown]
# For cars and traffic signs the answer is clear, and for "which one is better" there is none. A
# mean over seven arbitrary datasets depends on which seven.
#
# ### Experiment: a general model and three specialists
#
# **Claim.** A domain-specific model beats a general one in its domain. **Measurement.** Three
# domains of the miniature world: profiles of people, questions with answers, and sums. The general
# model sees a third of each, a specialist one domain only, all the same number of bytes. Loss on
# unseen text of every domain, five seeds, paired; a recorded run. **Controls.** Each specialist
# outside its own domain, and tables of byte pairs of the same text. The general model could win:
# profiles and questions speak of the same people.

# %% tags=["experiment", "row-14"]
from utils.experiments.data.tiny_jobs import DOMAINS, GENERAL

print(SPECIALISTS.design.rule_text)
domain_record = read_record("01", 14)
domain_runs = domain_record.results["runs"]
tiny_job = [TinyJob("domains", GENERAL, 0, 2_000)]
domain_live = live_runs(SPECIALISTS, budget.workers, budget.pick(smoke=tiny_job, cpu=None))
print(f"{said(domain_record)}; in bits per byte:")
print_losses(domain_runs)
print(f"beside them, on this machine, after {domain_live[0].job.n_bytes:,} bytes:")
print_losses(domain_live)
gains = {name: interval_of(found) for name, found in domain_record.findings["differences"].items()}
costs = {}
for name in DOMAINS:
    elsewhere = [other for other in DOMAINS if other != name]
    costs[name] = paired_difference(
        np.mean([bits_of(domain_runs, name, other) for other in elsewhere], axis=0),
        np.mean([bits_of(domain_runs, GENERAL, other) for other in elsewhere], axis=0),
    )
    print(f"{name:8} specialist: {gains[name]} bits per byte better at home,", end=" ")
    print(f"{costs[name].mean:+.2f} worse elsewhere")

# %% tags=["experiment", "row-14", "draw"]
from utils.experiments.data.showing import draw_domains

show(
    draw_domains(domain_runs),
    "Loss of a general model and three specialists on three domains, as a table of shades, with "
    "the numbers in it.",
)

# %% tags=["experiment", "row-14", "judge"]
smallest_gain = min(gains.values(), key=lambda gain: gain.low)
at_home = ", ".join(f"{name} {gain.mean:+.2f}" for name, gain in gains.items())
away = np.mean([cost.mean for cost in costs.values()])
verdicts.add(
    row=14,
    claim="a domain-specific model beats a general one in its domain, at equal compute",
    measured=f"{at_home} bits per byte; elsewhere the specialists lose {away:.2f}",
    interval=f"smallest gain {smallest_gain}",
    outcome=verdict_outcome(domain_record),
)

# %% [markdown]
# **Think.** All models here are equally small and equally short in training. What happens to the
# general model's disadvantage when it can be larger? Notebook 04 gives you the tools to answer.
#
# <details><summary>One answer</summary>
#
# It shrinks. The three domains compete for the same few parameters and the same few bytes of
# training; with more of both, each of them has enough. What remains is what the general model paid:
# it needs about three times the data to see as much of each domain. Domains also help each other
# when they share something, such as the names of people here, or English words in code.
#
# </details>

# %% [markdown]
# ## Your own code at work
#
# A small pipeline out of your functions, on real pages of this machine: `quality_failures` drops
# pages, `near_duplicates` drops copies, and `train_bpe` makes a vocabulary of what is left. Run it
# when these three are answered, and look at the longest tokens: whose text are they?

# %% tags=["experiment"]
crawled = [page.text for page in collection[: budget.pick(smoke=20, cpu=60)]]
crawled += [page.text for page in installed_documents("licences", budget.pick(smoke=5, cpu=20))]
try:
    readable = [text for text in crawled if not quality_failures(text, rules)]
    copies = {later for _, later in near_duplicates(readable, 3, 0.8)}
    left = [text[:600] for place, text in enumerate(readable) if place not in copies]
    tokens_of = {byte: bytes([byte]) for byte in range(256)}
    for new_id, (a, b) in enumerate(train_bpe(left, budget.pick(smoke=10, cpu=80)), start=256):
        tokens_of[new_id] = tokens_of[a] + tokens_of[b]
    print(f"{len(crawled)} pages, {len(readable)} pass the rules, {len(left)} without copies")
    print("longest tokens:", sorted(tokens_of.values(), key=len)[-8:])
except NotImplementedError:
    print("Answer `quality_failures`, `near_duplicates` and `train_bpe` first.")

# %% [markdown]
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# Three things to take along.
#
# - Before you judge a model, ask what it has seen. A table of shares tells you more about its weak
#   sides than most benchmarks.
# - A tokenizer is trained too. What it costs a language is a choice that somebody made about data.
# - Filters are models of quality. Every one of them throws away something good, and it is not
#   spread evenly.
#
# **Read next**
#
# - Lai et al. (2023), *ChatGPT Beyond English*,
#   [arXiv:2304.05613](https://arxiv.org/abs/2304.05613): the language shares, and 37 languages
#   measured.
# - Petrov et al. (2023), *Language Model Tokenizers Introduce Unfairness Between Languages*,
#   [arXiv:2305.15425](https://arxiv.org/abs/2305.15425): premiums in many more vocabularies.
# - Rae et al. (2021), *Scaling Language Models*,
#   [arXiv:2112.11446](https://arxiv.org/abs/2112.11446), appendix A: the quality rules, and
#   deduplication.
# - Penedo et al. (2024), *The FineWeb Datasets*,
#   [arXiv:2406.17557](https://arxiv.org/abs/2406.17557): how filters are chosen by training small
#   models, as you did.
# - Conneau et al. (2020), *Unsupervised Cross-lingual Representation Learning at Scale*,
#   [arXiv:1911.02116](https://arxiv.org/abs/1911.02116): alpha, and what it does.
#
# Next: notebook 02 builds the attention that all these models share.
