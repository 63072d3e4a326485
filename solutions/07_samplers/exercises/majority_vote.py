"""Exercise `majority_vote` of notebook 07."""

# %% solution
from collections.abc import Hashable, Sequence


def majority_vote(answers: Sequence[Hashable | None]) -> Hashable | None:
    """Return the most common answer, the first seen in a tie; None is no answer, and comes back when there is no other.

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
HINTS = ()
EXPLANATION = ""

# %% helpers
from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    check(lambda: majority_vote(["12", "15", "12", "9"]), "12", "12, 15, 12, 9")
    check(
        lambda: majority_vote([None, "15", None, "12", None]),
        "15",
        "three times None, 15 and 12 once each",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["three times None, 15 and 12 once each"] = Diagnosis(
        otherwise="None is no answer, and the first seen wins a tie."
    )
    return found


# %% graded: 2 points | the most common answer wins, and None has no vote.
def test_1() -> None:
    none_votes = "None won, or its votes counted. It is no answer, however often it comes: leave it out first."

    def winner_or_text(winner):
        """Return the winner, a text in the place of None."""
        return "no winner" if winner is None else winner

    falsy = "The answers 0, False-like numbers and empty strings are answers (falsy, not missing). Leave out None only: `is not None`."
    cases = (
        (["12", "15", "12", "9", "12"], "12"),
        (["9", "12", "15", "12"], "12"),
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
        ([" Yes", "yes", "YES", " Yes", "no", "no", "no"], "no"),
        (["Paris ", "Paris ", "rome"], "Paris "),
        ([None], None),
        ([None, None, None], None),
    )
    for answers, wanted in cases:
        given = [answer for answer in answers if answer is not None]
        falsy_left_out = [answer for answer in given if answer]
        mistakes = {}
        if wanted is None:
            mistakes["With nothing but None (all None) there is no winner: return None itself."] = (
                lambda got: True
            )
        elif 2 * answers.count(None) >= len(answers):
            mistakes[none_votes] = "no winner"
        elif all(given):
            mistakes["More than half is not needed: the most common answer wins."] = "no winner"
        if wanted == "None":
            mistakes['The text "None" is an answer like others. Leave out the value None only.'] = (
                "a"
            )
        elif given and len(falsy_left_out) < len(given):
            mistakes[falsy] = max(falsy_left_out, key=falsy_left_out.count, default="no winner")
        mistakes |= {
            "Return the answer alone, without its count.": lambda got: isinstance(
                got, tuple | list
            ),
            "The answer became text. Return it as it was given, with its type.": lambda got, wanted=wanted: (
                isinstance(got, str) and not isinstance(wanted, str) and got == str(wanted)
            ),
            "Answers differ when their case or white space does: count them as they are, do not normalise them.": (
                lambda got, given=given: (
                    isinstance(got, str) and (got not in given or got.strip().lower() == "yes")
                )
            ),
            "The least common answer won. Take the most common one.": min(given, key=given.count)
            if given
            else "no such",
            "The first answer won. Take the most common one.": given[0] if given else "no such",
        }
        with inputs_unchanged(answers):
            check(
                lambda: winner_or_text(majority_vote(answers)),
                winner_or_text(wanted),
                f"answers {answers}",
                mistakes=mistakes,
                otherwise="Count the answers that are not None, and take the most common one.",
                if_raises="All answers may be None: then return None."
                if not given
                else "Answers are of any type that can be counted: numbers, texts; and some are None.",
            )


# %% graded: 2 points | of equally common answers the first seen wins.
def test_2() -> None:
    cases = [
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
        answers = [letter for letter in letters[:3] for _ in range(3)] + [letters[3], None, None]
        rng.shuffle(answers)
        cases.append(answers)
    for answers in cases:
        given = [answer for answer in answers if answer is not None]
        most = max(map(given.count, given))
        tied = [answer for answer in given if given.count(answer) == most]
        reached = [answer for i, answer in enumerate(given) if given[: i + 1].count(answer) == most]
        mistakes = {
            "A tie still has a winner: the answer that was seen first.": "no winner",
            "The first to reach the count won the tie. The winner is the one that was first seen, however its votes came.": reached[
                0
            ],
            "In a tie the last seen won. Take the first seen.": [tied[-1], reached[-1]][0],
            "In a tie the smallest won (sorted order). Take the first seen.": min(tied),
            "In a tie the largest won (sorted order). Take the first seen.": max(tied),
        }
        check(
            lambda: "no winner" if (winner := majority_vote(list(answers))) is None else winner,
            tied[0],
            f"answers {answers}",
            mistakes={hint: value for hint, value in mistakes.items() if value != tied[0]},
            otherwise="In a tie the answer that was first seen wins.",
        )
