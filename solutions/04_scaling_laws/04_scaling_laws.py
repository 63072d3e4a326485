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
# # 04 Scaling laws
#
# How large should a model be, on how much text, for the money that you have? Here you write the
# published laws and the tools behind them, and look at a sweep of small transformers on text of a
# miniature world. Its true entropy is known, so that a law's claim about the best possible loss can
# be checked. Some of the chapter's statements hold, some do not, some cannot be told.
#
# You need notebook 03 and about three hours with the exercises. The longer experiments are records
# that come with the course; beside them, smaller ones run live.
#
# **You will learn to**
#
# - write the functions of a training loop, and say what each of its lines is for;
# - turn parameters and tokens into operations, days, dollars and electricity, and check a printed
#   bill;
# - find the best model for a budget in three ways, and fit the law that predicts the next one;
# - tell what a fitted law knows from what it only seems to know: intervals, controls, a prediction
#   that was stored before the run;
# - carry a learning rate from a small model to a large one, and search for it on a budget.
#
# | section | exercises | difficulty | minutes |
# |---|---|---|---|
# | 1 The loop | `next_token_loss`, `clip_gradients`, `learning_rate` | 2, 2 and 3 of 5 | 15, 10 and 15 |
# | 2 Much model, little text | | | |
# | 3 Tokens, new and read again | | | |
# | 4 Operations | `training_flops` | 1 of 5 | 5 |
# | 5 The bill | `model_flops_utilization`, `training_days`, `training_cost` | 1 of 5 each | 5 each |
# | 6 The best size for a budget | `isoflop_minimum` | 2 of 5 | 15 |
# | 7 A law | `predicted_loss`, `fit_scaling_law`, `compute_optimal` | 1, 5 and 3 of 5 | 5, 40 and 15 |
# | 8 When the model is used | `inference_optimal` | 4 of 5 | 20 |
# | 9 Hyperparameters | `transfer_learning_rate` | 1 of 5 | 5 |
# | 10 Sudden abilities | `emergent_score` | 1 of 5 | 5 |
# | 11 What runs out | `exhaustion_year` | 2 of 5 | 10 |
# | 12 Your own code at work | | | |
#
# Each exercise is a cell with a gap, then a visible test to run as often as you like, and graded
# tests. Only the last section needs your answers: there your functions train a model.
#
# Every experiment ends with a verdict. Its rule stood before the result, and was tried on simulated
# results to see that it can come out either way.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

# %% [markdown]
# ## 1 The loop
#
# **What the chapter claims.** Pre-training teaches a model to predict the next token, again and
# again, on as much text as can be had. This notebook shows what becomes of that loop as it grows.
#
# **What is minimised.** A model gives, at each position, logits over the vocabulary. The loss at a
# position is the surprise at the token that really comes next: minus the logarithm of its
# probability, in nats. On three words:

# %%
import torch

words = ["I", "like", "pineapples"]
logits = torch.tensor([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]])  # a model's, after "I" and after "like"
for place, row in enumerate(logits):
    probabilities = row.softmax(-1)
    surprise = -probabilities[place + 1].log()
    print(f"after {words[place]!r}: {words[place + 1]!r}, probability", end=" ")
    print(f"{probabilities[place + 1]:.3f}, a surprise of {surprise:.3f} nats")

# %% [markdown]
# Mind the shift by one. The logits at position t are about token t + 1, and the last position's
# have nothing to be compared with.
#
# ### Exercise: `next_token_loss`
#
# *Difficulty 2 of 5, 15 minutes.* The mean over the batch and all positions with a next token.

# %% exercise="next_token_loss"

# %% [markdown]
# **When a batch goes wrong.** One odd batch can give huge gradients and undo an hour of training.
# Pascanu et al. (2013) scale all of them when their joint norm exceeds a bound; the direction
# stays:

# %%
gradients = [torch.tensor([3.0, 0.0]), torch.tensor([[4.0]])]
joint = torch.cat([gradient.flatten() for gradient in gradients]).norm()
print(f"joint norm {joint:.1f}; scaled to 1: {[gradient / joint for gradient in gradients]}")

# %% [markdown]
# ### Exercise: `clip_gradients`
#
# *Difficulty 2 of 5, 10 minutes.* Gradients within the bound stay as they are, zeros too.

# %% exercise="clip_gradients"

# %% [markdown]
# **How fast.** The optimiser Adam averages gradients, and its averages mean little in the first
# steps, so the rate starts small and rises. It ends small, so that the weights come to rest: a
# linear warm-up, then half a wave of a cosine:

# %%
from utils.training import by_hand

for step in (0, 2, 4, 5, 20, 50, 80, 99):
    rate = by_hand.learning_rate(step, 100, peak=1.0, warmup_steps=5)
    print(f"step {step:2}: {'#' * round(50 * rate)} {rate:.2f}")

# %% [markdown]
# ### Exercise: `learning_rate`
#
# *Difficulty 3 of 5, 15 minutes.* Steps count from 0. The last step of the run is
# `total_steps - 1`, and its rate is `final_fraction` of the peak.

# %% exercise="learning_rate"

# %% [markdown]
# **The whole loop.** With these three it takes a dozen lines. Read each of them and say what would
# happen without it.


# %%
def train_by_hand(model, batch_of, steps, peak, by_hand=by_hand):
    """Train a model by three functions; batch_of(step) gives ids (B, T). Return the losses."""
    parameters, losses, warmup = list(model.parameters()), [], max(steps // 10, 1)
    optimiser = torch.optim.AdamW(parameters, betas=(0.9, 0.95), weight_decay=0.0)
    for step in range(steps):
        ids = batch_of(step)
        loss = by_hand.next_token_loss(model(ids), ids)
        gradients, _ = by_hand.clip_gradients(list(torch.autograd.grad(loss, parameters)), 1.0)
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient
        optimiser.param_groups[0]["lr"] = by_hand.learning_rate(step, steps, peak, warmup)
        optimiser.step()
        losses.append(loss.item())
    return losses


# %% [markdown]
# Here it is at work on the smallest training text that there is, the chapter's own: one sentence.

# %%
from utils.models import gpt as course_gpt
from utils.models.config import ModelConfig

vocabulary = ["I", "like", "pineapples", "you", "mangoes", "."]
sentence = torch.tensor([[vocabulary.index(word) for word in ("I", "like", "pineapples", ".")]])
unseen = torch.tensor([[vocabulary.index(word) for word in ("you", "like", "mangoes", ".")]])
torch.manual_seed(0)
tiny = course_gpt.GPT(
    ModelConfig(n_layers=1, d_model=16, n_heads=2, vocab_size=len(vocabulary), context_length=4)
)
losses = train_by_hand(tiny, lambda step: sentence, steps=60, peak=0.02)
with torch.no_grad():
    new = by_hand.next_token_loss(tiny(unseen), unseen)
print(f"'I like pineapples.': {losses[0]:.2f} nats per token at first, {losses[-1]:.3f} at the end")
print(f"'you like mangoes.': {new:.2f}; guessing among six words: {torch.tensor(6.0).log():.2f}")

# %% [markdown]
# **Think.** The loss on the training sentence went to almost nothing. Has the model learned the
# language?
#
# <details><summary>One answer</summary>
#
# It has learned one sentence by heart, and that nothing else is ever said: a new sentence surprises
# it more than guessing would. A loss tells about a model only on text it has not been trained on.
#
# </details>
#
# ## 2 Much model, little text
#
# **What the chapter claims.** The size of a model says little without the size of its training
# data. A model with 13 billion parameters that was trained on a single sentence, "I like
# pineapples", does much worse than a much smaller one that was trained on more.
#
# ### Experiment: one sentence for a large model
#
# **Claim.** The above. **Measurement.** Two transformers, one with about twenty times the
# parameters of the other, are trained on one document of the course's world, on a hundred, and on
# three thousand, with equal steps and batches. Loss on unseen documents, each model at its best
# moment, three seeds. **Control.** Both on the same, larger text: if the large one were worse
# there too, its size would be to blame. **Rule.** Holds if the large model on one document is
# worse than the small one on the most text, by the whole interval, and not worse on equal text.

# %% tags=["experiment", "row-40"]
from utils.experiments.scaling.little_text import judge_little_text, train_on_little

sizes = {"small": 8, "large": budget.pick(smoke=16, cpu=64, gpu=128)}
amounts = budget.pick(smoke=(1, 30), cpu=(1, 100, 3000), gpu=(1, 100, 3000, 10_000))
steps, n_seeds = budget.pick(smoke=6, cpu=50, gpu=400), budget.pick(smoke=2, cpu=3, gpu=5)
little = {
    (size, documents): [train_on_little(width, documents, steps, seed) for seed in range(n_seeds)]
    for size, width in sizes.items()
    for documents in amounts
}
for (size, documents), runs in little.items():
    print(
        f"{size}, {runs[0].n_params:7,} parameters, {documents:5,} documents"
        f" ({runs[0].tokens:6,} tokens): unseen text {[round(run.losses[-1], 2) for run in runs]}"
        f" at the end, {[round(run.best, 2) for run in runs]} at best"
    )
best = {key: [run.best for run in runs] for key, runs in little.items()}
few, many = amounts[0], amounts[-1]
judged = judge_little_text(best["large", few], best["small", many], best["large", many])

# %% tags=["experiment", "row-40", "draw"]
from utils.experiments.scaling import figures_training, verdicts_training
from utils.notebook import show

show(
    figures_training.little_text_figure(little),
    "Loss on unseen text against the tokens trained on, for a small and a large model, each at its"
    " best moment, with intervals over seeds; a dotted line marks guessing.",
)

# %% tags=["experiment", "row-40", "judge"]
claim = "a large model on one sentence is worse than a much smaller one on more text"
verdicts.add(40, claim, **verdicts_training.little_text(judged))

# %% [markdown]
# **Think.** Look at the losses at the end and at the best moment. Which of the two would you have
# seen in practice, and what would you have needed for it?
#
# <details><summary>One answer</summary>
#
# To stop at the best moment you must read the loss on text that the model is not trained on. One
# sentence has none to spare. Large runs avoid the question: they see each text about once, so the
# training loss is nearly a loss on unseen text.
#
# </details>
#
# ## 3 Tokens, new and read again
#
# **What the chapter claims.** The size of a data set is best counted in tokens, and what a model is
# trained on in training tokens: tokens of the data set times epochs. Its Table 2-5 (from Hoffmann
# et al., 2022) lists models and their training tokens. Divide one by the other:

# %%
from utils.text.tables import load_table

table = load_table("training_tokens")
for row in table:
    name, n, d = row["model"], row["n_params"], row["n_tokens"]
    print(f"{name:12} {n / 1e9:3.0f}e9 parameters, {d / 1e9:5,.0f}e9 tokens: {d / n:4.1f} for each")

# %% [markdown]
# Chinchilla is the one that was trained by the law of this notebook. Section 7 asks where its
# number comes from.
#
# ### Experiment: is a token worth the same the second time?
#
# **Claim.** Training tokens are tokens times epochs, so that reading a text twice counts like
# reading twice as much. **Measurement.** A record of runs of three widths and three seeds: on new
# text of several lengths, and on a part of it, read up to 16 times. Through the runs on new text
# goes a law of the loss. Through those on repeated text goes the form of Muennighoff et al. (2023):
# U tokens read e times are worth U (1 + R* (1 - exp(-(e - 1) / R*))) new ones. R* is fitted:
# reading again is worth at most R* new texts of the same length. **Control.** Equal length, width,
# schedule and seed on new text. **Rule.** Holds if at 16 epochs a token is worth more than 0.9 new
# ones. In part if at 4 epochs it is worth more than 0.75, and at 16 less than 0.9. Does not hold if
# it is worth less than 0.75 at 4 already.

# %% tags=["experiment", "row-41"]
from utils.experiments.recording.live import said
from utils.experiments.recording.record import read_record
from utils.experiments.scaling.repeated_text import train_repeated_run
from utils.experiments.scaling.repetition_recipe import stages as repetition_stages
from utils.experiments.scaling.showing import as_interval
from utils.training.data_limits import effective_tokens

repetition = read_record("04", 41)
print(f"{said(repetition)}; `course record 04 41` makes them again")
worth = {
    int(epochs): as_interval(numbers, repetition.n_runs)
    for epochs, numbers in repetition.findings["worth"].items()
}
lasting = as_interval(repetition.findings["lasting_epochs"], repetition.n_runs)
print(f"R* = {lasting}; published for large models: 15.4")
for epochs, share in worth.items():
    published = effective_tokens(1.0, epochs) / epochs
    print(f"{epochs:2} epochs: a token is worth {share} new ones; with 15.4: {published:.2f}")
recorded = {(r.job.unique, r.job.epochs, r.job.seed): r for r in repetition.results["repetition"]
            if r.job.width == 16}  # fmt: skip
jobs = repetition_stages("live")[0].jobs({})
for job in budget.pick(smoke=jobs[:1], cpu=jobs[::2], gpu=jobs):
    again = train_repeated_run(job)["loss"]
    before = recorded[job.unique, job.epochs, job.seed].result["loss"]
    print(f"live: {job.unique:7,} tokens x {job.epochs}: loss {again:.4f}, recorded {before:.4f}")

# %% tags=["experiment", "row-41", "draw"]
show(
    figures_training.repetition_figure(repetition.findings["losses"], worth, lasting.mean),
    "Left: loss of the widest model on unseen text against tokens read, for new text and for two"
    " amounts of text that is read again. Right: what a token is worth by epochs, measured and"
    " fitted, beside the published curve.",
)

# %% tags=["experiment", "row-41", "judge"]
claim = "training tokens are tokens times epochs: one read again counts like a new one"
verdicts.add(41, claim, **verdicts_training.repetition(repetition, worth))

# %% [markdown]
# The form can only level off. Look at the left picture at the largest numbers of epochs: where a
# curve turns upwards, the model begins to learn its text by heart, and the form is too kind there.
#
# **Think.** Published reports give "trained on 2 trillion tokens". What else would you like to
# know?
#
# <details><summary>One answer</summary>
#
# How many were different, and after which removal of duplicates: a crawl holds the same page many
# times. And for which tokenizer: a token is not everywhere the same amount of text (notebook 01).
#
# </details>
#
# ## 4 Operations
#
# **What the chapter claims.** A model needs FLOP, floating point operations; a machine's speed is
# in FLOP/s, operations per second. The two are easily mixed up. Training takes about six operations
# for each parameter and token: 6 N D. GPT-3 took 3.14e23.
#
# Why six? On the way forward each token meets each weight in a multiplication and an addition: two.
# On the way back the gradient passes each weight (two), and each weight gets its own (two more).

# %%
weights, tokens = torch.randn(4, 3), torch.randn(5, 3)  # a matrix of 12 parameters, 5 tokens
forward = sum(2 for token in tokens for row in weights for weight in row)
print(f"{forward} operations for 5 x 12 on the way forward, {3 * forward} with the way back")
print(f"6 N D = {6 * weights.numel() * len(tokens)}; for GPT-3 {6 * 175e9 * 300e9:.3g}")

# %% [markdown]
# ### Exercise: `training_flops`
#
# *Difficulty 1 of 5, 5 minutes.*

# %% exercise="training_flops"

# %% [markdown]
# ### Experiment: count a real step
#
# **Claim.** Training takes 6 N D. **Measurement.** Torch counts the operations of all matrix
# products of one training step as it runs: loss, forward and backward. Models from toys to GPT-3's
# shape; the large ones live on torch's "meta" device, where shapes are computed and numbers are
# not. Attention between positions, blocks and the output layer are counted apart. **Control.** The
# rule knows neither the context nor which parameters work. **Rule.** Holds if every ratio is within
# a tenth of 1, in part if some are.

# %% tags=["experiment", "row-42"]
from utils.models.empty import empty_model
from utils.training.step_flops import step_flops


def shape(layers, width, heads, vocabulary, context, tied=True):
    return ModelConfig(n_layers=layers, d_model=width, n_heads=heads, vocab_size=vocabulary,
                       context_length=context, gated=False, tied=tied)  # fmt: skip


shapes = {
    "toy, 64 tokens": shape(2, 64, 8, 512, 64),
    "toy, 1,024 tokens": shape(2, 64, 8, 512, 1024),
    "GPT-2 small": shape(12, 768, 12, 50_257, 1024),
    "the same, own output table": shape(12, 768, 12, 50_257, 1024, tied=False),
}
gpt3 = shape(96, 12_288, 96, 50_257, 2048)
shapes |= budget.pick(smoke={}, cpu={"GPT-3": gpt3})
counted = {}
for name, config in shapes.items():
    ids = torch.zeros(1, config.context_length, dtype=torch.long, device="meta")
    counted[name] = step = step_flops(empty_model(config), ids, ids)
    print(
        f"{name:27} {step.rule:9.3g} by 6 N D, {step.total:9.3g} counted ({step.ratio:.2f}):"
        f" blocks {step.blocks / step.total:4.0%}, output {step.output / step.total:4.0%},"
        f" attention {step.attention / step.total:4.0%}"
    )

# %% tags=["experiment", "row-42", "draw"]
show(
    figures_training.counted_figure(counted),
    "Counted operations of one training step over 6 N D, for several models, divided into products"
    " in the blocks, the output layer, and attention between positions; a dotted line marks 1.",
)

# %% tags=["experiment", "row-42", "judge"]
ratios = {name: step.ratio for name, step in counted.items()}
claim = "training takes about 6 N D operations"
verdicts.add(42, claim, **verdicts_training.rule_of_six(ratios))

# %% [markdown]
# The rule leaves out attention between positions, which grows with the context and has no
# parameters. And it counts the input embedding, a table in which a row is looked up: nothing is
# multiplied. Where input and output share one table, as in most models here, that table does work
# once per token. Where they do not, half of the two tables is counted without working.
#
# **Units.** A petaFLOP/s-day is what a machine of 1e15 FLOP/s does in a day; one FLOP/s-day is
# 86,400 FLOP. FLOPs (a plural) and FLOPS or FLOP/s (a speed) differ by one letter and a factor of
# time. Change the numbers below, and watch which of them move together.

# %% tags=["experiment", "row-43"]
from IPython.display import display

from utils.notebook.widgets import training_bill

display(training_bill.bill_explorer())
gpt3_bill = training_bill.training_bill(n_params=175e9, n_tokens=300e9)

# %% tags=["experiment", "row-43", "judge"]
claim = "one FLOP/s-day is 60 x 60 x 24 = 86,400 FLOP"
one_day = gpt3_bill.flops / gpt3_bill.flops_days
verdicts.add(43, claim, **verdicts_training.flops_days(one_day, gpt3_bill.petaflops_days))

# %% [markdown]
# ## 5 The bill
#
# **What the chapter claims.** The operations of a training over the speed of the machine give its
# time. No machine reaches its peak: half of it is fine, 70% is great. The share is the utilisation.

# %%
n_params, tokens_per_second, peak = 7e9, 3_000.0, 312e12  # a 7B model on one A100
needed = 6 * n_params * tokens_per_second
print(f"{needed:.3g} of {peak:.3g} FLOP/s = {needed / peak:.2f}")

# %% [markdown]
# ### Exercise: `model_flops_utilization`
#
# *Difficulty 1 of 5, 5 minutes.* By the operations that the model needs (Chowdhery et al., 2022),
# not by those that happen to be made.

# %% exercise="model_flops_utilization"

# %% [markdown]
# ### Experiment: what this machine reaches
#
# **Claim.** Training stays well below the peak, and 70% is exceptional. **Measurement.** The peak:
# the fastest of repeated products of two large matrices. Then whole training steps of models of
# rising size: tokens per second, and from them the utilisation, over four repetitions. **Control.**
# Both in the same number format and with the same threads. **Rule.** Holds if the best
# utilisation is below 0.7 by its whole interval. Does not hold if it is above 0.9.

# %% tags=["experiment", "row-44"]
import numpy as np

from utils.experiments.scaling.throughput import training_throughput
from utils.training.step_flops import peak_flops_per_second

machine_peak = peak_flops_per_second(
    size=budget.pick(smoke=128, cpu=768), seconds=budget.pick(smoke=0.02, cpu=0.5)
)
print(f"peak of this machine: {machine_peak / 1e9:.1f} GFLOP/s, {torch.get_num_threads()} threads")
reached = {}
for width in budget.pick(smoke=(16, 32), cpu=(32, 64, 128, 256), gpu=(32, 64, 128, 256, 512)):
    config = ModelConfig(n_layers=2, d_model=width, n_heads=width // 16, vocab_size=512,
                         context_length=128)  # fmt: skip
    reached[width] = found = training_throughput(config, machine_peak, rows=8, steps=2)
    print(
        f"width {width:3}, {found.n_params:9,} parameters:"
        f" {np.mean(found.tokens_per_second):7,.0f} tokens/s, utilisation {found.utilization}"
    )

# %% tags=["experiment", "row-44", "draw"]
show(
    figures_training.utilization_figure(list(reached.values())),
    "Utilisation of this machine in training against the parameters of the model, with intervals;"
    " a grey band marks 50% to 70%.",
)

# %% tags=["experiment", "row-44", "judge"]
points = [found.utilization for found in reached.values()]
claim = "training does not reach the peak: half of it is fine, 70% is great"
verdicts.add(44, claim, **verdicts_training.utilization(points, machine_peak))

# %% [markdown]
# **Think.** Compare the small models' utilisation with the large ones'. Name two things that take
# time in a small model and are not products of matrices.
#
# <details><summary>One answer</summary>
#
# Starting each operation from Python costs some microseconds, whatever its size. And norms,
# activations, the loss and the optimiser read and write memory while hardly computing: their cost
# grows with the width, that of the products with its square.
#
# </details>
#
# **Days and dollars.** The chapter recomputes GPT-3 on 256 H100 devices of 6e13 FLOP/s at full
# speed: 236 days. At 70% utilisation and $2 an hour it gives the price as a product with its
# result, and the two do not fit. You can find the slip once you have the two functions.
#
# ### Exercise: `training_days`
#
# *Difficulty 1 of 5, 5 minutes.*

# %% exercise="training_days"

# %% [markdown]
# ### Exercise: `training_cost`
#
# *Difficulty 1 of 5, 5 minutes.* In dollars, for devices that are paid by the hour.

# %% exercise="training_cost"

# %% [markdown]
# ### Experiment: the printed line
#
# **Claim.** 236 days at full speed, more than 4 million dollars at 70%. **Measurement.** Both
# recomputed, and the printed product as it stands. **Rule.** Holds if days, price and product all
# agree with what is printed; in part if the results do and the product does not.

# %% tags=["experiment", "row-45"]
from utils.training import cost

flops, devices, speed = 3.14e23, 256, 6e13
days = cost.training_days(flops, devices, speed)
by_chapter = flops / (devices * 5.2e18)  # FLOP a day of one device, rounded as in the chapter
price = cost.training_cost(236 / 0.7, devices, 2.0)
as_printed = 2 * 256 * 24 * 256 / 0.7
print(f"days at full speed {days:.1f}; with the chapter's 5.2e18 FLOP a day {by_chapter:.1f}")
print(f"$2 x 256 devices x 24 hours x 236 days / 0.7 = ${price:,.2f}")
print(f"as printed: $2 x 256 devices x 24 hours x 256 days / 0.7 = ${as_printed:,.2f}")
for name, peak in (("6e13, as in the chapter", 6e13), ("about 1e15, dense 16-bit", 9.9e14)):
    took = cost.training_days(flops, devices, peak, 0.5)
    print(
        f"H100 at {name}: {took:6.1f} days at 50%, ${cost.training_cost(took, devices, 2.0):,.0f}"
    )

# %% tags=["experiment", "row-45", "judge"]
claim = "GPT-3: 236 days on 256 devices at full speed, 4,142,811.43 dollars at 70%"
verdicts.add(45, claim, **verdicts_training.printed_bill(by_chapter, price, as_printed))

# %% [markdown]
# The printed line has 256 twice: the devices and, by a slip, the days. And 6e13 is the speed in
# 32-bit arithmetic. Training uses 16 bits or fewer, where the device is over ten times as fast.
#
# ### Larger is not always better
#
# Before we look for the best size: the chapter warns that some tasks go the other way.
#
# ### Experiment: where larger models are worse
#
# **Claim.** Larger models are not better at everything. More training for alignment led to models
# that agree less with human preferences (Anthropic, 2022). A contest for inverse scaling (McKenzie
# et al., 2023) found eleven tasks, many of them with something memorised that stands against the
# prompt. The chapter adds that none of these failures had shown in real use.
#
# **Measurement.** A text about thirty people who live in towns of the world. Often somebody's town
# is named as hearsay first, and once more in a second sentence. About strangers the second
# sentence repeats the first. About the thirty it tells the truth, and half of the hearsay about
# them names some town at random. The task: go on with the town that was just named, about one of
# the thirty, where that town is wrong. **Control.** The same task about strangers, of whom nothing
# can be known; and models whose text never contradicts any hearsay.

# %% tags=["experiment", "row-46"]
from utils.experiments.recording.live import live_runs
from utils.experiments.scaling.prior_recipe import JUDGED, STRONG_PRIOR
from utils.experiments.scaling.strong_prior import PriorJob, prior_jobs, written_texts

prior_record = read_record("04", 46)
small = prior_jobs((4, 8), (JUDGED,), 500, 1)
prior_live = live_runs(STRONG_PRIOR, budget.workers, budget.pick(smoke=small, cpu=None))
for text in written_texts(PriorJob(4, JUDGED, 8, 0))[:4]:
    print(f"the text: {text}")
print(f"\n{STRONG_PRIOR.design.rule_text}\n{said(prior_record)}; beside them, on this machine:")
for run in prior_live:
    people, strangers = run.result["people"], run.result["strangers"]
    print(
        f"{run.result['parameters']:7,} parameters: loss {people['loss']:.2f} nats about people"
        f" (the named town {people['named']:.0%}, the true one {people['home']:.0%}),"
        f" {strangers['loss']:.2f} about strangers"
    )

# %% tags=["experiment", "row-46", "draw"]
show(
    figures_training.prior_figure(prior_record.findings),
    "Left: loss of the town that the prompt names against the size of the model, for people that"
    " the text knows and for strangers, with text that contradicts hearsay and text that does not."
    " Right: how often models answer with the named and with the true town.",
)

# %% tags=["experiment", "row-46", "judge"]
claim = "on tasks with a strong prior larger models can be worse"
verdicts.add(46, claim, **verdicts_training.strong_prior(prior_record))

# %% [markdown]
# Compare dashed and solid lines: the people, towns and questions are the same. What differs is
# whether the text taught that hearsay about these people is unreliable. A model that learns its
# text better learns *that* better too. Whether it is worse depends on what you wanted: its text
# never asked it to pass on errors.
#
# **Think.** A task shows inverse scaling over the sizes that you can afford. What could larger
# models still do, and what would you measure beside accuracy to see it coming?
#
# <details><summary>One answer</summary>
#
# The curve may turn: several of the contest's tasks improve again in still larger models (Wei et
# al., 2022), since a prior is learned early and the instruction to depart from it later. Follow two
# losses, of the memorised answer and of the asked one, and let the prompt say how far it is to be
# trusted: a model that begins to use this moves the second before its answers change.
#
# </details>
#
# ## 6 The best size for a budget
#
# **What the chapter claims.** A budget of compute has a best model: a larger one cannot read enough
# text, a smaller one cannot hold what it reads. Figure 2-8 shows valleys (Hoffmann et al., 2022),
# loss over size along lines of equal compute, called IsoFLOP curves.
#
# The bottom of a valley can be found from few points: on a logarithmic scale a parabola fits well.

# %%
import numpy as np

sizes, valley = np.array([1e6, 3e6, 1e7, 3e7]), np.array([2.31, 2.10, 2.06, 2.19])
square, slope, _ = np.polyfit(np.log(sizes), valley, 2)
print(f"curvature {square:.3f}, lowest at {np.exp(-slope / (2 * square)):,.0f} parameters")

# %% [markdown]
# ### Exercise: `isoflop_minimum`
#
# *Difficulty 2 of 5, 15 minutes.* A parabola that opens downwards has no minimum, and two points
# make no parabola: refuse both.

# %% exercise="isoflop_minimum"

# %% [markdown]
# ### The sweep
#
# The course brings a record of a sweep: small transformers of eleven sizes, on text of a world of
# 2,000 people, with seven budgets over three orders of magnitude; small budgets with three seeds.
# Each run has its own schedule, which ends with it, and its own learning rate, by a rule tuned at
# three widths and three lengths. Below, your machine makes the smaller runs again by the same code.

# %% tags=["experiment", "row-47", "row-48"]
from utils.experiments.scaling import plan
from utils.experiments.scaling.runs import train_scaling_run
from utils.experiments.scaling.sweep_laws import finished, isoflop_points
from utils.experiments.scaling.sweep_recipe import RECORDED_RATES
from utils.training.sweep import run_sweep

sweep = read_record("04", 48)
print(f"{said(sweep)}; `course record 04 48` makes them again")
swept = finished(sweep.results["sweep"])
recorded = {(run.job.width, run.job.tokens, run.job.seed): run for run in sweep.results["sweep"]}
live_jobs = plan.live_jobs(RECORDED_RATES)[: budget.pick(smoke=2, cpu=24, gpu=29)]
live = run_sweep(train_scaling_run, live_jobs, workers=budget.workers)
gaps = []
for job, result in zip(live_jobs, live):
    before = recorded[job.width, job.tokens, job.seed].result
    gaps.append(result["loss"] / before["loss"] - 1)
    print(
        f"width {job.width:2}, {before['parameters']:6,} parameters, {job.tokens:7,} tokens, seed"
        f" {job.seed}: loss {result['loss']:.4f} live, {before['loss']:.4f} recorded"
    )
print(f"{len(gaps)} runs made again; largest relative difference {max(map(abs, gaps)):.2%}")

# %% [markdown]
# ### Experiment: valleys
#
# **Claim.** Each budget has a best size, with worse ones on both sides. **Measurement.** For each
# budget of the sweep a parabola through loss over log size, all seeds together. **Control.** A
# minimum counts only if it lies between sizes that were trained. **Rule.** Holds if all budgets
# have one, in part if more than half have.

# %% tags=["experiment", "row-47"]
from utils.training import scaling_laws as laws

valleys = isoflop_points(swept)  # budgets whose parabola has its minimum between trained sizes
all_budgets = laws.isoflop_budgets(swept.n_params, swept.n_tokens)
for point in valleys:
    print(
        f"{point['flops']:7.1e} FLOP: best size {point['n_params']:9,.0f} parameters,"
        f" {point['tokens_per_parameter']:4.0f} tokens for each"
    )

# %% tags=["experiment", "row-47", "draw"]
from utils.experiments.scaling import figures_sweep, verdicts_sweep

show(
    figures_sweep.valleys_figure(swept, live, sweep.findings["world_entropy"]),
    "Loss on unseen text against parameters for seven budgets of compute, recorded runs as points,"
    " live ones as crosses, with a parabola for each budget and a star at its minimum. A dotted"
    " line marks the entropy of the world.",
)

# %% tags=["experiment", "row-47", "judge"]
claim = "each budget of compute has a best size of the model"
verdicts.add(47, claim, **verdicts_sweep.valleys(valleys, len(all_budgets), len(swept.losses)))

# %% [markdown]
# **Think.** How much is lost by a model of half the best size, and how much by one of twice the
# size? Read it off the figure. What does it mean for a model that will be used a lot?
#
# <details><summary>One answer</summary>
#
# A valley is flat near its bottom: by a factor of two in either direction little is lost. A model
# of half the size costs half as much with each use. So if it is used a lot the smaller one is the
# better buy, and section 8 computes how much smaller.
#
# </details>
#
# ## 7 A law
#
# **What the chapter claims.** For the best loss, model and text have to grow alike: twice the
# parameters, twice the tokens. There are about 20 tokens for each parameter. Behind that stands a
# law with five numbers (Hoffmann et al., 2022):
#
#     L(N, D) = E + A / N**alpha + B / D**beta
#
# E is what no model can get below, the entropy of the text. The second term is what a model of
# finite size misses, the third what training on finitely many tokens misses.

# %%
from utils.training import scaling_laws as laws

published = laws.CHINCHILLA
n_params, n_tokens = 70e9, 1.4e12  # Chinchilla
size_misses = published.A / n_params**published.alpha
text_misses = published.B / n_tokens**published.beta
print(f"E {published.E:.3f} + {size_misses:.3f} for the size + {text_misses:.3f} for the text")
print(f"= {published.E + size_misses + text_misses:.3f} nats per token")

# %% [markdown]
# ### Exercise: `predicted_loss`
#
# *Difficulty 1 of 5, 5 minutes.*

# %% exercise="predicted_loss"

# %% [markdown]
# **From runs to the law.** Five numbers are fitted to finished runs, two of them exponents. So
# start in several places, compare logarithms, and do not let a failed run pull too hard. Hoffmann
# et al. use the Huber loss, square for small differences and straight for large ones:

# %%
for difference in (0.0005, 0.001, 0.01, 0.1):
    huber = difference**2 / 2 if difference <= 1e-3 else 1e-3 * (difference - 1e-3 / 2)
    print(f"difference {difference:6}: squared {difference**2 / 2:.2e}, Huber {huber:.2e}")

# %% [markdown]
# ### Exercise: `fit_scaling_law`
#
# *Difficulty 5 of 5, 40 minutes.* `scipy.optimize.minimize` with L-BFGS-B is welcome. Work with
# a = log A, b = log B and e = log E, and with the log-sum-exp of the three terms: then no term can
# become negative, and none overflows.

# %% exercise="fit_scaling_law"

# %% [markdown]
# **From the law to the best model.** Under 6 N D = C the loss depends on N alone, and at its
# minimum a percent more of either is worth the same: alpha A / N**alpha = beta B / D**beta. So N
# grows as C**a with a = beta / (alpha + beta).

# %%
exponent = published.beta / (published.alpha + published.beta)
print(f"published law: N grows as C**{exponent:.2f}, D as C**{1 - exponent:.2f}")
print(f"ten times the compute: {10**exponent:.1f} times N, {10 ** (1 - exponent):.1f} times D")

# %% [markdown]
# ### Exercise: `compute_optimal`
#
# *Difficulty 3 of 5, 15 minutes.*

# %% exercise="compute_optimal"

# %% [markdown]
# ### Experiment: a law, and what it knows
#
# **Claim.** Model and text grow alike, and there are about 20 tokens for each parameter.
# **Measurement.** The exponent a, and D / N at the best point of the largest budget, from the law
# fitted to all runs of the sweep; intervals by resampling the runs 200 times. **Controls.** The
# entropy of the world, which E should be: only because this text comes from a world with known
# probabilities can that be checked. A run ten times larger than any of the sweep, *predicted before
# it was made*: the prediction stood in the run's plan. The law fitted to the larger budgets alone.
# And two mistakes made on purpose. **Rule.** Does not hold if the interval of a lies outside of 0.4
# to 0.6. Holds if it lies inside, and that of D / N inside of 10 to 40. In part if only a does. An
# interval across a threshold: it cannot be told.

# %% tags=["experiment", "row-48"]
from utils.experiments.scaling import telling_sweep

fitted = laws.fit_scaling_law(swept.n_params, swept.n_tokens, swept.losses)
found = sweep.findings
truth = found["world_entropy"]
print(telling_sweep.law(fitted, found))
print(f"the world's true entropy on this text: {truth:.3f}; the interval of E holds it:"
      f" {found['interval_holds_entropy']}")  # fmt: skip
print(f"seeds differ by {found['seed_spread']:.1%} of a loss (standard deviation)")
print(telling_sweep.laws_by_smallest_budget(found))
print(telling_sweep.approaches(found))

# %% tags=["experiment", "row-48", "draw"]
show(
    figures_sweep.law_figure(swept, found, valleys),
    "Left: the fitted irreducible loss with its interval against the smallest budget that the fit"
    " uses, beside the true entropy. Right: best size against compute by the three approaches, the"
    " minima of the valleys, and the line of 20 tokens per parameter.",
)

# %% tags=["experiment", "row-48", "judge"]
claim = "model and text grow alike, with about 20 tokens for each parameter"
verdicts.add(48, claim, **verdicts_sweep.growing_alike(sweep))

# %% [markdown]
# **What was predicted.** Before the larger run was made, its loss was computed from the law and
# written into its plan. Here is both.

# %% tags=["experiment", "row-48"]
print(telling_sweep.larger_run(sweep.results["larger"][0]))
print(telling_sweep.wrong_schedule(found))
print(telling_sweep.one_rate(found))

# %% tags=["experiment", "row-48", "draw"]
show(
    figures_sweep.schedules_figure(sweep.results["wrong schedule"], fitted),
    "Loss of four long runs, read on the way while their schedule has not ended (dashed), beside"
    " the law of runs whose schedule ends with them (solid).",
)

# %% [markdown]
# Three things to look at.
#
# **The interval is not the truth.** Resampling asks what other runs *of this sweep* would give, not
# whether the law's form is right. Compare the fitted E with the known entropy, from all runs and
# from the larger budgets alone, and both predictions with the outcome. Numbers that drift as small
# runs are left out are those of a wrong form. Here a likely reason is that the smallest runs still
# learn grammar, and larger ones only facts: one power law does not fit both.
#
# **The schedule belongs to the run.** Reading the losses of a long run on its way is cheap: one run
# gives many points. Compare the dashed lines with the solid ones to see what such points are worth,
# and the two exponents. Kaplan et al. (2020) advised much larger models on less text than Hoffmann
# et al. (2022) did; schedules that did not end with the run were part of the reason.
#
# **So does the learning rate.** With one rate for all widths a sweep compares tuning as well as
# size. The last lines above show from which width on it begins to matter here.
#
# **Think.** You have money for one run of 100 times your sweep's largest budget. What would you
# check before you trust the law with it?
#
# <details><summary>One answer</summary>
#
# Predict the largest budgets from a law fitted without them. See whether its numbers drift as small
# runs are left out. And spend a tenth of the money on a run in between, predicted in writing.
#
# </details>
#
# ## 8 When the model is used
#
# **What the chapter claims.** The best model for training is not the best one to own. Llama's
# authors chose smaller models on more text, because these are cheaper to use. Sardana et al. (2023)
# put it into the law: training takes 6 N D operations, and use 2 N for each token.

# %%
target = 2.1
for served in (0, 1e12, 1e13):
    n, d = laws.inference_optimal(target, served, published)
    print(
        f"loss {target} and {served:.0e} tokens served: {n / 1e9:5.1f} billion parameters,"
        f" {d / 1e12:4.2f} trillion tokens, {d / n:4.0f} for each"
    )

# %% [markdown]
# ### Exercise: `inference_optimal`
#
# *Difficulty 4 of 5, 20 minutes.* Along the line of equal loss, one number is free: which share of
# what is above E the model's term takes. A target at or below E cannot be reached: refuse it.

# %% exercise="inference_optimal"

# %% [markdown]
# ### Experiment: how far the optimum moves
#
# **Claim.** Use moves the optimum to smaller models on more text. **Measurement.** The optimum at
# one loss with rising numbers of served tokens, under three laws: the published one, the refit of
# its points by Besiroglu et al. (2024), and that of our sweep. **Control.** No use at all, where it
# must be the optimum for training. **Rule.** Holds if under every law N falls and D rises at each
# step, in part if only from the first to the last.

# %% tags=["experiment", "row-49"]
refit = laws.ScalingLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
known_laws = {"published": (published, 1e24), "refit": (refit, 1e24), "our sweep": (fitted, 1e12)}
moved = {}
for name, (law, flops) in known_laws.items():
    n_best, d_best = laws.compute_optimal(flops, law)
    reach = law(n_best, d_best)
    multiples = [0.0, 0.3, 1, 3, 10, 30, 100]  # tokens served over tokens of the training optimum
    moved[name] = [laws.inference_optimal(reach, m * d_best, law) for m in multiples]
    same = abs(moved[name][0][0] / n_best - 1) < 1e-6
    print(f"{name}: loss {reach:.3f}; without use the optimum for training: {same}; served:")
    for multiple, (n, d) in zip(multiples, moved[name]):
        saved = 1 - (6 * n * d + 2 * n * multiple * d_best) / (
            6 * n_best * d_best + 2 * n_best * multiple * d_best
        )
        print(f"  {multiple:5} x: N x {n / n_best:.2f}, D x {d / d_best:5.2f}, saves {saved:z.1%}")

# %% tags=["experiment", "row-49", "draw"]
show(
    figures_sweep.served_figure(multiples, moved),
    "Tokens per parameter at the optimum, relative to that for training alone, against the tokens"
    " served, under three laws.",
)

# %% tags=["experiment", "row-49", "judge"]
claim = "counting inference, the best model is smaller and trained on more text"
verdicts.add(49, claim, **verdicts_sweep.counting_use(moved))

# %% [markdown]
# ### Experiment: the last mile
#
# **Claim.** Progress gets dearer: to go from 3.4 to 2.8 nats per token takes ten times the text
# (the chapter after Sorscher et al., 2022). **Measurement.** The factor of text for that step under
# two fitted laws, model and text growing together; what exponent a factor of ten implies; and in
# our own sweep, the loss that each threefold budget wins. **Control.** The same factor without an
# irreducible loss. **Rule.** Does not hold if our last gain is no smaller than the first. Holds if
# gains fall and both laws give 5 to 20 times the text, in part if gains fall and the factor is
# another.

# %% tags=["experiment", "row-50"]
from utils.experiments.scaling.last_mile import loss_step, measured_frontier

mile = {"published": loss_step(3.4, 2.8, published), "refit": loss_step(3.4, 2.8, refit)}
for name, one in mile.items():
    print(f"{name}: 3.4 to 2.8: {one.tokens:.1f} times the text, {one.flops:.1f} times the compute")
for irreducible in (0.0, published.E):
    implied = laws.implied_exponent(3.4, 2.8, 10, irreducible)
    print(f"ten times the text implies an exponent of {implied:.3f} with E = {irreducible}")
for n in (1e7, 2e7, 5e7, 1e9):
    before, after = (laws.tokens_for_loss(loss, n, published) for loss in (3.4, 2.8))
    print(f"  at a fixed size of {n:.0e} parameters: {after / before:.3g} times the text")
frontier = measured_frontier(swept.flops, swept.losses)
gains = [earlier[1] - later[1] for earlier, later in zip(frontier, frontier[1:])]
for (flops, loss), gain in zip(frontier[1:], gains):
    print(f"our sweep up to {flops:.0e} FLOP: lowest loss {loss:.3f}, won {gain:.3f} nats")
for loss in (1.5, 1.4, 1.3, 1.2):
    print(f"our law: {loss} nats per token takes {laws.flops_for_loss(loss, fitted):.1e} FLOP")

# %% tags=["experiment", "row-50", "draw"]
show(
    figures_sweep.gains_figure(frontier),
    "Loss that each threefold budget of our sweep won, from the smallest to the largest.",
)

# %% tags=["experiment", "row-50", "judge"]
claim = "from 3.4 to 2.8 nats per token takes ten times the text"
verdicts.add(50, claim, **verdicts_sweep.last_mile(mile, gains))

# %% [markdown]
# The factor depends on what is held fixed. If the model grows with its text, it is as above. If the
# model stays as it is, its own term stays too, and the factor can be anything from there to
# infinity: at the smaller sizes above the loss cannot be reached with any amount of text.
#
# **Think.** A difference of 0.1 nats sounds small. By which factor does the probability of a whole
# text of 1,000 tokens change?
#
# <details><summary>One answer</summary>
#
# Nats add up over tokens: 0.1 x 1,000 = 100 nats, a factor of e**100, about 10**43. A small
# difference in loss is a large one in what is likely to be written.
#
# </details>
#
# ## 9 Hyperparameters
#
# **What the chapter claims.** A large model is trained once. Its hyperparameters have to be found
# on small models and carried over ("hyperparameter transferring", Yang et al., 2022).
#
# Why should a learning rate depend on the width? Adam moves each weight by about the rate, whatever
# the gradient. A sum over a wider layer then adds up more of these moves:

# %%
for width in (64, 256, 1024):
    moved_by = 0.01 * torch.ones(width)  # each weight by the rate, all in the gradient's direction
    print(f"width {width:4}: the output moves by {(moved_by @ torch.ones(width)).item():.2f}")

# %% [markdown]
# Under the maximal-update parametrisation the rate of hidden matrices falls with the width, so that
# the output moves by the same amount.
#
# ### Exercise: `transfer_learning_rate`
#
# *Difficulty 1 of 5, 5 minutes.*

# %% exercise="transfer_learning_rate"

# %% [markdown]
# ### Experiment: does the rate stay?
#
# **Claim.** Hyperparameters of a small model serve a large one, given the right parametrisation.
# **Measurement.** A record: models of five widths with seven rates each and three seeds. How many
# doublings does the best rate move per doubling of the width? **Control.** The standard
# parametrisation. And a check that runs live: how far logits move in the first four steps, by
# width. **Rule.** Holds if with maximal update the interval lies within 0.35 of 0, and without it
# beyond 0.5.

# %% tags=["experiment", "row-51"]
from utils.experiments.scaling.coordinates import growth, logit_change
from utils.experiments.scaling.rate_transfer import PARAMETRISATIONS

transfer = read_record("04", 51)
print(f"{said(transfer)}; `course record 04 51` makes them again")
drifts = {name: as_interval(transfer.findings[name]["drift"], 3) for name in PARAMETRISATIONS}
penalties = {name: as_interval(transfer.findings[name]["penalty"], 3) for name in PARAMETRISATIONS}
for name in PARAMETRISATIONS:
    print(f"{name:15} drift of the best rate {drifts[name]} doublings per doubling of the width;")
    print(f"{'':15} the narrow model's rate costs the widest {penalties[name]} nats per token")
check_widths = budget.pick(smoke=(8, 16), cpu=(8, 16, 32, 64, 128), gpu=(8, 16, 32, 64, 128, 256))
changes = {
    name: [
        [logit_change(name, width, 0.01, steps=4, seed=seed) for width in check_widths]
        for seed in range(budget.pick(smoke=2, cpu=3))
    ]
    for name in PARAMETRISATIONS
}
for name in PARAMETRISATIONS:
    print(f"{name:15} logits move by {growth(check_widths, changes[name])} doublings per doubling")

# %% tags=["experiment", "row-51", "draw"]
from utils.experiments.scaling import figures_search

show(
    figures_search.rates_figure(transfer.results["transfer"], check_widths, changes),
    "Left: best learning rate against width for three seeds in two parametrisations. Right: how far"
    " logits move in the first four steps against width, in both, with intervals over seeds.",
)

# %% tags=["experiment", "row-51", "judge"]
claim = "a small model's hyperparameters carry over to a large one, in the right parametrisation"
verdicts.add(51, claim, **verdicts_sweep.rates_carry_over(transfer, drifts))

# %% [markdown]
# ### Experiment: 1,024 combinations
#
# **Claim.** Hyperparameters act together. With ten of them there are 1,024 combinations to study:
# each alone, in twos, in threes, and so on. **Measurement.** A record of all 1,024 combinations of
# ten hyperparameters with two values each, on the small language model of Bengio et al. (2003),
# each trained twice. The variance of the loss is divided into what single hyperparameters do, what
# pairs add, and what needs three or more. Then three searches are made on that table, again and
# again, at equal budgets. **Control.** The second training of each combination judges what the
# first one chose. **Rule.** Holds if three or more account for more than a quarter of the variance,
# in part between 5% and 25%, does not hold below.

# %% tags=["experiment", "row-52"]
from utils.experiments.scaling import combinations as training

combinations = read_record("04", 52)
print(f"{said(combinations)}; `course record 04 52` makes them again")
searched = combinations.findings
print(telling_sweep.shares(searched))
print("the best of all:", training.values_of(searched["best"]["number"]))
print(telling_sweep.regrets(searched))
by_number = {run.job.number: run.result["losses"] for run in combinations.results["combinations"]}
for number in training.live_numbers(budget.pick(smoke=1, cpu=6)):
    again = training.train_combination(training.CombinationJob(number))["losses"]
    print(f"live: combination {number:4}: {again}, recorded {by_number[number]}")

# %% tags=["experiment", "row-52", "draw"]
show(
    figures_search.searches_figure(searched),
    "How far above the best combination three searches end, against the trainings that they may"
    " make: grid, one hyperparameter at a time, and random.",
)

# %% tags=["experiment", "row-52", "judge"]
claim = "ten hyperparameters have to be studied in all their 1,024 combinations"
verdicts.add(52, claim, **verdicts_sweep.acting_together(combinations))

# %% [markdown]
# Two values each, near to where people would look, on one small model: with wider ranges, where
# runs fail, more may act together. The method carries over: divide the variance, then search.
#
# **Think.** Bergstra and Bengio (2012) found random search better than a grid. Why is a grid such a
# poor use of trainings?
#
# <details><summary>One answer</summary>
#
# With 16 trainings a grid varies four hyperparameters and leaves six as they are. If the ones that
# matter are among the six, all 16 trainings are in vain. Random search varies all ten in every
# training. Going one at a time does too, and keeps what it has learned.
#
# </details>
#
# ## 10 Sudden abilities
#
# **What the chapter claims.** Some abilities seem to appear only in models above a certain size.
# Schaeffer et al. (2023) answer that the metric makes the jump. If each token of an answer is right
# with probability p, and the answer counts only if all of them are, then:

# %%
for p in (0.5, 0.7, 0.9, 0.99):
    print(f"p {p:4}: answers of 1, 5 and 20 tokens right: {p:.3f}, {p**5:.3f}, {p**20:.6f}")

# %% [markdown]
# ### Exercise: `emergent_score`
#
# *Difficulty 1 of 5, 5 minutes.*

# %% exercise="emergent_score"

# %% [markdown]
# ### Experiment: emergence, or a matter of the metric
#
# **Claim.** Some abilities are said to emerge: only large models have them, so that nothing could
# be extrapolated from small ones. **Measurement.** Models of nine sizes learn a number of six
# digits for each of 250 people. The same answers are scored twice: by the digit, and by exact match
# of the whole number, as benchmarks do. **Control.** Exact match if mistakes were independent: the
# digits' accuracy to the sixth power, your `emergent_score` (Schaeffer et al., 2023).

# %% tags=["experiment", "row-53"]
from utils.experiments.scaling.codes_recipe import CODES
from utils.experiments.scaling.emergent_codes import LENGTH, codes_jobs, scores

codes_record = read_record("04", 53)
codes = codes_record.findings
codes_live = live_runs(CODES, budget.workers, budget.pick(smoke=codes_jobs((4, 8), 2, 1), cpu=None))
print(f"{CODES.design.rule_text}\n{said(codes_record)}; beside them, on this machine:")
(live_scores,) = scores(codes_live)
rows = zip(live_scores.parameters, live_scores.digit, live_scores.exact)
for n_params, digit, exact in rows:
    print(
        f"{n_params:8,} parameters: digits {digit:6.1%}, to the power of {LENGTH}"
        f" {digit**LENGTH:6.1%}, whole numbers {exact:6.1%}"
    )
middle = [
    exact[0] / expected[0]
    for exact, expected in zip(codes["exact"], codes["expected"])
    if 0.05 < exact[0] < 0.95
]
print("measured exact match over the power of the digits, where it is neither near 0 nor near 1:")
print(", ".join(f"{ratio:.2f}" for ratio in middle) or "no such size")

# %% tags=["experiment", "row-53", "draw"]
show(
    figures_search.codes_figure(codes),
    "Left: share of right digits and of whole numbers that are right, against the number of"
    " parameters, with the digits' accuracy to the sixth power and guessing at a tenth. Right:"
    " share of answers whose first one to six digits are right.",
)

# %% tags=["experiment", "row-53", "judge"]
from utils.experiments.scaling import verdicts_sources

claim = "emergent abilities are not to be seen in smaller models"
verdicts.add(53, claim, **verdicts_sources.emergence(codes_record))

# %% [markdown]
# Only the way of counting differs between the curves. Where the dotted line lies below the exact
# match, mistakes come together: some people's numbers are known whole, others' hardly.
#
# **Think.** Your benchmark has one score for each question, right or wrong. What could you record
# beside it, so that progress shows in models that get everything wrong?
#
# <details><summary>One answer</summary>
#
# The log-probability of the right answer: it is smooth, and divides into tokens. Its limit: it
# speaks of one wording, and of a model led along the right path. A problem whose steps build on
# each other may have a true threshold in what the model writes by itself.
#
# </details>
#
# ## 11 What runs out
#
# **What the chapter claims.** Training sets grow faster than the text that people write, so that
# text will run out within years (its Figure 2-9, after Villalobos et al., 2022 and 2024).

# %%
stock, used, year = 300e12, 15e12, 2024
while used < stock:
    print(f"{year}: {used / 1e12:5.0f} of {stock / 1e12:.0f} trillion tokens")
    stock, used, year = stock * 1.05, used * 2, year + 1

# %% [markdown]
# ### Exercise: `exhaustion_year`
#
# *Difficulty 2 of 5, 10 minutes.* Parts of a year count.

# %% exercise="exhaustion_year"

# %% [markdown]
# ### Experiment: ranges in, a range out
#
# **Claim.** Text runs out within some years. **Measurement.** None: this is arithmetic on
# assumptions. Each quantity is drawn from a range, 2,000 times. Stock and use are of the order that
# Villalobos et al. (2024) give, 100 to 1,000 trillion tokens of public text and 10 to 20 trillion
# in the largest training sets of 2024; the ranges of growth are ours. **Control.** Move the
# sliders until the answer changes. **Rule.** Holds if in 90% of the draws use overtakes stock
# within ten years, does not hold if in half or fewer, otherwise undecided.

# %% tags=["experiment", "row-54"]
from utils.notebook.widgets import text_stock

display(text_stock.stock_explorer())
ranges = text_stock.StockRanges()
years = text_stock.exhaustion_years(ranges)
print(text_stock.projection_text(ranges))
slower = text_stock.StockRanges(used_growth=(1.0, 1.3))
print(f"if use grows by at most 30% a year: {text_stock.projection_text(slower)}")

# %% tags=["experiment", "row-54", "judge"]
claim = "training sets will have used up the text that people publish within years"
verdicts.add(54, claim, **verdicts_sources.running_out(years, ranges.start_year))

# %% [markdown]
# ### Experiment: models that read what models wrote
#
# **Claim.** Ever more of the internet is written by models. Models trained on such text, generation
# after generation, forget the original (Shumailov et al., 2023), its rare parts first.
# **Measurement.** A world so small that all its texts can be listed with their probabilities. A
# first model reads the world's text; each later one, with fresh weights, only what the one before
# it wrote. For every model the probability of *all* texts is added up, so the tail (the rarest
# texts, which together hold a fifth of the world's probability) is known exactly and not sampled.
# **Control.** Chains in which half of each model's text comes fresh from the world, at equal size.

# %% tags=["experiment", "row-55"]
from utils.experiments.scaling.generations import TEXTS, chain_jobs
from utils.experiments.scaling.generations_recipe import GENERATIONS_OF_MODELS

chains_record = read_record("04", 55)
chains = chains_record.findings
chains_live = live_runs(
    GENERATIONS_OF_MODELS, budget.workers, budget.pick(smoke=chain_jobs(2, 100, 1), cpu=None)
)
print(GENERATIONS_OF_MODELS.design.rule_text)
print(f"{said(chains_record)}; beside them, on this machine:")
for run in chains_live:
    tails = ", ".join(f"{share:.0%}" for share in run.result["tail"])
    true = ", ".join(f"{share:.0%}" for share in run.result["true"])
    print(f"{run.job.text:10}: probability of the tail {tails}; of true texts {true}")
seen = [chains[text]["seen"][-1][0] for text in TEXTS]
print(
    f"Of the rare texts {chains['seen_of_world']:.0%} are expected in a training text of the"
    f" world's own; the last models read {seen[0]:.0%} (replaced) and {seen[1]:.0%} (half fresh)."
)

# %% tags=["experiment", "row-55", "draw"]
from utils.experiments.scaling import figures_sources

show(
    figures_sources.generations_figure(chains),
    "Three measures over the generations of models, with text replaced by the predecessor's and"
    " with half of it fresh: the probability of the world's rare texts, that of all its texts, and"
    " the divergence from the world.",
)

# %% tags=["experiment", "row-55", "judge"]
claim = "models trained on generated text forget the tail; real text mixed in prevents it"
verdicts.add(55, claim, **verdicts_sources.forgetting(chains_record))

# %% [markdown]
# Two things happen in such a chain. A text of finite length misses rare sentences, and what a
# model has not read it cannot pass on. And a model that is no perfect learner spreads probability
# over sentences that nobody would write; its successor takes them for the world's.
#
# **Think.** In practice nobody replaces all text: each generation's writing is *added* to what was
# there before. What would you expect of the tail then?
#
# <details><summary>One answer</summary>
#
# The world's text stays, its share shrinks: 1, 1/2, 1/3 and so on. Nothing real is lost, so the
# error stays bounded (Gerstgrasser et al., 2024). At a fixed budget each model still reads less of
# the world. Half fresh is a share that you can keep if you know which text is real.
#
# </details>
#
# ### Experiment: canaries
#
# **Claim.** What was in the training text may come out of the model, also after its author has
# deleted the page; making a model forget it is an open question. **Measurement.** People who stand
# in no other document get an invented year of birth, and that sentence is planted in the training
# text from 2 to 64 times. *Exposure* (Carlini et al., 2019) tells how well the model has it: all
# thousand numbers of three digits are ranked by the model's probability, and
#
#     exposure = log2(1000) - log2(rank of the planted number)
#
# Ten bits mean that the model's first guess is the secret. Then the numbers are finetuned away, by
# reading on in other text, or by reading the same sentences with other numbers. At the end every
# number is shown twice more. **Control.** Numbers of the same form that were never planted. A
# random rank has 1.44 bits on average.

# %% tags=["experiment", "row-56"]
from utils.experiments.scaling.canaries import REPETITIONS, STAGES, CanaryJob
from utils.experiments.scaling.canaries_recipe import CANARIES

canary_record = read_record("04", 56)
canaries = canary_record.findings
small = [CanaryJob(documents=200, width=4, unlearning_steps=2, seed=0)]
canaries_live = live_runs(CANARIES, budget.workers, budget.pick(smoke=small, cpu=None))
print(f"{CANARIES.design.rule_text}\n{said(canary_record)}; beside them, on this machine:")
print(f"{'planted so many times':32}" + "".join(f"{times:6}" for times in REPETITIONS))
for stage in STAGES:
    bits = canaries_live[0].result["exposure"][stage]
    print(f"{stage:32}" + "".join(f"{value:6.1f}" for value in bits) + " bits")
print("recorded, exposure of often planted numbers above that of numbers never planted, in bits:")
for stage in STAGES:
    mean, low, high = canaries["memory"][stage]
    loss = canaries["loss"][stage][0]
    print(f"  {stage:32}{mean:5.2f} [{low:.2f}, {high:.2f}], loss on other text {loss:.3f}")

# %% tags=["experiment", "row-56", "draw"]
show(
    figures_sources.canaries_figure(canaries),
    "Exposure of planted numbers, and the share that is the model's first guess, against how often"
    " they were planted: after training, after two ways of unlearning, and after every number was"
    " shown twice more.",
)

# %% tags=["experiment", "row-56", "judge"]
claim = "a model can give back training text, and making it forget is unsolved"
verdicts.add(56, claim, **verdicts_sources.remembered(canary_record))

# %% [markdown]
# Extraction asks for the first guess; exposure sees the whole ranking, so also what is left when no
# guess is right. The last step is the strictest: never planted numbers learn from being shown twice
# as well, so what the planted ones gain beyond them was still in the weights.
#
# **Think.** A service promises that a deleted page is "unlearned", and shows that its model no
# longer writes it. What would you ask to see?
#
# <details><summary>One answer</summary>
#
# The exposure, against pages of the same kind that were never in the text; and again after a little
# finetuning. The standard is a model trained without the page from the start. Only that, or a
# scheme that retrains the part which saw the page (Bourtoule et al., 2021), gives a guarantee.
#
# </details>
#
# ### Experiment: without the best sources
#
# **Claim.** From 2023 to 2024 sources closed themselves to training: of the most critical sources
# of the public crawl C4, 28% are fully restricted, and 45% of all of it by terms of service
# (Longpre et al., 2024). **Measurement.** A crawl from a hundred sources. The best one has the
# world's own sentences; in each further one a larger share of the words is wrong. The best 28% or
# 45% of the sources go, and the others fill the gap, so that every model reads *equally many
# documents*. The loss is measured on good text. **Control.** All sources; as many sources lost at
# random; and a crawl whose worst source has a third of the mistakes.

# %% tags=["experiment", "row-57"]
from utils.experiments.scaling.lost_sources import sources_jobs
from utils.experiments.scaling.sources_recipe import JUDGED, LOST_SOURCES

sources_record = read_record("04", 57)
sources = sources_record.findings
small = sources_jobs((0.45,), (JUDGED,), 200, 1)
sources_live = live_runs(LOST_SOURCES, budget.workers, budget.pick(smoke=small, cpu=None))
print(f"{LOST_SOURCES.design.rule_text}\n{said(sources_record)}; beside them, on this machine:")
for run in sources_live:
    what = f"without the {run.job.selection} {run.job.lost:.0%}" if run.job.lost else "all sources"
    print(
        f"{what:24}{run.result['tokens']:,} tokens, {run.result['wrong']:.1%} of the words wrong,"
        f" loss on good text {run.result['loss']:.3f} nats per token"
    )
above = sources["all_sources"][str(JUDGED)][0] - sources["entropy"]
print(f"recorded: with all sources the loss is {above:.2f} nats per token above the entropy")

# %% tags=["experiment", "row-57", "draw"]
show(
    figures_sources.sources_figure(sources),
    "How much the loss on good text rises when the best or randomly chosen sources are lost and"
    " others replace them, for a crawl with few and one with many mistakes.",
)

# %% tags=["experiment", "row-57", "judge"]
claim = "28% of the most critical and 45% of all sources restricted: models lose quality"
verdicts.add(57, claim, **verdicts_sources.without_the_best(sources_record))

# %% [markdown]
# The size of the effect is the invented crawl's: how much worse the rest is, which the panels vary,
# and whether enough is left to fill the gap. The control carries over: with random losses the text
# stays as long and, on average, as good. The difference between the bars is what it matters *which*
# sources go.
#
# **Think.** The measured models lost correct sentences, while the towns and people of the good text
# stayed the same. What else may go with the best sources, and would this loss show it?
#
# <details><summary>One answer</summary>
#
# Whole subjects stand in few places: news, court decisions, medical journals. The mean loss hides a
# small part of the held-out text. Measure loss by subject, and recall of facts that only they held.
#
# </details>
#
# ### Experiment: fifty times the electricity
#
# **Claim.** Data centres use 1% to 2% of the world's electricity, so that they can grow at most 50
# times. **Measurement.** The bound for both shares, and what 50 times the compute would buy in loss
# under the laws of this notebook. **Control.** Operations per kWh grow too: with the slider, see
# what ten times the efficiency does. **Rule.** Holds if both shares give about 50, in part if one
# of them does.

# %% tags=["experiment", "row-58"]
import math

from utils.notebook.widgets import more_compute

display(more_compute.growth_explorer(3e23, published))
bounds = [more_compute.largest_growth(share) for share in (0.01, 0.02)]
print(f"at 1% and 2% of all electricity: at most {bounds[0]:.0f} and {bounds[1]:.0f} times as much")
bought = {
    "published, from 3e23 FLOP": more_compute.bought_by(3e23, 50, published),
    "refit, from 3e23 FLOP": more_compute.bought_by(3e23, 50, refit),
    "our sweep, from 1e11 FLOP": more_compute.bought_by(1e11, 50, fitted),
}
for name, one in bought.items():
    print(
        f"50 times the compute, {name}: loss {one.before:.3f} to {one.after:.3f},"
        f" {1 - one.excess_left:.0%} of what is above E"
    )
lowest = dict(measured_frontier(swept.flops, swept.losses))
start, end = (min(lowest, key=lambda flops: abs(math.log(flops / goal))) for goal in (2e10, 1e12))
print(f"as measured, {end / start:.0f} times: {lowest[start]:.3f} to {lowest[end]:.3f}")
show(
    more_compute.growth_figure(3e23, {"published": published, "refit": refit}),
    "Loss against the factor of compute under two laws, from 3e23 FLOP on; a grey band marks 50 to"
    " 100 times.",
)

# %% tags=["experiment", "row-58", "judge"]
claim = "with 1% to 2% of the world's electricity, data centres can grow at most 50 times"
first = bought["published, from 3e23 FLOP"]
verdicts.add(58, claim, **verdicts_sources.electricity(bounds, first))

# %% [markdown]
# **Think.** Is "at most 50 times" a bound on compute?
#
# <details><summary>One answer</summary>
#
# On electricity, and only if no more is produced. Compute is electricity times operations per kWh,
# which has grown with each generation of devices. A bound on compute would need a bound on both.
#
# </details>
#
# ## 12 Your own code at work
#
# Your functions of section 1 train your `GPT` of notebook 03, or the course's if none is defined
# here (paste its cell above this one to use your own), on the text of the sweep.

# %% tags=["experiment"]
from types import SimpleNamespace

from utils.experiments.scaling.runs import scaling_world

own = SimpleNamespace(next_token_loss=next_token_loss, clip_gradients=clip_gradients,
                      learning_rate=learning_rate)  # fmt: skip
world = scaling_world()
documents = world.documents(budget.pick(smoke=30, cpu=4000), seed=300)
end_mark = world.vocabulary.end_of_text_id
text = torch.tensor([i for d in documents for i in [*world.vocabulary.encode(d.text), end_mark]])


def some_text(step):
    starts = torch.randint(len(text) - 65, (8,))
    return torch.stack([text[start : start + 64] for start in starts])


yours = globals().get("GPT", course_gpt.GPT)
own_config = ModelConfig(n_layers=2, d_model=32, n_heads=4, vocab_size=len(world.vocabulary),
                         context_length=64)  # fmt: skip
try:
    torch.manual_seed(0)
    model = yours(own_config)
    steps = budget.pick(smoke=2, cpu=300, gpu=2000)
    losses = train_by_hand(model, some_text, steps, 0.01, own)
    whose = "the course's" if yours is course_gpt.GPT else "your"
    print(f"{whose} GPT, with your functions:")
    print(f"loss {losses[0]:.2f} at first, {np.mean(losses[-20:]):.2f} at the end (nats per token)")
    written = text[:1].tolist()
    with torch.no_grad():
        for _ in range(budget.pick(smoke=2, cpu=40)):
            following = model(torch.tensor([written[-64:]]))[0, -1].softmax(-1)
            written.append(int(torch.multinomial(following, 1)))
    print(f"it writes: {world.vocabulary.decode(written)}")
except NotImplementedError:
    print("Answer the three exercises of section 1 first; then they train a model here.")

# %% [markdown]
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# The bills are exact, and one printed line is off. The sweep is real and small; its exponents and
# irreducible loss depend on which runs are counted. Larger sweeps have no true entropy at hand to
# show that. The other experiments are toys: they show whether an effect is there, and what controls
# it, not how large it is in a model of today.
#
# **Read next**
#
# - Hoffmann et al. (2022), *Training compute-optimal large language models*, section 3: the three
#   approaches in six pages.
# - Besiroglu et al. (2024), *Chinchilla scaling: a replication attempt*, for what a careful refit
#   finds in the same points.
# - Muennighoff et al. (2023), *Scaling data-constrained language models*, for repeated text.
# - Yang et al. (2022), *Tensor programs V*, for why a learning rate transfers.
# - Sardana et al. (2023), *Beyond Chinchilla-optimal*, for models that are used.
#
# In notebook 05 a trained model learns to answer: supervised finetuning.
