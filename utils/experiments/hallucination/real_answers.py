"""What the real model answers to questions about facts, how sure it is, and whether it says that it does not know."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from utils.decoding.common_prefix import CommonPrefixDecoder
from utils.decoding.generation import generate
from utils.experiments.hallucination.real_facts import RealQuestion, plain
from utils.models.pretrained import PretrainedModel, load_gguf

ROWS_AT_ONCE = 32
HONEST = "If you are not sure of the answer, say: I do not know."
# Words by which a model says that it has no answer; what it says else counts as an answer.
_SILENCE = (
    "not know", "don't know", "not sure", "unsure", "not familiar", "no information", "not aware", "unable", "cannot",
    "can't", "couldn't find", "not a real", "fictional", "not exist", "doesn't exist", "not a recognized", "sorry",
    "not a country", "no official", "not a known", "not have",
)  # fmt: skip


@lru_cache(maxsize=1)
def real_model() -> PretrainedModel:
    """Return SmolLM2-135M-Instruct, loaded once a process."""
    return load_gguf()


@lru_cache(maxsize=1)
def real_decoder() -> CommonPrefixDecoder:
    """Return a decoder of it that reads what all prompts share once."""
    return CommonPrefixDecoder(real_model().model)


def chat_prompt(question: str, opening: str = "", system: str | None = None) -> list[int]:
    """Return the ids of a question to the real model, with the beginning of its answer.

    Args:
        question: what the user says.
        opening: what the assistant has said already.
        system: another system message than the model's own.
    """
    real = real_model()
    messages = [{"role": "user", "content": question}]
    if system is not None:
        messages.insert(0, {"role": "system", "content": system})
    return real.encode(real.render_chat(messages, add_generation_prompt=True) + opening)


def next_logits(prompts: Sequence[Sequence[int]]) -> Tensor:
    """Return the logits (N, V) of the token after each prompt, a batch at a time, prompts of similar length together.

    Raises:
        ValueError: there are no prompts.
    """
    if not prompts:
        raise ValueError("prompts must hold at least one prompt, not none")
    order = sorted(range(len(prompts)), key=lambda place: (len(prompts[place]), place))
    decoder = real_decoder().fresh()
    rows: list[Tensor] = [torch.empty(0)] * len(prompts)
    for first in range(0, len(order), ROWS_AT_ONCE):
        places = order[first : first + ROWS_AT_ONCE]
        logits = decoder.prefill([prompts[place] for place in places])
        for place, row in zip(places, logits, strict=True):
            rows[place] = row.clone()
    return torch.stack(rows)


@dataclass(frozen=True)
class FactAnswer:
    """A greedy answer up to the end of its phrase, its probability under the model, and whether it is right."""

    text: str
    probability: float
    right: bool


def ask_facts(questions: Sequence[RealQuestion], max_new_tokens: int = 6) -> list[FactAnswer]:
    """Return the real model's answers, each begun for it, and the joint probability of their words."""
    prompts = [chat_prompt(one.text(), one.opening()) for one in questions]
    real, answers = real_model(), []
    for first in range(0, len(prompts), ROWS_AT_ONCE):
        batch = prompts[first : first + ROWS_AT_ONCE]
        written = generate(real_decoder(), batch, max_new_tokens, stop_ids=real.eos_ids, logprobs=True)
        for question, one in zip(questions[first : first + ROWS_AT_ONCE], written, strict=True):
            n = _phrase_length([real.decode([i]) for i in one.ids])
            text = real.decode(one.ids[:n]).strip()
            answers.append(FactAnswer(text, math.exp(sum(one.logprobs[:n])), question.is_right(text)))
    return answers


def _phrase_length(pieces: Sequence[str]) -> int:
    """Return how many tokens the answer has before a punctuation mark ends it, at least one."""
    for place, piece in enumerate(pieces):
        if place and piece.strip()[:1] in (".", ",", ";", "\n", "(", "!", "?", ""):
            return place
    return len(pieces)


def ask_openly(questions: Sequence[RealQuestion], honest: bool, max_new_tokens: int = 24) -> list[str]:
    """Return the real model's free answers; with `honest` it is told to say when it does not know."""
    real = real_model()
    texts = [f"{one.text()} {HONEST}" if honest else one.text() for one in questions]
    prompts, answers = [chat_prompt(text) for text in texts], []
    for first in range(0, len(prompts), ROWS_AT_ONCE):
        batch = prompts[first : first + ROWS_AT_ONCE]
        written = generate(real_decoder(), batch, max_new_tokens, stop_ids=real.eos_ids)
        answers += [real.decode(one.ids, skip_special_tokens=True).strip() for one in written]
    return answers


def abstains(answer: str) -> bool:
    """Return whether a free answer says that it has none."""
    said = plain(answer)
    return any(plain(words) in said for words in _SILENCE)
