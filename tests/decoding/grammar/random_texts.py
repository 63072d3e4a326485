"""Random texts of a grammar, written byte by byte."""

from __future__ import annotations

import random

from utils.decoding.grammar import Grammar


def random_text_of(grammar: Grammar, draws: random.Random, limit: int = 300) -> str | None:
    """Write any byte that is allowed; after `limit` bytes prefer those that lead to the end; None where none comes.

    Half of the time every class of bytes is as likely as the next, so that quotes and commas come up among letters.
    """
    state, data = grammar.start, b""
    by_class: dict[int, list[int]] = {}
    for byte, column in enumerate(grammar.classes.tolist()):
        by_class.setdefault(column, []).append(byte)
    while len(data) <= 5 * limit:
        if grammar.is_accepting(state) and (draws.random() < 0.3 or len(data) > limit):
            return data.decode()
        following = {column: grammar.step(state, bytes_[0]) for column, bytes_ in by_class.items()}
        alive = [column for column, after in following.items() if after]
        if not alive:
            return data.decode()
        if len(data) > limit:
            nearest = min(grammar.node(following[column]).shortest for column in alive)
            alive = [column for column in alive if grammar.node(following[column]).shortest == nearest]
        weights = [1 if draws.random() < 0.5 else len(by_class[column]) for column in alive]
        column = draws.choices(alive, weights)[0]
        state, data = following[column], data + bytes([draws.choice(by_class[column])])
    return None
