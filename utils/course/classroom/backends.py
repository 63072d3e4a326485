"""Where submissions are graded: in this thread, on this machine's cores, or on a Dask cluster.

All of them are a `concurrent.futures.Executor` that takes one function, from a submission's bytes to a result's bytes.
"""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from utils.course.classroom.identity import digest_of
from utils.course.classroom.registry import Grader, Recipe, grade_bytes, registry, result_from_bytes
from utils.course.errors import CourseError
from utils.course.grading import (
    AssignmentSpec,
    Limits,
    SandboxCheckError,
    SandboxPool,
    SandboxUnavailableError,
    grade_submission,
)

__all__ = [
    "Backend",
    "BackendOpener",
    "Grader",
    "Recipe",
    "SandboxRecipe",
    "SerialExecutor",
    "dask_backend",
    "grade_bytes",
    "local_backend",
    "result_from_bytes",
    "serial_backend",
]


@dataclass(frozen=True)
class SandboxRecipe:
    """The course's own grader: submissions of one assignment in a pool of sandboxes.

    Attributes:
        assignment: the source notebook, as `AssignmentSpec.to_dict` gives it.
        limits: as `Limits.to_dict` gives them.
        secret: what hidden tests draw their inputs from.
        pool: which sandbox the pool must use: `sandbox` and `image`, as `SandboxPool` takes them.
        attack: whether to attack the sandbox, in each process that opens one, before a submission is let into it.
    """

    assignment: dict[str, Any]
    limits: dict[str, Any]
    secret: str
    pool: dict[str, Any] = field(default_factory=dict)
    attack: bool = True

    @cached_property
    def key(self) -> str:
        """Equal for equal recipes."""
        return digest_of([self.assignment, self.limits, self.secret, self.pool, self.attack])

    @contextmanager
    def open(self, slots: int) -> Iterator[Grader]:
        """Open the pool; it closes when the block ends.

        Raises:
            CourseError: there is no such sandbox, or an attack on it succeeds: nothing may be graded here.
        """
        assignment = AssignmentSpec.from_dict(self.assignment)
        try:
            pool = SandboxPool(slots, limits=Limits(**self.limits), secret=self.secret, check=self.attack, **self.pool)
        except SandboxUnavailableError as error:
            raise CourseError(f"{platform.node()}: {error}") from None
        with pool:
            try:
                pool.start(assignment)
            except SandboxCheckError as error:
                raise CourseError(f"{platform.node()}: {error}") from None
            yield lambda submission: grade_submission(submission, assignment, pool)


class SerialExecutor(Executor):
    """Runs each call at once, in the thread that submits it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call and return a future that is done already."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass(frozen=True)
class Backend:
    """Where submissions are graded.

    Attributes:
        executor: takes `grade_bytes`.
        slots: how many submissions it works on at once.
        name: for people.
        size: says how many it works on now, where that changes (a cluster grows and shrinks).
    """

    executor: Executor
    slots: int
    name: str
    size: Callable[[], int] | None = None

    @property
    def window(self) -> int:
        """How many submissions are on their way at once: one at work and one waiting for each slot."""
        return 2 * max(1, self.size() if self.size is not None else self.slots)


BackendOpener = Callable[[Any], AbstractContextManager[Backend]]
"""Opens a backend for a recipe."""


@contextmanager
def serial_backend(recipe: Recipe) -> Iterator[Backend]:
    """Grade one submission after another in this thread."""
    registry.install(recipe, 1)
    try:
        yield Backend(SerialExecutor(), 1, "one after another")
    finally:
        registry.remove(recipe.key)


@contextmanager
def local_backend(recipe: Recipe, workers: int) -> Iterator[Backend]:
    """Grade on this machine: threads that each drive a sandboxed process.

    Raises:
        CourseError: `workers` is below 1.
    """
    if workers < 1:
        raise CourseError(f"--workers must be at least 1, not {workers}")
    registry.install(recipe, workers)
    executor = ThreadPoolExecutor(workers, thread_name_prefix="grading")
    try:
        yield Backend(executor, workers, f"{workers} local workers" if workers > 1 else "1 local worker")
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        registry.remove(recipe.key)


@contextmanager
def dask_backend(recipe: Recipe, address: str, timeout_s: float = 30.0) -> Iterator[Backend]:
    """Grade on a Dask cluster: each of its worker processes opens a pool of sandboxes of its own.

    Workers that join later get the recipe from the scheduler. The cluster must be a trusted one: the recipe holds the
    hidden tests and the secret.

    Args:
        recipe: how a worker makes its grader.
        address: the scheduler's, such as "tcp://10.0.0.1:8786".
        timeout_s: how long to wait for the scheduler, and for its first worker.

    Raises:
        CourseError: there is no scheduler, or it has no worker.
    """
    from distributed import Client

    from utils.course.classroom.dask_plugin import RecipePlugin

    try:
        client = Client(address, timeout=timeout_s, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CourseError(f"no Dask scheduler answers at {address}: {reason}") from None
    plugin = RecipePlugin(recipe)
    try:
        try:
            client.wait_for_workers(1, timeout=timeout_s)
        except TimeoutError:
            raise CourseError(f"the Dask scheduler at {address} has no worker: start `dask worker {address}`") from None
        client.register_plugin(plugin, name=plugin.name)

        def size() -> int:
            return sum(client.nthreads().values())

        executor = client.get_executor(pure=False)
        try:
            yield Backend(executor, size(), f"Dask at {address}", size)
        finally:
            executor.shutdown(wait=False)
            with contextlib.suppress(Exception):  # the scheduler may be gone, and then so are its workers' pools
                client.unregister_worker_plugin(plugin.name)
    finally:
        client.close()
