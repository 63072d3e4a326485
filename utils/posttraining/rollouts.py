"""Rollouts: answers drawn from a policy, with the log-probabilities that the sampler drew them with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from utils.decoding.decoders import Decoder, UncachedDecoder
from utils.decoding.generation import generate
from utils.decoding.samplers import Temperature
from utils.models.gpt import GPT
from utils.posttraining.finetuning import NOT_COUNTED, pad_pairs
from utils.posttraining.logprobs import target_logprobs

Ids = Sequence[int]


@dataclass(frozen=True)
class Rollout:
    """Answers of a policy: the ids, and inputs, targets (B, T) and log-probabilities at the sampler's temperature."""

    prompts: list[list[int]]
    answers: list[list[int]]
    inputs: Tensor
    targets: Tensor
    logprobs: Tensor

    @property
    def mask(self) -> Tensor:
        """(B, T), True = the next token is one of the answer."""
        return self.targets != NOT_COUNTED


@torch.no_grad()
def roll_out(
    policy: nn.Module, prompts: Sequence[Ids], end_id: int, max_new_tokens: int, temperature: float, seed: int
) -> Rollout:
    """Draw one answer to each prompt; the end id is part of an answer that ended by itself."""
    drawn = generate(
        _decoder(policy), prompts, max_new_tokens, Temperature(temperature).seeded(seed), stop_ids=(end_id,)
    )
    answers = [[*one.ids, end_id] if one.finish == "stop" else one.ids for one in drawn]
    rows = [(list(prompt), answer) for prompt, answer in zip(prompts, answers, strict=True)]
    device = next(policy.parameters()).device
    inputs, targets = (tensor.to(device) for tensor in pad_pairs(rows))
    logprobs = target_logprobs(policy, inputs, targets, temperature)
    return Rollout([list(prompt) for prompt in prompts], answers, inputs, targets, logprobs)


def _decoder(model: nn.Module) -> nn.Module | Decoder:
    """Return what `generate` takes: the course's model itself, another one wrapped."""
    config: Any = model.config
    if isinstance(model, GPT) or not hasattr(config, "max_position_embeddings"):
        return model
    return UncachedDecoder(lambda ids: model(ids).logits, config.max_position_embeddings, config.vocab_size)


def by_answer(x: Tensor, mask: Tensor) -> Tensor:
    """Return x (B, T) with each row's answer moved to the front, (B, longest answer), 0 behind it.

    So the arithmetic of PPO sees answers alone, and a row's first column is its first drawn token.
    """
    lengths = mask.sum(-1)
    start = mask.long().argmax(-1)
    columns = torch.arange(int(lengths.max()), device=x.device)
    places = (start[:, None] + columns).clamp(max=x.shape[1] - 1)
    return x.gather(-1, places) * (columns < lengths[:, None])
