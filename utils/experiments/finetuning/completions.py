"""What a model does with a question: adds context to it, asks on, or answers it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from utils.decoding.decoders import decoder_for
from utils.decoding.generation import generate
from utils.decoding.samplers import Temperature
from utils.models.gpt import GPT
from utils.models.pretrained import PretrainedModel
from utils.world import QuestionAnswer, World, stated_values

KINDS = ("context", "question", "answer", "other")


def completion_kind(world: World, item: QuestionAnswer, text: str) -> str:
    """Return of which kind a text of the world after a question is.

    "answer": its first sentence gives a value for the fact that was asked for, the right one or not; "question": it
    asks; "context": it tells more about the asking, as the world's asides do; "other": anything else.
    """
    first = re.split(r"(?<=[.?!])\s", text.strip())[0]
    if first.endswith("?"):
        return "question"
    if first.startswith("I ask"):
        return "context"
    return "answer" if stated_values(world, item.fact, first) else "other"


def english_kind(text: str) -> str:
    """Return of which kind an English text after an unfinished request is.

    "context": it goes on with the same sentence, in lower case or with a mark, as in " for a family of six?";
    "question": its first sentence ends in a question mark; "answer": anything else that says something.
    """
    started = text.lstrip("\n")
    stripped = started.strip()
    if not stripped:
        return "other"
    if stripped[0].islower() or stripped[0] in ",;?":
        return "context"
    first = re.split(r"(?<=[.?!:])\s|\n", stripped)[0]
    return "question" if first.endswith("?") else "answer"


def shares(kinds: Sequence[str]) -> dict[str, float]:
    """Return the share of each kind; ValueError for none."""
    if not kinds:
        raise ValueError("kinds must hold at least one, not none")
    counted = Counter(kinds)
    return {kind: counted[kind] / len(kinds) for kind in KINDS}


def sample_after(
    model: GPT,
    world: World,
    prompts: Sequence[Sequence[int]],
    end_ids: Sequence[int],
    seed: int,
    max_new_tokens: int = 24,
) -> list[str]:
    """Return one text sampled at temperature 1 after each prompt of ids."""
    results = generate(
        decoder_for(model),
        [list(prompt) for prompt in prompts],
        max_new_tokens,
        choose=Temperature(1.0).seeded(seed),
        stop_ids=tuple(end_ids),
    )
    return [world.vocabulary.decode(one.ids) for one in results]


def document_kinds(world: World, n: int, seed: int) -> list[str]:
    """Return what follows the question in n documents of the world that begin with one: the control."""
    found = []
    for document in world.with_mix({"question": 1}).documents(n, seed=seed):
        first = document.sentences()[1] if len(document.sentences()) > 1 else ""
        found.append("question" if first.endswith("?") else "context" if first.startswith("I ask") else "answer")
    return found


def pretrained_completions(
    model: PretrainedModel, requests: Sequence[str], as_chat: bool, seed: int, max_new_tokens: int = 24
) -> list[str]:
    """Return one sampled text after each request, given as a bare text or as a user's turn of a chat."""
    prompts = [
        model.encode_chat([{"role": "user", "content": request}]) if as_chat else model.encode(request)
        for request in requests
    ]
    results = generate(
        decoder_for(model.model),
        prompts,
        max_new_tokens,
        choose=Temperature(1.0).seeded(seed),
        stop_ids=model.eos_ids,
    )
    return [model.decode(one.ids, skip_special_tokens=True) for one in results]
