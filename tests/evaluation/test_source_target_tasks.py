"""Reverse and recall: what the tasks ask for, and that a run depends on its job alone."""

from __future__ import annotations

import pytest
import torch

from utils.experiments.attention.source_target_tasks import START, SYMBOLS, LengthJob, draw_batch, train_on_lengths


def test_reverse_gives_the_source_backwards_and_starts_with_the_start() -> None:
    source, given, target = draw_batch("reverse", 5, 7, torch.Generator().manual_seed(0))
    assert torch.equal(target, source.flip(1))
    assert torch.equal(given[:, 1:], target[:, :-1])
    assert given[:, 0].eq(START).all()


def test_recall_asks_for_the_value_of_one_of_its_keys_and_no_key_occurs_twice() -> None:
    source, given, target = draw_batch("recall", 6, 50, torch.Generator().manual_seed(0))
    for row, asked, value in zip(source.tolist(), given[:, 0].tolist(), target[:, 0].tolist(), strict=True):
        pairs = list(zip(row[::2], row[1::2], strict=True))
        assert len(dict(pairs)) == 6
        assert dict(pairs)[asked] == value


@pytest.mark.parametrize(("task", "length"), [("sort", 3), ("reverse", 0), ("recall", SYMBOLS + 1)])
def test_a_task_or_length_that_does_not_fit_is_refused(task: str, length: int) -> None:
    with pytest.raises(ValueError, match=r"task must be|does not fit"):
        draw_batch(task, length, 2, torch.Generator())


def test_a_run_learns_short_sources_and_depends_on_its_job_alone() -> None:
    job = LengthJob("reverse", True, 0, lengths=(1, 2), steps=60, batch_size=32, d_model=24, n_test=64)
    torch.manual_seed(5)
    one = train_on_lengths(job)
    torch.manual_seed(6)
    assert train_on_lengths(job).accuracy == one.accuracy
    assert one.accuracy[1] > 0.8
    assert one.example is not None
    assert torch.allclose(one.example.sum(-1), torch.ones(2), atol=1e-5)


def test_without_attention_there_is_no_map() -> None:
    job = LengthJob("recall", False, 0, lengths=(2,), steps=2, batch_size=4, d_model=8, n_test=4)
    assert train_on_lengths(job).example is None
