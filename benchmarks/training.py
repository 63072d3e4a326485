"""Time to a loss: the course's transformer and loop against a GPT-2 of the same size from `transformers`.

    python benchmarks/training.py [--seconds 60] [--threads 2]

Both learn the same text of the miniature world. The reference is `GPT2LMHeadModel` as it comes (learned positions,
GELU, LayerNorm, dropout 0.1) with `torch.optim.AdamW` at its defaults (learning rate 1e-3, weight decay 0.01), batches
and context equal to ours; it trains for the given time, and the loss it then has on held-out text is the goal. Then
the course's GPT, of as many parameters within 1%, trains with Muon and a schedule of a third of the reference's steps
until an evaluation reaches the goal. A second line gives the reference a higher learning rate, so that a default that
does not fit small models is not all that is beaten. Evaluations are in nobody's time; the runs follow each other.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.training.batches import TokenBatches, consecutive_batches
from utils.training.config import TrainingConfig
from utils.training.loop import train
from utils.training.losses import mean_loss, next_token_loss
from utils.world import World

CONTEXT, BATCH_SIZE = 64, 16
WIDTH, LAYERS, HEADS = 128, 4, 4
EVALUATE_EVERY = 20


def world_ids(n_tokens: int, seed: int) -> tuple[Tensor, Tensor, int]:
    """Return training ids, held-out ids and the size of the vocabulary."""
    world = World(seed=0, n_people=200)
    ids = torch.from_numpy(world.token_stream(n_tokens, seed=seed))
    held_out = torch.from_numpy(world.token_stream(8_000, seed=seed + 1))
    return ids, held_out, len(world.vocabulary)


def reference_model(vocab_size: int) -> nn.Module:
    """Return transformers' GPT-2 at the benchmark's size, otherwise with its defaults."""
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=vocab_size, n_positions=CONTEXT, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS, use_cache=False
    )
    return GPT2LMHeadModel(config)


def course_model(vocab_size: int) -> GPT:
    """Return the course's GPT at the benchmark's size."""
    torch.manual_seed(0)
    return GPT(
        ModelConfig(n_layers=LAYERS, d_model=WIDTH, n_heads=HEADS, vocab_size=vocab_size, context_length=CONTEXT)
    )


class Clock:
    """Wall and processor seconds of the parts of a run that count.

    Processor time is the fairer of the two on a machine with other work, which slows both runs, but not alike.
    """

    def __init__(self) -> None:
        self.wall = self.processor = 0.0

    def start(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        self.wall += time.perf_counter() - self._wall
        self.processor += time.process_time() - self._processor


def train_reference(
    model: nn.Module, batches: TokenBatches, lr: float, seconds: float, evaluate: Callable[[nn.Module], float]
) -> tuple[float, int, Clock]:
    """Train with plain AdamW for some seconds; return the held-out loss, the steps and the time."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=lr)
    model.train()
    clock, steps = Clock(), 0
    while clock.wall < seconds:
        clock.start()
        inputs, targets = batches(steps)
        total, count = next_token_loss(model, inputs, targets)
        optimiser.zero_grad()
        (total / count).backward()
        optimiser.step()
        clock.stop()
        steps += 1
    return evaluate(model), steps, clock


def train_course(
    batches: TokenBatches, vocab_size: int, goal: float, steps: int, evaluate: Callable[[nn.Module], float]
) -> tuple[float, int, Clock]:
    """Train the course's model until it reaches the goal, for `steps` at most; return loss, steps and time."""
    clock = Clock()

    def timed(model: nn.Module) -> float:
        clock.stop()
        loss = evaluate(model)
        clock.start()
        return loss

    config = TrainingConfig(
        steps=steps,
        optimiser="muon",
        lr=0.01,
        muon_lr=0.04,
        warmup_steps=min(10, steps - 1),
        schedule="linear",
        final_lr_fraction=0.0,
        weight_decay=0.01,
        evaluate_every=EVALUATE_EVERY,
    )
    model = course_model(vocab_size)
    clock.start()
    result = train(
        model,
        batches,
        config,
        evaluate=timed,
        stop_when=lambda record: record.validation_loss is not None and record.validation_loss <= goal,
        show_progress=False,
    )
    clock.stop()
    last = result.history[-1]
    assert last.validation_loss is not None
    return last.validation_loss, last.step, clock


def main() -> None:
    """Run the comparison and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="training time of each reference")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--lr", type=float, nargs="+", default=[1e-3, 3e-3], help="the reference's learning rates")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    ids, held_out, vocab_size = world_ids(600_000, seed=1)
    batches = TokenBatches(ids, BATCH_SIZE, CONTEXT, seed=0)
    evaluation = consecutive_batches(held_out, 32, CONTEXT)

    def evaluate(model: nn.Module) -> float:
        return mean_loss(model, evaluation)

    # Whoever comes first would pay for the libraries' warm-up.
    train_reference(reference_model(vocab_size), batches, 1e-3, 0.5, evaluate)
    train(course_model(vocab_size), batches, TrainingConfig(steps=3, optimiser="muon"), show_progress=False)

    parameters = sum(p.numel() for p in reference_model(vocab_size).parameters())
    ours = sum(p.numel() for p in course_model(vocab_size).parameters())
    print(f"GPT-2 of transformers: {parameters:,} parameters; the course's GPT: {ours:,}; {arguments.threads} threads")
    print("ratio: the course's time to the reference's loss over the reference's time\n")
    print("| reference: lr | steps | loss | course: steps | loss | wall ratio | processor ratio |")
    print("|---|---|---|---|---|---|---|")
    for lr in arguments.lr:
        goal, steps, theirs = train_reference(reference_model(vocab_size), batches, lr, arguments.seconds, evaluate)
        limit = max(steps // 3, EVALUATE_EVERY)
        loss, our_steps, own = train_course(batches, vocab_size, goal, limit, evaluate)
        ratios = f"{own.wall / theirs.wall:.2f} | {own.processor / theirs.processor:.2f}"
        print(
            f"| {lr:g} | {steps} | {goal:.3f} | {our_steps} | {loss:.3f} |"
            f" {ratios if loss <= goal else 'not reached | not reached'} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
