"""One run of the scaling sweep: a small transformer on whole documents of one world, its loss beside the world's own.

Design choices:
- All models have two blocks and differ in width alone; N counts every parameter. Input and output embedding are one
  matrix, so that each parameter works once per token in a product and 6 N D holds for embeddings too.
- Every run sees new text: nothing is repeated, so that D counts different tokens.
- The batch grows with the square root of D: a short run needs many steps more than it needs large batches.
- The schedule is a cosine to a tenth of the peak that ends with the run (Hoffmann et al., 2022); `read_at` reads the
  loss of a run in its middle, where its schedule has not ended, for the control that does this wrong.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from utils.experiments.scaling.packed import PackedBatches, PackedText, pack_documents
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.training.config import TrainingConfig
from utils.training.loop import TrainingDivergedError, train
from utils.training.losses import mean_loss
from utils.training.threads import one_thread
from utils.world import World

CONTEXT = 64
N_LAYERS = 2
HEAD_DIM = 8
TARGETS_PER_ROW = 57.5  # of 64, measured: the rest is padding, because documents are whole
HELD_OUT_TOKENS = 60_000
# By the world's convention 1 is for tuning and 2 for testing; training texts begin at 100, one for each seed.
TUNING_TEXT, TEST_TEXT, FIRST_TRAINING_TEXT = 1, 2, 100
# The world: facts about 2,000 people whose popularity falls as 1 / rank, so that there is always more to learn.
WORLD_OPTIONS: dict[str, Any] = {
    "seed": 0, "n_people": 2000, "n_towns": 50, "max_facts": 2, "mix": {"profile": 1},
}  # fmt: skip


@dataclass(frozen=True)
class ScalingJob:
    """One run.

    Attributes:
        width: D of the model; with two blocks it fixes N.
        tokens: what it trains on, D of the law; the run takes the nearest whole number of steps.
        lr: peak learning rate of AdamW.
        seed: initial weights, and which text.
        held_out: number of the text to measure on, `TUNING_TEXT` or `TEST_TEXT`.
        read_at: numbers of tokens at which the loss is read on the way, before the schedule has ended.
    """

    width: int
    tokens: int
    lr: float
    seed: int = 0
    held_out: int = TEST_TEXT
    read_at: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in ("width", "tokens", "lr"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, not {getattr(self, name)}")
        if any(not 0 < point < self.tokens for point in self.read_at):
            raise ValueError(f"read_at is {self.read_at}, and each point must lie between 0 and tokens, {self.tokens}")


@lru_cache(maxsize=1)
def scaling_world() -> World:
    """Return the world of the sweep."""
    return World(**WORLD_OPTIONS)


def model_config(width: int) -> ModelConfig:
    """Return the shape of the model of a width: heads of 8 dimensions, an MLP of 8/3 of the width."""
    return ModelConfig(
        n_layers=N_LAYERS,
        d_model=width,
        n_heads=max(width // HEAD_DIM, 1),
        d_ff=4 * round(2 * width / 3),
        vocab_size=len(scaling_world().vocabulary),
        context_length=CONTEXT,
    )


def batch_rows(tokens: int) -> int:
    """Return the rows in a batch of a run on `tokens` tokens."""
    return max(round(math.sqrt(tokens) / 70), 2)


_texts: dict[int, PackedText] = {}


def _training_text(seed: int, n_rows: int) -> PackedText:
    """Return a text of a seed with at least `n_rows` rows; the rows of a longer text begin with those of a shorter.

    `CONTEXT` tokens for each row are more than a row can hold, so that there are rows enough.
    """
    if seed not in _texts or len(_texts[seed].inputs) < n_rows:
        _texts.clear()  # one text at a time: the longest takes 200 MB
        _texts[seed] = pack_documents(scaling_world(), CONTEXT * n_rows, CONTEXT, FIRST_TRAINING_TEXT + seed)
    return _texts[seed]


@lru_cache(maxsize=2)
def held_out_text(number: int = TEST_TEXT) -> PackedText:
    """Return the documents that runs are measured on."""
    return pack_documents(scaling_world(), HELD_OUT_TOKENS, CONTEXT, number)


def train_scaling_run(job: ScalingJob) -> dict[str, Any]:
    """Train and measure the model of a job, with one thread.

    Returns:
        parameters: N. tokens: D, counted. steps. seconds. diverged.
        loss: on held-out documents, nats per token; log V where the run diverged.
        world_loss: what the world's own probabilities reach on the same documents.
        readings: for each point of `read_at`: [tokens, loss].
    """
    rows = batch_rows(job.tokens)
    per_step = rows * TARGETS_PER_ROW
    steps = max(round(job.tokens / per_step), 2)
    text = _training_text(job.seed, steps * rows)
    held_out = held_out_text(job.held_out)
    evaluation = PackedBatches(held_out, 64, 0).epoch_in_batches()
    config = TrainingConfig(steps=steps, lr=job.lr, warmup_steps=max(steps // 20, 1), weight_decay=0.0, seed=job.seed)
    readings: list[list[float]] = []
    wanted = {max(round(point / per_step), 1) for point in job.read_at}
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        model = GPT(model_config(job.width))
        # Only the rows that the run will see: the same whatever longer text they stand in.
        seen = PackedText(text.inputs[: steps * rows], text.targets[: steps * rows], 0, 0.0, 0)
        batches = PackedBatches(seen, rows, job.seed)

        def batches_and_readings(step: int) -> tuple[Tensor, Tensor]:
            if step in wanted:
                readings.append([round(step * per_step), mean_loss(model, evaluation)])
            return batches(step)

        start = time.process_time()
        try:
            result = train(
                model,
                batches_and_readings,
                config,
                evaluate=lambda trained: mean_loss(trained, evaluation),
                show_progress=False,
            )
            loss, tokens, diverged = result.validation_loss, result.history[-1].targets, False
        except TrainingDivergedError:
            loss, tokens, diverged = None, round(steps * per_step), True
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "tokens": tokens,
        "steps": steps,
        "loss": math.log(model.config.vocab_size) if loss is None else loss,
        "world_loss": held_out.entropy,
        "readings": readings,
        "diverged": diverged,
        "seconds": time.process_time() - start,
    }
