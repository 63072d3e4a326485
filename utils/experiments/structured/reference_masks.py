"""The course's masks beside those of llguidance, the library under `guidance`: the same tokens, and what each costs.

llguidance is asked for the same language: no white space of its own choice, and every way to cut a forced text into
tokens. It is optional: without it `llguidance_tokenizer` says so.
"""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.decoding.checked import checked
from utils.decoding.grammar import Constraint, Grammar, TokenSpellings, json_schema, regular_expression
from utils.models.pretrained import PretrainedModel


@dataclass(frozen=True)
class MaskComparison:
    """Masks along one text.

    Attributes:
        steps: masks compared, one before each token and one at the end.
        differing: how many of them differ in at least one token.
        cold: seconds of each of the course's masks when first asked for.
        cached: seconds when asked for again.
        reference: seconds of llguidance's.
    """

    steps: int
    differing: int
    cold: tuple[float, ...]
    cached: tuple[float, ...]
    reference: tuple[float, ...]


@checked
def llguidance_tokenizer(pretrained: PretrainedModel) -> Any:
    """Return llguidance's view of a model's tokenizer.

    Raises:
        ValueError: llguidance is not installed.
    """
    try:
        llguidance = importlib.import_module("llguidance")
    except ImportError:
        raise ValueError("llguidance is not installed; `pip install llguidance` adds it for this comparison") from None
    return llguidance.LLTokenizer(pretrained.tokenizer.to_str(), eos_token=pretrained.eos_ids[0])


@checked
def schema_pair(schema: dict[str, Any]) -> tuple[Grammar, str]:
    """Return a schema's grammar, without white space, and what llguidance calls the same language."""
    strict = {**schema, "x-guidance": {"whitespace_flexible": False}}
    return json_schema(schema, escapes="needed"), '%llguidance {"no_forcing": true}\nstart: %json ' + json.dumps(strict)


@checked
def pattern_pair(pattern: str) -> tuple[Grammar, str]:
    """Return a regular expression's grammar and what llguidance calls the same language."""
    lark = importlib.import_module("llguidance").regex_to_lark(pattern, "dws")
    return regular_expression(pattern), '%llguidance {"no_forcing": true}\nstart: /' + lark + "/"


@checked
def compare_masks(
    grammar: Grammar, spellings: TokenSpellings, ids: Sequence[int], tokenizer: Any, reference: str
) -> MaskComparison:
    """Follow one text token by token and compare the masks before each token and at the end.

    Args:
        grammar: of the course.
        spellings: of the model's vocabulary.
        ids: a text of the grammar.
        tokenizer: from `llguidance_tokenizer`.
        reference: llguidance's grammar of the same language.

    Raises:
        ValueError: llguidance refuses its grammar, or one of the grammars refuses the text.
    """
    llguidance = importlib.import_module("llguidance")
    matcher = llguidance.LLMatcher(tokenizer, reference)
    if matcher.is_error():
        raise ValueError(f"reference: llguidance refuses it: {matcher.get_error()}")
    constraint = Constraint(grammar, spellings)
    state, states, differing = constraint.start, [], 0
    cold, reference_seconds = [], []
    for place in range(len(ids) + 1):
        started = time.perf_counter()
        mine = constraint.allowed(state)
        cold.append(time.perf_counter() - started)
        started = time.perf_counter()
        bits = matcher.compute_bitmask()
        reference_seconds.append(time.perf_counter() - started)
        unpacked = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little")
        differing += bool((mine.numpy() != unpacked[: spellings.vocab_size].astype(bool)).any())
        states.append(state)
        if place < len(ids):
            following = constraint.advance(state, ids[place])
            if following is None or not matcher.consume_token(ids[place]):
                raise ValueError(f"ids: token {place} is not allowed after {spellings.spell(ids[:place])!r}")
            state = following
    cached = []
    for known in states:
        started = time.perf_counter()
        constraint.allowed(known)
        cached.append(time.perf_counter() - started)
    return MaskComparison(len(states), differing, tuple(cold), tuple(cached), tuple(reference_seconds))
