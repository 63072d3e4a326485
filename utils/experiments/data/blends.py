"""Training data of a wanted size and make: blends of languages, a dirty crawl."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np

from utils.text.noise import NOISE, add_noise

LONGEST_CRAWLED = 2000


def blend(
    texts: Mapping[str, Sequence[str]], shares: Mapping[str, float], n_bytes: int, rng: random.Random
) -> list[str]:
    """Return texts of each language up to its share of the bytes, in random order, again and again when they run out.

    Args:
        texts: for each language its texts.
        shares: for each language its part of the bytes.
        n_bytes: how many bytes all of them have together, or a little more.
        rng: decides the order.

    Raises:
        ValueError: a language has a share and no bytes of text, or n_bytes is not positive.
    """
    _require_positive(n_bytes)
    chosen = list[str]()
    for language, share in shares.items():
        if share > 0 and not any(texts.get(language, ())):
            raise ValueError(f"shares has {share} for {language!r}, and texts has nothing in it")
        pool, size = rng.sample(texts[language], len(texts[language])), 0
        while size < share * n_bytes:
            chosen.append(pool[len(chosen) % len(pool)])
            size += len(chosen[-1].encode())
    return chosen


def crawl(pool: Sequence[str], dirty_share: float, n_bytes: int, seed: int) -> str:
    """Return documents in random order, each spoiled by some process with a probability, until there are enough.

    With one seed, the same documents come in the same order at every dirty share: conditions differ in nothing else.

    Args:
        pool: clean documents.
        dirty_share: the probability that a document is spoiled.
        n_bytes: about how many characters to return.
        seed: of the order and of the noise.

    Raises:
        ValueError: the share is no probability, or n_bytes is not positive.
    """
    _require_positive(n_bytes)
    if not 0 <= dirty_share <= 1:
        raise ValueError(f"dirty_share is {dirty_share}: it must lie between 0 and 1")
    order, noise = random.Random(seed), np.random.default_rng(seed)
    texts, size, processes = list[str](), 0, sorted(NOISE)
    for text in order.sample(pool, len(pool)):
        spoiled = order.random() < dirty_share
        page = add_noise(text, order.choice(processes), noise) if spoiled else text
        texts.append(page[:LONGEST_CRAWLED])
        size += len(texts[-1])
        if size > n_bytes:
            break
    return "\n\n".join(texts)


def _require_positive(n_bytes: int) -> None:
    if n_bytes <= 0:
        raise ValueError(f"n_bytes is {n_bytes}: it must be positive")
