from __future__ import annotations

import math

import numpy as np
import pytest

from utils.text.domains import NaiveBayes, byte_ngrams, words
from utils.text.installed import installed_documents


def test_scores_are_the_joint_log_probabilities() -> None:
    model = NaiveBayes(smoothing=1).fit(["a a b", "b c"], ["x", "y"])
    # Three features; x counts a 2, b 1, c 0 and y a 0, b 1, c 1, each plus one.
    expected = [
        math.log(1 / 2) + math.log(3 / 6) + math.log(2 / 6),
        math.log(1 / 2) + math.log(1 / 5) + math.log(2 / 5),
    ]
    np.testing.assert_allclose(model.log_scores(["a B unseen"]), [expected])
    assert model.predict(["a", "c"]) == ["x", "y"]


def test_the_prior_decides_when_no_feature_is_known() -> None:
    model = NaiveBayes().fit(["a", "b", "c"], ["x", "y", "y"])
    assert model.predict(["zzz"]) == ["y"]
    assert model.predict([]) == []


def test_features_are_words_or_bytes() -> None:
    assert words("Don't STOP, naïve") == ["don", "t", "stop", "naïve"]
    assert byte_ngrams(2)("aé") == [b"a\xc3", b"\xc3\xa9"]
    with pytest.raises(ValueError, match="n is 0"):
        byte_ngrams(0)


def test_bad_use_is_refused() -> None:
    with pytest.raises(ValueError, match="smoothing"):
        NaiveBayes(smoothing=0)
    with pytest.raises(ValueError, match="texts"):
        NaiveBayes().fit([], [])
    with pytest.raises(ValueError, match="labels"):
        NaiveBayes().fit(["a"], [])
    with pytest.raises(ValueError, match="fit"):
        NaiveBayes().predict(["a"])


@pytest.mark.parametrize("features", [words, byte_ngrams(3)])
def test_domains_of_unseen_files_are_told_apart(features) -> None:
    documents = [d for domain in ("graphs", "plotting", "licences") for d in installed_documents(domain, 30)]
    sources = sorted({document.source for document in documents})
    held_out = set(sources[::4])
    train = [d for d in documents if d.source not in held_out]
    test = [d for d in documents if d.source in held_out]
    model = NaiveBayes(features).fit([d.text for d in train], [d.domain for d in train])
    right = [found == d.domain for found, d in zip(model.predict([d.text for d in test]), test, strict=True)]
    assert sum(right) / len(right) > 0.8  # a guess is right for one in three
