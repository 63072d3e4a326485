"""Arguments of a test that an answer changed in place: the test's own objects change in the same way."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from typing import Any

from utils.course.grading import values
from utils.course.grading.exchange import Notes
from utils.course.grading.learners_errors import ForgedAnswerError
from utils.course.grading.proxies import Proxy
from utils.course.grading.sent_databases import SentDatabases
from utils.course.grading.wire import Ext


def take_over(
    changed: Any, args: Sequence[Any], kwargs: dict[str, Any], databases: SentDatabases, notes: Notes
) -> None:
    """Modify a test's arguments as the answer modified its copies of them.

    Args:
        changed: what the worker says has changed, as [place or name, new value] each.
        args, kwargs: the arguments.
        databases: the connections that the worker knows.
        notes: told that an argument was changed.

    Raises:
        ForgedAnswerError: the changes cannot be read.
        InputModifiedError: an argument cannot be given its new contents.
    """
    if type(changed) is not list:
        return
    for item in changed:
        if type(item) is not list or len(item) != 2:
            raise ForgedAnswerError("the arguments that came back cannot be read")
        key, new = item
        if type(new) in (list, dict, set, tuple, Ext) or hasattr(new, "shape"):
            notes.flags.add("modified-input: a call changed its arguments in place")
        if type(key) is int and 0 <= key < len(args):
            old = args[key]
        elif type(key) is str and key in kwargs:
            old = kwargs[key]
        else:
            continue
        if type(old) is sqlite3.Connection and type(new) is Ext:
            databases.restore(old, new.payload)
        else:
            overwrite(old, new)


def overwrite(old: Any, new: Any) -> None:
    """Give a test's argument the contents that the answer left in its copy.

    Raises:
        InputModifiedError: the argument cannot be given them, so the change cannot be shown in another way.
    """
    from utils.notebook.checks import InputModifiedError

    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if isinstance(old, list) and type(new) is list:
        old[:] = map(_kept_object, old, new) if len(old) == len(new) else new
    elif isinstance(old, dict) and type(new) is dict:
        for key in [key for key in old if key not in new]:
            del old[key]
        old.update({key: _kept_object(old[key], item) if key in old else item for key, item in new.items()})
    elif isinstance(old, set) and type(new) is set:
        old.clear()
        old.update(new)
    elif isinstance(old, tuple) and type(new) is tuple and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            if values.may_change(one):
                overwrite(one, other)
    elif torch is not None and isinstance(old, torch.Tensor) and _same_kind(old, new):
        with torch.no_grad():
            old.data.copy_(new.data)
    elif torch is not None and isinstance(old, torch.Generator) and isinstance(new, torch.Generator):
        old.set_state(new.get_state())
    elif numpy is not None and isinstance(old, numpy.ndarray) and _same_kind(old, new):
        old[...] = new
    elif numpy is not None and isinstance(old, numpy.random.Generator) and type(old) is type(new):
        old.bit_generator.state = new.bit_generator.state
    elif hasattr(old, "setstate") and type(old) is type(new):
        old.setstate(new.getstate())
    elif not isinstance(old, Proxy):
        raise InputModifiedError("Your code modified its input in place.")


def _kept_object(old: Any, new: Any) -> Any:
    """Return what stands at a place of a container: the test's own object with new contents where they fit into it.

    The test may hold the parts as well as the whole, a list's tensors for instance.
    """
    fits = type(old) is type(new) and isinstance(old, list | dict | set)
    if fits or (hasattr(old, "__setitem__") and _same_kind(old, new)):
        overwrite(old, new)
        return old
    return new


def _same_kind(old: Any, new: Any) -> bool:
    described = all(hasattr(one, name) for one in (old, new) for name in ("shape", "dtype"))
    return described and old.shape == new.shape and old.dtype == new.dtype
