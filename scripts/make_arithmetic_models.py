"""Train the arithmetic models and write them, with their cards, to datasets/checkpoints.

    python scripts/make_arithmetic_models.py [NAME ...] [--threads 1]

Without names all are made. A run that was interrupted goes on where it was when the command is given again. The weights
are stored in float16; the card's shares of solved tasks are those of the stored weights.
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

from utils.decoding.generation import generate  # noqa: E402
from utils.models.gpt import GPT  # noqa: E402
from utils.training.arithmetic_models import (  # noqa: E402
    BATCH_SIZE,
    HELD_OUT_SEED,
    MAX_OPERAND,
    MAX_VALUE,
    N_STEPS,
    RECIPES,
    TASKS_PER_LENGTH,
    TRAINING_SEED,
    WORDINGS,
    ArithmeticBatches,
    arithmetic_training_config,
    arithmetic_vocabulary,
    draw_tasks,
    make_command,
    prompt_ids,
    task_fingerprint,
)
from utils.training.base_models import checkpoints_dir, sha256_of  # noqa: E402
from utils.training.checkpoints import load_gpt, save_model  # noqa: E402
from utils.training.loop import train  # noqa: E402
from utils.world.arithmetic import verify  # noqa: E402

HELD_OUT_PER_LENGTH = 100


def solved(model: torch.nn.Module) -> dict[str, float]:
    """Return the share of new tasks that a model solves greedily in the first wording, for each number of steps."""
    vocabulary = arithmetic_vocabulary()
    shares = {}
    for length in N_STEPS:
        tasks = draw_tasks(HELD_OUT_PER_LENGTH, HELD_OUT_SEED, [length])
        written = generate(model, [prompt_ids(t) for t in tasks], 64, stop_ids=[vocabulary.end_of_turn_id])
        right = sum(verify(task, vocabulary.decode(one.ids)) for task, one in zip(tasks, written, strict=True))
        shares[str(length)] = round(right / len(tasks), 4)
    return shares


def make(name: str) -> dict[str, object]:
    """Train one model, write its weights and return its card."""
    config = arithmetic_training_config()
    torch.manual_seed(0)
    model = GPT(RECIPES[name].model_config())
    batches = ArithmeticBatches(draw_tasks(TASKS_PER_LENGTH, TRAINING_SEED))
    unfinished = Path(tempfile.gettempdir()) / f"{name}-{task_fingerprint()[:12]}.unfinished.safetensors"
    train(model, batches, config, checkpoint=unfinished, description=name)
    path = checkpoints_dir() / f"{name}.safetensors"
    save_model(path, model, dtype=torch.float16)
    unfinished.unlink(missing_ok=True)
    return {
        "file": path.name,
        "sha256": sha256_of(path),
        "bytes": path.stat().st_size,
        "command": make_command(name),
        "parameters": sum(p.numel() for p in model.parameters()),
        "model_config": model.config.to_dict(),
        "training_config": config.to_dict(),
        "training_solutions": config.steps * BATCH_SIZE,
        "tasks": f"{TASKS_PER_LENGTH} of {list(N_STEPS)} steps each, operands to {MAX_OPERAND}, values to {MAX_VALUE}",
        "wordings": {wording.start: wording.share for wording in WORDINGS},
        "held_out_tasks": HELD_OUT_PER_LENGTH * len(N_STEPS),
        "solved_by_steps": solved(load_gpt(path)),
        "task_fingerprint": task_fingerprint(),
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
        path = checkpoints_dir() / "arithmetic_cards.json"
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        known[name] = card
        ordered = {one: known[one] for one in RECIPES if one in known}
        path.write_text(json.dumps(ordered, indent=2) + "\n", encoding="utf-8")
        print(f"{name}: {card['parameters']:,} parameters, solved by number of steps {card['solved_by_steps']}")


if __name__ == "__main__":
    main()
