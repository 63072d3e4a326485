"""Scores one submission: drives its worker through the learner's cells, and runs the graded test cells against proxies.

This runs outside the sandbox, in a process of its own for each submission. It executes the source notebook's code
only; from the learner come data, checked on arrival.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import io
import numbers
import re
import time
import tokenize
from dataclasses import dataclass, field, replace
from typing import Any

from utils.course.grading.intake import anchor
from utils.course.grading.learners_errors import processes_refused
from utils.course.grading.limits import Limits
from utils.course.grading.link import Control, ExerciseLink, GoneError, WorkerLink
from utils.course.grading.replay import unrepeatable
from utils.course.grading.result import worst
from utils.course.grading.session import Session
from utils.course.grading.spec import AssignmentSpec, Exercise, TestCell
from utils.course.grading.suspicion import suspicions
from utils.notebook.checks.forbidding import answers_elsewhere

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONGEST_MESSAGE = 2000
_VERDICT = {"timeout": "TIMEOUT", "memory": "MEMORY", "crash": "CRASH", "output": "DENIED", "processes": "DENIED"}


def clean(text: str, longest: int = _LONGEST_MESSAGE) -> str:
    """Return text that is the same in every run and safe to store: no addresses, control codes or lone surrogates."""
    text = _ADDRESS.sub("0x...", _ESCAPES.sub("", text)).encode("utf-8", "replace").decode()
    return text if len(text) <= longest else text[:longest] + " ..."


@dataclass
class Outcome:
    """What scoring found, as plain data.

    Attributes:
        cells: per graded cell its `passed`, `kind`, `message`.
        verdicts: what went wrong on the way, as words of `VERDICTS`.
        reasons: sentences that go with the verdicts.
        flags: what deserves a second look.
        observations: printed text, tracebacks, memory, cell errors.
    """

    cells: dict[str, dict[str, Any]] = field(default_factory=dict)
    verdicts: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    observations: dict[str, Any] = field(default_factory=dict)

    def trouble(self, verdict: str, reason: str) -> None:
        """Note that something went wrong."""
        self.verdicts.append(verdict)
        if reason not in self.reasons:
            self.reasons.append(reason)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        verdict = worst(self.verdicts)
        reasons = [reason for kind, reason in zip(self.verdicts, self.reasons, strict=False) if kind == verdict]
        return {
            "cells": self.cells,
            "verdict": verdict,
            "reason": (reasons or self.reasons or [""])[0],
            "flags": sorted(clean(flag, 300) for flag in self.flags),
            "observations": self.observations,
        }


@dataclass(frozen=True)
class Step:
    """One step of a submission: a cell to run, or graded cells of an exercise with no cell to run between them."""

    label: str
    source: str = ""
    exercise: Exercise | None = None
    tests: tuple[TestCell, ...] = ()


def plan(assignment: AssignmentSpec, answers: dict[str, str], extras: list[tuple[str, str, str]]) -> list[Step]:
    """Return the steps in the order of the notebook: a graded cell sees what ran before it, nothing that follows."""
    after: dict[str, list[Step]] = {}
    for number, (before, kind, source) in enumerate(extras):
        if kind == "code":
            after.setdefault(before, []).append(Step(f"your cell {number + 1}", source))
    steps = list(after.pop("", []))
    tested = {test.grade_id: (exercise, test) for exercise in assignment.exercises for test in exercise.tests}
    for cell in assignment.cells:
        if cell.role == "author":
            steps.append(Step(f"cell {cell.index + 1} of the notebook", cell.source))
        elif cell.role in ("solution", "manual") and cell.cell_type == "code" and cell.grade_id in answers:
            steps.append(Step(cell.grade_id, answers[cell.grade_id]))
        elif cell.grade_id in tested:
            exercise, test = tested[cell.grade_id]
            if steps and steps[-1].exercise is exercise:
                steps[-1] = replace(steps[-1], tests=(*steps[-1].tests, test))
            else:
                steps.append(Step(cell.grade_id, exercise=exercise, tests=(test,)))
        steps += after.pop(anchor(cell), [])
    return steps


class Scorer:
    """Scores one submission.

    Args:
        assignment: the source notebook.
        answers, extras: the learner's cells, as intake found them.
        namespace: what the author's cells define, for the test cells.
        control: the warm process in the sandbox.
        limits: what the submission may use.
        secret: the course's secret, from which nonces are made.
    """

    def __init__(
        self,
        assignment: AssignmentSpec,
        answers: dict[str, str],
        extras: list[tuple[str, str, str]],
        namespace: dict[str, Any],
        control: Control,
        limits: Limits,
        secret: str,
    ) -> None:
        self.assignment, self.namespace, self.control, self.limits = assignment, namespace, control, limits
        self.secret = secret
        self.steps = plan(assignment, answers, extras)
        self.names = tuple(dict.fromkeys(name for exercise in assignment.exercises for name in exercise.names))
        self.outcome = Outcome()
        self.errors: dict[str, str] = {}
        self.fatal: dict[int, GoneError] = {}
        sources = [*answers.values(), *(source for _, kind, source in extras if kind == "code")]
        self.outcome.flags |= suspicions(sources) - _released(assignment)

    def score(self) -> Outcome:
        """Run everything; always gives each graded cell a result.

        Raises:
            SandboxLostError: the warm process failed.
        """
        deadline = time.monotonic() + self.limits.submission_seconds
        printed: list[str] = []
        with answers_elsewhere():
            for _ in range(self.limits.attempts):
                finished = self._attempt(deadline, printed)
                if finished or time.monotonic() >= deadline:
                    break
        for exercise in self.assignment.exercises:
            for test in exercise.tests:
                if test.grade_id not in self.outcome.cells:
                    why = self.outcome.reasons[-1] if self.outcome.reasons else "the notebook did not get this far"
                    self._settle(test, "not-run", f"This test could not be run: {why}.")
        order = [test.grade_id for exercise in self.assignment.exercises for test in exercise.tests]
        self.outcome.cells = {name: self.outcome.cells[name] for name in order}
        self.outcome.observations["printed"] = clean("".join(printed), self.limits.output_kept)
        self.outcome.observations["cell_errors"] = dict(self.errors)
        return self.outcome

    def _attempt(self, deadline: float, printed: list[str]) -> bool:
        """Run the steps with a fresh worker, without the cells that ended an earlier one; return whether all ran."""
        link = WorkerLink(self.control, self.limits, deadline)
        finished = False
        number = 0
        try:
            for number, step in enumerate(self.steps):
                if step.exercise is not None:
                    self._test(step.exercise, step.tests, link)
                elif number not in self.fatal:
                    self._run(step, link)
            for line in link.report():
                self._take_note(line)
            finished = True
        except GoneError as gone:
            step = self.steps[number]
            where = f"in {step.label!r}" if step.exercise is None else f"before the tests of {step.exercise.grade_id!r}"
            self.outcome.trouble(_VERDICT[gone.kind], clean(f"Your code was stopped {where}: {gone.message}"))
            if step.exercise is None:
                self.fatal[number] = gone
                self.errors.setdefault(step.label, clean(gone.message))
            else:
                for test in step.tests:
                    if test.grade_id not in self.outcome.cells:
                        self._settle(test, gone.kind, f"Your code was stopped: {gone.message}.")
        finally:
            self._close(link, printed)
        return finished

    def _close(self, link: WorkerLink, printed: list[str]) -> None:
        end = link.close()
        printed.append(link.kept.decode("utf-8", "replace"))
        if link.event("processes") is not None:
            self._note_crowd()
        if end is not None:
            seen = self.outcome.observations
            seen["peak_memory"] = max(int(seen.get("peak_memory", 0)), int(end["peak"]))
            seen["most_processes"] = max(int(seen.get("most_processes", 0)), int(end["most"]))
            if int(end["most"]) >= self.limits.processes - 2:
                self._note_crowd()
            if end["left"] and not end["signal"] and end["code"] == 0:
                self.outcome.flags.add("process: it left processes behind, which were ended")
                self.outcome.trouble("DENIED", "Your code left processes running behind it; they were ended.")

    def _note_crowd(self) -> None:
        self.outcome.flags.add("process: the limit on processes was reached")
        self.outcome.trouble("DENIED", "Your code started more processes or threads than it may.")

    def _take_note(self, line: str) -> None:
        """Take a line of what the worker says about itself: flags, and attempts at what is denied."""
        if line.startswith("denied "):
            what = line.removeprefix("denied ")
            self.outcome.flags.add(what)
            self.outcome.trouble("DENIED", clean(f"Your code tried what grading does not allow ({what})."))
        else:
            self.outcome.flags.add(line)

    def _run(self, step: Step, link: WorkerLink) -> None:
        answer = link.run_cell(step.source)
        if not answer["ok"]:
            self.errors[step.label] = clean(answer["error"] or answer["kind"])
        if answer["stopped"]:
            seconds = f"{self.limits.cell_seconds:g}"
            self.outcome.trouble("TIMEOUT", f"The cell {step.label!r} was stopped after {seconds} seconds.")
        if processes_refused(answer["kind"], answer["error"]):
            self._note_crowd()
        if answer["kind"] in ("SystemExit", "MemoryError"):
            self.outcome.flags.add(f"process: a cell raised {answer['kind']}")

    def _settle(self, test: TestCell, kind: str, message: str, points: float = 0.0) -> None:
        earned = points if kind in ("", "partial") else 0.0
        self.outcome.cells[test.grade_id] = {
            "passed": not kind,
            "kind": kind,
            "message": clean(message),
            "points": earned,
        }

    # Exercises

    def _test(self, exercise: Exercise, tests: tuple[TestCell, ...], link: WorkerLink) -> None:
        """Run test cells of an exercise; a process that goes away is replaced for the next cell.

        Raises:
            GoneError: the main worker is gone.
        """
        todo = [test for test in tests if test.grade_id not in self.outcome.cells]
        session: Session | None = None
        for test in todo:
            if session is None or session.link.gone is not None:
                if session is not None:
                    self._end(session)
                session = Session(link.open_exercise(), self._nonce(test.grade_id))
            self._test_cell(exercise, test, session)
        if session is not None:
            if session.link.gone is None:
                self._note_report(session)
            self._end(session)
            if not all(self.outcome.cells[test.grade_id]["passed"] for test in todo):
                self._replay(exercise, session, link)

    def _replay(self, exercise: Exercise, session: Session, link: WorkerLink) -> None:
        """Repeat the calls of a failed exercise in another order, and flag an answer that changes."""
        if session.link.gone is not None or not session.recorder.calls:
            return
        again = Session(link.open_exercise(), self._nonce(f"{exercise.grade_id}:replay"))
        again.callbacks.share(session.callbacks)
        try:
            name = unrepeatable(session.recorder.calls, again)
        except Exception:  # a process that is gone now says nothing about the calls before
            name = ""
        link_gone, again.link.gone = again.link.gone, None
        again.link.close()
        if name and link_gone is None:
            self.outcome.flags.add(f"unrepeatable: {name} answered otherwise when calls came in another order")

    def _nonce(self, grade_id: str) -> str:
        return hashlib.sha256(f"{self.secret}:{self.assignment.digest}:{grade_id}".encode()).hexdigest()[:16]

    def _note_report(self, session: Session) -> None:
        try:
            found = session.request("report")
        except Exception:  # the worker's word about itself is welcome, not needed
            return
        for line in found if type(found) is list else []:
            self._take_note(str(line)[:300])

    def _end(self, session: Session) -> None:
        self.outcome.flags |= session.notes.flags
        if session.notes.refused_processes:
            self._note_crowd()
        link: ExerciseLink = session.link
        gone = link.gone
        link.close()
        if gone is not None:
            self.outcome.trouble(_VERDICT[gone.kind], clean(f"A call of your code was stopped: {gone.message}"))

    def _test_cell(self, exercise: Exercise, test: TestCell, session: Session) -> None:
        missing = self._bind(exercise, session)
        if session.link.gone is not None:
            self._settle(test, session.link.gone.kind, f"Your code was stopped: {session.link.gone.message}.")
            return
        if missing:
            self._settle(test, "missing", missing)
            return
        kind, message, points = run_test(test, self.namespace)
        gone = session.link.gone
        if gone is not None:
            kind = gone.kind
            message = message or f"Your code was stopped: {gone.message}."
        elif session.notes.flags & {flag for flag in session.notes.flags if flag.startswith("forged-answer")}:
            kind = kind or "error"
            message = message or "The values that came back from your code cannot be used."
        if session.notes.traces:
            self.outcome.observations.setdefault("traces", {})[test.grade_id] = clean(session.notes.traces[-1], 4000)
            session.notes.traces.clear()
        if kind == "error" and message == _NO_POINTS:
            self.outcome.flags.add(f"points: {test.grade_id} ended in a number that is no number of its points")
        self._settle(test, kind, message, points)

    def _bind(self, exercise: Exercise, session: Session) -> str:
        """Put proxies into the test cells' namespace; return a hint when the exercise's own names are not there."""
        for name in self.names:
            self.namespace.pop(name, None)
        try:
            found = session.names(self.names)
        except Exception as error:
            return f"Your definitions cannot be used: {error}"
        self.namespace.update(found)
        absent = [name for name in exercise.names[:1] if name not in found]
        borrowed = [
            name
            for name in exercise.names
            if name in found and str(found[name]._course_about.get("home", "")).startswith("utils.")
        ]
        if borrowed:
            self.outcome.flags.add(f"reference: {borrowed[0]} is the course's own")
            return f"`{borrowed[0]}` is the course's own implementation here. Write yours in the answer's cell."
        if absent:
            stopped = self.errors.get(exercise.grade_id)
            why = f": its cell stopped with {stopped}" if stopped else ", or its cell is missing"
            return f"`{absent[0]}` is not defined{why}."
        return ""


@functools.cache
def compiled(test: TestCell) -> tuple[Any, Any]:
    """Compile a test cell, once for all submissions where it is done before a scorer forks.

    Returns:
        Its statements, and its last expression where it ends in one whose value a notebook would show, else None.
    """
    name = f"<{test.grade_id}>"
    tree = ast.parse(test.source, name)
    if not tree.body or not isinstance(last := tree.body[-1], ast.Expr) or _is_quiet(test.source):
        return compile(tree, name, "exec"), None
    body = ast.Module(tree.body[:-1], tree.type_ignores)
    return compile(body, name, "exec"), compile(ast.Expression(last.value), name, "eval")


def _is_quiet(source: str) -> bool:
    """Return whether a cell ends in a semicolon, which keeps a notebook from showing its value."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    ends = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT, tokenize.INDENT)
    return next((token.string for token in reversed(list(tokens)) if token.type not in ends), "") == ";"


def prepare(assignment: AssignmentSpec) -> None:
    """Do what is the same for every submission of an assignment."""
    for exercise in assignment.exercises:
        for test in exercise.tests:
            compiled(test)
    _released(assignment)


_released_flags: dict[str, set[str]] = {}


def _released(assignment: AssignmentSpec) -> set[str]:
    """Return what stands out in the author's own cells: nothing to hold against a learner."""
    if assignment.digest not in _released_flags:
        cells = (cell.source for cell in assignment.cells if cell.role in ("author", "solution"))
        _released_flags[assignment.digest] = suspicions(cells)
    return _released_flags[assignment.digest]


_NO_POINTS = "This test ended in a number that is none of its points: ask whoever gives the course."


def run_test(test: TestCell, namespace: dict[str, Any]) -> tuple[str, str, float]:
    """Run a test cell exactly as it is written.

    A cell that ends in a number gives so many points, as nbgrader reads it; the number has to be finite and from 0 to
    what the cell is worth.

    Returns:
        Kind of failure and hint, both empty for a pass, and the points.
    """
    try:
        body, last = compiled(test)
        exec(body, namespace)
        value = eval(last, namespace) if last is not None else None
    except AssertionError as error:
        return "wrong", str(error) or "A check of this test failed.", 0.0
    except NotImplementedError:
        return "wrong", "Not answered yet: replace `raise NotImplementedError` in the cell above.", 0.0
    except BaseException as error:
        try:
            told = f": {error}" if str(error) else ""
        except Exception:
            told = ""
        return "error", f"Your code led to {type(error).__name__}{told}", 0.0
    if type(value) is bool or not isinstance(value, numbers.Real):
        return "", "", test.points
    points = float(value)
    if not 0.0 <= points <= test.points:  # not a number fails as well
        return "error", _NO_POINTS, 0.0
    if points < test.points:
        return "partial", f"This test gave {points:g} of {test.points:g} points.", points
    return "", "", test.points
