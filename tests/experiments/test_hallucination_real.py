"""Questions about the real world, things that do not exist, and small changes of a question (row 101)."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from utils.experiments.hallucination import real_recipe
from utils.experiments.hallucination.prompt_changes import (
    ASKED_KINDS,
    CHANGES,
    CONTROL,
    N_OPTIONS,
    change_questions,
    changed_answers,
    flipped,
    options_of,
    with_options,
)
from utils.experiments.hallucination.real_answers import (
    HONEST,
    abstains,
    ask_facts,
    ask_openly,
    chat_prompt,
    next_logits,
    real_model,
)
from utils.experiments.hallucination.real_facts import (
    KINDS,
    RealQuestion,
    fair_questions,
    invented_questions,
    plain,
    popularity_thirds,
    real_questions,
)
from utils.experiments.recording.design import CANNOT_BE_TOLD, HOLDS, OUTCOMES, check_design, power_of
from utils.experiments.recording.record import read_record


def asked(kind: str, subject: str) -> RealQuestion:
    return next(one for one in real_questions() if (one.kind, one.subject) == (kind, subject))


def test_there_are_many_questions_of_every_kind() -> None:
    counts = Counter(one.kind for one in fair_questions())
    assert sum(counts.values()) >= 600
    assert all(counts[kind] >= 80 for kind in KINDS)
    assert sum(counts[kind] for kind in ASKED_KINDS) >= 400


def test_no_question_gives_its_answer_away() -> None:
    for one in fair_questions():
        for wording in (0, 1):
            assert not one.is_right(one.text(wording)), one
        assert not one.is_right(one.opening())
        assert not one.is_right(one.opening(named=False))
        if one.kind != "symbol":
            words = plain(one.subject).replace("-", " ").split()
            assert not any(plain(answer)[:3] == word[:3] for answer in one.answers for word in words if len(word) > 2)


def test_what_gives_itself_away_is_left_out_and_nothing_else() -> None:
    assert asked("language", "Germany").tells()
    assert asked("currency", "Afghanistan").tells()
    assert not asked("language", "Austria").tells()
    assert not asked("capital", "France").tells()
    left_out = len(real_questions()) - len(fair_questions())
    assert left_out == sum(one.tells() for one in real_questions()) > 0


def test_facts_are_true() -> None:
    known = {
        ("capital", "France"): "Paris",
        ("capital", "Japan"): "Tokyo",
        ("currency", "India"): "Rupee",
        ("currency", "Japan"): "Yen",
        ("language", "Austria"): "German",
        ("symbol", "Fe"): "Iron",
        ("year", "oxygen"): "1774",
    }
    for (kind, subject), answer in known.items():
        assert asked(kind, subject).is_right(answer), (kind, subject, asked(kind, subject).answers)


def test_questions_of_a_kind_ask_once_about_a_subject_and_come_by_popularity() -> None:
    for kind in KINDS:
        some = [one for one in fair_questions() if one.kind == kind]
        assert len({one.subject for one in some}) == len(some)
        assert [one.popularity for one in some] == sorted((one.popularity for one in some), reverse=True)
        assert some[0].popularity > 20 * max(some[-1].popularity, 1e-9)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("Paris", True),
        (" PARIS, of course", True),
        ("It is pàris.", True),
        ("The city of Parisian lights", True),  # an answer may be cut off or go on
        ("Comparison", False),
        ("Lyon", False),
        ("", False),
    ],
)
def test_an_answer_is_right_whatever_its_case_and_accents(answer: str, right: bool) -> None:
    assert asked("capital", "France").is_right(answer) is right


def test_other_spellings_are_right_too() -> None:
    assert asked("capital", "Ukraine").is_right("Kiev")
    assert asked("symbol", "Al").is_right("aluminium")
    nobody = invented_questions(1)[0]
    assert not nobody.is_right(nobody.subject)  # about what does not exist, nothing is


def test_invented_names_are_not_real() -> None:
    real = {plain(one.subject) for one in real_questions()}
    real |= {plain(answer) for one in real_questions() for answer in one.answers}
    made = invented_questions(160)
    assert len(made) == 160
    assert len({one.subject for one in made}) == 160
    assert not real & {plain(one.subject) for one in made}
    assert {one.kind for one in made} == {"capital", "currency", "language", "year"}
    assert all(not one.answers and one.popularity == 0 for one in made)
    assert invented_questions(10) == invented_questions(10)
    assert invented_questions(10) != invented_questions(10, seed=1)


def test_thirds_are_of_each_kind_and_by_popularity() -> None:
    questions = [RealQuestion(kind, f"x{n}", ("y",), float(n)) for n in range(9) for kind in ("capital", "year")]
    thirds = popularity_thirds(questions)
    for kind in ("capital", "year"):
        found = [int(third) for third, one in zip(thirds, questions, strict=True) if one.kind == kind]
        assert found == [2, 2, 2, 1, 1, 1, 0, 0, 0]
    assert Counter(popularity_thirds(fair_questions()).tolist()).most_common()[0][1] < 0.4 * len(fair_questions())


def test_changes_change_what_they_say() -> None:
    question = asked("capital", "France")
    draws = np.random.default_rng(0)
    for text in flipped(question.text(), 3, draws):
        assert text != question.text()
        assert text.casefold() == question.text().casefold()
        assert sum(one != other for one, other in zip(text, question.text(), strict=True)) == 1
    options = options_of(question, draws)
    assert len(set(options)) == N_OPTIONS
    assert "Paris" in options
    assert len({one[:2].lower() for one in options}) == N_OPTIONS
    assert all(one in with_options(question, options) for one in options)


def test_the_same_questions_are_drawn_again() -> None:
    assert change_questions(20) == change_questions(20)
    assert len({(one.kind, one.subject) for one in change_questions(300)}) == 300
    assert {one.kind for one in change_questions(60)} == set(ASKED_KINDS)


def test_the_real_model_answers_and_a_change_is_noticed() -> None:
    questions = [asked("capital", "France"), asked("currency", "Japan")]
    found = changed_answers(questions)
    assert [set(one.differs) for one in found] == [set(CHANGES)] * 2
    assert all(0 <= share <= 1 for one in found for share in one.differs.values())
    assert [one.differs[CONTROL] for one in found] == [0.0, 0.0]
    paris = ask_facts(questions[:1])[0]
    assert paris.right
    assert 0 < paris.probability <= 1


def test_logits_come_back_in_the_order_of_the_prompts() -> None:
    prompts = [chat_prompt(text) for text in ("What is the capital of France, please?", "Hi", "Name a colour.")]
    together = next_logits(prompts)
    for prompt, row in zip(prompts, together, strict=True):
        assert float((next_logits([prompt])[0] - row).abs().max()) < 0.01
    assert float((together[0] - together[1]).abs().max()) > 1


@pytest.mark.parametrize(
    ("answer", "silent"),
    [
        ("I do not know.", True),
        ("I'm not sure about that.", True),
        ("I don't know the answer.", True),
        ("The capital is Paris.", False),
        ("", False),
    ],
)
def test_silence_is_told_from_answers(answer: str, silent: bool) -> None:
    assert abstains(answer) is silent


def test_a_system_message_and_a_request_for_honesty_reach_the_model() -> None:
    real = real_model()
    prompt = chat_prompt("Where?", "Here", system="Answer in French.")
    assert "Answer in French." in real.decode(prompt)
    assert real.decode(prompt).endswith("Here")
    answers = {honest: ask_openly(invented_questions(2), honest, 8) for honest in (False, True)}
    assert answers[True] != answers[False]
    assert HONEST.startswith("If you are not sure")


def test_bad_input_gets_a_sentence() -> None:
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        invented_questions(0)
    with pytest.raises(ValueError, match="questions has no entries"):
        popularity_thirds([])
    with pytest.raises(ValueError, match="wording must be below 2, not 2"):
        asked("capital", "France").text(2)
    with pytest.raises(ValueError, match="n must be from 1 to"):
        change_questions(10_000)
    with pytest.raises(ValueError, match="prompts must hold at least one"):
        next_logits([])
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        real_recipe.Questions(0, 0, 10)
    with pytest.raises(ValueError, match="first must not be negative, not -1"):
        real_recipe.Questions(-1, 1, 10)


def test_the_design_can_turn_out_each_way_and_has_its_power() -> None:
    check_design(real_recipe.DESIGN)
    assert power_of(real_recipe.DESIGN, draws=30) >= real_recipe.DESIGN.power


def test_a_model_that_does_not_repeat_itself_tells_nothing_about_changes() -> None:
    runs = real_recipe.DESIGN.simulate(HOLDS, 0)
    assert real_recipe.rule(runs) == HOLDS
    differs = runs["changes"][0].result["differs"]
    differs[CONTROL] = [1.0] * 30 + [0.0] * 270
    assert real_recipe.rule(runs) == CANNOT_BE_TOLD


def test_the_record_says_what_its_runs_do() -> None:
    record = read_record("09", 101, recipe=real_recipe.REAL_RECIPE)
    assert record.outcome in OUTCOMES
    assert record.outcome == real_recipe.rule(record.results)
    columns = real_recipe.fact_columns(record.results)
    assert {len(column) for column in columns.values()} == {len(fair_questions())}
    assert columns["third"].tolist() == popularity_thirds(fair_questions()).tolist()
    silent = real_recipe.open_shares(record.results, "silent")
    assert set(silent) == {(real, honest) for real in (True, False) for honest in (True, False)}
    assert sum(len(run.result["differs"][CONTROL]) for run in record.results["changes"]) >= 200
