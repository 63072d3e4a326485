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
from torch.nn.functional import elu, silu, softplus

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_nothing_kept,
    inputs_unchanged,
    not_finite,
    small_footprint,
)

SHAPES = "q and k have the shape (..., T, d) and v (..., T, e); e may differ from d."
SIZES = (((2,), 5, 3, 5), ((), 6, 4, 2), ((2, 3), 4, 3, 4), ((1,), 150, 4, 3))
SIZES += (((3,), 3, 3, 3),)  # all equal: no error tells dimensions apart
SIZES += (((2,), 4, 3, 1), ((2,), 1, 3, 2))
MEAN = "The mean of the values so far, weighted by phi(q)·phi(k) with phi(x) = elu(x) + 1."
LONG = "On a long sequence the result is off: all positions so far count, however many."


def drawn(case, lead, T, d, e):
    """Queries, keys and values; the values are off centre, so that a missing norm shows."""
    generator = torch.Generator().manual_seed(case_rng("linear_attention", case).getrandbits(60))
    q, k = torch.randn(2, *lead, T, d, generator=generator, dtype=torch.float64)
    return q, k, 1 + torch.randn(*lead, T, e, generator=generator, dtype=torch.float64)


def phi(x):
    """elu(x) + 1, written without elu."""
    return torch.where(x > 0, x + 1, x.clamp(max=0).exp())


def same(x):
    return x


def raised(x):
    return x + 1


def mixed(q, k, v, q_map=phi, k_map=phi, see=0, norm="keys"):
    """Linear attention through its matrix of weights, with a switch for each misconception."""
    scores = q_map(q) @ k_map(k).transpose(-2, -1)
    weights = scores * torch.ones(q.shape[-2], q.shape[-2], dtype=torch.float64).tril(see)
    below = {
        "keys": lambda: weights.sum(-1, keepdim=True),
        "none": lambda: 1.0,
        "count": lambda: torch.arange(1, q.shape[-2] + 1, dtype=torch.float64)[:, None],
        "own key": lambda: scores.diagonal(dim1=-2, dim2=-1)[..., None],
        "all keys": lambda: scores.sum(-1, keepdim=True),
        "queries": lambda: weights.sum(-2)[..., None],
    }
    return weights @ v / below[norm]()


def forgetful(q, k, v, keep, keep_total):
    """The recurrent form, with a state and a total that fade."""
    state, total, rows = 0.0, 0.0, []
    for t in range(q.shape[-2]):
        state = keep * state + phi(k)[..., t, :, None] * v[..., t, None, :]
        total = keep_total * total + phi(k)[..., t, :]
        top = (phi(q)[..., t, :, None] * state).sum(-2)
        rows.append(top / (phi(q)[..., t, :] * total).sum(-1, keepdim=True))
    return torch.stack(rows, -2)


def shared(q, k, v, own_total):
    """One state for all sequences of a batch, with a total of their own or with one for all too."""
    keys = phi(k)
    state = (keys[..., :, None] * v[..., None, :]).flatten(0, -4).sum(0).cumsum(0)
    total = (keys if own_total else keys.flatten(0, -3).sum(0)).cumsum(-2)
    top = torch.einsum("...td,tde->...te", phi(q), state)
    return top / (phi(q) * total).sum(-1, keepdim=True)


def carried(q, k, v):
    """A state that is not reset from one sequence of a batch to the next."""
    return mixed(*(part.flatten(0, -2) for part in (q, k, v))).reshape(v.shape)


def softmax_attention(q, k, v, scale):
    later = torch.ones(q.shape[-2], q.shape[-2]).triu(1) > 0
    return (q @ k.transpose(-2, -1) * scale).masked_fill(later, -1e30).softmax(-1) @ v


def mistakes_of(q, k, v):
    """From a hint to what such an answer returns, for either form."""
    T, d = q.shape[-2:]
    many = v.dim() > 2 and v[..., 0, 0].numel() > 1
    small, tiny = d**-0.5, d**-0.25
    over_queries = mixed(q, k, v, norm="queries")
    scores = phi(q) @ phi(k).transpose(-2, -1)
    weights = scores.tril()
    return {
        "A position sees later ones (the future). Linear attention here is causal.": AnyOf(
            mixed(q, k, v, see=T),
            mixed(q, k, v, see=1),
            scores.triu() @ v / scores.triu().sum(-1, keepdim=True),
        ),
        "The output is not normalised: divide by the sum of the weights, phi(q) · sum of phi(k).": (
            mixed(q, k, v, norm="none")
        ),
        "The feature map lacks the + 1, which keeps it positive: elu(x) + 1.": AnyOf(
            mixed(q, k, v, elu, elu), mixed(q, k, v, phi, elu), mixed(q, k, v, elu, phi)
        ),
        "The elu is missing: the feature map is elu(x) + 1, not x + 1.": AnyOf(
            *(mixed(q, k, v, *maps) for maps in ((raised, raised), (phi, raised), (raised, phi)))
        ),
        "There is no feature map. Use elu(x) + 1 on queries and keys.": mixed(q, k, v, same, same),
        "The feature map elu(x) + 1 belongs on both, queries and keys.": AnyOf(
            mixed(q, k, v, phi, same), mixed(q, k, v, same, phi)
        ),
        "The feature map is another function (relu, exp, softplus or silu). Use elu(x) + 1.": AnyOf(
            *(mixed(q, k, v, other, other) for other in (torch.relu, torch.exp, softplus, silu))
        ),
        "Queries or keys are scaled by sqrt(d) before the feature map. There is no scale here.": (
            AnyOf(
                mixed(q * small, k, v),
                mixed(q, k * small, v),
                mixed(q * small, k * small, v),
                mixed(q * tiny, k * tiny, v),
            )
        ),
        "The feature map was put on the values too. They stay as they are.": mixed(q, k, phi(v)),
        "This is softmax attention. Linear attention replaces exp by the feature map elu(x) + 1.": (
            AnyOf(softmax_attention(q, k, v, small), softmax_attention(q, k, v, 1.0))
        ),
        "A position leaves itself out: update the state before you read it (own key, diagonal).": (
            AnyOf(
                mixed(q, k, v, see=-1),
                weights.tril(-1) @ v / weights.sum(-1, keepdim=True),
                lambda got: bool(got[..., 0, :].isnan().all()),
            )
        ),
        "You normalised by the number of positions. Divide by the sum of the weights.": mixed(
            q, k, v, norm="count"
        ),
        "The normaliser is that of the current key only. Divide by the sum over all keys so far.": (
            mixed(q, k, v, norm="own key")
        ),
        "The normaliser is another sum. Sum each position's weights over the keys so far: not over the queries, not over later keys (causal).": AnyOf(
            mixed(q, k, v, norm="all keys"),
            over_queries,
            (weights / weights.sum(-2, keepdim=True)) @ v,
            lambda got: (
                T == v.shape[-1] and close(got, weights @ v / weights.sum(-2, keepdim=True))
            ),
        ),
        "You divided by a mean of the weights. Divide by their sum.": AnyOf(
            T * mixed(q, k, v), d * mixed(q, k, v)
        ),
        "A position is missing: the result has T of them, the first and the last too.": (
            lambda got: got.shape == v[..., 1:, :].shape
        ),
        "Only the last output came back. Return one for every position: the shape is (..., T, e).": (
            lambda got: got.shape in (v[..., 0, :].shape, v[..., :1, :].shape)
        ),
        "The results are stacked along another dimension, or one of size 1 is gone: the shape is (..., T, e).": lambda got: (
            got.shape != v.shape and got.numel() == v.numel()
        ),
        "The state forgets or is replaced. Nothing decays here: each step adds to the state.": (
            AnyOf(
                *(
                    forgetful(q, k, v, *keep)
                    for keep in ((0.5, 0.5), (0.5, 1), (0, 1), (0.9, 0.9), (0.9, 1), (0.99, 1))
                )
            )
        ),
        "One state was used for the whole batch. Each sequence (all leading dimensions) has its own.": AnyOf(
            *((shared(q, k, v, True), shared(q, k, v, False), carried(q, k, v)) if many else ())
        ),
    }


def close(got, want):
    return torch.allclose(torch.as_tensor(got).double(), want, rtol=1e-4, atol=1e-5)


def check_form(form, name):
    """Compare one form with the matrix of weights, for several shapes."""
    for case, (lead, T, d, e) in enumerate(SIZES):
        q, k, v = drawn(case, lead, T, d, e)
        with inputs_unchanged(q, k, v):
            check(
                lambda: form(q, k, v),
                mixed(q, k, v),
                f"the {name} form, q and k {tuple(q.shape)}, v {tuple(v.shape)}",
                rtol=1e-4,
                atol=1e-5,
                mistakes=lambda: mistakes_of(q, k, v),
                otherwise=MEAN if T < 64 else LONG,
                if_raises=SHAPES,
            )
    first, second = (
        drawn(f"{name} {name_of_call}", (2,), 5, 3, 2) for name_of_call in ("first", "second")
    )
    check_nothing_kept(form, mixed, first, second, f"the {name} form", rtol=1e-4, atol=1e-5)
    q, k, v = drawn(f"{name} small", (2,), 4, 3, 2)
    check(
        lambda: form(0.3 * q - 8, 0.3 * k - 8, v),
        mixed(0.3 * q - 8, 0.3 * k - 8, v),
        f"the {name} form, q and k around -8, where phi is near 0.0003",
        rtol=0.01,
        atol=0.01,
        otherwise="The sum of the weights may be small, but not 0: add nothing to it, and no floor.",
    )
    check(
        lambda: form(1000 * q.abs(), 1000 * k.abs(), v),
        mixed(1000 * q.abs(), 1000 * k.abs(), v),
        f"the {name} form, q and k up to some thousands",
        rtol=1e-3,
        atol=1e-4,
        mistakes={
            "Large numbers give NaN: exp of them is infinite, also where x + 1 is due. Use elu, or cut x at 0 before exp.": not_finite,
        },
        otherwise="Above 0 phi(x) is x + 1, however large x is.",
    )
    q, k, v = (one.transpose(0, 1) for one in drawn(f"{name} view", (5, 2), 4, 3, 2))
    check(
        lambda: form(q, k, v),
        mixed(q, k, v),
        f"the {name} form, transposed views of shape (2, 5, 4, 3)",
        rtol=1e-4,
        atol=1e-5,
        if_raises="q, k and v may be transposed views, which `view` refuses. `reshape` takes them.",
    )


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
def test_parallel_form_is_the_weighted_mean_so_far() -> None:
    check_form(linear_attention_parallel, "parallel")


# %% graded: 2 points | the recurrent form: the same values, a state of fixed size, nothing kept between calls.
def test_recurrent_form_keeps_a_state_of_fixed_size() -> None:
    check_form(linear_attention_recurrent, "recurrent")
    for case, (T, d, limits) in enumerate(
        ((1000, 1, {"written": 400_000}), (96, 32, {"live": 165_000}))
    ):
        q, k, v = drawn(f"long {case}", (1,), T, d, d)
        want = mixed(q, k, v)
        with small_footprint(**limits):
            check(
                lambda: linear_attention_recurrent(q, k, v),
                want,
                f"the recurrent form on {T} positions, with a state of {d} x {d}",
                rtol=1e-4,
                atol=1e-5,
                otherwise=LONG,
            )
