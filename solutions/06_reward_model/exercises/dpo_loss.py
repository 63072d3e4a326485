"""Exercise `dpo_loss`: preferences without a reward model."""

# %% solution
import torch
from torch import Tensor


def dpo_loss(
    policy_chosen: Tensor,
    policy_rejected: Tensor,
    reference_chosen: Tensor,
    reference_rejected: Tensor,
    beta: float,
) -> Tensor:
    """Return the mean DPO loss over pairs in nats (Rafailov et al., 2023).

    Args:
        policy_chosen, policy_rejected: log-probabilities of whole answers under the policy, (B,).
        reference_chosen, reference_rejected: the same under the reference, (B,).
        beta: scale of the implicit reward, beta * log(policy / reference).
    """
    ### BEGIN SOLUTION
    chosen = policy_chosen - reference_chosen
    rejected = policy_rejected - reference_rejected
    return -torch.nn.functional.logsigmoid(beta * (chosen - rejected)).mean()
    ### END SOLUTION


# %% hints
HINTS = (
    "An answer's implicit reward is beta times how much likelier it has become than under the"
    " reference. Into which loss do rewards of pairs go?",
    "`chosen = policy_chosen - reference_chosen`, `rejected` likewise, then the mean of"
    " `-logsigmoid(beta * (chosen - rejected))`.",
)
EXPLANATION = """
The policy that is best for a reward under a penalty on its distance has beta log(policy / reference) as that reward, up
to a constant of the prompt. So the Bradley-Terry loss of these implicit rewards can be minimised directly: the constant
drops out of the difference. Before the first step policy and reference are equal and the loss is log 2. What counts is
how both answers moved relative to the reference, not how likely they are.
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
    other_shape,
)

FORMULA = (
    "The mean of -log sigmoid(beta * ((policy_chosen - reference_chosen) - (policy_rejected -"
    " reference_rejected)))."
)


def loss(x):
    return torch.nn.functional.softplus(-x)


def right_value(pc, pr, rc, rr, beta):
    pc, pr, rc, rr = (one.double() for one in (pc, pr, rc, rr))
    return float(loss(beta * ((pc - rc) - (pr - rr))).mean())


def gradients(pc, pr, rc, rr, beta, due):
    """Return the gradients by the policy's log-probabilities; what is due for an answer that computes outside torch."""
    leaves = [one.clone().requires_grad_() for one in (pc, pr)]
    try:
        loss = dpo_loss(leaves[0], leaves[1], rc, rr, beta)
    except RuntimeError as error:  # the contract names no gradient, and numpy refuses such tensors
        if "requires grad" in str(error):
            return due
        raise
    if not getattr(loss, "requires_grad", False):
        return due
    loss.backward()
    return [torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in leaves]


def wrong_values(pc, pr, rc, rr, beta):
    """Return what the usual mistakes make of pairs."""
    pc, pr, rc, rr = (one.double() for one in (pc, pr, rc, rr))
    x = (pc - rc) - (pr - rr)
    mean = lambda values: float(values.mean())
    return {
        "The loss is one number, the mean over pairs.": other_shape(),
        "The sign of beta, or the order of the pair, is wrong: the chosen answer is to gain. Policy and"
        " reference swapped do the same: policy - reference.": mean(loss(-beta * x)),
        "The sign is missing: a loss is -log of the probability, never below 0.": -mean(
            loss(beta * x)
        ),
        "The reference is left out, or cancels: what counts is how far each answer moved from its own"
        " reference.": mean(loss(beta * (pc - pr))),
        "The reference has the wrong sign, or the two are crossed: each answer is compared with itself"
        " under the reference.": AnyOf(
            mean(loss(beta * ((pc + rc) - (pr + rr)))),
            mean(loss(beta * ((pc - pr) + (rc - rr)))),
            mean(loss(beta * ((pc + rc) - (pr - rr)))),
            mean(loss(beta * ((pc - rc) - (pr + rr)))),
        ),
        "The reference is left out for one of the two answers. Take it off for both.": AnyOf(
            mean(loss(beta * (pc - (pr - rr)))), mean(loss(beta * ((pc - rc) - pr)))
        ),
        "The two are added: take how far the rejected answer moved off how far the chosen one did.": (
            mean(loss(beta * ((pc - rc) + (pr - rr))))
        ),
        "This is the reference's own preference.": mean(loss(beta * (rc - rr))),
        "beta is missing: it scales the difference.": mean(loss(x)),
        "beta multiplies the difference inside the sigmoid, not the loss.": beta * mean(loss(x)),
        "beta multiplies the difference; it does not divide it.": mean(loss(x / beta)),
        "beta multiplies all four log-probabilities, not the policy's only.": AnyOf(
            mean(loss((beta * pc - rc) - (beta * pr - rr))),
            mean(loss(beta * (pc - pr) - (rc - rr))),
        ),
        "The scale is the argument beta, not a number of your own.": AnyOf(
            *(mean(loss(one * x)) for one in (0.1, 0.2, 0.3, 0.5) if abs(one - beta) > 1e-9)
        ),
        "This is the sum. The loss is the mean over pairs.": float(loss(beta * x).sum()),
        "The logarithm is missing: the loss is -log sigmoid(...).": AnyOf(
            mean(torch.sigmoid(beta * x)),
            -mean(torch.sigmoid(beta * x)),
            mean(torch.sigmoid(-beta * x)),
        ),
        "The sigmoid is missing: this is the mean margin.": AnyOf(
            -beta * mean(x), beta * mean(x), -mean(x)
        ),
        "The mean comes last: over the losses, not over the margins.": float(loss(beta * x.mean())),
        "A squared error is another loss (IPO). Here it is -log sigmoid.": AnyOf(
            mean((x - 1 / (2 * beta)) ** 2), mean((beta * x - 1) ** 2)
        ),
        "A hinge is another loss. Here it is -log sigmoid.": mean((1 - beta * x).clamp(min=0)),
        "Only the chosen answer counts in yours. The rejected one has to lose.": AnyOf(
            mean(loss(beta * (pc - rc))), -mean(pc)
        ),
        "Only the rejected answer counts in yours. The chosen one has to win.": AnyOf(
            mean(loss(beta * (pr - rr))), mean(loss(-beta * (pr - rr)))
        ),
        "This is in bits. Use the natural logarithm.": mean(loss(beta * x)) / math.log(2),
        "Probabilities of whole answers are 0 on a computer. Stay with the logarithms.": AnyOf(
            not_finite, mean(loss(beta * ((pc.exp() - rc.exp()) - (pr.exp() - rr.exp()))))
        ),
    }


# %% examples
def examples(check):
    chosen, rejected = torch.tensor([-20.0]), torch.tensor([-24.0])
    start = lambda: dpo_loss(chosen, rejected, chosen, rejected, 0.5)
    check(start, 0.6931, "before the first step", rtol=1e-3)
    moved = lambda: dpo_loss(chosen + 1, rejected - 3, chosen, rejected, 0.5)
    check(moved, 0.1269, "chosen up by 1, rejected down by 3", rtol=1e-3)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    chosen, rejected = torch.tensor([-20.0]), torch.tensor([-24.0])

    def known(pc, pr):
        right = right_value(pc, pr, chosen, rejected, 0.5)
        return {
            hint: wrong
            for hint, wrong in wrong_values(pc, pr, chosen, rejected, 0.5).items()
            if not (isinstance(wrong, float) and abs(wrong - right) < 1e-2)
            and not hint.startswith(("This is the sum", "The mean comes"))
        }

    return {
        "before the first step": Diagnosis(
            lambda: known(chosen, rejected), "Before the first step the loss is log 2."
        ),
        "chosen up by 1, rejected down by 3": Diagnosis(
            lambda: known(chosen + 1, rejected - 3), FORMULA
        ),
    }


# %% graded: 2 points | pairs of whole answers.
def test_pairs_of_whole_answers() -> None:
    for case in range(5):
        rng = case_rng("dpo_loss", case)
        B = 90 if case == 4 else rng.randint(4, 9)
        beta = rng.choice([0.1, 0.2, 0.3])
        rc = -case_tensor("dpo_loss", f"rc {case}", B).abs() * 5 - 12
        rr = -case_tensor("dpo_loss", f"rr {case}", B).abs() * 5 - 9
        pc = rc + case_tensor("dpo_loss", f"pc {case}", B, scale=3.0) + 1
        pr = rr + case_tensor("dpo_loss", f"pr {case}", B, scale=3.0) - 1
        with inputs_unchanged(pc, pr, rc, rr):
            check(
                lambda: dpo_loss(pc, pr, rc, rr, beta),
                right_value(pc, pr, rc, rr, beta),
                f"{B} pairs, beta {beta}",
                mistakes=lambda: wrong_values(pc, pr, rc, rr, beta),
                otherwise=FORMULA,
                rtol=1e-4,
            )
        slope = beta * torch.sigmoid(beta * ((pr - rr) - (pc - rc))) / B
        check(
            lambda: gradients(pc, pr, rc, rr, beta, [-slope, slope]),
            [-slope, slope],
            f"the gradients by policy_chosen and policy_rejected, {B} pairs, beta {beta}",
            otherwise="The loss is right, but not what is learned from it: is a part of it detached?",
            rtol=1e-3,
            atol=1e-6,
        )


# %% graded: 1 point | long answers, and one step from the start.
def test_long_answers_and_the_start() -> None:
    rng = case_rng("dpo_loss", "long")
    B, beta = rng.randint(3, 6), rng.choice([0.3, 0.5])
    rc = -case_tensor("dpo_loss", "long rc", B).abs() * 20 - 220
    rr = -case_tensor("dpo_loss", "long rr", B).abs() * 20 - 260
    move = case_tensor("dpo_loss", "move", B).abs() + 0.5
    for pc, pr, what in (
        (rc.clone(), rr.clone(), "before the first step"),
        (rc + move, rr.clone(), "only the chosen answers have moved"),
        (rc.clone(), rr - move, "only the rejected answers have moved"),
    ):
        right = right_value(pc, pr, rc, rr, beta)
        check(
            lambda: dpo_loss(pc, pr, rc, rr, beta),
            right,
            f"answers of about {float(rc.mean()):.0f} nats, {what}, beta {beta}",
            mistakes=lambda: {
                hint: wrong
                for hint, wrong in wrong_values(pc, pr, rc, rr, beta).items()
                if not (isinstance(wrong, float) and abs(wrong - right) < 1e-3)
                # Without a move these look like others.
                and not hint.startswith(
                    ("A hinge", "This is in bits", "This is the reference", "The sigmoid is", "The two are")
                )
            },
            otherwise=FORMULA,
            rtol=1e-3,
        )
    start, hidden = torch.full((3,), -900.0), "A small number in the logarithm, or a clamp, hides how far a pair has moved."
    for weight, hint in ((beta, hidden), (0.0, "With beta 0 all rewards are 0: the loss is log 2.")):
        far = torch.tensor([rng.uniform(65, 80), rng.uniform(-80, -65), -60.0]) / beta
        check(
            lambda: dpo_loss(start + far, start, start, start, weight),
            right_value(start + far, start, start, start, weight),
            f"chosen answers moved by {[round(float(one)) for one in far]} nats, beta {weight}",
            otherwise=hint,
            if_raises=hint,
            rtol=1e-3,
        )
