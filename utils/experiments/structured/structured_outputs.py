"""One task, several ways to get it right: a writer turns notes into records, approaches differ in what is around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from torch import nn

from utils.decoding.arguments import a_sequence, instance_of, whole_number
from utils.decoding.checked import checked
from utils.decoding.decoders import Decoder
from utils.decoding.generation import Generation, generate
from utils.decoding.grammar import Constraint, TokenSpellings, json_schema, record_text
from utils.decoding.samplers import Choose, greedy
from utils.evaluation.intervals import Interval, bootstrap_interval
from utils.evaluation.repair import repair_record
from utils.experiments.structured.record_prompts import prompted, tuned_prompt
from utils.models.gpt import GPT
from utils.models.pretrained import PretrainedModel
from utils.world import RECORD_SCHEMAS, RecordCheck, RecordTask, World, check_record


@dataclass(frozen=True)
class Attempt:
    """One output for one task: its text, new tokens written (the end counts as one), and whether it came to its end."""

    task: RecordTask
    text: str
    tokens: int
    finished: bool

    @property
    def check(self) -> RecordCheck:
        """What the output is worth."""
        return check_record(self.task, self.text)


@dataclass
class RecordWriter:
    """A model that writes records, whatever its vocabulary.

    Attributes:
        decoder: the model, or a decoder made from it.
        prompt: the ids that ask for a task's record.
        spell: the text of ids.
        stop_ids: ids that end a record.
        spellings: what tokens spell, for masks.
        separators: white space of the records that it writes, as in `json.dumps`.
    """

    decoder: Decoder | nn.Module
    prompt: Callable[[RecordTask], list[int]]
    spell: Callable[[list[int]], str]
    stop_ids: tuple[int, ...]
    spellings: TokenSpellings
    separators: tuple[str, str] = (", ", ": ")
    _constraints: dict[str, Constraint] = field(default_factory=dict, repr=False)

    def constraint(self, kind: str) -> Constraint:
        """Return the mask for a kind of record, made at the first call and kept."""
        if kind not in RECORD_SCHEMAS:
            raise ValueError(f"kind must be one of {', '.join(RECORD_SCHEMAS)}, not {kind!r}")
        if kind not in self._constraints:
            grammar = json_schema(RECORD_SCHEMAS[kind], separators=self.separators)
            self._constraints[kind] = Constraint(grammar, self.spellings)
        return self._constraints[kind]

    def write(
        self,
        tasks: Sequence[RecordTask],
        *,
        constrained: bool = False,
        choose: Choose = greedy,
        samples: int = 1,
        max_new_tokens: int = 72,
    ) -> list[list[Attempt]]:
        """Write `samples` records for each task, in the order of the tasks.

        Tasks of one kind go together, since their prompts begin alike.
        """
        samples = whole_number(samples, "samples", 1)
        tasks = a_sequence(tasks, "tasks", lambda task, name: instance_of(task, name, RecordTask))
        written: dict[int, list[Attempt]] = {}
        for kind in sorted({task.kind for task in tasks}):
            places = [place for place, task in enumerate(tasks) if task.kind == kind]
            results = generate(
                self.decoder,
                [self.prompt(tasks[place]) for place in places],
                max_new_tokens,
                choose,
                self.stop_ids,
                samples=samples,
                adjust=self.constraint(kind).adjust if constrained else None,
            )
            for number, place in enumerate(places):
                rows = results[number * samples : (number + 1) * samples]
                written[place] = [
                    Attempt(
                        tasks[place], self.spell(row.ids), len(row.ids) + (row.finish == "stop"), row.finish == "stop"
                    )
                    for row in rows
                ]
        return [written[place] for place in range(len(tasks))]

    def _attempt(self, task: RecordTask, row: Generation) -> Attempt:
        finished = row.finish == "stop"
        return Attempt(task, self.spell(row.ids), len(row.ids) + finished, finished)


@checked
def pretrained_writer(
    pretrained: PretrainedModel,
    decoder: Decoder,
    spellings: TokenSpellings,
    n_examples: int | None,
) -> RecordWriter:
    """Return the writer of a chat model, prompted with the schema and examples; None for the finetuned short prompt."""

    def prompt(task: RecordTask) -> list[int]:
        return tuned_prompt(pretrained, task) if n_examples is None else prompted(pretrained, task, n_examples)

    def spell(ids: list[int]) -> str:
        return pretrained.decode(ids, skip_special_tokens=True)

    return RecordWriter(decoder, prompt, spell, tuple(pretrained.eos_ids), spellings)


@checked
def world_writer(model: GPT, world: World) -> RecordWriter:
    """Return the writer of a model of the world: the note and one sentence as prompt, words as tokens."""
    vocabulary = world.vocabulary
    return RecordWriter(
        model,
        lambda task: vocabulary.encode(task.prompt),
        lambda ids: record_text(world, ids),
        (vocabulary.end_of_text_id,),
        TokenSpellings.of_world(world),
        separators=(",", ":"),
    )


@checked
def world_pairs(world: World, tasks: Sequence[RecordTask]) -> list[tuple[list[int], list[int]]]:
    """Return (prompt ids, target ids) to finetune a model of the world on records."""
    vocabulary = world.vocabulary
    end = vocabulary.end_of_text_id
    return [(vocabulary.encode(task.prompt), [*vocabulary.encode(task.target), end]) for task in tasks]


@dataclass(frozen=True)
class Approach:
    """What an approach gave: the output that it hands on for each task, all tokens that it wrote, and attempts."""

    name: str
    outputs: tuple[Attempt, ...]
    tokens: tuple[int, ...]
    attempts: tuple[int, ...]

    @property
    def valid(self) -> np.ndarray:
        """Return (n,) 1 where the output satisfies the schema."""
        return np.array([float(output.check.is_valid) for output in self.outputs])

    @property
    def is_json(self) -> np.ndarray:
        """Return (n,) 1 where the output is JSON at all."""
        return np.array([float(output.check.is_json) for output in self.outputs])

    @property
    def correct(self) -> np.ndarray:
        """Return (n,) 1 where the output is the record that the note states."""
        return np.array([float(output.check.is_correct) for output in self.outputs])

    @property
    def accuracy(self) -> np.ndarray:
        """Return (n,) the share of right fields; 0 where the output is no JSON."""
        return np.array([output.check.field_accuracy for output in self.outputs])


def _check_attempts(attempts: Sequence[Sequence[Attempt]]) -> None:
    """Raise ValueError for a task without an attempt."""
    for place, of_task in enumerate(attempts):
        if not of_task:
            raise ValueError(f"entry {place} of attempts is empty: every task needs at least one attempt")


@checked
def single(name: str, attempts: Sequence[Sequence[Attempt]]) -> Approach:
    """Take the first attempt as it is."""
    _check_attempts(attempts)
    outputs = tuple(of_task[0] for of_task in attempts)
    return Approach(name, outputs, tuple(one.tokens for one in outputs), (1,) * len(outputs))


@checked
def repaired(name: str, approach: Approach, repair: Callable[[str], str] | None = None) -> Approach:
    """Mend the outputs of another approach; by default with `repair_record` and the task's schema."""
    outputs = tuple(
        replace(one, text=repair_record(one.text, one.task.schema) if repair is None else repair(one.text))
        for one in approach.outputs
    )
    return Approach(name, outputs, approach.tokens, approach.attempts)


@checked
def retried(
    name: str, attempts: Sequence[Sequence[Attempt]], accept: Callable[[Attempt], bool] = lambda one: one.check.is_valid
) -> Approach:
    """Take the first attempt that is accepted, the last one when none is; every attempt before it is paid for."""
    _check_attempts(attempts)
    outputs, tokens, counts = [], [], []
    for of_task in attempts:
        used = next((place for place, one in enumerate(of_task) if accept(one)), len(of_task) - 1) + 1
        outputs.append(of_task[used - 1])
        tokens.append(sum(one.tokens for one in of_task[:used]))
        counts.append(used)
    return Approach(name, tuple(outputs), tuple(tokens), tuple(counts))


@dataclass(frozen=True)
class Costs:
    """Seconds at batch 1: to read a prompt, per new token, and per masked token on top."""

    reading: float
    token: float
    mask: float = 0.0


@checked
def seconds(approach: Approach, costs: Costs, masked: bool = False) -> np.ndarray:
    """Return (n,) what each record takes at batch 1: the prompt is read once, every token of every attempt written."""
    per_token = costs.token + (costs.mask if masked else 0.0)
    return costs.reading + per_token * np.array(approach.tokens, dtype=float)


@checked
def share(values: Sequence[float] | np.ndarray) -> Interval:
    """Return a mean over tasks with its bootstrap interval; for shares of 0 or 1 the interval of Clopper and Pearson.

    A bootstrap of equal values has no width, which would claim too much.
    """
    sample = np.asarray(values, dtype=float)
    if not sample.size:
        raise ValueError("values is empty: there is nothing to take a share of")
    if sample.min() == sample.max() and sample.max() in (0.0, 1.0):
        edge = 0.025 ** (1 / sample.size)
        low, high = (edge, 1.0) if sample.max() == 1.0 else (0.0, 1 - edge)
        return Interval(float(sample.mean()), low, high, int(sample.size))
    return bootstrap_interval(sample.tolist())
