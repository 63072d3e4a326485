"""Preferences of two labelers, one policy each: does preference training make a model invent more, or less?

Row 105. A labeler who cannot check likes every answer better than silence; one who checks gives 1 for right, 0 for
silence and -c for wrong. DPO learns from choices between a drawn answer and silence; a choice is noisy, so that it
says how large c is and not only which side is better. PPO is given the worth itself.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from utils.evaluation.calibration import calibration_error
from utils.evaluation.detection import auroc
from utils.experiments.hallucination.answering import (
    GROUPS,
    MAX_NEW_TOKENS,
    Answer,
    Asked,
    Bench,
    answers,
    bench,
    chat,
    outcome,
    rates,
    sampled,
)
from utils.experiments.hallucination.mismatch_runs import TEST_SEED, taught
from utils.models.gpt import GPT
from utils.posttraining.dpo import train_dpo
from utils.posttraining.ppo import PPOConfig, train_ppo
from utils.posttraining.preferences import PreferencePair
from utils.world import ABSTENTION, Draws
from utils.world.questions import ask

POLICIES = ("base", "sft", "cannot check", "punishes")
METHODS = ("none", "dpo", "ppo")
NOISE = 0.5  # of a choice, in units of the worth of a right answer
DPO_BETA, DPO_LR = 0.1, 1e-4
PPO_BETA, PPO_LR, PPO_BATCH, PPO_ROUNDS = 0.05, 1e-4, 48, 60


@dataclass(frozen=True)
class PolicyJob:
    """One policy.

    Attributes:
        base, people: of the questions.
        policy: one of `POLICIES`.
        method: one of `METHODS`; base and sft have none.
        penalty: c, what a wrong answer costs with the labeler who punishes; 0 elsewhere.
        n: demonstrations, and questions for preferences.
        steps: of finetuning.
        rounds: steps of DPO; PPO has `PPO_ROUNDS` of its own.
        seed: of everything drawn.
        n_test: most questions of each group.
    """

    base: str
    people: int
    policy: str
    method: str
    penalty: float
    n: int
    steps: int
    rounds: int
    seed: int
    n_test: int

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise ValueError(f"policy must be one of {', '.join(POLICIES)}, not {self.policy!r}")
        if self.method not in METHODS or (self.method == "none") != (self.policy in POLICIES[:2]):
            raise ValueError(f"method {self.method!r} does not go with the policy {self.policy!r}")
        if self.penalty < 0:
            raise ValueError(f"penalty must not be negative, not {self.penalty}")


@lru_cache(maxsize=2)
def sft_policy(base: str, people: int, n: int, steps: int, seed: int) -> GPT:
    """Return a model that sometimes is silent: known facts answered, and a quarter of the unknown ones."""
    where = bench(base, people)
    known = where.draw("known", "learn", n // 2, seed)
    unknown = where.draw("unknown", "learn", n - n // 2, seed)
    chats = [chat(item.question, item.answer) for item in known]
    chats += [chat(item.question, ABSTENTION if i % 4 else item.answer) for i, item in enumerate(unknown)]
    return taught(where, chats, steps, seed)


def worth(found: str, policy: str, penalty: float) -> float:
    """Return what a labeler gives an outcome: who cannot check gives 1 to every answer."""
    if found == "abstained":
        return 0.0
    return 1.0 if found == "correct" or policy == "cannot check" else -penalty


def policy_of(job: PolicyJob) -> GPT:
    """Return the trained policy of a job."""
    where = bench(job.base, job.people)
    if job.policy == "base":
        return where.model().eval()
    model = sft_policy(job.base, job.people, job.n, job.steps, job.seed)
    if job.policy == "sft":
        return model
    # The other half of the order: facts that no demonstration was about.
    items = where.draw("known", "learn", job.n, job.seed)[job.n // 2 :]
    items += where.draw("unknown", "learn", job.n, job.seed)[job.n // 2 :][: len(items)]
    policy = copy.deepcopy(model)
    if job.method == "dpo":
        pairs = labelled_pairs(where, model, items, job)
        train_dpo(policy, pairs, beta=DPO_BETA, steps=job.rounds, lr=DPO_LR, seed=job.seed, show_progress=False)
    else:
        _train_by_ppo(where, policy, items, job)
    return policy.eval()


def labelled_pairs(where: Bench, model: GPT, items: Sequence[Asked], job: PolicyJob) -> list[PreferencePair]:
    """Return a noisy choice between silence and an answer that the model draws, for each question where it speaks."""
    pairs, encode, draws = [], where.world.vocabulary.encode, np.random.default_rng([job.seed, 105])
    silence = (*encode(ABSTENTION), where.codec.end_id)
    for item, [text] in zip(items, sampled(model, where, items, 1, 77 + job.seed), strict=True):
        found = outcome(where.world, item, text)
        if found != "abstained" and text:
            spoken = (*encode(text), where.codec.end_id)
            likes = draws.random() < 1 / (1 + np.exp(-worth(found, job.policy, job.penalty) / NOISE))
            chosen, rejected = (spoken, silence) if likes else (silence, spoken)
            pairs.append(PreferencePair(tuple(where.prompt(item.question)), chosen, rejected))
    return pairs


def _train_by_ppo(where: Bench, policy: GPT, items: Sequence[Asked], job: PolicyJob) -> None:
    asked = {tuple(where.prompt(item.question)): item for item in items}
    decode = where.world.vocabulary.decode

    def score(prompts: Sequence[Sequence[int]], texts: Sequence[Sequence[int]]) -> list[float]:
        said = [decode([i for i in text if i != where.codec.end_id]) for text in texts]
        found = [outcome(where.world, asked[tuple(p)], text) for p, text in zip(prompts, said, strict=True)]
        return [worth(one, job.policy, job.penalty) for one in found]

    config = PPOConfig(PPO_ROUNDS, PPO_BATCH, beta=PPO_BETA, lr=PPO_LR, max_new_tokens=MAX_NEW_TOKENS, seed=job.seed)
    train_ppo(policy, [list(prompt) for prompt in asked], score, where.codec.end_id, config)


def base_answers(model: GPT, where: Bench, items: Sequence[Asked]) -> list[Answer]:
    """Return what the base model completes: the question and the beginning of an answer, as documents have them."""
    world, prompts, beginnings = where.world, [], []
    for item in items:
        true = world.fact(item.fact.subject, item.fact.relation)
        sentence = ask(world, true, Draws("base answers")).answer
        beginnings.append(sentence[: sentence.rindex(true.value)])
        text = f"{item.question} {beginnings[-1]}"
        prompts.append([world.vocabulary.end_of_text_id, *world.vocabulary.encode(text)])
    found = []
    for item, start, one in zip(items, beginnings, answers(model, where, items, prompts), strict=True):
        text = f"{start}{one.text.split('.')[0]}."
        found.append(Answer(text, one.probability, outcome(world, item, text)))
    return found


def run_policy(job: PolicyJob) -> Mapping[str, Any]:
    """Train one policy; return its rates by group and how its probabilities fit its answers."""
    where = bench(job.base, job.people)
    model = policy_of(job)
    by_group: dict[str, list[Answer]] = {}
    for group in GROUPS:
        items = where.draw(group, "test", job.n_test, TEST_SEED)
        by_group[group] = base_answers(model, where, items) if job.policy == "base" else answers(model, where, items)
    given = [one for some in by_group.values() for one in some if one.outcome != "abstained"]
    right = [one.outcome == "correct" for one in given]
    sure = [min(1.0, one.probability) for one in given]
    fit = {"ece": calibration_error(sure, right), "mean confidence": sum(sure) / len(sure)} if given else {}
    if any(right) and not all(right):
        fit["auroc"] = auroc(sure, right)
    return {
        "rates": {group: {k: round(v, 4) for k, v in rates(some).items()} for group, some in by_group.items()},
        "fit": {name: round(value, 4) for name, value in fit.items()},
    }
