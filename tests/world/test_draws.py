"""Random choices: published stream, exact tables, no favoured outcome."""

from __future__ import annotations

import hashlib
import math
import struct

import numpy as np
import pytest

from utils.world.draws import Choice, Draws, uniform_choice, zipf_weights


def test_words_are_the_shake_128_stream_of_the_label() -> None:
    label = b'["a label", 3]'
    blocks = [hashlib.shake_128(label + struct.pack("<Q", block)).digest(4096) for block in range(2)]
    expected = struct.unpack("<2048I", b"".join(blocks))
    draws = Draws("a label", 3)
    assert tuple(draws.word() for _ in range(2048)) == expected


def test_labels_that_look_alike_name_different_streams() -> None:
    streams = {Draws(*label).word() for label in (("a", 1), ("a", "1"), ("a1",), ("a", 11), ("a", 1, 1), (1, "a"))}
    assert len(streams) == 6


def test_integers_of_any_type_name_the_same_stream() -> None:
    assert Draws("a", np.int64(1)).word() == Draws("a", 1).word() == Draws("a", True).word()
    with pytest.raises(TypeError):
        Draws("a", 1.5)  # type: ignore[arg-type]


def test_choice_maps_words_to_outcomes_in_proportion_to_weights() -> None:
    choice = Choice((1, 5, 2))
    counts = [0, 0, 0]
    for word in range(8000):
        counts[choice.outcome(word)] += 1
    assert counts == [1000, 5000, 2000]
    assert choice.probabilities == [0.125, 0.625, 0.25]
    assert choice.log_probabilities[1] == math.log(0.625)


def test_words_beyond_the_largest_multiple_are_drawn_again() -> None:
    choice = uniform_choice(3)  # 2**32 = 3 * 1431655765 + 1
    assert choice.outcome(2**32 - 2) == 2
    assert choice.outcome(2**32 - 1) == -1


def test_draws_have_the_stated_frequencies() -> None:
    draws, choice = Draws("frequencies"), Choice((1, 2, 3, 4))
    n = 40_000
    counts = [0] * 4
    for _ in range(n):
        counts[draws.choose(choice)] += 1
    statistic = sum((count - n * p) ** 2 / (n * p) for count, p in zip(counts, choice.probabilities, strict=True))
    assert statistic < 30.7  # 1 - 1e-6 quantile of chi-square with 3 degrees of freedom


def test_zipf_weights_follow_the_power_law() -> None:
    weights = zipf_weights(1000, 1.0)
    assert weights[0] / weights[9] == pytest.approx(10, rel=1e-5)
    assert zipf_weights(5, 0) == [1] * 5
    assert sum(zipf_weights(100_000, 1.3)) <= 2**32


def test_normal_has_mean_zero_and_variance_one() -> None:
    draws = Draws("normal")
    values = [draws.normal() for _ in range(20_000)]
    mean = sum(values) / len(values)
    assert abs(mean) < 5 / math.sqrt(20_000)
    assert abs(sum(v * v for v in values) / len(values) - 1) < 5 * math.sqrt(2 / 20_000)


def test_shuffle_and_sample_keep_items() -> None:
    draws = Draws("shuffle")
    items = list(range(50))
    draws.shuffle(items)
    assert sorted(items) == list(range(50))
    assert items != list(range(50))
    assert len(set(draws.sample(items, 20))) == 20


@pytest.mark.parametrize("weights", [(), (0, 1), (-1,), (2**32, 1)])
def test_weights_that_make_no_distribution_are_refused(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Choice(weights)


def test_sizes_out_of_range_are_refused() -> None:
    draws = Draws(0)
    with pytest.raises(ValueError, match="got 0"):
        draws.below(0)
    with pytest.raises(ValueError, match="got 4"):
        draws.sample([1, 2, 3], 4)
    with pytest.raises(ValueError, match="exponent"):
        zipf_weights(3, -1)
