"""The metadata of a GGUF file as the course's config: every key is read, known to mean nothing here, or refused.

Keys after the format's specification (github.com/ggml-org/ggml, docs/gguf.md) and the constants of the `gguf` package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from utils.arguments import instance
from utils.models.config import ModelConfig
from utils.models.gguf_file import GGUFFile
from utils.models.rope_scaling import RopeScaling, yarn_amplitude
from utils.text.gguf_header import ModelFileError

# Architectures, and whether their files store queries and keys for rotary pairs of neighbours (2i, 2i + 1).
INTERLEAVED = {"llama": True, "qwen2": False}
READ = {
    "block_count",
    "context_length",
    "embedding_length",
    "feed_forward_length",
    "vocab_size",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.key_length",
    "attention.value_length",
    "attention.layer_norm_rms_epsilon",
    "attention.sliding_window",
    "rope.freq_base",
    "rope.dimension_count",
    "rope.scale_linear",
    "rope.scaling.type",
    "rope.scaling.factor",
    "rope.scaling.original_context_length",
    "rope.scaling.attn_factor",
    "rope.scaling.yarn_attn_factor",
    "rope.scaling.yarn_beta_fast",
    "rope.scaling.yarn_beta_slow",
}
# Keys that mean something, and the values for which the course's transformer does what they mean.
FIXED: dict[str, tuple[Any, ...]] = {
    "expert_count": (0,),
    "expert_used_count": (0,),
    "attention.causal": (True,),
    "use_parallel_residual": (False,),
    "tensor_data_layout": ("reference", "Meta AI original pth"),
    "rope.scaling.yarn_ext_factor": (1, 1.0),
    "attention.max_alibi_bias": (0, 0.0),
    "attention.clamp_kqv": (0, 0.0),
    "logit_scale": (1, 1.0),
}
WITHOUT_MEANING = {"rope.scaling.finetuned"}
# Where a file came from, how it was made, and what belongs to its tokenizer, which looks at its own keys.
OTHER_PARTS = ("general.", "tokenizer.", "quantize.", "imatrix.", "split.")


def config_from_gguf(file: GGUFFile) -> ModelConfig:
    """Return the config that a GGUF file's metadata and tensor names describe: of Llama or Qwen2.

    Raises:
        ModelFileError: a key is missing, unknown, or says something that the course's transformer does not do; the
            message names it.
    """
    instance("file", file, GGUFFile)
    name, metadata = file.path.name, file.metadata
    architecture = metadata.get("general.architecture")
    if architecture not in INTERLEAVED:
        expected = " or ".join(map(repr, INTERLEAVED))
        raise ModelFileError(f"{name} holds a model of the architecture {architecture!r}, not {expected}")
    if "rope_freqs.weight" in file.tensors:
        raise ModelFileError(f"{name} holds rope_freqs.weight, rotary angles scaled by a table, which is not read")
    prefix = f"{architecture}."
    values = {key.removeprefix(prefix): value for key, value in metadata.items() if key.startswith(prefix)}
    _check_keys(name, metadata, prefix, values)

    def needed(key: str) -> Any:
        if key not in values:
            raise ModelFileError(f"{name} does not say {prefix}{key}")
        return values[key]

    n_heads = needed("attention.head_count")
    tokens = metadata.get("tokenizer.ggml.tokens")
    if "vocab_size" not in values and tokens is None:
        raise ModelFileError(f"{name} does not say {prefix}vocab_size, and has no tokenizer.ggml.tokens")
    try:
        config = ModelConfig(
            n_layers=needed("block_count"),
            d_model=needed("embedding_length"),
            n_heads=n_heads,
            n_kv_heads=values.get("attention.head_count_kv", n_heads),
            d_ff=needed("feed_forward_length"),
            vocab_size=values["vocab_size"] if tokens is None else values.get("vocab_size", len(tokens)),
            context_length=needed("context_length"),
            tied="output.weight" not in file.tensors,
            rope_base=values.get("rope.freq_base", 10000.0),
            # Stored in single precision: 9.99e-06 is meant to be 1e-05.
            norm_eps=float(f"{needed('attention.layer_norm_rms_epsilon'):.6g}"),
            head_width=values.get("attention.key_length"),
            qkv_bias=any(key.endswith("attn_q.bias") for key in file.tensors),
            rope_scaling=_rope_scaling(name, prefix, values),
            # Files of models without a window say 0 now and then.
            sliding_window=values.get("attention.sliding_window") or None,
        )
    except ModelFileError:
        raise
    except (ValueError, TypeError) as error:
        raise ModelFileError(f"{name} describes no model: {error}") from error
    for key in ("attention.value_length", "rope.dimension_count"):
        if values.get(key, config.head_dim) != config.head_dim:
            raise ModelFileError(f"{name}: {prefix}{key} is {values[key]}, and a head has {config.head_dim} features")
    return config


def _check_keys(name: str, metadata: Mapping[str, Any], prefix: str, values: Mapping[str, Any]) -> None:
    known = READ | FIXED.keys() | WITHOUT_MEANING
    for key in metadata:
        own = key.startswith(prefix) and key.removeprefix(prefix) in known
        if not own and not key.startswith(OTHER_PARTS):
            raise ModelFileError(f"{name} says {key}, whose meaning the course's transformer does not know")
    if metadata.get("split.count", 1) not in (0, 1):
        raise ModelFileError(f"{name} is one of {metadata['split.count']} parts (split.count); join them first")
    for key, allowed in FIXED.items():
        if key in values and values[key] not in allowed:
            raise ModelFileError(
                f"{name}: {prefix}{key} is {values[key]!r}, expected {' or '.join(map(repr, allowed))}"
            )


def _rope_scaling(name: str, prefix: str, values: Mapping[str, Any]) -> RopeScaling | None:
    kind = values.get("rope.scaling.type", "linear" if "rope.scale_linear" in values else "none")
    if kind not in ("none", "linear", "yarn"):
        raise ModelFileError(f"{name}: {prefix}rope.scaling.type is {kind!r}, expected 'none', 'linear' or 'yarn'")
    factor = values.get("rope.scaling.factor", values.get("rope.scale_linear"))
    if kind == "none":
        if factor not in (None, 0, 1):
            raise ModelFileError(f"{name} says {prefix}rope.scaling.factor {factor}, and no rope.scaling.type")
        return None
    if factor is None:
        raise ModelFileError(f"{name} does not say {prefix}rope.scaling.factor")
    if kind == "linear":
        return RopeScaling(kind="linear", factor=factor)
    share = values.get("rope.scaling.attn_factor", 1.0) * values.get("rope.scaling.yarn_attn_factor", 1.0)
    return RopeScaling(
        kind="yarn",
        factor=factor,
        original_context=values.get("rope.scaling.original_context_length", values.get("context_length")),
        beta_fast=values.get("rope.scaling.yarn_beta_fast", 32.0),
        beta_slow=values.get("rope.scaling.yarn_beta_slow", 1.0),
        # The file's factors come on top of the usual amplitude.
        attention_factor=None if share == 1.0 else share * yarn_amplitude(factor),
    )
