from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from utils.course.errors import CourseError
from utils.course.notebooks import Notebook, topics
from utils.course.website.links import Address
from utils.course.website.verdicts import Chapter, chapter_of, read_table, verdict_page, verdicts_of
from utils.notebook.verdicts import OUTCOMES, Verdict, Verdicts

# What a cell can hold; a carriage return does not survive HTML.
words = st.text(st.characters(exclude_characters="\r", exclude_categories=("Cs", "Cc")), max_size=30)


@given(st.lists(st.builds(Verdict, st.integers(1, 105), words, words, words, st.sampled_from(OUTCOMES)), max_size=4))
def test_reading_a_closing_table_gives_back_its_verdicts(rows: list[Verdict]) -> None:
    assert read_table(Verdicts(rows)._repr_html_()) == rows


def test_further_columns_and_another_order_do_not_matter() -> None:
    head = "<tr><th>verdict</th><th>your guess</th><th>row</th><th>the chapter says</th><th>we measured</th>"
    body = "<tr><td>holds</td><td>no</td><td>7</td><td>a &lt; b</td><td>2</td><td>[1, 3]</td></tr>"
    assert read_table(f"<table>{head}<th>95% interval</th></tr>{body}</table>") == [
        Verdict(7, "a < b", "2", "[1, 3]", "holds")
    ]


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>no table</p>", "no column 'row'"),
        (Verdicts([Verdict(1, "a", "b", "c", "maybe")])._repr_html_(), "outcome 'maybe'"),
    ],
)
def test_what_is_no_closing_table_is_refused(html: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_table(html)


def test_a_notebook_that_was_not_executed_gets_a_sentence() -> None:
    with pytest.raises(CourseError, match="course build --execute"):
        verdicts_of(Notebook(Path("x.ipynb"), nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("verdicts")])))


def test_every_idea_of_the_chapter_has_a_verdict(root: Path) -> None:
    found = {verdict.row for topic in topics(root) for verdict in chapter_of(topic).verdicts}
    assert sorted(set(range(1, 106)) - found) == []


@pytest.fixture
def page(tmp_path: Path, address: Address) -> BeautifulSoup:
    (tmp_path / "datasets" / "runs" / "04").mkdir(parents=True)
    (tmp_path / "datasets" / "runs" / "04" / "row-041.json").write_text("{}")
    verdicts = (
        Verdict(40, "a <b> claim", "5", "exact", "holds"),
        Verdict(41, "more is better", "+0.2", "0.2 [0.1, 0.3], n = 5", "does not hold"),
        Verdict(42, "less is more", "+0.1", "0.1 [-0.1, 0.3], n = 5", "undecided"),
    )
    text = verdict_page([Chapter("04_scaling_laws", "04 Scaling laws", verdicts)], tmp_path, address)
    return BeautifulSoup(text, "html.parser")


def test_a_row_says_where_its_number_comes_from(page: BeautifulSoup) -> None:
    origins = page.select("table.course-verdicts tbody td[data-column=from]")
    assert [cell.get_text() for cell in origins] == ["exact", "recorded run", "the notebook"]
    link = origins[1].find("a")["href"]
    assert link == "https://github.com/somebody/course/blob/main/datasets/runs/04/row-041.json"


def test_words_of_a_notebook_are_shown_and_not_interpreted(page: BeautifulSoup) -> None:
    assert page.select_one("td[data-column='the chapter says']").get_text() == "a <b> claim"


def test_outcomes_are_counted(page: BeautifulSoup) -> None:
    cells = page.select("table.course-counts tbody tr:last-child > *")
    assert [cell.get_text() for cell in cells] == ["All", "1", "0", "1", "1", "3"]
