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

from utils.decoding.grammar.errors import GrammarError, GrammarTooLargeError
from utils.decoding.grammar.nodes import (
    Both,
    Bytes,
    Either,
    Empty,
    Multiple,
    Node,
    Not,
    Nothing,
    Reference,
    Repeat,
    Sequence,
    Symbol,
)

# Derivatives that `both` takes before it gives up on showing that two expressions have a text in common.
MEETING_LIMIT = 100_000
# Ways to have read one text, side by side; nested counts would come to millions.
WIDTH_LIMIT = 1_000
EVERY_BYTE = (1 << 256) - 1


N = TypeVar("N", bound=Node)


def encoded(text: str | bytes) -> bytes:
    """Return a text in UTF-8; GrammarError for half a surrogate pair, which is no character."""
    try:
        return text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError:
        raise GrammarError(f"{text!r} holds half a surrogate pair, which is no character") from None


class Expressions:
    """Makes expressions, in a form in which many equal languages are the same object, and takes derivatives."""

    def __init__(self) -> None:
        self._nodes: dict[Hashable, Node] = {}
        self._definitions: dict[str, Node] = {}
        self._meeting: dict[tuple[Node, Node], bool] = {}
        self._after: dict[tuple[Node, int], Node] = {}
        self._first: dict[Node, int] = {}
        self._made: dict[Hashable, Node] = {}
        # Whether an expression is free of prefixes of itself, for `counted_texts`.
        self.remembered: dict[Node, bool] = {}
        self.signatures: dict[Node, bytes] = {}
        self._masks: dict[int, None] = {}
        self._classes: tuple[int, list[int], list[int]] = (-1, [], [])
        self.nothing: Node = self._node(Nothing, False, 0)
        self.empty: Node = self._node(Empty, True, 0)
        self.everything: Node = self._node(Not, True, 0, item=self.nothing)

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

    def made_once(self, key: Hashable, make: Callable[[], Node]) -> Node:
        """Return what was made for a key, or make it."""
        node = self._made.get(key)
        if node is None:
            node = self._made[key] = make()
        return node

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
        return self.sequence(*(self.one_of(1 << byte) for byte in encoded(text)))

    def literals(self, texts: Iterable[str | bytes]) -> Node:
        """Return any of these texts."""
        return self.tree(map(encoded, texts), lambda byte: self.one_of(1 << byte))

    def tree(self, texts: Iterable[Iterable[Any]], written: Callable[[Any], Node]) -> Node:
        """Return any of these texts as a tree in which those that begin alike share their beginning.

        `written` gives the expression of one unit of a text, a byte or a character.
        """
        ends = object()
        root: dict[Any, Any] = {}
        for text in texts:
            place = root
            for unit in text:
                place = place.setdefault(unit, {})
            place[ends] = {}
        order: list[dict[Any, Any]] = [root]
        done: dict[int, Node] = {}
        for place in order:
            order.extend(below for unit, below in place.items() if unit is not ends)
        # Innermost first: every place is built after all places below it.
        for place in reversed(order):
            options = [self.sequence(written(u), done[id(below)]) for u, below in place.items() if u is not ends]
            done[id(place)] = self.either([*options, self.empty] if ends in place else options)
        return done[id(root)]

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

    def excluding(self, node: Node, excluded: Node) -> Node:
        """Return the texts of an expression that another one does not hold."""
        return self.both(node, self._not(excluded))

    def _not(self, item: Node) -> Node:
        if isinstance(item, Not):
            return item.item
        return self._node(Not, not item.nullable, 0, item=item)

    def multiple(self, divisor: int, residue: int = 0) -> Node:
        """Return the digits after which a number is a multiple of `divisor`, with the residue of those before."""
        for digit in range(ord("0"), ord("9") + 1):
            self._masks.setdefault(1 << digit)
        return self._node(Multiple, residue == 0, residue != 0, divisor=divisor, residue=residue)

    def both(self, left: Node, right: Node) -> Node:
        """Return the texts that left and right have in common.

        Raises:
            GrammarTooLargeError: it takes too long to find out whether there are any.
        """
        if left is right or right is self.everything:
            return left
        if left is self.everything:
            return right
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

        def untried_bytes(a: Node, b: Node) -> Iterable[int]:
            first = self.first(a) & self.first(b)
            return iter([byte for byte in representatives if first >> byte & 1])

        path: list[tuple[tuple[Node, Node], Iterable[int]]] = [((left, right), untried_bytes(left, right))]
        seen = {(left, right)}
        taken = 0
        while path:
            (a, b), untried = path[-1]
            if (a.nullable and b.nullable) or self._meeting.get((a, b)):
                self._meeting.update((pair, True) for pair, _ in path)
                return True
            for byte in untried:
                taken += 1
                if taken > MEETING_LIMIT:
                    raise GrammarTooLargeError(
                        f"two conditions on one text were followed for {MEETING_LIMIT:,} steps without an end; "
                        "use smaller counts or a simpler pattern"
                    )
                following = (self.derivative(a, byte), self.derivative(b, byte))
                if self.nothing in following or following in seen or self._meeting.get(following) is False:
                    continue
                seen.add(following)
                path.append((following, untried_bytes(*following)))
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
                    return self._bounded(self.either(found))
                node = node.rest
            found.append(self.derivative(node, byte))
            return self._bounded(self.either(found))
        if isinstance(node, Either):
            # Kept: a string's characters are one `Either`, met again at every place in the string.
            found_before = self._after.get((node, byte))
            if found_before is None:
                found_before = self._bounded(self.either([self.derivative(option, byte) for option in node.options]))
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
        if isinstance(node, Not):
            return self._not(self.derivative(node.item, byte))
        if isinstance(node, Multiple) and ord("0") <= byte <= ord("9"):
            return self.multiple(node.divisor, (node.residue * 10 + byte - ord("0")) % node.divisor)
        return self.nothing

    def _bounded(self, node: Node) -> Node:
        if isinstance(node, Either) and len(node.options) > WIDTH_LIMIT:
            raise GrammarTooLargeError(
                f"the text so far can be read in more than {WIDTH_LIMIT:,} ways at once; "
                "use smaller counts or a simpler pattern"
            )
        return node

    def holds(self, node: Node, text: str | bytes) -> bool:
        """Return whether an expression holds a text."""
        for byte in encoded(text):
            node = self.derivative(node, byte)
            if node is self.nothing:
                return False
        return node.nullable

    def first(self, node: Node) -> int:
        """Return as bits the bytes with which a text of an expression may begin, and maybe others."""
        found = self._first.get(node)
        if found is None:
            found = self._first[node] = self._first_of(node)
        return found

    def _first_of(self, node: Node) -> int:
        if isinstance(node, Bytes):
            return node.members
        if isinstance(node, Sequence):
            found = 0
            while isinstance(node, Sequence):
                found |= self.first(node.first)
                if not node.first.nullable:
                    return found
                node = node.rest
            return found | self.first(node)
        if isinstance(node, Either):
            found = 0
            for option in node.options:
                found |= self.first(option)
            return found
        if isinstance(node, Repeat):
            return self.first(node.item)
        if isinstance(node, Symbol):
            return self.first(node.inner)
        if isinstance(node, Both):
            return self.first(node.left) & self.first(node.right)
        if isinstance(node, Reference):
            return self.first(self._definitions[node.name])
        return 0 if isinstance(node, Nothing | Empty) else EVERY_BYTE

    def definition(self, name: str) -> Node:
        """Return what a name stands for."""
        return self._definitions[name]

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
