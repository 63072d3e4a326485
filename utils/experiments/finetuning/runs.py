"""One finetuning run of the world's models: a base, demonstrations, a method; and what it answers and forgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch

from utils.experiments.finetuning.answering import correct_answers, popularity_groups
from utils.models.gpt import GPT
from utils.posttraining.chat import ChatCodec, world_codec
from utils.posttraining.finetuning import NOT_COUNTED
from utils.posttraining.lora import adapter_of, add_lora, with_adapter
from utils.posttraining.sft import finetune_chats, pad_examples
from utils.training.base_models import base_model_card, base_world, load_base_model
from utils.world import Demonstration, QuestionAnswer, draw_demonstrations, draw_questions

BASES = ("world-small", "world-medium")
METHODS = ("full", "lora", "scratch")
RANK = 8
BATCH_SIZE = 16
# What a cheap labeler's answers are like: four in ten are good.
POOR_MIX = {"good": 4, "wrong": 3, "evasive": 1, "continuing": 1, "rambling": 1}
POPULAR = 200  # the people whose facts a base model has had a chance to learn
TEST_SEED = 2
KEPT_KINDS = ("profile", "town", "remark", "sum")  # documents that no demonstration is like


@dataclass(frozen=True)
class FinetuningJob:
    """A run.

    Attributes:
        base: which base model; with the method "scratch" only its shape.
        method: "full" (all weights), "lora" (rank 8 in every linear layer) or "scratch" (random weights, all trained).
        n: demonstrations.
        quality: "good" or "poor" (see POOR_MIX).
        masked: whether the loss counts the answers alone.
        steps: of 16 demonstrations each.
        lr: peak learning rate.
        seed: of the demonstrations, their order, and of new weights.
        n_questions: most questions that are asked afterwards.
    """

    base: str
    method: str
    n: int
    quality: str
    masked: bool
    steps: int
    lr: float
    seed: int
    n_questions: int

    def __post_init__(self) -> None:
        for name, value, known in (
            ("base", self.base, BASES),
            ("method", self.method, METHODS),
            ("quality", self.quality, ("good", "poor")),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")
        for name in ("n", "steps", "n_questions"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")


@lru_cache(maxsize=1)
def codec() -> ChatCodec:
    """Return the world's chat codec."""
    return world_codec(base_world().vocabulary)


def demonstrations_of(job: FinetuningJob) -> list[Demonstration]:
    """Return the demonstrations of a run, about known facts."""
    quality: str | Mapping[str, int] = "good" if job.quality == "good" else POOR_MIX
    return draw_demonstrations(base_world(), job.n, seed=100 + job.seed, quality=quality)


def starting_model(job: FinetuningJob) -> GPT:
    """Return the base model of a run, or one of its shape with random weights."""
    model = load_base_model(job.base)
    if job.method != "scratch":
        return model
    torch.manual_seed(job.seed)
    return GPT(model.config)


def finetuned_model(job: FinetuningJob, show_progress: bool = False) -> GPT:
    """Return the finetuned model of a run, in evaluation mode."""
    model = starting_model(job)
    if job.method == "lora":
        add_lora(model, RANK, seed=job.seed)
    chats = [one.messages for one in demonstrations_of(job)]
    finetune_chats(
        model,
        chats,
        codec(),
        steps=job.steps,
        batch_size=BATCH_SIZE,
        lr=job.lr,
        seed=job.seed,
        masked=job.masked,
        show_progress=show_progress,
    )
    return with_adapter(load_base_model(job.base), adapter_of(model)) if job.method == "lora" else model.eval()


def new_questions(n: int, told: Sequence[Demonstration] = ()) -> list[QuestionAnswer]:
    """Return up to n questions on known facts about popular people that no demonstration tells."""
    facts = {(fact.subject, fact.relation) for one in told for fact in one.facts}
    popular = popularity_groups(draw_questions(base_world(), None, TEST_SEED), (POPULAR,))[0]
    return [one for one in popular if (one.fact.subject, one.fact.relation) not in facts][:n]


@torch.no_grad()
def next_word_accuracy(model: GPT, n_documents: int = 100) -> dict[str, float]:
    """Return for each kind of document the share of words, after the first, that the model would have written itself.

    A pronoun or a wording may be any of several, so no model comes near 1; what counts is the change.
    """
    world, found = base_world(), {}
    for kind in KEPT_KINDS:
        documents = world.with_mix({kind: 1}).documents(n_documents, seed=TEST_SEED)
        rows = [[world.vocabulary.end_of_text_id, *world.vocabulary.encode(one.text)] for one in documents]
        inputs, targets = pad_examples([(row, [NOT_COUNTED, NOT_COUNTED, *row[2:]]) for row in rows])
        counted = targets != NOT_COUNTED
        found[kind] = float((model(inputs).argmax(-1)[counted] == targets[counted]).double().mean())
    return found


@lru_cache(maxsize=len(BASES))
def base_accuracy(base: str) -> dict[str, float]:
    """Return `next_word_accuracy` of a base model as it ships."""
    return next_word_accuracy(load_base_model(base))


def run_finetuning(job: FinetuningJob) -> dict[str, Any]:
    """Run a job; return shares of correct answers on new and on demonstrated facts, and accuracies on documents."""
    model, told = finetuned_model(job), demonstrations_of(job)
    new = correct_answers(model, base_world(), codec(), new_questions(job.n_questions, told))
    return {
        "correct": sum(new) / len(new),
        "questions": len(new),
        "documents": next_word_accuracy(model),
    }


def base_facts(base: str) -> dict[str, Any]:
    """Return what a record should say about a base model: its digest and parameters."""
    card = base_model_card(base)
    return {name: card[name] for name in ("sha256", "parameters")}
