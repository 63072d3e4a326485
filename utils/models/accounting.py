"""Parameters, bytes and floating point operations of a transformer, from its dimensions alone."""

from __future__ import annotations

from dataclasses import dataclass

from utils.arguments import instance, real_number, whole_number
from utils.models.config import ModelConfig


def _check(config: ModelConfig, **sizes: int) -> None:
    instance("config", config, ModelConfig)
    for name, size in sizes.items():
        whole_number(name, size, least=0)


def attention_parameters(config: ModelConfig) -> int:
    """Return the parameters of one block's four attention matrices; anything but a config raises ValueError."""
    _check(config)
    return 2 * config.d_model * config.head_dim * (config.n_heads + config.kv_heads)


def bias_parameters(config: ModelConfig) -> int:
    """Return the biases of one block, of queries, keys and values where there are any; ValueError for no config."""
    _check(config)
    return config.head_dim * (config.n_heads + 2 * config.kv_heads) if config.qkv_bias else 0


def mlp_parameters(config: ModelConfig) -> int:
    """Return the parameters of one MLP, which is one expert where there are several; ValueError for no config."""
    _check(config)
    return (3 if config.gated else 2) * config.d_model * config.ff_dim


def _parameters(config: ModelConfig, experts: int) -> int:
    mlp = mlp_parameters(config)
    if config.n_experts:
        mlp = experts * mlp + config.n_experts * config.d_model
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    block = attention_parameters(config) + bias_parameters(config) + mlp + norms
    return embeddings + config.n_layers * block + config.d_model


def count_parameters(config: ModelConfig) -> int:
    """Return the number of parameters, exactly: Llama 2-7B has 6,738,415,616; ValueError for no config."""
    _check(config)
    return _parameters(config, config.n_experts)


def moe_parameters(config: ModelConfig) -> tuple[int, int]:
    """Return (total, active): all parameters, and those that one token uses; ValueError for no config."""
    _check(config)
    return count_parameters(config), _parameters(config, config.experts_per_token)


def weight_bytes(n_params: float, bits: float = 16) -> float:
    """Return the bytes that parameters take at a number of bits each; negative numbers raise ValueError.

    >>> weight_bytes(7e9)  # at 16 bits
    14000000000.0
    """
    return real_number("n_params", n_params, least=0) * real_number("bits", bits, above=0) / 8


def kv_cache_bytes(config: ModelConfig, seq_len: int, batch_size: int = 1, bytes_per_value: float = 2) -> float:
    """Return the bytes of all keys and values of a batch.

    Raises:
        ValueError: no config, sizes that are no whole numbers, or no positive bytes.
    """
    _check(config, seq_len=seq_len, batch_size=batch_size)
    bytes_per_value = real_number("bytes_per_value", bytes_per_value, above=0)
    return 2 * config.n_layers * config.kv_heads * config.head_dim * seq_len * batch_size * bytes_per_value


def training_bytes(config: ModelConfig, bytes_per_value: float = 4) -> float:
    """Return the bytes of weights, gradients and AdamW's moments, no activations; ValueError for bad numbers."""
    return 4 * count_parameters(config) * real_number("bytes_per_value", bytes_per_value, above=0)


@dataclass(frozen=True)
class Flops:
    """Floating point operations of one forward pass, a multiplication and an addition counted as two.

    Attributes:
        matrices: products with weights, proportional to the number of tokens.
        attention: scores and mixing of values, growing with the square of the length.
    """

    matrices: int
    attention: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.matrices + self.attention


def forward_flops(config: ModelConfig, seq_len: int, batch_size: int = 1) -> Flops:
    """Return the operations of a forward pass over whole texts, scores of masked pairs included.

    Only matrix products are counted; norms, activations and rotations are a percent or less.

    Raises:
        ValueError: no config, or sizes that are no whole numbers.
    """
    _check(config, seq_len=seq_len, batch_size=batch_size)
    active_mlp = mlp_parameters(config)
    if config.n_experts:
        active_mlp = config.experts_per_token * active_mlp + config.n_experts * config.d_model
    per_layer = attention_parameters(config) + active_mlp
    per_token = config.n_layers * per_layer + config.vocab_size * config.d_model
    pairs = config.n_layers * config.n_heads * config.head_dim * seq_len**2
    return Flops(2 * per_token * seq_len * batch_size, 4 * pairs * batch_size)


def decode_flops(config: ModelConfig, context: int, batch_size: int = 1) -> Flops:
    """Return the operations of one decoding step of each row, with `context` positions in the cache.

    Raises:
        ValueError: no config, or sizes that are no whole numbers.
    """
    _check(config, context=context, batch_size=batch_size)
    matrices = forward_flops(config, 1, batch_size).matrices
    return Flops(matrices, 4 * config.n_layers * config.n_heads * config.head_dim * context * batch_size)
