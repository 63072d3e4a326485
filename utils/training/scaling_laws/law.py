"""The parametric scaling law: an irreducible loss, and one power law each in parameters and in tokens."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

NUMBERS = ("E", "A", "B", "alpha", "beta")


@dataclass(frozen=True)
class ScalingLaw:
    """L(N, D) = E + A / N**alpha + B / D**beta, in nats per token (Hoffmann et al., 2022, equation 2).

    Attributes:
        E: irreducible loss, the entropy of the text.
        A, alpha: what a model of finite size misses.
        B, beta: what training on finitely many tokens misses.

    Raises:
        ValueError: a number is not finite, or not above 0 (E may be 0).
    """

    E: float
    A: float
    B: float
    alpha: float
    beta: float

    def __post_init__(self) -> None:
        if self.E != 0:
            _require_positive("law.E", self.E)
        for name in NUMBERS[1:]:
            _require_positive(f"law.{name}", getattr(self, name))

    def __call__(self, n_params: float, n_tokens: float) -> float:
        """Return the predicted loss."""
        return predicted_loss(n_params, n_tokens, self)


def as_law(law: Any) -> ScalingLaw:
    """Return a law from anything that has its five numbers, as attributes or as keys.

    Raises:
        ValueError: one of them is missing, or not a positive number.
    """
    if isinstance(law, ScalingLaw):
        return law
    values = {}
    for name in NUMBERS:
        found = law.get(name) if isinstance(law, Mapping) else getattr(law, name, None)
        if found is None:
            raise ValueError(f"law has no {name}: a scaling law needs {', '.join(NUMBERS)}, and law is {law!r}")
        values[name] = found
    return ScalingLaw(**values)


@overload
def predicted_loss(n_params: float, n_tokens: float, law: Any) -> float: ...
@overload
def predicted_loss(n_params: np.ndarray, n_tokens: np.ndarray | float, law: Any) -> np.ndarray: ...
@overload
def predicted_loss(n_params: float, n_tokens: np.ndarray, law: Any) -> np.ndarray: ...


def predicted_loss(n_params: Any, n_tokens: Any, law: Any) -> Any:
    """Return E + A / N**alpha + B / D**beta.

    Args:
        n_params: N, a number or an array.
        n_tokens: D, a number or an array.
        law: anything with E, A, B, alpha and beta.

    Raises:
        ValueError: a size is not positive, or the law lacks one of its numbers.
    """
    known = as_law(law)
    sizes = _require_sizes("n_params", n_params)
    tokens = _require_sizes("n_tokens", n_tokens)
    loss = known.E + known.A * sizes**-known.alpha + known.B * tokens**-known.beta
    return float(loss) if loss.ndim == 0 else loss


def _require_sizes(name: str, values: float | Sequence[float] | np.ndarray) -> np.ndarray:
    """Return sizes as floats; refuse what is not above 0 or not finite."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number or an array of numbers, not {values!r}") from None
    flat = np.atleast_1d(array).ravel()
    wrong = flat[~(np.isfinite(flat) & (flat > 0))]
    if wrong.size:
        raise ValueError(f"{name} must be positive and finite, not {wrong[0]:g}")
    return array


def _require_positive(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating | np.integer):
        raise ValueError(f"{name} must be a number, not {value!r}")
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be positive and finite, not {value:g}")
    return float(value)


# As published. Besiroglu et al. (2024) refitted the points of the paper's figure and got E 1.8172, A 482.01, B 2085.43,
# alpha 0.3478, beta 0.3658.
CHINCHILLA = ScalingLaw(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
