"""JSON that is no notebook."""


def make() -> bytes:
    return b'{"cells": 3}'
