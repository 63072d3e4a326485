"""The kinds of expressions over bytes; `expressions.Expressions` makes them."""

from __future__ import annotations

from hashlib import blake2b


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


class Not(Node):
    """Every text that an expression does not hold; stands only beside another condition, in `Both`."""

    __slots__ = ("item",)
    item: Node


class Multiple(Node):
    """Digits that, written after a number with this residue, give a multiple of the divisor."""

    __slots__ = ("divisor", "residue")
    divisor: int
    residue: int


def signature(node: Node, known: dict[Node, bytes]) -> bytes:
    """Return bytes that are equal for expressions made alike, by whichever `Expressions`; `known` keeps them."""
    waiting = [node]
    while waiting:
        part = waiting[-1]
        below = (part.left, part.right) if isinstance(part, Both) else parts_of(part)
        below = (part.item,) if isinstance(part, Not) else below
        missing = [one for one in below if one not in known]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        own = [
            getattr(part, name)
            for name in ("members", "low", "high", "divisor", "residue", "name")
            if name in part.__slots__
        ]
        # A name means something to its own expressions only.
        kind = (type(part).__name__, *own, id(known) if isinstance(part, Reference) else 0)
        made_of = [known[one] for one in below]
        text = repr((kind, sorted(made_of) if isinstance(part, Either | Both) else made_of))
        known[part] = blake2b(text.encode(), digest_size=16).digest()
    return known[node]


def parts_of(node: Node) -> tuple[Node, ...]:
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
