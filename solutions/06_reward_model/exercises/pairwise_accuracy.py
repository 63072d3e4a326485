"""Exercise `pairwise_accuracy`: how often a reward model agrees with the labelers."""

# %% solution
from torch import Tensor


def pairwise_accuracy(chosen: Tensor, rejected: Tensor) -> float:
    """Return the share of pairs whose chosen answer has the higher reward; ties count one half.

    Args:
        chosen: rewards (B,) of the answers that were preferred.
        rejected: rewards (B,) of the others.
    """
    ### BEGIN SOLUTION
    wins = (chosen > rejected).double() + 0.5 * (chosen == rejected).double()
    return float(wins.mean())
    ### END SOLUTION


# %% hints
HINTS = (
    "A model that gives every answer the same reward knows nothing. What should its accuracy be?",
    "`chosen > rejected` counts one, `chosen == rejected` one half. Turn both into numbers, add, and"
    " take the mean as a float.",
)
EXPLANATION = """
A pair is won when the chosen answer scores higher, and a tie is a coin toss: one half. With ties counted as lost, a
model of constants would score 0; with ties counted as won, it would be perfect. Pairs are compared each on its own,
since a reward has no meaning across prompts.
"""

# %% helpers
import torch

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, inputs_unchanged, other_shape

SHARE = "Count 1 where the chosen answer scores higher, 1/2 at a tie, 0 otherwise; then the mean."


def right_value(chosen, rejected):
    return float(((chosen > rejected).double() + (chosen == rejected).double() / 2).mean())


def with_tolerance(chosen, rejected):
    """Return the share when pairs that are nearly equal, as isclose has it, count as ties."""
    tied = torch.isclose(chosen, rejected)
    return float((((chosen > rejected) & ~tied).double() + tied.double() / 2).mean())


def wrong_values(chosen, rejected):
    """Return what the usual mistakes make of rewards."""
    higher, tied, n = float((chosen > rejected).sum()), float((chosen == rejected).sum()), len(chosen)
    right, against = right_value(chosen, rejected), chosen[:, None] - rejected
    every = float(((against > 0).double() + (against == 0).double() / 2).mean())
    return {
        "Ties count as lost. They count one half.": higher / n,
        "Ties count as won. They count one half.": (higher + tied) / n,
        "Ties count one and a half: >= counts them as won already. Use > for what is won.": (
            (higher + 1.5 * tied) / n
        ),
        "Ties are left out. They count one half, and are pairs like others.": (
            higher / (n - tied) if n > tied else lambda got: got != got
        ),
        "The order is wrong: the chosen answer should score higher.": AnyOf(
            1 - right, (n - higher - tied) / n, (n - higher) / n
        ),
        "Ties count one half each, and together no whole number if they are odd: do not divide with //.": (
            (higher + tied // 2) / n if tied % 2 else lambda got: False
        ),
        "A share is due, from 0 to 1: divide by the number of pairs.": AnyOf(
            higher + tied / 2, higher, higher + tied
        ),
        "A share is due, not percent.": 100 * right,
        "Return one number, the mean over pairs.": other_shape(),
        "Each chosen answer is compared with its own rejected one only.": every,
        "This is the mean of probabilities. Count which answer scores higher.": (
            float(torch.sigmoid(chosen - rejected).mean())
        ),
        "Compare pair by pair, and then average: not the means.": AnyOf(
            float(chosen.mean() > rejected.mean()), bool(chosen.mean() > rejected.mean())
        ),
        "Signs of differences run from -1 to 1. A share is due, with 1/2 for a tie.": (
            float((chosen - rejected).sign().mean())
        ),
    }


# %% examples
def examples(check):
    chosen, rejected = torch.tensor([2.0, 1.0, 0.0, 5.0]), torch.tensor([1.0, 1.0, 3.0, -2.0])
    check(lambda: pairwise_accuracy(chosen, rejected), 0.625, "two won, one tied, one lost")
    same = torch.ones(7)
    check(lambda: pairwise_accuracy(same, same), 0.5, "a model of constants")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    chosen, rejected = torch.tensor([2.0, 1.0, 0.0, 5.0]), torch.tensor([1.0, 1.0, 3.0, -2.0])
    return {
        "two won, one tied, one lost": Diagnosis(wrong_values(chosen, rejected), SHARE),
        "a model of constants": Diagnosis(
            {
                "Ties count as lost. They count one half.": 0.0,
                "Ties count as won. They count one half.": 1.0,
                "Ties are left out. They count one half.": lambda got: got != got,
            },
            SHARE,
            if_raises="All pairs may be ties: they count one half.",
        ),
    }


# %% graded: 1 point | rewards that all differ.
def test_share_of_pairs_won() -> None:
    for case in range(5):
        rng = case_rng("pairwise_accuracy", case)
        n = 89 if case == 4 else rng.choice([17, 19, 23, 29])  # primes: shares that differ
        won = rng.randint(n // 2 + 1, n - 2)
        rewards = [rng.uniform(-4, 4) for _ in range(n)]
        gaps = [rng.uniform(0.1, 3) * (1 if place < won else -1) for place in range(n)]
        rng.shuffle(gaps)
        chosen = torch.tensor([r + gap for r, gap in zip(rewards, gaps, strict=True)])
        rejected = torch.tensor(rewards)
        with inputs_unchanged(chosen, rejected):
            check(
                lambda: pairwise_accuracy(chosen, rejected),
                right_value(chosen, rejected),
                f"{won} of {n} pairs won",
                mistakes={
                    hint: value
                    for hint, value in wrong_values(chosen, rejected).items()
                    if not hint.startswith("Ties")
                },
                otherwise=SHARE,
            )


# %% graded: 2 points | ties count one half, and nearly equal is no tie.
def test_ties_count_one_half() -> None:
    rng = case_rng("pairwise_accuracy", "far")
    for sign in (1.0, -1.0):
        won, lost = rng.sample(range(5, 10), 2)
        rejected = sign * torch.tensor([float(rng.randint(150, 400)) for _ in range(won + lost)])
        chosen = rejected + torch.tensor([1.0] * won + [-1.0] * lost)
        check(
            lambda: pairwise_accuracy(chosen, rejected),
            right_value(chosen, rejected),
            f"{won} won, {lost} lost, rewards around {sign * 275:.0f}",
            mistakes={
                "Far from 0 all sigmoids and exponentials are alike: compare the rewards themselves.": 0.5,
                **wrong_values(chosen, rejected),
            },
            otherwise=SHARE,
        )
    for case in range(8):
        rng = case_rng("pairwise_accuracy", 100 + case)
        won, lost = rng.sample(range(5, 10), 2)  # so near that signs look like nothing else
        tied = rng.choice([5, 7])  # so that no share of the ties makes up for the others
        if lost - won == tied // 2:  # no more does half of them, rounded down
            won, lost = lost, won
        gap = (1.0, 2**-12, 1.0, 2**-20, 1.0, 2**-30, 1.0, 2**-40)[case]  # small, but not equal
        kind = torch.float64 if case == 7 else torch.float32
        high = 0 if case == 5 else 3  # near 0 single precision holds smaller gaps
        rewards = torch.tensor([float(rng.randint(-high, high)) for _ in range(won + lost + tied)], dtype=kind)
        rewards = rewards + 4.0 * (case == 7)  # away from 0, where single precision loses the gap
        gaps = torch.tensor([gap] * won + [-gap] * lost + [0.0] * tied, dtype=kind)
        order = torch.tensor(rng.sample(range(len(gaps)), len(gaps)))
        chosen, rejected = rewards + gaps[order], rewards
        near = "Rewards that differ a little are no tie: compare them exactly."
        check(
            lambda: pairwise_accuracy(chosen, rejected),
            right_value(chosen, rejected),
            f"{won} won by {gap:.4g}, {lost} lost by as much, {tied} tied",
            mistakes={near: AnyOf(0.5, with_tolerance(chosen, rejected)), **wrong_values(chosen, rejected)}
            if case % 2
            else wrong_values(chosen, rejected),
            otherwise=SHARE,
        )
    for n in (case_rng("pairwise_accuracy", "same").randint(2, 9), 1):
        same, half = torch.full((n,), 1.5), "When all are ties, the accuracy is one half, also for a single pair."
        check(
            lambda: pairwise_accuracy(same, same.clone()),
            0.5,
            f"{n} ties" if n > 1 else "one tie",
            otherwise=half,
            if_raises=half,
        )
