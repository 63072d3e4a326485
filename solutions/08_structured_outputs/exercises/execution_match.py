"""Exercise `execution_match`: two SQL queries are the same when they give the same rows; what writes or fails never is."""

# %% solution
import re
import sqlite3
from collections import Counter


def execution_match(predicted_sql: str, gold_sql: str, connection: sqlite3.Connection) -> bool:
    """Return whether two queries give the same rows, in order only when the gold query orders them.

    Args:
        predicted_sql: the query to judge; it may be wrong, or do harm.
        gold_sql: the query that is right.
        connection: the database, which stays as it was.
    """
    ### BEGIN SOLUTION
    reading = {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }

    def allow_reading(action: int, *_: str | None) -> int:
        return sqlite3.SQLITE_OK if action in reading else sqlite3.SQLITE_DENY

    def rows(sql: str) -> list[tuple]:
        cursor = connection.execute(sql)
        if cursor.description is None:  # an empty text or a comment runs, and asks nothing
            raise ValueError(f"{sql!r} holds no query")
        return cursor.fetchall()

    connection.set_authorizer(allow_reading)
    try:
        predicted, gold = rows(predicted_sql), rows(gold_sql)
    except (sqlite3.Error, sqlite3.Warning, ValueError):  # also no query, half a character
        return False
    finally:
        connection.set_authorizer(None)

    quoted = r"'[^']*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/"
    top_level = re.sub(quoted, " ", gold_sql, flags=re.DOTALL)
    while (shorter := re.sub(r"\([^()]*\)", " ", top_level)) != top_level:
        top_level = shorter
    if re.search(r"\border\s+by\b", top_level, re.IGNORECASE):
        return predicted == gold
    return Counter(predicted) == Counter(gold)
    ### END SOLUTION


# %% hints
HINTS = (
    """Run both queries while the connection may only read (`set_authorizer`), and take every
error, also that of a text which holds no query (`cursor.description` is None), for no
match. `collections.Counter` compares multisets.""",
    """Undo the authorizer in a `finally`. For the order, take from the gold query first what
stands in quotes and comments, then brackets from the inside outwards, and look for `order`
and `by`, parted by white space, in what is left. With it compare the lists of rows, without
it `Counter(predicted) == Counter(gold)`.""",
)
EXPLANATION = """
SQLite asks the authorizer before it compiles a statement, so what would write is refused before anything happens, however
it is spelt; a list of forbidden words catches innocent queries and misses others, and a rollback comes too late for some
statements. Rows are counted, not sorted (NULL cannot be sorted) and not put into a set (which forgets duplicates), and
compared as values, so that 1 and 1.0 agree while 4 and '4' do not. An empty text runs without an error and gives no
rows; it is no query all the same. Only an ORDER BY outside quotes and brackets orders the result.
"""

# %% helpers
import sqlite3

from utils.notebook.checks import Diagnosis, case_rng, check, wrong_type

A_BOOL = "Return True or False (a bool)."
ORDERED = "The gold query has a top-level ORDER BY: the order of the rows matters, and only the gold query decides it."
OFTEN = (
    "Rows are a multiset: how often each occurs (twice, or once) matters. A set forgets duplicates."
)
FAILS = "SQL that fails is no match (False): a failure is no empty result, and it makes no match when both fail."
NO_QUERY = "A text that holds no query is no match (False), though it runs and gives no rows, as an empty result does."
WRITES = (
    "SQL that writes is no match, whatever rows it gives, and whichever of the two queries it is."
)
CHANGED = (
    "The database was changed. Only reading must be allowed; a list of first words does not suffice, and a rollback comes "
    "too late for some statements."
)
DISHES = [
    ("soup", "Arvel", 4),
    ("pie", "Brunn", 6),
    ("stew", "Arvel", 9),
    ("tart", "Corin", 2),
    ("bread", "Brunn", 7),
]


def database(rows=DISHES):
    """Return a database with the tables dishes (id, name, town, price) and towns (name)."""
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE TABLE dishes (id INTEGER PRIMARY KEY, name TEXT, town TEXT, price INTEGER)"
    )
    connection.execute("CREATE TABLE towns (name TEXT)")
    connection.executemany("INSERT INTO dishes (name, town, price) VALUES (?, ?, ?)", rows)
    connection.execute("INSERT INTO towns VALUES ('Arvel')")
    connection.commit()
    return connection


def check_match(want, hint, predicted, gold, rows=DISHES):
    """Check the verdict on a prediction; the hint says why it is right."""
    check(
        lambda: execution_match(predicted, gold, database(rows)),
        want,
        f"predicted {predicted!r}, gold {gold!r}",
        mistakes={A_BOOL: wrong_type(bool)},
        otherwise=hint,
        if_raises="No error leaves the function: SQL that fails is no match.",
    )


# %% examples
def examples(check):
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE menu AS SELECT 'pie' AS dish, 6 AS price UNION SELECT 'ale', 4")
    gold, up, none = (f"SELECT dish FROM menu {x}" for x in ("", "ORDER BY 1 DESC", "LIMIT 0"))
    check(lambda: execution_match(up, gold, base), True, "any order")
    check(lambda: execution_match(gold, up, base), False, "another order than the gold query's")
    check(lambda: execution_match("SELEC dish", none, base), False, "SQL that fails")
    check(lambda: execution_match("DELETE FROM menu", none, base), False, "SQL that writes")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    again = "(If the table is gone or empty, run this cell again: an earlier call has changed it.)"

    def because(hint):
        return Diagnosis({A_BOOL: wrong_type(bool)}, hint, f"{hint} {again}")

    return {
        "any order": because("The gold query has no ORDER BY: any order of the same rows will do."),
        "another order than the gold query's": because(ORDERED),
        "each row twice": because(OFTEN),
        "SQL that fails": because(FAILS),
        "SQL that writes": because(WRITES),
        "the table afterwards": Diagnosis(otherwise=CHANGED, if_raises=CHANGED),
    }


# %% graded: 2 points | the rows as a multiset.
def test_rows_are_a_multiset() -> None:
    prices = case_rng("execution_match", 1).sample(range(3, 60), 5)
    middle = sorted(prices)[2]
    rows = [("soup", "Arvel", prices[0]), ("pie", "Brunn", prices[1]), ("stew", "Arvel", prices[2]), ("tart", "Corin", None),
            ("bread", "Brunn", prices[3]), ("soup", "Corin", prices[4])]  # fmt: skip
    same = "Both queries give the same rows. Compare what they give when they are run, not their texts or their columns' names."
    other = "The values of the rows differ: all rows and columns count, in the columns' order, not only their number or the first."
    order = "Without an ORDER BY in the gold query the order of the rows does not matter."
    empty = (
        "Two empty results have the same rows, none; an empty result is not the same as some rows."
    )
    names = "SELECT name FROM dishes"
    for want, hint, predicted, gold in (
        (True, same, f"{names} WHERE price > {middle}", f"{names} WHERE NOT price <= {middle}"),
        (True, same, f"{names} WHERE town = 'Arvel'", "SELECT d.name FROM dishes AS d WHERE d.town IN ('Arvel')"),
        (True, same, "SELECT count(*) FROM dishes", "SELECT sum(1) FROM dishes"),
        (True, same, "select name\nfrom dishes ;", names),
        (True, same, "SELECT name AS dish FROM dishes", names),
        (True, same, "SELECT max(id) AS last, 1 AS one FROM dishes", "SELECT count(*), 1 FROM dishes"),
        (True, same, "SELECT price FROM dishes", "SELECT price FROM dishes ORDER BY id"),
        (False, other, names, "SELECT town FROM dishes"),
        (False, other, f"{names} WHERE price >= {middle}", f"{names} WHERE price <= {middle}"),
        (False, other, "SELECT name, price FROM dishes WHERE id < 3", "SELECT name, price + 1 FROM dishes WHERE id < 3"),
        (False, other, "SELECT id FROM dishes WHERE id IN (1, 2)", "SELECT id FROM dishes WHERE id IN (1, 3)"),
        (False, other, "SELECT town, name FROM dishes", "SELECT name, town FROM dishes"),
        (False, "The prediction gives more rows, additional ones: each extra row counts.", "SELECT id FROM dishes",
         "SELECT id FROM dishes WHERE id < 4"),
        (False, "The prediction gives too few rows.", "SELECT id FROM dishes WHERE id < 4", "SELECT id FROM dishes"),
        (True, order, f"{names} ORDER BY name DESC", names),
        (True, order, f"{names} ORDER BY id DESC", f"{names} WHERE id > 0"),
        (True, order, "SELECT town, id FROM dishes ORDER BY price", "SELECT town, id FROM dishes"),
        (True, order, "SELECT town FROM dishes ORDER BY id DESC", "SELECT town FROM dishes"),
        (False, other, "SELECT id + 0.25 FROM dishes", "SELECT id FROM dishes"),
        (False, OFTEN, "SELECT DISTINCT town FROM dishes", "SELECT town FROM dishes"),
        (False, OFTEN, "SELECT town FROM dishes", "SELECT DISTINCT town FROM dishes"),
        (False, OFTEN, "SELECT town FROM dishes WHERE id IN (1, 2, 3)", "SELECT town FROM dishes WHERE id IN (1, 2, 5)"),
        (True, empty, f"{names} WHERE id > 90", f"{names} WHERE id > 80"),
        (False, empty, f"{names} WHERE id > 90", names),
        (False, empty, names, f"{names} WHERE id > 90"),
    ):  # fmt: skip
        check_match(want, hint, predicted, gold, rows)
    many = "Rows after the first hundred count as well: compare all of them."
    dishes = [("soup", "Arvel", price) for price in range(150)]
    for want, limit in ((True, 150), (False, 149)):
        check_match(want, many, f"SELECT price FROM dishes WHERE price < {limit}", "SELECT price FROM dishes", dishes)


# %% graded: 2 points | when the order matters; SQL that fails.
def test_order_and_failures() -> None:
    inner = "This ORDER BY stands in a subquery, a window or in other brackets, not at the top level: the order does not matter."
    outer = "This ORDER BY is at the top level, though brackets, also in texts, follow it or stand before it: the order matters."
    spelling = "Upper and lower case (capitals), several blanks (spaces) and line breaks are the same to SQL: this is an ORDER BY."
    nested = (
        "Brackets may be nested: this ORDER BY is still inside when one layer of them is removed."
    )
    in_text = "A bracket that stands in a text, within quotes, opens and closes nothing."
    names = "SELECT name FROM dishes"
    up, down, dear = (
        f"{names} ORDER BY price",
        f"{names} ORDER BY price DESC",
        f"{names} WHERE price > 5 ORDER BY name",
    )
    few = "WHERE price > (SELECT 1) ORDER BY abs(price) DESC LIMIT 3"
    ranked = "SELECT name, id - id + rank FROM (SELECT *, row_number() OVER (ORDER BY price) AS rank FROM dishes) ORDER BY name"
    for want, hint, predicted, gold in (
        (False, ORDERED, down, up),
        (False, ORDERED, names, up),
        (True, ORDERED, up, f"{up} ASC"),
        (True, ORDERED, f"{names} ORDER BY -price DESC", up),
        (True, ORDERED, up, names),
        (True, ORDERED, down, f"{names} WHERE price > 0"),
        (False, ORDERED, "SELECT name FROM (SELECT * FROM dishes ORDER BY price)", down),
        (
            True,
            inner,
            names,
            "SELECT name FROM (SELECT name, price FROM dishes ORDER BY price DESC)",
        ),
        (
            True,
            inner,
            dear,
            f"{names} WHERE id IN (SELECT id FROM dishes ORDER BY price DESC LIMIT 3)",
        ),
        (
            True,
            inner,
            f"{names} ORDER BY name DESC",
            f"WITH cheap AS ({up}) SELECT name FROM cheap",
        ),
        (True, inner, ranked, "SELECT name, row_number() OVER (ORDER BY price) FROM dishes"),
        (True, nested, dear, f"{names} WHERE id IN (SELECT id FROM dishes {few})"),
        (
            True,
            in_text,
            f"{names} ORDER BY name",
            f"{names} WHERE id IN (SELECT id FROM dishes WHERE name <> ':)' ORDER BY price)",
        ),
        (
            False,
            outer,
            f"{names} WHERE price > 3",
            f"{names} WHERE price > (SELECT min(price) + 1 FROM dishes) ORDER BY price DESC",
        ),
        (False, outer, f"SELECT name FROM ({down} LIMIT 3) ORDER BY name", f"{down} LIMIT 3"),
        (False, outer, names, f"{names} ORDER BY abs(price - (SELECT max(price) FROM dishes))"),
        (
            False,
            outer,
            down,
            "SELECT name FROM (SELECT * FROM dishes ORDER BY id) ORDER BY (price + 1)",
        ),
        (False, in_text, names, f"{names} WHERE name <> ':(' ORDER BY price"),
        (
            False,
            outer,
            f"{names} WHERE id IN (1, 2, 4)",
            f"{names} WHERE id < 3 UNION {names} WHERE id = 4 ORDER BY name",
        ),
        (False, spelling, names, "select name from dishes order by price"),
        (False, spelling, names, "Select name From dishes Order By price desc"),
        (False, spelling, names, f"{names} ORDER\n  BY price"),
        (False, spelling, names, "SELECT name\nFROM dishes\nORDER  BY price;"),
        (False, spelling, names, f"{names} WHERE 1\norder\tby price"),
        (False, spelling, names, f"{names} ORDER BY price\nDESC"),
        (
            False,
            "Where the order matters, all columns of the ordered rows count.",
            "SELECT town, name FROM dishes ORDER BY town, name DESC",
            "SELECT town, name FROM dishes ORDER BY town, name",
        ),
    ):
        check_match(want, hint, predicted, gold)
    nothing = f"{names} WHERE id > 99"
    for hint, predicted, gold in (
        (FAILS, "SELEC name FROM dishes", up),
        (FAILS, "SELECT name FROM dish", up),
        (FAILS, "SELECT taste FROM dishes", nothing),
        (FAILS, "I cannot write SQL.", nothing),
        (FAILS, "SELECT taste FROM dishes", "SELECT taste FROM dishes"),
        (FAILS, "SELECT name FROM dish", "SELECT name FROM dishs"),
        (FAILS, up, "SELECT name FROM dishs"),
        (NO_QUERY, "", nothing),
        (NO_QUERY, " ;", nothing),
        (NO_QUERY, "-- nothing", nothing),
        (NO_QUERY, "", ""),
        (NO_QUERY, nothing, "/* nothing */"),
    ):
        check_match(False, hint, predicted, gold)


# %% graded: 2 points | SQL that writes is no match, and changes nothing.
def test_sql_that_writes_is_no_match_and_changes_nothing() -> None:
    def contents(connection):
        """Return all that is in the database, however the answer has left the connection."""
        connection.set_authorizer(None)
        connection.row_factory, connection.text_factory = None, str
        tables = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        rows = [
            connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall()
            for name, _ in tables
        ]
        return tables, rows, connection.execute("PRAGMA user_version").fetchall()

    def verdict(predicted, gold):
        """Return the answer's verdict, or that the database was changed by it."""
        connection = database()
        before = contents(connection)
        matches = execution_match(predicted, gold, connection)
        return matches if contents(connection) == before else "the database was changed"

    names, nothing = "SELECT name FROM dishes", "SELECT name FROM dishes WHERE id > 99"
    old = "WITH old AS (SELECT id FROM dishes WHERE price > 5)"
    reading = (
        (names, "SELECT d.name FROM dishes AS d"),
        (f"{old} SELECT id FROM old", "SELECT id FROM dishes WHERE price > 5"),
    )
    for predicted, gold in (
        *reading,
        ("INSERT INTO dishes (name, price) VALUES ('tart', 2)", names),
        ("UPDATE dishes SET price = price + 1", nothing),
        ("DELETE FROM dishes", nothing),
        ("delete from dishes where id = 1", nothing),
        ("  \n DELETE FROM dishes WHERE id = 1", nothing),
        ("DROP TABLE towns", nothing),
        ("DROP TABLE dishes", names),
        ("CREATE TABLE prices (id INTEGER)", nothing),
        ("CREATE TABLE copied AS SELECT * FROM dishes", nothing),
        ("ALTER TABLE towns RENAME TO places", nothing),
        ("REPLACE INTO dishes VALUES (1, 'tart', 'Corin', 2)", nothing),
        ("INSERT INTO towns SELECT name FROM dishes", nothing),
        (f"{old} DELETE FROM dishes WHERE id IN (SELECT id FROM old)", nothing),
        ("WITH fresh(name) AS (SELECT 'Corin') INSERT INTO towns SELECT name FROM fresh", names),
        ("DELETE FROM dishes RETURNING name", names),
        ("UPDATE dishes SET price = 1 RETURNING name", names),
        ("SELECT name FROM dishes; DROP TABLE towns", names),
        ("SELECT name FROM dishes; DELETE FROM dishes", names),
        ("PRAGMA user_version = 7", names),
        (names, "DELETE FROM dishes"),
        ("DELETE FROM towns", "DELETE FROM towns"),
    ):
        reads = (predicted, gold) in reading
        check(
            lambda: verdict(predicted, gold),
            reads,
            f"predicted {predicted!r}, gold {gold!r}",
            mistakes={CHANGED: "the database was changed", WRITES: True, A_BOOL: wrong_type(bool)},
            otherwise="This query only reads, and gives the gold query's rows: it is a match, also when it begins with WITH.",
            if_raises="SQL that writes is no match (False); no error leaves the function.",
        )


# %% graded: 1 point | NULL, types, words in texts and names, the same connection again.
def test_null_types_words_and_the_same_connection_again() -> None:
    null = "NULL is a value like others here (None): rows that hold it must be compared too, though it cannot be sorted."
    kind = "The number 4 and the text '4' are different values (types), and so are NULL and the text 'None'."
    whole = "All of a value counts: capital letters, blanks, each digit, and whether it is a text or bytes."
    recursive = "A query that begins with WITH RECURSIVE only reads: allow what it needs."
    series = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <"
    number = "1 and 1.0 are the same number: rows are compared as values, not as the texts that Python prints for them (repr)."
    words = "This query only reads: words such as drop, update or replace in its texts, names and functions do not make it write."
    quoted = "ORDER BY stands here within quotes, in a text (string) or a name, or in a comment: it orders nothing."
    rows = [("soup", "4", 4), ("order by", "None", None), ("drop", "6", 6), ("pie", "x", None)]
    names = "SELECT name FROM dishes"
    for want, hint, predicted, gold in (
        (
            True,
            null,
            "SELECT name, price FROM dishes ORDER BY name",
            "SELECT name, price FROM dishes",
        ),
        (True, null, "SELECT price FROM dishes ORDER BY id DESC", "SELECT price FROM dishes"),
        (
            True,
            null,
            "SELECT price, name FROM dishes ORDER BY id DESC",
            "SELECT price, name FROM dishes",
        ),
        (False, null, "SELECT nullif(id, 2) FROM dishes", "SELECT nullif(id, 3) FROM dishes"),
        (False, null, "SELECT ifnull(price, 0) FROM dishes", "SELECT price FROM dishes"),
        (False, null, f"{names} WHERE id > 99", "SELECT NULL"),
        (False, whole, "SELECT 'A'", "SELECT 'a'"),
        (False, whole, "SELECT 'a '", "SELECT 'a'"),
        (False, whole, "SELECT 0.251", "SELECT 0.25"),
        (False, whole, "SELECT x'61'", "SELECT 'a'"),
        (True, recursive, f"{series} 1200) SELECT i FROM n", f"{series} 1200) SELECT i FROM n"),
        (
            False,
            "Rows after the first thousand count as well: compare all of them.",
            f"{series} 1201) SELECT i FROM n",
            f"{series} 1200) SELECT i FROM n",
        ),
        (
            False,
            kind,
            "SELECT town FROM dishes WHERE price > 0",
            "SELECT price FROM dishes WHERE price > 0",
        ),
        (
            False,
            kind,
            "SELECT town FROM dishes WHERE id = 2",
            "SELECT price FROM dishes WHERE id = 2",
        ),
        (True, number, "SELECT id * 1.0 FROM dishes", "SELECT id FROM dishes"),
        (
            True,
            number,
            "SELECT sum(price) FROM dishes ORDER BY 1",
            "SELECT total(price) FROM dishes ORDER BY 1",
        ),
        (
            True,
            words,
            "SELECT id FROM dishes WHERE name = 'drop'",
            "SELECT id FROM dishes WHERE id = 3",
        ),
        (True, words, "SELECT id AS updated FROM dishes", "SELECT d.id FROM dishes AS d"),
        (
            True,
            words,
            "SELECT replace(name, 'o', 'a') FROM dishes",
            "SELECT replace(d.name, 'o', 'a') FROM dishes AS d",
        ),
        (
            True,
            words,
            "SELECT 'delete; insert' FROM dishes WHERE id = 1",
            "SELECT 'delete; insert'",
        ),
        (True, quoted, f"{names} ORDER BY id DESC", f"{names} WHERE name <> ' order by '"),
        (True, quoted, f"{names} ORDER BY id DESC", f"{names} -- order by id"),
        (True, quoted, f"{names} ORDER BY id DESC", 'SELECT name AS "order by" FROM dishes'),
    ):
        check_match(want, hint, predicted, gold, rows)
    undone = (
        "The connection is used again and again: leave it, and the database, as they were. What you forbid it has to be undone "
        "afterwards, whatever came of the queries."
    )

    def again():
        """Return verdicts on one connection, and how many rows there are after its owner has written to it."""
        connection = database()
        predictions = (
            f"{names} WHERE id < 3",
            "DROP TABLE dishes",
            "SELECT nothing",
            f"{names} WHERE id IN (2, 1)",
        )
        found = []
        for predicted in predictions:
            found.append(execution_match(predicted, f"{names} WHERE id <= 2", connection))
            try:
                connection.execute("INSERT INTO dishes (name) VALUES ('tart')")
                connection.commit()
                found.append(connection.execute("SELECT count(*) FROM dishes").fetchone()[0])
            except sqlite3.Error:
                found.append("not allowed")
        return found

    check(
        again,
        [True, 6, False, 7, False, 8, True, 9],
        "one connection for four predictions; after each, its owner writes a row",
        otherwise=undone,
        if_raises=undone,
    )

    def before_and_after():
        """Return verdicts before and after the owner writes a row, on the same queries."""
        connection = database()
        count = "SELECT count(*) FROM dishes"
        found = [execution_match(count, "SELECT max(id) FROM dishes", connection)]
        connection.execute("INSERT INTO dishes (name) VALUES ('tart')")
        connection.commit()
        found.append(execution_match(count, "SELECT max(id) FROM dishes", connection))
        return found

    check(
        before_and_after,
        [True, True],
        "one connection, the same two queries before and after its owner writes a row",
        otherwise="Run both queries at each call: the rows of a database change.",
    )
