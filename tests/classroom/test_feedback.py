from __future__ import annotations

import re

import nbformat
import pytest
from bs4 import BeautifulSoup

from tests.classroom.assignments import COUNTING, COUNTING_ANSWERS, counting_notebook, put_submission, submission
from tests.classroom.test_run import run_class
from utils.course.classroom.feedback import clean, configure_feedback, generate_feedback, harmless
from utils.course.classroom.gradebook import GradebookWriter
from utils.course.errors import CourseError

EVIL = """
<script>alert(1)</script> <img src=x onerror=alert(2)> <img src="https://evil.example/pixel.png">
<iframe src="https://evil.example"></iframe> <svg onload=alert(3)></svg> [link](javascript:alert(4))
<a href="data:text/html,<script>alert(5)</script>">x</a> <style>body{display:none}</style> **bold** <b onclick=x>b</b>
"""


def hostile_submission() -> bytes:
    node = nbformat.reads(submission(counting_notebook(), COUNTING_ANSWERS["odd"], EVIL).decode(), as_version=4)
    node.cells.insert(1, nbformat.v4.new_markdown_cell(EVIL))
    node.cells.insert(1, nbformat.v4.new_code_cell("x = '<script>alert(6)</script>'"))
    return nbformat.writes(node).encode()


@pytest.fixture
def graded(make_class, stand_in):
    classroom = make_class(3)
    put_submission(classroom.root, "eve", COUNTING, hostile_submission())
    run_class(classroom, stand_in(classroom))
    return classroom


def page_of(classroom, learner: str) -> str:
    return classroom.feedback(learner, COUNTING).read_text(encoding="utf-8")


def test_everybody_gets_one_page_with_score_and_hints(graded):
    assert generate_feedback(graded, COUNTING) == ["counts-01", "eve", "half-02", "right-00"]
    text = BeautifulSoup(page_of(graded, "counts-01"), "html.parser").get_text()
    assert "Score: 1.0 / 6.0" in text
    assert "Shares are counts over the total, not the counts themselves." in text
    assert "The middle number is found among sorted numbers." in text
    assert "def shares(languages):" in text
    assert "shares-1 (Score: 0.0 / 2.0)" in " ".join(text.split()), "the table of contents names the tests"


def test_hidden_tests_are_on_no_page(graded):
    generate_feedback(graded, COUNTING)
    for learner in ("right-00", "counts-01", "eve"):
        page = page_of(graded, learner)
        assert "HIDDEN TESTS" not in page
        assert "check_refused" not in page
        assert "Traceback (most recent call last)" not in page


def test_no_script_of_a_submission_can_run(graded):
    generate_feedback(graded, COUNTING, "eve")
    soup = BeautifulSoup(page_of(graded, "eve"), "html.parser")
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    once = re.search(r"'nonce-([^']+)'", policy)[1]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert all(script.get("nonce") == once for script in soup.find_all("script"))
    assert soup.body.find_all(["script", "iframe", "svg", "style", "object", "embed"]) == []
    for tag in soup.body.find_all(True):
        assert not [name for name in tag.attrs if name.lower().startswith("on")], tag
        assert not str(tag.get("href", "")).lower().startswith(("javascript:", "data:")), tag
        assert str(tag.get("src", "data:")).startswith("data:"), tag
    assert "bold" in soup.get_text()


def test_the_policy_stands_before_any_script_and_differs_between_pages(graded):
    generate_feedback(graded, COUNTING)
    first, second = page_of(graded, "eve"), page_of(graded, "right-00")
    assert first.index("Content-Security-Policy") < first.index("<script")
    assert re.search(r"nonce-([^']+)", first)[1] != re.search(r"nonce-([^']+)", second)[1]


def test_outputs_are_reduced_to_text_and_pictures():
    node = nbformat.v4.new_notebook()
    data = {"text/html": "<b>x</b>", "application/javascript": "alert(1)", "text/plain": "x", "image/svg+xml": "<svg/>"}
    only_html = nbformat.v4.new_output("display_data", data={"text/html": "<script>alert(1)</script>"})
    node.cells = [
        nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("display_data", data=data), only_html])
    ]
    node.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    outputs = harmless(node).cells[0].outputs
    assert [dict(output.data) for output in outputs] == [{"text/plain": "x"}]
    assert "widgets" not in harmless(node).metadata
    assert len(node.cells[0].outputs) == 2, "the graded notebook itself stays as it is"


def test_a_traceback_of_plain_nbgrader_is_cut_to_its_message():
    cell = counting_notebook().cells[3]
    cell.outputs = [nbformat.v4.new_output("error", ename="A", evalue="hint", traceback=["check(lambda: shares)"])]
    node = harmless(nbformat.v4.new_notebook(cells=[cell]))
    assert node.cells[0].outputs[0].traceback == ["hint"]
    assert "BEGIN HIDDEN" not in node.cells[0].source


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("<p>a <em>b</em></p>", "<p>a <em>b</em></p>"),
        ('<img src="data:image/png;base64,AAAA" alt="x">', '<img src="data:image/png;base64,AAAA" alt="x">'),
        ('<img src="http://x/y.png" alt="x">', '<img alt="x">'),
        (
            '<table><tr><td style="text-align: right; position: fixed">1</td></tr></table>',
            '<table><tbody><tr><td style="text-align: right;">1</td></tr></tbody></table>',
        ),
        ('<a href="https://x.example">x</a>', '<a href="https://x.example">x</a>'),
        ('<a href=" DATA:text/html,x">x</a>', "<a>x</a>"),
    ],
)
def test_clean_keeps_what_is_harmless(html: str, wanted: str):
    assert clean(html) == wanted


def test_a_comment_of_staff_is_on_the_page(graded):
    with GradebookWriter(graded, graded.specification(COUNTING)) as writer:
        comment = writer._gradebook.find_comment("shares", COUNTING, COUNTING, "half-02")
        comment.manual_comment = "Well *done*."
        writer._gradebook.db.commit()
    generate_feedback(graded, COUNTING, "half-02")
    assert "Well <em>done</em>." in page_of(graded, "half-02")


def test_nbgraders_own_command_writes_the_same_kind_of_page(graded):
    from nbgrader.converters import GenerateFeedback
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    config = Config(graded.config)
    configure_feedback(config)
    config.CourseDirectory.root = str(graded.root)
    config.CourseDirectory.assignment_id = COUNTING
    config.CourseDirectory.db_url = graded.db_url
    config.CourseDirectory.student_id = "eve"
    GenerateFeedback(coursedir=CourseDirectory(config=config), config=config).start()
    assert "Content-Security-Policy" in page_of(graded, "eve")
    assert "HIDDEN TESTS" not in page_of(graded, "eve")


def test_feedback_before_grading_is_one_sentence(make_class):
    with pytest.raises(CourseError, match="is graded yet"):
        generate_feedback(make_class(1), COUNTING)
