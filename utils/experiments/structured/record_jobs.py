"""Jobs of the recorded runs about records: some notes of one kind, written in one way, and what the outputs are worth.

All ways write the same notes, so that two ways can be compared note by note. Worked examples and training notes come
from one pool (`record_pool`), which holds none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from utils.decoding.checked import check_fields, checked
from utils.decoding.generation import generate
from utils.decoding.grammar import Constraint, json_document
from utils.evaluation.intervals import Interval, paired_difference
from utils.experiments.recording.design import Results, Run
from utils.experiments.structured.finetuned_models import ADAPTER_STEPS
from utils.experiments.structured.real_model import decoder, smollm2, spellings
from utils.experiments.structured.repairs import parsed
from utils.experiments.structured.structured_outputs import pretrained_writer, share
from utils.training.base_models import base_world
from utils.training.threads import one_thread
from utils.world import RECORD_KINDS, RecordTask, check_record, draw_record_tasks

NOTES_SEED, NOTES_OF_A_KIND, CHUNK = 47, 48, 24
LIMITS = {"order": 96, "visit": 60, "notice": 44}
"""Most new tokens by kind: the longest right record takes 87, 54 and 32."""
EXAMPLES = {"0 examples": 0, "1 example": 1, "3 examples": 3, "any JSON": 3}
ADAPTED = {f"{steps} steps": steps for steps in ADAPTER_STEPS}
WAYS = (*EXAMPLES, *ADAPTED)


@dataclass(frozen=True)
class NotesJob:
    """Some notes of a kind, written in one way.

    Attributes:
        way: one of `WAYS`: a prompt with so many worked examples, free or under a mask for any JSON object; or the
            short prompt of a model that was finetuned for so many steps.
        kind: of record.
        first, n: which of the kind's notes.
    """

    way: str
    kind: str
    first: int
    n: int

    def __post_init__(self) -> None:
        check_fields(self, first=0, n=1)
        if self.way not in WAYS or self.kind not in RECORD_KINDS:
            raise ValueError(f"way and kind must be among {WAYS} and {RECORD_KINDS}, not {self.way!r}, {self.kind!r}")


@checked
@cache
def test_notes(kind: str) -> tuple[RecordTask, ...]:
    """Return the notes of a kind that every way writes as records."""
    return tuple(draw_record_tasks(base_world(), NOTES_OF_A_KIND, seed=NOTES_SEED, kinds=(kind,)))


test_notes.__test__ = False  # type: ignore[attr-defined]  # no test, whatever pytest thinks of its name


def whole_after(ids: list[int]) -> int:
    """Return after how many of its tokens an output first parses as JSON, 0 for never."""
    texts = (smollm2().decode(ids[:n], skip_special_tokens=True) for n in range(1, len(ids) + 1))
    return next((n for n, text in enumerate(texts, 1) if text.rstrip()[-1:] == "}" and parsed(text) is not None), 0)


def run_notes(job: NotesJob) -> dict[str, Any]:
    """Return for each note whether its output is JSON, valid and correct, its right fields, tokens, and its end.

    `whole` is the number of tokens after which the output first parses, 0 for never; `ended`: the model ended it.
    """
    tasks = test_notes(job.kind)[job.first : job.first + job.n]
    steps = ADAPTED.get(job.way, 0)
    with one_thread():
        writer = pretrained_writer(smollm2(), decoder(steps), spellings(), None if steps else EXAMPLES[job.way])
        mask = Constraint(json_document(only_objects=True), spellings()) if job.way == "any JSON" else None
        rows = generate(
            writer.decoder,
            [writer.prompt(task) for task in tasks],
            LIMITS[job.kind],
            stop_ids=writer.stop_ids,
            adjust=None if mask is None else mask.adjust,
        )
    checks = [check_record(task, writer.spell(row.ids)) for task, row in zip(tasks, rows, strict=True)]
    return {
        "json": [int(one.is_json) for one in checks],
        "valid": [int(one.is_valid) for one in checks],
        "correct": [int(one.is_correct) for one in checks],
        "fields": [round(one.field_accuracy, 4) for one in checks],
        "tokens": [len(row.ids) for row in rows],
        "ended": [int(row.finish == "stop") for row in rows],
        "whole": [whole_after(row.ids) for row in rows],
    }


def notes_jobs(ways: Iterable[str], n: int = NOTES_OF_A_KIND, chunk: int = CHUNK) -> list[NotesJob]:
    """Return jobs that write the first n notes of every kind in each of the ways."""
    return [
        NotesJob(way, kind, first, min(chunk, n - first))
        for way in ways
        for kind in RECORD_KINDS
        for first in range(0, n, chunk)
    ]


def column(results: Results, way: str, key: str, kind: str | None = None) -> np.ndarray:
    """Return one value for each note that was written in a way, kind after kind, in the same order for every way."""
    chosen = sorted(
        (RECORD_KINDS.index(run.job.kind), run.job.first, place)
        for place, run in enumerate(results["notes"])
        if run.job.way == way and kind in (None, run.job.kind)
    )
    return np.array([x for *_, place in chosen for x in results["notes"][place].result[key]], dtype=float)


def gain(results: Results, way: str, other: str, key: str) -> Interval:
    """Return what a way is better than another by, note by note."""
    return paired_difference(column(results, way, key).tolist(), column(results, other, key).tolist())


def shares_of(results: Results, way: str) -> dict[str, list[float]]:
    """Return shares of JSON, valid and correct outputs and of right fields, each as mean, low, high."""
    found = {key: share(column(results, way, key)) for key in ("json", "valid", "correct", "fields")}
    return {key: [one.mean, one.low, one.high] for key, one in found.items()}


def valid_by_kind(results: Results, way: str) -> dict[str, float]:
    """Return the share of valid outputs by kind of record."""
    return {kind: float(column(results, way, "valid", kind).mean()) for kind in RECORD_KINDS}


def simulated_notes(chances: dict[str, float], seed: int, fields: dict[str, float] | None = None) -> list[Run]:
    """Return simulated outputs, valid with a chance by way, and (right fields) uniform around a mean by way.

    Notes are hard or easy for every way alike, as they are in fact: a note's luck is shared in three of four.
    """
    draws = np.random.default_rng(seed)
    luck = {kind: draws.random(NOTES_OF_A_KIND) for kind in RECORD_KINDS}
    made = []
    for job in notes_jobs(chances):
        own = draws.random(job.n)
        shared = draws.random(job.n) < 0.75
        level = np.where(shared, luck[job.kind][job.first : job.first + job.n], own)
        valid = (level < chances[job.way]).astype(int).tolist()
        mean = (fields or chances)[job.way]
        right = np.clip(mean + 0.25 * (2 * draws.random(job.n) - 1), 0, 1).tolist()
        made.append(Run(job, {"json": valid, "valid": valid, "correct": [0] * job.n, "fields": right}))
    return made
