"""Answers to `model_flops_utilization`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: FLOP per second over the peak
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    achieved = 6 * n_params * tokens_per_second
    return achieved / peak_flops_per_second


# %% right: over the fastest possible throughput
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    fastest = peak_flops_per_second / (6.0 * n_params)
    return tokens_per_second / fastest


# %% right: forward and back
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    forward = 2 * n_params
    return (forward + 2 * forward) * tokens_per_second / peak_flops_per_second


# %% right: numpy
import numpy as np


def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return np.divide(6.0 * tokens_per_second * n_params, peak_flops_per_second)


# %% wrong: the way forward only | expects: forward
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 2 * n_params * tokens_per_second / peak_flops_per_second


# %% wrong: the way back only | expects: back
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 4 * n_params * tokens_per_second / peak_flops_per_second


# %% wrong: activations computed again | expects: again
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 8 * n_params * tokens_per_second / peak_flops_per_second


# %% wrong: one operation per parameter | expects: factor 6 / six
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return n_params * tokens_per_second / peak_flops_per_second


# %% wrong: multiply-adds | expects: addition
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 3 * n_params * tokens_per_second / peak_flops_per_second


# %% wrong: in percent | expects: percent
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 600 * n_params * tokens_per_second / peak_flops_per_second


# %% wrong: upside down | expects: upside down
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return peak_flops_per_second / (6 * n_params * tokens_per_second)


# %% wrong: what is lost | expects: idle / lost
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 1 - 6 * n_params * tokens_per_second / peak_flops_per_second


# %% wrong: achieved FLOP/s | expects: peak
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 6 * n_params * tokens_per_second


# %% wrong: the size plays no part | expects: n_params
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 6 * tokens_per_second / peak_flops_per_second


# %% wrong: the throughput plays no part | expects: tokens_per_second
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 6 * n_params / peak_flops_per_second


# %% wrong: rounded to percent | expects: round
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return round(6 * n_params * tokens_per_second / peak_flops_per_second, 2)


# %% wrong: a wish | expects: 6 N
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 0.5


# %% wrong: kept by tokens_per_second, n_params alone | expects: earlier call
_kept = {}


def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    if (tokens_per_second, n_params) not in _kept:
        _kept[tokens_per_second, n_params] = (
            6 * n_params * tokens_per_second / peak_flops_per_second
        )
    return _kept[tokens_per_second, n_params]


# %% wrong: division in whole numbers | expects: whole numbers
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 6 * n_params * tokens_per_second // peak_flops_per_second


# %% wrong: rounded to four digits | expects: not round
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return round(6 * n_params * tokens_per_second / peak_flops_per_second, 4)


# %% wrong: divided by the size | expects: 6 N x tokens
def model_flops_utilization(tokens_per_second, n_params, peak_flops_per_second):
    return 6 / n_params * tokens_per_second / peak_flops_per_second
