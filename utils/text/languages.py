"""The world's languages: names, scripts, speakers and a piece of text, and how well an identifier tells them apart.

The records come from Google Fonts' language data (package `gflanguages`, Apache-2.0). The text is an excerpt of the
Universal Declaration of Human Rights. Excerpts of two languages need not hold the same article: they are no parallel
text (see `utils.text.parallel` for that).
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from utils.text.identification import UNKNOWN

# Known to py3langid and to langdetect, with an excerpt here.
IDENTIFIER_LANGUAGES = (
    *("af", "ar", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "gu", "he", "hi"),
    *("hr", "hu", "id", "it", "ja", "kn", "ko", "lt", "lv", "mk", "ml", "mr", "ne", "nl", "pa", "pl", "pt", "ro", "ru"),
    *("sk", "sl", "so", "sq", "sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "vi", "zh"),
)


@dataclass(frozen=True)
class Language:
    """A language in one script.

    Attributes:
        tag: language and script, "sr_Cyrl".
        code: language, "sr" (ISO 639-1 where there is one).
        name: its English name.
        script: ISO 15924 code, "Cyrl".
        population: speakers who use this script; 0 where unknown.
        excerpt: distinct lines of text, or "".
    """

    tag: str
    code: str
    name: str
    script: str
    population: int
    excerpt: str


@dataclass(frozen=True)
class LanguageSample:
    """A piece of text and the code of its language."""

    text: str
    language: str


@dataclass(frozen=True)
class IdentifierScore:
    """How an identifier did on labelled samples.

    Attributes:
        accuracy: share of right answers over all samples.
        texts_per_second: speed, loading excluded.
        by_language: accuracy per language.
        confusions: (language, answer, times), most frequent first.
    """

    accuracy: float
    texts_per_second: float
    by_language: dict[str, float]
    confusions: list[tuple[str, str, int]]


@lru_cache(maxsize=1)
def languages() -> tuple[Language, ...]:
    """Return some 1,700 records, by tag. The first call takes about a second."""
    from gflanguages import LoadLanguages

    return tuple(
        Language(tag, record.language, record.name, record.script, record.population, _excerpt(record.sample_text))
        for tag, record in sorted(LoadLanguages().items())
    )


def main_language(code: str) -> Language:
    """Return the record of a language in its most used script that has an excerpt, or of a tag such as "zh_Hant".

    Raises:
        ValueError: an unknown language.
    """
    records = [record for record in languages() if code in (record.code, record.tag)]
    if not records:
        raise ValueError(f"code is {code!r}, which is no language known to gflanguages.")
    return max(records, key=lambda record: (bool(record.excerpt), record.population, record.tag))


def excerpt_samples(codes: Sequence[str], length: int, per_language: int, seed: int = 0) -> list[LanguageSample]:
    """Return pieces of the languages' excerpts, `length` characters each, that do not overlap, in seeded order.

    A language gives fewer pieces than asked for when its excerpt (164 characters in German, 1,300 in the median) is
    used up, and none when it is shorter than `length`.

    Raises:
        ValueError: an unknown language, or a length below 1.
    """
    if length < 1:
        raise ValueError(f"length is {length}, and must be at least 1 character.")
    samples = []
    rng = np.random.default_rng(seed)
    for code in codes:
        text = " ".join(main_language(code).excerpt.split())
        pieces = [text[start : start + length] for start in range(0, len(text) - length + 1, length)]
        chosen = rng.permutation(len(pieces))[:per_language]
        samples += [LanguageSample(pieces[i], code) for i in sorted(chosen)]
    return [samples[i] for i in rng.permutation(len(samples))]


def measure_identifier(samples: Sequence[LanguageSample], identify: Callable[[str], str | None]) -> IdentifierScore:
    """Return an identifier's accuracy and speed; an error or no answer counts as wrong.

    Raises:
        ValueError: no samples.
    """
    if not samples:
        raise ValueError("samples is empty, and an accuracy needs at least one.")

    def answer(text: str) -> str:
        try:
            return identify(text) or UNKNOWN
        except Exception:  # langdetect raises on a text without letters
            return UNKNOWN

    answer(samples[0].text)  # loads the identifier's model
    begin = time.perf_counter()
    answers = [answer(sample.text) for sample in samples]
    seconds = time.perf_counter() - begin
    right: defaultdict[str, list[bool]] = defaultdict(list)
    confusions: Counter[tuple[str, str]] = Counter()
    for sample, found in zip(samples, answers, strict=True):
        right[sample.language].append(found == sample.language)
        if found != sample.language:
            confusions[sample.language, found] += 1
    return IdentifierScore(
        accuracy=sum(map(sum, right.values())) / len(samples),
        texts_per_second=len(samples) / max(seconds, 1e-9),
        by_language={language: sum(own) / len(own) for language, own in sorted(right.items())},
        confusions=[(*pair, n) for pair, n in sorted(confusions.items(), key=lambda item: (-item[1], item[0]))],
    )


def _excerpt(sample_text: object) -> str:
    """Return the distinct lines of a record's sample text.

    Its fields, made for showing fonts in many sizes, repeat and shorten the same few sentences: lines that are part of
    a longer one, and fragments much shorter than the longest, are left out.
    """
    fields = [value for _, value in sample_text.ListFields() if isinstance(value, str)]  # type: ignore[attr-defined]
    lines = sorted({line.strip() for field in fields for line in field.splitlines()} - {""}, key=lambda x: (-len(x), x))
    kept: list[str] = []
    for line in lines:
        if 4 * len(line) >= len(lines[0]) and not any(line in longer for longer in kept):
            kept.append(line)
    return "\n".join(kept)
