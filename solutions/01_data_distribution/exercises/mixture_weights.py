"""Exercise `mixture_weights`: how often to draw from each source, between natural and uniform."""


# %% solution
def mixture_weights(sizes: dict[str, float], alpha: float) -> dict[str, float]:
    """Return the sampling weight of each source, proportional to its size to the power of alpha.

    Args:
        sizes: from a source to its size, in any unit; at least one is not 0.
        alpha: 1 for natural shares, 0 for uniform ones over the non-empty sources.

    Returns:
        From each source to its weight; the weights sum to 1, and an empty source gets 0.0.
    """
    ### BEGIN SOLUTION
    powers = {source: size**alpha if size > 0 else 0.0 for source, size in sizes.items()}
    total = sum(powers.values())
    return {source: power / total for source, power in powers.items()}
    ### END SOLUTION


# %% hints
HINTS = (
    "First a power of each size, then a division. What must the weights sum to?",
    (
        "`size ** alpha` for every source that holds something and 0.0 for an empty one, each"
        " divided by the sum of all."
    ),
)
EXPLANATION = """
alpha turns a dial: 1 keeps the natural shares, 0 makes all sources equal, 0.5 lies between and
lifts small ones. Python says that `0 ** 0` is 1, so an empty source has to be set to 0.0 by hand,
or at alpha 0 it would get a share of a text that does not exist.
"""


# %% helpers
import math

from utils.notebook.checks import (
    KEEPS_RESULTS,
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    inputs_unchanged,
)

LEFT_OUT = "Empty sources were left out. They stay in the result, with the weight 0.0."
ZERO_TO_ZERO = "0 ** 0 is 1 in Python: an empty source gets 0.0 at every alpha."


def shares(values):
    total = math.fsum(values.values())
    return {key: value / total for key, value in values.items()}


def powers(sizes, exponent):
    """Shares of the sizes to a power, through logarithms."""
    return shares({key: math.exp(exponent * math.log(size)) for key, size in sizes.items()})


# %% examples
def examples(check):
    two, three = {"en": 900, "sw": 100}, {"en": 900, "sw": 100, "xx": 0}
    check(lambda: mixture_weights(two, 1), {"en": 0.9, "sw": 0.1}, "alpha 1: natural shares")
    check(lambda: mixture_weights(two, 0.5), {"en": 0.75, "sw": 0.25}, "alpha 0.5: roots 30 and 10")
    uniform = {"en": 0.5, "sw": 0.5, "xx": 0.0}
    check(lambda: mixture_weights(three, 0), uniform, "alpha 0: uniform over non-empty sources")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    squares = {"en": 810_000 / 820_000, "sw": 10_000 / 820_000}
    return {
        "alpha 1: natural shares": Diagnosis(
            mistakes={
                "These are percentages. Weights sum to 1.": {"en": 90.0, "sw": 10.0},
                "The sizes are not divided by their sum.": {"en": 900, "sw": 100},
                "These weights are uniform: alpha 1 gives the natural shares.": {
                    "en": 0.5,
                    "sw": 0.5,
                },
            },
            otherwise="With alpha 1 the weights are the sizes over their sum.",
        ),
        "alpha 0.5: roots 30 and 10": Diagnosis(
            mistakes={
                "Alpha has no effect.": {"en": 0.9, "sw": 0.1},
                "The weights do not sum to 1: divide by the sum of the powers.": AnyOf(
                    {"en": 30.0, "sw": 10.0},
                    {"en": 0.9**0.5, "sw": 0.1**0.5},
                    {"en": 0.03, "sw": 0.01},
                ),
                "The exponent is alpha, not 1 / alpha.": squares,
                "This multiplies by alpha; alpha is an exponent.": {"en": 0.45, "sw": 0.05},
            },
            otherwise="30 and 10 are the powers: divide each by 40.",
        ),
        "alpha 0: uniform over non-empty sources": Diagnosis(
            mistakes={
                "0 ** 0 is 1 in Python: an empty source gets 0.0 at every alpha.": dict.fromkeys(
                    ("en", "sw", "xx"), 1 / 3
                ),
                "An empty source stays in the result, with the weight 0.0.": {"en": 0.5, "sw": 0.5},
            },
            otherwise="The two sources that hold something get one half each.",
        ),
    }


# %% graded: 2 points | weights are proportional to size ** alpha and sum to 1.
def test_weights_are_proportional_to_the_power() -> None:
    for case, alpha in enumerate((0.3, 0.7, 0.5, 0.15, 0.9, 0.25)):
        rng = case_rng("mixture_weights", case)
        names = ("en", "de", "pa", "my", *(f"x{number}" for number in range(90 * (case == 5))))
        sizes = {name: rng.randint(2, 40) * 10 ** rng.randint(0, 4) for name in names}
        sizes["sw"] = 7 * max(sizes.values())
        wanted, natural = powers(sizes, alpha), shares(sizes)
        check(
            lambda: mixture_weights(dict(sizes), alpha),
            wanted,
            f"sizes {sizes}, alpha {alpha}",
            mistakes={
                "Alpha has no effect: raise each size to the power of alpha (a factor cancels).": (
                    natural
                ),
                "These are uniform weights: alpha has no effect.": shares(
                    dict.fromkeys(sizes, 1.0)
                ),
                "These are percentages. Weights sum to 1.": {
                    key: 100 * value for key, value in wanted.items()
                },
                "The weights are rounded, so they no longer sum to 1 exactly. Return them as they are.": lambda got: (
                    all(
                        abs(got[key] - value) < 0.051 and got[key] == round(got[key], 4)
                        for key, value in wanted.items()
                    )
                ),
                "The weights do not sum to 1: divide by the sum of the powers.": (
                    lambda got: abs(sum(got.values()) - 1) > 1e-3
                ),
                "The exponent is alpha, not 1 / alpha.": powers(sizes, 1 / alpha),
                "The exponent is alpha, not 1 - alpha: alpha 1 keeps the natural shares.": powers(
                    sizes, 1 - alpha
                ),
                "The exponent has the wrong sign: a larger source gets a larger weight.": powers(
                    sizes, -alpha
                ),
                "This is a mean of natural and uniform weights. Raise the sizes to the power of alpha instead.": {
                    key: alpha * value + (1 - alpha) / len(sizes) for key, value in natural.items()
                },
                "The weights are right, but stand at other sources. Keep each with its key.": lambda got: (
                    max(abs(a - b) for a, b in zip(sorted(got.values()), sorted(wanted.values())))
                    < 1e-9
                ),
                "You raised alpha to the size, or took exponentials. Raise each size to the power of alpha.": lambda got: (
                    any(value > 0.999 or value != value for value in got.values())
                ),
            },
            otherwise="Raise each size to the power of alpha, then divide by the sum.",
        )


# %% graded: 1 point | alpha 1 is natural, and alpha 0 is uniform over the non-empty sources.
def test_natural_and_uniform() -> None:
    sizes = {"en": 4600, "ru": 600, "pa": 1, "xx": 0, "te": 799}
    natural = {"en": 4600 / 6000, "ru": 0.1, "pa": 1 / 6000, "xx": 0.0, "te": 799 / 6000}
    check(
        lambda: mixture_weights(dict(sizes), 1),
        natural,
        "alpha 1",
        mistakes={
            LEFT_OUT: lambda got: "xx" not in got and "en" in got,
            "A source of size 1 was taken for empty. Its logarithm is 0, its size is not.": {
                "en": 4600 / 5999,
                "ru": 600 / 5999,
                "pa": 0.0,
                "xx": 0.0,
                "te": 799 / 5999,
            },
        },
        otherwise="Alpha 1 keeps the natural shares.",
    )
    for alpha in (0, 0.0):
        check(
            lambda: mixture_weights(dict(sizes), alpha),
            {**dict.fromkeys(sizes, 0.25), "xx": 0.0},
            "alpha 0, with one empty source among five",
            mistakes={
                ZERO_TO_ZERO: dict.fromkeys(sizes, 0.2),
                "The uniform share counts the empty source too: divide by the number of non-empty ones.": {
                    **dict.fromkeys(sizes, 0.2),
                    "xx": 0.0,
                },
                "Alpha 0 is falsy in Python: do not replace it by a default.": (
                    lambda got: 0.3 < got["en"] < 0.9
                ),
            },
            otherwise="Alpha 0 is uniform over the sources that hold something.",
        )
    small = "Sizes have any unit: one far below 1 is not empty, and nothing is added to it or the sum."
    for sizes in ({"a": 0.5, "b": 0.125}, {"c": 5e-10, "d": 1.25e-10}):
        large, little = sizes
        check(
            lambda: mixture_weights(dict(sizes), 0.5),
            {large: 2 / 3, little: 1 / 3},
            f"the sizes {sizes}",
            if_raises=small,
            mistakes={
                small: AnyOf({large: 0.5, little: 0.5}, {large: 1.0, little: 0.0}, lambda got: "c" in got)
            },
        )


# %% graded: 1 point | an empty source stays in the result with the weight 0.0, and the sizes stay as they were.
def test_empty_sources_get_zero() -> None:
    sizes = {"empty": 0, "a": 81, "b": 16, "none": 0.0}
    for alpha, weight in ((0.25, 0.6), (0.5, 9 / 13), (1, 81 / 97), (0, 0.5)):
        of_two = {"a": weight, "b": 1 - weight}
        with inputs_unchanged(sizes):
            check(
                lambda: mixture_weights(sizes, alpha),
                {"empty": 0.0, **of_two, "none": 0.0},
                f"two empty sources of four, alpha {alpha}",
                if_raises="A size of 0 is allowed: such a source gets 0.0.",
                mistakes={
                    LEFT_OUT: of_two,
                    ZERO_TO_ZERO: dict.fromkeys(sizes, 0.25),
                    "An empty source must get 0.0 exactly: do not add a number to the sizes.": (
                        lambda got: 0 < got["empty"] < 0.3
                    ),
                },
            )
    for sizes, alpha in (({"one": 12}, 0.5), ({"small": 0.25}, 0.5), ({"full": 3, "none": 0}, 0)):
        check(
            lambda: mixture_weights(dict(sizes), alpha),
            {source: float(size > 0) for source, size in sizes.items()},
            f"the sizes {sizes}, alpha {alpha}: a single source gets everything",
            if_raises="A size of 0 is allowed: such a source gets 0.0.",
        )
    for sizes, wanted in (
        ({"a": 81, "b": 16}, {"a": 0.6, "b": 0.4}),
        ({"a": 256, "b": 16}, {"a": 2 / 3, "b": 1 / 3}),
    ):
        check(
            lambda: mixture_weights(dict(sizes), 0.25),
            wanted,
            f"the sizes {sizes}, after others with the same names",
            otherwise=KEEPS_RESULTS,
        )
