"""The widget of next tokens: a pure function, and its views."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
import torch

from utils.notebook.figures import unlabelled_axes
from utils.notebook.widgets.next_token import (
    Settings,
    next_token,
    next_token_explorer,
    next_token_figure,
    next_token_html,
    next_token_text,
)

LOGITS = torch.log(torch.tensor([0.5, 0.3, 0.15, 0.05]))
WORDS = [" blue", "<b>", "\n", "x"]


def decode(ids):
    return "".join(WORDS[i] for i in ids)


def test_settings_that_change_nothing_give_the_models_probabilities():
    found = next_token(LOGITS, decode, Settings())
    assert [one.text for one in found.candidates] == WORDS
    for one, probability in zip(found.candidates, (0.5, 0.3, 0.15, 0.05), strict=True):
        assert one.model == pytest.approx(probability)
        assert one.sampled == pytest.approx(probability)
    assert (found.kept, found.kept_mass) == (4, pytest.approx(1))


@pytest.mark.parametrize(
    ("settings", "kept"),
    [(Settings(k=2), 2), (Settings(p=0.9), 3), (Settings(min_p=0.4), 2), (Settings(temperature=0), 1)],
)
def test_each_slider_filters(settings, kept):
    found = next_token(LOGITS, decode, settings)
    assert found.kept == kept
    assert found.kept_mass == pytest.approx(sum((0.5, 0.3, 0.15, 0.05)[:kept]))
    assert sum(one.sampled for one in found.candidates) == pytest.approx(1)
    assert (found.entropy == 0) == (kept == 1)


def test_a_temperature_divides_the_logits():
    found = next_token(LOGITS, decode, Settings(temperature=0.5))
    assert found.candidates[0].sampled == pytest.approx(0.25 / (0.25 + 0.09 + 0.0225 + 0.0025))


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match=r"logits must have the shape \(V,\)"):
        next_token(LOGITS[None], decode, Settings())
    with pytest.raises(ValueError, match="p must lie"):
        next_token(LOGITS, decode, Settings(p=0.0))


def test_views_show_every_token_and_escape_it():
    found = next_token(LOGITS, decode, Settings(k=2))
    assert "·blue" in next_token_text(found)
    assert "2 tokens can be drawn" in next_token_text(found)
    page = next_token_html(found)
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "\\n" in page
    figure = next_token_figure({"k = 2": found, "all": next_token(LOGITS, decode, Settings())})
    assert not unlabelled_axes(figure)
    plt.close(figure)


def test_the_widget_asks_the_model_once_per_text():
    asked = []

    def next_logits(text):
        asked.append(text)
        return LOGITS

    box = next_token_explorer(next_logits, decode, "My favorite color is")
    field, upper, _, table = box.children
    assert "4 tokens can be drawn" in table.value
    upper.children[1].value = 1
    assert "1 tokens can be drawn" in table.value
    assert asked == ["My favorite color is"]
    field.value = "Another"
    assert asked == ["My favorite color is", "Another"]
    field.value = ""
    assert "Write the beginning" in table.value
