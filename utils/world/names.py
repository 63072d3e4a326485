"""Invented names: syllables put together at random, none used twice, none meant to be a real person or place."""

from __future__ import annotations

from dataclasses import dataclass

from utils.world.draws import Draws


@dataclass(frozen=True)
class Sound:
    """How the words of one kind sound: every part is drawn from its tuple, and the parts are put together.

    `syllables` is the least and the greatest number of inner syllables (onset and vowel) before the ending.
    """

    onsets: tuple[str, ...]
    vowels: tuple[str, ...]
    endings: tuple[str, ...]
    syllables: tuple[int, int] = (1, 1)

    def word(self, draws: Draws) -> str:
        """Draw one word in lower case."""
        inner = draws.between(*self.syllables)
        parts = [draws.pick(self.onsets) + draws.pick(self.vowels) for _ in range(inner)]
        return "".join([*parts, draws.pick(self.endings)])


# So many drawn words in a row that are all used already mean that (nearly) all words are.
_MAX_FAILURES = 2000

_ONSETS = ("br", "d", "dr", "f", "gl", "h", "j", "k", "kl", "l", "m", "n", "p", "q", "r", "sk", "t", "tr", "v", "z")
_VOWELS = ("a", "e", "i", "o", "u")

SOUNDS = {
    "given": Sound(_ONSETS, _VOWELS, ("zuv", "xi", "vith", "qua", "lorn", "jek", "ndu", "shev", "mox", "zel")),
    "family": Sound(_ONSETS, _VOWELS, ("vask", "ndrel", "quist", "zhor", "lumme", "rthax", "blit", "xomar"), (1, 2)),
    "town": Sound(_ONSETS, _VOWELS, ("quor", "lvex", "ndrum", "shkal", "zmoor", "rquith"), (1, 2)),
    "region": Sound(_ONSETS, _VOWELS, ("xandi", "vurria", "qoss"), (1, 2)),
    "river": Sound(_ONSETS, _VOWELS, ("zhu", "qil", "wexa"), (1, 2)),
}


def invent_words(sound: Sound, n: int, draws: Draws, used: set[str]) -> list[str]:
    """Draw n words that are not in `used` and add them to it; ValueError when the sound cannot give so many."""
    words: list[str] = []
    failures = 0
    while len(words) < n:
        word = sound.word(draws)
        if word in used:
            failures += 1
            if failures > _MAX_FAILURES:
                raise ValueError(f"n = {n} is more than the different words that this sound can make")
            continue
        failures = 0
        used.add(word)
        words.append(word)
    return words


def invent_names(kind: str, n: int, seed: int, used: set[str]) -> list[str]:
    """Return n capitalised names of a kind of `SOUNDS`, the same for the same seed; `used` keeps kinds apart."""
    return [word.capitalize() for word in invent_words(SOUNDS[kind], n, Draws(seed, "names", kind), used)]
