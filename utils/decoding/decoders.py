"""What generation needs of a model, and how any model can give it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from utils.decoding.arguments import a_callable, instance_of, shown, whole_number
from utils.decoding.cached import CachedDecoder, Prompts, check_prompts, check_selection, check_step
from utils.decoding.fingerprints import weights_fingerprint
from utils.decoding.fused import can_fuse
from utils.decoding.projections import Weights, check_format
from utils.models.gpt import GPT
from utils.models.recurrent_lm import RecurrentLM


class Decoder(Protocol):
    """A model that remembers what it has read.

    `room` is the number of further steps before the context is full. One that has a method `fresh`, which gives a
    decoder on the same weights that has read nothing, can serve several calls at once: each takes a fresh one.
    """

    @property
    def room(self) -> int: ...

    def prefill(self, prompts: Prompts, reserve: int = 0) -> Tensor:
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

    Raises:
        ValueError: the model cannot be called, or a size is below 1.
    """

    def __init__(self, model: Callable[[Tensor], Tensor], context_length: int, vocab_size: int) -> None:
        a_callable(model, "model")
        self.model = model
        self.context_length = whole_number(context_length, "context_length", 1)
        self.vocab_size = whole_number(vocab_size, "vocab_size", 1)
        self.texts: list[list[int]] = []
        parameters = model.parameters() if isinstance(model, nn.Module) else iter(())
        self.device = next((p.device for p in parameters), torch.device("cpu"))

    def fresh(self) -> UncachedDecoder:
        """Return a decoder of the same model that has read nothing."""
        return UncachedDecoder(self.model, self.context_length, self.vocab_size)

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
            logits = self.model(ids)
            if not isinstance(logits, Tensor) or logits.shape[:2] != ids.shape or logits.dim() != 3:
                got = list(logits.shape) if isinstance(logits, Tensor) else shown(logits)
                raise ValueError(f"model must give logits (B, T, V) for ids of the shape {list(ids.shape)}, not {got}")
            found.update(zip(rows, logits[:, -1], strict=True))
        return torch.stack([found[row] for row in range(len(self.texts))])

    def prefill(self, prompts: Prompts, reserve: int = 0) -> Tensor:
        """Read prompts and return the logits (B, V) of their next tokens."""
        whole_number(reserve, "reserve", 0)
        self.texts = check_prompts(prompts, self.vocab_size, self.context_length)
        return self._logits()

    def step(self, ids: Tensor) -> Tensor:
        """Append ids (B,) and return the logits (B, V) of the next tokens."""
        tokens = check_step(ids, len(self.texts)).tolist()
        if self.room < 1:
            raise ValueError(f"the context of {self.context_length} positions is full")
        wrong = [token for token in tokens if not 0 <= token < self.vocab_size]
        if wrong:
            raise ValueError(f"ids must lie between 0 and {self.vocab_size - 1}, not {wrong[0]}")
        for text, token in zip(self.texts, tokens, strict=True):
            text.append(token)
        return self._logits()

    def select(self, rows: Sequence[int]) -> None:
        """Continue with these rows, in this order."""
        self.texts = [list(self.texts[row]) for row in check_selection(rows, len(self.texts))]


class RecurrentDecoder:
    """A model with `initial_state` and `step`: linear attention, state spaces, hybrids.

    Prompts are read position by position; rows of different lengths keep their own states until all are read.
    """

    def __init__(self, model: RecurrentLM) -> None:
        self.model = instance_of(model, "model", RecurrentLM)
        self.read: list[int] = []
        self.state: list[Any] = []

    def fresh(self) -> RecurrentDecoder:
        """Return a decoder of the same model that has read nothing."""
        return RecurrentDecoder(self.model)

    @property
    def room(self) -> int:
        """Number of further steps before the longest row fills the context."""
        return self.model.config.context_length - max(self.read, default=0)

    @torch.inference_mode()
    def prefill(self, prompts: Prompts, reserve: int = 0) -> Tensor:
        """Read prompts and return the logits (B, V) of their next tokens."""
        config, device = self.model.config, self.model.embedding.weight.device
        prompts = check_prompts(prompts, config.vocab_size, config.context_length)
        whole_number(reserve, "reserve", 0)
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
        ids = check_step(ids, len(self.read), self.model.embedding.weight.device)
        if self.room < 1:
            raise ValueError(f"the context of {self.model.config.context_length} positions is full")
        low, high = (int(bound) for bound in ids.aminmax())
        if low < 0 or high >= self.model.config.vocab_size:
            wrong = low if low < 0 else high
            raise ValueError(f"ids must lie between 0 and {self.model.config.vocab_size - 1}, not {wrong}")
        parts = ids.split(1) if len(self.state) == len(ids) else [ids]
        results = [self.model.step(part, state) for part, state in zip(parts, self.state, strict=True)]
        self.state = [state for _, state in results]
        self.read = [length + 1 for length in self.read]
        return torch.cat([logits for logits, _ in results])

    def select(self, rows: Sequence[int]) -> None:
        """Continue with these rows, in this order."""
        rows = check_selection(rows, len(self.read))
        if len(self.state) == len(self.read):
            self.state = [self.state[row] for row in rows]
        else:
            self.state = [_picked(self.state[0], torch.tensor(rows, dtype=torch.long))]
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


def decoder_for(model: nn.Module, weights: Weights = "float32") -> Decoder:
    """Return the fastest decoder that the model allows, one of its own for every caller.

    A GPT of plain transformer blocks gets a `CachedDecoder`, whose rearranged matrices are kept until the model's
    weights change or the model goes; a recurrent model goes on from its state; any other model with a `config` is read
    again at every step.

    Raises:
        ValueError: the model is no module or has no config, the format is unknown, or it is "int8" or "int4" for a
            model that cannot be cached.
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be a torch module, not {shown(model)}")
    check_format(weights, torch.device("cpu"))
    if isinstance(model, GPT) and model.positions is None and all(can_fuse(b) for b in model.blocks):
        kept = _CACHE.setdefault(model, {})
        fingerprint = weights_fingerprint(model)
        found = kept.get(weights)
        if found is None or found[0] != fingerprint:
            found = kept[weights] = (fingerprint, CachedDecoder(model, weights))
        return found[1].fresh()
    if isinstance(model, RecurrentLM) and weights == "float32":
        return RecurrentDecoder(model)
    config = getattr(model, "config", None)
    if config is None:
        raise ValueError(f"a {type(model).__name__} has no config: wrap it in UncachedDecoder")
    if weights != "float32":
        raise ValueError(f"weights {weights!r} need plain transformer blocks, not a {type(model).__name__}")
    return UncachedDecoder(model, config.context_length, config.vocab_size)


def own_decoder(model: nn.Module | Decoder, weights: Weights = "float32") -> Decoder:
    """Return a decoder that belongs to the caller alone, from a model or from a decoder.

    Of a decoder with `fresh` a fresh one is taken, so that a call within a call, or in another thread, may use the same
    decoder; one without it is taken as it is.

    Raises:
        ValueError: the model is neither, or a format is asked of a decoder, which has its own.
    """
    if isinstance(model, nn.Module):
        return decoder_for(model, weights)
    if not hasattr(model, "prefill") or not hasattr(model, "step"):
        raise ValueError(f"model must be a language model or a decoder, not {shown(model)}")
    check_format(weights, torch.device("cpu"))
    if weights != "float32":
        raise ValueError(f"weights is {weights!r}, and a decoder has its own: make it with CachedDecoder(model, ...)")
    fresh = getattr(model, "fresh", None)
    return model if fresh is None else fresh()
