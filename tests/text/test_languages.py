from __future__ import annotations

import pytest

from utils.text.identification import identify_langdetect, identify_py3langid, py3langid_among
from utils.text.languages import (
    IDENTIFIER_LANGUAGES,
    LanguageSample,
    excerpt_samples,
    languages,
    main_language,
    measure_identifier,
)


def test_records_hold_names_scripts_speakers_and_excerpts() -> None:
    german = main_language("de")
    assert (german.tag, german.name, german.script) == ("de_Latn", "German", "Latn")
    assert german.population > 50_000_000
    assert german.excerpt.startswith("Alle Menschen sind frei")
    assert sum(bool(record.excerpt) for record in languages()) > 700


def test_main_language_is_the_most_used_script_with_text_unless_a_tag_asks_for_another() -> None:
    assert main_language("zh").tag == "zh_Hans"
    assert main_language("zh_Hant").tag == "zh_Hant"
    assert main_language("pa").tag == "pa_Guru"
    with pytest.raises(ValueError, match="klingon"):
        main_language("klingon")


def test_excerpts_hold_no_line_twice_and_no_fragment_of_another() -> None:
    for code in IDENTIFIER_LANGUAGES:
        lines = main_language(code).excerpt.splitlines()
        assert len(lines) == len(set(lines)) >= 1
        assert not any(a != b and a in b for a in lines for b in lines), code


def test_samples_have_the_length_and_number_asked_for_and_depend_on_the_seed_only() -> None:
    samples = excerpt_samples(["en", "ru", "th"], length=40, per_language=4, seed=3)
    assert len(samples) == 12
    assert {len(sample.text) for sample in samples} == {40}
    assert len({sample.text for sample in samples}) == 12
    assert samples == excerpt_samples(["en", "ru", "th"], length=40, per_language=4, seed=3)
    assert samples != excerpt_samples(["en", "ru", "th"], length=40, per_language=4, seed=4)


def test_a_language_with_too_little_text_gives_no_samples() -> None:
    assert excerpt_samples(["de"], length=10_000, per_language=2) == []
    with pytest.raises(ValueError, match="length"):
        excerpt_samples(["de"], length=0, per_language=2)


def test_measuring_counts_errors_and_silence_as_wrong() -> None:
    samples = [LanguageSample(text, "en") for text in ("right", "wrong", "error", "none")]

    def identify(text: str) -> str | None:
        if text == "error":
            raise RuntimeError("no letters")
        return {"right": "en", "wrong": "fr"}.get(text)

    score = measure_identifier(samples, identify)
    assert score.accuracy == 0.25
    assert score.by_language == {"en": 0.25}
    assert score.confusions == [("en", "unknown", 2), ("en", "fr", 1)]
    assert score.texts_per_second > 0
    with pytest.raises(ValueError, match="samples"):
        measure_identifier([], identify)


def test_both_identifiers_know_every_listed_language_and_do_better_with_more_text() -> None:
    short = excerpt_samples(IDENTIFIER_LANGUAGES, length=8, per_language=2)
    long = excerpt_samples(IDENTIFIER_LANGUAGES, length=100, per_language=1)
    for identify in (identify_py3langid, identify_langdetect):
        assert measure_identifier(long, identify).accuracy > max(0.9, measure_identifier(short, identify).accuracy)


def test_a_limited_choice_never_leaves_it() -> None:
    identify = py3langid_among(["hr", "de"])
    assert identify("Vrijeme se u planinama brzo mijenja i nitko ne bi trebao hodati sam.") == "hr"
    assert identify("The weather in the mountains changes quickly.") in {"hr", "de"}
    with pytest.raises(ValueError, match="languages"):
        py3langid_among([])
