"""Answers to `last_token_score`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: the mask turned round
import torch


def last_token_score(token_scores, attention_mask):
    if (attention_mask.sum(1) == 0).any():
        raise ValueError("attention_mask has a row without a real token")
    T = attention_mask.shape[1]
    last = T - 1 - attention_mask.long().flip(1).argmax(1)
    return token_scores.gather(1, last[:, None]).squeeze(1)


# %% right: a loop
import torch


def last_token_score(token_scores, attention_mask):
    found = []
    for scores, mask in zip(token_scores, attention_mask):
        places = mask.nonzero().flatten()
        if len(places) == 0:
            raise ValueError("attention_mask: a row is nothing but padding")
        found.append(scores[places[-1]])
    return torch.stack(found)


# %% right: places of padding filled with -1
import torch


def last_token_score(token_scores, attention_mask):
    real = attention_mask == 1
    if not real.any(dim=1).all():
        raise ValueError("attention_mask: a row has no 1")
    places = torch.arange(real.shape[1]).expand_as(real)
    last = places.masked_fill(~real, -1).max(dim=1).values
    return token_scores[torch.arange(len(last)), last]


# %% right: left or right, looked up
import torch


def last_token_score(token_scores, attention_mask):
    count = attention_mask.sum(1)
    if (count == 0).any():
        raise ValueError("a row of attention_mask is empty")
    T = token_scores.shape[1]
    last = torch.where(attention_mask[:, -1] == 1, T - 1, count - 1)
    return token_scores[torch.arange(len(count)), last]


# %% right: a one-hot sum
import torch


def last_token_score(token_scores, attention_mask):
    mask = attention_mask.long()
    if not mask.sum(1).all():
        raise ValueError("attention_mask: no real token in a row")
    after = mask.flip(1).cumsum(1).flip(1)
    return (token_scores * ((after == 1) & (mask == 1))).sum(1)


# %% wrong: the last column | expects: last column
def last_token_score(token_scores, attention_mask):
    return token_scores[:, -1]


# %% wrong: by counting | expects: padding on the right
import torch


def last_token_score(token_scores, attention_mask):
    if (attention_mask.sum(1) == 0).any():
        raise ValueError("empty row")
    return token_scores[torch.arange(len(token_scores)), attention_mask.sum(1) - 1]


# %% wrong: one too far | expects: too far
import torch


def last_token_score(token_scores, attention_mask):
    places = attention_mask.sum(1).clamp(max=token_scores.shape[1] - 1)
    return token_scores[torch.arange(len(token_scores)), places]


# %% wrong: one too early | expects: too early
import torch


def last_token_score(token_scores, attention_mask):
    last = (torch.arange(token_scores.shape[1]) * attention_mask).argmax(1)
    return token_scores[torch.arange(len(token_scores)), last - 1]


# %% wrong: the first real token | expects: first real
import torch


def last_token_score(token_scores, attention_mask):
    return token_scores[torch.arange(len(token_scores)), attention_mask.long().argmax(1)]


# %% wrong: the first column | expects: first real
def last_token_score(token_scores, attention_mask):
    return token_scores[:, 0]


# %% wrong: the mean of real tokens | expects: mean
def last_token_score(token_scores, attention_mask):
    return (token_scores * attention_mask).sum(1) / attention_mask.sum(1)


# %% wrong: the mean over padding | expects: mean
def last_token_score(token_scores, attention_mask):
    return token_scores.mean(1)


# %% wrong: the sum | expects: sum
def last_token_score(token_scores, attention_mask):
    return (token_scores * attention_mask).sum(1)


# %% wrong: the largest | expects: largest
import torch


def last_token_score(token_scores, attention_mask):
    return token_scores.masked_fill(attention_mask == 0, -torch.inf).max(1).values


# %% wrong: at padding | expects: padding
import torch


def last_token_score(token_scores, attention_mask):
    last = (torch.arange(token_scores.shape[1]) * (1 - attention_mask)).argmax(1)
    return token_scores[torch.arange(len(token_scores)), last]


# %% wrong: the places | expects: places
import torch


def last_token_score(token_scores, attention_mask):
    return (torch.arange(token_scores.shape[1]) * attention_mask).argmax(1)


# %% wrong: a column | expects: shape
import torch


def last_token_score(token_scores, attention_mask):
    last = (torch.arange(token_scores.shape[1]) * attention_mask).argmax(1)
    return token_scores.gather(1, last[:, None])


# %% wrong: every row at every place | expects: shape
import torch


def last_token_score(token_scores, attention_mask):
    last = (torch.arange(token_scores.shape[1]) * attention_mask).argmax(1)
    return token_scores[:, last]


# %% wrong: all masked scores | expects: shape
def last_token_score(token_scores, attention_mask):
    return token_scores * attention_mask


# %% wrong: an empty row is place 0 | expects: without a real token
import torch


def last_token_score(token_scores, attention_mask):
    last = (torch.arange(token_scores.shape[1]) * attention_mask).argmax(1)
    return token_scores[torch.arange(len(token_scores)), last]


# %% wrong: refuses only when all rows are empty | expects: without a real token
import torch


def last_token_score(token_scores, attention_mask):
    if not attention_mask.any():
        raise ValueError("attention_mask is empty")
    last = (torch.arange(token_scores.shape[1]) * attention_mask).argmax(1)
    return token_scores[torch.arange(len(token_scores)), last]


# %% wrong: scores below 0 are lost | expects: last place / last real
import torch


def last_token_score(token_scores, attention_mask):
    if (attention_mask.sum(1) == 0).any():
        raise ValueError("empty row")
    last = (torch.arange(token_scores.shape[1]) * attention_mask).argmax(1)
    return token_scores[torch.arange(len(token_scores)), last].clamp(min=0)


# %% wrong: one side for the whole batch | expects: padding / last real / last place
import torch


def last_token_score(token_scores, attention_mask):
    if (attention_mask.sum(1) == 0).any():
        raise ValueError("empty row")
    if attention_mask[:, -1].any():
        return token_scores[:, -1]
    return token_scores[torch.arange(len(token_scores)), attention_mask.sum(1) - 1]


# %% wrong: the last score that is not 0 | expects: a score of 0 is no padding
import torch


def last_token_score(token_scores, attention_mask):
    if (attention_mask.sum(-1) == 0).any():
        raise ValueError("attention_mask has a row without a real token")
    used = (token_scores * attention_mask) != 0
    last = (torch.arange(token_scores.shape[1]) * used).argmax(-1)
    return token_scores[torch.arange(len(last)), last]


# %% wrong: a row whose scores sum to 0 is refused | expects: a score of 0 is no padding
import torch


def last_token_score(token_scores, attention_mask):
    real = token_scores * attention_mask
    if (real.sum(-1) == 0).any():
        raise ValueError("attention_mask has a row without a real token")
    last = (torch.arange(token_scores.shape[1]) * attention_mask).argmax(-1)
    return token_scores[torch.arange(len(last)), last]


# %% right: where the running count of real tokens is complete for the first time
def last_token_score(token_scores, attention_mask):
    counted = attention_mask.long().cumsum(-1)
    if (counted[:, -1] == 0).any():
        raise ValueError("attention_mask has a row of padding")
    is_last = (counted == counted[:, -1:]) & (attention_mask != 0)
    return token_scores.masked_fill(~is_last, 0).sum(-1)


# %% wrong: a batch of one loses its dimension | expects: shape (B,)
import torch


def last_token_score(token_scores, attention_mask):
    if (attention_mask.sum(-1) == 0).any():
        raise ValueError(f"attention_mask has a row of padding only: {attention_mask.tolist()}")
    last = (torch.arange(token_scores.shape[1]) * attention_mask).argmax(-1, keepdim=True)
    return token_scores.gather(1, last).squeeze()
