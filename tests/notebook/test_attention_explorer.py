"""The attention explorer's pure functions, and its view driven as a learner would."""

from __future__ import annotations

import matplotlib
import pytest
import torch

matplotlib.use("agg")

from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.notebook.figures import unlabelled_axes
from utils.notebook.widgets.attention_explorer import (
    AttentionMap,
    attention_explorer,
    attention_figure,
    attention_map,
    describe_head,
    effective_keys,
    pointing_html,
    row_html,
    row_text,
    strongest_keys,
)


def by_hand() -> AttentionMap:
    """Return a map of one layer: head 0 looks at the token before, head 1 at all equally."""
    before = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    even = torch.ones(3, 3).tril() / torch.tensor([[1.0], [2], [3]])
    return AttentionMap(("a", "<b>", "c"), torch.stack([before, even])[None])


@pytest.fixture(scope="module")
def tiny() -> GPT:
    torch.manual_seed(0)
    return GPT(ModelConfig(n_layers=2, d_model=16, n_heads=4, n_kv_heads=2, vocab_size=11, context_length=16)).eval()


def test_a_map_has_a_row_for_each_token_that_sums_to_one_and_never_looks_ahead(tiny: GPT) -> None:
    found = attention_map(tiny, [1, 2, 3, 4], list("wxyz"))
    assert found.weights.shape == (2, 4, 4, 4)
    assert torch.allclose(found.weights.sum(-1), torch.ones(2, 4, 4))
    assert torch.equal(found.weights.triu(1), torch.zeros(2, 4, 4, 4))
    assert not found.weights.requires_grad


def test_a_map_of_ids_without_tokens_for_them_is_refused(tiny: GPT) -> None:
    with pytest.raises(ValueError, match="as many"):
        attention_map(tiny, [1, 2], ["one"])
    with pytest.raises(ValueError, match="as many"):
        attention_map(tiny, [], [])
    with pytest.raises(ValueError, match=r"weights must be \(layers, heads, 2, 2\)"):
        AttentionMap(("a", "b"), torch.ones(1, 2, 3, 3))


def test_strongest_keys_come_largest_first_and_only_from_the_past() -> None:
    assert strongest_keys(by_hand(), 0, 0, 2, most=2) == [(1, 1.0), (0, 0.0)]
    assert [position for position, _ in strongest_keys(by_hand(), 0, 1, 1)] == [0, 1]


@pytest.mark.parametrize(("layer", "head", "query"), [(1, 0, 0), (0, 2, 0), (0, 0, 3), (-1, 0, 0), (0, 0, -1)])
def test_a_place_that_is_not_there_is_refused(layer: int, head: int, query: int) -> None:
    with pytest.raises(ValueError, match="must lie between"):
        strongest_keys(by_hand(), layer, head, query)


def test_effective_keys_leave_the_first_token_out() -> None:
    keys = effective_keys(by_hand())
    assert keys[0, 0] == pytest.approx(1.0)
    assert keys[0, 1] == pytest.approx(6**0.5, rel=1e-5)  # the geometric mean of 2 and 3
    assert effective_keys(AttentionMap(("a",), torch.ones(1, 2, 1, 1))).tolist() == [[1.0, 1.0]]


def test_a_head_is_described_by_where_it_looks() -> None:
    assert "1.0 tokens" in describe_head(by_hand(), 0, 0)
    assert "100% on the token before" in describe_head(by_hand(), 0, 0)
    assert "one token" in describe_head(AttentionMap(("a",), torch.ones(1, 1, 1, 1)), 0, 0)


def test_shaded_text_escapes_tokens_and_marks_the_query() -> None:
    shown = row_html(by_hand(), 0, 0, 2)
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert shown.count("2px solid") == 1
    assert row_text(by_hand(), 0, 0, 2, most=1) == "'c' looks at '<b>' 1.00"


def test_the_figure_has_labelled_axes_for_every_panel() -> None:
    figure = attention_figure([("one", by_hand(), 0, 0), ("two", by_hand(), 0, 1)])
    assert len(figure.axes) == 2
    assert not unlabelled_axes(figure)
    with pytest.raises(ValueError, match="panels is empty"):
        attention_figure([])


def reader(model: GPT):
    def read(text: str) -> AttentionMap:
        letters = list(text)
        if not letters or not set(letters) <= set("abcdefghijk"):
            raise ValueError(f"{text!r} holds a letter beyond k, or none")
        return attention_map(model, ["abcdefghijk".index(letter) for letter in letters], letters)

    return read


def test_the_view_follows_its_controls_and_survives_a_text_it_cannot_read(tiny: GPT) -> None:
    view = attention_explorer({"tiny": reader(tiny), "again": reader(tiny)}, {"tiny": "abc", "again": "defgh"})
    model, field, sliders, table = view.children
    layer, head, query = sliders.children
    assert (layer.max, head.max, query.max, query.value) == (1, 3, 2, 2)
    before = table.value
    head.value = 3
    assert table.value != before
    assert "head 3" in table.value
    field.value = "abz"
    assert "cannot be read" in table.value
    field.value = "abcdef"
    assert query.max == query.value == 5
    model.value = "again"
    assert field.value == "defgh"
    assert query.max == 4
    field.value = "de"
    assert query.max == query.value == 1


def test_every_token_that_is_pointed_at_has_its_row_in_the_page() -> None:
    shown = pointing_html(by_hand(), 0, 1, 2)
    assert shown.count('tabindex="0"') == 3
    assert "<b>" not in shown
    # "a" is seen by all three queries, and "c" by itself alone.
    assert "--w0:1.000;--w1:0.500;--w2:0.333;" in shown
    assert 'style="--w2:0.333;"' in shown
    assert "&#x27;a&#x27; looks at &#x27;a&#x27; 1.00" in shown
    assert ".t{--w:var(--w2,0)" in shown


def test_a_view_without_models_or_texts_is_refused(tiny: GPT) -> None:
    with pytest.raises(ValueError, match="readers is empty"):
        attention_explorer({}, {})
    with pytest.raises(ValueError, match="texts has none for 'tiny'"):
        attention_explorer({"tiny": reader(tiny)}, {})
