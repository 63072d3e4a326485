"""The finetuned models that ship, and LoRA on the last blocks of a model."""

from __future__ import annotations

import json

import pytest
import torch

from utils.experiments.finetuning import chat_models
from utils.experiments.finetuning.answering import ask, correct_answers
from utils.experiments.finetuning.chat_models import CHAT_MODELS, chat_model_card, load_chat_model
from utils.experiments.finetuning.runs import codec, new_questions
from utils.experiments.finetuning.upper_blocks import chat_answers, chat_pairs, finetune_upper
from utils.models.pretrained import load_gguf
from utils.paths import data_dir
from utils.text.gguf_tokenizer import GGUF_MODEL
from utils.training.base_models import base_model_card, base_world, checkpoints_dir, load_base_model
from utils.training.checkpoints import CheckpointError

WORLD = base_world()
has_model = pytest.mark.skipif(not (data_dir() / GGUF_MODEL).is_file(), reason="SmolLM2 is not fetched")


@pytest.mark.parametrize("name", CHAT_MODELS)
def test_a_finetuned_model_answers_in_a_sentence_that_it_ends(name):
    model, card = load_chat_model(name), chat_model_card(name)
    answers = ask(model, WORLD, codec(), [one.question for one in new_questions(100)])
    assert sum(one.ended for one in answers) >= 98
    assert sum(one.text.endswith(".") for one in answers) >= 95
    assert card["base_sha256"] == base_model_card(CHAT_MODELS[name])["sha256"]
    assert card["bytes"] < 1_500_000


def test_finetuning_makes_the_base_model_answer_popular_questions():
    questions = new_questions(80)
    chat = correct_answers(load_chat_model("world-medium-chat"), WORLD, codec(), questions)
    base = correct_answers(load_base_model("world-medium"), WORLD, codec(), questions)
    assert sum(chat) > 0.6 * len(questions)
    assert sum(base) < 0.5 * len(questions)


def test_loading_leaves_the_base_model_as_it_was():
    before = load_base_model("world-small").state_dict()
    load_chat_model("world-small-chat")
    after = load_base_model("world-small").state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_an_unknown_name_and_a_damaged_file_are_named(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="world-medium-chat"):
        load_chat_model("world-large-chat")
    card = chat_model_card("world-small-chat")
    monkeypatch.setattr(chat_models, "checkpoints_dir", lambda: tmp_path)
    with pytest.raises(CheckpointError, match="missing or damaged"):
        load_chat_model("world-small-chat")
    (tmp_path / "world-small-chat.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(CheckpointError, match="does not exist"):
        load_chat_model("world-small-chat")
    damaged = (checkpoints_dir() / card["file"]).read_bytes()[:-1] + b"x"
    (tmp_path / card["file"]).write_bytes(damaged)
    with pytest.raises(CheckpointError, match="SHA-256"):
        load_chat_model("world-small-chat")


@has_model
@pytest.mark.slow
def test_a_handful_of_examples_changes_how_a_real_model_begins_and_the_given_model_stays():
    real = load_gguf()
    trained = [name for name, value in real.model.named_parameters() if value.requires_grad]
    question = ["What is the capital of Italy?"]
    before = chat_answers(real, real.model, question, 6)
    pairs = [("What is rust?", "In short: old iron."), ("Who wrote Hamlet?", "In short: Shakespeare.")]
    tuned = finetune_upper(real, pairs, n_blocks=4, steps=10, lr=3e-3)
    assert tuned.losses[-1] < tuned.losses[0] / 2
    assert chat_answers(real, tuned.model, question, 6)[0].startswith("In short")
    assert chat_answers(real, real.model, question, 6) == before
    assert [name for name, value in real.model.named_parameters() if value.requires_grad] == trained
    for pairs_given, blocks, match in (([], 4, "pairs"), ([("Why?", " ")], 4, "pairs"), (pairs, 31, "n_blocks")):
        with pytest.raises(ValueError, match=match):
            finetune_upper(real, pairs_given, n_blocks=blocks)
    (prompt, answer), _ = chat_pairs(real, pairs)
    assert answer[-1] == real.eos_ids[0]
    assert real.decode(prompt).endswith("assistant\n")
