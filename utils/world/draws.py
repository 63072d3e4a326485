"""Random choices that are the same everywhere: integers read from a SHAKE-128 stream, weights that are integers.

Python's `random` and NumPy's `Generator` promise a stable stream only for some of their methods. The world needs
more: the same facts and the same text on every platform, Python and NumPy, for years. SHAKE-128 is a published
standard (FIPS 202) that `hashlib` guarantees, so a label such as `(seed, "documents", 3)` names its stream of 32-bit
words once and for all. Every distribution is a table of integer weights, so that each probability is an exact ratio.
"""

from __future__ import annotations

import hashlib
import json
import math
import operator
import struct
from bisect import bisect_right
from collections.abc import MutableSequence, Sequence
from decimal import Context, Decimal
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")

_WORDS_PER_BLOCK = 1024
_UNPACK = struct.Struct(f"<{_WORDS_PER_BLOCK}I").unpack
_RANGE = 1 << 32


class Choice:
    """A distribution over 0 .. n-1 given by positive integer weights; outcome i has probability weights[i] / total.

    Raises ValueError for no weights, a weight below 1, or a total above 2**32.
    """

    __slots__ = ("_cumulative", "_limit", "log_probabilities", "total", "weights")

    def __init__(self, weights: Sequence[int]) -> None:
        if not weights or min(weights) < 1:
            raise ValueError(f"weights must be one or more positive integers, got {list(weights)[:10]}")
        self.weights = tuple(weights)
        self.total = sum(self.weights)
        if self.total > _RANGE:
            raise ValueError(f"weights must sum to at most 2**32, got {self.total}")
        self.log_probabilities = tuple(math.log(weight / self.total) for weight in self.weights)
        # None marks a uniform table, where the remainder itself is the outcome.
        uniform = self.total == len(self.weights)
        self._cumulative = None if uniform else tuple(accumulate(self.weights))
        # Words at or above the largest multiple of the total are drawn again: no outcome is favoured.
        self._limit = _RANGE - _RANGE % self.total

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def probabilities(self) -> list[float]:
        """Return the probability of each outcome."""
        return [weight / self.total for weight in self.weights]

    def outcome(self, word: int) -> int:
        """Return the outcome for a uniform 32-bit `word`, or -1 when the word must be drawn again."""
        if word >= self._limit:
            return -1
        rest = word % self.total
        return rest if self._cumulative is None else bisect_right(self._cumulative, rest)


def uniform_choice(n: int) -> Choice:
    """Return the uniform distribution over 0 .. n-1."""
    return Choice((1,) * n)


def zipf_weights(n: int, exponent: float, resolution: int = 1 << 30) -> list[int]:
    """Return n integer weights proportional to rank**-exponent, rank 1 first, summing to about `resolution`.

    Decimal arithmetic is correctly rounded by definition, so the weights do not depend on a platform's `pow`. Powers
    are slow in it: only those of primes are computed, the rest are products.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    if not 0 <= exponent <= 10:
        raise ValueError(f"exponent must be between 0 and 10, got {exponent}")
    if exponent == 0:
        return [1] * n
    context = Context(prec=25)
    power = -Decimal(str(exponent))
    mass = [Decimal(0), Decimal(1)] + [Decimal(0)] * (n - 1)  # by rank, 0 is not used
    for rank in range(2, n + 1):
        if not mass[rank]:  # no smaller factor has reached it: a prime
            mass[rank] = context.power(Decimal(rank), power)
        for factor in range(2, min(rank, n // rank) + 1):
            mass[rank * factor] = context.multiply(mass[rank], mass[factor])
    total = sum(mass, start=Decimal(0))
    return [max(1, int(resolution * share / total)) for share in mass[1:]]


class Draws:
    """A stream of random integers named by a label of strings and integers; equal labels give equal streams."""

    __slots__ = ("_block", "_key", "_words")

    def __init__(self, *label: str | int) -> None:
        # Integers of every type (NumPy's, bool) name the stream that the plain int names.
        parts = [part if isinstance(part, str) else int(operator.index(part)) for part in label]
        self._key = json.dumps(parts).encode()
        self._block = 0
        self._words: list[int] = []

    def word(self) -> int:
        """Return the next uniform integer of 32 bits."""
        if not self._words:
            stream = hashlib.shake_128(self._key + self._block.to_bytes(8, "little"))
            self._words = list(_UNPACK(stream.digest(4 * _WORDS_PER_BLOCK)))
            self._words.reverse()  # popped from the end, so that the stream is read in order
            self._block += 1
        return self._words.pop()

    def choose(self, choice: Choice) -> int:
        """Draw an outcome of `choice`."""
        outcome = choice.outcome(self.word())
        while outcome < 0:
            outcome = choice.outcome(self.word())
        return outcome

    def below(self, n: int) -> int:
        """Draw a uniform integer from 0 .. n-1; n may be at most 2**32."""
        if not 1 <= n <= _RANGE:
            raise ValueError(f"n must be between 1 and 2**32, got {n}")
        limit = _RANGE - _RANGE % n
        word = self.word()
        while word >= limit:
            word = self.word()
        return word % n

    def between(self, low: int, high: int) -> int:
        """Draw a uniform integer from low .. high, both included."""
        return low + self.below(high - low + 1)

    def chance(self, probability: float) -> bool:
        """Return True with the given probability (resolved to 2**-32)."""
        return self.word() < probability * _RANGE

    def normal(self) -> float:
        """Draw from a distribution of mean 0 and variance 1: twelve uniform draws summed, less six (Irwin-Hall).

        Only sums are involved, so the value is the same on every platform; beyond six deviations it has no tails.
        """
        return sum(self.word() for _ in range(12)) / _RANGE - 6.0

    def pick(self, items: Sequence[T]) -> T:
        """Draw one of the items, each with equal probability."""
        return items[self.below(len(items))]

    def shuffle(self, items: MutableSequence[T]) -> None:
        """Shuffle in place (Fisher-Yates)."""
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]

    def sample(self, items: Sequence[T], k: int) -> list[T]:
        """Draw k different items, in random order."""
        if not 0 <= k <= len(items):
            raise ValueError(f"k must be between 0 and {len(items)}, got {k}")
        pool = list(items)
        for position in range(k):
            other = position + self.below(len(pool) - position)
            pool[position], pool[other] = pool[other], pool[position]
        return pool[:k]
