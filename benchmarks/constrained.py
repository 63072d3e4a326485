"""Cost of JSON masks per token against `llguidance`, on SmolLM2's vocabulary and the world's records, in one run.

    python benchmarks/constrained.py [--threads 2] [--rounds 5] [--clock wall|processor] [--skip-smollm2] [--json FILE]

Both sides follow the same tokens of the same texts. Measured are: the mask alone (take in a token, give the set of
allowed ones) and with its use on the logits; warm, when the texts' masks have been asked for before, and cold, from a
schema to the last token of a first text, on a vocabulary that has seen no schema before the first of them; and what one
token of SmolLM2 costs beside it. The best of alternating rounds counts. Nothing is written unless --json names a file.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import llguidance
import llguidance.numpy
import torch

from utils.decoding.cached import CachedDecoder
from utils.decoding.generation import generate
from utils.decoding.grammar import Constraint, TokenSpellings, json_schema
from utils.models.pretrained import PretrainedModel, load_gguf
from utils.text.gguf_tokenizer import load_gguf_tokenizer
from utils.world import RECORD_SCHEMAS, World, draw_record_tasks

END = 2
Texts = dict[str, list[list[int]]]


def llguidance_grammar(schema: dict[str, Any]) -> str:
    """Return the grammar of a schema's compact texts."""
    return llguidance.LLMatcher.grammar_from_json_schema(schema, overrides={"whitespace_flexible": False})


class Course:
    """The course's masks for one schema."""

    def __init__(self, spellings: TokenSpellings, schema: dict[str, Any]) -> None:
        self.constraint = Constraint(json_schema(schema), spellings)
        self.state: int | None = None

    def begin(self) -> None:
        """Ask for the first mask."""
        self.state = self.constraint.start
        self.constraint.allowed(self.state)

    def take(self, token: int) -> None:
        """Take in a token and ask for the next mask."""
        self.state = self.constraint.advance(self.state or 0, token)
        self.constraint.allowed(self.state or 0)

    def apply(self, ids: list[int], logits: torch.Tensor) -> None:
        """Write a text with the mask laid on logits (1, V) at each token."""
        for position in range(len(ids) + 1):
            self.constraint.adjust(logits, [0], [ids[:position]])


class LLGuidance:
    """llguidance's masks for one schema, as its own module for numpy makes them."""

    def __init__(self, tokenizer: Any, schema: dict[str, Any]) -> None:
        self.matcher = llguidance.LLMatcher(tokenizer, llguidance_grammar(schema))
        self.mask = llguidance.numpy.allocate_token_bitmask(1, tokenizer.vocab_size)

    def begin(self) -> None:
        """Ask for the first mask."""
        self.matcher.reset()
        llguidance.numpy.fill_next_token_bitmask(self.matcher, self.mask)

    def take(self, token: int) -> None:
        """Take in a token and ask for the next mask."""
        self.matcher.consume_token(token)
        llguidance.numpy.fill_next_token_bitmask(self.matcher, self.mask)

    def apply(self, ids: list[int], logits: torch.Tensor) -> None:
        """Write a text with the mask laid on logits (1, V) at each token, a copy of them as the course makes one."""
        self.begin()
        for token in [*ids, None]:
            llguidance.numpy.apply_token_bitmask_inplace(logits.numpy().copy(), self.mask)
            if token is not None:
                self.take(token)


def write(side: Course | LLGuidance, texts: list[list[int]]) -> None:
    """Follow texts token by token."""
    for ids in texts:
        side.begin()
        for token in ids:
            side.take(token)


def best_per_token(
    actions: Mapping[str, Callable[[], object]], n_tokens: int, rounds: int, clock: Callable[[], float]
) -> dict[str, float]:
    """Return seconds per token of each action, the best of alternating rounds after one to warm up."""
    best = dict.fromkeys(actions, float("inf"))
    for turn in range(rounds + 1):
        for name, action in actions.items():
            start = clock()
            action()
            if turn:
                best[name] = min(best[name], (clock() - start) / n_tokens)
    return best


def cold(make: Callable[[str], Course | LLGuidance], texts: Texts, clock: Callable[[], float]) -> dict[str, float]:
    """Return seconds for a schema's first mask, the mean and longest of the other masks of its first text, and the mean
    over ten texts that were never asked for, once ten others were."""
    first, others, later = [], [], []
    for kind, rows in texts.items():
        start = clock()
        side = make(kind)
        side.begin()
        first.append(clock() - start)
        for token in rows[0]:
            start = clock()
            side.take(token)
            others.append(clock() - start)
        write(side, rows[1:10])
        for ids in rows[10:20]:
            start = clock()
            write(side, [ids])
            later.append((clock() - start) / (len(ids) + 1))
    return {
        "later": sum(later) / len(later),
        "first": sum(first) / len(first),
        "mean": sum(others) / len(others),
        "longest": max(others),
    }


def compare(rounds: int, clock: Callable[[], float]) -> dict[str, Any]:
    """Return seconds of both sides by what is measured."""
    tokenizer = load_gguf_tokenizer()
    start = clock()
    spellings = TokenSpellings.from_tokenizer(tokenizer, [END])
    vocabulary = {"course": clock() - start}
    start = clock()
    ll_tokenizer = llguidance.LLTokenizer(tokenizer.to_str(), eos_token=END)
    vocabulary["llguidance"] = clock() - start
    texts: Texts = {kind: [] for kind in RECORD_SCHEMAS}
    for task in draw_record_tasks(World(seed=0), 60):
        text = json.dumps(task.record, ensure_ascii=False, separators=(",", ":"))
        texts[task.kind].append(tokenizer.encode(text, add_special_tokens=False).ids)
    makers: dict[str, Callable[[str], Course | LLGuidance]] = {
        "course": lambda kind: Course(spellings, RECORD_SCHEMAS[kind]),
        "llguidance": lambda kind: LLGuidance(ll_tokenizer, RECORD_SCHEMAS[kind]),
    }
    n_tokens = sum(len(ids) + 1 for rows in texts.values() for ids in rows)
    colds: dict[str, dict[str, float]] = {}
    for _ in range(rounds):
        # New each time: a vocabulary keeps what schemas have in common.
        spellings = TokenSpellings.from_tokenizer(tokenizer, [END])
        for name, make in makers.items():
            found = cold(make, texts, clock)
            colds[name] = {key: min(value, colds.get(name, found)[key]) for key, value in found.items()}
    sides = {name: {kind: make(kind) for kind in texts} for name, make in makers.items()}
    logits = torch.randn(1, spellings.vocab_size, generator=torch.Generator().manual_seed(0))

    def write_all(name: str) -> None:
        for kind, rows in texts.items():
            write(sides[name][kind], rows)

    def apply_all(name: str) -> None:
        for kind, rows in texts.items():
            for ids in rows:
                sides[name][kind].apply(ids, logits)

    masks = {name: partial(write_all, name) for name in sides}
    used = {name: partial(apply_all, name) for name in sides}
    results: dict[str, Any] = {
        "mask, warm": best_per_token(masks, n_tokens, rounds, clock),
        "mask on logits, warm": best_per_token(used, n_tokens, rounds, clock),
    }
    titles = {"later": "mask, new texts after ten others", "mean": "mask, cold", "longest": "slowest mask, cold"}
    for key, title in (*titles.items(), ("first", "schema and first mask")):
        results[title] = {name: found[key] for name, found in colds.items()}
    results["vocabulary, once"] = vocabulary
    results["tokens"] = n_tokens
    return results


def smollm2_shares(rounds: int, clock: Callable[[], float], pretrained: PretrainedModel) -> dict[str, Any]:
    """Return SmolLM2's seconds per token with and without the mask, and the mask's own share of a token."""
    spellings = TokenSpellings.from_tokenizer(pretrained)
    task = draw_record_tasks(World(seed=0), 1, kinds=["visit"])[0]
    prompt = pretrained.encode_chat([{"role": "user", "content": task.prompt}])
    constraint = Constraint(json_schema(task.schema), spellings)
    found: dict[str, Any] = {}
    for weights in ("float32", "int4"):
        decoder = CachedDecoder(pretrained.model, weights)
        spent = [0.0]

        def timed(*given: Any, spent: list[float] = spent) -> torch.Tensor:
            start = clock()
            masked = constraint.adjust(*given)
            spent[0] += clock() - start
            return masked

        best = {"token": float("inf"), "mask": float("inf")}
        for turn in range(rounds + 1):
            spent[0], start = 0.0, clock()
            written = generate(decoder, [prompt], 40, stop_ids=spellings.end_ids, adjust=timed)[0]
            whole = clock() - start
            start = clock()
            decoder.prefill([prompt], reserve=1)
            reading = clock() - start
            n_tokens = len(written.ids) + (written.finish == "stop")
            if turn:
                best["mask"] = min(best["mask"], spent[0] / n_tokens)
                best["token"] = min(best["token"], (whole - reading - spent[0]) / n_tokens)
        found[weights] = {**best, "share": best["mask"] / best["token"]}
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
    results: dict[str, Any] = {"threads": options.threads, "masks": compare(options.rounds, clock)}
    n_tokens = results["masks"].pop("tokens")
    print(f"{n_tokens} tokens of 60 records; vocabulary of 49,152; milliseconds\n")
    print("| measured | llguidance | course | course / llguidance |")
    print("|---|---|---|---|")
    for name, seconds in results["masks"].items():
        ours, theirs = seconds["course"], seconds["llguidance"]
        print(f"| {name} | {theirs * 1e3:.3f} | {ours * 1e3:.3f} | {ours / theirs:.2f} |")
    if not options.skip_smollm2:
        results["smollm2"] = smollm2_shares(options.rounds, clock, load_gguf())
        for weights, row in results["smollm2"].items():
            print(
                f"\nSmolLM2-135M, {weights}: {row['token'] * 1e3:.1f} ms per token, "
                f"{row['mask'] * 1e3:.3f} ms of mask beside it: {row['share']:.2%}"
            )
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
