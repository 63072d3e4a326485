"""A deterministic automaton over bytes that is drawn up while it is used."""

from __future__ import annotations

import numpy as np

from utils.decoding.grammar.errors import GrammarError, GrammarTooLargeError
from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.nodes import Node
from utils.decoding.grammar.rebuilding import looking_ahead, restricted

DEAD = 0
UNKNOWN = -1
STATE_LIMIT = 100_000
# A text that needed more states than this gives them back once it is read.
KEPT_STATES = 5_000


class Grammar:
    """A language of texts as a deterministic automaton over the bytes of UTF-8.

    States are integers. A transition is computed the first time that it is asked for and kept in `table`, an array
    (states, classes of bytes): so a grammar costs nothing before its use, and may have states without end, as JSON
    with its nesting does. From every state but `DEAD` some text leads to acceptance.

    Args:
        expressions: what made `root`.
        root: the language.
        state_limit: most states that may be drawn up. A call that would need more fails and gives back those that it
            drew, so that the grammar serves other texts as before.

    Raises:
        GrammarError: the language has no text.

    Attributes:
        start: the state before the first character.
        classes: (256,) the column of each byte in `table`.
        accepting: (at least the number of states,) whether a text may end in each.
    """

    def __init__(self, expressions: Expressions, root: Node, state_limit: int = STATE_LIMIT) -> None:
        if root is expressions.nothing:
            raise GrammarError("the grammar accepts no text at all")
        self._expressions = expressions
        classes, self._representatives = expressions.byte_classes()
        self.classes = np.array(classes, dtype=np.int32)
        self._class_of = classes
        self._state_limit = state_limit
        self._ahead: dict[int, dict[Node, Node]] = {}
        self._rows: dict[int, np.ndarray] = {}
        self._nodes: list[Node] = []
        self._states: dict[Node, int] = {}
        self.table = np.full((64, len(self._representatives)), UNKNOWN, dtype=np.int32)
        self.accepting = np.zeros(64, dtype=bool)
        self._state_of(expressions.nothing)
        self.table[DEAD] = DEAD
        self.start = self._state_of(root)

    def restricted(self, members: int) -> Grammar:
        """Return the grammar of the texts that need no bytes but these, given as bits; itself where that is all.

        Raises:
            GrammarError: there is no such text.
        """
        root = self._nodes[self.start]
        kept = restricted(self._expressions, root, members)
        if kept is self._expressions.nothing:
            raise GrammarError("every text of the grammar needs bytes that no token of the vocabulary spells")
        return self if kept is root else Grammar(self._expressions, kept, self._state_limit)

    def __len__(self) -> int:
        """Return the number of states drawn up so far."""
        return len(self._nodes)

    def _state_of(self, node: Node) -> int:
        state = self._states.get(node)
        if state is None:
            state = len(self._nodes)
            if state >= self._state_limit:
                raise GrammarTooLargeError(
                    f"the grammar needs more than {self._state_limit:,} states; use smaller counts or a simpler pattern"
                )
            if state == len(self.table):
                self.table = np.concatenate([self.table, np.full_like(self.table, UNKNOWN)])
                self.accepting = np.concatenate([self.accepting, np.zeros_like(self.accepting)])
            self.accepting[state] = node.nullable
            self.table[state] = self._row(node)
            self._states[node] = state
            self._nodes.append(node)
        return state

    def _row(self, node: Node) -> np.ndarray:
        """Return a state's first row: `DEAD` for bytes that cannot begin what may follow, the rest unknown."""
        first = self._expressions.first(node)
        row = self._rows.get(first)
        if row is None:
            row = np.array([UNKNOWN if first >> byte & 1 else DEAD for byte in self._representatives], dtype=np.int32)
            self._rows[first] = row
        return row

    def _give_back(self, count: int) -> None:
        """Forget all states but the first `count`."""
        for node in self._nodes[count:]:
            del self._states[node]
        del self._nodes[count:]
        self.table[self.table >= count] = UNKNOWN
        self.accepting[count:] = False

    def looking_ahead(self, state: int, n_bytes: int) -> int:
        """Return a state that is the same to a reader of at most `n_bytes`, one for many that differ in counts only."""
        done = self._ahead.setdefault(n_bytes, {})
        return self._state_of(looking_ahead(self._expressions, self._nodes[state], n_bytes, done))

    @property
    def expressions(self) -> Expressions:
        """What makes the grammar's expressions."""
        return self._expressions

    def node(self, state: int) -> Node:
        """Return the expression of a state: the language of what may follow."""
        return self._nodes[state]

    def state(self, node: Node) -> int:
        """Return the state whose language is an expression made by the same `Expressions`."""
        return self._state_of(node)

    def _draw(self, state: int, column: int) -> int:
        node = self._expressions.derivative(self._nodes[state], self._representatives[column])
        following = self._state_of(node)
        self.table[state, column] = following
        return following

    def step(self, state: int, byte: int) -> int:
        """Return the state after one byte, `DEAD` where the grammar does not allow it."""
        column = self._class_of[byte]
        following = int(self.table[state, column])
        return self._draw(state, column) if following == UNKNOWN else following

    def steps(self, states: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return the states (n,) that follow from states (n,) after bytes of the given classes (n,)."""
        following = self.table[states, columns]
        unknown = np.flatnonzero(following == UNKNOWN)
        if unknown.size:
            width, count = self.table.shape[1], len(self)
            try:
                for pair in np.unique(states[unknown].astype(np.int64) * width + columns[unknown]).tolist():
                    self._draw(pair // width, pair % width)
            except GrammarTooLargeError:
                self._give_back(count)
                raise
            following[unknown] = self.table[states[unknown], columns[unknown]]
        return following

    def advance(self, state: int, text: str | bytes) -> int | None:
        """Return the state after a text, or None when the grammar does not allow it.

        Bytes may end in the middle of a character.

        Raises:
            GrammarTooLargeError: the text needs more states than the limit.
        """
        count = len(self)
        try:
            for byte in text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text:
                state = self.step(state, byte)
                if state == DEAD:
                    return None
        except GrammarTooLargeError:
            self._give_back(count)
            raise
        return state

    def is_accepting(self, state: int) -> bool:
        """Return whether the text may end here."""
        return self._nodes[state].nullable

    def accepts(self, text: str | bytes) -> bool:
        """Return whether a whole text is in the language; GrammarTooLargeError as `advance` has it."""
        count = len(self)
        state = self.advance(self.start, text)
        accepted = state is not None and self.is_accepting(state)
        if len(self) - count > KEPT_STATES:
            self._give_back(count)
        return accepted
