"""The checks that tests are made of: they must see every difference that matters and none that does not."""

from __future__ import annotations

import collections
import math

import numpy as np
import pytest
import torch

from utils.notebook.checks import (
    ATTENTION_CALLS,
    SOFTMAX_CALLS,
    CheckError,
    ForbiddenCallError,
    case_rng,
    check,
    check_refused,
    forbidden,
    inputs_unchanged,
    same,
)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (3, 3.0),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (torch.tensor(2.0), 2.0),
        (torch.tensor([1.0, 2.0], dtype=torch.float64), torch.tensor([1.0, 2.0])),
        ([1, 2], (1, 2)),
        ([[1, 2], [3, 4]], torch.tensor([[1, 2], [3, 4]])),
        (collections.Counter(a=2), {"a": 2}),
        (frozenset({("a", "b")}), {("a", "b")}),
        (float("nan"), math.nan),
        (math.inf, float("inf")),
        (np.bool_(True), True),
        (torch.tensor([[True], [False]]), np.array([[True], [False]])),
        (torch.tensor([True, False]), [True, False]),
        (["a", True, 2, 0.5], ("a", True, 2, 0.5)),
        ({"a": [1.0 + 1e-9]}, {"a": [1.0]}),
    ],
)
def test_values_that_mean_the_same_agree(got: object, want: object) -> None:
    assert same(got, want)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (True, 1),
        (1, True),
        ("1", 1),
        (None, 0.0),
        (0.0, None),
        (math.nan, 0.0),
        (0.0, math.nan),
        (1e300, math.inf),
        ([1, 2, 3], [1, 2]),
        ("ab", ["a", "b"]),
        ([("a",)], {("a",)}),
        ({"a": 1, "b": 0}, {"a": 1}),
        (torch.zeros(1, 3), torch.zeros(3)),
        (torch.zeros(3, dtype=torch.bool), torch.zeros(3)),
        (torch.tensor([True, False]), torch.tensor([True, True])),
        (torch.ones(3, dtype=torch.bool), [1, 1, 1]),
        ([True, 0], [1, False]),
        (1.001, 1.0),
    ],
)
def test_values_that_differ_do_not_agree(got: object, want: object) -> None:
    assert not same(got, want)


def test_a_known_mistake_is_named_and_an_unknown_one_gets_the_general_hint() -> None:
    mistakes = {"You forgot to divide.": 10, "It must not be negative.": lambda value: value < 0}
    with pytest.raises(AssertionError, match="You forgot to divide"):
        check(lambda: 10, 5, "half of ten", mistakes=mistakes)
    with pytest.raises(AssertionError, match="must not be negative"):
        check(lambda: -3, 5, "half of ten", mistakes=mistakes)
    with pytest.raises(AssertionError, match=r"Halve it\. \(half of ten: expected 5, got 6\)"):
        check(lambda: 6, 5, "half of ten", mistakes=mistakes, otherwise="Halve it.")
    check(lambda: 5, 5, "half of ten", mistakes=mistakes)


def test_mistakes_that_are_a_function_are_computed_for_a_wrong_value_only() -> None:
    asked: list[int] = []

    def mistakes() -> dict[str, int]:
        asked.append(1)
        return {"You forgot to divide.": 10}

    check(lambda: 5, 5, "half of ten", mistakes=mistakes)
    assert not asked
    with pytest.raises(AssertionError, match="forgot to divide"):
        check(lambda: 10, 5, "half of ten", mistakes=mistakes)
    assert asked == [1]


def test_a_missing_return_an_open_exercise_and_an_error_are_told_apart() -> None:
    def unanswered() -> None:
        raise NotImplementedError("not yet")

    with pytest.raises(AssertionError, match="is a `return` missing"):
        check(lambda: None, 1, "one")
    with pytest.raises(AssertionError, match="Not answered yet"):
        check(unanswered, 1, "one")
    with pytest.raises(AssertionError, match="Not answered yet"):
        check_refused(unanswered, "one")
    with pytest.raises(AssertionError, match=r"ZeroDivisionError: division by zero\. Mind the empty list\."):
        check(lambda: 1 / 0, 1, "one", if_raises="Mind the empty list.")


def test_a_refusal_is_a_value_error_with_a_sentence() -> None:
    def refuse(error: Exception) -> None:
        raise error

    check_refused(lambda: refuse(ValueError("share is -1")), "a negative share")
    with pytest.raises(AssertionError, match="needs a sentence"):
        check_refused(lambda: refuse(ValueError()), "a negative share")
    with pytest.raises(AssertionError, match="not TypeError"):
        check_refused(lambda: refuse(TypeError("no")), "a negative share")
    with pytest.raises(AssertionError, match="your code returned 3"):
        check_refused(lambda: 3, "a negative share")


def test_a_modified_input_is_seen() -> None:
    values = [3, 1, 2]
    with pytest.raises(AssertionError, match="in place"), inputs_unchanged(values):
        check(lambda: (values.sort(), sum(values))[1], 6, "the sum")
    tensor = torch.ones(3)
    with pytest.raises(AssertionError, match="in place"), inputs_unchanged(tensor):
        tensor.mul_(2)
    with inputs_unchanged(values, tensor):
        pass


def test_a_forbidden_function_is_refused_under_every_name_and_works_again_afterwards() -> None:
    x = torch.zeros(2)
    for call in (lambda: torch.softmax(x, 0), lambda: x.softmax(0), lambda: torch_softmax(x, 0)):
        with (
            pytest.raises(AssertionError, match="softmax` does this exercise for you"),
            forbidden("torch.softmax", "torch.Tensor.softmax"),
        ):
            check(call, x, "softmax")
    assert torch.softmax(x, 0).tolist() == x.softmax(0).tolist() == torch_softmax(x, 0).tolist() == [0.5, 0.5]
    with pytest.raises(ForbiddenCallError), forbidden("torch.softmax"):
        torch.softmax(x, 0)


torch_softmax = torch.softmax


def test_a_forbidden_function_of_torch_is_refused_where_an_answer_got_hold_of_it_earlier() -> None:
    def default(x: torch.Tensor, held: object = torch.softmax) -> torch.Tensor:
        return held(x, 0)  # type: ignore[operator, no-any-return]

    class Held:
        function = staticmethod(torch.nn.functional.scaled_dot_product_attention)

    x, rows = torch.zeros(2), torch.zeros(1, 3, 2)
    calls = {
        "softmax": lambda: default(x),
        "log_softmax": lambda: torch.nn.functional.cross_entropy(rows[0], torch.zeros(3).long()),
        "scaled_dot_product_attention": lambda: Held.function(rows, rows, rows),
    }
    for name, call in calls.items():
        with pytest.raises(AssertionError, match=f"{name}` does this exercise"), forbidden(*SOFTMAX_CALLS):
            check(call, x, name)
    with forbidden(*ATTENTION_CALLS):  # a softmax is welcome in attention, and logsumexp in a softmax
        check(lambda: default(x), [0.5, 0.5], "softmax")
    with forbidden(*SOFTMAX_CALLS):
        check(lambda: (x - x.logsumexp(0)).exp(), [0.5, 0.5], "logsumexp", atol=1e-6)


def test_a_pair_with_a_gradient_where_one_tensor_is_due_is_a_wrong_value() -> None:
    x = torch.zeros(3, requires_grad=True)
    with pytest.raises(CheckError, match="not a pair"):
        check(lambda: (x * 2, x), torch.zeros(3), "a tensor", otherwise="not a pair")


def test_a_forbidden_name_that_does_not_exist_is_an_error_of_the_test() -> None:
    with pytest.raises(AttributeError), forbidden("torch.no_such_function"):
        pass


def test_inputs_depend_on_the_secret_the_exercise_and_the_case(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(exercise: str, case: int) -> float:
        return case_rng(exercise, case).random()

    monkeypatch.delenv("COURSE_SECRET", raising=False)
    open_value = draw("softmax", 1)
    assert open_value == draw("softmax", 1)
    assert len({open_value, draw("softmax", 2), draw("attention", 1)}) == 3
    monkeypatch.setenv("COURSE_SECRET", "of this class")
    assert draw("softmax", 1) != open_value


def test_a_message_shows_few_numbers_and_the_shape_of_many() -> None:
    with pytest.raises(AssertionError, match=r"expected \[1\.0, 2\.0\], got a tensor of shape \(3, 4\)\)"):
        check(lambda: torch.zeros(3, 4), torch.tensor([1.0, 2.0]), "two numbers")
    with pytest.raises(AssertionError, match=r"got \(a tensor of shape \(9,\), \[0\.0\]\)"):
        check(lambda: (torch.zeros(9), torch.zeros(1)), 1, "a pair")
