"""A checkout of its own, and JupyterLab on it as `make lab` starts it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.sign import NotebookNotary

from utils.course.still_forms import keep_still_forms

TOKEN = "browser-tests"
_KEPT = ("pyproject.toml", "nbgrader_config.py")


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its address, the checkout that it serves, and the folder of its settings."""

    address: str
    course: Path
    home: Path

    def lab(self) -> str:
        """Return the address of JupyterLab."""
        return f"{self.address}/lab?token={TOKEN}"

    def notebook(self, path: str) -> str:
        """Return the address of a file in Notebook 7."""
        return f"{self.address}/notebooks/{path}?token={TOKEN}"

    def shut_kernels_down(self) -> None:
        """End every kernel, as closing a notebook does not."""
        for session in json.load(urllib.request.urlopen(f"{self.address}/api/sessions?token={TOKEN}")):
            address = f"{self.address}/api/sessions/{session['id']}?token={TOKEN}"
            urllib.request.urlopen(urllib.request.Request(address, method="DELETE"))


def copy_course(root: Path, destination: Path) -> Path:
    """Copy what a learner's checkout holds; data are linked, since nothing writes to them."""
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in ("utils", "notebooks", "solutions"):
        shutil.copytree(root / name, destination / name, ignore=ignored)
    for name in _KEPT:
        shutil.copy(root / name, destination / name)
    (destination / "datasets").symlink_to(root / "datasets", target_is_directory=True)
    return destination


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_lab(course: Path, home: Path) -> Iterator[Server]:
    """Start `course lab` on a checkout with a home of its own, and end it with the block.

    Raises:
        RuntimeError: JupyterLab ended before it answered.
    """
    port = _free_port()
    server = Server(f"http://127.0.0.1:{port}", course, home)
    command = [
        *(sys.executable, "-m", "utils.course", "lab", "--no-browser", f"--ServerApp.port={port}"),
        # The tests ask the page itself which cells have run.
        *(f"--IdentityProvider.token={TOKEN}", "--LabApp.expose_app_in_browser=True"),
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(course),
        "COURSE_BUDGET": "smoke",
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    with (home / "server.log").open("w") as log:
        running = subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        while not _answers(server.address):
            if running.poll() is not None:
                raise RuntimeError(f"JupyterLab did not start:\n{(home / 'server.log').read_text()[-2000:]}")
            time.sleep(0.1)
        yield server
    finally:
        running.terminate()
        running.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/api/status?token={TOKEN}") as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def executed_notebook(source: str, path: Path, home: Path | None) -> None:
    """Run one cell and write the notebook with its outputs, as `course build --execute` does.

    Args:
        source: of the cell.
        path: of the notebook.
        home: the server's settings, to have the notebook trusted there; None for a stranger's notebook.
    """
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(node, kernel_name="python3").execute()
    keep_still_forms(node)
    nbformat.write(node, path)
    if home is not None:
        notary = NotebookNotary(data_dir=str(home / "data"))
        notary.sign(node)
        notary.store.close()
