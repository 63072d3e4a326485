"""Every right and wrong answer once more, through the sandbox: trusted grading must judge as the autograders do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from utils.course.answer_files import Answer
from utils.course.answers import CellResult, Outcome, check_known
from utils.course.classroom.place import Classroom
from utils.course.classroom.synthetic import Ingredients
from utils.course.errors import CourseError
from utils.course.grading import Limits, SandboxPool, SandboxUnavailableError, Submission, grade_submission
from utils.course.notebooks import Topic


def judge_in_sandbox(topic: Topic, only: Sequence[str] = ()) -> Iterator[Outcome]:
    """Grade submissions that hold every answer once, and yield each answer's outcome.

    A submission has one answer to each exercise: the first right one of each in the first submission, and so on; then
    the wrong ones in the same way. Where an exercise has no more answers, the notebook's own stands in.

    Args:
        topic: the notebook; it and its release must have been built.
        only: exercises to judge, empty for all.

    Raises:
        CourseError: there is no sandbox on this machine, or an exercise is unknown.
    """
    classroom = Classroom.at(topic.root)
    assignment = classroom.specification(topic.name)
    made_from = Ingredients(assignment, classroom.release(topic.name), topic.answers)
    known = [exercise.grade_id for exercise in assignment.exercises]
    check_known(topic.name, only, known)
    own = {name: made_from.right[name][0].source for name in known}
    rounds: list[dict[str, Answer]] = []
    for table in (made_from.right, made_from.wrong):
        judged = {name: table[name] for name in (only or known)}
        for index in range(max(len(answers) for answers in judged.values())):
            rounds.append({name: answers[index] for name, answers in judged.items() if index < len(answers)})
    workers = os.cpu_count() or 1
    try:
        pool = SandboxPool(workers, limits=Limits(), secret=classroom.secret(), check=False)
    except SandboxUnavailableError as error:
        raise CourseError(str(error)) from None

    def grade(chosen: dict[str, Answer]) -> list[Outcome]:
        notebook = made_from.notebook(own | {name: answer.source for name, answer in chosen.items()}, "the author")
        submission = Submission(json.dumps(notebook).encode(), f"{topic.name}.ipynb")
        result = grade_submission(submission, assignment, pool)
        return [
            Outcome(
                name,
                answer,
                tuple(
                    CellResult(grade_id, True, None if cell.passed else cell.message or result.reason or cell.kind)
                    for grade_id, cell in result.cells.items()
                    if cell.exercise == name
                ),
            )
            for name, answer in chosen.items()
        ]

    with pool:
        pool.start(assignment)
        with ThreadPoolExecutor(workers) as threads:
            for outcomes in threads.map(grade, rounds):
                yield from outcomes
