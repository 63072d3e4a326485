"""Published scores by language beside the languages' shares of Common Crawl."""

from __future__ import annotations

from collections.abc import Mapping

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
