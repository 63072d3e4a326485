"""Answers to `language_shares`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: with a Counter
from collections import Counter


def language_shares(texts, identify):
    def language(text):
        try:
            return identify(text) or "unknown"
        except Exception:
            return "unknown"

    counts = Counter(language(text) for text in texts)
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()}


# %% right: a plain loop that tells on stderr what could not be identified
import sys


def language_shares(texts, identify):
    shares = {}
    texts = list(texts)
    for text in texts:
        language = None
        try:
            language = identify(text)
        except Exception as error:
            print(f"not identified: {error}", file=sys.stderr)
        if language is None or language == "":
            language = "unknown"
        shares[language] = shares.get(language, 0) + 1
    for language in shares:
        shares[language] = shares[language] / len(texts)
    return shares


# %% right: numpy's unique, numpy floats as values
import numpy as np


def language_shares(texts, identify):
    labels = []
    for text in texts:
        try:
            label = identify(text)
        except Exception:
            label = None
        labels.append(label if label else "unknown")
    if not labels:
        return {}
    names, counts = np.unique(np.array(labels), return_counts=True)
    return {str(name): share for name, share in zip(names, counts / counts.sum())}


# %% right: sorted by share, most common first
from collections import defaultdict


def language_shares(texts, identify):
    groups = defaultdict(list)
    for index, text in enumerate(texts):
        try:
            groups[identify(text) or "unknown"].append(index)
        except Exception:
            groups["unknown"].append(index)
    n_texts = sum(map(len, groups.values()))
    by_size = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return {language: len(members) / n_texts for language, members in by_size}


# %% wrong: an error of the identifier is not caught | expects: unknown / raises
from collections import Counter


def language_shares(texts, identify):
    counts = Counter(identify(text) or "unknown" for text in texts)
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()}


# %% wrong: no texts divides by zero | expects: no texts / empty
def language_shares(texts, identify):
    shares = {"unknown": 0}
    for text in texts:
        try:
            language = identify(text) or "unknown"
        except Exception:
            language = "unknown"
        shares[language] = shares.get(language, 0) + 1
    shares = {language: count / len(texts) for language, count in shares.items()}
    return {language: share for language, share in shares.items() if share > 0}


# %% wrong: counts instead of shares | expects: sum to 1 / divide / counts
from collections import Counter


def language_shares(texts, identify):
    counts = Counter()
    for text in texts:
        try:
            counts[identify(text) or "unknown"] += 1
        except Exception:
            counts["unknown"] += 1
    return dict(counts)


# %% wrong: percent instead of shares | of: counts instead of shares | expects: percent
# -     return dict(counts)
# +     return {language: 100 * count / len(texts) for language, count in counts.items()}


# %% wrong: weighs by characters | expects: by count / characters / length
from collections import Counter


def language_shares(texts, identify):
    sizes = Counter()
    for text in texts:
        try:
            sizes[identify(text) or "unknown"] += len(text)
        except Exception:
            sizes["unknown"] += len(text)
    total = sum(sizes.values())
    return {language: size / total for language, size in sizes.items()}


# %% wrong: the unidentified are left out of the total | expects: unknown
from collections import Counter


def language_shares(texts, identify):
    counts = Counter()
    for text in texts:
        try:
            language = identify(text)
        except Exception:
            continue
        if language:
            counts[language] += 1
    total = sum(counts.values())
    return {language: count / total for language, count in counts.items()}


# %% wrong: the unidentified are counted but not listed | of: counts instead of shares | expects: unknown / sum to 1
# -     return dict(counts)
# +     return {language: n / len(texts) for language, n in counts.items() if language != "unknown"}


# %% wrong: an empty string is a language of its own | expects: empty string
from collections import Counter


def language_shares(texts, identify):
    counts = Counter()
    for text in texts:
        try:
            language = identify(text)
        except Exception:
            language = "unknown"
        counts["unknown" if language is None else language] += 1
    return {language: count / len(texts) for language, count in counts.items()}


# %% wrong: None is a language of its own | of: an empty string is a language of its own | expects: None
# -         counts["unknown" if language is None else language] += 1
# +         counts["unknown" if language == "" else language] += 1


# %% wrong: one failure ends the loop | expects: unknown / after / rest / remaining
from collections import Counter


def language_shares(texts, identify):
    counts = Counter()
    try:
        for text in texts:
            counts[identify(text) or "unknown"] += 1
    except Exception:
        counts["unknown"] += 1
    total = sum(counts.values())
    return {language: count / total for language, count in counts.items()}


# %% wrong: catches ValueError only | expects: unknown / raises / any error / any exception
from collections import Counter


def language_shares(texts, identify):
    counts = Counter()
    for text in texts:
        try:
            counts[identify(text) or "unknown"] += 1
        except ValueError:
            counts["unknown"] += 1
    return {language: count / len(texts) for language, count in counts.items()}


# %% wrong: counts equal texts once | expects: same text / equal texts / duplicate / repeated / twice
from collections import Counter


def language_shares(texts, identify):
    counts = Counter()
    distinct = dict.fromkeys(texts)
    for text in distinct:
        try:
            counts[identify(text) or "unknown"] += 1
        except Exception:
            counts["unknown"] += 1
    return {language: count / len(distinct) for language, count in counts.items()}


# %% wrong: shares rounded to two decimals | of: counts instead of shares | expects: round
# -     return dict(counts)
# +     return {language: round(count / len(texts), 2) for language, count in counts.items()}


# %% wrong: counts kept between calls | expects: between calls / earlier call / second call / state
from collections import Counter


def language_shares(texts, identify, counts=Counter()):
    for text in texts:
        try:
            counts[identify(text) or "unknown"] += 1
        except Exception:
            counts["unknown"] += 1
    total = sum(counts.values())
    return {language: count / total for language, count in counts.items()}


# %% wrong: prints instead of returning | of: counts instead of shares | expects: return
# -     return dict(counts)
# +     print({language: count / len(texts) for language, count in counts.items()})


# %% right: labels from a helper that is tried on each text twice
def language_shares(texts, identify):
    def label(text):
        try:
            return identify(text) if identify(text) else "unknown"
        except BaseException:
            return "unknown"

    labels = [label(text) for text in texts]
    return {one: labels.count(one) / len(labels) for one in labels}


# %% wrong: always an entry for the unknown | expects: only languages that occur
from collections import Counter


def language_shares(texts, identify):
    if not texts:
        return {}
    counts = Counter({"unknown": 0})
    for text in texts:
        try:
            counts[identify(text) or "unknown"] += 1
        except Exception:
            counts["unknown"] += 1
    return {language: count / len(texts) for language, count in counts.items()}


# %% wrong: everything to the most common language | of: counts instead of shares | expects: language is missing
# -     return dict(counts)
# +     return {language: 1.0 for language, _ in counts.most_common(1)}


# %% wrong: weighs by words | expects: by count
from collections import Counter


def language_shares(texts, identify):
    sizes = Counter()
    for text in texts:
        try:
            sizes[identify(text) or "unknown"] += len(text.split())
        except Exception:
            sizes["unknown"] += len(text.split())
    total = sum(sizes.values())
    return {language: size / total for language, size in sizes.items()}


# %% wrong: the total is of the identified alone | of: counts instead of shares | expects: more than 1
# -     return dict(counts)
# +     known = sum(count for language, count in counts.items() if language != "unknown")
# +     return {language: count / max(known, 1) for language, count in counts.items()}


# %% wrong: over the number of languages | of: counts instead of shares | expects: number of documents
# -     return dict(counts)
# +     return {language: count / len(counts) for language, count in counts.items()}


# %% wrong: what raises and what the identifier calls unknown overwrite each other | expects: add up
def language_shares(texts, identify):
    counts, failed = {}, 0
    for text in texts:
        try:
            language = identify(text)
        except Exception:
            language = None
        if language:
            counts[language] = counts.get(language, 0) + 1
        else:
            failed += 1
    if failed:
        counts["unknown"] = failed
    return {language: count / len(texts) for language, count in counts.items()}


# %% wrong: whatever is unknown is called none | expects: unknown
from collections import Counter


def language_shares(texts, identify):
    counts = Counter()
    for text in texts:
        try:
            counts[identify(text) or "none"] += 1
        except Exception:
            counts["none"] += 1
    return {language: count / len(texts) for language, count in counts.items()}


# %% wrong: blank documents are left out | expects: left out
def language_shares(texts, identify):
    counts = {}
    for text in filter(str.strip, texts):
        try:
            code = identify(text) or "unknown"
        except Exception:
            code = "unknown"
        counts[code] = counts.get(code, 0) + 1
    return {code: count / sum(counts.values()) for code, count in counts.items()}


# %% right: unknown until something is found, and shares from a list
from contextlib import suppress


def language_shares(texts, identify):
    found = []
    for text in texts:
        found.append("unknown")
        with suppress(Exception):
            found[-1] = identify(text) or found[-1]
    return {language: found.count(language) / len(found) for language in found}


# %% wrong: the language before stands where an identifier fails | expects: of the one before it
def language_shares(texts, identify):
    counts, language = {}, "unknown"
    for text in texts:
        try:
            language = identify(text) or "unknown"
        except Exception:
            pass
        counts[language] = counts.get(language, 0) + 1
    return {language: count / len(texts) for language, count in counts.items()}


# %% wrong: neighbours compared, so that what stands last is no language of its own | expects: the last one too
def language_shares(texts, identify):
    found = []
    for text in texts:
        try:
            found.append(identify(text) or "unknown")
        except Exception:
            found.append("unknown")
    languages = {found[0]} if found else set()
    for here, following in zip(found, found[1:]):
        languages.add(here)
    return {language: found.count(language) / len(found) for language in languages}


# %% wrong: the count starts from 1 | expects: one too many
def language_shares(texts, identify):
    counts = {}
    for text in texts:
        try:
            language = identify(text) or "unknown"
        except Exception:
            language = "unknown"
        counts[language] = counts.get(language, 1) + 1
    return {language: count / len(texts) for language, count in counts.items()}


# %% wrong: multiplied by the number of documents | expects: do not sum to 1
def language_shares(texts, identify):
    counts = {}
    for text in texts:
        try:
            language = identify(text) or "unknown"
        except Exception:
            language = "unknown"
        counts[language] = counts.get(language, 0) + 1
    return {language: count * len(texts) for language, count in counts.items()}


# %% wrong: "and" where "or" is meant, so nothing is known | expects: every document counts as
def language_shares(texts, identify):
    counts = {}
    for text in texts:
        try:
            language = identify(text) and "unknown"
        except Exception:
            language = "unknown"
        counts[language] = counts.get(language, 0) + 1
    return {language: count / len(texts) for language, count in counts.items()}


# %% wrong: the code is cut at its dash | expects: neither cut nor
def language_shares(texts, identify):
    counts = {}
    for text in texts:
        try:
            code = (identify(text) or "unknown").split("-")[0]
        except Exception:
            code = "unknown"
        counts[code] = counts.get(code, 0) + 1
    return {c: n / len(texts) for c, n in counts.items()}


# %% wrong: the texts are stripped first | expects: as it is, whole
def language_shares(texts, identify):
    counts = {}
    for text in texts:
        try:
            code = identify(text.strip()) or "unknown"
        except Exception:
            code = "unknown"
        counts[code] = counts.get(code, 0) + 1
    return {c: n / len(texts) for c, n in counts.items()}


# %% wrong: shares below one percent are left out | expects: sum to 1
from collections import Counter


def language_shares(texts, identify):
    def safe(text):
        try:
            return identify(text) or "unknown"
        except Exception:
            return "unknown"

    return {
        c: n / len(texts) for c, n in Counter(map(safe, texts)).items() if n / len(texts) >= 0.01
    }
