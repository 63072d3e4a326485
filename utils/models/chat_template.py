"""Chat templates as models ship them: Jinja text, rendered where it can do no harm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


def _environment() -> ImmutableSandboxedEnvironment:
    """Return a sandbox with the two whitespace rules and the one function that hub templates rely on."""
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = _raise_exception
    return environment


def render_template(
    template: str,
    messages: Sequence[Mapping[str, str]],
    add_generation_prompt: bool = False,
    **variables: Any,
) -> str:
    """Return the text that `template` makes of `messages`, dicts with `role` and `content`.

    Args:
        template: Jinja text, for instance from a model file.
        messages: the turns, oldest first.
        add_generation_prompt: end with the opening of an assistant's turn.
        variables: what else the template may read, usually `bos_token` and `eos_token`.

    Raises:
        ValueError: there are no messages, one lacks a field, or the template refuses them.
    """
    if not messages:
        raise ValueError("messages must hold at least one turn, not none")
    for message in messages:
        if "role" not in message or "content" not in message:
            raise ValueError(f"every message needs `role` and `content`, this one has {sorted(message)}")
    try:
        return (
            _environment()
            .from_string(template)
            .render(messages=messages, add_generation_prompt=add_generation_prompt, **variables)
        )
    except TemplateError as error:
        raise ValueError(f"the chat template refuses the messages: {error}") from error
