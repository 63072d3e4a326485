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


# %% right: stricter: a system message stands first, and nothing follows an open answer | of: an f-string with the role
# -             raise ValueError(f"messages have two turns of {role!r} in a row")
# +             raise ValueError(f"messages have two turns of {role!r} in a row")
# +         if role == "system" and text:
# +             raise ValueError("messages: a system message stands first")


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


# %% wrong: a line break between turns | of: an f-string with the role | expects: between
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{message['content']}<|end|>\n"


# %% wrong: a space between turns | of: an f-string with the role | expects: between
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{message['content']}<|end|> "


# %% wrong: turns joined by line breaks, none at the end | of: an f-string with the role | expects: between
# -     return text
# +     return text.replace("<|end|><|", "<|end|>\n<|")


# %% wrong: a line break after the role | of: an f-string with the role | expects: inside
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>\n{message['content']}<|end|>"


# %% wrong: a space after the role | of: an f-string with the role | expects: inside
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|> {message['content']}<|end|>"


# %% wrong: no end token | of: an f-string with the role | expects: end token is missing
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{message['content']}"


# %% wrong: the end token once, at the end | of: an f-string with the role | expects: Only the last turn is closed
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{message['content']}"
# +     text += "<|end|>"


# %% wrong: the last turn stays open | of: an f-string with the role | expects: last turn is not closed
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{message['content']}<|end|>"
# +     text = text.removesuffix("<|end|>")


# %% wrong: a token of the beginning | of: an f-string with the role | expects: endoftext
# -     text = ""
# +     text = "<|endoftext|>"


# %% wrong: the end of a text after the chat | of: an f-string with the role | expects: endoftext
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{message['content']}<|end|>"
# +     text += "<|endoftext|>"


# %% wrong: the turns are numbered | of: an f-string with the role | expects: content as it is
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{len(text)} {message['content']}<|end|>"


# %% wrong: ChatML | of: an f-string with the role | expects: ChatML
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|im_start|>{role}\n{message['content']}<|im_end|>\n"


# %% wrong: roles as words | of: an f-string with the role | expects: special tokens
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"{role}: {message['content']}\n"

# -         text += "<|assistant|>"
# +         text += "assistant: "


# %% wrong: closing tokens by role | of: an f-string with the role | expects: closed with a token of its role
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{message['content']}<|/{role}|>"


# %% wrong: contents stripped | of: an f-string with the role | expects: stripped
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{message['content'].strip()}<|end|>"


# %% wrong: contents in lower case | of: an f-string with the role | expects: case
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{message['content'].lower()}<|end|>"


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


# %% wrong: the last message alone | of: an f-string with the role | expects: last message
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text = f"<|{role}|>{message['content']}<|end|>"


# %% wrong: the system message left out | of: an f-string with the role | expects: system message is missing
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         if role != "system":
# +             text += f"<|{role}|>{message['content']}<|end|>"


# %% wrong: the newest first | of: an f-string with the role | expects: order
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text = f"<|{role}|>{message['content']}<|end|>" + text


# %% wrong: the generation prompt always | of: an f-string with the role | expects: Nobody asked
# -     if add_generation_prompt:
# -         text += "<|assistant|>"
# +     text += "<|assistant|>"


# %% wrong: the generation prompt whenever the user spoke last | of: an f-string with the role | expects: Nobody asked
# -     if add_generation_prompt:
# +     if messages[-1]["role"] == "user":


# %% wrong: the generation prompt never | of: an f-string with the role | expects: generation prompt is missing
# -     if add_generation_prompt:
# -         text += "<|assistant|>"


# %% wrong: the generation prompt closed | of: an f-string with the role | expects: closed
# -         text += "<|assistant|>"
# +         text += "<|assistant|><|end|>"


# %% wrong: the generation prompt opens the user's turn | of: an f-string with the role | expects: not the user's
# -         text += "<|assistant|>"
# +         text += "<|user|>"


# %% wrong: the generation prompt in front | of: an f-string with the role | expects: at the end
# -         text += "<|assistant|>"
# +         text = "<|assistant|>" + text


# %% wrong: the generation prompt with a line break | of: an f-string with the role | expects: inside / between
# -         text += "<|assistant|>"
# +         text += "<|assistant|>\n"


# %% wrong: empty contents skipped | of: an f-string with the role | expects: empty content
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         if message["content"]:
# +             text += f"<|{role}|>{message['content']}<|end|>"


# %% wrong: an empty list gives an empty text | of: an f-string with the role | expects: no turn
# -     if not messages:
# -         raise ValueError("messages is empty")


# %% wrong: an unknown role gets a token of its own | of: an f-string with the role | expects: unknown
# -         if role not in ("system", "user", "assistant"):
# -             raise ValueError(f"messages have the role {role!r}")


# %% wrong: an unknown role is skipped | of: an f-string with the role | expects: unknown
# -             raise ValueError(f"messages have the role {role!r}")
# +             continue


# %% wrong: a KeyError for an unknown role | of: an f-string with the role | expects: ValueError
# -         if role not in ("system", "user", "assistant"):
# -             raise ValueError(f"messages have the role {role!r}")
# +         {"system": 0, "user": 1, "assistant": 2}[role]


# %% wrong: roles in any case | of: an f-string with the role | expects: spelled so
# -         role = message["role"]
# +         role = message["role"].lower()


# %% wrong: one role twice in a row is let through | of: an f-string with the role | expects: the one before
# -         if role == before:
# -             raise ValueError(f"messages have two turns of {role!r} in a row")


# %% wrong: only the user must not speak twice | of: an f-string with the role | expects: every role
# -         if role == before:
# +         if role == before == "user":


# %% wrong: only user and assistant must not speak twice | of: an f-string with the role | expects: every role
# -         if role == before:
# +         if role == before != "system":


# %% wrong: only the last two turns are compared | of: an f-string with the role | expects: every place
# -         if role == before:
# -             raise ValueError(f"messages have two turns of {role!r} in a row")

# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{message['content']}<|end|>"
# +     if len(messages) == 2 and messages[-1]["role"] == messages[-2]["role"]:
# +         raise ValueError("twice in a row")


# %% wrong: two turns of one role are joined | of: an f-string with the role | expects: the one before
# -             raise ValueError(f"messages have two turns of {role!r} in a row")
# +             text = text.removesuffix("<|end|>") + message["content"] + "<|end|>"
# +             continue


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


# %% wrong: the first must be the user's | of: an f-string with the role | expects: system message
# -         raise ValueError("messages is empty")
# +         raise ValueError("messages is empty")
# +     if messages[0]["role"] != "user":
# +         raise ValueError("messages must begin with the user")


# %% wrong: ends with the user only | of: an f-string with the role | expects: Roles take turns
# -         raise ValueError("messages is empty")
# +         raise ValueError("messages is empty")
# +     if messages[-1]["role"] != "assistant" and not add_generation_prompt:
# +         raise ValueError("messages must end with an answer")


# %% wrong: the list of messages gets a new one | of: an f-string with the role | expects: modified its input
# -     if add_generation_prompt:
# +     if add_generation_prompt:
# +         messages.append({"role": "assistant", "content": ""})


# %% wrong: messages are taken out of the list | of: an f-string with the role | expects: modified its input
# -     for message in messages:
# +     while messages:
# +         message = messages.pop(0)


# %% wrong: an assertion instead of a ValueError | of: an f-string with the role | expects: ValueError
# -     if not messages:
# -         raise ValueError("messages is empty")
# +     assert messages, "messages is empty"


# %% wrong: the text is printed | of: an f-string with the role | expects: return
# -     return text
# +     print(text)


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


# %% wrong: no token of the role | of: the turns are never added to the text | expects: opens with the token
# -         turn = f"<|{role}|>{message['content']}<|end|>"
# -         text.join([turn])
# +         turn = message['content'] + "<|end|>"
# +         text += turn


# %% wrong: the last message is left out | of: the turns are never added to the text | expects: last message is missing
# -     for message in messages:
# +     for message in messages[:-1]:

# -         text.join([turn])
# +         text += turn


# %% wrong: the generation prompt in place of the chat | of: the turns are never added to the text | expects: prompt alone
# -         text.join([turn])
# -     return text + "<|assistant|>" * bool(add_generation_prompt)
# +         text += turn
# +     return "<|assistant|>" if add_generation_prompt else text


# %% wrong: a space in front | of: the turns are never added to the text | expects: stands before this chat
# -         text.join([turn])
# -     return text + "<|assistant|>" * bool(add_generation_prompt)
# +         text += turn
# +     return " " + text + "<|assistant|>" * bool(add_generation_prompt)


# %% wrong: line breaks at the end of a content stripped | of: an f-string with the role | expects: stripped or changed
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         body = message["content"].rstrip("\n")
# +         text += f"<|{role}|>{body}<|end|>"


# %% wrong: line ends made alike | of: an f-string with the role | expects: stripped or changed
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         body = message["content"].replace("\r\n", "\n")
# +         text += f"<|{role}|>{body}<|end|>"


# %% wrong: a blank content skipped | of: an f-string with the role | expects: empty content / white space
# -         before = role
# +         before = role
# +         if not message["content"].strip():
# +             continue


# %% wrong: normalised letters | of: an f-string with the role | expects: content was changed
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         import unicodedata
# +
# +         body = unicodedata.normalize("NFC", message["content"])
# +         text += f"<|{role}|>{body}<|end|>"


# %% wrong: braces in a content are taken for fields | of: an f-string with the role | expects: braces
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += (f"<|{role}|>" + message["content"] + "{end}").format(end="<|end|>")


# %% wrong: 4,096 characters of a content at most | of: an f-string with the role | expects: cut
# -         text += f"<|{role}|>{message['content']}<|end|>"
# +         text += f"<|{role}|>{message['content'][:4096]}<|end|>"


# %% wrong: the generation prompt after a user only | of: an f-string with the role | expects: follow a system message
# -     if add_generation_prompt:
# +     if add_generation_prompt and before == "user":


# %% wrong: white space around a role does not matter | of: an f-string with the role | expects: spelled so
# -         role = message["role"]
# +         role = message["role"].strip()


# %% wrong: a role begins as one of the three | of: an f-string with the role | expects: unknown
# -         if role not in ("system", "user", "assistant"):
# +         if not role.startswith(("system", "user", "assistant")):


# %% wrong: roles compared as objects | of: an f-string with the role | expects: one before
# -         if role == before:
# +         if role is before:


# %% wrong: kept for each list of contents | of: an f-string with the role | expects: earlier call
# - def render_chat(messages, add_generation_prompt=False):
# + def render_chat(messages, add_generation_prompt=False, known={}):

# -     if add_generation_prompt:
# -         text += "<|assistant|>"
# +     text = known.setdefault(tuple(message["content"] for message in messages), text)
# +     if add_generation_prompt:
# +         text += "<|assistant|>"


# %% wrong: developers speak too | expects: any other is unknown
def render_chat(messages, add_generation_prompt=False):
    if not messages:
        raise ValueError("messages is empty")
    last, text = None, ""
    for i, m in enumerate(messages):
        role = m["role"]
        if role not in ("system", "user", "assistant", "developer"):
            raise ValueError(f"role {m['role']}")
        if role == last:
            raise ValueError(f"role {m['role']} at {i}")
        last = role
        text += f"<|{last}|>{m['content']}<|end|>"
    return text + "<|assistant|>" * add_generation_prompt


# %% right: groupby and join
from itertools import groupby


def render_chat(messages, add_generation_prompt=False):
    roles = [m["role"] for m in messages]
    if not roles:
        raise ValueError("messages: at least one is due, there are 0")
    for role, run in groupby(roles):
        if role not in {"system", "user", "assistant"}:
            raise ValueError(f"messages: unknown role {role!r}")
        if sum(1 for _ in run) > 1:
            raise ValueError(f"messages: role {role!r} twice in a row")
    text = "".join("<|" + m["role"] + "|>" + m["content"] + "<|end|>" for m in messages)
    return text + ("<|assistant|>" if add_generation_prompt else "")


# %% right: halves, and a match of roles
def render_chat(messages, add_generation_prompt=False):
    def turns(messages):
        if len(messages) == 1:
            return one(messages[0])
        middle = len(messages) // 2
        a, b = messages[middle - 1], messages[middle]
        if a["role"] == b["role"]:
            raise ValueError(f"messages[{middle}] has the role {a['role']} once more")
        return turns(messages[:middle]) + turns(messages[middle:])

    def one(message):
        match message["role"]:
            case "system" | "user" | "assistant" as role:
                return "<|%s|>%s<|end|>" % (role, message["content"])
            case other:
                raise ValueError(f"role {other!r} is none of the three")

    if len(messages) < 1:
        raise ValueError("messages is empty: []")
    return turns(list(messages)) + ["", "<|assistant|>"][bool(add_generation_prompt)]


# %% right: a regular expression checks what was written
import re


def render_chat(messages, add_generation_prompt=False):
    roles = " ".join(m["role"].replace(" ", "_") for m in messages)
    if not re.fullmatch(r"(system|user|assistant)( (system|user|assistant))*", roles) or re.search(r"\b(\w+) \1\b", roles):
        raise ValueError(f"messages have the roles {roles!r}")
    parts = []
    for m in messages:
        parts += ["<|", m["role"], "|>", m["content"], "<|end|>"]
    if add_generation_prompt:
        parts.append("<|assistant|>")
    return "".join(parts)
