"""Exercise `retry_until_valid` of notebook 08."""

# %% solution
from collections.abc import Callable
from typing import Any


def retry_until_valid(
    sample: Callable[[], Any], is_valid: Callable[[Any], bool], max_attempts: int
) -> tuple[Any, int]:
    """Return the first valid output and the number of calls of `sample` that were made.

    Args:
        sample: draws an output.
        is_valid: tells whether an output is valid.
        max_attempts: most calls of `sample`, at least 1.

    Returns:
        (output, attempts); the output is None when none was valid.
    """
    ### BEGIN SOLUTION
    for attempt in range(1, max_attempts + 1):
        output = sample()
        if is_valid(output):
            return output, attempt
    return None, max_attempts
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
from utils.notebook.checks import Diagnosis, case_rng, check


# %% examples
def examples(check):
    replies, late = (iter(["no", "no", "yes", "yes"]), iter(["no", "no", "no", "yes"]))
    check(
        lambda: retry_until_valid(lambda: next(replies), lambda output: output == "yes", 5),
        ("yes", 3),
        "the third of five attempts is valid",
    )
    check(
        lambda: retry_until_valid(lambda: next(late), lambda output: output == "yes", 2),
        (None, 2),
        "none of two attempts is valid",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    replies, late = (iter(["no", "no", "yes", "yes"]), iter(["no", "no", "no", "yes"]))
    found["the third of five attempts is valid"] = Diagnosis(
        mistakes={
            "Attempts are counted from 1: the third call of sample is attempt 3.": ("yes", 2),
            "The order of the pair is (output, attempts).": (3, "yes"),
        }
    )
    found["none of two attempts is valid"] = Diagnosis(
        mistakes={
            "An invalid output must not be returned: the output is None when none was valid.": (
                "no",
                2,
            ),
            "max_attempts is 2: no more calls of sample than that.": ("yes", 4),
        }
    )
    return found


# %% graded: 2 points | the output, the attempts, and how often sample is called.
def test_1() -> None:
    def tried(first_valid, max_attempts):
        """Return what came back and the number of calls; every output from number `first_valid` on is valid."""
        made = []

        def sample():
            if len(made) > 60:
                raise AssertionError(
                    "sample was called more than 60 times: stop after max_attempts."
                )
            made.append(len(made) + 1)
            return f"output {made[-1]}"

        got = retry_until_valid(
            sample, lambda output: int(output.split()[1]) >= first_valid, max_attempts
        )
        return got, len(made)

    rng = case_rng("retry_until_valid", 1)
    cases = [
        (1, 5),
        (3, 8),
        (4, 4),
        (2, 3),
        (1, 1),
        (6, 5),
        (9, 4),
        (2, 1),
        (rng.randint(5, 9), 12),
        (rng.randint(15, 19), rng.randint(9, 12)),
    ]
    for first_valid, most in cases:
        found = first_valid <= most
        last = first_valid if found else most
        output = f"output {first_valid}" if found else None

        def outcome(got):
            return (
                got[0] if isinstance(got[0], tuple | list) and len(got[0]) == 2 else (got[0], None)
            )

        check(
            lambda: tried(first_valid, most),
            ((output, last), last),
            f"output {first_valid} is the first valid one, max_attempts {most}: ((output, attempts), calls of sample)",
            mistakes={
                "A pair is due, (output, attempts), also when none was valid: then the output in it is None.": (
                    lambda got: not isinstance(got[0], tuple | list)
                ),
                "The order of the pair is (output, attempts).": ((last, output), last),
                "You call sample once more than max_attempts allows (once too often).": (
                    lambda got: not found and got[1] == most + 1
                ),
                "sample is called more often than max_attempts allows.": lambda got: got[1] > most,
                "The outputs were all drawn first. Stop as soon as one is valid: each call costs something.": (
                    lambda got: found and got[1] == most > last and outcome(got) == (output, last)
                ),
                "sample is called again for what is returned: another output, perhaps invalid. Keep the one that was checked.": (
                    lambda got: found and got[1] == last + 1
                ),
                "sample is called only once: draw a new output for each attempt.": (
                    lambda got: got[1] == 1 and last > 1 and outcome(got)[1] == last
                ),
                "Only one attempt is made: go on until max_attempts.": lambda got: (
                    got[1] == 1 and last > 1
                ),
                "The last of max_attempts is not used, or its output is not checked.": (
                    lambda got: (
                        (found and last == most and outcome(got)[0] is None)
                        or (not found and got[1] == most - 1)
                    )
                ),
                "An invalid output was returned: when none is valid, the output is None.": (
                    lambda got: not found and isinstance(outcome(got)[0], str)
                ),
                "An invalid output was returned: is_valid says whether an output is valid (True or False).": (
                    lambda got: outcome(got)[0] is not True and outcome(got)[0] != output
                ),
                "Return the output, not what is_valid says of it (True).": lambda got: (
                    outcome(got)[0] is True
                ),
                "attempts is one too few: count the first call too, from 1 and not from zero.": (
                    lambda got: outcome(got)[1] == last - 1
                ),
                "attempts is one more than the calls of sample that were made.": lambda got: (
                    outcome(got)[1] == last + 1
                ),
            },
            otherwise="attempts is the number of calls of sample that were made, not max_attempts and not 0.",
            if_raises="When no output was valid within max_attempts, the result is (None, attempts).",
        )


# %% graded: 1 point | is_valid alone decides; each call of the function starts anew.
def test_2() -> None:
    for value, what in (
        ("", "the empty text"),
        (0, "the number 0"),
        ([], "an empty list"),
        (False, "False"),
    ):
        outputs = ["bad", "bad", value, "bad", "bad"]

        def tried():
            queue = iter(outputs)
            return retry_until_valid(lambda: next(queue), lambda output: output != "bad", 4)

        check(
            tried,
            (value, 3),
            f"the third output, {what}, is the valid one",
            mistakes={
                "attempts counts every call of sample, also one that gives the same output as an earlier call.": (
                    lambda got: (
                        isinstance(got, tuple | list)
                        and len(got) == 2
                        and got[1] == 2
                        and got[0] == value
                    )
                ),
                "A valid output may be empty or falsy: is_valid alone decides, not the truth of the output.": (
                    lambda got: isinstance(got, tuple | list)
                ),
            },
            otherwise="is_valid alone decides, also of an empty or falsy output.",
            if_raises="is_valid alone decides, also of an empty or falsy output.",
        )

    def twice():
        results = []
        for _ in range(2):
            queue = iter(["bad", "good", "bad"])
            results.append(
                retry_until_valid(lambda: next(queue), lambda output: output == "good", 3)
            )
        return results

    check(
        twice,
        [("good", 2), ("good", 2)],
        "two calls of retry_until_valid, one after the other",
        otherwise="Each call starts to count anew.",
    )

    def impatient():
        queue = iter(["x"] * 50)
        return retry_until_valid(lambda: next(queue), lambda output: False, 50)

    check(
        impatient,
        (None, 50),
        "fifty invalid outputs",
        otherwise="After max_attempts the result is (None, max_attempts).",
    )
