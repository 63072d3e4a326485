from __future__ import annotations

from pathlib import Path

import pytest

from utils.course.errors import CourseError
from utils.course.notebooks import Topic
from utils.course.website.notebook_list import notebook_list

README = """\
| notebook | about | Colab |
|---|---|---|
| [07 Samplers](notebooks/07_samplers/07_samplers.ipynb) | from logits to text | [![Open](badge)](there) |
"""


def test_a_notebook_is_listed_with_what_the_readme_says(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(README)
    text = notebook_list(tmp_path, [Topic(tmp_path, "07_samplers")])
    assert text == "[07 Samplers](notebooks/07_samplers.ipynb)\n: From logits to text.\n"


def test_a_notebook_that_the_readme_leaves_out_is_named(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(README)
    with pytest.raises(CourseError, match="notebook 08"):
        notebook_list(tmp_path, [Topic(tmp_path, "08_structured_outputs")])
