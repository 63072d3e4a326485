"""The set-up script: it must explain itself on every machine, also where it cannot work."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def bootstrap(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", root / "scripts" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def copy_of(root: Path, destination: Path) -> Path:
    """Return a folder with what the script reads, without an environment."""
    (destination / "scripts").mkdir(parents=True)
    shutil.copy(root / "scripts" / "bootstrap.py", destination / "scripts")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(root / name, destination)
    return destination


def run(script_root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # Without the variables of the running environment, and with no other Python to be found.
    clean = {key: value for key, value in os.environ.items() if not key.startswith("COURSE_")}
    return subprocess.run(
        [sys.executable, str(script_root / "scripts" / "bootstrap.py"), *arguments],
        capture_output=True,
        text=True,
        env={**clean, **environment},
        check=False,
    )


def test_old_pythons_can_read_the_script(root: Path) -> None:
    ast.parse((root / "scripts" / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (3, 14, 0)])
def test_an_unsupported_python_gets_one_sentence(bootstrap: ModuleType, version: tuple[int, ...]) -> None:
    problem = bootstrap.python_problem(version)
    assert problem == f"The course needs Python 3.11 to 3.13; this is Python {version[0]}.{version[1]}."


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (3, 13, 1)])
def test_supported_pythons_are_taken(bootstrap: ModuleType, version: tuple[int, ...]) -> None:
    assert bootstrap.python_problem(version) is None


def test_an_unsupported_python_ends_with_a_sentence_and_a_status(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 13))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _: None)
    monkeypatch.setenv("COURSE_VENV", str(tmp_path / "venv"))
    assert bootstrap.main(["lab"]) == 1
    assert "needs Python 3.11 to 3.13; this is Python 3.10" in capsys.readouterr().err
    assert not (tmp_path / "venv").exists()


def test_unknown_commands_get_the_usage(bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["lba"]) == 2
    assert "lab|test|site|env" in capsys.readouterr().err


def test_a_read_only_folder_gets_one_sentence_and_nothing_is_left(root: Path, tmp_path: Path) -> None:
    course = copy_of(root, tmp_path / "course")
    # A file where the environment's parent should be cannot be written into, not even by root.
    (tmp_path / "blocked").write_text("")
    finished = run(course, "env", COURSE_VENV=str(tmp_path / "blocked" / "venv"))
    assert finished.returncode == 1
    assert "is read-only" in finished.stderr or "Not a directory" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert sorted(path.name for path in course.iterdir()) == ["constraints.txt", "pyproject.toml", "scripts"]


def test_without_a_network_the_step_that_failed_is_named(root: Path, tmp_path: Path) -> None:
    course = copy_of(root, tmp_path / "course")
    finished = run(course, "env", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path), PIP_CONFIG_FILE=os.devnull)
    assert finished.returncode == 1
    assert "is the network up?" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (course / ".venv" / "course-setup.json").exists()


def test_a_second_run_installs_nothing(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, root: Path
) -> None:
    monkeypatch.setenv("COURSE_VENV", str(tmp_path / "venv"))
    ran: list[list[str]] = []

    def record(command: list[object], failure: str) -> None:
        ran.append([str(part) for part in command])
        if "venv" in ran[-1]:
            bootstrap.venv_python(tmp_path / "venv").parent.mkdir(parents=True)
            bootstrap.venv_python(tmp_path / "venv").write_text("")

    monkeypatch.setattr(bootstrap, "run", record)
    monkeypatch.setattr(bootstrap, "install_torch", lambda python: ran.append(["torch"]))
    monkeypatch.setattr(bootstrap, "installed_torch", lambda python: "2.13.0+cpu")
    bootstrap.make_environment("lab")
    assert next(command for command in ran if "--editable" in command)[-1] == ".[lab]"
    first = len(ran)
    bootstrap.make_environment("lab")
    assert len(ran) == first
    bootstrap.make_environment("test")
    assert [command for command in ran if "--editable" in command][-1][-1] == ".[dev,grade,hub,lab,site]"
    after_test = len(ran)
    bootstrap.make_environment("lab")
    assert len(ran) == after_test


def test_linux_takes_the_cpu_build_and_never_the_default_one(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[list[str]] = []

    def fail(command: list[str], **_: object) -> int:
        tried.append([str(part) for part in command])
        return 1

    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(bootstrap.subprocess, "call", fail)
    with pytest.raises(bootstrap.SetupError, match="uv"):
        bootstrap.install_torch(Path("python"))
    monkeypatch.setattr(
        bootstrap.subprocess,
        "call",
        lambda command, **_: tried.append([str(p) for p in command]) or int("+cpu" in str(command[-1])),
    )
    bootstrap.install_torch(Path("python"))
    version = bootstrap.pinned("torch")
    plain = [command for command in tried if f"torch=={version}" in command]
    assert plain
    assert all("--torch-backend" in command for command in plain)


def test_the_installed_torch_is_the_only_one_that_the_constraints_allow(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COURSE_VENV", str(tmp_path))
    lines = bootstrap.constraints("2.13.0+cpu").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("torch==")] == ["torch==2.13.0+cpu"]
    assert len(lines) == len((bootstrap.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines())


def test_the_version_of_torch_is_read_with_its_build(bootstrap: ModuleType) -> None:
    import importlib.metadata

    assert bootstrap.installed_torch(sys.executable) == importlib.metadata.version("torch")
