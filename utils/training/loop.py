"""The training loop: one for every model and stage of the course.

Design choices:
- The model is any module, the loss a function of model and batch: pretraining, finetuning and reward models share it.
- Everything that depends on chance or position is a function of the step number: batches by `batches(step)`, the
  learning rate by the schedule, dropout by reseeding from (seed, step). What must be saved for an exact resume is
  then only what the steps change: weights and optimiser state.
- Nothing replaces a checkpoint before losses, weights and optimiser state were seen to be finite, and a run goes on
  only with the data that it began with: the file keeps a hash of its last batch, and the batches' own fingerprint.
- Under `torchrun` every process computes its rows of the joint batch; the update equals the single-process one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from utils.arguments import called, file_path, instance
from utils.training import checkpoints, distributed
from utils.training.batches import Batches, describe_batches, tensors_of
from utils.training.config import TrainingConfig
from utils.training.losses import Loss, next_token_loss
from utils.training.optimisers import build_optimisers, set_learning_rates
from utils.training.progress import progress_bar
from utils.training.schedules import learning_rate_factor


class TrainingDivergedError(RuntimeError):
    """The loss or a weight is no longer a finite number; the message names the step."""


@dataclass(frozen=True)
class TrainingRecord:
    """One line of a run's history.

    Attributes:
        step: optimiser steps done.
        targets: counted targets (tokens) so far.
        seconds: time in the loop so far, evaluations included, all parts of a resumed run together.
        training_loss: mean loss of the steps since the record before.
        validation_loss: what `evaluate` returned; None without one.
    """

    step: int
    targets: int
    seconds: float
    training_loss: float
    validation_loss: float | None


@dataclass
class TrainingResult:
    """What a run did: its history, the loss of every step, and where it was resumed (step 0 for a whole run)."""

    history: list[TrainingRecord] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    resumed_from: int = 0

    @property
    def validation_loss(self) -> float | None:
        """The last evaluation."""
        return self.history[-1].validation_loss if self.history else None

    @property
    def seconds(self) -> float:
        """Time in the loop, all parts of a resumed run together."""
        return self.history[-1].seconds if self.history else 0.0


def train(
    model: nn.Module,
    batches: Batches,
    config: TrainingConfig,
    *,
    loss: Loss = next_token_loss,
    evaluate: Callable[[nn.Module], float] | None = None,
    checkpoint: str | Path | None = None,
    stop_when: Callable[[TrainingRecord], bool] | None = None,
    show_progress: bool | None = None,
    description: str = "training",
) -> TrainingResult:
    """Train `model` in place, on the device it is on.

    Args:
        model: any module; for the default loss one that maps ids (B, T) to logits (B, T, V).
        batches: tensors of a step, as a function of the step number; see `TokenBatches`.
        config: the choices of the run.
        loss: sum and count over a batch; default: next-token cross-entropy in nats.
        evaluate: called with the model every `config.evaluate_every` steps and after the last.
        checkpoint: file to save to every `config.checkpoint_every` steps and after the last; when it exists
            already, the run goes on from it, and ends in the weights that an undisturbed run would reach.
        stop_when: called with every record; True ends the run early.
        show_progress: show a progress bar; None: where somebody would see it.
        description: the bar's label.

    Raises:
        CheckpointError: `checkpoint` was written with another config, by another model, or with other batches.
        TrainingDivergedError: the loss or a weight became infinite or NaN; a checkpoint keeps its last good state.
        ValueError: an argument is of another kind, or a batch is no tuple of tensors.
    """
    instance("model", model, nn.Module, "a module")
    instance("config", config, TrainingConfig)
    for name, function in (("batches", batches), ("loss", loss), ("evaluate", evaluate), ("stop_when", stop_when)):
        if function is not None or name in ("batches", "loss"):
            called(name, function)
    run = _Run(model, batches, config, None if checkpoint is None else file_path("checkpoint", checkpoint))
    rank, _ = distributed.world()
    bar = progress_bar(config.steps, description, show_progress if rank == 0 else False, done=run.step, unit="step")
    batch_model = run.parallel()
    was_training = model.training
    model.train()
    try:
        with bar, _own_chance(run.device):
            while run.step < config.steps and not run.stopped:
                run.take_step(batch_model, loss)
                bar.update()
                last = run.step == config.steps
                if last or (config.evaluate_every and run.step % config.evaluate_every == 0):
                    record = run.record(evaluate)
                    shown = record.training_loss if record.validation_loss is None else record.validation_loss
                    bar.set_postfix(loss=f"{shown:.3f}")
                    if stop_when is not None:
                        run.stopped = distributed.first_ranks_choice(bool(stop_when(record)), run.device)
                due = config.checkpoint_every and run.step % config.checkpoint_every == 0
                if run.path is not None and (last or due or run.stopped):
                    run.save()
    finally:
        model.train(was_training)
    return run.result()


class _Run:
    """The state of a run between two steps, and what a step does to it."""

    def __init__(self, model: nn.Module, batches: Batches, config: TrainingConfig, path: Path | None) -> None:
        self.model, self.batches, self.config, self.path = model, batches, config, path
        self.optimisers = build_optimisers(model, config)
        self.device = next(model.parameters()).device
        self.last_batch: tuple[Tensor, ...] = ()
        self.step = self.resumed_from = self.verified = 0
        self.stopped = False
        self.history: list[TrainingRecord] = []
        # Tensors, read late: reading a number waits for the device, once per step would slow a GPU down.
        self.losses: list[Tensor] = []
        self.targets: list[Tensor] = []
        self.seconds_before = 0.0
        if path is not None and path.exists():
            self.load()
        self.started = time.perf_counter()

    def parallel(self) -> nn.Module:
        if distributed.world()[1] == 1:
            return self.model
        return nn.parallel.DistributedDataParallel(
            self.model, device_ids=[self.device.index] if self.device.type == "cuda" else None
        )

    def take_step(self, batch_model: nn.Module, loss: Loss) -> None:
        rank, processes = distributed.world()
        _seed_draws(_seed_of_step(self.config.seed, self.step, rank), self.device)
        set_learning_rates(self.optimisers, learning_rate_factor(self.step, self.config))
        self.last_batch = tensors_of(self.batches(self.step))
        batch = distributed.rows_of_rank(self.last_batch)
        with _precision(self.config.precision, self.device):
            total, count = loss(batch_model, *(tensor.to(self.device, non_blocking=True) for tensor in batch))
        joint_total, joint_count = distributed.summed(torch.stack([total.detach().double(), count.double()]))
        # DDP averages gradients over processes; a mean over the joint targets is their sum over all processes.
        (total * (processes / joint_count.clamp(min=1).to(total.dtype))).backward()
        if self.config.gradient_clip:
            trainable = [p for p in self.model.parameters() if p.grad is not None]
            nn.utils.clip_grad_norm_(trainable, self.config.gradient_clip)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.losses.append(joint_total / joint_count.clamp(min=1))
        self.targets.append(joint_count)
        self.step += 1

    def seconds(self) -> float:
        return self.seconds_before + time.perf_counter() - self.started

    def record(self, evaluate: Callable[[nn.Module], float] | None) -> TrainingRecord:
        self.require_finite()
        since = self.history[-1].step if self.history else 0
        training_loss = torch.stack(self.losses[since:]).mean().item()
        validation_loss = float(evaluate(self.model)) if evaluate is not None else None
        self.model.train()
        targets = int(torch.stack(self.targets).sum().item())
        record = TrainingRecord(self.step, targets, self.seconds(), training_loss, validation_loss)
        self.history.append(record)
        return record

    def require_finite(self) -> None:
        """Raise `TrainingDivergedError` unless all losses so far and the weights are finite; on every process alike."""
        losses = torch.stack(self.losses[self.verified :]).tolist() if self.step > self.verified else []
        for step, value in enumerate(losses, start=self.verified):
            if not math.isfinite(value):
                raise TrainingDivergedError(
                    f"the loss is {value} between step {step} and step {step + 1}; a lower lr may help"
                )
        # The loss of a step is that of the weights before it.
        broken = checkpoints.not_finite({n: p.detach() for n, p in self.model.named_parameters() if p.requires_grad})
        if broken is not None:
            raise TrainingDivergedError(f"{broken} is not finite after step {self.step}; a lower lr may help")
        self.verified = self.step

    def save(self) -> None:
        self.require_finite()
        if distributed.world()[0] != 0:
            return
        tensors = {f"model.{name}": tensor for name, tensor in checkpoints.state_tensors(self.model).items()}
        for i, optimiser in enumerate(self.optimisers):
            for parameter, state in optimiser.state_dict()["state"].items():
                for name, tensor in state.items():
                    tensors[f"optimiser.{i}.{parameter}.{name}"] = tensor.detach().cpu().contiguous()
        broken = checkpoints.not_finite({n: t for n, t in tensors.items() if n.startswith("optimiser.")})
        if broken is not None:
            raise TrainingDivergedError(f"{broken} is not finite after step {self.step}; a lower lr may help")
        tensors["run.losses"] = torch.stack(self.losses).cpu()
        tensors["run.targets"] = torch.stack(self.targets).cpu()
        metadata = {
            "model_config": checkpoints.model_config(self.model),
            "training_config": self.config.to_dict(),
            "step": self.step,
            "stopped": self.stopped,
            "batches": describe_batches(self.batches, self.last_batch),
            "seconds": self.seconds(),
            "history": [asdict(record) for record in self.history],
        }
        assert self.path is not None
        checkpoints.write(self.path, tensors, metadata)

    def load(self) -> None:
        assert self.path is not None
        tensors, metadata = checkpoints.read(self.path)
        if "training_config" not in metadata:
            raise checkpoints.CheckpointError(f"{self.path} holds a model's weights, but no run to go on with")
        for what, wanted in (
            ("model_config", checkpoints.model_config(self.model)),
            ("training_config", self.config.to_dict()),
        ):
            checkpoints.require_equal(self.path, what, metadata[what], wanted)
        self._require_same_batches(metadata)
        own = {n.removeprefix("model."): t for n, t in tensors.items() if n.startswith("model.")}
        checkpoints.load_state_tensors(self.path, self.model, own)
        for i, optimiser in enumerate(self.optimisers):
            state: dict[int, dict[str, Tensor]] = {}
            for name, tensor in tensors.items():
                kind, *place = name.split(".", 3)
                if kind == "optimiser" and int(place[0]) == i:
                    state.setdefault(int(place[1]), {})[place[2]] = tensor
            optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
        self.step = self.resumed_from = self.verified = metadata["step"]
        self.stopped = metadata["stopped"]
        self.seconds_before = metadata["seconds"]
        self.history = [TrainingRecord(**record) for record in metadata["history"]]
        self.losses = list(tensors["run.losses"].to(self.device))
        self.targets = list(tensors["run.targets"].to(self.device))

    def _require_same_batches(self, metadata: dict[str, Any]) -> None:
        """Raise `CheckpointError` when the run's data are not those that the checkpoint's last step was taken with."""
        found = metadata.get("batches")
        if found is None:  # a file from before batches were described
            return
        assert self.path is not None
        wanted = describe_batches(self.batches, self.batches(metadata["step"] - 1))
        # Only a description on both sides can be compared: a wrapped function may have none.
        if "fingerprint" in found and "fingerprint" in wanted:
            checkpoints.require_equal(self.path, "data set", found["fingerprint"], wanted["fingerprint"])
        for description in (found, wanted):
            description.pop("fingerprint", None)
        checkpoints.require_equal(self.path, f"batch at step {metadata['step'] - 1}", found, wanted)

    def result(self) -> TrainingResult:
        losses = torch.stack(self.losses).tolist() if self.losses else []
        return TrainingResult(self.history, losses, self.resumed_from)


def _seed_of_step(seed: int, step: int, rank: int) -> int:
    """Mix three numbers into one seed; distinct steps and ranks get streams of their own."""
    return int(np.random.SeedSequence([seed, step, rank]).generate_state(1, np.uint64)[0] >> 1)


def _seed_draws(seed: int, device: torch.device) -> None:
    """Seed what the model may draw from; as `torch.manual_seed`, without a queued call for each absent device."""
    if device.type == "cpu":
        # torch.manual_seed keeps a stack trace for a GPU that may yet start: a millisecond a step, and never freed.
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)


def _precision(precision: str, device: torch.device) -> AbstractContextManager[Any]:
    if precision == "auto":
        fast = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
        precision = "bfloat16" if fast else "float32"
    return torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()


@contextmanager
def _own_chance(device: torch.device) -> Iterator[None]:
    """Keep the run's draws apart from the caller's, and ask a GPU for deterministic kernels."""
    on_gpu = device.type == "cuda"
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    with torch.random.fork_rng([device] if on_gpu else []):
        if on_gpu:  # on a CPU the kernels of a transformer are deterministic as they are
            torch.use_deterministic_algorithms(True, warn_only=True)
        try:
            yield
        finally:
            if on_gpu:
                torch.use_deterministic_algorithms(before[0], warn_only=before[1])
