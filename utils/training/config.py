"""How one model is trained: every choice that a run depends on, in one frozen and serialisable record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

OPTIMISERS = ("adamw", "muon")
SCHEDULES = ("cosine", "linear", "constant")
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class TrainingConfig:
    """The choices of a training run.

    Two runs with the same config, model weights and batches end in the same weights on one machine.

    Attributes:
        steps: number of optimiser steps.
        lr: peak learning rate of AdamW, which trains every parameter that Muon does not.
        optimiser: ``"adamw"``, or ``"muon"`` for the hidden matrices with AdamW for the rest.
        muon_lr: peak learning rate of Muon; an update has a root mean square of about ``muon_lr`` / sqrt(columns).
        schedule: shape of the decay after the warm-up: ``"cosine"``, ``"linear"`` or ``"constant"``.
        warmup_steps: steps of linear growth from nearly 0 to the peak.
        final_lr_fraction: learning rate at the last step as a fraction of the peak (not for ``"constant"``).
        weight_decay: decoupled decay of parameters with two or more dimensions.
        beta1, beta2, epsilon: AdamW's constants.
        momentum: Muon's Nesterov momentum.
        gradient_clip: largest norm of the whole gradient; 0 does not clip.
        evaluate_every: steps between evaluations; 0 evaluates after the last step only.
        checkpoint_every: steps between checkpoints; 0 writes one after the last step only.
        precision: ``"auto"`` is bfloat16 autocast on a GPU that supports it and float32 elsewhere.
        seed: source of all chance inside a step (dropout, for instance). Batches carry their own seed.
    """

    steps: int
    lr: float = 3e-3
    optimiser: str = "adamw"
    muon_lr: float = 0.02
    schedule: str = "cosine"
    warmup_steps: int = 0
    final_lr_fraction: float = 0.1
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    epsilon: float = 1e-8
    momentum: float = 0.95
    gradient_clip: float = 1.0
    evaluate_every: int = 0
    checkpoint_every: int = 0
    precision: str = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        _one_of("optimiser", self.optimiser, OPTIMISERS)
        _one_of("schedule", self.schedule, SCHEDULES)
        _one_of("precision", self.precision, PRECISIONS)
        for name in ("steps", "lr", "muon_lr", "epsilon"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, not {getattr(self, name)!r}")
        for name in ("seed", "warmup_steps", "weight_decay", "gradient_clip", "evaluate_every", "checkpoint_every"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be 0 or more, not {getattr(self, name)!r}")
        for name in ("beta1", "beta2", "momentum"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must be in [0, 1), not {getattr(self, name)!r}")
        if not 0 <= self.final_lr_fraction <= 1:
            raise ValueError(f"final_lr_fraction must be in [0, 1], not {self.final_lr_fraction!r}")
        if self.warmup_steps >= self.steps:
            raise ValueError(f"warmup_steps ({self.warmup_steps}) must be below steps ({self.steps})")

    def to_dict(self) -> dict[str, Any]:
        """Return the choices as plain data, ready for JSON."""
        return asdict(self)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
