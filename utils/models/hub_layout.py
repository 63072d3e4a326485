"""Llama-shaped weights under the names that model hubs use, to and from the course's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from utils.models.config import ModelConfig
from utils.models.empty import empty_model
from utils.models.gpt import GPT
from utils.text.gguf_header import ModelFileError

# (the course's name, the hub's name, the name in GGUF files); `{}` is the number of the block.
NAMES = (
    ("embedding.weight", "model.embed_tokens.weight", "token_embd.weight"),
    ("blocks.{}.norm1.weight", "model.layers.{}.input_layernorm.weight", "blk.{}.attn_norm.weight"),
    ("blocks.{}.attention.q_proj.weight", "model.layers.{}.self_attn.q_proj.weight", "blk.{}.attn_q.weight"),
    ("blocks.{}.attention.k_proj.weight", "model.layers.{}.self_attn.k_proj.weight", "blk.{}.attn_k.weight"),
    ("blocks.{}.attention.v_proj.weight", "model.layers.{}.self_attn.v_proj.weight", "blk.{}.attn_v.weight"),
    ("blocks.{}.attention.o_proj.weight", "model.layers.{}.self_attn.o_proj.weight", "blk.{}.attn_output.weight"),
    ("blocks.{}.norm2.weight", "model.layers.{}.post_attention_layernorm.weight", "blk.{}.ffn_norm.weight"),
    ("blocks.{}.mlp.gate_proj.weight", "model.layers.{}.mlp.gate_proj.weight", "blk.{}.ffn_gate.weight"),
    ("blocks.{}.mlp.up_proj.weight", "model.layers.{}.mlp.up_proj.weight", "blk.{}.ffn_up.weight"),
    ("blocks.{}.mlp.down_proj.weight", "model.layers.{}.mlp.down_proj.weight", "blk.{}.ffn_down.weight"),
    ("norm.weight", "model.norm.weight", "output_norm.weight"),
    ("head.weight", "lm_head.weight", "output.weight"),
)
_HUB_NAME = {ours: hub for ours, hub, _ in NAMES}
_GGUF_NAME = {ours: gguf for ours, _, gguf in NAMES}


def _renamed(name: str, table: Mapping[str, str]) -> str:
    number = re.search(r"\.(\d+)\.", name)
    if number is None:
        return table[name]
    return table[name.replace(number.group(), ".{}.")].format(number.group(1))


def hub_name(name: str) -> str:
    """Return the hub's name for one of the course's parameter names."""
    return _renamed(name, _HUB_NAME)


def gguf_name(name: str) -> str:
    """Return the name in GGUF files for one of the course's parameter names."""
    return _renamed(name, _GGUF_NAME)


def config_from_hub(values: Mapping[str, Any]) -> ModelConfig:
    """Return the config that a hub's `config.json` describes.

    Raises:
        ModelFileError: the model is not shaped like Llama (biases, another activation, scaled rotary angles,
            heads of a width of their own).
    """
    rope = values.get("rope_parameters") or values.get("rope_scaling") or {}
    expected = {
        "model_type": (values.get("model_type"), ("llama", "mistral")),
        "hidden_act": (values.get("hidden_act", "silu"), ("silu",)),
        "attention_bias": (bool(values.get("attention_bias")), (False,)),
        "mlp_bias": (bool(values.get("mlp_bias")), (False,)),
        "rope_type": (rope.get("rope_type", rope.get("type", "default")), ("default",)),
    }
    for name, (found, allowed) in expected.items():
        if found not in allowed:
            raise ModelFileError(f"the model is not Llama-shaped: {name} is {found!r}, expected one of {allowed}")
    head_dim = values["hidden_size"] // values["num_attention_heads"]
    if values.get("head_dim") not in (None, head_dim):
        raise ModelFileError(f"the model is not Llama-shaped: head_dim is {values['head_dim']}, not {head_dim}")
    return ModelConfig(
        n_layers=values["num_hidden_layers"],
        d_model=values["hidden_size"],
        n_heads=values["num_attention_heads"],
        n_kv_heads=values.get("num_key_value_heads"),
        d_ff=values["intermediate_size"],
        vocab_size=values["vocab_size"],
        context_length=values["max_position_embeddings"],
        tied=values.get("tie_word_embeddings", False),
        rope_base=values.get("rope_theta", rope.get("rope_theta", 10000.0)),
        norm_eps=values["rms_norm_eps"],
    )


def config_to_hub(config: ModelConfig) -> dict[str, Any]:
    """Return the `config.json` of a dense gated model, as `transformers` reads it.

    Raises:
        ValueError: the config has experts or a plain MLP, which Llama has not.
    """
    if config.n_experts or not config.gated:
        raise ValueError(
            f"only dense gated models have Llama's shape: n_experts is {config.n_experts}, gated {config.gated}"
        )
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "num_hidden_layers": config.n_layers,
        "hidden_size": config.d_model,
        "num_attention_heads": config.n_heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_dim,
        "intermediate_size": config.ff_dim,
        "vocab_size": config.vocab_size,
        "max_position_embeddings": config.context_length,
        "tie_word_embeddings": config.tied,
        "rope_theta": config.rope_base,
        "rms_norm_eps": config.norm_eps,
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "torch_dtype": "float32",
    }


def state_to_hub(model: GPT) -> dict[str, Tensor]:
    """Return the model's weights under the hub's names, sharing memory; a tied head is left out."""
    return {
        hub_name(name): tensor
        for name, tensor in model.state_dict().items()
        if not (name == "head.weight" and model.config.tied)
    }


def write_hub_folder(model: GPT, folder: str | Path) -> None:
    """Write `config.json` and `model.safetensors`, so that `transformers` and other tools load the model."""
    folder = Path(folder)
    values = config_to_hub(model.config)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    save_file(state_to_hub(model), folder / "model.safetensors", metadata={"format": "pt"})


def read_hub_weights(folder: Path, config: ModelConfig, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return the weights of a hub folder under the course's names, from one safetensors file or several.

    Raises:
        ModelFileError: a file is missing or cut, or a weight is missing or of another shape.
    """
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        where = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
    else:
        where = None
    expected = empty_model(config).state_dict()
    if config.tied:
        del expected["head.weight"]
    by_file: dict[str, list[str]] = {}
    for name in expected:
        file = "model.safetensors" if where is None else where.get(hub_name(name), "")
        if not file:
            raise ModelFileError(f"{index.name} does not say where {hub_name(name)} is")
        by_file.setdefault(file, []).append(name)
    weights = {}
    for file, names in by_file.items():
        path = folder / file
        if not path.is_file():
            raise ModelFileError(f"there is no model file {path}")
        try:
            with safe_open(path, framework="pt") as tensors:
                for name in names:
                    weights[name] = tensors.get_tensor(hub_name(name)).to(dtype)
        except Exception as error:  # safetensors has an error class of its own for each release
            raise ModelFileError(f"{path.name} cannot be read, it may be cut: {error}") from error
    for name, tensor in weights.items():
        if tensor.shape != expected[name].shape:
            found, wanted = tuple(tensor.shape), tuple(expected[name].shape)
            raise ModelFileError(f"{hub_name(name)} has the shape {found}, the config says {wanted}")
    return weights
