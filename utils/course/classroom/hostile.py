"""Hostile and broken submissions for a synthetic class: what each does, and how grading must take it.

They are attempts that a sandbox contains, kept small enough not to harm a machine on which one is opened by mistake.
"""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Attack:
    """Code that is put in place of an answer.

    Attributes:
        name: in a word or two.
        body: statements of the function's body; FUNCTION stands for its name.
        before: cell source in front of the function.
    """

    name: str
    body: str
    before: str = ""


_ANYTHING = """\
class Anything:
    def __eq__(self, other):
        return True

    def __bool__(self):
        return True

    def __float__(self):
        return 1.0
"""

_PATCHES = """\
import builtins, math
import numpy
numpy.allclose = lambda *args, **kwargs: True
math.isclose = lambda *args, **kwargs: True
builtins.isinstance = lambda *args: True
"""

_SWALLOWED = """\
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""

_PROCESSES = """\
import os, time
for _ in range(300):
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
return 0
"""

_NETWORK = """\
import urllib.request
return urllib.request.urlopen('http://192.0.2.1/answers', timeout=2).read()
"""

_GRADEBOOK = """\
import glob, sqlite3
for path in glob.glob('/**/gradebook.db', recursive=True):
    sqlite3.connect(path).execute('update grade set auto_score = 100')
return 0
"""

_SEARCH = """\
import gc
return [text for text in gc.get_objects() if isinstance(text, str) and 'HIDDEN' in text][:1]
"""

ATTACKS = (
    Attack("displayhook", "import sys\nsys.displayhook('ok')\nreturn None"),
    Attack("partial credit", "import sys\nsys.displayhook(1e9)\nsys.displayhook(float('nan'))\nreturn None"),
    Attack("always equal", "return Anything()", _ANYTHING),
    Attack("patched comparisons", "return 0", _PATCHES),
    Attack("sys.exit", "import sys\nsys.exit(0)"),
    Attack("os._exit", "import os\nos._exit(0)"),
    Attack("segmentation fault", "import ctypes\nctypes.string_at(0)"),
    Attack("endless loop", "while True:\n    pass"),
    Attack("swallowed interrupt", _SWALLOWED),
    Attack("memory", "hog = []\nfor _ in range(48):\n    hog.append(b'x' * (64 << 20))\nreturn len(hog)"),
    Attack("processes", _PROCESSES),
    Attack("output", "for _ in range(1000):\n    print('x' * 1_000_000)\nreturn 0"),
    Attack("network", _NETWORK),
    Attack("gradebook", _GRADEBOOK),
    Attack("search for tests", _SEARCH),
    Attack("script in the output", "return '<script>alert(1)</script><img src=x onerror=alert(2)>'"),
)


def _duplicate(notebook: Notebook, name: str) -> tuple[bytes, str]:
    graded = [cell for cell in notebook["cells"] if _grader(cell).get("grade")]
    notebook["cells"] += copy.deepcopy(graded[:1])
    return _bytes(notebook), f"{name}.ipynb"


def _without_tests(notebook: Notebook, name: str) -> tuple[bytes, str]:
    notebook["cells"] = [cell for cell in notebook["cells"] if not _grader(cell).get("grade")]
    return _bytes(notebook), f"{name}.ipynb"


def _stripped(notebook: Notebook, name: str) -> tuple[bytes, str]:
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    notebook["nbformat_minor"] = 4
    return _bytes(notebook), f"{name}.ipynb"


def _flags_flipped(notebook: Notebook, name: str) -> tuple[bytes, str]:
    for cell in notebook["cells"]:
        if grader := cell["metadata"].get("nbgrader"):
            grader.update({"locked": not grader.get("locked"), "points": 100, "schema_version": 99})
    return _bytes(notebook), f"{name}.ipynb"


def _marked(notebook: Notebook, name: str) -> tuple[bytes, str]:
    return b"\xef\xbb\xbf" + _bytes(notebook), f"{name}.ipynb"


def _renamed(notebook: Notebook, name: str) -> tuple[bytes, str]:
    return _bytes(notebook), f"{name} (1).ipynb"


def _zipped(notebook: Notebook, name: str) -> tuple[bytes, str]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo(f"work/{name}.ipynb", date_time=(2026, 1, 1, 0, 0, 0))
        archive.writestr(member, _bytes(notebook))
    return packed.getvalue(), f"{name}.zip"


def _truncated(notebook: Notebook, name: str) -> tuple[bytes, str]:
    content = _bytes(notebook)
    return content[: len(content) // 2], f"{name}.ipynb"


def _empty(notebook: Notebook, name: str) -> tuple[bytes, str]:
    return b"", f"{name}.ipynb"


def _no_notebook(notebook: Notebook, name: str) -> tuple[bytes, str]:
    return b"%PDF-1.7 my answers", f"{name}.pdf"


@dataclass(frozen=True)
class Break:
    """A way in which an honest submission arrives damaged.

    Attributes:
        name: in a word or two.
        apply: from a complete notebook and the assignment's name to bytes and a file name.
        harmless: whether everything in it can still be graded.
    """

    name: str
    apply: Callable[[Notebook, str], tuple[bytes, str]]
    harmless: bool


BREAKS = (
    Break("duplicate test cell", _duplicate, True),
    Break("test cells deleted", _without_tests, True),
    Break("metadata stripped", _stripped, True),
    Break("flags flipped", _flags_flipped, True),
    Break("byte-order mark", _marked, True),
    Break("renamed", _renamed, True),
    Break("in a zip", _zipped, True),
    Break("cut off", _truncated, False),
    Break("empty file", _empty, False),
    Break("no notebook", _no_notebook, False),
)


def _grader(cell: dict[str, Any]) -> dict[str, Any]:
    return cell.get("metadata", {}).get("nbgrader", {})


def _bytes(notebook: Notebook) -> bytes:
    return json.dumps(notebook, indent=1).encode()
