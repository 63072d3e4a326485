"""From states of a grammar to the tokens that it allows."""

from __future__ import annotations

import numpy as np

from utils.decoding.grammar.automata import Grammar
from utils.decoding.grammar.nodes import Sequence, Symbol
from utils.decoding.grammar.tries import ROOT, Trie


class MaskTable:
    """The allowed tokens of each state, computed when first asked for and kept.

    A token is allowed when the grammar can read all its bytes: it may end within a character, a symbol or a word, and
    span several. Inside a symbol (a JSON string, a number) most tokens stay inside, whatever comes after the symbol:
    these are found once for each place in the symbol. What depends on the surroundings is only how the few tokens go
    on that close the symbol. States that differ only in counts beyond the longest token share their mask.

    Equal masks are one array, so many states cost little memory.
    """

    def __init__(self, grammar: Grammar, trie: Trie) -> None:
        self.grammar, self.trie = grammar, trie
        self._columns = grammar.classes[trie.byte]
        self._masks: dict[int, np.ndarray] = {}
        self._equal: dict[bytes, np.ndarray] = {}
        self._inside: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def __len__(self) -> int:
        """Return for how many states the mask is known."""
        return len(self._masks)

    def allowed(self, state: int) -> np.ndarray:
        """Return (V,) whether each token may follow, end tokens aside; not to be written to."""
        mask = self._masks.get(state)
        if mask is None:
            ahead = self.grammar.looking_ahead(state, self.trie.longest)
            mask = self._masks.get(ahead)
            if mask is None:
                mask = self._compute(ahead)
                mask = self._masks[ahead] = self._equal.setdefault(np.packbits(mask).tobytes(), mask)
            self._masks[state] = mask
        return mask

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
            root = np.array([ROOT], dtype=np.int64)
            nodes, states = self.trie.walk(self.grammar, self._columns, root, np.array([state], dtype=np.int64))
            exits = nodes[self.grammar.accepting[states]]
            if self.grammar.is_accepting(state):
                exits = np.concatenate([root, exits])
            found = (self.trie.ending_at(nodes), exits)
            self._inside[state] = found
        return found
