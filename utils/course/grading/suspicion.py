"""What in a learner's source deserves a second look. It reads source, runs nothing, and never costs points."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

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


def _nodes(root: ast.AST) -> list[ast.AST]:
    """Return a node and all below it but contexts; `ast.walk` takes twice as long, which every submission pays."""
    found = [root]
    for node in found:  # the list grows meanwhile
        for name in node._fields:
            value = getattr(node, name, None)
            if type(value) is list:
                found += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                found.append(value)
    return found


def _of_tree(tree: ast.AST) -> Iterator[str]:
    nodes = _nodes(tree)
    imported = _imported_names(nodes)
    for node in nodes:
        look = _LOOKS.get(type(node))
        if look is not None:
            yield from look(node, imported)


def _of_attribute(node: ast.Attribute, imported: set[str]) -> Iterator[str]:
    if node.attr in _ATTRIBUTES:
        yield _ATTRIBUTES[node.attr]


def _of_name(node: ast.Name, imported: set[str]) -> Iterator[str]:
    if node.id in _NAMES:
        yield _NAMES[node.id]


def _of_import(node: ast.Import, imported: set[str]) -> Iterator[str]:
    for alias in node.names:
        yield from _of_module(alias.name)


def _of_import_from(node: ast.ImportFrom, imported: set[str]) -> Iterator[str]:
    if node.module:
        yield from _of_module(node.module)


def _of_assignment(node: ast.Assign | ast.AugAssign | ast.AnnAssign, imported: set[str]) -> Iterator[str]:
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        root = _root(target)
        if isinstance(target, ast.Attribute) and root in imported:
            yield f"patching: the source assigns to an attribute of {root}"


def _of_call(node: ast.Call, imported: set[str]) -> Iterator[str]:
    if isinstance(node.func, ast.Name) and node.func.id == "setattr" and node.args:
        root = _root(node.args[0])
        if root in imported:
            yield f"patching: the source assigns to an attribute of {root}"


def _of_module(name: str) -> Iterator[str]:
    if name.split(".")[0] in _MODULES:
        yield _MODULES[name.split(".")[0]]
    if name.startswith("utils."):
        yield f"reference: the source imports {name}"


def _of_function(node: ast.FunctionDef, imported: set[str]) -> Iterator[str]:
    """Flag a function that returns a value without looking at any of its arguments."""
    parameters = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    if not parameters:
        return
    inside = _nodes(node)
    read = {item.id for item in inside if isinstance(item, ast.Name)}
    returns = [item for item in inside if isinstance(item, ast.Return) and item.value is not None]
    literal = any(isinstance(item.value, ast.Constant | ast.List | ast.Tuple | ast.Dict) for item in returns)
    if literal and not parameters & read:
        yield f"hard-coded: {node.name} returns a fixed value and reads none of its arguments"


def _of_class(node: ast.ClassDef, imported: set[str]) -> Iterator[str]:
    methods = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
    if methods & _LIARS:
        yield f"comparison: class {node.name} defines {', '.join(sorted(methods & _LIARS))}"
    for base in node.bases:
        name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        if name in _DATA_TYPES:
            yield f"subclass: class {node.name} derives from {name}"


def _imported_names(nodes: list[ast.AST]) -> set[str]:
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return found | {"np", "torch", "json", "builtins", "sys", "math", "os"}


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


_LOOKS: dict[type, Callable[[Any, set[str]], Iterator[str]]] = {
    ast.Attribute: _of_attribute,
    ast.Name: _of_name,
    ast.Import: _of_import,
    ast.ImportFrom: _of_import_from,
    ast.ClassDef: _of_class,
    ast.FunctionDef: _of_function,
    ast.Assign: _of_assignment,
    ast.AugAssign: _of_assignment,
    ast.AnnAssign: _of_assignment,
    ast.Call: _of_call,
}
