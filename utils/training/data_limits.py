"""When text runs out: the year in which use overtakes stock, and what repeated text is still worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from utils.training.scaling_laws.law import _require_positive, as_law


def exhaustion_year(stock: float, used: float, stock_growth: float, used_growth: float, start_year: float) -> float:
    """Return when use overtakes stock, both growing by a factor a year; `inf` when it never does.

    Args:
        stock: tokens of text there are in the start year.
        used: tokens that the largest training set uses in the start year.
        stock_growth, used_growth: factors per year; 1.07 is growth by 7%.
        start_year: as a number; parts of a year count.

    Raises:
        ValueError: a stock, use or factor is not positive.
    """
    values = {"stock": stock, "used": used, "stock_growth": stock_growth, "used_growth": used_growth}
    for name, value in values.items():
        _require_positive(name, value)
    if not math.isfinite(start_year):
        raise ValueError(f"start_year must be a year, not {start_year}")
    if used >= stock:
        return float(start_year)
    if used_growth <= stock_growth:
        return math.inf
    return start_year + math.log(stock / used) / (math.log(used_growth) - math.log(stock_growth))


# Muennighoff et al. (2023), appendix: fitted on models of up to 9 billion parameters.
MUENNIGHOFF_EPOCHS = 15.39


def effective_tokens(unique_tokens: float, epochs: float, lasting_epochs: float = MUENNIGHOFF_EPOCHS) -> float:
    """Return what repeated text is worth in new text: U + U R* (1 - exp(-(epochs - 1) / R*)).

    Muennighoff et al. (2023), equation 5. Few repetitions are nearly as good as new text; R* = `lasting_epochs` is
    where a further one has lost 1 - 1/e of its worth, and U (1 + R*) is all that can be got out of U tokens.

    Args:
        unique_tokens: U.
        epochs: passes over the text in all, at least 1.
        lasting_epochs: R*.

    Raises:
        ValueError: a number is not positive, or there is less than one epoch.
    """
    unique, lasting = (
        _require_positive("unique_tokens", unique_tokens),
        _require_positive("lasting_epochs", lasting_epochs),
    )
    if not (math.isfinite(epochs) and epochs >= 1):
        raise ValueError(f"epochs must be at least 1, not {epochs}: new text is seen once")
    return unique * (1 + lasting * -math.expm1(-(epochs - 1) / lasting))


@dataclass(frozen=True)
class RepetitionFit:
    """R* and the root mean square of the differences in log loss that it leaves."""

    lasting_epochs: float
    residual: float


def fit_repetition(
    n_params: Sequence[float],
    unique_tokens: Sequence[float],
    epochs: Sequence[float],
    losses: Sequence[float],
    law: Any,
) -> RepetitionFit:
    """Fit R* to runs on repeated text, with the law of new text given.

    Raises:
        ValueError: the lists differ in length, no run has more than one epoch, or the law lacks one of its numbers.
    """
    known = as_law(law)
    columns = [np.asarray(column, dtype=float) for column in (n_params, unique_tokens, epochs, losses)]
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise ValueError(f"the lists must be of one length, not {', '.join(str(column.size) for column in columns)}")
    sizes, unique, passes, measured = columns
    if not (passes > 1).any():
        raise ValueError("epochs holds no run of more than one epoch: nothing is repeated")

    def residual(log_lasting: float) -> float:
        lasting = math.exp(log_lasting)
        worth = [effective_tokens(u, e, lasting) for u, e in zip(unique, passes, strict=True)]
        predicted = known.E + known.A * sizes**-known.alpha + known.B * np.array(worth) ** -known.beta
        return float(np.sqrt(np.mean((np.log(predicted) - np.log(measured)) ** 2)))

    found = minimize_scalar(residual, bounds=(math.log(0.01), math.log(1000)), method="bounded")
    return RepetitionFit(math.exp(found.x), float(found.fun))
