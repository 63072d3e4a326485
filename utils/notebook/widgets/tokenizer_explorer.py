"""What does a text cost? Its tokens in several vocabularies, with price and time, as text and as a widget.

Tokens are shown one by one. A token that ends inside a character has no letters of its own: its bytes are shown in
hexadecimal, as in <E1 80>.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from utils.notebook.figures import COLOURS
from utils.notebook.widgets.pictures import Bar, bars_html
from utils.notebook.widgets.view import explorer, row
from utils.text.premium import generation_seconds, price
from utils.text.vocabularies import Token, Vocabulary, describe_tokens

# Backgrounds of neighbouring tokens: tints of the course's colours, dark text is readable on all of them.
_TINTS = ("#CCE3F0", "#FAECCC", "#CCECE3", "#F7DFCC", "#F5E4ED")
_BYTES_BORDER = COLOURS[3]

SHOWN = 150
"""Tokens of a vocabulary that are shown one by one."""

LONG = 1000
"""Characters beyond which a text is not read after every key."""


@dataclass(frozen=True)
class Reading:
    """A text as one vocabulary sees it.

    Attributes:
        vocabulary: its name.
        tokens: the text's tokens in order.
        dollars: price of so many tokens, in US dollars.
        seconds: time to generate them one after the other.
    """

    vocabulary: str
    tokens: tuple[Token, ...]
    dollars: float
    seconds: float

    @property
    def cut_characters(self) -> int:
        """Number of tokens that end inside a character, so that they are bytes and no letters."""
        return sum(is_cut(token) for token in self.tokens)


def is_cut(token: Token) -> bool:
    """Return whether a token's bytes are not whole characters."""
    try:
        token.data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def read_text(
    text: str, vocabularies: Sequence[Vocabulary], dollars_per_million: float, tokens_per_second: float
) -> list[Reading]:
    """Return a text's reading in each vocabulary.

    Args:
        text: any text.
        vocabularies: see `utils.text.vocabularies.load_vocabulary`.
        dollars_per_million: price of a million tokens; the same for all, so that only the counts differ.
        tokens_per_second: speed of generation.

    Raises:
        ValueError: a negative price, or a speed that is not above 0.
    """
    readings = []
    for vocabulary in vocabularies:
        tokens = tuple(describe_tokens(vocabulary, text))
        readings.append(
            Reading(
                vocabulary.name,
                tokens,
                price(len(tokens), dollars_per_million),
                generation_seconds(len(tokens), tokens_per_second),
            )
        )
    return readings


def readings_text(readings: Sequence[Reading], most: int = 12) -> str:
    """Return readings as a text table with the first tokens of each."""
    lines = [f"{'vocabulary':14} {'tokens':>6} {'cut':>4} {'$ a million times':>18} {'seconds':>8}  first tokens"]
    for reading in readings:
        labels = " ".join(token.label for token in reading.tokens[:most])
        more = " ..." if len(reading.tokens) > most else ""
        lines.append(
            f"{reading.vocabulary:14} {len(reading.tokens):6d} {reading.cut_characters:4d}"
            f" {reading.dollars * 1e6:18,.2f} {reading.seconds:8.2f}  {labels}{more}"
        )
    return "\n".join(lines)


def tokens_html(tokens: Sequence[Token], most: int = SHOWN) -> str:
    """Return tokens as coloured spans; every label is escaped, and each token's id and bytes are its tooltip.

    After `most` tokens a number stands for the rest: a page of a hundred thousand spans would freeze the browser.
    """
    spans = []
    for number, token in enumerate(tokens[:most]):
        border = f"border:1px dashed {_BYTES_BORDER};" if is_cut(token) else ""
        tip = html.escape(f"id {token.id}, bytes {token.data.hex(' ').upper()}", quote=True)
        spans.append(
            f'<span title="{tip}" style="background:{_TINTS[number % len(_TINTS)]};color:#000;{border}'
            f'padding:1px 2px;margin:1px;display:inline-block">{html.escape(token.label)}</span>'
        )
    more = f" and {len(tokens) - most:,} more" if len(tokens) > most else ""
    return "".join(spans) + more


def readings_html(readings: Sequence[Reading]) -> str:
    """Return readings as HTML: a bar for each count of tokens, with price and time, then the coloured tokens."""
    rows = [
        Bar(
            reading.vocabulary,
            (len(reading.tokens),),
            f"{len(reading.tokens):,} tokens, {reading.cut_characters} cut\n"
            f"${reading.dollars * 1e6:,.2f} a million times\n{reading.seconds:.2f} s",
        )
        for reading in readings
    ]
    shown = "".join(
        f"<div style='margin:.5em 0'><b>{html.escape(reading.vocabulary)}</b><br>{tokens_html(reading.tokens)}</div>"
        for reading in readings
    )
    return bars_html(rows, ("tokens",), "vocabulary") + shown


def tokenizer_explorer(
    vocabularies: Sequence[Vocabulary],
    text: str,
    dollars_per_million: float = 10.0,
    tokens_per_second: float = 50.0,
    examples: Mapping[str, str] | None = None,
) -> Any:
    """Return the view: a text field, price and speed, over the text's tokens in each vocabulary.

    Args:
        vocabularies: as for `read_text`.
        text: what stands in the field at first.
        dollars_per_million, tokens_per_second: first values of the two number fields.
        examples: texts to pick from, by name.
    """
    import ipywidgets as widgets

    field = widgets.Textarea(value=text, description="text", layout={"width": "95%", "height": "80px"})
    dollars = widgets.BoundedFloatText(value=dollars_per_million, min=0, max=1e6, step=0.1, description="$ / million")
    speed = widgets.BoundedFloatText(value=tokens_per_second, min=0.1, max=1e6, step=1, description="tokens / s")

    def draw() -> tuple[str, str]:
        # A long text is read when its field is left, and not after every key.
        field.continuous_update = len(field.value) <= LONG
        readings = read_text(field.value, vocabularies, dollars.value, speed.value)
        return readings_html(readings), readings_text(readings)

    controls: list[Any] = [field, row(dollars, speed)]
    if examples:
        picker = widgets.Dropdown(options=[("pick an example", text), *examples.items()], description="example")
        picker.observe(_writes_to(field), names="value")
        controls.insert(0, picker)
    return explorer(controls, draw, [field, dollars, speed])


def _writes_to(field: Any) -> Callable[[Any], None]:
    def write(change: Any) -> None:
        field.value = change["new"]

    return write
