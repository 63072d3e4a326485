"""Submissions that share more with each other than the class shares: a hint for a conversation, never a proof.

Answers are reduced to streams of tokens in which names and constants no longer matter, and those to fingerprints by
winnowing (Schleimer, Wilkerson and Aiken, 2003). Fingerprints that many learners have (the stub, the obvious way to
write it) say nothing and are dropped; what remains is compared.
"""

from __future__ import annotations

import io
import keyword
import tokenize
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

GRAM = 12
"""Tokens in a fingerprint: shorter runs are not compared."""

WINDOW = 4
"""Of so many neighbouring fingerprints one is kept: a shared run of GRAM + WINDOW - 1 tokens is always seen."""

COMMON_SHARE = 0.1
MOST_HOLDERS = 12
"""A fingerprint that more learners have than this share of the class, or than this number, says nothing; three may
always have it. The number also keeps a class of thousands far from comparing all its pairs."""

FEWEST_SHARED = 8
"""Pairs that share fewer telling fingerprints are not named."""

_SKIPPED = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike.

    Attributes:
        first, second: learners, in order of their ids.
        likeness: shared telling fingerprints over those of the submission that has fewer.
        shared: how many they share.
        exercises: where, from the most to the least.
    """

    first: str
    second: str
    likeness: float
    shared: int
    exercises: tuple[str, ...]


def tokens(source: str) -> list[str]:
    """Return a source's tokens with every name as one token, every constant as one token, comments left out.

    Of a source that is no Python, the tokens before the trouble.
    """
    found: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in _SKIPPED:
                continue
            if token.type == tokenize.NAME:
                found.append(token.string if keyword.iskeyword(token.string) else "name")
            elif token.type == tokenize.NUMBER:
                found.append("number")
            elif token.type == tokenize.STRING:
                found.append("text")
            elif token.type in (tokenize.INDENT, tokenize.DEDENT):
                found.append(tokenize.tok_name[token.type])
            else:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass
    return found


def fingerprints(source: str) -> set[int]:
    """Return the winnowed fingerprints of a source."""
    stream = tokens(source)
    grams = [zlib.crc32("\0".join(stream[start : start + GRAM]).encode()) for start in range(len(stream) - GRAM + 1)]
    if len(grams) <= WINDOW:
        return {min(grams)} if grams else set()
    return {min(grams[start : start + WINDOW]) for start in range(len(grams) - WINDOW + 1)}


def similar_pairs(
    answers: Iterable[tuple[str, Mapping[str, str]]],
    known: Mapping[str, str] | None = None,
    likeness: float = 0.6,
    most: int = 50,
) -> list[Pair]:
    """Return the most alike pairs of a class, most alike first.

    Args:
        answers: learners with their answers by exercise; only fingerprints are kept of them.
        known: sources by exercise that everybody has seen (stubs, released cells); what they share is dropped.
        likeness: pairs below it are not returned.
        most: no more pairs than this are returned.

    Raises:
        ValueError: `likeness` is outside (0, 1].
    """
    if not 0 < likeness <= 1:
        raise ValueError(f"likeness must be in (0, 1], not {likeness}")
    seen = {exercise: fingerprints(source) for exercise, source in (known or {}).items()}
    holders: dict[tuple[str, int], list[int]] = defaultdict(list)
    learners: list[str] = []
    for number, (learner, sources) in enumerate(answers):
        learners.append(learner)
        for exercise in sorted(sources):
            for print_ in sorted(fingerprints(sources[exercise]) - seen.get(exercise, set())):
                holders[exercise, print_].append(number)
    return sorted(
        _pairs(holders, learners, likeness), key=lambda pair: (-pair.likeness, -pair.shared, pair.first, pair.second)
    )[:most]


def _pairs(holders: Mapping[tuple[str, int], list[int]], learners: list[str], likeness: float) -> Iterator[Pair]:
    most = min(MOST_HOLDERS, max(3, int(COMMON_SHARE * len(learners))))
    telling: Counter[int] = Counter()
    shared: Counter[tuple[int, int]] = Counter()
    for who in holders.values():
        if len(who) <= most:
            telling.update(who)
            shared.update(combinations(who, 2))
    chosen = {
        pair: count
        for pair, count in shared.items()
        if count >= FEWEST_SHARED and count / min(telling[pair[0]], telling[pair[1]]) >= likeness
    }
    places: dict[tuple[int, int], Counter[str]] = {pair: Counter() for pair in chosen}
    for (exercise, _), who in holders.items():
        if 1 < len(who) <= most:
            for pair in combinations(who, 2):
                if pair in places:
                    places[pair][exercise] += 1
    for (one, other), count in chosen.items():
        first, second = sorted((learners[one], learners[other]))
        where = tuple(name for name, _ in sorted(places[one, other].items(), key=lambda item: (-item[1], item[0])))
        yield Pair(first, second, count / min(telling[one], telling[other]), count, where)
