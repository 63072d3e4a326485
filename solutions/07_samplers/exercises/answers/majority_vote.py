"""Answers to `majority_vote`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a Counter keeps the order of first sight
from collections import Counter


def majority_vote(answers):
    counts = Counter(answer for answer in answers if answer is not None)
    return counts.most_common(1)[0][0] if counts else None


# %% right: max over the answers in order
def majority_vote(answers):
    given = [answer for answer in answers if answer is not None]
    return max(given, key=given.count, default=None)


# %% right: counted by hand
def majority_vote(answers):
    counts = {}
    for answer in answers:
        if answer is not None:
            counts[answer] = counts.get(answer, 0) + 1
    best = None
    for answer, count in counts.items():
        if best is None or count > counts[best]:
            best = answer
    return best


# %% right: sorted by count and first place
def majority_vote(answers):
    ranked = sorted(
        (answer for answer in answers if answer is not None),
        key=lambda answer: (-answers.count(answer), answers.index(answer)),
    )
    return next(iter(ranked), None)


# %% right: the mode
import statistics


def majority_vote(answers):
    kept = list(filter(lambda answer: answer is not None, answers))
    return statistics.mode(kept) if kept else None


# %% wrong: None counts as an answer | expects: None
from collections import Counter


def majority_vote(answers):
    return Counter(answers).most_common(1)[0][0]


# %% wrong: None votes, and the next one is taken | expects: None
from collections import Counter


def majority_vote(answers):
    best = Counter(answers).most_common(1)[0][0]
    return best if best is not None else next((answer for answer in answers if answer is not None), None)


# %% wrong: everything that is not true is dropped | expects: 0 / empty / falsy
from collections import Counter


def majority_vote(answers):
    counts = Counter(filter(None, answers))
    return counts.most_common(1)[0][0] if counts else None


# %% wrong: ties go to the smallest | expects: first seen / tie
from collections import Counter


def majority_vote(answers):
    counts = Counter(answer for answer in answers if answer is not None)
    return min(counts, key=lambda answer: (-counts[answer], str(answer))) if counts else None


# %% wrong: ties go to the largest | expects: first seen / tie
from collections import Counter


def majority_vote(answers):
    counts = Counter(answer for answer in answers if answer is not None)
    return max(counts, key=lambda answer: (counts[answer], str(answer))) if counts else None


# %% wrong: ties go to the last seen | expects: first seen / tie
def majority_vote(answers):
    given = [answer for answer in answers if answer is not None]
    return max(reversed(given), key=given.count, default=None)


# %% wrong: ties go to the one that gets there first | expects: first seen / tie
def majority_vote(answers):
    counts, best = {}, None
    for answer in answers:
        if answer is None:
            continue
        counts[answer] = counts.get(answer, 0) + 1
        if best is None or counts[answer] > counts[best]:
            best = answer
    return best


# %% wrong: ties go to the last that reaches the count | expects: first seen / tie
def majority_vote(answers):
    counts, best = {}, None
    for answer in answers:
        if answer is None:
            continue
        counts[answer] = counts.get(answer, 0) + 1
        if best is None or counts[answer] >= counts[best]:
            best = answer
    return best


# %% wrong: more than half is needed | expects: half / most common
from collections import Counter


def majority_vote(answers):
    counts = Counter(answer for answer in answers if answer is not None)
    if not counts:
        return None
    answer, count = counts.most_common(1)[0]
    return answer if 2 * count > len(answers) else None


# %% wrong: a tie gives no answer | expects: tie
from collections import Counter


def majority_vote(answers):
    top = Counter(answer for answer in answers if answer is not None).most_common(2)
    if not top or (len(top) == 2 and top[0][1] == top[1][1]):
        return None
    return top[0][0]


# %% wrong: only None raises | expects: all None / None
from collections import Counter


def majority_vote(answers):
    return Counter(answer for answer in answers if answer is not None).most_common(1)[0][0]


# %% wrong: only None gives an empty string | expects: all None / None
from collections import Counter


def majority_vote(answers):
    counts = Counter(answer for answer in answers if answer is not None)
    return counts.most_common(1)[0][0] if counts else ""


# %% wrong: the count comes too | expects: answer alone / count
from collections import Counter


def majority_vote(answers):
    counts = Counter(answer for answer in answers if answer is not None)
    return counts.most_common(1)[0] if counts else None


# %% wrong: everything becomes text | expects: text / as it was / type
from collections import Counter


def majority_vote(answers):
    counts = Counter(str(answer) for answer in answers if answer is not None)
    return counts.most_common(1)[0][0] if counts else None


# %% wrong: lower case, stripped | expects: as it is / case / normalis
from collections import Counter


def majority_vote(answers):
    counts = Counter(
        answer.strip().lower() if isinstance(answer, str) else answer for answer in answers if answer is not None
    )
    return counts.most_common(1)[0][0] if counts else None


# %% wrong: the least common | expects: least / most common
from collections import Counter


def majority_vote(answers):
    counts = Counter(answer for answer in answers if answer is not None)
    return min(counts, key=counts.get) if counts else None


# %% wrong: the first answer | expects: most common / first answer
def majority_vote(answers):
    return next((answer for answer in answers if answer is not None), None)


# %% wrong: the text "None" is no answer either | expects: None
from collections import Counter


def majority_vote(answers):
    counts = Counter(answer for answer in answers if answer is not None and answer not in ("None", ""))
    return counts.most_common(1)[0][0] if counts else None


# %% wrong: ties by a set's order | expects: first seen / tie
def majority_vote(answers):
    given = [answer for answer in answers if answer is not None]
    distinct = sorted(set(given), key=str)
    return max(distinct, key=given.count, default=None)


# %% right: a list of answers, counted anew each time
def majority_vote(answers):
    voting = [answer for answer in answers if answer is not None]
    winner, most = None, 0
    for answer in voting:
        if voting.count(answer) > most:
            winner, most = answer, voting.count(answer)
    return winner


# %% wrong: the number of votes comes back | expects: most common / answer
def majority_vote(answers):
    votes = [answer for answer in answers if answer is not None]
    return max((votes.count(answer) for answer in votes), default=None)


# %% wrong: answers are taken for texts | expects: any type
def majority_vote(answers):
    given = [answer for answer in answers if answer is not None and answer.strip() is not None]
    return max(given, key=given.count) if given else None


# %% wrong: the text "None" is left out, too | expects: text "None"
def majority_vote(answers):
    given = [answer for answer in answers if str(answer) != "None"]
    return max(given, key=given.count) if given else None


# %% wrong: the first answer | expects: first answer
def majority_vote(answers):
    return next((answer for answer in answers if answer is not None), None)


# %% wrong: sorted before the vote | expects: smallest / sorted
def majority_vote(answers):
    given = sorted(answer for answer in answers if answer is not None)
    return max(given, key=given.count) if given else None


# %% wrong: the largest of the most common | expects: largest / sorted
def majority_vote(answers):
    given = [answer for answer in answers if answer is not None]
    return max(given, key=lambda answer: (given.count(answer), answer)) if given else None


# %% wrong: no return | expects: is a `return` missing
from collections import Counter


def majority_vote(answers):
    votes = Counter(answer for answer in answers if answer is not None)
    max(votes, key=votes.get, default=None)


# %% wrong: the largest key of the votes | expects: largest answer won
def majority_vote(answers):
    votes = {}
    for answer in answers:
        if answer is not None:
            votes[answer] = votes.get(answer, 0) + 1
    return max(votes, default=None)


# %% wrong: text comparison merges 1 and "1" | expects: two answers
def majority_vote(answers):
    votes = [a for a in answers if a is not None]
    names = [str(a) for a in votes]
    if not votes:
        return None
    top = max(names, key=names.count)
    return votes[names.index(top)]


# %% wrong: numbers as floats | expects: 12.0
from collections import Counter


def majority_vote(answers):
    def plain(a):
        try:
            return float(a)
        except (TypeError, ValueError):
            return a

    c = Counter(plain(a) for a in answers if a is not None)
    if not c:
        return None
    top = c.most_common(1)[0][0]
    return next(a for a in answers if plain(a) == top)


# %% wrong: a sort of all answers | expects: any type
def majority_vote(answers):
    votes = sorted(a for a in answers if a is not None)
    best, most = None, 0
    for a in dict.fromkeys(answers):
        if a is not None and votes.count(a) > most:
            best, most = a, votes.count(a)
    return best


# %% wrong: votes kept between calls | expects: earlier call
from collections import Counter

_votes = Counter()


def majority_vote(answers):
    _votes.update(a for a in answers if a is not None)
    return _votes.most_common(1)[0][0] if _votes else None


# %% wrong: the longest run | expects: longest run
from itertools import groupby


def majority_vote(answers):
    votes = [a for a in answers if a is not None]
    runs = [(len(list(g)), a) for a, g in groupby(votes)]
    best = max(runs, key=lambda r: r[0], default=(0, None))
    return best[1]


# %% wrong: Boyer-Moore | expects: last one standing
def majority_vote(answers):
    best, lead = None, 0
    for a in answers:
        if a is None:
            continue
        if lead == 0:
            best, lead = a, 1
        else:
            lead += 1 if a == best else -1
    return best


# %% wrong: the list of modes | expects: not in a list
from statistics import multimode


def majority_vote(answers):
    return multimode([a for a in answers if a is not None])
