"""Answers to `training_days`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: seconds first
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if utilization <= 0 or utilization > 1:
        raise ValueError(f"utilization must be in (0, 1], not {utilization}")
    seconds = total_flops / (n_devices * flops_per_second * utilization)
    return seconds / (24 * 60 * 60)


# %% right: days of one device, shared
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not (0 < utilization <= 1):
        raise ValueError("utilization is " + str(utilization) + ", not a share")
    per_day = flops_per_second * 86400.0
    return total_flops / per_day / n_devices / utilization


# %% right: timedelta
from datetime import timedelta


def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    class NotAShare(ValueError):
        pass

    if utilization > 1.0 or not utilization > 0.0:
        raise NotAShare(f"utilization {utilization} is no share of the peak")
    day = timedelta(days=1).total_seconds()
    return float(total_flops) / float(n_devices * flops_per_second * utilization * day)


# %% wrong: in seconds | expects: seconds
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (n_devices * flops_per_second * utilization)


# %% wrong: in hours | expects: hours
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (n_devices * flops_per_second * utilization) / 3600


# %% wrong: days of one device | expects: devices
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (flops_per_second * utilization) / 86_400


# %% wrong: utilization left out | expects: utilization
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (n_devices * flops_per_second) / 86_400


# %% wrong: a lower utilization makes it faster | expects: longer
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops * utilization / (n_devices * flops_per_second) / 86_400


# %% wrong: more devices make it slower | expects: side by side
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops * n_devices / (flops_per_second * utilization) / 86_400


# %% wrong: upside down | expects: upside down
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return 86_400 * n_devices * flops_per_second * utilization / total_flops


# %% wrong: whole days | expects: part of a day / round
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return -(-total_flops // (n_devices * flops_per_second * utilization * 86_400))


# %% wrong: rounded to two places | expects: round
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return round(total_flops / (n_devices * flops_per_second * utilization * 86_400), 1)


# %% wrong: the printed 256 devices | expects: n_devices
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (256 * flops_per_second * utilization) / 86_400


# %% wrong: FLOP/s in tera | expects: unit
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (n_devices * flops_per_second * 1e12 * utilization) / 86_400


# %% wrong: a day of 1,440 seconds | expects: 86,400
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (n_devices * flops_per_second * utilization) / 1_440


# %% wrong: utilization is not checked | expects: above 1
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    return total_flops / (n_devices * flops_per_second * utilization) / 86_400


# %% wrong: only above 1 is refused | expects: 0
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if utilization > 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (n_devices * flops_per_second * max(utilization, 1e-9)) / 86_400


# %% wrong: only what is not positive is refused | expects: more than 1 / above 1
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if utilization <= 0:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (n_devices * flops_per_second * utilization) / 86_400


# %% wrong: the whole peak is refused | expects: 1 itself
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization < 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (n_devices * flops_per_second * utilization) / 86_400


# %% wrong: in percent | expects: share
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 100:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (n_devices * flops_per_second * utilization / 100) / 86_400


# %% wrong: clamped in silence | expects: (0, 1] / refuse
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    utilization = min(max(utilization, 0.01), 1.0)
    return total_flops / (n_devices * flops_per_second * utilization) / 86_400


# %% wrong: a default of a half | expects: default
def training_days(total_flops, n_devices, flops_per_second, utilization=0.5):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return total_flops / (n_devices * flops_per_second * utilization) / 86_400


# %% wrong: an assert | expects: ValueError
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    assert 0 < utilization <= 1, utilization
    return total_flops / (n_devices * flops_per_second * utilization) / 86_400


# %% wrong: a tenth more for failures | expects: days are operations
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    return 1.1 * total_flops / (n_devices * flops_per_second * utilization) / 86_400


# %% wrong: kept by the utilization alone | expects: earlier call
_kept = {}


def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    key = (total_flops, n_devices, utilization)
    if key not in _kept:
        _kept[key] = total_flops / (n_devices * flops_per_second * utilization * 86_400)
    return _kept[key]


# %% right: durations
from datetime import timedelta


def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization is {utilization}")
    seconds = total_flops / (n_devices * flops_per_second * utilization)
    return timedelta(seconds=seconds) / timedelta(days=1)


# %% wrong: rounded to hundredths | expects: do not round
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization must lie in (0, 1], not {utilization}")
    return round(total_flops / (n_devices * flops_per_second * utilization) / 86_400, 2)


# %% wrong: times the seconds of a day | expects: you multiplied
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization must be in (0, 1], not {utilization}")
    return total_flops / (n_devices * flops_per_second * utilization) * 86_400


# %% wrong: no parentheses around the speed | expects: parentheses
def training_days(total_flops, n_devices, flops_per_second, utilization=1.0):
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization must be in (0, 1], not {utilization}")
    return total_flops / n_devices * flops_per_second * utilization / 86_400
