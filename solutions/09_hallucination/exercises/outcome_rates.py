"""Exercise `outcome_rates`: of all answers, how many are right, how many invented, how many withheld."""

# %% solution
from collections.abc import Hashable, Sequence


def outcome_rates(
    answers: Sequence[Hashable], truths: Sequence[Hashable], abstained: Sequence[bool]
) -> dict[str, float]:
    """Return the shares of questions answered rightly, answered wrongly, and not answered.

    The three outcomes of SimpleQA (Wei et al., 2024); each question has exactly one of them.

    Args:
        answers: what the model gave to each question.
        truths: the right answers, in the same order.
        abstained: whether the model held its answer back; what stands in `answers` there does not
            count, neither as right nor as wrong.

    Returns:
        the shares of "correct", "hallucinated" and "abstained", which sum to 1.

    Raises:
        ValueError: there are no answers, or the numbers of entries differ.
    """
    ### BEGIN SOLUTION
    n = len(answers)
    if n == 0:
        raise ValueError("answers must hold at least one entry, not 0: there are no shares")
    if not n == len(truths) == len(abstained):
        raise ValueError(
            f"answers has {n} entries, truths {len(truths)} and abstained {len(abstained)},"
            " where each question needs one"
        )
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        if silent:
            counts["abstained"] += 1
        elif answer == truth:
            counts["correct"] += 1
        else:
            counts["hallucinated"] += 1
    return {outcome: count / n for outcome, count in counts.items()}
    ### END SOLUTION


# %% hints
HINTS = (
    "Give each question exactly one of the three outcomes. Which do you have to ask about first, so"
    " that an abstention never counts as wrong or right?",
    "Go through the three lists side by side: if the model abstained count `abstained`, else if answer"
    " and truth are equal `correct`, else `hallucinated`. Divide all three by the number of questions.",
)
EXPLANATION = """
Whether the model abstained is asked first: its text is then no answer, and comparing "I don't know" with the truth would
count honesty as a hallucination. All three shares have the same denominator, all questions, so they sum to 1. Dividing by
the answered ones gives another measure, the accuracy when it answers, which rises as a model dares less. All three keys
are there also when their share is 0.
"""

# %% helpers
from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    forbidden,
    inputs_unchanged,
    told_apart,
    without,
    wrong_type,
)

OUTCOMES = (
    "Each question has one outcome: abstained when it is flagged so, else correct when answer and truth"
    " are equal, else hallucinated. Divide by the number of questions."
)
KEYS = ("correct", "hallucinated", "abstained")
COURSE = ("utils.evaluation.hallucination.outcome_rates",)
CITIES = ("Bern", "Rome", "Lisbon", "Oslo", "Vienna", "Prague", "Bernburg", "Oslofjord")
SILENT = "I do not know"
EMPTY = (
    "Each question counts for one of correct, hallucinated and abstained. An answer may be an empty text: it is"
    " compared like others."
)


def rates(correct, hallucinated, abstained):
    return dict(zip(KEYS, (correct, hallucinated, abstained), strict=True))


def right_rates(answers, truths, abstained):
    n = len(answers)
    rows = list(zip(answers, truths, abstained, strict=True))
    silent = sum(bool(quiet) for *_, quiet in rows)
    correct = sum(one == other and not quiet for one, other, quiet in rows)
    return rates(correct / n, (n - silent - correct) / n, silent / n)


def wrong_rates(answers, truths, abstained):
    """Return what the usual mistakes make of answers."""
    n = len(answers)
    rows = list(zip(answers, truths, abstained, strict=True))
    right = right_rates(answers, truths, abstained)
    good, bad, silent = right.values()
    equal = sum(one == other for one, other, _ in rows) / n  # also of those held back
    spoken = 1 - silent
    said = sum(one == SILENT for one, _, _ in rows) / n
    unsaid = [
        sum(quiet or one in silence for one, _, quiet in rows) / n
        for silence in (("",), (SILENT,), ("", SILENT))
    ]
    anywhere = sum(one in truths and not quiet for one, _, quiet in rows) / n
    within = sum((other in one or one in other) and not quiet for one, other, quiet in rows) / n
    contains = sum(other in one and not quiet for one, other, quiet in rows) / n
    begins = sum(one[:1] == other[:1] and not quiet for one, other, quiet in rows) / n
    any_case = sum(one.lower() == other.lower() and not quiet for one, other, quiet in rows) / n
    return {
        "Return a dictionary with a number for each outcome.": wrong_type(dict),
        "The keys are correct, hallucinated and abstained, all three also for a share of 0.": (
            lambda got: set(got) != set(KEYS)
        ),
        "An abstention is never a hallucination, whatever stands in answers there.": AnyOf(
            rates(equal, 1 - equal, silent), rates(good, 1 - good, silent), rates(good, 1 - good, 0),
            rates(equal, 1 - equal, 0), rates(equal, 1 - good, silent),
        ),
        "An abstention is not correct either, whatever stands in answers there.": AnyOf(
            rates(equal, bad, silent), rates(equal, 1 - equal - silent, silent),
            rates(equal, bad, 1 - equal - bad), rates(good + silent, bad, silent),
            rates(good + silent, bad, 0),
        ),
        "Divide all three by the number of questions, also the unanswered ones: they sum to 1.": AnyOf(
            *(rates(good / spoken, bad / spoken, rest) for rest in (silent, 0, silent / spoken) if spoken)
        ),
        "Shares are due, not numbers of questions: divide by how many there are.": (
            rates(n * good, n * bad, n * silent)
        ),
        "Shares are due, not percent.": rates(100 * good, 100 * bad, 100 * silent),
        "Correct and hallucinated are mixed up: correct is where answer and truth are equal.": (
            rates(bad, good, silent)
        ),
        "The flags are read the wrong way round: True is an abstention.": AnyOf(
            rates(equal - good, silent - equal + good, spoken), rates(good, bad, spoken)
        ),
        "Whether the model abstained stands in abstained, not in the text of its answer.": AnyOf(
            rates(equal, 1 - equal - said, said), rates(good, 1 - equal - said, said),
            *(rates(good, 1 - good - quiet, quiet) for quiet in unsaid),
        ),
        "Compare an answer with the truth of the same question, not with those of others.": (
            rates(anywhere, 1 - anywhere - silent, silent)
        ),
        "An answer is correct when it equals the truth; to hold it, or a part of it, is not enough.": AnyOf(
            *(rates(some, 1 - some - silent, silent) for some in (within, contains, begins))
        ),
        "Compare answers as they are: a text in another case is another answer.": (
            rates(any_case, 1 - any_case - silent, silent)
        ),
        "No answer counts as correct. It is where it equals the truth: compare these two with ==, since equal texts may"
        " be two objects.": rates(0, spoken, silent),
        "No answer counts as hallucinated. It is where it was given and differs from the truth.": (
            rates(spoken, 0, silent)
        ),
        "Whole numbers come of //: divide with /.": rates(0, 0, 0),
    }  # fmt: skip


def questions(rng, correct, hallucinated, silent, silent_right):
    """Return answers, truths and flags of so many questions of each outcome, in random order.

    Of those held back some name the truth, some another city, some no city at all. Of the wrong ones, which
    are not held back, some are empty, some say that they do not know, and some are in capitals.
    """
    rows = []
    for kind, count in enumerate((correct, hallucinated, silent, silent_right)):
        for number in range(count):
            truth = rng.choice(CITIES[:6])
            other = rng.choice([city for city in CITIES if city != truth])
            if kind == 1 and number % 3 == 0:  # holds a truth, and is wrong
                truth, other = rng.choice([("Bern", "Bernburg"), ("Oslo", "Oslofjord")])
            if kind == 1 and number % 3 == 1:  # sounds like silence, and is no abstention
                other = ("", SILENT)[number // 3 % 2]
            if kind == 1 and number % 6 == 2:
                other = truth.upper()
            unsaid = SILENT if number % 2 else other
            # Texts are made anew: equal ones are not the same object.
            answer = "".join([*(truth, other, unsaid, truth)[kind]])
            rows.append((answer, truth, kind > 1))
    rng.shuffle(rows)
    return tuple([row[place] for row in rows] for place in range(3))


# %% examples
def examples(check):
    said, true = ["Bern", "Basel", "?", "Oslo"], ["Bern", "Bern", "Rome", "Oslo"]
    silent = [False, False, True, False]
    want = {"correct": 0.5, "hallucinated": 0.25, "abstained": 0.25}
    check(lambda: outcome_rates(said, true, silent), want, "two right, one wrong, one held back")
    want = {"correct": 0.0, "hallucinated": 0.0, "abstained": 1.0}
    check(lambda: outcome_rates(said, true, [True] * 4), want, "all held back")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    said, true = ["Bern", "Basel", "?", "Oslo"], ["Bern", "Bern", "Rome", "Oslo"]
    known = wrong_rates(said, true, [False, False, True, False])
    return {
        "two right, one wrong, one held back": Diagnosis(known, OUTCOMES),
        "all held back": Diagnosis(
            {
                **dict(list(known.items())[:2]),
                "An abstention is neither correct nor hallucinated, whatever its text.": (
                    lambda got: got["correct"] or got["hallucinated"]
                ),
            },
            "When every answer is held back, abstained is 1 and the others are 0.",
            if_raises="All answers may be held back: divide by the number of questions.",
        ),
    }


# %% graded: 2 points | every outcome occurs, and texts held back may be anything but the truth.
def test_shares_of_the_three_outcomes() -> None:
    for case in range(6):
        rng = case_rng("outcome_rates", case)
        kinds, rows = [0, 0, 0, 0], ([""], [""], [False])
        mistakes = {"": right_rates(*rows)}
        while not told_apart(right_rates(*rows), mistakes):
            least, most = (25, 40) if case == 5 else (2, 9)
            kinds = [*(rng.randint(least, most) for _ in range(3)), 0]
            rows = questions(rng, *kinds)
            mistakes = without(wrong_rates(*rows), "An abstention is not correct either")
        with inputs_unchanged(*rows), forbidden(*COURSE):
            check(
                lambda: outcome_rates(*rows),
                right_rates(*rows),
                f"{kinds[0]} right, {kinds[1]} wrong, {kinds[2]} held back",
                mistakes=mistakes,
                otherwise=OUTCOMES,
                if_raises=EMPTY,
            )


# %% graded: 1 point | an answer held back is neither right nor wrong, whatever it says.
def test_text_of_an_abstention_does_not_count() -> None:
    for case in range(5):
        rng = case_rng("outcome_rates", 100 + case)
        kinds, rows = [0, 0, 0, 0], ([""], [""], [False])
        while not kinds[1] or not told_apart(right_rates(*rows), wrong_rates(*rows)):
            kinds = [rng.randint(2, 9) for _ in range(4)]
            rows = questions(rng, *kinds)
        with inputs_unchanged(*rows), forbidden(*COURSE):
            check(
                lambda: outcome_rates(*rows),
                right_rates(*rows),
                f"{kinds[0]} right, {kinds[1]} wrong, {kinds[2] + kinds[3]} held back, of which {kinds[3]}"
                " name the truth",
                mistakes=wrong_rates(*rows),
                otherwise=OUTCOMES,
                if_raises=EMPTY,
            )
    for answer, truth, hint in (
        (2, 2.0, "2 and 2.0 are equal: compare answers with ==, not their texts or types."),
        (-1, -2, "Compare answers with ==, not their hashes, which may be the same."),
        (2.5, 2.5 + 2**-30, "Compare answers as they are, with ==: nearly equal is not equal."),
        (None, "Rome", "An answer of None is compared like others: whether it is silence stands in abstained."),
        ("Rome", None, "A question whose truth is None counts as well: an answer there is hallucinated."),
    ):
        rows = ([answer, answer], [truth, truth], [False, True])
        with inputs_unchanged(*rows), forbidden(*COURSE):
            check(
                lambda: outcome_rates(*rows),
                right_rates(*rows),
                f"the answer {answer!r} where {truth!r} is true, once given and once held back",
                otherwise=hint,
                if_raises=hint,
            )


# %% graded: 1 point | one outcome only: the other shares are 0, and all three are there.
def test_one_outcome_only() -> None:
    rng = case_rng("outcome_rates", "limits")
    a, b, c = (rng.randint(2, 7) for _ in range(3))
    for kinds in (
        (a, 0, 0, 0),
        (0, b, 0, 0),
        (0, 0, c, 0),
        (0, 0, 0, c),
        (1, 0, 0, 0),
        (a, b, 0, 0),
        (a, 0, c, 0),
    ):
        rows = questions(rng, *kinds)
        with inputs_unchanged(*rows), forbidden(*COURSE):
            check(
                lambda: outcome_rates(*rows),
                right_rates(*rows),
                f"{kinds[0]} right, {kinds[1]} wrong, {kinds[2] + kinds[3]} held back",
                mistakes={
                    "Return a dictionary with a number for each outcome.": wrong_type(dict),
                    "The keys are correct, hallucinated and abstained, all three also for a share of 0.": (
                        lambda got: set(got) != set(KEYS)
                    ),
                    "Shares are due, from 0 to 1, not numbers of questions and not percent.": (
                        lambda got: any(not 0 <= one <= 1 for one in got.values())
                    ),
                    "Whether the model abstained stands in abstained, not in the text of its answer.": (
                        lambda got: not kinds[2] + kinds[3] and got["abstained"] > 0
                    ),
                    "An abstention is neither a hallucination nor correct, whatever its text.": (
                        lambda got: (
                            sum(got.values()) > 1.001
                            or (not kinds[0] + kinds[1] and got["abstained"] != 1)
                        )
                    ),
                },
                otherwise=f"{OUTCOMES} Some outcomes do not occur here.",
                if_raises="An outcome may be missing, as when every answer is held back: its share is 0.",
            )
