"""What is lent to a later exercise: only where the learner's own does not work, and never as an answer."""

import pytest

from utils.course.answer_files import parse_answers
from utils.notebook.checks import CheckError, ForbiddenCallError, forbidden
from utils.notebook.exercise_files import find_exercise
from utils.notebook.lending import is_lent, lend, lend_automaton
from utils.notebook.visible import run_examples


def unanswered(*_):
    raise NotImplementedError


def lent(namespace):
    """Run the notebook's cell in a namespace."""
    exec("from utils.notebook.lending import lend_automaton\nlend_automaton()", namespace)
    return namespace


def test_an_unanswered_automaton_is_lent_and_reads_the_options():
    found = lent({"choices_automaton": unanswered, "advance": unanswered})
    automaton = found["choices_automaton"](["no", "north"])
    state = found["advance"](automaton, automaton.start, "no")
    assert is_lent(found["advance"])
    assert state in automaton.accepting
    assert found["advance"](automaton, state, "x") is None


def test_a_working_answer_is_kept():
    namespace = {}
    exec(find_exercise("Automaton").parts["solution"], namespace)
    own = namespace["advance"]
    assert lent(namespace)["advance"] is own


def test_a_wrong_answer_is_replaced_for_what_follows():
    namespace = {}
    exec(find_exercise("Automaton").parts["solution"], namespace)
    namespace["advance"] = lambda automaton, state, text: state
    assert is_lent(lent(namespace)["advance"])


def test_every_wrong_answer_to_the_exercise_is_replaced_and_every_right_one_kept():
    exercise = find_exercise("Automaton")
    written = exercise.path.parent / "answers" / "Automaton.py"
    judged = []
    for answer in parse_answers(written, exercise.parts["solution"]):
        namespace = {}
        try:
            exec(answer.source, namespace)
            lent(namespace)
        except RecursionError:
            continue
        if is_lent(namespace["advance"]) == answer.right:
            judged.append(answer.title)
    assert not judged


def test_a_lent_function_is_no_answer_to_the_visible_test():
    namespace = lent({"choices_automaton": unanswered, "advance": unanswered})
    exec(find_exercise("Automaton").parts["examples"], namespace)
    card = run_examples("Automaton", namespace["examples"], dict)
    assert card.status == "open"


def test_a_lent_function_is_no_answer_to_the_graded_tests():
    namespace = lent({"choices_automaton": unanswered, "advance": unanswered})
    with forbidden("utils.decoding.grammar.choices"), pytest.raises((ForbiddenCallError, CheckError)):
        namespace["choices_automaton"](["no"])


def test_lend_tells_whether_it_lent():
    assert lend({}, {"advance": unanswered}, lambda: False)
    assert not lend({}, {"advance": unanswered}, lambda: True)
    assert callable(lend_automaton)
