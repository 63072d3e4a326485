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

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


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
def test_1() -> None:
    for case, (shape, k) in enumerate([((6, 5), 2), ((2, 4, 7), 3), ((4, 8), 1), ((3, 6), 4)]):
        rng = case_rng("route_top_k", case)
        n_experts = shape[-1]
        n_tokens = 1
        for size in shape[:-1]:
            n_tokens *= size
        # Distinct logits, some negative, in another order for each token.
        rows = [
            [value / 7 - 1.0 for value in rng.sample(range(0, 25), n_experts)]
            for _ in range(n_tokens)
        ]
        logits = torch.tensor(rows, dtype=torch.float64).reshape(shape)
        ranked = [sorted(range(n_experts), key=lambda e, row=row: -row[e]) for row in rows]

        def table(entries, width=k, dims=shape):
            return torch.tensor(entries).reshape(*dims[:-1], width)

        experts = table([order[:k] for order in ranked])
        values = logits.gather(-1, experts)
        weights = values.softmax(-1)
        over_all = logits.softmax(-1).gather(-1, experts)
        by_number = experts.sort(-1).values
        number_order = logits.gather(-1, by_number)
        last = table([order[::-1][:k] for order in ranked])
        shared = table(
            [
                sorted(
                    range(n_experts), key=lambda e: -float(logits.reshape(-1, n_experts).mean(0)[e])
                )[:k]
            ]
            * n_tokens
        )

        def parts(got):
            return (
                [torch.as_tensor(part) for part in got]
                if isinstance(got, tuple | list) and len(got) == 2
                else None
            )

        def shape_is(got, wrong):
            pair = parts(got)
            return pair is not None and tuple(pair[0].shape) == wrong

        with inputs_unchanged(logits):
            check(
                lambda: route_top_k(logits, k),
                (weights, experts),
                f"router logits of shape {shape}, k = {k}",
                rtol=1e-5,
                atol=1e-6,
                mistakes={
                    "Return (weights, experts), in this order: yours are swapped.": (
                        experts,
                        weights,
                    ),
                    "The weights are a softmax over all experts. Take it over the chosen ones only, so that they sum to 1.": (
                        over_all,
                        experts,
                    ),
                    "The softmax is taken twice: once over all experts, and again. Take it once, over the chosen logits.": (
                        over_all.softmax(-1),
                        experts,
                    ),
                    "These are logits. The weights are their softmax, and sum to 1.": (
                        values,
                        experts,
                    ),
                    "All chosen experts get equal weights. Weigh them by the softmax over their logits.": (
                        torch.full_like(weights, 1 / k),
                        experts,
                    ),
                    "These are sigmoids, which do not sum to 1. Use the softmax over the chosen logits.": (
                        values.sigmoid(),
                        experts,
                    ),
                    "The logits are divided by their sum, which fails for negative ones. Use the softmax.": (
                        values / values.sum(-1, keepdim=True),
                        experts,
                    ),
                    "The softmax runs over the tokens. It belongs to the last dimension, over the chosen experts of one token.": (
                        values.softmax(0),
                        experts,
                    ),
                    "You chose the smallest logits. Take the k largest.": lambda got: (
                        parts(got) is not None
                        and torch.equal(parts(got)[1].sort(-1).values, last.sort(-1).values)
                    ),
                    "The result is sorted from the smallest weight. Put the largest first.": (
                        weights.flip(-1),
                        experts.flip(-1),
                    ),
                    "The result is sorted by the number of the expert. Sort by weight, the largest first.": (
                        number_order.softmax(-1),
                        by_number,
                    ),
                    "The same experts were chosen for all tokens. Choose for each token.": (
                        lambda got: parts(got) is not None and torch.equal(parts(got)[1], shared)
                    ),
                    "The weights have the shape of all experts, zeros included. Return the k weights of the chosen ones only.": (
                        lambda got: k < n_experts and shape_is(got, shape)
                    ),
                    "One expert came back. Return k experts for each token, whatever k is.": (
                        lambda got: k != 1 and shape_is(got, (*shape[:-1], 1))
                    ),
                    "Two experts came back. Return k experts for each token, whatever k is.": (
                        lambda got: k != 2 and shape_is(got, (*shape[:-1], 2))
                    ),
                    "You chose the top tokens of each expert (another dimension). Choose the top experts for each token.": lambda got: (
                        shape_is(got, (k, *shape[1:]))
                    ),
                },
                otherwise=(
                    "Take the k largest logits along the last dimension, and the softmax over"
                    " these."
                ),
                if_raises="Choose along the last dimension: k experts for each token.",
            )
