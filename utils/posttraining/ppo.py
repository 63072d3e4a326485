"""Proximal policy optimisation of a language model (Ziegler et al., 2019; Ouyang et al., 2022).

Each step draws answers, scores them whole, charges every token for its distance from the reference, and then takes
a few clipped gradient steps on policy and value model with the same answers.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from utils.posttraining.advantages import advantages, masked_mean, penalised_rewards, ppo_loss, value_loss, whiten
from utils.posttraining.kl import sequence_kl
from utils.posttraining.logprobs import frozen_copy_check, target_logprobs
from utils.posttraining.reward import RewardModel
from utils.posttraining.rollouts import Ids, Rollout, by_answer, roll_out

# Scores whole answers: prompts and answers (with the end id where one was written) -> one number each.
Score = Callable[[Sequence[Ids], Sequence[Ids]], Sequence[float] | Tensor]


@dataclass(frozen=True)
class PPOConfig:
    """The choices of a run.

    Attributes:
        steps: rounds of drawing and learning.
        batch_size: answers per round.
        epochs: gradient steps per round, on all its answers.
        beta: weight of the penalty on log(policy / reference); 0 is none.
        lr, value_lr: of AdamW for policy and value model, linearly to 0.
        clip: of ratios and of values.
        gamma, lam: of generalised advantage estimation.
        temperature: of the sampler, and of all log-probabilities.
        max_new_tokens: longest answer.
        seed: of prompts and draws.
    """

    steps: int = 100
    batch_size: int = 32
    epochs: int = 2
    beta: float = 0.1
    lr: float = 3e-4
    value_lr: float = 1e-3
    clip: float = 0.2
    gamma: float = 1.0
    lam: float = 0.95
    temperature: float = 1.0
    max_new_tokens: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "epochs", "lr", "value_lr", "clip", "temperature", "max_new_tokens"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, not {getattr(self, name)}")
        if not self.beta >= 0:
            raise ValueError(f"beta must not be negative, not {self.beta}")


@dataclass(frozen=True)
class PPORecord:
    """One round: mean score, mean KL of whole answers (nats), mean tokens, both losses, share of clipped ratios."""

    step: int
    score: float
    kl: float
    length: float
    policy_loss: float
    value_loss: float
    clipped: float


def train_ppo(
    policy: nn.Module,
    prompts: Sequence[Ids],
    score: Score,
    end_id: int,
    config: PPOConfig,
    *,
    reference: nn.Module | None = None,
    value_model: RewardModel | None = None,
    on_round: Callable[[PPORecord, Rollout], object] | None = None,
) -> list[PPORecord]:
    """Train `policy` in place; return the record of every round.

    Args:
        policy: a `GPT`, or a causal model of `transformers`.
        prompts: ids to answer; each round draws `batch_size` of them.
        score: what the policy is to raise, of whole answers.
        end_id: id that ends an answer.
        config: the choices.
        reference: what the penalty measures from; None is a frozen copy of the policy as it is.
        value_model: predicts the score from each position; None starts from the policy's body with a head of zeros.
        on_round: called with each round's record and answers; a true result ends the run.

    Raises:
        ValueError: no prompts, or a reference that shares trained parameters with the policy.
    """
    if not prompts:
        raise ValueError("prompts must hold at least one prompt, not none")
    if reference is None:
        reference = copy.deepcopy(policy)
    frozen_copy_check(policy, reference)
    reference.requires_grad_(False).eval()
    if value_model is None:
        value_model = RewardModel(policy)
        nn.init.zeros_(value_model.head.weight)
    policy.eval()  # dropout would make the ratios differ from 1 before the first step
    trained = [p for p in policy.parameters() if p.requires_grad]
    valued = [p for p in value_model.parameters() if p.requires_grad]
    optimisers = [torch.optim.AdamW(trained, config.lr, weight_decay=0.0)]
    optimisers += [torch.optim.AdamW(valued, config.value_lr, weight_decay=0.0)]
    peaks, records = (config.lr, config.value_lr), []
    for step in range(config.steps):
        for optimiser, peak in zip(optimisers, peaks, strict=True):
            optimiser.param_groups[0]["lr"] = peak * (1 - step / config.steps)
        places = np.random.default_rng([config.seed, step]).integers(len(prompts), size=config.batch_size)
        seed = int(np.random.SeedSequence([config.seed, step, 1]).generate_state(1)[0])
        asked = [prompts[place] for place in places]
        rollout = roll_out(policy, asked, end_id, config.max_new_tokens, config.temperature, seed)
        scores = torch.as_tensor(score(rollout.prompts, rollout.answers), dtype=torch.float32).to(rollout.inputs.device)
        record = _learn(policy, reference, value_model, optimisers, (trained, valued), rollout, scores, config, step)
        records.append(record)
        if on_round is not None and on_round(record, rollout):
            break
    return records


def _learn(
    policy: nn.Module,
    reference: nn.Module,
    value_model: RewardModel,
    optimisers: Sequence[torch.optim.Optimizer],
    trained: tuple[list[nn.Parameter], list[nn.Parameter]],
    rollout: Rollout,
    scores: Tensor,
    config: PPOConfig,
    step: int,
) -> PPORecord:
    """Take a round's gradient steps on policy and value model, and say how it went."""
    inputs, targets, everywhere = rollout.inputs, rollout.targets, rollout.mask
    mask = by_answer(everywhere.long(), everywhere).bool()
    old = by_answer(rollout.logprobs, everywhere)
    with torch.no_grad():
        far = by_answer(target_logprobs(reference, inputs, targets, config.temperature), everywhere)
        old_values = by_answer(value_model.token_scores(inputs), everywhere)
    rewards = penalised_rewards(scores, old, far, config.beta, mask)
    gains = advantages(rewards, old_values, config.gamma, config.lam, mask)
    returns, gains = gains + old_values, whiten(gains, mask)
    for _ in range(config.epochs):
        own = by_answer(target_logprobs(policy, inputs, targets, config.temperature), everywhere)
        policy_loss = ppo_loss(own, old, gains, config.clip, mask)
        values = by_answer(value_model.token_scores(inputs), everywhere)
        error = value_loss(values, old_values, returns, config.clip, mask)
        (policy_loss + error).backward()
        for optimiser, parameters in zip(optimisers, trained, strict=True):
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
    clipped = masked_mean((((own - old).exp() - 1).abs() > config.clip).float(), mask)
    return PPORecord(
        step=step,
        score=float(scores.mean()),
        kl=float(sequence_kl(old, far, mask)),
        length=float(mask.sum(-1).float().mean()),
        policy_loss=float(policy_loss.detach()),
        value_loss=float(error.detach()),
        clipped=float(clipped),
    )
