"""The whole site, built once: links, pictures, weight, and every page in a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest
from bs4 import BeautifulSoup

from tests.chromium import chromium
from tests.website.chromium import DESK, PHONE, violations
from utils.course.notebooks import read_notebook, topics
from utils.course.website.assemble import build
from utils.course.website.reference import PACKAGES

pytestmark = pytest.mark.slow
HEAVIEST = 2_000_000
"""Bytes of a page with all that it loads."""

Pages = dict[str, BeautifulSoup]


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of pages. Sphinx's warnings are errors. COURSE_SITE names a folder that `course site` filled."""
    pytest.importorskip("sphinx", reason="needs sphinx")
    if os.environ.get("COURSE_SITE"):
        return Path(os.environ["COURSE_SITE"]).resolve()
    return build(root, tmp_path_factory.mktemp("site")).parent


@pytest.fixture(scope="module")
def pages(site: Path) -> Pages:
    """Every page, by its path."""
    files = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    return {
        path.relative_to(site).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in files
    }


@pytest.fixture(scope="module")
def window() -> Iterator[Any]:
    """A window of the browser, as large as a desk's."""
    with chromium() as started:
        yield started.new_page(viewport=DESK)


def targets(page: BeautifulSoup, attribute: str) -> list[str]:
    """Return what a page's elements lead to within the site."""
    found = [str(element[attribute]) for element in page.find_all(attrs={attribute: True})]
    return [one for one in found if not one.startswith(("https://", "http://", "data:", "mailto:"))]


def test_every_part_of_the_course_has_its_page(root: Path, pages: Pages) -> None:
    wanted = {"index.html", "verdicts.html", "coverage.html", "glossary.html", "search.html", "guides/benchmarks.html"}
    wanted |= {f"notebooks/{topic.name}.html" for topic in topics(root)}
    wanted |= {f"reference/{name}.html" for name in PACKAGES}
    assert wanted <= set(pages)


def test_every_link_within_the_site_leads_somewhere(site: Path, pages: Pages) -> None:
    anchors = {name: {str(one["id"]) for one in page.find_all(id=True)} for name, page in pages.items()}
    broken = []
    for name, page in pages.items():
        for target in targets(page, "href"):
            path, anchor = urldefrag(target.partition("?")[0])
            file = (site / name).parent.joinpath(unquote(path)).resolve() if path else site / name
            reached = file.relative_to(site.resolve() if path else site).as_posix()
            if not file.is_file() or (anchor and reached in anchors and unquote(anchor) not in anchors[reached]):
                broken.append(f"{name}: {target}")
    assert broken == []


def test_no_page_loads_anything_from_elsewhere(pages: Pages) -> None:
    loading = [
        f"{name}: {address}"
        for name, page in pages.items()
        for element in page.find_all(["script", "link", "img", "iframe", "source"])
        if str(address := element.get("src") or element.get("href") or "").startswith(("http:", "https:", "//"))
        and "canonical" not in element.get("rel", ())
    ]
    assert loading == []


def test_every_picture_is_described(pages: Pages) -> None:
    bare = [
        f"{name}: {str(image)[:120]}"
        for name, page in pages.items()
        for image in page.find_all("img")
        if not str(image.get("alt", "")).strip() or str(image["alt"]).startswith(("../_images", "_images"))
    ]
    assert bare == []


def test_every_picture_of_a_notebook_is_on_its_page(root: Path, pages: Pages) -> None:
    for topic in topics(root):
        drawn = sum("<img" in str(o) or "image/png" in str(o) for o in _outputs(topic.source))
        assert len(pages[f"notebooks/{topic.name}.html"].select("article img")) >= drawn > 0


def _outputs(path: Path) -> list[Any]:
    cells = read_notebook(path).node.cells
    return [dict(output.get("data", {})) for cell in cells for output in cell.get("outputs", ())]


def test_no_page_weighs_more_than_two_megabytes(site: Path, pages: Pages) -> None:
    heavy = []
    for name, page in pages.items():
        loaded = {site / name}
        for element in page.find_all(["script", "link", "img"]):
            target = str(element.get("src") or element.get("href") or "").partition("?")[0]
            file = (site / name).parent / unquote(target)
            if target and not target.startswith("data:") and file.is_file() and file.suffix != ".html":
                loaded.add(file.resolve())
        weight = sum(file.stat().st_size for file in loaded)
        if weight > HEAVIEST:
            heavy.append(f"{name}: {weight:,} bytes")
    assert heavy == []


def test_solutions_are_folded_and_hidden_tests_are_nowhere(root: Path, pages: Pages) -> None:
    for topic in topics(root):
        page = pages[f"notebooks/{topic.name}.html"]
        assert "HIDDEN TESTS" not in page.get_text()
        folds = [fold for fold in page.find_all("details") if "Show the solution" in fold.summary.get_text()]
        assert len(folds) == len(read_notebook(topic.source).exercises)
        assert not [fold for fold in folds if fold.has_attr("open")]
        for block in page.select("div.highlight"):
            assert "BEGIN SOLUTION" not in block.get_text() or block.find_parent("details")


def test_no_default_value_shows_an_address_in_memory(pages: Pages) -> None:
    shown = [name for name, page in pages.items() if name.startswith("reference/") and " at 0x" in page.get_text()]
    assert shown == []


PLAIN = """document.querySelectorAll("div.highlight pre, dt.sig").forEach((one, place) => {
    if (place >= 10) one.textContent = one.textContent;
})"""
"""Takes the colours off a page's code but for its first ten pieces: axe-core weighs each word's, for minutes."""


def weighed(site: Path, pages: Pages) -> list[str]:
    """Return the pages that axe-core reads: with COURSE_BROWSER_ALL all, else the lightest of each kind.

    A notebook's page takes it a minute; pages of a kind come from one template.
    """
    if os.environ.get("COURSE_BROWSER_ALL"):
        return list(pages)
    lightest: dict[str, str] = {}
    for name in sorted(pages, key=lambda name: (site / name).stat().st_size):
        kind = name.rpartition("/")[0] or name
        lightest.setdefault(kind, name)
    return list(lightest.values())


def test_axe_finds_nothing_on_a_page_of_each_kind_in_either_theme(site: Path, pages: Pages, window: Any) -> None:
    found = []
    for name in weighed(site, pages):
        window.goto((site / name).as_uri())
        window.evaluate(PLAIN)
        for scheme in ("light", "dark"):
            window.emulate_media(color_scheme=scheme)
            # The themes differ in colours only.
            only = None if scheme == "light" else ["color-contrast"]
            found += [f"{name}, {scheme}: {one}" for one in violations(window, only)]
    assert found == []


def test_no_page_scrolls_sideways_on_a_phone(site: Path, pages: Pages, window: Any) -> None:
    window.set_viewport_size(PHONE)
    wide = []
    for name in pages:
        window.goto((site / name).as_uri())
        width = window.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            wide.append(f"{name}: {width} pixels")
    window.set_viewport_size(DESK)
    assert wide == []


def test_the_search_finds_a_term_and_a_measured_value(site: Path, window: Any) -> None:
    for query, page in (("labelers", "06_reward_model"), ("hallucination", "09_hallucination")):
        window.goto(f"{(site / 'search.html').as_uri()}?q={query}")
        # Results come one after another.
        window.wait_for_selector(f"#search-results li a[href*='{page}']", timeout=60_000)


def test_a_folded_solution_opens_by_keyboard(root: Path, site: Path, window: Any) -> None:
    window.goto((site / "notebooks" / f"{topics(root)[0].name}.html").as_uri())
    fold = window.locator("details", has_text="Show the solution of").first
    assert not fold.locator("pre").first.is_visible()
    fold.locator("summary").focus()
    window.keyboard.press("Enter")
    assert fold.locator("pre").first.is_visible()
