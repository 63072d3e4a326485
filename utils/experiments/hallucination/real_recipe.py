"""The plan and the recipe of row 101: how a real model's answers change with the question, and how many are right.

The second and third stage ask the same model for facts and for things that do not exist; the notebook shows them beside
the first, which the design is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.decoding.checked import check_fields
from utils.evaluation.intervals import Interval, mean_interval
from utils.experiments.hallucination.prompt_changes import CHANGES, CONTROL, change_questions, changed_answers
from utils.experiments.hallucination.real_answers import abstains, ask_facts, ask_openly
from utils.experiments.hallucination.real_facts import KINDS, fair_questions, invented_questions, popularity_thirds
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
from utils.models.pretrained import SMOLLM2_SHA256

N_CHANGED, N_LIVE = 300, 24
CHUNK, SEED = 50, 0
N_SILENT = 80
THRESHOLDS = {"drastic": 0.1, "slight": 0.02}
LETTER = CHANGES[1]


@dataclass(frozen=True)
class Questions:
    """Some of a fixed list of questions.

    Attributes:
        first, n: which of the list.
        total: how long the list is.
    """

    first: int
    n: int
    total: int

    def __post_init__(self) -> None:
        check_fields(self, first=0, n=1, total=1)


@dataclass(frozen=True)
class OpenQuestions:
    """Questions asked openly: real or invented ones, with or without being told to admit what one does not know."""

    real: bool
    honest: bool
    n: int


def run_changes(job: Questions) -> dict[str, Any]:
    """Return for each question how often each change altered the answer, and whether it was right before."""
    found = changed_answers(change_questions(job.total, SEED)[job.first : job.first + job.n], seed=job.first)
    return {
        "differs": {change: [round(one.differs[change], 4) for one in found] for change in CHANGES},
        "right": [int(one.right) for one in found],
        "right_option": [int(one.right_option) for one in found],
    }


def run_facts(job: Questions) -> dict[str, Any]:
    """Return for each question its kind, the third of popularity, whether the answer is right, and how probable."""
    chosen = list(range(len(fair_questions())))[job.first : job.first + job.n]
    thirds = popularity_thirds(fair_questions())
    answers = ask_facts([fair_questions()[place] for place in chosen])
    return {
        "kind": [KINDS.index(fair_questions()[place].kind) for place in chosen],
        "third": [int(thirds[place]) for place in chosen],
        "right": [int(one.right) for one in answers],
        "probability": [round(one.probability, 4) for one in answers],
    }


def open_questions(job: OpenQuestions) -> list[Any]:
    """Return invented questions, or real ones spread over kinds and popularity."""
    if not job.real:
        return invented_questions(job.n)
    places = np.linspace(0, len(fair_questions()) - 1, job.n).astype(int)
    return [fair_questions()[place] for place in places]


def run_open(job: OpenQuestions) -> dict[str, Any]:
    """Return for each question whether the model said that it does not know, whether it was right, and samples."""
    questions = open_questions(job)
    answers = ask_openly(questions, job.honest)
    silent = [abstains(answer) for answer in answers]
    right = [not s and q.is_right(a) for q, a, s in zip(questions, answers, silent, strict=True)]
    shown = [f"{q.text()} {a}" for q, a in list(zip(questions, answers, strict=True))[:: max(1, job.n // 8)]]
    return {"silent": list(map(int, silent)), "right": list(map(int, right)), "shown": shown}


def run_invented_facts(job: OpenQuestions) -> dict[str, Any]:
    """Return how probable the model finds its begun answers about what does not exist."""
    return {"probability": [round(one.probability, 4) for one in ask_facts(open_questions(job))]}


def differences(results: Results) -> dict[str, Interval]:
    """Return for each change the share of answers that it altered, over questions."""
    return {
        change: mean_interval([x for run in results["changes"] for x in run.result["differs"][change]])
        for change in CHANGES
    }


def rule(results: Results) -> str:
    """Return the outcome: does the case of one letter alter many answers, where the same prompt alters none?"""
    found = differences(results)
    drastic, slight = THRESHOLDS["drastic"], THRESHOLDS["slight"]
    if found[CONTROL].mean > slight:
        return CANNOT_BE_TOLD
    if all(found[change].low > drastic for change in CHANGES[1:]):
        return HOLDS
    if found[LETTER].high < slight:
        return DOES_NOT_HOLD
    return HOLDS_IN_PART if found[LETTER].low > slight else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated answers of 300 questions; each change alters an answer or does not."""
    chances = {
        HOLDS: (0.0, 0.2, 0.2, 0.2),
        HOLDS_IN_PART: (0.0, 0.08, 0.3, 0.3),
        DOES_NOT_HOLD: (0.0, 0.0, 0.3, 0.3),
    }.get(outcome, (0.1, 0.3, 0.3, 0.3))
    draws = np.random.default_rng(seed)
    differs = {
        change: (draws.random(N_CHANGED) < chance).astype(float).tolist()
        for change, chance in zip(CHANGES, chances, strict=True)
    }
    return {"changes": [Run(Questions(0, N_CHANGED, N_CHANGED), {"differs": differs})]}


DESIGN = Design(
    claim="A slightly different input, one capital letter for instance, can lead to a very different output.",
    measure="Share of questions whose answer (the likeliest first word, or option) is another one after a change.",
    control="The same prompt again, in another batch.",
    unit="Questions; Student's t interval of 300.",
    rule_text=(
        "Holds: one letter's case, other words and another order of options each alter more than 10% of the answers,"
        " with the whole interval. In part: the letter alters more than 2%. Does not hold: it alters less than 2%."
        " It cannot be told where the same prompt again alters more than 2%, or the letter's interval holds 2%."
    ),
    thresholds=THRESHOLDS,
    effect="Each change alters 20% of the answers.",
    rule=rule,
    simulate=simulate,
)


def chunks(n: int) -> list[Questions]:
    """Return jobs that cover a list of n questions."""
    return [Questions(first, min(CHUNK, n - first), n) for first in range(0, n, CHUNK)]


def stages(size: str) -> Sequence[Stage]:
    """Return the stages of the recorded or the live size."""
    if size == "live":
        return [Stage("changes", Questions, run_changes, lambda _: [Questions(0, N_LIVE, N_LIVE)])]
    asked = [OpenQuestions(real, honest, N_SILENT) for real in (True, False) for honest in (False, True)]
    return [
        Stage("changes", Questions, run_changes, lambda _: chunks(N_CHANGED)),
        Stage("facts", Questions, run_facts, lambda _: chunks(len(fair_questions()))),
        Stage("invented", OpenQuestions, run_invented_facts, lambda _: [OpenQuestions(False, False, 2 * N_SILENT)]),
        Stage("open", OpenQuestions, run_open, lambda _: asked),
    ]


def fact_columns(results: Results) -> dict[str, np.ndarray]:
    """Return kind, third, right and probability of every question about a fact."""
    return {
        name: np.array([x for run in results["facts"] for x in run.result[name]])
        for name in ("kind", "third", "right", "probability")
    }


def open_shares(results: Results, key: str) -> dict[tuple[bool, bool], Interval]:
    """Return the share of silent (or right) answers by (real, honest)."""
    return {(run.job.real, run.job.honest): mean_interval(run.result[key]) for run in results["open"]}


def findings(results: Results) -> Mapping[str, Any]:
    """Return the numbers that the notebook shows."""
    found: dict[str, Any] = {change: [one.mean, one.low, one.high] for change, one in differences(results).items()}
    if "facts" in results:
        facts = fact_columns(results)
        found["right by third"] = [float(facts["right"][facts["third"] == third].mean()) for third in range(3)]
        found["silent"] = [
            [*map(int, key), one.mean, one.low, one.high] for key, one in open_shares(results, "silent").items()
        ]
    return found


REAL_RECIPE = Recipe(
    notebook="09",
    row=101,
    title="a real model asked for facts, and asked again with small changes",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=(
        "utils.experiments.hallucination.real_facts",
        "utils.experiments.hallucination.real_answers",
        "utils.experiments.hallucination.prompt_changes",
        "utils.experiments.hallucination.real_recipe",
        "utils.decoding.common_prefix",
    ),
    config={"model": SMOLLM2_SHA256},
    tolerance=0.05,
)
