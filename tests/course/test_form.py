"""A demonstration must run where no experiment does: in grading, and when answers are judged."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from utils.course.form import names_from_experiments

EXPERIMENT = new_code_cell("import math as m\nfound = [m.pi]", metadata={"tags": ["experiment", "row-1"]})


def faults(*sources: str) -> list[str]:
    cells = [EXPERIMENT, *(new_code_cell(source) for source in sources)]
    node: nbformat.NotebookNode = new_notebook(cells=cells)
    return names_from_experiments(node)


def test_a_name_that_only_an_experiment_binds_is_named_with_its_cell() -> None:
    assert faults("a = 1", "print(m.e)") == [
        "cell 3 uses 'm', which only an experiment above binds: import it there too"
    ]


@pytest.mark.parametrize(
    "sources",
    [
        ("import math as m\nprint(m.e)",),
        ("import math as m", "print(m.e)"),
        ("def half(found):\n    return found / 2",),
        ("[found for found in range(3)]",),
        ("def outer():\n    def found():\n        return 1\n    return found()",),
        ("print(unbound_anywhere)",),
    ],
)
def test_what_a_cell_or_one_before_it_binds_is_its_own(sources: tuple[str, ...]) -> None:
    assert faults(*sources) == []


def test_experiments_may_use_what_experiments_bind() -> None:
    node = new_notebook(cells=[EXPERIMENT, new_code_cell("print(found)", metadata={"tags": ["experiment", "draw"]})])
    assert names_from_experiments(node) == []
