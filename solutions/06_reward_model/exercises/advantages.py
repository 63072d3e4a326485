"""Exercise `advantages`: generalised advantage estimation, from the last token back to the first."""

# %% solution
import torch
from torch import Tensor


def advantages(rewards: Tensor, values: Tensor, gamma: float, lam: float) -> Tensor:
    """Return generalised advantage estimates; the value after the last token is 0.

    Args:
        rewards: (B, T).
        values: what the value model expected at each token, (B, T).
        gamma: discount of later rewards.
        lam: how much of later surprises is passed back.

    Returns:
        (B, T).
    """
    ### BEGIN SOLUTION
    found = torch.zeros_like(rewards)
    following, next_value = torch.zeros_like(rewards[:, 0]), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        delta = rewards[:, t] + gamma * next_value - values[:, t]
        following = delta + gamma * lam * following
        found[:, t], next_value = following, values[:, t]
    return found
    ### END SOLUTION


# %% hints
HINTS = (
    "First the surprise of each token: its reward, plus gamma times the next value, minus its own"
    " value. Then go backwards.",
    "`delta[t] = r[t] + gamma * v[t+1] - v[t]` with `v[T] = 0`, and"
    " `A[t] = delta[t] + gamma * lam * A[t+1]` with `A[T] = 0`.",
)
EXPLANATION = """
delta is how much better a step went than the value model had expected. An advantage is the sum of all later deltas,
each step away weighted by another gamma times lam. With lam = 0 only the next surprise counts: little noise, but the
value model's mistakes stay in. With lam = 1 it is the return minus the value: no bias, more noise. The answer ends after
the last token, so nothing is expected there.
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

RECURSION = (
    "delta[t] = r[t] + gamma v[t+1] - v[t], and A[t] = delta[t] + gamma lam A[t+1]; after the end"
    " both are 0."
)


def estimate(rewards, values, gamma, lam, pass_on=None, after=None, next_gamma=None):
    """Return the estimates; the last three replace gamma * lam, the value after the end, and delta's gamma."""
    B, T = rewards.shape
    found = torch.zeros(B, T, dtype=torch.float64)
    following = torch.zeros(B, dtype=torch.float64)
    next_value = following if after is None else after
    for t in reversed(range(T)):
        delta = rewards[:, t] + (gamma if next_gamma is None else next_gamma) * next_value - values[:, t]
        following = delta + (gamma * lam if pass_on is None else pass_on) * following
        found[:, t], next_value = following, values[:, t]
    return found


def forwards(rewards, values, gamma, lam):
    delta = rewards + gamma * torch.cat([values[:, 1:], 0 * values[:, :1]], 1) - values
    found = [delta[:, 0]]
    for t in range(1, delta.shape[1]):
        found.append(delta[:, t] + gamma * lam * found[-1])
    return torch.stack(found, 1)


def without_last(r, v, gamma, lam, after=None):
    """Return what a loop gives that begins one token before the last."""
    found = estimate(r[:, :-1], v[:, :-1], gamma, lam, after=after)
    return torch.cat([found, torch.zeros_like(found[:, :1])], 1)


def wrong_values(rewards, values, gamma, lam):
    """Return what the usual mistakes make of a batch."""
    r, v = rewards.double(), values.double()
    right = estimate(r, v, gamma, lam)
    zero = torch.zeros_like(v)
    return {
        "An advantage for each token is due, of the shape (B, T).": other_shape(*r.shape),
        "gamma is missing where the surprise is passed back: gamma * lam.": (
            estimate(r, v, gamma, lam, pass_on=lam)
        ),
        "lam is missing where the surprise is passed back: gamma * lam.": (
            estimate(r, v, gamma, lam, pass_on=gamma)
        ),
        "gamma is missing before the next value.": estimate(r, v, gamma, lam, next_gamma=1.0),
        "lam belongs to the advantage that is passed back, not to the next value.": (
            estimate(r, v, gamma, lam, next_gamma=gamma * lam)
        ),
        "gamma is left out in both places.": estimate(r, v, 1.0, lam),
        "These are single surprises. Add gamma * lam times the next advantage.": (
            estimate(r, v, gamma, 0.0)
        ),
        "The value after the end is 0, not the last value again.": (
            estimate(r, v, gamma, lam, after=v[:, -1])
        ),
        "Go backwards, from the last token to the first: an advantage holds what comes later.": (
            AnyOf(forwards(r, v, gamma, lam), estimate(r.flip(1), v.flip(1), gamma, lam).flip(1))
        ),
        "These are returns: the value is still in them.": AnyOf(right + v, estimate(r, zero, gamma, 1)),
        "The values are left out.": estimate(r, zero, gamma, lam),
        "The sign is wrong: reward plus next value minus value.": -right,
        "The next value is missing in the surprise: add gamma * v[t+1].": (
            estimate(r, v, gamma, lam, next_gamma=0.0)
        ),
        "The advantages are normalised. Return them as they are.": lambda got: (
            bool((got.double().mean().abs() < 1e-3) & ((got.double().std() - 1).abs() < 0.2))
        ),
        "The own value is added, or the next one taken off: it is the other way round.": AnyOf(
            estimate(r, -v, gamma, lam), estimate(r, v, gamma, lam, next_gamma=-gamma)
        ),
        "The value of the first token takes the place after the last: it is 0 there.": (
            estimate(r, v, gamma, lam, after=v[:, 0])
        ),
        "gamma and lam are swapped.": estimate(r, v, lam, gamma),
        "The own value is missing in the surprise: take v[t] off.": estimate(r + v, v, gamma, lam),
        "The reward is missing in the surprise: add r[t].": estimate(zero, v, gamma, lam),
        "The next advantage is added, gamma * lam * A[t+1], not taken off.": (
            estimate(r, v, gamma, lam, pass_on=-gamma * lam)
        ),
        "The first token is left out: the loop has to come down to t = 0.": (
            torch.cat([zero[:, :1], right[:, 1:]], 1)
        ),
        "The last token is left out: the loop begins at t = T - 1.": AnyOf(
            without_last(r, v, gamma, lam), without_last(r, v, gamma, lam, after=v[:, -1])
        ),
    }


# %% examples
def examples(check):
    rewards, values = torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor([[0.5, 0.4, 0.8]])
    got = lambda gamma, lam: advantages(rewards, values, gamma, lam)
    check(lambda: got(1.0, 0.0), [[-0.1, 0.4, 0.2]], "lam 0: single surprises")
    check(lambda: got(1.0, 1.0), [[0.5, 0.6, 0.2]], "lam 1: return minus value")
    check(lambda: got(0.5, 0.5), [[-0.2875, 0.05, 0.2]], "gamma and lam 0.5")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    rewards, values = torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor([[0.5, 0.4, 0.8]])

    def known(gamma, lam):
        right = estimate(rewards.double(), values.double(), gamma, lam)
        wrong = wrong_values(rewards, values, gamma, lam)
        return {
            hint: value
            for hint, value in wrong.items()
            if not (isinstance(value, torch.Tensor) and torch.allclose(value, right))
        }

    return {
        "lam 0: single surprises": Diagnosis(lambda: known(1.0, 0.0), RECURSION),
        "lam 1: return minus value": Diagnosis(lambda: known(1.0, 1.0), RECURSION),
        "gamma and lam 0.5": Diagnosis(lambda: known(0.5, 0.5), RECURSION),
    }


# %% graded: 2 points | batches with gamma and lam below 1.
def test_gamma_and_lam_below_one() -> None:
    for case in range(5):
        rng = case_rng("advantages", case)
        B, T = rng.randint(2, 4), rng.randint(70, 90) if case == 4 else rng.randint(5, 9)
        rewards = case_tensor("advantages", f"rewards {case}", B, T)
        values = case_tensor("advantages", f"values {case}", B, T)
        gamma, lam = rng.uniform(0.75, 0.85), rng.uniform(0.55, 0.68)
        with inputs_unchanged(rewards, values):
            check(
                lambda: advantages(rewards, values, gamma, lam),
                estimate(rewards.double(), values.double(), gamma, lam).float(),
                f"{B} answers of {T} tokens, gamma {gamma:.3f}, lam {lam:.3f}",
                mistakes=lambda: {
                    hint: wrong.float() if isinstance(wrong, torch.Tensor) else wrong
                    for hint, wrong in wrong_values(rewards, values, gamma, lam).items()
                },
                otherwise=RECURSION,
                rtol=1e-3,
                atol=1e-4,
            )


# %% graded: 1 point | gamma and lam of 0 and 1, and one token.
def test_limits_and_one_token() -> None:
    rng = case_rng("advantages", "limits")
    B, T = rng.randint(2, 4), rng.randint(5, 9)
    rewards, values = case_tensor("advantages", "r", B, T), case_tensor("advantages", "v", B, T)
    T = rng.randint(90, 99)
    long_rewards, long_values = (case_tensor("advantages", f"long {x}", 2, T) for x in "rv")
    for r, v, gamma, lam in (
        (rewards, values, 1.0, 1.0),
        (rewards, values, 1.0, 0.0),
        (rewards, values, 0.0, 1.0),
        (rewards[:, :1], values[:, :1], 0.9, 0.9),
        (rewards[:1] * 0, values[:1], 1.0, 0.95),
        (long_rewards, long_values, 1.0, 1.0),
        (long_rewards, long_values, 0.9, 0.2),  # their product's last power is 0 in single precision
    ):
        check(
            lambda: advantages(r, v, gamma, lam),
            estimate(r.double(), v.double(), gamma, lam).float(),
            f"shape {tuple(r.shape)}, gamma {gamma}, lam {lam}",
            mistakes={
                "An advantage for each token is due, of the shape (B, T), also for one token.": other_shape(*r.shape),
                "A division by gamma or lam goes wrong at 0: go backwards step by step.": not_finite,
                "The value after the end is 0, not the last value again.": (
                    estimate(r.double(), v.double(), gamma, lam, after=v[:, -1].double()).float()
                )
                if gamma
                else lambda got: False,
            },
            otherwise=RECURSION,
            if_raises="gamma and lam may be 0 or 1, and an answer may have one token.",
            rtol=1e-3,
            atol=1e-4,
        )
