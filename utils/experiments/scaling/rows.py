"""One document a row, a small transformer on such rows, and what it says about each: for experiments on short texts.

Rows keep documents apart, so that the probability of a document is that of its row, and a document can be planted,
dropped or judged by itself. Learning rates follow the rule that the sweep of row 48 found by tuning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from utils.experiments.scaling.runs import HEAD_DIM, N_LAYERS
from utils.experiments.scaling.sweep_recipe import RECORDED_RATES
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.training.config import TrainingConfig
from utils.training.loop import train

IGNORED = -100


@dataclass(frozen=True)
class Rows:
    """Documents as rows: `inputs` (R, T) begins with the end mark, `targets` (R, T) ends with it; -100 is padding."""

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, chosen: Tensor | slice) -> Rows:
        return Rows(self.inputs[chosen], self.targets[chosen])

    @property
    def tokens(self) -> int:
        """Counted targets."""
        return int((self.targets != IGNORED).sum())


def rows_of(documents: Sequence[Sequence[int]], end: int, length: int) -> Rows:
    """Return documents of ids as rows of `length` positions; the end mark is added here.

    Raises:
        ValueError: there is no document, or one does not fit.
    """
    if not documents:
        raise ValueError("documents is empty: rows need at least one")
    longest = max(map(len, documents)) + 1
    if longest > length:
        raise ValueError(f"length is {length}, and a document with its end mark has {longest} tokens")
    targets = np.full((len(documents), length), IGNORED, dtype=np.int64)
    inputs = np.full((len(documents), length), end, dtype=np.int64)
    for row, document in enumerate(documents):
        targets[row, : len(document)] = document
        targets[row, len(document)] = end
        inputs[row, 1 : len(document) + 1] = document
    return Rows(torch.from_numpy(inputs), torch.from_numpy(targets))


def joined(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all parts, one after another."""
    return Rows(torch.cat([part.inputs for part in parts]), torch.cat([part.targets for part in parts]))


def small_gpt(width: int, vocab_size: int, context: int, seed: int) -> GPT:
    """Return a transformer of two blocks with weights drawn from `seed`; the caller's random state stays as it is."""
    if width < 1:
        raise ValueError(f"width must be positive, not {width}")
    config = ModelConfig(
        n_layers=N_LAYERS,
        d_model=width,
        n_heads=max(width // HEAD_DIM, 1),
        d_ff=4 * round(2 * width / 3),
        vocab_size=vocab_size,
        context_length=context,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return GPT(config)


def teach(model: GPT, rows: Rows, passes: float, batch_rows: int, seed: int, rate_factor: float = 1.0) -> None:
    """Train a model on rows, each pass in a new order, with the tuned rate for its width and this many tokens.

    Args:
        model: changed in place.
        rows: what it learns.
        passes: how often each row is seen; a part of a pass is allowed.
        batch_rows: rows in a step.
        seed: of the order.
        rate_factor: times the tuned rate; small for finetuning.

    Raises:
        ValueError: nothing to train on, or too little for one step.
        TrainingDivergedError: the loss is no longer finite.
    """
    per_pass = len(rows) // batch_rows
    steps = round(passes * per_pass)
    if steps < 1:
        raise ValueError(f"passes is {passes} over {len(rows)} rows: that is less than a batch of {batch_rows}")
    orders: dict[int, Tensor] = {}

    def batch(step: int) -> tuple[Tensor, Tensor]:
        number, place = divmod(step, per_pass)
        if number not in orders:
            orders.clear()
            orders[number] = torch.from_numpy(np.random.default_rng([seed, number]).permutation(len(rows)))
        part = rows[orders[number][place * batch_rows : (place + 1) * batch_rows]]
        longest = int((part.targets != IGNORED).sum(1).max())
        return part.inputs[:, :longest], part.targets[:, :longest]

    rate = rate_factor * RECORDED_RATES(model.config.d_model, max(round(passes * rows.tokens), 1))
    config = TrainingConfig(steps=steps, lr=rate, warmup_steps=max(steps // 20, 1), weight_decay=0.0, seed=seed)
    train(model, batch, config, show_progress=False)


@torch.no_grad()
def token_nats(model: GPT, rows: Rows, batch_rows: int = 512) -> Tensor:
    """Return -log p of every target (R, T) in nats, 0 where a row is padded."""
    found = []
    for start in range(0, len(rows), batch_rows):
        part = rows[slice(start, start + batch_rows)]
        logits = model(part.inputs)
        nats = F.cross_entropy(logits.flatten(0, 1), part.targets.flatten(), ignore_index=IGNORED, reduction="none")
        found.append(nats.view(part.targets.shape))
    return torch.cat(found)


def nats_per_token(model: GPT, rows: Rows) -> float:
    """Return the mean loss over all targets of the rows in nats."""
    return float(token_nats(model, rows).sum()) / rows.tokens


@torch.no_grad()
def written(model: GPT, n_documents: int, end: int, seed: int, batch_rows: int = 1000) -> list[list[int]]:
    """Return documents that a model writes at temperature 1, without their end mark.

    A document that does not end within the context is cut there: it stays a document of the text that it was sampled
    for, as it would on a crawled page.
    """
    context = model.config.context_length
    generator = torch.Generator().manual_seed(seed)
    documents: list[list[int]] = []
    for start in range(0, n_documents, batch_rows):
        ids = torch.full((min(batch_rows, n_documents - start), 1), end)
        finished: list[tuple[int, list[int]]] = []
        places = torch.arange(len(ids))
        while len(ids) and ids.shape[1] < context:
            probabilities = model(ids)[:, -1].softmax(-1)
            ids = torch.cat([ids, torch.multinomial(probabilities, 1, generator=generator)], dim=1)
            ended = ids[:, -1] == end
            finished += [(int(p), row[1:-1].tolist()) for p, row in zip(places[ended], ids[ended], strict=True)]
            ids, places = ids[~ended], places[~ended]
        finished += [(int(p), row[1:].tolist()) for p, row in zip(places, ids, strict=True)]
        documents += [document for _, document in sorted(finished)]
    return documents


def parameters_of(model: GPT) -> int:
    """Return N, all parameters counted once."""
    return sum(parameter.numel() for parameter in model.parameters())
