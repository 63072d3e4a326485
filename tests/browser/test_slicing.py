"""Which cells a cell needs."""

from tests.browser.slicing import needed_cells

CELLS = [
    "",
    "from course import setup, show\nbudget = setup()",
    "import math\nsize = math.pi",
    "unused = 1",
    "def area(radius):\n    unused = radius\n    return size * unused**2",
    "from course import show\nlong_run = [area(n) for n in range(10**9)]",
    "size = 3",
    "show(area(2), [unused for unused in range(3)])",
]


def test_a_cell_needs_what_binds_its_names_and_what_those_need() -> None:
    assert needed_cells(CELLS, 7) == [1, 2, 4, 6, 7]
    assert needed_cells(CELLS, 5) == [1, 2, 4, 5]


def test_the_first_cell_that_has_code_is_always_needed() -> None:
    assert needed_cells(CELLS, 3) == [1, 3]
