"""Where jobs run: in this process, in processes of this machine, or on a Dask cluster by its address."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any


class SerialExecutor(Executor):
    """Runs each call at once, in the thread that submits it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call, and return a future that is done already."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def serial_executor() -> Iterator[Executor]:
    """One job after another, here."""
    yield SerialExecutor()


@contextmanager
def process_executor(workers: int) -> Iterator[Executor]:
    """Processes of this machine, one thread each; they end with the block, their running jobs too.

    Raises:
        ValueError: `workers` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    # Spawned: a fork of a process that has computed with threads may hang.
    executor = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_compute_with_one_thread
    )
    try:
        yield executor
    except BaseException:
        # An interrupt, or a failed job: the journal has what is finished, nobody waits for the rest.
        processes = list((executor._processes or {}).values())
        executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        raise
    else:
        executor.shutdown()


@contextmanager
def dask_executor(address: str, timeout_s: float = 30.0) -> Iterator[Executor]:
    """Workers of a Dask cluster, which need the course installed in the same version.

    Args:
        address: the scheduler's, such as `tcp://10.0.0.1:8786`.
        timeout_s: how long to wait for the scheduler, and for its first worker.

    Raises:
        ConnectionError: there is no scheduler, or it has no worker.
    """
    from distributed import Client

    try:
        client = Client(address, timeout=timeout_s, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConnectionError(f"no Dask scheduler answers at {address}: {reason}") from None
    try:
        try:
            client.wait_for_workers(1, timeout=timeout_s)
        except TimeoutError:
            message = f"the Dask scheduler at {address} has no worker: start `dask worker {address}`"
            raise ConnectionError(message) from None
        executor = client.get_executor(pure=False)
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)
    finally:
        client.close()


def _compute_with_one_thread() -> None:
    import torch

    torch.set_num_threads(1)
