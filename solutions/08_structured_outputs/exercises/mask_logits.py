"""Exercise `mask_logits`: tokens that are not allowed get the logit -inf, and with it the probability 0."""

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
HINTS = (
    """Begin with a new tensor that is `-inf` everywhere, and copy into it what may stay. Or say
for each of the V tokens whether it is allowed. With `...` in front, an index reaches the
last dimension of vectors and of batches alike.""",
    """`masked = torch.full_like(logits, -torch.inf)`, then `masked[..., ids] = logits[..., ids]`
with `ids = sorted(allowed_ids)`. Before that, raise the `ValueError` when `allowed_ids` is
empty.""",
)
EXPLANATION = """
The solution makes a new tensor of `-inf` and copies the allowed logits into it, so the input stays as it was and the
allowed logits are not even rounded. `-inf` is the one number whose softmax is exactly 0 whatever the others are: a large
negative number such as -1e9 fails when the allowed logits are small, and 0 is larger than many logits. Multiplying by a
mask fails twice: it gives 0 for the others, or NaN for `0 * -inf`. An empty set is refused here, where the sentence can
still say why; the softmax of nothing but `-inf` would be NaN, many steps later.
"""

# %% helpers
import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    check_refused,
    inputs_unchanged,
    other_shape,
)


def known_mistakes(logits, keep):
    """Return what the usual mistakes make of the logits (..., V); `keep` (V,) is true for allowed tokens."""
    want = torch.where(keep, logits, -torch.inf)
    ids = keep.nonzero()[:, 0].tolist()
    between = torch.tensor([ids[0] <= token <= ids[-1] for token in range(len(keep))])
    return {
        "The other logits became 0: that is larger than many logits, so these tokens keep a probability. They must be "
        "-inf.": torch.where(keep, logits, 0.0),
        "The others got a large negative number. Only -inf gives the probability 0 for certain; it is finite, and a "
        "row of such numbers hides mistakes.": lambda got: (
            got.shape == want.shape
            and bool(got.isfinite().all())
            and bool((got[..., ~keep] < -1e4).all())
        ),
        "The allowed tokens are masked, and the others are not: it is inverted.": torch.where(
            keep, -torch.inf, logits
        ),
        "These are probabilities or log-probabilities: leave out the softmax. The allowed logits stay as they were.": AnyOf(
            want.softmax(-1), want.log_softmax(-1), torch.where(keep, logits.softmax(-1), 0.0)
        ),
        "The allowed logits must stay as they were; yours are all 0.": torch.where(keep, 0.0, want),
        "An allowed logit of exactly 0 was lost: 0 is a logit like others, and no sign of a masked token.": torch.where(
            logits == 0, -torch.inf, want
        ),
        "There is a NaN: 0 * -inf is no number. Use masked_fill or torch.where.": lambda got: bool(
            got.isnan().any()
        ),
        "The sign is wrong: +inf makes a token certain. The others must be -inf (minus).": torch.where(
            keep, logits, torch.inf
        ),
        "All ids between the smallest and the largest are kept. Only the ids in the set are allowed.": torch.where(
            between, logits, -torch.inf
        ),
        "The last id of the vocabulary is lost: it is an id like others.": torch.where(
            torch.arange(len(keep)) == len(keep) - 1, -torch.inf, want
        ),
        "The ids are shifted by one: they count from 0, as an index does.": torch.where(
            keep.roll(-1), logits, -torch.inf
        ),
        "The shape changed: keep all V logits, not only the allowed ones.": other_shape(
            *logits.shape
        ),
    }


# %% examples
def examples(check):
    logits = torch.tensor([1.0, 0.0, 3.0, -2.0])
    masked = [-torch.inf, 0.0, -torch.inf, -2.0]
    check(lambda: mask_logits(logits, {1, 3}), masked, "logits [1, 0, 3, -2], allowed ids {1, 3}")
    batch = torch.stack([logits, logits + 1])
    check(lambda: mask_logits(batch, {2})[1], [-torch.inf, -torch.inf, 4.0, -torch.inf], "a batch")
    check.refused(lambda: mask_logits(logits, set()), "An empty set of allowed ids")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    logits, keep = torch.tensor([1.0, 0.0, 3.0, -2.0]), torch.tensor([False, True, False, True])
    last = "logits may have leading batch dimensions: the ids belong to the last dimension, the vocabulary."
    return {
        "logits [1, 0, 3, -2], allowed ids {1, 3}": Diagnosis(
            known_mistakes(logits, keep),
            "Allowed logits stay as they were, all others become -inf.",
        ),
        "a batch": Diagnosis(otherwise=last, if_raises=last),
        "An empty set of allowed ids": Diagnosis(
            otherwise="With nothing allowed there is no distribution."
        ),
    }


# %% graded: 2 points | vectors and batches.
def test_the_allowed_logits_stay_and_all_others_are_minus_infinity() -> None:
    V = case_rng("mask_logits", "V").randint(70, 130)
    for case, shape in enumerate([(6,), (7, 7), (2, 9), (3, 2, 8), (1, V)]):
        rng = case_rng("mask_logits", case)
        allowed = set()
        # No run of neighbours, so that a range from the smallest to the largest id is something else.
        while len(allowed) < 3 or max(allowed) - min(allowed) < 3 or (case == 0 and 5 not in allowed):
            allowed = set(rng.sample(range(shape[-1]), 3))
        keep = torch.tensor([token in allowed for token in range(shape[-1])])
        logits = 0.7 + case_tensor("mask_logits", f"logits {case}", *shape, scale=3.0).double()
        logits[..., sorted(allowed)[1]] = 0.0
        want = torch.where(keep, logits, -torch.inf)
        rows = {
            "Rows of the batch were masked. The ids belong to the last dimension, the vocabulary.": lambda got: (
                len(shape) > 1 and bool((got.isinf() != want.isinf()).any())
            )
        }
        check(
            lambda: mask_logits(logits.clone(), set(allowed)),
            want,
            f"logits of shape {shape}, allowed ids {sorted(allowed)}",
            mistakes=lambda: known_mistakes(logits, keep) | rows,
            otherwise="Allowed logits stay as they were, all others become -inf, along the last dimension.",
            if_raises="logits may have any number of leading batch dimensions; the ids belong to the last one.",
        )


# %% graded: 1 point | the empty set; inputs that stay as they were; one id, all ids, float32.
def test_an_empty_set_is_refused_and_the_input_is_left_alone() -> None:
    for shape in ((5,), (2, 5)):
        check_refused(
            lambda: mask_logits(torch.zeros(shape), set()),
            f"An empty set of allowed ids, for logits of shape {shape},",
            "With nothing allowed there is no distribution.",
        )
    rule = "Allowed logits stay as they were, all others become -inf."
    given = {0, 2, 3}
    with inputs_unchanged(given):
        check(
            lambda: mask_logits(torch.tensor([0.5, 2.0, 1.0, 3.0]), given),
            [0.5, -torch.inf, 1.0, 3.0],
            "allowed ids {0, 2, 3}",
            otherwise=rule,
        )
    check(
        lambda: mask_logits(torch.tensor([-torch.inf, 2e4, -3e4, 7.0]), {0, 1, 2}),
        [-torch.inf, 2e4, -3e4, -torch.inf],
        "allowed logits -inf, 20000 and -30000",
        otherwise="Allowed logits stay as they were, however large or small: clamp nothing.",
    )
    for size in (5, 3, 8):
        size_hint = "V is the size of these logits: the mask of an earlier call does not fit, not even for the same ids."
        check(
            lambda: mask_logits(torch.ones(size), {0, 2}),
            [1.0, -torch.inf, 1.0] + [-torch.inf] * (size - 3),
            f"the same allowed ids {{0, 2}} again, now for {size} logits",
            otherwise=size_hint,
            if_raises=size_hint,
        )
    vector = torch.tensor([0.5, -1.5, 0.0, 1.0])
    batch = torch.tensor([[0.5, -1.5, 2.5, 1.0], [3.0, 0.25, -4.0, 0.0]])
    id_0 = "The set {0} is not empty: 0 is an id like others, though it is falsy."
    for logits, ids, hint in ((vector, {0, 2}, rule), (batch, {0, 3}, rule), (vector, {3}, rule), (vector, {0}, id_0),
                              (batch, {0, 1, 2, 3}, rule)):  # fmt: skip
        keep = torch.tensor([token in ids for token in range(4)])
        with inputs_unchanged(logits):
            check(
                lambda: mask_logits(logits, set(ids)),
                torch.where(keep, logits, -torch.inf),
                f"float32 logits of shape {tuple(logits.shape)}, allowed ids {ids}",
                otherwise=hint,
                if_raises=hint,
            )
