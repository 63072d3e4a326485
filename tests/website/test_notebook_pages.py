from __future__ import annotations

import base64
from typing import Any

import nbformat
import pytest

from utils.course.notebooks import Topic, read_notebook
from utils.course.still_forms import STILL
from utils.course.website.links import Address
from utils.course.website.notebook_pages import WIDGET, page_of_notebook
from utils.course.website.outputs import WIDGET as VIEW
from utils.notebook.verdicts import Verdicts

PNG = base64.b64encode(b"a picture").decode()


def executed(topic: Topic, *outputs: Any) -> Topic:
    """Put outputs below the experiment of the small course, as if it had been run."""
    notebook = read_notebook(topic.source)
    (cell,) = [cell for cell in notebook.code_cells if cell.is_experiment]
    notebook.node.cells[cell.index].outputs = list(outputs)
    topic.source.write_text(nbformat.writes(notebook.node), encoding="utf-8")
    return topic


def display(data: dict[str, Any], **metadata: Any) -> Any:
    return nbformat.v4.new_output("display_data", data=data, metadata=metadata)


def outputs_of(page: nbformat.NotebookNode) -> list[Any]:
    return [output for cell in page.cells for output in cell.get("outputs", ())]


def test_each_solution_is_folded_behind_its_name_and_below_what_learners_get(
    small_topic: Topic, address: Address
) -> None:
    cells = page_of_notebook(small_topic, address).cells
    (place,) = [number for number, cell in enumerate(cells) if "successor_of_the_input" in cell.source]
    assert cells[place].metadata.tags == ["hide-input"]
    assert cells[place].metadata.mystnb.code_prompt_show == "Show the solution of add_one"
    stub = cells[place - 1]
    assert "raise NotImplementedError" in stub.source
    assert stub.metadata.tags == []


def test_nothing_of_a_hidden_test_is_on_the_page(small_topic: Topic, address: Address) -> None:
    assert "HIDDEN TESTS" in small_topic.source.read_text(encoding="utf-8")
    page = nbformat.writes(page_of_notebook(small_topic, address))
    assert "HIDDEN TESTS" not in page
    assert "doubled instead of adding" not in page


def test_colab_and_both_downloads_stand_below_the_heading(small_topic: Topic, address: Address) -> None:
    first = page_of_notebook(small_topic, address).cells[0].source
    assert first.startswith("# A small topic\n")
    assert address.colab("notebooks/01_small_topic/01_small_topic.ipynb") in first
    assert "</downloads/01_small_topic.ipynb>" in first
    assert "</downloads/01_small_topic_with_answers.ipynb>" in first


def test_a_picture_keeps_its_description(small_topic: Topic, address: Address) -> None:
    picture = display({"image/png": PNG, "text/plain": "<Image>"}, **{"image/png": {"alt": "A rising line."}})
    page = page_of_notebook(executed(small_topic, picture), address)
    (cell,) = [cell for cell in page.cells if any("image/png" in o.get("data", {}) for o in cell.get("outputs", ()))]
    assert cell.metadata.mystnb.image.alt == "A rising line."


def test_two_pictures_of_a_cell_keep_each_its_own(small_topic: Topic, address: Address) -> None:
    pictures = [display({"image/png": PNG}, **{"image/png": {"alt": words}}) for words in ("One.", "Two.")]
    cells = page_of_notebook(executed(small_topic, *pictures), address).cells
    assert [cell.metadata.mystnb.image.alt for cell in cells if cell.metadata.get("mystnb", {}).get("image")] == [
        "One.",
        "Two.",
    ]


@pytest.mark.parametrize("metadata", [{}, {"image/png": {"alt": "  "}}])
def test_a_picture_without_description_is_refused(
    small_topic: Topic, address: Address, metadata: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"01_small_topic, cell .* picture without a description"):
        page_of_notebook(executed(small_topic, display({"image/png": PNG}, **metadata)), address)


def test_a_figure_of_html_becomes_a_picture_in_a_file_with_description_and_caption(
    small_topic: Topic, address: Address
) -> None:
    html = (
        f'<figure><img src="data:image/png;base64,{PNG}" alt="a &lt; b" width="560"><figcaption>x</figcaption></figure>'
    )
    page = page_of_notebook(executed(small_topic, display({"text/html": html, "text/plain": "Figure"})), address)
    picture, caption = outputs_of(page)
    assert picture.data == {"image/png": PNG}
    assert picture.metadata["image/png"]["width"] == "560"
    assert caption.text == "Figure: a < b\n"


def test_html_that_is_no_figure_stays_html(small_topic: Topic, address: Address) -> None:
    table = Verdicts()
    table.add(1, "a claim", "1.0", "holds")
    output = display({"text/html": table._repr_html_(), "text/plain": repr(table)})
    assert outputs_of(page_of_notebook(executed(small_topic, output), address)) == [output]


def test_bars_warnings_and_empty_lines_are_left_out(small_topic: Topic, address: Address) -> None:
    noise = (
        display({"text/plain": "sweep:   0%|          | 0/15 [00:00<?, ?run/s]"}),
        nbformat.v4.new_output("stream", name="stderr", text="a warning"),
        nbformat.v4.new_output("stream", name="stdout", text="\n"),
    )
    said = nbformat.v4.new_output("stream", name="stdout", text="loss 0.5")
    assert outputs_of(page_of_notebook(executed(small_topic, *noise, said), address)) == [said]


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ({"text/plain": "VBox(children=())"}, 0),
        ({VIEW: {"model_id": "1"}, "text/plain": "a box"}, 0),
        ({VIEW: {"model_id": "1"}, "text/html": "<p>still</p>", "text/plain": "still"}, 1),
    ],
)
def test_a_widget_is_shown_by_its_still_form_and_announced(
    small_topic: Topic, address: Address, data: dict[str, Any], kept: int
) -> None:
    page = page_of_notebook(executed(small_topic, display(data)), address)
    assert len(outputs_of(page)) == kept
    assert any(WIDGET in cell.source for cell in page.cells)


def test_a_widget_whose_still_form_says_so_is_not_announced_again(small_topic: Topic, address: Address) -> None:
    still = display({"text/html": f"<p>a picture</p><p><em>{STILL}</em></p>", "text/plain": "VBox(children=())"})
    page = page_of_notebook(executed(small_topic, still), address)
    assert outputs_of(page) == [still]
    assert not any(WIDGET in cell.source for cell in page.cells)


def test_states_of_widgets_do_not_travel(small_topic: Topic, address: Address) -> None:
    notebook = read_notebook(small_topic.source)
    notebook.node.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    small_topic.source.write_text(nbformat.writes(notebook.node), encoding="utf-8")
    assert "widgets" not in page_of_notebook(small_topic, address).metadata
