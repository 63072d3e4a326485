"""Exercise `sample_token` of notebook 07."""

# %% solution
import torch
from torch import Tensor


def sample_token(logits: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Draw a token for each row from softmax(logits).

    Args:
        logits: (..., V); a token with the logit -inf is never drawn.
        generator: where the random numbers come from, torch's global generator when None.

    Returns:
        Ids (...), the shape of the logits without the last dimension.
    """
    ### BEGIN SOLUTION
    probabilities = logits.softmax(-1)
    rows = probabilities.reshape(-1, logits.shape[-1])
    return torch.multinomial(rows, 1, generator=generator).reshape(logits.shape[:-1])
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import math

import torch

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# False alarms: N KL(share, p) > 19.2 has a probability below 2 exp(-19.2) = 1e-8 for each count (Chernoff). There are 16
# counts here and 8 in the next cell, so fewer than one right answer in four million fails.
BOUND = 19.2


# %% examples
def examples(check):
    shape_of_ids = lambda got: (
        tuple(got.shape) if isinstance(got, torch.Tensor) else () if isinstance(got, int) else got
    )
    check(
        lambda: shape_of_ids(sample_token(torch.randn(4, 3, 7))),
        (4, 3),
        "the shape of ids for logits of shape (4, 3, 7)",
    )
    check(
        lambda: shape_of_ids(sample_token(torch.randn(7))),
        (),
        "the shape of the id for logits of shape (7,)",
    )
    counts_of_draws = lambda: torch.as_tensor(
        sample_token(torch.tensor([0.8, 0.2, 0.0]).log().expand(4000, 3))
    ).bincount(minlength=3)
    check(
        lambda: [
            round(abs(count / 4000 - wanted) - 0.025, 1)
            for count, wanted in zip(counts_of_draws().tolist(), (0.8, 0.2, 0.0))
        ],
        [0.0, 0.0, 0.0],
        "distance of the shares of 4,000 draws from the probabilities 0.8, 0.2 and 0, rounded",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    shape_of_ids = lambda got: (
        tuple(got.shape) if isinstance(got, torch.Tensor) else () if isinstance(got, int) else got
    )
    counts_of_draws = lambda: torch.as_tensor(
        sample_token(torch.tensor([0.8, 0.2, 0.0]).log().expand(4000, 3))
    ).bincount(minlength=3)
    found[
        "distance of the shares of 4,000 draws from the probabilities 0.8, 0.2 and 0, rounded"
    ] = Diagnosis(otherwise="Draw from softmax(logits), each row on its own.")
    return found


# %% graded: 2 points | ids of the right shape, drawn from softmax(logits), each row on its own.
def test_1() -> None:
    def divergence(share, chance):
        """Return the Kullback-Leibler divergence of two coins."""
        total = 0.0
        for one, other in ((share, chance), (1 - share, 1 - chance)):
            if one > 0:
                total += one * math.log(one / other) if other > 0 else math.inf
        return total

    def plausible(counts, chances):
        """Say whether counts may well come from these probabilities."""
        n = sum(counts)
        return all(
            n * divergence(count / n, chance) <= BOUND for count, chance in zip(counts, chances)
        )

    def shape_text(got):
        if isinstance(got, torch.Tensor):
            return f"{tuple(got.shape)}"
        return (
            "()" if isinstance(got, int) and not isinstance(got, bool) else f"{type(got).__name__}"
        )

    for dimensions in [(5,), (3, 5), (1, 5), (2, 3, 5), (4, 1, 5), (2, 1, 3, 5)]:
        logits = torch.randn(dimensions, generator=torch.Generator().manual_seed(3))
        check(
            lambda: shape_text(sample_token(logits.clone())),
            f"{dimensions[:-1]}",
            f"shape of the ids for logits of shape {dimensions}",
            mistakes={
                "The shape has a dimension of size 1 too many at its end: take it away, and only it.": f"{(*dimensions[:-1], 1)}",
                "The shape lost dimensions of size 1 that are part of the batch: take away the last dimension only.": (
                    f"{tuple(size for size in dimensions[:-1] if size != 1)}"
                ),
                "Return ids, in the shape of the logits without the last dimension. Yours has the shape of the logits.": f"{dimensions}",
            },
            otherwise="The ids have the shape of the logits without the last dimension.",
            if_raises="The logits may have any number of dimensions; reshape where a function takes only two.",
        )

    # Two kinds of rows with the same tokens in another order, so that one row's probabilities cannot pass for the other's.
    N = 12_000
    two_rows = torch.tensor(
        [[0.0, 1.5, -1.0, 0.7, -2.0, 0.3, -0.6, 1.0], [1.0, -2.0, 0.3, 0.0, -0.6, 1.5, 0.7, -1.0]]
    )
    batch = two_rows[:, None, :].expand(2, N, 8)
    exact = two_rows.double()

    def judged(ids):
        """Name the distribution that the ids seem to come from."""
        if not isinstance(ids, torch.Tensor) or tuple(ids.shape) != (2, N):
            return "no ids of the shape (2, N)"
        if ids.is_floating_point() and not bool((ids == ids.round()).all()):
            return "no whole numbers"
        counts = [row.long().clamp(0, 7).bincount(minlength=8).tolist() for row in ids]

        def both_rows_fit(chances):
            return all(plausible(one, other.tolist()) for one, other in zip(counts, chances))

        if both_rows_fit(exact.softmax(-1)):
            return "softmax(logits)"
        if all(max(one) == N for one in counts):
            return (
                "one token for all rows"
                if ids[0, 0] != two_rows[0].argmax()
                else "the largest logit"
            )
        candidates = {
            "uniform": torch.full((2, 8), 1 / 8),
            "softmax over the batch": (
                batch.double().softmax(0)[:, 0]
                / batch.double().softmax(0)[:, 0].sum(-1, keepdim=True)
            ),
            "squared": (2 * exact).softmax(-1),
            "rooted": (exact / 2).softmax(-1),
            "logits as weights": (exact - exact.amin(-1, keepdim=True))
            / (exact - exact.amin(-1, keepdim=True)).sum(-1, keepdim=True),
            "inverted": (-exact).softmax(-1),
        }
        for name, chances in candidates.items():
            if both_rows_fit(chances):
                return name
        return "something else"

    check(
        lambda: judged(sample_token(batch.clone())),
        "softmax(logits)",
        f"the distribution of {N:,} draws from each of two rows",
        mistakes={
            "The most likely token came every time: that is argmax, greedy decoding. Draw from softmax(logits).": "the largest logit",
            "One random number serves the whole batch. Each row is drawn on its own, independent of the others.": "one token for all rows",
            "All tokens are equally likely (uniform). Draw from softmax(logits).": "uniform",
            "The softmax runs over another dimension. The vocabulary is the last one.": "softmax over the batch",
            "The probabilities enter squared. Draw from softmax(logits).": "squared",
            "The probabilities enter under a root. Draw from softmax(logits).": "rooted",
            "The logits serve as weights. The weights are their softmax.": "logits as weights",
            "The unlikely tokens are likely: a sign is wrong. Draw from softmax(logits).": "inverted",
            "Return ids, in the shape of the logits without the last dimension.": "no ids of the shape (2, N)",
            "Return ids: whole numbers.": "no whole numbers",
        },
        otherwise="The shares of the tokens are not those of softmax(logits). With noise and argmax, the noise must be Gumbel's, -log(-log(u)), "
        "added to the logits.",
    )


# %% graded: 2 points | a token with the logit -inf is never drawn, and large logits do no harm.
def test_2() -> None:
    N = 6000
    out = -math.inf

    def plausible(counts, chances):
        """Say whether counts may well come from these probabilities (Chernoff's bound for each count)."""

        def divergence(share, chance):
            pairs = ((share, chance), (1 - share, 1 - chance))
            return sum(
                one * math.log(one / other) if other > 0 else math.inf
                for one, other in pairs
                if one > 0
            )

        n = sum(counts)
        return all(
            n * divergence(count / n, chance) <= BOUND for count, chance in zip(counts, chances)
        )

    def counts_of_draws(row):
        """Return the number of times that each token was drawn from N rows like this."""
        ids = sample_token(torch.tensor(row).expand(N, len(row)).clone())
        if not isinstance(ids, torch.Tensor) or tuple(ids.shape) != (N,):
            return ids
        return ids.long().clamp(0, len(row) - 1).bincount(minlength=len(row)).tolist()

    for what, row in (
        ("tokens 0, 2, 3 and 5 have the logit -inf", [out, 0.5, out, out, 1.0, out]),
        ("only token 3 has a logit above -inf", [out, out, out, -2.0, out]),
        ("the last tokens have the logit -inf", [0.1, 0.0, -0.3, out, out, out]),
    ):
        allowed = [value > out for value in row]

        def forbidden_ones(row=row, allowed=allowed):
            counts = counts_of_draws(row)
            return (
                counts
                if not isinstance(counts, list)
                else sum(c for c, yes in zip(counts, allowed) if not yes)
            )

        check(
            forbidden_ones,
            0,
            f"{what}: draws of a forbidden token among {N:,}",
            otherwise="A token with the logit -inf must never be drawn: its probability is 0, with no floor under it.",
            if_raises="A logit of -inf is a probability of 0, and no error.",
        )
    for shift in (1000.0, -1000.0):
        row = [shift, shift + 1.0, shift - 1.0, out]

        def verdict(row=row):
            counts = counts_of_draws(row)
            if not isinstance(counts, list):
                return counts
            chances = (
                torch.tensor([value - row[0] for value in row], dtype=torch.float64)
                .softmax(-1)
                .tolist()
            )
            return (
                "softmax(logits)"
                if plausible(counts, chances)
                else f"shares {[round(c / N, 2) for c in counts]}"
            )

        check(
            verdict,
            "softmax(logits)",
            f"the distribution of {N:,} draws from the logits {row}",
            otherwise="Powers of large logits overflow. Only differences count: use a stable softmax.",
            if_raises="Powers of large logits overflow. Only differences count: use a stable softmax.",
        )


# %% graded: 1 point | the draws come from the generator that is given, which advances; without one they differ from call to call.
def test_3() -> None:
    # Two lists of 600 independent draws over ten tokens agree by chance with a probability far below 1e-100.
    logits = (
        torch.randn(
            20,
            30,
            10,
            generator=torch.Generator().manual_seed(case_rng("sample_token", 0).getrandbits(40)),
        )
        / 2
    )

    def as_list(got):
        return got.tolist() if isinstance(got, torch.Tensor) else got

    for seed in (0, 1, 12345):
        check(
            lambda: (
                as_list(sample_token(logits, torch.Generator().manual_seed(seed)))
                == as_list(sample_token(logits, generator=torch.Generator().manual_seed(seed)))
            ),
            True,
            f"two calls with fresh generators of the seed {seed} give the same ids",
            otherwise="The generator has no effect. Hand it to the function that draws, so that a seed can be repeated.",
        )
    check(
        lambda: (
            as_list(sample_token(logits, torch.Generator().manual_seed(1)))
            != as_list(sample_token(logits, torch.Generator().manual_seed(2)))
        ),
        True,
        "two seeds give different ids",
        otherwise="The same draws whatever the seed. Draw with the generator that is given.",
    )

    def differ_in_two_calls(generator):
        return as_list(sample_token(logits, generator)) != as_list(sample_token(logits, generator))

    check(
        lambda: differ_in_two_calls(torch.Generator().manual_seed(7)),
        True,
        "two calls with one generator give different ids",
        otherwise="The generator starts again at every call, with the same draws. Do not seed or copy it: each call must advance it.",
    )
    check(
        lambda: differ_in_two_calls(None),
        True,
        "two calls without a generator give different ids",
        otherwise="The same draws at every call: a fixed seed hides in your code. Without a generator use torch's global one.",
    )
    with inputs_unchanged(logits):
        check(
            lambda: len(as_list(sample_token(logits))), 20, "the logits are used again afterwards"
        )
