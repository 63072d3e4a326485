"""Exercise `exhaustion_year`: when training sets overtake the text there is."""

# %% solution
import math


def exhaustion_year(
    stock: float, used: float, stock_growth: float, used_growth: float, start_year: float
) -> float:
    """Return the year in which use overtakes stock; `inf` when it never does.

    Args:
        stock: tokens of text there are in the start year.
        used: tokens that a training uses in the start year, fewer than the stock.
        stock_growth: factor per year; 1.05 is 5% more each year.
        used_growth: factor per year.
        start_year: parts of a year count.
    """
    ### BEGIN SOLUTION
    if used_growth <= stock_growth:
        return math.inf
    return start_year + math.log(stock / used) / math.log(used_growth / stock_growth)
    ### END SOLUTION


# %% hints
HINTS = (
    "By which factor does the ratio of use to stock grow each year? How often until it is 1?",
    "Solve `used * used_growth**t = stock * stock_growth**t` for t with logarithms. There is no"
    " such t ahead when use grows no faster than the stock.",
)
EXPLANATION = """
Both grow by a factor a year, so their ratio does too: it falls by `used_growth / stock_growth`
each year, and the number of years is the logarithm of today's ratio to that base. A stock that is
a thousand times today's use lasts only about ten years if use doubles each year. When use grows no
faster than the stock, it never gets there.
"""

# %% helpers
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, check_nothing_kept

SOLVE = "Solve used x used_growth**t = stock x stock_growth**t for t, and add start_year."


def year_of(s, u, gs, gu, start):
    return start + math.log(s / u) / math.log(gu / gs)


def wrong_values(s, u, gs, gu, start):
    years = math.log(s / u) / math.log(gu / gs)
    linear = u * (gu - 1) - s * (gs - 1)
    cut = int(start) + years
    return {
        "These are years from now: add start_year.": years,
        "The stock grows as well: what counts is how much faster the use grows.": (
            start + (math.log(s / u) / math.log(gu) if gu > 1 else 1.0)
        ),
        "Growth is compound: a factor every year, no fixed amount.": (
            # Otherwise the line of the use never meets that of the stock, and many mistakes give inf.
            start + (s - u) / linear if linear > 0 else lambda got: False
        ),
        "Two bases of logarithms are mixed: take the same one above and below.": AnyOf(
            *(start + years * math.log(base) ** sign for base in (2, 10) for sign in (1, -1))
        ),
        "The division is upside down: the logarithm of stock / used stands above.": (
            start + 1 / years
        ),
        "Take the logarithm of both ratios, above and below.": AnyOf(
            start + math.log(s / u) / (gu / gs),
            start + s / u / math.log(gu / gs),
            start + s / u / (gu / gs),
        ),
        "The growths are factors: 1.05 is 5% more. Do not add 1.": (
            start + math.log(s / u) / math.log((1 + gu) / (1 + gs))
        ),
        "Factors are divided, not subtracted: the ratio grows by used_growth / stock_growth.": (
            AnyOf(
                start + math.log(s / u) / math.log(1 + gu - gs),
                start + math.log(s / u) / (gu - gs),
            )
        ),
        "The ratio is stock / used: the year lies ahead, not behind.": start - years,
        "Use grows meanwhile: stock over today's use is no number of years.": start + s / u,
        "A part of a year counts: do not round.": lambda got: (
            abs(got - start - years) < 1.5
            # To whole years, tenths, hundredths, months or days, of the calendar or from the start on.
            and any(
                abs(t - round(t)) < 1e-6
                for t in (got, 10 * got, 100 * got, *((got - start) * k for k in (1, 10, 12, 100, 365)))
            )
        ),
        **({"The start may lie within a year: keep its part of a year.": cut} if start % 1 else {}),
    }


# %% examples
def examples(check):
    check(lambda: exhaustion_year(8, 1, 1, 2, 2024), 2027, "8 times the use, which doubles")
    check(lambda: exhaustion_year(8, 1, 2, 4, 2024), 2027, "the stock doubles too")
    check(lambda: exhaustion_year(3e14, 1.5e13, 1.07, 2.4, 2024.5), 2028.208, "a forecast")
    check(lambda: exhaustion_year(8, 1, 1.5, 1.2, 2024), math.inf, "use grows more slowly")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    cases = {
        "8 times the use, which doubles": (8, 1, 1, 2, 2024),
        "the stock doubles too": (8, 1, 2, 4, 2024),
        "a forecast": (3e14, 1.5e13, 1.07, 2.4, 2024.5),
    }
    never = "Use that grows no faster than the stock never overtakes it: return math.inf."
    return {
        what: Diagnosis(mistakes=wrong_values(*case), otherwise=SOLVE)
        for what, case in cases.items()
    } | {"use grows more slowly": Diagnosis(otherwise=never, if_raises=never)}


# %% graded: 2 points | use that grows faster than the stock.
def test_use_overtakes_stock() -> None:
    rng = case_rng("exhaustion_year", 1)
    for case in range(6):
        # In the first case the use overtakes the stock even where both grow by fixed amounts.
        gs = rng.uniform(1.001, 1.003) if case == 0 else rng.uniform(1.02, 1.2)
        gu = rng.uniform(1.3, 3)
        u = 10 ** rng.uniform(12, 13)
        s, start = u * rng.uniform(5, 90), rng.randint(2020, 2040) + rng.choice([0, 0.25, 0.5])
        start += 0.125 * (case == 1)
        check(
            lambda: exhaustion_year(s, u, gs, gu, start),
            year_of(s, u, gs, gu, start),
            f"stock {s:.4g} x {gs:.3f} a year, use {u:.4g} x {gu:.3f}, from {start}",
            mistakes={
                "Use that grows faster does overtake the stock: `math.inf` is for slower and equal growth.": (
                    math.inf
                ),
                **wrong_values(s, u, gs, gu, start),
            },
            otherwise=SOLVE,
        )
    first, second = (3e14, 2e13, 1.07, 1.5, 2024.5), (8e14, 1e13, 1.02, 1.9, 2031)
    check_nothing_kept(exhaustion_year, year_of, first, second, "two forecasts")


# %% graded: 1 point | when it never happens, and when both shrink.
def test_never_and_shrinking() -> None:
    rng = case_rng("exhaustion_year", 2)
    low, high, start = rng.uniform(1.01, 1.2), rng.uniform(1.3, 1.9), rng.randint(2020, 2040)
    never = "Use that grows no faster than the stock never overtakes it: return math.inf."
    equal = "At equal growth the ratio stays the same: never, so return math.inf."
    for gs, gu, hint in ((high, low, never), (high, high, equal), (1.0, low / 2, never)):
        check(
            lambda: exhaustion_year(9e14, 2e13, gs, gu, start),
            math.inf,
            f"stock x {gs:.3f} a year, use x {gu:.3f}",
            mistakes={hint: None},
            otherwise=hint,
            if_raises=hint,
        )
    for gs, gu in ((0.8 * low / 2, 0.9), (0.7, 0.95), (0.8, 1.0)):
        check(
            lambda: exhaustion_year(9e14, 2e13, gs, gu, start),
            year_of(9e14, 2e13, gs, gu, start),
            f"stock x {gs:.3f} a year, use x {gu:.3f}",
            mistakes={
                "A stock may shrink, so that use overtakes it without growing.": math.inf,
                **wrong_values(9e14, 2e13, gs, gu, start),
            },
            otherwise=SOLVE,
        )
    slow = "Use that grows a little faster overtakes the stock too, if only after centuries."
    for gu in (1 + rng.uniform(0.01, 0.02), 1 + rng.uniform(0.001, 0.002)):
        check(
            lambda: exhaustion_year(9e14, 2e13, 1.0, gu, start),
            year_of(9e14, 2e13, 1.0, gu, start),
            f"a stock that stays, use x {gu:.5f} a year",
            otherwise=slow,
            if_raises=slow,
            rtol=1e-3,  # in single precision the growth is known to a few parts in 10,000
        )
