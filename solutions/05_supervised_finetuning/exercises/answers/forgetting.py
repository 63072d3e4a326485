"""Answers to `forgetting`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: a comprehension with max
def forgetting(before, after):
    return {task: max(before[task] - after[task], 0) for task in before}


# %% right: a loop
def forgetting(before, after):
    lost = {}
    for task in sorted(before):
        drop = before[task] - after[task]
        lost[task] = drop if drop > 0 else 0.0
    return lost


# %% right: from the side of after
def forgetting(before, after):
    return {task: max(0.0, before[task] - accuracy) for task, accuracy in after.items()}


# %% right: before minus the smaller
def forgetting(before, after):
    return {task: was - min(was, after[task]) for task, was in before.items()}


# %% right: arrays
import numpy as np


def forgetting(before, after):
    tasks = list(before)
    drops = np.array([before[t] for t in tasks]) - np.array([after[t] for t in tasks])
    return dict(zip(tasks, np.clip(drops, 0, None).tolist()))


# %% right: a defaultdict, other tasks refused
from collections import defaultdict


def forgetting(before, after):
    if set(before) != set(after):
        raise ValueError("before and after name other tasks")
    lost = defaultdict(float)
    for task in before:
        lost[task] += (before[task] > after[task]) * (before[task] - after[task])
    return lost


# %% wrong: negative drops | expects: no negative one
def forgetting(before, after):
    return {task: before[task] - after[task] for task in before}


# %% wrong: after minus before | expects: sign
def forgetting(before, after):
    return {task: after[task] - before[task] for task in before}


# %% wrong: gains, and 0 where it fell | expects: sign
def forgetting(before, after):
    return {task: max(0.0, after[task] - before[task]) for task in before}


# %% wrong: the absolute value | expects: absolute value
def forgetting(before, after):
    return {task: abs(before[task] - after[task]) for task in before}


# %% wrong: relative to before | expects: do not divide
def forgetting(before, after):
    return {
        task: max(0.0, before[task] - after[task]) / before[task] if before[task] else 0.0
        for task in before
    }


# %% wrong: relative, without a look at 0 | expects: do not divide
def forgetting(before, after):
    return {task: max(0.0, before[task] - after[task]) / before[task] for task in before}


# %% wrong: percent | expects: multiply by 100
def forgetting(before, after):
    return {task: 100 * max(0.0, before[task] - after[task]) for task in before}


# %% wrong: only tasks that fell | expects: with 0
def forgetting(before, after):
    return {task: before[task] - after[task] for task in before if before[task] > after[task]}


# %% wrong: only tasks that did not improve | expects: with 0
def forgetting(before, after):
    return {task: before[task] - after[task] for task in before if before[task] >= after[task]}


# %% wrong: the mean of the drops | expects: own drop
def forgetting(before, after):
    lost = [max(0.0, before[task] - after[task]) for task in before]
    return dict.fromkeys(before, sum(lost) / len(lost))


# %% wrong: the mean change | expects: own drop
def forgetting(before, after):
    lost = [before[task] - after[task] for task in before]
    return dict.fromkeys(before, max(0.0, sum(lost) / len(lost)))


# %% wrong: the largest drop | expects: own drop
def forgetting(before, after):
    return dict.fromkeys(before, max(max(0.0, before[task] - after[task]) for task in before))


# %% wrong: one number | expects: as a dict
def forgetting(before, after):
    return sum(max(0.0, before[task] - after[task]) for task in before)


# %% wrong: a list | expects: as a dict
def forgetting(before, after):
    return [max(0.0, before[task] - after[task]) for task in before]


# %% wrong: the accuracy after | expects: accuracy after
def forgetting(before, after):
    return dict(after)


# %% wrong: whether it fell | expects: whether there was one
def forgetting(before, after):
    return {task: before[task] > after[task] for task in before}


# %% wrong: 1 where it fell | expects: whether there was one
def forgetting(before, after):
    return {task: float(before[task] > after[task]) for task in before}


# %% wrong: rounded to hundredths | expects: rounded
def forgetting(before, after):
    return {task: round(max(0.0, before[task] - after[task]), 2) for task in before}


# %% wrong: matched by place | expects: looked / look each task up
def forgetting(before, after):
    return {task: max(0.0, b - a) for task, b, a in zip(before, before.values(), after.values())}


# %% wrong: small drops do not count | expects: Small drops
def forgetting(before, after):
    return {
        task: max(0.0, before[task] - after[task]) if before[task] - after[task] > 0.01 else 0.0
        for task in before
    }


# %% wrong: scaled to sum to 1 | expects: scaled
def forgetting(before, after):
    lost = {task: max(0.0, before[task] - after[task]) for task in before}
    total = sum(lost.values()) or 1.0
    return {task: drop / total for task, drop in lost.items()}


# %% wrong: scaled to the largest | expects: scaled
def forgetting(before, after):
    lost = {task: max(0.0, before[task] - after[task]) for task in before}
    top = max(lost.values()) or 1.0
    return {task: drop / top for task, drop in lost.items()}


# %% wrong: nothing forgotten | expects: 0 where the accuracy rose
def forgetting(before, after):
    return dict.fromkeys(before, 0.0)


# %% wrong: an accuracy of 0 means a missing task | expects: with 0
def forgetting(before, after):
    return {task: max(0.0, before[task] - after[task]) for task in before if before[task]}


# %% wrong: subtracted in place | expects: modified its input
def forgetting(before, after):
    for task in before:
        before[task] = max(0.0, before[task] - after[task])
    return before


# %% wrong: taken out of after | expects: modified its input
def forgetting(before, after):
    return {task: max(0.0, before[task] - after.pop(task)) for task in before}


# %% wrong: printed | expects: return
def forgetting(before, after):
    print({task: max(0.0, before[task] - after[task]) for task in before})


# %% wrong: the mean stands among the tasks | expects: more than the tasks
def forgetting(before, after):
    drops = {task: max(0.0, before[task] - after[task]) for task in before}
    return drops | {"mean": sum(drops.values()) / max(len(drops), 1)}


# %% wrong: one dict for all calls | expects: earlier call
DROPS = {}


def forgetting(before, after):
    DROPS.update({task: max(0.0, before[task] - after[task]) for task in before})
    return DROPS


# %% wrong: set against the mean change | expects: mean of all tasks
def forgetting(before, after):
    change = {task: before[task] - after[task] for task in before}
    mean = sum(change.values()) / max(len(change), 1)
    return {task: max(0.0, drop - mean) for task, drop in change.items()}


# %% wrong: rounded to three digits | expects: rounded
def forgetting(before, after):
    return {task: round(max(0.0, before[task] - after[task]), 3) for task in before}


# %% wrong: min for max | expects: max, not min
def forgetting(before, after):
    return {task: min(0.0, before[task] - after[task]) for task in before}


# %% wrong: names in lower case | expects: names of the tasks
def forgetting(before, after):
    return {task.lower(): max(before[task] - after[task], 0) for task in before}


# %% wrong: first seen drop of a task is kept | expects: earlier call
_seen = {}


def forgetting(before, after):
    for task in before:
        _seen.setdefault(task, max(before[task] - after[task], 0))
    return {task: _seen[task] for task in before}


# %% wrong: cached by the names of the tasks | expects: earlier call
_cache = {}


def forgetting(before, after):
    key = tuple(sorted(before))
    if key not in _cache:
        _cache[key] = {task: max(before[task] - after[task], 0) for task in before}
    return dict(_cache[key])


# %% wrong: an accuracy of 0 counts as missing | expects: accuracy of 0 after
def forgetting(before, after):
    drops = {}
    for task in before:
        new = after.get(task) or before[task]
        drops[task] = max(before[task] - new, 0)
    return drops


# %% right: in float32
import numpy as np


def forgetting(before, after):
    return {
        task: float(max(np.float32(before[task]) - np.float32(after[task]), np.float32(0))) for task in before
    }


# %% wrong: a tie is left out | expects: that stayed
def forgetting(before, after):
    drops = {}
    for task in before:
        if before[task] > after[task]:
            drops[task] = before[task] - after[task]
        elif before[task] < after[task]:
            drops[task] = 0.0
    return drops


# %% wrong: rounded to four digits | expects: rounded
def forgetting(before, after):
    return {t: max(0.0, round(b - after[t], 4)) for t, b in before.items()}


# %% wrong: cut after three digits | expects: rounded
def forgetting(before, after):
    return {t: max(0, int((b - after[t]) * 1000) / 1000) for t, b in before.items()}


# %% right: pandas
import pandas as pd


def forgetting(before, after):
    return (pd.Series(dict(before), dtype=float) - pd.Series(dict(after), dtype=float)).clip(lower=0.0).to_dict()


# %% right: half of sum and absolute value
def forgetting(before, after):
    drops = {}
    for task in before:
        change = before[task] - after[task]
        drops[task] = (change + abs(change)) / 2
    return drops


# %% right: a relu of differences
import torch


def forgetting(before, after):
    tasks = list(before)
    gone = torch.tensor([[before[t], after[t]] for t in tasks], dtype=torch.float64).reshape(-1, 2)
    return dict(zip(tasks, (gone[:, 0] - gone[:, 1]).relu().tolist()))
