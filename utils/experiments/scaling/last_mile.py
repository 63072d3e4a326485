"""Row 50: what each further step of loss costs, under a law and as measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.training.scaling_laws import as_law, flops_for_loss, inference_optimal


@dataclass(frozen=True)
class LossStep:
    """The factors by which a step from one loss to a lower one multiplies what is needed under a law.

    Attributes:
        tokens: the text, where model and text grow together as is best. It is also the least that the law allows, that
            of a model so large that its size costs no loss: at the optimum both terms shrink by one factor.
        flops: the compute at that optimum.
    """

    tokens: float
    flops: float


def loss_step(before: float, after: float, law: Any) -> LossStep:
    """Return what a step of loss costs.

    Raises:
        ValueError: the loss does not fall, or a loss is at or below the law's E.
    """
    if not before > after:
        raise ValueError(f"after ({after}) must be below before ({before})")
    known = as_law(law)
    tokens = inference_optimal(after, 0.0, known)[1] / inference_optimal(before, 0.0, known)[1]
    return LossStep(tokens, flops_for_loss(after, known) / flops_for_loss(before, known))


def measured_frontier(flops: Sequence[float], losses: Sequence[float]) -> list[tuple[float, float]]:
    """Return the lowest loss of each budget, runs within 10% of compute taken together; budgets rise.

    Raises:
        ValueError: lists of different lengths, or fewer than two budgets.
    """
    if len(flops) != len(losses):
        raise ValueError(f"flops has {len(flops)} entries and losses {len(losses)}: they must be as many")
    order = np.argsort(flops, kind="stable")
    found: list[tuple[float, float]] = []
    for index in order:
        spent, loss = float(flops[index]), float(losses[index])
        if found and spent < 1.1 * found[-1][0]:
            found[-1] = (found[-1][0], min(found[-1][1], loss))
        else:
            found.append((spent, loss))
    if len(found) < 2:
        raise ValueError(f"flops holds {len(found)} budget: a step between two is needed")
    return found


def judge_last_mile(steps: Sequence[LossStep], gains: Sequence[float]) -> str:
    """Return whether 3.4 to 2.8 nats takes about ten times the text, and the last steps cost most.

    Args:
        steps: that step under several laws.
        gains: loss won by each equal factor of compute in our own runs, in order.

    Holds: under every law the text grows by 5 to 20 times, and our gains fall. In part: our gains fall, the factor is
    another one. Does not hold: the last gain is no smaller than the first.

    Raises:
        ValueError: no step, or fewer than two gains.
    """
    if not steps or len(gains) < 2:
        raise ValueError(f"steps has {len(steps)} and gains {len(gains)} entries: one and two are needed at least")
    if gains[-1] >= gains[0]:
        return "does not hold"
    return "holds" if all(5 <= step.tokens <= 20 for step in steps) else "holds in part"
