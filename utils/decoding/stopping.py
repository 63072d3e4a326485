"""Stopping at strings: tokens do not end where a text should."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from utils.decoding.arguments import a_callable, a_sequence, a_text, whole_number


def _check_stops(stops: Sequence[str]) -> tuple[str, ...]:
    """Return the stops; raise ValueError for a single string in place of several, or an empty one."""
    if isinstance(stops, str):
        raise ValueError(f"stops must be a sequence of strings, not the string {stops!r}")
    stops = a_sequence(stops, "stops")
    for place, stop in enumerate(stops):
        if not isinstance(stop, str) or not stop:
            raise ValueError(f"stop {place} must be a string that is not empty, not {stop!r}")
    return tuple(stops)


def truncate_at_stop(text: str, stops: Sequence[str]) -> str:
    """Return the text up to the earliest stop string in it, the whole text when there is none.

    >>> truncate_at_stop("Paris. Next question: Rome", ["Next", "Rome"])
    'Paris. '

    Raises:
        ValueError: a stop string is empty, `stops` is a single string, or `text` is none.
    """
    a_text(text, "text")
    stops = _check_stops(stops)
    places = [place for place in map(text.find, stops) if place >= 0]
    return text[: min(places)] if places else text


class StopStrings:
    """Ends a row of `generate` as soon as its text holds a stop string, which may begin and end inside of tokens.

        stop = StopStrings(["\\n\\n", "Q:"], tokenizer.decode)
        results = generate(model, prompts, 200, on_token=stop)
        texts = [stop.text(row) for row in range(len(results))]

    One object serves one call of `generate`. The tokens are written before it is known that a stop string is
    complete: `Generation.ids` holds them, `text` is cut before the string. A row ends with `finish` "stop".

    Args:
        stops: the strings.
        decode: from the new ids of a row to its text.

    Raises:
        ValueError: a stop string is empty, `stops` is a single string, or `decode` cannot be called.
    """

    def __init__(self, stops: Sequence[str], decode: Callable[[list[int]], str]) -> None:
        self.stops = _check_stops(stops)
        a_callable(decode, "decode")
        self.decode = decode
        self._ids: dict[int, list[int]] = {}

    def __call__(self, row: int, token: int) -> bool:
        """Take the next id of a row; return whether its text now holds a stop string."""
        ids = self._ids.setdefault(whole_number(row, "row", 0), [])
        ids.append(whole_number(token, "token", 0))
        # The whole text, since pieces of it do not decode alone: a character may be spread over several tokens.
        text = self.decode(ids)
        return any(stop in text for stop in self.stops)

    def text(self, row: int) -> str:
        """Return the text of a row, cut before the earliest stop string; empty for a row that wrote nothing."""
        row = whole_number(row, "row", 0)
        return truncate_at_stop(self.decode(self._ids.get(row, [])), self.stops)
