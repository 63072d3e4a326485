"""The list of notebooks on the first page: what the README says about each, with a link to its page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from utils.course.errors import CourseError
from utils.course.notebooks import Topic

_ROW = re.compile(r"^\| \[(?P<title>\d\d [^\]]+)\]\([^)]*\) \| (?P<about>[^|]+?) \|", re.MULTILINE)


def notebook_list(root: Path, shown: Sequence[Topic]) -> str:
    """Return the list in Markdown, to be included in the first page.

    Raises:
        CourseError: the README's table has no row for a notebook.
    """
    rows = {row["title"][:2]: row for row in _ROW.finditer((root / "README.md").read_text(encoding="utf-8"))}
    missing = [topic.number for topic in shown if topic.number not in rows]
    if missing:
        raise CourseError(f"README.md has no row for notebook {missing[0]} in its table of notebooks")
    return "\n".join(
        f"[{rows[topic.number]['title']}](notebooks/{topic.name}.ipynb)\n: {_sentence(rows[topic.number]['about'])}\n"
        for topic in shown
    )


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."
