"""Exercise `mask_logits` of notebook 08."""

# %% solution
import torch
from torch import Tensor


def mask_logits(logits: Tensor, allowed_ids: set[int]) -> Tensor:
    """Return the logits with -inf for all tokens but the allowed ones.

    Args:
        logits: (..., V).
        allowed_ids: ids of the tokens that may be sampled, in every row.

    Returns:
        (..., V), a new tensor.

    Raises:
        ValueError: no id is allowed.
    """
    ### BEGIN SOLUTION
    if not allowed_ids:
        raise ValueError(f"allowed_ids must hold at least one id, got {allowed_ids!r}")
    ids = sorted(allowed_ids)
    masked = torch.full_like(logits, -torch.inf)
    masked[..., ids] = logits[..., ids]
    return masked
    ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import torch

from utils.notebook.checks import (
    Diagnosis,
    case_rng,
    check,
    check_refused,
    inputs_unchanged,
)


# %% examples
def examples(check):
    check(
        lambda: mask_logits(torch.tensor([1.0, -2.0, 3.0, 0.5]), {1, 3}),
        torch.tensor([-torch.inf, -2.0, -torch.inf, 0.5]),
        "logits [1, -2, 3, 0.5], allowed ids {1, 3}",
    )
    check.refused(lambda: mask_logits(torch.zeros(4), set()), "An empty set of allowed ids")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["logits [1, -2, 3, 0.5], allowed ids {1, 3}"] = Diagnosis(
        mistakes={
            "The others became 0, which is larger than many logits. They must become -inf.": torch.tensor(
                [0.0, -2.0, 0.0, 0.5]
            ),
            "The allowed ones are masked. Mask all the others.": torch.tensor(
                [1.0, -torch.inf, 3.0, -torch.inf]
            ),
        }
    )
    return found


# %% graded: 2 points | vectors and batches.
def test_1() -> None:
    for case, shape in enumerate([(6,), (7, 7), (2, 9), (3, 2, 8), (1, 12)]):
        rng = case_rng("mask_logits", case)
        V = shape[-1]
        logits = 0.7 + 3 * torch.randn(
            shape, generator=torch.Generator().manual_seed(rng.getrandbits(40)), dtype=torch.float64
        )
        # No run of neighbours, so that a range from the smallest to the largest id is something else.
        allowed = set()
        while len(allowed) < 3 or max(allowed) - min(allowed) < 3:
            allowed = set(rng.sample(range(V), 3))
        keep = torch.tensor([token in allowed for token in range(V)])

        def with_others(value):
            return torch.where(keep, logits, torch.tensor(value, dtype=torch.float64))

        want = with_others(-torch.inf)
        low, high = min(allowed), max(allowed)
        between = torch.tensor([low <= token <= high for token in range(V)])
        check(
            lambda: mask_logits(logits.clone(), set(allowed)),
            want,
            f"logits of shape {shape}, allowed ids {sorted(allowed)}",
            mistakes={
                "The other logits became 0: that is larger than many logits, so these tokens keep a probability. They must be "
                "-inf.": with_others(0.0),
                "The others got a large negative number. Only -inf gives the probability 0 for certain; it is finite, and a "
                "row of such numbers hides mistakes.": lambda got: (
                    tuple(got.shape) == shape
                    and bool(torch.isfinite(got).all())
                    and bool((got[..., ~keep] < -1e4).all())
                ),
                "The allowed tokens are masked, and the others are not: it is inverted.": torch.where(
                    keep, -torch.inf, logits
                ),
                "These are probabilities: leave out the softmax, and return logits.": torch.softmax(
                    want, dim=-1
                ),
                "These are log-probabilities: leave out the softmax. The allowed logits stay as they were.": torch.log_softmax(
                    want, dim=-1
                ),
                "The allowed logits must stay as they were; yours are all 0.": torch.where(
                    keep, 0.0, want
                ),
                "There is a NaN: 0 * -inf is no number. Use masked_fill or torch.where.": (
                    lambda got: bool(torch.isnan(got).any())
                ),
                "The sign is wrong: +inf makes a token certain. The others must be -inf (minus).": with_others(
                    torch.inf
                ),
                "All ids between the smallest and the largest are kept. Only the ids in the set are allowed.": torch.where(
                    between, logits, -torch.inf
                ),
                "The ids are shifted by one: they count from 0, as an index does.": torch.where(
                    keep.roll(-1), logits, -torch.inf
                ),
                "The shape changed: keep all V logits, not only the allowed ones.": lambda got: (
                    tuple(got.shape) != shape
                ),
                "Rows of the batch were masked. The ids belong to the last dimension, the vocabulary.": (
                    lambda got: (
                        len(shape) > 1 and bool((torch.isinf(got) != torch.isinf(want)).any())
                    )
                ),
            },
            otherwise="Allowed logits stay as they were, all others become -inf, along the last dimension.",
            if_raises="logits may have any number of leading batch dimensions; the ids belong to the last one.",
        )


# %% graded: 1 point | the empty set; inputs that stay as they were; one id, all ids, float32.
def test_2() -> None:
    for shape in ((5,), (2, 5)):
        check_refused(
            lambda: mask_logits(torch.zeros(shape), set()),
            f"An empty set of allowed ids, for logits of shape {shape},",
            "With nothing allowed there is no distribution.",
        )
    vector = torch.tensor([0.5, -1.5, 2.5, 1.0])
    batch = torch.tensor([[0.5, -1.5, 2.5, 1.0], [3.0, 0.25, -4.0, 2.0]])
    for logits in (vector, batch):
        with inputs_unchanged(logits):
            check(
                lambda: mask_logits(logits, {0, 2}),
                torch.where(torch.tensor([True, False, True, False]), logits.clone(), -torch.inf),
                f"float32 logits of shape {tuple(logits.shape)}",
                otherwise="Allowed logits stay as they were, all others become -inf.",
            )
    check(
        lambda: mask_logits(vector.clone(), {3}),
        torch.tensor([-torch.inf, -torch.inf, -torch.inf, 1.0]),
        "a single allowed id",
    )
    check(
        lambda: mask_logits(vector.clone(), {0}),
        torch.tensor([0.5, -torch.inf, -torch.inf, -torch.inf]),
        "id 0 alone is allowed",
        otherwise="The set {0} is not empty: 0 is an id like others, though it is falsy.",
        if_raises="The set {0} is not empty: 0 is an id like others, though it is falsy.",
    )
    check(lambda: mask_logits(batch.clone(), {0, 1, 2, 3}), batch.clone(), "all ids allowed")
    check(
        lambda: torch.softmax(mask_logits(1e-3 * batch.clone() - 1e30, {1}), dim=-1),
        torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]),
        "the softmax when even the allowed logit is very small",
        otherwise="Only -inf has the probability 0 whatever the allowed logits are; a large negative number has not.",
    )
