"""Ask a model questions, with or without the chat format, and judge what it writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from utils.decoding.decoders import decoder_for
from utils.decoding.generation import generate
from utils.models.gpt import GPT
from utils.posttraining.chat import ChatCodec
from utils.world import QuestionAnswer, World, judge

MAX_NEW_TOKENS = 24


@dataclass(frozen=True)
class Written:
    """What a model wrote after a prompt, and whether it ended the text itself."""

    text: str
    ended: bool


def write_after(
    model: GPT,
    world: World,
    prompts: Sequence[Sequence[int]],
    end_ids: Sequence[int],
    max_new_tokens: int = MAX_NEW_TOKENS,
) -> list[Written]:
    """Return what a model of the world writes greedily after prompts of ids, until one of the end ids.

    Raises:
        ValueError: there are no prompts, or one is empty.
    """
    if not prompts or not all(len(prompt) for prompt in prompts):
        raise ValueError("prompts must hold at least one prompt, and each at least one id")
    results = generate(
        decoder_for(model), [list(prompt) for prompt in prompts], max_new_tokens, stop_ids=tuple(end_ids)
    )
    return [Written(world.vocabulary.decode(r.ids), len(r.ids) < max_new_tokens) for r in results]


def ask(model: GPT, world: World, codec: ChatCodec, questions: Sequence[str]) -> list[Written]:
    """Return a model's greedy answers to questions in the chat format."""
    prompts = [
        codec.encode_chat([{"role": "user", "content": question}], add_generation_prompt=True).ids
        for question in questions
    ]
    return write_after(model, world, prompts, (codec.end_id, world.vocabulary.end_of_text_id))


def correct_answers(model: GPT, world: World, codec: ChatCodec, questions: Sequence[QuestionAnswer]) -> list[bool]:
    """Return for each question whether the model's greedy answer in the chat format is correct."""
    answers = ask(model, world, codec, [one.question for one in questions])
    return [judge(world, one.fact, got.text) == "correct" for one, got in zip(questions, answers, strict=True)]


def popularity_groups(
    questions: Sequence[QuestionAnswer], sizes: Sequence[int] = (50, 150)
) -> list[list[QuestionAnswer]]:
    """Split questions by how popular their person is: the first `sizes[0]` people, the next `sizes[1]`, ..., the rest.

    Raises:
        ValueError: a size is below 1.
    """
    if any(size < 1 for size in sizes):
        raise ValueError(f"sizes must be at least 1, not {tuple(sizes)}")
    by_popularity = sorted({(-q.fact.popularity, q.fact.subject) for q in questions})
    rank = {subject: place for place, (_, subject) in enumerate(by_popularity)}
    bounds = [sum(sizes[: count + 1]) for count in range(len(sizes))]
    groups: list[list[QuestionAnswer]] = [[] for _ in range(len(sizes) + 1)]
    for question in questions:
        groups[sum(rank[question.fact.subject] >= bound for bound in bounds)].append(question)
    return groups
