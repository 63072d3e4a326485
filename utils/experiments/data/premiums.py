"""How sure a token premium is, when it is measured on a few dozen parallel texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from utils.evaluation.intervals import Interval, bootstrap_interval


def premium_intervals(
    texts: Mapping[str, Sequence[str]],
    encode: Callable[[str], Sequence[int]],
    base: str = "en",
    resamples: int = 500,
) -> dict[str, Interval]:
    """Return each language's token premium over the base, with a bootstrap interval over texts.

    A resample draws the same texts in both languages, since they are parallel.

    Args:
        texts: for each language the same texts, in the same order.
        encode: text to ids.
        base: the language that the others are compared with.
        resamples: how many resamples the interval is made of.

    Raises:
        ValueError: the base is not among the texts, or the languages have different numbers of texts.
    """
    if base not in texts:
        raise ValueError(f"base is {base!r}, and texts has {', '.join(texts)}")
    for language, own in texts.items():
        if len(own) != len(texts[base]):
            raise ValueError(f"texts has {len(own)} texts in {language} and {len(texts[base])} in {base}: not parallel")
    lengths = {language: np.array([len(encode(text)) for text in own]) for language, own in texts.items()}

    def interval(language: str) -> Interval:
        def premium(rows: np.ndarray) -> float:
            chosen = np.asarray(rows).astype(int)
            return float(np.median(lengths[language][chosen]) / np.median(lengths[base][chosen]))

        return bootstrap_interval(range(len(texts[base])), premium, resamples=resamples)

    return {language: interval(language) for language in texts if language != base}
