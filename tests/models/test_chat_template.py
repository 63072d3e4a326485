"""Chat templates render as in `transformers`: the same environment, the same text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from utils.models.chat_template import render_template

TURNS = [
    {"role": "user", "content": "Is <b> 'bold' & \"über\" 东?"},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "Why?"},
]
PARTS = [
    {"role": "user", "content": [{"type": "text", "text": "Look:"}, {"type": "image"}, {"type": "text", "text": "!"}]}
]
CALLS = [*TURNS[:1], {"role": "assistant", "tool_calls": [{"name": "f", "arguments": {"x": [1, 2.5, None, True]}}]}]
TEMPLATES = {
    "tojson": "{{ messages[0].content | tojson }}{{ messages | tojson(indent=2) }}",
    "tojson with options": "{{ messages[0] | tojson(ensure_ascii=True, separators=(',', ':'), sort_keys=True) }}",
    "break": "{% for m in messages %}{% if m.role == 'assistant' %}{% break %}{% endif %}{{ m.content }}{% endfor %}",
    "continue": "{% for m in messages %}{% if loop.index == 2 %}{% continue %}{% endif %}{{ m.content }}\n{% endfor %}",
    "generation": "{% for m in messages %}\n  {% generation %}\n{{ m.content }}{% endgeneration %}\n{% endfor %}",
    "generation in a loop": "{% for m in messages %}{%- generation -%} {{ loop.last }} {% endgeneration %}{% endfor %}",
    "no tools": "{% if tools is not none %}tools{% else %}none{% endif %}{{ documents is defined }}",
    "strftime_now": "{{ strftime_now('%Y') }}",
    "namespace": "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
    "dictionaries": "{% for key, value in messages[0].items() %}{{ key }}={{ value }};{% endfor %}",
    "prompt": "{{ bos_token }}{% if add_generation_prompt %}<go>{% endif %}",
}
IN_PARTS = (
    "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}"
    "{% if p.type == 'text' %}{{ p.text }}{% else %}<{{ p['type'] }}>{% endif %}{% endfor %}{% endif %}{% endfor %}"
)


def theirs(template: str, messages: list[Any], **variables: Any) -> str:
    utils = pytest.importorskip("transformers.utils.chat_template_utils")
    return utils.render_jinja_template([messages], chat_template=template, **variables)[0][0]


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("go", [False, True])
def test_a_template_gives_the_text_that_transformers_gives(name: str, go: bool) -> None:
    given = {"add_generation_prompt": go, "bos_token": "<s>"}
    assert render_template(TEMPLATES[name], TURNS, **given) == theirs(TEMPLATES[name], TURNS, **given)


def test_content_in_parts_reaches_the_template_as_it_is() -> None:
    assert render_template(IN_PARTS, PARTS) == "Look:<image>!" == theirs(IN_PARTS, PARTS)
    assert render_template(IN_PARTS, TURNS) == theirs(IN_PARTS, TURNS)
    plain = "{{ messages[0].content }}"
    assert render_template(plain, PARTS) == theirs(plain, PARTS)


def test_a_turn_of_tool_calls_needs_no_content() -> None:
    template = (
        "{% for m in messages %}{{ m.tool_calls | tojson if m.tool_calls else m.content }}{% endfor %}{{ tools }}"
    )
    tools = [{"type": "function", "function": {"name": "f"}}]
    assert render_template(template, CALLS, tools=tools) == theirs(template, CALLS, tools=tools)


def test_the_date_is_todays() -> None:
    assert render_template("{{ strftime_now('%d %b %Y') }}", TURNS) == datetime.now().strftime("%d %b %Y")


def test_objects_reach_a_template_as_plain_data() -> None:
    @dataclass
    class Tool:
        name: str

    class Writer:
        def save(self) -> str:
            raise AssertionError("a template called a method of the caller's object")

    template = "{{ number + 1 }} {{ tool.name }} {{ writer }}{{ writer.save is defined }}"
    given = {"number": np.int64(4), "tool": Tool("f"), "writer": Writer()}
    assert render_template(template, TURNS, **given) == theirs(template, TURNS, **given) == "5 f <Writer>False"


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' + messages[0] }}",
        "{{ 1 // 0 }}",
        "{{ messages[0].content.nothing.more }}",
        "{% break %}",
        "{{",
        "{% f %}",
    ],
)
def test_a_template_that_fails_is_a_value_error(template: str) -> None:
    with pytest.raises(ValueError, match=r"the chat template (fails on|refuses) the messages"):
        render_template(template, TURNS)


@pytest.mark.parametrize(
    "messages", [None, "hello", {"role": "user"}, ["hello"], [{"role": "user"}], [{"content": "x"}]]
)
def test_what_are_no_messages_is_refused(messages: Any) -> None:
    with pytest.raises(ValueError, match="message"):
        render_template("{{ messages }}", messages)
