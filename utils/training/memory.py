"""Memory that a process has freed and still holds."""

from __future__ import annotations

import contextlib
import ctypes
import gc


def give_back_memory() -> None:
    """Return freed memory to the system where its C library can.

    A model is hundreds of blocks of a few megabytes. glibc keeps what lies between blocks in use: a gigabyte, after the
    real model had been held in three number formats.
    """
    gc.collect()
    # Only glibc has it.
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
