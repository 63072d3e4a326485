"""Exercise `capital_flip` with `sensitivity`: does the case of one letter change a model's answer?"""

# %% solution
from collections.abc import Callable, Hashable, Sequence


def capital_flip(prompt: str, position: int) -> str:
    """Return the prompt with the case of one letter flipped: small to capital, or capital to small.

    After the chapter: a capital typed by accident should not change what a model says.

    Args:
        prompt: a text.
        position: place of a letter in it, from 0.

    Raises:
        ValueError: there is no letter with two cases at the position.
    """
    ### BEGIN SOLUTION
    letter = prompt[position] if 0 <= position < len(prompt) else ""
    flipped = letter.swapcase()
    if flipped == letter or len(flipped) != 1:
        raise ValueError(f"position {position} of the prompt must be a letter, not {letter!r}")
    return prompt[:position] + flipped + prompt[position + 1 :]
    ### END SOLUTION


def sensitivity(answer: Callable[[str], Hashable], prompts: Sequence[str]) -> float:
    """Return the share of distinct pairs of prompts whose answers differ, from 0 to 1.

    Args:
        answer: gives the answer to a prompt.
        prompts: different ways to write one question.

    Raises:
        ValueError: there are fewer than two prompts.
    """
    ### BEGIN SOLUTION
    n = len(prompts)
    if n < 2:
        raise ValueError(f"prompts must hold at least two, not {n}: they are compared in pairs")
    answers = [answer(prompt) for prompt in prompts]
    differing = sum(answers[i] != answers[j] for i in range(n) for j in range(i))
    return differing / (n * (n - 1) / 2)
    ### END SOLUTION


# %% hints
HINTS = (
    "Texts cannot be changed in place: put a new one together from what stands before the letter, the"
    " flipped letter, and what follows. For the second function ask each prompt once, then compare"
    " answers two by two.",
    "`prompt[:position] + prompt[position].swapcase() + prompt[position + 1:]`. For the sensitivity,"
    " `itertools.combinations(answers, 2)` gives each pair once: the share of those that differ.",
)
EXPLANATION = """
`swapcase` knows both directions and every alphabet; `upper` alone would leave a capital as it is, and no change at all
would be measured. Replacing the letter by its value would change each place where it stands. Each prompt is asked once,
since asking is what costs; then n(n - 1)/2 pairs are compared. A sensitivity of 0 is a model that does not mind, and
1 a model that never says the same thing twice.
"""

# %% helpers
from collections import Counter
from itertools import combinations
from statistics import fmean

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    forbidden,
    inputs_unchanged,
    told_apart,
    wrong_type,
)

FLIP = "Only the letter at the position changes: a small one becomes a capital, a capital small."
PAIRS = "Ask each prompt, then look at each pair once: the share of pairs whose answers differ."
COURSE = ("utils.evaluation.sensitivity.capital_flip", "utils.evaluation.sensitivity.sensitivity")


def right_flip(prompt, at):
    return prompt[:at] + prompt[at].swapcase() + prompt[at + 1 :]


def wrong_flips(prompt, at):
    """Return what the usual mistakes make of a prompt."""
    before, letter, after = prompt[:at], prompt[at], prompt[at + 1 :]
    flipped = letter.swapcase()
    letters = [place for place, one in enumerate(prompt) if one.isalpha()]
    words = prompt.split(" ")
    if at < len(words):
        words[at] = words[at].swapcase()
    places = (right_flip(prompt, letters[at]) if at < len(letters) else None, " ".join(words))
    unchanged = (
        "The letter stays as it was: a capital has to become small too, so flip instead of raising."
        if letter.isupper()
        else "The letter stays as it was: a small one has to become a capital."
    )
    return {
        "Return the whole prompt, a text.": AnyOf(wrong_type(str), flipped, letter),
        unchanged: prompt,
        "Every letter is changed. Only the one at the position is.": AnyOf(
            *(change(prompt) for change in (str.swapcase, str.upper, str.lower, str.title, str.capitalize))
        ),
        "What follows the letter is changed too. Only the letter itself is.": AnyOf(
            *(before + change(letter + after) for change in (str.swapcase, str.capitalize, str.title))
        ),
        "What stands before the letter is changed too. Only the letter itself is.": (
            before.swapcase() + flipped + after
        ),
        "The letter's other places are changed too. Only the one at the position is.": AnyOf(
            prompt.replace(letter, flipped), prompt.replace(letter, flipped, 1)
        ),
        "The letter next to it is changed: positions count from 0.": AnyOf(
            *(right_flip(prompt, at + step) for step in (-1, 1) if 0 <= at + step < len(prompt))
        ),
        "The position is a place in the text: blanks and signs count, and it is no word's number.": AnyOf(
            *(one for one in places if one not in (None, prompt))
        ),
        "The position counts from the beginning, and it is not always 0.": AnyOf(
            right_flip(prompt, 0), right_flip(prompt, -1 - at), right_flip(prompt, -at)
        ),
        "A part of the prompt is missing, or stands there twice: slice [:position] and [position + 1:].": (
            AnyOf(
                before + flipped + letter + after, before + flipped, flipped + after, before + after,
                before + letter + flipped + after, before[:-1] + flipped + after,
                lambda got: len(got) != len(prompt),
            )
        ),
    }  # fmt: skip


def right_share(answers):
    n = len(answers)
    return 1 - sum(c * (c - 1) for c in Counter(answers).values()) / (n * (n - 1))


def wrong_shares(answers):
    """Return what the usual mistakes make of the answers to prompts that all differ."""
    n, counts, right = len(answers), Counter(answers), right_share(answers)
    pairs = n * (n - 1) / 2
    most = max(counts.values())
    next_to = sum(one != other for one, other in zip(answers, answers[1:]))
    unlike_first = n - counts[answers[0]]
    lengths = Counter(len(str(one)) for one in answers)
    cases = {str(one).lower() for one in answers}
    return {
        "This is how often answers agree. Count the pairs that differ.": 1 - right,
        "A prompt is paired with itself, which never differs. Only distinct pairs count.": AnyOf(
            right * (n - 1) / n, right * (n - 1) / (n + 1)
        ),
        "Each pair is counted twice, or there are twice as many: n(n - 1)/2 pairs.": AnyOf(
            2 * right, right / 2
        ),
        "This is a number of pairs. Divide by how many pairs there are.": AnyOf(
            right * pairs, 2 * right * pairs
        ),
        "Divide by the number of pairs, n(n - 1)/2, not of prompts.": AnyOf(
            right * (n - 1) / 2, right * (n - 1), right * (n - 1) / n / 2
        ),
        "Only neighbours are compared. Every two prompts are a pair.": AnyOf(
            next_to / (n - 1), next_to / n, (next_to + (answers[0] != answers[-1])) / n
        ),
        "Prompts are compared with the first one only. Every two prompts are a pair.": AnyOf(
            unlike_first / (n - 1), unlike_first / n
        ),
        "How many different answers there are does not tell how many pairs differ.": AnyOf(
            len(counts) / n,
            (len(counts) - 1) / (n - 1),
            (len(counts) - 1) / n,
            len(counts),
            len(counts) * (len(counts) - 1) / (n * (n - 1)),
        ),
        "Each pair of prompts counts, also where another pair has the same two answers.": fmean(
            one != other for one, other in {*combinations(answers, 2)}
        ),
        "This is about the most common answer. Count the pairs that differ.": AnyOf(
            1 - most / n, most / n, (n - most) / (n - 1)
        ),
        "A share is due, not percent.": 100 * right,
        "Compare the answers themselves with !=, not their lengths.": (
            1 - sum(c * (c - 1) for c in lengths.values()) / (n * (n - 1))
        ),
        "Answers differ when they are not equal (!=), also when only their case differs.": (
            right_share([str(one).lower() for one in answers])
            if len(cases) < len(counts)
            else lambda got: False
        ),
        "Compare answers, not prompts, with != (two objects may be equal), and count the pairs that differ,"
        " not whether any do.": 1.0,
        "All or nothing: return the share of pairs, a number.": lambda got: isinstance(got, bool),
        "Return one number, the share of pairs that differ.": wrong_type(int, float),
    }


# %% examples
def examples(check):
    check(lambda: capital_flip("who wrote it?", 4), "who Wrote it?", "a small w")
    check(lambda: capital_flip("Who wrote it?", 0), "who wrote it?", "a capital W")
    known = {"who?": "Ada", "Who?": "Ada", "WHO?": "Bo"}
    check(lambda: sensitivity(known.get, list(known)), 2 / 3, "answers Ada, Ada, Bo")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "a small w": Diagnosis(
            {"The first letter is changed, or the first w: flip the one at the position.": "Who wrote it?"}
            | wrong_flips("who wrote it?", 4),
            FLIP,
        ),
        "a capital W": Diagnosis(
            {
                "A capital has to become small too: flip the letter instead of raising it.": AnyOf(
                    "Who wrote it?", "WHO WROTE IT?"
                ),
                "Every letter is changed. Only the one at the position is.": "wHO WROTE IT?",
            },
            FLIP,
        ),
        "answers Ada, Ada, Bo": Diagnosis(
            {
                "This is how often answers agree, or compares too few pairs: two of three pairs differ.": AnyOf(
                    1 / 3, 0.5
                ),
                "A prompt is paired with itself, which never differs. Only distinct pairs count.": (
                    4 / 9
                ),
                "Compare answers, not prompts, and count the pairs that differ: not whether any do.": 1.0,
                "This is a number of pairs. Divide by how many pairs there are.": AnyOf(2, 4),
            },
            PAIRS,
        ),
    }


# %% graded: 1 point | one letter, small or capital, at a place in a sentence.
def test_one_letter_is_flipped() -> None:
    words = ("who", "What", "NAME", "the", "Baker", "Oslo", "wrote", "Anna", "Eel", "noon")
    for case in range(8):
        rng = case_rng("capital_flip", case)
        prompt, at = "", 0
        while not prompt or not told_apart(right_flip(prompt, at), wrong_flips(prompt, at)):
            count = rng.randint(18, 24) if case == 7 else rng.randint(6, 9)
            prompt = ", ".join(rng.choice(words) for _ in range(2)) + " "
            prompt += " ".join(rng.choice(words) for _ in range(count)) + "?"
            # Small letters and capitals in turn; further back than any short text in the longest.
            fits = str.isupper if case % 2 else str.islower
            start = 66 if case == 7 else 3
            at = rng.choice(
                [place for place in range(start, len(prompt) - 2) if fits(prompt[place])] or [start]
            )
            prompt = prompt if fits(prompt[at]) else ""
        with forbidden(*COURSE):
            check(
                lambda: capital_flip(prompt, at),
                right_flip(prompt, at),
                f"{prompt!r}, position {at}, which is {prompt[at]!r}",
                mistakes=wrong_flips(prompt, at),
                otherwise=FLIP,
                if_raises="The position is a place in the text from 0, and a letter stands there.",
            )


# %% graded: 1 point | the first and the last letter, white space, and letters beyond a to z.
def test_ends_white_space_and_other_alphabets() -> None:
    rng = case_rng("capital_flip", "ends")
    name = "".join(rng.choice("bdgk") for _ in range(rng.randint(4, 9)))
    ends = "The first and the last place may be flipped as well, and a prompt may be one letter."
    kept = "Everything else stays as it was: line ends, tabs, and several blanks in a row."
    beyond = "Letters beyond a to z have two cases too: swapcase, lower and upper know them."
    cases = [
        (name, 0, ends),
        (name, len(name) - 1, ends),
        (name.upper(), len(name) - 1, ends),
        ("q", 0, ends),
        ("Q", 0, ends),
    ]
    spaced = f"  {name}\t{name.title()}\n\n 17 {name},  z \n"
    cases += [(spaced, at, kept) for at in (2, spaced.index("\t") + 1, spaced.index("z"))]
    cases += [(f"{name} {letter} {name}", len(name) + 1, beyond) for letter in "éłÿőжσÉŁŸŐЖΔñ"]
    letters = "Positions count letters and signs, not bytes: one of another alphabet is one place."
    cases += [(f"ñé, 日本 {name}", 7, letters), (f"🙂 {name}, {name}", 2, letters)]
    # An accent as a sign of its own, and letters that lower, upper or a normal form would change elsewhere.
    cases += [(f"e\u0301t {name} \ufb01n", 4, kept)]
    for prompt, at, hint in cases:
        with forbidden(*COURSE):
            check(
                lambda: capital_flip(prompt, at),
                right_flip(prompt, at),
                f"{prompt!r}, position {at}, which is {prompt[at]!r}",
                mistakes={
                    "Other letters of the prompt are changed too. Only the one at the position is.": (
                        lambda got: (
                            len(got) == len(prompt) and sum(a != b for a, b in zip(got, prompt)) > 1
                        )
                    ),
                },
                otherwise=hint,
                if_raises=hint,
            )


# %% graded: 2 points | the share of pairs of prompts with different answers.
def test_share_of_pairs_whose_answers_differ() -> None:
    kinds: tuple[list, ...] = (
        ["Bern", "Rome", "Lisbon"],
        [3, 40, 50],
        ["yes", "maybe", "MAYBE", "nah"],
        [1001, 1002, 20000],
    )
    for case, kind in enumerate(kinds):
        rng = case_rng("sensitivity", case)
        answers = []
        while len(set(answers)) < len(kind) or not told_apart(
            right_share(answers), wrong_shares(answers)
        ):
            n = rng.randint(66, 80) if case == 3 else rng.randint(7, 13)
            answers = [rng.choice(kind + kind[:2]) for _ in range(n)]
        known = {f" Question {place}? ": one for place, one in enumerate(answers)}

        def ask(prompt):
            """Give an answer made anew: equal ones need not be the same object."""
            return (
                "".join([*known[prompt]])
                if isinstance(known[prompt], str)
                else int(str(known[prompt]))
            )

        prompts = list(known)
        with inputs_unchanged(prompts), forbidden(*COURSE):
            check(
                lambda: sensitivity(ask, prompts),
                right_share(answers),
                f"{n} prompts with the answers {answers[:4]} ...",
                mistakes=wrong_shares(answers),
                otherwise=PAIRS,
                if_raises="answer is called with each prompt as it is, and gives its answer.",
            )
    for answers in (["a", "a"], ["a", "b"], ["", "b"], [0, 0, 0], [0, 1, 2], ["a", ""]):
        known = {f" Question {place}? ": one for place, one in enumerate(answers)}
        with forbidden(*COURSE):
            check(
                lambda: sensitivity(lambda prompt: known[prompt], list(known)),
                right_share(answers),
                f"the answers {answers}",
                mistakes={
                    "A prompt is paired with itself, which never differs. Only distinct pairs count.": (
                        lambda got: 0 < got < 1
                    ),
                    "0 and an empty text are answers too: compare with !=.": (
                        lambda got: got == 0 and not answers[0]
                    ),
                },
                otherwise="The share is 0 when all answers are equal, and 1 when no two are.",
                if_raises="Two prompts are enough, and an answer may be anything that can be compared.",
            )
