"""The log-probability of a sequence and its average per token, in log space and without a shift."""

# %% solution
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


# %% hints
HINTS = (
    """`log_softmax` turns logits into log-probabilities without underflow. Which of its V entries
belongs to each position?""",
    """`logprobs.gather(-1, token_ids.unsqueeze(-1)).squeeze(-1)` picks one entry for each token, shape
(B, T). Sum over the last dimension for the one function, take the mean for the other.""",
)
EXPLANATION = """`log_softmax` subtracts the row's logsumexp, which is stable for logits of any size: no probability is
ever formed, so none can underflow. `gather` picks the entry of the given token at every position; logits and ids are
aligned already, so nothing is shifted. The sum over the tokens is the logarithm of the product of probabilities. The
average divides by T, and so compares sequences of different lengths."""

# %% helpers
import math

import torch

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, inputs_unchanged, not_finite


def random_case(case, B, T, V):
    """Return random logits (B, T, V) and ids (B, T)."""
    source = torch.Generator().manual_seed(case_rng("sequence_logprob", case).getrandbits(40))
    return torch.randn(B, T, V, generator=source) * 2, torch.randint(V, (B, T), generator=source)


def entries(table, ids):
    """Return the entry of each id: (..., T, V) and (..., T) give (..., T)."""
    return table.gather(-1, ids.unsqueeze(-1)).squeeze(-1)


# %% examples
def examples(check):
    logits = torch.tensor([[[0.3, 0.5, 0.2], [0.2, 0.7, 0.1]]]).log()
    ids, total = torch.tensor([[1, 0]]), torch.tensor([0.5 * 0.2]).log()
    check(lambda: sequence_logprob(logits, ids), total, "two tokens, probabilities 0.5 and 0.2")
    check(lambda: average_logprob(logits, ids), total / 2, "the average of these two tokens")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    total, shifted = math.log(0.5 * 0.2), math.log(0.3)
    return {
        "two tokens, probabilities 0.5 and 0.2": Diagnosis(
            {
                "This is the average. The sequence's log-probability is the sum.": [total / 2],
                "These are probabilities. Return the logarithm.": [0.1],
                "The sign is that of a loss. A log-probability is negative.": [-total],
                "These are bits (base 2). Use the natural logarithm.": [total / math.log(2)],
                "The logits are aligned: logits[b, t] predicts token_ids[b, t]. Do not shift them.": [
                    shifted
                ],
                "This is one value per token. Sum over the tokens.": [
                    [math.log(0.5), math.log(0.2)]
                ],
            },
            otherwise=(
                "Take log_softmax over the vocabulary, pick the entries of token_ids, and sum over"
                " the tokens."
            ),
        ),
        "the average of these two tokens": Diagnosis(
            {
                "This is the sum. Divide by the number of tokens.": [total],
                "These are probabilities. Return the logarithm.": [0.35],
                "The logits are aligned: logits[b, t] predicts token_ids[b, t]. Do not shift them.": [
                    shifted
                ],
            },
            otherwise="Take the mean of the tokens' log-probabilities.",
        ),
    }


# %% graded: 2 points | sum and mean over the tokens of each sequence, in nats, aligned as they are.
def test_sum_and_mean_over_the_tokens() -> None:
    for case, (B, T, V) in enumerate(
        # A batch of one is no first case: its rows look like its columns.
        [(3, 5, 7), (1, 4, 6), (2, 8, 4), (5, 2, 6), (4, 4, 4), (2, 90, 70)]
    ):
        logits, ids = random_case(case, B, T, V)
        # The id 0 stands at every end and at no beginning, so that those who take it for padding are seen.
        ids[:, -1] = 0
        ids[:, 0] = ids[:, 0].clamp(min=1)
        exact = logits.double()
        all_logprobs = exact.log_softmax(-1)
        logprobs, raw, best = entries(all_logprobs, ids), entries(exact, ids), all_logprobs.amax(-1)
        shifted = (
            entries(all_logprobs[:, :-1], ids[:, 1:]),
            entries(all_logprobs[:, 1:], ids[:, :-1]),
        )
        other_axes = entries(exact.log_softmax(1), ids), entries(exact.log_softmax(0), ids)
        counted = logprobs * (ids != 0)
        n_counted = (ids != 0).sum(-1)
        total, mean = logprobs.sum(-1), logprobs.mean(-1)
        # For each hint: what sequence_logprob gives, what average_logprob gives.
        known = {
            "The logits are aligned already: logits[b, t] predicts token_ids[b, t]. Do not shift them.": (
                [one.sum(-1) for one in shifted],
                [one.sum(-1) / length for one in shifted for length in (T - 1, T)],
            ),
            "These are sums of raw logits. Normalise them first: subtract the logsumexp of the row (log_softmax).": (
                [raw.sum(-1)],
                [raw.mean(-1)],
            ),
            "The sign is that of a loss. A log-probability is negative.": ([-total], [-mean]),
            "These are bits or decimal digits (base 2 or 10). Use the natural logarithm.": (
                [total / math.log(base) for base in (2, 10)],
                [mean / math.log(base) for base in (2, 10)],
            ),
            "These are probabilities. Add or average their logarithms.": (
                [total.exp(), logprobs.exp().sum(-1)],
                [mean.exp(), logprobs.exp().mean(-1)],
            ),
            "The softmax runs over the positions or the batch. It belongs to the vocabulary, the last dimension.": (
                [one.sum(-1) for one in other_axes],
                [one.mean(-1) for one in other_axes],
            ),
            "You took the most likely tokens. Score the given ones, token_ids.": (
                [best.sum(-1)],
                [best.mean(-1)],
            ),
            "The id 0 was taken for padding. Every token counts, 0 as well.": (
                [counted.sum(-1)],
                [counted.sum(-1) / n_counted, counted.mean(-1)],
            ),
            (
                "A batch of one sequence is a batch: return shape (1,). `squeeze` without a dimension takes it away."
                if B == 1
                else "The whole batch gave one number. Return one for each sequence, shape (B,)."
            ): (
                [logprobs.sum(), total.mean()],
                [logprobs.mean(), logprobs.sum()],
            ),
            "This is one value per token, shape (B, T). Sum or average over the tokens: shape (B,).": (
                [logprobs],
                [logprobs],
            ),
            "The shape has a dimension too many: return (B,).": ([total[:, None]], [mean[:, None]]),
            "You summed over the sequences. Sum over the tokens of each sequence.": (
                [logprobs.sum(0)],
                [logprobs.mean(0)],
            ),
            "sequence_logprob is the sum over the tokens, not their mean.": ([mean], []),
            "average_logprob is the mean over the tokens, not their sum.": ([], [total]),
            "The mean divides by the number of tokens, T: the length as it is.": (
                [],
                [total / (T - 1), total / (T + 1)],
            ),
            "The mean divides by the number of tokens, not by the size of the vocabulary or of the batch.": (
                [],
                [total / V, total / B],
            ),
            "This is the logarithm of the mean probability. Take the mean of the logarithms.": (
                [],
                [logprobs.exp().mean(-1).log()],
            ),
        }
        for place, (function, wanted) in enumerate(
            ((sequence_logprob, total), (average_logprob, mean))
        ):
            with inputs_unchanged(logits, ids):
                check(
                    lambda: function(logits, ids),
                    wanted,
                    f"{('sequence_logprob', 'average_logprob')[place]}, {B} sequences of {T} tokens"
                    f" out of {V}",
                    rtol=1e-4,
                    atol=1e-5,
                    mistakes={
                        hint: AnyOf(*values[place])
                        for hint, values in known.items()
                        if values[place]
                    },
                    otherwise=(
                        "Take log_softmax over the vocabulary, pick the entries of token_ids, and"
                        " sum or average over the tokens."
                    ),
                )


# %% graded: 2 points | long sequences, very unlikely tokens, and large logits.
def test_log_space_is_stable() -> None:
    product = (
        "The product of many probabilities underflows to 0, in any float. Add log-probabilities."
    )
    softmax = (
        "The softmax underflows to 0, and its logarithm is lost (or whatever floor you gave it)."
        " Use log_softmax, which is stable in log space."
    )
    powers = (
        "Powers of large logits overflow (and of very negative ones underflow). Use log_softmax or"
        " logsumexp, which are stable."
    )
    four, ids = (
        torch.tensor([[[0.0, 1, -2], [0.5, -0.5, 1]], [[2.0, -1, 0], [-3, 0, 0]]]),
        torch.tensor([[2, 1], [0, 0]]),
    )
    cases = [("two sequences of 900 tokens", *random_case("long", 2, 900, 5), product)]
    for gap in (60.0, 150.0, 900.0):
        rare = four.clone()
        rare[0, 0, 2] = rare[1, 1, 0] = -gap
        cases.append(
            (f"one token that is {gap:.0f} nats less likely than the best", rare, ids, softmax)
        )
    cases += [
        (f"logits near {level:.0f}", level + four, ids, powers) for level in (1000.0, -1000.0)
    ]
    levels = torch.tensor([[[1000.0], [-1000.0]], [[-1000.0], [1000.0]]])
    one_for_all = (
        "One number was subtracted from all logits. Each position has a largest logit of its own:"
        " use log_softmax or logsumexp over the last dimension."
    )
    cases.append(("logits near 1000 and near -1000", levels + four, ids, one_for_all))
    for what, logits, token_ids, hint in cases:
        all_logprobs = logits.double().log_softmax(-1)
        logprobs, shifted = (
            entries(all_logprobs, token_ids),
            entries(all_logprobs[:, :-1], token_ids[:, 1:]),
        )
        wrong = {
            hint: not_finite,
            "The logits are aligned already. Do not shift them.": AnyOf(
                shifted.sum(-1), shifted.mean(-1)
            ),
            "These are bits (base 2). Use the natural logarithm.": AnyOf(
                logprobs.sum(-1) / math.log(2), logprobs.mean(-1) / math.log(2)
            ),
        }
        for name, function, wanted, other in (
            ("sequence_logprob", sequence_logprob, logprobs.sum(-1), logprobs.mean(-1)),
            ("average_logprob", average_logprob, logprobs.mean(-1), logprobs.sum(-1)),
        ):
            check(
                lambda: function(logits, token_ids),
                wanted,
                f"{name}, {what}",
                rtol=2e-4,
                atol=1e-4,
                mistakes=wrong
                | {
                    "Sum and mean are mixed up: sequence_logprob sums, average_logprob averages.": (
                        other
                    )
                },
                otherwise=hint,
            )
