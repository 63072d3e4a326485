from __future__ import annotations

from pathlib import Path

import pytest

from utils.course.website.reference import PACKAGES, escaped, laid_out, reference_pages

INTERNAL = {"course", "experiments"}


def test_every_folder_that_notebooks_import_has_a_page(root: Path) -> None:
    folders = {path.parent.name for path in (root / "utils").glob("*/__init__.py")}
    assert folders - INTERNAL == {name for name in PACKAGES if "." not in name}


def test_the_reference_lists_its_pages_in_their_order(root: Path) -> None:
    text = (root / "docs" / "site" / "reference.md").read_text(encoding="utf-8")
    assert [line.removeprefix("reference/") for line in text.splitlines() if line.startswith("reference/")] == list(
        PACKAGES
    )


def test_a_page_names_every_public_module_of_its_folder(root: Path) -> None:
    page = reference_pages()["models"]
    for path in (root / "utils" / "models").glob("[a-z]*.py"):
        assert f".. automodule:: utils.models.{path.stem}\n" in page


def test_what_spaces_lay_out_stays_as_it_is_and_sentences_and_lists_do_not() -> None:
    docstring = ["A sentence.", "", "    name      meaning", "", "| a | b |", "", "Choices:", "- one,", "  long"]
    assert laid_out(docstring) == [
        *("A sentence.", "", ".. code-block:: text", "", "       name      meaning", "", "   | a | b |", ""),
        *("Choices:", "", "- one,", "  long", ""),
    ]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("x / |x| for `|x|`", "x / \\|x\\| for `|x|`"),
        ("each of + - *.", "each of + - \\*."),
        ("*sure* and a*b, already \\|", "*sure* and a*b, already \\|"),
        (">>> a | b", ">>> a | b"),
    ],
)
def test_bars_and_lonely_stars_are_no_markup(line: str, wanted: str) -> None:
    assert escaped([line]) == [wanted]
