"""Which tokens lead to a place that the vocabulary cannot leave.

A grammar that asks for "copper" can read the token "co", and a vocabulary of words has none that goes on with "pper".
Byte-level vocabularies hold every byte and know no such places; others need a look ahead, which is done here.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

# States tried before a place counts as one with a way out.
SEARCH_LIMIT = 20_000


class DeadEnds:
    """Finds out whether some tokens lead from a state to the end, and remembers it.

    Args:
        following: the tokens that the grammar can read in a state, each with the state after it.
        to_go: how many bytes it takes at least from a state to the end, 0 where the text may end.
    """

    def __init__(self, following: Callable[[int], list[tuple[int, int]]], to_go: Callable[[int], int]) -> None:
        self._following, self._to_go = following, to_go
        self._known: dict[int, bool] = {}

    def can_end(self, state: int) -> bool:
        """Return whether some tokens lead from here to a text's end: a search that tries the nearest end first."""
        if state in self._known:
            return self._known[state]
        came_from: dict[int, int | None] = {state: None}
        waiting = [(self._to_go(state), state)]
        while waiting and len(came_from) < SEARCH_LIMIT:
            distance, current = heapq.heappop(waiting)
            if distance == 0 or self._known.get(current):
                step: int | None = current
                while step is not None:
                    self._known[step] = True
                    step = came_from[step]
                return True
            for _, after in self._following(current):
                if after not in came_from and self._known.get(after) is not False:
                    came_from[after] = current
                    heapq.heappush(waiting, (self._to_go(after), after))
        if waiting:
            return True
        self._known.update(dict.fromkeys(came_from, False))
        return False
