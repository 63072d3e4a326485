# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 Attention from scratch
#
# Before 2017 a model of language read its text word by word, and kept what it had read in one
# vector. This notebook shows what that costs, and builds the cure by hand: attention, its mask,
# its heads, and the cache that makes it fast enough to write with.
#
# You need Python, PyTorch's tensors, and the idea of a gradient. Take an evening: about three
# hours with the exercises. All experiments together run for a little over a minute on two CPU
# cores.
#
# **You will learn to**
#
# - say what a recurrent encoder-decoder forgets, and measure it;
# - write a stable softmax, scaled dot-product attention, a causal mask, and multi-head attention
#   with grouped queries;
# - read an attention map, and find heads that do one thing;
# - decode with a cache, show that nothing but the time changes, and say how much memory the cache
#   takes;
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
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as
# often as you like, and graded tests after that. A failed test tells you which mistake it has
# seen. Nothing below an exercise depends on your answer, so you can skip one and come back.
#
# Shapes are written with B texts, T queries or positions, S keys, D features of a token, H heads,
# and d features of a head.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget = setup()
verdicts = Verdicts()

# %% [markdown]
# ## 1 One vector is not enough
#
# **What the chapter claims.** The seq2seq model of 2014 has two recurrent networks. The encoder
# reads the input token by token; the decoder writes the output from the encoder's *last state*.
# That is like answering questions about a book from its summary. Attention lets the decoder turn
# to any page.
#
# How much is one vector? Here is a recurrence with two numbers of state, reading three tokens:

# %%
state = [0.0, 0.0]
for token in (0.9, -0.4, 0.7):
    state = [round(0.5 * state[0] + token, 3), round(0.9 * state[1] + token, 3)]
    print(f"after {token:5}: state {state}")
print("the first token's part of the last state:", [round(0.9 * 0.5**2, 3), round(0.9 * 0.9**2, 3)])

# %% [markdown]
# Whatever the decoder wants to know about the first token has to be read off these two numbers,
# mixed with all the rest.
#
# ### Experiment: the bottleneck, and its cure
#
# **Claim.** With the last state only, quality falls as the source grows; with attention it does
# not, or less. **Measurement.** Two tasks: write the source backwards, and look up one of several
# pairs. The two models are trained in the same way with the same data, on sources of all lengths,
# five seeds each. **Control.** The model without attention, and guessing.

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
            recall_at[task, attention, length] = mean_interval(
                [run.accuracy[length] for run in mine]
            )
        row = "  ".join(
            f"{length:2}: {recall_at[task, attention, length].mean:.2f}" for length in lengths
        )
        print(
            f"{task:8} {'with' if attention else 'without':7} attention, {mine[0].parameters:,} parameters   {row}"
        )

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
            [
                [point.mean - point.low for point in points],
                [point.high - point.mean for point in points],
            ],
            marker=marker,
            color=colour,
            capsize=3,
            label=f"{'with' if attention else 'without'} attention",
        )
    guess = [1 / SYMBOLS if task == "reverse" else 1 / length for length in lengths]
    axes.plot(
        lengths,
        guess,
        ":",
        color="black",
        label="guessing" if task == "reverse" else "guessing one of its values",
    )
    axes.set(
        title=task,
        xlabel=f"length of the source ({unit})",
        ylabel="accuracy (share of symbols)",
        ylim=(0, 1.03),
    )
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
# Nobody told the decoder where to look. It has found out that the last symbol comes first, and its
# map is, roughly, the reversal.
#
# **Think.** The state has 48 numbers of 32 bits. Twelve symbols of 16 kinds are 48 bits. So it is
# not that they *cannot* fit. What is it that a training of this length cannot do?
#
# ### Experiment: one step after the other
#
# **Claim.** A recurrence reads one token after the other, which is slow, and its gradients shrink
# or grow at every step. **Measurement.** The time to read a text against its length; and the
# gradient of a recurrence's last output with respect to the input at each distance. **Control.**
# One attention layer of the same width, for both.

# %% tags=["experiment", "row-17"]
import time

import torch
from torch import nn

from utils.models.attention import MultiHeadAttention

width = 64
torch.manual_seed(0)
readers = {
    "recurrent (LSTM)": nn.LSTM(width, width, batch_first=True),
    "attention": MultiHeadAttention(width, 4),
}
text_lengths = budget.pick(
    smoke=(8, 16, 32), cpu=(32, 64, 128, 256, 512), gpu=(32, 64, 128, 256, 512, 1024, 2048)
)
milliseconds = {}
threads = torch.get_num_threads()
torch.set_num_threads(
    1
)  # one thread gives steadier times, and layers this small gain little from a second
with torch.no_grad():
    for length in text_lengths:
        x = torch.randn(4, length, width, device=budget.device)
        for name, reader in readers.items():
            reader.to(budget.device)(x)
            times = []
            for _ in range(budget.pick(smoke=2, cpu=7)):
                start = time.perf_counter()
                found = reader(x)
                (
                    found[0] if isinstance(found, tuple) else found
                ).sum().item()  # waits for the device
                times.append(1e3 * (time.perf_counter() - start))
            milliseconds[name, length] = min(times)
torch.set_num_threads(threads)
for name in readers:
    print(
        f"{name:17}",
        "  ".join(f"{length}: {milliseconds[name, length]:7.2f} ms" for length in text_lengths),
    )
print(
    f"{text_lengths[-1]} tokens: {text_lengths[-1]} steps that wait for the one before in the recurrence, none in attention"
)

# %% tags=["experiment", "row-17"]
distances = budget.pick(
    smoke=(1, 2, 4, 8), cpu=(1, 2, 4, 8, 16, 32, 64), gpu=(1, 2, 4, 8, 16, 32, 64, 128)
)
total = max(distances) + 1


def gradient_by_distance(reader: nn.Module, seed: int) -> list[float]:
    """Return the norm of the gradient of the last output with respect to the input at each distance, over that at 1."""
    x = torch.randn(
        1, total, width, generator=torch.Generator().manual_seed(seed), requires_grad=True
    )
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
    return (
        nn.LSTM(width, width, batch_first=True) if kind is nn.LSTM else MultiHeadAttention(width, 4)
    )


makers = {
    "recurrence, gain 0.8": lambda seed: recurrence(0.8, seed),
    "recurrence, gain 1.1": lambda seed: recurrence(1.1, seed),
    "LSTM": lambda seed: fresh(nn.LSTM, seed),
    "attention": lambda seed: fresh(MultiHeadAttention, seed),
}
norms = {
    name: torch.tensor([gradient_by_distance(make(seed), seed) for seed in range(5)])
    for name, make in makers.items()
}
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4), constrained_layout=True)
for name, marker, colour in zip(readers, "so", (COLOURS[3], COLOURS[0])):
    left.plot(
        text_lengths,
        [milliseconds[name, length] for length in text_lengths],
        marker=marker,
        color=colour,
        label=name,
    )
left.set(
    xscale="log",
    yscale="log",
    xlabel="length of the text (tokens)",
    ylabel="time to read four texts (ms)",
)
left.set_xticks(text_lengths, [str(length) for length in text_lengths])
left.minorticks_off()
left.legend()
for (name, values), marker, colour in zip(
    norms.items(), "svDo", (COLOURS[3], COLOURS[1], COLOURS[2], COLOURS[0])
):
    right.plot(distances, values.log().mean(0).exp(), marker=marker, color=colour, label=name)
right.set(
    xscale="log",
    yscale="log",
    xlabel="distance (tokens)",
    ylabel="gradient norm, relative to distance 1",
)
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
longer = [
    milliseconds["recurrent (LSTM)", length] / milliseconds["attention", length]
    for length in text_lengths
]
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
        if far["LSTM"].high < -1
        and far["recurrence, gain 1.1"].low > 1
        and abs(far["attention"].mean) < 1
        and longer[-1] > 1
        else "holds in part"
        if far["LSTM"].high < 0
        else "does not hold"
    ),
)

# %% [markdown]
# A gain of 0.8 over 64 steps is 0.8 to the power 64, less than a millionth. In attention every
# token is one step away from every other, so the distance does not enter.
#
# The times need care. On one thread of a CPU only the amount of work counts, and attention does
# more of it per token as the text grows. But the recurrence's steps wait for one another, so a
# thousand cores would not help it, and they would help attention.
#
# **Think.** At which length would the attention layer take longer than the LSTM on your machine?
# Would a GPU change the answer?

# %% [markdown]
# ## 2 A soft look-up
#
# **What the chapter claims.** Attention weighs every input token, for every output token. A
# *query* says what is looked for, a *key* what a token offers, a *value* what it holds. The dot
# product of a query and a key is a score; a softmax turns scores into weights; the output is the
# weighted mean of the values.
#
# The softmax first, on three scores:

# %%
import math

scores = [2.0, 1.0, -1.0]
powers = [math.exp(score) for score in scores]
print("powers ", [round(power, 3) for power in powers])
print("weights", [round(power / sum(powers), 3) for power in powers], "sum 1")
print(
    "plus 700", [f"{math.exp(score + 700):.1e}" for score in scores], "and a float ends at 1.8e+308"
)
try:
    math.exp(scores[0] + 800)
except OverflowError as error:
    print("plus 800", error)

# %% [markdown]
# The weights depend on differences of scores only: add 800 to each, and they stay what they were.
# Their powers do not. So a softmax that may meet any score first makes the scores harmless, by a
# shift that cancels.
#
# ### Exercise: `softmax`
#
# *Difficulty 2 of 5, 15 minutes.* Stable means: no overflow at 10,000, and no 0/0 at -10,000. A
# score of `-inf` gets the weight 0; each row has at least one other. Calling torch's own softmax
# or log-softmax would make this exercise pointless, and is refused.

# %% exercise="softmax"

# %% [markdown]
# **Now the look-up.** Four tokens, each with a key that says what it is about and a value that it
# holds. The query asks for the second kind of thing:

# %%
keys = torch.tensor([[4.0, 0.0], [0.0, 4.0], [0.0, 3.0], [-4.0, 0.0]])
values = torch.tensor([[10.0], [20.0], [30.0], [40.0]])
query = torch.tensor([0.0, 2.0])
scores = keys @ query / 2**0.5
weights = scores.exp() / scores.exp().sum()
print("scores ", [round(score, 2) for score in scores.tolist()])
print("weights", [round(weight, 3) for weight in weights.tolist()])
print(
    "output ",
    round((weights @ values).item(), 2),
    "= mostly 20, some 30: a mean, so something with a gradient",
)

# %% [markdown]
# A dictionary would have returned exactly one value. This one returns a mixture, and so a small
# change of the query changes the output a little. That is what makes it trainable.
#
# ### Exercise: `attention`
#
# *Difficulty 3 of 5, 25 minutes.* Queries (..., T, d), keys (..., S, d), values (..., S, e), where
# the dots stand for any number of leading dimensions: none, a batch, a batch and heads. Scores are
# divided by the square root of d. In the mask `True` means "may be used". A masked key gets a
# weight of exactly 0. A query that may see no key at all gets weights and an output of 0, and no
# NaN. Torch's `scaled_dot_product_attention` and `nn.MultiheadAttention` are this exercise, so
# they are refused; everything else of torch is welcome, its softmax too.

# %% exercise="attention"

# %% [markdown]
# ### Experiment: why divide by the square root of d?
#
# **Claim.** Scores are divided by sqrt(d). **Measurement.** Random queries and keys with entries
# of variance 1, for widths from 4 to 4,096. Their dot product has variance d, so without the scale
# scores grow with the width. We measure what that does to the entropy of the weights, and to the
# derivative of the softmax, through which every gradient has to pass. Five seeds. **Control.** The
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
    q, k = (
        torch.randn(n_queries, d, generator=generator),
        torch.randn(n_keys, d, generator=generator),
    )
    weights = (q @ k.T / d**power).softmax(dim=-1)
    return entropy_of_weights(weights).mean().item(), (1 - weights.square().sum(-1)).mean().item()


measured = {
    (name, d): [entropy_and_gradient(d, power, seed) for seed in range(5)]
    for name, power in powers.items()
    for d in widths
}
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2), constrained_layout=True)
for (name, _), marker in zip(powers.items(), "sov"):
    left.plot(
        widths,
        [sum(m[0] for m in measured[name, d]) / 5 for d in widths],
        marker=marker,
        label=name,
    )
    right.plot(
        widths,
        [sum(m[1] for m in measured[name, d]) / 5 for d in widths],
        marker=marker,
        label=name,
    )
left.axhline(
    torch.tensor(float(n_keys)).log().item(),
    color="black",
    linestyle=":",
    label=f"uniform: log {n_keys}",
)
left.set(xscale="log", xlabel="width d of queries and keys", ylabel="entropy of the weights (nats)")
right.set(
    xscale="log", xlabel="width d of queries and keys", ylabel="trace of the softmax's derivative"
)
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
    row = "  ".join(
        f"{d}: {entropy_at[name, d].mean:.2f} / {trace_at[name, d].mean:.2f}" for d in widths
    )
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
# Without the scale a wide head starts out as a hard choice of one random key, and the gradient
# that could correct the choice is gone. With 1/d it starts out as a plain mean. The square root is
# the one power that leaves the start the same at any width.
#
# **Think.** The argument is about the *start* of training, with independent random entries. Why
# may a trained head have scores that are much larger, and still be fine?

# %% [markdown]
# ## 3 Where does it look?
#
# **What the chapter claims.** A picture of attention weights shows what a token uses: in Figure
# 2-5 a query looks back over `How are you ? ¿` to choose the next word.
#
# A row of weights is a probability distribution. Its entropy says how spread out it is: 0 when one
# key gets everything, log S when S keys share equally. The exponential of the entropy is easier to
# read, an effective number of keys.

# %%
for weights in ([1.0, 0.0, 0.0, 0.0], [0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]):
    entropy = sum(-weight * math.log(weight) for weight in weights if weight > 0)
    print(f"{weights}  {entropy:.3f} nats, looks at {math.exp(entropy):.2f} keys")

# %% [markdown]
# ### Exercise: `attention_entropy`
#
# *Difficulty 1 of 5, 10 minutes.* In nats, so with the natural logarithm, over the last dimension.
# Causal attention is full of zeros: let 0 log 0 be 0, its limit.

# %% exercise="attention_entropy"

# %% [markdown]
# ### Experiment: two models, looked into
#
# **Claim.** Attention weights show which earlier tokens a token uses. **Measurement.** The maps of
# two trained models: the course's own, which has read documents of the miniature world and nothing
# else, and SmolLM2 (135 million parameters), which has read the web. For each head the effective
# number of keys. **Control.** The same shape with random weights, before any training.

# %% tags=["experiment", "row-19"]
import copy

from utils.models.pretrained import load_gguf
from utils.notebook.widgets.attention_explorer import (
    attention_figure,
    attention_map,
    describe_head,
    effective_keys,
    row_text,
)
from utils.training.base_models import base_world, load_base_model

real = load_gguf()
course_model, world = load_base_model("world-small"), base_world()


def read_real(text: str):
    """Return the real model's map of a text."""
    ids = real.encode(text)
    return attention_map(
        real.model, ids, [real.decode([token]).replace("\n", "\\n") for token in ids]
    )


def read_course(text: str):
    """Return the course's model's map of a text; words that the world does not know raise ValueError."""
    end = world.vocabulary.end_of_text_id
    ids = [end, *world.vocabulary.encode(text)]
    return attention_map(
        course_model,
        ids,
        [world.vocabulary.decode([token]) if token != end else "|" for token in ids],
    )


documents = sorted(
    world.documents(60, seed=3), key=lambda document: (abs(len(document.words) - 14), document.text)
)
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
    print(
        f"{name}: {len(maps[name].tokens)} tokens; keys per head from {keys.min():.1f} to {keys.max():.1f}, median {keys.median():.1f}"
    )
print(
    f"the course's model before training: from {before_training.min():.1f} to {before_training.max():.1f}"
)

panels = []
for name, chosen in maps.items():
    rows = torch.arange(1, len(chosen.tokens))
    elsewhere = (
        1 - chosen.weights[:, :, rows, 0].mean(-1) - chosen.weights[:, :, rows, rows].mean(-1)
    )
    layer, head = divmod(
        int((elsewhere / focus[name]).argmax()), chosen.n_heads
    )  # few keys, neither the first nor itself
    panels.append((f"{name}: layer {layer}, head {head}", chosen, layer, head))
    print(
        describe_head(chosen, layer, head),
        row_text(chosen, layer, head, len(chosen.tokens) - 1, most=3),
    )
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
# Look through all heads with the explorer: choose a model, a layer, a head, and the token that
# looks. Type your own sentence. Where widgets do not work, the picture above shows two heads.

# %% tags=["experiment", "row-19"]
from IPython.display import display

from utils.notebook.widgets.attention_explorer import attention_explorer

display(attention_explorer(readers_of, texts))

# %% [markdown]
# You will find many heads of SmolLM2 that look at the first token, whatever it is. It is where a
# head puts its weight when it has nothing to do: the weights must sum to 1, so "nothing" needs a
# place (called an attention sink; Xiao et al., 2023).
#
# **Think.** A head that puts 0.9 on a word need not *use* that word much: the output is weights
# times values. What would you measure to find out?

# %% [markdown]
# ## 4 No looking ahead
#
# **What the chapter claims.** A language model writes one token after the other, and each may use
# the tokens before it only. In training all positions are computed at once, so the future is right
# there in the tensor. A mask hides it.

# %%
for query in range(4):
    print(f"query {query} sees", " ".join("x" if key <= query else "." for key in range(4)))
print()
for query in range(2):
    print(
        f"query {query} sees",
        " ".join("x" if key <= 3 + query else "." for key in range(5)),
        "  (2 queries, 5 keys)",
    )


# %% [markdown]
# The second picture is what you need later: three positions are known already, and two new ones
# ask. Query 0 is the fourth position, so it sees four keys. Counting from the first key instead
# would show it one.
#
# ### Exercise: `causal_mask`
#
# *Difficulty 2 of 5, 10 minutes.* Boolean, `True` = may be used. The queries are the last
# positions of the keys. More queries than keys make no sense: refuse them, also when `key_len` is
# 0.

# %% exercise="causal_mask"

# %% [markdown]
# ### Experiment: a leak test
#
# **Claim.** Behind a causal mask a position cannot see the future. **Measurement.** Change every
# token after a position and compare all outputs up to it, bit by bit; and ask for the gradient of
# an output with respect to later inputs. For the course's model and for the real one. **Control.**
# The same model with a mask that lets everything through: the test must find that leak, or it is
# no test.


# %% tags=["experiment", "row-20"]
@torch.no_grad()
def largest_change(
    model: nn.Module, ids: torch.Tensor, position: int, vocab_size: int, seed: int
) -> tuple[float, float]:
    """Replace all tokens after a position; return the largest change of a logit up to it, and after it."""
    other = ids.clone()
    generator = torch.Generator().manual_seed(seed)
    other[:, position + 1 :] = torch.randint(
        vocab_size, other[:, position + 1 :].shape, generator=generator
    )
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
    "course model without a mask": (
        SeesEverything(course_model),
        course_ids,
        course_model.config.vocab_size,
    ),
    "SmolLM2": (real.model, real.encode(texts["SmolLM2 (real)"]), 20_000),
}
leaks = {}
for name, (model, ids, vocab_size) in suspects.items():
    tokens = torch.tensor([ids])
    places = budget.pick(smoke=(3,), cpu=(2, 5, 8)) if name != "SmolLM2" else (5,)
    found = [
        largest_change(model, tokens, position, vocab_size, seed=position) for position in places
    ]
    leaks[name] = max(before for before, _ in found)
    print(
        f"{name:30} largest change up to the position {leaks[name]:.2g}, after it {max(after for _, after in found):.2g}"
    )

# The same by gradients: can output t learn anything about input s > t?
vectors = course_model.embed(torch.tensor([course_ids])).detach().requires_grad_()
x = vectors
for block in course_model.blocks:
    x = block(x)
middle = x.shape[1] // 2
(gradient,) = torch.autograd.grad(x[0, middle].sum(), vectors)
later = gradient[0, middle + 1 :].abs().max().item()
print(
    f"gradient of position {middle}: at most {gradient[0, : middle + 1].abs().max():.2g} on itself and before, {later:.2g} on later ones"
)
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
        if leaks["course model"] == 0
        and leaks["SmolLM2"] < 1e-4
        and later == 0
        and leaks["course model without a mask"] > 0.01
        else "does not hold"
    ),
)

# %% [markdown]
# A leak makes the training loss wonderful and the text that the model writes useless. When a loss
# looks too good, run these ten lines before you celebrate.
#
# **Think.** The test changes all later tokens at once. Would it find a model in which position 5
# sees position 6 but no other later one? In which a *batch norm* carries information across
# positions?

# %% [markdown]
# ## 5 Many heads
#
# **What the chapter claims.** One attention looks for one kind of thing. So a model of width 4,096
# runs 32 of them side by side, each on 128 features, and a last matrix mixes their outputs. The
# heads can then attend to different tokens at once.

# %%
print("Llama 2-7B: 4096 features =", " x ".join(map(str, (32, 4096 // 32))))
x = torch.arange(12.0).view(1, 2, 6)
print("two tokens of six features\n", x[0].int().tolist())
print("head 0 of 2 holds the features 0 to 2 of both\n", x[0, :, 0:3].int().tolist())
print("head 1 of 2 holds the features 3 to 5\n", x[0, :, 3:6].int().tolist())

# %% [markdown]
# Splitting is no computation: it regroups the same numbers. But it is easy to regroup them
# wrongly, and a model with mixed-up heads still trains, a little worse, without an error message.
#
# ### Exercise: `split_heads`, `merge_heads`
#
# *Difficulty 2 of 5, 15 minutes.* From (B, T, D) to (B, H, T, D/H) and back. Head h holds the
# features h D/H to (h + 1) D/H. A D that H does not divide is refused.

# %% exercise="split_heads"

# %% [markdown]
# **All of it in one layer.** Four matrices: queries, keys, values, and the output projection that
# mixes the heads. Newer models save memory by giving several query heads one key and value head
# (*grouped queries*, Ainslie et al., 2023). With eight query heads and two kv heads, the query
# heads 0 to 3 share kv head 0:

# %%
n_heads, n_kv_heads = 8, 2
group = n_heads // n_kv_heads
print("query head h:        ", *range(n_heads))
print("kv head h // group:  ", *(h // group for h in range(n_heads)))

# %% [markdown]
# ### Exercise: `MultiHeadAttention`
#
# *Difficulty 4 of 5, 30 minutes.* Write it from your pieces above or from scratch. The names
# `q_proj`, `k_proj`, `v_proj` and `o_proj` are those of Llama's weights, which you will load in
# notebook 03. Each is an `nn.Linear` without bias. A given mask (T, T) is used as it is; without
# one the layer is causal. Torch's whole attention is refused here too.

# %% exercise="MultiHeadAttention"

# %% [markdown]
# ### Experiment: heads that do one thing
#
# **Claim.** Several heads let a model attend to different tokens at once. **Measurement.** The
# test of Olsson et al. (2022): random tokens, and the same once more. Nothing but copying helps to
# predict the second half. For each of SmolLM2's 270 heads we measure the weight on the token
# *before* (a previous-token head), and the weight on the token that *followed* the same token the
# first time (an induction head, which copies). Five random texts. **Control.** The same positions
# in texts that do not repeat. Then the causal test: silence the best copying heads, or as many
# others, and see who is missed.

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
    best[kind] = [
        divmod(int(place), n_query_heads) for place in mean.flatten().argsort(descending=True)[:6]
    ]
    listed = ", ".join(f"{layer}.{head} {mean[layer, head]:.2f}" for layer, head in best[kind][:4])
    print(
        f"{kind:15} best layer.head: {listed};  heads above 0.4: {int((mean > 0.4).sum())} of {mean.numel()}, "
        f"control: {int((control_scores[kind].mean(0) > 0.4).sum())}"
    )


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
        nats = nn.functional.cross_entropy(
            logits.transpose(1, 2), ids[:, period + 2 :], reduction="none"
        )
        return nats.mean(-1)
    finally:
        for (layer, head), piece in held.items():
            real.model.blocks[layer].attention.o_proj.weight[
                :, head * width : (head + 1) * width
            ] = piece


copying = best["induction"]
layers = sorted({layer for layer, _ in copying})
others = [
    (layer, head)
    for layer in layers
    for head in range(n_query_heads)
    if (layer, head) not in copying
]
picked = [
    others[place]
    for place in torch.randperm(len(others), generator=generator)[: len(copying)].tolist()
]
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
    left.scatter(
        place // n_query_heads, mean.flatten(), s=14, marker=marker, color=colour, label=kind
    )
left.set(
    xlabel="layer", ylabel="mean weight (share)", ylim=(-0.02, 1.02), title="270 heads of SmolLM2"
)
left.legend()
right.barh(
    ["all heads", "without copying heads", "without other heads"],
    [one.mean() for one in losses.values()],
    color=[COLOURS[0], COLOURS[3], COLOURS[2]],
)
right.set(xlabel="loss on the repeated half (nats per token)", ylabel="model")
right.invert_yaxis()
show(
    figure,
    "Left: each head's mean weight on the previous token and on the token to copy, by layer; a few heads stand far above the rest, "
    "previous-token heads in earlier layers than the copying ones. Right: loss on the repeated half with all heads, without the copying "
    "heads, and without as many others.",
)
missed, missed_control = (
    mean_interval((without - whole).tolist()),
    mean_interval((control - whole).tolist()),
)
top = {
    kind: mean_interval(scores[kind][:, best[kind][0][0], best[kind][0][1]].tolist())
    for kind in best
}
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
        if top["previous token"].low > 0.5
        and top["induction"].low > 0.5
        and missed.low > max(missed_control.high, 0)
        else "holds in part"
        if top["induction"].low > 0.3
        else "does not hold"
    ),
)

# %% [markdown]
# Copying takes two heads in a row. One in an early layer notes, at each position, which token came
# before. A later one looks for a position whose note says "this token", and reads what stands
# there. Neither can do it alone, which is why no model with a single attention layer can copy in
# this way.
#
# **Think.** The two kinds of heads are spread over the layers. Look at the picture: why must the
# previous-token heads come first?

# %% [markdown]
# ## 6 Reading and writing
#
# **What the chapter claims.** A transformer reads its input in parallel (*prefill*) and writes its
# output token by token (*decode*). The first is limited by arithmetic, the second waits.
#
# When a token is written, the keys and values of all tokens before it are what they were one step
# ago. Without a cache they are computed again, every time:

# %%
prompt_tokens, new_tokens = 100, 50
again = sum(prompt_tokens + step for step in range(new_tokens))
print(f"{prompt_tokens} tokens of prompt, {new_tokens} new ones")
print(
    f"without a cache {again:,} tokens go through the model, with one {prompt_tokens + new_tokens - 1}"
)

# %% [markdown]
# ### Experiment: prefill and decode
#
# **Claim.** Prefill is parallel and cheap per token, decoding is sequential. **Measurement.**
# Milliseconds per token in both phases, for several batch sizes and lengths, in one model of the
# course's transformer. **Control.** The same model, the same tokens, the same number of
# multiplications per token: only the phase differs.

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
torch.set_num_threads(
    1
)  # one thread gives steadier times, and layers this small gain little from a second
phases = {
    (batch, length): phase_times(batch, length)
    for batch in batches
    for length in prompt_lengths
    if batch * length <= budget.pick(smoke=64, cpu=2048, gpu=10**6)
}
torch.set_num_threads(threads)
print(
    f"{sum(p.numel() for p in timed_model.parameters()) / 1e6:.1f} million parameters; ms per token, prefill / decode"
)
for (batch, length), (reading, writing) in phases.items():
    print(
        f"batch {batch:2}, prompt {length:4}: {reading:7.3f} / {writing:7.3f}   decode costs {writing / reading:4.1f} times as much"
    )
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.3), constrained_layout=True)
middle_length = prompt_lengths[1]
at_middle = [batch for batch in batches if (batch, middle_length) in phases]
left.plot(
    at_middle, [phases[batch, middle_length][0] for batch in at_middle], "o-", label="prefill"
)
left.plot(at_middle, [phases[batch, middle_length][1] for batch in at_middle], "s-", label="decode")
left.set(
    xscale="log",
    yscale="log",
    xlabel=f"texts in the batch (prompts of {middle_length} tokens)",
    ylabel="time per token (ms)",
)
right.plot(
    prompt_lengths, [phases[1, length][0] for length in prompt_lengths], "o-", label="prefill"
)
right.plot(
    prompt_lengths, [phases[1, length][1] for length in prompt_lengths], "s-", label="decode"
)
right.set(
    xscale="log",
    yscale="log",
    xlabel="length of the prompt (tokens), one text",
    ylabel="time per token (ms)",
)
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
    outcome="holds"
    if alone[1] > 1.5 * alone[0] and alone[1] / together[1] > 1.5
    else "holds in part"
    if alone[1] > alone[0]
    else "undecided",
)

# %% [markdown]
# Both phases do the same multiplications for each token. But to decode one token, every weight of
# the model is fetched from memory and used once. In prefill each fetched weight serves all tokens
# of the prompt. A larger batch gives decoding the same advantage, which is why servers write many
# answers side by side.

# %% [markdown]
# ### Exercise: `KVCache`
#
# *Difficulty 2 of 5, 15 minutes.* A cache begins empty. `append` takes the keys and values of one
# or more new positions and returns all so far, joined along the sequence dimension -2: tensors may
# be (B, T, d), or (B, H, T, d), or have more leading dimensions. `len(cache)` counts positions,
# `reset()` forgets everything. Each cache is on its own.

# %% exercise="KVCache"

# %% [markdown]
# ### Exercise: `decode_step`
#
# *Difficulty 4 of 5, 25 minutes.* One token at a time: project it, append its key and value to the
# cache, let its query look at all keys so far, merge, project. The output must equal the last row
# of the layer's full causal forward over all tokens so far. Use the layer's `q_proj`, `k_proj`,
# `v_proj`, `o_proj`, `n_heads`, `n_kv_heads`, and the cache's `append`; what shape you cache is up
# to you. Any layer and cache with these names will be handed to you, so that an earlier exercise
# that you left out costs you nothing here:

# %%
from utils.evaluation.decoding_parts import attention_parts, cache_parts

layer, cache = attention_parts(d_model=8, n_heads=4, n_kv_heads=2), cache_parts()
for number in range(3):
    token = torch.randn(1, 1, 8)  # (B, 1, D)
    k, v = cache.append(layer.k_proj(token), layer.v_proj(token))
    print(
        f"token {number}: the cache holds {len(cache)} positions, keys {tuple(k.shape)}, values {tuple(v.shape)}"
    )

# %% exercise="decode_step"

# %% [markdown]
# ### Experiment: the same text, sooner
#
# **Claim.** Decoding with a cache gives what decoding without it gives, only faster.
# **Measurement.** Equality first: the logits of all positions, fed one by one, against one forward
# pass; and the greedy text of the real model, with and without a cache. Then the time for a new
# token against the tokens so far. **Control.** The model without a cache, reading everything
# again.

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
print(
    f"course's model, {document.shape[1]} positions: largest difference of a logit {difference:.1e} (logits up to {at_once.abs().max():.0f})"
)

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
torch.set_num_threads(
    1
)  # one thread gives steadier times, and layers this small gain little from a second
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
    outcome="holds"
    if difference < 1e-3
    and len(set(map(tuple, written.values()))) == 1
    and speed_ups[spans[-1]] > 1
    else "does not hold",
)

# %% [markdown]
# The differences that remain are those of rounding: the same sums in another order.
#
# **Think.** Could one also cache the *queries*? And what would have to be thrown away if the model
# changed its mind and replaced a token in the middle of the text?

# %% [markdown]
# ## 7 What the cache costs
#
# **What the chapter claims.** Each token so far has a key and a value in every layer, so their
# number grows with the context, which is one reason why long contexts are hard to serve.
#
# For one token of Llama 2-7B, at two bytes a number:

# %%
n_layers, n_heads, head_dim = 32, 32, 128
print(
    f"numbers in one layer: {n_heads} heads x {head_dim} x 2 (key and value) = {2 * n_heads * head_dim:,}"
)
print(
    f"bytes in all layers: {n_layers * 2 * n_heads * head_dim * 2:,} = half a megabyte for one token"
)

# %% [markdown]
# ### Exercise: `kv_cache_bytes`
#
# *Difficulty 1 of 5, 5 minutes.* Keys and values, of every layer, kv head, position and text of
# the batch.

# %% exercise="kv_cache_bytes"

# %% [markdown]
# ### Experiment: the Llama models
#
# **Claim.** The longer the sequence, the more keys and values must be stored, which makes long
# contexts hard. **Measurement.** The bytes for each row of the chapter's Table 2-4, at its full
# context, with and without grouped queries. **Control.** The weights of the same model, at two
# bytes each.

# %% tags=["experiment", "row-24"]
import csv

from utils.paths import datasets_dir

with (datasets_dir() / "tables" / "llama_dimensions.csv").open(
    encoding="utf-8", newline=""
) as stream:
    llamas = list(csv.DictReader(stream))


def cache_gigabytes(model: dict[str, str], kv_heads: int, tokens: int) -> float:
    """Return the gigabytes (1e9 bytes) of one text's cache, at two bytes a number."""
    head_dim = int(model["d_model"]) // int(model["n_heads"])
    return 2 * int(model["n_layers"]) * kv_heads * head_dim * tokens * 2 / 1e9


print(
    f"{'model':13} {'context':>8} {'cache':>9} {'without groups':>15} {'weights':>9}  texts that weigh as much as the weights"
)
cache_rows = []
for model in llamas:
    tokens, heads, kv_heads = (
        int(model["context_length"]),
        int(model["n_heads"]),
        int(model["n_kv_heads"]),
    )
    grouped, full = cache_gigabytes(model, kv_heads, tokens), cache_gigabytes(model, heads, tokens)
    weights_gb = 2 * int(model["n_params"]) / 1e9
    cache_rows.append((model["model"], grouped, full, weights_gb))
    print(
        f"{model['model']:13} {tokens:8,} {grouped:6.1f} GB {full:12.1f} GB {weights_gb:6.0f} GB  {weights_gb / grouped:.1f}"
    )
figure, axes = plt.subplots(figsize=(8.5, 3.6))
places = range(len(cache_rows))
for shift, column, label, colour, hatch in (
    (-0.27, 3, "weights", COLOURS[7], ""),
    (0.0, 2, "cache without grouped queries", COLOURS[3], "//"),
    (0.27, 1, "cache as released", COLOURS[0], ""),
):
    axes.bar(
        [place + shift for place in places],
        [row[column] for row in cache_rows],
        0.25,
        label=label,
        color=colour,
        hatch=hatch,
    )
axes.set_xticks(
    list(places),
    [f"{model['model']}\n{int(model['context_length']) // 1024}K tokens" for model in llamas],
    fontsize=8,
)
axes.set(yscale="log", xlabel="model, at its full context", ylabel="gigabytes for one text")
axes.legend(fontsize=8)
show(
    figure,
    "Gigabytes of weights and of one text's cache at the full context, for six Llama models. At 4K tokens the cache is a small part of the "
    "weights; at 128K it would exceed the weights of the small models without grouped queries.",
)
seven, eight = cache_rows[0], cache_rows[3]
growth = cache_gigabytes(llamas[3], int(llamas[3]["n_kv_heads"]), 131_072) / cache_gigabytes(
    llamas[3], int(llamas[3]["n_kv_heads"]), 4096
)
saved = [full / grouped for _, grouped, full, _ in cache_rows]
verdicts.add(
    row=24,
    claim="keys and values grow with the sequence, which limits the context",
    measured=(
        f"32 times the context takes {growth:.0f} times the bytes; the 8B model at 128K tokens needs {eight[1]:.0f} GB for one text beside {eight[3]:.0f} GB "
        f"of weights, and {eight[2]:.0f} GB without grouped queries, which save a factor of up to {max(saved):.0f}"
    ),
    outcome="holds"
    if growth == 32 and eight[1] > 0.5 * eight[3]
    else "holds in part"
    if growth == 32
    else "does not hold",
)

# %% [markdown]
# Grouped queries came with the larger Llama 2, where the cache would have hurt first. In the
# 405-billion model they save a factor of 16.
#
# **Think.** You serve Llama 3-70B from eight GPUs of 80 GB. How many texts of 8,000 tokens fit
# beside the weights? What would you change first to fit twice as many: the groups, the bytes per
# number, or the length?

# %% [markdown]
# ## Summary
#
# A recurrence squeezes everything into one state and passes it on; attention keeps all states and
# looks. The mask keeps it honest, heads let it look for several things at once, the cache makes
# writing cheap in time and expensive in memory. What you measured:

# %% tags=["experiment"]
verdicts

# %% [markdown]
# **Read next.** Vaswani et al. (2017), "Attention Is All You Need", section 3: you have now
# written it. Bahdanau et al. (2015) for attention before the transformer, Olsson et al. (2022) on
# induction heads, Ainslie et al. (2023) on grouped queries. In notebook 03 your layer gets an MLP,
# a norm and positions, and then runs the weights of SmolLM2.
