"""Random inputs of graded tests: reproducible, and not guessable without the course's secret."""

from __future__ import annotations

import hashlib
import os
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SECRET_VARIABLE = "COURSE_SECRET"


def case_rng(exercise: str, case: int | str) -> random.Random:
    """Return a generator for one case's random inputs: reproducible, but not guessable without the course's secret.

    The secret is the variable COURSE_SECRET. Without one (self-study) the inputs are the same for everybody.
    """
    text = f"{os.environ.get(SECRET_VARIABLE, '')}:{exercise}:{case}"
    return random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def case_tensor(exercise: str, case: int | str, *shape: int, scale: float = 1.0) -> Tensor:
    """Return a float32 tensor of normal numbers for one case, from the same secret as `case_rng`.

    Args:
        exercise, case: which exercise and case it is for; the same pair gives the same numbers.
        shape: of the tensor.
        scale: standard deviation.
    """
    import torch

    seed = case_rng(exercise, case).getrandbits(40)
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * scale
