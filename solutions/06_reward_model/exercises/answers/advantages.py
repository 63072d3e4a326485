"""Answers to `advantages`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: deltas first
import torch


def advantages(rewards, values, gamma, lam):
    following = torch.cat([values[:, 1:], torch.zeros_like(values[:, :1])], dim=1)
    deltas = rewards + gamma * following - values
    found = deltas.clone()
    for t in range(found.shape[1] - 2, -1, -1):
        found[:, t] += gamma * lam * found[:, t + 1]
    return found


# %% right: a matrix of powers
import torch


def advantages(rewards, values, gamma, lam):
    B, T = rewards.shape
    deltas = (rewards + gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values).double()
    distance = torch.arange(T)[:, None] - torch.arange(T)[None, :]
    weights = torch.where(
        distance >= 0, torch.tensor(float(gamma * lam)).double() ** distance.clamp(min=0), 0.0
    )
    return deltas @ weights


# %% right: lists
import torch


def advantages(rewards, values, gamma, lam):
    rows = []
    for r, v in zip(rewards.tolist(), values.tolist()):
        v = v + [0.0]
        last, row = 0.0, []
        for t in range(len(r) - 1, -1, -1):
            last = r[t] + gamma * v[t + 1] - v[t] + gamma * lam * last
            row.insert(0, last)
        rows.append(row)
    return torch.tensor(rows)


# %% wrong: gamma not passed on | expects: gamma is missing where
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards + gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += lam * deltas[:, t + 1]
    return deltas


# %% wrong: lam not passed on | expects: lam is missing
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards + gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * deltas[:, t + 1]
    return deltas


# %% wrong: no gamma before the next value | expects: before the next value
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards + torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return deltas


# %% wrong: no gamma at all | expects: both places
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards + torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += lam * deltas[:, t + 1]
    return deltas


# %% wrong: lam before the next value | expects: not to the next value
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards + gamma * lam * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return deltas


# %% wrong: surprises only | expects: single surprises
import torch


def advantages(rewards, values, gamma, lam):
    return rewards + gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values


# %% wrong: the last value again | expects: after the end
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards + gamma * torch.cat([values[:, 1:], values[:, -1:]], 1) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return deltas


# %% wrong: rolled values | expects: first token
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards + gamma * values.roll(-1, dims=1) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return deltas


# %% wrong: forwards | expects: backwards
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards + gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(1, deltas.shape[1]):
        deltas[:, t] += gamma * lam * deltas[:, t - 1]
    return deltas


# %% wrong: returns | expects: returns
import torch


def advantages(rewards, values, gamma, lam):
    found = torch.zeros_like(rewards)
    total = torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        total = rewards[:, t] + gamma * total
        found[:, t] = total
    return found


# %% wrong: targets of the value model | expects: returns
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards + gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return deltas + values


# %% wrong: no values | expects: values are left out
def advantages(rewards, values, gamma, lam):
    found = rewards.clone()
    for t in range(found.shape[1] - 2, -1, -1):
        found[:, t] += gamma * lam * found[:, t + 1]
    return found


# %% wrong: the sign | expects: sign
import torch


def advantages(rewards, values, gamma, lam):
    deltas = values - rewards - gamma * torch.nn.functional.pad(values[:, 1:], (0, 1))
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return deltas


# %% wrong: no next value | expects: next value is missing
def advantages(rewards, values, gamma, lam):
    deltas = rewards - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return deltas


# %% wrong: normalised | expects: normalised
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards + gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return (deltas - deltas.mean()) / deltas.std()


# %% wrong: the next value taken off | expects: other way round
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards - gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return deltas


# %% wrong: swapped | expects: swapped
import torch


def advantages(rewards, values, gamma, lam):
    gamma, lam = lam, gamma
    deltas = rewards + gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return deltas


# %% wrong: divides by powers | expects: division
import torch


def advantages(rewards, values, gamma, lam):
    T = rewards.shape[1]
    deltas = (rewards + gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values).double()
    powers = torch.tensor(float(gamma * lam)).double() ** torch.arange(T)
    return (deltas * powers).flip(1).cumsum(1).flip(1) / powers


# %% wrong: one number per answer | expects: shape
import torch


def advantages(rewards, values, gamma, lam):
    deltas = rewards + gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    return deltas.sum(1)


# %% wrong: the last column is lost | expects: delta[t]
import torch


def advantages(rewards, values, gamma, lam):
    found = torch.zeros_like(rewards)
    last = torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1] - 1)):
        last = rewards[:, t] + gamma * values[:, t + 1] - values[:, t] + gamma * lam * last
        found[:, t] = last
    return found


# %% wrong: writes into the rewards | expects: in place / chang / modif
import torch


def advantages(rewards, values, gamma, lam):
    rewards += gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(rewards.shape[1] - 2, -1, -1):
        rewards[:, t] += gamma * lam * rewards[:, t + 1]
    return rewards


# %% wrong: at least two tokens | expects: one token
import torch


def advantages(rewards, values, gamma, lam):
    if rewards.shape[1] < 2:
        raise IndexError("too short")
    deltas = rewards + gamma * torch.nn.functional.pad(values[:, 1:], (0, 1)) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return deltas


# %% wrong: the end bootstrapped when all rewards are 0 | expects: after the end
import torch


def advantages(rewards, values, gamma, lam):
    after = torch.where((rewards == 0).all(), values[:, -1:], torch.zeros_like(values[:, -1:]))
    deltas = rewards + gamma * torch.cat([values[:, 1:], after], 1) - values
    for t in range(deltas.shape[1] - 2, -1, -1):
        deltas[:, t] += gamma * lam * deltas[:, t + 1]
    return deltas


# %% wrong: at most 64 tokens ahead | expects: delta[t]
import torch


def advantages(rewards, values, gamma, lam):
    T = rewards.shape[1]
    following = torch.nn.functional.pad(values[:, 1:], (0, 1))
    delta = rewards + gamma * following - values
    weights = torch.zeros(T, T)
    for t in range(T):
        for s in range(t, min(T, t + 64)):
            weights[s, t] = (gamma * lam) ** (s - t)
    return delta @ weights


# %% right: lambda-returns, a mix of what was expected and what came, less the values
import torch


def advantages(rewards, values, gamma, lam):
    returns, following, expected = [], 0.0, 0.0
    for reward, value in zip(rewards.T.flip(0), values.T.flip(0)):
        following = reward + gamma * ((1 - lam) * expected + lam * following)
        expected = value
        returns.insert(0, following)
    return torch.stack(returns, dim=1) - values


# %% wrong: sums over powers, divided by powers | expects: division
import torch


def advantages(rewards, values, gamma, lam):
    after = torch.cat([values[:, 1:], torch.zeros_like(values[:, :1])], dim=1)
    surprises = rewards + gamma * after - values
    powers = (gamma * lam) ** torch.arange(rewards.shape[1])
    if gamma * lam == 0:
        return surprises
    return (surprises * powers).flip(1).cumsum(1).flip(1) / powers


# %% wrong: the own value is not taken off | expects: own value is missing
import torch


def advantages(rewards, values, gamma, lam):
    found, following = torch.zeros_like(rewards), 0.0
    for t in range(rewards.shape[1] - 1, -1, -1):
        next_value = values[:, t + 1] if t + 1 < rewards.shape[1] else 0.0
        following = rewards[:, t] + gamma * next_value + gamma * lam * following
        found[:, t] = following
    return found


# %% wrong: the reward is forgotten | expects: reward is missing
import torch


def advantages(rewards, values, gamma, lam):
    found, following = torch.zeros_like(rewards), 0.0
    for t in range(rewards.shape[1] - 1, -1, -1):
        next_value = values[:, t + 1] if t + 1 < rewards.shape[1] else 0.0
        following = gamma * next_value - values[:, t] + gamma * lam * following
        found[:, t] = following
    return found


# %% wrong: the next advantage taken off | expects: not taken off
import torch


def advantages(rewards, values, gamma, lam):
    found, following = torch.zeros_like(rewards), 0.0
    for t in range(rewards.shape[1] - 1, -1, -1):
        next_value = values[:, t + 1] if t + 1 < rewards.shape[1] else 0.0
        following = rewards[:, t] + gamma * next_value - values[:, t] - gamma * lam * following
        found[:, t] = following
    return found


# %% wrong: the loop stops before the first token | expects: come down to t = 0
import torch


def advantages(rewards, values, gamma, lam):
    found, following = torch.zeros_like(rewards), 0.0
    for t in range(rewards.shape[1] - 1, 0, -1):
        next_value = values[:, t + 1] if t + 1 < rewards.shape[1] else 0.0
        following = rewards[:, t] + gamma * next_value - values[:, t] + gamma * lam * following
        found[:, t] = following
    return found


# %% wrong: the loop begins at the last token but one | expects: begins at t = T - 1
import torch


def advantages(rewards, values, gamma, lam):
    found, following = torch.zeros_like(rewards), 0.0
    for t in range(rewards.shape[1] - 2, -1, -1):
        following = rewards[:, t] + gamma * values[:, t + 1] - values[:, t] + gamma * lam * following
        found[:, t] = following
    return found


# %% wrong: the loop is not reversed | expects: backwards
import torch


def advantages(rewards, values, gamma, lam):
    found, following, next_value = torch.zeros_like(rewards), 0.0, 0.0
    for t in range(rewards.shape[1]):
        following = rewards[:, t] + gamma * next_value - values[:, t] + gamma * lam * following
        found[:, t], next_value = following, values[:, t]
    return found


# %% wrong: gamma twice | expects: delta[t]
import torch


def advantages(rewards, values, gamma, lam):
    found, following = torch.zeros_like(rewards), 0.0
    for t in range(rewards.shape[1] - 1, -1, -1):
        next_value = values[:, t + 1] if t + 1 < rewards.shape[1] else 0.0
        following = rewards[:, t] + gamma * next_value - values[:, t] + gamma * gamma * following
        found[:, t] = following
    return found


# %% wrong: squeezed | expects: of the shape (B, T)
import torch


def advantages(rewards, values, gamma, lam):
    found, following, after = [], 0.0, 0.0
    for t in reversed(range(rewards.shape[1])):
        following = rewards[:, t] + gamma * after - values[:, t] + gamma * lam * following
        after = values[:, t]
        found.insert(0, following)
    return torch.stack(found, 1).squeeze()
