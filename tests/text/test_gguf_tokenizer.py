from __future__ import annotations

from pathlib import Path

import gguf
import pytest

from utils.paths import data_dir
from utils.text.gguf_header import ModelFileError, read_gguf_header
from utils.text.gguf_tokenizer import GGUF_MODEL, byte_level_alphabet, load_gguf_tokenizer

needs_model = pytest.mark.skipif(not (data_dir() / GGUF_MODEL).is_file(), reason="the real model is not fetched")


@pytest.fixture
def tiny_file(tmp_path: Path) -> Path:
    """A GGUF file with the 256 bytes, two merges and one control token, written by the format's own library."""
    characters = sorted(byte_level_alphabet())
    path = tmp_path / "tiny.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_uint32("answer", 42)
    writer.add_float32("share", 0.5)
    writer.add_bool("yes", True)
    writer.add_array("sizes", [1, 2, 3])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    tokens = ["<|end|>", *characters, "he", "hel"]
    writer.add_token_list(tokens)
    writer.add_token_types([3] + [1] * (len(tokens) - 1))
    writer.add_token_merges(["h e", "he l"])
    writer.add_chat_template("{{ messages }}")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return path


def test_metadata_comes_back_as_written(tiny_file: Path) -> None:
    metadata = read_gguf_header(tiny_file).metadata
    assert metadata["answer"] == 42
    assert metadata["share"] == 0.5
    assert metadata["yes"] is True
    assert metadata["sizes"] == [1, 2, 3]
    assert metadata["tokenizer.ggml.merges"] == ["h e", "he l"]
    assert metadata["tokenizer.chat_template"] == "{{ messages }}"


def test_tokenizer_applies_the_merges_and_keeps_control_tokens_whole(tiny_file: Path) -> None:
    tokenizer = load_gguf_tokenizer(tiny_file)
    assert tokenizer.encode("hello<|end|>").tokens == ["hel", "l", "o", "<|end|>"]
    text = "héllo 12 नमस्ते\n\t🎉"
    assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_numbers_are_split_into_digits(tiny_file: Path) -> None:
    assert load_gguf_tokenizer(tiny_file).encode("12").tokens == ["1", "2"]


def test_a_cut_file_is_refused_wherever_it_is_cut(tiny_file: Path) -> None:
    data = tiny_file.read_bytes()
    for length in (0, 3, 20, 40, 200, len(data) // 2, len(data) - 40):
        tiny_file.write_bytes(data[:length])
        with pytest.raises(ModelFileError, match="cut"):
            read_gguf_header(tiny_file)


def test_a_length_beyond_the_file_is_refused_without_allocating_it(tiny_file: Path) -> None:
    data = bytearray(tiny_file.read_bytes())
    data[24:32] = (1 << 60).to_bytes(8, "little")
    tiny_file.write_bytes(data)
    with pytest.raises(ModelFileError, match="cut"):
        read_gguf_header(tiny_file)


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(ModelFileError, match="no GGUF file"):
        read_gguf_header(path)


def test_a_missing_file_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="course data"):
        read_gguf_header(tmp_path / "absent.gguf")


def test_alphabet_covers_every_byte_once() -> None:
    alphabet = byte_level_alphabet()
    assert sorted(alphabet.values()) == list(range(256))
    assert alphabet["Ġ"] == 32
    assert alphabet["Ċ"] == 10
    assert alphabet["A"] == 65


@needs_model
def test_real_model_round_trips_text_in_any_script() -> None:
    tokenizer = load_gguf_tokenizer()
    assert tokenizer.get_vocab_size() == 49152
    text = "In 2024 she paid $12.50,\n\n  don't ask. नमस्ते မြန်မာ 🎉 \x00"
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text
    assert tokenizer.encode("<|im_start|>user").ids[0] == 1
