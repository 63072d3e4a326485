"""Functions that worker processes import, as a sweep's function has to be."""

from __future__ import annotations

import os
import time

import torch


def square(x: int) -> int:
    return x * x


def slow_first(x: int) -> int:
    time.sleep(0.3 if x == 0 else 0.0)
    return x


def fail_on_three(x: int) -> int:
    if x == 3:
        raise ZeroDivisionError("three is refused")
    return x


def die_on_two(x: int) -> int:
    if x == 2:
        os._exit(9)
    return x


def threads_and_process(x: int) -> tuple[int, int]:
    return torch.get_num_threads(), os.getpid()


def doubled(tensor: torch.Tensor) -> torch.Tensor:
    return 2 * tensor
