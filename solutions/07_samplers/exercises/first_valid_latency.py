"""Exercise `first_valid_latency` of notebook 07."""

# %% solution
from collections.abc import Sequence


def first_valid_latency(latencies: Sequence[float], valid: Sequence[bool], n: int) -> float:
    """Return the expected time to the first valid one of n answers that run side by side, given that there is one.

    Args:
        latencies: seconds that each measured sample took.
        valid: whether each sample was valid.
        n: answers drawn from the samples with replacement.

    Returns:
        Seconds; inf when no sample is valid.
    """
    ### BEGIN SOLUTION
    m = len(latencies)
    times = sorted(latency for latency, is_valid in zip(latencies, valid, strict=True) if is_valid)
    if not times:
        return float("inf")
    later = [(1 - j / m) ** n for j in range(len(times) + 1)]
    chances = [before - after for before, after in zip(later, later[1:])]
    return sum(time * chance for time, chance in zip(times, chances, strict=True)) / sum(chances)
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import itertools
import math

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    import math

    check(
        lambda: first_valid_latency([3.0, 1.0], [True, True], 2),
        1.0 * 3 / 4 + 3.0 / 4,
        "latencies 3 and 1, both valid, n = 2",
        rtol=1e-05,
    )
    check(
        lambda: first_valid_latency([3.0, 1.0], [True, False], 2),
        3.0,
        "latencies 3 and 1, only the 3 valid, n = 2",
        rtol=1e-05,
    )
    check(lambda: first_valid_latency([3.0, 1.0], [False, False], 2), math.inf, "no valid sample")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["latencies 3 and 1, both valid, n = 2"] = Diagnosis(
        mistakes={
            "This is the mean latency. Of several answers side by side the first one counts.": 2.0
        }
    )
    found["latencies 3 and 1, only the 3 valid, n = 2"] = Diagnosis(
        mistakes={
            "Given that there is a valid one: divide by the probability that there is.": 3.0 * 3 / 4
        },
        otherwise="Only a valid answer ends the wait.",
    )
    return found


# %% graded: 3 points | the exact expectation for random samples, valid and invalid, and any n.
def test_1() -> None:
    def mean_of(values):
        values = list(values)
        return math.fsum(values) / len(values) if values else math.inf

    def first_valid_of(draw):
        """Return the time of the first valid one of a draw, None when there is none."""
        return min((arrival for arrival, good in draw if good), default=None)

    for case, (m, n_valid, n) in enumerate(
        [
            (6, 4, 3),
            (5, 3, 3),
            (6, 2, 4),
            (3, 2, 5),
            (7, 4, 1),
            (5, 5, 3),
            (4, 2, 2),
            (8, 1, 3),
            (10, 4, 4),
        ]
    ):
        rng = case_rng("first_valid_latency", case)
        while True:
            latencies = [round(rng.uniform(1, 20), 1) for _ in range(m)]
            valid = [True] * n_valid + [False] * (m - n_valid)
            rng.shuffle(valid)
            good = [arrival for arrival, is_valid in zip(latencies, valid) if is_valid]
            # Distinct latencies, the valid ones not in order, the fastest sample not valid where some are not.
            in_order = n_valid > 1 and (
                good == sorted(good) or (n_valid > 2 and good == sorted(good, reverse=True))
            )
            fastest_valid = n_valid < m and min(good) == min(latencies)
            if len(set(latencies)) == m and not in_order and not fastest_valid:
                break
        samples = list(zip(latencies, valid))
        draws = list(itertools.product(samples, repeat=n))
        times = [arrival for draw in draws if (arrival := first_valid_of(draw)) is not None]
        wanted = mean_of(times)
        later = [(1 - j / m) ** n for j in range(n_valid + 1)]
        chances = [before - after for before, after in zip(later, later[1:])]
        share = n_valid / m
        bad = [arrival for arrival, is_valid in samples if not is_valid]
        tries = sum(
            (1 - share) ** j * share * (j * (mean_of(bad) if bad else 0.0) + mean_of(good))
            for j in range(n)
        ) / (1 - (1 - share) ** n)
        sums = [
            sum(t for t, _ in draw[: 1 + next(i for i, one in enumerate(draw) if one[1])])
            for draw in draws
            if first_valid_of(draw) is not None
        ]
        mistakes = {
            "This is the mean of the valid latencies. Of n answers side by side the first valid one counts.": mean_of(
                good
            ),
            "This is the smallest valid latency (the minimum). It is not among the n draws every time: take the expectation.": min(
                good
            ),
            "This is the mean divided by n. Side by side is not n times as fast: the first of n draws counts.": mean_of(
                good
            )
            / n,
            "The expectation is given that there is a valid one: divide by the probability of that (condition on it).": math.fsum(
                times
            )
            / len(draws),
            "Only valid samples were drawn. The n answers are drawn from all samples, and the invalid ones do not end the wait.": mean_of(
                min(draw) for draw in itertools.product(good, repeat=n)
            ),
            "You drew without replacement. The same sample may come more than once: with replacement.": mean_of(
                arrival
                for draw in itertools.combinations(samples, min(n, m))
                if (arrival := first_valid_of(draw)) is not None
            ),
            "These are the first n samples as they stand. Take the expectation over all draws.": min(
                (arrival for arrival, is_valid in samples[:n] if is_valid), default=math.inf
            ),
            "This is the slowest valid one, the last. The first one ends the wait.": mean_of(
                max(t for t, is_valid in draw if is_valid)
                for draw in draws
                if first_valid_of(draw) is not None
            ),
            "Validity has no effect: an invalid answer ended the wait.": mean_of(
                min(t for t, _ in draw) for draw in draws
            ),
            "The draw counts only where its first answer was valid. An invalid one that comes earlier does not matter: wait for the valid one.": mean_of(
                min(draw)[0] for draw in draws if min(draw)[1]
            ),
            "Invalid answers took no time, and counted. They do not end the wait.": mean_of(
                min(t if is_valid else 0.0 for t, is_valid in draw) for draw in draws
            ),
            "The latencies come in any order: sort the valid ones first.": math.fsum(
                t * p for t, p in zip(good, chances)
            )
            / math.fsum(chances),
            "You added latencies, one after the other. The answers run side by side.": tries,
            "You added the latencies until the first valid one. The answers run side by side, not one after the other.": mean_of(
                sums
            ),
            "This is the mean latency over the share of valid ones: retries, one after the other. The answers run side by side.": mean_of(
                latencies
            )
            / share,
            "This is the mean valid latency over the share of valid ones: retries, one after the other. The answers run side by side.": (
                mean_of(good) / share
            ),
            "One draw too few: n answers are drawn.": (
                mean_of(
                    arrival
                    for draw in itertools.product(samples, repeat=n - 1)
                    if (arrival := first_valid_of(draw)) is not None
                )
                if n > 1
                else math.nan
            ),
            "This is the mean over all samples. Only valid ones end the wait.": mean_of(latencies),
        }
        simulated = "The value is near, but not exact: no simulation, and no rounding. The probabilities have a closed form (see the hint)."
        with inputs_unchanged(latencies, valid):
            check(
                lambda: first_valid_latency(latencies, valid, n),
                wanted,
                f"latencies {latencies}, valid {valid}, n = {n}",
                rtol=2e-5,
                atol=1e-6,
                mistakes={
                    hint: value
                    for hint, value in mistakes.items()
                    if not abs(value - wanted) < 1e-6
                }
                | {
                    simulated: lambda got, wanted=wanted: (
                        isinstance(got, float) and abs(got - wanted) < 0.03 * wanted
                    )
                },
                otherwise="Average the time of the first valid one over all draws that hold a valid one.",
                if_raises="There is a valid sample, so there is an expectation.",
            )


# %% graded: 1 point | no valid sample gives inf; samples of the same latency.
def test_2() -> None:
    for latencies, n in (([2.0, 1.0, 4.0], 1), ([2.0, 1.0, 4.0], 3), ([5.0], 2)):
        check(
            lambda: first_valid_latency(list(latencies), [False] * len(latencies), n),
            math.inf,
            f"latencies {latencies}, none valid, n = {n}",
            otherwise="No sample is valid, so you wait for ever: inf.",
            if_raises="No sample is valid, so you wait for ever: return inf before you divide.",
        )
    # Two draws from (3, valid), (3, valid), (8, valid), (1, invalid): 12 of 15 pairs with a valid one wait for a 3.
    for latencies, valid, n, wanted in (
        ([3.0, 8.0, 1.0, 3.0], [True, True, False, True], 2, (12 * 3.0 + 3 * 8.0) / 15),
        ([6.0, 2.0, 6.0], [True, True, True], 2, (5 * 2.0 + 4 * 6.0) / 9),
        ([5.0, 5.0, 5.0], [True, False, True], 3, 5.0),
    ):
        check(
            lambda: first_valid_latency(list(latencies), list(valid), n),
            wanted,
            f"latencies {latencies}, valid {valid}, n = {n}",
            rtol=2e-5,
            atol=1e-6,
            otherwise="Samples of the same latency are samples of their own: each can be drawn, and none is a duplicate to leave out.",
            if_raises="Samples of the same latency (ties) are allowed.",
        )
