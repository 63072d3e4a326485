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
from utils.experiments.scaling.sweep_laws import bootstrap_of, finished
from utils.training.scaling_laws import compute_optimal


@dataclass(frozen=True)
class LargerJob:
    """A run and what the law of the sweep says about it.

    Attributes:
        width, tokens, lr, seed: as in `ScalingJob`.
        predicted_loss: by the law fitted to the sweep, nats per token.
        predicted_low, predicted_high: 95% interval over resampled runs; the noise of a single run is not in it.
    """

    width: int
    tokens: int
    lr: float
    seed: int
    predicted_loss: float
    predicted_low: float
    predicted_high: float


def larger_jobs(sweep: Sequence[Run], rule: plan.LearningRateRule) -> list[LargerJob]:
    """Return the run at `LARGER_FLOPS`, of the width whose size is nearest to the best that the law predicts."""
    bootstrap = bootstrap_of(finished(sweep))
    best, _ = compute_optimal(plan.LARGER_FLOPS, bootstrap.law)
    widths = range(16, 257, 16)
    width = min(widths, key=lambda one: abs(plan.parameters(one) - best))
    tokens = plan.tokens_for(plan.LARGER_FLOPS, width)
    predicted = bootstrap.interval(lambda law: law(plan.parameters(width), tokens))
    return [
        LargerJob(
            width,
            tokens,
            rule(width, tokens),
            0,
            round(predicted.mean, 5),
            round(predicted.low, 5),
            round(predicted.high, 5),
        )
    ]


def train_larger_run(job: LargerJob) -> dict[str, Any]:
    """Make the run; the prediction plays no part in it."""
    return train_scaling_run(ScalingJob(job.width, job.tokens, job.lr, job.seed))
