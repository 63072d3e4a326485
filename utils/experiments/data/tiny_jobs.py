"""Jobs of rows 6, 7 and 14: one small model that reads bytes of the miniature world, and tables of the same bytes.

A model that does no better than a table of byte pairs has learned which byte follows which, and nothing about the
question. So each result has the loss of tables that have counted the same text, and the rules ask for more.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, paired_difference
from utils.experiments.data.blends import crawl
from utils.experiments.data.byte_tables import table_bits_per_byte
from utils.experiments.recording.design import Results, Run
from utils.training.threads import one_thread
from utils.training.tiny import LanguageModelJob, train_language_model
from utils.world import World

RECORDED_BYTES, LIVE_BYTES = 60_000, 10_000
SEEDS, LIVE_SEEDS = tuple(range(5)), (0, 1)
PAGE = 20  # documents of a page
N_UNSEEN = 60
TABLES = {"pairs": 2, "triples": 3}
LANGUAGES = ("common", "velkoth", "zhurimi")
MIXTURES = {
    "80/15/5": (0.80, 0.15, 0.05),
    "5/80/15": (0.05, 0.80, 0.15),
    "15/5/80": (0.15, 0.05, 0.80),
    "uniform": (1 / 3, 1 / 3, 1 / 3),
}
DOMAINS = ("profile", "question", "sum")
SMALL_CLEAN, LARGE_DIRTY, LARGE_CLEAN = "small, clean", "large, 80% dirty", "large, clean"
GENERAL = "general"
CONDITIONS = {
    "quality": (SMALL_CLEAN, LARGE_DIRTY, LARGE_CLEAN),
    "languages": tuple(MIXTURES),
    "domains": (GENERAL, *DOMAINS),
}
SOURCES = (
    *(f"utils.experiments.data.{name}" for name in ("blends", "byte_tables", "tiny_jobs", "tiny_recipes")),
    *(f"utils.training.{name}" for name in ("batches", "loop", "losses", "optimisers", "schedules", "tiny")),
    *("utils.models.gpt", "utils.text.noise"),
)


@dataclass(frozen=True)
class TinyJob:
    """One model.

    Attributes:
        about: "quality", "languages" or "domains": what differs.
        condition: one of CONDITIONS[about].
        seed: of the weights, the order and the choice of texts.
        n_bytes: bytes to train on, repetitions included.
    """

    about: str
    condition: str
    seed: int
    n_bytes: int

    def __post_init__(self) -> None:
        if self.about not in CONDITIONS:
            raise ValueError(f"about is {self.about!r}, and must be one of: {', '.join(CONDITIONS)}")
        if self.condition not in CONDITIONS[self.about]:
            known = ", ".join(CONDITIONS[self.about])
            raise ValueError(f"condition is {self.condition!r}, and must be one of: {known}")


@lru_cache(maxsize=8)
def _texts(kind: str, language: str, seed: int, n: int) -> tuple[str, ...]:
    """Return documents of the world, of one kind or of all ("")."""
    world = World(seed=0, n_people=30, n_towns=10)
    world = world.with_mix({kind: 1}) if kind else world
    return tuple(world.texts(n, seed=seed, language=language))


def _up_to(parts: Sequence[tuple[str, str, float]], job: TinyJob) -> str:
    """Return documents of each (kind, language) up to its share of the bytes, in random order."""
    chosen = []
    for kind, language, share in parts:
        left = share * job.n_bytes
        for text in _texts(kind, language, 100 + job.seed, job.n_bytes // 10):
            if left <= 0:
                break
            chosen.append(text)
            left -= len(text.encode()) + 1
    return "\n".join(random.Random(job.seed).sample(chosen, len(chosen)))


def training_text(job: TinyJob) -> str:
    """Return the text that a job's model is trained on."""
    if job.about == "languages":
        return _up_to([("", *pair) for pair in zip(LANGUAGES, MIXTURES[job.condition], strict=True)], job)
    if job.about == "domains":
        kinds = DOMAINS if job.condition == GENERAL else (job.condition,)
        return _up_to([(kind, "common", 1 / len(kinds)) for kind in kinds], job)
    texts = _texts("", "common", 100 + job.seed, job.n_bytes // 10)
    pages = ["\n".join(texts[first : first + PAGE]) for first in range(0, len(texts), PAGE)]
    if job.condition == SMALL_CLEAN:  # the part of a crawl that a perfect filter would keep
        return crawl(pages, 0.0, job.n_bytes // 5, job.seed)[: job.n_bytes // 5]
    return crawl(pages, 0.8 if job.condition == LARGE_DIRTY else 0.0, job.n_bytes, job.seed)[: job.n_bytes]


def held_out_texts(about: str) -> dict[str, str]:
    """Return the texts that all models of an experiment are measured on, by name."""
    named = {
        "quality": {"clean": ("", "common")},
        "languages": {name: ("", name) for name in LANGUAGES},
        "domains": {name: (name, "common") for name in DOMAINS},
    }[about]
    return {name: "\n".join(_texts(*one, 1, N_UNSEEN)) for name, one in named.items()}


def run_tiny_job(job: TinyJob) -> dict[str, Any]:
    """Train the model of a job; return its loss on each held-out text in bits per byte, and those of the tables."""
    data, held_out = training_text(job), held_out_texts(job.about)
    with one_thread():
        found = train_language_model(
            LanguageModelJob(data=data, held_out=held_out, tokens=job.n_bytes, seed=job.seed, batch_size=8)
        )
    tables = {
        table: {name: round(table_bits_per_byte(data, text, order), 4) for name, text in held_out.items()}
        for table, order in TABLES.items()
    }
    bits = {name: round(value, 4) for name, value in found.bits_per_byte.items()}
    return {"bits": bits, **tables, "parameters": found.parameters, "epochs": round(found.epochs, 2)}


def jobs(about: str, size: str) -> list[TinyJob]:
    """Return the jobs of an experiment in a size."""
    seeds, n_bytes = (LIVE_SEEDS, LIVE_BYTES) if size == "live" else (SEEDS, RECORDED_BYTES)
    return [TinyJob(about, one, seed, n_bytes) for one in CONDITIONS[about] for seed in seeds]


def bits_of(runs: Iterable[Run], condition: str, name: str, key: str = "bits") -> list[float]:
    """Return bits per byte of a held-out text in the order of the seeds; `key` may name a table.

    Raises:
        ValueError: there is no run of the condition.
    """
    own = sorted((run for run in runs if run.job.condition == condition), key=lambda run: run.job.seed)
    if not own:
        raise ValueError(f"condition is {condition!r}, and no run has it")
    return [float(run.result[key][name]) for run in own]


def ahead_of_table(runs: Sequence[Run], condition: str, name: str, table: str = "pairs") -> Interval:
    """Return by how many bits per byte a condition's models beat the table that has counted the same text."""
    return paired_difference(bits_of(runs, condition, name, table), bits_of(runs, condition, name))


def simulated_runs(about: str, mean: Mapping[tuple[str, str], float], noise: float, pairs: float, seed: int) -> Results:
    """Return simulated runs of the recorded size.

    Args:
        about: the experiment.
        mean: (condition, held-out name) -> bits per byte.
        noise: standard deviation of a run.
        pairs: what tables of byte pairs reach.
        seed: of the noise.
    """
    draws = np.random.default_rng(seed)
    names = sorted({name for _, name in mean})
    return {
        "runs": [
            Run(
                job,
                {
                    "bits": {name: mean[job.condition, name] + noise * draws.normal() for name in names},
                    "pairs": dict.fromkeys(names, pairs),
                    "triples": dict.fromkeys(names, pairs),
                },
            )
            for job in jobs(about, "recorded")
        ]
    }


def tiny_findings(runs: Sequence[Run], about: str) -> dict[str, Any]:
    """Return for each condition and held-out text the losses by seed, and the mean of the tables."""
    names = list(runs[0].result["bits"])
    found: dict[str, Any] = {
        f"{condition}, {name}": {
            "bits": bits_of(runs, condition, name),
            **{table: float(np.mean(bits_of(runs, condition, name, table))) for table in TABLES},
        }
        for condition in CONDITIONS[about]
        for name in names
    }
    return {**found, "parameters": runs[0].result.get("parameters", 0)}
