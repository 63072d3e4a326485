"""Simulated labelers, who see the gold reward through noise and tastes of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass

from utils.world.draws import Draws
from utils.world.rewards import is_courteous
from utils.world.vocabulary import split_words


@dataclass(frozen=True)
class Labeler:
    """A simulated person: feels the gold reward plus personal tastes, and decides with noise.

    noise: temperature of the Bradley-Terry choice, in units of reward (0 decides by the greater utility); also the
    standard deviation of scores. per_word, for_courtesy: tastes added to the gold reward, per word of the answer and
    for a polite phrase. severity: subtracted from all scores, which comparisons do not feel.
    Raises ValueError for a negative noise.
    """

    name: str = "labeler"
    noise: float = 1.0
    per_word: float = 0.0
    for_courtesy: float = 0.0
    severity: float = 0.0

    def __post_init__(self) -> None:
        if not self.noise >= 0:
            raise ValueError(f"noise must be at least 0, got {self.noise}")

    def utility(self, gold: float, answer: str) -> float:
        """Return how good this person finds an answer of the given gold reward."""
        courtesy = self.for_courtesy if is_courteous(answer) else 0.0
        return gold + self.per_word * len(split_words(answer)) + courtesy

    def preference(self, utility_a: float, utility_b: float) -> float:
        """Return the probability that this person prefers a to b."""
        difference = utility_a - utility_b
        if self.noise == 0 or difference == 0:
            return 0.5 if difference == 0 else float(difference > 0)
        ratio = difference / self.noise
        return 1 / (1 + math.exp(-ratio)) if ratio > -700 else 0.0

    def score(self, utility: float, draws: Draws) -> int:
        """Draw a score from 1 to 10: utility on a scale of two points a unit around 5.5, with noise and severity."""
        felt = utility + self.noise * draws.normal() - self.severity
        return min(10, max(1, math.floor(5.5 + 2 * felt + 0.5)))
