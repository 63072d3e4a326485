"""Rows 6, 7, 9 and 14: budgets by language, texts as their conditions say, tables beaten or not, rules that turn."""

from __future__ import annotations

import pytest

from utils.experiments.data.asking_recipe import (
    ASKING,
    ENGLISH,
    FOREIGN,
    AskJob,
    behind,
    budget_of,
    column,
    run_ask_job,
)
from utils.experiments.data.questions import ASKED_IN, all_questions
from utils.experiments.data.recipes import RECIPES
from utils.experiments.data.showing import (
    document_bits,
    draw_answers,
    draw_domains,
    draw_losses,
    losses_here,
    print_answers,
    print_losses,
)
from utils.experiments.data.tiny_jobs import (
    DOMAINS,
    GENERAL,
    LANGUAGES,
    LARGE_CLEAN,
    LARGE_DIRTY,
    MIXTURES,
    N_UNSEEN,
    SMALL_CLEAN,
    TinyJob,
    ahead_of_table,
    bits_of,
    held_out_texts,
    run_tiny_job,
    training_text,
)
from utils.experiments.data.tiny_recipes import MIXED, QUALITY, SPECIALISTS, dirt_gap, share_effects, specialist_gains
from utils.experiments.recording.design import CANNOT_BE_TOLD, DOES_NOT_HOLD, HOLDS, HOLDS_IN_PART, Run
from utils.experiments.recording.recipe import Recipe
from utils.experiments.recording.record import read_record
from utils.notebook.budget import Budget

N = len(all_questions())
NAMES = [recipe.row for recipe in RECIPES]


def answered(shares: dict[str, float]) -> dict[str, list[Run]]:
    """Return runs in which the first questions are right, as many as each language's share says."""
    return {
        "asked": [
            Run(AskJob(name, 0, N), {"right": [int(place < share * N) for place in range(N)]})
            for name, share in shares.items()
        ]
    }


@pytest.mark.parametrize(
    ("english", "other_words", "spanish", "elsewhere", "outcome"),
    [
        (0.9, 0.9, 0.2, 0.2, HOLDS),
        (0.9, 0.9, 0.9, 0.2, HOLDS_IN_PART),
        (0.9, 0.9, 0.9, 0.9, DOES_NOT_HOLD),
        (0.9, 0.4, 0.4, 0.4, CANNOT_BE_TOLD),  # other words in English do the same: the language is not the reason
    ],
)
def test_the_rule_of_asking_turns_with_the_languages_and_with_its_control(
    english: float, other_words: float, spanish: float, elsewhere: float, outcome: str
) -> None:
    shares = dict(zip(ASKED_IN, (english, other_words, spanish, elsewhere, elsewhere), strict=True))
    assert ASKING.design.outcome(answered(shares)) == outcome


def test_answers_of_a_language_come_in_the_order_of_the_questions() -> None:
    runs = [Run(AskJob("Hindi", first, 2), {"right": [first, first + 1]}) for first in (2, 0)]
    assert column(runs, "Hindi", "right").tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="'Spanish'"):
        column(runs, "Spanish", "right")
    with pytest.raises(ValueError, match="'Latin'"):
        AskJob("Latin", 0, 1)


def test_each_language_has_room_for_its_longest_right_answer() -> None:
    record = read_record("01", 9)
    budgets = {run.job.name: run.result["budget"] for run in record.results["asked"]}
    assert budgets == {name: budget_of(name) for name in ASKED_IN}
    assert budgets["Hindi"] > 2 * budgets["English"]
    gaps = {name: behind(record.results["asked"], name) for name in FOREIGN}
    assert all(len(gap) == len(ENGLISH) for gap in gaps.values())


@pytest.mark.slow
def test_a_question_is_asked_and_judged() -> None:
    found = run_ask_job(AskJob("English", 0, 1))
    assert found["shown"][0].startswith("What is the capital of Indonesia?")
    assert found["right"] == [1]


def test_training_texts_are_as_their_conditions_say() -> None:
    clean, small, dirty = (
        training_text(TinyJob("quality", one, 0, 5000)) for one in (LARGE_CLEAN, SMALL_CLEAN, LARGE_DIRTY)
    )
    assert len(small) == 1000
    assert clean.startswith(small[:500])  # the same pages, as far as the small set goes
    assert len(clean) == len(dirty) == 5000
    mixed = training_text(TinyJob("languages", "80/15/5", 0, 20_000))
    assert 18_000 < len(mixed.encode()) < 22_000
    sums = training_text(TinyJob("domains", "sum", 0, 3000))
    assert "=" in sums or "plus" in sums
    assert set(held_out_texts("domains")) == set(DOMAINS)
    for values, name in ((("chess", "a"), "about"), (("domains", "a"), "condition")):
        with pytest.raises(ValueError, match=name):
            TinyJob(*values, 0, 100)


def made(about: str, mean: dict[tuple[str, str], float], pairs: float) -> list[Run]:
    """Return two runs of each condition with known losses."""
    names = {name for _, name in mean}
    return [
        Run(
            TinyJob(about, condition, seed, 10),
            {
                "bits": {name: mean[condition, name] + 0.01 * seed for name in names},
                "pairs": dict.fromkeys(names, pairs),
                "triples": dict.fromkeys(names, pairs - 1),
            },
        )
        for condition in dict.fromkeys(one for one, _ in mean)
        for seed in (0, 1)
    ]


@pytest.mark.parametrize(
    ("dirty", "pairs", "outcome"), [(1.5, 3.0, HOLDS), (1.0, 3.0, DOES_NOT_HOLD), (1.5, 0.9, CANNOT_BE_TOLD)]
)
def test_a_model_no_better_than_a_table_of_pairs_decides_nothing(dirty: float, pairs: float, outcome: str) -> None:
    runs = made(
        "quality", {(SMALL_CLEAN, "clean"): 1.2, (LARGE_DIRTY, "clean"): dirty, (LARGE_CLEAN, "clean"): 1}, pairs
    )
    assert QUALITY.design.outcome({"runs": runs}) == outcome
    assert dirt_gap(runs).mean == pytest.approx(dirty - 1.2)
    assert ahead_of_table(runs, LARGE_CLEAN, "clean").mean == pytest.approx(pairs - 1.005)
    with pytest.raises(ValueError, match="'uniform'"):
        bits_of(runs, "uniform", "clean")


def test_share_effects_and_gains_are_those_of_known_losses() -> None:
    record = read_record("01", 7)
    for name, effect in share_effects(record.results["runs"]).items():
        assert effect.mean == pytest.approx(record.findings["differences"][name][0])
    mean = {(one, name): 2.0 for one in (GENERAL, *DOMAINS) for name in DOMAINS} | {(one, one): 1.5 for one in DOMAINS}
    gains = specialist_gains(made("domains", mean, 3.0))
    assert [gain.mean for gain in gains.values()] == pytest.approx([0.5] * 3)
    assert SPECIALISTS.design.outcome({"runs": made("domains", mean, 3.0)}) == HOLDS
    mean[DOMAINS[0], DOMAINS[0]] = 2.0
    assert SPECIALISTS.design.outcome({"runs": made("domains", mean, 3.0)}) == HOLDS_IN_PART


def test_a_small_model_learns_and_its_tables_stand_beside_it() -> None:
    few, more = (run_tiny_job(TinyJob("languages", "uniform", 0, n)) for n in (1000, 6000))
    assert more["bits"]["common"] < few["bits"]["common"]
    assert more["triples"]["common"] < more["pairs"]["common"] < 8


@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_what_the_notebook_shows_follows_from_the_recorded_runs(recipe: Recipe) -> None:
    record = read_record("01", recipe.row, recipe=recipe)
    assert recipe.design.outcome(record.results) == record.outcome
    assert recipe.design.to_dict() == record.design
    first = next(iter(record.results))
    live = recipe.stages_of("live")[0].jobs({})
    assert len(live) <= len(record.results[first])


def test_the_smoke_run_is_one_small_model() -> None:
    (run,) = losses_here(QUALITY, Budget("smoke", "cpu", 0))
    assert run.job == TinyJob("quality", SMALL_CLEAN, 0, 2_000)


def test_losses_by_document_are_those_by_byte_times_the_bytes_of_a_document() -> None:
    runs = read_record("01", 7).results["runs"]
    found, text = document_bits(runs), held_out_texts("languages")["velkoth"]
    assert len(found) == len(LANGUAGES) * len(MIXTURES)
    expected = [value * len(text.encode()) / N_UNSEEN for value in bits_of(runs, "5/80/15", "velkoth")]
    assert found["velkoth", 0.8].tolist() == pytest.approx(expected)


def test_pictures_and_lists_show_every_condition(capsys: pytest.CaptureFixture[str]) -> None:
    asked = read_record("01", 9)
    (axes,) = draw_answers(asked.findings).axes
    assert len(axes.patches) == 2 * len(ASKED_IN)
    print_answers(asked, asked.results["asked"][:1])
    printed = capsys.readouterr().out
    assert all(name in printed for name in ASKED_IN)
    assert printed.count("here [") == 1
    losses = read_record("01", 6)
    runs = losses.results["runs"]
    assert len(draw_losses(runs).axes[0].get_xticklabels()) == 3
    print_losses(losses, [run for run in runs if run.job.condition == SMALL_CLEAN])
    printed = capsys.readouterr().out
    assert printed.count("on clean") == 3
    assert printed.count("   here ") == 1
    assert "behind a table of triples: 1 of 3" in printed
    domains = draw_domains(read_record("01", 14).results["runs"])
    assert len(domains.axes[0].texts) == 12
    assert MIXED.row == 7
