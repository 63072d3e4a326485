"""The plan of row 98: do queries run and give the right rows, for values and joins never trained on too?"""

from __future__ import annotations

from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval
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
from utils.experiments.structured.query_runs import (
    GROUPS,
    QUESTIONS_SEED,
    TRAININGS,
    QueryJob,
    run_queries,
    sql_questions,
)
from utils.experiments.structured.sql_tasks import SQL_FAMILIES
from utils.experiments.structured.structured_outputs import share

STEPS = 3000
THRESHOLDS = {"right": 0.5, "another text": 0.05}


def stages(size: str) -> list[Stage]:
    """Return the one stage of the recorded or the live size; the shipped model is not trained again."""
    recorded = [QueryJob(training, 1 if training == "shipped" else STEPS) for training in TRAININGS]
    jobs = recorded if size == "recorded" else [QueryJob("shipped", 1)]
    return [Stage("queries", QueryJob, run_queries, lambda _: jobs)]


def column(results: Results, training: str, group: str, key: str, how: str = "free") -> list[float]:
    """Return a value for each question of a group, answered by the model of a training."""
    (run,) = (run for run in results["queries"] if run.job.training == training)
    return [float(x) for x in run.result[f"{group}, {how}"][key]]


def parts(results: Results) -> dict[str, Interval]:
    """Return shares of right results for what was taught, for new values, for joins never shown; and of other texts."""
    taught = [x for group in ("known values", "joins") for x in column(results, "all templates", group, "right")]
    right, text = (column(results, "all templates", "known values", key) for key in ("right", "text"))
    return {
        "taught": share(taught),
        "new values": share(column(results, "all templates", "new values", "right")),
        "new joins": share(column(results, "no joins", "joins", "right")),
        "another text": share([float(r > t) for r, t in zip(right, text, strict=True)]),
    }


def rule(results: Results) -> str:
    """Return the outcome: how far beyond its training does a model answer, and does execution find what text misses?"""
    found, half = parts(results), THRESHOLDS["right"]
    beyond = [found["new values"], found["new joins"]]
    if found["taught"].high < half:
        return DOES_NOT_HOLD
    if found["taught"].low <= half or found["another text"].low <= THRESHOLDS["another text"]:
        return CANNOT_BE_TOLD
    if all(one.low > half for one in beyond):
        return HOLDS
    return HOLDS_IN_PART if any(one.high < half for one in beyond) else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated answers, right with a chance for what was taught, new values and new joins."""
    cases = {HOLDS: (0.9, 0.75, 0.8), HOLDS_IN_PART: (0.9, 0.75, 0.1), DOES_NOT_HOLD: (0.3, 0.1, 0.0)}
    taught, values, joins = cases.get(outcome, (0.5, 0.3, 0.0))
    draws = np.random.default_rng(seed)
    made = []
    for job in stages("recorded")[0].jobs({}):
        chances = {
            "known values": taught,
            "new values": values,
            "joins": joins if job.training == "no joins" else taught,
        }
        result = {}
        for group in GROUPS:
            n = len(sql_questions(group))
            right = draws.permutation(np.arange(n) < round(chances[group] * n))
            text = (right & (draws.random(n) < 0.6)).astype(int).tolist()
            result[f"{group}, free"] = {"right": right.astype(int).tolist(), "text": text}
        made.append(Run(job, result))
    return {"queries": made}


def findings(results: Results) -> dict[str, Any]:
    """Return by training, group and mask the shares that run, that have the gold text and the gold result; and more."""
    found: dict[str, Any] = {
        "questions": {group: len(sql_questions(group)) for group in GROUPS},
        **{name: [one.mean, one.low, one.high] for name, one in parts(results).items()},
    }
    for training in TRAININGS:
        found[training] = {
            f"{group}, {how}": {
                key: float(np.mean(column(results, training, group, key, how))) for key in ("runs", "text", "right")
            }
            for group in GROUPS
            for how in ("free", "masked")
        }
    by_template: dict[str, dict[str, float]] = {}
    for group in ("known values", "new values"):
        template = np.array(column(results, "all templates", group, "template"))
        right = np.array(column(results, "all templates", group, "right"))
        by_template[group] = {SQL_FAMILIES[int(t)]: float(right[template == t].mean()) for t in np.unique(template)}
    found["by template"] = by_template
    return found


QUERIES = Recipe(
    notebook="08",
    row=98,
    title="questions of eight SQL templates: known values, values never trained on, joins never trained on",
    stages=stages,
    design=Design(
        claim="A model turns questions into SQL that runs and gives the right rows, for values and joins that it was"
        " never trained on too; running a query judges it better than its text.",
        measure="Share of questions whose query gives the gold query's rows; share of right ones with another text.",
        control="Values and joins that were trained on; the shipped model, whose embedding of every word was trained;"
        " the mask of all queries over the two tables.",
        unit="Different questions: 174 with known values, 103 with new ones, 46 with a join; bootstrap interval (at 0"
        " and 1 Clopper and Pearson). One training run each.",
        rule_text=(
            "Holds: more than half of the questions are answered right where everything was taught, where values are"
            " new, and where joins are, each with the whole interval, and more than 0.05 are right with another text"
            " than the gold query. In part: the first and the last, and fewer than half with new values or joins. Does"
            " not hold: fewer than half where everything was taught. Otherwise it cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="Three of four questions with new values and four of five with new joins.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=tuple(
        f"utils.experiments.structured.{name}" for name in ("query_runs", "query_models", "sql_tasks", "query_recipe")
    ),
    config={"questions_seed": QUESTIONS_SEED},
)
