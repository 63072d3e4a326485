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
# You need Python, PyTorch's tensors, the idea of a gradient, and an evening: about three hours with
# the exercises. All experiments together run for about a minute on two CPU cores.
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
# often as you like, and then graded tests. A failed test names the mistake that it has seen.
# Nothing below an exercise depends on your answer, so you can skip one and come back.
#
# Shapes are written with B texts, T queries or positions, S keys, D features of a token, H heads,
# and d features of a head.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

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
# All that the decoder learns about the first token it reads off these two numbers, in which it is
# mixed with the rest.
#
# ### Experiment: the bottleneck, and its cure
#
# **Claim.** With the last state only, quality falls as the source grows; with attention it does
# not, or less. **Measurement.** Two tasks: write the source backwards, and look up one of several
# pairs. The two models are trained in the same way with the same data, on sources of all lengths,
# five seeds each. **Control.** The model without attention, and guessing.

# %% tags=["experiment", "row-16"]
from utils.evaluation.intervals import mean_interval, paired_difference
from utils.experiments.attention.source_target_tasks import SYMBOLS, LengthJob, train_on_lengths
from utils.training.sweep import run_sweep

tasks, lengths = ("reverse", "recall"), (2, 4, 8, 12)
seeds = budget.pick(smoke=range(2), cpu=range(5), gpu=range(10))
steps = budget.pick(smoke=10, cpu=250, gpu=1500)
variants = [(task, looks_back) for task in tasks for looks_back in (False, True)]
jobs = [
    LengthJob(task, looks_back, seed, lengths, steps, n_test=budget.pick(smoke=16, cpu=256))
    for task, looks_back in variants
    for seed in seeds
]
runs = run_sweep(train_on_lengths, jobs, workers=budget.workers, description="two tasks")
of_variant = {
    variant: [run for run in runs if (run.job.task, run.job.attention) == variant]
    for variant in variants
}
recall_at = {
    (*variant, length): mean_interval([run.accuracy[length] for run in mine])
    for variant, mine in of_variant.items()
    for length in lengths
}
for (task, looks_back), mine in of_variant.items():
    row = "  ".join(f"{n:2}: {recall_at[task, looks_back, n].mean:.2f}" for n in lengths)
    name = f"{task:8} {'with' if looks_back else 'without':7} attention"
    print(f"{name}, {mine[0].parameters:,} parameters   {row}")

# %% tags=["experiment", "row-16", "draw"]
import matplotlib.pyplot as plt

from utils.notebook import COLOURS, show
from utils.notebook.drawing import interval_line, label_ticks

figure, all_axes = plt.subplots(1, 3, figsize=(11.5, 3.4), constrained_layout=True)
for axes, task, unit in zip(all_axes, tasks, ("symbols", "pairs")):
    for looks_back, marker, colour in ((True, "o", COLOURS[0]), (False, "s", COLOURS[3])):
        label = f"{'with' if looks_back else 'without'} attention"
        points = [recall_at[task, looks_back, length] for length in lengths]
        interval_line(axes, lengths, points, marker=marker, color=colour, label=label)
    guess = [1 / SYMBOLS if task == "reverse" else 1 / length for length in lengths]
    label = "guessing" if task == "reverse" else "guessing one of its values"
    axes.plot(lengths, guess, ":", color="black", label=label)
    axes.set(title=task, xlabel=f"length of the source ({unit})", ylim=(0, 1.03))
    axes.set(ylabel="accuracy (share of symbols)")
    label_ticks(axes, x=lengths)
    axes.legend(fontsize=8)
all_axes[2].imshow(of_variant["reverse", True][0].example, cmap="Blues", vmin=0, vmax=1)
all_axes[2].grid(False)
all_axes[2].set(title="reverse: where it looks", xlabel="source position", ylabel="target position")
show(
    figure,
    "Accuracy against the length of the source, for reversing and for recall, with and without "
    "attention; 95% intervals over seeds. On the right the attention of one trained model on one "
    "source of 12 symbols.",
)

# %% tags=["experiment", "row-16", "judge"]
from utils.notebook.verdicts import first_that_holds

longest = lengths[-1]
gains = [
    paired_difference(
        [run.accuracy[longest] for run in of_variant[task, True]],
        [run.accuracy[longest] for run in of_variant[task, False]],
    )
    for task in tasks
]
measured = [
    f"{task} {recall_at[task, False, longest].mean:.2f} without and "
    f"{recall_at[task, True, longest].mean:.2f} with attention"
    for task in tasks
]
verdicts.add(
    row=16,
    claim="the last state alone is a bottleneck for long sources, and attention removes it",
    measured=f"at length {longest}: {', '.join(measured)} (toy models)",
    interval=f"gain {gains[0]} and {gains[1]}",
    outcome=first_that_holds(
        ("holds", all(gain.low > 0.1 for gain in gains)),
        ("holds in part", any(gain.low > 0 for gain in gains)),
        otherwise="undecided",
    ),
)

# %% [markdown]
# Nobody told the decoder where to look. A dark diagonal from the top right to the bottom left would
# mean that it has found out that the last symbol comes first.
#
# **Think.** The state has 48 numbers of 32 bits, and twelve symbols of 16 kinds are 48 bits, so they
# would fit. What is it that a training of this length cannot do?
#
# <details><summary>One answer</summary>
#
# Use all the bits at once: the encoder would have to write each symbol to a place of its own in the
# state, without disturbing what is there, and the decoder would have to read it from there. Such a
# code exists, but every wrong guess on the way changes all places, so the gradient is a poor guide to
# it. With attention, each symbol has a place of its own from the start.
#
# </details>
#
# ### Experiment: one step after the other
#
# **Claim.** A recurrence reads one token after the other, which is slow, and its gradients shrink
# or grow at every step. **Measurement.** The time to read a text against its length; and the
# gradient of a recurrence's last output with respect to the input at each distance. **Controls.**
# One attention layer of the same width, for both. And an LSTM three times, which differs in one
# number only: the bias of its forget gate, which Jozefowicz et al. (2015) advise to start high.

# %% tags=["experiment", "row-17"]
import torch
from torch import nn

from utils.experiments.attention.gradients import (
    gradient_by_distance,
    lstm_with_forget_bias,
    rotating_recurrence,
)
from utils.experiments.attention.timing import reading_ms
from utils.models.attention import MultiHeadAttention as ReferenceAttention

width = 64
torch.manual_seed(0)
readers = {
    "recurrent (LSTM)": nn.LSTM(width, width, batch_first=True),
    "attention": ReferenceAttention(width, 4),
}
text_lengths = budget.pick(
    smoke=(8, 16, 32), cpu=(32, 64, 128, 256, 512), gpu=(32, 64, 128, 256, 512, 1024, 2048)
)
repeats = budget.pick(smoke=2, cpu=7)
milliseconds = reading_ms(readers, text_lengths, width, repeats, budget.device)
for name in readers:
    times = (f"{length}: {milliseconds[name, length]:7.2f} ms" for length in text_lengths)
    print(f"{name:17}", "  ".join(times))
n = text_lengths[-1]
longer = milliseconds["attention", n] / milliseconds["recurrent (LSTM)", n]
print(f"{n} tokens: {n} steps that wait for the one before in the recurrence, none in attention;")
print(f"on this one thread attention takes {longer:.1f} times as long as the recurrence")

# %% tags=["experiment", "row-17"]
distances = budget.pick(
    smoke=(1, 2, 4, 8), cpu=(1, 2, 4, 8, 16, 32, 64), gpu=(1, 2, 4, 8, 16, 32, 64, 128)
)


def fresh_attention(seed: int) -> nn.Module:
    """Return an attention layer as it is initialised."""
    torch.manual_seed(seed)
    return ReferenceAttention(width, 4)


makers = {
    "recurrence, gain 0.8": lambda seed: rotating_recurrence(width, 0.8, seed),
    "recurrence, gain 1.1": lambda seed: rotating_recurrence(width, 1.1, seed),
    "LSTM, forget bias 0": lambda seed: lstm_with_forget_bias(width, 0.0, seed),
    "LSTM, forget bias 1": lambda seed: lstm_with_forget_bias(width, 1.0, seed),
    "LSTM, forget bias 3": lambda seed: lstm_with_forget_bias(width, 3.0, seed),
    "attention": fresh_attention,
}
norms = {
    name: torch.tensor(
        [gradient_by_distance(make(seed), width, distances, seed) for seed in range(5)]
    )
    for name, make in makers.items()
}
far = {name: mean_interval(values[:, -1].log10().tolist()) for name, values in norms.items()}
for name, power in far.items():
    per_step = 10 ** (power.mean / (distances[-1] - 1))
    print(f"{name:21} at distance {distances[-1]}: 10 to the power {power},", end=" ")
    print(f"{per_step:.2f} a step")
kept = torch.tensor([0.0, 1.0, 3.0]).sigmoid().tolist()
print("a forget gate of bias 0, 1 and 3 keeps", [round(share, 2) for share in kept], "a step")

# %% tags=["experiment", "row-17", "draw"]
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4), constrained_layout=True)
for name, marker, colour in zip(readers, "so", (COLOURS[3], COLOURS[0])):
    times = [milliseconds[name, length] for length in text_lengths]
    left.plot(text_lengths, times, marker=marker, color=colour, label=name)
left.set(xscale="log", yscale="log", xlabel="length of the text (tokens)")
left.set(ylabel="time to read four texts (ms)")
label_ticks(left, text_lengths, (0.03, 0.1, 0.3, 1, 3, 10, 30, 100))
for (name, values), marker, index in zip(norms.items(), "svDPXo", (3, 1, 2, 4, 5, 0)):
    mean = values.log().mean(0).exp()
    right.plot(distances, mean, marker=marker, color=COLOURS[index], label=name)
right.set(xscale="log", yscale="log", xlabel="distance (tokens)")
right.set(ylabel="gradient norm, relative to distance 1")
label_ticks(right, distances)
for axes in (left, right):
    axes.legend(fontsize=8)
show(
    figure,
    "Left: time to read a text against its length, for an LSTM and an attention layer. Right: norm "
    "of the gradient from the last output to the input at a distance, for two plain recurrences, "
    "three LSTMs that differ in the bias of the forget gate, and an attention layer.",
)

# %% tags=["experiment", "row-17", "judge"]
plain_fail = far["recurrence, gain 0.8"].high < -1 and far["recurrence, gain 1.1"].low > 0.5
gated = [name for name in far if name.startswith("LSTM")]
gates_fail = [far[name].high < -1 for name in gated]
verdicts.add(
    row=17,
    claim="the gradients of a recurrence vanish or explode",
    measured=f"over {distances[-1]} tokens: "
    + ", ".join(f"{name} 10^{power.mean:.1f}" for name, power in far.items()),
    interval="powers of ten: " + "; ".join(f"{name} {far[name]}" for name in gated),
    outcome=first_that_holds(
        ("does not hold", not plain_fail and not any(gates_fail)),
        ("undecided", abs(far["attention"].mean) > 1),
        ("holds", plain_fail and all(gates_fail)),
        otherwise="holds in part",
    ),
)

# %% [markdown]
# A gain of 0.8 over 64 steps is 0.8 to the power 64, less than a millionth. In attention every
# token is one step away from every other, so the distance does not enter.
#
# The LSTM was made against vanishing gradients, and with the bias that libraries give it (about 0)
# it can look worse here than a plain recurrence. That is no fault of the gates: sigmoid(0) is one
# half, so a fresh cell forgets half of itself at each step. Compare what a step keeps with what the
# gate keeps, and before you say that a plain RNN beats an LSTM, look at how the LSTM was started.
#
# The times are shown and not judged: on one thread of a CPU only the amount of work counts, and
# attention does more of it per token as the text grows. The claim is about steps that wait for one
# another: a thousand cores would help attention, and not the recurrence.
#
# **Think.** At which length would the attention layer take longer than the LSTM on your machine?
# Would a GPU change the answer?
#
# <details><summary>One answer</summary>
#
# Attention computes a score for every pair, so its work grows with the square of the length, and the
# LSTM's only with the length: on one thread the answer is where the two lines meet. A GPU spreads the
# square over thousands of cores, while the LSTM's steps still wait for each other, so the lines meet
# much later.
#
# </details>

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
print("plus 700", [f"{math.exp(score + 700):.1e}" for score in scores], "(floats end at 1.8e+308)")
try:
    math.exp(scores[0] + 800)
except OverflowError as error:
    print("plus 800", error)

# %% [markdown]
# The weights depend on differences of scores only: add 800 to each, and the weights stay what they
# were. The powers do not. So a softmax first makes the scores harmless, by a shift that cancels.
#
# ### Exercise: `softmax`
#
# *Difficulty 2 of 5, 15 minutes.* No overflow at 10,000, and no 0/0 at -10,000. A score of `-inf`
# gets the weight 0; each row has at least one other. Torch's own softmax and log-softmax are
# refused.

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
print("output ", round((weights @ values).item(), 2))

# %% [markdown]
# A dictionary would have returned one value. This one returns a mixture, mostly of 20 and some 30, so
# a small change of the query changes the output a little. That is what makes it trainable.
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
scale_powers = {"no scale": 0.0, "1/sqrt(d)": 0.5, "1/d": 1.0}


def entropy_and_gradient(d: int, power: float, seed: int) -> tuple[float, float]:
    """Return means: the entropy of the weights (nats), the trace of the softmax's derivative.

    The derivative is diag(w) - w w', its trace 1 - sum of w squared: 0 when one key has it all.
    """
    generator = torch.Generator().manual_seed(seed)
    queries = torch.randn(n_queries, d, generator=generator)
    weights = (queries @ torch.randn(n_keys, d, generator=generator).T / d**power).softmax(dim=-1)
    return entropy_of_weights(weights).mean().item(), (1 - weights.square().sum(-1)).mean().item()


entropy_at, trace_at = {}, {}
for name, power in scale_powers.items():
    for d in widths:
        pairs = zip(*(entropy_and_gradient(d, power, seed) for seed in range(5)))
        entropy_at[name, d], trace_at[name, d] = map(mean_interval, pairs)
    row = (f"{d}: {entropy_at[name, d].mean:.2f} / {trace_at[name, d].mean:.2f}" for d in widths)
    print(f"{name:10} entropy / derivative  ", "  ".join(row))

# %% tags=["experiment", "row-18", "draw"]
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2), constrained_layout=True)
for name, marker in zip(scale_powers, "sov"):
    for axes, found in ((left, entropy_at), (right, trace_at)):
        interval_line(axes, widths, [found[name, d] for d in widths], marker=marker, label=name)
left.axhline(math.log(n_keys), color="black", linestyle=":", label=f"uniform: log {n_keys}")
left.set(ylabel="entropy of the weights (nats)")
right.set(ylabel="trace of the softmax's derivative")
for axes in (left, right):
    axes.set(xscale="log", xlabel="width d of queries and keys")
    label_ticks(axes, x=widths)
    axes.legend(fontsize=8)
show(
    figure,
    "Entropy of attention weights over 64 keys, and the trace of the softmax's derivative, against "
    "the width, without a scale, with 1/sqrt(d), and with 1/d; 95% intervals over five seeds.",
)

# %% tags=["experiment", "row-18", "judge"]
wide = widths[-1]
bare, scaled = ("no scale", wide), ("1/sqrt(d)", wide)
drift = abs(entropy_at[scaled].mean - entropy_at["1/sqrt(d)", 64].mean)
verdicts.add(
    row=18,
    claim="attention is softmax(QK' / sqrt(d)) V, with a scale",
    measured=f"at d = {wide}, without the scale {entropy_at[bare].mean:.2f} nats and a derivative "
    f"of {trace_at[bare].mean:.2f}; with it {entropy_at[scaled].mean:.2f} nats and "
    f"{trace_at[scaled].mean:.2f}, {drift:.2f} nats from those at d = 64",
    interval=f"without {trace_at[bare]}; with {trace_at[scaled]}",
    outcome=first_that_holds(
        ("holds", trace_at[bare].high < 0.5 * trace_at[scaled].low and drift < 0.15),
        ("holds in part", trace_at[bare].high < trace_at[scaled].low),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# Without the scale a wide head starts out as a hard choice of one random key, and the gradient
# that could correct the choice is gone. With 1/d it starts out as a plain mean. Only the square root
# leaves the scores the same size at any width.
#
# **Think.** The argument is about the *start* of training, with independent random entries. Why
# may a trained head have scores that are much larger, and still be fine?
#
# <details><summary>One answer</summary>
#
# The scale decides where training starts, not where it may go. A trained head has learned which
# scores should be large: when one key is right, a hard choice is right, and a small gradient there
# says that there is nothing left to correct. At the start a hard choice is a random one.
#
# </details>

# %% [markdown]
# ## 3 Where does it look?
#
# **What the chapter claims.** A picture of attention weights shows what a token uses: in Figure
# 2-5 a query looks back over `How are you ? ¿` to choose the next word.
#
# A row of weights is a probability distribution. Its entropy says how spread out it is: 0 when one
# key gets everything, log S when S keys share equally. Its exponential is easier to read: an
# effective number of keys.

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
# else, and SmolLM2 (135 million parameters), which has read the web. Then the test: replace one
# earlier token after the other, and see how far the prediction moves. If weights show what is used,
# they rank the tokens as the effects do; if the rank correlation is near 0, they do not.
# **Controls.** Nearness: whatever is close gets more weight and matters more. And the same model
# before any training.

# %% tags=["experiment", "row-19"]
import copy

from utils.models.pretrained import load_gguf
from utils.notebook.widgets.attention_explorer import attention_map, effective_keys
from utils.training.base_models import base_world, load_base_model

real, world = load_gguf(), base_world()
course_model = load_base_model("world-small")
end = world.vocabulary.end_of_text_id


def read_real(text: str):
    """Return the real model's map of a text."""
    ids = real.encode(text)
    return attention_map(real.model, ids, [real.decode([one]).replace("\n", "\\n") for one in ids])


def read_course(text: str, model: nn.Module = course_model):
    """Return a model's map of a text of the world; words that it does not know raise ValueError."""
    ids = world.vocabulary.encode(text)
    return attention_map(model, [end, *ids], ["|", *(world.vocabulary.decode([i]) for i in ids)])


documents = list(world.documents(60, seed=3))
documents.sort(key=lambda one: (abs(len(one.words) - 14), one.text))
untrained = copy.deepcopy(course_model)
untrained.initialise(torch.Generator().manual_seed(0))
sentence = "The doctor asked the nurse a question. The nurse answered the doctor"
texts = {"SmolLM2 (real)": sentence, "world-small (course)": documents[0].text}
readers_of = {"SmolLM2 (real)": read_real, "world-small (course)": read_course}
maps = {name: read(texts[name]) for name, read in readers_of.items()}
focus = {name: effective_keys(chosen) for name, chosen in maps.items()}
before_training = effective_keys(read_course(documents[0].text, untrained))

# %% tags=["experiment", "row-19", "draw"]
from utils.notebook.widgets.attention_explorer import attention_figure, describe_head, row_text

for name, keys in [*focus.items(), ("world-small before training", before_training)]:
    print(f"{name}: keys per head {keys.min():.1f} to {keys.max():.1f}, median {keys.median():.1f}")
panels = []
for name, chosen in maps.items():
    rows = torch.arange(1, len(chosen.tokens))
    weights_on_first = chosen.weights[:, :, rows, 0].mean(-1)
    elsewhere = 1 - weights_on_first - chosen.weights[:, :, rows, rows].mean(-1)
    # A head that looks at few keys, neither the first nor itself.
    layer, head = divmod(int((elsewhere / focus[name]).argmax()), chosen.n_heads)
    panels.append((f"{name}: layer {layer}, head {head}", chosen, layer, head))
    last = len(chosen.tokens) - 1
    print(describe_head(chosen, layer, head), row_text(chosen, layer, head, last, most=3))
show(
    attention_figure(panels),
    "Attention maps of one head of SmolLM2 and one of the course's model, queries in rows and keys "
    "in columns. Both are triangles, since no token looks ahead.",
)

# %% tags=["experiment", "row-19"]
from utils.experiments.attention.influence import influence_on_texts

read_so_far = [world.vocabulary.encode(one.text) for one in documents]
# To the middle of each document, where something is still to come.
read_so_far = [[end, *ids[: len(ids) // 2 + 2]] for ids in read_so_far]
read_so_far, words = read_so_far[: budget.pick(smoke=4, cpu=60)], range(len(world.vocabulary))
influence = {}
for name, model in (("trained", course_model), ("untrained", untrained)):
    influence[name] = influence_on_texts(model, read_so_far, words)
    print(f"{name}: rank correlation of weight and effect {influence[name][0]},", end=" ")
    print(f"above that of nearness by {influence[name][1]}")

# %% tags=["experiment", "row-19", "judge"]
trained, by_how_much = influence["trained"]
verdicts.add(
    row=19,
    claim="attention picks the tokens that matter for the next one",
    measured=f"rank correlation of a token's weight and its effect {trained.mean:.2f}, above that "
    f"of nearness by {by_how_much.mean:.2f}; before training "
    f"{influence['untrained'][0].mean:.2f} (course's model)",
    interval=f"over texts: {trained}; above nearness by {by_how_much}",
    outcome=first_that_holds(
        ("holds", trained.low > 0.3 and by_how_much.low > 0),
        ("holds in part", trained.low > 0),
        ("does not hold", trained.high < 0.3),
        otherwise="undecided",
    ),
)

# %% [markdown]
# Look through all heads with the explorer: choose a model, a layer and a head, and point at the
# token that looks. Type your own sentence.

# %% tags=["experiment", "row-19"]
from IPython.display import display

from utils.notebook.widgets.attention_explorer import attention_explorer

display(attention_explorer(readers_of, texts))

# %% [markdown]
# You will find many heads of SmolLM2 that look at the first token, whatever it is. A head with
# nothing to do puts its weight there, since weights must sum to 1 (an *attention sink*; Xiao et al.,
# 2023).
#
# **Think.** A head that puts 0.9 on a word need not *use* that word much: the output is weights
# times values. What would you measure to find out?
#
# <details><summary>One answer</summary>
#
# The length of what the head writes: weights times values, after the output projection. A word with a
# value near 0 adds nothing, however large its weight is, and a first token that serves as a sink
# often has such a value. Better still is to take the head's output away and to see which
# predictions change.
#
# </details>

# %% [markdown]
# ## 4 No looking ahead
#
# **What the chapter claims.** A language model writes one token after the other, and each may use
# the tokens before it only. In training all positions are computed at once, so the future is right
# there in the tensor. A mask hides it.

# %%
for query in range(4):
    print(f"query {query} sees", " ".join("x" if key <= query else "." for key in range(4)))
print("2 queries, 5 keys:")
for query in range(2):
    print(f"query {query} sees", " ".join("x" if key <= 3 + query else "." for key in range(5)))

# %% [markdown]
# The second picture is what you need later: three positions are known already, and two new ones
# ask. Query 0 is the fourth position, so it sees four keys.
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
from utils.experiments.attention.leaks import largest_change


def sees_everything(ids: torch.Tensor) -> torch.Tensor:
    """Return the course's model's logits without its mask: a language model with a leak."""
    x = course_model.embed(ids)
    for block in course_model.blocks:
        x = block(x, torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool))
    return course_model.head(course_model.norm(x))


course_ids, n_words = world.vocabulary.encode(documents[0].text), course_model.config.vocab_size
places = budget.pick(smoke=(3,), cpu=(2, 5, 8))
suspects = {
    "course model": (course_model, course_ids, n_words, places),
    "course model without a mask": (sees_everything, course_ids, n_words, places),
    "SmolLM2": (real.model, real.encode(sentence), 20_000, (5,)),
}
changes = {
    name: [largest_change(model, ids, place, size) for place in chosen]
    for name, (model, ids, size, chosen) in suspects.items()
}

# %% tags=["experiment", "row-20"]
# The same by gradients: can output t learn anything about input s > t?
vectors = course_model.embed(torch.tensor([course_ids])).detach().requires_grad_()
x = vectors
for block in course_model.blocks:
    x = block(x)
middle = x.shape[1] // 2
(gradient,) = torch.autograd.grad(x[0, middle].sum(), vectors)
own, later = gradient[0, : middle + 1].abs().max(), gradient[0, middle + 1 :].abs().max().item()
print(f"gradient of position {middle}: {own:.2g} on itself and before, {later:.2g} on later ones")
leaks = {name: max(before for before, _ in found) for name, found in changes.items()}
for name, found in changes.items():
    after = max(after for _, after in found)
    print(f"{name:28} largest change up to the position {leaks[name]:.2g}, after it {after:.2g}")

# %% tags=["experiment", "row-20", "judge"]
verdicts.add(
    row=20,
    claim="with a causal mask a token uses only earlier ones",
    measured=f"changing the future moves earlier logits by {leaks['course model']:.1g} in the "
    f"course's model and {leaks['SmolLM2']:.1g} in SmolLM2, without the mask by "
    f"{leaks['course model without a mask']:.2g}; gradient on later inputs {later:.1g}",
    outcome=first_that_holds(
        (
            "holds",
            leaks["course model"] == 0
            and leaks["SmolLM2"] < 1e-4
            and later == 0
            and leaks["course model without a mask"] > 0.01,
        ),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# A leak makes the training loss low and the text that the model writes useless. When a loss looks
# too good, run this test first.
#
# **Think.** The test changes all later tokens at once. Would it find a model in which position 5
# sees position 6 but no other later one? In which a *batch norm* carries information across
# positions?
#
# <details><summary>One answer</summary>
#
# Yes: position 6 is among the tokens that are changed, so the logit at position 5 moves. But only if
# 5 is among the positions that are tried, so a test for real tries them all. Batch norm leaks through
# its mean and variance when they are taken over positions, and changing later tokens shows that too;
# in evaluation mode they are constants, so the test has to run in training mode.
#
# </details>

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
# wrongly, and a model with mixed-up heads still trains, without an error message.
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
from utils.experiments.attention.heads import (
    as_many_others,
    best_heads,
    head_scores,
    loss_on_second_half,
    silenced,
)

n_texts, period = budget.pick(smoke=2, cpu=5, gpu=20), budget.pick(smoke=8, cpu=20, gpu=50)
generator = torch.Generator().manual_seed(0)
first = torch.randint(1000, 40_000, (n_texts, period), generator=generator)
new = torch.randint(1000, 40_000, (n_texts, period), generator=generator)
begin = torch.full((n_texts, 1), real.eos_ids[0])
repeated, plain = torch.cat([begin, first, first], dim=1), torch.cat([begin, first, new], dim=1)
head_weights, in_control = (head_scores(real.model, ids, period) for ids in (repeated, plain))
best = {kind: best_heads(found, 6) for kind, found in head_weights.items()}
copying = best["induction"]
picked = as_many_others(copying, real.config.n_heads, generator)
losses = {}
for name, heads in (("all heads", []), ("copying", copying), ("others", picked)):
    with torch.no_grad(), silenced(real.model, heads):
        losses[name] = loss_on_second_half(real.model, repeated, period)

# %% tags=["experiment", "row-21", "draw"]
for kind, found in head_weights.items():
    mean, control = found.mean(0), in_control[kind].mean(0)
    listed = ", ".join(f"{layer}.{head} {mean[layer, head]:.2f}" for layer, head in best[kind][:4])
    print(f"{kind:15} best layer.head: {listed}")
    print(f"{'':15} above 0.4: {int((mean > 0.4).sum())} of {mean.numel()} heads,", end=" ")
    print(f"in texts that do not repeat {int((control > 0.4).sum())}")
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), constrained_layout=True)
for (kind, found), marker, index in zip(head_weights.items(), "so", (1, 0)):
    mean, place = found.mean(0).flatten(), torch.arange(found[0].numel())
    layers = place // real.config.n_heads
    left.scatter(layers, mean, s=14, marker=marker, color=COLOURS[index], label=kind)
left.set(xlabel="layer", ylabel="mean weight (share)", ylim=(-0.02, 1.02))
left.set_title(f"{place.numel()} heads of SmolLM2")
left.legend()
labels = ["all heads", f"without {len(copying)} copying heads", f"without {len(picked)} others"]
means = [one.mean() for one in losses.values()]
right.barh(labels, means, color=[COLOURS[0], COLOURS[3], COLOURS[2]])
right.set(xlabel="loss on the repeated half (nats per token)", ylabel="model")
right.invert_yaxis()
show(
    figure,
    "Left: each head's mean weight on the previous token and on the token to copy, by layer; a few "
    "heads stand above the rest. Right: loss on the repeated half with all heads, without the "
    "copying heads, and without as many other heads of the same layers.",
)

# %% tags=["experiment", "row-21", "judge"]
missed, missed_control = (
    paired_difference(losses[name].tolist(), losses["all heads"].tolist())
    for name in ("copying", "others")
)
top = {
    kind: mean_interval(head_weights[kind][:, heads[0][0], heads[0][1]].tolist())
    for kind, heads in best.items()
}
verdicts.add(
    row=21,
    claim="heads attend to different groups of tokens (4,096 = 32 x 128 features)",
    measured=f"the best previous-token head puts {top['previous token'].mean:.2f} on the token "
    f"before, the best copying head {top['induction'].mean:.2f} on the token to copy; silencing "
    f"{len(copying)} copying heads adds {missed.mean:.1f} nats, {len(picked)} others "
    f"{missed_control.mean:.1f}; 32 x 128 = {32 * 128}",
    interval=f"added loss {missed}; others {missed_control}",
    outcome=first_that_holds(
        (
            "holds",
            min(top["previous token"].low, top["induction"].low) > 0.5
            and missed.low > max(missed_control.high, 0),
        ),
        ("holds in part", top["induction"].low > 0.3),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# Copying takes two heads in a row. One in an early layer notes, at each position, which token came
# before. A later one looks for a position whose note says "this token", and reads what stands
# there. So a model with a single attention layer cannot copy in this way.
#
# **Think.** Heads that look at the previous token stand in many layers of the picture. In which of
# them can the one be that a given copying head relies on, and what might the others be for?
#
# <details><summary>One answer</summary>
#
# In an earlier layer: a head reads what the layers before it have written, so a note of its own layer
# or a later one comes too late. Later previous-token heads may serve spelling, since words are cut
# into pieces, or pairs of words that belong together.
#
# </details>

# %% [markdown]
# ## 6 Reading and writing
#
# **What the chapter claims.** A transformer reads its input in parallel (*prefill*) and writes its
# output token by token (*decode*).
#
# When a token is written, the keys and values of all tokens before it are what they were one step
# ago. Without a cache they are computed again, every time:

# %%
prompt_tokens, new_tokens = 100, 50
again = sum(prompt_tokens + step for step in range(new_tokens))
print(f"{prompt_tokens} tokens of prompt, {new_tokens} new ones")
with_a_cache = prompt_tokens + new_tokens - 1
print(f"without a cache {again:,} tokens go through the model, with one {with_a_cache}")

# %% [markdown]
# ### Experiment: prefill and decode
#
# **Claim.** Prefill is parallel and cheap per token, decoding is sequential. **Measurement.**
# Milliseconds per token in both phases, for several batch sizes and lengths. **Control.** The same
# model, the same tokens, the same number of multiplications per token: only the phase differs.

# %% tags=["experiment", "row-22"]
from utils.decoding.cached import CachedDecoder
from utils.experiments.attention.timing import next_token_ms, one_thread, phase_ms
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
n_new, most = budget.pick(smoke=4, cpu=16, gpu=64), budget.pick(smoke=64, cpu=2048, gpu=10**6)
pairs = [(batch, n) for batch in batches for n in prompt_lengths if batch * n <= most]
with one_thread():
    phases = {(batch, n): phase_ms(decoder, batch, n, n_new, 1000) for batch, n in pairs}
n_parameters = sum(p.numel() for p in timed_model.parameters())
print(f"{n_parameters / 1e6:.1f} million parameters; ms per token, prefill / decode")
for (batch, n), (reading, writing) in phases.items():
    ratio = f"decode costs {writing / reading:4.1f} times as much"
    print(f"batch {batch:2}, prompt {n:4}: {reading:7.3f} / {writing:7.3f}   {ratio}")

# %% tags=["experiment", "row-22", "draw"]
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.3), constrained_layout=True, sharey=True)
middle_length = prompt_lengths[1]
at_middle = [batch for batch in batches if (batch, middle_length) in phases]
for place, (phase, style) in enumerate((("prefill", "o-"), ("decode", "s-"))):
    left.plot(at_middle, [phases[b, middle_length][place] for b in at_middle], style, label=phase)
    times = [phases[1, length][place] for length in prompt_lengths]
    right.plot(prompt_lengths, times, style, label=phase)
left.set(xlabel=f"texts in the batch (prompts of {middle_length} tokens)")
right.set(xlabel="length of the prompt (tokens), one text")
for axes, ticks in ((left, at_middle), (right, prompt_lengths)):
    axes.set(xscale="log", yscale="log", ylabel="time per token (ms)")
    label_ticks(axes, ticks, (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30))
    axes.legend()
show(
    figure,
    "Time per token of prefill and of decoding, against the number of texts in a batch on the left "
    "and against the length of the prompt on the right.",
)

# %% tags=["experiment", "row-22", "judge"]
ratios = [writing / reading for reading, writing in phases.values()]
alone, together = phases[batches[0], middle_length], phases[at_middle[-1], middle_length]
cheaper = [one / other for one, other in zip(alone, together)]
verdicts.add(
    row=22,
    claim="input is read in parallel, output is written one token at a time",
    measured=f"a decoded token takes {min(ratios):.1f} to {max(ratios):.1f} times as long as a "
    f"prefilled one; with {at_middle[-1]} texts at once a decoded token takes "
    f"{1 / cheaper[1]:.2f} of its time alone, a prefilled one {1 / cheaper[0]:.2f}",
    interval="best of three runs each",
    outcome=first_that_holds(
        ("holds", alone[1] > 1.5 * alone[0] and cheaper[1] > 1.5),
        ("holds in part", alone[1] > alone[0]),
        otherwise="undecided",
    ),
)

# %% [markdown]
# To decode one token, every weight of the model is fetched from memory and used once. In prefill each
# fetched weight serves all tokens of the prompt. A larger batch gives decoding the same advantage,
# which is why servers write many answers side by side.
#
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
from utils.experiments.attention.decoding_parts import attention_parts, cache_parts

layer, cache = attention_parts(d_model=8, n_heads=4, n_kv_heads=2), cache_parts()
for number in range(3):
    token = torch.randn(1, 1, 8)  # (B, 1, D)
    k, v = cache.append(layer.k_proj(token), layer.v_proj(token))
    shapes = f"keys {tuple(k.shape)}, values {tuple(v.shape)}"
    print(f"token {number}: the cache holds {len(cache)} positions, {shapes}")

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
print(f"largest difference of a logit {difference:.1e}, logits up to {at_once.abs().max():.0f}")

n_written = budget.pick(smoke=2, cpu=10, gpu=60)
question, sizes = real.encode("The three primary colours are"), real.config
uncached = UncachedDecoder(real.model, sizes.context_length, sizes.vocab_size)
both = {"with a cache": CachedDecoder(real.model), "without": uncached}
written = {name: generate(one, [question], n_written)[0].ids for name, one in both.items()}
for name, ids in written.items():
    print(f"SmolLM2 {name:12}: {real.decode(question)}{real.decode(ids)!r}")

spans = budget.pick(smoke=(8, 16), cpu=(32, 64, 128, 256, 512), gpu=(32, 128, 512, 2048))
plain_decoder = UncachedDecoder(timed_model, timing_config.context_length, timing_config.vocab_size)
with one_thread():
    cached_ms = [next_token_ms(decoder, span, 8, 1000) for span in spans]
    uncached_ms = [next_token_ms(plain_decoder, span, 3, 1000) for span in spans]
speed_ups = [slow / fast for slow, fast in zip(uncached_ms, cached_ms)]
print("speed-up:", "  ".join(f"{n} tokens: {ratio:.1f}" for n, ratio in zip(spans, speed_ups)))

# %% tags=["experiment", "row-23", "draw"]
figure, axes = plt.subplots(figsize=(6.5, 3.4))
axes.plot(spans, uncached_ms, marker="s", label="without")
axes.plot(spans, cached_ms, marker="o", label="with a cache")
axes.set(xscale="log", yscale="log", xlabel="tokens so far", ylabel="time for one more token (ms)")
label_ticks(axes, spans, (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000))
axes.legend()
show(
    figure,
    "Time for one more token against the tokens so far, with a cache and without one.",
)

# %% tags=["experiment", "row-23", "judge"]
same_text = written["with a cache"] == written["without"]
verdicts.add(
    row=23,
    claim="cached keys and values give the same output as computing everything again",
    measured=f"logits differ by at most {difference:.0e}, the greedy text of SmolLM2 "
    f"{'is' if same_text else 'is not'} the same; without a cache one more token takes "
    f"{speed_ups[0]:.1f} times as long at {spans[0]} tokens, {speed_ups[-1]:.1f} at {spans[-1]}",
    interval=f"largest of {at_once.numel():,} differences",
    outcome=first_that_holds(
        ("holds", difference < 1e-3 and same_text and speed_ups[-1] > 1),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# The differences that remain are those of rounding: the same sums in another order.
#
# **Think.** Could one also cache the *queries*? And what would have to be thrown away if the model
# changed its mind and replaced a token in the middle of the text?
#
# <details><summary>One answer</summary>
#
# One could, but no later step would read them: a query is used once, for its own position. A replaced
# token changes its own keys and values, and through them those of every later position in every layer
# above the first. All from there on is computed again; what stands before it stays in the cache.
#
# </details>

# %% [markdown]
# ## 7 What the cache costs
#
# **What the chapter claims.** Each token so far has a key and a value in every layer, so their
# number grows with the context, which is one reason why long contexts are hard to serve.
#
# For one token of Llama 2-7B, at two bytes a number:

# %%
n_layers, n_heads, head_dim = 32, 32, 128
in_one_layer = 2 * n_heads * head_dim
print(f"numbers in one layer: {n_heads} heads x {head_dim} x 2 (key and value) = {in_one_layer:,}")
print(f"bytes in all layers: {n_layers * in_one_layer * 2:,} = half a megabyte for one token")

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
from utils.text.tables import load_table

llamas = load_table("llama_dimensions")


def cache_gigabytes(model: dict, kv_heads: float, tokens: float) -> float:
    """Return the gigabytes (1e9 bytes) of one text's cache, at two bytes a number."""
    head_dim = model["d_model"] / model["n_heads"]
    return 2 * model["n_layers"] * kv_heads * head_dim * tokens * 2 / 1e9


print("gigabytes at the full context, and how many texts weigh as much as the weights")
for model in llamas:
    tokens = model["context_length"]
    model["cache"] = cache_gigabytes(model, model["n_kv_heads"], tokens)
    model["without groups"] = cache_gigabytes(model, model["n_heads"], tokens)
    model["weights"] = 2 * model["n_params"] / 1e9
    caches = f"cache {model['cache']:5.1f}, without groups {model['without groups']:6.1f}"
    texts_as_heavy = model["weights"] / model["cache"]
    in_words = f"weights {model['weights']:4.0f}; {texts_as_heavy:.1f} texts"
    print(f"{model['model']:13} {tokens:8,.0f} tokens: {caches}, {in_words}")

# %% tags=["experiment", "row-24", "draw"]
figure, axes = plt.subplots(figsize=(8.5, 3.6))
bars = (("weights", 7, ""), ("without groups", 3, "//"), ("cache", 0, ""))
for shift, (column, colour, hatch) in zip((-0.27, 0.0, 0.27), bars):
    label = {"without groups": "cache without grouped queries", "cache": "cache as released"}
    axes.bar(
        [place + shift for place in range(len(llamas))],
        [model[column] for model in llamas],
        0.25,
        label=label.get(column, column),
        color=COLOURS[colour],
        hatch=hatch,
    )
names = [f"{model['model']}\n{model['context_length'] / 1024:.0f}K tokens" for model in llamas]
axes.set_xticks(range(len(llamas)), names, fontsize=8)
axes.set(yscale="log", xlabel="model, at its full context", ylabel="gigabytes for one text")
label_ticks(axes, y=(1, 3, 10, 30, 100, 300, 1000))
axes.legend(fontsize=8, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
show(
    figure,
    "Gigabytes of weights and of one text's cache at the full context, with and without grouped "
    "queries, for six Llama models.",
)

# %% tags=["experiment", "row-24", "judge"]
eight = next(model for model in llamas if model["model"] == "Llama 3-7B")
growth = cache_gigabytes(eight, 1, 131_072) / cache_gigabytes(eight, 1, 4096)
saved = max(model["without groups"] / model["cache"] for model in llamas)
verdicts.add(
    row=24,
    claim="keys and values grow with the sequence, which limits the context",
    measured=f"32 times the context takes {growth:.0f} times the bytes; {eight['released_as']} at "
    f"{eight['context_length'] / 1024:.0f}K tokens needs {eight['cache']:.0f} GB for one text "
    f"beside {eight['weights']:.0f} GB of weights, {eight['without groups']:.0f} GB without "
    f"grouped queries, which save a factor of up to {saved:.0f}",
    outcome=first_that_holds(
        ("holds", growth == 32 and eight["cache"] > 0.5 * eight["weights"]),
        ("holds in part", growth == 32),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# Grouped queries came with the larger Llama 2, where the cache would have hurt first. In the
# 405-billion model they save a factor of 16.
#
# **Think.** You serve Llama 3-70B from eight GPUs of 80 GB. How many texts of 8,000 tokens fit
# beside the weights? What would you change first to fit twice as many: the groups, the bytes per
# number, or the length?
#
# <details><summary>One answer</summary>
#
# The weights take about 141 GB of the 640, so 499 GB are left. A token takes 2 x 80 x 8 x 128 x 2
# bytes, 0.33 MB, and a text of 8,000 tokens 2.6 GB: about 190 texts. Keys and values of one byte fit
# twice as many without training anew; fewer groups need a new model, and the length is what was asked
# for.
#
# </details>

# %% [markdown]
# ## Your own code at work
#
# SmolLM2 with your functions in place of the course's: your `split_heads`, `causal_mask` and
# `attention` in all 30 layers, and your `attention_entropy` to see how widely they look. The only
# piece that you have not written is `rotary`, which turns queries and keys by their positions; it
# is an exercise of notebook 03. Run it when these five exercises are answered.

# %% tags=["experiment"]
import functools

entropies = []


def with_your_code(layer: nn.Module, x: torch.Tensor, mask: None = None) -> torch.Tensor:
    """Return what a layer of SmolLM2 gives, computed by the functions of this notebook."""
    q = layer.rotary(split_heads(layer.q_proj(x), layer.n_heads))
    k = layer.rotary(split_heads(layer.k_proj(x), layer.n_kv_heads))
    v = split_heads(layer.v_proj(x), layer.n_kv_heads)
    group = layer.n_heads // layer.n_kv_heads
    k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
    output, weights = attention(q, k, v, causal_mask(x.shape[1]))
    entropies.append(attention_entropy(weights[0, :, -1]).mean().item())
    return layer.o_proj(merge_heads(output))


your_model, ids = copy.deepcopy(real.model), real.encode("The three primary colours are")
for block in your_model.blocks:
    block.attention.forward = functools.partial(with_your_code, block.attention)
try:
    with torch.no_grad():
        for _ in range(budget.pick(smoke=2, cpu=10, gpu=40)):
            ids.append(your_model(torch.tensor([ids]))[0, -1].argmax().item())
    print(real.decode(ids))
    print(f"effective keys of the last token: {math.exp(sum(entropies) / len(entropies)):.1f}")
except NotImplementedError:
    print("Answer `attention`, `attention_entropy`, `causal_mask` and `split_heads` first.")

# %% [markdown]
# ## Summary
#
# A recurrence squeezes everything into one state and passes it on; attention keeps all states and
# looks. The mask hides the future, heads look for several things at once, the cache makes writing
# cheap in time and expensive in memory. What you measured:

# %% tags=["experiment"]
verdicts

# %% [markdown]
# **Read next.** Vaswani et al. (2017), "Attention Is All You Need", section 3: you have now
# written it. Bahdanau et al. (2015) for attention before the transformer, Olsson et al. (2022) on
# induction heads, Ainslie et al. (2023) on grouped queries. In notebook 03 your layer gets an MLP,
# a norm and positions, and then runs the weights of SmolLM2.
