"""One exercise's conversation from the scorer: requests on the learner's objects, and what stands for values there."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from typing import Any

from utils.course.grading import values
from utils.course.grading.callbacks import Callbacks
from utils.course.grading.exchange import Exchange
from utils.course.grading.learners_errors import ForgedAnswerError
from utils.course.grading.link import ExerciseLink
from utils.course.grading.modified_inputs import take_over
from utils.course.grading.normalise import plain_base
from utils.course.grading.parameters import Parameters, fits
from utils.course.grading.proxies import NamedTuple, Proxy, named_tuple_of, proxy_for
from utils.course.grading.replay import Recorder
from utils.course.grading.sent_databases import SentDatabases
from utils.course.grading.sent_layers import SentLayers
from utils.course.grading.wire import Reader, Ref, WireError, Writer

_OF_PARAMETERS = frozenset({"update", "backward", "gradients"})
"""Requests before which nothing needs to be sent, because they are about parameters themselves."""


class Session:
    """Requests to the process of one exercise.

    Args:
        link: the process.
        nonce: a text that requests and answers of this session carry; not guessable for a process that has not
            been asked yet.
    """

    def __init__(self, link: ExerciseLink, nonce: str) -> None:
        self.link = link
        self.recorder = Recorder()
        self.callbacks = Callbacks(self.recorder, self._encode)
        self._writer = Writer(link.link.limits.message, self._export)
        self._exchange = Exchange(link, nonce, self._encode, Reader(self._resolve).loads, self.callbacks.answer)
        self.notes = self._exchange.notes
        self._own_names: dict[int, str] = {}
        self._known_names: dict[tuple[str, ...], dict[str, Proxy]] = {}
        self._layers, self._databases, self._parameters = SentLayers(), SentDatabases(), Parameters()

    def names(self, names: Sequence[str]) -> dict[str, Proxy]:
        """Return proxies for those of the names that the learner's cells defined, the same for every test cell."""
        known = self._known_names.get(tuple(names))
        if known is not None:
            return known
        found = self.request("names", names=list(names))
        if type(found) is not dict:
            raise ForgedAnswerError("the names of your notebook cannot be read")
        proxies = {name: found[name] for name in names if name in found and isinstance(found[name], Proxy)}
        self._own_names = {proxy._course_ident: name for name, proxy in proxies.items()}
        self._known_names[tuple(names)] = proxies
        return proxies

    def call(self, target: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Call one of the learner's objects, under the conditions that the test cell declared."""
        from utils.notebook.checks import forbidden_now

        torch = sys.modules.get("torch")
        grad = bool(torch.is_grad_enabled()) if torch is not None else False
        call_id = self._exchange.next_number()
        arguments = (target, list(args), kwargs, "\n".join(forbidden_now()), grad, call_id)
        name = self._own_names.get(target, "")
        given = self.recorder.arguments(name, args, kwargs, self._export)
        value, changed = self._ask("call", arguments)
        self.recorder.record(name, given, value)
        take_over(changed, args, kwargs, self._databases, self.notes)
        # A repeated call is compared with what was recorded, and that was the value as it came.
        if not grad or self.callbacks.script is not None:
            return value
        return self._with_gradients(value, call_id, args, kwargs)

    def request(self, operation: str, **arguments: Any) -> Any:
        """Ask for one operation and return its value.

        Raises:
            Exception: the learner's code raised; the nearest of Python's own exceptions is raised here.
            TimeoutError, MemoryError, RuntimeError: its process is gone.
        """
        return self._ask(operation, arguments)[0]

    def backward(self, call_id: int, grads: list[Any]) -> list[Any]:
        """Run the backward pass of an earlier call in the worker; refresh the gradients of fetched parameters."""
        live = self._parameters.live()
        cleared = [ident for ident, local in live if local.grad is None]
        found = self.request("backward", call_id=call_id, grads=grads, cleared=cleared)
        if live:
            gradients = self.request("gradients", targets=[ident for ident, _ in live])
            if type(gradients) is list and len(gradients) == len(live):
                for (_, local), gradient in zip(live, gradients, strict=True):
                    if gradient is None or fits(gradient, local):
                        local.grad = gradient
        if type(found) is not list:
            raise ForgedAnswerError("the gradients that came back cannot be read")
        return found

    def _ask(self, operation: str, arguments: dict[str, Any] | tuple[Any, ...]) -> tuple[Any, Any]:
        """Ask for one operation, after what the test cell did to its copies of parameters is sent."""
        if operation not in _OF_PARAMETERS:
            for ident, local in self._parameters.changed():
                self.request("update", target=ident, value=local.detach().clone(), trains=local.requires_grad)
        return self._exchange.ask(operation, arguments)

    def _with_gradients(self, value: Any, call_id: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Tie a result's tensors to the graph that the worker keeps, so that `backward()` reaches it."""
        outputs = values.attached(value)
        if not outputs:
            return value
        from utils.course.grading.gradients import attach, replaced_in

        leaves = values.leaves(list(args), kwargs)
        inputs = [tensor for tensor in leaves if self._parameters.number_of(tensor) is None]
        replaced = attach(self, call_id, outputs, inputs)
        return replaced_in(value, {id(old): new for old, new in zip(outputs, replaced, strict=True)})

    def _encode(self, message: dict[str, Any] | tuple[Any, ...]) -> bytes:
        """Return a message that is sent next: the layers in it are known to the worker from then on."""
        self._layers.begin()
        payload = self._writer.dumps(message)
        self._layers.keep()
        return payload

    def _export(self, value: Any) -> Any:
        """Turn what a test cell hands over into what may be sent."""
        if issubclass(type(value), Proxy):
            if object.__getattribute__(value, "_course_session") is not self:
                raise WireError("an object of an earlier exercise cannot be used in this one")
            return Ref("object", object.__getattribute__(value, "_course_ident"))
        if type(value) is NamedTuple:
            return value._course_own
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.nn.Parameter):
            known = self._parameters.number_of(value)
            return Ref("object", known) if known is not None else torch.Tensor.as_subclass(value, torch.Tensor)
        if type(value) is sqlite3.Connection:
            return self._databases.reference(value)
        if values.is_library_module(value):
            return self._layers.reference(value)
        special = values.authors_record(value)
        if special is not None:
            return special
        plain = plain_base(value, set())
        return values.exported(plain, self.callbacks.reference) if plain is value else plain

    def _resolve(self, sent: Any) -> Any:
        """Turn what the worker sent into a proxy or a plain value."""
        if isinstance(sent, Ref):
            if sent.kind == "object":
                return proxy_for(self, sent.ident, sent.about)
            if sent.kind == "callable":
                return self.callbacks.of(sent.ident)
            raise WireError("a reference leads nowhere")
        if sent.name == "parameter":
            return self._parameters.copy_of(sent.payload)
        if sent.name == "database":
            return sent
        if sent.name == "named-tuple":
            return named_tuple_of(sent.payload)
        return values.built(sent, inside=False)
