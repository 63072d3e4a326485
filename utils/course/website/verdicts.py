"""The page of all verdicts, read from the closing tables of the executed notebooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from pathlib import Path

from utils.course.errors import CourseError
from utils.course.notebooks import Notebook, Topic, read_notebook
from utils.course.website.links import Address
from utils.notebook.verdicts import OUTCOMES, Verdict

COLUMNS = {
    "row": "row",
    "the chapter says": "claim",
    "we measured": "measured",
    "95% interval": "interval",
    "verdict": "outcome",
}
"""Heads of the closing table, with the fields of a Verdict that they hold; further columns are not read."""


@dataclass(frozen=True)
class Chapter:
    """One notebook's verdicts, with the name and title of its page."""

    name: str
    title: str
    verdicts: tuple[Verdict, ...]


class _Table(HTMLParser):
    """Collects the cells of a table, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self.inside = tag in ("td", "th") or self.inside

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def read_table(html: str) -> list[Verdict]:
    """Return the verdicts of a closing table as `Verdicts` displays it: the inverse of its HTML.

    Raises:
        ValueError: a column is missing, a row is no number, or an outcome is none of the four.
    """
    parser = _Table()
    parser.feed(html)
    head, *rows = parser.rows or [[]]
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise ValueError(f"html is no closing table: it has no column {missing[0]!r}")
    verdicts = []
    for cells in rows:
        found = {field: cells[head.index(name)] for name, field in COLUMNS.items()}
        verdict = Verdict(
            int(found["row"]), found["claim"], found["measured"], found["interval"], outcome=found["outcome"]
        )
        if verdict.outcome not in OUTCOMES:
            raise ValueError(f"html has the outcome {verdict.outcome!r}, which is none of {', '.join(OUTCOMES)}")
        verdicts.append(verdict)
    return verdicts


def verdicts_of(notebook: Notebook) -> list[Verdict]:
    """Return the verdicts of an executed notebook: those of the last table that it shows.

    Raises:
        CourseError: it shows none: it was not executed, or not to its end.
    """
    for cell in reversed(notebook.node.cells):
        for output in reversed(cell.get("outputs", [])):
            html = "".join(output.get("data", {}).get("text/html", ""))
            if "<th" in html and all(name in html for name in COLUMNS):
                return read_table(html)
    raise CourseError(f"{notebook.path} shows no table of verdicts: run `course build --execute` on it first")


def chapter_of(topic: Topic) -> Chapter:
    """Return the verdicts and the title of one notebook."""
    notebook = read_notebook(topic.source)
    title = notebook.node.cells[0].source.partition("\n")[0].lstrip("# ")
    return Chapter(topic.name, title, tuple(verdicts_of(notebook)))


INTRODUCTION = """\
# What the chapter says, what we measured

Every claim that the course could test, in the chapter's order: the claim in our words, what the executed notebook
measured, how sure that is, and whether the two agree. Nothing on this page is typed in. It is read from the closing
tables of the executed notebooks.

*Holds in part* means that the rule which stood before the run was met at some sizes, or in one half of the claim, and
not in the other. *Undecided* means that the interval leaves both answers open at a size that a laptop can run. The
experiments are small: they show that an effect is there or is not, seldom how large it is in a large model.
*Recorded run* links to a longer run, made with `course record`, which the notebook reads; its file holds the design
that stood before it. All other figures are the notebook's own, made anew each time it runs; *exact* ones are arithmetic
or published tables.
"""


def verdict_page(chapters: Sequence[Chapter], root: Path, address: Address) -> str:
    """Return the page in Markdown.

    Args:
        chapters: the notebooks with their verdicts.
        root: the repository, in which recorded runs are looked up.
        address: where the repository stands.
    """
    parts = [INTRODUCTION, _summary(chapters)]
    for chapter in chapters:
        parts.append(f"## {chapter.title}\n\n[The notebook](notebooks/{chapter.name}.ipynb)\n")
        rows = "\n".join(_row(verdict, _from(verdict, chapter.name[:2], root, address)) for verdict in chapter.verdicts)
        parts.append(
            _table(f"Verdicts of {chapter.title}", ("Row", *list(COLUMNS)[1:], "From"), rows, "course-verdicts")
        )
    return "\n".join(parts)


def _summary(chapters: Sequence[Chapter]) -> str:
    rows = []
    total: Counter[str] = Counter()
    for chapter in chapters:
        counts = Counter(one.outcome for one in chapter.verdicts)
        total += counts
        rows.append(_counted(chapter.title, counts))
    rows.append(_counted("All", total))
    return _table("Verdicts, counted", ("Notebook", *OUTCOMES, "all"), "\n".join(rows), "course-counts")


def _counted(title: str, counts: Counter[str]) -> str:
    numbers = "".join(f"<td>{number}</td>" for number in (*(counts[one] for one in OUTCOMES), counts.total()))
    return f'<tr><th scope="row">{escape(title)}</th>{numbers}</tr>'


def _from(verdict: Verdict, number: str, root: Path, address: Address) -> str:
    path = f"datasets/runs/{number}/row-{verdict.row:03}.json"
    if verdict.interval == "exact":
        return "exact"
    if (root / path).is_file():
        return f'<a href="{escape(address.file(path))}">recorded run</a>'
    return "the notebook"


def _row(verdict: Verdict, origin: str) -> str:
    mark = verdict.outcome.replace(" ", "-")
    cells = (
        ("the chapter says", escape(verdict.claim)),
        ("we measured", escape(verdict.measured)),
        ("95% interval", escape(verdict.interval)),
        ("verdict", f'<span class="course-outcome {mark}">{escape(verdict.outcome)}</span>'),
        ("from", origin),
    )
    # On a phone each cell becomes a line of its own, which begins with its column's name.
    told = "".join(f'<td data-column="{name}">{text}</td>' for name, text in cells)
    return f'<tr><th scope="row">{verdict.row}</th>{told}</tr>'


def _table(caption: str, heads: Sequence[str], rows: str, kind: str) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    return (
        f"```{{raw}} html\n"
        f'<table class="course-table {kind}"><caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>\n```\n"
    )
