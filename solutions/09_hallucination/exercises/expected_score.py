"""Exercise `expected_score` with `should_answer`: when does it pay to guess, and when to say "I don't know"?"""

# %% solution
import math


def expected_score(p_correct: float, wrong_penalty: float) -> float:
    """Return the score to expect of an answer: 1 if it is right, minus the penalty if it is wrong.

    Args:
        p_correct: the probability that it is right, from 0 to 1.
        wrong_penalty: what a wrong answer costs, 0 or more.

    Raises:
        ValueError: a probability outside [0, 1], or a penalty that is negative or not finite.
    """
    ### BEGIN SOLUTION
    if not 0 <= p_correct <= 1:
        raise ValueError(f"p_correct must lie between 0 and 1, not {p_correct}")
    if not 0 <= wrong_penalty < math.inf:
        raise ValueError(f"wrong_penalty must be finite and not negative, not {wrong_penalty}")
    return p_correct - (1 - p_correct) * wrong_penalty
    ### END SOLUTION


def should_answer(p_correct: float, wrong_penalty: float) -> bool:
    """Return whether an answer is expected to score more than silence, which scores 0.

    The rule is that of Kalai et al. (2025). An expectation of exactly 0 is no reason to speak.

    Args:
        p_correct, wrong_penalty: as in `expected_score`.

    Raises:
        ValueError: as in `expected_score`.
    """
    ### BEGIN SOLUTION
    return expected_score(p_correct, wrong_penalty) > 0
    ### END SOLUTION


# %% hints
HINTS = (
    "There are two outcomes, right and wrong. What does each of them score, and how likely is it?",
    "`p_correct * 1 + (1 - p_correct) * (-wrong_penalty)`. Silence scores 0, so answer when this is"
    " above 0: that is, when `p_correct > wrong_penalty / (1 + wrong_penalty)`.",
)
EXPLANATION = """
An expectation adds up what each outcome scores, times its probability. It pays to answer above a threshold, penalty /
(1 + penalty): 0 without a penalty, 1/2 for 1, 3/4 for 3. Most benchmarks give 0 to a wrong answer and to silence alike.
Then any guess is worth more than an honest "I don't know", and models that are chosen by such scores learn to guess.
The rule is only as good as the probability: a model that is 90% sure and right in 60% of such cases speaks too often.
"""

# %% helpers
from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    call_answer,
    case_rng,
    check,
    forbidden,
    same,
    told_apart,
)

EXPECTATION = (
    "Add up what each outcome scores, times its probability: 1 with p_correct, and -wrong_penalty with"
    " 1 - p_correct."
)
ABOVE = "Answer when the expected score is above 0, which is what silence scores."
COURSE = (
    "utils.evaluation.abstention.expected_score",
    "utils.evaluation.abstention.should_answer",
)


def right_value(p, c):
    return p - (1 - p) * c


def no_bool(got):
    """Return whether a value is no truth value of Python, numpy or torch."""
    return str(got) not in ("True", "False", "tensor(True)", "tensor(False)")


def wrong_scores(p, c):
    """Return what the usual mistakes make of a probability and a penalty."""
    right = right_value(p, c)
    return {
        "A number is due: what an answer scores on average, not whether to answer.": lambda got: (
            str(got) in ("True", "False")
        ),
        "A wrong answer costs the penalty: it is taken off, not added.": AnyOf(
            p + (1 - p) * c, p + c, 1 - p + p * c
        ),
        "The penalty is due only when the answer is wrong: times 1 - p_correct.": AnyOf(
            p - c, p - p * c, 1 - c
        ),
        "The score is due as it is, above or below 0: whether to answer is another question.": AnyOf(
            -right, 0.0 if right < 0 else lambda got: False
        ),
        "Right answers score 1 and wrong ones cost the penalty, not the other way round.": AnyOf(
            (1 - p) - p * c, p * c - (1 - p)
        ),
        "The arguments are exchanged: the probability comes first, then the penalty.": c - (1 - c) * p,
        "The penalty is missing, or made a whole number.": AnyOf(
            p, 2 * p - 1, p - (1 - p) * int(c) if c % 1 else lambda got: False
        ),
        "A right answer scores 1, and it counts as well.": AnyOf(-(1 - p) * c, (1 - p) * c),
        "The two outcomes are weighted by their probabilities: nothing is divided.": AnyOf(
            right / 2, right / 3, (1 - c) / 2, (1 - c) / 3, p - (1 - p) / c
        ),
        "The chance to be right comes in once: silence is no outcome of an answer.": AnyOf(
            p * right, p * p - (1 - p) ** 2 * c, p * p - (1 - p) * c
        ),
        "This is the threshold of the probability, or the distance to it.": AnyOf(
            c / (1 + c), p - c / (1 + c), 1 / (1 + c)
        ),
        "The score itself is due, not percent.": 100 * right,
        "The penalty is due as it is, however large: neither the penalty nor the score has a limit.": AnyOf(
            *(max(right, -limit) for limit in (1, 10) if right < -limit),
            right_value(p, 10) if c > 10 else lambda got: False,
        ),
    }


def wrong_rules(cases):
    """Return what the usual mistakes make of the rule, for pairs of probability and penalty."""
    rules = {
        "Silence is for a low probability: answer when the expectation is above 0, not below.": [
            lambda p, c: right_value(p, c) < 0
        ],
        "The threshold is not always 1/2: it depends on what a wrong answer costs.": [
            lambda p, c: p > 0.5
        ],
        "The threshold is penalty / (1 + penalty): it rises with the penalty.": [
            lambda p, c: p > 1 / (1 + c),
            lambda p, c: p > 1 - c,
            lambda p, c: p > 1 / c,
        ],
        "The probability is not compared with the penalty itself.": [
            lambda p, c: p > c,
            lambda p, c: p > c / 2,
            lambda p, c: p > c / 10,
        ],
        "A wrong answer costs the penalty only when it is given and wrong: times 1 - p_correct.": [
            lambda p, c: p > p * c,
            lambda p, c: p > (1 - p) * c**2,
        ],
        "Every answer is given. One that costs more than it brings is worse than silence, which scores 0.": [
            lambda p, c: True
        ],
        "Silence scores 0: it is neither a wrong answer nor a right one.": [
            lambda p, c: right_value(p, c) > 1 - p,
            lambda p, c: right_value(p, c) > 0.5,
            lambda p, c: right_value(p, c) > p / 2,
        ],
    }
    return {
        hint: AnyOf(*([rule(p, c) for p, c in cases] for rule in known))
        for hint, known in rules.items()
    }


def judge_rule(cases, hint, mistakes=None, if_raises=""):
    """Check the rule on pairs of probability and penalty; a mistake is known by what it makes of all of them."""
    with forbidden(*COURSE):
        what = (
            f"should_answer for (p_correct, wrong_penalty) = {', '.join(map(str, cases[:4]))} ..."
        )
        found = call_answer(lambda: [should_answer(p, c) for p, c in cases], what, if_raises)

    def meets(known):
        return lambda got: any(same(found, values) for values in known.values)

    for (p, c), got in zip(cases, found):
        check(
            lambda: got,
            right_value(p, c) > 0,
            f"should_answer({p}, {c}), where an answer scores {right_value(p, c):.6g} on average",
            mistakes={"Return True or False.": no_bool}
            | {known: meets(values) for known, values in (mistakes or {}).items()},
            otherwise=hint,
        )


# %% examples
def examples(check):
    check(lambda: expected_score(0.75, 2.0), 0.25, "3/4 minus 1/4 times 2")
    check(lambda: expected_score(0.25, 3.0), -2.0, "1/4 minus 3/4 times 3")
    check(lambda: should_answer(0.75, 2.0), True, "above 0")
    check(lambda: should_answer(0.75, 4.0), False, "below 0")
    check(lambda: should_answer(0.5, 1.0), False, "an expectation of exactly 0")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    no_bool_here = {"Return True or False.": no_bool}
    return {
        "3/4 minus 1/4 times 2": Diagnosis(wrong_scores(0.75, 2.0), EXPECTATION),
        "1/4 minus 3/4 times 3": Diagnosis(wrong_scores(0.25, 3.0), EXPECTATION),
        "above 0": Diagnosis(no_bool_here, ABOVE),
        "below 0": Diagnosis(
            no_bool_here,
            "An answer would lose 0.25 on average: silence, which scores 0, is better.",
        ),
        "an expectation of exactly 0": Diagnosis(
            no_bool_here, "Exactly 0 is no more than silence scores: do not answer."
        ),
    }


# %% graded: 2 points | the expected score.
def test_right_and_wrong_weighted_by_their_probabilities() -> None:
    for case in range(8):
        rng = case_rng("expected_score", case)
        p, c, kind = 0.0, 0.0, None
        while kind != (case % 2 > 0, case % 4 > 1) or not told_apart(
            right_value(p, c), wrong_scores(p, c)
        ):
            # Exact in every type of number; in turn worth an answer or not, and more or less likely than 1/2.
            # The first penalty could be a probability: exchanged arguments give a number there.
            penalties = (0.25, 0.5, 0.75, 1.5, 2.0, 3.0, 5.5, 9.0, 99.0)[: 3 if case == 0 else 9]
            p, c = rng.randint(1, 63) / 64, rng.choice(penalties)
            kind = (right_value(p, c) > 0, p > 0.5)
        with forbidden(*COURSE):
            check(
                lambda: expected_score(p, c),
                right_value(p, c),
                f"a probability of {p} to be right, a penalty of {c}",
                mistakes=wrong_scores(p, c),
                otherwise=EXPECTATION,
            )


# %% graded: 1 point | answers that are surely right or wrong, and no penalty.
def test_sure_answers_and_no_penalty() -> None:
    rng = case_rng("expected_score", "limits")
    p, c = rng.randint(1, 63) / 64, rng.randint(2, 9)
    for chance, penalty, hint in (
        (1.0, c / 2, "An answer that is surely right scores 1, whatever a wrong one would cost."),
        (1, 1000, "An answer that is surely right scores 1, whatever a wrong one would cost."),
        (0.0, c / 2, "An answer that is surely wrong scores minus the penalty."),
        (0, c, "An answer that is surely wrong scores minus the penalty."),
        (p, 0.0, "Without a penalty a wrong answer scores 0, and p_correct is left."),
        (1 / 4, 1000, "However large the penalty is, it is due: there is no limit."),
        (1 / 2, 1, "As much to win as to lose: the expectation is 0."),
    ):
        with forbidden(*COURSE):
            check(
                lambda: expected_score(chance, penalty),
                right_value(chance, penalty),
                f"a probability of {chance} to be right, a penalty of {penalty}",
                otherwise=hint,
                if_raises="A probability may be 0 or 1, and a penalty 0.",
            )


# %% graded: 2 points | answer when the expected score is above 0.
def test_answer_when_the_expected_score_is_above_zero() -> None:
    for case in range(3):
        rng = case_rng("should_answer", case)
        cases = []
        while not cases or not told_apart(
            [right_value(p, c) > 0 for p, c in cases], wrong_rules(cases)
        ):
            penalties = [0.1, 0.25, 0.5, 0.75, 0.9, 1.5, 2.0, 3, 5.5, 9, 19.0] * 2
            cases = [(rng.randint(2, 98) / 100, c) for c in rng.sample(penalties, 18)]
            # No case lies on the threshold: rounding would decide there.
            cases = [(p, c) for p, c in cases if abs(right_value(p, c)) > 0.005]
        judge_rule(cases, ABOVE, wrong_rules(cases))
    steps = (-2, -1, 1, 2)
    for c in case_rng("should_answer", "near").sample((1.0, 3.0, 7.0, 15.0), 4):
        judge_rule(
            [(c / (1 + c) + step * 2**-9, c) for step in steps],
            "The threshold is penalty / (1 + penalty), without rounding.",
        )


# %% graded: 1 point | an expectation of exactly 0 is silence; no penalty, and sure answers.
def test_silence_at_exactly_zero() -> None:
    exact = "An expectation of exactly 0 is no more than silence scores: do not answer."
    order = case_rng("should_answer", "ties").sample((1, 3, 7.0, 15.0, 31.0), 5)
    # Parts of 2, 4, 8, 16 and 32 are exact, and so are these ties.
    judge_rule([(c / (1 + c), c) for c in order], exact)
    judge_rule([(c / (1 + c) + 2**-24, c) for c in order], "However little above 0: answer.")
    judge_rule([(c / (1 + c) - 2**-24, c) for c in order], "However little below 0: do not answer.")
    sure = "What is surely right is worth saying, whatever a wrong answer costs, and what is surely wrong is not."
    free = "Without a penalty any chance to be right is worth an answer, and no chance is worth 0: silence."
    raises = "A probability may be 0 or 1, and a penalty 0."
    judge_rule([(1.0, 3.0), (1, 1000), (0.0, 2.0), (0, 1)], sure, if_raises=raises)
    judge_rule([(0.0, 0.0), (0.5, 0.0), (0.001, 0), (1, 0)], free, if_raises=raises)
