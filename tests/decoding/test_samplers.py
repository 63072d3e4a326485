"""Drawing tokens: greedy, filters, composition, clear errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch

from utils.decoding.samplers import MinP, Sampler, Temperature, TopK, TopP, draw, greedy

INF = float("inf")


@dataclass(frozen=True)
class Shift(Sampler):
    """Adds a number to the first logit: enough to see the order of a chain."""

    amount: float

    def transform(self, logits: torch.Tensor) -> torch.Tensor:
        return torch.cat((logits[..., :1] + self.amount, logits[..., 1:]), -1)


def kept(logits: torch.Tensor) -> list[int]:
    """Return the ids of one row that are not at -inf."""
    return (logits > -INF).nonzero()[:, 0].tolist()


def test_greedy_takes_the_first_of_equal_logits() -> None:
    assert greedy(torch.tensor([[1.0, 3.0, 3.0], [5.0, 0.0, 0.0]])).tolist() == [1, 0]


def test_draws_follow_the_softmax() -> None:
    logits = torch.tensor([0.0, 1.0, 2.0, -INF])
    n = 20000
    ids = draw(logits.expand(n, 4), torch.Generator().manual_seed(0))
    for token, p in enumerate(logits.softmax(-1).tolist()):
        # Five standard errors: a false alarm in under one of a million draws.
        assert abs((ids == token).float().mean().item() - p) <= 5 * math.sqrt(p * (1 - p) / n)


@pytest.mark.parametrize("V", [5000, 6016])
def test_draws_from_a_large_vocabulary_follow_the_softmax(V: int) -> None:
    # Some tokens in the first block, in one in the middle, and at the very end, which is no whole block for 5000.
    likely = torch.tensor([0, 1, 2500, 2501, V - 2, V - 1])
    logits = torch.full((V,), -INF)
    logits[likely] = torch.tensor([0.0, 1.0, 2.0, 0.5, 1.5, -1.0])
    n = 10000
    ids = torch.cat([draw(logits.expand(500, V), torch.Generator().manual_seed(seed)) for seed in range(n // 500)])
    assert set(ids.tolist()) <= set(likely.tolist())
    for token in likely.tolist():
        p = logits.softmax(-1)[token].item()
        # Five and a half standard errors: six tokens, two vocabularies, a false alarm in under one of a million runs.
        assert abs((ids == token).float().mean().item() - p) <= 5.5 * math.sqrt(p * (1 - p) / n)


@pytest.mark.parametrize("shape", [(7,), (2, 7), (2, 3, 7), (2, 5000), (2, 3, 5000)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_any_leading_dimensions_are_taken(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    logits = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(dtype)
    before = logits.clone()
    sampler = Temperature(0.7) | TopK(5) | TopP(0.9) | MinP(0.01)
    changed = sampler.transform(logits)
    assert changed.shape == logits.shape
    assert changed.dtype == dtype
    assert torch.equal(logits, before)
    rows = torch.stack([sampler.transform(row) for row in logits.reshape(-1, shape[-1])])
    assert torch.equal(changed.reshape(-1, shape[-1]), rows)
    ids = sampler(logits)
    assert ids.shape == shape[:-1]
    assert torch.isfinite(changed.gather(-1, ids[..., None])).all()
    assert greedy(logits).shape == shape[:-1]


def test_no_rows_are_no_error() -> None:
    assert (TopK(2) | TopP(0.5) | MinP(0.1))(torch.zeros(0, 9)).shape == (0,)


def test_logits_of_a_transposed_view_are_taken() -> None:
    logits = torch.randn(5000, 3, generator=torch.Generator().manual_seed(0)).T
    sampler = TopK(9) | TopP(0.9)
    assert torch.equal(sampler.transform(logits), sampler.transform(logits.contiguous()))


def test_a_chain_applies_its_parts_in_order() -> None:
    logits = torch.tensor([[1.0, 2.0]])
    torch.testing.assert_close((Shift(3) | Temperature(0.5)).transform(logits), torch.tensor([[8.0, 4.0]]))
    torch.testing.assert_close((Temperature(0.5) | Shift(3)).transform(logits), torch.tensor([[5.0, 4.0]]))
    assert logits.tolist() == [[1.0, 2.0]]


def test_temperature_zero_is_greedy() -> None:
    logits = torch.tensor([[1.0, 3.0, 3.0]]).expand(100, 3)
    assert (Temperature(0)(logits) == 1).all()


def test_a_seed_fixes_the_draws() -> None:
    logits = torch.zeros(50, 1000)
    sampler = Temperature(1.0)
    first, again, other = (sampler.seeded(seed)(logits) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("V", [6, 5000, 70000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_top_k_keeps_exactly_k_and_lower_ids_of_equal_ones(V: int, dtype: torch.dtype) -> None:
    logits = torch.zeros(2, V, dtype=dtype)
    logits[0, 3], logits[0, 5] = 2.0, 1.0
    logits[1, :4] = torch.tensor([1.0, 3.0, 3.0, 3.0])
    chosen = [[kept(row) for row in TopK(k).transform(logits)] for k in (1, 2, 3, 4)]
    assert chosen == [[[3], [1]], [[3, 5], [1, 2]], [[0, 3, 5], [1, 2, 3]], [[0, 1, 3, 5], [0, 1, 2, 3]]]


def test_k_of_the_vocabulary_or_more_keeps_all() -> None:
    logits = torch.tensor([1.0, 1.0, -INF])
    assert TopK(3).transform(logits).tolist() == TopK(99).transform(logits).tolist() == [1.0, 1.0, -INF]


def test_top_p_keeps_the_token_that_crosses_p() -> None:
    logits = torch.tensor([0.1, 0.5, 0.3, 0.1]).log()
    for p, wanted in (
        (0.01, [1]),
        (0.49, [1]),
        (0.51, [1, 2]),
        (0.79, [1, 2]),
        (0.85, [0, 1, 2]),
        (0.95, [0, 1, 2, 3]),
    ):
        assert kept(TopP(p).transform(logits)) == wanted


def test_top_p_stops_where_p_is_met_exactly() -> None:
    logits = torch.tensor([0.1, 0.5, 0.3, 0.1]).log()
    for p, wanted in ((0.5, [1]), (0.8, [1, 2]), (0.9, [0, 1, 2]), (1.0, [0, 1, 2, 3])):
        assert kept(TopP(p).transform(logits)) == wanted


@pytest.mark.parametrize("V", [104, 8192])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_top_p_takes_lower_ids_of_equal_ones_first(V: int, dtype: torch.dtype) -> None:
    # Half of the probability on four equal tokens, the other half evenly on the rest.
    logits = torch.full((V,), math.log(0.5 / (V - 4)), dtype=dtype)
    logits[[1, 3, 5, 6]] = math.log(0.125)
    assert kept(TopP(0.2).transform(logits)) == [1, 3]
    assert kept(TopP(0.3).transform(logits)) == [1, 3, 5]
    stays = kept(TopP(0.75).transform(logits))
    rest = [i for i in stays if i not in (1, 3, 5, 6)]
    assert rest == [i for i in range(V) if i not in (1, 3, 5, 6)][: len(rest)]
    # bfloat16 rounds the logits themselves.
    assert len(rest) == pytest.approx((V - 4) / 2, rel=1e-4 if dtype == torch.float32 else 0.05)


@pytest.mark.parametrize("scale", [0.0, 0.001, 1.0, 5.0, 100.0])
@pytest.mark.parametrize("p", [0.01, 0.5, 0.9, 0.999, 0.9999995])
def test_the_nucleus_of_a_large_vocabulary_is_the_sorted_one(scale: float, p: float) -> None:
    logits = scale * torch.randn(3, 20000, generator=torch.Generator().manual_seed(1))
    logits[1, ::3] = -INF
    probabilities = logits.double().softmax(-1)
    result = TopP(p).transform(logits)
    for row, probability, source in zip(result, probabilities, logits, strict=True):
        stays = row > -INF
        mass = probability[stays].sum().item()
        least = probability[stays].min().item()
        # It reaches p, it would not without its last token, and no likelier token was left out.
        assert mass >= p - 3e-6
        assert mass - least < p + 3e-6
        assert (probability * ~stays).max() <= least
        assert torch.equal(row[stays], source[stays])


def test_min_p_keeps_what_reaches_the_share_of_the_likeliest() -> None:
    logits = torch.tensor([0.1, 0.6, 0.3]).log()
    for min_p, wanted in ((0.0, [0, 1, 2]), (0.1, [0, 1, 2]), (0.2, [1, 2]), (0.5, [1, 2]), (0.51, [1]), (1.0, [1])):
        assert kept(MinP(min_p).transform(logits)) == wanted
    assert kept(MinP(1.0).transform(torch.tensor([2.0, 2.0, 1.0]))) == [0, 1]


@pytest.mark.parametrize("sampler", [TopK(3), TopP(0.999), MinP(0.0), Temperature(0.5), TopK(1), TopP(0.2), MinP(1.0)])
def test_masked_tokens_stay_masked(sampler: Sampler) -> None:
    logits = torch.full((2, 5), -INF)
    logits[0, 2], logits[1, 0], logits[1, 4] = 1.0, 5.0, 3.0
    changed = sampler.transform(logits)
    assert not ((changed > -INF) & (logits == -INF)).any()
    assert (changed > -INF).any(-1).all()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Temperature(-0.1), "temperature .* -0.1"),
        (lambda: Temperature(INF), "temperature"),
        (lambda: Temperature(float("nan")), "temperature"),
        (lambda: TopK(0), "k must be .* not 0"),
        (lambda: TopK(-3), "k must be .* not -3"),
        (lambda: TopK(2.5), "k must be .* not 2.5"),  # type: ignore[arg-type]
        (lambda: TopK(True), "k must be .* not True"),
        (lambda: TopP(0), "p must .* not 0"),
        (lambda: TopP(-0.5), "p must .* not -0.5"),
        (lambda: TopP(1.01), "p must .* not 1.01"),
        (lambda: TopP(float("nan")), "p must .* not nan"),
        (lambda: MinP(-0.01), "min_p must .* not -0.01"),
        (lambda: MinP(1.5), "min_p must .* not 1.5"),
        (lambda: MinP(float("nan")), "min_p must .* not nan"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make: Callable[[], Sampler], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([float("nan"), 1.0], "hold NaN"),
        ([1.0, float("nan")], "hold NaN"),
        ([-INF, -INF], "every token is -inf"),
        ([1.0, INF], r"hold \+inf"),
    ],
)
@pytest.mark.parametrize("V", [2, 5000])
@pytest.mark.parametrize(
    "use",
    [draw, greedy, *(s.transform for s in (Temperature(0), Temperature(0.5), TopK(1), TopP(0.5), TopP(1), MinP(0.1)))],
)
def test_rows_that_hold_no_distribution_are_refused(row: list[float], words: str, V: int, use: Callable) -> None:
    logits = torch.zeros(3, V)
    logits[1] = -INF
    logits[1, :2] = torch.tensor(row)
    with pytest.raises(ValueError, match=words):
        use(logits)


@pytest.mark.parametrize("logits", [torch.tensor([1, 2]), torch.tensor(1.0), torch.zeros(3, 0)])
@pytest.mark.parametrize("use", [draw, greedy, TopK(1).transform])
def test_tensors_that_are_no_logits_are_refused(logits: torch.Tensor, use: Callable) -> None:
    with pytest.raises(ValueError, match="logits must"):
        use(logits)
