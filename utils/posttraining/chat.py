"""The course's chat format: messages to text, text to ids, and which ids the assistant wrote.

    <|user|>Where does Ada live?<|end|><|assistant|>She lives in Zor.<|end|>

Each turn opens with the token of its role and closes with one end token, so that roles can be read off the ids with
any tokenizer that has these as single tokens. What the assistant must learn to write is its text and the end token;
the token that opens its turn is given to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from utils.posttraining.finetuning import NOT_COUNTED
from utils.world.vocabulary import END_OF_TURN, ROLE_TOKENS, Vocabulary

Message = Mapping[str, str]

# The same format for `tokenizer.chat_template`; `generation` marks what the assistant writes, for its token mask.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] + '<|end|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] + '<|end|>' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def check_messages(messages: Sequence[Message]) -> None:
    """Raise ValueError unless the messages make a chat: known roles in turn, a system message at most at the start."""
    if not messages:
        raise ValueError("messages must hold at least one turn, not none")
    previous = ""
    for place, message in enumerate(messages):
        if "role" not in message or "content" not in message:
            raise ValueError(f"messages: turn {place} needs `role` and `content`, it has {sorted(message)}")
        role, content = message["role"], message["content"]
        if role not in ROLE_TOKENS:
            raise ValueError(
                f"messages: turn {place} has the unknown role {role!r}; known are {', '.join(ROLE_TOKENS)}"
            )
        if role == previous:
            raise ValueError(f"messages: turns {place - 1} and {place} are both of the role {role!r}")
        if role == "system" and place:
            raise ValueError(f"messages: turn {place} is a system message, which may only stand first")
        for token in (*ROLE_TOKENS.values(), END_OF_TURN):
            if token in content:
                raise ValueError(f"messages: turn {place} holds {token}, which would open or close a turn")
        previous = role


def render_chat(messages: Sequence[Message], add_generation_prompt: bool = False) -> str:
    """Return a chat as text.

    Args:
        messages: dicts with `role` ("system", "user", "assistant") and `content`, oldest first.
        add_generation_prompt: open an assistant's turn at the end, for a model to go on.

    Raises:
        ValueError: no messages, an unknown role, two turns of one role in a row, or special tokens in a content.
    """
    check_messages(messages)
    if add_generation_prompt and messages[-1]["role"] == "assistant":
        raise ValueError("add_generation_prompt: the last turn is the assistant's already")
    turns = [f"{ROLE_TOKENS[message['role']]}{message['content']}{END_OF_TURN}" for message in messages]
    return "".join(turns) + (ROLE_TOKENS["assistant"] if add_generation_prompt else "")


@dataclass(frozen=True)
class EncodedChat:
    """A chat's ids, the role that each belongs to ("" for the token of the beginning), and what the assistant wrote."""

    ids: list[int]
    roles: list[str]
    assistant: list[bool]

    def labels(self) -> list[int]:
        """Return the ids that the assistant wrote, -100 elsewhere; not yet moved on by one.

        Raises:
            ValueError: the chat has no answer, so there would be nothing to learn.
        """
        if not any(self.assistant):
            raise ValueError("the conversation has no answer: no turn is the assistant's")
        return [i if own else NOT_COUNTED for i, own in zip(self.ids, self.assistant, strict=True)]


@dataclass(frozen=True)
class ChatCodec:
    """How chats become ids: a tokenizer's function, and the ids of the special tokens.

    Attributes:
        encode: text -> ids, with each special token as one id; whether it puts `bos_id` first does not matter.
        role_ids: id of the token that opens a turn, by role.
        end_id: id that closes a turn.
        bos_id: id that begins every text, exactly once; None for a model without one.
    """

    encode: Callable[[str], Sequence[int]]
    role_ids: Mapping[str, int]
    end_id: int
    bos_id: int | None = None

    def encode_text(self, text: str) -> list[int]:
        """Return the ids of a text without the id of the beginning."""
        ids = list(self.encode(text))
        while ids and ids[0] == self.bos_id:
            ids.pop(0)
        return ids

    def encode_chat(self, messages: Sequence[Message], add_generation_prompt: bool = False) -> EncodedChat:
        """Return the ids of a chat, with one id of the beginning at most; the errors are those of `render_chat`."""
        ids = self.encode_text(render_chat(messages, add_generation_prompt))
        opening = {index: role for role, index in self.role_ids.items()}
        roles, assistant, role = [], [], ""
        for index in ids:
            opens = index in opening
            role = opening.get(index, role)
            roles.append(role)
            assistant.append(role == "assistant" and not opens)
        if self.bos_id is not None:
            ids, roles, assistant = [self.bos_id, *ids], ["", *roles], [False, *assistant]
        return EncodedChat(ids, roles, assistant)


def world_codec(vocabulary: Vocabulary) -> ChatCodec:
    """Return the codec of the miniature world, whose texts begin after the end of the one before."""
    roles = {role: vocabulary.id(token) for role, token in ROLE_TOKENS.items()}
    return ChatCodec(vocabulary.encode, roles, vocabulary.end_of_turn_id, vocabulary.end_of_text_id)


def tokenizer_codec(tokenizer: Any) -> ChatCodec:
    """Return the codec of a tokenizer of `transformers` that has the course's special tokens.

    Raises:
        ValueError: one of them is not a single token there.
    """
    tokens = (*ROLE_TOKENS.values(), END_OF_TURN)
    ids = {token: tokenizer.encode(token, add_special_tokens=False) for token in tokens}
    split = [token for token, found in ids.items() if len(found) != 1 or found[0] == tokenizer.unk_token_id]
    if split:
        raise ValueError(f"tokenizer: {', '.join(split)} must be single tokens; add them as special tokens")
    roles = {role: ids[token][0] for role, token in ROLE_TOKENS.items()}
    return ChatCodec(tokenizer.encode, roles, ids[END_OF_TURN][0], tokenizer.bos_token_id)


def build_labels(
    prompt_ids: Sequence[int], response_ids: Sequence[int], ignore_index: int = NOT_COUNTED
) -> tuple[list[int], list[int]]:
    """Return the ids of prompt and response, and labels that count the response alone; not yet moved on by one.

    Raises:
        ValueError: there is no response.
    """
    if not len(response_ids):
        raise ValueError("response_ids must hold at least one id, not none: the conversation has no answer")
    return [*prompt_ids, *response_ids], [ignore_index] * len(prompt_ids) + list(response_ids)
