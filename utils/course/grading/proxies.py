"""Stand-ins in the scorer for the learner's objects, which stay in the sandbox.

A proxy can be called, indexed, iterated and asked for attributes; each of these is a request, and what comes back is
plain data or another proxy. It compares equal to nothing but a proxy of the same object, and has no truth value: an
object whose methods claim to be right is never asked. Modules also pass `isinstance(layer, nn.Module)`.
"""

from __future__ import annotations

import copy
from typing import Any

from utils.course.grading.conversation import Conversation
from utils.course.grading.wire import WireError


class Proxy:
    """An object of the learner's, by number."""

    __slots__ = ("__weakref__", "_course_about", "_course_ident", "_course_session")

    def __init__(self, session: Conversation, ident: int, about: dict[str, Any]) -> None:
        object.__setattr__(self, "_course_session", session)
        object.__setattr__(self, "_course_ident", ident)
        object.__setattr__(self, "_course_about", about)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            if name == "__name__" and self._course_about.get("name"):
                return self._course_about["name"]
            raise AttributeError(f"{self!r} has no attribute {name!r}")
        return self._course_session.request("get", target=self._course_ident, name=name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._course_session.request("set", target=self._course_ident, name=name, value=value)

    def __getitem__(self, key: Any) -> Any:
        return self._course_session.request("item", target=self._course_ident, key=key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._course_session.request("set_item", target=self._course_ident, key=key, value=value)

    def __len__(self) -> int:
        count = self._course_session.request("len", target=self._course_ident)
        if type(count) is not int:
            raise TypeError("the length of your object is not a whole number")
        return count

    def __iter__(self) -> Any:
        items = self._course_session.request("list", target=self._course_ident)
        if type(items) is not list:
            raise TypeError("your object cannot be iterated")
        return iter(items)

    def __contains__(self, item: Any) -> bool:
        return self._course_session.request("contains", target=self._course_ident, item=item) is True

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Proxy)
            and object.__getattribute__(other, "_course_session") is self._course_session
            and object.__getattribute__(other, "_course_ident") == self._course_ident
        )

    def __hash__(self) -> int:
        return hash(("proxy", self._course_ident))

    def __bool__(self) -> bool:
        kind = self._course_about.get("type", "")
        raise TypeError(f"your code gave an object of the type {kind} where a plain value was due")

    def __repr__(self) -> str:
        return f"<{self._course_about.get('type', 'object')} of your notebook>"

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self._course_session.request("copy", target=self._course_ident)

    def __reduce__(self) -> Any:
        raise TypeError(f"{self!r} cannot be copied as data")


class NamedTuple(tuple[Any, ...]):
    """A named tuple of the learner's: its items are here, as a tuple; its methods stay where they are."""

    _course_own: Proxy
    _course_items: dict[str, Any]

    @classmethod
    def of(cls, own: Proxy, items: list[Any], names: list[str]) -> NamedTuple:
        """Return the tuple of the items, of which the first ones have names."""
        made = cls(items)
        made._course_own, made._course_items = own, dict(zip(names, items, strict=False))
        return made

    def with_items(self, items: list[Any]) -> NamedTuple:
        """Return the same with other items."""
        return NamedTuple.of(self._course_own, items, list(self._course_items))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_course_"):
            raise AttributeError(name)
        return self._course_items[name] if name in self._course_items else getattr(self._course_own, name)

    def __reduce__(self) -> Any:
        return tuple, (list(self),)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self.with_items([copy.deepcopy(item, memo) for item in self])


class CallableProxy(Proxy):
    """A function, a method or another object that can be called."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._course_session.call(self._course_ident, args, kwargs)


class ClassProxy(CallableProxy):
    """A class: calling it makes an object in the sandbox."""

    __slots__ = ()

    def __instancecheck__(self, value: Any) -> bool:
        value = value._course_own if type(value) is NamedTuple else value
        if not isinstance(value, Proxy):
            return False
        return self._course_session.request("is_instance", target=self._course_ident, value=value) is True


class ModuleProxy(CallableProxy):
    """A `torch.nn.Module`."""

    __slots__ = ()

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        import torch

        kind = getattr(torch.nn, str(self._course_about.get("torch", "Module")), torch.nn.Module)
        return kind if isinstance(kind, type) and issubclass(kind, torch.nn.Module) else torch.nn.Module


def proxy_for(session: Conversation, ident: int, about: dict[str, Any]) -> Proxy:
    """Return the kind of proxy that suits what the worker says about an object."""
    if about.get("class") is True:
        return ClassProxy(session, ident, about)
    if about.get("module") is True:
        return ModuleProxy(session, ident, about)
    return (CallableProxy if about.get("callable") is True else Proxy)(session, ident, about)


def named_tuple_of(payload: Any) -> NamedTuple:
    """Return a named tuple of the learner's from what the worker sent.

    Raises:
        WireError: what was sent is none.
    """
    items, names, own = (
        (payload.get(key) for key in ("items", "names", "own")) if type(payload) is dict else (None,) * 3
    )
    if type(items) is not list or type(names) is not list or not isinstance(own, Proxy):
        raise WireError("a named tuple is malformed")
    if len(names) > len(items) or any(type(name) is not str for name in names):
        raise WireError("a named tuple is malformed")
    return NamedTuple.of(own, items, names)
