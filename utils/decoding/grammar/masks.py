"""From states of a grammar to the tokens that it allows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from utils.decoding.grammar.automata import Grammar
from utils.decoding.grammar.counted_texts import Counted, counted
from utils.decoding.grammar.nodes import Node, Repeat, Sequence, Symbol, parts_of, signature
from utils.decoding.grammar.tries import ROOT, Trie

# More than any token counts, for tokens that never fit.
NEVER = np.iinfo(np.int16).max


class _Counts(NamedTuple):
    """What each token asks of a counted text.

    `needs` (V,) is the number of items that it begins, `closes` (V,) the number of items after which it ends the text,
    -1 where it does not; `exits` are the trie's nodes where the text may end, `exit_counts` after how many items.
    """

    needs: np.ndarray
    closes: np.ndarray
    exits: np.ndarray
    exit_counts: np.ndarray


class MaskTable:
    """The allowed tokens of each state, computed when first asked for and kept.

    A token is allowed when the grammar can read all its bytes: it may end within a character, a symbol or a word, and
    span several. Inside a symbol (a JSON string, a number) most tokens stay inside, whatever comes after the symbol:
    these are found once for each place in the symbol, and for a text with bounds once for all its places (see
    `counted_texts`). What depends on the surroundings is only how the few tokens go on that close the symbol. Other
    states that differ only in counts beyond the longest token share their mask.

    Equal masks are one array, so many states cost little memory.
    """

    def __init__(self, grammar: Grammar, trie: Trie) -> None:
        self.grammar, self.trie = grammar, trie
        self._columns = grammar.classes[trie.byte]
        self._masks: dict[int, np.ndarray] = {}
        self._equal: dict[bytes, np.ndarray] = {}
        self._inside: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._counts: dict[int, _Counts] = {}

    def __len__(self) -> int:
        """Return for how many states the mask is known."""
        return len(self._masks)

    def allowed(self, state: int) -> np.ndarray:
        """Return (V,) whether each token may follow, end tokens aside; not to be written to."""
        mask = self._masks.get(state)
        if mask is None:
            ahead = self._looking_ahead(state)
            mask = self._masks.get(ahead)
            if mask is None:
                mask = self._compute(ahead)
                mask = self._masks[ahead] = self._equal.setdefault(np.packbits(mask).tobytes(), mask)
            self._masks[state] = mask
        return mask

    def _looking_ahead(self, state: int) -> int:
        node = self.grammar.node(state)
        leading = node.first if isinstance(node, Sequence) else node
        inner = leading.inner if isinstance(leading, Symbol) else node
        if counted(self.grammar.expressions, inner) is not None or not _has_counts(leading):
            return state
        return self.grammar.looking_ahead(state, self.trie.longest)

    def _compute(self, state: int) -> np.ndarray:
        node = self.grammar.node(state)
        if isinstance(node, Sequence) and isinstance(node.first, Symbol):
            inside, exits = self._within(self.grammar.state(node.first))
            after = np.full(len(exits), self.grammar.state(node.rest), dtype=np.int64)
            nodes, _ = self.trie.walk(self.grammar, self._columns, exits, after)
            return inside | self.trie.ending_at(nodes)
        return self._within(state)[0]

    def _within(self, state: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the tokens that the state itself can read, and the trie's nodes at which it accepts."""
        found = self._inside.get(state)
        if found is None:
            node = self.grammar.node(state)
            form = counted(self.grammar.expressions, node.inner if isinstance(node, Symbol) else node)
            found = self._inside[state] = self._read(state) if form is None else self._read_counted(form)
        return found

    def _read(self, state: int) -> tuple[np.ndarray, np.ndarray]:
        root = np.array([ROOT], dtype=np.int64)
        nodes, states = self.trie.walk(self.grammar, self._columns, root, np.array([state], dtype=np.int64))
        exits = nodes[self.grammar.accepting[states]]
        if self.grammar.is_accepting(state):
            exits = np.concatenate([root, exits])
        return self.trie.ending_at(nodes), exits

    def _read_counted(self, form: Counted) -> tuple[np.ndarray, np.ndarray]:
        counts = self._counted(form)
        low = min(form.low, NEVER)
        high = NEVER - 1 if form.high is None else min(form.high, NEVER - 1)
        mask = (counts.needs <= high) & ((counts.closes < 0) | (counts.closes >= low))
        return mask, counts.exits[(counts.exit_counts >= low) & (counts.exit_counts <= high)]

    def _counted(self, form: Counted) -> _Counts:
        grammar, trie = self.grammar, self.trie
        state = grammar.state(form.unbounded)
        found = self._counts.get(state)
        if found is not None:
            return found
        key = signature(form.unbounded, grammar.expressions.signatures)
        found = trie.kept(key)
        if found is None:
            loop, first = grammar.state(form.loop), grammar.expressions.first(form.end)
            closing = np.zeros(grammar.table.shape[1], dtype=bool)
            closing[[column for byte, column in enumerate(grammar.classes.tolist()) if first >> byte & 1]] = True
            reading = trie.walk_counting(grammar, self._columns, state, loop, closing)
            items = reading.counts + form.offset
            # An item that is begun needs its place, except the start, which is no item.
            begun = ~reading.closed & (reading.states != loop)
            needs = np.full(len(trie), NEVER, dtype=np.int16)
            needs[reading.nodes] = np.minimum(items + begun, NEVER - 1)
            closes = np.full(len(trie), -1, dtype=np.int16)
            closes[reading.nodes[reading.closed]] = items[reading.closed]
            ends = grammar.accepting[reading.states]
            by_token = [np.full(trie.vocab_size, rest, dtype=np.int16) for rest in (NEVER, -1)]
            for array, at_node in zip(by_token, (needs, closes), strict=True):
                array[trie.tokens] = at_node[trie.token_nodes]
            found = _Counts(by_token[0], by_token[1], reading.nodes[ends], items[ends])
            trie.keep(key, found)
        self._counts[state] = found
        return found


def _has_counts(node: Node) -> bool:
    """Return whether an expression counts anything; a stack, since chains are long."""
    waiting, seen = [node], {node}
    while waiting:
        part = waiting.pop()
        if isinstance(part, Repeat) and (part.low, part.high) not in ((0, None), (0, 1)):
            return True
        below = [one for one in parts_of(part) if one not in seen]
        seen.update(below)
        waiting += below
    return False
