"""Answers to `best_average_logprob`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: max with a key
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: sum(candidate[1]) / len(candidate[1]))[0]


# %% right: a loop
import statistics


def best_average_logprob(candidates):
    best_text, best_mean = None, float("-inf")
    for text, logprobs in candidates:
        mean = statistics.fmean(logprobs)
        if best_text is None or mean > best_mean:
            best_text, best_mean = text, mean
    return best_text


# %% right: numpy
import numpy as np


def best_average_logprob(candidates):
    means = [np.mean(np.asarray(logprobs, dtype=np.float64)) for _, logprobs in candidates]
    return candidates[int(np.argmax(means))][0]


# %% right: the lowest perplexity
import torch


def best_average_logprob(candidates):
    texts, logprobs = zip(*candidates)
    perplexities = torch.stack([(-torch.as_tensor(values).double().mean()).exp() for values in logprobs])
    return texts[int(perplexities.argmin())]


# %% right: sorted
def best_average_logprob(candidates):
    scored = [(sum(float(value) for value in logprobs) / len(logprobs), text) for text, logprobs in candidates]
    return sorted(scored, key=lambda item: item[0], reverse=True)[0][1]


# %% wrong: the highest sum | expects: sum
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: sum(candidate[1]))[0]


# %% wrong: the lowest mean | expects: lowest / highest
def best_average_logprob(candidates):
    return min(candidates, key=lambda candidate: sum(candidate[1]) / len(candidate[1]))[0]


# %% wrong: the mean of the probabilities | expects: probabilities / mean of the log
import math


def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: sum(math.exp(value) for value in candidate[1]) / len(candidate[1]))[0]


# %% wrong: the sum over the characters | expects: characters / tokens
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: sum(candidate[1]) / len(candidate[0]))[0]


# %% wrong: the sum over the words | expects: words / tokens
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: sum(candidate[1]) / len(candidate[0].split()))[0]


# %% wrong: the length plus one | expects: length / number of tokens
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: sum(candidate[1]) / (len(candidate[1]) + 1))[0]


# %% wrong: divided by the root of the length | expects: root / length
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: sum(candidate[1]) / len(candidate[1]) ** 0.5)[0]


# %% wrong: the length penalty of machine translation | expects: length
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: sum(candidate[1]) / ((5 + len(candidate[1])) / 6) ** 0.6)[0]


# %% wrong: the best token | expects: best token / single token / one token
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: max(candidate[1]))[0]


# %% wrong: the best of the worst tokens | expects: worst / single token / one token
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: min(candidate[1]))[0]


# %% wrong: the median | expects: median
import statistics


def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: statistics.median(candidate[1]))[0]


# %% wrong: the last token | expects: last token / one token
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: candidate[1][-1])[0]


# %% wrong: the product of probabilities underflows | expects: underflow
import math


def best_average_logprob(candidates):
    def geometric_mean(candidate):
        product = math.prod(math.exp(value) for value in candidate[1])
        return product ** (1 / len(candidate[1]))

    return max(candidates, key=geometric_mean)[0]


# %% wrong: the pair comes back | expects: text
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: sum(candidate[1]) / len(candidate[1]))


# %% wrong: the index comes back | expects: index / text
def best_average_logprob(candidates):
    means = [sum(logprobs) / len(logprobs) for _, logprobs in candidates]
    return means.index(max(means))


# %% wrong: the mean comes back | expects: text
def best_average_logprob(candidates):
    return max(sum(logprobs) / len(logprobs) for _, logprobs in candidates)


# %% wrong: the longest | expects: longest / length
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: len(candidate[1]))[0]


# %% wrong: the first token | expects: first token / one token
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: candidate[1][0])[0]


# %% wrong: means rounded to two decimals | expects: round
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: round(sum(candidate[1]) / len(candidate[1]), 1))[0]


# %% right: numpy
import numpy as np


def best_average_logprob(candidates):
    return candidates[int(np.argmax([np.mean(logprobs) for _, logprobs in candidates]))][0]


# %% wrong: the shortest | expects: shortest
def best_average_logprob(candidates):
    return min(candidates, key=lambda candidate: len(candidate[1]))[0]


# %% wrong: the first one | expects: first candidate
def best_average_logprob(candidates):
    return candidates[0][0]


# %% wrong: whole nats only | expects: rounded
def best_average_logprob(candidates):
    return max(candidates, key=lambda candidate: round(sum(candidate[1]) / len(candidate[1])))[0]


# %% wrong: a bonus for every token | expects: highest mean
def best_average_logprob(candidates):
    def score(candidate):
        _, logprobs = candidate
        return sum(logprobs) / len(logprobs) + 0.1 * len(logprobs)

    return max(candidates, key=score)[0]


# %% wrong: no return | expects: is a `return` missing
def best_average_logprob(candidates):
    max(candidates, key=lambda candidate: sum(candidate[1]) / len(candidate[1]))[0]


# %% wrong: best starts at -10 | expects: Start with the first
def best_average_logprob(candidates):
    best, score = "", -10
    for text, logs in candidates:
        mean = sum(logs) / len(logs)
        if mean > score:
            best, score = text, mean
    return best


# %% wrong: half precision | expects: full precision
import torch


def best_average_logprob(candidates):
    return max(candidates, key=lambda c: torch.tensor(c[1]).half().mean().item())[0]


# %% wrong: zeros do not count | expects: certain token
def best_average_logprob(candidates):
    return max(candidates, key=lambda c: sum(c[1]) / max(1, sum(v != 0 for v in c[1])))[0]


# %% wrong: unique values | expects: not once
def best_average_logprob(candidates):
    return max(candidates, key=lambda c: sum(set(c[1])) / len(set(c[1])))[0]


# %% wrong: a dict by text loses doubles | expects: dict by text
def best_average_logprob(candidates):
    means = {text: sum(logs) / len(logs) for text, logs in candidates}
    return max(means, key=means.get)


# %% wrong: the text stripped | expects: strip
def best_average_logprob(candidates):
    return max(candidates, key=lambda c: sum(c[1]) / len(c[1]))[0].strip()


# %% wrong: best starts at 0 | expects: starts at 0
def best_average_logprob(candidates):
    best, score = "", 0
    for text, logs in candidates:
        mean = sum(logs) / len(logs)
        if mean > score:
            best, score = text, mean
    return best


# %% wrong: length less one | expects: too small
def best_average_logprob(candidates):
    return max(candidates, key=lambda c: sum(c[1]) / max(1, len(c[1]) - 1))[0]


# %% wrong: the first token is the prompt's | expects: first token was left out
def best_average_logprob(candidates):
    return max(candidates, key=lambda c: sum(c[1][1:]) / max(1, len(c[1]) - 1))[0]


# %% wrong: the last token is the eos | expects: last token was left out
def best_average_logprob(candidates):
    return max(candidates, key=lambda c: sum(c[1][:-1]) / max(1, len(c[1]) - 1))[0]
