"""A chat as a model reads it, and which of its tokens the loss counts: a view over `marked_tokens`."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from utils.notebook.widgets.pictures import Bar, bars_html
from utils.notebook.widgets.view import explorer, said_html
from utils.posttraining.chat import render_chat
from utils.world import ROLE_TOKENS, split_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OPENING = {token: role for role, token in ROLE_TOKENS.items()}


@dataclass(frozen=True)
class MarkedToken:
    """A token of a chat, the role whose turn it belongs to, and whether the loss counts it."""

    text: str
    role: str
    counted: bool


def marked_tokens(messages: Sequence[Mapping[str, str]], masked: bool = True) -> list[MarkedToken]:
    """Return the tokens of a chat, words as the world cuts them, with what the loss counts.

    Args:
        messages: a chat as `render_chat` takes it.
        masked: count what the assistant writes, its end token too; otherwise everything after the first token.

    Raises:
        ValueError: the messages are no chat.
    """
    marked: list[MarkedToken] = []
    role = ""
    for place, token in enumerate(split_words(render_chat(messages))):
        opens = token in _OPENING
        role = _OPENING.get(token, role)
        counted = role == "assistant" and not opens if masked else place > 0
        marked.append(MarkedToken(token, role, counted))
    return marked


def counted_share(tokens: Sequence[MarkedToken]) -> float:
    """Return the share of tokens that the loss counts; 0 for none."""
    return sum(token.counted for token in tokens) / len(tokens) if tokens else 0.0


def marked_html(tokens: Sequence[MarkedToken]) -> str:
    """Return the tokens as HTML: counted ones are underlined and shaded, others are not; above, their share."""
    styles = {
        True: "background:rgba(86,180,233,.35);border-bottom:3px solid #0072b2",
        False: "opacity:.75;border-bottom:3px solid rgba(128,128,128,.3)",
    }
    spans = [
        f"<span title='{html.escape(token.role)}, {'counted' if token.counted else 'ignored'}' "
        f"style='{styles[token.counted]};margin:1px;padding:1px 3px;display:inline-block'>"
        f"{html.escape(token.text)}</span>"
        for token in tokens
    ]
    counted = sum(token.counted for token in tokens)
    bars = [
        Bar("counted", (counted,), f"{counted}"),
        Bar("ignored", (len(tokens) - counted,), str(len(tokens) - counted)),
    ]
    return (
        f"<div>{' '.join(spans)}</div>{bars_html(bars, ('tokens',), 'the loss', longest=len(tokens) or 1)}"
        f"{said_html(f'{counted} of {len(tokens)} tokens are counted.')}"
    )


def marked_text(tokens: Sequence[MarkedToken]) -> str:
    """Return the tokens as text, one a line, with a star before each that is counted."""
    return "\n".join(f"{'*' if token.counted else ' '} {token.text}" for token in tokens)


def mask_figure(chats: Mapping[str, Sequence[Mapping[str, str]]]) -> Figure:
    """Draw the share of counted tokens of several chats, masked and not; the caller shows and closes the figure."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 0.5 * len(chats) + 1.4))
    shares = [100 * counted_share(marked_tokens(chat)) for chat in chats.values()]
    axes.barh(list(chats), shares, label="counted (the assistant's)")
    axes.barh(list(chats), [100 - share for share in shares], left=shares, hatch="//", label="ignored")
    axes.set(xlabel="share of tokens (%)", ylabel="chat", xlim=(0, 100))
    axes.invert_yaxis()
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.35), ncols=2)
    return figure


def mask_explorer(question: str = "Where does Ada live?", answer: str = "She lives in Zor.") -> Any:
    """Return the view: fields for the turns, a box for the mask, and the tokens below."""
    import ipywidgets as widgets

    wide = {"width": "95%", "max_width": "40em"}
    system = widgets.Text(value="", description="system", layout=wide)
    user = widgets.Text(value=question, description="user", layout=wide)
    assistant = widgets.Text(value=answer, description="assistant", layout=wide)
    masked = widgets.Checkbox(value=True, description="masked loss")

    def draw() -> tuple[str, str]:
        turns = [("system", system.value), ("user", user.value), ("assistant", assistant.value)]
        chat = [{"role": role, "content": text} for role, text in turns if text or role != "system"]
        tokens = marked_tokens(chat, masked.value)
        return marked_html(tokens), marked_text(tokens)

    return explorer([system, user, assistant, masked], draw)
