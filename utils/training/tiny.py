"""Language models so small that an experiment can train dozens of them while you wait.

They read bytes, so that any text in any script goes in and no tokenizer favours one corpus; their loss is given in
bits per byte and per character, which compare between texts. One thread, one or two seconds each: what such a model
learns in that time is spelling, frequent words and the form of the text, not facts.

    jobs = [LanguageModelJob(data=text, held_out={"clean": other}, tokens=60_000, seed=seed) for seed in range(5)]
    results = run_sweep(train_language_model, jobs)
    results[0].bits_per_byte["clean"]
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from utils.arguments import instance, real_number, shown, whole_number
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.training.batches import TokenBatches, consecutive_batches
from utils.training.config import TrainingConfig
from utils.training.loop import train
from utils.training.losses import mean_loss

BYTES = 256


@dataclass(frozen=True)
class LanguageModelJob:
    """One tiny language model to train.

    Attributes:
        data: the text to train on; it is repeated when it holds fewer than `tokens` bytes.
        held_out: texts to measure the model on, by name.
        tokens: bytes to train on, repetitions included: the compute of the run.
        seed: initial weights and order of the data.
        label: what the notebook calls this condition.
        n_layers, d_model, n_heads: shape of the transformer.
        context: bytes that the model sees at most, in training and in measuring.
        batch_size: windows of `context` bytes in a step.
        lr, muon_lr: peak learning rates, tuned for the default shape.

    Raises:
        ValueError: a text is none, or a number no positive one of its kind.
    """

    data: str = field(repr=False)
    held_out: Mapping[str, str] = field(repr=False)
    tokens: int
    seed: int
    label: str = ""
    n_layers: int = 1
    d_model: int = 64
    n_heads: int = 4
    context: int = 32
    batch_size: int = 16
    lr: float = 0.02
    muon_lr: float = 0.04

    def __post_init__(self) -> None:
        instance("data", self.data, str, "a text")
        for name, text in instance("held_out", self.held_out, Mapping, "texts by name").items():  # type: ignore[type-abstract]
            if not isinstance(text, str):
                raise ValueError(f"held_out must hold texts, and {name!r} is {shown(text)}")
        whole_number("seed", self.seed, least=0)
        for name in ("tokens", "n_layers", "d_model", "n_heads", "context", "batch_size"):
            whole_number(name, getattr(self, name), least=1)
        for name in ("lr", "muon_lr"):
            real_number(name, getattr(self, name), above=0)


@dataclass(frozen=True)
class LanguageModelResult:
    """What a tiny language model reached.

    Attributes:
        label, seed: of the job.
        bits_per_byte: loss on each held-out text, in bits per byte of its UTF-8.
        bits_per_character: the same total in bits per character, to compare scripts of several bytes a letter.
        parameters: size of the model.
        tokens: bytes that it was trained on, repetitions included.
        epochs: how often it saw its data.
    """

    label: str
    seed: int
    bits_per_byte: dict[str, float]
    bits_per_character: dict[str, float]
    parameters: int
    tokens: int
    epochs: float


def train_language_model(job: LanguageModelJob) -> LanguageModelResult:
    """Train the model of a job and measure it on the job's held-out texts.

    Raises:
        ValueError: the data are too short for one batch, or a held-out text for one prediction.
    """
    ids = byte_ids(instance("job", job, LanguageModelJob).data)
    batches = TokenBatches(ids, job.batch_size, job.context, seed=job.seed)
    steps = max(job.tokens // (job.batch_size * job.context), 1)
    model = tiny_gpt(BYTES, job.context, job.seed, job.n_layers, job.d_model, job.n_heads)
    train(model, batches, tiny_training_config(steps, job.lr, job.muon_lr), show_progress=False)
    bits = {}
    for name, text in job.held_out.items():
        bits[name] = mean_loss(model, consecutive_batches(byte_ids(text), 64, job.context)) / math.log(2)
    tokens = steps * job.batch_size * job.context
    return LanguageModelResult(
        label=job.label,
        seed=job.seed,
        bits_per_byte=bits,
        bits_per_character={n: b * len(job.held_out[n].encode()) / len(job.held_out[n]) for n, b in bits.items()},
        parameters=sum(p.numel() for p in model.parameters()),
        tokens=tokens,
        epochs=tokens / len(ids),
    )


def byte_ids(text: str) -> torch.Tensor:
    """Return the UTF-8 bytes of a text as ids (N,) from 0 to 255; what UTF-8 cannot write raises ValueError."""
    instance("text", text, str, "a text")
    return torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8).long() if text else torch.zeros(0).long()


def tiny_gpt(vocab_size: int, context: int, seed: int, n_layers: int = 1, d_model: int = 64, n_heads: int = 4) -> GPT:
    """Return a small transformer whose initial weights depend on the seed alone.

    Raises:
        ValueError: as `ModelConfig`, or the seed is no whole number.
    """
    seed = whole_number("seed", seed, least=0)
    config = ModelConfig(
        n_layers=n_layers, d_model=d_model, n_heads=n_heads, vocab_size=vocab_size, context_length=context
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return GPT(config)


def tiny_training_config(steps: int, lr: float, muon_lr: float) -> TrainingConfig:
    """Return what makes the most of a hundred steps: Muon, high rates, linear decay to 0, no weight decay.

    Raises:
        ValueError: as `TrainingConfig`.
    """
    steps = whole_number("steps", steps, least=1)
    return TrainingConfig(
        steps=steps,
        lr=lr,
        optimiser="muon",
        muon_lr=muon_lr,
        schedule="linear",
        warmup_steps=min(5, steps - 1),
        final_lr_fraction=0.0,
        weight_decay=0.0,
        beta1=0.8,
        momentum=0.85,  # a run of a hundred steps has no time for a long memory
    )
