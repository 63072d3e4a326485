"""The same preferences, several ways to learn from them, one gold reward: PPO, DPO, and other labels."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from utils.experiments.finetuning.chat_models import load_chat_model
from utils.experiments.preferences.answer_model import MAX_NEW_TOKENS, AnswerBench, answer_bench
from utils.experiments.preferences.labelling import (
    accuracy_on,
    labelled_pairs,
    model_judge,
    person_judge,
    two_answers,
)
from utils.models.gpt import GPT
from utils.posttraining.dpo import train_dpo
from utils.posttraining.kl import sequence_kl
from utils.posttraining.logprobs import target_logprobs
from utils.posttraining.ppo import PPOConfig, train_ppo
from utils.posttraining.preferences import PreferencePair
from utils.posttraining.reward import RewardModel, train_reward_model
from utils.posttraining.rollouts import roll_out

METHODS = ("ppo", "ppo without penalty", "dpo", "dpo, labels of a model", "dpo, labels of a coin")
PENALTY, DPO_BETA, ROUNDS, REWARD_STEPS = 0.2, 0.1, 40, 80
MODEL_JUDGE = "world-medium-chat"


@dataclass(frozen=True)
class MethodJob:
    """One policy: how it learns, rounds of PPO (or steps of DPO, twice as many), and the seed of everything drawn."""

    method: str
    rounds: int
    seed: int

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, not {self.method!r}")


@cache
def pairs_of(label: str, seed: int) -> tuple[list[PreferencePair], list[PreferencePair]]:
    """Return the pairs of a seed to train on and 200 more, labelled by a person, a model or a coin."""
    bench, judge = answer_bench(), None
    if label == "model":
        judge = model_judge(bench, load_chat_model(MODEL_JUDGE))
    elif label != "coin":
        judge = person_judge(bench)
    pairs = labelled_pairs(bench, judge, seed, answers=_answers_of(seed))
    return pairs[200:], pairs[:200]


@cache
def _answers_of(seed: int) -> tuple[list[list[int]], list[list[int]]]:
    return two_answers(answer_bench(), seed)


@cache
def reward_model_of(seed: int) -> tuple[RewardModel, float]:
    """Return a reward model of a seed's pairs of a person, and its accuracy on 200 others."""
    train, held_out = pairs_of("person", seed)
    model = RewardModel(answer_bench().policy, seed)
    train_reward_model(model, train, steps=REWARD_STEPS, lr=1e-3, seed=seed, show_progress=False)
    return model, accuracy_on(model, held_out)


def measure(bench: AnswerBench, policy: GPT, seed: int) -> dict[str, float]:
    """Return mean gold reward, distance from the bench's policy (nats an answer) and tokens, on test questions."""
    prompts = bench.prompts(bench.tests)
    rollout = roll_out(policy, prompts, bench.codec.end_id, MAX_NEW_TOKENS, 1.0, 1000 + seed)
    far = target_logprobs(bench.policy, rollout.inputs, rollout.targets).detach()
    return {
        "gold": float(bench.gold(bench.tests, rollout.answers).mean()),
        "kl": float(sequence_kl(rollout.logprobs, far, rollout.mask)),
        "tokens": sum(map(len, rollout.answers)) / len(rollout.answers),
    }


def run_method(job: MethodJob) -> Mapping[str, Any]:
    """Train one policy and measure it; a result holds the policy before as well."""
    bench = answer_bench()
    policy = copy.deepcopy(bench.policy)
    result: dict[str, Any] = {"before": measure(bench, bench.policy, job.seed)["gold"]}
    if job.method.startswith("ppo"):
        reward, result["accuracy"] = reward_model_of(job.seed)

        def score(prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]) -> Any:
            return reward.score([[*p, *a] for p, a in zip(prompts, answers, strict=True)])

        beta = PENALTY if job.method == "ppo" else 0.0
        config = PPOConfig(job.rounds, 32, beta=beta, lr=5e-4, max_new_tokens=MAX_NEW_TOKENS, seed=job.seed)
        records = train_ppo(policy, bench.prompts(bench.questions), score, bench.codec.end_id, config)
        result["curve"] = [[r.step, round(r.score, 3), round(r.kl, 3)] for r in records[:: max(1, job.rounds // 20)]]
    else:
        label = {"dpo": "person", "dpo, labels of a model": "model"}.get(job.method, "coin")
        train, _ = pairs_of(label, job.seed)
        train_dpo(policy, train, beta=DPO_BETA, steps=2 * job.rounds, lr=3e-4, seed=job.seed, show_progress=False)
    return result | measure(bench, policy, job.seed)
