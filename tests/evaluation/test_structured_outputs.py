"""Repairs, broken records, approaches over one task, SQL that may only read, queries and patterns judged by running."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import numpy as np
import pytest
import torch

from utils.decoding.grammar import regular_expression
from utils.evaluation.repair import NotRepairableError, fit_to_schema, repair_json, repair_record
from utils.evaluation.safe_sql import (
    SqlError,
    SqlRefusedError,
    SqlTooLongError,
    execution_match,
    is_ordered,
    run_query,
)
from utils.experiments.structured import structured_outputs as so
from utils.experiments.structured.broken_records import FORESEEN, UNFORESEEN, break_records
from utils.experiments.structured.note_classes import NOTE_CLASSES, ClassifierHead, note_class
from utils.experiments.structured.query_models import QueryVocabulary, with_more_tokens
from utils.experiments.structured.record_prompts import record_messages
from utils.experiments.structured.regex_tasks import draw_regex_tasks, examples_match, regex_pattern
from utils.experiments.structured.sql_tasks import draw_sql_tasks, sql_pattern, world_database
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.training.base_models import base_world, load_base_model
from utils.world import RECORD_SCHEMAS, draw_record_tasks
from utils.world.draws import Draws


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, }', {"a": 1}),
        ('Sure! {"a": [1, {"b": "x', {"a": [1, {"b": "x"}]}),
        ("```json\n{'a': 'it\\'s', 'b': None}\n```", {"a": "it's", "b": None}),
        ("{'say': 'a \"word\"'}", {"say": 'a "word"'}),
        ('{"a": "x, }", "b": [1,', {"a": "x, }", "b": [1]}),
    ],
)
def test_repair_mends_what_it_foresees(text: str, value: object) -> None:
    assert json.loads(repair_json(text)) == value


def test_repair_leaves_json_alone_and_refuses_the_rest() -> None:
    assert repair_json(' {"a":1}\n') == ' {"a":1}\n'
    for text in ("", "no record", "{a: 1}", '{"a" 1}'):
        with pytest.raises(NotRepairableError, match="text"):
            repair_json(text)


def test_a_record_is_bent_towards_its_schema_without_inventing() -> None:
    text = '{"animal": "Goat", "colour": "red", "town": "Xu", "reward": "12 coins", "additionalProperties": false}'
    assert json.loads(repair_record(text, RECORD_SCHEMAS["notice"])) == {
        "animal": "goat",
        "colour": "red",
        "town": "Xu",
        "reward": 12,
    }
    assert fit_to_schema({"reward": "no reward"}, RECORD_SCHEMAS["notice"]) == {"reward": None}
    assert repair_record("nothing here", RECORD_SCHEMAS["notice"]) == "nothing here"


def test_the_foreseen_ways_are_those_that_the_repair_mends() -> None:
    records = [task.target for task in draw_record_tasks(base_world(), 30, seed=5)]
    draws = Draws("test", 0)
    for way in FORESEEN.values():
        for record in records:
            assert json.loads(repair_json(way(record, draws))) == json.loads(record)
    for way in UNFORESEEN.values():
        assert all(way(record, draws) != record for record in records)
    assert break_records(records, 0.0, 0.0, 0) == [("", record) for record in records]
    with pytest.raises(ValueError, match="share"):
        break_records(records, 1.5, 0.0, 0)


def attempt(task: object, text: str, tokens: int) -> so.Attempt:
    return so.Attempt(task, text, tokens, True)  # type: ignore[arg-type]


def test_a_retry_takes_the_first_valid_output_and_pays_for_all_before_it() -> None:
    first, second = draw_record_tasks(base_world(), 2, seed=1, kinds=("notice",))
    pool = [
        [attempt(first, "{", 5), attempt(first, first.target, 7), attempt(first, "{", 9)],
        [attempt(second, "x", 1), attempt(second, "y", 2), attempt(second, "z", 3)],
    ]
    again = so.retried("retry", pool)
    assert again.attempts == (2, 3)
    assert again.tokens == (12, 6)
    assert again.valid.tolist() == [1.0, 0.0]
    assert so.single("one", pool).valid.tolist() == [0.0, 0.0]
    assert so.seconds(again, so.Costs(1.0, 0.5, 0.25), masked=True).tolist() == [10.0, 5.5]


def test_a_world_writer_under_its_mask_is_always_valid() -> None:
    world = base_world()
    tasks = draw_record_tasks(world, 6, seed=2, kinds=("visit", "notice"))
    writer = so.world_writer(load_base_model("world-small"), world)
    free, masked = so.single("free", writer.write(tasks)), so.single("masked", writer.write(tasks, constrained=True))
    assert free.valid.sum() == 0
    assert masked.valid.tolist() == [1.0] * 6
    assert [one.task for one in masked.outputs] == tasks


def test_a_share_of_all_or_none_keeps_an_interval() -> None:
    assert so.share([1.0] * 20).low == pytest.approx(0.025 ** (1 / 20))
    assert so.share([0.0] * 20).high == pytest.approx(1 - 0.025 ** (1 / 20))
    assert so.share([0.0, 1.0] * 10).mean == 0.5


def test_examples_are_earlier_turns() -> None:
    task = draw_record_tasks(base_world(), 1, seed=3, kinds=("visit",))[0]
    roles = [message["role"] for message in record_messages(task, 2)]
    assert roles == ["user", "assistant", "user", "assistant", "user"]
    with pytest.raises(ValueError, match="n_examples"):
        record_messages(task, 99)


@pytest.fixture(scope="module")
def database() -> sqlite3.Connection:
    return world_database(base_world())


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM people",
        "INSERT INTO people(name) VALUES ('x') RETURNING name",
        "UPDATE towns SET river = 'x'",
        "DROP TABLE people",
        "CREATE TEMP TABLE t(a)",
        "PRAGMA query_only = OFF",
        "ATTACH ':memory:' AS other",
        "SELECT 1; DROP TABLE people",
        "BEGIN",
    ],
)
def test_sql_that_does_more_than_read_is_refused(sql: str, database: sqlite3.Connection) -> None:
    with pytest.raises(SqlRefusedError, match="sql"):
        run_query(database, sql)
    assert run_query(database, "SELECT count(*) FROM people") == [(1000,)]


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "SELECT * FROM people a, people b, people c",
        "SELECT zeroblob(100000000)",
        "SELECT zeroblob(100001)",
        # One call each, whose time is the product of two lengths.
        "SELECT instr(hex(zeroblob(499999)), hex(zeroblob(250000)) || '1')",
        "SELECT replace(hex(zeroblob(400000)), hex(zeroblob(200000)) || '1', '')",
        f"SELECT 'a' LIKE '{'%a' * 501}'",
        # Rows and lengths within their bounds, and not their product.
        "SELECT hex(zeroblob(49000)) FROM people",
        f"SELECT '{'x' * 100_001}'",
    ],
)
def test_sql_without_end_is_stopped(sql: str, database: sqlite3.Connection) -> None:
    with pytest.raises(SqlTooLongError, match="sql"):
        run_query(database, sql)


def test_many_slow_calls_are_stopped_by_the_processors_time(database: sqlite3.Connection) -> None:
    # A few hundred thousand instructions: far below their bound, and a call takes as long as millions of them.
    slow = "instr(hex(zeroblob(49999 + 0 * a.year)), hex(zeroblob(25000)) || b.name)"
    with pytest.raises(SqlTooLongError, match=r"after 0\.2 seconds"):
        run_query(database, f"SELECT count({slow}) FROM people a, people b", max_seconds=0.2)


def test_bounds_are_reached_and_not_passed(database: sqlite3.Connection) -> None:
    row = "SELECT 'four', 1, NULL, x'0102'"  # 4 + 8 + 8 + 2 bytes
    assert run_query(database, f"{row} UNION ALL {row}", max_rows=2, max_bytes=44) == 2 * [("four", 1, None, b"\1\2")]
    with pytest.raises(SqlTooLongError, match="more than 43 bytes"):
        run_query(database, f"{row} UNION ALL {row}", max_bytes=43)
    with pytest.raises(SqlTooLongError, match="more than 1 rows"):
        run_query(database, f"{row} UNION ALL {row}", max_rows=1)
    assert len(run_query(database, "SELECT zeroblob(100000)")[0][0]) == 100_000


def test_limits_and_fences_are_taken_back(database: sqlite3.Connection) -> None:
    kinds = (sqlite3.SQLITE_LIMIT_LENGTH, sqlite3.SQLITE_LIMIT_SQL_LENGTH, sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH)
    before = [database.getlimit(kind) for kind in kinds]
    for sql in ("SELECT 1", "SELECT zeroblob(100001)", "DROP TABLE people", "nonsense"):
        with contextlib.suppress(SqlError):
            run_query(database, sql)
        assert [database.getlimit(kind) for kind in kinds] == before
        assert database.execute("PRAGMA query_only").fetchone() == (0,)


def test_what_holds_no_query_matches_nothing(database: sqlite3.Connection) -> None:
    nothing = "SELECT name FROM people WHERE 0"
    assert execution_match("SELECT name FROM towns WHERE 0", nothing, database)
    for sql in ("", ";", "-- nothing", "/* nothing */", " ", "\ud800", "SELECT '\udfff'", "SELECT 1\0"):
        assert not execution_match(sql, nothing, database)
        assert not execution_match(nothing, sql, database)
        assert not execution_match(sql, sql, database)


def test_sql_that_is_wrong_says_so_and_the_connection_stays_writable(database: sqlite3.Connection) -> None:
    for sql in ("SELEC 1", "SELECT nothing FROM people", "", "\ud800"):
        with pytest.raises(SqlError):
            run_query(database, sql)
    database.execute("CREATE TABLE kept (a)")
    database.execute("DROP TABLE kept")
    database.commit()


def test_matches_are_by_rows_and_by_order_only_where_the_gold_query_orders(database: sqlite3.Connection) -> None:
    by_name = "SELECT name FROM towns ORDER BY name"
    backwards = "SELECT name FROM towns ORDER BY name DESC"
    unordered = "SELECT name FROM towns"
    assert execution_match(backwards, unordered, database)
    assert not execution_match(backwards, by_name, database)
    assert not execution_match("SELECT DISTINCT goods FROM towns", "SELECT goods FROM towns", database)


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.mark.parametrize("bad", ["SELEC 1", "SELECT nothing", "DELETE FROM towns", "SELECT 1; SELECT 1", ENDLESS])
def test_either_query_failing_or_writing_is_no_match_and_no_error(bad: str, database: sqlite3.Connection) -> None:
    good = "SELECT name FROM towns"
    before = run_query(database, good)
    for predicted, gold in ((bad, good), (good, bad), (bad, bad)):
        assert execution_match(predicted, gold, database) is False
    assert run_query(database, good) == before
    assert execution_match(good, good, database) is True


def test_a_database_that_cannot_be_used_is_an_error_and_no_mismatch() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE kept AS SELECT 1 AS a")
    database.execute("INSERT INTO kept VALUES (2)")
    with pytest.raises(SqlError, match="open transaction"):
        execution_match("SELECT a FROM kept", "SELECT a FROM kept", database)
    database.close()
    with pytest.raises(SqlError, match="cannot be used"):
        execution_match("SELECT 1", "SELECT 1", database)


@pytest.mark.parametrize(
    ("sql", "ordered"),
    [
        ("SELECT a FROM t ORDER BY a", True),
        ("SELECT a FROM (SELECT a FROM t ORDER BY a)", False),
        ("SELECT 'order by' FROM t", False),
        ("SELECT a FROM t -- order by", False),
        ("SELECT a FROM t order\n by a", True),
        ("SELECT a FROM t ORDER/**/BY a", True),
        ("SELECT a FROM t ORDER -- then\nBY a", True),
        ("SELECT a FROM t /* ORDER BY a */", False),
        ("SELECT a FROM t /* ORDER BY a", False),
        ("SELECT ')' FROM t ORDER BY a", True),
        ('SELECT "(" FROM t ORDER/*)*/BY a', True),
        ("SELECT a `order` FROM t GROUP BY a", False),
        ("SELECT max(a) OVER (ORDER BY b) FROM t", False),
        ("WITH s AS (SELECT a FROM t ORDER BY a) SELECT a FROM s", False),
        ("SELECT a FROM t UNION SELECT b FROM t ORDER BY 1", True),
    ],
)
def test_only_an_outer_order_counts(sql: str, ordered: bool) -> None:
    assert is_ordered(sql) is ordered


def test_every_gold_query_runs_fits_the_mask_and_the_vocabulary(database: sqlite3.Connection) -> None:
    world = base_world()
    vocabulary, grammar = QueryVocabulary(world), regular_expression(sql_pattern())
    seen, unseen = (draw_sql_tasks(world, 60, seed=2, unseen=flag) for flag in (False, True))
    for task in (*seen, *unseen):
        assert run_query(database, task.sql)
        assert all(execution_match(other, task.sql, database) for other in task.others)
        assert all(grammar.accepts(query) for query in (task.sql, *task.others))
        assert vocabulary.spell(vocabulary.query_ids(task.sql)) == task.sql
        vocabulary.question_ids(task.question)
    assert not {task.question for task in seen} & {task.question for task in unseen}
    with pytest.raises(ValueError, match="word"):
        vocabulary.question_ids("Qwertz?")
    with pytest.raises(ValueError, match="cannot spell"):
        vocabulary.query_ids("SELECT nonsense")


def test_patterns_are_judged_by_what_they_match() -> None:
    grammar = regular_expression(regex_pattern())
    for task in draw_regex_tasks(40, seed=2):
        assert task.matching
        assert task.other
        assert grammar.accepts(task.pattern)
        assert examples_match(task.pattern, task)
        assert not examples_match(".*", task)
        assert not examples_match("(", task)
        assert not examples_match(f"x{task.pattern}", task)


def test_new_tokens_leave_the_old_ones_as_they_were() -> None:
    torch.manual_seed(0)
    model = GPT(ModelConfig(n_layers=1, d_model=16, n_heads=2, vocab_size=10, context_length=8)).eval()
    larger = with_more_tokens(model, 14)
    ids = torch.tensor([[1, 2, 3]])
    assert torch.allclose(larger(ids)[..., :10], model(ids))
    with pytest.raises(ValueError, match="vocab_size"):
        with_more_tokens(model, 9)


def test_the_classes_follow_kind_and_detail() -> None:
    tasks = draw_record_tasks(base_world(), 60, seed=4)
    assert {note_class(task) for task in tasks} == set(range(len(NOTE_CLASSES)))
    paid = next(task for task in tasks if task.kind == "order" and task.record["paid"])
    assert NOTE_CLASSES[note_class(paid)] == "paid order"


def test_the_head_reads_the_last_real_token_on_either_side() -> None:
    head = ClassifierHead(4, 2)
    hidden = torch.randn(2, 3, 4)
    mask = torch.tensor([[1, 1, 0], [0, 1, 1]])
    expected = head.linear(torch.stack([hidden[0, 1], hidden[1, 2]]))
    assert torch.allclose(head(hidden, mask), expected)


def test_shares_are_arrays_over_tasks() -> None:
    tasks = draw_record_tasks(base_world(), 3, seed=6, kinds=("visit",))
    approach = so.single("exact", [[attempt(task, task.target, 9)] for task in tasks])
    assert np.array_equal(approach.correct, np.ones(3))
    assert np.array_equal(so.repaired("same", approach).accuracy, np.ones(3))
