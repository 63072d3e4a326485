"""Answers to `masked_cross_entropy`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: log-softmax and gather
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:], logits[:, :-1]
    counted = targets != ignore_index
    logs = scores.log_softmax(-1).gather(-1, targets.where(counted, 0)[..., None])[..., 0]
    return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% right: selected by a mask
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:], logits[:, :-1]
    counted = targets != ignore_index
    if not counted.any():
        return logits.sum() * 0
    return F.cross_entropy(scores[counted], targets[counted])


# %% right: losses of all places, weighted
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    losses = F.cross_entropy(
        logits[:, :-1].reshape(-1, logits.shape[-1]),
        labels[:, 1:].reshape(-1),
        ignore_index=ignore_index,
        reduction="none",
    )
    weights = (labels[:, 1:].reshape(-1) != ignore_index).float()
    return (losses * weights).sum() / torch.clamp(weights.sum(), min=1.0)


# %% right: a loop in double precision
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    total, n = (logits * 0.0).sum().double(), 0
    for row, wanted in zip(logits, labels):
        for t in range(1, len(wanted)):
            if int(wanted[t]) != ignore_index:
                x = row[t - 1].double()
                total = total + torch.logsumexp(x, 0) - x[wanted[t]]
                n += 1
    return total / max(n, 1)


# %% right: NaN mended without a trace
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:], logits[:, :-1]
    total = F.cross_entropy(
        scores.transpose(1, 2), targets, ignore_index=ignore_index, reduction="sum"
    )
    n = (targets != ignore_index).sum()
    return total / n if n > 0 else total


# %% right: the mean, and its special case before it
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets = labels[..., 1:].contiguous().view(-1)
    if bool((targets == ignore_index).all()):
        return 0.0 * logits.float().sum()
    return torch.nn.CrossEntropyLoss(ignore_index=ignore_index)(
        logits[..., :-1, :].contiguous().view(len(targets), -1), targets
    )


# %% right: NaN made 0 afterwards
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:], logits[:, :-1]
    return F.cross_entropy(scores.transpose(1, 2), targets, ignore_index=ignore_index).nan_to_num(
        0.0
    )


# %% wrong: not shifted | of: log-softmax and gather | expects: Not shifted
# -     targets, scores = labels[:, 1:], logits[:, :-1]
# +     scores, targets = logits, labels


# %% wrong: shifted the wrong way | of: log-softmax and gather | expects: wrong way
# -     targets, scores = labels[:, 1:], logits[:, :-1]
# +     targets, scores = labels[:, :-1], logits[:, 1:]


# %% wrong: wrapped around | of: log-softmax and gather | expects: last position predicts
# -     targets, scores = labels[:, 1:], logits[:, :-1]
# +     targets, scores = labels.roll(-1, 1), logits


# %% wrong: two ahead | of: log-softmax and gather | expects: Shifted by two
# -     targets, scores = labels[:, 1:], logits[:, :-1]
# +     targets, scores = labels[:, 2:], logits[:, :-2]


# %% wrong: divided by all positions | of: log-softmax and gather | expects: all positions
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     return -logs.where(counted, 0.0).sum() / targets.numel()


# %% wrong: divided by the size of the labels | of: log-softmax and gather | expects: all positions
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     return -logs.where(counted, 0.0).sum() / labels.numel()


# %% wrong: counted before the shift | of: log-softmax and gather | expects: before the shift
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     return -logs.where(counted, 0.0).sum() / (labels != ignore_index).sum().clamp(min=1)


# %% wrong: a mean of the rows' means | expects: mean of each row
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:], logits[:, :-1]
    counted = targets != ignore_index
    logs = (
        scores.log_softmax(-1)
        .gather(-1, targets.where(counted, 0)[..., None])[..., 0]
        .where(counted, 0.0)
    )
    return -(logs.sum(-1) / counted.sum(-1).clamp(min=1)).mean()


# %% wrong: a mean of the means of rows with targets | of: a mean of the rows' means | expects: mean of each row
# -     return -(logs.sum(-1) / counted.sum(-1).clamp(min=1)).mean()
# +     some = counted.any(-1)
# +     if not some.any():
# +         return logits.sum() * 0
# +     return -(logs.sum(-1)[some] / counted.sum(-1)[some]).mean()


# %% wrong: the sum | of: NaN mended without a trace | expects: no sum
# -     n = (targets != ignore_index).sum()
# -     return total / n if n > 0 else total
# +     return total


# %% wrong: the sum by text | of: NaN mended without a trace | expects: no sum
# -     n = (targets != ignore_index).sum()
# -     return total / n if n > 0 else total
# +     return total / len(logits)


# %% wrong: ignored labels taken for id 0 | of: log-softmax and gather | expects: Nothing is ignored
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     return -logs.sum() / torch.ones_like(counted).sum().clamp(min=1)


# %% wrong: ignored labels wrap around | expects: Nothing is ignored
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:], logits[:, :-1]
    return F.cross_entropy(scores.transpose(1, 2), targets % logits.shape[-1])


# %% wrong: the mask is that of the positions | expects: mask is not shifted
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:], logits[:, :-1]
    counted = labels[:, :-1] != ignore_index
    logs = scores.log_softmax(-1).gather(-1, targets.clamp(0, logits.shape[-1] - 1)[..., None])[
        ..., 0
    ]
    return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% wrong: the mask is that of position and target | of: log-softmax and gather | expects: first counted target
# -     counted = targets != ignore_index
# +     counted = (labels[:, :-1] != ignore_index) & (targets != ignore_index)


# %% wrong: always -100 | of: the mask is that of the positions | expects: is an argument
# -     counted = labels[:, :-1] != ignore_index
# +     counted = targets != -100


# %% wrong: ignored is what is negative | of: log-softmax and gather | expects: equal to it
# -     counted = targets != ignore_index
# +     counted = targets >= 0


# %% wrong: ignored is what is not above 0 | of: log-softmax and gather | expects: id of 0
# -     counted = targets != ignore_index
# +     counted = (targets > 0) & (targets != ignore_index)


# %% wrong: in bits | of: log-softmax and gather | expects: nats
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     return -logs.where(counted, 0.0).sum() / (counted.sum().clamp(min=1) * math.log(2))


# %% wrong: a softmax twice | of: log-softmax and gather | expects: twice
# -     logs = scores.log_softmax(-1).gather(-1, targets.where(counted, 0)[..., None])[..., 0]
# +     logs = (
# +         scores.softmax(-1).log_softmax(-1).gather(-1, targets.where(counted, 0)[..., None])[..., 0]
# +     )


# %% wrong: the perplexity | of: log-softmax and gather | expects: perplexity
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     return torch.exp(-logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1))


# %% wrong: the sign | of: log-softmax and gather | expects: sign
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     return logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% wrong: the first target of a row left out | of: log-softmax and gather | expects: first counted target
# -     counted = targets != ignore_index
# +     counted = targets != ignore_index
# +     counted = counted & (counted.cumsum(-1) > 1)


# %% wrong: the end of the answer left out | of: log-softmax and gather | expects: last counted target
# -     counted = targets != ignore_index
# +     counted = targets != ignore_index
# +     counted = counted & (counted.flip(-1).cumsum(-1).flip(-1) > 1)


# %% wrong: the first text alone | of: log-softmax and gather | expects: not only the first
# -     targets, scores = labels[:, 1:], logits[:, :-1]
# +     targets, scores = labels[:1, 1:], logits[:1, :-1]


# %% wrong: a loss for each row | of: log-softmax and gather | expects: one number
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     return -logs.where(counted, 0.0).sum(-1) / counted.sum(-1).clamp(min=1)


# %% wrong: NaN where nothing counts | expects: not NaN
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:], logits[:, :-1]
    return F.cross_entropy(scores.transpose(1, 2), targets, ignore_index=ignore_index)


# %% wrong: a new 0 without a graph | expects: hangs together
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:], logits[:, :-1]
    if bool((targets == ignore_index).all()):
        return torch.tensor(0.0)
    return F.cross_entropy(scores.transpose(1, 2), targets, ignore_index=ignore_index)


# %% wrong: a leaf of its own | of: a new 0 without a graph | expects: no gradient
# -         return torch.tensor(0.0)
# +         return torch.zeros((), requires_grad=True)


# %% wrong: nothing to learn is refused | of: a new 0 without a graph | expects: number of 0
# -         return torch.tensor(0.0)
# +         raise ValueError("labels hold no target")


# %% wrong: a first label kept when nothing else counts | of: a new 0 without a graph | expects: nothing stands before
# -         return torch.tensor(0.0)
# +         return F.cross_entropy(
# +             logits[:, 0], labels[:, 0], ignore_index=ignore_index, reduction="sum"
# +         )


# %% wrong: a row without targets gives NaN | expects: row without a target
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    rows = [
        F.cross_entropy(x[:-1], y[1:], ignore_index=ignore_index) for x, y in zip(logits, labels)
    ]
    counts = (labels[:, 1:] != ignore_index).sum(-1)
    if not counts.any():
        return logits.sum() * 0
    return sum(row * n for row, n in zip(rows, counts)) / counts.sum()


# %% wrong: label smoothing | expects: -log p(label
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:], logits[:, :-1]
    total = F.cross_entropy(
        scores.transpose(1, 2),
        targets,
        ignore_index=ignore_index,
        label_smoothing=0.1,
        reduction="sum",
    )
    return total / (targets != ignore_index).sum().clamp(min=1)


# %% wrong: a product with the mask and a mended NaN | expects: gradient is NaN
import math

import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:], logits[:, :-1]
    counted = (targets != ignore_index).float()
    logs = scores.log_softmax(-1).gather(-1, targets.where(counted > 0, 0)[..., None])[..., 0]
    return (-(logs * counted).sum() / counted.sum()).nan_to_num(0.0)


# %% wrong: detached | of: log-softmax and gather | expects: item
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     return torch.tensor(float(-logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)))


# %% wrong: the logarithm of a softmax | of: log-softmax and gather | expects: log-sum-exp
# -     logs = scores.log_softmax(-1).gather(-1, targets.where(counted, 0)[..., None])[..., 0]
# +     logs = scores.softmax(-1).log().gather(-1, targets.where(counted, 0)[..., None])[..., 0]


# %% wrong: logits cut before the exponential | of: log-softmax and gather | expects: log-sum-exp
# -     logs = scores.log_softmax(-1).gather(-1, targets.where(counted, 0)[..., None])[..., 0]
# +     logs = (
# +         scores.clamp(-50, 50)
# +         .log_softmax(-1)
# +         .gather(-1, targets.where(counted, 0)[..., None])[..., 0]
# +     )


# %% wrong: gradients at every position | of: log-softmax and gather | expects: wrong
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     extra = (scores - scores.detach()).mean()
# +     return extra + -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% wrong: a large ignore_index is taken for an error | of: log-softmax and gather | expects: may be any number
# - def masked_cross_entropy(logits, labels, ignore_index=-100):
# + def masked_cross_entropy(logits, labels, ignore_index=-100):
# +     if ignore_index >= 0:
# +         raise ValueError("ignore_index must be negative")


# %% wrong: flattened, then shifted | expects: flattened before the shift
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    scores, targets = logits.flatten(0, 1)[:-1], labels.flatten()[1:]
    total = F.cross_entropy(scores, targets, ignore_index=ignore_index, reduction="sum")
    return total / (targets != ignore_index).sum().clamp(min=1)


# %% right: log-sum-exp minus the logit of the label
import torch


def masked_cross_entropy(logits, labels, ignore_index=-100):
    counts = labels[:, 1:] != ignore_index
    safe = torch.where(counts, labels[:, 1:], torch.zeros_like(labels[:, 1:]))
    scores = logits[:, :-1].double()
    lost = scores.logsumexp(-1) - scores.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    return (torch.einsum("bt,bt->", lost, counts.double()) / counts.sum().clamp(min=1)).float()


# %% wrong: another ignore_index is replaced in the given labels | expects: modified its input
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    count = (labels[:, 1:] != ignore_index).sum().clamp(min=1)
    labels[labels == ignore_index] = -100
    total = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum")
    return total / count


# %% wrong: texts of one token are refused | expects: the loss is 0.0
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    if labels.shape[1] < 2:
        raise ValueError(f"labels have {labels.shape[1]} positions, and two are needed")
    targets = labels[:, 1:].flatten()
    scores = logits[:, :-1].flatten(0, 1)
    total = F.cross_entropy(scores, targets, ignore_index=ignore_index, reduction="sum")
    return total / (targets != ignore_index).sum().clamp(min=1)


# %% wrong: picked and squeezed, so that a single target loses its dimension | expects: squeeze
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    counted = labels[:, 1:] != ignore_index
    if not counted.any():
        return logits.sum() * 0.0
    logs = F.log_softmax(logits[:, :-1][counted].squeeze(), dim=1)
    return -logs.gather(1, labels[:, 1:][counted][:, None]).mean()


# %% wrong: a single target is taken for none | expects: single counted target
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    counted = labels[:, 1:] != ignore_index
    if counted.sum() <= 1:
        return logits.sum() * 0.0
    return F.cross_entropy(logits[:, :-1][counted], labels[:, 1:][counted])


# %% wrong: a mean, divided by the number of targets | expects: divided once more
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:].flatten(), logits[:, :-1].flatten(0, 1)
    total = F.cross_entropy(scores, targets, ignore_index=ignore_index)
    return total / (targets != ignore_index).sum().clamp(min=1)


# %% wrong: the loss is not told of ignore_index | expects: is an argument
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    targets, scores = labels[:, 1:].flatten(), logits[:, :-1].flatten(0, 1)
    total = F.cross_entropy(scores, targets, reduction="sum")
    return total / (targets != ignore_index).sum().clamp(min=1)


# %% wrong: 1 added to the number of targets | of: log-softmax and gather | expects: nothing added
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     return -logs.where(counted, 0.0).sum() / (counted.sum() + 1)


# %% wrong: two targets at least | of: log-softmax and gather | expects: 1 only where
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=2)


# %% wrong: ignored is what is not above ignore_index | of: log-softmax and gather | expects: below it
# -     counted = targets != ignore_index
# +     counted = targets > ignore_index


# %% wrong: the last position left out | of: log-softmax and gather | expects: last position of each row
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     logs, counted = (logs[:, :-1], counted[:, :-1]) if logs.shape[1] > 1 else (logs, counted)
# +     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% wrong: a list of one number where nothing counts | of: log-softmax and gather | expects: without dimensions
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     if not counted.any():
# +         return logits.flatten()[:1] * 0
# +     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% wrong: 0 times what may be infinite | of: log-softmax and gather | expects: not NaN
# -     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)
# +     if not counted.any():
# +         return logits.exp().sum() * 0
# +     return -logs.where(counted, 0.0).sum() / counted.sum().clamp(min=1)


# %% wrong: an ignore_index beyond the vocabulary is looked up | expects: one beyond it
import torch


def masked_cross_entropy(logits, labels, ignore_index=-100):
    lp = torch.log_softmax(logits[:, :-1], -1)
    targets = labels[:, 1:]
    mask = targets != ignore_index
    got = lp.gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -(got * mask).sum() / mask.sum().clamp(min=1)


# %% right: one-hot and einsum in float64
import torch


def masked_cross_entropy(logits, labels, ignore_index=-100):
    V = logits.shape[-1]
    targets = labels[:, 1:]
    keep = targets != ignore_index
    hot = torch.nn.functional.one_hot(torch.where(keep, targets, 0), V).double() * keep[..., None]
    lp = logits[:, :-1].double().log_softmax(-1)
    return (-torch.einsum("btv,btv->", hot, lp) / max(int(keep.sum()), 1)).to(logits.dtype)


# %% right: an ignored label appended
import torch
import torch.nn.functional as F


def masked_cross_entropy(logits, labels, ignore_index=-100):
    moved = F.pad(labels[:, 1:], (0, 1), value=ignore_index)
    losses = F.cross_entropy(logits.permute(0, 2, 1), moved, ignore_index=ignore_index, reduction="none")
    n = int((moved != ignore_index).sum())
    return losses.sum() / (n or 1)


# %% right: NLLLoss of the kept ones
import torch
from torch import nn


def masked_cross_entropy(logits, labels, ignore_index=-100):
    keep = labels[:, 1:].ne(ignore_index)
    scores = logits[:, :-1][keep]
    if scores.shape[0] == 0:
        return scores.sum()
    return nn.NLLLoss()(scores.log_softmax(dim=-1), labels[:, 1:][keep])
