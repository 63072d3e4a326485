"""The run that is ten times larger than any of the sweep: predicted first, then made.

The prediction is part of the job. A plan is written to the journal before its first job begins, so that the record
shows what was predicted before anybody could know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from utils.experiments.recording.design import Run
from utils.experiments.scaling import plan
from utils.experiments.scaling.runs import ScalingJob, train_scaling_run
from utils.experiments.scaling.sweep_laws import LATE_FLOPS, bootstrap_of, finished, from_budget
from utils.training.scaling_laws import compute_optimal


@dataclass(frozen=True)
class LargerJob:
    """A run and what the law of the sweep says about it.

    Attributes:
        width, tokens, lr, seed: as in `ScalingJob`.
        predicted_loss: by the law fitted to the whole sweep, nats per token.
        predicted_low, predicted_high: 95% interval over resampled runs; the noise of a single run is not in it.
        late_loss, late_low, late_high: the same by the law fitted to the budgets from `LATE_FLOPS` on.
    """

    width: int
    tokens: int
    lr: float
    seed: int
    predicted_loss: float
    predicted_low: float
    predicted_high: float
    late_loss: float
    late_low: float
    late_high: float


def larger_jobs(sweep: Sequence[Run], rule: plan.LearningRateRule) -> list[LargerJob]:
    """Return the run at `LARGER_FLOPS`, of the width whose size is nearest to the best that the law predicts."""
    table = finished(sweep)
    best, _ = compute_optimal(plan.LARGER_FLOPS, bootstrap_of(table).law)
    width = min(range(16, 257, 16), key=lambda one: abs(plan.parameters(one) - best))
    tokens = plan.tokens_for(plan.LARGER_FLOPS, width)
    predictions: list[float] = []
    for bootstrap in (bootstrap_of(table), bootstrap_of(from_budget(table, LATE_FLOPS))):
        predicted = bootstrap.interval(lambda law: law(plan.parameters(width), tokens))
        predictions += [round(predicted.mean, 5), round(predicted.low, 5), round(predicted.high, 5)]
    return [LargerJob(width, tokens, rule(width, tokens), 0, *predictions)]


def train_larger_run(job: LargerJob) -> dict[str, Any]:
    """Make the run; the prediction plays no part in it."""
    return train_scaling_run(ScalingJob(job.width, job.tokens, job.lr, job.seed))
