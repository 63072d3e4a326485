"""Whether a model's weights are still those that a decoder was made from.

Torch counts the changes of a tensor, but not those made through `.data`, through numpy or by another process, and a sum
stays the same when two numbers change places. So all bits are read: every eight bytes are multiplied by an odd random
number of their place, and the products are summed modulo 2**64. One change always changes that sum, and several do but
for a chance below one in a billion. It costs little more than reading the weights.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from utils.decoding.arguments import instance_of

# Words of 8 bytes in a row: each has a factor for its column and one for its row.
COLUMNS = 1024
_SEED = 20_240_229


@cache
def _factors(n: int, stream: int) -> np.ndarray:
    """Return n odd random numbers of 64 bits."""
    words = np.random.default_rng((_SEED, stream, n)).integers(0, 2**63, size=n, dtype=np.int64)
    return words * 2 + 1


def _digest(weight: Tensor) -> int:
    """Return a number of 64 bits that changes when a bit of the tensor does."""
    data = weight.detach().contiguous().reshape(-1).view(torch.uint8)
    whole = data.numel() // (8 * COLUMNS) * (8 * COLUMNS)
    rest = np.zeros(8 * COLUMNS, dtype=np.uint8)
    if weight.device.type == "cpu":
        # On the processor numpy's product of whole numbers is the faster one; a device reads its own memory.
        array = data.numpy()
        rest[: array.size - whole] = array[whole:]
        by_row = _sums(array[:whole].view(np.int64).reshape(-1, COLUMNS))
    else:
        rest[: data.numel() - whole] = data[whole:].cpu().numpy()
        by_row = _sums_on_device(data[:whole].view(torch.int64).view(-1, COLUMNS))
    sums = np.append(by_row, _sums(rest.view(np.int64)[None]))
    # Lengths are few in number (one for every shape), so their factors are kept.
    return int(np.dot(sums, _factors(len(sums), 1)))


def _sums(rows: np.ndarray) -> np.ndarray:
    """Return the sums (N,) of rows (N, COLUMNS) times the factors of the columns, modulo 2**64."""
    return np.einsum("ij,j->i", rows, _factors(COLUMNS, 0))


def _sums_on_device(rows: Tensor) -> np.ndarray:
    """Return what `_sums` does, computed where the rows are."""
    return (rows * torch.from_numpy(_factors(COLUMNS, 0)).to(rows.device)).sum(1).cpu().numpy()


def weights_fingerprint(model: nn.Module) -> tuple[object, ...]:
    """Return a value that is equal for equal weights and differs, but for a negligible chance, for different ones.

    Args:
        model: any module; its parameters count, under their names, with shape, type and device.

    Raises:
        ValueError: it is no module.
    """
    instance_of(model, "model", nn.Module)
    return tuple(
        (name, tuple(weight.shape), weight.dtype, weight.device, _digest(weight))
        for name, weight in model.named_parameters()
    )
