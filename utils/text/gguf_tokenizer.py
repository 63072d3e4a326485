"""The tokenizer that a GGUF file carries, rebuilt with the `tokenizers` library; no weight is read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from utils.arguments import instance
from utils.paths import data_dir
from utils.text.gguf_header import ModelFileError, read_gguf_header

GGUF_MODEL = "smollm2-135m-instruct.q4_1.gguf"
CONTROL, USER_DEFINED = 3, 4
# Llama 3's rule for where a word ends.
LLAMA_3_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# Qwen2's is the same but for numbers, whose digits stand alone.
QWEN_2_WORDS = LLAMA_3_WORDS.replace(r"\p{N}{1,3}", r"\p{N}")
# Keys under `tokenizer.` that are read here or by the model's loader, that repeat what others say, or that say which
# tokens a program may add around a text: here the chat template writes all of them.
KNOWN_KEYS = {
    *(f"tokenizer.ggml.{name}" for name in ("model", "pre", "tokens", "merges", "token_type", "scores")),
    *(f"tokenizer.ggml.add_{name}" for name in ("bos_token", "eos_token", "sep_token", "space_prefix")),
    *(
        f"tokenizer.ggml.{name}_token_id"
        for name in ("bos", "eos", "eot", "eom", "unknown", "seperator", "separator", "padding", "mask", "cls")
    ),
    *(
        f"tokenizer.ggml.{name}_token_id"
        for name in ("fim_pre", "fim_suf", "fim_mid", "fim_pad", "fim_rep", "fim_sep", "prefix", "suffix", "middle")
    ),
    "tokenizer.ggml.token_type_count",
    "tokenizer.huggingface.json",
    "tokenizer.chat_template",
    "tokenizer.chat_templates",
}


def _pre_tokenizer(kind: str) -> pre_tokenizers.PreTokenizer:
    """Return what splits text before the merges, by the file's name for it."""
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    if kind in ("gpt-2", "default"):
        return byte_level
    if kind == "smollm":
        return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level])
    if kind in ("llama-bpe", "qwen2"):
        words = LLAMA_3_WORDS if kind == "llama-bpe" else QWEN_2_WORDS
        split = pre_tokenizers.Split(Regex(words), behavior="isolated")
        whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        return pre_tokenizers.Sequence([split, whole])
    raise ModelFileError(f"the tokenizer's way to split words, {kind!r}, is not known")


def tokenizer_from_metadata(metadata: Mapping[str, Any]) -> Tokenizer:
    """Return a byte-level BPE tokenizer from a GGUF file's vocabulary, merges and token types.

    Raises:
        ModelFileError: the file has no vocabulary, one of another kind than byte-level BPE, or a key about its
            tokenizer that is not known here; the message names it.
    """
    instance("metadata", metadata, Mapping, "a file's metadata by key")  # type: ignore[type-abstract]
    for key in metadata:
        known = key in KNOWN_KEYS or key.startswith("tokenizer.chat_template.")
        if key.startswith("tokenizer.") and not known:
            raise ModelFileError(f"the tokenizer says {key}, whose meaning is not known here")
    kind = metadata.get("tokenizer.ggml.model")
    if kind != "gpt2":
        raise ModelFileError(f"the tokenizer is of the kind {kind!r}; only byte-level BPE ('gpt2') is read")
    tokens = metadata.get("tokenizer.ggml.tokens", [])
    if not tokens:
        raise ModelFileError("the file has no vocabulary: tokenizer.ggml.tokens is missing")
    merges = [tuple(merge.split(" ", 1)) for merge in metadata.get("tokenizer.ggml.merges", [])]
    words = metadata.get("tokenizer.ggml.pre", "default")
    try:
        bpe = models.BPE(
            vocab={token: i for i, token in enumerate(tokens)},
            merges=merges,
            fuse_unk=False,
            # Llama 3 takes a word that is a token whole, whatever the merges would make of it.
            ignore_merges=words == "llama-bpe",
        )
    except Exception as error:  # the library raises plain Exception for merges outside of the vocabulary
        raise ModelFileError(f"tokenizer.ggml.merges and tokenizer.ggml.tokens do not fit: {error}") from error
    tokenizer = Tokenizer(bpe)
    if words == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = _pre_tokenizer(words)
    tokenizer.decoder = decoders.ByteLevel()
    types = metadata.get("tokenizer.ggml.token_type", [])
    if types and len(types) != len(tokens):
        raise ModelFileError(f"tokenizer.ggml.token_type holds {len(types)} types for {len(tokens)} tokens")
    added = [
        AddedToken(token, special=kind == CONTROL, normalized=False)
        for token, kind in zip(tokens, types, strict=False)
        if kind in (CONTROL, USER_DEFINED)
    ]
    tokenizer.add_tokens(added)
    return tokenizer


def load_gguf_tokenizer(path: Path | str | None = None) -> Tokenizer:
    """Return the tokenizer of a GGUF file (SmolLM2's when no path is given) with its control tokens as special tokens.

    Text is encoded without a beginning-of-text token: the chat template writes the control tokens.

    Raises:
        FileNotFoundError: the file is missing.
        ModelFileError: the file is damaged, or its tokenizer is no byte-level BPE of a kind known here.
    """
    return tokenizer_from_metadata(read_gguf_header(path if path is not None else data_dir() / GGUF_MODEL).metadata)


@lru_cache(maxsize=1)
def byte_level_alphabet() -> dict[str, int]:
    """Return the byte that each character of a byte-level vocabulary stands for.

    GPT-2's vocabulary is written in printable characters: a byte that is printable in Latin-1 stands for itself, the
    other 68, in order, are written as the characters from U+0100 up (so a space is "Ġ", U+0120).
    """
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    shown = set(printable)
    hidden = [byte for byte in range(256) if byte not in shown]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(hidden)}
