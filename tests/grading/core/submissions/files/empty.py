"""An empty file."""


def make() -> bytes:
    return b""
