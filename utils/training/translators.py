"""Tiny translators: one transformer learns several languages at once and translates a text there and back.

A pair of sentences becomes one sequence, `<to language> source <start> target <end>`, and only the target is learned.
Tokens are words and punctuation marks, so that a hundred steps suffice for a small language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from utils.arguments import instance, real_number, shown, truth, whole_number
from utils.training.loop import train
from utils.training.tiny import tiny_gpt, tiny_training_config

PAD, START, END = "<pad>", "<start>", "<end>"


@dataclass(frozen=True)
class RoundTripJob:
    """One translator to train, and sentences to send through its pivot language and back.

    Attributes:
        pairs: parallel sentences (home language, pivot language).
        sentences: sentences in the home language to translate to the pivot and back.
        steps: optimiser steps.
        seed: initial weights, and order of the data.
        label: what the notebook calls this condition.
        sample: draw the translations from the model's probabilities; False takes the most likely word each time.
        batch_size: sequences in a step; half of them go to the pivot, half come back.
        n_layers, d_model, n_heads: shape of the transformer.
        lr, muon_lr: peak learning rates, tuned for the default shape.

    Raises:
        ValueError: what are no texts, or a number that is no positive one of its kind.
    """

    pairs: Sequence[tuple[str, str]] = field(repr=False)
    sentences: Sequence[str] = field(repr=False)
    steps: int
    seed: int
    label: str = ""
    sample: bool = False
    batch_size: int = 64
    n_layers: int = 1
    d_model: int = 64
    n_heads: int = 4
    lr: float = 0.02
    muon_lr: float = 0.04

    def __post_init__(self) -> None:
        for name in ("pairs", "sentences"):
            if isinstance(getattr(self, name), str) or not isinstance(getattr(self, name), Sequence):
                raise ValueError(f"{name} must be a sequence, not {shown(getattr(self, name))}")
        for pair in self.pairs:
            if (
                isinstance(pair, str)
                or not isinstance(pair, Sequence)
                or len(pair) != 2
                or not all(isinstance(text, str) for text in pair)
            ):
                raise ValueError(f"pairs must hold pairs of texts, not {shown(pair)}")
        for sentence in self.sentences:
            instance("sentences", sentence, str, "texts")
        whole_number("seed", self.seed, least=0)
        for name in ("steps", "batch_size", "n_layers", "d_model", "n_heads"):
            whole_number(name, getattr(self, name), least=1)
        truth("sample", self.sample)
        for name in ("lr", "muon_lr"):
            real_number(name, getattr(self, name), above=0)


@dataclass(frozen=True)
class RoundTripResult:
    """The sentences of a job in the pivot language, and back again.

    Attributes:
        label, seed: of the job.
        pivot: each sentence's translation.
        returned: that translation's translation back.
        parameters: size of the model.
    """

    label: str
    seed: int
    pivot: list[str] = field(repr=False)
    returned: list[str] = field(repr=False)
    parameters: int


def split_words(text: str) -> list[str]:
    """Split a text into words and punctuation marks; joined by blanks they are the text that models exchange.

    Raises:
        ValueError: `text` is no text.
    """
    return re.findall(r"\w+|[^\w\s]", instance("text", text, str, "a text"))


def round_trip(job: RoundTripJob) -> RoundTripResult:
    """Train a translator in both directions and send the job's sentences to the pivot language and back.

    Texts come back as words joined by blanks (see `split_words`).

    Raises:
        ValueError: there are no pairs, or a sentence has a word that no pair has.
    """
    instance("job", job, RoundTripJob)
    if not job.pairs:
        raise ValueError("pairs is empty: there is nothing to learn a translation from")
    home = [split_words(source) for source, _ in job.pairs]
    pivot = [split_words(target) for _, target in job.pairs]
    words = [PAD, START, END, "<to pivot>", "<to home>"]
    words += sorted({word for sentence in (*home, *pivot) for word in sentence})
    ids = {word: i for i, word in enumerate(words)}
    longest = max(map(len, (*home, *pivot)))
    there = [_sequence(ids, "<to pivot>", a, b) for a, b in zip(home, pivot, strict=True)]
    back = [_sequence(ids, "<to home>", b, a) for a, b in zip(home, pivot, strict=True)]
    model = tiny_gpt(len(words), 2 * longest + 4, job.seed, job.n_layers, job.d_model, job.n_heads)
    batches = _PairBatches(there, back, job.batch_size, ids[PAD], job.seed)
    train(model, batches, tiny_training_config(job.steps, job.lr, job.muon_lr), show_progress=False)
    generator = torch.Generator().manual_seed(job.seed) if job.sample else None
    sources = [split_words(sentence) for sentence in job.sentences]
    for word in (word for source in sources for word in source):
        if word not in ids:
            raise ValueError(f"sentences holds the word {word!r}, which no pair has")
    model.eval()
    pivots = _translate(model, ids, words, "<to pivot>", sources, longest, generator)
    returned = _translate(model, ids, words, "<to home>", pivots, longest, generator)
    return RoundTripResult(
        label=job.label,
        seed=job.seed,
        pivot=[" ".join(sentence) for sentence in pivots],
        returned=[" ".join(sentence) for sentence in returned],
        parameters=sum(p.numel() for p in model.parameters()),
    )


def _sequence(ids: dict[str, int], direction: str, source: list[str], target: list[str]) -> tuple[list[int], int]:
    """Return the ids of a pair, and how many of them are given and not learned."""
    given = [ids[direction], *(ids[word] for word in source), ids[START]]
    return [*given, *(ids[word] for word in target), ids[END]], len(given)


class _PairBatches:
    """Random pairs, half of each batch in each direction; a function of the step number."""

    def __init__(self, there: list, back: list, batch_size: int, pad: int, seed: int) -> None:
        self.there, self.back, self.batch_size, self.pad, self.seed = there, back, batch_size, pad, seed

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        rows = np.random.default_rng([self.seed, step]).integers(len(self.there), size=self.batch_size)
        chosen = [(self.there if i % 2 else self.back)[row] for i, row in enumerate(rows)]
        length = max(len(sequence) for sequence, _ in chosen) - 1
        inputs = torch.full((len(chosen), length), self.pad)
        targets = torch.full((len(chosen), length), -100)
        for i, (sequence, given) in enumerate(chosen):
            inputs[i, : len(sequence) - 1] = torch.tensor(sequence[:-1])
            targets[i, given - 1 : len(sequence) - 1] = torch.tensor(sequence[given:])
        return inputs, targets


@torch.no_grad()
def _translate(
    model: torch.nn.Module,
    ids: dict[str, int],
    words: list[str],
    direction: str,
    sources: list[list[str]],
    longest: int,
    generator: torch.Generator | None,
) -> list[list[str]]:
    results: list[list[str]] = [[] for _ in sources]
    # Sources of one length go together: no padding stands between a prompt and its answer.
    for length in sorted({len(source) for source in sources}):
        rows = [i for i, source in enumerate(sources) if len(source) == length]
        sequence = torch.tensor([_sequence(ids, direction, sources[i], [])[0][:-1] for i in rows])
        done = torch.zeros(len(rows), dtype=torch.bool)
        for _ in range(longest + 1):
            logits = model(sequence)[:, -1]
            if generator is None:
                chosen = logits.argmax(-1)
            else:
                chosen = torch.multinomial(logits.softmax(-1), 1, generator=generator)[:, 0]
            chosen[done] = ids[END]
            done |= chosen == ids[END]
            sequence = torch.cat([sequence, chosen[:, None]], dim=1)
            if done.all():
                break
        for i, row in zip(rows, sequence[:, length + 2 :].tolist(), strict=True):
            target = row[: row.index(ids[END])] if ids[END] in row else row[:longest]
            results[i] = [words[token] for token in target]
    return results
