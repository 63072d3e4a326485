"""The same content in many languages: messages that people translated, aligned, without a network.

Django's message catalogues (BSD-3-Clause) hold the texts of web forms in some 95 locales, each message keyed by its
English text; `course data` fetches them as compiled gettext files. The names of countries in Babel's copy of CLDR
(Unicode License v3) need no fetching, and cover languages, such as Burmese, that have few messages.
"""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from functools import cache

from utils.paths import data_dir

SOURCE_LANGUAGE = "en"
# 54 languages in 15 scripts whose catalogues share at least 30 sentences of three words or more.
MESSAGE_LANGUAGES = (
    *("en", "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fa", "fi", "fr", "he", "hi", "hr", "hu"),
    *("hy", "id", "is", "it", "ja", "ka", "kk", "kn", "ko", "ky", "lt", "lv", "mk", "ml", "mn", "mr", "ne", "nl", "pl"),
    *("pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "th", "tr", "ug", "uk", "uz", "vi", "zh_Hans"),
)
_FOLDER = "django-locale"
_CONTEXT_MARK = "\x04"


def message_languages() -> list[str]:
    """Return the codes that `parallel_messages` knows, sorted ("pt_BR" and the like among them).

    Raises:
        FileNotFoundError: the catalogues are not fetched yet.
    """
    folder = data_dir() / _FOLDER
    languages = sorted(path.stem for path in folder.glob("*.mo")) if folder.is_dir() else []
    if not languages:
        raise FileNotFoundError(f"No message catalogues at {folder}: run `course data` to fetch them.")
    return languages


def parallel_messages(languages: Sequence[str], min_words: int = 3) -> dict[str, list[str]]:
    """Return the messages that are translated in all the languages, aligned: index i is the same message everywhere.

    Placeholders such as %(name)s stay as they are, in every language. The order is that of the English messages.

    Args:
        languages: codes of `message_languages()`; "en" gives the English messages.
        min_words: only messages whose English has at least so many words; 1 gives all, single words among them.

    Raises:
        ValueError: no language, or an unknown one.
        FileNotFoundError: the catalogues are not fetched yet.
    """
    known = message_languages()
    if not languages:
        raise ValueError("languages is empty, and at least one is needed.")
    for language in languages:
        if language not in known:
            raise ValueError(f"languages holds {language!r}, and the catalogues are {', '.join(known)}.")
    translated = [_catalogue(language) for language in languages if language != SOURCE_LANGUAGE]
    english = set(_all_messages(tuple(known))) if not translated else set.intersection(*map(set, translated))
    chosen = sorted(message for message in english if len(message.split()) >= min_words)
    return {
        language: chosen if language == SOURCE_LANGUAGE else [_catalogue(language)[message] for message in chosen]
        for language in languages
    }


def parallel_territories(languages: Sequence[str]) -> dict[str, list[str]]:
    """Return the names of countries and territories in the languages, aligned, those that all of them name.

    Raises:
        ValueError: no language, or one that CLDR does not know.
    """
    from babel import Locale, UnknownLocaleError

    if not languages:
        raise ValueError("languages is empty, and at least one is needed.")
    names = {}
    for language in languages:
        try:
            territories = Locale.parse(language).territories
        except (UnknownLocaleError, ValueError) as error:
            raise ValueError(f"languages holds {language!r}, which CLDR does not know.") from error
        # Two letters are a country, three digits a continent or region.
        names[language] = {code: name for code, name in territories.items() if len(code) == 2}
    shared = sorted(set.intersection(*(set(own) for own in names.values())))
    return {language: [own[code] for code in shared] for language, own in names.items()}


@cache
def _catalogue(language: str) -> dict[str, str]:
    """Return English message to translation; messages with a plural or a context are left out, forms differ there."""
    with (data_dir() / _FOLDER / f"{language}.mo").open("rb") as file:
        translations = gettext.GNUTranslations(file)
    # The standard library gives access to one message at a time only; its table of all of them is this attribute.
    table: dict[object, str] = translations._catalog  # type: ignore[attr-defined]
    return {
        message: translation
        for message, translation in table.items()
        if isinstance(message, str) and message and translation and _CONTEXT_MARK not in message
    }


def _all_messages(languages: tuple[str, ...]) -> list[str]:
    return sorted({message for language in languages for message in _catalogue(language)})
