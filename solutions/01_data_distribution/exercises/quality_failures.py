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
from utils.notebook.checks import (
    KEEPS_RESULTS,
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_same_again,
    inputs_unchanged,
)
from utils.text.quality import (
    alphabetic_words,
    mean_word_length,
    stop_words,
    symbol_ratio,
    word_count,
)

PASSED = "These are the rules that the text passes. A predicate is true for a text that passes."
AS_IT_IS = "Hand the text to each predicate as it is: do not split, strip or lower it."
READY_MADE = [
    ("word_count", word_count),
    ("mean_word_length", mean_word_length),
    ("symbol_ratio", symbol_ratio),
    ("alphabetic_words", alphabetic_words),
    ("stop_words", stop_words),
]


def letter_rules(rng, n_rules):
    """Rules that look for one letter each, a text, and the places of the rules that it fails."""
    letters = rng.sample("bcdfghjklmnpqrstvwxz", n_rules)
    failed = [0]
    # The first failures must not be the first rules, and of many rules the first five fail twice.
    while failed == list(range(len(failed))) or (n_rules > 9 and sum(at < 5 for at in failed) < 2):
        failed = sorted(rng.sample(range(n_rules), rng.randint(2, n_rules - 2)))
    present = [letter for at, letter in enumerate(letters) if at not in failed]
    text = " ".join([*(f"{letter}a{letter}o" for letter in present), "aeiou"])
    names = [f"{rng.choice(['has', 'wants', 'needs'])}_{letter}" for letter in letters]
    tests = [lambda text, letter=letter: letter in text for letter in letters]
    return list(zip(names, tests)), text, failed


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
def test_all_failed_rules_in_their_order() -> None:
    always = [("never", lambda text: False)]
    check_same_again(lambda: quality_failures("text", always), "a rule that nothing passes")
    for case in range(6):
        rules, text, places = letter_rules(case_rng("quality_failures", case), 7 if case else 19)
        names = [name for name, _ in rules]
        failed = [names[at] for at in places]
        check(
            lambda: quality_failures(text, list(rules)),
            failed,
            f"{len(rules)} rules {names} on {text!r}",
            mistakes={
                PASSED: [name for name in names if name not in failed],
                "You stopped at one failure. Go through all rules and report every failed one.": (
                    AnyOf(failed[:1], failed[-1:], failed[0])
                ),
                "Return a list of names, not one string or number.": lambda got: isinstance(
                    got, bool | str | int | float
                ),
                "The names are not in the order of the rules.": (
                    lambda got: got != failed and sorted(got) == sorted(failed)
                ),
                "Return the names alone, without the predicates.": lambda got: isinstance(
                    got[0], tuple | list
                ),
                "Return the names of the failed rules, not their places.": places,
                "All rules are named, though the text passes some. Ask each rule for itself.": names,
                "No rule is named, though the text fails some. Ask each rule for itself.": [],
                "You stopped before the last rules. Go through all rules.": (
                    lambda got: list(got) == failed[: len(got)]
                ),
            },
            otherwise=(
                "Return the names of the rules whose predicate is false for the text, in order."
            ),
        )
    check(
        lambda: quality_failures("text", [("never", lambda text: True)]),
        [],
        "a rule with the name of one before, on the same text, which now passes",
        otherwise=KEEPS_RESULTS,
    )


# %% graded: 1 point | predicates see the text as it is; no rules, no failures, and the empty text are cases like any other.
def test_predicates_see_the_text_as_it_is() -> None:
    text = "  Title\n\nSome TEXT with  two blanks, in a cafe\u0301.\n"
    check(
        lambda: quality_failures(
            text, [("whole", lambda one: one == text), ("never", lambda one: False)]
        ),
        ["never"],
        "a rule that compares with the whole text, and one that nothing passes",
        mistakes={PASSED: ["whole"]},
        otherwise=AS_IT_IS,
        if_raises=AS_IT_IS,
    )
    for rules, one, wanted, hint in (
        (
            [("short", lambda one: len(one) < 9), ("some", bool)],
            "",
            ["some"],
            "The empty text is a text like any other.",
        ),
        ([], "text", [], "Without rules nothing can fail."),
        (
            [("stop_words", lambda one: True), ("word_count", lambda one: False)],
            "x",
            ["word_count"],
            "A name is a label: ask the predicate that stands beside it, whatever the name says.",
        ),
        (
            [("asks", {"a": True}.get), ("says", lambda one: True), ("compares", "b".__eq__)],
            "x",
            ["asks", "compares"],
            (
                "A predicate that returns None has not said that the text passes: use `not"
                " predicate(text)`."
            ),
        ),
    ):
        check(
            lambda: quality_failures(one, list(rules)),
            wanted,
            f"{len(rules)} rules on {one!r}",
            otherwise=hint,
            if_raises=hint,
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
            mistakes={"The names were sorted. Keep the order of the rules.": ["a_first", "z_last"]},
        )


# %% graded: 1 point | the ready-made rules on prose, on symbols and on a fragment.
def test_ready_made_rules() -> None:
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
        wanted = [rule for rule, predicate in READY_MADE if not predicate(text)]
        check(
            lambda: quality_failures(text, READY_MADE),
            wanted,
            what,
            mistakes={
                PASSED: [rule for rule, _ in READY_MADE if rule not in wanted],
                "You stopped at one failure. Report all failed rules.": wanted[:1],
                "The names are not in the order of the rules.": (
                    lambda got: len(got) == len(wanted) > 1 and sorted(got) == sorted(wanted)
                ),
            },
            otherwise=f"{AS_IT_IS} Return the names of those that are false, in order.",
        )
