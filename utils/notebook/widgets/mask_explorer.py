"""Which tokens may follow? A schema typed by hand, a record typed by hand, and the mask after every character.

The pure part takes texts and gives plain data; the view only draws it. A schema that is not finished, or outside the
subset, is a sentence in the view and no error.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from utils.decoding.grammar import (
    Constraint,
    DeadEndError,
    TokenSpellings,
    allowed_continuations,
    json_schema,
    schema_from_text,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
    """Return what may follow a partial record, with at most `most` tokens shown, longest first.

    Raises:
        ValueError: the schema does not allow the text; says up to where it does.
    """
    found = allowed_continuations(constraint, text, None)
    following = sorted((one for one in found if not one.ends), key=lambda one: (-len(one.text), one.id))
    return MaskStep(text, len(found), len(following) < len(found), tuple(one.text for one in following[:most]))


def follow_text(schema_text: str, spellings: TokenSpellings, text: str, most: int = 12) -> list[MaskStep]:
    """Return the steps of a record written character by character, the empty text first.

    Raises:
        ValueError: the schema is not usable, or does not allow the text; says where.
    """
    constraint = schema_constraint(schema_text, spellings)
    return [mask_step(constraint, text[:length], most) for length in range(len(text) + 1)]


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


def steps_text(steps: Sequence[MaskStep]) -> str:
    """Say all steps, a line each: the view for readers without widgets."""
    return "\n".join(step_text(step) for step in steps)


def steps_figure(steps: Sequence[MaskStep]) -> Figure:
    """Draw the number of allowed tokens after each character; the caller shows and closes the figure.

    Raises:
        ValueError: there are no steps.
    """
    import matplotlib.pyplot as plt

    if not steps:
        raise ValueError("steps is empty: there is nothing to draw")
    figure, axes = plt.subplots(figsize=(9, 3.4), constrained_layout=True)
    axes.step(range(len(steps)), [step.n_allowed for step in steps], where="mid")
    ends = [place for place, step in enumerate(steps) if step.may_end]
    axes.plot(ends, [steps[place].n_allowed for place in ends], "o", color="#D55E00", label="the record may end here")
    # The first step has written nothing: a word there would run into the next ticks.
    axes.set_xticks(range(len(steps)), ["", *(step.text[-1] for step in steps[1:])], fontsize=7)
    axes.set(yscale="log", xlabel="character just written (at the left edge: none yet)", ylabel="allowed tokens")
    if ends:
        axes.legend()
    return figure


def step_html(step: MaskStep) -> str:
    """Return one step as HTML; every text is escaped."""
    style = "border:1px solid #bbb;padding:1px 4px;margin:2px;display:inline-block"
    spans = "".join(f'<code style="{style}">{html.escape(token)}</code>' for token in step.shown)
    more = step.n_allowed - step.may_end - len(step.shown)
    tail = f" and {more:,} more" if more > 0 else ""
    end = ' <b style="color:#D55E00">The record may end here.</b>' if step.may_end else ""
    return f"<div>{step.n_allowed:,} tokens are allowed: {spans}{tail}.{end}</div>"


def explain(schema_text: str, spellings: TokenSpellings, text: str) -> str:
    """Return the view's HTML for a schema and a partial record: the step, or a sentence that says what is wrong."""
    try:
        return step_html(mask_step(schema_constraint(schema_text, spellings), text, most=40))
    except DeadEndError as error:
        return f"<div>This record cannot go on: {html.escape(str(error))}.</div>"
    except ValueError as error:
        return f"<div>This schema cannot be used yet: {html.escape(str(error))}.</div>"


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
    view = widgets.HTML()

    def draw(_: Any = None) -> None:
        view.value = explain(schema.value, spellings, record.value)

    for field in (schema, record):
        field.observe(draw, names="value")
    draw()
    return widgets.VBox([schema, record, view])
