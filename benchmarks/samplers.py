"""Samplers against `transformers`' processors: same logits, same settings, same threads, in one run.

    python benchmarks/samplers.py [--threads 1] [--rounds 7] [--clock wall|processor] [--json FILE]

A chain of processors ends with what `generate` of transformers does after it, softmax and `torch.multinomial`; the
course's ends with its own draw. Logits are `peaked`, as of a language model that knows what comes next, or `flat`,
where most of the vocabulary matters. Both sides take turns; a row gives the median time of each, the median of the
rounds' ratios and their range. Nothing is written unless --json names a file.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers.generation.logits_process import (
    LogitsProcessorList,
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from utils.decoding.samplers import MinP, Sampler, Temperature, TopK, TopP

VOCABULARY, BATCH = 128_256, 32
CHAINS: dict[str, tuple[Sampler, LogitsProcessorList]] = {
    "temperature 0.7": (Temperature(0.7), LogitsProcessorList([TemperatureLogitsWarper(0.7)])),
    "temperature 0.7, top-k 50": (
        Temperature(0.7) | TopK(50),
        LogitsProcessorList([TemperatureLogitsWarper(0.7), TopKLogitsWarper(50)]),
    ),
    "temperature 0.7, top-p 0.9": (
        Temperature(0.7) | TopP(0.9),
        LogitsProcessorList([TemperatureLogitsWarper(0.7), TopPLogitsWarper(0.9)]),
    ),
    "temperature 0.7, min-p 0.05": (
        Temperature(0.7) | MinP(0.05),
        LogitsProcessorList([TemperatureLogitsWarper(0.7), MinPLogitsWarper(0.05)]),
    ),
    "temperature 0.7, top-k 50, top-p 0.9": (
        Temperature(0.7) | TopK(50) | TopP(0.9),
        LogitsProcessorList([TemperatureLogitsWarper(0.7), TopKLogitsWarper(50), TopPLogitsWarper(0.9)]),
    ),
}


def made_logits() -> dict[str, Tensor]:
    """Return the two kinds of logits (BATCH, VOCABULARY) with fixed random numbers."""
    generator = torch.Generator().manual_seed(0)
    flat = torch.randn(BATCH, VOCABULARY, generator=generator)
    # Probabilities that fall with the rank to the power -1.5 on a random order of the tokens, and noise.
    ranks = torch.rand(BATCH, VOCABULARY, generator=generator).argsort(-1) + 1
    return {"peaked": flat - 1.5 * ranks.log(), "flat": flat}


def seconds(action: Callable[[], Any], clock: Callable[[], float]) -> float:
    """Return how long an action takes."""
    start = clock()
    action()
    return clock() - start


def compare(
    name: str, kind: str, logits: Tensor, draws: bool, rounds: int, clock: Callable[[], float]
) -> dict[str, Any]:
    """Return the times of both sides for one chain, with or without the final draw."""
    mine, theirs = CHAINS[name]
    no_ids = torch.empty(BATCH, 0, dtype=torch.long)

    def transformers() -> Tensor:
        scores = theirs(no_ids, logits)
        return scores.softmax(-1).multinomial(1)[:, 0] if draws else scores

    def course() -> Tensor:
        return mine(logits) if draws else mine.transform(logits)

    course(), transformers()
    times = [(seconds(transformers, clock), seconds(course, clock)) for _ in range(rounds)]
    ratios = sorted(slow / fast for slow, fast in times)
    return {
        "chain": name,
        "logits": kind,
        "draws": draws,
        "transformers_ms": 1e3 * statistics.median(slow for slow, _ in times),
        "course_ms": 1e3 * statistics.median(fast for _, fast in times),
        "ratio": statistics.median(ratios),
        "lowest": ratios[0],
        "highest": ratios[-1],
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    options = parser.parse_args()
    clock = {"wall": time.perf_counter, "processor": time.process_time}[options.clock]
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    rows = [
        compare(name, kind, logits, draws, options.rounds, clock)
        for draws in (True, False)
        for kind, logits in made_logits().items()
        for name in CHAINS
    ]
    print(f"{BATCH} rows of {VOCABULARY:,} logits, {options.threads} threads, times in ms\n")
    print("| chain | logits | with draw | transformers | course | ratio | range |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['chain']} | {row['logits']} | {'yes' if row['draws'] else 'no'} | {row['transformers_ms']:.1f} | "
            f"{row['course_ms']:.1f} | {row['ratio']:.1f} | {row['lowest']:.1f} to {row['highest']:.1f} |"
        )
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
