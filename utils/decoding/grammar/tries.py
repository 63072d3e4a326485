"""A vocabulary as a trie: tokens that begin alike share their first nodes, and an automaton reads these once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from utils.decoding.grammar.automata import DEAD, UNKNOWN, Grammar

ROOT = 0
# Below so many children arrays cost more than a loop.
FEW = 24
KEPT_READINGS = 64


class Reading(NamedTuple):
    """The nodes that a grammar can reach, in the order of their depth, with its states there.

    `counts` says how often the way to each node came to the state that was counted, `closed` whether it left it by one
    of the bytes that end the counting.
    """

    nodes: np.ndarray
    states: np.ndarray
    counts: np.ndarray
    closed: np.ndarray


class Trie:
    """The spellings of a vocabulary, node 0 the root; children of a node have consecutive numbers.

    Args:
        spellings: the bytes of each token; None or no bytes for a token that spells nothing.

    Attributes:
        longest: bytes of the longest token.
        byte: (n_nodes,) the byte that leads to each node.
        child_start, child_count: (n_nodes,) where each node's children are.
        tokens, token_nodes: (n_spelled,) ids of the tokens that spell something, in the order of the nodes where they
            end, and these nodes.
    """

    def __init__(self, spellings: Sequence[bytes | None]) -> None:
        self.vocab_size = len(spellings)
        tokens = np.array([i for i, spelling in enumerate(spellings) if spelling], dtype=np.int64)
        data = [spelling for spelling in spellings if spelling]
        letters = np.frombuffer(b"".join(data), dtype=np.uint8).astype(np.int64)
        lengths = np.array([len(spelling) for spelling in data], dtype=np.int64)
        self.longest = int(lengths.max(initial=0))
        offsets = np.cumsum(lengths) - lengths
        token_nodes = np.zeros(len(data), dtype=np.int64)
        byte_parts, start_parts, count_parts = [np.zeros(1, dtype=np.int64)], [], []
        n_nodes, level_start = 1, 0
        reading = np.arange(len(data))
        for depth in range(self.longest + 1):
            # All nodes of this depth are known: find their children, in the order (parent, byte).
            reading = reading[lengths[reading] > depth]
            keys = token_nodes[reading] << 8 | letters[offsets[reading] + depth]
            children, place = np.unique(keys, return_inverse=True)
            parents = np.arange(level_start, n_nodes)
            starts = np.searchsorted(children >> 8, parents)
            start_parts.append(n_nodes + starts)
            count_parts.append(np.searchsorted(children >> 8, parents, side="right") - starts)
            token_nodes[reading] = n_nodes + place
            byte_parts.append(children & 0xFF)
            level_start, n_nodes = n_nodes, n_nodes + len(children)
        self.byte = np.concatenate(byte_parts)
        self.child_start, self.child_count = np.concatenate(start_parts), np.concatenate(count_parts)
        order = np.argsort(token_nodes, kind="stable")
        self.tokens, self.token_nodes = tokens[order], token_nodes[order]
        self._ends_at = np.searchsorted(self.token_nodes, np.arange(len(self.byte) + 1))
        # Readings of what many grammars share, a JSON string for example, by what is read.
        self._kept: OrderedDict[Any, Any] = OrderedDict()

    def __len__(self) -> int:
        """Return the number of nodes."""
        return len(self.byte)

    def kept(self, key: Any) -> Any:
        """Return what was kept under a key, None when nothing was."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: Any, value: Any) -> None:
        """Keep something that holds for every grammar, the last ones of it."""
        self._kept[key] = value
        if len(self._kept) > KEPT_READINGS:
            self._kept.popitem(last=False)

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
            if total <= FEW:
                some_nodes, some_states = self._walk_few(grammar, columns, nodes.tolist(), states.tolist())
                found_nodes.append(np.array(some_nodes, dtype=np.int64))
                found_states.append(np.array(some_states, dtype=np.int64))
                break
            children = np.repeat(self.child_start[nodes] - (ends - counts), counts) + np.arange(total)
            following = grammar.steps(np.repeat(states, counts), columns[children])
            alive = (following != DEAD).nonzero()[0]
            nodes, states = children[alive], following[alive]
            found_nodes.append(nodes)
            found_states.append(states)
        return np.concatenate(found_nodes), np.concatenate(found_states)

    def _walk_few(
        self, grammar: Grammar, columns: np.ndarray, nodes: list[int], states: list[int]
    ) -> tuple[list[int], list[int]]:
        found_nodes: list[int] = []
        found_states: list[int] = []
        waiting = list(zip(nodes, states, strict=True))
        for node, state in waiting:
            start, count = int(self.child_start[node]), int(self.child_count[node])
            if count > FEW:
                below = self.walk(grammar, columns, np.array([node]), np.array([state]))
                found_nodes += below[0].tolist()
                found_states += below[1].tolist()
                continue
            for child in range(start, start + count):
                column = int(columns[child])
                following = int(grammar.table[state, column])
                if following == UNKNOWN:
                    following = grammar.step(state, int(self.byte[child]))
                if following != DEAD:
                    found_nodes.append(child)
                    found_states.append(following)
                    waiting.append((child, following))
        return found_nodes, found_states

    def walk_counting(
        self, grammar: Grammar, columns: np.ndarray, state: int, loop: int, closing: np.ndarray
    ) -> Reading:
        """Read from the root in a state, and count on the way how often the state `loop` is reached.

        `closing` (n_classes,) says which classes of bytes end the counting when they are read in `loop`.
        """
        nodes, states = np.array([ROOT], dtype=np.int64), np.array([state], dtype=np.int64)
        times, closed = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool)
        found: list[tuple[np.ndarray, ...]] = [(nodes[:0], states[:0], times[:0], closed[:0])]
        while nodes.size:
            counts = self.child_count[nodes]
            ends = np.cumsum(counts)
            children = np.repeat(self.child_start[nodes] - (ends - counts), counts) + np.arange(int(ends[-1]))
            parents = np.repeat(np.arange(len(nodes)), counts)
            before, columns_read = states[parents], columns[children]
            following = grammar.steps(before, columns_read)
            alive = (following != DEAD).nonzero()[0]
            parents, nodes, states = parents[alive], children[alive], following[alive]
            closed = closed[parents] | ((before[alive] == loop) & closing[columns_read[alive]])
            times = times[parents] + (states == loop)
            found.append((nodes, states, times, closed))
        return Reading(*(np.concatenate(arrays) for arrays in zip(*found, strict=True)))

    def ending_at(self, nodes: np.ndarray) -> np.ndarray:
        """Return (V,) whether each token ends at one of the nodes."""
        result = np.zeros(self.vocab_size, dtype=bool)
        starts = self._ends_at[nodes]
        counts = self._ends_at[nodes + 1] - starts
        filled = counts.nonzero()[0]
        starts, counts = starts[filled], counts[filled]
        result[self.tokens[starts]] = True
        # Seldom do several tokens spell the same.
        for start, count in zip(starts[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True):
            result[self.tokens[start : start + count]] = True
        return result
