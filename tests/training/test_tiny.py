from __future__ import annotations

import pickle

import pytest

from utils.training.sweep import close_local_workers, run_sweep
from utils.training.tiny import LanguageModelJob, byte_ids, train_language_model
from utils.training.translators import RoundTripJob, round_trip, split_words

ENGLISH = "The baker opened the shop before the sun was up, and the smell of bread went down the street. " * 60
DIGITS = "31415 92653 58979 32384 62643 38327 95028 84197 16939 93751 05820 97494 45923 07816 40628 62089 " * 60


def job(**fields) -> LanguageModelJob:
    values = {"data": ENGLISH, "held_out": {"english": ENGLISH[:900], "digits": DIGITS[:900]}, "tokens": 8000}
    return LanguageModelJob(**{**values, "seed": 0, **fields})


def test_a_model_is_better_on_what_it_was_trained_on():
    english, digits = (train_language_model(job(data=data)) for data in (ENGLISH, DIGITS))
    assert english.bits_per_byte["english"] < digits.bits_per_byte["english"] - 1
    assert digits.bits_per_byte["digits"] < english.bits_per_byte["digits"] - 1


def test_a_job_gives_the_same_numbers_here_and_in_a_worker():
    jobs = [job(tokens=2048, seed=seed) for seed in (0, 1)]
    try:
        there = run_sweep(train_language_model, jobs, workers=1)
    finally:
        close_local_workers()
    assert there == [train_language_model(one) for one in jobs]
    assert there[0].bits_per_byte != there[1].bits_per_byte


def test_a_character_of_three_bytes_costs_three_bytes():
    text = "ბგდ" * 200  # Georgian letters take three bytes each in UTF-8
    result = train_language_model(job(held_out={"georgian": text, "english": ENGLISH[:300]}, tokens=2048))
    assert result.bits_per_character["georgian"] == pytest.approx(3 * result.bits_per_byte["georgian"])
    assert result.bits_per_character["english"] == pytest.approx(result.bits_per_byte["english"])


def test_compute_counts_repetitions():
    result = train_language_model(job(data=ENGLISH[:2000], tokens=8192))
    assert result.tokens == 8192
    assert result.epochs == pytest.approx(8192 / 2000)


def test_bytes_of_any_script_are_ids():
    assert byte_ids("aé").tolist() == [97, 195, 169]
    assert byte_ids("").tolist() == []


def test_data_too_short_for_a_batch_are_refused():
    with pytest.raises(ValueError, match="too few for one batch"):
        train_language_model(job(data="short"))


def test_a_jobs_name_in_an_error_does_not_carry_its_text():
    assert "baker" not in repr(job())
    assert pickle.loads(pickle.dumps(job())) == job()


# A language of numbers: the pivot has its own words and the other order, and may merge "left" and "right".
COUNTS = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
THINGS = ["dogs", "cats", "hens", "cows"]


def pairs(merge: bool) -> list[tuple[str, str]]:
    sides = {"left": "lop", "right": "lop" if merge else "rop"}
    return [
        (f"{count} {thing} {side}.", f"{word} x{count} y{thing}.")
        for count in COUNTS
        for thing in THINGS
        for side, word in sides.items()
    ]


@pytest.mark.parametrize("sample", [False, True])
def test_a_round_trip_keeps_what_the_pivot_says_and_loses_what_it_does_not(sample):
    sentences = [home for home, _ in pairs(True)]
    texts = [" ".join(split_words(sentence)) for sentence in sentences]
    results = {
        merge: round_trip(RoundTripJob(pairs(merge), sentences, steps=120, seed=0, batch_size=32, sample=sample))
        for merge in (True, False)
    }
    kept = sum(a == b for a, b in zip(results[False].returned, texts, strict=True)) / len(texts)
    assert kept > 0.9
    # Counts and things survive the merging pivot; of two sides only one can come back as it was.
    same_words = [a.split()[:2] == b.split()[:2] for a, b in zip(results[True].returned, texts, strict=True)]
    assert sum(same_words) / len(texts) > 0.9
    kept = sum(a == b for a, b in zip(results[True].returned, texts, strict=True)) / len(texts)
    assert 0.25 < kept < 0.75


def test_words_and_marks_are_split_in_any_script():
    assert split_words("Ye say: ბა ba.") == ["Ye", "say", ":", "ბა", "ba", "."]


def test_an_unknown_word_is_refused_by_name():
    with pytest.raises(ValueError, match="sentences holds the word 'zebras'"):
        round_trip(RoundTripJob(pairs(True), ["one zebras left."], steps=1, seed=0))


def test_no_pairs_are_refused():
    with pytest.raises(ValueError, match="pairs is empty"):
        round_trip(RoundTripJob([], [], steps=1, seed=0))
