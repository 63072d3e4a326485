from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.classroom.assignments import COUNTING, put_submission
from tests.classroom.test_feedback import hostile_submission
from tests.classroom.test_run import run_class
from utils.course.classroom.class_results import ClassResults
from utils.course.classroom.report import render_report
from utils.course.classroom.similarity import Pair, fingerprints, similar_pairs, tokens
from utils.course.classroom.statistics import class_numbers, hint_of
from utils.course.errors import CourseError


@pytest.fixture
def numbers(make_class, stand_in):
    classroom = make_class(10)
    put_submission(classroom.root, "<b>eve</b>", COUNTING, hostile_submission())
    run_class(classroom, stand_in(classroom, **{"number 7.": 3}))
    results = ClassResults(classroom, COUNTING)
    return class_numbers(classroom.specification(COUNTING), results, results.needs_staff)


def test_numbers_count_solved_answered_and_misconceptions(numbers):
    shares, middle = numbers.exercises
    assert (shares.name, shares.points, shares.tried, shares.solved) == ("shares", 3.0, 10, 3)
    assert shares.answered == 8
    assert shares.misconception[0] == "Count each language and divide by the number of texts."
    assert shares.hints["Shares are counts over the total, not the counts themselves."] == 2
    assert middle.misconception == ("The middle number is found among sorted numbers.", 2)
    assert sorted(numbers.scores) == [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 3.0, 6.0, 6.0]
    assert list(numbers.needs_staff) == ["half-07"]
    assert numbers.verdicts["NEEDS_STAFF"] == 1


def test_the_report_is_one_page_without_script_that_says_it_all(numbers):
    pairs = [Pair("ada", "bob", 0.83, 12, ("shares",))]
    page = render_report(numbers, pairs, "today")
    soup = BeautifulSoup(page, "html.parser")
    text = " ".join(soup.get_text().split())
    for words in (COUNTING, "half-07", "disk is full", "The middle number is found among sorted", "ada, bob", "83%"):
        assert words in text, words
    assert soup.find_all(["script", "iframe", "link", "img"]) == []
    assert "default-src 'none'" in soup.find("meta", attrs={"http-equiv": True})["content"]
    assert not [tag for tag in soup.find_all(True) if tag.get("src") or tag.get("href")]
    assert "<b>eve" not in page


def test_the_report_of_nobody_renders(make_class):
    assignment = make_class(1).specification(COUNTING)
    assert "Nothing is graded yet" in render_report(class_numbers(assignment, []), [], "")


def test_the_histogram_counts_everybody_once(numbers):
    soup = BeautifulSoup(render_report(numbers, [], ""), "html.parser")
    counts = [int(title.text.split(": ")[1]) for title in soup.select("rect title")]
    assert len(counts) == 10
    assert sum(counts) == 10


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("Divide by n. (case (1, 2): expected [1, (2)], got (3))", "Divide by n."),
        ("AssertionError: Divide by n. (no texts: expected {}, got None)", "Divide by n."),
        ("Not answered yet: replace `raise NotImplementedError` in the cell above (x).", "Not answered"),
        ("Use f(x) twice. (shares: expected 1, got 2)", "Use f(x) twice."),
        ("no texts: your code raised KeyError. Look (again)", "no texts: your code raised KeyError. Look"),
        ("plain", "plain"),
        ("(x: expected 1, got 2)", "(x: expected 1, got 2)"),
    ],
)
def test_a_hint_is_a_message_without_its_case(message: str, hint: str):
    assert hint_of(message) == hint


LONG = """
def shares(languages):
    counted = {}
    for language in languages:
        if language in counted:
            counted[language] = counted[language] + 1
        else:
            counted[language] = 1
    total = sum(counted.values())
    while False:
        total = [total, 2, 3][0] * 7 - 6 * total
    return {language: count / total for language, count in counted.items()}
"""
RENAMED = LONG.replace("counted", "zz").replace("language", "w").replace("1", "9") + "# my own work\n"
OTHER = """
from collections import Counter
def shares(languages):
    n = len(languages)
    found = Counter(languages)
    result = dict()
    for name in sorted(found): result.update({name: found[name] / n})
    assert abs(sum(result.values()) - 1) < 1e-9 or not result, "shares sum to one"
    return result
"""


def test_names_constants_and_comments_do_not_hide_a_copy():
    assert tokens(LONG) == tokens(RENAMED)
    (pair,) = similar_pairs([("bob", {"shares": RENAMED}), ("ada", {"shares": LONG}), ("cyd", {"shares": OTHER})])
    assert (pair.first, pair.second, pair.exercises) == ("ada", "bob", ("shares",))
    assert pair.likeness == 1.0


def test_what_the_whole_class_wrote_makes_nobody_similar():
    assert similar_pairs([(f"learner-{n}", {"shares": LONG}) for n in range(40)]) == []


def test_what_everybody_got_makes_nobody_similar():
    assert similar_pairs([("ada", {"shares": LONG}), ("bob", {"shares": LONG})], known={"shares": LONG}) == []


def test_an_answer_that_is_no_python_is_compared_as_far_as_it_goes():
    assert fingerprints("def f(:\n  'unfinished") == fingerprints("def f(:\n  'unfinished")
    assert tokens("\x00") == [] or tokens("\x00")


def test_a_likeness_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="likeness must be"):
        similar_pairs([], likeness=0.0)


def test_results_before_grading_are_one_sentence(make_class):
    with pytest.raises(CourseError, match="nothing of 01_counting is graded yet"):
        ClassResults(make_class(1), COUNTING)
