"""Ask about a known, a rare or an invented person: answer, probability, samples by meaning, verdict, and speak or not.

where = bench("world-medium", 200)
ask_widget(load_chat_model("world-medium-chat"), where, items_to_ask(where))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from utils.decoding.arguments import whole_number
from utils.evaluation.abstention import expected_score, should_answer
from utils.evaluation.consistency import semantic_entropy
from utils.experiments.hallucination.answering import Asked, Bench, answers, meaning, sampled
from utils.models.gpt import GPT
from utils.notebook.widgets.pictures import Bar, bars_html
from utils.notebook.widgets.view import SLIDER, explorer, said_html

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What a reader calls a person -> the group of the bench.
KINDS = {"known": "known", "rare": "unknown", "invented": "invented"}
VERDICTS = {"correct": "right", "hallucinated": "made up", "abstained": "silent"}
SAMPLES, SHOWN = 20, 6


@dataclass(frozen=True)
class Seen:
    """What a model does with one question.

    Attributes:
        question, truth: sentences; the truth about an invented person is that nobody has the name.
        answer: greedy, with its `probability` (of all its tokens together).
        agreement: share of the samples that mean what the answer means, in whatever words.
        verdict: one of the values of `VERDICTS`.
        clusters: (meaning, how many samples have it), the most frequent first.
        entropy: semantic entropy of the samples in nats.
    """

    question: str
    truth: str
    answer: str
    probability: float
    agreement: float
    verdict: str
    clusters: tuple[tuple[str, int], ...]
    entropy: float


def items_to_ask(where: Bench, n: int = 8) -> dict[str, list[Asked]]:
    """Return up to n questions of each of `KINDS`, on people whom the bench keeps for tests.

    Known people are the most popular first, rare ones the least popular first, one question a person.

    Raises:
        ValueError: n is below 1, or a group has no questions.
    """
    n = whole_number(n, "n", 1)
    found: dict[str, list[Asked]] = {}
    for kind, group in KINDS.items():
        pool = list(where.sets[group, "test"])
        if not pool:
            raise ValueError(f"where has no questions about {group} people: let it have more people")
        if kind != "invented":
            pool.sort(key=lambda item: where.world.person_index(item.person) * (1 if kind == "known" else -1))
        once = {item.person: item for item in reversed(pool)}
        found[kind] = [item for item in pool if once[item.person] is item][:n]
    return found


def ask_about(model: GPT, where: Bench, item: Asked, seed: int = 0, samples: int = SAMPLES) -> Seen:
    """Return the greedy answer to a question, and what samples at temperature 1 say."""
    [own] = answers(model, where, [item])
    [drawn] = sampled(model, where, [item], whole_number(samples, "samples", 1), seed)
    said = [meaning(where, item, text) for text in drawn]
    truth = item.answer if item.group != "invented" else "There is nobody of that name."
    entropy = semantic_entropy(said, lambda a, b: a == b)
    counts = tuple(Counter(said).most_common())
    agreement = said.count(meaning(where, item, own.text)) / samples
    sure = min(1.0, own.probability)
    return Seen(item.question, truth, own.text, sure, agreement, VERDICTS[own.outcome], counts, entropy)


def advice(seen: Seen, penalty: float) -> str:
    """Return whether to give an answer, if the share of samples that agree is taken for its chance of being right.

    The probability of the words would be too low: there are several ways to say the same.
    """
    score = expected_score(seen.agreement, penalty)
    return f"expected score {score:+.2f}: {'answer' if should_answer(seen.agreement, penalty) else 'stay silent'}"


def ask_text(seen: Seen, penalty: float = 1.0) -> str:
    """Return all that is seen as text, the rarest meanings together in one line."""
    total = sum(count for _, count in seen.clusters)
    lines = [
        f"question     {seen.question}",
        f"answer       {seen.answer}",
        f"probability  {seen.probability:.2f} of these words; {seen.agreement:.0%} of the samples mean the same",
        f"truth        {seen.truth}",
        f"verdict      {seen.verdict}",
        f"samples      {total} in {len(seen.clusters)} clusters, semantic entropy {seen.entropy:.2f} nats",
        *(f"  {count:3} {'#' * count} {said}" for said, count in _shortened(seen.clusters)),
        f"penalty {penalty:<4g} {advice(seen, penalty)}",
    ]
    return "\n".join(lines)


def _shortened(clusters: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    shown = [(said if len(said) <= 30 else f"{said[:28]}...", count) for said, count in clusters[:SHOWN]]
    rest = clusters[SHOWN:]
    return [*shown, (f"{len(rest)} other meanings", sum(count for _, count in rest))] if rest else shown


def ask_figure(seen: Mapping[str, Seen]) -> Figure:
    """Draw the clusters of samples, one panel for each kind of person; the caller shows and closes the figure."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(seen), figsize=(3.6 * len(seen), 3.0), squeeze=False, layout="constrained")
    for axes, (kind, one) in zip(panels[0], seen.items(), strict=True):
        parts, total = _shortened(one.clusters), sum(count for _, count in one.clusters)
        axes.barh(range(len(parts)), [count / total for _, count in parts])
        axes.set_yticks(range(len(parts)), [said for said, _ in parts], fontsize=8)
        axes.set(xlabel="share of samples", ylabel="meaning", xlim=(0, 1))
        axes.invert_yaxis()
        axes.set_title(f"{kind}: {one.verdict}, {one.agreement:.0%} agree", fontsize=10)
    return figure


def ask_html(seen: Seen, penalty: float = 1.0) -> str:
    """Return all that is seen: what the samples mean as bars, and the rest in words."""
    words = [line for line in ask_text(seen, penalty).splitlines() if "#" not in line]
    total = sum(count for _, count in seen.clusters)
    bars = [Bar(said, (count,), f"{count} of {total}") for said, count in _shortened(seen.clusters)]
    return said_html("\n".join(words)) + bars_html(bars, ("samples",), "meaning", longest=total)


def ask_widget(model: GPT, where: Bench, items: Mapping[str, Sequence[Asked]]) -> Any:
    """Return the view: whom and what to ask, the penalty of a wrong answer, new samples, and all that is seen."""
    import ipywidgets as widgets

    kind = widgets.Dropdown(options=list(items), description="person")
    question = widgets.Dropdown(description="question", layout=SLIDER)
    penalty = widgets.FloatSlider(value=1.0, min=0.0, max=9.0, step=0.5, description="penalty")
    again = widgets.Button(description="draw other samples")
    state: dict[str, Any] = {"seed": 0, "key": None}

    def draw() -> tuple[str, str]:
        key = (kind.value, question.value, state["seed"])
        if key != state["key"]:
            state["seen"] = ask_about(model, where, items[kind.value][question.value], state["seed"])
            state["key"] = key
        return ask_html(state["seen"], penalty.value), ask_text(state["seen"], penalty.value)

    def changed(_: Any = None) -> None:
        if question.value is not None:
            view.redraw()

    def choose(_: Any = None) -> None:
        # Without options the value is none for a moment: the first question of another person is a change too.
        question.options = []
        question.options = [(item.question, place) for place, item in enumerate(items[kind.value])]
        question.value = 0

    def other(_: Any) -> None:
        state["seed"] += 1
        view.redraw()

    choose()
    view = explorer([kind, question, penalty, again], draw, [penalty])
    kind.observe(choose, names="value")
    question.observe(changed, names="value")
    again.on_click(other)
    return view
