"""Answers to `bradley_terry_loss`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: softplus
import torch


def bradley_terry_loss(chosen, rejected):
    return torch.nn.functional.softplus(rejected - chosen).mean()


# %% right: logaddexp
import torch


def bradley_terry_loss(chosen, rejected):
    return (torch.logaddexp(chosen, rejected) - chosen).mean()


# %% right: by hand
import torch


def bradley_terry_loss(chosen, rejected):
    x = rejected - chosen
    return (x.clamp(min=0) + torch.log1p(torch.exp(-x.abs()))).mean()


# %% right: binary cross entropy with logits
import torch


def bradley_terry_loss(chosen, rejected):
    d = chosen - rejected
    return torch.nn.functional.binary_cross_entropy_with_logits(d, torch.ones_like(d))


# %% right: a softmax over each pair
import torch


def bradley_terry_loss(chosen, rejected):
    logits = torch.stack([chosen, rejected], dim=1)
    return torch.nn.functional.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))


# %% wrong: the wrong way round | expects: wrong way round
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(rejected - chosen).mean()


# %% wrong: no minus | expects: sign
import torch


def bradley_terry_loss(chosen, rejected):
    return torch.nn.functional.logsigmoid(chosen - rejected).mean()


# %% wrong: the sum | expects: sum
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen - rejected).sum()


# %% wrong: no mean | expects: single pairs
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen - rejected)


# %% wrong: no logarithm | expects: logarithm is missing
import torch


def bradley_terry_loss(chosen, rejected):
    return 1 - torch.sigmoid(chosen - rejected).mean()


# %% wrong: minus the sigmoid | expects: logarithm is missing
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.sigmoid(chosen - rejected).mean()


# %% wrong: bits | expects: bits
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.log2(torch.sigmoid(chosen - rejected)).mean()


# %% wrong: the logarithm of the mean | expects: average the losses
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.log(torch.sigmoid(chosen - rejected).mean())


# %% wrong: the mean difference | expects: mean comes last
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid((chosen - rejected).mean())


# %% wrong: no sigmoid | expects: sigmoid is missing
def bradley_terry_loss(chosen, rejected):
    return -(chosen - rejected).mean()


# %% wrong: two classes | expects: difference alone
import torch


def bradley_terry_loss(chosen, rejected):
    return -(
        torch.nn.functional.logsigmoid(chosen) + torch.nn.functional.logsigmoid(-rejected)
    ).mean()


# %% wrong: the chosen alone | expects: difference alone
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen).mean()


# %% wrong: a hinge | expects: hinge
def bradley_terry_loss(chosen, rejected):
    return (1 - (chosen - rejected)).clamp(min=0).mean()


# %% wrong: squared | expects: squared
def bradley_terry_loss(chosen, rejected):
    return ((chosen - rejected - 1) ** 2).mean()


# %% wrong: Brier | expects: squared
import torch


def bradley_terry_loss(chosen, rejected):
    return ((1 - torch.sigmoid(chosen - rejected)) ** 2).mean()


# %% wrong: a ratio | expects: ratio
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen / rejected).mean()


# %% wrong: log of sigmoid | expects: sigmoid became 0
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.log(torch.sigmoid(chosen - rejected)).mean()


# %% wrong: exponentials | expects: exponential infinite / became 0
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.log(chosen.exp() / (chosen.exp() + rejected.exp())).mean()


# %% wrong: log of 1 + exp | expects: exponential infinite / became 0
import torch


def bradley_terry_loss(chosen, rejected):
    return torch.log(1 + torch.exp(rejected - chosen)).mean()


# %% wrong: a small number inside | expects: small number
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.log(torch.sigmoid(chosen - rejected) + 1e-12).mean()


# %% wrong: clamped | expects: clamp
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid((chosen - rejected).clamp(-50, 50)).mean()


# %% wrong: of probabilities | expects: -log sigmoid
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(torch.sigmoid(chosen) - torch.sigmoid(rejected)).mean()


# %% wrong: half a temperature | expects: -log sigmoid
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid((chosen - rejected) / 2).mean()


# %% right: numpy, which has no gradient
import numpy as np
import torch


def bradley_terry_loss(chosen, rejected):
    return torch.tensor(np.logaddexp(0.0, rejected.numpy() - chosen.numpy()).mean())


# %% right: plain Python
import math


def bradley_terry_loss(chosen, rejected):
    losses = []
    for a, b in zip(chosen.tolist(), rejected.tolist()):
        d = a - b
        losses.append(math.log1p(math.exp(-abs(d))) + max(-d, 0.0))
    return sum(losses) / len(losses)


# %% wrong: where, whose other branch overflows in the backward pass | expects: its gradient is not
import torch


def bradley_terry_loss(chosen, rejected):
    d = chosen - rejected
    return torch.where(d < -30, -d, torch.log1p(torch.exp(-d))).mean()


# %% wrong: only the chosen answers learn | expects: is a part of it detached
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen - rejected.detach()).mean()


# %% wrong: the sum of the rewards | expects: nor their sum
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(chosen + rejected).mean()


# %% wrong: the rejected alone | expects: difference alone
import torch


def bradley_terry_loss(chosen, rejected):
    return -torch.nn.functional.logsigmoid(-rejected).mean()
