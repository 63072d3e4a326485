"""Published scores: by language beside the shares of Common Crawl, and of two models side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.stats import spearmanr

from utils.text.tables import load_table


def scores_by_share(model: str) -> dict[str, tuple[float, float]]:
    """Return for each language that both tables have its share of Common Crawl and a model's score, in percent.

    Args:
        model: "gpt_4o" or "gpt_4o_mini".

    Returns:
        language -> (share, score), the largest share first.

    Raises:
        ValueError: the table has no such model.
    """
    shares = {
        row["language"]: float(row["share_percent"])
        for name in ("under_represented_languages", "common_crawl_languages")
        for row in load_table(name)
    }
    rows, key = load_table("mmlu_by_language"), f"{model}_percent"
    if key not in rows[0]:
        raise ValueError(f"model is {model!r}, and the table has gpt_4o and gpt_4o_mini")
    found = {row["language"]: (shares[row["language"]], float(row[key])) for row in rows if row["language"] in shares}
    return dict(sorted(found.items(), key=lambda one: -one[1][0]))


def rank_correlation(scores: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    """Return the rank correlation of share and score over languages, and its p-value."""
    found = spearmanr([share for share, _ in scores.values()], [score for _, score in scores.values()])
    return float(found.statistic), float(found.pvalue)


@dataclass(frozen=True)
class Comparison:
    """Accuracies of CLIP and Open CLIP on one dataset.

    Attributes:
        dataset, domain: what the dataset is called, and what its images show.
        gain: accuracy of Open CLIP less that of CLIP, in percentage points.
        chance: by how much the two may differ by chance (95%), in points; None where the test set has no fixed size.
    """

    dataset: str
    domain: str
    gain: float
    chance: float | None

    @property
    def exceeds_chance(self) -> bool:
        """Whether the difference is known to be more than chance."""
        return self.chance is not None and abs(self.gain) > self.chance


def clip_comparisons() -> list[Comparison]:
    """Return the comparison on each dataset that has an accuracy of both models, the smallest gain first."""
    found = []
    for row in load_table("clip_accuracy"):
        if row["clip_percent"] is None:
            continue
        accuracies, chance = (row["clip_percent"] / 100, row["open_clip_percent"] / 100), None
        if row["test_images"]:
            # Two independent proportions: wider than the unpublished paired error, so on the safe side.
            chance = 196 * sum(p * (1 - p) / row["test_images"] for p in accuracies) ** 0.5
        gain = row["open_clip_percent"] - row["clip_percent"]
        found.append(Comparison(row["dataset"], row["domain"], gain, chance))
    return sorted(found, key=lambda one: one.gain)
