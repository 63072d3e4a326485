"""Self-consistency: the most common answer, the first seen in a tie, and None has no vote."""

# %% solution
from collections.abc import Hashable, Sequence


def majority_vote(answers: Sequence[Hashable | None]) -> Hashable | None:
    """Return the most common answer, the first seen in a tie.

    None is no answer, and comes back when there is no other.

    Args:
        answers: what was read from each sample, in the order of the samples.
    """
    ### BEGIN SOLUTION
    votes: dict[Hashable, int] = {}
    for answer in answers:
        if answer is not None:
            votes[answer] = votes.get(answer, 0) + 1
    return max(votes, key=votes.__getitem__, default=None)
    ### END SOLUTION


# %% hints
HINTS = (
    """Leave out the answers that are `None`, and no others: 0 and an empty text are answers. What do
you return when nothing is left?""",
    """Count in a dict, or with `collections.Counter`: both keep the order in which answers were first
seen, and `max(votes, key=votes.get, default=None)` takes the first of equal counts.""",
)
EXPLANATION = """A dict keeps its keys in the order in which they came, so the first key with the largest count is the
answer that was first seen among the most common ones; `max` returns the first of equals. `is not None` keeps 0 and ""
as the answers they are. `default=None` is the result when nobody has voted."""

# %% helpers
import itertools

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, inputs_unchanged


def winner_or_text(answers):
    """Return the winner of a vote, a text in the place of None."""
    winner = majority_vote(answers)
    return "no winner" if winner is None else winner


def longest_run(answers):
    """Return the answer that comes most often in a row."""
    runs = [list(run) for _, run in itertools.groupby(answers)]
    return max(runs, key=len)[0] if runs else "none"


def last_standing(answers):
    """Return what is left when each answer takes one vote from another (Boyer and Moore)."""
    left, lead = "none", 0
    for answer in answers:
        left = left if lead else answer
        lead += 1 if answer == left else -1
    return left


# %% examples
def examples(check):
    check(lambda: majority_vote(["12", "15", "12", "9"]), "12", "12, 15, 12, 9")
    given = [None, "15", None, "12", None]
    check(lambda: majority_vote(given), "15", "three times None, 15 and 12 once each")
    check(lambda: majority_vote([None, None]), None, "nothing but None")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "12, 15, 12, 9": Diagnosis(
            {
                "Return the answer alone, without its count.": lambda got: isinstance(
                    got, tuple | list
                ),
                "This is the number of votes. Return the answer that got them.": 2,
            },
            otherwise="The most common answer wins.",
        ),
        "three times None, 15 and 12 once each": Diagnosis(
            {
                "None won. It is no answer and has no vote: leave it out first.": None,
                "In a tie the first seen wins.": "12",
            },
            otherwise="None is no answer, and the first seen wins a tie.",
        ),
        "nothing but None": Diagnosis(
            otherwise="Without a single answer return None.",
            if_raises="Without a single answer return None.",
        ),
    }


# %% graded: 2 points | the most common answer wins, and None has no vote.
def test_most_common_answer_wins_and_none_has_no_vote() -> None:
    none_votes = (
        "None won, or its votes counted. It is no answer, however often it comes: leave it out"
        " first."
    )
    falsy = (
        "The answers 0, False-like numbers and empty strings are answers (falsy, not missing)."
        " Leave out None only: `is not None`."
    )
    cases = (
        (["12", "15", "12", "9", "12"], "12"),
        # The first, the least common, the longest run and the last standing: four others than the winner.
        (["40", "52", "52", "90", "61", "40", "73", "90", "73", "90"], "90"),
        ([7, 8, 8, 9, 9, 9, 7], 9),
        (["only"], "only"),
        (["b", "a", "c", "c", "d", "e"], "c"),
        ([None, None, None, "15", "12", "15"], "15"),
        (["12", None, None], "12"),
        ([None, "a", None, "b", "b"], "b"),
        ([None, 3, None, 4, 4, None, None], 4),
        ([0, 0, 0, 5, 5], 0),
        ([0, None, None], 0),
        (["", "", "a", None], ""),
        (["None", "None", "a", None], "None"),
        ([1.5, 2.5, 2.5, None], 2.5),
        (["7", 7, 8, 8], 8),
        (["12", "12.0", "15", "15"], "15"),
        ([" Yes", "yes", "YES", " Yes", "no", "no", "no"], "no"),
        (["Paris ", "Paris ", "rome"], "Paris "),
        ([*range(100), 70, 99, 99, *[None] * 80], 99),
        ([None], None),
        ([None, None, None], None),
    )
    earlier = []
    for answers, wanted in cases:
        given = [answer for answer in answers if answer is not None]
        true_ones = [answer for answer in given if answer]
        mistakes = {}
        if wanted is None:
            mistakes["With nothing but None (all None) there is no winner: return None itself."] = (
                lambda got: True
            )
        elif 2 * answers.count(None) >= len(answers):
            mistakes[none_votes] = "no winner"
        elif 2 * given.count(wanted) > len(answers):
            mistakes["None came back, though an answer has most votes: is a `return` missing?"] = (
                "no winner"
            )
        elif all(given):
            mistakes["More than half is not needed: the most common answer wins."] = "no winner"
        if wanted == "None":
            mistakes['The text "None" is an answer like others. Leave out the value None only.'] = (
                "a"
            )
        elif len(true_ones) < len(given):
            mistakes[falsy] = max(true_ones, key=true_ones.count, default="no winner")
        mistakes |= {
            "Return the answer alone, without its count and not in a list.": lambda got: isinstance(
                got, tuple | list
            ),
            "The answer became text. Return it as it was given, with its type.": (
                lambda got, wanted=wanted: got == str(wanted) != wanted
            ),
            "An answer of an earlier call won. Each call counts the answers that it is given.": (
                lambda got, given=given, known=tuple(earlier): got not in given and got in known
            ),
            'The number 7 and the text "7" are two answers, and so are "12" and "12.0". Count them as they are.': AnyOf(
                "7", 7, "12.0", *(["12"] if "12.0" in given else [])
            ),
            "Answers differ when their case or white space does: count them as they are, do not normalise them.": lambda got, given=given: (
                isinstance(got, str) and (got not in given or got.strip().lower() == "yes")
            ),
            "The least common answer won. Take the most common one.": min(
                given, key=given.count, default="none"
            ),
            "The first answer won. Take the most common one.": (given or ["none"])[0],
            "The longest run won. All votes count, not only those in a row.": longest_run(given),
            "The last one standing won (Boyer and Moore), which need not be the most common where none has more than half. Count the votes of each.": last_standing(
                given
            ),
            "The largest answer won (`max` of the answers themselves). Take the one that comes most often.": (
                max(given, key=str, default="none")
            ),
        }
        with inputs_unchanged(answers):
            check(
                lambda: winner_or_text(answers),
                "no winner" if wanted is None else wanted,
                f"answers {answers}",
                mistakes=mistakes,
                otherwise="Count the answers that are not None, and take the most common one.",
                if_raises=(
                    "All answers may be None: then return None."
                    if not given
                    else (
                        "Answers are of any type that can be counted: numbers, texts; and some are"
                        " None."
                    )
                ),
            )
        earlier += [] if wanted is None else [wanted]


# %% graded: 2 points | of equally common answers the first seen wins.
def test_first_seen_wins_a_tie() -> None:
    cases: list[list] = [
        # The first seen, the first with two votes, the last seen, the smallest and the largest: five answers.
        ["c", "b", "b", "e", "a", "a", "e", "c", "d", "d"],
        ["b", "a", "a", "b"],
        ["a", "b", "b", "a"],
        [5, 3, 3, 5, 4],
        [3, 5, 5, 3, 4],
        ["c", "b", "a"],
        ["x", "z", "y", "y", "z", "x"],
        [None, "d", "c", None, "c", "d", None],
        ["c", None, "d", "d", None, "c", "e"],
        [2, 10, 10, 2],
        [10, 2, 2, 10],
    ]
    for case in range(6):
        rng = case_rng("majority_vote", case)
        letters = rng.sample("fghijklm", 4)
        cases.append(rng.sample([*letters[:3] * 3, letters[3], None, None], 12))
    for answers in cases:
        given = [answer for answer in answers if answer is not None]
        most = max(map(given.count, given))
        tied = [answer for answer in given if given.count(answer) == most]
        reached = [answer for i, answer in enumerate(given) if given[: i + 1].count(answer) == most]
        check(
            lambda: winner_or_text(list(answers)),
            tied[0],
            f"answers {answers}",
            mistakes={
                "A tie still has a winner: the answer that was seen first.": "no winner",
                "The first to reach the count won the tie. The winner is the one that was first seen, however its votes came.": reached[
                    0
                ],
                "In a tie the last seen won. Take the first seen.": tied[-1],
                "In a tie the smallest won (sorted order). Take the first seen.": min(tied),
                "In a tie the largest won (sorted order). Take the first seen.": max(tied),
            },
            otherwise="In a tie the answer that was first seen wins.",
        )
