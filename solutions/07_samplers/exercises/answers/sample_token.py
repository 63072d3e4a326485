"""Answers to `sample_token`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: multinomial over flattened rows
import torch


def sample_token(logits, generator=None):
    probabilities = logits.softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(probabilities, 1, generator=generator).reshape(logits.shape[:-1])


# %% right: the Gumbel trick
import torch


def sample_token(logits, generator=None):
    uniform = torch.rand(logits.shape, generator=generator, dtype=torch.float64).clamp_min(1e-300)
    return (logits - torch.log(-torch.log(uniform))).argmax(dim=-1)


# %% right: a race of exponential times
import torch


def sample_token(logits, generator=None):
    times = torch.empty(logits.shape).exponential_(generator=generator)
    return (logits.softmax(-1) / times).argmax(-1)


# %% right: the inverse of the cumulative distribution
import torch


def sample_token(logits, generator=None):
    total = logits.double().softmax(-1).cumsum(-1)
    point = torch.rand(logits.shape[:-1], generator=generator, dtype=torch.float64).unsqueeze(-1) * total[..., -1:]
    return (total <= point).sum(-1)


# %% right: numpy, one row after the other, seeded by the generator
import numpy as np
import torch


def sample_token(logits, generator=None):
    seed = int(torch.randint(2**62, (1,), generator=generator))
    rng = np.random.default_rng(seed)
    rows = logits.softmax(-1).double().reshape(-1, logits.shape[-1]).numpy()
    drawn = [int(rng.choice(len(row), p=row / row.sum())) for row in rows]
    return torch.tensor(drawn).reshape(logits.shape[:-1])


# %% right: row by row with multinomial, an int for one row
import torch


def sample_token(logits, generator=None):
    if logits.dim() == 1:
        return int(torch.multinomial(torch.softmax(logits, 0), 1, generator=generator))
    return torch.stack([torch.as_tensor(sample_token(row, generator)) for row in logits])


# %% wrong: the most likely token | expects: argmax / most likely / greedy
import torch


def sample_token(logits, generator=None):
    return logits.argmax(-1)


# %% wrong: a dimension of size 1 too many | expects: shape
import torch


def sample_token(logits, generator=None):
    probabilities = logits.softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(probabilities, 1, generator=generator).reshape(*logits.shape[:-1], 1)


# %% wrong: one row comes back as shape (1,) | expects: shape
import torch


def sample_token(logits, generator=None):
    if logits.dim() == 1:
        return torch.multinomial(logits.softmax(-1), 1, generator=generator)
    probabilities = logits.softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(probabilities, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: all dimensions are squeezed | expects: shape
import torch


def sample_token(logits, generator=None):
    probabilities = logits.softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(probabilities, 1, generator=generator).reshape(logits.shape[:-1]).squeeze()


# %% wrong: at most two dimensions | expects: dimension / shape
import torch


def sample_token(logits, generator=None):
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


# %% wrong: uniform over the possible tokens | expects: uniform / equally
import torch


def sample_token(logits, generator=None):
    possible = torch.isfinite(logits).float().reshape(-1, logits.shape[-1])
    return torch.multinomial(possible, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: logits are the weights | expects: softmax / exponential / -inf / raised
import torch


def sample_token(logits, generator=None):
    weights = torch.where(torch.isfinite(logits), logits - logits.clamp_min(-30).amin(-1, keepdim=True), torch.zeros(()))
    weights = weights.clamp_min(1e-6).reshape(-1, logits.shape[-1])
    return torch.multinomial(weights, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: -inf becomes a finite number | expects: -inf
import torch


def sample_token(logits, generator=None):
    finite = logits.clamp_min(-5.0)
    probabilities = finite.softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(probabilities, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: a small floor under every probability | expects: -inf
import torch


def sample_token(logits, generator=None):
    probabilities = logits.softmax(-1).clamp_min(1e-3).reshape(-1, logits.shape[-1])
    return torch.multinomial(probabilities, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: the generator is ignored | expects: generator
import torch


def sample_token(logits, generator=None):
    probabilities = logits.softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(probabilities, 1).reshape(logits.shape[:-1])


# %% wrong: the same seed at every call | expects: seed / same draws / every call
import torch


def sample_token(logits, generator=None):
    generator = torch.Generator().manual_seed(0) if generator is None else generator
    probabilities = logits.softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(probabilities, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: the generator starts again at every call | expects: again / advance / same draws
import torch


def sample_token(logits, generator=None):
    if generator is not None:
        generator.manual_seed(generator.initial_seed())
    probabilities = logits.softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(probabilities, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: a copy of the generator, which never advances | expects: again / advance / same draws
import torch


def sample_token(logits, generator=None):
    if generator is not None:
        copy = torch.Generator()
        copy.set_state(generator.get_state())
        generator = copy
    probabilities = logits.softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(probabilities, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: one random number for the whole batch | expects: row / independent
import torch


def sample_token(logits, generator=None):
    total = logits.double().softmax(-1).cumsum(-1)
    point = torch.rand(1, generator=generator, dtype=torch.float64) * total[..., -1:]
    return (total <= point).sum(-1)


# %% wrong: uniform noise is added to the logits | expects: softmax
import torch


def sample_token(logits, generator=None):
    return (logits + torch.rand(logits.shape, generator=generator)).argmax(-1)


# %% wrong: exponential noise in the place of Gumbel noise | expects: softmax
import torch


def sample_token(logits, generator=None):
    noise = -torch.log(torch.rand(logits.shape, generator=generator))
    return (logits + noise).argmax(-1)


# %% wrong: Gumbel noise is added to probabilities | expects: softmax
import torch


def sample_token(logits, generator=None):
    noise = -torch.log(-torch.log(torch.rand(logits.shape, generator=generator)))
    return (logits.softmax(-1) + noise).masked_fill(logits == -torch.inf, -torch.inf).argmax(-1)


# %% wrong: a softmax over the first dimension | expects: dimension / softmax
import torch


def sample_token(logits, generator=None):
    probabilities = logits.softmax(0).nan_to_num(0.0).reshape(-1, logits.shape[-1]) + 1e-12
    return torch.multinomial(probabilities, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: exponentials that overflow | expects: overflow / stable / raised
import torch


def sample_token(logits, generator=None):
    powers = logits.exp().reshape(-1, logits.shape[-1])
    return torch.multinomial(powers, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: the probabilities are squared | expects: softmax
import torch


def sample_token(logits, generator=None):
    probabilities = (logits.softmax(-1) ** 2).reshape(-1, logits.shape[-1])
    return torch.multinomial(probabilities, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: probabilities come back | expects: ids / shape
import torch


def sample_token(logits, generator=None):
    return logits.softmax(-1)


# %% wrong: draws only among the five most likely | expects: softmax / never
import torch


def sample_token(logits, generator=None):
    values, order = logits.topk(min(5, logits.shape[-1]), dim=-1)
    probabilities = values.softmax(-1).reshape(-1, values.shape[-1])
    place = torch.multinomial(probabilities, 1, generator=generator).reshape(*logits.shape[:-1], 1)
    return order.gather(-1, place).squeeze(-1)


# %% right: a random number for each row, searched in the cumulative sums
import torch


def sample_token(logits, generator=None):
    probabilities = logits.double().softmax(-1)
    u = torch.rand(*logits.shape[:-1], 1, generator=generator, dtype=torch.float64)
    sums = probabilities.cumsum(-1)
    # The first token whose sum exceeds u has a probability above 0.
    return (sums <= u * sums[..., -1:]).sum(-1)


# %% wrong: nothing is drawn at all | expects: shape
def sample_token(logits, generator=None):
    return []


# %% wrong: always zeros of the right shape | expects: one random number / every time / softmax
import torch


def sample_token(logits, generator=None):
    return torch.zeros(logits.shape[:-1], dtype=torch.long)


# %% wrong: the softmax of the softmax | expects: softmax
import torch


def sample_token(logits, generator=None):
    rows = logits.softmax(-1).softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(rows, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: the flattened ids | expects: shape
import torch


def sample_token(logits, generator=None):
    return torch.multinomial(logits.softmax(-1).reshape(-1, logits.shape[-1]), 1, generator=generator).reshape(-1)


# %% wrong: the unlikely tokens are likely | expects: sign
import torch


def sample_token(logits, generator=None):
    rows = (-logits.clamp(min=-1e4)).softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(rows, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: half the temperature's root | expects: squared
import torch


def sample_token(logits, generator=None):
    rows = (logits / 2).softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(rows, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: logits above the smallest as weights | expects: weights
import torch


def sample_token(logits, generator=None):
    rows = (logits - logits.amin(-1, keepdim=True)).nan_to_num(0, 0, 0).reshape(-1, logits.shape[-1])
    rows = rows + (rows.sum(-1, keepdim=True) == 0)
    return torch.multinomial(rows, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: ids as fractions | expects: whole
import torch


def sample_token(logits, generator=None):
    rows = logits.softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(rows, 1, generator=generator).reshape(logits.shape[:-1]) + 0.5


# %% wrong: the seed is read, the state is not | expects: again / advance / seed
import torch


def sample_token(logits, generator=None):
    seed = 0 if generator is None else generator.initial_seed()
    fresh = torch.Generator().manual_seed(seed)
    rows = logits.softmax(-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(rows, 1, generator=fresh).reshape(logits.shape[:-1])


# %% wrong: a digit from the generator is the seed of another one | expects: a few seeds / same draws
import torch


def sample_token(logits, generator=None):
    seed = int(torch.randint(10, (1,), generator=generator))
    rows = logits.reshape(-1, logits.shape[-1]).softmax(-1)
    ids = torch.multinomial(rows, 1, generator=torch.Generator().manual_seed(seed))
    return ids.reshape(logits.shape[:-1])


# %% wrong: multinomial draws with the logits as weights | expects: are probabilities, softmax(logits)
import torch


def sample_token(logits, generator=None):
    rows = logits.reshape(-1, logits.shape[-1])
    return torch.multinomial(rows, 1, generator=generator).reshape(logits.shape[:-1])


# %% wrong: softmax over the flat batch | expects: softmax ran over all
import torch


def sample_token(logits, generator=None):
    shares = logits.flatten().softmax(0).reshape(-1, logits.shape[-1])
    sums = shares.cumsum(-1)
    u = torch.rand(len(sums), 1, generator=generator)
    ids = (sums < u).sum(-1).clamp(max=logits.shape[-1] - 1)
    return ids.reshape(logits.shape[:-1])


# %% wrong: the first row's probabilities for all | expects: first row
import torch


def sample_token(logits, generator=None):
    if logits.dim() == 1:
        return torch.multinomial(logits.softmax(0), 1, generator=generator)[0]
    flat = logits.reshape(-1, logits.shape[-1])
    shares = flat[0].softmax(0)
    ids = torch.multinomial(shares, len(flat), replacement=True, generator=generator)
    return ids.reshape(logits.shape[:-1])


# %% wrong: writes into the logits | expects: in place
import torch


def sample_token(logits, generator=None):
    u = torch.rand(logits.shape, generator=generator)
    logits -= (-u.log()).log()
    return logits.argmax(-1)


# %% wrong: the order of a batch is turned | expects: wrong rows
import torch


def sample_token(logits, generator=None):
    flat = logits.reshape(-1, logits.shape[-1]).softmax(-1)
    ids = torch.multinomial(flat, 1, generator=generator)[:, 0]
    if logits.dim() == 3:
        return ids.reshape(logits.shape[1], logits.shape[0]).T
    return ids.reshape(logits.shape[:-1])
