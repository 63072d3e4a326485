"""What torch tells of its own calls, so that no profiler has to look at every call of an answer."""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from heapq import nlargest
from typing import Any

import pytest
import torch
from torch import nn

from utils.course.grading.shortcuts import forbidding
from utils.notebook.checks import ForbiddenCallError, forbidden
from utils.notebook.checks.forbidding import answers_elsewhere
from utils.notebook.checks.torch_calls import torch_tells_of
from utils.notebook.checks.vocabulary import ATTENTION_CALLS, SOFTMAX_CALLS

X = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
LAYER = nn.Softmax(-1)
HEADS = nn.MultiheadAttention(4, 1, batch_first=True).eval()

# Each got hold of its function before anything was forbidden.
EARLY: dict[str, Callable[[], Any]] = {
    "softmax": lambda held=torch.softmax: held(X, -1),  # type: ignore[misc]
    "functional": lambda held=nn.functional.softmax: held(X, -1),  # type: ignore[misc]
    "method": lambda held=torch.Tensor.softmax: held(X, -1),  # type: ignore[misc]
    "private": lambda held=torch._softmax: held(X, -1, False),  # type: ignore[misc]
    "operation": lambda held=torch.ops.aten._softmax: held(X, -1, False),  # type: ignore[misc]
    "special": lambda held=torch.special.softmax: held(X, -1),  # type: ignore[misc]
    "sparse": lambda held=torch.sparse.softmax: held(X.to_sparse(), -1),  # type: ignore[misc]
    "layer": lambda: LAYER(X),
    "loss": lambda held=nn.functional.cross_entropy: held(X, torch.tensor([0, 1, 2])),  # type: ignore[misc]
    "vmap": lambda held=torch.softmax: torch.vmap(lambda row: held(row, -1))(X),  # type: ignore[misc]
    "out": lambda held=torch.softmax: held(X, -1, out=torch.empty(3, 4)),  # type: ignore[misc]
    "functional gradient": lambda held=torch.softmax: torch.func.grad(lambda row: held(row, -1)[0])(X[0]),  # type: ignore[misc]
    "attention": lambda held=nn.MultiheadAttention.forward: held(HEADS, X[None], X[None], X[None]),  # type: ignore[misc]
}


@pytest.mark.parametrize("refused", [forbidden, lambda *names: forbidding(names)], ids=["kernel", "sandbox"])
@pytest.mark.parametrize("grad", [False, True])
@pytest.mark.parametrize("name", EARLY)
def test_a_softmax_under_any_name_is_refused_and_nobody_looks_at_every_call(
    name: str, grad: bool, refused: Callable[..., AbstractContextManager[Any]]
) -> None:
    with torch.set_grad_enabled(grad):
        EARLY[name]()
        with refused(*SOFTMAX_CALLS):
            assert sys.getprofile() is None
            assert (X * 2).sum(-1).shape == (3,)
            with pytest.raises(ForbiddenCallError):
                EARLY[name]()
        EARLY[name]()


def test_a_softmax_that_is_allowed_again_has_its_value_and_gradient() -> None:
    def gradient() -> torch.Tensor:
        x = X.clone().requires_grad_()
        (torch.softmax(x, -1) ** 2).sum().backward()
        return x.grad  # type: ignore[return-value]

    due = gradient()
    with forbidden(*SOFTMAX_CALLS), pytest.raises(ForbiddenCallError):
        gradient()
    with forbidden(*ATTENTION_CALLS):
        assert torch.equal(gradient(), due)
        with pytest.raises(ForbiddenCallError):
            nn.functional.scaled_dot_product_attention(X, X, X)


def test_what_torch_does_not_tell_of_is_still_seen_under_an_early_name() -> None:
    for function in (heapq.nlargest, sorted, len, nn.utils.clip_grad_norm_, dict.get, torch.optim.AdamW):
        assert not torch_tells_of(function)
    with forbidding(["heapq.nlargest"]) as reached, pytest.raises(ForbiddenCallError):
        nlargest(1, [1, 2])
    assert reached


def test_where_answers_run_elsewhere_a_forbidden_name_is_declared_and_not_refused_here() -> None:
    from utils.notebook.checks import forbidden_now

    with answers_elsewhere(), forbidden("torch.softmax"):
        assert forbidden_now() == ("torch.softmax",)
        assert torch.softmax(X, -1).shape == (3, 4)
    with pytest.raises(ForbiddenCallError), forbidden("torch.softmax"):
        torch.softmax(X, -1)
