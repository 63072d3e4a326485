"""Conversations found in web pages, by the heuristic that DeepMind used for Gopher (Rae et al., 2021).

A page counts as a dialogue when its lines look like a transcript. That is cheap, finds clean transcripts, and is blind
to what the lines say: `utils.world.draw_dialogue_texts` makes pages on which both kinds of mistake can be counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LINE = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text: str) -> list[tuple[str, str]]:
    """Return (speaker, speech) of a text whose every non-blank line has the form `[A]: speech`, or [].

    No speaker speaks twice in a row, and there are at least two. White space around names and speeches is stripped.
    """
    turns: list[tuple[str, str]] = []
    for line in filter(str.strip, text.splitlines()):
        found = _LINE.fullmatch(line.strip())
        if found is None:
            return []
        speaker, speech = found[1].strip(), found[2].strip()
        if not speaker or not speech or (turns and turns[-1][0] == speaker):
            return []
        turns.append((speaker, speech))
    return turns if len({speaker for speaker, _ in turns}) >= 2 else []


def precision_and_recall(found: Sequence[bool], true: Sequence[bool]) -> tuple[float, float]:
    """Return the share of found texts that are dialogues, and the share of dialogues that were found.

    Raises:
        ValueError: unequal numbers, nothing found, or nothing to find.
    """
    if len(found) != len(true) or not any(found) or not any(true):
        counts = f"{len(found)} texts with {sum(found)} found, {len(true)} with {sum(true)} true"
        raise ValueError(f"found and true must be as many, with one of each at least, not {counts}")
    hits = sum(a and b for a, b in zip(found, true, strict=True))
    return hits / sum(found), hits / sum(true)
