from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from utils.text import installed
from utils.text.installed import DOMAINS, installed_documents

SOURCE = '''"""Summary.

This module keeps the books of a small library, in which readers borrow by the week and pay for what
they bring back late.

Parameters
----------
x : int
    A number that is described here at some length so that it would be long enough to be taken for prose.
"""


def lend(book):
    """Lend a book.

    Every book has one copy. It is handed to the first reader who asks for it, and the others are put on a
    list that is worked through in the order in which they came.

    >>> lend(1)
    1
    >>> lend(2)
    2
    >>> lend(3)
    3
    >>> lend(4)
    4
    """
    return book
'''


def test_prose_is_whole_paragraphs_without_sessions_and_parameter_lists() -> None:
    (text,) = installed._prose(ast.parse(SOURCE), SOURCE)
    assert text.startswith("This module keeps the books")
    assert "Every book has one copy." in text
    assert ">>>" not in text
    assert "x : int" not in text


def test_code_is_whole_definitions_and_sessions_keep_their_output() -> None:
    (code,) = installed._code(ast.parse(SOURCE), SOURCE)
    assert code.startswith("def lend")
    ast.parse(code)
    (session,) = installed._sessions(ast.parse(SOURCE), SOURCE)
    assert session.startswith(">>> lend(1)\n1\n")


@pytest.mark.parametrize("domain", DOMAINS)
def test_documents_are_different_bounded_and_named(domain: str) -> None:
    # One file in a hundred has a table, and the files that are looked at go with the number that is wanted: by chance
    # 6 can come out as none, 100 as none in one of ten thousand installations.
    documents = installed_documents(domain, 100 if domain == "tables" else 6, seed=1, min_chars=300, max_chars=900)
    assert documents
    assert len({document.text for document in documents}) == len(documents)
    assert all(300 <= len(document.text) <= 900 for document in documents)
    assert all(document.domain == domain and document.source for document in documents)


def test_one_seed_gives_one_choice_and_another_seed_another() -> None:
    first = installed_documents("graphs", 8, seed=1)
    installed._documents.cache_clear()
    assert installed_documents("graphs", 8, seed=1) == first
    assert installed_documents("graphs", 8, seed=2) != first


def test_no_source_gives_more_than_three_documents() -> None:
    sources = [document.source for document in installed_documents("standard library", 30)]
    assert max(sources.count(source) for source in sources) <= 3


def test_reading_a_package_does_not_import_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "borrowed_books"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (package / "lending.py").write_text(SOURCE)
    (package / "broken.py").write_text("def (")
    (package / "latin.py").write_bytes(b"'''\xe9'''")
    monkeypatch.syspath_prepend(tmp_path)
    found = [text for _, texts in installed._from_files(("borrowed_books",), installed._prose) for text in texts()]
    assert len(found) == 1
    assert "borrowed_books" not in sys.modules
    assert installed._package_files("no_such_package_anywhere") == ()


def test_a_long_text_is_cut_where_a_paragraph_or_line_ends() -> None:
    assert installed._cut("a" * 60 + "\n\n" + "b" * 60, 100) == "a" * 60
    assert installed._cut("one two three", 9) == "one two"
    assert installed._cut("x" * 20, 10) == "x" * 10
    assert installed._cut("short", 10) == "short"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [(("poetry", 3), "domain"), (("prose", -1), "n is -1"), (("prose", 1, 0, 10, 5), "min_chars")],
)
def test_bad_requests_are_refused(arguments: tuple, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        installed_documents(*arguments)
    assert installed_documents("prose", 0) == []
