"""Exercise `Automaton` of notebook 08."""

# %% solution
from collections.abc import Hashable, Sequence


class Automaton:
    """A deterministic automaton over characters.

    Attributes:
        start: the state before the first character.
        accepting: the set of the states in which a text may end.
    """

    def __init__(self) -> None:
        ### BEGIN SOLUTION
        self.start: Hashable = 0
        self.accepting: set[Hashable] = set()
        self.edges: list[dict[str, int]] = [{}]  # of each state: character -> next state
        ### END SOLUTION


def choices_automaton(options: Sequence[str]) -> Automaton:
    """Return an automaton that accepts exactly the options.

    Args:
        options: texts, at least one; one may be the beginning of another.
    """
    ### BEGIN SOLUTION
    automaton = Automaton()
    for option in options:
        state = 0
        for character in option:
            if character not in automaton.edges[state]:
                automaton.edges[state][character] = len(automaton.edges)
                automaton.edges.append({})
            state = automaton.edges[state][character]
        automaton.accepting.add(state)
    return automaton
    ### END SOLUTION


def advance(automaton: Automaton, state: Hashable, text: str) -> Hashable | None:
    """Return the state after the whole text, or None when the automaton cannot read it from this state."""
    ### BEGIN SOLUTION
    for character in text:
        state = automaton.edges[state].get(character)
        if state is None:
            return None
    return state
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
from utils.notebook.checks import Diagnosis, case_rng, check, forbidden


# %% examples
def examples(check):

    def reads(options, text):
        """Return what an automaton for the options says of a text."""
        automaton = choices_automaton(options)
        state = advance(automaton, automaton.start, text)
        if state is None:
            return "nowhere"
        return "accepts" if state in automaton.accepting else "goes on"

    for text, want in (
        ("north", "accepts"),
        ("no", "accepts"),
        ("nor", "goes on"),
        ("nox", "nowhere"),
        ("northern", "nowhere"),
    ):
        check(
            lambda: reads(["north", "no", "south"], text),
            want,
            f"{text!r} and the options north, no, south",
        )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}

    def reads(options, text):
        """Return what an automaton for the options says of a text."""
        automaton = choices_automaton(options)
        state = advance(automaton, automaton.start, text)
        if state is None:
            return "nowhere"
        return "accepts" if state in automaton.accepting else "goes on"

    for text, want in (
        ("north", "accepts"),
        ("no", "accepts"),
        ("nor", "goes on"),
        ("nox", "nowhere"),
        ("northern", "nowhere"),
    ):
        found[f"{text!r} and the options north, no, south"] = Diagnosis(
            mistakes={
                "Only a whole option is accepted, not every beginning of one.": lambda got: (
                    (got, want) == ("accepts", "goes on")
                ),
                "An option may go on where a shorter one ends.": lambda got: (
                    (got, text) == ("nowhere", "north")
                ),
            },
            if_raises="Where a character does not fit, the result is None.",
        )
    return found


# %% graded: 2 points | exactly the options are accepted.
def test_1() -> None:
    def verdict(options, pieces):
        """Return what an automaton for the options says of a text that is read in pieces."""
        automaton = choices_automaton(list(options))
        state = automaton.start
        for piece in pieces:
            state = advance(automaton, state, piece)
            if state is None:
                return "nowhere"
        return "accepts" if state in automaton.accepting else "goes on"

    def expected(options, text):
        if text in options:
            return "accepts"
        return "goes on" if any(option.startswith(text) for option in options) else "nowhere"

    def explained(options, text, want):
        """Return hints for the wrong verdicts that are possible here."""
        begun = next((option for option in options if text.startswith(option) and option), None)
        if want == "nowhere":
            end = next(
                end for end in range(1, len(text) + 1) if expected(options, text[:end]) == "nowhere"
            )
            if begun is not None and end > len(begun):
                why = f"Nothing may follow after the option {begun!r} here: no option goes on like this. Your automaton reads more, or accepts it."
            elif all(any(character in option for option in options) for character in text):
                why = (
                    "Different options are mixed here: a part of one goes on as a part of another one, or the same character at "
                    "another place. The state must know all that was read so far."
                )
            else:
                why = (
                    "A character that no option has here leads nowhere (None): it is not skipped or ignored, and the state "
                    "before it is not returned. The whole text must be readable."
                )
            return {why: lambda got: got != "nowhere"}
        if want == "goes on":
            return {
                "This is only the beginning of an option (a prefix): a state on the way, not accepting.": "accepts",
                "This is a part of an option, read character by character: the automaton must lead on, not to None.": "nowhere",
            }
        longer = any(option != text and option.startswith(text) for option in options)
        return {
            (
                "This option is the beginning (a prefix) of a longer one: its state is accepting, and leads on as well."
                if longer
                else "Each option must be accepted when all of it was read."
            ): "goes on",
            (
                f"The option {begun!r} is the beginning (a prefix) of this longer one, which must be accepted too."
                if begun not in (None, text)
                else "Each option must be accepted, also when it shares its beginning with others (has a common prefix)."
            ): "nowhere",
        }

    rng = case_rng("Automaton", 1)
    letters = "abcdeg"
    drawn = sorted(
        {"".join(rng.choice(letters) for _ in range(rng.randint(2, 5))) for _ in range(6)}
    )
    cases = (
        (
            ["cat", "dog"],
            [
                "cat",
                "dog",
                "c-at",
                "xcat",
                "ca",
                "d",
                "cog",
                "dat",
                "cats",
                "catdog",
                "cot",
                "at",
                "og",
            ],
        ),
        (
            ["no", "north", "nor", "south"],
            [
                "no",
                "nor",
                "north",
                "south",
                "n",
                "nort",
                "so",
                "nox",
                "norths",
                "northno",
                "norsouth",
                "o",
            ],
        ),
        (
            ["positive", "negative", "neutral"],
            [
                "negative",
                "positive",
                "neutral",
                "ne",
                "neuative",
                "negatral",
                "posi",
                "positivenegative",
            ],
        ),
        (
            ["abab", "abba", "baab"],
            ["abab", "abba", "baab", "ab", "aba", "abaab", "ababab", "abbab", "bab", "baba"],
        ),
        (["xab", "yab", "xb"], ["xab", "yab", "xb", "yb", "x", "xa", "ab", "b"]),
        (
            drawn,
            [
                *drawn,
                drawn[0][:1],
                drawn[-1][:-1] + "z",
                drawn[0] + drawn[-1],
                drawn[-1] + letters[0],
            ],
        ),
        (drawn[::-1], [*drawn]),
    )
    with forbidden("utils.decoding.grammar.choices"):
        for options, texts in cases:
            for text in texts:
                want = expected(options, text)
                for pieces, how in ((list(text), "one character at a time"), ([text], "at once")):
                    check(
                        lambda: verdict(options, pieces),
                        want,
                        f"options {', '.join(options)}; {text!r} read {how}",
                        mistakes={
                            "The text is read wrongly at once: `advance` reads the whole text, of several characters, and not only "
                            "its first character.": (
                                lambda got: (
                                    how == "at once"
                                    and len(text) > 1
                                    and verdict(options, list(text)) == want
                                )
                            )
                        }
                        | explained(options, text, want),
                        if_raises="Where a character does not fit, `advance` returns None; and any text may be read from any "
                        "state, in one piece or several.",
                    )


# %% graded: 2 points | advance reads the whole text, from any state, and changes nothing.
def test_2() -> None:
    def verdict(automaton, state):
        if state is None:
            return "nowhere"
        return "accepts" if state in automaton.accepting else "goes on"

    def after(options, first, second):
        """Return the verdict on `second`, read after `first`."""
        automaton = choices_automaton(options)
        return verdict(
            automaton, advance(automaton, advance(automaton, automaton.start, first), second)
        )

    options = ["south", "north", "northern", "put"]
    for first, second, want, hint in (
        (
            "no",
            "rth",
            "accepts",
            "Read on from the given state, the whole text of several characters.",
        ),
        ("north", "ern", "accepts", "A state may be accepting and lead on."),
        (
            "so",
            "ut",
            "goes on",
            "Read on from the given state, the whole text of several characters.",
        ),
        (
            "s",
            "put",
            "nowhere",
            "Read from the given state, not from the start: `sput` is no beginning, though `put` is an option.",
        ),
        ("n", "put", "nowhere", "Read from the given state, not from the start."),
        (
            "no",
            "rx",
            "nowhere",
            "None when the whole text cannot be read: the part that fits is not enough.",
        ),
        (
            "nor",
            "thx",
            "nowhere",
            "None when the whole text cannot be read: the part that fits is not enough.",
        ),
        ("no", "xrth", "nowhere", "A bad character is not skipped or ignored: the result is None."),
        (
            "north",
            "erns",
            "nowhere",
            "Nothing may follow after a whole option, unless another option goes on.",
        ),
        ("south", "s", "nowhere", "Nothing may follow after a whole option."),
        ("nort", "", "goes on", "The empty text leads from a state to the same state."),
        ("south", "", "accepts", "The empty text leads from a state to the same state."),
        ("", "", "goes on", "The empty text leads from the start to the start."),
    ):
        check(
            lambda: after(options, first, second),
            want,
            f"options {', '.join(options)}; {second!r} read after {first!r}",
            otherwise=hint,
            if_raises=f"Where a text cannot be read the result is None, without an error (KeyError). {hint}",
        )

    def tries():
        """Try several texts from one state: none may leave a trace."""
        automaton = choices_automaton(options)
        state = advance(automaton, automaton.start, "no")
        texts = ("rth", "x", "rth", "rthern", "r", "rth")
        found = [verdict(automaton, advance(automaton, state, text)) for text in texts]
        return [*found, verdict(automaton, advance(automaton, automaton.start, "south"))]

    check(
        tries,
        ["accepts", "nowhere", "accepts", "accepts", "goes on", "accepts", "accepts"],
        "several texts tried from one state, then `south` from the start",
        otherwise="The same text from the same state must always lead to the same state: the automaton does not remember a "
        "current state of its own.",
        if_raises="The automaton does not remember a current state of its own: texts are tried from one state again and again.",
    )

    def side_by_side():
        """Make two automata before either is used."""
        colours, dishes = (
            choices_automaton(["red", "green"]),
            choices_automaton(["soup", "pie", "re"]),
        )
        return [
            verdict(automaton, advance(automaton, automaton.start, text))
            for automaton in (colours, dishes)
            for text in ("red", "soup", "re")
        ]

    check(
        side_by_side,
        ["accepts", "nowhere", "goes on", "nowhere", "accepts", "accepts"],
        "two automata side by side, for red, green and for soup, pie, re",
        otherwise="Two automata must not share their states: what one accepts is no concern of another automaton.",
        if_raises="Two automata must not share anything.",
    )


# %% graded: 1 point | odd options.
def test_3() -> None:
    def verdict(options, text):
        automaton = choices_automaton(options)
        state = advance(automaton, automaton.start, text)
        if state is None:
            return "nowhere"
        return "accepts" if state in automaton.accepting else "goes on"

    for options, text, want, hint in (
        (["Yes", "no"], "Yes", "accepts", "Upper and lower case are different characters."),
        (["Yes", "no"], "yes", "nowhere", "Upper and lower case are different characters."),
        (["Yes", "no"], "NO", "nowhere", "Upper and lower case are different characters."),
        (
            [" a b", "c "],
            " a b",
            "accepts",
            "White space (a space) is a character like others; nothing is stripped.",
        ),
        (
            [" a b", "c "],
            "a b",
            "nowhere",
            "White space (a space) is a character like others; nothing is stripped.",
        ),
        (
            [" a b", "c "],
            "c",
            "goes on",
            "White space (a space) is a character like others; nothing is stripped.",
        ),
        (
            ["a.b", "c*", "(d|e)"],
            "a.b",
            "accepts",
            "Options are texts, no patterns: `.` is a literal character.",
        ),
        (
            ["a.b", "c*", "(d|e)"],
            "axb",
            "nowhere",
            "Options are texts, no patterns: `.` is a literal character.",
        ),
        (
            ["a.b", "c*", "(d|e)"],
            "cc",
            "nowhere",
            "Options are texts, no patterns: `*` is a literal character.",
        ),
        (
            ["a.b", "c*", "(d|e)"],
            "d",
            "nowhere",
            "Options are texts, no patterns: `(` and `|` are literal characters.",
        ),
        (
            ["\u00fcber", "\U0001f372\U0001f372"],
            "\u00fcber",
            "accepts",
            "Any character of a text may occur in an option.",
        ),
        (
            ["\u00fcber", "\U0001f372\U0001f372"],
            "\U0001f372",
            "goes on",
            "Any character of a text may occur in an option.",
        ),
        (
            ["caf\u00e9", "tea"],
            "caf\u00e9",
            "accepts",
            "Any character of a text may occur in an option.",
        ),
        (["caf\u00e9", "tea"], "cafe", "nowhere", "A letter with an accent is another character."),
        (
            ["caf\u00e9", "tea"],
            "cafi",
            "nowhere",
            "Characters beyond ASCII are characters of their own.",
        ),
        (["aaa", "aa"], "a", "goes on", "A repeated character is another state each time."),
        (["aaa", "aa"], "aa", "accepts", "A repeated character is another state each time."),
        (["aaa", "aa"], "aaa", "accepts", "A repeated character is another state each time."),
        (["aaa", "aa"], "aaaa", "nowhere", "A repeated character is another state each time."),
        (
            ["", "ab"],
            "",
            "accepts",
            "The empty text can be an option: then the start itself is accepting.",
        ),
        (["", "ab"], "a", "goes on", "The empty text can be an option, beside others."),
        (["", "ab"], "ab", "accepts", "The empty text can be an option, beside others."),
        (["ab"], "", "goes on", "The start accepts only if the empty text is an option."),
        (["same", "same"], "same", "accepts", "An option that is given twice is one option."),
    ):
        check(
            lambda: verdict(list(options), text),
            want,
            f"options {options}, text {text!r}",
            otherwise=hint,
            if_raises=hint,
        )
