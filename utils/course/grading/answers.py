"""An exercise's process inside the sandbox: holds the learner's objects, and answers the scorer's requests on them."""

from __future__ import annotations

import builtins
import copy
import functools
import socket
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

from utils.course.grading import databases, values
from utils.course.grading.normalise import message_of, plain_base
from utils.course.grading.shell import flush_streams, learner_trace
from utils.course.grading.shortcuts import forbidding
from utils.course.grading.wire import Ext, Reader, Ref, WireError, Writer, receive_frame, send_frame
from utils.notebook.checks.forbidding import ForbiddenCallError

_MOST_OBJECTS = 100_000
_MOST_ITERATED = 100_000


class ScorerError(Exception):
    """A function of the test cell raised an exception that has no name among Python's own."""


class Answers:
    """The objects of one exercise, by number.

    Args:
        channel: the exercise's own channel to the scorer.
        namespace: what the learner's cells defined.
        report: says what the learner's code did to this process.
        limit: most bytes of a message.
    """

    def __init__(
        self, channel: socket.socket, namespace: dict[str, Any], report: Callable[[], list[str]], limit: int
    ) -> None:
        self.channel, self.namespace, self.limit = channel, namespace, limit
        self.objects: list[Any] = []
        self.by_identity: dict[int, int] = {}
        self.by_value: dict[Any, int] = {}
        self.callables: dict[int, Callable[..., Any]] = {}
        self.connections: dict[int, sqlite3.Connection] = {}
        self.layers: dict[int, Any] = {}
        self.graphs: dict[int, tuple[list[Any], list[Any]]] = {}
        self.writer = Writer(limit, self.export)
        self.reader = Reader(self.resolve)
        self.operations: dict[str, Callable[..., Any]] = {
            "names": self.names,
            "report": report,
            "call": self.call,
            "get": lambda target, name: getattr(self.objects[target], name),
            "set": self.set_attribute,
            "item": lambda target, key: self.objects[target][key],
            "set_item": lambda target, key, value: self.objects[target].__setitem__(key, value),
            "len": lambda target: len(self.objects[target]),
            "list": self.listed,
            "contains": lambda target, item: item in self.objects[target],
            "copy": lambda target: copy.deepcopy(self.objects[target]),
            "is_instance": lambda target, value: isinstance(value, self.objects[target]),
            "backward": self.backward,
            "update": self.update,
            "gradients": lambda targets: [self.objects[target].grad for target in targets],
        }

    def serve(self) -> None:
        """Answer requests until the scorer closes the channel."""
        while True:
            frame = receive_frame(self.channel, self.limit)
            if frame is None:
                return
            self.answer(*self.reader.loads(frame))

    def answer(self, operation: str, seq: int, nonce: str, arguments: dict[str, Any] | tuple[Any, ...]) -> None:
        """Run one operation and send its value, or the error that it raised."""
        answer: dict[str, Any] = {"seq": seq, "nonce": nonce}
        self.changed: list[Any] = []
        self.writer.odd_types = set()
        try:
            run = self.operations[operation]
            answer["value"] = run(*arguments) if isinstance(arguments, tuple) else run(**arguments)
            flush_streams()
            if self.changed:
                answer["changed"] = self.changed
            payload = self.writer.dumps(answer)
            if self.writer.odd_types:
                answer["odd"] = sorted(self.writer.odd_types)
                payload = self.writer.dumps(answer)
        except BaseException as error:  # whatever a learner's code raises is an answer
            flush_streams()
            told = {"seq": seq, "nonce": nonce, "error": self.error_facts(error)}
            payload = Writer(self.limit).dumps(told)
        send_frame(self.channel, payload)

    @staticmethod
    def error_facts(error: BaseException) -> dict[str, str]:
        """Describe an exception as plain data: type, the nearest of Python's own, message, the learner's lines."""
        own = next((kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"), "Exception")
        try:
            message = message_of(error)[:4000]
        except Exception:
            message = "(its message cannot be shown)"
        return {
            "type": type(error).__name__,
            "base": own,
            "message": message.encode("utf-8", "replace").decode(),
            "trace": learner_trace(error).encode("utf-8", "replace").decode(),
        }

    # Operations

    def names(self, names: list[str]) -> dict[str, Any]:
        """Return the exercise's names that the learner's cells defined, always as objects of this process."""
        return {name: self.reference(self.namespace[name]) for name in names if name in self.namespace}

    def call(
        self,
        target: int,
        args: list[Any],
        kwargs: dict[str, Any],
        forbidden: str,
        grad: bool,
        call_id: int,
    ) -> Any:
        """Call an object; note which arguments it modified, and keep the graph for a backward pass."""
        function = self.objects[target]
        named: list[tuple[Any, Any]] = [*enumerate(args), *kwargs.items()]
        before = [(key, value, self.snapshot(value)) for key, value in named if values.may_change(value)]
        with forbidding(forbidden.split("\n") if forbidden else ()) as reached, values.gradients(grad):
            value = function(*args, **kwargs)
        if reached:  # the learner's code swallowed the refusal
            raise ForbiddenCallError(reached[0])
        for key, argument, old in before:
            if self.is_changed(argument, old):
                self.changed.append([key, values.changed_form(argument)])
        if grad and "torch" in sys.modules:
            outputs = values.attached(value)
            if outputs:
                # A parameter of the learner's own module gets its gradient where it lives.
                own = sys.modules["torch"].nn.Parameter
                inputs = [leaf for leaf in values.leaves(args, kwargs) if not isinstance(leaf, own)]
                self.graphs[call_id] = (inputs, outputs)
        return value

    def snapshot(self, value: Any) -> bytes | None:
        try:
            return Writer(self.limit, self.opaque).dumps(value)
        except WireError:
            return None

    def is_changed(self, value: Any, old: bytes | None) -> bool:
        """Return whether an argument is no longer what its snapshot shows."""
        if type(value) is sqlite3.Connection and old is not None:
            if databases.forbids_writing(value):
                return True
            before = Reader().loads(old).payload
            now = databases.trace(value)
            # An authorizer that stays behind forbids to look; what is not seen to change did not.
            return bool(now != before) if type(now) is type(before) else now == "closed"
        return self.snapshot(value) != old

    @staticmethod
    def opaque(value: Any) -> Any:
        """Turn an object into what tells whether it is the same object as before."""
        if type(value) is sqlite3.Connection:
            return Ext("database", databases.trace(value))
        plain = plain_base(value, set())
        return plain if plain is not value else values.exported(value, lambda item: Ref("object", id(item)))

    def set_attribute(self, target: int, name: str, value: Any) -> None:
        """Set an attribute; a tensor given for a module's parameter becomes its value."""
        owner = self.objects[target]
        old = getattr(owner, name, None)
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(old, torch.nn.Parameter) and type(value) is torch.Tensor:
            value = torch.nn.Parameter(value.detach().clone(), requires_grad=old.requires_grad)
        setattr(owner, name, value)

    def listed(self, target: int) -> list[Any]:
        """Return the items of an iterable, up to a number."""
        found = []
        for item in self.objects[target]:
            found.append(item)
            if len(found) > _MOST_ITERATED:
                raise WireError(f"more than {_MOST_ITERATED} items were iterated")
        return found

    def backward(self, call_id: int, grads: list[Any], cleared: list[int]) -> list[Any]:
        """Run a backward pass through an earlier call; return the gradients of its arguments."""
        import torch

        for target in cleared:
            self.objects[target].grad = None
        inputs, outputs = self.graphs[call_id]
        for leaf in inputs:
            leaf.grad = None
        pairs = [(output, grad) for output, grad in zip(outputs, grads, strict=True) if grad is not None]
        torch.autograd.backward([output for output, _ in pairs], [grad for _, grad in pairs], retain_graph=True)
        return [leaf.grad for leaf in inputs]

    def update(self, target: int, value: Any, trains: bool) -> None:
        """Take over what the test cell did to its copy of a parameter."""
        import torch

        parameter = self.objects[target]
        with torch.no_grad():
            parameter.copy_(value)
        parameter.requires_grad_(trains)

    # Values

    def reference(self, value: Any) -> Ref:
        """Return the number under which the scorer may speak of an object; equal objects share one."""
        ident = self.by_identity.get(id(value))
        if ident is None:
            ident = self._equal_object(value)
        if ident is None:
            if len(self.objects) >= _MOST_OBJECTS:
                raise WireError(f"more than {_MOST_OBJECTS} objects were returned")
            ident = len(self.objects)
            self.objects.append(value)
            self.by_identity[id(value)] = ident
            if type(value).__eq__ is not object.__eq__:
                try:
                    self.by_value[(type(value), value)] = ident
                except Exception:  # not hashable: identity is all it has
                    return Ref("object", ident, values.facts(value))
        return Ref("object", ident, values.facts(value))

    def _equal_object(self, value: Any) -> int | None:
        """Find an equal object returned before: a state that is rebuilt at each step is still the same state."""
        if type(value).__eq__ is object.__eq__:
            return None
        try:
            return self.by_value.get((type(value), value))
        except Exception:
            return None

    def export(self, value: Any) -> Any:
        """Turn an object that is no plain data into what may be sent."""
        torch = sys.modules.get("torch")
        if torch is not None and type(value) is torch.nn.Parameter:
            return values.parameter(value, self.reference(value).ident)
        if isinstance(value, functools.partial) and getattr(value.func, "__self__", None) is self:
            return Ref("callable", value.args[0])
        if isinstance(value, tuple) and hasattr(type(value), "_fields"):
            return values.named_tuple(value, self.reference(value))
        plain = plain_base(value, self.writer.odd_types)
        return plain if plain is not value else values.exported(value, self.reference)

    def resolve(self, sent: Any) -> Any:
        """Turn what the scorer sent into an object of this process."""
        if isinstance(sent, Ref):
            if sent.kind == "callable":
                return self.callables.setdefault(sent.ident, functools.partial(self.ask_scorer, sent.ident))
            if sent.kind == "layer":
                return values.copied_layer(self.layers[sent.ident])
            return self.objects[sent.ident]
        if sent.name == "layer":
            return self.layer(**sent.payload)
        return self.connection(**sent.payload) if sent.name == "sqlite" else values.built(sent)

    def layer(self, number: int, new: dict[str, Any]) -> Any:
        """Return a copy of a layer of the test's, and keep the layer: it is named by its number until it changes."""
        self.layers[number] = values.built(Ext("layer", new))
        return values.copied_layer(self.layers[number])

    def connection(self, number: int, image: bytes | None) -> sqlite3.Connection:
        """Return the connection that stands for one of the test's; `image` where the test's holds something new."""
        if image is not None:
            self.connections[number] = databases.connection_with(image, self.connections.get(number))
        return self.connections[number]

    def ask_scorer(self, ident: int, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the test cell, which runs in the scorer."""
        request = {"callback": ident, "args": list(args), "kwargs": kwargs}
        send_frame(self.channel, self.writer.dumps(request))
        frame = receive_frame(self.channel, self.limit)
        if frame is None:
            raise SystemExit
        answer = self.reader.loads(frame)
        if "error" in answer:
            kind = getattr(builtins, answer["error"]["base"], ScorerError)
            raise kind(answer["error"]["message"])
        return answer["value"]
