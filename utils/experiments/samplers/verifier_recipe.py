"""The plan of row 84, and of row 85 from the same runs: what a verifier is worth, and whether more samples fool it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, bootstrap_interval
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
from utils.experiments.samplers.repeated_sampling import pass_at_k
from utils.experiments.samplers.verifier_curves import drops_after_peak, worth_in_sizes
from utils.experiments.samplers.verifier_runs import (
    BEST_OF,
    LADDER_STEPS,
    LEARNED_LENGTHS,
    NS,
    TASK_SEED,
    TRAINING_SOURCES,
    WIDTHS,
    LadderJob,
    VerifierJob,
    run_ladder_job,
    run_verifier_job,
)

TASKS, POOL, SEEDS = 70, 600, 2  # tasks of each length, samples of each task, verifiers of each generator
STEPS: Mapping[str, int] = {"head": 400, "tokens": 200}  # of a verifier; longer, both learn their tasks by heart
SAMPLES = 24  # of each task by each model of the ladder, which show what one sample of it is worth
THRESHOLDS = {"fair share": 0.1, "claimed": 15.0, "in part": 5.0, "order": 0.6, "fall": 0.0, "no fall": 0.02}
SMALL = 4  # of the ladder's models the generators are among the smallest four
NOVICE = LadderJob(WIDTHS[0], 10, 10, 4)  # has learned next to nothing: what the judge of solutions lets pass by chance


def ladder_jobs(widths: Sequence[int]) -> list[LadderJob]:
    """Return one job for each width."""
    return [LadderJob(width, LADDER_STEPS, TASKS, SAMPLES) for width in widths]


def rungs(results: Results) -> tuple[list[int], np.ndarray]:
    """Return the ladder's parameters, ascending, and whether each solves each task (models, tasks)."""
    runs = sorted([*results["small"], *results["large"]], key=lambda run: run.job.width)
    return [run.result["parameters"] for run in runs], np.array([run.result["right"] for run in runs], dtype=float)


def generator_widths(small: Sequence[Run]) -> list[int]:
    """Return the widths of the generators: the smallest model that solves a fair share, and the next above or below.

    The first is the claim's small model; where no small one solves a fair share it is the largest of them. The second
    shows whether the verifier's curve is a matter of the generator.
    """
    shares = {run.job.width: float(np.mean(run.result["right"])) for run in small}
    widths = sorted(shares)
    fair = [at for at, width in enumerate(widths) if shares[width] >= THRESHOLDS["fair share"]]
    first = fair[0] if fair else len(widths) - 1
    return [widths[first], widths[first + 1 if first + 1 < len(widths) else first - 1]]


def verifier_jobs(small: Sequence[Run]) -> list[VerifierJob]:
    """Return one job for each generator and seed, and one for a verifier that judges at every token of the first."""
    widths = generator_widths(small)
    runs = [("head", width, seed) for seed in range(SEEDS) for width in widths] + [("tokens", widths[0], 0)]
    return [
        VerifierJob(kind, width, LADDER_STEPS, seed, TASKS, POOL, practice=400, attempts=8, steps=STEPS[kind])
        for kind, width, seed in runs
    ]


def stages(size: str) -> list[Stage]:
    """Return the stages of the recorded or the live size."""
    if size == "live":
        jobs = [LadderJob(width, 20, 4, 2) for width in WIDTHS[:2]]
        return [Stage("small", LadderJob, run_ladder_job, lambda _: jobs)]
    return [
        Stage("small", LadderJob, run_ladder_job, lambda _: ladder_jobs(WIDTHS[:SMALL])),
        Stage("verifiers", VerifierJob, run_verifier_job, lambda results: verifier_jobs(results["small"])),
        Stage("large", LadderJob, run_ladder_job, lambda _: ladder_jobs(WIDTHS[SMALL:])),
        Stage("novice", LadderJob, run_ladder_job, lambda _: [NOVICE]),
    ]


def of_generator(results: Results, width: int) -> list[Run]:
    """Return the runs of one generator's verifiers, the heads."""
    return [run for run in results["verifiers"] if run.job.width == width and run.job.kind == "head"]


def curves(results: Results, width: int) -> np.ndarray:
    """Return how often the choice of n is right (tasks, NS), the mean of a generator's verifiers."""
    return np.array([run.result["curve"] for run in of_generator(results, width)], dtype=float).mean(0)


def perfect(results: Results, width: int) -> np.ndarray:
    """Return what a perfect verifier would choose (tasks, NS): pass@n."""
    run = of_generator(results, width)[0]
    return np.asarray(pass_at_k(run.job.pool, np.array(run.result["right"])[:, None], run.result["ns"]))


def worth(results: Results, width: int | None = None) -> Interval:
    """Return how many times larger a model alone must be to solve what the small one does with its verifier.

    Where the largest does not reach it, the ladder shows no more than that model's own multiple.

    Args:
        results: of all stages.
        width: of the generator; None: the first.
    """
    sizes, right = rungs(results)
    width = width or generator_widths(results["small"])[0]
    chosen, own = curves(results, width)[:, NS.index(BEST_OF)], sizes[WIDTHS.index(width)]
    found = worth_in_sizes(chosen, sizes, right, own)
    mean, low, high = (min(value, sizes[-1] / own) for value in (found.mean, found.low, found.high))
    return Interval(mean, low, high, found.n)


def rule(results: Results) -> str:
    """Return the outcome of row 84."""
    found = worth(results)
    first = generator_widths(results["small"])[0]
    if np.mean([run.result["order"] for run in of_generator(results, first)]) < THRESHOLDS["order"]:
        return CANNOT_BE_TOLD  # what cannot tell right from wrong on new tasks is no verifier
    if found.low >= THRESHOLDS["claimed"]:
        return HOLDS
    if found.low >= THRESHOLDS["in part"]:
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if found.high < THRESHOLDS["in part"] else CANNOT_BE_TOLD


def drops(results: Results) -> dict[int, Interval]:
    """Return by generator how far the curve stands below its peak at the end, over the tasks."""
    return {
        width: bootstrap_interval(drops_after_peak(curves(results, width)).tolist())
        for width in generator_widths(results["small"])
    }


def rule_of_falls(results: Results) -> str:
    """Return the outcome of row 85."""
    found = drops(results).values()
    falls = [drop.low > THRESHOLDS["fall"] for drop in found]
    if all(falls):
        return HOLDS
    if any(falls):
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if all(drop.high < THRESHOLDS["no fall"] for drop in found) else CANNOT_BE_TOLD


SHARES = (0.05, 0.2, 0.4, 0.6, 0.85, 0.97)
SIZES = (29_000, 46_000, 58_000, 129_000, 409_000, 922_000)


def simulated(shares: Sequence[float], chosen: float, falls: Sequence[float], scatter: float, seed: int) -> Results:
    """Return simulated results.

    Args:
        shares: of the tasks that the ladder's models solve.
        chosen: share of right choices among 100, which is the curve's height from there to its peak.
        falls: how far the curve of each generator lies below that at the end.
        scatter: standard deviation of a task's fall.
        seed: of the noise.
    """
    draws = np.random.default_rng(seed)
    n_tasks = 3 * TASKS
    ladder = [
        Run(
            job,
            {
                "parameters": size,
                "right": (draws.permutation(n_tasks) < round(share * n_tasks)).astype(int).tolist(),
                "samples": [round(share * SAMPLES)] * n_tasks,
            },
        )
        for job, size, share in zip(ladder_jobs(WIDTHS), SIZES, shares, strict=True)
    ]
    made = []
    small = ladder[:SMALL]
    widths = generator_widths(small)
    for job in verifier_jobs(small):
        best = (draws.permutation(n_tasks) < round(chosen * n_tasks)).astype(float)
        rising = np.minimum(1.0, 0.5 + np.arange(len(NS)) / (2 * NS.index(BEST_OF)))
        curve = best[:, None] * rising
        down = falls[widths.index(job.width)] + scatter * draws.normal(size=n_tasks)
        curve[:, -1] -= down
        right = [POOL // 3] * n_tasks
        result = {"curve": curve.tolist(), "likeliest": best.tolist(), "right": right, "ns": list(NS)}
        made.append(Run(job, {**result, "learned from": 6000, "of them right": 2000, "order": 0.9}))
    novice = Run(NOVICE, {"parameters": SIZES[0], "right": [0] * 30, "samples": [0] * 30})
    return {"small": small, "verifiers": made, "large": ladder[SMALL:], "novice": [novice]}


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated results of row 84: how much the verifier's choice solves on a ladder of fixed shares."""
    shares = (0.03, 0.25, 0.35, 0.45, 0.6, 0.75)
    chosen = {HOLDS: 0.9, HOLDS_IN_PART: 0.65, DOES_NOT_HOLD: 0.4}.get(outcome, 0.55)
    return simulated(shares, chosen, (0.0, 0.0), 0.0, seed)


def simulate_falls(outcome: str, seed: int) -> Results:
    """Return simulated results of row 85: how far the curves fall."""
    falls = {HOLDS: (0.06, 0.06), HOLDS_IN_PART: (0.08, 0.0), DOES_NOT_HOLD: (0.0, 0.0)}.get(outcome, (0.01, 0.01))
    scatter = {HOLDS: 0.2, HOLDS_IN_PART: 0.05, DOES_NOT_HOLD: 0.0}.get(outcome, 0.5)
    return simulated(SHARES, 0.6, falls, scatter, seed)


def findings(results: Results) -> dict[str, Any]:
    """Return the ladder, the curves of each generator with their rivals, the worth and the falls."""
    sizes, right = rungs(results)
    first, other = generator_widths(results["small"])
    found_worth, fallen = worth(results), drops(results)
    (by_tokens,) = (run for run in results["verifiers"] if run.job.kind == "tokens")
    found: dict[str, Any] = {
        "token level": {
            "order": by_tokens.result["order"],
            "curve": np.mean(by_tokens.result["curve"], axis=0).tolist(),
        },
        "tasks": right.shape[1],
        "sizes": sizes,
        "widths": list(WIDTHS),
        "greedy": right.mean(1).tolist(),
        "one sample": [
            float(np.mean(run.result["samples"]) / run.job.samples)
            for run in sorted([*results["small"], *results["large"]], key=lambda run: run.job.width)
        ],
        "novice": float(np.mean(results["novice"][0].result["right"])),
        "worth": [found_worth.mean, found_worth.low, found_worth.high],
        "ns": list(NS),
        "generators": {},
    }
    for width in (first, other):
        runs, by_task = of_generator(results, width), curves(results, width)
        ends = [bootstrap_interval(column.tolist()) for column in by_task.T]
        ceiling, own_worth = perfect(results, width), worth(results, width)
        fall_of_perfect = bootstrap_interval(drops_after_peak(ceiling).tolist())
        found["generators"][str(width)] = {
            "parameters": sizes[WIDTHS.index(width)],
            "worth": [own_worth.mean, own_worth.low, own_worth.high],
            "learned from": [run.result["learned from"] for run in runs],
            "of them right": [run.result["of them right"] for run in runs],
            "order": [run.result["order"] for run in runs],
            "one sample": float(np.mean(runs[0].result["right"]) / runs[0].job.pool),
            "likeliest": float(np.mean(runs[0].result["likeliest"])),
            "curve": by_task.mean(0).tolist(),
            "low": [end.low for end in ends],
            "high": [end.high for end in ends],
            "by verifier": [np.mean(run.result["curve"], axis=0).tolist() for run in runs],
            "perfect": ceiling.mean(0).tolist(),
            "drop": [fallen[width].mean, fallen[width].low, fallen[width].high],
            "drop of perfect": [fall_of_perfect.mean, fall_of_perfect.low, fall_of_perfect.high],
        }
    return found


FALLS = Design(
    claim="More samples to choose from help up to a point (400 there); beyond it the verifier is fooled.",
    measure="Right choices among n samples at the peak of the curve less those among 600, exact for each pool.",
    control="A perfect verifier, whose curve cannot fall; the peak is placed on other tasks than it is read on.",
    unit="New tasks of 4 to 6 steps, 210; bootstrap over the tasks; the mean of two verifiers; two generators.",
    rule_text=(
        "Holds: the interval of the fall lies above 0 for both generators. In part: for one. Does not hold: for"
        " neither, and both lie below 0.02. Otherwise it cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="A fall of 0.06 of the tasks.",
    rule=rule_of_falls,
    simulate=simulate_falls,
)

VERIFIER = Recipe(
    notebook="07",
    row=84,
    title="a small generator with verifiers, beside models of up to 20 times its size",
    stages=stages,
    design=Design(
        claim="A verifier gives about the same boost as a model 30 times as large.",
        measure=(
            "Times as many parameters that a model needs to solve, greedily, as many tasks as the small model's best"
            " of 100 samples, chosen by a verifier; solutions right in all steps; log size is interpolated."
            " The verifier is a head on the generator that sees its hidden states and its surprise."
        ),
        control=(
            "The small model's greedy answer, one sample, the likeliest of the 100, a perfect verifier; a"
            " verifier that is a trained copy and judges at every token; a model that has learned next to nothing."
        ),
        unit="New tasks of 4 to 6 steps, 210; bootstrap over the tasks; the mean of two verifiers.",
        rule_text=(
            "The small model is the smallest that solves a tenth of the tasks greedily. Holds: the interval lies"
            " above 15 times, half of what is claimed; beyond the ladder's end counts as its end. In part: above 5."
            " Does not hold: below 5. Otherwise it cannot be told, nor where the verifier puts right above wrong"
            " samples of new tasks in fewer than 0.6 of the pairs."
        ),
        thresholds=THRESHOLDS,
        effect="A verifier worth more than the ladder's largest model, 20 times the small one.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=(
        *(f"utils.experiments.samplers.{name}" for name in ("arithmetic_runs", "counted_sampling", "verifier_runs")),
        *(f"utils.experiments.samplers.{name}" for name in ("repeated_sampling", "verifier_curves")),
        "utils.posttraining.token_verifier",
        "utils.posttraining.verifier",
        *TRAINING_SOURCES,
    ),
    config={"task_seed": TASK_SEED, "learned_lengths": list(LEARNED_LENGTHS), "best_of": BEST_OF},
    tolerance=0.03,
    cached=frozenset({"small", "verifiers", "large"}),  # the novice alone is trained in its own run
)
