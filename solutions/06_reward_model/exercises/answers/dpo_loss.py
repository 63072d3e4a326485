"""Answers to `dpo_loss`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: the policy's preference less the reference's
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    own = policy_chosen - policy_rejected
    other = reference_chosen - reference_rejected
    return -torch.nn.functional.logsigmoid(beta * (own - other)).mean()


# %% right: softplus of implicit rewards
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    winner = beta * (policy_chosen - reference_chosen)
    loser = beta * (policy_rejected - reference_rejected)
    return torch.nn.functional.softplus(loser - winner).mean()


# %% right: plain logarithm of a sigmoid
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -torch.log(torch.sigmoid(beta * x)).mean()


# %% right: a loop
import math


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    rows = zip(
        policy_chosen.tolist(),
        policy_rejected.tolist(),
        reference_chosen.tolist(),
        reference_rejected.tolist(),
    )
    losses = [math.log1p(math.exp(-beta * ((pc - rc) - (pr - rr)))) for pc, pr, rc, rr in rows]
    return sum(losses) / len(losses)


# %% wrong: the sign of beta | expects: sign of beta
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -torch.nn.functional.logsigmoid(-beta * x).mean()


# %% wrong: no minus | expects: sign is missing
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return torch.nn.functional.logsigmoid(beta * x).mean()


# %% wrong: no reference | expects: reference is left out
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    return -torch.nn.functional.logsigmoid(beta * (policy_chosen - policy_rejected)).mean()


# %% wrong: the reference added | expects: wrong sign
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - policy_rejected) + (reference_chosen - reference_rejected)
    return -torch.nn.functional.logsigmoid(beta * x).mean()


# %% wrong: crossed | expects: crossed / wrong sign
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_rejected) - (policy_rejected - reference_chosen)
    return -torch.nn.functional.logsigmoid(beta * x).mean()


# %% wrong: the reference alone | expects: reference's own
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    return -torch.nn.functional.logsigmoid(beta * (reference_chosen - reference_rejected)).mean()


# %% wrong: no beta | expects: beta is missing
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -torch.nn.functional.logsigmoid(x).mean()


# %% wrong: beta outside | expects: not the loss
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -beta * torch.nn.functional.logsigmoid(x).mean()


# %% wrong: divided by beta | expects: divide
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -torch.nn.functional.logsigmoid(x / beta).mean()


# %% wrong: beta on the policy only | expects: all four
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = beta * (policy_chosen - policy_rejected) - (reference_chosen - reference_rejected)
    return -torch.nn.functional.logsigmoid(x).mean()


# %% wrong: the sum | expects: sum
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -torch.nn.functional.logsigmoid(beta * x).sum()


# %% wrong: pair by pair | expects: one number
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -torch.nn.functional.logsigmoid(beta * x)


# %% wrong: no logarithm | expects: logarithm is missing
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -torch.sigmoid(beta * x).mean()


# %% wrong: no sigmoid | expects: sigmoid is missing
def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -beta * x.mean()


# %% wrong: the mean inside | expects: mean comes last
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -torch.nn.functional.logsigmoid(beta * x.mean())


# %% wrong: IPO | expects: squared
def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return ((x - 1 / (2 * beta)) ** 2).mean()


# %% wrong: a hinge | expects: hinge
def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return (1 - beta * x).clamp(min=0).mean()


# %% wrong: the chosen alone | expects: only the chosen
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    return -torch.nn.functional.logsigmoid(beta * (policy_chosen - reference_chosen)).mean()


# %% wrong: plain finetuning | expects: only the chosen
def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    return -policy_chosen.mean()


# %% wrong: bits | expects: bits
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -torch.log2(torch.sigmoid(beta * x)).mean()


# %% wrong: probabilities | expects: probabilities of whole answers
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    chosen = policy_chosen.exp() / reference_chosen.exp()
    rejected = policy_rejected.exp() / reference_rejected.exp()
    return -torch.nn.functional.logsigmoid(beta * (chosen.log() - rejected.log())).mean()


# %% wrong: differences of probabilities | expects: probabilities of whole answers
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    chosen = policy_chosen.exp() - reference_chosen.exp()
    rejected = policy_rejected.exp() - reference_rejected.exp()
    return -torch.nn.functional.logsigmoid(beta * (chosen - rejected)).mean()


# %% wrong: smoothed | expects: -log sigmoid
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = beta * ((policy_chosen - reference_chosen) - (policy_rejected - reference_rejected))
    logsigmoid = torch.nn.functional.logsigmoid
    return -(0.9 * logsigmoid(x) + 0.1 * logsigmoid(-x)).mean()


# %% wrong: half of the margin | expects: -log sigmoid
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    x = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -torch.nn.functional.logsigmoid(beta * x / 2).mean()


# %% wrong: the rejected answer is detached | expects: is a part of it detached
import torch.nn.functional as F


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    lost = policy_rejected.detach() - reference_rejected
    return -F.logsigmoid(beta * (policy_chosen - reference_chosen - lost)).mean()


# %% right: numpy, which has no gradient
import numpy as np


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    won = policy_chosen.numpy() - reference_chosen.numpy()
    return np.logaddexp(0, beta * (policy_rejected.numpy() - reference_rejected.numpy() - won)).mean()


# %% wrong: the reference of the chosen answer is forgotten | expects: for one of the two answers
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    margin = policy_chosen - (policy_rejected - reference_rejected)
    return -torch.nn.functional.logsigmoid(beta * margin).mean()


# %% wrong: one reference with the wrong sign | expects: wrong sign
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    chosen, rejected = policy_chosen - reference_chosen, policy_rejected + reference_rejected
    return -torch.nn.functional.logsigmoid(beta * (chosen - rejected)).mean()


# %% wrong: both moves are added | expects: two are added
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    chosen, rejected = policy_chosen - reference_chosen, policy_rejected - reference_rejected
    return -torch.nn.functional.logsigmoid(beta * (chosen + rejected)).mean()


# %% wrong: the rejected alone | expects: only the rejected
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    rejected = policy_rejected - reference_rejected
    return -torch.nn.functional.logsigmoid(-beta * rejected).mean()


# %% wrong: policy and reference swapped | expects: reference swapped
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    chosen, rejected = reference_chosen - policy_chosen, reference_rejected - policy_rejected
    return -torch.nn.functional.logsigmoid(beta * (chosen - rejected)).mean()


# %% wrong: the same reference taken off both | expects: or cancels
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    chosen, rejected = policy_chosen - reference_chosen, policy_rejected - reference_chosen
    return -torch.nn.functional.logsigmoid(beta * (chosen - rejected)).mean()


# %% wrong: a small number in the logarithm | expects: hides how far
import torch


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    margin = beta * ((policy_chosen - reference_chosen) - (policy_rejected - reference_rejected))
    return -torch.log(torch.sigmoid(margin) + 1e-8).mean()


# %% wrong: the margin bounded | of: a small number in the logarithm | expects: hides how far
# -     return -torch.log(torch.sigmoid(margin) + 1e-8).mean()
# +     return -torch.nn.functional.logsigmoid(margin.clamp(-50, 50)).mean()


# %% wrong: beta 0 taken for none given | of: a small number in the logarithm | expects: with beta 0
# -     margin = beta * ((policy_chosen - reference_chosen) - (policy_rejected - reference_rejected))
# -     return -torch.log(torch.sigmoid(margin) + 1e-8).mean()
# +     margin = (beta or 0.1) * ((policy_chosen - reference_chosen) - (policy_rejected - reference_rejected))
# +     return -torch.nn.functional.logsigmoid(margin).mean()


# %% wrong: a fixed beta | of: a small number in the logarithm | expects: the argument beta
# -     margin = beta * ((policy_chosen - reference_chosen) - (policy_rejected - reference_rejected))
# -     return -torch.log(torch.sigmoid(margin) + 1e-8).mean()
# +     margin = 0.1 * ((policy_chosen - reference_chosen) - (policy_rejected - reference_rejected))
# +     return -torch.nn.functional.logsigmoid(margin).mean()
