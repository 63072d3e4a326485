"""The shipped finetuned models are those of their cards, and do what the cards say."""

from __future__ import annotations

import pytest

from utils.experiments.structured.finetuned_models import (
    ADAPTER_STEPS,
    FINETUNED_MODELS,
    RECORD_ADAPTER,
    finetuned_card,
    load_finetuned,
)
from utils.experiments.structured.query_models import QueryVocabulary
from utils.experiments.structured.structured_outputs import single, world_writer
from utils.training.base_models import base_world, checkpoints_dir, sha256_of
from utils.training.checkpoints import read
from utils.world import draw_record_tasks


@pytest.mark.parametrize("name", [*FINETUNED_MODELS, RECORD_ADAPTER])
def test_the_file_is_the_one_of_its_card(name: str) -> None:
    card = finetuned_card(name)
    path = checkpoints_dir() / card["file"]
    assert sha256_of(path) == card["sha256"]
    assert path.stat().st_size == card["bytes"] < 5_000_000
    assert card["command"].startswith("python scripts/")


def test_the_record_model_reaches_what_its_card_says() -> None:
    world = base_world()
    tasks = draw_record_tasks(world, 60, seed=3, kinds=("visit", "notice"))
    written = single("written", world_writer(load_finetuned("world-records"), world).write(tasks))
    assert written.valid.mean() > 0.95
    assert abs(written.accuracy.mean() - finetuned_card("world-records")["field_accuracy"]) < 0.1


def test_the_query_model_has_a_row_for_every_token() -> None:
    assert load_finetuned("world-queries").config.vocab_size == len(QueryVocabulary(base_world()))


def test_the_adapter_is_low_rank_and_names_blocks() -> None:
    card = finetuned_card(RECORD_ADAPTER)
    tensors, _ = read(checkpoints_dir() / card["file"])
    assert {name.split(".")[0] for name in tensors} == {f"step{n}" for n in ADAPTER_STEPS}
    assert {name.split(".")[1] for name in tensors} == {"blocks"}
    assert {min(tensor.shape) for tensor in tensors.values()} == {card["rank"]}


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        load_finetuned("nonsense")
