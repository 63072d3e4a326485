"""A lone notebook: the course installed from its wheel, outside any checkout, from an empty folder.

Every released notebook runs there from its first cell to its last, unanswered, at the smoke budget.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from tests.course.colab import make_environment, needs_wheels, offline_variables
from utils.course.notebooks import Topic, course_root, topics

pytestmark = needs_wheels
TOPICS = topics(course_root())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course's wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, course_root()]
    done = subprocess.run(command, capture_output=True, text=True, env=offline_variables(), check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment like Colab's, with the wheel in it."""
    python = make_environment(tmp_path_factory.mktemp("colab") / "env")
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", wheel],
        capture_output=True,
        text=True,
        env=offline_variables(),
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return python


def test_the_wheel_carries_small_data_and_exercises_and_neither_answers_nor_fetched_files(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "utils/_datasets/tables/coverage.csv" in names
    assert any(name.startswith("utils/_datasets/checkpoints/") and name.endswith(".safetensors") for name in names)
    assert "utils/_exercises/02_attention_from_scratch/softmax.py" in names
    assert not [name for name in names if "answers" in Path(name).parts or "fetched" in Path(name).parts]
    assert wheel.stat().st_size < 20_000_000


def run_lone(python: Path, notebook: Path, folder: Path) -> nbformat.NotebookNode:
    """Run a notebook in a kernel of another environment, in a folder of its own."""
    spec = folder / "kernels" / "lone"
    spec.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "lone", "language": "python"}))
    empty = folder / "empty"
    empty.mkdir()
    shutil.copy(notebook, empty)
    manager = KernelManager(
        kernel_name="lone", kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(folder / "kernels")])
    )
    node = nbformat.read(empty / notebook.name, as_version=4)
    resources = {"metadata": {"path": str(empty)}}
    client = NotebookClient(node, km=manager, allow_errors=True, timeout=600, resources=resources)
    client.execute(env=offline_variables(), cleanup_kc=True)  # a manager that is given keeps its kernel otherwise
    return node


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.number)
def test_a_released_notebook_runs_unanswered_from_the_wheel_in_an_empty_folder(
    topic: Topic, installed: Path, tmp_path: Path
) -> None:
    node = run_lone(installed, topic.release, tmp_path)
    errors = [
        f"{cell.source[:80]!r}: {output.ename}: {output.evalue}"
        for cell in node.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    assert errors == []
    for cell in node.cells:
        if "visible-test" in cell.metadata.get("tags", ()):
            (card,) = [output.metadata["course"] for output in cell.outputs if "course" in output.get("metadata", {})]
            assert card["status"] == "open", cell.source


def test_hints_and_solutions_work_without_a_checkout(installed: Path, tmp_path: Path) -> None:
    code = (
        "from utils.notebook.visible import read_diagnoses; from utils.notebook.exercise_files import find_exercise; "
        "from utils.notebook import solution; "
        "print(len(read_diagnoses(find_exercise('softmax'))), 'def softmax' in repr(solution('softmax')))"
    )
    told = subprocess.run(
        [installed, "-c", code], capture_output=True, text=True, env=offline_variables(), cwd=tmp_path, check=False
    )
    count, has_solution = told.stdout.split()
    assert int(count) >= 2, told.stderr[-2000:]
    assert has_solution == "True"
