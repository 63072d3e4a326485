"""Pictures of many tries (rows 84 to 89): verifiers, coverage, votes, waits, and who gains from three."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from utils.experiments.recording.record import Record
from utils.experiments.samplers.votes_recipe import SETTINGS, by_task
from utils.notebook.drawing import label_ticks
from utils.notebook.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEGEND_ABOVE: dict[str, Any] = {"fontsize": 8, "loc": "lower center", "bbox_to_anchor": (0.5, 1.0)}


def ladder_figure(sizes: Sequence[int], greedy: Sequence[float], own_size: int, choices: Mapping[str, float]) -> Figure:
    """Return what models of several sizes solve alone, and as lines what one small model solves by choosing.

    Args:
        sizes: parameters of the ladder's models.
        greedy: share of tasks that each solves.
        own_size: parameters of the small model.
        choices: by the way to choose, the share of tasks that the small model solves.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
    axes.plot(sizes, greedy, marker="o", label="greedy, by size")
    styles = zip(choices.items(), (":", "-.", "--", (0, (1, 3))), COLOURS[1:5], strict=True)
    for (name, right), style, colour in styles:
        axes.axhline(right, linestyle=style, color=colour, label=f"{own_size:,} parameters, {name}")
    axes.set(xscale="log", xlabel="parameters", ylabel="tasks solved (share)", ylim=(0, 1.02))
    label_ticks(axes, x=sizes)
    axes.tick_params(axis="x", rotation=30)
    axes.legend(**LEGEND_ABOVE, ncols=2)
    return figure


def choices_figure(
    recorded: Sequence[Mapping[str, Any]], ns: Sequence[int], live: Sequence[Sequence[float]], live_ns: Sequence[int]
) -> Figure:
    """Return how often a verifier's choice is right against the number of solutions, a panel for each generator.

    Args:
        recorded: findings of each generator: "curve", "low", "high", "by verifier" and "perfect" over `ns`.
        ns: numbers of solutions of the recorded run.
        live: curves of the live run, over `live_ns`.
        live_ns: its numbers of solutions.
    """
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(recorded), figsize=(8.6, 3.8), sharey=True, layout="constrained")
    for axes, one, other in zip(panels, recorded, live, strict=True):
        axes.fill_between(ns, one["low"], one["high"], alpha=0.2, color=COLOURS[0])
        axes.plot(ns, one["curve"], marker="o", label="mean of 2 verifiers (thin: each)")
        axes.plot(ns, np.transpose(one["by verifier"]), color=COLOURS[0], linewidth=0.5, alpha=0.6)
        axes.plot(ns, one["perfect"], "--", color=COLOURS[2], label="perfect verifier")
        axes.plot(live_ns, other, ":", color=COLOURS[3], label="live run, other models and tasks")
        axes.set(xscale="log", ylim=(0, 1.05), title=f"{one['parameters']:,} parameters")
        axes.set(xlabel="solutions to choose from, n", ylabel="right choices (share of tasks)")
        label_ticks(axes, x=[1, 10, 100, 1000])
    panels[1].legend(loc="lower right", fontsize=8)
    return figure


def coverage_figure(findings: Mapping[str, Any], live_ks: Sequence[int], live: Sequence[float]) -> Figure:
    """Return coverage against the samples: three generators, and what judging by the last number makes of it.

    Args:
        findings: of the recorded run of row 86.
        live_ks, live: numbers of samples and coverage of the live run.
    """
    import matplotlib.pyplot as plt

    covered, drawn = findings["settings"], findings["sampled"]
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.7), sharey=True, layout="constrained")
    for (name, found), marker in zip(covered.items(), "os^", strict=True):
        left.plot(findings["ks"], found["coverage"], marker=marker, label=name)
    equal = next(iter(covered.values()))["equally hard"]
    left.plot(findings["ks"], equal, ":", color=COLOURS[0], label="first, equally hard")
    right.plot(drawn["ks"], drawn["exact"], color=COLOURS[0], label="all steps, exact")
    right.plot(drawn["ks"], drawn["right"], "o", color=COLOURS[0], label="all steps, sampled")
    right.plot(live_ks, live, "+", color=COLOURS[3], label="all steps, live run")
    right.plot(drawn["ks"], drawn["right_answers"], "--s", color=COLOURS[1], label="last number")
    right.plot(drawn["ks"], drawn["guessed answers"], ":", color=COLOURS[2], label="blind guesses")
    for axes in (left, right):
        axes.set(xscale="log", xlabel="samples k", ylabel="coverage, pass@k", ylim=(0, 1.05))
        label_ticks(axes, x=[1, 10, 100, 1000, 10_000])
        axes.legend(**LEGEND_ABOVE, ncols=2)
    return figure


def votes_figure(record: Record, live: Sequence[float]) -> Figure:
    """Return what votes solve, and for each task the majority of 32 against one sample.

    Args:
        record: of row 87.
        live: shares of the live run, over the same numbers of votes.
    """
    import matplotlib.pyplot as plt

    voters = record.findings["voters"]
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.5), layout="constrained")
    for name, colour, marker in zip(SETTINGS, COLOURS, "os", strict=False):
        found, votes = record.findings[name], by_task(record.results, name, "votes")
        left.plot(voters, found["votes"], marker=marker, color=colour, label=f"{name}: votes")
        left.axhline(found["greedy"], linestyle="--", color=colour, label="greedy, one answer")
        single = by_task(record.results, name, "single")
        right.scatter(single, votes[:, -1], s=9, color=colour, marker=marker, alpha=0.5)
    left.plot(voters, live, "+", color=COLOURS[3], label="votes, live run, shorter tasks")
    left.set(xscale="log", xlabel="votes", ylabel="tasks solved (share)", ylim=(0, 1.05))
    label_ticks(left, x=voters)
    left.legend(**LEGEND_ABOVE)
    right.plot([0, 1], [0, 1], color="black", linewidth=0.8)
    right.set(xlabel="one sample is right (share)", ylabel="majority of 32 is right (share)")
    return figure


def waits_figure(
    steps: np.ndarray, valid: np.ndarray, side_by_side: Sequence[int], waits: Mapping[str, Sequence[float]]
) -> Figure:
    """Return when a valid answer has arrived, and the expected waits, against the answers side by side.

    Args:
        steps: decoding steps of each measured output (M,).
        valid: whether it was valid (M,).
        side_by_side: numbers of answers.
        waits: by name, a wait in steps for each of these.
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.4), layout="constrained")
    moments = np.arange(1, steps.max() + 1)
    for n, style in zip((1, 4, 16), ("-", "--", ":"), strict=True):
        arrived = [1 - (1 - np.mean(valid & (steps <= moment))) ** n for moment in moments]
        left.step(moments, arrived, style, where="post", label=f"n = {n}")
    left.set(xlabel="waiting time (decoding steps)", ylim=(0, 1.03))
    left.set(ylabel="a valid answer is there (probability)")
    left.legend(loc="upper left")
    for (name, values), style in zip(waits.items(), ("-o", ":^", "--s"), strict=True):
        right.plot(side_by_side, values, style, label=name)
    right.set(xscale="log", xlabel="answers side by side, n", ylim=(0, None))
    right.set(ylabel="wait (steps of n = 1)")
    label_ticks(right, x=side_by_side)
    right.legend(fontsize=8)
    return figure


def gains_figure(
    models: Sequence[str], recorded: Mapping[str, Sequence[float]], live: Mapping[str, Sequence[float]]
) -> Figure:
    """Return the gain of three tries against sensitivity and against the success of one try, a mark for each model.

    Args:
        models: the size of each model of the recorded run.
        recorded: "sensitivity", "one try" and "gain" of each.
        live: the same of the live run's models.
    """
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.6), sharey=True, layout="constrained")
    names = list(dict.fromkeys(models))
    for axes, x in zip(panels, ("sensitivity", "one try"), strict=True):
        for name, marker, colour in zip(names, "os^D", COLOURS, strict=False):
            rows = [place for place, model in enumerate(models) if model == name]
            of_name = ([recorded[key][row] for row in rows] for key in (x, "gain"))
            axes.plot(*of_name, marker, color=colour, label=name)
        axes.plot(live[x], live["gain"], "x", color="black", label="live run")
        axes.set(ylabel="gain of three tries (share of tasks)", ylim=(-0.02, 0.45))
    panels[0].set(xlabel="sensitivity: changed greedy answers (share)", xlim=(0, 1.02))
    curve = np.linspace(0, 1, 50)
    panels[1].plot(curve, 1 - (1 - curve) ** 3 - curve, color="black", linewidth=0.8)
    panels[1].text(0.5, 0.4, "if all tasks were equally hard", fontsize=8)
    panels[1].set(xlabel="success of one try (share)")
    panels[0].legend(fontsize=8)
    return figure
