"""What nbgrader's converters log, collected instead of printed among a command's own lines."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nbgrader_messages(level: int) -> Iterator[list[str]]:
    """Collect nbgrader's and nbconvert's messages from this level up; nothing of them reaches the terminal."""
    messages: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    logger = logging.getLogger("traitlets")
    handler, own_level, propagate = Collect(level), logger.level, logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield messages
    finally:
        logger.removeHandler(handler)
        logger.setLevel(own_level)
        logger.propagate = propagate
