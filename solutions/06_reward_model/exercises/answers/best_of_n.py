"""Answers to `best_of_n`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a loop
def best_of_n(candidates, score):
    if len(candidates) == 0:
        raise ValueError("candidates is empty")
    best, highest = candidates[0], score(candidates[0])
    for candidate in candidates[1:]:
        value = score(candidate)
        if value > highest:
            best, highest = candidate, value
    return best


# %% right: scores first
def best_of_n(candidates, score):
    scores = [score(candidate) for candidate in candidates]
    if not scores:
        raise ValueError("candidates must not be empty")
    return candidates[scores.index(max(scores))]


# %% right: a stable sort
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    return sorted(candidates, key=score, reverse=True)[0]


# %% right: argmax of a tensor
import torch


def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    scores = torch.tensor([score(one) for one in candidates], dtype=torch.float64)
    return candidates[int((scores == scores.max()).nonzero()[0])]


# %% wrong: the lowest | expects: lowest
def best_of_n(candidates, score):
    return min(candidates, key=score)


# %% wrong: the last of equals | expects: the last
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    return sorted(candidates, key=score)[-1]


# %% wrong: ties by the alphabet | expects: alphabet
def best_of_n(candidates, score):
    return max((score(one), one) for one in candidates)[1]


# %% wrong: the lesser of equals | expects: alphabet
def best_of_n(candidates, score):
    return min((-score(one), one) for one in candidates)[1]


# %% wrong: the score | expects: score
def best_of_n(candidates, score):
    return max(score(one) for one in candidates)


# %% wrong: the place | expects: candidate
def best_of_n(candidates, score):
    scores = [score(one) for one in candidates]
    return scores.index(max(scores))


# %% wrong: with its score | expects: without its score / not its score
def best_of_n(candidates, score):
    return max(((one, score(one)) for one in candidates), key=lambda pair: pair[1])


# %% wrong: begins with 0 | expects: below 0
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    best, highest = None, 0.0
    for candidate in candidates:
        value = score(candidate)
        if value > highest:
            best, highest = candidate, value
    return best


# %% right: begins with -inf
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    best, highest = None, float("-inf")
    for candidate in candidates:
        value = score(candidate)
        if value > highest:
            best, highest = candidate, value
    return best


# %% wrong: without sign | expects: without its sign
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    return max(candidates, key=lambda one: abs(score(one)))


# %% wrong: the longest | expects: ask the score
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    return max(candidates, key=len)


# %% wrong: the first | expects: ask the score
def best_of_n(candidates, score):
    return candidates[0]


# %% wrong: scored twice | expects: once
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    highest = max(score(one) for one in candidates)
    return next(one for one in candidates if score(one) == highest)


# %% wrong: the best is scored again | expects: once
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    best = candidates[0]
    for candidate in candidates[1:]:
        if score(candidate) > score(best):
            best = candidate
    return best


# %% wrong: a single one is not scored | expects: has to be scored
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    if len(candidates) == 1:
        return candidates[0]
    return max(candidates, key=score)


# %% wrong: one place off | expects: one place off
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    scores = [score(one) for one in candidates]
    return candidates[scores.index(max(scores)) - 1]


# %% wrong: the second best | expects: first candidate / one place off
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    return sorted(candidates, key=score, reverse=True)[min(1, len(candidates) - 1)]


# %% wrong: scores a text of its own | expects: as it is / KeyError
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    return max(candidates, key=lambda one: score(one.upper()))


# %% wrong: None for none | expects: without candidates
def best_of_n(candidates, score):
    return max(candidates, key=score, default=None)


# %% wrong: another error | expects: ValueError
def best_of_n(candidates, score):
    best, highest = candidates[0], score(candidates[0])
    for candidate in candidates[1:]:
        value = score(candidate)
        if value > highest:
            best, highest = candidate, value
    return best


# %% wrong: sorts the learner's list | expects: in place / chang / modif
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    candidates.sort(key=score, reverse=True)
    return candidates[0]


# %% wrong: the third best | expects: first candidate / one place off
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    return sorted(candidates, key=score, reverse=True)[min(2, len(candidates) - 1)]


# %% wrong: begins with a large negative number | expects: far below 0
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    best, highest = None, -1e9
    for candidate in candidates:
        value = score(candidate)
        if value > highest:
            best, highest = candidate, value
    return best


# %% wrong: a score of 0 is taken for none yet | expects: score of 0
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    best, highest = None, None
    for candidate in candidates:
        value = score(candidate)
        if not highest or value > highest:
            best, highest = candidate, value
    return best


# %% wrong: an empty candidate is taken for none yet | expects: empty candidate
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    best, highest = None, None
    for candidate in candidates:
        value = score(candidate)
        if not best or value > highest:
            best, highest = candidate, value
    return best


# %% wrong: stops at the first score that is good enough | expects: first candidate / one place off
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    scored = []
    for candidate in candidates:
        scored.append((score(candidate), candidate))
        if scored[-1][0] >= 1:
            break
    return max(scored, key=lambda pair: pair[0])[1]


# %% wrong: the first 64 only | expects: first candidate / one place off
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    return max(candidates[:64], key=score)


# %% right: a tournament, pair by pair
from functools import reduce


def best_of_n(candidates, score):
    entries = [(score(one), one) for one in candidates]
    if not entries:
        raise ValueError("candidates are missing")
    return reduce(lambda best, other: other if other[0] > best[0] else best, entries)[1]


# %% wrong: scores are rounded | expects: do not round
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError(f"there are no candidates: {candidates}")
    return max(candidates, key=lambda one: round(score(one), 2))


# %% wrong: the winner as a text | expects: need not be a text
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError(f"there are no candidates: {candidates}")
    return str(max(candidates, key=score))


# %% wrong: the largest candidate, without its score | expects: ask the score (key=score)
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    scores = [score(candidate) for candidate in candidates]
    return max(candidates)


# %% wrong: printed instead of returned | expects: `return` missing / below 0
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    print(max(candidates, key=score))


# %% wrong: the first, with a score of 0 | expects: begin with a best score of 0
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    best, highest = candidates[0], 0
    for candidate in candidates:
        value = score(candidate)
        if value > highest:
            best, highest = candidate, value
    return best


# %% wrong: scores by answer in a dict | expects: may be a list
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    scores = {one: score(one) for one in candidates}
    return max(scores, key=scores.get)


# %% wrong: like answers are scored once | expects: like another
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    seen = []
    for candidate in candidates:
        if all(candidate != other for other, _ in seen):
            seen.append((candidate, score(candidate)))
    return max(seen, key=lambda pair: pair[1])[0]


# %% wrong: whole numbers | expects: do not round
def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    return max(candidates, key=lambda one: int(score(one)))


# %% wrong: rounded to six places | of: whole numbers | expects: do not round
# -     return max(candidates, key=lambda one: int(score(one)))
# +     return max(candidates, key=lambda one: round(score(one), 6))


# %% wrong: scores in single precision | expects: do not round
import torch


def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    return candidates[int(torch.tensor([score(one) for one in candidates]).argmax())]


# %% wrong: an array of candidates | expects: may be a list
import numpy as np


def best_of_n(candidates, score):
    if not candidates:
        raise ValueError("no candidates")
    return np.array(candidates)[int(np.argmax([score(one) for one in candidates]))]


# %% wrong: the first 100 only | of: whole numbers | expects: first candidate / one place off
# -     return max(candidates, key=lambda one: int(score(one)))
# +     return max(candidates[:100], key=score)
