"""Finetune SmolLM2-135M-Instruct for records with LoRA and write the adapter to datasets/checkpoints.

    python scripts/make_record_adapter.py [--threads 2]

Only the last blocks are adapted, so the hidden states below them are computed once and kept: that makes it a matter of
minutes on two CPU cores. The notes are the pool from which prompts take their worked examples, too. What was trained is
kept after a few numbers of steps, so that the notebook can compare them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from utils.experiments.structured.finetuned_models import ADAPTER_STEPS  # noqa: E402
from utils.experiments.structured.record_prompts import POOL_SEED, record_pool, tuned_prompt  # noqa: E402
from utils.models.gpt import GPT  # noqa: E402
from utils.models.pretrained import SMOLLM2_SHA256, load_gguf  # noqa: E402
from utils.posttraining.finetuning import NOT_COUNTED, PairBatches, pad_pairs  # noqa: E402
from utils.posttraining.lora import adapter_of, add_lora  # noqa: E402
from utils.training.base_models import base_world, checkpoints_dir, sha256_of  # noqa: E402
from utils.training.checkpoints import write  # noqa: E402
from utils.training.config import TrainingConfig  # noqa: E402
from utils.training.loop import train  # noqa: E402
from utils.world import draw_record_tasks  # noqa: E402
from utils.world.records import RECORD_KINDS  # noqa: E402

NAME = "smollm2-records"
HELD_OUT, HELD_OUT_SEED = 12, 2
BLOCKS, RANK = 8, 4
EVALUATE_EVERY, WARMUP = 10, 10  # all of ADAPTER_STEPS are multiples of the first
STEPS, BATCH_SIZE, LR = ADAPTER_STEPS[-1], 4, 2e-3


class UpperBlocks(nn.Module):
    """The last blocks of a GPT with its norm and output layer; hidden states (B, T, D) come in."""

    def __init__(self, model: GPT, n_blocks: int) -> None:
        super().__init__()
        self.first = model.config.n_layers - n_blocks
        self.blocks = model.blocks[self.first :]
        self.norm, self.head = model.norm, model.head


def upper_loss(module: nn.Module, hidden: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return the summed loss over counted targets (B, T) and their number, from hidden states (B, T, D)."""
    assert isinstance(module, UpperBlocks)
    x = hidden
    for block in module.blocks:
        x = block(x, None)
    counted = targets != NOT_COUNTED
    logits = module.head(module.norm(x[counted]))
    return F.cross_entropy(logits, targets[counted], reduction="sum"), counted.sum()


@torch.no_grad()
def lower_states(model: GPT, pairs: list[tuple[list[int], list[int]]], first: int) -> list[Tensor]:
    """Return for each pair the hidden states (T, D) that go into block `first`."""
    states = []
    for pair in pairs:
        x = model.embed(pad_pairs([pair])[0])
        for block in model.blocks[:first]:
            x = block(x, None)
        states.append(x[0])
    return states


def main() -> None:
    """Train, measure the loss on notes not trained on, write the adapter and its card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    torch.set_num_threads(parser.parse_args().threads)
    started = time.perf_counter()
    smollm2, world = load_gguf(), base_world()
    ends = list(smollm2.eos_ids)[:1]
    pool = record_pool()
    tasks = [*pool, *draw_record_tasks(world, HELD_OUT, seed=HELD_OUT_SEED)]
    pairs = [(tuned_prompt(smollm2, task), [*smollm2.encode(task.target), *ends]) for task in tasks]
    upper = UpperBlocks(smollm2.model, BLOCKS)
    states = lower_states(smollm2.model, pairs, upper.first)
    print(f"hidden states below block {upper.first}: {time.perf_counter() - started:.0f} s", flush=True)

    def padded(places: list[int]) -> tuple[Tensor, Tensor]:
        targets = pad_pairs([pairs[place] for place in places])[1]
        hidden = torch.zeros(*targets.shape, smollm2.config.d_model)
        for row, place in enumerate(places):
            hidden[row, : len(states[place])] = states[place]
        return hidden, targets

    order = PairBatches([([place + 1], [1]) for place in range(len(pool))], BATCH_SIZE)
    held_out = padded(list(range(len(pool), len(tasks))))
    adapter: dict[str, Tensor] = {}
    losses: dict[int, float] = {}
    done = 0

    @torch.no_grad()
    def held_out_loss() -> float:
        total, count = upper_loss(upper, *held_out)
        return float(total / count)

    def keep(_: nn.Module) -> float:
        nonlocal done
        done += EVALUATE_EVERY
        if done in ADAPTER_STEPS:
            losses[done] = held_out_loss()
            print(f"{time.perf_counter() - started:.0f} s, step {done}: held out {losses[done]:.3f}", flush=True)
            for name, tensor in adapter_of(upper.blocks).items():
                block, rest = name.split(".", 1)
                adapter[f"step{done}.blocks.{int(block) + upper.first}.{rest}"] = tensor
        return losses.get(done, float("nan"))

    before = held_out_loss()
    add_lora(upper.blocks, RANK)
    config = TrainingConfig(
        steps=STEPS,
        lr=LR,
        schedule="linear",
        warmup_steps=WARMUP,
        final_lr_fraction=0.0,
        weight_decay=0.0,
        evaluate_every=EVALUATE_EVERY,
    )
    train(
        upper,
        lambda step: padded([int(one) - 1 for one in order(step)[0][:, 0]]),
        config,
        loss=upper_loss,
        evaluate=keep,
        description=NAME,
    )
    path = checkpoints_dir() / f"{NAME}.safetensors"
    write(path, adapter, {"base_sha256": SMOLLM2_SHA256})
    card = {
        "file": path.name,
        "sha256": sha256_of(path),
        "bytes": path.stat().st_size,
        "command": "python scripts/make_record_adapter.py",
        "base": "SmolLM2-135M-Instruct, GGUF Q4_1",
        "base_sha256": SMOLLM2_SHA256,
        "parameters": sum(tensor.numel() for tensor in adapter.values()) // len(ADAPTER_STEPS),
        "kept_after_steps": list(ADAPTER_STEPS),
        "blocks": BLOCKS,
        "rank": RANK,
        "tasks": {"n": len(pool), "seed": POOL_SEED, "kinds": list(RECORD_KINDS), "world": "World(seed=0)"},
        "training_config": config.to_dict(),
        "batch_size": BATCH_SIZE,
        "held_out_loss_before": round(before, 4),
        "held_out_loss": {step: round(loss, 4) for step, loss in losses.items()},
        "unit": f"nats per target token, {HELD_OUT} notes not trained on",
        "licence": "Apache-2.0, as the model it adapts",
    }
    (checkpoints_dir() / f"{NAME}.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size:,} bytes, {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
