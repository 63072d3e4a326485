"""Answers without sense: constants, inputs handed back, values of every type; graded cells must refuse them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

CONSTANTS = (
    *("None", "True", "False", "0", "1", "-1", "2", "0.5", "1e9", "float('nan')", "float('inf')"),
    *("''", "'a'", "b'a'", "[]", "[0]", "[[0.5]]", "()", "(0, 1)", "(None, None)", "{}", "{'a': 1.0}", "set()", "{0}"),
    *("object()", "(lambda *args, **kwargs: None)", "NotImplemented"),
    *("torch.tensor(0.0)", "torch.tensor(True)", "torch.zeros(0)", "torch.zeros(2, 3)", "torch.full((4,), torch.nan)"),
    *("numpy.zeros(3)", "numpy.float64(0.5)"),
)
HANDED_BACK = {
    "the first input": "(args[0] if args else None)",
    "the last input": "([*args, *kwargs.values()] or [None])[-1]",
    "all inputs": "args",
    "the first input twice": "(args[0], args[0]) if args else None",
}

_FUNCTION = """
def {name}(*args, **kwargs):
    return {value}
"""
# Every method of such an object returns the value; as a module it has no parameters.
_CLASS = """
class {name}:
    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return {value}

    def __getattr__(self, method):
        if method.startswith("__"):
            raise AttributeError(method)
        return lambda *args, **kwargs: {value}
"""


def _classes(source: str) -> set[str]:
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}


def fuzz_sources(names: Sequence[str], solution: str) -> Iterator[tuple[str, str]]:
    """Yield (title, source) of answers that define the names of an exercise without any sense.

    Args:
        names: what the exercise defines.
        solution: its solution, which tells functions from classes.
    """
    classes = _classes(solution)
    values = {f"returns {value}": value for value in CONSTANTS}
    values |= {f"returns {title}": value for title, value in HANDED_BACK.items()}
    for title, value in values.items():
        parts = [(_CLASS if name in classes else _FUNCTION).format(name=name, value=value) for name in names]
        yield title, "import numpy\nimport torch\n" + "\n".join(parts)
