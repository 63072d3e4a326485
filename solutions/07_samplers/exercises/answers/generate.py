"""Answers to `generate`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a for loop
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    new_ids = []
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids + new_ids))
        if token in stop_ids:
            break
        new_ids.append(token)
    return new_ids


# %% right: a growing copy of the prompt, cut at the end
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = [*prompt_ids]
    while len(ids) - len(prompt_ids) < max_new_tokens:
        token = int(choose(next_logits(ids)))
        if token in set(stop_ids):
            return ids[len(prompt_ids) :]
        ids.append(token)
    return ids[len(prompt_ids) :]


# %% right: a generator function inside
import itertools


def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    def tokens():
        ids = list(prompt_ids)
        while True:
            ids.append(choose(next_logits(list(ids))))
            yield ids[-1]

    limited = itertools.islice(tokens(), max_new_tokens)
    return list(itertools.takewhile(lambda token: token not in stop_ids, limited))


# %% right: tensors of ids
import torch


def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = torch.tensor(list(prompt_ids), dtype=torch.long)
    start = len(ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids))
        if any(token == stop for stop in stop_ids):
            break
        ids = torch.cat([ids, torch.tensor([token])])
    return ids[start:].tolist()


# %% right: recursion, tuples as ids
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    if max_new_tokens <= 0:
        return []
    token = choose(next_logits(tuple(prompt_ids)))
    if token in stop_ids:
        return []
    return [token, *generate(next_logits, (*prompt_ids, token), max_new_tokens - 1, choose, stop_ids)]


# %% wrong: the prompt comes back too | expects: prompt
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids))
        if token in stop_ids:
            break
        ids.append(token)
    return ids


# %% wrong: the stop id comes back | expects: stop id
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    new = []
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids + new))
        new.append(token)
        if token in stop_ids:
            break
    return new


# %% wrong: stop ids are left out, and it goes on | expects: goes on / end / stop
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    new = []
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids))
        ids.append(token)
        if token not in stop_ids:
            new.append(token)
    return new


# %% wrong: stop ids have no effect | expects: stop
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        ids.append(choose(next_logits(ids)))
    return ids[len(prompt_ids) :]


# %% wrong: only the first stop id counts | expects: every stop / each of / first stop id / all of
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids))
        if len(stop_ids) and token == list(stop_ids)[0]:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]


# %% wrong: one token too many | expects: max_new_tokens / one too many
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    new = []
    while len(new) <= max_new_tokens:
        token = choose(next_logits(ids + new))
        if token in stop_ids:
            break
        new.append(token)
    return new


# %% wrong: one token too few | expects: max_new_tokens / too few
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    new = []
    for _ in range(max_new_tokens - 1):
        token = choose(next_logits(ids + new))
        if token in stop_ids:
            break
        new.append(token)
    return new


# %% wrong: max_new_tokens counts the prompt | expects: prompt / max_new_tokens
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    while len(ids) < max_new_tokens:
        token = choose(next_logits(ids))
        if token in stop_ids:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]


# %% wrong: new ids are not fed back | expects: fed back / prompt only / own tokens / earlier
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new = []
    for _ in range(max_new_tokens):
        token = choose(next_logits(list(prompt_ids)))
        if token in stop_ids:
            break
        new.append(token)
    return new


# %% wrong: only the last id is fed | expects: last id / all ids / whole
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids[-1:]))
        if token in stop_ids:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]


# %% wrong: the prompt is forgotten after the first token | expects: prompt
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new = []
    for step in range(max_new_tokens):
        token = choose(next_logits(list(prompt_ids) if step == 0 else new))
        if token in stop_ids:
            break
        new.append(token)
    return new


# %% wrong: argmax instead of choose | expects: choose
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = int(next_logits(ids).argmax())
        if token in stop_ids:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]


# %% wrong: chooses twice for each token | expects: twice / once
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        logits = next_logits(ids)
        if choose(logits) in stop_ids:
            break
        ids.append(choose(logits))
    return ids[len(prompt_ids) :]


# %% wrong: choose gets probabilities | expects: logits
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids).softmax(-1))
        if token in stop_ids:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]


# %% wrong: the prompt grows in place | expects: in place
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    start = len(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(prompt_ids))
        if token in stop_ids:
            break
        prompt_ids.append(token)
    return prompt_ids[start:]


# %% wrong: a stop id in the prompt ends it | expects: prompt
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    new = []
    while len(new) < max_new_tokens and ids[-1] not in stop_ids:
        token = choose(next_logits(ids))
        ids.append(token)
        new.append(token)
    return [token for token in new if token not in stop_ids]


# %% wrong: a repeated token ends it | expects: repeat / again / same token
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids))
        if token in stop_ids or token == ids[-1]:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]


# %% wrong: token 0 ends it | expects: token 0 / stop_ids
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids))
        if not token or token in stop_ids:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]


# %% wrong: ids that are kept between calls | expects: kept between calls
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=(), new=[]):
    for _ in range(max_new_tokens):
        token = choose(next_logits(list(prompt_ids) + new))
        if token in stop_ids:
            break
        new.append(token)
    return new


# %% wrong: the last token before the stop is lost too | expects: stop / lost
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    new = []
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids + new))
        if token in stop_ids:
            new = new[:-1]
            break
        new.append(token)
    return new

# %% wrong: a generator comes back | expects: generator
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        t = choose(next_logits(ids))
        if t in stop_ids: return
        ids.append(t); yield t

# %% wrong: a stop id within the joined digits of all stop ids | expects: last token before the stop / token 0 / only stop_ids
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        t = choose(next_logits(ids))
        if stop_ids and str(t) in "".join(map(str, stop_ids)): break
        ids.append(t)
    return ids[len(prompt_ids):]

# %% wrong: at least one token, also when none is asked for | expects: max_new_tokens
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new = []
    while True:
        t = choose(next_logits([*prompt_ids, *new]))
        if t in stop_ids: return new
        new.append(t)
        if len(new) >= max_new_tokens: return new

# %% wrong: generates to the limit, then cuts at the first stop id | expects: went on after the stop
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new = []
    for _ in range(max_new_tokens):
        new.append(choose(next_logits([*prompt_ids, *new])))
    for s in stop_ids:
        if s in new: new = new[: new.index(s)]
    return new

# %% right: an iterator of tokens
from itertools import islice, takewhile
class _Tokens:
    def __init__(self, model, prompt, choose):
        self.ids, self.model, self.choose = list(prompt), model, choose
    def __iter__(self):
        return self
    def __next__(self):
        t = int(self.choose(self.model(self.ids)))
        self.ids = self.ids + [t]
        return t
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    return list(takewhile(lambda t: t not in stop_ids, islice(_Tokens(next_logits, prompt_ids, choose), max_new_tokens)))

# %% right: helpers with everyday names
def prompt(ids):
    return [int(token) for token in ids]


def check(token, stop_ids):
    return token in stop_ids


def steps(limit):
    return range(limit)


def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids, new = prompt(prompt_ids), []
    for _ in steps(max_new_tokens):
        token = choose(next_logits(ids + new))
        if check(token, stop_ids):
            return new
        new.append(token)
    return new


# %% right: a deque of ids, a set of stops
from collections import deque


def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    seen, new, stops = deque(prompt_ids), [], frozenset(stop_ids)
    while len(new) < max_new_tokens and (token := int(choose(next_logits(list(seen))))) not in stops:
        new.append(token)
        seen.append(token)
    return new


# %% wrong: a window of 64 ids | expects: window
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids[-64:]))
        if token in stop_ids:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]


# %% wrong: new ids before the prompt | expects: before the prompt
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new = []
    for _ in range(max_new_tokens):
        token = choose(next_logits(new + list(prompt_ids)))
        if token in stop_ids:
            break
        new.append(token)
    return new


# %% wrong: the last row of a table of logits | expects: choose takes its logits
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids)[-1])
        if token in stop_ids:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]


# %% wrong: a limit of 0 is refused | expects: max_new_tokens
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    if max_new_tokens < 1:
        raise ValueError(f"max_new_tokens must be at least 1, not {max_new_tokens}")
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids))
        if token in stop_ids:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]


# %% wrong: nothing is kept | expects: No id came back
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new = []
    for _ in range(max_new_tokens):
        token = choose(next_logits([*prompt_ids, *new]))
        if token not in stop_ids:
            break
        new.append(token)
    return new


# %% wrong: at least one token | expects: max_new_tokens = 0
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new = []
    while True:
        token = choose(next_logits([*prompt_ids, *new]))
        if token in stop_ids:
            return new
        new.append(token)
        if len(new) >= max_new_tokens:
            return new


# %% wrong: id 0 counts as nothing | expects: ended early
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new = []
    for _ in range(max_new_tokens):
        token = choose(next_logits([*prompt_ids, *new]))
        if not token or token in stop_ids:
            break
        new.append(token)
    return new


# %% wrong: the same token again is an end | expects: ended early
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new = []
    for _ in range(max_new_tokens):
        token = choose(next_logits([*prompt_ids, *new]))
        if token in stop_ids or (new and token == new[-1]):
            break
        new.append(token)
    return new


# %% wrong: stop ids kept between calls | expects: earlier call / is no end
_stops = set()


def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    _stops.update(stop_ids)
    new = []
    for _ in range(max_new_tokens):
        token = choose(next_logits([*prompt_ids, *new]))
        if token in _stops:
            break
        new.append(token)
    return new


# %% wrong: the list of new ids is a default argument | expects: kept between calls
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=(), new=[]):
    start = len(new)
    for _ in range(max_new_tokens):
        token = choose(next_logits([*prompt_ids, *new]))
        if token in stop_ids:
            break
        new.append(token)
    return new[start:]


# %% wrong: the model sees only the last | expects: last id only
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new, ids = [], list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids))
        if token in stop_ids:
            break
        new.append(token)
        ids = [token]
    return new


# %% wrong: window of the last eight ids | expects: window
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new = []
    for _ in range(max_new_tokens):
        token = choose(next_logits([*prompt_ids, *new][-8:]))
        if token in stop_ids:
            break
        new.append(token)
    return new


# %% wrong: the first id of the prompt is taken for a begin token | expects: all ids so far
def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):
    new = []
    for _ in range(max_new_tokens):
        token = choose(next_logits([*prompt_ids[1:], *new]))
        if token in stop_ids:
            break
        new.append(token)
    return new
