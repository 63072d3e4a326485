from __future__ import annotations

import pytest

from utils.text.tables import load_table, table_card, table_names


def test_every_table_has_a_card_and_every_card_a_table() -> None:
    for name in table_names():
        assert {"title", "units", "source", "licence", "date", "note"} <= set(table_card(name))
    assert set(table_names()) >= {"common_crawl_languages", "under_represented_languages", "c4_domains", "coverage"}


def test_every_published_value_names_its_source() -> None:
    for name in table_names():
        if name != "coverage":
            assert all(row["source"] for row in load_table(name)), name


def test_units_name_columns_that_exist() -> None:
    for name in table_names():
        assert set(table_card(name)["units"]) <= set(load_table(name)[0])


def test_numbers_are_typed_and_labels_stay_labels() -> None:
    english = load_table("common_crawl_languages")[0]
    assert english["speakers_millions"] == 1452
    assert isinstance(english["speakers_millions"], int)
    assert english["share_percent"] == pytest.approx(45.8786)
    assert load_table("coverage")[0]["notebook"] == "01"
    assert load_table("coverage")[0]["row"] == 1


def test_an_empty_cell_among_numbers_is_none() -> None:
    by_dataset = {row["dataset"]: row for row in load_table("clip_accuracy")}
    assert by_dataset["ImageNet v2"]["clip_percent"] is None
    assert by_dataset["Birdsnap"]["open_clip_percent"] == 46.0


def test_shares_of_a_whole_do_not_exceed_it() -> None:
    assert sum(row["share_percent"] for row in load_table("common_crawl_languages")) < 100
    assert sum(row["share_percent"] for row in load_table("c4_domains")) == 100


def test_published_ratios_follow_from_speakers_and_share() -> None:
    for row in load_table("under_represented_languages"):
        ratio = row["speakers_millions"] / 8000 / (row["share_percent"] / 100)
        assert ratio == pytest.approx(row["published_ratio"], abs=0.005), row["language"]
        assert row["speakers_millions"] / 80 == pytest.approx(row["world_percent"], abs=0.0051), row["language"]


def test_llama_parameter_counts_follow_from_the_released_dimensions() -> None:
    for row in load_table("llama_dimensions"):
        d, kv_width = row["d_model"], row["d_model"] // row["n_heads"] * row["n_kv_heads"]
        block = 2 * d * d + 2 * d * kv_width + 3 * d * row["d_ff"] + 2 * d
        assert row["n_layers"] * block + 2 * row["vocab_size"] * d + d == row["n_params"], row["model"]


def test_the_published_feedforward_dimension_is_off_in_one_row_only() -> None:
    off = [row["model"] for row in load_table("llama_dimensions") if row["d_ff_published"] != row["d_ff"]]
    assert off == ["Llama 2-70B"]


def test_coverage_numbers_its_rows_from_one() -> None:
    assert [row["row"] for row in load_table("coverage")] == list(range(1, 106))


@pytest.mark.parametrize("name", ["nothing", "../README", ""])
def test_an_unknown_table_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="no table of the course"):
        load_table(name)
    with pytest.raises(ValueError, match="no table of the course"):
        table_card(name)
