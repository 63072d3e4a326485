"""Answers to `training_cost`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: hours first
def training_cost(days, n_devices, dollars_per_device_hour):
    hours = days * 24
    return hours * n_devices * dollars_per_device_hour


# %% right: device hours
def training_cost(days, n_devices, dollars_per_device_hour):
    device_hours = 24.0 * n_devices * days
    return float(device_hours * dollars_per_device_hour)


# %% right: dollars per second
def training_cost(days, n_devices, dollars_per_device_hour):
    seconds = days * 86_400
    return seconds * (n_devices * dollars_per_device_hour / 3_600)


# %% right: numpy
import numpy as np


def training_cost(days, n_devices, dollars_per_device_hour):
    return np.float64(dollars_per_device_hour) * np.multiply(days, 24) * n_devices


# %% wrong: days as hours | expects: 24
def training_cost(days, n_devices, dollars_per_device_hour):
    return days * n_devices * dollars_per_device_hour


# %% wrong: one device | expects: device
def training_cost(days, n_devices, dollars_per_device_hour):
    return days * 24 * dollars_per_device_hour


# %% wrong: device hours, no price | expects: price / dollars
def training_cost(days, n_devices, dollars_per_device_hour):
    return days * 24 * n_devices


# %% wrong: in millions | expects: millions / dollars
def training_cost(days, n_devices, dollars_per_device_hour):
    return days * 24 * n_devices * dollars_per_device_hour / 1e6


# %% wrong: in cents | expects: cents
def training_cost(days, n_devices, dollars_per_device_hour):
    return days * 24 * n_devices * dollars_per_device_hour * 100


# %% wrong: whole days are paid | expects: part
import math


def training_cost(days, n_devices, dollars_per_device_hour):
    return math.ceil(days) * 24 * n_devices * dollars_per_device_hour


# %% wrong: whole hours are paid | expects: part
import math


def training_cost(days, n_devices, dollars_per_device_hour):
    return math.floor(days * 24) * n_devices * dollars_per_device_hour


# %% wrong: working days of eight hours | expects: 24
def training_cost(days, n_devices, dollars_per_device_hour):
    return days * 8 * n_devices * dollars_per_device_hour


# %% wrong: utilization counted again | expects: utilization
def training_cost(days, n_devices, dollars_per_device_hour):
    return days * 24 * n_devices * dollars_per_device_hour / 0.7


# %% wrong: devices share the price | expects: times
def training_cost(days, n_devices, dollars_per_device_hour):
    return days * 24 * dollars_per_device_hour / n_devices


# %% wrong: 256 devices always | expects: n_devices
def training_cost(days, n_devices, dollars_per_device_hour):
    return days * 24 * 256 * dollars_per_device_hour


# %% wrong: two dollars always | expects: dollars_per_device_hour
def training_cost(days, n_devices, dollars_per_device_hour):
    return days * 24 * n_devices * 2


# %% wrong: the figure of the chapter | expects: any other / other
def training_cost(days, n_devices, dollars_per_device_hour):
    return 4_140_000.0


# %% wrong: rounded to dollars | expects: round
def training_cost(days, n_devices, dollars_per_device_hour):
    return round(days * 24 * n_devices * dollars_per_device_hour)


# %% wrong: a tenth more for electricity | expects: days x 24
def training_cost(days, n_devices, dollars_per_device_hour):
    return 1.1 * days * 24 * n_devices * dollars_per_device_hour


# %% wrong: kept by days, n_devices alone | expects: earlier call
_kept = {}


def training_cost(days, n_devices, dollars_per_device_hour):
    if (days, n_devices) not in _kept:
        _kept[days, n_devices] = days * 24 * n_devices * dollars_per_device_hour
    return _kept[days, n_devices]


# %% right: single precision
import torch


def training_cost(days, n_devices, dollars_per_device_hour):
    return torch.tensor([days, 24, n_devices, dollars_per_device_hour]).prod().item()


# %% wrong: whole days only | expects: do not round
def training_cost(days, n_devices, dollars_per_device_hour):
    return int(days) * 24 * n_devices * dollars_per_device_hour


# %% wrong: whole dollars | expects: do not round
def training_cost(days, n_devices, dollars_per_device_hour):
    return round(days * 24 * n_devices * dollars_per_device_hour)


# %% wrong: an hour at least | expects: paid for as a part
def training_cost(days, n_devices, dollars_per_device_hour):
    return max(24 * days, 1) * n_devices * dollars_per_device_hour
