"""The world's subword tokenizer: byte-level BPE with the `tokenizers` library, digits one by one, special tokens.

Every text can be encoded, because the 256 bytes are tokens. A number is split into its digits before merging, so that
arithmetic meets the same ten symbols everywhere. Special tokens mark the end of a text and the turns of a chat; they
are those of `utils.world.vocabulary`, with the same ids, so that word ids and subword ids share their marks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from utils.world import END_OF_TEXT, END_OF_TURN, PAD, ROLE_TOKENS, SPECIAL_TOKENS, World

_SMALLEST_VOCABULARY = 256 + len(SPECIAL_TOKENS)


class BPETokenizer:
    """A byte-level BPE tokenizer with the course's special tokens; make one with `train_bpe_tokenizer` or `load`.

    Raises ValueError when the given tokenizer lacks one of the special tokens.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        ids = {token: tokenizer.token_to_id(token) for token in SPECIAL_TOKENS}
        special = {token: index for token, index in ids.items() if index is not None}
        if len(special) < len(SPECIAL_TOKENS):
            missing = [token for token in SPECIAL_TOKENS if token not in special]
            raise ValueError(f"tokenizer lacks the special tokens {missing}")
        self._tokenizer = tokenizer
        # A copy that reads special tokens in a text as plain characters; the setting belongs to a whole tokenizer.
        self._plain = Tokenizer.from_str(tokenizer.to_str())
        self._plain.encode_special_tokens = True
        self.end_of_text_id = special[END_OF_TEXT]
        self.pad_id = special[PAD]
        self.end_of_turn_id = special[END_OF_TURN]
        self.role_ids = {role: special[token] for role, token in ROLE_TOKENS.items()}

    def __len__(self) -> int:
        return self._tokenizer.get_vocab_size()

    def encode(self, text: str, special_tokens: bool = True) -> list[int]:
        """Return the ids of a text; with special_tokens False, a `<|end|>` typed by a user stays seven characters."""
        return (self._tokenizer if special_tokens else self._plain).encode(text).ids

    def encode_batch(self, texts: Sequence[str], special_tokens: bool = True) -> list[list[int]]:
        """Return the ids of several texts."""
        tokenizer = self._tokenizer if special_tokens else self._plain
        return [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = False) -> str:
        """Return the text of ids, U+FFFD for bytes that are no UTF-8; ValueError for an id outside the vocabulary."""
        wrong = next((index for index in ids if not 0 <= index < len(self)), None)
        if wrong is not None:
            raise ValueError(f"ids must be between 0 and {len(self) - 1}, got {wrong}")
        return self._tokenizer.decode(list(ids), skip_special_tokens=skip_special_tokens)

    def token(self, index: int) -> str:
        """Return the text of one token: what `decode` gives for it alone."""
        return self.decode([index])

    def save(self, path: str | Path) -> None:
        """Write tokenizer.json, the format that `tokenizers` and `transformers` read; never leaves half a file."""
        path = Path(path)
        partial = path.with_name(path.name + ".part")
        partial.write_text(self._tokenizer.to_str(pretty=True), encoding="utf-8")
        os.replace(partial, path)

    @classmethod
    def load(cls, path: str | Path) -> BPETokenizer:
        """Read a tokenizer.json; FileNotFoundError for a missing file, ValueError for one that cannot be used."""
        text = Path(path).read_text(encoding="utf-8")
        try:
            tokenizer = Tokenizer.from_str(text)
        except Exception as error:  # the library raises plain Exception for whatever it cannot read
            raise ValueError(f"{path} is no tokenizer.json: {error}") from error
        return cls(tokenizer)


def train_bpe_tokenizer(texts: Iterable[str], vocab_size: int) -> BPETokenizer:
    """Train a byte-level BPE on texts; the same texts give the same tokenizer.

    vocab_size counts the special tokens and the 256 bytes; fewer tokens result when no pair is left to merge.
    Raises ValueError for a vocab_size that has no room for them.
    """
    if vocab_size < _SMALLEST_VOCABULARY:
        raise ValueError(f"vocab_size must be at least {_SMALLEST_VOCABULARY}, got {vocab_size}")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return BPETokenizer(tokenizer)


def train_world_tokenizer(
    world: World,
    vocab_size: int = 1024,
    n_documents: int = 20_000,
    languages: Sequence[str] = ("common",),
    seed: int = 0,
) -> BPETokenizer:
    """Train the tokenizer of a world on n_documents documents in each of the languages."""
    texts = (document.text for language in languages for document in world.documents(n_documents, seed, language))
    return train_bpe_tokenizer(texts, vocab_size)
