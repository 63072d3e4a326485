"""Exercise `quality_failures`: the rules that a text fails, after the filters of Gopher (Rae et
al., 2021).
"""

# %% solution
from collections.abc import Callable


def quality_failures(text: str, rules: list[tuple[str, Callable[[str], bool]]]) -> list[str]:
    """Return the names of the rules that a text fails, in the order of the rules.

    Args:
        text: a document.
        rules: pairs of a name and a predicate, which is true for a text that passes.
    """
    ### BEGIN SOLUTION
    return [name for name, passes in rules if not passes(text)]
    ### END SOLUTION


# %% hints
HINTS = (
    "A predicate is true for a text that passes. Which ones do you report?",
    "One list comprehension over `rules`: keep `name` where `not passes(text)`.",
)
EXPLANATION = """
`not passes(text)` treats everything that Python takes for false, None among it, as a failure: a
rule that found nothing to say has not passed the text. The order of the rules is kept, and every
failure is reported, because the pattern of failures tells what kind of text it is.
"""


# %% helpers
from copy import copy

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, inputs_unchanged
from utils.text.quality import (
    alphabetic_words,
    mean_word_length,
    stop_words,
    symbol_ratio,
    word_count,
)


# %% examples
def examples(check):
    rules = [("short", lambda text: len(text) < 10), ("calm", lambda text: "!" not in text)]
    check(
        lambda: quality_failures("Buy now!!!", rules), ["short", "calm"], "neither short nor calm"
    )
    check(lambda: quality_failures("Hello", rules), [], "short and calm")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "neither short nor calm": Diagnosis(
            mistakes={
                "These are the rules that the text passes. A predicate is true for a text that passes.": [],
                "Only the first failure is reported. Report all of them.": AnyOf(
                    ["short"], "short"
                ),
                "Report the names, in the order of the rules.": ["calm", "short"],
                "Return the names of the rules, not whether they hold.": AnyOf(
                    [False, False], [True, True]
                ),
            },
            otherwise="Both rules fail: return both names, in the order of the rules.",
        ),
        "short and calm": Diagnosis(
            mistakes={"These are the rules that the text passes.": ["short", "calm"]},
            otherwise="A text that passes every rule has no failures: return an empty list.",
        ),
    }


# %% graded: 2 points | all failed rules and no other, in the order of the rules.
def test_1() -> None:
    always = [("never", lambda text: False)]
    check(
        lambda: copy(quality_failures("text", always)) == quality_failures("text", always),
        True,
        "the same call twice",
        mistakes={
            "Your code keeps state between calls: the second call with the same input gives another result.": (
                False
            )
        },
    )
    for case in range(6):
        rng = case_rng("quality_failures", case)
        # Each rule looks for one letter, so the text decides exactly which rules fail.
        letters = rng.sample("bcdfghjklmnpqrstvwxz", 7)
        wanted = sorted(rng.sample(range(7), rng.randint(2, 5)))
        while wanted == list(range(len(wanted))):  # the first failures must not be the first rules
            wanted = sorted(rng.sample(range(7), rng.randint(2, 5)))
        names = [f"{rng.choice(['has', 'wants', 'needs'])}_{letter}" for letter in letters]
        text = (
            " ".join(
                f"{letters[at]}a{letters[at]}o"
                for at in rng.sample(range(7), 7)
                if at not in wanted
            )
            + " aeiou"
        )
        rules = [
            (name, lambda one, letter=letter: letter in one) for name, letter in zip(names, letters)
        ]
        failed = [names[at] for at in wanted]
        passed = [names[at] for at in range(7) if at not in wanted]
        check(
            lambda: quality_failures(text, list(rules)),
            failed,
            f"seven rules {names} on {text!r}",
            mistakes={
                "These are the rules that the text passes. A predicate is true for a text that passes.": (
                    passed
                ),
                "Only the first failure is reported. Report all of them.": failed[:1],
                "Only the last failure is reported. Report all of them.": failed[-1:],
                "You stopped at the first failure, and returned it without a list. Go through all rules.": failed[
                    0
                ],
                "Return a list of names, not one string or number.": lambda got: isinstance(
                    got, bool | str | int | float
                ),
                "The names are not in the order of the rules.": lambda got: (
                    isinstance(got, list | tuple | set) and sorted(map(str, got)) == sorted(failed)
                ),
                "Return the names alone, without the predicates.": lambda got: (
                    isinstance(got, list) and bool(got) and isinstance(got[0], tuple | list)
                ),
                "Return the names of the failed rules, not their places.": wanted,
                "The rules were checked only until one passed or failed. Go through all of them.": (
                    lambda got: (
                        isinstance(got, list)
                        and 0 < len(got) < len(failed)
                        and got == failed[: len(got)]
                    )
                ),
            },
            otherwise=(
                "Return the names of the rules whose predicate is false for the text, in order."
            ),
        )


# %% graded: 1 point | predicates see the text as it is; no rules, no failures, and the empty text are cases like any other.
def test_2() -> None:
    text = "  Title\n\nSome TEXT with  two blanks.\n"
    for name, predicate, hint in (
        (
            "whole",
            lambda one: one == text,
            "Hand the text to each predicate as it is: do not split, strip or lower it.",
        ),
        (
            "upper",
            lambda one: "TEXT" in one,
            "The text was lower-cased before the predicate saw it.",
        ),
        (
            "lines",
            lambda one: one.count("\n") == 3,
            "The text was stripped or split before the predicate saw it.",
        ),
        ("length", lambda one: len(one) > 30, "The predicate got words and not the text."),
    ):
        check(
            lambda: quality_failures(text, [(name, predicate)]),
            [],
            f"the rule {name!r}",
            otherwise=hint,
            if_raises=hint,
        )
    check(
        lambda: quality_failures(
            "", [("some", lambda one: len(one) > 0), ("any", lambda one: True)]
        ),
        ["some"],
        "the empty text",
        otherwise="The empty text goes through the rules like any other.",
    )
    check(
        lambda: quality_failures("text", []),
        [],
        "no rules",
        otherwise="Without rules nothing can fail.",
    )
    rules = [
        ("z_last", lambda one: False),
        ("passes", lambda one: True),
        ("a_first", lambda one: False),
    ]
    with inputs_unchanged(rules):
        check(
            lambda: quality_failures("text", rules),
            ["z_last", "a_first"],
            "rules whose names are not in the order of the alphabet",
            mistakes={
                "The names were sorted. Keep the order of the rules.": ["a_first", "z_last"],
                "The rule that passes was reported.": ["passes"],
            },
        )


# %% graded: 1 point | the ready-made rules on prose, on symbols and on a fragment.
def test_3() -> None:
    rules = [
        ("word_count", word_count),
        ("mean_word_length", mean_word_length),
        ("symbol_ratio", symbol_ratio),
        ("alphabetic_words", alphabetic_words),
        ("stop_words", stop_words),
    ]
    sentence = (
        "The people of the town have been waiting for that bridge, and with it they will be there"
        " in an hour. "
    )
    for text, what in (
        (sentence * 4, "80 words of prose"),
        (sentence, "one sentence"),
        ("12 # 34 # " * 40, "numbers and hashes"),
        ("Donaudampfschifffahrtsgesellschaft " * 80, "eighty long words"),
        (sentence.upper() * 4, "prose in capitals"),
    ):
        wanted = [rule for rule, predicate in rules if not predicate(text)]
        check(
            lambda: quality_failures(text, rules),
            wanted,
            what,
            mistakes={
                "These are the rules that the text passes. A predicate is true for a text that passes.": [
                    rule for rule, _ in rules if rule not in wanted
                ],
                "Only the first failure is reported. Report all of them.": wanted[:1],
            },
            otherwise=(
                "Hand the text to each predicate as it is, and return the names of those that are"
                " false, in order."
            ),
        )
