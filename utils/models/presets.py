"""Published dimensions of well-known models.

Sources: Llama 2, Touvron et al. (2023) and the released configuration files; Llama 3, Grattafiori et al. (2024),
table 3; Mixtral, Jiang et al. (2024), table 1; SmolLM2, Allal et al. (2025) and its file.
"""

from __future__ import annotations

from utils.models.config import ModelConfig


def _llama(
    n_layers: int,
    d_model: int,
    n_heads: int,
    n_kv_heads: int,
    d_ff: int,
    vocab_size: int,
    context_length: int,
    rope_base: float = 10000.0,
) -> ModelConfig:
    return ModelConfig(
        n_layers=n_layers,
        d_model=d_model,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        d_ff=d_ff,
        vocab_size=vocab_size,
        context_length=context_length,
        tied=False,
        rope_base=rope_base,
    )


LLAMA_2_7B = _llama(32, 4096, 32, 32, 11008, 32000, 4096)
LLAMA_2_13B = _llama(40, 5120, 40, 40, 13824, 32000, 4096)
LLAMA_2_70B = _llama(80, 8192, 64, 8, 28672, 32000, 4096)
LLAMA_3_8B = _llama(32, 4096, 32, 8, 14336, 128256, 8192, 500000.0)
LLAMA_3_70B = _llama(80, 8192, 64, 8, 28672, 128256, 8192, 500000.0)
LLAMA_3_1_405B = _llama(126, 16384, 128, 8, 53248, 128256, 131072, 500000.0)
MIXTRAL_8X7B = ModelConfig(
    n_layers=32,
    d_model=4096,
    n_heads=32,
    n_kv_heads=8,
    d_ff=14336,
    vocab_size=32000,
    context_length=32768,
    tied=False,
    n_experts=8,
    experts_per_token=2,
    rope_base=1000000.0,
)
SMOLLM2_135M = ModelConfig(
    n_layers=30,
    d_model=576,
    n_heads=9,
    n_kv_heads=3,
    d_ff=1536,
    vocab_size=49152,
    context_length=8192,
    rope_base=100000.0,
)
