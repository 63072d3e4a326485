"""Learning rates over a run: a linear warm-up, then a decay."""

from __future__ import annotations

import math

from utils.arguments import instance, whole_number
from utils.training.config import TrainingConfig


def learning_rate_factor(step: int, config: TrainingConfig) -> float:
    """Return the factor on the peak learning rate at optimiser step `step` (0 is the first).

    The warm-up grows linearly and reaches the peak at step `warmup_steps` - 1; the last step of the run has
    `final_lr_fraction`. Cosine decay: Loshchilov and Hutter (2017).

    Raises:
        ValueError: a step outside of the run.
    """
    instance("config", config, TrainingConfig)
    step = whole_number("step", step)
    if not 0 <= step < config.steps:
        raise ValueError(f"step must be in [0, {config.steps}), not {step}")
    if step < config.warmup_steps:
        return (step + 1) / config.warmup_steps
    if config.schedule == "constant":
        return 1.0
    # The step before the decay is the peak, so a run without warm-up starts at the peak too.
    first = max(config.warmup_steps - 1, 0)
    progress = (step - first) / max(config.steps - 1 - first, 1)
    remaining = 1 - progress if config.schedule == "linear" else (1 + math.cos(math.pi * progress)) / 2
    return config.final_lr_fraction + (1 - config.final_lr_fraction) * remaining
