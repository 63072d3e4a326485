"""Right against made-up answers: which points no other one beats, and a picture in which names cannot overlap."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from utils.experiments.hallucination import mitigation_policy_recipe as preferred
from utils.experiments.hallucination import mitigation_recipe as mitigation
from utils.experiments.recording.design import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[float, float]
"""Share of made-up answers, share of right ones."""


def frontier(points: Mapping[str, Point]) -> list[str]:
    """Return the names of points that no other beats, from few made-up answers to many.

    A point is beaten by one that makes up no more and gets no less right, and is better in one of the two.

    >>> frontier({"silent": (0.0, 0.0), "careful": (0.0, 0.2), "bold": (0.5, 0.3), "worse": (0.6, 0.3)})
    ['careful', 'bold']

    Raises:
        ValueError: there are no points.
    """
    if not points:
        raise ValueError("points must hold at least one point, not none")
    kept = [
        name
        for name, (wrong, right) in points.items()
        if not any(w <= wrong and r >= right and (w, r) != (wrong, right) for w, r in points.values())
    ]
    return sorted(kept, key=lambda name: points[name])


def on_frontier(by_seed: Mapping[str, Sequence[Point]]) -> dict[str, float]:
    """Return for each name in how many of the seeds (a share) its point lies on the frontier of that seed.

    Raises:
        ValueError: there are no points, or not as many seeds for each name.
    """
    numbers = {len(points) for points in by_seed.values()}
    if len(numbers) != 1 or numbers == {0}:
        raise ValueError(f"by_seed must have as many points for each name, and some, not {sorted(numbers)}")
    (seeds,) = numbers
    kept = [frontier({name: points[seed] for name, points in by_seed.items()}) for seed in range(seeds)]
    return {name: sum(name in some for some in kept) / seeds for name in by_seed}


def points_by_seed(mitigated: Results, policies: Results) -> dict[str, list[Point]]:
    """Return by seed the points of all mitigations, and of all policies but the base model, which serves no users."""
    shares = ("hallucinated", "correct")
    arms = mitigated["mitigations"][0].result["arms"]
    columns = {arm: [mitigation.rate_of(mitigated, arm, one) for one in shares] for arm in arms}
    for kind in preferred.KINDS[1:]:
        columns[preferred.name_of(kind)] = [preferred.rate_of(policies, kind, one) for one in shares]
    return {name: list(zip(*some, strict=True)) for name, some in columns.items()}


def numbered_points(axes: Axes, points: Mapping[str, Point], filled: Collection[str], near: float = 0.035) -> None:
    """Draw points with numbers, and their names beside the axes; points at about one place share a label.

    Args:
        axes: where to draw.
        points: by name, in the order of the numbers.
        filled: names of points that are drawn full and joined by steps; the others are hollow.
        near: how near in both shares points share a label.
    """
    places: list[tuple[Point, list[int]]] = []
    for number, (name, point) in enumerate(points.items(), 1):
        axes.plot(*point, "o", color="C0", fillstyle="full" if name in filled else "none", markersize=7)
        for middle, numbers in places:
            if max(abs(point[0] - middle[0]), abs(point[1] - middle[1])) <= near:
                numbers.append(number)
                break
        else:
            places.append((point, [number]))
    middle_of_all = sum(x for x, _ in points.values()) / len(points)
    for middle, numbers in places:
        right = middle[0] <= middle_of_all or len(numbers) == 1  # a long label goes to where there is room
        style: dict[str, Any] = {"xytext": (6 if right else -12, 4), "ha": "left" if right else "right"}
        axes.annotate(", ".join(map(str, numbers)), middle, textcoords="offset points", fontsize=9, **style)
    edge = sorted(points[name] for name in filled)
    axes.step([x for x, _ in edge], [y for _, y in edge], where="post", color="C0", linewidth=1)
    names = "\n".join(f"{number:2}  {name}" for number, name in enumerate(points, 1))
    axes.text(1.03, 1, names, transform=axes.transAxes, va="top", fontsize=9)
