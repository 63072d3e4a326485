"""Finetuned models of the world that ship with the course: a base model and a low-rank adapter that makes it answer.

codec = world_codec(base_world().vocabulary)
model = load_chat_model("world-medium-chat")
ask(model, base_world(), codec, ["Where does Brimox Bruvuquist live?"])
"""

from __future__ import annotations

import json
from typing import Any

from utils.models.gpt import GPT
from utils.posttraining.lora import with_adapter
from utils.training.base_models import checkpoints_dir, load_base_model, sha256_of
from utils.training.checkpoints import CheckpointError, read

CHAT_MODELS = {"world-small-chat": "world-small", "world-medium-chat": "world-medium"}
DEMONSTRATIONS, DEMONSTRATION_SEED, TEST_SEED = 2000, 1, 2


def chat_model_card(name: str) -> dict[str, Any]:
    """Return what is known about a finetuned model: base, demonstrations, steps, what it answers, its command.

    Raises:
        ValueError: there is none of that name.
        CheckpointError: the card is missing or damaged.
    """
    if name not in CHAT_MODELS:
        raise ValueError(f"name must be one of {', '.join(CHAT_MODELS)}, not {name!r}")
    path = checkpoints_dir() / f"{name}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        command = f"python scripts/make_chat_models.py {name}"
        raise CheckpointError(f"{path} is missing or damaged; {command} makes it: {error}") from error


def load_chat_model(name: str) -> GPT:
    """Return a finetuned model of the world in evaluation mode, its adapter added to the weights.

    Raises:
        ValueError: there is none of that name.
        CheckpointError: the file is missing, or is not the one that its card describes.
    """
    card = chat_model_card(name)
    path = checkpoints_dir() / card["file"]
    if not path.is_file():
        raise CheckpointError(f"{path} does not exist; {card['command']} makes it")
    if sha256_of(path) != card["sha256"]:
        raise CheckpointError(f"{path} is damaged or of another version: its SHA-256 is not the one of its card")
    tensors, _ = read(path)
    return with_adapter(load_base_model(CHAT_MODELS[name]), tensors)
