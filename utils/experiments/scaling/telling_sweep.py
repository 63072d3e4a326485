"""What the records of rows 48 and 52 found, as lines of text for the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from utils.experiments.recording.design import Run
from utils.training.scaling_laws import ScalingLaw


def law(fitted: ScalingLaw, found: Mapping[str, Any]) -> str:
    """Return the five numbers of a fitted law, and a line for each recorded interval (95%, runs resampled)."""
    lines = ["law       " + ", ".join(f"{name} {getattr(fitted, name):.4g}" for name in found["law"])]
    for name, (low, high) in found["law_intervals"].items():
        lines.append(f"  {name:5} between {low:.4g} and {high:.4g} (95%, runs resampled)")
    return "\n".join(lines)


def laws_by_smallest_budget(found: Mapping[str, Any]) -> str:
    """Return a line for each law fitted without the smaller budgets: E (nats per token) and the exponent of N."""
    lines = []
    for part in found["laws_by_smallest_budget"]:
        middle, low, high = part["E"]
        holds = low <= found["world_entropy"] <= high
        lines.append(
            f"fitted from {part['smallest_flops']:.0e} FLOP on, {part['runs']:3} runs: E {middle:.3f} "
            f"[{low:.3f}, {high:.3f}], holds the entropy: {holds}; exponent {part['exponent'][0]:.2f}"
        )
    return "\n".join(lines)


def approaches(found: Mapping[str, Any]) -> str:
    """Return a line an approach: the exponent of the best size, and tokens per parameter at the largest budget."""
    lines = []
    for one in found["approaches"]:
        low, high = one["exponent_interval"]
        least, most = one["tokens_per_parameter_interval"]
        lines.append(
            f"{one['approach']:10} N ~ C**{one['exponent']:.3f} [{low:.3f}, {high:.3f}], tokens per parameter at the "
            f"largest budget {one['tokens_per_parameter']:.0f} [{least:.0f}, {most:.0f}]"
        )
    return "\n".join(lines)


def larger_run(larger: Run) -> str:
    """Return the compute of the run beyond the sweep, and both predictions of its plan beside its loss."""
    job, outcome = larger.job, larger.result["loss"]
    flops = 6 * larger.result["parameters"] * larger.result["tokens"]
    lines = [f"{flops:.1e} FLOP, ten times the sweep's"]
    for name, middle, low, high in (
        ("law of all runs", job.predicted_loss, job.predicted_low, job.predicted_high),
        ("law from 1e11 FLOP on", job.late_loss, job.late_low, job.late_high),
    ):
        inside = "inside" if low <= outcome <= high else "outside"
        lines.append(
            f"{name:22} predicted {middle:.3f} [{low:.3f}, {high:.3f}], measured {outcome:.3f}: {inside} the "
            f"interval, off by {middle / outcome - 1:+.1%}"
        )
    return "\n".join(lines)


def wrong_schedule(found: Mapping[str, Any]) -> str:
    """Return how losses read before the end of a schedule differ from the law, and the exponent they would give."""
    bent = found["wrong_schedule"]
    return (
        f"read before the schedule has ended, {bent['readings_above_the_law']} of {bent['readings']} losses lie above "
        f"the law, by {bent['mean_excess_before_the_end']:.2f} nats; at the end by "
        f"{bent['mean_excess_at_the_end']:+.3f}\n"
        f"a law fitted to such readings gives an exponent of {bent['exponent_of_the_readings']:.2f}, the sweep "
        f"{found['exponent']:.2f}"
    )


def one_rate(found: Mapping[str, Any]) -> str:
    """Return for each width what the rate of another width costs, in nats per token."""
    rates = found["one_rate"]
    return "\n".join(
        f"width {width:2} with the rate that is best for width {rates['rate_best_for_width']}: {excess:+.3f} nats"
        for width, excess in zip(rates["widths"], rates["excess"], strict=True)
    )


def shares(searched: Mapping[str, Any]) -> str:
    """Return how the variance of the loss divides, and the strongest hyperparameters with their effects in nats."""
    divided = searched["shares"]
    lines = [
        f"shares of the variance: single {divided['single']:.1%}, pairs {divided['pairs']:.1%}, three or more "
        f"{divided['three or more'][0]:.2%}"
    ]
    for name, effect in searched["strongest"]:
        lines.append(f"  {name:38} {2 * effect:+.3f} nats from the first to the second value")
    return "\n".join(lines)


def regrets(searched: Mapping[str, Any]) -> str:
    """Return a line for each search: nats above the best combination by number of trainings."""
    lines = []
    for method, rows in searched["regrets"].items():
        told = ", ".join(f"{n}: {row[0]:.3f}" for n, row in zip(searched["budgets"], rows, strict=True))
        lines.append(f"{method:15} nats above the best by number of trainings: {told}")
    return "\n".join(lines)
