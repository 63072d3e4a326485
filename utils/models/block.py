"""One transformer block: attention between positions, then an MLP at each position."""

from __future__ import annotations

from torch import Tensor, nn

from utils.arguments import instance, tensor
from utils.models.attention import MultiHeadAttention
from utils.models.config import ModelConfig
from utils.models.experts import MixtureOfExperts
from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm
from utils.models.rotary import Rotary


def build_mlp(config: ModelConfig) -> nn.Module:
    """Return the MLP that the config asks for: experts, gated or plain."""
    instance("config", config, ModelConfig)
    if config.n_experts:
        return MixtureOfExperts(config)
    return (GatedMLP if config.gated else MLP)(config.d_model, config.ff_dim)


class TransformerBlock(nn.Module):
    """Pre-norm residual block: x + attention(norm1(x)), then x + mlp(norm2(x))."""

    def __init__(self, config: ModelConfig) -> None:
        instance("config", config, ModelConfig)
        super().__init__()
        self.d_model = config.d_model
        self.norm1 = RMSNorm(config.d_model, config.norm_eps)
        self.attention = MultiHeadAttention(
            config.d_model,
            config.n_heads,
            config.n_kv_heads,
            Rotary.of(config),
            head_dim=config.head_dim,
            qkv_bias=config.qkv_bias,
            window=config.sliding_window,
        )
        self.norm2 = RMSNorm(config.d_model, config.norm_eps)
        self.mlp = build_mlp(config)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return (B, T, D) from x (B, T, D); mask as in `MultiHeadAttention.forward`."""
        tensor("x", x, dims=3, last=self.d_model)
        x = x + self.attention(self.norm1(x), mask)
        return x + self.mlp(self.norm2(x))
