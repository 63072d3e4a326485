"""Which tokens may follow? A schema typed by hand, a record typed by hand, and the mask after every character.

The pure part takes texts and gives plain data; the view only draws it. A schema that is not finished, or outside the
subset, is a sentence in the view and no error.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from utils.decoding.grammar import (
    Constraint,
    DeadEndError,
    TokenSpellings,
    allowed_continuations,
    json_schema,
    schema_from_text,
)
from utils.notebook.widgets.pictures import Curve, Scale, curves_svg
from utils.notebook.widgets.view import explorer

SEPARATORS = (",", ":")


@dataclass(frozen=True)
class MaskStep:
    """What may follow a partial record.

    Attributes:
        text: the record so far.
        n_allowed: number of allowed tokens, ends included.
        may_end: whether the record may end here.
        shown: some of the allowed tokens, as text; the end is not among them.
    """

    text: str
    n_allowed: int
    may_end: bool
    shown: tuple[str, ...]


def schema_constraint(schema_text: str, spellings: TokenSpellings) -> Constraint:
    """Return the mask for a schema that is given as text, records written without white space.

    Raises:
        ValueError: the text is not JSON (yet), or the schema is outside the subset; says where.
    """
    if not schema_text.strip():
        raise ValueError('schema is empty: try {"type": "boolean"}')
    schema = schema_from_text(schema_text)
    if not isinstance(schema, dict | bool):
        raise ValueError(f"schema must be a JSON object, such as {{}}, not {schema_text.strip()[:40]}")
    return Constraint(json_schema(schema, separators=SEPARATORS), spellings)


def mask_step(constraint: Constraint, text: str, most: int = 12) -> MaskStep:
    """Return what may follow a partial record, with at most `most` tokens shown, longest first and rulers last.

    Raises:
        ValueError: the schema does not allow the text; says up to where it does.
    """
    found = allowed_continuations(constraint, text, None)
    # The longest tokens of a vocabulary are rulers: `========`, `--------`. They would hide all others.
    following = sorted(
        (one for one in found if not one.ends), key=lambda one: (_is_ruler(one.text), -len(one.text), one.id)
    )
    return MaskStep(text, len(found), len(following) < len(found), tuple(one.text for one in following[:most]))


def _is_ruler(token: str) -> bool:
    return len(token) > 3 and len(set(token)) <= 2


def follow_text(
    constraint: Constraint, text: str, most: int = 12, known: dict[str, MaskStep] | None = None
) -> list[MaskStep]:
    """Return the steps of a record written character by character, the empty text first.

    Args:
        constraint: the mask of a schema.
        text: the record.
        most: tokens that a step shows.
        known: steps of this constraint by their text; new ones are added.

    Raises:
        ValueError: the schema does not allow the text; says where.
    """
    known = {} if known is None else known
    parts = [text[:length] for length in range(len(text) + 1)]
    for part in parts:
        if part not in known:
            known[part] = mask_step(constraint, part, most)
    return [known[part] for part in parts]


def step_text(step: MaskStep) -> str:
    """Say one step in a line."""
    listed = " ".join(repr(token) for token in step.shown)
    more = step.n_allowed - step.may_end - len(step.shown)
    parts = [listed] if listed else []
    if more > 0:
        parts.append(f"and {more:,} more")
    if step.may_end:
        parts.append("the end")
    return f"{step.text!r}: {step.n_allowed:,} allowed: {', '.join(parts)}"


def step_html(step: MaskStep) -> str:
    """Return one step as HTML; every text is escaped."""
    border = "border:1px solid rgba(128,128,128,.6);padding:1px 4px;margin:2px;display:inline-block"
    # Some tokens are long runs of blanks or dashes.
    wrap = "white-space:pre-wrap;overflow-wrap:anywhere;max-width:calc(100% - 4px);box-sizing:border-box"
    style = f"color:inherit;background:none;{border};{wrap}"
    spans = "".join(f'<code style="{style}">{html.escape(token)}</code>' for token in step.shown)
    more = step.n_allowed - step.may_end - len(step.shown)
    tail = f" and {more:,} more" if more > 0 else ""
    end = " <b>The record may end here.</b>" if step.may_end else ""
    return f"<div aria-live='polite'>{step.n_allowed:,} tokens are allowed: {spans}{tail}.{end}</div>"


def steps_html(steps: Sequence[MaskStep]) -> str:
    """Return the number of allowed tokens after each character as a picture, with a dot where the record stands."""
    counts = [max(step.n_allowed, 1) for step in steps]
    last = len(steps) - 1
    return curves_svg(
        [Curve("allowed tokens", range(len(steps)), counts, dot=(last, counts[-1]))],
        Scale("characters of the record", 0, max(last, 10)),
        Scale("allowed tokens", 1, 100_000, log=True),
        f"Allowed tokens after each character of the record, a log scale; after the last of {last}: {counts[-1]:,}.",
    )


def mask_explorer(spellings: TokenSpellings, schema_text: str, text: str = '{"') -> Any:
    """Return the view: a field for the schema, a field for the record, and the tokens that may follow.

    Args:
        spellings: of the vocabulary whose tokens are shown.
        schema_text: the schema to begin with.
        text: the record to begin with.
    """
    import ipywidgets as widgets

    wide = {"width": "95%"}
    schema = widgets.Textarea(value=schema_text, description="schema", layout={**wide, "height": "110px"})
    record = widgets.Text(value=text, description="record", layout=wide)
    known: dict[str, tuple[Constraint, dict[str, MaskStep]]] = {}

    def draw() -> tuple[str, str]:
        try:
            if schema.value not in known:
                made = schema_constraint(schema.value, spellings)
                known.clear()
                known[schema.value] = made, {}
            constraint, steps = known[schema.value]
            shown = follow_text(constraint, record.value, 40, steps)
        except DeadEndError as error:
            raise ValueError(f"This record cannot go on: {error}.") from None
        except ValueError as error:
            raise ValueError(f"This schema cannot be used yet: {error}.") from None
        return step_html(shown[-1]) + steps_html(shown), step_text(shown[-1])

    return explorer([schema, record], draw)
