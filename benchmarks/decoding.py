"""Decoding speed against `transformers`: same weights, same prompts, same threads, in one run.

    python benchmarks/decoding.py [--threads 2] [--rounds 5] [--clock wall|processor] [--skip-smollm2] [--json FILE]

Every row is measured in alternating rounds and the best round counts, so that a busy moment of the machine
does not fall on one side only; on a machine that others use, `--threads 1 --clock processor` counts the
processor's time instead. Nothing is written unless --json names a file.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

from utils.decoding.cached import CachedDecoder
from utils.decoding.generation import generate
from utils.decoding.projections import Weights
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.hub_config import config_to_hub
from utils.models.hub_layout import state_to_hub
from utils.models.pretrained import PretrainedModel, load_gguf

TINY = ModelConfig(n_layers=4, d_model=128, n_heads=4, vocab_size=1024, context_length=512)
QUESTIONS = (
    "What is the capital of France?",
    "Name three colours of the rainbow.",
    "Explain in one sentence why the sky is blue.",
    "Write a short poem about the sea.",
    "How do I boil an egg?",
    "What is 12 times 12?",
    "Give me a synonym of happy.",
    "Tell me about the history of paper.",
    "Which planet is the largest?",
    "Write a Python function that adds two numbers.",
    "What does a blacksmith do?",
    "Translate 'good morning' into Spanish.",
)


def as_transformers(model: GPT) -> LlamaForCausalLM:
    """Return the same weights, not copied, in transformers' Llama."""
    with torch.device("meta"):
        twin = LlamaForCausalLM(LlamaConfig(**config_to_hub(model.config)))
    weights = state_to_hub(model)
    if model.config.tied:
        weights["lm_head.weight"] = weights["model.embed_tokens.weight"]
    # Its rotary table is no parameter and was never computed on the meta device.
    twin.load_state_dict(weights, assign=True, strict=True)
    rotary = type(twin.model.rotary_emb)(twin.config)
    twin.model.rotary_emb = rotary
    # Otherwise `generate` takes the model's own stop id in, and forbids it until the asked length.
    twin.generation_config.eos_token_id = None
    return twin.eval()


def best_seconds(actions: dict[str, Callable[[], Any]], rounds: int, clock: Callable[[], float]) -> dict[str, float]:
    """Return the shortest time of each action over alternating rounds, after one round to warm up."""
    best = dict.fromkeys(actions, float("inf"))
    for turn in range(rounds + 1):
        for name, action in actions.items():
            start = clock()
            action()
            if turn:
                best[name] = min(best[name], clock() - start)
    return best


def transformers_greedy(twin: LlamaForCausalLM, ids: torch.Tensor, new_tokens: int) -> torch.Tensor:
    """Return transformers' greedy continuation of equal-length prompts, exactly `new_tokens` long."""
    plan = GenerationConfig(
        do_sample=False, max_new_tokens=new_tokens, min_new_tokens=new_tokens, pad_token_id=0, eos_token_id=None
    )
    with torch.inference_mode():
        return twin.generate(ids, attention_mask=torch.ones_like(ids), generation_config=plan)[:, ids.shape[1] :]


def compare(
    model: GPT,
    batch: int,
    new_tokens: int,
    rounds: int,
    clock: Callable[[], float],
    formats: tuple[Weights, ...],
    name: str,
) -> list[dict[str, Any]]:
    """Return one result per format: tokens per second of both sides and their ratio."""
    twin = as_transformers(model)
    ids = torch.randint(0, model.config.vocab_size, (batch, 8), generator=torch.Generator().manual_seed(0))
    prompts = ids.tolist()
    actions: dict[str, Callable[[], Any]] = {"transformers": lambda: transformers_greedy(twin, ids, new_tokens)}
    for weights in formats:
        decoder = CachedDecoder(model, weights)
        actions[weights] = lambda decoder=decoder: generate(decoder, prompts, new_tokens)
    seconds = best_seconds(actions, rounds, clock)
    tokens = batch * new_tokens
    return [
        {
            "model": name,
            "batch": batch,
            "weights": weights,
            "transformers_tokens_per_second": tokens / seconds["transformers"],
            "tokens_per_second": tokens / seconds[weights],
            "ratio": seconds["transformers"] / seconds[weights],
        }
        for weights in formats
    ]


def read_seconds(model: GPT, rounds: int, clock: Callable[[], float]) -> float:
    """Return the time to read all weights once from memory, the floor of one float32 decoding step."""
    block = torch.ones(sum(p.numel() for p in model.parameters()))
    return best_seconds({"sum": block.sum}, rounds, clock)["sum"]


def departures(pretrained: PretrainedModel, formats: tuple[Weights, ...], new_tokens: int) -> list[dict[str, Any]]:
    """Return, per format, where greedy text leaves transformers' float32 text, over all questions."""
    twin = as_transformers(pretrained.model)
    prompts = [pretrained.encode_chat([{"role": "user", "content": question}]) for question in QUESTIONS]
    texts = [transformers_greedy(twin, torch.tensor([prompt]), new_tokens)[0].tolist() for prompt in prompts]
    # What follows the end of the answer is no text of interest.
    ends = [next((i + 1 for i, token in enumerate(text) if token in pretrained.eos_ids), new_tokens) for text in texts]
    found = []
    for weights in formats:
        results = generate(CachedDecoder(pretrained.model, weights), prompts, new_tokens)
        places = [
            next((i for i in range(end) if result.ids[i] != text[i]), None)
            for result, text, end in zip(results, texts, ends, strict=True)
        ]
        left = sorted(place for place in places if place is not None)
        found.append(
            {
                "weights": weights,
                "texts": len(texts),
                "tokens": new_tokens,
                "departed": len(left),
                "at_token": left,
            }
        )
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall")
    parser.add_argument("--skip-smollm2", action="store_true")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    options = parser.parse_args()
    clock = {"wall": time.perf_counter, "processor": time.process_time}[options.clock]
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    rows = []
    tiny = GPT(TINY).eval()
    name = f"tiny, {sum(p.numel() for p in tiny.parameters()) / 1e6:.2f} M"
    for batch in (1, 16):
        rows += compare(tiny, batch, 200, options.rounds, clock, ("float32",), name)
    results: dict[str, Any] = {"threads": options.threads}
    if not options.skip_smollm2:
        smollm2 = load_gguf()
        rows += compare(smollm2.model, 1, 48, options.rounds, clock, ("float32", "int8", "int4"), "SmolLM2-135M")
        results["departures"] = departures(smollm2, ("float32", "int8", "int4"), 48)
        floor = read_seconds(smollm2.model, options.rounds, clock)
        float32 = next(row for row in rows if row["model"] == "SmolLM2-135M" and row["weights"] == "float32")
        results["read_weights_seconds"] = floor
        results["share_of_floor"] = floor * float32["tokens_per_second"]
    results["speed"] = rows
    print("| model | batch | weights | transformers, tokens/s | course, tokens/s | ratio |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['model']} | {row['batch']} | {row['weights']} | "
            f"{row['transformers_tokens_per_second']:.0f} | {row['tokens_per_second']:.0f} | {row['ratio']:.2f} |"
        )
    if "departures" in results:
        seconds = results["read_weights_seconds"]
        print(f"\nReading all weights once takes {seconds * 1e3:.1f} ms,")
        print(f"{results['share_of_floor']:.0%} of the time of one float32 token.")
        for row in results["departures"]:
            print(
                f"{row['weights']}: {row['departed']} of {row['texts']} greedy texts of up to {row['tokens']} tokens"
                f" depart from transformers', at token {row['at_token']}"
            )
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
