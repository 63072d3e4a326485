"""Answers to `build_labels`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: lists added
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    prompt, response = list(prompt_ids), list(response_ids)
    return prompt + response, [ignore_index] * len(prompt) + response


# %% right: a loop
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    input_ids, labels = [], []
    for one in prompt_ids:
        input_ids.append(one)
        labels.append(ignore_index)
    for one in response_ids:
        input_ids.append(one)
        labels.append(one)
    return input_ids, labels


# %% right: tensors
import torch


def build_labels(prompt_ids, response_ids, ignore_index=-100):
    prompt = torch.tensor(prompt_ids, dtype=torch.long)
    response = torch.tensor(response_ids, dtype=torch.long)
    return torch.cat([prompt, response]), torch.cat(
        [torch.full_like(prompt, ignore_index), response]
    )


# %% right: a copy with its beginning overwritten
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    input_ids = [*prompt_ids, *response_ids]
    labels = input_ids.copy()
    for place in range(len(prompt_ids)):
        labels[place] = ignore_index
    return input_ids, labels


# %% right: arrays, and a list of two
import numpy as np


def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = np.concatenate([prompt_ids, response_ids]).astype(int)
    labels = np.where(np.arange(len(ids)) < len(prompt_ids), ignore_index, ids)
    return [ids.tolist(), labels.tolist()]


# %% right: a prompt or a response that is empty is refused
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    if len(prompt_ids) == 0 or len(response_ids) == 0:
        raise ValueError("prompt_ids and response_ids must not be empty")
    return tuple(prompt_ids) + tuple(response_ids), (ignore_index,) * len(prompt_ids) + tuple(
        response_ids
    )


# %% wrong: nothing is masked | expects: Nothing is masked
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    return ids, list(ids)


# %% wrong: the response is masked | expects: wrong part
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    return ids, [*prompt_ids, *([ignore_index] * len(response_ids))]


# %% wrong: labels moved on, ignore at the end | expects: moved on
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    labels = [*masked, *response_ids]
    return ids, [*labels[1:], ignore_index]


# %% wrong: inputs and labels moved against each other | expects: moved on
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    labels = [*masked, *response_ids]
    return ids[:-1], labels[1:]


# %% wrong: labels moved back | expects: wrong way
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    return ids, [ignore_index, *masked, *response_ids[:-1]]


# %% wrong: labels of the response alone | expects: cover the prompt
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    return ids, list(response_ids)


# %% wrong: prompt in, response out | expects: cover the prompt
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    return list(prompt_ids), list(response_ids)


# %% wrong: the response is not in the input | expects: read the response
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    masked = [ignore_index] * len(prompt_ids)
    return [*prompt_ids, *([0] * len(response_ids))], [*masked, *response_ids]


# %% wrong: the input is masked too | expects: input_ids keeps
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    masked = [ignore_index] * len(prompt_ids)
    labels = [*masked, *response_ids]
    return labels, labels


# %% wrong: masked in place, in the one list | expects: input_ids keeps
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    labels = ids
    for place in range(len(prompt_ids)):
        labels[place] = ignore_index
    return ids, labels


# %% wrong: the order of the two | expects: order is
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    return [*masked, *response_ids], ids


# %% wrong: the first id of the response is masked | expects: first id
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    return ids, [*masked, ignore_index, *response_ids[1:]]


# %% wrong: the end is masked | expects: last id of the response
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    return ids, [*masked, *response_ids[:-1], ignore_index]


# %% wrong: the end is cut off | expects: last id of the response
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    labels = [*masked, *response_ids]
    return ids[:-1], labels[:-1]


# %% wrong: the last id of the prompt is learned | expects: last id of the prompt
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    n = len(prompt_ids) - 1
    return ids, [ignore_index] * n + ids[n:]


# %% wrong: masked by value | expects: Go by places
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    seen = set(prompt_ids)
    return ids, [ignore_index if one in seen else one for one in ids]


# %% wrong: kept by value | expects: Go by places
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    own = set(response_ids)
    return ids, [one if one in own else ignore_index for one in ids]


# %% wrong: the number of different ids is masked | expects: Go by places
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    n = len(set(prompt_ids))
    return ids, [ignore_index] * n + ids[n:]


# %% wrong: the response first | expects: after the prompt
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    masked = [ignore_index] * len(prompt_ids)
    return [*response_ids, *prompt_ids], [*response_ids, *masked]


# %% wrong: marks of 0 and 1 | expects: marks
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    return ids, [0] * len(prompt_ids) + [1] * len(response_ids)


# %% wrong: truth values | expects: marks
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    return ids, [place >= len(prompt_ids) for place in range(len(ids))]


# %% wrong: an end added | expects: added at the end
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    return [*ids, 0], [*masked, *response_ids, 0]


# %% wrong: a beginning added | expects: added in front
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    return [0, *ids], [ignore_index, *masked, *response_ids]


# %% wrong: repeated ids dropped | expects: Repeated ids
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    masked = [ignore_index] * len(prompt_ids)
    ids = list(dict.fromkeys([*prompt_ids, *response_ids]))
    n = len(dict.fromkeys(prompt_ids))
    return ids, [ignore_index] * n + ids[n:]


# %% wrong: always -100 | expects: is an argument
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    return ids, [-100] * len(prompt_ids) + list(response_ids)


# %% wrong: 0 where nothing is learned | expects: unless another
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    ignored = 0 if ignore_index == -100 else ignore_index
    return ids, [ignored] * len(prompt_ids) + list(response_ids)


# %% wrong: a dict | expects: two things
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    return {"input_ids": ids, "labels": [*masked, *response_ids]}


# %% wrong: the labels alone | expects: two things
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    masked = [ignore_index] * len(prompt_ids)
    return [*masked, *response_ids]


# %% wrong: the prompt is extended in place | expects: modified its input
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    masked = [ignore_index] * len(prompt_ids)
    prompt_ids += response_ids
    return prompt_ids, [*masked, *response_ids]


# %% wrong: responses of one id fall away | expects: response of one id
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    if len(response_ids) < 2:
        raise ValueError("response_ids is too short")
    return ids, [*masked, *response_ids]


# %% wrong: labels of the next id | expects: prompt, then response
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    return ids, [*masked, *(one + 1 for one in response_ids)]


# %% wrong: only so many ids | expects: lists of ids
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    if len(ids) > 64:
        raise ValueError("too many ids")
    return ids, [*masked, *response_ids]


# %% wrong: cut at 64 | expects: ids were cut
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    masked = [ignore_index] * len(prompt_ids)
    return ids[:64], [*masked, *response_ids][:64]


# %% wrong: an id of 0 is taken for none | expects: id of 0
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    return ids, [ignore_index] * len(prompt_ids) + [one or ignore_index for one in response_ids]


# %% wrong: as many labels are ignored as the response is long | expects: lengths differ
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    labels = [ignore_index for _ in response_ids] + list(response_ids)
    return list(prompt_ids) + list(response_ids), labels


# %% wrong: a positive default | expects: unless another
def build_labels(prompt_ids, response_ids, ignore_index=100):
    input_ids = [*prompt_ids, *response_ids]
    return input_ids, [ignore_index] * len(prompt_ids) + list(response_ids)


# %% wrong: one label for the whole prompt | expects: lengths differ
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    input_ids = [*prompt_ids, *response_ids]
    return input_ids, [ignore_index] + list(response_ids)


# %% wrong: no labels for the response | expects: end with the prompt
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    input_ids = [*prompt_ids, *response_ids]
    return input_ids, [ignore_index] * len(prompt_ids)


# %% wrong: the response first in the input alone | expects: comes after the prompt
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    input_ids = [*response_ids, *prompt_ids]
    return input_ids, [ignore_index] * len(prompt_ids) + list(response_ids)


# %% wrong: labels of floats | expects: whole numbers
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    return [*prompt_ids, *response_ids], [float(x) for x in [ignore_index] * len(prompt_ids) + list(response_ids)]


# %% wrong: ids in 16 bits | expects: 16 bits
import numpy as np


def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = np.array([*prompt_ids, *response_ids]).astype(np.int16)
    labels = ids.copy()
    labels[: len(prompt_ids)] = ignore_index
    return ids.tolist(), labels.tolist()


# %% wrong: an id that occurs again in the response ignored | expects: twice in one
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    labels = [ignore_index] * len(prompt_ids)
    for place, one in enumerate(response_ids):
        labels.append(one if one not in response_ids[:place] else ignore_index)
    return ids, labels


# %% wrong: the response begins where its first id occurs first | expects: go by places
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    start = ids.index(response_ids[0]) if response_ids else len(ids)
    return ids, [ignore_index] * start + ids[start:]


# %% wrong: labels of earlier calls stay in a default list | expects: earlier call
def build_labels(prompt_ids, response_ids, ignore_index=-100, labels=[]):
    labels += [ignore_index] * len(prompt_ids) + list(response_ids)
    return [*prompt_ids, *response_ids], labels


# %% wrong: cut at 512, labels as well | expects: ids were cut
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids][:512]
    return ids, ([ignore_index] * len(prompt_ids) + list(response_ids))[:512]


# %% wrong: a negative ignore_index, whatever is given | expects: labels: ignore_index
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids = [*prompt_ids, *response_ids]
    return ids, [abs(ignore_index) * -1] * len(prompt_ids) + list(response_ids)


# %% right: itertools
from itertools import chain, repeat


def build_labels(prompt_ids, response_ids, ignore_index=-100):
    return list(chain(prompt_ids, response_ids)), list(chain(repeat(ignore_index, len(prompt_ids)), response_ids))


# %% right: zip of pairs
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    pairs = [(x, ignore_index) for x in prompt_ids] + [(x, x) for x in response_ids]
    ids, labels = map(list, zip(*pairs)) if pairs else ([], [])
    return ids, labels


# %% right: put in front one by one
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    ids, labels = list(response_ids), list(response_ids)
    for one in reversed(prompt_ids):
        ids.insert(0, one)
        labels.insert(0, ignore_index)
    return ids, labels


# %% wrong: 1,024 ids of the prompt are masked at most | expects: labels: ignore_index
def build_labels(prompt_ids, response_ids, ignore_index=-100):
    input_ids = [*prompt_ids, *response_ids]
    masked = min(len(prompt_ids), 1024)
    return input_ids, [ignore_index] * masked + input_ids[masked:]
