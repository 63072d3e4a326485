"""Text-to-SQL on the miniature world: its facts as a SQLite database, questions in words, gold queries.

Most questions have several right queries. Which of them is the gold one is drawn at random, as it is in collections
that people wrote: so text match has a ceiling that execution match has not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from utils.decoding.checked import checked
from utils.world import World, common
from utils.world.draws import Draws

PERSON_COLUMNS = ("name", "birthplace", "home", "trade", "animal", "instrument", "teacher", "year")
TOWN_COLUMNS = ("name", "region", "river", "goods", "founded")


@dataclass(frozen=True)
class SqlTask:
    """A question and one of its right queries; `others` are the further ones that the author could have written."""

    question: str
    sql: str
    others: tuple[str, ...]
    family: str


@checked
def world_database(world: World) -> sqlite3.Connection:
    """Return an in-memory database with the tables people and towns, all facts of the world in them."""
    connection = sqlite3.connect(":memory:")
    for table, subjects, columns, facts in (
        ("people", [person.name for person in world.people], PERSON_COLUMNS, world.facts),
        ("towns", list(world.towns), TOWN_COLUMNS, world.town_facts),
    ):
        typed = ", ".join(f"{c} {'INTEGER' if c in ('year', 'founded') else 'TEXT'}" for c in columns)
        connection.execute(f"CREATE TABLE {table} ({typed})")
        values = {(fact.subject, fact.relation): fact.value for fact in facts}
        rows = [(subject, *(values.get((subject, column)) for column in columns[1:])) for subject in subjects]
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.commit()
    return connection


# Wordings, and right queries; the first is the plainest.
_FAMILIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "count": (
        ("How many people live in {town}?", "How many have a house in {town}?"),
        ("SELECT count(*) FROM people WHERE home = '{town}'", "SELECT count(name) FROM people WHERE home = '{town}'"),
    ),
    "two conditions": (
        ("Who lives in {town} and works as a {trade}?", "Which {trade} lives in {town}?"),
        (
            "SELECT name FROM people WHERE home = '{town}' AND trade = '{trade}'",
            "SELECT name FROM people WHERE trade = '{trade}' AND home = '{town}'",
        ),
    ),
    "comparison": (
        ("Who of {town} was born before the year {year}?", "Who lives in {town} and was born before the year {year}?"),
        (
            "SELECT name FROM people WHERE home = '{town}' AND year < {year}",
            "SELECT name FROM people WHERE year < {year} AND home = '{town}'",
        ),
    ),
    "distinct": (
        ("What trade is there in {town}?", "By what trade can people in {town} earn a living?"),
        (
            "SELECT DISTINCT trade FROM people WHERE home = '{town}'",
            "SELECT trade FROM people WHERE home = '{town}' GROUP BY trade",
        ),
    ),
    "groups": (
        ("How many people of every town play the {instrument}?", "In every town, how many play the {instrument}?"),
        (
            "SELECT home, count(*) FROM people WHERE instrument = '{instrument}' GROUP BY home",
            "SELECT home, count(name) FROM people WHERE instrument = '{instrument}' GROUP BY home",
        ),
    ),
    "oldest": (
        ("Who of {town} is the oldest?", "Who was born first of all in {town}?"),
        (
            "SELECT name FROM people WHERE home = '{town}' AND year IS NOT NULL ORDER BY year, name LIMIT 1",
            "SELECT name FROM people WHERE home = '{town}' AND year > 0 ORDER BY year, name LIMIT 1",
        ),
    ),
    "two tables": (
        ("Who lives in a town where {goods} is sold?", "Who has a house in a town that sells {goods}?"),
        (
            "SELECT name FROM people WHERE home IN (SELECT name FROM towns WHERE goods = '{goods}')",
            "SELECT people.name FROM people JOIN towns ON home = towns.name WHERE goods = '{goods}'",
        ),
    ),
    "towns": (
        ("Which town lies on the river {river}?", "What town stands on the river {river}?"),
        ("SELECT name FROM towns WHERE river = '{river}'", "SELECT DISTINCT name FROM towns WHERE river = '{river}'"),
    ),
}  # fmt: skip
SQL_FAMILIES = tuple(_FAMILIES)


@checked
def draw_sql_tasks(world: World, n: int, seed: int = 0, unseen: bool = False) -> list[SqlTask]:
    """Draw n questions with gold queries that give at least one row.

    Args:
        world: whose facts are asked about.
        n: how many.
        seed: of the draws.
        unseen: ask about every fifth town, trade and so on only; otherwise about all others. So questions for testing
            share no value with questions for training.

    Raises:
        ValueError: n is below 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    draws = Draws(world.options.seed, "sql", seed, int(unseen))

    def asked(names: Sequence[str]) -> set[str]:
        return {name for place, name in enumerate(sorted(names)) if (place % 5 == 0) == unseen}

    homes, trades = asked(world.towns), asked(common.TRADES)
    instruments, goods = asked(common.INSTRUMENTS), asked(common.GOODS)
    rivers = asked(world.entities.names["river"])
    people: dict[str, dict[str, str]] = {}
    for fact in world.facts:
        people.setdefault(fact.subject, {})[fact.relation] = fact.value
    towns: dict[str, dict[str, str]] = {}
    for fact in world.town_facts:
        towns.setdefault(fact.subject, {})[fact.relation] = fact.value
    sold_at_home = {facts["home"] for facts in people.values()}
    # Values come from somebody's facts, so that no question has an empty answer, which wrong queries would share.
    persons = [facts for facts in people.values() if facts["home"] in homes and facts["trade"] in trades]
    places = [facts for name, facts in towns.items() if facts["river"] in rivers]
    markets = [facts for name, facts in towns.items() if facts["goods"] in goods and name in sold_at_home]
    tasks = []
    for _ in range(n):
        family = draws.pick(SQL_FAMILIES)
        wordings, queries = _FAMILIES[family]
        person = draws.pick(persons)
        values = {
            "town": person["home"],
            "trade": person["trade"],
            "year": int(person["year"]) + draws.between(1, 40),
            "instrument": draws.pick(sorted(instruments)),
            "goods": draws.pick(markets)["goods"],
            "river": draws.pick(places)["river"],
        }
        filled = [query.format(**values) for query in queries]
        gold = draws.below(len(filled))
        others = tuple(query for place, query in enumerate(filled) if place != gold)
        tasks.append(SqlTask(draws.pick(wordings).format(**values), filled[gold], others, family))
    return tasks


def sql_pattern() -> str:
    """Return a regular expression of queries over the two tables: every text of it is valid SQL for the database."""
    word = "'[A-Za-z]+'"

    def condition(columns: tuple[str, ...], number: str) -> str:
        texts = "|".join(column for column in columns if column != number)
        return rf"((({texts}) = {word})|{number} [<>] \d{{1,3}}|{number} IS NOT NULL)"

    person = condition(PERSON_COLUMNS, "year")
    town = condition(TOWN_COLUMNS, "founded")
    columns = "|".join(PERSON_COLUMNS)
    inner = rf"home IN \(SELECT name FROM towns WHERE {town}\)"
    what = rf"(count\((\*|name)\)|(DISTINCT )?({columns})|({columns}), count\((\*|name)\))"
    where = rf" WHERE ({person}|{inner})( AND {person})?"
    people = rf"SELECT {what} FROM people({where})?( GROUP BY ({columns}))?( ORDER BY year, name)?( LIMIT 1)?"
    towns = rf"SELECT (DISTINCT )?({'|'.join(TOWN_COLUMNS)}) FROM towns( WHERE {town})?"
    joined = rf"SELECT people\.name FROM people JOIN towns ON home = towns\.name WHERE (region|river|goods) = {word}"
    return f"({people}|{towns}|{joined})"
