from __future__ import annotations

from pathlib import Path

import pytest

from utils.course.website.links import Address, relink

PAGES = {"docs/grading.md": "guides/grading", "CONTRIBUTING.md": "guides/contributing"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in ("docs/grading.md", "CONTRIBUTING.md", "LICENSE"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("see [how](grading.md#limits)", "see [how](grading.md#limits)"),
        ("see [how](../CONTRIBUTING.md)", "see [how](contributing.md)"),
        ("[law](../LICENSE)", "[law](https://github.com/somebody/course/blob/main/LICENSE)"),
        ("[web](https://x.example/a.md)", "[web](https://x.example/a.md)"),
        ("[here](#below)", "[here](#below)"),
        ("in code `[a](b.md)` stays", "in code `[a](b.md)` stays"),
        ("```\n[a](b.md)\n```\n", "```\n[a](b.md)\n```\n"),
        (
            "    [a](b.md)\n\n[law](../LICENSE)",
            "    [a](b.md)\n\n[law](https://github.com/somebody/course/blob/main/LICENSE)",
        ),
    ],
)
def test_a_link_leads_to_the_page_or_the_repository(repository: Path, address: Address, text: str, wanted: str) -> None:
    assert relink(text, "docs/exercises.md", "guides/exercises", PAGES, repository, address) == wanted


@pytest.mark.parametrize("target", ["nowhere.md", "../../etc/passwd"])
def test_a_link_that_leads_nowhere_is_refused_by_name(repository: Path, address: Address, target: str) -> None:
    with pytest.raises(ValueError, match=target):
        relink(f"[x]({target})", "docs/exercises.md", "guides/exercises", PAGES, repository, address)


def test_a_notebook_opens_in_colab_from_the_repository(address: Address) -> None:
    wanted = "https://colab.research.google.com/github/somebody/course/blob/main/notebooks/a.ipynb"
    assert address.colab("notebooks/a.ipynb") == wanted
