"""Real text that is installed with the course: documentation, code, licences, descriptions of packages.

The files of installed packages are read and parsed, never imported. What comes out depends on the installed versions,
and on nothing else: files in sorted order, documents chosen by a seed, duplicates removed.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import sysconfig
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib import metadata
from pathlib import Path

import numpy as np

# Parts of the standard library that hold tests, generated tables, or are gone from newer versions.
_SKIPPED_FOLDERS = {
    "test",
    "tests",
    "testing",
    "idlelib",
    "lib2to3",
    "site-packages",
    "dist-packages",
    "__pycache__",
    "encodings",
    "pydoc_data",
}
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice)", re.IGNORECASE)
_TABLE_RULE = r"^[ \t]*=+( +=+)+[ \t]*$"
_UNDERLINE = r"^\s*[-=~^*]{3,}\s*$"
_MIN_PARAGRAPH = 120
# Files to look at for each document wanted, at most: keeps the time bounded where few files have what is sought.
_FILES_PER_DOCUMENT = 20


@dataclass(frozen=True)
class Document:
    """A text with its domain and where it comes from ("numpy/linalg/_linalg.py")."""

    text: str
    domain: str
    source: str


def installed_documents(
    domain: str, n: int, seed: int = 0, min_chars: int = 400, max_chars: int = 4000
) -> list[Document]:
    """Return up to n different documents of a domain; fewer when no more are installed.

    Domains of documentation (paragraphs of docstrings): "prose" (all packages), "standard library", "numerical",
    "plotting", "mathematics", "graphs", "machine learning". Others: "reference" (Python's language reference),
    "licences", "descriptions" (packages about themselves, in a markup), "code" (functions and classes), "sessions"
    (examples with their output), "tables" (in documentation).

    A source gives at most three documents; a text longer than max_chars is cut at the end of a paragraph or line.

    Raises:
        ValueError: an unknown domain, a negative n, or bounds that leave no length.
    """
    if domain not in DOMAINS:
        raise ValueError(f"domain is {domain!r}, and the domains are {', '.join(DOMAINS)}.")
    if n < 0:
        raise ValueError(f"n is {n}, and must be at least 0.")
    if not 0 < min_chars <= max_chars:
        raise ValueError(f"min_chars is {min_chars} and max_chars {max_chars}: 0 < min_chars <= max_chars is needed.")
    return list(_documents(domain, n, seed, min_chars, max_chars))


@lru_cache(maxsize=64)
def _documents(domain: str, n: int, seed: int, min_chars: int, max_chars: int) -> tuple[Document, ...]:
    sources = _SOURCES[domain]()
    rng = np.random.default_rng(seed)
    documents: list[Document] = []
    seen: set[str] = set()
    for looked_at, i in enumerate(rng.permutation(len(sources))):
        if len(documents) >= n or looked_at > _FILES_PER_DOCUMENT * n:
            break
        name, texts = sources[i]
        own = []
        for text in texts():
            text = _cut(text, max_chars)
            key = " ".join(text.lower().split())
            if len(text) >= min_chars and key not in seen:
                seen.add(key)
                own.append(Document(text, domain, name))
        chosen = sorted(rng.permutation(len(own))[:3])
        documents += [own[j] for j in chosen]
    return tuple(documents[:n])


Source = tuple[str, Callable[[], Iterator[str]]]


@cache
def _package_files(package: str) -> tuple[tuple[str, Path], ...]:
    """Return (name, path) of a package's Python files, without tests, sorted; none when it is not installed."""
    if package == "stdlib":
        root, prefix = Path(sysconfig.get_paths()["stdlib"]), "python"
    else:
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            return ()
        root, prefix = Path(next(iter(spec.submodule_search_locations))), package
    files = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(set(subfolders) - _SKIPPED_FOLDERS)
        for name in names:
            if name.endswith(".py") and not name.startswith("test_"):
                path = Path(folder, name)
                files.append((f"{prefix}/{path.relative_to(root).as_posix()}", path))
    return tuple(sorted(files))


def _from_files(
    packages: tuple[str, ...], extract: Callable[[ast.Module, str], Iterator[str]], mark: str = ""
) -> list[Source]:
    """Return each file as a source of what `extract` finds in it; a file without the mark (a pattern) is not parsed."""

    def texts(path: Path) -> Iterator[str]:
        try:
            code = path.read_text(encoding="utf-8")
            if not re.search(mark, code, re.MULTILINE):
                return
            with warnings.catch_warnings():  # other people's escape sequences
                warnings.simplefilter("ignore")
                tree = ast.parse(code)
        except (OSError, UnicodeDecodeError, SyntaxError, ValueError):
            return  # a template or a file in another encoding is no source of text
        yield from extract(tree, code)

    return [(name, partial(texts, path)) for package in packages for name, path in _package_files(package)]


def _docstrings(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Yield the docstrings of a module, its classes and functions, from the top."""
    text = ast.get_docstring(node)
    if text:
        yield text
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _docstrings(child)


def _prose(tree: ast.Module, code: str) -> Iterator[str]:
    """Yield a file's running text: paragraphs of docstrings that begin at the margin and end as a sentence.

    The choice goes by layout only, so that it does not favour the quality rules that are tried on it.
    """
    paragraphs = []
    for docstring in _docstrings(tree):
        for paragraph in re.split(r"\n\s*\n", docstring):
            whole = re.match(r"[A-Z]", paragraph) and paragraph.rstrip().endswith((".", "!", "?"))
            marked_up = ">>>" in paragraph or re.search(_UNDERLINE, paragraph, re.MULTILINE)
            if whole and not marked_up and len(paragraph) >= _MIN_PARAGRAPH:
                paragraphs.append(" ".join(paragraph.split()))
    # One docstring is short: a document is the running text of some docstrings in a row.
    document = ""
    for paragraph in dict.fromkeys(paragraphs):
        document += ("\n\n" if document else "") + paragraph
        if len(document) >= 1500:
            yield document
            document = ""
    if document:
        yield document


def _code(tree: ast.Module, code: str) -> Iterator[str]:
    lines = code.splitlines()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield "\n".join(lines[node.lineno - 1 : node.end_lineno])


def _sessions(tree: ast.Module, code: str) -> Iterator[str]:
    for docstring in _docstrings(tree):
        begin = docstring.find(">>> ")
        if docstring.count(">>> ") >= 4:
            yield textwrap.dedent(docstring[docstring.rfind("\n", 0, begin) + 1 :])


def _tables(tree: ast.Module, code: str) -> Iterator[str]:
    for docstring in _docstrings(tree):
        rules = list(re.finditer(_TABLE_RULE, docstring, re.MULTILINE))
        if len(rules) >= 2:
            yield textwrap.dedent(docstring[rules[0].start() : rules[-1].end()]).strip("\n")


def _reference() -> list[Source]:
    from pydoc_data.topics import topics

    return [(f"python/reference/{name}", partial(_pieces, text)) for name, text in sorted(topics.items())]


def _licences() -> list[Source]:
    sources: list[Source] = []
    for distribution in _distributions():
        for file in sorted(distribution.files or [], key=str):
            if _LICENCE_FILE.match(file.name) and file.suffix in ("", ".txt", ".md", ".rst"):
                path = Path(str(file.locate()))
                sources.append((f"{distribution.name}/{file.name}", partial(_pieces_of_file, path)))
    return sources


def _descriptions() -> list[Source]:
    sources: list[Source] = []
    for distribution in _distributions():
        text = str(distribution.metadata.json.get("description", ""))
        sources.append((f"{distribution.name}/description", partial(_pieces, text)))
    return sources


@lru_cache(maxsize=1)
def _distributions() -> tuple[metadata.Distribution, ...]:
    by_name = {distribution.name: distribution for distribution in metadata.distributions() if distribution.name}
    return tuple(by_name[name] for name in sorted(by_name))


def _pieces_of_file(path: Path) -> Iterator[str]:
    try:
        yield from _pieces(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return


def _pieces(text: str, size: int = 1500) -> Iterator[str]:
    """Yield a long text in pieces of about `size` characters, cut between paragraphs."""
    piece = ""
    for paragraph in re.split(r"\n\s*\n", text):
        piece += ("\n\n" if piece else "") + paragraph.strip("\n")
        if len(piece) >= size:
            yield piece
            piece = ""
    if piece.strip():
        yield piece


def _cut(text: str, max_chars: int) -> str:
    if len(text) <= max_chars:
        return text
    for end in ("\n\n", "\n", " "):
        at = text.rfind(end, 0, max_chars + 1)
        if at >= max_chars // 2:
            return text[:at].rstrip()
    return text[:max_chars]


_LIBRARIES = ("stdlib", "numpy", "scipy", "matplotlib", "sympy", "networkx", "torch")
_SOURCES: dict[str, Callable[[], list[Source]]] = {
    "prose": lambda: _from_files(_LIBRARIES, _prose),
    "standard library": lambda: _from_files(("stdlib",), _prose),
    "numerical": lambda: _from_files(("numpy", "scipy"), _prose),
    "plotting": lambda: _from_files(("matplotlib",), _prose),
    "mathematics": lambda: _from_files(("sympy",), _prose),
    "graphs": lambda: _from_files(("networkx",), _prose),
    "machine learning": lambda: _from_files(("torch",), _prose),
    "reference": _reference,
    "licences": _licences,
    "descriptions": _descriptions,
    "code": lambda: _from_files(_LIBRARIES, _code),
    "sessions": lambda: _from_files(_LIBRARIES, _sessions, ">>> "),
    "tables": lambda: _from_files(_LIBRARIES, _tables, _TABLE_RULE),
}
DOMAINS = tuple(_SOURCES)
