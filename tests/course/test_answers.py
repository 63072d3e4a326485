"""The judge of answers: it must see every misjudgement, and no answer may stop it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.course.mini_course import ANSWERS, EXERCISES, SCRIPT, write_course
from utils.course import build
from utils.course.answer_files import parse_answers
from utils.course.answers import Outcome, judge_answers, unmet
from utils.course.errors import CourseError
from utils.course.notebooks import Topic, course_root, read_notebook, topics

TOPICS = topics(course_root())


def judged(topic: Topic, limit_s: float = 2.0) -> dict[tuple[str, str], Outcome]:
    return {(one.exercise, one.answer.title): one for one in judge_answers(topic, limit_s=limit_s)}


def test_right_and_wrong_answers_are_judged_rightly_whatever_they_do(small_topic: Topic) -> None:
    outcomes = judged(small_topic)
    assert len(outcomes) == 9
    assert [key for key, outcome in outcomes.items() if outcome.fault] == []
    assert "You doubled" in outcomes["add_one", "doubles"].graded_messages[0]


def test_a_test_that_accepts_a_wrong_answer_is_found(tmp_path: Path) -> None:
    blind = EXERCISES["add_one"].replace("check(lambda: add_one(41), 42", "check(lambda: 42, 42")
    topic = built(write_course(tmp_path / "course", exercises=EXERCISES | {"add_one": blind}))
    fault = judged(topic)["add_one", "doubles"].fault
    assert fault is not None
    assert "every graded test accepts it" in fault


def test_a_test_that_rejects_a_right_answer_is_found(tmp_path: Path) -> None:
    strict = EXERCISES["halve"].replace("check(lambda: halve(5), 2.5", "check(lambda: halve(5), 2.6")
    topic = built(write_course(tmp_path / "course", exercises=EXERCISES | {"halve": strict}))
    fault = judged(topic)["halve", "by multiplication"].fault
    assert fault is not None
    assert "halve-1 says" in fault


def test_a_message_without_the_stated_words_is_found(tmp_path: Path) -> None:
    answers = {"halve": ANSWERS["halve"].replace("expects: integer division", "expects: rounding / floor")}
    topic = built(write_course(tmp_path / "course", answers=answers))
    fault = judged(topic)["halve", "integer division"].fault
    assert fault is not None
    assert "rounding / floor" in fault


def test_one_answer_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    answers = {
        "add_one": """
# %% wrong: changes what the cells above defined | expects: expected 42
OFFSET = 5
def add_one(x):
    return x + OFFSET
# %% right: relies on the cells above
def add_one(x):
    return x + OFFSET
"""
    }
    topic = built(write_course(tmp_path / "course", answers=answers))
    assert [one.fault for one in judge_answers(topic, ["add_one"])] == [None, None, None]


def test_a_broken_cell_above_an_exercise_is_said(tmp_path: Path) -> None:
    topic = built(write_course(tmp_path / "course", SCRIPT.replace("OFFSET = 1", "OFFSET = 1 / 0")))
    with pytest.raises(CourseError, match="the cells above add_one"):
        judged(topic)


def test_a_wrong_answer_must_state_words(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("# %% wrong: no words\ndef x(): pass\n")
    with pytest.raises(CourseError, match="states no words"):
        parse_answers(path)


def test_a_malformed_header_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("# %% right: fine\nx = 1\n# %% wrogn: typo | expects: y\n")
    with pytest.raises(CourseError, match="line 3"):
        parse_answers(path)


BASE = """\
# %% right: with a loop
def total(xs):
    found = 0

    for x in xs:
        found += x
    return found
"""


def changed(tmp_path: Path, more: str, solution: str = "") -> str:
    path = tmp_path / "total.py"
    path.write_text(BASE + more)
    return parse_answers(path, solution)[-1].source


def test_an_answer_may_be_another_one_but_for_some_lines(tmp_path: Path) -> None:
    more = """
# %% wrong: forgets the last | of: with a loop | expects: last
# -     found = 0
# -
# -     for x in xs:
# +     found = 0
# +     for x in xs[:-1]:

# -         found += x
# +         if x:
# +             found += x
"""
    wrong = """\
def total(xs):
    found = 0
    for x in xs[:-1]:
        if x:
            found += x
    return found
"""
    assert changed(tmp_path, more) == wrong
    further = "\n# %% wrong: and nothing back | of: forgets the last | expects: None\n# -     return found\n"
    assert changed(tmp_path, more + further) == wrong.replace("    return found\n", "")
    own = "\n# %% right: other names | of: the notebook's own\n# - y = f(x)\n# + z = f(x)\n"
    assert changed(tmp_path, own, "import f\ny = f(x)\n") == "import f\nz = f(x)\n"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("# %% right: x | of: with a lop\n# - a\n", "is one of 'with a lop', and no answer above it has that title"),
        ("# %% right: x | of: the notebook's own\n# - a\n", "no answer above it has that title"),
        ("# %% right: x | of: with a loop\n# - a = 1\n", "line 10: 'a = 1' and what follows is not in 'with a loop'"),
        ("# %% right: x | of: with a loop\n# -\n# -\n", "not in 'with a loop'"),
        ("# %% right: x | of: x2\n", "no answer above it"),
        ("# %% right: x | of: with a loop\n\n# + a\n", "line 11: a change is `# -` lines, and"),
        ("# %% right: x | of: with a loop\n# -     found = 0\nfound = 1\n", "line 10: a change is"),
        ("# %% right: x | of: with a loop\n# -     found = 0\n# + a\n# -     return found\n", "line 10: a change is"),
    ],
)
def test_changes_that_do_not_fit_are_named_with_their_line(tmp_path: Path, more: str, message: str) -> None:
    with pytest.raises(CourseError, match=re.escape(message)):
        changed(tmp_path, "\n" + more)


def test_lines_to_replace_must_stand_there_once(tmp_path: Path) -> None:
    more = "\n# %% right: twice\na = 1\na = 1\n\n# %% right: x | of: twice\n# - a = 1\n# + a = 2\n"
    with pytest.raises(CourseError, match="is 2 times in 'twice'"):
        changed(tmp_path, more)


def test_an_unknown_exercise_is_named(small_topic: Topic) -> None:
    with pytest.raises(CourseError, match="'nothing' is unknown"):
        list(judge_answers(small_topic, ["nothing"]))


def test_senseless_answers_are_refused_by_a_good_test(small_topic: Topic) -> None:
    outcomes = list(judge_answers(small_topic, kind="fuzz"))
    assert len(outcomes) > 50
    assert [one.fault for one in outcomes if one.fault] == []


def test_a_test_that_accepts_a_constant_or_breaks_on_one_is_found(tmp_path: Path) -> None:
    careless = EXERCISES["halve"].replace(
        'check(lambda: (double(3), double(halve(7))), (6, 7), "double(3), and double(halve(7))")',
        "assert double(1) + 1 > 0 or True",
    )
    topic = built(write_course(tmp_path / "course", exercises=EXERCISES | {"halve": careless}))
    faults = {one.answer.title: one.fault for one in judge_answers(topic, kind="fuzz") if one.fault}
    assert "halve-2 accepts it" in faults["returns 1"]
    assert "halve-2 breaks instead of judging" in faults["returns None"]
    assert "TypeError" in faults["returns None"]


def test_a_slip_that_no_test_catches_is_shown_and_one_that_is_caught_is_not(tmp_path: Path) -> None:
    careless = EXERCISES["add_one"].replace("check(lambda: add_one(41), 42", "check(lambda: add_one(0), 1")
    topic = built(write_course(tmp_path / "careless", exercises=EXERCISES | {"add_one": careless}))
    outcomes = list(judge_answers(topic, ["add_one"], kind="mutants"))
    assert [one.fault for one in outcomes if one.fault] == []
    (survivor,) = [one for one in outcomes if one.survives]
    assert survivor.answer.title == "only what stands right: successor_of_the_input = x + OFFSET"

    topic = built(write_course(tmp_path / "careful"))
    assert not [one for one in judge_answers(topic, kind="mutants") if one.survives]


def test_hints_that_no_answer_meets_are_listed(tmp_path: Path) -> None:
    untried = EXERCISES["halve"].replace(
        '{"Integer division loses the half.": 2}', '{"Integer division loses the half.": 2, "Twice 5 is 10.": 10}'
    )
    topic = built(write_course(tmp_path / "course", exercises=EXERCISES | {"halve": untried}))
    assert unmet(list(judged(topic).values())) == ["halve-1: no answer meets the hint 'Twice # is #'"]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.number)
def test_every_exercise_has_enough_answers(topic: Topic) -> None:
    for exercise in read_notebook(topic.source).exercises:
        answers = parse_answers(topic.answers / f"{exercise.name}.py", exercise.solution.source)
        assert sum(answer.right for answer in answers) >= 2, exercise.name
        assert sum(not answer.right for answer in answers) >= 5, exercise.name


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.number)
def test_autograders_judge_every_answer_rightly(topic: Topic) -> None:
    faults = [f"{one.exercise}, {one.answer.title}: {one.fault}" for one in judge_answers(topic) if one.fault]
    assert not faults, "\n".join(faults)


def built(root: Path) -> Topic:
    build.write(build.build(root))
    return topics(root)[0]
