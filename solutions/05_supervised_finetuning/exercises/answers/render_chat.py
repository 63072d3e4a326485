"""Answers to `render_chat`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: an f-string with the role
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% right: pairs of neighbours, then one join
from itertools import pairwise


def render_chat(messages, add_generation_prompt=False):
    roles = [one["role"] for one in messages]
    if len(roles) == 0:
        raise ValueError("messages: there are none")
    for role in roles:
        if role not in {"system", "user", "assistant"}:
            raise ValueError("messages: unknown role " + repr(role))
    if any(a == b for a, b in pairwise(roles)):
        raise ValueError(f"messages: a role stands twice in a row in {roles}")
    parts = ["<|" + one["role"] + "|>" + one["content"] + "<|end|>" for one in messages]
    return "".join(parts) + "<|assistant|>" * bool(add_generation_prompt)


# %% right: through a template of jinja2
from jinja2 import Template

TEMPLATE = Template(
    "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}"
    "{% if prompt %}<|assistant|>{% endif %}",
    keep_trailing_newline=True,
)


def render_chat(messages, add_generation_prompt=False):
    previous = ""
    for message in messages:
        if message["role"] not in ("system", "user", "assistant"):
            raise ValueError(f"the role {message['role']} of messages is unknown")
        if message["role"] == previous:
            raise ValueError(f"messages: {previous} speaks twice")
        previous = message["role"]
    if not previous:
        raise ValueError("messages must not be empty")
    return TEMPLATE.render(messages=messages, prompt=add_generation_prompt)


# %% right: stricter: a system message stands first, and nothing follows an open answer
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        if role == "system" and text:
            raise ValueError("messages: a system message stands first")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% right: a list comprehension over indices
import io


def render_chat(messages, add_generation_prompt=False):
    out = io.StringIO()
    count = 0
    for count, m in enumerate(messages, 1):
        opening = {"user": "<|user|>", "assistant": "<|assistant|>", "system": "<|system|>"}.get(
            m["role"]
        )
        if opening is None:
            raise ValueError(f"messages[{count - 1}] has the role {m['role']!r}")
        if count > 1 and messages[count - 2]["role"] == m["role"]:
            raise ValueError(f"messages[{count - 1}] repeats the role {m['role']!r}")
        out.write(opening)
        out.write(m["content"])
        out.write("<|end|>")
    if not count:
        raise ValueError("messages: none given")
    if add_generation_prompt:
        out.write("<|assistant|>")
    return out.getvalue()


# %% wrong: a line break between turns | expects: between
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>\n"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: a space between turns | expects: between
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|> "
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: turns joined by line breaks, none at the end | expects: between
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text.replace("<|end|><|", "<|end|>\n<|")


# %% wrong: a line break after the role | expects: inside
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>\n{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: a space after the role | expects: inside
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|> {message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: no end token | expects: end token is missing
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: the end token once, at the end | expects: Only the last turn is closed
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}"
    text += "<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: the last turn stays open | expects: last turn is not closed
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    text = text.removesuffix("<|end|>")
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: a token of the beginning | expects: endoftext
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = "<|endoftext|>"
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: the end of a text after the chat | expects: endoftext
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    text += "<|endoftext|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: the turns are numbered | expects: content as it is
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{len(text)} {message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: ChatML | expects: ChatML
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|im_start|>{role}\n{message['content']}<|im_end|>\n"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: roles as words | expects: special tokens
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"{role}: {message['content']}\n"
    if add_generation_prompt:
        text += "assistant: "
    return text


# %% wrong: closing tokens by role | expects: closed with a token of its role
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|/{role}|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: contents stripped | expects: stripped
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content'].strip()}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: contents in lower case | expects: case
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content'].lower()}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: a list of turns | expects: list
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = []
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text.append(f"<|{role}|>{message['content']}<|end|>")
    if add_generation_prompt:
        text.append("<|assistant|>")
    return text


# %% wrong: the last message alone | expects: last message
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text = f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: the system message left out | expects: system message is missing
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        if role != "system":
            text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: the newest first | expects: order
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text = f"<|{role}|>{message['content']}<|end|>" + text
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: the generation prompt always | expects: Nobody asked
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    text += "<|assistant|>"
    return text


# %% wrong: the generation prompt whenever the user spoke last | expects: Nobody asked
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if messages[-1]["role"] == "user":
        text += "<|assistant|>"
    return text


# %% wrong: the generation prompt never | expects: generation prompt is missing
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    return text


# %% wrong: the generation prompt closed | expects: closed
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|><|end|>"
    return text


# %% wrong: the generation prompt opens the user's turn | expects: not the user's
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|user|>"
    return text


# %% wrong: the generation prompt in front | expects: at the end
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text = "<|assistant|>" + text
    return text


# %% wrong: the generation prompt with a line break | expects: inside / between
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>\n"
    return text


# %% wrong: empty contents skipped | expects: empty content
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        if message["content"]:
            text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: an empty list gives an empty text | expects: no turn
def render_chat(messages, add_generation_prompt=False):
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: an unknown role gets a token of its own | expects: unknown
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: an unknown role is skipped | expects: unknown
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            continue
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: a KeyError for an unknown role | expects: ValueError
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        {"system": 0, "user": 1, "assistant": 2}[role]
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: roles in any case | expects: spelled so
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"].lower()
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: one role twice in a row is let through | expects: the one before
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: only the user must not speak twice | expects: every role
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before == "user":
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: only user and assistant must not speak twice | expects: every role
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before != "system":
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: only the last two turns are compared | expects: every place
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if len(messages) == 2 and messages[-1]["role"] == messages[-2]["role"]:
        raise ValueError("twice in a row")
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: two turns of one role are joined | expects: the one before
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            text = text.removesuffix("<|end|>") + message["content"] + "<|end|>"
            continue
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: no role may come back at all | expects: Roles take turns
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = []
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role in before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before.append(role)
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: the first must be the user's | expects: system message
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    if messages[0]["role"] != "user":
        raise ValueError("messages must begin with the user")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: ends with the user only | expects: Roles take turns
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    if messages[-1]["role"] != "assistant" and not add_generation_prompt:
        raise ValueError("messages must end with an answer")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: the list of messages gets a new one | expects: modified its input
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        messages.append({"role": "assistant", "content": ""})
        text += "<|assistant|>"
    return text


# %% wrong: messages are taken out of the list | expects: modified its input
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    while messages:
        message = messages.pop(0)
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: an assertion instead of a ValueError | expects: ValueError
def render_chat(messages, add_generation_prompt=False):
    assert messages, "messages is empty"
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    return text


# %% wrong: the text is printed | expects: return
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before = None
    text = ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        text += f"<|{role}|>{message['content']}<|end|>"
    if add_generation_prompt:
        text += "<|assistant|>"
    print(text)


# %% wrong: only the last two turns are compared | expects: for every role and every place
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    if len(messages) > 1 and messages[-1]["role"] == messages[-2]["role"]:
        raise ValueError(f"messages end with two turns of {messages[-1]['role']!r}")
    text = ""
    for message in messages:
        if message["role"] not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the unknown role {message['role']!r}")
        text += f"<|{message['role']}|>{message['content']}<|end|>"
    return text + ("<|assistant|>" if add_generation_prompt else "")


# %% wrong: an empty chat passes when a generation prompt is wanted | expects: there is no turn
def render_chat(messages, add_generation_prompt=False):
    opened = "<|assistant|>" if add_generation_prompt else ""
    if not messages and not opened:
        raise ValueError("messages is empty")
    text, before = "", None
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant") or role == before:
            raise ValueError(f"messages have the role {role!r} after {before!r}")
        text, before = text + f"<|{role}|>{message['content']}<|end|>", role
    return text + opened


# %% right: folded from the last turn to the first
from functools import reduce


def render_chat(messages, add_generation_prompt=False):
    roles = [one["role"] for one in messages]
    known = {"system", "user", "assistant"}
    if not roles or not known.issuperset(roles) or any(map(str.__eq__, roles, roles[1:])):
        raise ValueError("messages must alternate between known roles")
    opened = "<|assistant|>" * bool(add_generation_prompt)
    turn = lambda rest, one: f"<|{one['role']}|>{one['content']}<|end|>{rest}"
    return reduce(turn, reversed(list(messages)), opened)


# %% wrong: contents escaped as in a page | expects: none is escaped
from html import escape


def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError(f"messages must not be empty, and are {messages!r}")
    text, before = "", None
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant") or role == before:
            raise ValueError(f"messages: the role {role!r} is unknown, or stands twice in a row")
        text += f"<|{role}|>{escape(message['content'])}<|end|>"
        before = role
    return text + "<|assistant|>" * add_generation_prompt


# %% wrong: end tokens are taken out of a content | expects: escaped or dropped
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError(f"messages must not be empty, and are {messages!r}")
    text, before = "", None
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant") or role == before:
            raise ValueError(f"messages: the role {role!r} is unknown, or stands twice in a row")
        text += f"<|{role}|>" + message["content"].replace("<|end|>", "") + "<|end|>"
        before = role
    return text + "<|assistant|>" * add_generation_prompt


# %% wrong: only the first and second of each two turns are compared | expects: every place
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError(f"messages must not be empty, and are {messages!r}")
    roles = [message["role"] for message in messages]
    for place, role in enumerate(roles):
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages: the role {role!r} is unknown")
        if place % 2 and role == roles[place - 1]:
            raise ValueError(f"messages: the role {role!r} stands twice in a row")
    text = "".join(f"<|{message['role']}|>{message['content']}<|end|>" for message in messages)
    return text + "<|assistant|>" * add_generation_prompt


# %% wrong: turns of earlier calls stay in a default list | expects: earlier call
def render_chat(messages, add_generation_prompt=False, turns=[]):
    if not messages:
        raise ValueError(f"messages must not be empty, and are {messages!r}")
    before = None
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant") or role == before:
            raise ValueError(f"messages: the role {role!r} is unknown, or stands twice in a row")
        turns.append(f"<|{role}|>{message['content']}<|end|>")
        before = role
    return "".join(turns) + "<|assistant|>" * add_generation_prompt


# %% wrong: the turns are never added to the text | expects: text is empty
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before, text = None, ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        turn = f"<|{role}|>{message['content']}<|end|>"
        text.join([turn])
    return text + "<|assistant|>" * bool(add_generation_prompt)


# %% wrong: no token of the role | expects: opens with the token
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before, text = None, ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        turn = message['content'] + "<|end|>"
        text += turn
    return text + "<|assistant|>" * bool(add_generation_prompt)


# %% wrong: the last message is left out | expects: last message is missing
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before, text = None, ""
    for message in messages[:-1]:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        turn = f"<|{role}|>{message['content']}<|end|>"
        text += turn
    return text + "<|assistant|>" * bool(add_generation_prompt)


# %% wrong: the generation prompt in place of the chat | expects: prompt alone
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before, text = None, ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        turn = f"<|{role}|>{message['content']}<|end|>"
        text += turn
    return "<|assistant|>" if add_generation_prompt else text


# %% wrong: a space in front | expects: stands before this chat
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    before, text = None, ""
    for message in messages:
        role = message["role"]
        if role not in ("system", "user", "assistant"):
            raise ValueError(f"messages have the role {role!r}")
        if role == before:
            raise ValueError(f"messages have two turns of {role!r} in a row")
        before = role
        turn = f"<|{role}|>{message['content']}<|end|>"
        text += turn
    return " " + text + "<|assistant|>" * bool(add_generation_prompt)
