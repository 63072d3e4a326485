"""What the tokens of a vocabulary spell, in bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np

from utils.decoding.grammar.tries import Trie
from utils.text.gguf_tokenizer import byte_level_alphabet
from utils.world import World

# What the next token is spelled after: the numbers of a world's variants.
OTHERWISE, AFTER_WORD, AFTER_DIGIT = range(3)
_WORD_LIKE = re.compile(r"[^\W_]+")


class TokenSpellings:
    """The bytes of every token, and which tokens end a text.

    Args:
        variants: the bytes of each token, None for tokens that spell nothing (special ones). Most vocabularies have
            one variant; several are for tokens whose spelling depends on the token before, as a space between words.
        end_ids: tokens that end a text.
        variant_after: for each token the variant in which the next one is spelled; all 0 when not given. A text
            starts in variant 0.
        variant_after_text: the same for a text that was not written in tokens.

    Attributes:
        byte_tokens: the bytes with a token of their own, as bits; None where other tokens hold bytes without one.

    Raises:
        ValueError: there is no end token, one is outside the vocabulary, or the lengths differ.
    """

    def __init__(
        self,
        variants: Sequence[Sequence[bytes | None]],
        end_ids: Collection[int],
        variant_after: Sequence[int] | None = None,
        variant_after_text: Callable[[str], int] = lambda text: 0,
    ) -> None:
        if not variants:
            raise ValueError("variants must hold at least one list of spellings")
        self.vocab_size = len(variants[0])
        self.end_ids = tuple(sorted(set(end_ids)))
        self.variant_after = [0] * self.vocab_size if variant_after is None else list(variant_after)
        self.variant_after_text = variant_after_text
        if any(len(part) != self.vocab_size for part in (*variants, self.variant_after)):
            raise ValueError("variants and variant_after must all have one entry for each token")
        if not self.end_ids:
            raise ValueError("end_ids must hold at least one token: without one no text could end")
        if self.end_ids[0] < 0 or self.end_ids[-1] >= self.vocab_size:
            raise ValueError(f"end_ids must be below the vocabulary's {self.vocab_size}, got {self.end_ids}")
        ends = set(self.end_ids)
        self.variants = [tuple(None if i in ends else part for i, part in enumerate(list_)) for list_ in variants]
        self.tries = [Trie(variant) for variant in self.variants]
        self.byte_tokens = self._byte_tokens()

    def _byte_tokens(self) -> int | None:
        # Byte-level vocabularies often lack a token for bytes that their training text never had.
        if len(self.variants) > 1:
            return None
        members = used = 0
        for spelling in filter(None, self.variants[0]):
            if len(spelling) == 1:
                members |= 1 << spelling[0]
        for byte in np.unique(self.tries[0].byte[1:]).tolist():
            used |= 1 << byte
        return members if used == members else None

    @classmethod
    def from_tokenizer(
        cls, tokenizer: Any, end_ids: Collection[int] | None = None, vocab_size: int | None = None
    ) -> TokenSpellings:
        """Read the spellings of a byte-level tokenizer; its special tokens spell nothing.

        Args:
            tokenizer: a `PretrainedModel`, a fast tokenizer of transformers, or one of the `tokenizers` library.
            end_ids: by default what the model or tokenizer names as its end; needed where it names none.
            vocab_size: of the logits, where they are wider than the vocabulary; ids without a token are never allowed.

        Raises:
            ValueError: the tokenizer is not byte-level, names no end token, or `vocab_size` is below its own.
        """
        if end_ids is None:
            ends = getattr(tokenizer, "eos_ids", None) or [getattr(tokenizer, "eos_token_id", None)]
            end_ids = [index for index in ends if index is not None]
        inner = getattr(tokenizer, "tokenizer", None) or getattr(tokenizer, "backend_tokenizer", None) or tokenizer
        if "ByteLevel" not in json.dumps(json.loads(inner.to_str())["decoder"]):
            raise ValueError("the tokenizer must be byte-level (its decoder is not); give TokenSpellings the bytes")
        vocabulary = inner.get_vocab(with_added_tokens=True)
        added = inner.get_added_tokens_decoder()
        size = max(vocabulary.values()) + 1
        if vocab_size is not None and vocab_size < size:
            raise ValueError(f"vocab_size must be at least the tokenizer's {size}, not {vocab_size}")
        alphabet = byte_level_alphabet()
        spellings: list[bytes | None] = [None] * (vocab_size or size)
        for text, index in vocabulary.items():
            if index in added:
                spellings[index] = None if added[index].special else added[index].content.encode()
            elif all(character in alphabet for character in text):
                spellings[index] = bytes(alphabet[character] for character in text)
        return cls([spellings], end_ids)

    @classmethod
    def of_world(cls, world: World, end_ids: Collection[int] | None = None) -> TokenSpellings:
        """Spell a world's tokens, which are words, as compact JSON: a space only where two words would run together.

        A space stands between two tokens that are words or digits, unless both are digits; there is no other white
        space. End tokens are by default the end of text and the end of a turn.
        """
        vocabulary = world.vocabulary
        kinds = [_kind(word) for word in vocabulary.words]
        variants = [
            [_spell(before, word, kind) for word, kind in zip(vocabulary.words, kinds, strict=True)]
            for before in (OTHERWISE, AFTER_WORD, AFTER_DIGIT)
        ]
        default = (vocabulary.end_of_text_id, vocabulary.end_of_turn_id)
        return cls(variants, default if end_ids is None else end_ids, kinds, lambda text: _kind(text[-1:]))

    def spell(self, ids: Iterable[int]) -> bytes:
        """Return the bytes of token ids; special tokens spell nothing.

        Raises:
            ValueError: an id is outside the vocabulary.
        """
        pieces, variant = [], 0
        for index in ids:
            if not 0 <= index < self.vocab_size:
                raise ValueError(f"ids must be between 0 and {self.vocab_size - 1}, got {index}")
            pieces.append(self.variants[variant][index] or b"")
            variant = self.variant_after[index]
        return b"".join(pieces)


def _is_special(word: str) -> bool:
    return word.startswith("<|")


def _kind(word: str) -> int:
    """Return after what the token that follows this one stands."""
    if word.isdecimal():
        return AFTER_DIGIT
    return AFTER_WORD if _WORD_LIKE.fullmatch(word) else OTHERWISE


def _spell(before: int, word: str, kind: int) -> bytes | None:
    if _is_special(word):
        return None
    apart = before != OTHERWISE and kind != OTHERWISE and not (before == kind == AFTER_DIGIT)
    return f" {word}".encode() if apart else word.encode()


def record_text(world: World, ids: Iterable[int]) -> str:
    """Return the compact JSON that a world's tokens spell, as `TokenSpellings.of_world` reads them.

    Special tokens spell nothing. ValueError for an id outside the vocabulary.
    """
    words, pieces, before = world.vocabulary.words, [], OTHERWISE
    for index in ids:
        if not 0 <= index < len(words):
            raise ValueError(f"ids must be between 0 and {len(words) - 1}, got {index}")
        kind = _kind(words[index])
        pieces.append(_spell(before, words[index], kind) or b"")
        before = kind
    return b"".join(pieces).decode()
