"""Exercise `linear_attention_parallel` with `linear_attention_recurrent`: one function, computed
at once or step by step.
"""

# %% solution
import torch
from torch import Tensor
from torch.nn.functional import elu


def linear_attention_parallel(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return causal linear attention of all positions at once.

    Args:
        q: queries (..., T, d).
        k: keys (..., T, d).
        v: values (..., T, e).

    Returns:
        (..., T, e): at each position the mean of the values so far, weighted by phi(q)·phi(k),
        phi(x) = elu(x) + 1.
    """
    ### BEGIN SOLUTION
    weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()
    return weights @ v / weights.sum(-1, keepdim=True)
    ### END SOLUTION


def linear_attention_recurrent(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return the same, one position after the other, with a state whose size does not depend on T.

    Args:
        q: queries (..., T, d).
        k: keys (..., T, d).
        v: values (..., T, e).
    """
    ### BEGIN SOLUTION
    q, k = elu(q) + 1, elu(k) + 1
    state = q.new_zeros(*k.shape[:-2], k.shape[-1], v.shape[-1])  # (..., d, e)
    total = q.new_zeros(*k.shape[:-2], k.shape[-1])  # (..., d)
    outputs = []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        weighted = (q[..., t, None, :] @ state).squeeze(-2)
        outputs.append(weighted / (q[..., t, :] * total).sum(-1, keepdim=True))
    return torch.stack(outputs, dim=-2)
    ### END SOLUTION


# %% hints
HINTS = (
    (
        "Without the softmax the sums over keys can be taken in another order. What has to be kept"
        " from one position to the next?"
    ),
    (
        "phi(x) = elu(x) + 1. Parallel: weights = tril(phi(q) phi(k)^T), divided by their row sums,"
        " times v. Recurrent: keep S += phi(k_t)^T v_t and z += phi(k_t); the output is phi(q_t) S"
        " / (phi(q_t) z)."
    ),
)
EXPLANATION = """
Both compute a weighted mean of the values so far. The parallel form builds the T by T matrix of
weights; the recurrent one keeps a matrix (d, e) and a vector (d), whatever T is, so its memory
does not grow. elu(x) + 1 is positive, so the weights cannot cancel and the division is safe.
"""


# %% helpers
import torch

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


def phi(x):
    """elu(x) + 1, written without elu."""
    return torch.where(x > 0, x + 1, x.clamp(max=0).exp())


def mixed(q, k, v, *, features=(phi, phi), see=0, norm="keys"):
    """Linear attention through its matrix of weights, with a switch for each misconception."""
    T = q.shape[-2]
    allowed = torch.ones(T, T, dtype=torch.float64).tril(see)
    q, k = (
        one if feature is None else feature(one)
        for one, feature in zip((q, k), features, strict=True)
    )
    scores = q @ k.transpose(-2, -1)
    weights = scores * allowed
    if norm == "keys":
        below = weights.sum(-1, keepdim=True)
    elif norm == "all keys":
        below = scores.sum(-1, keepdim=True)
    elif norm == "queries, weights first":
        return (weights / weights.sum(-2, keepdim=True)) @ v
    elif norm == "queries":
        # Broadcasts against the values only where T = e, as in the first case.
        below = weights.sum(-2, keepdim=True) if T == v.shape[-1] else float("nan")
    elif norm == "count":
        below = torch.arange(1, T + 1, dtype=torch.float64)[:, None]
    elif norm == "own key":
        below = torch.diagonal(scores, dim1=-2, dim2=-1)[..., None]
    else:
        below = 1.0
    return weights @ v / below


def mistakes_of(q, k, v):
    feature_map = "The feature map is elu(x) + 1"
    soft = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).masked_fill(
        torch.ones(q.shape[-2], q.shape[-2]).triu(1) > 0, -1e30
    )
    gelu_like = {
        "relu": torch.relu,
        "exp": torch.exp,
        "softplus": torch.nn.functional.softplus,
        "silu": torch.nn.functional.silu,
    }
    named = {
        "A position sees later ones (the future). Linear attention here is causal.": mixed(
            q, k, v, see=q.shape[-2]
        ),
        "The output is not normalised: divide by the sum of the weights, phi(q) · sum of phi(k).": (
            mixed(q, k, v, norm="none")
        ),
        f"{feature_map}: the + 1, which keeps it positive, is missing.": mixed(
            q, k, v, features=(torch.nn.functional.elu,) * 2
        ),
        f"There is no feature map. {feature_map}, on queries and keys.": mixed(
            q, k, v, features=(None, None)
        ),
        f"The keys are without the feature map. {feature_map}, on both.": mixed(
            q, k, v, features=(phi, None)
        ),
        f"The queries are without the feature map. {feature_map}, on both.": mixed(
            q, k, v, features=(None, phi)
        ),
        "Queries or keys are scaled by sqrt(d) before the feature map. There is no scale: apply elu(x) + 1 to q and k as they are.": lambda got: (
            any(
                torch.as_tensor(got).shape == wrong.shape
                and torch.allclose(torch.as_tensor(got).double(), wrong, atol=1e-7)
                for wrong in (
                    mixed(q / q.shape[-1] ** 0.5, k, v),
                    mixed(q, k / q.shape[-1] ** 0.5, v),
                    mixed(q / q.shape[-1] ** 0.5, k / q.shape[-1] ** 0.5, v),
                    mixed(q / q.shape[-1] ** 0.25, k / q.shape[-1] ** 0.25, v),
                )
            )
        ),
        "The feature map was put on the values too. They stay as they are.": mixed(q, k, phi(v)),
        "This is softmax attention. Linear attention replaces the exponential by the feature map elu(x) + 1.": (
            soft.softmax(-1) @ v
        ),
        "This is softmax attention without its scale. Linear attention uses the feature map elu(x) + 1.": (
            (soft * q.shape[-1] ** 0.5).softmax(-1) @ v
        ),
        "A position leaves itself out: it counts its own key too (the diagonal).": mixed(
            q, k, v, see=-1
        ),
        "You normalised by the number of positions. Divide by the sum of the weights.": mixed(
            q, k, v, norm="count"
        ),
        "You normalised over all keys, later ones too. That is not causal: the sum goes over the keys so far.": mixed(
            q, k, v, norm="all keys"
        ),
        "You normalised over the queries. The sum of the weights goes over the keys, the last dimension.": lambda got: (
            any(
                torch.as_tensor(got).shape == wrong.shape
                and torch.allclose(torch.as_tensor(got).double(), wrong, atol=1e-7)
                for wrong in (
                    mixed(q, k, v, norm="queries"),
                    mixed(q, k, v, norm="queries, weights first"),
                )
            )
        ),
        "The normaliser is that of the current key only. Divide by the sum over all keys so far.": (
            mixed(q, k, v, norm="own key")
        ),
        "The results are stacked along another dimension: the shape is (..., T, e).": lambda got: (
            torch.as_tensor(got).shape != v.shape and torch.as_tensor(got).numel() == v.numel()
        ),
        "Only the last output came back. Return one for every position: the shape is (..., T, e).": (
            lambda got: torch.as_tensor(got).numel() == v[..., 0, :].numel()
        ),
    }
    for name, function in gelu_like.items():
        named[f"The feature map is {name}. Use elu(x) + 1."] = mixed(
            q, k, v, features=(function, function)
        )
    # Decays and replaced states, as a recurrent form may have them.
    features_q, features_k = phi(q), phi(k)
    for hint, keep in (
        ("The state forgets: nothing decays here, each step adds to the state.", 0.5),
        (
            "The state is replaced at each step. Add to it: it accumulates all positions so far.",
            0.0,
        ),
    ):
        for both in (True, False):
            state, total, rows = 0.0, 0.0, []
            for t in range(q.shape[-2]):
                state = keep * state + features_k[..., t, :, None] * v[..., t, None, :]
                total = (keep if both else 1.0) * total + features_k[..., t, :]
                top = (features_q[..., t, :, None] * state).sum(-2)
                rows.append(top / (features_q[..., t, :] * total).sum(-1, keepdim=True))
            named[hint + (" " if both else "")] = torch.stack(rows, -2)
    # Last, because it is recognised by its first position alone, which does not depend on weights.
    named[
        "One state was used for the whole batch. Each sequence (all leading dimensions) has a state"
        " of its own."
    ] = lambda got: (
        v.dim() > 2
        and torch.as_tensor(got).shape == v.shape
        and bool(torch.as_tensor(got).isfinite().all())
        and not torch.allclose(torch.as_tensor(got)[..., 0, :].double(), v[..., 0, :], atol=1e-7)
    )
    return named


# %% examples
def examples(check):
    column = lambda *values: torch.tensor(values, dtype=torch.float64)[:, None]
    q, k, v = column(0.0, 1.0, 0.0), column(0.0, 2.0, 1.0), column(10.0, 20.0, 60.0)
    want = column(10.0, 17.5, 190 / 6)  # phi(k) is 1, 3, 2
    check(lambda: linear_attention_parallel(q, k, v), want, "the parallel form")
    check(lambda: linear_attention_recurrent(q, k, v), want, "the recurrent form")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    form = Diagnosis(
        mistakes={
            "The weights are not normalised: divide by their sum over the positions so far.": [
                [10.0],
                [140.0],
                [190.0],
            ],
            "A position sees later ones. The form is causal.": [[190 / 6]] * 3,
            "Each position sees its own value only: sum over all positions so far.": [
                [10.0],
                [20.0],
                [60.0],
            ],
        },
        otherwise=(
            "The mean of the values so far, weighted by phi(q) phi(k) with phi(x) = elu(x) + 1."
        ),
    )
    return {"the parallel form": form, "the recurrent form": form}


# %% graded: 2 points | the parallel form.
def test_1() -> None:
    for case, (lead, T, d, e) in enumerate([((2,), 5, 3, 5), ((), 6, 4, 2), ((2, 3), 4, 3, 4)]):
        generator = torch.Generator().manual_seed(
            case_rng("linear_attention", case).getrandbits(60)
        )
        q, k = torch.randn(2, *lead, T, d, generator=generator, dtype=torch.float64)
        v = 1 + torch.randn(*lead, T, e, generator=generator, dtype=torch.float64)
        with inputs_unchanged(q, k, v):
            check(
                lambda: linear_attention_parallel(q, k, v),
                mixed(q, k, v),
                f"the parallel form, q and k {tuple(q.shape)}, v {tuple(v.shape)}",
                rtol=1e-5,
                atol=1e-7,
                mistakes=mistakes_of(q, k, v),
                otherwise=(
                    "The mean of the values so far, weighted by phi(q)·phi(k) with phi(x) = elu(x)"
                    " + 1."
                ),
                if_raises=(
                    "q and k have the shape (..., T, d) and v (..., T, e); e may differ from d."
                ),
            )


# %% graded: 2 points | the recurrent form, which agrees with the parallel one.
def test_2() -> None:
    for case, (lead, T, d, e) in enumerate([((2,), 5, 3, 5), ((), 6, 4, 2), ((2, 3), 4, 3, 4)]):
        generator = torch.Generator().manual_seed(
            case_rng("linear_attention", case).getrandbits(60)
        )
        q, k = torch.randn(2, *lead, T, d, generator=generator, dtype=torch.float64)
        v = 1 + torch.randn(*lead, T, e, generator=generator, dtype=torch.float64)
        with inputs_unchanged(q, k, v):
            check(
                lambda: linear_attention_recurrent(q, k, v),
                mixed(q, k, v),
                f"the recurrent form, q and k {tuple(q.shape)}, v {tuple(v.shape)}",
                rtol=1e-5,
                atol=1e-7,
                mistakes={
                    "The state is read before it is updated: a position counts its own key too.": (
                        lambda got: bool(torch.as_tensor(got)[..., 0, :].isnan().all())
                    ),
                    **mistakes_of(q, k, v),
                },
                otherwise=(
                    "Add phi(k) v' to the state and phi(k) to the total, then read both with"
                    " phi(q)."
                ),
                if_raises=(
                    "q and k have the shape (..., T, d) and v (..., T, e); e may differ from d."
                ),
            )
    long_q, long_k, long_v = torch.randn(
        3, 1, 300, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    )
    check(
        lambda: torch.as_tensor(linear_attention_recurrent(long_q, long_k, long_v)).double()[
            :, 250:
        ],
        mixed(long_q, long_k, long_v)[:, 250:],
        "the recurrent form on 300 positions",
        rtol=1e-5,
        atol=1e-7,
        otherwise="The state has to remember all positions so far, however many.",
    )
