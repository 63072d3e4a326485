"""Layers of torch that a test hands to answers: sent once, and again only where they have changed since."""

from __future__ import annotations

import itertools
from typing import Any

from utils.course.grading import values
from utils.course.grading.wire import Ext, Ref


class SentLayers:
    """The layers that the worker of one exercise knows.

    A layer counts as known only when the message that it stood in was written to its end: `begin` before a message,
    `keep` after it.
    """

    def __init__(self) -> None:
        self._known: dict[int, _KnownLayer] = {}
        self._new: dict[int, _KnownLayer] = {}
        self._numbers = itertools.count()

    def begin(self) -> None:
        """Forget what a message holds that was never sent."""
        self._new.clear()

    def keep(self) -> None:
        """Know what the message holds that is sent next."""
        self._known.update(self._new)

    def reference(self, layer: Any) -> Ref | Ext:
        """Name a layer; say what it is made of where the worker does not know it as it is now."""
        known = self._known.get(id(layer))
        if known is not None and known.is_as_sent():
            return Ref("layer", known.number)
        # A layer that stands twice in a message is written twice, under two numbers.
        number = next(self._numbers)
        self._new[id(layer)] = sent = _KnownLayer(layer, number)
        return Ext("layer", {"number": number, "new": sent.description})


class _KnownLayer:
    """A layer of torch that a test made, kept so that its identity is not another's, and what was sent of it."""

    def __init__(self, layer: Any, number: int) -> None:
        self.layer, self.number = layer, number
        self.description = values.description_of(layer)
        weights = self.description["weights"]
        self.description["weights"] = {name: tensor.clone() for name, tensor in weights.items()}

    def is_as_sent(self) -> bool:
        """Return whether the layer is still what was sent."""
        import torch

        now, sent = values.description_of(self.layer), self.description
        if any(now[key] != sent[key] for key in ("kind", "arguments", "trains")):
            return False
        one, other = now["weights"], sent["weights"]
        return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
