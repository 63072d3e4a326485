"""Two tasks that tell architectures apart, learned by small models of equal size.

Associative recall shows pairs of a key and a value, then asks for the value of each key (Graves et al., 2014; Fu et
al., 2023). Selective copying scatters a few symbols among noise and asks for them in order (Gu and Dao, 2023): a
model has to decide, symbol by symbol, what to remember.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from utils.decoding.arguments import finite_number, instance_of, whole_number
from utils.decoding.checked import check_fields, checked
from utils.models.config import ModelConfig
from utils.models.recurrent_lm import (
    RecurrentLM,
    gated_state_space_lm,
    hybrid_lm,
    linear_attention_lm,
    selective_lm,
    state_bytes,
    state_space_lm,
)
from utils.training.loop import train
from utils.training.losses import mean_loss
from utils.training.tiny import tiny_training_config

IGNORED = -100


@checked
def transformer_lm(config: ModelConfig) -> RecurrentLM:
    """Return a language model with attention in every layer."""
    return RecurrentLM(config, [None] * config.n_layers)


ARCHITECTURES: dict[str, Callable[[ModelConfig], RecurrentLM]] = {
    "transformer": transformer_lm,
    "linear attention": linear_attention_lm,
    "fixed state space": state_space_lm,
    "gated state space": gated_state_space_lm,
    "selective state space": selective_lm,
    "hybrid": partial(hybrid_lm, attention_every=2),
}
"""From a name to what builds the model; the hybrid has attention in every second layer."""


@checked
def of_equal_size(architecture: str, config: ModelConfig) -> ModelConfig:
    """Return the config with the d_ff that gives an architecture about the parameters of a transformer of `config`.

    Raises:
        ValueError: the architecture is unknown, or larger than the transformer with no MLP at all.
    """
    if architecture not in ARCHITECTURES:
        raise ValueError(f"architecture is {architecture!r}, and must be one of {', '.join(ARCHITECTURES)}")
    target = _size(transformer_lm(config))
    least = _size(ARCHITECTURES[architecture](replace(config, d_ff=1)))
    per_unit = config.n_layers * (3 if config.gated else 2) * config.d_model
    d_ff = 1 + round((target - least) / per_unit)
    if d_ff < 1:
        raise ValueError(
            f"d_ff {config.d_ff} is too small: {architecture} alone has more parameters than the transformer"
        )
    return replace(config, d_ff=d_ff)


def _size(model: RecurrentLM) -> int:
    return sum(p.numel() for p in model.parameters())


@dataclass(frozen=True)
class AssociativeRecall:
    """Pairs of a key and a value, one token each pair, then the keys alone in another order: which value had it?

    Attributes:
        n_pairs: pairs to remember.
        n_keys, n_values: different keys and values; ids are the pairs, then the keys, then the values (targets only).
    """

    n_pairs: int = 6
    n_keys: int = 8
    n_values: int = 8

    def __post_init__(self) -> None:
        check_fields(self, n_pairs=1, n_keys=1, n_values=1)
        if self.n_pairs > self.n_keys:
            raise ValueError(
                f"n_pairs is {self.n_pairs}, and there are {self.n_keys} keys: each pair has one of its own"
            )

    @property
    def vocab_size(self) -> int:
        """Number of ids."""
        return self.n_keys * self.n_values + self.n_keys + self.n_values

    @property
    def length(self) -> int:
        """Positions of an input."""
        return 2 * self.n_pairs

    def draw(self, batch_size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return inputs (B, T), and targets (B, T) that count where a key is asked for."""
        batch_size = _checked_draw(batch_size, generator)
        keys = torch.rand((batch_size, self.n_keys), generator=generator).argsort(1)[:, : self.n_pairs]
        values = torch.randint(self.n_values, keys.shape, generator=generator)
        order = torch.rand(keys.shape, generator=generator).argsort(1)
        n_pair_ids = self.n_keys * self.n_values
        ids = torch.cat((keys * self.n_values + values, n_pair_ids + keys.gather(1, order)), 1)
        targets = torch.full_like(ids, IGNORED)
        targets[:, self.n_pairs :] = n_pair_ids + self.n_keys + values.gather(1, order)
        return ids, targets


@dataclass(frozen=True)
class SelectiveCopying:
    """A few symbols scattered among noise, then marks in whose places the symbols are due, in order.

    Attributes:
        n_copied: symbols to copy.
        n_noise: noise tokens between them, at random places.
        n_symbols: different symbols.
        fixed_places: put the symbols first and all noise after them, so that nothing has to be selected.
    """

    n_copied: int = 4
    n_noise: int = 12
    n_symbols: int = 8
    fixed_places: bool = False

    def __post_init__(self) -> None:
        check_fields(self, n_copied=1, n_noise=0, n_symbols=1)

    @property
    def vocab_size(self) -> int:
        """Number of ids: symbols, noise, mark."""
        return self.n_symbols + 2

    @property
    def length(self) -> int:
        """Positions of an input."""
        return 2 * self.n_copied + self.n_noise

    def draw(self, batch_size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return inputs (B, T), and targets (B, T) that count at the marks."""
        batch_size = _checked_draw(batch_size, generator)
        symbols = torch.randint(self.n_symbols, (batch_size, self.n_copied), generator=generator)
        shown = self.n_copied + self.n_noise
        places = torch.rand((batch_size, shown), generator=generator).argsort(1)[:, : self.n_copied].sort(1).values
        if self.fixed_places:
            places = torch.arange(self.n_copied).expand(batch_size, -1)
        first = torch.full((batch_size, shown), self.n_symbols).scatter(1, places, symbols)
        ids = torch.cat((first, torch.full((batch_size, self.n_copied), self.n_symbols + 1)), 1)
        targets = torch.full_like(ids, IGNORED)
        targets[:, shown:] = symbols
        return ids, targets


Task = AssociativeRecall | SelectiveCopying


def _checked_draw(batch_size: int, generator: torch.Generator) -> int:
    """Return the batch size; raise ValueError for one below 1, or for what is no generator."""
    instance_of(generator, "generator", torch.Generator)
    return whole_number(batch_size, "batch_size", 1)


@dataclass(frozen=True)
class TaskRun:
    """One small model to train on a task.

    Attributes:
        task: what to learn.
        architecture: one of `ARCHITECTURES`.
        seed: initial weights and examples.
        steps, batch_size: optimiser steps, and fresh examples in each.
        n_layers, d_model, n_heads, d_ff: shape of the transformer; other architectures get another d_ff, for as
            many parameters.
        lr, muon_lr: peak learning rates.
        device: where the model trains.
    """

    task: Task
    architecture: str
    seed: int
    steps: int = 200
    batch_size: int = 32
    n_layers: int = 2
    d_model: int = 32
    n_heads: int = 2
    d_ff: int = 96
    lr: float = 0.01
    muon_lr: float = 0.04
    device: str = "cpu"

    def __post_init__(self) -> None:
        check_fields(self, seed=0, steps=1, batch_size=1, n_layers=1, d_model=1, n_heads=1, d_ff=1)
        for name in ("lr", "muon_lr"):
            finite_number(getattr(self, name), name, 0.0)
        if self.architecture not in ARCHITECTURES:
            raise ValueError(f"architecture is {self.architecture!r}, and must be one of {', '.join(ARCHITECTURES)}")


@dataclass(frozen=True)
class TaskResult:
    """What a run reached.

    Attributes:
        architecture, seed: of the run.
        accuracy: share of the asked symbols that were right, on fresh examples.
        loss: nats per asked symbol.
        parameters: size of the model.
        memory: bytes of what the model keeps of one example when it has read it all, in float32.
    """

    architecture: str
    seed: int
    accuracy: float
    loss: float
    parameters: int
    memory: int


@checked
def train_on_task(run: TaskRun) -> TaskResult:
    """Train the model of a run and measure it on 512 fresh examples."""
    config = ModelConfig(
        n_layers=run.n_layers,
        d_model=run.d_model,
        n_heads=run.n_heads,
        d_ff=run.d_ff,
        vocab_size=run.task.vocab_size,
        context_length=run.task.length,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        model = ARCHITECTURES[run.architecture](of_equal_size(run.architecture, config)).to(run.device)

    def batches(step: int) -> tuple[Tensor, Tensor]:
        return run.task.draw(run.batch_size, torch.Generator().manual_seed(1_000_003 * run.seed + step))

    train(model, batches, tiny_training_config(run.steps, run.lr, run.muon_lr), show_progress=False)
    inputs, targets = run.task.draw(512, torch.Generator().manual_seed(-1 - run.seed))
    model.eval()
    with torch.no_grad():
        asked = targets != IGNORED
        guesses = model(inputs.to(run.device)).argmax(-1).cpu()
        accuracy = (guesses[asked] == targets[asked]).float().mean().item()
    return TaskResult(
        architecture=run.architecture,
        seed=run.seed,
        accuracy=accuracy,
        loss=mean_loss(model, [(inputs, targets)]),
        parameters=_size(model),
        memory=memory_after(model.cpu(), run.task.length),
    )


@checked
@torch.no_grad()
def memory_after(model: RecurrentLM, length: int) -> int:
    """Return the bytes of a model's decoding state after `length` positions of one row."""
    whole_number(length, "length", 0)
    state = model.initial_state(1)
    for _ in range(length):
        _, state = model.step(torch.zeros(1, dtype=torch.long), state)
    return state_bytes(state)
