"""Scaling laws: the parametric law of loss in parameters and tokens, its fit, and the best use of compute under it.

law         ScalingLaw(E, A, B, alpha, beta); predicted_loss(n_params, n_tokens, law); CHINCHILLA
fit         fit_scaling_law(n_params, n_tokens, losses); bootstrap_laws(...) -> LawBootstrap with .interval(...)
allocation  compute_optimal(flops, law), inference_optimal(target_loss, inference_tokens, law),
            flops_for_loss(loss, law), tokens_for_loss(loss, n_params, law), implied_exponent(...)
approaches  isoflop_minimum(n_params, losses), isoflop_budgets(...), the three approaches of Hoffmann et al. (2022)
"""

from utils.training.scaling_laws.allocation import (
    compute_optimal,
    flops_for_loss,
    implied_exponent,
    inference_optimal,
    optimal_exponent,
    tokens_for_loss,
)
from utils.training.scaling_laws.approaches import (
    Frontier,
    envelope_frontier,
    isoflop_budgets,
    isoflop_frontier,
    isoflop_minimum,
    parametric_frontier,
    three_frontiers,
)
from utils.training.scaling_laws.fit import LawBootstrap, bootstrap_laws, fit_scaling_law
from utils.training.scaling_laws.law import CHINCHILLA, ScalingLaw, as_law, predicted_loss

__all__ = [
    "CHINCHILLA",
    "Frontier",
    "LawBootstrap",
    "ScalingLaw",
    "as_law",
    "bootstrap_laws",
    "compute_optimal",
    "envelope_frontier",
    "fit_scaling_law",
    "flops_for_loss",
    "implied_exponent",
    "inference_optimal",
    "isoflop_budgets",
    "isoflop_frontier",
    "isoflop_minimum",
    "optimal_exponent",
    "parametric_frontier",
    "predicted_loss",
    "three_frontiers",
    "tokens_for_loss",
]
