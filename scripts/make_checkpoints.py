"""Train the base models of the miniature world and write them, with their cards, to datasets/checkpoints.

    python scripts/make_checkpoints.py [NAME ...] [--threads 1]

Without names all are made. One thread is the default: on a busy machine two threads that wait for each other are
slower than one, and two models can be made side by side. A run that was interrupted goes on where it was when the
command is given again. The weights are stored in float16; the card's loss is that of the stored weights.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from utils.models.gpt import GPT  # noqa: E402
from utils.training.base_models import (  # noqa: E402
    BATCH_SIZE,
    CONTEXT,
    RECIPES,
    TRAINING_SEED,
    base_world,
    checkpoints_dir,
    held_out_loss,
    make_command,
    sha256_of,
    world_fingerprint,
)
from utils.training.batches import TokenBatches  # noqa: E402
from utils.training.checkpoints import load_gpt, save_model  # noqa: E402
from utils.training.loop import train  # noqa: E402


def make(name: str) -> dict[str, object]:
    """Train one base model, write its weights and return its card."""
    recipe, world = RECIPES[name], base_world()
    torch.manual_seed(0)
    model = GPT(recipe.model_config(len(world.vocabulary)))
    # Every token is new to the model: as many as the run reads, and the windows that two batches' edges take.
    n_tokens = (recipe.steps + 2) * BATCH_SIZE * CONTEXT
    ids = torch.from_numpy(world.token_stream(n_tokens, seed=TRAINING_SEED))
    batches = TokenBatches(ids, BATCH_SIZE, CONTEXT, seed=0)
    # The name of the unfinished run tells the world it is of: a resumed run must not mix two.
    unfinished = Path(tempfile.gettempdir()) / f"{name}-{world_fingerprint()[:12]}.unfinished.safetensors"
    train(model, batches, recipe.training_config(), checkpoint=unfinished, description=name)
    path = checkpoints_dir() / f"{name}.safetensors"
    trained = held_out_loss(model)
    save_model(path, model, dtype=torch.float16)
    stored = held_out_loss(load_gpt(path))
    unfinished.unlink(missing_ok=True)
    return {
        "file": path.name,
        "sha256": sha256_of(path),
        "bytes": path.stat().st_size,
        "command": make_command(name),
        "parameters": sum(p.numel() for p in model.parameters()),
        "model_config": model.config.to_dict(),
        "training_config": recipe.training_config().to_dict(),
        "training_tokens": recipe.steps * BATCH_SIZE * CONTEXT,
        "held_out_documents": stored.n_documents,
        "held_out_loss": round(stored.model, 4),
        "held_out_loss_float32": round(trained.model, 4),
        "world_loss": round(stored.world, 4),
        "excess": round(stored.excess, 4),
        "excess_standard_error": round(stored.standard_error, 4),
        "unit": "nats per token, ends of documents included",
        "world": "World(seed=0)",
        "world_fingerprint": world_fingerprint(),
        "licence": "CC BY 4.0",
    }


def main() -> None:
    """Make the models that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"among {', '.join(RECIPES)}; default: all")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in RECIPES:
            parser.error(f"NAME must be one of {', '.join(RECIPES)}, not {name!r}")
    torch.set_num_threads(arguments.threads)
    for name in arguments.names or RECIPES:
        card = make(name)
        path = checkpoints_dir() / "cards.json"
        cards = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        cards[name] = card
        ordered = {known: cards[known] for known in RECIPES if known in cards}
        path.write_text(json.dumps(ordered, indent=2) + "\n", encoding="utf-8")
        print(
            f"{name}: {card['held_out_loss']} nats per token, the world itself {card['world_loss']};"
            f" {card['bytes']:,} bytes"
        )


if __name__ == "__main__":
    main()
