"""Steps per second and memory of DPO and reward model: the course's code against `trl`, on the same model and data.

    python benchmarks/posttraining.py [--steps 60] [--rounds 3]

Both train one tiny Llama of `transformers` (the same first weights) on the same preferences, with AdamW, equal batches
and float32 on one thread. `trl` runs as its trainers come, except that activation checkpointing and logging are off,
which favours it; the time is that of `trainer.train()` and of the course's function, tokenising excluded. What the
course saves is the reference's forward pass, computed once for each pair and not in every step, and what a general
trainer does around a step. Runs alternate; the medians' ratio is shown. Memory: the largest growth of a process of
its own over what it held before training (resident set, read by a thread every 5 ms).
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

import psutil
import torch

from utils.posttraining.chat import CHAT_TEMPLATE, tokenizer_codec
from utils.posttraining.dpo import train_dpo
from utils.posttraining.preferences import comparison_record, tokenise_preferences
from utils.posttraining.reward import RewardModel, train_reward_model
from utils.world import World, draw_comparisons
from utils.world.vocabulary import END_OF_TURN, PAD, SPECIAL_TOKENS

BATCH_SIZE, PAIRS, LR = 16, 512, 1e-4
WORLD = World(seed=0, n_people=200, n_towns=20)


def tokenizer() -> Any:
    """Return a tokenizer of `transformers` with the world's ids."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = {word: index for index, word in enumerate(WORLD.vocabulary.words)}
    made = Tokenizer(models.WordLevel(words, unk_token=PAD))
    pieces = [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(r"\d|[.,?!:;]"), "isolated")]
    made.pre_tokenizer = pre_tokenizers.Sequence(pieces)
    made.add_special_tokens(list(SPECIAL_TOKENS))
    return PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=END_OF_TURN, pad_token=PAD, unk_token=PAD, chat_template=CHAT_TEMPLATE
    )


def llama(kind: str) -> Any:
    """Return the tiny model: "dpo" for a language model, "reward" for one with a scalar head."""
    from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

    vocabulary = WORLD.vocabulary
    config = LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=64, intermediate_size=192, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=128, pad_token_id=vocabulary.pad_id, bos_token_id=None,
        eos_token_id=vocabulary.end_of_turn_id, num_labels=1,
    )  # fmt: skip
    torch.manual_seed(0)
    return (LlamaForCausalLM if kind == "dpo" else LlamaForSequenceClassification)(config)


def prepared(kind: str, side: str, steps: int) -> Any:
    """Return a callable that trains for `steps` steps, with all data read and tokenised."""
    records = [comparison_record(c) for c in draw_comparisons(WORLD, PAIRS, seed=0)]
    if side == "course":
        pairs = tokenise_preferences(records, tokenizer_codec(tokenizer())).pairs
        options = {"steps": steps, "batch_size": BATCH_SIZE, "lr": LR, "show_progress": False}
        if kind == "dpo":
            model = llama(kind)
            return lambda: train_dpo(model, pairs, beta=0.1, **options)
        reward = RewardModel(llama("dpo"))
        return lambda: train_reward_model(reward, pairs, **options)
    from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer

    from datasets import Dataset

    shared = {
        "output_dir": tempfile.mkdtemp(), "use_cpu": True, "bf16": False, "report_to": "none", "max_steps": steps,
        "gradient_checkpointing": False, "per_device_train_batch_size": BATCH_SIZE, "learning_rate": LR,
        "save_strategy": "no", "logging_strategy": "no", "disable_tqdm": True, "max_length": None,
    }  # fmt: skip
    data, model = Dataset.from_list(records), llama(kind)
    if kind == "dpo":
        trainer = DPOTrainer(
            model, copy.deepcopy(model), args=DPOConfig(beta=0.1, **shared), train_dataset=data,
            processing_class=tokenizer(),
        )  # fmt: skip
    else:
        trainer = RewardTrainer(model, args=RewardConfig(**shared), train_dataset=data, processing_class=tokenizer())
    return trainer.train


class PeakMemory:
    """The largest resident set of this process while the context is open, in bytes beyond that at its start."""

    def __enter__(self) -> PeakMemory:
        self.process, self.growth, self.done = psutil.Process(), 0, threading.Event()
        self.start = self.process.memory_info().rss
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def _watch(self) -> None:
        while not self.done.wait(0.005):
            self.growth = max(self.growth, self.process.memory_info().rss - self.start)

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


def measure(kind: str, side: str, steps: int) -> None:
    """Print seconds and bytes of one run, as JSON on the last line."""
    torch.set_num_threads(1)
    run = prepared(kind, side, steps)
    with PeakMemory() as memory:
        started = time.perf_counter()
        run()
        seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "bytes": memory.growth}))


def main() -> None:
    """Run both sides in turn, each in a process of its own, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", nargs=2, metavar=("KIND", "SIDE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(*arguments.measure, arguments.steps)
        return
    for kind in ("dpo", "reward"):
        found: dict[str, list[dict[str, float]]] = {"course": [], "trl": []}
        for _ in range(arguments.rounds):
            for side, runs in found.items():
                command = [sys.executable, __file__, "--steps", str(arguments.steps), "--measure", kind, side]
                output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                runs.append(json.loads(output.splitlines()[-1]))
        speed = {s: arguments.steps / statistics.median(r["seconds"] for r in runs) for s, runs in found.items()}
        memory = {s: statistics.median(r["bytes"] for r in runs) / 2**20 for s, runs in found.items()}
        print(f"{kind}: course {speed['course']:.1f} steps/s, trl {speed['trl']:.1f} steps/s", end="; ")
        print(f"ratio {speed['course'] / speed['trl']:.2f}; memory {memory['course']:.0f} and {memory['trl']:.0f} MiB")


if __name__ == "__main__":
    main()
