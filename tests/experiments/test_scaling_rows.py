"""One document a row: padding counts for nothing, a run depends on its seed alone, and models write what they know."""

from __future__ import annotations

import math

import pytest
import torch

from utils.experiments.scaling.rows import (
    IGNORED,
    joined,
    nats_per_token,
    parameters_of,
    rows_of,
    small_gpt,
    teach,
    token_nats,
    written,
)

DOCUMENTS = [[3, 4, 5], [6, 7], [3, 4, 5, 8]]


def test_rows_begin_and_end_with_the_end_mark_and_padding_is_no_target():
    rows = rows_of(DOCUMENTS, 0, 6)
    assert rows.inputs.tolist()[1] == [0, 6, 7, 0, 0, 0]
    assert rows.targets.tolist()[1] == [6, 7, 0, IGNORED, IGNORED, IGNORED]
    assert rows.tokens == 4 + 3 + 5
    assert len(joined([rows, rows[slice(0, 1)]])) == 4


def test_the_probability_of_a_document_is_that_of_its_row_alone():
    model = small_gpt(8, 10, 8, seed=0)
    wide, narrow = rows_of(DOCUMENTS, 0, 8), rows_of(DOCUMENTS[:1], 0, 4)
    assert token_nats(model, wide)[0].sum().item() == pytest.approx(token_nats(model, narrow).sum().item(), rel=1e-5)
    assert nats_per_token(model, wide) == pytest.approx(math.log(10), rel=0.05)


def test_training_depends_on_its_seed_alone():
    def trained(seed: int) -> float:
        torch.manual_seed(torch.seed() % 1000)
        model = small_gpt(4, 10, 6, seed)
        teach(model, rows_of(DOCUMENTS * 20, 0, 6), 2, 5, seed)
        return nats_per_token(model, rows_of(DOCUMENTS, 0, 6))

    assert trained(1) == trained(1)
    assert trained(1) != trained(2)
    assert trained(1) < math.log(10)


def test_a_trained_model_writes_the_documents_that_it_has_read():
    model = small_gpt(16, 10, 6, seed=0)
    teach(model, rows_of([[3, 4, 5]] * 200, 0, 6), 10, 10, 0)
    texts = written(model, 50, 0, seed=1, batch_rows=20)
    assert len(texts) == 50
    assert texts.count([3, 4, 5]) > 40
    assert texts == written(model, 50, 0, seed=1, batch_rows=20)


def test_a_text_without_an_end_is_cut_at_the_context():
    texts = written(small_gpt(4, 1000, 5, seed=0), 20, 0, seed=0)
    assert max(map(len, texts)) == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rows_of([], 0, 4), "documents is empty"),
        (lambda: rows_of(DOCUMENTS, 0, 4), "length is 4, and a document with its end mark has 5 tokens"),
        (lambda: small_gpt(0, 10, 4, 0), "width must be positive, not 0"),
        (lambda: teach(small_gpt(4, 10, 6, 0), rows_of(DOCUMENTS, 0, 6), 1, 8, 0), "less than a batch of 8"),
    ],
)
def test_bad_input_gets_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_parameters_are_counted_once():
    model = small_gpt(8, 10, 6, seed=0)
    assert parameters_of(model) == sum(p.numel() for p in model.parameters())
