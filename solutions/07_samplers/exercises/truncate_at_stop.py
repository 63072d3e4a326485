"""Cut a text before the stop string that begins earliest in it."""

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
HINTS = (
    """For each stop string, where does it begin? What does `str.find` say when it is not there?""",
    """Refuse an empty stop first. Then take the smallest of all `text.find(stop)` that are not -1, and
return the text up to there; with none of them the whole text.""",
)
EXPLANATION = """`find` gives the place where a stop begins, or -1, which has to be left out: as an index it would cut
off the last character. The smallest place counts, whatever the order of the list, and the slice up to it leaves the
stop out. All stops are looked for in the whole text, since a cut at one could destroy another that begins earlier. An
empty string is found at place 0 of every text, so it is refused before the search."""

# %% helpers
import itertools

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    check,
    check_refused,
    inputs_unchanged,
    wrong_type,
)


# %% examples
def examples(check):
    text = "Q: one? A: two. Q: three?"
    cut = lambda *stops: truncate_at_stop(text, stops)
    check(lambda: cut(" Q:", " A:"), "Q: one?", "two stops, the second one comes first in the text")
    check(lambda: cut("\n"), text, "no stop in the text")
    check.refused(lambda: cut(""), "an empty stop string")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    text = "Q: one? A: two. Q: three?"
    return {
        "two stops, the second one comes first in the text": Diagnosis(
            {
                "Another stop comes earlier in the text: the order of the list does not matter.": (
                    "Q: one? A: two."
                ),
                "The stop itself must go, too.": "Q: one? A:",
                "The text came back whole: cut it before the first of the stops.": text,
            },
            otherwise="Cut before the earliest place in the text where one of the stops begins.",
        ),
        "no stop in the text": Diagnosis(
            {
                "`find` gives -1 for a stop that is not there, which cuts off the last character.": text[
                    :-1
                ]
            },
            otherwise="A text without any of the stops comes back whole.",
            if_raises="A text without any of the stops comes back whole.",
        ),
        "an empty stop string": Diagnosis(
            otherwise="An empty string stands at every place of every text."
        ),
    }


# %% graded: 2 points | the cut is before the earliest stop, in whatever order the stops are given.
def test_cut_is_before_the_earliest_stop() -> None:
    cases = (
        ("alpha beta now\nUser: gamma\nBot: delta\nUser: end", ["beta", "\nBot:", "\nUser:"]),
        ("one. two! three? one. four! five?", ["!", "?", "."]),
        ("x = 1;\ny = 2;\nprint(x)\n# the end", [";\n", "print", "# the end"]),
        ("The answer is 42.###END### and more ### text", ["###END###", "missing", " and"]),
        ("a long preamble, " * 90 + "then STOP and HALT; STOP", ["HALT", "STOP"]),
    )
    for text, given in cases:
        for stops in map(list, itertools.permutations(given)):
            found = [stop for stop in stops if stop in text]
            places, last_places = (
                [text.find(stop) for stop in found],
                [text.rfind(stop) for stop in found],
            )
            place = min(places)
            kept = text[:place]
            letters = set("".join(stops))
            mistakes = {
                "The stop string itself was kept. Cut before it.": text[
                    : place + len(min(found, key=text.find))
                ],
                "You cut at the stop that is first in the list. The earliest in the text counts, not the order of the list.": text[
                    : places[0]
                ],
                "You cut at the longest of the stops. The earliest in the text counts, whatever its length.": text[
                    : text.find(max(found, key=len))
                ],
                "You cut at the latest of the stops. The earliest counts.": text[: max(places)],
                "You cut at the last occurrence. The earliest counts.": AnyOf(
                    text[: min(last_places)], text[: max(last_places)]
                ),
                "The text came back whole, though stops stand in it. A stop may stand anywhere, not only at the end, and one that is not in the text (find gives -1) hides no other.": text,
                "The text goes on after the stop: the stops were removed. Cut there, and return what stands before.": lambda got, text=text, place=place: (
                    len(got) > place and not text.startswith(got)
                ),
                "You cut at any single character of the stops. A stop is found as a whole.": text[
                    : next(i for i, letter in enumerate(text) if letter in letters)
                ],
                "A stop that is not in the text has the place -1 (find), which cuts off the last character. Leave it out.": text[
                    :-1
                ],
                "White space before the stop belongs to the text: no strip.": AnyOf(
                    kept.strip(), kept.rstrip()
                ),
                "Return a text.": wrong_type(str),
                "A stop may hold a line break. Search the whole text, not line by line.": text[
                    : min(
                        (text.find(stop) for stop in found if "\n" not in stop), default=len(text)
                    )
                ],
            }
            with inputs_unchanged(stops):
                check(
                    lambda: truncate_at_stop(text, stops),
                    kept,
                    f"stops {stops} in {text[-60:]!r}",
                    mistakes=mistakes,
                    otherwise=(
                        "Cut before the first place in the text where one of the stops begins."
                    ),
                    if_raises=(
                        "A stop is a plain string, also where it looks like a regular expression;"
                        " one that is not in the text is no error."
                    ),
                )


# %% graded: 2 points | no stop, a stop at the start, overlapping stops, special characters.
def test_borders_overlaps_and_special_characters() -> None:
    no_stop = "With no stop strings the whole text comes back."
    not_found = "No stop is in the text (find gives -1): it comes back whole."
    start = "A stop at the very start has the place 0, which counts: nothing is left."
    overlap = (
        "Two stops overlap. The one that begins first counts, even when another ends before it; and"
        " a cut at the other must not destroy it, so look for all of them in the whole text."
    )
    special = (
        "A stop is a plain string: `.`, `?`, `|` and brackets have no special meaning (regular"
        " expression)."
    )
    space = "White space belongs to the text: no strip."
    blank = "White space is a stop like others. Only the empty string is refused, and no stop is stripped."
    characters = "A place in a text counts characters, not bytes."
    letters = "Upper and lower case differ: a stop is found in its own case."
    ends_earlier = "The stop that ends first was taken. The one that begins first counts."
    cases = (
        ("no stop string at all", [], "no stop string at all", no_stop),
        ("nothing here", ["END", "STOP"], "nothing here", not_found),
        ("", ["END"], "", not_found),
        ("STOP at once", ["STOP"], "", start),
        ("one two", ["two", "one"], "", start),
        (
            "only at the end<eos>",
            ["<eos>"],
            "only at the end",
            "The stop ends the text. Cut before it.",
        ),
        (
            "from a to z",
            ["z"],
            "from a to ",
            "A stop at the very end counts, also a single character.",
        ),
        ("first line\n\nsecond", ["\n\n"], "first line", blank),
        ("one  two", ["  "], "one", blank),
        ("caf\u00e9 \u2013 na\u00efve STOP", ["STOP"], "caf\u00e9 \u2013 na\u00efve ", characters),
        ("value abcd rest", ["bc", "ab"], "value ", overlap),
        ("value abcd rest", ["ab", "bc"], "value ", overlap),
        ("a\n\nb\nc", ["\n\nb", "\n\n"], "a", overlap),
        ("say </end> now", ["d> now", "</end>"], "say ", overlap),
        ("count abcdefg on", ["bcdef", "cd"], "count a", overlap),
        ("count abcdefg on", ["cd", "e", "bcdef"], "count a", overlap),
        ("price: 3 dollars. Next", ["."], "price: 3 dollars", special),
        ("a|b (c) [d]? e", ["(c)", "]?"], "a|b ", special),
        ("cost $5 + $6 = $11 ^ done", ["$6", "^"], "cost $5 + ", special),
        ("keep this  \nStop here", ["\nStop"], "keep this  ", space),
        ("  ends with space ", ["Stop"], "  ends with space ", space),
        ("stop is no Stop", ["Stop"], "stop is no ", letters),
    )
    for text, stops, wanted, hint in cases:
        ends_first = min(
            (stop for stop in stops if stop in text),
            key=lambda stop: text.find(stop) + len(stop),
            default="",
        )
        mistakes = {
            ends_earlier: text[: text.find(ends_first)],
            space: AnyOf(wanted.strip(), wanted.rstrip()),
            "Return a text.": wrong_type(str),
        }
        check(
            lambda: truncate_at_stop(text, list(stops)),
            wanted,
            f"stops {stops} in {text!r}",
            mistakes={
                known: wrong
                for known, wrong in mistakes.items()
                if known != ends_earlier or hint in (overlap, space)
            },
            otherwise=hint,
            if_raises=hint,
        )


# %% graded: 1 point | an empty stop string is refused, wherever it stands in the list.
def test_empty_stop_is_refused() -> None:
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
