"""From logits to the next token: transformations that compose, then one draw.

    sampler = Temperature(0.7) | TopK(50) | TopP(0.9)
    ids = sampler(logits)                       # (...) from (..., V)
    result = generate(model, prompts, 40, sampler.seeded(0))

A tensor of logits that holds NaN or +inf, or a row in which every token is -inf, raises ValueError everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from utils.decoding.arguments import instance_of, real_number, whole_number
from utils.decoding.ranking import (
    BLOCK,
    ROUNDING,
    SORTED,
    check_logits,
    check_maximum,
    keep_first,
    keep_mass,
    largest,
    row_maximum,
)

Choose = Callable[[Tensor], Tensor]


def greedy(logits: Tensor) -> Tensor:
    """Return the ids (...) of the largest logits (..., V), the first of equal ones.

    Raises:
        ValueError: the logits hold NaN or +inf, or a row in which every token is -inf.
    """
    check_logits(logits)
    best = logits.max(-1)
    # One number to look at: a decoding step of a small model takes less time than a few checks.
    if not math.isfinite(best.values.sum()):
        check_maximum(best.values)
    return best.indices


def draw(logits: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Draw ids (...) from softmax(logits (..., V)), never one whose logit is -inf.

    A large vocabulary is drawn from in two steps, first a block of tokens and then a token of the block. That takes two
    random numbers; `torch.multinomial` takes one for every token, and nearly all of its time for them.

    Raises:
        ValueError: the logits hold NaN or +inf, or a row in which every token is -inf; or `generator` is none.
    """
    check_logits(logits)
    if generator is not None:
        instance_of(generator, "generator", torch.Generator)
    exact = logits if logits.dtype == torch.float64 else logits.float()
    weights = exact.softmax(-1).flatten(0, -2) if logits.ndim > 1 else exact.softmax(-1)[None]
    N, V = weights.shape
    chances = torch.rand((2, N, 1), dtype=torch.float64, device=logits.device, generator=generator)
    if V <= SORTED:
        places = _pick(weights, chances[0], logits)
        return places.view(logits.shape[:-1])
    whole = V // BLOCK * BLOCK
    blocks = weights[:, :whole].unflatten(-1, (-1, BLOCK)).sum(-1)
    if whole < V:
        blocks = torch.cat((blocks, weights[:, whole:].sum(-1, keepdim=True)), -1)
    tokens = _pick(blocks, chances[0], logits) * BLOCK + torch.arange(BLOCK, device=logits.device)
    inside = weights.gather(-1, tokens.clamp_max(V - 1)).masked_fill_(tokens >= V, 0.0)
    places = tokens.gather(-1, _pick(inside, chances[1], logits))
    return places.view(logits.shape[:-1])


def _pick(weights: Tensor, chances: Tensor, logits: Tensor) -> Tensor:
    """Return the places (N, 1) where the running sum of weights (N, M) passes the chances (N, 1) of its total."""
    running = weights.cumsum(-1, dtype=torch.float64)
    total = running[:, -1:]
    if not torch.isfinite(total).all():
        check_maximum(logits.amax(-1))
    # Strictly below the total, whatever the rounding: a place of weight 0 is never passed at.
    goal = torch.minimum(chances * total, torch.nextafter(total, torch.zeros_like(total)))
    return torch.searchsorted(running, goal, right=True)


class Sampler:
    """A transformation of logits that can be chained with `|` and called to draw a token.

    `Temperature(0.7) | TopP(0.9)` applies the temperature first. `sampler(logits)` draws with torch's global
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
        """Return a callable logits -> ids that draws with its own generator.

        Raises:
            ValueError: the seed is no whole number of 64 bits.
        """
        seed = whole_number(seed, "seed", -(2**63), 2**64 - 1)
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

    def __post_init__(self) -> None:
        for name, sampler in (("first", self.first), ("second", self.second)):
            instance_of(sampler, name, Sampler)

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
        temperature = real_number(self.temperature, "temperature")
        if not 0 <= temperature < math.inf:
            raise ValueError(f"temperature must be finite and not negative, not {temperature}")
        object.__setattr__(self, "temperature", temperature)

    def transform(self, logits: Tensor) -> Tensor:
        """Return logits / temperature, of the same shape.

        Where the quotient is too large for the numbers' type, the largest logit of each row is taken off before the
        division: the distribution is the same, and the largest logits of a row then are 0.
        """
        top = row_maximum(logits)
        if self.temperature == 0:
            best = logits.argmax(-1, keepdim=True)
            return torch.full_like(logits, -math.inf).scatter(-1, best, top)
        if self.temperature >= torch.finfo(logits.dtype).tiny and torch.isfinite(top / self.temperature).all():
            return logits / self.temperature
        below = (logits.double() - top) / self.temperature
        # 0 times the reciprocal of a tiny number need not be 0.
        return torch.where(logits == top, 0.0, below).to(logits.dtype)


@dataclass(frozen=True)
class TopK(Sampler):
    """Keep the k most likely tokens (Fan et al., 2018), exactly k: of equal ones the lower ids stay.

    `transformers` keeps every token that ties with the k-th; otherwise the two agree.

    Raises:
        ValueError: k is no whole number of at least 1.
    """

    k: int

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "k", whole_number(self.k, "k", 1))
        except ValueError:
            raise ValueError(f"k must be a whole number of at least 1, not {self.k!r}") from None

    def transform(self, logits: Tensor) -> Tensor:
        """Return logits (..., V) with all but the k largest of each row at -inf; k >= V keeps all."""
        check_logits(logits)
        if self.k >= logits.shape[-1]:
            row_maximum(logits)
            return logits.clone()
        rows = logits.reshape(-1, logits.shape[-1])
        # One more than stay, to see whether the last to stay has an equal that does not.
        values, places = largest(rows, self.k + 1)
        check_maximum(values[:, 0])
        return keep_first(rows, values, places, torch.full_like(places[:, :1], self.k)).view_as(logits)


@dataclass(frozen=True)
class TopP(Sampler):
    """Keep the smallest set of most likely tokens whose probability reaches p, the nucleus (Holtzman et al., 2020).

    At least one token stays, and p = 1 keeps all. Of equally likely tokens the lower ids come first; `transformers`
    takes those as its sort leaves them. Probabilities are float32 sums: a set that misses p by less than 1e-6 has
    reached it. Otherwise the two agree.

    Raises:
        ValueError: p is not above 0, or above 1.
    """

    p: float

    def __post_init__(self) -> None:
        p = real_number(self.p, "p")
        if not 0 < p <= 1:
            raise ValueError(f"p must lie above 0 and at most at 1, not {p}")
        object.__setattr__(self, "p", p)

    def transform(self, logits: Tensor) -> Tensor:
        """Return logits (..., V) with all tokens outside of the nucleus at -inf."""
        top = row_maximum(logits)
        if self.p == 1:
            return logits.clone()
        return keep_mass(logits.reshape(-1, logits.shape[-1]), top.reshape(-1, 1), self.p).view_as(logits)


@dataclass(frozen=True)
class MinP(Sampler):
    """Keep the tokens with at least min_p times the probability of the likeliest (Nguyen et al., 2024).

    0 keeps all, 1 only the likeliest and its equals. Agrees with `transformers`; a probability that misses the border
    by less than float32 can tell (a part in a million) stays.

    Raises:
        ValueError: min_p lies outside [0, 1].
    """

    min_p: float

    def __post_init__(self) -> None:
        min_p = real_number(self.min_p, "min_p")
        if not 0 <= min_p <= 1:
            raise ValueError(f"min_p must lie between 0 and 1, not {min_p}")
        object.__setattr__(self, "min_p", min_p)

    def transform(self, logits: Tensor) -> Tensor:
        """Return logits (..., V) with all tokens below the border at -inf."""
        top = row_maximum(logits)
        if self.min_p == 0:
            return logits.clone()
        # A ratio of probabilities is a difference of logits: no softmax is needed.
        border = top.to(torch.promote_types(logits.dtype, torch.float32)) + (math.log(self.min_p) - ROUNDING)
        return torch.where(logits >= border, logits, -math.inf)
