"""One source: a script and its exercises become the notebook with answers, and that what learners open, with nbgrader's
own converters.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

from utils.course.errors import CourseError
from utils.course.expand import expand
from utils.course.form import form_faults
from utils.course.inserted import GUESS_TAG, insert_guesses, recorded_rows, state_what_it_takes
from utils.course.measure import read_measured
from utils.course.nbgrader_log import nbgrader_messages
from utils.course.notebooks import Topic, read_notebook, topics
from utils.course.outline import outline, outline_path
from utils.course.still_forms import keep_still_forms

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LARGEST_NOTEBOOK = 1_000_000


@dataclass(frozen=True)
class Built:
    """One built file: where it belongs, its bytes, and whether the file there differs."""

    path: Path
    content: bytes

    @property
    def differs(self) -> bool:
        """Whether the file is missing or holds other bytes."""
        return not self.path.is_file() or self.path.read_bytes() != self.content


def _set_cell_ids(node: nbformat.NotebookNode) -> None:
    """Derive each cell's id from its grade_id or its text: the same every time, whatever is added elsewhere."""
    seen: dict[str, int] = {}
    for cell in node.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        stem = grade_id or hashlib.sha256(f"{cell.cell_type}:{cell.source}".encode()).hexdigest()[:10]
        seen[stem] = seen.get(stem, 0) + 1
        cell.id = stem if seen[stem] == 1 else f"{stem}-copy{seen[stem]}"


def _to_bytes(node: nbformat.NotebookNode) -> bytes:
    return (nbformat.writes(node, version=4, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read_script(script: Path) -> nbformat.NotebookNode:
    """Read a percent script as a notebook without outputs, with the course's kernel; cell ids are set later.

    Raises:
        CourseError: the script cannot be read.
    """
    try:
        node = jupytext.read(script)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise CourseError(f"{script} cannot be read: {error}") from None
    node.nbformat, node.nbformat_minor = 4, 5
    # No jupytext metadata: saving the notebook in JupyterLab would write a script beside it.
    node.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    return node


def expanded(topic: Topic) -> nbformat.NotebookNode:
    """Return a topic's notebook with answers and hidden tests, without outputs.

    Raises:
        CourseError: the script or an exercise cannot be read, or does not have the form that the course relies on.
    """
    from utils.notebook.solutions import shows_solutions

    node = read_script(topic.script)
    expand(node, topic.exercises, show_solution=shows_solutions(topic.root / "pyproject.toml"))
    insert_guesses(node, recorded_rows(topic.root, topic.number))
    state_what_it_takes(node, read_measured(topic.root).get(topic.number, {}))
    for cell in node.cells:
        if cell.cell_type == "code" and {"draw", "judge", GUESS_TAG} & set(cell.metadata.get("tags", ())):
            _collapse(cell)
    _set_cell_ids(node)
    if faults := form_faults(topic, node):
        raise CourseError(f"{topic.name}: " + "\n".join(faults))
    return node


def _collapse(cell: nbformat.NotebookNode) -> None:
    """Fold a cell's code in JupyterLab and Colab; its output stays."""
    cell.metadata["jupyter"] = {"source_hidden": True}
    cell.metadata["cellView"] = "form"


def _keep_outputs(node: nbformat.NotebookNode, before: nbformat.NotebookNode) -> None:
    """Copy the outputs of cells whose source is unchanged; of cells with equal sources, the first to the first."""
    earlier: dict[str, list[nbformat.NotebookNode]] = {}
    for cell in before.cells:
        if cell.cell_type == "code":
            earlier.setdefault(cell.source, []).append(cell)
    for cell in node.cells:
        if cell.cell_type == "code" and earlier.get(cell.source):
            match = earlier[cell.source].pop(0)
            cell.outputs, cell.execution_count = match.outputs, match.execution_count
    keep_still_forms(node)


def paired_notebook(topic: Topic) -> bytes:
    """Return the bytes of the notebook that a script gives; cells that did not change keep their outputs."""
    node = expanded(topic)
    if topic.source.is_file():
        _keep_outputs(node, read_notebook(topic.source).node)
    nbformat.validate(node)
    return _to_bytes(node)


def _reason(messages: Sequence[str], error: BaseException) -> str:
    """Return the last line of the first traceback that nbgrader logged, its own sentence about the fault."""
    tracebacks = [text for text in messages if text.startswith("Traceback")]
    if not tracebacks:
        return str(error)
    return tracebacks[0].strip().splitlines()[-1].partition(": ")[2]


def released_notebook(topic: Topic, paired: bytes) -> bytes:
    """Return the bytes that `nbgrader generate_assignment` gives for a paired notebook, without its gradebook.

    Raises:
        CourseError: nbgrader refuses the notebook; the message carries its reason.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import SaveCells
    from traitlets.config import Config

    from utils.course.nbgrader_settings import configure

    with tempfile.TemporaryDirectory(prefix="course-build-") as scratch:
        place = Path(scratch) / "solutions" / topic.name
        place.mkdir(parents=True)
        (place / topic.source.name).write_bytes(paired)
        config = Config()
        configure(config)
        config.CourseDirectory.root = scratch
        config.GenerateAssignment.no_database = True
        # The gradebook is all that SaveCells writes to.
        config.GenerateAssignment.preprocessors = [
            one for one in config.GenerateAssignment.preprocessors if one is not SaveCells
        ]
        config.CourseDirectory.assignment_id = topic.name
        with nbgrader_messages(logging.WARNING) as messages:
            converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
            try:
                converter.start()
            except (Exception, SystemExit) as error:
                raise CourseError(f"nbgrader refuses {topic.source.name}: {_reason(messages, error)}") from error
        return (Path(scratch) / "notebooks" / topic.name / topic.release.name).read_bytes()


def build_topic(topic: Topic) -> list[Built]:
    """Build both notebooks of a topic in memory."""
    paired = paired_notebook(topic)
    return [Built(topic.source, paired), Built(topic.release, released_notebook(topic, paired))]


def build_pages(root: Path) -> list[Built]:
    """Build the notebooks without exercises: solutions/NN_name.py becomes notebooks/NN_name.ipynb."""
    from utils.course.nbgrader_settings import AddColabSetup

    built = []
    for script in sorted((root / "solutions").glob("[0-9][0-9]_*.py")):
        node, _ = AddColabSetup().preprocess(read_script(script), {})
        _set_cell_ids(node)
        built.append(Built(root / "notebooks" / f"{script.stem}.ipynb", _to_bytes(node)))
    return built


def build(root: Path, chosen: Sequence[Topic] | None = None) -> list[Built]:
    """Build every notebook of the course (or the chosen ones) in memory, and the table of all exercises.

    Raises:
        CourseError: a script or notebook cannot be built.
    """
    built = [] if chosen else build_pages(root)
    for topic in chosen or topics(root):
        built += build_topic(topic)
    return [Built(outline_path(root), outline(topics(root))), *built]


def strays(root: Path) -> list[Path]:
    """Return notebooks under notebooks/ that no script gives."""
    expected = {topic.release for topic in topics(root)}
    expected |= {root / "notebooks" / f"{script.stem}.ipynb" for script in (root / "solutions").glob("[0-9][0-9]_*.py")}
    found = (path for path in (root / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    return sorted(set(found) - expected)


def too_large(built: Sequence[Built]) -> list[Path]:
    """Return the built files of more than a megabyte."""
    return [one.path for one in built if len(one.content) > LARGEST_NOTEBOOK]


def write(built: Sequence[Built]) -> list[Path]:
    """Write what differs, each file complete or not at all, and return the paths written.

    Raises:
        CourseError: a folder cannot be written.
    """
    written = []
    for one in built:
        if not one.differs:
            continue
        try:
            one.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=one.path.parent, prefix=".building-", delete=False) as stream:
                stream.write(one.content)
            os.chmod(stream.name, 0o644)
            os.replace(stream.name, one.path)
        except OSError as error:
            raise CourseError(f"{one.path} cannot be written: {error.strerror}") from None
        written.append(one.path)
    return written


def execute(topic: Topic, timeout: int = 600) -> None:
    """Run a topic's paired notebook and keep its outputs, so that it can be read on the web.

    Raises:
        CourseError: a cell failed; the message shows the cell.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    node = nbformat.reads(paired_notebook(topic).decode(), as_version=4)
    client = NotebookClient(
        node,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(topic.root)}},
        record_timing=False,
    )
    try:
        # A progress bar's widget would leave its text at 0% behind.
        client.execute(env={**os.environ, "TQDM_DISABLE": "1"})
    except CellExecutionError as error:
        raise CourseError(f"{topic.script.name} fails: {error}") from None
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_noise(output)]
    keep_still_forms(node)
    _set_cell_ids(node)
    write([Built(topic.source, _to_bytes(node))])


def _is_noise(output: nbformat.NotebookNode) -> bool:
    """Progress bars and warnings on stderr say nothing to a reader."""
    return output.output_type == "stream" and output.name == "stderr"


def clean_copy(root: Path, destination: Path) -> None:
    """Copy what the build reads to another folder (used by tests)."""
    for name in ("solutions", "notebooks", "nbgrader_config.py", "pyproject.toml", "datasets/runs"):
        source = root / name
        if source.is_dir():
            shutil.copytree(source, destination / name)
        else:
            shutil.copy(source, destination / name)
