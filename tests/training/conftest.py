"""One thread in every test of training: sums in one order, and no oversubscribed cores."""

from __future__ import annotations

import pytest

from utils.training.threads import one_thread


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():
        yield
