"""Language models whose blocks mix positions by a recurrence, alone or between attention (Jamba's idea).

All are a `GPT` with other blocks, so they map ids (B, T) to logits (B, T, V) and train like it. Blocks keep
the transformer's frame, x + mixer(norm1(x)), then x + mlp(norm2(x)): only the mixer differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from utils.arguments import called, instance, shown, tensor, whole_number
from utils.models.block import TransformerBlock, build_mlp
from utils.models.config import ModelConfig
from utils.models.gpt import GPT, check_ids
from utils.models.linear_attention import LinearAttention
from utils.models.norms import RMSNorm
from utils.models.rotary import Rotary, rotate_by
from utils.models.state_space import DiagonalStateSpace, SelectiveStateSpace

Mixer = Callable[[ModelConfig], nn.Module]


class MixerBlock(nn.Module):
    """A pre-norm residual block around any mixer with `forward`, `initial_state` and `step`."""

    def __init__(self, config: ModelConfig, mixer: Mixer) -> None:
        instance("config", config, ModelConfig)
        called("mixer", mixer)
        super().__init__()
        self.d_model = config.d_model
        self.norm1 = RMSNorm(config.d_model, config.norm_eps)
        self.mixer: Any = mixer(config)
        self.norm2 = RMSNorm(config.d_model, config.norm_eps)
        self.mlp = build_mlp(config)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return (B, T, D) from x (B, T, D); a recurrence cannot skip positions, so a mask is refused."""
        if mask is not None:
            raise ValueError("mask must be None: a recurrent mixer reads every position")
        tensor("x", x, dims=3, last=self.d_model)
        x = x + self.mixer(self.norm1(x))
        return x + self.mlp(self.norm2(x))

    def initial_state(self, batch_size: int) -> Any:
        """Return the mixer's state before the first position."""
        return self.mixer.initial_state(whole_number("batch_size", batch_size, least=1))

    def step(self, x: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Return (B, D) and the new state from one position x (B, D)."""
        tensor("x", x, dims=2, last=self.d_model)
        mixed, state = self.mixer.step(self.norm1(x), state)
        x = x + mixed
        return x + self.mlp(self.norm2(x)), state


class SteppedTransformerBlock(TransformerBlock):
    """A transformer block that can also go one position at a time, for stacks that mix both kinds."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.config = config

    def initial_state(self, batch_size: int) -> tuple[Tensor, Tensor]:
        """Return keys and values of no positions yet, (B, H_kv, 0, d) each."""
        batch_size = whole_number("batch_size", batch_size, least=1)
        empty = self.norm1.weight.new_zeros(batch_size, self.config.kv_heads, 0, self.config.head_dim)
        return empty, empty

    def step(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return (B, D) and the longer cache from one position x (B, D)."""
        layer, config = self.attention, self.config
        h = self.norm1(tensor("x", x, dims=2, last=config.d_model))
        q = layer.q_proj(h).view(len(x), config.n_heads, 1, -1)
        k, v = (p(h).view(len(x), config.kv_heads, 1, -1) for p in (layer.k_proj, layer.v_proj))
        t = state[0].shape[2]
        if t >= config.context_length:
            raise ValueError(f"the context of {config.context_length} positions is full")
        cos, sin = Rotary.of(config).table(x.device)
        q, k = rotate_by(q, cos[t], sin[t]), rotate_by(k, cos[t], sin[t])
        keys, values = torch.cat((state[0], k), 2), torch.cat((state[1], v), 2)
        group, first = config.n_heads // config.kv_heads, 0 if layer.window is None else max(0, t + 1 - layer.window)
        mixed = nn.functional.scaled_dot_product_attention(
            q, keys[:, :, first:].repeat_interleave(group, 1), values[:, :, first:].repeat_interleave(group, 1)
        )
        x = x + layer.o_proj(mixed.flatten(1))
        return x + self.mlp(self.norm2(x)), (keys, values)


class RecurrentLM(GPT):
    """A language model of blocks that can go position by position, given one mixer per layer.

    Args:
        config: the dimensions; `n_layers` must be the number of mixers.
        mixers: for each layer what builds its mixer, or None for attention.
    """

    def __init__(self, config: ModelConfig, mixers: Sequence[Mixer | None]) -> None:
        instance("config", config, ModelConfig)
        if len(mixers) != config.n_layers:
            raise ValueError(f"mixers must name one mixer per layer: {len(mixers)} for {config.n_layers} layers")
        order = iter(mixers)

        def block(config: ModelConfig) -> nn.Module:
            mixer = next(order)
            return SteppedTransformerBlock(config) if mixer is None else MixerBlock(config, mixer)

        super().__init__(config, block)

    def initial_state(self, batch_size: int) -> list[Any]:
        """Return every block's state before the first position; no positive whole number raises ValueError."""
        blocks: Iterable[Any] = self.blocks
        batch_size = whole_number("batch_size", batch_size, least=1)
        return [block.initial_state(batch_size) for block in blocks]

    def step(self, ids: Tensor, state: Sequence[Any]) -> tuple[Tensor, list[Any]]:
        """Return logits (B, V) and the new state from one id per row (B,)."""
        check_ids(tensor("ids", ids, dims=1)[:, None], self.config)
        if len(state) != len(self.blocks):
            raise ValueError(f"state must hold one state for each of {len(self.blocks)} blocks, not {len(state)}")
        x = self.embedding(ids)
        new = []
        blocks: Iterable[Any] = self.blocks
        for block, old in zip(blocks, state, strict=True):
            x, kept = block.step(x, old)
            new.append(kept)
        return self.head(self.norm(x)), new


def state_bytes(state: Any) -> int:
    """Return the bytes of all tensors in a decoding state: what a model remembers a text by.

    Raises:
        ValueError: the state holds something else than tensors in lists and tuples.
    """
    if isinstance(state, Tensor):
        return state.numel() * state.element_size()
    if not isinstance(state, Sequence) or isinstance(state, str):
        raise ValueError(f"state must be made of tensors, not {shown(state)}")
    return sum(state_bytes(part) for part in state)


def _layers(config: ModelConfig) -> int:
    return instance("config", config, ModelConfig).n_layers


def linear_attention_lm(config: ModelConfig) -> RecurrentLM:
    """Return a language model of linear attention (RWKV's idea)."""
    return RecurrentLM(config, [LinearAttention] * _layers(config))


def state_space_lm(config: ModelConfig) -> RecurrentLM:
    """Return a language model of fixed diagonal state spaces (S4's idea)."""
    return RecurrentLM(config, [DiagonalStateSpace] * _layers(config))


def gated_state_space(config: ModelConfig) -> DiagonalStateSpace:
    """Return a diagonal state space between two multiplicative gates."""
    return DiagonalStateSpace(config, gated=True)


def gated_state_space_lm(config: ModelConfig) -> RecurrentLM:
    """Return a language model of gated diagonal state spaces (H3's idea)."""
    return RecurrentLM(config, [gated_state_space] * _layers(config))


def selective_lm(config: ModelConfig) -> RecurrentLM:
    """Return a language model of selective state spaces (Mamba's idea)."""
    return RecurrentLM(config, [SelectiveStateSpace] * _layers(config))


def hybrid_lm(config: ModelConfig, attention_every: int = 4) -> RecurrentLM:
    """Return selective state spaces with attention in the middle of every `attention_every` layers.

    Jamba has one layer of attention in eight (Lieber et al., 2024).
    """
    middle = whole_number("attention_every", attention_every, least=1) // 2
    mixers = [None if i % attention_every == middle else SelectiveStateSpace for i in range(_layers(config))]
    return RecurrentLM(config, mixers)
