"""nbgrader's settings for this course, used by its own commands and by `course build` alike."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    SaveCells,
)
from nbgrader.preprocessors.base import NbGraderPreprocessor
from traitlets.config import Config

from utils.course.address import course_address
from utils.course.notebooks import EXPERIMENT_TAG, SETUP_TAG

# nbgrader copies files beside a source notebook into the release; the scripts beside ours hold the answers.
IGNORED = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache", "*.py", "*_files", "exercises"]

STUB = '# YOUR CODE HERE\nraise NotImplementedError("this exercise is not answered yet")'

COLAB_LINES = """\
import sys
if "google.colab" in sys.modules:  # Colab: add the course, and keep Colab's own torch and numpy
    import subprocess, importlib.metadata as installed
    course = "{requirement}"
    keep = [f"{{name}}=={{installed.version(name)}}" for name in ("numpy", "torch")]
    steps = ["pip", "install", "-q", course, *keep], ["utils.course.data"]
    if any(subprocess.run([sys.executable, "-m", *step]).returncode for step in steps):
        sys.exit("The course could not be installed: is the network up? Run this cell again.")
"""


class AddColabSetup(NbGraderPreprocessor):
    """Put the lines that install the course on Colab at the top of the setup cell."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Change the cell tagged `setup`; a notebook without one stays as it is."""
        repository, branch = course_address()
        lines = COLAB_LINES.format(requirement=f"git+{repository}@{branch}")
        for cell in nb.cells:
            if cell.cell_type == "code" and SETUP_TAG in cell.metadata.get("tags", ()):
                cell.source = lines + cell.source
        return nb, resources


def configure(config: Config) -> None:
    """Fill a traitlets configuration with the course's settings."""
    # nbgrader starts `alembic` by its bare name, which fails when the environment was not activated.
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", "")])
    config.CourseDirectory.course_id = "foundation-models"
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = "notebooks"
    config.CourseDirectory.ignore = IGNORED
    config.ClearSolutions.code_stub = {"python": STUB}
    config.GenerateAssignment.preprocessors = [
        AddColabSetup,
        LockCells,
        ClearSolutions,
        ClearOutput,
        CheckCellMetadata,
        ComputeChecksums,
        SaveCells,
        ClearHiddenTests,
        ClearMarkScheme,
        ComputeChecksums,
        CheckCellMetadata,
    ]
    # The release is in the repository already; without force nbgrader would skip it and not record the assignment.
    config.GenerateAssignment.force = True
    # Feedback shows hints and no hidden test, and is safe against script in outputs.
    config.GenerateFeedback.exporter_class = "utils.course.classroom.feedback.FeedbackExporter"
    # Grading needs the answers and their tests, not the experiments.
    config.Execute.skip_cells_with_tag = EXPERIMENT_TAG
    config.Execute.timeout = 120
