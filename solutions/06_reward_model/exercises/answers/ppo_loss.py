"""Answers to `ppo_loss`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: the larger of two losses
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = torch.exp(logprobs - old_logprobs)
    return torch.max(-advantages * ratio, -advantages * torch.clamp(ratio, 1 - clip, 1 + clip)).mean()


# %% right: by the sign of the advantage
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    bounded = torch.where(advantages >= 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip))
    return -(bounded * advantages).mean()


# %% right: probabilities
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = logprobs.double().exp() / old_logprobs.double().exp()
    both = torch.stack([ratio * advantages, ratio.clip(1 - clip, 1 + clip) * advantages])
    return -both.min(dim=0).values.mean()


# %% wrong: upside down | expects: upside down
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (old_logprobs - logprobs).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


# %% wrong: the maximum | expects: not the larger
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    return -torch.maximum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


# %% wrong: no minus | expects: sign
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    return torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


# %% wrong: no clipping | expects: nothing is clipped
def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    return -((logprobs - old_logprobs).exp() * advantages).mean()


# %% wrong: clipped alone | expects: stands alone
def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    return -((logprobs - old_logprobs).exp().clamp(1 - clip, 1 + clip) * advantages).mean()


# %% wrong: the sum | expects: sum
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).sum()


# %% wrong: the sum over tokens | expects: mean over answers
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    least = torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
    return -least.sum(1).mean()


# %% wrong: token by token | expects: one number
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


# %% wrong: no exponential | expects: exponential
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = logprobs - old_logprobs
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


# %% wrong: a quotient of logarithms | expects: quotient
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = logprobs / old_logprobs
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


# %% wrong: no old policy | expects: old policy is left out
def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    return -(logprobs * advantages).mean()


# %% wrong: the upper bound only | expects: also at 1 - clip
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(max=1 + clip) * advantages).mean()


# %% wrong: the lower bound only | expects: also at 1 + clip
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(min=1 - clip) * advantages).mean()


# %% wrong: around 0 | expects: around 1
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(-clip, clip) * advantages).mean()


# %% wrong: the log-ratio clipped | expects: around 1
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    move = logprobs - old_logprobs
    return -torch.minimum(
        move.exp() * advantages, move.clamp(-clip, clip).exp() * advantages
    ).mean()


# %% wrong: the minimum of ratios | expects: not of the ratios
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    return -(torch.minimum(ratio, ratio.clamp(1 - clip, 1 + clip)) * advantages).mean()


# %% wrong: clipped advantages | expects: not the advantage
def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    return -((logprobs - old_logprobs).exp() * advantages.clamp(-clip, clip)).mean()


# %% wrong: another bound | expects: argument clip
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages).mean()


# %% wrong: another default | expects: by default 0.2
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.1):
    ratio = (logprobs - old_logprobs).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


# %% wrong: the product clipped | expects: product is clipped
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    gain = (logprobs - old_logprobs).exp() * advantages
    return -torch.minimum(gain, gain.clamp(1 - clip, 1 + clip)).mean()


# %% wrong: normalised | expects: normalised
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    A = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    ratio = (logprobs - old_logprobs).exp()
    return -torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A).mean()


# %% wrong: rounded down to zero for one token | expects: single token
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    loss = -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
    return loss.mean() if loss.numel() > 1 else loss.std()


# %% wrong: only unclipped tokens | expects: -min
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    inside = ((ratio - 1).abs() <= clip).to(ratio.dtype)
    return -(inside * ratio * advantages).mean()


# %% wrong: good tokens bounded on both sides | expects: pulled back / -min
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    good = ratio.clamp(1 - clip, 1 + clip)
    return -(torch.where(advantages >= 0, good, ratio.clamp(min=1 - clip)) * advantages).mean()


# %% wrong: nothing happens between the bounds | expects: between the bounds / -min
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    ratio = torch.where((ratio - 1).abs() < clip, torch.ones_like(ratio), ratio)
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


# %% wrong: tokens without advantage are left out of the mean | expects: A = 0
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    each = -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
    return each[advantages != 0].mean()


# %% right: the plain product less what the clip cuts off
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = torch.exp(logprobs - old_logprobs)
    beyond = torch.where(advantages > 0, ratio - (1 + clip), ratio - (1 - clip))
    cut = (beyond * advantages).relu()
    return (cut - ratio * advantages).mean()


# %% wrong: a clip of 0 is taken for none given | expects: clip of 0
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    clip = clip or 0.2
    ratio = (logprobs - old_logprobs).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


# %% wrong: the plain product is detached | expects: is a part of it detached
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    plain = ratio.detach() * advantages
    return -torch.minimum(plain, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


# %% right: numpy, which has no gradient
import numpy as np


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio, gain = np.exp(logprobs.numpy() - old_logprobs.numpy()), advantages.numpy()
    return -np.minimum(ratio * gain, ratio.clip(1 - clip, 1 + clip) * gain).mean()


# %% wrong: a bound of 0.3 by default | expects: by default 0.2
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.3):
    ratio = (logprobs - old_logprobs).exp()
    clipped = ratio.clamp(1 - clip, 1 + clip)
    return -torch.minimum(ratio * advantages, clipped * advantages).mean()


# %% wrong: the bounds swapped | expects: 1 - clip and 1 + clip
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    clipped = ratio.clamp(1 + clip, 1 - clip)
    return -torch.minimum(ratio * advantages, clipped * advantages).mean()


# %% wrong: the old log-probabilities added | expects: not added: exp
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs + old_logprobs).exp()
    clipped = ratio.clamp(1 - clip, 1 + clip)
    return -torch.minimum(ratio * advantages, clipped * advantages).mean()


# %% wrong: the clipped ratio without the advantage | expects: both products
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = (logprobs - old_logprobs).exp()
    clipped = ratio.clamp(1 - clip, 1 + clip)
    return -torch.minimum(ratio * advantages, clipped).mean()


# %% wrong: a small number in the quotient | expects: add nothing to a probability
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = torch.exp(logprobs) / (torch.exp(old_logprobs) + 1e-8)
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


# %% wrong: the log-ratio bounded | of: a small number in the quotient | expects: far likelier
# -     ratio = torch.exp(logprobs) / (torch.exp(old_logprobs) + 1e-8)
# +     ratio = torch.exp((logprobs - old_logprobs).clamp(-5, 5))


# %% wrong: clip at most one half | of: a small number in the quotient | expects: a clip of 0.9
# -     ratio = torch.exp(logprobs) / (torch.exp(old_logprobs) + 1e-8)
# +     ratio, clip = torch.exp(logprobs - old_logprobs), min(clip, 0.5)


# %% wrong: the smaller of two means | expects: at each token
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = torch.exp(logprobs - old_logprobs)
    plain, clipped = ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages
    return -torch.minimum(plain.mean(), clipped.mean())


# %% right: a quotient of probabilities
import torch


def ppo_loss(logprobs, old_logprobs, advantages, clip=0.2):
    ratio = torch.exp(logprobs) / torch.exp(old_logprobs)
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
