"""The page of coverage: each of the chapter's ideas, the notebook that runs it, its exercises."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from utils.course.coverage import coverage


def coverage_page(root: Path, pages: Mapping[str, str]) -> str:
    """Return the page in Markdown.

    Args:
        root: the repository.
        pages: number of a notebook -> its page from the site's root without an ending, such as
            "notebooks/01_data_distribution"; numbers without a page are named and not linked.
    """
    covered, _ = coverage(root)
    executable = sum(one.executable for one in covered)
    rows = []
    for one in covered:
        number = one.idea.notebook
        link = f'<a href="{escape(pages[number])}.html">{number}</a>' if number in pages else number
        exercises = ", ".join(f"<code>{escape(name)}</code>" for name in one.idea.exercises) or "none"
        rows.append(
            f'<tr><th scope="row">{one.idea.row}</th><td data-column="idea">{escape(one.idea.idea)}</td>'
            f'<td data-column="notebook">{link}</td><td data-column="experiment cells">{one.experiments}</td>'
            f'<td data-column="graded exercises">{exercises}</td></tr>'
        )
    heads = ("Row", "idea, table or figure", "notebook", "experiment cells", "graded exercises")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        "# Coverage\n\n"
        f"The chapter has {len(covered)} ideas, tables and figures. {executable} of them run as an experiment and have "
        "the graded exercises that they ask for. A row's number is the same in the [verdicts](verdicts.md), in the "
        "tags of notebooks' cells and in the names of recorded runs. `course coverage` counts the cells behind this "
        "table.\n\n"
        '```{raw} html\n<table class="course-table course-coverage"><caption>The chapter\'s ideas</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody></table>\n```\n"
    )
