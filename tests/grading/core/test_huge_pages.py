"""Huge pages change what a fork costs, and nothing else."""

from __future__ import annotations

import os
import sys

import pytest

from utils.course.grading import huge_pages


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")
def test_memory_keeps_its_contents_here_and_in_a_fork() -> None:
    numbers = list(range(500_000))
    block = bytearray(os.urandom(1 << 16)) * 128
    copy = bytes(block)
    assert huge_pages.use_huge_pages() >= 0
    assert sum(numbers) == 499_999 * 250_000
    assert bytes(block) == copy
    child = os.fork()
    if child == 0:
        block[:] = bytes(len(block))
        os._exit(0 if sum(numbers) == 499_999 * 250_000 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert bytes(block) == copy


def test_a_kernel_without_them_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huge_pages, "_MADV_COLLAPSE", 9999)
    assert huge_pages.use_huge_pages() == 0
