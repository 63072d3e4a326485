"""What in a learner's source deserves a second look. It reads source, runs nothing, and never costs points."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator

_ATTRIBUTES = {
    "displayhook": "displayhook: the source sets or calls sys.displayhook",
    "input_transformers_post": "transformer: the source installs an input transformer",
    "input_transformer_manager": "transformer: the source reaches for input transformers",
    "ast_transformers": "transformer: the source installs a syntax tree transformer",
    "_getframe": "snooping: the source looks at other functions' frames",
    "currentframe": "snooping: the source looks at other functions' frames",
    "f_back": "snooping: the source looks at other functions' frames",
    "get_objects": "snooping: the source searches the garbage collector",
    "get_referrers": "snooping: the source searches the garbage collector",
    "history_manager": "snooping: the source reads the cell history",
    "_exit": "process: the source ends its process",
    "fork": "process: the source starts processes",
    "_ih": "snooping: the source reads the cell history",
    "settrace": "snooping: the source traces other code",
}
_NAMES = {
    "In": "snooping: the source reads the cell history",
    "_ih": "snooping: the source reads the cell history",
    "__builtins__": "patching: the source reaches for builtins",
}
_MODULES = {
    "socket": "network: the source uses the network",
    "urllib": "network: the source uses the network",
    "requests": "network: the source uses the network",
    "http": "network: the source uses the network",
    "httpx": "network: the source uses the network",
    "subprocess": "process: the source starts programs",
    "multiprocessing": "process: the source starts processes",
    "ctypes": "native: the source calls native code",
    "gc": "snooping: the source searches the garbage collector",
    "inspect": "snooping: the source uses inspect",
    "builtins": "patching: the source reaches for builtins",
    "pickle": "pickle: the source reads or writes pickles",
    "nbgrader": "environment: the source looks for the grader",
    "time": "clock: the source reads the clock",
}
_LIARS = frozenset(
    {"__eq__", "__ne__", "__bool__", "__lt__", "__gt__", "__le__", "__ge__", "__float__", "__torch_function__"}
)
_DATA_TYPES = frozenset({"int", "float", "str", "list", "tuple", "dict", "set", "bool", "ndarray", "Tensor"})
_ENVIRONMENT = re.compile(r"NBGRADER|GRADING|COURSE_SECRET|autograde|gradebook", re.IGNORECASE)
_PIP = re.compile(r"^\s*[!%]\s*(pip|conda|wget|curl)\b", re.MULTILINE)


def suspicions(sources: Iterable[str]) -> set[str]:
    """Return flags for what stands out in a learner's cells, each "word: explanation"."""
    return {flag for source in sources for flag in _of_source(source)}


@functools.lru_cache(maxsize=1024)
def _of_source(source: str) -> frozenset[str]:
    """Return the flags of one cell; the cells of a class are alike, and a scorer has seen the released ones."""
    found: set[str] = set()
    if _PIP.search(source):
        found.add("network: a cell installs or downloads something")
    if _ENVIRONMENT.search(source):
        found.add("environment: the source looks for the grader")
    tree = _parsed(source)
    if tree is not None:
        found.update(_of_tree(tree))
    return frozenset(found)


def _parsed(source: str) -> ast.AST | None:
    """Parse a cell, leaving out the lines that only IPython understands."""
    plain = "\n".join("pass" if re.match(r"[!%?]", line) else line for line in source.splitlines())
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _of_tree(tree: ast.AST) -> Iterator[str]:
    imported = _imported_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _ATTRIBUTES:
            yield _ATTRIBUTES[node.attr]
        elif isinstance(node, ast.Name) and node.id in _NAMES:
            yield _NAMES[node.id]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from _of_module(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from _of_module(node.module)
        elif isinstance(node, ast.ClassDef):
            yield from _of_class(node)
        elif isinstance(node, ast.FunctionDef):
            yield from _of_function(node)
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                root = _root(target)
                if isinstance(target, ast.Attribute) and root in imported:
                    yield f"patching: the source assigns to an attribute of {root}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr" and node.args:
            root = _root(node.args[0])
            if root in imported:
                yield f"patching: the source assigns to an attribute of {root}"


def _of_module(name: str) -> Iterator[str]:
    if name.split(".")[0] in _MODULES:
        yield _MODULES[name.split(".")[0]]
    if name.startswith("utils."):
        yield f"reference: the source imports {name}"


def _of_function(node: ast.FunctionDef) -> Iterator[str]:
    """Flag a function that returns a value without looking at any of its arguments."""
    parameters = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    read = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
    returns = [item for item in ast.walk(node) if isinstance(item, ast.Return) and item.value is not None]
    literal = any(isinstance(item.value, ast.Constant | ast.List | ast.Tuple | ast.Dict) for item in returns)
    if parameters and not parameters & read and literal:
        yield f"hard-coded: {node.name} returns a fixed value and reads none of its arguments"


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    methods = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
    if methods & _LIARS:
        yield f"comparison: class {node.name} defines {', '.join(sorted(methods & _LIARS))}"
    for base in node.bases:
        name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        if name in _DATA_TYPES:
            yield f"subclass: class {node.name} derives from {name}"


def _imported_names(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return found | {"np", "torch", "json", "builtins", "sys", "math", "os"}


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
