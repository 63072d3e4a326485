"""Exercise `LoRALinear`: a frozen layer with a small trained correction beside it."""

# %% solution
import torch
from torch import Tensor, nn


class LoRALinear(nn.Module):
    """A linear layer with a low-rank part: linear(x) + alpha / rank * B A x.

    Args:
        linear: the layer to adapt, with or without bias; not trained (you may freeze it in place).
        rank: rows of A (rank, in) and columns of B (out, rank).
        alpha: the weight of the product, times the rank.

    At the start the product is 0, so the layer maps as `linear` does. Only A and B train.
    """

    def __init__(self, linear: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.linear = linear.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, linear.in_features) / linear.in_features**0.5)
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.scale = alpha / rank
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Return (..., out) from x (..., in)."""
        ### BEGIN SOLUTION
        return self.linear(x) + self.scale * (x @ self.A.T @ self.B.T)
        ### END SOLUTION

    def merge(self) -> nn.Linear:
        """Return a new plain layer that maps as this one does; this one stays as it is."""
        ### BEGIN SOLUTION
        has_bias = self.linear.bias is not None
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=has_bias)
        with torch.no_grad():
            merged.weight.copy_(self.linear.weight + self.scale * self.B @ self.A)
            if has_bias:
                merged.bias.copy_(self.linear.bias)
        return merged
        ### END SOLUTION


# %% hints
HINTS = (
    "One of the two matrices starts at 0. What would happen in training if both did?",
    (
        "`linear.requires_grad_(False)`; `A` a random and `B` a zero `nn.Parameter`. The forward"
        " pass adds `alpha / rank * (x @ A.T @ B.T)`. `merge` fills a new `nn.Linear` with"
        " `linear.weight + alpha / rank * B @ A`, and the bias where there is one."
    ),
)
EXPLANATION = """
A change of rank r needs r (in + out) numbers in place of in times out. B starts at 0, so training
starts from the model as it is; A must not, since the gradient of each is proportional to the other,
and two zeros would never move. Dividing by the rank keeps the size of the step when the rank changes.
Once trained, B A is one matrix like any other: added to the weight, it costs nothing at use.
"""

# %% helpers
import math

import torch
from torch import nn

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    call_answer,
    case_rng,
    case_tensor,
    check,
    inputs_unchanged,
    other_shape,
)

FORM = "The layer is linear(x) + alpha / rank * B A x, with A (rank, in) and B (out, rank)."


def given_linear(case, n_in, n_out, bias=True):
    linear = nn.Linear(n_in, n_out, bias=bias)
    values = {"weight": case_tensor("LoRALinear", f"{case} weight", n_out, n_in)}
    if bias:
        values["bias"] = case_tensor("LoRALinear", f"{case} bias", n_out)
    linear.load_state_dict(values)
    return linear, values


def built(linear, rank, alpha):
    """Return the learner's layer on a given one; a constructor that fails is told in a sentence."""
    return call_answer(
        lambda: LoRALinear(linear, rank, alpha), f"LoRALinear(linear, rank={rank}, alpha={alpha})"
    )


def plain(x, values):
    y = x @ values["weight"].T
    return y + values["bias"] if "bias" in values else y


def adapted(layer, values, case, rank):
    """Load drawn values into the trained matrices; return A (rank, in) and B (out, rank),
    whichever way they are kept.
    """
    n_out, n_in = values["weight"].shape
    trained = {name: p for name, p in layer.named_parameters() if p.requires_grad}
    A, B, drawn = None, None, {}
    for name, parameter in trained.items():
        shape = tuple(parameter.shape)
        if shape in ((rank, n_in), (n_in, rank)):
            drawn[name] = case_tensor("LoRALinear", f"{case} A", *shape)
            A = drawn[name] if shape == (rank, n_in) else drawn[name].T
        elif shape in ((n_out, rank), (rank, n_out)):
            drawn[name] = case_tensor("LoRALinear", f"{case} B", *shape)
            B = drawn[name] if shape == (n_out, rank) else drawn[name].T
    found_both = A is not None and B is not None
    assert found_both, (
        f"The parameters that train have the shapes {[tuple(p.shape) for p in trained.values()]}:"
        f" two matrices are due, A ({rank}, {n_in}) and B ({n_out}, {rank})."
    )
    layer.load_state_dict(drawn, strict=False)
    return A, B


def gradient_of_input(layer, x, ahead):
    leaf = x.clone().requires_grad_()
    (layer(leaf) * ahead).sum().backward()
    return torch.zeros_like(x) if leaf.grad is None else leaf.grad


def wrong_outputs(x, values, A, B, rank, alpha):
    base, low = plain(x, values), x @ A.T @ B.T
    hints = {
        "The factor is missing, or held at 1: it is alpha / rank, whatever its size.": base + low,
        "The factor is cut to a whole number: alpha / rank, and not //.": base
        + alpha // rank * low,
        "The factor is alpha / rank, not alpha alone.": base + alpha * low,
        "The factor is upside down: alpha / rank.": base + rank / alpha * low,
        "The factor is alpha / rank, not alpha over the root of the rank.": (
            base + alpha / math.sqrt(rank) * low
        ),
        "The factor is alpha / rank, not 1 / rank.": base + low / rank,
        "The factor is alpha / rank, not their product.": base + alpha * rank * low,
        "The low-rank part has no effect: add it to linear(x).": base,
        "The low-rank part is added, not subtracted.": base - alpha / rank * low,
        "There is no nonlinearity between A and B: merging would not work.": AnyOf(
            *(
                base + alpha / rank * function(x @ A.T) @ B.T
                for function in (torch.relu, torch.tanh, torch.nn.functional.gelu, torch.sigmoid)
            )
        ),
    }
    return hints


def biases(right, values):
    """What a bias that is missing, or added twice, makes of the right output."""
    if "bias" not in values:
        return {}
    return {
        "The bias of the given layer is missing.": right - values["bias"],
        "The bias is added twice: linear(x) has it already.": right + values["bias"],
    }


# %% examples
def examples(check):
    layer = LoRALinear(nn.Linear(3, 2), rank=1, alpha=4)
    given, x = nn.Linear(3, 2), torch.tensor([[1.0, 2.0, 3.0]])
    check(lambda: LoRALinear(given, 1, 4)(x), given(x), "at the start it maps as the given layer")
    trained = lambda: sum(p.numel() for p in layer.parameters() if p.requires_grad)
    check(trained, 5, "parameters that train: A (1, 3) and B (2, 1)")
    check(lambda: layer.merge()(x), layer(x), "merged, it maps as before")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "at the start it maps as the given layer": Diagnosis(
            otherwise="At the start B A is 0: begin with a zero B, and add B A x to linear(x)."
        ),
        "parameters that train: A (1, 3) and B (2, 1)": Diagnosis(
            {
                "The given layer still trains: freeze it with requires_grad_(False).": AnyOf(
                    13, 11
                ),
                "Nothing trains: A and B are nn.Parameters.": 0,
                "Only one matrix trains: A and B both do.": AnyOf(2, 3),
                "A and B have no biases.": AnyOf(7, 8),
                "A whole matrix trains: two thin ones are due, A (rank, in) and B (out, rank).": 6,
            },
            "A has rank times in entries, B out times rank, and nothing else trains.",
        ),
        "merged, it maps as before": Diagnosis(
            otherwise=(
                "The merged weight is linear.weight + alpha / rank * B @ A, with the same bias."
            )
        ),
    }


# %% graded: 2 points | linear(x) + alpha / rank * B A x, for any A and B.
def test_adds_the_low_rank_part() -> None:
    rng = case_rng("LoRALinear", 1)
    for case, (n_in, n_out, rank, bias) in enumerate(
        ((5, 7, 2, True), (9, 4, 3, False), (90, 70, 8, True), (6, 5, 1, True))
    ):
        alpha = rank * (0.375 if case == 2 else rng.choice([2.5, 3.5, 4.5]))
        linear, values = given_linear(case, n_in, n_out, bias)
        layer = built(linear, rank, alpha)
        for shape in ((4, n_in), (2, 3, n_in), (n_in,), (1, n_in), (2, 1, n_in)):
            x = case_tensor("LoRALinear", f"{case} x {shape}", *shape)
            start = plain(x, values)
            if shape == (4, n_in):
                check(
                    lambda: layer(x),
                    start,
                    f"the output at the start, {n_in} to {n_out}, rank {rank}",
                    mistakes={
                        "This is the low-rank part alone: the given layer's output belongs to it.": torch.zeros_like(
                            start
                        ),
                        "The factor belongs to the low-rank part alone.": alpha / rank * start,
                        **biases(start, values),
                        "At the start the layer differs from the given one: let B begin with zeros, so that B A is 0.": (
                            lambda got: tuple(got.shape) == tuple(start.shape)
                        ),
                    },
                    otherwise=FORM,
                    if_raises="A has the shape (rank, in), B (out, rank).",
                    rtol=1e-3,
                    atol=1e-4,
                )
                A, B = call_answer(
                    lambda: adapted(layer, values, case, rank), "the parameters that train"
                )
                with inputs_unchanged(x):
                    call_answer(lambda: layer(x), "the output for x (4, in)")
            check(
                lambda: layer(x),
                start + alpha / rank * (x @ A.T @ B.T),
                f"the output with drawn A and B, {n_in} to {n_out}, rank {rank}, alpha {alpha}",
                mistakes=wrong_outputs(x, values, A, B, rank, alpha)
                | {
                    "From x (..., in) comes (..., out): mind a squeeze that takes a dimension of size 1 away.": (
                        other_shape(*start.shape)
                    )
                },
                otherwise=FORM,
                if_raises="x may have any number of leading dimensions, or none.",
                rtol=1e-3,
                atol=1e-3,
            )
        check(
            lambda: (layer.eval(), layer(x))[1],
            start + alpha / rank * (x @ A.T @ B.T),
            "the output after eval()",
            mistakes={"After eval() the low-rank part is missing: it belongs to x in use, too.": start},
            otherwise="After eval() the layer maps as in training.",
            rtol=1e-3,
            atol=1e-3,
        )
        layer.train()
        ahead = case_tensor("LoRALinear", f"{case} ahead", 4, n_out)
        whole = values["weight"] + alpha / rank * (B @ A)
        check(
            lambda: gradient_of_input(
                layer, case_tensor("LoRALinear", f"{case} x 2", 4, n_in), ahead
            ),
            ahead @ whole,
            f"the gradient with respect to x, {n_in} to {n_out}, rank {rank}, alpha {alpha}",
            mistakes={
                "linear(x) passes no gradient on to x, so that nothing before this layer learns: freeze its weights, but compute it outside `no_grad` and without `detach`.": (
                    ahead @ (whole - values["weight"])
                ),
                "The low-rank part passes no gradient on to x, so that layers before this one learn wrongly: do not detach x.": (
                    ahead @ values["weight"]
                ),
            },
            otherwise=(
                "Layers before this one learn through x: its gradient passes through the given"
                " weight and through A and B."
            ),
            if_raises="The output must hang together with x, so that layers before this one learn.",
            rtol=1e-3,
            atol=1e-3,
        )
        another, its = given_linear(f"{case} another", n_in, n_out, bias)
        check(
            lambda: LoRALinear(another, rank, alpha + 1)(x),
            plain(x, its),
            "the output of another layer of these sizes, at the start",
            otherwise="Each layer has an A and a B of its own, which begin anew.",
            rtol=1e-3,
            atol=1e-4,
        )
        check(
            lambda: layer(x),
            start + alpha / rank * (x @ A.T @ B.T),
            "the output of the first layer, after another one of another alpha was made",
            otherwise="Another layer changes this one: keep what is a layer's own in self, not in the class.",
            rtol=1e-3,
            atol=1e-3,
        )


# %% graded: 1 point | A and B train, both, and nothing else does.
def test_only_the_two_matrices_train() -> None:
    rng = case_rng("LoRALinear", 2)
    for case, (n_in, n_out, rank, bias) in enumerate(((7, 5, 2, True), (4, 9, 3, False))):
        linear, values = given_linear(f"train {case}", n_in, n_out, bias)
        layer = built(linear, rank, rng.choice([2, 8]))

        def trained():
            return sorted(tuple(sorted(p.shape)) for p in layer.parameters() if p.requires_grad)

        due = sorted([tuple(sorted((rank, n_in))), tuple(sorted((n_out, rank)))])
        check(
            trained,
            due,
            f"the sizes of the parameters that train, {n_in} to {n_out}, rank {rank}",
            mistakes={
                "The given layer still trains, its weight or its bias: requires_grad_(False).": (
                    lambda got: tuple(sorted((n_in, n_out))) in got and len(got) > 2
                ),
                "A bias trains: the given layer's still trains (requires_grad_(False)), or there is a new one. Only A and B train.": (
                    lambda got: (n_out,) in got and len(got) == 3
                ),
                "Nothing trains: A and B are nn.Parameters.": [],
                "Only one matrix trains: A and B both do.": (
                    lambda got: len(got) == 1 and got[0] in due
                ),
                "A whole matrix trains: two thin ones are due.": [tuple(sorted((n_in, n_out)))],
                "Something else trains beside A and B, such as a bias or a factor.": lambda got: (
                    len(got) > 2 and all(one in got for one in due)
                ),
            },
            otherwise=f"Two matrices train: A ({rank}, {n_in}) and B ({n_out}, {rank}).",
        )
        x = case_tensor("LoRALinear", f"train {case} x", 6, n_in)
        base = plain(x, values)

        def moved():
            """Whether twenty short steps of gradient descent bring the output nearer to another
            one, and how many matrices the last of them moved.
            """
            losses = []
            for _ in range(21):
                stepped = 0
                loss = ((layer(x) - base - 1.0) ** 2).mean()
                losses.append(loss.item())
                for parameter in layer.parameters():
                    parameter.grad = None
                loss.backward()
                with torch.no_grad():
                    for parameter in layer.parameters():
                        if parameter.requires_grad and parameter.grad is not None:
                            step = parameter.grad / (parameter.grad.norm() + 1e-20)
                            parameter -= 0.003 * step
                            stepped += bool(step.norm() > 0.5)
            return [losses[-1] < losses[0], stepped]

        check(
            moved,
            [True, 2],
            "whether the loss falls in twenty steps, and how many matrices move",
            mistakes={
                "One of the two matrices gets no gradient: neither is detached.": [True, 1],
            },
            otherwise=(
                "Training does not move the layer: with A and B both 0 at the start, both gradients"
                " are 0 for ever. One of them begins with random numbers."
            ),
            if_raises="The output must hang together with A and B, so that gradients reach them.",
        )


# %% graded: 2 points | merge: one plain layer that maps as the adapted one, which stays as it is.
def test_merge_gives_a_plain_layer() -> None:
    rng = case_rng("LoRALinear", 3)
    changed = (
        "`merge` has changed the layer that it came from: fill a new nn.Linear, and leave the given"
        " weight as it is."
    )
    for case, (n_in, n_out, rank, bias) in enumerate(
        ((6, 4, 2, True), (5, 8, 3, False), (70, 90, 4, True), (1, 3, 1, True))
    ):
        alpha = rng.choice([5, 7, 10.5])
        linear, values = given_linear(f"merge {case}", n_in, n_out, bias)
        layer = built(linear, rank, alpha)
        A, B = torch.zeros(rank, n_in), torch.zeros(n_out, rank)  # at the start their product is 0
        if len({n_in, n_out, rank}) == 3:
            A, B = call_answer(
                lambda: adapted(layer, values, f"merge {case}", rank), "the parameters that train"
            )
        x = case_tensor("LoRALinear", f"merge {case} x", 5, n_in)
        due = plain(x, values) + alpha / rank * (x @ A.T @ B.T)
        what = (
            f"{n_in} to {n_out}, rank {rank}, alpha {alpha}, {'with' if bias else 'without'} a bias"
        )
        check(
            lambda: layer.merge()(x),
            due,
            f"the output of the merged layer, {what}",
            mistakes=(
                {
                    "This is the low-rank part alone: the given weight belongs to it.": AnyOf(
                        due - plain(x, values), due - x @ values["weight"].T
                    ),
                    **biases(due, values),
                    # A new nn.Linear draws its bias: all rows are off by the same numbers.
                    "The bias of the merged layer is another one: copy that of the given layer, and"
                    " leave it out where there is none.": (
                        lambda got: (
                            got.shape == due.shape
                            and float(((got - due) - (got - due)[:1]).detach().abs().max()) < 1e-3
                        )
                    ),
                    **{
                        hint: wrong
                        for hint, wrong in wrong_outputs(x, values, A, B, rank, alpha).items()
                        if hint.startswith(("The factor is", "The low-rank"))
                    },
                }
                if float((B @ A).abs().max()) > 0
                else {}
            ),
            otherwise=(
                "The merged weight is linear.weight + alpha / rank * B @ A, with the same bias."
            ),
            if_raises=(
                "`merge` takes no argument and returns a plain nn.Linear; the given layer may have"
                " no bias."
            ),
            rtol=1e-3,
            atol=1e-3,
        )
        check(
            lambda: layer(x),
            due,
            f"the adapted layer after it was merged, {what}",
            otherwise=changed,
            rtol=1e-3,
            atol=1e-3,
        )
        check(
            lambda: {name: tuple(p.shape) for name, p in layer.merge().named_parameters()},
            {name: tuple(value.shape) for name, value in values.items()},
            f"names and shapes of the merged layer's parameters, {what}",
            mistakes={
                "The given layer has no bias, and neither has the merged one.": lambda got: (
                    not bias and "bias" in got
                ),
                "This is the adapted layer itself, or one with A and B beside the weight: a plain nn.Linear is due.": (
                    lambda got: len(got) > 2
                ),
            },
            otherwise=(
                "A plain nn.Linear has `weight` (out, in), and `bias` where the given one has it."
            ),
            if_raises="A plain nn.Linear is due, no function.",
        )
        if len({n_in, n_out, rank}) == 3:
            again = call_answer(
                lambda: adapted(layer, values, f"merge {case} again", rank), "training after it"
            )
            moved = plain(x, values) + alpha / rank * (x @ again[0].T @ again[1].T)
            check(
                lambda: layer(x),
                moved,
                f"the adapted layer, merged and then trained on, {what}",
                otherwise=changed,
                rtol=1e-3,
                atol=1e-3,
            )
            check(
                lambda: layer.merge()(x),
                moved,
                f"the output when merged again after more training, {what}",
                mistakes={"`merge` keeps its first result: A and B may have moved since.": due},
                otherwise=(
                    "The merged weight is linear.weight + alpha / rank * B @ A, with the same bias."
                ),
                rtol=1e-3,
                atol=1e-3,
            )
            due = moved

        def spoilt():
            merged = layer.merge()
            zeros = {name: torch.zeros_like(p) for name, p in merged.named_parameters()}
            merged.load_state_dict(zeros)
            return layer(x)

        check(
            spoilt,
            due,
            f"the adapted layer after the merged one was set to 0, {what}",
            otherwise="The merged layer shares its weight or bias with the given one: copy them.",
            rtol=1e-3,
            atol=1e-3,
        )
