"""Answers to `execution_match`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: an authorizer that allows reading only
import re
import sqlite3
from collections import Counter

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def read(sql, connection):
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
    try:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else None
    except sqlite3.Error:
        return None
    finally:
        connection.set_authorizer(None)


def has_top_level_order(sql):
    bare = re.sub(
        r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL
    )
    while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
        bare = shorter
    return re.search(r"\border\s+by\b", bare, re.IGNORECASE) is not None


def execution_match(predicted_sql, gold_sql, connection):
    gold, predicted = read(gold_sql, connection), read(predicted_sql, connection)
    if gold is None or predicted is None:
        return False
    if has_top_level_order(gold_sql):
        return gold == predicted
    return Counter(gold) == Counter(predicted)


# %% right: query_only, and a scan for the order
import sqlite3


def execution_match(predicted_sql: str, gold_sql: str, connection: sqlite3.Connection) -> bool:
    def rows_of(sql):
        connection.execute("PRAGMA query_only = ON")
        try:
            cursor = connection.execute(sql)
            if cursor.description is None:
                raise sqlite3.OperationalError("no query")
            return [tuple(row) for row in cursor]
        finally:
            connection.execute("PRAGMA query_only = OFF")

    def ordered(sql):
        depth, quote, words, word, at = 0, "", [], "", 0
        while at < len(sql):
            c = sql[at]
            if quote:
                if c == quote:
                    quote = ""
            elif c in "'\"`":
                quote = c
            elif c == "[":
                quote = "]"
            elif sql[at : at + 2] == "--":
                at = sql.find("\n", at) if "\n" in sql[at:] else len(sql)
                c = " "
            elif sql[at : at + 2] == "/*":
                at = sql.find("*/", at) + 1
                c = " "
            elif c == "(":
                depth += 1
            elif c == ")":
                depth -= 1
            if depth == 0 and not quote and (c.isalnum() or c == "_"):
                word += c
            else:
                if word:
                    words.append(word.lower())
                word = ""
            at += 1
        words.append(word.lower())
        return ("order", "by") in list(zip(words, words[1:]))

    try:
        gold, predicted = rows_of(gold_sql), rows_of(predicted_sql)
    except sqlite3.Error:
        return False
    if ordered(gold_sql):
        return gold == predicted
    rest = list(gold)
    for row in predicted:
        if row not in rest:
            return False
        rest.remove(row)
    return not rest


# %% right: on a copy of the database, which is compared afterwards
import sqlite3


def execution_match(predicted_sql, gold_sql, connection):
    def run(sql):
        copy = sqlite3.connect(":memory:")
        connection.backup(copy)
        before = list(copy.iterdump()), copy.execute("PRAGMA user_version").fetchone()
        try:
            cursor = copy.execute(sql)
            rows = cursor.fetchall()
            copy.commit()
            if cursor.description is None:
                return None
            after = list(copy.iterdump()), copy.execute("PRAGMA user_version").fetchone()
            return rows if before == after else None
        except (sqlite3.Error, sqlite3.Warning):
            return None
        finally:
            copy.close()

    def without_brackets(sql):
        out, depth, inside = [], 0, None
        for c in sql:
            if inside is None and c in "'\"":
                inside = c
            elif inside == c:
                inside = None
            elif inside is None and c == "(":
                depth += 1
            elif inside is None and c == ")":
                depth -= 1
            if depth == 0 and inside is None:
                out.append(c)
        return "".join(out)

    gold, predicted = run(gold_sql), run(predicted_sql)
    if gold is None or predicted is None:
        return False
    lines = [line.split("--")[0] for line in without_brackets(gold_sql).splitlines()]
    if " order by " in " " + " ".join(" ".join(lines).lower().split()) + " ":
        return gold == predicted
    return sorted(gold, key=repr) == sorted(predicted, key=repr)


# %% right: only statements that begin with SELECT or WITH, under a savepoint
import re
import sqlite3
from collections import Counter


def execution_match(predicted_sql, gold_sql, connection):
    results = []
    for sql in (predicted_sql, gold_sql):
        if not re.match(r"\s*(select|with)\b", sql, re.IGNORECASE):
            return False
        changes = connection.total_changes
        connection.execute("SAVEPOINT looking")
        try:
            results.append(list(connection.execute(sql)))
            wrote = connection.total_changes != changes
        except sqlite3.Error:
            return False
        finally:
            connection.execute("ROLLBACK TO looking")
            connection.execute("RELEASE looking")
        if wrote:
            return False
    predicted, gold = results
    level, top = 0, ""
    for piece in re.split(r"('[^']*'|\"[^\"]*\"|--[^\n]*|[()])", gold_sql):
        level += {"(": 1, ")": -1}.get(piece, 0)
        if level == 0 and not piece.startswith(("'", '"', "--", ")")):
            top += piece + " "
    if re.search(r"\border\s+by\b", top, re.IGNORECASE):
        return predicted == gold
    return Counter(predicted) == Counter(gold)


# %% right: the query plan's bytecode says whether a statement writes
import re
import sqlite3
from collections import Counter


def rows(sql, connection):
    try:
        plan = connection.execute("EXPLAIN " + sql).fetchall()
        opens_for_writing = any(step[1] == "Transaction" and step[3] for step in plan)
        harmless = re.match(r"\s*(--[^\n]*\n\s*)*(select|with|values)\b", sql, re.IGNORECASE)
        if opens_for_writing or not harmless:
            return None
        return connection.execute(sql).fetchall()
    except sqlite3.Error:
        return None


def execution_match(predicted_sql, gold_sql, connection):
    predicted = rows(predicted_sql, connection)
    gold = rows(gold_sql, connection)
    if predicted is None or gold is None:
        return False
    text = re.sub(r"--[^\n]*", " ", re.sub(r"'[^']*'|\"[^\"]*\"", " ", gold_sql)).lower()
    ordered = False
    for found in re.finditer(r"\border\s+by\b", text):
        before = text[: found.start()]
        ordered = ordered or before.count("(") == before.count(")")
    return predicted == gold if ordered else Counter(predicted) == Counter(gold)


# %% wrong: the texts are compared | expects: text / rows / run
import sqlite3


def execution_match(predicted_sql, gold_sql, connection):
    def normal(sql):
        return " ".join(sql.lower().rstrip("; \n").split())

    return normal(predicted_sql) == normal(gold_sql)


# %% wrong: as sets | expects: multiset / twice / how often / duplicate
import re
import sqlite3

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def execution_match(predicted_sql, gold_sql, connection):
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
    try:
        gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
    except sqlite3.Error:
        return False
    finally:
        connection.set_authorizer(None)
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", gold_sql)
    while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
        bare = shorter
    if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        return gold == predicted
    return set(gold) == set(predicted)


# %% wrong: always in order | expects: order
import sqlite3

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def execution_match(predicted_sql, gold_sql, connection):
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
    try:
        return connection.execute(gold_sql).fetchall() == connection.execute(predicted_sql).fetchall()
    except sqlite3.Error:
        return False
    finally:
        connection.set_authorizer(None)


# %% wrong: never in order | expects: order
import sqlite3
from collections import Counter

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def execution_match(predicted_sql, gold_sql, connection):
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
    try:
        return Counter(connection.execute(gold_sql)) == Counter(connection.execute(predicted_sql))
    except sqlite3.Error:
        return False
    finally:
        connection.set_authorizer(None)


# %% wrong: in order when ORDER BY stands anywhere | expects: subquery / top-level / top level
import sqlite3
from collections import Counter

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def execution_match(predicted_sql, gold_sql, connection):
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
    try:
        gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
    except sqlite3.Error:
        return False
    finally:
        connection.set_authorizer(None)
    if "order by" in " ".join(gold_sql.lower().split()):
        return gold == predicted
    return Counter(gold) == Counter(predicted)


# %% wrong: in order when ORDER BY stands after the last bracket | of: in order when ORDER BY stands anywhere | expects: top-level / top level / bracket
# - import sqlite3
# + import re
# + import sqlite3

# -     if "order by" in " ".join(gold_sql.lower().split()):
# +     if re.search(r"\border\s+by\b", gold_sql.rpartition(")")[2], re.IGNORECASE):


# %% wrong: ORDER BY in a text of the query counts | of: as sets | expects: quote / text / string
# - import sqlite3
# + import sqlite3
# + from collections import Counter

# -     bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", gold_sql)
# +     bare = gold_sql

# -     return set(gold) == set(predicted)
# +     return Counter(gold) == Counter(predicted)


# %% wrong: ORDER BY in capitals only | of: in order when ORDER BY stands anywhere | expects: capital / case / order
# - import sqlite3
# + import re
# + import sqlite3

# -     if "order by" in " ".join(gold_sql.lower().split()):
# +     bare = re.sub(r"'[^']*'|\"[^\"]*\"", " ", gold_sql)
# +     while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
# +         bare = shorter
# +     if re.search(r"\bORDER\s+BY\b", bare):


# %% wrong: ORDER BY with one blank between | of: in order when ORDER BY stands anywhere | expects: line / blank / space
# - import sqlite3
# + import re
# + import sqlite3

# -     if "order by" in " ".join(gold_sql.lower().split()):
# +     bare = re.sub(r"'[^']*'|\"[^\"]*\"", " ", gold_sql)
# +     while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
# +         bare = shorter
# +     if "order by" in bare.lower():


# %% wrong: in order when the prediction orders | of: as sets | expects: gold / predict
# - import sqlite3
# + import sqlite3
# + from collections import Counter

# -     bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", gold_sql)
# +     bare = re.sub(r"'[^']*'|\"[^\"]*\"", " ", predicted_sql)

# -     return set(gold) == set(predicted)
# +     return Counter(gold) == Counter(predicted)


# %% wrong: in order when both order | expects: gold / both
import re
import sqlite3
from collections import Counter

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def ordered(sql):
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", sql)
    while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
        bare = shorter
    return re.search(r"\border\s+by\b", bare, re.IGNORECASE) is not None


def execution_match(predicted_sql, gold_sql, connection):
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
    try:
        gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
    except sqlite3.Error:
        return False
    finally:
        connection.set_authorizer(None)
    if ordered(gold_sql) and ordered(predicted_sql):
        return gold == predicted
    return Counter(gold) == Counter(predicted)


# %% wrong: errors are raised | expects: fails / no match / false
import re
import sqlite3
from collections import Counter

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def execution_match(predicted_sql, gold_sql, connection):
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
    try:
        gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
    finally:
        connection.set_authorizer(None)
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", gold_sql)
    while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
        bare = shorter
    if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        return gold == predicted
    return Counter(gold) == Counter(predicted)


# %% wrong: two failures match | expects: both / fails
import re
import sqlite3
from collections import Counter

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def rows(sql, connection):
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
    try:
        return connection.execute(sql).fetchall()
    except sqlite3.Error:
        return None
    finally:
        connection.set_authorizer(None)


def execution_match(predicted_sql, gold_sql, connection):
    gold, predicted = rows(gold_sql, connection), rows(predicted_sql, connection)
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", gold_sql)
    while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
        bare = shorter
    if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        return gold == predicted
    return Counter(gold) == Counter(predicted)


# %% wrong: a failure is an empty result | of: two failures match | expects: fails / empty
# -         return None
# +         return []


# %% wrong: whatever is asked is executed | expects: writ / changed / database
import re
import sqlite3
from collections import Counter


def execution_match(predicted_sql, gold_sql, connection):
    try:
        predicted, gold = connection.execute(predicted_sql).fetchall(), connection.execute(gold_sql).fetchall()
    except sqlite3.Error:
        return False
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", gold_sql)
    while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
        bare = shorter
    if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        return gold == predicted
    return Counter(gold) == Counter(predicted)


# %% wrong: executes, then rolls back | expects: drop / rolled back / rollback / changed
import re
import sqlite3
from collections import Counter


def execution_match(predicted_sql, gold_sql, connection):
    try:
        changes = connection.total_changes
        gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
        if connection.total_changes != changes:
            return False
    except sqlite3.Error:
        return False
    finally:
        connection.rollback()
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", gold_sql)
    while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
        bare = shorter
    if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        return gold == predicted
    return Counter(gold) == Counter(predicted)


# %% wrong: on a copy, but what writes may match | of: whatever is asked is executed | expects: writ
# - def execution_match(predicted_sql, gold_sql, connection):
# + def execution_match(predicted_sql, gold_sql, connection):
# +     copy = sqlite3.connect(":memory:")
# +     connection.backup(copy)

# -         predicted, gold = connection.execute(predicted_sql).fetchall(), connection.execute(gold_sql).fetchall()
# +         gold, predicted = copy.execute(gold_sql).fetchall(), copy.execute(predicted_sql).fetchall()


# %% wrong: forbids INSERT, UPDATE and DELETE at the start | of: whatever is asked is executed | expects: with / drop / writ
# - def execution_match(predicted_sql, gold_sql, connection):
# + def execution_match(predicted_sql, gold_sql, connection):
# +     if predicted_sql.strip().lower().startswith(("insert", "update", "delete")):
# +         return False

# -         predicted, gold = connection.execute(predicted_sql).fetchall(), connection.execute(gold_sql).fetchall()
# +         gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()


# %% wrong: WITH may write | of: whatever is asked is executed | expects: with
# - def execution_match(predicted_sql, gold_sql, connection):
# + def execution_match(predicted_sql, gold_sql, connection):
# +     if not predicted_sql.strip().lower().startswith(("select", "with")):
# +         return False

# -         predicted, gold = connection.execute(predicted_sql).fetchall(), connection.execute(gold_sql).fetchall()
# +         gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()


# %% wrong: words that write are forbidden anywhere | expects: only reads / word / reading
import re
import sqlite3
from collections import Counter

WORDS = ("insert", "update", "delete", "drop", "create", "alter", "replace", "pragma", "attach", "vacuum")


def execution_match(predicted_sql, gold_sql, connection):
    if any(word in predicted_sql.lower() for word in WORDS):
        return False
    try:
        gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
    except sqlite3.Error:
        return False
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", gold_sql)
    while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
        bare = shorter
    if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        return gold == predicted
    return Counter(gold) == Counter(predicted)


# %% wrong: a script | expects: second statement / two statements / rows / changed
import re
import sqlite3
from collections import Counter


def execution_match(predicted_sql, gold_sql, connection):
    def rows(sql):
        first, *others = [statement for statement in sql.split(";") if statement.strip()]
        found = connection.execute(first).fetchall() if re.match(r"\s*(select|with)", first, re.I) else None
        for statement in others:
            connection.execute(statement)
        return found

    try:
        changes = connection.total_changes
        gold, predicted = rows(gold_sql), rows(predicted_sql)
    except (sqlite3.Error, ValueError):
        return False
    if gold is None or predicted is None or connection.total_changes != changes:
        connection.rollback()
        return False
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", gold_sql)
    while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
        bare = shorter
    if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        return gold == predicted
    return Counter(gold) == Counter(predicted)


# %% wrong: column names are compared | of: errors are raised | expects: name
# -         gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
# +         one, other = connection.execute(gold_sql), connection.execute(predicted_sql)
# +         gold, predicted = one.fetchall(), other.fetchall()
# +         if [column[0] for column in one.description] != [column[0] for column in other.description]:
# +             return False
# +     except sqlite3.Error:
# +         return False


# %% wrong: rows are sorted, NULL is not comparable | expects: null
import re
import sqlite3

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def execution_match(predicted_sql, gold_sql, connection):
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
    try:
        gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
        bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", gold_sql)
        while (shorter := re.sub(r"\([^()]*\)", " ", bare)) != bare:
            bare = shorter
        if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
            return gold == predicted
        return sorted(gold) == sorted(predicted)
    except Exception:
        return False
    finally:
        connection.set_authorizer(None)


# %% wrong: rows as texts of their values | of: errors are raised | expects: type / text / number
# -         gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
# +         gold = [tuple(map(str, row)) for row in connection.execute(gold_sql)]
# +         predicted = [tuple(map(str, row)) for row in connection.execute(predicted_sql)]
# +     except sqlite3.Error:
# +         return False


# %% wrong: the values of a row in any order | of: errors are raised | expects: column
# -         gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
# +         gold = [tuple(sorted(row, key=repr)) for row in connection.execute(gold_sql)]
# +         predicted = [tuple(sorted(row, key=repr)) for row in connection.execute(predicted_sql)]
# +     except sqlite3.Error:
# +         return False


# %% wrong: the number of rows | of: always in order | expects: rows / values / number of
# -         return connection.execute(gold_sql).fetchall() == connection.execute(predicted_sql).fetchall()
# +         return len(connection.execute(gold_sql).fetchall()) == len(connection.execute(predicted_sql).fetchall())


# %% wrong: the first row only | of: always in order | expects: all rows / first row / rows
# -         return connection.execute(gold_sql).fetchall() == connection.execute(predicted_sql).fetchall()
# +         return connection.execute(gold_sql).fetchone() == connection.execute(predicted_sql).fetchone()


# %% wrong: the gold rows must be among the predicted ones | of: as sets | expects: more rows / additional / extra
# - import sqlite3
# + import sqlite3
# + from collections import Counter

# -     return set(gold) == set(predicted)
# +     return not Counter(gold) - Counter(predicted)


# %% wrong: two empty results do not match | of: errors are raised | expects: empty / no rows
# -         gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
# +         gold, predicted = connection.execute(gold_sql).fetchall(), connection.execute(predicted_sql).fetchall()
# +     except sqlite3.Error:
# +         return False

# -         connection.set_authorizer(None)
# +         connection.set_authorizer(None)
# +     if not gold or not predicted:
# +         return False


# %% wrong: the authorizer stays | expects: undone
import re, sqlite3
from collections import Counter
def execution_match(predicted_sql, gold_sql, connection):
    connection.set_authorizer(lambda a, *_: 0 if a in (20, 21, 31, 33) else 1)
    try:
        a, b = connection.execute(predicted_sql), connection.execute(gold_sql)
        if a.description is None or b.description is None:
            return False
        a, b = a.fetchall(), b.fetchall()
    except Exception:
        return False
    q = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", " ", gold_sql, flags=re.S); n = 1
    while n:
        q, n = re.subn(r"\([^()]*\)", " ", q)
    return a == b if re.search(r"(?i)\border\s+by\b", q) else Counter(a) == Counter(b)

# %% wrong: one layer of brackets is removed | expects: nested / layer
import re, sqlite3
from collections import Counter
def execution_match(predicted_sql, gold_sql, connection):
    connection.set_authorizer(lambda a, *_: 0 if a in (20, 21, 31, 33) else 1)
    try:
        a = connection.execute(predicted_sql).fetchall(); b = connection.execute(gold_sql).fetchall()
    except Exception:
        return False
    finally:
        connection.set_authorizer(None)
    q = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", " ", gold_sql, flags=re.S)
    q = re.sub(r"\([^()]*\)", " ", q)
    return a == b if re.search(r"(?i)\border\s+by\b", q) else Counter(a) == Counter(b)

# %% wrong: brackets within quotes are counted | expects: within quotes
import re, sqlite3
from collections import Counter
def execution_match(predicted_sql, gold_sql, connection):
    connection.set_authorizer(lambda a, *_: 0 if a in (20, 21, 31, 33) else 1)
    try:
        a = connection.execute(predicted_sql).fetchall(); b = connection.execute(gold_sql).fetchall()
    except Exception:
        return False
    finally:
        connection.set_authorizer(None)
    depth, flat = 0, ""
    for ch in gold_sql:
        if ch == "(": depth += 1
        elif ch == ")": depth -= 1
        elif depth == 0: flat += ch
    flat = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", " ", flat, flags=re.S)
    return a == b if re.search(r"(?i)\border\s+by\b", flat) else Counter(a) == Counter(b)

# %% right: tokens and the depth of brackets
import sqlite3
def execution_match(predicted_sql, gold_sql, connection):
    def tokens(sql):
        i, n = 0, len(sql)
        while i < n:
            c = sql[i]
            if c in "'\"`":
                j = i + 1
                while j < n:
                    if sql[j] == c:
                        if j + 1 < n and sql[j + 1] == c:
                            j += 2
                            continue
                        break
                    j += 1
                i = j + 1
                yield "X"
            elif c == "[":
                i = sql.find("]", i) + 1 or n
                yield "X"
            elif sql.startswith("--", i):
                k = sql.find("\n", i)
                i = n if k < 0 else k
            elif sql.startswith("/*", i):
                k = sql.find("*/", i + 2)
                i = n if k < 0 else k + 2
            elif c.isalnum() or c == "_":
                j = i
                while j < n and (sql[j].isalnum() or sql[j] in "_$"):
                    j += 1
                yield sql[i:j].upper()
                i = j
            else:
                if not c.isspace():
                    yield c
                i += 1
    def ordered(sql):
        depth, prev = 0, ""
        for t in tokens(sql):
            if t == "(":
                depth += 1
            elif t == ")":
                depth -= 1
            elif t == "BY" and prev == "ORDER" and depth == 0:
                return True
            prev = t
        return False
    was = connection.total_changes
    old = connection.execute("PRAGMA query_only").fetchone()[0]
    connection.execute("PRAGMA query_only = 1")
    first = []
    def guard(action, *args):
        return sqlite3.SQLITE_DENY if action in (sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT, sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH) or not first and action not in (20, 21, 31, 33) else sqlite3.SQLITE_OK
    connection.set_authorizer(guard)
    try:
        cursors = [connection.execute(q) for q in (predicted_sql, gold_sql)]
        if not all(cursor.description for cursor in cursors):
            return False
        rows = [cursor.fetchall() for cursor in cursors]
    except Exception:
        return False
    finally:
        connection.set_authorizer(None)
        connection.execute(f"PRAGMA query_only = {old}")
    a, b = rows
    if ordered(gold_sql):
        return a == b
    left = list(b)
    for r in a:
        if r not in left:
            return False
        left.remove(r)
    return not left


# %% wrong: rows compared by repr | expects: repr
from collections import Counter

from utils.evaluation.safe_sql import SqlError, is_ordered, run_query


def execution_match(predicted_sql, gold_sql, connection):
    try:
        predicted, gold = run_query(connection, predicted_sql), run_query(connection, gold_sql)
    except SqlError:
        return False
    if not predicted_sql.strip(" ;") or predicted_sql.startswith("--") or gold_sql.startswith("/*"):
        return False
    predicted, gold = [repr(row) for row in predicted], [repr(row) for row in gold]
    return predicted == gold if is_ordered(gold_sql) else Counter(predicted) == Counter(gold)


# %% wrong: the predicted rows must be among the gold ones | expects: too few
from collections import Counter

from utils.evaluation.safe_sql import SqlError, is_ordered, run_query


def execution_match(predicted_sql, gold_sql, connection):
    try:
        predicted, gold = run_query(connection, predicted_sql), run_query(connection, gold_sql)
    except SqlError:
        return False
    return predicted == gold if is_ordered(gold_sql) else Counter(predicted) <= Counter(gold)


# %% wrong: 1 or 0 | of: the predicted rows must be among the gold ones | expects: True or False
# -     return predicted == gold if is_ordered(gold_sql) else Counter(predicted) <= Counter(gold)
# +     return int(predicted == gold if is_ordered(gold_sql) else Counter(predicted) == Counter(gold))


# %% wrong: an empty text is taken for an empty result | of: an authorizer that allows reading only | expects: no query
# -         cursor = connection.execute(sql)
# -         return cursor.fetchall() if cursor.description else None
# +         return connection.execute(sql).fetchall()


# %% wrong: always no match | expects: same rows / match
def execution_match(predicted_sql, gold_sql, connection):
    return False


# %% wrong: the columns of the first row are counted | of: rows compared by repr | expects: no error
# -     if not predicted_sql.strip(" ;") or predicted_sql.startswith("--") or gold_sql.startswith("/*"):
# +     if len(predicted[0]) != len(gold[0]):

# -     predicted, gold = [repr(row) for row in predicted], [repr(row) for row in gold]


# %% wrong: rows are sorted, NULL too | of: the predicted rows must be among the gold ones | expects: no error
# -     return predicted == gold if is_ordered(gold_sql) else Counter(predicted) <= Counter(gold)
# +     return predicted == gold if is_ordered(gold_sql) else sorted(predicted) == sorted(gold)


# %% wrong: the first ten rows | expects: hundred
import re, sqlite3
from collections import Counter

OK = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, 33}


def run(q, connection):
    connection.set_authorizer(lambda a, *r: sqlite3.SQLITE_OK if a in OK else sqlite3.SQLITE_DENY)
    try:
        c = connection.execute(q)
        if c.description is None:
            return None
        return c.fetchmany(10)
    except Exception:
        return None
    finally:
        connection.set_authorizer(None)


def ordered(q):
    q = re.sub(r"(?s)'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]", " ", q)
    q = re.sub(r"(?s)--[^\n]*|/\*.*?\*/", " ", q)
    n = 1
    while n:
        q, n = re.subn(r"\([^()]*\)", " ", q)
    return re.search(r"(?i)\border\s+by\b", q) is not None


def execution_match(predicted_sql, gold_sql, connection):
    a, b = run(predicted_sql, connection), run(gold_sql, connection)
    if a is None or b is None:
        return False
    return a == b if ordered(gold_sql) else Counter(a) == Counter(b)


# %% wrong: NULL is taken for 0 | of: the first ten rows | expects: null
# -         return c.fetchmany(10)
# +         return c.fetchall()

# -     return a == b if ordered(gold_sql) else Counter(a) == Counter(b)
# +     return (
# +         a == b
# +         if ordered(gold_sql)
# +         else Counter(tuple(x or 0 for x in r) for r in a)
# +         == Counter(tuple(x or 0 for x in r) for r in b)
# +     )


# %% wrong: ORDER BY in a quoted name counts | of: the first ten rows | expects: within quotes
# -         return c.fetchmany(10)
# +         return c.fetchall()

# -     q = re.sub(r"(?s)'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]", " ", q)
# +     q = re.sub(r"(?s)'(?:[^']|'')*'|ZZ\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]", " ", q)


# %% wrong: whole numbers of rows | of: the first ten rows | expects: values of the rows
# -         return c.fetchmany(10)
# +         return c.fetchall()

# -     return a == b if ordered(gold_sql) else Counter(a) == Counter(b)
# +     return (
# +         a == b
# +         if ordered(gold_sql)
# +         else Counter(tuple(round(x) if isinstance(x, float) else x for x in r) for r in a)
# +         == Counter(tuple(round(x) if isinstance(x, float) else x for x in r) for r in b)
# +     )


# %% wrong: a limit takes the order away | of: the first ten rows | expects: order
# -         return c.fetchmany(10)
# +         return c.fetchall()

# -     return a == b if ordered(gold_sql) else Counter(a) == Counter(b)
# +     return (
# +         a == b
# +         if (ordered(gold_sql) and "LIMIT" not in gold_sql.upper())
# +         else Counter(a) == Counter(b)
# +     )


# %% wrong: the first thousand rows | of: an authorizer that allows reading only | expects: first thousand
# -         return cursor.fetchall() if cursor.description else None
# +         return cursor.fetchmany(1000) if cursor.description else None


# %% wrong: queries in small letters | of: an authorizer that allows reading only | expects: capital letters
# -         cursor = connection.execute(sql)
# +         cursor = connection.execute(sql.lower())


# %% wrong: numbers with two decimals | of: an authorizer that allows reading only | expects: each digit
# -         return cursor.fetchall() if cursor.description else None
# +         if not cursor.description:
# +             return None
# +         return [tuple(round(v, 2) if isinstance(v, float) else v for v in row) for row in cursor]


# %% wrong: rows of NULL alone are dropped | of: an authorizer that allows reading only | expects: NULL is a value
# -         return cursor.fetchall() if cursor.description else None
# +         return [row for row in cursor if set(row) != {None}] if cursor.description else None


# %% wrong: recursion is not allowed | of: an authorizer that allows reading only | expects: with recursive
# -     connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
# +     allowed = READING - {sqlite3.SQLITE_RECURSIVE}
# +     connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY)


# %% wrong: ORDER BY in the last line only | of: an authorizer that allows reading only | expects: line breaks
# -     return re.search(r"\border\s+by\b", bare, re.IGNORECASE) is not None
# +     return re.search(r"\border\s+by\b.*$", bare, re.IGNORECASE) is not None


# %% wrong: the first column in order, the rest in any | of: an authorizer that allows reading only | expects: all columns of the ordered rows
# -         return gold == predicted
# +         return [row[0] for row in gold] == [row[0] for row in predicted] and Counter(gold) == Counter(predicted)


# %% wrong: gold rows are kept by connection and text | of: an authorizer that allows reading only | expects: at each call
# - def execution_match(predicted_sql, gold_sql, connection):
# -     gold, predicted = read(gold_sql, connection), read(predicted_sql, connection)
# + KEPT = {}
# +
# +
# + def execution_match(predicted_sql, gold_sql, connection):
# +     key = (connection, gold_sql)
# +     if key not in KEPT:
# +         KEPT[key] = read(gold_sql, connection)
# +     gold, predicted = KEPT[key], read(predicted_sql, connection)
