# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---
# %% [markdown]
# # 07 Samplers
#
# A model gives probabilities; something else decides. In this notebook you write that something else: temperature,
# top-k, top-p, min-p, stopping, beam search. Then you ask what a model gains when it may try more than once, and what
# it takes to tell its good tries from its bad ones.
#
# You need notebooks 02 and 03 and about four hours with the exercises. When the outputs below were made, the whole
# notebook ran for 171 seconds on two CPU cores, nearly all of it for the experiments.
#
# **You will learn to**
#
# - turn logits into probabilities, log-probabilities and draws, without underflow;
# - filter a distribution in three ways, and measure what that does to variety and to truth;
# - stop a model in time, and know what stopping early breaks;
# - search for likely texts, and see why the likeliest is seldom the best;
# - judge many samples: by votes, by a verifier, by whether they are valid; and say how much each is worth.
#
# | section | exercises | difficulty | minutes |
# |---|---|---|---|
# | 1 From logits to a token | `token_probabilities`, `sample_token` | 2 and 2 of 5 | 10 and 15 |
# | 2 Temperature | | | |
# | 3 Logprobs | `sequence_logprob` with `average_logprob` | 2 of 5 | 15 |
# | 4 Top-k | `top_k_filter` | 2 of 5 | 15 |
# | 5 Top-p | `top_p_filter` | 3 of 5 | 20 |
# | 6 Min-p | `min_p_filter` | 2 of 5 | 10 |
# | 7 When to stop | `truncate_at_stop`, `generate` | 1 and 2 of 5 | 10 and 20 |
# | 8 Long and short | `best_average_logprob` | 1 of 5 | 10 |
# | 9 Beam search | `beam_search` | 4 of 5 | 40 |
# | 10 A verifier for a larger model | | | |
# | 11 More samples, and too many | | | |
# | 12 Coverage | `pass_at_k` | 3 of 5 | 15 |
# | 13 Votes | `majority_vote` | 1 of 5 | 10 |
# | 14 The first valid answer | `first_valid_latency` | 4 of 5 | 25 |
# | 15 Three tries | | | |
#
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as often as you like, and
# graded tests after that. A failed test tells you which mistake it has seen. No experiment depends on your answers.
#
# Three kinds of models do the work. **SmolLM2-135M** is a real one; with it you see what samplers do to language.
# **Models of the miniature world** (874,000 parameters) write documents whose exact probability is known: a document is
# *true* when the world could have written it, word for word. And small models that do **arithmetic in steps** write
# solutions that a program can check. Every experiment ends with a line in a table: what the chapter says, what we
# measured, the 95% interval, and a verdict that the code computes from the numbers.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget = setup()
verdicts = Verdicts()

# %% [markdown]
# ## 1 From logits to a token
#
# **What the chapter claims.** For each input a language model gives a vector of logits, one for each token of the
# vocabulary. Logits are not probabilities: they may be negative and sum to anything. The softmax makes probabilities of
# them. Always taking the most likely token is called greedy, and writes boring text.
#
# Four logits, by hand:

# %%
from math import exp

logits_by_hand = {"green": 2.0, "red": 1.5, "the": -1.0, "seven": -3.0}
powers = {word: exp(value) for word, value in logits_by_hand.items()}
for word, power in powers.items():
    print(
        f"{word:6} logit {logits_by_hand[word]:4}, e^logit {power:6.3f}, probability {power / sum(powers.values()):.3f}"
    )

# %% [markdown]
# Only differences of logits count. Add 100 to all four and the probabilities stay the same.

# %% [markdown]
# ### Exercise: `token_probabilities`
#
# *Difficulty 2 of 5, 10 minutes.* From logits to probabilities, at a temperature. The logits may have any shape; the last
# dimension is the vocabulary.
#
# - The chapter's example: logits [1, 2] give [0.27, 0.73], and at temperature 0.5 [0.12, 0.88].
# - Temperature 0 is the limit, greedy decoding: a probability of 1 for the first largest logit of each row, 0 for the rest. You
#   cannot get there by dividing, not by a tiny number either: two equal logits would share.
# - A low temperature makes logits large, so they may not overflow. `torch.softmax` is welcome here: you have written your own in
#   notebook 02.
# - A negative temperature is refused: raise a `ValueError` that names it.

# %% nbgrader={"grade": false, "grade_id": "token_probabilities", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def token_probabilities(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Return the probabilities of the tokens at a temperature.

    Args:
        logits: (..., V).
        temperature: what the logits are divided by; 0 puts everything on the first largest logit of each row.

    Returns:
        Probabilities (..., V), each row with the sum 1.

    Raises:
        ValueError: the temperature is negative.
    """
    ### BEGIN SOLUTION
    if temperature < 0:
        raise ValueError(f"temperature must not be negative, got {temperature}")
    if temperature == 0:
        return torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    return torch.softmax(logits / temperature, dim=-1)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "token_probabilities-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import torch

    from utils.notebook.checks import check, check_refused

    check(
        lambda: token_probabilities(torch.tensor([1.0, 2.0])),
        [0.26894142, 0.73105858],
        "logits 1 and 2",
        rtol=1e-5,
        otherwise="Take the softmax.",
    )
    check(
        lambda: token_probabilities(torch.tensor([1.0, 2.0]), temperature=0.5),
        [0.11920292, 0.88079708],
        "logits 1 and 2, temperature 0.5",
        rtol=1e-5,
        mistakes={
            "You multiplied by the temperature: divide.": [0.37754067, 0.62245933],
            "The temperature has no effect.": [0.26894142, 0.73105858],
        },
    )
    check(
        lambda: token_probabilities(torch.tensor([1.0, 2.0]), temperature=0),
        [0.0, 1.0],
        "logits 1 and 2, temperature 0",
        otherwise="At temperature 0 the largest logit gets probability 1.",
    )
    check_refused(lambda: token_probabilities(torch.tensor([1.0, 2.0]), temperature=-1.0), "temperature -1")


visible_test()


# %% nbgrader={"grade": true, "grade_id": "token_probabilities-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the softmax of logits / temperature over the last dimension, for logits of any shape.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check

    cases = [((5,), 0.5), ((3, 4), 2.0), ((2, 3, 5), 0.7), ((4, 4), 1.5), ((6,), None), ((3, 6), None)]
    for case, (shape, temperature) in enumerate(cases):
        seed = case_rng("token_probabilities", case).getrandbits(40)
        logits = torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 2
        exact = logits.double()
        used = 1.0 if temperature is None else temperature
        mistakes = {
            "These are logarithms of probabilities. Return the probabilities.": (exact / used).log_softmax(-1),
            "These are logits. Return probabilities: the softmax of them.": exact / used,
            "These are powers that do not sum to 1: divide by their sum.": (exact / used).exp(),
        }
        if len(shape) > 1:
            mistakes["The softmax runs over the first dimension. The vocabulary is the last dimension."] = (
                exact / used
            ).softmax(0)
        if temperature is None:
            mistakes["The default temperature is 1: no other default."] = lambda got, exact=exact: any(
                (torch.as_tensor(got).double() - (exact / other).softmax(-1)).abs().max() < 1e-4
                for other in (0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.2, 2.0)
                if hasattr(got, "shape") and tuple(got.shape) == tuple(exact.shape)
            )
        else:
            mistakes |= {
                "The logits were multiplied by the temperature. Divide: a low temperature makes the likely tokens likelier.": (
                    exact * temperature
                ).softmax(-1),
                "The temperature has no effect: divide the logits by it.": exact.softmax(-1),
                "You divided the probabilities. Divide the logits by the temperature before the softmax.": exact.softmax(
                    -1
                )
                / temperature,
                "The square root of the temperature, or its square, has no place here: divide by the temperature itself.": lambda got, exact=exact, temperature=temperature: (
                    any(
                        (torch.as_tensor(got).double() - (exact / other).softmax(-1)).abs().max() < 1e-4
                        for other in (temperature**0.5, temperature**2)
                        if hasattr(got, "shape") and tuple(got.shape) == tuple(exact.shape)
                    )
                ),
            }
        check(
            lambda: (
                token_probabilities(logits.clone())
                if temperature is None
                else token_probabilities(logits.clone(), temperature)
            ),
            (exact / used).softmax(-1),
            f"logits of shape {shape}" + ("" if temperature is None else f", temperature {temperature}"),
            rtol=1e-4,
            atol=1e-6,
            mistakes=mistakes,
            otherwise="Divide the logits by the temperature, and take the softmax over the last dimension.",
            if_raises="The logits may have any number of dimensions; the last one is the vocabulary.",
        )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "token_probabilities-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: temperature 0, with ties and several rows, and temperatures near 0.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check

    ties = torch.tensor([[1.0, 3.0, -2.0, 3.0, 0.0], [4.0, 4.0, 4.0, 1.0, 2.0], [-5.0, -7.0, -6.0, -5.5, -5.0]])
    first = torch.tensor([[0.0, 1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]])
    all_tied = (ties == ties.amax(-1, keepdim=True)).double()
    last = torch.zeros(3, 5).scatter(-1, 4 - ties.flip(-1).argmax(-1, keepdim=True), 1.0)
    whole = torch.zeros(15).scatter(0, ties.reshape(-1).argmax(), 1.0)
    for shape, zero in [((5,), 0), ((3, 5), 0.0), ((3, 5), 0), ((3, 1, 5), 0.0)]:
        rows = 1 if len(shape) == 1 else 3

        def reshaped_rows(table, shape=shape, rows=rows):
            return table[:rows].reshape(shape)

        def holds_nan(got):
            return isinstance(got, torch.Tensor) and got.is_floating_point() and bool(got.isnan().any())

        def is_of_shape(got, wanted):
            return isinstance(got, torch.Tensor) and tuple(got.shape) == tuple(wanted)

        mistakes = {
            "Division by a temperature 0 gives infinities and NaN. Treat temperature 0 on its own.": holds_nan,
            "A tie was split. At temperature 0 the first largest logit gets everything, so a tiny number in the place of 0 will not do.": (
                reshaped_rows(all_tied / all_tied.sum(-1, keepdim=True))
            ),
            "In a tie every largest logit got probability 1. Only the first largest may.": reshaped_rows(all_tied),
            "In a tie the last one won. Take the first largest logit.": reshaped_rows(last),
            "Temperature 0 gave the plain softmax. It is one-hot on the first largest logit.": reshaped_rows(
                ties.double().softmax(-1)
            ),
            "Return probabilities, one-hot, of the shape of the logits: not the id of the token.": (
                lambda got, shape=shape: isinstance(got, int) or is_of_shape(got, shape[:-1])
            ),
            "Return one-hot probabilities of the shape of the logits.": (
                lambda got, shape=shape: isinstance(got, torch.Tensor) and not is_of_shape(got, shape)
            ),
        }
        if rows > 1:
            mistakes["One token of the whole batch got everything. Each row has a largest logit of its own."] = (
                reshaped_rows(whole.reshape(3, 5))
            )
        check(
            lambda: token_probabilities(reshaped_rows(ties).clone(), zero),
            reshaped_rows(first),
            f"temperature {zero}, logits of shape {shape} with ties",
            atol=1e-6,
            mistakes=mistakes,
            otherwise="At temperature 0 each row is one-hot: 1 for its first largest logit, 0 for the others.",
            if_raises="Temperature 0 is not refused: it is one-hot on the first largest logit.",
        )
    # Multiples of 1/16 over a temperature of 1/16 are whole numbers, so no rounding disturbs the comparison.
    for largest in (60.0, 700.0):
        cold = torch.tensor([[largest, largest - 0.125, largest - 0.0625, 1.0], [2.0, 1.9375, 0.0, -largest]])
        check(
            lambda: token_probabilities(cold.clone(), 0.0625),
            (cold.double() / 0.0625).softmax(-1),
            f"temperature 1/16, logits up to {largest:.0f}",
            # exp(x - logsumexp(x)) is right too, and in float32 good to about 5e-4 at logits of this size.
            rtol=2e-3,
            atol=1e-6,
            mistakes={
                "Powers overflow at a low temperature. Subtract the row's largest logit first, or use a stable softmax.": (
                    lambda got: isinstance(got, torch.Tensor) and bool((got.isnan() | got.isinf()).any())
                ),
                "This low temperature was taken for 0. Only 0 itself is one-hot.": torch.tensor(
                    [[1.0, 0, 0, 0], [1.0, 0, 0, 0]]
                ),
            },
            otherwise="The softmax must be stable: divided by a low temperature, logits are large.",
            if_raises="Powers overflow at a low temperature: use a stable softmax.",
        )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "token_probabilities-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: a negative temperature is refused, and the logits stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check, check_refused, inputs_unchanged

    for temperature in (-1.0, -0.01, -3):
        for logits in (torch.tensor([1.0, 2.0, 0.5]), torch.tensor([[1.0, 2.0], [0.0, -1.0]])):
            check_refused(
                lambda: token_probabilities(logits.clone(), temperature),
                f"temperature {temperature}",
                "A negative temperature would make the unlikely likely.",
            )
    for temperature in (0.0, 0.5, 2.0):
        logits = torch.tensor([[1.0, 2.0, 0.5], [0.0, -1.0, 4.0]])
        wanted = torch.zeros(2, 3).scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
        if temperature:
            wanted = (logits / temperature).softmax(-1)
        with inputs_unchanged(logits):
            check(
                lambda: token_probabilities(logits, temperature),
                wanted,
                f"temperature {temperature}, the logits are used again afterwards",
                rtol=1e-4,
                atol=1e-6,
            )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: `sample_token`
#
# *Difficulty 2 of 5, 15 minutes.* Draw one token for each row of logits, each row on its own, from `softmax(logits)`. A token whose
# logit is `-inf` is never drawn. The result has the shape of the logits without the last dimension, so one row gives one id, and a
# batch (B, T, V) gives (B, T).
#
# With a `torch.Generator` the draws come from it: the same seed gives the same tokens, and the next call goes on from
# there. Without one they come from torch's global generator. `torch.multinomial` is welcome, and takes at most two dimensions; the
# Gumbel trick takes any.

# %% nbgrader={"grade": false, "grade_id": "sample_token", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "sample_token-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():

    import torch

    from utils.notebook.checks import check

    shape_of_ids = lambda got: (
        tuple(got.shape) if isinstance(got, torch.Tensor) else () if isinstance(got, int) else got
    )
    check(
        lambda: shape_of_ids(sample_token(torch.randn(4, 3, 7))),
        (4, 3),
        "the shape of ids for logits of shape (4, 3, 7)",
    )
    check(lambda: shape_of_ids(sample_token(torch.randn(7))), (), "the shape of the id for logits of shape (7,)")
    counts_of_draws = lambda: torch.as_tensor(
        sample_token(torch.tensor([0.8, 0.2, 0.0]).log().expand(4000, 3))
    ).bincount(minlength=3)
    # With probability 0.8 the number of draws out of 4,000 has a standard deviation of 25: 0.05 is eight of them.
    check(
        lambda: [
            round(abs(count / 4000 - wanted) - 0.025, 1)
            for count, wanted in zip(counts_of_draws().tolist(), (0.8, 0.2, 0.0))
        ],
        [0.0, 0.0, 0.0],
        "distance of the shares of 4,000 draws from the probabilities 0.8, 0.2 and 0, rounded",
        otherwise="Draw from softmax(logits), each row on its own.",
    )


visible_test()


# %% nbgrader={"grade": true, "grade_id": "sample_token-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: ids of the right shape, drawn from softmax(logits), each row on its own.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    import torch

    from utils.notebook.checks import check

    # False alarms: N KL(share, p) > 19.2 has a probability below 2 exp(-19.2) = 1e-8 for each count (Chernoff). There are 16
    # counts here and 8 in the next cell, so fewer than one right answer in four million fails.
    BOUND = 19.2

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
        return all(n * divergence(count / n, chance) <= BOUND for count, chance in zip(counts, chances))

    def shape_text(got):
        if isinstance(got, torch.Tensor):
            return f"{tuple(got.shape)}"
        return "()" if isinstance(got, int) and not isinstance(got, bool) else f"{type(got).__name__}"

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
    two_rows = torch.tensor([[0.0, 1.5, -1.0, 0.7, -2.0, 0.3, -0.6, 1.0], [1.0, -2.0, 0.3, 0.0, -0.6, 1.5, 0.7, -1.0]])
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
            return "one token for all rows" if ids[0, 0] != two_rows[0].argmax() else "the largest logit"
        candidates = {
            "uniform": torch.full((2, 8), 1 / 8),
            "softmax over the batch": (
                batch.double().softmax(0)[:, 0] / batch.double().softmax(0)[:, 0].sum(-1, keepdim=True)
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


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "sample_token-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: a token with the logit -inf is never drawn, and large logits do no harm.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    import torch

    from utils.notebook.checks import check

    BOUND = 19.2  # see the cell above: fewer than one false alarm in four million for both cells together
    N = 6000
    out = -math.inf

    def plausible(counts, chances):
        """Say whether counts may well come from these probabilities (Chernoff's bound for each count)."""

        def divergence(share, chance):
            pairs = ((share, chance), (1 - share, 1 - chance))
            return sum(one * math.log(one / other) if other > 0 else math.inf for one, other in pairs if one > 0)

        n = sum(counts)
        return all(n * divergence(count / n, chance) <= BOUND for count, chance in zip(counts, chances))

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
            return counts if not isinstance(counts, list) else sum(c for c, yes in zip(counts, allowed) if not yes)

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
            chances = torch.tensor([value - row[0] for value in row], dtype=torch.float64).softmax(-1).tolist()
            return "softmax(logits)" if plausible(counts, chances) else f"shares {[round(c / N, 2) for c in counts]}"

        check(
            verdict,
            "softmax(logits)",
            f"the distribution of {N:,} draws from the logits {row}",
            otherwise="Powers of large logits overflow. Only differences count: use a stable softmax.",
            if_raises="Powers of large logits overflow. Only differences count: use a stable softmax.",
        )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "sample_token-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: the draws come from the generator that is given, which advances; without one they differ from call to call.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check, inputs_unchanged

    # Two lists of 600 independent draws over ten tokens agree by chance with a probability far below 1e-100.
    logits = (
        torch.randn(20, 30, 10, generator=torch.Generator().manual_seed(case_rng("sample_token", 0).getrandbits(40)))
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
        check(lambda: len(as_list(sample_token(logits))), 20, "the logits are used again afterwards")


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: greedy decoding repeats itself
#
# **Claim.** Greedy text is boring. **Measurement.** SmolLM2 goes on from five openings, once greedily and five times by
# drawing from its probabilities. Boring is made countable: the share of runs of four tokens that stood in the text
# before. **Control.** A paragraph that a person wrote.

# %% tags=["experiment", "row-75"]
import matplotlib.pyplot as plt
import numpy as np
import torch

from utils.decoding import generation
from utils.decoding.decoders import decoder_for
from utils.decoding.samplers import Temperature
from utils.evaluation.intervals import bootstrap_interval, mean_interval
from utils.evaluation.sampler_measures import repeated_share
from utils.models.pretrained import load_gguf
from utils.notebook import COLOURS, show

real = load_gguf()
real_decoder = decoder_for(real.model)


def next_logits_of(text):
    """Logits (V,) of what the real model would write after a text."""
    return real_decoder.prefill([real.encode(text)])[0].clone()


colour_logits = next_logits_of("My favorite color is")
likely = colour_logits.softmax(-1).topk(12)
print(
    f"{len(colour_logits):,} logits from {float(colour_logits.min()):.1f} to {float(colour_logits.max()):.1f}, sum "
    f"{float(colour_logits.sum()):,.0f}; probabilities sum to {float(colour_logits.softmax(-1).sum()):.4f}"
)
figure, axes = plt.subplots(figsize=(7, 3.2))
axes.barh([repr(real.decode([int(token)])) for token in likely.indices], [float(value) for value in likely.values])
axes.invert_yaxis()
axes.set(xlabel="probability", ylabel='token after "My favorite color is"')
show(figure, "The twelve most likely tokens after 'My favorite color is', with their probabilities under SmolLM2.")

openings = [
    "My favorite color is",
    "The best way to spend a Sunday is",
    "Once upon a time there was a",
    "The old house at the end of the street",
    "I have never understood why",
][: budget.pick(smoke=2, cpu=5)]
written_tokens = budget.pick(smoke=8, cpu=48, gpu=128)
opening_ids = [real.encode(text) for text in openings]
greedy_texts = generation.generate(real_decoder, opening_ids, written_tokens, logprobs=True)
n_drawn = 5
drawn_texts = generation.generate(
    real_decoder, opening_ids, written_tokens, Temperature(1.0).seeded(0), samples=n_drawn, logprobs=True
)
paragraph = (
    "The ferry leaves at seven, whether or not the baker has arrived. Most mornings he runs down the hill with flour on "
    "his sleeves, and the captain, who pretends to check a rope, waits exactly long enough. Nobody has ever mentioned "
    "this arrangement. When a new sailor once asked, he was told that ropes in this harbour need a great deal of care."
)
human = repeated_share(real.encode(paragraph)[:written_tokens])
repeats_greedy = np.array([repeated_share(one.ids) for one in greedy_texts])
repeats_drawn = np.array([repeated_share(one.ids) for one in drawn_texts]).reshape(len(openings), n_drawn).mean(1)
gap = mean_interval(repeats_greedy - repeats_drawn)
print("greedy:", repr(real.decode(greedy_texts[0].ids)[:200]))
print("drawn: ", repr(real.decode(drawn_texts[0].ids)[:200]))
print(
    f"repeated runs of four tokens: greedy {repeats_greedy.mean():.1%}, drawn {repeats_drawn.mean():.1%}, a person "
    f"{human:.1%}"
)
verdicts.add(
    row=75,
    claim="greedy decoding writes boring text",
    measured=f"runs of four tokens that stood there before: greedy {repeats_greedy.mean():.0%}, drawn "
    f"{repeats_drawn.mean():.1%}, a person's paragraph {human:.0%}",
    interval=f"difference {gap} openings",
    outcome="holds" if gap.low > 0 else "undecided" if gap.high > 0 else "does not hold",
)

# %% [markdown]
# A loop feeds itself: once a sentence stands there twice, its third time is the likeliest thing to come. Drawing breaks
# the loop, and pays for it with nonsense, as the drawn text shows. But not every greedy text loops: two of the five
# repeat nearly half of their runs, the other three less than a tenth. Five openings that differ so much leave the
# verdict open.
#
# **Think.** In classification greedy is right. What is the difference between a class and a token?

# %% [markdown]
# ## 2 Temperature
#
# **What the chapter claims.** Logits are divided by a temperature before the softmax. With the logits 1 and 2, the
# second token gets 73% at temperature 1, 88% at 0.5, and below 0.1 it is almost always chosen (Figure 2-16). Higher
# temperatures write more creatively and less coherently; 0.7 is a usual compromise.
#
# In odds it is one line: a difference of logits d becomes d / T, so odds of e^d become e^(d / T).

# %%
for temperature in (2.0, 1.0, 0.5, 0.1):
    odds = exp((2.0 - 1.0) / temperature)
    print(f"temperature {temperature:3}: odds of B over A {odds:10.2f} to 1, probability of B {odds / (1 + odds):.4f}")

# %% [markdown]
# ### Experiment: the figure, and what it costs in truth
#
# **Claim.** The figure's numbers; and creativity is bought with coherence. **Measurement.** The figure, computed. Then a
# model of the miniature world writes documents at eight temperatures, with five seeds. Variety is the share of documents
# that differ from all others; quality is the share of *true* documents. **Control.** The world itself, whose documents
# are all true.

# %% tags=["experiment", "row-76"]
from utils.evaluation.sampler_measures import measure_documents, sample_documents
from utils.training.base_models import base_world, load_base_model

grid = np.concatenate([np.linspace(0.02, 0.1, 9), np.linspace(0.15, 2, 38)])
two = torch.tensor([1.0, 2.0])
of_b = np.array([float(Temperature(float(t)).transform(two).softmax(-1)[1]) for t in grid])
at = {t: float(Temperature(t).transform(two).softmax(-1)[1]) for t in (0.0, 0.05, 0.1, 0.5, 1.0)}
print({t: round(value, 4) for t, value in at.items()})

world = base_world()
world_decoder = decoder_for(load_base_model("world-medium"))
n_documents = budget.pick(smoke=10, cpu=60, gpu=1000)
seeds = range(budget.pick(smoke=2, cpu=5, gpu=5))
temperatures = [0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.6, 2.0]
by_temperature = [
    [sample_documents(world_decoder, world, Temperature(t), n_documents, seed) for seed in seeds] for t in temperatures
]
world_texts = [world.vocabulary.encode(document.text) for document in world.documents(n_documents, seed=7)]
of_world = measure_documents(world, world_texts, [0.0] * n_documents, [True] * n_documents)


def table_of(rows, name):
    """One measure as an array (settings, seeds)."""
    return np.array([[getattr(one, name) for one in row] for row in rows])


true_at, different_at = table_of(by_temperature, "true_share"), table_of(by_temperature, "different_share")
both_at = table_of(by_temperature, "different_true")
figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
left.plot(grid, of_b, label="B (logit 2)")
left.plot(grid, 1 - of_b, "--", label="A (logit 1)")
left.set(xlabel="temperature", ylabel="probability", ylim=(0, 1.02))
left.legend()
for values, style, label in (
    (true_at, "-", "true"),
    (different_at, "--", "different"),
    (both_at, ":", "different and true"),
):
    right.plot(temperatures, values.mean(1), style, marker=".", label=label)
right.axhline(of_world.different_share, color="black", linewidth=0.8)
right.text(
    2.0,
    of_world.different_share + 0.02,
    "line: different ones of the world, all true",
    ha="right",
    va="bottom",
    fontsize=7,
)
right.set(xlabel="temperature", ylabel="share of documents", ylim=(0, 1.12))
right.legend(loc="lower left")
show(
    figure,
    "Left: the probabilities of two tokens with the logits 1 and 2 against the temperature, from all on B near 0 to 62% "
    "at 2. Right: documents of a model of the world; with the temperature the share of true ones falls and that of "
    "different ones rises.",
)
best_temperature = temperatures[int(both_at.mean(1).argmax())]
falls = mean_interval(true_at[0] - true_at[-1])
rises = mean_interval(different_at[4] - different_at[0])
print(f"true: {np.round(true_at.mean(1), 2)}, different: {np.round(different_at.mean(1), 2)}")
print(f"most different true documents at temperature {best_temperature}")
verdicts.add(
    row=76,
    claim="logits 1 and 2 give 27% and 73%, at temperature 0.5 12% and 88%, below 0.1 almost always B",
    measured=f"B gets {at[1.0]:.1%}, {at[0.5]:.1%}, {at[0.1]:.3%} (at 0.1)",
    outcome="holds" if (round(at[1.0], 2), round(at[0.5], 2)) == (0.73, 0.88) and at[0.1] > 0.999 else "does not hold",
)
verdicts.add(
    row=76,
    claim="a higher temperature writes more creatively and less coherently",
    measured=f"from 0.2 to 2.0 true documents fall from {true_at[0].mean():.0%} to {true_at[-1].mean():.0%}; from 0.2 to "
    f"1.0 different ones rise from {different_at[0].mean():.0%} to {different_at[4].mean():.0%}",
    interval=f"fall {falls}; rise {rises}",
    outcome="holds" if falls.low > 0 and rises.low > 0 else "undecided",
)
verdicts.add(
    row=76,
    claim="0.7 balances the two",
    measured=f"most different true documents at temperature {best_temperature} (of {temperatures})",
    interval=f"{len(seeds)} seeds of {n_documents} documents",
    outcome="holds in part" if 0.6 <= best_temperature <= 0.8 else "does not hold",
)

# %% [markdown]
# The compromise lies near the usual one here: most documents that are both different and true come at 0.6. The best
# temperature depends on how wrong the model is. A perfect model of the world would need none: at temperature 1
# everything it writes is true. Lower temperatures correct a model that spreads too much probability over what is wrong.
#
# **Think.** Providers let you choose temperatures from 0 to 2. What do you get at a temperature of a million?

# %% [markdown]
# ## 3 Logprobs
#
# **What the chapter claims.** Probabilities of single tokens, and products of many of them, become too small for the
# number format and are rounded to zero: underflow. Logarithms do not have that problem. Logprobs are useful for
# classification.
#
# The smallest positive number that three formats hold with all their digits:

# %%
import numpy as np
import torch

for kind in (torch.float16, torch.bfloat16, torch.float32):
    smallest = torch.finfo(kind).smallest_normal
    print(f"{kind!s:15} {smallest:.1e} (with all digits): {0.1:.1f} to the power of {int(-np.log10(smallest))}")

# %% [markdown]
# ### Exercise: `sequence_logprob` and `average_logprob`
#
# *Difficulty 2 of 5, 15 minutes.* The log-probability of a whole sequence is the sum over its tokens; the average is their mean, per
# token. The logits are already aligned: `logits[b, t]` is the model's prediction *for* `token_ids[b, t]`, so nothing is shifted. Every
# token counts; there is no padding, and the id 0 is a token like others.
#
# Stay in log space. The product of a few hundred probabilities is 0 in any float, and so is the softmax of a logit that lies far
# enough below the largest; the logarithm of either is `-inf`.

# %% course={"names": ["sequence_logprob", "average_logprob"]} nbgrader={"grade": false, "grade_id": "sequence_logprob", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def sequence_logprob(logits: Tensor, token_ids: Tensor) -> Tensor:
    """Return the log-probability of each sequence in nats: the sum over its tokens.

    Args:
        logits: (B, T, V), where logits[b, t] predicts token_ids[b, t].
        token_ids: (B, T).

    Returns:
        (B,).
    """
    ### BEGIN SOLUTION
    logprobs = torch.log_softmax(logits, dim=-1)
    return logprobs.gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).sum(-1)
    ### END SOLUTION


def average_logprob(logits: Tensor, token_ids: Tensor) -> Tensor:
    """Return the log-probability per token of each sequence in nats: the mean over its tokens.

    Args:
        logits: (B, T, V), where logits[b, t] predicts token_ids[b, t].
        token_ids: (B, T).

    Returns:
        (B,).
    """
    ### BEGIN SOLUTION
    logprobs = torch.log_softmax(logits, dim=-1)
    return logprobs.gather(-1, token_ids.unsqueeze(-1)).squeeze(-1).mean(-1)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "sequence_logprob-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import math

    import torch

    from utils.notebook.checks import check

    # One sequence of two tokens: the first has the probability 0.5, the second 0.2.
    logits = torch.tensor([[[0.3, 0.5, 0.2], [0.2, 0.7, 0.1]]]).log()
    token_ids = torch.tensor([[1, 0]])
    check(
        lambda: sequence_logprob(logits.clone(), token_ids.clone()),
        [math.log(0.5 * 0.2)],
        "two tokens with the probabilities 0.5 and 0.2",
        rtol=1e-4,
        mistakes={
            "This is the average. The sequence's log-probability is the sum.": [math.log(0.5 * 0.2) / 2],
            "These are probabilities. Return the logarithm.": [0.1],
            "The logits are aligned: logits[b, t] predicts token_ids[b, t]. Do not shift them.": [math.log(0.3)],
        },
    )
    check(
        lambda: average_logprob(logits.clone(), token_ids.clone()),
        [math.log(0.5 * 0.2) / 2],
        "the average over two tokens with the probabilities 0.5 and 0.2",
        rtol=1e-4,
        mistakes={"This is the sum. Divide by the number of tokens.": [math.log(0.5 * 0.2)]},
    )


visible_test()


# %% nbgrader={"grade": true, "grade_id": "sequence_logprob-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: sum and mean over the tokens of each sequence, in nats, with logits and ids as they are aligned.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    import torch

    from utils.notebook.checks import case_rng, check, inputs_unchanged

    for case, (B, T, V) in enumerate([(1, 4, 3), (3, 5, 7), (2, 8, 4), (5, 2, 6), (4, 4, 4)]):
        seed = case_rng("sequence_logprob", case).getrandbits(40)
        source = torch.Generator().manual_seed(seed)
        logits = torch.randn(B, T, V, generator=source) * 2
        token_ids = torch.randint(V, (B, T), generator=source)
        token_ids[:, -1] = 0
        token_ids[:, 0] = torch.where(token_ids[:, 0] == 0, 1, token_ids[:, 0])

        def entries_of_ids(table, ids=token_ids):
            return table.gather(-1, ids.unsqueeze(-1)).squeeze(-1)

        exact = logits.double()
        logprobs = entries_of_ids(exact.log_softmax(-1))
        shifted = entries_of_ids(exact[:, :-1].log_softmax(-1), token_ids[:, 1:])
        other_shift = entries_of_ids(exact[:, 1:].log_softmax(-1), token_ids[:, :-1])
        counted = token_ids != 0
        hints = {
            "The logits are aligned already: logits[b, t] predicts token_ids[b, t]. Do not shift them.": (
                [shifted.sum(-1), other_shift.sum(-1)],
                [shifted.mean(-1), shifted.sum(-1) / T, other_shift.mean(-1), other_shift.sum(-1) / T],
            ),
            "These are sums of raw logits. Normalise them first: subtract the logsumexp of the row (log_softmax).": (
                [entries_of_ids(exact).sum(-1)],
                [entries_of_ids(exact).mean(-1)],
            ),
            "The sign is that of a loss. A log-probability is negative.": ([-logprobs.sum(-1)], [-logprobs.mean(-1)]),
            "These are bits (base 2). Use the natural logarithm.": (
                [logprobs.sum(-1) / math.log(2)],
                [logprobs.mean(-1) / math.log(2)],
            ),
            "These are logarithms to the base 10. Use the natural logarithm.": (
                [logprobs.sum(-1) / math.log(10)],
                [logprobs.mean(-1) / math.log(10)],
            ),
            "These are probabilities. Return their logarithm.": (
                [logprobs.sum(-1).exp()],
                [logprobs.mean(-1).exp(), logprobs.exp().mean(-1)],
            ),
            "The softmax runs over the positions or the batch. It belongs to the vocabulary, the last dimension.": (
                [entries_of_ids(exact.log_softmax(1)).sum(-1), entries_of_ids(exact.log_softmax(0)).sum(-1)],
                [entries_of_ids(exact.log_softmax(1)).mean(-1), entries_of_ids(exact.log_softmax(0)).mean(-1)],
            ),
            "You took the most likely tokens. Score the given ones, token_ids.": (
                [exact.log_softmax(-1).amax(-1).sum(-1)],
                [exact.log_softmax(-1).amax(-1).mean(-1)],
            ),
            "The id 0 was taken for padding. Every token counts, 0 as well.": (
                [(logprobs * counted).sum(-1)],
                [(logprobs * counted).sum(-1) / counted.sum(-1), (logprobs * counted).sum(-1) / T],
            ),
            "The whole batch gave one number. Return one for each sequence, shape (B,).": (
                [logprobs.sum(), logprobs.sum(-1).mean()] if B > 1 else [logprobs.sum()],
                [logprobs.mean(), logprobs.sum()],
            ),
            "This is one value per token, shape (B, T). Sum or average over the tokens: shape (B,).": (
                [logprobs],
                [logprobs],
            ),
            "The shape has a dimension too many: return (B,).": (
                [logprobs.sum(-1, keepdim=True)],
                [logprobs.mean(-1, keepdim=True)],
            ),
            "You summed over the sequences. Sum over the tokens of each sequence.": (
                [logprobs.sum(0)],
                [logprobs.mean(0)],
            ),
        }
        only_sum = {"sequence_logprob is the sum over the tokens, not their mean.": [logprobs.mean(-1)]}
        only_mean = {
            "average_logprob is the mean over the tokens, not their sum.": [logprobs.sum(-1)],
            "The mean divides by the number of tokens, T: the length as it is.": [
                logprobs.sum(-1) / (T - 1),
                logprobs.sum(-1) / (T + 1),
            ],
            "The mean divides by the number of tokens, not by the size of the vocabulary.": [logprobs.sum(-1) / V],
            "This is the logarithm of the mean probability. Take the mean of the logarithms.": [
                logprobs.exp().mean(-1).log()
            ],
        }
        what = f"{B} sequences of {T} tokens out of {V}"
        for name, function, wanted, own, place in (
            ("sequence_logprob", lambda: sequence_logprob(logits, token_ids), logprobs.sum(-1), only_sum, 0),
            ("average_logprob", lambda: average_logprob(logits, token_ids), logprobs.mean(-1), only_mean, 1),
        ):
            # A mistake that gives the right value here (T = V, for one) cannot be told.
            table = {**own, **{hint: wrong[place] for hint, wrong in hints.items()}}
            mistakes = {f"{hint}{' ' * n}": value for hint, wrong in table.items() for n, value in enumerate(wrong)}
            with inputs_unchanged(logits, token_ids):
                check(
                    function,
                    wanted,
                    f"{name}, {what}",
                    rtol=1e-4,
                    atol=1e-5,
                    mistakes=mistakes,
                    otherwise="Take log_softmax over the vocabulary, pick the entries of token_ids, and sum or average over the tokens.",
                )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "sequence_logprob-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: long sequences, very unlikely tokens, and large logits.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check

    def holds_infinity(got):
        return isinstance(got, torch.Tensor) and not bool(got.isfinite().all())

    def check_both(what, logits, token_ids, hint):
        exact = logits.double().log_softmax(-1).gather(-1, token_ids.unsqueeze(-1)).squeeze(-1)
        for name, function, wanted in (
            ("sequence_logprob", lambda: sequence_logprob(logits, token_ids), exact.sum(-1)),
            ("average_logprob", lambda: average_logprob(logits, token_ids), exact.mean(-1)),
        ):
            check(
                function,
                wanted,
                f"{name}, {what}",
                rtol=2e-4,
                atol=1e-4,
                mistakes={hint: holds_infinity},
                otherwise=hint,
            )

    seed = case_rng("sequence_logprob", "long").getrandbits(40)
    source = torch.Generator().manual_seed(seed)
    check_both(
        "two sequences of 900 tokens",
        torch.randn(2, 900, 5, generator=source),
        torch.randint(5, (2, 900), generator=source),
        "The product of many probabilities underflows to 0, in any float. Add log-probabilities.",
    )
    for gap in (60.0, 150.0, 900.0):
        check_both(
            f"one token that is {gap:.0f} nats less likely than the best",
            torch.tensor([[[0.0, 1.0, -gap], [0.5, -0.5, 1.0]], [[2.0, -1.0, 0.0], [-gap, 0.0, 0.0]]]),
            torch.tensor([[2, 1], [0, 0]]),
            "The softmax underflows to 0, and its logarithm is lost (or whatever floor you gave it). Use log_softmax, which is stable in log space.",
        )
    for level in (1000.0, -1000.0):
        check_both(
            f"logits near {level:.0f}",
            level + torch.tensor([[[0.0, 1.0, -2.0], [0.5, -0.5, 1.0]], [[2.0, -1.0, 0.0], [-3.0, 0.0, 0.0]]]),
            torch.tensor([[2, 1], [0, 0]]),
            "Powers of large logits overflow (and of very negative ones underflow). Use log_softmax or logsumexp, which are stable.",
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: where the product ends, and a classifier for free
#
# **Claim.** Products underflow, sums of logs do not; logprobs classify. **Measurement.** SmolLM2 reads a paragraph of a
# person. Its token probabilities are multiplied in three formats, and their logs added. Then it judges 24 short reviews
# by the probability of the words *positive* and *negative* after them. **Control.** The same two words after a review
# that says nothing: what the model prefers without having read anything, which is subtracted.

# %% tags=["experiment", "row-77"]
from utils.decoding.scoring import continuation_logprobs, token_logprobs

paragraph_ids = real.encode(paragraph)
logprobs = token_logprobs(real.model, [paragraph_ids[:1]], [paragraph_ids[1:]])[0].double()
zero_after = {}
figure, axes = plt.subplots(figsize=(7, 3.2))
steps = np.arange(1, len(logprobs) + 1)
for kind, style in ((torch.float16, ":"), (torch.float32, "--"), (torch.float64, "-")):
    product, products = torch.ones((), dtype=kind), []
    for probability in logprobs.exp().to(kind):
        product = product * probability
        products.append(float(product))
    zeros = np.flatnonzero(np.array(products) == 0)
    zero_after[kind] = int(zeros[0]) + 1 if len(zeros) else None
    alive = int((np.array(products) > 0).sum())
    logs = np.log10(np.array(products)[:alive])
    ending = f" (0 from token {alive + 1} on)" if alive < len(steps) else ""
    axes.plot(steps[:alive], logs, style, label=f"product, {str(kind).removeprefix('torch.')}{ending}")
    if 0 < alive < len(steps):
        axes.plot(alive, logs[-1], "X", color="black", markersize=9)
sums = logprobs.half().cumsum(0)
axes.plot(steps, sums.float().numpy() / np.log(10), linewidth=4, alpha=0.3, label="sum of logs, float16")
axes.set(xlabel="tokens multiplied", ylabel="log10 of the probability of the text")
axes.legend()
show(
    figure,
    "The probability of a growing text. The legend says at which token the product becomes zero in each format; the sum of "
    "logs goes on, even in float16.",
)
share_zero = float((colour_logits.softmax(-1).half() == 0).float().mean())
print("the product becomes zero after:", {str(kind): count for kind, count in zero_after.items()})
print(f"single tokens of the vocabulary whose probability is zero in float16: {share_zero:.0%}")

good = [
    "I loved every minute of it.", "A wonderful film, warm and funny.", "The food was delicious and the staff kind.",
    "Best purchase I have made this year.", "It works perfectly and looks great.", "I would come back any time.",
    "The songs made me happy for days.", "Fast, quiet and easy to use.", "What a brilliant performance!",
    "My children adore this book.", "Everything arrived early and in good shape.", "A joy from start to finish.",
]  # fmt: skip
bad = [
    "I hated every minute of it.", "A terrible film, cold and dull.", "The food was awful and the staff rude.",
    "Worst purchase I have made this year.", "It broke at once and looks cheap.", "I will never come back.",
    "The songs gave me a headache.", "Slow, loud and hard to use.", "What a dreadful performance!",
    "My children find this book boring.", "Everything arrived late and damaged.", "A pain from start to finish.",
]  # fmt: skip
kept_reviews = budget.pick(smoke=2, cpu=12)
reviews = good[:kept_reviews] + bad[:kept_reviews]
is_good = np.arange(len(reviews)) < kept_reviews
labels = [real.encode(" positive"), real.encode(" negative")]


def judged(texts):
    """Logprob of positive minus that of negative after each text (N,)."""
    prompts = [real.encode(f"Review: {text}\nThe sentiment of this review is") for text in texts]
    scores = continuation_logprobs(real.model, prompts, labels, average=True)
    return (scores[:, 0] - scores[:, 1]).numpy()


scores, nothing = judged(reviews), float(judged(["N/A", "..."]).mean())
raw = (scores > 0) == is_good
corrected = (scores > nothing) == is_good
interval = bootstrap_interval(corrected.astype(float))
print(f"after a review that says nothing: log odds of positive {nothing:+.2f}")
print(f"right: {raw.mean():.0%} as they are, {corrected.mean():.0%} with that subtracted")
verdicts.add(
    row=77,
    claim="probabilities underflow, log-probabilities do not",
    measured=f"a product of token probabilities is 0 after {zero_after[torch.float16]} tokens in float16 and "
    f"{zero_after[torch.float32]} in float32; the sum of logs reaches {float(sums[-1]):.0f} in float16",
    outcome="holds"
    if zero_after[torch.float16] and zero_after[torch.float32] and bool(torch.isfinite(sums).all())
    else "holds in part"
    if zero_after[torch.float16]
    else "does not hold",
)
verdicts.add(
    row=77,
    claim="logprobs are useful for classification",
    measured=f"SmolLM2, untrained for it, judges {corrected.mean():.0%} of {len(reviews)} reviews rightly ({raw.mean():.0%} "
    "without the correction); chance is 50%",
    interval=str(interval),
    outcome="holds" if interval.low > 0.5 else "undecided",
)

# %% [markdown]
# Every sum of logs is a product that you did not have to compute. The price of a classifier is at most one forward pass
# a label, with no text to parse. The classifier is nearly always right as it stands. The correction, with which the
# verdict counts, spoils it: "N/A" and "..." are not neutral, the model takes them for bad reviews, and the shifted
# threshold calls many bad reviews good. A control needs a control, too.
#
# **Think.** The chapter notes that some providers give no logprobs, or those of 20 tokens only. What could somebody do
# with all of them?

# %% [markdown]
# ## 4 Top-k
#
# **What the chapter claims.** The softmax over a large vocabulary is expensive. Top-k keeps the k largest logits, takes
# the softmax of these only, and so saves work without much loss of variety. Typical k are 50 to 500; a small k makes
# text predictable.

# %%
values = torch.tensor([3.0, 1.0, 2.5, -1.0, 0.5])
order = values.argsort(descending=True)
print("all:", [round(float(p), 2) for p in values.softmax(0)[order]])
print("k = 2:", [round(float(p), 2) for p in values[order[:2]].softmax(0)], "for the tokens", order[:2].tolist())

# %% [markdown]
# ### Exercise: `top_k_filter`
#
# *Difficulty 2 of 5, 15 minutes.* Keep the k largest logits of each row where they are, and set all others to `-inf`, so that a
# softmax gives them 0.
#
# - Exactly k stay. Of equal logits the one with the lower index stays, so comparing with the k-th largest value is not
#   enough. `torch.topk` promises nothing about ties; a *stable* sort does.
# - k may be larger than the vocabulary: then all stay. k below 1 is refused.
# - The given logits are not changed.

# %% nbgrader={"grade": false, "grade_id": "top_k_filter", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def top_k_filter(logits: Tensor, k: int) -> Tensor:
    """Return the logits with all but the k largest of each row set to -inf.

    Args:
        logits: (..., V), not modified.
        k: how many stay in each row, at least 1; ties go to the lower index, and k >= V keeps all.

    Returns:
        Logits (..., V).

    Raises:
        ValueError: k is below 1.
    """
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order[..., :k], True)
    return logits.masked_fill(~keep, float("-inf"))
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "top_k_filter-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import torch

    from utils.notebook.checks import check, check_refused

    infinity = float("inf")
    check(
        lambda: top_k_filter(torch.tensor([1.0, 4.0, -2.0, 3.0]), 2),
        [-infinity, 4.0, -infinity, 3.0],
        "the two largest of 1, 4, -2, 3",
        mistakes={
            "The logits must stay in their places: yours are sorted.": [4.0, 3.0, -infinity, -infinity],
            "Return a logit for every token of the vocabulary, -inf for those that are out.": [4.0, 3.0],
            "What is out becomes -inf, not 0: a logit of 0 has a probability.": [0.0, 4.0, 0.0, 3.0],
        },
    )
    check(
        lambda: top_k_filter(torch.tensor([5.0, 7.0, 5.0, 5.0]), 2),
        [5.0, 7.0, -infinity, -infinity],
        "a tie for the second place",
        mistakes={"Exactly two stay. Of equal logits the one with the lower index does.": [5.0, 7.0, 5.0, 5.0]},
    )
    check_refused(lambda: top_k_filter(torch.tensor([1.0, 2.0]), 0), "k = 0")


visible_test()


# %% nbgrader={"grade": true, "grade_id": "top_k_filter-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the k largest of each row stay in their places, for logits of any shape.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    import torch

    from utils.notebook.checks import case_rng, check

    for case, (shape, k) in enumerate([((7,), 3), ((4, 6), 2), ((2, 3, 8), 5), ((5, 5), 1), ((1, 9), 4)]):
        rng = case_rng("top_k_filter", case)
        V, count = shape[-1], math.prod(shape)
        # Distinct numbers of both signs; the largest by absolute value is negative in every row and the next one positive,
        # so that signs count, and a ranking by absolute value is not the ranking from below.
        rows = []
        for row in range(count // V):
            values = [value / 4 for value in rng.sample(range(-20, 21), V - 2)] + [7.0, -9.0 - row]
            rng.shuffle(values)
            rows.append(values)
        logits = torch.tensor(rows).reshape(shape)

        def table_keeping(chosen, fill=-math.inf, table=rows, shape=shape):
            lines = [[v if i in set(some) else fill for i, v in enumerate(row)] for row, some in zip(table, chosen)]
            return torch.tensor(lines).reshape(shape)

        order = [sorted(range(V), key=lambda i, row=row: -row[i]) for row in rows]
        wanted = table_keeping([some[:k] for some in order])
        flat = sorted(range(count), key=lambda i: -rows[i // V][i % V])[:k]
        mistakes = {
            "One too many stays: k + 1 instead of k.": table_keeping([some[: k + 1] for some in order]),
            "One too few stays: k - 1 instead of k.": table_keeping([some[: k - 1] for some in order]),
            "The smallest logits stayed. Keep the largest.": table_keeping([some[-k:] for some in order]),
            "You ranked by the absolute value. The sign counts.": table_keeping(
                [sorted(range(V), key=lambda i, row=row: -abs(row[i]))[:k] for row in rows]
            ),
            "The logits came back sorted. Each stays in its place: the index is the token.": torch.tensor(
                [sorted(row, reverse=True)[:k] + [-math.inf] * (V - k) for row in rows]
            ).reshape(shape),
            "What is out must become -inf, not 0: a logit of 0 keeps a probability.": table_keeping(
                [some[:k] for some in order], 0.0
            ),
            "What is out must become -inf, not a finite number: it must not come back when others are removed.": (
                lambda got, wanted=wanted: (
                    isinstance(got, torch.Tensor)
                    and got.shape == wanted.shape
                    and bool(got.isfinite().all())
                    and bool((got[wanted.isinf()] < -100).all())
                )
            ),
            "These are probabilities. Return logits, so that the next filter can go on.": wanted.softmax(-1),
            "Return the shape of the logits: a value for each token of the vocabulary.": (
                lambda got, shape=shape: isinstance(got, torch.Tensor) and tuple(got.shape) != tuple(shape)
            ),
        }
        if count > V:
            mistakes["All rows kept the tokens of the first row. Each row has its own."] = table_keeping(
                [order[0][:k]] * len(rows)
            )
            mistakes["The k largest of the whole batch stayed. Each row keeps k of its own."] = table_keeping(
                [[i % V for i in flat if i // V == row] for row in range(len(rows))]
            )
        check(
            lambda: top_k_filter(logits.clone(), k),
            wanted,
            f"logits of shape {shape}, k = {k}",
            mistakes=mistakes,
            otherwise="The k largest logits of each row keep their values and places; all others become -inf.",
            if_raises="The logits may have any number of dimensions; work along the last one.",
        )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "top_k_filter-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: exactly k stay when logits are equal, and k may exceed the vocabulary.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    import torch

    from utils.notebook.checks import case_rng, check

    for case, (n_rows, V, k) in enumerate([(1, 6, 2), (4, 9, 3), (3, 40, 7), (2, 300, 50)]):
        rng = case_rng("top_k_filter", f"ties {case}")
        # Few distinct values, and always a tie at the border.
        rows = []
        while len(rows) < n_rows:
            row = [float(rng.randint(-2, 2)) for _ in range(V)]
            ranked = sorted(row, reverse=True)
            if ranked[k - 1] == ranked[k] and ranked[0] != ranked[k]:
                rows.append(row)
        if case == 0:
            rows = [[3.0, 1.0, 2.0, 2.0, 2.0, 0.0]]
        logits = torch.tensor(rows)

        def table_keeping(choose, table=rows):
            return torch.tensor([[v if choose(row, i) else -math.inf for i, v in enumerate(row)] for row in table])

        def rank_in_row(row, i, sign=1):
            return sum(1 for j, v in enumerate(row) if v > row[i] or (v == row[i] and sign * j < sign * i))

        def border_of(row, place=k - 1):
            return sorted(row, reverse=True)[place]

        wanted = table_keeping(lambda row, i: rank_in_row(row, i) < k)
        check(
            lambda: top_k_filter(logits.clone(), k),
            wanted,
            f"{n_rows} rows of {V} logits with ties, k = {k}",
            mistakes={
                "More than k stay: all that tie with the k-th. Exactly k stay, those with the lower index.": table_keeping(
                    lambda row, i: row[i] >= border_of(row)
                ),
                "Fewer than k stay: all that tie at the border are out. Exactly k stay, those with the lower index.": table_keeping(
                    lambda row, i: row[i] > border_of(row)
                ),
                "Of equal logits those with the higher index stay. In a tie the lower index stays.": table_keeping(
                    lambda row, i: rank_in_row(row, i, -1) < k
                ),
                "Exactly k stay, but in a tie not those with the lower index. A stable sort keeps equal logits in order; `topk` need not.": (
                    lambda got, wanted=wanted: (
                        isinstance(got, torch.Tensor)
                        and got.shape == wanted.shape
                        and bool((got.isfinite().sum(-1) == wanted.isfinite().sum(-1)).all())
                        and torch.equal(got.sort(-1).values.double(), wanted.sort(-1).values.double())
                    )
                ),
            },
            otherwise="Exactly k stay; in a tie the lower index does.",
        )
    logits = torch.tensor([[1.0, -3.0, 1.0, 0.5], [0.0, 0.0, 2.0, -7.0]])
    for k in (4, 5, 100):
        for given in (logits, logits[0]):
            check(
                lambda: top_k_filter(given.clone(), k),
                given,
                f"four logits, k = {k}",
                otherwise="k at least the vocabulary keeps all.",
                if_raises="k at least the size of the vocabulary keeps all: take the smaller of the two.",
            )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "top_k_filter-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: k below 1 is refused, and the logits stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    import torch

    from utils.notebook.checks import check, check_refused, inputs_unchanged

    for k in (0, -1, -5):
        for logits in (torch.tensor([1.0, 2.0, 0.5]), torch.tensor([[1.0, 2.0], [0.0, -1.0]])):
            check_refused(lambda: top_k_filter(logits.clone(), k), f"k = {k}", "No token would be left to draw.")
    for k in (1, 2, 3, 9):
        logits = torch.tensor([[1.0, 2.0, 0.5], [0.0, -1.0, 4.0]])
        order = [[1, 0, 2], [2, 0, 1]]
        table = [
            [v if i in some[:k] else -math.inf for i, v in enumerate(row)] for row, some in zip(logits.tolist(), order)
        ]
        with inputs_unchanged(logits):
            check(
                lambda: top_k_filter(logits, k), torch.tensor(table), f"k = {k}, the logits are used again afterwards"
            )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: what k does to variety, and to time
#
# **Claim.** A small k makes text predictable; top-k saves computing. **Measurement.** Documents of the world's model for
# nine values of k, five seeds. How much probability of SmolLM2 lies outside of its k likeliest tokens, on a person's text.
# And the time of a draw, with softmax over everything and over k logits only. **Control.** No filter; and the time of
# the whole decoding step, to see what can be saved at all.

# %% tags=["experiment", "row-78"]
import time

from utils.decoding.samplers import TopK, draw
from utils.evaluation.sampler_measures import top_k_draw

vocabulary_size = len(world.vocabulary)
ks = [1, 2, 3, 5, 10, 20, 50, 200, vocabulary_size]
by_k = [[sample_documents(world_decoder, world, TopK(k), n_documents, seed) for seed in seeds] for k in ks]
pairs_at, true_k = table_of(by_k, "distinct_pairs"), table_of(by_k, "true_share")

with torch.inference_mode():
    text_probabilities = real.model(torch.tensor([paragraph_ids]))[0].softmax(-1).sort(-1, descending=True).values
outside = {k: float(1 - text_probabilities[:, :k].sum(-1).mean()) for k in (1, 10, 50, 500)}
print("probability outside of the k likeliest tokens:", {k: f"{share:.1%}" for k, share in outside.items()})


def fastest(function, repeats):
    """Shortest time of several calls, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


batch = colour_logits.expand(32, -1) + 0.01 * torch.randn(32, len(colour_logits))
repeats = budget.pick(smoke=2, cpu=10, gpu=50)
softmax_time = fastest(lambda: batch.softmax(-1), repeats)
full_time = fastest(lambda: draw(batch), repeats)
k_times = {k: fastest(lambda k=k: top_k_draw(batch, k), repeats) for k in (50, 500)}
real_decoder.prefill([opening_ids[0]] * 32, reserve=repeats)
some_ids = torch.zeros(32, dtype=torch.long)
step_time = fastest(lambda: real_decoder.step(some_ids), budget.pick(smoke=1, cpu=4))
print(
    f"32 rows of {len(colour_logits):,} logits: softmax {softmax_time:.1f} ms, draw from all {full_time:.1f} ms, from "
    f"k = 50 {k_times[50]:.1f} ms, k = 500 {k_times[500]:.1f} ms; one decoding step of SmolLM2 {step_time:.0f} ms"
)

figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
left.plot(ks, pairs_at.mean(1), marker=".", label="different pairs of words")
left.plot(ks, true_k.mean(1), "--", marker=".", label="true documents")
left.set(xscale="log", xlabel="k (tokens; the last point is no filter)", ylabel="share", ylim=(0, 1.02))
left.legend()
bars = {"softmax\nof all": softmax_time, "draw\nfrom all": full_time, "k = 50": k_times[50], "k = 500": k_times[500]}
right.bar([*bars, "whole\nstep"], [*bars.values(), step_time], color=[COLOURS[0]] * 4 + [COLOURS[1]])
right.set(yscale="log", xlabel="what is done, for 32 rows", ylabel="time (ms)")
show(
    figure,
    "Left: variety and truth of the world's documents against k: variety rises and truth falls, up to about 200 tokens. "
    "Right: times of a softmax, of draws with and without top-k, and of a whole decoding step, on a logarithmic axis.",
)
variety = mean_interval(pairs_at[-1] - pairs_at[1])
verdicts.add(
    row=78,
    claim="a smaller k makes text more predictable",
    measured=f"different pairs of words: {pairs_at[0].mean():.0%} at k = 1, {pairs_at[1].mean():.0%} at 2, "
    f"{pairs_at[4].mean():.0%} at 10, {pairs_at[-1].mean():.0%} without a filter",
    interval=f"no filter against k = 2: {variety}",
    outcome="holds" if variety.low > 0 else "undecided",
)
saved = (full_time - k_times[50]) / (step_time + full_time)
verdicts.add(
    row=78,
    claim="top-k reduces the computing of the softmax",
    measured=f"drawing from k = 50 takes {k_times[50] / full_time:.2f} of the time of drawing from all {len(colour_logits):,}; "
    f"that saves {saved:.1%} of a decoding step",
    interval="fastest of several calls",
    outcome="does not hold" if saved < 0.005 else "holds in part" if saved < 0.1 else "holds",
)

# %% [markdown]
# To find the k largest you must look at all of them, and looking is most of what a softmax does: the draw from 50 takes
# about as long as the draw from all, that from 500 longer. Beside the model itself, which has to compute every logit
# before anything can be filtered, all of them are small. Nor is the loss of variety small for SmolLM2: on a person's
# text a sixth of its probability lies outside of the 50 likeliest tokens.
#
# **Think.** Where would a real saving have to come from: from the sampler, or from the last matrix of the model?

# %% [markdown]
# ## 5 Top-p
#
# **What the chapter claims.** How many tokens are worth considering depends on the question: two for one that is to be
# answered with yes or no, many for the meaning of life. Top-p takes the most likely tokens until their probabilities sum
# to p, typically 0.9 to 0.95. In Figure 2-18 p = 0.9 leaves two tokens and 0.99 three.

# %%
answers = {"yes": 0.60, "maybe": 0.32, "no": 0.075, "perhaps": 0.005}  # numbers of our own, with the figure's property
for p in (0.5, 0.9, 0.99):
    total, kept = 0.0, []
    for word, probability in answers.items():
        if total >= p:
            break
        kept.append(word)
        total += probability
    print(f"p = {p}: {kept}, together {total:.3f}")

# %% [markdown]
# ### Exercise: `top_p_filter`
#
# *Difficulty 3 of 5, 20 minutes.* Nucleus sampling (Holtzman et al., 2020): keep the smallest set of most likely tokens whose
# probabilities together reach p. Go from the most likely token down, and stop *after* the one that reaches p. So at least one
# token always stays, and no more than needed do, not even those as likely as the last one.
#
# - All others become `-inf`; those that stay keep their logits and places.
# - p = 1 keeps all, whatever the rounding of a sum says. p outside (0, 1] is refused.
# - The given logits are not changed.
#
# Hint: with probabilities 0.5, 0.3, 0.15, 0.05 write down, for each token, what the tokens before it sum to, and which stay at p = 0.9.

# %% nbgrader={"grade": false, "grade_id": "top_p_filter", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def top_p_filter(logits: Tensor, p: float) -> Tensor:
    """Return the logits with all but the nucleus of each row set to -inf.

    Args:
        logits: (..., V), not modified.
        p: in (0, 1]; the smallest set of most likely tokens whose probability reaches p stays, and 1 keeps all.

    Returns:
        Logits (..., V).

    Raises:
        ValueError: p is outside (0, 1].
    """
    ### BEGIN SOLUTION
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], got {p}")
    if p == 1:
        return logits.clone()
    probabilities, order = logits.softmax(-1).sort(dim=-1, descending=True)
    before = probabilities.cumsum(-1) - probabilities
    outside = torch.zeros_like(before, dtype=torch.bool).scatter(-1, order, before >= p)
    outside.scatter_(-1, order[..., :1], False)
    return logits.masked_fill(outside, float("-inf"))
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "top_p_filter-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():

    import torch

    from utils.notebook.checks import check, check_refused

    logits = torch.tensor([0.15, 0.5, 0.05, 0.3]).log()
    check(
        lambda: torch.as_tensor(top_p_filter(logits.clone(), 0.7)).softmax(-1),
        [0.0, 0.625, 0.0, 0.375],
        "probabilities 0.15, 0.5, 0.05, 0.3 and p = 0.7, after a new softmax",
        rtol=1e-4,
        mistakes={
            "The token that crosses p was dropped: 0.5 alone does not reach 0.7.": [0.0, 1.0, 0.0, 0.0],
            "The sum ran in the order of the vocabulary. Start with the most likely token.": [
                0.1578947,
                0.5263158,
                0.0,
                0.3157895,
            ],
        },
        if_raises="Return logits, a tensor of the same shape.",
    )
    check(
        lambda: torch.as_tensor(top_p_filter(logits.clone(), 0.01)).softmax(-1),
        [0.0, 1.0, 0.0, 0.0],
        "p = 0.01",
        otherwise="At least one token stays, the most likely one.",
    )
    check_refused(lambda: top_p_filter(logits.clone(), 0.0), "p = 0")


visible_test()


# %% nbgrader={"grade": true, "grade_id": "top_p_filter-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the most likely tokens up to the one that crosses p stay, for logits of any shape.
### BEGIN HIDDEN TESTS
def graded_test():
    import itertools
    import math

    import torch

    from utils.notebook.checks import case_rng, check

    def keeping_by_row(logits, rule):
        """Apply a rule (list of logits -> indices that stay) to every row; the others become -inf."""
        rows = logits.reshape(-1, logits.shape[-1]).tolist()
        kept = [set(rule(row)) for row in rows]
        table = [[v if i in some else -math.inf for i, v in enumerate(row)] for row, some in zip(rows, kept)]
        return torch.tensor(table).reshape(logits.shape)

    def chances_of(row):
        powers = [math.exp(value) for value in row]
        return [power / sum(powers) for power in powers]

    def nucleus_of(row, p, more=0, order=None):
        """Return the indices from the front of an order (the most likely first) until p is reached, and some more."""
        chances = chances_of(row)
        order = sorted(range(len(row)), key=lambda i: -row[i]) if order is None else order
        reached, count = 0.0, 0
        while reached < p and count < len(row):
            reached += chances[order[count]]
            count += 1
        return order[: max(0, count + more)]

    def far_from_sums(row, p):
        """Say whether no sum of likely tokens, and no single one, is so near to p that rounding would decide."""
        ranked = sorted(chances_of(row), reverse=True)
        return all(abs(sum(ranked[:n]) - p) > 3e-3 for n in range(1, len(row))) and all(
            abs(c - p) > 3e-3 for c in ranked
        )

    def gathered_mask(row, p):
        """Keep what a mask of the sorted tokens says when it is gathered instead of scattered."""
        order = sorted(range(len(row)), key=lambda i: -row[i])
        count = len(nucleus_of(row, p))
        return [i for i in range(len(row)) if order[i] < count]

    for case, (shape, p) in enumerate([((3, 8), 0.6), ((3, 7), 0.8), ((2, 2, 9), 0.5), ((4, 6), 0.9), ((9,), 0.7)]):
        rng = case_rng("top_p_filter", case)
        while True:
            logits = torch.tensor([rng.gauss(0, 1.3) for _ in range(math.prod(shape))]).reshape(shape)
            rows = logits.reshape(-1, shape[-1]).tolist()
            if not all(far_from_sums(row, p) and len(nucleus_of(row, p)) >= 2 for row in rows):
                continue
            V = shape[-1]
            wanted = keeping_by_row(logits, lambda row: nucleus_of(row, p))
            mistakes = {
                "The token that crosses p was dropped. Keep it: without it the set does not reach p.": keeping_by_row(
                    logits, lambda row: nucleus_of(row, p, -1) or nucleus_of(row, p, 0)
                ),
                "One token too many stays: one more than the token that crosses p.": keeping_by_row(
                    logits, lambda row: nucleus_of(row, p, 1)
                ),
                "The sum ran in the order of the vocabulary. Sort first: the set holds the most likely tokens.": keeping_by_row(
                    logits, lambda row: nucleus_of(row, p, 0, list(range(len(row))))
                ),
                "You began with the least likely tokens. Begin with the most likely ones.": keeping_by_row(
                    logits, lambda row: nucleus_of(row, p, 0, sorted(range(len(row)), key=lambda i: row[i]))
                ),
                "The mask is in sorted order, and was not put back into the places of the vocabulary (scatter).": keeping_by_row(
                    logits, lambda row: range(len(nucleus_of(row, p)))
                ),
                "The mask was gathered with the sorted indices. To put it back into place, scatter it.": keeping_by_row(
                    logits, lambda row: gathered_mask(row, p)
                ),
                "Each token's own probability was compared with p (a threshold). It is their sum that reaches p.": keeping_by_row(
                    logits,
                    lambda row: (
                        [i for i, c in enumerate(chances_of(row)) if c >= p]
                        or [max(range(len(row)), key=row.__getitem__)]
                    ),
                ),
                "The tokens below 1 - p went. It is the sum of those that stay that reaches p.": keeping_by_row(
                    logits, lambda row: [i for i, c in enumerate(chances_of(row)) if c >= 1 - p]
                ),
                "The logits came back sorted. Each stays in its place: the index is the token.": torch.tensor(
                    [
                        sorted(row, reverse=True)[: len(nucleus_of(row, p))]
                        + [-math.inf] * (V - len(nucleus_of(row, p)))
                        for row in rows
                    ]
                ).reshape(shape),
                "You summed logits. Take the softmax first: probabilities reach p.": keeping_by_row(
                    logits,
                    lambda row: [
                        i for i in range(len(row)) if sum(v for v in row if v > row[i]) < p or row[i] == max(row)
                    ],
                ),
            }
            if len(rows) > 1:
                mistakes["All rows kept the set of the first row. Each row has its own."] = keeping_by_row(
                    logits, lambda row: nucleus_of(rows[0], p)
                )
            # In the first case all mistakes differ from one another as well, so that each is called by its name.
            values = [wanted, *mistakes.values()]
            pairs = itertools.combinations(values, 2) if case == 0 else ((wanted, wrong) for wrong in values[1:])
            if all(not torch.equal(one, other) for one, other in pairs):
                break
        mistakes |= {
            "These are probabilities. Return logits, so that the next filter can go on.": (
                lambda got, wanted=wanted: (
                    isinstance(got, torch.Tensor)
                    and got.shape == wanted.shape
                    and bool(((got >= 0) & (got <= 1)).all())
                )
            ),
            "What is out must become -inf: 0 is a logit like any other.": wanted.masked_fill(wanted.isinf(), 0.0),
            "What is out must become -inf, not a finite number.": (
                lambda got: isinstance(got, torch.Tensor) and bool(got.isfinite().all()) and bool((got < -100).any())
            ),
        }
        check(
            lambda: top_p_filter(logits.clone(), p),
            wanted,
            f"logits of shape {shape}, p = {p}",
            mistakes=mistakes,
            otherwise="From the most likely token down, keep all up to and with the one that reaches p; the others become -inf.",
            if_raises="The logits may have any number of dimensions; work along the last one.",
        )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "top_p_filter-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: at least one token stays, p = 1 keeps all, and the set is the smallest that reaches p.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check

    def tokens_left(got):
        """Return how many tokens of each row are left; None stays as it is."""
        return None if got is None else torch.as_tensor(got).isfinite().sum(-1).tolist()

    def token_left(got):
        """Return the token that is left in each row, or how many are left where it is not one."""
        return torch.as_tensor(got).argmax(-1) if tokens_left(got) == [1, 1] else tokens_left(got)

    logits = torch.tensor([[0.0, 1.0, 3.0, 2.0], [2.0, -1.0, 0.5, 0.0]])
    for p in (1e-6, 0.05):
        check(
            lambda: token_left(top_p_filter(logits.clone(), p)),
            [2, 0],
            f"the token that stays in each of two rows, p = {p}",
            mistakes={
                "No token is left. At least one stays, the most likely, since it is the one that crosses p.": [0, 0]
            },
            otherwise="Exactly one token stays, the most likely, since it reaches p alone.",
            if_raises="Return logits, a tensor of the same shape.",
        )
    # A sum of probabilities is 1 after rounding long before the last token.
    for spread in (1.0, 12.0, 25.0, 60.0):
        logits = torch.tensor([[0.0, spread, -spread / 3, spread / 2], [-spread / 3, 0.0, spread / 4, spread / 2]])
        check(
            lambda: top_p_filter(logits.clone(), 1.0),
            logits,
            f"p = 1, logits between {-spread / 3:.0f} and {spread:.0f}",
            otherwise="p = 1 keeps all. Rounded sums reach 1 before the last token, so treat p = 1 on its own.",
            if_raises="p = 1 is allowed, and keeps all.",
        )
    check(
        lambda: top_p_filter(torch.tensor([1.0, 0.0, -30.0]), 1),
        [1.0, 0.0, -30.0],
        "p = 1 as a whole number",
        otherwise="p = 1 keeps all.",
        if_raises="p = 1 is allowed, and keeps all.",
    )
    # Which of equal tokens stay is open; how many is not.
    for V, p, count in ((4, 0.6, 3), (8, 0.3, 3), (5, 0.5, 3)):
        check(
            lambda: tokens_left(top_p_filter(torch.zeros(2, V), p)),
            [count, count],
            f"number of tokens left of {V} equally likely ones, p = {p}",
            mistakes={
                "All tokens that tie with the last one stay. The smallest set has no more than it needs, whichever of equals they are.": [
                    V,
                    V,
                ],
                "The token that crosses p was dropped.": [count - 1, count - 1],
            },
            if_raises="Return logits, a tensor of the same shape.",
        )

    def fewest_extra():
        """Return the smallest surplus of tokens over cases in which a sum is p exactly; rounding excuses some, not all."""
        exact = ((2, 0.5), (4, 0.25), (4, 0.5), (4, 0.75), (8, 0.125), (8, 0.5), (16, 0.25))
        return min(tokens_left(top_p_filter(torch.zeros(V), p)) - round(V * p) for V, p in exact)

    check(
        fewest_extra,
        0,
        "tokens more than needed where the sum is exactly p, for example four equal ones and p = 0.5",
        mistakes={"A set whose probability is exactly p reaches p: stop there. Your sum has to exceed p.": 1},
        otherwise="Stop as soon as the sum reaches p.",
    )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "top_p_filter-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: p outside (0, 1] is refused, and the logits stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    import torch

    from utils.notebook.checks import check, check_refused, inputs_unchanged

    for p in (0.0, -0.2, 1.5, 1.01, 0, 2):
        for logits in (torch.tensor([1.0, 2.0, 0.5]), torch.tensor([[1.0, 2.0], [0.0, -1.0]])):
            check_refused(
                lambda: top_p_filter(logits.clone(), p), f"p = {p}", "A share of probability is above 0 and at most 1."
            )
    for p in (0.3, 0.8, 1.0):
        # Probabilities near 0.2, 0.7, 0.1 and 0.05, 0.15, 0.8.
        logits = torch.tensor([[0.2, 0.7, 0.1], [0.05, 0.15, 0.8]]).log()
        stay = {0.3: [[1], [2]], 0.8: [[0, 1], [2]], 1.0: [[0, 1, 2]] * 2}[p]
        if p == 0.8:
            p = 0.78
        table = [[v if i in some else -math.inf for i, v in enumerate(row)] for row, some in zip(logits.tolist(), stay)]
        with inputs_unchanged(logits):
            check(
                lambda: top_p_filter(logits, p), torch.tensor(table), f"p = {p}, the logits are used again afterwards"
            )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: closed and open questions
#
# **Claim.** The nucleus is small for a closed question and large for an open one, and top-k cannot follow. **Measurement.**
# SmolLM2 gets ten questions to be answered with yes or no, and ten open ones; we count the tokens that it takes to reach
# p = 0.9 at the first token of the answer. **Control.** The same count at every token of a person's text: how much does the
# size vary within one text?

# %% tags=["experiment", "row-79"]
from utils.evaluation.sampler_measures import nucleus_size

ending = "Answer with only yes or no."
closed = [
    "Do you like music?", "Is the sea salty?", "Is Paris in France?", "Do cats bark?", "Is ice cold?",
    "Can a fish ride a bicycle?", "Is seven larger than three?", "Do trees have leaves?", "Is the moon made of cheese?",
    "Should I drink water?",
]  # fmt: skip
open_questions = [
    "What is the meaning of life?", "What should I write about?", "Tell me about your dreams.", "How was the universe made?",
    "What makes people happy?", "Describe a place that does not exist.", "What will the world be like in a century?",
    "Give me a name for a shop.", "What should I cook tonight?", "Invent a proverb.",
]  # fmt: skip
kept_questions = budget.pick(smoke=2, cpu=10)
prompts = [f"{question} {ending}" for question in closed[:kept_questions]] + open_questions[:kept_questions]
first_logits = torch.cat(
    [real_decoder.prefill([real.encode_chat([{"role": "user", "content": prompt}])]).clone() for prompt in prompts]
)
sizes = nucleus_size(first_logits, 0.9).numpy()
closed_sizes, open_sizes = sizes[:kept_questions], sizes[kept_questions:]
within = nucleus_size(text_probabilities.log(), 0.9).numpy()
for name, group in (("closed", closed_sizes), ("open", open_sizes), ("within a text", within)):
    print(f"{name:14} nucleus at p = 0.9: median {np.median(group):.0f} tokens, from {group.min()} to {group.max()}")
yes_no = {w.strip().lower() for w in ("yes", "no")}
mass_yes_no = [
    sum(
        float(p)
        for p, token in zip(*row.softmax(-1).topk(50), strict=True)
        if real.decode([int(token)]).strip(" .").lower() in yes_no
    )
    for row in first_logits[:kept_questions]
]
print(f"probability of a first token that says yes or no, closed questions: {np.mean(mass_yes_no):.0%}")

figure, axes = plt.subplots(figsize=(7, 2.8))
generator = np.random.default_rng(0)
for place, (group, colour) in enumerate(((closed_sizes, COLOURS[0]), (open_sizes, COLOURS[1]), (within, COLOURS[2]))):
    axes.scatter(group, place + generator.uniform(-0.2, 0.2, len(group)), color=colour, s=14)
    axes.plot([np.median(group)] * 2, [place - 0.35, place + 0.35], color="black")
axes.set_yticks(range(3), ["closed\nquestions", "open\nquestions", "tokens of\none text"])
axes.set(xscale="log", xlabel="size of the nucleus at p = 0.9 (tokens)", ylabel="where")
show(
    figure,
    "Sizes of the nucleus, one dot each with the median as a line: closed questions, open questions, positions of one text.",
)
rng = np.random.default_rng(0)
ratios = [
    np.median(rng.choice(open_sizes, len(open_sizes))) / np.median(rng.choice(closed_sizes, len(closed_sizes)))
    for _ in range(2000)
]
low, high = np.percentile(ratios, [2.5, 97.5])
verdicts.add(
    row=79,
    claim="an open question needs a larger nucleus than a closed one",
    measured=f"medians {np.median(closed_sizes):.0f} tokens (closed) and {np.median(open_sizes):.0f} (open)",
    interval=f"ratio {np.median(open_sizes) / np.median(closed_sizes):.1f} [{low:.1f}, {high:.1f}], {kept_questions} questions each",
    outcome="holds" if low > 1 else "undecided" if high > 1 else "does not hold",
)
verdicts.add(
    row=79,
    claim="for a yes-or-no question the number of tokens to consider is two",
    measured=f"median {np.median(closed_sizes):.0f} tokens at p = 0.9; yes and no together have {np.mean(mass_yes_no):.0%}",
    interval=f"{closed_sizes.min()} to {closed_sizes.max()} over {kept_questions} questions",
    outcome="holds" if np.median(closed_sizes) <= 2 else "does not hold",
)

# %% [markdown]
# The nucleus measures the *model's* doubt, and a small model doubts even whether it has to obey: about half of the
# probability is on words other than yes and no. Look at the third line, too: within one text the size goes from one
# token to more than a thousand. No single k fits that.
#
# **Think.** A token in the middle of a word often has a nucleus of one. What does top-k with k = 50 add there?

# %% [markdown]
# ## 6 Min-p
#
# **What the chapter claims.** Min-p sets a least probability that a token must reach. As it is used (Nguyen et al.,
# 2024) that least probability is a part of the largest one: min-p 0.1 keeps what is at least a tenth as likely as the
# favourite. The paper recommends it for high temperatures. Let us see why, on two good tokens and a tail of fifty poor
# ones, at two temperatures:

# %%
good_and_tail = torch.tensor([5.0, 4.0] + [-3.0] * 50)
for temperature in (1.0, 3.0):
    probabilities = (good_and_tail / temperature).softmax(0)
    nucleus = int((probabilities.cumsum(0) < 0.95).sum()) + 1
    print(
        f"temperature {temperature}: the good ones {float(probabilities[0]):.3f} and {float(probabilities[1]):.3f}, the tail together "
        f"{float(probabilities[2:].sum()):.3f}; top-p 0.95 keeps {nucleus}, min-p 0.1 keeps "
        f"{int((probabilities >= 0.1 * probabilities.max()).sum())}"
    )

# %% [markdown]
# ### Exercise: `min_p_filter`
#
# *Difficulty 2 of 5, 10 minutes.* Keep the tokens whose probability is at least `min_p` times that of the most likely token of
# their row; all others become `-inf`. The bar moves with the model's certainty: it is high when one token stands out, and low when
# many are possible. The logits that stay keep their values and places, and the given ones are not changed.

# %% nbgrader={"grade": false, "grade_id": "min_p_filter", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def min_p_filter(logits: Tensor, min_p: float) -> Tensor:
    """Return the logits with all tokens set to -inf whose probability is below min_p times the row's largest.

    Args:
        logits: (..., V), not modified.
        min_p: the least probability relative to the largest one.

    Returns:
        Logits (..., V).
    """
    ### BEGIN SOLUTION
    probabilities = logits.softmax(-1)
    bar = min_p * probabilities.amax(-1, keepdim=True)
    return logits.masked_fill(probabilities < bar, float("-inf"))
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "min_p_filter-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():

    import torch

    from utils.notebook.checks import check

    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    check(
        lambda: torch.as_tensor(min_p_filter(logits.clone(), 0.2)).softmax(-1),
        [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0.0],
        "probabilities 0.5, 0.3, 0.15, 0.05 and min_p = 0.2, after a new softmax",
        rtol=1e-4,
        mistakes={
            "The bar is min_p times the largest probability, 0.2 * 0.5 = 0.1, and not 0.2 itself (absolute).": [
                0.625,
                0.375,
                0.0,
                0.0,
            ],
            "The tokens that are out become -inf, not 0.": (
                lambda got: isinstance(got, torch.Tensor) and bool((got > 0).all())
            ),
        },
        if_raises="Return logits, a tensor of the same shape.",
    )


visible_test()


# %% nbgrader={"grade": true, "grade_id": "min_p_filter-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the bar is a share of the largest probability of each row, for logits of any shape.
### BEGIN HIDDEN TESTS
def graded_test():
    import itertools
    import math

    import torch

    from utils.notebook.checks import case_rng, check

    for case, (shape, min_p) in enumerate(
        [((4, 8), 0.2), ((3, 7), 0.1), ((2, 2, 9), 0.3), ((6, 6), 0.05), ((12,), 0.4)]
    ):
        rng = case_rng("min_p_filter", case)
        while True:
            logits = torch.tensor([rng.gauss(0, 1.4) for _ in range(math.prod(shape))]).reshape(shape)
            chances = logits.double().softmax(-1)
            largest = chances.amax(-1, keepdim=True)
            ranked, order = chances.sort(-1, descending=True)
            below_nucleus = torch.zeros_like(chances, dtype=torch.bool).scatter(
                -1, order, ranked.cumsum(-1) - ranked >= min_p
            )
            top = chances == largest
            keeps = {
                "The bar is absolute: min_p itself. It is min_p times the largest probability of the row.": (
                    chances >= min_p
                )
                | top,
                "The bar is absolute: min_p itself, and may drop all. It is min_p times the largest probability.": chances
                >= min_p,
                "You compared logits with a share of the largest logit. Compare probabilities: logits are logarithms.": (
                    logits >= min_p * logits.amax(-1, keepdim=True)
                ),
                "The bar is the largest probability less min_p, a difference. It is min_p times the largest.": chances
                >= largest - min_p,
                "The bar is a share of the mean probability. It is a share of the largest.": (
                    chances >= min_p * chances.mean(-1, keepdim=True)
                ),
                "Only what is unlikely stayed: the opposite. Keep the tokens at or above the bar.": chances
                < min_p * largest,
                "This is top-p: you summed probabilities. Compare each one with min_p times the largest.": ~below_nucleus,
                "You took a logarithm to another base. Logits are natural logarithms.": (
                    logits - logits.amax(-1, keepdim=True) >= math.log10(min_p)
                ),
                "You took a logarithm to the base 2. Logits are natural logarithms.": (
                    logits - logits.amax(-1, keepdim=True) >= math.log2(min_p)
                ),
                "You divided by the largest probability. The bar is min_p times the largest.": chances
                >= min_p / largest,
                "The largest probability entered twice. The bar is min_p times the largest.": chances
                >= min_p * largest**2,
                "One less the largest is no part of it. The bar is min_p times the largest.": chances
                >= min_p * (1 - largest),
                "The difference of logits was compared with min_p. Compare the ratio of probabilities.": (
                    logits.amax(-1, keepdim=True) - logits <= min_p
                ),
            }
            if len(shape) > 1:
                keeps[
                    "The largest probability of the whole batch set the bar. Each row has a largest one of its own."
                ] = chances >= min_p * chances.max()
                keeps[
                    "The largest along the first dimension set the bar. Each row of the last dimension has a largest one of its own."
                ] = chances >= min_p * chances.amax(0, keepdim=True)
            stay = chances >= min_p * largest
            # No token so near to the bar that rounding would decide; every mistake shows.
            clear = bool(((chances / (min_p * largest)).log().abs() > 5e-3).all())
            # In the first case all mistakes differ from one another as well, so that each is called by its name.
            values = [stay, *keeps.values()]
            pairs = itertools.combinations(values, 2) if case == 0 else ((stay, wrong) for wrong in values[1:])
            if clear and all(not torch.equal(one, other) for one, other in pairs):
                break
        wanted = logits.masked_fill(~stay, -math.inf)
        mistakes = {hint: logits.masked_fill(~keep, -math.inf) for hint, keep in keeps.items()}
        mistakes |= {
            "What is out must become -inf, not 0: a logit of 0 keeps a probability.": logits.masked_fill(~stay, 0.0),
            "These are probabilities. Return logits, so that the next filter can go on.": (
                lambda got, wanted=wanted: (
                    isinstance(got, torch.Tensor)
                    and got.shape == wanted.shape
                    and bool(((got >= 0) & (got <= 1)).all())
                )
            ),
            "What is out must become -inf, not a finite number.": (
                lambda got: isinstance(got, torch.Tensor) and bool(got.isfinite().all()) and bool((got < -100).any())
            ),
        }
        check(
            lambda: min_p_filter(logits.clone(), min_p),
            wanted,
            f"logits of shape {shape}, min_p = {min_p}",
            mistakes=mistakes,
            otherwise="A token stays when its probability is at least min_p times the largest of its row; others become -inf.",
            if_raises="The logits may have any number of dimensions; work along the last one.",
        )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "min_p_filter-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: a probability exactly at the bar stays, logits may be large, and the given ones stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    import torch

    from utils.notebook.checks import check, inputs_unchanged

    out = -math.inf
    for row, wanted in (
        ([2.0, 5.0, 1.0, 5.0], [out, 5.0, out, 5.0]),
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        ([-3.0, -1.0, -2.0], [out, -1.0, out]),
    ):
        check(
            lambda: min_p_filter(torch.tensor(row), 1.0),
            torch.tensor(wanted),
            f"logits {row}, min_p = 1",
            mistakes={
                "A probability equal to the bar stays: it has to be at least min_p times the largest, not more.": [out]
                * len(row)
            },
            otherwise="With min_p = 1 the most likely token stays, with all that are as likely.",
        )
    for shift in (0.0, 1000.0, -1000.0):
        row = [shift + value for value in (0.0, -1.0, -2.0, -8.0)]
        check(
            lambda: min_p_filter(torch.tensor([row, row]), 0.2),
            torch.tensor([[row[0], row[1], out, out]] * 2),
            f"logits {row}, min_p = 0.2",
            mistakes={
                "Powers overflow or underflow, and all tokens stay. Subtract the largest logit first, or use a stable softmax.": torch.tensor(
                    [row, row]
                ),
                "The powers overflow, and no token is left. Use a stable softmax.": torch.full((2, 4), out),
            },
            otherwise="Only differences of logits count: adding 1,000 to all changes nothing. A stable softmax does not overflow.",
        )
    logits = torch.tensor([[0.0, -1.0, -2.0], [3.0, 1.0, 2.5]])
    with inputs_unchanged(logits):
        check(
            lambda: min_p_filter(logits, 0.3),
            torch.tensor([[0.0, -1.0, out], [3.0, out, 2.5]]),
            "min_p = 0.3, the logits are used again afterwards",
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: min-p against top-p at a high temperature
#
# **Claim.** At a high temperature min-p keeps text coherent where top-p does not. **Measurement.** The world's model, five
# values of each filter, at temperature 1 and 2, the temperature applied first. A filter is a compromise between variety
# and truth, so whole curves are compared: truth at equal variety. **Control.** Temperature 1, where both should do alike.

# %% tags=["experiment", "row-80"]
from utils.decoding.samplers import MinP, TopP

filters = {
    "top-p": [TopP(p) for p in (0.3, 0.5, 0.7, 0.85, 0.95)],
    "min-p": [MinP(p) for p in (0.5, 0.3, 0.15, 0.05, 0.02)],
}
hot = {}
for temperature in (1.0, 2.0):
    for name, members in filters.items():
        hot[name, temperature] = [
            [
                sample_documents(world_decoder, world, Temperature(temperature) | member, n_documents, seed)
                for seed in seeds
            ]
            for member in members
        ]


def truth_at(rows, variety):
    """Share of true documents at a given variety, for each seed, between the measured points."""
    pairs, true = table_of(rows, "distinct_pairs"), table_of(rows, "true_share")
    found = []
    for seed in range(pairs.shape[1]):
        order = pairs[:, seed].argsort()
        found.append(np.interp(variety, pairs[order, seed], true[order, seed]))
    return np.array(found)


figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.2), sharey=True, constrained_layout=True)
leads = {}
for axes, temperature in zip(panels, (1.0, 2.0), strict=True):
    for (name, style), colour in zip((("top-p", "-"), ("min-p", "--")), COLOURS, strict=False):
        rows = hot[name, temperature]
        axes.plot(
            table_of(rows, "distinct_pairs").mean(1),
            table_of(rows, "true_share").mean(1),
            style,
            marker="o",
            color=colour,
            label=name,
        )
    spans = [table_of(hot[name, temperature], "distinct_pairs").mean(1) for name in filters]
    middle = (max(span.min() for span in spans) + min(span.max() for span in spans)) / 2
    leads[temperature] = mean_interval(
        truth_at(hot["min-p", temperature], middle) - truth_at(hot["top-p", temperature], middle)
    )
    axes.set(
        xlabel="different pairs of words (share)", ylabel="true documents (share)", title=f"temperature {temperature:g}"
    )
    axes.legend()
    print(f"temperature {temperature}: at a variety of {middle:.2f} min-p leads by {leads[temperature]}")
show(
    figure,
    "Truth against variety of the world's documents under five strengths of top-p and of min-p, at temperature 1 and 2. "
    "Higher and further right is better.",
)
verdicts.add(
    row=80,
    claim="min-p is an alternative to top-p (its authors: better at high temperatures)",
    measured=f"true documents at equal variety, min-p minus top-p: {leads[1.0].mean:+.1%} at temperature 1, "
    f"{leads[2.0].mean:+.1%} at 2",
    interval=f"at 2: {leads[2.0]}",
    outcome="holds" if leads[2.0].low > 0 else "does not hold" if leads[2.0].high < 0 else "undecided",
)

# %% [markdown]
# Heat makes the tail heavy. Top-p counts probability, so it lets a heavy tail in; min-p asks each token alone whether
# it is comparable with the favourite. But a stricter p does that too: the fair comparison is at equal variety, not at
# the numbers that happen to be usual. There, in the middle of the range that both cover, the lead of min-p at
# temperature 2 is lost in the noise of five seeds. Further right in the picture it looks large, but a place that is
# chosen after looking proves little.
#
# **Think.** Temperature first or filter first? What do top-k, top-p and min-p keep in either order?

# %% [markdown]
# ### What if?
#
# Write the beginning of a text and move the sliders. Find an opening after which p = 0.9 leaves one token, and one after
# which it leaves thousands. Without widgets, read the pictures below the cell: the same distribution under five settings.

# %% tags=["experiment", "row-76", "row-78", "row-79", "row-80"]
from IPython.display import display

from utils.notebook.widgets import next_token

display(next_token.next_token_explorer(next_logits_of, real.decode, "My favorite color is"))
settings_shown = {
    "temperature 0.5": next_token.Settings(temperature=0.5),
    "temperature 1.5": next_token.Settings(temperature=1.5),
    "k = 5": next_token.Settings(k=5),
    "p = 0.5": next_token.Settings(p=0.5),
    "min-p 0.2": next_token.Settings(min_p=0.2),
}
shown = {
    label: next_token.next_token(colour_logits, real.decode, chosen, most=10)
    for label, chosen in settings_shown.items()
}
show(
    next_token.next_token_figure(shown),
    "Ten tokens that may follow 'My favorite color is', with the model's probabilities and those after five samplers, and how many tokens each leaves.",
)
print(next_token.next_token_text(shown["min-p 0.2"]))

# %% [markdown]
# ## 7 When to stop
#
# **What the chapter claims.** Long outputs cost time and money. A limit on tokens is easy and cuts sentences off; stop
# tokens and stop words end where the text ends. And stopping early breaks formats: JSON that lacks its closing brackets
# does not parse.

# %%
import json

record = '{"name": "Felix", "colour": "grey", "age": 3}'
for length in (20, 44, 45):
    try:
        print(f"{length} characters: {json.loads(record[:length])}")
    except json.JSONDecodeError as error:
        print(f"{length} characters: does not parse ({error.msg})")

# %% [markdown]
# ### Exercise: `truncate_at_stop`
#
# *Difficulty 1 of 5, 10 minutes.* Cut a text before the earliest of several stop strings, wherever it stands. The order of the list does
# not matter, only the places in the text. A text without any of them comes back whole. An empty stop string stands everywhere, so it
# is refused, even when another stop would come first.

# %% nbgrader={"grade": false, "grade_id": "truncate_at_stop", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Sequence


def truncate_at_stop(text: str, stops: Sequence[str]) -> str:
    """Return the text before the earliest stop string in it, the whole text when there is none.

    Raises:
        ValueError: one of the stop strings is empty.
    """
    ### BEGIN SOLUTION
    if any(stop == "" for stop in stops):
        raise ValueError(f"stops must not contain an empty string, got {stops!r}")
    places = [text.find(stop) for stop in stops]
    return text[: min((place for place in places if place >= 0), default=len(text))]
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "truncate_at_stop-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check, check_refused

    check(
        lambda: truncate_at_stop("Q: one? A: two. Q: three?", [" Q:", " A:"]),
        "Q: one?",
        "two stops, the second of the list comes first",
        mistakes={
            "Another stop comes earlier in the text: the order of the list does not matter.": "Q: one? A: two.",
            "The stop itself must go, too.": "Q: one? A:",
        },
    )
    check(lambda: truncate_at_stop("no stop here", ["\n"]), "no stop here", "no stop in the text")
    check_refused(lambda: truncate_at_stop("text", [""]), "an empty stop string")


visible_test()


# %% nbgrader={"grade": true, "grade_id": "truncate_at_stop-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the cut is before the earliest stop, in whatever order the stops are given.
### BEGIN HIDDEN TESTS
def graded_test():
    import itertools

    from utils.notebook.checks import check, inputs_unchanged

    cases = (
        ("alpha beta now\nUser: gamma\nBot: delta\nUser: end", ["\nUser:", "\nBot:", "beta"]),
        ("one. two! three? one. four!", ["!", "?", "."]),
        ("x = 1;\ny = 2;\nprint(x)\n", ["print", ";\n"]),
        ("The answer is 42.###END### and more ### text", ["###END###", "missing", " and"]),
    )
    for text, given in cases:
        for stops in itertools.permutations(given):
            stops = list(stops)
            found = [stop for stop in stops if stop in text]
            first = min(found, key=text.find)
            place = text.find(first)
            with inputs_unchanged(stops):
                check(
                    lambda: truncate_at_stop(text, stops),
                    text[:place],
                    f"stops {stops} in {text!r}",
                    mistakes={
                        "The stop string itself was kept. Cut before it.": text[: place + len(first)],
                        "You cut at the stop that is first in the list. The earliest in the text counts, not the order of the list.": text[
                            : text.find(found[0])
                        ],
                        "You cut at the latest of the stops. The earliest counts.": text[
                            : max(text.find(stop) for stop in found)
                        ],
                        "You cut at the last occurrence. The earliest counts.": text[
                            : min(text.rfind(stop) for stop in found)
                        ],
                        "You cut at the last occurrence of the last stop. The earliest counts.": text[
                            : max(text.rfind(stop) for stop in found)
                        ],
                        "Only a stop at the end of the text was seen. It may stand anywhere.": text,
                        "The text goes on after the stop: the stops were removed. Cut there, and return what stands before.": (
                            lambda got, text=text, place=place: (
                                isinstance(got, str) and len(got) > place and not text.startswith(got)
                            )
                        ),
                        "You cut at any single character of the stops. A stop is found as a whole.": text[
                            : min(i for i, letter in enumerate(text) if letter in set("".join(stops)))
                        ],
                        "A stop that is not in the text has the place -1 (find), which cuts off the last character. Leave it out.": text[
                            :-1
                        ],
                        "The white space before the stop belongs to the text: no strip.": (
                            lambda got, text=text, place=place: (
                                isinstance(got, str) and got == text[:place].strip() != text[:place]
                            )
                        ),
                    },
                    otherwise="Cut before the first place in the text where one of the stops begins.",
                )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "truncate_at_stop-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: no stop in the text, a stop at its start, overlapping stops, special characters, white space.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    not_found = "No stop is in the text (find gives -1): it comes back whole."
    overlapping = (
        "Two stops overlap. The earlier one counts: a cut at the other must not destroy it, so look for all of them in the "
        "whole text."
    )
    special = "A stop is a plain string: `.`, `?`, `|` and brackets have no special meaning (regular expression)."
    cases = (
        (
            "no stop string at all",
            [],
            "whole",
            "no stop string at all",
            "With no stop strings the whole text comes back.",
        ),
        ("nothing here", ["END", "STOP"], "whole", "nothing here", not_found),
        ("", ["END"], "whole", "", not_found),
        (
            "STOP at once",
            ["STOP"],
            "start",
            "",
            "A stop at the very start has the place 0, which counts: nothing is left.",
        ),
        (
            "one two",
            ["two", "one"],
            "start",
            "",
            "A stop at the very start has the place 0, which counts: nothing is left.",
        ),
        ("only at the end<eos>", ["<eos>"], "end", "only at the end", "The stop ends the text. Cut before it."),
        ("value abcd rest", ["bc", "ab"], "overlap", "value ", overlapping),
        ("value abcd rest", ["ab", "bc"], "overlap", "value ", overlapping),
        ("a\n\nb\nc", ["\n\nb", "\n\n"], "overlap", "a", overlapping),
        ("say </end> now", ["d> now", "</end>"], "overlap", "say ", overlapping),
        ("price: 3 dollars. Next", ["."], "special", "price: 3 dollars", special),
        ("a|b (c) [d]? e", ["(c)", "]?"], "special", "a|b ", special),
        ("cost $5 + $6 = $11 ^ done", ["$6", "^"], "special", "cost $5 + ", special),
        (
            "keep this  \nStop here",
            ["\nStop"],
            "white space",
            "keep this  ",
            "White space before the stop belongs to the text: no strip.",
        ),
        (
            "  ends with space ",
            ["Stop"],
            "white space",
            "  ends with space ",
            "White space belongs to the text: no strip.",
        ),
        (
            "stop is no Stop",
            ["Stop"],
            "case",
            "stop is no ",
            "Upper and lower case differ: a stop is found in its own case.",
        ),
    )
    for text, stops, _, wanted, hint in cases:
        check(
            lambda: truncate_at_stop(text, list(stops)),
            wanted,
            f"stops {stops} in {text!r}",
            otherwise=hint,
            if_raises=hint,
        )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "truncate_at_stop-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: an empty stop string is refused, wherever it stands in the list.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check_refused

    for text, stops in (
        ("text", [""]),
        ("text", ["x", ""]),
        ("text", ["", "x"]),
        ("text", ["t", "", "x"]),
        ("text", ["missing", "", "t"]),
        ("", [""]),
    ):
        check_refused(
            lambda: truncate_at_stop(text, list(stops)),
            f"stops {stops} for {text!r}",
            "An empty string stands at every place of every text.",
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: `generate`
#
# *Difficulty 2 of 5, 20 minutes.* The loop that all language models run in. `next_logits(ids)` is the model: it takes all ids so far, the
# prompt and what you have added, and returns the logits of the next token. `choose(logits)` is the sampler: it returns one id, and may
# be random, so ask it once for each token. Stop at `max_new_tokens` new tokens, or when `choose` gives one of `stop_ids`.
#
# Return the new ids only: not the prompt, and not the stop id. A stop id in the prompt stops nothing. The prompt is not changed.

# %% nbgrader={"grade": false, "grade_id": "generate", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable, Collection, Sequence

from torch import Tensor


def generate(
    next_logits: Callable[[Sequence[int]], Tensor],
    prompt_ids: Sequence[int],
    max_new_tokens: int,
    choose: Callable[[Tensor], int],
    stop_ids: Collection[int] = (),
) -> list[int]:
    """Generate token by token until a stop id is chosen or there are max_new_tokens.

    Args:
        next_logits: from all ids so far to the logits (V,) of the next token.
        prompt_ids: the prompt, not modified.
        max_new_tokens: the most tokens that are returned.
        choose: from logits to one id; may be random.
        stop_ids: ids that end the generation and are not returned.

    Returns:
        The new ids.
    """
    ### BEGIN SOLUTION
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids))
        if token in stop_ids:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "generate-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import torch

    from utils.notebook.checks import check

    def counting_model(ids):
        """Return logits that are largest for the number after the last id, modulo 10."""
        logits = torch.zeros(10)
        logits[(int(ids[-1]) + 1) % 10] = 5.0
        return logits

    def choose_largest(logits):
        return int(logits.argmax())

    check(
        lambda: generate(counting_model, [3, 4], 3, choose_largest),
        [5, 6, 7],
        "a model that counts, prompt [3, 4], three new tokens",
        mistakes={
            "Return the new ids only, without the prompt.": [3, 4, 5, 6, 7],
            "New ids must be fed back: the model has to see its own tokens.": [5, 5, 5],
        },
    )
    check(
        lambda: generate(counting_model, [3, 4], 10, choose_largest, stop_ids=(8,)),
        [5, 6, 7],
        "the same with the stop id 8",
        mistakes={
            "The stop id itself is not returned.": [5, 6, 7, 8],
            "The stop id was left out, and generation went on. It ends there.": [5, 6, 7, 9, 0, 1, 2, 3, 4],
        },
    )


visible_test()


# %% nbgrader={"grade": true, "grade_id": "generate-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the model sees all ids so far, and the new ids come back, without the prompt, up to max_new_tokens.
### BEGIN HIDDEN TESTS
def graded_test():
    import random

    import torch

    from utils.notebook.checks import case_rng, check

    V = 12

    def plain_ids(ids):
        """Return ids as a tuple of whole numbers, whatever container they came in."""
        return tuple(int(token) for token in (ids.reshape(-1) if isinstance(ids, torch.Tensor) else ids))

    def model_from(secret):
        """Return a function from all ids to logits, another row for every sequence of ids."""

        def next_logits(ids):
            rng = random.Random(f"{secret} {plain_ids(ids)}")
            return torch.tensor([rng.gauss(0, 1) for _ in range(V)])

        return next_logits

    def choose_second(logits):
        """Choose the second largest, so that an argmax shows."""
        return int(logits.argsort(descending=True)[1])

    def run_loop(next_logits, prompt, steps, choose, see):
        new = []
        for _ in range(steps):
            new.append(choose(next_logits(see(prompt, new))))
        return new

    all_ids = lambda prompt, new: [*prompt, *new]
    for case, (n_prompt, steps) in enumerate([(3, 5), (1, 4), (5, 2), (4, 7), (6, 1)]):
        rng = case_rng("generate", case)
        while True:
            prompt = [rng.randrange(V) for _ in range(n_prompt)]
            next_logits = model_from(rng.getrandbits(40))
            wanted = run_loop(next_logits, prompt, steps, choose_second, all_ids)
            wrong = {
                "New ids are not fed back: the model saw the prompt only. It must see its own tokens as well.": run_loop(
                    next_logits, prompt, steps, choose_second, lambda prompt, new: prompt
                ),
                "The model saw the last id only. Give it all ids so far.": run_loop(
                    next_logits, prompt, steps, choose_second, lambda prompt, new: [*prompt, *new][-1:]
                ),
                "The prompt was forgotten after the first token. The model sees prompt and new ids together.": run_loop(
                    next_logits, prompt, steps, choose_second, lambda prompt, new: new or prompt
                ),
                "The new ids were put before the prompt. They follow it.": run_loop(
                    next_logits, prompt, steps, choose_second, lambda prompt, new: [*new, *prompt]
                ),
                "You took the largest logit yourself. The next token is what `choose` says.": run_loop(
                    next_logits, prompt, steps, lambda logits: int(logits.argmax()), all_ids
                ),
            }
            # With several steps all of these differ; distinct tokens keep the repeats of other cases apart.
            plain_case = len(set(wanted)) == len(wanted) and wanted[0] != prompt[-1]
            if plain_case and (steps == 1 or all(value != wanted for value in wrong.values())):
                break
        mistakes = {hint: value for hint, value in wrong.items() if value != wanted} | {
            "Return the new ids only, without the prompt.": prompt + wanted,
            "One token too many: return max_new_tokens at most.": run_loop(
                next_logits, prompt, steps + 1, choose_second, all_ids
            ),
            "One token too few: without a stop id return max_new_tokens of them.": wanted[:-1],
            "max_new_tokens counts new tokens only, not those of the prompt.": wanted[: max(0, steps - n_prompt)],
            "A generator came back (there is a yield in your code). Return a list of the new ids.": (
                lambda got: hasattr(got, "__next__")
            ),
            "Ids of an earlier call come back: something is kept between calls, such as a list as default argument.": (
                lambda got, wanted=wanted, steps=steps: isinstance(got, list) and len(got) > steps + 1
            ),
        }
        check(
            lambda: generate(next_logits, list(prompt), steps, choose_second),
            wanted,
            f"prompt {prompt}, {steps} new tokens",
            mistakes=mistakes,
            otherwise="Ask next_logits with all ids so far, let choose take one, and go on with it.",
            if_raises="next_logits takes all ids so far in one sequence; choose takes its logits.",
        )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "generate-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: each of the stop ids ends generation and is not returned; one in the prompt does not.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check, inputs_unchanged

    def scripted(*tokens):
        """Return a model and a choice that give these tokens one after the other, then 19 for ever."""
        left = list(tokens)

        def choose(logits):
            if logits.dim() != 1 or not torch.equal(logits.detach().float(), torch.arange(20.0) / 4 - 3):
                raise AssertionError(
                    "`choose` takes the logits of next_logits as they are: shape (V,), no softmax before it."
                )
            return left.pop(0) if left else 19

        return (lambda ids: torch.arange(20.0) / 4 - 3), choose

    cases = (
        ("one stop id", [5, 6], (2,), 9, [7, 8, 2, 9, 10], [7, 8]),
        ("the second of two stop ids", [5, 6], (2, 4), 9, [7, 8, 4, 9, 10], [7, 8]),
        ("the first of three stop ids", [5, 6], (9, 2, 4), 8, [7, 9, 8, 3], [7]),
        ("the third of three stop ids", [5, 6], (9, 2, 4), 8, [7, 8, 11, 4, 3], [7, 8, 11]),
        ("a stop id at once", [5], (2,), 9, [2, 7, 8], []),
        ("two stop ids, the second of them earlier", [5, 6], (2, 4), 9, [7, 4, 8, 2, 9], [7]),
        ("two stop ids, the first of them earlier", [5, 6], (2, 4), 9, [7, 2, 8, 4, 9], [7]),
        ("a stop id after max_new_tokens", [5, 6], (2,), 3, [7, 8, 9, 2], [7, 8, 9]),
        ("a stop id as the last of max_new_tokens", [5, 6], (2,), 3, [7, 8, 2, 9], [7, 8]),
        ("stop ids that never come", [5, 6], (2, 3), 4, [7, 8, 9, 10, 11], [7, 8, 9, 10]),
        ("a prompt that ends with the stop id", [5, 2], (2,), 3, [7, 8, 9, 10], [7, 8, 9]),
        ("a prompt with the stop id in it, and none later", [2, 5, 6], (2,), 2, [7, 8, 9], [7, 8]),
        ("the same token several times", [7], (2,), 5, [7, 7, 8, 8, 2], [7, 7, 8, 8]),
        ("token 0, which is no stop id", [5], (2,), 4, [0, 7, 0, 2], [0, 7, 0]),
        ("token 0 as the stop id", [5, 0], (0,), 4, [7, 8, 0, 9], [7, 8]),
        ("no stop ids", [5], (), 4, [2, 0, 1, 2, 3], [2, 0, 1, 2]),
        ("token 12, with the stop ids 1 and 2", [5], (1, 2), 4, [7, 12, 8, 2], [7, 12, 8]),
        ("no new tokens at all", [5, 6], (2,), 0, [7, 8], []),
    )
    for what, prompt, stop_ids, limit, tokens, wanted in cases:
        next_logits, choose = scripted(*tokens)
        endless = [*tokens, *[19] * limit][:limit]
        ended = next((i for i, token in enumerate(endless) if token in stop_ids), None)
        mistakes = {
            "`choose` was asked twice for a token. It may be random: ask it once, and keep what it says.": (
                lambda got, odd=[*tokens, *[19] * limit][1::2], wanted=wanted: (
                    isinstance(got, list) and got != wanted and bool(got) and got == odd[: len(got)]
                )
            ),
        }
        if ended is not None:
            mistakes |= {
                "The stop id was returned, too. It ends the text and is no part of it.": endless[: ended + 1],
                "The stop id was left out, but generation went on. It has to end there.": [
                    t for t in endless if t not in stop_ids
                ],
                "Stop ids have no effect: generation has to end at the first of them.": endless,
                "The last token before the stop was lost, too. Only the stop id is left out.": wanted[:-1]
                if wanted
                else ["lost"],
            }
            if endless[ended] != stop_ids[0]:
                hint = "Only the first stop id counts in your code. Each of the stop ids ends generation."
                mistakes = {hint: endless} | mistakes
        if prompt[-1] in stop_ids or prompt[0] in stop_ids:
            mistakes["A stop id in the prompt ended generation. Only a new one does."] = []
        with inputs_unchanged(prompt):
            check(
                lambda: generate(next_logits, prompt, limit, choose, stop_ids),
                wanted,
                f"{what}: prompt {prompt}, stop_ids {stop_ids}, max_new_tokens {limit}, choose gives {tokens}",
                mistakes=mistakes,
                otherwise=(
                    "The same token again, or token 0, is no end. Only stop_ids and max_new_tokens end generation, and the new ids come back "
                    "without the stop id."
                ),
                if_raises="The end is reached at a stop id or at max_new_tokens.",
            )

    def asked_after_stop():
        """Return how often `choose` is asked when its second token is a stop id and six are allowed."""
        asked = []

        def choose_and_count(logits):
            asked.append(logits)
            return 2 if len(asked) == 2 else 7

        generate(scripted()[0], [5, 6], 6, choose_and_count, (2,))
        return len(asked)

    check(
        asked_after_stop,
        2,
        "calls of choose, when the second of six tokens is a stop id",
        otherwise="Generation went on after the stop id. It ends there: the tokens after it cost time and are thrown away.",
    )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: cost against cut answers
#
# **Claim.** A low limit saves tokens, cuts answers and breaks JSON; stop words save without cutting. **Measurement.**
# SmolLM2 answers questions, and writes a JSON object, several samples each, with a generous limit. A lower limit would have
# given the beginnings of the same samples, so all limits are measured on one set. A stop string (the end of the first
# sentence) is measured on it too. **Control.** The generous limit.

# %% tags=["experiment", "row-81"]
from utils.decoding.stopping import truncate_at_stop as cut_at_stop

asked = [
    "Why is the sky blue?", "What is the capital of France?", "What is a volcano?", "How do birds fly?",
][: budget.pick(smoke=2, cpu=4)]  # fmt: skip
n_answers = budget.pick(smoke=2, cpu=4, gpu=20)
longest = budget.pick(smoke=16, cpu=80, gpu=200)
json_request = (
    'Write a JSON object that describes a cat with the keys "name", "colour" and "age". Answer with the JSON only.'
)
chats = [real.encode_chat([{"role": "user", "content": text}]) for text in asked]
answered = generation.generate(
    real_decoder, chats, longest, Temperature(0.7).seeded(1), real.eos_ids, samples=n_answers, logprobs=True
)
n_records = budget.pick(smoke=3, cpu=20, gpu=100)
start = time.perf_counter()
json_tried = generation.generate(
    real_decoder, [real.encode_chat([{"role": "user", "content": json_request}])], budget.pick(smoke=30, cpu=56, gpu=100),
    Temperature(0.7).seeded(2), real.eos_ids, samples=n_records,
)  # fmt: skip
json_seconds = time.perf_counter() - start


def parses(text):
    """Whether a text is a JSON object."""
    try:
        return isinstance(json.loads(text), dict)
    except json.JSONDecodeError:
        return False


def complete(one, limit):
    """Whether an answer has come to its end within a limit of tokens."""
    return one.finish == "stop" and len(one.ids) < limit


limits = [limit for limit in (4, 8, 16, 24, 32, 48, 64, 80) if limit <= longest]
tokens_at = [np.mean([min(len(one.ids), limit) for one in answered]) for limit in limits]
cut_at = [np.mean([not complete(one, limit) for one in answered]) for limit in limits]
parsed_at = np.array([[parses(real.decode(one.ids[:limit])) for one in json_tried] for limit in limits], dtype=float)
first_sentences = [cut_at_stop(real.decode(one.ids), [". ", ".\n", "\n\n"]) for one in answered]
stop_tokens = np.array([len(real.encode(text)) for text in first_sentences])
stop_cut = np.mean(
    [
        len(text) == len(real.decode(one.ids)) and one.finish != "stop"
        for text, one in zip(first_sentences, answered, strict=True)
    ]
)
for limit, tokens, cut, parsed in zip(limits, tokens_at, cut_at, parsed_at.mean(1), strict=True):
    print(f"limit {limit:3}: {tokens:5.1f} tokens a question, {cut:4.0%} cut; JSON that parses {parsed:4.0%}")
print(f"stop at the end of a sentence: {stop_tokens.mean():.1f} tokens a question, {stop_cut:.0%} cut")

figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
left.plot(tokens_at, cut_at, marker=".", label="limits")
left.plot([stop_tokens.mean()], [stop_cut], "*", markersize=12, label="stop string: first sentence")
for limit, x, y in zip(limits, tokens_at, cut_at, strict=True):
    left.annotate(str(limit), (x, y), textcoords="offset points", xytext=(3, 4), fontsize=8)
left.set(xlabel="tokens paid for (mean per question)", ylabel="answers cut off (share)", ylim=(-0.03, 1.05))
left.legend(fontsize=8)
right.plot(limits, parsed_at.mean(1), marker=".")
right.set(xlabel="limit (tokens)", ylabel="outputs that parse as JSON (share)", ylim=(-0.03, 1.05))
show(
    figure,
    "Left: the share of answers that are cut off against the tokens paid for, one point for each limit, and a stop string "
    "as a star. Right: the share of JSON outputs that parse against the limit; it is zero for low limits.",
)
broken = bootstrap_interval(parsed_at[-1] - parsed_at[1])
verdicts.add(
    row=81,
    claim="a limit on tokens cuts answers off, a stop condition does not",
    measured=f"at {tokens_at[2]:.0f} tokens a question a limit cuts {cut_at[2]:.0%} of the answers; a stop string pays "
    f"{stop_tokens.mean():.0f} and cuts {stop_cut:.0%} in a sentence",
    interval=f"{len(answered)} answers",
    outcome="holds" if cut_at[2] > stop_cut else "does not hold",
)
verdicts.add(
    row=81,
    claim="stopping early makes JSON that does not parse",
    measured=f"parse: {parsed_at[1].mean():.0%} at a limit of {limits[1]} tokens, {parsed_at[-1].mean():.0%} at {limits[-1]}",
    interval=f"difference {broken}",
    outcome="holds" if broken.low > 0 else "undecided",
)

# %% [markdown]
# A limit is a bound on your costs, not a way to get short answers: you pay for the first half of an answer that nobody
# can use. SmolLM2 is talkative, so that even the longest limit here cuts most of its answers. And a full stop does not
# make JSON: most of its objects fail at every limit, because it wraps them in a code block or goes on to explain them.
#
# **Think.** Some samples never parse, at any limit. Which of the two problems does notebook 08 have to solve?

# %% [markdown]
# ## 8 Long and short
#
# **What the chapter claims.** The probability of a sequence is the product of its tokens' probabilities, each given those
# before; its logprob is their sum. Longer sequences tend to have lower sums, so the average per token is used to choose
# among several outputs.
#
# The chapter writes the example as p(I love food) = p(I) x p(I | love) x p(food | I, love). The middle factor is a
# slip: it has to be **p(love | I)**, each token given the tokens *before* it. With p(I) = 0.2, p(love | I) = 0.1 and
# p(food | I, love) = 0.3 the product is 0.006, as the chapter says. That the two are different numbers:

# %%
# Invented counts of three-word sentences.
counts = {
    ("I", "love", "food"): 6,
    ("I", "love", "you"): 14,
    ("I", "eat", "food"): 180,
    ("they", "love", "food"): 60,
    ("they", "eat", "you"): 740,
}
n_sentences = sum(counts.values())


def chance(event, given=lambda s: True):
    """Share of the sentences with a property among those with another."""
    among = sum(c for s, c in counts.items() if given(s))
    return sum(c for s, c in counts.items() if given(s) and event(s)) / among


p_i = chance(lambda s: s[0] == "I")
p_love_given_i = chance(lambda s: s[1] == "love", lambda s: s[0] == "I")
p_i_given_love = chance(lambda s: s[0] == "I", lambda s: s[1] == "love")
p_food = chance(lambda s: s[2] == "food", lambda s: s[:2] == ("I", "love"))
print(
    f"p(I) = {p_i}, p(love | I) = {p_love_given_i}, p(food | I, love) = {p_food}: product {p_i * p_love_given_i * p_food:.4f}"
)
print(
    f"counted: {counts['I', 'love', 'food']} of {n_sentences} sentences = {counts['I', 'love', 'food'] / n_sentences:.4f}"
)
print(f"as printed, with p(I | love) = {p_i_given_love}: {p_i * p_i_given_love * p_food:.4f}")

# %% [markdown]
# ### Exercise: `best_average_logprob`
#
# *Difficulty 1 of 5, 10 minutes.* Several answers to one question, each with the log-probabilities of its tokens. Return the text of
# the one that the model finds likeliest per token. A sum would favour short answers: every token makes it smaller. Texts may have
# hundreds of tokens, so stay in log space.

# %% nbgrader={"grade": false, "grade_id": "best_average_logprob", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Sequence


def best_average_logprob(candidates: Sequence[tuple[str, Sequence[float]]]) -> str:
    """Return the text with the highest mean log-probability per token.

    Args:
        candidates: (text, log-probabilities of its tokens) of each.
    """
    ### BEGIN SOLUTION
    return max(candidates, key=lambda candidate: sum(candidate[1]) / len(candidate[1]))[0]
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "best_average_logprob-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    check(
        lambda: best_average_logprob(
            [("No.", [-1.5]), ("It opens at nine.", [-0.5, -0.5, -1.0, -0.4]), ("Well", [-2.0, -0.1])]
        ),
        "It opens at nine.",
        "a short and a long answer",
        mistakes={"The highest sum favours short answers. Take the mean per token.": "No."},
    )


visible_test()


# %% nbgrader={"grade": true, "grade_id": "best_average_logprob-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the text with the highest mean over its tokens.
### BEGIN HIDDEN TESTS
def graded_test():
    import math
    import statistics

    from utils.notebook.checks import case_rng, check, inputs_unchanged

    RULES = {
        "The highest sum won, which favours short texts. Take the mean: divide by the number of tokens.": lambda text, lp: (
            sum(lp)
        ),
        "The lowest mean won. Take the highest.": lambda text, lp: -sum(lp) / len(lp),
        "The mean of the probabilities won. Take the mean of the logarithms.": lambda text, lp: (
            sum(map(math.exp, lp)) / len(lp)
        ),
        "The sum was divided by the number of characters. Divide by the number of tokens.": lambda text, lp: (
            sum(lp) / len(text)
        ),
        "The sum was divided by the number of words. Divide by the number of tokens.": lambda text, lp: (
            sum(lp) / len(text.split())
        ),
        "The length is one too large: divide by the number of tokens as it is.": lambda text, lp: (
            sum(lp) / (len(lp) + 1)
        ),
        "The sum was divided by the root of the length. Divide by the length itself, the number of tokens.": lambda text, lp: (
            sum(lp) / len(lp) ** 0.5
        ),
        "A length penalty with an exponent is no mean. Divide by the length, the number of tokens.": lambda text, lp: (
            sum(lp) / ((5 + len(lp)) / 6) ** 0.6
        ),
        "The best token decided. All tokens count, not a single token.": lambda text, lp: max(lp),
        "The worst token decided. All tokens count, not a single token.": lambda text, lp: min(lp),
        "The first token decided. All tokens count, not one token.": lambda text, lp: lp[0],
        "The last token decided. All tokens count, not one token.": lambda text, lp: lp[-1],
        "The median won. Take the mean.": lambda text, lp: statistics.median(lp),
        "The longest text won. Its length is no reason: take the mean.": lambda text, lp: len(lp),
        "The shortest text won. Its length is no reason: take the mean.": lambda text, lp: -len(lp),
        "The means were rounded. Compare them as they are.": lambda text, lp: round(sum(lp) / len(lp)),
        "The means were rounded to a decimal. Compare them as they are.": lambda text, lp: round(sum(lp) / len(lp), 1),
        "The first candidate won. Compare their means.": lambda text, lp: 0,
    }
    cases, told = [], set()
    number = 0
    while len(cases) < 16 or len(told) < len(RULES):
        rng = case_rng("best_average_logprob", number)
        number += 1
        close = number % 3 == 0
        candidates = []
        for index in range(rng.randint(3, 5)):
            level = -1.42 if close else -rng.uniform(0.5, 3)
            logprobs = [min(-1e-3, level + rng.gauss(0, 0.01 if close else 0.6)) for _ in range(rng.randint(1, 9))]
            words = " ".join(rng.choice("abcdefg") * rng.randint(1, 6) for _ in range(rng.randint(1, 6)))
            candidates.append((f"{words}{index}", logprobs))
        means = sorted((sum(logprobs) / len(logprobs) for _, logprobs in candidates), reverse=True)
        if means[0] - means[1] < 1e-3:
            continue
        wanted = max(candidates, key=lambda one: sum(one[1]) / len(one[1]))[0]
        news = {hint for hint, rule in RULES.items() if max(candidates, key=lambda one: rule(*one))[0] != wanted} - told
        if news or len(cases) < 16:
            told |= news
            cases.append((candidates, wanted))
    # All cases at once: which texts a mistake takes is its signature.
    mistakes = {
        "Return the text alone, not the pair.": lambda got: isinstance(got[0], tuple | list),
        "Return the text, not its index and not its mean.": lambda got: isinstance(got[0], int | float),
    }
    for hint, rule in RULES.items():
        mistakes[hint] = [max(candidates, key=lambda one: rule(*one))[0] for candidates, _ in cases]
    with inputs_unchanged(*[candidates for candidates, _ in cases]):
        check(
            lambda: [best_average_logprob(candidates) for candidates, _ in cases],
            [wanted for _, wanted in cases],
            f"the texts taken in {len(cases)} cases of three to five candidates",
            mistakes=mistakes,
            otherwise="Take the text with the highest mean log-probability per token.",
        )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "best_average_logprob-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: long texts.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import case_rng, check

    for case, n_tokens in enumerate((150, 400, 1000)):
        rng = case_rng("best_average_logprob", f"long {case}")
        candidates = []
        for number, level in enumerate((-9.0, -7.0, -8.0)):
            length = n_tokens + 25 * number
            candidates.append((f"text {number}", [min(-1e-3, level + rng.gauss(0, 1)) for _ in range(length)]))
        for shift in range(3):
            turned = candidates[shift:] + candidates[:shift]
            check(
                lambda: best_average_logprob(turned),
                "text 1",
                f"three texts of {n_tokens} tokens and more, about -7 to -9 nats per token",
                mistakes={"The sum won. Take the mean.": "text 0" if n_tokens > 400 else "no such text"},
                otherwise="The product of hundreds of probabilities underflows to 0 for each text. Take the mean of the log-probabilities themselves.",
                if_raises="The product of hundreds of probabilities underflows to 0. Take the mean of the log-probabilities themselves.",
            )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: what sums and averages choose
#
# **Claim.** The sum favours short sequences, the average does not. **Measurement.** The world's model writes 16 documents,
# and we keep the one with the highest sum, or the highest average; 20 times, with five seeds. How long is it, and is it
# true? **Control.** One document taken at random.

# %% tags=["experiment", "row-82"]
from utils.evaluation.intervals import Interval

groups, group_size = budget.pick(smoke=4, cpu=20, gpu=200), 16
end = world.vocabulary.end_of_text_id
picked_lengths, picked_truth, correlations = [], [], []
for seed in seeds:
    written = generation.generate(
        world_decoder,
        [[end]],
        64,
        Temperature(1.0).seeded(100 + seed),
        [end],
        samples=groups * group_size,
        logprobs=True,
    )
    lengths = np.array([max(1, len(one.ids)) for one in written]).reshape(groups, group_size)
    sums = np.array([sum(one.logprobs) for one in written]).reshape(groups, group_size)
    truth = np.array(
        [one.finish == "stop" and world.log_probability(world.vocabulary.decode(one.ids)) > -np.inf for one in written]
    ).reshape(groups, group_size)
    places = [sums.argmax(1), (sums / lengths).argmax(1), np.zeros(groups, dtype=int)]
    rows = np.arange(groups)
    picked_lengths.append([lengths[rows, place].mean() for place in places])
    picked_truth.append([truth[rows, place].mean() for place in places])
    correlations.append(np.corrcoef(lengths.ravel(), sums.ravel())[0, 1])
picked_lengths, picked_truth = np.array(picked_lengths), np.array(picked_truth)
names = ["highest sum", "highest average", "at random"]
for name, length, true in zip(names, picked_lengths.mean(0), picked_truth.mean(0), strict=True):
    print(f"{name:16} {length:5.1f} tokens, {true:4.0%} true")
shorter = mean_interval(picked_lengths[:, 2] - picked_lengths[:, 0])
average_shorter = mean_interval(picked_lengths[:, 2] - picked_lengths[:, 1])

figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.0), constrained_layout=True)
left.scatter(lengths.ravel(), sums.ravel(), s=6, alpha=0.5, label="a document")
left.scatter(lengths[rows, places[0]], sums[rows, places[0]], s=24, marker="^", label="highest sum of 16")
left.scatter(lengths[rows, places[1]], sums[rows, places[1]], s=24, marker="s", label="highest average of 16")
left.set(xlabel="length (tokens)", ylabel="sum of logprobs (nats)")
left.legend(fontsize=8)
right.bar(names, picked_lengths.mean(0), color=COLOURS[:3])
right.set(xlabel="which of 16 documents is kept", ylabel="mean length (tokens)")
show(
    figure,
    "Left: the sum of logprobs falls with the length; the documents with the highest sum of 16 are short. Right: mean length of what is kept by sum, by average and at random.",
)
verdicts.add(
    row=82,
    claim="with sums, longer sequences have lower logprobs, so choosing by the sum favours short ones",
    measured=f"correlation of length and sum {np.mean(correlations):.2f}; kept by the sum: {picked_lengths[:, 0].mean():.1f} "
    f"tokens, at random {picked_lengths[:, 2].mean():.1f}",
    interval=f"shorter by {shorter}",
    outcome="holds" if shorter.low > 0 else "undecided",
)
verdicts.add(
    row=82,
    claim="the average avoids the bias towards short sequences",
    measured=f"kept by the average: {picked_lengths[:, 1].mean():.1f} tokens; true: {picked_truth[:, 1].mean():.0%} (by the sum "
    f"{picked_truth[:, 0].mean():.0%}, at random {picked_truth[:, 2].mean():.0%})",
    interval=f"shorter than at random by {average_shorter}",
    outcome="holds"
    if average_shorter.low <= 0 <= average_shorter.high
    else "holds in part"
    if abs(average_shorter.mean) < shorter.mean
    else "does not hold",
)

# %% [markdown]
# Averages have a bias of their own: a long text of easy tokens beats a short one with a single surprising name.
#
# **Think.** A sum compares probabilities of whole answers, which is what you want in classification with labels of
# different lengths. When would the average mislead there?

# %% [markdown]
# ## 9 Beam search
#
# **What the chapter claims.** Instead of drawing outputs independently, beam search keeps the most promising beginnings at
# every step. It finds likelier sequences than greedy decoding. On three words it can already matter:

# %%
first = {"A": 0.6, "B": 0.4}
second = {"A": {"x": 0.4, "y": 0.35, "z": 0.25}, "B": {"x": 0.9, "y": 0.1, "z": 0.0}}
paths = {a + b: first[a] * p for a in first for b, p in second[a].items()}
print(
    f"greedy takes A, then x: {paths['Ax']:.2f}; the best pair is {max(paths, key=paths.get)}: {max(paths.values()):.2f}"
)

# %% [markdown]
# ### Exercise: `beam_search`
#
# *Difficulty 4 of 5, 40 minutes.* Greedy decoding cannot undo a step. Beam search keeps `width` hypotheses. At each step it
#
# 1. extends every hypothesis of the beam by every token, and adds up log-probabilities;
# 2. keeps the `width` best of all these extensions, by total log-probability;
# 3. takes those that end with `eos_id` out of the beam and puts them aside: they are finished, they are not extended, and they no
#    longer compete. Nobody takes their place in this step; in the next one again `width` extensions are kept.
#
# It ends after `max_new_tokens` steps, or when the beam is empty. The result holds the finished hypotheses and those that are still in
# the beam, as (new ids, average): the ids without the prompt and with the eos where it was reached, the average log-probability per
# new token, the eos counted. The best average comes first.
#
# Hint: on paper, with three tokens, two steps and width 2, before you write a line. What is the largest number of rows that step 2 sorts?

# %% nbgrader={"grade": false, "grade_id": "beam_search", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable, Sequence

from torch import Tensor


def beam_search(
    next_logprobs: Callable[[Sequence[int]], Tensor],
    prompt_ids: Sequence[int],
    width: int,
    max_new_tokens: int,
    eos_id: int,
) -> list[tuple[list[int], float]]:
    """Search for likely continuations with a beam.

    Args:
        next_logprobs: from all ids so far, prompt included, to the log-probabilities (V,) of the next token.
        prompt_ids: the prompt.
        width: how many extensions are kept at each step, by total log-probability.
        max_new_tokens: the most new tokens of a hypothesis, the eos included.
        eos_id: the token that finishes a hypothesis, which then leaves the beam.

    Returns:
        (new ids, average log-probability per new token) of each hypothesis, finished or not, the best average first.
    """
    ### BEGIN SOLUTION
    beam: list[tuple[list[int], float]] = [([], 0.0)]
    finished: list[tuple[list[int], float]] = []
    for _ in range(max_new_tokens):
        extensions = [
            ([*ids, token], total + logprob)
            for ids, total in beam
            for token, logprob in enumerate(next_logprobs([*prompt_ids, *ids]).tolist())
        ]
        best = sorted(extensions, key=lambda extension: extension[1], reverse=True)[:width]
        finished += [extension for extension in best if extension[0][-1] == eos_id]
        beam = [extension for extension in best if extension[0][-1] != eos_id]
    averages = [(ids, total / len(ids)) for ids, total in finished + beam]
    return sorted(averages, key=lambda hypothesis: hypothesis[1], reverse=True)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "beam_search-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import math

    import torch

    from utils.notebook.checks import check

    # Token 0 ends a text. The best first token, 1, leads to a flat distribution; the second best, 2, to a sure one.
    table = {
        (): [0.05, 0.5, 0.4, 0.05],
        (1,): [0.3, 0.25, 0.25, 0.2],
        (2,): [0.9, 0.04, 0.03, 0.03],
    }

    def logprobs_by_table(ids):
        """Return the log-probabilities after the prompt [3] and these ids."""
        ids = tuple(int(token) for token in ids)
        assert ids[:1] == (3,), "next_logprobs takes all ids so far, the prompt included."
        return torch.tensor(table.get(ids[1:], [0.25] * 4)).log()

    def rounded_result(got):
        """Round the averages, so that they can be read."""
        return [(list(ids), round(float(average), 3)) for ids, average in got]

    check(
        lambda: rounded_result(beam_search(logprobs_by_table, [3], width=1, max_new_tokens=2, eos_id=0)),
        [([1, 0], round(math.log(0.5 * 0.3) / 2, 3))],
        "width 1, which is greedy decoding, two new tokens",
        atol=2e-3,
        mistakes={
            "This is the total. Divide by the number of new tokens, the eos included.": [
                ([1, 0], round(math.log(0.5 * 0.3), 3))
            ]
        },
        if_raises="Return a list of (new ids, average).",
    )
    check(
        lambda: rounded_result(beam_search(logprobs_by_table, [3], width=2, max_new_tokens=2, eos_id=0)),
        [([2, 0], round(math.log(0.4 * 0.9) / 2, 3)), ([1, 0], round(math.log(0.5 * 0.3) / 2, 3))],
        "width 2, two new tokens",
        atol=2e-3,
        otherwise="Both hypotheses of the first step are extended; the best two of their eight extensions are kept.",
        if_raises="Return a list of (new ids, average).",
    )


visible_test()


# %% nbgrader={"grade": true, "grade_id": "beam_search-1", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Graded: the hypotheses of a beam, with ids and averages, in order, for random models.
### BEGIN HIDDEN TESTS
def graded_test():
    import random

    import torch

    from utils.notebook.checks import case_rng, check, inputs_unchanged

    def plain_ids(ids):
        """Return ids as a tuple of whole numbers, whatever container they came in."""
        return tuple(int(token) for token in (ids.reshape(-1) if isinstance(ids, torch.Tensor) else ids))

    def random_model(secret, V, eos_bonus):
        """Return a function from all ids to log-probabilities, another row for every sequence of ids; the eos is token 1."""

        rows = {}

        def next_logprobs(ids):
            ids = plain_ids(ids)
            if ids not in rows:
                rng = random.Random(f"{secret} {ids}")
                rows[ids] = torch.tensor(
                    [rng.gauss(0, 1.2) + eos_bonus * (token == 1) for token in range(V)]
                ).log_softmax(-1)
            return rows[ids].clone()

        return next_logprobs

    def search_with(model, prompt, width, steps, V, way=""):
        """Return hypotheses as [ids, total], right or in one of several wrong ways, and the smallest gap that decided."""
        beam, finished, gap = [([], 0.0)], [], 9.0
        for step in range(steps + {"too many": 1, "too few": -1}.get(way, 0)):
            seen = {"no prompt": lambda ids: ids or prompt}.get(way, lambda ids: [*prompt, *ids])
            pool = []
            for ids, total in beam:
                row = model(seen(ids)).tolist()
                if way == "probabilities":
                    row = torch.tensor(row).exp().tolist()
                grown = sorted(
                    (([*ids, token], total + row[token], row[token]) for token in range(V)), key=lambda one: -one[1]
                )
                if way == "one each" and step > 0:
                    grown = grown[:1]
                pool += grown[:width] if way == "width each" else grown
            if way == "keep":
                pool += [(ids, total, total) for ids, total in finished]
                finished = []
            if way == "keep by average":
                pool = [(ids, total, total / len(ids)) for ids, total, _ in pool]
                pool += [(ids, total, total / len(ids)) for ids, total in finished]
                finished = []
            pool.sort(key=lambda one: -one[2 if way in ("last token", "keep by average") else 1])
            limit = {"greedy": 1, "shrink": max(0, width - len(finished)), "width each": len(pool)}.get(way, width)
            if len(pool) > limit > 0:
                gap = min(gap, pool[limit - 1][1] - pool[limit][1])
            beam, room = [], limit
            for place, (ids, total, _) in enumerate(pool):
                if way in ("refill", "library"):
                    if len(beam) == width or (way == "library" and place >= 2 * width):
                        break
                    if ids[-1] == 1 and way == "library" and place >= width:
                        continue
                elif place >= room:
                    break
                (finished if ids[-1] == 1 and way != "written on" else beam).append((ids, total))
            if (way == "first" and finished) or (way == "enough" and len(finished) >= width):
                break
        kept = {
            "lose finished": beam,
            "lose unfinished": finished,
            "lose if": finished or beam,
            "width finished": finished or beam,
        }
        return kept.get(way, finished + beam), gap

    def in_order(pairs, length=len, by_total=False):
        """Return [ids, average] in order, and the smallest gap between two averages."""
        rows = sorted(
            [[ids, total / length(ids), total] for ids, total in pairs], key=lambda row: -row[2 if by_total else 1]
        )
        gap = min((one[1] - other[1] for one, other in zip(rows, rows[1:])), default=9.0)
        return [[ids, average] for ids, average, _ in rows], gap

    def results_differ(one, other, width):
        """Say whether two results differ within their first `width` hypotheses."""
        one, other = one[:width], other[:width]
        if [ids for ids, _ in one] != [ids for ids, _ in other]:
            return True
        return any(abs(a - b) > 1e-3 for (_, a), (_, b) in zip(one, other))

    def tidied(got, wanted, width):
        """Return [ids, average] as lists; where the best `width` came back alone, the contract allows it."""
        try:
            rows = [[list(plain_ids(ids)), float(average)] for ids, average in got]
        except (TypeError, ValueError):
            return got
        return wanted if width == len(rows) < len(wanted) and not results_differ(rows, wanted, width) else rows

    WAYS = {
        "greedy": "Only one hypothesis was followed: that is greedy decoding. Keep the `width` best extensions at each step.",
        "one each": "Each hypothesis got its own best token only. Keep the best `width` of all extensions of all hypotheses.",
        "width each": "The beam grows: the best `width` of each hypothesis were kept. Keep the best `width` of all extensions together.",
        "last token": "Extensions were ranked by their last token alone. Rank by total log-probability.",
        "probabilities": "Probabilities were added. Add log-probabilities, as next_logprobs gives them.",
        "no prompt": "After the first step the model no longer saw the prompt. It takes all ids so far, prompt and new ones.",
        "too many": "One token too many: a hypothesis has max_new_tokens new tokens at most.",
        "too few": "One token too few: a hypothesis may have max_new_tokens new tokens.",
        "written on": "Finished hypotheses were written on after their eos. They leave the beam.",
        "keep by average": "The beam was kept by average, finished hypotheses among them. Keep the best by total; a finished one leaves the beam.",
        "keep": "Finished hypotheses stayed in the beam and competed with longer ones. A finished one leaves the beam, and is kept aside.",
        "refill": "Where a hypothesis had finished, the beam was filled up with the next best (refilled). Only `width` extensions are kept, finished "
        "ones among them.",
        "library": "As libraries do, twice the width was looked at, and the beam was filled up (refilled). Only `width` extensions are kept, finished "
        "ones among them.",
        "shrink": "The beam shrinks with each finished hypothesis. In every step `width` extensions are kept.",
        "first": "The search ended with the first finished hypothesis. It goes on until max_new_tokens or an empty beam.",
        "enough": "The search ended once `width` hypotheses had finished. It goes on until max_new_tokens or an empty beam.",
        "lose finished": "Finished hypotheses were lost: those that left the beam belong to the result.",
        "lose unfinished": "Unfinished hypotheses were lost: those in the beam after max_new_tokens belong to the result.",
        "lose if": "Unfinished hypotheses were lost as soon as one had finished. Those in the beam after max_new_tokens belong to the result.",
    }
    # In each case the listed ways lead to results of their own; the others are looked up where they do.
    CASES = (
        (6, 3, 4, 0.3, ("lose finished", "lose unfinished", "written on", "too few", "too many")),
        (6, 2, 3, 0.3, ("greedy", "one each", "no prompt")),
        (7, 3, 5, 0.8, ("refill", "first", "keep")),
        (6, 2, 5, 0.8, ("enough", "shrink")),
        (8, 3, 4, 0.2, ("width each", "last token")),
        (6, 2, 5, 0.6, ("library", "lose if")),
        (7, 3, 4, 0.8, ("keep by average", "refill")),
    )
    for case, (V, width, steps, bonus, required) in enumerate(CASES):
        rng = case_rng("beam_search", case)
        while True:
            prompt = [rng.randrange(V) for _ in range(rng.randint(1, 3))]
            model = random_model(rng.getrandbits(40), V, bonus)
            found, gap = search_with(model, prompt, width, steps, V)
            wanted, gap_of_averages = in_order(found)
            # A right answer may add in float32: nothing may hang on the last decimals.
            if gap < 0.01 or gap_of_averages < 0.01:
                continue
            by_total = in_order(found, by_total=True)[0]
            if case < 3 and not results_differ(wanted, by_total, width):
                continue
            others = {}
            for way in required:
                others[way] = in_order(search_with(model, prompt, width, steps, V, way)[0])[0]
                if not all(
                    results_differ(others[way], seen, width)
                    for seen in [wanted, *[others[w] for w in others if w != way]]
                ):
                    break
            else:
                break
        others |= {
            way: in_order(search_with(model, prompt, width, steps, V, way)[0])[0] for way in WAYS if way not in others
        }
        with_eos = lambda ids: ids[-1] == 1
        numbers = {
            "The order is by total log-probability. Order by the average per new token, best first.": by_total,
            "The worst comes first. Order by average, best first.": wanted[::-1],
            "These are totals. Return the average log-probability per new token.": in_order(found, lambda ids: 1)[0],
            "These are totals, in the order of the averages. Return the average log-probability per new token.": [
                [ids, average * len(ids)] for ids, average in wanted
            ],
            "The eos is not counted in the average. It is a new token with a log-probability like others.": in_order(
                found, lambda ids: max(1, len(ids) - with_eos(ids))
            )[0],
            "The eos is counted twice in the length. Divide by the number of new tokens.": in_order(
                found, lambda ids: len(ids) + with_eos(ids)
            )[0],
            "The length is one too large. Divide by the number of new tokens.": in_order(
                found, lambda ids: len(ids) + 1
            )[0],
            "The prompt was counted in the average. Divide by the number of new tokens.": in_order(
                found, lambda ids: len(prompt) + len(ids)
            )[0],
            "The prompt came back, too. Hypotheses are new ids only.": [
                [[*prompt, *ids], average] for ids, average in wanted
            ],
            "The eos was cut off. It stays in the ids where it was reached.": [
                [ids[:-1] if with_eos(ids) else ids, average] for ids, average in wanted
            ],
            "The average came back as a probability (exp). Return it as a log-probability.": [
                [ids, float(torch.tensor(average).exp())] for ids, average in wanted
            ],
            "A length penalty with an exponent is no average. Divide by the number of new tokens.": in_order(
                found, lambda ids: ((5 + len(ids)) / 6) ** 0.6
            )[0],
            "Only the best hypothesis came back. Return all of them.": wanted[:1],
        }

        def as_predicate(wrong, width=width):
            def predicate(got):
                rows = tidied(got, [], width)
                is_rows = isinstance(rows, list) and all(isinstance(row, list) and len(row) == 2 for row in rows)
                if not is_rows or len(rows) not in (len(wrong), width):
                    return False
                return len(rows) == min(len(rows), len(wrong)) and not results_differ(
                    rows, wrong[: len(rows)], len(wrong)
                )

            return predicate

        mistakes = {hint: as_predicate(value) for hint, value in numbers.items() if value != wanted}
        mistakes |= {hint: as_predicate(others[way]) for way, hint in WAYS.items() if others[way] != wanted}
        mistakes |= {
            "Each pair is (ids, average), in this order.": lambda got: (
                isinstance(got, list)
                and bool(got)
                and isinstance(got[0], tuple | list)
                and isinstance(got[0][0], float)
            ),
            "Several hypotheses have the same ids: they share one list. Make a new list for each extension (a copy).": lambda got: (
                isinstance(got, list)
                and len(got) > 1
                and all(isinstance(row, list) and len(row) == 2 for row in got)
                and len({str(row[0]) for row in got}) < len(got)
            ),
        }
        with inputs_unchanged(prompt):
            check(
                lambda: tidied(beam_search(model, prompt, width, steps, 1), wanted, width),
                wanted,
                f"a random model of {V} tokens, prompt {prompt}, width {width}, max_new_tokens {steps}, eos_id 1",
                rtol=1e-4,
                atol=1e-4,
                mistakes=mistakes,
                otherwise="Add log-probabilities as next_logprobs gives them, keep the `width` best of all extensions by total, put those that end with "
                "the eos aside, and order all by average.",
                if_raises="next_logprobs takes all ids so far, prompt and new ones; the beam may be empty before max_new_tokens.",
            )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "beam_search-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: a beam that becomes empty, width 1, and any id as the eos.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    import torch

    from utils.notebook.checks import check

    def plain_ids(ids):
        return tuple(int(token) for token in (ids.reshape(-1) if isinstance(ids, torch.Tensor) else ids))

    def model_of_table(table, n_prompt):
        """Return next_logprobs from a table of probabilities by new ids; others are equally likely."""
        size = len(next(iter(table.values())))

        def next_logprobs(ids):
            return torch.tensor(table.get(plain_ids(ids)[n_prompt:], [1 / size] * size)).log()

        return next_logprobs

    def tidied(got):
        """Return [ids, average] as lists, whatever containers they came in."""
        try:
            return [[list(plain_ids(ids)), float(average)] for ids, average in got]
        except (TypeError, ValueError):
            return got

    empty = "The beam becomes empty when all its hypotheses have finished. Then the search is over, before max_new_tokens, and no error."
    cases = (
        (
            "width 1, the eos at once",
            {(): [0.2, 0.5, 0.3]},
            1,
            [[[1], math.log(0.5)]],
            {
                "The beam was filled up (refilled) where a hypothesis had finished. With width 1 one extension is kept, here the eos.": 2
            },
        ),
        (
            "width 1, the eos at the third step",
            {(): [0.6, 0.1, 0.3], (0,): [0.1, 0.3, 0.6], (0, 2): [0.2, 0.7, 0.1]},
            1,
            [[[0, 2, 1], math.log(0.6 * 0.6 * 0.7) / 3]],
            {},
        ),
        (
            "width 2, both finished after two steps",
            {(): [0.45, 0.05, 0.35, 0.15], (0,): [0.1, 0.7, 0.1, 0.1], (2,): [0.02, 0.9, 0.04, 0.04]},
            2,
            [[[2, 1], math.log(0.35 * 0.9) / 2], [[0, 1], math.log(0.45 * 0.7) / 2]],
            {},
        ),
        (
            "width 2, one finished at once and the other after three steps",
            {(): [0.5, 0.3, 0.15, 0.05], (0,): [0.05, 0.5, 0.05, 0.4], (0, 3): [0.1, 0.6, 0.26, 0.04]},
            2,
            None,
            {},
        ),
    )
    for what, table, width, wanted, _ in cases:
        if wanted is None:
            # Step 1 keeps (0) and the finished (1); step 2 keeps (0 1), finished, and (0 3); step 3 keeps (0 3 1), finished, and (0 3 2);
            # step 4 has equally likely tokens after (0 3 2), so the search ends before it.
            rows = [
                [[1], math.log(0.3)],
                [[0, 1], math.log(0.25) / 2],
                [[0, 3, 1], math.log(0.5 * 0.4 * 0.6) / 3],
                [[0, 3, 2], math.log(0.5 * 0.4 * 0.26) / 3],
            ]
            wanted, steps = sorted(rows, key=lambda row: -row[1]), 3
        else:
            steps = 6
        for prompt in ([0], [2, 1, 0]):
            check(
                lambda: tidied(beam_search(model_of_table(table, len(prompt)), list(prompt), width, steps, 1))[
                    : len(wanted) if len(wanted) <= width else width
                ],
                wanted[:width],
                f"{what}: prompt {prompt}, max_new_tokens {steps}, eos_id 1",
                rtol=1e-4,
                atol=1e-4,
                mistakes={
                    "A prompt that holds the eos finishes nothing: only a new eos does.": [],
                },
                otherwise="Keep `width` extensions, put those that end with the eos aside for good, and order all by average, best first.",
                if_raises=empty,
            )
            if len(wanted) <= width:
                check(
                    lambda: len(beam_search(model_of_table(table, len(prompt)), list(prompt), width, steps, 1)),
                    len(wanted),
                    f"number of hypotheses, {what}: prompt {prompt}, max_new_tokens {steps}",
                    otherwise="The beam was filled up where a hypothesis had finished. Only `width` extensions are kept, finished ones among them; an empty "
                    "beam ends the search.",
                    if_raises=empty,
                )

    def renamed(ids, eos):
        """Return ids in which the tokens 1 and eos have changed names."""
        return [{1: eos, eos: 1}.get(token, token) for token in ids]

    for eos in (0, 2, 3):
        table = {(): [0.45, 0.05, 0.35, 0.15], (0,): [0.1, 0.7, 0.1, 0.1], (2,): [0.02, 0.9, 0.04, 0.04]}
        first = [2, 1, 0]
        told = model_of_table(table, len(first))
        check(
            lambda: tidied(
                beam_search(
                    lambda ids: told(renamed(plain_ids(ids), eos))[renamed(range(4), eos)], list(first), 2, 6, eos
                )
            ),
            [[renamed([2, 1], eos), math.log(0.35 * 0.9) / 2], [renamed([0, 1], eos), math.log(0.45 * 0.7) / 2]],
            f"both hypotheses finished after two steps, eos_id {eos}",
            rtol=1e-4,
            atol=1e-4,
            otherwise="The eos is the token eos_id, whichever it is: 0 is an id like others, though it is falsy, and 1 is not always the eos.",
            if_raises=empty,
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: likelier and duller
#
# **Claim.** A wider beam finds likelier text. Others found that likelier open-ended text is duller (Holtzman et al., 2020).
# **Measurement.** On the world: 20 beginnings of documents are continued with beams of 1 to 16; likelihood, truth, and how
# varied the 20 texts are. On SmolLM2: two of section 1's openings with a beam of 4. **Control.** Drawing at
# temperature 1.

# %% tags=["experiment", "row-83"]
from utils.decoding.beam import beam_search as search_beam
from utils.evaluation.sampler_measures import distinct_share

n_beginnings = budget.pick(smoke=4, cpu=20, gpu=200)
beginnings = [[end, *world.vocabulary.encode(document.text)[:2]] for document in world.documents(n_beginnings, seed=11)]


def measured_texts(continuations):
    """Mean logprob a token, truth, variety of continuations [(beginning, ids without the end, total logprob, finished)]."""
    documents = [beginning[1:] + ids for beginning, ids, _, _ in continuations]
    lengths = [max(1, len(ids)) for _, ids, _, _ in continuations]
    found = measure_documents(world, documents, [0.0] * len(documents), [done for *_, done in continuations])
    average = np.mean([total / length for (_, _, total, _), length in zip(continuations, lengths, strict=True)])
    total = np.mean([total for _, _, total, _ in continuations])
    return {
        "total": total, "average": average, "true": found.true_share, "pairs": distinct_share(documents, 2), "tokens": np.mean(lengths),
    }  # fmt: skip


by_width = {}
widths = [1, 2, 4, 8, 16]
for width in widths:
    found = []
    for beginning in beginnings:
        best = search_beam(world_decoder, beginning, width, 40, end)[0]
        ids = best.ids[:-1] if best.finished else best.ids
        found.append((beginning, ids, best.total_logprob, best.finished))
    by_width[width] = measured_texts(found)
by_drawing = []
for seed in seeds:
    drawn = generation.generate(world_decoder, beginnings, 40, Temperature(1.0).seeded(seed), [end], logprobs=True)
    by_drawing.append(
        measured_texts(
            [(b, one.ids, sum(one.logprobs), one.finish == "stop") for b, one in zip(beginnings, drawn, strict=True)]
        )
    )
drawing = {name: float(np.mean([one[name] for one in by_drawing])) for name in by_drawing[0]}
for label, one in [*((f"beam {width:2}", by_width[width]) for width in widths), ("drawn", drawing)]:
    print(
        f"{label:8} logprob a token {one['average']:6.3f}, true {one['true']:4.0%}, different pairs {one['pairs']:4.0%}, "
        f"{one['tokens']:4.1f} tokens"
    )

n_searched = budget.pick(smoke=1, cpu=2)
beam_tokens = budget.pick(smoke=8, cpu=40, gpu=100)
searched = [search_beam(real_decoder, ids, 4, beam_tokens, real.eos_ids)[0] for ids in opening_ids[:n_searched]]
beam_repeats = np.array([repeated_share(one.ids) for one in searched])
drawn_repeats = np.array([repeated_share(one.ids[:beam_tokens]) for one in drawn_texts[: n_searched * n_drawn]])
beam_average = np.mean([one.average_logprob for one in searched])
drawn_average = np.mean([np.mean(one.logprobs[:beam_tokens]) for one in drawn_texts[: n_searched * n_drawn]])
print("\nSmolLM2, beam of 4:", repr(real.decode(searched[0].ids)[:160]))
print(
    f"SmolLM2: logprob a token {beam_average:.2f} (beam), {drawn_average:.2f} (drawn); repeated runs of four tokens "
    f"{beam_repeats.mean():.0%} and {drawn_repeats.mean():.0%}"
)

figure, panels = plt.subplots(1, 3, figsize=(8.6, 2.8), constrained_layout=True)
for axes, name, label in zip(
    panels,
    ("average", "true", "pairs"),
    ("logprob per token (nats)", "true documents (share)", "different pairs of words (share)"),
    strict=True,
):
    axes.plot(widths, [by_width[width][name] for width in widths], marker="o")
    axes.axhline(drawing[name], linestyle="--", color=COLOURS[1])
    axes.set(xscale="log", xlabel="beam width", ylabel=label)
    axes.set_xticks(widths, map(str, widths))
    axes.minorticks_off()
panels[0].text(1, drawing["average"], "drawn", va="bottom", color=COLOURS[1])
show(
    figure,
    "Likelihood, truth and variety of 20 continued documents against the width of the beam, with drawing at temperature 1 as a dashed line.",
)
verdicts.add(
    row=83,
    claim="beam search finds more promising (likelier) sequences than greedy decoding",
    measured=f"logprob a token: greedy {by_width[1]['average']:.3f}, beam of 16 {by_width[16]['average']:.3f}, drawn "
    f"{drawing['average']:.3f}; true {by_width[1]['true']:.0%}, {by_width[16]['true']:.0%}, {drawing['true']:.0%}",
    interval=f"{n_beginnings} beginnings",
    outcome="holds" if by_width[16]["average"] > by_width[1]["average"] else "does not hold",
)
duller = by_width[16]["pairs"] < min(one["pairs"] for one in by_drawing)
verdicts.add(
    row=83,
    claim="likelier open-ended text is duller (Holtzman et al., 2020; not in the chapter)",
    measured=f"different pairs of words: beam of 16 {by_width[16]['pairs']:.0%}, drawn {drawing['pairs']:.0%}; SmolLM2 repeats "
    f"{beam_repeats.mean():.0%} of runs of four tokens (drawn {drawn_repeats.mean():.0%})",
    interval=f"drawn, five seeds: {min(one['pairs'] for one in by_drawing):.0%} to {max(one['pairs'] for one in by_drawing):.0%}",
    outcome="holds"
    if duller and beam_repeats.mean() > drawn_repeats.mean()
    else "holds in part"
    if duller or beam_repeats.mean() > drawn_repeats.mean()
    else "does not hold",
)

# %% [markdown]
# In the world likely and right go together: greedy decoding and beams write more true documents than drawing does, and
# a wider beam adds little to that. They pay with variety, greedy decoding no less than beams. For open-ended text
# Holtzman et al. report that the likeliest sentence is one that nobody would bother to say; our few short beams of
# SmolLM2 are far likelier than what was drawn, but repeat nothing, so they do not show it.
#
# **Think.** Translation used beams for a decade, chat never did. Why?

# %% [markdown]
# ## 10 A verifier for a larger model
#
# From here on a model may try several times. The tasks are sums in steps; a solution is written step by step; the world
# can check the answer. Four models of 28,000 to 409,000 parameters were trained alike, on the same tasks in the same
# order. None has seen the tasks below.

# %%
from utils.decoding import generation
from utils.training.arithmetic_models import (
    HELD_OUT_SEED,
    TUNING_SEED,
    arithmetic_vocabulary,
    draw_tasks,
    load_arithmetic_model,
    prompt_ids,
)

task = draw_tasks(1, HELD_OUT_SEED, [3])[0]
print(task.question, "\n ", task.solution, "\n")
arithmetic_words = arithmetic_vocabulary()
for name in ("arithmetic-32", "arithmetic-128"):
    ids = generation.generate(
        load_arithmetic_model(name), [prompt_ids(task)], 48, stop_ids=[arithmetic_words.end_of_turn_id]
    )[0].ids
    print(f"{name:15} {arithmetic_words.decode(ids)}")

# %% [markdown]
# **What the chapter claims.** OpenAI trained verifiers that pick the best of several solutions (Cobbe et al., 2021), and a
# verifier gave about the same boost as a model 30 times as large. So a model with 100 million parameters and a verifier
# would do as well as one of 3 billion without.
#
# ### Experiment: small with a verifier against larger without
#
# **Measurement.** The smallest model that solves a fair share of the tasks writes 100 solutions of each; a verifier picks
# one. The verifier is a head on the same small model, trained here on that model's own right and wrong solutions of other
# tasks, with five seeds. The ladder of larger models answers greedily; between its rungs we interpolate.
# **Controls.** A random solution, the small model's greedy one, the most likely one of the 100, and a perfect verifier.

# %% tags=["experiment", "row-84"]
from utils.evaluation.arithmetic_runs import SamplingJob, best_of_n, judge, labelled, sample_attempts
from utils.evaluation.verifier_curves import drops_after_peak, equivalent_size, log_linear_fit
from utils.posttraining.verifier import train_verifiers
from utils.training.arithmetic_models import RECIPES
from utils.training.sweep import run_sweep

task_lengths = (2, 3, 4)
test_tasks = tuple(draw_tasks(budget.pick(smoke=2, cpu=16, gpu=60), HELD_OUT_SEED, task_lengths))
training_tasks = tuple(draw_tasks(budget.pick(smoke=6, cpu=60, gpu=300), TUNING_SEED, task_lengths))
pool_size = budget.pick(smoke=40, cpu=2000, gpu=10_000)
generator_name, weak_name = "arithmetic-48", "arithmetic-32"  # the weak one is for the next section
weak_tasks = test_tasks[:: budget.pick(smoke=1, cpu=2, gpu=1)]
ladder = list(RECIPES)
jobs = [SamplingJob(weak_name, weak_tasks[part::4], pool_size, seed=1100 + part) for part in range(4)]
jobs += [SamplingJob(generator_name, test_tasks[part::4], pool_size, seed=1000 + part) for part in range(4)]
jobs += [SamplingJob(name, training_tasks, 16, seed=2000) for name in (weak_name, generator_name)]
jobs += [SamplingJob(name, test_tasks, 1, temperature=0.0) for name in ladder]
workers = budget.pick(smoke=0, cpu=budget.workers)
sampled = run_sweep(sample_attempts, jobs, workers=workers, description="samples")


def joined(parts):
    """The attempts at all tasks, in the order of the tasks, from every fourth task's."""
    together = [None] * sum(map(len, parts))
    for part, found in enumerate(parts):
        together[part::4] = found
    return together


weak_pools, pools = joined(sampled[:4]), joined(sampled[4:8])
weak_practice, practice = sampled[8:10]
greedy_right = {
    name: np.array([one.accuracy for one in found]) for name, found in zip(ladder, sampled[10:], strict=True)
}
n_parameters = {name: sum(p.numel() for p in load_arithmetic_model(name).parameters()) for name in ladder}

small = load_arithmetic_model(generator_name)
examples = labelled(practice)
head_steps = budget.pick(smoke=20, cpu=400)
verdict_scores = judge(small, train_verifiers(small, examples, range(5), steps=head_steps), pools)
print(
    f"{len(examples)} different solutions of {len(training_tasks)} tasks to learn from, "
    f"{np.mean([e.right for e in examples]):.0%} right; {sum(len(pool.ids) for pool in pools):,} different solutions of "
    f"{len(pools)} tasks to judge"
)

best_of = min(100, pool_size)
verified = np.array([best_of_n(pools, scores, [best_of])[:, 0] for scores in verdict_scores])  # (seeds, tasks)
single = np.array([pool.accuracy for pool in pools])
likeliest = best_of_n(pools, [pool.logprobs for pool in pools], [best_of])[:, 0]
perfect = best_of_n(pools, [pool.right for pool in pools], [best_of])[:, 0]
sizes = [n_parameters[name] for name in ladder]
ladder_accuracy = [greedy_right[name].mean() for name in ladder]
worth = equivalent_size(verified.mean(), sizes, ladder_accuracy) / n_parameters[generator_name]
resampled = np.random.default_rng(0).integers(len(pools), size=(1000, len(pools)))
worths = [
    equivalent_size(verified[:, rows].mean(), sizes, [greedy_right[name][rows].mean() for name in ladder])
    / n_parameters[generator_name]
    for rows in resampled
]
worth_low, worth_high = np.percentile(worths, [2.5, 97.5])
for name in ladder:
    print(f"{name:15} {n_parameters[name]:8,} parameters, greedy {greedy_right[name].mean():.0%}")
print(
    f"{generator_name}: random solution {single.mean():.0%}, likeliest of {best_of} {likeliest.mean():.0%}, verifier's choice "
    f"{verified.mean():.0%}, perfect verifier {perfect.mean():.0%}"
)

figure, axes = plt.subplots(figsize=(7, 3.4))
axes.plot(sizes, ladder_accuracy, marker="o", label="greedy, four sizes")
for value, style, colour, label in (
    (perfect.mean(), (0, (1, 3)), "black", f"perfect verifier of {best_of}"), (verified.mean(), "--", COLOURS[1], f"verifier's choice of {best_of}"),
    (likeliest.mean(), "-.", COLOURS[2], f"likeliest of {best_of}"), (single.mean(), ":", COLOURS[3], "one random solution"),
):  # fmt: skip
    axes.axhline(value, linestyle=style, color=colour, linewidth=1.2, label=f"{generator_name}, {label}")
axes.set(xscale="log", xlabel="parameters", ylabel="tasks solved (share)", ylim=(0, 1.08))
axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
axes.minorticks_off()
axes.legend(loc="lower right", fontsize=8)
show(
    figure,
    "Share of tasks solved by models of four sizes, and as horizontal lines what one small model solves with four ways to choose among its solutions.",
)
verdicts.add(
    row=84,
    claim="a verifier is worth about a 30 times larger model",
    measured=f"the small model goes from {greedy_right[generator_name].mean():.0%} (greedy) to {verified.mean():.0%} with a verifier over "
    f"{best_of} solutions, like a model {worth:.1f} times its size; the likeliest of them does {likeliest.mean():.0%}",
    interval=f"{worth_low:.1f} to {worth_high:.1f} times, {len(pools)} tasks, 5 verifiers",
    outcome="holds"
    if worth_low >= 15
    else "holds in part"
    if worth_low > 1.05
    else "undecided"
    if worth_high > 1.05
    else "does not hold",
)

# %% [markdown]
# Against one random solution the verifier gains 21 points. But greedy decoding has nearly all of these at the price of
# one answer, and so has the likeliest of the 100: what the verifier adds is about a point, too little to be told from
# nothing on 48 tasks. How much size that is worth depends on how much size buys: our ladder is steep up to the small
# model and gentle after it, and it ends at seven times its size, so a model 30 times as large would lie beyond it. And
# the price of a verifier is not nothing: 100 solutions and 100 readings for one answer, where the larger model writes
# one.
#
# **Think.** The perfect verifier's line is the ceiling of every verifier. What does the distance to it say about where
# to put more work: into the generator or into the verifier?

# %% [markdown]
# ## 11 More samples, and too many
#
# **What the chapter claims.** In OpenAI's experiment more samples helped up to 400 and then hurt (Figure 2-19): with many
# samples the chance grows of finding one that fools the verifier.
#
# ### Experiment: the verifier's curve
#
# **Measurement.** Verifiers choose among 1 to 2,000 solutions of a task, for two generators: the one of the last section, which
# solves most of the tasks, and a weaker one with half its parameters, which seldom succeeds and gets five verifiers of its
# own, trained in the same way. The expected share of right choices is computed exactly from the pool of samples, without
# drawing again. **Control.** A perfect verifier, which picks a right solution whenever there is one. A peak of a noisy
# curve is always too high, so it is located on half of the tasks and its height read on the other half.

# %% tags=["experiment", "row-85"]
ns = [n for n in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 2000, 5000, 10_000) if n <= pool_size]
weak = load_arithmetic_model(weak_name)
weak_scores = judge(weak, train_verifiers(weak, labelled(weak_practice), range(5), steps=head_steps), weak_pools)
measured = {}
for name, its_pools, its_scores in ((weak_name, weak_pools, weak_scores), (generator_name, pools, verdict_scores)):
    curves = np.array([best_of_n(its_pools, scores, ns) for scores in its_scores])  # (verifiers, tasks, ns)
    perfect_curves = best_of_n(its_pools, [pool.right for pool in its_pools], ns)
    by_task = curves.mean(0)
    rows = np.random.default_rng(0).integers(len(its_pools), size=(1000, len(its_pools)))
    measured[name] = {
        "curves": curves.mean(1),
        "mean": by_task.mean(0),
        "band": np.percentile(by_task[rows].mean(1), [2.5, 97.5], axis=0),
        "perfect": perfect_curves.mean(0),
        "peak": ns[int(by_task.mean(0).argmax())],
        "drops": drops_after_peak(by_task),
        "drop": bootstrap_interval(drops_after_peak(by_task)),
        "perfect drop": bootstrap_interval(drops_after_peak(perfect_curves)),
    }
    print(f"{name}, n = {ns}")
    print("  verifier", np.round(measured[name]["mean"], 3))
    print("  perfect ", np.round(measured[name]["perfect"], 3))
    print(f"  peak at {measured[name]['peak']}; drop from there to {ns[-1]}: {measured[name]['drop']} tasks")

# What fooled the verifier: the task with the largest drop, and the solution that is chosen from all samples.
fooled = int(measured[weak_name]["drops"].argmax())
pool = weak_pools[fooled]
chosen = int(weak_scores[0][fooled].argmax())
print(f"\n{pool.task.question}\nright:  {pool.task.solution}")
print(f"chosen: {arithmetic_words.decode(pool.ids[chosen][:-1])} ({pool.counts[chosen]} of {pool_size} samples)")

figure, panels = plt.subplots(1, 2, figsize=(8.6, 3.6), sharey=True, constrained_layout=True)
for axes, (name, found) in zip(panels, measured.items(), strict=True):
    axes.fill_between(ns, *found["band"], alpha=0.2, color=COLOURS[0])
    axes.plot(ns, found["mean"], marker="o", label="mean of 5 trained verifiers\n(95% band over tasks)")
    for one in found["curves"]:
        axes.plot(ns, one, color=COLOURS[0], linewidth=0.5, alpha=0.6)
    axes.plot(ns, found["perfect"], "--", color=COLOURS[2], label="perfect verifier")
    axes.set(
        xscale="log", xlabel="solutions to choose from, n", ylabel="right choices (share of tasks)", ylim=(0, 1.05)
    )
    axes.set_title(f"{n_parameters[name]:,} parameters", fontsize=10)
panels[1].legend(loc="lower right", fontsize=8)
show(
    figure,
    "Share of right choices against the number of solutions, from 1 to thousands, for a weak generator (left) and a better "
    "one (right): the mean of five trained verifiers with a band, and a perfect verifier, which only rises.",
)
weak_found, strong_found = measured[weak_name], measured[generator_name]
falls_weak, falls_strong = weak_found["drop"].low > 0, strong_found["drop"].low > 0
verdicts.add(
    row=85,
    claim="more samples help only up to a point (400 there); beyond it the verifier is fooled",
    measured="; ".join(
        f"{n_parameters[name]:,} parameters: {found['mean'][0]:.0%} at n = 1, {found['mean'].max():.0%} at {found['peak']}, "
        f"{found['mean'][-1]:.0%} at {ns[-1]}"
        for name, found in measured.items()
    ),
    interval=f"drop after the peak {weak_found['drop']}; {strong_found['drop']} tasks",
    outcome="holds"
    if falls_weak and falls_strong
    else "holds in part"
    if falls_weak or falls_strong
    else "undecided"
    if max(weak_found["drop"].high, strong_found["drop"].high) > 0
    else "does not hold",
)
verdicts.add(
    row=85,
    claim="control: with a perfect verifier there is no peak",
    measured=f"{weak_found['perfect'][0]:.0%} at n = 1, {weak_found['perfect'][-1]:.0%} at {ns[-1]} (weak generator)",
    interval=f"drop {weak_found['perfect drop']} tasks",
    outcome="holds" if weak_found["perfect drop"].high <= 1e-9 else "does not hold",
)

# %% [markdown]
# The chosen solution is rare, wrong, and looks right to its judge. Nobody attacked the verifier on purpose; a search over
# thousands of samples did. Where the peak lies, and whether there is one, is a property of the pair: a verifier that
# ranks right solutions first on nearly all tasks has nothing to lose.
#
# **Think.** You cannot see the curve in production, since you have no perfect verifier there. How would you choose n?

# %% [markdown]
# ## 12 Coverage
#
# **What the chapter claims.** Another experiment came to another conclusion: the share of problems that *some* sample solves
# grows log-linearly from 1 to 10,000 samples (Brown et al., 2024). The two do not contradict each other: coverage is what a
# perfect verifier would reach.
#
# With n samples of which c are right, the share of all sets of k samples that hold a right one is 1 - C(n-c, k) / C(n, k).

# %%
from math import comb

n, c = 10, 2
for k in (1, 3, 8, 9):
    print(
        f"pass@{k} with {c} of {n} right: {1 - comb(n - c, k) / comb(n, k):.3f}; naively 1 - (1 - c/n)^k = {1 - (1 - c / n) ** k:.3f}"
    )

# %% [markdown]
# ### Exercise: `pass_at_k`
#
# *Difficulty 3 of 5, 15 minutes.* You drew n answers, and c of them were right. How likely is it that at least one of k is right?
# Chen et al. (2021) take the share of the k-element subsets of your n answers that hold a right one: 1 - C(n-c, k) / C(n, k). It is
# unbiased; 1 - (1 - c/n)^k is not, since your c/n is itself an estimate.
#
# With n = 10,000 the binomials have thousands of digits, which no float holds. Find a way around them: whole numbers, or a product, or
# logarithms. And mind the case in which fewer than k answers are wrong.


# %% nbgrader={"grade": false, "grade_id": "pass_at_k", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pass_at_k(n: int, correct: int, k: int) -> float:
    """Return the unbiased estimate of the probability that at least one of k answers is right.

    Args:
        n: answers drawn.
        correct: how many of them are right, 0 to n.
        k: answers one may try, 1 to n.
    """
    ### BEGIN SOLUTION
    all_wrong = 1.0
    for drawn in range(k):
        all_wrong *= max(0, n - correct - drawn) / (n - drawn)
    return 1.0 - all_wrong
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "pass_at_k-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    check(
        lambda: pass_at_k(5, 2, 2),
        0.7,
        "two of five right, k = 2: three of the ten pairs hold no right one",
        mistakes={
            "This is 1 - (1 - c/n)^k, as if drawn with replacement: it is biased.": 1 - 0.6**2,
            "This is the probability that none is right: take the complement.": 0.3,
            "This is the share of right answers: with two tries it is more.": 0.4,
        },
    )
    check(
        lambda: pass_at_k(5, 4, 2),
        1.0,
        "four of five right, k = 2",
        otherwise="Only one is wrong, so two hold a right one.",
    )


visible_test()


# %% nbgrader={"grade": true, "grade_id": "pass_at_k-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the unbiased estimator, for small n.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    from utils.notebook.checks import check

    for n, c, k in (
        (4, 1, 2),
        (5, 2, 2),
        (5, 2, 3),
        (7, 3, 2),
        (10, 3, 4),
        (10, 1, 1),
        (10, 4, 1),
        (12, 5, 7),
        (20, 1, 19),
        (20, 6, 5),
        (9, 6, 2),
        (30, 2, 10),
        (6, 2, 5),
        (6, 3, 4),
        (6, 5, 3),
        (6, 6, 1),
        (8, 0, 3),
        (8, 0, 8),
        (8, 1, 8),
        (3, 3, 3),
    ):
        wanted = 1 - math.comb(n - c, k) / math.comb(n, k)
        share = c / n
        mistakes = {
            "This is 1 - (1 - c/n)^k, as if drawn with replacement. It is biased: draw k of the n without replacement.": 1
            - (1 - share) ** k,
            "This is the probability that none is right. Take 1 minus it (the complement).": 1 - wanted,
            "This is in percent. Return a probability.": 100 * wanted,
            "This is the share of right answers. With k tries it is more.": share,
            "This is k times the share of right answers, which counts twice what is right twice.": min(1.0, k * share),
            "This is the probability that all k are right. One is enough: at least one.": math.comb(c, k)
            / math.comb(n, k),
            "This is the probability that exactly one is right. Count at least one.": c
            * math.comb(n - c, k - 1)
            / math.comb(n, k),
            "Right and wrong ones are mixed up: the draws without a right one come from the n - correct wrong ones.": 1
            - math.comb(c, k) / math.comb(n, k),
        }
        if n - c < k:
            hint = "Fewer than k answers are wrong, so k of them always hold a right one: return 1."
            mistakes = {hint: lambda got: not isinstance(got, bool) and got != 1} if c else mistakes
        elif n - c == k:
            mistakes = {
                "Exactly k answers are wrong (n - correct = k), so one draw holds no right one: the result is not quite 1.": 1.0
            } | mistakes
        else:
            factors, early = 1.0, 1.0
            for i in range(n - c, n):
                early *= 1 - k / i
            for i in range(n - c + 1, n):
                factors *= 1 - k / i
            mistakes |= {
                "The product has its factors one too early: off by one.": 1 - early,
                "The product lacks its last factor: off by one.": 1 - factors,
                "1 whenever any is right is too much: k of n may miss it.": 1.0,
            }
        if c == 0:
            mistakes["No answer is right, so none of k is: 0."] = lambda got: got != 0
        check(
            lambda: pass_at_k(n, c, k),
            wanted,
            f"n = {n}, correct = {c}, k = {k}",
            rtol=1e-5,
            atol=1e-8,
            mistakes={hint: value for hint, value in mistakes.items() if callable(value) or abs(value - wanted) > 1e-6},
            otherwise=(
                "Of all k-element subsets of the n answers (drawn without replacement), take the share that holds a right one: exact, no "
                "simulation."
            ),
            if_raises="Fewer than k answers may be wrong: then k of them always hold a right one, and the result is 1."
            if n - c < k
            else "",
        )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "pass_at_k-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: n up to 10,000.
### BEGIN HIDDEN TESTS
def graded_test():
    import math
    from fractions import Fraction

    from utils.notebook.checks import check

    overflow = "The binomials of n = 10,000 overflow a float: infinity over infinity is NaN. Use whole numbers, a product of ratios, or logarithms."
    for n, c, k in (
        (10_000, 1, 1),
        (10_000, 1, 5_000),
        (10_000, 3, 2_500),
        (10_000, 20, 300),
        (10_000, 5_000, 2),
        (10_000, 7, 9_000),
        (10_000, 100, 100),
        (2_000, 2, 700),
        (10_000, 9_000, 500),
        (10_000, 9_990, 100),
        (10_000, 0, 4_000),
        (10_000, 10_000, 10),
        (10_000, 1, 10_000),
    ):
        wanted = float(1 - Fraction(math.comb(n - c, k), math.comb(n, k)))
        check(
            lambda: pass_at_k(n, c, k),
            wanted,
            f"n = {n:,}, correct = {c:,}, k = {k:,}",
            rtol=1e-5,
            atol=1e-8,
            mistakes={
                overflow: lambda got: isinstance(got, float) and not math.isfinite(got),
                "This is 1 - (1 - c/n)^k, as if drawn with replacement. It is biased.": (1 - (1 - c / n) ** k)
                if abs(1 - (1 - c / n) ** k - wanted) > 1e-5
                else "no such value",
                "Fewer than k answers are wrong, so k of them always hold a right one: return 1.": (
                    lambda got, short=n - c < k: short and got != 1
                ),
            },
            otherwise="The estimator is exact for n = 10,000 as well: no simulation, no float that overflows or loses all digits on the way.",
            if_raises=overflow,
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: ten thousand samples
#
# **Measurement.** The smallest model, which seldom succeeds, writes 10,000 solutions of each of 12 tasks with two to five
# steps. Equal beginnings are computed once, which makes this affordable. Pass@k is averaged over tasks, and a straight line
# in log k fitted to it. **Control.** Tasks that are all equally hard, with the same mean success: is the straight line a
# law of sampling, or of the mixture of easy and hard tasks?

# %% tags=["experiment", "row-86"]
from utils.evaluation.repeated_sampling import pass_at_k as unbiased_pass_at_k

many = budget.pick(smoke=200, cpu=10_000, gpu=10_000)
hard_tasks = tuple(draw_tasks(budget.pick(smoke=1, cpu=3, gpu=25), HELD_OUT_SEED + 1, (2, 3, 4, 5)))
jobs = [SamplingJob("arithmetic-32", hard_tasks[part::4], many, seed=3000 + part) for part in range(4)]
hard_pools = [
    one for found in run_sweep(sample_attempts, jobs, workers=workers, description="coverage") for one in found
]
right_counts = np.array([pool.n_right for pool in hard_pools])
k_values = [k for k in (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000) if k <= many]
coverage_by_task = np.array([[float(unbiased_pass_at_k(many, int(c), k)) for k in k_values] for c in right_counts])
coverage = coverage_by_task.mean(0)
line = log_linear_fit(k_values, coverage)
equal_p = right_counts.mean() / many
equal_coverage = 1 - (1 - equal_p) ** np.array(k_values, dtype=float)
equal_line = log_linear_fit(k_values, equal_coverage)
rows = np.random.default_rng(1).integers(len(hard_pools), size=(1000, len(hard_pools)))
bands = np.percentile(coverage_by_task[rows].mean(1), [2.5, 97.5], axis=0)
slopes = [log_linear_fit(k_values, coverage_by_task[row].mean(0)).slope for row in rows[:300]]
print("right of", many, "by task:", sorted(right_counts.tolist()))
print("pass@k:", {k: round(float(v), 3) for k, v in zip(k_values, coverage, strict=True)})
print(
    f"straight line in log10 k: slope {line.slope:.3f} a decade, R squared {line.r_squared:.3f}; equally hard tasks {equal_line.r_squared:.3f}"
)

figure, axes = plt.subplots(figsize=(7, 3.4))
axes.fill_between(k_values, *bands, alpha=0.2, color=COLOURS[0])
axes.plot(k_values, coverage, marker="o", label="measured (95% band over tasks)")
axes.plot(
    k_values, [line(k) for k in k_values], "--", color="black", label=f"straight line, R squared {line.r_squared:.2f}"
)
axes.plot(k_values, equal_coverage, ":", color=COLOURS[3], label="control: all tasks equally hard")
axes.set(xscale="log", xlabel="samples k", ylabel="coverage, pass@k (share of tasks)", ylim=(0, 1.08))
axes.legend(fontsize=8)
show(
    figure,
    "Coverage against the number of samples from 1 to 10,000 on a logarithmic axis, with a straight line; tasks of equal difficulty would give a steep step instead.",
)
slope_interval = Interval(line.slope, *np.percentile(slopes, [2.5, 97.5]), len(hard_pools))
verdicts.add(
    row=86,
    claim="coverage often grows log-linearly with the samples, from 1 to 10,000",
    measured=f"{coverage[0]:.0%} at 1 to {coverage[-1]:.0%} at {k_values[-1]:,}; a line in log k explains {line.r_squared:.0%} of the "
    f"variance, with equally hard tasks {equal_line.r_squared:.0%}",
    interval=f"slope a decade {slope_interval} tasks",
    outcome="holds" if line.r_squared > 0.95 else "holds in part" if line.r_squared > 0.85 else "does not hold",
)

# %% [markdown]
# One task alone gives a step: nothing, then within a decade or two everything. Steps at different places, added up,
# look like a ramp. So the straight line tells about the *tasks*, and it has to bend where it reaches one. Here that
# comes early, at about a thousand samples, since even the hardest of the twelve tasks is solved by one solution in 300;
# hence the poor fit.
#
# **Think.** An answer to such a task is a number below 200. How much of the coverage at 10,000 could guessing reach?

# %% [markdown]
# ## 13 Votes
#
# **What the chapter claims.** For exact answers one can take the most frequent of many outputs. Google's Gemini was evaluated
# on MMLU with 32 samples for each question, and scored higher than with one (self-consistency, Wang et al., 2023).
#
# Why that should help: let the right answer come with probability 0.4 and two wrong ones with 0.3 each.

# %%
generator = np.random.default_rng(0)
for votes in (1, 5, 32, 500):
    ballots = generator.multinomial(votes, [0.4, 0.3, 0.3], size=4000)
    won = (ballots[:, 0] > ballots[:, 1:].max(1)).mean()
    tied = (ballots[:, 0] == ballots[:, 1:].max(1)).mean()
    print(f"{votes:3} votes: the right answer wins in {won:.0%} of 4,000 elections, and ties in {tied:.0%}")

# %% [markdown]
# ### Exercise: `majority_vote`
#
# *Difficulty 1 of 5, 10 minutes.* Self-consistency (Wang et al., 2023): ask several times and take the most common answer. Of equally
# common ones take the one that was seen first. `None` means that no answer could be read; it has no vote, however often it comes. Only
# `None`: the answers 0, "" and "None" are answers. When all are `None`, there is no winner: return `None`.

# %% nbgrader={"grade": false, "grade_id": "majority_vote", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Hashable, Sequence


def majority_vote(answers: Sequence[Hashable | None]) -> Hashable | None:
    """Return the most common answer, the first seen in a tie; None is no answer, and comes back when there is no other.

    Args:
        answers: what was read from each sample, in the order of the samples.
    """
    ### BEGIN SOLUTION
    votes: dict[Hashable, int] = {}
    for answer in answers:
        if answer is not None:
            votes[answer] = votes.get(answer, 0) + 1
    return max(votes, key=votes.__getitem__, default=None)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "majority_vote-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    check(lambda: majority_vote(["12", "15", "12", "9"]), "12", "12, 15, 12, 9")
    check(
        lambda: majority_vote([None, "15", None, "12", None]),
        "15",
        "three times None, 15 and 12 once each",
        otherwise="None is no answer, and the first seen wins a tie.",
    )


visible_test()


# %% nbgrader={"grade": true, "grade_id": "majority_vote-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the most common answer wins, and None has no vote.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check, inputs_unchanged

    none_votes = "None won, or its votes counted. It is no answer, however often it comes: leave it out first."

    def winner_or_text(winner):
        """Return the winner, a text in the place of None."""
        return "no winner" if winner is None else winner

    falsy = "The answers 0, False-like numbers and empty strings are answers (falsy, not missing). Leave out None only: `is not None`."
    cases = (
        (["12", "15", "12", "9", "12"], "12"),
        (["9", "12", "15", "12"], "12"),
        ([7, 8, 8, 9, 9, 9, 7], 9),
        (["only"], "only"),
        (["b", "a", "c", "c", "d", "e"], "c"),
        ([None, None, None, "15", "12", "15"], "15"),
        (["12", None, None], "12"),
        ([None, "a", None, "b", "b"], "b"),
        ([None, 3, None, 4, 4, None, None], 4),
        ([0, 0, 0, 5, 5], 0),
        ([0, None, None], 0),
        (["", "", "a", None], ""),
        (["None", "None", "a", None], "None"),
        ([1.5, 2.5, 2.5, None], 2.5),
        ([" Yes", "yes", "YES", " Yes", "no", "no", "no"], "no"),
        (["Paris ", "Paris ", "rome"], "Paris "),
        ([None], None),
        ([None, None, None], None),
    )
    for answers, wanted in cases:
        given = [answer for answer in answers if answer is not None]
        falsy_left_out = [answer for answer in given if answer]
        mistakes = {}
        if wanted is None:
            mistakes["With nothing but None (all None) there is no winner: return None itself."] = lambda got: True
        elif 2 * answers.count(None) >= len(answers):
            mistakes[none_votes] = "no winner"
        elif all(given):
            mistakes["More than half is not needed: the most common answer wins."] = "no winner"
        if wanted == "None":
            mistakes['The text "None" is an answer like others. Leave out the value None only.'] = "a"
        elif given and len(falsy_left_out) < len(given):
            mistakes[falsy] = max(falsy_left_out, key=falsy_left_out.count, default="no winner")
        mistakes |= {
            "Return the answer alone, without its count.": lambda got: isinstance(got, tuple | list),
            "The answer became text. Return it as it was given, with its type.": lambda got, wanted=wanted: (
                isinstance(got, str) and not isinstance(wanted, str) and got == str(wanted)
            ),
            "Answers differ when their case or white space does: count them as they are, do not normalise them.": (
                lambda got, given=given: isinstance(got, str) and (got not in given or got.strip().lower() == "yes")
            ),
            "The least common answer won. Take the most common one.": min(given, key=given.count)
            if given
            else "no such",
            "The first answer won. Take the most common one.": given[0] if given else "no such",
        }
        with inputs_unchanged(answers):
            check(
                lambda: winner_or_text(majority_vote(answers)),
                winner_or_text(wanted),
                f"answers {answers}",
                mistakes=mistakes,
                otherwise="Count the answers that are not None, and take the most common one.",
                if_raises="All answers may be None: then return None."
                if not given
                else "Answers are of any type that can be counted: numbers, texts; and some are None.",
            )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "majority_vote-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: of equally common answers the first seen wins.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import case_rng, check

    cases = [
        ["b", "a", "a", "b"],
        ["a", "b", "b", "a"],
        [5, 3, 3, 5, 4],
        [3, 5, 5, 3, 4],
        ["c", "b", "a"],
        ["x", "z", "y", "y", "z", "x"],
        [None, "d", "c", None, "c", "d", None],
        ["c", None, "d", "d", None, "c", "e"],
        [2, 10, 10, 2],
        [10, 2, 2, 10],
    ]
    for case in range(6):
        rng = case_rng("majority_vote", case)
        letters = rng.sample("fghijklm", 4)
        answers = [letter for letter in letters[:3] for _ in range(3)] + [letters[3], None, None]
        rng.shuffle(answers)
        cases.append(answers)
    for answers in cases:
        given = [answer for answer in answers if answer is not None]
        most = max(map(given.count, given))
        tied = [answer for answer in given if given.count(answer) == most]
        reached = [answer for i, answer in enumerate(given) if given[: i + 1].count(answer) == most]
        mistakes = {
            "A tie still has a winner: the answer that was seen first.": "no winner",
            "The first to reach the count won the tie. The winner is the one that was first seen, however its votes came.": reached[
                0
            ],
            "In a tie the last seen won. Take the first seen.": [tied[-1], reached[-1]][0],
            "In a tie the smallest won (sorted order). Take the first seen.": min(tied),
            "In a tie the largest won (sorted order). Take the first seen.": max(tied),
        }
        check(
            lambda: "no winner" if (winner := majority_vote(list(answers))) is None else winner,
            tied[0],
            f"answers {answers}",
            mistakes={hint: value for hint, value in mistakes.items() if value != tied[0]},
            otherwise="In a tie the answer that was first seen wins.",
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: 32 votes against one answer
#
# **Measurement.** From the pools of section 10, 32 solutions of each task are drawn 50 times, and their answers vote; the
# same with fewer. **Controls.** One random solution; the greedy one; two votes, which cannot outvote each other.

# %% tags=["experiment", "row-87"]
from utils.evaluation.repeated_sampling import majority_vote as most_common_answer

voters = [1, 2, 4, 8, 16, 32]
rounds = budget.pick(smoke=3, cpu=50, gpu=200)
generator = np.random.default_rng(5)
vote_right = np.zeros((len(pools), len(voters)))
for row, pool in enumerate(pools):
    for _ in range(rounds):
        answers = [pool.answers[place] for place in pool.draw(max(voters), generator)]
        for column, voting in enumerate(voters):
            vote_right[row, column] += (most_common_answer(answers[:voting]) == pool.task.answer) / rounds
gain = bootstrap_interval(vote_right[:, -1] - single)
over_greedy = bootstrap_interval(vote_right[:, -1] - greedy_right[generator_name])
two_votes = bootstrap_interval(vote_right[:, 1] - vote_right[:, 0])
helped, harmed = np.mean(vote_right[:, -1] > single + 0.05), np.mean(vote_right[:, -1] < single - 0.05)
print("votes:", dict(zip(voters, np.round(vote_right.mean(0), 3).tolist(), strict=True)))
print(f"two votes against one: {two_votes}; 32 votes against greedy: {over_greedy}")
print(f"tasks that voting helps: {helped:.0%}, harms: {harmed:.0%}")

figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
left.plot(voters, vote_right.mean(0), marker="o", label="majority")
left.axhline(greedy_right[generator_name].mean(), linestyle="--", color=COLOURS[1], label="greedy, one answer")
left.set(xscale="log", xlabel="votes", ylabel="tasks solved (share)")
left.set_xticks(voters, map(str, voters))
left.minorticks_off()
left.legend()
right.plot([0, 1], [0, 1], color="black", linewidth=0.8)
right.scatter(single, vote_right[:, -1], s=16)
right.set(xlabel="one solution is right (share)", ylabel="majority of 32 is right (share)")
show(
    figure,
    "Left: the share of tasks solved against the number of votes, with greedy decoding as a dashed line. Right: for each task, the majority of 32 against a single solution; points lie far above the diagonal or below it.",
)
verdicts.add(
    row=87,
    claim="the most frequent of 32 outputs is right more often than a single one",
    measured=f"single {single.mean():.0%}, majority of 32 {vote_right[:, -1].mean():.0%}, greedy {greedy_right[generator_name].mean():.0%}; voting helps "
    f"{helped:.0%} of the tasks and harms {harmed:.0%}",
    interval=f"gain {gain} tasks",
    outcome="holds" if gain.low > 0 else "undecided" if gain.high > 0 else "does not hold",
)

# %% [markdown]
# A vote makes the most frequent answer certain. Where the right one is the most frequent, the task is won; where another
# is, it is lost for good. And greedy decoding, at the price of one answer, did as well.
#
# **Think.** Voting needs answers that can be equal. What would a vote be on summaries of a text?

# %% [markdown]
# ## 14 The first valid answer
#
# **What the chapter claims.** Asking several times side by side also helps against latency: show the first answer that is
# complete and valid.
#
# Three samples took 2, 4 and 10 seconds, and the quickest was not valid. All pairs of them, run side by side:

# %%
tried_by_hand = [(2.0, False), (4.0, True), (10.0, True)]
waits = []
for one in tried_by_hand:
    for other in tried_by_hand:
        arrived = [seconds for seconds, usable in (one, other) if usable]
        waits.append(min(arrived) if arrived else None)
print("first valid of each pair:", waits)
usable_waits = [wait for wait in waits if wait is not None]
print(
    f"expected wait, where there is a valid one: {sum(usable_waits) / len(usable_waits):.2f} s; of a single one: {(4 + 10) / 2:.2f} s"
)

# %% [markdown]
# ### Exercise: `first_valid_latency`
#
# *Difficulty 4 of 5, 25 minutes.* Ask for n answers side by side, and take the first one that is valid. How long do you wait? You have
# measured samples: a latency and whether the answer was valid. Each of the n answers is one of your samples, drawn with replacement,
# valid or not. Return the exact expectation of the time to the first valid answer, given that at least one of the n is valid; `inf` when
# no sample is valid at all. The latencies come in any order.
#
# Hint: sort the valid latencies. The first valid answer comes later than the j-th of them exactly when none of the n draws is one of the
# first j, which has the probability (1 - j/m)^n with m samples. What is then the probability that it *is* the j-th?

# %% nbgrader={"grade": false, "grade_id": "first_valid_latency", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Sequence


def first_valid_latency(latencies: Sequence[float], valid: Sequence[bool], n: int) -> float:
    """Return the expected time to the first valid one of n answers that run side by side, given that there is one.

    Args:
        latencies: seconds that each measured sample took.
        valid: whether each sample was valid.
        n: answers drawn from the samples with replacement.

    Returns:
        Seconds; inf when no sample is valid.
    """
    ### BEGIN SOLUTION
    m = len(latencies)
    times = sorted(latency for latency, is_valid in zip(latencies, valid, strict=True) if is_valid)
    if not times:
        return float("inf")
    later = [(1 - j / m) ** n for j in range(len(times) + 1)]
    chances = [before - after for before, after in zip(later, later[1:])]
    return sum(time * chance for time, chance in zip(times, chances, strict=True)) / sum(chances)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "first_valid_latency-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import math

    from utils.notebook.checks import check

    # Two samples, both valid: of two draws the first is 1 s unless both take 3 s, which happens in one of four cases.
    check(
        lambda: first_valid_latency([3.0, 1.0], [True, True], 2),
        1.0 * 3 / 4 + 3.0 / 4,
        "latencies 3 and 1, both valid, n = 2",
        rtol=1e-5,
        mistakes={"This is the mean latency. Of several answers side by side the first one counts.": 2.0},
    )
    check(
        lambda: first_valid_latency([3.0, 1.0], [True, False], 2),
        3.0,
        "latencies 3 and 1, only the 3 valid, n = 2",
        rtol=1e-5,
        mistakes={"Given that there is a valid one: divide by the probability that there is.": 3.0 * 3 / 4},
        otherwise="Only a valid answer ends the wait.",
    )
    check(lambda: first_valid_latency([3.0, 1.0], [False, False], 2), math.inf, "no valid sample")


visible_test()


# %% nbgrader={"grade": true, "grade_id": "first_valid_latency-1", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Graded: the exact expectation for random samples, valid and invalid, and any n.
### BEGIN HIDDEN TESTS
def graded_test():
    import itertools
    import math

    from utils.notebook.checks import case_rng, check, inputs_unchanged

    def mean_of(values):
        values = list(values)
        return math.fsum(values) / len(values) if values else math.inf

    def first_valid_of(draw):
        """Return the time of the first valid one of a draw, None when there is none."""
        return min((arrival for arrival, good in draw if good), default=None)

    for case, (m, n_valid, n) in enumerate(
        [(6, 4, 3), (5, 3, 3), (6, 2, 4), (3, 2, 5), (7, 4, 1), (5, 5, 3), (4, 2, 2), (8, 1, 3), (10, 4, 4)]
    ):
        rng = case_rng("first_valid_latency", case)
        while True:
            latencies = [round(rng.uniform(1, 20), 1) for _ in range(m)]
            valid = [True] * n_valid + [False] * (m - n_valid)
            rng.shuffle(valid)
            good = [arrival for arrival, is_valid in zip(latencies, valid) if is_valid]
            # Distinct latencies, the valid ones not in order, the fastest sample not valid where some are not.
            in_order = n_valid > 1 and (good == sorted(good) or (n_valid > 2 and good == sorted(good, reverse=True)))
            fastest_valid = n_valid < m and min(good) == min(latencies)
            if len(set(latencies)) == m and not in_order and not fastest_valid:
                break
        samples = list(zip(latencies, valid))
        draws = list(itertools.product(samples, repeat=n))
        times = [arrival for draw in draws if (arrival := first_valid_of(draw)) is not None]
        wanted = mean_of(times)
        later = [(1 - j / m) ** n for j in range(n_valid + 1)]
        chances = [before - after for before, after in zip(later, later[1:])]
        share = n_valid / m
        bad = [arrival for arrival, is_valid in samples if not is_valid]
        tries = sum(
            (1 - share) ** j * share * (j * (mean_of(bad) if bad else 0.0) + mean_of(good)) for j in range(n)
        ) / (1 - (1 - share) ** n)
        sums = [
            sum(t for t, _ in draw[: 1 + next(i for i, one in enumerate(draw) if one[1])])
            for draw in draws
            if first_valid_of(draw) is not None
        ]
        mistakes = {
            "This is the mean of the valid latencies. Of n answers side by side the first valid one counts.": mean_of(
                good
            ),
            "This is the smallest valid latency (the minimum). It is not among the n draws every time: take the expectation.": min(
                good
            ),
            "This is the mean divided by n. Side by side is not n times as fast: the first of n draws counts.": mean_of(
                good
            )
            / n,
            "The expectation is given that there is a valid one: divide by the probability of that (condition on it).": math.fsum(
                times
            )
            / len(draws),
            "Only valid samples were drawn. The n answers are drawn from all samples, and the invalid ones do not end the wait.": mean_of(
                min(draw) for draw in itertools.product(good, repeat=n)
            ),
            "You drew without replacement. The same sample may come more than once: with replacement.": mean_of(
                arrival
                for draw in itertools.combinations(samples, min(n, m))
                if (arrival := first_valid_of(draw)) is not None
            ),
            "These are the first n samples as they stand. Take the expectation over all draws.": min(
                (arrival for arrival, is_valid in samples[:n] if is_valid), default=math.inf
            ),
            "This is the slowest valid one, the last. The first one ends the wait.": mean_of(
                max(t for t, is_valid in draw if is_valid) for draw in draws if first_valid_of(draw) is not None
            ),
            "Validity has no effect: an invalid answer ended the wait.": mean_of(
                min(t for t, _ in draw) for draw in draws
            ),
            "The draw counts only where its first answer was valid. An invalid one that comes earlier does not matter: wait for the valid one.": mean_of(
                min(draw)[0] for draw in draws if min(draw)[1]
            ),
            "Invalid answers took no time, and counted. They do not end the wait.": mean_of(
                min(t if is_valid else 0.0 for t, is_valid in draw) for draw in draws
            ),
            "The latencies come in any order: sort the valid ones first.": math.fsum(
                t * p for t, p in zip(good, chances)
            )
            / math.fsum(chances),
            "You added latencies, one after the other. The answers run side by side.": tries,
            "You added the latencies until the first valid one. The answers run side by side, not one after the other.": mean_of(
                sums
            ),
            "This is the mean latency over the share of valid ones: retries, one after the other. The answers run side by side.": mean_of(
                latencies
            )
            / share,
            "This is the mean valid latency over the share of valid ones: retries, one after the other. The answers run side by side.": (
                mean_of(good) / share
            ),
            "One draw too few: n answers are drawn.": (
                mean_of(
                    arrival
                    for draw in itertools.product(samples, repeat=n - 1)
                    if (arrival := first_valid_of(draw)) is not None
                )
                if n > 1
                else math.nan
            ),
            "This is the mean over all samples. Only valid ones end the wait.": mean_of(latencies),
        }
        simulated = "The value is near, but not exact: no simulation, and no rounding. The probabilities have a closed form (see the hint)."
        with inputs_unchanged(latencies, valid):
            check(
                lambda: first_valid_latency(latencies, valid, n),
                wanted,
                f"latencies {latencies}, valid {valid}, n = {n}",
                rtol=2e-5,
                atol=1e-6,
                mistakes={hint: value for hint, value in mistakes.items() if not abs(value - wanted) < 1e-6}
                | {simulated: lambda got, wanted=wanted: isinstance(got, float) and abs(got - wanted) < 0.03 * wanted},
                otherwise="Average the time of the first valid one over all draws that hold a valid one.",
                if_raises="There is a valid sample, so there is an expectation.",
            )


graded_test()
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "first_valid_latency-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: no valid sample gives inf; samples of the same latency.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    from utils.notebook.checks import check

    for latencies, n in (([2.0, 1.0, 4.0], 1), ([2.0, 1.0, 4.0], 3), ([5.0], 2)):
        check(
            lambda: first_valid_latency(list(latencies), [False] * len(latencies), n),
            math.inf,
            f"latencies {latencies}, none valid, n = {n}",
            otherwise="No sample is valid, so you wait for ever: inf.",
            if_raises="No sample is valid, so you wait for ever: return inf before you divide.",
        )
    # Two draws from (3, valid), (3, valid), (8, valid), (1, invalid): 12 of 15 pairs with a valid one wait for a 3.
    for latencies, valid, n, wanted in (
        ([3.0, 8.0, 1.0, 3.0], [True, True, False, True], 2, (12 * 3.0 + 3 * 8.0) / 15),
        ([6.0, 2.0, 6.0], [True, True, True], 2, (5 * 2.0 + 4 * 6.0) / 9),
        ([5.0, 5.0, 5.0], [True, False, True], 3, 5.0),
    ):
        check(
            lambda: first_valid_latency(list(latencies), list(valid), n),
            wanted,
            f"latencies {latencies}, valid {valid}, n = {n}",
            rtol=2e-5,
            atol=1e-6,
            otherwise="Samples of the same latency are samples of their own: each can be drawn, and none is a duplicate to leave out.",
            if_raises="Samples of the same latency (ties) are allowed.",
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: the distribution of waiting times
#
# **Measurement.** The JSON samples of section 7: an output is valid when it parses, and takes as many decoding steps as it
# has tokens. From them, the expected wait for the first valid one of n side by side. **Control.** Asking again and again,
# one after the other, until one is valid. And the catch: n answers side by side share the processor, so the time of a step
# with n rows is measured too.

# %% tags=["experiment", "row-88"]
from utils.evaluation.repeated_sampling import first_valid_latency as expected_first_valid

latencies = np.array([len(one.ids) + 1 for one in json_tried], dtype=float)
is_valid = np.array([one.finish == "stop" and parses(real.decode(one.ids)) for one in json_tried])
side_by_side = [1, 2, 4, 8, 16]
steps_to_valid = [float(expected_first_valid(latencies, is_valid, n)) for n in side_by_side]
none_valid = [(1 - is_valid.mean()) ** n for n in side_by_side]
step_ms = []
for n in side_by_side:
    real_decoder.prefill([opening_ids[0]] * n, reserve=8)
    step_ids = torch.zeros(n, dtype=torch.long)
    step_ms.append(fastest(lambda step_ids=step_ids: real_decoder.step(step_ids), budget.pick(smoke=1, cpu=4)))
# One after the other: every failure is waited for in full.
share = is_valid.mean()
retry_steps = (
    latencies[is_valid].mean() + (1 - share) / share * latencies[~is_valid].mean()
    if 0 < share < 1
    else latencies.mean()
)
print(
    f"{share:.0%} of {len(latencies)} outputs are valid; lengths from {latencies.min():.0f} to {latencies.max():.0f} steps"
)
for n, steps, none, ms in zip(side_by_side, steps_to_valid, none_valid, step_ms, strict=True):
    print(
        f"n = {n:2}: {steps:5.1f} steps to the first valid one, none valid with probability {none:.3f}; a step takes {ms:5.0f} ms: {steps * ms / 1e3:.2f} s"
    )
print(f"asking again until valid: {retry_steps:.1f} steps, {retry_steps * step_ms[0] / 1e3:.2f} s")

rng = np.random.default_rng(0)
gains = []
for _ in range(1000):
    rows = rng.integers(len(latencies), size=len(latencies))
    if is_valid[rows].any():
        found = [float(expected_first_valid(latencies[rows], is_valid[rows], n)) for n in (1, 4)]
        gains.append(found[0] - found[1])
gain_low, gain_high = np.percentile(gains or [0.0], [2.5, 97.5])  # in the smallest run nothing may be valid
figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
grid = np.arange(1, latencies.max() + 1)
for n, style in zip((1, 4, 16), ("-", "--", ":"), strict=True):
    arrived = [1 - (1 - float(np.mean(is_valid & (latencies <= t)))) ** n for t in grid]
    left.step(grid, arrived, style, where="post", label=f"n = {n}")
left.set(xlabel="waiting time (decoding steps)", ylabel="a valid answer is there (probability)", ylim=(0, 1.03))
left.legend()
right.plot(side_by_side, steps_to_valid, marker="o", label="steps")
right.plot(
    side_by_side,
    [s * ms / step_ms[0] for s, ms in zip(steps_to_valid, step_ms, strict=True)],
    "--",
    marker="s",
    label="time on this machine, in steps of n = 1",
)
right.set(xscale="log", xlabel="answers side by side, n", ylabel="wait for the first valid one (steps)", ylim=(0, None))
right.set_xticks(side_by_side, map(str, side_by_side))
right.minorticks_off()
right.legend(fontsize=8)
show(
    figure,
    "Left: the probability that a valid answer has arrived against the waiting time, for 1, 4 and 16 answers side by side. Right: the expected wait in decoding steps, which falls with n, and in time on this machine, where more rows make a step slower.",
)
wait_on_machine = [s * ms for s, ms in zip(steps_to_valid, step_ms, strict=True)]
faster_here = wait_on_machine[2] < wait_on_machine[0]
verdicts.add(
    row=88,
    claim="showing the first valid of several parallel answers lowers the latency",
    measured=f"first valid after {steps_to_valid[0]:.0f} steps at n = 1 and {steps_to_valid[2]:.0f} at n = 4; on this machine, where a "
    f"step of several rows takes longer, {wait_on_machine[0] / 1e3:.1f} s and {wait_on_machine[2] / 1e3:.1f} s",
    interval=f"steps saved {steps_to_valid[0] - steps_to_valid[2]:.1f} [{gain_low:.1f}, {gain_high:.1f}], n = {len(latencies)} outputs",
    outcome=("holds" if faster_here else "holds in part") if gain_low > 0 else "undecided",
)

# %% [markdown]
# Short answers come first. The trick does not make the model faster: it selects the quick answers, and what is quick is
# not always what is best. Here the valid objects are all about equally long, so there is next to nothing to select, and
# the first of 16 saves two steps. What several answers buy is that one is valid at all: almost surely among 16, seldom
# alone, and asking again until one is valid takes several times as long. It needs hardware with room to spare: on this
# processor 16 rows cost about twice the time of one.
#
# **Think.** A slow answer is often a careful one. What happens to quality when the first valid answer of 16 is shown?

# %% [markdown]
# ## 15 Three tries
#
# **What the chapter claims.** The less robust a model is to small changes of its input, the more it gains from several
# tries: one that could read an image only half of the time read most within three.
#
# Success with probability p at each try gives 1 - (1 - p)^3 within three. The gain is not largest for the worst model:

# %%
for p in (0.0, 0.05, 0.2, 0.42, 0.5, 0.8, 1.0):
    print(f"one try {p:4.0%}, three tries {1 - (1 - p) ** 3:4.0%}, gain {1 - (1 - p) ** 3 - p:+.0%}")

# %% [markdown]
# ### Experiment: sensitivity and gain
#
# **Measurement.** Four models, each asked the same tasks in four wordings that they met more or less often in training. A
# model's *sensitivity* is the share of tasks whose greedy answer changes when a wording is exchanged for one of the other
# three. The gain is pass@3 minus pass@1 over 24 samples a task in that wording. **Control.** The gain that would follow from
# the success rate alone, if all tasks were equally hard: does that explain it better than sensitivity?

# %% tags=["experiment", "row-89"]
from utils.training.arithmetic_models import WORDINGS

asked_tasks = test_tasks[:: budget.pick(smoke=3, cpu=2, gpu=1)]
tries = 24
combinations = [(name, wording) for name in ladder for wording in range(len(WORDINGS))]
jobs = [SamplingJob(name, asked_tasks, tries, wording=wording, seed=4000) for name, wording in combinations]
jobs += [SamplingJob(name, asked_tasks, 1, temperature=0.0, wording=wording) for name, wording in combinations]
tried = run_sweep(sample_attempts, jobs, workers=workers, description="wordings")
sampled_by = dict(zip(combinations, tried[: len(combinations)], strict=True))
greedy_by = dict(zip(combinations, tried[len(combinations) :], strict=True))
sensitivity, three_gain, one_try = {}, {}, {}
for name, wording in combinations:
    # Against each other wording: how often does the greedy answer change?
    mine = [one.answers[0] for one in greedy_by[name, wording]]
    others = [[one.answers[0] for one in greedy_by[name, other]] for other in range(len(WORDINGS)) if other != wording]
    sensitivity[name, wording] = np.mean([[a != b for a, b in zip(mine, other, strict=True)] for other in others])
    passes = np.array(
        [[float(unbiased_pass_at_k(tries, one.n_right, k)) for k in (1, 3)] for one in sampled_by[name, wording]]
    )
    one_try[name, wording] = passes[:, 0].mean()
    three_gain[name, wording] = (passes[:, 1] - passes[:, 0]).mean()
x = np.array([sensitivity[key] for key in combinations])
y = np.array([three_gain[key] for key in combinations])
p = np.array([one_try[key] for key in combinations])
for name in ladder:
    print(
        f"{name:15} one try {np.mean([one_try[name, w] for w in range(4)]):4.0%}, sensitivity "
        f"{np.mean([sensitivity[name, w] for w in range(4)]):4.0%}, gain of three tries {np.mean([three_gain[name, w] for w in range(4)]):+.0%}"
    )
correlation = float(np.corrcoef(x, y)[0, 1])
by_success = float(np.corrcoef(1 - (1 - p) ** 3 - p, y)[0, 1])
print(
    f"correlation of the gain with sensitivity {correlation:+.2f}, with what the success rate implies {by_success:+.2f}"
)
resample = np.random.default_rng(2).integers(len(x), size=(2000, len(x)))
with np.errstate(invalid="ignore", divide="ignore"):
    spread = [np.corrcoef(x[rows], y[rows])[0, 1] for rows in resample]
low_c, high_c = np.nanpercentile(spread, [2.5, 97.5])
peak_place = int(np.argmax(y))

figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.4), constrained_layout=True)
for name, colour, marker in zip(ladder, COLOURS, "os^D", strict=False):
    keys = [key for key in combinations if key[0] == name]
    left.scatter(
        [sensitivity[key] for key in keys], [three_gain[key] for key in keys], color=colour, marker=marker, label=name
    )
    right.scatter([one_try[key] for key in keys], [three_gain[key] for key in keys], color=colour, marker=marker)
left.set(
    xlabel="sensitivity: greedy answers that change with the wording (share)",
    ylabel="gain of three tries (share of tasks)",
)
left.xaxis.label.set_fontsize(8)
left.legend(fontsize=8)
curve = np.linspace(0, 1, 50)
right.plot(curve, 1 - (1 - curve) ** 3 - curve, color="black", linewidth=0.8)
right.text(0.45, 0.4, "if all tasks were\nequally hard", fontsize=8)
right.set(xlabel="success of one try (share)", ylabel="gain of three tries (share of tasks)", ylim=(-0.02, 0.5))
show(
    figure,
    "Left: gain from three tries against the sensitivity to the wording, four models times four wordings. Right: the same gain against the success of one try, under a curve that peaks at 42%.",
)
at_most_sensitive = float(y[x.argmax()])
verdicts.add(
    row=89,
    claim="the less robust the model, the more several tries help",
    measured=f"correlation of the gain with sensitivity {correlation:+.2f}, with what success alone implies {by_success:+.2f}; largest gain {y.max():+.0%} at a sensitivity of {x[peak_place]:.0%} and a success "
    f"of {p[peak_place]:.0%}; the most sensitive of all gains {at_most_sensitive:+.0%}",
    interval=f"correlation {low_c:+.2f} to {high_c:+.2f}, {len(x)} models and wordings",
    outcome="does not hold"
    if high_c < 0
    else "undecided"
    if low_c <= 0
    else "holds"
    if at_most_sensitive > 0.9 * y.max()
    else "holds in part",
)

# %% [markdown]
# Compare the two pictures: the success rate explains nearly all of the gain, sensitivity little or none. A model that
# answers everything alike, right or wrong, gains nothing; nor does one that is hopeless, however sensitive it is. Three
# tries pay where one succeeds about half of the time, and where you can tell which try succeeded.
#
# **Think.** The chapter's footnote: the best thing to do with a brittle model is to swap it out. For which success rate would
# you keep it and try three times?

# %% [markdown]
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# What this notebook showed, and what it did not. The arithmetic of samplers is exact. What SmolLM2 does holds for a
# small model and a few dozen prompts. The verifier, the votes and the coverage were measured on toy models whose every
# mistake can be counted; we expect the reasons why the curves bend to carry over to larger models, not the places where
# they do.
#
# **Read next**
#
# - Holtzman et al. (2020), *The curious case of neural text degeneration*, for top-p and for why likely text is dull.
# - Nguyen et al. (2024), *Turning up the heat: min-p sampling*; and read it with section 6 in mind.
# - Cobbe et al. (2021), *Training verifiers to solve math word problems*, section 4, for Figure 2-19.
# - Brown et al. (2024), *Large language monkeys*, for coverage on real tasks; Wang et al. (2023) for self-consistency.
# - Snell et al. (2024), *Scaling LLM test-time compute optimally*: when is trying again cheaper than a larger model?
#
# In notebook 08 the sampler gets a grammar: the answers are not only likely, but well formed.
