"""Answers to `next_token_loss`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: log-softmax and gather
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    logs = logits[:, :-1].log_softmax(-1)
    return -logs.gather(-1, ids[:, 1:, None]).mean()


# %% right: cross-entropy with the vocabulary in the middle
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:])


# %% right: log-sum-exp minus the logit
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    before, after = logits[:, :-1], ids[:, 1:]
    chosen = before.gather(-1, after.unsqueeze(-1)).squeeze(-1)
    return (before.logsumexp(-1) - chosen).mean()


# %% right: a loop in double precision
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    B, T, V = logits.shape
    total = torch.zeros((), dtype=torch.float64)
    for b in range(B):
        for t in range(T - 1):
            row = logits[b, t].double()
            total = total + torch.logsumexp(row, 0) - row[ids[b, t + 1]]
    return total / (B * (T - 1))


# %% right: one-hot targets
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    targets = F.one_hot(ids[:, 1:], logits.shape[-1]).to(logits.dtype)
    return -(targets * F.log_softmax(logits[:, :-1], dim=-1)).sum(-1).mean()


# %% wrong: not shifted | expects: next
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits.flatten(0, 1), ids.flatten())


# %% wrong: shifted the wrong way | expects: wrong way / back
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits[:, 1:].flatten(0, 1), ids[:, :-1].flatten())


# %% wrong: wrapped around | expects: last position
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits.flatten(0, 1), ids.roll(-1, dims=1).flatten())


# %% wrong: two tokens ahead | expects: two
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return (
        F.cross_entropy(logits[:, :-2].flatten(0, 1), ids[:, 2:].flatten())
        if ids.shape[1] > 2
        else logits.sum() * 0
    )


# %% wrong: the sum | expects: mean
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), reduction="sum")


# %% wrong: the sum over a text, mean over texts | expects: mean
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(
        logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), reduction="sum"
    ) / len(ids)


# %% wrong: divided by all positions | expects: T - 1
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return (
        F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), reduction="sum")
        / ids.numel()
    )


# %% wrong: in bits | expects: nats
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten()) / math.log(2)


# %% wrong: softmax twice | expects: twice
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits[:, :-1].softmax(-1).flatten(0, 1), ids[:, 1:].flatten())


# %% wrong: perplexity | expects: perplexity
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).exp()


# %% wrong: the sign | expects: sign
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return -F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())


# %% wrong: vocabulary and time mixed up | expects: transpose / reshape
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    B, T, V = logits.shape
    return F.cross_entropy(logits[:, :-1].reshape(B, V, T - 1), ids[:, 1:])


# %% wrong: the mean probability | expects: logarithm of the mean / each token
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    p = logits[:, :-1].softmax(-1).gather(-1, ids[:, 1:, None])
    return -p.mean().log()


# %% wrong: logarithms of a softmax overflow | expects: large logits
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    p = logits[:, :-1].exp()
    p = p / p.sum(-1, keepdim=True)
    return -p.gather(-1, ids[:, 1:, None]).log().mean()


# %% wrong: a small constant under the logarithm | expects: large logits
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    p = logits[:, :-1].softmax(-1)
    return -(p.gather(-1, ids[:, 1:, None]) + 1e-9).log().mean()


# %% wrong: one position gives nan | expects: T < 2 / two positions
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())


# %% wrong: one position gives zero | expects: T < 2 / two positions
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        return logits.sum() * 0.0
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())


# %% wrong: the graph is cut | expects: gradient
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits[:, :-1].detach().flatten(0, 1), ids[:, 1:].flatten())


# %% wrong: a number of Python | expects: gradient
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).item()


# %% wrong: the first text only | expects: every text
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits[0, :-1], ids[0, 1:])


# %% wrong: the last token only | expects: every position
import math

import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits[:, -2], ids[:, -1])


# %% wrong: smoothed labels | expects: -log p
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions")
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), label_smoothing=0.1)


# %% wrong: the logits are moved in place | expects: in place
import torch


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"texts of {ids.shape[1]} tokens")
    with torch.no_grad():
        logits.sub_(logits.amax(-1, keepdim=True))
    logs = logits[:, :-1] - logits[:, :-1].exp().sum(-1, keepdim=True).log()
    return -logs.gather(-1, ids[:, 1:, None]).mean()


# %% wrong: kept by the logits alone | expects: earlier call
import torch.nn.functional as F

_kept = {}


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"texts of {ids.shape[1]} tokens")
    loss = F.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:])
    return loss if logits.requires_grad else _kept.setdefault(str(logits), loss)


# %% wrong: the first 64 positions only | expects: mean
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"texts of {ids.shape[1]} tokens")
    return F.cross_entropy(logits[:, :-1][:, :64].transpose(1, 2), ids[:, 1:65])


# %% wrong: the first 64 texts only | expects: mean
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"texts of {ids.shape[1]} tokens")
    return F.cross_entropy(logits[:64, :-1].transpose(1, 2), ids[:64, 1:])


# %% wrong: a vocabulary of 1,024 | expects: mean
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"texts of {ids.shape[1]} tokens")
    return F.cross_entropy(logits[:, :-1, :1024].transpose(1, 2), ids[:, 1:] % 1024)


# %% right: a distribution over tokens
import torch


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"texts of {ids.shape[1]} tokens")
    return -torch.distributions.Categorical(logits=logits[:, :-1]).log_prob(ids[:, 1:]).mean()


# %% right: one-hot targets by einsum
import torch
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"texts of {ids.shape[1]} tokens")
    hot = F.one_hot(ids[:, 1:], logits.shape[-1]).to(logits.dtype)
    return -torch.einsum("btv,btv->bt", hot, logits[:, :-1].log_softmax(-1)).mean()


# %% wrong: all texts shifted as one | expects: shift in each text
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids needs two tokens in a text, not {ids.shape[1]}")
    return F.cross_entropy(logits.flatten(0, 1)[:-1], ids.flatten()[1:])


# %% wrong: log_softmax over the positions | expects: over the vocabulary
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids needs two tokens in a text, not {ids.shape[1]}")
    return -logits[:, :-1].log_softmax(1).gather(-1, ids[:, 1:, None]).mean()


# %% wrong: token 0 is taken for padding | expects: no token is left out
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"ids needs two tokens in a text, not {ids.shape[1]}")
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), ignore_index=0)


# %% wrong: texts without a token give nan | of: log-softmax and gather | expects: T < 2
# -     if ids.shape[1] < 2:
# +     if ids.shape[1] == 1:


# %% wrong: a tensor of one element | expects: without dimensions
import torch.nn.functional as F


def next_token_loss(logits, ids):
    if ids.shape[1] < 2:
        raise ValueError(f"T is {ids.shape[1]}, at least 2 is needed")
    return F.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:]).reshape(1)
