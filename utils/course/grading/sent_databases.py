"""SQLite connections that a test hands to answers, kept in step with the worker's connections of the same number."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import Any

from utils.course.grading import databases
from utils.course.grading.wire import Ext


@dataclass
class _Sent:
    """A connection, kept so that its identity is not another's; its number; the digest of what the worker's holds."""

    connection: sqlite3.Connection
    number: int
    digest: bytes
    forbidden: bool = False


class SentDatabases:
    """The connections that the worker of one exercise knows."""

    def __init__(self) -> None:
        self._sent: dict[int, _Sent] = {}

    def reference(self, connection: sqlite3.Connection) -> Ext:
        """Name a connection; send what it holds where the worker's does not hold the same yet."""
        known = self._sent.get(id(connection))
        if known is not None and known.forbidden:  # by `restore`; the worker's connection knows it by itself
            known.forbidden = False
            connection.set_authorizer(None)
        image = databases.image(connection)
        digest = hashlib.blake2b(image).digest()
        in_step = known is not None and known.digest == digest
        number = known.number if known is not None else len(self._sent)
        self._sent[id(connection)] = _Sent(connection, number, digest)
        return Ext("sqlite", {"number": number, "image": None if in_step else image})

    def restore(self, connection: sqlite3.Connection, found: Any) -> None:
        """Let a connection hold what an answer left in the worker's, which is then in step with it.

        Raises:
            InputModifiedError: the answer left it so that it cannot be read.
        """
        from utils.notebook.checks import InputModifiedError

        contents, forbids = (found.get("contents"), found.get("forbids")) if type(found) is dict else (None, None)
        if contents is None and forbids is not True:
            raise InputModifiedError("Your code left the database's connection so that it cannot be read any more.")
        sent = self._sent[id(connection)]
        if contents is not None:
            databases.restore(connection, contents)
            sent.digest = hashlib.blake2b(databases.image(connection)).digest()
        if forbids is True:
            sent.forbidden = True
            databases.forbid_writing(connection)
