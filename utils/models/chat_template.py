"""Chat templates as models ship them: Jinja text, rendered where it can do no harm.

What a template may use is what `transformers` gives it, since templates are written and tried there: loops with `break`
and `continue`, `{% generation %}` blocks, a `tojson` that escapes nothing but JSON, `strftime_now`, `raise_exception`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NoReturn

import numpy as np
from jinja2 import Template, TemplateError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from utils.arguments import instance, shown, truth


class _Generation(Extension):
    """The block `{% generation %}`, with which templates mark what a model is trained on: its text, as it is."""

    tags = {"generation"}  # noqa: RUF012 (jinja2 declares it so)

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_rendered"), [], [], body).set_lineno(line)

    def _rendered(self, caller: Macro) -> str:
        return caller()


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


def _strftime_now(form: str) -> str:
    return datetime.now().strftime(form)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """Return JSON with its characters as they are; Jinja's own filter writes `<`, `>`, `&` and `'` for web pages."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


@lru_cache(maxsize=16)
def _compiled(template: str) -> Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals.update(raise_exception=_raise_exception, strftime_now=_strftime_now)
    return environment.from_string(template)


def _plain(value: Any) -> Any:
    """Return a copy made of JSON's types; an object of any other kind, whose methods may do anything, is only named."""
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(item) for item in value) if type(value) in (list, tuple) else list(map(_plain, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return f"<{type(value).__name__}>"


def render_template(
    template: str,
    messages: Sequence[Mapping[str, Any]],
    add_generation_prompt: bool = False,
    **variables: Any,
) -> str:
    """Return the text that `template` makes of `messages`, dicts with `role` and `content`.

    Args:
        template: Jinja text, for instance from a model file.
        messages: the turns, oldest first. A content is a text, or a list of parts such as
            {"type": "text", "text": ...} for templates that read those; a turn with `tool_calls` may have none.
        add_generation_prompt: end with the opening of an assistant's turn.
        variables: what else the template may read, usually `bos_token` and `eos_token`; `tools` and `documents`
            are None unless given.

    Raises:
        ValueError: there are no messages, one lacks a field, or the template refuses them.
    """
    instance("template", template, str, "a text")
    truth("add_generation_prompt", add_generation_prompt)
    if not isinstance(messages, Sequence) or isinstance(messages, str):
        raise ValueError(f"messages must be a sequence of dicts, not {shown(messages)}")
    if not messages:
        raise ValueError("messages must hold at least one turn, not none")
    for message in messages:
        if not isinstance(message, Mapping):
            raise ValueError(f"every message must be a dict with `role` and `content`, not {shown(message)}")
        if "role" not in message or not ("content" in message or message.get("tool_calls")):
            raise ValueError(f"every message needs `role` and `content`, this one has {sorted(map(str, message))}")
    given = {"tools": None, "documents": None, **variables}
    try:
        return _compiled(template).render(
            messages=_plain(list(messages)), add_generation_prompt=add_generation_prompt, **_plain(given)
        )
    except TemplateError as error:
        raise ValueError(f"the chat template refuses the messages: {error}") from error
    except (
        TypeError,
        ValueError,
        KeyError,
        IndexError,
        AttributeError,
        ArithmeticError,
        RecursionError,
        SyntaxError,
    ) as error:
        # A template's own slip, or messages of a form that it was not written for.
        raise ValueError(f"the chat template fails on the messages: {type(error).__name__}: {error}") from error
