"""Whether a model answers the same when the question is written a little differently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

from utils.decoding.arguments import a_sequence, whole_number
from utils.decoding.checked import checked


@checked
def capital_flip(prompt: str, position: int) -> str:
    """Return the prompt with the case of one letter flipped.

    >>> capital_flip("Who wrote it?", 4)
    'Who Wrote it?'

    Raises:
        ValueError: the position lies outside the prompt, or has no letter of two cases there.
    """
    place = whole_number(position, "position", 0, len(prompt) - 1)
    letter = prompt[place]
    flipped = letter.swapcase()
    # Some letters have one case only, and the capital of "ß" is two letters.
    if flipped == letter or len(flipped) != 1:
        raise ValueError(f"position {place} of prompt must be a letter of two cases, not {letter!r}")
    return prompt[:place] + flipped + prompt[place + 1 :]


@checked
def sensitivity(answer: Callable[[str], Any], prompts: Sequence[str]) -> float:
    """Return the share of pairs of prompts whose answers differ.

    Args:
        answer: gives a prompt its answer; it is called once for each prompt.
        prompts: that mean the same.

    >>> sensitivity(str.lower, ["Yes", "yes", "no"])
    0.6666666666666666

    Raises:
        ValueError: fewer than two prompts.
    """
    written: list[str] = a_sequence(prompts, "prompts")
    if len(written) < 2:
        raise ValueError(f"prompts must hold two or more, not {len(written)}: they are compared in pairs")
    pairs = [one != other for one, other in combinations([answer(prompt) for prompt in written], 2)]
    return sum(pairs) / len(pairs)
