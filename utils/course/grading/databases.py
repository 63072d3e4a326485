"""A test's SQLite database in the learner's process: one lasting connection there, and what became of it as plain data.

The learner's code gets a real connection, the same one for the same connection of the test, so an authorizer, a row
factory or a transaction that it leaves behind is there at the next call, as it would be in a notebook. What it wrote
comes back as names and rows. The scorer never opens a database file, and never runs SQL, that learner code has made.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

from utils.course.grading.wire import WireError

_SCHEMA = """
SELECT type, name, tbl_name, sql FROM sqlite_master WHERE substr(name, 1, 7) <> 'sqlite_' ORDER BY type, name
"""


def contents(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return a database as plain data: its schema, the rows of each table, its user version.

    What an open transaction has written is there too.

    Raises:
        sqlite3.Error: the connection is closed, or an authorizer forbids to look.
    """
    copy = sqlite3.connect(":memory:")
    try:
        _load(copy, image(connection))
        copy.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        schema = [list(row) for row in copy.execute(_SCHEMA)]
        tables = {}
        for kind, name, _, _ in schema:
            if kind == "table":
                cursor = copy.execute(f"SELECT * FROM {_quoted(name)}")
                columns = [column[0] for column in cursor.description]
                tables[name] = {"columns": columns, "rows": [list(row) for row in cursor]}
        version = copy.execute("PRAGMA user_version").fetchone()[0]
    finally:
        copy.close()
    return {"schema": schema, "tables": tables, "user_version": version}


def image(connection: sqlite3.Connection) -> bytes:
    """Return the bytes of a database in memory, an open transaction's changes among them.

    Raises:
        sqlite3.Error: as for `contents`.
    """
    try:
        return connection.serialize()
    except sqlite3.OperationalError:
        if connection.execute("PRAGMA page_count").fetchone()[0] == 0:
            return b""  # SQLite has nothing to show of an empty database
        raise


def _load(connection: sqlite3.Connection, data: bytes) -> None:
    """Fill a connection. By a copy: one that was deserialised does not show an open transaction's changes again."""
    if data:
        with contextlib.closing(sqlite3.connect(":memory:")) as source:
            source.deserialize(data)
            source.backup(connection)


def connection_with(data: bytes, old: sqlite3.Connection | None = None) -> sqlite3.Connection:
    """Return a connection to a database of this content: the old one where it can be filled anew."""
    if old is not None:
        try:
            old.rollback()
            if not old.in_transaction:
                _load(old, data)
                return old
        except sqlite3.Error:  # the learner's code closed it, or left it in the middle of reading
            pass
    connection = sqlite3.connect(":memory:")
    _load(connection, data)
    return connection


def trace(connection: sqlite3.Connection) -> Any:
    """Return what tells whether a database changed: its bytes, or the number of changes where it cannot be read."""
    try:
        return image(connection)
    except sqlite3.Error:
        with contextlib.suppress(sqlite3.Error):
            return connection.total_changes
        return "closed"


def forbids_writing(connection: sqlite3.Connection) -> bool:
    """Return whether an authorizer or `query_only` that was left behind keeps the connection's owner from writing."""
    try:
        connection.execute("EXPLAIN CREATE TABLE course_probe (x)").close()  # compiled, which asks, and never run
        return bool(connection.execute("PRAGMA query_only").fetchone()[0])
    except sqlite3.ProgrammingError:
        return False  # closed: that is another mistake
    except (sqlite3.Error, TypeError, LookupError):
        return True


def changed_form(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return the `contents` of a database, None where they cannot be read, and whether it `forbids` writing."""
    try:
        found = contents(connection)
    except sqlite3.Error:
        found = None
    return {"contents": found, "forbids": forbids_writing(connection)}


_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def forbid_writing(connection: sqlite3.Connection) -> None:
    """Let a test's connection refuse what the learner's one refuses now, until the test undoes it."""
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY)


def restore(connection: sqlite3.Connection, found: Any) -> None:
    """Make a test's database hold what `contents` found in the learner's copy of it.

    A table that was made or altered there gets its columns' names and its rows; a new view, index or trigger becomes an
    empty table of its name, so that a test sees that there is something.

    Raises:
        WireError: what came back is no such contents.
    """
    schema, tables, version = _checked(found)
    before = contents(connection)
    if before == found:
        return
    was_open = connection.in_transaction
    try:
        wanted = {(kind, name): [kind, name, owner, sql] for kind, name, owner, sql in schema}
        kept = set()
        for entry in before["schema"]:
            kind, name = entry[0], entry[1]
            if wanted.get((kind, name)) == entry:
                kept.add((kind, name))
            elif kind in ("table", "view", "index", "trigger"):
                connection.execute(f"DROP {kind} IF EXISTS {_quoted(name)}")
        for kind, name in wanted:
            if (kind, name) not in kept:
                columns = tables[name]["columns"] if kind == "table" else [kind]
                connection.execute(f"CREATE TABLE {_quoted(name)} ({', '.join(map(_quoted, columns))})")
        for name, table in tables.items():
            if before["tables"].get(name) != table or ("table", name) not in kept:
                connection.execute(f"DELETE FROM {_quoted(name)}")
                marks = ", ".join("?" * len(table["columns"]))
                connection.executemany(f"INSERT INTO {_quoted(name)} VALUES ({marks})", table["rows"])
        if not was_open:
            connection.commit()
            connection.execute(f"PRAGMA user_version = {version}")
    except (sqlite3.Error, OverflowError, ValueError) as error:
        raise WireError(f"the database that came back cannot be read: {error}") from None


def _checked(found: Any) -> tuple[list[list[Any]], dict[str, dict[str, Any]], int]:
    """Return the parts of contents that may be forged, each of the type that it must have."""
    try:
        schema, tables, version = found["schema"], found["tables"], found["user_version"]
        sound = type(version) is int and all(
            type(kind) is str and type(name) is str for kind, name, _, _ in schema if kind != "table" or tables[name]
        )
        for name, table in tables.items():
            width = len(table["columns"])
            sound &= type(name) is str and all(type(column) is str for column in table["columns"])
            sound &= all(len(row) == width and all(_is_cell(cell) for cell in row) for row in table["rows"])
    except (TypeError, KeyError, ValueError, AttributeError):
        sound = False
    if not sound:
        raise WireError("the database that came back cannot be read")
    return schema, tables, version


def _is_cell(value: Any) -> bool:
    return value is None or type(value) in (int, float, str, bytes)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
