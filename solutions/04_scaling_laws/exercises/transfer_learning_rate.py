"""Exercise `transfer_learning_rate`: a rate found on a narrow model, for a wide one."""


# %% solution
def transfer_learning_rate(base_rate: float, base_width: float, width: float) -> float:
    """Return the learning rate of hidden matrices under Adam, by the maximal-update rule.

    Args:
        base_rate: the best rate at the width where it was tuned.
        base_width: that width.
        width: of the model to be trained.
    """
    ### BEGIN SOLUTION
    return base_rate * base_width / width
    ### END SOLUTION


# %% hints
HINTS = (
    "Adam moves every weight by about the rate. A wider layer adds up more of these moves.",
    "To keep the change of the layer's output the same, rate times width must stay the same.",
)
EXPLANATION = """
An output of a hidden layer is a sum over the width. Adam moves every entry by about the learning
rate, and the moves are correlated with the input, so the sum changes by about rate times width.
The rule keeps this product. It is for hidden matrices under Adam; embeddings and norms keep their
rate, and under SGD the rule is another one.
"""

# %% helpers
from utils.notebook.checks import Diagnosis, case_rng, check, check_nothing_kept, without

KEEP = "Keep the product of rate and width: base_rate x base_width / width."


def wrong_values(rate, base, width):
    ratio = base / width
    return {
        "Rates are small: do not round.": (
            lambda got: any(got == round(rate * ratio, digits) for digits in range(8))
        ),
        "This is upside down: a wider model needs a smaller rate.": rate / ratio,
        "The same rate for all widths is the standard parametrisation; here it changes.": rate,
        "The rate falls with the width itself, not with its root.": rate * ratio**0.5,
        "The rate falls with the width itself, not with its square.": rate * ratio**2,
        "This is only the factor. Multiply it with base_rate.": ratio,
        "The rate was tuned at base_width: compare the widths.": rate / width,
        "The ratio of the widths itself counts: no power of it, no difference, no logarithm.": (
            lambda got: (
                abs(got - rate / (1 + abs(width - base))) < 1e-9 * rate
                or (width > base and rate * ratio < got < rate)
                or (width < base and rate < got < rate * ratio)
            )
        ),
    }


# %% examples
def examples(check):
    check(lambda: transfer_learning_rate(0.01, 64, 256), 0.0025, "four times as wide")
    check(lambda: transfer_learning_rate(0.01, 64, 32), 0.02, "half as wide")
    check(lambda: transfer_learning_rate(0.003, 100, 250), 0.0012, "2.5 times as wide")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    cases = {
        "four times as wide": (0.01, 64, 256),
        "half as wide": (0.01, 64, 32),
        "2.5 times as wide": (0.003, 100, 250),
    }
    return {
        what: Diagnosis(mistakes=wrong_values(*case), otherwise=KEEP)
        for what, case in cases.items()
    }


# %% graded: 1 point | wider models.
def test_wider_models() -> None:
    rng = case_rng("transfer_learning_rate", 1)
    for case in range(6):
        base = rng.randint(16, 300)
        width = base * rng.randint(2, 40) if case % 2 else base * 3 + rng.randint(1, base)
        rate = rng.uniform(0.001, 0.05)
        check(
            lambda: transfer_learning_rate(rate, base, width),
            rate * base / width,
            f"rate {rate:.5f} at the width {base}, for the width {width}",
            mistakes={
                "Widths need not be whole multiples: do not divide in whole numbers.": (
                    rate / max(width // base, 1)
                ),
            }
            | wrong_values(rate, base, width),
            otherwise=KEEP,
            atol=0,
        )
    rule = lambda rate, base, width: rate * base / width
    check_nothing_kept(transfer_learning_rate, rule, (0.02, 64, 256), (0.03, 96, 640), "two models")


# %% graded: 1 point | narrower models, and the same width.
def test_narrower_models() -> None:
    rng = case_rng("transfer_learning_rate", 2)
    for case in range(6):
        width = rng.randint(20, 200)
        base = width if case == 0 else width + rng.randint(3, 900)
        rate = rng.uniform(0.001, 0.05)
        check(
            lambda: transfer_learning_rate(rate, base, width),
            rate * base / width,
            f"rate {rate:.5f} at the width {base}, for the width {width}",
            mistakes={
                "A narrower model gets a larger rate: the rule holds both ways.": rate,
                "Widths need not be whole multiples: do not divide in whole numbers.": (
                    rate * (base // width)
                ),
            }
            | without(wrong_values(rate, base, width), "The same rate"),
            otherwise=KEEP,
            atol=0,
        )
