"""Preference data: from records with `prompt`, `chosen` and `rejected` to pairs of ids, none of them a pair of equals.

Two equal answers teach nothing about which is better, yet they count in every mean, and dilute loss, accuracy and
gradient. Answers that differ only behind the place where they are cut become equal unnoticed; they are counted
and named.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeVar

from utils.posttraining.chat import ChatCodec
from utils.world.preferences import Comparison

T = TypeVar("T")


@dataclass(frozen=True)
class PreferencePair:
    """Ids of a prompt and of two answers to it, each with the token that ends it unless it was cut."""

    prompt: tuple[int, ...]
    chosen: tuple[int, ...]
    rejected: tuple[int, ...]


@dataclass(frozen=True)
class TokenisedPreferences:
    """Pairs to train on, and the places of records left out: equal as given, and equal after truncation."""

    pairs: list[PreferencePair]
    equal_texts: list[int]
    equal_after_truncation: list[int]
    max_length: int | None = None

    def report(self) -> str:
        """Return one sentence that counts and names what was left out."""
        n = len(self.pairs) + len(self.equal_texts) + len(self.equal_after_truncation)
        parts = []
        if self.equal_texts:
            parts.append(f"{_named(self.equal_texts)} with equal answers")
        if self.equal_after_truncation:
            places = _named(self.equal_after_truncation)
            parts.append(f"{places} with answers equal after truncation to {self.max_length} tokens")
        return f"{n - len(self.pairs)} of {n} pairs left out: {' and '.join(parts) or 'none'}"


def _named(places: Sequence[int]) -> str:
    shown = ", ".join(map(str, places[:5])) + (", ..." if len(places) > 5 else "")
    return f"{len(places)} (number {shown})"


def comparison_record(comparison: Comparison) -> dict[str, list[dict[str, str]]]:
    """Return a comparison of the world as a record of chat messages, as `trl` reads it."""
    return {
        "prompt": [{"role": "user", "content": comparison.question}],
        "chosen": [{"role": "assistant", "content": comparison.chosen}],
        "rejected": [{"role": "assistant", "content": comparison.rejected}],
    }


def tokenise_preferences(
    records: Sequence[Mapping[str, Any]],
    codec: ChatCodec,
    max_length: int | None = None,
    drop_equal: bool = False,
) -> TokenisedPreferences:
    """Turn records into pairs of ids.

    Args:
        records: `prompt`, `chosen` and `rejected`, all as lists of chat messages (the two answers: one assistant's
            turn each), or all as strings, which are joined as they are and closed with the end token.
        codec: how they become ids.
        max_length: most tokens of prompt and answer together; the answer's end is cut off.
        drop_equal: leave pairs of equal answers out and list them, instead of refusing them all.

    Raises:
        ValueError: a record lacks a field or an answer, a prompt leaves no room for one, or answers are equal (as
            given or after truncation) and `drop_equal` is false: the sentence counts and names them.
    """
    result = TokenisedPreferences([], [], [], max_length)
    for place, record in enumerate(records):
        missing = [name for name in ("prompt", "chosen", "rejected") if not record.get(name)]
        if missing:
            raise ValueError(f"records: record {place} has no {' and no '.join(missing)}")
        try:
            prompt, chosen, rejected = _ids_of(record, codec)
        except ValueError as error:
            raise ValueError(f"records: record {place}: {error}") from error
        room = len(prompt) + max(len(chosen), len(rejected)) if max_length is None else max_length
        room -= len(prompt)
        if room < 1:
            raise ValueError(f"records: the prompt of record {place} has {len(prompt)} tokens of {max_length}")
        if chosen == rejected:
            result.equal_texts.append(place)
        elif chosen[:room] == rejected[:room]:
            result.equal_after_truncation.append(place)
        else:
            result.pairs.append(PreferencePair(tuple(prompt), tuple(chosen[:room]), tuple(rejected[:room])))
    if not drop_equal and (result.equal_texts or result.equal_after_truncation):
        raise ValueError(f"records: {result.report()}; drop_equal=True goes on without them")
    return result


def _ids_of(record: Mapping[str, Any], codec: ChatCodec) -> tuple[list[int], list[int], list[int]]:
    """Return the ids of the prompt, with the opening of the answer, and of both answers."""
    if isinstance(record["prompt"], str):
        beginning = [] if codec.bos_id is None else [codec.bos_id]
        prompt = [*beginning, *codec.encode_text(record["prompt"])]
        chosen, rejected = ([*codec.encode_text(record[name]), codec.end_id] for name in ("chosen", "rejected"))
        return prompt, chosen, rejected
    prompt = codec.encode_chat(record["prompt"], add_generation_prompt=True).ids
    answers: list[list[int]] = []
    for name in ("chosen", "rejected"):
        turns = list(record[name])
        if [turn.get("role") for turn in turns] != ["assistant"]:
            raise ValueError(f"{name} must be one turn of the assistant, not of {[turn.get('role') for turn in turns]}")
        answers.append(codec.encode_chat([*record["prompt"], *turns]).ids[len(prompt) :])
    return prompt, answers[0], answers[1]


def check_pairs(pairs: Sequence[PreferencePair]) -> None:
    """Raise ValueError for no pairs, an empty part, or pairs of equal answers, which are counted and named."""
    if not pairs:
        raise ValueError("pairs must hold at least one pair, not none")
    for place, pair in enumerate(pairs):
        if not (pair.prompt and pair.chosen and pair.rejected):
            raise ValueError(f"pairs: pair {place} has an empty prompt or answer")
    equal = [place for place, pair in enumerate(pairs) if pair.chosen == pair.rejected]
    if equal:
        raise ValueError(f"pairs: {_named(equal)} of {len(pairs)} have equal answers")


def ranking_to_pairs(ranking: Sequence[T]) -> list[tuple[T, T]]:
    """Return (winner, loser) for every pair of a best-first ranking, k (k - 1) / 2 of them."""
    return list(combinations(ranking, 2))


def agreement(labels_a: Sequence[Hashable], labels_b: Sequence[Hashable]) -> float:
    """Return the share of equal labels; ValueError for unequal numbers or none."""
    if not len(labels_a) or len(labels_a) != len(labels_b):
        raise ValueError(f"labels_a and labels_b must be as many and not none, not {len(labels_a)} and {len(labels_b)}")
    return sum(a == b for a, b in zip(labels_a, labels_b, strict=True)) / len(labels_a)
