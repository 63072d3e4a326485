"""PPO's arithmetic against its definitions, and a policy that learns what is rewarded."""

from __future__ import annotations

import copy
import itertools
import math

import pytest
import torch

from tests.posttraining.small_models import tiny_gpt, tiny_llama
from utils.posttraining.advantages import advantages, penalised_rewards, ppo_loss, value_loss, whiten
from utils.posttraining.kl import exact_kl, kl_k1, kl_k2, kl_k3, sequence_kl
from utils.posttraining.ppo import PPOConfig, train_ppo
from utils.posttraining.rollouts import by_answer, roll_out

MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]]).bool()


def noise(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("gamma", "lam"), [(1.0, 0.95), (0.9, 0.5), (1.0, 1.0), (0.8, 0.0)])
def test_advantages_are_the_discounted_sums_of_their_definition(gamma: float, lam: float) -> None:
    rewards, values = noise(0, 2, 4), noise(1, 2, 4)
    found = advantages(rewards, values, gamma, lam, MASK)
    for row, n in enumerate((4, 2)):
        v = [*values[row, :n].tolist(), 0.0]
        delta = [float(rewards[row, t]) + gamma * v[t + 1] - v[t] for t in range(n)]
        for t in range(n):
            expected = sum((gamma * lam) ** k * delta[t + k] for k in range(n - t))
            assert float(found[row, t]) == pytest.approx(expected, abs=1e-5)
    assert found[1, 2:].tolist() == [0, 0]


def test_nothing_depends_on_what_stands_at_padding() -> None:
    x, junk = noise(2, 2, 4), torch.where(MASK, noise(2, 2, 4), 1e3)
    other = noise(3, 2, 4)
    assert torch.equal(whiten(x, MASK), whiten(junk, MASK))
    torch.testing.assert_close(advantages(x, other, 1, 0.9, MASK), advantages(junk, other, 1, 0.9, MASK))
    # Kept below the size at which an exponential overflows.
    few = torch.where(MASK, x, 5.0)
    torch.testing.assert_close(ppo_loss(x, other, x, 0.2, MASK), ppo_loss(few, other, few, 0.2, MASK))
    torch.testing.assert_close(value_loss(x, other, x * 2, 0.2, MASK), value_loss(junk, other, x * 2, 0.2, MASK))


def test_advantages_are_whitened_over_real_positions_only() -> None:
    real = whiten(noise(2, 2, 4) * 3 + 5, MASK)[MASK]
    assert float(real.mean()) == pytest.approx(0, abs=1e-5)
    assert float(real.var(correction=0)) == pytest.approx(1, abs=1e-4)


def test_the_penalty_falls_on_every_token_and_the_score_on_the_last_real_one() -> None:
    own, far = noise(4, 2, 4), noise(5, 2, 4)
    found = penalised_rewards(torch.tensor([3.0, 7.0]), own, far, 0.5, MASK)
    expected = -0.5 * (own - far) * MASK
    expected[0, 3] += 3
    expected[1, 1] += 7
    torch.testing.assert_close(found, expected)
    with pytest.raises(ValueError, match="beta must not be negative"):
        penalised_rewards(torch.zeros(2), own, far, -1)


def test_clipping_follows_its_definition_and_stops_the_gradient() -> None:
    for ratio, gain in itertools.product((0.5, 0.9, 1.0, 1.1, 1.5), (-2.0, 2.0)):
        logprob = torch.tensor([[math.log(ratio)]], requires_grad=True)
        loss = ppo_loss(logprob, torch.zeros(1, 1), torch.tensor([[gain]]), clip=0.2)
        loss.backward()
        bound = min(max(ratio, 0.8), 1.2)
        assert float(loss.detach()) == pytest.approx(-min(ratio * gain, bound * gain), rel=1e-5)
        too_far = (gain > 0 and ratio > 1.2) or (gain < 0 and ratio < 0.8)
        assert float(logprob.grad) == pytest.approx(0 if too_far else -ratio * gain, rel=1e-5)


def test_a_value_gains_nothing_by_moving_further_than_the_clip() -> None:
    values = torch.tensor([[0.5]], requires_grad=True)
    value_loss(values, torch.zeros(1, 1), torch.ones(1, 1), clip=0.2).backward()
    assert float(values.grad) == 0
    assert float(value_loss(torch.tensor([[0.1]]), torch.zeros(1, 1), torch.ones(1, 1))) == pytest.approx(0.405)


def test_a_row_without_an_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="without a target"):
        ppo_loss(torch.zeros(2, 2), torch.zeros(2, 2), torch.zeros(2, 2), mask=torch.tensor([[1, 1], [0, 0]]))


def test_estimators_of_kl_have_the_exact_one_as_their_mean() -> None:
    own, far = noise(6, 7) * 0.7, noise(7, 7) * 0.7
    p, q = own.log_softmax(-1), far.log_softmax(-1)
    exact = sum(math.exp(a) * (a - b) for a, b in zip(p.tolist(), q.tolist(), strict=True))
    assert float(exact_kl(own, far)) == pytest.approx(exact, rel=1e-5)
    # The mean over the whole distribution, no sampling: k1 and k3 are unbiased, k2 is not.
    assert float((p.exp() * kl_k1(p, q)).sum()) == pytest.approx(exact, rel=1e-4)
    assert float((p.exp() * kl_k3(p, q)).sum()) == pytest.approx(exact, rel=1e-4)
    assert abs(float((p.exp() * kl_k2(p, q)).sum()) - exact) > 0.01 * exact
    assert bool((kl_k3(p, q) >= 0).all())
    assert bool((kl_k1(p, q) < 0).any())


def test_a_token_that_is_never_written_adds_no_kl() -> None:
    logits = torch.tensor([0.0, -math.inf])
    assert float(exact_kl(logits, torch.tensor([0.0, 0.0]))) == pytest.approx(math.log(2))


def test_the_kl_of_answers_is_a_sum_over_their_tokens() -> None:
    assert float(sequence_kl(torch.ones(2, 4), torch.zeros(2, 4), MASK)) == 3


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_log_probabilities_are_those_of_the_samplers_temperature(temperature: float) -> None:
    model = tiny_gpt()
    rollout = roll_out(model, [[5, 6, 7]], end_id=6, max_new_tokens=5, temperature=temperature, seed=0)
    ids = [5, 6, 7, *rollout.answers[0]]
    scaled = (model(torch.tensor([ids]))[0] / temperature).log_softmax(-1)
    by_hand = torch.stack([scaled[t - 1, ids[t]] for t in range(3, len(ids))])
    torch.testing.assert_close(rollout.logprobs[rollout.mask], by_hand)


def test_answers_include_the_end_they_wrote() -> None:
    rollout = roll_out(tiny_gpt(), [[5, 6, 7]] * 40, end_id=8, max_new_tokens=30, temperature=3.0, seed=0)
    ended = [answer for answer in rollout.answers if answer[-1] == 8]
    assert ended
    assert all(answer.count(8) == 1 for answer in ended)
    assert all(len(answer) == 30 for answer in rollout.answers if answer[-1] != 8)


def test_answers_are_moved_to_the_front() -> None:
    mask = torch.tensor([[0, 0, 1, 1], [0, 1, 0, 0]]).bool()
    assert by_answer(torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]]), mask).tolist() == [[3, 4], [6, 0]]


@pytest.mark.parametrize("kind", ["gpt", "transformers"])
def test_ppo_raises_what_is_scored_and_the_reference_stays(kind: str) -> None:
    if kind == "transformers":
        pytest.importorskip("transformers", reason="transformers is not installed")
    policy = tiny_gpt() if kind == "gpt" else tiny_llama()
    reference = copy.deepcopy(policy)
    before = copy.deepcopy(reference.state_dict())

    def share_of_nines(prompts: list, answers: list) -> list[float]:
        return [answer.count(9) / len(answer) for answer in answers]

    config = PPOConfig(steps=25, batch_size=16, lr=5e-3, beta=0.01, max_new_tokens=4)
    records = train_ppo(policy, [[5, 6], [7, 8, 10]], share_of_nines, 6, config, reference=reference)
    assert records[0].kl == pytest.approx(0, abs=1e-4)
    first, last = (sum(r.score for r in part) / 5 for part in (records[:5], records[-5:]))
    assert last > first + 0.3
    assert records[-1].kl > 0.1
    assert all(torch.equal(tensor, before[name]) for name, tensor in reference.state_dict().items())


def test_the_penalty_keeps_the_policy_closer() -> None:
    ends = []
    for beta in (0.0, 1.0):
        config = PPOConfig(steps=15, batch_size=16, lr=5e-3, beta=beta, max_new_tokens=4)
        records = train_ppo(tiny_gpt(), [[5, 6]], lambda _, answers: [a.count(9) for a in answers], 6, config)
        ends.append(records[-1].kl)
    assert ends[1] < ends[0] / 2


def test_bad_choices_are_refused() -> None:
    for name in ("steps", "temperature", "clip"):
        with pytest.raises(ValueError, match=f"{name} must be positive"):
            PPOConfig(**{name: 0})
    with pytest.raises(ValueError, match="beta must not be negative"):
        PPOConfig(beta=-0.1)
    with pytest.raises(ValueError, match="at least one prompt"):
        train_ppo(tiny_gpt(), [], lambda p, a: [], 6, PPOConfig(steps=1))
    policy = tiny_gpt()
    with pytest.raises(ValueError, match="would move"):
        train_ppo(policy, [[1]], lambda p, a: [], 6, PPOConfig(steps=1), reference=policy)
