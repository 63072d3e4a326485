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
# # 03 Transformer block
#
# In the last notebook you built attention. Here you build the rest: norms, an MLP with something
# nonlinear in it, positions, the block, the whole model. You count every parameter of the
# chapter's models, and find errors in its table. Then you build what wants to replace attention,
# and measure what it gains and loses. At the end your own block gets the weights of a real model,
# and writes.
#
# You need notebook 02 and about three and a half hours with the exercises. All cells together, the
# experiments among them, took about two minutes on two CPU cores.
#
# **You will learn to**
#
# - write a transformer block and a language model, and say what each part is for from a run
#   without it;
# - compute parameters, memory and active parameters from dimensions, exactly;
# - read a model's intermediate states with its own head;
# - write linear attention and a selective scan, in one step and step by step;
# - compare architectures at equal size: recall, loss, memory, time against length.
#
# | section | exercises | difficulty | minutes |
# |---|---|---|---|
# | 1 Numbers that stay in range | `rms_norm` with `layer_norm` | 1 of 5 | 10 |
# | 2 Breaking the line | `gelu` with `swiglu` | 2 of 5 | 10 |
# | 3 Where a token stands | `rotate` | 3 of 5 | 20 |
# | 4 The block | `TransformerBlock` | 3 of 5 | 20 |
# | 5 From ids to logits | `GPT` | 3 of 5 | 20 |
# | 6 Counting parameters | `count_parameters` | 2 of 5 | 15 |
# | 7 Bytes and zeros | `weight_bytes` with `nonzero_parameters` | 1 of 5 | 5 |
# | 8 A mixture of experts | `route_top_k`, `moe_parameters` | 2 and 3 of 5 | 10 and 15 |
# | 9 Without a growing cache | `linear_attention_parallel` with its recurrent form, `selective_scan` | 4 and 3 of 5 | 25 and 20 |
# | 10 Your block talks | | | |
#
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as
# often as you like, and graded tests after that. A failed test tells you which mistake it has
# seen. Nothing below an exercise depends on your answer, except the very last experiment, which
# uses your block if it works.
#
# Every experiment ends with a line in a table: what the chapter says, what we measured, the 95%
# interval, and a verdict that the code computes from the numbers. The models that are trained here
# are toys: less than a hundred-thousandth of the size of a large one, on a miniature world of 30
# people. What holds for them may not hold for large ones, and the text says so where it matters.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

# %% [markdown]
# ## 1 Numbers that stay in range
#
# **What the chapter claims.** A transformer is a stack of blocks, each made of an attention module
# and an MLP module. Nothing else is mentioned. But every block of every model in the chapter's
# table holds a third part, twice: a norm. It has few parameters, and you will see below what a
# stack does without it.
#
# A norm rescales the features of *one position* to a standard size, whatever came in. Two are in
# use. LayerNorm (Ba et al., 2016) first subtracts the mean, then divides by the standard
# deviation. RMSNorm (Zhang and Sennrich, 2019) leaves the mean alone and divides by the root mean
# square. On four numbers:

# %%
import torch

features = torch.tensor([1.0, 2.0, 3.0, 6.0])
mean, root_mean_square = features.mean(), features.pow(2).mean().sqrt()
deviation = (features - mean).pow(2).mean().sqrt()
print(
    f"mean {mean:.2f}, standard deviation {deviation:.2f}, root mean square {root_mean_square:.2f}"
)
print("LayerNorm", ((features - mean) / deviation).tolist())
print("RMSNorm  ", (features / root_mean_square).tolist())
print(
    "RMSNorm of 1000 times the same numbers",
    (1000 * features / (1000 * features).pow(2).mean().sqrt()).tolist(),
)

# %% [markdown]
# After either norm the mean square is 1, and the input's scale is gone. Learned gains (`weight`),
# and for LayerNorm a `bias`, then give each feature the size that it needs. A small `eps` is added
# to the mean square, or to the variance, *before* the root is taken: it keeps a row of zeros from
# dividing by zero.
#
# ### Exercise: `rms_norm` and `layer_norm`
#
# *Difficulty 1 of 5, 10 minutes.* Both work over the last dimension. The variance is the biased
# one: divide by the number of features, not by one less.

# %% exercise="rms_norm"

# %% [markdown]
# ## 2 Breaking the line
#
# **What the chapter claims.** The MLP is made of linear layers with a simple nonlinear function
# between them, ReLU or GELU, which "were used by GPT-2 and GPT-3, respectively". What matters is
# that linearity is broken; fancier functions do no better.
#
# One detail first: **GPT-2 used GELU too**. Its released code (OpenAI, 2019, `model.py`) has a
# function `gelu`, in the tanh approximation, and no ReLU. It was the first GPT (2018) that brought
# GELU into this line of models.
#
# ReLU cuts at zero. GELU (Hendrycks and Gimpel, 2016) multiplies x by the probability that a
# standard normal variable is below x, so the corner is smooth. Three inputs:

# %%
from math import erf, sqrt

for x in (-1.0, 0.0, 2.0):
    below = 0.5 * (1 + erf(x / sqrt(2)))
    print(
        f"x {x:4}: probability of being below {below:.4f}, GELU {x * below:7.4f}, ReLU"
        f" {max(x, 0.0)}"
    )

# %% [markdown]
# Newer models gate instead (Shazeer, 2020). In SwiGLU one matrix, `gate`, decides feature by
# feature how much of another one's output, `up`, passes; a third, `down`, goes back to the width
# of the model:
#
#     down( silu(gate x) * up x ),    silu(z) = z * sigmoid(z)
#
# All Llama models and SmolLM2 do this. The weights come as `nn.Linear` stores them, (out, in):
# `gate` and `up` have the shape (d_ff, D) and `down` (D, d_ff).
#
# ### Exercise: `gelu` and `swiglu`
#
# *Difficulty 2 of 5, 10 minutes.* Use the exact GELU with the error function erf, not an
# approximation.

# %% exercise="gelu"

# %% [markdown]
# ### Experiment: without a nonlinearity
#
# **Claim.** The activation's job is to break linearity; which one is used hardly matters.
# **Measurement.** First the reason: twenty linear layers without anything between them, against
# one matrix. Then small language models of equal size on the text of the miniature world (two
# blocks, five seeds, the same data for all), with ReLU, GELU and SwiGLU in the MLP. **Control.**
# An MLP with no activation, the same number of parameters. The world's own entropy, which no model
# can beat, is known.

# %% tags=["experiment", "row-26"]
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

from utils.experiments.block.block_variants import VariantBlock
from utils.evaluation.intervals import mean_interval
from utils.experiments.block.world_runs import WorldRun, train_on_world
from utils.notebook import COLOURS, show
from utils.training.sweep import run_sweep
from utils.world import World

layers = [torch.randn(64, 64, dtype=torch.float64) / 8 for _ in range(20)]
signal = torch.randn(100, 64, dtype=torch.float64)
deep = signal
for matrix in layers:
    deep = deep @ matrix.T
one_matrix = torch.linalg.multi_dot(layers[::-1])
difference = float((deep - signal @ one_matrix.T).abs().max() / deep.abs().max())
print(
    f"20 linear layers, {20 * 64 * 64:,} parameters, against one matrix of {64 * 64:,}: relative"
    f" difference {difference:.1e}"
)

world = World(seed=0, n_people=30, n_towns=6).with_mix({"profile": 1})  # short texts about people
world_text = {
    "ids": world.token_stream(budget.pick(smoke=20_000, cpu=100_000, gpu=2_000_000), seed=0),
    "held_out": world.token_stream(budget.pick(smoke=2_000, cpu=10_000, gpu=20_000), seed=2),
    "vocab_size": len(world.vocabulary),
    "n_layers": 2,
    "steps": budget.pick(smoke=3, cpu=45, gpu=2_000),
    "batch_size": budget.pick(smoke=8, cpu=12, gpu=16),
    "lr": budget.pick(
        smoke=0.1, cpu=0.1, gpu=0.02
    ),  # few steps want a high rate: at 0.02 the embeddings lag behind
    "device": budget.device,
}
floor = world.entropy(2000, seed=2).nats_per_token
seeds = range(budget.pick(smoke=2, cpu=5, gpu=5))
trained_length, tested_length = (
    32,
    96,
)  # windows of training; and longer ones, which a later experiment looks at
print(f"\nthe world: {next(world.documents(1, seed=5)).text}")
print(
    f"{len(world.vocabulary)} words, entropy {floor:.3f} nats per token,"
    f" {np.log(len(world.vocabulary)):.2f} for guessing\n"
)


def losses_of(results, label):
    """Held-out losses of one condition, in the order of the seeds."""
    return np.array([result.loss for result in results if result.label == label])


activations = {"no activation": "none", "ReLU": "relu", "GELU": "gelu", "SwiGLU": "swiglu"}
activation_runs = run_sweep(
    train_on_world,
    [
        WorldRun(
            name,
            seed=seed,
            block=partial(VariantBlock, activation=activation),
            context=trained_length,
            test_context=tested_length if name == "SwiGLU" else 0,
            **world_text,
        )
        for name, activation in activations.items()
        for seed in seeds
    ],
    workers=budget.workers,
    description="activations",
)
for name in activations:
    size = next(result.parameters for result in activation_runs if result.label == name)
    print(
        f"{name:14} loss {mean_interval(losses_of(activation_runs, name))} nats per token, {size:,}"
        " parameters"
    )
broken = mean_interval(
    losses_of(activation_runs, "no activation") - losses_of(activation_runs, "GELU")
)
fancy = mean_interval(losses_of(activation_runs, "ReLU") - losses_of(activation_runs, "SwiGLU"))

figure, axes = plt.subplots(figsize=(6, 3.2))
for place, name in enumerate(activations):
    axes.plot(
        np.full(len(seeds), place), losses_of(activation_runs, name), "o", color=COLOURS[place]
    )
axes.axhline(floor, color="black", linestyle=":", label="the world's entropy")
axes.set_xticks(range(len(activations)), list(activations))
axes.set(
    xlabel="activation of the MLP (one point per seed)", ylabel="held-out loss (nats per token)"
)
axes.legend()
show(
    figure,
    "Held-out loss of small language models with four kinds of MLP, one point for each of the"
    " seeds.",
)
verdicts.add(
    row=26,
    claim=(
        "an activation breaks linearity: without one, a stack of linear layers is one linear layer"
    ),
    measured=(
        f"20 layers equal one matrix (difference {difference:.0e}); a model without activations"
        f" loses {broken.mean:.3f} nats more than with GELU"
    ),
    interval=str(broken),
    outcome=(
        "holds"
        if difference < 1e-9 and broken.low > 0
        else "holds in part"
        if difference < 1e-9
        else "does not hold"
    ),
)
verdicts.add(
    row=26,
    claim="fancier activations do no better than ReLU",
    measured=f"SwiGLU is {fancy.mean:+.3f} nats better than ReLU at equal size",
    interval=str(fancy),
    outcome="does not hold" if fancy.low > 0.01 else "holds" if fancy.high < 0.05 else "undecided",
)
verdicts.add(
    row=26,
    claim="GPT-2 used ReLU, GPT-3 GELU",
    measured="GPT-2's released code has GELU (tanh form) and no ReLU",
    outcome="does not hold",
)

# %% [markdown]
# The claim about the stack is algebra. The loss is a measurement, and a small one: attention's
# softmax is nonlinear too, so a transformer without activations is no linear model, and the toy
# gets along with less.
#
# **Think.** In which part of a block without activations can the model still compute an AND of two
# features?

# %% [markdown]
# ## 3 Where a token stands
#
# **What the chapter claims.** The embedding module turns tokens *and their positions* into
# vectors. With a matrix of 2,048 positions the model's context ends at 2,048, although there are
# techniques that go beyond.
#
# Attention needs this: without positions, "dog bites man" and "man bites dog" are the same set of
# keys. A learned matrix of positions, as in GPT-2, is one answer. Llama and SmolLM2 use another,
# rotary positions (Su et al., 2021), which has no parameters at all. Each query and key is cut
# into pairs of features, and each pair is turned, as a point in the plane, by an angle
# proportional to its position. Turn a key by 3 and a query by 5 times an eighth of a half turn:

# %%
import math


def turned(point: tuple[float, float], angle: float) -> tuple[float, float]:
    """Return a point of the plane, turned about the origin."""
    a, b = point
    return a * math.cos(angle) - b * math.sin(angle), a * math.sin(angle) + b * math.cos(angle)


for query_at, key_at in ((5, 3), (105, 103), (5, 4)):
    q, k = turned((1.0, 0.5), query_at * math.pi / 8), turned((0.2, 1.0), key_at * math.pi / 8)
    print(f"query at {query_at:3}, key at {key_at:3}: product {q[0] * k[0] + q[1] * k[1]:.4f}")


# %% [markdown]
# The product depends on the *distance* of the two, not on where they stand. That is the point of
# the method.
#
# One angle would repeat after a full turn. So each pair gets its own speed: pair i of a vector
# with d features turns by position * base**(-2i/d), the first pair by a whole radian per position,
# the last ones hardly at all. Pair i here is made of the features i and i + d/2, as in Llama's
# released weights. (Other code pairs neighbours, 2i and 2i + 1. Both work; mixed up, they make
# nonsense of a trained model.)
#
# ### Exercise: `rotate`
#
# *Difficulty 3 of 5, 20 minutes.* Turn the pair (a, b) = (x[i], x[i + d/2]) to (a cos - b sin, a
# sin + b cos).

# %% exercise="rotate"

# %% [markdown]
# ### Experiment: beyond the trained length
#
# **Claim.** The number of positions determines the maximum context; there are techniques to go
# beyond. **Measurement.** The world's documents are short and hardly need a position, so the text
# is another one here: eight symbols, each of them with probability one half a copy of the symbol
# three places before, otherwise drawn at random. Whoever can look three places back reaches the
# entropy of this text, which is known; whoever cannot has to guess. Models of one block train on
# windows of 32 symbols and then read windows of 96. Positions are learned vectors (the table has
# 96 rows here, of which 64 are never trained; GPT-2's would have no row at all) or rotary.
# **Control.** No positions at all.


# %% tags=["experiment", "row-27"]
def copied_text(length, seed, places_back=3, symbols=8):
    """Return symbols (length,), each with probability one half that of `places_back` places
    before.
    """
    generator = np.random.default_rng(seed)
    text = generator.integers(symbols, size=length)
    for place in np.flatnonzero(generator.random(length) < 0.5):
        if place >= places_back:
            text[place] = text[place - places_back]
    return text


right = 0.5 + 0.5 / 8  # a draw at random hits the same symbol, too
copying_floor = -right * math.log(right) - (1 - right) * math.log(0.5 / 8)
copied_ids = copied_text(budget.pick(smoke=5_000, cpu=100_000, gpu=1_000_000), seed=0)
copied_held_out = copied_text(budget.pick(smoke=1_000, cpu=10_000, gpu=50_000), seed=1)
kinds = {"learned": True, "none": False, "rotary": False}
position_runs = run_sweep(
    train_on_world,
    [
        WorldRun(
            name,
            copied_ids,
            copied_held_out,
            seed=seed,
            block=partial(VariantBlock, rotary=name == "rotary"),
            learned_positions=learned,
            vocab_size=8,
            n_layers=1,
            context=trained_length,
            test_context=tested_length,
            steps=budget.pick(smoke=3, cpu=100, gpu=1_000),
            lr=0.03,
            device=budget.device,
        )
        for name, learned in kinds.items()
        for seed in seeds
    ],
    workers=budget.workers,
    description="positions",
)
curves = {
    name: np.array([result.losses_by_position for result in position_runs if result.label == name])
    for name in kinds
}
parts = {
    "9 to 32": slice(8, trained_length),
    "33 to 48": slice(trained_length, 48),
    "49 to 96": slice(48, tested_length),
}
print(f"entropy of the text {copying_floor:.3f} nats per symbol, guessing {math.log(8):.3f}")
for name, curve in curves.items():
    print(
        f"{name:8} loss at the positions "
        + ", ".join(f"{part}: {curve[:, where].mean():.3f}" for part, where in parts.items())
    )


def rise(name, part):
    """Loss beyond the trained length, less the loss inside, with its interval over the seeds."""
    return mean_interval(
        curves[name][:, parts[part]].mean(1) - curves[name][:, parts["9 to 32"]].mean(1)
    )


figure, axes = plt.subplots(figsize=(7, 3.4))
for (name, curve), style in zip(curves.items(), ("-", "--", ":"), strict=True):
    groups = curve.mean(0).reshape(-1, 4).mean(1)
    axes.plot(
        np.arange(tested_length // 4) * 4 + 2.5,
        groups,
        style,
        label=f"{name} positions".replace("none", "no"),
    )
axes.axhline(math.log(8), color="grey", linewidth=0.8)
axes.text(2, math.log(8), "guessing", va="bottom", fontsize=8)
axes.axhline(copying_floor, color="black", linestyle=":", linewidth=0.8)
axes.axvline(trained_length + 0.5, color="black", linewidth=0.8)
axes.text(trained_length + 2, axes.get_ylim()[1], "never trained", va="top")
axes.set(xlabel="position in the window (symbols)", ylabel="held-out loss (nats per symbol)")
axes.legend(fontsize=8)
show(
    figure,
    "Loss against the position in a window of 96 symbols, for models that were trained on 32:"
    " learned, rotary and no positions. A vertical line marks the trained length, horizontal ones"
    " the loss of guessing and the text's entropy.",
)
learned_rise, near, far = (
    rise("learned", "33 to 48"),
    rise("rotary", "33 to 48"),
    rise("rotary", "49 to 96"),
)
solved = (
    math.log(8) - curves["rotary"][:, parts["9 to 32"]].mean() > 0.2
)  # else there is nothing to lose
verdicts.add(
    row=27,
    claim="the number of learned positions bounds the context",
    measured=(
        f"right beyond the trained length, learned positions lose {learned_rise.mean:+.2f} nats per"
        f" symbol ({curves['learned'][:, parts['33 to 48']].mean():.2f}, where guessing has"
        f" {math.log(8):.2f})"
    ),
    interval=str(learned_rise),
    outcome=(
        "undecided"
        if not solved or learned_rise.low <= 0.05 < learned_rise.high
        else "holds"
        if learned_rise.low > 0.05
        else "does not hold"
    ),
)
verdicts.add(
    row=27,
    claim="there are techniques that go beyond the trained length",
    measured=(
        f"rotary positions need no vector for position 33, and lose {near.mean:+.2f} nats at the"
        f" positions 33 to 48, {far.mean:+.2f} at 49 to 96"
    ),
    interval=f"{near} and {far}",
    outcome=(
        "undecided"
        if not solved
        else (
            "holds"
            if far.high < 0.05
            else "holds in part"
            if near.high < learned_rise.low
            else "does not hold"
        )
    ),
)

# %% [markdown]
# A rotary model *runs* at any length, and that is all that the mathematics promises. The product
# of a query and a key three places apart is the same everywhere, so a little way beyond the
# trained length the model still finds its symbol. But with the length grows the number of other
# keys, at distances that never occurred in training, and nothing taught the model to ignore them:
# further out it does worse than guessing. That is why released models with rotary positions are
# trained on longer texts at the end, with a larger base, or look back over a bounded window only.
#
# **Think.** Which of the three would you take for text of 10,000 tokens, if training on 10,000 is
# too expensive?

# %% [markdown]
# ## 4 The block
#
# **What the chapter claims.** A block contains an attention module and an MLP module, and a
# model's "number of layers" is its number of blocks.
#
# How the two are put together matters as much as what they are. Each of them *adds* to the stream
# of hidden vectors that runs through the model (the residual), and reads it through a norm of its
# own (pre-norm):
#
#     x = x + attention(norm1(x)) x = x + mlp(norm2(x))
#
# So a block that has learned nothing lets its input pass. The original transformer normalised
# after the sum (post-norm), and deep stacks of that kind are hard to train. A block's dimensions
# come from a config:

# %%
from utils.models.config import ModelConfig

small = ModelConfig(
    n_layers=4, d_model=64, n_heads=8, n_kv_heads=2, d_ff=192, vocab_size=500, context_length=128
)
print(small)
per_block = {
    "attention: q and o (D, D)": 2 * small.d_model**2,
    "attention: k and v (n_kv_heads * D / n_heads, D)": (
        2 * small.d_model * small.n_kv_heads * small.head_dim
    ),
    "MLP: gate, up and down (d_ff, D)": 3 * small.d_model * small.d_ff,
    "two norms (D)": 2 * small.d_model,
}
for part, count in per_block.items():
    print(f"{count:7,} {part}")

# %% [markdown]
# ### Exercise: `TransformerBlock`
#
# *Difficulty 3 of 5, 20 minutes.* Write the block. Its attention is causal and has
# `config.n_kv_heads` key and value heads; its MLP is SwiGLU of the width `config.d_ff` when
# `config.gated`, and two matrices with GELU between them otherwise. Nothing has a bias, and there
# is no dropout, so the number of parameters is exactly the sum above.
#
# Names are yours to choose. You may take the attention that you wrote in notebook 02, or the
# course's pieces: `MultiHeadAttention(d_model, n_heads, n_kv_heads, rotary)`, `GatedMLP(d_model,
# d_ff)`, `MLP(d_model, d_ff)` and `RMSNorm(d_model, eps)` in `utils.models`. Rotary positions are
# welcome and not required here. At the end of the notebook your block may get the weights of a
# real model; for that it needs rotary positions and the parts `norm1`, `attention`, `norm2` and
# `mlp`.

# %% exercise="TransformerBlock"

# %% [markdown]
# ### Experiment: a block without one of its parts
#
# **Claim.** A block is attention and an MLP. **Measurement.** The same small models, with one part
# of every block taken out or moved: the attention, the MLP, both norms, the residuals; and norms
# after the sums (post-norm). **Control.** The full block, with the same seeds and data. Leaving
# out a part also makes the model smaller; the table says by how much.

# %% tags=["experiment", "row-25"]
ablations = {
    "no attention": {"attention": False},
    "no MLP": {"mlp": False},
    "no norms": {"norms": "none"},
    "norms after (post-norm)": {"norms": "after"},
    "no residuals": {"residual": False},
}
ablation_runs = run_sweep(
    train_on_world,
    [
        WorldRun(name, seed=seed, block=partial(VariantBlock, **change), **world_text)
        for name, change in ablations.items()
        for seed in seeds
    ],
    workers=budget.workers,
    description="ablations",
)
full_runs = [
    result for result in activation_runs if result.label == "SwiGLU"
]  # the block as it is, same seeds and data
full = np.array([result.loss for result in full_runs])
print(f"{'full block':24} {full_runs[0].parameters:7,} parameters, loss {full.mean():.3f}")
costs_of_parts = {}
for name in ablations:
    of_kind = [result for result in ablation_runs if result.label == name]
    costs_of_parts[name] = mean_interval(losses_of(ablation_runs, name) - full)
    print(
        f"{name:24} {of_kind[0].parameters:7,} parameters, loss"
        f" {np.mean([r.loss for r in of_kind]):.3f}, against the full block {costs_of_parts[name]},"
        f" diverged {sum(r.diverged for r in of_kind)}"
    )

figure, axes = plt.subplots(figsize=(7, 3.2))
shown = list(ablations)
means = [costs_of_parts[name].mean for name in shown]
errors = [costs_of_parts[name].high - costs_of_parts[name].mean for name in shown]
axes.barh(shown, means, xerr=errors, color=COLOURS[0])
axes.axvline(0, color="black", linewidth=0.8)
axes.set(
    xlabel="loss above the full block's (nats per token, with 95% interval)",
    ylabel="what was changed",
)
axes.invert_yaxis()
show(
    figure,
    "How much loss each part of the block saves: bars for five changed blocks, relative to the full"
    " one.",
)
needed = [name for name in ("no attention", "no MLP") if costs_of_parts[name].low > 0]
verdicts.add(
    row=25,
    claim="a block is made of attention and an MLP",
    measured=(
        f"loss without attention {costs_of_parts['no attention'].mean:+.2f}, without MLP "
        f"{costs_of_parts['no MLP'].mean:+.2f} nats per token"
    ),
    interval=str(costs_of_parts["no attention"]),
    outcome="holds" if len(needed) == 2 else "holds in part" if needed else "does not hold",
)
unnamed = [name for name in ("no norms", "no residuals") if costs_of_parts[name].low > 0]
verdicts.add(
    row=25,
    claim="... and of nothing else (norms and residuals are not mentioned)",
    measured=(
        f"without residuals {costs_of_parts['no residuals'].mean:+.2f}, without norms "
        f"{costs_of_parts['no norms'].mean:+.2f} nats per token"
    ),
    interval=str(costs_of_parts["no residuals"]),
    outcome="does not hold" if unnamed else "undecided",
)

# %% [markdown]
# Attention is the only part that brings anything from one token to another. Read the table for
# which parts a stack of two can do without, and distrust it for deep stacks: the deeper a model,
# the more it owes to residuals and norms.
#
# **Think.** "No attention" still beats guessing by far. What can a model predict from the present
# token alone?

# %% [markdown]
# ## 5 From ids to logits
#
# **What the chapter claims.** Before the blocks stands an embedding module, after them an output
# layer, the unembedding or head, which maps the last hidden vectors to a number for each token of
# the vocabulary.
#
# Both are tables of the shape (V, D). Many small models use *one* table for both ("tied": Press
# and Wolf, 2017): the logit of a token is then the product of the hidden vector with that token's
# own embedding. For a vocabulary of five and a width of three:

# %%
import torch

table = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1]])
ids = torch.tensor([[3, 0]])
hidden_vectors = table[ids]
print(
    "ids",
    tuple(ids.shape),
    "-> embeddings",
    tuple(hidden_vectors.shape),
    "-> logits",
    tuple((hidden_vectors @ table.T).shape),
)
print("logits after token 3:", (hidden_vectors @ table.T)[0, 0].tolist())

# %% [markdown]
# Logits are any numbers; a softmax turns them into probabilities later. There is one row of them
# for *every* position, since in training each position predicts its next token.
#
# ### Exercise: `GPT`
#
# *Difficulty 3 of 5, 20 minutes.* An embedding, `config.n_layers` blocks, a last RMSNorm, and the
# head without a bias, which shares the embedding's matrix when `config.tied`. Sequences longer
# than `config.context_length` are refused with a `ValueError`. You may take your own block or the
# course's (`utils.models.block.TransformerBlock`), with rotary or other positions that have no
# parameters. Nothing has a bias, so the number of parameters is the one that you will compute in
# the next exercise.

# %% exercise="GPT"

# %% [markdown]
# ### Experiment: the head, read after every block
#
# **Claim.** The output layer maps the model's last hidden vectors to tokens. **Measurement.** All
# blocks write into the same stream, so the same head can be read after *each* of them (the "logit
# lens", nostalgebraist, 2020). On the real model: how often is the token that would win after
# block n already the final one, and how far down the list is the final one? **Control.** The head
# read on the states of another position of the same text.

# %% tags=["experiment", "row-28"]
from utils.models.pretrained import load_gguf

real = load_gguf()
sentences = [
    "The capital of France is Paris, and the capital of Italy is",
    "Water boils when it is heated, and freezes when it is",
    "She opened the door, looked into the room and",
    "One, two, three, four, five,",
][: budget.pick(smoke=1, cpu=2, gpu=4)]
with torch.inference_mode():
    agreement, ranks, control_agreement = [], [], []
    for sentence in reversed(sentences):  # the first one last: its states are shown below
        token_ids = torch.tensor([real.encode(sentence)])
        lens = real.model.logits_at_every_layer(token_ids)[:, 0]  # (layers + 1, T, V)
        winners, final = lens.argmax(-1), lens[-1].argmax(-1)
        chosen = lens.gather(-1, final.expand(len(lens), -1)[..., None])
        agreement.append((winners == final).float())
        control_agreement.append((winners.roll(1, dims=1) == final).float())
        ranks.append((lens > chosen).sum(-1) + 1)
    print(f"{sentences[0]} ...")
    for layer in (0, 6, 12, 18, 22, 24, 26, 28, 30):
        best = [real.decode([int(token)]) for token in lens[layer, -1].topk(4).indices]
        print(f"after block {layer:2}: {best}")
agreement, control_agreement = (
    torch.cat(agreement, 1).mean(1),
    torch.cat(control_agreement, 1).mean(1),
)
ranks = torch.cat(ranks, 1).float()
median_ranks = ranks.median(1).values

figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
left.plot(agreement, label="same position")
left.plot(control_agreement, "--", label="control: the position before")
left.set(xlabel="blocks passed", ylabel="winner is the final token (share of positions)")
left.legend()
right.plot(median_ranks)
right.set(xlabel="blocks passed", ylabel="rank of the final token (median)", yscale="log")
show(
    figure,
    "Left: the share of positions at which the head, read after n of 30 blocks, already gives the"
    " final token. Right: the median rank of the final token, which falls from thousands to 1.",
)
half_way, late = float(agreement[15]), float(agreement[27])
verdicts.add(
    row=28,
    claim="an output layer maps the last hidden vectors to tokens",
    measured=(
        f"the same head gives the final token at {half_way:.0%} of positions after 15 blocks,"
        f" {late:.0%} after 27, 100% after 30"
    ),
    interval=f"{ranks.shape[1]} positions of one model",
    outcome="holds" if float(agreement[-1]) == 1.0 and half_way < 0.9 else "undecided",
)

# %% [markdown]
# The early blocks do not think in words to come. The answer appears late, and within a few blocks.
#
# **Think.** The embedding and the head are one table in this model. What does "after block 0" then
# show?

# %% [markdown]
# ## 6 Counting parameters
#
# **What the chapter claims.** A model's size follows from a few dimensions, and Table 2-4 lists
# them for six Llama models. After the last two exercises you have met every one of these
# parameters. For a toy with two layers, a width of 4, two heads that share one key/value head, a
# gated MLP of width 10 and a vocabulary of 7:

# %%
shapes = {
    "embedding": [(7, 4)],
    "each of 2 blocks": [(4, 4), (2, 4), (2, 4), (4, 4), (10, 4), (10, 4), (4, 10), (4,), (4,)],
    "last norm": [(4,)],
    "head, unless tied": [(7, 4)],
}
for part, of_part in shapes.items():
    sizes = [rows * (columns[0] if columns else 1) for rows, *columns in of_part]
    print(f"{part:18} {' + '.join(map(str, sizes))} = {sum(sizes)}")
print("tied:", 28 + 2 * 176 + 4, " not tied:", 28 + 2 * 176 + 4 + 28)

# %% [markdown]
# ### Exercise: `count_parameters`
#
# *Difficulty 2 of 5, 15 minutes.* The exact number, from the dimensions alone. Nothing has a bias,
# norms have only their gains, and rotary positions have no parameters. Do not build the model:
# Llama 3.1 405B would not fit.

# %% exercise="count_parameters"

# %% [markdown]
# ### Experiment: every row of Table 2-4
#
# **Claim.** The table's dimensions are those of six Llama models. **Measurement.** Count, from the
# printed dimensions and from those of the released configurations, with and without grouped
# queries. **Control.** The number of parameters of the released weights, as their publishers state
# it. (The table gives neither heads nor key/value heads; they come from the releases: Touvron et
# al., 2023, arXiv:2307.09288; Dubey et al., 2024, arXiv:2407.21783.)

# %% tags=["experiment", "row-29"]
from dataclasses import replace

from utils.models import accounting
from utils.models.config import ModelConfig
from utils.text.tables import load_table

llama_rows = load_table("llama_dimensions")
llama_configs, found_off = {}, []
print(
    f"{'row of the table':15} {'as printed':>17} {'as released':>17}  {'without grouping':>17} "
    " released as"
)
for row in llama_rows:
    released = ModelConfig(
        **{
            name: row[name]
            for name in (
                "n_layers",
                "d_model",
                "d_ff",
                "n_heads",
                "n_kv_heads",
                "vocab_size",
                "context_length",
            )
        },
        tied=False,
    )
    llama_configs[row["model"]] = released
    printed = accounting.count_parameters(replace(released, d_ff=row["d_ff_published"]))
    ungrouped = accounting.count_parameters(replace(released, n_kv_heads=released.n_heads))
    exact = accounting.count_parameters(released)
    print(f"{row['model']:15} {printed:17,} {exact:17,}  {ungrouped:17,}  {row['released_as']}")
    assert exact == row["n_params"], "the count differs from the published number"
    if printed != exact:
        both = accounting.count_parameters(
            replace(released, d_ff=row["d_ff_published"], n_kv_heads=released.n_heads)
        )
        found_off.append(
            f"{row['model']}: {printed / 1e9:.1f}B (or {both / 1e9:.1f}B without grouped queries),"
            f" not {exact / 1e9:.2f}B"
        )
    named_size = 1e9 * float(row["model"].rsplit("-", 1)[1].rstrip("B"))
    if printed == exact and abs(exact / named_size - 1) > 0.05:
        found_off.append(f"{row['model']} is {exact / 1e9:.2f}B")
print("\noff in the table:", "; ".join(found_off))
exact_rows = len(llama_rows) - len(found_off)
verdicts.add(
    row=29,
    claim="Table 2-4 gives the dimensions of six Llama models",
    measured=(
        f"{exact_rows} of {len(llama_rows)} rows give the named size; off: {'; '.join(found_off)}"
    ),
    outcome="holds" if not found_off else "holds in part" if exact_rows else "does not hold",
)

# %% [markdown]
# Three things to know before you use the table:
#
# - Llama 2-70B has a feedforward dimension of **28,672**, not 22,016. The printed value gives 55.9
#   billion parameters with grouped queries and 65.3 without.
# - "Llama 3-7B" is the 8B model: 8.03 billion, because of a vocabulary of 128,256 and a wider MLP.
# - Without grouped queries the 405B model would have 469 billion. A table without key/value heads
#   cannot give sizes.
#
# ### Experiment: what context costs
#
# **Claim.** A longer context costs memory and no parameters. **Measurement.** Parameters and the
# bytes of keys and values for Llama 2-7B and Llama 3.1 8B, from 1,000 to 128,000 tokens. The
# formula for the bytes is checked against a toy that really keeps its keys and values.
# **Control.** A toy with *learned* positions, where the claim fails.

# %% tags=["experiment", "row-30"]
from utils.experiments.block.sequence_tasks import memory_after, transformer_lm

toy_config = ModelConfig(
    n_layers=2, d_model=32, n_heads=4, n_kv_heads=2, d_ff=64, vocab_size=20, context_length=64
)
kept = memory_after(transformer_lm(toy_config), 48)
print(
    f"toy, 48 tokens: {kept:,} bytes kept,"
    f" {accounting.kv_cache_bytes(toy_config, 48, bytes_per_value=4):,.0f} by the formula"
)
longer = replace(toy_config, context_length=1024)
same_size = [
    sum(p.numel() for p in transformer_lm(config).parameters()) for config in (toy_config, longer)
]
with_table = [
    size + config.context_length * config.d_model
    for size, config in zip(same_size, (toy_config, longer), strict=True)
]
print(
    f"parameters at a context of 64 and 1,024: rotary {same_size}, with a table of learned"
    f" positions {with_table}"
)

contexts = [1024 * 2**power for power in range(8)]
figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
for name, style in (("Llama 2-7B", "-"), ("Llama 3-7B", "--")):
    config = llama_configs[name]
    label = next(row["released_as"] for row in llama_rows if row["model"] == name)
    sizes = [
        accounting.count_parameters(replace(config, context_length=context)) / 1e9
        for context in contexts
    ]
    left.plot(contexts, sizes, style, label=label)
    right.plot(
        contexts,
        [accounting.kv_cache_bytes(config, context) / 1e9 for context in contexts],
        style,
        label=label,
    )
right.axhline(2 * 6.738, color=COLOURS[3], linestyle=":", label="weights of the 7B (16 bits)")
left.set(xscale="log", xlabel="context (tokens)", ylabel="parameters (billions)", ylim=(0, 10))
right.set(
    xscale="log", yscale="log", xlabel="context (tokens)", ylabel="keys and values, 16 bits (GB)"
)
left.legend(loc="lower right")
right.legend()
show(
    figure,
    "Left: parameters do not depend on the context, two flat lines. Right: the memory of keys and"
    " values grows in proportion, and for Llama 2 7B passes that of the weights at about 26,000"
    " tokens.",
)
at_128k = {
    name: accounting.kv_cache_bytes(llama_configs[name], 131072) / 1e9
    for name in ("Llama 2-7B", "Llama 3-7B")
}
verdicts.add(
    row=30,
    claim="a longer context costs memory, and no parameters",
    measured=(
        f"128K tokens take {at_128k['Llama 2-7B']:.0f} GB in Llama 2 7B's shape and"
        f" {at_128k['Llama 3-7B']:.0f} GB in Llama 3.1 8B's; learned positions do add parameters"
    ),
    outcome=(
        "holds"
        if same_size[0] == same_size[1]
        and kept == accounting.kv_cache_bytes(toy_config, 48, bytes_per_value=4)
        else "does not hold"
    ),
)

# %% [markdown]
# ### What if?
#
# Move the dimensions and see what a model costs. Start from SmolLM2 and try to double its
# parameters in three different ways; only one of them leaves the memory for keys and values as it
# is. Without widgets, read the picture below the cell.

# %% tags=["experiment", "row-29", "row-30"]
from IPython.display import display

from utils.notebook.widgets import model_sizes

display(model_sizes.size_explorer())
show(
    model_sizes.size_figure(model_sizes.EXAMPLES, seq_len=8192, batch_size=8),
    "Memory of five models for eight texts of 8,192 tokens: weights, and keys and values beside"
    " them. Llama 2 7B, which has no grouped queries, needs more for keys and values than for its"
    " weights.",
)
print(model_sizes.size_text(model_sizes.SMOLLM2_135M, seq_len=2048))

# %% [markdown]
# ## 7 Bytes and zeros
#
# **What the chapter claims.** 7 billion parameters of 2 bytes each need at least 14 GB of memory.
# And the number can mislead: of a model with 7 billion parameters that is 90% sparse only 700
# million are not zero.
#
# A parameter takes 32, 16, 8 or 4 bits, by format. 8 bits are a byte:

# %%
for name, bits in (("float32", 32), ("float16 and bfloat16", 16), ("int8", 8), ("int4", 4)):
    print(
        f"{name:20} {bits:2} bits = {bits / 8:3} bytes: 7 billion parameters take"
        f" {7e9 * bits / 8 / 1e9:4.1f} GB"
    )

# %% [markdown]
# ### Exercise: `weight_bytes` and `nonzero_parameters`
#
# *Difficulty 1 of 5, 5 minutes.* Mind formats of fewer than 8 bits. Sparsity is a fraction: 0.9
# means that 90% are zero.


# %% exercise="weight_bytes"

# %% [markdown]
# ### Experiment: the same model in fewer bits
#
# **Claim.** The memory of the weights is parameters times bytes. **Measurement.** The real model
# in three formats: float32, bfloat16, and int8 with one scale for each row of a matrix. The bytes
# are those of the tensors that hold it. **Control.** Its loss on a piece of English (Python's own
# language reference): fewer bytes are worth something only if the model still works. The file that
# it came from is a fourth format, with mostly 4 bits for each weight.

# %% tags=["experiment", "row-36"]
import math

from torch.nn import functional

from utils.paths import data_dir
from utils.text.gguf_tokenizer import GGUF_MODEL
from utils.text.installed import installed_documents

reading = " ".join(document.text for document in installed_documents("reference", 4, seed=0))
reading_ids = torch.tensor([real.encode(reading)[: budget.pick(smoke=32, cpu=128, gpu=1024)]])
originals = {name: value.detach().clone() for name, value in real.model.named_parameters()}


@torch.inference_mode()
def reading_loss():
    """Loss of the real model, as its weights are now, in nats per token."""
    logits = real.model(reading_ids[:, :-1])
    return float(functional.cross_entropy(logits[0], reading_ids[0, 1:]))


@torch.no_grad()
def put(values):
    """Give the real model these weights."""
    for name, parameter in real.model.named_parameters():
        parameter.copy_(values[name])


def int8_rows(matrix):
    """Return a matrix as whole numbers from -127 to 127 and one scale for each row."""
    scale = matrix.abs().amax(1, keepdim=True) / 127
    return (matrix / scale).round().to(torch.int8), scale


n_params = sum(value.numel() for value in originals.values())
formats = {}
formats["float32"] = (
    sum(v.numel() * v.element_size() for v in originals.values()),
    reading_loss(),
    32,
)
halves = {name: value.bfloat16() for name, value in originals.items()}
put(halves)
formats["bfloat16"] = (
    sum(v.numel() * v.element_size() for v in halves.values()),
    reading_loss(),
    16,
)
del halves
size_int8, expanded = 0, {}
for name, value in originals.items():
    if value.dim() < 2:
        size_int8, expanded[name] = size_int8 + 4 * value.numel(), value
        continue
    whole, scale = int8_rows(value)
    size_int8 += whole.numel() * whole.element_size() + scale.numel() * scale.element_size()
    expanded[name] = whole * scale
put(expanded)
formats["int8, scale per row"] = (size_int8, reading_loss(), 8)
del expanded
put(originals)
formats["the file (Q4_1, some Q8_0)"] = (
    (data_dir() / GGUF_MODEL).stat().st_size,
    formats["float32"][1],
    4.5,
)
print(f"{n_params:,} parameters, {reading_ids.shape[1] - 1} tokens of text")
for name, (size, loss, _) in formats.items():
    print(
        f"{name:27} {size / 1e6:6.1f} MB, {size * 8 / n_params:5.2f} bits per parameter, loss"
        f" {loss:.4f}"
    )
largest_gap = max(
    abs(size / accounting.weight_bytes(n_params, bits) - 1)
    for size, _, bits in list(formats.values())[:3]
)
harm = formats["int8, scale per row"][1] - formats["float32"][1]
verdicts.add(
    row=36,
    claim="7 billion parameters at 2 bytes take 14 GB: memory is parameters times bytes",
    measured=(
        f"7e9 x 2 = {accounting.weight_bytes(7e9) / 1e9:.0f} GB; on SmolLM2 three formats within "
        f"{largest_gap:.1%} of the product; 8 bits cost {harm:+.3f} nats"
    ),
    interval=f"{reading_ids.shape[1] - 1} tokens of one text",
    outcome="holds" if largest_gap < 0.03 else "holds in part",
)

# %% [markdown]
# The file's weights were rounded to 4 or 8 bits before we got them, so "float32" above holds
# rounded numbers in a wide format: its loss is that of the file.
#
# ### Experiment: zeros
#
# **Claim.** A sparse model can be much smaller than its number of parameters says: 90% sparse
# leaves a tenth. **Measurement.** Set the smallest weights of each matrix of the real model to
# zero, without any training after it, and read its loss. **Control.** Zeros at random places. And
# the loss of guessing, log V.


# %% tags=["experiment", "row-37"]
@torch.no_grad()
def with_zeros(share, at_random=False):
    """Set a share of every matrix to zero, the smallest weights or random ones; return the
    sparsity reached.
    """
    zeros = total = 0
    generator = torch.Generator().manual_seed(0)
    for name, parameter in real.model.named_parameters():
        total += parameter.numel()
        if parameter.dim() < 2:
            continue
        if at_random:
            torch.mul(
                originals[name],
                torch.rand(parameter.shape, generator=generator) >= share,
                out=parameter,
            )
        else:
            # The threshold comes from a sample: exact to a percent, and many times faster.
            sample = originals[name].flatten()[:: max(1, parameter.numel() // 50_000)].abs()
            threshold = float(sample.kthvalue(max(1, round(share * len(sample)))).values)
            parameter.copy_(
                functional.hardshrink(originals[name], threshold)
            )  # 0 where |weight| <= threshold
        zeros += int((parameter == 0).sum())
    return zeros / total


smallest, random_ones = False, True
plan = [(0.9, smallest), (0.2, random_ones)]
plan += budget.pick(
    smoke=[], cpu=[(0.2, smallest), (0.5, smallest)], gpu=[(n / 10, smallest) for n in range(1, 9)]
)
pruned = [(0.0, False, formats["float32"][1]), (0.0, True, formats["float32"][1])]
for share, at_random in plan:
    sparsity = with_zeros(share, at_random)
    pruned.append((sparsity, at_random, reading_loss()))
    print(
        f"{'random' if at_random else 'smallest'} weights at zero: sparsity {sparsity:.3f}, loss"
        f" {pruned[-1][2]:.3f}"
    )
put(originals)
left_over = 7e9 * (1 - 0.9)
print(
    f"7e9 parameters at 90%: {left_over / 1e9:.1f} billion left. In 16 bits each, with 16 bits for"
    f" its place: {4 * left_over / 1e9:.1f} GB"
)

figure, axes = plt.subplots(figsize=(6, 3.2))
for at_random, style, label in (
    (False, "o-", "smallest weights"),
    (True, "s--", "random weights (control)"),
):
    points = sorted((sparsity, loss) for sparsity, which, loss in pruned if which == at_random)
    axes.plot([point[0] for point in points], [point[1] for point in points], style, label=label)
axes.axhline(math.log(real.config.vocab_size), color="black", linestyle=":", label="guessing")
axes.set(xlabel="sparsity (share of weights at zero)", ylabel="loss (nats per token)")
axes.legend()
show(
    figure,
    "Loss of the real model against the share of its weights at zero, the smallest ones first and,"
    " as control, random ones. A dotted line marks the loss of guessing.",
)
worst = max(loss for sparsity, which, loss in pruned if not which) - pruned[0][2]
verdicts.add(
    row=37,
    claim="a model with 7 billion parameters that is 90% sparse has 700 million that are not zero",
    measured=(
        f"{left_over / 1e9:.1f} billion; but zeroing the smallest weights of a trained model, most"
        f" sparse case tried, costs {worst:+.1f} nats per token"
    ),
    interval=f"arithmetic exact; loss on {reading_ids.shape[1] - 1} tokens",
    outcome="holds" if abs(left_over - 0.7e9) < 1 else "does not hold",
)

# %% [markdown]
# The arithmetic holds. But sparsity has to come from training, or from training after pruning; it
# cannot be had by deleting. And places have to be stored too: 90% sparse saves less than 90% of
# the memory.
#
# **Think.** A matrix unit multiplies dense blocks. Which kind of sparsity would it profit from,
# and which not at all?

# %% [markdown]
# ## 8 A mixture of experts
#
# **What the chapter claims.** A mixture of experts (Shazeer et al., 2017) holds many parameters
# and uses few of them for each token. Mixtral 8x7B has eight experts of seven billion parameters
# each, which would make 56 billion; but the experts share some parameters, and so there are 46.7
# billion. Two experts work on each token, 12.9 billion parameters.
#
# The expert is the MLP, and nothing else: each block has eight MLPs and a *router*, one matrix
# (experts, D) without a bias, whose logits say which MLPs suit a token. The top k are used, and
# their outputs are added with weights. One token, four experts, k = 2:

# %%
import torch

router_logits = torch.tensor([1.0, 3.0, -1.0, 2.0])
top, chosen = router_logits.topk(2)
print(
    "experts",
    chosen.tolist(),
    "logits",
    top.tolist(),
    "weights",
    [round(w, 3) for w in top.softmax(0).tolist()],
)
print(
    "a softmax over all four gives them",
    [round(w, 3) for w in router_logits.softmax(0)[chosen].tolist()],
)

# %% [markdown]
# The weights are the softmax over the chosen logits only, so they sum to 1 (Jiang et al., 2024,
# for Mixtral).
#
# ### Exercise: `route_top_k`
#
# *Difficulty 2 of 5, 10 minutes.* Choose for each token. The largest weight comes first.

# %% exercise="route_top_k"

# %% [markdown]
# ### Exercise: `moe_parameters`
#
# *Difficulty 3 of 5, 15 minutes.* All parameters, and those that work on one token. The config has
# `n_experts` MLPs of the width `d_ff` in every block, of which each token uses
# `experts_per_token`. Everything else is there once, and works on every token: attention, norms,
# tables, and the whole router (its logits are computed for all experts).

# %% exercise="moe_parameters"

# %% [markdown]
# ### Experiment: train one
#
# **Claim.** A mixture of experts splits parameters into experts of which a few work on each token,
# so it costs as much as a small dense model. **Measurement.** Small models on the world's text
# whose MLP is eight experts of the width 48, two for each token, with and without a loss that
# balances the experts. **Controls.** The dense model of the *active* size (one MLP of the width
# 96: the full block of the experiments above), and one of the *total* size (width 384). Five
# seeds.

# %% tags=["experiment", "row-38"]
mixtures = {
    "experts, no balancing": {"d_ff": 48, "n_experts": 8, "experts_per_token": 2},
    "experts, balanced": {"d_ff": 48, "n_experts": 8, "experts_per_token": 2, "balance": 0.05},
    "dense, total size": {"d_ff": 384},
}
mixture_runs = run_sweep(
    train_on_world,
    [
        WorldRun(name, seed=seed, **shape, **world_text)
        for name, shape in mixtures.items()
        for seed in seeds
    ],
    workers=budget.workers,
    description="experts",
)
mixture_runs += [replace(result, label="dense, active size") for result in full_runs]
gains, busiest = {}, {}
for name in ("dense, active size", *mixtures):
    of_kind = [result for result in mixture_runs if result.label == name]
    gains[name] = mean_interval(losses_of(mixture_runs, name) - full)
    busiest[name] = (
        mean_interval([max(map(max, r.loads)) for r in of_kind]) if of_kind[0].loads else None
    )
    print(
        f"{name:22} {of_kind[0].parameters:8,} parameters, loss"
        f" {np.mean([r.loss for r in of_kind]):.3f}, against dense {gains[name]}"
        + (f", busiest expert {busiest[name]} of the tokens" if busiest[name] else "")
    )

figure, axes = plt.subplots(figsize=(7, 3.2))
for place, name in enumerate(("experts, no balancing", "experts, balanced")):
    loads = np.array(
        [sorted(layer, reverse=True) for r in mixture_runs if r.label == name for layer in r.loads]
    )
    axes.bar(
        np.arange(8) + 0.4 * place - 0.2,
        loads.mean(0),
        0.38,
        yerr=loads.std(0),
        label=name,
        hatch=("", "//")[place],
    )
axes.axhline(1 / 8, color="black", linestyle=":", label="even load")
axes.set(xlabel="expert, from the busiest to the idlest", ylabel="share of routed tokens")
axes.legend()
show(
    figure,
    "Load of eight experts, sorted, mean over layers and seeds, with and without the balancing"
    " loss.",
)
gain = gains["experts, balanced"]
verdicts.add(
    row=38,
    claim=(
        "experts: many parameters, few of them active for each token, at the cost of a small model"
    ),
    measured=(
        f"at equal active size {gain.mean:+.3f} nats against the dense model; busiest expert"
        f" {busiest['experts, no balancing'].mean:.0%} without balancing,"
        f" {busiest['experts, balanced'].mean:.0%} with"
    ),
    interval=str(gain),
    outcome="holds" if gain.high < 0 else "does not hold" if gain.low > 0 else "undecided",
)

# %% [markdown]
# The verdict is about the loss: do more parameters help when the work for each token stays the
# same? The dense model of the total size shows what they could bring here. Experts have to be
# trained for it, and in forty-five steps each of them sees a quarter of the tokens. Do not expect
# the large models' gain. The load is the other half of the story: nothing makes a router fair but
# a loss that says so.
#
# ### Experiment: Mixtral's two numbers
#
# **Claim.** 46.7 billion parameters, of which 12.9 work on a token; cost and speed of a
# 12.9-billion model. **Measurement.** Exact, from the dimensions (Jiang et al., 2024, Table 1).

# %% tags=["experiment", "row-39"]
from utils.models.presets import MIXTRAL_8X7B

total, active = accounting.moe_parameters(MIXTRAL_8X7B)
one_expert = accounting.mlp_parameters(MIXTRAL_8X7B) * MIXTRAL_8X7B.n_layers
as_one = accounting.count_parameters(replace(MIXTRAL_8X7B, n_experts=0, experts_per_token=0))
print(f"total {total:,}, active {active:,}")
print(
    f"one expert (all layers) {one_expert:,}; everything that is shared {total - 8 * one_expert:,};"
    f" a model with one expert {as_one:,}"
)
print(f"eight whole models would have {8 * as_one / 1e9:.1f} billion")
dense_equivalent = replace(
    MIXTRAL_8X7B, n_experts=0, experts_per_token=0, d_ff=2 * MIXTRAL_8X7B.ff_dim
)
per_token = [
    accounting.decode_flops(config, context=1).total / 1e9
    for config in (MIXTRAL_8X7B, dense_equivalent)
]
print(
    f"one token: {per_token[0]:.2f} GFLOP; a dense model with two such MLPs: {per_token[1]:.2f}"
    " GFLOP"
)
print(
    f"memory in 16 bits: {accounting.weight_bytes(total) / 1e9:.1f} GB, against "
    f"{accounting.weight_bytes(active) / 1e9:.1f} GB for a model of the active size"
)
verdicts.add(
    row=39,
    claim="Mixtral 8x7B has 46.7 billion parameters, 12.9 billion of them active",
    measured=f"{total / 1e9:.2f} and {active / 1e9:.2f} billion",
    outcome=(
        "holds"
        if (round(total / 1e9, 1), round(active / 1e9, 1)) == (46.7, 12.9)
        else "does not hold"
    ),
)
verdicts.add(
    row=39,
    claim="its cost and speed are those of a 12.9-billion model",
    measured=(
        f"operations for a token agree within {abs(per_token[0] / per_token[1] - 1):.2%}, but"
        f" memory is {total / active:.1f} times as large"
    ),
    outcome="holds in part" if abs(per_token[0] / per_token[1] - 1) < 0.01 else "does not hold",
)

# %% [markdown]
# An "expert" is not a model of seven billion: it is 5.6 billion parameters of MLPs that cannot
# speak without the 1.6 billion that all share.
#
# **Think.** Eight users send one token each in the same step. How many experts of a layer have to
# be read from memory then, and what is left of the speed of a 12.9-billion model?

# %% [markdown]
# ## 9 Without a growing cache
#
# **What the chapter claims.** The transformer is not the only architecture. RWKV (Peng et al.,
# 2023) is a recurrent network that can be trained in parallel and has, in theory, no limit of
# context. State space models show promise in long memory: S4 made them efficient, H3 added a
# mechanism to recall and compare early tokens, Mamba scales linearly with length and beats
# transformers of its size, and Jamba interleaves Mamba with attention.
#
# Two ideas carry all of them. This section builds the first.
#
# **Linear attention** (Katharopoulos et al., 2020). Softmax attention needs every earlier key at
# each step. Replace exp(q·k) by a product of features, phi(q)·phi(k), and the sum over earlier
# positions comes apart:
#
#     y_t = phi(q_t) · S_t / (phi(q_t) · z_t),   S_t = sum over s <= t of phi(k_s) v_s',   z_t =
#     sum over s <= t of phi(k_s)
#
# S and z are a *state of fixed size* that is updated at each step: a recurrent network. All steps
# at once, it is attention with other weights: parallel. With one feature and positive numbers,
# step by step:

# %%
queries, keys, values = [1.0, 2.0, 1.0], [1.0, 3.0, 2.0], [10.0, 20.0, 60.0]
state = total = 0.0
for t, (q, k, v) in enumerate(zip(queries, keys, values, strict=True)):
    state, total = state + k * v, total + k
    weights = [round(key / total, 3) for key in keys[: t + 1]]
    print(
        f"step {t}: state {state:5.0f}, total {total:.0f}, output {q * state / (q * total):6.3f} ="
        f" values with weights {weights}"
    )

# %% [markdown]
# ### Exercise: `linear_attention_parallel` and `linear_attention_recurrent`
#
# *Difficulty 4 of 5, 25 minutes.* Both are causal (a position counts itself) and use the feature
# map phi(x) = elu(x) + 1, which is positive, on queries and keys. No scale. The parallel form may
# build a matrix (T, T). The recurrent one must not: its state keeps its size, however long the
# sequence.

# %% exercise="linear_attention_parallel"

# %% [markdown]
# The second idea is the **state space**. A state of N numbers for each channel decays, and takes
# up the input:
#
#     h_t = exp(delta_t A) h_{t-1} + delta_t B_t x_t,    y_t = C_t · h_t
#
# With delta, B and C the same at every step this is the diagonal form of S4 (Gu et al., 2021;
# Gupta et al., 2022), a fixed filter. Mamba (Gu and Dao, 2023) computes delta, B and C from the
# input at each step, so the model can decide what to write and what to forget: a *selective* scan.
# A large delta with a negative A clears the state and writes; a delta of 0 skips the input. One
# channel, N = 1, A = -1:

# %%
import math

state = 0.0
for x, delta in ((5.0, 1.0), (7.0, 0.0), (7.0, 0.0), (2.0, 9.0)):
    decay = math.exp(delta * -1.0)
    state = decay * state + delta * 1.0 * x
    print(
        f"input {x}, delta {delta}: the old state is kept by {decay:.4f}, the new state is"
        f" {state:.3f}"
    )

# %% [markdown]
# ### Exercise: `selective_scan`
#
# *Difficulty 3 of 5, 20 minutes.* Compute y for all steps. A loop over time is fine. Channels do
# not mix: each of the D channels has its own row of A and its own delta, and all share B_t and
# C_t.

# %% exercise="selective_scan"

# %% [markdown]
# ### Experiment: linear attention as a language model
#
# **Claim.** A recurrent network such as RWKV can be trained in parallel and has no limit of
# context, which does not guarantee that it reads long contexts well. **Measurement.** Linear
# attention in place of attention, all else equal, on the world's text: held-out loss, loss beyond
# the trained length, memory. The two forms are compared on the same numbers. **Control.** The
# transformer with the same seeds and data, from the experiments above.

# %% tags=["experiment", "row-31"]
from utils.models.linear_attention import LinearAttention
from utils.models.linear_attention import linear_attention_parallel as parallel_form
from utils.models.linear_attention import linear_attention_recurrent as recurrent_form
from utils.models.recurrent_lm import MixerBlock, linear_attention_lm

q, k, v = torch.randn(3, 2, 300, 16, dtype=torch.float64)
apart = float((parallel_form(q, k, v) - recurrent_form(q, k, v)).abs().max())
print(f"parallel and recurrent form on 300 positions: largest difference {apart:.1e}")
linear_runs = run_sweep(
    train_on_world,
    [
        WorldRun(
            "linear attention",
            seed=seed,
            block=partial(MixerBlock, mixer=LinearAttention),
            test_context=tested_length,
            **world_text,
        )
        for seed in seeds
    ],
    workers=budget.workers,
    description="linear attention",
)
linear_gap = mean_interval(losses_of(linear_runs, "linear attention") - full)


def rise_beyond(results):
    """Loss at the positions 33 to 96, less that at 9 to 32, with its interval over the seeds."""
    curve = np.array([result.losses_by_position for result in results])
    return mean_interval(curve[:, trained_length:].mean(1) - curve[:, 8:trained_length].mean(1))


linear_jump = rise_beyond(linear_runs)
rotary_jump = rise_beyond([result for result in activation_runs if result.label == "SwiGLU"])
sizes = linear_runs[0].parameters, full_runs[0].parameters
print(
    f"parameters {sizes[0]:,} and {sizes[1]:,}; loss of linear attention above the transformer's:"
    f" {linear_gap}"
)
print(
    f"loss beyond the trained length against inside: linear {linear_jump}, rotary transformer"
    f" {rotary_jump}"
)
shape = ModelConfig(n_layers=2, d_model=32, n_heads=4, d_ff=96, vocab_size=20, context_length=512)
memories = {
    n: (memory_after(linear_attention_lm(shape), n), memory_after(transformer_lm(shape), n))
    for n in (32, 512)
}
for n, (of_linear, of_transformer) in memories.items():
    print(
        f"memory after {n:3} tokens: linear attention {of_linear:7,} bytes, transformer"
        f" {of_transformer:7,} bytes"
    )
verdicts.add(
    row=31,
    claim=(
        "an RNN such as RWKV trains in parallel and has no context limit; good long contexts are"
        " not guaranteed"
    ),
    measured=(
        f"forms agree to {apart:.0e}, memory constant; loss {linear_gap.mean:+.3f} nats against the"
        f" transformer, {linear_jump.mean:+.2f} beyond the trained length"
    ),
    interval=str(linear_gap),
    outcome="holds" if apart < 1e-9 and memories[32][0] == memories[512][0] else "does not hold",
)

# %% [markdown]
# ### Experiment: what has to be remembered
#
# **Claims.** State space models show promise in long memory; H3's multiplication lets them recall
# early tokens; a Mamba of equal size beats the transformer; Jamba mixes the two. **Measurement.**
# Associative recall: four tokens, each a pair of a key and a value, then the keys alone in another
# order. Which value had it? Six architectures of equal size (29,000 parameters), five seeds.
# **Control.** The fixed state space (S4's idea), which treats every token alike; the gated one
# differs from it by a multiplication only. Guessing gives 1 in 8.

# %% tags=["experiment", "row-32", "row-34"]
from utils.experiments.block.sequence_tasks import (
    ARCHITECTURES,
    AssociativeRecall,
    SelectiveCopying,
    TaskRun,
    of_equal_size,
    train_on_task,
)

task_size = {
    "steps": budget.pick(smoke=2, cpu=100, gpu=1500),
    "batch_size": budget.pick(smoke=8, cpu=16, gpu=32),
    "device": budget.device,
}
recall_runs = run_sweep(
    train_on_task,
    [
        TaskRun(AssociativeRecall(n_pairs=4), name, seed, **task_size)
        for name in ARCHITECTURES
        for seed in seeds
    ],
    workers=budget.workers,
    description="recall",
)


def accuracies(results, architecture):
    """Accuracy of each seed."""
    return np.array([result.accuracy for result in results if result.architecture == architecture])


recall_config = ModelConfig(
    n_layers=2, d_model=32, n_heads=2, d_ff=96, vocab_size=80, context_length=4096
)
memory_at = {}
for name, build in ARCHITECTURES.items():
    model = build(of_equal_size(name, recall_config))
    short, long = memory_after(model, 16), memory_after(model, 32)
    # Memory is constant or grows in proportion to the tokens: two lengths give the line.
    memory_at[name] = long + (long - short) / 16 * (4096 - 32)
    size = next(result.parameters for result in recall_runs if result.architecture == name)
    print(
        f"{name:22} {size:,} parameters, recall {mean_interval(accuracies(recall_runs, name))},"
        f" memory at 4,096 tokens {memory_at[name] / 1024:8,.1f} KiB"
    )

figure, axes = plt.subplots(figsize=(7, 3.6))
for place, name in enumerate(ARCHITECTURES):
    values = accuracies(recall_runs, name)
    axes.plot(
        np.full(len(values), memory_at[name] / 1024), values, "osDv^P"[place], label=name, alpha=0.7
    )
axes.axhline(1 / 8, color="black", linestyle=":", label="guessing")
axes.set(
    xscale="log",
    xlabel="memory after 4,096 tokens (KiB, logarithmic)",
    ylabel="recalled values (share)",
    ylim=(0, 1.05),
)
axes.legend(fontsize=8, loc="center right")
show(
    figure,
    "Recall against memory for six architectures of equal size, one point per seed. The transformer"
    " and the hybrid keep a cache that grows with the text, the others a state of fixed size.",
)
gate = mean_interval(
    accuracies(recall_runs, "gated state space") - accuracies(recall_runs, "fixed state space")
)
verdicts.add(
    row=32,
    claim="H3 adds a mechanism for recalling early tokens to state space models",
    measured=(
        f"recall {accuracies(recall_runs, 'fixed state space').mean():.2f} without the gate, "
        f"{accuracies(recall_runs, 'gated state space').mean():.2f} with it, guessing 0.12"
    ),
    interval=str(gate),
    outcome="holds" if gate.low > 0 else "does not hold" if gate.high < 0 else "undecided",
)
hybrid_gain = mean_interval(
    accuracies(recall_runs, "hybrid") - accuracies(recall_runs, "selective state space")
)
cache_share = memory_at["hybrid"] / memory_at["transformer"]
verdicts.add(
    row=34,
    claim="Jamba interleaves attention and Mamba: quality with a small memory",
    measured=(
        f"recall {accuracies(recall_runs, 'hybrid').mean():.2f} against"
        f" {accuracies(recall_runs, 'selective state space').mean():.2f} for the selective one"
        f" alone, with {cache_share:.0%} of the transformer's cache"
    ),
    interval=str(hybrid_gain),
    outcome="holds" if hybrid_gain.low > 0 and cache_share < 0.7 else "undecided",
)

# %% [markdown]
# Here every second layer is attention, so the hybrid keeps half of the cache. Jamba has one in
# eight.
#
# ### Experiment: what has to be selected
#
# **Claim.** Mamba's state space is *selective*, and that is what S4 lacked. **Measurement.**
# Selective copying: three symbols are scattered at random places among six tokens of noise, and
# are due in order at the end. **Control.** The same task with the symbols always at the first
# three places: now nothing has to be selected, and a fixed filter can count steps.

# %% tags=["experiment", "row-33"]
copying, fixed_copying = (
    SelectiveCopying(n_copied=3, n_noise=6),
    SelectiveCopying(n_copied=3, n_noise=6, fixed_places=True),
)
copy_plan = {
    ("fixed state space", "scattered"): copying,
    ("selective state space", "scattered"): copying,
    ("fixed state space", "fixed places"): fixed_copying,
}
copy_size = task_size | {"steps": budget.pick(smoke=2, cpu=120, gpu=1500)}
copy_results = run_sweep(
    train_on_task,
    [
        TaskRun(task, name, seed, **copy_size)
        for (name, _), task in copy_plan.items()
        for seed in seeds
    ],
    workers=budget.workers,
    description="selective copying",
)
copied = {
    key: np.array(
        [result.accuracy for result in copy_results[i * len(seeds) : (i + 1) * len(seeds)]]
    )
    for i, key in enumerate(copy_plan)
}
for (name, kind), values in copied.items():
    print(f"{name:22} symbols at {kind:12}: copied {mean_interval(values)}")
selection = mean_interval(
    copied["selective state space", "scattered"] - copied["fixed state space", "scattered"]
)
# Were selection all that the fixed one lacks, it would do better where nothing has to be selected.
relief = mean_interval(
    copied["fixed state space", "fixed places"] - copied["fixed state space", "scattered"]
)
print(f"what fixed places bring the fixed state space: {relief}")

figure, axes = plt.subplots(figsize=(6.4, 3))
for place, values in enumerate(copied.values()):
    axes.plot(np.full(len(values), place), values, "o", color=COLOURS[place])
axes.axhline(1 / 8, color="black", linestyle=":", label="guessing")
axes.set_xticks(range(len(copied)), [f"{name},\n{kind}" for name, kind in copied], fontsize=8)
axes.set(
    xlabel="state space and task (one point per seed)",
    ylabel="copied symbols (share)",
    ylim=(0, 1.05),
)
axes.legend()
show(
    figure,
    "Share of symbols copied by a fixed and a selective state space, with symbols at random and at"
    " fixed places.",
)
verdicts.add(
    row=33,
    claim="Mamba's selective state space does what a fixed one cannot",
    measured=(
        f"selective copying {copied['selective state space', 'scattered'].mean():.2f} against"
        f" {copied['fixed state space', 'scattered'].mean():.2f}; at fixed places the fixed one"
        f" reaches {copied['fixed state space', 'fixed places'].mean():.2f}"
    ),
    interval=str(selection),
    outcome=(
        ("holds" if relief.low > 0 else "holds in part")
        if selection.low > 0
        else "does not hold"
        if selection.high < 0
        else "undecided"
    ),
)
behind = mean_interval(
    accuracies(recall_runs, "selective state space") - accuracies(recall_runs, "transformer")
)
verdicts.add(
    row=33,
    claim=(
        "Mamba outperforms transformers of the same size (claimed for text at 3 billion; tested"
        " here on recall)"
    ),
    measured=f"in this toy, on recall: {behind.mean:+.2f} against the transformer of equal size",
    interval=str(behind),
    outcome="does not hold" if behind.high < 0 else "holds" if behind.low > 0 else "undecided",
)

# %% [markdown]
# Look at the control before you believe the explanation. If the fixed filter does no better where
# nothing has to be selected, then selection is not all that it lacks: ours adds up fading
# exponentials, and a sum of those makes a poor clock, on which one symbol is told from the next by
# the time that has passed. "Holds in part" is the verdict then.
#
# The last verdict is about a toy task that was chosen to be hard for a fixed-size state. It says
# where the weakness is, not how a model of three billion fares on text.
#
# ### Experiment: time and memory against length
#
# **Claim.** Mamba's computation scales linearly with length, a transformer's quadratically.
# **Measurement.** One layer's mixing of positions, forward, at lengths from 512 to 4,096:
# processor time, and bytes of all tensors made on the way, with the exponent of a power law fitted
# to each. **Control.** Fused attention, which computes the same without ever storing the matrix of
# weights.

# %% tags=["experiment", "row-35"]
from utils.experiments.block.costs import allocated_bytes, fastest_seconds, fitted_exponent
from utils.models import attention as attention_module
from utils.models.state_space import selective_scan as scan_form

lengths = budget.pick(
    smoke=[64, 128], cpu=[512, 1024, 2048, 4096], gpu=[1024, 2048, 4096, 8192, 16384]
)


def attention_written_out(n):
    q, k, v = torch.randn(3, 1, 1, n, 32, device=budget.device)
    return lambda: attention_module.attention(
        q, k, v, attention_module.causal_mask(n, device=q.device)
    )


def attention_fused(n):
    q, k, v = torch.randn(3, 1, 1, n, 32, device=budget.device)
    return lambda: functional.scaled_dot_product_attention(q, k, v, is_causal=True)


def linear(n):
    q, k, v = torch.randn(3, 1, 1, n, 32, device=budget.device)
    return lambda: parallel_form(q, k, v)


def selective(n):
    x, steps = torch.randn(2, 1, n, 32, device=budget.device)
    b, c = torch.randn(2, 1, n, 8, device=budget.device)
    rates = -torch.rand(32, 8, device=budget.device)
    return lambda: scan_form(x, steps.abs(), rates, b, c)


kinds_of_mixing = {
    "attention, written out": attention_written_out,
    "attention, fused": attention_fused,
    "linear attention": linear,
    "selective scan": selective,
}
exponents = {}
figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.4), constrained_layout=True)
for (name, make), style in zip(kinds_of_mixing.items(), ("o-", "s--", "D-.", "^:"), strict=True):
    seconds = [fastest_seconds(make(n), repeats=budget.pick(smoke=1, cpu=5)) for n in lengths]
    made = [allocated_bytes(make(n)) for n in lengths]
    # Short calls are all overhead: the exponent is that of the longest three.
    exponents[name] = fitted_exponent(lengths[-3:], seconds[-3:]), fitted_exponent(lengths, made)
    print(
        f"{name:23} {seconds[-1] * 1e3:8.2f} ms and {made[-1] / 1e6:7.1f} MB at {lengths[-1]:,};"
        f" exponents: time {exponents[name][0]:.2f}, memory {exponents[name][1]:.2f}"
    )
    left.plot(lengths, [1e3 * value for value in seconds], style, label=name)
    right.plot(lengths, [value / 1e6 for value in made], style, label=name)
left.set(xscale="log", yscale="log", xlabel="length (tokens)", ylabel="processor time (ms)")
right.set(
    xscale="log", yscale="log", xlabel="length (tokens)", ylabel="tensors made on the way (MB)"
)
left.legend(fontsize=8)
show(
    figure,
    "Time and memory of four ways to mix positions, on logarithmic axes. Written-out attention has"
    " slope 2 in memory and about 2 in time; fused attention about 2 in time and 1 in memory;"
    " linear attention and the selective scan 1 in memory, and far below 2 in time.",
)
quadratic, straight = exponents["attention, fused"], exponents["selective scan"]
verdicts.add(
    row=35,
    claim="time grows linearly with length for Mamba, quadratically for a transformer",
    measured=(
        f"exponents of time: attention {exponents['attention, written out'][0]:.2f} (fused"
        f" {quadratic[0]:.2f}), linear attention {exponents['linear attention'][0]:.2f}, selective"
        f" scan {straight[0]:.2f}"
    ),
    interval="longest three lengths, fastest of several calls",
    outcome=(
        "holds"
        if exponents["attention, written out"][0] > 1.6 and straight[0] < 1.4
        else "undecided"
    ),
)
verdicts.add(
    row=35,
    claim="... and so does memory",
    measured=(
        f"exponents of memory: written-out attention {exponents['attention, written out'][1]:.2f},"
        f" fused {quadratic[1]:.2f}, selective scan {straight[1]:.2f}"
    ),
    outcome="holds in part" if quadratic[1] < 1.2 and straight[1] < 1.2 else "undecided",
)

# %% [markdown]
# Quadratic *memory* is not a law of attention: computed in pieces, it never stores its weights
# (Dao et al., 2022). Quadratic time is. (Written out, it can come out steeper than 2: large tables
# have to be fetched from the system and no longer fit into the cache.) Compare also the absolute
# times at the shortest length: an exponent says nothing about where a line starts.
#
# **Think.** At which length does the mixing of positions cost as much as the MLP beside it? The
# MLP's time is linear.

# %% [markdown]
# ## 10 Your block talks
#
# Everything above fits together now. SmolLM2 is a stack of 30 blocks of the kind that you wrote,
# between a table and the same table again. Below, *your* `TransformerBlock` is made 30 times and
# given the weights of the real model, the last norm and the table are taken over, and the whole
# writes text, greedily, one token after the other, with no cache.
#
# It needs rotary positions with `config.rope_base` and the names of section 4. If your block is
# not there yet, or gives other logits than the course's, the cell says so and uses the course's
# block.

# %% tags=["experiment", "row-25", "row-28"]
from utils.models import block as course_block


def stack_of(block_class):
    """Return ids -> logits through 30 blocks of a class, with the real model's weights (shared,
    not copied).
    """
    stack = []
    for theirs in real.model.blocks:
        mine = block_class(real.config)
        mine.load_state_dict(theirs.state_dict(), assign=True)
        stack.append(mine.eval())

    def logits(ids):
        x = real.model.embedding(ids)
        for block in stack:
            x = block(x)
        return real.model.head(real.model.norm(x))

    return logits


question = real.encode_chat(
    [{"role": "user", "content": "What is the capital of Italy? Answer in one sentence."}]
)
with torch.inference_mode():
    expected = real.model(torch.tensor([question]))
    try:
        my_logits = stack_of(TransformerBlock)
        gap = float((my_logits(torch.tensor([question])) - expected).abs().max())
        if gap > 0.05:
            raise ValueError(
                f"its logits differ by {gap:.2f} from the course's: are positions rotary, with"
                " config.rope_base?"
            )
        print(f"Your block carries SmolLM2's weights: largest difference of a logit {gap:.1e}.")
    except Exception as error:
        print(
            f"Your block cannot take the weights yet ({type(error).__name__}: "
            f"{str(error).splitlines()[0] if str(error) else 'not answered'})."
        )
        print("The course's block writes instead.")
        my_logits = stack_of(course_block.TransformerBlock)
    written = []
    for _ in range(budget.pick(smoke=3, cpu=20)):
        token = int(my_logits(torch.tensor([question + written]))[0, -1].argmax())
        if token in real.eos_ids:
            break
        written.append(token)
print(f"\nWhat is the capital of Italy? -> {real.decode(written, skip_special_tokens=True)}")

# %% [markdown]
# That is all there is in it: what you counted in section 6, and nothing else.
#
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# What this notebook showed, and what it did not. The arithmetic of sizes is exact, and two rows of
# the chapter's table are not. The measured losses are those of toys: they show *that* a part is
# needed, not how much it matters in a large model. Where architectures were compared, size, data
# and seeds were equal, and tuning was equally brief for all of them.
#
# **Read next**
#
# - Vaswani et al. (2017), *Attention is all you need*, for the block as it was first drawn,
#   post-norm.
# - Touvron et al. (2023), *Llama*, section 2: which changes to that block have lasted, in half a
#   page.
# - Gu and Dao (2023), *Mamba*, sections 3 and 4, with your `selective_scan` beside it.
# - Jiang et al. (2024), *Mixtral of experts*, section 5, for what the experts of a trained mixture
#   specialise in.
#
# In notebook 04 the size of a model becomes a choice: how large, on how much data, for which
# budget?
