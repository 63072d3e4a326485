"""Row 55: models trained on what the model before them wrote, held against the world's exact probabilities.

The world is small enough to list every text that it can write, with its probability. So nothing about a model has to
be estimated from samples: its probability for each of these texts is added up, over all of them (how much of what it
writes is true) and over the rarest, which together hold a fifth of the world's probability (the tail).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from utils.experiments.recording.design import Run
from utils.experiments.scaling.rows import Rows, parameters_of, rows_of, small_gpt, teach, token_nats, written
from utils.training.threads import one_thread
from utils.world import World

TEXTS = ("replaced", "half fresh")
TAIL_SHARE = 0.2
WIDTH, PASSES, BATCH_ROWS = 32, 8, 32
FIRST_TEXT = 100  # by the world's convention: training texts; 0 to 2 are for others
WORLD_OPTIONS: dict[str, Any] = {
    "seed": 0, "n_people": 100, "n_towns": 12, "max_facts": 1, "mix": {"profile": 1}, "paraphrases": 1,
    "relations": ("home", "trade", "animal"), "held_out_people": 0.0, "held_out_facts": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class ChainJob:
    """A chain of models.

    Attributes:
        text: "replaced": each model reads only what the one before it wrote; "half fresh": half of that, and half
            newly written by the world.
        generations: models in the chain; the first reads the world's own text.
        documents: in each model's text.
        seed: of the world's texts, the weights and the sampling.
    """

    text: str
    generations: int
    documents: int
    seed: int

    def __post_init__(self) -> None:
        if self.text not in TEXTS:
            raise ValueError(f"text must be one of {', '.join(TEXTS)}, not {self.text!r}")
        for name, least in (("generations", 2), ("documents", 2 * BATCH_ROWS)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")


@dataclass(frozen=True)
class AllTexts:
    """Everything that the world can write: rows, their exact probabilities (R,), and which (R,) are the tail."""

    rows: Rows
    probabilities: np.ndarray
    tail: np.ndarray


def tail_of(probabilities: np.ndarray, share: float = TAIL_SHARE) -> np.ndarray:
    """Return which texts (R,) are the rarest, as many as hold at most `share` of the probability together."""
    order = np.argsort(probabilities, kind="stable")
    tail = np.zeros(len(probabilities), dtype=bool)
    tail[order[np.cumsum(probabilities[order]) <= share]] = True
    return tail


@lru_cache(maxsize=1)
def _world() -> World:
    return World(**WORLD_OPTIONS)


@lru_cache(maxsize=1)
def all_texts() -> AllTexts:
    """Return the texts of the chains' world."""
    world = _world()
    listed = world.enumerate()
    documents = [world.vocabulary.encode(text) for text in listed]
    probabilities = np.array(list(listed.values()))
    rows = rows_of(documents, world.vocabulary.end_of_text_id, max(map(len, documents)) + 1)
    return AllTexts(rows, probabilities, tail_of(probabilities))


def _from_world(n_documents: int, seed: int) -> list[list[int]]:
    world = _world()
    return [world.vocabulary.encode(document.text) for document in world.documents(n_documents, seed=seed)]


def train_chain(job: ChainJob) -> dict[str, Any]:
    """Train a chain of models, each with fresh weights, and compare each with the world.

    Returns:
        parameters: N of each model. For each generation: true: probability of writing something that the world could
        have written. tail: probability of the tail under the model, over its probability under the world (1: kept,
        0: forgotten). excess: KL(world || model), nats per document above the world's entropy. seen: share of the
        tail's texts that stand at least once in what the model has read.
    """
    known = all_texts()
    end, length = _world().vocabulary.end_of_text_id, known.rows.inputs.shape[1]
    entropies = known.probabilities * np.log(known.probabilities)
    text = _from_world(job.documents, FIRST_TEXT + 1000 * job.seed)
    found: dict[str, list[float]] = {"true": [], "tail": [], "excess": [], "seen": []}
    with one_thread():
        for generation in range(job.generations):
            seed = 100 * job.seed + generation
            model = small_gpt(WIDTH, len(_world().vocabulary), length, seed)
            teach(model, rows_of(text, end, length), PASSES, BATCH_ROWS, seed)
            log_p = -token_nats(model, known.rows).sum(1).double().numpy()
            found["true"].append(float(np.exp(log_p).sum()))
            tail = np.exp(log_p[known.tail]).sum() / known.probabilities[known.tail].sum()
            found["tail"].append(float(tail))
            found["excess"].append(float((entropies - known.probabilities * log_p).sum()))
            found["seen"].append(_share_seen(text, known))
            text = written(model, job.documents, end, seed)
            text = [document[: length - 1] for document in text]
            if job.text == "half fresh":
                half = job.documents // 2
                fresh = _from_world(half, FIRST_TEXT + 1000 * job.seed + generation + 1)
                text = text[: job.documents - half] + fresh
    rounded = {name: [round(value, 5) for value in values] for name, values in found.items()}
    return {"parameters": parameters_of(model), **rounded}


def _share_seen(text: Sequence[Sequence[int]], known: AllTexts) -> float:
    """Return the share of the tail's texts that stand in `text`."""
    read = {tuple(document) for document in text}
    lengths = (known.rows.targets[known.tail] >= 0).sum(1) - 1
    pairs = zip(known.rows.targets[known.tail].tolist(), lengths.tolist(), strict=True)
    return sum(tuple(ids[:length]) in read for ids, length in pairs) / int(known.tail.sum())


def expected_seen(documents: int) -> float:
    """Return the share of the tail's texts that stand in so many documents of the world, exactly expected."""
    known = all_texts()
    absent = (documents * np.log1p(-known.probabilities[known.tail])).tolist()
    return 1 - sum(map(math.exp, absent)) / len(absent)


def kept(runs: Sequence[Run], text: str) -> list[float]:
    """Return for each seed the last model's probability of the tail over the first one's."""
    mine = sorted((run for run in runs if run.job.text == text), key=lambda run: run.job.seed)
    return [run.result["tail"][-1] / run.result["tail"][0] for run in mine]


def chain_jobs(generations: int, documents: int, seeds: int) -> list[ChainJob]:
    """Return both kinds of chain for each seed; with one seed both have the same first model."""
    return [ChainJob(text, generations, documents, seed) for seed in range(seeds) for text in TEXTS]
