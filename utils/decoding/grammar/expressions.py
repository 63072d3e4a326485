"""Expressions over bytes, and what is left of one after a byte: Brzozowski's derivatives.

The derivative of a language by a byte b holds the rest of every text in it that begins with b. An expression's
derivative is an expression again, so expressions serve as the states of an automaton that is never drawn up
beforehand: the start is the expression itself, reading a byte takes the derivative, and a state accepts when its
expression holds the empty text. Counts stay numbers (`a{3,40}` is one node, not forty copies), two conditions on
one text can be joined (`both`), and a named expression may contain itself, as JSON values do.

J. A. Brzozowski, "Derivatives of regular expressions", Journal of the ACM 11 (1964).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from utils.decoding.grammar.errors import GrammarTooLargeError

# Pairs that `both` tries before it gives up on showing that two expressions have a text in common.
MEETING_LIMIT = 50_000


class Node:
    """An expression. Equal expressions of one `Expressions` are the same object, so nodes compare by identity.

    `nullable` says whether the empty text is in its language, `shortest` how many bytes its texts have at least, and
    `number` gives nodes an order that is always the same.
    """

    __slots__ = ("nullable", "number", "shortest")
    nullable: bool
    shortest: int
    number: int


class Nothing(Node):
    """No text at all."""

    __slots__ = ()


class Empty(Node):
    """The empty text only."""

    __slots__ = ()


class Bytes(Node):
    """One byte of a set; bit b of `members` says whether byte b is in it."""

    __slots__ = ("members",)
    members: int


class Sequence(Node):
    """`first`, then `rest`; sequences lean to the right, as a stack does whose top is `first`."""

    __slots__ = ("first", "rest")
    first: Node
    rest: Node


class Either(Node):
    """Any of several expressions."""

    __slots__ = ("options",)
    options: tuple[Node, ...]


class Repeat(Node):
    """`item` at least `low` and at most `high` times; high None has no end."""

    __slots__ = ("high", "item", "low")
    item: Node
    low: int
    high: int | None


class Both(Node):
    """The texts that two expressions have in common."""

    __slots__ = ("left", "right")
    left: Node
    right: Node


class Symbol(Node):
    """What is left of one symbol of a grammar (a JSON string, say), kept apart from what follows it.

    Means the same as `inner`. Masks for the inside of a symbol are computed once, whatever follows.
    """

    __slots__ = ("inner",)
    inner: Node


class Reference(Node):
    """An expression by name, so that it may contain itself. It must read a byte before it comes to itself."""

    __slots__ = ("name",)
    name: str


N = TypeVar("N", bound=Node)


def _parts(node: Node) -> tuple[Node, ...]:
    """Return the expressions that a sequence, an alternative, a repetition or a symbol is made of."""
    if isinstance(node, Sequence):
        return node.first, node.rest
    if isinstance(node, Either):
        return node.options
    if isinstance(node, Repeat):
        return (node.item,)
    if isinstance(node, Symbol):
        return (node.inner,)
    return ()


class Expressions:
    """Makes expressions, in a form in which many equal languages are the same object, and takes derivatives."""

    def __init__(self) -> None:
        self._nodes: dict[Hashable, Node] = {}
        self._definitions: dict[str, Node] = {}
        self._meeting: dict[tuple[Node, Node], bool] = {}
        self._after: dict[tuple[Node, int], Node] = {}
        self._ahead: dict[int, dict[Node, Node]] = {}
        self._masks: dict[int, None] = {}
        self._classes: tuple[int, list[int], list[int]] = (-1, [], [])
        self.nothing: Node = self._node(Nothing, False, 0)
        self.empty: Node = self._node(Empty, True, 0)

    def _node(self, kind: type[N], nullable: bool, shortest: int, **parts: Any) -> N:
        key = (kind, *parts.values())
        found = self._nodes.get(key)
        if found is None:
            found = kind()
            found.nullable, found.shortest, found.number = nullable, shortest, len(self._nodes)
            for name, value in parts.items():
                setattr(found, name, value)
            self._nodes[key] = found
        return found  # type: ignore[return-value]

    def one_of(self, members: int) -> Node:
        """Return one byte of a set given as bits."""
        if not members:
            return self.nothing
        self._masks.setdefault(members)
        return self._node(Bytes, False, 1, members=members)

    def byte_range(self, low: int, high: int) -> Node:
        """Return one byte from low to high, both included."""
        return self.one_of((1 << (high + 1)) - (1 << low))

    def literal(self, text: str | bytes) -> Node:
        """Return exactly this text."""
        data = text.encode() if isinstance(text, str) else text
        return self.sequence(*(self.one_of(1 << byte) for byte in data))

    def sequence(self, *parts: Node) -> Node:
        """Return the parts one after another."""
        if self.nothing in parts:
            return self.nothing
        # The last part leans to the right already, however long it is; the others are short.
        pieces: list[Node] = []
        for part in parts[:-1]:
            while isinstance(part, Sequence):
                pieces.append(part.first)
                part = part.rest
            pieces.append(part)
        result = parts[-1] if parts else self.empty
        for piece in reversed(pieces):
            if piece is self.empty:
                continue
            if result is self.empty:
                result = piece
            else:
                nullable, shortest = piece.nullable and result.nullable, piece.shortest + result.shortest
                result = self._node(Sequence, nullable, shortest, first=piece, rest=result)
        return result

    def either(self, options: Iterable[Node]) -> Node:
        """Return any of the options."""
        different: dict[Node, None] = {}
        members = 0
        for option in options:
            for part in option.options if isinstance(option, Either) else (option,):
                if isinstance(part, Bytes):
                    members |= part.members
                elif part is not self.nothing:
                    different[part] = None
        if members:
            different[self.one_of(members)] = None
        kept = list(different)
        if self.empty in different and any(part.nullable and part is not self.empty for part in kept):
            kept.remove(self.empty)
        if not kept:
            return self.nothing
        if len(kept) == 1:
            return kept[0]
        kept.sort(key=lambda part: part.number)
        shortest = min(part.shortest for part in kept)
        return self._node(Either, any(part.nullable for part in kept), shortest, options=tuple(kept))

    def optional(self, item: Node) -> Node:
        """Return the item or the empty text."""
        return self.either((item, self.empty))

    def repeat(self, item: Node, low: int, high: int | None) -> Node:
        """Return the item `low` to `high` times; high None has no end."""
        if item.nullable:
            low = 0  # the missing ones may be empty
        if item is self.nothing:
            return self.empty if low == 0 else self.nothing
        if high == 0 or item is self.empty:
            return self.empty
        if low == high == 1:
            return item
        return self._node(Repeat, low == 0, low * item.shortest, item=item, low=low, high=high)

    def symbol(self, inner: Node) -> Node:
        """Return the same language as a symbol of its own."""
        if inner is self.nothing or inner is self.empty or isinstance(inner, Symbol):
            return inner
        return self._node(Symbol, inner.nullable, inner.shortest, inner=inner)

    def reference(self, name: str) -> Node:
        """Return the expression that `define` gives this name; its language must not hold the empty text."""
        return self._node(Reference, False, 1, name=name)

    def define(self, name: str, node: Node) -> None:
        """Say what a name stands for."""
        if node.nullable:
            raise ValueError(f"{name} must not be defined by an expression that holds the empty text")
        self._definitions[name] = node

    def both(self, left: Node, right: Node) -> Node:
        """Return the texts that left and right have in common."""
        if left is right:
            return left
        if left.number > right.number:
            left, right = right, left
        if not self._meet(left, right):
            return self.nothing
        if left is self.empty or right is self.empty:
            return self.empty
        shortest = max(left.shortest, right.shortest)
        return self._node(Both, left.nullable and right.nullable, shortest, left=left, right=right)

    def _meet(self, left: Node, right: Node) -> bool:
        """Return whether two expressions have a text in common: a search, depth first, over pairs of derivatives."""
        if (left, right) in self._meeting:
            return self._meeting[left, right]
        _, representatives = self.byte_classes()
        path: list[tuple[tuple[Node, Node], Iterable[int]]] = [((left, right), iter(representatives))]
        seen = {(left, right)}
        while path:
            (a, b), untried = path[-1]
            if (a.nullable and b.nullable) or self._meeting.get((a, b)):
                self._meeting.update((pair, True) for pair, _ in path)
                return True
            for byte in untried:
                following = (self.derivative(a, byte), self.derivative(b, byte))
                if self.nothing in following or following in seen or self._meeting.get(following) is False:
                    continue
                seen.add(following)
                if len(seen) > MEETING_LIMIT:
                    raise GrammarTooLargeError(
                        f"two conditions on one text were followed through {MEETING_LIMIT:,} states without an end; "
                        "use smaller counts or a simpler pattern"
                    )
                path.append((following, iter(representatives)))
                break
            else:
                path.pop()
        self._meeting.update((pair, False) for pair in seen)
        return False

    def derivative(self, node: Node, byte: int) -> Node:
        """Return what may follow after the byte."""
        if isinstance(node, Bytes):
            return self.empty if node.members >> byte & 1 else self.nothing
        if isinstance(node, Sequence):
            # A first part that may be empty lets the byte belong to the next one: a loop, since chains can be long.
            found: list[Node] = []
            while isinstance(node, Sequence):
                after = self.derivative(node.first, byte)
                if after is not self.nothing:
                    found.append(self.sequence(after, node.rest))
                if not node.first.nullable:
                    return self.either(found)
                node = node.rest
            found.append(self.derivative(node, byte))
            return self.either(found)
        if isinstance(node, Either):
            # Kept: a string's characters are one `Either`, met again at every place in the string.
            found_before = self._after.get((node, byte))
            if found_before is None:
                found_before = self.either([self.derivative(option, byte) for option in node.options])
                self._after[node, byte] = found_before
            return found_before
        if isinstance(node, Repeat):
            after = self.derivative(node.item, byte)
            if after is self.nothing:
                return after
            high = None if node.high is None else node.high - 1
            return self.sequence(after, self.repeat(node.item, max(node.low - 1, 0), high))
        if isinstance(node, Symbol):
            return self.symbol(self.derivative(node.inner, byte))
        if isinstance(node, Both):
            return self.both(self.derivative(node.left, byte), self.derivative(node.right, byte))
        if isinstance(node, Reference):
            return self.derivative(self._definitions[node.name], byte)
        return self.nothing

    def restricted(self, root: Node, members: int) -> Node:
        """Return the texts of an expression that need no bytes but these (given as bits)."""
        done: dict[Node, Node] = {}
        names: dict[str, str] = {}

        def parts_of(node: Node) -> tuple[Node, ...]:
            if isinstance(node, Reference):
                # Known by its new name before its definition is rebuilt, which comes back to it.
                names[node.name] = f"{node.name} of {members:x}"
                done[node] = self.reference(names[node.name])
                return (self._definitions[node.name],)
            return (node.left, node.right) if isinstance(node, Both) else _parts(node)

        def rebuilt(node: Node, parts: list[Node]) -> Node:
            return self.one_of(node.members & members) if isinstance(node, Bytes) else self._with_parts(node, parts)

        self._rebuild(root, done, parts_of, rebuilt)
        for name, new in names.items():
            self.define(new, done[self._definitions[name]])
        return done[root]

    def looking_ahead(self, root: Node, n_bytes: int) -> Node:
        """Return an expression that is the same to a reader of at most `n_bytes`: counts beyond them are left out.

        Strings with room for 100 more characters or for 1000 so become one, as far as the next token goes.
        """

        def rebuilt(node: Node, parts: list[Node]) -> Node:
            if isinstance(node, Repeat):
                high = None if node.high is None or node.high > n_bytes else node.high
                return self.repeat(parts[0], min(node.low, n_bytes + 1), high)
            return self._with_parts(node, parts)

        # Two joined conditions keep their counts: whether they can be met together depends on all of them.
        self._rebuild(root, self._ahead.setdefault(n_bytes, {}), _parts, rebuilt)
        return self._ahead[n_bytes][root]

    def _rebuild(
        self,
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

    def _with_parts(self, node: Node, parts: list[Node]) -> Node:
        if isinstance(node, Sequence):
            return self.sequence(*parts)
        if isinstance(node, Either):
            return self.either(parts)
        if isinstance(node, Repeat):
            return self.repeat(parts[0], node.low, node.high)
        if isinstance(node, Symbol):
            return self.symbol(parts[0])
        if isinstance(node, Both) and parts:
            return self.both(*parts)
        return node

    def byte_classes(self) -> tuple[list[int], list[int]]:
        """Return the class of each of the 256 bytes, and one byte of each class.

        Bytes of one class are members of the same sets of every expression made so far: derivatives by them are equal.
        """
        if self._classes[0] != len(self._masks):
            # Column b of these rows, read from the right, says in which sets byte b is.
            rows = [format(mask, "0256b") for mask in self._masks] or ["0" * 256]
            signatures: dict[tuple[str, ...], int] = {}
            classes, representatives = [], []
            for byte, signature in enumerate(reversed(list(zip(*rows, strict=True)))):
                if signature not in signatures:
                    signatures[signature] = len(signatures)
                    representatives.append(byte)
                classes.append(signatures[signature])
            self._classes = (len(self._masks), classes, representatives)
        return self._classes[1], self._classes[2]
