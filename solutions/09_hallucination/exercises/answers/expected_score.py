"""Answers to `expected_score`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: both outcomes written out, the threshold for the rule
def expected_score(p_correct, wrong_penalty):
    return p_correct * 1 + (1 - p_correct) * -wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct > wrong_penalty / (1 + wrong_penalty)


# %% right: without the probability of being wrong
def expected_score(p_correct, wrong_penalty):
    return p_correct * (1 + wrong_penalty) - wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct * (1 + wrong_penalty) > wrong_penalty


# %% right: one minus what being wrong costs
def expected_score(p_correct, wrong_penalty):
    return 1 - (1 - p_correct) * (1 + wrong_penalty)


def should_answer(p_correct, wrong_penalty):
    return 1 - p_correct < 1 / (1 + wrong_penalty)


# %% right: numpy dot product, a truth value of its own
import numpy as np


def expected_score(p_correct, wrong_penalty):
    p, c = np.float64(p_correct), np.float64(wrong_penalty)
    return np.dot([p, 1 - p], [1.0, -c])


def should_answer(p_correct, wrong_penalty):
    return np.greater(expected_score(p_correct, wrong_penalty), 0.0)


# %% right: torch, tensors of one number
import torch


def expected_score(p_correct, wrong_penalty):
    p = torch.tensor(float(p_correct))
    return p - (1 - p) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return expected_score(p_correct, wrong_penalty) > 0


# %% right: exact fractions
from fractions import Fraction


def expected_score(p_correct, wrong_penalty):
    p, c = Fraction(p_correct), Fraction(wrong_penalty)
    return float(p - (1 - p) * c)


def should_answer(p_correct, wrong_penalty):
    p, c = Fraction(p_correct), Fraction(wrong_penalty)
    return p > (1 - p) * c


# %% right: the better of two choices
def expected_score(p_correct, wrong_penalty):
    scores = {"right": 1.0, "wrong": -wrong_penalty}
    chances = {"right": p_correct, "wrong": 1.0 - p_correct}
    return sum(chances[k] * scores[k] for k in scores)


def should_answer(p_correct, wrong_penalty):
    choices = [("silence", 0.0), ("answer", expected_score(p_correct, wrong_penalty))]
    return max(choices, key=lambda choice: choice[1])[0] == "answer"


# %% right: odds, with a sure answer apart
def expected_score(p_correct, wrong_penalty):
    return p_correct - wrong_penalty + p_correct * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    if p_correct == 1:
        return True
    return p_correct / (1 - p_correct) > wrong_penalty


# %% right: refuses bad input, and branches
def expected_score(p_correct, wrong_penalty):
    if not (0.0 <= p_correct <= 1.0) or wrong_penalty < 0:
        raise ValueError("p_correct or wrong_penalty is out of range")
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    if expected_score(p_correct, wrong_penalty) > 0:
        return True
    else:
        return False


# %% right: decimals
from decimal import Decimal


def expected_score(p_correct, wrong_penalty):
    p, c = Decimal(p_correct), Decimal(wrong_penalty)
    return float(p - (1 - p) * c)


def should_answer(p_correct, wrong_penalty):
    p, c = Decimal(p_correct), Decimal(wrong_penalty)
    return bool(p - (1 - p) * c > 0)


# %% wrong: whether to answer | expects: a number is due
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: the penalty is added | expects: taken off, not added
def expected_score(p_correct, wrong_penalty):
    return p_correct + (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return expected_score(p_correct, wrong_penalty) > 0


# %% wrong: the penalty is taken to be negative | expects: taken off, not added
def expected_score(p_correct, wrong_penalty):
    return p_correct * 1 - (1 - p_correct) * -wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return expected_score(p_correct, wrong_penalty) > 0


# %% wrong: the penalty in full | expects: only when the answer is wrong
def expected_score(p_correct, wrong_penalty):
    return p_correct - wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return expected_score(p_correct, wrong_penalty) > 0


# %% wrong: the penalty times the chance to be right | expects: only when the answer is wrong
def expected_score(p_correct, wrong_penalty):
    return p_correct - p_correct * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return expected_score(p_correct, wrong_penalty) > 0


# %% wrong: one minus the penalty | expects: only when the answer is wrong
def expected_score(p_correct, wrong_penalty):
    return 1 - wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: right and wrong exchanged | expects: the other way round
def expected_score(p_correct, wrong_penalty):
    return (1 - p_correct) - p_correct * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return expected_score(p_correct, wrong_penalty) > 0


# %% wrong: not below silence | expects: above or below 0
def expected_score(p_correct, wrong_penalty):
    return max(0.0, p_correct - (1 - p_correct) * wrong_penalty)


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: the other sign | expects: above or below 0
def expected_score(p_correct, wrong_penalty):
    return (1 - p_correct) * wrong_penalty - p_correct


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: the probability | expects: penalty is missing
def expected_score(p_correct, wrong_penalty):
    return p_correct


def should_answer(p_correct, wrong_penalty):
    return expected_score(p_correct, wrong_penalty) > 0


# %% wrong: a penalty of 1 | expects: penalty is missing
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct)


def should_answer(p_correct, wrong_penalty):
    return expected_score(p_correct, wrong_penalty) > 0


# %% wrong: the cost alone | expects: right answer scores 1
def expected_score(p_correct, wrong_penalty):
    return -(1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return expected_score(p_correct, wrong_penalty) > 0


# %% wrong: the mean of two outcomes | expects: nothing is divided
def expected_score(p_correct, wrong_penalty):
    return (p_correct - (1 - p_correct) * wrong_penalty) / 2


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: the mean of three outcomes | expects: nothing is divided
def expected_score(p_correct, wrong_penalty):
    return (p_correct - (1 - p_correct) * wrong_penalty + 0) / 3


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: the probability is left out | expects: nothing is divided
def expected_score(p_correct, wrong_penalty):
    return (1 - wrong_penalty) / 2


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: scaled to at most 1 | expects: this is the threshold
def expected_score(p_correct, wrong_penalty):
    return (p_correct - (1 - p_correct) * wrong_penalty) / (1 + wrong_penalty)


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: divided by the penalty | expects: nothing is divided
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) / wrong_penalty if wrong_penalty else p_correct


def should_answer(p_correct, wrong_penalty):
    return expected_score(p_correct, wrong_penalty) > 0


# %% wrong: speaks with the chance to be right | expects: comes in once
def expected_score(p_correct, wrong_penalty):
    return p_correct * (p_correct - (1 - p_correct) * wrong_penalty) + (1 - p_correct) * 0


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: the probability squared | expects: comes in once
def expected_score(p_correct, wrong_penalty):
    return p_correct**2 - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return expected_score(p_correct, wrong_penalty) > 0


# %% wrong: the threshold | expects: this is the threshold
def expected_score(p_correct, wrong_penalty):
    return wrong_penalty / (1 + wrong_penalty)


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: percent | expects: not percent
def expected_score(p_correct, wrong_penalty):
    return 100 * (p_correct - (1 - p_correct) * wrong_penalty)


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: rounded | expects: add up / above or below 0 / weighted by their / not the other way
def expected_score(p_correct, wrong_penalty):
    return round(p_correct - (1 - p_correct) * wrong_penalty, 1)


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: drawn at random | expects: add up
def expected_score(p_correct, wrong_penalty):
    import random

    return sum(1 if random.random() < p_correct else -wrong_penalty for _ in range(1000)) / 1000


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: the logarithm | expects: add up / above or below 0 / weighted by their / not the other way
def expected_score(p_correct, wrong_penalty):
    import math

    return math.log(p_correct + 1e-9) - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: the answer counts only above one half | expects: add up / above or below 0 / weighted by their / not the other way
def expected_score(p_correct, wrong_penalty):
    return (p_correct - (1 - p_correct) * wrong_penalty) if p_correct >= 0.5 else -wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: an answer that is surely right still costs | expects: surely right scores 1
def expected_score(p_correct, wrong_penalty):
    if p_correct == 1:
        return 1 - wrong_penalty
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: an answer that is surely wrong is none | expects: surely wrong scores minus
def expected_score(p_correct, wrong_penalty):
    if p_correct == 0:
        return 0.0
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: a penalty of 0 is taken for none given | expects: without a penalty
def expected_score(p_correct, wrong_penalty):
    wrong_penalty = wrong_penalty or 1.0
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: a tie is drawn to silence | expects: as much to win as to lose
def expected_score(p_correct, wrong_penalty):
    score = p_correct - (1 - p_correct) * wrong_penalty
    return score if score != 0 else -wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: a sure answer is refused | expects: a probability may be 0 or 1
def expected_score(p_correct, wrong_penalty):
    if not 0 < p_correct < 1:
        raise ValueError("p_correct must lie between 0 and 1")
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: the odds | expects: add up / above or below 0 / weighted by their / not the other way
def expected_score(p_correct, wrong_penalty):
    return p_correct / (1 - p_correct) - wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: the score instead of a truth value | expects: true or false
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


# %% wrong: a word | expects: true or false
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return "answer" if p_correct - (1 - p_correct) * wrong_penalty > 0 else "silence"


# %% wrong: below 0 | expects: not below
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty < 0


# %% wrong: above one half | expects: not always 1/2
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct > 0.5


# %% wrong: the threshold of one over 1 + penalty | expects: rises with the penalty
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct > 1 / (1 + wrong_penalty)


# %% wrong: one minus the penalty as the threshold | expects: rises with the penalty
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct > 1 - wrong_penalty


# %% wrong: the penalty added | expects: every answer is given
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct + (1 - p_correct) * wrong_penalty > 0


# %% wrong: more probable than the penalty is high | expects: penalty itself
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct > wrong_penalty


# %% wrong: the chance to be right on both sides | expects: times 1 - p_correct
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - p_correct * wrong_penalty > 0


# %% wrong: better than a wrong answer | expects: every answer is given
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > -wrong_penalty


# %% wrong: better than being wrong for sure | expects: silence scores 0
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 1 - p_correct


# %% wrong: well above 0 | expects: silence scores 0
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0.5


# %% wrong: the probability above half the penalty | expects: penalty itself
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct > wrong_penalty / 2


# %% wrong: a penalty out of 10 | expects: penalty itself
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct > wrong_penalty / 10


# %% wrong: rounded | expects: silence scores 0
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return round(p_correct - (1 - p_correct) * wrong_penalty) > 0


# %% wrong: a threshold with two decimals | expects: without rounding / however little
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct > round(wrong_penalty / (1 + wrong_penalty), 2)


# %% wrong: the score in whole numbers | expects: answer when the expected score
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return int(p_correct - (1 - p_correct) * wrong_penalty) > 0


# %% wrong: not 0 | expects: every answer is given
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return (p_correct - (1 - p_correct) * wrong_penalty) != 0


# %% wrong: a coin with the right odds | expects: answer when the expected score / silence scores 0
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    import random

    return random.random() < p_correct


# %% wrong: at 0 as well | expects: exactly 0 is no more
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty >= 0


# %% wrong: at the threshold as well | expects: exactly 0 is no more
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct >= wrong_penalty / (1 + wrong_penalty)


# %% wrong: not unless clearly above | expects: however little above
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > 0.001


# %% wrong: close to 0 is good enough | expects: however little below / exactly 0
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty > -0.001


# %% wrong: close to 0 but not 0 | expects: however little below
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    score = p_correct - (1 - p_correct) * wrong_penalty
    return score > 0 or -0.001 < score < 0


# %% wrong: sure answers cost too much | expects: surely right
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct * 100 > wrong_penalty and p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: without a penalty there is nothing to lose | expects: without a penalty
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return wrong_penalty == 0 or p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: a penalty of 0 is taken for 1 | expects: without a penalty
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    wrong_penalty = wrong_penalty or 1
    return p_correct - (1 - p_correct) * wrong_penalty > 0


# %% wrong: odds that divide by zero | expects: a probability may be 0 or 1
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return p_correct / (1 - p_correct) > wrong_penalty


# %% wrong: logarithms of odds | expects: a probability may be 0 or 1
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    import math

    return math.log(p_correct / (1 - p_correct)) > math.log(wrong_penalty)


# %% wrong: always | expects: every answer is given
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return True


# %% wrong: never | expects: answer when / silence scores 0
def expected_score(p_correct, wrong_penalty):
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(p_correct, wrong_penalty):
    return False


# %% wrong: the course's own functions | expects: does this exercise for you
from utils.evaluation.abstention import expected_score as score
from utils.evaluation.abstention import should_answer as speak


def expected_score(p_correct, wrong_penalty):
    return score(p_correct, wrong_penalty)


def should_answer(p_correct, wrong_penalty):
    return speak(p_correct, wrong_penalty)

# %% wrong: exchanges the arguments | expects: exchanged
import math


def expected_score(wrong_penalty, p_correct):
    if not 0 <= p_correct <= 1 or not 0 <= wrong_penalty < math.inf:
        raise ValueError("bad")
    return p_correct - (1 - p_correct) * wrong_penalty


def should_answer(wrong_penalty, p_correct):
    return expected_score(wrong_penalty, p_correct) > 0


# %% wrong: no score below -1 | of: both outcomes written out, the threshold for the rule | expects: has a limit
# -     return p_correct * 1 + (1 - p_correct) * -wrong_penalty
# +     return max(-1, p_correct * 1 + (1 - p_correct) * -wrong_penalty)


# %% wrong: a penalty of 10 at most | of: both outcomes written out, the threshold for the rule | expects: has a limit / no limit
# -     return p_correct * 1 + (1 - p_correct) * -wrong_penalty
# +     return p_correct * 1 + (1 - p_correct) * -min(wrong_penalty, 10)


# %% wrong: whole penalties | of: both outcomes written out, the threshold for the rule | expects: made a whole number
# -     return p_correct * 1 + (1 - p_correct) * -wrong_penalty
# +     return p_correct * 1 + (1 - p_correct) * -int(wrong_penalty)


# %% wrong: a margin of a millionth | of: both outcomes written out, the threshold for the rule | expects: however little above
# -     return p_correct > wrong_penalty / (1 + wrong_penalty)
# +     return p_correct - (1 - p_correct) * wrong_penalty > 1e-6
