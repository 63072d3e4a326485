"""The plan of row 9: the same questions to a real model in four languages, each with room for a right answer.

An answer is cut after so many tokens as the longest right sentence takes in its language, times one and a half. One
budget for all would measure the tokenizer: what is said in ten tokens in English takes forty in Hindi.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from utils.decoding.checked import check_fields
from utils.decoding.common_prefix import CommonPrefixDecoder
from utils.decoding.generation import generate
from utils.evaluation.intervals import Interval, mean_interval
from utils.experiments.data.questions import ASKED_IN, KINDS, all_questions
from utils.experiments.recording.design import (
    CANNOT_BE_TOLD,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IN_PART,
    Design,
    Results,
    Run,
)
from utils.experiments.recording.recipe import Recipe, Stage
from utils.models.pretrained import SMOLLM2_SHA256, PretrainedModel, load_gguf
from utils.text.identification import py3langid_among
from utils.training.threads import one_thread

ENGLISH = ("English", "English, other words")
FOREIGN = ("Spanish", "Hindi", "Chinese")
ROOM = 1.5
SHORT = 12
CHUNK, N_LIVE = 24, 4
THRESHOLDS = {"matters": 0.1}


@dataclass(frozen=True)
class AskJob:
    """Some of the fixed list of questions, in one language.

    Attributes:
        name: an entry of ASKED_IN.
        first, n: which of the list.
    """

    name: str
    first: int
    n: int

    def __post_init__(self) -> None:
        if self.name not in ASKED_IN:
            raise ValueError(f"name is {self.name!r}, and must be one of: {', '.join(ASKED_IN)}")
        check_fields(self, first=0, n=1)


@lru_cache(maxsize=1)
def _model() -> tuple[PretrainedModel, CommonPrefixDecoder]:
    model = load_gguf()
    return model, CommonPrefixDecoder(model.model)


@lru_cache(maxsize=len(ASKED_IN))
def budget_of(name: str) -> int:
    """Return the tokens that an answer may have in a language: half as many again as the longest right sentence."""
    encode = _model()[0].encode
    return math.ceil(ROOM * max(len(encode(question.answered_in(name))) for question in all_questions()))


def run_ask_job(job: AskJob) -> dict[str, Any]:
    """Ask the questions; return for each what its answer is, in full and cut short, and whether it came to its end."""
    model, decoder = _model()
    questions, budget = all_questions()[job.first : job.first + job.n], budget_of(job.name)
    prompts = [model.encode_chat([{"role": "user", "content": one.asked_in(job.name)}]) for one in questions]
    with one_thread():
        written = [one.ids for one in generate(decoder, prompts, budget, stop_ids=model.eos_ids)]
    answers = [model.decode(ids, skip_special_tokens=True).strip() for ids in written]
    short = [model.decode(ids[:SHORT], skip_special_tokens=True).strip() for ids in written]
    judged = [one.verdict(answer) for one, answer in zip(questions, answers, strict=True)]
    identify = py3langid_among(sorted(set(ASKED_IN.values())))
    return {
        "budget": budget,
        "kind": [KINDS.index(one.kind) for one in questions],
        "right": [int(one == "right") for one in judged],
        "refused": [int(one == "refused") for one in judged],
        "right at 12": [int(one.verdict(text) == "right") for one, text in zip(questions, short, strict=True)],
        "ended": [int(bool(ids) and (len(ids) < budget or ids[-1] in model.eos_ids)) for ids in written],
        "own language": [int(bool(text) and identify(text) == ASKED_IN[job.name]) for text in answers],
        "shown": [f"{one.asked_in(job.name)} {text}" for one, text in list(zip(questions, answers, strict=True))[:4]],
    }


def column(runs: Sequence[Run], name: str, key: str) -> np.ndarray:
    """Return one number for each question that was asked in a language, in the order of the list.

    Raises:
        ValueError: nothing was asked in that language.
    """
    own = sorted((run for run in runs if run.job.name == name), key=lambda run: run.job.first)
    if not own:
        raise ValueError(f"name is {name!r}, and no run asks in it")
    return np.array([value for run in own for value in run.result[key]], dtype=float)


def behind(runs: Sequence[Run], name: str) -> list[Interval]:
    """Return how many more questions are right in English than in a language, for each of the two wordings."""
    foreign = column(runs, name, "right")
    return [mean_interval(column(runs, wording, "right") - foreign) for wording in ENGLISH]


def rule(results: Results) -> str:
    """Return the outcome: does each language lose right answers to English, however English words the question?"""
    runs, margin = results["asked"], THRESHOLDS["matters"]
    gaps = [behind(runs, name) for name in FOREIGN]
    if all(one.low > margin for gap in gaps for one in gap):
        return HOLDS
    if any(all(one.low > margin for one in gap) for gap in gaps):
        return HOLDS_IN_PART
    if all(one.high < margin for gap in gaps for one in gap):
        return DOES_NOT_HOLD
    return CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated answers: each question is right with a chance that its language has."""
    chances = {
        HOLDS: (0.75, 0.75, 0.3, 0.3, 0.3),
        HOLDS_IN_PART: (0.75, 0.75, 0.75, 0.3, 0.3),
        DOES_NOT_HOLD: (0.98, 0.98, 0.98, 0.98, 0.98),
    }.get(outcome, (0.6, 0.6, 0.45, 0.45, 0.45))
    draws, n = np.random.default_rng(seed), len(all_questions())
    return {
        "asked": [
            Run(AskJob(name, 0, n), {"right": (draws.random(n) < chance).astype(int).tolist()})
            for name, chance in zip(ASKED_IN, chances, strict=True)
        ]
    }


DESIGN = Design(
    claim="A model behaves differently by language: it answers right in English what it gets wrong elsewhere.",
    measure="Share of questions whose first named answer is right, English less each of three languages.",
    control=(
        "The English questions in other words; each answer has room for half as much again as the longest right"
        " sentence."
    ),
    unit="Questions, 72, the same in every language, paired; Student's t interval.",
    rule_text=(
        "A language is behind when both wordings in English get over 10 points more right, each with the whole"
        " interval. Holds: all three are behind. In part: some. Does not hold: every interval lies below 10 points."
        " Otherwise it cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="Forty-five points fewer right answers.",
    rule=rule,
    simulate=simulate,
)


def jobs(n: int, chunk: int) -> list[AskJob]:
    """Return jobs that ask the first n questions in every language."""
    return [AskJob(name, first, min(chunk, n - first)) for name in ASKED_IN for first in range(0, n, chunk)]


def stages(size: str) -> Sequence[Stage]:
    """Return the stage of the recorded or the live size."""
    n, chunk = (N_LIVE, N_LIVE) if size == "live" else (len(all_questions()), CHUNK)
    return [Stage("asked", AskJob, run_ask_job, lambda _: jobs(n, chunk))]


def findings(results: Results) -> Mapping[str, Any]:
    """Return for each language the budget and the shares that the notebook shows, and how far it is behind."""
    runs = results["asked"]
    keys = ("right", "right at 12", "refused", "ended", "own language")
    found: dict[str, Any] = {}
    for name in ASKED_IN:
        kinds, right = column(runs, name, "kind"), column(runs, name, "right")
        found[name] = {key: float(column(runs, name, key).mean()) for key in keys}
        found[name]["budget"] = next(run.result["budget"] for run in runs if run.job.name == name)
        found[name]["by kind"] = {
            kind: float(right[kinds == place].mean()) for place, kind in enumerate(KINDS) if (kinds == place).any()
        }
    found["behind"] = {name: [[one.mean, one.low, one.high] for one in behind(runs, name)] for name in FOREIGN}
    return found


ASKING = Recipe(
    notebook="01",
    row=9,
    title="72 questions to a real model in four languages, with budgets of tokens by language",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=(
        "utils.experiments.data.questions",
        "utils.experiments.data.asking_recipe",
        "utils.decoding.common_prefix",
    ),
    config={"model": SMOLLM2_SHA256, "room": ROOM},
    tolerance=0.05,
)
