"""Running SQL that a model wrote: it may read and nothing else, and it must end.

Three fences, since any one may have a gap: SQLite's authorizer refuses every action but reading when the statement is
compiled, `query_only` refuses writes when it runs, and a count of the virtual machine's instructions ends what would
run for ever. One instruction may call a function, and some take as long as the product of two lengths (`instr`,
`replace`, LIKE): so values, patterns and the statement itself are short, and the processor's time is bounded with the
instructions. Rows and their bytes together are bounded too.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from utils.decoding.arguments import a_text, finite_number, instance_of, whole_number

MOST_INSTRUCTIONS = 5_000_000
MOST_SECONDS = 5.0
MOST_ROWS = 10_000
MOST_BYTES = 20_000_000
LONGEST_VALUE = 100_000
# What SQLite itself keeps to: lengths in bytes.
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
}
# Instructions between two looks at the clock: between them a few dozen calls of a slow function are possible.
_EVERY = 100
_ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)


class SqlError(ValueError):
    """A statement that cannot be answered: wrong SQL, or a name that the database does not have."""


class SqlRefusedError(SqlError):
    """A statement that does more than read, or is more than one statement."""


class SqlTooLongError(SqlError):
    """A statement that was stopped: too many instructions, rows or bytes."""


def run_query(
    connection: sqlite3.Connection,
    sql: str,
    max_instructions: int = MOST_INSTRUCTIONS,
    max_rows: int = MOST_ROWS,
    max_bytes: int = MOST_BYTES,
    max_seconds: float = MOST_SECONDS,
) -> list[tuple[Any, ...]]:
    """Return the rows of one statement that only reads.

    Args:
        connection: an open database; nothing about it stays changed.
        sql: one SELECT, or a WITH that ends in one.
        max_instructions: of SQLite's virtual machine, in steps of a hundred; a statement that takes more is stopped.
        max_rows: most rows.
        max_bytes: of all texts and blobs in the rows together, each number as 8.
        max_seconds: of the processor's time in this thread.

    Raises:
        SqlRefusedError: the statement writes, changes settings, opens files, or is several statements.
        SqlTooLongError: it takes more instructions, time, rows or bytes than allowed, or makes a value, or has a
            pattern, that is too long.
        SqlError: it is not valid SQL for this database, or the database is closed or within a transaction.
        ValueError: another argument makes no sense.
    """
    instance_of(connection, "connection", sqlite3.Connection)
    a_text(sql, "sql")
    max_instructions = whole_number(max_instructions, "max_instructions", 1)
    max_rows, max_bytes = whole_number(max_rows, "max_rows", 1), whole_number(max_bytes, "max_bytes", 1)
    max_seconds = finite_number(max_seconds, "max_seconds", 0.0)
    refused: list[int] = []
    steps, stopped, began = 0, "", time.thread_time()

    def authorize(action: int, *_: Any) -> int:
        if action in _ALLOWED:
            return sqlite3.SQLITE_OK
        refused.append(action)
        return sqlite3.SQLITE_DENY

    def count() -> int:
        nonlocal steps, stopped
        steps += _EVERY
        if steps > max_instructions:
            stopped = f"{max_instructions:,} instructions"
        elif time.thread_time() - began > max_seconds:
            stopped = f"{max_seconds:g} seconds"
        return int(stopped != "")

    rows: list[tuple[Any, ...]] = []
    size = 0
    with _fenced(connection):
        connection.set_authorizer(authorize)
        connection.set_progress_handler(count, _EVERY)
        cursor = connection.cursor()
        cursor.row_factory = None
        try:
            cursor.execute(sql)
            if cursor.description is None and not refused:
                raise SqlError(f"sql is no query: {_shown(sql)}")
            for row in cursor:
                size += sum(len(value) if isinstance(value, str | bytes) else 8 for value in row)
                if len(rows) == max_rows:
                    raise SqlTooLongError(f"sql gives more than {max_rows:,} rows: {_shown(sql)}")
                if size > max_bytes:
                    raise SqlTooLongError(f"sql gives more than {max_bytes:,} bytes: {_shown(sql)}")
                rows.append(row)
        except SqlError:
            raise
        # A lone surrogate, or a character of code 0, never reaches SQLite.
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            raise _explained(error, sql, bool(refused), stopped) from None
        finally:
            cursor.close()
    return rows


@contextmanager
def _fenced(connection: sqlite3.Connection) -> Iterator[None]:
    """Within this context the connection reads only, and keeps to the limits; then it is as it was.

    Raises:
        SqlError: the connection is closed, or within a transaction.
    """
    try:
        query_only = connection.execute("PRAGMA query_only").fetchone()[0]
    except sqlite3.ProgrammingError as error:
        raise SqlError(f"connection cannot be used: {error}") from None
    if connection.in_transaction:
        raise SqlError("connection has an open transaction: commit it before a model's SQL is run")
    before = {kind: connection.getlimit(kind) for kind in _LIMITS}
    connection.execute("PRAGMA query_only = ON")
    try:
        for kind, most in _LIMITS.items():
            connection.setlimit(kind, min(before[kind], most))
        yield
    finally:
        connection.set_authorizer(None)
        connection.set_progress_handler(None, 0)
        for kind, limit in before.items():
            connection.setlimit(kind, limit)
        connection.execute(f"PRAGMA query_only = {query_only}")


def _explained(error: Exception, sql: str, refused: bool, stopped: str) -> SqlError:
    if stopped:
        return SqlTooLongError(f"sql was stopped after {stopped}: {_shown(sql)}")
    if refused or "readonly" in str(error):
        return SqlRefusedError(f"sql may only read, and this does more: {_shown(sql)}")
    if "one statement" in str(error):
        return SqlRefusedError(f"sql must be a single statement: {_shown(sql)}")
    if "too big" in str(error):
        return SqlTooLongError(f"sql makes a value of more than {LONGEST_VALUE:,} bytes: {_shown(sql)}")
    if "too large" in str(error) or "too complex" in str(error):
        return SqlTooLongError(f"sql, or a pattern in it, is too long ({error}): {_shown(sql)}")
    return SqlError(f"sql does not run ({error}): {_shown(sql)}")


def _shown(sql: str) -> str:
    return repr(sql if len(sql) <= 80 else f"{sql[:80]}...")


_QUOTED_OR_COMMENT = re.compile(
    r"(?P<quoted>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\])|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL
)


def is_ordered(sql: str) -> bool:
    """Return whether the outermost query has an ORDER BY, so that the order of its rows means something."""
    a_text(sql, "sql")
    depth, outside = 0, []
    # A comment separates words as white space does; something quoted is a word of its own.
    for character in _QUOTED_OR_COMMENT.sub(lambda found: " x " if found["quoted"] else " ", sql):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            outside.append(character)
    return re.search(r"(?i)\border\s+by\b", "".join(outside)) is not None


def execution_match(predicted_sql: str, gold_sql: str, connection: sqlite3.Connection) -> bool:
    """Return whether two queries give the same rows, in order only where the gold query orders its rows.

    SQL that fails, writes, does not end or holds no query is no match, whichever of the two it is, also when both are
    alike. So is a prediction with other columns.

    Raises:
        SqlError: the database is closed, or within a transaction: that says nothing about the two queries.
        ValueError: a query is no string, or `connection` no database.
    """
    a_text(predicted_sql, "predicted_sql")
    a_text(gold_sql, "gold_sql")
    instance_of(connection, "connection", sqlite3.Connection)
    with _fenced(connection):
        pass
    try:
        gold, predicted = run_query(connection, gold_sql), run_query(connection, predicted_sql)
    except SqlError:
        return False
    return predicted == gold if is_ordered(gold_sql) else Counter(predicted) == Counter(gold)
