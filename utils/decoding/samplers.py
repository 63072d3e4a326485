"""From logits to the next token: transformations that compose, then one draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Choose = Callable[[Tensor], Tensor]


def greedy(logits: Tensor) -> Tensor:
    """Return the ids (B,) of the largest logits (B, V), the first of equal ones."""
    return logits.argmax(-1)


def draw(logits: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Draw ids (...) from softmax(logits (..., V)), never one whose logit is -inf.

    Dividing by exponential numbers and taking the largest is a race that token i wins with probability p_i;
    it is several times as fast as `torch.multinomial` on a large vocabulary.

    Raises:
        ValueError: a row holds NaN, or only -inf.
    """
    probabilities = logits.softmax(-1)
    if not torch.isfinite(probabilities[..., 0]).all():
        raise ValueError("logits hold NaN, or a row in which every token is -inf")
    times = torch.empty_like(probabilities).exponential_(generator=generator)
    return probabilities.div_(times).argmax(-1)


class Sampler:
    """A transformation of logits that can be chained with `|` and called to draw a token.

    `Temperature(0.7) | other` applies the temperature first. `sampler(logits)` draws with torch's global
    generator, `sampler.seeded(seed)` is a callable with a generator of its own.
    """

    def transform(self, logits: Tensor) -> Tensor:
        """Return new logits (..., V); the given ones stay as they are."""
        raise NotImplementedError

    def __call__(self, logits: Tensor) -> Tensor:
        """Return ids (...) drawn from the transformed logits (..., V)."""
        return draw(self.transform(logits))

    def __or__(self, after: Sampler) -> Chain:
        return Chain(self, after)

    def seeded(self, seed: int) -> Choose:
        """Return a callable logits -> ids that draws with its own generator."""
        generators: dict[torch.device, torch.Generator] = {}

        def choose(logits: Tensor) -> Tensor:
            if logits.device not in generators:
                generators[logits.device] = torch.Generator(logits.device).manual_seed(seed)
            return draw(self.transform(logits), generators[logits.device])

        return choose


@dataclass(frozen=True)
class Chain(Sampler):
    """Two samplers, one after the other."""

    first: Sampler
    second: Sampler

    def transform(self, logits: Tensor) -> Tensor:
        """Return the second's transformation of the first's."""
        return self.second.transform(self.first.transform(logits))


@dataclass(frozen=True)
class Temperature(Sampler):
    """Divide logits by a temperature; 0 leaves only the first largest logit of each row.

    Raises:
        ValueError: the temperature is negative or not finite.
    """

    temperature: float

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < float("inf"):
            raise ValueError(f"temperature must be finite and not negative, not {self.temperature}")

    def transform(self, logits: Tensor) -> Tensor:
        """Return logits / temperature, of the same shape."""
        if self.temperature > 0:
            return logits / self.temperature
        best = logits.argmax(-1, keepdim=True)
        return torch.full_like(logits, float("-inf")).scatter(-1, best, logits.gather(-1, best))
