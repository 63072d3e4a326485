"""Constrained decoding: grammars over characters, masks over tokens.

A grammar says which texts are allowed; the course's own automata follow it byte by byte and find out which tokens of a
vocabulary may come next.

    choices(options), regular_expression(pattern), json_schema(schema, separators=(",", ":"), escapes="any"),
    json_document(compact=False, only_objects=False)    -> Grammar: .start .advance(state, text) .is_accepting(state)
                                                        .accepts(text)
    TokenSpellings.from_tokenizer(pretrained), TokenSpellings.of_world(world), TokenSpellings([[b"a", ...]], end_ids)
    constraint = Constraint(grammar, spellings)         .allowed(state) .advance(state, token) .start
    generate(model, prompts, 100, stop_ids=spellings.end_ids, adjust=constraint.adjust)
    hub_model.generate(..., logits_processor=[constraint.logits_processor(prompt_length)])
    allowed_continuations(constraint, '{"name"', 20)    what may follow a partial text
    record_text(world, ids)                             a world's tokens as compact JSON

Files, from the bottom up: nodes and expressions (derivatives), rebuilding, characters (UTF-8), automata; the grammars
choices, unicode_classes and regular_expressions, json_text, integer_ranges, decimal_ranges, json_document; for schemas
formats, schema_cases, schema_references, schema_keywords, schema_apart, schema_reader, schema_members, schema_values,
schema_scalars, ordered_members, schema_compiler, json_schema; then tries, counted_texts, masks, spellings, constraint,
continuations. Errors are in `errors`, all of them ValueErrors.
"""

from utils.decoding.grammar.automata import Grammar
from utils.decoding.grammar.choices import choices
from utils.decoding.grammar.constraint import ENDED, Constraint
from utils.decoding.grammar.continuations import Continuation, allowed_continuations
from utils.decoding.grammar.errors import (
    DeadEndError,
    GrammarError,
    GrammarTooLargeError,
    UnsupportedPatternError,
    UnsupportedSchemaError,
)
from utils.decoding.grammar.json_document import json_document
from utils.decoding.grammar.json_schema import json_schema, schema_from_text
from utils.decoding.grammar.regular_expressions import regular_expression
from utils.decoding.grammar.spellings import TokenSpellings, record_text

__all__ = [
    "ENDED",
    "Constraint",
    "Continuation",
    "DeadEndError",
    "Grammar",
    "GrammarError",
    "GrammarTooLargeError",
    "TokenSpellings",
    "UnsupportedPatternError",
    "UnsupportedSchemaError",
    "allowed_continuations",
    "choices",
    "json_document",
    "json_schema",
    "record_text",
    "regular_expression",
    "schema_from_text",
]
