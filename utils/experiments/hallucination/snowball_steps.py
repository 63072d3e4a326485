"""A forced first step of a calculation, and whether a mark that tells told from self-written steps helps.

The course's arithmetic models write their solutions step by step and go on from what stands there. Four finetunings
then see calculations whose first step was either told by the user, who has looked at the world and is always right,
also where the sum says something else (somebody took two away meanwhile); or written by the model itself. They differ
in two things: whether a mark before the step tells which of both it is, and whether the self-written steps hold the
model's own slips. Where they do, the right continuation computes the first step again; a told step is gone on from.

Without the mark nothing but the numbers tells a slip from an observation. So the measure counts both: after a wrong
step of its own the model should come to the true result, after an observation to what follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.decoding.decoders import decoder_for
from utils.decoding.generation import generate
from utils.decoding.samplers import Temperature, greedy
from utils.models.gpt import GPT
from utils.posttraining.finetuning import Pair, finetune
from utils.training.arithmetic_models import (
    HELD_OUT_SEED,
    TRAINING_SEED,
    arithmetic_vocabulary,
    draw_tasks,
    load_arithmetic_model,
    prompt_ids,
    solution_ids,
)
from utils.world.arithmetic import ArithmeticTask, final_answer
from utils.world.vocabulary import ROLE_TOKENS

MODEL, N_STEPS = "arithmetic-48", 2
# Whether self-written first steps hold the model's own slips, and whether marks tell them from told ones.
ARMS = {
    "right steps": (False, False),
    "right steps, marked": (False, True),
    "own steps": (True, False),
    "own steps, marked": (True, True),
}
SITUATIONS = ("own", "right", "wrong", "observed")
SLIPS = (-10, -2, -1, 1, 2, 10)
BATCH_SIZE, LR, MUON_LR = 32, 3e-3, 0.01
# Hot enough that the model slips now and then.
SLIP_TEMPERATURE, DRAWS = 2.0, 4
N_LEARNED = 2_000


def first_result(task: ArithmeticTask) -> int:
    """Return what the first step comes to."""
    return ArithmeticTask(task.start, task.steps[:1]).answer


def first_step(task: ArithmeticTask, result: int) -> str:
    """Return the first equation with some result."""
    operator, operand = task.steps[0]
    return f"{task.start} {operator} {operand} = {result}."


def rest_of(task: ArithmeticTask, result: int) -> ArithmeticTask:
    """Return the task that is left after a first step with that result."""
    return ArithmeticTask(result, task.steps[1:])


def slipped(task: ArithmeticTask, generator: np.random.Generator) -> int:
    """Return a wrong result of the first step, from 1 on, after which no later value is negative.

    Raises:
        ValueError: there is none.
    """
    true = first_result(task)
    able = [true + slip for slip in SLIPS if true + slip > 0 and _stays(rest_of(task, true + slip))]
    if not able:
        raise ValueError(f"task has no first step that could be wrong: {task.question}")
    return int(generator.choice(able))


def _stays(task: ArithmeticTask) -> bool:
    """Whether all values lie between 0 and 199, as in what the models learned."""
    values = [ArithmeticTask(task.start, task.steps[:k]).answer for k in range(len(task.steps) + 1)]
    return all(0 <= value <= 199 for value in values)


def can_slip(task: ArithmeticTask) -> bool:
    """Return whether the task's first step can be wrong and the rest still be computed."""
    true = first_result(task)
    return any(true + slip > 0 and _stays(rest_of(task, true + slip)) for slip in SLIPS)


def tasks_of(n: int, seed: int, held_out: bool) -> list[ArithmeticTask]:
    """Return n tasks of two steps, such as the models learned from or new ones, in an order of the seed.

    Raises:
        ValueError: n is below 2.
    """
    if n < 2:
        raise ValueError(f"n must be at least 2, not {n}")
    drawn = draw_tasks(1_000 if held_out else 4_000, HELD_OUT_SEED if held_out else TRAINING_SEED, (N_STEPS,))
    able = [task for task in drawn if can_slip(task)]
    order = np.random.default_rng([seed, int(held_out)]).permutation(len(able))[:n]
    return [able[place] for place in order]


def begun(task: ArithmeticTask, result: int, told: bool, marked: bool) -> list[int]:
    """Return the ids up to where the second step begins.

    The token before the first step is the assistant's, or the user's where marks are used and the user told it; the
    assistant's stands before the second step again, in every arm.
    """
    vocabulary = arithmetic_vocabulary()
    own = vocabulary.id(ROLE_TOKENS["assistant"])
    mark = vocabulary.id(ROLE_TOKENS["user"]) if told and marked else own
    return [*prompt_ids(task)[:-1], mark, *vocabulary.encode(first_step(task, result)), own]


def own_results(model: GPT, tasks: Sequence[ArithmeticTask], seed: int | None) -> list[int]:
    """Return the first results that a model writes: greedily, or (with a seed) a slip among `DRAWS` hot samples.

    Where no sample is a slip, and where the rest cannot be computed with what was written, it is the true result.
    """
    vocabulary = arithmetic_vocabulary()
    prompts = [[*prompt_ids(task), *vocabulary.encode(first_step(task, 0))[:-2]] for task in tasks]
    n, choose = (1, greedy) if seed is None else (DRAWS, Temperature(SLIP_TEMPERATURE).seeded(seed))
    stop = vocabulary.id(".")
    written = generate(decoder_for(model), prompts, 4, choose, [stop], samples=n)
    found = []
    for place, task in enumerate(tasks):
        texts = [vocabulary.decode(one.ids).replace(" ", "") for one in written[place * n : (place + 1) * n]]
        values = [int(text) for text in texts if text.isdigit()]
        slips = [v for v in values if v > 0 and v != first_result(task) and _stays(rest_of(task, v))]
        found.append(slips[0] if slips else first_result(task))
    return found


def examples(tasks: Sequence[ArithmeticTask], own: Sequence[int], arm: str, seed: int) -> list[Pair]:
    """Return (ids up to the second step, ids of the right continuation) of an arm: half told, half self-written.

    Raises:
        ValueError: there is no such arm.
    """
    if arm not in ARMS:
        raise ValueError(f"arm must be one of {'; '.join(ARMS)}, not {arm!r}")
    slips, marked = ARMS[arm]
    generator = np.random.default_rng([seed, 7])
    pairs: list[Pair] = []
    for place, (task, result) in enumerate(zip(tasks, own, strict=True)):
        true, told = first_result(task), place % 2 == 0
        odd = slipped(task, generator)  # drawn for every task, so that all arms see the same
        if told:
            result = true if place % 4 else odd
        elif not slips:
            result = true
        checks = slips and not told
        target = task.solution if checks else rest_of(task, result).solution
        pairs.append((begun(task, result, told, marked), solution_ids(target)))
    return pairs


def _answers(model: GPT, prompts: Sequence[Sequence[int]]) -> list[int | None]:
    vocabulary = arithmetic_vocabulary()
    written = generate(decoder_for(model), prompts, 48, stop_ids=[vocabulary.end_of_turn_id])
    return [final_answer(vocabulary.decode(one.ids)) for one in written]


def wrong_answers(model: GPT, tasks: Sequence[ArithmeticTask], marked: bool, seed: int) -> dict[str, float]:
    """Return the share of wrong final answers by what came first.

    "own", "right" and "wrong" are first steps of the model's own turn; "observed" is told by the user and differs from
    the sum, so that the right answer follows from what was told.
    """
    generator = np.random.default_rng([seed, 8])
    true, odd = [first_result(task) for task in tasks], [slipped(task, generator) for task in tasks]
    firsts = {"own": own_results(model, tasks, None), "right": true, "wrong": odd, "observed": odd}
    found = {}
    for name in SITUATIONS:
        told = name == "observed"
        prompts = [begun(task, value, told, marked) for task, value in zip(tasks, firsts[name], strict=True)]
        due = [rest_of(task, value).answer for task, value in zip(tasks, odd if told else true, strict=True)]
        answers = _answers(model, prompts)
        found[name] = round(sum(a != d for a, d in zip(answers, due, strict=True)) / len(tasks), 4)
    return found


def plain_answers(model: GPT, tasks: Sequence[ArithmeticTask], seed: int) -> dict[str, float]:
    """Return the share of wrong final answers of the model as it ships, after no, a right and a wrong first step.

    "recognised" is the share of the forced wrong first steps that it computes rightly itself when it is asked.
    """
    vocabulary, generator = arithmetic_vocabulary(), np.random.default_rng([seed, 8])
    odd = [slipped(task, generator) for task in tasks]
    true = [first_result(task) for task in tasks]
    found = {}
    for name, results in (("own", None), ("right", true), ("wrong", odd)):
        prompts = [prompt_ids(task) for task in tasks]
        if results is not None:
            steps = [vocabulary.encode(first_step(task, value)) for task, value in zip(tasks, results, strict=True)]
            prompts = [[*prompt, *step] for prompt, step in zip(prompts, steps, strict=True)]
        answers = _answers(model, prompts)
        found[name] = round(sum(a != task.answer for a, task in zip(answers, tasks, strict=True)) / len(tasks), 4)
    own = own_results(model, tasks, None)
    found["recognised"] = round(sum(a == b for a, b in zip(own, true, strict=True)) / len(tasks), 4)
    return found


def run_steps(n: int, seed: int) -> dict[str, Any]:
    """Return wrong answers of the model as it ships on n new tasks."""
    return plain_answers(load_arithmetic_model(MODEL), tasks_of(n, seed, True), seed)


def run_marks(n: int, steps: int, seed: int) -> dict[str, Any]:
    """Return wrong answers of the four finetunings on n new tasks, and how many of the learned steps were slips.

    Raises:
        ValueError: n is below 2, or steps below 1.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, not {steps}")
    test, learned = tasks_of(n, seed, True), tasks_of(N_LEARNED, seed, False)
    own = own_results(load_arithmetic_model(MODEL), learned, seed)
    found = {}
    for arm, (_, marked) in ARMS.items():
        model = load_arithmetic_model(MODEL)
        pairs = examples(learned, own, arm, seed)
        finetune(
            model, pairs, steps=steps, batch_size=BATCH_SIZE, lr=LR, muon_lr=MUON_LR, seed=seed, show_progress=False
        )
        found[arm] = wrong_answers(model.eval(), test, marked, seed)
    slips = sum(a != first_result(task) for a, task in zip(own, learned, strict=True)) / len(own)
    return {"wrong": found, "own slips": round(slips, 4)}
