"""Two small assignments, and answers to them, that tests of the class's tools grade."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
STUB = '# YOUR CODE HERE\nraise NotImplementedError("this exercise is not answered yet")'

COUNTING = "01_counting"
VECTORS = "02_vectors"


def nbgrader(grade_id: str, *, grade: bool = False, solution: bool = False, points: float = 0) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell."""
    data = {"grade": grade, "grade_id": grade_id, "locked": not solution, "schema_version": 3}
    data |= {"solution": solution, "task": False}
    if grade:
        data["points"] = points
    return {"nbgrader": data}


def solution_cell(name: str, parameters: str, body: str) -> nbformat.NotebookNode:
    """Return a solution cell: a function whose body is the answer."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = f"def {name}({parameters}):\n    ### BEGIN SOLUTION\n{lines}\n    ### END SOLUTION"
    return new_code_cell(source, metadata=nbgrader(name, solution=True), id=name.replace("_", "-"))


def graded_cell(name: str, points: float, comment: str, hidden: str) -> nbformat.NotebookNode:
    """Return a graded cell whose tests are hidden."""
    source = f"# {comment}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    return new_code_cell(source, metadata=nbgrader(name, grade=True, points=points), id=name.replace("_", "-"))


def counting_notebook(extra_test: str = "") -> nbformat.NotebookNode:
    """Return an assignment without torch; `extra_test` is added to the hidden tests of shares-1."""
    check = "from utils.notebook.checks import check, check_refused"
    shares = (
        f"{check}\n"
        "check(lambda: shares(['en', 'en', 'de', 'en']), {'en': 0.75, 'de': 0.25}, 'shares of four texts',\n"
        "      mistakes={'Shares are counts over the total, not the counts themselves.': {'en': 3, 'de': 1}},\n"
        "      otherwise='Count each language and divide by the number of texts.')\n"
        f"{extra_test}"
    ).rstrip()
    empty = f"{check}\ncheck(lambda: shares([]), {{}}, 'no texts', if_raises='No texts give no shares.')"
    median = (
        f"{check}\n"
        "check(lambda: middle([3, 1, 2]), 2, 'three numbers',\n"
        "      mistakes={'The middle number is found among sorted numbers.': 1},\n"
        "      otherwise='Sort, then take the middle.')"
    )
    refused = f"{check}\ncheck_refused(lambda: middle([]), 'middle([])')"
    cells = [
        new_markdown_cell("# Counting\n\nShares $s_i = n_i / n$ and a middle.", id="title"),
        new_code_cell("from collections import Counter", metadata={"tags": ["setup"]}, id="setup"),
        solution_cell(
            "shares", "languages", "n = len(languages)\nreturn {k: v / n for k, v in Counter(languages).items()}"
        ),
        graded_cell("shares-1", 2, "Graded: shares by count", shares),
        graded_cell("shares-2", 1, "Graded: no texts", empty),
        new_code_cell(
            "raise RuntimeError('grading skips experiments')", metadata={"tags": ["experiment"]}, id="experiment"
        ),
        solution_cell(
            "middle",
            "numbers",
            "if not numbers:\n    raise ValueError(f'numbers must not be empty: {numbers}')\n"
            "return sorted(numbers)[len(numbers) // 2]",
        ),
        graded_cell("middle-1", 2, "Graded: the middle", median),
        graded_cell("middle-2", 1, "Graded: refused", refused),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def vectors_notebook() -> nbformat.NotebookNode:
    """Return an assignment that uses torch."""
    check = "import torch\nfrom utils.notebook.checks import case_rng, check\n"
    cells = [
        new_markdown_cell("# Vectors", id="title"),
        new_code_cell("import torch", metadata={"tags": ["setup"]}, id="setup"),
        solution_cell("unit", "x", "return x / x.norm(dim=-1, keepdim=True)"),
        graded_cell(
            "unit-1",
            3,
            "Graded: length one",
            f"{check}x = torch.tensor([[3.0, 4.0], [0.0, 2.0]])\n"
            "check(lambda: unit(x), torch.tensor([[0.6, 0.8], [0.0, 1.0]]), 'two vectors',\n"
            "      mistakes={'Divide each vector by its own length, not by the length of all.': x / x.norm()})",
        ),
        solution_cell("cosine", "a, b", "return (unit(a) * unit(b)).sum(-1)"),
        graded_cell(
            "cosine-1",
            2,
            "Graded: cosine",
            f"{check}a, b = torch.tensor([1.0, 0.0]), torch.tensor([1.0, 1.0])\n"
            "check(lambda: cosine(a, b), torch.tensor(0.5**0.5), 'two vectors',\n"
            "      mistakes={'The cosine is of unit vectors: this is the plain product.': torch.tensor(1.0)})",
        ),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


COUNTING_ANSWERS: dict[str, dict[str, str]] = {
    "right": {
        "shares": "def shares(languages):\n    return {k: languages.count(k) / len(languages) for k in set(languages)}",
        "middle": "def middle(numbers):\n    if len(numbers) == 0:\n        raise ValueError('no numbers in []')\n"
        "    return sorted(numbers)[len(numbers) // 2]",
    },
    "counts": {
        "shares": "def shares(languages):\n    return dict(Counter(languages))",
        "middle": "def middle(numbers):\n    return numbers[len(numbers) // 2]",
    },
    "half": {
        "shares": "def shares(languages):\n    return {k: languages.count(k) / len(languages) for k in set(languages)}"
    },
    "empty": {},
    "odd": {"shares": "def shares(languages):\n    return '<script>alert(1)</script>'"},
}

COUNTING_SCORES = {"right": 6.0, "counts": 1.0, "half": 3.0, "empty": 0.0, "odd": 0.0}

VECTOR_ANSWERS: dict[str, dict[str, str]] = {
    "right": {
        "unit": "def unit(x):\n    return x / (x * x).sum(-1, keepdim=True) ** 0.5",
        "cosine": "def cosine(a, b):\n    return (a * b).sum() / (a.norm() * b.norm())",
    },
    "half": {
        "unit": "def unit(x):\n    return x / x.norm()",
        "cosine": "def cosine(a, b):\n    return a @ b / a.norm() / b.norm()",
    },
}


def submission(source: nbformat.NotebookNode, answers: Mapping[str, str], mark: str = "") -> bytes:
    """Return a submission: the released notebook with answers; `mark` makes it differ from others."""
    node = nbformat.from_dict(source)
    node = nbformat.reads(nbformat.writes(node), as_version=4)
    for cell in node.cells:
        data = cell.metadata.get("nbgrader", {})
        if data.get("solution"):
            stub = cell.source.split("    ### BEGIN")[0] + "    " + STUB.replace("\n", "\n    ")
            cell.source = answers.get(data["grade_id"], stub)
        elif data.get("grade"):
            cell.source = cell.source.split("\n### BEGIN")[0]
    if mark:
        node.cells[0].source += f"\n\n{mark}"
    return nbformat.writes(node).encode()


def put_assignment(root: Path, name: str, node: nbformat.NotebookNode) -> Path:
    """Write an assignment's source notebook and its release into a class's folder."""
    release = root / "notebooks" / name / f"{name}.ipynb"
    release.parent.mkdir(parents=True, exist_ok=True)
    release.write_bytes(submission(node, {}))
    path = root / "solutions" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(node, path)
    return path


def put_submission(root: Path, learner: str, assignment: str, content: bytes, stamp: str = "") -> Path:
    """Write a submission into nbgrader's folder."""
    path = root / "submitted" / learner / assignment / f"{assignment}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if stamp:
        path.with_name("timestamp.txt").write_text(stamp)
    return path
