"""Exercise `best_of_n`: draw several answers, keep the one that a reward model likes most."""

# %% solution
from collections.abc import Callable, Sequence
from typing import Any


def best_of_n(candidates: Sequence[Any], score: Callable[[Any], float]) -> Any:
    """Return the first candidate with the highest score.

    Args:
        candidates: answers.
        score: gives an answer its reward; it is called once for each candidate.

    Raises:
        ValueError: there are no candidates.
    """
    ### BEGIN SOLUTION
    if not candidates:
        raise ValueError(f"candidates must hold at least one answer, got {candidates!r}")
    return max(candidates, key=score)
    ### END SOLUTION


# %% hints
HINTS = (
    "Scoring is the expensive part: each candidate is scored once, and its score is kept. Which of"
    " Python's functions takes a `key`?",
    "`max(candidates, key=score)` calls the key once for each candidate, and returns the first of"
    " equals. Refuse an empty list before that.",
)
EXPLANATION = """
`max` with a `key` scores every candidate once and returns the first of those with the highest score. Scoring again to
find the place of the maximum costs twice as much, and goes wrong with a scorer that is not deterministic. A loop that
begins with a best score of 0 loses every candidate when all rewards are negative.
"""

# %% helpers
from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_refused,
    inputs_unchanged,
    wrong_type,
)

FIRST_BEST = "Return the first candidate with the highest score."
EXACTLY = "Compare the scores as they are: do not round."


def known_mistakes(candidates, scores):
    """Return what the usual mistakes make of candidates with their scores."""
    best, worst = max(scores), min(scores)
    tied = [one for one, value in zip(candidates, scores, strict=True) if value == best]
    place = scores.index(best)
    return {
        "Return the candidate alone, not its score or its place.": wrong_type(str),
        "The highest score wins: not the lowest, nor the largest without its sign.": AnyOf(
            candidates[scores.index(worst)], max(zip(map(abs, scores), candidates))[1]
        ),
        "In a tie the first one wins; yours is the last.": tied[-1],
        "In a tie the first one wins, wherever it stands in the alphabet.": AnyOf(
            max(tied), min(tied)
        ),
        "This is the longest or the first candidate. Ask the score.": AnyOf(
            candidates[0], max(candidates, key=len)
        ),
        "This is the largest candidate itself, the last of the alphabet. Ask the score (key=score).": (
            max(candidates)
        ),
        "You are one place off.": AnyOf(candidates[place - 1], candidates[(place + 1) % len(scores)]),
    }


# %% examples
def examples(check):
    answers = ["no", "yes, gladly", "maybe", "not today!"]
    check(lambda: best_of_n(answers, len), "yes, gladly", "the longest of four")
    check(lambda: best_of_n(answers, lambda text: -len(text)), "no", "the shortest of four")
    check(lambda: best_of_n(["b", "a", "c"], lambda text: 0.5), "b", "three equal ones")
    check.refused(lambda: best_of_n([], len), "no candidates")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    answers = ["no", "yes, gladly", "maybe", "not today!"]
    return {
        "the longest of four": Diagnosis(
            {"Return the candidate, not its score or place.": wrong_type(str)}
            | known_mistakes(answers, [len(one) for one in answers]),
            FIRST_BEST,
        ),
        "the shortest of four": Diagnosis(
            {
                "Scores may all be below 0: do not begin with a best score of 0.": None,
                **known_mistakes(answers, [-len(one) for one in answers]),
            },
            FIRST_BEST,
        ),
        "three equal ones": Diagnosis(
            {
                "In a tie the first one wins; yours is the last.": "c",
                "In a tie the first one wins, wherever it stands in the alphabet.": "a",
            },
            FIRST_BEST,
        ),
        "no candidates": Diagnosis(otherwise="Without candidates there is no best one."),
    }


# %% graded: 2 points | the candidate with the highest score, the first of equals.
def test_highest_score_and_first_of_equals() -> None:
    negative = "Scores may all be far below 0: do not begin with a best score of 0 or another number."
    for case in range(8):
        rng = case_rng("best_of_n", case)
        n = rng.randint(270, 290) if case == 3 else rng.randint(7, 11)
        candidates = rng.sample([f"answer {number:03}" for number in range(n * 2)], n)
        scores = [rng.uniform(-9, 3) + (3.0, -6.0)[case % 2] for _ in range(n)]
        # The best stands in the middle, the worst at the end: so no mistake looks like another.
        middle = rng.randint(257 if n > 256 else 2, n - 3)
        for value, place in ((min(scores), n - 1), (max(scores), middle)):
            other = scores.index(value)
            scores[place], scores[other] = scores[other], scores[place]
        scores[middle] += 2.5  # so that no rounding makes a tie
        # The last of the alphabet has a low score, and stands neither first nor beside the best.
        away = [place for place in range(1, n - 1) if abs(place - middle) > 1]
        low, largest = min(away, key=lambda place: scores[place]), candidates.index(max(candidates))
        candidates[low], candidates[largest] = candidates[largest], candidates[low]
        if case >= 4:  # ties, whose first is neither the first nor the last of the alphabet
            places = sorted(rng.sample(range(2, n - 1), 4))
            for place, name in zip(places, ("m tied", "z tied", "a tied", "k tied"), strict=True):
                scores[place], candidates[place] = max(scores[0], 2.0 - 9.0 * (case % 2)), name
            scores = [min(value, scores[places[0]]) - (i not in places) for i, value in enumerate(scores)]
        known = dict(zip(candidates, scores, strict=True))
        with inputs_unchanged(candidates):
            check(
                lambda: best_of_n(candidates, lambda text: known[text]),
                candidates[scores.index(max(scores))],
                f"{n} candidates, the highest score {max(scores):.2f}"
                + (", four times" if case >= 4 else ""),
                mistakes={
                    # Whoever always returns the first candidate has failed in the first case.
                    **({negative: AnyOf(None, candidates[0])} if case and max(scores) < 0 else {}),
                    **known_mistakes(candidates, scores),
                },
                otherwise=FIRST_BEST,
            )
    as_any = "A score of 0 and an empty candidate are like any other: neither means that there is none yet."
    itself = "Return the candidate itself, as it is: it need not be a text."
    lists = "A candidate may be a list, such as the ids of its tokens: keep it as it is, by its place."
    for candidates, scores in (
        (["one", "two", "three"], [-2e12, -1e12, -3e12]),
        (["one", "two", "three"], [-3.0, 0.0, -1.0]),
        (["", "two", "three"], [3.0, 1.0, 2.0]),
        (["one", "", "three"], [-3.0, -1.0, -2.0]),
        ([4, 0, 7], [-3.0, -1.0, -2.0]),
        (["one", "two", "three"], [0.501, 0.504, 0.499]),
        (["one", "two", "three"], [0.5, 0.5 + 1e-12, 0.5]),
        ([[4, 1], [2], [7, 2, 2]], [-3.0, -1.0, -2.0]),
    ):
        known = {str(one): value for one, value in zip(candidates, scores, strict=True)}
        right = candidates[scores.index(max(scores))]
        check(
            lambda: best_of_n(candidates, lambda one: known[str(one)]),
            right,
            f"the candidates {candidates} with the scores {scores}",
            mistakes={negative: None}
            | ({as_any: candidates[-1]} if 0.0 in scores or not right else {})
            | ({itself: "0"} if right == 0 else {})
            | ({EXACTLY: AnyOf("one", "three")} if 0.5 < max(scores) < 0.51 else {}),
            otherwise=lists if right == [2] else FIRST_BEST,
            if_raises=lists if right == [2] else negative,
        )


# %% graded: 1 point | each candidate is scored once.
def test_each_candidate_is_scored_once() -> None:
    for n in (case_rng("best_of_n", "calls").randint(4, 9), 1):
        candidates, asked = [f"answer {number % 3}" for number in range(n)], []  # some are alike

        def score(text):
            asked.append(text)
            return float(len(text))

        def calls():
            asked.clear()
            best_of_n(list(candidates), score)
            return sorted(asked)

        check(
            calls,
            sorted(candidates),
            f"what was scored, of {n} candidates",
            mistakes={
                "Each candidate is scored once: scoring is what costs. Keep the scores.": lambda got: (
                    len(got) > n
                ),
                "Every candidate has to be scored, also one that is like another.": lambda got: len(got) < n,
            },
            otherwise="Call score with each candidate, as it is.",
        )


# %% graded: 1 point | no candidates are refused.
def test_no_candidates_are_refused() -> None:
    for empty in ([], ()):
        check_refused(
            lambda: best_of_n(empty, len),
            f"candidates {empty!r}",
            "Without candidates there is no best one: raise a ValueError.",
        )
