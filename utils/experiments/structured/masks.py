"""What a mask costs, and whether it agrees with another implementation."""

from __future__ import annotations

import json
import time
from typing import Any

import torch

from utils.decoding.grammar import TokenSpellings
from utils.experiments.structured.reference_masks import (
    MaskComparison,
    compare_masks,
    llguidance_tokenizer,
    schema_pair,
)
from utils.models.pretrained import PretrainedModel
from utils.world import RECORD_SCHEMAS, World, draw_record_tasks

FURTHER_SCHEMAS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "numbers": (
        {
            "type": "object",
            "properties": {"x": {"type": "number"}, "on": {"type": "boolean"}},
            "required": ["x", "on"],
            "additionalProperties": False,  # llguidance would allow further ones; the course never does
        },
        [{"x": -1.5e-3, "on": True}, {"x": 40, "on": False}],
    ),
    "words": (
        {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 8}, "minItems": 1, "maxItems": 4},
        [["höhe", "語"], ["a b", "\u00e9t\u00e9", "😀"]],
    ),
}
"""Schemas with values, for what the records' own schemas do not have: numbers, truth values, lists, odd letters."""


def compare_with_llguidance(
    pretrained: PretrainedModel, spellings: TokenSpellings, world: World, n_records: int
) -> dict[tuple[str, str], MaskComparison]:
    """Compare masks along valid texts of five schemas, token by token.

    Raises:
        ValueError: llguidance is not installed here.
    """
    reference = llguidance_tokenizer(pretrained)
    kinds = ("order", "visit", "notice")
    cases = {
        kind: (RECORD_SCHEMAS[kind], [task.record for task in draw_record_tasks(world, n_records, 23, (kind,))])
        for kind in kinds
    }
    found = {}
    for name, (schema, values) in (cases | FURTHER_SCHEMAS).items():
        for value in values:
            text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
            grammar, theirs = schema_pair(schema)
            found[name, text] = compare_masks(grammar, spellings, pretrained.encode(text), reference, theirs)
    return found


def time_steps(decoder: Any, prompt: list[int], n_steps: int, repeats: int) -> tuple[list[float], list[float]]:
    """Return the seconds that reading the prompt takes, and those of each step after it, at batch 1."""
    reading, stepping = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        decoder.prefill([prompt], reserve=n_steps + 1)
        reading.append(time.perf_counter() - started)
        for token in prompt[:n_steps]:
            started = time.perf_counter()
            decoder.step(torch.tensor([token]))
            stepping.append(time.perf_counter() - started)
    return reading, stepping
