"""What a table of all combinations says: which hyperparameters act alone, which act together, and how searches fare.

The effects are those of a factorial design with two levels (Fisher, 1935): for a set of hyperparameters half the
difference between combinations with an even and an odd number of them at their first value. Ten have 1,024 such sets.
Searches at equal budget follow Bergstra and Bengio (2012).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from utils.evaluation.intervals import Interval

SEARCHES = ("grid", "one at a time", "random")


def _checked_losses(losses: np.ndarray) -> np.ndarray:
    """Return a table of losses, one row a combination and one column for each of two seeds."""
    table = np.asarray(losses, dtype=float)
    if table.ndim != 2 or table.shape[1] != 2 or table.shape[0] < 4 or table.shape[0] & (table.shape[0] - 1):
        raise ValueError(f"losses must be (2**k, 2) with k of at least 2, not {table.shape}")
    if not np.isfinite(table).all():
        raise ValueError("losses must be finite")
    return table


def effects(values: np.ndarray) -> np.ndarray:
    """Return the effect of every set of hyperparameters, by the fast Walsh-Hadamard transform.

    Args:
        values: (2**k,), by combination; bit i of the index is hyperparameter i.

    Returns:
        (2**k,), by set: bit i of the index says whether hyperparameter i is in it. Entry 0 is the mean.

    Raises:
        ValueError: the length is no power of two.
    """
    found = np.array(values, dtype=float)
    if found.ndim != 1 or found.size < 2 or found.size & (found.size - 1):
        raise ValueError(f"values must have a power of two of entries, not the shape {found.shape}")
    half = 1
    while half < found.size:
        pairs = found.reshape(-1, 2, half)
        found = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).reshape(-1)
        half *= 2
    return found / found.size


def orders(k: int) -> np.ndarray:
    """Return how many hyperparameters each of the 2**k sets holds."""
    return np.array([index.bit_count() for index in range(2**k)])


@dataclass(frozen=True)
class Shares:
    """What part of the variance over all combinations comes from sets of one, two, and three or more hyperparameters.

    Products of the two seeds' effects estimate the power without the noise: noise of different seeds does not agree.

    Attributes:
        single, pairs: shares.
        higher: that of three or more, with an interval from the noise of the seeds (normal, 95%).
        noise: standard deviation of a loss between seeds.
    """

    single: float
    pairs: float
    higher: Interval
    noise: float


def variance_shares(losses: np.ndarray) -> Shares:
    """Return the shares of a table (2**k, 2).

    Raises:
        ValueError: another shape, or the two seeds have nothing in common.
    """
    table = _checked_losses(losses)
    size = orders(len(table).bit_length() - 1)
    products = effects(table[:, 0]) * effects(table[:, 1])
    total = float(products[size > 0].sum())
    if not total > 0:
        raise ValueError("losses of the two seeds have nothing in common: no hyperparameter has an effect")
    # Seeds may differ in their mean: that is no noise between combinations.
    noise = float(np.std(table[:, 0] - table[:, 1], ddof=1) / math.sqrt(2))
    variance = noise**2 / len(table)  # of one effect in one seed
    high = products[size >= 3]
    error = math.sqrt(float((2 * np.maximum(high, 0) * variance + variance**2).sum()))
    middle = float(high.sum())
    low, mean, high = (float((middle + z * error) / total) for z in (-1.96, 0.0, 1.96))
    interval = Interval(mean, low, high, len(table))
    single, pairs = (float(products[size == order].sum() / total) for order in (1, 2))
    return Shares(single, pairs, interval, noise)


def strongest_effects(losses: np.ndarray, names: list[str], count: int = 8) -> list[tuple[str, float]]:
    """Return the sets with the largest effects, both seeds' mean; negative: a second value lowers the loss.

    Raises:
        ValueError: another number of names than the table has hyperparameters.
    """
    table = _checked_losses(losses)
    if 2 ** len(names) != len(table):
        raise ValueError(f"names has {len(names)} entries and losses {len(table)} rows, not {2 ** len(names)}")
    mean = effects(table.mean(axis=1))
    mean[0] = 0.0
    found = []
    for index in np.argsort(-np.abs(mean))[:count]:
        members = [name for i, name in enumerate(names) if int(index) >> i & 1]
        # One at its second value enters with a minus: turn signs so that all at their second value read naturally.
        found.append((" x ".join(members), float(mean[index]) * (-1) ** len(members)))
    return found


def search_once(seen: np.ndarray, method: str, budget: int, draws: np.random.Generator) -> int:
    """Return the combination that a search picks.

    Args:
        seen: (2**k,), the loss that the search sees of each combination.
        method: "grid": all values of as many hyperparameters as the budget allows, chosen by chance, the others fixed;
            "one at a time": from a start, flip one hyperparameter after the other, keep what helps, begin again when
            none is left; "random": combinations drawn without replacement.
        budget: trainings that may be made.
        draws: the source of chance.

    Raises:
        ValueError: an unknown method, or a budget below 2 or above the number of combinations.
    """
    n = len(seen)
    k = n.bit_length() - 1
    if method not in SEARCHES:
        raise ValueError(f"method must be one of {', '.join(SEARCHES)}, not {method!r}")
    if not 2 <= budget <= n:
        raise ValueError(f"budget must lie between 2 and {n}, not {budget}")
    if method == "random":
        tried = draws.choice(n, budget, replace=False)
        return int(tried[np.argmin(seen[tried])])
    start = int(draws.integers(n))
    if method == "grid":
        varied = draws.permutation(k)[: budget.bit_length() - 1]
        tried = np.array([start])
        for bit in varied:
            tried = np.concatenate([tried, tried ^ (1 << int(bit))])
        return int(tried[np.argmin(seen[tried])])
    best, known = start, {start}
    while len(known) < budget:
        before = len(known)
        for bit in draws.permutation(k):
            other = best ^ (1 << int(bit))
            if other in known:
                continue
            known.add(other)
            if seen[other] < seen[best]:
                best = other
            if len(known) == budget:
                return best
        if len(known) == before:  # every neighbour is known: a new start
            fresh = int(draws.integers(n))
            known.add(fresh)
            best = fresh if seen[fresh] < seen[best] else best
    return best


def regrets(losses: np.ndarray, method: str, budget: int, repeats: int = 400, seed: int = 0) -> np.ndarray:
    """Return how far above the best combination each of many searches ends, in nats.

    A search sees the first seed's losses. It is judged by the second seed's, as is the best combination, which is the
    one with the lowest mean of both.

    Raises:
        ValueError: as `search_once`, or no repeats.
    """
    table = _checked_losses(losses)
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, not {repeats}")
    draws = np.random.default_rng([seed, SEARCHES.index(method) if method in SEARCHES else 0, budget])
    best = int(np.argmin(table.mean(axis=1)))
    picked = [search_once(table[:, 0], method, budget, draws) for _ in range(repeats)]
    return table[picked, 1] - table[best, 1]
