"""What notebooks call with a model on a GPU keeps everything there: held on a stand-in, so on any machine.

Each result also equals the CPU's: the stand-in computes there, so what differs took another path.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.devices.stand_in import stand_in_gpu
from tests.posttraining.small_models import tiny_gpt, tiny_pairs
from utils.decoding.beam import beam_search
from utils.decoding.generation import generate
from utils.decoding.grammar.choices import choices
from utils.decoding.grammar.constraint import Constraint
from utils.decoding.grammar.spellings import TokenSpellings
from utils.decoding.samplers import MinP, Temperature, TopK, TopP
from utils.decoding.scoring import continuation_logprobs, token_logprobs
from utils.experiments.attention.timing import reading_ms
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.recurrent_lm import RecurrentLM
from utils.models.seq2seq import Seq2Seq
from utils.models.state_space import SelectiveStateSpace
from utils.notebook.budget import choose_budget
from utils.posttraining.dpo import train_dpo
from utils.posttraining.finetuning import finetune
from utils.posttraining.lora import adapter_of, add_lora, with_adapter
from utils.posttraining.ppo import PPOConfig, train_ppo
from utils.posttraining.reward import RewardModel, train_reward_model
from utils.posttraining.token_verifier import train_token_verifier
from utils.posttraining.verifier import Attempt, attempt_features, train_verifiers
from utils.training.batches import TokenBatches
from utils.training.config import TrainingConfig
from utils.training.loop import train

PROMPTS = [[5, 6, 7], [8, 9]]


@pytest.fixture
def gpu() -> Iterator[None]:
    with stand_in_gpu():
        yield


def recurrent() -> RecurrentLM:
    torch.manual_seed(0)
    config = ModelConfig(n_layers=2, d_model=16, n_heads=2, vocab_size=24, context_length=64)
    return RecurrentLM(config, [SelectiveStateSpace, None]).eval()


def shape(**changes: Any) -> Callable[[], GPT]:
    def build() -> GPT:
        torch.manual_seed(0)
        given = {"n_layers": 2, "d_model": 16, "n_heads": 2, "vocab_size": 24, "context_length": 64, **changes}
        return GPT(ModelConfig(**given)).eval()

    return build


MODELS: dict[str, Callable[[], nn.Module]] = {
    "gpt": tiny_gpt,
    "a sliding window": shape(sliding_window=4),
    "grouped queries": shape(n_kv_heads=1),
    "recurrent": recurrent,
}


def everywhere(module: nn.Module) -> set[str]:
    return {one.device.type for one in [*module.parameters(), *module.buffers()]}


def test_a_budget_for_the_gpu_is_chosen_where_there_is_one(gpu: None) -> None:
    assert choose_budget("gpu").device == "cuda"
    assert choose_budget("smoke").device == "cpu"


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS)
def test_a_model_on_the_gpu_trains_there(gpu: None, build: Callable[[], nn.Module]) -> None:
    ends = []
    for device in ("cpu", "cuda"):
        model = build().to(device)
        ids = torch.randint(0, 24, (400,), generator=torch.Generator().manual_seed(0))
        for optimiser in ("adamw", "muon"):
            config = TrainingConfig(steps=2, lr=0.01, optimiser=optimiser)
            result = train(model, TokenBatches(ids, 4, 16), config, show_progress=False)
        assert everywhere(model) == {device}
        ends.append(result.losses)
    assert ends[0] == pytest.approx(ends[1], rel=1e-3)  # one product is in another number format there


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize(
    "sampler", [None, Temperature(0.7) | TopK(5), TopP(0.9), MinP(0.1)], ids=["greedy", "top-k", "top-p", "min-p"]
)
def test_a_model_on_the_gpu_writes_what_it_writes_on_the_cpu(
    gpu: None, build: Callable[[], nn.Module], sampler: Any
) -> None:
    written = []
    for device in ("cpu", "cuda"):
        model = build().to(device)
        options = {} if sampler is None else {"choose": sampler.seeded(0)}
        found = generate(model, PROMPTS, 6, samples=2, logprobs=True, **options)
        written.append([one.ids for one in found])
    assert written[0] == written[1]


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS)
def test_search_and_scores_of_a_model_on_the_gpu(gpu: None, build: Callable[[], nn.Module]) -> None:
    found = []
    for device in ("cpu", "cuda"):
        model = build().to(device)
        best = beam_search(model, PROMPTS[0], 3, 4, 2)[0]
        scores = continuation_logprobs(model, PROMPTS, [[1, 2], [3]])
        tokens = token_logprobs(model, PROMPTS, [[1, 2], [3]])
        found.append([best.total_logprob, *scores.flatten().tolist(), *(float(one.sum()) for one in tokens)])
    assert found[0] == pytest.approx(found[1], rel=1e-5)


def test_post_training_on_the_gpu(gpu: None) -> None:
    pairs = [((1, 2, 3), (4, 5)), ((2, 3), (6, 7, 8))]
    policy = tiny_gpt().to("cuda")
    finetune(policy, pairs, steps=2, batch_size=2, show_progress=False)
    train_dpo(policy, tiny_pairs(), beta=0.5, steps=2, batch_size=3, show_progress=False)
    reward = RewardModel(copy.deepcopy(policy)).to("cuda")
    train_reward_model(reward, tiny_pairs(), steps=2, batch_size=3, show_progress=False)
    assert len(reward.score([[1, 2], [3]])) == 2
    reference = copy.deepcopy(policy)
    nines = lambda _, answers: [float(answer.count(9)) for answer in answers]  # noqa: E731
    train_ppo(policy, PROMPTS, nines, 4, PPOConfig(steps=1), reference=reference)
    assert len(attempt_features(policy, PROMPTS, [[1, 2], [3]])) == 2
    assert everywhere(policy) | everywhere(reward) == {"cuda"}


def test_verifiers_on_the_gpu(gpu: None) -> None:
    base = tiny_gpt().to("cuda")
    attempts = [Attempt((1, 2), (3, place), place % 2 == 0) for place in range(4, 10)]
    by_token = train_token_verifier(base, attempts, steps=2, batch_size=4)
    [by_features] = train_verifiers(base, attempts, steps=2, batch_size=4)
    prompts, answers = [one.prompt for one in attempts], [one.answer for one in attempts]
    assert len(by_token.score(prompts, answers)) == len(by_features.score(prompts, answers)) == 6


def test_low_rank_parts_stand_where_the_model_does(gpu: None) -> None:
    model = tiny_gpt().to("cuda")
    parts = add_lora(model, 2)
    finetune(model, [((1, 2, 3), (4, 5))], steps=2, batch_size=1, show_progress=False)
    assert {one.device.type for one in parts} == {"cuda"}
    adapter = {name: part.cpu() for name, part in adapter_of(model).items()}  # as from a file
    adapted = with_adapter(tiny_gpt().to("cuda"), adapter)
    assert adapted(torch.tensor([[1, 2]], device="cuda")).device.type == "cuda"


def test_masks_of_a_grammar_on_the_gpu(gpu: None) -> None:
    written = []
    for device in ("cpu", "cuda"):
        constraint = Constraint(choices(["ab", "ba"]), TokenSpellings([[b"a", b"b", b"c", None]], (3,)))
        model = shape(vocab_size=4)().to(device)
        written.append(generate(model, [[0], [1]], 4, adjust=constraint.adjust, stop_ids=(3,))[0].ids)
    assert written[0] == written[1]


def test_translators_and_timings_on_the_gpu(gpu: None) -> None:
    model = Seq2Seq(11, 8, attention=True).to("cuda")
    source = torch.randint(0, 11, (2, 5), device="cuda")
    found = model(source, source)
    logits: Tensor = found[0] if isinstance(found, tuple) else found
    assert logits.device.type == "cuda"
    readers = {"gru": nn.GRU(8, 8, batch_first=True)}
    assert all(time > 0 for time in reading_ms(readers, [4, 8], 8, 1, "cuda").values())
