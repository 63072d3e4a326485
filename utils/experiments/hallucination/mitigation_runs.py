"""What is said to help against made-up answers, each against the same finetuned model without it. Row 104."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.evaluation.abstention import should_answer
from utils.evaluation.hallucination import supported
from utils.experiments.hallucination.answering import (
    GROUPS,
    Answer,
    Asked,
    Bench,
    Chat,
    answers,
    bench,
    chat,
    meaning,
    rates,
)
from utils.experiments.hallucination.detection_runs import certainties, detection_summary, fit_probe
from utils.experiments.hallucination.mismatch_runs import TEST_SEED, taught, told
from utils.models.gpt import GPT
from utils.world import ABSTENTION, SYSTEM_PROMPT, Draws, answer_of_quality, claims

# The words of the world have no "if you are unsure"; the instruction is the sentence that is to be said.
HONEST = ABSTENTION
RECALL = 0.8  # how often the search finds the person's record, where there is one
PENALTY = 1.0
LONG = 56


@dataclass(frozen=True)
class MitigationJob:
    """All mitigations of one seed.

    Attributes:
        base, people: of the questions.
        n: demonstrations of each finetuning.
        steps: of each finetuning; one that has two things to learn gets as many for each.
        seed: of everything drawn.
        n_test: most questions of each group.
    """

    base: str
    people: int
    n: int
    steps: int
    seed: int
    n_test: int

    def __post_init__(self) -> None:
        for name in ("n", "steps", "n_test"):
            if getattr(self, name) < 4:
                raise ValueError(f"{name} must be at least 4, not {getattr(self, name)}")


def tuned(where: Bench, job: MitigationJob, chats: Sequence[Chat], times: int = 1) -> GPT:
    """Return the base model finetuned on chats."""
    return taught(where, chats, job.steps * times, job.seed)


def learned(where: Bench, job: MitigationJob) -> list[Asked]:
    """Return the facts of the demonstrations, half of them known to the base model."""
    half = job.n // 2
    return [*where.draw("known", "learn", half, job.seed), *where.draw("unknown", "learn", job.n - half, job.seed)]


def tests(where: Bench, n: int) -> list[Asked]:
    """Return the test questions of all groups."""
    return [item for group in GROUPS for item in where.draw(group, "test", n, TEST_SEED)]


def by_group(items: Sequence[Asked], found: Sequence[Answer]) -> dict[str, dict[str, float]]:
    """Return the rates of outcomes by group."""
    split: dict[str, list[Answer]] = {}
    for item, one in zip(items, found, strict=True):
        split.setdefault(item.group, []).append(one)
    return {group: {name: round(v, 4) for name, v in rates(some).items()} for group, some in split.items()}


def silenced(found: Sequence[Answer], keep: Sequence[bool]) -> list[Answer]:
    """Return the answers that are kept, and silence in place of the others."""
    silence = Answer(ABSTENTION, 1.0, "abstained")
    return [one if kept else silence for one, kept in zip(found, keep, strict=True)]


def sources_for(where: Bench, item: Asked, others: Sequence[Asked], hit: bool, draws: Draws) -> list[Asked]:
    """Return two statements that a search gives: one about the person where it hits, the rest about other people."""
    pool = [one for one in others if one.person != item.person]
    found = [*([item] if hit else []), *(draws.pick(pool) for _ in range(1 if hit else 2))]
    draws.shuffle(found)
    return found


def with_sources(item: Asked, sources: Sequence[Asked]) -> str:
    """Return the user's turn: the statements that were found, then the question."""
    return " ".join([*(told(one) for one in sources), item.question])


def is_supported(where: Bench, item: Asked, text: str, sources: Sequence[Asked]) -> bool:
    """Return whether a source states what the answer does."""
    said = [(item.person, item.fact.relation, meaning(where, item, text))]
    return supported(said, [[(one.person, one.fact.relation, one.fact.value)] for one in sources])


def searched(
    where: Bench, job: MitigationJob, items: Sequence[Asked]
) -> tuple[list[Answer], list[Answer], list[Answer]]:
    """Return answers with sources, the same after verification, and answers with sources that never hit."""
    draws = Draws("sources", job.seed)
    pool, chats = learned(where, job), []
    for item in pool:
        hit = draws.chance(0.6)
        question = with_sources(item, sources_for(where, item, pool, hit, draws))
        chats.append(chat(question, item.answer if hit else ABSTENTION))
    model, real = tuned(where, job, chats, 2), [item for item in items if item.group != "invented"]
    given = [sources_for(where, item, real, item.group != "invented" and draws.chance(RECALL), draws) for item in items]
    blind = [sources_for(where, item, real, False, draws) for item in items]
    found = answers(model, where, items, [where.prompt(with_sources(*pair)) for pair in zip(items, given, strict=True)])
    control = answers(
        model, where, items, [where.prompt(with_sources(*pair)) for pair in zip(items, blind, strict=True)]
    )
    verified = silenced(found, [is_supported(where, i, a.text, s) for i, a, s in zip(items, found, given, strict=True)])
    return found, verified, control


def statements(where: Bench, items: Sequence[Asked], texts: Sequence[str]) -> dict[str, float]:
    """Return statements and wrong statements an answer, the share of wrong ones, and of answers that hold one."""
    total, wrong, spoiled = 0, 0, 0
    for item, text in zip(items, texts, strict=True):
        said = claims(where.world, text, item.person)
        false = sum(where.world.fact(subject, relation).value != value for subject, relation, value in said)
        total, wrong, spoiled = total + len(said), wrong + false, spoiled + (false > 0)
    n = len(items)
    return {
        "statements": total / n,
        "wrong": wrong / n,
        "wrong a statement": wrong / max(1, total),
        "with a wrong one": spoiled / n,
    }


def short_and_long(where: Bench, job: MitigationJob) -> dict[str, dict[str, float]]:
    """Return the statements of one model that learned both, with the instruction to be short and without."""
    draws, chats = Draws("length", job.seed), []
    for item in learned(where, job):
        chats.append(chat(item.question, item.answer, SYSTEM_PROMPT))
        chats.append(chat(item.question, answer_of_quality(where.world, item.fact, "rambling", draws)))
    model, real = tuned(where, job, chats, 2), [one for one in tests(where, job.n_test) if one.group != "invented"]
    found = {}
    for name, system in (("short", SYSTEM_PROMPT), ("long", None)):
        prompts = [where.prompt(item.question, system) for item in real]
        found[name] = statements(where, real, [one.text for one in answers(model, where, real, prompts, LONG)])
    return {name: {key: round(value, 4) for key, value in some.items()} for name, some in found.items()}


def calibrated(tune: Sequence[Answer], test: Sequence[Answer]) -> list[float]:
    """Return probabilities of being right, from a logistic curve of the log-odds fitted on other people (Platt)."""

    def odds(some: Sequence[Answer]) -> np.ndarray:
        p = np.clip([one.probability for one in some], 1e-6, 1 - 1e-6)
        return np.log(p / (1 - p))[:, None]

    weights, bias = fit_probe(odds(tune), [one.outcome == "correct" for one in tune], ridge=1e-4)
    return (1 / (1 + np.exp(-(odds(test) @ weights + bias)))).tolist()


def run_mitigations(job: MitigationJob) -> Mapping[str, Any]:
    """Return for each arm the rates by group, the statements of short and long answers, and the detectors."""
    where = bench(job.base, job.people)
    items, shown = tests(where, job.n_test), learned(where, job)
    control_chats = [chat(item.question, item.answer) for item in shown]
    # The fair test of a prompt: half of the demonstrations have it, and are silent where the model knows nothing.
    honest_chats = [
        chat(item.question, ABSTENTION if item.group == "unknown" else item.answer, HONEST) for item in shown
    ]
    control = tuned(where, job, control_chats)
    both = tuned(where, job, [*control_chats, *honest_chats], 2)
    instructed = [where.prompt(item.question, HONEST) for item in items]
    plain = answers(control, where, items)
    tune = [one for group in GROUPS[:2] for one in where.draw(group, "tune", job.n_test, TEST_SEED)]
    raw = [min(1.0, one.probability) for one in plain]
    fitted = calibrated(answers(control, where, tune), plain)
    found, verified, blind = searched(where, job, items)
    prompted = answers(both, where, items, instructed)
    sure = [should_answer(p, PENALTY) for p in fitted]
    arms = {
        "control": plain,
        "prompt, never taught": answers(control, where, items, instructed),
        "taught prompt, absent": answers(both, where, items),
        "taught prompt": prompted,
        "threshold, as it is": silenced(plain, [should_answer(p, PENALTY) for p in raw]),
        "threshold, calibrated": silenced(plain, sure),
        "sources, none hit": blind,
        "sources": found,
        "sources, verified": verified,
        "prompt and threshold": silenced(prompted, sure),
        "sources, else threshold": [
            v if v.outcome != "abstained" else p for v, p in zip(verified, silenced(plain, sure), strict=True)
        ],
    }
    real = [one for one in items if one.group != "invented"]
    own, certain = certainties(control, where, tune, real, job.steps, job.seed)
    return {
        "arms": {name: by_group(items, some) for name, some in arms.items()},
        "length": short_and_long(where, job),
        "detection": detection_summary(own, certain, [one.person for one in real]),
    }
