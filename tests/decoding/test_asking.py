"""Batches of questions: the order and the answers do not depend on how many are asked at once."""

from __future__ import annotations

import pytest
import torch

from utils.decoding.asking import ask
from utils.models.config import ModelConfig
from utils.models.gpt import GPT


class TinyChat:
    """Stands in for a pretrained model: a character is a token."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        config = ModelConfig(n_layers=2, d_model=32, n_heads=4, n_kv_heads=2, vocab_size=50, context_length=40)
        self.model, self.eos_ids = GPT(config).eval(), (0,)

    def encode_chat(self, messages):
        return [ord(letter) % 50 for letter in messages[0]["content"]]

    def decode(self, ids, skip_special_tokens=False):
        return " ".join(map(str, ids))


def test_questions_keep_their_order_whatever_the_batch_size() -> None:
    questions = ["a long question indeed", "short", "of medium size", "x"]
    chat = TinyChat()
    alone = [ask(chat, [question], 6)[0] for question in questions]
    assert len(set(alone)) > 1
    assert ask(chat, questions, 6, batch_size=2) == alone
    assert ask(chat, questions, 6, batch_size=16) == alone


def test_no_questions_have_no_answers() -> None:
    assert ask(TinyChat(), []) == []


def test_a_batch_of_none_is_refused() -> None:
    with pytest.raises(ValueError, match="batch_size must be at least 1, not 0"):
        ask(TinyChat(), ["x"], batch_size=0)
