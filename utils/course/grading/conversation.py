"""What a stand-in for a learner's object asks of the conversation that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Conversation(Protocol):
    """A session, as its proxies and its graphs see it."""

    def call(self, target: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Call one of the learner's objects."""

    def request(self, operation: str, **arguments: Any) -> Any:
        """Ask for one operation and return its value."""

    def backward(self, call_id: int, grads: list[Any]) -> list[Any]:
        """Run the backward pass of an earlier call."""
