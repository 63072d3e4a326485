"""You are the labeler: choose the better of two answers, and see what a reward model makes of your choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from utils.notebook.widgets.pictures import Curve, Scale, curves_svg
from utils.notebook.widgets.view import explorer, row, said_html
from utils.posttraining.reward import bradley_terry_loss

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Duel:
    """A question with two answers: texts, what is counted in each (F), and their gold rewards."""

    question: str
    answers: tuple[str, str]
    vectors: tuple[np.ndarray, np.ndarray]
    gold: tuple[float, float]


def learned_weights(duels: Sequence[Duel], choices: Sequence[int], steps: int = 200, ridge: float = 0.05) -> np.ndarray:
    """Return the weights (F) of a linear reward model after choices, by gradient descent on the Bradley-Terry loss.

    Args:
        duels: what was asked, at least as many as choices.
        choices: 0 or 1, which answer of each duel was chosen; a prefix of the duels is enough.
        steps, ridge: of the descent, and the weight of the squared weights.

    Raises:
        ValueError: more choices than duels, or a choice that is neither 0 nor 1.
    """
    import torch

    if len(choices) > len(duels):
        raise ValueError(f"choices has {len(choices)} entries, more than the {len(duels)} duels")
    if not set(choices) <= {0, 1}:
        raise ValueError(f"choices must be 0 or 1, not {sorted(set(choices) - {0, 1})}")
    n_features = len(duels[0].vectors[0])
    if not choices:
        return np.zeros(n_features)
    pairs = [(duel.vectors[pick], duel.vectors[1 - pick]) for duel, pick in zip(duels, choices, strict=False)]
    chosen, rejected = (torch.tensor(np.array([pair[side] for pair in pairs])) for side in (0, 1))
    weights = torch.zeros(n_features, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=0.05)
    for _ in range(steps):
        optimiser.zero_grad()
        (bradley_terry_loss(chosen @ weights, rejected @ weights) + ridge * weights.pow(2).sum()).backward()
        optimiser.step()
    return weights.detach().numpy()


def gold_agreement(duels: Sequence[Duel], choices: Sequence[int]) -> float:
    """Return how often choices took the answer of the higher gold reward (equal ones count one half); NaN for none."""
    points = [
        0.5 if duel.gold[0] == duel.gold[1] else float(duel.gold[pick] > duel.gold[1 - pick])
        for duel, pick in zip(duels, choices, strict=False)
    ]
    return float(np.mean(points)) if points else float("nan")


def model_agreement(weights: np.ndarray, duels: Sequence[Duel]) -> float:
    """Return how often a linear reward model orders duels as the gold reward does, ties one half."""
    points = []
    for duel in duels:
        found = float(weights @ (duel.vectors[0] - duel.vectors[1])) * (duel.gold[0] - duel.gold[1])
        points.append(0.5 if found == 0 else float(found > 0))
    return float(np.mean(points))


def labeler_text(
    names: Sequence[str],
    duels: Sequence[Duel],
    choices: Sequence[int],
    tests: Sequence[Duel],
    weights: np.ndarray | None = None,
) -> str:
    """Return what the model has learned from choices, as text; `weights` spares learning them again."""
    weights = learned_weights(duels, choices) if weights is None else weights
    lines = [f"{name:12} {weight:+.2f}" for name, weight in zip(names, weights, strict=True)]
    own, model = gold_agreement(duels, choices), model_agreement(weights, tests)
    told = f"yours agree with the gold reward on {own:.0%}" if choices else "the model knows nothing yet"
    lines.append(f"{len(choices)} choices; {told}")
    lines.append(f"the reward model agrees with it on {model:.0%} of {len(tests)} other pairs")
    return "\n".join(lines)


def learning_figure(duels: Sequence[Duel], choices: Sequence[int], tests: Sequence[Duel]) -> Figure:
    """Draw the model's agreement with the gold reward against the number of choices; the caller shows the figure."""
    import matplotlib.pyplot as plt

    numbers = list(range(len(choices) + 1))
    agreement = [model_agreement(learned_weights(duels, choices[:n]), tests) for n in numbers]
    figure, axes = plt.subplots(figsize=(6.4, 3.0))
    axes.plot(numbers, agreement, marker="o")
    axes.axhline(0.5, linestyle=":", color="black")
    axes.set(xlabel="choices (pairs labelled)", ylabel="agreement with the gold reward", ylim=(0.3, 1.02))
    axes.locator_params(axis="x", integer=True)
    return figure


def learning_html(agreement: Sequence[float]) -> str:
    """Return the model's agreement with the gold reward against the number of choices, with a dot at the last."""
    last = len(agreement) - 1
    return curves_svg(
        [
            Curve("reward model", range(len(agreement)), agreement, dot=(last, agreement[-1])),
            Curve("guessing", (0, max(last, 10)), (0.5, 0.5)),
        ],
        Scale("choices (pairs labelled)", 0, max(last, 10)),
        Scale("agreement", 0, 1),
        f"Agreement with the gold reward on other pairs; after {last} choices {agreement[-1]:.0%}.",
    )


def preference_labeler(names: Sequence[str], duels: Sequence[Duel], tests: Sequence[Duel]) -> Any:
    """Return the view: a question, a button for each answer, and what the reward model has learned so far."""
    import html

    import ipywidgets as widgets

    choices: list[int] = []
    learned = [learned_weights(duels, [])]
    agreement = [model_agreement(learned[0], tests)]
    question = widgets.HTML()
    # A button's own text stays on one line: the answers stand above.
    buttons = [widgets.Button(description=f"{letter} is better") for letter in "AB"]
    back = widgets.Button(description="take the last choice back")

    def draw() -> tuple[str, str]:
        over = len(choices) == len(duels)
        if over:
            question.value = "<b>All pairs are labelled.</b>"
        else:
            duel = duels[len(choices)]
            answers = "".join(
                f"<div style='margin:.3em 0'><b>{letter}</b> {html.escape(answer)}</div>"
                for letter, answer in zip("AB", duel.answers, strict=True)
            )
            question.value = f"<b>{html.escape(duel.question)}</b> Which answer is better?{answers}"
        for button in buttons:
            button.disabled = over
        back.disabled = not choices
        words = labeler_text(names, duels, choices, tests, learned[-1])
        return learning_html(agreement) + said_html(words), words

    def pick(number: int) -> Any:
        def take(_: Any) -> None:
            choices.append(number)
            learned.append(learned_weights(duels, choices))
            agreement.append(model_agreement(learned[-1], tests))
            view.redraw()

        return take

    def undo(_: Any) -> None:
        choices.pop()
        learned.pop()
        agreement.pop()
        view.redraw()

    for number, button in enumerate(buttons):
        button.on_click(pick(number))
    back.on_click(undo)
    view = explorer([question, row(*buttons, back)], draw, [])
    return view
