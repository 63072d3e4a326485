"""Answers to `merge_pair`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: one walk with an index
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and ids[i] == pair[0] and ids[i + 1] == pair[1]:
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


# %% right: an iterator that holds one id back
def merge_pair(ids, pair, new_id):
    first, second = pair
    merged = []
    open_first = False
    for token in ids:
        if open_first and token == second:
            merged[-1] = new_id
            open_first = False
        else:
            merged.append(token)
            open_first = token == first
    return merged


# %% right: as a string, one character per id, whose replace works left to right without overlap
def merge_pair(ids, pair, new_id):
    text = "".join(map(chr, ids))
    return [ord(character) for character in text.replace("".join(map(chr, pair)), chr(new_id))]


# %% right: a fold that holds one id back, a tuple as result
from functools import reduce


def merge_pair(ids, pair, new_id):
    pair = tuple(pair)

    def step(state, token):
        done, held = state
        if held is None:
            return done, (token,)
        if held + (token,) == pair:
            return done + (new_id,), None
        return done + held, (token,)

    done, held = reduce(step, ids, ((), None))
    return done + (held or ())


# %% wrong: a list compared with a tuple, so nothing is merged | expects: tuple / unchanged / not replaced / nothing / no merge
def merge_pair(ids, pair, new_id):
    ids, pair = list(ids), tuple(pair)
    merged, i = [], 0
    while i < len(ids):
        if ids[i : i + 2] == pair:
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


# %% wrong: the last id is lost | expects: last id / last one / at the end
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == tuple(pair):
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


# %% wrong: reads behind the end | expects: the end / last id / behind / past / IndexError
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    while i < len(ids):
        if ids[i] == pair[0] and ids[i + 1] == pair[1]:
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


# %% wrong: merges overlapping pairs | expects: overlap
def merge_pair(ids, pair, new_id):
    starts = [i for i in range(len(ids) - 1) if (ids[i], ids[i + 1]) == tuple(pair)]
    covered = {i + 1 for i in starts}
    return [
        new_id if i in starts else token
        for i, token in enumerate(ids)
        if i in starts or i not in covered
    ]


# %% wrong: the second id of the pair stays | expects: second / both ids / two ids / skip
def merge_pair(ids, pair, new_id):
    merged = []
    for i, token in enumerate(ids):
        if i + 1 < len(ids) and (token, ids[i + 1]) == tuple(pair):
            merged.append(new_id)
        else:
            merged.append(token)
    return merged


# %% wrong: only the first occurrence | expects: every occurrence / all occurrences / every pair / first occurrence / only the first / each occurrence
def merge_pair(ids, pair, new_id):
    ids = list(ids)
    for i in range(len(ids) - 1):
        if (ids[i], ids[i + 1]) == tuple(pair):
            return ids[:i] + [new_id] + ids[i + 2 :]
    return ids


# %% wrong: from right to left | expects: left to right / right to left
def merge_pair(ids, pair, new_id):
    merged, i = [], len(ids) - 1
    while i >= 0:
        if i > 0 and (ids[i - 1], ids[i]) == tuple(pair):
            merged.append(new_id)
            i -= 2
        else:
            merged.append(ids[i])
            i -= 1
    return merged[::-1]


# %% wrong: modifies the given list | expects: in place / modified
def merge_pair(ids, pair, new_id):
    i = 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == tuple(pair):
            ids[i : i + 2] = [new_id]
        i += 1
    return ids


# %% wrong: matches the pair in either order | expects: order / reversed
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and sorted(ids[i : i + 2]) == sorted(pair):
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


# %% wrong: replaces both ids wherever they stand | expects: adjacent / alone / next to / side by side / neighbo
def merge_pair(ids, pair, new_id):
    merged = []
    for token in ids:
        if token not in pair:
            merged.append(token)
        elif token == pair[0]:
            merged.append(new_id)
    return merged


# %% wrong: the pair is replaced by two new ids | expects: one id / one new / length / single / shorter / both ids
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == tuple(pair):
            merged += [new_id, new_id]
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


# %% wrong: as text, where 1 2 is also found in 11 2 | expects: digit / text / string / inside
def merge_pair(ids, pair, new_id):
    text = " ".join(map(str, ids)).replace(f"{pair[0]} {pair[1]}", str(new_id))
    return [int(token) for token in text.split()]


# %% wrong: only pairs at even positions | expects: position / odd / every place / step
def merge_pair(ids, pair, new_id):
    merged = []
    for i in range(0, len(ids), 2):
        chunk = list(ids[i : i + 2])
        merged += [new_id] if chunk == list(pair) else chunk
    return merged


# %% wrong: the new id is always 256 | expects: new_id / new id
def merge_pair(ids, pair, new_id=256):
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == tuple(pair):
            merged.append(256)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


# %% wrong: nothing is returned | expects: return
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == tuple(pair):
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    print(merged)


# %% right: splits by recursion on the first occurrence, in a numpy array
import numpy as np


def merge_pair(ids, pair, new_id):
    ids = np.array(ids, dtype=np.int64)
    hits = np.flatnonzero((ids[:-1] == pair[0]) & (ids[1:] == pair[1]))
    if len(hits) == 0:
        return ids
    first = hits[0]
    return np.concatenate([ids[:first], [new_id], merge_pair(ids[first + 2 :], pair, new_id)])


# %% wrong: no ids raise | expects: no ids
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    last = ids[-1]
    while i < len(ids):
        if i + 1 < len(ids) and ids[i] == pair[0] and ids[i + 1] == pair[1]:
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i] if i + 1 < len(ids) else last)
            i += 1
    return merged


# %% wrong: nothing is written behind a merge at the end | expects: behind the last pair
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    while i < len(ids) - 1:
        if ids[i] == pair[0] and ids[i + 1] == pair[1]:
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    if i < len(ids) and (not merged or merged[-1] != new_id):
        merged.append(ids[-1])
    return merged


# %% wrong: the right one may come later | expects: neighbours
def merge_pair(ids, pair, new_id):
    ids, merged = list(ids), []
    while ids:
        first = ids.pop(0)
        if first == pair[0] and pair[1] in ids:
            ids.remove(pair[1])
            first = new_id
        merged.append(first)
    return merged


# %% wrong: two ids are skipped after a first that does not fit | expects: try again with the next
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    while i < len(ids):
        if ids[i] == pair[0] and i + 1 < len(ids):
            merged += [new_id] if ids[i + 1] == pair[1] else ids[i : i + 2]
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


# %% wrong: the id 0 is taken for no id | expects: 0 is an id
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    while i < len(ids):
        here, following = ids[i], ids[i + 1] if i + 1 < len(ids) else None
        if here and following and (here, following) == tuple(pair):
            merged.append(new_id)
            i += 2
        else:
            merged.append(here)
            i += 1
    return merged


# %% wrong: the pair in the wrong order | expects: order matters
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i + 1], ids[i]) == tuple(pair):
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


# %% wrong: three ids are stepped over | expects: step over both / neighbours / behind
def merge_pair(ids, pair, new_id):
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == tuple(pair):
            merged.append(new_id)
            i += 3
        else:
            merged.append(ids[i])
            i += 1
    return merged


# %% wrong: ids are compared with is | expects: same object
def merge_pair(ids, pair, new_id):
    merged, at = [], 0
    while at < len(ids):
        if at + 1 < len(ids) and ids[at] is pair[0] and ids[at + 1] is pair[1]:
            merged.append(new_id)
            at += 2
        else:
            merged.append(ids[at])
            at += 1
    return merged


# %% wrong: ids of sixteen bits | expects: any size
def merge_pair(ids, pair, new_id):
    text = "".join(chr(one & 0xFFFF) for one in ids)
    found = "".join(chr(one & 0xFFFF) for one in pair)
    return [ord(letter) for letter in text.replace(found, chr(new_id))]


# %% wrong: the last id is always added | expects: written once more
def merge_pair(ids, pair, new_id):
    out, i = [], 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == tuple(pair):
            out.append(new_id)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out + list(ids[-1:])


# %% wrong: a text with blanks around each pair | expects: side by side
def merge_pair(ids, pair, new_id):
    text = (" " + " ".join(map(str, ids)) + " ").replace(f" {pair[0]} {pair[1]} ", f" {new_id} ")
    return [int(x) for x in text.split()]


# %% wrong: a zero stands behind the end | expects: there is no id
def merge_pair(ids, pair, new_id):
    padded = [*ids, 0]
    out, i = [], 0
    while i < len(ids):
        if (padded[i], padded[i + 1]) == tuple(pair):
            out.append(new_id)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


# %% wrong: a zero stands before the start | expects: there is no id
def merge_pair(ids, pair, new_id):
    out, last = [], 0
    for item in ids:
        if (last, item) == tuple(pair):
            out[-1:] = [new_id]
            last = None
        else:
            out.append(item)
            last = item
    return out
