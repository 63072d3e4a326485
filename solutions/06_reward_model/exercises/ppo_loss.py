"""Exercise `ppo_loss`: the clipped objective, which gains nothing by moving far in one go."""

# %% solution
import torch
from torch import Tensor


def ppo_loss(
    logprobs: Tensor, old_logprobs: Tensor, advantages: Tensor, clip: float = 0.2
) -> Tensor:
    """Return the mean over tokens of -min(ratio A, clipped ratio A).

    Args:
        logprobs: log-probabilities of the tokens under the policy that learns, (B, T).
        old_logprobs: the same under the policy that drew them, (B, T).
        advantages: A, (B, T).
        clip: the ratio is clipped to between 1 - clip and 1 + clip.
    """
    ### BEGIN SOLUTION
    ratio = (logprobs - old_logprobs).exp()
    clipped = ratio.clamp(1 - clip, 1 + clip)
    return -torch.minimum(ratio * advantages, clipped * advantages).mean()
    ### END SOLUTION


# %% hints
HINTS = (
    "The ratio of two probabilities is the exponential of the difference of their logarithms. It is 1"
    " before the first step.",
    "`ratio = (logprobs - old_logprobs).exp()`, `clipped = ratio.clamp(1 - clip, 1 + clip)`, then the"
    " mean of `-torch.minimum(ratio * advantages, clipped * advantages)`.",
)
EXPLANATION = """
A loss is minimised, so the objective carries a minus. The minimum of the clipped and the plain product is a pessimist:
where a good token has become more than 1 + clip times as likely, or a bad one less than 1 - clip times, nothing more is
gained. Where a token has moved to the wrong side, the plain product is the smaller one, and the loss still pulls it
back. Clipping alone, without the minimum, would give such tokens up.
"""

# %% helpers
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

FORMULA = "The mean of -min(ratio * A, clipped ratio * A), with ratio = exp(logprob - old)."


def objective(ratio, A, clip):
    return torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)


def right_value(own, old, A, clip):
    return -float(objective((own.double() - old.double()).exp(), A.double(), clip).mean())


def gradient(own, old, A, clip, due):
    """Return the gradient by the log-probabilities; what is due for an answer that computes outside torch."""
    leaf = own.clone().requires_grad_()
    try:
        loss = ppo_loss(leaf, old, A, clip)
    except RuntimeError as error:  # the contract names no gradient, and numpy refuses such tensors
        if "requires grad" in str(error):
            return due
        raise
    if not getattr(loss, "requires_grad", False):
        return due
    loss.backward()
    return torch.zeros_like(own) if leaf.grad is None else leaf.grad


def due_gradient(own, old, A, clip):
    leaf = own.double().requires_grad_()
    (-objective((leaf - old.double()).exp(), A.double(), clip).mean()).backward()
    return leaf.grad.float()


def wrong_values(own, old, A, clip):
    """Return what the usual mistakes make of a batch."""
    own, old, A = own.double(), old.double(), A.double()
    ratio = (own - old).exp()
    cut = ratio.clamp(1 - clip, 1 + clip)
    mean = lambda x: -float(x.mean())
    others = [one for one in (0.1, 0.2, 0.3) if abs(clip - one) > 1e-9]
    return {
        "The loss is one number, the mean over all tokens.": other_shape(),
        "The ratio is upside down: the learning policy over the old one.": mean(
            objective(1 / ratio, A, clip)
        ),
        "The smaller of the two counts, not the larger.": mean(torch.maximum(ratio * A, cut * A)),
        "The sign is missing: what is to grow has a minus in a loss.": -mean(objective(ratio, A, clip)),
        "Nothing is clipped, or the smaller of two means is taken: choose at each token, before the mean.": (
            mean(ratio * A)
        ),
        "The clipped product stands alone, or the smaller of two means is taken. Take the smaller of clipped"
        " and plain at each token, before the mean.": mean(cut * A),
        "This is the sum. The mean over tokens is due.": -float(objective(ratio, A, clip).sum()),
        "Sum over tokens, mean over answers: the mean is over all tokens.": -float(
            objective(ratio, A, clip).sum(-1).mean()
        ),
        "The ratio is exp(logprob - old): the exponential is missing.": AnyOf(
            mean(objective(own - old, A, clip)), mean(objective(1 + own - old, A, clip))
        ),
        "These are log-probabilities. Their quotient is not the ratio of probabilities.": mean(
            objective(own / old, A, clip)
        ),
        "The old log-probability is taken off, not added: exp(logprob - old).": mean(
            objective((own + old).exp(), A, clip)
        ),
        "Both products are with A, the plain and the clipped one.": AnyOf(
            mean(torch.minimum(ratio * A, cut)), mean(torch.minimum(ratio, cut * A))
        ),
        "The old policy is left out: the ratio is relative to it.": AnyOf(
            mean(objective(own.exp(), A, clip)), mean(own * A)
        ),
        "The ratio is clipped on both sides: also at 1 - clip.": mean(
            torch.minimum(ratio * A, ratio.clamp(max=1 + clip) * A)
        ),
        "The ratio is clipped on both sides: also at 1 + clip.": mean(
            torch.minimum(ratio * A, ratio.clamp(min=1 - clip) * A)
        ),
        "The bounds are 1 - clip and 1 + clip, around 1.": AnyOf(
            mean(torch.minimum(ratio * A, ratio.clamp(-clip, clip) * A)),
            mean(torch.minimum(ratio * A, ratio.clamp(1 / (1 + clip), 1 + clip) * A)),
            mean(torch.minimum(ratio * A, (own - old).clamp(-clip, clip).exp() * A)),
            mean(torch.minimum(ratio * A, (1 - clip) * A)),  # as clamp gives for swapped bounds
            mean(torch.minimum(ratio * A, (1 + clip) * A)),
        ),
        "The minimum is of the products with A, not of the ratios: A may be below 0.": mean(
            torch.minimum(ratio, cut) * A
        ),
        "The ratio is clipped, not the advantage.": AnyOf(
            mean(ratio * A.clamp(-clip, clip)), mean(ratio * A.clamp(1 - clip, 1 + clip))
        ),
        "The bound is the argument clip, by default 0.2.": AnyOf(
            *(mean(objective(ratio, A, other)) for other in others)
        ),
        "The product is clipped. Clip the ratio, before it meets the advantage.": mean(
            torch.minimum(ratio * A, (ratio * A).clamp(1 - clip, 1 + clip))
        ),
        "The advantages are normalised here. Take them as they are.": mean(
            objective(ratio, (A - A.mean()) / (A.std() + 1e-8), clip)
        ),
    }


# %% examples
def examples(check):
    ratio, A = torch.tensor([[1.5, 0.5], [1.5, 0.5]]), torch.tensor([[1.0, 1.0], [-1.0, -1.0]])
    old = torch.full((2, 2), -3.0)
    own = ratio.log() + old
    check(lambda: ppo_loss(own, old, A), 0.15, "ratios 1.5, 0.5", rtol=1e-4)
    check(lambda: ppo_loss(old, old, A + 1), -1.0, "before the first step", rtol=1e-4)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    ratio, A = torch.tensor([[1.5, 0.5], [1.5, 0.5]]), torch.tensor([[1.0, 1.0], [-1.0, -1.0]])
    old = torch.full((2, 2), -3.0)
    return {
        "ratios 1.5, 0.5": Diagnosis(lambda: wrong_values(ratio.log() + old, old, A, 0.2), FORMULA),
        "before the first step": Diagnosis(
            lambda: {
                hint: wrong
                for hint, wrong in wrong_values(old, old, A + 1, 0.2).items()
                if not (isinstance(wrong, float) and abs(wrong + 1) < 1e-3)
            },
            "Before the first step all ratios are 1: the loss is minus the mean advantage.",
        ),
    }


# %% graded: 2 points | ratios on all sides of the bounds.
def test_ratios_on_all_sides() -> None:
    for case in range(5):
        rng = case_rng("ppo_loss", case)
        B, T = rng.randint(2, 4), rng.randint(70, 90) if case == 4 else rng.randint(6, 10)
        old = -case_tensor("ppo_loss", f"old {case}", B, T).abs() - 0.5
        own = old + case_tensor("ppo_loss", f"move {case}", B, T, scale=0.6)
        A = case_tensor("ppo_loss", f"A {case}", B, T) + 0.2
        A[:, -1] = 0.0  # such a token counts in the mean
        # A good and a bad token on either side of the bounds, so that no mistake looks like another.
        far = [rng.uniform(1.5, 2), rng.uniform(0.5, 0.55), rng.uniform(1.5, 2), rng.uniform(0.3, 0.55)]
        own[0, :4] = old[0, :4] + torch.tensor(far).log()
        A[0, :4] = torch.tensor([sign * rng.uniform(1, 2) for sign in (1, 1, -1, -1)])
        A[0, 1] = rng.uniform(1.9, 2)  # the product lies above 1 - clip, the ratio below
        clip = 0.2 if case < 2 else rng.choice([0.1, 0.3, 0.4])
        more = {} if case < 2 else {"clip": clip}
        with inputs_unchanged(own, old, A):
            check(
                lambda: ppo_loss(own, old, A, **more),
                right_value(own, old, A, clip),
                f"{B} x {T} tokens, clip {clip}" + ("" if more else " by default"),
                mistakes=lambda: {
                    **wrong_values(own, old, A, clip),
                    "A token with A = 0 counts in the mean too.": (
                        right_value(own, old, A, clip) * A.numel() / int((A != 0).sum())
                    ),
                },
                otherwise=FORMULA,
                rtol=1e-4,
                atol=1e-6,
            )
        due = due_gradient(own, old, A, clip)
        check(
            lambda: gradient(own, old, A, clip, due),
            due,
            f"the gradient by logprobs, {B} x {T} tokens, clip {clip}",
            otherwise="The loss is right, but not what is learned from it: is a part of it detached?",
            rtol=1e-3,
            atol=1e-6,
        )


# %% graded: 1 point | one factor at a time: one token above, below and between the bounds.
def test_one_token_at_a_time() -> None:
    rng = case_rng("ppo_loss", "single")
    clip, low = rng.choice([0.15, 0.25]), rng.uniform(-2, -1)
    above, below, near = rng.uniform(1.5, 2.5), rng.uniform(0.2, 0.6), rng.uniform(0.88, 0.95)
    good, bad = rng.uniform(1, 2), -rng.uniform(1, 2)
    between = "Between the bounds the product is ratio * A, whatever the sign of A."
    narrow = "A clip of 0 is a bound like others: the ratio is clipped to 1."
    wide = "A clip of 0.9 is a bound like others: the ratio is clipped to between 0.1 and 1.9."
    for ratio, A, hint in (
        (above, good, "Above 1 + clip a good token (A > 0) gains nothing more: (1 + clip) * A."),
        (above, bad, "A bad token (A < 0) that became likelier is pulled back in full: ratio * A."),
        (below, good, "A good token that became less likely is pulled back in full: ratio * A."),
        (below, bad, "Below 1 - clip a bad token (A < 0) gains nothing more: (1 - clip) * A."),
        (near, good, between),
        (near, bad, between),
        (1.0, good, between),
        (above, good, narrow),
        (above + 2, good, wide),
        (1_000 * above, bad, "A bad token that became far likelier counts in full: only the clipped product has bounds."),
    ):
        bound = {narrow: 0.0, wide: 0.9}.get(hint, clip)
        old = torch.tensor([[low]])
        own, gain = old + torch.tensor(ratio).log(), torch.tensor([[A]])
        right = right_value(own, old, gain, bound)
        check(
            lambda: ppo_loss(own, old, gain, bound),
            right,
            f"one token, ratio {ratio:.3f}, A {A:.3f}, clip {bound}",
            mistakes={
                "A single token is a batch like others: no division by its spread.": not_finite,
                "The sign is missing: what is to grow has a minus in a loss.": -right,
                "The loss is one number, the mean over all tokens.": other_shape(),
            },
            otherwise=hint,
            rtol=1e-4,
            atol=1e-6,
        )
    own, old = (torch.tensor([[-30 + x * rng.uniform(0.01, 0.1), -30]]) for x in (1, -1))
    gain, unlikely = torch.tensor([[good, bad]]), "Add nothing to a probability: those of unlikely tokens are far smaller."
    check(
        lambda: ppo_loss(own, old, gain, clip),
        right_value(own, old, gain, clip),
        f"two tokens with log-probabilities around -30, clip {clip}",
        otherwise=f"{unlikely} Stay with exp(logprob - old).",
        rtol=1e-3,
        atol=1e-6,
    )
