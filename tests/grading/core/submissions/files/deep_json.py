"""JSON nested a hundred thousand deep."""


def make() -> bytes:
    return b"[" * 100_000
