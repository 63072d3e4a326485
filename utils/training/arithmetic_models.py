"""Small models that solve arithmetic tasks in steps, in four sizes: how they are made, and how they are asked.

They learn tasks of `utils.world.arithmetic` in several wordings, most of them in the first, and answer with a written
solution. All sizes saw the same tasks in the same order, so that only the size differs between them. The vocabulary
is their own: some fifty words and digits, so that nearly all of a model's parameters compute.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from utils.arguments import instance, one_of, shown, whole_number
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.training.base_models import checkpoints_dir, sha256_of
from utils.training.checkpoints import CheckpointError, load_gpt
from utils.training.config import TrainingConfig
from utils.world import phrases
from utils.world.arithmetic import ArithmeticTask, draw_arithmetic_tasks
from utils.world.vocabulary import ROLE_TOKENS, Vocabulary, split_words

CONTEXT = 112
BATCH_SIZE = 64
N_STEPS = (2, 3, 4, 5)
MAX_OPERAND, MAX_VALUE = 20, 199
TASKS_PER_LENGTH = 6000
TRAINING_SEED, TUNING_SEED, HELD_OUT_SEED = 0, 1, 2


@dataclass(frozen=True)
class Wording:
    """One way to put a task into words.

    Attributes:
        start: opening sentence with {n}.
        operations: a sentence with {n} for each of + - *.
        question: closing question.
        share: how often the models met this wording in training.
    """

    start: str
    operations: dict[str, str]
    question: str
    share: float

    def ask(self, task: ArithmeticTask) -> str:
        """Return the task in this wording; anything but a task raises ValueError."""
        instance("task", task, ArithmeticTask)
        parts = [self.start.format(n=task.start)]
        parts += [self.operations[operator].format(n=operand) for operator, operand in task.steps]
        return " ".join([*parts, self.question])


WORDINGS = (
    Wording(phrases.START, dict(phrases.OPERATIONS), phrases.RESULT_QUESTION, 0.80),
    Wording(
        "Take the number {n}.",
        {"+": "Then add {n}.", "-": "Then take away {n}.", "*": "Then multiply by {n}."},
        "What do you get?",
        0.14,
    ),
    Wording(
        "Let it be {n}.",
        {"+": "Increase it by {n}.", "-": "Decrease it by {n}.", "*": "Make it {n} times as much."},
        "Which number is it now?",
        0.05,
    ),
    Wording("{n}", {"+": "plus {n}", "-": "minus {n}", "*": "times {n}"}, "is what?", 0.01),
)


@lru_cache(maxsize=1)
def arithmetic_vocabulary() -> Vocabulary:
    """Return the vocabulary of the arithmetic models: every word of the wordings and of solutions, and the digits."""
    texts = [phrases.FINAL_ANSWER]
    for wording in WORDINGS:
        texts += [wording.start, *wording.operations.values(), wording.question]
    words: dict[str, None] = {}  # a dict keeps the order
    for text in texts:
        words.update(dict.fromkeys(split_words(re.sub(r"\{n\}", " ", text))))
    return Vocabulary([*words, *[w for w in "+-*=" if w not in words], *"0123456789"])


def prompt_ids(task: ArithmeticTask, wording: int = 0) -> list[int]:
    """Return the ids of a task as a question to a model.

    Raises:
        ValueError: there is no wording of that number, or the task is none.
    """
    wording = whole_number("wording", wording)
    if not 0 <= wording < len(WORDINGS):
        raise ValueError(f"wording must be between 0 and {len(WORDINGS) - 1}, not {wording}")
    vocabulary = arithmetic_vocabulary()
    question = vocabulary.encode(WORDINGS[wording].ask(task))
    return [vocabulary.end_of_text_id, *question, vocabulary.id(ROLE_TOKENS["assistant"])]


def solution_ids(text: str) -> list[int]:
    """Return the ids of a solution, with the end of the turn; a word outside of the vocabulary raises ValueError."""
    instance("text", text, str, "a text")
    vocabulary = arithmetic_vocabulary()
    return [*vocabulary.encode(text), vocabulary.end_of_turn_id]


def draw_tasks(n_per_length: int, seed: int, lengths: Sequence[int] = N_STEPS) -> list[ArithmeticTask]:
    """Draw tasks of each length, shortest first; those of another seed than training's are none that training saw.

    Args:
        n_per_length: tasks for each number of steps.
        seed: TRAINING_SEED for the tasks that the models learned from, any other for new ones.
        lengths: numbers of steps.

    Raises:
        ValueError: a size below 1, or more tasks than there are.
    """
    n_per_length, seed = whole_number("n_per_length", n_per_length, least=1), whole_number("seed", seed, least=0)
    if isinstance(lengths, str) or not isinstance(lengths, Sequence):
        raise ValueError(f"lengths must be a sequence of numbers of steps, not {shown(lengths)}")
    lengths = [whole_number("lengths", length, least=1) for length in lengths]
    tasks: list[ArithmeticTask] = []
    for length in lengths:
        if seed == TRAINING_SEED:
            tasks += draw_arithmetic_tasks(n_per_length, seed, length, MAX_OPERAND, MAX_VALUE)
            continue
        known = _training_tasks(length)
        # A part of the short tasks was learned: draw enough to have some left.
        drawn = draw_arithmetic_tasks(2 * n_per_length + 50, seed, length, MAX_OPERAND, MAX_VALUE)
        new = [task for task in drawn if task not in known][:n_per_length]
        if len(new) < n_per_length:
            raise ValueError(f"n_per_length is {n_per_length}: only {len(new)} new tasks of {length} steps were drawn")
        tasks += new
    return tasks


@lru_cache(maxsize=len(N_STEPS))
def _training_tasks(length: int) -> frozenset[ArithmeticTask]:
    return frozenset(draw_arithmetic_tasks(TASKS_PER_LENGTH, TRAINING_SEED, length, MAX_OPERAND, MAX_VALUE))


def pad_rows(rows: Sequence[Sequence[int]], starts: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Return inputs and targets (B, T) of rows of ids; targets before a row's start and after its end are -100.

    Args:
        rows: prompt and solution, one list per row.
        starts: where each row's solution begins.

    Raises:
        ValueError: there are no rows, a row is empty, or there is not one start for each.
    """
    if not isinstance(rows, Sequence) or not rows or not all(isinstance(row, Sequence) and len(row) for row in rows):
        raise ValueError(f"rows must hold at least one row of ids, and none that is empty, not {shown(rows)}")
    if not isinstance(starts, Sequence) or len(starts) != len(rows):
        raise ValueError(f"starts must hold one start for each of {len(rows)} rows, not {shown(starts)}")
    for start in starts:
        whole_number("starts", start, least=0)
    longest = max(map(len, rows))
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    targets = torch.full((len(rows), longest), -100, dtype=torch.long)
    for place, (row, start) in enumerate(zip(rows, starts, strict=True)):
        ids[place, : len(row)] = torch.tensor(row)
        targets[place, start : len(row)] = ids[place, start : len(row)]
    return ids[:, :-1].contiguous(), targets[:, 1:].contiguous()


class ArithmeticBatches:
    """Training batches as a function of the step: tasks with a wording each, drawn with replacement."""

    def __init__(self, tasks: Sequence[ArithmeticTask], batch_size: int = BATCH_SIZE, seed: int = 0) -> None:
        if not isinstance(tasks, Sequence) or not tasks:
            raise ValueError(f"tasks must hold at least one task, not {shown(tasks)}")
        self.tasks = [instance("tasks", task, ArithmeticTask) for task in tasks]
        self.batch_size = whole_number("batch_size", batch_size, least=1)
        self.seed = whole_number("seed", seed, least=0)
        self.solutions = [solution_ids(task.solution) for task in self.tasks]
        self.shares = [wording.share for wording in WORDINGS]

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return inputs (B, T) and targets (B, T), with -100 outside of the solutions; ValueError for no step."""
        step = whole_number("step", step, least=0)
        generator = np.random.default_rng([self.seed, step])
        places = generator.integers(len(self.tasks), size=self.batch_size)
        wordings = generator.choice(len(self.shares), size=self.batch_size, p=self.shares)
        prompts = [prompt_ids(self.tasks[place], int(w)) for place, w in zip(places, wordings, strict=True)]
        rows = [[*prompt, *self.solutions[place]] for prompt, place in zip(prompts, places, strict=True)]
        return pad_rows(rows, [len(prompt) for prompt in prompts])

    def fingerprint(self) -> dict[str, Any]:
        """Return what tells these batches from others."""
        digest = hashlib.sha256(repr(self.tasks).encode()).hexdigest()
        return {"tasks": len(self.tasks), "sha256": digest, "batch_size": self.batch_size, "seed": self.seed}


@dataclass(frozen=True)
class ArithmeticRecipe:
    """The shape of an arithmetic model; everything else is the same for all sizes."""

    n_layers: int
    d_model: int
    n_heads: int

    def model_config(self) -> ModelConfig:
        """Return the shape with the vocabulary's size."""
        return ModelConfig(
            n_layers=self.n_layers,
            d_model=self.d_model,
            n_heads=self.n_heads,
            vocab_size=len(arithmetic_vocabulary()),
            context_length=CONTEXT,
        )


RECIPES = {
    f"arithmetic-{d_model}": ArithmeticRecipe(n_layers=2, d_model=d_model, n_heads=4) for d_model in (32, 48, 72, 128)
}


def arithmetic_training_config() -> TrainingConfig:
    """Return the choices of a run: few steps, so that the sizes differ in what they can and none is perfect."""
    return TrainingConfig(
        steps=600,
        optimiser="muon",
        lr=0.01,
        muon_lr=0.03,
        schedule="linear",
        warmup_steps=20,
        final_lr_fraction=0.0,
        weight_decay=0.0,
        checkpoint_every=100,
    )


def make_command(name: str) -> str:
    """Return the command, given in the repository's root, that makes a model; any other name raises ValueError."""
    one_of("name", name, RECIPES)
    return f"python scripts/make_arithmetic_models.py {name}"


def cards() -> dict[str, Any]:
    """Return what is known about each model: file, SHA-256, command, parameters, share of solved tasks.

    Raises:
        CheckpointError: the cards are missing or damaged.
    """
    path = checkpoints_dir() / "arithmetic_cards.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise CheckpointError(f"{path} is missing or damaged: {type(error).__name__}: {error}") from error
    return found


def load_arithmetic_model(name: str) -> GPT:
    """Return an arithmetic model, in evaluation mode; its ids are those of `arithmetic_vocabulary()`.

    Raises:
        ValueError: there is no model of that name.
        CheckpointError: the file is missing, or is not the one that its card describes.
    """
    one_of("name", name, RECIPES)
    card = cards().get(name)
    if card is None or not (checkpoints_dir() / card["file"]).is_file():
        raise CheckpointError(f"{name} is not in {checkpoints_dir()}; {make_command(name)} makes it")
    path = checkpoints_dir() / card["file"]
    if sha256_of(path) != card["sha256"]:
        raise CheckpointError(f"{path} is damaged or of another version: its SHA-256 is not the one of its card")
    model = load_gpt(path)
    assert isinstance(model, GPT)
    return model


def task_fingerprint() -> str:
    """Return a hash of the vocabulary and of the first tasks in every wording: other tasks, another hash."""
    digest = hashlib.sha256("\n".join(arithmetic_vocabulary().words).encode())
    for task in draw_tasks(20, HELD_OUT_SEED):
        digest.update("\n".join([*(w.ask(task) for w in WORDINGS), task.solution]).encode())
    return digest.hexdigest()
