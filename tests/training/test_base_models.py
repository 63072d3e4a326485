from __future__ import annotations

import json
import math
import shutil

import pytest
import torch

from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.training import base_models
from utils.training.base_models import (
    base_model_card,
    base_model_names,
    base_world,
    checkpoints_dir,
    held_out_loss,
    load_base_model,
    world_fingerprint,
)
from utils.training.checkpoints import CheckpointError, load_gpt

SHIPPED = base_model_names()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_card_tells_the_truth_about_its_model(name):
    card, model = base_model_card(name), load_base_model(name)
    assert sum(p.numel() for p in model.parameters()) == card["parameters"]
    assert model.config.vocab_size == len(base_world().vocabulary)
    found = held_out_loss(model, n_documents=500)
    # 500 of the card's 2,000 documents: the excess over the world's own loss agrees within five standard errors.
    assert found.excess == pytest.approx(card["excess"], abs=5 * found.standard_error)
    assert abs(card["held_out_loss"] - card["held_out_loss_float32"]) < 1e-3
    assert card["excess"] == pytest.approx(card["held_out_loss"] - card["world_loss"], abs=2e-4)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_world_is_the_one_that_the_models_learned(name):
    assert base_model_card(name)["world_fingerprint"] == world_fingerprint()


def test_larger_models_come_nearer_to_the_worlds_entropy():
    excess = [base_model_card(name)["excess"] for name in SHIPPED]
    assert excess == sorted(excess, reverse=True)
    assert min(excess) > 0


def test_all_checkpoints_together_are_small():
    assert sum(path.stat().st_size for path in checkpoints_dir().iterdir()) < 20e6


def test_a_model_that_knows_nothing_loses_log_v_per_token():
    model = GPT(
        ModelConfig(n_layers=1, d_model=8, n_heads=2, vocab_size=len(base_world().vocabulary), context_length=128)
    )
    torch.nn.init.zeros_(model.embedding.weight)
    found = held_out_loss(model, n_documents=50)
    assert found.model == pytest.approx(math.log(len(base_world().vocabulary)), abs=1e-4)
    assert found.excess == pytest.approx(found.model - found.world, abs=1e-6)


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=r"name must be one of world-small, .*, not 'world-huge'"):
        load_base_model("world-huge")


@pytest.fixture
def copied(tmp_path, monkeypatch):
    for path in checkpoints_dir().iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(base_models, "checkpoints_dir", lambda: tmp_path)
    return tmp_path


def test_a_damaged_file_is_refused(copied):
    path = copied / base_model_card(SHIPPED[0])["file"]
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    load_gpt(path)  # the file as such can be read: only its hash tells
    with pytest.raises(CheckpointError, match="is damaged or of another version"):
        load_base_model(SHIPPED[0])


def test_a_missing_file_is_refused_with_the_command_that_makes_it(copied):
    (copied / base_model_card(SHIPPED[0])["file"]).unlink()
    with pytest.raises(
        CheckpointError, match=r"does not exist; python scripts/make_checkpoints\.py world-small makes it"
    ):
        load_base_model(SHIPPED[0])


def test_a_model_without_a_card_is_refused_with_the_command_that_makes_it(copied):
    (copied / "cards.json").write_text(json.dumps({}))
    assert base_model_names() == []
    with pytest.raises(CheckpointError, match=r"world-small has no card in .*; python scripts/make_checkpoints\.py"):
        load_base_model("world-small")


def test_damaged_cards_are_refused(copied):
    (copied / "cards.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"cards\.json is missing or damaged"):
        load_base_model("world-small")
