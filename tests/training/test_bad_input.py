"""Every public callable of utils.training answers bad input with a ValueError of one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

import utils.training
from tests.public_names import public_callables
from utils.training import (
    arithmetic_models,
    base_models,
    batches,
    by_hand,
    checkpoints,
    cost,
    data_limits,
    distributed,
    loop,
    losses,
    muon,
    optimisers,
    progress,
    schedules,
    step_flops,
    sweep,
    tiny,
    translators,
)
from utils.training.config import TrainingConfig
from utils.world.arithmetic import ArithmeticTask, draw_arithmetic_tasks

from .tiny_model import make_ids, make_tiny

# Stages of their own inside of the folder, with tests of their own.
NAN = float("nan")
CONFIG = TrainingConfig(steps=3)
IDS = make_ids(200)
BATCHES = batches.TokenBatches(IDS, 2, 8)
MODEL = make_tiny()
TASKS: list[ArithmeticTask] = draw_arithmetic_tasks(3, 0, 2)
ARITHMETIC = arithmetic_models.ArithmeticBatches(TASKS, 2)
FROZEN = nn.Linear(2, 2).requires_grad_(False)
OTHER = "no file of this course"
LAW = {"E": 1.0, "A": 1.0, "B": 1.0, "alpha": 0.5, "beta": 0.5}


def floats(*shape: int) -> torch.Tensor:
    return torch.zeros(*shape)


def ids(*shape: int) -> torch.Tensor:
    return torch.zeros(*shape, dtype=torch.long)


def each(function: Callable[..., Any], *bad: Any) -> list[Callable[[], Any]]:
    """Return calls of a function with one bad argument each."""
    return [lambda value=value: function(value) for value in bad]


def config(**values: Any) -> Callable[[], Any]:
    return lambda: TrainingConfig(**{"steps": 5, **values})


def job(**values: Any) -> Callable[[], Any]:
    return lambda: tiny.LanguageModelJob(**{"data": "text", "held_out": {}, "tokens": 10, "seed": 0, **values})


def trip(**values: Any) -> Callable[[], Any]:
    return lambda: translators.RoundTripJob(
        **{"pairs": [("a", "b")], "sentences": ["a"], "steps": 2, "seed": 0, **values}
    )


def run(**values: Any) -> Callable[[], Any]:
    given = {"model": MODEL, "batches": BATCHES, "config": CONFIG, "show_progress": False, **values}
    return lambda: loop.train(**given)


def in_a_group(backend: Any) -> None:
    with distributed.process_group(backend):
        raise AssertionError("a group without a backend")


NO_SIZES: tuple[Any, ...] = (0, -1, 2.5, "4", None, True)
BAD: dict[str, list[Callable[[], Any]]] = {
    "arithmetic_models.Wording.ask": each(arithmetic_models.WORDINGS[0].ask, None, "2 + 3"),
    "arithmetic_models.prompt_ids": [
        *each(lambda wording: arithmetic_models.prompt_ids(TASKS[0], wording), -1, 99, 1.5, "0", None),
        lambda: arithmetic_models.prompt_ids("2 + 3"),  # type: ignore[arg-type]
    ],
    "arithmetic_models.solution_ids": each(arithmetic_models.solution_ids, None, 3, "xylophone"),
    "arithmetic_models.draw_tasks": [
        *each(lambda n: arithmetic_models.draw_tasks(n, 5), *NO_SIZES),
        *each(lambda seed: arithmetic_models.draw_tasks(2, seed), -1, 1.5, None),
        *each(lambda lengths: arithmetic_models.draw_tasks(2, 5, lengths), [0], [2.5], "2", 2),
    ],
    "arithmetic_models.pad_rows": [
        *each(lambda rows: arithmetic_models.pad_rows(rows, [0]), [], [[]], None, 3),
        *each(lambda starts: arithmetic_models.pad_rows([[1, 2]], starts), [], [0, 1], [-1], [0.5], None),
    ],
    "arithmetic_models.ArithmeticBatches": [
        *each(arithmetic_models.ArithmeticBatches, [], None, ["2 + 3"]),
        *each(lambda size: arithmetic_models.ArithmeticBatches(TASKS, size), *NO_SIZES),
        lambda: arithmetic_models.ArithmeticBatches(TASKS, 2, seed=-1),
    ],
    "arithmetic_models.ArithmeticBatches.__call__": each(ARITHMETIC, -1, 0.5, None),
    "arithmetic_models.make_command": each(arithmetic_models.make_command, "arithmetic-7", None, 3),
    "arithmetic_models.load_arithmetic_model": each(arithmetic_models.load_arithmetic_model, "arithmetic-7", None, []),
    "base_models.Recipe.model_config": each(base_models.RECIPES["world-small"].model_config, *NO_SIZES),
    "base_models.base_model_card": each(base_models.base_model_card, "world-huge", None, []),
    "base_models.make_command": each(base_models.make_command, "world-huge", None),
    "base_models.load_base_model": each(base_models.load_base_model, "world-huge", None, []),
    "base_models.sha256_of": each(base_models.sha256_of, OTHER, None, 3),
    "base_models.world_fingerprint": each(base_models.world_fingerprint, *NO_SIZES),
    "base_models.held_out_loss": [
        *each(base_models.held_out_loss, None, "model"),
        *each(lambda n: base_models.held_out_loss(MODEL, n), 0, 1, 2.5, None),
        lambda: base_models.held_out_loss(MODEL, 2, seed=-1),
    ],
    "batches.TokenBatches": [
        *each(
            lambda given: batches.TokenBatches(given, 2, 8), floats(99), ids(9, 9), "text", None, [], 3, ids(99).bool()
        ),
        *each(lambda size: batches.TokenBatches(IDS, size, 8), *NO_SIZES, 999),
        *each(lambda context: batches.TokenBatches(IDS, 2, context), *NO_SIZES, 999),
        *each(lambda seed: batches.TokenBatches(IDS, 2, 8, seed), -1, 1.5, None),
    ],
    "batches.TokenBatches.__call__": each(BATCHES, -1, 0.5, "0", None),
    "batches.consecutive_batches": [
        *each(lambda given: batches.consecutive_batches(given, 2, 8), floats(9), ids(9, 9), [1], [], "text", None),
        *each(lambda size: batches.consecutive_batches(IDS, size, 8), *NO_SIZES),
        *each(lambda context: batches.consecutive_batches(IDS, 4, context), *NO_SIZES),
    ],
    "checkpoints.model_config": each(checkpoints.model_config, None, "model", {}),
    "checkpoints.save_model": [
        *each(lambda path: checkpoints.save_model(path, MODEL), None, "", 3),
        lambda: checkpoints.save_model(OTHER, None),  # type: ignore[arg-type]
        lambda: checkpoints.save_model(OTHER, MODEL, dtype=torch.int8),
        lambda: checkpoints.save_model(OTHER, MODEL, dtype="float16"),  # type: ignore[arg-type]
        lambda: checkpoints.save_model(OTHER, MODEL, notes=["loss"]),  # type: ignore[arg-type]
    ],
    "checkpoints.load_weights": [
        *each(lambda path: checkpoints.load_weights(path, MODEL), OTHER, None, __file__),
        lambda: checkpoints.load_weights(OTHER, None),  # type: ignore[arg-type]
    ],
    "checkpoints.load_gpt": each(checkpoints.load_gpt, OTHER, None, __file__),
    "checkpoints.state_tensors": each(checkpoints.state_tensors, None, {}),
    "checkpoints.load_state_tensors": [
        lambda: checkpoints.load_state_tensors(OTHER, MODEL, {}),
        lambda: checkpoints.load_state_tensors(OTHER, None, {}),  # type: ignore[arg-type]
        lambda: checkpoints.load_state_tensors(OTHER, MODEL, None),  # type: ignore[arg-type]
    ],
    "checkpoints.not_finite": each(checkpoints.not_finite, {"a": 1.0}, None),
    "checkpoints.write": [
        lambda: checkpoints.write("", {}, {}),
        lambda: checkpoints.write(OTHER, {"a": [1.0]}, {}),  # type: ignore[dict-item]
        lambda: checkpoints.write(OTHER, [floats(2)], {}),  # type: ignore[arg-type]
        lambda: checkpoints.write(OTHER, {}, None),  # type: ignore[arg-type]
    ],
    "checkpoints.read": each(checkpoints.read, OTHER, None, __file__),
    "checkpoints.read_metadata": each(checkpoints.read_metadata, OTHER, None, __file__),
    "checkpoints.require_equal": [
        lambda: checkpoints.require_equal("file", "config", {"lr": 1}, {"lr": 2}),
        lambda: checkpoints.require_equal("file", "config", None, {}),  # type: ignore[arg-type]
    ],
    "config.TrainingConfig": [
        *(config(steps=value) for value in NO_SIZES),
        *(
            config(**{name: value})
            for name in ("seed", "evaluate_every", "checkpoint_every")
            for value in (-1, 1.5, None)
        ),
        *(
            config(**{name: value})
            for name in ("lr", "muon_lr", "epsilon")
            for value in (0, -1, "1", None, float("nan"))
        ),
        *(config(**{name: value}) for name in ("beta1", "beta2", "momentum") for value in (-0.1, 1, "0.9")),
        *(config(**{name: value}) for name in ("weight_decay", "gradient_clip") for value in (-1, None, float("inf"))),
        config(final_lr_fraction=1.5),
        config(warmup_steps=5),
        config(warmup_steps=0.5),
        config(optimiser="sgd"),
        config(schedule=None),
        config(precision=16),
    ],
    "distributed.process_group": each(in_a_group, "mpi", 3),
    "distributed.rows_of_rank": each(distributed.rows_of_rank, None, (), floats(2, 2), ([1],), (torch.tensor(1),)),
    "distributed.summed": each(distributed.summed, None, 1.0),
    "distributed.first_ranks_choice": each(
        lambda flag: distributed.first_ranks_choice(flag, torch.device("cpu")), None, 1
    ),
    "loop.train": [
        *(run(model=value) for value in (None, "model", FROZEN)),
        *(run(batches=value) for value in (None, [ids(2, 8)])),
        *(run(batches=lambda step, value=value: value) for value in (None, (), ids(2, 8), [[1]])),
        *(run(config=value) for value in (None, {"steps": 3})),
        run(loss=None),
        run(evaluate=3),
        run(stop_when=True),
        run(checkpoint=3),
        run(batches=lambda step: (ids(2, 8), ids(2, 7))),
        run(batches=lambda step: (ids(2, 8), ids(2, 8) + 24)),
    ],
    "batches.tensors_of": each(batches.tensors_of, None, (), ids(2), ([1],)),
    "batches.describe_batches": each(lambda batch: batches.describe_batches(BATCHES, batch), None, ids(2), ([1],)),
    "losses.next_token_loss": [
        lambda: losses.next_token_loss(None, ids(2, 8), ids(2, 8)),  # type: ignore[arg-type]
        lambda: losses.next_token_loss(MODEL, [[1]], ids(2, 8)),  # type: ignore[arg-type]
        lambda: losses.next_token_loss(MODEL, ids(2, 8), ids(2, 7)),
        lambda: losses.next_token_loss(MODEL, ids(2, 8), floats(2, 8)),
        lambda: losses.next_token_loss(MODEL, ids(2, 8), ids(2, 8) + 24),
    ],
    "losses.mean_loss": [
        *each(lambda given: losses.mean_loss(MODEL, given), [], None, [ids(2, 8)], 3),
        lambda: losses.mean_loss(None, [BATCHES(0)]),  # type: ignore[arg-type]
        lambda: losses.mean_loss(MODEL, [BATCHES(0)], loss=None),  # type: ignore[arg-type]
    ],
    "muon.orthogonalise": [
        *each(muon.orthogonalise, None, floats(3), ids(3, 3), [[1.0]]),
        *each(lambda n: muon.orthogonalise(floats(3, 3), n), -1, 2.5, None),
    ],
    "muon.Muon": [
        *each(muon.Muon, [], [nn.Parameter(floats(3))], None, [3]),
        *each(lambda lr: muon.Muon(MODEL.hidden.parameters(), lr), 0, "0.1", None, float("nan")),
        lambda: muon.Muon([nn.Parameter(floats(3, 3))], momentum=1),
        lambda: muon.Muon([nn.Parameter(floats(3, 3))], weight_decay=-1),
    ],
    "muon.Muon.step": each(muon.Muon([nn.Parameter(floats(3, 3))]).step, 3, "loss"),
    "optimisers.hidden_matrices": each(optimisers.hidden_matrices, None, "model"),
    "optimisers.build_optimisers": [
        *each(lambda model: optimisers.build_optimisers(model, CONFIG), None, FROZEN),
        lambda: optimisers.build_optimisers(MODEL, {}),  # type: ignore[arg-type]
    ],
    "optimisers.set_learning_rates": [
        *each(lambda factor: optimisers.set_learning_rates([], factor), -1, None, "1", float("nan")),
        lambda: optimisers.set_learning_rates([torch.optim.SGD(MODEL.parameters(), 0.1)], 1.0),
        lambda: optimisers.set_learning_rates([None], 1.0),  # type: ignore[list-item]
        lambda: optimisers.set_learning_rates(None, 1.0),  # type: ignore[arg-type]
    ],
    "progress.progress_bar": [
        *each(lambda total: progress.progress_bar(total, "bar", False), -1, 2.5, None),
        lambda: progress.progress_bar(3, None, False),  # type: ignore[arg-type]
        lambda: progress.progress_bar(3, "bar", False, done=4),
    ],
    "schedules.learning_rate_factor": [
        *each(lambda step: schedules.learning_rate_factor(step, CONFIG), -1, 3, 0.5, None),
        lambda: schedules.learning_rate_factor(0, {}),  # type: ignore[arg-type]
    ],
    "sweep.run_sweep": [
        lambda: sweep.run_sweep(None, [1], workers=0),  # type: ignore[arg-type]
        *each(lambda jobs: sweep.run_sweep(str, jobs, workers=0), None, 3, "jobs"),
        *each(lambda workers: sweep.run_sweep(str, [1], workers=workers), -1, 1.5, "2", True),
        lambda: sweep.run_sweep(str, [1], executor=3),  # type: ignore[arg-type]
    ],
    "tiny.LanguageModelJob": [
        *(job(data=value) for value in (None, b"text", 3)),
        *(job(held_out=value) for value in (None, "text", {"a": 3})),
        *(job(tokens=value) for value in NO_SIZES),
        *(job(seed=value) for value in (-1, 1.5, None)),
        *(job(**{name: 0}) for name in ("n_layers", "d_model", "n_heads", "context", "batch_size", "lr", "muon_lr")),
    ],
    "tiny.train_language_model": [
        *each(tiny.train_language_model, None, {}),
        lambda: tiny.train_language_model(job(data="")()),
        lambda: tiny.train_language_model(job(data="short")()),
    ],
    "tiny.byte_ids": each(tiny.byte_ids, None, b"text", 3),
    "tiny.tiny_gpt": [
        *each(lambda size: tiny.tiny_gpt(size, 8, 0), *NO_SIZES),
        lambda: tiny.tiny_gpt(9, 8, -1),
        lambda: tiny.tiny_gpt(9, 8, 0, n_heads=3),
    ],
    "tiny.tiny_training_config": [
        *each(lambda steps: tiny.tiny_training_config(steps, 0.1, 0.1), *NO_SIZES),
        lambda: tiny.tiny_training_config(5, 0, 0.1),
    ],
    "translators.RoundTripJob": [
        *(trip(pairs=value) for value in (None, "ab", [("a",)], ["ab"], [("a", 3)], [3])),
        *(trip(sentences=value) for value in (None, "a", [3])),
        *(trip(steps=value) for value in NO_SIZES),
        trip(seed=-1),
        trip(sample="yes"),
        trip(lr=0),
    ],
    "translators.split_words": each(translators.split_words, None, 3, ["a"]),
    "translators.round_trip": [
        *each(translators.round_trip, None, {}),
        lambda: translators.round_trip(trip(pairs=[])()),
        lambda: translators.round_trip(trip(sentences=["unknown"])()),
    ],
}
BAD |= {
    "by_hand.clip_gradients": [
        *(lambda v=v: by_hand.clip_gradients([floats(2)], v) for v in (0.0, -1.0, NAN)),
        lambda: by_hand.clip_gradients([], 1.0),
    ],
    "by_hand.learning_rate": [
        *(lambda v=v: by_hand.learning_rate(v, 10, 1e-3, 2) for v in (-1, 10)),
        lambda: by_hand.learning_rate(0, 0, 1e-3, 2),
    ],
    "by_hand.next_token_loss": [lambda: by_hand.next_token_loss(floats(2, 1, 5), ids(2, 1))],
    "cost.emergent_score": [
        *(lambda v=v: cost.emergent_score(v, 3) for v in (-0.1, 1.1, NAN)),
        lambda: cost.emergent_score(0.5, 0),
    ],
    "cost.flops_per_second_days": [lambda: cost.flops_per_second_days(-1.0), lambda: cost.flops_per_second_days(1, 0)],
    "cost.model_flops_utilization": [
        lambda: cost.model_flops_utilization(1, 1, 0),
        lambda: cost.model_flops_utilization(-1, 1, 1),
    ],
    "cost.training_cost": [lambda: cost.training_cost(-1, 1, 1), lambda: cost.training_cost(1, 1, NAN)],
    "cost.training_days": [
        *(lambda v=v: cost.training_days(1.0, 1, 1.0, v) for v in (0.0, 1.5, NAN)),
        lambda: cost.training_days(-1.0, 1, 1.0),
        lambda: cost.training_days(1.0, 0, 1.0),
    ],
    "cost.training_energy": [lambda: cost.training_energy(1, 1, 1, 0.9), lambda: cost.training_energy(-1, 1, 1)],
    "cost.training_flops": [lambda: cost.training_flops(-1, 1), lambda: cost.training_flops(1, NAN)],
    "cost.transfer_learning_rate": [*(lambda v=v: cost.transfer_learning_rate(1.0, 1.0, v) for v in (0, -1, NAN))],
    "data_limits.effective_tokens": [
        *(lambda v=v: data_limits.effective_tokens(*v) for v in ((0, 1), (1, 0.5), (1, 1, 0)))
    ],
    "data_limits.exhaustion_year": [
        *(
            lambda v=v: data_limits.exhaustion_year(*v)
            for v in ((0, 1, 1, 1, 2026), (1, 1, -1, 1, 2026), (1, 1, 1, 1, NAN))
        )
    ],
    "data_limits.fit_repetition": [
        lambda: data_limits.fit_repetition([1.0], [1.0], [1.0], [1.0], LAW),
        lambda: data_limits.fit_repetition([1.0], [1.0, 2.0], [2.0], [1.0], LAW),
        lambda: data_limits.fit_repetition([1.0], [1.0], [2.0], [1.0], {"E": 1.0}),
    ],
    "step_flops.peak_flops_per_second": [
        lambda: step_flops.peak_flops_per_second(0),
        lambda: step_flops.peak_flops_per_second(8, 0.0),
    ],
    "step_flops.step_flops": [lambda: step_flops.step_flops(MODEL, ids(1, 4), ids(1, 3))],
}
EXEMPT = {
    "data_limits.RepetitionFit": "a result",
    "step_flops.StepFlops": "a result",
    "arithmetic_models.Wording": "a record of the course's own texts",
    "arithmetic_models.ArithmeticRecipe": "a record; its numbers are checked by ModelConfig when it is used",
    "base_models.Recipe": "a record; its numbers are checked by ModelConfig and TrainingConfig when it is used",
    "base_models.HeldOutLoss": "a result",
    "batches.Batches": "a protocol",
    "batches.Batches.__call__": "a protocol",
    "loop.TrainingRecord": "a result",
    "loop.TrainingResult": "a result",
    "tiny.LanguageModelResult": "a result",
    "translators.RoundTripResult": "a result",
}


def test_every_public_callable_stands_in_the_table() -> None:
    public = set(public_callables(utils.training))
    assert public - BAD.keys() - EXEMPT.keys() == set()
    assert (BAD.keys() | EXEMPT.keys()) - public == set()


CALLS = [(name, call) for name, calls in BAD.items() for call in calls]


@pytest.mark.parametrize(("name", "call"), CALLS, ids=[f"{name}-{i}" for i, (name, _) in enumerate(CALLS)])
def test_bad_input_is_a_value_error_of_one_sentence(name: str, call: Callable[[], Any]) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    message = str(caught.value)
    assert 10 < len(message) < 400
    assert "\n" not in message
