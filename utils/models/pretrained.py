"""Pretrained Llama-shaped models with their tokenizer and chat template, from a GGUF file or a hub folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from utils.models.chat_template import render_template
from utils.models.config import ModelConfig
from utils.models.empty import empty_model
from utils.models.gguf_file import GGUFFile
from utils.models.gpt import GPT
from utils.models.hub_layout import config_from_hub, gguf_name, read_hub_weights, write_hub_folder
from utils.paths import data_dir
from utils.text.gguf_header import ModelFileError
from utils.text.gguf_tokenizer import GGUF_MODEL, tokenizer_from_metadata

# SmolLM2-135M-Instruct (Allal et al., 2025, Apache-2.0), most matrices in blocks of 4-bit numbers.
SMOLLM2_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


@dataclass(frozen=True)
class PretrainedModel:
    """A model with what is needed to talk to it.

    Attributes:
        model: the weights in the course's transformer, in evaluation mode.
        tokenizer: of the `tokenizers` library.
        config: the dimensions.
        chat_template: Jinja text, or None for a model that has none.
        eos_ids: ids that end a text or a turn.
        special_tokens: `bos_token` and `eos_token`, as the chat template may read them.
    """

    model: GPT
    tokenizer: Tokenizer
    config: ModelConfig
    chat_template: str | None
    eos_ids: tuple[int, ...]
    special_tokens: Mapping[str, str] = field(default_factory=dict)

    def encode(self, text: str) -> list[int]:
        """Return the token ids of a text; special tokens written in it are recognised."""
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = False) -> str:
        """Return the text of token ids."""
        return self.tokenizer.decode(list(ids), skip_special_tokens=skip_special_tokens)

    def render_chat(self, messages: Sequence[Mapping[str, str]], add_generation_prompt: bool = False) -> str:
        """Return the text of a conversation in the model's own chat format.

        Raises:
            ValueError: the model has no chat template, or the template refuses the messages.
        """
        if self.chat_template is None:
            raise ValueError("this model has no chat template")
        return render_template(self.chat_template, messages, add_generation_prompt, **self.special_tokens)

    def encode_chat(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Return the ids of a conversation that ends with the opening of the assistant's turn."""
        return self.encode(self.render_chat(messages, add_generation_prompt=True))


def _filled(config: ModelConfig, weights: dict[str, Tensor]) -> GPT:
    """Return a model that takes over `weights` without ever having held others."""
    model = empty_model(config)
    if config.tied:
        weights["head.weight"] = weights["embedding.weight"]
    model.load_state_dict(weights, assign=True)
    if config.tied:
        model.head.weight = model.embedding.weight
    return model.eval()


def _half_split(weight: Tensor, n_heads: int) -> Tensor:
    """Reorder the rows of a query or key matrix from interleaved rotary pairs (2i, 2i + 1) to (i, i + d/2).

    GGUF files of the architecture `llama` store these two matrices for interleaved pairs.
    """
    rows, columns = weight.shape
    pairs = weight.view(n_heads, rows // n_heads // 2, 2, columns)
    return pairs.transpose(1, 2).reshape(rows, columns)


def _config_from_gguf(file: GGUFFile) -> ModelConfig:
    def value(name: str, default: Any = None) -> Any:
        found = file.metadata.get(name, default)
        if found is None:
            raise ModelFileError(f"{file.path.name} does not say {name}")
        return found

    architecture = value("general.architecture")
    if architecture != "llama":
        raise ModelFileError(f"{file.path.name} holds a model of the architecture {architecture!r}, not 'llama'")
    if file.metadata.get("llama.expert_count") or "rope_freqs.weight" in file.tensors:
        raise ModelFileError(f"{file.path.name} has experts or scaled rotary angles, which are not read")
    return ModelConfig(
        n_layers=value("llama.block_count"),
        d_model=value("llama.embedding_length"),
        n_heads=value("llama.attention.head_count"),
        n_kv_heads=value("llama.attention.head_count_kv", value("llama.attention.head_count")),
        d_ff=value("llama.feed_forward_length"),
        vocab_size=value("llama.vocab_size", len(value("tokenizer.ggml.tokens"))),
        context_length=value("llama.context_length"),
        tied="output.weight" not in file.tensors,
        rope_base=value("llama.rope.freq_base", 10000.0),
        # Stored in single precision: 9.99e-06 is meant to be 1e-05.
        norm_eps=float(f"{value('llama.attention.layer_norm_rms_epsilon'):.6g}"),
    )


def load_gguf(
    path: str | Path | None = None, sha256: str | None = None, dtype: torch.dtype = torch.float32
) -> PretrainedModel:
    """Load a Llama-shaped model from a GGUF file; without a path SmolLM2-135M-Instruct, digest checked.

    Tensors are expanded one by one from the memory-mapped file: the peak is the model itself and little more.

    Args:
        path: the file; None means the one that `course data` fetches.
        sha256: expected digest of a file of your own.
        dtype: of the weights.

    Raises:
        ModelFileError: the file is missing, cut, has another digest, or is not Llama-shaped.
    """
    if path is None:
        path, sha256 = data_dir() / GGUF_MODEL, SMOLLM2_SHA256
    file = GGUFFile(path, sha256)
    config = _config_from_gguf(file)
    expected = empty_model(config).state_dict()
    weights = {}
    for name, empty in expected.items():
        if name == "head.weight" and config.tied:
            continue
        weight = file.read(gguf_name(name), dtype)
        if weight.shape != empty.shape:
            found, wanted = tuple(weight.shape), tuple(empty.shape)
            raise ModelFileError(f"{file.path.name}: {gguf_name(name)} is {found}, the metadata says {wanted}")
        if name.endswith("q_proj.weight"):
            weight = _half_split(weight, config.n_heads)
        elif name.endswith("k_proj.weight"):
            weight = _half_split(weight, config.kv_heads)
        weights[name] = weight
    tokens = file.metadata.get("tokenizer.ggml.tokens", [])
    ids = {name: file.metadata.get(f"tokenizer.ggml.{name}_token_id") for name in ("bos", "eos")}
    return PretrainedModel(
        model=_filled(config, weights),
        tokenizer=tokenizer_from_metadata(file.metadata),
        config=config,
        chat_template=file.metadata.get("tokenizer.chat_template"),
        eos_ids=() if ids["eos"] is None else (ids["eos"],),
        special_tokens={f"{name}_token": tokens[i] for name, i in ids.items() if i is not None},
    )


def _read_json(path: Path, needed: bool = False) -> dict[str, Any]:
    if not path.is_file():
        if needed:
            raise ModelFileError(f"there is no {path.name} in the model folder {path.parent}")
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelFileError(f"{path.name} is no JSON file: {error}") from error


def _chat_template(folder: Path, tokenizer_config: Mapping[str, Any]) -> str | None:
    separate = folder / "chat_template.jinja"
    if separate.is_file():
        return separate.read_text(encoding="utf-8")
    template = tokenizer_config.get("chat_template")
    if isinstance(template, list):
        named = {entry["name"]: entry["template"] for entry in template}
        return named.get("default")
    return template


def load_folder(path: str | Path, dtype: torch.dtype = torch.float32) -> PretrainedModel:
    """Load a Llama-shaped model from a hub folder: config.json, safetensors, tokenizer.json.

    Raises:
        ModelFileError: a file is missing or cut, or the model is not Llama-shaped.
    """
    folder = Path(path)
    values = _read_json(folder / "config.json", needed=True)
    config = config_from_hub(values)
    weights = read_hub_weights(folder, config, dtype)
    if not (folder / "tokenizer.json").is_file():
        raise ModelFileError(f"there is no tokenizer.json in the model folder {folder}")
    tokenizer_config = _read_json(folder / "tokenizer_config.json")
    special = {}
    for name in ("bos_token", "eos_token"):
        token = tokenizer_config.get(name)
        if token is not None:
            special[name] = token["content"] if isinstance(token, dict) else token
    eos = _read_json(folder / "generation_config.json").get("eos_token_id", values.get("eos_token_id"))
    return PretrainedModel(
        model=_filled(config, weights),
        tokenizer=Tokenizer.from_file(str(folder / "tokenizer.json")),
        config=config,
        chat_template=_chat_template(folder, tokenizer_config),
        eos_ids=tuple(eos) if isinstance(eos, list) else () if eos is None else (eos,),
        special_tokens=special,
    )


def load_hub(name: str, dtype: torch.dtype = torch.float32) -> PretrainedModel:
    """Fetch a Llama-shaped model such as `HuggingFaceTB/SmolLM2-360M-Instruct` from the hub and load it.

    Needs a network and the extra `hub`.
    """
    from huggingface_hub import snapshot_download

    patterns = ["*.json", "*.safetensors", "*.jinja"]
    return load_folder(snapshot_download(name, allow_patterns=patterns), dtype)


def save_folder(pretrained: PretrainedModel, path: str | Path) -> None:
    """Write a model as a hub folder that `load_folder` and `transformers` read."""
    folder = Path(path)
    write_hub_folder(pretrained.model, folder)
    pretrained.tokenizer.save(str(folder / "tokenizer.json"))
    values = {"tokenizer_class": "PreTrainedTokenizerFast", **pretrained.special_tokens}
    if pretrained.chat_template is not None:
        values["chat_template"] = pretrained.chat_template
    (folder / "tokenizer_config.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    generation = {"eos_token_id": list(pretrained.eos_ids)}
    (folder / "generation_config.json").write_text(json.dumps(generation) + "\n", encoding="utf-8")
