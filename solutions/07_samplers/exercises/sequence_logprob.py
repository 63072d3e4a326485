"""Exercise `sequence_logprob` of notebook 07."""

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
HINTS = ()
EXPLANATION = ""

# %% helpers
import math

import torch

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    import math

    logits = torch.tensor([[[0.3, 0.5, 0.2], [0.2, 0.7, 0.1]]]).log()
    token_ids = torch.tensor([[1, 0]])
    check(
        lambda: sequence_logprob(logits.clone(), token_ids.clone()),
        [math.log(0.5 * 0.2)],
        "two tokens with the probabilities 0.5 and 0.2",
        rtol=0.0001,
    )
    check(
        lambda: average_logprob(logits.clone(), token_ids.clone()),
        [math.log(0.5 * 0.2) / 2],
        "the average over two tokens with the probabilities 0.5 and 0.2",
        rtol=0.0001,
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    logits = torch.tensor([[[0.3, 0.5, 0.2], [0.2, 0.7, 0.1]]]).log()
    token_ids = torch.tensor([[1, 0]])
    found["two tokens with the probabilities 0.5 and 0.2"] = Diagnosis(
        mistakes={
            "This is the average. The sequence's log-probability is the sum.": [
                math.log(0.5 * 0.2) / 2
            ],
            "These are probabilities. Return the logarithm.": [0.1],
            "The logits are aligned: logits[b, t] predicts token_ids[b, t]. Do not shift them.": [
                math.log(0.3)
            ],
        }
    )
    found["the average over two tokens with the probabilities 0.5 and 0.2"] = Diagnosis(
        mistakes={"This is the sum. Divide by the number of tokens.": [math.log(0.5 * 0.2)]}
    )
    return found


# %% graded: 2 points | sum and mean over the tokens of each sequence, in nats, with logits and ids as they are aligned.
def test_1() -> None:
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
                [
                    shifted.mean(-1),
                    shifted.sum(-1) / T,
                    other_shift.mean(-1),
                    other_shift.sum(-1) / T,
                ],
            ),
            "These are sums of raw logits. Normalise them first: subtract the logsumexp of the row (log_softmax).": (
                [entries_of_ids(exact).sum(-1)],
                [entries_of_ids(exact).mean(-1)],
            ),
            "The sign is that of a loss. A log-probability is negative.": (
                [-logprobs.sum(-1)],
                [-logprobs.mean(-1)],
            ),
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
                [
                    entries_of_ids(exact.log_softmax(1)).sum(-1),
                    entries_of_ids(exact.log_softmax(0)).sum(-1),
                ],
                [
                    entries_of_ids(exact.log_softmax(1)).mean(-1),
                    entries_of_ids(exact.log_softmax(0)).mean(-1),
                ],
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
        only_sum = {
            "sequence_logprob is the sum over the tokens, not their mean.": [logprobs.mean(-1)]
        }
        only_mean = {
            "average_logprob is the mean over the tokens, not their sum.": [logprobs.sum(-1)],
            "The mean divides by the number of tokens, T: the length as it is.": [
                logprobs.sum(-1) / (T - 1),
                logprobs.sum(-1) / (T + 1),
            ],
            "The mean divides by the number of tokens, not by the size of the vocabulary.": [
                logprobs.sum(-1) / V
            ],
            "This is the logarithm of the mean probability. Take the mean of the logarithms.": [
                logprobs.exp().mean(-1).log()
            ],
        }
        what = f"{B} sequences of {T} tokens out of {V}"
        for name, function, wanted, own, place in (
            (
                "sequence_logprob",
                lambda: sequence_logprob(logits, token_ids),
                logprobs.sum(-1),
                only_sum,
                0,
            ),
            (
                "average_logprob",
                lambda: average_logprob(logits, token_ids),
                logprobs.mean(-1),
                only_mean,
                1,
            ),
        ):
            # A mistake that gives the right value here (T = V, for one) cannot be told.
            table = {**own, **{hint: wrong[place] for hint, wrong in hints.items()}}
            mistakes = {
                f"{hint}{' ' * n}": value
                for hint, wrong in table.items()
                for n, value in enumerate(wrong)
            }
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


# %% graded: 2 points | long sequences, very unlikely tokens, and large logits.
def test_2() -> None:
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
            torch.tensor(
                [[[0.0, 1.0, -gap], [0.5, -0.5, 1.0]], [[2.0, -1.0, 0.0], [-gap, 0.0, 0.0]]]
            ),
            torch.tensor([[2, 1], [0, 0]]),
            "The softmax underflows to 0, and its logarithm is lost (or whatever floor you gave it). Use log_softmax, which is stable in log space.",
        )
    for level in (1000.0, -1000.0):
        check_both(
            f"logits near {level:.0f}",
            level
            + torch.tensor(
                [[[0.0, 1.0, -2.0], [0.5, -0.5, 1.0]], [[2.0, -1.0, 0.0], [-3.0, 0.0, 0.0]]]
            ),
            torch.tensor([[2, 1], [0, 0]]),
            "Powers of large logits overflow (and of very negative ones underflow). Use log_softmax or logsumexp, which are stable.",
        )
