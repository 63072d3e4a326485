"""Row 8: sentences that go to another language of the miniature world and back, and what they say of the listener."""

from __future__ import annotations

from collections.abc import Sequence

from utils.training.translators import RoundTripJob
from utils.world import World

PIVOTS = ("zhurimi", "velkoth")
LISTENERS = ("Thou", "You", "Ye")


def round_trip_jobs(n_train: int, n_test: int, steps: int, seeds: Sequence[int]) -> list[RoundTripJob]:
    """Return translators to train, for each pivot language and seed; all send the same unseen sentences.

    Args:
        n_train: parallel sentences to learn from.
        n_test: sentences to send; those with a word that was never learned are left out.
        steps: optimiser steps of each.
        seeds: of the weights and the order of the data.
    """
    people = {"n_people": 12, "n_towns": 6, "relations": ("home", "trade", "animal"), "paraphrases": 2}
    world = World(seed=0, mix={"remark": 1}, **people)
    learned = [
        {name: " ".join(sentences) for name, sentences in one.items()} for one in world.parallel(n_train, seed=1)
    ]
    known = {word for one in learned for word in one["common"].split()}
    unseen = [" ".join(one["common"]) for one in world.parallel(n_test, seed=2)]
    sent = [text for text in unseen if set(text.split()) <= known]
    return [
        RoundTripJob(
            pairs=[(one["common"], one[pivot]) for one in learned],
            sentences=sent,
            steps=steps,
            batch_size=32,
            seed=seed,
            label=pivot,
        )
        for pivot in PIVOTS
        for seed in seeds
    ]


def listener(text: str) -> str:
    """Return Thou, You or Ye, whichever stands first in a text; "none" for a garbled one.

    >>> listener("You asked, and here is the answer.")
    'You'
    """
    words = text.replace(",", " ").split()
    return next((word for word in words if word in LISTENERS), "none")
