"""Links of a guide: they lead to other files of the repository, which on the site are pages or lie elsewhere."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_LINK = re.compile(r"(?<!!)\[(?P<words>[^\]\[]*)\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"^(```.*?^```|~~~.*?^~~~|(?:(?: {4}|\t)[^\n]*\n?)+)|(`[^`\n]+`)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Address:
    """Where the repository stands on the web."""

    repository: str
    branch: str

    def file(self, path: str) -> str:
        """Return the address of a file or folder, by its path from the root."""
        return f"{self.repository}/blob/{self.branch}/{path}".rstrip("/")

    def colab(self, path: str) -> str:
        """Return the address that opens a notebook of the repository in Colab."""
        owner_and_name = self.repository.removeprefix("https://github.com/")
        return f"https://colab.research.google.com/github/{owner_and_name}/blob/{self.branch}/{path}"


def relink(text: str, source: str, page: str, pages: Mapping[str, str], root: Path, address: Address) -> str:
    """Return Markdown whose links to files of the repository work on the site.

    Args:
        text: the guide.
        source: its path from the repository's root, which its links are relative to.
        page: its own page on the site, such as "guides/grading".
        pages: path from the root -> page, for every file that has a page.
        root: the repository.
        address: where files without a page stand.

    Raises:
        ValueError: a link leads to no file of the repository.
    """

    def new_link(found: re.Match[str]) -> str:
        target, hash_, anchor = found["target"].partition("#")
        if not target or "://" in target or target.startswith("mailto:"):
            return found[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if path in pages:
            way = posixpath.relpath(pages[path], posixpath.dirname(page) or ".")
            return f"[{found['words']}]({way}.md{hash_}{anchor})"
        if path.startswith("..") or not (root / path).exists():
            raise ValueError(f"{source} links to {target!r}, which is no file of the repository")
        return f"[{found['words']}]({address.file(path)}{hash_}{anchor})"

    return _outside_code(text, lambda prose: _LINK.sub(new_link, prose))


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    parts: list[str] = []
    last = 0
    for code in _CODE.finditer(text):
        parts += [change(text[last : code.start()]), code[0]]
        last = code.end()
    return "".join([*parts, change(text[last:])])
