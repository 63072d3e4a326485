"""Gold and proxy reward while a policy moves away from where it began, for reward models of several sizes."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from utils.experiments.preferences.answer_model import MAX_NEW_TOKENS, AnswerBench, answer_bench
from utils.experiments.preferences.labelling import accuracy_on
from utils.experiments.preferences.method_runs import measure, pairs_of
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.posttraining.best_of_n import best_of_n_kl, expected_best_of_n
from utils.posttraining.dpo import train_dpo
from utils.posttraining.ppo import PPOConfig, PPORecord, train_ppo
from utils.posttraining.reward import RewardModel, train_reward_model
from utils.posttraining.rollouts import Rollout
from utils.world.questions import QuestionAnswer

KINDS = ("best of n", "ppo", "dpo")
DPO_BETAS = (1.0, 0.2, 0.05)


@dataclass(frozen=True)
class PressureJob:
    """One optimisation against one proxy.

    Attributes:
        kind: best of n, ppo, or dpo (which has no reward model: its width is 0).
        width: of the reward model, a transformer of two blocks from scratch.
        size: largest n, rounds of PPO, or steps of DPO.
        seed: of pairs, weights and draws.
    """

    kind: str
    width: int
    size: int
    seed: int

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {self.kind!r}")


def proxy_model(bench: AnswerBench, width: int, seed: int) -> tuple[RewardModel, float]:
    """Return a reward model of a width, trained from scratch on a person's pairs, and its accuracy on others."""
    config = bench.policy.config
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        body = GPT(
            ModelConfig(
                n_layers=2,
                d_model=width,
                n_heads=2,
                vocab_size=config.vocab_size,
                context_length=config.context_length,
            )
        )
    train, held_out = pairs_of("person", seed)
    model = RewardModel(body, seed)
    train_reward_model(model, train, steps=120, lr=3e-3, seed=seed, show_progress=False)
    return model, accuracy_on(model, held_out)


def run_pressure(job: PressureJob) -> Mapping[str, Any]:
    """Return distances (nats an answer), gold and proxy rewards, the reward before, and the proxy's accuracy."""
    bench = answer_bench()
    if job.kind == "dpo":
        return _dpo(bench, job)
    proxy, accuracy = proxy_model(bench, job.width, job.seed)
    found = _best_of_n(bench, proxy, job) if job.kind == "best of n" else _ppo(bench, proxy, job)
    return {**found, "accuracy": accuracy}


def _best_of_n(bench: AnswerBench, proxy: RewardModel, job: PressureJob) -> dict[str, Any]:
    questions = bench.tests[:25]
    numbers = [2**k for k in range(1, job.size.bit_length())]
    gold: list[list[float]] = []
    liked: list[list[float]] = []
    for number, question in enumerate(questions):
        asked = [question] * job.size
        answers = bench.draw(bench.policy, asked, 10_000 * (job.seed + 1) + number)
        [prompt] = bench.prompts([question])
        gold.append(bench.gold(asked, answers).tolist())
        liked.append(proxy.score([[*prompt, *answer] for answer in answers]).tolist())

    def mean(worth: Sequence[Sequence[float]], n: int) -> float:
        return float(np.mean([expected_best_of_n(p, w, n) for p, w in zip(liked, worth, strict=True)]))

    return {
        "kl": [best_of_n_kl(n) for n in numbers],
        "gold": [mean(gold, n) for n in numbers],
        "proxy": [mean(liked, n) for n in numbers],
        "before": float(np.mean(gold)),
        "proxy_before": float(np.mean(liked)),
    }


def _ppo(bench: AnswerBench, proxy: RewardModel, job: PressureJob) -> dict[str, Any]:
    policy, prompts = copy.deepcopy(bench.policy), bench.prompts(bench.questions)
    asked: dict[tuple[int, ...], QuestionAnswer] = {
        tuple(prompt): question for prompt, question in zip(prompts, bench.questions, strict=True)
    }
    kl: list[float] = []
    gold: list[float] = []
    liked: list[float] = []

    def keep(record: PPORecord, rollout: Rollout) -> None:
        questions = [asked[tuple(prompt)] for prompt in rollout.prompts]
        kl.append(record.kl)
        liked.append(record.score)
        gold.append(float(bench.gold(questions, rollout.answers).mean()))

    def score(rows: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]) -> Any:
        return proxy.score([[*p, *a] for p, a in zip(rows, answers, strict=True)])

    config = PPOConfig(job.size, 32, beta=0.0, lr=5e-4, max_new_tokens=MAX_NEW_TOKENS, seed=job.seed)
    train_ppo(policy, prompts, score, bench.codec.end_id, config, on_round=keep)
    return {
        "kl": [round(one, 4) for one in kl],
        "gold": [round(one, 4) for one in gold],
        "proxy": [round(one, 4) for one in liked],
        "before": measure(bench, bench.policy, job.seed)["gold"],
        "proxy_before": liked[0],
    }


def _dpo(bench: AnswerBench, job: PressureJob) -> dict[str, Any]:
    train, _ = pairs_of("person", job.seed)
    found = []
    for beta in DPO_BETAS:
        policy = copy.deepcopy(bench.policy)
        train_dpo(policy, train, beta=beta, steps=job.size, lr=3e-4, seed=job.seed, show_progress=False)
        found.append(measure(bench, policy, job.seed))
    return {
        "kl": [one["kl"] for one in found],
        "gold": [one["gold"] for one in found],
        "proxy": [],
        "before": measure(bench, bench.policy, job.seed)["gold"],
    }
