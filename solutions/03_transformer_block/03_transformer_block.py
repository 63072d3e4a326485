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
# You need notebook 02 and about three and a half hours with the exercises.
#
# **You will learn to**
#
# - write a transformer block and a language model, and say what each part is for from a run
#   without it;
# - compute parameters, memory and active parameters from dimensions, exactly;
# - read a model's intermediate states with its own head;
# - write linear attention, at once and step by step, and a selective scan;
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
# interval, and a verdict that the code computes from the numbers. The models trained here are toys
# of less than 100,000 parameters, on a miniature world of 30 or 100 people. What holds for them may
# not hold for large ones.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

# %% [markdown]
# ## 1 Numbers that stay in range
#
# **What the chapter claims.** A transformer is a stack of blocks, each made of an attention module
# and an MLP module. Nothing else is mentioned. But every block of every model in the chapter's
# table holds a third part, twice: a norm. It has few parameters, and section 4 shows what a stack
# does without it.
#
# A norm rescales the features of *one position* to a standard size. Two are in use. LayerNorm (Ba
# et al., 2016) subtracts the mean, then divides by the standard deviation. RMSNorm (Zhang and
# Sennrich, 2019) leaves the mean alone and divides by the root mean square. On four numbers:

# %%
import torch

features = torch.tensor([1.0, 2.0, 3.0, 6.0])
mean, root_mean_square = features.mean(), features.pow(2).mean().sqrt()
deviation = (features - mean).pow(2).mean().sqrt()
print(f"mean {mean:.2f}, standard deviation {deviation:.2f}, root mean square", end=" ")
print(f"{root_mean_square:.2f}\nLayerNorm {(features - mean) / deviation}")
print(f"RMSNorm   {features / root_mean_square}")
larger = 1000 * features
print(f"RMSNorm of 1000 times the same numbers {larger / larger.pow(2).mean().sqrt()}")

# %% [markdown]
# After either norm the mean square is 1, and the input's scale is gone. Learned gains (`weight`),
# and for LayerNorm a `bias`, then give each feature the size that it needs. A small `eps` is added
# to the mean square, or to the variance, *before* the root is taken, so that a row of zeros is not
# divided by zero.
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
# between them: ReLU, used by GPT-2, or GELU, used by GPT-3. What matters is that linearity is
# broken; nothing fancy is needed.
#
# One detail first: **GPT-2 used GELU too**. Its released code (OpenAI, 2019, `model.py`) has a
# function `gelu`, in the tanh approximation, and no ReLU. The first GPT (2018) had it already.
#
# ReLU cuts at zero. GELU (Hendrycks and Gimpel, 2016) multiplies x by the probability that a
# standard normal variable is below x, so the corner is smooth. Three inputs:

# %%
from math import erf, sqrt

for x in (-1.0, 0.0, 2.0):
    below = 0.5 * (1 + erf(x / sqrt(2)))
    print(f"x {x:4}: below with probability {below:.4f}, GELU {x * below:7.4f}, ReLU {max(x, 0.0)}")

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
# no activation and as many parameters. The world's entropy, which no model can beat, is known.
#
# A few seconds of training tell little, so the verdict comes from a *recorded run*: the same models
# trained for longer, with more seeds, each kind at the learning rate that suits it. The rule that
# turns its numbers into a verdict was written down before it ran; `course record 03 26` makes the
# run again. The short run on your machine stands beside it.

# %% tags=["experiment", "row-26"]
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
import numpy as np

from utils.experiments.block.activation_recipe import ACTIVATION, ActivationJob, losses
from utils.experiments.block.showing import draw_activations, print_losses
from utils.experiments.recording.live import live_runs, said
from utils.experiments.recording.record import read_record
from utils.world import World

world = World(seed=0, n_people=30, n_towns=6).with_mix({"profile": 1})  # short texts about people
floor, guessing = world.entropy(2000, seed=2).nats_per_token, np.log(len(world.vocabulary))
print(f"the world: {next(world.documents(1, seed=5)).text}")
print(f"entropy {floor:.3f} nats per token, {guessing:.2f} for guessing")
print(ACTIVATION.design.rule_text)
activation_record = read_record("03", 26)
one_job = [ActivationJob("GELU", 0, 2, 0.1)]
activation_runs = live_runs(ACTIVATION, budget.workers, budget.pick(smoke=one_job, cpu=None))
activation_losses = losses({"measured": activation_runs})
print(f"{said(activation_record)}; here {activation_runs[0].job.steps} steps:")
print_losses(activation_record.findings, activation_losses)

# %% tags=["experiment", "row-26", "draw"]
from utils.notebook import show

show(
    draw_activations(activation_record.findings, activation_losses, floor),
    "Held-out loss of small language models with four kinds of MLP, one point for each of the"
    " seeds: in the recorded run, and in the short one on this machine.",
)

# %% tags=["experiment", "row-26", "judge"]
from utils.experiments.block import judging

verdicts.add(
    row=26,
    claim="without an activation a stack of linear layers is one linear layer",
    measured=f"20 layers equal one matrix (relative difference {difference:.0e})",
    outcome="holds" if difference < 1e-9 else "does not hold",
)
claim = "an activation's job is to break linearity; which one is used hardly matters"
verdicts.add(26, claim, **judging.activations(activation_record))
verdicts.add(
    row=26,
    claim="GPT-2 used ReLU, GPT-3 GELU",
    measured="GPT-2's released code has GELU (tanh form) and no ReLU",
    outcome="does not hold",
)

# %% [markdown]
# The claim about the stack is algebra. In the models the difference is small: attention's softmax
# is nonlinear too, so even a transformer without activations is no linear model.
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
# vectors. With 2,048 positions the model's context ends at 2,048, although there are techniques
# that go beyond.
#
# Attention needs positions: without them, "dog bites man" and "man bites dog" are the same set of
# keys. A learned matrix of positions, as in GPT-2, is one answer. Llama and SmolLM2 use rotary
# positions (Su et al., 2021), which have no parameters. Each query and key is cut into pairs of
# features, and each pair is turned, as a point in the plane, by an angle proportional to its
# position. With an eighth of a half turn per position:

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
# The product depends on the *distance* of the two, not on where they stand: that is the point.
#
# One angle would repeat after a full turn. So each pair gets its own speed: pair i of a vector
# with d features turns by position * base**(-2i/d), the first pair by a whole radian per position,
# the last ones hardly at all. Pair i is made of the features i and i + d/2. (Some code pairs
# neighbours, 2i and 2i + 1. Both work; mixed up, they make nonsense of a trained model.)
#
# ### Exercise: `rotate`
#
# *Difficulty 3 of 5, 20 minutes.* Turn the pair (a, b) = (x[i], x[i + d/2]) to
# (a cos - b sin, a sin + b cos).

# %% exercise="rotate"

# %% [markdown]
# ### Experiment: beyond the trained length
#
# **Claim.** The number of positions determines the maximum context; there are techniques to go
# beyond. **Measurement.** The world's documents hardly need positions, so the text is another one
# here: eight symbols, each of them with probability one half a copy of the symbol three places
# before, otherwise drawn at random. Who looks three places back can reach the entropy of this text,
# which is known; who cannot has to guess. Models of one block train on windows of 32 symbols and
# then read windows of 96. Positions are learned vectors (the table has 96 rows here, of which 64
# are never trained; GPT-2's would have no row at all) or rotary. **Control.** No positions.

# %% tags=["experiment", "row-27"]
from functools import partial

from utils.experiments.block.block_variants import VariantBlock
from utils.experiments.block.comparing import losses_of, of_label, run_conditions
from utils.experiments.block.copied_text import copied_text, copying_entropy
from utils.experiments.block.showing import draw_positions

seeds = range(budget.pick(smoke=2, cpu=5, gpu=5))
train_all = partial(run_conditions, seeds=seeds, workers=budget.workers)
copying = {
    "ids": copied_text(budget.pick(smoke=5_000, cpu=100_000, gpu=1_000_000), seed=0),
    "held_out": copied_text(budget.pick(smoke=1_000, cpu=10_000, gpu=50_000), seed=1),
    **{"vocab_size": 8, "n_layers": 1, "context": 32, "test_context": 96, "lr": 0.03},
    **{"steps": budget.pick(smoke=3, cpu=100, gpu=1_000), "device": budget.device},
}
changes = {
    "learned": {"block": partial(VariantBlock, rotary=False), "learned_positions": True},
    "none": {"block": partial(VariantBlock, rotary=False)},
    "rotary": {"block": VariantBlock},
}
position_runs = train_all(changes, copying, description="positions")
inside, near, far = slice(8, 32), slice(32, 48), slice(48, 96)
print(f"entropy {copying_entropy():.3f} nats per symbol, guessing {np.log(8):.3f}; positions:")
curves = {}
for name in changes:
    by_seed = [one.losses_by_position for one in of_label(position_runs, name)]
    curves[name] = np.mean(by_seed, axis=0)
    values = [f"{curves[name][part].mean():.3f}" for part in (inside, near, far)]
    print(f"{name:8} loss at 9 to 32: {values[0]}, 33 to 48: {values[1]}, 49 to 96: {values[2]}")

# %% tags=["experiment", "row-27", "draw"]
show(
    draw_positions(curves, trained=32),
    "Loss against the position in a window of 96 symbols, for models that were trained on 32:"
    " learned, rotary and no positions. A vertical line marks the trained length, horizontal ones"
    " the loss of guessing and the text's entropy.",
)

# %% tags=["experiment", "row-27", "judge"]
learned, rotary = judging.positions(position_runs, inside, near, far)
verdicts.add(27, "the number of learned positions bounds the context", **learned)
verdicts.add(27, "there are techniques that go beyond the trained length", **rotary)

# %% [markdown]
# A rotary model *runs* at any length; nothing more is promised. The product of a query and a key
# three places apart is the same everywhere, so a little way beyond the trained length the model
# still finds its symbol. Further out there are more and more other keys, at distances that never
# occurred in training, and nothing taught the model to ignore them: it may even do worse than
# guessing. That is why released models with rotary positions are trained on longer texts at the
# end, with a larger base, or look back over a bounded window only.
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
D, kv = small.d_model, small.n_kv_heads * small.head_dim
per_block = {
    "attention: q and o (D, D)": 2 * D * D,
    "attention: k and v (n_kv_heads * D / n_heads, D)": 2 * kv * D,
    "MLP: gate, up and down (d_ff, D)": 3 * D * small.d_ff,
    "two norms (D)": 2 * D,
}
for part, numbers in {**per_block, "one block": sum(per_block.values())}.items():
    print(f"{numbers:7,} {part}")

# %% [markdown]
# ### Exercise: `TransformerBlock`
#
# *Difficulty 3 of 5, 20 minutes.* Write the block. Its attention is causal and has
# `config.n_kv_heads` key and value heads; its MLP is SwiGLU of the width `config.d_ff` when
# `config.gated` (the default), and two matrices with GELU between them otherwise. Nothing has a
# bias, and there is no dropout, so a gated block has exactly the parameters above.
#
# Names are yours to choose. You may take the attention that you wrote in notebook 02, or the
# course's pieces: `MultiHeadAttention(d_model, n_heads, n_kv_heads, rotary)`, `GatedMLP(d_model,
# d_ff)`, `MLP(d_model, d_ff)` and `RMSNorm(d_model, eps)` in `utils.models`. Rotary positions are
# not required here. In section 10 your block may get the weights of a real model; for that it needs
# them, and the parts `norm1`, `attention`, `norm2` and `mlp`.

# %% exercise="TransformerBlock"

# %% [markdown]
# ### Experiment: a block without one of its parts
#
# **Claim.** A block is attention and an MLP. **Measurement.** Small models on the world's text, with
# one part of every block taken out or moved: the attention, the MLP, both norms, the residuals; and
# norms after the sums (post-norm). **Control.** The full block, with the same seeds and data.
# Leaving out a part also makes the model smaller; the table says by how much.

# %% tags=["experiment", "row-25"]
from utils.evaluation.intervals import paired_difference
from utils.experiments.block.showing import draw_changes

world_text = {
    "ids": world.token_stream(budget.pick(smoke=20_000, cpu=100_000, gpu=2_000_000), seed=0),
    "held_out": world.token_stream(budget.pick(smoke=2_000, cpu=10_000, gpu=20_000), seed=2),
    **{"vocab_size": len(world.vocabulary), "n_layers": 2, "device": budget.device},
    "steps": budget.pick(smoke=3, cpu=45, gpu=2_000),
    "batch_size": budget.pick(smoke=8, cpu=12, gpu=16),
    # Few steps want a high rate: at 0.02 the embeddings lag behind.
    "lr": budget.pick(smoke=0.1, cpu=0.1, gpu=0.02),
}
ablations = {
    "full block": {},
    "no attention": {"attention": False},
    "no MLP": {"mlp": False},
    "no norms": {"norms": "none"},
    "post-norm": {"norms": "after"},
    "no residuals": {"residual": False},
}
changes = {name: {"block": partial(VariantBlock, **one)} for name, one in ablations.items()}
block_runs = train_all(changes, world_text, description="ablations")
full = losses_of(block_runs, "full block")
cost_of = {}
for name in ablations:
    of_kind, losses_of_kind = of_label(block_runs, name), losses_of(block_runs, name)
    cost_of[name] = paired_difference(losses_of_kind, full)
    size, diverged = of_kind[0].parameters, sum(one.diverged for one in of_kind)
    print(f"{name:12} {size:6,} parameters, loss {losses_of_kind.mean():.3f},", end=" ")
    print(f"diverged {diverged}; against the full block {cost_of[name]}")

# %% tags=["experiment", "row-25", "draw"]
show(
    draw_changes({name: cost for name, cost in cost_of.items() if name != "full block"}),
    "How much loss each part of the block saves: bars with 95% intervals for five changed blocks,"
    " relative to the full one.",
)

# %% tags=["experiment", "row-25", "judge"]
named, others = judging.parts(cost_of)
verdicts.add(25, "a block is made of attention and an MLP", **named)
claim = "... and of nothing else (norms and residuals are not mentioned)"
verdicts.add(25, claim, **others)

# %% [markdown]
# Attention is the only part that brings anything from one token to another. Read the table for what
# a stack of two blocks can do without, and distrust it for deep stacks: the deeper a model, the
# more it owes to residuals and to norms before the sublayers.
#
# **Think.** "No attention" still beats guessing by far. What can a model predict from the present
# token alone?
#
# <details><summary>One answer</summary>
#
# Whatever a table of pairs of tokens knows: how often each token follows the present one. In the
# world's short texts the one before often fixes the next word, such as the second half of a set
# phrase. It does not fix names and towns, which depend on words further back.
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
logits = hidden_vectors @ table.T
shapes = [tuple(one.shape) for one in (ids, hidden_vectors, logits)]
print("ids {}, embeddings {}, logits {}".format(*shapes))
print("logits after token 3:", logits[0, 0].tolist())

# %% [markdown]
# Logits are any numbers; a softmax turns them into probabilities later. *Every* position has a row
# of them, since in training each position predicts its next token.
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
# block n the one that wins at the end, and how far down the list is the final one? If the head
# read the states half-way nearly as well as the last ones, the claim would be wrong. **Control.**
# The head read on the states of another position of the same text.

# %% tags=["experiment", "row-28"]
from utils.experiments.block.showing import draw_lens
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
        ranks.append((lens > of_final).sum(-1) + 1.0)
agreement, other_position = (torch.cat(one, 1).mean(1) for one in (agreement, other_position))
print(f"{sentences[0]} ...")
for layer in (0, 6, 12, 18, 22, 24, 26, 28, 30):
    best = [real.decode([int(token)]) for token in lens[layer, -1].topk(4).indices]
    print(f"after block {layer:2}: {best}")

# %% tags=["experiment", "row-28", "draw"]
show(
    draw_lens(agreement, other_position, torch.cat(ranks, 1).median(1).values),
    "Left: the share of positions at which the head, read after n of 30 blocks, already gives the"
    " final token. Right: the median rank of the final token after n blocks.",
)

# %% tags=["experiment", "row-28", "judge"]
claim = "an output layer maps the last hidden vectors to tokens"
verdicts.add(28, claim, **judging.output_layer(half_way, float(agreement[27])))

# %% [markdown]
# Read the list from its top: after how many blocks does a sensible continuation appear, and how many
# more does it take to win? The early blocks do not write words that could follow.
#
# **Think.** The embedding and the head are one table in this model. What does "after block 0" then
# show?
#
# <details><summary>One answer</summary>
#
# The head compares each vector with all embeddings, and the vector after block 0 is an embedding
# itself. So the winner is the present token or one that resembles it, not the next one.
#
# </details>

# %% [markdown]
# ## 6 Counting parameters
#
# **What the chapter claims.** A model's size follows from a few dimensions, and Table 2-4 lists
# them for six Llama models. You have met every one of these parameters. For a toy with two layers,
# a width of 4, two heads that share one key/value head, a gated MLP of width 10 and a vocabulary
# of 7:

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
# queries. The table gives neither heads nor key/value heads; they come from the releases (Touvron
# et al., 2023, arXiv:2307.09288; Dubey et al., 2024, arXiv:2407.21783). **Control.** The number of
# parameters of the released weights, as their publishers state it.

# %% tags=["experiment", "row-29"]
from dataclasses import replace

from utils.models import accounting
from utils.text.tables import load_table

llama_rows, llama_configs, found_off = load_table("llama_dimensions"), {}, []
fields = ("n_layers", "d_model", "d_ff", "n_heads", "n_kv_heads", "vocab_size", "context_length")
count = accounting.count_parameters
print(f"{'row of the table':16} {'as printed':>15} {'as released':>15} {'without grouping':>16}")
for row in llama_rows:
    released = ModelConfig(**{name: row[name] for name in fields}, tied=False)
    as_printed = replace(released, d_ff=row["d_ff_published"])
    llama_configs[row["released_as"]] = released
    printed, exact = count(as_printed), count(released)
    alone, both = (count(replace(one, n_kv_heads=one.n_heads)) for one in (released, as_printed))
    print(f"{row['model']:16} {printed:15,} {exact:15,} {alone:16,} {row['released_as']}")
    assert exact == row["n_params"], "the count differs from the published number"
    named_size = 1e9 * float(row["model"].rsplit("-", 1)[1].rstrip("B"))
    if printed != exact:
        sizes = f"{printed / 1e9:.1f}B (or {both / 1e9:.1f}B without grouped queries)"
        found_off.append(f"{row['model']}: {sizes}, not {exact / 1e9:.2f}B")
    elif abs(exact / named_size - 1) > 0.05:
        found_off.append(f"{row['model']} is {exact / 1e9:.2f}B")
print("off in the table:", "; ".join(found_off))

# %% tags=["experiment", "row-29", "judge"]
from utils.notebook.verdicts import first_that_holds

exact_rows = len(llama_rows) - len(found_off)
sizes = f"{exact_rows} of {len(llama_rows)} rows give the named size; off: {'; '.join(found_off)}"
verdicts.add(
    row=29,
    claim="Table 2-4 gives the dimensions of six Llama models",
    measured=sizes,
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
# bytes of keys and values for Llama 2 7B and Llama 3.1 8B, from 1,000 to 128,000 tokens. The
# formula for the bytes is checked against a toy that really keeps its keys and values.
# **Control.** A toy with *learned* positions, where the claim fails.

# %% tags=["experiment", "row-30"]
from utils.experiments.block.sequence_tasks import memory_after, transformer_lm
from utils.experiments.block.showing import draw_contexts

toy_config = ModelConfig(
    n_layers=2, d_model=32, n_heads=4, n_kv_heads=2, d_ff=64, vocab_size=20, context_length=64
)
kept = memory_after(transformer_lm(toy_config), 48)
by_formula = accounting.kv_cache_bytes(toy_config, 48, bytes_per_value=4)
print(f"toy, 48 tokens: {kept:,} bytes kept, {by_formula:,.0f} by the formula")
same_size, with_table = [], []
for config in (toy_config, replace(toy_config, context_length=1024)):
    same_size.append(sum(p.numel() for p in transformer_lm(config).parameters()))
    with_table.append(same_size[-1] + config.context_length * config.d_model)
print("parameters at a context of 64 and of 1,024:")
print(f"rotary {same_size}, with a table of learned positions {with_table}")

# %% tags=["experiment", "row-30", "draw"]
two_models = {name: llama_configs[name] for name in ("Llama 2 7B", "Llama 3.1 8B")}
show(
    draw_contexts(two_models),
    "Left: parameters do not depend on the context, two flat lines. Right: the memory of keys and"
    " values grows in proportion, and for Llama 2 7B passes that of the weights at about 26,000"
    " tokens.",
)

# %% tags=["experiment", "row-30", "judge"]
at_128k = [accounting.kv_cache_bytes(config, 131072) / 1e9 for config in two_models.values()]
verdicts.add(
    row=30,
    claim="a longer context costs memory, and no parameters",
    measured=(
        f"128K tokens take {at_128k[0]:.0f} GB in Llama 2 7B's shape and {at_128k[1]:.0f} GB in"
        " Llama 3.1 8B's; learned positions do add parameters"
    ),
    outcome="holds" if same_size[0] == same_size[1] and kept == by_formula else "does not hold",
)

# %% [markdown]
# ### What if?
#
# Move the dimensions and see what a model costs. Start from SmolLM2 and double its parameters by
# more layers, by wider heads, and by a wider MLP: which of the three leaves the memory for keys and
# values as it is? Without widgets, read the picture below the cell.

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
    size = 7e9 * bits / 8
    print(f"{name:20} {bits:2} bits = {bits / 8} bytes: 7e9 parameters take {size / 1e9:4.1f} GB")

# %% [markdown]
# ### Exercise: `weight_bytes` and `nonzero_parameters`
#
# *Difficulty 1 of 5, 5 minutes.* Mind formats of fewer than 8 bits. Sparsity is a fraction: 0.9
# means that 90% are zero.


# %% exercise="weight_bytes"

# %% [markdown]
# ### Experiment: the same model in fewer bits
#
# **Claim.** The memory of the weights is parameters times bytes. **Measurement.** The bytes of the
# tensors that hold the real model in three formats: float32, bfloat16, and int8 with one scale for
# each row of a matrix. **Control.** Its loss on a piece of English (Python's own language
# reference): fewer bytes are worth something only if the model still works. The file that it came
# from is a fourth format: 4 bits for most matrices, 8 for some, and scales beside them.

# %% tags=["experiment", "row-36"]
from utils.experiments.block import changed_weights as changed
from utils.paths import data_dir
from utils.text.gguf_tokenizer import GGUF_MODEL
from utils.text.installed import installed_documents

reading = " ".join(document.text for document in installed_documents("reference", 4, seed=0))
reading_ids = torch.tensor([real.encode(reading)[: budget.pick(smoke=32, cpu=128, gpu=1024)]])
originals = {name: value.detach().clone() for name, value in real.model.named_parameters()}
n_params, n_read = sum(value.numel() for value in originals.values()), reading_ids.shape[1] - 1
formats = {}
print(f"{n_params:,} parameters, {n_read} tokens of text")
for name, bits, in_format in (
    ("float32", 32, lambda weights: (weights, changed.tensor_bytes(*weights.values()))),
    ("bfloat16", 16, changed.to_bfloat16),
    ("int8, scale per row", 8, changed.to_int8),  # one scale for each row of a matrix
):
    values, size = in_format(originals)
    changed.put_weights(real.model, values)
    loss = changed.reading_loss(real.model, reading_ids)
    formats[name] = (size, loss, bits)
    print(f"{name:20} {size / 1e6:6.1f} MB, {8 * size / n_params:5.2f} bits each, loss {loss:.4f}")
    del values
changed.put_weights(real.model, originals)
file_size = (data_dir() / GGUF_MODEL).stat().st_size
print(f"{'the file':20} {file_size / 1e6:6.1f} MB, {8 * file_size / n_params:5.2f} bits each")

# %% tags=["experiment", "row-36", "judge"]
largest_gap = max(
    abs(size / accounting.weight_bytes(n_params, bits) - 1) for size, _, bits in formats.values()
)
harm = formats["int8, scale per row"][1] - formats["float32"][1]
verdicts.add(
    row=36,
    claim="7 billion parameters at 2 bytes take 14 GB: memory is parameters times bytes",
    measured=(
        f"7e9 x 2 = {accounting.weight_bytes(7e9) / 1e9:.0f} GB; on SmolLM2 three formats within"
        f" {largest_gap:.1%} of the product; with 8 bits the loss changes by {harm:+.3f} nats"
    ),
    interval=f"{n_read} tokens of one text",
    outcome="holds" if largest_gap < 0.03 else "holds in part",
)

# %% [markdown]
# The file's weights were rounded already, so "float32" above holds rounded numbers in a wide format:
# its loss is that of the file.
#
# ### Experiment: zeros
#
# **Claim.** A sparse model can be much smaller than its number of parameters says: 90% sparse
# leaves a tenth. **Measurement.** Set the smallest weights of each matrix of the real model to
# zero, without any training after it, and read its loss. **Controls.** Zeros at random places, and
# the loss of guessing, log V.

# %% tags=["experiment", "row-37"]
from utils.experiments.block.showing import draw_pruned

plan = [(0.9, "smallest"), (0.2, "random")]
plan += budget.pick(
    smoke=[],
    cpu=[(0.2, "smallest"), (0.5, "smallest")],
    gpu=[(n / 10, "smallest") for n in range(1, 9)],
)
loss_as_it_is = formats["float32"][1]
pruned = {"smallest": {0.0: loss_as_it_is}, "random": {0.0: loss_as_it_is}}
for share, which in plan:
    values, sparsity = changed.with_zeros(originals, share, at_random=which == "random")
    changed.put_weights(real.model, values)
    pruned[which][sparsity] = changed.reading_loss(real.model, reading_ids)
    print(f"{which:8} weights at zero: sparsity {sparsity:.3f}, loss {pruned[which][sparsity]:.3f}")
    del values
changed.put_weights(real.model, originals)
left_over = 7e9 * (1 - 0.9)
print(f"7e9 parameters, 90% of them zero: {left_over / 1e9:.1f}e9 left, which take", end=" ")
print(f"{4 * left_over / 1e9:.1f} GB with 16 bits for each and 16 for its place")

# %% tags=["experiment", "row-37", "draw"]
show(
    draw_pruned(pruned, guessing=np.log(real.config.vocab_size)),
    "Loss of the real model against the share of its weights at zero, the smallest ones first and,"
    " as control, random ones. A dotted line marks the loss of guessing.",
)

# %% tags=["experiment", "row-37", "judge"]
sparsest = max(pruned["smallest"])
worst = pruned["smallest"][sparsest] - loss_as_it_is
verdicts.add(
    row=37,
    claim="a model with 7 billion parameters that is 90% sparse has 700 million that are not zero",
    measured=(
        f"{left_over / 1e9:.1f} billion; but with {sparsest:.0%} of the weights at zero, the"
        f" smallest, a trained model's loss changes by {worst:+.1f} nats"
    ),
    interval=f"arithmetic exact; loss on {n_read} tokens",
    outcome="holds" if abs(left_over - 0.7e9) < 1 else "does not hold",
)

# %% [markdown]
# Deleting alone does not make a sparse model that works: it has to be trained that way, or trained
# again after pruning. And the places have to be stored too, so 90% sparse saves less than 90% of
# the memory.
#
# **Think.** A matrix unit multiplies dense blocks. Which kind of sparsity would it profit from,
# and which not at all?
#
# <details><summary>One answer</summary>
#
# It profits where whole rows, columns, heads or blocks are zero, which leaves a smaller dense
# matrix; some GPUs also skip two of each four neighbouring weights. Zeros at scattered places
# save no multiplication in a dense block.
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
print(f"experts {chosen.tolist()}, logits {top.tolist()}, weights {top.softmax(0)}")
print(f"a softmax over all four gives them {router_logits.softmax(0)[chosen]}")

# %% [markdown]
# Mixtral's weights are the softmax over the chosen logits only, so they sum to 1 (Jiang et al.,
# 2024).
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
# 96: the full block of section 4), and one of the *total* size (width 384). Five seeds.

# %% tags=["experiment", "row-38"]
from utils.experiments.block.comparing import relabelled
from utils.experiments.block.showing import draw_loads

experts = {"d_ff": 48, "n_experts": 8, "experts_per_token": 2}
mixtures = {
    "experts, no balancing": experts,
    "experts, balanced": {**experts, "balance": 0.05},
    "dense, total size": {"d_ff": 384},
}
mixture_runs = train_all(mixtures, world_text, description="experts")
mixture_runs += relabelled(block_runs, "full block", "dense, active size")
gains, loads, busiest = {}, {}, {}
for name in ("dense, active size", *mixtures):
    of_kind, losses_of_kind = of_label(mixture_runs, name), losses_of(mixture_runs, name)
    gains[name] = paired_difference(losses_of_kind, full)
    size, line = of_kind[0].parameters, f"loss {losses_of_kind.mean():.3f}"
    print(f"{name:22} {size:8,} parameters, {line}, against dense {gains[name]}")
    if of_kind[0].loads:  # from the busiest to the idlest expert, for each layer and seed
        loads[name] = np.array([sorted(layer)[::-1] for one in of_kind for layer in one.loads])
        busiest[name] = np.mean([max(map(max, one.loads)) for one in of_kind])

# %% tags=["experiment", "row-38", "draw"]
show(
    draw_loads(loads),
    "Load of eight experts, sorted, mean over layers and seeds, with and without the balancing"
    " loss.",
)

# %% tags=["experiment", "row-38", "judge"]
gain = paired_difference(full, losses_of(mixture_runs, "experts, balanced"))
claim = "experts: many parameters, few active for each token, at the cost of a small model"
verdicts.add(38, claim, **judging.experts(gain, *busiest.values()))

# %% [markdown]
# The verdict is about the loss: do more parameters help when the work for each token stays the
# same? The dense model of the total size shows what they could bring here. Each expert sees only a
# quarter of the tokens of a short run, so do not expect the large models' gain. The load is the
# other half of the story: only a loss that asks for it makes a router fair.
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
rounded = (round(total / 1e9, 1), round(active / 1e9, 1))
verdicts.add(
    row=39,
    claim="Mixtral 8x7B has 46.7 billion parameters, 12.9 billion of them active",
    measured=f"{total / 1e9:.2f} and {active / 1e9:.2f} billion",
    outcome="holds" if rounded == (46.7, 12.9) else "does not hold",
)
verdicts.add(
    row=39,
    claim="its cost and speed are those of a 12.9-billion model",
    measured=(
        f"operations for a token agree within {apart:.2%}, memory is {total / active:.1f} times as"
        " large"
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
# probability 0.75 to the power of 8, about 10%. So about 7 of 8 are read. Where reading weights
# limits the speed, the step is nearly as slow as that of a 47-billion model; only the arithmetic
# stays that of 12.9 billion for each token.
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
# Two ideas carry all of them, and you build both. The first is **linear attention**
# (Katharopoulos et al., 2020). Softmax attention needs every earlier key at each step. Replace
# exp(q·k) by a product of features, phi(q)·phi(k), and the sum over earlier positions comes apart:
#
#     y_t = phi(q_t) · S_t / (phi(q_t) · z_t)
#     S_t = sum over s <= t of phi(k_s) v_s',   z_t = sum over s <= t of phi(k_s)
#
# Step by step, S and z are a *state of fixed size*, and this is a recurrent network. All steps at
# once, it is attention with other weights, computed in parallel. With one feature, positive
# numbers and phi(x) = x, step by step:

# %%
queries, keys, values = [1.0, 2.0, 1.0], [1.0, 3.0, 2.0], [10.0, 20.0, 60.0]
state = total = 0.0
for t, (q, k, v) in enumerate(zip(queries, keys, values, strict=True)):
    state, total = state + k * v, total + k
    weights, output = [round(key / total, 3) for key in keys[: t + 1]], q * state / (q * total)
    print(f"step {t}: state {state:5.0f}, total {total:.0f}, output {output:6.3f}", end=" ")
    print(f"= values with weights {weights}")

# %% [markdown]
# ### Exercise: `linear_attention_parallel` and `linear_attention_recurrent`
#
# *Difficulty 4 of 5, 25 minutes.* Both are causal (a position counts itself) and use the feature
# map phi(x) = elu(x) + 1, which is positive, on queries and keys. No scale. The parallel form may
# build a matrix (T, T). The recurrent one must not: its state keeps its size, however long the
# sequence.

# %% exercise="linear_attention_parallel"

# %% [markdown]
# The second idea is the **state space**. Each channel (a feature of the stream) has a state h of N
# numbers, which decays and takes up the input:
#
#     h_t = exp(delta_t A) h_{t-1} + delta_t B_t x_t,    y_t = C_t · h_t
#
# With delta, B and C the same at every step this is the diagonal form of S4 (Gu et al., 2021;
# Gupta et al., 2022), a fixed filter. Mamba (Gu and Dao, 2023) computes delta, B and C from the
# input at each step, so the model can decide what to write and what to forget: a *selective* scan.
# A large delta with a negative A clears the state and writes; a delta of 0 skips the input. One
# channel, N = 1, A = -1, B = 1:

# %%
import math

state = 0.0
for x, delta in ((5.0, 1.0), (7.0, 0.0), (7.0, 0.0), (2.0, 9.0)):
    decay = math.exp(delta * -1.0)
    state = decay * state + delta * 1.0 * x
    print(f"input {x}, delta {delta}: old state times {decay:.4f}, new state {state:.3f}")

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
# state. A recurrence could turn out to be as good on long text as on short. That the two forms
# agree is algebra, shown first. **Control.** The transformer, with rotary positions, the same data
# and seeds. A recorded run.

# %% tags=["experiment", "row-31"]
from utils.experiments.block.length_recipe import LENGTH, LengthJob
from utils.experiments.block.showing import draw_lengths, print_lengths
from utils.models import linear_attention as forms

q, k, v = torch.randn(3, 2, 300, 16, dtype=torch.float64)
one_form = forms.linear_attention_parallel(q, k, v)
apart = float((one_form - forms.linear_attention_recurrent(q, k, v)).abs().max())
print(f"parallel and recurrent form on 300 positions: largest difference {apart:.1e}")
print(LENGTH.design.rule_text)
length_record = read_record("03", 31)
one_job = [LengthJob("transformer", 0, 2, (64,))]
length_live = live_runs(LENGTH, budget.workers, budget.pick(smoke=one_job, cpu=None))
print(f"{said(length_record)}; here {length_live[0].job.steps} steps:")
print_lengths(length_record.findings, length_live)

# %% tags=["experiment", "row-31", "draw"]
show(
    draw_lengths(length_record.findings),
    "Loss on the last quarter of a text, time of a forward pass and bytes of state against the"
    " length, for linear attention and a transformer of equal size that were trained on 64 tokens.",
)

# %% tags=["experiment", "row-31", "judge"]
claim = "an RNN such as RWKV trains in parallel and has no context limit; good long contexts"
claim += " are not guaranteed"
verdicts.add(31, claim, **judging.long_texts(length_record, apart))

# %% [markdown]
# Both can be run at any length, and neither was taught to use one. Linear attention adds every token
# to its sums for good, so what is long past can drown what is near; a state that forgets, as RWKV's
# does by its decay, is one cure. Where the loss grows with the length, it is better, and costs
# nothing, to read in pieces of 64 tokens.
#
# ### Experiment: what has to be remembered
#
# **Claims.** State space models show promise in long memory; H3's multiplication lets them recall
# early tokens. **Measurement.** Associative recall: the text gives pairs of a key and a value, then
# the keys alone in another order, and asks for their values. Six architectures of equal size, with
# four pairs and with eight. **Control.** The fixed state space (S4's idea), which treats every
# token alike; the gated one differs from it by a multiplication only. Guessing gives 1 in 8.
#
# In the recorded run each architecture gets the rate that suits it, and those that have not solved
# the task after 500 steps train for 2,000. The easier task runs here too, for a short while.

# %% tags=["experiment", "row-32"]
from utils.experiments.block.comparing import memory_of_architectures
from utils.experiments.block.recall_recipe import RECALL, RECALL_TASKS
from utils.experiments.block.sequence_jobs import (
    SequenceJob,
    accuracy_by_condition,
    final_accuracies,
)
from utils.experiments.block.sequence_tasks import ARCHITECTURES
from utils.experiments.block.showing import draw_recall, print_accuracies

print(RECALL.design.rule_text)
recall_record = read_record("03", 32)
recall = final_accuracies(recall_record.results)
one_each = [SequenceJob(RECALL_TASKS[0], name, 0, 2, 0.01) for name in ARCHITECTURES]
live = live_runs(RECALL, budget.workers, budget.pick(smoke=one_each, cpu=None))
recall_live = accuracy_by_condition(live)
dimensions = {"n_layers": 2, "d_model": 32, "n_heads": 2, "d_ff": 96, "vocab_size": 80}
memory_at = memory_of_architectures(ModelConfig(**dimensions, context_length=4096), 4096)
print(f"{said(recall_record)}; here {live[0].job.steps} steps:")
print_accuracies(recall_record.findings, recall, recall_live)

# %% tags=["experiment", "row-32", "draw"]
show(
    draw_recall(recall, recall_live, memory_at),
    "Recall against memory for six architectures of equal size, with four pairs and with eight."
    " Filled: the recorded run, one point per seed; hollow, a little to the right: the short run of"
    " the easier task on this machine. The transformer and the hybrid keep a cache that grows with"
    " the text, the others a state of fixed size.",
)

# %% tags=["experiment", "row-32", "judge"]
claim = "H3 adds a mechanism for recalling early tokens to state space models"
verdicts.add(32, claim, **judging.recalled(recall_record, recall))

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
from utils.experiments.block.showing import draw_texts
from utils.experiments.block.text_recipe import TEXT, TRANSFORMER, TextJob

print(TEXT.design.rule_text)
text_record = read_record("03", 34)
text_losses = text_record.findings["losses"]
one_job = [TextJob(TRANSFORMER, 0, 2, 0.03)]
text_live = live_runs(TEXT, budget.workers, budget.pick(smoke=one_job, cpu=None))
print(f"{said(text_record)}; here {text_live[0].job.steps} steps:")
here = {run.job.architecture: [run.result["loss"]] for run in text_live}
print_losses(text_record.findings, here)

# %% tags=["experiment", "row-34", "draw"]
show(
    draw_texts(text_losses),
    "Held-out loss of six architectures of equal size on the world's text, one point for each seed"
    " of the recorded run.",
)

# %% tags=["experiment", "row-34", "judge"]
claim = "Jamba interleaves attention and Mamba: quality with a small memory"
cache_share = memory_at["hybrid"] / memory_at["transformer"]
verdicts.add(34, claim, **judging.interleaved(text_record, cache_share))
claim = "Mamba outperforms transformers of the same size (claimed for text at 3 billion)"
verdicts.add(33, claim, **judging.selective_on_text(text_losses))

# %% [markdown]
# Here every second layer is attention, so the hybrid keeps half of the cache; in Jamba it is one in
# eight. The windows hold a few sentences about one person, and much of what attention is for does
# not come up.
#
# ### Experiment: what has to be selected
#
# **Claim.** Mamba's state space is *selective*, and that is what S4 lacked. **Measurement.**
# Selective copying: a few symbols are scattered at random places among tokens of noise, and are
# due in order at the end, with a little noise and with more. **Control.** The same task with the
# symbols always at the first places and all the noise after them: now nothing has to be selected,
# and a fixed filter can count steps. The recorded run judges, as before.

# %% tags=["experiment", "row-33"]
from utils.experiments.block.copying_recipe import AT_FIXED_PLACES, COPYING, FIXED, SCATTERED
from utils.experiments.block.showing import draw_copying

print(COPYING.design.rule_text)
copying_record = read_record("03", 33)
copied = final_accuracies(copying_record.results)
one_job = [SequenceJob(SCATTERED[0], FIXED, 0, 2, 0.01)]
live = live_runs(COPYING, budget.workers, budget.pick(smoke=one_job, cpu=None))
print(f"{said(copying_record)}; here {live[0].job.steps} steps:")
print_accuracies(copying_record.findings, copied, accuracy_by_condition(live))
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
claim = "Mamba's selective state space does what a fixed one cannot"
verdicts.add(33, claim, **judging.selected(copying_record, copied, relief))

# %% [markdown]
# Look at the control before you believe the explanation. If the fixed filter does no better where
# nothing has to be selected, then selection is not all that it lacks. Ours adds up fading
# exponentials, which make a poor clock, and it has to tell one symbol from the next by the time
# that has passed; with all the noise after the symbols that time is longer. The control takes away
# the selecting and adds distance. And look at the transformer before you call a task easy: where
# every architecture has learned it, it no longer tells them apart.
#
# The task was chosen to be hard for a state of fixed size. It shows a weakness, not how a model of
# three billion parameters fares on text.
#
# ### Experiment: time and memory against length
#
# **Claim.** Mamba's computation scales linearly with length, a transformer's quadratically.
# **Measurement.** One layer's mixing of positions, forward, from 64 to 16,384 tokens: processor
# time, and bytes of all tensors made on the way. If a cost grows as length**p, then p is its
# *exponent*. Short calls are mostly overhead, so it is fitted to the longest three lengths; how
# much of a time is overhead comes from a fit of a fixed part, one in proportion to the length and
# one to its square. **Controls.** Fused attention, which computes the same without ever storing
# the matrix of weights; and two whole models of equal size. A recorded run; attention written out
# ends at half the length, where its tables fill the memory.

# %% tags=["experiment", "row-35"]
from utils.experiments.block.cost_recipe import COST, CostJob
from utils.experiments.block.showing import draw_costs, print_costs

print(COST.design.rule_text)
cost_record = read_record("03", 35)
one_job = [CostJob("attention, fused", 64, 0)]
# One after the other, in this process: calls side by side would slow each other down.
cost_live = live_runs(COST, 0, budget.pick(smoke=one_job, cpu=None))
print(f"{said(cost_record)}; here shorter lengths:")
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
claim = "time grows linearly with length for Mamba, quadratically for a transformer"
print(verdicts.add(35, claim, **judging.time_of_length(cost_record)))
memory = {name: found["memory exponent"] for name, found in cost_record.findings.items()}
verdicts.add(35, "... and so does memory", **judging.memory_of_length(memory))

# %% [markdown]
# Quadratic *memory* is not a law of attention: computed in pieces, it never stores its weights
# (Dao et al., 2022). Quadratic time is. Written out, attention can come out steeper than 2, and
# the scan steeper than 1: their tables no longer fit into the processor's cache. Our scan writes
# the states of all positions to memory; Mamba's own code keeps them on the chip. Compare the times
# at the shortest length too: an exponent does not say where a line starts.
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
# of the real model, and the whole writes text, greedily, one token after the other, with no cache.
# It needs rotary positions with `config.rope_base` and the names of section 4. If your block is not
# there yet or has other names, the course's block writes instead.

# %% tags=["experiment", "row-25", "row-28"]
from utils.experiments.block.own_code import greedy_answer, sampled_text, train_on_windows
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
    print(greedy_answer(my_logits, real, prompt, budget.pick(smoke=3, cpu=20)))

# %% [markdown]
# That is all there is in it: what you counted in section 6, and nothing else.
#
# **Your model learns.** Your `GPT` trains for some seconds on the world's text, from random
# weights, and then writes. Its tokens are words and parts of names, so it cannot misspell a word.
# Run it again with more steps: do the order of the words and the facts become right together?

# %% tags=["experiment"]
sizes = {"n_layers": 2, "d_model": 48, "n_heads": 4, "context_length": 32}
torch.manual_seed(0)
try:
    model = GPT(ModelConfig(**sizes, vocab_size=len(world.vocabulary)))
    ids = torch.as_tensor(world_text["ids"]).long()
    steps = budget.pick(smoke=2, cpu=500, gpu=3000)
    by_step = train_on_windows(model, ids, context=32, steps=steps)
    written = world.vocabulary.decode(sampled_text(model, int(ids[0]), context=32, n_tokens=40))
    print(f"loss {by_step[0]:.2f} at first, {np.mean(by_step[-20:]):.2f} at the end", end=" ")
    print(f"(nats per token), entropy {floor:.2f}; it writes: {written}")
except NotImplementedError:
    print("Answer the exercise `GPT` first; then your model trains here.")

# %% [markdown]
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# The arithmetic of sizes is exact, and two rows of the chapter's table are off. The measured losses
# are those of toys: they show whether a part is needed there, not how much it matters in a large
# model. Where architectures were compared, size, data and seeds were equal, and tuning was equally
# brief for all of them.
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
