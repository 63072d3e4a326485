"""Exercise `ClassifierHead`: class logits from the last real token of each row, whichever side is padded."""

# %% solution
import torch
from torch import Tensor, nn


class ClassifierHead(nn.Module):
    """Class logits from the hidden state of each row's last real token.

    Args:
        d_model: dimension D of the hidden states.
        n_classes: number of classes C.
    """

    def __init__(self, d_model: int, n_classes: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.linear = nn.Linear(d_model, n_classes)
        ### END SOLUTION

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Return logits (B, C).

        Args:
            hidden: hidden states (B, T, D).
            mask: (B, T), 1 for real tokens and 0 for padding.
        """
        ### BEGIN SOLUTION
        positions = torch.arange(hidden.shape[1], device=hidden.device)
        last = (positions * mask).argmax(dim=1)
        rows = torch.arange(len(hidden), device=hidden.device)
        return self.linear(hidden[rows, last])
        ### END SOLUTION


# %% hints
HINTS = (
    """The layer is one `nn.Linear(d_model, n_classes)`. The work is to find each row's last
position with a 1 in the mask. Where is the largest of `position * mask`?""",
    """`last = (torch.arange(T) * mask).argmax(dim=1)` is the position of the last real token in
each row, whichever side is padded. Read `hidden[torch.arange(B), last]`, of shape (B, D),
and give it to the linear layer.""",
)
EXPLANATION = """
Positions times the mask are 0 for padding and grow along the real tokens, so their argmax is the last real one, on
whichever side the padding stands. Counting the ones in the mask works for padding on the right only, and the last
position for padding on the left only. In a causal transformer only that token has seen the whole text; a mean over the
text would dilute it. The head returns logits, because the loss (cross entropy) takes the softmax itself.
"""

# %% helpers
import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    inputs_unchanged,
)

PADDING = "You read the last position, which is padding in rows that are padded on the right. Read the last real token."
FIRST_PADDING = "You read the position (number of real tokens), one too far, and it is wrong for padding on the left."
CANNOT_TRAIN = (
    "The head cannot be trained: its parameters must be nn.Parameters (or in an nn.Linear), and the logits computed from "
    "them."
)


def logits_of(head, hidden, mask):
    """Call the head with a mask of integers, or of booleans where it needs those."""
    try:
        return head(hidden.clone(), mask.clone())
    except (RuntimeError, TypeError, IndexError):
        return head(hidden.clone(), mask.bool())


def random_head(case, D, C):
    """Return a head of the answer with random parameters, whatever it has begun with."""
    head = ClassifierHead(D, C)
    head.eval()
    logits_of(head, torch.zeros(1, 1, D), torch.ones(1, 1, dtype=torch.long))
    with torch.no_grad():
        for number, parameter in enumerate(head.parameters()):
            parameter.copy_(case_tensor("ClassifierHead", f"{case} {number}", *parameter.shape))
    return head


def check_last(case, hidden, mask, last, C, what, mistakes, otherwise):
    """Check that logits are those of the last real tokens alone, as texts of one token each.

    `mistakes` is a function from the head to hints and the vectors (B, D) that a wrong head reads.
    """
    B, T, D = hidden.shape
    kept = {}

    def read(vectors):
        return logits_of(kept["head"], vectors[:, None], torch.ones(B, 1, dtype=torch.long))

    def difference():
        kept["head"] = random_head(case, D, C)
        found = kept["found"] = logits_of(kept["head"], hidden, mask)
        # Text by text: a row of a batch must not depend on the others, and one text is a batch too.
        one, ends = torch.ones(1, 1, dtype=torch.long), hidden[torch.arange(B), last]
        alone = torch.cat([logits_of(kept["head"], end[None, None], one) for end in ends])
        if tuple(found.shape) != (B, C):
            return tuple(found.shape)
        if tuple(alone.shape) != (B, C):
            return "one text"
        return (
            (found - alone).abs().max().item()
            if (alone - alone[:1]).abs().max() > 1e-3
            else "the same for every text"
        )

    def was(*readings):
        return AnyOf(
            *(
                lambda got, one=one: torch.allclose(kept["found"], read(one), rtol=1e-4, atol=1e-4)
                for one in readings
            )
        )

    check(
        difference,
        0.0,
        f"{what}: difference from the logits of the last real token alone",
        atol=1e-4,
        mistakes=lambda: {
            "The shape must be (B, C): one row of logits per text, from its last real token, not one per position.": (
                B,
                T,
                C,
            ),
            "A logit for each of n_classes classes is due, (B, C), for one class too: no argmax, no squeeze.": (
                B,
            ),
            "These are d_model numbers for each text, (B, D): a linear layer makes n_classes logits of them, (B, C).": (
                lambda got: got == (B, D) and D != C
            ),
            "A logit for each of n_classes classes is due: the shape must be (B, C).": lambda got: (
                isinstance(got, tuple)
            ),
            "The shape is (B, C) for a batch of one text too: leave out the squeeze.": "one text",
            "The logits are the same for every text: they must come from its hidden states.": "the same for every text",
            **{hint: was(*readings) for hint, readings in mistakes.items()},
        },
        otherwise=otherwise,
        if_raises="hidden has the shape (B, T, D), mask the shape (B, T) with integers; the result has the shape (B, C).",
    )


# %% examples
def examples(check):
    text, last, pad = torch.randn(1, 2, 6), torch.randn(1, 1, 6), torch.randn(1, 2, 6)

    def gap(parts, *mask):
        head = ClassifierHead(6, 3).eval()
        alone = head(last, torch.ones(1, 1, dtype=torch.uint8))  # a text of one token
        return head(torch.cat(parts, 1), torch.tensor([mask], dtype=torch.uint8)) - alone

    check(lambda: gap([text, last, pad], 1, 1, 1, 0, 0), [[0.0] * 3], "padding on the right")
    check(lambda: gap([pad, text, last], 0, 0, 1, 1, 1), [[0.0] * 3], "padding on the left")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    shape = {
        "A logit for each of n_classes classes is due, one row per text: the shape is (B, C).": lambda got: (
            tuple(got.shape) != (1, 3)
        )
    }
    integers = (
        "The mask holds integers: `mask.bool()` turns it into truth values where you need them."
    )
    last = (
        "The logits must come from the last real token alone, the last 1 of the mask in each row."
    )
    return {
        "padding on the right": Diagnosis(
            shape, f"{last} The last position is padding here.", integers
        ),
        "padding on the left": Diagnosis(
            shape, f"{last} The number of real tokens does not tell where they stand.", integers
        ),
    }


# %% graded: 2 points | the last real token, with padding on the right.
def test_the_last_real_token_with_padding_on_the_right() -> None:
    for case, (B, T, D, C) in enumerate([(4, 7, 8, 3), (3, 6, 5, 2), (2, 4, 6, 6), (3, 302, 5, 3), (4, 5, 4, 1)]):
        rng = case_rng("ClassifierHead", case)
        hidden = case_tensor("ClassifierHead", f"hidden {case}", B, T, D)
        lengths = [3, T - 1, *(rng.randint(2, T - 1) for _ in range(B - 2))]
        rng.shuffle(lengths)
        mask = torch.tensor(
            [[int(position < length) for position in range(T)] for length in lengths]
        )
        rows, last, real = torch.arange(B), torch.tensor(lengths) - 1, mask[..., None].float()
        mean = (hidden * real).sum(1) / real.sum(1)
        check_last(
            case,
            hidden,
            mask,
            last,
            C,
            f"padding on the right, real tokens {lengths} of {T}",
            {
                PADDING: [hidden[:, -1], (hidden * real)[:, -1]],
                FIRST_PADDING: [hidden[rows, last + 1]],
                "You read the token before the last real one: off by one (one too early).": [
                    hidden[rows, last - 1]
                ],
                "You read the first token. It has seen nothing but itself; read the last real one.": [
                    hidden[:, 0]
                ],
                "You pooled the text (a mean, a sum or a max over time). Read the last real token alone.": [
                    mean,
                    hidden.mean(1),
                    (hidden * real).sum(1),
                    hidden.masked_fill(mask[..., None] == 0, -torch.inf).amax(1),
                ],
                "One position was read for the whole batch. Each row has a last real token of its own.": list(
                    hidden.unbind(1)
                ),
                "The position was counted from the end and not turned back (flip).": [
                    hidden[rows, torch.tensor([T - length for length in lengths])]
                ],
            },
            "The logits of a row must come from its last real token and from nothing else.",
        )
    check(
        lambda: len(list(ClassifierHead(6, 3).parameters())) > 0,
        True,
        "whether the head has parameters",
        otherwise=CANNOT_TRAIN,
    )


# %% graded: 2 points | padding on the left, and on both kinds of side within one batch.
def test_padding_on_either_side_within_one_batch() -> None:
    sides_of = {"L": "left", "R": "right", "N": "none"}
    for case, sides in enumerate(("LLL", "LRL", "RLR", "RLN", "LNL", "RNL")):
        rng = case_rng("ClassifierHead", f"sides {case}")
        B, T = len(sides), 70 if case == 3 else 6
        hidden = case_tensor("ClassifierHead", f"sides {case}", B, T, 7)
        mask, last = torch.zeros(B, T, dtype=torch.long), []
        for row, (side, length) in enumerate(zip(sides, rng.sample(range(2, T), B))):
            begin, stop = {"L": (T - length, T), "R": (0, length), "N": (0, T)}[side]
            mask[row, begin:stop] = 1
            last.append(stop - 1)
        rows, counts = torch.arange(B), mask.sum(1)
        check_last(
            f"sides {case}",
            hidden,
            mask,
            last,
            4,
            f"rows padded on the sides {', '.join(sides_of[side] for side in sides)}",
            {
                "You read position (number of real tokens - 1), which is wrong for padding on the left.": [
                    hidden[rows, counts - 1]
                ],
                PADDING: [hidden[:, -1]],
                "You read the first real token. Read the last one.": [hidden[rows, mask.argmax(1)]],
                FIRST_PADDING: [hidden[rows, counts.clamp(max=T - 1)]],
            },
            "Each row has a last real token of its own, and padding on its own side, left or right: do not take the side "
            "from another row or from the whole batch. Only the mask tells.",
        )


# %% graded: 1 point | logits and no probabilities; a head that can be trained.
def test_logits_that_can_be_trained() -> None:
    hidden = case_tensor("ClassifierHead", "logits", 40, 3, 6, scale=4.0)
    mask = torch.tensor([[1, 1, 0], [0, 1, 1]]).repeat(20, 1)

    def kind():
        """Say in a word what the head returns."""
        found = logits_of(random_head("logits", 6, 3), hidden, mask).detach()
        if torch.allclose(found.exp().sum(-1), torch.ones(40), atol=1e-4):
            return "log-probabilities"
        if found.min() >= 0 and found.max() > 1:
            return "never below 0"
        return "between 0 and 1" if bool(((found >= 0) & (found <= 1)).all()) else "logits"

    check(
        kind,
        "logits",
        "what the head returns for 40 texts",
        mistakes={
            "These are log-probabilities: leave out the (log-)softmax, and return logits.": "log-probabilities",
            "Logits may be below 0: leave out the ReLU or the absolute value.": "never below 0",
            "All values lie between 0 and 1, as probabilities do: leave out the softmax or sigmoid, and return "
            "logits.": "between 0 and 1",
        },
    )

    def called():
        """Call the head with the tensors themselves, and return whether anything came back."""
        head = ClassifierHead(6, 3)
        try:
            return head(hidden, mask) is not None
        except (RuntimeError, TypeError, IndexError):
            return head(hidden, mask.bool()) is not None

    with inputs_unchanged(hidden, mask):
        check(called, True, "the head, called with 40 texts")

    def trainable():
        """Return whether a loss reaches the head's parameters."""
        head = ClassifierHead(6, 3)
        torch.nn.functional.cross_entropy(
            logits_of(head, hidden, mask), torch.arange(40) % 3
        ).backward()
        return any(bool((one.grad != 0).any()) for one in head.parameters() if one.grad is not None)

    check(
        trainable,
        True,
        "whether a loss has a gradient in the head's parameters",
        otherwise=CANNOT_TRAIN,
        if_raises=CANNOT_TRAIN,
    )
