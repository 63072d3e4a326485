"""Many small runs side by side: over local processes by default, over a cluster when an executor of one is given.

Small models gain nothing from a second thread, so a sweep on a laptop runs one process per core, each with one
thread. The processes are spawned, not forked (a fork of a process with threads may hang), and kept for the next sweep,
because importing torch costs each of them seconds.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from utils.arguments import called, shown, whole_number
from utils.training.progress import progress_bar

Job = TypeVar("Job")
Result = TypeVar("Result")

MOST_LOCAL_WORKERS = 8  # each holds a torch of its own, some 300 MB

_pool: ProcessPoolExecutor | None = None
_pool_size = 0


class SweepError(RuntimeError):
    """A job of a sweep failed; the message names the job, and the cause is the job's own error."""


def run_sweep(
    function: Callable[[Job], Result],
    jobs: Sequence[Job],
    executor: Executor | None = None,
    workers: int | None = None,
    *,
    show_progress: bool | None = None,
    description: str = "sweep",
) -> list[Result]:
    """Return `[function(job) for job in jobs]`, computed side by side.

    Args:
        function: defined at the top level of a module that the workers can import; not in a notebook's cell.
        jobs: picklable values; results come in their order.
        executor: any `concurrent.futures.Executor`, such as Dask's `client.get_executor()`; None: local processes.
        workers: number of local processes; None: one per core, at most 8; 0: no processes, one job after another.
        show_progress: show a progress bar; None: where somebody would see it.
        description: the bar's label.

    Raises:
        SweepError: a job raised an error or its process died; the jobs not yet started are dropped.
        ValueError: `workers` is no whole number, negative, or given together with `executor`; the jobs are no sequence;
            or the function is none or cannot be sent.
    """
    called("function", function)
    if isinstance(jobs, str) or not isinstance(jobs, Iterable):
        raise ValueError(f"jobs must be a sequence of jobs, not {shown(jobs)}")
    jobs = list(jobs)
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise ValueError(f"executor must have a method submit, not be {shown(executor)}")
    if executor is not None and workers is not None:
        raise ValueError(f"workers ({workers}) is for local processes; an executor has its own")
    if workers is not None:
        workers = whole_number("workers", workers, least=0)
    if not jobs:
        return []
    with progress_bar(len(jobs), description, show_progress, unit="run") as bar:
        if executor is None and workers == 0:
            return [_in_this_process(function, jobs, index, bar) for index in range(len(jobs))]
        if executor is None:
            _require_importable(function)
            executor = _local_pool(workers or _cores())
        payloads = [_pack(function, index, job) for index, job in enumerate(jobs)]
        return _collect(executor, payloads, jobs, bar)


def close_local_workers() -> None:
    """End the processes that `run_sweep` keeps for the next sweep, at once; running jobs are lost."""
    global _pool
    pool, _pool = _pool, None
    if pool is not None:
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()


def _in_this_process(function: Callable[[Job], Result], jobs: list[Job], index: int, bar: Any) -> Result:
    try:
        result = function(jobs[index])
    except Exception as error:
        raise SweepError(_failure(index, jobs[index], error)) from error
    bar.update()
    return result


def _collect(executor: Executor, payloads: list[bytes], jobs: list[Any], bar: Any) -> list[Any]:
    futures: dict[Future[bytes], int] = {}
    results: list[Any] = [None] * len(jobs)
    index = 0
    try:
        for index, payload in enumerate(payloads):
            futures[executor.submit(_work, payload)] = index
        for future in as_completed(futures):
            index = futures[future]
            results[index] = pickle.loads(future.result())
            bar.update()
    except BrokenProcessPool as error:
        close_local_workers()
        message = f"a worker process died, perhaps for lack of memory, with {_name(index, jobs[index])} unfinished"
        raise SweepError(message) from error
    except Exception as error:
        for future in futures:
            future.cancel()
        raise SweepError(_failure(index, jobs[index], error)) from error
    except BaseException:  # the user's interrupt: leave no process computing what nobody waits for
        for future in futures:
            future.cancel()
        if executor is _pool:
            close_local_workers()
        raise
    return results


def _work(payload: bytes) -> bytes:
    # Packed by plain pickle on both ways: the queues' own pickler would pass tensors as shared memory, whose file
    # descriptors run out in a long sweep.
    function, job = pickle.loads(payload)
    return pickle.dumps(function(job))


def _pack(function: Callable[[Any], Any], index: int, job: Any) -> bytes:
    try:
        return pickle.dumps((function, job))
    except Exception as error:
        raise ValueError(f"{_name(index, job)} cannot be sent to another process with {function!r}: {error}") from error


def _require_importable(function: Callable[[Any], Any]) -> None:
    if getattr(function, "__module__", None) == "__main__" and not hasattr(sys.modules["__main__"], "__file__"):
        name = getattr(function, "__qualname__", repr(function))
        raise ValueError(
            f"function {name} is defined in this notebook, where other processes cannot import it:"
            " put it into a module, or pass workers=0"
        )


def _failure(index: int, job: Any, error: Exception) -> str:
    return f"{_name(index, job)} failed: {type(error).__name__}: {error}"


def _name(index: int, job: Any) -> str:
    text = repr(job)
    return f"job {index} ({text if len(text) <= 200 else text[:200] + '...'})"


def _cores() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, MOST_LOCAL_WORKERS)


def _local_pool(workers: int) -> ProcessPoolExecutor:
    global _pool, _pool_size
    if _pool is None or _pool_size != workers:
        close_local_workers()
        context = multiprocessing.get_context("spawn")
        _pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare_worker)
        _pool_size = workers
    return _pool


def _prepare_worker() -> None:
    # An interrupt is for the process that the user talks to; it ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import torch

    torch.set_num_threads(1)
    _end_with_parent()


def _end_with_parent() -> None:
    """End this worker when its parent is gone: a killed kernel must not leave processes computing."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


atexit.register(close_local_workers)
