"""The reference of utils: a page for each folder, which Sphinx's autodoc fills in from the docstrings."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Sequence
from types import ModuleType

_LIST_AFTER_SENTENCE = re.compile(r"^(\w.*:)\n- ", re.MULTILINE)
# A span in backticks is matched first, and put back as it was.
_MARKUP = re.compile(r"(`[^`]*`)|(?<!\\)(\||(?<![\\*\w])\*(?![*\w]))")
PACKAGES = (
    "models",
    "decoding",
    "decoding.grammar",
    "text",
    "training",
    "training.scaling_laws",
    "posttraining",
    "evaluation",
    "world",
    "notebook",
    "notebook.checks",
    "experiments.recording",
)
"""What notebooks and authors import, in the order of a reader; utils.course is reached through its commands."""


def reference_pages() -> dict[str, str]:
    """Return the pages of the reference, from the name of a folder of utils to reStructuredText."""
    return {name: _page(f"utils.{name}") for name in PACKAGES}


def laid_out(lines: Sequence[str]) -> list[str]:
    """Return a docstring in reStructuredText, in which paragraphs that are laid out by spaces or bars stay as they are.

    Args:
        lines: the docstring's lines, without common indentation. Lists ("- ..." after an empty line) remain lists.
    """
    text = _LIST_AFTER_SENTENCE.sub(r"\1\n\n- ", "\n".join(lines).strip("\n"))
    paragraphs = text.split("\n\n")
    written: list[str] = []
    open_block = False
    for paragraph in paragraphs:
        inside = paragraph.splitlines()
        is_list = inside[0].startswith(("- ", "1. "))
        keeps = not is_list and any(line.startswith((" ", "|")) for line in inside)
        if keeps and not open_block:
            written += [".. code-block:: text", ""]
        written += [("   " if keeps else "") + line if line else "" for line in inside] + [""]
        open_block = keeps
    return written


def escaped(lines: list[str]) -> list[str]:
    """Return a docstring's lines in which a bar or a lonely star outside backticks is itself and no markup."""
    return [
        line if line.lstrip().startswith((">>>", "|")) else _MARKUP.sub(lambda found: found[1] or "\\" + found[2], line)
        for line in lines
    ]


def _page(package: str) -> str:
    module = importlib.import_module(package)
    parts = [_heading(package, "="), f".. py:module:: {package}\n", *_overview(module)]
    for name in _modules(module):
        parts += [
            _heading(name.removeprefix(package + "."), "-"),
            f".. automodule:: {name}\n   :members:\n   :show-inheritance:\n",
        ]
    return "\n".join(parts)


def _overview(module: ModuleType) -> Iterator[str]:
    """Yield a folder's docstring: its sentences, and its lists of names as they are laid out."""
    yield "\n".join(laid_out((inspect.getdoc(module) or "").splitlines()))


def _modules(package: ModuleType) -> list[str]:
    """Return the names of a package's modules, its folders left out."""
    found = pkgutil.iter_modules(package.__path__, package.__name__ + ".")
    return sorted(one.name for one in found if not one.ispkg and not one.name.rpartition(".")[2].startswith("_"))


def _heading(words: str, line: str) -> str:
    return f"{words}\n{line * len(words)}\n"
