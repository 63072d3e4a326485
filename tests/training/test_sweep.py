from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
import torch
from nbclient import NotebookClient

from utils.paths import repository_root
from utils.training.sweep import SweepError, close_local_workers, run_sweep

from .sweep_functions import die_on_two, doubled, fail_on_three, slow_first, square, threads_and_process


@pytest.fixture(scope="module", autouse=True)
def _no_workers_left_behind():
    yield
    close_local_workers()


def test_results_come_in_the_order_of_the_jobs():
    assert run_sweep(slow_first, range(6), workers=2) == [0, 1, 2, 3, 4, 5]


def test_workers_have_one_thread_and_are_kept_for_the_next_sweep():
    first = run_sweep(threads_and_process, range(4), workers=2)
    second = run_sweep(threads_and_process, range(4), workers=2)
    assert {threads for threads, _ in first + second} == {1}
    processes = {process for _, process in first + second}
    assert len(processes) <= 2
    assert os.getpid() not in processes


def test_tensors_travel_by_value():
    jobs = [torch.full((3,), i) for i in range(40)]
    results = run_sweep(doubled, jobs, workers=2)
    assert all(torch.equal(result, 2 * job) for result, job in zip(results, jobs, strict=True))


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_names_the_job_and_keeps_its_cause(workers):
    with pytest.raises(SweepError, match=r"job 3 \(3\) failed: ZeroDivisionError: three is refused") as caught:
        run_sweep(fail_on_three, range(6), workers=workers)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_dead_worker_is_reported_and_the_next_sweep_works():
    with pytest.raises(SweepError, match="a worker process died"):
        run_sweep(die_on_two, range(4), workers=2)
    assert run_sweep(square, [5], workers=2) == [25]


def test_any_executor_will_do():
    with ThreadPoolExecutor(2) as executor:
        assert run_sweep(square, [1, 2, 3], executor=executor) == [1, 4, 9]


def test_no_workers_means_this_process():
    assert run_sweep(lambda x: (x, os.getpid()), [1, 2], workers=0) == [(1, os.getpid()), (2, os.getpid())]


def test_no_jobs_give_no_results():
    assert run_sweep(square, []) == []


def test_what_cannot_be_sent_is_refused():
    with pytest.raises(ValueError, match=r"job 0 \(1\) cannot be sent to another process"):
        run_sweep(lambda x: x, [1], workers=2)


def test_contradicting_arguments_are_refused():
    with pytest.raises(ValueError, match="workers must be at least 0, not -1"):
        run_sweep(square, [1], workers=-1)
    with ThreadPoolExecutor(1) as executor, pytest.raises(ValueError, match=r"workers \(2\) is for local processes"):
        run_sweep(square, [1], executor=executor, workers=2)


NOTEBOOK = """
from operator import neg
from utils.training.sweep import close_local_workers, run_sweep
print(run_sweep(neg, [1, 2, 3], workers=2))
try:
    run_sweep(lambda x: x, [1], workers=2)
except ValueError as error:
    print(error)
close_local_workers()
"""


def test_a_sweep_runs_inside_a_notebooks_kernel(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(repository_root()))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(NOTEBOOK)])
    NotebookClient(notebook, timeout=120).execute()
    printed = "".join(o.get("text", "") for o in notebook.cells[0].outputs if o.get("name") == "stdout")
    assert "[-1, -2, -3]" in printed
    assert "<lambda> is defined in this notebook" in printed


def test_a_dask_cluster_gives_the_same_results():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert run_sweep(square, [3, 4, 5], executor=client.get_executor()) == [9, 16, 25]
        with pytest.raises(SweepError, match=r"job 3 \(3\) failed: ZeroDivisionError"):
            run_sweep(fail_on_three, range(6), executor=client.get_executor())
