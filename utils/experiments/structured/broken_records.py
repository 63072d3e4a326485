"""Records broken on purpose in the ways in which language models break them, to measure repairs on thousands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from utils.decoding.checked import checked
from utils.world.draws import Draws


def _chatter(text: str, draws: Draws) -> str:
    return f"{draws.pick(('Sure!', 'Here is the record:', 'The record is'))} {text}"


def _fence(text: str, draws: Draws) -> str:
    return f"```json\n{text}\n```"


def _single_quotes(text: str, draws: Draws) -> str:
    return text.replace("'", "\\'").replace('"', "'")


def _trailing_comma(text: str, draws: Draws) -> str:
    return f"{text[:-1]},{text[-1]}"


def _missing_bracket(text: str, draws: Draws) -> str:
    return text[:-1]


def _python_words(text: str, draws: Draws) -> str:
    for json_word, python_word in (("null", "None"), ("true", "True"), ("false", "False")):
        text = re.sub(rf"(?<=: ){json_word}\b", python_word, text)
    return _trailing_comma(text, draws) if "None" not in text and "True" not in text and "False" not in text else text


def _missing_comma(text: str, draws: Draws) -> str:
    places = [match.start() for match in re.finditer(r', "', text)]
    if not places:
        return text[:-1]
    place = draws.pick(places)
    return text[:place] + text[place + 1 :]


def _bare_key(text: str, draws: Draws) -> str:
    match = draws.pick(list(re.finditer(r'"(\w+)":', text)))
    return f"{text[: match.start()]}{match[1]}:{text[match.end() :]}"


def _cut_off(text: str, draws: Draws) -> str:
    return text[: draws.between(len(text) // 3, 2 * len(text) // 3)]


# What the repair of the course was written for, and what nobody had thought of.
FORESEEN: dict[str, Callable[[str, Draws], str]] = {
    "text before": _chatter,
    "code fence": _fence,
    "single quotes": _single_quotes,
    "trailing comma": _trailing_comma,
    "missing bracket": _missing_bracket,
    "Python's words": _python_words,
}
UNFORESEEN: dict[str, Callable[[str, Draws], str]] = {
    "missing comma": _missing_comma,
    "key without quotes": _bare_key,
    "cut off": _cut_off,
}


@checked
def break_records(texts: Sequence[str], share: float, unforeseen: float, seed: int) -> list[tuple[str, str]]:
    """Break a share of records, each in one way.

    Args:
        texts: records as JSON objects.
        share: probability that a record is broken.
        unforeseen: probability that a broken one is broken in a way that the course's repair does not expect.
        seed: of the draws.

    Returns:
        (what was done, the text) for each record; ("", the record) where nothing was.

    Raises:
        ValueError: a probability outside [0, 1].
    """
    for name, value in (("share", share), ("unforeseen", unforeseen)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is a probability between 0 and 1, not {value}")
    draws = Draws("broken records", seed)
    broken = []
    for text in texts:
        if not draws.chance(share):
            broken.append(("", text))
            continue
        ways = UNFORESEEN if draws.chance(unforeseen) else FORESEEN
        name = draws.pick(sorted(ways))
        broken.append((name, ways[name](text, draws)))
    return broken
