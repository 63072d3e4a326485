"""What training costs: operations, days, dollars and electricity, and how well hardware is used."""

from __future__ import annotations

import math

SECONDS_PER_DAY = 86_400


def training_flops(n_params: float, n_tokens: float) -> float:
    """Return 6 N D, the floating point operations of training (Kaplan et al., 2020).

    Each parameter takes part in one multiplication and one addition per token on the way forward, and in twice as many
    on the way back.

    >>> f"{training_flops(175e9, 300e9):.3g}"  # GPT-3
    '3.15e+23'

    Raises:
        ValueError: a number is negative or not finite.
    """
    return 6.0 * _not_negative("n_params", n_params) * _not_negative("n_tokens", n_tokens)


def training_days(total_flops: float, n_devices: float, flops_per_second: float, utilization: float = 1.0) -> float:
    """Return the days that devices need.

    Args:
        total_flops: FLOP of the whole training.
        n_devices: how many work side by side.
        flops_per_second: peak of one device, FLOP/s.
        utilization: share of the peak that is reached.

    >>> round(training_days(3.14e23, 256, 6e13))
    237

    Raises:
        ValueError: utilization is outside (0, 1], devices or their speed are not positive, or total_flops is negative.
    """
    if not 0 < utilization <= 1:
        raise ValueError(f"utilization must lie in (0, 1], not {utilization}: it is a share of the peak")
    speed = _positive("n_devices", n_devices) * _positive("flops_per_second", flops_per_second) * utilization
    return _not_negative("total_flops", total_flops) / speed / SECONDS_PER_DAY


def training_cost(days: float, n_devices: float, dollars_per_device_hour: float) -> float:
    """Return the dollars for devices by the hour.

    >>> round(training_cost(236 / 0.7, 256, 2.0))
    4142811

    Raises:
        ValueError: a number is negative or not finite.
    """
    hours = 24.0 * _not_negative("days", days) * _not_negative("n_devices", n_devices)
    return hours * _not_negative("dollars_per_device_hour", dollars_per_device_hour)


def training_energy(days: float, n_devices: float, watts_per_device: float, overhead: float = 1.0) -> float:
    """Return the electricity in kWh.

    Args:
        days: of training.
        n_devices: how many work.
        watts_per_device: what one draws.
        overhead: power usage effectiveness of the data centre: all power over the power of its computers, at least 1.

    Raises:
        ValueError: a number is negative or not finite, or the overhead is below 1.
    """
    if not overhead >= 1:
        raise ValueError(f"overhead must be at least 1, not {overhead}: a data centre draws more than its computers")
    hours = 24.0 * _not_negative("days", days) * _not_negative("n_devices", n_devices)
    return hours * _not_negative("watts_per_device", watts_per_device) * overhead / 1000


def flops_per_second_days(total_flops: float, unit: float = 1.0) -> float:
    """Return operations in days of a device that makes `unit` FLOP per second; one FLOP/s-day is 86,400 FLOP.

    With unit = 1e15 these are petaFLOP/s-days.

    Raises:
        ValueError: total_flops is negative, or unit is not positive.
    """
    return _not_negative("total_flops", total_flops) / (_positive("unit", unit) * SECONDS_PER_DAY)


def model_flops_utilization(tokens_per_second: float, n_params: float, peak_flops_per_second: float) -> float:
    """Return the share of the peak that reaches the model: 6 N times the tokens per second over the peak (MFU).

    Chowdhery et al. (2022), appendix B, without the attention between positions. Operations that are done twice, as in
    recomputed activations, do not count: they bring the model no further.

    Raises:
        ValueError: a number is negative or not finite, or the peak is not positive.
    """
    achieved = training_flops(n_params, _not_negative("tokens_per_second", tokens_per_second))
    return achieved / _positive("peak_flops_per_second", peak_flops_per_second)


def transfer_learning_rate(base_rate: float, base_width: float, width: float) -> float:
    """Return the rate of a hidden matrix at another width under Adam: base_rate * base_width / width.

    The maximal-update rule (Yang et al., 2022, table 8): each entry moves by about the rate, and a sum over a wider
    layer adds up more of these moves.

    Raises:
        ValueError: a number is not positive.
    """
    return _positive("base_rate", base_rate) * _positive("base_width", base_width) / _positive("width", width)


def emergent_score(per_token_accuracy: float, length: int) -> float:
    """Return the exact-match score p**length of an answer of `length` tokens, each right with probability p.

    A score that seems to jump may hide an accuracy that grows smoothly (Schaeffer et al., 2023).

    >>> [round(emergent_score(p, 10), 3) for p in (0.5, 0.9, 0.99)]
    [0.001, 0.349, 0.904]

    Raises:
        ValueError: the accuracy is outside [0, 1], or the length is not a whole number of at least 1.
    """
    if not 0 <= per_token_accuracy <= 1:
        raise ValueError(f"per_token_accuracy must lie in [0, 1], not {per_token_accuracy}")
    if length < 1 or length != int(length):
        raise ValueError(f"length must be a whole number of at least 1, not {length}")
    return float(per_token_accuracy) ** int(length)


def _positive(name: str, value: float) -> float:
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be positive and finite, not {value}")
    return float(value)


def _not_negative(name: str, value: float) -> float:
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name} must be finite and not negative, not {value}")
    return float(value)
