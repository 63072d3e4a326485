"""A model so small that a run takes milliseconds, with everything a run must restore: dropout, tied weights."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class TinyConfig:
    vocab_size: int = 24
    width: int = 16
    dropout: float = 0.1


class TinyModel(nn.Module):
    """Embedding, one hidden matrix, dropout, tied output: ids (B, T) to logits (B, T, V)."""

    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.width)
        self.hidden = nn.Linear(config.width, config.width)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.width, config.vocab_size, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.dropout(torch.tanh(self.hidden(self.embedding(ids)))))


def make_tiny(seed: int = 0, **fields: float) -> TinyModel:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return TinyModel(TinyConfig(**fields))  # type: ignore[arg-type]


def make_ids(n: int = 3000, vocab_size: int = 24, seed: int = 0) -> Tensor:
    """Return ids in which each token depends on the one before, with noise, so that there is something to learn."""
    generator = torch.Generator().manual_seed(seed)
    jumps = torch.randint(0, 3, (n,), generator=generator)
    return torch.cumsum(jumps, 0) % vocab_size
