"""What the site shows of an executed notebook: everything to read, with the answers folded away.

A page is for reading. Each exercise stands as learners get it; its solution is behind a fold with its name, so that
nobody meets an answer by accident. Graded cells, progress bars and offers to run something are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nbformat
from nbformat import NotebookNode

from utils.course.notebooks import Cell, Topic, read_notebook
from utils.course.still_forms import STILL
from utils.course.website.links import Address
from utils.course.website.outputs import one_picture_each, picture_of, readable

FOLDED = {
    "draw": "code of the picture",
    "judge": "code of the verdict",
    "visible-test": "code of the visible test",
}
"""Tags of cells whose code is folded, with what the fold hides."""

DROPPED = frozenset({"solution-offer"})
WIDGET = "The notebook has controls to move here. This page shows one setting."


def page_of_notebook(topic: Topic, address: Address) -> NotebookNode:
    """Return the notebook that stands on the site: myst-nb renders it as it is and runs nothing.

    Args:
        topic: a notebook that was executed and built.
        address: of the repository, for the links to Colab and the source.

    Raises:
        CourseError: one of its two files is missing or no notebook.
        ValueError: a picture has no description, or the notebook no heading.
    """
    source, release = read_notebook(topic.source), read_notebook(topic.release)
    stubs = {one.name: one.solution.source for one in release.exercises}
    cells: list[NotebookNode] = []
    for index, cell in enumerate(source.node.cells):
        if cell.cell_type != "code":
            cells.append(_markdown(_with_links(cell.source, topic, address) if index == 0 else cell.source))
            continue
        seen = Cell(index, cell.source, dict(cell.metadata))
        if not (seen.is_graded or DROPPED.intersection(seen.tags)):
            cells += _shown(seen, list(cell.outputs), stubs, topic.name)
    # Without the states of widgets: with them myst-nb loads scripts from elsewhere.
    metadata = {key: value for key, value in source.node.metadata.items() if key in ("kernelspec", "language_info")}
    page = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    for number, one in enumerate(page.cells):
        one.id = f"cell-{number}"
    return page


def _with_links(title: str, topic: Topic, address: Address) -> str:
    """Put the ways to work with the notebook under its heading."""
    heading, line_end, rest = title.partition("\n")
    if not heading.startswith("# "):
        raise ValueError(f"{topic.source} does not begin with a heading: {heading!r}")
    files = f"/downloads/{topic.name}"
    ways = (
        f"[Open in Colab]({address.colab(f'notebooks/{topic.name}/{topic.name}.ipynb')})",
        f"{{download}}`Download the notebook <{files}.ipynb>`",
        f"{{download}}`Download it with answers <{files}_with_answers.ipynb>`",
        f"[Source]({address.file(f'solutions/{topic.name}/{topic.name}.py')})",
    )
    items = "\n".join(f"- {way}" for way in ways)
    return f"{heading}{line_end}\n:::{{container}} course-ways\n{items}\n:::\n{rest}"


def _shown(cell: Cell, outputs: list[Any], stubs: dict[str, str], topic: str) -> Iterator[NotebookNode]:
    """Yield the cells that stand for one code cell: mostly itself, for an exercise its stub and its folded solution."""
    kept, had_widget = readable(outputs)
    fold = next((words for tag, words in FOLDED.items() if tag in cell.tags), "")
    if cell.is_solution:
        yield _code(stubs[cell.grade_id or ""], [])
        names = " and ".join(cell.metadata.get("course", {}).get("names", (cell.grade_id,)))
        fold = f"solution of {names}"
    first, *further = one_picture_each(kept)
    yield _code(cell.source, first, fold, f"{topic}, cell {cell.index}")
    for more in further:
        yield _code("", more, "", f"{topic}, cell {cell.index}")
    # A still form says so itself.
    if had_widget and not any(STILL in "".join(one.get("data", {}).get("text/html", "")) for one in outputs):
        yield _markdown(f"*{WIDGET}*")


_NO_SOURCE = "# The cell above drew this too."  # outputs of a cell without source are dropped


def _code(source: str, outputs: list[Any], fold: str = "", place: str = "") -> NotebookNode:
    rendering: dict[str, Any] = {}
    tags = []
    if fold:
        rendering |= {"code_prompt_show": f"Show the {fold}", "code_prompt_hide": f"Hide the {fold}"}
        tags.append("hide-input")
    if not source:
        tags.append("remove-input")
    for picture in map(picture_of, outputs):
        if picture is None:
            continue
        description = picture.get("alt", "")
        if not description.strip():
            raise ValueError(f"{place} has a picture without a description: draw it with utils.notebook.show")
        rendering["image"] = {"alt": description}
    metadata = {"tags": tags, "mystnb": rendering}
    return nbformat.v4.new_code_cell(source or _NO_SOURCE, outputs=outputs, metadata=metadata)


def _markdown(source: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source)
