"""Two tasks from a source to a target that need more of the source than its gist: write it backwards, look one item up.

In `reverse` the target is the source backwards. In `recall` the source is a list of pairs (key, value) and the target
the value of one of its keys. Both say exactly how much a model has to remember: everything, in symbols or in pairs.

    results = run_sweep(train_on_lengths, [LengthJob("reverse", attention, seed) for ...])
    results[0].accuracy[12]
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from utils.decoding.arguments import finite_number, whole_number
from utils.decoding.checked import check_fields, checked
from utils.models.seq2seq import Seq2Seq
from utils.training.config import TrainingConfig
from utils.training.loop import train

SYMBOLS = 16
START = SYMBOLS
TASKS = ("reverse", "recall")


@dataclass(frozen=True)
class LengthJob:
    """One recurrent encoder-decoder to train on a task, on sources of several lengths.

    Attributes:
        task: "reverse" or "recall".
        attention: whether the decoder may look back at all encoder states.
        seed: initial weights and data.
        lengths: sources to train and measure on, in symbols for reverse and in pairs for recall.
        steps, batch_size, d_model, lr: size of the run; a step has sources of one length.
        n_test: sources of each length to measure on.
    """

    task: str
    attention: bool
    seed: int
    lengths: tuple[int, ...] = (2, 4, 8, 12)
    steps: int = 300
    batch_size: int = 48
    d_model: int = 48
    lr: float = 0.01
    n_test: int = 256

    def __post_init__(self) -> None:
        check_fields(self, seed=0, lengths=1, steps=1, batch_size=1, d_model=1, n_test=1)
        finite_number(self.lr, "lr", 0.0)
        if not self.lengths:
            raise ValueError("lengths must hold at least one length, not none")


@dataclass(frozen=True)
class LengthResult:
    """What a run reached.

    Attributes:
        job: what was run.
        accuracy: for each length the share of target symbols that are right, on new sources.
        example: attention weights (target, source) for one source of the longest length; None without attention.
        parameters: size of the model.
    """

    job: LengthJob
    accuracy: dict[int, float]
    example: Tensor | None = field(repr=False)
    parameters: int


@checked
def draw_batch(task: str, length: int, batch_size: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Return source (B, S), decoder input (B, T) and target (B, T) of a task, ids below SYMBOLS, and START.

    Reverse has S = T = length. Recall has S = 2 length and T = 1, and the decoder's input is the key asked for.

    Raises:
        ValueError: the task is unknown, or the length is not positive or, for recall, above the number of keys.
    """
    if task not in TASKS:
        raise ValueError(f"task must be one of {', '.join(TASKS)}, not {task!r}")
    if length < 1 or (task == "recall" and length > SYMBOLS):
        raise ValueError(f"length {length} does not fit {task}, which has {SYMBOLS} symbols")
    whole_number(batch_size, "batch_size", 1)
    if task == "reverse":
        source = torch.randint(SYMBOLS, (batch_size, length), generator=generator)
        target = source.flip(1)
        return source, torch.cat([torch.full((batch_size, 1), START), target[:, :-1]], dim=1), target
    keys = torch.rand(batch_size, SYMBOLS, generator=generator).argsort(dim=1)[:, :length]
    values = torch.randint(SYMBOLS, (batch_size, length), generator=generator)
    asked = torch.randint(length, (batch_size, 1), generator=generator)
    return torch.stack([keys, values], dim=2).flatten(1), keys.gather(1, asked), values.gather(1, asked)


def _loss(model: nn.Module, source: Tensor, given: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    logits = model(source, given)
    total = F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="sum")
    return total, torch.tensor(target.numel(), device=target.device)


@checked
def train_on_lengths(job: LengthJob) -> LengthResult:
    """Train an encoder-decoder on sources of mixed lengths, and measure it on each length.

    Raises:
        ValueError: the task is unknown, or a length does not fit it.
    """

    def batches(step: int) -> tuple[Tensor, ...]:
        generator = torch.Generator().manual_seed(1_000_003 * job.seed + step)
        length = job.lengths[int(torch.randint(len(job.lengths), (), generator=generator))]
        return draw_batch(job.task, length, job.batch_size, generator)

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        model = Seq2Seq(SYMBOLS + 1, job.d_model, job.attention)
    config = TrainingConfig(
        steps=job.steps, lr=job.lr, schedule="linear", warmup_steps=min(20, job.steps - 1), weight_decay=0.0, beta2=0.99
    )
    train(model, batches, config, loss=_loss, show_progress=False)
    model.eval()
    accuracy, example = {}, None
    generator = torch.Generator().manual_seed(-1 - job.seed)
    with torch.no_grad():
        for length in job.lengths:
            source, given, target = draw_batch(job.task, length, job.n_test, generator)
            memory, state = model.encode(source)
            logits, _, weights = model.decode(given, memory, state)
            accuracy[length] = (logits.argmax(-1) == target).float().mean().item()
            example = None if weights is None else weights[0]
    return LengthResult(job, accuracy, example, sum(weight.numel() for weight in model.parameters()))
