"""What comes next? The most likely tokens of a model, and what temperature, top-k, top-p and min-p make of them.

The filters run in the order in which most libraries apply them: temperature, top-k, top-p, min-p.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from utils.decoding.samplers import MinP, Sampler, Temperature, TopK, TopP
from utils.notebook.widgets.pictures import Bar, bars_html
from utils.notebook.widgets.view import explorer, row, said_html

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NextLogits = Callable[[str], Tensor]


@dataclass(frozen=True)
class Settings:
    """What the sliders say; the values given here change nothing.

    Attributes:
        temperature: divides the logits; 0 leaves the most likely token.
        k: how many tokens top-k keeps; 0 keeps all.
        p: what top-p sums up to.
        min_p: least probability, as a part of the largest.
    """

    temperature: float = 1.0
    k: int = 0
    p: float = 1.0
    min_p: float = 0.0

    def sampler(self) -> Sampler:
        """Return the sampler of these settings.

        Raises:
            ValueError: a setting is out of its range.
        """
        sampler: Sampler = Temperature(self.temperature)
        if self.k:
            sampler = sampler | TopK(self.k)
        return sampler | TopP(self.p) | MinP(self.min_p)


@dataclass(frozen=True)
class Candidate:
    """A token, its probability under the model, and under the sampler (0 where it was filtered out)."""

    id: int
    text: str
    model: float
    sampled: float


@dataclass(frozen=True)
class NextToken:
    """What the settings make of a distribution.

    Attributes:
        candidates: the most likely tokens, in order.
        kept: number of tokens that can still be drawn.
        kept_mass: their probability under the model.
        entropy: of the resulting distribution, in bits.
    """

    candidates: tuple[Candidate, ...]
    kept: int
    kept_mass: float
    entropy: float


def next_token(logits: Tensor, decode: Callable[[Sequence[int]], str], settings: Settings, most: int = 12) -> NextToken:
    """Return the most likely tokens before and after the samplers.

    Args:
        logits: (V,).
        decode: ids to text.
        settings: of the samplers.
        most: tokens to list.

    Raises:
        ValueError: the logits have another shape, or a setting is out of its range.
    """
    if logits.dim() != 1:
        raise ValueError(f"logits must have the shape (V,), not {tuple(logits.shape)}")
    model = logits.double().softmax(-1)
    sampled = settings.sampler().transform(logits.double()).softmax(-1)
    kept = sampled > 0
    positive = sampled[kept]
    places = model.topk(min(most, len(model))).indices.tolist()
    return NextToken(
        tuple(Candidate(i, decode([i]), float(model[i]), float(sampled[i])) for i in places),
        int(kept.sum()),
        float(model[kept].sum()),
        float((positive * -positive.log()).sum() / math.log(2)),
    )


def _label(text: str) -> str:
    """Return a token's text with its white space made visible."""
    return repr(text)[1:-1].replace(" ", "\u00b7") or "(nothing)"


def next_token_text(found: NextToken) -> str:
    """Return the tokens as a text table."""
    lines = [f"{'token':16} {'model':>7} {'sampler':>8}"]
    for one in found.candidates:
        lines.append(f"{_label(one.text):16} {one.model:7.2%} {one.sampled:8.2%}")
    lines.append(
        f"{found.kept:,} tokens can be drawn, {found.kept_mass:.1%} of the model's probability,"
        f" entropy {found.entropy:.2f} bits"
    )
    return "\n".join(lines)


def next_token_html(found: NextToken) -> str:
    """Return the tokens as a table with bars; every token is escaped."""
    rows = [
        Bar(
            _label(one.text),
            (one.model, one.sampled),
            f"{one.model:.2%}, then {one.sampled:.2%}" if one.sampled > 0 else f"{one.model:.2%}, filtered out",
        )
        for one in found.candidates
    ]
    return bars_html(rows, ("model", "sampler"), "token") + said_html(next_token_text(found).splitlines()[-1])


def next_token_figure(found: Mapping[str, NextToken]) -> Figure:
    """Draw the tokens under several settings side by side; the caller shows and closes the figure.

    Args:
        found: from a label to what its settings make of the same logits.
    """
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(
        1, len(found), figsize=(2.6 * len(found), 3.4), sharey=True, squeeze=False, constrained_layout=True
    )
    for axes, (label, one) in zip(panels[0], found.items(), strict=True):
        names = [_label(candidate.text) for candidate in one.candidates]
        places = range(len(names))
        axes.barh([p - 0.2 for p in places], [c.model for c in one.candidates], 0.38, label="model")
        axes.barh([p + 0.2 for p in places], [c.sampled for c in one.candidates], 0.38, label="sampler", hatch="//")
        axes.set_yticks(list(places), names)
        axes.set(xlabel="probability", title=f"{label}\n{one.kept:,} left")
        axes.title.set_fontsize(9)
    panels[0][0].set_ylabel("next token")
    for axes in panels[0][1:]:
        axes.yaxis.set_visible(False)
    panels[0][0].invert_yaxis()
    panels[0][0].legend(fontsize=8, loc="lower right")
    return figure


def next_token_explorer(
    next_logits: NextLogits,
    decode: Callable[[Sequence[int]], str],
    text: str,
    settings: Settings | None = None,
) -> Any:
    """Return the view: a text field and four sliders over the bars of the most likely next tokens.

    Args:
        next_logits: from a text to the logits (V,) of what follows; called again only when the text changes.
        decode: ids to text.
        text: what stands in the field at first.
        settings: where the sliders stand at first.
    """
    import ipywidgets as widgets

    start = settings or Settings()
    field = widgets.Text(value=text, description="text", continuous_update=False, layout={"width": "95%"})
    wide = {"description_width": "7em"}
    temperature = widgets.FloatSlider(
        value=start.temperature, min=0, max=3, step=0.05, description="temperature", style=wide
    )
    k = widgets.IntSlider(value=start.k, min=0, max=200, description="k (0: off)", style=wide)
    p = widgets.FloatSlider(value=start.p, min=0.01, max=1, step=0.01, description="p", style=wide)
    min_p = widgets.FloatSlider(value=start.min_p, min=0, max=1, step=0.01, description="min-p", style=wide)
    known: dict[str, Tensor] = {}

    def draw() -> tuple[str, str]:
        if not field.value:
            raise ValueError("Write the beginning of a text.")
        if field.value not in known:
            known.clear()
            known[field.value] = next_logits(field.value)
        now = Settings(temperature.value, k.value, p.value, min_p.value)
        found = next_token(known[field.value], decode, now)
        return next_token_html(found), next_token_text(found)

    controls = [field, row(temperature, k), row(p, min_p)]
    return explorer(controls, draw, [field, temperature, k, p, min_p])
