"""Exercise `ClassifierHead` of notebook 08."""

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
        """Return logits (B, C) for hidden states (B, T, D) and a mask (B, T), 1 for real tokens and 0 for padding."""
        ### BEGIN SOLUTION
        positions = torch.arange(hidden.shape[1], device=hidden.device)
        last = (positions * mask).argmax(dim=1)
        rows = torch.arange(len(hidden), device=hidden.device)
        return self.linear(hidden[rows, last])
        ### END SOLUTION


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import torch

from utils.notebook.checks import Diagnosis, case_rng, check


# %% examples
def examples(check):

    def logits_of(head, hidden, mask):
        """Call the head with a mask of integers, or of booleans where it needs those."""
        try:
            return head(hidden, mask)
        except (RuntimeError, TypeError, IndexError):
            return head(hidden, mask.bool())

    check(
        lambda: tuple(
            logits_of(
                ClassifierHead(6, 3), torch.randn(2, 5, 6), torch.ones(2, 5, dtype=torch.long)
            ).shape
        ),
        (2, 3),
        "the shape of the logits for hidden states (2, 5, 6) and three classes",
    )

    def same_text_padded_twice():
        """Return the difference between the logits of a text that is padded on the right and on the left."""
        head = ClassifierHead(6, 3)
        head.eval()
        text, padding = (torch.randn(1, 3, 6), torch.randn(1, 2, 6))
        right = logits_of(head, torch.cat([text, padding], dim=1), torch.tensor([[1, 1, 1, 0, 0]]))
        left = logits_of(head, torch.cat([padding, text], dim=1), torch.tensor([[0, 0, 1, 1, 1]]))
        return (right - left).abs().max().item()

    check(
        same_text_padded_twice,
        0.0,
        "one text, padded on the right and on the left: the largest difference",
        atol=1e-05,
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}

    def logits_of(head, hidden, mask):
        """Call the head with a mask of integers, or of booleans where it needs those."""
        try:
            return head(hidden, mask)
        except (RuntimeError, TypeError, IndexError):
            return head(hidden, mask.bool())

    def same_text_padded_twice():
        """Return the difference between the logits of a text that is padded on the right and on the left."""
        head = ClassifierHead(6, 3)
        head.eval()
        text, padding = (torch.randn(1, 3, 6), torch.randn(1, 2, 6))
        right = logits_of(head, torch.cat([text, padding], dim=1), torch.tensor([[1, 1, 1, 0, 0]]))
        left = logits_of(head, torch.cat([padding, text], dim=1), torch.tensor([[0, 0, 1, 1, 1]]))
        return (right - left).abs().max().item()

    return found


# %% graded: 2 points | the last real token, with padding on the right.
def test_1() -> None:
    for case, (B, T, D, C) in enumerate([(4, 7, 8, 3), (3, 6, 5, 2), (2, 4, 6, 6)]):
        rng = case_rng("ClassifierHead", case)
        generator = torch.Generator().manual_seed(rng.getrandbits(40))
        hidden = torch.randn(B, T, D, generator=generator)
        lengths = [rng.randint(2, T - 1) for _ in range(B)]
        if case == 0:
            lengths[0], lengths[1] = 3, T - 1
        mask = torch.tensor(
            [[int(position < length) for position in range(T)] for length in lengths]
        )
        rows, last = torch.arange(B), torch.tensor(lengths) - 1
        real = mask[..., None].float()
        kept = {}

        def logits_of(head, hidden, mask):
            """Call the head with a mask of integers, or of booleans where it needs those."""
            try:
                return head(hidden.clone(), mask.clone())
            except (RuntimeError, TypeError, IndexError):
                return head(hidden.clone(), mask.bool())

        def made():
            """Make a head and give it random parameters, whatever it has begun with."""
            head = ClassifierHead(D, C)
            head.eval()
            logits_of(head, torch.zeros(1, 1, D), torch.ones(1, 1, dtype=torch.long))
            with torch.no_grad():
                for parameter in head.parameters():
                    parameter.copy_(torch.randn(parameter.shape, generator=generator))
            kept["head"] = head
            return head

        def beside_single(head):
            """Return the logits, and those of the last real tokens alone, as texts of one token."""
            found = logits_of(head, hidden, mask)
            alone = logits_of(head, hidden[rows, last][:, None], torch.ones(B, 1, dtype=torch.long))
            kept["alone"] = alone
            return found

        def pooled(vectors):
            """Return whether a value is what the head makes of these vectors (B, D)."""

            def is_it(got):
                other = logits_of(
                    kept["head"], vectors[:, None], torch.ones(len(vectors), 1, dtype=torch.long)
                )
                return got.shape == other.shape and torch.allclose(got, other, rtol=1e-4, atol=1e-4)

            return is_it

        check(
            lambda: tuple(logits_of(made(), hidden, mask).shape),
            (B, C),
            f"the shape of the logits for hidden states {(B, T, D)} and {C} classes",
            mistakes={
                "There is one row of logits per text, from its last real token, not one per position.": (
                    B,
                    T,
                    C,
                ),
                "A logit per class is due, not the class itself: leave out the argmax.": (B,),
                "There must be n_classes logits.": (B, D),
            },
            otherwise="The shape is (B, C), with n_classes logits for each text.",
            if_raises="hidden has the shape (B, T, D), mask the shape (B, T) with integers; the result has the shape (B, C).",
        )
        check(
            lambda: len(list(kept["head"].parameters())) > 0,
            True,
            "whether the head has parameters",
            otherwise="A head that is trained needs parameters: use nn.Linear, or nn.Parameter.",
        )

        def difference():
            found = beside_single(kept["head"])
            kept["found"] = found
            return (found - kept["alone"]).abs().max().item()

        def was(vectors):
            return lambda got: pooled(vectors)(kept["found"])

        first_padding = torch.stack([hidden[row, length] for row, length in enumerate(lengths)])
        check(
            difference,
            0.0,
            f"padding on the right, real tokens {lengths} of {T}: difference from the logits of the last real token alone",
            atol=1e-4,
            mistakes={
                "You read the last position, which is padding. Read the last real token.": was(
                    hidden[:, -1]
                ),
                "You read the last position after padding became 0. Read the last real token.": was(
                    (hidden * real)[:, -1]
                ),
                "You read one too far, the first padding: the last real token is at the number of real tokens minus 1.": was(
                    first_padding
                ),
                "You read the token before the last real one: off by one (one too early).": was(
                    hidden[rows, (last - 1).clamp(min=0)]
                ),
                "You read the first token. It has seen nothing but itself; read the last real one.": was(
                    hidden[:, 0]
                ),
                "You took the mean over the real tokens. Read the last real one alone.": was(
                    (hidden * real).sum(1) / real.sum(1)
                ),
                "You took the mean over all positions, padding too. Read the last real token alone.": was(
                    hidden.mean(1)
                ),
                "You took the sum of the real tokens. Read the last real one alone.": was(
                    (hidden * real).sum(1)
                ),
                "You took the largest (max) over time. Read the last real token alone.": was(
                    hidden.masked_fill(mask[..., None] == 0, -torch.inf).amax(1)
                ),
                "One position was read for the whole batch. Each row has a last real token of its own.": (
                    lambda got: any(
                        pooled(hidden[:, position])(kept["found"]) for position in range(T)
                    )
                ),
                "The mask is inverted: 1 is a real token, 0 is padding.": was(
                    torch.stack(
                        [hidden[row, int((1 - mask[row]).nonzero()[-1, 0])] for row in range(B)]
                    )
                ),
                "The position was counted from the end and not turned back (flip).": was(
                    hidden[rows, torch.tensor([T - length for length in lengths])]
                ),
            },
            otherwise="The logits of a row must come from its last real token and from nothing else.",
        )


# %% graded: 2 points | padding on the left, and on both kinds of side within one batch.
def test_2() -> None:
    for case, sides in enumerate(("LLL", "LRL", "RLR", "RLN", "LNL", "RNL")):
        rng = case_rng("ClassifierHead", f"sides {case}")
        generator = torch.Generator().manual_seed(rng.getrandbits(40))
        B, T, D, C = len(sides), 6, 7, 4
        hidden = torch.randn(B, T, D, generator=generator)
        lengths = rng.sample(range(2, T), B)
        mask, last = torch.zeros(B, T, dtype=torch.long), []
        for row, (side, length) in enumerate(zip(sides, lengths)):
            begin, stop = {"L": (T - length, T), "R": (0, length), "N": (0, T)}[side]
            mask[row, begin:stop] = 1
            last.append(stop - 1)
        rows, counts = torch.arange(B), mask.sum(1)
        kept = {}

        def logits_of(head, hidden, mask):
            """Call the head with a mask of integers, or of booleans where it needs those."""
            try:
                return head(hidden.clone(), mask.clone())
            except (RuntimeError, TypeError, IndexError):
                return head(hidden.clone(), mask.bool())

        def difference():
            head = ClassifierHead(D, C)
            head.eval()
            logits_of(head, torch.zeros(1, 1, D), torch.ones(1, 1, dtype=torch.long))
            with torch.no_grad():
                for parameter in head.parameters():
                    parameter.copy_(torch.randn(parameter.shape, generator=generator))
            kept["head"] = head
            kept["found"] = logits_of(head, hidden, mask)
            alone = logits_of(head, hidden[rows, last][:, None], torch.ones(B, 1, dtype=torch.long))
            return (kept["found"] - alone).abs().max().item()

        def was(vectors):
            def is_it(got):
                other = logits_of(
                    kept["head"], vectors[:, None], torch.ones(B, 1, dtype=torch.long)
                )
                return kept["found"].shape == other.shape and torch.allclose(
                    kept["found"], other, rtol=1e-4, atol=1e-4
                )

            return is_it

        check(
            difference,
            0.0,
            f"rows padded on the sides {', '.join({'L': 'left', 'R': 'right', 'N': 'none'}[side] for side in sides)}: difference from the logits of "
            "the last real token alone",
            atol=1e-4,
            mistakes={
                "You read position (number of real tokens - 1), which is wrong for padding on the left.": was(
                    hidden[rows, counts - 1]
                ),
                "You read the last position, which is padding in rows that are padded on the right.": was(
                    hidden[:, -1]
                ),
                "You read the first real token. Read the last one.": was(
                    hidden[rows, mask.argmax(1)]
                ),
                "You read the position (number of real tokens), one too far, and it is wrong for padding on the left.": was(
                    hidden[rows, counts.clamp(max=T - 1)]
                ),
            },
            otherwise="Each row has a last real token of its own, and padding on its own side, left or right: do not take the side from "
            "another row or from the whole batch. Only the mask tells.",
        )


# %% graded: 1 point | logits and no probabilities; a head that can be trained.
def test_3() -> None:
    generator = torch.Generator().manual_seed(8)
    hidden = 4 * torch.randn(40, 3, 6, generator=generator)
    mask = torch.tensor([[1, 1, 0], [0, 1, 1]]).repeat(20, 1)

    def logits_of(head, hidden, mask):
        """Call the head with a mask of integers, or of booleans where it needs those."""
        try:
            return head(hidden.clone(), mask.clone())
        except (RuntimeError, TypeError, IndexError):
            return head(hidden.clone(), mask.bool())

    def kind():
        """Say in a word what the head returns."""
        head = ClassifierHead(6, 3)
        head.eval()
        logits_of(head, hidden, mask)
        with torch.no_grad():
            for parameter in head.parameters():
                parameter.copy_(2 * torch.randn(parameter.shape, generator=generator))
        found = logits_of(head, hidden, mask).detach()
        if bool(((found >= 0) & (found <= 1)).all()):
            return (
                "probabilities"
                if torch.allclose(found.sum(-1), torch.ones(40), atol=1e-4)
                else "between 0 and 1"
            )
        if torch.allclose(found.exp().sum(-1), torch.ones(40), atol=1e-4):
            return "log-probabilities"
        return "logits"

    check(
        kind,
        "logits",
        "what the head returns for 40 texts",
        mistakes={
            "These are probabilities: leave out the softmax, and return logits.": "probabilities",
            "These are log-probabilities: leave out the (log-)softmax, and return logits.": "log-probabilities",
            "All values lie between 0 and 1: leave out the sigmoid, and return logits.": "between 0 and 1",
        },
    )

    def trainable():
        """Return whether a loss reaches the head's parameters."""
        head = ClassifierHead(6, 3)
        torch.nn.functional.cross_entropy(
            logits_of(head, hidden, mask), torch.arange(40) % 3
        ).backward()
        return any(
            bool((parameter.grad != 0).any())
            for parameter in head.parameters()
            if parameter.grad is not None
        )

    check(
        trainable,
        True,
        "whether a loss has a gradient in the head's parameters",
        otherwise="The head cannot be trained: its parameters must be nn.Parameters (or in an nn.Linear), and the logits computed from them.",
        if_raises="The head cannot be trained: its parameters must be nn.Parameters (or in an nn.Linear), and the logits computed from them.",
    )
