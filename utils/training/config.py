"""How one model is trained: every choice that a run depends on, in one frozen and serialisable record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from utils.arguments import one_of, real_number, whole_number

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

    Raises:
        ValueError: a choice that there is not, a count that is no whole number, or a number out of its range.
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
        one_of("optimiser", self.optimiser, OPTIMISERS)
        one_of("schedule", self.schedule, SCHEDULES)
        one_of("precision", self.precision, PRECISIONS)
        for name, least in (
            ("steps", 1),
            ("seed", 0),
            ("warmup_steps", 0),
            ("evaluate_every", 0),
            ("checkpoint_every", 0),
        ):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), least=least))
        bounds: tuple[tuple[tuple[str, ...], dict[str, float]], ...] = (
            (("lr", "muon_lr", "epsilon"), {"above": 0}),
            (("weight_decay", "gradient_clip"), {"least": 0}),
            (("beta1", "beta2", "momentum"), {"least": 0, "below": 1}),
            (("final_lr_fraction",), {"least": 0, "most": 1}),
        )
        for names, limits in bounds:
            for name in names:
                object.__setattr__(self, name, real_number(name, getattr(self, name), **limits))
        if self.warmup_steps >= self.steps:
            raise ValueError(f"warmup_steps ({self.warmup_steps}) must be below steps ({self.steps})")

    def to_dict(self) -> dict[str, Any]:
        """Return the choices as plain data, ready for JSON."""
        return asdict(self)
