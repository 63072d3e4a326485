"""Where does a model look? Attention maps of every layer and head, as a picture, as text and as a widget.

A map is plain data: the tokens as they should be shown, and the weights of all heads. A token's row sums to 1 over the
tokens up to itself.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from utils.models.attention import attention_entropy
from utils.models.gpt import GPT
from utils.notebook.widgets.view import explorer, row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BLUE = (0, 114, 178)


@dataclass(frozen=True, eq=False)
class AttentionMap:
    """The attention of one text.

    Attributes:
        tokens: the T tokens as they should be shown.
        weights: (layers, heads, T, T), query by key.
    """

    tokens: tuple[str, ...]
    weights: Tensor

    def __post_init__(self) -> None:
        shape = tuple(self.weights.shape)
        if len(shape) != 4 or shape[2:] != (len(self.tokens), len(self.tokens)):
            raise ValueError(f"weights must be (layers, heads, {len(self.tokens)}, {len(self.tokens)}), not {shape}")

    @property
    def n_layers(self) -> int:
        """Number of layers."""
        return self.weights.shape[0]

    @property
    def n_heads(self) -> int:
        """Number of heads in a layer."""
        return self.weights.shape[1]

    def head(self, layer: int, head: int) -> Tensor:
        """Return the weights (T, T) of one head.

        Raises:
            ValueError: there is no such layer or head.
        """
        if not 0 <= layer < self.n_layers:
            raise ValueError(f"layer is {layer}, and must lie between 0 and {self.n_layers - 1}")
        if not 0 <= head < self.n_heads:
            raise ValueError(f"head is {head}, and must lie between 0 and {self.n_heads - 1}")
        return self.weights[layer, head]


@torch.no_grad()
def attention_map(model: GPT, ids: Sequence[int], tokens: Sequence[str]) -> AttentionMap:
    """Return the attention of a model over one text.

    Args:
        model: of transformer blocks.
        ids: the text's token ids.
        tokens: the same tokens as they should be shown.

    Raises:
        ValueError: there are no ids, or not as many tokens.
    """
    if not len(ids) or len(ids) != len(tokens):
        raise ValueError(f"ids has {len(ids)} entries and tokens {len(tokens)}: they must be as many, and some")
    batch = torch.tensor([list(ids)], device=model.embedding.weight.device)
    return AttentionMap(tuple(tokens), torch.stack([layer[0] for layer in model.attention_weights(batch)]).cpu())


def strongest_keys(chosen: AttentionMap, layer: int, head: int, query: int, most: int = 5) -> list[tuple[int, float]]:
    """Return the keys that a query looks at, as (position, weight), largest first; ties go to the earlier one.

    Raises:
        ValueError: there is no such layer, head or query.
    """
    if not 0 <= query < len(chosen.tokens):
        raise ValueError(f"query is {query}, and must lie between 0 and {len(chosen.tokens) - 1}")
    weights = chosen.head(layer, head)[query, : query + 1].tolist()
    return sorted(enumerate(weights), key=lambda pair: (-pair[1], pair[0]))[:most]


def effective_keys(chosen: AttentionMap) -> Tensor:
    """Return (layers, heads): exp of the mean entropy, the number of keys a head looks at.

    The first token is left out: it sees itself only, whatever the head does.
    """
    if len(chosen.tokens) == 1:
        return torch.ones(chosen.n_layers, chosen.n_heads)
    return attention_entropy(chosen.weights[:, :, 1:]).mean(-1).exp()


def describe_head(chosen: AttentionMap, layer: int, head: int) -> str:
    """Say in a sentence what a head does on this text: how many keys it looks at, and where they are."""
    weights = chosen.head(layer, head)
    T = len(chosen.tokens)
    if T == 1:
        return f"Layer {layer}, head {head}: one token, which sees itself."
    rows = torch.arange(1, T)
    shares = {
        "the first token": weights[rows, 0].mean().item(),
        "the token before": weights[rows, rows - 1].mean().item(),
        "itself": weights[rows, rows].mean().item(),
    }
    where = ", ".join(f"{share:.0%} on {place}" for place, share in shares.items())
    return f"Layer {layer}, head {head}: looks at {effective_keys(chosen)[layer, head]:.1f} tokens; {where}."


def attention_figure(panels: Sequence[tuple[str, AttentionMap, int, int]]) -> Figure:
    """Draw heads side by side, each panel a (title, map, layer, head); the caller shows and closes the figure.

    Raises:
        ValueError: there are no panels, or one names a layer or head that is not there.
    """
    import matplotlib.pyplot as plt

    if not panels:
        raise ValueError("panels is empty: there is no head to draw")
    figure, all_axes = plt.subplots(
        1, len(panels), figsize=(4.2 * len(panels), 4.2), constrained_layout=True, squeeze=False
    )
    for axes, (title, chosen, layer, head) in zip(all_axes[0], panels, strict=True):
        places = range(len(chosen.tokens))
        axes.imshow(chosen.head(layer, head), cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(places, chosen.tokens, rotation=90, fontsize=8)
        axes.set_yticks(places, chosen.tokens, fontsize=8)
        axes.set(title=title, xlabel="key (token looked at)", ylabel="query (token that looks)")
        axes.grid(False)
    return figure


def row_html(chosen: AttentionMap, layer: int, head: int, query: int) -> str:
    """Return the text with each token shaded by the weight that one query gives it; every token is escaped."""
    weights = chosen.head(layer, head)[query].tolist()
    spans = []
    for position, (token, weight) in enumerate(zip(chosen.tokens, weights, strict=True)):
        red, green, blue = (round(255 - (255 - channel) * weight) for channel in _BLUE)
        ink = "#fff" if weight > 0.6 else "#000"
        edge = "2px solid #D55E00" if position == query else "1px solid #ddd"
        fade = "opacity:0.35;" if position > query else ""
        spans.append(
            f'<span title="{weight:.3f}" style="background:rgb({red},{green},{blue});color:{ink};border:{edge};{fade}'
            f'padding:2px 4px;margin:1px;display:inline-block">{html.escape(token)}</span>'
        )
    return "".join(spans)


def row_text(chosen: AttentionMap, layer: int, head: int, query: int, most: int = 5) -> str:
    """Return what one query looks at as a line of text."""
    seen = strongest_keys(chosen, layer, head, query, most)
    listed = ", ".join(f"{chosen.tokens[position]!r} {weight:.2f}" for position, weight in seen)
    return f"{chosen.tokens[query]!r} looks at {listed}"


def pointing_html(chosen: AttentionMap, layer: int, head: int, query: int) -> str:
    """Return the text; whichever token is pointed at, or reached with the Tab key, shades those that it looks at.

    The rows of all queries travel in the page, so that pointing needs no kernel. Shades are see-through: the page's own
    background and text colour show, in a light and in a dark theme.

    Args:
        chosen: the attention of a text.
        layer, head: of the head that is shown.
        query: whose row is shown while no token is pointed at.
    """
    weights = chosen.head(layer, head).tolist()
    rules, spans, lines = [], [], []
    for place, token in enumerate(chosen.tokens):
        said = html.escape(row_text(chosen, layer, head, place))
        rules.append(
            f".course-attention:has(.q{place}:is(:hover,:focus)) .t{{--w:var(--w{place},0)}}"
            f".course-attention:has(.q{place}:is(:hover,:focus)) .s{place}{{display:block}}"
        )
        seen = "".join(f"--w{later}:{weights[later][place]:.3f};" for later in range(place, len(chosen.tokens)))
        spans.append(f'<span class="t q{place}" tabindex="0" role="note" aria-label="{said}" style="{seen}">'
                     f"{html.escape(token)}</span>")  # fmt: skip
        lines.append(f'<div class="s s{place}">{said}</div>')
    style = (
        ".course-attention .t{--w:var(--w" + str(query) + ",0);background:rgba(0,114,178,calc(.75*var(--w)));"
        "padding:2px 4px;margin:1px;display:inline-block;border:1px solid rgba(128,128,128,.4);cursor:pointer}"
        f".course-attention .q{query},.course-attention .t:is(:hover,:focus){{border-color:#D55E00;"
        "box-shadow:0 0 0 1px #D55E00;outline:none}"
        ".course-attention:has(.t:is(:hover,:focus)) .t:not(:hover,:focus)"
        "{border-color:rgba(128,128,128,.4);box-shadow:none}"
        ".course-attention .s{display:none;margin:.4em 0}"
        f".course-attention:not(:has(.t:is(:hover,:focus))) .s{query}{{display:block}}"
    )
    return (
        f"<div class='course-attention'><style>{style}{''.join(rules)}</style>"
        f"<div>{''.join(spans)}</div><div aria-live='polite'>{''.join(lines)}</div></div>"
    )


def attention_explorer(readers: Mapping[str, Callable[[str], AttentionMap]], texts: Mapping[str, str]) -> Any:
    """Return the view: model, text, layer, head and query over a text whose tokens can be pointed at.

    Args:
        readers: from a model's name to a function from a text to its map; a text that it cannot read raises ValueError.
        texts: the first text for each model.

    Raises:
        ValueError: there are no readers, or one has no text.
    """
    import ipywidgets as widgets

    if not readers:
        raise ValueError("readers is empty: there is no model to look into")
    for name in readers:
        if name not in texts:
            raise ValueError(f"texts has none for {name!r}, only for {', '.join(texts) or 'no model'}")
    first = next(iter(readers))
    known: dict[tuple[str, str], AttentionMap] = {}
    model = widgets.Dropdown(options=list(readers), description="model")
    field = widgets.Text(value=texts[first], description="text", continuous_update=False, layout={"width": "95%"})
    layer, head, query = (
        widgets.IntSlider(value=0, min=0, max=0, description=name) for name in ("layer", "head", "query")
    )

    def current() -> AttentionMap:
        """Return the map of the chosen model and text; only the last text of each model is kept."""
        now = (model.value, field.value)
        if now not in known:
            found = readers[model.value](field.value)
            for other in [one for one in known if one[0] == model.value]:
                del known[other]
            known[now] = found
        return known[now]

    def draw() -> tuple[str, str]:
        try:
            chosen = current()
        except ValueError as error:
            raise ValueError(f"This text cannot be read: {error}") from None
        where = layer.value, head.value, min(query.value, len(chosen.tokens) - 1)
        words = f"{describe_head(chosen, *where[:2])} {row_text(chosen, *where)}."
        told = html.escape(describe_head(chosen, *where[:2]))
        return f"{pointing_html(chosen, *where)}<div>{told}</div>", words

    def still() -> str:
        return row_html(current(), layer.value, head.value, query.value)

    def fit(_: Any = None) -> None:
        """Fit the sliders to a new map, the query at its last token."""
        try:
            chosen = current()
        except ValueError:  # the sentence takes the picture's place
            view.redraw()
            return
        for slider, count in ((layer, chosen.n_layers), (head, chosen.n_heads), (query, len(chosen.tokens))):
            slider.max = count - 1
        query.value = query.max
        view.redraw()

    def change_model(change: Any) -> None:
        field.unobserve(fit, names="value")
        field.value = texts[change["new"]]
        field.observe(fit, names="value")
        fit()

    begun = current()
    layer.max, head.max, query.max = begun.n_layers - 1, begun.n_heads - 1, len(begun.tokens) - 1
    query.value = query.max
    view = explorer([model, field, row(layer, head, query)], draw, [layer, head, query], still)
    model.observe(change_model, names="value")
    field.observe(fit, names="value")
    return view
