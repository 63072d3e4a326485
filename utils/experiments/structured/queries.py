"""Text-to-SQL and text-to-regex: new questions, and how answers to them are judged."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from utils.evaluation.intervals import Interval
from utils.evaluation.safe_sql import SqlError, execution_match, run_query
from utils.experiments.structured.query_models import training_queries
from utils.experiments.structured.regex_tasks import examples_match
from utils.experiments.structured.structured_outputs import share
from utils.world import World


def new_questions(world: World, drawn: Iterable[Any], n: int) -> list[Any]:
    """Return the first n tasks whose question did not occur in training."""
    trained = _trained_questions(world)
    return [task for task in drawn if task.question not in trained][:n]


# To draw them takes seconds. Worlds compare by identity, so a world with other options never gets these.
@lru_cache(maxsize=2)
def _trained_questions(world: World) -> frozenset[str]:
    return frozenset(task.question for tasks in training_queries(world) for task in tasks)


def runs(database: sqlite3.Connection, sql: str) -> bool:
    """Return whether a query runs."""
    try:
        run_query(database, sql)
    except SqlError:
        return False
    return True


def judged_sql(
    database: sqlite3.Connection, tasks: Sequence[Any], written: Sequence[str]
) -> tuple[dict[str, Interval], list[bool], list[bool]]:
    """Return shares that run, have the gold text, have the gold result; then result and text of each answer."""
    result = [execution_match(query, task.sql, database) for query, task in zip(written, tasks, strict=True)]
    text = [query == task.sql for query, task in zip(written, tasks, strict=True)]
    return _shares([runs(database, query) for query in written], text, result), result, text


def judged_regex(
    accepts: Callable[[str], bool], tasks: Sequence[Any], written: Sequence[str]
) -> tuple[dict[str, Interval], list[bool], list[bool]]:
    """The same for regular expressions; `accepts` says whether a text is one of those that the model may write."""
    result = [examples_match(pattern, task) for pattern, task in zip(written, tasks, strict=True)]
    text = [pattern == task.pattern for pattern, task in zip(written, tasks, strict=True)]
    return _shares([accepts(pattern) for pattern in written], text, result), result, text


def _shares(valid: Sequence[bool], text: Sequence[bool], result: Sequence[bool]) -> dict[str, Interval]:
    named = {"runs": valid, "same text": text, "same result": result}
    return {name: share([float(value) for value in values]) for name, values in named.items()}


def shares_by_family(tasks: Sequence[Any], right: Sequence[bool]) -> dict[str, str]:
    """Return the share of right answers for each kind of question that occurs."""
    families = dict.fromkeys(task.family for task in tasks)
    found = {
        family: [ok for task, ok in zip(tasks, right, strict=True) if task.family == family] for family in families
    }
    return {family: f"{sum(values) / len(values):.2f} of {len(values)}" for family, values in found.items()}
