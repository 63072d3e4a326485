"""Words and their ids: a token of the world is a word, a digit, a punctuation mark or a special token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

END_OF_TEXT = "<|endoftext|>"
PAD = "<|pad|>"
END_OF_TURN = "<|end|>"
ROLE_TOKENS = {"system": "<|system|>", "user": "<|user|>", "assistant": "<|assistant|>"}
SPECIAL_TOKENS = (END_OF_TEXT, PAD, *ROLE_TOKENS.values(), END_OF_TURN)

_TOKEN = re.compile(r"<\|[a-z]+\|>|\d|[^\W\d_]+|[^\w\s]|_")
_NO_SPACE_BEFORE = frozenset(".,?!:;")


def split_words(text: str) -> list[str]:
    """Split a text into words, single digits, punctuation marks and special tokens; white space is dropped."""
    return _TOKEN.findall(text)


def join_words(words: Iterable[str]) -> str:
    """Join words to a text as the world writes it: the digits of a number together, no space before `.,?!:;`.

    The inverse of `split_words` for every text of the world: join_words(split_words(text)) == text.
    """
    pieces: list[str] = []
    previous = ""
    for word in words:
        joined = word in _NO_SPACE_BEFORE or (word.isdigit() and previous.isdigit())
        if pieces and not joined:
            pieces.append(" ")
        pieces.append(word)
        previous = word
    return "".join(pieces)


class Vocabulary:
    """A list of different words and its inverse; the special tokens come first, so END_OF_TEXT has id 0.

    Raises ValueError when a word occurs twice.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words: tuple[str, ...] = (*SPECIAL_TOKENS, *words)
        self._ids = {word: index for index, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            raise ValueError(f"words must be different, and none of {SPECIAL_TOKENS}")
        self.end_of_text_id = self._ids[END_OF_TEXT]
        self.pad_id = self._ids[PAD]
        self.end_of_turn_id = self._ids[END_OF_TURN]

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def id(self, word: str) -> int:
        """Return the id of a word; ValueError when the world does not know it."""
        try:
            return self._ids[word]
        except KeyError:
            raise ValueError(f"the vocabulary does not have the word {word!r}") from None

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text's words; ValueError names the first word that is not in the vocabulary."""
        words = _TOKEN.findall(text)
        try:
            return list(map(self._ids.__getitem__, words))
        except KeyError:
            return [self.id(word) for word in words]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids; ValueError for an id outside the vocabulary."""
        words = []
        for index in ids:
            if not 0 <= index < len(self.words):
                raise ValueError(f"ids must be between 0 and {len(self.words) - 1}, got {index}")
            words.append(self.words[index])
        return join_words(words)
