"""Exercise `allowed_tokens` of notebook 08."""

# %% solution
from collections.abc import Hashable, Sequence
from typing import Any


def allowed_tokens(automaton: Any, state: Hashable, vocabulary: Sequence[str]) -> set[int]:
    """Return the ids of the tokens that may come next.

    Args:
        automaton: what `choices_automaton` returns, read by `advance(automaton, state, text)`.
        state: one of its states.
        vocabulary: the text of each token; the end token has the text "".
    """
    ### BEGIN SOLUTION
    return {
        token
        for token, text in enumerate(vocabulary)
        if (advance(automaton, state, text) is not None if text else state in automaton.accepting)
    }
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
from utils.notebook.checks import Diagnosis, case_rng, check


# %% examples
def examples(check):
    automaton = choices_automaton(["no", "north"])
    vocabulary = ["n", "no", "nor", "nox", "", "th"]
    check(
        lambda: allowed_tokens(automaton, automaton.start, vocabulary),
        {0, 1, 2},
        "options no and north, at the start, vocabulary n, no, nor, nox, the end token, th",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    automaton = choices_automaton(["no", "north"])
    vocabulary = ["n", "no", "nor", "nox", "", "th"]
    found["options no and north, at the start, vocabulary n, no, nor, nox, the end token, th"] = (
        Diagnosis(
            mistakes={
                "The whole text of a token must be readable, not only its first character.": {
                    0,
                    1,
                    2,
                    3,
                },
                "The end token is allowed only in an accepting state.": {0, 1, 2, 4},
                "Return ids, not texts: the index of each token.": {"n", "no", "nor"},
            }
        )
    )
    return found


# %% graded: 2 points | the tokens that can be read from the start and on the way.
def test_1() -> None:
    rng = case_rng("allowed_tokens", 1)
    options = ["north", "nor", "notes", "south", "sold out"]
    pieces = [
        "n",
        "o",
        "no",
        "not",
        "nor",
        "north",
        "th",
        "r",
        "rth",
        "t",
        "tes",
        "es",
        "e",
        "s",
        "so",
        "sou",
        "u",
        "ut",
        "h",
        "uth",
        "l",
        "ld",
        "d",
    ]
    odd = [
        " ",
        "ns",
        " out",
        "out",
        "d out",
        "nt",
        "rt",
        "nox",
        "nos",
        "x",
        "on",
        "hs",
        "to",
        "N",
        "south",
        "southern",
        "rto",
        "tse",
        "dlo",
    ]

    def able(state, text):
        return any(option.startswith(state + text) for option in options)

    for state in ("", "no", "nor", "s", "sou", "so", "sold", "not", "nort", ""):
        vocabulary = [*pieces, *odd]
        rng.shuffle(vocabulary)
        end = rng.randint(3, len(vocabulary) - 3)
        vocabulary.insert(end, "")
        here = {token for token, text in enumerate(vocabulary) if text and able(state, text)}
        want = here | ({end} if state in options else set())

        def allowed():
            automaton = choices_automaton(options)
            return allowed_tokens(automaton, advance_to(automaton, state), vocabulary)

        def advance_to(automaton, text):
            return advance(automaton, automaton.start, text)

        def ids(rule):
            found = {token for token, text in enumerate(vocabulary) if text and rule(text)}
            return found | ({end} if state in options else set())

        check(
            allowed,
            want,
            f"options {', '.join(options)}; after {state!r}",
            mistakes={
                "Return ids, not texts: the index of each token in the vocabulary.": (
                    lambda got: any(isinstance(one, str) for one in got)
                ),
                "A set of ids is due (set[int]), not a list.": lambda got: isinstance(
                    got, list | tuple
                ),
                "The end token is always allowed here. It may come only in an accepting state: `advance` reads the empty text "
                "in any state.": here | {end},
                "The end token is missing: in an accepting state it is allowed, beside the others.": want
                - {end},
                "Only the end token is allowed in an accepting state of yours. An option may go on there: both are allowed.": {
                    end
                },
                "The whole text of a token must be readable. You looked at its first character.": ids(
                    lambda text: able(state, text[0])
                ),
                "You read from the start, whatever the state is: use the given state.": ids(
                    lambda text: able("", text)
                ),
                "Only tokens that complete an option are in your set. A part of an option is allowed too: it need not lead to an "
                "accepting state.": lambda got: (
                    set(got)
                    == {token for token in here if state + vocabulary[token] in options}
                    | (want - here)
                ),
                "Only single characters are in your set: longer tokens, of several characters, are allowed too.": ids(
                    lambda text: len(text) == 1 and able(state, text)
                ),
                "The characters of a token are tried one by one from the same state, so their order does not matter. The whole "
                "text is read in its order.": ids(
                    lambda text: all(able(state, character) for character in text)
                ),
                "Only the longest tokens are in your set. All that can be read are allowed, short ones too.": (
                    lambda got: (
                        set(got) < want
                        and bool(here)
                        and {len(vocabulary[token]) for token in got if vocabulary[token]}
                        == {max(len(vocabulary[token]) for token in here)}
                    )
                ),
                "White space is a part of a token's text: do not strip the space.": ids(
                    lambda text: able(state, text.strip()) if text.strip() else state in options
                ),
                "This is what cannot be read: it is inverted.": set(range(len(vocabulary))) - want,
            },
            otherwise="The ids of all tokens whose whole text can be read from the state; of the end token only in an "
            "accepting state.",
            if_raises="`advance` returns None for a text that cannot be read.",
        )


# %% graded: 1 point | the end token, wherever it stands; texts that occur twice.
def test_2() -> None:
    options = ["no", "north", "or"]
    for vocabulary, end, where in (
        (["n", "o", "no", "rth", "r", "or", ""], 6, "last"),
        (["", "n", "o", "no", "rth", "r", "or"], 0, "first"),
        (["n", "o", "no", "", "rth", "r", "or"], 3, "in the middle"),
        (
            ["r", "n", "", "o", "no", "no", "rth", "rth", "n", "or"],
            2,
            "in the middle, some texts twice",
        ),
    ):
        for text, accepting in (
            ("", False),
            ("n", False),
            ("no", True),
            ("nor", False),
            ("north", True),
            ("or", True),
            ("o", False),
        ):
            readable = {
                token
                for token, piece in enumerate(vocabulary)
                if piece and any(option.startswith(text + piece) for option in options)
            }
            want = readable | ({end} if accepting else set())

            def allowed():
                automaton = choices_automaton(options)
                return allowed_tokens(automaton, reached(automaton), vocabulary)

            def reached(automaton):
                return advance(automaton, automaton.start, text)

            check(
                allowed,
                want,
                f"options {', '.join(options)}; after {text!r}; vocabulary {vocabulary}",
                mistakes={
                    "The end token is allowed only in an accepting state.": readable | {end}
                    if not accepting
                    else None,
                    "The end token is missing: this state is accepting (test `state in automaton.accepting`).": readable
                    if accepting
                    else None,
                    "In an accepting state both are allowed: the end token, and tokens that go on.": {
                        end
                    }
                    if readable
                    else None,
                    "A text that occurs twice has two ids, and each id is allowed.": (
                        lambda got: "twice" in where and set(got) < want
                    ),
                    f"The end token is the one with the empty text, wherever it stands (here {where}); it is not always the first or the last.": (
                        lambda got: True
                    ),
                },
                if_raises="A state may be anything, also 0 or an empty text; only None means that a text cannot be read.",
            )
