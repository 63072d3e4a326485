"""Exercise `bradley_terry_loss`: what a reward model minimises on comparisons."""

# %% solution
import torch
from torch import Tensor


def bradley_terry_loss(chosen: Tensor, rejected: Tensor) -> Tensor:
    """Return the mean of -log sigmoid(chosen - rejected) over pairs, in nats.

    Args:
        chosen: rewards (B,) of the answers that were preferred.
        rejected: rewards (B,) of the others.
    """
    ### BEGIN SOLUTION
    return -torch.nn.functional.logsigmoid(chosen - rejected).mean()
    ### END SOLUTION


# %% hints
HINTS = (
    "The sigmoid of a difference of -10,000 is 0 on a computer, and its logarithm is -inf. Which"
    " function takes both steps at once?",
    "`torch.nn.functional.logsigmoid(chosen - rejected)`, then the mean, with a minus. Or"
    " `softplus(rejected - chosen)`, which is the same.",
)
EXPLANATION = """
Bradley and Terry's model says that an answer wins with the probability sigmoid(difference of rewards), and the loss is
the negative log-likelihood of what the labelers chose. `logsigmoid` works in log space: for a difference of -10,000
it gives -10,000, where the logarithm of a sigmoid that has become 0 gives -inf, and no gradient. Only the difference
counts, so rewards have no zero of their own. The mean, not the sum, keeps the step independent of the batch size.
"""

# %% helpers
import math

import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    inputs_unchanged,
    not_finite,
)

FORMULA = "The loss is the mean over pairs of -log sigmoid(chosen - rejected)."


def right_value(chosen, rejected):
    return float(torch.nn.functional.softplus(rejected.double() - chosen.double()).mean())


def wrong_values(chosen, rejected):
    """Return what the usual mistakes make of rewards of moderate size."""
    c, r = chosen.double(), rejected.double()
    d, one = c - r, lambda x: torch.nn.functional.softplus(-x)
    p = torch.sigmoid(d)
    return {
        "The difference is the wrong way round: chosen - rejected.": float(one(-d).mean()),
        "The sign is missing: a loss is -log of the probability, never below 0.": (
            -float(one(d).mean())
        ),
        "This is the sum. The loss is the mean over pairs.": float(one(d).sum()),
        "These are the losses of single pairs. Take their mean.": lambda got: (
            hasattr(got, "shape") and tuple(got.shape) == tuple(d.shape)
        ),
        "The logarithm is missing: the loss is -log sigmoid(difference).": AnyOf(
            float(p.mean()), -float(p.mean()), 1 - float(p.mean())
        ),
        "This is in bits. Use the natural logarithm.": float(one(d).mean()) / math.log(2),
        "The logarithm comes first, the mean after it: average the losses, not the probabilities.": (
            -math.log(float(p.mean()))
        ),
        "The mean comes last: the loss of the mean difference is not the mean loss.": (
            float(one(d.mean()))
        ),
        "The sigmoid is missing: this is the mean difference.": AnyOf(
            float(d.mean()), -float(d.mean())
        ),
        "Compare the two: the loss depends on the difference alone, not on each reward.": AnyOf(
            float((one(c) + one(-r)).mean()),
            float((one(c) + one(-r)).mean()) / 2,
            *(float(one(reward).mean()) for reward in (c, r, -r)),
        ),
        "A hinge stops pushing at a margin of 1. Use -log sigmoid.": float(
            (1 - d).clamp(min=0).mean()
        ),
        "A squared error wants a fixed difference. Use -log sigmoid.": AnyOf(
            float((d - 1).pow(2).mean()), float(d.pow(2).mean()), float((1 - p).pow(2).mean())
        ),
        "The difference goes into the sigmoid, chosen - rejected: not the ratio of rewards, nor their sum.": (
            AnyOf(float(one(c / r).mean()), float(one(c + r).mean()))
        ),
    }


def gradients(chosen, rejected, due):
    """Return the gradients by the rewards; those that are due for an answer that computes outside torch."""
    leaves = [rewards.clone().requires_grad_() for rewards in (chosen, rejected)]
    try:
        loss = bradley_terry_loss(*leaves)
    except RuntimeError as error:  # the contract names no gradient, and numpy refuses such tensors
        if "requires grad" in str(error):
            return due
        raise
    if not getattr(loss, "requires_grad", False):
        return due
    loss.backward()
    return [torch.zeros(len(chosen)) if leaf.grad is None else leaf.grad for leaf in leaves]


# %% examples
def examples(check):
    chosen, rejected = torch.tensor([1.0, 2.0]), torch.tensor([0.0, 2.0])
    check(lambda: bradley_terry_loss(chosen, rejected), 0.5032, "differences 1, 0", rtol=1e-3)
    far = torch.tensor([-1e4])
    check(lambda: bradley_terry_loss(far, torch.zeros(1)), 1e4, "a difference of -10,000")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    moderate = wrong_values(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 2.0]))
    return {
        "differences 1, 0": Diagnosis(moderate, FORMULA),
        "a difference of -10,000": Diagnosis(
            {
                "The sigmoid became 0, and its logarithm infinite. Use logsigmoid.": not_finite,
                "The difference is the wrong way round: chosen - rejected.": 0.0,
                "A small number inside the logarithm, or a clamp, hides how bad the pair is.": (
                    lambda got: 1 < got < 1e3
                ),
            },
            FORMULA,
        ),
    }


# %% graded: 2 points | rewards of ordinary size.
def test_rewards_of_ordinary_size() -> None:
    for case in range(5):
        size = case_rng("bradley_terry_loss", case).randint(5, 12) if case else 90
        chosen = case_tensor("bradley_terry_loss", f"c{case}", size, scale=2.0) + 0.7
        rejected = case_tensor("bradley_terry_loss", f"r{case}", size, scale=2.0)
        with inputs_unchanged(chosen, rejected):
            check(
                lambda: bradley_terry_loss(chosen, rejected),
                right_value(chosen, rejected),
                f"{size} pairs, rewards around {float(chosen.mean()):.1f}",
                mistakes=lambda: wrong_values(chosen, rejected),
                otherwise=FORMULA,
                rtol=1e-4,
            )


# %% graded: 1 point | differences of ten thousand, and rewards far from 0.
def test_large_differences() -> None:
    rng = case_rng("bradley_terry_loss", "large")
    size = rng.randint(3, 6)
    far = [rng.choice([-1.0, 1.0]) * rng.uniform(5e3, 1e4) for _ in range(size)] + [-1e4, 1e4]
    base, zeros = rng.uniform(3e2, 9e2), torch.zeros(len(far))
    near = case_tensor("bradley_terry_loss", "near", len(far)).round(decimals=2)
    for chosen, rejected, what in (
        (torch.tensor(far), zeros, "differences of up to 10,000"),
        (zeros, torch.tensor(far), "differences of up to 10,000, the other way"),
        (near + base, zeros + base, f"rewards near {base:.0f}"),
        (near - base, zeros - base, f"rewards near -{base:.0f}"),
    ):
        right = right_value(chosen, rejected)
        check(
            lambda: bradley_terry_loss(chosen, rejected),
            right,
            what,
            mistakes={
                "A sigmoid became 0 or an exponential infinite: use logsigmoid of the difference.": (
                    not_finite
                ),
                "The difference is the wrong way round.": right_value(rejected, chosen),
                "A small number inside the logarithm, or a clamp, hides how bad a pair is: use"
                " logsigmoid.": lambda got: 1 < got < right / 2,
            },
            otherwise=FORMULA,
            rtol=1e-3,
        )
        slope = torch.sigmoid(rejected.double() - chosen.double()).float() / len(chosen)
        check(
            lambda: gradients(chosen, rejected, [-slope, slope]),
            [-slope, slope],
            f"the gradients by chosen and rejected, {what}",
            mistakes={
                "The loss is finite, but its gradient is not: in `where`, the branch that is left out must not"
                " overflow either. Use logsigmoid.": lambda got: any(not_finite(one) for one in got)
            },
            otherwise="The loss is right, but not what is learned from it: is a part of it detached?",
            rtol=1e-3,
            atol=1e-6,
        )
