"""Where a class's files lie: nbgrader's own folders and gradebook, and beside them what grading keeps for itself."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from traitlets.config import Config, PyFileConfigLoader

from utils.course.errors import CourseError
from utils.course.grading import AssignmentSpec, SpecError
from utils.course.nbgrader_settings import AddColabSetup, configure
from utils.files import write_whole

SECRET_VARIABLE = "COURSE_SECRET"
CONFIG_FILE = "nbgrader_config.py"


def _as_released(notebook: dict[str, Any]) -> NotebookNode:
    """Add the Colab lines that every learner's setup cell starts with: they must not look like the learner's own."""
    # `reads` joins the lines that a file keeps apart.
    return AddColabSetup().preprocess(nbformat.reads(json.dumps(notebook), as_version=4), {})[0]


def load_config(root: Path) -> Config:
    """Return the course's settings for nbgrader with those of an instructor's nbgrader_config.py over them.

    Raises:
        CourseError: the file does not run.
    """
    config = Config()
    configure(config)
    if (root / CONFIG_FILE).is_file():
        try:
            config.merge(PyFileConfigLoader(CONFIG_FILE, path=str(root)).load_config())
        except Exception as error:
            raise CourseError(f"{root / CONFIG_FILE} does not run: {type(error).__name__}: {error}") from None
    return config


def safe_learner(learner: str) -> str:
    """Return a learner's id where it can be a folder's name and a column of a table.

    Raises:
        CourseError: it is empty, overlong, or holds a path.
    """
    odd = any(ord(character) < 32 for character in learner) or set("/\\:") & set(learner)
    if not learner.strip() or odd or learner.startswith(".") or len(learner) > 128 or learner != learner.strip():
        raise CourseError(f"{learner[:140]!r} cannot be a learner's id: it would be no plain folder name")
    return learner


@dataclass(frozen=True)
class Classroom:
    """A class: the folder that nbgrader works in, and its gradebook.

    Args:
        root: holds solutions, submitted, autograded, feedback (or what the configuration calls them).
        database: SQLAlchemy URL of the gradebook; empty for the configured one, by default gradebook.db in `root`.
        config: nbgrader's settings; read from `root` where none are given.
    """

    root: Path
    database: str = ""
    config: Config = field(default_factory=Config, repr=False)

    @classmethod
    def at(cls, root: Path, database: str = "") -> Classroom:
        """Open the class in a folder.

        Raises:
            CourseError: the configuration does not run, or `database` is no URL of a database.
        """
        return cls(root.resolve(), database, load_config(root))

    @cached_property
    def directory(self) -> CourseDirectory:
        """nbgrader's own view of the folder."""
        config = Config(self.config)
        config.CourseDirectory.root = str(self.root)
        return CourseDirectory(config=config)

    @cached_property
    def db_url(self) -> str:
        """SQLAlchemy URL of the gradebook; SQLite waits for other writers instead of failing at once."""
        url = self.database or self.directory.db_url
        try:
            parsed = make_url(url)
            parsed.get_dialect()
        except (ArgumentError, NoSuchModuleError, ImportError):
            raise CourseError(
                f"--db {url!r} is no database's URL: give sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME"
            ) from None
        if parsed.get_backend_name() == "sqlite" and "timeout" not in parsed.query:
            parsed = parsed.update_query_dict({"timeout": "30"})
        return parsed.render_as_string(hide_password=False)

    @property
    def shown_db(self) -> str:
        """The gradebook's URL for people, without password and parameters."""
        return make_url(self.db_url).set(query={}).render_as_string(hide_password=True)

    @property
    def gradebook_id(self) -> str:
        """Short name of the gradebook in the journal, which holds no password."""
        return hashlib.sha256(self.shown_db.encode()).hexdigest()[:16]

    @property
    def course_id(self) -> str:
        """nbgrader's name of the course."""
        return str(self.directory.course_id) or "default_course"

    def source(self, assignment: str) -> Path:
        """Return the source notebook of an assignment."""
        folder = self.directory.format_path(self.directory.source_directory, ".", assignment)
        return Path(os.path.normpath(folder)) / f"{assignment}.ipynb"

    def release(self, assignment: str) -> Path:
        """Return what learners open."""
        folder = self.directory.format_path(self.directory.release_directory, ".", assignment)
        return Path(os.path.normpath(folder)) / f"{assignment}.ipynb"

    @property
    def submitted(self) -> Path:
        """nbgrader's folder of collected submissions."""
        return self.root / self.directory.submitted_directory

    def autograded(self, learner: str, assignment: str) -> Path:
        """Return where the formgrader and the feedback look for a graded notebook."""
        folder = self.directory.format_path(self.directory.autograded_directory, safe_learner(learner), assignment)
        return Path(folder) / f"{assignment}.ipynb"

    def feedback(self, learner: str, assignment: str) -> Path:
        """Return where a learner's feedback page lies."""
        folder = self.directory.format_path(self.directory.feedback_directory, safe_learner(learner), assignment)
        return Path(folder) / f"{assignment}.html"

    def grading(self, assignment: str) -> Path:
        """Return the folder of an assignment's journal, results and report."""
        return self.root / "grading" / assignment

    def find_assignment(self, wanted: str) -> str:
        """Return the whole name of an assignment that is given by name or number.

        Raises:
            CourseError: there is none.
        """
        folder = self.root / self.directory.source_directory
        known = sorted(path.parent.name for path in folder.glob("*/*.ipynb") if path.stem == path.parent.name)
        for name in known:
            number = name.split("_")[0]
            if wanted == name or (wanted.isdigit() and number.isdigit() and int(wanted) == int(number)):
                return name
        there = ", ".join(known) or "none"
        raise CourseError(f"assignment {wanted!r} is unknown in {folder}; there are: {there}")

    def specification(self, assignment: str) -> AssignmentSpec:
        """Read an assignment's source notebook.

        Raises:
            CourseError: it cannot be graded.
        """
        try:
            return AssignmentSpec.from_notebook(self.source(assignment), prepare=_as_released)
        except SpecError as error:
            raise CourseError(str(error)) from None

    def secret(self) -> str:
        """Return what hidden tests draw their inputs from: $COURSE_SECRET, or a file that is made once."""
        if given := os.environ.get(SECRET_VARIABLE):
            return given
        path = self.root / "grading" / "secret"
        if not path.is_file():
            write_whole(path, secrets.token_hex(32).encode(), mode=0o600, durable=True)
        return path.read_text(encoding="ascii").strip()
