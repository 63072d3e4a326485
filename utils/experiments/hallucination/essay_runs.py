"""A service that scores essays, four ways to make it say the same again, and four things that may change meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from torch import Tensor

from utils.decoding.checked import check_fields, checked
from utils.decoding.samplers import Choose, Temperature, greedy
from utils.evaluation.consistency import consistency
from utils.experiments.hallucination.essays import SCORES, essay_prompts, score_logits, some_essays

CURES = ("none", "cache", "temperature 0", "seed")
CHANGES = ("nothing", "other words", "other company", "another machine")
SAME = CHANGES[0]
TEMPERATURES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
FAR = 2  # points between two scores of one essay
# What stands behind a request: the wording, and the version of the model.
Source = tuple[int, str]
WORDED, OTHERWISE, ELSEWHERE = (0, "float32"), (1, "float32"), (0, "int8")


@lru_cache(maxsize=8)
def logits_of(n: int, source: Source) -> tuple[Tensor, Tensor]:
    """Return what `score_logits` gives for n essays, asked in a wording and served in a version; kept in memory."""
    wording, version = source
    return score_logits(essay_prompts(some_essays(n), wording), version)


class EssayService:
    """Scores essays by drawing at temperature 1 from the chances of the five scores.

    Args:
        cure: one of CURES. A cache keeps the answer to every request; temperature 0 takes the likeliest score; a fixed
            seed starts the same random numbers at each call.
        seed: the fixed one.
        clock: what a service without a fixed seed draws with: no two have the same.

    Raises:
        ValueError: there is no such cure.
    """

    def __init__(self, cure: str, seed: int, clock: int) -> None:
        if cure not in CURES:
            raise ValueError(f"cure must be one of {', '.join(CURES)}, not {cure!r}")
        self.cure, self.seed = cure, seed
        self._choose: Choose = greedy if cure == "temperature 0" else Temperature(1.0).seeded(clock)
        self._kept: dict[tuple[Source, int], int] = {}

    def scores(self, logits: Tensor, source: Source, first: int = 0) -> np.ndarray:
        """Return the scores (N,) of all essays, scored as one batch.

        Args:
            logits: (N, 5), as `logits_of` gives them.
            source: what the logits come from; with the essay it is the name of a request.
            first: the essay that stands first in the batch; those before it come last.
        """
        N = len(logits)
        order = [(first + place) % N for place in range(N)]
        choose = Temperature(1.0).seeded(self.seed) if self.cure == "seed" else self._choose
        drawn = dict(zip(order, (choose(logits[order]) + SCORES[0]).tolist(), strict=True))
        if self.cure == "cache":
            drawn = {essay: self._kept.setdefault((source, essay), score) for essay, score in drawn.items()}
        return np.array([drawn[essay] for essay in range(N)])


@checked
def agreement_at(logits: Tensor, temperature: float) -> np.ndarray:
    """Return for each row the exact chance that two runs agree: the sum of the squared probabilities.

    Args:
        logits: (N, 5).
        temperature: at 0 every run gives the likeliest score.

    Raises:
        ValueError: the temperature is negative or not finite.
    """
    return (Temperature(temperature).transform(logits.double()).softmax(-1) ** 2).sum(-1).numpy()


@checked
def sampled_scores(logits: Tensor, temperature: float, runs: int, seed: int) -> np.ndarray:
    """Return the scores (runs, N) of several runs; one generator draws for all.

    Raises:
        ValueError: no runs, or a temperature that is negative or not finite.
    """
    if runs < 1:
        raise ValueError(f"runs must be at least 1, not {runs}")
    choose = Temperature(temperature).seeded(seed)
    return np.array([(choose(logits) + SCORES[0]).numpy() for _ in range(runs)])


@checked
def far_apart(scores: np.ndarray) -> list[float]:
    """Return for each column of scores (runs, N) the share of pairs of runs that differ by FAR points or more.

    Raises:
        ValueError: fewer than two runs.
    """
    if scores.ndim != 2 or len(scores) < 2:
        raise ValueError(f"scores must have the shape (runs, N) with two or more runs, not {scores.shape}")
    pairs = [abs(one - other) >= FAR for one, other in combinations(scores, 2)]
    return np.mean(pairs, axis=0).tolist()


@checked
def ranked(scores: np.ndarray) -> dict[str, float]:
    """Return how often a sound essay scores higher, lower or as high as a faulty one, over all such pairs.

    Args:
        scores: (N,), the first half of sound essays.
    """
    half = len(scores) // 2
    gaps = scores[:half, None] - scores[None, half:]
    return {"higher": float((gaps > 0).mean()), "lower": float((gaps < 0).mean()), "same": float((gaps == 0).mean())}


@dataclass(frozen=True)
class EssayJob:
    """One draw of everything.

    Attributes:
        essays: how many, an even number.
        runs: how often each is scored at each temperature.
        seed: of all that is drawn.
    """

    essays: int
    runs: int
    seed: int

    def __post_init__(self) -> None:
        check_fields(self, essays=2, runs=2, seed=0)
        some_essays(self.essays)


def same_again(n: int, cure: str, seed: int) -> tuple[dict[str, list[int]], dict[str, float]]:
    """Score n essays, then again after each change; return whether each has its first score again, and `ranked`.

    Another machine is a service of its own: its cache is empty, its clock another one, its numbers have 8 bits, and
    it has the same seed. Other company is the same batch with another essay at its head.
    """
    service, elsewhere = (EssayService(cure, seed, clock=1000 + 2 * seed + place) for place in range(2))
    logits = {source: logits_of(n, source)[0] for source in (WORDED, OTHERWISE, ELSEWHERE)}
    first = service.scores(logits[WORDED], WORDED)
    again = {
        SAME: service.scores(logits[WORDED], WORDED),
        CHANGES[1]: service.scores(logits[OTHERWISE], OTHERWISE),
        CHANGES[2]: service.scores(logits[WORDED], WORDED, first=1 + seed % (n - 1)),
        CHANGES[3]: elsewhere.scores(logits[ELSEWHERE], ELSEWHERE),
    }
    return {change: (scores == first).astype(int).tolist() for change, scores in again.items()}, ranked(first)


def run_essays(job: EssayJob) -> Mapping[str, Any]:
    """Return agreement by temperature, scores that lie far apart, and what each cure does after each change."""
    logits, held = logits_of(job.essays, WORDED)
    scores = {T: sampled_scores(logits, T, job.runs, 100 * job.seed + place) for place, T in enumerate(TEMPERATURES)}
    after = {cure: same_again(job.essays, cure, job.seed) for cure in CURES}
    return {
        "agreement": {
            str(T): [round(consistency(column.tolist()), 4) for column in found.T] for T, found in scores.items()
        },
        "exact": {str(T): agreement_at(logits, T).round(4).tolist() for T in TEMPERATURES},
        "far": [round(one, 4) for one in far_apart(scores[1.0])],
        "shown": scores[1.0][:, 0].tolist(),
        "same": {cure: found for cure, (found, _) in after.items()},
        "ranked": {cure: order for cure, (_, order) in after.items()},
        "held": [round(one, 4) for one in held.tolist()],
    }
