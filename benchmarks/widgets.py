"""What a step of each widget takes: from a control's new value to the picture, in milliseconds, and the picture's size.

    OMP_NUM_THREADS=2 python benchmarks/widgets.py [--clock wall|processor]

A step is what the kernel does while a slider is held: read the controls, compute, write the HTML. The way to the
browser and its drawing come on top. The data are those of the notebooks. The goal is 100 ms a step.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "processor": time.process_time}


def controls(view: Any) -> dict[str, Any]:
    """Return a widget's controls by their label."""
    found: dict[str, Any] = {}
    waiting = list(view.children)
    while waiting:
        one = waiting.pop()
        waiting += getattr(one, "children", ())
        if getattr(one, "description", ""):
            found[one.description] = one
    return found


def made_widgets() -> Iterator[tuple[str, Any, str, list[Any]]]:
    """Yield name, view, the label of the control that is moved, and the values that it takes in turn."""
    from utils.notebook.widgets import (
        attention_explorer,
        chat_mask,
        mask_explorer,
        mixture,
        model_sizes,
        more_compute,
        next_token,
        preference_labeler,
        text_stock,
        tokenizer_explorer,
        training_bill,
    )
    from utils.text.vocabularies import load_vocabulary

    names = ("smollm2", "cl100k_base", "tekken", "o200k_base")
    prose = "The tram that leaves at noon has been late for most of the week, and nobody knows why. " * 40
    four = [load_vocabulary(name) for name in names]
    for length in (300, 3000):
        texts = [prose[: length - back] for back in range(20)]
        view = tokenizer_explorer.tokenizer_explorer(four, texts[0])
        yield f"tokenizer, {length:,} characters", view, "text", texts[1:]
    curve = mixture.LossCurve(20.0, 3.0, 0.4, 0.05, 0.8, 0.1)
    sizes = {"common": 80.0, "velkoth": 15.0, "zhurimi": 5.0}
    steps = [n / 20 for n in range(20)]
    yield "mixture", mixture.mixture_slider(sizes, dict.fromkeys(sizes, curve), "bits"), "alpha", steps

    from utils.models.pretrained import load_gguf

    real = load_gguf()
    sentence = "The doctor asked the nurse a question. The nurse answered the doctor"

    def read(text: str) -> Any:
        ids = real.encode(text)
        return attention_explorer.attention_map(real.model, ids, [real.decode([one]) for one in ids])

    view = attention_explorer.attention_explorer({"real": read}, {"real": sentence})
    yield "attention, 13 tokens", view, "layer", list(range(1, 20))
    view = attention_explorer.attention_explorer({"real": read}, {"real": prose[:300]})
    yield "attention, 65 tokens", view, "layer", list(range(1, 20))
    yield "model sizes", model_sizes.size_explorer(), "layers", list(range(1, 20))
    yield "bill", training_bill.bill_explorer(), "devices", list(range(1, 20))
    yield "stock of text", text_stock.stock_explorer(), "use, factor a year", [(1.5, 2 + n / 10) for n in range(1, 20)]

    from utils.training.scaling_laws import CHINCHILLA

    view = more_compute.growth_explorer(3e23, CHINCHILLA)
    yield "more compute", view, "share today (%)", [1 + n / 10 for n in range(1, 20)]
    answers = [" ".join(["word"] * n) for n in range(1, 20)]
    yield "chat mask", chat_mask.mask_explorer(), "assistant", answers

    from utils.experiments.preferences.feature_rewards import NAMES
    from utils.experiments.preferences.panels import duels
    from utils.training.base_models import base_world

    world = base_world()
    view = preference_labeler.preference_labeler(NAMES, duels(world, 20, 1), duels(world, 60, 2))
    yield "labeler", view, "A is better", [None] * 15

    from utils.experiments.samplers.real_writer import RealWriter

    opening = "My favorite color is"
    view = next_token.next_token_explorer(RealWriter(real).next_logits, real.decode, opening)
    yield "next token", view, "temperature", [0.5 + n / 20 for n in range(20)]

    from utils.decoding.grammar import TokenSpellings
    from utils.world import RECORD_SCHEMAS

    record = '{"animal":"goat","colour":"red","place'
    view = mask_explorer.mask_explorer(TokenSpellings.from_tokenizer(real), json.dumps(RECORD_SCHEMAS["notice"]), "")
    yield "schema", view, "record", [record[:n] for n in range(1, 17)]


def measure(view: Any, label: str, values: list[Any], clock: Callable[[], float]) -> tuple[list[float], int]:
    """Return the milliseconds of each step, and the bytes of the largest picture."""
    control, picture = controls(view)[label], view.children[-1]
    took, size = [], 0
    for value in values:
        start = clock()
        if value is None:
            control.click()
        else:
            control.value = value
        took.append(1000 * (clock() - start))
        size = max(size, len(picture.value.encode()))
    return took, size


def main() -> None:
    """Measure every widget and print a table."""
    reading = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reading.add_argument("--clock", choices=sorted(CLOCKS), default="wall")
    clock = CLOCKS[reading.parse_args().clock]
    print("| widget | moved | median, ms | slowest, ms | picture, kB |")
    print("|---|---|---|---|---|")
    for name, view, label, values in made_widgets():
        took, size = measure(view, label, values, clock)
        print(f"| {name} | {label} | {statistics.median(took):.1f} | {max(took):.1f} | {size / 1000:.1f} |", flush=True)


if __name__ == "__main__":
    main()
