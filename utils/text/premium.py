"""What the same content costs in another language: tokens, and the money and time that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any


def median_tokens(texts: Mapping[str, Sequence[str]], encode: Callable[[str], Sequence[Any]]) -> dict[str, float]:
    """Return each language's median number of tokens a text.

    Raises:
        ValueError: a language without texts.
    """
    for language, language_texts in texts.items():
        if len(language_texts) == 0:
            raise ValueError(f"texts[{language!r}] is empty, and a median needs at least one text.")
    return {language: float(median(len(encode(text)) for text in own)) for language, own in texts.items()}


def token_premium(
    texts: Mapping[str, Sequence[str]], encode: Callable[[str], Sequence[Any]], base: str = "en"
) -> dict[str, float]:
    """Return each language's median token count over the base language's.

    Args:
        texts: language to parallel texts, the same content in the same order in every language.
        encode: text to tokens, of which only the number counts.
        base: the language that gets 1.0.

    Raises:
        ValueError: the base is missing, a language is empty, the numbers of texts differ, or the base needs no tokens.
    """
    if base not in texts:
        raise ValueError(f"base is {base!r}, which is not among the languages of texts: {', '.join(sorted(texts))}.")
    for language, own in texts.items():
        if len(own) != len(texts[base]):
            raise ValueError(
                f"texts[{language!r}] has {len(own)} texts and texts[{base!r}] has {len(texts[base])}: not parallel."
            )
    medians = median_tokens(texts, encode)
    if medians[base] == 0:
        raise ValueError(f"base {base!r} has a median of 0 tokens, so there is nothing to compare with.")
    return {language: value / medians[base] for language, value in medians.items()}


def price(n_tokens: float, dollars_per_million_tokens: float) -> float:
    """Return the price of tokens in US dollars. Prices change: look yours up, and pass it.

    Raises:
        ValueError: a negative number.
    """
    _require_not_negative(n_tokens=n_tokens, dollars_per_million_tokens=dollars_per_million_tokens)
    return n_tokens * dollars_per_million_tokens / 1e6


def generation_seconds(n_tokens: float, tokens_per_second: float) -> float:
    """Return the time to generate tokens one after the other, in seconds.

    Raises:
        ValueError: a negative number of tokens, or a speed that is not above 0.
    """
    _require_not_negative(n_tokens=n_tokens)
    if not tokens_per_second > 0:
        raise ValueError(f"tokens_per_second is {tokens_per_second}, and must be above 0.")
    return n_tokens / tokens_per_second


def _require_not_negative(**values: float) -> None:
    for name, value in values.items():
        if not value >= 0:
            raise ValueError(f"{name} is {value}, and must be at least 0.")
