"""Finetune the base model world-small on records and write it, with its card, to datasets/checkpoints.

    python scripts/make_record_model.py [--threads 1]

Notes and records are drawn with another seed than the tests of notebook 08. The weights are stored in float16.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from utils.experiments.structured.structured_outputs import single, world_pairs, world_writer  # noqa: E402
from utils.posttraining.finetuning import finetune  # noqa: E402
from utils.training.base_models import base_world, checkpoints_dir, load_base_model, sha256_of  # noqa: E402
from utils.training.checkpoints import load_gpt, save_model  # noqa: E402
from utils.world import draw_record_tasks  # noqa: E402

NAME, BASE = "world-records", "world-small"
KINDS = ("visit", "notice")
TASKS, TASK_SEED, TEST_SEED = 20_000, 1, 3
STEPS, BATCH_SIZE, LR, MUON_LR = 3000, 16, 0.005, 0.02


def main() -> None:
    """Train, measure the stored weights on notes not trained on, and write model and card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    world, model = base_world(), load_base_model(BASE)
    pairs = world_pairs(world, draw_record_tasks(world, TASKS, seed=TASK_SEED, kinds=KINDS))
    result = finetune(model, pairs, steps=STEPS, batch_size=BATCH_SIZE, lr=LR, muon_lr=MUON_LR, description=NAME)
    path = checkpoints_dir() / f"{NAME}.safetensors"
    save_model(path, model, dtype=torch.float16)
    tasks = draw_record_tasks(world, 300, seed=TEST_SEED, kinds=KINDS)
    stored = load_gpt(path)
    written = single(NAME, world_writer(stored, world).write(tasks))  # type: ignore[arg-type]
    card = {
        "file": path.name,
        "sha256": sha256_of(path),
        "bytes": path.stat().st_size,
        "command": "python scripts/make_record_model.py",
        "base": BASE,
        "tasks": {"n": TASKS, "seed": TASK_SEED, "kinds": list(KINDS), "world": "World(seed=0)"},
        "steps": STEPS,
        "batch_size": BATCH_SIZE,
        "lr": LR,
        "muon_lr": MUON_LR,
        "training_loss": round(sum(result.losses[-100:]) / 100, 4),
        "unit": "nats per target token, mean of the last 100 steps",
        "valid": round(float(written.valid.mean()), 4),
        "correct": round(float(written.correct.mean()), 4),
        "field_accuracy": round(float(written.accuracy.mean()), 4),
        "measured_on": f"300 notes of seed {TEST_SEED}, greedy, without a mask",
        "licence": "CC BY 4.0",
    }
    (checkpoints_dir() / f"{NAME}.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=2))


if __name__ == "__main__":
    main()
