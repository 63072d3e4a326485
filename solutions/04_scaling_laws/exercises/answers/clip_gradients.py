"""Answers to `clip_gradients`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: as torch does it
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).norm()
    factor = (max_norm / (norm + 1e-6)).clamp(max=1.0)
    return [g * factor for g in gradients], norm


# %% right: on copies, with torch's own
import torch


def clip_gradients(gradients, max_norm):
    held = [torch.nn.Parameter(torch.zeros_like(g)) for g in gradients]
    for one, g in zip(held, gradients):
        one.grad = g.clone()
    norm = torch.nn.utils.clip_grad_norm_(held, max_norm)
    return [one.grad for one in held], norm


# %% right: a float as the norm, a tuple of tensors
import torch


def clip_gradients(gradients, max_norm):
    norm = sum(float((g.double() ** 2).sum()) for g in gradients) ** 0.5
    if norm <= max_norm:
        return tuple(g.clone() for g in gradients), norm
    return tuple(g * (max_norm / norm) for g in gradients), norm


# %% right: one long vector
import torch


def clip_gradients(gradients, max_norm):
    flat = torch.cat([g.reshape(-1) for g in gradients])
    norm = torch.linalg.norm(flat)
    if norm > max_norm:
        flat = flat / norm * max_norm
    parts = flat.split([g.numel() for g in gradients])
    return [part.reshape(g.shape) for part, g in zip(parts, gradients)], norm


# %% wrong: each tensor on its own | expects: joint / together
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).norm()
    return [
        g * (max_norm / g.norm()).clamp(max=1.0) if g.norm() > 0 else g for g in gradients
    ], norm


# %% wrong: every entry is cut | expects: entries / direction
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).norm()
    return [g.clamp(-max_norm, max_norm) for g in gradients], norm


# %% wrong: small gradients are blown up | expects: small / at most
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).norm()
    return [g * max_norm / norm.clamp(min=1e-12) for g in gradients], norm


# %% wrong: the norm after | expects: before
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).norm()
    factor = (max_norm / norm.clamp(min=1e-12)).clamp(max=1.0)
    return [g * factor for g in gradients], norm * factor


# %% wrong: in place | expects: in place
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).norm()
    if norm > max_norm:
        for g in gradients:
            g.mul_(max_norm / norm)
    return gradients, norm


# %% wrong: the sum of the norms | expects: sum
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).sum()
    factor = (max_norm / norm.clamp(min=1e-12)).clamp(max=1.0)
    return [g * factor for g in gradients], norm


# %% wrong: the largest norm | expects: largest
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).max()
    factor = (max_norm / norm.clamp(min=1e-12)).clamp(max=1.0)
    return [g * factor for g in gradients], norm


# %% wrong: the squared norm | expects: root
import torch


def clip_gradients(gradients, max_norm):
    norm = sum((g**2).sum() for g in gradients)
    factor = (max_norm / norm.clamp(min=1e-12)).clamp(max=1.0)
    return [g * factor for g in gradients], norm


# %% wrong: sums of absolute values | expects: Euclidean
import torch


def clip_gradients(gradients, max_norm):
    norm = sum(g.abs().sum() for g in gradients)
    factor = (max_norm / norm.clamp(min=1e-12)).clamp(max=1.0)
    return [g * factor for g in gradients], norm


# %% wrong: the mean square | expects: mean
import torch


def clip_gradients(gradients, max_norm):
    count = sum(g.numel() for g in gradients)
    norm = (sum((g**2).sum() for g in gradients) / count).sqrt()
    factor = (max_norm / norm.clamp(min=1e-12)).clamp(max=1.0)
    return [g * factor for g in gradients], norm


# %% wrong: never clipped | expects: at most
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).norm()
    return [g.clone() for g in gradients], norm


# %% wrong: always to a norm of one | expects: max_norm
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).norm()
    return [g / norm.clamp(min=1.0) for g in gradients], norm


# %% wrong: zero by zero | expects: 0
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).norm()
    factor = max_norm / norm if not norm < max_norm or norm == 0 else torch.ones(())
    return [g * factor for g in gradients], norm


# %% wrong: only the first is scaled | expects: all
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).norm()
    factor = (max_norm / norm.clamp(min=1e-12)).clamp(max=1.0)
    return [gradients[0] * factor, *gradients[1:]], norm


# %% wrong: norm first | expects: order
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([g.norm() for g in gradients]).norm()
    factor = (max_norm / norm.clamp(min=1e-12)).clamp(max=1.0)
    return norm, [g * factor for g in gradients]


# %% wrong: a large constant beside the norm | expects: one factor
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
    factor = torch.clamp(max_norm / (norm + 1), max=1.0)
    return [gradient * factor for gradient in gradients], norm


# %% wrong: puts the scaled tensors into the list it was given | expects: in place
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([one.norm() for one in gradients]).norm()
    if norm > max_norm:
        for place, one in enumerate(gradients):
            gradients[place] = one * (max_norm / norm)
    return gradients, norm


# %% wrong: the norm kept by the first gradient | expects: earlier call
import torch

_norms = {}


def clip_gradients(gradients, max_norm):
    norm = torch.stack([one.norm() for one in gradients]).norm()
    factor = _norms.setdefault(str(gradients[0]), min(1.0, max_norm / max(float(norm), 1e-12)))
    return [one * factor for one in gradients], norm


# %% wrong: the norm of the first 64 tensors | expects: One factor
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.stack([one.norm() for one in gradients[:64]]).norm()
    factor = min(1.0, max_norm / max(float(norm), 1e-12))
    return [one * factor for one in gradients], norm


# %% right: torch's own on copies
import torch


def clip_gradients(gradients, max_norm):
    copies = [torch.zeros_like(one, requires_grad=True) for one in gradients]
    for copy, one in zip(copies, gradients):
        copy.grad = one.clone()
    norm = torch.nn.utils.clip_grad_norm_(copies, max_norm)
    return [copy.grad for copy in copies], norm


# %% right: a tuple of copies, scaled in place
import torch


def clip_gradients(gradients, max_norm):
    own = tuple(one.clone() for one in gradients)
    norm = torch.stack([one.norm() for one in own]).norm()
    if norm > max_norm:
        for one in own:
            one.mul_(max_norm / norm)
    return own, norm


# %% right: the hypotenuse of one norm after the other
from functools import reduce

import torch


def clip_gradients(gradients, max_norm):
    norms = [torch.linalg.vector_norm(gradient) for gradient in gradients]
    joint = reduce(torch.hypot, norms)
    factor = torch.where(joint > max_norm, max_norm / joint, torch.ones_like(joint))
    return [gradient.mul(factor) for gradient in gradients], joint


# %% wrong: the squared norm is compared with the bound | expects: blown up / nothing is clipped
def clip_gradients(gradients, max_norm):
    squared = sum((gradient**2).sum() for gradient in gradients)
    factor = max_norm / squared**0.5 if squared > max_norm else 1.0
    return [gradient * factor for gradient in gradients], squared**0.5


# %% wrong: the norm in half precision | expects: one factor for all
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.cat([gradient.flatten().half() for gradient in gradients]).norm().float()
    factor = max_norm / norm if norm > max_norm else 1.0
    return [gradient * factor for gradient in gradients], norm


# %% wrong: one long vector | expects: its own shape
import torch


def clip_gradients(gradients, max_norm):
    together = torch.cat([gradient.flatten() for gradient in gradients])
    norm = together.norm()
    return together * (max_norm / norm if norm > max_norm else 1.0), norm


# %% wrong: the factor upside down | expects: upside down
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
    if norm <= max_norm:
        return [gradient.clone() for gradient in gradients], norm
    return [gradient * (norm / max_norm) for gradient in gradients], norm


# %% wrong: max_norm alone | expects: divide by the joint norm
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
    if norm <= max_norm:
        return [gradient.clone() for gradient in gradients], norm
    return [gradient * max_norm for gradient in gradients], norm


# %% wrong: to a norm of one, where it is above the bound | expects: bound is max_norm, not 1
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
    if norm <= max_norm:
        return [gradient.clone() for gradient in gradients], norm
    return [gradient * (1 / norm) for gradient in gradients], norm


# %% wrong: the mean square of each tensor | expects: not of their mean
import torch


def clip_gradients(gradients, max_norm):
    norm = torch.sqrt(sum((gradient**2).mean() for gradient in gradients))
    if norm <= max_norm:
        return [gradient.clone() for gradient in gradients], norm
    return [gradient * (max_norm / norm) for gradient in gradients], norm


# %% wrong: a single number is no gradient | of: as torch does it | expects: it counts
# -     norm = torch.stack([g.norm() for g in gradients]).norm()
# +     norm = torch.stack([g.norm() for g in gradients if g.dim()]).norm()


# %% wrong: a single number is not scaled | of: as torch does it | expects: is scaled
# -     return [g * factor for g in gradients], norm
# +     return [g * factor if g.dim() else g for g in gradients], norm


# %% wrong: squeezed | of: as torch does it | expects: keeps its shape
# -     return [g * factor for g in gradients], norm
# +     return [g.squeeze() * factor for g in gradients], norm


# %% wrong: a norm of one at least | of: as torch does it | expects: below 1
# -     factor = (max_norm / (norm + 1e-6)).clamp(max=1.0)
# +     factor = (max_norm / norm.clamp(min=1.0)).clamp(max=1.0)


# %% wrong: a hundredth beside the norm | of: as torch does it | expects: one factor
# -     factor = (max_norm / (norm + 1e-6)).clamp(max=1.0)
# +     factor = (max_norm / (norm + 1e-2)).clamp(max=1.0)
