"""SmolLM2's real vocabulary without its weights, and llguidance's view of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tokenizers import Tokenizer

from utils.decoding.grammar import TokenSpellings
from utils.paths import data_dir
from utils.text.gguf_tokenizer import GGUF_MODEL, load_gguf_tokenizer
from utils.world import World

if TYPE_CHECKING:
    from llguidance import LLTokenizer

# SmolLM2's id of <|im_end|>.
END = 2


@pytest.fixture(scope="session")
def smollm2() -> Tokenizer:
    if not (data_dir() / GGUF_MODEL).is_file():
        pytest.skip("the real model is not fetched")
    return load_gguf_tokenizer()


@pytest.fixture(scope="session")
def spellings(smollm2: Tokenizer) -> TokenSpellings:
    return TokenSpellings.from_tokenizer(smollm2, end_ids=[END])


@pytest.fixture(scope="session")
def ll_tokenizer(smollm2: Tokenizer) -> LLTokenizer:
    llguidance = pytest.importorskip("llguidance")
    return llguidance.LLTokenizer(smollm2.to_str(), eos_token=END)


@pytest.fixture(scope="session")
def world() -> World:
    return World(seed=0)
