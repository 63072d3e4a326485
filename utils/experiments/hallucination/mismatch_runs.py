"""One finetuning on what the base model knows, or does not know: what it answers afterwards, and how it got there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from utils.experiments.hallucination.answering import GROUPS, Asked, Bench, Chat, answers, bench, chat, rates
from utils.models.gpt import GPT
from utils.posttraining.sft import finetune_chats
from utils.world import ABSTENTION

# What the demonstrations of a run are about, and what they answer.
CONDITIONS = {
    "known": "facts that the base model knows",
    "unknown": "facts that it does not know, answered truly: the labeler knows more than the model",
    "half": "half of each, all answered truly",
    "half, silence": "half of each, the unknown ones answered with: I do not know",
    "half, silence at random": "half of each, as many answered with: I do not know, whatever the model knows",
    "silence": "unknown facts only, all answered with: I do not know",
    "unknown, told": "unknown facts, each stated in its question: the labeler's knowledge is given along",
}
BATCH_SIZE = 16
TEST_SEED = 9


@dataclass(frozen=True)
class MismatchJob:
    """A run.

    Attributes:
        base: which base model.
        people: how many of the most popular people the questions are about.
        condition: one of `CONDITIONS`.
        n: demonstrations.
        steps: of 16 demonstrations each.
        lr: peak learning rate.
        seed: of the demonstrations and their order.
        n_test: most questions of each group afterwards.
        every: steps between two points of the learning curve; 0 for none.
    """

    base: str
    people: int
    condition: str
    n: int
    steps: int
    lr: float
    seed: int
    n_test: int
    every: int = 0

    def __post_init__(self) -> None:
        if self.condition not in CONDITIONS:
            raise ValueError(f"condition must be one of {'; '.join(CONDITIONS)}, not {self.condition!r}")
        for name in ("n", "steps", "n_test"):
            if getattr(self, name) < 2:
                raise ValueError(f"{name} must be at least 2, not {getattr(self, name)}")


def learned_items(where: Bench, job: MismatchJob) -> list[Asked]:
    """Return the facts of a run's demonstrations; every condition of a seed draws from the same two orders."""
    known = where.draw("known", "learn", job.n, job.seed)
    unknown = where.draw("unknown", "learn", job.n, job.seed)
    if job.condition == "known":
        return known
    if job.condition in ("unknown", "silence", "unknown, told"):
        return unknown
    return [*known[: job.n // 2], *unknown[: job.n - job.n // 2]]


def demonstrations(where: Bench, job: MismatchJob) -> list[Chat]:
    """Return the demonstrations of a run as chats."""
    chats = []
    for place, item in enumerate(learned_items(where, job)):
        silent = {
            "silence": True,
            "half, silence": item.group == "unknown",
            "half, silence at random": place % 2 == 0,
        }.get(job.condition, False)
        question = f"{told(item)} {item.question}" if job.condition == "unknown, told" else item.question
        chats.append(chat(question, ABSTENTION if silent else item.answer))
    return chats


def told(item: Asked) -> str:
    """Return the answer with the person's name in place of the pronoun at its beginning or before its verb."""
    words = item.answer.split(" ")
    return " ".join(item.person if word.lower() in ("she", "he") else word for word in words)


def taught(where: Bench, chats: Sequence[Chat], steps: int, seed: int) -> GPT:
    """Return the base model finetuned on chats, in evaluation mode."""
    model = where.model()
    finetune_chats(
        model, chats, where.codec, steps=steps, batch_size=BATCH_SIZE, lr=1e-3, seed=seed, show_progress=False
    )
    return model.eval()


def finetuned(where: Bench, job: MismatchJob, curve: list[dict[str, float]] | None = None) -> GPT:
    """Return the finetuned model of a run in evaluation mode; `curve` is filled where one is given."""
    model, items = where.model(), learned_items(where, job)
    watched = {name: [item for item in items if item.group == name][: job.n_test] for name in ("known", "unknown")}
    test = where.draw("known", "test", job.n_test, TEST_SEED)
    done = [0]

    def look(current: nn.Module) -> float:
        assert isinstance(current, GPT)
        assert curve is not None
        done[0] += job.every
        point: dict[str, float] = {"step": min(done[0], job.steps)}
        with torch.no_grad():
            for name, some in watched.items():
                if some:
                    point[f"learned, {name}"] = rates(answers(current.eval(), where, some))["correct"]
            point["hallucinated on known"] = rates(answers(current.eval(), where, test))["hallucinated"]
        current.train()
        curve.append(point)
        return point["hallucinated on known"]

    finetune_chats(
        model,
        demonstrations(where, job),
        where.codec,
        steps=job.steps,
        batch_size=BATCH_SIZE,
        lr=job.lr,
        seed=job.seed,
        evaluate=look if curve is not None and job.every else None,
        evaluate_every=job.every if curve is not None else 0,
        show_progress=False,
    )
    return model.eval()


def outcomes(model: GPT, where: Bench, n: int) -> dict[str, dict[str, float]]:
    """Return the rates of a model on up to n test questions of each group."""
    found = {}
    for group in GROUPS:
        items = where.draw(group, "test", n, TEST_SEED)
        found[group] = {name: round(value, 4) for name, value in rates(answers(model, where, items)).items()}
    return found


def run_mismatch(job: MismatchJob) -> Mapping[str, Any]:
    """Run a job; return the rates by group and the learning curve."""
    where = bench(job.base, job.people)
    curve: list[dict[str, float]] = []
    model = finetuned(where, job, curve if job.every else None)
    rounded = [{name: round(value, 4) for name, value in point.items()} for point in curve]
    return {"rates": outcomes(model, where, job.n_test), "curve": rounded}


def job_grid(base: str, people: int, conditions: Sequence[str], seeds: int, **sizes: Any) -> list[MismatchJob]:
    """Return a job for each condition and seed."""
    return [
        MismatchJob(base, people, condition, seed=seed, **sizes) for seed in range(seeds) for condition in conditions
    ]
