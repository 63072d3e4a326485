"""The best use of compute under a scaling law: for training alone, with inference counted, and per step of loss."""

from __future__ import annotations

import math
from typing import Any

from scipy.optimize import brentq

from utils.training.scaling_laws.law import ScalingLaw, _require_positive, as_law


def optimal_exponent(law: Any) -> float:
    """Return a of N_opt proportional to C**a: beta / (alpha + beta); that of D_opt is 1 - a."""
    known = as_law(law)
    return known.beta / (known.alpha + known.beta)


def compute_optimal(flops: float, law: Any) -> tuple[float, float]:
    """Return the parameters and tokens with the lowest predicted loss under 6 N D = flops.

    The derivative of the loss along the budget is 0 where alpha A / N**alpha = beta B / D**beta (Hoffmann et al., 2022,
    equation 4).

    Raises:
        ValueError: flops is not positive, or the law lacks one of its numbers.
    """
    known = as_law(law)
    budget = _require_positive("flops", flops)
    # In logarithms: A and B differ by orders of magnitude, and their powers would overflow.
    log_balance = math.log(known.alpha * known.A) - math.log(known.beta * known.B)
    log_n = (log_balance + known.beta * math.log(budget / 6)) / (known.alpha + known.beta)
    n_params = math.exp(log_n)
    return n_params, budget / (6 * n_params)


def inference_optimal(target_loss: float, inference_tokens: float, law: Any) -> tuple[float, float]:
    """Return the parameters and tokens that reach a loss with the fewest FLOP in training and inference together.

    Minimises 6 N D + 2 N inference_tokens at L(N, D) = target_loss (Sardana et al., 2023).

    Args:
        target_loss: nats per token.
        inference_tokens: tokens that the model will read and write in its life; 0 gives the training optimum.
        law: anything with E, A, B, alpha and beta.

    Raises:
        ValueError: the target is at or below E, inference_tokens is negative, or the law lacks one of its numbers.
    """
    known = as_law(law)
    if not (math.isfinite(inference_tokens) and inference_tokens >= 0):
        raise ValueError(f"inference_tokens must be 0 or more, not {inference_tokens:g}")
    excess = _excess(target_loss, known)

    def sizes(share: float) -> tuple[float, float]:
        """log N and log D when the model's term has a share of the excess loss and the tokens' term the rest."""
        log_n = (math.log(known.A) - math.log(share * excess)) / known.alpha
        log_d = (math.log(known.B) - math.log((1 - share) * excess)) / known.beta
        return log_n, log_d

    def slope(logit: float) -> float:
        """A positive multiple of d log(cost) / d share; rises with the share, so it has one root."""
        share = 1 / (1 + math.exp(-logit))
        _, log_d = sizes(share)
        training = 6 * math.exp(min(log_d, 700.0))
        weight = training / (training + 2 * inference_tokens)
        return share * known.alpha * weight - (1 - share) * known.beta

    root = brentq(slope, -35.0, 35.0, xtol=1e-13)
    log_n, log_d = sizes(1 / (1 + math.exp(-root)))
    return math.exp(log_n), math.exp(log_d)


def flops_for_loss(loss: float, law: Any) -> float:
    """Return the fewest training FLOP that reach a loss.

    Raises:
        ValueError: the loss is at or below E, or the law lacks one of its numbers.
    """
    n_params, n_tokens = inference_optimal(loss, 0.0, law)
    return 6 * n_params * n_tokens


def tokens_for_loss(loss: float, n_params: float, law: Any) -> float:
    """Return the tokens with which a model of a size reaches a loss; `inf` when no number of tokens is enough.

    Raises:
        ValueError: the loss is at or below E, n_params is not positive, or the law lacks one of its numbers.
    """
    known = as_law(law)
    left = _excess(loss, known) - known.A * _require_positive("n_params", n_params) ** -known.alpha
    return (known.B / left) ** (1 / known.beta) if left > 0 else math.inf


def implied_exponent(loss_before: float, loss_after: float, factor: float, irreducible: float = 0.0) -> float:
    """Return the exponent of a power law whose excess loss falls this far while the data grow by a factor.

    Raises:
        ValueError: a loss is at or below the irreducible one, the loss does not fall, or the factor is not above 1.
    """
    if not loss_before > loss_after > irreducible:
        raise ValueError(
            f"loss_before ({loss_before}) must be above loss_after ({loss_after}), and both above {irreducible}"
        )
    if not factor > 1:
        raise ValueError(f"factor must be above 1, not {factor}")
    return math.log((loss_before - irreducible) / (loss_after - irreducible)) / math.log(factor)


def _excess(loss: float, law: ScalingLaw) -> float:
    if not (math.isfinite(loss) and loss > law.E):
        raise ValueError(f"a loss of {loss:g} cannot be reached: the law's irreducible loss E is {law.E:g}")
    return loss - law.E
