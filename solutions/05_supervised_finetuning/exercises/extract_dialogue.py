"""Exercise `extract_dialogue`: Gopher's way to find conversations on web pages."""

# %% solution
import re


def extract_dialogue(text: str) -> list[tuple[str, str]]:
    """Return (speaker, speech) for each line of a dialogue, and [] for any other text.

    In a dialogue every line that is not blank has the form `[A]: speech`, where A is the speaker's
    name, no speaker speaks twice in a row, and there are at least two speakers. White space around
    names and speeches is stripped.
    """
    ### BEGIN SOLUTION
    turns: list[tuple[str, str]] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        found = re.fullmatch(r"\[([^\[\]]+)\]:(.*)", line.strip())
        if found is None:
            return []
        speaker, speech = found[1].strip(), found[2].strip()
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    return turns if len({speaker for speaker, _ in turns}) > 1 else []
    ### END SOLUTION


# %% hints
HINTS = (
    (
        "One line that does not fit spoils the whole text. Which conditions hold for a line, and"
        " which for the text?"
    ),
    (
        'Skip blank lines. Match each other line as a whole with `r"\\[([^\\[\\]]+)\\]:(.*)"`,'
        " strip both groups, and return [] for a line that does not match or whose speaker is the"
        " one before. At the end count the speakers."
    ),
)
EXPLANATION = """
The rule looks at form alone, which makes it cheap enough for billions of pages. It is strict: one
line of narration, and the page is dropped, so most of what it finds really is a transcript, and many
conversations are missed. It is also blind: a log with `[INFO]:` and `[WARN]:` by turns passes.
The name ends at the first closing bracket; a greedy `.*` would run on into the speech.
"""

# %% helpers
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check

RULE = "Every non-blank line is `[A]: speech`, nobody speaks twice in a row, two speakers at least."
NAMES = ["Ada", "Bo", "C. Dru", "Eli Fay", "Gus", "Hanna-Lu", "Ivo", "Jo", "Kim", "Lars"]
SPEECHES = [
    "Where does she live?",
    "In Zor, I think.",
    "At 10:30, as always.",
    "no",
    "It costs 4 (four) coins: cheap!",
    "Why? Who says so?",
    "He said: yes.",
]


def drawn_turns(rng, n_turns, n_speakers):
    """Turns in which nobody speaks twice in a row, with every speaker in them."""
    speakers = rng.sample(NAMES, n_speakers)
    order = speakers[:]
    while len(order) < n_turns:
        order.append(rng.choice([one for one in speakers if one != order[-1]]))
    turns = [(speaker, rng.choice(SPEECHES)) for speaker in order]
    return [*turns[:-1], (order[-1], "That is all.")]  # the last turn is said once


def lines_of(turns):
    return [f"[{speaker}]: {speech}" for speaker, speech in turns]


def wrong_turns(turns):
    return {
        "This is a dialogue, and you return nothing: look again at which line does not match, or"
        " which rule seems broken.": [],
        "Return the speeches too: (speaker, speech) for each line.": [s for s, _ in turns],
        "Return the speakers too: (speaker, speech) for each line.": [s for _, s in turns],
        "The order is (speaker, speech).": [(speech, speaker) for speaker, speech in turns],
        "The brackets do not belong to the name.": [(f"[{one}]", two) for one, two in turns],
        "The colon belongs neither to the name nor to the speech.": AnyOf(
            [(one, f": {two}") for one, two in turns], [(f"[{one}]:", two) for one, two in turns]
        ),
        "White space around names and speeches is stripped.": lambda got: (
            [(a.strip(), b.strip()) for a, b in got] == turns and [tuple(t) for t in got] != turns
        ),
        "Whole lines came back: split each into speaker and speech.": lines_of(turns),
        "A speech goes on after a colon in it: only the first `]:` separates.": AnyOf(
            [(one, two.split(":")[0].strip()) for one, two in turns],
            [(one, two.split(":")[-1].strip()) for one, two in turns],
        ),
        "The last line is missing.": turns[:-1],
        "The first line is missing.": turns[1:],
        "Each speech keeps its own line: those of one speaker are not joined.": lambda got: (
            isinstance(got, dict) or len(got) == len({speaker for speaker, _ in turns}) < len(turns)
        ),
        "Names and speeches keep their capitals.": lambda got: (
            [(one.lower(), two.lower()) for one, two in got]
            == [(one.lower(), two.lower()) for one, two in turns]
            and got != turns
        ),
        "Turns that are said twice stay.": list(dict.fromkeys(turns)),
    }


def check_turns(text, turns, what, hints=None, only=("",)):
    wrong = {
        hint: got
        for hint, got in wrong_turns(turns).items()
        if hint.startswith(only) and (callable(got) or got != turns)
    }
    check(
        lambda: extract_dialogue(text),
        turns,
        what,
        mistakes={**(hints or {}), **wrong},
        otherwise=RULE,
    )


def check_nothing(text, what, hint):
    check(
        lambda: extract_dialogue(text),
        [],
        what,
        mistakes={
            "Return an empty list for what is no dialogue.": lambda got: got is None or got == ()
        },
        otherwise=hint,
        if_raises="A text that is no dialogue is nothing bad: return [].",
    )


# %% examples
def examples(check):
    talk, prose = "[Ada]: Who is there?\n\n[Bo]: It is me.", "Ada met Bo.\n[Ada]: Hi.\n[Bo]: Hi."
    due = [("Ada", "Who is there?"), ("Bo", "It is me.")]
    check(lambda: extract_dialogue(talk), due, "two lines and a blank one")
    check(lambda: extract_dialogue(prose), [], "a line of prose")
    check(lambda: extract_dialogue("[Ada]: Hi.\n[Ada]: Hi?\n[Bo]: Hi."), [], "Ada twice in a row")
    check(lambda: extract_dialogue("[Ada]: Hello to all."), [], "one speaker")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "two lines and a blank one": Diagnosis(
            {
                hint: wrong
                for hint, wrong in wrong_turns(
                    [("Ada", "Who is there?"), ("Bo", "It is me.")]
                ).items()
                if "colon in it" not in hint
            },
            RULE,
        ),
        "a line of prose": Diagnosis(
            {
                "The line of prose is left out, and the rest returned: one such line spoils the text.": (
                    lambda got: len(got) == 2
                )
            },
            "A line of another form makes the whole text no dialogue.",
        ),
        "Ada twice in a row": Diagnosis(otherwise="The same speaker twice in a row: no dialogue."),
        "one speaker": Diagnosis(otherwise="A dialogue has at least two speakers."),
    }


# %% graded: 2 points | dialogues of two or more speakers, with blank lines and white space.
def test_finds_dialogues() -> None:
    rng = case_rng("extract_dialogue", 1)
    for n_turns, n_speakers in ((2, 2), (6, 2), (7, 3), (rng.randint(70, 90), 9)):
        turns = drawn_turns(rng, n_turns, n_speakers)
        turns[1] = (turns[1][0], "At 10:30, as always: in Zor.")
        many = {"More than two speakers are fine.": []} if n_speakers > 2 else {}
        check_turns(
            "\n".join(lines_of(turns)), turns, f"{n_turns} turns of {n_speakers} speakers", many
        )
        blank = "".join(
            line + rng.choice(["\n", "\n\n", "\n  \n", "\n\n\n"]) for line in lines_of(turns)
        )
        check_turns(
            "\n" + blank,
            turns,
            f"{n_turns} turns with blank lines between",
            {"Blank lines, and those of white space alone, do not matter: skip them.": []},
        )
        for form, what in (
            ("[{}]:   {}  ", "white space around the speeches"),
            ("[ {} ]: {}", "white space around the names"),
            ("[{}]:\t{} \t", "tabs around the speeches"),
        ):
            check_turns(
                "\n".join(form.format(*turn) for turn in turns),
                turns,
                what,
                {"White space around a name or a speech is no other form: strip it.": []},
            )
    names = ["Zoë Łuk", "Guest_2", "#3 (host)", "李雷", "O'Neil & son", "ivo@zor.org", "7"]
    names.append("the Lord Mayor of Zor and of all the villages around it")
    rng.shuffle(names)
    turns = [(name, f"This is {number}.") for number, name in enumerate(names)]
    check_turns(
        "\n".join(lines_of(turns)),
        turns,
        f"speakers of the names {names}",
        {
            "A name may be made of any letters, digits and signs, and be of any length: only the"
            " brackets bound it.": []
        },
        only=("Return the", "The order", "The last", "The brackets", "Names and", "Whole lines"),
    )


# %% graded: 1 point | texts with one line of another form.
def test_one_other_line_spoils_the_text() -> None:
    rng = case_rng("extract_dialogue", 2)
    other = {  # Mo speaks nowhere else, so that no rule but the form is broken
        "Then it was quiet.": "prose",
        "(Bo thinks about it.)": "narration",
        "Mo: Hi.": "a name without brackets",
        "(Mo): Hi.": "a name in other brackets",
        "[Mo] Hi.": "a name without a colon",
        "She said [Mo]: Hi.": "something before the bracket",
        "[Mo: Hi.": "a bracket that does not close",
        "Mo]: Hi.": "a bracket that does not open",
        "* [Mo]: Hi.": "a bullet before the bracket",
        "# Part two": "a headline",
    }
    for line, what in other.items():
        said = drawn_turns(rng, rng.randint(3, 9), 2)
        lines = lines_of(said)
        for place in (0, rng.randint(1, len(lines) - 1), len(lines)):
            text = "\n".join([*lines[:place], line, *lines[place:]])
            check_nothing(
                text,
                f"a dialogue with {what}, {line!r}, as line {place + 1}",
                "Every line that is not blank has the form `[A]: speech`, from its first character"
                " on; one other line makes the whole text no dialogue.",
            )
    check_turns("\n".join(lines), said, "the dialogue alone", only=("This is a dialogue",))


# %% graded: 1 point | one speaker, and the same speaker twice in a row.
def test_speakers() -> None:
    rng = case_rng("extract_dialogue", 3)
    for text, what in (("", "an empty text"), ("\n \n", "blank lines alone")):
        check_nothing(text, what, "A dialogue has at least two speakers.")
    for n in (1, 3):
        text = "\n".join(lines_of([("Ada", speech) for speech in rng.sample(SPEECHES, n)]))
        check_nothing(text, f"{n} lines of one speaker", "A dialogue has at least two speakers.")
    for place, gap in ((0, "\n\n"), (2, "\n"), (-1, rng.choice(["\n", "\n\n"]))):
        turns = drawn_turns(rng, 6, rng.randint(2, 3))
        turns.insert(place % 6 + 1, (turns[place][0], "And one more thing."))
        check_nothing(
            gap.join(lines_of(turns)),
            "the same speaker twice in a row",
            "Compare each speaker with the one of the line before, wherever it stands: twice in a"
            " row is no dialogue.",
        )
    check_nothing(
        "[Bo]: One.\n[Ada]: Two.\n[Ada ]: Three.",
        "the same speaker twice in a row, once with a space behind the name",
        "Strip the names before you compare them.",
    )
    turns = [("Ada", "One."), ("Bo", "Two."), ("Ada", "Three."), ("Cy", "Four."), ("Bo", "Five.")]
    check_turns(
        "\n".join(lines_of(turns)),
        turns,
        "speakers who come back later",
        {"A speaker may speak again after another: only twice in a row is out.": []},
        only=("Return the", "The order", "The last", "The brackets", "Names and", "Whole lines"),
    )
    turns = [(name, "Hm.") for name in ("Al", "Alva", "Al", "Al B.", "Alva", "Eva")]
    check_turns(
        "\n".join(lines_of(turns)),
        turns,
        "speakers of like names",
        {"Two names that begin or end alike are two speakers: compare whole names.": []},
        only=("Return the", "The order", "The last", "The brackets", "Names and", "Whole lines"),
    )


# %% graded: 1 point | brackets, colons and anything else inside a speech.
def test_brackets_inside_a_speech() -> None:
    rng = case_rng("extract_dialogue", 4)
    for speech in ("he wrote [Bo]: no", "[sic]: is what it says", "x[3]: y[4]: z", "see [1]"):
        turns = drawn_turns(rng, 4, 2)
        turns[rng.randrange(4)] = (spoken := turns[rng.randrange(4)])
        turns = [("Ada", "Well?"), ("Bo", speech), ("Ada", spoken[1])]
        check_turns(
            "\n".join(lines_of(turns)),
            turns,
            f"the speech {speech!r}",
            {
                "The name ends at the first closing bracket: a greedy pattern runs on into the speech.": (
                    lambda got: got[1][0] != "Bo"
                ),
                "A speech may hold brackets and colons: look at the first `]:` alone.": [],
                "The speech is cut: only the first `]:` of a line separates.": lambda got: (
                    len(got) == 3 and len(got[1][1]) < len(speech)
                ),
            },
            only=("The last",),
        )
    long = "so " * rng.randint(300, 400) + "on"
    for speech in ('"No," she said, "no."', "two  spaces,\ta tab", r"R&amp;D in C:\new", long):
        turns = [("Ada", "Well?"), ("Bo  C.", speech), ("Ada", "Yes.")]
        check_turns(
            "\n".join(lines_of(turns)),
            turns,
            f"the speech {speech[:40]!r}",
            {
                "Inside, a name and a speech stay as they are: only white space at their ends is"
                " stripped.": lambda got: len(got) == 3,
                "A speech may hold any signs, and be of any length.": [],
            },
            only=("The last",),
        )
