"""Stop strings: cut before the earliest, found across tokens, one row at a time."""

from __future__ import annotations

import pytest
import torch

from utils.decoding.decoders import UncachedDecoder
from utils.decoding.generation import generate
from utils.decoding.stopping import StopStrings, truncate_at_stop


@pytest.mark.parametrize(
    ("text", "stops", "wanted"),
    [
        ("one two three", ["three", "two"], "one "),
        ("one two three", ["four"], "one two three"),
        ("one two", [], "one two"),
        ("stop", ["stop"], ""),
        ("", ["x"], ""),
        ("aXXb", ["XXb", "XX", "Xb"], "a"),
        ("a\n\nb", ["\n\n"], "a"),
        ("grüße 😀 ende", ["😀"], "grüße "),
    ],
)
def test_a_text_ends_before_its_earliest_stop(text: str, stops: list[str], wanted: str) -> None:
    assert truncate_at_stop(text, stops) == wanted


@pytest.mark.parametrize("stops", [[""], ["a", ""], "END", [None]])
def test_stops_that_are_no_strings_are_refused(stops: list[str]) -> None:
    with pytest.raises(ValueError, match="stop"):
        truncate_at_stop("text", stops)
    with pytest.raises(ValueError, match="stop"):
        StopStrings(stops, str)


def spelled(pieces: list[bytes], texts: dict[int, list[int]]) -> tuple[UncachedDecoder, StopStrings]:
    """Return a model that writes `texts[first id of the prompt]`, and stops for its vocabulary of byte pieces."""

    def model(ids: torch.Tensor) -> torch.Tensor:
        logits = torch.zeros(*ids.shape, len(pieces))
        for row, sequence in enumerate(ids.tolist()):
            logits[row, -1, texts[sequence[0]][len(sequence) - 1]] = 9.0
        return logits

    decode = lambda ids: b"".join(pieces[token] for token in ids).decode("utf-8", errors="replace")  # noqa: E731
    return UncachedDecoder(model, 32, len(pieces)), StopStrings(["END", "é!"], decode)


def test_a_stop_is_found_across_tokens_and_ends_its_row_only() -> None:
    pieces = [b"E", b"ND of", b"N", b"D", b"a ", b"\xc3", b"\xa9", b"!", b"x"]
    decoder, stop = spelled(pieces, {0: [4, 0, 1, 8, 8, 8], 1: [4, 5, 6, 7, 8, 8], 2: [0, 2, 4, 3, 8, 8]})
    results = generate(decoder, [[0], [1], [2]], 6, on_token=stop)
    assert [result.finish for result in results] == ["stop", "stop", "length"]
    assert [result.ids for result in results] == [[4, 0, 1], [4, 5, 6, 7], [0, 2, 4, 3, 8, 8]]
    assert [stop.text(row) for row in range(3)] == ["a ", "a ", "ENa Dxx"]
    assert stop.text(7) == ""
