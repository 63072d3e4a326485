"""Questions of eight templates about values, and with joins, that a query model was trained on or never shown.

A model with tied embeddings learns in training that a word which is no target never comes, and the words of new values
are such words. So its known rows are kept as they are here, and only the rows of the new pieces are trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from utils.decoding.checked import check_fields, checked
from utils.decoding.grammar import Constraint, regular_expression
from utils.evaluation.safe_sql import execution_match
from utils.experiments.structured.finetuned_models import load_finetuned
from utils.experiments.structured.queries import runs
from utils.experiments.structured.query_models import (
    QueryVocabulary,
    query_pairs,
    training_queries,
    with_more_tokens,
    write_queries,
)
from utils.experiments.structured.sql_tasks import SQL_FAMILIES, SqlTask, draw_sql_tasks, sql_pattern, world_database
from utils.models.gpt import GPT
from utils.posttraining.finetuning import finetune
from utils.training.base_models import base_world
from utils.training.threads import one_thread

JOIN = "two tables"
GROUPS = ("known values", "new values", "joins")
TRAININGS = ("shipped", "all templates", "no joins")
QUESTIONS_SEED, A_TEMPLATE = 31, 26
BATCH_SIZE, LR, MUON_LR = 16, 0.005, 0.02


@checked
@cache
def sql_questions(group: str) -> tuple[SqlTask, ...]:
    """Return the different questions of a group, at most `A_TEMPLATE` of each template, the join's by themselves.

    Args:
        group: "known values" from the four fifths of all values that training names, "new values" from the rest, each
            with all templates of one table; "joins": the template with two tables, values of both kinds.

    Raises:
        ValueError: no such group.
    """
    if group not in GROUPS:
        raise ValueError(f"group must be one of {', '.join(GROUPS)}, not {group!r}")
    drawn: dict[str, SqlTask] = {}
    for unseen in {"known values": (False,), "new values": (True,)}.get(group, (False, True)):
        for task in draw_sql_tasks(base_world(), 3000, QUESTIONS_SEED, unseen=unseen):
            drawn.setdefault(task.question, task)
    kept = [task for task in drawn.values() if (task.family == JOIN) == (group == "joins")]
    most = None if group == "joins" else A_TEMPLATE
    return tuple(task for name in SQL_FAMILIES for task in [one for one in kept if one.family == name][:most])


@cache
def vocabulary() -> QueryVocabulary:
    """Return the vocabulary of the world's query models."""
    return QueryVocabulary(base_world())


@checked
def query_model(training: str, steps: int) -> GPT:
    """Return the shipped query model, or one finetuned here on SQL with its known embedding rows kept as they are.

    Args:
        training: one of `TRAININGS`; without joins no question in training needs two tables.
        steps: of the training; the shipped model has its own.

    Raises:
        ValueError: no such training.
    """
    if training not in TRAININGS:
        raise ValueError(f"training must be one of {', '.join(TRAININGS)}, not {training!r}")
    if training == "shipped":
        return load_finetuned("world-queries")
    base = load_finetuned("world-records")
    model = with_more_tokens(base, len(vocabulary()))
    trained_rows = (torch.arange(len(vocabulary())) >= base.config.vocab_size).float()[:, None]
    model.embedding.weight.register_hook(lambda gradient: gradient * trained_rows)
    taught = [task for task in training_queries(base_world())[0] if training != "no joins" or task.family != JOIN]
    pairs = query_pairs(vocabulary(), taught, [])
    finetune(model, pairs, steps=steps, batch_size=BATCH_SIZE, lr=LR, muon_lr=MUON_LR, seed=0, show_progress=False)
    return model.eval()


@dataclass(frozen=True)
class QueryJob:
    """One training, and the questions of all groups, answered free and under the mask of all queries.

    Attributes:
        training: one of `TRAININGS`.
        steps: of the training.
        every: ask every so many questions, 1 for all.
    """

    training: str
    steps: int
    every: int = 1

    def __post_init__(self) -> None:
        check_fields(self, steps=1, every=1)
        if self.training not in TRAININGS:
            raise ValueError(f"training must be one of {', '.join(TRAININGS)}, not {self.training!r}")


def judged(tasks: Sequence[SqlTask], written: Sequence[str]) -> dict[str, Any]:
    """Return for each query its template, whether it runs, has the gold text, has the gold result; and a few texts."""
    database, pairs = world_database(base_world()), list(zip(written, tasks, strict=True))
    return {
        "template": [SQL_FAMILIES.index(task.family) for task in tasks],
        "runs": [int(runs(database, query)) for query in written],
        "text": [int(query == task.sql) for query, task in pairs],
        "right": [int(execution_match(query, task.sql, database)) for query, task in pairs],
        "shown": [f"{task.question} {query}" for query, task in pairs[:: max(1, len(pairs) // 3)]],
    }


def run_queries(job: QueryJob) -> dict[str, Any]:
    """Return what the model's queries are worth by group, free and masked."""
    found: dict[str, Any] = {}
    with one_thread():
        model = query_model(job.training, job.steps)
        mask = Constraint(regular_expression(sql_pattern()), vocabulary().spellings())
        for group in GROUPS:
            tasks = sql_questions(group)[:: job.every]
            questions = [task.question for task in tasks]
            for how, constraint in (("free", None), ("masked", mask)):
                written = write_queries(model, vocabulary(), questions, constraint)
                found[f"{group}, {how}"] = judged(tasks, written)
    return found
