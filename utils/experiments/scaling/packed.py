"""Documents of the world packed whole into rows, so that a model's loss and the world's own are of the same tokens.

A window cut from a stream of text begins in the middle of a document, where no model can know what came before: its
loss cannot reach the world's entropy. Rows of whole documents, the first after an end mark, keep the two comparable;
documents are independent, so that what stands before one in its row tells nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from utils.world import World

IGNORED = -100


@dataclass(frozen=True)
class PackedText:
    """Rows of whole documents.

    Attributes:
        inputs: (R, T) token ids as int32, each row beginning with the end mark, padded with it.
        targets: (R, T) the next ids as int32; -100 where a row is padded.
        tokens: counted targets: words of all documents and one end mark for each.
        nats: negative log-probability of these documents by the world itself; `nats / tokens` is the least loss.
        documents: how many there are.
    """

    inputs: Tensor
    targets: Tensor
    tokens: int
    nats: float
    documents: int

    @property
    def entropy(self) -> float:
        """The world's own loss on this text in nats per token."""
        return self.nats / self.tokens


def pack_documents(world: World, n_tokens: int, context: int, seed: int) -> PackedText:
    """Return documents with at least `n_tokens` targets, packed in the order in which they are drawn.

    Args:
        world: what writes them.
        n_tokens: least number of targets; the last document is whole.
        context: T, targets in a row; a document with more is refused.
        seed: which documents; equal seeds share their beginning.

    Raises:
        ValueError: `n_tokens` or `context` is not positive, or a document does not fit into a row.
    """
    for name, value in (("n_tokens", n_tokens), ("context", context)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    end = world.vocabulary.end_of_text_id
    # Chunks of arrays, not lists of lists: millions of Python integers would take a gigabyte.
    chunks: list[np.ndarray] = []
    chunk, used, filled = _empty_rows(context), 0, 0
    tokens, nats, documents = 0, 0.0, 0
    for document in world.documents(None, seed=seed):
        ids = [*world.vocabulary.encode(document.text), end]
        if len(ids) > context:
            raise ValueError(f"context is {context}, and a document of {len(ids)} tokens does not fit into it")
        if filled + len(ids) > context:
            used, filled = used + 1, 0
            if used == len(chunk):
                chunks.append(chunk)
                chunk, used = _empty_rows(context), 0
        chunk[used, filled : filled + len(ids)] = ids
        filled += len(ids)
        tokens += len(ids)
        nats -= document.log_probability
        documents += 1
        if tokens >= n_tokens:
            break
    chunks.append(chunk[: used + 1])
    targets = torch.from_numpy(np.concatenate(chunks))
    # A row's input is its targets moved on by one, after an end mark; what is padded stands after all targets.
    shifted = torch.cat([torch.full_like(targets[:, :1], end), targets[:, :-1]], dim=1)
    return PackedText(shifted.masked_fill(shifted == IGNORED, end), targets, tokens, nats, documents)


def _empty_rows(context: int) -> np.ndarray:
    return np.full((4096, context), IGNORED, dtype=np.int32)


class PackedBatches:
    """Batches of rows as a function of the step: each row once an epoch, in an order drawn from (`seed`, epoch).

    Raises:
        ValueError: there are fewer rows than a batch needs.
    """

    def __init__(self, text: PackedText, batch_size: int, seed: int) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.steps_per_epoch = len(text.inputs) // batch_size
        if self.steps_per_epoch < 1:
            raise ValueError(f"text has {len(text.inputs)} rows, too few for a batch of {batch_size}")
        self.text, self.batch_size, self.seed = text, batch_size, seed
        self._epoch: tuple[int, Tensor] | None = None

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return inputs (B, T) and targets (B, T) of step `step`."""
        epoch, position = divmod(step, self.steps_per_epoch)
        if self._epoch is None or self._epoch[0] != epoch:
            order = np.random.default_rng([self.seed, epoch]).permutation(len(self.text.inputs))
            self._epoch = (epoch, torch.from_numpy(order))
        chosen = self._epoch[1][position * self.batch_size : (position + 1) * self.batch_size]
        return self.text.inputs[chosen].long(), self.text.targets[chosen].long()

    def epoch_in_batches(self) -> list[tuple[Tensor, Tensor]]:
        """Return all rows in order, for an evaluation; the last batch may be smaller."""
        inputs, targets = self.text.inputs.long(), self.text.targets.long()
        return list(zip(inputs.split(self.batch_size), targets.split(self.batch_size), strict=True))
