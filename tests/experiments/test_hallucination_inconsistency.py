"""One essay scored again and again (row 99), and one text computed in other ways (row 100)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from utils.decoding.cached import CachedDecoder
from utils.decoding.generation import generate
from utils.evaluation.consistency import consistency
from utils.experiments.hallucination import essay_recipe, essay_runs, numerics_recipe, numerics_runs
from utils.experiments.hallucination.essay_runs import (
    CHANGES,
    CURES,
    ELSEWHERE,
    OTHERWISE,
    SAME,
    TEMPERATURES,
    WORDED,
    EssayJob,
    EssayService,
    agreement_at,
    far_apart,
    ranked,
    run_essays,
    sampled_scores,
)
from utils.experiments.hallucination.essays import (
    FAULTY,
    REQUESTS,
    SCORES,
    SOUND,
    essay_prompts,
    score_ids,
    score_logits,
    some_essays,
)
from utils.experiments.hallucination.numerics import (
    FORMATS,
    RowByRowDecoder,
    alone,
    departure,
    greedy_texts,
    logits_at_end,
    model_in,
    threads,
)
from utils.experiments.hallucination.numerics_runs import WAYS, NumericsJob, run_numerics, story_prompts
from utils.experiments.hallucination.real_answers import real_model
from utils.experiments.recording.design import CANNOT_BE_TOLD, HOLDS, HOLDS_IN_PART, OUTCOMES, check_design, power_of
from utils.experiments.recording.record import read_record
from utils.models.config import ModelConfig
from utils.models.gpt import GPT

RECIPES = (essay_recipe.ESSAY_RECIPE, numerics_recipe.NUMERICS_RECIPE)
CHANCES = torch.tensor([[0.3, 0.1, 0.1, 0.2, 0.3], [0.05, 0.05, 0.1, 0.2, 0.6], [0.4, 0.0, 0.0, 0.0, 0.6]])
PROMPTS = [[1, 2, 3, 4, 5], [7, 8], [9, 10, 11, 12, 13, 14, 15, 16], [3]]


@pytest.fixture(scope="module")
def model() -> GPT:
    torch.manual_seed(0)
    return GPT(ModelConfig(n_layers=2, d_model=32, n_heads=4, n_kv_heads=2, vocab_size=40, context_length=32)).eval()


# --- Row 99: the same input, other scores ---


def test_essays_differ_and_a_half_of_them_is_sound() -> None:
    assert len({*SOUND, *FAULTY}) == len(SOUND) + len(FAULTY) == essay_recipe.ESSAYS
    assert some_essays(4) == [*SOUND[:2], *FAULTY[:2]]


def test_scores_are_tokens_of_their_own_where_the_prompt_ends() -> None:
    real = real_model()
    assert [real.decode([one]) for one in score_ids()] == list(map(str, SCORES))
    first, second = (real.decode(essay_prompts(SOUND[:1], request)[0]) for request in (0, 1))
    assert first.endswith("Score: ")
    assert first.replace(REQUESTS[0], REQUESTS[1]) == second


def test_sampled_agreement_is_the_exact_one() -> None:
    logits = CHANCES.log()
    for temperature in (0.5, 1.0, 1.5):
        scores = sampled_scores(logits, temperature, runs=400, seed=1)
        found = [consistency(column.tolist()) for column in scores.T]
        assert found == pytest.approx(agreement_at(logits, temperature).tolist(), abs=0.07)
    assert agreement_at(logits, 1.0) == pytest.approx((CHANCES.numpy() ** 2).sum(1), abs=1e-6)


def test_agreement_falls_with_temperature_and_is_whole_at_zero() -> None:
    curve = [agreement_at(CHANCES.log(), temperature) for temperature in TEMPERATURES]
    assert curve[0].tolist() == [1.0, 1.0, 1.0]
    assert all((later < before).all() for before, later in pairwise(curve))
    assert (sampled_scores(CHANCES.log(), 0.0, 5, 0) == sampled_scores(CHANCES.log(), 0.0, 1, 9)).all()


def test_scores_far_apart_are_counted_over_pairs_of_runs() -> None:
    assert far_apart(np.array([[1, 4], [3, 5], [5, 4]])) == [1.0, 0.0]
    assert far_apart(np.array([[1], [1], [2], [5]])) == [pytest.approx(3 / 6)]


def test_ranks_compare_every_sound_essay_with_every_faulty_one() -> None:
    assert ranked(np.array([5, 3, 3, 1])) == {"higher": 0.75, "lower": 0.0, "same": 0.25}
    assert ranked(np.array([4, 4, 4, 4])) == {"higher": 0.0, "lower": 0.0, "same": 1.0}


def many(chances: list[float], n: int = 60) -> torch.Tensor:
    return torch.tensor(chances).log().expand(n, 5)


FLAT, OTHER = [0.25, 0.15, 0.15, 0.15, 0.3], [0.3, 0.15, 0.15, 0.15, 0.25]


@pytest.mark.parametrize("cure", CURES[1:])
def test_every_cure_repeats_every_score(cure: str) -> None:
    service = EssayService(cure, seed=3, clock=4)
    first = service.scores(many(FLAT), WORDED)
    assert all((service.scores(many(FLAT), WORDED) == first).all() for _ in range(3))


def test_without_a_cure_scores_differ() -> None:
    service = EssayService("none", seed=3, clock=4)
    assert 0.1 < (service.scores(many(FLAT), WORDED) == service.scores(many(FLAT), WORDED)).mean() < 0.5


def test_a_cache_knows_the_words_and_its_own_machine_only() -> None:
    service = EssayService("cache", seed=0, clock=1)
    first = service.scores(many(FLAT), WORDED)
    assert (service.scores(many(OTHER), WORDED) == first).all()  # it does not ask again, whatever was true meanwhile
    assert (service.scores(many(FLAT), WORDED, first=7) == first).all()
    assert (service.scores(many(FLAT), OTHERWISE) == first).mean() < 0.6
    assert (EssayService("cache", seed=0, clock=2).scores(many(FLAT), WORDED) == first).mean() < 0.6


def test_a_seed_holds_on_another_machine_and_not_in_other_company() -> None:
    service, elsewhere = (EssayService("seed", seed=5, clock=clock) for clock in (1, 2))
    first = service.scores(many(FLAT), WORDED)
    assert (elsewhere.scores(many(FLAT), WORDED) == first).all()
    assert 0.6 < (elsewhere.scores(many(OTHER), ELSEWHERE) == first).mean() < 1  # the same draws from other chances
    assert (service.scores(many(FLAT), WORDED, first=1) == first).mean() < 0.6  # another number falls to each essay


def test_temperature_zero_falls_with_the_likeliest_score() -> None:
    service = EssayService("temperature 0", seed=0, clock=0)
    first = service.scores(many(FLAT), WORDED)
    assert set(first) == {5}
    assert (service.scores(many(FLAT), WORDED, first=9) == first).all()
    assert set(service.scores(many(OTHER), ELSEWHERE)) == {1}


def test_scores_come_back_in_the_order_of_the_essays() -> None:
    sure = torch.full((5, 5), -30.0).fill_diagonal_(0.0)
    for cure in CURES:
        for first in range(5):
            assert EssayService(cure, 0, 0).scores(sure, WORDED, first).tolist() == list(SCORES)


def test_a_run_with_the_real_model_has_everything() -> None:
    result = run_essays(EssayJob(essays=2, runs=4, seed=0))
    assert set(result["same"]) == set(CURES)
    assert all(set(by_change) == set(CHANGES) for by_change in result["same"].values())
    assert all(result["same"][cure][SAME] == [1, 1] for cure in CURES[1:])
    assert result["agreement"]["0.0"] == [1.0, 1.0]
    assert all(0.2 <= one <= 1 for one in result["exact"]["1.0"])
    assert all(0.5 < one <= 1 for one in result["held"])  # the model does answer with a score
    again = run_essays(EssayJob(essays=2, runs=4, seed=0))
    assert again == result
    assert run_essays(EssayJob(essays=2, runs=4, seed=1))["shown"] != result["shown"]


def test_bad_input_about_essays_gets_a_sentence() -> None:
    with pytest.raises(ValueError, match="n must be even and from 2 to 16, not 3"):
        some_essays(3)
    with pytest.raises(ValueError, match="n must be even and from 2 to 16, not 18"):
        EssayJob(18, 4, 0)
    with pytest.raises(ValueError, match="runs must be at least 2, not 1"):
        EssayJob(4, 1, 0)
    with pytest.raises(ValueError, match="request must be below 3, not 3"):
        essay_prompts(SOUND, 3)
    with pytest.raises(ValueError, match="version must be one of float32, int8, not 'int2'"):
        score_logits([[1]], "int2")
    with pytest.raises(ValueError, match="prompts must hold at least one prompt"):
        score_logits([])
    with pytest.raises(ValueError, match=r"cure must be one of .*, not 'hope'"):
        EssayService("hope", 0, 0)
    with pytest.raises(ValueError, match="temperature must be finite and not negative, not -1"):
        agreement_at(CHANCES.log(), -1.0)
    with pytest.raises(ValueError, match="runs must be at least 1, not 0"):
        sampled_scores(CHANCES.log(), 1.0, 0, 0)
    with pytest.raises(ValueError, match="two or more runs"):
        far_apart(np.array([[1, 2, 3]]))
    runs = essay_recipe.DESIGN.simulate(HOLDS, 0)
    with pytest.raises(ValueError, match="temperature must be one of"):
        essay_recipe.agreement(runs, 3.0)
    with pytest.raises(ValueError, match="cure and change must be of"):
        essay_recipe.lost(runs, "cache", "the weather")


# --- Row 100: the same prompt, other numbers ---


def test_a_row_that_is_computed_alone_does_not_feel_its_company(model: GPT) -> None:
    decoder = RowByRowDecoder(CachedDecoder(model))
    together = greedy_texts(decoder, PROMPTS, 10)
    one_by_one = alone(decoder, PROMPTS, 10)
    assert torch.equal(together.logits, one_by_one.logits)
    assert torch.equal(greedy_texts(decoder, PROMPTS[::-1], 10).logits, together.logits.flip(0))


def test_row_by_row_gives_what_a_batch_gives_up_to_rounding(model: GPT) -> None:
    batch, rows = CachedDecoder(model), RowByRowDecoder(CachedDecoder(model))
    assert torch.allclose(batch.prefill(PROMPTS, 4), rows.prefill(PROMPTS, 4), atol=1e-4)
    assert rows.room == batch.room
    for ids in ([7, 8, 9, 1], [1, 1, 1, 1]):
        assert torch.allclose(batch.step(torch.tensor(ids)), rows.step(torch.tensor(ids)), atol=1e-4)
    batch.select([2, 0])
    rows.select([2, 0])
    assert torch.allclose(batch.step(torch.tensor([5, 6])), rows.step(torch.tensor([5, 6])), atol=1e-4)
    assert rows.room == batch.room


def test_row_by_row_works_in_generate(model: GPT) -> None:
    stops = (3, 5)  # rows end at different steps
    ours = generate(RowByRowDecoder(CachedDecoder(model)), PROMPTS, 8, stop_ids=stops)
    theirs = [generate(CachedDecoder(model), [prompt], 8, stop_ids=stops)[0] for prompt in PROMPTS]
    assert [one.ids for one in ours] == [one.ids for one in theirs]


def test_row_by_row_refuses_what_it_cannot_do(model: GPT) -> None:
    rows = RowByRowDecoder(CachedDecoder(model))
    with pytest.raises(ValueError, match="prefill comes before step"):
        rows.step(torch.tensor([1]))
    with pytest.raises(ValueError, match="prompts must hold at least one prompt"):
        rows.prefill([])
    with pytest.raises(ValueError, match="prompt 1 is empty"):
        rows.prefill([[1], []])
    rows.prefill([[1, 2], [3]])
    with pytest.raises(ValueError, match=r"rows must name each row once, not \[0, 0\]"):
        rows.select([0, 0])
    with pytest.raises(ValueError, match="ids must lie between 0 and 39"):
        rows.step(torch.tensor([1, 40]))
    assert rows.room == 30  # the good row has not gone on without the bad one
    rows.prefill([[1] * 32, [1]])
    with pytest.raises(ValueError, match="context of 32 positions is full"):
        rows.step(torch.tensor([1, 1]))


def test_threads_are_set_and_set_back() -> None:
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
        with threads(1):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before
    with pytest.raises(RuntimeError, match="on the way"), threads(before + 1):
        raise RuntimeError("on the way")
    assert torch.get_num_threads() == before
    with pytest.raises(ValueError, match="n must be at least 1, not 0"), threads(0):
        pass
    assert torch.get_num_threads() == before


def test_a_text_that_is_read_at_once_has_the_logits_of_its_steps(model: GPT) -> None:
    text = alone(CachedDecoder(model), PROMPTS, 6)
    rows = [[*prompt, *ids[:-1]] for prompt, ids in zip(PROMPTS, text.ids.tolist(), strict=True)]
    for name, tolerance in (("float64", 1e-4), ("float32", 1e-4), ("bfloat16", 0.2)):
        found = logits_at_end(model, rows, 6, name)
        assert found.shape == text.logits.shape
        assert found.dtype == FORMATS[name]
        assert torch.allclose(found.float(), text.logits, atol=tolerance)
    assert model.embedding.weight.dtype == torch.float32  # copies were converted


def test_fewer_digits_depart_further(model: GPT) -> None:
    rows = [[1, 2, 3, 4, 5, 6, 7, 8]]
    exact = logits_at_end(model, rows, 8, "float64").double()
    gaps = [
        float((logits_at_end(model, rows, 8, name).double() - exact).abs().max())
        for name in ("float64", "float32", "float16", "bfloat16")
    ]
    assert gaps[0] == 0
    assert gaps == sorted(gaps)
    assert gaps[3] > 100 * gaps[1]  # 16 digits of a binary number less


def test_a_model_in_its_own_format_is_itself(model: GPT) -> None:
    assert model_in(model, "float32") is model
    coarse = model_in(model, "bfloat16")
    assert {one.dtype for one in coarse.parameters()} == {torch.bfloat16}
    assert greedy_texts(CachedDecoder(coarse), PROMPTS, 3).logits.dtype == torch.bfloat16


def test_a_departure_ends_where_the_text_becomes_another_one() -> None:
    reference = torch.tensor([[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    near = reference + torch.tensor([[0.25, 0.0], [0.0, 0.0], [0.0, 0.0]])
    assert departure(near, reference).flip is None
    assert departure(near, reference).largest == 0.25
    flipped = reference + torch.tensor([[0.25, 0.0], [2.0, 0.0], [50.0, 0.0]])
    assert departure(flipped, reference).flip == 1
    assert departure(flipped, reference).largest == 2.0  # what follows belongs to another text
    assert departure(reference, reference).largest == 0


def test_stories_are_asked_from_different_countries_in_several_lengths() -> None:
    prompts = story_prompts(0, 40)
    assert len({tuple(one) for one in prompts}) == 40
    assert len({len(one) for one in prompts}) > 1


@pytest.mark.slow
def test_a_run_with_the_real_model_finds_what_rounding_does() -> None:
    before = torch.get_num_threads()
    result = run_numerics(NumericsJob(0, 2, 3, 2, 2))
    assert torch.get_num_threads() == before
    assert set(result["flip"]) == set(result["largest"]) == set(WAYS)
    assert all(len(row) == 2 and all(-1 <= step < 3 for step in row) for row in result["flip"].values())
    assert result["row by row"] == result["again"] == {"float32": 0.0, "bfloat16": 0.0}
    assert result["coarsest first"] == ["bfloat16", "float16", "float64"]
    assert max(result["largest"]["batch, float32"]) < 0.05 < min(result["largest"]["bfloat16"])


def test_bad_input_about_numbers_gets_a_sentence(model: GPT) -> None:
    with pytest.raises(ValueError, match=r"name must be one of .*, not 'float8'"):
        model_in(model, "float8")
    with pytest.raises(ValueError, match="rows must have at least 3 ids each, not 2"):
        logits_at_end(model, [[1, 2, 3], [1, 2]], 3, "float32")
    with pytest.raises(ValueError, match="steps must be at least 1, not 0"):
        greedy_texts(CachedDecoder(model), PROMPTS, 0)
    with pytest.raises(ValueError, match=r"must have one shape \(T, V\)"):
        departure(torch.zeros(2, 3), torch.zeros(3, 3))
    with pytest.raises(ValueError, match=r"must have one shape \(T, V\)"):
        departure(torch.zeros(0, 3), torch.zeros(0, 3))
    with pytest.raises(ValueError, match="threads must be 0 or at least 2, not 1"):
        NumericsJob(0, 4, 8, 4, 1)
    with pytest.raises(ValueError, match="priced must be at most steps, 4, not 8"):
        NumericsJob(0, 4, 4, 8, 0)
    with pytest.raises(ValueError, match="n must be at least 2, not 1"):
        NumericsJob(0, 1, 4, 4, 0)
    with pytest.raises(ValueError, match=r"first \+ n must be at most"):
        NumericsJob(1000, 4, 4, 4, 0)
    with pytest.raises(ValueError, match="hits must be from 0 to n"):
        numerics_recipe.share_interval(5, 4)
    runs = numerics_recipe.DESIGN.simulate(HOLDS, 0)
    with pytest.raises(ValueError, match="way must be one that was measured, not 'magic'"):
        numerics_recipe.flipped(runs, "magic")


def test_a_share_of_none_has_an_interval_too() -> None:
    none, half = numerics_recipe.share_interval(0, 40), numerics_recipe.share_interval(20, 40)
    assert none.mean == 0 == pytest.approx(none.low, abs=1e-9)
    assert 0.05 < none.high < 0.1  # three in forty would not surprise much
    assert half.low < 0.5 < half.high


def test_departed_texts_add_up_over_steps() -> None:
    runs = numerics_recipe.DESIGN.simulate(HOLDS, 0)
    curve = numerics_recipe.departed(runs, "bfloat16", numerics_recipe.STEPS)
    assert len(curve) == numerics_recipe.STEPS
    assert curve == sorted(curve)
    assert curve[-1] == pytest.approx(numerics_recipe.flipped(runs, "bfloat16").mean)
    assert curve[0] == np.mean([step == 0 for step in numerics_recipe.flips(runs, "bfloat16")])


# --- Both: designs and records ---


@pytest.mark.parametrize("recipe", RECIPES, ids=["99", "100"])
def test_designs_can_turn_out_each_way_and_have_their_power(recipe) -> None:
    for seed in range(3):
        check_design(recipe.design, seed)
    assert power_of(recipe.design, draws=40) >= recipe.design.power


def test_a_cure_that_does_not_repeat_refutes_and_a_cure_without_a_gap_is_a_part() -> None:
    runs = essay_recipe.DESIGN.simulate(HOLDS, 0)
    for run in runs["scores"]:
        run.result["same"]["seed"] = {one: [1] * essay_recipe.ESSAYS for one in CHANGES}
    assert essay_recipe.rule(runs) == HOLDS_IN_PART
    runs["scores"][0].result["same"]["seed"] = {one: [0] * essay_recipe.ESSAYS for one in CHANGES}
    assert essay_recipe.rule(runs) == "does not hold"


def test_numbers_that_do_not_repeat_tell_nothing() -> None:
    runs = numerics_recipe.DESIGN.simulate(HOLDS, 0)
    runs["numerics"][0].result["again"]["float32"] = 1e-6
    assert numerics_recipe.rule(runs) == CANNOT_BE_TOLD


@pytest.mark.parametrize("recipe", RECIPES, ids=["99", "100"])
def test_recorded_outcomes_are_those_of_the_rules(recipe) -> None:
    record = read_record("09", recipe.row, recipe=recipe)
    assert record.outcome in OUTCOMES
    assert record.outcome == recipe.design.outcome(record.results)
    assert set(record.findings) == set(recipe.findings(record.results))
    assert len(recipe.stages_of("live")) == 1


def test_what_the_record_of_the_numbers_holds_is_the_machine_s_own_but_for_three_things() -> None:
    unstable = numerics_recipe.NUMERICS_RECIPE.unstable
    record = read_record("09", 100)
    first = record.results["numerics"][0].result
    assert set(first) - unstable == {"tokens", "row by row", "again", "coarsest first"}
    assert numerics_recipe.repeats(record.results)
    assert all(numerics_recipe.in_company(record.results, name) == 0 for name in numerics_runs.DECODED)
    assert all(ratio > 1 for name in numerics_runs.DECODED for ratio in numerics_recipe.price(record.results, name))


def test_the_record_of_the_essays_repeats_what_its_chances_say() -> None:
    record = read_record("09", 99)
    for temperature in TEMPERATURES:
        drawn = essay_recipe.agreement(record.results, temperature)
        assert drawn.mean == pytest.approx(essay_recipe.agreement(record.results, temperature, "exact").mean, abs=0.05)
    assert all(essay_recipe.lost(record.results, cure, SAME).mean == 0 for cure in CURES[1:])
    assert essay_runs.FAR == 2
