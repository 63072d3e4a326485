"""How long a model takes to write as many tokens as a message has."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np
from torch import nn

from utils.decoding.decoders import decoder_for
from utils.decoding.generation import generate
from utils.models.pretrained import PretrainedModel


def writing_seconds(model: nn.Module, encoded: Mapping[str, Sequence[int]], repeats: int = 1) -> dict[str, float]:
    """Return for each message the seconds that writing its number of tokens takes, the best of some repeats.

    Messages take turns, so that a busy moment does not hit one of them alone. What is written does not matter.

    Args:
        model: a language model that `decoder_for` takes.
        encoded: for each label the ids of a message.
        repeats: how often each is timed.

    Raises:
        ValueError: a message without ids, or no repeats.
    """
    if repeats < 1:
        raise ValueError(f"repeats is {repeats}: each message is timed at least once")
    for label, ids in encoded.items():
        if not len(ids):
            raise ValueError(f"encoded has no ids for {label}: there is nothing to write")
    writer = decoder_for(model)
    generate(writer, [[1, 2, 3]], 2)  # a first call, so that no measurement pays for it
    best = dict.fromkeys(encoded, float("inf"))
    for _ in range(repeats):
        for label, ids in encoded.items():
            start = time.perf_counter()
            generate(writer, [list(ids[:1])], len(ids))
            best[label] = min(best[label], time.perf_counter() - start)
    return best


def messages_written(
    pretrained: PretrainedModel, messages: Mapping[str, Sequence[str]], repeats: int = 1
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return for each language the tokens of each message, and the seconds that writing as many takes.

    Args:
        pretrained: the model with its vocabulary.
        messages: language -> the same messages in the same order.
        repeats: how often each is timed.

    Raises:
        ValueError: as `writing_seconds`.
    """
    encoded = {
        f"{language} {place}": pretrained.encode(text)
        for language, own in messages.items()
        for place, text in enumerate(own)
    }
    seconds = writing_seconds(pretrained.model, encoded, repeats)
    counts = {label: len(ids) for label, ids in encoded.items()}
    tokens, times = (
        {
            language: np.array([one[f"{language} {place}"] for place in range(len(own))])
            for language, own in messages.items()
        }
        for one in (counts, seconds)
    )
    return tokens, times
