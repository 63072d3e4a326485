"""Write the table of recorded runs into datasets/README.md, from the records themselves.

python scripts/list_runs.py [--check]
"""

from __future__ import annotations

import re
import sys

from utils.experiments.recording.record import read_record
from utils.paths import datasets_dir

README = datasets_dir() / "README.md"
HEAD = "| record | runs | minutes of one core | outcome | what |\n|---|---:|---:|---|---|\n"


def table() -> str:
    """Return the table: one line for each record under datasets/runs."""
    lines = []
    for path in sorted((datasets_dir() / "runs").glob("*/row-*.json")):
        record = read_record(path.parent.name, int(path.stem.removeprefix("row-")))
        runs, minutes = sum(map(len, record.results.values())), record.seconds / 60
        name = f"`{path.parent.name}/{path.stem}`"
        lines.append(f"| {name} | {runs} | {minutes:.0f} | {record.outcome} | {record.title} |\n")
    return HEAD + "".join(lines)


def with_table(text: str) -> str:
    """Return the README's text with the table as it should be.

    Raises:
        ValueError: the text has no table of records.
    """
    found = re.search(r"\| record \|.*\n(?:\|.*\n)*", text)
    if not found:
        raise ValueError(f"{README} has no table that begins with '| record |'")
    return text[: found.start()] + table() + text[found.end() :]


def main(arguments: list[str]) -> int:
    """Write the table, or with --check say whether it is up to date."""
    before = README.read_text(encoding="utf-8")
    after = with_table(before)
    if arguments == ["--check"]:
        if after != before:
            print("datasets/README.md lists other runs than there are: run `python scripts/list_runs.py`")
        return int(after != before)
    README.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
