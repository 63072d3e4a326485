"""Exercise `render_chat`: a list of messages becomes the one text that a model reads."""

# %% solution
from collections.abc import Mapping, Sequence

END = "<|end|>"
OPENING = {"system": "<|system|>", "user": "<|user|>", "assistant": "<|assistant|>"}


def render_chat(messages: Sequence[Mapping[str, str]], add_generation_prompt: bool = False) -> str:
    """Return a chat in the course's template: `<|ROLE|>CONTENT<|end|>` for each turn, joined.

    Args:
        messages: dicts with `role` ("system", "user" or "assistant") and `content`, oldest first. A
            content goes in as it is.
        add_generation_prompt: open an assistant's turn at the end, for a model to go on.

    Raises:
        ValueError: no messages, an unknown role, or two turns of one role in a row.
    """
    ### BEGIN SOLUTION
    if not messages:
        raise ValueError("messages must hold at least one turn, and there is none")
    text, previous = "", ""
    for message in messages:
        role = message["role"]
        if role not in OPENING:
            raise ValueError(f"messages have the role {role!r}, which is none of {list(OPENING)}")
        if role == previous:
            raise ValueError(f"messages have two turns in a row of the role {role!r}")
        text += OPENING[role] + message["content"] + END
        previous = role
    return text + OPENING["assistant"] if add_generation_prompt else text
    ### END SOLUTION


# %% hints
HINTS = (
    (
        "One turn is three pieces. Which of them does the generation prompt have, and which does it"
        " leave to the model?"
    ),
    (
        "For each message join the token that opens its role, the content and `<|end|>`. With"
        " `add_generation_prompt` add `<|assistant|>` and nothing else. Compare each role with the"
        " one before, and look it up before you use it."
    ),
)
EXPLANATION = """
Every turn opens with the token of its role and closes with one end token, so roles can be read off
the text again, and a model learns when to stop. The generation prompt opens the assistant's turn and
leaves it open: the model writes the content and the end token. A template that differs by a space
or a line break from the one of training gives the model a text that it has never seen.
"""

# %% helpers
from copy import deepcopy

from utils.notebook.checks import (
    KEEPS_RESULTS,
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_refused,
    inputs_unchanged,
    without,
)

TURN = "A turn is <|ROLE|>, the content as it is, and <|end|>; turns follow each other directly."
ROLES = {"system": "<|system|>", "user": "<|user|>", "assistant": "<|assistant|>"}
STOP = "<|end|>"


def turns_of(messages):
    return [ROLES[m["role"]] + m["content"] + STOP for m in messages]


def rendered(messages, prompt=False):
    return "".join(turns_of(messages)) + (ROLES["assistant"] if prompt else "")


def wrong_texts(messages, prompt=False):
    turns, opened = turns_of(messages), ROLES["assistant"] if prompt else ""
    right, unclosed = "".join(turns) + opened, [turn.removesuffix(STOP) for turn in turns]
    contents = "".join(m["content"] for m in messages).lower()
    texts = {
        "This is a list of turns: join them into one text.": lambda got: isinstance(
            got, list | tuple
        ),
        "Something stands before this chat, perhaps of an earlier call: begin each text anew.": (
            lambda got: type(got) is str and got != right and got.endswith(right)
        ),
        "Something stands between the turns: they follow each other directly, without a line break or a space.": lambda got: (
            type(got) is str
            and got != right
            and any(
                got.strip() == between.join([*turns, opened] if opened else turns).strip()
                for between in ("\n", " ", "\n\n")
            )
        ),
        "A space or a line break stands inside the turns, beside the special tokens: they touch the content.": lambda got: (
            type(got) is str
            and len(got) > len(right)
            and got.replace("\n", "").replace(" ", "") == right.replace("\n", "").replace(" ", "")
        ),
        "The end token is missing: each turn closes with <|end|>.": "".join(unclosed) + opened,
        "Only the last turn is closed: each turn has its own <|end|>.": (
            "".join(unclosed) + STOP + opened
        ),
        "The last turn is not closed: it has its <|end|> too.": (
            "".join(turns).removesuffix(STOP) + opened
        ),
        "A text of the beginning or end (<|endoftext|>, <s>) does not belong to this template.": (
            lambda got: "endoftext" in got or "<s>" in got
        ),
        "This is ChatML, another template: here a role opens with <|user|>, <|assistant|> or <|system|>.": (
            lambda got: "im_start" in got
        ),
        "Roles are written as words: use the special tokens, such as <|user|>.": (
            lambda got: (
                not any(token in got for token in ROLES.values())
                and any(got.lower().count(role) > contents.count(role) for role in ROLES)
            )
        ),
        "The last message is missing: the model reads the whole chat.": (
            "".join(turns[:-1]) + opened
        ),
        "A turn is closed with a token of its role: the end token is the same for all, <|end|>.": (
            lambda got: "<|/" in got or "</" in got
        ),
        "The case of the content was changed: it goes in as it is.": right.lower(),
        "Only the last message is there: the model reads the whole chat.": turns[-1] + opened,
        "The system message is missing: it is a turn as any other.": (
            "".join(turns_of([m for m in messages if m["role"] != "system"])) + opened
        ),
        "The turns are in another order: the oldest comes first.": "".join(turns[::-1]) + opened,
    }
    if prompt:
        texts |= {
            "The generation prompt is missing: open an assistant's turn at the end.": "".join(
                turns
            ),
            "The generation prompt is closed, so that the model would have nothing to write: leave the turn open.": (
                right + STOP
            ),
            "The generation prompt opens the assistant's turn, not the user's.": (
                "".join(turns) + ROLES["user"]
            ),
            "This is the generation prompt alone. The chat comes before it.": opened,
            "The generation prompt stands at the end, after the last turn.": (
                ROLES["assistant"] + "".join(turns)
            ),
        }
    else:
        texts[
            "Nobody asked for a generation prompt: it is added when add_generation_prompt is True."
        ] = right + ROLES["assistant"]
        # With a generation prompt there is a token in any case.
        texts |= {
            "The text is empty: put each turn into it.": "",
            "No turn opens with the token of its role, such as <|user|>.": (
                lambda got: not any(token in got for token in ROLES.values())
            ),
        }
    return {hint: wrong for hint, wrong in texts.items() if wrong != right}


def drawn_chat(rng, n_turns, system, first="user"):
    words = ["Ada", "Zor", "lives", "tea", "Who?", "1,204", "yes.", "naïve", "42", "why"]
    other = {"user": "assistant", "assistant": "user"}
    chat = [{"role": "system", "content": "Answer in one sentence."}] if system else []
    role = first
    for _ in range(n_turns):
        chat.append({"role": role, "content": " ".join(rng.choices(words, k=rng.randint(1, 6)))})
        role = other[role]
    return chat


# %% examples
def examples(check):
    chat = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ada."}]
    whole = "<|user|>Who?<|end|><|assistant|>Ada.<|end|>"
    check(lambda: render_chat(chat), whole, "a question and its answer")
    check(lambda: render_chat(chat[:1], True), "<|user|>Who?<|end|><|assistant|>", "to go on")
    check.refused(lambda: render_chat([]), "a chat without messages")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    chat = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ada."}]
    return {
        "a question and its answer": Diagnosis(wrong_texts(chat), TURN),
        "to go on": Diagnosis(wrong_texts(chat[:1], True), TURN),
        "a chat without messages": Diagnosis(otherwise="There is nothing to answer: refuse it."),
    }


# %% graded: 2 points | chats of one to a hundred turns, with and without a system message.
def test_turns_in_the_template() -> None:
    rng = case_rng("render_chat", 1)
    for n_turns, system in (
        (2, False),
        (4, True),
        (1, True),
        (5, False),
        (rng.randint(70, 100), True),
    ):
        chat = drawn_chat(rng, n_turns, system)
        with inputs_unchanged(chat):
            check(
                lambda: render_chat(deepcopy(chat)),
                rendered(chat),
                f"a chat of {len(chat)} turns, {'with' if system else 'without'} a system message",
                mistakes=wrong_texts(chat),
                otherwise=TURN,
                if_raises=(
                    "Roles take turns here: user, assistant, user is fine, and so is a system"
                    " message."
                ),
            )
    first = drawn_chat(rng, 3, False)
    roles = ("system", "user", "assistant")
    second = [{**message, "role": role} for message, role in zip(first, roles)]
    with inputs_unchanged(first, second):
        for chat, before in ((first, ""), (second, rendered(first))):
            check(
                lambda: render_chat(chat),
                rendered(chat),
                "the same contents, said by others",
                mistakes={KEEPS_RESULTS: before},
                otherwise=TURN,
            )


# %% graded: 1 point | the generation prompt, which opens an assistant's turn.
def test_generation_prompt() -> None:
    rng = case_rng("render_chat", 2)
    for n_turns, system in ((3, True), (1, False), (5, False)):
        chat = drawn_chat(rng, n_turns, system)
        with inputs_unchanged(chat):
            check(
                lambda: render_chat(chat, add_generation_prompt=True),
                rendered(chat, True),
                f"a chat of {len(chat)} turns, with the generation prompt",
                mistakes=wrong_texts(chat, True),
                otherwise=TURN,
                if_raises="add_generation_prompt is a truth value, False by default.",
            )
        check(
            lambda: render_chat(chat),
            rendered(chat),
            "the same chat without the generation prompt",
            mistakes=without(wrong_texts(chat), "The text is empty", "No turn opens"),
            otherwise=TURN,
        )
    system = [{"role": "system", "content": "Greet the user."}]
    check(
        lambda: render_chat(system, add_generation_prompt=True),
        rendered(system, True),
        "a system message alone, with the generation prompt",
        mistakes={
            "The generation prompt is missing: it may follow a system message as well.": rendered(
                system
            )
        },
        otherwise=TURN,
    )


# %% graded: 1 point | contents as they are: white space, line breaks, capitals, an empty one.
def test_contents_stay_as_they_are() -> None:
    rng = case_rng("render_chat", 3)
    long = "tea " * rng.randint(3000, 4000)
    odd = [
        "  two spaces before",
        "line\nbreak\n",
        "CAPITALS and ß",
        "\ttab",
        "user: not a role",
        "",
        "a < b & \"c\" > 'd'",
        "what does <|end|> mean?",
        " \n",
        "a line\r\nand another\r\n",
        "cafe\u0301, 100 % of {role}, {} and %s",
        long,
    ]
    rng.shuffle(odd)
    roles = ["user", "assistant"] * (len(odd) // 2)
    chat = [{"role": role, "content": text} for role, text in zip(roles, odd)]
    right = rendered(chat)
    with inputs_unchanged(chat):
        check(
            lambda: render_chat(chat),
            rendered(chat),
            "contents with white space, capitals, and an empty one",
            mistakes={
                "A turn with an empty content was left out: it is a turn too.": AnyOf(
                    rendered([m for m in chat if m["content"]]),
                    rendered([m for m in chat if m["content"].strip()]),
                ),
                "White space of a content was stripped or changed: it goes in as it is.": lambda got: (
                    len(got) <= len(right) and "".join(got.split()) == "".join(right.split())
                ),
                "A content was cut: it may be as long as it likes.": lambda got: (
                    "tea tea" in got and long not in got
                ),
                **wrong_texts(chat),
                "A content was changed: characters and tokens in it stay, none is escaped or dropped.": (
                    lambda got: any(text not in got for text in odd)
                ),
            },
            otherwise=TURN,
            if_raises="A content may be any text, with braces and per cent signs in it.",
        )


# %% graded: 1 point | refused: no messages, an unknown role, one role twice in a row.
def test_bad_chats_are_refused() -> None:
    rng = case_rng("render_chat", 4)
    nothing = "There is no turn to render."
    check_refused(lambda: render_chat([]), "an empty list of messages", nothing)
    check_refused(
        lambda: render_chat([], True), "an empty list, with the generation prompt", nothing
    )
    # A role in capitals stands where the role itself may, so that nothing else is wrong with the chat.
    for role, place in (
        ("tool", rng.randrange(3)),
        ("User", rng.choice([0, 2])),
        ("ASSISTANT", 1),
        ("", rng.randrange(3)),
        ("user ", rng.choice([0, 2])),
        (rng.choice(["assistants", "assistant_2"]), 1),
        (rng.choice(["bot", "human", "function"]), rng.randrange(3)),
        ("developer", rng.randrange(3)),
    ):
        chat = drawn_chat(rng, 3, False)
        chat[place]["role"] = role
        check_refused(
            lambda: render_chat(chat),
            f"the role {role!r}",
            "The roles are system, user and assistant, spelled so; any other is unknown.",
        )
    for role in ("user", "assistant", "system"):
        other = "assistant" if role == "user" else "user"
        # At even and at odd places: a comparison of every other pair would miss half of them.
        for before, after in ((0, 0), (1, 0), (2, 0), (0, 3), (2, 1), (3, 2)):
            opens = other if before % 2 else ("user" if other == "assistant" else "assistant")
            chat = drawn_chat(rng, before, False, opens)  # ends with the other role
            # Equal texts, and not one object: so `is` does not find them.
            chat += [{"role": "".join([*role]), "content": one} for one in ("First.", "Second.")]
            chat += drawn_chat(rng, after, False, other)
            check_refused(
                lambda: render_chat(chat),
                f"two turns in a row of the role {role}",
                "Compare each role with the one before it, for every role and every place.",
            )
    check_refused(
        lambda: render_chat(
            [{"role": "user", "content": "One."}, {"role": "user", "content": "One."}], True
        ),
        "two turns in a row of the user, with the generation prompt",
        "Compare each role with the one before it, for every role and every place.",
    )
