"""Exercise `representation_ratio`: how much too little of a language there is, as in Table 2-2."""


# %% solution
def representation_ratio(
    speakers_millions: float, share_percent: float, world_millions: float = 8000.0
) -> float:
    """Return how under-represented a language is: its share of the world's people over its share
    of the data.

    Args:
        speakers_millions: speakers of the language, in millions.
        share_percent: its share of the data, in percent.
        world_millions: people in the world, in millions.

    Returns:
        1 for a language that has as large a share of the data as of the people, more for an
        under-represented one, `inf` for a language without data.

    Raises:
        ValueError: one of the numbers is negative.
    """
    ### BEGIN SOLUTION
    arguments = {
        "speakers_millions": speakers_millions,
        "share_percent": share_percent,
        "world_millions": world_millions,
    }
    for name, value in arguments.items():
        if value < 0:
            raise ValueError(f"{name} is {value}: it cannot be negative")
    if share_percent == 0:
        return float("inf")
    return (speakers_millions / world_millions) / (share_percent / 100)
    ### END SOLUTION


# %% hints
HINTS = (
    (
        "One share is of people, the other of data. Which goes on top, if a large number should"
        ' mean "too little data"?'
    ),
    (
        "First refuse negative numbers by name. Then `(speakers / world) / (share_percent / 100)`,"
        " with `inf` where the share is 0."
    ),
)
EXPLANATION = """
A language that a twentieth of the people speak, with a hundredth of the data, has the ratio 5.
The share is given in percent, hence the division by 100. A share of 0 would divide by zero:
without any data the ratio is `inf`, and saying so is more useful than an exception. Negative
numbers have no meaning here and are refused by name.
"""


# %% helpers
from fractions import Fraction

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, check_refused


# %% examples
def examples(check):
    few = lambda: representation_ratio(20, 4, world_millions=100)
    check(few, 5.0, "20 of 100 million people, 4% of the pages")
    punjabi = 113 / 8000 / 0.000061
    check(lambda: representation_ratio(113, 0.0061), punjabi, "Punjabi in Table 2-2: 231.56")
    check.refused(lambda: representation_ratio(-1, 4), "a negative number of speakers")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    no_world = (500.0, 5.0 / 80, 20 / 8000 / 0.04)
    return {
        "20 of 100 million people, 4% of the pages": Diagnosis(
            mistakes={
                "This is the ratio upside down. The share of people goes on top.": 0.2,
                "The share is given in percent: divide it by 100.": 0.05,
                "The number of people in the world is missing, or not taken from the argument.": (
                    AnyOf(*no_world)
                ),
            },
            otherwise="20% of the people and 4% of the pages: divide one share by the other.",
        ),
        "Punjabi in Table 2-2: 231.56": Diagnosis(
            mistakes={"Return the ratio itself. Rounding is for printing.": 231.56},
            otherwise="Without a third argument the world has 8,000 million people.",
        ),
        "a negative number of speakers": Diagnosis(
            otherwise="Compare each of the three numbers with 0 and name the one that is negative."
        ),
    }


# %% graded: 2 points | the ratio, with the world's people given or left at eight billion.
def test_ratio_of_the_two_shares() -> None:
    for case in range(12):
        rng = case_rng("representation_ratio", case)
        speakers, share = rng.randint(3, 1500) + rng.choice([0.25, 0.75]), rng.randint(1, 400) / 64
        share += 0.25 if share in (1.0, 10.0) else 0
        given = (rng.choice([5000, 6200, 7100, 9000]),) if case % 2 else ()
        people = given[0] if given else 8000
        exact = float(Fraction(speakers) / people / (Fraction(share) / 100))
        check(
            lambda: representation_ratio(speakers, share, *given),
            exact,
            f"{speakers} million speakers, {share}% of the data, {people} million people",
            mistakes={
                "This is the ratio upside down. The share of people goes on top.": 1 / exact,
                "The share is given in percent: divide it by 100.": exact / 100,
                "The share is given in percent: divide it by 100 (no other factor is needed).": (
                    exact / 10_000
                ),
                "You multiplied by the share of the data. Divide by it.": AnyOf(
                    *(speakers / people * share * factor for factor in (0.01, 1, 100))
                ),
                "This is the share of people alone. Divide it by the share of the data.": AnyOf(
                    speakers / people, 100 * speakers / people
                ),
                "You multiplied by the number of people in the world. Divide the speakers by it.": AnyOf(
                    speakers * people / share, 100 * speakers * people / share
                ),
                "The result is 100 times too large: a ratio, not a percentage.": exact * 100,
                "The number of people in the world has no effect: divide the speakers by `world_millions`.": AnyOf(
                    speakers / share, speakers / (share / 100), exact * people / 8000
                ),
                "Speakers and people in the world are both in millions. No factor of a million is needed.": AnyOf(
                    *(exact * factor for factor in (1e6, 1e-6, 1e4, 1e3, 1e-3))
                ),
                "Speakers are counted in millions, but not in whole ones: do not cut or round them.": AnyOf(
                    *(exact * whole(speakers) / speakers for whole in (int, round))
                ),
                "The ratio is rounded or cut to whole numbers. Return it as it is.": (
                    lambda got: abs(got - exact) <= 1 and got == round(got, 3)
                ),
                "This is a difference. Divide the two shares.": speakers / people - share / 100,
            },
            otherwise="Divide (speakers / world) by (share / 100).",
        )


# %% graded: 1 point | a language without data has the ratio inf.
def test_no_data_gives_inf() -> None:
    without_data = "A share of 0 gives `float('inf')`: handle it before you divide."
    for zero in (0, 0.0):
        check(
            lambda: representation_ratio(50, zero),
            float("inf"),
            "50 million speakers and no data",
            if_raises=without_data,
            otherwise=without_data,
        )
    check(
        lambda: representation_ratio(0, 2.5),
        0.0,
        "no speakers, but 2.5% of the data (Latin, say)",
        if_raises="0 is not negative: a language without speakers has the ratio 0.",
    )
    check(
        lambda: representation_ratio(0, 0),
        float("inf"),
        "no speakers and no data",
        if_raises=without_data,
        otherwise="A share of 0 gives `inf`, whatever the number of speakers.",
    )
    check(
        lambda: representation_ratio(3, 1e-7),
        (3 / 8000) / 1e-9,
        "a tiny share",
        mistakes={"A tiny share is not 0: compare with 0 itself.": float("inf")},
    )


# %% graded: 1 point | negative numbers are refused, whichever argument it is.
def test_negative_numbers_are_refused() -> None:
    check_refused(lambda: representation_ratio(-113, 0.5), "speakers_millions = -113")
    check_refused(lambda: representation_ratio(113, -0.5), "share_percent = -0.5")
    check_refused(lambda: representation_ratio(113, 0.5, -8000.0), "world_millions = -8000")
    check_refused(lambda: representation_ratio(-113, 0), "speakers_millions = -113, and no data")
    signs = "Test each number: two signs cancel in the ratio."
    check_refused(lambda: representation_ratio(-113, -0.5), "two negative numbers", signs)
