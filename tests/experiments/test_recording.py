"""Recorded runs: a kill loses nothing, a record says what is wrong with it, a rule that cannot fail is refused."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.experiments.small_recipes import DESIGN, SquareJob, make_recipe
from utils.experiments.recording.checking import check_record, differences
from utils.experiments.recording.design import DOES_NOT_HOLD, HOLDS, DesignError, Run, check_design, power_of
from utils.experiments.recording.executors import dask_executor, process_executor
from utils.experiments.recording.journal import Journal, JournalError
from utils.experiments.recording.recipe import find_recipe, job_from_dict, job_to_dict
from utils.experiments.recording.record import RecordError, read_record, record_path
from utils.experiments.recording.running import RecordingError, journal_path, record, run_live

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Two Dask workers in processes of their own; the address of their scheduler."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0
    ) as made:
        yield made.scheduler_address


def squares(record_) -> list[int]:
    return [run.result["square"] for runs in record_.results.values() for run in runs]


def test_a_record_is_read_back_as_it_was_made(tmp_path):
    recipe = make_recipe()
    made = record(recipe, folder=tmp_path)
    assert squares(made) == [0, 1, 4, 9, 16, 25, 125**2]
    assert made.outcome == "holds in part"
    read = read_record("99", 1, tmp_path, recipe)
    assert read == made
    assert read.results["first"][2].job == SquareJob(2)
    assert not journal_path(recipe, tmp_path).exists()


def test_every_executor_gives_the_same_results(tmp_path, cluster):
    recipe = make_recipe()
    with process_executor(2) as processes:
        there = record(recipe, processes, tmp_path / "processes")
    with dask_executor(cluster) as dask:
        far = record(recipe, dask, tmp_path / "dask")
    assert squares(there) == squares(far) == squares(record(recipe, folder=tmp_path / "serial"))


def test_a_cluster_that_is_not_there_is_named(tmp_path):
    with (
        pytest.raises(ConnectionError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        dask_executor("tcp://127.0.0.1:9", timeout_s=0.5),
    ):
        pass


def test_a_failed_job_is_named_and_what_was_finished_is_kept(tmp_path, monkeypatch):
    notes = tmp_path / "notes"
    recipe = make_recipe(notes)
    monkeypatch.setenv("SQUARES_FAIL_AT", "3")
    with pytest.raises(RecordingError, match=r"job 3 of 'first' .*ZeroDivisionError: refused"):
        record(recipe, folder=tmp_path)
    monkeypatch.delenv("SQUARES_FAIL_AT")
    record(recipe, folder=tmp_path)
    assert notes.read_text().split() == ["0", "1", "2", "3", "3", "4", "5", "125"]


def test_a_killed_run_goes_on_where_it_was(tmp_path):
    notes = tmp_path / "notes"
    program = (
        "from pathlib import Path; from tests.experiments.small_recipes import make_recipe;"
        "from utils.experiments.recording.running import record;"
        f"record(make_recipe({str(notes)!r}), folder=Path({str(tmp_path)!r}))"
    )
    slow = {**os.environ, "SQUARES_SLOW": "0.4", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", program], env=slow, cwd=ROOT)
    recipe = make_recipe(notes)
    until = time.monotonic() + 120
    while len(notes.read_text().split() if notes.exists() else []) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = [json.loads(line) for line in journal_path(recipe, tmp_path).read_text().splitlines()]
    kept = sum("number" in line for line in finished)
    assert kept >= 2
    before = len(notes.read_text().split())
    made = record(recipe, folder=tmp_path)
    assert squares(made) == [0, 1, 4, 9, 16, 25, 125**2]
    assert len(notes.read_text().split()) - before == 7 - kept


def test_a_line_that_a_kill_cut_short_is_dropped(tmp_path):
    path = tmp_path / "row.journal"
    journal = Journal(path, {"row": 1})
    journal.plan("first", [{"x": 1}])
    journal.finish("first", 0, {"square": 1}, 0.1)
    journal.close()
    whole = path.read_text()
    path.write_text(whole + '{"stage": "first", "numb')
    again = Journal(path, {"row": 1})
    again.finish("first", 1, {"square": 4}, 0.1)
    again.close()
    assert set(again.finished) == {("first", 0), ("first", 1)}
    assert path.read_text().startswith(whole)
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_a_journal_of_other_code_is_not_continued(tmp_path):
    recipe = make_recipe()
    Journal(journal_path(recipe, tmp_path), {"notebook": "99", "row": 1, "code": "older", "config": {}}).close()
    with pytest.raises(JournalError, match="begun with another code"):
        record(recipe, folder=tmp_path)


def test_a_stage_half_done_keeps_its_plan(tmp_path, monkeypatch):
    """The second stage's jobs depend on results; a changed plan must not mix with jobs that are finished."""
    monkeypatch.setenv("SQUARES_FAIL_AT", "125")
    with pytest.raises(RecordingError):
        record(make_recipe(), folder=tmp_path)
    monkeypatch.delenv("SQUARES_FAIL_AT")
    made = record(make_recipe(n=3), folder=tmp_path)
    assert made.results["second"][0].job.x == 125


def test_the_live_run_is_the_same_code_with_smaller_numbers(tmp_path):
    results = run_live(make_recipe())
    assert [run.result["square"] for run in results["first"]] == [0, 1]
    assert list(tmp_path.iterdir()) == []


def test_a_live_run_shows_a_bar_for_each_stage_where_it_is_seen(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    run_live(make_recipe())
    assert "first:" in sys.stderr.getvalue()
    assert "2/2" in sys.stderr.getvalue()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    run_live(make_recipe())
    assert sys.stderr.getvalue() == ""


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda v: v.pop("seconds"), "has no 'seconds'"),
        (lambda v: v.update(outcome="perhaps"), "outcome 'perhaps', which is none of"),
        (lambda v: v.update(row=2), "is about notebook 99 row 2"),
        (lambda v: v.update(findings=[1]), "has 'findings' of type list"),
        (lambda v: v.update(more=1), "unknown keys: more"),
        (lambda v: v.update(format=7), "is of format 7"),
        (lambda v: v["stages"].pop(), "has the stages"),
        (lambda v: v["stages"][0]["runs"].clear(), "no runs in its stage 'first'"),
        (lambda v: v["stages"][0]["runs"][1].pop("seconds"), "run 1 of its stage 'first', must have exactly"),
        (lambda v: v["stages"][0]["runs"][1]["job"].pop("x"), r"missing fields \['x'\]"),
        (lambda v: v["stages"][0]["runs"][1].update(result={}), "has no result"),
    ],
)
def test_a_damaged_record_says_what_is_wrong(tmp_path, damage, message):
    recipe = make_recipe()
    record(recipe, folder=tmp_path)
    path = record_path("99", 1, tmp_path)
    values = json.loads(path.read_text())
    damage(values)
    path.write_text(json.dumps(values))
    with pytest.raises(RecordError, match=message) as caught:
        read_record("99", 1, tmp_path, recipe)
    assert str(path) in str(caught.value)


def test_a_record_that_is_not_there_names_the_command(tmp_path):
    with pytest.raises(RecordError, match="`course record 99 1` makes it"):
        read_record("99", 1, tmp_path, make_recipe())
    path = record_path("99", 1, tmp_path)
    path.parent.mkdir()
    path.write_text("{")
    with pytest.raises(RecordError, match="cannot be read"):
        read_record("99", 1, tmp_path, make_recipe())


def test_a_check_confirms_a_record_and_finds_what_differs(tmp_path):
    recipe = make_recipe()
    made = record(recipe, folder=tmp_path)
    report = check_record(recipe, made, sample=7)
    assert report.passed
    assert report.remade == 7
    runs = [*made.results["first"][:-1], Run(SquareJob(5), {"square": 26, "seconds": 0.0})]
    forged = replace(made, results={**made.results, "first": runs})
    assert "square is 26 recorded and 25 remade" in " ".join(check_record(recipe, forged, sample=7).problems)
    assert "the rule gives 'holds in part'" in " ".join(check_record(recipe, replace(made, outcome=HOLDS)).problems)
    assert "findings: last is 3" in " ".join(check_record(recipe, replace(made, findings={"last": 3})).problems)
    other_plan = replace(made, results={**made.results, "first": made.results["first"][:2]})
    assert "jobs that are not the 6" in " ".join(check_record(recipe, other_plan).problems)
    older = replace(made, version={**made.version, "files": {}})
    assert check_record(recipe, older).changed_files == ("utils.experiments.recording.recipe",)
    changed = replace(made, design={**made.design, "thresholds": {"high": 3}})
    assert "not the one that stood before the run" in " ".join(check_record(recipe, changed).problems)


def test_a_check_leaves_out_runs_that_load_what_others_trained(tmp_path: Path):
    recipe = make_recipe(cached=frozenset({"first"}))
    made = record(recipe, folder=tmp_path)
    assert made.n_runs == 7
    assert check_record(recipe, made, sample=7).remade == 1


def test_differences_respect_the_tolerance_and_what_is_unstable():
    assert differences({"a": 1.0, "t": 5}, {"a": 1.005, "t": 9}, 0.01, frozenset({"t"})) == []
    assert differences({"a": [1.0, 2.0]}, {"a": [1.0, 2.1]}, 0.01) == ["a[1] is 2.0 recorded and 2.1 remade"]
    assert differences({"a": 1}, {"b": 1}, 0.01) == [
        "a is only in the recorded result", "b is only in the remade result",
    ]  # fmt: skip


def test_a_rule_that_cannot_turn_out_otherwise_is_refused(tmp_path):
    always = replace(DESIGN, rule=lambda results: HOLDS)
    with pytest.raises(DesignError, match="results simulated for 'holds in part' come out as 'holds'"):
        check_design(always)
    with pytest.raises(DesignError):
        record(make_recipe(design=always), folder=tmp_path)
    with pytest.raises(DesignError, match="'maybe', which is none of"):
        check_design(replace(DESIGN, rule=lambda results: "maybe"))
    with pytest.raises(DesignError, match="control is empty"):
        replace(DESIGN, control=" ")


def test_power_is_the_share_of_simulated_runs_that_find_the_effect():
    assert power_of(DESIGN, 5) == 1.0
    blind = replace(DESIGN, rule=lambda results: DOES_NOT_HOLD)
    assert power_of(blind, 5) == 0.0


def test_jobs_survive_json_and_refuse_other_fields():
    job = SquareJob(3, "", (4, 5))
    assert job_from_dict(SquareJob, json.loads(json.dumps(job_to_dict(job)))) == job
    with pytest.raises(ValueError, match=r"unknown fields \['y'\]"):
        job_from_dict(SquareJob, {**job_to_dict(job), "y": 1})


def test_results_that_json_cannot_hold_are_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match="the result 'last' cannot be recorded"):
        record(make_recipe(findings=lambda results: {"last": float("nan")}), folder=tmp_path)


def test_an_unknown_row_names_those_that_there_are():
    with pytest.raises(ValueError, match=r"no recorded experiment for row 999; there are: .*04 48"):
        find_recipe("04", 999)
