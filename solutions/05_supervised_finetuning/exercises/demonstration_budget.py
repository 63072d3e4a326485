"""Exercise `demonstration_budget`: what people's answers to prompts cost, in money and in time."""


# %% solution
def demonstration_budget(
    n_pairs: float, dollars_per_pair: float, minutes_per_pair: float
) -> tuple[float, float]:
    """Return what demonstrations cost, as (dollars, hours of work).

    Args:
        n_pairs: pairs of a prompt and an answer.
        dollars_per_pair: price of one.
        minutes_per_pair: time that one takes.
    """
    ### BEGIN SOLUTION
    return n_pairs * dollars_per_pair, n_pairs * minutes_per_pair / 60
    ### END SOLUTION


# %% hints
HINTS = (
    "Two independent products. In which unit is the second one wanted?",
    "Dollars are pairs times dollars per pair. Hours are pairs times minutes per pair, over 60.",
)
EXPLANATION = """
Both grow in proportion to the number of pairs: nothing gets cheaper by the dozen when people write
each answer. The price per pair is paid whatever the time is, so dollars per hour follow from both.
InstructGPT's 13,000 pairs at half an hour each are more than three years of one person's working
time.
"""

# %% helpers
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, not_a_pair

BOTH = "(pairs x dollars per pair, pairs x minutes per pair / 60)."


def whole(value):
    return value, value // 1, round(value), -(-value // 1)


def wrong_budgets(n, price, minutes, fractions=False):
    dollars, hours = n * price, n * minutes / 60
    hints = {
        "Return two numbers, dollars and hours.": not_a_pair,
        "The order is (dollars, hours).": (hours, dollars),
        "The time is wanted in hours: these are minutes.": (dollars, n * minutes),
        "An hour has 60 minutes: these are days, or days of work.": AnyOf(
            (dollars, hours / 24), (dollars, hours / 8)
        ),
        "Multiplied by 60 where a division is due: minutes become hours.": (
            dollars,
            n * minutes * 60,
        ),
        "Divided by 3600, as if these were seconds: the times are minutes.": (dollars, hours / 60),
        "Divided by 100 or multiplied by it: an hour has 60 minutes, and money is in dollars.": (
            AnyOf((dollars, n * minutes / 100), (dollars * 100, hours), (dollars / 100, hours))
        ),
        "Half an hour a pair is the chapter's example: the time is minutes_per_pair, whatever it is.": (
            AnyOf((dollars, n / 2), (dollars, n * min(minutes, 30) / 60))
        ),
        "The hours are those of one pair: times the number of pairs.": (dollars, minutes / 60),
        "The dollars are those of one pair: times the number of pairs.": (price, hours),
        "The price is per pair, not per hour.": AnyOf((hours * price, hours)),
        "The price is per pair, not per minute.": (n * minutes * price, hours),
        "Price and time are swapped: the second argument is the price.": (
            n * minutes,
            n * price / 60,
        ),
        "Cut or rounded to whole dollars or hours: return all of them.": AnyOf(
            *((money, time) for money in whole(dollars) for time in whole(hours))
        ),
        "Rounded to cents, or hours to so many digits: return all of them.": lambda got: any(
            got[0] in (dollars, round(dollars, digits)) and got[1] in (hours, round(hours, digits))
            for digits in (1, 2, 3)
        ),
        "These are thousands of dollars: return dollars.": (dollars / 1000, hours),
        "The numbers are added, where a product is due.": AnyOf(
            (n + price, hours), (n + price, (n + minutes) / 60)
        ),
    }
    return hints | (
        {
            "Prices and times need not be whole numbers: do not cut them.": AnyOf(
                (n * int(price), hours), (dollars, n * int(minutes) / 60)
            ),
        }
        if fractions
        else {
            "A pair may take longer than an hour.": (dollars, n * min(minutes, 60) / 60),
            "Whole days are missing: return all the hours.": (dollars, hours % 24),
            "A price in steps or a discount is nowhere mentioned: every pair costs the same.": (
                lambda got: 0.5 * dollars < got[0] < dollars and abs(got[1] - hours) < 1e-9 * hours
            ),
        }
    )


# %% examples
def examples(check):
    check(lambda: demonstration_budget(13_000, 10, 30), (130_000, 6_500), "InstructGPT's 13,000")
    check(lambda: demonstration_budget(3, 2.5, 50), (7.5, 2.5), "three pairs of 50 minutes")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "InstructGPT's 13,000": Diagnosis(wrong_budgets(13_000, 10, 30), BOTH),
        "three pairs of 50 minutes": Diagnosis(wrong_budgets(3, 2.5, 50), BOTH),
    }


# %% graded: 1 point | money and time.
def test_money_and_time() -> None:
    rng = case_rng("demonstration_budget", 1)
    for case in range(6):
        n, price = rng.randint(150, 90_000), rng.choice([3, 7, 11, 19])
        minutes = rng.choice([4, 9, 14, 25, 55])  # not 50: 50 / 100 is 30 / 60
        if case == 0:
            minutes = rng.choice([75, 95])  # more than an hour
        if case == 1:
            # Few hours and a fifteenth of one: rounding shows.
            n, minutes = 60 * rng.randint(3, 15) + 1, 4
        if case == 5:
            n = 0
        check(
            lambda: demonstration_budget(n, price, minutes),
            (n * price, n * minutes / 60),
            f"{n:,} pairs at ${price} and {minutes} minutes",
            mistakes=wrong_budgets(n, price, minutes) if n else {},
            otherwise=BOTH if n else "No pairs cost nothing, and take no time.",
        )


# %% graded: 1 point | few pairs, and prices and times that are no whole numbers.
def test_fractions_and_few_pairs() -> None:
    rng = case_rng("demonstration_budget", 2)
    for n in (7, 1, rng.randint(11, 59)):
        # Parts of a dollar and a minute so large that cutting before and after differ.
        price = rng.randint(0, 2) + rng.randint(12, 36) / 40 + 0.003
        minutes = rng.randint(1, 6) + rng.randint(3, 7) / 8 + 0.01
        check(
            lambda: demonstration_budget(n, price, minutes),
            (n * price, n * minutes / 60),
            f"{n} pairs at ${price} and {minutes} minutes",
            mistakes=wrong_budgets(n, price, minutes, fractions=True),
            otherwise="Prices and times need not be whole numbers, and neither is what comes out.",
        )
    n, hours = 60 * rng.randint(20, 900), rng.randint(2, 9)
    check(
        lambda: demonstration_budget(n, 0, hours),
        (0, n * hours / 60),
        f"{n} pairs that cost nothing, at {hours} minutes",
        mistakes={"The order is (dollars, hours), whichever is more.": (n * hours / 60, 0)},
        otherwise="A price of 0 is one like any other: a default does not take its place.",
    )
