"""Answers to `sequence_logprob` and `average_logprob`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: log_softmax and gather
import torch


def sequence_logprob(logits, token_ids):
    logprobs = torch.log_softmax(logits, dim=-1)
    return logprobs.gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% right: cross entropy without reduction
import torch.nn.functional as F


def sequence_logprob(logits, token_ids):
    return -F.cross_entropy(logits.transpose(1, 2), token_ids, reduction="none").sum(dim=1)


def average_logprob(logits, token_ids):
    return -F.cross_entropy(logits.transpose(1, 2), token_ids, reduction="none").mean(dim=1)


# %% right: the chosen logit less logsumexp, in float64
def _token_logprobs(logits, token_ids):
    logits = logits.double()
    return logits.gather(2, token_ids[:, :, None])[:, :, 0] - logits.logsumexp(2)


def sequence_logprob(logits, token_ids):
    return _token_logprobs(logits, token_ids).sum(1)


def average_logprob(logits, token_ids):
    return _token_logprobs(logits, token_ids).mean(1)


# %% right: numpy
import numpy as np
import torch


def _numpy_logprobs(logits, token_ids):
    x = logits.detach().numpy().astype(np.float64)
    x = x - x.max(axis=-1, keepdims=True)
    x = x - np.log(np.exp(x).sum(axis=-1, keepdims=True))
    return np.take_along_axis(x, token_ids.numpy()[..., None], axis=-1)[..., 0]


def sequence_logprob(logits, token_ids):
    return torch.from_numpy(_numpy_logprobs(logits, token_ids).sum(axis=1))


def average_logprob(logits, token_ids):
    return torch.from_numpy(_numpy_logprobs(logits, token_ids).mean(axis=1))


# %% right: token by token in plain Python
import math

import torch


def sequence_logprob(logits, token_ids):
    totals = []
    for rows, ids in zip(logits.tolist(), token_ids.tolist()):
        total = 0.0
        for row, token in zip(rows, ids):
            largest = max(row)
            total += row[token] - largest - math.log(math.fsum(math.exp(value - largest) for value in row))
        totals.append(total)
    return torch.tensor(totals)


def average_logprob(logits, token_ids):
    return torch.tensor([total / len(ids) for total, ids in zip(sequence_logprob(logits, token_ids).tolist(), token_ids)])


# %% right: advanced indexing, lists as result
import torch


def sequence_logprob(logits, token_ids):
    B, T, _ = logits.shape
    picked = torch.log_softmax(logits, -1)[torch.arange(B)[:, None], torch.arange(T)[None, :], token_ids]
    return picked.sum(-1)


def average_logprob(logits, token_ids):
    total = sequence_logprob(logits, token_ids)
    return [float(value) / token_ids.size(1) for value in total]


# %% right: a categorical distribution
import torch


def sequence_logprob(logits, token_ids):
    return torch.distributions.Categorical(logits=logits).log_prob(token_ids).sum(-1)


def average_logprob(logits, token_ids):
    return torch.distributions.Categorical(logits=logits).log_prob(token_ids).mean(-1)


# %% wrong: the product of the probabilities, then the log | expects: product / underflow
def sequence_logprob(logits, token_ids):
    return logits.softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).prod(-1).log()


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: the same in float64 | expects: product / underflow
def sequence_logprob(logits, token_ids):
    return logits.double().softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).prod(-1).log()


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: the log of a softmax that underflows | expects: underflow / log_softmax / stable
def sequence_logprob(logits, token_ids):
    return logits.softmax(-1).log().gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: a small number saves the log | expects: underflow / log_softmax / stable
def sequence_logprob(logits, token_ids):
    return (logits.softmax(-1) + 1e-9).log().gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: clamped to the smallest float | expects: underflow / log_softmax / stable
def sequence_logprob(logits, token_ids):
    return logits.double().softmax(-1).clamp_min(1e-300).log().gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: logsumexp by hand that overflows | expects: overflow / stable
def sequence_logprob(logits, token_ids):
    logprobs = logits - logits.exp().sum(-1, keepdim=True).log()
    return logprobs.gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: shifted by one although aligned | expects: aligned / shift
def sequence_logprob(logits, token_ids):
    logprobs = logits[:, :-1].log_softmax(-1)
    return logprobs.gather(-1, token_ids[:, 1:].unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / (token_ids.shape[1] - 1)


# %% wrong: shifted, the average over all positions | expects: aligned / shift
def sequence_logprob(logits, token_ids):
    logprobs = logits[:, :-1].log_softmax(-1)
    return logprobs.gather(-1, token_ids[:, 1:].unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: the raw logits are summed | expects: logits / normalise
def sequence_logprob(logits, token_ids):
    return logits.gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: one number for the batch | expects: each sequence / batch / shape
def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).sum()


def average_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).mean()


# %% wrong: one value per token | expects: shape / per token / sum
def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids).mean(-1)


# %% wrong: the sum is the average | expects: average_logprob / mean
def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids)


# %% wrong: the average for both | expects: sequence_logprob / sum
def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).mean(-1)


def average_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).mean(-1)


# %% wrong: base 2 | expects: natural / nats / base
import math


def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1) / math.log(2)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: the sign of a loss | expects: sign / negative / loss
import torch.nn.functional as F


def sequence_logprob(logits, token_ids):
    return F.cross_entropy(logits.transpose(1, 2), token_ids, reduction="none").sum(dim=1)


def average_logprob(logits, token_ids):
    return F.cross_entropy(logits.transpose(1, 2), token_ids, reduction="none").mean(dim=1)


# %% wrong: the softmax over the positions | expects: vocabulary / positions / dimension
def sequence_logprob(logits, token_ids):
    return logits.log_softmax(1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: the probability of the sequence | expects: logarithm / log
def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1).exp()


def average_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).mean(-1).exp()


# %% wrong: divided by the vocabulary | expects: token / vocabulary / mean
def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / logits.shape[-1]


# %% wrong: the most likely token's log-probability | expects: given / token_ids
def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).amax(-1).sum(-1)


def average_logprob(logits, token_ids):
    return logits.log_softmax(-1).amax(-1).mean(-1)


# %% wrong: zero is taken for padding | expects: padding / 0 / every token
def sequence_logprob(logits, token_ids):
    picked = logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1)
    return (picked * (token_ids != 0)).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / (token_ids != 0).sum(-1)


# %% wrong: the average divides by the length less one | expects: length / mean
def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / (token_ids.shape[1] - 1)


# %% wrong: the logarithm of the mean probability | expects: mean of the log / logarithm
def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    picked = logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1)
    return picked.exp().mean(-1).log()

# %% right: helpers with everyday names
import torch


def logprobs(logits):
    return logits - logits.logsumexp(dim=-1, keepdim=True)


def entries_of_ids(logits, ids):
    return torch.stack([row[torch.arange(len(one)), one] for row, one in zip(logprobs(logits), ids)])


def check(values):
    return values.dim() - 1


def sequence_logprob(logits, token_ids):
    values = entries_of_ids(logits, token_ids)
    return values.sum(check(values))


def average_logprob(logits, token_ids):
    values = entries_of_ids(logits, token_ids)
    return values.mean(check(values))


# %% right: the distribution of torch, in double precision
import torch


def sequence_logprob(logits, token_ids):
    return torch.distributions.Categorical(logits=logits.double()).log_prob(token_ids).sum(dim=1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: the sum over the sequences | expects: over the sequences
import torch


def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids[..., None])[..., 0].sum(0)


def average_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids[..., None])[..., 0].mean(0)


# %% wrong: the batch and the shape stay | expects: dimension too many
import torch


def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids[..., None])[..., 0].sum(-1, keepdim=True)


def average_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids[..., None])[..., 0].mean(-1, keepdim=True)


# %% wrong: the first 64 positions only | expects: log_softmax / tokens
import torch


def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids[..., None])[:, :64, 0].sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / token_ids.shape[1]


# %% wrong: the mean over the vocabulary | expects: size of the vocabulary
def sequence_logprob(logits, token_ids):
    return logits.log_softmax(-1).gather(-1, token_ids[..., None])[..., 0].sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / logits.shape[-1]


# %% wrong: softmax in the place of log_softmax | expects: These are probabilities
import torch


def _picked(logits, token_ids):
    return logits.softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1)


def sequence_logprob(logits, token_ids):
    return _picked(logits, token_ids).sum(-1)


def average_logprob(logits, token_ids):
    return _picked(logits, token_ids).mean(-1)


# %% wrong: squeeze takes the batch of one, too | of: softmax in the place of log_softmax | expects: batch of one sequence
# -     return logits.softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1)
# +     return logits.log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze()


# %% wrong: shifted by the largest of the batch | expects: subtracted
import torch


def _each(logits, ids):
    z = logits - logits.max()
    z = z - z.exp().sum(-1, keepdim=True).log()
    return z.gather(-1, ids[..., None]).squeeze(-1)


def sequence_logprob(logits, token_ids):
    return _each(logits, token_ids).sum(-1)


def average_logprob(logits, token_ids):
    return _each(logits, token_ids).mean(-1)


# %% wrong: the average divides by the batch | expects: of the batch
import torch


def sequence_logprob(logits, token_ids):
    return torch.log_softmax(logits, -1).gather(-1, token_ids[..., None]).squeeze(-1).sum(-1)


def average_logprob(logits, token_ids):
    return sequence_logprob(logits, token_ids) / len(token_ids)
