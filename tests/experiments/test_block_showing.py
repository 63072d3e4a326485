"""Figures and tables of notebook 03: what they say of a record and of this machine, with labelled axes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

from utils.evaluation.intervals import Interval
from utils.experiments.block import showing
from utils.experiments.block.comparing import memory_of_architectures
from utils.experiments.block.own_code import sampled_text, train_on_windows
from utils.experiments.recording.record import read_record
from utils.models.config import ModelConfig
from utils.notebook.figures import unlabelled_axes

CONFIG = ModelConfig(n_layers=2, d_model=32, n_heads=2, d_ff=96, vocab_size=20, context_length=64)


def test_every_figure_has_labelled_axes() -> None:
    found = read_record("03", 26).findings
    loads = np.array([[0.6, 0.4], [0.7, 0.3]])
    pruned = {"smallest": {0.0: 3.0, 0.5: 5.0}, "random": {0.0: 3.0, 0.2: 9.0}}
    figures = (
        showing.draw_activations(found, {"ReLU": [1.4]}, 0.6),
        showing.draw_positions(dict.fromkeys(("learned", "none", "rotary"), np.ones(96)), trained=32),
        showing.draw_changes({"no MLP": Interval(0.1, 0.0, 0.2, 5)}),
        showing.draw_lens([0.1, 0.9], [0.1, 0.1], [100.0, 1.0]),
        showing.draw_contexts({"one": CONFIG, "two": CONFIG}),
        showing.draw_pruned(pruned, guessing=10.0),
        showing.draw_loads({"a": loads, "b": loads}),
        showing.draw_texts({"selective state space": [1.1, 1.2]}),
    )
    for figure in figures:
        assert not unlabelled_axes(figure)
        plt.close(figure)


def test_losses_of_this_machine_stand_beside_the_recorded_ones_where_there_are_any(
    capsys: pytest.CaptureFixture[str],
) -> None:
    showing.print_losses(read_record("03", 26).findings, {"ReLU": [1.4, 1.5]})
    lines = capsys.readouterr().out.splitlines()
    assert [line.count("here") for line in lines] == [0, 2, 0, 0]
    assert "here 1.40; here 1.50" in lines[1]


def test_accuracies_are_grouped_by_task(capsys: pytest.CaptureFixture[str]) -> None:
    recorded = {("a", "x"): [0.5, 0.5], ("a", "y"): [1.0, 1.0], ("b", "x"): [0.1, 0.1]}
    found = {", ".join(key): {"steps": 500} for key in recorded}
    showing.print_accuracies(found, recorded, {("a", "y"): [0.25]})
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["a:", "b:"]
    assert [line.count("here") for line in lines] == [0, 0, 1, 0, 0]
    assert lines[2].endswith("here 0.25")


def test_a_cache_grows_with_the_tokens_and_a_state_does_not() -> None:
    short, long = memory_of_architectures(CONFIG, 64), memory_of_architectures(CONFIG, 128)
    assert long["transformer"] == 2 * short["transformer"]
    assert long["linear attention"] == short["linear attention"]
    assert short["transformer"] == 2 * 2 * 32 * 4 * 64 / 1024  # layers, keys and values, width, bytes, tokens


class NextOfEach(nn.Module):
    """A table from the present token to the next."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(4, 4)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.table(ids)


def test_a_learner_s_model_is_trained_on_windows_and_writes() -> None:
    torch.manual_seed(0)
    model, ids = NextOfEach(), torch.arange(200) % 4
    losses = train_on_windows(model, ids, context=6, steps=30)
    assert losses[-1] < losses[0]
    with torch.no_grad():
        model.table.weight.copy_(100 * torch.eye(4).roll(1, dims=1))
    assert sampled_text(model, 2, context=6, n_tokens=4) == [2, 3, 0, 1, 2]
