"""Exercise `Automaton` with `choices_automaton` and `advance`: a few options as a tree of characters."""

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
    """Return the state after the whole text, or None when it cannot be read from this state."""
    ### BEGIN SOLUTION
    for character in text:
        state = automaton.edges[state].get(character)
        if state is None:
            return None
    return state
    ### END SOLUTION


# %% hints
HINTS = (
    """Draw the options as a tree: each state has, for a character, at most one next state. Two
options share the states of what they begin with.""",
    """Keep `edges`, a list with one dictionary a state, from a character to the number of the next
state. Walk along each option from state 0, add what is missing, and put the last state into
`accepting`. `advance` looks up one character after another and returns None where there is
no entry.""",
)
EXPLANATION = """
The automaton is a tree of characters (a trie): a state is a number, and `edges[state]` says where each character leads.
An option that begins another one ends in a state that is accepting and leads on. `advance` starts at the state that it
is given and keeps nothing, so a sampler can try thousands of tokens from one state. It returns None at the first
character that does not fit; `is None` and not truth decides, since state 0 is false.
"""

# %% helpers
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, forbidden, inputs_unchanged

COURSE = ("utils.decoding.grammar.choices",)
PREFIX = "This is only the beginning of an option (a prefix): a state on the way, not accepting."
LEADS_ON = (
    "Options are read character by character: each beginning of one leads on, and all of it is accepted, also when another "
    "option begins like it, or is a prefix of it."
)
PARTS = (
    "The result is None when the whole text cannot be read: a bad character is not skipped or ignored, and the part that "
    "fits is not enough."
)
OWN_STATE = (
    "The same text from the same state must always lead to the same state: the automaton does not remember a current "
    "state of its own."
)
SHARED = (
    "Two automata must not share their states: what one accepts is no concern of another automaton."
)
BEYOND_ASCII = "Any character may occur, also beyond ASCII: a letter with an accent is another one than without."
LITERAL = "Options are texts, no patterns: every character stands for itself, upper and lower case and white space too."
REPEATED = "A repeated character is another state each time, and an option that is given twice is one option."
EMPTY = "The empty text leads from a state to itself; the start accepts only if the empty text is an option."
NOTHING_MORE = "Nothing may follow after a whole option, unless another option goes on like this."


def word(automaton, state):
    """Return in a word what a state means."""
    if state is None:
        return "nowhere"
    return "accepts" if state in automaton.accepting else "goes on"


def verdict(options, *pieces):
    """Return what the answer's automaton for the options says of a text that is read in pieces."""
    automaton = choices_automaton(list(options))
    state = automaton.start
    for piece in pieces:
        state = advance(automaton, state, piece)
        if state is None:
            break
    return word(automaton, state)


def expected(options, text):
    """Return the right word for a text."""
    if text in options:
        return "accepts"
    return "goes on" if any(option.startswith(text) for option in options) else "nowhere"


def known_mistakes(options, text):
    """Return hints for the wrong words that are possible for a text."""
    want = expected(options, text)
    if want != "nowhere":
        last = (
            "This option must be accepted where it ends, also where it is the beginning (a prefix) of a longer one. "
            "Options that begin alike share states: make a new one only where a character leads nowhere yet."
        )
        return {
            PREFIX if want == "goes on" else last: AnyOf("accepts", "goes on"),
            LEADS_ON: "nowhere",
        }
    end = next(end for end in range(1, len(text) + 1) if expected(options, text[:end]) == "nowhere")
    if any(0 < len(option) < end and text.startswith(option) for option in options):
        why = NOTHING_MORE
    elif all(any(character in option for option in options) for character in text):
        why = (
            "Different options are mixed here: a part of one goes on as a part of another one, or the same character at "
            "another place. The state must know all that was read so far."
        )
    else:
        why = (
            "A character that no option has here leads nowhere (None): it is not skipped or ignored, and the state before "
            "it is not returned. The whole text must be readable."
        )
    return {why: AnyOf("accepts", "goes on")}


# %% examples
def examples(check):
    def reads(text):
        automaton = choices_automaton(["north", "no", "south"])
        state = advance(automaton, automaton.start, text)
        return "nowhere" if state is None else (state in automaton.accepting)

    for text in ("north", "no", "nor", "nox", "northern"):
        want = {"north": True, "no": True, "nor": False}.get(text, "nowhere")
        check(lambda: reads(text), want, text)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    raises = "Where a character does not fit, the result of `advance` is None."
    whole = "An option is accepted where all of it was read (True: the state is in `accepting`)."
    longer = "An option may go on where a shorter one ends: `no` is the beginning of `north`."
    return {
        "north": Diagnosis({longer: "nowhere"}, whole, raises),
        "no": Diagnosis({}, f"{whole} A state can be accepting and still lead on.", raises),
        "nor": Diagnosis(
            {PREFIX: True}, "`nor` is the beginning of `north`: the automaton leads on.", raises
        ),
        "nox": Diagnosis({}, f"No option begins with `nox`. {PARTS}", raises),
        "northern": Diagnosis({}, NOTHING_MORE, raises),
    }


# %% graded: 2 points | exactly the options are accepted.
def test_exactly_the_options_are_accepted() -> None:
    rng = case_rng("Automaton", 1)
    drawn = sorted(
        {"".join(rng.choice("abcdeg") for _ in range(rng.randint(2, 5))) for _ in range(6)}
    )
    long = "".join(rng.choice("ab") for _ in range(rng.randint(70, 90)))
    cases = {
        "cat dog": "cat dog c-at xcat ca d cog dat cats catdog cot at og",
        "no north nor south": "no nor north south n nort so nox norths northno norsouth o",
        "positive negative neutral": "negative positive neutral ne neuative negatral posi positivenegative",
        "abab abba baab": "abab abba baab ab aba abaab ababab abbab bab baba",
        "note north nose": "note no n not nor nort nose",
        "xab yab xb": "xab yab xb yb x xa ab b",
        " ".join(drawn): " ".join(
            [*drawn, drawn[0][:1], drawn[-1][:-1] + "z", drawn[0] + drawn[-1], drawn[-1] + "a"]
        ),
        " ".join(drawn[::-1]): " ".join(drawn),
        f"{long} {long[1:]}": f"{long} {long[:-1]} {long}a",
        f"x{long}l y{long}r": f"x{long}l x{long}r y{long}l y{long}r",
    }
    at_once = "The text is read wrongly at once: `advance` reads the whole text, of several characters, not only one."
    with forbidden(*COURSE):
        for options, text in (
            (options.split(), text) for options, texts in cases.items() for text in texts.split()
        ):
            for pieces, how in ((list(text), "one character at a time"), ([text], "at once")):

                def right_in_pieces(got):
                    return len(pieces) < len(text) and verdict(options, *text) == expected(
                        options, text
                    )

                check(
                    lambda: verdict(options, *pieces),
                    expected(options, text),
                    f"options {', '.join(options)}; {text!r} read {how}",
                    mistakes=lambda: {at_once: right_in_pieces} | known_mistakes(options, text),
                    if_raises="Where a character does not fit, `advance` returns None; and any text may be read from any "
                    "state, in one piece or several.",
                )


# %% graded: 2 points | advance reads the whole text, from any state, and changes nothing.
def test_advance_reads_from_any_state_and_changes_nothing() -> None:
    options = ["south", "north", "northern", "put"]
    from_state = "Read on from the given state, not from the start, and the whole text of several characters."
    with forbidden(*COURSE):
        for first, second, hint in (("no", "xrth", PARTS), ("no", "rx", PARTS), ("nor", "thx", PARTS),
                                    ("no", "rth", from_state), ("north", "ern", from_state), ("so", "ut", from_state),
                                    ("s", "put", from_state), ("n", "put", from_state), ("north", "erns", NOTHING_MORE),
                                    ("south", "s", NOTHING_MORE), ("nort", "", EMPTY), ("south", "", EMPTY),
                                    ("", "", EMPTY)):  # fmt: skip
            check(
                lambda: verdict(options, first, second),
                expected(options, first + second),
                f"options {', '.join(options)}; {second!r} read after {first!r}",
                otherwise=hint,
                if_raises="Where a text cannot be read the result is None, without an error (KeyError).",
            )

        def tries():
            """Try several texts from one state: none may leave a trace."""
            automaton = choices_automaton(options)
            state = advance(automaton, automaton.start, "no")
            found = [
                word(automaton, advance(automaton, state, text))
                for text in ("rth", "x", "rth", "rthern", "r", "x", "rx", "rx")
            ]
            return [*found, word(automaton, advance(automaton, automaton.start, "south"))]

        with inputs_unchanged(options):
            check(
                tries,
                [
                    *("accepts", "nowhere", "accepts", "accepts", "goes on"),
                    *("nowhere", "nowhere", "nowhere", "accepts"),
                ],
                "several texts tried from one state, then `south` from the start",
                otherwise=OWN_STATE,
                if_raises=OWN_STATE,
            )

        def side_by_side():
            """Make two automata before either is used."""
            both = choices_automaton(["red", "green"]), choices_automaton(["soup", "pie", "re"])
            texts = "red", "soup", "re"
            return [word(one, advance(one, one.start, text)) for one in both for text in texts]

        check(
            side_by_side,
            ["accepts", "nowhere", "goes on", "nowhere", "accepts", "accepts"],
            "two automata side by side, for red, green and for soup, pie, re",
            otherwise=SHARED,
            if_raises=SHARED,
        )


# %% graded: 1 point | odd options.
def test_odd_options() -> None:
    with forbidden(*COURSE):
        for options, texts, hint in (
            (["Yes", "no"], ("Yes", "yes", "NO"), LITERAL),
            ([" a b", "c "], (" a b", "a b", "c"), LITERAL),
            (["a  b", "c\nd"], ("a  b", "a b", "c\nd", "c"), LITERAL),
            (["a.b", "c*", "(d|e)"], ("a.b", "axb", "cc", "d", ".", "a.", "[a]", "c"), LITERAL),
            (
                ["\u00fcber", "\U0001f372\U0001f372"],
                ("\u00fcber", "\U0001f372", "?", "\uf372", "\U0001f373", "u\u0308"),
                BEYOND_ASCII,
            ),
            (
                ["caf\u00e9", "cafe\u0301s"],
                ("caf\u00e9", "cafe\u0301", "cafe\u0301s", "caf\u00e9s"),
                BEYOND_ASCII,
            ),
            (["caf\u00e9", "tea"], ("caf\u00e9", "cafe", "cafi"), BEYOND_ASCII),
            (["aaa", "aa"], ("a", "aa", "aaa", "aaaa"), REPEATED),
            (["same", "same"], ("same", "sam"), REPEATED),
            (["a", "b", "ba"], ("a", "b", "ba", "ab"), LEADS_ON),
            ([str(n) for n in range(10, 99)], ("10", "98", "99", "5"), LEADS_ON),
            (["", "ab"], ("", "a", "ab"), EMPTY),
            (["ab"], ("",), EMPTY),
        ):
            for text in texts:
                check(
                    lambda: verdict(options, text),
                    expected(options, text),
                    f"options {options}, text {text!r}",
                    otherwise=hint,
                    if_raises=hint,
                )
