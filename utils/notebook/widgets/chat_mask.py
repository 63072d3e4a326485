"""A chat as a model reads it, and which of its tokens the loss counts: a view over `marked_tokens`."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    """Return the tokens as HTML: counted ones are underlined and dark, others pale; roles differ by their border."""
    styles = {
        True: "background:#cde;border-bottom:3px solid #0072b2",
        False: "color:#777;border-bottom:3px solid #ddd",
    }
    spans = [
        f"<span title='{html.escape(token.role)}, {'counted' if token.counted else 'ignored'}' "
        f"style='{styles[token.counted]};margin:1px;padding:1px 3px'>{html.escape(token.text)}</span>"
        for token in tokens
    ]
    counted = sum(token.counted for token in tokens)
    return f"<p>{' '.join(spans)}</p><p>{counted} of {len(tokens)} tokens are counted.</p>"


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

    system = widgets.Text(value="", description="system", continuous_update=True)
    user = widgets.Text(value=question, description="user", continuous_update=True)
    assistant = widgets.Text(value=answer, description="assistant", continuous_update=True)
    masked = widgets.Checkbox(value=True, description="masked loss")
    shown = widgets.HTML()

    def draw(_: Any = None) -> None:
        turns = [("system", system.value), ("user", user.value), ("assistant", assistant.value)]
        chat = [{"role": role, "content": text} for role, text in turns if text or role != "system"]
        try:
            shown.value = marked_html(marked_tokens(chat, masked.value))
        except ValueError as error:
            shown.value = f"<p>{html.escape(str(error))}</p>"

    for control in (system, user, assistant, masked):
        control.observe(draw, names="value")
    draw()
    return widgets.VBox([system, user, assistant, masked, shown])
