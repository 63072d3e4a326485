"""Exercise `masked_cross_entropy`: the loss of what the model is to write, and of nothing else."""

# %% solution
import torch
import torch.nn.functional as F
from torch import Tensor


def masked_cross_entropy(logits: Tensor, labels: Tensor, ignore_index: int = -100) -> Tensor:
    """Return the mean cross-entropy in nats of the counted labels, each judged one position before.

    Args:
        logits: (B, T, V); those at position t predict the label at t + 1.
        labels: (B, T); where they are `ignore_index`, nothing is counted.

    No counted target gives 0.0, with a gradient of 0.
    """
    ### BEGIN SOLUTION
    targets = labels[:, 1:].flatten()
    scores = logits[:, :-1].flatten(0, 1)
    total = F.cross_entropy(scores, targets, ignore_index=ignore_index, reduction="sum")
    return total / (targets != ignore_index).sum().clamp(min=1)
    ### END SOLUTION


# %% hints
HINTS = (
    "Which position has to predict a label? And what is a mean over no targets at all?",
    (
        "Pair logits `[:, :-1]` with labels `[:, 1:]`, sum with `F.cross_entropy(...,"
        ' ignore_index=ignore_index, reduction="sum")`, and divide by the number of counted'
        " targets, or by 1 where there is none."
    ),
)
EXPLANATION = """
Ignored positions drop out of the sum and out of the count, so long prompts do not make the loss
small. The mean is over all counted targets of the batch: with a mean of each row's mean, a token of a
short answer would weigh more. A batch without targets happens when answers are cut off; a mean over
nothing is NaN, and one NaN gradient destroys all weights. A sum of 0, divided by 1, keeps the graph and
gives a gradient of 0.
"""

# %% helpers
import math

import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    inputs_unchanged,
    not_finite,
)

MEAN = "The mean over counted targets of -log p(label at t + 1), with p from the logits at t."
NOTHING = "No target counts: the loss is 0.0 then, not NaN; do not divide by a number of 0."


def negative_logs(scores, targets, counted):
    """Minus log p of the counted targets (others 0), in double precision."""
    logs = scores.double().log_softmax(-1)
    return -logs.gather(-1, targets.where(counted, 0)[..., None])[..., 0].where(counted, 0.0)


def mean_of(scores, targets, counted):
    return float(negative_logs(scores, targets, counted).sum() / counted.sum().clamp(min=1))


def right_loss(logits, labels, ignore=-100):
    targets = labels[:, 1:]
    return mean_of(logits[:, :-1], targets, targets != ignore)


def wrong_losses(logits, labels, ignore=-100):
    def values():
        B, T, V = logits.shape
        targets, scores = labels[:, 1:], logits[:, :-1]
        counted = targets != ignore
        losses, right = negative_logs(scores, targets, counted), right_loss(logits, labels, ignore)
        count, rows = int(counted.sum()), counted.sum(-1)
        total, some = right * count, rows > 0
        row_means = losses.sum(-1)[some] / rows[some]
        everything = torch.ones_like(counted)
        twice = scores.double().softmax(-1)
        valid = targets.clamp(0, V - 1)
        early = labels[:, :-1] != ignore
        here = labels != ignore
        return {
            "Not shifted: the logits at t predict the label at t + 1.": mean_of(
                logits, labels, here
            ),
            "Shifted the wrong way: the logits at t predict the label after, not the one before (back).": mean_of(
                logits[:, 1:], labels[:, :-1], early
            ),
            "The last position predicts nothing that is there, above all not the first label.": (
                mean_of(logits, labels.roll(-1, 1), labels.roll(-1, 1) != ignore)
            ),
            "Flattened before the shift, so that the end of a text predicts the start of the next: shift each row.": (
                mean_of(logits.flatten(0, 1)[:-1], labels.flatten()[1:], here.flatten()[1:])
            ),
            "Shifted by two: the logits at t predict the label at t + 1.": (
                mean_of(logits[:, :-2], labels[:, 2:], labels[:, 2:] != ignore) if T > 2 else right
            ),
            "The sum is divided by all positions: divide by the number of counted targets.": AnyOf(
                total / (B * (T - 1)), total / (B * T)
            ),
            "The mean is divided once more: cross_entropy has divided by the number of targets already.": (
                right / max(count, 1)
            ),
            "The divisor is the number of counted targets, with nothing added: it is 1 only where that is 0.": (
                total / (count + 1)
            ),
            "The number of targets is counted before the shift: a label at the first position is no target.": (
                total / max(int(here.sum()), 1)
            ),
            "This is a mean of each row's mean: take one mean over all counted targets of the batch.": AnyOf(
                *((float(row_means.mean()), float(row_means.sum() / B)) if len(row_means) else ())
            ),
            "A mean over the counted targets is due, no sum.": AnyOf(
                total, total / B, total / max(int(some.sum()), 1)
            ),
            "ignore_index is an argument: ignored are the labels equal to it, not those of -100 and not each below 0 or below it.": (
                AnyOf(
                    mean_of(scores, valid, targets != -100),
                    mean_of(scores, valid, targets >= 0),
                    mean_of(scores, valid, counted & (targets > ignore)),
                    # The loss ignores -100, and the number of targets is the right one.
                    float(negative_logs(scores, valid, targets != -100).sum() / max(count, 1)),
                )
                if ignore != -100
                else right  # left out below
            ),
            "Nothing is ignored: labels that are ignore_index do not count.": AnyOf(
                mean_of(scores, valid, everything),
                mean_of(scores, targets.where(counted, 0), everything),
                mean_of(scores, targets % V, everything),
            ),
            "The first counted target of each row is left out: move the mask on together with the labels.": AnyOf(
                mean_of(scores, valid, early & counted),
                mean_of(scores, targets, counted & (counted.cumsum(-1) > 1)),
            ),
            "The mask is not shifted with the labels: it belongs to the target at t + 1.": (
                mean_of(scores, valid, early)
            ),
            "An id of 0 is a label like any other, unless ignore_index is 0.": mean_of(
                scores, targets, counted & (targets > 0)
            ),
            "These are bits: use the natural logarithm, for nats.": right / math.log(2),
            "A softmax was taken twice: cross_entropy takes logits.": mean_of(
                twice, targets, counted
            ),
            "This is the perplexity: return its logarithm, the loss.": math.exp(min(right, 700)),
            "The sign: a loss is the negative logarithm of a probability.": -right,
            "The last counted target of each row is left out: it is the end of the answer, and counts.": mean_of(
                scores, targets, counted & (counted.flip(-1).cumsum(-1).flip(-1) > 1)
            ),
            "The last position of each row is left out: its label counts as well.": mean_of(
                scores[:, :-1], targets[:, :-1], counted[:, :-1]
            ),
            "Every text of the batch counts, not only the first.": mean_of(
                scores[:1], targets[:1], counted[:1]
            ),
            "Return one number for the batch: a mean over all counted targets.": lambda got: (
                tuple(got.shape) != ()
            ),
        }

    def different():
        right = right_loss(logits, labels, ignore)
        return {
            hint: wrong
            for hint, wrong in values().items()
            if not (isinstance(wrong, float) and abs(wrong - right) < 1e-4 * (1 + abs(right)))
        }

    return different


def drawn_labels(rng, B, T, V, ignore=-100):
    """Prompts and answers of several lengths, padded on the right; every row has a target."""
    labels = torch.full((B, T), ignore)
    for row in range(B):
        start = rng.randint(2, T - 3)
        end = rng.randint(start + 2, T)
        for t in range(start, end):
            labels[row, t] = rng.choice([one for one in range(V) if one != ignore])
    return labels


def gradient_of(values, labels, ignore=-100):
    leaf = values.clone().requires_grad_()
    masked_cross_entropy(leaf, labels, ignore).backward()
    return leaf.grad


# %% examples
def examples(check):
    flat, sure = torch.zeros(1, 4, 8), torch.tensor([[[0, 9.0], [9.0, 0], [0, 9.0]]])
    check(lambda: masked_cross_entropy(flat, torch.tensor([[-100] * 2 + [3, 5]])), 2.07944, "log 8")
    check(lambda: masked_cross_entropy(sure, torch.tensor([[-100, 1, 0]])), 0.000123, "sure, right")
    check(lambda: masked_cross_entropy(sure, torch.tensor([[0, -100, 1]])), 9.000123, "sure, wrong")
    check(lambda: masked_cross_entropy(sure, torch.full((1, 3), -100)), 0.0, "nothing to learn")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    sure = torch.tensor([[[0, 9.0], [9.0, 0], [0, 9.0]]])
    some, one = torch.tensor([[-100, 1, 0]]), torch.tensor([[0, -100, 1]])
    return {
        "log 8": Diagnosis(
            {
                "These are bits: nats are due.": 3.0,
                "The sum is divided by all positions: divide by the number of counted targets.": (
                    AnyOf(math.log(8) * 2 / 3, math.log(8) * 2 / 4)
                ),
                "A mean over the counted targets is due, no sum.": 2 * math.log(8),
                "This is the perplexity: return its logarithm, the loss.": 8.0,
            },
            MEAN,
        ),
        "sure, right": Diagnosis(
            {
                "Not shifted, or the wrong way: the logits at t predict the label at t + 1.": (
                    lambda got: float(got) > 2
                ),
            }
            | wrong_losses(sure, some)(),
            MEAN,
        ),
        "sure, wrong": Diagnosis(
            {
                "Not shifted: the logits at t predict the label at t + 1.": lambda got: (
                    0 < float(got) < 0.001
                ),
            }
            | wrong_losses(sure, one)(),
            MEAN,
        ),
        "nothing to learn": Diagnosis({NOTHING: not_finite}, NOTHING),
    }


# %% graded: 2 points | the mean over the counted targets of a batch.
def test_mean_over_counted_targets() -> None:
    rng = case_rng("masked_cross_entropy", 1)
    for case in range(5):
        B, T, V = rng.randint(3, 6), rng.randint(8, 14) if case else 90, rng.randint(6, 90)
        logits = case_tensor("masked_cross_entropy", 10 + case, (B, T, V)) * 2
        labels = drawn_labels(rng, B, T, V)
        labels[0, 2:4] = 1 + case % 3  # two targets in the first row, more in another
        labels[0, 4:], labels[1, 1:6] = -100, torch.tensor([0, 2, 1, 4, 3])
        with inputs_unchanged(logits, labels):
            check(
                lambda: masked_cross_entropy(logits, labels),
                right_loss(logits, labels),
                f"B {B}, T {T}, V {V}, {int((labels[:, 1:] != -100).sum())} counted targets",
                mistakes=wrong_losses(logits, labels),
                otherwise=MEAN,
                rtol=1e-4,
            )
    for B, T in ((1, 6), (3, 5), (1, 2)):
        V = rng.randint(6, 20)
        logits = case_tensor("masked_cross_entropy", f"one target {B} {T}", (B, T, V)) * 2
        labels = torch.full((B, T), -100)
        labels[-1, rng.randint(1, T - 1)] = rng.randint(1, V - 1)
        check(
            lambda: masked_cross_entropy(logits, labels),
            right_loss(logits, labels),
            f"B {B}, T {T}, V {V}, a single counted target",
            mistakes=wrong_losses(logits, labels),
            otherwise="A single counted target counts too: the mean is its own loss.",
            if_raises="A single counted target counts too: mind a squeeze that takes a dimension away.",
            rtol=1e-4,
        )


# %% graded: 1 point | a label at the first position, another ignore_index, large logits.
def test_first_labels_other_index_large_logits() -> None:
    rng = case_rng("masked_cross_entropy", 2)
    for case, (ignore, scale) in enumerate(
        ((-100, 2.0), (0, 2.0), (-1, 2.0), (3, 2.0), (-100, 200.0), (255, 2.0))
    ):
        B, T, V = 4, rng.randint(8, 12), rng.randint(8, 70)
        logits = case_tensor("masked_cross_entropy", 20 + case, (B, T, V)) * scale
        labels = drawn_labels(rng, B, T, V, ignore)
        labels[0, 0], labels[1, 0] = 1, 2  # nothing predicts these
        labels[2, -1] = 5  # and this one counts
        large = (
            "For large logits take log-sum-exp (log_softmax, cross_entropy), no logarithm of a"
            " softmax."
        )
        with inputs_unchanged(logits, labels):
            check(
                lambda: masked_cross_entropy(logits, labels, ignore_index=ignore),
                right_loss(logits, labels, ignore),
                f"ignore_index {ignore}, logits of size {scale:g}, labels at the first position",
                mistakes=wrong_losses(logits, labels, ignore),
                otherwise=large if scale > 100 else MEAN,
                if_raises="ignore_index may be any number, an id of the vocabulary or one beyond it.",
                rtol=1e-4,
            )


# %% graded: 1 point | no counted target: a loss of 0.0 and a gradient of 0.
def test_nothing_to_learn() -> None:
    rng = case_rng("masked_cross_entropy", 3)
    only_first = torch.full((3, 7), -100)
    only_first[:, 0] = rng.randrange(5)
    for labels, what in (
        (torch.full((3, 7), -100), "all labels ignored"),
        (only_first, "labels at the first position only, which nothing predicts"),
        (only_first[:, :1], "texts of one token, which nothing predicts"),
    ):
        logits = 200 * case_tensor("masked_cross_entropy", 30, (3, labels.shape[1], 5))
        check(
            lambda: masked_cross_entropy(logits, labels),
            0.0,
            what,
            mistakes={
                NOTHING: not_finite,
                "Return one number, a tensor without dimensions.": lambda got: (
                    tuple(got.shape) != ()
                ),
                "A label at the first position is no target: nothing stands before it.": (
                    lambda got: float(got) > 0.01
                ),
            },
            otherwise=NOTHING,
            if_raises=NOTHING,
        )
        check(
            lambda: gradient_of(logits, labels),
            torch.zeros_like(logits),
            f"the gradient with {what}",
            mistakes={
                "The gradient is NaN: one such batch destroys all weights. Divide by 1 where nothing counts.": (
                    not_finite
                ),
                "There is no gradient: the loss must hang together with the logits, also when it is 0.": (
                    lambda got: got is None
                ),
            },
            otherwise="Nothing is learned from such a batch: the gradient is 0 everywhere.",
            if_raises=(
                "Return a tensor that hangs together with the logits, such as a sum of nothing,"
                " and not a new 0."
            ),
        )


# %% graded: 1 point | gradients reach the logits before counted targets, and no others.
def test_gradients_at_counted_targets_only() -> None:
    rng = case_rng("masked_cross_entropy", 4)
    for case in range(2):
        B, T, V = 3, rng.randint(7, 10), rng.randint(6, 12)
        values = case_tensor("masked_cross_entropy", 40 + case, (B, T, V))
        labels = drawn_labels(rng, B, T, V)
        labels[0, -1] = 1  # the last position counts
        labels[2] = -100  # a row without a target
        counted = labels[:, 1:] != -100
        hit = torch.nn.functional.one_hot(labels[:, 1:].where(counted, 0), V)
        want = torch.zeros(B, T, V)
        want[:, :-1] = (values[:, :-1].softmax(-1) - hit) * counted[..., None] / counted.sum()
        check(
            lambda: masked_cross_entropy(values, labels),
            right_loss(values, labels),
            "the loss, one row without a target",
            mistakes={
                "The loss is NaN: a row without a target gives a mean over nothing.": not_finite,
                **wrong_losses(values, labels)(),
            },
            otherwise=MEAN,
            rtol=1e-4,
        )
        check(
            lambda: gradient_of(values, labels),
            want,
            "the gradient with respect to the logits, one row without a target",
            otherwise=(
                "The gradient is wrong: at the position before a counted target it is the softmax"
                " minus the one-hot label, over the number of counted targets, and 0 elsewhere."
            ),
            if_raises=(
                "Training needs the gradient: return a tensor that hangs together with the logits"
                " (no `item`, no `detach`)."
            ),
            rtol=1e-3,
            atol=1e-6,
        )
