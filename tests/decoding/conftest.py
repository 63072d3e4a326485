"""One thread: these models are so small that threads only wait for each other, above all on a busy machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from utils.training import threads


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """Run the tests of this folder on one thread."""
    with threads.one_thread():
        yield
