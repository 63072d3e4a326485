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
# | 10 Your own code at work | | | |
#
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as
# often as you like, and graded tests after that. A failed test tells you which mistake it has
# seen. Nothing below an exercise depends on your answer, except the last section, which uses your
# block and your model if they work.
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
# blocks, the same data for all), with ReLU, GELU and SwiGLU in the MLP. **Control.** An MLP with
# no activation, the same number of parameters. The world's own entropy, which no model can beat,
# is known.
#
# A minute of training tells little, so the verdict comes from a *recorded run*: the same models
# trained for longer, with more seeds, each kind at the learning rate that suits it. What would
# count as what was written down before; `course record 03 26` makes the run again. The short run
# on your machine stands beside it.

# %% tags=["experiment", "row-26"]
import numpy as np
import torch

layers = [torch.randn(64, 64, dtype=torch.float64) / 8 for _ in range(20)]
signal = torch.randn(100, 64, dtype=torch.float64)
deep = signal
for matrix in layers:
    deep = deep @ matrix.T
one_matrix = torch.linalg.multi_dot(layers[::-1])
difference = float((deep - signal @ one_matrix.T).abs().max() / deep.abs().max())
print(f"20 linear layers ({20 * 64 * 64:,} parameters), one matrix ({64 * 64:,}):")
print(f"relative difference {difference:.1e}")

# %% tags=["experiment", "row-26"]
from functools import partial

from utils.evaluation.intervals import mean_interval, paired_difference
from utils.experiments.block.block_variants import VariantBlock
from utils.experiments.block.comparing import losses_of, of_label, run_conditions
from utils.experiments.recording.record import read_record
from utils.world import World

activation_record = read_record("03", 26)
world = World(seed=0, n_people=30, n_towns=6).with_mix({"profile": 1})  # short texts about people
world_text = {
    "ids": world.token_stream(budget.pick(smoke=20_000, cpu=100_000, gpu=2_000_000), seed=0),
    "held_out": world.token_stream(budget.pick(smoke=2_000, cpu=10_000, gpu=20_000), seed=2),
    "vocab_size": len(world.vocabulary),
    "n_layers": 2,
    "steps": budget.pick(smoke=3, cpu=45, gpu=2_000),
    "batch_size": budget.pick(smoke=8, cpu=12, gpu=16),
    # Few steps want a high rate: at 0.02 the embeddings lag behind.
    "lr": budget.pick(smoke=0.1, cpu=0.1, gpu=0.02),
    "device": budget.device,
}
seeds = range(budget.pick(smoke=2, cpu=5, gpu=5))
floor = world.entropy(2000, seed=2).nats_per_token
train_all = partial(run_conditions, common=world_text, seeds=seeds, workers=budget.workers)
activations = {"no activation": "none", "ReLU": "relu", "GELU": "gelu", "SwiGLU": "swiglu"}
changes = {name: {"block": partial(VariantBlock, activation=a)} for name, a in activations.items()}
activation_runs = train_all(changes, description="activations")

# %% tags=["experiment", "row-26", "draw"]
import matplotlib.pyplot as plt

from utils.experiments.recording.live import said, verdict_outcome
from utils.notebook import COLOURS, show
from utils.notebook.drawing import interval_bars, label_ticks, points_by_seed

print(f"the world: {next(world.documents(1, seed=5)).text}")
guessing = np.log(len(world.vocabulary))
print(f"entropy {floor:.3f} nats per token, {guessing:.2f} for guessing")
recorded = activation_record.findings
print(f"{said(activation_record)}; beside them, on this machine:")
for name, values in recorded["losses"].items():
    size, rate = recorded["parameters"][name], recorded["rates"][name]
    print(f"{name:14} {size:,} parameters, rate {rate}: recorded {mean_interval(values)}")
    print(
        f"{'':14} here, {world_text['steps']} steps: {losses_of(activation_runs, name).mean():.3f}"
    )
figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.2), constrained_layout=True)
points_by_seed(left, recorded["losses"], fontsize=8)
points_by_seed(right, {name: losses_of(activation_runs, name) for name in activations}, fontsize=8)
for axes, title in ((left, "recorded"), (right, f"here, {world_text['steps']} steps")):
    axes.axhline(floor, color="black", linestyle=":", label="the world's entropy")
    axes.set(xlabel="activation of the MLP (one point per seed)", title=title)
    axes.set(ylabel="held-out loss (nats per token)")
left.legend()
show(
    figure,
    "Held-out loss of small language models with four kinds of MLP, one point for each of the"
    " seeds: in the recorded run, and in the short one on this machine.",
)

# %% tags=["experiment", "row-26", "judge"]
from utils.notebook.verdicts import first_that_holds

verdicts.add(
    row=26,
    claim="without an activation a stack of linear layers is one linear layer",
    measured=f"20 layers equal one matrix (relative difference {difference:.0e})",
    outcome="holds" if difference < 1e-9 else "does not hold",
)
parts = {
    name: paired_difference(recorded["losses"][one], recorded["losses"][other])
    for name, one, other in (
        ("without one", "no activation", "GELU"),
        ("ReLU minus GELU", "ReLU", "GELU"),
        ("ReLU minus SwiGLU", "ReLU", "SwiGLU"),
    )
}
verdicts.add(
    row=26,
    claim="an activation's job is to break linearity; which one is used hardly matters",
    measured=(
        f"a model without one loses {parts['without one'].mean:.3f} nats more than with GELU;"
        f" ReLU minus GELU {parts['ReLU minus GELU'].mean:+.3f},"
        f" minus SwiGLU {parts['ReLU minus SwiGLU'].mean:+.3f}"
    ),
    interval="; ".join(f"{name} {interval}" for name, interval in parts.items())
    + f"; best rates at the edge of the grid: {', '.join(recorded['at the edge']) or 'none'}",
    outcome=verdict_outcome(activation_record),
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
#
# <details><summary>One answer</summary>
#
# In the attention: its weights are a softmax of products of features, so a head can look at a
# position only where both are present. Its values pass linearly, so the AND shows in where a head
# looks and not in what it brings. A gated MLP without SiLU could do it too, since it multiplies
# two features.
#
# </details>

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
from utils.experiments.block.comparing import rise_beyond
from utils.experiments.block.copied_text import copied_text, copying_entropy

copying = {
    "ids": copied_text(budget.pick(smoke=5_000, cpu=100_000, gpu=1_000_000), seed=0),
    "held_out": copied_text(budget.pick(smoke=1_000, cpu=10_000, gpu=50_000), seed=1),
    "vocab_size": 8,
    "n_layers": 1,
    "context": 32,
    "test_context": 96,
    "steps": budget.pick(smoke=3, cpu=100, gpu=1_000),
    "lr": 0.03,
    "device": budget.device,
}
kinds = ("learned", "none", "rotary")
changes = {
    name: {
        "block": partial(VariantBlock, rotary=name == "rotary"),
        "learned_positions": name == "learned",
    }
    for name in kinds
}
position_runs = train_all(changes, common=copying, description="positions")
inside, near, far = slice(8, 32), slice(32, 48), slice(48, 96)
curves = {
    name: np.mean([one.losses_by_position for one in of_label(position_runs, name)], axis=0)
    for name in kinds
}

# %% tags=["experiment", "row-27", "draw"]
import math

print(f"entropy {copying_entropy():.3f} nats per symbol, guessing {math.log(8):.3f}; positions:")
for name, curve in curves.items():
    values = [f"{curve[part].mean():.3f}" for part in (inside, near, far)]
    print(f"{name:8} loss at 9 to 32: {values[0]}, 33 to 48: {values[1]}, 49 to 96: {values[2]}")
figure, axes = plt.subplots(figsize=(7, 3.4))
for (name, curve), style in zip(curves.items(), ("-", "--", ":"), strict=True):
    label = f"{name} positions".replace("none", "no")
    axes.plot(np.arange(24) * 4 + 2.5, curve.reshape(-1, 4).mean(1), style, label=label)
axes.axhline(math.log(8), color="grey", linewidth=0.8)
axes.text(2, math.log(8), "guessing", va="bottom", fontsize=8)
axes.axhline(copying_entropy(), color="black", linestyle=":", linewidth=0.8)
axes.text(88, copying_entropy(), "entropy", va="bottom", fontsize=8)
axes.axvline(32.5, color="black", linewidth=0.8)
axes.text(34, axes.get_ylim()[1], "never trained", va="top")
axes.set(xlabel="position in the window (symbols)", ylabel="held-out loss (nats per symbol)")
axes.legend(fontsize=8, loc="lower right", bbox_to_anchor=(1.0, 0.2))
show(
    figure,
    "Loss against the position in a window of 96 symbols, for models that were trained on 32:"
    " learned, rotary and no positions. A vertical line marks the trained length, horizontal ones"
    " the loss of guessing and the text's entropy.",
)

# %% tags=["experiment", "row-27", "judge"]
learned_rise = rise_beyond(of_label(position_runs, "learned"), inside, near)
rise_near, rise_far = (
    rise_beyond(of_label(position_runs, "rotary"), inside, part) for part in (near, far)
)
solved = math.log(8) - curves["rotary"][inside].mean() > 0.2  # else there is nothing to lose
verdicts.add(
    row=27,
    claim="the number of learned positions bounds the context",
    measured=(
        f"right beyond the trained length, learned positions lose {learned_rise.mean:+.2f} nats per"
        f" symbol ({curves['learned'][near].mean():.2f}, where guessing has {math.log(8):.2f})"
    ),
    interval=str(learned_rise),
    outcome=first_that_holds(
        ("undecided", not solved or learned_rise.low <= 0.05 < learned_rise.high),
        ("holds", learned_rise.low > 0.05),
        otherwise="does not hold",
    ),
)
verdicts.add(
    row=27,
    claim="there are techniques that go beyond the trained length",
    measured=(
        f"rotary positions need no vector for position 33, and lose {rise_near.mean:+.2f} nats at"
        f" the positions 33 to 48, {rise_far.mean:+.2f} at 49 to 96"
    ),
    interval=f"{rise_near} and {rise_far}",
    outcome=first_that_holds(
        ("undecided", not solved),
        ("holds", rise_far.high < 0.05),
        ("holds in part", rise_near.high < learned_rise.low),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# A rotary model *runs* at any length, and that is all that the mathematics promises. The product
# of a query and a key three places apart is the same everywhere, so a little way beyond the
# trained length the model still finds its symbol. But with the length grows the number of other
# keys, at distances that never occurred in training, and nothing taught the model to ignore them:
# further out it may even do worse than guessing. That is why released models with rotary positions
# are trained on longer texts at the end, with a larger base, or look back over a bounded window
# only.
#
# **Think.** Which of the three would you take for text of 10,000 tokens, if training on 10,000 is
# too expensive?
#
# <details><summary>One answer</summary>
#
# Rotary positions, because they need no vector for a position that training never saw; and a
# short phase of training on longer text with a larger base, because the number of keys grows too.
# A bounded window is the cheapest way if what matters is near. Learned positions have no row for
# position 10,000, and no positions at all give up order.
#
# </details>

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
#     x = x + attention(norm1(x))
#     x = x + mlp(norm2(x))
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
    "norms after\n(post-norm)": {"norms": "after"},
    "no residuals": {"residual": False},
}
changes = {name: {"block": partial(VariantBlock, **one)} for name, one in ablations.items()}
ablation_runs = train_all(changes, description="ablations")
full_runs = of_label(activation_runs, "SwiGLU")  # the block as it is, same seeds and data
full = losses_of(activation_runs, "SwiGLU")
print(f"{'full block':24} {full_runs[0].parameters:7,} parameters, loss {full.mean():.3f}")
cost_of = {}
for name in ablations:
    of_kind, losses = of_label(ablation_runs, name), losses_of(ablation_runs, name)
    cost_of[name] = paired_difference(losses, full)
    size, diverged = of_kind[0].parameters, sum(one.diverged for one in of_kind)
    print(f"{name.replace(chr(10), ' '):24} {size:7,} parameters, loss {losses.mean():.3f},")
    print(f"{'':24} against the full block {cost_of[name]}, diverged {diverged}")

# %% tags=["experiment", "row-25", "draw"]
figure, axes = plt.subplots(figsize=(7, 3.4))
interval_bars(axes, list(ablations), {"loss": list(cost_of.values())}, fontsize=8)
axes.axhline(0, color="black", linewidth=0.8)
axes.set(xlabel="what was changed", ylabel="loss above the full block's\n(nats per token)")
show(
    figure,
    "How much loss each part of the block saves: bars with 95% intervals for five changed blocks,"
    " relative to the full one.",
)

# %% tags=["experiment", "row-25", "judge"]
needed = [name for name in ("no attention", "no MLP") if cost_of[name].low > 0]
unnamed = [name for name in ("no norms", "no residuals") if cost_of[name].low > 0]
verdicts.add(
    row=25,
    claim="a block is made of attention and an MLP",
    measured=(
        f"loss without attention {cost_of['no attention'].mean:+.2f}, without MLP"
        f" {cost_of['no MLP'].mean:+.2f} nats per token"
    ),
    interval=str(cost_of["no attention"]),
    outcome=first_that_holds(
        ("holds", len(needed) == 2), ("holds in part", bool(needed)), otherwise="does not hold"
    ),
)
verdicts.add(
    row=25,
    claim="... and of nothing else (norms and residuals are not mentioned)",
    measured=(
        f"without residuals {cost_of['no residuals'].mean:+.2f}, without norms"
        f" {cost_of['no norms'].mean:+.2f} nats per token"
    ),
    interval=str(cost_of["no residuals"]),
    outcome="does not hold" if unnamed else "undecided",
)

# %% [markdown]
# Attention is the only part that brings anything from one token to another. Read the table for
# which parts a stack of two can do without, and distrust it for deep stacks: the deeper a model,
# the more it owes to residuals and norms.
#
# **Think.** "No attention" still beats guessing by far. What can a model predict from the present
# token alone?
#
# <details><summary>One answer</summary>
#
# Whatever a table of pairs of tokens knows: how often each token follows the present one. In the
# world's short texts the next word is often fixed by the one before it, such as the second half
# of a set phrase. Names and towns are not, for they stand many words earlier.
#
# </details>

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
# block n already the final one, and how far down the list is the final one? After the last block it
# is the final one by construction; what could come out otherwise is that the head reads the states
# half-way as well, so that the last blocks would hardly matter to it. **Control.** The head read on
# the states of another position of the same text.

# %% tags=["experiment", "row-28"]
from utils.models.pretrained import load_gguf

real = load_gguf()
sentences = [
    "The capital of France is Paris, and the capital of Italy is",
    "Water boils when it is heated, and freezes when it is",
    "She opened the door, looked into the room and",
    "One, two, three, four, five,",
][: budget.pick(smoke=2, cpu=4)]
agreement, ranks, other_position, half_way = [], [], [], []
with torch.inference_mode():
    for sentence in reversed(sentences):  # the first one last: its states are shown below
        token_ids = torch.tensor([real.encode(sentence)])
        lens = real.model.logits_at_every_layer(token_ids)[:, 0]  # (layers + 1, T, V)
        winners, final = lens.argmax(-1), lens[-1].argmax(-1)
        of_final = lens.gather(-1, final.expand(len(lens), -1)[..., None])
        agreement.append((winners == final).float())
        half_way.append(float(agreement[-1][15].mean()))
        other_position.append((winners.roll(1, dims=1) == final).float())
        ranks.append((lens > of_final).sum(-1) + 1)
agreement, other_position = (torch.cat(one, 1).mean(1) for one in (agreement, other_position))
ranks = torch.cat(ranks, 1).float()
print(f"{sentences[0]} ...")
for layer in (0, 6, 12, 18, 22, 24, 26, 28, 30):
    best = [real.decode([int(token)]) for token in lens[layer, -1].topk(4).indices]
    print(f"after block {layer:2}: {best}")

# %% tags=["experiment", "row-28", "draw"]
figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
left.plot(agreement, label="same position")
left.plot(other_position, "--", label="control: the position before")
left.set(xlabel="blocks passed", ylabel="winner is the final token (share of positions)")
left.legend()
right.plot(ranks.median(1).values)
right.set(xlabel="blocks passed", ylabel="rank of the final token (median)", yscale="log")
label_ticks(right, y=(1, 10, 100, 1_000, 10_000))
show(
    figure,
    "Left: the share of positions at which the head, read after n of 30 blocks, already gives the"
    " final token. Right: the median rank of the final token after n blocks.",
)

# %% tags=["experiment", "row-28", "judge"]
middle, late = mean_interval(half_way), float(agreement[27])
verdicts.add(
    row=28,
    claim="an output layer maps the last hidden vectors to tokens",
    measured=(
        f"the same head gives the final token at {middle.mean:.0%} of positions after 15 blocks,"
        f" {late:.0%} after 27"
    ),
    interval=f"over sentences: {middle}",
    outcome=first_that_holds(
        ("holds", middle.high < 0.5),
        ("holds in part", middle.high < 0.9),
        ("does not hold", middle.low > 0.9),
        otherwise="undecided",
    ),
)

# %% [markdown]
# Read the list from its top: after how many blocks does the first sensible continuation appear, and
# within how many does it win? What the early blocks write is no word to come.
#
# **Think.** The embedding and the head are one table in this model. What does "after block 0" then
# show?
#
# <details><summary>One answer</summary>
#
# The head compares each vector with all embeddings, and the vector after block 0 is an embedding
# itself. So the winner is the present token or one that resembles it, not the next one. The
# blocks in between turn "what I read" into "what comes".
#
# </details>

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
from utils.text.tables import load_table

llama_rows, llama_configs, found_off = load_table("llama_dimensions"), {}, []
fields = ("n_layers", "d_model", "d_ff", "n_heads", "n_kv_heads", "vocab_size", "context_length")
count = accounting.count_parameters
print(f"{'row of the table':15} {'as printed':>17} {'as released':>17} {'without grouping':>17}")
for row in llama_rows:
    released = ModelConfig(**{name: row[name] for name in fields}, tied=False)
    llama_configs[row["model"]] = released
    as_printed = replace(released, d_ff=row["d_ff_published"])
    printed, exact = count(as_printed), count(released)
    ungrouped = count(replace(released, n_kv_heads=released.n_heads))
    print(f"{row['model']:15} {printed:17,} {exact:17,} {ungrouped:17,} {row['released_as']}")
    assert exact == row["n_params"], "the count differs from the published number"
    named_size = 1e9 * float(row["model"].rsplit("-", 1)[1].rstrip("B"))
    if printed != exact:
        both = count(replace(as_printed, n_kv_heads=released.n_heads)) / 1e9
        sizes = f"{printed / 1e9:.1f}B (or {both:.1f}B without grouped queries)"
        found_off.append(f"{row['model']}: {sizes}, not {exact / 1e9:.2f}B")
    elif abs(exact / named_size - 1) > 0.05:
        found_off.append(f"{row['model']} is {exact / 1e9:.2f}B")
print("\noff in the table:", "; ".join(found_off))

# %% tags=["experiment", "row-29", "judge"]
exact_rows = len(llama_rows) - len(found_off)
verdicts.add(
    row=29,
    claim="Table 2-4 gives the dimensions of six Llama models",
    measured=(
        f"{exact_rows} of {len(llama_rows)} rows give the named size; off: {'; '.join(found_off)}"
    ),
    outcome=first_that_holds(
        ("holds", not found_off), ("holds in part", exact_rows > 0), otherwise="does not hold"
    ),
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
by_formula = accounting.kv_cache_bytes(toy_config, 48, bytes_per_value=4)
print(f"toy, 48 tokens: {kept:,} bytes kept, {by_formula:,.0f} by the formula")
longer = replace(toy_config, context_length=1024)
same_size, with_table = [], []
for config in (toy_config, longer):
    same_size.append(sum(p.numel() for p in transformer_lm(config).parameters()))
    with_table.append(same_size[-1] + config.context_length * config.d_model)
print("parameters at a context of 64 and of 1,024:")
print(f"rotary {same_size}, with a table of learned positions {with_table}")
at_128k = {
    name: accounting.kv_cache_bytes(llama_configs[name], 131072) / 1e9
    for name in ("Llama 2-7B", "Llama 3-7B")
}

# %% tags=["experiment", "row-30", "draw"]
contexts = [1024 * 2**power for power in range(8)]
released_as = {row["model"]: row["released_as"] for row in llama_rows}
figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
for name, style in (("Llama 2-7B", "-"), ("Llama 3-7B", "--")):
    config = llama_configs[name]
    sizes = [count(replace(config, context_length=context)) / 1e9 for context in contexts]
    left.plot(contexts, sizes, style, label=released_as[name])
    caches = [accounting.kv_cache_bytes(config, context) / 1e9 for context in contexts]
    right.plot(contexts, caches, style, label=released_as[name])
right.axhline(2 * 6.738, color=COLOURS[3], linestyle=":", label="weights of the 7B (16 bits)")
left.set(xscale="log", xlabel="context (tokens)", ylabel="parameters (billions)", ylim=(0, 10))
right.set(xscale="log", yscale="log", xlabel="context (tokens)")
right.set(ylabel="keys and values, 16 bits (GB)")
label_ticks(left, x=(1024, 8192, 131072))
label_ticks(right, x=(1024, 8192, 131072), y=(0.1, 1, 10, 100))
left.legend(loc="lower right")
right.legend(fontsize=8)
show(
    figure,
    "Left: parameters do not depend on the context, two flat lines. Right: the memory of keys and"
    " values grows in proportion, and for Llama 2 7B passes that of the weights at about 26,000"
    " tokens.",
)

# %% tags=["experiment", "row-30", "judge"]
verdicts.add(
    row=30,
    claim="a longer context costs memory, and no parameters",
    measured=(
        f"128K tokens take {at_128k['Llama 2-7B']:.0f} GB in Llama 2 7B's shape and"
        f" {at_128k['Llama 3-7B']:.0f} GB in Llama 3.1 8B's; learned positions do add parameters"
    ),
    outcome="holds" if same_size[0] == same_size[1] and kept == by_formula else "does not hold",
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
# it came from is a fourth format: 4 bits for most matrices, 8 for some, and scales beside them.

# %% tags=["experiment", "row-36"]
from utils.experiments.block.changed_weights import (
    put_weights,
    reading_loss,
    tensor_bytes,
    to_int8,
    with_zeros,
)
from utils.paths import data_dir
from utils.text.gguf_tokenizer import GGUF_MODEL
from utils.text.installed import installed_documents

reading = " ".join(document.text for document in installed_documents("reference", 4, seed=0))
reading_ids = torch.tensor([real.encode(reading)[: budget.pick(smoke=32, cpu=128, gpu=1024)]])
originals = {name: value.detach().clone() for name, value in real.model.named_parameters()}
n_params, n_read = sum(value.numel() for value in originals.values()), reading_ids.shape[1] - 1
halves = {name: value.bfloat16() for name, value in originals.items()}
rounded, int8_bytes = to_int8(originals)  # one scale for each row of a matrix
formats = {}
for name, bits, values, size in (
    ("float32", 32, originals, tensor_bytes(*originals.values())),
    ("bfloat16", 16, halves, tensor_bytes(*halves.values())),
    ("int8, scale per row", 8, rounded, int8_bytes),
):
    put_weights(real.model, values)
    formats[name] = (size, reading_loss(real.model, reading_ids), bits)
put_weights(real.model, originals)
del halves, rounded

# %% tags=["experiment", "row-36", "judge"]
file_size = (data_dir() / GGUF_MODEL).stat().st_size
print(f"{n_params:,} parameters, {n_read} tokens of text")
for name, (size, loss, _) in formats.items():
    print(f"{name:20} {size / 1e6:6.1f} MB, {8 * size / n_params:5.2f} bits each, loss {loss:.4f}")
print(f"{'the file':20} {file_size / 1e6:6.1f} MB, {8 * file_size / n_params:5.2f} bits each")
largest_gap = max(
    abs(size / accounting.weight_bytes(n_params, bits) - 1) for size, _, bits in formats.values()
)
harm = formats["int8, scale per row"][1] - formats["float32"][1]
verdicts.add(
    row=36,
    claim="7 billion parameters at 2 bytes take 14 GB: memory is parameters times bytes",
    measured=(
        f"7e9 x 2 = {accounting.weight_bytes(7e9) / 1e9:.0f} GB; on SmolLM2 three formats within"
        f" {largest_gap:.1%} of the product; 8 bits cost {harm:+.3f} nats"
    ),
    interval=f"{n_read} tokens of one text",
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
plan = [(0.9, "smallest"), (0.2, "random")]
plan += budget.pick(
    smoke=[],
    cpu=[(0.2, "smallest"), (0.5, "smallest")],
    gpu=[(n / 10, "smallest") for n in range(1, 9)],
)
loss_as_it_is = formats["float32"][1]
pruned = {"smallest": {0.0: loss_as_it_is}, "random": {0.0: loss_as_it_is}}
for share, which in plan:
    values, sparsity = with_zeros(originals, share, at_random=which == "random")
    put_weights(real.model, values)
    pruned[which][sparsity] = reading_loss(real.model, reading_ids)
    print(f"{which:8} weights at zero: sparsity {sparsity:.3f}, loss {pruned[which][sparsity]:.3f}")
    del values
put_weights(real.model, originals)
left_over = 7e9 * (1 - 0.9)
print(f"7e9 parameters at 90%: {left_over / 1e9:.1f} billion left, in 16 bits each and with")
print(f"16 bits for its place {4 * left_over / 1e9:.1f} GB")

# %% tags=["experiment", "row-37", "draw"]
figure, axes = plt.subplots(figsize=(6, 3.2))
axes.plot(*zip(*sorted(pruned["smallest"].items())), "o-", label="smallest weights")
axes.plot(*zip(*sorted(pruned["random"].items())), "s--", label="random weights (control)")
axes.axhline(math.log(real.config.vocab_size), color="black", linestyle=":", label="guessing")
axes.set(xlabel="sparsity (share of weights at zero)", ylabel="loss (nats per token)")
axes.legend()
show(
    figure,
    "Loss of the real model against the share of its weights at zero, the smallest ones first and,"
    " as control, random ones. A dotted line marks the loss of guessing.",
)

# %% tags=["experiment", "row-37", "judge"]
worst = max(pruned["smallest"].values()) - loss_as_it_is
verdicts.add(
    row=37,
    claim="a model with 7 billion parameters that is 90% sparse has 700 million that are not zero",
    measured=(
        f"{left_over / 1e9:.1f} billion; but zeroing the smallest weights of a trained model, most"
        f" sparse case tried, costs {worst:+.1f} nats per token"
    ),
    interval=f"arithmetic exact; loss on {n_read} tokens",
    outcome="holds" if abs(left_over - 0.7e9) < 1 else "does not hold",
)

# %% [markdown]
# The arithmetic holds. But sparsity has to come from training, or from training after pruning; it
# cannot be had by deleting. And places have to be stored too: 90% sparse saves less than 90% of
# the memory.
#
# **Think.** A matrix unit multiplies dense blocks. Which kind of sparsity would it profit from,
# and which not at all?
#
# <details><summary>One answer</summary>
#
# It profits where whole rows, columns, heads or blocks are zero, which leaves a smaller dense
# matrix; some GPUs also skip two of each four neighbouring weights. Zeros at scattered places
# save no multiplication in a dense block, and storing their places costs memory. Pruning
# therefore pays in speed only when it is structured.
#
# </details>

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
from utils.experiments.block.comparing import relabelled

experts = {"d_ff": 48, "n_experts": 8, "experts_per_token": 2}
mixtures = {
    "experts, no balancing": experts,
    "experts, balanced": {**experts, "balance": 0.05},
    "dense, total size": {"d_ff": 384},
}
mixture_runs = train_all(mixtures, description="experts")
mixture_runs += relabelled(activation_runs, "SwiGLU", "dense, active size")
gains, loads = {}, {}
for name in ("dense, active size", *mixtures):
    of_kind, losses = of_label(mixture_runs, name), losses_of(mixture_runs, name)
    gains[name] = paired_difference(losses, full)
    size, line = of_kind[0].parameters, f"loss {losses.mean():.3f}, against dense {gains[name]}"
    print(f"{name:22} {size:8,} parameters, {line}")
    if of_kind[0].loads:  # from the busiest to the idlest expert, for each layer and seed
        loads[name] = np.array([sorted(layer)[::-1] for one in of_kind for layer in one.loads])
busiest = {
    name: mean_interval([max(map(max, one.loads)) for one in of_label(mixture_runs, name)])
    for name in loads
}

# %% tags=["experiment", "row-38", "draw"]
figure, axes = plt.subplots(figsize=(7, 3.2))
for place, (name, shares) in enumerate(loads.items()):
    middles, hatch = np.arange(8) + 0.4 * place - 0.2, ("", "//")[place]
    axes.bar(middles, shares.mean(0), 0.38, yerr=shares.std(0), label=name, hatch=hatch)
axes.axhline(1 / 8, color="black", linestyle=":", label="even load")
axes.set(xlabel="expert, from the busiest to the idlest", ylabel="share of routed tokens")
axes.set_xticks(range(8), range(1, 9))
axes.legend()
show(
    figure,
    "Load of eight experts, sorted, mean over layers and seeds, with and without the balancing"
    " loss.",
)

# %% tags=["experiment", "row-38", "judge"]
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
    outcome=first_that_holds(
        ("holds", gain.high < 0), ("does not hold", gain.low > 0), otherwise="undecided"
    ),
)

# %% [markdown]
# The verdict is about the loss: do more parameters help when the work for each token stays the
# same? The dense model of the total size shows what they could bring here. Experts have to be
# trained for it, and in a short run each of them sees a quarter of the tokens. Do not expect
# the large models' gain. The load is the other half of the story: nothing makes a router fair but
# a loss that says so.
#
# ### Experiment: Mixtral's two numbers
#
# **Claim.** 46.7 billion parameters, of which 12.9 work on a token; cost and speed of a
# 12.9-billion model. **Measurement.** Exact, from the dimensions (Jiang et al., 2024, Table 1).

# %% tags=["experiment", "row-39"]
from utils.models.presets import MIXTRAL_8X7B as MIXTRAL

total, active = accounting.moe_parameters(MIXTRAL)
one_expert = accounting.mlp_parameters(MIXTRAL) * MIXTRAL.n_layers
as_one = replace(MIXTRAL, n_experts=0, experts_per_token=0)
print(f"total {total:,}, active {active:,}")
print(f"one expert (all layers) {one_expert:,}, all that is shared {total - 8 * one_expert:,}")
print(f"a model with one expert {count(as_one):,}, eight of them {8 * count(as_one) / 1e9:.1f}e9")
two_mlps = replace(as_one, d_ff=2 * MIXTRAL.ff_dim)
gflop, dense_gflop = (
    accounting.decode_flops(config, context=1).total / 1e9 for config in (MIXTRAL, two_mlps)
)
print(f"one token: {gflop:.2f} GFLOP; a dense model with two such MLPs: {dense_gflop:.2f} GFLOP")
gigabytes = [accounting.weight_bytes(number) / 1e9 for number in (total, active)]
print(f"memory in 16 bits: {gigabytes[0]:.1f} GB; a model of the active size {gigabytes[1]:.1f} GB")

# %% tags=["experiment", "row-39", "judge"]
apart = abs(gflop / dense_gflop - 1)
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
        f"operations for a token agree within {apart:.2%}, but memory is {total / active:.1f} times"
        " as large"
    ),
    outcome="holds in part" if apart < 0.01 else "does not hold",
)

# %% [markdown]
# An "expert" is not a model of seven billion: it is 5.6 billion parameters of MLPs that cannot
# speak without the 1.6 billion that all share.
#
# **Think.** Eight users send one token each in the same step. How many experts of a layer have to
# be read from memory then, and what is left of the speed of a 12.9-billion model?
#
# <details><summary>One answer</summary>
#
# If each token picks two of eight experts independently, an expert is missed by all eight with
# probability 0.75 to the power of 8, about 10%. So about 7 of 8 are read, nearly the whole model.
# Where reading weights limits the speed, the step is about as slow as that of a 47-billion model;
# only the arithmetic stays that of 12.9 billion for each token.
#
# </details>

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
#     y_t = phi(q_t) · S_t / (phi(q_t) · z_t)
#     S_t = sum over s <= t of phi(k_s) v_s',   z_t = sum over s <= t of phi(k_s)
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
# attention in place of attention, at equal size, on the world's text. Both models are trained on 64
# tokens and read up to 16,384: loss on the last quarter, time of a forward pass, and bytes of
# state. That the two forms agree and that the state keeps its size is algebra, shown first. What
# could come out otherwise is the loss: a recurrence may well be as good on long text as on short.
# **Control.** The transformer, with rotary positions, the same data and seeds. A recorded run.

# %% tags=["experiment", "row-31"]
from utils.experiments.block.length_recipe import LENGTH, LINEAR, LengthJob
from utils.experiments.block.showing import draw_lengths, print_lengths, recorded_interval
from utils.experiments.recording.live import live_runs
from utils.models import linear_attention as forms

q, k, v = torch.randn(3, 2, 300, 16, dtype=torch.float64)
one_form = forms.linear_attention_parallel(q, k, v)
apart = float((one_form - forms.linear_attention_recurrent(q, k, v)).abs().max())
print(f"parallel and recurrent form on 300 positions: largest difference {apart:.1e}")
print(LENGTH.design.rule_text)
length_record = read_record("03", 31)
one_job = [LengthJob("transformer", 0, 2, (64,))]
length_live = live_runs(LENGTH, budget.workers, budget.pick(smoke=one_job, cpu=None))
read_at = length_record.findings["lengths"]
print(f"{said(length_record)}; beside them, on this machine, {length_live[0].job.steps} steps:")
print_lengths(length_record.findings, length_live)

# %% tags=["experiment", "row-31", "draw"]
show(
    draw_lengths(length_record.findings),
    "Loss on the last quarter of a text, time of a forward pass and bytes of state against the"
    " length, for linear attention and a transformer of equal size that were trained on 64 tokens.",
)

# %% tags=["experiment", "row-31", "judge"]
behind = recorded_interval(length_record.findings["behind"], 5)
rises = {
    name: recorded_interval(length_record.findings[name]["rise"], 5)
    for name in ("transformer", LINEAR)
}
verdicts.add(
    row=31,
    claim=(
        "an RNN such as RWKV trains in parallel and has no context limit; good long contexts are"
        " not guaranteed"
    ),
    measured=(
        f"at {read_at[-1]:,} tokens it loses {rises[LINEAR].mean:+.2f} nats against the trained"
        f" length, the transformer {rises['transformer'].mean:+.2f}; at the trained length it is"
        f" {behind.mean:+.2f} behind; forms agree to {apart:.0e}"
    ),
    interval=f"{rises[LINEAR]}; transformer {rises['transformer']}; behind {behind}",
    outcome=verdict_outcome(length_record),
)

# %% [markdown]
# Both can be run at any length, and neither was taught to use one. Linear attention adds every token
# to its sums for good, so what is long past can drown what is near; a state that forgets, as RWKV's
# does by its decay, is one cure. Where the loss grows with the length, cutting the text off after 64
# tokens is the better way to read it, and it is free.
#
# ### Experiment: what has to be remembered
#
# **Claims.** State space models show promise in long memory; H3's multiplication lets them recall
# early tokens. **Measurement.** Associative recall: tokens, each a pair of a key and a value, then
# the keys alone in another order. Which value had it? Six architectures of equal size, with four
# pairs and with eight. **Control.** The fixed state space (S4's idea), which treats every token
# alike; the gated one differs from it by a multiplication only. Guessing gives 1 in 8.
#
# A hundred steps of training would be a race of learning rates. In the recorded run each
# architecture gets the rate that suits it, and those that have not solved the task after 500 steps
# train for 2,000.

# %% tags=["experiment", "row-32"]
from utils.experiments.block.recall_recipe import RECALL, RECALL_TASKS
from utils.experiments.block.sequence_jobs import (
    SequenceJob,
    accuracy_by_condition,
    final_accuracies,
)
from utils.experiments.block.sequence_tasks import ARCHITECTURES, of_equal_size

print(RECALL.design.rule_text)
recall_record = read_record("03", 32)
recall = final_accuracies(recall_record.results)
one_each = [SequenceJob(RECALL_TASKS[0], name, 0, 2, 0.01) for name in ARCHITECTURES]
live = live_runs(RECALL, budget.workers, budget.pick(smoke=one_each, cpu=None))
recall_live = accuracy_by_condition(live)
dimensions = {"n_layers": 2, "d_model": 32, "n_heads": 2, "d_ff": 96, "vocab_size": 80}
memory_at = {}
for name, build in ARCHITECTURES.items():
    model = build(of_equal_size(name, ModelConfig(**dimensions, context_length=4096)))
    short, long = memory_after(model, 16), memory_after(model, 32)
    # Memory is constant or grows in proportion to the tokens: two lengths give the line.
    memory_at[name] = (long + (long - short) / 16 * (4096 - 32)) / 1024
print(f"{said(recall_record)}; beside them, on this machine, {live[0].job.steps} steps:")
for (task, name), values in recall.items():
    found = recall_record.findings[f"{task}, {name}"]
    here = recall_live.get((task, name), [])
    print(f"{task}, {name:22} {found['parameters']:,} parameters, {found['steps']:,} steps:")
    print(f"{'':18} recorded {mean_interval(values)}; here {np.round(here, 2).tolist()}")

# %% tags=["experiment", "row-32", "draw"]
from utils.experiments.block.showing import draw_copying, draw_recall

show(
    draw_recall(recall, recall_live, memory_at),
    "Recall against memory for six architectures of equal size, with four pairs and with eight."
    " Filled: the recorded run, one point per seed; hollow, a little to the right: the short run on"
    " this machine. The transformer and the hybrid keep a cache that grows with the text, the"
    " others a state of fixed size.",
)

# %% tags=["experiment", "row-32", "judge"]
gates = {
    task: paired_difference(recall[task, "gated state space"], recall[task, "fixed state space"])
    for task in RECALL_TASKS
}
reached = {key: np.mean(values) for key, values in recall.items()}
verdicts.add(
    row=32,
    claim="H3 adds a mechanism for recalling early tokens to state space models",
    measured="; ".join(
        f"{task}: {reached[task, 'fixed state space']:.2f} without the gate,"
        f" {reached[task, 'gated state space']:.2f} with it"
        for task in RECALL_TASKS
    ),
    interval="; ".join(f"{task} {gain}" for task, gain in gates.items()),
    outcome=verdict_outcome(recall_record),
)

# %% [markdown]
# Look at the spread of the fixed state space before you compare means: from one seed to the next it
# finds the rule or does not. And look at linear attention, a state of fixed size too: what a state
# can hold is one thing, whether it can be *addressed* by a key another.
#
# ### Experiment: half attention, half state space
#
# **Claims.** Mamba of equal size beats the transformer on text; Jamba interleaves the two, and
# keeps a transformer's quality with a smaller memory. **Measurement.** Held-out loss of the six
# architectures on the world's text, trained with the same number of tokens, each at its own
# learning rate. **Control.** The selective state space alone. The recorded run judges; three of
# the architectures train for a few steps here.

# %% tags=["experiment", "row-34"]
from utils.experiments.block.text_recipe import HYBRID, SELECTIVE, TEXT, TRANSFORMER, TextJob

print(TEXT.design.rule_text)
text_record = read_record("03", 34)
text_losses = text_record.findings["losses"]
one_job = [TextJob(TRANSFORMER, 0, 2, 0.03)]
text_live = live_runs(TEXT, budget.workers, budget.pick(smoke=one_job, cpu=None))
print(said(text_record))
for name, values in text_losses.items():
    size, rate = (text_record.findings[key][name] for key in ("parameters", "rates"))
    print(f"{name:22} {size:,} parameters, rate {rate}: loss {mean_interval(values)}")
print("beside them, on this machine:")
for run in text_live:
    job = run.job
    print(f"{job.architecture:22} seed {job.seed}, {job.steps} steps: {run.result['loss']:.3f}")

# %% tags=["experiment", "row-34", "draw"]
figure, axes = plt.subplots(figsize=(7.6, 3.4))
points_by_seed(
    axes, {name.replace(" ", "\n", 1): text_losses[name] for name in text_losses}, fontsize=8
)
axes.set(xlabel="architecture (one point per seed)", ylabel="held-out loss (nats per token)")
show(
    figure,
    "Held-out loss of six architectures of equal size on the world's text, one point for each seed"
    " of the recorded run.",
)

# %% tags=["experiment", "row-34", "judge"]
hybrid_behind = paired_difference(text_losses[HYBRID], text_losses[TRANSFORMER])
alone_behind = paired_difference(text_losses[SELECTIVE], text_losses[HYBRID])
cache_share = memory_at["hybrid"] / memory_at["transformer"]
verdicts.add(
    row=34,
    claim="Jamba interleaves attention and Mamba: quality with a small memory",
    measured=(
        f"loss {hybrid_behind.mean:+.3f} nats against the transformer with {cache_share:.0%} of its"
        f" cache; the selective one alone {alone_behind.mean:+.3f} against the hybrid"
    ),
    interval=f"hybrid minus transformer {hybrid_behind}; alone minus hybrid {alone_behind}",
    outcome=verdict_outcome(text_record),
)
selective_behind = paired_difference(text_losses[SELECTIVE], text_losses[TRANSFORMER])
verdicts.add(
    row=33,
    claim="Mamba outperforms transformers of the same size (claimed for text at 3 billion)",
    measured=f"in this toy, on text: {selective_behind.mean:+.3f} nats against the transformer",
    interval=str(selective_behind),
    outcome=first_that_holds(
        ("holds", selective_behind.high < 0),
        ("does not hold", selective_behind.low > 0),
        otherwise="undecided",
    ),
)

# %% [markdown]
# Here every second layer is attention, so the hybrid keeps half of the cache. Jamba has one in
# eight. The text is short: 64 tokens hold a few sentences about one person, and much of what
# attention is for does not come up.
#
# ### Experiment: what has to be selected
#
# **Claim.** Mamba's state space is *selective*, and that is what S4 lacked. **Measurement.**
# Selective copying: a few symbols are scattered at random places among tokens of noise, and are
# due in order at the end, with a little noise and with more. **Control.** The same task with the
# symbols always at the first places and all the noise after them: now nothing has to be selected,
# and a fixed filter can count steps. The recorded run judges, as before.

# %% tags=["experiment", "row-33"]
from utils.experiments.block.copying_recipe import (
    AT_FIXED_PLACES,
    COPYING,
    FIXED,
    SCATTERED,
    SELECTIVE,
)

print(COPYING.design.rule_text)
copying_record = read_record("03", 33)
copied = final_accuracies(copying_record.results)
one_job = [SequenceJob(SCATTERED[0], FIXED, 0, 2, 0.01)]
live = live_runs(COPYING, budget.workers, budget.pick(smoke=one_job, cpu=None))
copied_live = accuracy_by_condition(live)
print(f"{said(copying_record)}; beside them, on this machine, {live[0].job.steps} steps:")
for (task, name), values in copied.items():
    here = np.round(copied_live.get((task, name), []), 2).tolist()
    steps = copying_record.findings[f"{task}, {name}"]["steps"]
    print(f"{task}, {name:22} {steps:,} steps: recorded {mean_interval(values)}; here {here}")
selection = {
    task: paired_difference(copied[task, SELECTIVE], copied[task, FIXED]) for task in SCATTERED
}
# Were selection all that the fixed one lacks, it would do better where nothing has to be selected.
relief = {
    task: paired_difference(copied[task, FIXED], copied[scattered, FIXED])
    for task, scattered in zip(AT_FIXED_PLACES, SCATTERED, strict=True)
}
for task, gain in relief.items():
    print(f"what fixed places bring the fixed state space, {task}: {gain}")

# %% tags=["experiment", "row-33", "draw"]
show(
    draw_copying(copied),
    "Share of symbols copied in the recorded run. Left: four architectures with symbols at random"
    " places between six and between 24 tokens of noise. Right: the fixed state space, also with"
    " all symbols first and the noise after them.",
)

# %% tags=["experiment", "row-33", "judge"]
verdicts.add(
    row=33,
    claim="Mamba's selective state space does what a fixed one cannot",
    measured="; ".join(
        f"{task}: {np.mean(copied[task, SELECTIVE]):.2f} against {np.mean(copied[task, FIXED]):.2f}"
        for task in SCATTERED
    ),
    interval="; ".join(f"{task} {gain}" for task, gain in (*selection.items(), *relief.items())),
    outcome=verdict_outcome(copying_record),
)

# %% [markdown]
# Look at the control before you believe the explanation. If the fixed filter does no better where
# nothing has to be selected, then selection is not all that it lacks: ours adds up fading
# exponentials, and a sum of those makes a poor clock, on which one symbol is told from the next by
# the time that has passed. With all the noise after the symbols that clock has to run longer, too:
# the control takes away the selecting, and adds distance. And compare with the transformer's
# column before you call a task easy: where every architecture has learned it, it no longer tells
# them apart.
#
# What is tested here is a toy that was chosen to be hard for a fixed-size state. It says where the
# weakness is, not how a model of three billion fares on text.
#
# ### Experiment: time and memory against length
#
# **Claim.** Mamba's computation scales linearly with length, a transformer's quadratically.
# **Measurement.** One layer's mixing of positions, forward, from 64 to 16,384 tokens: processor
# time, and bytes of all tensors made on the way. Short calls are mostly overhead, so the exponent is
# that of the longest three lengths, and a sum of a fixed part, one in proportion to the length and
# one to its square says how much of each time is overhead. **Controls.** Fused attention, which
# computes the same without ever storing the matrix of weights; and two whole models of equal size.
# A recorded run; attention written out ends at half the length, where its tables fill the memory.

# %% tags=["experiment", "row-35"]
from utils.experiments.block.cost_recipe import COST, TURNS, CostJob
from utils.experiments.block.showing import draw_costs, print_costs

print(COST.design.rule_text)
cost_record = read_record("03", 35)
one_job = [CostJob("attention, fused", 64, 0)]
# One after the other, in this process: calls side by side would slow each other down.
cost_live = live_runs(COST, 0, budget.pick(smoke=one_job, cpu=None))
print(f"{said(cost_record)}; beside them, on this machine, shorter lengths:")
print_costs(cost_record.findings, cost_live)

# %% tags=["experiment", "row-35", "draw"]
show(
    draw_costs(cost_record.findings),
    "Time and memory of four ways to mix positions and of two whole models, on logarithmic axes:"
    " attention written out and fused, linear attention and the selective scan, a transformer and a"
    " selective model of equal size. A straight line is a power of the length, its slope the"
    " exponent; at the left, where lines are flat, a call is overhead.",
)

# %% tags=["experiment", "row-35", "judge"]
in_words = {
    kind: ", ".join(
        f"{name} {found[kind][0] if kind == 'time exponent' else found[kind]:.2f}"
        for name, found in cost_record.findings.items()
    )
    for kind in ("time exponent", "memory exponent")
}
print(
    verdicts.add(
        row=35,
        claim="time grows linearly with length for Mamba, quadratically for a transformer",
        measured=f"exponents of time: {in_words['time exponent']}",
        interval="; ".join(
            f"{name} {recorded_interval(cost_record.findings[name]['time exponent'], TURNS)}"
            for name in ("attention, fused", "selective scan")
        ),
        outcome=verdict_outcome(cost_record),
    )
)
memory = {name: found["memory exponent"] for name, found in cost_record.findings.items()}
verdicts.add(
    row=35,
    claim="... and so does memory",
    measured=f"exponents of memory: {in_words['memory exponent']}",
    outcome=first_that_holds(
        ("does not hold", memory["attention, written out"] < 1.3),
        ("holds", memory["attention, fused"] > 1.7 and memory["selective scan"] < 1.3),
        ("holds in part", memory["attention, written out"] > 1.7),
        otherwise="undecided",
    ),
)

# %% [markdown]
# Quadratic *memory* is not a law of attention: computed in pieces, it never stores its weights
# (Dao et al., 2022). Quadratic time is. Written out, it can come out steeper than 2, and the scan
# steeper than 1: their tables have to be fetched from the system and no longer fit into the cache.
# Our scan writes the states of all positions to memory; Mamba's own code keeps them on the chip.
# Compare also the absolute times at the shortest length: an exponent says nothing about where a
# line starts.
#
# **Think.** At which length does the mixing of positions cost as much as the MLP beside it? The
# MLP's time is linear.
#
# <details><summary>One answer</summary>
#
# Attention takes about 4 T D operations for each token (scores and values; half of that if the
# masked half is skipped), a gated MLP 6 D d_ff. They are equal at T = 1.5 d_ff, which is 4 D for
# the usual width of 8/3 D: 16,000 tokens for a model of width 4,096, and a few hundred for our
# toys.
#
# </details>

# %% [markdown]
# ## 10 Your own code at work
#
# **Your block talks.** SmolLM2 is a stack of 30 blocks of the kind that you wrote, between a table
# and the same table again. Below, *your* `TransformerBlock` is made 30 times and given the weights
# of the real model, the last norm and the table are taken over, and the whole writes text,
# greedily, one token after the other, with no cache.
#
# It needs rotary positions with `config.rope_base` and the names of section 4. If your block is
# not there yet, or has other names, the course's block writes instead.

# %% tags=["experiment", "row-25", "row-28"]
from utils.models import block as course_block


def stack_of(block_class):
    """Return ids -> logits through 30 blocks of a class that share the real model's weights."""
    stack = [block_class(real.config) for _ in real.model.blocks]
    for mine, theirs in zip(stack, real.model.blocks):
        if set(mine.state_dict()) != set(theirs.state_dict()):
            raise NotImplementedError("its parts are not norm1, attention, norm2 and mlp")
        mine.load_state_dict(theirs.state_dict(), assign=True)

    def logits(ids):
        x = real.model.embedding(torch.tensor([ids]))
        for block in stack:
            x = block(x)
        return real.model.head(real.model.norm(x))

    return logits


def answer_of(logits, prompt, most):
    ids = real.encode_chat([{"role": "user", "content": prompt}])
    start = len(ids)
    while len(ids) < start + most and ids[-1] not in real.eos_ids:
        ids.append(int(logits(ids)[0, -1].argmax()))
    return real.decode(ids[start:], skip_special_tokens=True)


# %% tags=["experiment", "row-25", "row-28"]
with torch.inference_mode():
    ids = real.encode("Water boils when it is heated.")
    try:
        my_logits = stack_of(TransformerBlock)
        gap = float((my_logits(ids) - real.model(torch.tensor([ids]))).abs().max())
        print(f"Your block carries SmolLM2's weights: largest difference of a logit {gap:.1e}.")
        if gap > 0.05:
            print("It is large: are your positions rotary, with config.rope_base?")
    except NotImplementedError as reason:
        print(f"Your block cannot take the weights yet ({str(reason) or 'not answered'}).")
        print("The course's block writes instead.")
        my_logits = stack_of(course_block.TransformerBlock)
    prompt = "What is the capital of Italy? Answer in one sentence."
    print(answer_of(my_logits, prompt, budget.pick(smoke=3, cpu=20)))

# %% [markdown]
# That is all there is in it: what you counted in section 6, and nothing else.
#
# **Your model learns.** Your `GPT` trains for about half a minute on the world's text, from random
# weights, and then writes. Run it again with more steps and see what changes first: spelling there
# is none here, so it is the order of the words, and last the facts.


# %% tags=["experiment"]
def train_and_write(steps, n_written):
    """Train your GPT on the world's text and return its losses and a text that it writes."""
    sizes = {"n_layers": 2, "d_model": 48, "n_heads": 4, "context_length": 32}
    config = ModelConfig(**sizes, vocab_size=len(world.vocabulary))
    torch.manual_seed(0)
    model, ids = GPT(config), torch.as_tensor(world_text["ids"]).long()
    optimiser, losses = torch.optim.AdamW(model.parameters(), lr=3e-3), []
    for _ in range(steps):
        starts = torch.randint(len(ids) - 33, (16,))
        windows = torch.stack([ids[start : start + 33] for start in starts])
        logits = model(windows[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    written = ids[:1].tolist()
    with torch.no_grad():
        for _ in range(n_written):
            logits = model(torch.tensor([written[-32:]]))[0, -1]
            written.append(int(torch.multinomial(logits.softmax(-1), 1)))
    return losses, written


try:
    losses, written = train_and_write(budget.pick(smoke=2, cpu=600, gpu=3000), n_written=40)
    print(f"loss {losses[0]:.2f} at first, {np.mean(losses[-20:]):.2f} at the end (nats per token)")
    print(f"entropy {floor:.2f}; it writes: {world.vocabulary.decode(written)}")
except NotImplementedError:
    print("Answer the exercise `GPT` first; then your model trains here.")

# %% [markdown]
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
