"""nbgrader's feedback pages, one a learner: with hints, without hidden tests, and with nobody's script in them."""

from __future__ import annotations

import glob
import logging
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import bleach
import nbformat
from bleach.css_sanitizer import CSSSanitizer
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.html import IPythonRenderer, MarkdownWithMath
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from traitlets.config import Config

from utils.course.classroom.gradebook import open_gradebook
from utils.course.classroom.late import refresh_late_penalties
from utils.course.classroom.place import Classroom
from utils.course.errors import CourseError
from utils.course.grading.spec import visible_part
from utils.course.nbgrader_log import nbgrader_messages
from utils.course.notebooks import EXPERIMENT_TAG
from utils.files import write_whole

HARMLESS_OUTPUTS = ("text/plain", "image/png", "image/jpeg")
"""What an output may hold on a feedback page; HTML, SVG, JavaScript and widgets are left out."""

STYLE = """
<style>
div.prompt { display: none; }
div.output_area pre, div.output_area div { white-space: pre-wrap; overflow-wrap: anywhere; }
div.output_error { border-left: 4px solid #b5452c; background: #fdf3f0; padding: 0.4em 0.8em; }
.rendered_html td, .rendered_html th { padding: 0.2em 0.8em 0.2em 0; text-align: left; }
div.output_error pre { background: none; border: none; margin: 0; padding: 0; }
.highlight pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.highlight .c, .highlight .c1, .highlight .cm, .highlight .ch, .highlight .cs { color: #35605f; }
.highlight .ow { color: #7a1fb8; }
div.nbgrader_cell .panel-heading a { color: inherit; text-decoration: underline; }
</style>
"""
"""Hints are sentences: they wrap, and stand out from code. Code wraps too, in colours that are dark enough to read."""

_UNNAMED = re.compile(r'<a href="#([\w-]+)">Test cell</a>')

TAGS = frozenset(bleach.ALLOWED_TAGS) | {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "div", "span", "pre", "img", "dl", "dt", "dd", "del", "s"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "sub", "sup", "kbd", "details", "summary"),
}
ATTRIBUTES = {
    "*": ["class", "title"],
    "a": ["href", "title"],
    "img": ["src", "alt", "width", "height"],
    "td": ["align", "style"],
    "th": ["align", "style"],
}
_CSS = CSSSanitizer(allowed_css_properties=["text-align"])


def clean(html: str) -> str:
    """Return HTML with nothing in it that runs, frames or loads by itself (images only as data)."""
    return bleach.clean(html, tags=TAGS, attributes=_allowed, protocols=_PROTOCOLS, css_sanitizer=_CSS)


_PROTOCOLS = frozenset({"http", "https", "mailto", "data"})


def _allowed(tag: str, name: str, value: str) -> bool:
    if name not in ATTRIBUTES["*"] + ATTRIBUTES.get(tag, []):
        return False
    if name == "src":
        return value.startswith(("data:image/png;", "data:image/jpeg;", "data:image/gif;"))
    return not (name == "href" and value.lstrip().lower().startswith("data:"))


def harmless(node: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy of a graded notebook as a learner may see it, without its experiments, which grading skips.

    Hidden tests go out of graded cells, and with them tracebacks, whose lines would quote the tests: the message stays.
    """
    node = nbformat.from_dict(node)
    node.metadata.pop("widgets", None)
    node.cells = [cell for cell in node.cells if EXPERIMENT_TAG not in cell.metadata.get("tags", ())]
    for cell in node.cells:
        graded = bool(cell.metadata.get("nbgrader", {}).get("grade"))
        if cell.cell_type != "code":
            cell.pop("attachments", None)
            continue
        if graded:
            cell.source = visible_part(cell.source)
        cell.outputs = [kept for output in cell.outputs if (kept := _harmless_output(output, graded)) is not None]
    return node


def _harmless_output(output: nbformat.NotebookNode, graded: bool) -> nbformat.NotebookNode | None:
    if output.output_type == "error" and graded:
        output.traceback = [output.evalue or output.ename]
    if "data" in output:
        output.data = {kind: value for kind, value in output.data.items() if kind in HARMLESS_OUTPUTS}
        output.metadata = {}
        if not output.data:
            return None
    return output


class FeedbackExporter(HTMLExporter):
    """The exporter of nbgrader's feedback, made harmless: what a learner wrote is shown and never run.

    Three times over: the notebook is reduced to text and pictures, Markdown's HTML is cleaned, and the page forbids
    the browser every script but those in its head, which load MathJax.
    """

    def default_filters(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Replace the filter that turns Markdown, of cells and of comments, into HTML."""
        yield from super().default_filters()
        yield ("markdown2html", _clean_markdown)

    def from_notebook_node(  # type: ignore[override]
        self, nb: nbformat.NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a graded notebook to a page."""
        html, resources = super().from_notebook_node(harmless(nb), resources, **kwargs)
        # nbgrader's table of contents calls every test the same.
        html = _UNNAMED.sub(r'<a href="#\1"><code>\1</code></a>', html)
        return _forbid_scripts(_with_language_and_banner(html)), resources


def _clean_markdown(source: str) -> str:
    return clean(
        str(MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True)).render(source))
    )


def _with_language_and_banner(html: str) -> str:
    """Say what nbgrader's template leaves out and screen readers need; both places come before what learners wrote."""
    html = html.replace("<html>", '<html lang="en">', 1)
    return html.replace('<div class="panel-heading">', '<div class="panel-heading" role="banner">', 1)


def _forbid_scripts(html: str) -> str:
    """Allow the scripts of a page's head by a number used once; anything that came with the notebook has none."""
    once = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{once}' 'strict-dynamic'; style-src 'unsafe-inline' https:; "
        "img-src data:; font-src data: https:; base-uri 'none'; form-action 'none'"
    )
    head, end, body = html.partition("</head>")
    head = head.replace("<script", f'<script nonce="{once}"')
    meta = f'<head>\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return head.replace("<head>", meta, 1) + STYLE + end + body


def configure_feedback(config: Config) -> None:
    """Make nbgrader's own feedback command, and the formgrader's button, write the course's pages."""
    config.GenerateFeedback.exporter_class = FeedbackExporter


def generate_feedback(classroom: Classroom, assignment: str, *learners: str) -> list[str]:
    """Write feedback pages for all graded submissions, or these learners'; return whose pages were written.

    Raises:
        CourseError: nothing is graded, or nothing of one of the learners, or nbgrader cannot write a page.
    """
    config = Config(classroom.config)
    configure_feedback(config)
    config.CourseDirectory.root = str(classroom.root)
    config.CourseDirectory.db_url = classroom.db_url
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.notebook_id = assignment
    config.GenerateFeedback.force = True
    pattern = classroom.root.glob(f"{classroom.directory.autograded_directory}/*/{assignment}/{assignment}.ipynb")
    graded = sorted(path.parent.parent.name for path in pattern)
    missing = [name for name in learners if name not in graded]
    if missing or not graded:
        whom = f" of {missing[0]}" if missing else ""
        raise CourseError(f"no submission{whom} of {assignment} is graded yet: run `course grade {assignment}`")
    chosen = [name for name in graded if not learners or name in learners]
    gradebook = open_gradebook(classroom)
    try:
        refresh_late_penalties(gradebook, classroom.config, [assignment])
    finally:
        gradebook.close()
    for name in chosen if learners else ["*"]:
        one = Config(config)
        # nbgrader takes the id for a pattern of folders' names.
        one.CourseDirectory.student_id = name if name == "*" else glob.escape(name)
        _generate(one)
    for name in chosen:
        _complete(classroom, name, assignment)
    return chosen


def _generate(config: Config) -> None:
    from nbgrader.coursedir import CourseDirectory

    with nbgrader_messages(logging.ERROR) as messages:
        try:
            GenerateFeedback(coursedir=CourseDirectory(config=config), config=config).start()
        except NbGraderException as error:
            raise CourseError(f"nbgrader could not write all feedback: {_last_line(messages, error)}") from None


def _complete(classroom: Classroom, learner: str, assignment: str) -> None:
    """Put what `nbgrader release_feedback` reads beside a page, where the submission did not come through the exchange.

    Without these files it would stop there, and the rest of the class would get no feedback.
    """
    folder = classroom.feedback(learner, assignment).parent
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    for name, text in (("timestamp.txt", now), ("submission_secret.txt", secrets.token_hex(64))):
        if not (folder / name).is_file():
            write_whole(folder / name, text.encode())


def _last_line(messages: list[str], error: BaseException) -> str:
    """Return the last line of nbgrader's last message, which is its own sentence about the fault."""
    return messages[-1].strip().splitlines()[-1] if messages else str(error)
