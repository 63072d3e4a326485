"""The course's labels, losses and gradients against those of `trl`, on one tiny model and the same data."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch

pytest.importorskip("trl", reason="trl is not installed: pip install -c constraints.txt trl")

from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer

from datasets import Dataset
from tests.posttraining.small_models import ANSWERS, QUESTIONS, llama_config, records, tiny_llama, tiny_tokenizer
from utils.posttraining.chat import tokenizer_codec
from utils.posttraining.dpo import dpo_loss, pair_logprobs, pair_tensors, reference_logprobs
from utils.posttraining.finetuning import NOT_COUNTED
from utils.posttraining.packing import packed_batch
from utils.posttraining.padding import pad_rows
from utils.posttraining.preferences import tokenise_preferences
from utils.posttraining.reward import RewardModel, reward_loss
from utils.posttraining.sft import chat_examples, masked_cross_entropy

STEPS, ROWS = 4, 4


def arguments(folder: Path) -> dict[str, Any]:
    return dict(  # noqa: C408
        output_dir=str(folder), use_cpu=True, bf16=False, report_to="none", gradient_checkpointing=False,
        per_device_train_batch_size=ROWS, max_steps=STEPS,
    )  # fmt: skip


def close(ours: torch.nn.Module, theirs: torch.nn.Module, names: dict[str, str]) -> None:
    """Compare gradients by name within 1e-4 of the largest (1 at least); `names` maps prefixes of ours to theirs."""
    other, compared = dict(theirs.named_parameters()), 0
    for name, parameter in ours.named_parameters():
        for prefix, replacement in names.items():
            if name.startswith(prefix):
                name = replacement + name.removeprefix(prefix)
                break
        if parameter.grad is None and name not in other:
            continue  # the output layer of a language model that a reward model does not use
        expected = other[name].grad
        # Processors round otherwise, by a share of what is summed up.
        torch.testing.assert_close(parameter.grad, expected, rtol=0, atol=1e-4 * max(1.0, expected.abs().max().item()))
        compared += 1
    assert compared == sum(p.grad is not None for p in other.values()) > 10


def step_both(models: list[torch.nn.Module], optimisers: list[torch.optim.Optimizer]) -> None:
    for model, optimiser in zip(models, optimisers, strict=True):
        optimiser.step()
        model.zero_grad()


def sgd(*models: torch.nn.Module) -> list[torch.optim.Optimizer]:
    # Not Adam, which turns a difference of 1e-9 between two gradients near 0 into one of a whole step.
    return [torch.optim.SGD(model.parameters(), lr=0.1) for model in models]


def test_labels_and_loss_of_chats_equal_those_of_trl(tmp_path: Path) -> None:
    tokenizer, model = tiny_tokenizer(), tiny_llama()
    turns = [(QUESTIONS[0], ANSWERS[0]), (QUESTIONS[1], ANSWERS[1])]
    chats = [
        [{"role": "user", "content": q}, {"role": "assistant", "content": a}]
        for q, a in zip(QUESTIONS, ANSWERS, strict=True)
    ]
    chats.append([m for q, a in turns for m in ({"role": "user", "content": q}, {"role": "assistant", "content": a})])
    data = Dataset.from_list([{"messages": chat} for chat in chats])
    options = SFTConfig(assistant_only_loss=True, **arguments(tmp_path))
    trainer = SFTTrainer(copy.deepcopy(model), args=options, train_dataset=data, processing_class=tokenizer)
    batch = trainer.data_collator([trainer.train_dataset[i] for i in range(len(chats))])
    examples = chat_examples(chats, tokenizer_codec(tokenizer))
    for row, (ids, labels) in enumerate(examples):
        assert batch["input_ids"][row, : len(ids)].tolist() == ids
        assert batch["labels"][row, : len(ids)].tolist() == labels
        assert set(batch["labels"][row, len(ids) :].tolist()) <= {NOT_COUNTED}
    theirs = trainer.compute_loss(trainer.model, dict(batch)).detach()
    logits = model(batch["input_ids"]).logits
    torch.testing.assert_close(masked_cross_entropy(logits, batch["labels"]), theirs, rtol=0, atol=1e-4)
    assert packed_batch(examples, 64)[1].ne(NOT_COUNTED).sum() == (batch["labels"] != NOT_COUNTED).sum()


def test_dpo_losses_and_gradients_equal_those_of_trl_step_by_step(tmp_path: Path) -> None:
    tokenizer, ours = tiny_tokenizer(), tiny_llama()
    data = Dataset.from_list(records(16))
    options = DPOConfig(beta=0.3, max_length=None, **arguments(tmp_path))
    trainer = DPOTrainer(
        copy.deepcopy(ours), copy.deepcopy(ours), args=options, train_dataset=data, processing_class=tokenizer
    )
    pairs = tokenise_preferences(records(16), tokenizer_codec(tokenizer)).pairs
    fixed, theirs = reference_logprobs(ours, pairs), trainer.model.train()
    optimisers, losses = sgd(ours, theirs), []
    for step in range(STEPS):
        places = range(step * ROWS, (step + 1) * ROWS)
        batch = trainer.data_collator([trainer.train_dataset[i] for i in places])
        inputs, targets = pair_tensors([pairs[i] for i in places])
        mask = batch["completion_mask"][:, 1:].bool()
        assert torch.equal(torch.cat([targets[:, 0], targets[:, 1]]) != NOT_COUNTED, mask)
        assert torch.equal(targets.transpose(0, 1).flatten(0, 1)[mask], batch["input_ids"][:, 1:][mask])
        own = pair_logprobs(ours, inputs, targets)
        loss = dpo_loss(own[:, 0], own[:, 1], *fixed[list(places)].unbind(-1), beta=0.3)
        loss.backward()
        expected = trainer.compute_loss(theirs, batch)
        expected.backward()
        torch.testing.assert_close(loss, expected.detach(), rtol=0, atol=1e-4, check_dtype=False)
        close(ours, theirs, {})
        step_both([ours, theirs], optimisers)
        losses.append(float(loss.detach()))
    assert abs(losses[-1] - losses[0]) > 1e-3  # the steps moved something


def test_reward_losses_and_gradients_equal_those_of_trl_step_by_step(tmp_path: Path) -> None:
    from transformers import LlamaConfig, LlamaForSequenceClassification

    tokenizer, ours = tiny_tokenizer(), RewardModel(tiny_llama())
    torch.manual_seed(0)
    classifier = LlamaForSequenceClassification(llama_config(LlamaConfig, num_labels=1))
    classifier.model.load_state_dict(ours.body.model.state_dict())
    with torch.no_grad():
        classifier.score.weight.copy_(ours.head.weight)
    data = Dataset.from_list(records(16))
    options = RewardConfig(max_length=None, **arguments(tmp_path))
    trainer = RewardTrainer(classifier, args=options, train_dataset=data, processing_class=tokenizer)
    pairs = tokenise_preferences(records(16), tokenizer_codec(tokenizer)).pairs
    theirs = trainer.model.train()
    optimisers = sgd(ours, theirs)
    for step in range(STEPS):
        places = range(step * ROWS, (step + 1) * ROWS)
        batch = trainer.data_collator([trainer.train_dataset[i] for i in places])
        rows = [[*p.prompt, *answer] for p in (pairs[i] for i in places) for answer in (p.chosen, p.rejected)]
        ids, mask = (tensor.view(ROWS, 2, -1) for tensor in pad_rows(rows))
        both = mask.transpose(0, 1).flatten(0, 1)
        assert torch.equal(both, batch["attention_mask"].bool())
        assert torch.equal(ids.transpose(0, 1).flatten(0, 1)[both], batch["input_ids"][both])
        total, count = reward_loss(ours, ids, mask)
        (total / count).backward()
        expected = trainer.compute_loss(theirs, batch)
        expected.backward()
        torch.testing.assert_close((total / count).detach(), expected.detach(), rtol=0, atol=1e-4)
        close(ours, theirs, {"body.": "", "head.": "score."})
        step_both([ours, theirs], optimisers)
