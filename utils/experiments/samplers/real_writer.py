"""A pretrained model as the experiments on samplers use it: the next logits after texts, what it writes, its times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from utils.decoding.arguments import whole_number
from utils.decoding.beam import Hypothesis, beam_searches
from utils.decoding.checked import checked
from utils.decoding.decoders import decoder_for
from utils.decoding.generation import Generation, generate
from utils.decoding.samplers import Choose, greedy
from utils.decoding.scoring import continuation_logprobs
from utils.experiments.samplers.measuring import fastest
from utils.models.pretrained import PretrainedModel


class RealWriter:
    """Texts in, texts out.

    Args:
        pretrained: the model with its tokenizer; its weights are read once.
    """

    def __init__(self, pretrained: PretrainedModel) -> None:
        self.pretrained = pretrained
        self.decoder = decoder_for(pretrained.model)

    @checked
    def next_logits(self, text: str) -> Tensor:
        """Return the logits (V,) of what the model would write after a text."""
        return self.decoder.prefill([self.pretrained.encode(text)])[0].clone()

    @checked
    def answer_logits(self, questions: Sequence[str]) -> Tensor:
        """Return the logits (N, V) of the first token of the answer to each question.

        Raises:
            ValueError: no questions.
        """
        if not questions:
            raise ValueError("questions is empty: there is nothing to answer")
        return self.decoder.prefill(self._chats(questions)).clone()

    def log_odds(self, texts: Sequence[str], first: str, second: str) -> np.ndarray:
        """Return, after each text, the logprob of one continuation less that of another, each per token (N,)."""
        encode = self.pretrained.encode
        options = [encode(first), encode(second)]
        found = continuation_logprobs(self.pretrained.model, [encode(t) for t in texts], options, average=True).numpy()
        return np.asarray(found[:, 0] - found[:, 1])

    def continue_texts(
        self, texts: Sequence[str], max_new_tokens: int, drawn: Choose, samples: int
    ) -> tuple[list[Generation], list[Generation]]:
        """Return what the model writes after each text greedily, and `samples` times by drawing; nothing ends a text.

        Both are one batch: the weights are read once a step for all of its rows.
        """
        prompts = [self.pretrained.encode(text) for text in texts]
        n, repeated = len(prompts), [ids for ids in prompts for _ in range(samples)]

        def choose(logits: Tensor) -> Tensor:
            return torch.cat([greedy(logits[:n]), drawn(logits[n:])])

        found = generate(self.decoder, [*prompts, *repeated], max_new_tokens, choose)
        return found[:n], found[n:]

    def likeliest(self, texts: Sequence[str], width: int, max_new_tokens: int) -> list[Hypothesis]:
        """Return the continuation of each text that a beam search ranks first."""
        prompts = [self.pretrained.encode(text) for text in texts]
        return [
            found[0] for found in beam_searches(self.decoder, prompts, width, max_new_tokens, self.pretrained.eos_ids)
        ]

    def answer(
        self, questions: Sequence[str], max_new_tokens: int, choose: Choose = greedy, samples: int = 1
    ) -> list[Generation]:
        """Return the model's answers to each question, `samples` times, each up to its end or the limit of tokens."""
        ends = self.pretrained.eos_ids
        return generate(self.decoder, self._chats(questions), max_new_tokens, choose, ends, samples=samples)

    def texts(self, written: Sequence[Generation]) -> list[str]:
        """Return the texts of what was written."""
        return [self.pretrained.decode(one.ids) for one in written]

    @checked
    def step_ms(self, rows: int, text: str, repeats: int) -> float:
        """Return the milliseconds (the fastest of several) of one decoding step of so many rows, all after one text."""
        rows, repeats = whole_number(rows, "rows", 1), whole_number(repeats, "repeats", 1)
        self.decoder.prefill([self.pretrained.encode(text)] * rows, reserve=repeats)
        ids = torch.zeros(rows, dtype=torch.long)
        return fastest(lambda: self.decoder.step(ids), repeats)

    def _chats(self, questions: Sequence[str]) -> list[list[int]]:
        return [self.pretrained.encode_chat([{"role": "user", "content": text}]) for text in questions]
