"""Pretrained Llama-shaped models with their tokenizer and chat template, from a GGUF file or a hub folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from utils.arguments import file_path, instance, shown, whole_number
from utils.models.chat_template import render_template
from utils.models.config import ModelConfig
from utils.models.empty import empty_model
from utils.models.gguf_config import INTERLEAVED, config_from_gguf
from utils.models.gguf_file import GGUFFile
from utils.models.gpt import GPT
from utils.models.hub_config import config_from_hub
from utils.models.hub_layout import expected_weights, gguf_name, read_hub_weights, write_hub_folder
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
        special_tokens: `bos_token`, `eos_token` and others, as the chat template may read them.
    """

    model: GPT
    tokenizer: Tokenizer
    config: ModelConfig
    chat_template: str | None
    eos_ids: tuple[int, ...]
    special_tokens: Mapping[str, str] = field(default_factory=dict)

    def encode(self, text: str) -> list[int]:
        """Return the token ids of a text; special tokens written in it are recognised.

        Raises:
            ValueError: `text` is no text.
        """
        instance("text", text, str, "a text")
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = False) -> str:
        """Return the text of token ids.

        Raises:
            ValueError: an id is no whole number, or outside the vocabulary.
        """
        flat = ids.tolist() if isinstance(ids, Tensor) else ids
        if not isinstance(flat, Iterable) or isinstance(flat, str):
            raise ValueError(f"ids must be a sequence of whole numbers, not {shown(ids)}")
        most = self.config.vocab_size - 1
        checked = [whole_number("ids", i, least=0, most=most) for i in flat]
        return self.tokenizer.decode(checked, skip_special_tokens=skip_special_tokens)

    def render_chat(
        self, messages: Sequence[Mapping[str, Any]], add_generation_prompt: bool = False, **variables: Any
    ) -> str:
        """Return the text of a conversation in the model's own chat format.

        Args:
            messages: dicts with `role` and `content`, oldest first; see `render_template`.
            add_generation_prompt: end with the opening of the assistant's turn.
            variables: what else the template may read, `tools` for instance.

        Raises:
            ValueError: the model has no chat template, or the template refuses the messages.
        """
        if self.chat_template is None:
            raise ValueError("this model has no chat template")
        return render_template(
            self.chat_template, messages, add_generation_prompt, **{**self.special_tokens, **variables}
        )

    def encode_chat(self, messages: Sequence[Mapping[str, Any]]) -> list[int]:
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

    GGUF files of the architecture `llama` store these two matrices, and their biases, for interleaved pairs.
    """
    rows, *columns = weight.shape
    pairs = weight.view(n_heads, rows // n_heads // 2, 2, *columns)
    return pairs.transpose(1, 2).reshape(weight.shape)


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
        ModelFileError: the file is missing, cut, has another digest, is not Llama-shaped, or holds a tensor or a key
            with a meaning that the course's transformer does not have; the message names it.
    """
    if path is None:
        path, sha256 = data_dir() / GGUF_MODEL, SMOLLM2_SHA256
    _check_dtype(dtype)
    file = GGUFFile(path, sha256)
    config = config_from_gguf(file)
    tokenizer = tokenizer_from_metadata(file.metadata)
    expected = expected_weights(config, len(file.tensors))
    unread = sorted(file.tensors.keys() - set(map(gguf_name, expected)))
    if unread:
        raise ModelFileError(f"{file.path.name} holds {unread[0]}, which the course's transformer does not have")
    weights = {}
    for name, empty in expected.items():
        weight = file.read(gguf_name(name), dtype)
        if weight.shape != empty.shape:
            found, wanted = tuple(weight.shape), tuple(empty.shape)
            raise ModelFileError(f"{file.path.name}: {gguf_name(name)} is {found}, the metadata says {wanted}")
        heads = {"q_proj": config.n_heads, "k_proj": config.kv_heads}.get(name.split(".")[-2])
        if heads is not None and INTERLEAVED[file.metadata["general.architecture"]]:
            weight = _half_split(weight, heads)
        weights[name] = weight
    # The end of a text, of a turn, and of a message before a tool's answer.
    ends = [_token_id(file, name) for name in ("eos", "eot", "eom")]
    special = {f"{name}_token": _token_id(file, key) for name, key in SPECIAL_TOKENS.items()}
    tokens = file.metadata["tokenizer.ggml.tokens"]
    return PretrainedModel(
        model=_filled(config, weights),
        tokenizer=tokenizer,
        config=config,
        chat_template=file.metadata.get("tokenizer.chat_template"),
        eos_ids=tuple(dict.fromkeys(end for end in ends if end is not None)),
        special_tokens={name: tokens[i] for name, i in special.items() if i is not None},
    )


# Names that chat templates use, and those of the same tokens in GGUF files.
SPECIAL_TOKENS = {"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"}


def _token_id(file: GGUFFile, name: str) -> int | None:
    key = f"tokenizer.ggml.{name}_token_id"
    if key not in file.metadata:
        return None
    n_tokens = len(file.metadata["tokenizer.ggml.tokens"])
    try:
        return whole_number(key, file.metadata[key], least=0, most=n_tokens - 1)
    except ValueError as error:
        raise ModelFileError(f"{file.path.name}: {error}") from error


def _check_dtype(dtype: torch.dtype) -> None:
    if not (isinstance(dtype, torch.dtype) and dtype.is_floating_point):
        raise ValueError(f"dtype must be a floating-point type of torch, not {dtype!r}")


def _read_json(path: Path, needed: bool = False) -> dict[str, Any]:
    if not path.is_file():
        if needed:
            raise ModelFileError(f"there is no {path.name} in the model folder {path.parent}")
        return {}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelFileError(f"{path.name} is no JSON file: {error}") from error
    if not isinstance(values, dict):
        raise ModelFileError(f"{path.name} must hold an object, not a {type(values).__name__}")
    return values


def _chat_template(folder: Path, tokenizer_config: Mapping[str, Any]) -> str | None:
    separate = folder / "chat_template.jinja"
    if separate.is_file():
        return separate.read_text(encoding="utf-8")
    template = tokenizer_config.get("chat_template")
    if isinstance(template, list):
        try:
            template = {entry["name"]: entry["template"] for entry in template}.get("default")
        except (KeyError, TypeError) as error:
            raise ModelFileError(f"tokenizer_config.json names no templates under chat_template: {error!r}") from error
    if not isinstance(template, str | None):
        raise ModelFileError(f"chat_template in tokenizer_config.json must be a text, not {template!r}")
    return template


def _tokenizer(path: Path) -> Tokenizer:
    if not path.is_file():
        raise ModelFileError(f"there is no tokenizer.json in the model folder {path.parent}")
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception for whatever it cannot read
        raise ModelFileError(f"tokenizer.json cannot be read: {error}") from error


def _eos_ids(found: Any, vocab_size: int) -> tuple[int, ...]:
    listed = found if isinstance(found, list) else [] if found is None else [found]
    try:
        return tuple(whole_number("eos_token_id", i, least=0, most=vocab_size - 1) for i in listed)
    except ValueError as error:
        raise ModelFileError(str(error)) from error


def _special_tokens(tokenizer_config: Mapping[str, Any]) -> dict[str, str]:
    special = {}
    for name in ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"):
        token = tokenizer_config.get(name)
        text = token.get("content") if isinstance(token, dict) else token
        if isinstance(text, str):
            special[name] = text
        elif token is not None:
            raise ModelFileError(f"{name} in tokenizer_config.json must be a text, not {token!r}")
    return special


def load_folder(path: str | Path, dtype: torch.dtype = torch.float32) -> PretrainedModel:
    """Load a Llama-shaped model from a hub folder: config.json, safetensors, tokenizer.json.

    Raises:
        ModelFileError: a file is missing or cut, the model is not Llama-shaped, or a tensor or a key of the config has
            a meaning that the course's transformer does not have; the message names it.
    """
    _check_dtype(dtype)
    folder = file_path("path", path)
    if (folder / "adapter_config.json").is_file():
        raise ModelFileError(f"{folder} holds an adapter (adapter_config.json), which is not read: merge it first")
    values = _read_json(folder / "config.json", needed=True)
    config = config_from_hub(values)
    weights = read_hub_weights(folder, config, dtype)
    tokenizer_config = _read_json(folder / "tokenizer_config.json")
    eos = _read_json(folder / "generation_config.json").get("eos_token_id", values.get("eos_token_id"))
    return PretrainedModel(
        model=_filled(config, weights),
        tokenizer=_tokenizer(folder / "tokenizer.json"),
        config=config,
        chat_template=_chat_template(folder, tokenizer_config),
        eos_ids=_eos_ids(eos, config.vocab_size),
        special_tokens=_special_tokens(tokenizer_config),
    )


def load_hub(name: str, dtype: torch.dtype = torch.float32) -> PretrainedModel:
    """Fetch a Llama-shaped model such as `HuggingFaceTB/SmolLM2-360M-Instruct` from the hub and load it.

    Needs a network and the extra `hub`.

    Raises:
        ValueError: the name is none of a repository (`owner/model`).
        ModelFileError: as `load_folder`.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name):
        raise ValueError(f"name must be that of a repository on the hub, such as owner/model, not {name!r}")
    _check_dtype(dtype)
    from huggingface_hub import snapshot_download

    patterns = ["*.json", "*.safetensors", "*.jinja"]
    return load_folder(snapshot_download(name, allow_patterns=patterns), dtype)


def save_folder(pretrained: PretrainedModel, path: str | Path) -> None:
    """Write a model as a hub folder that `load_folder` and `transformers` read.

    Raises:
        ValueError: `pretrained` is no PretrainedModel, or its model is not Llama-shaped.
    """
    instance("pretrained", pretrained, PretrainedModel)
    folder = file_path("path", path)
    write_hub_folder(pretrained.model, folder)
    pretrained.tokenizer.save(str(folder / "tokenizer.json"))
    values = {"tokenizer_class": "PreTrainedTokenizerFast", **pretrained.special_tokens}
    if pretrained.chat_template is not None:
        values["chat_template"] = pretrained.chat_template
    (folder / "tokenizer_config.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    generation = {"eos_token_id": list(pretrained.eos_ids)}
    (folder / "generation_config.json").write_text(json.dumps(generation) + "\n", encoding="utf-8")
