"""What generation needs of a model, and how any model can give it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from utils.decoding.cached import CachedDecoder, check_prompts
from utils.decoding.fused import can_fuse
from utils.decoding.projections import Weights
from utils.models.gpt import GPT
from utils.models.recurrent_lm import RecurrentLM


class Decoder(Protocol):
    """A model that remembers what it has read.

    `room` is the number of further steps before the context is full.
    """

    @property
    def room(self) -> int: ...

    def prefill(self, prompts: Sequence[Sequence[int]], reserve: int = 0) -> Tensor:
        """Read prompts and return the logits (B, V) of their next tokens."""

    def step(self, ids: Tensor) -> Tensor:
        """Append ids (B,) and return the logits (B, V) of the next tokens."""

    def select(self, rows: Sequence[int]) -> None:
        """Continue with these rows, in this order; a row may be left out or repeated."""


class UncachedDecoder:
    """Any callable ids (B, T) -> logits (B, T, V), read again from the start at every step.

    Slow, and right for everything: learners' models, models of other libraries, the reference in tests.

    Args:
        model: called with one batch of rows of equal length at a time.
        context_length: most positions the model takes.
        vocab_size: number of ids.
    """

    def __init__(self, model: Callable[[Tensor], Tensor], context_length: int, vocab_size: int) -> None:
        self.model, self.context_length, self.vocab_size = model, context_length, vocab_size
        self.texts: list[list[int]] = []
        parameters = model.parameters() if isinstance(model, nn.Module) else iter(())
        self.device = next((p.device for p in parameters), torch.device("cpu"))

    @property
    def room(self) -> int:
        """Number of further steps before the longest row fills the context."""
        return self.context_length - max(map(len, self.texts), default=0)

    @torch.inference_mode()
    def _logits(self) -> Tensor:
        by_length: dict[int, list[int]] = {}
        for row, text in enumerate(self.texts):
            by_length.setdefault(len(text), []).append(row)
        found: dict[int, Tensor] = {}
        for rows in by_length.values():
            ids = torch.tensor([self.texts[row] for row in rows], device=self.device)
            found.update(zip(rows, self.model(ids)[:, -1], strict=True))
        return torch.stack([found[row] for row in range(len(self.texts))])

    def prefill(self, prompts: Sequence[Sequence[int]], reserve: int = 0) -> Tensor:
        """Read prompts and return the logits (B, V) of their next tokens."""
        check_prompts(prompts, self.vocab_size, self.context_length)
        self.texts = [list(prompt) for prompt in prompts]
        return self._logits()

    def step(self, ids: Tensor) -> Tensor:
        """Append ids (B,) and return the logits (B, V) of the next tokens."""
        if ids.shape != (len(self.texts),):
            raise ValueError(f"ids must have the shape {(len(self.texts),)}, not {tuple(ids.shape)}")
        if self.room < 1:
            raise ValueError(f"the context of {self.context_length} positions is full")
        for text, token in zip(self.texts, ids.tolist(), strict=True):
            text.append(token)
        return self._logits()

    def select(self, rows: Sequence[int]) -> None:
        """Continue with these rows, in this order."""
        self.texts = [list(self.texts[row]) for row in rows]


class RecurrentDecoder:
    """A model with `initial_state` and `step`: linear attention, state spaces, hybrids.

    Prompts are read position by position; rows of different lengths keep their own states until all are read.
    """

    def __init__(self, model: RecurrentLM) -> None:
        self.model = model
        self.read: list[int] = []
        self.state: list[Any] = []

    @property
    def room(self) -> int:
        """Number of further steps before the longest row fills the context."""
        return self.model.config.context_length - max(self.read, default=0)

    @torch.inference_mode()
    def prefill(self, prompts: Sequence[Sequence[int]], reserve: int = 0) -> Tensor:
        """Read prompts and return the logits (B, V) of their next tokens."""
        config, device = self.model.config, self.model.embedding.weight.device
        check_prompts(prompts, config.vocab_size, config.context_length)
        states, logits = [], []
        for prompt in prompts:
            state = self.model.initial_state(1)
            for token in prompt:
                last, state = self.model.step(torch.tensor([token], device=device), state)
            states.append(state)
            logits.append(last)
        if len({len(prompt) for prompt in prompts}) == 1:
            # One state for all rows, so that every further step is one step.
            states = [_joined(states)]
        self.read = [len(prompt) for prompt in prompts]
        self.state = states
        return torch.cat(logits)

    @torch.inference_mode()
    def step(self, ids: Tensor) -> Tensor:
        """Append ids (B,) and return the logits (B, V) of the next tokens."""
        if ids.shape != (len(self.read),):
            raise ValueError(f"ids must have the shape {(len(self.read),)}, not {tuple(ids.shape)}")
        if self.room < 1:
            raise ValueError(f"the context of {self.model.config.context_length} positions is full")
        parts = ids.split(1) if len(self.state) == len(ids) else [ids]
        results = [self.model.step(part, state) for part, state in zip(parts, self.state, strict=True)]
        self.state = [state for _, state in results]
        self.read = [length + 1 for length in self.read]
        return torch.cat([logits for logits, _ in results])

    def select(self, rows: Sequence[int]) -> None:
        """Continue with these rows, in this order."""
        if len(self.state) == len(self.read):
            self.state = [self.state[row] for row in rows]
        else:
            self.state = [_picked(self.state[0], torch.tensor(list(rows)))]
        self.read = [self.read[row] for row in rows]


def _joined(states: Sequence[Any]) -> Any:
    """Return states of one row each, tensors nested in tuples or lists, as one state of all rows."""
    if isinstance(states[0], Tensor):
        return torch.cat(list(states))
    return type(states[0])(_joined(parts) for parts in zip(*states, strict=True))


def _picked(state: Any, rows: Tensor) -> Any:
    """Return some rows of a state."""
    if isinstance(state, Tensor):
        return state[rows.to(state.device)]
    return type(state)(_picked(part, rows) for part in state)


_CACHE: weakref.WeakKeyDictionary[nn.Module, dict[Weights, tuple[Any, CachedDecoder]]] = weakref.WeakKeyDictionary()


def _fingerprint(model: nn.Module) -> tuple[tuple[int, float], ...]:
    """Return what changes when the model's weights do: where each lies, and its sum."""
    with torch.no_grad():
        return tuple((p.data_ptr(), float(p.sum(dtype=torch.float32))) for p in model.parameters())


def decoder_for(model: nn.Module, weights: Weights = "float32") -> Decoder:
    """Return the fastest decoder that the model allows.

    A GPT of plain transformer blocks gets a `CachedDecoder`, kept until the model changes or goes; a recurrent
    model goes on from its state; any other model with a `config` is read again at every step.

    Raises:
        ValueError: `weights` is "int8" for a model that cannot be cached, or the model has no config.
    """
    if isinstance(model, GPT) and model.positions is None and all(can_fuse(b) for b in model.blocks):
        kept = _CACHE.setdefault(model, {})
        fingerprint = _fingerprint(model)
        if weights not in kept or kept[weights][0] != fingerprint:
            kept[weights] = (fingerprint, CachedDecoder(model, weights))
        return kept[weights][1]
    if isinstance(model, RecurrentLM) and weights == "float32":
        return RecurrentDecoder(model)
    config = getattr(model, "config", None)
    if config is None:
        raise ValueError(f"a {type(model).__name__} has no config: wrap it in UncachedDecoder")
    if weights != "float32":
        raise ValueError(f"weights {weights!r} need plain transformer blocks, not a {type(model).__name__}")
    return UncachedDecoder(model, config.context_length, config.vocab_size)
