# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 Attention from scratch
#
# Before 2017 a model of language read its text word by word, and kept what it had read in one vector. This notebook shows
# what that costs, and builds the cure by hand: attention, its mask, its heads, and the cache that makes it fast enough to
# write with.
#
# You need Python, PyTorch's tensors, and the idea of a gradient. Take an evening: about three hours with the
# exercises. All experiments together run for a little over a minute on two CPU cores.
#
# **You will learn to**
#
# - say what a recurrent encoder-decoder forgets, and measure it;
# - write a stable softmax, scaled dot-product attention, a causal mask, and multi-head attention with grouped queries;
# - read an attention map, and find heads that do one thing;
# - decode with a cache, show that nothing but the time changes, and say how much memory the cache takes;
# - test for a leak of the future, the most common and most flattering mistake in a language model.
#
# | section | exercises | difficulty | minutes |
# |---|---|---|---|
# | 1 One vector is not enough | | | |
# | 2 A soft look-up | `softmax`, `attention` | 2 and 3 of 5 | 15 and 25 |
# | 3 Where does it look? | `attention_entropy` | 1 of 5 | 10 |
# | 4 No looking ahead | `causal_mask` | 2 of 5 | 10 |
# | 5 Many heads | `split_heads` with `merge_heads`, `MultiHeadAttention` | 2 and 4 of 5 | 15 and 30 |
# | 6 Reading and writing | `KVCache`, `decode_step` | 2 and 4 of 5 | 15 and 25 |
# | 7 What the cache costs | `kv_cache_bytes` | 1 of 5 | 5 |
#
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as often as you like, and
# graded tests after that. A failed test tells you which mistake it has seen. Nothing below an exercise depends on your
# answer, so you can skip one and come back.
#
# Shapes are written with B texts, T queries or positions, S keys, D features of a token, H heads, and d features of a head.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget = setup()
verdicts = Verdicts()

# %% [markdown]
# ## 1 One vector is not enough
#
# **What the chapter claims.** The seq2seq model of 2014 has two recurrent networks. The encoder reads the input token by
# token; the decoder writes the output from the encoder's *last state*. That is like answering questions about a book from
# its summary. Attention lets the decoder turn to any page.
#
# How much is one vector? Here is a recurrence with two numbers of state, reading three tokens:

# %%
state = [0.0, 0.0]
for token in (0.9, -0.4, 0.7):
    state = [round(0.5 * state[0] + token, 3), round(0.9 * state[1] + token, 3)]
    print(f"after {token:5}: state {state}")
print("the first token's part of the last state:", [round(0.9 * 0.5**2, 3), round(0.9 * 0.9**2, 3)])

# %% [markdown]
# Whatever the decoder wants to know about the first token has to be read off these two numbers, mixed with all the rest.
#
# ### Experiment: the bottleneck, and its cure
#
# **Claim.** With the last state only, quality falls as the source grows; with attention it does not, or less. **Measurement.** Two
# tasks: write the source backwards, and look up one of several pairs. The two models are trained in the same way with
# the same data, on sources of all lengths, five seeds each. **Control.** The model without attention, and guessing.

# %% tags=["experiment", "row-16"]
from utils.evaluation.intervals import mean_interval
from utils.evaluation.source_target_tasks import SYMBOLS, LengthJob, train_on_lengths
from utils.training.sweep import run_sweep

lengths = (2, 4, 8, 12)
seeds = budget.pick(smoke=range(2), cpu=range(5), gpu=range(10))
steps = budget.pick(smoke=10, cpu=250, gpu=1500)
jobs = [
    LengthJob(task, attention, seed, lengths, steps, n_test=budget.pick(smoke=16, cpu=256))
    for task in ("reverse", "recall")
    for attention in (False, True)
    for seed in seeds
]
runs = run_sweep(train_on_lengths, jobs, description="two tasks")
recall_at = {}
for task in ("reverse", "recall"):
    for attention in (False, True):
        mine = [run for run in runs if (run.job.task, run.job.attention) == (task, attention)]
        for length in lengths:
            recall_at[task, attention, length] = mean_interval([run.accuracy[length] for run in mine])
        row = "  ".join(f"{length:2}: {recall_at[task, attention, length].mean:.2f}" for length in lengths)
        print(f"{task:8} {'with' if attention else 'without':7} attention, {mine[0].parameters:,} parameters   {row}")

# %% tags=["experiment", "row-16"]
import matplotlib.pyplot as plt

from utils.notebook import COLOURS, show

figure, all_axes = plt.subplots(1, 3, figsize=(11.5, 3.4), constrained_layout=True)
for axes, task, unit in zip(all_axes, ("reverse", "recall"), ("symbols", "pairs")):
    for attention, marker, colour in ((True, "o", COLOURS[0]), (False, "s", COLOURS[3])):
        points = [recall_at[task, attention, length] for length in lengths]
        axes.errorbar(
            lengths,
            [point.mean for point in points],
            [[point.mean - point.low for point in points], [point.high - point.mean for point in points]],
            marker=marker,
            color=colour,
            capsize=3,
            label=f"{'with' if attention else 'without'} attention",
        )
    guess = [1 / SYMBOLS if task == "reverse" else 1 / length for length in lengths]
    axes.plot(lengths, guess, ":", color="black", label="guessing" if task == "reverse" else "guessing one of its values")
    axes.set(title=task, xlabel=f"length of the source ({unit})", ylabel="accuracy (share of symbols)", ylim=(0, 1.03))
    axes.legend(fontsize=8)
example = next(run.example for run in runs if run.job.task == "reverse" and run.job.attention)
all_axes[2].imshow(example, cmap="Blues", vmin=0, vmax=1)
all_axes[2].grid(False)
all_axes[2].set(title="reverse: where it looks", xlabel="source position", ylabel="target position")
show(
    figure,
    "Accuracy against the length of the source, for reversing and for recall, with and without attention; 95% intervals over "
    "seeds. Without attention accuracy falls with the length; with it much less. On the right the attention of one trained "
    "model on one source of 12 symbols: a diagonal from top right to bottom left.",
)
longest = lengths[-1]
gains = [
    mean_interval(
        [
            one.accuracy[longest] - other.accuracy[longest]
            for one, other in zip(
                [run for run in runs if run.job.task == task and run.job.attention],
                [run for run in runs if run.job.task == task and not run.job.attention],
            )
        ]
    )
    for task in ("reverse", "recall")
]
verdicts.add(
    row=16,
    claim="the last state alone is a bottleneck for long sources, and attention removes it",
    measured=(
        f"at length {longest}: reverse {recall_at['reverse', False, longest].mean:.2f} without and "
        f"{recall_at['reverse', True, longest].mean:.2f} with attention, recall {recall_at['recall', False, longest].mean:.2f} "
        f"and {recall_at['recall', True, longest].mean:.2f} (toy models)"
    ),
    interval=f"gain {gains[0]} and {gains[1]}",
    outcome=(
        "holds"
        if all(gain.low > 0.1 for gain in gains)
        else "holds in part"
        if any(gain.low > 0 for gain in gains)
        else "undecided"
    ),
)

# %% [markdown]
# Nobody told the decoder where to look. It has found out that the last symbol comes first, and its map is, roughly, the reversal.
#
# **Think.** The state has 48 numbers of 32 bits. Twelve symbols of 16 kinds are 48 bits. So it is not that they *cannot* fit.
# What is it that a training of this length cannot do?
#
# ### Experiment: one step after the other
#
# **Claim.** A recurrence reads one token after the other, which is slow, and its gradients shrink or grow at every step.
# **Measurement.** The time to read a text against its length; and the gradient of a recurrence's last output with respect
# to the input at each distance. **Control.** One attention layer of the same width, for both.

# %% tags=["experiment", "row-17"]
import time

import torch
from torch import nn

from utils.models.attention import MultiHeadAttention

width = 64
torch.manual_seed(0)
readers = {"recurrent (LSTM)": nn.LSTM(width, width, batch_first=True), "attention": MultiHeadAttention(width, 4)}
text_lengths = budget.pick(smoke=(8, 16, 32), cpu=(32, 64, 128, 256, 512), gpu=(32, 64, 128, 256, 512, 1024, 2048))
milliseconds = {}
threads = torch.get_num_threads()
torch.set_num_threads(1)  # one thread gives steadier times, and layers this small gain little from a second
with torch.no_grad():
    for length in text_lengths:
        x = torch.randn(4, length, width, device=budget.device)
        for name, reader in readers.items():
            reader.to(budget.device)(x)
            times = []
            for _ in range(budget.pick(smoke=2, cpu=7)):
                start = time.perf_counter()
                found = reader(x)
                (found[0] if isinstance(found, tuple) else found).sum().item()  # waits for the device
                times.append(1e3 * (time.perf_counter() - start))
            milliseconds[name, length] = min(times)
torch.set_num_threads(threads)
for name in readers:
    print(f"{name:17}", "  ".join(f"{length}: {milliseconds[name, length]:7.2f} ms" for length in text_lengths))
print(f"{text_lengths[-1]} tokens: {text_lengths[-1]} steps that wait for the one before in the recurrence, none in attention")

# %% tags=["experiment", "row-17"]
distances = budget.pick(smoke=(1, 2, 4, 8), cpu=(1, 2, 4, 8, 16, 32, 64), gpu=(1, 2, 4, 8, 16, 32, 64, 128))
total = max(distances) + 1


def gradient_by_distance(reader: nn.Module, seed: int) -> list[float]:
    """Return the norm of the gradient of the last output with respect to the input at each distance, over that at 1."""
    x = torch.randn(1, total, width, generator=torch.Generator().manual_seed(seed), requires_grad=True)
    found = reader(x)
    last = (found[0] if isinstance(found, tuple) else found)[0, -1]
    direction = torch.randn(width, generator=torch.Generator().manual_seed(seed + 1))
    (gradient,) = torch.autograd.grad(last @ direction, x)
    norms = gradient[0].norm(dim=-1)
    return [(norms[total - 1 - distance] / norms[total - 2]).item() for distance in distances]


def recurrence(gain: float, seed: int) -> nn.RNN:
    """Return a plain recurrence whose matrix is a rotation times a gain: each step multiplies by it."""
    torch.manual_seed(seed)
    layer = nn.RNN(width, width, batch_first=True)
    with torch.no_grad():
        layer.weight_hh_l0.copy_(gain * torch.linalg.qr(torch.randn(width, width))[0])
        layer.weight_ih_l0.mul_(0.02)  # small inputs keep tanh near its straight part
        layer.bias_ih_l0.zero_()
        layer.bias_hh_l0.zero_()
    return layer


def fresh(kind: type, seed: int) -> nn.Module:
    """Return an LSTM or an attention layer as they are initialised."""
    torch.manual_seed(seed)
    return nn.LSTM(width, width, batch_first=True) if kind is nn.LSTM else MultiHeadAttention(width, 4)


makers = {
    "recurrence, gain 0.8": lambda seed: recurrence(0.8, seed),
    "recurrence, gain 1.1": lambda seed: recurrence(1.1, seed),
    "LSTM": lambda seed: fresh(nn.LSTM, seed),
    "attention": lambda seed: fresh(MultiHeadAttention, seed),
}
norms = {name: torch.tensor([gradient_by_distance(make(seed), seed) for seed in range(5)]) for name, make in makers.items()}
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4), constrained_layout=True)
for name, marker, colour in zip(readers, "so", (COLOURS[3], COLOURS[0])):
    left.plot(text_lengths, [milliseconds[name, length] for length in text_lengths], marker=marker, color=colour, label=name)
left.set(xscale="log", yscale="log", xlabel="length of the text (tokens)", ylabel="time to read four texts (ms)")
left.set_xticks(text_lengths, [str(length) for length in text_lengths])
left.minorticks_off()
left.legend()
for (name, values), marker, colour in zip(norms.items(), "svDo", (COLOURS[3], COLOURS[1], COLOURS[2], COLOURS[0])):
    right.plot(distances, values.log().mean(0).exp(), marker=marker, color=colour, label=name)
right.set(xscale="log", yscale="log", xlabel="distance (tokens)", ylabel="gradient norm, relative to distance 1")
right.set_xticks(distances, [str(distance) for distance in distances])
right.minorticks_off()
right.legend(fontsize=8)
show(
    figure,
    "Left: time to read a text against its length, for an LSTM and an attention layer. Right: norm of the gradient from the last "
    "output to the input at a distance. In a recurrence with gain 0.8 and in a fresh LSTM it shrinks geometrically, with gain 1.1 "
    "it grows, in attention it stays near 1.",
)
far = {name: mean_interval(values[:, -1].log10().tolist()) for name, values in norms.items()}
for name, power in far.items():
    print(f"{name:21} at distance {distances[-1]}: 10 to the power {power}")
longer = [milliseconds["recurrent (LSTM)", length] / milliseconds["attention", length] for length in text_lengths]
verdicts.add(
    row=17,
    claim="a recurrence reads one token after the other, and its gradients vanish or explode",
    measured=(
        f"gradient over {distances[-1]} tokens: 10^{far['recurrence, gain 0.8'].mean:.1f} and 10^{far['recurrence, gain 1.1'].mean:.1f} "
        f"for gains 0.8 and 1.1, 10^{far['LSTM'].mean:.1f} in a fresh LSTM, 10^{far['attention'].mean:.1f} in attention; reading "
        f"{text_lengths[-1]} tokens takes the LSTM {longer[-1]:.1f} times as long"
    ),
    interval=f"LSTM, power of ten: {far['LSTM']}",
    outcome=(
        "holds"
        if far["LSTM"].high < -1 and far["recurrence, gain 1.1"].low > 1 and abs(far["attention"].mean) < 1 and longer[-1] > 1
        else "holds in part"
        if far["LSTM"].high < 0
        else "does not hold"
    ),
)

# %% [markdown]
# A gain of 0.8 over 64 steps is 0.8 to the power 64, less than a millionth. In attention every token is one step away from every
# other, so the distance does not enter.
#
# The times need care. On one thread of a CPU only the amount of work counts, and attention does more of it per token as the text
# grows. But the recurrence's steps wait for one another, so a thousand cores would not help it, and they would help attention.
#
# **Think.** At which length would the attention layer take longer than the LSTM on your machine? Would a GPU change the answer?

# %% [markdown]
# ## 2 A soft look-up
#
# **What the chapter claims.** Attention weighs every input token, for every output token. A *query* says what is looked
# for, a *key* what a token offers, a *value* what it holds. The dot product of a query and a key is a score; a softmax
# turns scores into weights; the output is the weighted mean of the values.
#
# The softmax first, on three scores:

# %%
import math

scores = [2.0, 1.0, -1.0]
powers = [math.exp(score) for score in scores]
print("powers ", [round(power, 3) for power in powers])
print("weights", [round(power / sum(powers), 3) for power in powers], "sum 1")
print("plus 700", [f"{math.exp(score + 700):.1e}" for score in scores], "and a float ends at 1.8e+308")
try:
    math.exp(scores[0] + 800)
except OverflowError as error:
    print("plus 800", error)

# %% [markdown]
# The weights depend on differences of scores only: add 800 to each, and they stay what they were. Their powers do not.
# So a softmax that may meet any score first makes the scores harmless, by a shift that cancels.
#
# ### Exercise: `softmax`
#
# *Difficulty 2 of 5, 15 minutes.* Stable means: no overflow at 10,000, and no 0/0 at -10,000. A score of `-inf` gets
# the weight 0; each row has at least one other. Calling torch's own softmax or log-softmax would make this exercise
# pointless, and is refused.

# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Return exp(x) normalised to sum 1 along a dimension, for logits of any size.

    Args:
        x: logits of any shape; some, but not all in a row, may be `-inf`.
        dim: the dimension along which the result sums to 1.

    Returns:
        Probabilities of the shape of x; x itself is not modified.
    """
    ### BEGIN SOLUTION
    powers = (x - x.amax(dim=dim, keepdim=True)).exp()
    return powers / powers.sum(dim=dim, keepdim=True)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "softmax-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import math

    import torch

    from utils.notebook.checks import check

    # The logarithms of 1, 2 and 5: the weights must be 1/8, 2/8 and 5/8.
    row = torch.tensor([math.log(1.0), math.log(2.0), math.log(5.0)])
    check(
        lambda: softmax(row.clone()),
        torch.tensor([0.125, 0.25, 0.625]),
        "the logarithms of 1, 2 and 5",
        rtol=1e-4,
        mistakes={
            "These are powers. Divide them by their sum.": torch.tensor([1.0, 2.0, 5.0]),
            "These are logarithms of probabilities: return the probabilities.": torch.tensor([0.125, 0.25, 0.625]).log(),
        },
        otherwise="Take the exponential of each logit and divide by the sum along `dim`.",
    )
    check(
        lambda: softmax(row.clone() + 10_000),
        torch.tensor([0.125, 0.25, 0.625]),
        "the same plus 10,000",
        atol=2e-3,
        mistakes={
            "exp overflows at large logits. Subtract the largest one first: the weights do not change.": (
                lambda got: isinstance(got, torch.Tensor) and bool(got.isnan().any())
            )
        },
    )
    check(
        lambda: softmax(torch.stack([row, row.flip(0)], dim=1), dim=0),
        torch.tensor([[0.125, 0.625], [0.25, 0.25], [0.625, 0.125]]),
        "two columns, dim=0",
        rtol=1e-4,
        if_raises="Keep the summed dimension (`keepdim=True`), so that the sums divide their own column.",
        otherwise="With dim=0 each column sums to 1.",
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "softmax-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: probabilities along the given dimension, the last by default, for tensors of any shape.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check, forbidden

    torchs_own = (
        "torch.softmax",
        "torch.Tensor.softmax",
        "torch.nn.functional.softmax",
        "torch.special.softmax",
        "torch.log_softmax",
        "torch.Tensor.log_softmax",
        "torch.nn.functional.log_softmax",
        "torch.special.log_softmax",
    )

    def powers_of(x, dim, base=torch.e):
        x = x.double()
        return torch.tensor(base, dtype=torch.float64) ** (x - x.amax(dim=dim, keepdim=True))

    def rows(x, dim, base=torch.e):
        powers = powers_of(x, dim, base)
        return powers / powers.sum(dim=dim, keepdim=True)

    cases = [((3, 3), None), ((2, 3, 4), None), ((5,), None), ((4, 3, 2), 0), ((2, 5, 3), 1), ((3, 2, 4, 2), -2)]
    for case, (shape, dim) in enumerate(cases):
        rng = case_rng("softmax", case)
        logits = torch.randn(shape, generator=torch.Generator().manual_seed(rng.getrandbits(40))) * 1.5
        along = -1 if dim is None else dim
        wanted = rows(logits, along)

        def mistakes():
            powers = powers_of(logits, along)
            found = {}
            if dim is None and len(shape) > 1:
                found["Without the argument, the last dimension sums to 1: the default is dim=-1."] = rows(logits, 0)
            if dim is not None:
                found["The argument `dim` has no effect: sum along the dimension that it names."] = rows(logits, -1)
                found["The argument `dim` has no effect: the result sums to 1 along the first dimension."] = rows(logits, 0)
            if len(shape) > 1 and along == -1 and shape[-1] == shape[-2]:
                found["The sums lost their dimension and divide along the wrong one. Keep it: `keepdim=True`."] = (
                    powers / powers.sum(dim=along)
                )
            if len(shape) > 1:
                found["You divided by the sum over the whole tensor. Each row has a sum of its own, along `dim`."] = (
                    powers / powers.sum()
                )
                found["The whole tensor sums to 1. Each row has a sum of its own, along `dim`."] = logits.double().exp() / (
                    logits.double().exp().sum()
                )
            found |= {
                "These are powers of two. The softmax uses the natural exponential, `exp`.": rows(logits, along, 2.0),
                "The exponential is missing: you divided the logits by their sum.": (
                    logits.double() / logits.double().sum(dim=along, keepdim=True)
                ),
                "This is the logarithm of the softmax. Return the probabilities.": wanted.log(),
                "This is the sigmoid of each logit. The entries of a row compete: they sum to 1.": logits.double().sigmoid(),
                "The logits were divided by the square root of their number. The softmax has no scale of its own.": rows(
                    logits / logits.shape[along] ** 0.5, along
                ),
                "These are powers that do not sum to 1: divide by their sum along `dim`.": powers,
                "These are exponentials that do not sum to 1: divide by their sum along `dim`.": logits.double().exp(),
                "The sign is wrong: a larger logit gets a larger probability.": rows(-logits, along),
                "The probabilities must have the shape of the logits.": (
                    lambda got: isinstance(got, torch.Tensor) and got.shape != logits.shape
                ),
            }
            return found

        with forbidden(*torchs_own):
            check(
                lambda: softmax(logits.clone()) if dim is None else softmax(logits.clone(), dim=dim),
                wanted,
                f"logits of the shape {shape}" + (f", dim={dim}" if dim is not None else ""),
                rtol=1e-4,
                atol=1e-6,
                mistakes=mistakes,
                if_raises="Keep the summed dimension (`keepdim=True`); the tensor may have any number of dimensions.",
                otherwise="Take exponentials and divide by their sum along `dim`.",
            )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "softmax-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: logits of size 1e4 of either sign, and rows of very different size in one tensor.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check, forbidden

    torchs_own = (
        "torch.softmax",
        "torch.Tensor.softmax",
        "torch.nn.functional.softmax",
        "torch.special.softmax",
        "torch.log_softmax",
        "torch.Tensor.log_softmax",
        "torch.nn.functional.log_softmax",
        "torch.special.log_softmax",
    )

    def broken(got):
        return isinstance(got, torch.Tensor) and bool((got.isnan() | got.isinf()).any())

    def of(row):
        powers = torch.tensor(row, dtype=torch.float64).exp()
        return powers / powers.sum(dim=-1, keepdim=True)

    clamped = "The logits were clamped (clipped) before the exponential: large ones that differ must get different weights."
    small = [0.0, -1.0, -2.0, -0.5]
    cases = [
        (
            "logits just below 10,000",
            [[10_000 + value for value in small]],
            of([small]),
            {"exp overflows at large logits. Subtract the largest logit of the row first: it cancels.": broken},
        ),
        (
            "logits of 10,000, 0 and -10,000 in one row",
            [[10_000.0, 0.0, -10_000.0, 9_999.0]],
            of([[0.0, -9_000.0, -9_000.0, -1.0]]),
            {"Subtracting the mean is not stable: powers still overflow. Subtract the largest logit of the row.": broken},
        ),
        (
            "all logits near -10,000",
            [[-10_000 + value for value in small]],
            of([small]),
            {"All powers underflowed to 0. Subtract the largest logit, negative as it is, and not an absolute value.": broken},
        ),
        (
            "one row near 10,000, one near 0 and one near -10,000",
            [[level + value for value in small] for level in (10_000, 0, -10_000)],
            of([small] * 3),
            {"A whole row underflowed to 0. Subtract from each row its own largest logit, not that of the whole tensor.": broken},
        ),
    ]
    for what, logits, wanted, hints in cases:
        given = torch.tensor(logits)
        # exp(x - logsumexp(x)) is right too, and in float32 good to about 5e-4 at logits of this size.
        with forbidden(*torchs_own):
            check(
                lambda: softmax(given.clone()),
                wanted,
                what,
                atol=2e-3,
                mistakes={**hints, clamped: torch.full_like(wanted, 1 / wanted.shape[-1]), clamped + " ": of(given.clamp(-80, 80).tolist())},
                otherwise="The result must be as good for large logits as for small ones: subtract the row's largest one first.",
            )
    given = torch.tensor([[10_000.0, 3.0], [9_998.0, 1.0]])
    with forbidden(*torchs_own):
        check(
            lambda: softmax(given.clone(), dim=0),
            torch.cat([of([[0.0, -2.0]]).T] * 2, dim=1),
            "columns of very different size, dim=0",
            atol=2e-3,
            mistakes={
                "Subtract the largest logit along `dim`, the same dimension as the sum: each column its own.": broken,
            },
            otherwise="Subtract the largest logit along `dim`, the same dimension as the sum.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "softmax-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: a logit of -inf gets the weight 0, and the logits stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check, inputs_unchanged

    inf = float("inf")
    for what, logits, wanted in (
        ("one masked logit", [[0.5, -inf, 1.5]], [[0.268941421, 0.0, 0.731058579]]),
        ("masked logits among negative ones", [[-inf, -3.0, -3.0, -inf]], [[0.0, 0.5, 0.5, 0.0]]),
        ("one logit left", [[-inf, -7.0, -inf], [4.0, 4.0, -inf]], [[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]]),
        ("a masked logit beside a huge one", [[-inf, 10_000.0, 10_000.0]], [[0.0, 0.5, 0.5]]),
    ):
        given = torch.tensor(logits)
        as_zero = torch.where(given.isinf(), 0.0, given).double()
        powers = (as_zero - as_zero.amax(dim=-1, keepdim=True)).exp()
        check(
            lambda: softmax(given.clone()),
            torch.tensor(wanted, dtype=torch.float64),
            what,
            atol=2e-3,
            mistakes={
                "A logit of -inf counts as 0 here. Leave it: exp(-inf) is 0, so a masked entry gets the weight 0.": (
                    powers / powers.sum(dim=-1, keepdim=True)
                ),
                "A row with a logit of -inf became NaN. exp(-inf) is 0; only -inf minus -inf, or a mean with it, is NaN.": (
                    lambda got: isinstance(got, torch.Tensor) and bool(got.isnan().any())
                ),
            },
            otherwise="A logit of -inf gets the weight 0, and the others share the 1.",
        )
    given = torch.tensor([[0.5, 2.0, -1.0], [3.0, 0.0, 1.0]])
    with inputs_unchanged(given):
        check(
            lambda: softmax(given),
            torch.tensor([[0.175290, 0.785597, 0.039113], [0.843795, 0.042010, 0.114195]]),
            "two rows of three",
            atol=1e-4,
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# **Now the look-up.** Four tokens, each with a key that says what it is about and a value that it holds. The query asks
# for the second kind of thing:

# %%
keys = torch.tensor([[4.0, 0.0], [0.0, 4.0], [0.0, 3.0], [-4.0, 0.0]])
values = torch.tensor([[10.0], [20.0], [30.0], [40.0]])
query = torch.tensor([0.0, 2.0])
scores = keys @ query / 2**0.5
weights = scores.exp() / scores.exp().sum()
print("scores ", [round(score, 2) for score in scores.tolist()])
print("weights", [round(weight, 3) for weight in weights.tolist()])
print("output ", round((weights @ values).item(), 2), "= mostly 20, some 30: a mean, so something with a gradient")

# %% [markdown]
# A dictionary would have returned exactly one value. This one returns a mixture, and so a small change of the query
# changes the output a little. That is what makes it trainable.
#
# ### Exercise: `attention`
#
# *Difficulty 3 of 5, 25 minutes.* Queries (..., T, d), keys (..., S, d), values (..., S, e), where the dots stand for any
# number of leading dimensions: none, a batch, a batch and heads. Scores are divided by the square root of d. In the mask
# `True` means "may be used". A masked key gets a weight of exactly 0. A query that may see no key at all gets weights and an
# output of 0, and no NaN. Torch's `scaled_dot_product_attention` and `nn.MultiheadAttention` are this exercise, so they
# are refused; everything else of torch is welcome, its softmax too.

# %% nbgrader={"grade": false, "grade_id": "attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return scaled dot-product attention (Vaswani et al., 2017) and its weights.

    Args:
        q: queries (..., T, d).
        k: keys (..., S, d).
        v: values (..., S, e).
        mask: boolean (..., T, S), True = the query may use the key; None = every query may use every key.

    Returns:
        The output (..., T, e) and the weights (..., T, S). A masked key has weight 0; a query without any key has
        output 0.
    """
    ### BEGIN SOLUTION
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(dim=-1)
    if mask is not None:  # a row of -inf alone has become NaN
        weights = weights.masked_fill(~mask, 0.0)
    return weights @ v, weights
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "attention-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import math

    import torch

    from utils.notebook.checks import check

    # d is 4, so the scale is 1/2. The scores are log 1 and log 3, the weights 1/4 and 3/4.
    q = torch.tensor([[2.0, 0.0, 0.0, 0.0]])
    k = torch.tensor([[0.0, 1.0, 0.0, 0.0], [math.log(3.0), 0.0, 0.0, 0.0]])
    v = torch.tensor([[8.0], [0.0]])
    check(
        lambda: attention(q, k, v),
        (torch.tensor([[2.0]]), torch.tensor([[0.25, 0.75]])),
        "one query and two keys",
        rtol=1e-4,
        mistakes={
            "The scale is missing: divide the scores by the square root of d, the width of a query.": (
                torch.tensor([[0.8]]),
                torch.tensor([[0.1, 0.9]]),
            ),
            "Return a pair: (output, weights).": lambda got: not isinstance(got, tuple | list) or len(got) != 2,
        },
    )
    check(
        lambda: attention(q, k, v, torch.tensor([[True, False]])),
        (torch.tensor([[8.0]]), torch.tensor([[1.0, 0.0]])),
        "the second key masked",
        mistakes={
            "The mask is the wrong way round: True means that the key may be used.": (
                torch.tensor([[0.0]]),
                torch.tensor([[0.0, 1.0]]),
            ),
        },
        otherwise="A masked key gets the score -inf before the softmax, and so the weight 0.",
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "attention-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: output and weights without a mask, for any number of leading dimensions.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check, forbidden

    whole_exercise = (
        "torch.nn.functional.scaled_dot_product_attention",
        "torch.nn.functional.multi_head_attention_forward",
        "torch.nn.MultiheadAttention",
    )

    def looked_up(scores, v, dim=-1, allowed=None):
        if allowed is not None:
            scores = scores.masked_fill(~allowed, float("-inf"))
        weights = torch.softmax(scores, dim=dim).nan_to_num(0.0)
        return weights @ v, weights

    T, S, d, e = 3, 5, 7, 2
    for case, lead in enumerate([(2,), (), (2, 4), (3, 1, 2)]):
        generator = torch.Generator().manual_seed(case_rng("attention", case).getrandbits(40))
        q, k, v = (torch.randn(*lead, *size, generator=generator) for size in ((T, d), (S, d), (S, e)))
        Q, K, V = q.double(), k.double(), v.double()
        products = Q @ K.transpose(-2, -1)
        output, weights = wanted = looked_up(products / d**0.5, V)
        with forbidden(*whole_exercise):
            check(
                lambda: attention(q.clone(), k.clone(), v.clone()),
                wanted,
                f"q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}, no mask",
                rtol=1e-4,
                atol=2e-5,
                mistakes=lambda: {
                    "Return a pair, (output, weights), and not the output alone.": (
                        lambda got: not isinstance(got, tuple | list) or len(got) != 2
                    ),
                    "The order is (output, weights): these two are swapped.": (weights, output),
                    "The second value holds scores. Return the weights: the scores after the softmax.": (
                        output,
                        products / d**0.5,
                    ),
                    "The scale is missing: divide the scores by sqrt(d), the square root of a query's width.": looked_up(
                        products, V
                    ),
                    "The scores are divided by d. The scale is its square root, sqrt(d).": looked_up(products / d, V),
                    "The scores are multiplied by sqrt(d). Divide by it.": looked_up(products * d**0.5, V),
                    "The scale comes from the width of v. It is the width of a query and a key, q.shape[-1].": looked_up(
                        products / e**0.5, V
                    ),
                    "The scale comes from the number of keys. It is sqrt(d), from the width of a query.": looked_up(
                        products / S**0.5, V
                    ),
                    "The scale comes from the number of queries. It is sqrt(d), from the width of a query.": looked_up(
                        products / T**0.5, V
                    ),
                    "The softmax runs over the queries (dim=-2). For each query the weights of its keys sum to 1: dim=-1.": (
                        looked_up(products / d**0.5, V, dim=-2)
                    ),
                    "Without a mask every query may use every key: this is causal.": looked_up(
                        products / d**0.5, V, allowed=torch.ones(T, S, dtype=torch.bool).tril(S - T)
                    ),
                    "Without a mask every query may use every key: this is causal, counted from the first key.": looked_up(
                        products / d**0.5, V, allowed=torch.ones(T, S, dtype=torch.bool).tril()
                    ),
                    "The scale was applied after the softmax. Scale the scores before it, so that the weights sum to 1.": (
                        torch.softmax(products, dim=-1) @ V / d**0.5,
                        torch.softmax(products, dim=-1) / d**0.5,
                    ),
                },
                if_raises=(
                    "Any number of leading dimensions is allowed, a batch or a batch and heads or none: transpose the last"
                    " two dimensions of k, k.transpose(-2, -1)."
                ),
                otherwise="The output is softmax(q k' / sqrt(d)) v, and the weights are that softmax.",
            )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: a masked key gets a weight of exactly 0, and the others share the 1.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check

    T, S, d, e = 4, 6, 3, 5
    for case, (lead, full) in enumerate([((2,), False), ((2,), True), ((), False), ((3, 2), False), ((3, 2), True)]):
        generator = torch.Generator().manual_seed(case_rng("attention mask", case).getrandbits(40))
        q, k, v = (torch.randn(*lead, *size, generator=generator) for size in ((T, d), (S, d), (S, e)))
        # Between 1 and S - 1 keys for each query, in an order of its own; no row is like its complement.
        order = torch.rand(*(lead if full else ()), T, S, generator=generator).argsort(dim=-1)
        mask = order < torch.tensor([[1], [2], [4], [5]])
        Q, K, V = q.double(), k.double(), v.double()
        scores = Q @ K.transpose(-2, -1) / d**0.5

        def looked_up(scores, allowed):
            weights = torch.softmax(scores.masked_fill(~allowed, float("-inf")), dim=-1).nan_to_num(0.0)
            return weights @ V, weights

        everything = torch.ones_like(mask)
        output, weights = wanted = looked_up(scores, mask)
        check(
            lambda: attention(q.clone(), k.clone(), v.clone(), mask.clone()),
            wanted,
            f"q {tuple(q.shape)}, mask {tuple(mask.shape)}",
            rtol=1e-4,
            atol=2e-5,
            mistakes=lambda: {
                "The mask is the wrong way round: True means that the key may be used.": looked_up(scores, ~mask),
                "The mask has no effect.": looked_up(scores, everything),
                "Masked scores were set to 0, and exp(0) is 1. Set them to -inf before the softmax.": looked_up(
                    scores * mask, everything
                ),
                "Masked weights were set to 0 after the softmax, so the others no longer sum to 1. Set scores to -inf before.": (
                    looked_up(scores, everything)[1] * mask @ V,
                    looked_up(scores, everything)[1] * mask,
                ),
                "The mask was added to the scores, as 0 and 1. A masked score must become -inf, so that its weight is exactly 0.": (
                    looked_up(scores + mask.double(), everything)
                ),
                "A query that may see some keys got 0. Only one without any key does: not every row with a masked key.": (
                    output * mask.all(dim=-1, keepdim=True),
                    weights * mask.all(dim=-1, keepdim=True),
                ),
                "NaN came out, though every query may see some keys.": (
                    lambda got: isinstance(got, tuple | list)
                    and any(isinstance(one, torch.Tensor) and bool(one.isnan().any()) for one in got)
                ),
            },
            if_raises="The mask may have the shape (T, S), or the leading dimensions too.",
            otherwise="A masked key gets the score -inf before the softmax.",
        )
        check(
            lambda: float(torch.as_tensor(attention(q.clone(), k.clone(), v.clone(), mask.clone())[1])[
                mask.expand(*lead, T, S).logical_not()
            ].abs().max()),
            0.0,
            "the largest weight of a masked key",
            atol=0.0,
            otherwise="The weight of a masked key is exactly 0: give it the score -inf, not a large negative number.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: a query that may see no key gets weights and output 0.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check

    generator = torch.Generator().manual_seed(case_rng("attention without keys", 0).getrandbits(40))
    q, k, v = (torch.randn(2, *size, generator=generator) for size in ((3, 4), (5, 4), (5, 2)))
    mask = torch.tensor([[True, False, True, True, False], [False] * 5, [False, True, False, False, True]])
    scores = (q.double() @ k.double().transpose(-2, -1) / 2).masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    with_nan = (weights @ v.double(), weights)
    weights = weights.nan_to_num(0.0)
    wanted = (weights @ v.double(), weights)
    uniform = torch.where(mask.any(dim=-1, keepdim=True), weights, torch.full_like(weights, 0.2))
    check(
        lambda: attention(q.clone(), k.clone(), v.clone(), mask),
        wanted,
        "three queries, the second of which may see no key",
        rtol=1e-4,
        atol=2e-5,
        mistakes={
            "A query that may see no key gave NaN, since a softmax over -inf alone is 0/0. Its weights and output are 0.": with_nan,
            "A query that may see no key gets the average of all values. Its weights and output are 0.": (
                uniform @ v.double(),
                uniform,
            ),
            "The output is right for a query without any key, but its weights are NaN: they are 0 too.": (wanted[0], with_nan[1]),
            "The output is right for a query without any key, but its weights are uniform: they are 0 too.": (wanted[0], uniform),
            "Only a query without any key gets 0: not one of which some keys are masked.": (
                wanted[0] * mask.all(dim=-1, keepdim=True),
                wanted[1] * mask.all(dim=-1, keepdim=True),
            ),
        },
        otherwise="A query that may see no key gets weights 0 and output 0; the other queries are not affected.",
    )
    check(
        lambda: attention(q.clone(), k.clone(), v.clone(), torch.zeros(3, 5, dtype=torch.bool)),
        (torch.zeros(2, 3, 2), torch.zeros(2, 3, 5)),
        "no query may see any key",
        mistakes={
            "Queries that may see no key gave NaN. Their weights and output are 0.": (
                lambda got: isinstance(got, tuple | list)
                and any(isinstance(one, torch.Tensor) and bool(one.isnan().any()) for one in got)
            ),
        },
        otherwise="Without any key allowed, all weights and outputs are 0.",
    )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: scores far apart and close together, and queries, keys, values and mask stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check, inputs_unchanged

    q = torch.tensor([[3.0, 0.0, 0.0, 0.0], [0.0, 60.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    k = torch.tensor([[2.0, 50.0, 0.0, 0.0], [0.0, 49.9, 1.0, 0.0], [0.0, -50.0, 0.0, 1.0]])
    v = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    mask = torch.tensor([[True, True, False], [True, True, True], [False, True, True]])
    scores = (q.double() @ k.double().T / 2).masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    with inputs_unchanged(q, k, v, mask):
        check(
            lambda: attention(q, k, v, mask),
            (weights @ v.double(), weights),
            "scores of 3, 1,500 and 0",
            rtol=1e-3,
            atol=1e-4,
            mistakes={
                "Scores of a thousand overflow: use a stable softmax.": (
                    lambda got: isinstance(got, tuple | list)
                    and any(isinstance(one, torch.Tensor) and bool(one.isnan().any()) for one in got)
                ),
            },
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: why divide by the square root of d?
#
# **Claim.** Scores are divided by sqrt(d). **Measurement.** Random queries and keys with entries of variance 1, for widths from
# 4 to 4,096. Their dot product has variance d, so without the scale scores grow with the width. We measure what that does to the
# entropy of the weights, and to the derivative of the softmax, through which every gradient has to pass. Five seeds. **Control.** The
# same with 1/sqrt(d), and with 1/d.

# %% tags=["experiment", "row-18"]
from utils.models.attention import attention_entropy as entropy_of_weights

widths = budget.pick(smoke=(4, 64), cpu=(4, 16, 64, 256, 1024, 4096))
n_keys, n_queries = 64, budget.pick(smoke=16, cpu=128, gpu=1024)
powers = {"no scale": 0.0, "1/sqrt(d)": 0.5, "1/d": 1.0}


def entropy_and_gradient(d: int, power: float, seed: int) -> tuple[float, float]:
    """Return the mean entropy of the weights (nats), and the mean trace of the softmax's derivative.

    The derivative is diag(w) - w w', its trace 1 - sum of w squared: 0 when one key has all the weight.
    """
    generator = torch.Generator().manual_seed(seed)
    q, k = torch.randn(n_queries, d, generator=generator), torch.randn(n_keys, d, generator=generator)
    weights = (q @ k.T / d**power).softmax(dim=-1)
    return entropy_of_weights(weights).mean().item(), (1 - weights.square().sum(-1)).mean().item()


measured = {
    (name, d): [entropy_and_gradient(d, power, seed) for seed in range(5)] for name, power in powers.items() for d in widths
}
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2), constrained_layout=True)
for (name, _), marker in zip(powers.items(), "sov"):
    left.plot(widths, [sum(m[0] for m in measured[name, d]) / 5 for d in widths], marker=marker, label=name)
    right.plot(widths, [sum(m[1] for m in measured[name, d]) / 5 for d in widths], marker=marker, label=name)
left.axhline(torch.tensor(float(n_keys)).log().item(), color="black", linestyle=":", label=f"uniform: log {n_keys}")
left.set(xscale="log", xlabel="width d of queries and keys", ylabel="entropy of the weights (nats)")
right.set(xscale="log", xlabel="width d of queries and keys", ylabel="trace of the softmax's derivative")
left.legend(fontsize=8)
right.legend(fontsize=8)
show(
    figure,
    "Entropy of attention weights over 64 keys, and the trace of the softmax's derivative, against the width. Without the scale both "
    "fall towards 0 as the width grows; with 1/sqrt(d) they do not depend on it; with 1/d the weights become uniform.",
)
entropy_at = {key: mean_interval([m[0] for m in values]) for key, values in measured.items()}
trace_at = {key: mean_interval([m[1] for m in values]) for key, values in measured.items()}
for name in powers:
    row = "  ".join(f"{d}: {entropy_at[name, d].mean:.2f} / {trace_at[name, d].mean:.2f}" for d in widths)
    print(f"{name:10} entropy / derivative   {row}")
wide, narrow = widths[-1], widths[0]
drift = abs(entropy_at["1/sqrt(d)", wide].mean - entropy_at["1/sqrt(d)", 64].mean)
verdicts.add(
    row=18,
    claim="attention is softmax(QK' / sqrt(d)) V, with a scale",
    measured=(
        f"at d = {wide}, without the scale {entropy_at['no scale', wide].mean:.2f} nats and a derivative of "
        f"{trace_at['no scale', wide].mean:.2f}; with it {entropy_at['1/sqrt(d)', wide].mean:.2f} nats and "
        f"{trace_at['1/sqrt(d)', wide].mean:.2f}, as at d = 64"
    ),
    interval=f"without {trace_at['no scale', wide]}; with {trace_at['1/sqrt(d)', wide]}",
    outcome=(
        "holds"
        if trace_at["no scale", wide].high < 0.5 * trace_at["1/sqrt(d)", wide].low and drift < 0.15
        else "holds in part"
        if trace_at["no scale", wide].high < trace_at["1/sqrt(d)", wide].low
        else "does not hold"
    ),
)

# %% [markdown]
# Without the scale a wide head starts out as a hard choice of one random key, and the gradient that could correct the choice is
# gone. With 1/d it starts out as a plain mean. The square root is the one power that leaves the start the same at any width.
#
# **Think.** The argument is about the *start* of training, with independent random entries. Why may a trained head have scores that are much larger, and
# still be fine?

# %% [markdown]
# ## 3 Where does it look?
#
# **What the chapter claims.** A picture of attention weights shows what a token uses: in Figure 2-5 a query looks back over
# `How are you ? ¿` to choose the next word.
#
# A row of weights is a probability distribution. Its entropy says how spread out it is: 0 when one key gets everything,
# log S when S keys share equally. The exponential of the entropy is easier to read, an effective number of keys.

# %%
for weights in ([1.0, 0.0, 0.0, 0.0], [0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]):
    entropy = sum(-weight * math.log(weight) for weight in weights if weight > 0)
    print(f"{weights}  {entropy:.3f} nats, looks at {math.exp(entropy):.2f} keys")

# %% [markdown]
# ### Exercise: `attention_entropy`
#
# *Difficulty 1 of 5, 10 minutes.* In nats, so with the natural logarithm, over the last dimension. Causal attention is full of
# zeros: let 0 log 0 be 0, its limit.

# %% nbgrader={"grade": false, "grade_id": "attention_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def attention_entropy(weights: Tensor) -> Tensor:
    """Return the entropy in nats of each row of attention weights.

    Args:
        weights: (..., S), each row sums to 1; zeros are allowed.

    Returns:
        Entropies (...), between 0 and log S, where 0 log 0 counts as 0.
    """
    ### BEGIN SOLUTION
    return -torch.special.xlogy(weights, weights).sum(dim=-1)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "attention_entropy-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import math

    import torch

    from utils.notebook.checks import check

    check(
        lambda: attention_entropy(torch.tensor([[0.25, 0.25, 0.25, 0.25], [0.5, 0.25, 0.125, 0.125]])),
        torch.tensor([2 * math.log(2), 1.75 * math.log(2)]),
        "a uniform row and another one",
        rtol=1e-4,
        mistakes={
            "This is in bits. Use the natural logarithm: nats.": torch.tensor([2.0, 1.75]),
            "The sign is wrong: an entropy is not negative.": torch.tensor([-2 * math.log(2), -1.75 * math.log(2)]),
        },
    )
    check(
        lambda: attention_entropy(torch.tensor([[1.0, 0.0]])),
        torch.tensor([0.0]),
        "a row with a 0",
        mistakes={
            "log 0 is -inf, and 0 times -inf is NaN. Here 0 log 0 counts as 0.": (
                lambda got: isinstance(got, torch.Tensor) and bool(got.isnan().any())
            )
        },
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "attention_entropy-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: one entropy in nats for each row, along the last dimension.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    import torch

    from utils.notebook.checks import case_rng, check

    for case, shape in enumerate([(3, 4, 5), (2, 3, 4, 6), (4, 3), (3, 3), (7,)]):
        generator = torch.Generator().manual_seed(case_rng("attention_entropy", case).getrandbits(40))
        weights = torch.softmax(1.5 * torch.randn(shape, generator=generator, dtype=torch.float64), dim=-1)
        weights = torch.where(weights == weights.amin(dim=-1, keepdim=True), 0.004, weights)  # one small weight a row
        weights = (weights / weights.sum(dim=-1, keepdim=True)).float()
        exact = weights.double()
        terms = -exact * exact.log()
        wanted = terms.sum(dim=-1)
        # What each row gives with its largest weight alone, with its two largest ones, and so on.
        largest_only = terms.gather(-1, exact.argsort(dim=-1, descending=True)).cumsum(dim=-1)
        mistakes = {
            "This is in bits (log2). Use the natural logarithm: nats.": wanted / math.log(2),
            "This is with the decimal logarithm (log10). Use the natural one: nats.": wanted / math.log(10),
            "The sign is wrong: put a minus before the sum, an entropy is not negative.": -wanted,
            "This is the mean over the keys. The entropy is the sum of -w log w.": terms.mean(dim=-1),
            "This is the perplexity, exp(entropy). Return the entropy.": wanted.exp(),
            "This is divided by log n, the largest possible entropy. Return nats, not normalised.": wanted / math.log(shape[-1]),
            "The logarithms are summed alone. Each is multiplied by its weight: -w log w.": -exact.log().sum(dim=-1),
            "A softmax was applied to the weights. They are probabilities already.": (
                lambda again: (-again * again.log()).sum(dim=-1)
            )(torch.softmax(exact, dim=-1)),
            "Small weights were cut off (a threshold, or clamped). Only a weight of exactly 0 needs care.": (
                lambda got: isinstance(got, torch.Tensor)
                and got.shape == wanted.shape
                and bool(((largest_only - got.double().unsqueeze(-1)).abs().amin(dim=-1) < 1e-4).all())
            ),
            "NaN came out of positive weights.": lambda got: isinstance(got, torch.Tensor) and bool(got.isnan().any()),
        }
        if len(shape) > 1:
            mistakes |= {
                "The sum runs over the queries (dim=-2). A row is a query: sum over the last dimension.": terms.sum(dim=-2),
                "This is one number for the whole tensor. Each query, each row, has its own: sum over the last dimension.": (
                    terms.sum()
                ),
                "This is one mean for the whole tensor. Each query, each row, has its own entropy.": wanted.mean(),
                "The last dimension was kept (keepdim). The result has the shape of the weights without it.": (
                    wanted.unsqueeze(-1)
                ),
            }
        if len(shape) > 2:
            mistakes["These are averaged over queries or heads. Each row has its own: only the last dimension goes away."] = (
                lambda got: isinstance(got, torch.Tensor) and got.dim() < wanted.dim()
            )
        check(
            lambda: attention_entropy(weights.clone()),
            wanted,
            f"weights of the shape {shape}",
            rtol=1e-4,
            atol=1e-5,
            mistakes=mistakes,
            if_raises="Weights may have any number of leading dimensions, and none.",
            otherwise="The entropy of a row is the sum of -w log w over the last dimension.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention_entropy-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: 0 log 0 is 0, and the weights stay as they were.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    import torch

    from utils.notebook.checks import check, inputs_unchanged

    weights = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25], [0.5, 0.0, 0.25, 0.25]])
    wanted = torch.tensor([0.0, math.log(2), 2 * math.log(2), 1.5 * math.log(2)], dtype=torch.float64)
    for given, right in ((weights, wanted), (weights.expand(2, 3, 4, 4).clone(), wanted.expand(2, 3, 4))):
        with inputs_unchanged(given):
            check(
                lambda: attention_entropy(given),
                right,
                "rows with zeros, as under a causal mask",
                rtol=1e-4,
                atol=1e-6,
                mistakes={
                    "log 0 is -inf, and 0 times -inf is NaN. Here 0 log 0 counts as 0.": (
                        lambda got: isinstance(got, torch.Tensor) and bool(got.isnan().any())
                    ),
                    "A row with some zeros got the entropy 0. Only the zeros count as 0, not the whole row: 0 log 0 = 0.": (
                        torch.where((given == 0).any(dim=-1), 0.0, right)
                    ),
                    "The zeros count for something. 0 log 0 is 0.": (
                        lambda got: isinstance(got, torch.Tensor)
                        and got.shape == right.shape
                        and bool((got.double() > right + 1e-4).any())
                    ),
                },
                otherwise="Only positive weights contribute -w log w; a 0 contributes 0.",
            )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: two models, looked into
#
# **Claim.** Attention weights show which earlier tokens a token uses. **Measurement.** The maps of two trained models: the
# course's own, which has read documents of the miniature world and nothing else, and SmolLM2 (135 million parameters), which has
# read the web. For each head the effective number of keys. **Control.** The same shape with random weights, before any training.

# %% tags=["experiment", "row-19"]
import copy

from utils.models.pretrained import load_gguf
from utils.notebook.widgets.attention_explorer import attention_figure, attention_map, describe_head, effective_keys, row_text
from utils.training.base_models import base_world, load_base_model

real = load_gguf()
course_model, world = load_base_model("world-small"), base_world()


def read_real(text: str):
    """Return the real model's map of a text."""
    ids = real.encode(text)
    return attention_map(real.model, ids, [real.decode([token]).replace("\n", "\\n") for token in ids])


def read_course(text: str):
    """Return the course's model's map of a text; words that the world does not know raise ValueError."""
    end = world.vocabulary.end_of_text_id
    ids = [end, *world.vocabulary.encode(text)]
    return attention_map(course_model, ids, [world.vocabulary.decode([token]) if token != end else "|" for token in ids])


documents = sorted(world.documents(60, seed=3), key=lambda document: (abs(len(document.words) - 14), document.text))
texts = {
    "SmolLM2 (real)": "The doctor asked the nurse a question. The nurse answered the doctor",
    "world-small (course)": documents[0].text,
}
readers_of = {"SmolLM2 (real)": read_real, "world-small (course)": read_course}
maps = {name: read(texts[name]) for name, read in readers_of.items()}
untrained = copy.deepcopy(course_model)
untrained.initialise(torch.Generator().manual_seed(0))
end = world.vocabulary.end_of_text_id
words = [end, *world.vocabulary.encode(texts["world-small (course)"])]
before_training = effective_keys(attention_map(untrained, words, [str(word) for word in words]))
focus = {name: effective_keys(chosen) for name, chosen in maps.items()}
for name, keys in focus.items():
    print(f"{name}: {len(maps[name].tokens)} tokens; keys per head from {keys.min():.1f} to {keys.max():.1f}, median {keys.median():.1f}")
print(f"the course's model before training: from {before_training.min():.1f} to {before_training.max():.1f}")

panels = []
for name, chosen in maps.items():
    rows = torch.arange(1, len(chosen.tokens))
    elsewhere = 1 - chosen.weights[:, :, rows, 0].mean(-1) - chosen.weights[:, :, rows, rows].mean(-1)
    layer, head = divmod(int((elsewhere / focus[name]).argmax()), chosen.n_heads)  # few keys, neither the first nor itself
    panels.append((f"{name}: layer {layer}, head {head}", chosen, layer, head))
    print(describe_head(chosen, layer, head), row_text(chosen, layer, head, len(chosen.tokens) - 1, most=3))
show(
    attention_figure(panels),
    "Attention maps of one head of SmolLM2 and one of the course's model, queries in rows and keys in columns. Both are triangles, since "
    "no token looks ahead, and in each row a few keys have most of the weight.",
)
trained_keys = mean_interval(focus["world-small (course)"].flatten().tolist())
untrained_keys = mean_interval(before_training.flatten().tolist())
verdicts.add(
    row=19,
    claim="attention picks the tokens that matter for the next one",
    measured=(
        f"heads of the course's model look at {trained_keys.mean:.1f} keys of {len(words)} on average, {untrained_keys.mean:.1f} "
        f"before training; in SmolLM2 the median is {focus['SmolLM2 (real)'].median():.1f} of {len(maps['SmolLM2 (real)'].tokens)}"
    ),
    interval=f"over heads: {trained_keys}, before {untrained_keys}",
    outcome="holds" if trained_keys.high < untrained_keys.low else "undecided",
)

# %% [markdown]
# Look through all heads with the explorer: choose a model, a layer, a head, and the token that looks. Type your own sentence. Where
# widgets do not work, the picture above shows two heads.

# %% tags=["experiment", "row-19"]
from IPython.display import display

from utils.notebook.widgets.attention_explorer import attention_explorer

display(attention_explorer(readers_of, texts))

# %% [markdown]
# You will find many heads of SmolLM2 that look at the first token, whatever it is. It is where a head puts its weight when it has
# nothing to do: the weights must sum to 1, so "nothing" needs a place (called an attention sink; Xiao et al., 2023).
#
# **Think.** A head that puts 0.9 on a word need not *use* that word much: the output is weights times values. What would you measure to
# find out?

# %% [markdown]
# ## 4 No looking ahead
#
# **What the chapter claims.** A language model writes one token after the other, and each may use the tokens before it only.
# In training all positions are computed at once, so the future is right there in the tensor. A mask hides it.

# %%
for query in range(4):
    print(f"query {query} sees", " ".join("x" if key <= query else "." for key in range(4)))
print()
for query in range(2):
    print(f"query {query} sees", " ".join("x" if key <= 3 + query else "." for key in range(5)), "  (2 queries, 5 keys)")

# %% [markdown]
# The second picture is what you need later: three positions are known already, and two new ones ask. Query 0 is the
# fourth position, so it sees four keys. Counting from the first key instead would show it one.
#
# ### Exercise: `causal_mask`
#
# *Difficulty 2 of 5, 10 minutes.* Boolean, `True` = may be used. The queries are the last positions of the keys. More queries than keys
# make no sense: refuse them, also when `key_len` is 0.

# %% nbgrader={"grade": false, "grade_id": "causal_mask", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def causal_mask(query_len: int, key_len: int | None = None) -> Tensor:
    """Return the mask under which a query sees keys up to its own position.

    Args:
        query_len: number of queries; query i stands at position key_len - query_len + i.
        key_len: number of keys; None means query_len.

    Returns:
        Boolean (query_len, key_len), True = may be used.

    Raises:
        ValueError: there are fewer keys than queries.
    """
    ### BEGIN SOLUTION
    key_len = query_len if key_len is None else key_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} must be at least query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(key_len - query_len)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "causal_mask-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import torch

    from utils.notebook.checks import check, check_refused

    check(
        lambda: causal_mask(3),
        torch.tensor([[True, False, False], [True, True, False], [True, True, True]]),
        "three queries, three keys",
        if_raises="Equal lengths are the usual case: only fewer keys than queries are refused.",
        mistakes={
            "True means that a key may be used: this mask is inverted.": torch.tensor(
                [[False, True, True], [False, False, True], [False, False, False]]
            ),
            "A query sees its own position too.": torch.ones(3, 3, dtype=torch.bool).tril(-1),
            "The mask must be boolean.": lambda got: isinstance(got, torch.Tensor) and got.dtype != torch.bool,
        },
    )
    check(
        lambda: causal_mask(2, 5),
        torch.tensor([[True, True, True, True, False], [True, True, True, True, True]]),
        "two queries at the end of five keys",
        otherwise="The queries are the last positions: query 0 of 2 is the fourth of 5 positions.",
    )
    check_refused(lambda: causal_mask(5, 2), "five queries and two keys (key_len 2)")


visible_test()

# %% nbgrader={"grade": true, "grade_id": "causal_mask-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: as many keys as queries.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check

    for size, arguments in ((4, (4,)), (6, (6, 6)), (1, (1,))):
        wanted = torch.tensor([[key <= query for key in range(size)] for query in range(size)])
        whole = torch.ones(size, size, dtype=torch.bool)
        check(
            lambda: causal_mask(*arguments),
            wanted,
            f"{size} queries, {size} keys",
            if_raises="Equal lengths are not refused: as many keys as queries is the usual case.",
            mistakes={
                "The mask is no boolean tensor. This one is additive, 0 and -inf: return True where a key may be used.": (
                    lambda got: isinstance(got, torch.Tensor) and got.is_floating_point() and bool(got.isinf().any())
                ),
                "The mask is no boolean tensor: give it dtype=torch.bool.": (
                    lambda got: isinstance(got, torch.Tensor) and got.dtype != torch.bool
                ),
                "Each query sees the keys from its own to the last: the future (later keys), and not the earlier ones. Rows are"
                " queries, columns are keys: is it the upper triangle, or transposed?": whole.triu(),
                "The mask is inverted: True means that the key may be used.": ~wanted,
                "A query sees its own position too.": whole.tril(-1),
                "A query sees one key too many: the next position is the future.": whole.tril(1),
                "A query sees its own position only. It sees the earlier (past) ones too.": torch.eye(size, dtype=torch.bool),
                "Every query sees every key. Hide the future: the later keys.": whole,
            },
            otherwise="Query i sees the keys 0 to i.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "causal_mask-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: fewer queries than keys: the queries are the last positions.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check

    for queries, keys in ((3, 5), (2, 7), (1, 4), (4, 5), (5, 5)):
        offset = keys - queries
        wanted = torch.tensor([[key <= offset + query for key in range(keys)] for query in range(queries)])
        whole = torch.ones(queries, keys, dtype=torch.bool)
        check(
            lambda: causal_mask(queries, keys),
            wanted,
            f"{queries} queries, {keys} keys",
            if_raises="Fewer queries than keys, or as many (equal lengths), are not refused.",
            mistakes={
                "The mask is no boolean tensor. This one is additive, 0 and -inf: return True where a key may be used.": (
                    lambda got: isinstance(got, torch.Tensor) and got.is_floating_point() and bool(got.isinf().any())
                ),
                "The mask is no boolean tensor: give it dtype=torch.bool.": (
                    lambda got: isinstance(got, torch.Tensor) and got.dtype != torch.bool
                ),
                "The mask is square: key_len has no effect.": (
                    lambda got: isinstance(got, torch.Tensor) and queries != keys and tuple(got.shape) == (queries, queries)
                ),
                "The mask is transposed: its shape is (query_len, key_len), rows are queries.": (
                    lambda got: isinstance(got, torch.Tensor) and queries != keys and tuple(got.shape) == (keys, queries)
                ),
                "The first query is not the first position. It stands at key_len - query_len: shift the diagonal by this offset.": (
                    whole.tril(0)
                ),
                "The offset has the wrong sign: query i stands at key_len - query_len + i.": whole.tril(-offset),
                "Each query sees its own and the later keys (the future), and not the earlier ones.": whole.triu(offset),
                "The mask is inverted: True means that the key may be used.": ~wanted,
                "A query sees its own position too.": whole.tril(offset - 1),
                "A query sees one key too many: the next position is the future.": whole.tril(offset + 1),
                "The new queries see each other's future: every key is allowed. The last but one query may not see the last key.": (
                    whole
                ),
                "A query sees its own position only. It sees the earlier (past) ones too.": (
                    whole.tril(offset) & ~whole.tril(offset - 1)
                ),
            },
            otherwise="Query i stands at position key_len - query_len + i, and sees the keys up to its own.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "causal_mask-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: fewer keys than queries are refused.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check_refused

    for queries, keys in ((5, 4), (3, 1)):
        check_refused(
            lambda: causal_mask(queries, keys),
            f"{queries} queries with key_len {keys}",
            "There must be at least as many keys as queries.",
        )
    check_refused(
        lambda: causal_mask(2, 0),
        "two queries with key_len 0",
        "0 is a number of keys like any other, and false in Python: ask `key_len is None`, not `key_len or query_len`.",
    )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: a leak test
#
# **Claim.** Behind a causal mask a position cannot see the future. **Measurement.** Change every token after a position and compare all
# outputs up to it, bit by bit; and ask for the gradient of an output with respect to later inputs. For the course's model and for the
# real one. **Control.** The same model with a mask that lets everything through: the test must find that leak, or it is no test.

# %% tags=["experiment", "row-20"]
@torch.no_grad()
def largest_change(model: nn.Module, ids: torch.Tensor, position: int, vocab_size: int, seed: int) -> tuple[float, float]:
    """Replace all tokens after a position; return the largest change of a logit up to it, and after it."""
    other = ids.clone()
    generator = torch.Generator().manual_seed(seed)
    other[:, position + 1 :] = torch.randint(vocab_size, other[:, position + 1 :].shape, generator=generator)
    change = (model(ids) - model(other)).abs().amax(dim=(0, 2))
    return change[: position + 1].max().item(), change[position + 1 :].max().item()


class SeesEverything(nn.Module):
    """A GPT whose attention lets every position see all: a language model with a leak."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.model.embed(ids)
        everything = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool)
        for block in self.model.blocks:
            x = block(x, everything)
        return self.model.head(self.model.norm(x))


course_ids = world.vocabulary.encode(documents[0].text)
suspects = {
    "course model": (course_model, course_ids, course_model.config.vocab_size),
    "course model without a mask": (SeesEverything(course_model), course_ids, course_model.config.vocab_size),
    "SmolLM2": (real.model, real.encode(texts["SmolLM2 (real)"]), 20_000),
}
leaks = {}
for name, (model, ids, vocab_size) in suspects.items():
    tokens = torch.tensor([ids])
    places = budget.pick(smoke=(3,), cpu=(2, 5, 8)) if name != "SmolLM2" else (5,)
    found = [largest_change(model, tokens, position, vocab_size, seed=position) for position in places]
    leaks[name] = max(before for before, _ in found)
    print(f"{name:30} largest change up to the position {leaks[name]:.2g}, after it {max(after for _, after in found):.2g}")

# The same by gradients: can output t learn anything about input s > t?
vectors = course_model.embed(torch.tensor([course_ids])).detach().requires_grad_()
x = vectors
for block in course_model.blocks:
    x = block(x)
middle = x.shape[1] // 2
(gradient,) = torch.autograd.grad(x[0, middle].sum(), vectors)
later = gradient[0, middle + 1 :].abs().max().item()
print(f"gradient of position {middle}: at most {gradient[0, : middle + 1].abs().max():.2g} on itself and before, {later:.2g} on later ones")
verdicts.add(
    row=20,
    claim="with a causal mask a token uses only earlier ones",
    measured=(
        f"changing the future moves earlier logits by {leaks['course model']:.1g} in the course's model and "
        f"{leaks['SmolLM2']:.1g} in SmolLM2, by {leaks['course model without a mask']:.2g} without the mask; gradient on "
        f"later inputs {later:.1g}"
    ),
    outcome=(
        "holds"
        if leaks["course model"] == 0 and leaks["SmolLM2"] < 1e-4 and later == 0 and leaks["course model without a mask"] > 0.01
        else "does not hold"
    ),
)

# %% [markdown]
# A leak makes the training loss wonderful and the text that the model writes useless. When a loss looks too good, run these ten
# lines before you celebrate.
#
# **Think.** The test changes all later tokens at once. Would it find a model in which position 5 sees position 6 but no other later
# one? In which a *batch norm* carries information across positions?

# %% [markdown]
# ## 5 Many heads
#
# **What the chapter claims.** One attention looks for one kind of thing. So a model of width 4,096 runs 32 of them side by side,
# each on 128 features, and a last matrix mixes their outputs. The heads can then attend to different tokens at once.

# %%
print("Llama 2-7B: 4096 features =", " x ".join(map(str, (32, 4096 // 32))))
x = torch.arange(12.0).view(1, 2, 6)
print("two tokens of six features\n", x[0].int().tolist())
print("head 0 of 2 holds the features 0 to 2 of both\n", x[0, :, 0:3].int().tolist())
print("head 1 of 2 holds the features 3 to 5\n", x[0, :, 3:6].int().tolist())

# %% [markdown]
# Splitting is no computation: it regroups the same numbers. But it is easy to regroup them wrongly, and a model with mixed-up
# heads still trains, a little worse, without an error message.
#
# ### Exercise: `split_heads`, `merge_heads`
#
# *Difficulty 2 of 5, 15 minutes.* From (B, T, D) to (B, H, T, D/H) and back. Head h holds the features h D/H to (h + 1) D/H. A D
# that H does not divide is refused.

# %% course={"names": ["split_heads", "merge_heads"]} nbgrader={"grade": false, "grade_id": "split_heads", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def split_heads(x: Tensor, n_heads: int) -> Tensor:
    """Return x (B, T, D) as heads (B, H, T, D/H); head h holds the features h D/H to (h + 1) D/H.

    Raises:
        ValueError: n_heads does not divide D.
    """
    ### BEGIN SOLUTION
    B, T, D = x.shape
    if D % n_heads:
        raise ValueError(f"n_heads {n_heads} does not divide the width {D}")
    return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)
    ### END SOLUTION


def merge_heads(x: Tensor) -> Tensor:
    """Return heads (B, H, T, D/H) as (B, T, D): the inverse of `split_heads`."""
    ### BEGIN SOLUTION
    B, H, T, width = x.shape
    return x.transpose(1, 2).reshape(B, T, H * width)
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "split_heads-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import torch

    from utils.notebook.checks import check, check_refused

    tokens = torch.arange(12.0).view(1, 3, 4)  # one text of three tokens with four features
    heads = torch.tensor([[[[0.0, 1], [4, 5], [8, 9]], [[2, 3], [6, 7], [10, 11]]]])
    check(
        lambda: split_heads(tokens.clone(), 2),
        heads,
        "three tokens of four features, two heads",
        mistakes={
            "Positions got mixed: a reshape to (B, H, T, D/H) cuts across tokens. Split the features first, then transpose.": (
                tokens.view(1, 2, 3, 2)
            )
        },
    )
    check(
        lambda: merge_heads(heads.clone()),
        tokens,
        "the same heads merged again",
        mistakes={"Positions got mixed: transpose the heads back behind the tokens first.": heads.reshape(1, 3, 4)},
        if_raises="A transposed tensor has no contiguous view: use `reshape`.",
    )
    check_refused(lambda: split_heads(tokens.clone(), 3), "4 features and n_heads 3")


visible_test()

# %% nbgrader={"grade": true, "grade_id": "split_heads-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: split_heads puts every feature into its head.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check

    for B, T, H, width in ((3, 5, 2, 4), (2, 4, 3, 5), (1, 6, 1, 3), (2, 3, 4, 1)):
        D = H * width
        # Each number names its place: text, token, feature.
        x = torch.tensor([[[float(10_000 * b + 100 * t + f) for f in range(D)] for t in range(T)] for b in range(B)])
        wanted = torch.stack([x[:, :, h * width : (h + 1) * width] for h in range(H)], dim=1)
        check(
            lambda: split_heads(x.clone(), H),
            wanted,
            f"(B, T, D) = ({B}, {T}, {D}) in {H} heads",
            mistakes={
                "Positions got mixed: a reshape to (B, H, T, D/H) cuts across tokens. Reshape to (B, T, H, D/H), then transpose.": (
                    x.reshape(B, H, T, width)
                ),
                "The axes stand as (B, T, H, D/H). Transpose: the shape is (B, H, T, D/H).": x.reshape(B, T, H, width),
                "Head h got every H-th feature (interleaved). It holds consecutive ones, h D/H to (h + 1) D/H.": (
                    x.reshape(B, T, width, H).permute(0, 3, 1, 2)
                ),
                "The heads were folded into the batch. The shape is (B, H, T, D/H).": wanted.reshape(B * H, T, width),
                "The heads are in reverse order: head 0 holds the first features.": wanted.flip(1),
                "n_heads was taken for the width of a head. It is the number of heads, and the width is D / n_heads.": (
                    x.reshape(B, T, width, H).transpose(1, 2)
                ),
            },
            otherwise="Head h holds the features h D/H to (h + 1) D/H of every token.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "split_heads-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: merge_heads puts the heads' features side by side again.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check

    for B, T, H, width in ((3, 5, 2, 4), (2, 4, 3, 5), (1, 6, 1, 3), (2, 3, 4, 1)):
        D = H * width
        heads = torch.tensor(
            [[[[float(10_000 * b + 1000 * h + 10 * t + f) for f in range(width)] for t in range(T)] for h in range(H)] for b in range(B)]
        )
        wanted = torch.cat([heads[:, h] for h in range(H)], dim=-1)
        check(
            lambda: merge_heads(heads.clone()),
            wanted,
            f"{H} heads of width {width}, {T} tokens",
            if_raises="A transposed tensor is not contiguous and has no view: use `reshape`.",
            mistakes={
                "Positions got mixed: the heads were not transposed back behind the tokens before the reshape.": (
                    heads.reshape(B, T, D)
                ),
                "The features of the heads are interleaved. Head h goes to the consecutive features h D/H to (h + 1) D/H.": (
                    heads.permute(0, 2, 3, 1).reshape(B, T, D)
                ),
                "The heads were added up (summed). They stand side by side: (B, T, D).": heads.sum(dim=1),
                "The heads were averaged. They stand side by side: (B, T, D).": heads.mean(dim=1),
                "The shape is wrong: the heads stand side by side in the features, (B, T, D).": heads.reshape(B, H * T, width),
                "The heads are in reverse order: head 0 gives the first features.": torch.cat(
                    [heads[:, h] for h in reversed(range(H))], dim=-1
                ),
            },
            otherwise="Head h becomes the features h D/H to (h + 1) D/H of every token.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "split_heads-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: the two are exact inverses, nothing is modified, and a width that does not divide is refused.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check, check_refused, inputs_unchanged

    generator = torch.Generator().manual_seed(case_rng("split_heads", 0).getrandbits(40))
    for dtype in (torch.float32, torch.float64):
        x = torch.randn(2, 5, 12, generator=generator, dtype=dtype)
        heads = torch.randn(2, 4, 5, 3, generator=generator, dtype=dtype)
        with inputs_unchanged(x, heads):
            check(
                lambda: merge_heads(split_heads(x, 4)),
                x,
                "12 features split into four heads and merged",
                rtol=0.0,
                atol=0.0,
                if_raises="What split_heads returns may be a view that is not contiguous: use `reshape` to merge.",
                otherwise="merge_heads is the exact inverse of split_heads: transpose back, then join the features.",
            )
            check(
                lambda: split_heads(merge_heads(heads), 4),
                heads,
                "four heads merged and split",
                rtol=0.0,
                atol=0.0,
                if_raises="What merge_heads returns is (B, T, D): split_heads takes it.",
                otherwise="split_heads is the exact inverse of merge_heads.",
            )
    for width, n_heads in ((7, 2), (8, 3), (4, 8)):
        check_refused(
            lambda: split_heads(torch.zeros(2, 3, width), n_heads),
            f"{width} features and n_heads {n_heads}",
            "The width must be divisible by the number of heads.",
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# **All of it in one layer.** Four matrices: queries, keys, values, and the output projection that mixes the heads. Newer
# models save memory by giving several query heads one key and value head (*grouped queries*, Ainslie et al., 2023). With
# eight query heads and two kv heads, the query heads 0 to 3 share kv head 0:

# %%
n_heads, n_kv_heads = 8, 2
group = n_heads // n_kv_heads
print("query head h:        ", *range(n_heads))
print("kv head h // group:  ", *(h // group for h in range(n_heads)))

# %% [markdown]
# ### Exercise: `MultiHeadAttention`
#
# *Difficulty 4 of 5, 30 minutes.* Write it from your pieces above or from scratch. The names `q_proj`, `k_proj`, `v_proj` and
# `o_proj` are those of Llama's weights, which you will load in notebook 03. Each is an `nn.Linear` without bias. A given mask
# (T, T) is used as it is; without one the layer is causal. Torch's whole attention is refused here too.

# %% nbgrader={"grade": false, "grade_id": "MultiHeadAttention", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor, nn


class MultiHeadAttention(nn.Module):
    """Multi-head self-attention; causal unless a mask is given.

    Args:
        d_model: width D of the input and the output.
        n_heads: query heads; the width of a head is D / n_heads.
        n_kv_heads: key and value heads, None means n_heads; query head h uses kv head h // group, where group is
            n_heads / n_kv_heads.

    The layers are `q_proj`, `k_proj`, `v_proj`, `o_proj` (`nn.Linear`, no bias; k_proj and v_proj map to
    n_kv_heads * head_dim), the attributes `n_heads` and `n_kv_heads` (both numbers).
    """

    def __init__(self, d_model: int, n_heads: int, n_kv_heads: int | None = None) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.n_heads = n_heads
        self.n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        kv_width = d_model // n_heads * self.n_kv_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, kv_width, bias=False)
        self.v_proj = nn.Linear(d_model, kv_width, bias=False)
        self.o_proj = nn.Linear(d_model, d_model, bias=False)
        ### END SOLUTION

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return (B, T, D) from x (B, T, D); mask (T, T) is boolean, True = may be used, causal when None."""
        ### BEGIN SOLUTION
        B, T, D = x.shape
        group = self.n_heads // self.n_kv_heads
        # q (B, K, group, T, d) beside k and v (B, K, 1, T, d): each kv head serves its group by broadcasting.
        q = self.q_proj(x).view(B, T, self.n_kv_heads, group, -1).permute(0, 2, 3, 1, 4)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, 1, -1).permute(0, 2, 3, 1, 4)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, 1, -1).permute(0, 2, 3, 1, 4)
        if mask is None:
            mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        weights = scores.masked_fill(~mask, float("-inf")).softmax(dim=-1).masked_fill(~mask, 0.0)
        return self.o_proj((weights @ v).permute(0, 3, 1, 2, 4).reshape(B, T, D))
        ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "MultiHeadAttention-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import torch

    from utils.notebook.checks import check

    check(
        lambda: {name: tuple(weight.shape) for name, weight in MultiHeadAttention(12, 4, 2).state_dict().items()},
        {
            "q_proj.weight": (12, 12),
            "k_proj.weight": (6, 12),
            "v_proj.weight": (6, 12),
            "o_proj.weight": (12, 12),
        },
        "the weights of a layer of width 12 with four heads and two kv heads",
        mistakes={
            "The projections have no bias: bias=False.": lambda got: isinstance(got, dict) and any("bias" in name for name in got)
        },
        otherwise="k_proj and v_proj map to n_kv_heads * head_dim; the layers are q_proj, k_proj, v_proj and o_proj.",
    )

    def with_identities():
        layer = MultiHeadAttention(4, 2)
        layer.load_state_dict({f"{name}_proj.weight": torch.eye(4) for name in "qkvo"}, strict=False)
        return layer

    tokens = torch.tensor([[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 2.0], [3.0, 0.0, 1.0, 0.0]]])
    check(
        lambda: with_identities()(tokens)[:, 0],
        tokens[:, 0],
        "the first token, all matrices the identity",
        rtol=1e-4,
        otherwise="The first position sees itself only, so its output is its own value: is the layer causal without a mask?",
    )
    check(
        lambda: with_identities()(tokens, torch.eye(3, dtype=torch.bool)),
        tokens,
        "a mask under which each token sees itself only",
        rtol=1e-4,
        otherwise="Then each output is the token's own value, here the token: use the given mask as it is.",
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "MultiHeadAttention-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: names, shapes and attributes, with and without grouped queries.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check

    for D, H, K in ((12, 4, None), (12, 4, 2), (24, 6, 3), (10, 2, 1)):
        given = (D, H) if K is None else (D, H, K)
        kv_heads = H if K is None else K
        kv_width = D // H * kv_heads
        wanted = {
            "q_proj.weight": (D, D),
            "k_proj.weight": (kv_width, D),
            "v_proj.weight": (kv_width, D),
            "o_proj.weight": (D, D),
        }
        check(
            lambda: {
                name: tuple(weight.shape)
                for name, weight in MultiHeadAttention(*given).state_dict().items()
                if name in wanted or name.endswith("bias")
            },
            wanted,
            f"the weights of MultiHeadAttention{given}",
            mistakes={
                "The projections have no bias: nn.Linear(..., bias=False).": (
                    lambda got: any(name.endswith("bias") for name in got)
                ),
                "k_proj and v_proj have the full width. They map to n_kv_heads * head_dim features.": (
                    dict.fromkeys(wanted, (D, D)) if kv_width != D else None
                ),
            },
            otherwise="The layers are q_proj, k_proj, v_proj, o_proj; k_proj and v_proj map to n_kv_heads * head_dim.",
        )
        check(
            lambda: [
                isinstance(getattr(layer, f"{name}_proj"), torch.nn.Linear)
                for layer in [MultiHeadAttention(*given)]
                for name in "qkvo"
            ],
            [True] * 4,
            "whether q_proj, k_proj, v_proj and o_proj are nn.Linear",
        )
        check(
            lambda: [getattr(layer, name) for layer in [MultiHeadAttention(*given)] for name in ("n_heads", "n_kv_heads")],
            [H, kv_heads],
            f"the attributes n_heads and n_kv_heads of MultiHeadAttention{given}",
            mistakes={
                "The attribute n_kv_heads is None. Without the argument it is n_heads, a number.": [H, None],
                "n_kv_heads has no effect: the attribute is n_heads.": [H, H],
            },
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "MultiHeadAttention-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the output with as many kv heads as heads: causal without a mask, and under a given one.
### BEGIN HIDDEN TESTS
def graded_test():
    import functools

    import torch

    from utils.notebook.checks import case_rng, check, forbidden, inputs_unchanged

    whole_exercise = (
        "torch.nn.functional.scaled_dot_product_attention",
        "torch.nn.functional.multi_head_attention_forward",
        "torch.nn.MultiheadAttention",
    )

    def output(x, weights, H, mask, wrong=""):
        x = x.double()
        B, T, D = x.shape
        q, k, v = (x @ weights[f"{name}_proj.weight"].double().T for name in "qkv")
        if wrong == "split":
            q, k, v = (one.reshape(B, H, T, D // H) for one in (q, k, v))
        else:
            q, k, v = (one.reshape(B, T, H, D // H).transpose(1, 2) for one in (q, k, v))
        q, k = (k, q) if wrong == "swapped" else (q, k)
        k, v = (k[:, :1], v[:, :1]) if wrong == "first" else (k, v)
        scale = {"no scale": 1.0, "d_model": D**0.5}.get(wrong, (D // H) ** 0.5)
        scores = (q @ k.transpose(-2, -1) / scale).masked_fill(~mask, float("-inf"))
        mixed = torch.softmax(scores, dim=-2 if wrong == "queries" else -1).nan_to_num(0.0) @ v
        merged = mixed.reshape(B, T, D) if wrong == "merge" else mixed.transpose(1, 2).reshape(B, T, D)
        projected = merged @ weights["o_proj.weight"].double().T
        return merged if wrong == "o_proj" else projected + x if wrong == "residual" else projected

    for case, (B, T, D, H) in enumerate([(2, 5, 12, 3), (1, 4, 8, 4), (3, 6, 6, 1)]):
        generator = torch.Generator().manual_seed(case_rng("MultiHeadAttention", case).getrandbits(40))
        weights = {f"{name}_proj.weight": 1.5 * torch.randn(D, D, generator=generator) / D**0.5 for name in "qkvo"}
        x = torch.randn(B, T, D, generator=generator)
        causal = torch.ones(T, T, dtype=torch.bool).tril()
        everything = torch.ones_like(causal)
        odd = torch.rand(T, T, generator=generator) < 0.5
        odd[:, 1], odd[0] = True, torch.arange(T) >= 1  # every query sees a key, and the first sees the future only

        def layer():
            made = MultiHeadAttention(D, H)
            made.load_state_dict(weights, strict=False)
            return made

        def twice():
            made = layer()
            return [made(x.clone()), made(x.clone())]

        loaded = functools.cache(layer)
        shared = {
            "The scale is missing: divide the scores by sqrt(head_dim).": "no scale",
            "The scale is sqrt(d_model). Each head has its own width: sqrt(head_dim), with head_dim = d_model / n_heads.": "d_model",
            "Queries and keys are swapped: a query (q_proj) asks, and looks at the keys (k_proj) of all positions.": "swapped",
            "The softmax runs over the queries. For each query the weights of its keys sum to 1: the last dimension (dim=-1).": (
                "queries"
            ),
            "The heads were not split rightly: reshape to (B, T, H, d), and then transpose to (B, H, T, d).": "split",
            "The heads were not merged rightly: transpose them back to (B, T, H, d) before you join them.": "merge",
            "The output projection o_proj is missing.": "o_proj",
            "Every query head uses the first kv head. Query head h uses kv head h // group, here its own.": "first",
            "The input x was added (a residual connection). That belongs into the block around this layer.": "residual",
        }
        with inputs_unchanged(x, odd), forbidden(*whole_exercise):
            check(
                lambda: bool(torch.equal(*twice())),
                True,
                "whether the same input twice gives the same output",
                mistakes={"The output is random: no dropout here, the same input gives the same output twice.": False},
            )
            for mask, what in ((None, "no mask"), (odd, "a mask that is not causal"), (everything, "a mask that allows all")):
                used = causal if mask is None else mask
                wanted = output(x, weights, H, used)

                def mistakes():
                    found = {hint: output(x, weights, H, used, wrong) for hint, wrong in shared.items()}
                    if mask is None:
                        found |= {
                            "Without a mask the layer is causal: here every position sees the later ones.": output(x, weights, H, everything),
                            "A position sees itself too: here its own position is masked, and the first position sees nothing.": (
                                output(x, weights, H, causal & ~torch.eye(T, dtype=torch.bool))
                            ),
                            "Without a mask a position sees itself and the earlier ones: this mask is inverted.": output(
                                x, weights, H, ~causal
                            ),
                        }
                    else:
                        found |= {
                            "A given mask is ignored: the layer is causal only when the mask is None.": output(x, weights, H, causal),
                            "A given mask was combined with the causal one. Use a given mask as it is.": output(
                                x, weights, H, used & causal
                            ),
                            "A given mask is the wrong way round: True means that the key may be used.": output(x, weights, H, ~used),
                            "A given mask has no effect: every position sees all.": output(x, weights, H, everything),
                        }
                    # One head, or a head as wide as the model, makes some mistakes harmless.
                    return {hint: value for hint, value in found.items() if not torch.allclose(value, wanted, 1e-3, 1e-3)}

                check(
                    lambda: loaded()(x) if mask is None else loaded()(x, mask),
                    wanted,
                    f"D = {D}, {H} heads, {what}",
                    rtol=1e-3,
                    atol=1e-4,
                    mistakes=mistakes,
                    otherwise="Project, split into heads, attend in each head, merge, project with o_proj.",
                )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "MultiHeadAttention-3", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: grouped queries: query head h uses kv head h // group.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check, forbidden

    whole_exercise = (
        "torch.nn.functional.scaled_dot_product_attention",
        "torch.nn.functional.multi_head_attention_forward",
        "torch.nn.MultiheadAttention",
    )

    def output(x, weights, H, K, keys_of, values_of, mask, head_dim_scale=True):
        x = x.double()
        B, T, D = x.shape
        q, k, v = (x @ weights[f"{name}_proj.weight"].double().T for name in "qkv")
        q, k, v = (one.reshape(B, T, -1, D // H).transpose(1, 2) for one in (q, k, v))
        k, v = k[:, keys_of], v[:, values_of]
        scores = (q @ k.transpose(-2, -1) / (D // H if head_dim_scale else D) ** 0.5).masked_fill(~mask, float("-inf"))
        mixed = torch.softmax(scores, dim=-1) @ v
        return mixed.transpose(1, 2).reshape(B, T, D) @ weights["o_proj.weight"].double().T

    for case, (B, T, D, H, K) in enumerate([(2, 5, 12, 4, 2), (1, 4, 24, 6, 3), (2, 3, 8, 4, 1), (1, 5, 18, 6, 2)]):
        generator = torch.Generator().manual_seed(case_rng("grouped queries", case).getrandbits(40))
        group = H // K
        widths = {"q": D, "k": D // group, "v": D // group, "o": D}
        weights = {
            f"{name}_proj.weight": 1.5 * torch.randn(width, D, generator=generator) / D**0.5 for name, width in widths.items()
        }
        x = torch.randn(B, T, D, generator=generator)
        mask = torch.ones(T, T, dtype=torch.bool).tril()
        grouped, cycled, first = ([h // group for h in range(H)], [h % K for h in range(H)], [0] * H)
        wanted = output(x, weights, H, K, grouped, grouped, mask)

        def mistakes():
            found = {
                "kv heads are repeated in the wrong order: query head h uses kv head h // group, as repeat_interleave gives.": (
                    output(x, weights, H, K, cycled, cycled, mask)
                ),
                "Every query head uses the first kv head. Query head h uses kv head h // group.": output(
                    x, weights, H, K, first, first, mask
                ),
                "The values' heads are repeated in another order than the keys': both follow h // group (repeat_interleave).": (
                    output(x, weights, H, K, grouped, cycled, mask)
                ),
                "The keys' heads are repeated in another order than the values': both follow h // group (repeat_interleave).": (
                    output(x, weights, H, K, cycled, grouped, mask)
                ),
                "The scale is sqrt(d_model). Each head has its own width: sqrt(head_dim).": output(
                    x, weights, H, K, grouped, grouped, mask, head_dim_scale=False
                ),
                "Without a mask the layer is causal, with grouped queries too.": output(
                    x, weights, H, K, grouped, grouped, torch.ones_like(mask)
                ),
            }
            return {hint: value for hint, value in found.items() if not torch.allclose(value, wanted, 1e-3, 1e-3)}

        def answer():
            made = MultiHeadAttention(D, H, K)
            made.load_state_dict(weights, strict=False)
            return made(x.clone())

        with forbidden(*whole_exercise):
            check(
                answer,
                wanted,
                f"D = {D}, {H} heads, {K} kv heads",
                rtol=1e-3,
                atol=1e-4,
                mistakes=mistakes,
                if_raises="k_proj and v_proj give n_kv_heads heads; each serves a group of n_heads / n_kv_heads query heads.",
                otherwise="Query head h uses the keys and values of kv head h // group.",
            )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: heads that do one thing
#
# **Claim.** Several heads let a model attend to different tokens at once. **Measurement.** The test of Olsson et al. (2022): random
# tokens, and the same once more. Nothing but copying helps to predict the second half. For each of SmolLM2's 270 heads we measure the
# weight on the token *before* (a previous-token head), and the weight on the token that *followed* the same token the first time (an
# induction head, which copies). Five random texts. **Control.** The same positions in texts that do not repeat. Then the causal test: silence
# the best copying heads, or as many others, and see who is missed.

# %% tags=["experiment", "row-21"]
n_texts, period = budget.pick(smoke=2, cpu=5, gpu=20), budget.pick(smoke=8, cpu=20, gpu=50)
generator = torch.Generator().manual_seed(0)
first = torch.randint(1000, 40_000, (n_texts, period), generator=generator)
new = torch.randint(1000, 40_000, (n_texts, period), generator=generator)
begin = torch.full((n_texts, 1), real.eos_ids[0])
repeated, plain = torch.cat([begin, first, first], dim=1), torch.cat([begin, first, new], dim=1)


@torch.no_grad()
def head_scores(ids: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return, for each text, layer and head, the mean weight on the previous token and on the token after the first copy."""
    weights = torch.stack(real.model.attention_weights(ids), dim=1)  # (texts, layers, heads, T, T)
    later = torch.arange(1 + period, ids.shape[1])
    return {
        "previous token": weights[..., later, later - 1].mean(-1),
        "induction": weights[..., later, later - period + 1].mean(-1),
    }


scores, control_scores = head_scores(repeated), head_scores(plain)
n_query_heads = real.config.n_heads
best = {}
for kind in ("previous token", "induction"):
    mean = scores[kind].mean(0)
    best[kind] = [divmod(int(place), n_query_heads) for place in mean.flatten().argsort(descending=True)[:6]]
    listed = ", ".join(f"{layer}.{head} {mean[layer, head]:.2f}" for layer, head in best[kind][:4])
    print(f"{kind:15} best layer.head: {listed};  heads above 0.4: {int((mean > 0.4).sum())} of {mean.numel()}, "
          f"control: {int((control_scores[kind].mean(0) > 0.4).sum())}")

# %% tags=["experiment", "row-21"]
@torch.no_grad()
def loss_on_second_half(ids: torch.Tensor, silenced: list[tuple[int, int]]) -> torch.Tensor:
    """Return each text's loss (nats per token) on its second half, with some heads' outputs set to 0."""
    width = real.config.head_dim
    held = {}
    for layer, head in silenced:
        weight = real.model.blocks[layer].attention.o_proj.weight
        held[layer, head] = weight[:, head * width : (head + 1) * width].clone()
        weight[:, head * width : (head + 1) * width] = 0
    try:
        logits = real.model(ids)[:, period + 1 : -1]
        nats = nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, period + 2 :], reduction="none")
        return nats.mean(-1)
    finally:
        for (layer, head), piece in held.items():
            real.model.blocks[layer].attention.o_proj.weight[:, head * width : (head + 1) * width] = piece


copying = best["induction"]
layers = sorted({layer for layer, _ in copying})
others = [(layer, head) for layer in layers for head in range(n_query_heads) if (layer, head) not in copying]
picked = [others[place] for place in torch.randperm(len(others), generator=generator)[: len(copying)].tolist()]
losses = {
    "all heads": loss_on_second_half(repeated, []),
    f"without {len(copying)} copying heads": loss_on_second_half(repeated, copying),
    f"without {len(picked)} others of the same layers": loss_on_second_half(repeated, picked),
}
for name, values in losses.items():
    print(f"{name:40} loss on the repetition {mean_interval(values.tolist())} nats")
whole, without, control = losses.values()
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), constrained_layout=True)
for kind, marker, colour in (("previous token", "s", COLOURS[1]), ("induction", "o", COLOURS[0])):
    mean = scores[kind].mean(0)
    place = torch.arange(mean.numel())
    left.scatter(place // n_query_heads, mean.flatten(), s=14, marker=marker, color=colour, label=kind)
left.set(xlabel="layer", ylabel="mean weight (share)", ylim=(-0.02, 1.02), title="270 heads of SmolLM2")
left.legend()
right.barh(["all heads", "without copying heads", "without other heads"], [one.mean() for one in losses.values()], color=[COLOURS[0], COLOURS[3], COLOURS[2]])
right.set(xlabel="loss on the repeated half (nats per token)", ylabel="model")
right.invert_yaxis()
show(
    figure,
    "Left: each head's mean weight on the previous token and on the token to copy, by layer; a few heads stand far above the rest, "
    "previous-token heads in earlier layers than the copying ones. Right: loss on the repeated half with all heads, without the copying "
    "heads, and without as many others.",
)
missed, missed_control = mean_interval((without - whole).tolist()), mean_interval((control - whole).tolist())
top = {kind: mean_interval(scores[kind][:, best[kind][0][0], best[kind][0][1]].tolist()) for kind in best}
print(f"loss added by silencing copying heads: {missed}; others: {missed_control}")
verdicts.add(
    row=21,
    claim="heads attend to different groups of tokens (4,096 = 32 x 128 features)",
    measured=(
        f"the best previous-token head puts {top['previous token'].mean:.2f} on the token before, the best copying head "
        f"{top['induction'].mean:.2f} on the token to copy; silencing {len(copying)} copying heads of {mean.numel()} adds {missed.mean:.1f} "
        f"nats, {len(picked)} others {missed_control.mean:.1f}; 32 x 128 = {32 * 128}"
    ),
    interval=f"added loss {missed}; others {missed_control}",
    outcome=(
        "holds"
        if top["previous token"].low > 0.5 and top["induction"].low > 0.5 and missed.low > max(missed_control.high, 0)
        else "holds in part"
        if top["induction"].low > 0.3
        else "does not hold"
    ),
)

# %% [markdown]
# Copying takes two heads in a row. One in an early layer notes, at each position, which token came before. A later one looks for a
# position whose note says "this token", and reads what stands there. Neither can do it alone, which is why no model with a single
# attention layer can copy in this way.
#
# **Think.** The two kinds of heads are spread over the layers. Look at the picture: why must the previous-token heads come first?

# %% [markdown]
# ## 6 Reading and writing
#
# **What the chapter claims.** A transformer reads its input in parallel (*prefill*) and writes its output token by token (*decode*). The
# first is limited by arithmetic, the second waits.
#
# When a token is written, the keys and values of all tokens before it are what they were one step ago. Without a cache they
# are computed again, every time:

# %%
prompt_tokens, new_tokens = 100, 50
again = sum(prompt_tokens + step for step in range(new_tokens))
print(f"{prompt_tokens} tokens of prompt, {new_tokens} new ones")
print(f"without a cache {again:,} tokens go through the model, with one {prompt_tokens + new_tokens - 1}")

# %% [markdown]
# ### Experiment: prefill and decode
#
# **Claim.** Prefill is parallel and cheap per token, decoding is sequential. **Measurement.** Milliseconds per token in both phases, for
# several batch sizes and lengths, in one model of the course's transformer. **Control.** The same model, the same tokens, the same
# number of multiplications per token: only the phase differs.

# %% tags=["experiment", "row-22"]
from utils.decoding.cached import CachedDecoder
from utils.models.config import ModelConfig
from utils.models.gpt import GPT

timing_config = ModelConfig(
    n_layers=budget.pick(smoke=2, cpu=6, gpu=12),
    d_model=budget.pick(smoke=64, cpu=384, gpu=1024),
    n_heads=budget.pick(smoke=4, cpu=6, gpu=16),
    vocab_size=1000,
    context_length=budget.pick(smoke=64, cpu=640, gpu=2304),
)
torch.manual_seed(0)
timed_model = GPT(timing_config).eval().to(budget.device)
decoder = CachedDecoder(timed_model)
batches = budget.pick(smoke=(1, 2), cpu=(1, 4, 16), gpu=(1, 4, 16, 64))
prompt_lengths = budget.pick(smoke=(8, 16), cpu=(32, 128, 512), gpu=(128, 512, 2048))
n_new = budget.pick(smoke=4, cpu=16, gpu=64)


def phase_times(batch: int, length: int) -> tuple[float, float]:
    """Return milliseconds per token of prefill and of decoding, the best of three."""
    generator = torch.Generator().manual_seed(batch * length)
    prompts = torch.randint(1000, (batch, length), generator=generator).tolist()
    best_times = [float("inf"), float("inf")]
    for _ in range(3):
        start = time.perf_counter()
        ids = decoder.prefill(prompts, reserve=n_new).argmax(-1)
        ids.tolist()  # waits for the device
        middle = time.perf_counter()
        for _ in range(n_new):
            ids = decoder.step(ids).argmax(-1)
        ids.tolist()
        end = time.perf_counter()
        found = (1e3 * (middle - start) / (batch * length), 1e3 * (end - middle) / (batch * n_new))
        best_times = [min(pair) for pair in zip(best_times, found)]
    return best_times[0], best_times[1]


threads = torch.get_num_threads()
torch.set_num_threads(1)  # one thread gives steadier times, and layers this small gain little from a second
phases = {
    (batch, length): phase_times(batch, length)
    for batch in batches
    for length in prompt_lengths
    if batch * length <= budget.pick(smoke=64, cpu=2048, gpu=10**6)
}
torch.set_num_threads(threads)
print(f"{sum(p.numel() for p in timed_model.parameters()) / 1e6:.1f} million parameters; ms per token, prefill / decode")
for (batch, length), (reading, writing) in phases.items():
    print(f"batch {batch:2}, prompt {length:4}: {reading:7.3f} / {writing:7.3f}   decode costs {writing / reading:4.1f} times as much")
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.3), constrained_layout=True)
middle_length = prompt_lengths[1]
at_middle = [batch for batch in batches if (batch, middle_length) in phases]
left.plot(at_middle, [phases[batch, middle_length][0] for batch in at_middle], "o-", label="prefill")
left.plot(at_middle, [phases[batch, middle_length][1] for batch in at_middle], "s-", label="decode")
left.set(xscale="log", yscale="log", xlabel=f"texts in the batch (prompts of {middle_length} tokens)", ylabel="time per token (ms)")
right.plot(prompt_lengths, [phases[1, length][0] for length in prompt_lengths], "o-", label="prefill")
right.plot(prompt_lengths, [phases[1, length][1] for length in prompt_lengths], "s-", label="decode")
right.set(xscale="log", yscale="log", xlabel="length of the prompt (tokens), one text", ylabel="time per token (ms)")
left.set_xticks(at_middle, [str(batch) for batch in at_middle])
right.set_xticks(prompt_lengths, [str(length) for length in prompt_lengths])
for axes in (left, right):
    axes.minorticks_off()
    axes.legend()
show(
    figure,
    "Time per token of prefill and decode, against the batch and against the length of the prompt. Prefill is cheaper per token "
    "everywhere; decoding approaches it as the batch grows.",
)
ratios = [writing / reading for reading, writing in phases.values()]
alone, together = phases[batches[0], middle_length], phases[at_middle[-1], middle_length]
verdicts.add(
    row=22,
    claim="input is read in parallel, output is written one token at a time",
    measured=(
        f"a decoded token costs {min(ratios):.1f} to {max(ratios):.1f} times a prefilled one; with {at_middle[-1]} texts at once a decoded token "
        f"costs {alone[1] / together[1]:.1f} times less than alone, a prefilled one {alone[0] / together[0]:.1f} times less"
    ),
    interval="best of three runs each",
    outcome="holds" if alone[1] > 1.5 * alone[0] and alone[1] / together[1] > 1.5 else "holds in part" if alone[1] > alone[0] else "undecided",
)

# %% [markdown]
# Both phases do the same multiplications for each token. But to decode one token, every weight of the model is fetched from memory
# and used once. In prefill each fetched weight serves all tokens of the prompt. A larger batch gives decoding the same advantage,
# which is why servers write many answers side by side.

# %% [markdown]
# ### Exercise: `KVCache`
#
# *Difficulty 2 of 5, 15 minutes.* A cache begins empty. `append` takes the keys and values of one or more new positions and returns
# all so far, joined along the sequence dimension -2: tensors may be (B, T, d), or (B, H, T, d), or have more leading dimensions.
# `len(cache)` counts positions, `reset()` forgets everything. Each cache is on its own.

# %% nbgrader={"grade": false, "grade_id": "KVCache", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


class KVCache:
    """Keys and values of all positions so far; `len(cache)` is their number."""

    def __init__(self) -> None:
        ### BEGIN SOLUTION
        self.reset()
        ### END SOLUTION

    def append(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add keys and values (..., n, d) of n new positions and return all so far, (..., len(cache), d) each."""
        ### BEGIN SOLUTION
        self.keys.append(k)
        self.values.append(v)
        return torch.cat(self.keys, dim=-2), torch.cat(self.values, dim=-2)
        ### END SOLUTION

    def __len__(self) -> int:
        ### BEGIN SOLUTION
        return sum(k.shape[-2] for k in self.keys)
        ### END SOLUTION

    def reset(self) -> None:
        """Forget everything."""
        ### BEGIN SOLUTION
        self.keys: list[Tensor] = []
        self.values: list[Tensor] = []
        ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "KVCache-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import torch

    from utils.notebook.checks import check

    k = torch.arange(10.0).view(1, 5, 2)
    v = -k

    def in_two_parts():
        cache = KVCache()
        cache.append(k[:, :3], v[:, :3])
        return cache.append(k[:, 3:], v[:, 3:])

    def length_of_parts():
        cache = KVCache()
        lengths = [len(cache)]
        for part in (slice(0, 3), slice(3, 5)):
            cache.append(k[:, part], v[:, part])
            lengths.append(len(cache))
        cache.reset()
        return [*lengths, len(cache)]

    check(
        in_two_parts,
        (k, v),
        "three positions, then two more",
        mistakes={"Return all positions so far, not only the new ones.": (k[:, 3:], v[:, 3:])},
    )
    check(
        length_of_parts,
        [0, 3, 5, 0],
        "the length of a new cache, after three positions, after two more, after reset",
        if_raises="A new cache is empty: its length is 0.",
        mistakes={"`len` counts positions, not calls.": [0, 1, 2, 0]},
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "KVCache-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: append returns all keys and all values so far, in their order.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check

    for case, (lead, counts) in enumerate([((2, 3), (1, 1, 1)), ((2,), (4, 1, 2)), ((1, 2), (5, 1, 1, 3)), ((2, 1, 3), (2, 2)), ((3,), (9, 1, 1))]):
        generator = torch.Generator().manual_seed(case_rng("KVCache", case).getrandbits(40))
        total = sum(counts)
        k, v = torch.randn(*lead, total, 4, generator=generator), torch.randn(*lead, total, 4, generator=generator)
        ends = [sum(counts[: number + 1]) for number in range(len(counts))]
        parts = [slice(end - count, end) for count, end in zip(counts, ends)]

        def everything():
            cache = KVCache()
            return [cache.append(k[..., part, :].clone(), v[..., part, :].clone()) for part in parts]

        wanted = [(k[..., :end, :], v[..., :end, :]) for end in ends]

        def mistakes():
            def joined(x, dim):
                return [torch.cat([x[..., part, :] for part in parts[: number + 1]], dim=dim) for number in range(len(parts))]

            def in_front(x):
                return [torch.cat([x[..., part, :] for part in reversed(parts[: number + 1])], dim=-2) for number in range(len(parts))]

            def pairs(one, other):
                return list(zip(one, other))

            last = [part.stop - 1 for part in parts]
            found = {}
            if len(set(counts)) == 1 or len(lead) < 2:
                for dim in range(len(lead)):
                    try:
                        found[
                            f"Positions were joined along the dimension {dim}, the batch or the heads. The sequence dimension is -2."
                        ] = pairs(joined(k, dim), joined(v, dim))
                    except RuntimeError:  # pieces of unequal length do not join there
                        continue
            found |= {
                "append returned nothing: is a `return` missing?": lambda got: isinstance(got, list) and None in [
                    one for one in got if not isinstance(one, torch.Tensor)
                ],
                "Only the new positions came back. Return all so far, the earlier ones too.": pairs(
                    [k[..., part, :] for part in parts], [v[..., part, :] for part in parts]
                ),
                "Keys and values are swapped: return (k, v).": [(b, a) for a, b in wanted],
                "The values were not kept: only the new ones came back beside all keys.": pairs(
                    [a for a, _ in wanted], [v[..., part, :] for part in parts]
                ),
                "The keys were not kept: only the new ones came back beside all values.": pairs(
                    [k[..., part, :] for part in parts], [b for _, b in wanted]
                ),
                "The order is wrong: new positions go behind the earlier ones (at the end), not in front.": pairs(
                    in_front(k), in_front(v)
                ),
                "Of several positions at once, as a prompt has, only the last one was kept.": pairs(
                    [k[..., last[: number + 1], :] for number in range(len(parts))],
                    [v[..., last[: number + 1], :] for number in range(len(parts))],
                ),
                "Positions got lost: the cache must grow, and keep all so far.": lambda got: (
                    isinstance(got, list)
                    and any(isinstance(one, tuple | list) and one[0].shape[-2] < end for one, end in zip(got, ends))
                ),
                "The first append returned positions that were never appended to this cache: does it share a store (a class"
                " attribute) with another cache?": lambda got: (
                    isinstance(got, list) and isinstance(got[0], tuple | list) and got[0][0].shape[-2] > ends[0]
                ),
            }
            return found

        check(
            everything,
            wanted,
            f"keys {tuple(k.shape)} in parts of {', '.join(map(str, counts))} positions",
            mistakes=mistakes,
            if_raises="The sequence dimension is -2, whatever the number of leading dimensions; and each cache has a store of its own.",
            otherwise="Join the new positions behind the earlier ones, along the sequence dimension -2.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "KVCache-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: len counts positions, and two caches are separate.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check

    def new_beside_a_full_one():
        full, fresh = KVCache(), KVCache()
        full.append(torch.ones(2, 4, 3), torch.ones(2, 4, 3))
        return len(fresh)

    check(
        new_beside_a_full_one,
        0,
        "the length of a new cache, while another cache holds four positions",
        if_raises="A new cache is empty, and has the length 0, before anything is appended.",
        mistakes={
            "Two caches share one store: keep it in the object (self, in __init__), not in the class.": (
                lambda got: isinstance(got, int) and got > 0
            )
        },
    )

    def lengths(batch, heads, counts):
        cache = KVCache()
        found = []
        for count in counts:
            cache.append(torch.ones(batch, heads, count, 2), torch.ones(batch, heads, count, 2))
            found.append(len(cache))
        return found

    for batch, heads, counts in ((2, 3, (5, 1, 1)), (7, 1, (1, 4)), (1, 4, (3, 3, 3, 3))):
        ends = [sum(counts[: number + 1]) for number in range(len(counts))]
        check(
            lambda: lengths(batch, heads, counts),
            ends,
            f"the length after {', '.join(map(str, counts))} positions, with a batch of {batch} and {heads} heads",
            mistakes={
                "`len` counts the calls of append. It counts positions: a call may add several.": list(range(1, len(counts) + 1)),
                "`len` is the size of the batch. It counts positions, along the sequence dimension -2.": [batch] * len(counts),
                "`len` is the number of heads. It counts positions, along the sequence dimension -2.": [heads] * len(counts),
                "`len` counts the new positions only. It counts all so far.": list(counts),
            },
            otherwise="`len(cache)` is the number of positions so far.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "KVCache-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: after reset a cache is as good as new.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check

    old, new = torch.full((2, 3, 4), 7.0), torch.arange(16.0).view(2, 2, 4)

    def after_reset():
        cache = KVCache()
        cache.append(old, old)
        cache.reset()
        length = len(cache)
        k, v = cache.append(new, -new)
        return [length, k, v, len(cache)]

    forgotten = "After `reset` the cache must be empty:"
    check(
        after_reset,
        [0, new, -new, 2],
        "three positions, reset, two others",
        if_raises=f"{forgotten} it can then be used again.",
        mistakes={
            f"{forgotten} its length is still the old one.": lambda got: isinstance(got, list) and got[0] == 3,
            f"{forgotten} the length is 0, but the old keys and values are still there.": (
                lambda got: isinstance(got, list) and got[1].shape[-2] == 5 and got[2].shape[-2] == 5
            ),
            f"{forgotten} the old values are still there.": (
                lambda got: isinstance(got, list) and got[2].shape[-2] == 5
            ),
            f"{forgotten} the old keys are still there.": lambda got: isinstance(got, list) and got[1].shape[-2] == 5,
            f"{forgotten} its length still counts the positions of before the reset.": (
                lambda got: isinstance(got, list) and got[3] == 5
            ),
        },
        otherwise=f"{forgotten} then it holds what is appended from there on.",
    )

    def reset_twice():
        cache = KVCache()
        cache.reset()
        cache.append(old, old)
        cache.reset()
        cache.reset()
        return len(cache)

    check(reset_twice, 0, "reset of an empty cache", if_raises="An empty cache may be reset.")


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: `decode_step`
#
# *Difficulty 4 of 5, 25 minutes.* One token at a time: project it, append its key and value to the cache, let its query look at all
# keys so far, merge, project. The output must equal the last row of the layer's full causal forward over all tokens so far.
# Use the layer's `q_proj`, `k_proj`, `v_proj`, `o_proj`, `n_heads`, `n_kv_heads`, and the cache's `append`; what shape you
# cache is up to you. Any layer and cache with these names will be handed to you, so that an earlier exercise that you left
# out costs you nothing here:

# %%
from utils.evaluation.decoding_parts import attention_parts, cache_parts

layer, cache = attention_parts(d_model=8, n_heads=4, n_kv_heads=2), cache_parts()
for number in range(3):
    token = torch.randn(1, 1, 8)  # (B, 1, D)
    k, v = cache.append(layer.k_proj(token), layer.v_proj(token))
    print(f"token {number}: the cache holds {len(cache)} positions, keys {tuple(k.shape)}, values {tuple(v.shape)}")

# %% nbgrader={"grade": false, "grade_id": "decode_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor, nn


def decode_step(layer: nn.Module, x_t: Tensor, cache: "KVCache") -> Tensor:
    """Return a causal attention layer's output for one more token, with the earlier ones in a cache.

    Args:
        layer: multi-head attention with `q_proj`, `k_proj`, `v_proj`, `o_proj`, `n_heads` and `n_kv_heads`.
        x_t: the new token (B, 1, D).
        cache: what earlier steps appended; this step appends the new token, once.

    Returns:
        (B, 1, D), equal to the last row of `layer` over all tokens so far.
    """
    ### BEGIN SOLUTION
    B, _, D = x_t.shape
    group = layer.n_heads // layer.n_kv_heads
    # The queries of one group stand where a sequence would: they share a kv head, and none of them is masked.
    q = layer.q_proj(x_t).view(B, layer.n_kv_heads, group, D // layer.n_heads)
    k = layer.k_proj(x_t).view(B, 1, layer.n_kv_heads, -1).transpose(1, 2)
    v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, -1).transpose(1, 2)
    k, v = cache.append(k, v)
    weights = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).softmax(dim=-1)
    return layer.o_proj((weights @ v).reshape(B, 1, D))
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "decode_step-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import torch

    from utils.evaluation.decoding_parts import attention_parts, cache_parts
    from utils.notebook.checks import check

    layer = attention_parts(d_model=8, n_heads=4, n_kv_heads=2, seed=1)
    tokens = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(1))

    def one_by_one():
        cache = cache_parts()
        return [decode_step(layer, tokens[:, t : t + 1], cache).detach() for t in range(5)]

    with torch.no_grad():
        wanted = list(layer(tokens).split(1, dim=1))
    check(
        one_by_one,
        wanted,
        "five tokens one by one, and the layer over all five",
        rtol=1e-3,
        atol=1e-4,
        otherwise="Each output must equal the row of the full forward: scale, heads and o_proj as in the layer.",
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "decode_step-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: equal to the full causal forward, as many kv heads as heads.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.evaluation.decoding_parts import attention_parts, cache_parts
    from utils.notebook.checks import case_rng, check

    def stepwise(layer, x, wrong=""):
        """Return what a decoder gives, step by step, right or with one thing wrong."""
        B, T, D = x.shape
        H, K = layer.n_heads, layer.n_kv_heads
        x = x.double()
        weight = {name: getattr(layer, f"{name}_proj").weight.detach().double() for name in "qkvo"}
        q, k, v = (x @ weight[name].T for name in "qkv")
        if wrong == "unprojected":
            k = v = x[..., : D // H * K]
        group = H // K
        heads_of = [h % K if wrong == "cycled" else h // group for h in range(H)]
        q, k, v = (one.reshape(B, T, -1, D // H).transpose(1, 2) for one in (q, k, v))
        k, v = k[:, heads_of], v[:, heads_of]
        if wrong == "one head":
            q, k, v = (one.transpose(1, 2).reshape(B, 1, T, D) for one in (q, k, v))
        scale = {"no scale": 1.0, "d_model": D**0.5}.get(wrong, (D // H) ** 0.5)
        outputs = []
        for t in range(T):
            seen = {"new only": [t], "first": [0], "not itself": list(range(t)) or [0]}.get(wrong, list(range(t + 1)))
            scores = q[:, :, t : t + 1] @ k[:, :, seen].transpose(-2, -1) / scale
            scores = scores * 0 if wrong == "mean" else scores
            mixed = (torch.softmax(scores, dim=-1) @ v[:, :, seen]).transpose(1, 2).reshape(B, 1, D)
            y = mixed if wrong == "o_proj" else mixed @ weight["o"].T
            outputs.append(y + x[:, t : t + 1] if wrong == "residual" else y)
        return outputs

    hints = {
        "The token attends to itself only. The earlier ones are in the cache: use what `append` returns (was the cache reset?).": (
            "new only"
        ),
        "The new token sees the first key only, as the first row of a causal mask does. It is the last position, and sees all keys.": (
            "first"
        ),
        "The token does not see its own key: append first, then attend to all, itself too.": "not itself",
        "The scale is missing: divide the scores by sqrt(head_dim).": "no scale",
        "The scale is sqrt(d_model). Each head has its own width: sqrt(head_dim).": "d_model",
        "The output projection o_proj is missing.": "o_proj",
        "There is one head of the full width. Split queries, keys and values into n_heads heads.": "one head",
        "This is the mean of all values. Weigh them: softmax of the scores of the query.": "mean",
        "The input x_t was added (a residual connection). That belongs into the block around the layer.": "residual",
        "The input was cached as key and value. Project it first: k_proj and v_proj.": "unprojected",
    }
    for case, (B, T, D, H) in enumerate([(2, 5, 12, 3), (1, 7, 8, 2), (3, 4, 16, 4)]):
        seed = case_rng("decode_step", case).getrandbits(40)
        layer = attention_parts(D, H, seed=seed)
        x = torch.randn(B, T, D, generator=torch.Generator().manual_seed(seed + 1))

        def one_by_one():
            cache = cache_parts()
            with torch.no_grad():
                return [decode_step(layer, x[:, t : t + 1].clone(), cache) for t in range(T)]

        wanted = stepwise(layer, x)
        check(
            one_by_one,
            wanted,
            f"{T} tokens of width {D} one by one, {H} heads",
            rtol=1e-3,
            atol=1e-4,
            mistakes=lambda: {
                "Return y_t alone, not a tuple with the cache.": lambda got: any(isinstance(y, tuple | list) for y in got),
                "Return y_t: nothing came back.": lambda got: any(y is None for y in got),
                "The shape is wrong: y_t is (B, 1, D), as x_t is.": lambda got: any(
                    tuple(y.shape) != (B, 1, D) for y in got if isinstance(y, torch.Tensor)
                ),
                **{hint: stepwise(layer, x, wrong) for hint, wrong in hints.items()},
            },
            otherwise="Each output must equal the last row of the layer's causal forward over the tokens so far.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "decode_step-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: equal to the full causal forward with grouped queries.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.evaluation.decoding_parts import attention_parts, cache_parts
    from utils.notebook.checks import case_rng, check

    def grouped(layer, x, heads_of):
        x = x.double()
        B, T, D = x.shape
        weight = {name: getattr(layer, f"{name}_proj").weight.detach().double() for name in "qkvo"}
        q, k, v = ((x @ weight[name].T).reshape(B, T, -1, D // layer.n_heads).transpose(1, 2) for name in "qkv")
        k, v = k[:, heads_of], v[:, heads_of]
        scores = q @ k.transpose(-2, -1) / (D // layer.n_heads) ** 0.5
        scores = scores.masked_fill(~torch.ones(T, T, dtype=torch.bool).tril(), float("-inf"))
        merged = (torch.softmax(scores, dim=-1) @ v).transpose(1, 2).reshape(B, T, D)
        return list((merged @ weight["o"].T).split(1, dim=1))

    for case, (B, T, D, H, K) in enumerate([(2, 5, 12, 4, 2), (1, 6, 24, 6, 3), (2, 4, 8, 4, 1)]):
        seed = case_rng("decode_step grouped", case).getrandbits(40)
        layer = attention_parts(D, H, K, seed=seed)
        x = torch.randn(B, T, D, generator=torch.Generator().manual_seed(seed + 1))

        def one_by_one():
            cache = cache_parts()
            with torch.no_grad():
                return [decode_step(layer, x[:, t : t + 1].clone(), cache) for t in range(T)]

        group = H // K

        def mistakes():
            found = {
                "Every query head uses the first kv head. Query head h uses kv head h // group.": grouped(layer, x, [0] * H),
                "kv heads are repeated in the wrong order: query head h uses kv head h // group, as repeat_interleave gives.": (
                    grouped(layer, x, [h % K for h in range(H)])
                ),
            }
            return found if K > 1 else {}

        check(
            one_by_one,
            grouped(layer, x, [h // group for h in range(H)]),
            f"{T} tokens one by one, {H} heads and {K} kv heads",
            rtol=1e-3,
            atol=1e-4,
            mistakes=mistakes,
            if_raises="The layer has n_kv_heads kv heads; each serves a group of n_heads / n_kv_heads query heads.",
            otherwise="Each output must equal the last row of the layer's causal forward, with query head h on kv head h // group.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "decode_step-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: each step appends one position, a new cache starts a new text, and the token stays as it was.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.evaluation.decoding_parts import attention_parts, cache_parts
    from utils.notebook.checks import check, inputs_unchanged

    layer = attention_parts(8, 4, 2, seed=5)
    x = torch.randn(2, 4, 8, generator=torch.Generator().manual_seed(6))

    def cached_lengths():
        cache, found = cache_parts(), []
        with torch.no_grad():
            for t in range(4):
                decode_step(layer, x[:, t : t + 1].clone(), cache)
                found.append(len(cache))
        return found

    check(
        cached_lengths,
        [1, 2, 3, 4],
        "the length of the cache after each of four steps",
        mistakes={
            "Each token was appended twice. Append it once, and use what `append` returns.": [2, 4, 6, 8],
            "Nothing was appended to the cache: later tokens need this one's key and value.": [0, 0, 0, 0],
            "The cache was emptied (reset) in a step. It keeps the earlier tokens.": [1, 1, 1, 1],
        },
        otherwise="Each step appends its own token to the cache, once.",
    )
    with torch.no_grad():
        whole = layer(x)

    def two_texts():
        first, second = cache_parts(), cache_parts()
        outputs = []
        with torch.no_grad():
            for t in range(4):  # two texts in turn, each with its own cache
                for row, cache in enumerate((first, second)):
                    outputs.append(decode_step(layer, x[row : row + 1, t : t + 1].clone(), cache))
        return outputs

    check(
        two_texts,
        [whole[row : row + 1, t : t + 1] for t in range(4) for row in range(2)],
        "two texts in turn, each with its own cache",
        rtol=1e-3,
        atol=1e-4,
        otherwise="What is known of a text is in its cache and nowhere else: keep no other state between steps.",
    )
    token = x[:, :1].clone()
    with inputs_unchanged(token), torch.no_grad():
        check(lambda: decode_step(layer, token, cache_parts()), whole[:, :1], "the first token", rtol=1e-3, atol=1e-4)


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: the same text, sooner
#
# **Claim.** Decoding with a cache gives what decoding without it gives, only faster. **Measurement.** Equality first: the logits of all
# positions, fed one by one, against one forward pass; and the greedy text of the real model, with and without a cache. Then the
# time for a new token against the tokens so far. **Control.** The model without a cache, reading everything again.

# %% tags=["experiment", "row-23"]
from utils.decoding.decoders import UncachedDecoder
from utils.decoding.generation import generate

with torch.no_grad():
    document = torch.tensor([[end, *world.vocabulary.encode(documents[1].text)]])
    at_once = course_model(document)[0]
    stepwise = CachedDecoder(course_model)
    one_by_one = [stepwise.prefill(document[:, :1].tolist())[0]]
    one_by_one += [stepwise.step(document[:, t])[0] for t in range(1, document.shape[1])]
difference = (at_once - torch.stack(one_by_one)).abs().max().item()
print(f"course's model, {document.shape[1]} positions: largest difference of a logit {difference:.1e} (logits up to {at_once.abs().max():.0f})")

n_written = budget.pick(smoke=2, cpu=10, gpu=60)
question = real.encode("The three primary colours are")
written = {
    name: generate(model, [question], n_written)[0].ids
    for name, model in {
        "with a cache": CachedDecoder(real.model),
        "without": UncachedDecoder(real.model, real.config.context_length, real.config.vocab_size),
    }.items()
}
for name, ids in written.items():
    print(f"SmolLM2 {name:12}: {real.decode(question)}{real.decode(ids)!r}")

spans = budget.pick(smoke=(8, 16), cpu=(32, 64, 128, 256, 512), gpu=(32, 128, 512, 2048))
per_token = {}
threads = torch.get_num_threads()
torch.set_num_threads(1)  # one thread gives steadier times, and layers this small gain little from a second
plain_decoder = UncachedDecoder(timed_model, timing_config.context_length, timing_config.vocab_size)
for span in spans:
    prompt = [torch.randint(1000, (span,), generator=torch.Generator().manual_seed(span)).tolist()]
    for name, chosen, repeats in (("with a cache", decoder, 8), ("without", plain_decoder, 3)):
        ids = chosen.prefill(prompt, reserve=16).argmax(-1)
        times = []
        for _ in range(repeats):
            start = time.perf_counter()
            ids = chosen.step(ids).argmax(-1)
            ids.tolist()
            times.append(1e3 * (time.perf_counter() - start))
        per_token[name, span] = min(times)
torch.set_num_threads(threads)
speed_ups = {span: per_token["without", span] / per_token["with a cache", span] for span in spans}
print("speed-up:", "  ".join(f"{span} tokens: {speed_ups[span]:.1f}" for span in spans))
figure, axes = plt.subplots(figsize=(6.5, 3.4))
for name, marker in (("without", "s"), ("with a cache", "o")):
    axes.plot(spans, [per_token[name, span] for span in spans], marker=marker, label=name)
axes.set(xscale="log", yscale="log", xlabel="tokens so far", ylabel="time for one more token (ms)")
axes.set_xticks(spans, [str(span) for span in spans])
axes.minorticks_off()
axes.legend()
show(
    figure,
    "Time for one more token against the tokens so far, with and without a cache. Without it the time grows with the text; with "
    "it the time hardly changes.",
)
verdicts.add(
    row=23,
    claim="cached keys and values give the same output as computing everything again",
    measured=(
        f"logits differ by at most {difference:.0e}, the greedy text of SmolLM2 is {'the same' if len(set(map(tuple, written.values()))) == 1 else 'not the same'}; "
        f"one more token is {speed_ups[spans[0]]:.1f} times faster at {spans[0]} tokens and {speed_ups[spans[-1]]:.0f} times at {spans[-1]}"
    ),
    interval=f"largest of {at_once.numel():,} differences",
    outcome="holds" if difference < 1e-3 and len(set(map(tuple, written.values()))) == 1 and speed_ups[spans[-1]] > 1 else "does not hold",
)

# %% [markdown]
# The differences that remain are those of rounding: the same sums in another order.
#
# **Think.** Could one also cache the *queries*? And what would have to be thrown away if the model changed its mind and replaced a
# token in the middle of the text?

# %% [markdown]
# ## 7 What the cache costs
#
# **What the chapter claims.** Each token so far has a key and a value in every layer, so their number grows with the context,
# which is one reason why long contexts are hard to serve.
#
# For one token of Llama 2-7B, at two bytes a number:

# %%
n_layers, n_heads, head_dim = 32, 32, 128
print(f"numbers in one layer: {n_heads} heads x {head_dim} x 2 (key and value) = {2 * n_heads * head_dim:,}")
print(f"bytes in all layers: {n_layers * 2 * n_heads * head_dim * 2:,} = half a megabyte for one token")

# %% [markdown]
# ### Exercise: `kv_cache_bytes`
#
# *Difficulty 1 of 5, 5 minutes.* Keys and values, of every layer, kv head, position and text of the batch.

# %% nbgrader={"grade": false, "grade_id": "kv_cache_bytes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kv_cache_bytes(
    n_layers: int, n_kv_heads: int, head_dim: int, seq_len: int, batch_size: int = 1, bytes_per_value: int = 2
) -> int:
    """Return the bytes that the keys and values of a batch of texts take.

    Args:
        n_layers: layers of the model, each with keys and values of its own.
        n_kv_heads: key and value heads in each.
        head_dim: width of a head.
        seq_len: positions so far in each text.
        batch_size: texts.
        bytes_per_value: 2 for bfloat16, 4 for float32, 1 for 8 bits.
    """
    ### BEGIN SOLUTION
    keys_and_values = 2
    return keys_and_values * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value
    ### END SOLUTION


# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "kv_cache_bytes-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    check(
        lambda: kv_cache_bytes(32, 32, 128, 1),
        524_288,
        "one token of Llama 2-7B",
        mistakes={
            "Count keys and values: twice as much.": 262_144,
            "A number has two bytes by default.": 262_144 // 2,
        },
    )
    check(
        lambda: kv_cache_bytes(n_layers=2, n_kv_heads=3, head_dim=5, seq_len=7, batch_size=11, bytes_per_value=4),
        2 * 2 * 3 * 5 * 7 * 11 * 4,
        "small numbers, all of them different",
        otherwise="It is one product: keys and values, layers, heads, width, positions, texts, bytes.",
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "kv_cache_bytes-1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: the bytes for any dimensions.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    from utils.notebook.checks import case_rng, check

    for case in range(4):
        rng = case_rng("kv_cache_bytes", case)
        # Distinct primes: leaving out or doubling any of them gives another product.
        layers, heads, width, length, batch = rng.sample([5, 7, 11, 13, 17, 19, 23, 29, 31], 5)
        size = 8
        wanted = 2 * math.prod((layers, heads, width, length, batch, size))
        check(
            lambda: kv_cache_bytes(layers, heads, width, length, batch_size=batch, bytes_per_value=size),
            wanted,
            f"{layers} layers, {heads} kv heads of width {width}, {length} positions, {batch} texts, {size} bytes",
            mistakes={
                "There are keys and values: the factor 2 is missing.": wanted / 2,
                "Keys and values were doubled twice: their factor is 2.": wanted * 2,
                "Queries are not cached: there are keys and values only, a factor of 2.": wanted * 3 / 2,
                "These are bits. Return bytes.": wanted * 8,
                "The batch is left out: each text has a cache of its own.": wanted / batch,
                "One layer only: each layer has keys and values of its own.": wanted / layers,
                "These are numbers, not bytes: multiply by bytes_per_value.": wanted / size,
                "bytes_per_value has no effect: a value may have other than 2 bytes.": wanted / size * 2,
                "bytes_per_value has no effect: a value may have other than 4 bytes.": wanted / size * 4,
                "The kv heads are left out (n_kv_heads).": wanted / heads,
                "The width of a head (head_dim) is left out.": wanted / width,
                "The length is left out: each position has a key and a value (seq_len).": wanted / length,
                "The cache is linear in seq_len: keys and values, no square of scores.": wanted * length,
                "Every token counts, the last position too: seq_len, not seq_len - 1.": wanted * (length - 1) // length,
                "These are gigabytes (GB). Return the number in bytes.": wanted / 1e9,
                "These are megabytes. Return the number in bytes.": wanted / 1e6,
                "These are gibibytes (GiB). Return the number in bytes.": lambda got: got in (wanted / 2**30, wanted // 2**30),
                "These are mebibytes (MiB). Return the number in bytes.": lambda got: got in (wanted / 2**20, wanted // 2**20),
            },
            otherwise="It is one product: keys and values, layers, heads, width, positions, texts, bytes.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "kv_cache_bytes-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: one text of two bytes a value by default, and the models of Table 2-4.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    for what, arguments, wanted in (
        ("Llama 2-7B, 4,096 tokens", (32, 32, 128, 4096), 2_147_483_648),
        ("Llama 2-70B, 4,096 tokens, eight kv heads", (80, 8, 128, 4096), 1_342_177_280),
        ("Llama 3-405B, 131,072 tokens, eight kv heads", (126, 8, 128, 131_072), 67_645_734_912),
    ):
        check(
            lambda: kv_cache_bytes(*arguments),
            wanted,
            what,
            mistakes={
                "The default of bytes_per_value is 2 bytes, not 4.": 2 * wanted,
                "The default of bytes_per_value is 2 bytes, not 1.": wanted / 2,
            },
            otherwise="By default there is one text, and a value has two bytes.",
        )
    check(
        lambda: kv_cache_bytes(32, 32, 128, 4096, 16),
        16 * 2_147_483_648,
        "Llama 2-7B, 16 texts of 4,096 tokens",
        otherwise="The fifth argument is batch_size.",
    )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Experiment: the Llama models
#
# **Claim.** The longer the sequence, the more keys and values must be stored, which makes long contexts hard. **Measurement.** The bytes for each row of
# the chapter's Table 2-4, at its full context, with and without grouped queries. **Control.** The weights of the same model, at two bytes
# each.

# %% tags=["experiment", "row-24"]
import csv

from utils.paths import datasets_dir

with (datasets_dir() / "tables" / "llama_dimensions.csv").open(encoding="utf-8", newline="") as stream:
    llamas = list(csv.DictReader(stream))


def cache_gigabytes(model: dict[str, str], kv_heads: int, tokens: int) -> float:
    """Return the gigabytes (1e9 bytes) of one text's cache, at two bytes a number."""
    head_dim = int(model["d_model"]) // int(model["n_heads"])
    return 2 * int(model["n_layers"]) * kv_heads * head_dim * tokens * 2 / 1e9


print(f"{'model':13} {'context':>8} {'cache':>9} {'without groups':>15} {'weights':>9}  texts that weigh as much as the weights")
cache_rows = []
for model in llamas:
    tokens, heads, kv_heads = int(model["context_length"]), int(model["n_heads"]), int(model["n_kv_heads"])
    grouped, full = cache_gigabytes(model, kv_heads, tokens), cache_gigabytes(model, heads, tokens)
    weights_gb = 2 * int(model["n_params"]) / 1e9
    cache_rows.append((model["model"], grouped, full, weights_gb))
    print(f"{model['model']:13} {tokens:8,} {grouped:6.1f} GB {full:12.1f} GB {weights_gb:6.0f} GB  {weights_gb / grouped:.1f}")
figure, axes = plt.subplots(figsize=(8.5, 3.6))
places = range(len(cache_rows))
for shift, column, label, colour, hatch in (
    (-0.27, 3, "weights", COLOURS[7], ""),
    (0.0, 2, "cache without grouped queries", COLOURS[3], "//"),
    (0.27, 1, "cache as released", COLOURS[0], ""),
):
    axes.bar([place + shift for place in places], [row[column] for row in cache_rows], 0.25, label=label, color=colour, hatch=hatch)
axes.set_xticks(list(places), [f"{model['model']}\n{int(model['context_length']) // 1024}K tokens" for model in llamas], fontsize=8)
axes.set(yscale="log", xlabel="model, at its full context", ylabel="gigabytes for one text")
axes.legend(fontsize=8)
show(
    figure,
    "Gigabytes of weights and of one text's cache at the full context, for six Llama models. At 4K tokens the cache is a small part of the "
    "weights; at 128K it would exceed the weights of the small models without grouped queries.",
)
seven, eight = cache_rows[0], cache_rows[3]
growth = cache_gigabytes(llamas[3], int(llamas[3]["n_kv_heads"]), 131_072) / cache_gigabytes(llamas[3], int(llamas[3]["n_kv_heads"]), 4096)
saved = [full / grouped for _, grouped, full, _ in cache_rows]
verdicts.add(
    row=24,
    claim="keys and values grow with the sequence, which limits the context",
    measured=(
        f"32 times the context takes {growth:.0f} times the bytes; the 8B model at 128K tokens needs {eight[1]:.0f} GB for one text beside {eight[3]:.0f} GB "
        f"of weights, and {eight[2]:.0f} GB without grouped queries, which save a factor of up to {max(saved):.0f}"
    ),
    outcome="holds" if growth == 32 and eight[1] > 0.5 * eight[3] else "holds in part" if growth == 32 else "does not hold",
)

# %% [markdown]
# Grouped queries came with the larger Llama 2, where the cache would have hurt first. In the 405-billion model they save a factor of 16.
#
# **Think.** You serve Llama 3-70B from eight GPUs of 80 GB. How many texts of 8,000 tokens fit beside the weights? What would you change
# first to fit twice as many: the groups, the bytes per number, or the length?

# %% [markdown]
# ## Summary
#
# A recurrence squeezes everything into one state and passes it on; attention keeps all states and looks. The mask keeps it
# honest, heads let it look for several things at once, the cache makes writing cheap in time and expensive in memory. What you measured:

# %% tags=["experiment"]
verdicts

# %% [markdown]
# **Read next.** Vaswani et al. (2017), "Attention Is All You Need", section 3: you have now written it. Bahdanau et al. (2015) for
# attention before the transformer, Olsson et al. (2022) on induction heads, Ainslie et al. (2023) on grouped queries. In notebook 03 your layer
# gets an MLP, a norm and positions, and then runs the weights of SmolLM2.

