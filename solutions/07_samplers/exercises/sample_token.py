"""Draw a token for each row from softmax(logits): shapes, the distribution, forbidden tokens and
generators.
"""

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
HINTS = (
    """`torch.multinomial` draws from rows of probabilities, and takes one or two dimensions. What has
to happen to the shape before and after it?""",
    """Take the softmax over the last dimension, `reshape(-1, V)`, draw one token for each row with
`torch.multinomial(rows, 1, generator=generator)`, and `reshape(logits.shape[:-1])`.""",
)
EXPLANATION = """The softmax turns each row into probabilities; a logit of `-inf` becomes exactly 0 and is never drawn.
All leading dimensions are flattened to rows, since `multinomial` takes two dimensions, and the ids are put back into
the leading shape; `squeeze()` instead would also lose batch dimensions of size 1. The generator is handed on as it
is: each call advances it, so one seed repeats a whole sequence of draws. The Gumbel trick,
`(logits - log(-log(u))).argmax(-1)` with one u for every token, is right as well, and needs no reshaping."""

# %% helpers
import math

import torch

from utils.notebook.checks import AnyOf, Diagnosis, case_tensor, check, inputs_unchanged

# False alarms: N KL(share, p) > 19.2 has a probability below 2 exp(-19.2) = 1e-8 for each count (Chernoff). There are 16
# counts in one test and 8 in another, so fewer than one right answer in four million fails.
BOUND = 19.2


def is_plausible(counts, chances):
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
        n * divergence(count / n, chance) <= BOUND
        for count, chance in zip(counts, chances, strict=True)
    )


def draw_counts(rows, size):
    """Return how often each token was drawn for `size` copies of each row, or a text that says
    what is no such draw.
    """
    ids = sample_token(rows[:, None, :].expand(-1, size, -1).clone())
    if not isinstance(ids, torch.Tensor) or tuple(ids.shape) != (len(rows), size):
        return f"no ids of the shape {(len(rows), size)}"
    if ids.is_floating_point() and not bool((ids == ids.round()).all()):
        return "no whole numbers"
    V = rows.shape[-1]
    return [row.long().clamp(0, V - 1).bincount(minlength=V).tolist() for row in ids]


# %% examples
def examples(check):
    shape = lambda *size: tuple(torch.as_tensor(sample_token(torch.randn(*size))).shape)
    rows = torch.tensor([0.8, 0.2, 0.0]).log().expand(4000, 3)
    drawn = lambda token: float((torch.as_tensor(sample_token(rows)) == token).float().mean())
    check(lambda: shape(4, 3, 7), (4, 3), "the shape of ids for logits of shape (4, 3, 7)")
    check(lambda: shape(7), (), "the shape of the id for logits of shape (7,)")
    check(lambda: drawn(0), 0.8, "share of a token with probability 0.8 in 4,000 draws", atol=0.05)
    check(lambda: drawn(2), 0.0, "share of a token with the logit -inf in 4,000 draws")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "the shape of ids for logits of shape (4, 3, 7)": Diagnosis(
            {
                "The ids have a dimension of size 1 too many at the end.": (4, 3, 1),
                "Return ids, one for each row, and not a value for each token.": (4, 3, 7),
            },
            otherwise="The ids have the shape of the logits without the last dimension.",
            if_raises=(
                "The logits may have any number of dimensions; `multinomial` takes two at most."
            ),
        ),
        "the shape of the id for logits of shape (7,)": Diagnosis(
            {"One row gives one id: a tensor without dimensions.": (1,)},
            otherwise=(
                "The ids have the shape of the logits without the last dimension: here none is"
                " left."
            ),
            if_raises="One row alone is allowed, too.",
        ),
        "share of a token with probability 0.8 in 4,000 draws": Diagnosis(
            {
                "The most likely token came every time: that is argmax. Draw from softmax(logits).": (
                    1.0
                ),
                "All tokens come equally often (uniform). Draw from softmax(logits).": (
                    lambda got: min(abs(got - 1 / 3), abs(got - 1 / 2)) < 0.05
                ),
                "One random number served all rows. Draw for each row on its own.": 0.0,
            },
            otherwise="Draw from softmax(logits), each row on its own.",
        ),
        "share of a token with the logit -inf in 4,000 draws": Diagnosis(
            otherwise="A token with the logit -inf must never be drawn: its probability is 0.",
            if_raises="A logit of -inf is a probability of 0, and no error.",
        ),
    }


# %% graded: 2 points | ids of the right shape, drawn from softmax(logits), each row on its own.
def test_ids_come_from_the_softmax_of_each_row() -> None:
    def shape_text(got):
        if isinstance(got, int) and not isinstance(got, bool):
            return "()"
        return f"{tuple(got.shape)}" if isinstance(got, torch.Tensor) else type(got).__name__

    for shape in ((5,), (3, 5), (1, 5), (2, 3, 5), (4, 1, 5), (2, 1, 3, 5), (90, 5)):
        check(
            lambda: shape_text(sample_token(case_tensor("sample_token", 0, *shape))),
            f"{shape[:-1]}",
            f"shape of the ids for logits of shape {shape}",
            mistakes={
                "The shape has a dimension of size 1 too many at its end: take it away, and only it.": (
                    f"{(*shape[:-1], 1)}"
                ),
                "The shape lost dimensions of size 1 that are part of the batch: take away the last dimension only.": (
                    f"{tuple(size for size in shape[:-1] if size != 1)}"
                ),
                "Return ids, in the shape of the logits without the last dimension. Yours has the shape of the logits.": (
                    f"{shape}"
                ),
            },
            otherwise="The ids have the shape of the logits without the last dimension.",
            if_raises=(
                "The weights of a draw are probabilities, softmax(logits), not logits or"
                " logarithms. The logits may have any number of dimensions; reshape where a"
                " function takes only two."
            ),
        )
    # Two kinds of rows with the same tokens in another order, so that one row's probabilities cannot pass for the other's.
    N = 12_000
    two_rows = torch.tensor(
        [[0.0, 1.5, -1.0, 0.7, -2.0, 0.3, -0.6, 1.0], [1.0, -2.0, 0.3, 0.0, -0.6, 1.5, 0.7, -1.0]]
    )
    exact = two_rows.double()
    above = exact - exact.amin(-1, keepdim=True)
    batch_softmax = exact.softmax(0)
    known = {
        "softmax(logits)": exact.softmax(-1),
        "the largest logit": torch.eye(8)[exact.argmax(-1)],
        "uniform": torch.full((2, 8), 1 / 8),
        "softmax over the batch": batch_softmax / batch_softmax.sum(-1, keepdim=True),
        "squared": (2 * exact).softmax(-1),
        "rooted": (exact / 2).softmax(-1),
        "logits as weights": above / above.sum(-1, keepdim=True),
        "inverted": (-exact).softmax(-1),
        "the first row": exact[:1].softmax(-1).expand(2, -1),
        "mixed rows": exact.softmax(-1).mean(0, keepdim=True).expand(2, -1),
    }

    def distribution_name():
        """Name the distribution that the ids seem to come from."""
        counts = draw_counts(two_rows, N)
        if isinstance(counts, str):
            return counts
        for name, chances in known.items():
            if all(
                is_plausible(one, other)
                for one, other in zip(counts, chances.tolist(), strict=True)
            ):
                return name
        return (
            "one token for all rows"
            if all(max(one) > 0.99 * N for one in counts)
            else "something else"
        )

    check(
        distribution_name,
        "softmax(logits)",
        f"the distribution of {N:,} draws from each of two rows",
        mistakes={
            "The most likely token came every time: that is argmax, greedy decoding. Draw from softmax(logits).": (
                "the largest logit"
            ),
            "Each draw of a row gave the same token: one random number serves the whole batch, or the softmax ran over all of it. Each row is drawn on its own.": (
                "one token for all rows"
            ),
            "All tokens are equally likely (uniform). Draw from softmax(logits).": "uniform",
            "The softmax runs over another dimension. The vocabulary is the last one.": (
                "softmax over the batch"
            ),
            "The probabilities enter squared, or under a root. Draw from softmax(logits).": AnyOf(
                "squared", "rooted"
            ),
            "The logits serve as weights. The weights are their softmax.": "logits as weights",
            "The unlikely tokens are likely: a sign is wrong. Draw from softmax(logits).": (
                "inverted"
            ),
            "All rows were drawn from the first row's probabilities. Each row has its own.": (
                "the first row"
            ),
            "The ids stand in the wrong rows. `reshape` puts them back in order, with no transpose.": (
                "mixed rows"
            ),
            "Return ids: whole numbers.": "no whole numbers",
        },
        otherwise=(
            "The shares of the tokens are not those of softmax(logits). With noise and argmax, the"
            " noise must be Gumbel's, -log(-log(u)), added to the logits."
        ),
    )


# %% graded: 2 points | a token with the logit -inf is never drawn, and large logits do no harm.
def test_forbidden_tokens_and_large_logits() -> None:
    N, out = 6000, -math.inf
    for row in (
        [0.0, out, 1.0, out, -1.0],
        [out, 2.0, out],
        [-40.0, out, -41.0],
        [0.1, 0.0, -0.3, out, out, out],
    ):

        def forbidden_draws(row=row):
            counts = draw_counts(torch.tensor([row]), N)
            return (
                counts
                if isinstance(counts, str)
                else sum(c for c, v in zip(counts[0], row, strict=True) if v == out)
            )

        check(
            forbidden_draws,
            0,
            f"draws of a forbidden token among {N:,} from the logits {row}",
            mistakes={
                "Return ids, in the shape of the logits without the last dimension.": lambda got: (
                    "no " in got
                )
            },
            otherwise=(
                "A token with the logit -inf must never be drawn: its probability is 0, with no"
                " floor under it."
            ),
            if_raises="A logit of -inf is a probability of 0, and no error.",
        )
    for shift in (1000.0, -1000.0):
        row = [shift, shift + 1.0, shift - 1.0, out]
        chances = torch.tensor(row).double().softmax(-1).tolist()
        stable = "Powers of large logits overflow. Only differences count: use a stable softmax."

        def distribution_name(row=row, chances=chances):
            counts = draw_counts(torch.tensor([row]), N)
            if isinstance(counts, str):
                return counts
            shares = [round(count / N, 2) for count in counts[0]]
            return "softmax(logits)" if is_plausible(counts[0], chances) else f"shares {shares}"

        check(
            distribution_name,
            "softmax(logits)",
            f"the distribution of {N:,} draws from the logits {row}",
            mistakes={
                stable: AnyOf("shares [0.0, 1.0, 0.0, 0.0]", "shares [1.0, 0.0, 0.0, 0.0]"),
                "Return ids, in the shape of the logits without the last dimension.": lambda got: (
                    "no " in got
                ),
            },
            otherwise=(
                "These are not the shares of softmax(logits). Powers of large logits overflow or"
                " underflow: use a stable softmax."
            ),
            if_raises=stable,
        )


# %% graded: 1 point | draws come from the given generator; without one they differ.
def test_draws_come_from_the_generator() -> None:
    # Two lists of 600 independent draws over ten tokens agree by chance with a probability far below 1e-100.
    logits = case_tensor("sample_token", "generator", 20, 30, 10, scale=0.5)

    def ids_from(generator, given):
        ids = sample_token(given, generator)
        return ids.tolist() if isinstance(ids, torch.Tensor) else ids

    def seeded(seed):
        return torch.Generator().manual_seed(seed)

    def differs(one, other):
        """Say whether the ids of two calls differ; anything but 20 rows of 30 ids is shown as it
        is.
        """
        # The second call gets a copy, so that a change of the logits is told as such.
        spare = logits.clone()
        first, second = ids_from(one, logits), ids_from(other, spare)
        return first != second if isinstance(first, list) and len(first) == 20 else first

    one_generator = seeded(7)
    cases = (
        *(
            (
                f"two calls with fresh generators of the seed {seed}",
                (seeded(seed), seeded(seed)),
                False,
                (
                    "The generator has no effect. Hand it to the function that draws, so that a"
                    " seed can be repeated."
                ),
            )
            for seed in (0, 1, 12345)
        ),
        (
            "generators of two seeds",
            (seeded(1), seeded(2)),
            True,
            "The same draws whatever the seed. Draw with the generator that is given.",
        ),
        (
            "two calls with one generator",
            (one_generator, one_generator),
            True,
            (
                "The generator starts again at every call, with the same draws. Do not seed or copy"
                " it: each call must advance it."
            ),
        ),
        (
            "two calls without a generator",
            (None, None),
            True,
            (
                "The same draws at every call: a fixed seed hides in your code. Without a generator"
                " use torch's global one."
            ),
        ),
    )
    for what, generators, wanted, hint in cases:
        with inputs_unchanged(logits):
            check(
                lambda: differs(*generators),
                wanted,
                f"do the ids differ? {what}",
                mistakes={
                    "Return ids, in the shape of the logits without the last dimension.": (
                        lambda got: got not in (True, False)
                    )
                },
                otherwise=hint,
            )
    # Of 24 draws out of 1,000 alike, eight repeat an earlier one with a probability below 1e-8.
    flat, generator = torch.zeros(1000), seeded(11)
    check(
        lambda: len({int(sample_token(flat, generator)) for _ in range(24)}) > 16,
        True,
        "do 24 calls, one after the other with one generator, draw different ids out of 1,000?",
        otherwise="Calls repeat each other. Draw from the generator itself, not from a few seeds of it.",
    )
