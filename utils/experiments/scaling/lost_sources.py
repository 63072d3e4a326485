"""Row 57: the best sources go, and as much text of the others takes their place.

The text of a crawl comes from sources of different quality. Here it comes from a hundred, all of equal size: in the
best one every word stands as the world wrote it, in the worst one a good part are replaced by words drawn from the text
at random, and quality falls evenly between the two. The good text that models are measured on is the world's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from utils.experiments.recording.design import Run
from utils.experiments.scaling.rows import nats_per_token, parameters_of, rows_of, small_gpt, teach
from utils.training.threads import one_thread
from utils.world import World

N_SOURCES = 100
SELECTIONS = ("best", "random")
WIDTH, BATCH_ROWS, HELD_OUT = 32, 32, 3000
FIRST_TEXT, TEST_TEXT = 100, 2
WORLD_OPTIONS: dict[str, Any] = {
    "seed": 0, "n_people": 200, "n_towns": 20, "max_facts": 1, "mix": {"profile": 1},
    "relations": ("home", "trade", "animal"),
}  # fmt: skip


@dataclass(frozen=True)
class SourcesJob:
    """One model.

    Attributes:
        lost: share of the sources that are gone, rounded to whole ones; 0 for none.
        selection: which ones: the "best", or a "random" choice of as many.
        worst: share of replaced words in the worst source.
        documents: read once; the same number whatever is lost.
        seed: of text, choice and weights; with one seed the documents are the same before words are replaced.
    """

    lost: float
    selection: str
    worst: float
    documents: int
    seed: int

    def __post_init__(self) -> None:
        if not 0 <= self.lost < 1:
            raise ValueError(f"lost is a share from 0 to below 1, not {self.lost}")
        if self.selection not in SELECTIONS:
            raise ValueError(f"selection must be one of {', '.join(SELECTIONS)}, not {self.selection!r}")
        if not 0 <= self.worst <= 1:
            raise ValueError(f"worst is a share from 0 to 1, not {self.worst}")
        if self.documents < BATCH_ROWS:
            raise ValueError(f"documents must be at least {BATCH_ROWS}, not {self.documents}")


def sources_left(job: SourcesJob) -> np.ndarray:
    """Return the numbers of the sources that remain; 0 is the best."""
    n_lost = round(job.lost * N_SOURCES)
    if job.selection == "best":
        return np.arange(n_lost, N_SOURCES)
    return np.sort(np.random.default_rng([58, job.seed]).permutation(N_SOURCES)[n_lost:])


@lru_cache(maxsize=1)
def _world() -> World:
    return World(**WORLD_OPTIONS)


@lru_cache(maxsize=2)
def _documents(n_documents: int, seed: int) -> list[list[int]]:
    world = _world()
    return [world.vocabulary.encode(document.text) for document in world.documents(n_documents, seed=seed)]


def crawled(job: SourcesJob) -> list[list[int]]:
    """Return the training text: each document from a source that is left, with that source's share of wrong words."""
    documents = _documents(job.documents, FIRST_TEXT + job.seed)
    draws = np.random.default_rng([59, job.seed])
    pool = np.concatenate([np.array(document) for document in documents])
    rates = np.linspace(0, job.worst, N_SOURCES)
    left = sources_left(job)
    # The same draws for every job of a seed: what differs between two jobs is the choice of sources alone.
    places = draws.random(len(documents))
    text = []
    for document, place in zip(documents, places, strict=True):
        chance, words = draws.random(len(document)), draws.choice(pool, len(document))
        wrong = chance < rates[left[int(place * len(left))]]
        text.append(np.where(wrong, words, document).tolist())
    return text


def train_sources_run(job: SourcesJob) -> dict[str, Any]:
    """Train one model on a crawl and measure it on good text.

    Returns:
        parameters: N. tokens: D. loss: on the world's own documents, nats per token. entropy: the world's own loss on
        them. wrong: mean share of replaced words in the sources that are left.
    """
    world, end = _world(), _world().vocabulary.end_of_text_id
    text = crawled(job)
    held_out = list(world.documents(HELD_OUT, seed=TEST_TEXT))
    good = [world.vocabulary.encode(document.text) for document in held_out]
    length = max(map(len, [*text, *good])) + 1
    with one_thread():
        model = small_gpt(WIDTH, len(world.vocabulary), length, job.seed)
        rows = rows_of(text, end, length)
        teach(model, rows, 1, BATCH_ROWS, job.seed)
        test = rows_of(good, end, length)
        loss = nats_per_token(model, test)
    return {
        "parameters": parameters_of(model),
        "tokens": rows.tokens,
        "loss": loss,
        "entropy": -sum(document.log_probability for document in held_out) / test.tokens,
        "wrong": float(np.linspace(0, job.worst, N_SOURCES)[sources_left(job)].mean()),
    }


def excess(runs: Sequence[Run], lost: float, selection: str, worst: float) -> list[float]:
    """Return for each seed by how much the loss is higher than with all sources, in nats per token.

    Raises:
        ValueError: there are no such runs.
    """
    chosen = {
        run.job.seed: run.result["loss"]
        for run in runs
        if (run.job.lost, run.job.selection, run.job.worst) == (lost, selection, worst)
    }
    whole = {run.job.seed: run.result["loss"] for run in runs if run.job.lost == 0 and run.job.worst == worst}
    if not chosen:
        raise ValueError(f"no run has lost {lost} of the sources by {selection!r} choice with worst {worst}")
    return [chosen[seed] - whole[seed] for seed in sorted(chosen)]


def sources_jobs(losses: Sequence[float], worsts: Sequence[float], documents: int, seeds: int) -> list[SourcesJob]:
    """Return a model with all sources, and one for each share and way of losing them, for each `worst` and seed."""
    jobs = []
    for seed in range(seeds):
        for worst in worsts:
            jobs.append(SourcesJob(0.0, "best", worst, documents, seed))
            jobs += [SourcesJob(lost, how, worst, documents, seed) for lost in losses for how in SELECTIONS]
    return jobs
