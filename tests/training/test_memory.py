"""Freed memory goes back to the system, and where the C library cannot do that nothing happens."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

from utils.training.memory import give_back_memory

BETWEEN_OTHERS = """
import psutil, torch
from utils.training.memory import give_back_memory
# glibc keeps blocks of up to the size of the largest one that was ever freed, here 28 MB.
large = torch.ones(7_000_000)
del large
blocks = [torch.ones(200_000) for _ in range(400)]
kept = blocks[::2]
del blocks
held = psutil.Process().memory_info().rss
give_back_memory()
assert all(float(one[-1]) == 1.0 for one in kept)
print(held - psutil.Process().memory_info().rss)
"""


def test_blocks_between_others_are_given_back() -> None:
    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("only glibc gives memory back when it is asked")
    # Dask, in another test of this process, tells the allocator to keep nothing.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_TUNABLES"))}
    command = [sys.executable, "-c", BETWEEN_OTHERS]
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=clean)
    assert int(found.stdout) > 100_000_000


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    give_back_memory()
