"""A vocabulary as a trie: tokens that begin alike share their first nodes, and an automaton reads these once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utils.decoding.grammar.automata import DEAD, Grammar

ROOT = 0


class Trie:
    """The spellings of a vocabulary, node 0 the root; children of a node have consecutive numbers.

    Args:
        spellings: the bytes of each token; None or no bytes for a token that spells nothing.

    Attributes:
        longest: bytes of the longest token.
        byte: (n_nodes,) the byte that leads to each node.
        child_start, child_count: (n_nodes,) where each node's children are.
        tokens, token_nodes: (n_spelled,) ids of the tokens that spell something and the nodes where they end.
    """

    def __init__(self, spellings: Sequence[bytes | None]) -> None:
        self.vocab_size = len(spellings)
        self.tokens = np.array([i for i, spelling in enumerate(spellings) if spelling], dtype=np.int64)
        data = [spelling for spelling in spellings if spelling]
        letters = np.frombuffer(b"".join(data), dtype=np.uint8).astype(np.int64)
        lengths = np.array([len(spelling) for spelling in data], dtype=np.int64)
        self.longest = int(lengths.max(initial=0))
        offsets = np.cumsum(lengths) - lengths
        self.token_nodes = np.zeros(len(data), dtype=np.int64)
        byte_parts, start_parts, count_parts = [np.zeros(1, dtype=np.int64)], [], []
        n_nodes, level_start = 1, 0
        reading = np.arange(len(data))
        for depth in range(self.longest + 1):
            # All nodes of this depth are known: find their children, in the order (parent, byte).
            reading = reading[lengths[reading] > depth]
            keys = self.token_nodes[reading] << 8 | letters[offsets[reading] + depth]
            children, place = np.unique(keys, return_inverse=True)
            parents = np.arange(level_start, n_nodes)
            starts = np.searchsorted(children >> 8, parents)
            start_parts.append(n_nodes + starts)
            count_parts.append(np.searchsorted(children >> 8, parents, side="right") - starts)
            self.token_nodes[reading] = n_nodes + place
            byte_parts.append(children & 0xFF)
            level_start, n_nodes = n_nodes, n_nodes + len(children)
        self.byte = np.concatenate(byte_parts)
        self.child_start, self.child_count = np.concatenate(start_parts), np.concatenate(count_parts)

    def __len__(self) -> int:
        """Return the number of nodes."""
        return len(self.byte)

    def walk(
        self, grammar: Grammar, columns: np.ndarray, nodes: np.ndarray, states: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Read on from nodes (n,) in states (n,), all of them side by side, one byte at a time.

        `columns` (n_nodes,) are the grammar's classes of the bytes, `grammar.classes[self.byte]`.

        Returns:
            The nodes that the grammar can reach below, and its states there.
        """
        found_nodes, found_states = [nodes[:0]], [states[:0]]
        while nodes.size:
            counts = self.child_count[nodes]
            ends = np.cumsum(counts)
            total = int(ends[-1])
            children = np.repeat(self.child_start[nodes] - (ends - counts), counts) + np.arange(total)
            following = grammar.steps(np.repeat(states, counts), columns[children])
            alive = following != DEAD
            nodes, states = children[alive], following[alive]
            found_nodes.append(nodes)
            found_states.append(states)
        return np.concatenate(found_nodes), np.concatenate(found_states)

    def ending_at(self, nodes: np.ndarray) -> np.ndarray:
        """Return (V,) whether each token ends at one of the nodes."""
        marked = np.zeros(len(self), dtype=bool)
        marked[nodes] = True
        result = np.zeros(self.vocab_size, dtype=bool)
        result[self.tokens] = marked[self.token_nodes]
        return result
