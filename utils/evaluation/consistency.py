"""Whether a model says the same again: over runs, and over meanings instead of words."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from itertools import combinations
from typing import Any

from utils.decoding.arguments import a_sequence
from utils.decoding.checked import checked


@checked
def consistency(answers: Sequence[Any]) -> float:
    """Return the probability that two different runs agree, from the answers of all of them.

    >>> consistency(["Bern", "Bern", "Basel"])
    0.3333333333333333

    Raises:
        ValueError: fewer than two answers.
    """
    given: list[Any] = a_sequence(answers, "answers")
    if len(given) < 2:
        raise ValueError(f"answers must hold two or more, not {len(given)}: nothing can agree with itself alone")
    pairs = [one == other for one, other in combinations(given, 2)]
    return sum(pairs) / len(pairs)


@checked
def semantic_clusters(answers: Sequence[Hashable], same: Callable[[Any, Any], bool]) -> list[list[int]]:
    """Return places of answers that mean the same, in order of appearance (Kuhn et al., 2023).

    Args:
        answers: of one question.
        same: whether its first argument says what the second does; it need not hold both ways.

    Raises:
        ValueError: no answers.
    """
    given: list[Any] = a_sequence(answers, "answers")
    if not given:
        raise ValueError("answers has no entries: there is nothing to cluster")
    clusters: list[list[int]] = []
    for place, answer in enumerate(given):
        for cluster in clusters:
            first = given[cluster[0]]
            if same(first, answer) and same(answer, first):
                cluster.append(place)
                break
        else:
            clusters.append([place])
    return clusters


@checked
def semantic_entropy(answers: Sequence[Hashable], same: Callable[[Any, Any], bool]) -> float:
    """Return the entropy, in nats, of the shares that the clusters of meaning have of the answers.

    Raises:
        ValueError: no answers.
    """
    sizes = [len(cluster) for cluster in semantic_clusters(answers, same)]
    return sum(size / sum(sizes) * math.log(sum(sizes) / size) for size in sizes)
