from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.identification import identify_langdetect, identify_py3langid, language_shares

SENTENCES = {
    "en": "The weather in the mountains changes quickly, and nobody should walk there alone.",
    "de": "Das Wetter in den Bergen ändert sich schnell, und niemand sollte dort allein wandern.",
    "fr": "Le temps change vite en montagne, et personne ne devrait s'y promener tout seul.",
    "ru": "Погода в горах меняется быстро, и никому не следует гулять там в одиночку.",
}


def test_shares_count_documents_and_not_their_length() -> None:
    shares = language_shares(["a" * 1000, "b", "b", "b"], lambda text: text[0])
    assert shares == {"b": 0.75, "a": 0.25}
    assert list(shares) == ["b", "a"]


def test_failures_and_empty_answers_count_as_unknown() -> None:
    def identify(text: str) -> str | None:
        if text == "error":
            raise RuntimeError("no letters")
        return {"none": None, "empty": ""}.get(text, "en")

    assert language_shares(["error", "none", "empty", "text"], identify) == {"unknown": 0.75, "en": 0.25}


def test_no_texts_have_no_shares() -> None:
    assert language_shares([], lambda text: "en") == {}


@given(st.lists(st.sampled_from(["en", "de", "", "sw"]), min_size=1))
def test_shares_sum_to_one(texts: list[str]) -> None:
    assert sum(language_shares(texts, lambda text: text).values()) == pytest.approx(1)


@pytest.mark.parametrize("identify", [identify_py3langid, identify_langdetect])
def test_identifiers_agree_on_plain_sentences(identify) -> None:
    assert {language: identify(text) for language, text in SENTENCES.items()} == {code: code for code in SENTENCES}


def test_langdetect_does_not_depend_on_what_came_before() -> None:
    short = ["no", "hallo du", "que", "ma", "I do", "da", "un"]
    alone = [identify_langdetect(text) for text in short]
    assert [identify_langdetect(text) for text in reversed(short)] == alone[::-1]


def test_langdetect_error_on_digits_becomes_unknown() -> None:
    assert language_shares(["12345 67890"], identify_langdetect) == {"unknown": 1.0}


def test_both_identifiers_give_chinese_one_code() -> None:
    text = "山里的天气变化很快，谁也不应该一个人去那里走路，因为那里很危险。"
    assert identify_langdetect(text) == identify_py3langid(text) == "zh"
