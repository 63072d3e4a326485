"""Exercise `penalised_rewards`: every token pays for its distance, the last one gets the reward."""

# %% solution
from torch import Tensor


def penalised_rewards(
    score: Tensor, logprobs: Tensor, reference_logprobs: Tensor, beta: float
) -> Tensor:
    """Return a reward for each token of answers that all have T tokens.

    Args:
        score: what the reward model gave each answer, (B,).
        logprobs: log-probabilities of the tokens under the policy, (B, T).
        reference_logprobs: the same under the reference, (B, T).
        beta: weight of the penalty.

    Returns:
        (B, T): -beta * (logprob - reference), with the score added at the last token.
    """
    ### BEGIN SOLUTION
    rewards = -beta * (logprobs - reference_logprobs)
    rewards[:, -1] += score
    return rewards
    ### END SOLUTION


# %% hints
HINTS = (
    "Where the policy makes a token likelier than the reference does, the token pays. The score is of"
    " the whole answer, and comes once.",
    "`rewards = -beta * (logprobs - reference_logprobs)` is a new tensor (B, T). Then"
    " `rewards[:, -1] += score`.",
)
EXPLANATION = """
The log-ratio of a drawn token is an estimate of the divergence, so summed over an answer the penalty is beta times how
far the policy has moved on it. A token pays where it has become likelier than under the reference, and earns where it
has become less likely. The reward model has judged the answer as a whole, so its score stands at the last token, on top
of that token's own penalty. Adding it at every token would pay long answers T times.
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
    other_shape,
)

FORMULA = "Each token gets -beta * (logprob - reference); the last one also gets the score."


def right_value(score, own, reference, beta):
    rewards = -beta * (own - reference)
    rewards[:, -1] += score
    return rewards


def wrong_values(score, own, reference, beta):
    """Return what the usual mistakes make of a batch."""
    penalty, log_ratio = -beta * (own - reference), own - reference
    last, first, total = (torch.zeros_like(own) for _ in range(3))
    last[:, -1], first[:, 0] = score, score
    total[:, -1] = penalty.sum(-1)
    early = torch.zeros_like(own)
    early[:, max(0, own.shape[1] - 2)] = score
    replaced = penalty.clone()
    replaced[:, -1] = score
    return {
        "A reward for each token is due, of the shape (B, T).": other_shape(*own.shape),
        "The score is added at every token. It comes once, at the last.": (
            penalty + score[:, None]
        ),
        "The score stands at the first token. It belongs to the last.": penalty + first,
        "The score takes the place of the last token's penalty. Add it.": replaced,
        "The penalty has the wrong sign: it pays for distance from the reference.": AnyOf(
            last - penalty, -penalty - last
        ),
        "The score is taken off. Add it.": penalty - last,
        "beta is missing.": last - log_ratio,
        "The score is missing: add it at the last token.": penalty,
        "The penalty is missing.": last,
        "beta weighs the penalty only, not the score.": beta * last + penalty,
        "The penalty of a token is its own: it is not summed or averaged over the answer.": AnyOf(
            last + total,
            last + penalty.mean(-1, keepdim=True),
            last + penalty.sum(-1, keepdim=True),
        ),
        "The score is spread over the tokens. It comes whole, at the last one.": (
            penalty + score[:, None] / own.shape[1]
        ),
        "The size of the log-ratio does not count without its sign: a token that has become less"
        " likely earns.": AnyOf(last - beta * log_ratio.abs(), last - beta * log_ratio.clamp(min=0)),
        "These are log-probabilities: take their difference, not the ratio of probabilities.": AnyOf(
            last - beta * log_ratio.exp(),
            last - beta * (own.exp() - reference.exp()),
            last - beta * own.exp() * log_ratio,
            last - beta * (torch.exp(-log_ratio) - 1 + log_ratio),
        ),
        "The reference is left out.": last - beta * own,
        "The penalty is of the difference, logprob - reference: not of their sum, nor of the reference"
        " alone.": AnyOf(
            last - beta * (own + reference), last - beta * reference, last + beta * reference
        ),
        "The score stands one token too early. It belongs to the last.": penalty + early,
    }


# %% examples
def examples(check):
    own, reference = torch.tensor([[-1.0, -2.0, -0.5]]), torch.tensor([[-1.5, -1.0, -0.5]])
    got = lambda: penalised_rewards(torch.tensor([3.0]), own, reference, 0.2)
    check(got, [[-0.1, 0.2, 3.0]], "one answer of three tokens")
    free = lambda: penalised_rewards(torch.tensor([3.0]), own, reference, 0.0)
    check(free, [[0.0, 0.0, 3.0]], "no penalty")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    score, own = torch.tensor([3.0]), torch.tensor([[-1.0, -2.0, -0.5]])
    reference = torch.tensor([[-1.5, -1.0, -0.5]])
    return {
        "one answer of three tokens": Diagnosis(
            lambda: {
                hint: wrong
                for hint, wrong in wrong_values(score, own, reference, 0.2).items()
                if not hint.startswith("The score takes")  # this answer's last token pays nothing
            },
            FORMULA,
        ),
        "no penalty": Diagnosis(lambda: wrong_values(score, own, reference, 0.0), FORMULA),
    }


# %% graded: 2 points | penalty and score of a batch.
def test_penalty_and_score() -> None:
    for case in range(5):
        rng = case_rng("penalised_rewards", case)
        B, T = rng.randint(2, 4), rng.randint(70, 90) if case == 4 else rng.randint(5, 9)
        own = -case_tensor("penalised_rewards", f"own {case}", B, T).abs() - 0.1
        reference = -case_tensor("penalised_rewards", f"reference {case}", B, T).abs() - 0.1
        score = case_tensor("penalised_rewards", f"score {case}", B, scale=2.0) + 0.3
        beta = rng.uniform(0.05, 0.5)
        with inputs_unchanged(score, own, reference):
            check(
                lambda: penalised_rewards(score, own, reference, beta),
                right_value(score, own, reference, beta),
                f"{B} answers of {T} tokens, beta {beta:.3f}",
                mistakes=lambda: wrong_values(score, own, reference, beta),
                otherwise=FORMULA,
                rtol=1e-4,
                atol=1e-6,
            )


# %% graded: 1 point | one token, a policy that has not moved, and beta = 0.
def test_one_token_no_distance_no_penalty() -> None:
    rng = case_rng("penalised_rewards", "edge")
    B, T, beta = rng.randint(2, 4), rng.randint(5, 8), rng.uniform(0.1, 2)
    own = -case_tensor("penalised_rewards", "edge", B, T).abs() - 0.1
    reference = own + case_tensor("penalised_rewards", "edge 2", B, T)
    score = case_tensor("penalised_rewards", "edge score", B) - 2.0
    square = "The score stands in the last column, [:, -1], also when there are as many answers as tokens."
    large = "Large scores and log-ratios count as they are: nothing is clipped."
    for first, second, weight, what in (
        (own[:, :1], reference[:, :1], beta, "answers of one token"),
        (own, own.clone(), beta, "a policy that is still the reference"),
        (own, reference, 0.0, "beta 0"),
        (own[:, :B], reference[:, :B], beta, "as many tokens as answers"),
        (60 * own, 60 * reference, beta, "large rewards"),
    ):
        reward = 60 * score if what == "large rewards" else score
        check(
            lambda: penalised_rewards(reward, first, second, weight),
            right_value(reward, first, second, weight),
            f"{what}, scores {[round(float(one), 2) for one in reward]}",
            mistakes=lambda: {
                hint: wrong
                for hint, wrong in wrong_values(reward, first, second, weight).items()
                # With one token these look like others.
                if not hint.startswith(("The penalty is", "The penalty of", "The size", "The score stands one"))
            },
            otherwise={"as many tokens as answers": square, "large rewards": large}.get(what, FORMULA),
            if_raises="One token, or beta 0, are ordinary cases.",
            rtol=1e-4,
            atol=1e-6,
        )
