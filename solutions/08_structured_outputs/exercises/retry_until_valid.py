"""Exercise `retry_until_valid`: ask again until an output is valid, but not for ever, and count the calls."""

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
HINTS = (
    """A loop over the attempts, counted from 1, that returns as soon as an output is valid. What
is left to return after the loop?""",
    """`for attempt in range(1, max_attempts + 1)`: draw one output, and return `(output, attempt)`
when `is_valid(output)`. After the loop, return `(None, max_attempts)`.""",
)
EXPLANATION = """
Each turn of the loop calls `sample` once and judges just that output, so the one that is returned is the one that was
checked. The number of the turn is the number of calls made, the first one included. Whether an output is valid is for
`is_valid` alone to say: an empty text or 0 may be a valid output, so `if output` or `output or None` are wrong. When
every attempt failed, max_attempts calls were paid for, and there is no output to give.
"""

# %% helpers
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check

ORDER = "The order of the pair is (output, attempts)."
FROM_ONE = "attempts is one too few: count the first call too, from 1 and not from zero."
INVALID = "An invalid output was returned: when none is valid, the output is None."


# %% examples
def examples(check):
    def tried(max_attempts, replies=("no", "no", "yes", "yes")):
        queue = iter(replies)
        return retry_until_valid(lambda: next(queue), lambda output: output == "yes", max_attempts)

    check(lambda: tried(5), ("yes", 3), "the third of at most five attempts is valid")
    check(lambda: tried(2), (None, 2), "none of two attempts is valid")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "the third of at most five attempts is valid": Diagnosis(
            {
                FROM_ONE: ("yes", 2),
                ORDER: AnyOf((3, "yes"), (2, "yes")),
                "attempts is the number of calls that were made, not how many were allowed.": (
                    "yes",
                    5,
                ),
                "sample is called again for what is returned. Keep the output that was checked.": (
                    "yes",
                    4,
                ),
                "Go on until an output is valid: one attempt is not enough.": AnyOf(
                    (None, 1), ("no", 1)
                ),
            },
            "Return the pair (output, attempts) of the first valid output.",
            "sample gives no more than four outputs here, and the third one is valid: stop there.",
        ),
        "none of two attempts is valid": Diagnosis(
            {
                INVALID: AnyOf(("no", 2), ("no", 1)),
                "max_attempts is 2: no more calls of sample than that.": AnyOf(
                    ("yes", 3), (None, 3)
                ),
                "Two calls were made, so attempts is 2.": AnyOf((None, 0), (None, 1)),
                ORDER: (2, None),
                "A pair is due also when none was valid: (None, attempts).": lambda got: (
                    got is None
                ),
            },
            "When none was valid the result is (None, attempts).",
            "When none was valid the result is (None, attempts), and no error.",
        ),
    }


# %% graded: 2 points | the output, the attempts, and how often sample is called.
def test_the_first_valid_output_and_the_calls_that_it_took() -> None:
    def tried(first_valid, max_attempts):
        """Return the result and the calls of sample, when every output from number `first_valid` on is valid."""
        made = []

        def sample():
            if len(made) > 400:
                raise AssertionError(
                    "sample was called more than 400 times: stop after max_attempts."
                )
            made.append(len(made) + 1)
            return f"output {made[-1]}"

        got = retry_until_valid(
            sample, lambda output: int(output.split()[1]) >= first_valid, max_attempts
        )
        return got, len(made)

    def parts(got):
        return got[0] if isinstance(got[0], tuple | list) and len(got[0]) == 2 else (got[0], None)

    rng = case_rng("retry_until_valid", 1)
    cases = [(1, 5), (3, 8), (4, 4), (2, 3), (1, 1), (6, 5), (9, 4), (2, 1)]
    cases += [
        (rng.randint(5, 9), 12),
        (rng.randint(15, 19), rng.randint(9, 12)),
        (rng.randint(70, 90), 100),
        (rng.randint(210, 290), 300),
    ]
    for first_valid, most in cases:
        found = first_valid <= most
        last, output = (first_valid, f"output {first_valid}") if found else (most, None)
        check(
            lambda: tried(first_valid, most),
            ((output, last), last),
            f"output {first_valid} is the first valid one, max_attempts {most}: ((output, attempts), calls of sample)",
            mistakes={
                "A pair is due, (output, attempts), also when none was valid: then the output in it is None.": lambda got: (
                    not isinstance(got[0], tuple | list)
                ),
                ORDER: ((last, output), last),
                "sample is called more often than max_attempts allows (once too often, or without end).": lambda got: (
                    got[1] > most
                ),
                "The outputs were all drawn first. Stop as soon as one is valid: each call costs something.": lambda got: (
                    found and got[1] == most > last and parts(got) == (output, last)
                ),
                "sample is called again for what is returned: another output, perhaps invalid. Keep the one that was "
                "checked.": lambda got: found and got[1] == last + 1,
                INVALID: lambda got: isinstance(parts(got)[0], str) and parts(got)[0] != output,
                "sample is called only once: draw a new output for each attempt.": lambda got: (
                    got[1] == 1 < last and parts(got)[1] == most
                ),
                "Only one attempt is made: go on until max_attempts.": lambda got: (
                    got[1] == 1 < last
                ),
                "The last of max_attempts is not used, or its output is not checked.": lambda got: (
                    (found and last == most and parts(got)[0] is None)
                    or (not found and got[1] == most - 1)
                ),
                "A valid output came, and was not returned: the output is None only when none was valid.": lambda got: (
                    found and parts(got)[0] is None
                ),
                "Return the output, not what is_valid says of it (True).": lambda got: (
                    parts(got)[0] is True
                ),
                FROM_ONE: lambda got: parts(got)[1] == last - 1,
                "attempts is one too many: count each call of sample once.": lambda got: (
                    parts(got)[1] == last + 1 != most
                ),
            },
            otherwise="attempts is the number of calls of sample that were made, not max_attempts and not 0.",
            if_raises="When no output was valid within max_attempts, the result is (None, attempts).",
        )


# %% graded: 1 point | is_valid alone decides; each call of the function starts anew.
def test_falsy_outputs_may_be_valid_and_nothing_is_remembered() -> None:
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
        [("good", 2)] * 2,
        "two calls of retry_until_valid",
        otherwise="Each call starts to count anew.",
    )

    falsy = (
        "A valid output may be empty or falsy: is_valid alone decides, not the truth of the output."
    )
    for value in ("", 0, [], False):
        outputs = ["bad", "bad", value, "bad", "bad"]

        def tried():
            queue = iter(outputs)
            return retry_until_valid(lambda: next(queue), lambda output: output != "bad", 4)

        check(
            tried,
            (value, 3),
            f"the third output, {value!r}, is the valid one",
            mistakes={
                "attempts counts every call of sample, also one that gives the same output as an earlier call.": (
                    value,
                    2,
                ),
                "An output may come twice in a row: go on to the next attempt.": (None, 2),
                "Return the output as sample gave it, not as text.": (str(value), 3),
            },
            otherwise=falsy,
            if_raises=falsy,
        )

    each = "Ask is_valid about each output as it is: '1' and 1 are two outputs, 'ok' and ' ok' as well."
    for outputs in (["1", 1.0, True, 1], ["ok", "OK", "ok\n", " ok"]):
        valid = outputs[-1]

        def last_of_four():
            queue = iter(outputs)
            return retry_until_valid(
                lambda: next(queue), lambda one: type(one) is type(valid) and one == valid, 5
            )

        check(
            last_of_four,
            (valid, 4),
            f"the last of {outputs} is the valid one",
            otherwise=each,
            if_raises=each,
        )

    def with_none(max_attempts):
        queue = iter(["bad", None, None, "good"])
        return retry_until_valid(lambda: next(queue), lambda output: output == "good", max_attempts)

    for most, wanted in ((5, ("good", 4)), (3, (None, 3))):
        check(
            lambda: with_none(most),
            wanted,
            f"two of the outputs are None, max_attempts {most}",
            otherwise="An output None is paid for like any other: every call of sample counts.",
            if_raises="An output None is paid for like any other: every call of sample counts.",
        )

    def valid_none():
        queue = iter(["bad", None, "bad"])
        return retry_until_valid(lambda: next(queue), lambda output: output is None, 3)

    check(
        valid_none,
        (None, 2),
        "the second output, None, is the valid one",
        otherwise="An output None may be valid, and then it is the last one: is_valid alone decides.",
    )
