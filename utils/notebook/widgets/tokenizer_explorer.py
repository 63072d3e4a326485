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
from utils.text.premium import generation_seconds, price
from utils.text.vocabularies import Token, Vocabulary, describe_tokens

# Backgrounds of neighbouring tokens: tints of the course's colours, dark text is readable on all of them.
_TINTS = ("#CCE3F0", "#FAECCC", "#CCECE3", "#F7DFCC", "#F5E4ED")
_BYTES_BORDER = COLOURS[3]


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


def tokens_html(tokens: Sequence[Token]) -> str:
    """Return tokens as coloured spans; every label is escaped, and each token's id and bytes are its tooltip."""
    spans = []
    for number, token in enumerate(tokens):
        border = f"border:1px dashed {_BYTES_BORDER};" if is_cut(token) else ""
        tip = html.escape(f"id {token.id}, bytes {token.data.hex(' ').upper()}", quote=True)
        spans.append(
            f'<span title="{tip}" style="background:{_TINTS[number % len(_TINTS)]};color:#000;{border}'
            f'padding:1px 2px;margin:1px;display:inline-block">{html.escape(token.label)}</span>'
        )
    return "".join(spans)


def readings_html(readings: Sequence[Reading]) -> str:
    """Return readings as an HTML table: counts, price and time beside the coloured tokens."""
    rows = "".join(
        "<tr style='vertical-align:top'>"
        f"<th style='text-align:left'>{html.escape(reading.vocabulary)}</th>"
        f"<td>{len(reading.tokens)} tokens, {reading.cut_characters} cut<br>"
        f"${reading.dollars * 1e6:,.2f} a million times<br>{reading.seconds:.2f} s</td>"
        f"<td style='text-align:left'>{tokens_html(reading.tokens)}</td></tr>"
        for reading in readings
    )
    return f"<table>{rows}</table>"


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

    field = widgets.Textarea(value=text, description="text", layout=widgets.Layout(width="95%", height="80px"))
    dollars = widgets.BoundedFloatText(value=dollars_per_million, min=0, max=1e6, step=0.1, description="$ / million")
    speed = widgets.BoundedFloatText(value=tokens_per_second, min=0.1, max=1e6, step=1, description="tokens / s")
    table = widgets.HTML()

    def draw(_: Any = None) -> None:
        table.value = readings_html(read_text(field.value, vocabularies, dollars.value, speed.value))

    controls: list[Any] = [field, widgets.HBox([dollars, speed])]
    if examples:
        picker = widgets.Dropdown(options=[("pick an example", text), *examples.items()], description="example")
        picker.observe(_writes_to(field), names="value")
        controls.insert(0, picker)
    for control in (field, dollars, speed):
        control.observe(draw, names="value")
    draw()
    return widgets.VBox([*controls, table])


def _writes_to(field: Any) -> Callable[[Any], None]:
    def write(change: Any) -> None:
        field.value = change["new"]

    return write
