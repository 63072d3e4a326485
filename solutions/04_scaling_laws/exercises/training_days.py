"""Exercise `training_days`: from operations to days on a cluster."""


# %% solution
def training_days(
    total_flops: float, n_devices: float, flops_per_second: float, utilization: float = 1.0
) -> float:
    """Return how many days a training takes.

    Args:
        total_flops: operations of the whole training.
        n_devices: devices that work side by side.
        flops_per_second: peak of one device.
        utilization: share of the peak that is reached, in (0, 1].

    Raises:
        ValueError: the utilization is outside of (0, 1].
    """
    ### BEGIN SOLUTION
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization must lie in (0, 1], not {utilization}")
    seconds = total_flops / (n_devices * flops_per_second * utilization)
    return seconds / 86_400
    ### END SOLUTION


# %% hints
HINTS = (
    "How many operations do all devices together really do in one second?",
    "All operations over `n_devices * flops_per_second * utilization` gives seconds; a day has"
    " 86,400. Check the utilization first: 0 is refused, 1 is allowed.",
)
EXPLANATION = """
The cluster's real speed is devices times peak times utilization, and time is work over speed. The
utilization stands below the line: at half the peak everything takes twice as long. A FLOP/s is a
speed and a FLOP an amount; the chapter's own line mixes up days of the result and devices.
"""

# %% helpers
from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_nothing_kept,
    check_refused,
)

WORK_OVER_SPEED = "Days are operations over (devices x peak x utilization x 86,400 seconds)."


def wrong_values(c, n, f, u):
    days = c / (n * f * u) / 86_400
    return {
        "These are seconds. A day has 86,400.": days * 86_400,
        "These are hours. A day has 24.": days * 24,
        "Seconds become days by a division by 86,400. You multiplied.": days * 86_400**2,
        "The speed is a product of three. Divide by all of it: put it in parentheses.": (
            c / n * f * u / 86_400
        ),
        "A day has 86,400 seconds: 24 x 60 x 60, not 24 x 60.": days * 60,
        "These are the days of one device: all devices share the work.": days * n,
        "All devices work side by side: more of them need less time, not more.": days * n * n,
        "This is upside down: work over speed gives time.": 1 / days,
        "Your n_devices is fixed at 256: take the argument.": days * n / 256,
        "Another unit: flops_per_second is in FLOP/s already, not in tera.": days / 1e12,
        "A part of a day counts too: do not round.": lambda got: (
            abs(got - days) < 1
            and (float(got).is_integer() or any(got == round(days, digits) for digits in range(1, 7)))
        ),
    }


# %% examples
def examples(check):
    work = 86_400 * 1e15
    check(lambda: training_days(work, 10, 1e14), 1, "a day of ten devices of 1e14 FLOP/s")
    check(lambda: training_days(work, 1, 1e14), 10, "the same work on one device")
    check(lambda: training_days(work, 10, 1e14, 0.4), 2.5, "at 40% of the peak")
    check(lambda: training_days(3.14e23, 256, 6e13), 236.61, "GPT-3 on 256 devices of 6e13")
    check.refused(lambda: training_days(work, 10, 1e14, 1.5), "utilization = 1.5")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    work = 86_400 * 1e15
    cases = {
        "a day of ten devices of 1e14 FLOP/s": (work, 10, 1e14, 1),
        "the same work on one device": (work, 1, 1e14, 1),
        "at 40% of the peak": (work, 10, 1e14, 0.4),
        "GPT-3 on 256 devices of 6e13": (3.14e23, 256, 6e13, 1),
    }
    found = {
        what: Diagnosis(mistakes=wrong_values(*case), otherwise=WORK_OVER_SPEED)
        for what, case in cases.items()
    }
    low = "A lower utilization makes the training longer: divide by it."
    found["at 40% of the peak"] = Diagnosis({low: AnyOf(0.4, 1)}, otherwise=WORK_OVER_SPEED)
    refused = "No device gives more than its peak: refuse what is outside of (0, 1]."
    return found | {"utilization = 1.5": Diagnosis(otherwise=refused)}


# %% graded: 2 points | days of any cluster at its peak.
def test_days_at_the_peak() -> None:
    rng = case_rng("training_days", 1)
    for case in range(6):
        n, f = rng.randint(3, 2_000), rng.randint(10, 2_000) * 1e12
        c = n * f * 86_400 * rng.uniform(0.3, 400)
        given = (c, n, f) if case % 2 else (c, n, f, 1.0)
        check(
            lambda: training_days(*given),
            c / (n * f) / 86_400,
            f"{c:.4g} FLOP, {n} devices of {f:.3g} FLOP/s",
            mistakes={
                "The default of the utilization is 1.0.": (
                    lambda got: len(given) == 3 and abs(got * n * f * 43_200 / c - 1) < 1e-6
                ),
                "Utilization is a share, not a percentage: 1.0 is the whole peak.": (
                    100 * c / (n * f) / 86_400
                ),
            }
            | wrong_values(c, n, f, 1),
            otherwise=WORK_OVER_SPEED,
            atol=0,
            if_raises="The whole peak is allowed: a utilization of 1 itself is not refused.",
        )


# %% graded: 1 point | a lower utilization.
def test_days_below_the_peak() -> None:
    rng = case_rng("training_days", 2)
    for _ in range(6):
        n, f, u = rng.randint(3, 2_000), rng.randint(10, 2_000) * 1e12, rng.uniform(0.11, 0.89)
        c = n * f * 86_400 * rng.uniform(0.3, 400)
        days = c / (n * f * u) / 86_400
        check(
            lambda: training_days(c, n, f, u),
            days,
            f"{c:.4g} FLOP, {n} devices of {f:.3g} FLOP/s, utilization {u:.3f}",
            mistakes={
                "The utilization plays no part in your days.": days * u,
                "A lower utilization makes the training longer: divide by it.": days * u * u,
                "Utilization is a share, not a percentage.": days * 100,
            }
            | wrong_values(c, n, f, u),
            otherwise=WORK_OVER_SPEED,
            atol=0,
        )
    days_of = lambda c, n, f, u: c / (n * f * u) / 86_400
    first, second = (3.1e23, 256, 6e13, 0.7), (5.2e23, 371, 9e13, 0.4)
    check_nothing_kept(training_days, days_of, first, second, "two clusters")


# %% graded: 1 point | what is no share of the peak is refused.
def test_a_utilization_that_is_no_share_is_refused() -> None:
    above = "No device gives more than its peak: a utilization above 1 is refused (not clamped)."
    below = "At a utilization of 0 or below, nothing is ever done: refuse it, outside of (0, 1]."
    for u, hint in ((1.01, above), (70, above), (0.0, below), (0, below), (-0.3, below)):
        check_refused(lambda: training_days(3e23, 256, 6e13, u), f"utilization = {u}", hint)
    rng = case_rng("training_days", 3)
    for u in (1e-3, rng.uniform(0.2, 0.9), 1):
        check(
            lambda: training_days(8.64e19, 10, 1e14, u),
            1 / u,
            f"utilization = {u:.3f}, which is allowed",
            otherwise="What lies in (0, 1] is allowed, and the days follow from it: work over"
            " speed.",
            if_raises="What lies in (0, 1] is allowed, 1 itself too.",
        )
