"""Arithmetic tasks, solutions, slips and the verifier."""

from __future__ import annotations

import pytest

from utils.world import (
    ArithmeticTask,
    World,
    draw_arithmetic_tasks,
    draw_attempts,
    final_answer,
    split_words,
    verify,
    wrong_steps,
)


def test_answers_are_those_of_python() -> None:
    for task in draw_arithmetic_tasks(300, n_steps=4):
        value = task.start
        for operator, operand in task.steps:
            value = eval(f"{value} {operator} {operand}")
            assert 0 <= value <= 999
        assert task.answer == value
        assert verify(task, task.solution)
        assert wrong_steps(task, task.solution) == []


def test_tasks_are_different_and_the_same_for_a_seed() -> None:
    tasks = draw_arithmetic_tasks(500, seed=1)
    assert len({task.question for task in tasks}) == 500
    assert tasks == draw_arithmetic_tasks(500, seed=1)
    assert tasks != draw_arithmetic_tasks(500, seed=2)


def test_attempts_slip_at_the_stated_rate() -> None:
    slips = steps = 0
    for task in draw_arithmetic_tasks(300, n_steps=3):
        for attempt in draw_attempts(task, 5, slip_rate=0.2):
            slips += len(wrong_steps(task, attempt))
            steps += 3
            if not wrong_steps(task, attempt):
                assert verify(task, attempt)
    assert abs(slips / steps - 0.2) < 5 * 0.4 / steps**0.5
    task = draw_arithmetic_tasks(1)[0]
    assert set(draw_attempts(task, 5, slip_rate=0.0)) == {task.solution}
    assert all(len(wrong_steps(task, attempt)) == 3 for attempt in draw_attempts(task, 5, slip_rate=1.0))


def test_slips_never_make_negative_numbers() -> None:
    for task in draw_arithmetic_tasks(200, n_steps=4, max_operand=5):
        for attempt in draw_attempts(task, 5, slip_rate=0.9):
            assert "= -" not in attempt
            assert wrong_steps(task, attempt)


def test_verifier_reads_the_final_answer_of_any_text() -> None:
    task = ArithmeticTask(4, (("+", 3), ("*", 2)))
    assert task.question == "Start with 4. Add 3. Multiply by 2. What is the result?"
    assert task.solution == "4 + 3 = 7. 7 * 2 = 14. The answer is 14."
    right = [task.solution, "14", "It is 14.", "The answer is 7. No. The answer is 14.", "The answer is 14. 4 + 3 = 7."]
    wrong = ["", "no number", "The answer is 15.", "14 or 15", "The answer is -14.", "The answer is 140.", "9" * 5000]
    assert all(verify(task, text) for text in right)
    assert not any(verify(task, text) for text in wrong)
    assert final_answer("none") is None


def test_wrong_steps_names_false_missing_and_surplus_equations() -> None:
    task = ArithmeticTask(4, (("+", 3), ("*", 2)))
    assert wrong_steps(task, "4 + 3 = 8. 8 * 2 = 16. The answer is 16.") == ["4 + 3 = 8"]
    assert wrong_steps(task, "4 + 3 = 7. The answer is 14.") == ["7 * 2 = 14"]
    assert wrong_steps(task, "4 + 3 = 7. 7 * 3 = 21.") == ["7 * 3 = 21"]
    assert wrong_steps(task, f"{task.solution} 1 + 1 = 2.") == ["1 + 1 = 2"]
    assert wrong_steps(task, f"4 + 3 = {'7' * 5000}. 7 * 2 = 14.")


def test_the_vocabulary_has_every_word_of_tasks() -> None:
    vocabulary = World(0, n_people=10).vocabulary
    for task in draw_arithmetic_tasks(100):
        text = f"{task.question} {task.solution}"
        assert all(word in vocabulary for word in split_words(text))
        assert vocabulary.decode(vocabulary.encode(text)) == text


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="n_steps"):
        draw_arithmetic_tasks(3, n_steps=0)
    with pytest.raises(ValueError, match="max_value"):
        draw_arithmetic_tasks(3, max_operand=100, max_value=150)
    with pytest.raises(ValueError, match="different tasks"):
        draw_arithmetic_tasks(10_000, n_steps=1, max_operand=2)
    with pytest.raises(ValueError, match="slip_rate"):
        draw_attempts(draw_arithmetic_tasks(1)[0], 1, slip_rate=2.0)
