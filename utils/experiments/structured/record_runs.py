"""How finetuning for a format goes: what a model of the world has learned after so many steps, masked or not."""

from __future__ import annotations

from dataclasses import dataclass

from utils.decoding.arguments import whole_number
from utils.decoding.checked import check_fields, checked
from utils.experiments.structured.structured_outputs import RecordWriter, single, world_pairs, world_writer
from utils.posttraining.finetuning import finetune
from utils.training.base_models import base_world, load_base_model
from utils.world import RecordTask, draw_record_tasks


@dataclass(frozen=True)
class RecordJob:
    """One finetuning run on records.

    Attributes:
        seed: of the notes and their order.
        steps: optimiser steps in all.
        measured_at: steps after which the model is measured.
        n_tasks: notes to train on.
        n_test: notes to measure on, the same for all jobs.
        base, batch_size, lr, muon_lr: as in `finetune`.
        kinds: of records.
    """

    seed: int
    steps: int
    measured_at: tuple[int, ...]
    n_tasks: int = 2000
    n_test: int = 40
    base: str = "world-small"
    batch_size: int = 16
    lr: float = 0.005
    muon_lr: float = 0.02
    kinds: tuple[str, ...] = ("visit", "notice")

    def __post_init__(self) -> None:
        check_fields(self, seed=0, steps=1, measured_at=0, n_tasks=1, n_test=1, batch_size=1)


@dataclass(frozen=True)
class RecordPoint:
    """Shares over the notes: valid and field accuracy without a mask, field accuracy with one."""

    step: int
    valid: float
    accuracy: float
    masked_accuracy: float


@checked
def measure(writer: RecordWriter, tasks: list[RecordTask], step: int) -> RecordPoint:
    """Measure a writer with and without its mask."""
    if not tasks:
        raise ValueError("tasks is empty: there is nothing to measure")
    whole_number(step, "step", 0)
    free, masked = single("free", writer.write(tasks)), single("masked", writer.write(tasks, constrained=True))
    return RecordPoint(step, float(free.valid.mean()), float(free.accuracy.mean()), float(masked.accuracy.mean()))


@checked
def finetune_on_records(job: RecordJob) -> list[RecordPoint]:
    """Finetune a base model on records and measure it along the way, before the first step too."""
    world, model = base_world(), load_base_model(job.base)
    pairs = world_pairs(world, draw_record_tasks(world, job.n_tasks, seed=1000 + job.seed, kinds=job.kinds))
    tasks = draw_record_tasks(world, job.n_test, seed=999, kinds=job.kinds)
    writer = world_writer(model, world)
    points = [measure(writer, tasks, 0)]
    due = sorted(set(job.measured_at))
    done = 0

    def evaluate(_: object) -> float:
        nonlocal done
        done += 1
        if done in due:
            model.eval()
            points.append(measure(writer, tasks, done))
        return 0.0

    finetune(
        model,
        pairs,
        steps=job.steps,
        batch_size=job.batch_size,
        lr=job.lr,
        muon_lr=job.muon_lr,
        seed=job.seed,
        evaluate=evaluate,
        evaluate_every=1,
        show_progress=False,
    )
    return points
