"""Rotary angles for more positions than a model was first trained on: three published ways to slow the rotations down.

A pair of features that turns once in a few tokens tells near positions apart and can stay as it is; one that turns
once in thousands meets angles it never saw. Linear scaling slows all pairs alike (Chen et al., 2023), YaRN the slow
pairs only and makes scores a little larger (Peng et al., 2023), and Llama 3.1 the slow pairs only (Grattafiori et
al., 2024, and the released code).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from utils.arguments import one_of, real_number, truth, whole_number

KINDS = ("linear", "yarn", "llama3")


@dataclass(frozen=True, kw_only=True)
class RopeScaling:
    """How a model's rotary angles are scaled.

    Args:
        kind: "linear", "yarn" or "llama3".
        factor: how many times longer the context becomes; the slowest pair turns that many times slower.
        original_context: positions before the extension; needed by "yarn" and "llama3".
        beta_fast, beta_slow: YaRN leaves pairs alone that turn more often than `beta_fast` times in the original
            context and slows those fully that turn less often than `beta_slow` times.
        attention_factor: YaRN's factor on queries and keys each; None means 0.1 ln(factor) + 1.
        truncate: YaRN's bounds are rounded outwards to whole pairs.
        low_freq_factor, high_freq_factor: Llama 3's counterparts of `beta_slow` and `beta_fast`.

    Raises:
        ValueError: an unknown kind, or a number out of range.
    """

    kind: str
    factor: float
    original_context: int | None = None
    beta_fast: float = 32.0
    beta_slow: float = 1.0
    attention_factor: float | None = None
    truncate: bool = True
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0

    def __post_init__(self) -> None:
        one_of("rope_scaling.kind", self.kind, KINDS)
        truth("rope_scaling.truncate", self.truncate)
        numbers = ["factor", "beta_fast", "beta_slow", "low_freq_factor", "high_freq_factor"]
        if self.attention_factor is not None:
            numbers.append("attention_factor")
        for name in numbers:
            number = float(real_number(f"rope_scaling.{name}", getattr(self, name), above=0))
            object.__setattr__(self, name, number)
        if self.kind != "linear":
            if self.original_context is None:
                raise ValueError(f"rope_scaling.original_context must be given for the kind {self.kind}, not None")
            context = whole_number("rope_scaling.original_context", self.original_context, least=1)
            object.__setattr__(self, "original_context", context)
        if self.high_freq_factor <= self.low_freq_factor:
            raise ValueError(
                f"rope_scaling.high_freq_factor {self.high_freq_factor} must be above"
                f" low_freq_factor {self.low_freq_factor}"
            )

    @property
    def amplitude(self) -> float:
        """Factor on rotated queries and on rotated keys; scores grow with its square."""
        if self.kind != "yarn":
            return 1.0
        if self.attention_factor is not None:
            return self.attention_factor
        return yarn_amplitude(self.factor)


def yarn_amplitude(factor: float, weight: float = 1.0) -> float:
    """Return 0.1 `weight` ln(factor) + 1, and 1 where the context does not grow (Peng et al., 2023, equation 22)."""
    factor, weight = real_number("factor", factor, above=0), real_number("weight", weight)
    return 1.0 if factor <= 1 else 0.1 * weight * math.log(factor) + 1.0


def rotary_frequencies(
    head_dim: int, base: float, scaling: RopeScaling | None = None, device: torch.device | None = None
) -> Tensor:
    """Return the angle that each pair of features turns by from one position to the next, (head_dim / 2,) in float64.

    Raises:
        ValueError: head_dim is odd or not positive, or the base not positive.
    """
    head_dim = whole_number("head_dim", head_dim, least=2)
    if head_dim % 2:
        raise ValueError(f"head_dim must be even, not {head_dim}")
    base = real_number("base", base, above=0)
    exponents = torch.arange(0, head_dim, 2, dtype=torch.float64, device=device) / head_dim
    plain = base**-exponents
    if scaling is None:
        return plain
    if scaling.kind == "linear":
        return plain / scaling.factor
    kept = _yarn_kept(plain, base, scaling) if scaling.kind == "yarn" else _llama3_kept(plain, scaling)
    return kept * plain + (1 - kept) * plain / scaling.factor


def _yarn_kept(plain: Tensor, base: float, scaling: RopeScaling) -> Tensor:
    """Return for each pair the share of its own frequency that it keeps, falling linearly in the pair's number."""
    pairs, context = len(plain), scaling.original_context
    assert context is not None

    def pair_that_turns(times: float) -> float:
        """Return the (fractional) number of the pair that turns so many times in the original context."""
        return pairs * math.log(context / (times * 2 * math.pi)) / math.log(base)

    low, high = pair_that_turns(scaling.beta_fast), pair_that_turns(scaling.beta_slow)
    if scaling.truncate:
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, 2 * pairs - 1)
    if low == high:
        high += 0.001
    numbers = torch.arange(pairs, dtype=plain.dtype, device=plain.device)
    return 1 - ((numbers - low) / (high - low)).clamp(0, 1)


def _llama3_kept(plain: Tensor, scaling: RopeScaling) -> Tensor:
    """Return the share of its own frequency that each pair keeps, linear in its turns in the original context."""
    assert scaling.original_context is not None
    turns = scaling.original_context * plain / (2 * math.pi)
    return ((turns - scaling.low_freq_factor) / (scaling.high_freq_factor - scaling.low_freq_factor)).clamp(0, 1)
