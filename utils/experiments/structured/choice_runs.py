"""A question with a short answer, put free and under a mask; free answers are read by what they say, not by their form.

A model that answers "A brown pigeon was lost." has named the animal, and a count of exact matches would call it wrong.
So the values in a free answer are searched for: it is right when it names the right one and no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from utils.decoding.checked import check_fields, checked
from utils.decoding.common_prefix import CommonPrefixDecoder
from utils.decoding.generation import generate
from utils.decoding.grammar import Constraint, choices, regular_expression
from utils.experiments.structured.real_model import decoder, smollm2, spellings
from utils.models.pretrained import PretrainedModel
from utils.training.base_models import base_world
from utils.training.threads import one_thread
from utils.world import RecordTask, common, draw_record_tasks

NOTICES_SEED, NOTICES = 19, 96
FREE_TOKENS, MASKED_TOKENS = 24, 10
WAYS = ("free", "masked", "opened")


@dataclass(frozen=True)
class Question:
    """What is asked about a lost animal.

    Attributes:
        text: the question.
        field: of the record, whose value is the answer.
        opening: how an answer begins when the model is helped into it; the mask then takes over.
        form: a regular expression of answers, as the mask has it.
        value: a regular expression of the values that an answer names.
    """

    text: str
    field: str
    opening: str
    form: str
    value: str


_ANIMALS = "|".join(common.ANIMALS)
QUESTIONS: Mapping[str, Question] = {
    "choice": Question(
        "Which animal was lost? Answer with one word.", "animal", "The lost animal is a", _ANIMALS, _ANIMALS
    ),
    "pattern": Question(
        "How much does the finder get? Answer like this: 7 coins.",
        "reward",
        "The finder gets",
        r"[1-9]\d? coins",
        r"\d+",
    ),
}


@checked
@cache
def notices_with_reward() -> tuple[RecordTask, ...]:
    """Return the notes about lost animals, each with a reward, that are asked about."""
    drawn = draw_record_tasks(base_world(), 3 * NOTICES, seed=NOTICES_SEED, kinds=("notice",))
    return tuple(task for task in drawn if task.record["reward"] is not None)[:NOTICES]


@checked
def values_named(text: str, question: Question) -> set[str]:
    """Return the values that a text names, each as a word of its own and without its plural's s.

    >>> sorted(values_named("Two goats, or 7 coins?", QUESTIONS["choice"]))
    ['goat']
    """
    return {found.lower() for found in re.findall(rf"\b({question.value})s?\b", text, flags=re.IGNORECASE)}


@checked
def says(text: str, question: Question, task: RecordTask) -> bool:
    """Return whether a text names the value that the note states, and no other."""
    return values_named(text, question) == {str(task.record[question.field])}


@cache
def constraint_of(name: str, opened: bool) -> Constraint:
    """Return the mask of a question's answers; after an opening they begin with a blank."""
    question = QUESTIONS[name]
    if name == "choice":
        return Constraint(choices([" " * opened + animal for animal in common.ANIMALS]), spellings())
    return Constraint(regular_expression(" " * opened + question.form), spellings())


@checked
def answers(
    pretrained: PretrainedModel, using: CommonPrefixDecoder, name: str, tasks: Sequence[RecordTask], way: str
) -> list[str]:
    """Return the model's answers to a question about each note: free, masked, or masked after an opening.

    Raises:
        ValueError: no such question or way.
    """
    if name not in QUESTIONS or way not in WAYS:
        raise ValueError(f"name and way must be among {tuple(QUESTIONS)} and {WAYS}, not {name!r} and {way!r}")
    question = QUESTIONS[name]
    opening = pretrained.encode(question.opening) if way == "opened" else []
    prompts = [
        [*pretrained.encode_chat([{"role": "user", "content": f"{question.text}\n{task.text}"}]), *opening]
        for task in tasks
    ]
    mask = None if way == "free" else constraint_of(name, way == "opened").adjust
    limit = FREE_TOKENS if way == "free" else MASKED_TOKENS
    rows = generate(using, prompts, limit, stop_ids=pretrained.eos_ids, adjust=mask)
    return [pretrained.decode(row.ids, skip_special_tokens=True).strip() for row in rows]


@dataclass(frozen=True)
class ChoiceJob:
    """Some notices, asked one of `QUESTIONS` in every way."""

    question: str
    first: int
    n: int

    def __post_init__(self) -> None:
        check_fields(self, first=0, n=1)
        if self.question not in QUESTIONS:
            raise ValueError(f"question must be one of {', '.join(QUESTIONS)}, not {self.question!r}")


def run_choice(job: ChoiceJob) -> dict[str, Any]:
    """Return by way: whether each answer has the form, whether it says the right value, and a few texts."""
    question, tasks = QUESTIONS[job.question], notices_with_reward()[job.first : job.first + job.n]
    found: dict[str, Any] = {"form": {}, "right": {}, "shown": {}}
    with one_thread():
        for way in WAYS:
            texts = answers(smollm2(), decoder(), job.question, tasks, way)
            found["form"][way] = [int(re.fullmatch(question.form, text) is not None) for text in texts]
            found["right"][way] = [int(says(text, question, task)) for text, task in zip(texts, tasks, strict=True)]
            found["shown"][way] = texts[:2]
    return found
