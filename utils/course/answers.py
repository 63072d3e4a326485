"""Every right and wrong answer against the autograders: right ones must pass, wrong ones must fail with their message.

The cells above an exercise run once, in a process of their own; each answer then runs in a fork of it, so that hundreds
take seconds and none disturbs another. Where the system cannot fork, each answer gets a new process that runs the
cells above again.
"""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from utils.course.answer_files import OWN, Answer, Kind, parse_answers
from utils.course.errors import CourseError
from utils.course.fuzz import fuzz_sources
from utils.course.mutants import mutant_sources
from utils.course.notebooks import Exercise, Notebook, Topic, cells_before, read_notebook
from utils.notebook.checks.checking import observers

TIME_LIMIT_S = {"written": 60.0, "fuzz": 60.0, "mutants": 15.0}  # a mutant's loop often has no end
_NUMBER = re.compile(r"-?\d[\d.,e+-]*")


@dataclass(frozen=True)
class CellResult:
    """What one test cell said of an answer: no message is a pass.

    Attributes:
        grade_id: the cell.
        graded: whether it gives points.
        message: what it said.
        is_sentence: false where the test itself broke, so that a learner would read its traceback.
        declared, met: hints that the cell could have given, and the one that it gave; numbers in them are left out.
    """

    grade_id: str
    graded: bool
    message: str | None
    is_sentence: bool = True
    declared: tuple[str, ...] = ()
    met: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """An answer with what the tests said, and whether that is the right judgement."""

    exercise: str
    answer: Answer
    cells: tuple[CellResult, ...]

    @property
    def graded_messages(self) -> tuple[str, ...]:
        """Messages of the graded cells that failed, in order."""
        return tuple(cell.message for cell in self.cells if cell.graded and cell.message is not None)

    @property
    def survives(self) -> bool:
        """Whether this is a mutant that every graded cell accepts: a person has to say whether it is wrong."""
        return self.answer.kind == "mutants" and not self.graded_messages

    @property
    def fault(self) -> str | None:
        """Return what is wrong with the judgement, or None when the answer was judged rightly."""
        broken = [cell for cell in self.cells if not cell.is_sentence]
        if broken:
            return f"{broken[0].grade_id} breaks instead of judging: {broken[0].message}"
        if self.answer.kind == "mutants":
            return None
        if self.answer.kind == "fuzz":
            accepting = [cell.grade_id for cell in self.cells if cell.graded and cell.message is None]
            return f"{accepting[0]} accepts it" if accepting else None
        if self.answer.right:
            failed = [cell for cell in self.cells if cell.message is not None]
            return f"right, but {failed[0].grade_id} says: {failed[0].message}" if failed else None
        if not self.graded_messages:
            return "wrong, but every graded test accepts it"
        said = " ".join(self.graded_messages).lower()
        if not any(word.lower() in said for word in self.answer.words):
            return f"rejected without the words {' / '.join(self.answer.words)}: {self.graded_messages[0]}"
        return None


def check_known(where: str, names: Sequence[str], known: Sequence[str]) -> None:
    """Raise CourseError for the first of the names that is no exercise there."""
    if unknown := [name for name in names if name not in known]:
        raise CourseError(f"exercise {unknown[0]!r} is unknown in {where}; there are: {', '.join(sorted(known))}")


def run_cell(source: str, namespace: dict[str, Any], name: str) -> None:
    """Run one cell's code in a namespace; its own prints are discarded."""
    code = compile(source, f"<{name}>", "exec")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exec(code, namespace)


def _fresh_namespace(root: Path, sources: Sequence[str]) -> dict[str, Any]:
    """Return a notebook's namespace after the given cells, in the folder that notebooks run in."""
    os.environ["COURSE_BUDGET"] = "smoke"
    os.chdir(root)
    import matplotlib
    import torch

    matplotlib.use("agg")
    # A fork inherits no threads: a pool that was started before it would be waited for without end.
    torch.set_num_threads(1)
    namespace: dict[str, Any] = {"__name__": "__main__", "display": lambda *_: None}
    for number, source in enumerate(sources):
        run_cell(source, namespace, f"cell {number}")
    return namespace


def _without_numbers(hint: str) -> str:
    return _NUMBER.sub("#", hint.strip())


def _listener(heard: dict[str, set[str]]) -> Callable[[str, str], None]:
    return lambda kind, hint: heard[kind].add(_without_numbers(hint))


def _judge(exercise: Exercise, answer: Answer, namespace: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run an answer and the exercise's tests; return the fields of a CellResult for each test cell."""
    try:
        run_cell(answer.source, namespace, exercise.name)
        broken = None
    except BaseException as error:  # an answer may also call sys.exit
        broken = f"the answer does not run: {type(error).__name__}: {error}"
    results = []
    for cell in (*exercise.visible, *exercise.graded):
        message, is_sentence = broken, True
        heard: dict[str, set[str]] = {"declared": set(), "met": set()}
        observers[:] = [_listener(heard)]
        if broken is None:
            try:
                run_cell(cell.source, namespace, cell.grade_id or "test")
            except AssertionError as error:
                message = str(error) or "an assert without a message failed"
            except BaseException:
                message, is_sentence = traceback.format_exc(limit=-2), False
        heard_of = (sorted(heard["declared"] | heard["met"]), sorted(heard["met"]))
        results.append((cell.grade_id or "test", cell.is_graded, message, is_sentence, *heard_of))
    return results


def _in_child(work: Callable[[], Any], connection: Connection) -> None:
    """Send the result of `work` to the parent and end the process at once, whatever the answer left running."""
    try:
        connection.send_bytes(json.dumps(work()).encode())
        connection.close()
    finally:
        os._exit(0)


def _replay(root: str, sources: Sequence[str], exercise: Exercise, answer: Answer, connection: Connection) -> None:
    _in_child(lambda: _judge(exercise, answer, _fresh_namespace(Path(root), sources)), connection)


def _await(process: Any, connection: Connection, exercise: Exercise, limit_s: float) -> list[Any]:
    """Wait for a child's results; one that is late or dies fails every test with a sentence."""
    said: str | None = None
    try:
        if connection.poll(limit_s):
            return json.loads(connection.recv_bytes())
        said = f"the answer did not end within {limit_s:.0f} seconds"
    except (EOFError, OSError):
        said = "the answer ended the process"
    finally:
        process.kill()
        process.join()
        connection.close()
    return [(cell.grade_id, cell.is_graded, said, True, (), ()) for cell in (*exercise.visible, *exercise.graded)]


def _judge_all(
    root: Path, notebook: Notebook, work: Sequence[tuple[Exercise, Sequence[Answer]]], limit_s: float
) -> Iterator[list[Any]]:
    """Yield the raw results of each answer in order, running the cells above an exercise as the notebook has them."""
    can_fork = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    context: Any = multiprocessing.get_context("fork" if can_fork else "spawn")
    namespace: dict[str, Any] | None = None
    done = -1
    for exercise, answers in work:
        if can_fork:
            if namespace is None:
                namespace = _fresh_namespace(root, [])
            for cell in cells_before(notebook, exercise):
                if cell.index > done:
                    run_cell(cell.source, namespace, f"cell {cell.index}")
                    done = cell.index
        for answer in answers:
            receiver, sender = context.Pipe(duplex=False)
            if can_fork:
                child = context.Process(target=_fork_judge, args=(exercise, answer, namespace, sender))
            else:
                sources = [cell.source for cell in cells_before(notebook, exercise)]
                child = context.Process(target=_replay, args=(str(root), sources, exercise, answer, sender))
            child.start()
            sender.close()
            yield _await(child, receiver, exercise, limit_s)


def _fork_judge(exercise: Exercise, answer: Answer, namespace: dict[str, Any], connection: Connection) -> None:
    _in_child(lambda: _judge(exercise, answer, namespace), connection)


def _serve(
    topic_root: str, source: str, folder: str, only: Sequence[str], kind: Kind, limit_s: float, connection: Connection
) -> None:
    """Run in a process of its own, so that a notebook's imports and state stay out of the caller."""
    notebook = read_notebook(Path(source))
    work = list(_workload(notebook, Path(folder), only, kind))
    for result in _judge_all(Path(topic_root), notebook, work, limit_s):
        connection.send_bytes(json.dumps(result).encode())
    connection.close()
    os._exit(0)


def _workload(
    notebook: Notebook, folder: Path, only: Sequence[str], kind: Kind
) -> Iterator[tuple[Exercise, list[Answer]]]:
    """Yield each exercise with its answers, or with made ones; the notebook's own is the first right one."""
    for exercise in notebook.exercises:
        if only and exercise.name not in only:
            continue
        solution = exercise.solution.source
        if kind != "written":
            made = fuzz_sources(exercise.names, solution) if kind == "fuzz" else mutant_sources(solution)
            yield exercise, [Answer(False, title, (), source, kind) for title, source in made]
            continue
        yield exercise, _written(exercise, folder)


def _written(exercise: Exercise, folder: Path) -> list[Answer]:
    own = exercise.solution.source
    path = folder / f"{exercise.name}.py"
    return [Answer(True, OWN, (), own), *(parse_answers(path, own) if path.is_file() else [])]


def answers_of(topic: Topic, only: Sequence[str] = ()) -> dict[str, list[Answer]]:
    """Return the answers to each of a notebook's exercises (or to those named), its own first.

    Raises:
        CourseError: the notebook or an answers file cannot be read.
    """
    exercises = read_notebook(topic.source).exercises
    return {one.name: _written(one, topic.answers) for one in exercises if not only or one.name in only}


def _cell_result(raw: Sequence[Any]) -> CellResult:
    grade_id, graded, message, is_sentence, declared, met = raw
    return CellResult(grade_id, graded, message, is_sentence, tuple(declared), tuple(met))


def unmet(outcomes: Sequence[Outcome]) -> list[str]:
    """Return what the answers leave untried: graded cells that no right answer passes, hints that no answer meets."""
    passed: dict[str, bool] = {}
    declared: dict[str, set[str]] = {}
    met: dict[str, set[str]] = {}
    for outcome in outcomes:
        for cell in outcome.cells:
            if cell.graded:
                passed[cell.grade_id] = passed.get(cell.grade_id, False) or (
                    outcome.answer.right and cell.message is None
                )
                declared.setdefault(cell.grade_id, set()).update(cell.declared)
                met.setdefault(cell.grade_id, set()).update(cell.met)
    faults = [f"{grade_id}: no right answer passes it" for grade_id, good in passed.items() if not good]
    return faults + [
        f"{grade_id}: no answer meets the hint {hint!r}"
        for grade_id, hints in declared.items()
        for hint in sorted(hints - met[grade_id])
    ]


def judge_answers(
    topic: Topic, only: Sequence[str] = (), *, kind: Kind = "written", limit_s: float | None = None
) -> Iterator[Outcome]:
    """Judge every answer to a notebook's exercises, in order, yielding each outcome as it is known.

    Args:
        topic: the notebook; its paired .ipynb must have been built.
        only: names of exercises; empty for all.
        kind: "fuzz" judges constants, inputs handed back and values of every other type in place of the answers,
            "mutants" the solutions with one slip in each.
        limit_s: seconds after which an answer is stopped; None for what suits the kind.

    Raises:
        CourseError: the notebook or an answers file cannot be read, or a cell of the notebook itself fails.
    """
    notebook = read_notebook(topic.source)
    folder = topic.answers
    check_known(topic.name, only, [exercise.name for exercise in notebook.exercises])
    work = list(_workload(notebook, folder, only, kind))
    context: Any = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    limit_s = limit_s or TIME_LIMIT_S[kind]
    arguments = (str(topic.root), str(topic.source), str(folder), tuple(only), kind, limit_s, sender)
    host = context.Process(target=_serve, args=arguments)
    host.start()
    sender.close()
    try:
        for exercise, answers in work:
            for answer in answers:
                try:
                    raw = json.loads(receiver.recv_bytes())
                except EOFError:
                    raise CourseError(
                        f"the cells above {exercise.name} in {topic.source.name} fail; run the notebook to see where"
                    ) from None
                yield Outcome(exercise.name, answer, tuple(_cell_result(cell) for cell in raw))
    finally:
        host.kill()
        host.join()
        receiver.close()
