"""How the gold reward rises and falls as a proxy is optimised (Gao, Schulman and Hilton, 2022).

With d the square root of KL(policy || reference) in nats: R(d) = d (alpha - beta d) for best of n, and
R(d) = d (alpha - beta log d) for reinforcement learning; R is the gain over the reference. Both are linear in alpha
and beta, so least squares finds them without a search.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FORMS = ("bon", "rl")


@dataclass(frozen=True)
class OveroptimisationFit:
    """A fitted curve.

    Attributes:
        form: "bon" or "rl".
        alpha, beta: the coefficients, in units of reward per root nat (and per nat for beta of "bon").
        r_squared: share of the rewards' variance that the curve explains; NaN when they do not vary.
    """

    form: str
    alpha: float
    beta: float
    r_squared: float

    def __call__(self, d: float) -> float:
        """Return the predicted gain at a distance d > 0."""
        return float((_columns(self.form, np.array([d])) @ [self.alpha, self.beta])[0])

    @property
    def peak(self) -> float:
        """The distance d at which the gain is largest; infinite for a curve that never falls (beta of 0 or below)."""
        if self.beta <= 0:
            return math.inf
        if self.form == "bon":
            return max(0.0, self.alpha / (2 * self.beta))
        return math.exp(self.alpha / self.beta - 1)


def fit_overoptimisation(form: str, kl: Sequence[float], gain: Sequence[float]) -> OveroptimisationFit:
    """Fit one of the two forms.

    Args:
        form: "bon" or "rl".
        kl: divergences from the reference in nats; points at 0 say nothing and are refused.
        gain: gold (or proxy) reward minus that of the reference.

    Raises:
        ValueError: another form, unequal numbers, fewer than 3 points, or a divergence that is not positive.
    """
    if form not in FORMS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}, not {form!r}")
    if len(kl) != len(gain) or len(kl) < 3:
        raise ValueError(f"kl and gain must be as many and at least 3 points, not {len(kl)} and {len(gain)}")
    if not min(kl) > 0:
        raise ValueError(f"kl must be positive, not {min(kl)}")
    columns, y = _columns(form, np.sqrt(np.asarray(kl, float))), np.asarray(gain, float)
    (alpha, beta), *_ = np.linalg.lstsq(columns, y, rcond=None)
    spread = ((y - y.mean()) ** 2).sum()
    left = ((y - columns @ [alpha, beta]) ** 2).sum()
    return OveroptimisationFit(form, float(alpha), float(beta), float(1 - left / spread) if spread else math.nan)


def _columns(form: str, d: np.ndarray) -> np.ndarray:
    """Return the two columns (N, 2) that alpha and beta multiply."""
    return np.stack([d, -(d**2) if form == "bon" else -d * np.log(d)], axis=1)
