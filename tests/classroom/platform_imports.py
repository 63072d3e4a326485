"""What Canvas and Moodle do with a file of grades, written after their own importers."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path


def canvas_import(
    path: Path, people: Mapping[str, tuple[str, str]], assignments: Mapping[str, str]
) -> dict[tuple[str, str], float]:
    """Read a file as Canvas's GradebookImporter does.

    Args:
        path: the file.
        people: SIS User ID and SIS Login ID by ID.
        assignments: names by ID.

    Returns:
        Grades by (learner's ID, assignment's ID).
    """
    text = path.read_text(encoding="utf-8-sig")
    separator = ";" if text.splitlines()[0].count(";") > text.splitlines()[0].count(",") else ","
    header, *lines = csv.reader(text.splitlines(), delimiter=separator)
    at = 2 if header[:2] == ["LastName", "FirstName"] else 1
    assert at == 2 or header[0] == "Student", "Canvas refuses the header"
    assert header[at] == "ID", "Canvas refuses the header"
    for optional in ("SIS User ID", "SIS Login ID", "Root Account", "Integration ID", "Section"):
        at += header[at + 1 : at + 2] == [optional]
    columns = {}
    for place, title in enumerate(header[at + 1 :], at + 1):
        found = re.match(r"^(.*)\((\d+)\)\s*$", title)
        assert found, f"Canvas would make a new assignment of {title!r}"
        assert found[2] in assignments, f"Canvas knows no assignment {found[2]}"
        columns[place] = found[2]
    grades: dict[tuple[str, str], float] = {}
    by_sis, by_login = {p[0]: i for i, p in people.items() if p[0]}, {p[1]: i for i, p in people.items() if p[1]}
    for line in lines:
        if "Points Possible" in line[0]:
            continue
        row = dict(zip(header, line, strict=True))
        ident = row["ID"] if row["ID"] in people else by_sis.get(row["SIS User ID"])
        ident = ident or by_login.get(row["SIS Login ID"])
        assert ident, f"Canvas does not find {line[0]!r}"
        for place, assignment in columns.items():
            if line[place].strip():
                assert (ident, assignment) not in grades, f"Canvas refuses two lines for {ident}"
                grades[ident, assignment] = float(line[place])
    return grades


def moodle_worksheet_import(path: Path, separator: str) -> dict[str, float]:
    """Read a file as Moodle's "Upload grading worksheet" does: by the number in Identifier, from the column Grade."""
    grades: dict[str, float] = {}
    with path.open(newline="", encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream, delimiter=separator):
            found = re.match(r"^Participant\s*(\d+)$", row["Identifier"])
            assert found, f"Moodle does not find {row['Identifier']!r}"
            assert found[1] not in grades
            if row["Grade"] not in ("", "-"):
                assert 0 <= float(row["Grade"]) <= float(row["Maximum Grade"].replace(",", "."))
                grades[found[1]] = float(row["Grade"])
    return grades


def moodle_gradebook_import(
    path: Path, separator: str, user_column: str, grade_column: str, users: set[str]
) -> dict[str, float]:
    """Read a file as Moodle's "Grades, Import, CSV file" does; one line that fits nobody stops it as a whole."""
    grades: dict[str, float] = {}
    with path.open(newline="", encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream, delimiter=separator):
            assert row[user_column] in users, f"Moodle does not find {row[user_column]!r}, and imports nothing"
            if row[grade_column] not in ("", "-"):
                grades[row[user_column]] = float(row[grade_column])
    return grades
