"""Answers to `token_probabilities`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: torch's softmax, and a one-hot row of the argmax
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature must not be negative, not {temperature}")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
    return torch.softmax(logits / temperature, dim=-1)


# %% right: exponentials by hand in float64, one-hot by scatter
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}; it must be 0 or more")
    logits = logits.double()
    if temperature == 0:
        return torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    powers = ((logits - logits.amax(-1, keepdim=True)) / temperature).exp()
    return powers / powers.sum(-1, keepdim=True)


# %% right: numpy, row by row
import numpy as np
import torch


def token_probabilities(logits, temperature=1.0):
    if not temperature >= 0:
        raise ValueError(f"temperature must be at least 0, got {temperature!r}")
    flat = logits.detach().cpu().numpy().astype(np.float64).reshape(-1, logits.shape[-1])
    result = np.zeros_like(flat)
    for row, values in enumerate(flat):
        if temperature == 0:
            result[row, int(np.argmax(values))] = 1.0
        else:
            shifted = np.exp((values - values.max()) / temperature)
            result[row] = shifted / shifted.sum()
    return torch.from_numpy(result.reshape(tuple(logits.shape)))


# %% right: integers for one-hot, first index by comparison
import torch
import torch.nn.functional as F


def token_probabilities(logits, temperature=1.0):
    if temperature < 0.0:
        raise ValueError("temperature must be >= 0, got %r" % (temperature,))
    if temperature == 0.0:
        is_largest = logits == logits.max(dim=-1, keepdim=True).values
        return (is_largest & (is_largest.cumsum(-1) == 1)).long()
    return F.log_softmax(logits / temperature, dim=-1).exp()


# %% right: plain Python for a nested list
import math


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature} is negative")

    def row(values):
        if isinstance(values[0], list):
            return [row(part) for part in values]
        largest = max(values)
        if temperature == 0:
            first = values.index(largest)
            return [1.0 if i == first else 0.0 for i in range(len(values))]
        powers = [math.exp((value - largest) / temperature) for value in values]
        total = math.fsum(powers)
        return [power / total for power in powers]

    return row(logits.tolist())


# %% wrong: multiplied by the temperature | expects: multiplied / divide
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    return torch.softmax(logits * temperature, dim=-1)


# %% wrong: division by zero | expects: temperature 0 / division / NaN
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: a tiny temperature instead of zero splits ties | expects: tie / first largest
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    return torch.softmax(logits / max(temperature, 1e-6), dim=-1)


# %% wrong: every largest logit gets probability 1 | expects: tie / first largest
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return (logits == logits.max(dim=-1, keepdim=True).values).float()
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: the last largest logit | expects: first largest / tie / last
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        last = logits.shape[-1] - 1 - logits.flip(-1).argmax(-1)
        return torch.nn.functional.one_hot(last, logits.shape[-1]).float()
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: temperature 0 is one-hot on the largest of the whole batch | expects: row / whole
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        result = torch.zeros(logits.numel())
        result[logits.argmax()] = 1
        return result.reshape(logits.shape)
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: temperature 0 returns the id | expects: one-hot / probabilities / shape
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return logits.argmax(dim=-1)
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: temperature 0 leaves the plain softmax | expects: temperature 0 / one-hot
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature > 0:
        logits = logits / temperature
    return torch.softmax(logits, dim=-1)


# %% wrong: a negative temperature goes through | expects: refused / negative
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: a negative temperature counts as zero | expects: refused / negative
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature <= 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: an assert instead of a ValueError | expects: ValueError
import torch


def token_probabilities(logits, temperature=1.0):
    assert temperature >= 0, "temperature must not be negative"
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: temperature 0 is refused too | expects: temperature 0
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: the temperature divides the probabilities | expects: probabilities / before the softmax
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    return torch.softmax(logits, dim=-1) / temperature


# %% wrong: softmax over the first dimension | expects: last dimension / dimension
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    return torch.softmax(logits / temperature, dim=0)


# %% wrong: exponentials that overflow at a low temperature | expects: overflow / stable
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    powers = torch.exp(logits / temperature)
    return powers / powers.sum(dim=-1, keepdim=True)


# %% wrong: the temperature has no effect | expects: no effect
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    return torch.softmax(logits, dim=-1)


# %% wrong: the logits are divided in place | expects: in place
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    logits /= temperature
    return torch.softmax(logits, dim=-1)


# %% wrong: the softmax's result is sharpened by p ** temperature | expects: multiplied / divide
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    powers = torch.softmax(logits, dim=-1) ** temperature
    return powers / powers.sum(-1, keepdim=True)


# %% wrong: the default temperature is 0.7 | expects: default
import torch


def token_probabilities(logits, temperature=0.7):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: returns log-probabilities | expects: logarithm / log
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    return torch.log_softmax(logits / temperature, dim=-1)


# %% right: rows by argmax and one-hot, the softmax by hand in double precision
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}, below 0")
    if not temperature:
        return torch.nn.functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
    cold = logits.double() / temperature
    powers = (cold - cold.max(dim=-1, keepdim=True).values).exp()
    return (powers / powers.sum(dim=-1, keepdim=True)).to(logits.dtype)


# %% right: row by row, plain lists inside
import math

import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"negative temperature: {temperature}")

    def one_row(row):
        top = max(row)
        if temperature == 0:
            return [float(place == row.index(top)) for place in range(len(row))]
        powers = [math.exp((value - top) / temperature) for value in row]
        return [power / sum(powers) for power in powers]

    rows = logits.reshape(-1, logits.shape[-1]).tolist()
    return torch.tensor([one_row(row) for row in rows]).reshape(logits.shape)


# %% wrong: temperatures below a tenth become a tenth | expects: one-hot / stable / 1/16
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).float()
    return (logits / max(temperature, 0.1)).softmax(-1)


# %% wrong: low temperatures count as zero | expects: taken for 0
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature < 0.1:
        return torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).float()
    return (logits / temperature).softmax(-1)


# %% wrong: powers without their sum | expects: sum to 1
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).float()
    return (logits / temperature).exp()


# %% wrong: logits divided, and no softmax | expects: logits
def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    return logits / temperature if temperature else (logits == logits.max(-1, keepdim=True).values).float()


# %% wrong: divided by the root of the temperature | expects: square root
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).float()
    return (logits / temperature**0.5).softmax(-1)


# %% wrong: one softmax over all entries of the batch | expects: over the last dimension
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature} is negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).float()
    return (logits / temperature).flatten().softmax(0).reshape(logits.shape)


# %% wrong: always a batch of rows | expects: any number of dimensions
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature} is negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).float()
    rows, vocabulary = logits.shape
    powers = (logits / temperature - (logits / temperature).amax(1).reshape(rows, 1)).exp()
    return powers / powers.sum(1).reshape(rows, 1).expand(rows, vocabulary)


# %% wrong: at temperature 0 the largest logit keeps its value | expects: one-hot
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature} is negative")
    if temperature == 0:
        places = logits.argmax(-1, keepdim=True)
        return torch.zeros_like(logits).scatter(-1, places, logits.gather(-1, places))
    return (logits / temperature).softmax(-1)


# %% right: each token against every other
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature} is negative")
    ahead = logits.unsqueeze(-2) - logits.unsqueeze(-1)
    if temperature > 0:
        return 1 / (ahead / temperature).exp().sum(-1)
    place = torch.arange(logits.shape[-1])
    beaten = (ahead > 0) | ((ahead == 0) & (place < place[:, None]))
    return (~beaten.any(-1)).float()


# %% wrong: at temperature 0 nothing is set to 1 | expects: All probabilities are 0
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature} is negative")
    if temperature == 0:
        one_hot = torch.zeros_like(logits)
        one_hot.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
        return one_hot
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: argmin at temperature 0 | expects: smallest logit
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"temperature {temperature} is negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmin(-1), logits.shape[-1]).to(logits.dtype)
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: a temperature above 0 is refused | expects: above 0 is allowed
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature > 0:
        raise ValueError(f"temperature {temperature} is negative")
    return torch.softmax(logits / temperature, dim=-1)


# %% wrong: the temperature is at least 0.01 | expects: floor
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).float()
    return torch.softmax(logits / max(temperature, 0.01), -1)


# %% wrong: powers of probabilities that underflow | expects: Powers of probabilities
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        return torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1)
    q = torch.softmax(logits, -1) ** (1 / temperature)
    return q / q.sum(-1, keepdim=True)


# %% wrong: cached by shape and temperature | expects: earlier call
import torch

_seen = {}


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("negative")
    key = (tuple(logits.shape), temperature)
    if key not in _seen:
        if temperature == 0:
            _seen[key] = torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1)
        else:
            _seen[key] = torch.softmax(logits / temperature, -1)
    return _seen[key]


# %% wrong: squeezed | expects: squeeze
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        return torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1).squeeze()
    return torch.softmax(logits / temperature, -1).squeeze()


# %% wrong: powers of probabilities, not normalised | expects: sum to 1
import torch


def token_probabilities(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        return torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1)
    return torch.softmax(logits, -1) ** (1 / temperature)
