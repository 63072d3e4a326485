"""Exercise `execution_match` of notebook 08."""

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

    connection.set_authorizer(allow_reading)
    try:
        predicted = connection.execute(predicted_sql).fetchall()
        gold = connection.execute(gold_sql).fetchall()
    except (sqlite3.Error, sqlite3.Warning):
        return False
    finally:
        connection.set_authorizer(None)

    top_level = re.sub(
        r"'[^']*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", " ", gold_sql, flags=re.DOTALL
    )
    while (shorter := re.sub(r"\([^()]*\)", " ", top_level)) != top_level:
        top_level = shorter
    if re.search(r"\border\s+by\b", top_level, re.IGNORECASE):
        return predicted == gold
    return Counter(predicted) == Counter(gold)
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import sqlite3

from utils.notebook.checks import Diagnosis, case_rng, check


# %% examples
def examples(check):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE dishes (name TEXT, town TEXT, price INTEGER)")
    connection.executemany(
        "INSERT INTO dishes VALUES (?, ?, ?)",
        [("soup", "Arvel", 4), ("pie", "Brunn", 6), ("stew", "Arvel", 9)],
    )
    connection.commit()
    for predicted, gold, want, hint in (
        (
            "SELECT name FROM dishes WHERE price > 5",
            "SELECT name FROM dishes WHERE NOT price <= 5",
            True,
            "The rows are the same.",
        ),
        (
            "SELECT name FROM dishes ORDER BY name",
            "SELECT name FROM dishes",
            True,
            "The gold query has no ORDER BY: any order will do.",
        ),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM dishes ORDER BY price DESC",
            False,
            "The gold query orders its rows.",
        ),
        (
            "SELECT DISTINCT town FROM dishes",
            "SELECT town FROM dishes",
            False,
            "How often a row occurs matters.",
        ),
        ("SELEC name FROM dishes", "SELECT name FROM dishes", False, "SQL that fails is no match."),
        (
            "DROP TABLE dishes",
            "SELECT name FROM dishes WHERE price > 50",
            False,
            "SQL that writes is no match.",
        ),
    ):
        check(
            lambda: execution_match(predicted, gold, connection),
            want,
            f"predicted {predicted!r}, gold {gold!r}",
        )
    check(
        lambda: connection.execute("SELECT count(*) FROM dishes").fetchall(),
        [(3,)],
        "the number of dishes after all this",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE dishes (name TEXT, town TEXT, price INTEGER)")
    connection.executemany(
        "INSERT INTO dishes VALUES (?, ?, ?)",
        [("soup", "Arvel", 4), ("pie", "Brunn", 6), ("stew", "Arvel", 9)],
    )
    connection.commit()
    for predicted, gold, want, hint in (
        (
            "SELECT name FROM dishes WHERE price > 5",
            "SELECT name FROM dishes WHERE NOT price <= 5",
            True,
            "The rows are the same.",
        ),
        (
            "SELECT name FROM dishes ORDER BY name",
            "SELECT name FROM dishes",
            True,
            "The gold query has no ORDER BY: any order will do.",
        ),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM dishes ORDER BY price DESC",
            False,
            "The gold query orders its rows.",
        ),
        (
            "SELECT DISTINCT town FROM dishes",
            "SELECT town FROM dishes",
            False,
            "How often a row occurs matters.",
        ),
        ("SELEC name FROM dishes", "SELECT name FROM dishes", False, "SQL that fails is no match."),
        (
            "DROP TABLE dishes",
            "SELECT name FROM dishes WHERE price > 50",
            False,
            "SQL that writes is no match.",
        ),
    ):
        found[f"predicted {predicted!r}, gold {gold!r}"] = Diagnosis(
            otherwise=hint,
            if_raises=f"{hint} (If the table is gone, run this cell again: an earlier call has dropped it.)",
        )
    found["the number of dishes after all this"] = Diagnosis(
        otherwise="The database has changed.",
        if_raises="The table is gone: SQL that writes must not change the database.",
    )
    return found


# %% graded: 2 points | the rows as a multiset.
def test_1() -> None:
    rng = case_rng("execution_match", 1)
    prices = rng.sample(range(3, 60), 5)
    rows = [
        ("soup", "Arvel", prices[0]), ("pie", "Brunn", prices[1]), ("stew", "Arvel", prices[2]), ("tart", "Corin", None),
        ("bread", "Brunn", prices[3]), ("soup", "Corin", prices[4]),
    ]  # fmt: skip

    def database():
        connection = sqlite3.connect(":memory:")
        connection.execute(
            "CREATE TABLE dishes (id INTEGER PRIMARY KEY, name TEXT, town TEXT, price INTEGER)"
        )
        connection.executemany("INSERT INTO dishes (name, town, price) VALUES (?, ?, ?)", rows)
        connection.commit()
        return connection

    middle = sorted(prices)[2]
    same = "Both queries give the same rows. Compare what they give when they are run, not their texts."
    order = "Without an ORDER BY in the gold query the order of the rows does not matter."
    often = "Rows are a multiset: how often each occurs (twice, or once) matters. A set forgets duplicates."
    other = "The values of the rows differ: all rows count, not only their number or the first row."
    more = "The prediction gives more rows, additional ones: each extra row counts."
    for predicted, gold, want, hint in (
        (
            f"SELECT name FROM dishes WHERE price > {middle}",
            f"SELECT name FROM dishes WHERE NOT price <= {middle}",
            True,
            same,
        ),
        (
            "SELECT name FROM dishes WHERE town = 'Arvel'",
            "SELECT d.name FROM dishes AS d WHERE d.town IN ('Arvel')",
            True,
            same,
        ),
        ("SELECT count(*) FROM dishes", "SELECT sum(1) FROM dishes", True, same),
        ("select name\nfrom dishes ;", "SELECT name FROM dishes", True, same),
        ("SELECT name FROM dishes", "SELECT town FROM dishes", False, other),
        (
            f"SELECT name FROM dishes WHERE price >= {middle}",
            f"SELECT name FROM dishes WHERE price <= {middle}",
            False,
            other,
        ),
        (
            "SELECT name, price FROM dishes WHERE id < 3",
            "SELECT name, price + 1 FROM dishes WHERE id < 3",
            False,
            other,
        ),
        (
            "SELECT id FROM dishes WHERE id IN (1, 2)",
            "SELECT id FROM dishes WHERE id IN (1, 3)",
            False,
            f"{other} Only the first row is the same.",
        ),
        ("SELECT name FROM dishes ORDER BY name DESC", "SELECT name FROM dishes", True, order),
        (
            "SELECT name FROM dishes ORDER BY id DESC",
            "SELECT name FROM dishes WHERE id > 0",
            True,
            order,
        ),
        ("SELECT town, id FROM dishes ORDER BY price", "SELECT town, id FROM dishes", True, order),
        ("SELECT DISTINCT town FROM dishes", "SELECT town FROM dishes", False, often),
        ("SELECT town FROM dishes", "SELECT DISTINCT town FROM dishes", False, f"{often} {more}"),
        (
            "SELECT town FROM dishes WHERE id IN (1, 2, 3)",
            "SELECT town FROM dishes WHERE id IN (1, 2, 5)",
            False,
            often,
        ),
        (
            "SELECT town FROM dishes ORDER BY id DESC",
            "SELECT town FROM dishes",
            True,
            f"{often} {order}",
        ),
        ("SELECT id FROM dishes", "SELECT id FROM dishes WHERE id < 4", False, more),
        (
            "SELECT id FROM dishes WHERE id < 4",
            "SELECT id FROM dishes",
            False,
            "The prediction gives too few rows.",
        ),
        (
            "SELECT name AS dish FROM dishes",
            "SELECT name FROM dishes",
            True,
            "Only the rows are compared, not the names of the columns.",
        ),
        (
            "SELECT max(id) AS last, 1 AS one FROM dishes",
            "SELECT count(*), 1 FROM dishes",
            True,
            "Only the rows are compared, not the names of the columns.",
        ),
        (
            "SELECT town, name FROM dishes",
            "SELECT name, town FROM dishes",
            False,
            "The columns come in another order: other rows.",
        ),
        (
            "SELECT name FROM dishes WHERE id > 90",
            "SELECT name FROM dishes WHERE id > 80",
            True,
            "Two empty results have the same rows: no rows.",
        ),
        (
            "SELECT name FROM dishes WHERE id > 90",
            "SELECT name FROM dishes",
            False,
            "An empty result is not the same as some rows.",
        ),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM dishes WHERE id > 90",
            False,
            f"An empty result is not the same as some rows. {more}",
        ),
        (
            "SELECT price FROM dishes",
            "SELECT price FROM dishes ORDER BY id",
            True,
            "The same rows in the same order.",
        ),
    ):
        check(
            lambda: execution_match(predicted, gold, database()),
            want,
            f"predicted {predicted!r}, gold {gold!r}",
            mistakes={"Return True or False (a bool).": lambda got: not isinstance(got, bool)},
            otherwise=hint,
            if_raises=hint,
        )


# %% graded: 2 points | when the order matters; SQL that fails.
def test_2() -> None:
    def database():
        connection = sqlite3.connect(":memory:")
        connection.execute(
            "CREATE TABLE dishes (id INTEGER PRIMARY KEY, name TEXT, town TEXT, price INTEGER)"
        )
        connection.executemany(
            "INSERT INTO dishes (name, town, price) VALUES (?, ?, ?)",
            [
                ("soup", "Arvel", 4),
                ("pie", "Brunn", 6),
                ("stew", "Arvel", 9),
                ("tart", "Corin", 2),
                ("bread", "Brunn", 7),
            ],
        )
        connection.commit()
        return connection

    ordered = "The gold query has a top-level ORDER BY: the order of the rows matters."
    gold_only = (
        "Only the gold query decides whether the order matters, not the prediction (and not both)."
    )
    subquery = "This ORDER BY stands in a subquery or in other brackets, not at the top level: the order of the rows does not matter."
    bracket = "This ORDER BY is at the top level, though brackets follow it or stand before it: the order of the rows matters."
    case = "SQL does not care for upper and lower case (capitals): this is an ORDER BY at the top level."
    blanks = "ORDER and BY may be parted by several blanks (spaces) or a line break: the order of the rows matters."
    compound = "An ORDER BY after UNION orders the whole result: it stands at the top level, the order matters."
    up, down = (
        "SELECT name FROM dishes ORDER BY price",
        "SELECT name FROM dishes ORDER BY price DESC",
    )
    for predicted, gold, want, hint in (
        (down, up, False, ordered),
        ("SELECT name FROM dishes", up, False, f"{ordered} {gold_only}"),
        (up, "SELECT name FROM dishes ORDER BY price ASC", True, ordered),
        ("SELECT name FROM dishes ORDER BY -price DESC", up, True, ordered),
        (up, "SELECT name FROM dishes", True, gold_only),
        (down, "SELECT name FROM dishes WHERE price > 0", True, gold_only),
        (
            "SELECT name FROM (SELECT * FROM dishes ORDER BY price)",
            down,
            False,
            f"{ordered} {gold_only}",
        ),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM (SELECT name, price FROM dishes ORDER BY price DESC)",
            True,
            subquery,
        ),
        (
            "SELECT name FROM dishes WHERE price > 5 ORDER BY name",
            "SELECT name FROM dishes WHERE id IN (SELECT id FROM dishes ORDER BY price DESC LIMIT 3)",
            True,
            subquery,
        ),
        (
            "SELECT name FROM dishes ORDER BY name DESC",
            "WITH cheap AS (SELECT name FROM dishes ORDER BY price) SELECT name FROM cheap",
            True,
            f"{subquery} This WITH only reads.",
        ),
        (
            "SELECT name, id - id + rank FROM (SELECT *, row_number() OVER (ORDER BY price) AS rank FROM dishes) ORDER BY name",
            "SELECT name, row_number() OVER (ORDER BY price) FROM dishes",
            True,
            f"{subquery} Here it belongs to a window.",
        ),
        (
            "SELECT name FROM dishes WHERE price > 3",
            "SELECT name FROM dishes WHERE price > (SELECT min(price) + 1 FROM dishes) ORDER BY price DESC",
            False,
            bracket,
        ),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM dishes ORDER BY abs(price - (SELECT max(price) FROM dishes))",
            False,
            bracket,
        ),
        (
            "SELECT name FROM dishes ORDER BY price DESC",
            "SELECT name FROM (SELECT * FROM dishes ORDER BY id) ORDER BY (price + 1)",
            False,
            bracket,
        ),
        (
            "SELECT name FROM dishes WHERE price > 5 ORDER BY name",
            "SELECT name FROM dishes WHERE id IN (SELECT id FROM dishes WHERE price > (SELECT 1) ORDER BY abs(price) DESC LIMIT 3)",
            True,
            f"{subquery} Here brackets are nested: one layer of them is not all.",
        ),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM dishes WHERE name <> ':(' ORDER BY price",
            False,
            f"{ordered} The bracket in this query stands in a text, within quotes, and opens nothing.",
        ),
        (
            "SELECT name FROM dishes ORDER BY name",
            "SELECT name FROM dishes WHERE id IN (SELECT id FROM dishes WHERE name <> ':)' ORDER BY price)",
            True,
            f"{subquery} The bracket in its text, within quotes, closes nothing.",
        ),
        ("SELECT name FROM dishes", "select name from dishes order by price", False, case),
        ("SELECT name FROM dishes", "Select name From dishes Order By price desc", False, case),
        ("SELECT name FROM dishes", "SELECT name FROM dishes ORDER\n  BY price", False, blanks),
        ("SELECT name FROM dishes", "SELECT name\nFROM dishes\nORDER  BY price;", False, blanks),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM dishes WHERE 1\norder\tby price",
            False,
            blanks,
        ),
        (
            "SELECT name FROM dishes WHERE id IN (1, 2, 4)",
            "SELECT name FROM dishes WHERE id < 3 UNION SELECT name FROM dishes WHERE id = 4 ORDER BY name",
            False,
            compound,
        ),
    ):
        check(
            lambda: execution_match(predicted, gold, database()),
            want,
            f"predicted {predicted!r}, gold {gold!r}",
            mistakes={"Return True or False (a bool).": lambda got: not isinstance(got, bool)},
            otherwise=hint,
            if_raises=hint,
        )
    nothing = "SELECT name FROM dishes WHERE id > 99"
    for predicted, gold, what in (
        ("SELEC name FROM dishes", up, "the prediction fails: it is no SQL"),
        ("SELECT name FROM dish", up, "the prediction fails: there is no such table"),
        (
            "SELECT taste FROM dishes",
            nothing,
            "the prediction fails, and the gold query gives an empty result",
        ),
        ("", up, "the prediction is empty"),
        (
            "I cannot write SQL.",
            nothing,
            "the prediction fails, and the gold query gives an empty result",
        ),
        ("SELECT taste FROM dishes", "SELECT taste FROM dishes", "both fail, with the same text"),
        ("SELECT name FROM dish", "SELECT name FROM dishs", "both fail"),
        (up, "SELECT name FROM dishs", "the gold query fails"),
    ):
        check(
            lambda: execution_match(predicted, gold, database()),
            False,
            f"{what}: predicted {predicted!r}, gold {gold!r}",
            otherwise="SQL that fails is no match (False): a failure is no empty result, and it makes no match when both fail.",
            if_raises="SQL that fails is no match (False); no error leaves the function.",
        )


# %% graded: 2 points | SQL that writes is no match, and changes nothing.
def test_3() -> None:
    def database():
        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE TABLE dishes (id INTEGER PRIMARY KEY, name TEXT, price INTEGER)")
        connection.execute("CREATE TABLE towns (name TEXT)")
        connection.executemany(
            "INSERT INTO dishes (name, price) VALUES (?, ?)", [("soup", 4), ("pie", 6), ("stew", 9)]
        )
        connection.execute("INSERT INTO towns VALUES ('Arvel')")
        connection.commit()
        return connection

    def contents(connection):
        """Return all that is in the database, however the answer has left the connection."""
        connection.set_authorizer(None)
        connection.row_factory, connection.text_factory = None, str
        tables = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        return (
            tables,
            [
                connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall()
                for name, _ in tables
            ],
            connection.execute("PRAGMA user_version").fetchall(),
        )

    def verdict(predicted, gold):
        """Return the answer's verdict, or that the database was changed by it."""
        connection = database()
        before = contents(connection)
        matches = execution_match(predicted, gold, connection)
        return matches if contents(connection) == before else "the database was changed"

    names, nothing = "SELECT name FROM dishes", "SELECT name FROM dishes WHERE id > 99"
    for predicted, gold, what in (
        ("INSERT INTO dishes (name, price) VALUES ('tart', 2)", names, "INSERT writes"),
        (
            "UPDATE dishes SET price = price + 1",
            nothing,
            "UPDATE writes, and gives no rows, as the gold query does",
        ),
        ("DELETE FROM dishes", nothing, "DELETE writes, and gives no rows, as the gold query does"),
        ("delete from dishes where id = 1", nothing, "DELETE writes, in lower case too"),
        ("  \n DELETE FROM dishes WHERE id = 1", nothing, "DELETE writes, after blanks too"),
        ("DROP TABLE towns", nothing, "DROP writes, and is not rolled back by a rollback"),
        ("DROP TABLE dishes", names, "DROP writes, and is not rolled back by a rollback"),
        ("CREATE TABLE prices (id INTEGER)", nothing, "CREATE writes"),
        (
            "CREATE TABLE copied AS SELECT * FROM dishes",
            nothing,
            "CREATE writes, although it has a SELECT in it",
        ),
        ("ALTER TABLE towns RENAME TO places", nothing, "ALTER writes"),
        ("REPLACE INTO dishes VALUES (1, 'tart', 2)", nothing, "REPLACE writes"),
        (
            "INSERT INTO towns SELECT name FROM dishes",
            nothing,
            "INSERT writes, although it has a SELECT in it",
        ),
        (
            "WITH old AS (SELECT id FROM dishes WHERE price > 5) DELETE FROM dishes WHERE id IN (SELECT id FROM old)",
            nothing,
            "a statement that begins with WITH can write (DELETE)",
        ),
        (
            "WITH fresh(name) AS (SELECT 'Corin') INSERT INTO towns SELECT name FROM fresh",
            names,
            "a statement that begins with WITH can write (INSERT)",
        ),
        (
            "DELETE FROM dishes RETURNING name",
            names,
            "DELETE writes, and RETURNING gives rows, the same as those of the gold query",
        ),
        (
            "UPDATE dishes SET price = 1 RETURNING name",
            names,
            "UPDATE writes, and RETURNING gives rows",
        ),
        (
            "SELECT name FROM dishes; DROP TABLE towns",
            names,
            "a second statement that writes (DROP) follows",
        ),
        (
            "SELECT name FROM dishes; DELETE FROM dishes",
            names,
            "a second statement that writes (DELETE) follows",
        ),
        ("PRAGMA user_version = 7", names, "this PRAGMA writes"),
        (names, "DELETE FROM dishes", "the gold query writes"),
        ("DELETE FROM towns", "DELETE FROM towns", "both write, with the same text"),
    ):
        check(
            lambda: verdict(predicted, gold),
            False,
            f"{what}: predicted {predicted!r}, gold {gold!r}",
            mistakes={
                f"The database was changed: {what}. Only reading must be allowed; a list of first words does not suffice, and a "
                "rollback comes too late for some statements.": "the database was changed",
                f"SQL that writes is no match, whatever rows it gives: {what}.": True,
            },
            if_raises="SQL that writes is no match (False); no error leaves the function.",
        )


# %% graded: 1 point | NULL, types, words in texts and names, the same connection again.
def test_4() -> None:
    def database():
        connection = sqlite3.connect(":memory:")
        connection.execute(
            "CREATE TABLE dishes (id INTEGER PRIMARY KEY, name TEXT, price INTEGER, code TEXT, updated INTEGER)"
        )
        connection.executemany(
            "INSERT INTO dishes (name, price, code, updated) VALUES (?, ?, ?, ?)",
            [
                ("soup", 4, "4", 20),
                ("order by", None, "None", 30),
                ("drop", 6, "6", None),
                ("pie", None, "x", 10),
            ],
        )
        connection.commit()
        return connection

    null = "NULL is a value like others here (None): rows that hold it must be compared too, though it cannot be sorted."
    kind = "The number 4 and the text '4' are different values (types), and so are NULL and the text 'None'."
    words = "This query only reads: words such as drop, update or replace in its texts, names and functions do not make it write."
    quoted = "ORDER BY stands here within quotes, in a text (string): it orders nothing."
    reading = "A reading query may begin with WITH."
    for predicted, gold, want, hint in (
        (
            "SELECT name, price FROM dishes ORDER BY name",
            "SELECT name, price FROM dishes",
            True,
            null,
        ),
        ("SELECT price FROM dishes ORDER BY id DESC", "SELECT price FROM dishes", True, null),
        (
            "SELECT price, updated FROM dishes ORDER BY id DESC",
            "SELECT price, updated FROM dishes",
            True,
            null,
        ),
        ("SELECT updated FROM dishes", "SELECT price FROM dishes", False, null),
        (
            "SELECT code FROM dishes WHERE price > 0",
            "SELECT price FROM dishes WHERE price > 0",
            False,
            kind,
        ),
        (
            "SELECT code FROM dishes WHERE id = 2",
            "SELECT price FROM dishes WHERE id = 2",
            False,
            kind,
        ),
        (
            "SELECT id FROM dishes WHERE name = 'drop'",
            "SELECT id FROM dishes WHERE id = 3",
            True,
            words,
        ),
        ("SELECT updated FROM dishes", "SELECT d.updated FROM dishes AS d", True, words),
        (
            "SELECT replace(name, 'o', 'a') FROM dishes",
            "SELECT replace(d.name, 'o', 'a') FROM dishes AS d",
            True,
            words,
        ),
        (
            "SELECT 'delete; insert' FROM dishes WHERE id = 1",
            "SELECT 'delete; insert'",
            True,
            words,
        ),
        (
            "WITH dear AS (SELECT id FROM dishes WHERE price > 4) SELECT name FROM dishes WHERE id IN (SELECT id FROM dear)",
            "SELECT name FROM dishes WHERE price > 4",
            True,
            reading,
        ),
        (
            "SELECT id FROM dishes ORDER BY id DESC",
            "SELECT id FROM dishes WHERE name <> ' order by '",
            True,
            quoted,
        ),
    ):
        check(
            lambda: execution_match(predicted, gold, database()),
            want,
            f"predicted {predicted!r}, gold {gold!r}",
            otherwise=hint,
            if_raises=hint,
        )
    connection = database()
    for predicted, want in (
        ("SELECT name FROM dishes WHERE id < 3", True),
        ("DROP TABLE dishes", False),
        ("SELECT nothing", False),
        ("SELECT name FROM dishes WHERE id IN (2, 1)", True),
    ):
        check(
            lambda: execution_match(predicted, "SELECT name FROM dishes WHERE id <= 2", connection),
            want,
            f"one connection for several predictions; now {predicted!r}",
            otherwise="The same connection is used for many predictions: leave it, and the database, as they were.",
            if_raises="The same connection is used for many predictions: leave it open, and the database as it was.",
        )

    def written_afterwards(predicted):
        """Return how many rows there are after the owner of the connection has written to it, which must be allowed again."""
        owned = database()
        execution_match(predicted, "SELECT name FROM dishes", owned)
        try:
            owned.execute("INSERT INTO dishes (name) VALUES ('tart')")
            return owned.execute("SELECT count(*) FROM dishes").fetchone()[0]
        except sqlite3.Error:
            return "not allowed"

    for predicted in ("SELECT name FROM dishes", "DROP TABLE dishes", "SELECT nothing"):
        check(
            lambda: written_afterwards(predicted),
            5,
            f"rows after an INSERT by the owner of the connection, who asked before about {predicted!r}",
            otherwise="What you forbid the connection (set_authorizer, query_only) has to be undone afterwards, whatever came of the queries.",
            if_raises="What you forbid the connection has to be undone afterwards; SQL that fails is no match.",
        )
