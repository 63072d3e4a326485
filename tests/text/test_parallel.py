from __future__ import annotations

import io
import tarfile
import unicodedata
from pathlib import Path

import pytest

from utils.paths import data_dir
from utils.text import declaration, parallel
from utils.text.declaration import declaration_languages, parallel_declaration
from utils.text.parallel import MESSAGE_LANGUAGES, message_languages, parallel_messages, parallel_territories

needs_messages = pytest.mark.skipif(not (data_dir() / "django-locale").is_dir(), reason="catalogues are not fetched")
needs_declaration = pytest.mark.skipif(not (data_dir() / declaration.ARCHIVE).is_file(), reason="not fetched")


@needs_messages
def test_messages_are_aligned_in_more_than_thirty_languages() -> None:
    messages = parallel_messages(MESSAGE_LANGUAGES)
    assert len(messages) >= 30
    assert {len(own) for own in messages.values()} == {len(messages["en"])}
    assert len(messages["en"]) >= 30
    row = messages["en"].index("This field is required.")
    assert messages["de"][row] == "Dieses Feld ist zwingend erforderlich."
    assert messages["fr"][row] == "Ce champ est obligatoire."


@needs_messages
def test_message_languages_cover_fifteen_scripts() -> None:
    scripts = set()
    for texts in parallel_messages(MESSAGE_LANGUAGES).values():
        letters = [c for c in "".join(texts) if unicodedata.category(c).startswith("L") and not c.isascii()]
        scripts |= {unicodedata.name(max(set(letters), key=letters.count)).split()[0]} if letters else set()
    assert len(scripts) >= 15


@needs_messages
def test_placeholders_stay_in_every_language() -> None:
    messages = parallel_messages(MESSAGE_LANGUAGES)
    row = next(i for i, text in enumerate(messages["en"]) if "%(limit_value)s" in text)
    assert all("%(limit_value)s" in own[row] for own in messages.values())


@needs_messages
def test_min_words_counts_english_words() -> None:
    sentences, everything = parallel_messages(["en", "de"], min_words=4), parallel_messages(["en", "de"], min_words=1)
    assert 0 < len(sentences["en"]) < len(everything["en"])
    assert all(len(text.split()) >= 4 for text in sentences["en"])
    assert set(parallel_messages(["en"], 1)["en"]) >= set(everything["en"])


@needs_messages
def test_unknown_languages_are_refused() -> None:
    assert "pt_BR" in message_languages()
    with pytest.raises(ValueError, match="xx"):
        parallel_messages(["en", "xx"])
    with pytest.raises(ValueError, match="empty"):
        parallel_messages([])


def test_missing_catalogues_say_how_to_fetch_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(parallel, "data_dir", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match="course data"):
        parallel_messages(["en", "de"])


def test_territories_need_no_data_and_cover_burmese() -> None:
    names = parallel_territories(["en", "my", "zh_Hans"])
    assert len(names["en"]) == len(names["my"]) == len(names["zh_Hans"]) > 200
    assert names["zh_Hans"][names["en"].index("Japan")] == "日本"
    with pytest.raises(ValueError, match="qqq"):
        parallel_territories(["en", "qqq"])
    with pytest.raises(ValueError, match="empty"):
        parallel_territories([])


@needs_declaration
def test_declaration_has_thirty_articles_in_every_script() -> None:
    articles = parallel_declaration(["en", "hi", "my", "zh_Hans", "de", "deu_1901"])
    assert {len(own) for own in articles.values()} == {30}
    assert articles["en"][0].startswith("All human beings are born free")
    assert not articles["en"][0].startswith("Article")
    assert "\n" in articles["en"][13]
    assert articles["de"] != articles["deu_1901"]


@needs_declaration
def test_declaration_covers_the_message_languages() -> None:
    known = set(declaration_languages())
    assert sorted(set(MESSAGE_LANGUAGES) - known) == ["sq"]
    with pytest.raises(ValueError, match="klingon"):
        parallel_declaration(["klingon"])


def test_a_missing_declaration_says_that_npm_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(declaration, "data_dir", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match="npm"):
        parallel_declaration(["en"])


def test_only_complete_pages_at_the_expected_place_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def page(n_articles: int) -> bytes:
        body = "".join(
            f'<article data-number="{i}"><h2>Article {i}</h2><p>one\n {i}</p><p>&amp; two</p></article>'
            for i in range(1, n_articles + 1)
        )
        return f'<!doctype html><html data-code="x" dir="ltr" lang="xx"><body>{body}</body></html>'.encode()

    with tarfile.open(tmp_path / declaration.ARCHIVE, "w:gz") as archive:
        for name, data in {
            "package/declaration/full.html": page(30),
            "package/declaration/part.html": page(29),
            "package/declaration/../../evil.html": page(30),
            "package/other/full2.html": page(30),
        }.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    monkeypatch.setattr(declaration, "data_dir", lambda: tmp_path)
    assert declaration_languages() == ["full", "xx"]
    assert parallel_declaration(["xx"])["xx"][2] == "one 3\n& two"
