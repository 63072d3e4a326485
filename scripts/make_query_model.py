"""Finetune world-records on text-to-SQL and text-to-regex and write it, with its card, to datasets/checkpoints.

    python scripts/make_query_model.py [--threads 1]

world-records has learned to copy words from a note; a query copies its values from the question. Values that the tests
of notebook 08 ask about occur in no training question. The weights are stored in float16.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from utils.evaluation.query_models import QueryVocabulary, query_pairs, with_more_tokens, write_queries  # noqa: E402
from utils.evaluation.regex_tasks import draw_regex_tasks, examples_match  # noqa: E402
from utils.evaluation.safe_sql import execution_match  # noqa: E402
from utils.evaluation.sql_tasks import draw_sql_tasks, world_database  # noqa: E402
from utils.posttraining.finetuning import finetune  # noqa: E402
from utils.training.base_models import base_world, checkpoints_dir, sha256_of  # noqa: E402
from utils.training.checkpoints import load_gpt, save_model  # noqa: E402

NAME, BASE = "world-queries", "world-records"
TASKS, TASK_SEED, TEST_SEED = 6000, 1, 3
STEPS, BATCH_SIZE, LR, MUON_LR = 2000, 16, 0.005, 0.02


def main() -> None:
    """Train, measure the stored weights on questions not trained on, and write model and card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    world = base_world()
    vocabulary = QueryVocabulary(world)
    base = load_gpt(checkpoints_dir() / f"{BASE}.safetensors")
    model = with_more_tokens(base, len(vocabulary))  # type: ignore[arg-type]
    pairs = query_pairs(vocabulary, draw_sql_tasks(world, TASKS, TASK_SEED), draw_regex_tasks(TASKS, TASK_SEED))
    result = finetune(model, pairs, steps=STEPS, batch_size=BATCH_SIZE, lr=LR, muon_lr=MUON_LR, description=NAME)
    path = checkpoints_dir() / f"{NAME}.safetensors"
    save_model(path, model, dtype=torch.float16)
    stored, database = load_gpt(path), world_database(world)
    sql, patterns = draw_sql_tasks(world, 200, TEST_SEED, unseen=True), draw_regex_tasks(200, TEST_SEED)
    queries = write_queries(stored, vocabulary, [task.question for task in sql])  # type: ignore[arg-type]
    written = write_queries(stored, vocabulary, [task.question for task in patterns])  # type: ignore[arg-type]
    right = [execution_match(query, task.sql, database) for query, task in zip(queries, sql, strict=True)]
    matching = [examples_match(pattern, task) for pattern, task in zip(written, patterns, strict=True)]
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
        "sql_execution_match": sum(right) / len(right),
        "regex_examples_match": sum(matching) / len(matching),
        "measured_on": f"200 questions of each kind, seed {TEST_SEED}, greedy, without a mask",
        "licence": "CC BY 4.0",
    }
    (checkpoints_dir() / f"{NAME}.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=2))
    for task, query in list(zip(sql, queries, strict=True))[:6]:
        print(task.question, "|", query)


if __name__ == "__main__":
    main()
