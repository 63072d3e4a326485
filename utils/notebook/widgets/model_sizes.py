"""What if a model were wider, deeper, or read more? From dimensions to parameters, memory and operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from utils.models.accounting import (
    count_parameters,
    decode_flops,
    forward_flops,
    kv_cache_bytes,
    moe_parameters,
    weight_bytes,
)
from utils.models.config import ModelConfig
from utils.models.presets import LLAMA_2_7B, LLAMA_2_70B, LLAMA_3_8B, MIXTRAL_8X7B, SMOLLM2_135M
from utils.notebook.widgets.pictures import Bar, bars_html
from utils.notebook.widgets.view import SLIDER, explorer, row, said_html

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXAMPLES: dict[str, ModelConfig] = {
    "SmolLM2-135M": SMOLLM2_135M,
    "Llama 2 7B": LLAMA_2_7B,
    "Llama 2 70B": LLAMA_2_70B,
    "Llama 3 8B": LLAMA_3_8B,
    "Mixtral 8x7B": MIXTRAL_8X7B,
}
"""Configs to start from."""


@dataclass(frozen=True)
class ModelSize:
    """What a config costs at one length of context.

    Attributes:
        parameters: all of them.
        active_parameters: those that one token uses; fewer with experts.
        weight_bytes: memory of the weights.
        cache_bytes: memory of keys and values of the whole batch, in 16 bits.
        prefill_flops: operations to read the whole context of every row.
        decode_flops: operations for one more token of every row.
    """

    parameters: int
    active_parameters: int
    weight_bytes: float
    cache_bytes: float
    prefill_flops: float
    decode_flops: float


def model_size(config: ModelConfig, seq_len: int, batch_size: int = 1, bits: float = 16) -> ModelSize:
    """Return what a config costs.

    Args:
        config: the dimensions.
        seq_len: tokens of context in each row.
        batch_size: rows.
        bits: bits for each weight; keys and values take 16.

    Raises:
        ValueError: a number that is not positive, or a context longer than the config's.
    """
    for name, value in (("seq_len", seq_len), ("batch_size", batch_size), ("bits", bits)):
        if value <= 0:
            raise ValueError(f"{name} is {value}, and must be above 0")
    if seq_len > config.context_length:
        raise ValueError(f"seq_len is {seq_len}, longer than the context length {config.context_length}")
    total = count_parameters(config)
    return ModelSize(
        parameters=total,
        active_parameters=moe_parameters(config)[1] if config.n_experts else total,
        weight_bytes=weight_bytes(total, bits),
        cache_bytes=kv_cache_bytes(config, seq_len, batch_size),
        prefill_flops=forward_flops(config, seq_len, batch_size).total,
        decode_flops=decode_flops(config, seq_len, batch_size).total,
    )


def parameter_parts(config: ModelConfig) -> dict[str, int]:
    """Return where a config's parameters are; the parts sum to `count_parameters`."""
    D, layers = config.d_model, config.n_layers
    tables = (1 if config.tied else 2) * config.vocab_size * D
    attention = layers * (2 * D * D + 2 * D * config.kv_heads * config.head_dim)
    norms = (2 * layers + 1) * D
    return {
        "tables": tables,
        "attention": attention,
        "MLP": count_parameters(config) - tables - attention - norms,
        "norms": norms,
    }


def size_text(config: ModelConfig, seq_len: int, batch_size: int = 1, bits: float = 16) -> str:
    """Return the same numbers as a text table."""
    size = model_size(config, seq_len, batch_size, bits)
    active = f" ({size.active_parameters:,} active)" if size.active_parameters != size.parameters else ""
    lines = [f"parameters       {size.parameters:,}{active}"]
    lines += [
        f"  {part:14} {count:,} ({count / size.parameters:.1%})" for part, count in parameter_parts(config).items()
    ]
    lines += [
        f"weights          {size.weight_bytes / 1e9:,.3f} GB at {bits:g} bits",
        f"keys and values  {size.cache_bytes / 1e9:,.3f} GB for {batch_size} x {seq_len:,} tokens at 16 bits",
        f"reading them     {size.prefill_flops / 1e12:,.3f} TFLOP",
        f"one more token   {size.decode_flops / 1e9:,.3f} GFLOP",
    ]
    return "\n".join(lines)


def size_figure(configs: Mapping[str, ModelConfig], seq_len: int, batch_size: int = 1, bits: float = 16) -> Figure:
    """Draw the memory of weights and of keys and values for several models; the caller shows and closes the figure."""
    import matplotlib.pyplot as plt

    sizes = [
        model_size(replace(c, context_length=max(c.context_length, seq_len)), seq_len, batch_size, bits)
        for c in configs.values()
    ]
    figure, axes = plt.subplots(figsize=(7, 0.5 * len(sizes) + 1.4))
    weights = [size.weight_bytes / 1e9 for size in sizes]
    axes.barh(list(configs), weights, label=f"weights, {bits:g} bits")
    axes.barh(list(configs), [s.cache_bytes / 1e9 for s in sizes], left=weights, hatch="//", label="keys and values")
    axes.set(xlabel=f"memory for {batch_size} x {seq_len:,} tokens (GB)", ylabel="model")
    axes.invert_yaxis()
    axes.legend()
    return figure


def size_html(config: ModelConfig, seq_len: int, batch_size: int = 1, bits: float = 16) -> str:
    """Return where the parameters are, and the memory of weights and of keys and values, as bars."""
    size = model_size(config, seq_len, batch_size, bits)
    parts = [
        Bar(part, (count,), f"{count:,} ({count / size.parameters:.1%})")
        for part, count in parameter_parts(config).items()
    ]
    memory = [
        Bar("weights", (size.weight_bytes / 1e9,), f"{size.weight_bytes / 1e9:,.3f} GB"),
        Bar("keys and values", (size.cache_bytes / 1e9,), f"{size.cache_bytes / 1e9:,.3f} GB"),
    ]
    return bars_html(parts, ("parameters",), "part") + bars_html(memory, ("memory (GB)",), "memory")


def size_explorer(start: str = "SmolLM2-135M") -> Any:
    """Return the view: a preset and sliders for its dimensions, over bars and the table of `size_text`."""
    import ipywidgets as widgets

    def slider(name: str, low: int, high: int, step: int = 1) -> Any:
        return widgets.IntSlider(description=name, min=low, max=high, step=step, layout=SLIDER)

    preset = widgets.Dropdown(options=list(EXAMPLES), value=start, description="start from")
    controls = {
        "n_layers": slider("layers", 1, 128),
        "head_dim": slider("head dim", 2, 256, 2),
        "n_heads": slider("heads", 1, 128),
        "n_kv_heads": slider("kv heads", 1, 128),
        "d_ff": slider("d_ff", 32, 65536, 32),
        "vocab_size": slider("vocabulary", 256, 262144, 256),
    }
    tokens = widgets.IntText(value=2048, description="tokens")
    rows = widgets.IntText(value=1, description="batch")
    bits = widgets.Dropdown(options=[32, 16, 8, 4], value=16, description="bits")

    def fill() -> None:
        config = EXAMPLES[preset.value]
        for name, control in controls.items():
            control.value = getattr(config, name)

    def refill(_: Any) -> None:
        fill()
        view.redraw()

    def draw() -> tuple[str, str]:
        base, values = EXAMPLES[preset.value], {name: control.value for name, control in controls.items()}
        config = replace(
            base,
            n_layers=values["n_layers"],
            n_heads=values["n_heads"],
            n_kv_heads=values["n_kv_heads"],
            d_model=values["n_heads"] * values["head_dim"],
            d_ff=values["d_ff"],
            vocab_size=values["vocab_size"],
            context_length=max(base.context_length, tokens.value),
        )
        now = config, tokens.value, rows.value, bits.value
        words = size_text(*now)
        return size_html(*now) + said_html(words), words

    fill()
    moved = [*controls.values(), tokens, rows, bits]
    view = explorer([preset, *controls.values(), row(tokens, rows, bits)], draw, moved)
    preset.observe(refill, names="value")
    return view
