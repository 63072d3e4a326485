"""The plan of row 35: time and memory against length, of one layer's mixing and of whole models of equal size.

At short lengths a call is mostly overhead, and its exponent says nothing. So a sum of three parts is fitted to the
times, a fixed one, one in proportion to the length and one to its square, and exponents are those of the longest three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.optimize import nnls

from utils.decoding.arguments import an_array
from utils.decoding.checked import check_fields
from utils.evaluation.intervals import mean_interval, paired_difference
from utils.experiments.block.costs import allocated_bytes, fastest_seconds, fitted_exponent
from utils.experiments.block.mixing import ways_to_mix
from utils.experiments.block.sequence_tasks import ARCHITECTURES, of_equal_size
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
from utils.models.config import ModelConfig
from utils.training.threads import one_thread

WRITTEN_OUT, FUSED, SCAN = "attention, written out", "attention, fused", "selective scan"
MODELS = {"transformer, whole": "transformer", "selective, whole": "selective state space"}
WAYS = (WRITTEN_OUT, FUSED, "linear attention", SCAN, *MODELS)
LENGTHS, LIVE_LENGTHS = (64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384), (256, 512, 1024, 2048, 4096)
LONGEST_TABLE = 8192  # at 16,384 a table of weights takes a gigabyte, and several are made
TURNS = 8  # the first at all lengths, the others at the longest three, which the exponent is of
THRESHOLDS = {"square": 1.7, "line": 1.3, "apart": 0.3}


@dataclass(frozen=True)
class CostJob:
    """Calls of one way to mix, or of one whole model, at a length; `turn` counts measurements of the same."""

    way: str
    length: int
    turn: int

    def __post_init__(self) -> None:
        if self.way not in WAYS:
            raise ValueError(f"way is {self.way!r}, and must be one of: {', '.join(WAYS)}")
        check_fields(self, length=1, turn=0)


def call_of(job: CostJob) -> Callable[[], object]:
    """Return the call of a job, with random numbers in it."""
    torch.manual_seed(job.turn)
    if job.way not in MODELS:
        return ways_to_mix()[job.way](job.length)
    config = ModelConfig(n_layers=2, d_model=32, n_heads=2, d_ff=96, vocab_size=200, context_length=max(LENGTHS))
    architecture = MODELS[job.way]
    model = ARCHITECTURES[architecture](of_equal_size(architecture, config)).eval()
    ids = torch.randint(200, (1, job.length))
    return lambda: model(ids)


def run_cost_job(job: CostJob) -> dict[str, Any]:
    """Return processor seconds of the faster of two calls on one thread, and the bytes of all tensors made."""
    call = call_of(job)
    with one_thread():
        seconds = fastest_seconds(call, repeats=2)
        return {"seconds": seconds, "bytes": allocated_bytes(call)}


def lengths_of(way: str, lengths: Sequence[int]) -> list[int]:
    """Return the lengths at which a way is measured: those whose tables fit into memory."""
    return [length for length in lengths if way != WRITTEN_OUT or length <= LONGEST_TABLE]


def jobs(size: str) -> list[CostJob]:
    """Return the jobs of the recorded or the live size, all of one turn together."""
    turns, lengths = (1, LIVE_LENGTHS) if size == "live" else (TURNS, LENGTHS)
    return [
        CostJob(way, n, turn)
        for turn in range(turns)
        for way in WAYS
        for n in lengths_of(way, lengths)[-3 if turn else 0 :]
    ]


def stages(size: str) -> Sequence[Stage]:
    """Return the stage of the recorded or the live size."""
    return [Stage("calls", CostJob, run_cost_job, lambda _: jobs(size))]


def costs(runs: Iterable[Run], way: str, key: str) -> dict[int, dict[int, float]]:
    """Return "seconds" or "bytes" of a way by turn and length."""
    found: dict[int, dict[int, float]] = {}
    for run in runs:
        if run.job.way == way:
            found.setdefault(run.job.turn, {})[run.job.length] = run.result[key]
    return {turn: dict(sorted(values.items())) for turn, values in sorted(found.items())}


def exponents(runs: Iterable[Run], way: str, key: str = "seconds") -> list[float]:
    """Return the exponent over the longest three lengths, one for each turn."""
    of_turn = costs(runs, way, key).values()
    return [fitted_exponent(list(values)[-3:], list(values.values())[-3:]) for values in of_turn]


def three_parts(lengths: Sequence[float], seconds: Sequence[float]) -> tuple[float, float, float]:
    """Return a, b and c, none below 0, of seconds = a + b T + c T**2, fitted to relative errors.

    Raises:
        ValueError: fewer than three lengths, lengths that differ in number, or a number that is not above 0.
    """
    x, y = an_array(lengths, "lengths"), an_array(seconds, "seconds")
    if x.shape != y.shape or len(x) < 3:
        raise ValueError(f"lengths has {x.size} entries and seconds {y.size}: three of each are needed at least")
    if min(x.min(), y.min()) <= 0:
        raise ValueError(f"lengths and seconds must be above 0, not {min(x.min(), y.min())}")
    columns = np.stack([np.ones_like(x, dtype=float), x, x**2.0], 1)
    sizes = columns.max(0)  # so that no column is tiny beside the others
    found, _ = nnls(columns / sizes / y[:, None], np.ones(len(y)))
    a, b, c = found / sizes
    return float(a), float(b), float(c)


def rule(results: Results) -> str:
    """Return the outcome: does attention's time grow with the square of the length, and the scan's with the length?"""
    runs = results["calls"]
    slow, quick = (mean_interval(exponents(runs, way)) for way in (FUSED, SCAN))
    apart = paired_difference(exponents(runs, FUSED), exponents(runs, SCAN))
    if slow.low > THRESHOLDS["square"] and quick.high < THRESHOLDS["line"]:
        return HOLDS
    if apart.low > THRESHOLDS["apart"]:
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if apart.high < THRESHOLDS["apart"] else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated times: the exponents of attention and of the scan, and the noise of a call."""
    # A tenth is the noise of a call that a first run of three turns had, on a machine that did other things too.
    cases = {HOLDS: (1.95, 1.05, 0.1), HOLDS_IN_PART: (1.5, 1.02, 0.1), DOES_NOT_HOLD: (1.05, 1.02, 0.1)}
    slow, quick, noise = cases.get(outcome, (1.4, 1.1, 0.8))
    draws = np.random.default_rng(seed)
    powers = dict.fromkeys(WAYS, quick) | {WRITTEN_OUT: slow, FUSED: slow, "transformer, whole": slow}
    return {
        "calls": [
            Run(job, {"seconds": 1e-6 * job.length ** powers[job.way] * float(np.exp(noise * draws.normal()))})
            for job in jobs("recorded")
        ]
    }


def findings(results: Results) -> Mapping[str, Any]:
    """Return for each way its exponents, and its least seconds and bytes at each length.

    Seconds depend on the machine and the moment; what is compared when a record is checked are the bytes.
    """
    runs, found = results["calls"], {}
    for way in WAYS:
        seconds, made = costs(runs, way, "seconds"), costs(runs, way, "bytes")
        lengths = list(seconds[0])
        least = [min(values[n] for values in seconds.values() if n in values) for n in lengths]
        time = mean_interval(exponents(runs, way))
        found[way] = {
            "lengths": lengths,
            "seconds": least,
            "bytes": list(made[0].values()),
            "time exponent": [time.mean, time.low, time.high],
            "memory exponent": float(np.mean(exponents(runs, way, "bytes"))),
            "parts": list(three_parts(lengths, least)),
        }
    return found


def overhead_share(found: Mapping[str, Any], length: int) -> float:
    """Return which share of a way's fitted time at a length is the fixed part.

    Args:
        found: a way's entry of the findings.
        length: in tokens.
    """
    a, b, c = found["parts"]
    return a / (a + b * length + c * length**2)


COST = Recipe(
    notebook="03",
    row=35,
    title="time and memory of four ways to mix and of two whole models at 64 to 16,384 tokens",
    stages=stages,
    design=Design(
        claim="Mamba's computation grows linearly with the length of the sequence, a transformer's quadratically.",
        measure="Exponent of the processor time of one layer's mixing over the longest three lengths, to 16,384.",
        control="Attention with its table written out, linear attention, and whole models of equal size.",
        unit="Turns, eight, each with all ways; Student's t interval.",
        rule_text=(
            "Holds: the exponent of fused attention lies above 1.7 and that of the selective scan below 1.3, each with"
            " the whole interval. In part: attention's is over 0.3 larger. Does not hold: the difference lies below"
            " 0.3. Otherwise it cannot be told. Lengths at which a call is mostly overhead do not count."
        ),
        thresholds=THRESHOLDS,
        effect="An exponent of 1.95 against one of 1.05.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=(
        *(f"utils.experiments.block.{name}" for name in ("cost_recipe", "costs", "mixing", "sequence_tasks")),
        *(f"utils.models.{name}" for name in ("attention", "linear_attention", "scan", "state_space")),
    ),
)
