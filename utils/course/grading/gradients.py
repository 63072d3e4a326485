"""Backward passes through an answer that ran in the sandbox: the graph stays there, gradients travel as data."""

from __future__ import annotations

from typing import Any

import torch

from utils.course.grading.conversation import Conversation
from utils.course.grading.proxies import NamedTuple


class _RemoteGraph(torch.autograd.Function):
    """A node that stands for a whole call in the sandbox."""

    @staticmethod
    def forward(ctx: Any, session: Conversation, call_id: int, outputs: list[Any], *inputs: Any) -> Any:
        ctx.session, ctx.call_id = session, call_id
        ctx.shapes = [(tensor.shape, tensor.dtype) for tensor in inputs]
        ctx.set_materialize_grads(False)
        return tuple(tensor.detach().clone() for tensor in outputs)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        found = ctx.session.backward(ctx.call_id, list(grads))
        # The first input is a stand-in for the module's parameters, whose gradients stay in the sandbox.
        expected = ctx.shapes[1:]
        if len(found) != len(expected):
            raise RuntimeError("the gradients that came back do not match the arguments")
        for gradient, (shape, dtype) in zip(found, expected, strict=True):
            if gradient is not None and (type(gradient) is not torch.Tensor or gradient.shape != shape):
                raise RuntimeError("a gradient that came back has another shape than its argument")
            if gradient is not None and gradient.dtype != dtype:
                raise RuntimeError("a gradient that came back has another dtype than its argument")
        return (None, None, None, None, *found)


def attach(session: Conversation, call_id: int, outputs: list[Any], inputs: list[Any]) -> list[Any]:
    """Return the outputs as part of a graph that leads to the inputs.

    Args:
        session: where the call ran.
        call_id: which call it was.
        outputs: tensors that came back and need gradients.
        inputs: the call's tensors that need gradients, in the order of its arguments.
    """
    stand_in = torch.zeros((), requires_grad=True)
    attached = _RemoteGraph.apply(session, call_id, outputs, stand_in, *inputs)
    return list(attached)


def replaced_in(value: Any, replaced: dict[int, Any]) -> Any:
    """Return a result with other objects in place of those whose `id` is given."""
    if id(value) in replaced:
        return replaced[id(value)]
    if type(value) is dict:
        return {key: replaced_in(item, replaced) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(replaced_in(item, replaced) for item in value)
    if type(value) is NamedTuple:
        return value.with_items([replaced_in(item, replaced) for item in value])
    return value
