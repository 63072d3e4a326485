"""Which languages a collection holds: language identification, page by page, as web corpora do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

UNKNOWN = "unknown"
# One code where the identifiers, or their versions, use several.
_SAME_LANGUAGE = {"zh-cn": "zh", "zh-tw": "zh", "nb": "no", "nn": "no", "iw": "he"}


def language_shares(texts: Iterable[str], identify: Callable[[str], str | None]) -> dict[str, float]:
    """Return the share of documents per language, largest first (equal shares by code).

    A document counts once, however long it is. Where `identify` raises, or returns None or an empty string, the
    document counts as "unknown", so that the shares still sum to 1. No texts give {}.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        try:
            language = identify(text)
        except Exception:  # identifiers raise errors of their own on a text without letters
            language = None
        counts[language or UNKNOWN] += 1
    n_documents = counts.total()
    return {language: n / n_documents for language, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))}


def identify_py3langid(text: str) -> str:
    """Return the language code that py3langid finds: naive Bayes over byte n-grams, always an answer."""
    from py3langid import classify  # its model takes a moment to load, so only where it is used

    return same_language(classify(text)[0])


def py3langid_among(languages: Iterable[str]) -> Callable[[str], str]:
    """Return py3langid's identifier with its choice limited to some languages.

    langdetect chooses among 55 languages, py3langid among 140: to compare the two methods, and not the number of
    languages that they may confuse, give both the same choice.

    Raises:
        ValueError: no language.
    """
    allowed = frozenset(languages)
    if not allowed:
        raise ValueError("languages is empty, and an identifier needs at least one to choose from.")

    def identify(text: str) -> str:
        from py3langid import rank

        return next(code for code in map(same_language, (found for found, _ in rank(text))) if code in allowed)

    return identify


def identify_langdetect(text: str) -> str:
    """Return the language code that langdetect finds, the identifier that the chapter's readers will meet first.

    langdetect samples n-grams at random; it is seeded here before every text, so that a text has one answer, whatever
    was identified before.

    Raises:
        langdetect.LangDetectException: the text has no letters to go by.
    """
    return same_language(_langdetect()(text))


def same_language(code: str) -> str:
    """Return one code where identifiers use several: "zh" for Chinese in either script, "no" for either Norwegian."""
    return _SAME_LANGUAGE.get(code.lower(), code.lower())


@lru_cache(maxsize=1)
def _langdetect() -> Callable[[str], str]:
    from langdetect import DetectorFactory, detect

    DetectorFactory.seed = 0
    return detect
