"""Exercise `snowball_rate`: what it is about, in a sentence."""


# %% solution
def snowball_rate(first_wrong, later_wrong):
    """Return what is due."""
    ### BEGIN SOLUTION
    raise NotImplementedError
    ### END SOLUTION


# %% hints
HINTS = (
    "A nudge: which idea is needed?",
    "Nearly everything: the steps, in words.",
)
EXPLANATION = """
What the solution does and why it works, in two to five sentences.
"""


# %% helpers
from utils.notebook.checks import Diagnosis, check


# %% examples
def examples(check):
    check(lambda: snowball_rate(..., ...), None, "the simplest case")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {"the simplest case": Diagnosis(otherwise="What is most likely wrong, in a sentence.")}


# %% graded: 1 point | the common mistakes
def test_common_mistakes() -> None:
    check(
        lambda: snowball_rate(..., ...),
        None,
        "the simplest case",
        mistakes={},
        otherwise="What is most likely wrong, in a sentence.",
    )
