"""The views with small data in place of models: seen in both themes and in a narrow window, some moved."""

from __future__ import annotations

from tests.browser.controls import Live
from tests.browser.lab_page import WINDOW, LabPage, errors
from tests.browser.legibility import cut_labels, faint_texts
from tests.browser.test_widgets import NARROW, WIDGETS

VIEWS = {
    "tokenizer_explorer": """
class ByBytes:
    name, size = "bytes", 256
    encode = lambda self, text: list(text.encode())
    decode_token = lambda self, one: bytes([one])
from utils.notebook.widgets.tokenizer_explorer import tokenizer_explorer
tokenizer_explorer([ByBytes()], "A text, and \u1019 more.", examples={"another": "abc"})
""",
    "mixture_slider": """
from utils.notebook.widgets.mixture import LossCurve, mixture_slider
languages = {"common": 80.0, "velkoth": 15.0, "zhurimi": 5.0}
mixture_slider(languages, dict.fromkeys(languages, LossCurve(20.0, 3.0, 0.4, 0.05, 0.8, 0.1)), "bits")
""",
    "attention_explorer": """
import torch
from utils.notebook.widgets.attention_explorer import AttentionMap, attention_explorer
words = tuple("one word after another, until the line is full and the next begins".split())
looks = torch.tril(torch.ones(2, 3, len(words), len(words)))
by_hand = AttentionMap(words, looks / looks.sum(-1, keepdim=True))
attention_explorer({"by hand": lambda text: by_hand}, {"by hand": "as it is"})
""",
    "size_explorer": "from utils.notebook.widgets.model_sizes import size_explorer; size_explorer()",
    "bill_explorer": "from utils.notebook.widgets.training_bill import bill_explorer; bill_explorer()",
    "stock_explorer": "from utils.notebook.widgets.text_stock import stock_explorer; stock_explorer()",
    "growth_explorer": """
from utils.notebook.widgets.more_compute import growth_explorer
from utils.training.scaling_laws import CHINCHILLA
growth_explorer(3e23, CHINCHILLA)
""",
    "mask_explorer": "from utils.notebook.widgets import chat_mask; chat_mask.mask_explorer()",
    "preference_labeler": """
import numpy as np
from utils.notebook.widgets.preference_labeler import Duel, preference_labeler
features = np.random.default_rng(0).normal(size=(9, 2, 2))
given = [Duel(f"question {n}?", ("one", "another"), tuple(features[n]), (1.0, 0.0)) for n in range(9)]
preference_labeler(("right", "long"), given, given)
""",
    "next_token_explorer": """
import torch
from utils.notebook.widgets.next_token import next_token_explorer
next_token_explorer(lambda text: torch.linspace(0, 3, 99), lambda ids: f"token {ids[0]}", "The capital of")
""",
    "mask_explorer.mask_explorer": """
from utils.decoding.grammar import TokenSpellings
from utils.notebook.widgets import mask_explorer
letters = [b" " * 90, *(bytes([one]) for one in range(256)), None]
mask_explorer.mask_explorer(TokenSpellings([letters], (257,)), '{"type": "object"}', "{")
""",
}
# Their pictures depend on no model, and there is one for each kind of control.
MOVED = ("size_explorer", "stock_explorer", "preference_labeler")
NEEDS_A_MODEL = {"ask_widget"}


def test_every_view_reads_in_both_themes_and_fits_a_narrow_window(lab: LabPage) -> None:
    lab.open("00_start_here.ipynb")
    places = {name: lab.add_cell(source) for name, source in VIEWS.items()}
    for place in places.values():
        assert errors(lab.run_cell(place)) == []

    def faint_or_cut() -> dict[str, list[str]]:
        boxes = {name: Live(lab.output_area(place)).box for name, place in places.items()}
        found = {name: faint_texts(box) + cut_labels(box) for name, box in boxes.items()}
        return {name: said for name, said in found.items() if said}

    assert faint_or_cut() == {}
    lab.use_theme("JupyterLab Dark")
    assert faint_or_cut() == {}
    lab.use_theme("JupyterLab Light")
    lab.page.set_viewport_size(NARROW)
    lab.hide_sidebar()
    for name, place in places.items():
        Live(lab.output_area(place)).until_it_fits(name)
    assert faint_or_cut() == {}
    lab.page.set_viewport_size(WINDOW)
    specified = {widget.name: widget for some in WIDGETS.values() for widget in some}
    for name in MOVED:
        live = Live(lab.output_area(places[name]))
        for control in specified[name].controls:
            live.move(control)
    assert lab.complaints == []


def test_the_gallery_has_every_view_of_the_notebooks() -> None:
    assert set(VIEWS) | NEEDS_A_MODEL == {widget.name for some in WIDGETS.values() for widget in some}
