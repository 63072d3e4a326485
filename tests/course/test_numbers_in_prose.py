"""Text states no results by hand: a number is a premise, a fact of a table, a value of the code, or worked out here.

What an experiment found belongs to its verdict, which is computed; a figure typed into the prose stays when the result
changes. So each number that could be a result (a decimal, a percentage, a factor) must stand in the notebook's code or
in `datasets/tables`. Paragraphs that state a claim, a measurement, a control or a rule stand before the run and are
left out. What prose works out itself is worked out in `WORKED_OUT` again.
"""

from __future__ import annotations

import ast
import csv
import math
import re
from collections.abc import Callable, Iterator

import nbformat
import pytest

from utils.course.inserted import state_what_it_takes
from utils.course.measure import read_measured
from utils.course.notebooks import Topic, course_root, topics
from utils.text.tables import load_table

ROOT = course_root()
NUMBER = re.compile(
    r"(?<![\w.,^])(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?:e(?P<exponent>\d+))?"
    r"(?P<unit>\s?%|\spercent\b|\stimes\b)?"
)
NOT_PROSE = re.compile(
    r"```.*?```|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|\]\([^)]*\)|\d{4}\.\d{4,5}|(?:Llama|GPT)[- ]\d(?:\.\d)?", re.DOTALL
)
PREMISES = re.compile(r"\*\*(?:Claim|Measurement|Controls?|Rule)\.\*\*")


def llama_parameters(heads_of_keys: int, d_ff: int, row: str = "Llama 2-70B") -> float:
    """Parameters of a model of `llama_dimensions`, in billions, with a gated MLP and untied embeddings."""
    model = next(one for one in load_table("llama_dimensions") if one["model"] == row)
    width, layers = int(model["d_model"]), int(model["n_layers"])
    keys = width // int(model["n_heads"]) * heads_of_keys
    layer = 2 * width * (width + keys) + 3 * width * d_ff + 2 * width
    return (layers * layer + 2 * int(model["vocab_size"]) * width + width) / 1e9


def fisher(first: int, second: int, of: int) -> float:
    """Two-sided p of Fisher's exact test of two groups of equal size."""
    total = first + second
    ways = [math.comb(of, one) * math.comb(of, total - one) for one in range(max(0, total - of), min(of, total) + 1)]
    return sum(one for one in ways if one <= math.comb(of, first) * math.comb(of, second)) / sum(ways)


def mixtral() -> tuple[float, float]:
    """Billions of parameters of Mixtral 8x7B in one expert, and in what all share (Jiang et al., 2024, Table 1)."""
    width, layers, d_ff, keys, vocabulary = 4096, 32, 14336, 1024, 32000
    rest = layers * (2 * width * (width + keys) + 8 * width + 2 * width) + 2 * vocabulary * width + width
    return layers * 3 * width * d_ff / 1e9, rest / 1e9


def punjabi() -> float:
    """Punjabi's share of the crawl, in percent."""
    rows = load_table("under_represented_languages")
    return float(next(one["share_percent"] for one in rows if one["language"] == "Punjabi"))


WORKED_OUT: dict[tuple[str, str], Callable[[], float]] = {
    ("01", "0.006%"): punjabi,
    ("01", "99.5%"): lambda: 100 * (1 - 1 / 200),
    ("01", "0.27"): lambda: fisher(6, 3, 7),
    ("02", "0.33"): lambda: 2 * 80 * 8 * 128 * 2 / 1e6,
    ("02", "2.6"): lambda: 2 * 80 * 8 * 128 * 2 * 8000 / 1e9,
    ("03", "55.9"): lambda: llama_parameters(8, 22016),
    ("03", "65.3"): lambda: llama_parameters(64, 22016),
    ("03", "8.03"): lambda: llama_parameters(8, 14336, "Llama 3-7B"),
    ("03", "5.6"): lambda: mixtral()[0],
    ("03", "1.6"): lambda: mixtral()[1],
    ("03", "0.75"): lambda: 1 - 2 / 8,
    ("06", "0.745"): lambda: 0.85**2 + 0.15**2,
    ("08", "99.99%"): lambda: 100 * (1 - 1 / 10 * 1 / 1000),
    ("07", "0.27"): lambda: 1 / (1 + math.e),
    ("07", "0.73"): lambda: 1 / (1 + math.exp(-1)),
    ("07", "0.12"): lambda: 1 / (1 + math.exp(2)),
    ("07", "0.88"): lambda: 1 / (1 + math.exp(-2)),
    ("07", "73%"): lambda: 100 / (1 + math.exp(-1)),
    ("07", "88%"): lambda: 100 / (1 + math.exp(-2)),
    ("07", "0.006"): lambda: 0.2 * 0.1 * 0.3,
}


def numbers(text: str) -> Iterator[tuple[str, float, bool]]:
    """Yield what could be a result: how it is written, its value, and whether it is a percentage."""
    for match in NUMBER.finditer(NOT_PROSE.sub(" ", text)):
        written, unit = match["number"], (match["unit"] or "").strip()
        if "." in written or unit:
            percent = unit in ("%", "percent")
            value = float(f"{written.replace(',', '')}e{match['exponent'] or 0}")
            yield (f"{written}%" if percent else written), value, percent


def table_values() -> set[float]:
    values = set()
    for path in sorted((ROOT / "datasets" / "tables").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for cell in (cell for row in csv.reader(file) for cell in row):
                try:
                    values.add(float(cell))
                except ValueError:
                    continue
    return values


def code_values(notebook: nbformat.NotebookNode) -> set[float]:
    values = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if not line.lstrip().startswith(("%", "!"))]
            for node in ast.walk(ast.parse("\n".join(lines))):
                if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
                    values.add(float(node.value))
    return values


def stated_by_the_build(number: str) -> str:
    """Return what the first cell says of time and memory, from the measurement."""
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("")])
    state_what_it_takes(node, read_measured(ROOT).get(number, {}))
    return node.cells[0].source.strip()


def unheld(number: str, text: str, held: set[float]) -> list[str]:
    """Return the numbers of a text that nothing holds, each with the words before it."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        if PREMISES.search(paragraph):
            continue
        for written, value, percent in numbers(paragraph):
            spellings = {value, round(value / 100, 10)} if percent else {value}
            worked_out = WORKED_OUT.get((number, written))
            if spellings & held or (worked_out and agrees(written, worked_out())):
                continue
            found.append(f"{written}: ...{paragraph[max(0, paragraph.find(written.rstrip('%')) - 60) :][:100]!r}")
    return found


def agrees(written: str, value: float) -> bool:
    digits = written.rstrip("%").replace(",", "")
    return round(value, len(digits.partition(".")[2])) == float(digits)


@pytest.mark.parametrize("topic", topics(ROOT), ids=lambda topic: topic.number)
def test_every_number_in_prose_stands_in_the_code_or_in_a_table_or_is_worked_out(topic: Topic) -> None:
    notebook = nbformat.read(topic.source, as_version=4)
    held = table_values() | code_values(notebook)
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    prose[0] = prose[0].replace(stated_by_the_build(topic.number), "")
    faults = [fault for text in prose for fault in unheld(topic.number, text, held)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("written", sorted(WORKED_OUT), ids=" ".join)
def test_what_prose_works_out_is_right(written: tuple[str, str]) -> None:
    assert agrees(written[1], WORKED_OUT[written]())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The loss falls by 0.041 nats.", ["0.041"]),
        ("Masked answers are right 2.7 times as often, in 83% of the cases.", ["2.7", "83%"]),
        ("It is 12 times as fast.", ["12"]),
        ("**Claim.** In 70% of the cases it holds.", []),
        ("Code `0.37`, a formula $x^{0.37}$, and arXiv:2304.05613 are no results.", []),
        ("The share is 0.5, or 50%, with 3 heads.", []),
    ],
)
def test_a_result_typed_into_the_text_is_found(text: str, found: list[str]) -> None:
    assert [fault.split(":")[0] for fault in unheld("01", text, {0.5})] == found
