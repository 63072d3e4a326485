"""How a model is asked for a record: instructions of increasing clarity, in the model's own chat format."""

from __future__ import annotations

import json
from functools import cache

from utils.decoding.checked import checked
from utils.models.pretrained import PretrainedModel
from utils.training.base_models import base_world
from utils.world import RECORD_SCHEMAS, RecordTask, draw_record_tasks
from utils.world.records import RECORD_KINDS

# One pool for every approach: prompts take their worked examples from the notes that the adapter is trained on, and no
# experiment tests on it.
POOL_NOTES, POOL_SEED = 120, 1
WORKED_EXAMPLES = 8
INSTRUCTION = "Write the note as a JSON object that follows this JSON schema."


@checked
@cache
def record_pool() -> tuple[RecordTask, ...]:
    """Return the notes with records that a prompt shows and that finetuning trains on, kinds mixed."""
    return tuple(draw_record_tasks(base_world(), POOL_NOTES, seed=POOL_SEED))


@checked
def record_examples(kind: str) -> tuple[RecordTask, ...]:
    """Return a few worked examples of a kind of record, the first of the pool; ValueError for an unknown kind."""
    if kind not in RECORD_KINDS:
        raise ValueError(f"kind must be one of {', '.join(RECORD_KINDS)}, not {kind!r}")
    return tuple(task for task in record_pool() if task.kind == kind)[:WORKED_EXAMPLES]


@checked
def record_messages(task: RecordTask, n_examples: int) -> list[dict[str, str]]:
    """Return the chat that asks for a task's record: the schema, then worked examples as earlier turns, then the note.

    Args:
        task: whose note is to be written as a record.
        n_examples: earlier turns, from 0 to 8.

    Raises:
        ValueError: there are not so many examples.
    """
    examples = record_examples(task.kind)
    if not 0 <= n_examples <= len(examples):
        raise ValueError(f"n_examples must be between 0 and {len(examples)}, not {n_examples}")
    notes = [*(example.text for example in examples[:n_examples]), task.text]
    messages = []
    for place, note in enumerate(notes):
        opening = f"{INSTRUCTION}\n{json.dumps(RECORD_SCHEMAS[task.kind])}\n\n" if place == 0 else ""
        messages.append({"role": "user", "content": f"{opening}Note: {note}"})
        if place < n_examples:
            messages.append({"role": "assistant", "content": examples[place].target})
    return messages


@checked
def prompted(pretrained: PretrainedModel, task: RecordTask, n_examples: int) -> list[int]:
    """Return the ids of `record_messages`, with the opening of the answer."""
    return pretrained.encode_chat(record_messages(task, n_examples))


@checked
def tuned_prompt(pretrained: PretrainedModel, task: RecordTask) -> list[int]:
    """Return the ids of the short prompt that a finetuned model gets: the note and one sentence, no schema."""
    return pretrained.encode_chat([{"role": "user", "content": task.prompt}])
