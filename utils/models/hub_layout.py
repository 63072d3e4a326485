"""Llama-shaped weights under the names that model hubs use, to and from the course's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from utils.arguments import file_path, instance, whole_number
from utils.models.config import ModelConfig
from utils.models.empty import empty_model
from utils.models.gpt import GPT
from utils.models.hub_config import config_to_hub
from utils.models.wrappers import plain_name, unwrapped
from utils.text.gguf_header import ModelFileError

# (the course's name, the hub's name, the name in GGUF files); `{}` is the number of the block.
NAMES = (
    ("embedding.weight", "model.embed_tokens.weight", "token_embd.weight"),
    ("blocks.{}.norm1.weight", "model.layers.{}.input_layernorm.weight", "blk.{}.attn_norm.weight"),
    ("blocks.{}.attention.q_proj.weight", "model.layers.{}.self_attn.q_proj.weight", "blk.{}.attn_q.weight"),
    ("blocks.{}.attention.k_proj.weight", "model.layers.{}.self_attn.k_proj.weight", "blk.{}.attn_k.weight"),
    ("blocks.{}.attention.v_proj.weight", "model.layers.{}.self_attn.v_proj.weight", "blk.{}.attn_v.weight"),
    ("blocks.{}.attention.q_proj.bias", "model.layers.{}.self_attn.q_proj.bias", "blk.{}.attn_q.bias"),
    ("blocks.{}.attention.k_proj.bias", "model.layers.{}.self_attn.k_proj.bias", "blk.{}.attn_k.bias"),
    ("blocks.{}.attention.v_proj.bias", "model.layers.{}.self_attn.v_proj.bias", "blk.{}.attn_v.bias"),
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
# Written by old releases of `transformers`: computed from the config, and never read again.
COMPUTED = re.compile(r"(model\.layers\.\d+\.self_attn\.|model\.)rotary_emb\.inv_freq")
PLAIN_TYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
INDEX = "model.safetensors.index.json"


def _renamed(name: str, table: Mapping[str, str]) -> str:
    number = re.search(r"\.(\d+)\.", instance("name", name, str, "a parameter's name"))
    key = name if number is None else name.replace(number.group(), ".{}.", 1)
    if key not in table:
        raise ValueError(f"name must be that of a parameter of a Llama-shaped model, not {name!r}")
    return table[key] if number is None else table[key].format(number.group(1))


def hub_name(name: str) -> str:
    """Return the hub's name for one of the course's parameter names; for any other raise ValueError."""
    return _renamed(name, _HUB_NAME)


def gguf_name(name: str) -> str:
    """Return the name in GGUF files for one of the course's parameter names; for any other raise ValueError."""
    return _renamed(name, _GGUF_NAME)


def state_to_hub(model: GPT) -> dict[str, Tensor]:
    """Return the model's weights under the hub's names, sharing memory; a tied head is left out.

    Raises:
        ValueError: the model is no GPT, or has parts that Llama has not.
    """
    own = instance("model", unwrapped(model), GPT)
    return {
        hub_name(plain_name(name)): tensor
        for name, tensor in own.state_dict().items()
        if not (plain_name(name) == "head.weight" and own.config.tied)
    }


def write_hub_folder(model: GPT, folder: str | Path) -> None:
    """Write `config.json` and `model.safetensors`, so that `transformers` and other tools load the model.

    Raises:
        ValueError: the model is no GPT, or not Llama-shaped.
    """
    folder = file_path("folder", folder)
    values = config_to_hub(instance("model", unwrapped(model), GPT).config)
    weights = state_to_hub(model)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def read_hub_weights(folder: Path, config: ModelConfig, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return the weights of a hub folder under the course's names, from one safetensors file or several.

    Raises:
        ModelFileError: a file is missing or cut; a weight is missing, of another shape, or stored with scales of its
            own; or the files hold a tensor that the config's model does not have. The message names it.
    """
    folder = file_path("folder", folder)
    instance("config", config, ModelConfig)
    files = _weight_files(folder)
    expected = expected_weights(config, sum(len(_stored(path)) for path, _ in files))
    own_names = {hub_name(name): name for name in (*expected, "head.weight")}
    weights, others = {}, []
    for path, listed in files:
        stored = _stored(path)
        try:
            with safe_open(path, framework="pt") as file:
                for name in sorted(stored if listed is None else listed):
                    if name not in stored:
                        raise ModelFileError(f"{path.name} has no tensor {name}, which {INDEX} promises")
                for name in sorted(stored):
                    if name in own_names:
                        weights[own_names[name]] = _plain_tensor(name, file.get_tensor(name), dtype)
                    elif not COMPUTED.fullmatch(name):
                        others.append(name)
        except (SafetensorError, OSError) as error:
            raise ModelFileError(f"{path.name} cannot be read, it may be cut: {error}") from error
    _refuse_others(others)
    _refuse_missing(hub_name(name) for name in expected if name not in weights)
    for name, empty in expected.items():
        if weights[name].shape != empty.shape:
            found, wanted = tuple(weights[name].shape), tuple(empty.shape)
            raise ModelFileError(f"{hub_name(name)} has the shape {found}, the config says {wanted}")
    if config.tied and "head.weight" in weights:
        head = weights.pop("head.weight")
        if not torch.equal(head, weights["embedding.weight"]):
            raise ModelFileError(
                "tie_word_embeddings is true, and lm_head.weight is another matrix than model.embed_tokens.weight"
            )
    return weights


def expected_weights(config: ModelConfig, n_stored: int) -> dict[str, Tensor]:
    """Return the weights that a file of a config's model holds, by the course's names, without memory.

    Args:
        config: the dimensions; a tied model's file holds no output layer.
        n_stored: how many tensors there are; dimensions that need more are refused before anything is made of them.

    Raises:
        ModelFileError: there are too few tensors for the layers, or a dimension is beyond what a tensor can have.
    """
    if instance("config", config, ModelConfig).n_layers > whole_number("n_stored", n_stored, least=0):
        raise ModelFileError(f"{n_stored} tensors are too few for the {config.n_layers} layers of the config")
    try:
        expected = empty_model(config).state_dict()
    except (RuntimeError, OverflowError) as error:
        raise ModelFileError(f"the config's dimensions are beyond any tensor: {str(error).splitlines()[0]}") from error
    if config.tied:
        del expected["head.weight"]
    return expected


def _stored(path: Path) -> set[str]:
    try:
        with safe_open(path, framework="pt") as file:
            return set(file.keys())
    except (SafetensorError, OSError) as error:
        raise ModelFileError(f"{path.name} cannot be read, it may be cut: {error}") from error


def _weight_files(folder: Path) -> list[tuple[Path, list[str] | None]]:
    """Return the safetensors files of a folder, each with the tensors that the index, if there is one, puts there."""
    index = folder / INDEX
    by_file: dict[str, list[str]] = {}
    if index.is_file():
        try:
            where = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
            for name, file in where.items():
                by_file.setdefault(str(file), []).append(name)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelFileError(f"{index.name} does not say where the weights are: {error!r}") from error
    paths: list[tuple[Path, list[str] | None]] = [(folder / name, names) for name, names in by_file.items()]
    paths = paths or [(folder / "model.safetensors", None)]
    for path, _ in paths:
        if not path.is_file():
            raise ModelFileError(f"there is no model file {path}")
    return paths


def _plain_tensor(name: str, stored: Tensor, dtype: torch.dtype) -> Tensor:
    if stored.dtype not in PLAIN_TYPES:
        raise ModelFileError(f"{name} is stored as {stored.dtype}, a format with scales of its own that is not read")
    return stored.to(dtype)


def _refuse_others(names: list[str]) -> None:
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        raise ModelFileError(f"the file holds {names[0]}{more}, which the model of its config does not have")


def _refuse_missing(names: Iterable[str]) -> None:
    missing = list(names)
    if missing:
        raise ModelFileError(f"the file has no {', '.join(missing[:3])}, which the model of its config has")
