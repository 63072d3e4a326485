"""Random regular expressions within the course's subset, each with a function that writes texts it matches."""

from __future__ import annotations

import random
from collections.abc import Callable

Random = random.Random
Write = Callable[[Random], str]

# A part of a pattern and characters that it matches.
ATOMS = (
    *(("a", "a"), ("b", "b"), ("é", "é"), ("語", "語"), (" ", " "), (r"\.", "."), (r"\*", "*"), (r"\\", "\\")),
    *(("[abc]", "abc"), ("[a-f0-3]", "adf03"), ("[^ab]", "xé \n😀"), (".", "ab é😀"), (r"\d", "059"), (r"\w", "aZ_4")),
    *((r"\s", " \t\n"), (r"\D", "aé."), (r"\W", " é-"), (r"\S", "aé9"), (r"[\d.-]", "3.-"), (r"[^\s\d]", "aé😀")),
    *((r"\n", "\n"), (r"\x41", "A"), (r"\u00e9", "é"), ("[α-ω]", "αμω"), ("[一-龥]", "語日一"), ("[😀-😎]", "😀😂😎")),
)
COUNTS = (
    *(("?", 0, 1), ("*", 0, 3), ("+", 1, 3), ("{2}", 2, 2), ("{1,}", 1, 3), ("{0,2}", 0, 2), ("{2,4}", 2, 4)),
    *(("*?", 0, 2), ("+?", 1, 2), ("{3,20}", 3, 6)),
)
WORDS = ("yes", "no", "maybe", "not sure", "", "naïve", "語", "語学", "y", "yes!", "😀", "12", "123", " lead", "tail ")


def random_pattern(draws: Random, depth: int = 3) -> tuple[str, Write]:
    """Return a pattern and a function that writes texts which it matches from end to end."""
    kind = draws.random()
    if depth == 0 or kind < 0.25:
        atom, members = draws.choice(ATOMS)
        return atom, lambda draws: draws.choice(members)
    if kind < 0.6:
        parts = [random_pattern(draws, depth - 1) for _ in range(draws.randint(1, 4))]
        text = "".join(f"(?:{part})" if "|" in part else part for part, _ in parts)
        return text, lambda draws: "".join(write(draws) for _, write in parts)
    inner, write = random_pattern(draws, depth - 1)
    if kind < 0.85:
        count, low, high = draws.choice(COUNTS)
        return f"({inner}){count}", lambda draws: "".join(write(draws) for _ in range(draws.randint(low, high)))
    other, write_other = random_pattern(draws, depth - 1)
    return f"{inner}|{other}", lambda draws: draws.choice((write, write_other))(draws)


def random_words(draws: Random) -> list[str]:
    """Return a few different texts, some of which begin alike."""
    return draws.sample(WORDS, draws.randint(1, 5))
