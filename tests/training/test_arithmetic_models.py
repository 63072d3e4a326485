"""The arithmetic models: what they read, what they learned from, and the files that are shipped."""

from __future__ import annotations

import shutil

import pytest
import torch

from utils.decoding.generation import generate
from utils.training import arithmetic_models
from utils.training.arithmetic_models import (
    CONTEXT,
    HELD_OUT_SEED,
    N_STEPS,
    RECIPES,
    TASKS_PER_LENGTH,
    TRAINING_SEED,
    WORDINGS,
    ArithmeticBatches,
    arithmetic_training_config,
    arithmetic_vocabulary,
    cards,
    draw_tasks,
    load_arithmetic_model,
    prompt_ids,
    solution_ids,
    task_fingerprint,
)
from utils.training.base_models import checkpoints_dir
from utils.training.checkpoints import CheckpointError
from utils.world.arithmetic import verify


def test_every_wording_and_solution_can_be_read_back() -> None:
    vocabulary = arithmetic_vocabulary()
    for task in draw_tasks(5, HELD_OUT_SEED):
        for number, wording in enumerate(WORDINGS):
            ids = prompt_ids(task, number)
            assert vocabulary.decode(ids[1:-1]) == wording.ask(task)
            assert len(ids) + len(solution_ids(task.solution)) <= CONTEXT
        assert vocabulary.decode(solution_ids(task.solution)[:-1]) == task.solution
    assert WORDINGS[0].ask(task) == task.question
    assert sum(wording.share for wording in WORDINGS) == pytest.approx(1)
    with pytest.raises(ValueError, match="wording must be between 0 and 3, not 4"):
        prompt_ids(task, 4)


def test_new_tasks_are_none_that_training_saw() -> None:
    seen = set(draw_tasks(TASKS_PER_LENGTH, TRAINING_SEED, [2]))
    new = draw_tasks(200, HELD_OUT_SEED, [2])
    assert len(new) == len(set(new)) == 200
    assert not seen & set(new)
    assert [len(task.steps) for task in draw_tasks(2, HELD_OUT_SEED)] == [steps for steps in N_STEPS for _ in "ab"]


def test_batches_ask_and_count_the_solution_alone() -> None:
    tasks = draw_tasks(20, TRAINING_SEED, [2, 3])
    batches = ArithmeticBatches(tasks, batch_size=8)
    inputs, targets = batches(3)
    assert torch.equal(inputs, batches(3)[0])
    assert not torch.equal(inputs[:, :20], batches(4)[0][:, :20])
    vocabulary = arithmetic_vocabulary()
    solutions = {task.solution for task in tasks}
    for row, wanted in zip(inputs, targets, strict=True):
        counted = wanted[wanted != -100].tolist()
        assert counted[-1] == vocabulary.end_of_turn_id
        assert vocabulary.decode(counted[:-1]) in solutions
        first = int((wanted != -100).nonzero()[0])
        assert int(row[first]) == vocabulary.id("<|assistant|>")


def test_cards_are_of_these_tasks_and_recipes() -> None:
    assert list(cards()) == list(RECIPES)
    for name, card in cards().items():
        assert card["task_fingerprint"] == task_fingerprint()
        assert card["training_config"] == arithmetic_training_config().to_dict()
        assert card["model_config"] == RECIPES[name].model_config().to_dict()
        assert sum(p.numel() for p in load_arithmetic_model(name).parameters()) == card["parameters"]


def test_a_card_tells_what_its_model_solves() -> None:
    torch.set_num_threads(1)
    vocabulary = arithmetic_vocabulary()
    tasks = draw_tasks(40, HELD_OUT_SEED, [2])
    for name in ("arithmetic-32", "arithmetic-128"):
        written = generate(
            load_arithmetic_model(name), [prompt_ids(t) for t in tasks], 48, stop_ids=[vocabulary.end_of_turn_id]
        )
        right = sum(verify(task, vocabulary.decode(one.ids)) for task, one in zip(tasks, written, strict=True)) / 40
        # 40 of the card's 100 tasks: five standard errors of the difference.
        assert right == pytest.approx(cards()[name]["solved_by_steps"]["2"], abs=0.35)


def test_larger_models_solve_more() -> None:
    solved = [sum(card["solved_by_steps"].values()) for card in cards().values()]
    assert solved == sorted(solved)


def test_unknown_missing_and_damaged_models_are_refused(tmp_path, monkeypatch) -> None:
    with pytest.raises(ValueError, match=r"name must be one of arithmetic-32, .*, not 'arithmetic-7'"):
        load_arithmetic_model("arithmetic-7")
    for path in checkpoints_dir().glob("arithmetic*"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(arithmetic_models, "checkpoints_dir", lambda: tmp_path)
    damaged = tmp_path / cards()["arithmetic-32"]["file"]
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\x00\x01")
    with pytest.raises(CheckpointError, match="its SHA-256 is not the one of its card"):
        load_arithmetic_model("arithmetic-32")
    damaged.unlink()
    with pytest.raises(CheckpointError, match=r"make_arithmetic_models.py arithmetic-32 makes it"):
        load_arithmetic_model("arithmetic-32")
    (tmp_path / "arithmetic_cards.json").write_text("{")
    with pytest.raises(CheckpointError, match="missing or damaged"):
        cards()
