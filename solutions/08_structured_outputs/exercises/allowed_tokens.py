"""Exercise `allowed_tokens`: from an automaton over characters to a set of tokens, the end token with care."""

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
HINTS = (
    """Go through the vocabulary with `enumerate` and ask of each text whether the automaton can
read it from the state. Which text would it read anywhere?""",
    """`advance(automaton, state, text)` is None when a text cannot be read. For the empty text ask
instead whether `state in automaton.accepting`. Compare with None: a state may be 0 or an
empty text.""",
)
EXPLANATION = """
A token is allowed when the automaton can read all of it from the present state, wherever that leads; the state after it
need not be accepting, since more tokens can follow. The end token has the empty text, which leads from every state to
itself, so it is asked for apart: it may come where the text may end. `is not None` matters, because a state may be
something falsy, such as 0. A text that occurs twice in the vocabulary has two ids, and both are allowed.
"""

# %% helpers
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, wrong_type

IDS = "Return ids, not texts: the index of each token in the vocabulary."
END_ANYWHERE = "The end token is allowed here, outside an accepting state: `advance` reads the empty text in any state."
ID_0 = "Id 0 is an id like others: it is not nothing, and not always the end token."
FIRST_CHARACTER = "The whole text of a token must be readable. You looked at its first character."
COMPLETE = (
    "Only tokens that complete an option are in your set. A part of an option is allowed too: it need not lead to an "
    "accepting state."
)


def able(options, text):
    """Return whether some option begins with the text."""
    return any(option.startswith(text) for option in options)


def ids_after(options, text, vocabulary):
    """Return the ids that may follow a text."""
    return {
        token
        for token, piece in enumerate(vocabulary)
        if (able(options, text + piece) if piece else text in options)
    }


def answer_after(options, text, vocabulary):
    """Return what the answer allows after a text."""
    automaton = choices_automaton(options)
    return allowed_tokens(automaton, advance(automaton, automaton.start, text), vocabulary)


# %% examples
def examples(check):
    automaton = choices_automaton(["no", "north"])
    vocabulary = ["n", "no", "nor", "nox", "", "rth"]
    check(lambda: allowed_tokens(automaton, automaton.start, vocabulary), {0, 1, 2}, "at the start")
    after_no = advance(automaton, automaton.start, "no")
    check(lambda: allowed_tokens(automaton, after_no, vocabulary), {4, 5}, "after `no`")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "at the start": Diagnosis(
            {
                FIRST_CHARACTER: {0, 1, 2, 3},
                END_ANYWHERE: {0, 1, 2, 4},
                IDS: {"n", "no", "nor"},
                COMPLETE: {1},
                "A set of ids is due (set[int]), not a list.": wrong_type(set, frozenset),
            },
            "The options are no and north; n, no and nor (ids 0, 1, 2) begin one.",
        ),
        "after `no`": Diagnosis(
            {
                "The option `no` is complete here: the end token (id 4) is allowed beside what goes on.": {
                    5
                },
                "The option north can go on here: rth (id 5) is allowed beside the end token.": {4},
                "You read from the start, whatever the state is: use the given state.": AnyOf(
                    {0, 1, 2}, {0, 1, 2, 4}
                ),
            },
            "After no, the text may end (id 4), or go on with rth (id 5).",
        ),
    }


# %% graded: 2 points | the tokens that can be read from the start and on the way.
def test_tokens_that_can_be_read_from_a_state() -> None:
    options = ["north", "nor", "notes", "south", "sold out"]
    pieces = "n o no not nor north th r rth t tes es e s so sou u ut h uth l ld d ns out nt rt nox nos x on hs to N south"
    texts = [*pieces.split(), "southern", "rto", "tse", "dlo", " ", " out", "d out"]
    # More than 300 tokens: most of them cannot be read anywhere.
    texts += [f"{text}{mark}" for text in texts[:35] for mark in "!?.,;:+-"]
    rng = case_rng("allowed_tokens", 1)
    for state in ("", "no", "nor", "s", "sou", "so", "sold", "not", "nort", ""):
        vocabulary = rng.sample(texts, len(texts))
        vocabulary.sort(key=lambda text: not able(options, state + text))
        rest = vocabulary[1:]
        rng.shuffle(rest)
        vocabulary[1:] = rest  # so the token 0 is always an allowed one
        end = rng.randint(3, len(vocabulary) - 3)
        vocabulary.insert(end, "")
        want = ids_after(options, state, vocabulary)
        here = want - {end}

        def ids(rule):
            """Return the ids of the texts that meet a rule, and of the end token where it is allowed."""
            return {token for token, text in enumerate(vocabulary) if text and rule(text)} | (
                want & {end}
            )

        check(
            lambda: answer_after(options, state, vocabulary),
            want,
            f"options {', '.join(options)}; after {state!r}",
            mistakes=lambda: {
                IDS: lambda got: any(isinstance(one, str) for one in got),
                "A set of ids is due (set[int]), not a list.": wrong_type(set, frozenset),
                END_ANYWHERE: here | {end},
                "The end token is missing: in an accepting state it is allowed, beside the others.": here,
                "Only the end token is allowed in an accepting state of yours. An option may go on there: both are "
                "allowed.": {end},
                ID_0: want - {0},
                FIRST_CHARACTER: ids(lambda text: able(options, state + text[0])),
                "You read from the start, whatever the state is: use the given state.": ids(
                    lambda text: able(options, text)
                ),
                COMPLETE: ids(lambda text: state + text in options),
                "Only single characters are in your set: longer tokens, of several characters, are allowed too.": ids(
                    lambda text: len(text) == 1 and able(options, state + text)
                ),
                "The characters of a token are tried one by one from the same state, so their order does not matter. The "
                "whole text is read in its order.": ids(
                    lambda text: all(able(options, state + one) for one in text)
                ),
                "Only the longest tokens are in your set. All that can be read are allowed, short ones too.": ids(
                    lambda text: (
                        able(options, state + text)
                        and len(text) == max(len(vocabulary[token]) for token in here)
                    )
                ),
                "White space is a part of a token's text: do not strip the space.": AnyOf(
                    ids(
                        lambda text: (
                            able(options, state + text.strip())
                            if text.strip()
                            else state in options
                        )
                    ),
                    ids(lambda text: able(options, state + text.strip())),
                ),
                "A capital letter is another character than the small one.": ids(
                    lambda text: able(options, state + text.lower())
                ),
                "This is what cannot be read: it is inverted.": set(range(len(vocabulary))) - want,
            },
            otherwise="The ids of all tokens whose whole text can be read from the state; of the end token only in an "
            "accepting state.",
            if_raises="`advance` returns None for a text that cannot be read.",
        )


# %% graded: 1 point | the end token, wherever it stands; texts that occur twice.
def test_the_end_token_wherever_it_stands() -> None:
    options = ["no", "north", "or"]
    for vocabulary in (
        ["n", "o", "no", "rth", "r", "or", ""],
        ["", "n", "o", "no", "rth", "r", "or"],
        ["n", "o", "no", "", "rth", "r", "or"],
        ["r", "n", "", "o", "no", "no", "rth", "rth", "n", "or"],
    ):
        end = vocabulary.index("")
        for text in ("", "n", "no", "nor", "north", "or", "o"):
            want = ids_after(options, text, vocabulary)
            here = want - {end}
            check(
                lambda: answer_after(options, text, vocabulary),
                want,
                f"options {', '.join(options)}; after {text!r}; vocabulary {vocabulary}",
                mistakes={
                    END_ANYWHERE: here | {end},
                    "The end token is missing: this state is accepting (test `state in automaton.accepting`).": here,
                    "In an accepting state both are allowed: the end token, and tokens that go on.": {
                        end
                    },
                    "A text that occurs twice has two ids, and each id is allowed.": lambda got: (
                        set(got) < want
                        and {vocabulary[one] for one in got} == {vocabulary[one] for one in want}
                    ),
                    ID_0: want - {0},
                    "The end token is the one with the empty text, wherever it stands; it is not always the first or "
                    "the last.": lambda got: got ^ want <= {0, len(vocabulary) - 1, end},
                },
                otherwise="All tokens that can be read from the state, and the end token in an accepting state.",
                if_raises="A state may be anything, also 0 or an empty text; only None means that a text cannot be read.",
            )
    anew = "Each call depends on its own automaton, state and vocabulary: keep nothing from another call."
    vocabulary = ["n", "o", "no", "", "on", "r", "or"]
    empty = "Where the empty text is an option, the start is accepting, and it may be a falsy state."
    for options, hint in ((["no", "north"], anew), (["or", "no"], anew), (["", "on"], empty)):
        for text in ("", options[1][:1]):
            check(
                lambda: answer_after(options, text, vocabulary),
                ids_after(options, text, vocabulary),
                f"options {options} after others, vocabulary {vocabulary}; after {text!r}",
                otherwise=hint,
            )
    beyond = ["caf\u00e9", "\U0001f372s"]
    vocabulary = [
        "c",
        "caf",
        "caf\u00e9",
        "\u00e9",
        "e",
        "",
        "\U0001f372",
        "\U0001f372s",
        "s",
        "\uf372",
    ]
    for text in ("", "caf", "\U0001f372", "caf\u00e9"):
        check(
            lambda: answer_after(beyond, text, vocabulary),
            ids_after(beyond, text, vocabulary),
            f"options {beyond}; after {text!r}; vocabulary {vocabulary}",
            otherwise="Texts may hold any characters, also beyond ASCII.",
        )
