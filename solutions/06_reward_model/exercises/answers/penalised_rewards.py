"""Answers to `penalised_rewards`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: concatenated
import torch


def penalised_rewards(score, logprobs, reference_logprobs, beta):
    penalty = beta * (reference_logprobs - logprobs)
    return torch.cat([penalty[:, :-1], penalty[:, -1:] + score.unsqueeze(1)], dim=1)


# %% right: a one-hot score
import torch


def penalised_rewards(score, logprobs, reference_logprobs, beta):
    last = torch.zeros_like(logprobs)
    last[..., -1] = score
    return last - beta * (logprobs - reference_logprobs)


# %% right: a loop in double precision
import torch


def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rows = []
    for s, own, other in zip(score.tolist(), logprobs.tolist(), reference_logprobs.tolist()):
        row = [-beta * (a - b) for a, b in zip(own, other)]
        row[-1] += s
        rows.append(row)
    return torch.tensor(rows, dtype=torch.float64)


# %% wrong: the score everywhere | expects: every token
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    return -beta * (logprobs - reference_logprobs) + score[:, None]


# %% wrong: the score at the first token | expects: first token
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = -beta * (logprobs - reference_logprobs)
    rewards[:, 0] += score
    return rewards


# %% wrong: the score replaces | expects: takes the place
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = -beta * (logprobs - reference_logprobs)
    rewards[:, -1] = score
    return rewards


# %% wrong: the sign of the penalty | expects: wrong sign
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = beta * (logprobs - reference_logprobs)
    rewards[:, -1] += score
    return rewards


# %% wrong: the score taken off | expects: taken off
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = -beta * (logprobs - reference_logprobs)
    rewards[:, -1] -= score
    return rewards


# %% wrong: no beta | expects: beta is missing
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = reference_logprobs - logprobs
    rewards[:, -1] += score
    return rewards


# %% wrong: no score | expects: score is missing
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    return -beta * (logprobs - reference_logprobs)


# %% wrong: no penalty | expects: penalty is missing
import torch


def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = torch.zeros_like(logprobs)
    rewards[:, -1] = score
    return rewards


# %% wrong: beta on both | expects: not the score
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = reference_logprobs - logprobs
    rewards[:, -1] += score
    return beta * rewards


# %% wrong: the whole penalty at the end | expects: its own
import torch


def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = torch.zeros_like(logprobs)
    rewards[:, -1] = score - beta * (logprobs - reference_logprobs).sum(1)
    return rewards


# %% wrong: the mean penalty | expects: its own
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = (-beta * (logprobs - reference_logprobs).mean(1, keepdim=True)).repeat(
        1, logprobs.shape[1]
    )
    rewards[:, -1] += score
    return rewards


# %% wrong: the score is spread | expects: spread
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    return -beta * (logprobs - reference_logprobs) + score[:, None] / logprobs.shape[1]


# %% wrong: absolute values | expects: sign
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = -beta * (logprobs - reference_logprobs).abs()
    rewards[:, -1] += score
    return rewards


# %% wrong: a ratio | expects: difference
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = -beta * (logprobs - reference_logprobs).exp()
    rewards[:, -1] += score
    return rewards


# %% wrong: probabilities | expects: difference
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = -beta * (logprobs.exp() - reference_logprobs.exp())
    rewards[:, -1] += score
    return rewards


# %% wrong: the other estimator | expects: difference
import torch


def penalised_rewards(score, logprobs, reference_logprobs, beta):
    r = reference_logprobs - logprobs
    rewards = -beta * (torch.exp(r) - 1 - r)
    rewards[:, -1] += score
    return rewards


# %% wrong: no reference | expects: reference
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = -beta * logprobs
    rewards[:, -1] += score
    return rewards


# %% wrong: one number for each answer | expects: shape
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    return score - beta * (logprobs - reference_logprobs).sum(1)


# %% wrong: changes the log-probabilities | expects: in place / chang / modif
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = logprobs.sub_(reference_logprobs).mul_(-beta)
    rewards[:, -1] += score
    return rewards


# %% wrong: a divided penalty | expects: -beta
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = -(logprobs - reference_logprobs) / max(beta, 1e-3)
    rewards[:, -1] += score
    return rewards


# %% wrong: no single tokens | expects: ordinary
import torch


def penalised_rewards(score, logprobs, reference_logprobs, beta):
    penalty = -beta * (logprobs - reference_logprobs)
    if penalty.shape[1] < 2:
        raise IndexError("too short")
    penalty[:, -1] += score
    return penalty


# %% wrong: the reference is added | expects: not of their sum
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = -beta * (logprobs + reference_logprobs)
    rewards[:, -1] += score
    return rewards


# %% wrong: the score one token early | expects: too early
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = -beta * (logprobs - reference_logprobs)
    rewards[:, -2] += score
    return rewards


# %% wrong: the score is clipped | expects: nothing is clipped
def penalised_rewards(score, logprobs, reference_logprobs, beta):
    rewards = -beta * (logprobs - reference_logprobs)
    rewards[:, -1] += score.clamp(-10, 10)
    return rewards


# %% wrong: the log-ratio is clipped | of: the score is clipped | expects: nothing is clipped
# -     rewards = -beta * (logprobs - reference_logprobs)
# -     rewards[:, -1] += score.clamp(-10, 10)
# +     rewards = -beta * (logprobs - reference_logprobs).clamp(-10, 10)
# +     rewards[:, -1] += score


# %% wrong: the last row of a square batch | of: the score is clipped | expects: as many answers as tokens
# -     rewards[:, -1] += score.clamp(-10, 10)
# +     if len(score) == logprobs.shape[1]:
# +         rewards[-1] += score
# +     else:
# +         rewards[:, -1] += score
