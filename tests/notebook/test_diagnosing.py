"""Hints: the exercise's own mistakes first, predicates that cannot judge stay silent, differences say where."""

from __future__ import annotations

import pytest
import torch

from utils.notebook.checks import AnyOf, CheckError, case_tensor, check, difference, not_finite, other_shape, wrong_type
from utils.notebook.checks.checking import observers


def said(call, want, **keywords) -> str:
    with pytest.raises(CheckError) as caught:
        check(call, want, "the case", **keywords)
    return str(caught.value)


def test_a_mistake_that_leads_to_none_is_named_before_the_missing_return() -> None:
    assert said(lambda: None, 3, mistakes={"Pairs are counted with overlap.": None}).startswith("Pairs are counted")
    assert "is a `return` missing?" in said(lambda: None, 3, mistakes={"Another.": 4})


@pytest.mark.parametrize("value", [None, "text", [], {}, object(), 3, torch.zeros(2, 3)])
def test_a_predicate_that_cannot_judge_a_value_does_not_recognise_it(value: object) -> None:
    fragile = {"A row became NaN.": lambda got: bool(got.isnan().any()) or got.shape[7] > 0}
    message = said(lambda: value, torch.ones(2, 3), mistakes=fragile, otherwise="Something else.")
    assert "A row became NaN." not in message


def test_several_values_can_stand_for_one_mistake() -> None:
    mistakes = {"Powers of two or ten.": AnyOf(2.0, 10.0, lambda got: got < 0)}
    for value in (2.0, 10.0, -5.0):
        assert said(lambda value=value: value, 7.0, mistakes=mistakes).startswith("Powers of two or ten.")
    assert not said(lambda: 3.0, 7.0, mistakes=mistakes).startswith("Powers")


def test_a_difference_between_tensors_says_where_and_how_large() -> None:
    due = torch.arange(20.0).view(4, 5)
    got = due.clone()
    got[2, 3] += 0.5
    message = said(lambda: got, due)
    assert "largest difference at [2, 3]: expected 13, got 13.5; 1 of 20 entries differ" in message


@pytest.mark.parametrize(
    ("got", "want", "expected"),
    [
        (torch.tensor([1.0, float("nan")]), torch.tensor([1.0, 2.0]), "at [1]: expected 2, got nan"),
        ([[1, 2], [3, 4]], [[1, 2], [3, 5]], "at [1, 1]: expected 5, got 4"),
        (torch.tensor([True, False]), torch.tensor([True, True]), "at [1]"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], None),
        ("ab", "ac", None),
        (1.0, 2.0, None),
        ([1, "a"], [1, "b"], None),
    ],
)
def test_differences_are_told_where_there_is_a_place(got: object, want: object, expected: str | None) -> None:
    found = difference(got, want)
    assert (expected in found) if expected else not found


def test_predicates_of_the_vocabulary_judge_what_they_name() -> None:
    assert not_finite(torch.tensor([1.0, torch.inf]))
    assert not not_finite([1.0, 2.0])
    assert other_shape(2, 3)(torch.zeros(3, 2))
    assert not other_shape(2, 3)(torch.zeros(2, 3))
    assert not other_shape(2, 3)("no tensor")
    assert wrong_type(int)("a")
    assert not wrong_type(int, float)(0.5)
    assert "is a `return` missing?" in said(lambda: None, 3, mistakes={"Return a number.": wrong_type(int)})


def test_secret_tensors_depend_on_exercise_case_and_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    first = case_tensor("softmax", 1, 2, 3)
    assert torch.equal(first, case_tensor("softmax", 1, 2, 3))
    assert not torch.equal(first, case_tensor("softmax", 2, 2, 3))
    monkeypatch.setenv("COURSE_SECRET", "another")
    assert not torch.equal(first, case_tensor("softmax", 1, 2, 3))


def test_observers_hear_of_every_hint_that_could_have_been_given_and_of_the_one_that_was() -> None:
    heard: list[tuple[str, str]] = []
    observers[:] = [lambda kind, hint: heard.append((kind, hint))]
    try:
        said(lambda: 2, 1, mistakes={"First.": 3, "Second.": 2}, otherwise="Else.")
    finally:
        observers.clear()
    assert ("met", "Second.") in heard
    assert {hint for kind, hint in heard if kind == "declared"} == {"First.", "Second.", "Else."}
    assert ("met", "Else.") not in heard
