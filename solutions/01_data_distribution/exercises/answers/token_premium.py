"""Answers to `token_premium`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: with the statistics module
from statistics import median


def token_premium(texts, encode, base="en"):
    if base not in texts:
        raise ValueError(f"base {base!r} is not among the languages {sorted(texts)}")
    n_texts = len(texts[base])
    for language, versions in texts.items():
        if len(versions) == 0:
            raise ValueError(f"language {language!r} has no texts")
        if len(versions) != n_texts:
            raise ValueError(f"language {language!r} has {len(versions)} texts, the base {n_texts}")
    medians = {
        language: median(len(encode(text)) for text in versions)
        for language, versions in texts.items()
    }
    return {language: value / medians[base] for language, value in medians.items()}


# %% right: one numpy table of counts, numpy floats as values
import numpy as np


def token_premium(texts, encode, base="en"):
    languages = list(texts)
    lengths = {len(versions) for versions in texts.values()}
    if base not in languages:
        raise ValueError(f"no texts in the base language {base}")
    if len(lengths) > 1:
        raise ValueError(f"parallel texts need one length, got {sorted(lengths)}")
    if 0 in lengths:
        raise ValueError("every language needs at least one text")
    counts = np.array([[len(encode(text)) for text in texts[language]] for language in languages])
    medians = np.median(counts, axis=1)
    return dict(zip(languages, medians / medians[languages.index(base)]))


# %% right: the median by hand, the base set to 1 outright
def token_premium(texts, encode, base="en"):
    if base not in texts:
        raise ValueError(f"base is missing: {base}")
    for language in texts:
        if not texts[language]:
            raise ValueError(f"no text at all in {language}")
        if len(texts[language]) != len(texts[base]):
            raise ValueError(f"texts of {language} and {base} are not parallel")

    def middle(values):
        values = sorted(values)
        half = len(values) // 2
        return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2

    reference = middle([len(encode(text)) for text in texts[base]])
    premiums = {base: 1.0}
    for language in texts:
        if language != base:
            premiums[language] = middle([len(encode(text)) for text in texts[language]]) / reference
    return premiums


# %% right: torch's quantile
import torch


def token_premium(texts, encode, base="en"):
    if base not in texts:
        raise ValueError(f"base must be one of the languages, got {base!r}")
    if (
        any(not versions for versions in texts.values())
        or len({len(v) for v in texts.values()}) != 1
    ):
        raise ValueError("every language needs the same number of texts, and at least one")

    def middle(language):
        counts = torch.tensor([len(encode(text)) for text in texts[language]], dtype=torch.float64)
        return torch.quantile(counts, 0.5).item()

    return {language: middle(language) / middle(base) for language in texts}


# %% wrong: mean for median | expects: median
from statistics import mean


def token_premium(texts, encode, base="en"):
    if base not in texts or any(not v or len(v) != len(texts[base]) for v in texts.values()):
        raise ValueError(f"texts must be parallel and include the base {base!r}")
    means = {
        language: mean(len(encode(text)) for text in versions)
        for language, versions in texts.items()
    }
    return {language: value / means[base] for language, value in means.items()}


# %% wrong: median of the texts' ratios | expects: ratio / median of
from statistics import median


def token_premium(texts, encode, base="en"):
    if base not in texts or any(not v or len(v) != len(texts[base]) for v in texts.values()):
        raise ValueError(f"texts must be parallel and include the base {base!r}")
    counts = {
        language: [len(encode(text)) for text in versions] for language, versions in texts.items()
    }
    return {
        language: median(own / other for own, other in zip(values, counts[base]))
        for language, values in counts.items()
    }


# %% wrong: characters instead of tokens | expects: character / encode
from statistics import median


def token_premium(texts, encode, base="en"):
    if base not in texts or any(not v or len(v) != len(texts[base]) for v in texts.values()):
        raise ValueError(f"texts must be parallel and include the base {base!r}")
    medians = {
        language: median(len(text) for text in versions) for language, versions in texts.items()
    }
    return {language: value / medians[base] for language, value in medians.items()}


# %% wrong: upside down | expects: upside down / inver / reciprocal / swapped / wrong way
from statistics import median


def token_premium(texts, encode, base="en"):
    if base not in texts or any(not v or len(v) != len(texts[base]) for v in texts.values()):
        raise ValueError(f"texts must be parallel and include the base {base!r}")
    medians = {
        language: median(len(encode(text)) for text in versions)
        for language, versions in texts.items()
    }
    return {language: medians[base] / value for language, value in medians.items()}


# %% wrong: a missing base is a KeyError | expects: base
from statistics import median


def token_premium(texts, encode, base="en"):
    if (
        any(not versions for versions in texts.values())
        or len({len(v) for v in texts.values()}) > 1
    ):
        raise ValueError("texts must be parallel")
    medians = {
        language: median(len(encode(text)) for text in versions)
        for language, versions in texts.items()
    }
    return {language: value / medians[base] for language, value in medians.items()}


# %% wrong: unequal lengths are accepted | expects: unequal / parallel / number of texts / length
from statistics import median


def token_premium(texts, encode, base="en"):
    if base not in texts or any(not versions for versions in texts.values()):
        raise ValueError(f"every language needs texts, the base {base!r} too")
    medians = {
        language: median(len(encode(text)) for text in versions)
        for language, versions in texts.items()
    }
    return {language: value / medians[base] for language, value in medians.items()}


# %% wrong: unequal lengths are cut to the shortest | expects: unequal / parallel / number of texts / length
from statistics import median


def token_premium(texts, encode, base="en"):
    if base not in texts or any(not versions for versions in texts.values()):
        raise ValueError(f"every language needs texts, the base {base!r} too")
    shortest = min(len(versions) for versions in texts.values())
    medians = {
        name: median(len(encode(text)) for text in versions[:shortest])
        for name, versions in texts.items()
    }
    return {language: value / medians[base] for language, value in medians.items()}


# %% wrong: an empty language is left out | expects: empty / no text
from statistics import median


def token_premium(texts, encode, base="en"):
    texts = {language: versions for language, versions in texts.items() if versions}
    if base not in texts or any(len(v) != len(texts[base]) for v in texts.values()):
        raise ValueError(f"texts must be parallel and include the base {base!r}")
    medians = {
        language: median(len(encode(text)) for text in versions)
        for language, versions in texts.items()
    }
    return {language: value / medians[base] for language, value in medians.items()}


# %% wrong: English is always the base | of: upside down | expects: base
# -     return {language: medians[base] / value for language, value in medians.items()}
# +     return {
# +         language: value / medians.get("en", medians[base]) for language, value in medians.items()
# +     }


# %% wrong: the upper of the two middle values | expects: even / middle
def token_premium(texts, encode, base="en"):
    if base not in texts or any(not v or len(v) != len(texts[base]) for v in texts.values()):
        raise ValueError(f"texts must be parallel and include the base {base!r}")

    def middle(versions):
        counts = sorted(len(encode(text)) for text in versions)
        return counts[len(counts) // 2]

    return {
        language: middle(versions) / middle(texts[base]) for language, versions in texts.items()
    }


# %% wrong: the middle of the unsorted counts | expects: sort
def token_premium(texts, encode, base="en"):
    if base not in texts or any(not v or len(v) != len(texts[base]) for v in texts.values()):
        raise ValueError(f"texts must be parallel and include the base {base!r}")

    def middle(versions):
        counts = [len(encode(text)) for text in versions]
        half = len(counts) // 2
        return counts[half] if len(counts) % 2 else (counts[half - 1] + counts[half]) / 2

    return {
        language: middle(versions) / middle(texts[base]) for language, versions in texts.items()
    }


# %% wrong: the base is left out of the result | of: upside down | expects: base
# -     return {language: medians[base] / value for language, value in medians.items()}
# +     return {
# +         language: value / medians[base] for language, value in medians.items() if language != base
# +     }


# %% wrong: distinct tokens only | expects: distinct / unique / repeated / different tokens / set(
from statistics import median


def token_premium(texts, encode, base="en"):
    if base not in texts or any(not v or len(v) != len(texts[base]) for v in texts.values()):
        raise ValueError(f"texts must be parallel and include the base {base!r}")
    medians = {
        name: median(len(set(encode(text))) for text in versions)
        for name, versions in texts.items()
    }
    return {language: value / medians[base] for language, value in medians.items()}


# %% wrong: the surplus over the base, so the base gets 0 | of: upside down | expects: base / minus / surplus
# -     return {language: medians[base] / value for language, value in medians.items()}
# +     return {language: value / medians[base] - 1 for language, value in medians.items()}


# %% wrong: integer division | of: upside down | expects: integer / whole number / // / floor
# -     return {language: medians[base] / value for language, value in medians.items()}
# +     return {language: float(value // medians[base]) for language, value in medians.items()}


# %% right: checked by the sets of lengths, a numpy median in float32
import numpy as np


def token_premium(texts, encode, base="en"):
    if base not in texts or len({len(own) for own in texts.values()}) != 1 or not texts[base]:
        raise ValueError(f"texts are not parallel, or the base {base!r} is missing")
    middle = {
        key: np.median(np.array([len(encode(one)) for one in own], np.float32))
        for key, own in texts.items()
    }
    return {key: value / middle[base] for key, value in middle.items()}


# %% wrong: totals over all texts | expects: medians
def token_premium(texts, encode, base="en"):
    if base not in texts or len({len(own) for own in texts.values()}) != 1 or not texts[base]:
        raise ValueError(f"base {base!r}, or texts that are not parallel")
    totals = {key: sum(len(encode(one)) for one in own) for key, own in texts.items()}
    return {key: total / totals[base] for key, total in totals.items()}


# %% wrong: bytes instead of tokens | expects: encode
from statistics import median


def token_premium(texts, encode, base="en"):
    if base not in texts or len({len(own) for own in texts.values()}) != 1 or not texts[base]:
        raise ValueError(f"base {base!r}, or texts that are not parallel")
    sizes = {key: median(len(one.encode()) for one in own) for key, own in texts.items()}
    return {key: size / sizes[base] for key, size in sizes.items()}


# %% wrong: the medians themselves | expects: divide each
from statistics import median


def token_premium(texts, encode, base="en"):
    if base not in texts or len({len(own) for own in texts.values()}) != 1 or not texts[base]:
        raise ValueError(f"base {base!r}, or texts that are not parallel")
    return {key: median(len(encode(one)) for one in own) for key, own in texts.items()}


# %% wrong: rounded to two decimals | expects: round
from statistics import median


def token_premium(texts, encode, base="en"):
    if base not in texts or len({len(own) for own in texts.values()}) != 1 or not texts[base]:
        raise ValueError(f"base {base!r}, or texts that are not parallel")
    sizes = {key: median(len(encode(one)) for one in own) for key, own in texts.items()}
    return {key: round(size / sizes[base], 2) for key, size in sizes.items()}


# %% wrong: English must be there whatever the base | expects: only the default
from statistics import median


def token_premium(texts, encode, base="en"):
    if (
        "en" not in texts
        or base not in texts
        or len({len(own) for own in texts.values()}) != 1
        or not texts[base]
    ):
        raise ValueError(f"English or the base {base!r} is missing, or texts are not parallel")
    sizes = {key: median(len(encode(one)) for one in own) for key, own in texts.items()}
    return {key: size / sizes[base] for key, size in sizes.items()}


# %% wrong: the longest text of each language | expects: median
def token_premium(texts, encode, base="en"):
    if base not in texts or len({len(own) for own in texts.values()}) != 1 or not texts[base]:
        raise ValueError(f"base {base!r}, or texts that are not parallel")
    sizes = {key: max(len(encode(one)) for one in own) for key, own in texts.items()}
    return {key: size / sizes[base] for key, size in sizes.items()}


# %% wrong: the medians are cut to whole numbers | expects: half way
def token_premium(texts, encode, base="en"):
    import statistics

    sizes = {len(some) for some in texts.values()}
    if base not in texts or len(sizes) != 1 or sizes == {0}:
        raise ValueError(f"texts with the numbers {sizes} and the base {base!r} cannot be compared")
    medians = {
        language: int(statistics.median(len(encode(text)) for text in some))
        for language, some in texts.items()
    }
    return {language: one / medians[base] for language, one in medians.items()}


# %% right: a quantile of a table in torch, by linear interpolation
def token_premium(texts, encode, base="en"):
    import torch

    sizes = {len(some) for some in texts.values()}
    if base not in texts or len(sizes) != 1 or sizes == {0}:
        raise ValueError(f"texts with the numbers {sizes} and the base {base!r} cannot be compared")
    rows = [[len(encode(text)) for text in some] for some in texts.values()]
    medians = torch.tensor(rows, dtype=torch.float64).quantile(0.5, dim=1)
    return dict(zip(texts, (medians / medians[list(texts).index(base)]).tolist()))


# %% right: as many counts cut off at both ends, until one or two are left
def token_premium(texts, encode, base="en"):
    if base not in texts or any(len(own) != len(texts[base]) or not own for own in texts.values()):
        raise ValueError("the base is missing, or the texts are not parallel")
    premiums = {}
    for language in (base, *(other for other in texts if other != base)):
        left = sorted(map(len, map(encode, texts[language])))
        while len(left) > 2:
            left = left[1:-1]
        premiums[language] = sum(left) / len(left)
    return {language: premiums[language] / premiums[base] for language in texts}


# %% wrong: torch's median, which is the lower of the two middle values | expects: even / middle
import torch


def token_premium(texts, encode, base="en"):
    if base not in texts or any(len(own) != len(texts[base]) or not own for own in texts.values()):
        raise ValueError("the base is missing, or the texts are not parallel")
    medians = {
        language: torch.tensor([float(len(encode(text))) for text in own]).median().item()
        for language, own in texts.items()
    }
    return {language: one / medians[base] for language, one in medians.items()}


# %% wrong: the median over different texts | expects: Repeated texts
from statistics import median, mean, median_low, median_high, geometric_mean


def token_premium(texts, encode, base="en"):
    if base not in texts:
        raise ValueError(f"base {base!r} is missing")
    for code, own in texts.items():
        if not own:
            raise ValueError(f"texts[{code!r}] is empty")
        if len(own) != len(texts[base]):
            raise ValueError(f"texts[{code!r}] has {len(own)} texts, not {len(texts[base])}")

    m = {c: median(len(encode(t)) for t in set(own)) for c, own in texts.items()}
    return {c: v / m[base] for c, v in m.items()}


# %% wrong: texts without tokens are left out | of: the median over different texts | expects: It counts, with 0 tokens
# -     m = {c: median(len(encode(t)) for t in set(own)) for c, own in texts.items()}
# +     m = {
# +         c: median([len(encode(t)) for t in own if len(encode(t))] or [0])
# +         for c, own in texts.items()
# +     }


# %% wrong: the texts are stripped first | of: the median over different texts | expects: as it is
# -     m = {c: median(len(encode(t)) for t in set(own)) for c, own in texts.items()}
# +     m = {c: median(len(encode(t.strip())) for t in own) for c, own in texts.items()}


# %% wrong: a quantile that needs two texts | of: the median over different texts | expects: One text is enough
# -     m = {c: median(len(encode(t)) for t in set(own)) for c, own in texts.items()}
# +     from statistics import quantiles
# +
# +     m = {c: quantiles([len(encode(t)) for t in own], n=2)[0] for c, own in texts.items()}


# %% wrong: token counts kept from encoder to encoder | expects: earlier call is used again
_counts = {}


from statistics import median, mean, median_low, median_high, geometric_mean


def token_premium(texts, encode, base="en"):
    if base not in texts:
        raise ValueError(f"base {base!r} is missing")
    for code, own in texts.items():
        if not own:
            raise ValueError(f"texts[{code!r}] is empty")
        if len(own) != len(texts[base]):
            raise ValueError(f"texts[{code!r}] has {len(own)} texts, not {len(texts[base])}")

    m = {}
    for c, own in texts.items():
        for t in own:
            if t not in _counts:
                _counts[t] = len(encode(t))
        m[c] = median(_counts[t] for t in own)
    return {c: v / m[base] for c, v in m.items()}


# %% wrong: no languages give an empty result | expects: without any language
from statistics import median


def token_premium(texts, encode, base="en"):
    if not texts:
        return {}
    if base not in texts:
        raise ValueError(f"base {base!r} is missing")
    for code, own in texts.items():
        if not own:
            raise ValueError(f"texts[{code!r}] is empty")
        if len(own) != len(texts[base]):
            raise ValueError(f"texts[{code!r}] has {len(own)} texts, not {len(texts[base])}")
    m = {c: median(len(encode(t)) for t in own) for c, own in texts.items()}
    return {c: v / m[base] for c, v in m.items()}
