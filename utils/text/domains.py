"""Which domain a text belongs to: multinomial naive Bayes over words or byte n-grams, in a few lines of numpy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Features = Callable[[str], Iterable[Hashable]]


def words(text: str) -> list[str]:
    """Return the text's words, lower-cased."""
    return re.findall(r"\w+", text.lower())


def byte_ngrams(n: int) -> Features:
    """Return the function that gives a text's byte n-grams: works in any language, and on what is none.

    Raises:
        ValueError: n is below 1.
    """
    if n < 1:
        raise ValueError(f"n is {n}, and must be at least 1.")

    def ngrams(text: str) -> list[bytes]:
        data = text.encode("utf-8")
        return [data[i : i + n] for i in range(len(data) - n + 1)]

    return ngrams


class NaiveBayes:
    """Multinomial naive Bayes: log P(domain) + sum over features of count x log P(feature | domain).

    Args:
        features: what to count in a text.
        smoothing: count added to each feature in each domain.
    """

    def __init__(self, features: Features = words, smoothing: float = 0.5) -> None:
        if not smoothing > 0:
            raise ValueError(
                f"smoothing is {smoothing}, and must be above 0: an unseen feature would rule a domain out."
            )
        self.labels: list[str] = []
        self._features = features
        self._smoothing = smoothing
        self._index: dict[Hashable, int] = {}
        self._log_prior: NDArray[np.float64] = np.empty(0)
        self._log_likelihood: NDArray[np.float64] = np.empty((0, 0))

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> NaiveBayes:
        """Count the features of labelled texts, and return itself.

        Raises:
            ValueError: no texts, or as many labels as texts are missing.
        """
        if not texts or len(texts) != len(labels):
            raise ValueError(
                f"texts has {len(texts)} entries and labels {len(labels)}: as many are needed, at least 1."
            )
        self.labels = sorted(set(labels))
        totals: dict[str, Counter[Hashable]] = {label: Counter() for label in self.labels}
        for text, label in zip(texts, labels, strict=True):
            totals[label].update(self._features(text))
        self._index = {}
        for label in self.labels:
            for feature in totals[label]:
                self._index.setdefault(feature, len(self._index))
        counts = np.full((len(self.labels), len(self._index)), self._smoothing)
        for row, label in enumerate(self.labels):
            for feature, count in totals[label].items():
                counts[row, self._index[feature]] += count
        self._log_likelihood = np.log(counts) - np.log(counts.sum(axis=1, keepdims=True))
        self._log_prior = np.log([labels.count(label) / len(labels) for label in self.labels])
        return self

    def log_scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return log P(domain, text), shape (texts, domains), columns in the order of `labels`; unseen features count
        for no domain.

        Raises:
            ValueError: not fitted yet.
        """
        if not self.labels:
            raise ValueError("labels is empty: call fit before predicting.")
        scores = np.tile(self._log_prior, (len(texts), 1))
        for row, text in enumerate(texts):
            known = [self._index[feature] for feature in self._features(text) if feature in self._index]
            scores[row] += self._log_likelihood[:, known].sum(axis=1)
        return scores

    def predict(self, texts: Sequence[str]) -> list[str]:
        """Return the most probable domain of each text."""
        return [self.labels[i] for i in self.log_scores(texts).argmax(axis=1)] if len(texts) else []
