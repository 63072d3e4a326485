"""The whole source of the site, put together in a folder, and Sphinx run on it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat

from utils.course.address import course_address
from utils.course.errors import CourseError
from utils.course.notebooks import Topic, topics
from utils.course.website.coverage_page import coverage_page
from utils.course.website.links import Address, relink
from utils.course.website.notebook_list import notebook_list
from utils.course.website.notebook_pages import page_of_notebook
from utils.course.website.reference import reference_pages
from utils.course.website.verdicts import chapter_of, verdict_page

BY_HAND = "docs/site"
"""Folder of the configuration and of the pages that are written by hand."""

GUIDES = {
    "CONTRIBUTING.md": "guides/contributing",
    "datasets/README.md": "guides/datasets",
}
"""Files outside docs/ that have a page, with its name; each Markdown file of docs/ is a guide of its own name."""


def guides(root: Path) -> dict[str, str]:
    """Return the guides' files, by their path from the root, with their pages."""
    found = {f"docs/{path.name}": f"guides/{path.stem}" for path in sorted((root / "docs").glob("*.md"))}
    return found | {path: page for path, page in GUIDES.items() if (root / path).is_file()}


def assemble(root: Path, folder: Path, chosen: Sequence[Topic] | None = None) -> None:
    """Write the site's source tree.

    Args:
        root: the repository.
        folder: where to; what else is there is deleted.
        chosen: the notebooks that get a page; all by default. Verdicts and coverage are told for these only and for
            all, respectively.

    Raises:
        CourseError: a notebook was not executed.
        ValueError: a link of a guide leads nowhere, or a picture has no description.
    """
    files = dict(_files(root, topics(root) if chosen is None else tuple(chosen)))
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, content in files.items():
        path = folder / name
        # What did not change keeps its time, so that Sphinx reads only what did.
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _files(root: Path, shown: Sequence[Topic]) -> Iterator[tuple[str, bytes]]:
    """Yield the site's files with what is in them."""
    for path in sorted((root / BY_HAND).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(root / BY_HAND).as_posix(), path.read_bytes()
    address = Address(*course_address(root))
    yield "downloads/00_start_here.ipynb", (root / "notebooks" / "00_start_here.ipynb").read_bytes()
    for topic in shown:
        yield f"notebooks/{topic.name}.ipynb", nbformat.writes(page_of_notebook(topic, address)).encode()
        yield f"downloads/{topic.name}.ipynb", topic.release.read_bytes()
        yield f"downloads/{topic.name}_with_answers.ipynb", topic.source.read_bytes()
    yield "notebook_list.md", notebook_list(root, shown).encode()
    yield "verdicts.md", verdict_page([chapter_of(topic) for topic in shown], root, address).encode()
    linked = {topic.number: f"notebooks/{topic.name}" for topic in shown}
    yield "coverage.md", coverage_page(root, linked).encode()
    pages = guides(root) | {f"solutions/{topic.name}/{topic.name}.ipynb": f"notebooks/{topic.name}" for topic in shown}
    for source, page in guides(root).items():
        text = (root / source).read_text(encoding="utf-8")
        yield f"{page}.md", relink(text, source, page, pages, root, address).encode()
    for name, text in reference_pages().items():
        yield f"reference/{name}.rst", text.encode()


def build(root: Path, output: Path, chosen: Sequence[Topic] | None = None) -> Path:
    """Build the site and return its first page.

    Args:
        root: the repository.
        output: folder for the source tree (`source`), Sphinx's memory (`doctrees`) and the pages (`html`).
        chosen: as in `assemble`; without it, Sphinx's warnings are errors.

    Raises:
        CourseError: Sphinx found something to complain about; its own lines stand above.
    """
    assemble(root, output / "source", chosen)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-j", "auto"]
    if chosen is None:
        # With some notebooks only, links to the others lead nowhere: Sphinx warns, and that is all.
        command += ["-W", "--keep-going"]
    paths = ["-d", str(output / "doctrees"), str(output / "source"), str(output / "html")]
    if subprocess.call([*command, *paths], cwd=root) != 0:
        raise CourseError("the site was not built: the lines above say what is wrong with which page")
    return output / "html" / "index.html"
