"""Exercise `truncate_at_stop` of notebook 07."""

# %% solution
from collections.abc import Sequence


def truncate_at_stop(text: str, stops: Sequence[str]) -> str:
    """Return the text before the earliest stop string in it, the whole text when there is none.

    Raises:
        ValueError: one of the stop strings is empty.
    """
    ### BEGIN SOLUTION
    if any(stop == "" for stop in stops):
        raise ValueError(f"stops must not contain an empty string, got {stops!r}")
    places = [text.find(stop) for stop in stops]
    return text[: min((place for place in places if place >= 0), default=len(text))]
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import itertools

from utils.notebook.checks import Diagnosis, check, check_refused, inputs_unchanged


# %% examples
def examples(check):
    check(
        lambda: truncate_at_stop("Q: one? A: two. Q: three?", [" Q:", " A:"]),
        "Q: one?",
        "two stops, the second of the list comes first",
    )
    check(lambda: truncate_at_stop("no stop here", ["\n"]), "no stop here", "no stop in the text")
    check.refused(lambda: truncate_at_stop("text", [""]), "an empty stop string")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["two stops, the second of the list comes first"] = Diagnosis(
        mistakes={
            "Another stop comes earlier in the text: the order of the list does not matter.": "Q: one? A: two.",
            "The stop itself must go, too.": "Q: one? A:",
        }
    )
    return found


# %% graded: 2 points | the cut is before the earliest stop, in whatever order the stops are given.
def test_1() -> None:
    cases = (
        ("alpha beta now\nUser: gamma\nBot: delta\nUser: end", ["\nUser:", "\nBot:", "beta"]),
        ("one. two! three? one. four!", ["!", "?", "."]),
        ("x = 1;\ny = 2;\nprint(x)\n", ["print", ";\n"]),
        ("The answer is 42.###END### and more ### text", ["###END###", "missing", " and"]),
    )
    for text, given in cases:
        for stops in itertools.permutations(given):
            stops = list(stops)
            found = [stop for stop in stops if stop in text]
            first = min(found, key=text.find)
            place = text.find(first)
            with inputs_unchanged(stops):
                check(
                    lambda: truncate_at_stop(text, stops),
                    text[:place],
                    f"stops {stops} in {text!r}",
                    mistakes={
                        "The stop string itself was kept. Cut before it.": text[
                            : place + len(first)
                        ],
                        "You cut at the stop that is first in the list. The earliest in the text counts, not the order of the list.": text[
                            : text.find(found[0])
                        ],
                        "You cut at the latest of the stops. The earliest counts.": text[
                            : max(text.find(stop) for stop in found)
                        ],
                        "You cut at the last occurrence. The earliest counts.": text[
                            : min(text.rfind(stop) for stop in found)
                        ],
                        "You cut at the last occurrence of the last stop. The earliest counts.": text[
                            : max(text.rfind(stop) for stop in found)
                        ],
                        "Only a stop at the end of the text was seen. It may stand anywhere.": text,
                        "The text goes on after the stop: the stops were removed. Cut there, and return what stands before.": (
                            lambda got, text=text, place=place: (
                                isinstance(got, str)
                                and len(got) > place
                                and not text.startswith(got)
                            )
                        ),
                        "You cut at any single character of the stops. A stop is found as a whole.": text[
                            : min(
                                i for i, letter in enumerate(text) if letter in set("".join(stops))
                            )
                        ],
                        "A stop that is not in the text has the place -1 (find), which cuts off the last character. Leave it out.": text[
                            :-1
                        ],
                        "The white space before the stop belongs to the text: no strip.": (
                            lambda got, text=text, place=place: (
                                isinstance(got, str) and got == text[:place].strip() != text[:place]
                            )
                        ),
                    },
                    otherwise="Cut before the first place in the text where one of the stops begins.",
                )


# %% graded: 2 points | no stop in the text, a stop at its start, overlapping stops, special characters, white space.
def test_2() -> None:
    not_found = "No stop is in the text (find gives -1): it comes back whole."
    overlapping = (
        "Two stops overlap. The earlier one counts: a cut at the other must not destroy it, so look for all of them in the "
        "whole text."
    )
    special = "A stop is a plain string: `.`, `?`, `|` and brackets have no special meaning (regular expression)."
    cases = (
        (
            "no stop string at all",
            [],
            "whole",
            "no stop string at all",
            "With no stop strings the whole text comes back.",
        ),
        ("nothing here", ["END", "STOP"], "whole", "nothing here", not_found),
        ("", ["END"], "whole", "", not_found),
        (
            "STOP at once",
            ["STOP"],
            "start",
            "",
            "A stop at the very start has the place 0, which counts: nothing is left.",
        ),
        (
            "one two",
            ["two", "one"],
            "start",
            "",
            "A stop at the very start has the place 0, which counts: nothing is left.",
        ),
        (
            "only at the end<eos>",
            ["<eos>"],
            "end",
            "only at the end",
            "The stop ends the text. Cut before it.",
        ),
        ("value abcd rest", ["bc", "ab"], "overlap", "value ", overlapping),
        ("value abcd rest", ["ab", "bc"], "overlap", "value ", overlapping),
        ("a\n\nb\nc", ["\n\nb", "\n\n"], "overlap", "a", overlapping),
        ("say </end> now", ["d> now", "</end>"], "overlap", "say ", overlapping),
        ("price: 3 dollars. Next", ["."], "special", "price: 3 dollars", special),
        ("a|b (c) [d]? e", ["(c)", "]?"], "special", "a|b ", special),
        ("cost $5 + $6 = $11 ^ done", ["$6", "^"], "special", "cost $5 + ", special),
        (
            "keep this  \nStop here",
            ["\nStop"],
            "white space",
            "keep this  ",
            "White space before the stop belongs to the text: no strip.",
        ),
        (
            "  ends with space ",
            ["Stop"],
            "white space",
            "  ends with space ",
            "White space belongs to the text: no strip.",
        ),
        (
            "stop is no Stop",
            ["Stop"],
            "case",
            "stop is no ",
            "Upper and lower case differ: a stop is found in its own case.",
        ),
    )
    for text, stops, _, wanted, hint in cases:
        check(
            lambda: truncate_at_stop(text, list(stops)),
            wanted,
            f"stops {stops} in {text!r}",
            otherwise=hint,
            if_raises=hint,
        )


# %% graded: 1 point | an empty stop string is refused, wherever it stands in the list.
def test_3() -> None:
    for text, stops in (
        ("text", [""]),
        ("text", ["x", ""]),
        ("text", ["", "x"]),
        ("text", ["t", "", "x"]),
        ("text", ["missing", "", "t"]),
        ("", [""]),
    ):
        check_refused(
            lambda: truncate_at_stop(text, list(stops)),
            f"stops {stops} for {text!r}",
            "An empty string stands at every place of every text.",
        )
