"""Arithmetic in several steps, with solutions, wrong solutions and a verifier that is always right."""

from __future__ import annotations

import re
from dataclasses import dataclass

from utils.world import phrases
from utils.world.draws import Draws

_EQUATION = re.compile(r"(\d+) ?([-+*]) ?(\d+) ?= ?(-?\d+)")
_FINAL = re.compile(re.escape(phrases.FINAL_ANSWER).replace(r"\{n\}", r"(-?\d+)"))
# So many repeated tasks in a row mean that (nearly) all different ones have been drawn.
_MAX_REPEATS = 2000
_APPLY = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}


@dataclass(frozen=True)
class ArithmeticTask:
    """A task such as "Start with 12. Add 7. Multiply by 3. What is the result?", and its steps.

    `start` is the first number and `steps` are (operator, operand) in order.
    """

    start: int
    steps: tuple[tuple[str, int], ...]

    @property
    def question(self) -> str:
        """The task in words."""
        parts = [phrases.START.format(n=self.start)]
        parts += [phrases.OPERATIONS[operator].format(n=operand) for operator, operand in self.steps]
        return " ".join([*parts, phrases.RESULT_QUESTION])

    @property
    def answer(self) -> int:
        """The result."""
        value = self.start
        for operator, operand in self.steps:
            value = _APPLY[operator](value, operand)
        return value

    @property
    def solution(self) -> str:
        """The right solution: an equation for each step, and the final answer."""
        return _write_solution(self, {})


def _write_solution(task: ArithmeticTask, slips: dict[int, int]) -> str:
    """Write a solution in which step i is off by slips[i], and later steps go on from there."""
    value = task.start
    parts = []
    for place, (operator, operand) in enumerate(task.steps):
        result = _APPLY[operator](value, operand) + slips.get(place, 0)
        parts.append(f"{value} {operator} {operand} = {result}.")
        value = result
    return " ".join([*parts, phrases.FINAL_ANSWER.format(n=value)])


def draw_arithmetic_tasks(
    n: int, seed: int = 0, n_steps: int = 3, max_operand: int = 20, max_value: int = 999
) -> list[ArithmeticTask]:
    """Draw n different tasks whose values all stay between 0 and max_value.

    n_steps: operations in a task. max_operand: largest start and operand to add or take away; factors are 2 to 9.
    Raises ValueError for sizes below 1, a max_value below 2 * max_operand, and when there are not n different tasks.
    """
    if min(n, n_steps, max_operand) < 1:
        raise ValueError(f"n, n_steps and max_operand must be at least 1, got {n}, {n_steps} and {max_operand}")
    if max_value < 2 * max_operand:
        raise ValueError(f"max_value must be at least twice max_operand, got {max_value} and {max_operand}")
    draws = Draws("arithmetic", seed, n_steps, max_operand, max_value)
    tasks: dict[ArithmeticTask, None] = {}  # a dict keeps the order of drawing
    repeats = 0
    while len(tasks) < n:
        task = _draw_task(draws, n_steps, max_operand, max_value)
        repeats = repeats + 1 if task in tasks else 0
        tasks[task] = None
        if repeats > _MAX_REPEATS:
            raise ValueError(f"n is {n}, more than the different tasks of {n_steps} steps up to {max_operand}")
    return list(tasks)


def _draw_task(draws: Draws, n_steps: int, max_operand: int, max_value: int) -> ArithmeticTask:
    start = value = draws.between(1, max_operand)
    steps = []
    for _ in range(n_steps):
        possible = []
        if value + 1 <= max_value:
            possible.append(("+", 1, min(max_operand, max_value - value)))
        if value >= 1:
            possible.append(("-", 1, min(max_operand, value)))
        if value >= 1 and 2 * value <= max_value:
            possible.append(("*", 2, min(9, max_value // value)))
        operator, low, high = draws.pick(possible)
        operand = draws.between(low, high)
        value = _APPLY[operator](value, operand)
        steps.append((operator, operand))
    return ArithmeticTask(start, tuple(steps))


def draw_attempts(task: ArithmeticTask, k: int, seed: int = 0, slip_rate: float = 0.2) -> list[str]:
    """Draw k solutions in which each step goes wrong with probability slip_rate, by 1, 2 or 10 up or down.

    A wrong step is carried on, as a model would; a slip never makes a negative number. Slips may cancel: `verify` says
    what is right. Raises ValueError for a slip_rate outside [0, 1].
    """
    if not 0 <= slip_rate <= 1:
        raise ValueError(f"slip_rate must be between 0 and 1, got {slip_rate}")
    draws = Draws("attempts", seed, task.question)
    attempts = []
    for _ in range(k):
        slips: dict[int, int] = {}
        value = task.start
        for place, (operator, operand) in enumerate(task.steps):
            result = _APPLY[operator](value, operand)
            if draws.chance(slip_rate) or result < 0:
                slip = draws.pick((-10, -2, -1, 1, 2, 10))
                slips[place] = slip if result + slip >= 0 else abs(slip) + max(0, -result)
                result += slips[place]
            value = result
        attempts.append(_write_solution(task, slips))
    return attempts


def final_answer(text: str) -> int | None:
    """Return the number of the last "The answer is N.", else the last whole number in the text, else None."""
    found = _FINAL.findall(text) or re.findall(r"-?\d+", text)
    return int(found[-1]) if found and len(found[-1]) < 20 else None


def verify(task: ArithmeticTask, text: str) -> bool:
    """Return whether a solution ends in the right answer, however it got there."""
    return final_answer(text) == task.answer


def wrong_steps(task: ArithmeticTask, text: str) -> list[str]:
    """Return the equations of a solution that are false or not the next step of the task, in order.

    A step that is missing is listed as the equation that should have stood there. An empty list, together with
    `verify`, means that the solution is right throughout.
    """
    wrong = []
    value = task.start
    equations = _EQUATION.findall(text)
    for operator, operand in task.steps:
        expected = (str(value), operator, str(operand))
        if not equations:
            value = _APPLY[operator](value, operand)
            wrong.append(f"{expected[0]} {operator} {operand} = {value}")
            continue
        *left, result = equations.pop(0)
        if tuple(left) != expected or len(result) > 19 or int(result) != _APPLY[operator](value, operand):
            wrong.append(f"{left[0]} {left[1]} {left[2]} = {result}")
        value = int(result) if len(result) < 20 else value
    return wrong + [f"{a} {operator} {b} = {c}" for a, operator, b, c in equations]
