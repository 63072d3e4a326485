"""How much an answer keeps and computes is limited where the answer runs, whatever it returns."""

from collections.abc import Callable

import pytest
import torch

from utils.course.grading.shortcuts import forbidding
from utils.notebook.checks import CheckError, ForbiddenCallError, check, small_footprint


def running_sums(x: torch.Tensor) -> torch.Tensor:
    state, rows = torch.zeros(x.shape[1:]), []
    for row in x:
        state = state + row
        rows.append(state.sum())
    return torch.stack(rows)


def all_states(x: torch.Tensor) -> torch.Tensor:
    return x.cumsum(0).sum((1, 2))


def over_again(x: torch.Tensor) -> torch.Tensor:
    return torch.stack([x[: t + 1].sum(0).sum() + 0 * (x[: t + 1] * 1).sum() for t in range(len(x))])


X = torch.ones(100, 4, 4)


def test_a_state_of_fixed_size_passes_and_all_states_at_once_do_not() -> None:
    want = running_sums(X)
    with small_footprint(live=800):
        check(lambda: running_sums(X), want, "step by step")
        with pytest.raises(CheckError, match="Too much is kept: more than 800 numbers"):
            check(lambda: all_states(X), want, "all at once")


def test_work_that_grows_with_the_square_of_the_length_is_refused() -> None:
    want = running_sums(X)
    with small_footprint(written=10_000):
        check(lambda: running_sums(X), want, "step by step")
        with pytest.raises(CheckError, match="Too much is computed: more than 10,000 numbers"):
            check(lambda: over_again(X), want, "over again at each step")


@pytest.mark.parametrize("sum_of", [lambda x: x.sum(), lambda x: x.flatten() @ torch.ones(x.numel())])
def test_what_an_operation_reads_counts_also_where_its_result_is_small(
    sum_of: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    with small_footprint(written=10_000):
        check(lambda: torch.stack([sum_of(row) for row in X]).sum(), X.sum(), "each row once")
        with pytest.raises(CheckError, match="Too much is computed"):
            check(lambda: torch.stack([sum_of(X[: t + 1]) for t in range(len(X))])[-1], X.sum(), "over again")


def test_looking_up_or_writing_a_few_places_of_a_large_tensor_is_little_work() -> None:
    large, place = torch.zeros(2000), torch.tensor([3])
    with small_footprint(written=3000):
        for _ in range(100):
            large[place] = large[place] + 1
            large.scatter_(0, place, large.gather(0, place))
    assert large[3] == 100


def test_tensors_that_are_gone_do_not_count_and_views_count_nothing() -> None:
    with small_footprint(live=1700, written=3300):
        first = X + 1
        del first
        second = X * 2
        assert second.transpose(1, 2)[3:].shape == (97, 4, 4)

    def keeps_both() -> list[torch.Tensor]:
        return [X + 1, X * 2]

    with small_footprint(live=1700), pytest.raises(ForbiddenCallError):
        keeps_both()


def test_the_limits_hold_in_graded_answers_too_also_where_the_refusal_is_swallowed() -> None:
    from utils.notebook.checks.footprint import footprint_name

    with forbidding([footprint_name(800, 0)]) as reached:
        running_sums(X)
        assert not reached
        with pytest.raises(ForbiddenCallError, match="Too much is kept"):
            all_states(X)
    assert "fixed size" in reached[0]
    assert all_states(X).shape == (100,)  # afterwards anything goes
