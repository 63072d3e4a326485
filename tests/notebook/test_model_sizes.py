"""From dimensions to parameters, memory and operations: the numbers behind the widget."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import pytest

from utils.models.accounting import count_parameters
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.presets import LLAMA_2_7B, MIXTRAL_8X7B
from utils.notebook.figures import unlabelled_axes
from utils.notebook.widgets.model_sizes import (
    EXAMPLES,
    model_size,
    parameter_parts,
    size_explorer,
    size_figure,
    size_text,
)


def test_seven_billion_parameters_take_fourteen_gigabytes_at_sixteen_bits() -> None:
    size = model_size(LLAMA_2_7B, seq_len=4096)
    assert size.parameters == 6_738_415_616
    assert size.weight_bytes == 2 * size.parameters
    assert size.active_parameters == size.parameters
    # 2 (keys, values) x 32 layers x 4096 features x 4096 tokens x 2 bytes
    assert size.cache_bytes == 2 * 32 * 4096 * 4096 * 2


def test_of_experts_only_the_chosen_are_active_and_all_take_memory() -> None:
    size = model_size(MIXTRAL_8X7B, seq_len=1, bits=8)
    assert (size.parameters, size.active_parameters) == (46_702_792_704, 12_879_925_248)
    assert size.weight_bytes == size.parameters


def test_the_context_costs_memory_and_operations_but_no_parameters() -> None:
    short, long = (model_size(LLAMA_2_7B, seq_len=length) for length in (1024, 4096))
    assert short.parameters == long.parameters
    assert long.cache_bytes == 4 * short.cache_bytes
    assert long.prefill_flops > 4 * short.prefill_flops
    assert long.decode_flops > short.decode_flops


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_parts_sum_to_the_whole(name: str) -> None:
    assert sum(parameter_parts(EXAMPLES[name]).values()) == count_parameters(EXAMPLES[name])


def test_the_parts_are_those_of_a_built_model() -> None:
    config = ModelConfig(
        n_layers=3, d_model=24, n_heads=4, n_kv_heads=2, d_ff=40, vocab_size=31, context_length=8, tied=False
    )
    built = {"tables": 0, "attention": 0, "MLP": 0, "norms": 0}
    for name, value in GPT(config).named_parameters():
        part = "attention" if ".attention." in name else "MLP" if ".mlp." in name else "tables"
        built["norms" if "norm" in name else part] += value.numel()
    assert parameter_parts(config) == built


def test_the_text_names_units_and_active_parameters() -> None:
    text = size_text(MIXTRAL_8X7B, seq_len=2048, bits=4)
    assert "12,879,925,248 active" in text
    assert "23.351 GB at 4 bits" in text


@pytest.mark.parametrize("change", [{"seq_len": 0}, {"batch_size": -1}, {"bits": 0}])
def test_sizes_that_are_not_positive_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(change))} is"):
        model_size(LLAMA_2_7B, **{"seq_len": 8, **change})


def test_a_context_longer_than_the_models_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than the context length 4096"):
        model_size(LLAMA_2_7B, seq_len=4097)


def test_the_figure_is_labelled() -> None:
    figure = size_figure(EXAMPLES, seq_len=2048)
    assert unlabelled_axes(figure) == []
    plt.close(figure)


def test_the_view_follows_its_preset_and_says_what_does_not_fit() -> None:
    view = size_explorer("Llama 2 7B")
    preset, kv_heads, table = view.children[0], view.children[4], view.children[-1]
    assert "6,738,415,616" in table.value
    kv_heads.value = 5
    assert "does not divide" in table.value
    preset.value = "SmolLM2-135M"
    assert f"{count_parameters(replace(EXAMPLES['SmolLM2-135M'], context_length=9999)):,}" in table.value
