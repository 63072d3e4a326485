"""Exercise `training_cost`: what devices by the hour cost."""


# %% solution
def training_cost(days: float, n_devices: float, dollars_per_device_hour: float) -> float:
    """Return what a training costs in dollars.

    Args:
        days: of the training.
        n_devices: devices that are rented all that time.
        dollars_per_device_hour: the price of one device for one hour.
    """
    ### BEGIN SOLUTION
    return days * 24 * n_devices * dollars_per_device_hour
    ### END SOLUTION


# %% hints
HINTS = (
    "The price is for one device and one hour. How many such hours are there?",
    "`days * 24` hours on each of `n_devices` devices, times the price. Utilization is in the"
    " days already.",
)
EXPLANATION = """
Every device costs its price for every hour, busy or not. A low utilization makes a training dearer
because it takes more days; it must not be counted a second time here.
"""

# %% helpers
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, check_nothing_kept

DEVICE_HOURS = "Days x 24 hours x devices x dollars per device and hour."


def wrong_values(days, n, price):
    dollars = days * 24 * n * price
    return {
        "A day has 24 hours, and the price is for one hour.": AnyOf(
            dollars / 24, dollars / 3, dollars / 24**2
        ),
        "This is the price of one device. All of them are paid for.": dollars / n,
        "These are device hours. Multiply by the price, in dollars.": dollars / price,
        "These are millions: return plain dollars.": dollars / 1e6,
        "These are cents: return dollars.": dollars * 100,
        "You divide by the devices: each is paid for, times n_devices.": dollars / n**2,
        "You count with 256 devices: take the argument n_devices.": dollars / n * 256,
        "You count with two dollars: take dollars_per_device_hour.": dollars / price * 2,
        "The utilization is in the days already: do not divide by it again.": dollars / 0.7,
        "This is the chapter's figure. Compute it for any other training too.": 4_140_000.0,
    }


# %% examples
def examples(check):
    check(lambda: training_cost(1, 1, 2), 48, "one device for a day at $2 an hour")
    check(lambda: training_cost(10, 5, 0.5), 600, "ten days, five devices, $0.50")
    check(lambda: training_cost(0.5, 100, 3), 3_600, "half a day, 100 devices, $3")
    check(lambda: training_cost(338.1, 256, 2), 4_154_572.8, "GPT-3: 338.1 days, 256 devices, $2")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    cases = {
        "one device for a day at $2 an hour": (1, 1, 2),
        "ten days, five devices, $0.50": (10, 5, 0.5),
        "half a day, 100 devices, $3": (0.5, 100, 3),
        "GPT-3: 338.1 days, 256 devices, $2": (338.1, 256, 2),
    }
    return {
        what: Diagnosis(mistakes=wrong_values(*case), otherwise=DEVICE_HOURS)
        for what, case in cases.items()
    }


# %% graded: 2 points | whole days on any cluster.
def test_device_hours_times_price() -> None:
    rng = case_rng("training_cost", 1)
    for _ in range(6):
        days, n, price = rng.randint(3, 400), rng.randint(3, 5_000), rng.uniform(0.3, 9)
        check(
            lambda: training_cost(days, n, price),
            days * 24 * n * price,
            f"{days} days, {n} devices, ${price:.4f}",
            mistakes=wrong_values(days, n, price),
            otherwise=DEVICE_HOURS,
        )
    dollars = lambda days, n, price: days * 24 * n * price
    check_nothing_kept(training_cost, dollars, (31, 17, 2.5), (12, 40, 1.5), "two trainings")


# %% graded: 1 point | parts of days and cheap trials.
def test_parts_of_days_and_hours_are_paid_for() -> None:
    rng = case_rng("training_cost", 2)
    for case in range(6):
        days = rng.uniform(0.01, 0.03) if case == 0 else rng.uniform(0.05, 3)
        n, price = rng.randint(1, 9), rng.uniform(0.05, 0.9)
        check(
            lambda: training_cost(days, n, price),
            days * 24 * n * price,
            f"{days:.4f} days, {n} devices, ${price:.4f}",
            mistakes=wrong_values(days, n, price)
            | {
                "A part of a day or an hour is paid for as a part: do not round up or down, nor"
                " the result.": (
                    lambda got: (
                        any(
                            abs(got - whole * n * price) < 1e-6
                            for whole in (
                                24 * int(days),
                                24 * int(days + 1),
                                int(24 * days),
                                int(24 * days) + 1,
                            )
                        )
                        or float(got).is_integer()
                        or any(got == round(days * 24 * n * price, digits) for digits in (1, 2))
                    )
                ),
            },
            otherwise=DEVICE_HOURS,
        )
