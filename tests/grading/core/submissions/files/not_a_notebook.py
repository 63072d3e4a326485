"""Bytes that are no text at all."""


def make() -> bytes:
    return bytes(range(256)) * 10
