"""Popularity as a filter: keep what at least so many readers voted for (WebText kept links with three upvotes).

A simulation with a known truth. A post has a quality and, apart from it, an appeal; readers vote for a mix of the two.
Its audience is log-normal (few posts are seen by many), and its votes are Poisson with mean audience x rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.text.filter_scores import FilterScores, filter_scores


@dataclass(frozen=True)
class Posts:
    """Simulated posts, one entry each: latent quality, whether it is good, audience, votes."""

    quality: NDArray[np.float64]
    is_good: NDArray[np.bool_]
    audience: NDArray[np.float64]
    votes: NDArray[np.int64]


def simulate_posts(
    n_posts: int,
    seed: int = 0,
    *,
    good_share: float = 0.3,
    agreement: float = 0.7,
    median_audience: float = 50.0,
    audience_spread: float = 1.5,
    vote_rate: float = 0.02,
    strength: float = 1.0,
) -> Posts:
    """Return posts with their votes.

    Args:
        n_posts: number of posts.
        seed: of the random numbers.
        good_share: the share of posts, those of the highest quality, that count as good.
        agreement: correlation of what readers like with quality; 0 is the control, votes that say nothing.
        median_audience: readers of the median post.
        audience_spread: standard deviation of the logarithm of the audience.
        vote_rate: votes per reader of a post of average liking.
        strength: by how much the logarithm of the rate grows per standard deviation of liking.

    Raises:
        ValueError: a number outside its range.
    """
    if n_posts < 1:
        raise ValueError(f"n_posts is {n_posts}, and must be at least 1.")
    if not 0 < good_share < 1:
        raise ValueError(f"good_share is {good_share}, and must be between 0 and 1.")
    if not -1 <= agreement <= 1:
        raise ValueError(f"agreement is {agreement}, and must be between -1 and 1.")
    if not (median_audience > 0 and audience_spread >= 0 and vote_rate > 0):
        raise ValueError(
            f"median_audience is {median_audience}, audience_spread {audience_spread} and vote_rate {vote_rate}: the "
            "first and last must be above 0, the spread at least 0."
        )
    rng = np.random.default_rng(seed)
    quality, appeal = rng.standard_normal(n_posts), rng.standard_normal(n_posts)
    liking = agreement * quality + np.sqrt(1 - agreement**2) * appeal
    audience = median_audience * np.exp(audience_spread * rng.standard_normal(n_posts))
    votes = rng.poisson(audience * vote_rate * np.exp(strength * liking))
    is_good = quality > np.quantile(quality, 1 - good_share)
    return Posts(quality, is_good, audience, votes)


def vote_filter(posts: Posts, threshold: int) -> FilterScores:
    """Return precision and recall of keeping the posts with at least `threshold` votes."""
    return filter_scores(posts.is_good.tolist(), (posts.votes >= threshold).tolist())
