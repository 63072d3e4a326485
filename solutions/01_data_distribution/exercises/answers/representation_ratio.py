"""Answers to `representation_ratio`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: as the contract says it
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    for name, value in [
        ("speakers", speakers_millions),
        ("share", share_percent),
        ("world", world_millions),
    ]:
        if value < 0:
            raise ValueError(f"{name} must not be negative, got {value}")
    if share_percent == 0:
        return math.inf
    return (speakers_millions / world_millions) / (share_percent / 100)


# %% right: one fraction, exact until the end
from fractions import Fraction


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if min(speakers_millions, share_percent, world_millions) < 0:
        raise ValueError(
            f"speakers, share and world must be 0 or more: {speakers_millions}, {share_percent}, {world_millions}"
        )
    try:
        return float(
            Fraction(speakers_millions) * 100 / (Fraction(world_millions) * Fraction(share_percent))
        )
    except ZeroDivisionError:
        return float("inf")


# %% right: numpy, which warns on stderr when it divides by zero
import numpy as np


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    numbers = np.array([speakers_millions, share_percent, world_millions], dtype=np.float64)
    if (numbers < 0).any():
        raise ValueError(f"negative numbers make no ratio: {numbers}")
    expected = numbers[0] / numbers[2]
    ratio = expected / (numbers[1] / 100)
    return np.where(numbers[1] == 0, np.inf, ratio)[()]


# %% right: through logarithms
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0:
        raise ValueError(f"speakers_millions is negative: {speakers_millions}")
    if share_percent < 0:
        raise ValueError(f"share_percent is negative: {share_percent}")
    if world_millions < 0:
        raise ValueError(f"world_millions is negative: {world_millions}")
    if not share_percent:
        return math.inf
    if not speakers_millions:
        return 0.0
    logs = (
        math.log(speakers_millions)
        - math.log(world_millions)
        - math.log(share_percent)
        + math.log(100)
    )
    return math.exp(logs)


# %% wrong: the share is taken for a fraction | expects: percent
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 or share_percent < 0 or world_millions < 0:
        raise ValueError(f"negative: {speakers_millions}, {share_percent}, {world_millions}")
    if share_percent == 0:
        return math.inf
    return (speakers_millions / world_millions) / share_percent


# %% wrong: upside down | expects: upside down / inver / reciprocal / swapped / wrong way
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 or share_percent < 0 or world_millions < 0:
        raise ValueError(f"negative: {speakers_millions}, {share_percent}, {world_millions}")
    if share_percent == 0:
        return math.inf
    return (share_percent / 100) / (speakers_millions / world_millions)


# %% wrong: share 0 divides by zero | expects: share 0 / share of 0 / share is 0 / infinit
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 or share_percent < 0 or world_millions < 0:
        raise ValueError(f"negative: {speakers_millions}, {share_percent}, {world_millions}")
    return (speakers_millions / world_millions) / (share_percent / 100)


# %% wrong: share 0 gives 0 | expects: share 0 / share of 0 / share is 0 / infinit
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 or share_percent < 0 or world_millions < 0:
        raise ValueError(f"negative: {speakers_millions}, {share_percent}, {world_millions}")
    if share_percent == 0:
        return 0.0
    return (speakers_millions / world_millions) / (share_percent / 100)


# %% wrong: negative numbers are let through | expects: negative / refused
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if share_percent == 0:
        return math.inf
    return (speakers_millions / world_millions) / (share_percent / 100)


# %% wrong: only negative speakers are refused | expects: share / refused
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0:
        raise ValueError(f"speakers_millions is negative: {speakers_millions}")
    if share_percent == 0:
        return math.inf
    return (speakers_millions / world_millions) / (share_percent / 100)


# %% wrong: share 0 is refused with the negative ones | expects: share 0 / share of 0 / share is 0 / infinit
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 or share_percent <= 0 or world_millions < 0:
        raise ValueError(
            f"must be positive: {speakers_millions}, {share_percent}, {world_millions}"
        )
    return (speakers_millions / world_millions) / (share_percent / 100)


# %% wrong: the world's population is fixed | expects: world
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 or share_percent < 0 or world_millions < 0:
        raise ValueError(f"negative: {speakers_millions}, {share_percent}, {world_millions}")
    if share_percent == 0:
        return math.inf
    return (speakers_millions / 8000) / (share_percent / 100)


# %% wrong: the world is given in billions by default | expects: world / million
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8.0):
    if speakers_millions < 0 or share_percent < 0 or world_millions < 0:
        raise ValueError(f"negative: {speakers_millions}, {share_percent}, {world_millions}")
    if share_percent == 0:
        return math.inf
    return (speakers_millions / world_millions) / (share_percent / 100)


# %% wrong: the speakers' share in percent over the share as a fraction | expects: 100 times / times 100 / percent / factor
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 or share_percent < 0 or world_millions < 0:
        raise ValueError(f"negative: {speakers_millions}, {share_percent}, {world_millions}")
    if share_percent == 0:
        return math.inf
    return (100 * speakers_millions / world_millions) / (share_percent / 100)


# %% wrong: a difference instead of a ratio | expects: difference / subtract / divide
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 or share_percent < 0 or world_millions < 0:
        raise ValueError(f"negative: {speakers_millions}, {share_percent}, {world_millions}")
    if share_percent == 0:
        return math.inf
    return speakers_millions / world_millions - share_percent / 100


# %% wrong: rounded to two decimals like the table | expects: round
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 or share_percent < 0 or world_millions < 0:
        raise ValueError(f"negative: {speakers_millions}, {share_percent}, {world_millions}")
    if share_percent == 0:
        return math.inf
    return round((speakers_millions / world_millions) / (share_percent / 100), 2)


# %% wrong: integer division | expects: integer / whole number / // / floor
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 or share_percent < 0 or world_millions < 0:
        raise ValueError(f"negative: {speakers_millions}, {share_percent}, {world_millions}")
    if share_percent == 0:
        return math.inf
    return float((100 * speakers_millions) // (world_millions * share_percent))


# %% wrong: an assert instead of a ValueError | expects: ValueError
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    assert speakers_millions >= 0 and share_percent >= 0 and world_millions >= 0, "negative numbers"
    if share_percent == 0:
        return math.inf
    return (speakers_millions / world_millions) / (share_percent / 100)


# %% wrong: a negative world is let through | expects: world
import math


def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 or share_percent < 0:
        raise ValueError(f"negative: {speakers_millions}, {share_percent}")
    if share_percent == 0:
        return math.inf
    return (speakers_millions / world_millions) / (share_percent / 100)


# %% right: named in a loop over all arguments, with min
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    smallest = min(speakers_millions, share_percent, world_millions)
    if smallest < 0:
        raise ValueError(f"an argument is negative: {smallest}")
    try:
        return 100 * speakers_millions / world_millions / share_percent
    except ZeroDivisionError:
        return float("inf")


# %% wrong: the product of the two shares | expects: multiplied by the share
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if min(speakers_millions, share_percent, world_millions) < 0:
        raise ValueError("negative")
    if share_percent == 0:
        return float("inf")
    return speakers_millions / world_millions * share_percent / 100


# %% wrong: a negative result is refused, so two signs cancel | expects: two signs cancel
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if speakers_millions < 0 and share_percent == 0:
        raise ValueError("speakers_millions is negative")
    if share_percent == 0:
        return float("inf")
    ratio = speakers_millions / world_millions / (share_percent / 100)
    if ratio < 0:
        raise ValueError(f"the ratio is negative: {ratio}")
    return ratio


# %% wrong: the share is tested before the speakers' sign | expects: and no data
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if share_percent == 0:
        return float("inf")
    if min(speakers_millions, share_percent, world_millions) < 0:
        raise ValueError("negative numbers have no meaning here")
    return speakers_millions / world_millions / (share_percent / 100)


# %% wrong: a tiny share is taken for none | expects: tiny share is not 0
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    for name, value in list(locals().items()):
        if value < 0:
            raise ValueError(f"{name} is {value}")
    if share_percent < 1e-4:
        return float("inf")
    return speakers_millions / world_millions / (share_percent / 100)


# %% wrong: negative numbers are made positive | expects: negative / refused
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if share_percent == 0:
        return float("inf")
    return abs(speakers_millions / world_millions / (share_percent / 100))


# %% wrong: the share is multiplied by 100 | expects: divide it by 100
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if min(speakers_millions, share_percent, world_millions) < 0:
        raise ValueError("a number is negative")
    if share_percent == 0:
        return float("inf")
    return (speakers_millions / world_millions) / (share_percent * 100)


# %% wrong: the share of people alone | expects: share of people alone
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if min(speakers_millions, share_percent, world_millions) < 0:
        raise ValueError("a number is negative")
    if share_percent == 0:
        return float("inf")
    return speakers_millions / world_millions


# %% wrong: times the number of people in the world | expects: multiplied by the number of people
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if min(speakers_millions, share_percent, world_millions) < 0:
        raise ValueError("a number is negative")
    if share_percent == 0:
        return float("inf")
    return speakers_millions * world_millions / (share_percent / 100)


# %% wrong: the people who do not speak it | expects: by (share
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    if min(speakers_millions, share_percent, world_millions) < 0:
        raise ValueError("a number is negative")
    if share_percent == 0:
        return float("inf")
    return (1 - speakers_millions / world_millions) / (share_percent / 100)


# %% wrong: no speakers give 0, whatever the share | expects: whatever the number of speakers
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    for name, value in [
        ("speakers_millions", speakers_millions),
        ("share_percent", share_percent),
        ("world_millions", world_millions),
    ]:
        if value < 0:
            raise ValueError(f"{name} is {value}")
    if speakers_millions == 0:
        return 0.0
    return (
        speakers_millions / world_millions / (share_percent / 100)
        if share_percent
        else float("inf")
    )


# %% wrong: speakers cut to whole millions | expects: not in whole ones
def representation_ratio(speakers_millions, share_percent, world_millions=8000.0):
    for name, value in [
        ("speakers_millions", speakers_millions),
        ("share_percent", share_percent),
        ("world_millions", world_millions),
    ]:
        if value < 0:
            raise ValueError(f"{name} is {value}")
    return (
        int(speakers_millions) / world_millions / (share_percent / 100)
        if share_percent
        else float("inf")
    )
