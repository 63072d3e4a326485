"""Mutants of a right answer: the small slips that anyone makes, made by rule, one in each.

A mutant that every graded cell accepts is either another right answer or a mistake that no test catches: a person
has to look. The rules are those of mutation testing (DeMillo, Lipton and Sayward, 1978), with slips of this field
beside them: a mean for a sum, another logarithm, two arguments in the wrong order, one argument for another.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import TypeVar

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Pow: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_NAMES: dict[str, tuple[str, ...]] = {
    "all": ("any",),
    "amax": ("amin",),
    "amin": ("amax",),
    "any": ("all",),
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "ceil": ("floor",),
    "cumsum": ("cumprod",),
    "double": ("half",),
    "endswith": ("startswith",),
    "exp": ("exp2",),
    "expm1": ("exp",),
    "find": ("rfind",),
    "floor": ("ceil",),
    "fullmatch": ("match", "search"),
    "intersection": ("union",),
    "log": ("log2", "log10"),
    "log10": ("log",),
    "log1p": ("log",),
    "log2": ("log",),
    "log_softmax": ("softmax",),
    "logsigmoid": ("sigmoid",),
    "logsumexp": ("sum",),
    "lstrip": ("strip",),
    "match": ("search",),
    "max": ("min",),
    "maximum": ("minimum",),
    "mean": ("sum",),
    "median": ("mean",),
    "min": ("max",),
    "minimum": ("maximum",),
    "ones": ("zeros",),
    "partition": ("rpartition",),
    "relu": ("abs",),
    "repeat_interleave": ("repeat",),
    "rpartition": ("partition",),
    "rstrip": ("strip",),
    "sigmoid": ("logsigmoid", "tanh"),
    "silu": ("relu",),
    "softmax": ("log_softmax",),
    "sorted": ("list",),
    "split": ("rsplit",),
    "square": ("abs",),
    "startswith": ("endswith",),
    "std": ("var",),
    "strip": ("lstrip", "rstrip"),
    "sum": ("mean",),
    "tril": ("triu",),
    "triu": ("tril",),
    "union": ("intersection",),
    "var": ("std",),
    "zeros": ("ones",),
}
_Change = tuple[str, ast.AST]
_Node = TypeVar("_Node", bound=ast.AST)


class _Replace(ast.NodeTransformer):
    """Put one node in another's place."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """Return a copy of a node with some fields changed; its children stay the same objects."""
    changed = copy.copy(node)
    for field, value in fields.items():
        setattr(changed, field, value)
    return changed


def _part(iterable: ast.expr, bounds: str) -> ast.expr:
    """Return `list(iterable)[bounds]`."""
    whole = ast.Call(ast.Name("list", ast.Load()), [iterable], [])
    slice_ = ast.parse(f"_[{bounds}]", mode="eval").body
    assert isinstance(slice_, ast.Subscript)
    return ast.Subscript(whole, slice_.slice, ast.Load())


def _without(values: list[_Node], position: int) -> list[_Node]:
    return values[:position] + values[position + 1 :]


def _of_constant(node: ast.Constant) -> Iterator[_Change]:
    value = node.value
    others: tuple[bool | int | float, ...] = ()
    if isinstance(value, bool):
        others = (not value,)
    elif isinstance(value, int):
        others = (value + 1, value - 1)
    elif isinstance(value, float):
        others = (value * 2, value / 2, 0.0) if value else (1.0, 1e-6)
    for other in others:
        yield f"{value!r} -> {other!r}", ast.Constant(other)


def _of_comparison(node: ast.Compare) -> Iterator[_Change]:
    for position, operator in enumerate(node.ops):
        for other in _COMPARISONS.get(type(operator), ()):
            ops = [*node.ops[:position], other(), *node.ops[position + 1 :]]
            yield f"{type(operator).__name__} -> {other.__name__}", _with(node, ops=ops)


def _of_operation(node: ast.BinOp | ast.AugAssign) -> Iterator[_Change]:
    if (other := _OPERATORS.get(type(node.op))) is not None:
        yield f"{type(node.op).__name__} -> {other.__name__}", _with(node, op=other())
    if isinstance(node, ast.BinOp):
        yield "only what stands left", node.left
        yield "only what stands right", node.right
    else:
        yield "assigned, not added to", ast.Assign([node.target], node.value, lineno=node.lineno)


def _of_condition(node: ast.BoolOp | ast.UnaryOp | ast.If | ast.IfExp) -> Iterator[_Change]:
    if isinstance(node, ast.BoolOp):
        yield "and <-> or", _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for position in range(len(node.values)):
            left = _without(node.values, position)
            yield f"without its part {position + 1}", left[0] if len(left) == 1 else _with(node, values=left)
    elif isinstance(node, ast.UnaryOp):
        yield f"without {type(node.op).__name__}", node.operand
    elif isinstance(node, ast.IfExp):
        yield "always the first", node.body
        yield "always the other", node.orelse
    else:
        yield "never", _with(node, test=ast.Constant(False))
        yield "always", _with(node, test=ast.Constant(True))


def _of_call(node: ast.Call) -> Iterator[_Change]:
    for position, keyword in enumerate(node.keywords):
        yield f"without {keyword.arg}=", _with(node, keywords=_without(node.keywords, position))
    if len(node.args) >= 2:
        yield "two arguments swapped", _with(node, args=[node.args[1], node.args[0], *node.args[2:]])
        yield "without the last argument", _with(node, args=node.args[:-1])
    if node.args:
        yield "the argument itself", node.args[0]
    if isinstance(node.func, ast.Attribute):
        yield f"without .{node.func.attr}", node.func.value
    if isinstance(node.func, ast.Name) and node.func.id == "range" and node.args:
        end = min(1, len(node.args) - 1)
        for title, operator in (("one fewer", ast.Sub()), ("one more", ast.Add())):
            other = ast.BinOp(node.args[end], operator, ast.Constant(1))
            yield title, _with(node, args=[*node.args[:end], other, *node.args[end + 1 :]])


def _of_loop(node: ast.For | ast.comprehension) -> Iterator[_Change]:
    yield "without the first", _with(node, iter=_part(node.iter, "1:"))
    yield "without the last", _with(node, iter=_part(node.iter, ":-1"))
    if isinstance(node, ast.For):
        yield "from the end", _with(node, iter=_part(node.iter, "::-1"))
    else:
        for position in range(len(node.ifs)):
            yield "without its if", _with(node, ifs=_without(node.ifs, position))


def _of_block(node: ast.With | ast.Try) -> Iterator[_Change]:
    """Run the block without what surrounds it."""
    body = node.body if isinstance(node, ast.With) else [*node.body, *node.orelse, *node.finalbody]
    yield f"without {type(node).__name__.lower()}", ast.If(ast.Constant(True), body, [])


def _of_slice(node: ast.Slice) -> Iterator[_Change]:
    for bound in ("lower", "upper", "step"):
        if getattr(node, bound) is not None:
            yield f"without the {bound} bound", _with(node, **{bound: None})


def _of_name(node: ast.Name | ast.Attribute, arguments: tuple[str, ...]) -> Iterator[_Change]:
    field = "id" if isinstance(node, ast.Name) else "attr"
    name = getattr(node, field)
    others = _NAMES.get(name, ())
    if isinstance(node, ast.Name) and name in arguments:
        others += tuple(argument for argument in arguments if argument != name)
    for other in others:
        yield f"{name} -> {other}", _with(node, **{field: other})


def _changes(node: ast.AST, arguments: tuple[str, ...]) -> Iterator[_Change]:
    """Yield what else could stand in a node's place; `arguments` are those of the function around it."""
    if isinstance(node, ast.Constant):
        yield from _of_constant(node)
    elif isinstance(node, ast.Compare):
        yield from _of_comparison(node)
    elif isinstance(node, ast.BinOp | ast.AugAssign):
        yield from _of_operation(node)
    elif isinstance(node, ast.BoolOp | ast.UnaryOp | ast.If | ast.IfExp):
        yield from _of_condition(node)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.For | ast.comprehension):
        yield from _of_loop(node)
    elif isinstance(node, ast.With | ast.Try):
        yield from _of_block(node)
    elif isinstance(node, ast.Slice):
        yield from _of_slice(node)
    elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from _of_name(node, arguments)
    elif isinstance(node, ast.Break):
        yield "break -> continue", ast.Continue()
    elif isinstance(node, ast.Continue):
        yield "continue -> break", ast.Break()
    elif isinstance(node, ast.List | ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) == 2:
        yield "a pair swapped", _with(node, elts=node.elts[::-1])
    if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Return):
        yield "without this line", ast.Pass()


def _sites(node: ast.AST, arguments: tuple[str, ...] = ()) -> Iterator[tuple[ast.AST, tuple[str, ...]]]:
    """Yield the nodes that count, each with the arguments of its function: no docstring, annotation or error."""
    if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        given = node.args
        arguments = tuple(one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs) if one.arg != "self")
    yield node, arguments
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _sites(child, arguments)


def mutant_sources(solution: str) -> Iterator[tuple[str, str]]:
    """Yield (title, source) of a solution with one slip in it; the title says what was changed, in which line.

    Args:
        solution: code of a right answer, which is not run here.

    Two slips that come to the same code are yielded once, one that changes nothing not at all.
    """
    tree = ast.parse(solution)
    lines, line = solution.splitlines(), 0
    seen = {ast.unparse(tree)}
    for node, arguments in list(_sites(tree)):
        line = getattr(node, "lineno", line)
        for what, other in _changes(node, arguments):
            _Replace(node, other).visit(tree)
            source = ast.unparse(tree)
            _Replace(other, node).visit(tree)
            if source not in seen:
                seen.add(source)
                yield f"{what}: {lines[line - 1].strip()}", source + "\n"
