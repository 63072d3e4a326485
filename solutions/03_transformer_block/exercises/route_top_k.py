"""Exercise `route_top_k`: which experts a token goes to, and with which weights."""

# %% solution
import torch
from torch import Tensor


def route_top_k(router_logits: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return (weights, experts) of the k experts with the largest logits, for each token.

    Args:
        router_logits: (..., E) for E experts.
        k: experts per token.

    Returns:
        weights (..., k), the softmax over the chosen logits, largest first; experts (..., k),
        their ids.
    """
    ### BEGIN SOLUTION
    values, experts = router_logits.topk(k, dim=-1)
    return torch.softmax(values, dim=-1), experts
    ### END SOLUTION


# %% hints
HINTS = (
    "Choose first or normalise first? The weights of the chosen experts must sum to 1.",
    "`values, experts = router_logits.topk(k, dim=-1)`, then a softmax over `values`.",
)
EXPLANATION = """
The softmax is taken over the chosen logits only, so k weights sum to 1 whatever the others are. A
softmax over all experts would leave part of the weight with experts that do not run. `topk`
returns the largest first, which is the order that is asked for.
"""


# %% helpers
import torch

from utils.notebook.checks import (
    Diagnosis,
    case_rng,
    check,
    check_nothing_kept,
    inputs_unchanged,
)


def drawn(case, shape, apart=1 / 7):
    """Distinct logits, some negative, in another order for each token, so far apart at least."""
    rng, n_experts = case_rng("route_top_k", case), shape[-1]
    rows = torch.empty(shape[:-1]).numel()
    numbers = [rng.sample(range(4 * n_experts), n_experts) for _ in range(rows)]
    return torch.tensor(numbers, dtype=torch.float64).reshape(shape) * apart - 1


def routed(logits, k):
    return chosen(logits, logits.argsort(-1, descending=True)[..., :k])


def chosen(logits, experts, weigh=lambda values: values.softmax(-1)):
    """A pair of weights and experts, for experts chosen somehow."""
    return weigh(logits.gather(-1, experts)), experts


# %% examples
def examples(check):
    logits = torch.tensor([[1.0, 3.0, -1.0, 2.0]], dtype=torch.float64)
    want = ([[0.7310585786, 0.2689414214]], [[1, 3]])
    check(lambda: route_top_k(logits, 2), want, "the top two of the logits 1, 3, -1, 2")
    check(lambda: route_top_k(logits, 1), ([[1.0]], [[1]]), "the top one")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "the top two of the logits 1, 3, -1, 2": Diagnosis(
            mistakes={
                "The weights are a softmax over all experts. Take it over the chosen ones, so that they sum to 1.": (
                    lambda got: abs(float(got[0][0][0]) - 0.659) < 0.02
                ),
                "Return (weights, experts), in this order.": lambda got: float(got[0][0][0]) == 1.0,
                "These are logits. The weights are their softmax.": (
                    lambda got: float(got[0][0][0]) == 3.0
                ),
                "The largest comes first.": lambda got: abs(float(got[0][0][0]) - 0.2689) < 1e-3,
            },
            otherwise="Experts 1 and 3 are chosen; their weights are the softmax of 3 and 2.",
        ),
        "the top one": Diagnosis(
            otherwise="With one expert its weight is 1, and the last dimension stays."
        ),
    }


# %% graded: 2 points | for each token the k largest logits, with the softmax over the chosen ones, largest first.
def test_top_k_with_their_softmax() -> None:
    cases = (((6, 5), 2), ((2, 4, 7), 3), ((4, 8), 1), ((3, 6), 4), ((2, 1500), 700), ((4, 4), 4))
    cases += (((1, 5), 3), ((7,), 3))
    for case, (shape, k) in enumerate(cases):
        # Steps that float32 holds exactly, and many enough for a selection that does not sort.
        apart = 1 / 7 if shape[-1] < 1000 else 1 / 128
        logits, n_experts = drawn(case, shape, apart), shape[-1]
        order = logits.argsort(-1, descending=True)
        experts, last = order[..., :k], order.flip(-1)[..., :k]
        over_all = logits.softmax(-1).gather(-1, experts)
        right = chosen(logits, experts)

        def by(weigh):
            return chosen(logits, experts, weigh)

        def experts_are(wrong):
            return lambda got: (
                k < n_experts and torch.equal(torch.as_tensor(got[1]).sort(-1).values, wrong)
            )

        def are_shared(got):
            rows = torch.as_tensor(got[1]).sort(-1).values.reshape(-1, k)
            return 1 < len(rows) and k < n_experts and (rows == rows[0]).all()

        def are_tokens(got):
            sizes = (k, *shape[1:])
            top = logits.topk(min(k, shape[0]), 0).indices
            return (
                len(shape) > 1
                and tuple(got[0].shape) == sizes
                and (sizes != (*shape[:-1], k) or torch.equal(torch.as_tensor(got[1]), top))
            )

        def other_tokens(got):
            """Whether the right weights came in another shape."""
            found = torch.as_tensor(got[1])
            return found.shape != experts.shape and torch.equal(found.flatten(), experts.flatten())

        def widths(*wrong):
            shapes = [(*shape[:-1], width) for width in wrong if width != k]
            return lambda got: tuple(got[0].shape) in shapes

        with inputs_unchanged(logits):
            check(
                lambda: route_top_k(logits, k),
                right,
                f"router logits of shape {shape}, k = {k}",
                rtol=1e-5,
                atol=1e-6,
                mistakes={
                    "Return (weights, experts), in this order: yours are swapped.": right[::-1],
                    "The weights are a softmax over all experts. Take it over the chosen ones only, so that they sum to 1.": (
                        over_all,
                        experts,
                    ),
                    "The softmax is taken twice: once over all experts, and again. Take it once, over the chosen logits.": (
                        over_all.softmax(-1),
                        experts,
                    ),
                    "These are logits. The weights are their softmax, and sum to 1.": by(
                        lambda values: values
                    ),
                    "All chosen experts get equal weights. Weigh them by the softmax over their logits.": by(
                        lambda values: torch.full_like(values, 1 / k)
                    ),
                    "These are sigmoids, which do not sum to 1. Use the softmax over the chosen logits.": by(
                        torch.sigmoid
                    ),
                    "The logits are divided by their sum, which fails for negative ones. Use the softmax.": by(
                        lambda values: values / values.sum(-1, keepdim=True)
                    ),
                    "The softmax runs over the tokens. It belongs to the last dimension, over the chosen experts of one token.": by(
                        lambda values: values.softmax(0)
                    ),
                    "You chose the smallest logits. Take the k largest.": experts_are(
                        last.sort(-1).values
                    ),
                    "The result is sorted from the smallest weight. Put the largest first.": tuple(
                        part.flip(-1) for part in right
                    ),
                    "The result is sorted by the number of the expert. Sort by weight, the largest first.": chosen(
                        logits, experts.sort(-1).values
                    ),
                    "The same experts were chosen for all tokens. Choose for each token.": (
                        are_shared
                    ),
                    "The weights have the shape of all experts, zeros included. Return the k weights of the chosen ones only.": widths(
                        n_experts
                    ),
                    "One or two experts came back. Return k experts for each token, whatever k is.": widths(
                        1, 2
                    ),
                    "You chose the top tokens of each expert (another dimension). Choose the top experts for each token.": (
                        are_tokens
                    ),
                    "The shape is another. It is (..., k): the dimensions before the last stay, those of size 1 too.": (
                        other_tokens
                    ),
                },
                otherwise=(
                    "Take the k largest logits along the last dimension, and the softmax over"
                    " these."
                ),
                if_raises="Choose along the last dimension: k experts for each token.",
            )
    check(
        lambda: torch.as_tensor(route_top_k(drawn("type", (3, 4)), 2)[1]).is_floating_point(),
        False,
        "whether the experts are floats",
        otherwise="The experts are ids, whole numbers that can be used as an index.",
    )
    rng = case_rng("route_top_k", "equal")
    equal = torch.tensor([rng.sample([3.0, 3.0, 1.0, 1.0, -2.0], 5) for _ in range(3)])

    def of_equal(k):
        weights, experts = map(torch.as_tensor, route_top_k(equal.clone(), k))
        repeats = bool((experts.sort(-1).values.diff(dim=-1) == 0).any())
        return weights, equal.gather(-1, experts.long()), repeats

    for k in (2, 3):
        top = equal.sort(-1, descending=True).values[..., :k]
        check(
            lambda: of_equal(k),
            (top.softmax(-1), top, False),
            f"the weights, the logits of the experts, and whether one comes twice; equal logits, k = {k}",
            rtol=1e-5,
            atol=1e-6,
            mistakes={
                "Two experts have the same logit, and one of them comes twice. Find an expert by its place.": (
                    lambda got: got[2]
                ),
            },
            otherwise="Of equal logits only as many are chosen as it takes for k; the softmax is over k.",
        )
    # So close to each other that a load which is kept from call to call changes their order.
    first, second = (drawn(name, (4, 6), apart=1e-4) for name in ("first", "second"))
    check(
        lambda: route_top_k(first.clone(), 2),
        routed(first, 2),
        "close logits",
        rtol=1e-5,
        atol=1e-6,
        otherwise=(
            "The logits are rounded, or something is added to them, of an earlier call perhaps. The"
            " larger one is chosen, however close the two are."
        ),
    )
    check_nothing_kept(
        route_top_k, routed, (first, 2), (second, 3), "close logits", rtol=1e-5, atol=1e-6
    )
    logits = (drawn("large", (5, 6), apart=1 / 8) + 100_000) * torch.tensor(
        [[1.0], [1], [-1], [-1], [1]]
    )
    check(
        lambda: route_top_k(logits, 3),
        routed(logits, 3),
        "logits around 100,000 and around -100,000, k = 3",
        rtol=1e-3,
        atol=1e-4,
        mistakes={
            "Large logits give NaN: exp of them overflows or vanishes. Subtract the largest first, as torch.softmax does.": (
                lambda got: not torch.as_tensor(got[0]).isfinite().all()
            ),
        },
        otherwise="The softmax depends on differences of logits alone: large ones are fine.",
    )
