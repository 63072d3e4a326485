"""Batched greedy answers: equal to one prompt at a time without a cache."""

from __future__ import annotations

import pytest
import torch

from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.notebook.asking import ask, greedy_tokens


@pytest.fixture(scope="module")
def model() -> GPT:
    torch.manual_seed(0)
    config = ModelConfig(n_layers=2, d_model=32, n_heads=4, n_kv_heads=2, vocab_size=50, context_length=40)
    return GPT(config).eval()


def one_by_one(model: GPT, prompt: list[int], n: int, stop: tuple[int, ...] = ()) -> list[int]:
    """Greedy decoding of one prompt, from scratch at every step."""
    ids = torch.tensor([prompt])
    answer: list[int] = []
    with torch.inference_mode():
        while len(answer) < n:
            token = int(model(ids)[0, -1].argmax())
            if token in stop:
                break
            answer.append(token)
            ids = torch.cat([ids, torch.tensor([[token]])], dim=1)
    return answer


PROMPTS = [[3], [5, 7, 11, 2, 9, 41], [1, 1, 2], [48, 0, 17, 30, 8, 8, 8, 21]]


def test_a_batch_of_different_lengths_gives_what_each_prompt_gives_alone(model):
    assert greedy_tokens(model, PROMPTS, 12) == [one_by_one(model, prompt, 12) for prompt in PROMPTS]


def test_an_answer_ends_before_its_stop_token_and_the_others_go_on(model):
    free = [one_by_one(model, prompt, 12) for prompt in PROMPTS]
    stop = free[1][3]
    assert greedy_tokens(model, PROMPTS, 12, [stop]) == [one_by_one(model, prompt, 12, (stop,)) for prompt in PROMPTS]


def test_no_prompts_and_no_tokens_give_empty_answers(model):
    assert greedy_tokens(model, [], 5) == []
    assert greedy_tokens(model, [[1], [2]], 0) == [[], []]


def test_what_does_not_fit_into_the_context_is_refused(model):
    with pytest.raises(ValueError, match="context"):
        greedy_tokens(model, [[1] * 30], 11)
    with pytest.raises(ValueError, match="empty"):
        greedy_tokens(model, [[1], []], 2)


class TinyChat:
    """Stands in for a pretrained model: a character is a token."""

    def __init__(self, model: GPT) -> None:
        self.model, self.eos_ids = model, (0,)

    def encode_chat(self, messages):
        return [ord(letter) % 50 for letter in messages[0]["content"]]

    def decode(self, ids, skip_special_tokens=False):
        return " ".join(map(str, ids))


def test_questions_keep_their_order_whatever_the_batch_size(model):
    questions = ["a long question indeed", "short", "of medium size", "x"]
    chat = TinyChat(model)
    alone = [ask(chat, [question], 6)[0] for question in questions]
    assert ask(chat, questions, 6, batch_size=2) == alone
    assert ask(chat, questions, 6, batch_size=16) == alone
    with pytest.raises(ValueError, match="batch_size"):
        ask(chat, questions, 6, batch_size=0)
