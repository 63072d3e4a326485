"""The view of a chat's mask: which tokens count, as the codec of posttraining has it, and bad chats in a sentence."""

from __future__ import annotations

import pytest

from utils.notebook.widgets.chat_mask import (
    counted_share,
    marked_html,
    marked_text,
    marked_tokens,
    mask_explorer,
    mask_figure,
)
from utils.posttraining.chat import world_codec
from utils.training.base_models import base_world
from utils.world import draw_demonstrations


def test_counted_tokens_are_those_that_the_codec_counts():
    world = base_world()
    codec = world_codec(world.vocabulary)
    for one in draw_demonstrations(world, 10, seed=3, turns=2, system=True):
        encoded = codec.encode_chat(one.messages)
        marked = marked_tokens(one.messages)
        assert [token.counted for token in marked] == encoded.assistant[1:]
        assert [token.role for token in marked] == encoded.roles[1:]


def test_without_the_mask_all_but_the_first_token_count():
    chat = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ada."}]
    assert [token.counted for token in marked_tokens(chat, masked=False)] == [False] + [True] * 7
    assert counted_share(marked_tokens(chat)) == pytest.approx(3 / 8)
    assert counted_share([]) == 0.0
    assert marked_text(marked_tokens(chat)).splitlines()[-1] == "* <|end|>"


def test_html_is_escaped_and_says_how_many_count():
    chat = [{"role": "user", "content": "<b>"}, {"role": "assistant", "content": "Ada."}]
    shown = marked_html(marked_tokens(chat))
    assert "<b>" not in shown
    assert "3 of 9 tokens are counted" in shown


def test_the_view_shows_a_bad_chat_as_a_sentence():
    view = mask_explorer("Who?", "Ada.")
    user, shown = view.children[1], view.children[-1]
    assert "3 of 8" in shown.value
    user.value = "Who <|end|>?"
    assert "would open or close a turn" in shown.value


def test_the_figure_has_a_bar_for_each_chat():
    chat = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ada."}]
    figure = mask_figure({"one": chat, "two": chat})
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["one", "two"]
    assert figure.axes[0].get_xlabel()
