"""Models finetuned for structured outputs, shipped beside the base models: how to load them and their cards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from utils.decoding.checked import checked
from utils.models.gpt import GPT
from utils.models.pretrained import PretrainedModel
from utils.posttraining.lora import with_adapter
from utils.training.base_models import checkpoints_dir, sha256_of
from utils.training.checkpoints import CheckpointError, load_gpt, read

FINETUNED_MODELS = ("world-records", "world-queries")
RECORD_ADAPTER = "smollm2-records"
ADAPTER_STEPS = (10, 40, 160)
"""The numbers of training steps after which the adapter was kept."""


@checked
def finetuned_card(name: str) -> dict[str, Any]:
    """Return what is known about a finetuned model or adapter: base, data, steps, what it reached, its command.

    Raises:
        ValueError: there is none of that name.
        CheckpointError: the card is missing.
    """
    if name not in (*FINETUNED_MODELS, RECORD_ADAPTER):
        raise ValueError(f"name must be one of {', '.join((*FINETUNED_MODELS, RECORD_ADAPTER))}, not {name!r}")
    path = checkpoints_dir() / f"{name}.json"
    if not path.is_file():
        raise CheckpointError(f"{path} does not exist")
    return json.loads(path.read_text(encoding="utf-8"))


def _checked_file(name: str) -> Path:
    card = finetuned_card(name)
    path = checkpoints_dir() / card["file"]
    if not path.is_file():
        raise CheckpointError(f"{path} does not exist; {card['command']} makes it")
    if sha256_of(path) != card["sha256"]:
        raise CheckpointError(f"{path} is damaged or of another version: its SHA-256 is not the one of its card")
    return path


@checked
def load_finetuned(name: str) -> GPT:
    """Return a finetuned model of the world, in evaluation mode.

    Raises:
        ValueError: there is none of that name.
        CheckpointError: the file is missing, or is not the one that its card describes.
    """
    if name not in FINETUNED_MODELS:
        raise ValueError(f"name must be one of {', '.join(FINETUNED_MODELS)}, not {name!r}")
    model = load_gpt(_checked_file(name))
    assert isinstance(model, GPT)
    return model


@checked
def with_record_adapter(pretrained: PretrainedModel, steps: int = ADAPTER_STEPS[-1]) -> GPT:
    """Return SmolLM2 with the adapter for records added to its weights; what it leaves alone is shared.

    Args:
        pretrained: SmolLM2.
        steps: after how many training steps, one of `ADAPTER_STEPS`.

    Raises:
        CheckpointError: the file is missing, not the one of its card, or without that adapter.
        ValueError: no adapter was kept after so many steps, or it does not fit the model.
    """
    if steps not in ADAPTER_STEPS:
        raise ValueError(f"steps must be one of {', '.join(map(str, ADAPTER_STEPS))}, not {steps!r}")
    tensors, _ = read(_checked_file(RECORD_ADAPTER))
    prefix = f"step{steps}."
    kept = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    if not kept:
        raise CheckpointError(f"{RECORD_ADAPTER}.safetensors holds nothing for {steps} steps: make it again")
    return with_adapter(pretrained.model, kept)
