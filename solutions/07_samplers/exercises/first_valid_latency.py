"""How long one waits for the first valid of n answers that run side by side, in expectation."""

# %% solution
from collections.abc import Sequence


def first_valid_latency(latencies: Sequence[float], valid: Sequence[bool], n: int) -> float:
    """Return the expected time to the first valid one of n answers that run side by side.

    The expectation is given that at least one of the n is valid.

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
HINTS = (
    """The first valid answer comes later than the j-th smallest valid latency exactly when none of the
n draws is one of the first j. How likely is that with m samples, invalid ones among them?""",
    """With the sorted valid latencies t_1, t_2, ... and S_j = (1 - j/m)^n the first valid answer is
the j-th with probability S_(j-1) - S_j. Sum t_j times that, and divide by the probability that
there is a valid one, 1 - S_v.""",
)
EXPLANATION = """The n draws are independent, each hits one of the j fastest valid samples with probability j/m, and m
counts all samples: invalid ones can be drawn, too, and end nothing. So the first valid answer is later than the j-th
with probability (1 - j/m)^n, and differences of these are the probabilities of each latency. They sum to the
probability that any of the n is valid, by which the sum is divided. Samples of equal latency need no care: each is a
sample of its own."""

# %% helpers
import itertools
import math

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, inputs_unchanged


def mean_of(values):
    values = list(values)
    return math.fsum(values) / len(values) if values else math.inf


def first_valid_of(draw):
    """Return the time of the first valid answer of a draw of (latency, valid), None when there is
    none.
    """
    return min((arrival for arrival, is_valid in draw if is_valid), default=None)


def expected_wait(draws):
    """Return the mean time of the first valid answer over the draws that hold one."""
    return mean_of(arrival for draw in draws if (arrival := first_valid_of(draw)) is not None)


# %% examples
def examples(check):
    wait = lambda *valid: first_valid_latency([3.0, 1.0], valid, 2)
    check(lambda: wait(True, True), 1.5, "latencies 3 and 1, both valid, n = 2")
    check(lambda: wait(True, False), 3.0, "latencies 3 and 1, only the 3 valid, n = 2")
    check(lambda: wait(False, False), float("inf"), "no valid sample")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "latencies 3 and 1, both valid, n = 2": Diagnosis(
            {
                "This is the mean latency. Of several answers side by side the first one counts.": (
                    2.0
                ),
                "This is the smallest latency. It is not among the two draws every time.": 1.0,
                "This is the slowest of the draws, the last. The first one ends the wait.": 2.5,
                "The latencies come in any order: sort them first.": 2.5,
            },
            otherwise=(
                "Of the four pairs of draws three hold the 1 and one holds only the 3: (3 * 1 + 3)"
                " / 4."
            ),
        ),
        "latencies 3 and 1, only the 3 valid, n = 2": Diagnosis(
            {
                "Given that there is a valid one: divide by the probability that there is.": 2.25,
                "An invalid answer ended the wait. Only a valid one does.": AnyOf(1.0, 1.5),
            },
            otherwise="Only a valid answer ends the wait: it takes 3 whenever there is one.",
        ),
        "no valid sample": Diagnosis(
            otherwise="No sample is valid, so you wait for ever: inf.",
            if_raises="No sample is valid, so you wait for ever: return inf before you divide.",
        ),
    }


# %% graded: 3 points | the exact expectation for random samples, valid and invalid, and any n.
def test_exact_expectation() -> None:
    sizes = (
        (6, 4, 3),
        (5, 3, 3),
        (6, 2, 4),
        (3, 2, 5),
        (7, 4, 1),
        (5, 5, 3),
        (4, 2, 2),
        (8, 1, 3),
        (10, 4, 4),
        (90, 70, 2),
    )
    for case, (m, n_valid, n) in enumerate(sizes):
        rng = case_rng("first_valid_latency", case)
        while True:
            latencies = [value / 10 for value in rng.sample(range(10, 210), m)]
            valid = rng.sample([True] * n_valid + [False] * (m - n_valid), m)
            good = [arrival for arrival, is_valid in zip(latencies, valid, strict=True) if is_valid]
            # The valid latencies are not in order, the fastest sample is not valid where some are not, and the first n
            # samples, where these are not all, do not hold the fastest valid one.
            is_ordered = n_valid > 1 and good in [
                sorted(good),
                *[sorted(good, reverse=True)] * (n_valid > 2),
            ]
            samples = list(zip(latencies, valid, strict=True))
            is_seen = n < m and first_valid_of(samples[:n]) == min(good)
            if not is_ordered and not is_seen and (n_valid == m or min(good) > min(latencies)):
                break
        bad = [arrival for arrival, is_valid in samples if not is_valid]
        draws = list(itertools.product(samples, repeat=n))
        usable = [draw for draw in draws if first_valid_of(draw) is not None]
        wanted, share = expected_wait(draws), n_valid / m
        chances = [(1 - j / m) ** n - (1 - (j + 1) / m) ** n for j in range(n_valid)]
        late = [
            max(0, 1 - j / m) ** n - max(0, 1 - (j + 1) / m) ** n for j in range(1, n_valid + 1)
        ]
        tries = sum(
            (1 - share) ** j * share * (j * (mean_of(bad) if bad else 0.0) + mean_of(good))
            for j in range(n)
        ) / (1 - (1 - share) ** n)
        until_valid = mean_of(
            sum(t for t, _ in draw[: 1 + [is_valid for _, is_valid in draw].index(True)])
            for draw in usable
        )
        mistakes = {
            "This is the mean of the valid latencies. Of n answers side by side the first valid one counts.": mean_of(
                good
            ),
            "This is the smallest valid latency (the minimum). It is not among the n draws every time: take the expectation.": min(
                good
            ),
            "This is the mean divided by n. Side by side is not n times as fast: the first of n draws counts.": (
                mean_of(good) / n
            ),
            "The expectation is given that there is a valid one: divide by the probability of that (condition on it).": (
                wanted * len(usable) / len(draws)
            ),
            "Only valid samples were drawn. The n answers are drawn from all samples, and the invalid ones do not end the wait.": mean_of(
                min(draw) for draw in itertools.product(good, repeat=n)
            ),
            "You drew without replacement. The same sample may come more than once: with replacement.": expected_wait(
                itertools.combinations(samples, min(n, m))
            ),
            "These are the first n samples as they stand. Take the expectation over all draws.": (
                expected_wait([samples[:n]])
            ),
            "This is the slowest valid one, the last. The first one ends the wait.": mean_of(
                max(t for t, is_valid in draw if is_valid) for draw in usable
            ),
            "Validity has no effect: an invalid answer ended the wait.": mean_of(
                min(draw)[0] for draw in draws
            ),
            "The draw counts only where its first answer was valid. An invalid one that comes earlier does not matter: wait for the valid one.": mean_of(
                min(draw)[0] for draw in draws if min(draw)[1]
            ),
            "Invalid answers took no time, and counted. They do not end the wait.": mean_of(
                min(t if is_valid else 0.0 for t, is_valid in draw) for draw in draws
            ),
            "The latencies come in any order: sort the valid ones first.": (
                math.fsum(t * p for t, p in zip(good, chances, strict=True)) / math.fsum(chances)
            ),
            "The latencies were sorted, and the flags stayed where they were. Keep each latency with its own flag.": expected_wait(
                itertools.product(zip(sorted(latencies), valid, strict=True), repeat=n)
            ),
            "You divided by the chance that one answer is valid. Divide by the chance that at least one of the n is: 1 - (1 - share)^n.": (
                wanted * len(usable) / len(draws) / share
            ),
            "There are never more draws than samples in your code. n may be larger: with replacement.": expected_wait(
                itertools.product(samples, repeat=min(n, m))
            ),
            "The sum begins at a wrong j: the fastest valid sample is the first with the probability 1 - (1 - 1/m)^n.": (
                math.fsum(t * p for t, p in zip(sorted(good), late, strict=True))
                / (math.fsum(late) or 1.0)
            ),
            "You added latencies, one after the other. The answers run side by side.": AnyOf(
                tries, until_valid
            ),
            "This is a mean latency over the share of valid ones: retries, one after the other. The answers run side by side.": AnyOf(
                mean_of(latencies) / share, mean_of(good) / share
            ),
            "One draw too few: n answers are drawn.": expected_wait(
                itertools.product(samples, repeat=n - 1)
            ),
            "This is the mean over all samples. Only valid ones end the wait.": mean_of(latencies),
            "The value is near, but not exact. A simulation or rounding will not do; the probabilities have a closed form (see the hint). Look for a small slip if yours has that form.": lambda got, wanted=wanted: (
                isinstance(got, float) and abs(got - wanted) < 0.03 * wanted
            ),
        }
        with inputs_unchanged(latencies, valid):
            check(
                lambda: first_valid_latency(latencies, valid, n),
                wanted,
                (
                    f"latencies {latencies}, valid {valid}, n = {n}"
                    if m < 20
                    else f"{m} samples, {n_valid} valid, n = {n}"
                ),
                rtol=2e-5,
                atol=1e-6,
                mistakes=mistakes,
                otherwise=(
                    "Average the time of the first valid one over all draws that hold a valid one."
                ),
                if_raises=(
                    "There is a valid sample, so there is an expectation, also where all are valid."
                ),
            )


# %% graded: 1 point | no valid sample gives inf; samples of the same latency.
def test_no_valid_sample_and_equal_latencies() -> None:
    for latencies, n in (([2.0, 1.0, 4.0], 1), ([2.0, 1.0, 4.0], 3), ([5.0], 2)):
        check(
            lambda: first_valid_latency(list(latencies), [False] * len(latencies), n),
            math.inf,
            f"latencies {latencies}, none valid, n = {n}",
            otherwise="No sample is valid, so you wait for ever: inf.",
            if_raises="No sample is valid, so you wait for ever: return inf before you divide.",
        )
    check(
        lambda: first_valid_latency([0.0, 4.0], [True, True], 1),
        2.0,
        "latencies [0.0, 4.0], both valid, n = 1",
        otherwise="A latency of 0 is one like others, though it is falsy.",
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
            otherwise=(
                "Samples of the same latency are samples of their own: each can be drawn, and none"
                " is a duplicate to leave out."
            ),
            if_raises="Samples of the same latency (ties) are allowed.",
        )
