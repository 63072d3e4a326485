"""Finetune a base model of the world on demonstrations, with LoRA, and write the adapter to datasets/checkpoints.

    python scripts/make_chat_models.py world-medium-chat [--threads 2]

Demonstrations answer in one true sentence; the card says how many questions about other facts the model answers.
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

from utils.experiments.finetuning.answering import correct_answers, popularity_groups  # noqa: E402
from utils.experiments.finetuning.chat_models import (  # noqa: E402
    CHAT_MODELS,
    DEMONSTRATION_SEED,
    DEMONSTRATIONS,
    TEST_SEED,
)
from utils.posttraining.chat import world_codec  # noqa: E402
from utils.posttraining.lora import adapter_of, add_lora, with_adapter  # noqa: E402
from utils.posttraining.sft import finetune_chats  # noqa: E402
from utils.training.base_models import (  # noqa: E402
    base_model_card,
    base_world,
    checkpoints_dir,
    load_base_model,
    sha256_of,
)
from utils.training.checkpoints import write  # noqa: E402
from utils.world import draw_demonstrations, draw_questions  # noqa: E402

RANK, STEPS, BATCH_SIZE, LR = 8, 800, 16, 5e-3


def main() -> None:
    """Train, measure the stored adapter on facts that no demonstration tells, write adapter and card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=list(CHAT_MODELS))
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    started, name, base = time.perf_counter(), arguments.name, CHAT_MODELS[arguments.name]
    world, model = base_world(), load_base_model(base)
    codec = world_codec(world.vocabulary)
    demonstrations = draw_demonstrations(world, DEMONSTRATIONS, DEMONSTRATION_SEED)
    add_lora(model, RANK)
    chats = [one.messages for one in demonstrations]
    result = finetune_chats(model, chats, codec, steps=STEPS, batch_size=BATCH_SIZE, lr=LR)
    path = checkpoints_dir() / f"{name}.safetensors"
    write(path, adapter_of(model), {"base_sha256": base_model_card(base)["sha256"]})
    stored = with_adapter(load_base_model(base), adapter_of(model))
    told = {(fact.subject, fact.relation) for one in demonstrations for fact in one.facts}
    questions = draw_questions(world, None, TEST_SEED)
    groups = popularity_groups(questions)
    correct = {}
    for label, group in zip(("first_50_people", "next_150_people", "others"), groups, strict=True):
        new = [one for one in group if (one.fact.subject, one.fact.relation) not in told][:300]
        answers = correct_answers(stored, world, codec, new)
        correct[label] = round(sum(answers) / len(answers), 4)
    card = {
        "file": path.name,
        "sha256": sha256_of(path),
        "bytes": path.stat().st_size,
        "command": f"python scripts/make_chat_models.py {name}",
        "base": base,
        "base_sha256": base_model_card(base)["sha256"],
        "rank": RANK,
        "demonstrations": {
            "n": DEMONSTRATIONS,
            "seed": DEMONSTRATION_SEED,
            "quality": "good",
            "world": "World(seed=0)",
        },
        "steps": STEPS,
        "batch_size": BATCH_SIZE,
        "lr": LR,
        "training_loss": round(sum(result.losses[-100:]) / 100, 4),
        "unit": "nats per counted token, mean of the last 100 steps",
        "correct": correct,
        "measured_on": f"up to 300 questions of seed {TEST_SEED} a group, on facts no demonstration tells, greedy",
        "licence": "CC BY 4.0",
    }
    (checkpoints_dir() / f"{name}.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size:,} bytes, {correct}, {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
