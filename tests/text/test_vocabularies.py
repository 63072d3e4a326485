from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.text import vocabularies
from utils.text.sentencepiece_model import piece_bytes, read_pieces
from utils.text.vocabularies import describe_tokens, load_vocabulary, merge_by_rank, vocabulary_names

TEXT = "In 2024 she paid $12.50,\n\n\tdon't ask. नमस्ते မြန်မာ 中文 🎉 <|im_end|> </s> \x00"
RANKS = {bytes([byte]): byte for byte in range(256)} | {b"ab": 256, b"bc": 257, b"abc": 258, b"abcab": 259}

# Without what the vocabularies themselves cannot keep: SmolLM2 lacks some bytes, SentencePiece writes a space as "▁".
ordinary_texts = st.text(
    st.characters(max_codepoint=0x3FFFF, exclude_categories=["Cc", "Cs"], exclude_characters="▁"), max_size=30
)


def vocabulary(name: str) -> vocabularies.Vocabulary:
    try:
        return load_vocabulary(name)
    except FileNotFoundError:
        pytest.skip(f"{name} is not fetched")


@pytest.mark.parametrize("name", vocabulary_names())
def test_tokens_join_to_the_text_with_specials_read_as_text(name: str) -> None:
    own = vocabulary(name)
    ids = own.encode(TEXT)
    joined = b"".join(own.decode_token(token_id) for token_id in ids).decode("utf-8")
    assert joined == (" " + TEXT if name == "mistral_v1" else TEXT)
    assert all(0 <= token_id < own.size for token_id in ids)
    assert own.encode("") == []


@pytest.mark.parametrize("name", vocabulary_names())
@settings(max_examples=40)
@given(text=ordinary_texts)
def test_any_text_round_trips(name: str, text: str) -> None:
    own = vocabulary(name)
    joined = b"".join(own.decode_token(token_id) for token_id in own.encode(text)).decode("utf-8")
    assert joined == (" " + text if text and name == "mistral_v1" else text)


def test_smollm2_has_no_token_for_some_bytes_and_drops_them() -> None:
    own = vocabulary("smollm2")
    assert own.encode("a\x04b") == own.encode("a") + own.encode("b")
    assert own.decode_token(own.encode("\x05")[0]) == b"\x05"


@pytest.mark.parametrize(
    ("name", "size", "ids"),
    [
        ("cl100k_base", 100_277, [9906, 1917]),
        ("o200k_base", 200_019, [13225, 2375]),
        ("smollm2", 49_152, [19556, 905]),
        ("tekken", 131_072, [22177, 4304]),
        ("mistral_v1", 32_000, [22557, 1526]),
    ],
)
def test_vocabulary_has_its_published_size_and_ids(name: str, size: int, ids: list[int]) -> None:
    own = vocabulary(name)
    assert own.name == name
    assert own.size == size
    assert own.encode("Hello world") == ids


@pytest.mark.parametrize("name", vocabulary_names())
def test_an_id_outside_the_vocabulary_is_refused(name: str) -> None:
    own = vocabulary(name)
    for token_id in (-1, own.size):
        with pytest.raises(ValueError, match="token_id"):
            own.decode_token(token_id)
    assert isinstance(own.decode_token(own.size - 1), bytes)


def test_loading_twice_gives_the_same_object() -> None:
    assert vocabulary("cl100k_base") is vocabulary("cl100k_base")


def test_an_unknown_vocabulary_is_refused_and_a_missing_file_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="gpt5"):
        load_vocabulary("gpt5")
    monkeypatch.setattr(vocabularies, "data_dir", lambda: tmp_path)
    load_vocabulary.cache_clear()
    with pytest.raises(FileNotFoundError, match="course data"):
        load_vocabulary("tekken")
    load_vocabulary.cache_clear()


def test_labels_show_spaces_line_ends_and_cut_characters() -> None:
    tokens = describe_tokens(vocabulary("cl100k_base"), "a b\n🎉")
    assert [token.label for token in tokens[:2]] == ["a", "␣b"]
    assert "⏎" in tokens[2].label
    assert any(token.label.startswith("⟨") for token in tokens)
    assert b"".join(token.data for token in tokens) == "a b\n🎉".encode()


def test_lower_ranks_merge_first() -> None:
    assert merge_by_rank(b"abc", RANKS) == [b"abc"]
    assert merge_by_rank(b"xbc", RANKS) == [b"x", b"bc"]
    assert merge_by_rank(b"abcd", RANKS) == [b"abc", b"d"]
    assert merge_by_rank(b"abcabc", RANKS) == [b"abc", b"abc"]
    assert merge_by_rank(b"", RANKS) == []


def test_a_damaged_sentencepiece_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.model"
    for data in (b"", b"\x0a\xff\x01", b"\xff" * 20, b"\x0a\x02\x10\x01", b"not a model"):
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"broken\.model"):
            read_pieces(path)


def test_pieces_stand_for_bytes() -> None:
    assert piece_bytes("▁the") == b" the"
    assert piece_bytes("<0x0A>") == b"\n"
    assert piece_bytes("<s>") == b"<s>"
