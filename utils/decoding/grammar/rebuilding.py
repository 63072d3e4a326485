"""Expressions made over: without some bytes, or without counts that a reader of few bytes cannot tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.nodes import Both, Bytes, Either, Node, Reference, Repeat, Sequence, Symbol, parts_of


def restricted(e: Expressions, root: Node, members: int) -> Node:
    """Return the texts of an expression that need no bytes but these (given as bits)."""
    done: dict[Node, Node] = {}
    names: dict[str, str] = {}

    def parts(node: Node) -> tuple[Node, ...]:
        if isinstance(node, Reference):
            # Known by its new name before its definition is rebuilt, which comes back to it.
            names[node.name] = f"{node.name} of {members:x}"
            done[node] = e.reference(names[node.name])
            return (e.definition(node.name),)
        return (node.left, node.right) if isinstance(node, Both) else parts_of(node)

    def rebuilt(node: Node, parts: list[Node]) -> Node:
        return e.one_of(node.members & members) if isinstance(node, Bytes) else _with_parts(e, node, parts)

    _rebuild(root, done, parts, rebuilt)
    for name, new in names.items():
        e.define(new, done[e.definition(name)])
    return done[root]


def looking_ahead(e: Expressions, root: Node, n_bytes: int, done: dict[Node, Node]) -> Node:
    """Return an expression that is the same to a reader of at most `n_bytes`: counts beyond them are left out.

    Strings with room for 100 more characters or for 1000 so become one, as far as the next token goes. `done` keeps
    what was found for the same `n_bytes`.
    """

    def rebuilt(node: Node, parts: list[Node]) -> Node:
        if isinstance(node, Repeat):
            high = None if node.high is None or node.high > n_bytes else node.high
            return e.repeat(parts[0], min(node.low, n_bytes + 1), high)
        return _with_parts(e, node, parts)

    # Two joined conditions keep their counts: whether they can be met together depends on all of them.
    _rebuild(root, done, parts_of, rebuilt)
    return done[root]


def _rebuild(
    root: Node,
    done: dict[Node, Node],
    parts_of: Callable[[Node], tuple[Node, ...]],
    rebuilt: Callable[[Node, list[Node]], Node],
) -> None:
    """Put what becomes of `root` and its parts into `done`, parts first; with a stack, since chains are long."""
    waiting = [root]
    while waiting:
        node = waiting[-1]
        parts = parts_of(node) if node not in done or isinstance(node, Reference) else ()
        missing = [part for part in parts if part not in done]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        if node not in done:
            done[node] = rebuilt(node, [done[part] for part in parts])


def _with_parts(e: Expressions, node: Node, parts: list[Node]) -> Node:
    if isinstance(node, Sequence):
        return e.sequence(*parts)
    if isinstance(node, Either):
        return e.either(parts)
    if isinstance(node, Repeat):
        return e.repeat(parts[0], node.low, node.high)
    if isinstance(node, Symbol):
        return e.symbol(parts[0])
    if isinstance(node, Both) and parts:
        return e.both(*parts)
    return node


def endless(e: Expressions, root: Node, names: Iterable[str]) -> list[str]:
    """Return the names whose expressions hold no text, since each text would contain another one of the same name."""
    ending: set[Node] = set()
    reached: dict[Node, None] = {root: None}
    order = [root, *(e.definition(name) for name in names)]
    for node in order:
        below = (e.definition(node.name),) if isinstance(node, Reference) else parts_of(node)
        order.extend(part for part in below if part not in reached)
        reached.update(dict.fromkeys(below))
    names = list(names)
    # Until nothing changes: a node ends when enough of its parts do.
    grown = True
    while grown:
        before = len(ending)
        ending.update(node for node in reversed(order) if node not in ending and _ends(e, node, ending))
        grown = len(ending) > before
    return [name for name in names if e.definition(name) not in ending]


def _ends(e: Expressions, node: Node, ending: set[Node]) -> bool:
    if node.nullable:
        return True
    if isinstance(node, Reference):
        return e.definition(node.name) in ending
    if isinstance(node, Either):
        return any(part in ending for part in node.options)
    return all(part in ending for part in parts_of(node))
