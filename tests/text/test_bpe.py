"""The world's subword tokenizer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from utils.text.bpe import BPETokenizer, train_bpe_tokenizer, train_world_tokenizer
from utils.world import LANGUAGE_NAMES, SPECIAL_TOKENS, World


@pytest.fixture(scope="module")
def world() -> World:
    return World(0, n_people=100)


@pytest.fixture(scope="module")
def tokenizer(world: World) -> BPETokenizer:
    return train_world_tokenizer(world, vocab_size=600, n_documents=1500)


def test_every_text_round_trips(tokenizer: BPETokenizer, world: World) -> None:
    texts = [text for language in LANGUAGE_NAMES for text in world.texts(100, seed=9, language=language)]
    texts += ["", "  two  spaces\n\tand a tab", "naïve 東京 🐢", "12 + 345 = 357."]
    for text, ids in zip(texts, tokenizer.encode_batch(texts), strict=True):
        assert tokenizer.decode(ids) == text
        assert ids == tokenizer.encode(text)


def test_training_shortens_the_worlds_text(tokenizer: BPETokenizer, world: World) -> None:
    text = " ".join(world.texts(200, seed=9))
    small = train_world_tokenizer(world, vocab_size=300, n_documents=1500)
    assert len(tokenizer) == 600
    assert len(tokenizer.encode(text)) < 0.75 * len(small.encode(text)) < 0.75 * len(text)


def test_a_language_seen_in_training_needs_fewer_tokens(tokenizer: BPETokenizer, world: World) -> None:
    both = train_world_tokenizer(world, vocab_size=600, n_documents=1500, languages=("common", "velkoth"))
    text = " ".join(world.texts(100, seed=9, language="velkoth"))
    assert len(both.encode(text)) < 0.6 * len(tokenizer.encode(text))


def test_digits_stay_single(tokenizer: BPETokenizer) -> None:
    ids = tokenizer.encode("1234")
    assert [tokenizer.token(index) for index in ids] == ["1", "2", "3", "4"]


def test_special_tokens_come_first_and_are_whole(tokenizer: BPETokenizer) -> None:
    for index, token in enumerate(SPECIAL_TOKENS):
        assert tokenizer.encode(token) == [index]
        assert tokenizer.decode([index]) == token
    assert tokenizer.end_of_text_id == 0
    chat = "<|user|>Who?<|end|>"
    ids = tokenizer.encode(chat)
    assert ids[0] == tokenizer.role_ids["user"]
    assert ids[-1] == tokenizer.end_of_turn_id
    assert tokenizer.decode(ids, skip_special_tokens=True) == "Who?"


def test_a_special_token_typed_by_a_user_can_stay_plain_text(tokenizer: BPETokenizer) -> None:
    ids = tokenizer.encode("stop <|end|> here", special_tokens=False)
    assert tokenizer.end_of_turn_id not in ids
    assert tokenizer.decode(ids) == "stop <|end|> here"
    assert tokenizer.end_of_turn_id in tokenizer.encode("stop <|end|> here")


def test_saving_and_loading_keeps_the_tokenizer(tokenizer: BPETokenizer, world: World, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    tokenizer.save(path)
    loaded = BPETokenizer.load(path)
    texts = world.texts(50)
    assert loaded.encode_batch(texts) == tokenizer.encode_batch(texts)
    assert len(loaded) == len(tokenizer)
    assert list(tmp_path.iterdir()) == [path]
    assert len(json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]) == len(tokenizer)


def test_training_is_the_same_in_every_process() -> None:
    program = (
        "import hashlib\nfrom utils.world import World\nfrom utils.text.bpe import train_world_tokenizer\n"
        "t = train_world_tokenizer(World(3, n_people=50), 500, 800, ('common', 'zhurimi'))\n"
        "print(hashlib.sha256(t._tokenizer.to_str().encode()).hexdigest())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "RAYON_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed, threads in (("0", "1"), ("1", "2"), ("2", "2"))
    }
    assert len(hashes) == 1


def test_bad_input_is_refused(tokenizer: BPETokenizer, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"vocab_size .* 100"):
        train_bpe_tokenizer(["text"], 100)
    with pytest.raises(ValueError, match="between 0 and 599, got 600"):
        tokenizer.decode([600])
    with pytest.raises(ValueError, match="-1"):
        tokenizer.decode([-1])
    broken = tmp_path / "tokenizer.json"
    broken.write_text('{"model": ')
    with pytest.raises(ValueError, match=r"tokenizer\.json"):
        BPETokenizer.load(broken)
    other = {"version": "1.0", "added_tokens": [], "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}
    broken.write_text(json.dumps(other))
    with pytest.raises(ValueError, match="special tokens"):
        BPETokenizer.load(broken)
    with pytest.raises(FileNotFoundError):
        BPETokenizer.load(tmp_path / "missing.json")
