"""Classifying notes three ways: asking for the class in words, a head on a frozen model, the whole model trained.

Six classes: what a note is about, and one yes-or-no detail of it (paid or not, alone or not, reward or none).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.decoding.arguments import finite_number, instance_of, token_rows, whole_number
from utils.decoding.checked import check_fields, checked
from utils.models.gpt import GPT
from utils.posttraining.padding import pad_rows
from utils.training.base_models import base_world, load_base_model
from utils.training.config import TrainingConfig
from utils.training.loop import train
from utils.world import RecordTask, draw_record_tasks

NOTE_CLASSES = (
    "paid order",
    "open order",
    "visit in company",
    "visit alone",
    "lost animal with reward",
    "lost animal without reward",
)
_DETAIL = {"order": "paid", "visit": "companion", "notice": "reward"}


@checked
def note_class(task: RecordTask) -> int:
    """Return the class of a note, an index into NOTE_CLASSES."""
    detail = task.record[_DETAIL[task.kind]]
    return 2 * list(_DETAIL).index(task.kind) + int(detail is None or detail is False)


class ClassifierHead(nn.Module):
    """A linear layer on the hidden state of the last real token.

    Args:
        d_model: width D of the hidden states.
        n_classes: number of classes C.
    """

    def __init__(self, d_model: int, n_classes: int) -> None:
        super().__init__()
        d_model, n_classes = whole_number(d_model, "d_model", 1), whole_number(n_classes, "n_classes", 1)
        self.linear = nn.Linear(d_model, n_classes)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Return logits (B, C) from hidden states (B, T, D) and a mask (B, T), 1 = real, padding on either side."""
        instance_of(hidden, "hidden", Tensor)
        if not isinstance(mask, Tensor) or mask.shape != hidden.shape[:2] or hidden.dim() != 3:
            raise ValueError("hidden must have the shape (B, T, D) and mask (B, T)")
        positions = torch.arange(mask.shape[1], device=mask.device)
        last = (mask.long() * (positions + 1)).argmax(-1)
        return self.linear(hidden[torch.arange(len(hidden), device=hidden.device), last])


@checked
def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return ids (B, T) and mask (B, T), padded on the right."""
    rows = token_rows(rows, "rows", "row")
    if not rows:
        raise ValueError("rows must hold at least one row, not none")
    ids, real = pad_rows(rows)
    return ids, real.long()


@checked
@torch.no_grad()
def last_states(model: GPT, rows: Sequence[Sequence[int]], batch_size: int = 16) -> Tensor:
    """Return (n, D): the normalised hidden state of each row's last token."""
    whole_number(batch_size, "batch_size", 1)
    rows = token_rows(rows, "rows", "row")
    if not rows or not all(rows):
        raise ValueError("rows must hold at least one row, and no row may be empty")
    order = sorted(range(len(rows)), key=lambda place: (len(rows[place]), place))
    found: dict[int, Tensor] = {}
    for first in range(0, len(order), batch_size):
        places = order[first : first + batch_size]
        ids, mask = padded([rows[place] for place in places])
        hidden = model.hidden(ids)
        found.update(zip(places, hidden[torch.arange(len(places)), mask.sum(-1) - 1], strict=True))
    return torch.stack([found[place] for place in range(len(rows))])


@dataclass(frozen=True)
class ClassifierJob:
    """One classifier of notes on a base model of the world.

    Attributes:
        seed: first weights of the head, and the notes to train on.
        whole: train the whole model; otherwise the head alone.
        n_notes: notes to train on.
        steps, batch_size, lr: of the training.
        base: name of the base model.
        n_test: notes to test on, the same for all jobs.
    """

    seed: int
    whole: bool
    n_notes: int
    steps: int
    batch_size: int = 32
    lr: float = 3e-3
    base: str = "world-small"
    n_test: int = 300

    def __post_init__(self) -> None:
        check_fields(self, seed=0, n_notes=1, steps=1, batch_size=1, n_test=1)
        finite_number(self.lr, "lr", 0.0)


@dataclass(frozen=True)
class ClassifierResult:
    """Accuracy on notes not trained on, trained parameters, and seconds of training."""

    job: ClassifierJob
    accuracy: float
    parameters: int
    seconds: float


class _Classifier(nn.Module):
    def __init__(self, model: GPT, head: ClassifierHead) -> None:
        super().__init__()
        self.model, self.head = model, head

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.head(self.model.hidden(ids), mask)


def _loss(module: nn.Module, *batch: Tensor) -> tuple[Tensor, Tensor]:
    *inputs, labels = batch
    return F.cross_entropy(module(*inputs), labels, reduction="sum"), torch.tensor(len(labels))


@checked
def train_classifier(job: ClassifierJob) -> ClassifierResult:
    """Train and test one classifier. With a frozen model its hidden states are computed once, before the training."""
    world, model = base_world(), load_base_model(job.base)
    notes = draw_record_tasks(world, job.n_notes, seed=1000 + job.seed)
    tests = draw_record_tasks(world, job.n_test, seed=999)
    rows, test_rows = ([world.vocabulary.encode(task.text) for task in tasks] for tasks in (notes, tests))
    labels, test_labels = (torch.tensor([note_class(task) for task in tasks]) for tasks in (notes, tests))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        head = ClassifierHead(model.config.d_model, len(NOTE_CLASSES))
    config = TrainingConfig(
        steps=job.steps, lr=job.lr, schedule="linear", final_lr_fraction=0.0, weight_decay=0.01, seed=job.seed
    )
    generator = np.random.default_rng(job.seed)
    drawn = torch.from_numpy(generator.integers(0, len(rows), size=(job.steps, job.batch_size)))
    if job.whole:
        classifier = _Classifier(model, head)
        result = train(
            classifier,
            lambda step: (*padded([rows[place] for place in drawn[step].tolist()]), labels[drawn[step]]),
            config,
            loss=_loss,
            show_progress=False,
        )
        parameters = sum(p.numel() for p in classifier.parameters())
    else:
        states = last_states(model, rows)
        result = train(
            head.linear,
            lambda step: (states[drawn[step]], labels[drawn[step]]),
            config,
            loss=_loss,
            show_progress=False,
        )
        parameters = sum(p.numel() for p in head.parameters())
    with torch.inference_mode():
        predicted = head.linear(last_states(model.eval(), test_rows)).argmax(-1)
    accuracy = float((predicted == test_labels).double().mean())
    return ClassifierResult(job, accuracy, parameters, result.seconds)


@checked
def fit_head(states: Tensor, labels: Tensor, steps: int = 300, lr: float = 1e-2, decay: float = 0.1) -> ClassifierHead:
    """Return a head trained on hidden states (n, D) and labels (n,), all of them in every step."""
    if states.dim() != 2 or labels.shape != states.shape[:1] or not len(labels):
        raise ValueError(f"states must be (n, D) and labels (n,), not {tuple(states.shape)} and {tuple(labels.shape)}")
    head = ClassifierHead(states.shape[1], len(NOTE_CLASSES))
    nn.init.zeros_(head.linear.weight)
    nn.init.zeros_(head.linear.bias)
    config = TrainingConfig(steps=steps, lr=lr, schedule="linear", final_lr_fraction=0.0, weight_decay=decay)
    train(head.linear, lambda step: (states, labels), config, loss=_loss, show_progress=False)
    return head
