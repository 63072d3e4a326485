"""Rows 90, 95 and 98: the same notes in every way, none from the pool, limits that cut, questions not trained on."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from utils.experiments.recording.design import Run
from utils.experiments.structured import query_runs
from utils.experiments.structured.finetuned_models import load_finetuned
from utils.experiments.structured.json_mode_recipe import broken_by_a_limit, parts
from utils.experiments.structured.query_models import QueryVocabulary, query_pairs, training_queries
from utils.experiments.structured.query_runs import GROUPS, JOIN, query_model, sql_questions
from utils.experiments.structured.real_model import smollm2
from utils.experiments.structured.record_jobs import (
    LIMITS,
    NOTES_OF_A_KIND,
    NotesJob,
    column,
    gain,
    notes_jobs,
    test_notes,
    whole_after,
)
from utils.experiments.structured.record_prompts import POOL_NOTES, record_examples, record_pool
from utils.experiments.structured.regex_tasks import RegexTask
from utils.experiments.structured.sql_tasks import SQL_FAMILIES, SqlTask
from utils.training.base_models import base_world
from utils.world import RECORD_KINDS


def test_no_note_that_is_written_stands_in_the_pool_of_examples() -> None:
    pool = {task.text for task in record_pool()}
    assert len(record_pool()) == POOL_NOTES
    for kind in RECORD_KINDS:
        notes = test_notes(kind)
        assert len(notes) == NOTES_OF_A_KIND >= 48
        assert {task.kind for task in notes} == {kind}
        assert not pool & {task.text for task in notes}


def test_worked_examples_are_notes_that_finetuning_trains_on() -> None:
    for kind in RECORD_KINDS:
        assert {one.text for one in record_examples(kind)} <= {task.text for task in record_pool()}
        assert {one.kind for one in record_examples(kind)} == {kind}
    with pytest.raises(ValueError, match="'poem'"):
        record_examples("poem")


def test_every_way_writes_the_same_notes_and_differences_are_paired() -> None:
    jobs = notes_jobs(("3 examples", "1 example"))
    by_way = {
        way: [(one.kind, one.first, one.n) for one in jobs if one.way == way] for way in ("3 examples", "1 example")
    }
    assert by_way["3 examples"] == by_way["1 example"]
    runs = [Run(job, {"valid": [float(job.first + place) for place in range(job.n)]}) for job in jobs]
    assert column({"notes": runs[::-1]}, "1 example", "valid", "visit").tolist() == list(range(NOTES_OF_A_KIND))
    assert gain({"notes": runs[::-1]}, "1 example", "3 examples", "valid").high == 0


def test_limits_leave_room_for_the_longest_right_record() -> None:
    for kind in RECORD_KINDS:
        longest = max(len(smollm2().encode(task.target)) for task in test_notes(kind))
        assert longest < LIMITS[kind]


def test_an_output_is_whole_from_its_closing_bracket_on() -> None:
    encode = smollm2().encode
    record = encode(json.dumps({"animal": "goat", "reward": None}))
    assert whole_after(record) == len(record)
    assert whole_after([*record, *encode("\n\n")]) == len(record)
    assert whole_after(record[:-1]) == 0
    assert whole_after(encode("goat")) == 0


def test_an_unknown_way_or_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="'shouting'"):
        NotesJob("shouting", "visit", 0, 1)
    with pytest.raises(ValueError, match="'poem'"):
        NotesJob("any JSON", "poem", 0, 1)


def test_only_outputs_that_the_limit_cuts_count_as_cut() -> None:
    result = {"tokens": [10, 20, 20, 30], "whole": [10, 20, 12, 0], "ended": [1, 1, 1, 0], "json": [1, 1, 1, 0]}
    results = {"notes": [Run(NotesJob("any JSON", "visit", 0, 4), {**result, "correct": [1, 0, 0, 0]})]}
    # The shortest quarter has at most 17.5 tokens: the second and the last no longer parse there, the third does.
    assert broken_by_a_limit(results).tolist() == [1.0, 0.0, 1.0]
    found = parts(results)
    assert (found["parses"].mean, found["wrong"].mean) == (1.0, pytest.approx(2 / 3))


def test_questions_cover_eight_templates_and_values_never_trained_on() -> None:
    trained = {task.question for task in training_queries(base_world())[0]}
    groups = {group: sql_questions(group) for group in GROUPS}
    everything = [task for tasks in groups.values() for task in tasks]
    assert {task.family for task in everything} == set(SQL_FAMILIES)
    assert len({task.question for task in everything if task.family != JOIN}) >= 200
    assert not {task.question for task in groups["new values"]} & trained
    assert {task.family for task in groups["joins"]} == {JOIN}
    with pytest.raises(ValueError, match="'old values'"):
        sql_questions("old values")


def test_a_training_without_joins_shows_none_and_keeps_the_rows_of_known_words(monkeypatch: pytest.MonkeyPatch) -> None:
    taught: dict[str, list[str]] = {}

    def remember(vocabulary: QueryVocabulary, sql: list[SqlTask], patterns: list[RegexTask]) -> list[Any]:
        taught["families"] = sorted({task.family for task in sql})
        return query_pairs(vocabulary, sql[:40], patterns)

    monkeypatch.setattr(query_runs, "query_pairs", remember)
    model = query_model("no joins", 2)
    assert taught["families"] == sorted(set(SQL_FAMILIES) - {JOIN})
    before, after = load_finetuned("world-records").state_dict(), model.state_dict()
    rows = before["embedding.weight"]
    assert torch.equal(after["embedding.weight"][: len(rows)], rows)
    (projection,) = [name for name in before if name.startswith("blocks.0.") and name.endswith("q_proj.weight")]
    assert not torch.equal(after[projection], before[projection])
