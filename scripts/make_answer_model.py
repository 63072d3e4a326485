"""Finetune the small model of the world on answers good and bad, with LoRA, and write the adapter and its card.

    python scripts/make_answer_model.py [--threads 2]

It is what notebook 06 makes better with preferences.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from utils.experiments.preferences.answer_model import (  # noqa: E402
    ANSWER_MODEL,
    BASE,
    COMMAND,
    answer_bench,
    mixed_chats,
)
from utils.posttraining.chat import world_codec  # noqa: E402
from utils.posttraining.lora import adapter_of, add_lora  # noqa: E402
from utils.posttraining.sft import finetune_chats  # noqa: E402
from utils.training.base_models import (  # noqa: E402
    base_model_card,
    base_world,
    checkpoints_dir,
    load_base_model,
    sha256_of,
)
from utils.training.checkpoints import write  # noqa: E402

N, SEED, RANK, STEPS, BATCH_SIZE, LR = 2000, 1, 8, 500, 16, 5e-3


def main() -> None:
    """Train, write adapter and card, and measure the stored model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    started, world, model = time.perf_counter(), base_world(), load_base_model(BASE)
    add_lora(model, RANK)
    chats = mixed_chats(world, N, SEED)
    result = finetune_chats(model, chats, world_codec(world.vocabulary), steps=STEPS, batch_size=BATCH_SIZE, lr=LR)
    path = checkpoints_dir() / f"{ANSWER_MODEL}.safetensors"
    write(path, adapter_of(model), {"base_sha256": base_model_card(BASE)["sha256"]})
    bench = answer_bench()
    gold = bench.gold(bench.tests, bench.draw(bench.policy, bench.tests, 0))
    card = {
        "file": path.name,
        "sha256": sha256_of(path),
        "bytes": path.stat().st_size,
        "command": COMMAND,
        "base": BASE,
        "base_sha256": base_model_card(BASE)["sha256"],
        "rank": RANK,
        "demonstrations": {"n": N, "seed": SEED, "quality": "mixed, as draw_answers gives them"},
        "steps": STEPS,
        "batch_size": BATCH_SIZE,
        "lr": LR,
        "training_loss": round(sum(result.losses[-100:]) / 100, 4),
        "unit": "nats per counted token, mean of the last 100 steps",
        "gold_reward": round(float(gold.mean()), 3),
        "measured_on": f"{len(gold)} test questions, one answer each at temperature 1",
        "licence": "CC BY 4.0",
    }
    (checkpoints_dir() / f"{ANSWER_MODEL}.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(f"{path.name}: {card['bytes']:,} bytes, gold {card['gold_reward']}, {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
