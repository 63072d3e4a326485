"""The scorer's copies of the parameters of a learner's modules, in step with the worker's at every request."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Iterator
from typing import Any

from utils.course.grading.wire import WireError


class Parameters:
    """The copies that one exercise's test cells have fetched, by the worker's numbers."""

    def __init__(self) -> None:
        self._kept: dict[int, _Parameter] = {}

    def copy_of(self, payload: Any) -> Any:
        """Return the copy of a parameter as the worker describes it, always the same one for the same parameter.

        Raises:
            WireError: the description is malformed.
        """
        import torch

        if type(payload) is not dict or type(payload.get("ident")) is not int:
            raise WireError("a parameter is malformed")
        ident, value = payload["ident"], payload.get("value")
        if type(value) is not torch.Tensor:
            raise WireError("a parameter is no tensor")
        trains = payload.get("trains") is True and (value.is_floating_point() or value.is_complex())
        kept = self._kept.get(ident)
        local = kept.local() if kept is not None else None
        if local is None or local.shape != value.shape or local.dtype != value.dtype:
            local = torch.nn.Parameter(value.clone(), requires_grad=trains)
        else:
            local.data.copy_(value)
            local.requires_grad_(trains)
        gradient = payload.get("grad")
        local.grad = gradient if gradient is not None and fits(gradient, local) else None
        self._kept[ident] = _Parameter(local)
        return local

    def number_of(self, tensor: Any) -> int | None:
        """Return the worker's number of a copy, None for another tensor."""
        return next((ident for ident, kept in self._kept.items() if kept.local() is tensor), None)

    def live(self) -> list[tuple[int, Any]]:
        """Return the copies that somebody still holds, with their numbers."""
        return [(ident, local) for ident, kept in self._kept.items() if (local := kept.local()) is not None]

    def changed(self) -> Iterator[tuple[int, Any]]:
        """Yield the copies that the test cell has changed since they were in step, and let go of all others."""
        for ident, kept in list(self._kept.items()):
            local = kept.local()
            if local is not None and kept.changed(local):
                kept.remember(local)
                yield ident, local
            kept.held = None
            if kept.local() is None:
                del self._kept[ident]


def fits(gradient: Any, local: Any) -> bool:
    """Return whether something is a gradient of a parameter."""
    return type(gradient) is type(local.data) and gradient.shape == local.shape and gradient.dtype == local.dtype


class _Parameter:
    """The scorer's copy of one parameter, and what it was when it was last in step with the worker's.

    It is held until the next request, so that a change to a copy that nobody keeps (`layer.weight.fill_(1)`) is seen.
    """

    def __init__(self, local: Any) -> None:
        self.local = weakref.ref(local)
        self.held: Any = local
        self.remember(local)

    def remember(self, local: Any) -> None:
        self.state = self._state(local)

    def changed(self, local: Any) -> bool:
        return self._state(local) != self.state

    @staticmethod
    def _state(local: Any) -> tuple[bool, bytes]:
        import torch

        raw = local.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        return bool(local.requires_grad), hashlib.blake2b(raw).digest()
