"""One run on several devices: data parallelism under `torchrun`.

    torchrun --standalone --nproc-per-node=2 script.py

with, in the script, `with process_group(): train(...)`. Every process calls `train` with the same arguments; each
computes its rows of every batch, and the gradients are averaged as if one process had seen the whole batch.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor

from utils.arguments import one_of, shown, tensor, truth


@contextmanager
def process_group(backend: str | None = None) -> Iterator[torch.device]:
    """Join the processes that `torchrun` started and yield this one's device; alone, yield the default device.

    Args:
        backend: ``"nccl"`` or ``"gloo"``; None chooses nccl where there are GPUs.

    Raises:
        ValueError: another backend.
    """
    if backend is not None:
        one_of("backend", backend, ("nccl", "gloo"))
    if "RANK" not in os.environ or "WORLD_SIZE" not in os.environ:
        yield torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return
    if torch.cuda.is_available() and backend != "gloo":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    else:
        device = torch.device("cpu")
    dist.init_process_group(backend or ("nccl" if device.type == "cuda" else "gloo"))
    try:
        yield device
    finally:
        dist.destroy_process_group()


def world() -> tuple[int, int]:
    """Return (rank, number of processes): (0, 1) outside a process group."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank(), dist.get_world_size()
    return 0, 1


def rows_of_rank(batch: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return this process's rows of a joint batch.

    Raises:
        ValueError: the batch is no tuple of tensors of equally many rows, or has fewer than there are processes.
    """
    if not isinstance(batch, tuple | list) or not batch:
        raise ValueError(f"batch must be a tuple of tensors, not {shown(batch)}")
    rows = [len(tensor("batch", part, least_dims=1)) for part in batch]
    rank, processes = world()
    if processes == 1:
        return batch
    if len(set(rows)) > 1:
        raise ValueError(f"batch must hold equally many rows in every tensor, not {rows}")
    if rows[0] < processes:
        raise ValueError(f"a batch of {rows[0]} rows cannot be shared by {processes} processes")
    return tuple(part[rank::processes] for part in batch)


def summed(value: Tensor) -> Tensor:
    """Return the sum of `value` over all processes; anything but a tensor raises ValueError."""
    tensor("value", value)
    if world()[1] == 1:
        return value
    value = value.detach().clone()
    dist.all_reduce(value)
    return value


def first_ranks_choice(flag: bool, device: torch.device) -> bool:
    """Return rank 0's flag on every process, so that all leave a loop together; no flag raises ValueError."""
    truth("flag", flag)
    if world()[1] == 1:
        return flag
    shared = torch.tensor(int(flag), device=device)
    dist.broadcast(shared, src=0)
    return bool(shared.item())
