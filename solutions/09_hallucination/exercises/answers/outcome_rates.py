"""Answers to `outcome_rates`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: sums of conditions
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    rows = list(zip(answers, truths, abstained))
    return {
        "correct": sum(a == t and not s for a, t, s in rows) / n,
        "hallucinated": sum(a != t and not s for a, t, s in rows) / n,
        "abstained": sum(1 for *_, s in rows if s) / n,
    }


# %% right: the hallucinated are the rest
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    if n == 0 or len(truths) != n or len(abstained) != n:
        raise ValueError(f"answers, truths and abstained have {n}, {len(truths)}, {len(abstained)}")
    silent = sum(abstained) / n
    correct = sum(not abstained[i] and answers[i] == truths[i] for i in range(n)) / n
    return dict(abstained=silent, correct=correct, hallucinated=1 - silent - correct)


# %% right: numpy masks
import numpy as np


def outcome_rates(answers, truths, abstained):
    equal = np.array(answers, dtype=object) == np.array(truths, dtype=object)
    silent = np.asarray(abstained, dtype=bool)
    return {
        "correct": np.mean(equal & ~silent),
        "hallucinated": np.mean(~equal & ~silent),
        "abstained": np.mean(silent),
    }


# %% right: numpy strings, as plain floats
import numpy as np


def outcome_rates(answers, truths, abstained):
    outcome = np.where(abstained, 2, np.where(np.array(answers) == np.array(truths), 0, 1))
    shares = np.bincount(outcome, minlength=3) / outcome.size
    return dict(zip(("correct", "hallucinated", "abstained"), map(float, shares)))


# %% right: torch
import torch


def outcome_rates(answers, truths, abstained):
    silent = torch.tensor(abstained, dtype=torch.bool)
    equal = torch.tensor([a == t for a, t in zip(answers, truths)], dtype=torch.bool) & ~silent
    correct, held = equal.double().mean(), silent.double().mean()
    return {"correct": correct, "hallucinated": 1 - correct - held, "abstained": held}


# %% right: a counter, which knows zeros
from collections import Counter


def outcome_rates(answers, truths, abstained):
    def outcome(answer, truth, silent):
        if silent:
            return "abstained"
        return "correct" if answer == truth else "hallucinated"

    counts = Counter(map(outcome, answers, truths, abstained))
    return {key: counts[key] / len(answers) for key in ("correct", "hallucinated", "abstained")}


# %% right: a dictionary with defaults
from collections import defaultdict


def outcome_rates(answers, truths, abstained):
    rates = defaultdict(float)
    for key in ("correct", "hallucinated", "abstained"):
        rates[key] += 0.0
    for answer, truth, silent in zip(answers, truths, abstained, strict=True):
        key = "abstained" if silent else "hallucinated" if answer != truth else "correct"
        rates[key] += 1 / len(answers)
    return rates


# %% right: exact fractions
from fractions import Fraction


def outcome_rates(answers, truths, abstained):
    rates = {"abstained": Fraction(0), "correct": Fraction(0), "hallucinated": Fraction(0)}
    step = Fraction(1, len(answers))
    for i, held in enumerate(abstained):
        if held:
            rates["abstained"] += step
            continue
        rates["correct" if answers[i] == truths[i] else "hallucinated"] += step
    return {key: float(value) for key, value in rates.items()}


# %% right: pandas
import pandas as pd


def outcome_rates(answers, truths, abstained):
    table = pd.DataFrame({"answer": answers, "truth": truths, "silent": abstained})
    spoken = table[~table["silent"].astype(bool)]
    right = (spoken["answer"] == spoken["truth"]).sum()
    n = len(table)
    return {
        "correct": right / n,
        "hallucinated": (len(spoken) - right) / n,
        "abstained": 1 - len(spoken) / n,
    }


# %% wrong: abstentions count as hallucinations too | expects: never a hallucination
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    correct = sum(a == t for a, t in zip(answers, truths)) / n
    return {"correct": correct, "hallucinated": 1 - correct, "abstained": sum(abstained) / n}


# %% wrong: abstentions count as hallucinations only | expects: never a hallucination
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    correct = sum(a == t and not s for a, t, s in zip(answers, truths, abstained)) / n
    return {"correct": correct, "hallucinated": 1 - correct, "abstained": 0.0}


# %% wrong: an abstention of a wrong text is also a hallucination | expects: never a hallucination
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    rows = list(zip(answers, truths, abstained))
    return {
        "correct": sum(a == t and not s for a, t, s in rows) / n,
        "hallucinated": sum(a != t for a, t, s in rows) / n,
        "abstained": sum(abstained) / n,
    }


# %% wrong: the truth is asked for first | expects: not correct either
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "correct" if answer == truth else "abstained" if silent else "hallucinated"
        counts[key] += 1
    return {key: count / len(answers) for key, count in counts.items()}


# %% wrong: correct also when held back, the rest are hallucinated | expects: not correct either
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    correct = sum(a == t for a, t in zip(answers, truths)) / n
    silent = sum(abstained) / n
    return {"correct": correct, "hallucinated": 1 - correct - silent, "abstained": silent}


# %% wrong: correct also when held back | expects: not correct either
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    rows = list(zip(answers, truths, abstained))
    return {
        "correct": sum(a == t for a, t, s in rows) / n,
        "hallucinated": sum(a != t and not s for a, t, s in rows) / n,
        "abstained": sum(abstained) / n,
    }


# %% wrong: abstentions are as good as right | expects: not correct either
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    wrong = sum(a != t and not s for a, t, s in zip(answers, truths, abstained)) / n
    return {"correct": 1 - wrong, "hallucinated": wrong, "abstained": sum(abstained) / n}


# %% wrong: right and wrong of the answered ones only | expects: also the unanswered ones
def outcome_rates(answers, truths, abstained):
    spoken = [a == t for a, t, s in zip(answers, truths, abstained) if not s]
    correct = sum(spoken) / len(spoken) if spoken else 0.0
    wrong = 1 - correct if spoken else 0.0
    return {"correct": correct, "hallucinated": wrong, "abstained": sum(abstained) / len(answers)}


# %% wrong: a division by the answered ones | expects: also the unanswered ones
def outcome_rates(answers, truths, abstained):
    spoken = [a == t for a, t, s in zip(answers, truths, abstained) if not s]
    correct = sum(spoken) / len(spoken)
    silent = sum(abstained) / len(answers)
    return {"correct": correct, "hallucinated": 1 - correct, "abstained": silent}


# %% wrong: fails when all are held back | expects: as when every answer is held back
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    spoken = [a == t for a, t, s in zip(answers, truths, abstained) if not s]
    accuracy, share = sum(spoken) / len(spoken), len(spoken) / n
    return {
        "correct": accuracy * share,
        "hallucinated": (1 - accuracy) * share,
        "abstained": 1 - share,
    }


# %% wrong: numbers of questions | expects: divide by how many
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "abstained" if silent else "correct" if answer == truth else "hallucinated"
        counts[key] += 1
    return counts


# %% wrong: percent | expects: not percent
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "abstained" if silent else "correct" if answer == truth else "hallucinated"
        counts[key] += 1
    return {key: 100 * count / len(answers) for key, count in counts.items()}


# %% wrong: right and wrong mixed up | expects: mixed up
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "abstained" if silent else "correct" if answer != truth else "hallucinated"
        counts[key] += 1
    return {key: count / len(answers) for key, count in counts.items()}


# %% wrong: flags the wrong way round | expects: wrong way round
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "abstained" if not silent else "correct" if answer == truth else "hallucinated"
        counts[key] += 1
    return {key: count / len(answers) for key, count in counts.items()}


# %% wrong: abstentions found by their text | expects: not in the text
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth in zip(answers, truths):
        silent = "not know" in answer.lower() or not answer
        key = "abstained" if silent else "correct" if answer == truth else "hallucinated"
        counts[key] += 1
    return {key: count / len(answers) for key, count in counts.items()}


# %% wrong: the truth of any question | expects: same question
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, silent in zip(answers, abstained):
        key = "abstained" if silent else "correct" if answer in truths else "hallucinated"
        counts[key] += 1
    return {key: count / len(answers) for key, count in counts.items()}


# %% wrong: an answer that holds the truth | expects: to hold it
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "abstained" if silent else "correct" if truth in answer else "hallucinated"
        counts[key] += 1
    return {key: count / len(answers) for key, count in counts.items()}


# %% wrong: the first letter is enough | expects: to hold it, or a part of it
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "abstained" if silent else "correct" if answer[:1] == truth[:1] else "hallucinated"
        counts[key] += 1
    return {key: count / len(answers) for key, count in counts.items()}


# %% wrong: identity | expects: two objects
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "abstained" if silent else "correct" if answer is truth else "hallucinated"
        counts[key] += 1
    return {key: count / len(answers) for key, count in counts.items()}


# %% wrong: whole division | expects: divide with /
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "abstained" if silent else "correct" if answer == truth else "hallucinated"
        counts[key] += 1
    return {key: count // len(answers) for key, count in counts.items()}


# %% wrong: no key for what does not occur | expects: also for a share of 0
from collections import Counter


def outcome_rates(answers, truths, abstained):
    counts = Counter(
        "abstained" if s else "correct" if a == t else "hallucinated"
        for a, t, s in zip(answers, truths, abstained)
    )
    return {key: count / len(answers) for key, count in counts.items()}


# %% wrong: other keys | expects: the keys are
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    rows = list(zip(answers, truths, abstained))
    return {
        "correct": sum(a == t and not s for a, t, s in rows) / n,
        "hallucination": sum(a != t and not s for a, t, s in rows) / n,
        "abstention": sum(abstained) / n,
    }


# %% wrong: a tuple | expects: a dictionary
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    rows = list(zip(answers, truths, abstained))
    correct = sum(a == t and not s for a, t, s in rows) / n
    return correct, 1 - correct - sum(abstained) / n, sum(abstained) / n


# %% wrong: an outcome for each question | expects: a dictionary
def outcome_rates(answers, truths, abstained):
    return [
        "abstained" if s else "correct" if a == t else "hallucinated"
        for a, t, s in zip(answers, truths, abstained)
    ]


# %% wrong: lists of questions | expects: each question has one outcome / not the number
def outcome_rates(answers, truths, abstained):
    found = {"correct": [], "hallucinated": [], "abstained": []}
    for i, (answer, truth, silent) in enumerate(zip(answers, truths, abstained)):
        key = "abstained" if silent else "correct" if answer == truth else "hallucinated"
        found[key].append(i)
    return found


# %% wrong: rounded to one digit | expects: each question has one outcome
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "abstained" if silent else "correct" if answer == truth else "hallucinated"
        counts[key] += 1
    return {key: round(count / len(answers), 1) for key, count in counts.items()}


# %% wrong: different texts are counted once | expects: each question has one outcome
def outcome_rates(answers, truths, abstained):
    rows = {(a, t, bool(s)) for a, t, s in zip(answers, truths, abstained)}
    n = len(rows)
    correct = sum(a == t and not s for a, t, s in rows) / n
    silent = sum(s for *_, s in rows) / n
    return {"correct": correct, "hallucinated": 1 - correct - silent, "abstained": silent}


# %% wrong: sorted first | expects: each question has one outcome / same question / to hold it
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    rows = list(zip(sorted(answers), sorted(truths), abstained))
    correct = sum(a == t and not s for a, t, s in rows) / n
    return {
        "correct": correct,
        "hallucinated": 1 - correct - sum(abstained) / n,
        "abstained": sum(abstained) / n,
    }


# %% wrong: abstentions are half right | expects: each question has one outcome
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    rows = list(zip(answers, truths, abstained))
    silent = sum(abstained) / n
    correct = sum(a == t and not s for a, t, s in rows) / n + silent / 2
    return {"correct": correct, "hallucinated": 1 - correct - silent / 2, "abstained": silent / 2}


# %% wrong: lists are emptied | expects: in place
def outcome_rates(answers, truths, abstained):
    n, counts = len(answers), {"correct": 0, "hallucinated": 0, "abstained": 0}
    while answers:
        answer, truth = answers.pop(), truths.pop()
        key = "abstained" if abstained.pop() else "correct" if answer == truth else "hallucinated"
        counts[key] += 1
    return {key: count / n for key, count in counts.items()}


# %% wrong: what is held back is written over | expects: in place
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    for i, silent in enumerate(abstained):
        if silent:
            answers[i] = None
    correct = sum(a == t for a, t in zip(answers, truths)) / n
    silent = sum(abstained) / n
    return {"correct": correct, "hallucinated": 1 - correct - silent, "abstained": silent}


# %% wrong: counts are kept from call to call | expects: each question has one outcome / sum
def outcome_rates(
    answers, truths, abstained, counts={"correct": 0, "hallucinated": 0, "abstained": 0}
):
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "abstained" if silent else "correct" if answer == truth else "hallucinated"
        counts[key] += 1
    n = sum(counts.values())
    return {key: count / n for key, count in counts.items()}


# %% wrong: the first questions only | expects: each question has one outcome
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    rows = list(zip(answers, truths, abstained))[:64]
    for answer, truth, silent in rows:
        key = "abstained" if silent else "correct" if answer == truth else "hallucinated"
        counts[key] += 1
    return {key: count / len(rows) for key, count in counts.items()}


# %% wrong: all or nothing | expects: each question has one outcome
def outcome_rates(answers, truths, abstained):
    return {
        "correct": list(answers) == list(truths),
        "hallucinated": list(answers) != list(truths),
        "abstained": any(abstained),
    }


# %% wrong: the course's own function | expects: does this exercise for you
from utils.evaluation.hallucination import outcome_rates as course


def outcome_rates(answers, truths, abstained):
    return course(answers, truths, abstained)


# %% wrong: an empty answer is an abstention too | expects: not in the text of its answer
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    quiet = [bool(flag) or not answer for answer, flag in zip(answers, abstained)]
    right = sum(one == other and not flag for one, other, flag in zip(answers, truths, quiet))
    silent = sum(quiet)
    return {"correct": right / n, "hallucinated": (n - right - silent) / n, "abstained": silent / n}


# %% wrong: an answer that does not know is an abstention too | expects: not in the text of its answer
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    quiet = [
        bool(flag) or answer in ("", "I do not know") for answer, flag in zip(answers, abstained)
    ]
    right = sum(one == other and not flag for one, other, flag in zip(answers, truths, quiet))
    silent = sum(quiet)
    return {"correct": right / n, "hallucinated": (n - right - silent) / n, "abstained": silent / n}


# %% wrong: the first letter, which an empty answer lacks | expects: may be an empty text
def outcome_rates(answers, truths, abstained):
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for answer, truth, silent in zip(answers, truths, abstained):
        key = "abstained" if silent else "correct" if answer[0] == truth[0] else "hallucinated"
        counts[key] += 1
    return {key: count / len(answers) for key, count in counts.items()}

# %% wrong: takes a text in another case for the same | expects: in another case
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    if n == 0 or n != len(truths) or n != len(abstained):
        raise ValueError("answers")
    k = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for a, t, q in zip(answers, truths, abstained):
        k[
            "abstained" if q else "correct" if str(a).lower() == str(t).lower() else "hallucinated"
        ] += 1 / n
    return k


# %% wrong: every given answer is correct | expects: No answer counts as hallucinated
def outcome_rates(answers, truths, abstained):
    n = len(answers)
    counts = {"correct": 0, "hallucinated": 0, "abstained": 0}
    for truth, silent in zip(truths, abstained):
        if silent:
            counts["abstained"] += 1
        elif truth:
            counts["correct"] += 1
        else:
            counts["hallucinated"] += 1
    return {outcome: count / n for outcome, count in counts.items()}


# %% wrong: the truth is compared with the flag | of: every given answer is correct | expects: No answer counts as correct
# -         elif truth:
# +         elif silent == truth:


# %% wrong: texts are compared | of: sums of conditions | expects: 2 and 2.0 are equal
# -         "correct": sum(a == t and not s for a, t, s in rows) / n,
# -         "hallucinated": sum(a != t and not s for a, t, s in rows) / n,
# +         "correct": sum(str(a) == str(t) and not s for a, t, s in rows) / n,
# +         "hallucinated": sum(not str(a) == str(t) and not s for a, t, s in rows) / n,


# %% wrong: hashes are compared | of: sums of conditions | expects: not their hashes
# -         "correct": sum(a == t and not s for a, t, s in rows) / n,
# -         "hallucinated": sum(a != t and not s for a, t, s in rows) / n,
# +         "correct": sum(hash(a) == hash(t) and not s for a, t, s in rows) / n,
# +         "hallucinated": sum(not hash(a) == hash(t) and not s for a, t, s in rows) / n,


# %% wrong: the ninth digit after the point does not count | of: sums of conditions | expects: nearly equal is not equal
# -         "correct": sum(a == t and not s for a, t, s in rows) / n,
# -         "hallucinated": sum(a != t and not s for a, t, s in rows) / n,
# +         "correct": sum((a == t or isinstance(a, float) and abs(a - t) < 1e-6) and not s for a, t, s in rows) / n,
# +         "hallucinated": sum(not (a == t or isinstance(a, float) and abs(a - t) < 1e-6) and not s for a, t, s in rows) / n,


# %% wrong: None is silence | of: sums of conditions | expects: An answer of None
# -     rows = list(zip(answers, truths, abstained))
# +     rows = [(a, t, s or a is None) for a, t, s in zip(answers, truths, abstained)]


# %% wrong: questions without a truth are left out | of: sums of conditions | expects: truth is None
# -     rows = list(zip(answers, truths, abstained))
# +     rows = [row for row in zip(answers, truths, abstained) if row[1] is not None]


# %% wrong: who says that it does not know abstains | of: sums of conditions | expects: not in the text of its answer
# -     rows = list(zip(answers, truths, abstained))
# +     rows = [(a, t, s or a == "I do not know") for a, t, s in zip(answers, truths, abstained)]
