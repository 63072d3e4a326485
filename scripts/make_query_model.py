"""Finetune world-records on text-to-SQL and text-to-regex and write it, with its card, to datasets/checkpoints.

    python scripts/make_query_model.py [--threads 1]

world-records has learned to copy words from a note; a query copies its values from the question. A fifth of all towns,
trades and so on occur in no training question. The weights are stored in float16.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from utils.evaluation.safe_sql import execution_match  # noqa: E402
from utils.experiments.structured.query_models import (  # noqa: E402
    QueryVocabulary,
    query_pairs,
    training_queries,
    with_more_tokens,
    write_queries,
)
from utils.experiments.structured.regex_tasks import draw_regex_tasks, examples_match  # noqa: E402
from utils.experiments.structured.sql_tasks import draw_sql_tasks, world_database  # noqa: E402
from utils.posttraining.finetuning import finetune  # noqa: E402
from utils.training.base_models import base_world, checkpoints_dir, sha256_of  # noqa: E402
from utils.training.checkpoints import load_gpt, save_model  # noqa: E402

NAME, BASE = "world-queries", "world-records"
TEST_SEED = 3
STEPS, BATCH_SIZE, LR, MUON_LR = 1800, 16, 0.005, 0.02


def main() -> None:
    """Train, measure the stored weights on questions not trained on, and write model and card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    world = base_world()
    vocabulary = QueryVocabulary(world)
    base = load_gpt(checkpoints_dir() / f"{BASE}.safetensors")
    model = with_more_tokens(base, len(vocabulary))  # type: ignore[arg-type]
    trained_sql, trained_regex = training_queries(world)
    pairs = query_pairs(vocabulary, trained_sql, trained_regex)
    result = finetune(model, pairs, steps=STEPS, batch_size=BATCH_SIZE, lr=LR, muon_lr=MUON_LR, description=NAME)
    path = checkpoints_dir() / f"{NAME}.safetensors"
    save_model(path, model, dtype=torch.float16)
    stored, database = load_gpt(path), world_database(world)
    shares = {}
    for name, unseen in (("sql_new_questions", False), ("sql_new_values", True)):
        known = {task.question for task in trained_sql}
        tasks = [t for t in draw_sql_tasks(world, 500, TEST_SEED, unseen) if t.question not in known][:200]
        queries = write_queries(stored, vocabulary, [task.question for task in tasks])  # type: ignore[arg-type]
        right = [execution_match(query, task.sql, database) for query, task in zip(queries, tasks, strict=True)]
        shares[name] = round(sum(right) / len(right), 4)
    described = {task.question for task in trained_regex}
    patterns = [task for task in draw_regex_tasks(500, TEST_SEED) if task.question not in described][:200]
    written = write_queries(stored, vocabulary, [task.question for task in patterns])  # type: ignore[arg-type]
    matching = [examples_match(pattern, task) for pattern, task in zip(written, patterns, strict=True)]
    shares["regex_new_descriptions"] = round(sum(matching) / len(matching), 4)
    card = {
        "file": path.name,
        "sha256": sha256_of(path),
        "bytes": path.stat().st_size,
        "command": "python scripts/make_query_model.py",
        "base": BASE,
        "steps": STEPS,
        "batch_size": BATCH_SIZE,
        "lr": LR,
        "muon_lr": MUON_LR,
        "training_loss": round(sum(result.losses[-100:]) / 100, 4),
        "unit": "nats per target token, mean of the last 100 steps",
        "same_result": shares,
        "measured_on": f"200 questions of each kind that training did not have, seed {TEST_SEED}, greedy, no mask",
        "licence": "CC BY 4.0",
    }
    (checkpoints_dir() / f"{NAME}.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=2))


if __name__ == "__main__":
    main()
