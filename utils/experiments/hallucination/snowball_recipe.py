"""The plan and the recipe of row 102: does a wrong first statement bring further wrong ones, and does a mark help?

Piloted with seed 0 before the rule was fixed: the sizes of all parts; that the world's chat model hardly minds what it
was made to say, while SmolLM2 (12 countries) and the arithmetic models do; that slips are checked when the right
continuation writes the step again, and not when it silently goes on from the right number; and how long divisions have
to be learned until most right answers have a true equation behind them. The measures, the rule and its thresholds were
written after that and before the recorded run, whose seeds are 1 to 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval, paired_difference
from utils.experiments.hallucination.snowball_division import ORDERS, run_division
from utils.experiments.hallucination.snowball_facts import FIRSTS, FOLLOW_UPS, WORLD_MODEL, run_real, run_world
from utils.experiments.hallucination.snowball_steps import ARMS, MODEL, SITUATIONS, run_marks, run_steps
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

PARTS = ("world", "real", "steps", "marks", "division")
SEEDS = (1, 2, 3, 4, 5)
# Part -> questions of a run (countries, for the real model), and steps of finetuning where there is one.
SIZES = {"world": (200, 0), "real": (24, 0), "steps": (200, 0), "marks": (150, 160), "division": (60, 600)}
LIVE_SIZES = {"world": (60, 0), "steps": (100, 0), "division": (40, 180)}
JUDGED = ("facts, world", "facts, SmolLM2", "steps", "justified", "justified, more", "mark")
# Situations that look alike without a mark, and ask for different things.
MIXED = ("wrong", "observed")
THRESHOLDS = {"snowball": 0.1, "justified": 0.5, "justified, more": 0.1, "mark": 0.1}


@dataclass(frozen=True)
class SnowballJob:
    """A run of one part.

    Attributes:
        part: one of `PARTS`.
        n: questions, or countries.
        steps: of finetuning; 0 where there is none.
        seed: of all that is drawn.
    """

    part: str
    n: int
    steps: int
    seed: int

    def __post_init__(self) -> None:
        if self.part not in PARTS:
            raise ValueError(f"part must be one of {', '.join(PARTS)}, not {self.part!r}")
        if self.n < 2:
            raise ValueError(f"n must be at least 2, not {self.n}")
        trained = self.part in ("marks", "division")
        if self.steps < 0 or bool(self.steps) != trained:
            raise ValueError(f"steps must be {'at least 1' if trained else '0'} for {self.part}, not {self.steps}")


def run_snowball(job: SnowballJob) -> Mapping[str, Any]:
    """Run a job."""
    if job.part == "world":
        return run_world(job.n, job.seed)
    if job.part == "real":
        return run_real(job.n, job.seed)
    if job.part == "steps":
        return run_steps(job.n, job.seed)
    return (run_marks if job.part == "marks" else run_division)(job.n, job.steps, job.seed)


def of_part(results: Results, part: str) -> list[Mapping[str, Any]]:
    """Return the results of a part by seed; ValueError where there are none."""
    found = [run for run in results["snowball"] if run.job.part == part]
    if not found:
        raise ValueError(f"no run is of the part {part!r}")
    return [run.result for run in sorted(found, key=lambda run: run.job.seed)]


def fact_rates(results: Results, part: str, kind: str, first: str) -> list[float]:
    """Return the share of wrong follow-ups: by seed for the world's model, 0 or 1 by question for the real one."""
    lists = [run[kind][first] for run in of_part(results, part)]
    return [x for some in lists for x in some] if part == "real" else [float(np.mean(some)) for some in lists]


def snowball(results: Results, part: str, kind: str = FOLLOW_UPS[0]) -> Interval:
    """Return how many more follow-ups are wrong after a forced wrong first statement than after a forced right one."""
    if part == "steps":
        runs = of_part(results, part)
        return paired_difference([run["wrong"] for run in runs], [run["right"] for run in runs])
    return paired_difference(fact_rates(results, part, kind, "wrong"), fact_rates(results, part, kind, "right"))


def betrayed(results: Results, how: str = "forced wrong") -> list[float]:
    """Return by seed the share of answers that are justified by an equation that the model refutes, asked alone."""
    return [run[how]["betrayed"] for run in of_part(results, "division")]


def confused(results: Results, arm: str) -> list[float]:
    """Return by seed the wrong answers after own slips and after observations together, the mean of both shares."""
    return [float(np.mean([run["wrong"][arm][name] for name in MIXED])) for run in of_part(results, "marks")]


def marked(results: Results, arm: str = "own steps") -> Interval:
    """Return how much less wrong is answered with the mark, among finetunings on own or on right steps."""
    return paired_difference(confused(results, arm), confused(results, f"{arm}, marked"))


def judged(results: Results) -> dict[str, Interval]:
    """Return the intervals that the rule looks at."""
    snowballs = {name: snowball(results, part) for name, part in zip(JUDGED, ("world", "real", "steps"), strict=False)}
    return {
        **snowballs,
        "justified": mean_interval(betrayed(results)),
        "justified, more": paired_difference(betrayed(results), betrayed(results, "forced right")),
        "mark": marked(results),
    }


def threshold(name: str) -> float:
    """Return what an interval has to lie above."""
    return THRESHOLDS.get(name, THRESHOLDS["snowball"])


def rule(results: Results) -> str:
    """Return the outcome: in how many of the six measures is the effect there?"""
    found = judged(results)
    there = [one.low > threshold(name) for name, one in found.items()]
    if all(there):
        return HOLDS
    if any(there):
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if all(one.high < threshold(name) for name, one in found.items()) else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs; seeds scatter by two points, by much more where nothing can be told."""
    draws, made = np.random.default_rng(seed), []
    size = {HOLDS: 0.4, HOLDS_IN_PART: 0.4, DOES_NOT_HOLD: 0.0}.get(outcome, 0.1)

    def near(value: float, sign: int) -> float:
        wild = 0.3 * sign if outcome == CANNOT_BE_TOLD else 0.0
        return float(np.clip(value + wild + 0.02 * draws.normal(), 0, 1))

    for job in snowball_jobs(SIZES, SEEDS):
        sign = (-1) ** job.seed
        if job.part in ("world", "real"):
            effect = 0.0 if job.part == "world" and outcome == HOLDS_IN_PART else size
            n = 170 if job.part == "world" else 60
            shares = {"own": 0.1, "right": 0.1, "wrong": near(0.1 + effect, sign if job.part == "world" else 0)}
            hard = draws.random(n)  # the same questions each time: who fails one easily fails it again
            lists = {
                name: (hard + 0.03 * draws.normal(size=n) < share).astype(int).tolist()
                for name, share in shares.items()
            }
            made.append(Run(job, {kind: {**lists, "copied": lists["wrong"]} for kind in FOLLOW_UPS}))
        elif job.part == "steps":
            made.append(Run(job, {"own": 0.1, "right": 0.1, "wrong": near(0.1 + size, sign), "recognised": 1.0}))
        elif job.part == "marks":
            arms = {arm: dict.fromkeys(SITUATIONS, near(0.5, 0)) for arm in ARMS}
            arms["own steps, marked"] = dict.fromkeys(SITUATIONS, near(0.5 - size, sign))
            made.append(Run(job, {"wrong": arms, "own slips": 0.5}))
        else:
            share = {HOLDS: 0.7, HOLDS_IN_PART: 0.7, DOES_NOT_HOLD: 0.2}.get(outcome, 0.5)
            made.append(Run(job, {"forced wrong": {"betrayed": near(share, sign)}, "forced right": {"betrayed": 0.2}}))
    return {"snowball": made}


def shares(run: Run) -> dict[str, float]:
    """Return the few numbers of one run that tell what came of forced statements, for a line of the notebook."""
    result = run.result
    if run.job.part == "division":
        return {how: result[how]["betrayed"] for how in ("forced wrong", "forced right", "divisible")}
    if run.job.part == "marks":
        return {arm: float(np.mean([wrong[name] for name in MIXED])) for arm, wrong in result["wrong"].items()}
    if run.job.part == "steps":
        return {name: result[name] for name in FIRSTS}
    return {name: float(np.mean(result[FOLLOW_UPS[0]][name])) for name in FIRSTS}


DESIGN = Design(
    claim=(
        "A model treats what it wrote itself like what it was given: a wrong first statement brings further wrong ones"
        " where it would have been right, even statements that it knows to be false; telling both apart helps."
    ),
    measure=(
        "Wrong second answers among questions that are answered rightly when asked alone (facts), and wrong results"
        " (calculations); wrong 'Yes.' to a divisibility question with a false equation behind it that the model"
        " refutes when asked for the product alone; wrong results after own slips and after observations that differ"
        " from the sum, the mean of both."
    ),
    control=(
        "A forced right first statement instead of a forced wrong one, and the model's own; a right 'No.' to the same"
        " questions, with the equation behind it; the same finetuning on the same slips without the mark."
    ),
    unit="Seeds (questions, wrong values, finetunings), five; for SmolLM2 questions. Student's t interval of pairs.",
    rule_text=(
        "Six measures. After a wrong first statement over 10 points more second answers are wrong: (1) about the same"
        " fact, the world's chat model; (2) about the same fact, SmolLM2; (3) in calculations. (4) Over half of the"
        " forced wrong answers are justified by an equation that the model itself refutes, (5) over 10 points more than"
        " of right answers to the same questions. (6) Among models that learned from their own slips the mark makes"
        " over 10 points fewer results wrong. Each with the whole interval. Holds: all six. Holds in part: some. Does"
        " not hold: none, and each interval lies below its threshold. Otherwise it cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="Forty points more wrong answers; seven in ten answers justified against better knowledge.",
    rule=rule,
    simulate=simulate,
)


def snowball_jobs(sizes: Mapping[str, tuple[int, int]], seeds: Sequence[int]) -> list[SnowballJob]:
    """Return a job for each part and seed; one for the real model, whose interval is over questions."""
    return [
        SnowballJob(part, n, steps, seed)
        for part, (n, steps) in sizes.items()
        for seed in (seeds[:1] if part == "real" else seeds)
    ]


def stages(size: str) -> Sequence[Stage]:
    """Return the one stage of the recorded or the live size."""
    jobs = snowball_jobs(LIVE_SIZES, SEEDS[:1]) if size == "live" else snowball_jobs(SIZES, SEEDS)
    return [Stage("snowball", SnowballJob, run_snowball, lambda _: jobs)]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows."""

    def plain(one: Interval) -> list[float]:
        return [one.mean, one.low, one.high]

    def over(part: str, *keys: str) -> list[float]:
        values: list[Any] = list(of_part(results, part))
        for key in keys:
            values = [value[key] for value in values]
        return plain(mean_interval(values))

    found: dict[str, Any] = {name: plain(one) for name, one in judged(results).items()}
    for part in ("world", "real"):
        found[f"{part}, wrong"] = {
            kind: {name: plain(mean_interval(fact_rates(results, part, kind, name))) for name in (*FIRSTS, "copied")}
            for kind in FOLLOW_UPS
        }
        found[f"{part}, other fact"] = plain(snowball(results, part, FOLLOW_UPS[1]))
    found["steps, wrong"] = {name: over("steps", name) for name in (*FIRSTS, "recognised")}
    found["marks, wrong"] = {arm: {name: over("marks", "wrong", arm, name) for name in SITUATIONS} for arm in ARMS}
    found["mark, right steps only"] = plain(marked(results, "right steps"))
    found["division, wrong"] = {order: over("division", "wrong", order) for order in ORDERS}
    for how in ("forced wrong", "forced right", "divisible", "own wrong"):
        names = ("stated", "false", "betrayed", "refuted, false", "refuted, true")
        found[f"division, {how}"] = {name: over("division", how, name) for name in names}
    return found


SNOWBALL_RECIPE = Recipe(
    notebook="09",
    row=102,
    title="forced wrong first statements, justified wrong answers, and a mark for what the model wrote itself",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=(
        "utils.experiments.hallucination.snowball_division",
        "utils.experiments.hallucination.snowball_facts",
        "utils.experiments.hallucination.snowball_steps",
        "utils.posttraining.finetuning",
        "utils.training.loop",
    ),
    config={"models": {"facts": [WORLD_MODEL, SMOLLM2_SHA256], "steps": MODEL}, "arms": list(ARMS)},
    tolerance=0.05,
)
