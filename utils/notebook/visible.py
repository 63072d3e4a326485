"""The visible test of an exercise: a few examples that a learner reads; how a wrong value is diagnosed stays outside.

@visible_test("softmax")
def examples(check):
    check(lambda: softmax(row), [0.125, 0.25, 0.625], "the logarithms of 1, 2 and 5")
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import FunctionType
from typing import Any

from utils.notebook.cards import Card, show_card
from utils.notebook.checks import CheckError, Diagnosis, call_answer, check_refused
from utils.notebook.checks.checking import judge
from utils.notebook.exercise_files import ExerciseFile, ExerciseFileError, find_exercise
from utils.notebook.kernel import broken_cell, is_set_up, shell
from utils.notebook.lending import is_lent
from utils.notebook.progress import note_test


class Examples:
    """Tries examples and keeps count; the first failure is kept for the card."""

    def __init__(self, diagnoses: Callable[[], dict[str, Diagnosis]]) -> None:
        self._diagnoses = diagnoses
        self._known: dict[str, Diagnosis] | None = None
        self.tried = 0
        self.failures: list[CheckError] = []

    def _diagnosis(self, what: str) -> Diagnosis:
        if self._known is None:
            self._known = self._diagnoses()
        return self._known.get(what, Diagnosis())

    def __call__(
        self, call: Callable[[], Any], want: Any, what: str, *, rtol: float = 1e-4, atol: float = 1e-6
    ) -> None:
        """Try one example: call the answer without arguments, and compare with the right value."""
        self.tried += 1
        try:
            try:
                got = call_answer(call, what)
            except CheckError as error:
                advice = "" if error.unanswered else self._diagnosis(what).if_raises
                if not advice:
                    raise
                raise CheckError(f"{error.hint} {advice}", error.case, error.own_line) from None
            judge(got, want, what, _Lazy(lambda: self._diagnosis(what)), rtol, atol)
        except CheckError as error:
            self.failures.append(error)

    def refused(self, call: Callable[[], Any], what: str) -> None:
        """Try one bad input: the answer must refuse it with a ValueError."""
        self.tried += 1
        try:
            check_refused(call, what, "")
        except CheckError as error:
            advice = "" if error.unanswered else self._diagnosis(what).otherwise
            self.failures.append(
                CheckError(f"{error.hint} {advice}".strip(), error.case, error.own_line, error.unanswered)
            )


class _Lazy(Diagnosis):
    """A diagnosis that is looked up when a value is wrong, and not before."""

    def __init__(self, find: Callable[[], Diagnosis]) -> None:
        object.__setattr__(self, "_find", find)

    def __getattribute__(self, name: str) -> Any:
        if name in ("mistakes", "otherwise", "if_raises"):
            return getattr(object.__getattribute__(self, "_find")(), name)
        return object.__getattribute__(self, name)


def read_diagnoses(exercise: ExerciseFile) -> dict[str, Diagnosis]:
    """Return an exercise's diagnoses by example, from its file's helpers and diagnoses."""
    if "diagnoses" not in exercise.parts:
        return {}
    namespace: dict[str, Any] = {"__name__": f"exercise_{exercise.name}"}
    imports = [part for part in (exercise.parts["solution"], exercise.parts.get("helpers", "")) if part]
    for source in (*imports, exercise.parts["diagnoses"]):
        exec(compile(source, str(exercise.path), "exec"), namespace)
    found = namespace["diagnoses"]()
    return dict(found)


def _diagnoses_of(name: str) -> Callable[[], dict[str, Diagnosis]]:
    def read() -> dict[str, Diagnosis]:
        try:
            return read_diagnoses(find_exercise(name))
        except ExerciseFileError:  # a notebook without the course's files still compares values
            return {}

    return read


def run_examples(
    name: str, examples: Callable[[Examples], None], diagnoses: Callable[[], dict[str, Diagnosis]]
) -> Card:
    """Run an exercise's examples and return the card; nothing is displayed."""
    if broken := broken_cell(name):
        hint = "Mend the cell and run it; until then the test would judge an earlier version of your answer."
        return Card("failed", f"the cell with {name} did not run: {broken}", hint)
    if any(is_lent(examples.__globals__.get(one)) for one in _names_of(name)):
        hint = "What is defined now is the course's: run your own cell above."
        return Card("open", f"{name} is not answered yet", hint)
    if name not in examples.__globals__:
        first = "Run the cell with your answer first"
        if shell() is not None and not is_set_up():
            first = "Run the first code cell, the one with setup(), and the cell with your answer first"
        return Card("stopped", f"`{name}` is not defined", f"{first}, then this test again.")
    tried = Examples(diagnoses)
    unanswered = Card("open", f"{name} is not answered yet", "Replace `raise NotImplementedError` in the cell above.")
    try:
        examples(tried)
    except NotImplementedError:  # between two examples an answer is called to build something
        return unanswered
    except Exception as error:  # between two examples something was done with what the answer gave
        told = f"{type(error).__name__}: {error}"
        return Card("failed", f"{name} cannot be tried", f"What your code gives cannot be used as it should: {told}")
    if not tried.failures:
        return Card("passed", f"{tried.tried} of {tried.tried} examples of {name} pass. Graded tests look further")
    first_failure = tried.failures[0]
    if first_failure.unanswered:
        return unanswered
    passed = tried.tried - len(tried.failures)
    details = [f"also: {one}" for one in tried.failures[1:]]
    case = first_failure.case or (f"in your cell, {first_failure.own_line}" if first_failure.own_line else "")
    title = f"{passed} of {tried.tried} examples of {name} pass"
    return Card("failed", title, first_failure.hint, case, tuple(details))


def _names_of(name: str) -> tuple[str, ...]:
    try:
        return find_exercise(name).names
    except ExerciseFileError:
        return (name,)


def _imports_of(name: str) -> dict[str, Any]:
    """Return what the solution's imports give: examples may use them, whatever a learner's cell imports."""
    namespace: dict[str, Any] = {}
    try:
        body = ast.parse(find_exercise(name).parts["solution"]).body
    except ExerciseFileError:
        return namespace
    imports: list[ast.stmt] = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    exec(compile(ast.Module(imports, []), "<imports>", "exec"), namespace)
    return namespace


def visible_test(name: str) -> Callable[[FunctionType], None]:
    """Return a decorator that runs an exercise's examples at once and shows the card.

    Args:
        name: the exercise.

    Raises:
        CheckError: an example fails. An exercise that is not answered yet raises nothing, so that a notebook can be run
            from its first cell to its last.
    """

    def run(examples: FunctionType) -> None:
        names = _imports_of(name) | examples.__globals__
        card = run_examples(name, FunctionType(examples.__code__, names), _diagnoses_of(name))
        show_card(card)
        note_test(name, card.status)
        if card.status in ("failed", "stopped"):
            error = CheckError(card.hint or card.title, card.case or card.title)
            if shell() is not None:
                error._render_traceback_ = lambda: [f"{card.title}. See the card above."]  # type: ignore[method-assign]
            raise error

    return run
