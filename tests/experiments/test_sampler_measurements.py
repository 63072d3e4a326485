"""What notebook 07 measures: limits, waits, choices of verifiers, documents by groups, beams and draws."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from utils.decoding.decoders import Decoder, decoder_for
from utils.decoding.generation import Generation, generate
from utils.evaluation.intervals import Interval, share_interval
from utils.experiments.samplers.arithmetic_runs import Attempts, SamplingJob, best_of_n, parted, sample_groups
from utils.experiments.samplers.measuring import (
    correlation_interval,
    draw_times,
    first_word_share,
    limit_costs,
    ratio_interval,
    right_by_the_others,
    steps_saved,
    steps_until_valid,
    stop_costs,
)
from utils.experiments.samplers.real_writer import RealWriter
from utils.experiments.samplers.repeated_sampling import first_valid_latency
from utils.experiments.samplers.verifier_curves import slope_interval, verifier_curves, worth_in_sizes
from utils.experiments.samplers.world_texts import (
    Continuation,
    by_beam,
    by_drawing,
    groups_by_seed,
    measure_continuations,
    variety_lead,
    written_groups,
)
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.pretrained import PretrainedModel
from utils.notebook.verdicts import above_zero
from utils.training.arithmetic_models import HELD_OUT_SEED, draw_tasks
from utils.training.base_models import base_world, load_base_model


def test_a_limit_costs_what_it_lets_through_and_cuts_what_has_not_ended() -> None:
    answers = [Generation([1] * 3, "stop"), Generation([1] * 8, "length"), Generation([1] * 5, "stop")]
    tokens, cut = limit_costs(answers, [3, 4, 8])
    assert tokens.tolist() == pytest.approx([3, 11 / 3, 16 / 3])
    # An answer of three tokens needs a fourth step to say that it is over.
    assert cut.tolist() == pytest.approx([1, 2 / 3, 1 / 3])
    with pytest.raises(ValueError, match="answers is empty"):
        limit_costs([], [3])


def test_draw_times_are_of_every_kind() -> None:
    times = draw_times(torch.randn(2, 300), [1, 3], repeats=2)
    assert list(times) == ["softmax of all", "draw from all", "k = 1", "k = 3"]
    assert min(times.values()) > 0


def test_first_words_count_whatever_their_case_and_blanks() -> None:
    spellings = [" Yes", "no.", "maybe", "YES"]
    logits = torch.tensor([0.3, 0.2, 0.4, 0.1]).log()
    share = first_word_share(logits, ("yes", "no"), lambda ids: spellings[ids[0]])
    assert share == pytest.approx(0.6)
    assert first_word_share(logits, ("yes", "no"), lambda ids: spellings[ids[0]], most=2) == pytest.approx(0.3)


def test_until_valid_waits_for_every_round_that_fails() -> None:
    latencies, valid = np.array([2.0, 4.0, 10.0]), np.array([False, True, True])
    # One at a time: a failure of 2 steps comes with probability 1/3 each time.
    assert steps_until_valid(latencies, valid, 1) == pytest.approx(7 + 0.5 * 2)
    source = np.random.default_rng(0)
    latencies, valid = np.array([2.0, 9.0, 4.0, 6.0, 3.0]), np.array([True, False, False, True, False])
    for n in (1, 2, 4):
        waits = []
        for _ in range(4000):
            waited, come = 0.0, np.array([], dtype=float)
            while not come.size:
                drawn = source.integers(5, size=n)
                come = latencies[drawn][valid[drawn]]
                waited += come.min() if come.size else latencies[drawn].max()
            waits.append(waited)
        assert steps_until_valid(latencies, valid, n) == pytest.approx(np.mean(waits), rel=0.08)
    assert steps_until_valid(latencies, np.zeros(5, dtype=bool), 2) == float("inf")
    assert steps_until_valid(latencies, np.ones(5, dtype=bool), 2) == pytest.approx(
        first_valid_latency(latencies, np.ones(5, dtype=bool), 2)
    )


def test_steps_saved_count_the_failures_that_several_answers_avoid() -> None:
    latencies = np.full(10, 5.0)
    valid = np.arange(10) < 4
    saved = steps_saved(latencies, valid, 4)
    # Every valid answer takes as long: all that is saved are rounds that fail.
    assert first_valid_latency(latencies, valid, 1) == first_valid_latency(latencies, valid, 4)
    assert saved.mean == pytest.approx(5 / 0.4 - 5 / (1 - 0.6**4))
    assert 0 < saved.low < saved.mean < saved.high
    assert steps_saved(latencies, np.zeros(10, dtype=bool), 3).high == 0


def test_a_stop_string_ends_an_answer_and_cuts_what_has_none() -> None:
    answers = [Generation([1] * 9, "length"), Generation([1] * 4, "stop"), Generation([1] * 9, "length")]
    tokens, cut = stop_costs(answers, ["It is. And so", "Yes", "and so on"], [". "], len)
    assert tokens.tolist() == [5, 3, 9]
    assert cut.tolist() == [False, False, True]


def test_a_threshold_from_the_others_judges_scores_that_are_all_high() -> None:
    positive = np.array([True, True, False, False])
    assert right_by_the_others(np.array([9.0, 8.0, 5.0, 6.0]), positive).all()
    assert right_by_the_others(np.array([9.0, 5.0, 6.0, 6.5]), positive).tolist() == [True, False, True, True]
    with pytest.raises(ValueError, match="each class needs two"):
        right_by_the_others(np.array([1.0, 2.0, 3.0]), np.array([True, False, False]))


def test_a_share_of_all_has_an_interval() -> None:
    found = share_interval(24, 24)
    assert (found.mean, found.high, found.n) == (1, pytest.approx(1), 24)
    assert found.low == pytest.approx(24 / (24 + 1.96**2), abs=1e-3)


def test_correlation_has_an_interval_over_pairs_and_leaves_out_what_does_not_vary() -> None:
    x = np.array([0.0, 1.0, 2.0])
    found = correlation_interval(x, 3 - 2 * x)
    assert (found.mean, found.low, found.high, found.n) == pytest.approx((-1, -1, -1, 3))


def test_points_of_one_model_are_drawn_together() -> None:
    source = np.random.default_rng(0)
    models = np.repeat(list("abcd"), 25).tolist()
    x, y = (np.repeat(source.normal(size=4), 25) for _ in range(2))  # what differs from model to model only
    by_model = correlation_interval(x, y, models, resamples=200)
    by_point = correlation_interval(x, y, resamples=200)
    assert by_model.n == 4
    assert by_model.mean == by_point.mean
    assert by_model.high - by_model.low > 2 * (by_point.high - by_point.low)
    one_each = correlation_interval(x, y, groups=list(range(100)), resamples=200)
    assert (one_each.low, one_each.high) == (by_point.low, by_point.high)
    with pytest.raises(ValueError, match="groups has 2 entries, and there are 100 pairs"):
        correlation_interval(x, y, groups=["a", "b"])


def test_ratio_is_of_medians() -> None:
    found = ratio_interval(np.array([8.0, 10.0, 90.0]), np.array([2.0, 5.0, 5.0]))
    assert found.mean == 2.0
    assert found.low <= 2.0 <= found.high


def test_above_zero_follows_the_interval() -> None:
    outcomes = [above_zero(Interval(0.1, low, high, 5)) for low, high in ((0.01, 0.2), (-0.1, 0.2), (-0.2, 0.0))]
    assert outcomes == ["holds", "undecided", "does not hold"]


@pytest.fixture(scope="module")
def writer() -> RealWriter:
    class Letters:
        """A tokenizer of letters, and a chat that only repeats the question."""

        model = GPT(ModelConfig(n_layers=1, d_model=16, n_heads=2, vocab_size=30, context_length=64)).eval()
        eos_ids = (0,)

        def encode(self, text: str) -> list[int]:
            return [ord(letter) % 30 for letter in text]

        def decode(self, ids: list[int]) -> str:
            return "".join(chr(97 + i) for i in ids)

        def encode_chat(self, messages: list[dict]) -> list[int]:
            return self.encode(messages[0]["content"])

    torch.manual_seed(0)
    return RealWriter(Letters())  # type: ignore[arg-type]


def test_a_writer_gives_the_models_own_logits(writer: RealWriter) -> None:
    model: PretrainedModel = writer.pretrained
    with torch.inference_mode():
        wanted = [model.model(torch.tensor([model.encode(text)]))[0, -1] for text in ("some", "other text")]
    torch.testing.assert_close(writer.next_logits("some"), wanted[0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(writer.answer_logits(["some", "other text"]), torch.stack(wanted), rtol=1e-4, atol=1e-4)
    with pytest.raises(ValueError, match="questions is empty"):
        writer.answer_logits([])


def test_log_odds_compare_two_continuations_per_token(writer: RealWriter) -> None:
    with torch.inference_mode():
        logprobs = writer.pretrained.model(torch.tensor([writer.pretrained.encode("somebb")]))[0].log_softmax(-1)
    first, second = writer.pretrained.encode("a")[0], writer.pretrained.encode("b")[0]
    wanted = logprobs[3, first] - (logprobs[3, second] + logprobs[4, second]) / 2
    assert writer.log_odds(["some"], "a", "bb") == pytest.approx([float(wanted)], abs=1e-4)


def test_only_answers_end_at_the_models_end(writer: RealWriter) -> None:
    def always_the_end(logits: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(logits), dtype=torch.long)

    assert [one.finish for one in writer.answer(["a", "bc"], 4, always_the_end, samples=2)] == ["stop"] * 4
    by_greed, continued = writer.continue_texts(["a", "bc"], 4, always_the_end, samples=2)
    assert [one.ids for one in continued] == [[0] * 4] * 4
    assert writer.texts(continued)[0] == "aaaa"
    alone = generate(writer.decoder, [writer.pretrained.encode(text) for text in ("a", "bc")], 4)
    assert [one.ids for one in by_greed] == [one.ids for one in alone]
    ended = generate(writer.decoder, [writer.pretrained.encode(text) for text in ("a", "bc")], 4, stop_ids=[0])
    best = writer.likeliest(["a", "bc"], 1, 4)
    assert [one.ids for one in best] == [one.ids + [0] * (one.finish == "stop") for one in ended]
    assert writer.step_ms(3, "some", 2) > 0


@pytest.fixture(scope="module")
def world_decoder() -> Decoder:
    return decoder_for(load_base_model("world-small"))


def test_groups_hold_every_document_once(world_decoder: Decoder) -> None:
    found = written_groups(world_decoder, base_world(), 2, 3, seed=0)
    assert found.lengths.shape == found.sums.shape == found.true.shape == (2, 3)
    assert (found.sums < 0).all()
    assert len(np.unique(found.sums)) > 1
    with pytest.raises(ValueError, match="groups must be"):
        written_groups(world_decoder, base_world(), 0, 3, seed=0)
    (by_seed,) = groups_by_seed("world-small", 2, 3, [0])
    assert by_seed.lengths.tolist() == found.lengths.tolist()


def test_the_end_counts_in_the_sums_of_documents_and_of_continuations() -> None:
    world, model = base_world(), load_base_model("world-small")
    end = world.vocabulary.end_of_text_id
    beginning = world.vocabulary.encode(next(iter(world.documents(1, seed=11))).text)[:2]
    for one in (
        by_beam(decoder_for(model), world, [beginning], 2)[0],
        by_drawing(decoder_for(model), world, [beginning], seed=0)[0],
    ):
        assert one.finished
        with torch.inference_mode():
            logprobs = model(torch.tensor([[end, *beginning, *one.ids]]))[0].log_softmax(-1)
        of_new = [float(logprobs[2 + at, token]) for at, token in enumerate([*one.ids, end])]
        assert one.total == pytest.approx(sum(of_new), abs=1e-3)
        assert one.average == pytest.approx(np.mean(of_new), abs=1e-3)
    certain = torch.full((1, len(world.vocabulary)), -20.0)
    certain[0, end] = 0.0
    groups = written_groups(decoder_for(always_the_same(certain, model)), world, 1, 2, seed=0)
    assert groups.lengths.tolist() == [[1, 1]]  # empty documents: the end alone
    assert groups.sums == pytest.approx(float(certain.log_softmax(-1)[0, end]))


def always_the_same(logits: torch.Tensor, like: GPT) -> torch.nn.Module:
    """A model that says the same after every text."""

    class Same(torch.nn.Module):
        config = like.config

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return logits.expand(*ids.shape, -1)

    return Same()


def test_variety_is_compared_with_an_interval_over_the_beginnings() -> None:
    same = [Continuation([1], [2, 3], -1.0, True)] * 4
    different = [Continuation([at], [10 + at, 20 + at], -1.0, True) for at in range(4)]
    found = variety_lead(same, [different])
    assert (found.mean, found.n) == (pytest.approx(2 / 8 - 1), 4)
    assert found.low <= found.mean <= found.high < 0
    assert variety_lead(different, [different, different]).mean == 0
    with pytest.raises(ValueError, match="ours has 2 continuations"):
        variety_lead(same[:2], [different[:2]])


def test_a_beam_finds_likelier_continuations_than_drawing(world_decoder: Decoder) -> None:
    world = base_world()
    beginnings = [world.vocabulary.encode(one.text)[:2] for one in world.documents(3, seed=11)]
    beamed = by_beam(world_decoder, world, beginnings, 4)
    drawn = by_drawing(world_decoder, world, beginnings, seed=0)
    assert [one.beginning for one in beamed] == [one.beginning for one in drawn] == beginnings
    assert world.vocabulary.end_of_text_id not in [i for one in [*beamed, *drawn] for i in one.ids]
    assert measure_continuations(world, beamed)["average"] > measure_continuations(world, drawn)["average"]


def test_continuations_are_measured_with_their_beginnings() -> None:
    world = base_world()
    ids = world.vocabulary.encode(next(iter(world.documents(1, seed=3))).text)
    whole = Continuation(ids[:2], ids[2:], -1.0 * (len(ids[2:]) + 1), True)
    cut = Continuation(ids[:2], ids[2:-1], -3.0 * len(ids[2:-1]), False)
    found = measure_continuations(world, [whole, cut])
    assert found["true"] == 0.5
    assert found["average"] == pytest.approx(-2)
    assert found["tokens"] == len(ids) - 2.5
    with pytest.raises(ValueError, match="continuations is empty"):
        measure_continuations(world, [])


def test_parts_of_a_job_come_back_in_the_order_of_its_tasks() -> None:
    tasks = tuple(draw_tasks(5, HELD_OUT_SEED, [2]))
    whole = SamplingJob("arithmetic-32", tasks, 2, seed=7)
    parts = parted(whole, 2)
    assert [(part.tasks, part.seed) for part in parts] == [(tasks[0::2], 7), (tasks[1::2], 8)]
    found = sample_groups({"both": parts, "one": [whole]}, workers=0, description="test")
    assert list(found) == ["both", "one"]
    assert [one.task for one in found["both"]] == [one.task for one in found["one"]] == list(tasks)


def pool(right: list[float]) -> Attempts:
    task = draw_tasks(1, HELD_OUT_SEED, [2])[0]
    n = len(right)
    return Attempts(task, 0, [[1]] * n, np.ones(n, dtype=int), np.array(right), [None] * n, np.zeros(n))


def test_curves_of_verifiers_are_means_of_exact_choices() -> None:
    pools = [pool([1, 0, 0, 0]), pool([0, 1, 1, 0])]
    fooled = [np.array([0.5, 0.1, 0.9, 0.2]), np.array([0.1, 0.2, 0.3, 0.9])]
    perfect = [one.right for one in pools]
    curves = verifier_curves(pools, [fooled, perfect], [1, 2, 4])
    wanted = [best_of_n(pools, scores, [1, 2, 4]).mean(0) for scores in (fooled, perfect)]
    np.testing.assert_allclose(curves.by_verifier, wanted)
    np.testing.assert_allclose(curves.mean, np.mean(wanted, axis=0))
    np.testing.assert_allclose(curves.perfect, wanted[1])
    assert curves.peak == [1, 2, 4][int(np.argmax(curves.mean))]
    assert curves.perfect_drop.high == 0
    assert (curves.band[0] <= curves.mean).all()
    with pytest.raises(ValueError, match="scores is empty"):
        verifier_curves(pools, [], [1])


def test_a_helper_is_worth_the_size_at_which_the_ladder_does_as_well() -> None:
    ladder = np.array([[0.0, 0.5], [0.5, 1.0]])
    same = worth_in_sizes(np.array([0.5, 1.0]), [100, 400], ladder, own_size=100)
    assert (same.mean, same.low, same.high) == pytest.approx((4, 4, 4))
    halfway = worth_in_sizes(np.array([0.5, 0.5]), [100, 400], ladder, own_size=100)
    assert halfway.mean == pytest.approx(2)  # in log size
    assert halfway.low < 2 < halfway.high
    beyond = worth_in_sizes(np.array([1.0, 1.0]), [100, 400], ladder, own_size=100)
    assert (beyond.mean, beyond.high) == (np.inf, np.inf)
    assert not np.isnan(beyond.low)
    with pytest.raises(ValueError, match="ladder must be"):
        worth_in_sizes(np.array([0.5]), [100, 400], ladder, own_size=100)


def test_the_slope_of_tasks_alike_has_no_spread() -> None:
    by_task = np.tile([0.1, 0.3, 0.5], (4, 1))
    found = slope_interval([1, 10, 100], by_task)
    assert (found.mean, found.low, found.high) == pytest.approx((0.2, 0.2, 0.2))
    assert found.n == 4
