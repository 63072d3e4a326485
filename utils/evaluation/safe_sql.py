"""Running SQL that a model wrote: it may read and nothing else, and it must end.

Three fences, since any one may have a gap: SQLite's authorizer refuses every action but reading when the statement is
compiled, `query_only` refuses writes when it runs, and a count of the virtual machine's instructions ends what would
run for ever. Lengths and rows are bounded too.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from typing import Any

MOST_INSTRUCTIONS = 5_000_000
MOST_ROWS = 10_000
LONGEST_VALUE = 1_000_000
_EVERY = 1000
_ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)


class SqlError(ValueError):
    """A statement that cannot be answered: wrong SQL, or a name that the database does not have."""


class SqlRefusedError(SqlError):
    """A statement that does more than read, or is more than one statement."""


class SqlTooLongError(SqlError):
    """A statement that was stopped: too many instructions, rows or bytes."""


def run_query(
    connection: sqlite3.Connection, sql: str, max_instructions: int = MOST_INSTRUCTIONS, max_rows: int = MOST_ROWS
) -> list[tuple[Any, ...]]:
    """Return the rows of one statement that only reads.

    Args:
        connection: an open database; nothing about it stays changed.
        sql: one SELECT, or a WITH that ends in one.
        max_instructions: of SQLite's virtual machine, in steps of a thousand; a statement that takes more is stopped.
        max_rows: most rows.

    Raises:
        SqlRefusedError: the statement writes, changes settings, opens files, or is several statements.
        SqlTooLongError: it takes more instructions, rows or bytes than allowed.
        SqlError: it is not valid SQL for this database.
    """
    refused: list[int] = []
    steps = 0

    def authorize(action: int, *_: Any) -> int:
        if action in _ALLOWED:
            return sqlite3.SQLITE_OK
        refused.append(action)
        return sqlite3.SQLITE_DENY

    def count() -> int:
        nonlocal steps
        steps += _EVERY
        return int(steps > max_instructions)

    if connection.in_transaction:
        raise SqlError("connection has an open transaction: commit it before a model's SQL is run")
    query_only = connection.execute("PRAGMA query_only").fetchone()[0]
    longest = connection.getlimit(sqlite3.SQLITE_LIMIT_LENGTH)
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(longest, LONGEST_VALUE))
    connection.set_authorizer(authorize)
    connection.set_progress_handler(count, _EVERY)
    try:
        cursor = connection.execute(sql)
        if cursor.description is None and not refused:
            raise SqlError(f"sql is no query: {_shown(sql)}")
        rows = cursor.fetchmany(max_rows + 1)
    except (sqlite3.Error, sqlite3.Warning, UnicodeEncodeError) as error:
        raise _explained(error, sql, bool(refused), steps > max_instructions, max_instructions) from None
    finally:
        connection.set_authorizer(None)
        connection.set_progress_handler(None, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
        connection.execute(f"PRAGMA query_only = {query_only}")
    if len(rows) > max_rows:
        raise SqlTooLongError(f"sql gives more than {max_rows:,} rows: {_shown(sql)}")
    return [tuple(row) for row in rows]


def _explained(error: Exception, sql: str, refused: bool, stopped: bool, most: int) -> SqlError:
    if stopped:
        return SqlTooLongError(f"sql was stopped after {most:,} instructions: {_shown(sql)}")
    if refused or "readonly" in str(error):
        return SqlRefusedError(f"sql may only read, and this does more: {_shown(sql)}")
    if "one statement" in str(error):
        return SqlRefusedError(f"sql must be a single statement: {_shown(sql)}")
    if "too big" in str(error):
        return SqlTooLongError(f"sql makes a value of more than {LONGEST_VALUE:,} bytes: {_shown(sql)}")
    return SqlError(f"sql does not run ({error}): {_shown(sql)}")


def _shown(sql: str) -> str:
    return repr(sql if len(sql) <= 80 else f"{sql[:80]}...")


_QUOTED_OR_COMMENT = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL
)


def is_ordered(sql: str) -> bool:
    """Return whether the outermost query has an ORDER BY, so that the order of its rows means something."""
    depth, outside = 0, []
    for character in _QUOTED_OR_COMMENT.sub(" x ", sql):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            outside.append(character)
    return re.search(r"(?i)\border\s+by\b", "".join(outside)) is not None


def execution_match(predicted_sql: str, gold_sql: str, connection: sqlite3.Connection) -> bool:
    """Return whether two queries give the same rows, in order only where the gold query orders its rows.

    A prediction that fails, writes or does not end is no match; so is one with other columns.

    Raises:
        SqlError: the gold query itself does not run.
    """
    gold = run_query(connection, gold_sql)
    try:
        predicted = run_query(connection, predicted_sql)
    except SqlError:
        return False
    return predicted == gold if is_ordered(gold_sql) else Counter(predicted) == Counter(gold)
